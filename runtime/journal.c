/* Lines that are on the disk before what they announce is done. */
#include "runtime/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int journal_open(Journal *journal, int folder) {
    struct stat status;
    *journal = (Journal){.fd = openat(folder, "journal.ndjson", O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600)};
    if (journal->fd < 0)
        return -1;
    if (fstat(journal->fd, &status) == 0 && S_ISREG(status.st_mode)) {
        /* A run that was killed in the middle of a line left it open: the next must not be glued to it. */
        char last = '\n';
        if (status.st_size > 0 && pread(journal->fd, &last, 1, status.st_size - 1) == 1 && last != '\n')
            return journal_add(journal, STR("\n"), 0);
        return fsync(folder) == 0 || errno == EINVAL ? 0 : -1;
    }
    journal_close(journal);
    errno = EINVAL;
    return -1;
}

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
