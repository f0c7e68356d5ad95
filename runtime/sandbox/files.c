// Resolves and works on paths inside the sandbox folder, never outside it.
#include "files.h"

#include "owners.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// As many links as Linux follows before it reports a loop.
enum { LINK_LIMIT = 40 };

/// Pushes the parts of [path] in front of those still to be walked.
static void parts_push(Words *stack, Mem *mem, const char *path) {
    Words parts = words_split(mem, path, "/");
    for (size_t i = parts.count; i > 0; i--) words_add(stack, parts.items[i - 1]);
}

/// The target of the link [name] under [at].
static char *link_read(Mem *mem, int at, const char *name) {
    char *target = mem_alloc(mem, PATH_MAX);
    ssize_t length = readlinkat(at, name, target, PATH_MAX - 1);
    return length < 0 ? NULL : target;
}

/// Chooses the directory that [path] starts from: a bind mount of the guest, or the root. Returns the rest of [path],
/// and in [prefix] where that directory is on the host.
static const char *start_choose(Host *host, const char *path, int *at, const char **prefix) {
    size_t longest = 0;
    const char *rest = path;
    *at = host->root;
    *prefix = host->prefix;
    for (size_t i = 0; i < host->bind_count; i++) {
        size_t length = strlen(host->binds[i].target);
        if (length <= longest || strncmp(path, host->binds[i].target, length) != 0) continue;
        if (path[length] != '/' && path[length] != '\0') continue;
        longest = length;
        *at = host->binds[i].source;
        *prefix = host->binds[i].path;
        rest = path + length;
    }
    return rest;
}

bool files_resolve(Host *host, const char *path, bool follow, Where *where) {
    if (*path == '\0') {
        errno = ENOENT;
        return false;
    }
    Words todo = words_new(host->mem), done = words_new(host->mem);
    const char *prefix;
    parts_push(&todo, host->mem, start_choose(host, path, &where->at, &prefix));
    int links = 0;
    while (todo.count > 0) {
        const char *part = todo.items[--todo.count];
        if (strcmp(part, ".") == 0) continue;
        if (strcmp(part, "..") == 0) {
            if (done.count > 0) done.count--;
            continue;
        }
        words_add(&done, part);
        bool last = todo.count == 0;
        const char *name = words_join(&done, "/");
        struct stat info;
        if (fstatat(where->at, name, &info, AT_SYMLINK_NOFOLLOW) != 0) {
            if (!last || errno != ENOENT) return false;
        } else if (S_ISLNK(info.st_mode) && (!last || follow)) {
            if (++links > LINK_LIMIT) {
                errno = ELOOP;
                return false;
            }
            char *target = link_read(host->mem, where->at, name);
            if (target == NULL) return false;
            done.count = *target == '/' ? 0 : done.count - 1;
            parts_push(&todo, host->mem, target);
        } else if (!last && !S_ISDIR(info.st_mode)) {
            errno = ENOTDIR;
            return false;
        }
    }
    where->name = done.count == 0 ? "." : words_join(&done, "/");
    where->key = done.count == 0 ? mem_copy(host->mem, prefix) : mem_print(host->mem, "%s/%s", prefix, where->name);
    if (strlen(where->name) >= PATH_MAX) {
        errno = ENAMETOOLONG;
        return false;
    }
    return true;
}

int files_stat(Host *host, const char *path, bool follow, struct stat *info) {
    Where where;
    if (!files_resolve(host, path, follow, &where)) return -1;
    return fstatat(where.at, where.name, info, AT_SYMLINK_NOFOLLOW);
}

bool files_exists(Host *host, const char *path) {
    struct stat info;
    return files_stat(host, path, true, &info) == 0;
}

bool files_is_dir(Host *host, const char *path) {
    struct stat info;
    return files_stat(host, path, true, &info) == 0 && S_ISDIR(info.st_mode);
}

int files_open(Host *host, const char *path, int flags, mode_t mode) {
    Where where;
    if (!files_resolve(host, path, true, &where)) return -1;
    return openat(where.at, where.name, flags | O_NOFOLLOW | O_CLOEXEC, mode);
}

/// All that can be read; NULL with errno.
static char *bytes_read(Host *host, int file, size_t *length) {
    Text text = text_new(host->mem);
    char buffer[16384];
    ssize_t got;
    while ((got = read(file, buffer, sizeof buffer)) > 0) text_add_part(&text, buffer, (size_t)got);
    if (length != NULL) *length = text.length;
    return got < 0 ? NULL : text.data;
}

char *files_read(Host *host, const char *path, size_t *length) {
    int file = files_open(host, path, O_RDONLY, 0);
    if (file < 0) return NULL;
    char *text = bytes_read(host, file, length);
    int error = errno;
    close(file);
    errno = error;
    return text;
}

char *files_read_input(Host *host, size_t *length) {
    return bytes_read(host, host->input, length);
}

/// Writes all bytes; false with errno.
static bool bytes_write(int file, const char *bytes, size_t length) {
    while (length > 0) {
        ssize_t written = write(file, bytes, length);
        if (written < 0) return false;
        bytes += written;
        length -= (size_t)written;
    }
    return true;
}

void files_write(Host *host, const char *path, const char *text, size_t length, mode_t mode) {
    const char *slash = strrchr(path, '/');
    if (slash != path && files_make_dirs(host, mem_copy_part(host->mem, path, (size_t)(slash - path)), 0755) != 0)
        host_fail(host, 255, "unable to create the directory of '%s' - %s", path, strerror(errno));
    Where where;
    if (!files_resolve(host, path, true, &where))
        host_fail(host, 255, "unable to open '%s' - %s", path, strerror(errno));
    const char *beside = mem_print(host->mem, "%s.tmp.%ld", where.name, (long)getpid());
    int file = openat(where.at, beside, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (file < 0) host_fail(host, 255, "unable to open '%s' - %s", path, strerror(errno));
    bool written = bytes_write(file, text, length) && fchmod(file, mode) == 0;
    written = close(file) == 0 && written;
    if (!written || renameat(where.at, beside, where.at, where.name) != 0) {
        int error = errno;
        unlinkat(where.at, beside, 0);
        host_fail(host, 255, "unable to write '%s' - %s", path, strerror(error));
    }
}

int files_make_dirs(Host *host, const char *path, mode_t mode) {
    Words parts = words_split(host->mem, path, "/");
    Text built = text_new(host->mem);
    for (size_t i = 0; i < parts.count; i++) {
        text_print(&built, "/%s", parts.items[i]);
        Where where;
        if (!files_resolve(host, built.data, true, &where)) return -1;
        if (mkdirat(where.at, where.name, 0755) == 0) {
            if (mode != 0755) fchmodat(where.at, where.name, mode, 0);
        } else if (errno != EEXIST || !files_is_dir(host, built.data)) {
            if (errno == EEXIST) errno = ENOTDIR;
            return -1;
        }
    }
    return 0;
}

int files_make_sparse(Host *host, const char *path, uint64_t size) {
    int file = files_open(host, path, O_WRONLY | O_CREAT | O_TRUNC, 0640);
    if (file < 0) return -1;
    int result = ftruncate(file, (off_t)size);
    return close(file) == 0 ? result : -1;
}

int files_unlink(Host *host, const char *path) {
    Where where;
    if (!files_resolve(host, path, false, &where)) return -1;
    if (unlinkat(where.at, where.name, 0) != 0) return -1;
    owners_forget(host, where.key);
    return 0;
}

int files_rename(Host *host, const char *from, const char *to) {
    Where source, target;
    if (!files_resolve(host, from, false, &source) || !files_resolve(host, to, false, &target)) return -1;
    if (renameat(source.at, source.name, target.at, target.name) != 0) return -1;
    owners_copy(host, source.key, target.key);
    owners_forget(host, source.key);
    return 0;
}

/// The names in the directory [name] under [at].
static Words names_list(Mem *mem, int at, const char *name) {
    Words names = words_new(mem);
    int folder = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder < 0) return names;
    DIR *stream = fdopendir(folder);
    if (stream == NULL) {
        close(folder);
        return names;
    }
    for (const struct dirent *entry; (entry = readdir(stream)) != NULL;)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            words_add(&names, mem_copy(mem, entry->d_name));
    closedir(stream);
    words_sort(&names);
    return names;
}

Words files_list(Host *host, const char *path) {
    Where where;
    if (!files_resolve(host, path, true, &where)) return words_new(host->mem);
    return names_list(host->mem, where.at, where.name);
}

/// Removes [name] under [at] and what it holds.
static int tree_remove(Mem *mem, int at, const char *name) {
    struct stat info;
    if (fstatat(at, name, &info, AT_SYMLINK_NOFOLLOW) != 0) return errno == ENOENT ? 0 : -1;
    if (!S_ISDIR(info.st_mode)) return unlinkat(at, name, 0);
    Words names = names_list(mem, at, name);
    for (size_t i = 0; i < names.count; i++)
        if (tree_remove(mem, at, mem_print(mem, "%s/%s", name, names.items[i])) != 0) return -1;
    return unlinkat(at, name, AT_REMOVEDIR);
}

int files_remove_tree(Host *host, const char *path) {
    Where where;
    if (!files_resolve(host, path, false, &where)) return errno == ENOENT ? 0 : -1;
    if (tree_remove(host->mem, where.at, where.name) != 0) return -1;
    owners_forget(host, where.key);
    return 0;
}

/// Copies the file [from] to [to], holes left out: images are large and nearly empty.
static int file_copy(const Where *from, const char *from_name, const Where *to, const char *to_name,
                     const struct stat *info) {
    int source = openat(from->at, from_name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (source < 0) return -1;
    int target = openat(to->at, to_name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (target < 0) {
        close(source);
        return -1;
    }
    int result = 0;
    char buffer[65536];
    off_t at = 0;
    for (ssize_t got; result == 0 && (got = read(source, buffer, sizeof buffer)) > 0; at += got) {
        bool empty = buffer[0] == 0 && memcmp(buffer, buffer + 1, (size_t)got - 1) == 0;
        if (empty) continue;
        if (lseek(target, at, SEEK_SET) < 0 || !bytes_write(target, buffer, (size_t)got)) result = -1;
    }
    if (ftruncate(target, info->st_size) != 0 || fchmod(target, info->st_mode & 07777) != 0) result = -1;
    close(source);
    return close(target) == 0 ? result : -1;
}

/// Gives the copy the owner of the original, where that is more than a record (owners.h). The mode comes after: giving
/// a file away takes some of its bits.
static int rights_copy(const Where *to, const char *to_name, const struct stat *info, bool keep) {
    if (keep && geteuid() == 0 && fchownat(to->at, to_name, info->st_uid, info->st_gid, AT_SYMLINK_NOFOLLOW) != 0)
        return -1;
    return S_ISLNK(info->st_mode) ? 0 : fchmodat(to->at, to_name, info->st_mode & 07777, 0);
}

static int tree_copy(Mem *mem, const Where *from, const char *from_name, const Where *to, const char *to_name, bool keep) {
    struct stat info;
    if (fstatat(from->at, from_name, &info, AT_SYMLINK_NOFOLLOW) != 0) return -1;
    if (S_ISLNK(info.st_mode)) {
        char *target = link_read(mem, from->at, from_name);
        if (target == NULL) return -1;
        if (symlinkat(target, to->at, to_name) != 0 &&
            (errno != EEXIST || unlinkat(to->at, to_name, 0) != 0 || symlinkat(target, to->at, to_name) != 0))
            return -1;
        return rights_copy(to, to_name, &info, keep);
    }
    if (S_ISREG(info.st_mode)) {
        if (file_copy(from, from_name, to, to_name, &info) != 0) return -1;
        return rights_copy(to, to_name, &info, keep);
    }
    if (!S_ISDIR(info.st_mode)) return 0;
    if (mkdirat(to->at, to_name, 0700) != 0 && errno != EEXIST) return -1;
    Words names = names_list(mem, from->at, from_name);
    for (size_t i = 0; i < names.count; i++) {
        const char *child = mem_print(mem, "%s/%s", from_name, names.items[i]);
        if (tree_copy(mem, from, child, to, mem_print(mem, "%s/%s", to_name, names.items[i]), keep) != 0) return -1;
    }
    return rights_copy(to, to_name, &info, keep);
}

int files_merge_tree(Host *host, const char *from, const char *to, bool keep) {
    Where source, target;
    if (!files_resolve(host, from, true, &source) || !files_resolve(host, to, true, &target)) return -1;
    if (tree_copy(host->mem, &source, source.name, &target, target.name, keep) != 0) return -1;
    if (keep) owners_copy(host, source.key, target.key);
    return 0;
}

int files_copy_tree(Host *host, const char *from, const char *to) {
    const char *slash = strrchr(to, '/');
    if (slash != to && files_make_dirs(host, mem_copy_part(host->mem, to, (size_t)(slash - to)), 0755) != 0) return -1;
    if (!files_exists(host, from)) return files_make_dirs(host, to, 0755);
    Where source, target;
    if (!files_resolve(host, from, true, &source) || !files_resolve(host, to, false, &target)) return -1;
    if (tree_copy(host->mem, &source, source.name, &target, target.name, true) != 0) return -1;
    owners_copy(host, source.key, target.key);
    return 0;
}
