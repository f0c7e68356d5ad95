/* Tells people (or, with --events, programs) what happens while a plan is carried out. */
#ifndef PHX_RUNTIME_REPORT_H
#define PHX_RUNTIME_REPORT_H

#include "runtime/app.h"
#include "runtime/events.h"

typedef struct Report {
    App *app;
    const Plan *plan;
    RunName run;
    uint32_t ended;             /* steps */
} Report;

void report_init(Report *report, App *app, const Plan *plan, const RunName *run);
/* One line to standard output for every step that ends: "[2/7] done pve.lxc.web: create". A failure also goes to standard error, as a
   diagnostic at its place in the text, with the command, what it said last, and what was expected and is there. */
void report_step(Report *report, const StepNews *news);
/* What was done, what is left, and how to go on. */
void report_end(Report *report, const ExecutionResult *result, int exit_code);

#endif
