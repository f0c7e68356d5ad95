// Takes a guest that is destroyed out of the rest of the configuration.
#include "related.h"

#include "guest.h"
#include "users.h"

void related_check(Host *host, GuestKind kind, const char *vmid, bool purge) {
    if (!purge && related_is_in_ha(host, vmid))
        host_fail(host, 255, "unable to remove %s %s - used in HA resources and purge parameter not set.",
                  guest_word(kind), vmid);
}

void related_remove(Host *host, GuestKind kind, const char *vmid, bool purge) {
    users_remove_guest(host, vmid);
    if (!purge) return;
    host_print(host, "purging %s %s from related configurations..\n", guest_word(kind), vmid);
    related_remove_from_jobs(host, vmid);
    if (related_remove_from_ha(host, kind, vmid))
        host_print(host, "NOTE: removed %s %s from HA resource configuration.\n", guest_word(kind), vmid);
}
