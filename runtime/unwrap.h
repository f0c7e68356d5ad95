/* The answer of a program that ran another one elsewhere and tells of it in JSON. */
#ifndef PHX_RUNTIME_UNWRAP_H
#define PHX_RUNTIME_UNWRAP_H

#include "compiler/session.h"
#include "runtime/process.h"

/* Makes the outcome of the program that ran into that of the one it tells of: exit code, output and error output stand in members of the JSON
   object that it printed. What is no such object, or has no exit code (the other one has not ended), becomes OUTCOME_EXIT with the reason in
   [problem]. An outcome that is not OUTCOME_OK, and names that are all empty, change nothing. */
void outcome_unwrap(const Unwrap *names, Outcome *outcome);

#endif
