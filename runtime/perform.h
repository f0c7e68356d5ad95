/* Carries out one command of a step at its place. */
#ifndef PHX_RUNTIME_PERFORM_H
#define PHX_RUNTIME_PERFORM_H

#include "runtime/places.h"

/* A try of a command that failed in a way after which it may be tried again. */
typedef struct Attempt {
    const Outcome *outcome;     /* of that try */
    uint32_t number, of;        /* 1 is the first */
    int64_t pause_ms;           /* until the next */
} Attempt;

/* Where commands are carried out, and who knows what was unknown when they were planned. */
typedef struct Stage {
    Loop *loop;
    const Places *places;
    int (*fill)(void *context, const Value *unknown, Str *text);
    void *context;
    /* Told before a command is tried again, with the context of its [done]; 0 forbids it, with the reason in [problem]. */
    int (*again)(void *context, const Attempt *attempt, Text *problem);
} Stage;

typedef struct Performance Performance;

/* Starts [command] (which must stay valid). [done] gets its outcome, from a later turn of the loop; the performance is gone then. A
   command that needs a value that is still unknown, or that is malformed, is OUTCOME_REFUSED. What fails with a message that its field `retry` matches is
   tried again, as often as `retries` says and with growing pauses; what ran out of time, or was ended, is not. What has a field `changes`, a `run`, has
   failed where that prints the same before and after. */
Performance *perform_start(const Stage *stage, const Command *command, OutcomeDone *done, void *context);

/* Has a wait end with OUTCOME_CANCELLED instead of asking again, and a command that would be tried again with what became of it. Everything else goes on: it is loop_cancel that ends what runs. */
void perform_stop(Performance *performance);

#endif
