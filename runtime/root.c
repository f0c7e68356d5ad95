/* Paths below a root folder: one part at a time, each opened relative to the one before it, so that nothing that changes
   meanwhile can lead elsewhere. (openat2(2) would do it in the kernel, but is not to be had in every container.) */
#include "runtime/root.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/memory.h"

enum {
    WALK_DEPTH_LIMIT = 64,      /* folders inside folders */
    WALK_LINK_LIMIT = 40,       /* symbolic links on the way, as in Linux */
    GLOB_LIMIT = 1000000        /* paths that one pattern may match */
};

int root_init(Root *root, const char *path) {
    root->graft_count = 0;
    root->fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    return root->fd < 0 ? -1 : 0;
}

void root_fini(Root *root) {
    while (root->graft_count)
        close(root->grafts[--root->graft_count].fd);
    if (root->fd >= 0)
        close(root->fd);
    root->fd = -1;
}

/* Where a walk along [path] begins; the part of the path that this stands for is taken off. */
static int root_start(const Root *root, Str *path) {
    const Graft *best = NULL;
    for (int i = 0; i < root->graft_count; i++) {
        const Graft *graft = &root->grafts[i];
        size_t length = graft->path.length;
        if (path->length >= length && !memcmp(path->text, graft->path.text, length) && (path->length == length || path->text[length] == '/') &&
            (!best || length > best->path.length))
            best = graft;
    }
    if (best)
        *path = (Str){path->text + best->path.length, path->length - best->path.length};
    return best ? best->fd : root->fd;
}

/* A walk: the folders from the root to where it is, all open so that `..` is simply the one before. */
typedef struct Walk {
    int root;
    int folders[WALK_DEPTH_LIMIT];
    int depth;
    int links;
    char rest[2 * PATH_MAX];    /* what is still to go */
} Walk;

static int walk_top(const Walk *walk) {
    return walk->depth ? walk->folders[walk->depth - 1] : walk->root;
}

static void walk_up(Walk *walk, int depth) {
    while (walk->depth > depth)
        close(walk->folders[--walk->depth]);
}

static int walk_fail(Walk *walk, int error) {
    walk_up(walk, 0);
    errno = error;
    return -1;
}

/* Takes the next part off the rest; 0 at the end, -1 where it is too long. */
static int walk_next(Walk *walk, char name[256]) {
    char *at = walk->rest + strspn(walk->rest, "/");
    size_t length = strcspn(at, "/");
    if (length > NAME_MAX)
        return -1;
    memcpy(name, at, length);
    name[length] = 0;
    at += length;
    at += strspn(at, "/");
    memmove(walk->rest, at, strlen(at) + 1);
    return length > 0;
}

/* Puts the target of a symbolic link before the rest. */
static int walk_link(Walk *walk, const char *target, size_t length) {
    size_t rest = strlen(walk->rest);
    if (++walk->links > WALK_LINK_LIMIT) {
        errno = ELOOP;
        return -1;
    }
    if (length + 1 + rest >= sizeof walk->rest) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memmove(walk->rest + length + 1, walk->rest, rest + 1);
    memcpy(walk->rest, target, length);
    walk->rest[length] = '/';
    if (target[0] == '/')
        walk_up(walk, 0);
    return 0;
}

static int walk_enter(Walk *walk, const char *name, int make) {
    int folder = openat(walk_top(walk), name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder < 0 && errno == ENOENT && make && (mkdirat(walk_top(walk), name, 0755) == 0 || errno == EEXIST))
        folder = openat(walk_top(walk), name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder < 0)
        return -1;
    if (walk->depth == WALK_DEPTH_LIMIT) {
        close(folder);
        errno = ENAMETOOLONG;
        return -1;
    }
    walk->folders[walk->depth++] = folder;
    return 0;
}

int root_find(const Root *root, Str path, int make, Spot *spot) {
    Walk walk = {0};
    if (!path.length || path.text[0] != '/' || memchr(path.text, 0, path.length))
        return walk_fail(&walk, EINVAL);
    if (path.length >= PATH_MAX)
        return walk_fail(&walk, ENAMETOOLONG);
    walk.root = root_start(root, &path);
    memcpy(walk.rest, path.text, path.length);
    for (;;) {
        char target[PATH_MAX];
        int more = walk_next(&walk, spot->name);
        if (more < 0)
            return walk_fail(&walk, ENAMETOOLONG);
        if (!more) {
            memcpy(spot->name, ".", 2);
            break;
        }
        if (strcmp(spot->name, ".") == 0)
            continue;
        if (strcmp(spot->name, "..") == 0) {
            walk_up(&walk, walk.depth ? walk.depth - 1 : 0);
            continue;
        }
        ssize_t length = readlinkat(walk_top(&walk), spot->name, target, sizeof target);
        if (length > 0) {
            if (walk_link(&walk, target, (size_t)length) < 0)
                return walk_fail(&walk, errno);
        } else if (!walk.rest[0]) {
            break;
        } else if (walk_enter(&walk, spot->name, make) < 0) {
            return walk_fail(&walk, errno);
        }
    }
    spot->folder = walk.depth ? walk.folders[--walk.depth] : fcntl(walk.root, F_DUPFD_CLOEXEC, 0);
    walk_up(&walk, 0);
    return spot->folder < 0 ? -1 : 0;
}

void spot_fini(Spot *spot) {
    if (spot->folder >= 0)
        close(spot->folder);
    spot->folder = -1;
}

int root_open(const Root *root, Str path, int flags, mode_t mode) {
    Spot spot;
    if (root_find(root, path, 0, &spot) < 0)
        return -1;
    int fd = openat(spot.folder, spot.name, flags | O_NOFOLLOW | O_CLOEXEC, mode);
    int error = errno;
    spot_fini(&spot);
    errno = error;
    return fd;
}

/* ---- patterns ---- */

typedef struct Glob {
    const Root *root;
    Arena *arena;
    VECTOR(Str) found;
    uint32_t visited;
    int error;
} Glob;

static int str_order(const void *a, const void *b) {
    return str_compare(*(const Str *)a, *(const Str *)b);
}

static int path_exists(const Root *root, Str path) {
    int fd = root_open(root, path, O_PATH, 0);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

/* The entries of [folder] that match one part of a pattern, sorted; each is tried with the rest of the pattern. */
static void glob_match(Glob *glob, Str folder, Str part, Str rest, int depth);

/* Follows the part of the pattern in [rest] from the path [done] on. The recursion is as deep as the pattern has parts. */
static void glob_from(Glob *glob, Str done, Str rest, int depth) {
    while (rest.length && rest.text[0] == '/')
        rest = (Str){rest.text + 1, rest.length - 1};
    if (!rest.length) {
        if (path_exists(glob->root, done))
            VECTOR_PUSH(glob->arena, &glob->found, done);
        return;
    }
    size_t length = 0;
    int magic = 0;
    for (; length < rest.length && rest.text[length] != '/'; length++)
        magic |= strchr("*?[", rest.text[length]) != NULL;
    Str part = {rest.text, length};
    rest = (Str){rest.text + length, rest.length - length};
    if (magic)
        glob_match(glob, done, part, rest, depth);
    else
        glob_from(glob, arena_printf(glob->arena, "%.*s/%.*s", (int)done.length, done.text, (int)length, part.text), rest, depth);
}

static void glob_match(Glob *glob, Str folder, Str part, Str rest, int depth) {
    if (depth == WALK_DEPTH_LIMIT) {
        glob->error = ENAMETOOLONG;
        return;
    }
    int fd = root_open(glob->root, folder.length ? folder : STR("/"), O_RDONLY | O_DIRECTORY | O_NONBLOCK, 0);
    DIR *entries = fd < 0 ? NULL : fdopendir(fd);
    if (!entries) {
        if (errno != ENOENT && errno != ENOTDIR)
            glob->error = errno;
        if (fd >= 0)
            close(fd);
        return;
    }
    VECTOR(Str) names = {0};
    const char *pattern = arena_str(glob->arena, part).text;
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(entries);
        if (!entry) {
            if (errno)
                glob->error = errno;
            break;
        }
        if (fnmatch(pattern, entry->d_name, FNM_PERIOD) != 0 || strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (++glob->visited > GLOB_LIMIT) {
            glob->error = E2BIG;
            break;
        }
        Str name = arena_printf(glob->arena, "%.*s/%s", (int)folder.length, folder.text, entry->d_name);
        VECTOR_PUSH(glob->arena, &names, name);
    }
    closedir(entries);
    for (uint32_t i = 0; i < names.count && !glob->error; i++)
        glob_from(glob, names.items[i], rest, depth + 1);
}

int root_glob(const Root *root, Arena *arena, Str pattern, RootPaths *paths) {
    Glob glob = {.root = root, .arena = arena};
    if (!pattern.length || pattern.text[0] != '/' || pattern.length >= PATH_MAX) {
        errno = EINVAL;
        return -1;
    }
    glob_from(&glob, (Str){0}, pattern, 0);
    if (glob.error) {
        errno = glob.error;
        return -1;
    }
    if (glob.found.count)
        qsort(glob.found.items, glob.found.count, sizeof *glob.found.items, str_order);
    *paths = (RootPaths){glob.found.items, glob.found.count};
    return 0;
}
