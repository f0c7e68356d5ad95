/* What happens while a plan is carried out, as lines of JSON: for the journal and for --events. Never with a value that was unknown
   when the plan was made: that may be a secret. */
#ifndef PHX_RUNTIME_EVENTS_H
#define PHX_RUNTIME_EVENTS_H

#include "runtime/execute.h"

/* The name of a run, in every line of it: 16 hexadecimal digits. */
typedef struct RunName { char text[17]; } RunName;
RunName run_name_new(void);

/* What a run is for. */
typedef struct RunPurpose {
    Str saved;              /* the id of the saved plan that is carried out; or empty */
    Str undoes;             /* the name of the run that is taken back; or empty */
} RunPurpose;

/* {"time": ..., "run": ..., "event": "start", "plan": ..., "site": ..., "places": [...], "steps": N, "saved": ..., "undoes": ...} */
void event_start(const RunName *run, const Plan *plan, const Places *places, const RunPurpose *purpose, Text *out);
/* {"event": "step", "state": "done", "step": N, "address": ..., "verb": ..., "problem": ..., "command": ..., "exit": ..., "stderr": ..., "bytes": N}.
   Of one whose command is tried again, "again", also "try", "tries" and "pause_ms".
   With [object], of a step that begins also what there was before it, and what it needs for being taken back: "type", "place", "identity", "phase",
   "after", "changes", "before"; of one that is done what it left: "seen". */
void event_step(const RunName *run, const StepNews *news, const StepObject *object, Text *out);
/* {"event": "end", "done": N, "already": N, "failed": N, "left_out": N, "stopped": N, "exit": N} */
void event_end(const RunName *run, const ExecutionResult *result, int exit_code, Text *out);

/* "started", "done", ...: the word for a state. */
const char *step_state_name(StepState state);

#endif
