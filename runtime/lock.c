/* flock(2) on a file named lock. */
#include "runtime/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "runtime/loop.h"

enum { LOCK_POLL_MS = 100, LOCK_NOTE_LIMIT = 400 };

void lock_note_add(Text *text, Str note) {
    for (size_t i = 0; i < note.length && i < LOCK_NOTE_LIMIT && note.text[i] != '\n'; i++)
        text_add_char(text, note.text[i] >= ' ' && note.text[i] < 127 ? note.text[i] : '?');
}

static void note_read(int fd, Text *note) {
    char bytes[LOCK_NOTE_LIMIT];
    ssize_t length = pread(fd, bytes, sizeof bytes, 0);
    text_clear(note);
    lock_note_add(note, (Str){bytes, length > 0 ? (size_t)length : 0});
}

static int note_write(int fd, Str note) {
    return ftruncate(fd, 0) == 0 && pwrite(fd, note.text, note.length, 0) == (ssize_t)note.length;
}

/* The lock on the open file; asks again and again, for flock(2) knows no time limit. */
static LockStatus lock_wait(int fd, int64_t timeout_ms) {
    int64_t deadline = loop_now_ms() + timeout_ms;
    while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return LOCK_FAILED;
        if (loop_now_ms() >= deadline)
            return LOCK_BUSY;
        nanosleep(&(struct timespec){.tv_nsec = LOCK_POLL_MS * 1000000L}, NULL);
    }
    return LOCK_TAKEN;
}

LockStatus lock_take(int folder, int64_t timeout_ms, Text *note, int *fd) {
    *fd = openat(folder, "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
    if (*fd < 0)
        return LOCK_FAILED;
    LockStatus status = lock_wait(*fd, timeout_ms);
    if (status == LOCK_TAKEN && !note_write(*fd, text_str(note)))
        status = LOCK_FAILED;
    if (status == LOCK_BUSY)
        note_read(*fd, note);
    if (status != LOCK_TAKEN) {
        int error = errno;
        close(*fd);
        *fd = -1;
        errno = error;
    }
    return status;
}

void lock_note(int fd, Str note) {
    (void)note_write(fd, note);
}
