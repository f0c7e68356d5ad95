/* The journal: an append-only file in which every run writes down what it is about to do and how that ended. */
#ifndef PHX_RUNTIME_JOURNAL_H
#define PHX_RUNTIME_JOURNAL_H

#include "lang/text.h"

typedef struct Journal {
    int fd;                 /* -1: none */
    int error;              /* the errno of the first line that could not be written; none is after it */
} Journal;

/* Opens journal.ndjson (0600) in [folder], a descriptor, or makes it. 0, or -1 with errno. */
int journal_open(Journal *journal, int folder);
/* Appends whole lines; with [sync] they and all before them are on the disk when this returns. 0, or -1 with errno. */
int journal_add(Journal *journal, Str line, int sync);
void journal_close(Journal *journal);

#endif
