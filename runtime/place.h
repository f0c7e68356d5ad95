/* A place is where things are read and done: this machine, a sandbox, a host far away. Everything above sees this
   interface alone, and tests put their own place behind it. */
#ifndef PHX_RUNTIME_PLACE_H
#define PHX_RUNTIME_PLACE_H

#include "compiler/session.h"
#include "runtime/files.h"
#include "runtime/process.h"
#include "runtime/ssh_line.h"
#include "runtime/state.h"


/* A program to run, without a shell. */
typedef struct PlaceRun {
    const Str *argv;
    uint32_t argc;
    Str input;
    int64_t timeout_ms;         /* 0: none */
} PlaceRun;

typedef struct PlaceWrite {
    Str path;
    Str content;
    mode_t mode;
    Str owner;                  /* "user:group", names or numbers; empty: who makes it, or who had it */
} PlaceWrite;

typedef struct PlaceEdit {
    Str path;
    LineEdit lines;
    Str digest;                 /* empty: none */
} PlaceEdit;

typedef struct PlaceHeader { Str name; Str text; } PlaceHeader;

typedef struct PlaceRequest {
    Str method;
    Str url;
    const PlaceHeader *headers;
    uint32_t header_count;
    Str body;
    int has_body;
    Str authorities;            /* certificates in PEM that are trusted in place of the system's; empty: those */
    Str certificate, key;       /* with which we show who we are, in PEM; empty: we do not */
    int64_t timeout_ms;         /* of each try */
    uint32_t retries;           /* how often to ask again where no answer came; only with a method by which asking twice does the same as once */
} PlaceRequest;

typedef struct Place Place;

/* Called once from a turn of the loop. The answer is valid during the call. */
typedef void AnswerDone(void *context, const ReadAnswer *answer);

/* What a kind of place can do. Each of these starts something and returns; the end comes through [done], from a later turn of the
   loop the place was opened with. What is passed must stay valid until then. */
typedef struct PlaceClass {
    void (*read)(Place *place, const ReadRequest *request, AnswerDone *done, void *context);
    void (*run)(Place *place, const PlaceRun *run, OutcomeDone *done, void *context);
    void (*write)(Place *place, const PlaceWrite *write, OutcomeDone *done, void *context);
    void (*edit)(Place *place, const PlaceEdit *edit, OutcomeDone *done, void *context);
    void (*request)(Place *place, const PlaceRequest *request, OutcomeDone *done, void *context);
    /* Opens the folder in which phxc keeps its journal and the lock for this place (made, 0700), to be closed before the place is. NULL with the
       reason in [problem], which names the folder. */
    State *(*state)(Place *place, Text *problem);
    void (*close)(Place *place);
} PlaceClass;

struct Place {
    const PlaceClass *class;
    Str name;                   /* as --host names it: "local", "sandbox:DIR" */
    Loop *loop;
};

/* The machine the program runs on. The arena keeps what lives as long as the place. NULL with the reason in [problem]. */
Place *place_local_open(Arena *arena, Loop *loop, Text *problem);
/* The model host in [folder], which is made where it is missing. */
Place *place_sandbox_open(Arena *arena, Loop *loop, Str folder, Text *problem);
/* The host [target] through the system's ssh, called [name]. Where it can't be reached, [advice] may have the way out. */
Place *place_ssh_open(Arena *arena, Loop *loop, Str name, const SshTarget *target, Text *problem, Text *advice);
void place_close(Place *place);

/* Does the extended regular expression [pattern] match somewhere in [text]? An empty or broken one never does. */
int place_matches(Arena *arena, Str pattern, Str text);

/* ---- for the places that have their files at hand ---- */

/* Answers a request about files now; the answer and what it points at belong to [arena]. */
void place_files_answer(const Root *root, Arena *arena, const ReadRequest *request, ReadAnswer *answer);

/* Is [run] one that no system could start? Then [problem] says why. */
int place_run_refuse(const PlaceRun *run, Text *problem);

/* Turns the outcome of a READ_RUN into its answer, whose texts stay the outcome's. */
void place_run_answer(const ReadRequest *request, const Outcome *outcome, Arena *arena, ReadAnswer *answer);

/* Calls [done] with the outcome, which it takes over, in the next turn of the loop. */
void place_defer(Loop *loop, const Outcome *outcome, OutcomeDone *done, void *context);

/* Runs [run]'s program [file] and hands its outcome on. */
typedef struct PlaceProgram {
    Str file;                   /* empty: there is none, and this is the errno */
    int error;
    char *const *environment;
    size_t output_limit;
    CaptureKind capture;
} PlaceProgram;
void place_run_program(Loop *loop, const PlaceProgram *program, const PlaceRun *run, OutcomeDone *done, void *context);

/* An environment of these "NAME=VALUE" settings, for PlaceProgram. */
char *const *place_environment(Arena *arena, const Str *settings, uint32_t count);

/* The state in the folder that was opened as [fd], which it takes over; -1 with errno is a problem of [shown], as in PlaceClass. */
State *place_folder_state(Arena *arena, int fd, Str shown, Text *problem);

/* Makes an outcome OUTCOME_REFUSED, whose problem is one of the file [path]. */
void place_refuse(Outcome *outcome, Str path);

/* Edits below [root] and hands the outcome on. */
void place_edit_below(const Root *root, Loop *loop, const PlaceEdit *edit, OutcomeDone *done, void *context);

/* A READ_RUN through the place's own programs, a request of the place, or a read of files below its root. */
void place_read_with(Place *place, const Root *root, const PlaceProgram *program, const ReadRequest *request, AnswerDone *done,
                     void *context);

#endif
