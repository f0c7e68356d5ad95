/* phxc's own folder at a place, which holds its lock and its journal: on a disk of this machine, or on a host far away. */
#ifndef PHX_RUNTIME_STATE_H
#define PHX_RUNTIME_STATE_H

#include "runtime/lock.h"

typedef struct State State;

typedef struct StateClass {
    /* Takes the lock, waiting up to [timeout_ms], and writes [note] beside it for others to read. On LOCK_BUSY [note] is that of the holder; on
       LOCK_FAILED [problem] says why. The lock is held until the process ends, however it ends, or the state is closed. */
    LockStatus (*lock)(State *state, int64_t timeout_ms, Text *note, Text *problem);
    /* Replaces the note of the lock, which is held. */
    void (*renote)(State *state, Str note);
    /* Opens the journal where that was not done, and appends whole lines, or none; with [sync] they and all before them are on the disk when
       this returns. 0, or -1 with the reason in [problem]. */
    int (*append)(State *state, Str line, int sync, Text *problem);
    /* What is kept of the journal, in the arena; empty where there is none. 0, or -1 with the reason in [problem]. */
    int (*journal)(State *state, Arena *arena, Str *text, Text *problem);
    void (*close)(State *state);
} StateClass;

struct State {
    const StateClass *class;
    Str shown;                  /* the folder, for messages */
};

/* The state in [folder], a descriptor that it takes over. */
State *state_folder_use(Arena *arena, int folder, Str shown);

#endif
