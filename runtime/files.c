/* Whole files: read with a limit, replaced by rename(2). */
#include "runtime/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "compiler/hash.h"

enum {
    FILE_EDIT_LIMIT = 64 << 20,
    FUSE_MAGIC = 0x65735546
};

static int problem_errno(Text *problem, int error) {
    text_addf(problem, "%s", strerror(error));
    return -1;
}

/* ---- reading ---- */

FileStatus files_regular(int fd, size_t *size, Text *problem) {
    struct stat status;
    if (fstat(fd, &status) < 0) {
        problem_errno(problem, errno);
        return FILE_FAILED;
    }
    if (!S_ISREG(status.st_mode)) {
        text_addf(problem, "%s", S_ISDIR(status.st_mode) ? "it is a folder" : "it is no regular file");
        return FILE_FAILED;
    }
    *size = (size_t)status.st_size;
    return FILE_OK;
}

FileStatus files_read_open(int fd, size_t limit, Text *text, Text *problem) {
    size_t size;
    FileStatus result = files_regular(fd, &size, problem);
    size_t before = text->length;
    /* The size that the system tells is not believed: files below /proc have none, others grow. */
    while (result == FILE_OK) {
        char buffer[65536];
        ssize_t got = read(fd, buffer, sizeof buffer);
        if (got == 0)
            break;
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            problem_errno(problem, errno);
            result = FILE_FAILED;
        } else if (text->length - before + (size_t)got > limit) {
            text_addf(problem, "it is longer than %zu MiB", limit >> 20);
            result = FILE_FAILED;
        } else {
            text_add(text, (Str){buffer, (size_t)got});
        }
    }
    close(fd);
    return result;
}

FileStatus files_read(const Root *root, Str path, size_t limit, Text *text, Text *problem) {
    /* Not to block: what is there could be a pipe that nobody writes to. */
    int fd = root_open(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return FILE_ABSENT;
    if (fd < 0) {
        problem_errno(problem, errno);
        return FILE_FAILED;
    }
    return files_read_open(fd, limit, text, problem);
}

int files_folder(const Root *root, Str path, mode_t mode) {
    Spot spot;
    if (root_find(root, path, 1, &spot) < 0)
        return -1;
    int fd = -1, flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    if (mkdirat(spot.folder, spot.name, mode) == 0 || errno == EEXIST)
        fd = openat(spot.folder, spot.name, flags);
    int error = errno;
    spot_fini(&spot);
    errno = error;
    return fd;
}

/* ---- writing ---- */

/* The name of the new file while it is written: hidden, for what reads every file of the folder. One that a killed run left is
   known by its name; where others may be writing, the number of the process keeps them apart. */
static void temporary_name(const FileWrite *write, const Spot *spot, char name[256]) {
    char suffix[32] = "new";
    if (!write->locked)
        snprintf(suffix, sizeof suffix, "%ld", (long)getpid());
    snprintf(name, 256, ".%.*s.phxc-%s", 200, spot->name, suffix);
}

static int write_all(int fd, Str content) {
    while (content.length) {
        ssize_t written = write(fd, content.text, content.length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return -1;
        content = (Str){content.text + written, content.length - (size_t)written};
    }
    return 0;
}

/* Mode and owner are set only where they differ: the cluster file system has its own and refuses to change them, even to what they
   are. It is known by being FUSE; there a mode that can't be had is no failure. */
static int file_dress(int fd, const FileWrite *write, const struct stat *old) {
    struct stat status;
    struct statfs system;
    mode_t mode = old && write->keep ? old->st_mode & 07777 : write->mode;
    uid_t user = old && write->keep ? old->st_uid : write->user;
    gid_t group = old && write->keep ? old->st_gid : write->group;
    int owned = write->owned || (old && write->keep);
    if (fstat(fd, &status) < 0 || fstatfs(fd, &system) < 0)
        return -1;
    if (owned && (status.st_uid != user || status.st_gid != group) && fchown(fd, user, group) < 0)
        return -1;
    /* After the owner: a change of owner takes the bits of set-user-id away. */
    if ((status.st_mode & 07777) != mode && fchmod(fd, mode) < 0 && !(errno == EPERM && system.f_type == FUSE_MAGIC))
        return -1;
    return 0;
}

/* Makes the new file with all that belongs to it and puts it into its place. */
static int file_replace(const Spot *spot, const FileWrite *write, const struct stat *old) {
    char name[256];
    temporary_name(write, spot, name);
    int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    int fd = openat(spot->folder, name, flags, 0600);
    if (fd < 0 && errno == EEXIST && write->locked && unlinkat(spot->folder, name, 0) == 0)
        fd = openat(spot->folder, name, flags, 0600);
    if (fd < 0)
        return -1;
    int failed = write_all(fd, write->content) < 0 || file_dress(fd, write, old) < 0 || fsync(fd) < 0;
    int error = errno;
    if (close(fd) < 0 && !failed) {
        error = errno;
        failed = 1;
    }
    if (!failed && renameat(spot->folder, name, spot->folder, spot->name) < 0) {
        error = errno;
        failed = 1;
    }
    if (failed) {
        unlinkat(spot->folder, name, 0);
        errno = error;
        return -1;
    }
    /* The new name is on the disk once the folder is. Some file systems can't say so; the file is in its place all the same. */
    int folder = openat(spot->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder >= 0) {
        fsync(folder);
        close(folder);
    }
    return 0;
}

int files_write(const Root *root, const FileWrite *write, Text *problem) {
    Spot spot;
    struct stat old;
    if (root_find(root, write->path, write->make, &spot) < 0)
        return problem_errno(problem, errno);
    int there = fstatat(spot.folder, spot.name, &old, AT_SYMLINK_NOFOLLOW) == 0;
    int result = 0;
    if (there && S_ISDIR(old.st_mode)) {
        text_add_literal(problem, "it is a folder");
        result = -1;
    } else if (there && !S_ISREG(old.st_mode)) {
        text_add_literal(problem, "it is no regular file");
        result = -1;
    } else if (file_replace(&spot, write, there ? &old : NULL) < 0) {
        result = problem_errno(problem, errno);
    }
    spot_fini(&spot);
    return result;
}

/* ---- editing ---- */

static int edit_apply(const Root *root, Str path, Str text, const LineEdit *edit, int *changed, Text *problem) {
    Text edited = {0};
    int result = 0;
    *changed = lines_edit(text, edit, &edited);
    if (*changed) {
        FileWrite write = {.path = path, .content = text_str(&edited), .mode = 0644, .keep = 1, .make = 1, .locked = 1};
        result = files_write(root, &write, problem);
    }
    text_fini(&edited);
    return result;
}

int files_edit(const Root *root, Str path, const LineEdit *edit, Str digest, int *changed, Text *problem) {
    Text text = {0};
    int result = -1;
    *changed = 0;
    FileStatus status = files_read(root, path, FILE_EDIT_LIMIT, &text, problem);
    if (status == FILE_ABSENT && digest.length) {
        text_add_literal(problem, "the file is gone");
    } else if (status != FILE_FAILED) {
        Arena *arena = arena_open();
        if (digest.length && !str_equal(hash_sha1(arena, text_str(&text)), digest))
            text_add_literal(problem, "the file was changed by someone else since it was read");
        else
            result = edit_apply(root, path, text_str(&text), edit, changed, problem);
        arena_close(arena);
    }
    text_fini(&text);
    return result;
}
