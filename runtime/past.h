/* From the lines of a run to the objects that it changed, as it found them. */
#ifndef PHX_RUNTIME_PAST_H
#define PHX_RUNTIME_PAST_H

#include "compiler/session.h"
#include "runtime/history.h"

/* What the run changed, or only what it changed in [phase] where that is not empty: each object once, in the order in which they were begun with. All of
   it lives in the history's arena. */
const FormerObject *past_objects(History *history, const PastRun *run, Str phase, uint32_t *count);

#endif
