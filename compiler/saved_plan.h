/* A plan that was written down (phx-plan/1): read, held against its own id, against the sources, and against the plan that is made of them now. */
#ifndef PHX_COMPILER_SAVED_PLAN_H
#define PHX_COMPILER_SAVED_PLAN_H

#include "compiler/plan.h"

typedef struct SavedPlan {
    Arena *arena;
    Names *names;
    Str id;
    Str site;               /* its name */
    PlanRequest request;
    const PlanSource *sources;
    uint32_t source_count;
    const Value *steps;     /* a list of records, as the file has them */
    Span id_span;           /* "id" in the file */
} SavedPlan;

/* NULL after reports: it is no plan, one of a newer form, or not the one that its id was made of. */
const SavedPlan *saved_plan_read(Arena *arena, Diagnostics *diagnostics, const Source *source);

/* Are the texts and data the ones of which the plan was made? [complete]: all that the site needs was read. 0 after a report that names each. */
int saved_plan_check_sources(const SavedPlan *saved, const PlanSource *now, uint32_t count, int complete, Diagnostics *diagnostics);

/* What an earlier run of the same plan did to a resource. */
typedef struct SavedPast {
    int begun;
    Str seen;               /* as StepMore.seen: what it left; empty where it was cut short, or the run did not write it down */
} SavedPast;

/* Is what is to be done now what the plan says, or the rest of it? [now] is identified, and rendered with [own], the diagnostics of its session.
   Every step must stand in the saved plan, in its order, with the same commands, and its object must be as it was then, unless an earlier run of the
   plan began with the resource. [done], one for each saved step, tells which are not needed any more. 0 after a report for each step that has moved. */
int saved_plan_check_steps(const SavedPlan *saved, const Plan *now, Diagnostics *own, SavedPast (*past)(void *context, Str address), void *context,
                           uint8_t *done, Diagnostics *diagnostics);

/* A member of a step of the file; NULL where it has none. */
const Value *saved_plan_member(const SavedPlan *saved, const Value *step, const char *name);

#endif
