// The programs that this one binary is.
#ifndef PHX_SANDBOX_ROLES_H
#define PHX_SANDBOX_ROLES_H

#include "host.h"

/// Where a program is found.
typedef enum RoleHome {
    HOME_NODE,        // on the node only
    HOME_ANYWHERE,    // also in every guest and container
    HOME_SYSTEM,      // on the node and in every guest: what a container has no use for
    HOME_PACKAGE      // where its file was installed
} RoleHome;

typedef struct Role {
    const char *name;
    int (*run)(Host *host);   // with host->argv; returns the exit code
    RoleHome home;
} Role;

/// The program called [name], or NULL.
const Role *role_find(const char *name);

int which_main(Host *host);
int pveversion_main(Host *host);
int zfs_main(Host *host);
int zpool_main(Host *host);
int pvesm_main(Host *host);
int pvesh_main(Host *host);
int pveam_main(Host *host);
int qm_main(Host *host);

#endif
