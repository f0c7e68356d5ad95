// The storage commands, as pvesm and pvesh both use them.
#ifndef PHX_SANDBOX_PVESM_H
#define PHX_SANDBOX_PVESM_H

#include "cli.h"
#include "storage.h"

int pvesm_add(Host *host, const Args *args);
int pvesm_set(Host *host, const Args *args);
int pvesm_remove(Host *host, const Args *args);

/// How full a storage is, in KiB.
typedef struct StorageUsage {
    uint64_t total, used, available;
    bool is_active;
} StorageUsage;
StorageUsage pvesm_usage(Host *host, const StorageList *list, const Storage *storage);

#endif
