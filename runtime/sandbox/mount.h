// The mount points of a container: its root and mp0, mp1, ...
#ifndef PHX_SANDBOX_MOUNT_H
#define PHX_SANDBOX_MOUNT_H

#include "conf.h"
#include "volume.h"

typedef enum MountType { MOUNT_VOLUME, MOUNT_BIND, MOUNT_DEVICE } MountType;

typedef struct Mount {
    const char *key;  // "rootfs", "mp0"
    Pairs props;
    const char *volume;  // a volume id, a path, or `storage:gigabytes` for a new one
    MountType type;
} Mount;

typedef struct MountList {
    Mount *items;
    size_t count;
} MountList;

/// Takes the setting apart. Leaves with the format error of the real programs if it is none.
Mount mount_parse(Host *host, const char *key, const char *value);

/// The setting's text with [mount]'s props.
const char *mount_print(Host *host, const Mount *mount);

/// All mount points of a section, root first, then by number.
MountList mount_list(Host *host, const Section *section);

/// Does it ask for a new volume ("st:8", "8" on [fallback])? Then its storage's id and size in bytes: whole MiB.
bool mount_is_new(Host *host, const Mount *mount, const char *fallback, const char **storage, uint64_t *size);

/// Makes the new volume that [mount] asks for and puts it in its place, size included.
void mount_make(Host *host, const StorageList *list, const char *vmid, Mount *mount, const char *storage,
                uint64_t size);

/// Ends the program if containers may not live on the storage.
void mount_check_storage(Host *host, const StorageList *list, const char *storage, const char *usage);

/// What mkfs.ext4 prints for a disk of [size] bytes.
void mount_print_mkfs(Host *host, uint64_t size);

#endif
