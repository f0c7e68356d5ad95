/* Carrying a plan out: the lock of its places, the question, the secrets, the journal. */
#ifndef PHX_RUNTIME_CARRY_H
#define PHX_RUNTIME_CARRY_H

#include "runtime/history.h"
#include "runtime/report.h"

typedef struct Carry {
    App *app;
    RunName run;
    RunPurpose purpose;
    State **states;             /* of each place that is open, in their order; the first has the journal. NULL: not looked at yet */
    int borrowed;               /* they are another's, who closes them */
    Text note;                  /* who we are, for whoever finds the lock taken */
    Text begun;                 /* lines of steps that begin, which the journal does not have yet */
    Report report;
} Carry;

void carry_init(Carry *carry, App *app);
/* The same under the locks that another run of this program holds. */
void carry_again(Carry *carry, const Carry *before);
void carry_fini(Carry *carry);

/* Opens and locks the places, once. EXIT_OK, EXIT_LOCKED or EXIT_ERROR, after printing why. */
int carry_places(Carry *carry);
/* Opens the places without locking them, for a look at the journal. EXIT_OK or EXIT_ERROR, after printing why. */
int carry_look(Carry *carry);
/* Reads the journal. 0 after printing why it can't be read. */
int carry_history(Carry *carry, History *history);
/* Is there somebody who could agree, or has agreed already? 0 after printing that there is not. */
int carry_can_confirm(App *app);
/* Asks, reads the secrets and carries out the plan, which is identified and was shown. The exit code. */
int carry_out(Carry *carry, const Plan *plan);

#endif
