// which, pveversion: what is there, and which version of Proxmox VE it is.
#include "inside.h"
#include "roles.h"

#include <stdio.h>
#include <string.h>

/// Is the program there: on the node, in this guest, or brought by a package?
static bool which_finds(Host *host, const char *name) {
    const Role *role = role_find(name);
    if (role == NULL || strncmp(name, "phx-", 4) == 0) return false;
    return role->home != HOME_PACKAGE || inside_find(host, name) != NULL;
}

int which_main(Host *host) {
    int missing = 0;
    for (int i = 1; i < host->argc; i++) {
        if (which_finds(host, host->argv[i])) printf("/usr/bin/%s\n", host->argv[i]);
        else missing++;
    }
    return missing > 0 || host->argc < 2;
}

int pveversion_main(Host *host) {
    (void)host;
    puts("pve-manager/9.0.3/025864202ebb6109 (running kernel: 6.14.8-2-pve)");
    return 0;
}
