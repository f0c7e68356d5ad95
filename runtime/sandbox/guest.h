// Guests as a whole: which there are, their files, whether they run, and whether they may be touched.
#ifndef PHX_SANDBOX_GUEST_H
#define PHX_SANDBOX_GUEST_H

#include "cli.h"
#include "conf.h"

/// A guest of the cluster.
typedef struct GuestName {
    const char *id, *node;
    GuestKind kind;
} GuestName;

typedef struct GuestList {
    GuestName *items;
    size_t count;
} GuestList;

/// All guests of all nodes, by number.
GuestList guest_list(Host *host);

/// Finds the guest [id] anywhere; false if the number is free.
bool guest_find(Host *host, const char *id, GuestName *found);

/// "CT" or "VM".
const char *guest_word(GuestKind kind);

/// Reads a guest of this node; a missing one ends the program as the real ones do.
Conf guest_load(Host *host, GuestKind kind, const char *id);

/// Writes the file and the list of guests; the digest becomes that of what was written.
void guest_save(Host *host, Conf *conf);

/// Takes the number [id] before anything is made for it, as the real programs do: a file with nothing in it but the lock [lock], "create" or
/// "clone". It goes if the program fails; who is killed leaves it, and with it what was made by then.
void guest_reserve(Host *host, GuestKind kind, const char *id, const char *lock);

/// Removes the file, the guest's own root, and its traces in the running state and the firewall.
void guest_remove(Host *host, GuestKind kind, const char *id);

/// Gives the file of a guest of this node to another one.
void guest_rehome(Host *host, GuestKind kind, const char *id, const char *node);

/// Ends the program if the guest is locked.
void guest_check_lock(Host *host, const Conf *conf);

bool guest_is_running(Host *host, GuestKind kind, const char *id);
void guest_set_running(Host *host, GuestKind kind, const char *id, bool running);

/// The process number that a running VM shows.
long guest_pid(const char *id);

/// The directory that holds what stands in the guest, and where its copy for a snapshot is kept.
const char *guest_root(Host *host, const char *id);
const char *guest_snapshot_root(Host *host, const char *id, const char *snapshot);

/// Fills a fresh root as a template or an image would: directories, os-release, hostname, packages.
void guest_make_root(Host *host, GuestKind kind, const char *id, const char *hostname, const char *ostype);

/// A fresh MAC address with the Proxmox prefix.
const char *guest_new_mac(Host *host);

/// Does the bridge exist?
bool guest_has_bridge(const Host *host, const char *bridge);

#endif
