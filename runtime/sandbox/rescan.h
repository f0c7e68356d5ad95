// `pct rescan` and `qm disk rescan`: the guests' files are brought to what the storages hold.
#ifndef PHX_SANDBOX_RESCAN_H
#define PHX_SANDBOX_RESCAN_H

#include "cli.h"
#include "conf.h"

/// Notes the true sizes of disks, and volumes that nobody uses as unusedN: of the guest --vmid, else of all on this node.
void rescan_guests(Host *host, const Args *args, GuestKind kind);

#endif
