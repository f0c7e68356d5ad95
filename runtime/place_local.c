/* The machine the program runs on. */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/http.h"
#include "runtime/place.h"
#include "runtime/state_folder.h"

/* Where a host's programs stand; a search path that lacks them (that of cron, say) gets them behind its own. */
static const char SYSTEM_PATH[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

typedef struct Local {
    Place place;
    Arena *arena;
    Root root;
    Http *http;                 /* opened with the first request */
    Str path;
    char *const *environment;   /* nothing of ours but these: a plan must not depend on who carries it out */
} Local;

static Local *local_of(Place *place) {
    return (Local *)place;      /* its first member */
}

static PlaceProgram local_program(Local *local, const Str *argv, uint32_t argc, size_t limit, CaptureKind capture) {
    PlaceProgram program = {.environment = local->environment, .output_limit = limit, .capture = capture};
    program.file = argc ? process_find(local->arena, local->path, argv[0]) : (Str){0};
    program.error = errno;
    return program;
}

static void local_read(Place *place, const ReadRequest *request, AnswerDone *done, void *context) {
    Local *local = local_of(place);
    if (request->kind != READ_RUN) {
        place_read_with(place, &local->root, NULL, request, done, context);
        return;
    }
    /* The file is named until the program is started, no longer: there may be a hundred thousand of them. */
    ArenaMark mark = arena_mark(local->arena);
    PlaceProgram program = local_program(local, request->argv, request->argc, PROCESS_BULK_LIMIT, CAPTURE_ALL);
    place_read_with(place, NULL, &program, request, done, context);
    arena_release(local->arena, mark);
}

static void local_run(Place *place, const PlaceRun *run, OutcomeDone *done, void *context) {
    Local *local = local_of(place);
    ArenaMark mark = arena_mark(local->arena);
    PlaceProgram program = local_program(local, run->argv, run->argc, PROCESS_OUTPUT_LIMIT, CAPTURE_ENDS);
    place_run_program(place->loop, &program, run, done, context);
    arena_release(local->arena, mark);
}

/* The number that [text] is; 0 where it is none. */
static int number_read(const char *text, unsigned long *number) {
    char *end;
    errno = 0;
    *number = strtoul(text, &end, 10);
    return text[0] >= '0' && text[0] <= '9' && !*end && !errno && *number < (uid_t)-1;
}

/* "user:group", each a name of this machine or a number. */
static int owner_read(Arena *arena, Str owner, FileWrite *write, Text *problem) {
    const char *colon = memchr(owner.text, ':', owner.length);
    size_t split = colon ? (size_t)(colon - owner.text) : owner.length;
    const char *user = arena_str(arena, (Str){owner.text, split}).text;
    const char *group = colon ? arena_str(arena, (Str){colon + 1, owner.length - split - 1}).text : "";
    unsigned long number;
    const struct passwd *account = NULL;
    const struct group *members = NULL;
    if (!number_read(user, &number) && !(account = getpwnam(user))) {
        text_addf(problem, "there is no user %s", user);
        return 0;
    }
    write->user = account ? account->pw_uid : (uid_t)number;
    write->group = account ? account->pw_gid : (gid_t)-1;
    if (colon && !number_read(group, &number) && !(members = getgrnam(group))) {
        text_addf(problem, "there is no group %s", group);
        return 0;
    }
    if (colon)
        write->group = members ? members->gr_gid : (gid_t)number;
    write->owned = 1;
    return 1;
}

static void local_write(Place *place, const PlaceWrite *write, OutcomeDone *done, void *context) {
    Local *local = local_of(place);
    Outcome outcome = {.kind = OUTCOME_OK};
    FileWrite file = {.path = write->path, .content = write->content, .mode = write->mode, .make = 1, .locked = 1};
    if ((write->owner.length && !owner_read(local->arena, write->owner, &file, &outcome.problem)) ||
        files_write(&local->root, &file, &outcome.problem) < 0)
        place_refuse(&outcome, write->path);
    place_defer(place->loop, &outcome, done, context);
}

static void local_edit(Place *place, const PlaceEdit *edit, OutcomeDone *done, void *context) {
    place_edit_below(&local_of(place)->root, place->loop, edit, done, context);
}

static void local_request(Place *place, const PlaceRequest *request, OutcomeDone *done, void *context) {
    Local *local = local_of(place);
    if (!local->http)
        local->http = http_open(place->loop, NULL);
    if (local->http) {
        http_request(local->http, request, done, context);
        return;
    }
    Outcome outcome = {.kind = OUTCOME_NOT_STARTED};
    text_add_literal(&outcome.problem, "libcurl (libcurl.so.4) cannot be loaded and set up");
    place_defer(place->loop, &outcome, done, context);
}

static State *local_state(Place *place, Text *problem) {
    Text shown = {0};
    int fd = state_folder_open(&shown);
    State *state = place_folder_state(local_of(place)->arena, fd, text_str(&shown), problem);
    text_fini(&shown);
    return state;
}

static void local_close(Place *place) {
    Local *local = local_of(place);
    http_close(local->http);
    root_fini(&local->root);
}

static const PlaceClass LOCAL_CLASS = {
    local_read, local_run, local_write, local_edit, local_request, local_state, local_close,
};

Place *place_local_open(Arena *arena, Loop *loop, Text *problem) {
    Local *local = ARENA_NEW(arena, Local);
    local->place = (Place){&LOCAL_CLASS, STR("local"), loop};
    local->arena = arena;
    if (root_init(&local->root, "/") < 0) {
        text_addf(problem, "/: %s", strerror(errno));
        return NULL;
    }
    const char *path = getenv("PATH"), *home = getenv("HOME");
    local->path = path && path[0] ? arena_printf(arena, "%s:%s", path, SYSTEM_PATH) : STR(SYSTEM_PATH);
    Str settings[] = {
        arena_printf(arena, "PATH=%.*s", (int)local->path.length, local->path.text),
        arena_printf(arena, "HOME=%s", home && home[0] ? home : "/root"),
        STR("LANG=C.UTF-8"),
        STR("LC_ALL=C.UTF-8"),
    };
    local->environment = place_environment(arena, settings, sizeof settings / sizeof settings[0]);
    return &local->place;
}
