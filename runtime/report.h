/* Tells people (or, with --events, programs) what happens while a plan is carried out. */
#ifndef PHX_RUNTIME_REPORT_H
#define PHX_RUNTIME_REPORT_H

#include "runtime/app.h"
#include "runtime/events.h"

typedef struct Report {
    App *app;
    const Plan *plan;
    uint32_t ended;             /* steps */
    int live;                   /* on a terminal the last line tells what runs */
    VECTOR(const Step *) running;
    VECTOR(const Diagnostic *) shown;       /* errors of the session that were told with a step */
} Report;

void report_init(Report *report, App *app, const Plan *plan);
/* One line to standard output for every step that ends: "[2/7] done pve.lxc.web: create". A failure also goes to standard error, as a
   diagnostic at its place in the text, with the command, what it said last, and what was expected and is there. [event] is the same as
   a line of JSON, for --events. */
void report_step(Report *report, const StepNews *news, Str event);
/* What was done, what is left, and how to go on. */
void report_end(Report *report, const ExecutionResult *result, Str event);

#endif
