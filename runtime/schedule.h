/* Which step of a plan may run now: pure, the order of dependencies and locks without any running. */
#ifndef PHX_RUNTIME_SCHEDULE_H
#define PHX_RUNTIME_SCHEDULE_H

#include "compiler/plan.h"

typedef struct Schedule Schedule;

Schedule *schedule_new(Arena *arena, const Plan *plan);

/* The first step, in the plan's order, whose predecessors have ended well and whose locks are free; it takes the locks. NULL where
   none may start before another ends. */
const Step *schedule_next(Schedule *schedule);

/* The step has ended: its locks are free. Where it did not end well, everything that waits for it, however far behind, is left out, and
   [left_out] is told each such step once, with the step that it waits for. */
void schedule_end(Schedule *schedule, const Step *step, int well, void (*left_out)(void *context, const Step *step, const Step *cause),
                  void *context);

#endif
