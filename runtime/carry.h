/* Carrying a plan out: the lock of its places, the question, the secrets, the journal. */
#ifndef PHX_RUNTIME_CARRY_H
#define PHX_RUNTIME_CARRY_H

#include "runtime/journal.h"
#include "runtime/report.h"

typedef struct Carry {
    App *app;
    RunName run;
    RunPurpose purpose;
    Journal journal;
    int folder;                 /* of the journal: the state folder of the first place, or -1 */
    Report report;
} Carry;

void carry_init(Carry *carry, App *app);
void carry_fini(Carry *carry);

/* Opens and locks the places, once, and keeps the state folder of the first. EXIT_OK, EXIT_LOCKED or EXIT_ERROR, after printing why. */
int carry_places(Carry *carry);
/* Opens the places without locking them, for a look at the state folder of the first. EXIT_OK or EXIT_ERROR, after printing why. */
int carry_folder(Carry *carry);
/* Is there somebody who could agree, or has agreed already? 0 after printing that there is not. */
int carry_can_confirm(App *app);
/* Asks, reads the secrets and carries out the plan, which is identified and was shown. The exit code. */
int carry_out(Carry *carry, const Plan *plan);

#endif
