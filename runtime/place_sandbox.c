/* A model host in a folder: its files are those below the folder, its programs those of the sandbox. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/load.h"
#include "runtime/memory.h"
#include "runtime/place.h"

typedef struct Sandbox {
    Place place;
    Arena *arena;
    Root root;
    Str programs;               /* the folder of the sandbox's programs */
    char *const *environment;
} Sandbox;

static Sandbox *sandbox_of(Place *place) {
    return (Sandbox *)place;    /* its first member */
}

/* ---- programs ---- */

/* Where the programs stand: beside this program in a build, in ../lib/phxc once installed. */
static Str programs_find(Arena *arena) {
    static const char *const PLACES[] = {"sandbox", "../lib/phxc/sandbox"};
    char self[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    if (length <= 0)
        return (Str){0};
    self[length] = 0;
    char *slash = strrchr(self, '/');
    if (slash)
        *slash = 0;
    for (size_t i = 0; i < sizeof PLACES / sizeof PLACES[0]; i++) {
        Str folder = arena_printf(arena, "%s/%s", self, PLACES[i]);
        struct stat status;
        if (stat(folder.text, &status) == 0 && S_ISDIR(status.st_mode))
            return folder;
    }
    return (Str){0};
}

/* A program of the host stands in one of the folders for programs there, whatever path it is called by: `/usr/sbin/pct` is the
   sandbox's pct. Nothing else of the folder's files can be run. */
static Str program_name(Str name) {
    static const char *const FOLDERS[] = {"/usr/local/sbin/", "/usr/local/bin/", "/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/"};
    for (size_t i = 0; i < sizeof FOLDERS / sizeof FOLDERS[0]; i++) {
        size_t length = strlen(FOLDERS[i]);
        if (name.length > length && memcmp(name.text, FOLDERS[i], length) == 0) {
            name = (Str){name.text + length, name.length - length};
            break;
        }
    }
    return name.length && !memchr(name.text, '/', name.length) ? name : (Str){0};
}

static PlaceProgram sandbox_program(Sandbox *sandbox, const Str *argv, uint32_t argc, size_t limit, CaptureKind capture) {
    PlaceProgram program = {.environment = sandbox->environment, .output_limit = limit, .capture = capture, .error = ENOENT};
    Str name = argc ? program_name(argv[0]) : (Str){0};
    if (name.length) {
        program.file = process_find(sandbox->arena, sandbox->programs, name);
        program.error = errno;
    }
    return program;
}

static void sandbox_read(Place *place, const ReadRequest *request, AnswerDone *done, void *context) {
    Sandbox *sandbox = sandbox_of(place);
    PlaceProgram program = {0};
    if (request->kind == READ_RUN)
        program = sandbox_program(sandbox, request->argv, request->argc, PROCESS_BULK_LIMIT, CAPTURE_ALL);
    place_read_with(place, &sandbox->root, &program, request, done, context);
}

static void sandbox_run(Place *place, const PlaceRun *run, OutcomeDone *done, void *context) {
    PlaceProgram program = sandbox_program(sandbox_of(place), run->argv, run->argc, PROCESS_OUTPUT_LIMIT, CAPTURE_ENDS);
    place_run_program(place->loop, &program, run, done, context);
}

/* ---- files ---- */

/* The owners of a sandbox's files are the model's own record, which its chown keeps. */
static void sandbox_write(Place *place, const PlaceWrite *write, OutcomeDone *done, void *context) {
    Sandbox *sandbox = sandbox_of(place);
    Outcome outcome = {.kind = OUTCOME_OK};
    FileWrite file = {.path = write->path, .content = write->content, .mode = write->mode, .make = 1, .locked = 1};
    if (files_write(&sandbox->root, &file, &outcome.problem) < 0) {
        place_refuse(&outcome, write->path);
        place_defer(place->loop, &outcome, done, context);
    } else if (write->owner.length) {
        PlaceRun chown = {.argv = (const Str[]){STR("chown"), write->owner, write->path}, .argc = 3};
        sandbox_run(place, &chown, done, context);
    } else {
        place_defer(place->loop, &outcome, done, context);
    }
}

static void sandbox_edit(Place *place, const PlaceEdit *edit, OutcomeDone *done, void *context) {
    place_edit_below(&sandbox_of(place)->root, place->loop, edit, done, context);
}

/* ---- requests ---- */

typedef struct SandboxRequest {
    OutcomeDone *done;
    void *context;
    Text sent;                  /* headers, an empty line, the body */
} SandboxRequest;

/* The model prints the status, a line end and the body: made into what a request over the real network would have ended with. */
static void request_answered(void *context, Outcome *outcome) {
    SandboxRequest request = *(SandboxRequest *)context;
    Outcome answer = {.kind = outcome->kind, .code = outcome->code};
    Str printed = text_str(&outcome->out), problem = text_str(outcome->kind == OUTCOME_EXIT ? &outcome->err : &outcome->problem);
    const char *end = printed.length ? memchr(printed.text, '\n', printed.length) : NULL;
    text_fini(&request.sent);
    free(context);
    if (outcome->kind == OUTCOME_OK && end) {
        Str body = {end + 1, printed.length - (size_t)(end + 1 - printed.text)};
        answer.code = (int)strtol(printed.text, NULL, 10);
        if (answer.code < 200 || answer.code > 299) {
            answer.kind = OUTCOME_EXIT;
            text_addf(&answer.problem, "HTTP status %d", answer.code);
        }
        text_add(answer.kind == OUTCOME_OK ? &answer.out : &answer.err, body);
    } else {
        if (outcome->kind == OUTCOME_OK || outcome->kind == OUTCOME_EXIT)
            answer.kind = OUTCOME_NOT_STARTED;      /* nobody answered */
        while (problem.length && problem.text[problem.length - 1] == '\n')
            problem.length--;
        text_add(&answer.problem, problem);
    }
    outcome_fini(outcome);
    request.done(request.context, &answer);
}

/* The network of a sandbox is the model's: nothing asks the real one. What is sent goes by standard input, as a secret may be in it. */
static void sandbox_request(Place *place, const PlaceRequest *request, OutcomeDone *done, void *context) {
    SandboxRequest *pending = memory_zeroed(sizeof *pending);
    *pending = (SandboxRequest){.done = done, .context = context};
    for (uint32_t i = 0; i < request->header_count; i++)
        text_addf(&pending->sent, "%.*s: %.*s\n", (int)request->headers[i].name.length, request->headers[i].name.text,
                  (int)request->headers[i].text.length, request->headers[i].text.text);
    text_add_literal(&pending->sent, "\n");
    text_add(&pending->sent, request->body);
    PlaceRun run = {.argv = (const Str[]){STR("phx-endpoint"), request->method, request->url}, .argc = 3, .input = text_str(&pending->sent),
                    .timeout_ms = request->timeout_ms};
    sandbox_run(place, &run, request_answered, pending);
}

static State *sandbox_state(Place *place, Text *problem) {
    Sandbox *sandbox = sandbox_of(place);
    Str shown = arena_printf(sandbox->arena, "%s/var/lib/phxc", place->name.text + sizeof "sandbox:" - 1);
    return place_folder_state(sandbox->arena, files_folder(&sandbox->root, STR("/var/lib/phxc"), 0700), shown, problem);
}

static void sandbox_close(Place *place) {
    root_fini(&sandbox_of(place)->root);
}

static const PlaceClass SANDBOX_CLASS = {
    sandbox_read, sandbox_run, sandbox_write, sandbox_edit, sandbox_request, sandbox_state, sandbox_close,
};

/* ---- opening ---- */

typedef struct Preparation {
    int done;
    Outcome outcome;
} Preparation;

static void prepared(void *context, Outcome *outcome) {
    Preparation *preparation = context;
    preparation->done = 1;
    preparation->outcome = *outcome;
}

static void graft(Root *root, int folder, Arena *arena, const char *name, const char *path) {
    int fd = openat(folder, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0)
        root->grafts[root->graft_count++] = (Graft){arena_str(arena, str_of(path)), fd};
}

/* FOLDER/nodes/NAME is a node of a cluster where there is a FOLDER/cluster: what its nodes share. The name, or NULL. */
static const char *cluster_find(Sandbox *sandbox, const char *path) {
    const char *name = strrchr(path, '/');
    if (!name || name - path < 6 || memcmp(name - 6, "/nodes", 6) != 0)
        return NULL;
    graft(&sandbox->root, AT_FDCWD, sandbox->arena, arena_printf(sandbox->arena, "%.*s/cluster", (int)(name - path - 6), path).text, "/etc/pve");
    return sandbox->root.graft_count ? name + 1 : NULL;
}

/* Of that, what a node has for itself. The folders are there once one of its programs was called. */
static void cluster_enter(Sandbox *sandbox, const char *name) {
    Root *root = &sandbox->root;
    int shared = root->grafts[0].fd;
    graft(root, shared, sandbox->arena, arena_printf(sandbox->arena, "nodes/%s/lxc", name).text, "/etc/pve/lxc");
    graft(root, shared, sandbox->arena, arena_printf(sandbox->arena, "nodes/%s/qemu-server", name).text, "/etc/pve/qemu-server");
}

/* An empty folder becomes a plain host when the first of its programs is called. Files are read without any program, so that has to
   happen before. */
static int sandbox_prepare(Sandbox *sandbox, Text *problem) {
    Spot spot;
    struct stat status;
    int whole = root_find(&sandbox->root, sandbox->root.graft_count ? STR("/etc/hostname") : STR("/etc/pve/.vmlist"), 0, &spot) == 0;
    if (whole) {
        whole = fstatat(spot.folder, spot.name, &status, AT_SYMLINK_NOFOLLOW) == 0;
        spot_fini(&spot);
    }
    if (whole)
        return 1;
    Preparation preparation = {0};
    PlaceRun run = {.argv = (const Str[]){STR("phx-sandbox"), STR("init")}, .argc = 2, .timeout_ms = READ_TIMEOUT_MS};
    sandbox_run(&sandbox->place, &run, prepared, &preparation);
    while (!preparation.done)
        loop_turn(sandbox->place.loop);
    int ok = preparation.outcome.kind == OUTCOME_OK;
    if (!ok)
        text_addf(problem, "%s: %s", preparation.outcome.problem.bytes,
                  preparation.outcome.err.length ? preparation.outcome.err.bytes : "it could not be made a plain host");
    outcome_fini(&preparation.outcome);
    return ok;
}

/* Makes the folder and those on the way to it. 0 with errno. */
static int folder_make(Arena *arena, Str name) {
    Root root;
    if (root_init(&root, "/") < 0)
        return 0;
    int fd = files_folder(&root, load_absolute(arena, name), 0755), error = errno;
    root_fini(&root);
    if (fd >= 0)
        close(fd);
    errno = error;
    return fd >= 0;
}

Place *place_sandbox_open(Arena *arena, Loop *loop, Str folder, Text *problem) {
    Sandbox *sandbox = ARENA_NEW(arena, Sandbox);
    Str name = arena_str(arena, folder);
    sandbox->place = (Place){&SANDBOX_CLASS, arena_printf(arena, "sandbox:%s", name.text), loop};
    sandbox->arena = arena;
    sandbox->programs = programs_find(arena);
    if (!sandbox->programs.length) {
        text_add_literal(problem, "the sandbox's programs are neither beside this program nor in ../lib/phxc/sandbox");
        return NULL;
    }
    char path[PATH_MAX];
    if (!folder_make(arena, name) || !realpath(name.text, path) || root_init(&sandbox->root, path) < 0) {
        text_addf(problem, "%s", strerror(errno));
        return NULL;
    }
    const char *fault = getenv("PHX_SANDBOX_FAULT");
    Str settings[] = {
        arena_printf(arena, "PATH=%s", sandbox->programs.text),
        arena_printf(arena, "PHX_SANDBOX=%s", path),
        STR("HOME=/root"),
        STR("LANG=C.UTF-8"),
        STR("LC_ALL=C.UTF-8"),
        fault ? arena_printf(arena, "PHX_SANDBOX_FAULT=%s", fault) : STR("PHX_SANDBOX_FAULT="),
    };
    sandbox->environment = place_environment(arena, settings, sizeof settings / sizeof settings[0]);
    const char *node = cluster_find(sandbox, path);
    if (!sandbox_prepare(sandbox, problem)) {
        root_fini(&sandbox->root);
        return NULL;
    }
    if (node)
        cluster_enter(sandbox, node);
    return &sandbox->place;
}
