/* `phxc apply plan.json`: from the file to the options that it was made with, and what must still be so. */
#ifndef PHX_RUNTIME_SAVED_H
#define PHX_RUNTIME_SAVED_H

#include "compiler/saved_plan.h"
#include "runtime/app.h"
#include "runtime/history.h"

typedef struct Saved {
    const SavedPlan *plan;      /* NULL: the operand is no saved plan */
    Diagnostics *diagnostics;   /* about the file */
    Options options;            /* the command line, and what the plan was made with */
} Saved;

/* Is the operand a plan (does its name end in .json)? Then it is read, and the app's options become those with which it was made: the operand is its
   site. EXIT_OK, EXIT_ERROR or EXIT_USAGE, after printing why. */
int saved_open(Saved *saved, App *app);
/* Are the sources those of which it was made? EXIT_OK or EXIT_STALE, after printing what is not. */
int saved_check_sources(Saved *saved, App *app, int loaded);
/* Is what is to be done now the saved plan, or what an earlier run of it has left? EXIT_OK or EXIT_STALE, after printing what has moved. */
int saved_check_steps(Saved *saved, App *app, const Plan *now, History *history);

#endif
