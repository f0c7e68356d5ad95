// File operations inside the sandbox folder. Every path is absolute within the host (or the guest) and is resolved as
// under chroot: neither `..` nor a symbolic link leads out of the folder.
#ifndef PHX_SANDBOX_FILES_H
#define PHX_SANDBOX_FILES_H

#include "host.h"

#include <sys/stat.h>

/// A resolved path: [name] relative to the open directory [at], with no symbolic link in any but maybe the last part.
typedef struct Where {
    int at;
    const char *name;   // "." for the root itself
    const char *key;    // the path seen from the folder ("/guests/952/etc"), under which owners are kept
} Where;

/// Resolves [path]; the last part's link is followed if [follow]. The last part need not exist. False with errno set.
bool files_resolve(Host *host, const char *path, bool follow, Where *where);

/// fstatat on [path]; 0 or -1 with errno.
int files_stat(Host *host, const char *path, bool follow, struct stat *info);
bool files_exists(Host *host, const char *path);
bool files_is_dir(Host *host, const char *path);

/// open(2) of [path]; the file itself is never reached through a link that leaves the folder. -1 with errno.
int files_open(Host *host, const char *path, int flags, mode_t mode);

/// The contents of [path], terminated; NULL with errno if it can not be read. [length] may be NULL.
char *files_read(Host *host, const char *path, size_t *length);

/// All that the program is given on its standard input; NULL with errno.
char *files_read_input(Host *host, size_t *length);

/// Replaces [path] as a whole (written beside it, then renamed), making its directories. Fails the program on error.
void files_write(Host *host, const char *path, const char *text, size_t length, mode_t mode);

/// Makes [path] and its parents. 0 or -1 with errno.
int files_make_dirs(Host *host, const char *path, mode_t mode);

/// A sparse file of [size] bytes; 0 or -1 with errno.
int files_make_sparse(Host *host, const char *path, uint64_t size);

int files_unlink(Host *host, const char *path);
int files_rename(Host *host, const char *from, const char *to);

/// Removes [path] and what is under it; being absent is no error. 0 or -1 with errno.
int files_remove_tree(Host *host, const char *path);

/// Copies [from] (a directory, file or link) to [to], owners included; a missing source gives an empty directory.
int files_copy_tree(Host *host, const char *from, const char *to);

/// Copies [from], which exists, over what is at [to], as `cp -a` does; without [keep] the copies belong to root.
int files_merge_tree(Host *host, const char *from, const char *to, bool keep);

/// The names in the directory [path], sorted, without . and ..; empty if it can not be read.
Words files_list(Host *host, const char *path);

#endif
