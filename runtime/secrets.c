/* Environment, files and programs to the values of secrets. None of them is printed, whatever goes wrong. */
#include "runtime/secrets.h"

#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

enum {
    SECRET_TIMEOUT_MS = 2 * 60 * 1000,  /* of a program: a password manager may ask somebody */
    SECRET_LIMIT = 1 << 20              /* bytes: what is longer is a file that was named by mistake */
};

typedef struct SecretRead {
    App *app;
    const SecretSource *source;
    const SecretSource *all;    /* of the plan */
    uint32_t count;
    int good;
    int ended;
    int interrupted;
} SecretRead;

static void refuse(SecretRead *read, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void refuse(SecretRead *read, const char *format, ...) {
    App *app = read->app;
    Text why = {0};
    va_list arguments;
    va_start(arguments, format);
    text_addv(&why, format, arguments);
    va_end(arguments);
    Diagnostic *d = diag_error(session_diagnostics(app->session), CODE_SECRET_SOURCE, read->source->span, "the secret `%.*s` can't be read: %s",
                               (int)read->source->name.length, read->source->name.text, why.bytes);
    diag_note(session_diagnostics(app->session), d, "nothing was done");
    text_fini(&why);
}

/* A file and a program end what they say with a newline that is not meant. */
static Str without_newline(Str text) {
    if (text.length && text.text[text.length - 1] == '\n')
        text.length--;
    if (text.length && text.text[text.length - 1] == '\r')
        text.length--;
    return text;
}

static void give(SecretRead *read, Str value) {
    if (!value.length)
        refuse(read, "it is empty");
    else if (value.length > SECRET_LIMIT)
        refuse(read, "it is longer than %d bytes", (int)SECRET_LIMIT);
    else if (memchr(value.text, 0, value.length) || utf8_check(value.text, value.length) < value.length)
        refuse(read, "it is no text in UTF-8");
    else
        read->good = session_secret_give(read->app->session, read->source->name, value);
}

static void read_file(SecretRead *read) {
    Loader loader = load_loader(&read->app->load);
    Str name, bytes, problem = STR("");
    LoadStatus status = loader.load(loader.context, read->source->file, read->source->text, SOURCE_JSON, &name, &bytes, &problem);
    if (status == LOAD_OK)
        give(read, without_newline(bytes));
    else
        refuse(read, "%.*s: %s", (int)read->source->text.length, read->source->text.text,
               status == LOAD_ABSENT ? "no such file" : arena_str(read->app->arena, problem).text);
}

static void command_ended(void *context, Outcome *outcome) {
    SecretRead *read = context;
    read->ended = 1;
    if (outcome->kind == OUTCOME_OK)
        give(read, without_newline(text_str(&outcome->out)));
    else
        /* What it said may hold what it was to say. */
        refuse(read, "%.*s: %s", (int)read->source->argv[0].length, read->source->argv[0].text, outcome->problem.bytes);
    text_wipe(&outcome->out);
    outcome_fini(outcome);
}

static void command_interrupted(void *context) {
    SecretRead *read = context;
    read->interrupted = 1;
    loop_cancel(read->app->loop);
}

/* Our environment, as a password manager needs it, but for the variables that are secrets of this plan. */
static char *const *environment_without(const SecretRead *read) {
    size_t count = 0, kept = 0;
    while (environ[count])
        count++;
    char **environment = ARENA_ARRAY(read->app->arena, char *, count + 1);
    for (size_t i = 0; i < count; i++) {
        int secret = 0;
        for (uint32_t k = 0; k < read->count; k++) {
            Str name = read->all[k].text;
            secret |= read->all[k].kind == SECRET_ENV && !strncmp(environ[i], name.text, name.length) && environ[i][name.length] == '=';
        }
        if (!secret)
            environment[kept++] = environ[i];
    }
    return environment;
}

static void read_command(SecretRead *read) {
    App *app = read->app;
    const SecretSource *source = read->source;
    const char *path = getenv("PATH");
    char **argv = ARENA_ARRAY(app->arena, char *, source->argc + 1);     /* one more, NULL */
    for (uint32_t i = 0; i < source->argc; i++)
        argv[i] = (char *)(uintptr_t)arena_str(app->arena, source->argv[i]).text;
    Str program = process_find(app->arena, str_of(path ? path : "/usr/bin:/bin"), source->argv[0]);
    if (!program.length) {
        refuse(read, "%s: command not found", argv[0]);
        return;
    }
    ProcessSpec spec = {.program = program.text, .argv = argv, .environment = environment_without(read), .timeout_ms = SECRET_TIMEOUT_MS, .output_limit = SECRET_LIMIT,
                        .capture = CAPTURE_ALL};
    loop_interrupts(app->loop, command_interrupted, read);
    process_start(app->loop, &spec, command_ended, read);
    while (!read->ended)
        loop_turn(app->loop);
    loop_interrupts(app->loop, NULL, NULL);
}

static void read_one(SecretRead *read) {
    switch (read->source->kind) {
    case SECRET_ENV: {
        const char *value = getenv(arena_str(read->app->arena, read->source->text).text);
        if (value)
            give(read, str_of(value));
        else
            refuse(read, "there is no variable %.*s in the environment", (int)read->source->text.length, read->source->text.text);
        break;
    }
    case SECRET_FILE: read_file(read); break;
    case SECRET_COMMAND: read_command(read); break;
    }
}

/* Nothing of us goes into a core file from here on, wherever the system would put one, and nobody but root may look into our memory. It does
   not pass on to what we start. */
static void guard(App *app) {
    prctl(PR_SET_DUMPABLE, 0);
    arena_guard(app->arena);
}

int secrets_read(App *app, const Plan *plan) {
    uint32_t count;
    const SecretSource *sources = session_secrets(app->session, plan, &count);
    int good = sources != NULL, interrupted = 0;
    if (count)
        guard(app);
    for (uint32_t i = 0; good && i < count && !interrupted; i++) {
        SecretRead read = {.app = app, .source = &sources[i], .all = sources, .count = count};
        read_one(&read);
        good &= read.good;
        interrupted = read.interrupted;
    }
    if (interrupted)
        return EXIT_INTERRUPTED;
    if (good)
        return EXIT_OK;
    app_print_diagnostics(app);
    return EXIT_ERROR;
}
