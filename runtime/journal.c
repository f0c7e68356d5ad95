/* Lines that are on the disk before what they announce is done. */
#include "runtime/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "runtime/files.h"

static const char NEWEST[] = "journal.ndjson", OLDER[] = "journal.1.ndjson";

/* ---- opening ---- */

static int regular_size(int fd, off_t *size) {
    struct stat status;
    if (fstat(fd, &status) < 0)
        return -1;
    *size = status.st_size;
    if (S_ISREG(status.st_mode))
        return 0;
    errno = EINVAL;
    return -1;
}

static int file_make(Journal *journal, int folder, off_t *size) {
    *journal = (Journal){.fd = openat(folder, NEWEST, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600)};
    return journal->fd < 0 ? -1 : regular_size(journal->fd, size);
}

/* Names are on the disk too, where the file system has such a thing. */
static int names_keep(int folder) {
    return fsync(folder) == 0 || errno == EINVAL ? 0 : -1;
}

/* What the one before it held is on the disk before it takes the place of another. A kill between the two leaves no newest one, which is made then. */
static int turn(Journal *journal, int folder, off_t *size) {
    if (fdatasync(journal->fd) < 0 || renameat(folder, NEWEST, folder, OLDER) < 0 || names_keep(folder) < 0)
        return -1;
    journal_close(journal);
    return file_make(journal, folder, size);
}

/* Tells that this was not the first. All lines begin alike; no run has this name. */
static int older_tell(Journal *journal) {
    char time_text[32], line[128];
    struct tm utc;
    time_t now = time(NULL);
    gmtime_r(&now, &utc);
    strftime(time_text, sizeof time_text, "%Y-%m-%dT%H:%M:%S.000Z", &utc);
    snprintf(line, sizeof line, "{\"time\": \"%s\", \"run\": \"0000000000000000\", \"event\": \"older\"}\n", time_text);
    return journal_add(journal, str_of(line), 0);
}

/* A run that was killed in the middle of a line left it open: the next must not be glued to it. */
static int line_end(Journal *journal, off_t size) {
    char last = '\n';
    if (size > 0 && pread(journal->fd, &last, 1, size - 1) == 1 && last != '\n')
        return journal_add(journal, STR("\n"), 0);
    return 0;
}

static int open_checked(Journal *journal, int folder) {
    struct stat status;
    off_t size;
    if (file_make(journal, folder, &size) < 0 || (size > JOURNAL_TURN && turn(journal, folder, &size) < 0) || line_end(journal, size) < 0)
        return -1;
    if (size == 0 && fstatat(folder, OLDER, &status, AT_SYMLINK_NOFOLLOW) == 0 && older_tell(journal) < 0)
        return -1;
    return names_keep(folder);
}

int journal_open(Journal *journal, int folder) {
    if (open_checked(journal, folder) == 0)
        return 0;
    int error = errno;
    journal_close(journal);
    errno = error;
    return -1;
}

/* ---- reading ---- */

/* -1 with errno; ENOENT where there is none. */
static int file_open(int folder, const char *name) {
    return openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
}

static int is_same(int fd, int other) {
    struct stat one, two;
    return fstat(fd, &one) == 0 && fstat(other, &two) == 0 && one.st_dev == two.st_dev && one.st_ino == two.st_ino;
}

int journal_read(int folder, Text *text, Text *problem) {
    /* In this order: what was the newest when it was opened may be the older one by then, and is taken once. */
    int newest = file_open(folder, NEWEST), error = newest < 0 && errno != ENOENT ? errno : 0;
    int older = file_open(folder, OLDER);
    error = error || older >= 0 || errno == ENOENT ? error : errno;
    if (newest >= 0 && older >= 0 && is_same(newest, older)) {
        close(older);
        older = -1;
    }
    int good = !error;
    if (error)
        text_addf(problem, "%s", strerror(error));
    for (int i = 0; i < 2; i++) {
        int fd = i ? newest : older;
        if (fd >= 0 && good)
            good = files_read_open(fd, JOURNAL_LIMIT, text, problem) == FILE_OK;
        else if (fd >= 0)
            close(fd);
    }
    return good ? 0 : -1;
}

/* ---- writing ---- */

int journal_add(Journal *journal, Str line, int sync) {
    if (journal->error) {
        errno = journal->error;
        return -1;
    }
    while (line.length) {
        ssize_t written = write(journal->fd, line.text, line.length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0) {
            journal->error = errno;
            return -1;
        }
        line = (Str){line.text + written, line.length - (size_t)written};
    }
    if (sync && fdatasync(journal->fd) < 0) {
        journal->error = errno;
        return -1;
    }
    return 0;
}

void journal_close(Journal *journal) {
    if (journal->fd >= 0)
        close(journal->fd);
    journal->fd = -1;
}
