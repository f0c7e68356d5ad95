/* The commands. Each does all of its work on an App and returns the exit code. */
#ifndef PHX_RUNTIME_COMMAND_H
#define PHX_RUNTIME_COMMAND_H

#include "runtime/carry.h"
#include "runtime/history.h"

int command_check(App *app);
int command_plan(App *app);
int command_drift(App *app);
int command_apply(App *app);
int command_undo(App *app);
int command_runs(App *app);
int command_inspect(App *app);
int command_test(App *app);
int command_fmt(App *app);
int command_explain(App *app);
int command_why(App *app);
int command_eval(App *app);
int command_graph(App *app);
int command_export(App *app);
int command_schema(App *app);
int command_import(App *app);
int command_adopt(App *app);
int command_doctor(App *app);
int command_completion(App *app);
int command_help(App *app);
int command_version(App *app);

/* The plan of the checked site by the options; NULL after printing why. Diagnostics are printed, also of what is denied; their number
   is in [denied]. For plan and drift, and [to_apply] for apply. */
const Plan *command_make_plan(App *app, int to_apply, uint32_t *denied);
/* Prints the plan as text. */
void command_print_plan(App *app, const Plan *plan, Text *out, int colour);

/* Makes the plan back to what an earlier run found (or only what it changed in a phase), shows it and carries it out; the facts are those of now. */
int undo_run(Carry *carry, History *history, const PastRun *run, Str phase);

#endif
