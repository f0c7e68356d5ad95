/* A host far away. One connection of the system's ssh and one session on it: there runs a small program that we send, and it runs the
   programs, reads and writes the files, and holds the lock.

   So no command line of ours is ever seen by a shell over there, whichever the user's login shell is: arguments travel in messages and go
   to exec as they are. An exit code is the program's own, never ssh's. And what runs when the connection is cut is let finish with the lock
   still held, while nothing new begins. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compiler/hash.h"
#include "runtime/agent.h"
#include "runtime/channel.h"
#include "runtime/memory.h"
#include "runtime/place.h"
#include "runtime/remote_state.h"
#include "runtime/ssh_dial.h"
#include "runtime/state_folder.h"
#include "runtime/unwrap.h"

enum {
    MEET_MS = 90000,                    /* from the start of ssh to the first message: a slow login, a key on a token that is touched */
    SLACK_MS = PROCESS_GRACE_MS + 30000,/* how much later than its time an answer may come before we stop to believe in it */
    FILE_TIMEOUT_MS = 5 * 60 * 1000,    /* of a write: a disk that takes longer hangs */
    FILE_EDIT_LIMIT = 64 << 20,
    SOCKET_PATH_LIMIT = 108 - 20        /* of a socket's name, less what ssh appends to it while it makes one */
};

/* An edit that waits for its turn, or is under way. */
typedef struct Edit {
    const PlaceEdit *edit;
    OutcomeDone *done;
    void *context;
    struct Edit *next;
} Edit;

typedef struct Ssh {
    Place place;
    Arena *arena;
    SshTarget target;
    Channel *channel;
    unsigned user;
    Str user_name;
    Str state;                          /* the folder of the lock and the journal over there */
    SshDial dial;
    HttpDial http_dial;
    Http *http;                         /* opened with the first request */
    Edit *edits, *last_edit;            /* one after the other: two that read the same text would each undo the other's change */
} Ssh;

static Ssh *ssh_of(Place *place) {
    return (Ssh *)place;                /* its first member */
}

/* One thing that was asked for. */
typedef struct Task Task;
struct Task {
    Ssh *ssh;
    uint32_t number;
    LoopJob *job;
    LoopTimer *late;
    ProcessEnd end;                     /* for what its end is called */
    char program[64];                   /* likewise; what is longer is cut */
    OutcomeKind given_up;               /* what its end is where no answer comes in time */
    void (*ended)(Task *task, Outcome *outcome);        /* takes the outcome over */
    const ReadRequest *request;
    AnswerDone *answered;
    OutcomeDone *done;
    void *context;
};

/* ---- tasks ---- */

static void task_end(Task *task, Outcome *outcome) {
    if (task->late)
        loop_timer_cancel(task->late);
    loop_job_end(task->job);
    task->ended(task, outcome);
}

static void task_lost(Task *task, Outcome *outcome) {
    Str said = channel_complaints(task->ssh->channel);
    Text why = {0}, unused = {0};
    ssh_explain(&task->ssh->target, said, -1, channel_lost(task->ssh->channel), &why, &unused);
    outcome->kind = OUTCOME_LOST;
    text_addf(&outcome->problem, "the connection to %s was cut (%s)%s", task->ssh->place.name.text, why.bytes,
              task->request ? "" : "; whether this was done is not known, the next run looks");
    text_fini(&why);
    text_fini(&unused);
}

static void task_answered(void *context, const Str *payload) {
    Task *task = context;
    Outcome outcome = {0};
    if (!payload) {
        task_lost(task, &outcome);
        task_end(task, &outcome);
        return;
    }
    static const OutcomeKind ENDS[] = {OUTCOME_OK, OUTCOME_TIMEOUT, OUTCOME_TOO_LONG, OUTCOME_CANCELLED, OUTCOME_NOT_STARTED};
    Unpack unpack = {*payload, 0};
    unsigned end = unpack_byte(&unpack);
    uint32_t status = unpack_number(&unpack);
    Str out = unpack_str(&unpack), err = unpack_str(&unpack);
    if (unpack.bad || end >= sizeof ENDS / sizeof ENDS[0]) {
        outcome.kind = OUTCOME_LOST;
        text_addf(&outcome.problem, "what %s answered makes no sense", task->ssh->place.name.text);
    } else {
        task->end.ended_by = ENDS[end];
        task->end.status = task->end.error = (int)status;
        process_describe(&task->end, &outcome);
        text_add(&outcome.out, out);
        text_add(&outcome.err, err);
    }
    task_end(task, &outcome);
}

static void task_late(void *context) {
    Task *task = context;
    Outcome outcome = {.kind = task->given_up};
    task->late = NULL;
    channel_forget(task->ssh->channel, task->number);
    text_addf(&outcome.problem, "%s has stopped answering", task->ssh->place.name.text);
    task_end(task, &outcome);
}

static void task_watch(Task *task, OutcomeKind given_up, int64_t delay_ms) {
    if (task->late)
        loop_timer_cancel(task->late);
    task->given_up = given_up;
    task->late = loop_timer(task->ssh->place.loop, delay_ms, task_late, task);
}

static void task_cancel(void *context) {
    Task *task = context;
    channel_tell(task->ssh->channel, task->number, 'K');
    task_watch(task, OUTCOME_CANCELLED, SLACK_MS);
}

static Task *task_new(Ssh *ssh, void (*ended)(Task *, Outcome *), void *context) {
    Task *task = MEMORY_NEW(Task);
    task->ssh = ssh;
    task->ended = ended;
    task->context = context;
    task->end.program = "it";
    task->job = loop_job(ssh->place.loop, task_cancel, task);
    return task;
}

/* Sends what [task] is about, once for each that is asked of the host for it. */
static void task_ask(Task *task, char kind, const Text *payload, int64_t timeout_ms) {
    task->end.timeout_ms = timeout_ms;
    task->number = channel_ask(task->ssh->channel, kind, text_str(payload), task_answered, task);
    if (timeout_ms > 0)
        task_watch(task, OUTCOME_TIMEOUT, timeout_ms + SLACK_MS);
}

/* ---- programs ---- */

static void ask_run(Task *task, const PlaceRun *run, size_t limit, CaptureKind capture) {
    Text payload = {0};
    pack_number(&payload, (size_t)run->timeout_ms);
    pack_number(&payload, limit);
    pack_byte(&payload, capture == CAPTURE_ALL);
    pack_str(&payload, run->input);
    for (uint32_t i = 0; i < run->argc; i++)
        pack_str(&payload, run->argv[i]);
    snprintf(task->program, sizeof task->program, "%.*s", (int)(run->argc ? run->argv[0].length : 0), run->argc ? run->argv[0].text : "");
    task->end.program = task->program;
    task->end.output_limit = limit;
    task_ask(task, 'R', &payload, run->timeout_ms);
    if (payload.length)
        explicit_bzero(payload.bytes, payload.length);
    text_fini(&payload);
}

static void run_ended(Task *task, Outcome *outcome) {
    OutcomeDone *done = task->done;
    void *context = task->context;
    free(task);
    done(context, outcome);
}

static void ssh_run(Place *place, const PlaceRun *run, OutcomeDone *done, void *context) {
    Outcome outcome = {.kind = OUTCOME_NOT_STARTED};
    if (place_run_refuse(run, &outcome.problem)) {
        place_defer(place->loop, &outcome, done, context);
        return;
    }
    Task *task = task_new(ssh_of(place), run_ended, context);
    task->done = done;
    ask_run(task, run, PROCESS_OUTPUT_LIMIT, CAPTURE_ENDS);
}

/* ---- reading ---- */

static void answer_give(Task *task, Arena *arena, const ReadAnswer *answer, Outcome *outcome) {
    task->answered(task->context, answer);
    arena_close(arena);
    outcome_fini(outcome);
    free(task);
}

static void read_ran(Task *task, Outcome *outcome) {
    Arena *arena = arena_open();
    ReadAnswer answer;
    outcome_unwrap(&task->request->unwrap, outcome);
    place_run_answer(task->request, outcome, arena, &answer);
    answer_give(task, arena, &answer, outcome);
}

/* What a read or a write of files complained about, without its line end; who is not root there is told so where that may be the reason. */
static Str complaint(const Ssh *ssh, Arena *arena, const Outcome *outcome) {
    Str said = text_str(&outcome->err);
    if (outcome->kind != OUTCOME_EXIT || !said.length)
        return text_str(&outcome->problem);
    while (said.length && said.text[said.length - 1] == '\n')
        said.length--;
    int denied = said.length && (memmem(said.text, said.length, "Permission denied", 17) || memmem(said.text, said.length, "not permitted", 13));
    if (denied && ssh->user != 0)
        return arena_printf(arena, "%.*s (as %.*s, who is not root there)", (int)said.length, said.text, (int)ssh->user_name.length,
                            ssh->user_name.text);
    return arena_str(arena, said);
}

static void read_files(Task *task, Outcome *outcome) {
    Arena *arena = arena_open();
    ReadAnswer answer = {0};
    VECTOR(ReadFile) files = {0};
    Unpack unpack = {text_str(&outcome->out), 0};
    while (outcome->kind == OUTCOME_OK && unpack.rest.length && !unpack.bad) {
        Str path = unpack_str(&unpack), text = unpack_str(&unpack);
        VECTOR_PUSH(arena, &files, ((ReadFile){path, text}));
    }
    answer.failed = outcome->kind != OUTCOME_OK || unpack.bad;
    if (answer.failed) {
        Str said = unpack.bad ? STR("the answer is broken") : complaint(task->ssh, arena, outcome);
        const Str path = task->request->path;
        int named = outcome->kind == OUTCOME_EXIT;      /* the far end says which file */
        answer.problem = named ? said : arena_printf(arena, "%.*s: %.*s", (int)path.length, path.text, (int)said.length, said.text);
    } else {
        answer.files = files.items;
        answer.file_count = files.count;
    }
    answer_give(task, arena, &answer, outcome);
}

static void ask_file(Task *task, Str path, size_t limit) {
    Text payload = {0};
    pack_number(&payload, READ_TIMEOUT_MS);
    pack_number(&payload, limit);
    pack_str(&payload, path);
    task->end.output_limit = limit;
    task_ask(task, 'F', &payload, READ_TIMEOUT_MS);
    text_fini(&payload);
}

static void ask_files(Task *task, const ReadRequest *request) {
    Text payload = {0};
    pack_number(&payload, READ_TIMEOUT_MS);
    pack_number(&payload, PROCESS_BULK_LIMIT);
    pack_byte(&payload, request->kind == READ_FILES);
    pack_str(&payload, request->path);
    task->end.output_limit = PROCESS_BULK_LIMIT;
    task_ask(task, 'G', &payload, READ_TIMEOUT_MS);
    text_fini(&payload);
}

static void ssh_read(Place *place, const ReadRequest *request, AnswerDone *done, void *context) {
    Task *task = task_new(ssh_of(place), request->kind == READ_RUN ? read_ran : read_files, context);
    task->request = request;
    task->answered = done;
    if (request->kind == READ_FILE) {
        ask_file(task, request->path, PROCESS_BULK_LIMIT);
    } else if (request->kind == READ_RUN) {
        PlaceRun run = {.argv = request->argv, .argc = request->argc, .timeout_ms = READ_TIMEOUT_MS};
        ask_run(task, &run, PROCESS_BULK_LIMIT, CAPTURE_ALL);
    } else {
        ask_files(task, request);
    }
}

/* ---- writing ---- */

/* [before] not NULL: only where the file has this text still. */
static void ask_write(Task *task, const PlaceWrite *write, int keep, const Str *before) {
    Text payload = {0};
    pack_number(&payload, FILE_TIMEOUT_MS);
    pack_number(&payload, write->mode);
    pack_byte(&payload, keep != 0);
    pack_byte(&payload, before != NULL);
    pack_str(&payload, write->path);
    pack_str(&payload, write->content);
    pack_str(&payload, write->owner);
    pack_str(&payload, before ? *before : STR(""));
    task_ask(task, 'W', &payload, FILE_TIMEOUT_MS);
    explicit_bzero(payload.bytes, payload.length);
    text_fini(&payload);
}

/* Makes the outcome of a write or of what came before it that of the file [path]. */
static void file_judge(const Ssh *ssh, Str path, Outcome *outcome) {
    if (outcome->kind != OUTCOME_EXIT)
        return;
    Arena *arena = arena_open();
    Str said = complaint(ssh, arena, outcome);
    text_clear(&outcome->problem);
    text_add(&outcome->problem, said);
    text_clear(&outcome->err);
    outcome->code = 0;
    /* A read says itself which file it was. */
    if (said.length > path.length && memcmp(said.text, path.text, path.length) == 0 && said.text[path.length] == ':')
        outcome->kind = OUTCOME_REFUSED;
    else
        place_refuse(outcome, path);
    arena_close(arena);
}

typedef struct Writing {
    Str path;
    OutcomeDone *done;
    void *context;
} Writing;

static void written(Task *task, Outcome *outcome) {
    Writing writing = *(Writing *)task->context;
    free(task->context);
    file_judge(task->ssh, writing.path, outcome);
    free(task);
    writing.done(writing.context, outcome);
}

static void *writing_new(Str path, OutcomeDone *done, void *context) {
    Writing *writing = MEMORY_NEW(Writing);
    *writing = (Writing){path, done, context};
    return writing;
}

static void ssh_write(Place *place, const PlaceWrite *write, OutcomeDone *done, void *context) {
    Task *task = task_new(ssh_of(place), written, writing_new(write->path, done, context));
    ask_write(task, write, 0, NULL);
}

static void edit_begin(Ssh *ssh);

/* Ends the edit at the head of the queue. */
static void edit_end(Ssh *ssh, Outcome *outcome) {
    Edit edit = *ssh->edits;
    free(ssh->edits);
    ssh->edits = edit.next;
    if (!ssh->edits)
        ssh->last_edit = NULL;
    edit_begin(ssh);
    edit.done(edit.context, outcome);
}

static void edit_written(void *context, Outcome *outcome) {
    edit_end(context, outcome);
}

/* The edit itself is made here, from the text that was read: the far end only makes sure that it is still the text that it replaces. */
static void edit_read(Task *task, Outcome *outcome) {
    Ssh *ssh = task->ssh;
    const PlaceEdit *edit = ssh->edits->edit;
    free(task);
    Arena *arena = arena_open();
    Text edited = {0};
    Unpack unpack = {text_str(&outcome->out), 0};
    int there = unpack.rest.length > 0, writes = 0;
    unpack_str(&unpack);                /* its path */
    Str before = there ? unpack_str(&unpack) : STR("");
    if (outcome->kind != OUTCOME_OK) {
        file_judge(ssh, edit->path, outcome);
    } else if (edit->digest.length && !there) {
        text_add_literal(&outcome->problem, "the file is gone");
        place_refuse(outcome, edit->path);
    } else if (edit->digest.length && !str_equal(hash_sha1(arena, before), edit->digest)) {
        text_add_literal(&outcome->problem, "the file was changed by someone else since it was read");
        place_refuse(outcome, edit->path);
    } else {
        writes = lines_edit(before, &edit->lines, &edited);
    }
    if (writes) {
        Task *write = task_new(ssh, written, writing_new(edit->path, edit_written, ssh));
        ask_write(write, &(PlaceWrite){.path = edit->path, .content = text_str(&edited), .mode = 0644}, 1, &before);
        outcome_fini(outcome);
    } else {
        edit_end(ssh, outcome);
    }
    text_fini(&edited);
    arena_close(arena);
}

/* Begins the edit at the head of the queue. */
static void edit_begin(Ssh *ssh) {
    if (ssh->edits)
        ask_file(task_new(ssh, edit_read, NULL), ssh->edits->edit->path, FILE_EDIT_LIMIT);
}

static void ssh_edit(Place *place, const PlaceEdit *edit, OutcomeDone *done, void *context) {
    Ssh *ssh = ssh_of(place);
    Edit *queued = MEMORY_NEW(Edit);
    *queued = (Edit){edit, done, context, NULL};
    if (ssh->last_edit)
        ssh->last_edit->next = queued;
    else
        ssh->edits = queued;
    ssh->last_edit = queued;
    if (ssh->edits == queued)
        edit_begin(ssh);
}

/* ---- the rest ---- */

/* Requests go out from the host: what its guests answer, and whether they do, is what it sees. */
static void ssh_request(Place *place, const PlaceRequest *request, OutcomeDone *done, void *context) {
    Ssh *ssh = ssh_of(place);
    const char *lost = channel_lost(ssh->channel);
    if (!ssh->http)
        ssh->http = http_open(place->loop, &ssh->http_dial);
    if (ssh->http && !lost) {
        http_request(ssh->http, request, done, context);
        return;
    }
    Outcome outcome = {.kind = lost ? OUTCOME_LOST : OUTCOME_NOT_STARTED};
    if (lost)
        text_addf(&outcome.problem, "the connection to %s was cut (%s)", place->name.text, lost);
    else
        text_add_literal(&outcome.problem, "libcurl (libcurl.so.4) cannot be loaded and set up");
    place_defer(place->loop, &outcome, done, context);
}

static State *ssh_state(Place *place, Text *problem) {
    (void)problem;
    Ssh *ssh = ssh_of(place);
    return remote_state_open(ssh->arena, ssh->channel, place->name, ssh->state);
}

static void ssh_close(Place *place) {
    http_close(ssh_of(place)->http);
    channel_close(ssh_of(place)->channel);
}

static const PlaceClass SSH_CLASS = {
    ssh_read, ssh_run, ssh_write, ssh_edit, ssh_request, ssh_state, ssh_close,
};

/* ---- opening ---- */

/* Where the connection's socket is to stand: in a folder that is ours alone. Empty where there can be none. */
static Str socket_path(Arena *arena) {
    Text shown = {0};
    int fd = state_folder_open(&shown);
    Str path = {0};
    if (fd >= 0 && (mkdirat(fd, "ssh", 0700) == 0 || errno == EEXIST))
        path = arena_printf(arena, "%s/ssh/%ld-%llx", shown.bytes, (long)getpid(), (unsigned long long)loop_now_ms());
    if (fd >= 0)
        close(fd);
    text_fini(&shown);
    return path.length < SOCKET_PATH_LIMIT && !(path.length && memchr(path.text, '"', path.length)) ? path : (Str){0};
}

/* The one thing that a shell over there gets to see: it is the same for every shell, for it holds neither quote nor backslash nor newline nor
   exclamation mark. It takes the program from its input and becomes it. */
static const char *bootstrap(Arena *arena) {
    return arena_printf(arena, "exec perl -e '$_=q();while(length()<%zu){sysread(STDIN,$_,%zu-length(),length())or exit(1)}eval;die($@)if$@'",
                        phx_agent_length, phx_agent_length).text;
}

static int hello_read(Ssh *ssh, const Text *hello) {
    Unpack unpack = {text_str(hello), 0};
    ssh->user = unpack_number(&unpack);
    ssh->user_name = arena_str(ssh->arena, unpack_str(&unpack));
    ssh->state = arena_str(ssh->arena, unpack_str(&unpack));
    return !unpack.bad;
}

Place *place_ssh_open(Arena *arena, Loop *loop, Str name, const SshTarget *target, Text *problem, Text *advice) {
    Ssh *ssh = ARENA_NEW(arena, Ssh);
    ssh->place = (Place){&SSH_CLASS, arena_str(arena, name), loop};
    ssh->arena = arena;
    ssh->target = *target;
    const char *path = getenv("PATH");
    Str program = process_find(arena, path ? str_of(path) : STR("/usr/bin:/bin"), STR("ssh"));
    if (!program.length) {
        text_add_literal(problem, "ssh: command not found");
        text_add_literal(advice, "`apt-get install openssh-client`");
        return NULL;
    }
    ssh->dial = (SshDial){loop, program.text, &ssh->target, socket_path(arena), 0};
    ssh->http_dial = ssh_dial_http(&ssh->dial);
    ProcessSpec line = {
        .program = program.text, .argv = ssh_arguments(arena, &ssh->target, ssh->dial.socket, bootstrap(arena)), .environment = environ,
    };
    ssh->channel = channel_open(loop, &line, (Str){phx_agent, phx_agent_length});
    Text hello = {0};
    int met = channel_meet(ssh->channel, MEET_MS, &hello) && hello_read(ssh, &hello);
    text_fini(&hello);
    if (met)
        return &ssh->place;
    ssh_explain(&ssh->target, channel_complaints(ssh->channel), channel_exit_code(ssh->channel), channel_lost(ssh->channel), problem, advice);
    channel_close(ssh->channel);
    return NULL;
}
