/* What the journal tells of earlier runs. */
#ifndef PHX_RUNTIME_HISTORY_H
#define PHX_RUNTIME_HISTORY_H

#include "lang/arena.h"
#include "lang/text.h"
#include "lang/value.h"
#include "runtime/state.h"

/* One run, as its first and its last line have it. */
typedef struct PastRun {
    Str name;               /* 16 hexadecimal digits */
    Str time;               /* "2026-01-31T12:00:00.000Z" */
    Str plan, saved, undoes, site;
    uint32_t steps;
    int ended;              /* else it was killed, or is still at work */
    int exit;               /* of one that ended */
    uint32_t done, already, failed, left_out, stopped;  /* of steps; of a run that was killed as its lines tell */
} PastRun;

/* One step of a run. */
typedef struct PastStep {
    uint32_t id;
    Str address, verb, type, place, identity, phase;
    Str state;              /* the last that was written: "started" is one that was cut short */
    Str problem;
    Str seen;               /* of one that is done, if it was written down */
    const Value *after;     /* a list of ids; NULL where it never began */
    const Value *changes;   /* a list of attributes */
    const Value *before;    /* a record, or none: there was nothing; NULL: not written down */
} PastStep;

typedef struct History {
    Arena *arena;
    Names *names;
    Str text;
    uint32_t broken;        /* lines that can't be read, or whose run has no beginning; not the last one, which may not be written whole yet */
    Str since;              /* when what is kept begins, like the time of a run; empty where nothing was given up yet */
    VECTOR(PastRun) runs;   /* in the order in which they began */
} History;

/* Reads the journal of a place; where there is none, there are no runs. Lines that a kill or somebody else has broken are counted and passed over,
   JSON of others just passed over. 0 with the reason in [problem] where it can't be read. */
int history_read(History *history, Arena *arena, State *state, Text *problem);
/* The run of that name, or beginning of a name if only one begins so, or "last": the last one of [site] that began with a step. NULL: none, or
   several; [several] tells. */
const PastRun *history_find(const History *history, Str name, Str site, int *several);
/* The steps of a run that began or ended, in the order in which they did. More lines may turn out to be broken. */
const PastStep *history_steps(History *history, const PastRun *run, uint32_t *count);

/* Did it do all that it was to do? */
int past_run_whole(const PastRun *run);
/* "2026-01-31 12:00:00 UTC" */
void past_run_time(const PastRun *run, Text *out);
void past_time(Str time, Text *out);

#endif
