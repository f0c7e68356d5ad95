/* The journal: an append-only file in which every run writes down what it is about to do and how that ended, and the one before it. */
#ifndef PHX_RUNTIME_JOURNAL_H
#define PHX_RUNTIME_JOURNAL_H

#include "lang/text.h"

enum {
    /* Bytes past which the next run begins a journal of its own; the one before it is kept as journal.1.ndjson, and the one before that is not. Every
       apply reads both, over ssh too, where they are a second or two on a slow line. So long a journal tells of some five thousand steps: of dozens
       of runs that made a whole site, of years of small ones. No run is parted: the last one may be longer. */
    JOURNAL_TURN = 4 << 20,
    JOURNAL_LIMIT = 1 << 30     /* bytes: no run writes down that much; what is longer is no journal */
};

typedef struct Journal {
    int fd;                 /* -1: none */
    int error;              /* the errno of the first line that could not be written; none is after it */
} Journal;

/* Opens journal.ndjson (0600) in [folder], a descriptor, or makes it, and turns to a new one where it is too long: its first line is then the event
   `older`. Whoever opens it holds the lock. 0, or -1 with errno. */
int journal_open(Journal *journal, int folder);
/* Appends whole lines; with [sync] they and all before them are on the disk when this returns. 0, or -1 with errno. */
int journal_add(Journal *journal, Str line, int sync);
void journal_close(Journal *journal);

/* Adds what is kept to [text], from the oldest line to the newest: nothing, where there is none. Others may be writing meanwhile. 0, or -1 with the
   reason in [problem]. */
int journal_read(int folder, Text *text, Text *problem);

#endif
