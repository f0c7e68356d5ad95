/* Files that are read whole and replaced whole. */
#ifndef PHX_RUNTIME_FILES_H
#define PHX_RUNTIME_FILES_H

#include "runtime/lines.h"
#include "runtime/root.h"

typedef enum FileStatus {
    FILE_OK,
    FILE_ABSENT,
    FILE_FAILED
} FileStatus;

/* Appends the content of a regular file of at most [limit] bytes to [text]. Where it fails, [problem] has the reason in a few words,
   such as "it is a folder". A missing file, or one in a missing folder, is FILE_ABSENT. */
FileStatus files_read(const Root *root, Str path, size_t limit, Text *text, Text *problem);
/* The same of an open file, which it closes. */
FileStatus files_read_open(int fd, size_t limit, Text *text, Text *problem);
/* Is what was opened a regular file? Then [size] is what the system says of it. */
FileStatus files_regular(int fd, size_t *size, Text *problem);

typedef struct FileWrite {
    Str path;
    Str content;
    mode_t mode;
    int keep;               /* mode and owner of the file that is there, if one is, instead of those given here */
    int owned;              /* give it to [user] and [group] */
    uid_t user;
    gid_t group;
    int make;               /* make the folders on the way */
    int locked;             /* nobody else writes here, so what an interrupted write left behind may be taken away */
} FileWrite;

/* Replaces or makes the file at one instant: a new file beside it gets the content, mode and owner, goes to the disk, and takes its
   place. 0, or -1 with the reason in [problem]; then the old file is as it was. */
int files_write(const Root *root, const FileWrite *write, Text *problem);

/* Applies [edit] to the file. With a [digest] (SHA-1, hexadecimal) the file must have it; without one a missing file is made, 0644.
   [changed] tells whether something had to be written. 0, or -1 with the reason in [problem]. */
int files_edit(const Root *root, Str path, const LineEdit *edit, Str digest, int *changed, Text *problem);

/* Opens the folder [path], which begins with '/', for openat(2), and makes it and those on the way, it alone with [mode]. -1 with errno. */
int files_folder(const Root *root, Str path, mode_t mode);

#endif
