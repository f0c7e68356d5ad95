// The ZFS of a host: its pools, datasets, volumes and snapshots, kept in a state file.
#ifndef PHX_SANDBOX_ZFS_H
#define PHX_SANDBOX_ZFS_H

#include "host.h"

typedef enum ZfsType { ZFS_FILESYSTEM = 1, ZFS_VOLUME = 2, ZFS_SNAPSHOT = 4 } ZfsType;

/// A dataset, volume or snapshot (its name has an '@').
typedef struct ZfsDataset {
    const char *name;
    ZfsType type;
    Pairs props;         // what was set on it: native and user properties, and `origin`
    uint64_t created;    // seconds
    uint64_t order;      // createtxg: later is larger
    uint64_t guid;
} ZfsDataset;

typedef struct ZfsPool {
    const char *name;
    Words vdevs;         // as given: "mirror", "/dev/...", "raidz1", ...
    Pairs props;
    uint64_t guid;
} ZfsPool;

typedef struct Zfs {
    Host *host;
    ZfsPool *pools;
    size_t pool_count;
    ZfsDataset *datasets;   // by name
    size_t dataset_count;
    uint64_t order;
} Zfs;

Zfs zfs_load(Host *host);
void zfs_save(const Zfs *zfs);

/// The pool or dataset of that name (which may be NULL), or NULL.
ZfsPool *zfs_find_pool(const Zfs *zfs, const char *name);
ZfsDataset *zfs_find(const Zfs *zfs, const char *name);

/// Adds without any check; the pointers to other datasets (pools) go stale.
ZfsPool *zfs_add_pool(Zfs *zfs, const char *name);
ZfsDataset *zfs_add(Zfs *zfs, const char *name, ZfsType type);
void zfs_remove_pool(Zfs *zfs, const char *name);
void zfs_remove(Zfs *zfs, const char *name);

/// Is [name] below [parent]: a child dataset, or a snapshot of it or of a child?
bool zfs_is_below(const char *name, const char *parent);

/// The dataset that [name] hangs under (`a/b` of `a/b/c` and of `a/b@s`), or NULL for a pool's own.
const char *zfs_parent(Mem *mem, const char *name);

/// What was set for [property] on [dataset] or, for one that is inherited, above it; NULL: nobody set it. [source]
/// gets the name of the one that set it.
const char *zfs_inherited(const Zfs *zfs, const ZfsDataset *dataset, const char *property, const char **source);

/// Where a filesystem is mounted ("/tank/a"), or NULL for none and legacy.
const char *zfs_mountpoint(const Zfs *zfs, const ZfsDataset *dataset);

/// A snapshot of a dataset, its return to it (newer snapshots must be gone), and renaming with all that hangs below.
/// These also move, keep and bring back the files at the mountpoint.
void zfs_snapshot(Zfs *zfs, const char *dataset, const char *snapshot);
void zfs_rollback(Zfs *zfs, const char *dataset, const char *snapshot);
void zfs_rename(Zfs *zfs, const char *from, const char *to);

/// Removes a dataset or snapshot and its files.
void zfs_destroy(Zfs *zfs, const char *name);

/// Makes a filesystem with its mountpoint, or a volume of [size] bytes; the parent must exist.
ZfsDataset *zfs_create(Zfs *zfs, const char *name, ZfsType type, uint64_t size);

/// Sums for the columns: the size of a pool, with its parity ([raw], as zpool counts) or without, and what a dataset
/// uses and may still use.
uint64_t zfs_pool_size(const Zfs *zfs, const ZfsPool *pool, bool raw);
uint64_t zfs_used(const Zfs *zfs, const ZfsDataset *dataset);
uint64_t zfs_available(const Zfs *zfs, const ZfsDataset *dataset);

#endif
