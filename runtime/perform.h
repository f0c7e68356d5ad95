/* Carries out one command of a step at its place. */
#ifndef PHX_RUNTIME_PERFORM_H
#define PHX_RUNTIME_PERFORM_H

#include "runtime/places.h"

/* Where commands are carried out, and who knows what was unknown when they were planned. */
typedef struct Stage {
    Loop *loop;
    const Places *places;
    int (*fill)(void *context, const Value *unknown, Str *text);
    void *context;
} Stage;

typedef struct Performance Performance;

/* Starts [command] (which must stay valid). [done] gets its outcome, from a later turn of the loop; the performance is gone then. A
   command that needs a value that is still unknown, or that is malformed, is OUTCOME_REFUSED. */
Performance *perform_start(const Stage *stage, const Command *command, OutcomeDone *done, void *context);

/* Has a wait end with OUTCOME_CANCELLED instead of asking again. Everything else goes on: it is loop_cancel that ends what runs. */
void perform_stop(Performance *performance);

#endif
