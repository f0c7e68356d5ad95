// What elsewhere in the cluster's configuration names a guest: backup jobs, HA, its pool, rights, firewall.
#ifndef PHX_SANDBOX_RELATED_H
#define PHX_SANDBOX_RELATED_H

#include "conf.h"

/// Leaves as destroying does if the guest is an HA resource and [purge] does not take it out.
void related_check(Host *host, GuestKind kind, const char *vmid, bool purge);

/// Removes what goes with every guest (pool, rights), and for [purge] jobs and HA too, with what is printed about it.
void related_remove(Host *host, GuestKind kind, const char *vmid, bool purge);

/// The parts of it; each does nothing where the guest is not named.
void related_remove_from_jobs(Host *host, const char *vmid);
bool related_remove_from_ha(Host *host, GuestKind kind, const char *vmid);
bool related_is_in_ha(Host *host, const char *vmid);

/// Makes a new guest an HA resource (--ha-managed).
void related_add_to_ha(Host *host, GuestKind kind, const char *vmid, bool started);

#endif
