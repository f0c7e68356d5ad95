// Snapshots of whole guests, alike for containers and virtual machines.
#ifndef PHX_SANDBOX_SNAPSHOT_H
#define PHX_SANDBOX_SNAPSHOT_H

#include "cli.h"
#include "conf.h"

void snapshot_create(Host *host, const Args *args, GuestKind kind);
/// Changes a snapshot's description, which the REST interface alone can do.
void snapshot_describe(Host *host, const Args *args, GuestKind kind);
void snapshot_delete(Host *host, const Args *args, GuestKind kind);

/// Goes back to a snapshot; a running guest is stopped first. Returns the configuration as it is then.
Conf snapshot_rollback(Host *host, const Args *args, GuestKind kind);

/// Prints the tree of `listsnapshot`.
void snapshot_list(Host *host, const Conf *conf);

#endif
