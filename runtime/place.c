/* What kinds of places have in common: answers from files, programs with their outcome, ends that come a turn later. */
#include "runtime/place.h"

#include <errno.h>
#include <regex.h>
#include <string.h>

#include "runtime/memory.h"
#include "runtime/unwrap.h"

void place_close(Place *place) {
    if (place)
        place->class->close(place);
}

/* ---- ends that come later ---- */

typedef struct Deferred {
    Outcome outcome;
    OutcomeDone *done;
    void *context;
} Deferred;

static void deferred_due(void *context) {
    Deferred *deferred = context;
    deferred->done(deferred->context, &deferred->outcome);
    free(deferred);
}

void place_defer(Loop *loop, const Outcome *outcome, OutcomeDone *done, void *context) {
    Deferred *deferred = MEMORY_NEW(Deferred);
    *deferred = (Deferred){*outcome, done, context};
    loop_timer(loop, 0, deferred_due, deferred);
}

/* ---- reading ---- */

static void answer_fail(ReadAnswer *answer, Arena *arena, Str path, const char *problem) {
    answer->failed = 1;
    answer->problem = arena_printf(arena, "%.*s: %s", (int)path.length, path.text, problem);
}

/* The text of a file, in the arena; an absent file is 0 and no failure, which [status] tells. */
static Str answer_file(const Root *root, Arena *arena, Str path, ReadAnswer *answer, FileStatus *status) {
    Text text = {0}, problem = {0};
    *status = files_read(root, path, PROCESS_BULK_LIMIT, &text, &problem);
    if (*status == FILE_FAILED)
        answer_fail(answer, arena, path, problem.bytes);
    Str copy = *status == FILE_OK ? arena_str(arena, text_str(&text)) : (Str){0};
    text_fini(&text);
    text_fini(&problem);
    return copy;
}

void place_files_answer(const Root *root, Arena *arena, const ReadRequest *request, ReadAnswer *answer) {
    *answer = (ReadAnswer){0};
    RootPaths paths = {&request->path, 1};
    if (request->kind != READ_FILE && root_glob(root, arena, request->path, &paths) < 0) {
        answer_fail(answer, arena, request->path, strerror(errno));
        return;
    }
    ReadFile *files = ARENA_ARRAY(arena, ReadFile, paths.count + 1);
    uint32_t count = 0;
    for (uint32_t i = 0; i < paths.count && !answer->failed; i++) {
        FileStatus status = FILE_OK;
        Str text = {0};
        if (request->kind != READ_GLOB)
            text = answer_file(root, arena, paths.items[i], answer, &status);
        /* Gone since it was listed: then it is not there. */
        if (status == FILE_OK)
            files[count++] = (ReadFile){paths.items[i], text};
    }
    answer->files = files;
    answer->file_count = answer->failed ? 0 : count;
}

/* The last line of what a program said, for a message of one line. */
static Str last_line(Str text) {
    while (text.length && strchr(" \t\r\n", text.text[text.length - 1]))
        text.length--;
    const char *newline = text.length ? memrchr(text.text, '\n', text.length) : NULL;
    if (!newline)
        return text;
    size_t start = (size_t)(newline - text.text) + 1;
    return (Str){text.text + start, text.length - start};
}

int place_matches(Arena *arena, Str pattern, Str text) {
    regex_t regex;
    if (!pattern.length || regcomp(&regex, arena_str(arena, pattern).text, REG_EXTENDED | REG_NOSUB | REG_NEWLINE) != 0)
        return 0;
    int matches = regexec(&regex, arena_str(arena, text).text, 0, NULL, 0) == 0;
    regfree(&regex);
    return matches;
}

void place_run_answer(const ReadRequest *request, const Outcome *outcome, Arena *arena, ReadAnswer *answer) {
    *answer = (ReadAnswer){0};
    if (outcome->kind == OUTCOME_OK) {
        answer->text = text_str(&outcome->out);
        return;
    }
    /* Of several things that were asked for, those that are there have been told. A program that is not there says so like anything else. */
    Str complaint = outcome->kind == OUTCOME_NOT_STARTED ? text_str(&outcome->problem) : text_str(&outcome->err);
    if ((outcome->kind == OUTCOME_EXIT || outcome->kind == OUTCOME_NOT_STARTED) && place_matches(arena, request->absent, complaint)) {
        answer->absent = 1;
        answer->text = text_str(&outcome->out);
        return;
    }
    Str said = last_line(text_str(&outcome->err));
    Str name = request->argc ? request->argv[0] : STR("?");
    answer->failed = 1;
    if (outcome->kind == OUTCOME_NOT_STARTED)
        answer->problem = arena_str(arena, text_str(&outcome->problem));
    else
        answer->problem = arena_printf(arena, "%.*s: %s%s%.*s", (int)name.length, name.text, outcome->problem.bytes,
                                       said.length ? ": " : "", (int)said.length, said.text);
}

typedef struct Reading {
    const ReadRequest *request;
    const Root *root;           /* of a read of files */
    Arena *arena;               /* of this answer alone */
    AnswerDone *done;
    void *context;
} Reading;

static void reading_end(Reading *reading, const ReadAnswer *answer) {
    reading->done(reading->context, answer);
    arena_close(reading->arena);
    free(reading);
}

static void reading_files(void *context) {
    Reading *reading = context;
    ReadAnswer answer;
    place_files_answer(reading->root, reading->arena, reading->request, &answer);
    reading_end(reading, &answer);
}

static void reading_ran(void *context, Outcome *outcome) {
    Reading *reading = context;
    ReadAnswer answer;
    outcome_unwrap(&reading->request->unwrap, outcome);
    place_run_answer(reading->request, outcome, reading->arena, &answer);
    reading_end(reading, &answer);
    outcome_fini(outcome);
}

/* ---- requests ---- */

/* Of what is not there a server says so: 404, or 410 where it once was. */
static int status_is_absent(int status) {
    return status == 404 || status == 410;
}

static void reading_requested(void *context, Outcome *outcome) {
    Reading *reading = context;
    ReadAnswer answer = {.text = text_str(&outcome->out)};
    answer.absent = outcome->kind == OUTCOME_EXIT && status_is_absent(outcome->code);
    answer.failed = outcome->kind != OUTCOME_OK && !answer.absent;
    if (answer.failed)
        answer.problem = arena_str(reading->arena, text_str(&outcome->problem));
    reading_end(reading, &answer);
    outcome_fini(outcome);
}

static void reading_ask(Place *place, Reading *reading) {
    const ReadRequest *read = reading->request;
    PlaceRequest *request = ARENA_NEW(reading->arena, PlaceRequest);
    PlaceHeader *headers = ARENA_ARRAY(reading->arena, PlaceHeader, read->header_count + 1);
    for (uint32_t i = 0; i < read->header_count; i++)
        headers[i] = (PlaceHeader){read->headers[i].name, read->headers[i].text};
    *request = (PlaceRequest){.method = STR("GET"), .url = read->path, .headers = headers, .header_count = read->header_count,
                              .timeout_ms = read->timeout_ms ? read->timeout_ms : READ_TIMEOUT_MS};
    place->class->request(place, request, reading_requested, reading);
}

void place_read_with(Place *place, const Root *root, const PlaceProgram *program, const ReadRequest *request, AnswerDone *done,
                     void *context) {
    Reading *reading = MEMORY_NEW(Reading);
    *reading = (Reading){request, root, arena_open(), done, context};
    if (request->kind == READ_HTTP) {
        reading_ask(place, reading);
        return;
    }
    if (request->kind != READ_RUN) {
        loop_timer(place->loop, 0, reading_files, reading);
        return;
    }
    PlaceRun run = {.argv = request->argv, .argc = request->argc, .timeout_ms = READ_TIMEOUT_MS};
    place_run_program(place->loop, program, &run, reading_ran, reading);
}

/* ---- doing ---- */

int place_run_refuse(const PlaceRun *run, Text *problem) {
    if (!run->argc)
        text_add_literal(problem, "a command without a name");
    for (uint32_t i = 0; i < run->argc && !problem->length; i++)
        if (run->argv[i].length && memchr(run->argv[i].text, 0, run->argv[i].length))
            text_addf(problem, "argument %u holds a NUL, which no program can be given", i);
    return problem->length > 0;
}

void place_run_program(Loop *loop, const PlaceProgram *program, const PlaceRun *run, OutcomeDone *done, void *context) {
    Outcome outcome = {.kind = OUTCOME_NOT_STARTED};
    const char **argv = memory_zeroed((run->argc + 1) * sizeof *argv);
    Arena *arena = arena_open();
    for (uint32_t i = 0; i < run->argc; i++)
        argv[i] = arena_str(arena, run->argv[i]).text;
    if (!place_run_refuse(run, &outcome.problem) && !program->file.length && program->error == ENOENT)
        text_addf(&outcome.problem, "%s: command not found", argv[0]);
    else if (!program->file.length && !outcome.problem.length)
        text_addf(&outcome.problem, "%s: %s", argv[0], strerror(program->error));
    if (outcome.problem.length) {
        place_defer(loop, &outcome, done, context);
    } else {
        union { const char **from; char *const *to; } arguments = {argv};   /* exec's type is older than const */
        ProcessSpec spec = {
            .program = program->file.text,
            .argv = arguments.to,
            .environment = program->environment,
            .input = run->input,
            .timeout_ms = run->timeout_ms,
            .output_limit = program->output_limit,
            .capture = program->capture,
        };
        process_start(loop, &spec, done, context);
    }
    arena_close(arena);
    free(argv);
}

char *const *place_environment(Arena *arena, const Str *settings, uint32_t count) {
    char **environment = ARENA_ARRAY(arena, char *, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        environment[i] = arena_text(arena, settings[i].length + 1);
        memcpy(environment[i], settings[i].text, settings[i].length);
        environment[i][settings[i].length] = 0;
    }
    return environment;
}

State *place_folder_state(Arena *arena, int fd, Str shown, Text *problem) {
    if (fd >= 0)
        return state_folder_use(arena, fd, shown);
    text_addf(problem, "%.*s: %s", (int)shown.length, shown.text, strerror(errno));
    return NULL;
}

void place_refuse(Outcome *outcome, Str path) {
    Text problem = {0};
    text_add(&problem, path);
    text_add_literal(&problem, ": ");
    text_add(&problem, text_str(&outcome->problem));
    text_fini(&outcome->problem);
    outcome->problem = problem;
    outcome->kind = OUTCOME_REFUSED;
}

void place_edit_below(const Root *root, Loop *loop, const PlaceEdit *edit, OutcomeDone *done, void *context) {
    Outcome outcome = {.kind = OUTCOME_OK};
    int changed;
    if (files_edit(root, edit->path, &edit->lines, edit->digest, &changed, &outcome.problem) < 0)
        place_refuse(&outcome, edit->path);
    place_defer(loop, &outcome, done, context);
}
