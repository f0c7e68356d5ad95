// The native properties of ZFS datasets: which there are, what they may be, and what they are.
#ifndef PHX_SANDBOX_ZFS_PROPS_H
#define PHX_SANDBOX_ZFS_PROPS_H

#include "zfs.h"

typedef enum ZfsPropKind {
    ZFS_PROP_COMPUTED,  // never set
    ZFS_PROP_ONCE,      // set when the dataset is made
    ZFS_PROP_CHOICE,    // one of a few words
    ZFS_PROP_SIZE,      // bytes; 0 is written none
    ZFS_PROP_POWER,     // a power of two of bytes
    ZFS_PROP_VOLSIZE,
    ZFS_PROP_COUNT,  // a number or none
    ZFS_PROP_PATH,   // a path, none or legacy
    ZFS_PROP_TEXT
} ZfsPropKind;

typedef struct ZfsProp {
    const char *name;
    int types;  // of ZfsType
    ZfsPropKind kind;
    bool inherits;
    bool is_size;         // printed as one
    const char *normal;   // the default; NULL: computed
    const char *pattern;  // of its words
    const char *words;    // the same for people
} ZfsProp;

/// The property called [name] or one of its short names (avail, refer, recsize, ...), or NULL.
const ZfsProp *zfs_prop_find(const char *name);

/// All of them, in the order `zfs get all` prints them in.
const ZfsProp *zfs_prop_list(size_t *count);

/// Is it the name of a user property: lower case, with a ':'?
bool zfs_prop_is_user(const char *name);

/// Checks [value] for a dataset of [type] and turns it into what is kept (sizes in bytes). Returns what is wrong, as
/// it stands after "cannot set property for 'x': ", or NULL. [creating]: those that can be set only once may be.
const char *zfs_prop_check(Host *host, const char *name, const char *value, ZfsType type, bool creating,
                           const char **kept);

/// The value of [name] on [dataset], and its source ("local", "default", "inherited from x", "-"). [exact] is -p.
const char *zfs_prop_value(const Zfs *zfs, const ZfsDataset *dataset, const char *name, bool exact,
                           const char **source);

#endif
