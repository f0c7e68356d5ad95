// Debian packages of a machine: which there are, which are installed, what installing and removing does.
#ifndef PHX_SANDBOX_PACKAGES_H
#define PHX_SANDBOX_PACKAGES_H

#include "host.h"

/// A package as the status file of a machine has it.
typedef struct Installed {
    const char *name, *version, *status;   // status: "install ok installed", "deinstall ok config-files"
} Installed;

typedef struct InstalledList {
    Installed *items;
    size_t count, capacity;
} InstalledList;

InstalledList packages_load(Host *host);
Installed *packages_find(const InstalledList *list, const char *name);
bool packages_is_installed(const Installed *installed);

/// The version that can be had of [name], or NULL: sandbox.json may say which packages there are.
const char *packages_version(Host *host, const char *name);

/// The packages that [name] needs, with blanks between them.
const char *packages_depends(const char *name);

/// Unpacks a package, enables and starts its services (where the machine runs), and writes it down.
void packages_install(Host *host, InstalledList *list, const char *name);

/// Takes programs and units away, after stopping them; with [purge] its configuration too.
void packages_remove(Host *host, InstalledList *list, const char *name, bool purge);

/// What a machine has from the start: accounts, folders, packages. Nothing is started.
void packages_make_base(Host *host);

int dpkg_query_main(Host *host);
int apt_get_main(Host *host);

/// `cloud-init status`: a machine that answers has long come to the end of its first boot.
int cloud_init_main(Host *host);

#endif
