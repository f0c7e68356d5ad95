/* Programs of the system: started without a shell, fed, listened to, and ended when their time is over. */
#ifndef PHX_RUNTIME_PROCESS_H
#define PHX_RUNTIME_PROCESS_H

#include "lang/text.h"
#include "runtime/loop.h"

/* How something that was done at a place ended: a program, a request, a file written. */
typedef enum OutcomeKind {
    OUTCOME_OK,             /* exit code 0 */
    OUTCOME_EXIT,           /* another exit code (of a request: an HTTP status that is no success) */
    OUTCOME_SIGNAL,         /* ended by a signal that we did not send */
    OUTCOME_TIMEOUT,        /* ended by us, because its time was over */
    OUTCOME_TOO_LONG,       /* ended by us, because it printed more than we may keep */
    OUTCOME_NOT_STARTED,    /* there is no such program, or it can't be started */
    OUTCOME_REFUSED,        /* not done, for the reason in [problem] */
    OUTCOME_LOST,           /* the way to the place was cut: whether and how it ended, nobody here knows */
    OUTCOME_CANCELLED       /* ended by us, because we were interrupted */
} OutcomeKind;

typedef struct Outcome {
    OutcomeKind kind;
    int code;               /* exit code, signal or HTTP status */
    Text out;               /* standard output, or what a request answered */
    Text err;               /* standard error */
    Text problem;           /* what went wrong in a few words: "exit code 255"; empty where it went well */
} Outcome;

/* Called once, from a turn of the loop and never from within the call that started it. The outcome is the callee's to
   outcome_fini. */
typedef void OutcomeDone(void *context, Outcome *outcome);

void outcome_fini(Outcome *outcome);

typedef enum CaptureKind {
    CAPTURE_ENDS,           /* past the limit, the first and the last half of it are kept and the middle is counted */
    CAPTURE_ALL             /* past the limit the program is ended with OUTCOME_TOO_LONG */
} CaptureKind;

enum {
    PROCESS_OUTPUT_LIMIT = 1 << 20,         /* of a command: more is read by nobody */
    PROCESS_BULK_LIMIT = 256 << 20,         /* of a bulk read: a site of a hundred thousand objects prints some 50 MB */
    PROCESS_GRACE_MS = 5000,                /* between TERM and KILL */
    PROCESS_LINGER_MS = 500                 /* how long we listen to what a program left behind that still holds its output */
};

typedef struct ProcessSpec {
    const char *program;    /* the file to execute */
    char *const *argv;      /* NULL at the end, argv[0] as the program shall see it */
    char *const *environment;
    Str input;              /* what it reads; empty: /dev/null */
    int64_t timeout_ms;     /* 0: none */
    size_t output_limit;    /* of each of the two outputs */
    CaptureKind capture;    /* of standard output; of the error output the ends are kept */
} ProcessSpec;

/* Starts a program in a process group of its own, in the folder /, with the three standard descriptors and no other, every signal
   as the system has it. Everything in [spec] is copied as far as it is needed later. */
void process_start(Loop *loop, const ProcessSpec *spec, OutcomeDone *done, void *context);

/* Starts a program as process_start does, for somebody who feeds it, listens to it and waits for it. [ends] become the near ends of its
   input (with [feed]; else it reads /dev/null), its output and its error output: they do not block, and are closed on exec. 0, or an errno. */
int process_spawn(const ProcessSpec *spec, int feed, pid_t *pid, int ends[3]);

/* The same with three descriptors of the caller's, which stay open here. */
int process_spawn_on(const ProcessSpec *spec, const int descriptors[3], pid_t *pid);

/* How a program ended that was started anywhere. */
typedef struct ProcessEnd {
    OutcomeKind ended_by;   /* OUTCOME_OK: it ended by itself, with [status]; OUTCOME_NOT_STARTED: because of [error] */
    int status;             /* of waitpid */
    int error;              /* errno */
    const char *program;
    int64_t timeout_ms;
    size_t output_limit;
} ProcessEnd;
/* Sets the kind, the code and the problem of [outcome]. */
void process_describe(const ProcessEnd *end, Outcome *outcome);

/* The file that a shell would run for [name] with the search path [path], in the arena; empty with errno ENOENT or EACCES where there is none. */
Str process_find(Arena *arena, Str path, Str name);

#endif
