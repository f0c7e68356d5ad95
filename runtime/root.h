/* A folder that is the root of a file system to us: the machine's own /, or the folder of a sandbox. Paths are resolved as
   under chroot(2): neither `..` nor a symbolic link, absolute or not, leads out of it. */
#ifndef PHX_RUNTIME_ROOT_H
#define PHX_RUNTIME_ROOT_H

#include <sys/types.h>

#include "lang/arena.h"
#include "lang/text.h"

enum { ROOT_GRAFTS = 3 };

/* A folder from elsewhere that is seen at a path of a root, as a mounted file system is; by that very path only, not through links that lead there. */
typedef struct Graft {
    Str path;                   /* "/etc/shared": absolute, without a '/' at its end */
    int fd;                     /* the root closes it */
} Graft;

typedef struct Root {
    int fd;
    Graft grafts[ROOT_GRAFTS];  /* of two that stand in each other the inner one counts */
    int graft_count;
} Root;

/* Opens the folder [path] as a root: 0, or -1 with errno. */
int root_init(Root *root, const char *path);
void root_fini(Root *root);

/* Where an absolute path ends: the folder that has its last part, open, and that part. The last part is no symbolic link:
   links were followed; it may be missing. "." is the root itself. */
typedef struct Spot {
    int folder;
    char name[256];
} Spot;

/* Finds [path], which must begin with '/'. With [make], missing folders on the way are made (0755). 0, or -1 with errno. */
int root_find(const Root *root, Str path, int make, Spot *spot);
void spot_fini(Spot *spot);

/* open(2) below the root: a descriptor that is closed on exec, or -1 with errno. */
int root_open(const Root *root, Str path, int flags, mode_t mode);

/* The paths that match [pattern] (absolute; `*`, `?`, `[]`; a leading dot only by a dot), in byte order, into the arena. Folders
   that are missing or can't be entered match nothing. -1 with errno where reading fails or there are too many. */
typedef struct RootPaths {
    const Str *items;
    uint32_t count;
} RootPaths;
int root_glob(const Root *root, Arena *arena, Str pattern, RootPaths *paths);

#endif
