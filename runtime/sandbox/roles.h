// The programs that this one binary is.
#ifndef PHX_SANDBOX_ROLES_H
#define PHX_SANDBOX_ROLES_H

#include "host.h"

typedef struct Role {
    const char *name;
    int (*run)(Host *host);   // with host->argv; returns the exit code
    bool in_guest;            // also found inside a guest
} Role;

/// The program called [name], or NULL.
const Role *role_find(const char *name);

int zfs_main(Host *host);
int zpool_main(Host *host);
int pvesm_main(Host *host);
int pvesh_main(Host *host);
int pveam_main(Host *host);
int qm_main(Host *host);

#endif
