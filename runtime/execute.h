/* Carries a plan out: as many steps side by side as dependencies, locks and --jobs allow, each followed by a look at what it did. */
#ifndef PHX_RUNTIME_EXECUTE_H
#define PHX_RUNTIME_EXECUTE_H

#include "runtime/perform.h"

/* What the executor asks about the site; in the program the session answers, in tests the test. As in session.h. */
typedef struct Oracle {
    void *context;
    StepNeed (*need)(void *context, const Step *step);
    const ReadRequest *(*reads)(void *context, const Step *step, uint32_t *count);
    void (*answer)(void *context, const ReadRequest *request, const ReadAnswer *answer);
    int (*verify)(void *context, const Step *step, Text *report);
    int (*fill)(void *context, const Value *unknown, Str *text);
} Oracle;
Oracle oracle_of_session(Session *session);

typedef enum StepState {
    STEP_STARTED,               /* its first command is about to run, when that is kept */
    STEP_COMMAND,               /* a command is about to run */
    STEP_AGAIN,                 /* it could do nothing, and will be tried again */
    STEP_DONE,                  /* and what it promised is so */
    STEP_ALREADY,               /* nothing had to be done: it was so */
    STEP_FAILED,                /* a command failed, or the host is not as promised after it */
    STEP_LEFT_OUT,              /* because [cause] failed, was stopped or is itself left out */
    STEP_STOPPED                /* ended by an interrupt */
} StepState;

/* What happened to a step. Valid during the call. */
typedef struct StepNews {
    const Step *step;
    StepState state;
    const Command *command;     /* of COMMAND and AGAIN, and of FAILED the one that failed; NULL where all ended well and the look after them did not */
    const Outcome *outcome;     /* of that command; NULL where it was never started */
    Str problem;                /* of FAILED and STOPPED: why, in a few words */
    Str report;                 /* of FAILED: what was expected and what is there, a line each */
    const Step *cause;          /* of LEFT_OUT */
    const Attempt *attempt;     /* of AGAIN */
    int64_t elapsed_ms;         /* of an end: since the start */
} StepNews;

typedef struct Execution {
    Arena *arena;
    Loop *loop;
    const Places *places;
    const Plan *plan;
    Oracle oracle;
    uint32_t jobs;
    /* Told of everything that happens. 0 in answer to STARTED, COMMAND or AGAIN forbids it, with the reason in [problem]: the step has failed. */
    int (*tell)(void *context, const StepNews *news, Text *problem);
    /* What was told has to outlive us from here on: asked once for all steps that began or ended since, before the first command of any of them
       runs. 0, with the reason in [problem], forbids those that began: they have failed. */
    int (*keep)(void *context, Text *problem);
    void (*interrupted)(void *context, int times);      /* may be NULL */
    void *context;
} Execution;

/* How many steps ended how; what is missing from the plan's number was never started. */
typedef struct ExecutionResult {
    uint32_t done, already, failed, left_out, stopped;
    int interrupted;
} ExecutionResult;

/* Runs until every step has ended or been left out, or a place is cut off, which lets what runs finish. The first interrupt starts nothing new and lets what runs finish; the second
   ends what runs. */
ExecutionResult execute_plan(const Execution *execution);

#endif
