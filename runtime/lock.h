/* One apply at a time: a file whose lock the kernel gives back when its holder ends, however it ends. */
#ifndef PHX_RUNTIME_LOCK_H
#define PHX_RUNTIME_LOCK_H

#include "lang/text.h"

typedef enum LockStatus {
    LOCK_TAKEN,
    LOCK_BUSY,              /* [note] is what its holder wrote about itself */
    LOCK_FAILED             /* errno says why */
} LockStatus;

/* Takes the lock in [folder], a descriptor, and waits up to [timeout_ms] for it. On LOCK_TAKEN [fd] holds it until it is closed, and
   what [note] held is written into the file for others to read. */
LockStatus lock_take(int folder, int64_t timeout_ms, Text *note, int *fd);
/* Replaces what was written into the file of the lock that [fd] holds. Nothing depends on it: where it fails, the old note stands. */
void lock_note(int fd, Str note);
/* Appends the first line of the note that a holder wrote: it goes to a terminal, so only letters that can do no harm there, and not too many. */
void lock_note_add(Text *text, Str note);

#endif
