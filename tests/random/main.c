/* random SEED [--keep DIR] [--loud]: a random site, applied to a random host and changed at random, must always settle.
   random FIRST LAST: all the seeds from the first to the last; the last line is `N passed, M failed`. */
#include <errno.h>
#include <ftw.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/random/host.h"

enum { ROUNDS = 3 };

typedef struct Run {
    Site site;
    Host host;
    Random life;                /* what happens beside the site, so that it does not depend on what the site is */
    const char *folder, *phxc, *place, *text, *plan, *out, *err;
    size_t calls_seen;
    int round;
} Run;

#define PRINT(...) arena_printf(run->site.arena, __VA_ARGS__).text

/* ---- phxc ---- */

static int fail(const Run *run, const char *what) {
    printf("FAIL round %d: %s\n", run->round, what);
    const char *err = host_read(&run->host, run->err, NULL);
    for (const char *line = err; line && *line;) {
        size_t length = strcspn(line, "\n");
        printf("    %.*s\n", (int)length, line);
        line += length + (line[length] == '\n');
    }
    return 0;
}

/* Every removal is allowed, and what was there before is taken over. */
static int phxc(const Run *run, const char *command, const char *const *more) {
    const char *argv[256] = {run->phxc, command, run->text, "--host", run->place, "--adopt", "all", "--prune"};
    size_t count = 8;
    for (uint32_t i = 0; i < run->site.resources.count && count < 240; i++) {
        const Resource *resource = run->site.resources.items[i];
        if (resource->state != RESOURCE_LEFT)
            continue;
        argv[count++] = "--allow";
        argv[count++] = PRINT("%s.%s:data_loss", resource->type, resource->name);
    }
    for (size_t i = 0; more[i]; i++)
        argv[count++] = more[i];
    return host_run(&run->host, argv, run->out, run->err);
}

static void site_write(Run *run) {
    Text text = {0};
    site_print(&run->site, &text);
    FILE *file = fopen(run->text, "wb");
    if (!file || fwrite(text.bytes, 1, text.length, file) != text.length || fclose(file) != 0) {
        perror(run->text);
        exit(1);
    }
    text_fini(&text);
}

/* ---- what was called must have been planned ---- */

static int is_looking(const json_t *call) {
    static const char *const READERS[][3] = {
        {"zfs", "get", ""}, {"zpool", "get", ""}, {"zpool", "list", ""}, {"stat", "", ""}, {"sha256sum", "", ""}, {"phx-sandbox", "", ""},
        {"docker", "network", "ls"}, {"docker", "container", "ls"}, {"docker", "volume", "ls"},
    };
    for (size_t i = 0; i < sizeof READERS / sizeof *READERS; i++) {
        int same = 1;
        for (size_t k = 0; k < 3 && *READERS[i][k]; k++) {
            const char *word = json_string_value(json_array_get(call, k));
            same &= word && !strcmp(word, READERS[i][k]);
        }
        if (same)
            return 1;
    }
    return 0;
}

/* Holes of the plan are filled in at apply: anything may stand there. */
static int is_command(const json_t *call, const json_t *command) {
    const json_t *argv = json_object_get(command, "argv"), *owner = json_object_get(command, "owner"), *path = json_object_get(command, "path");
    if (json_is_string(owner) && json_array_size(call) == 3 && !strcmp(json_string_value(json_array_get(call, 0)), "chown"))
        return json_equal(owner, json_array_get(call, 1)) && json_equal(path, json_array_get(call, 2));
    if (json_array_size(argv) != json_array_size(call))
        return 0;
    for (size_t i = 0; i < json_array_size(call); i++)
        if (!json_is_object(json_array_get(argv, i)) && !json_equal(json_array_get(argv, i), json_array_get(call, i)))
            return 0;
    return 1;
}

static int is_planned(const json_t *plan, const json_t *call) {
    size_t i, k;
    const json_t *step, *command;
    json_array_foreach(json_object_get(plan, "steps"), i, step)
        json_array_foreach(json_object_get(step, "commands"), k, command)
            if (is_command(call, command) || is_command(call, json_object_get(command, "changes")))
                return 1;
    return 0;
}

static const char *calls_path(const Run *run) {
    return PRINT("%s/var/lib/phx-sandbox/calls", run->host.folder);
}

/* How many lines the record of calls has. */
static size_t calls_count(const Run *run) {
    const char *calls = host_read(&run->host, calls_path(run), NULL);
    size_t count = 0;
    for (; calls && *calls; calls++)
        count += *calls == '\n';
    return count;
}

static int calls_check(Run *run) {
    json_t *plan = json_load_file(run->plan, 0, NULL);
    const char *calls = host_read(&run->host, calls_path(run), NULL);
    size_t number = 0, wrong = 0;
    for (const char *line = calls; line && *line; number++) {
        size_t length = strcspn(line, "\n");
        json_t *call = number >= run->calls_seen ? json_loadb(line, length, 0, NULL) : NULL;
        if (call && !is_looking(call) && !is_planned(plan, call)) {
            printf("    not in the plan: %.*s\n", (int)length, line);
            wrong++;
        }
        json_decref(call);
        line += length + (line[length] == '\n');
    }
    json_decref(plan);
    return wrong == 0;
}

/* ---- a round ---- */

static int is_code_of_refusal(const char *err) {
    return err && (strstr(err, "[E0601]") || strstr(err, "[E0602]") || strstr(err, "[E0603]"));
}

/* Plans; what must be refused is, and is taken back. */
static int plan_make(Run *run) {
    static const char *const OPTIONS[] = {"--format", "json", NULL};
    int certain = 0;
    for (uint32_t i = 0; i < run->site.refusals.count; i++)
        certain |= run->site.refusals.items[i].certain && run->site.refusals.items[i].resource->state == RESOURCE_PRESENT;
    int code = phxc(run, "plan", OPTIONS);
    if (code == 0)
        return !certain || fail(run, "what can't change was planned");
    if (code != 1 || !run->site.refusals.count || !is_code_of_refusal(host_read(&run->host, run->err, NULL)))
        return fail(run, PRINT("plan: exit %d", code));
    site_relent(&run->site);
    site_write(run);
    code = phxc(run, "plan", OPTIONS);
    return code == 0 || fail(run, PRINT("plan after the refusal: exit %d", code));
}

static int settle(Run *run) {
    site_write(run);
    if (!plan_make(run))
        return 0;
    if (rename(run->out, run->plan) < 0)
        return fail(run, "the plan could not be kept");
    Record before = host_record(&run->host, &run->site);
    run->calls_seen = calls_count(run);
    int code = phxc(run, "apply", (const char *const[]){"--yes", "--no-commands", NULL});
    if (code)
        return fail(run, PRINT("apply: exit %d", code));
    if (!calls_check(run))
        return fail(run, "a command was run that is not in the plan");
    site_applied(&run->site);
    Record after = host_record(&run->host, &run->site);
    if (record_compare(&before, &after))
        return fail(run, "something changed that the site does not write");
    code = phxc(run, "plan", (const char *const[]){"--detailed-exitcode", NULL});
    if (code) {
        const char *plan = host_read(&run->host, run->out, NULL);
        printf("%s", plan ? plan : "");
        return fail(run, PRINT("plan after apply: exit %d", code));
    }
    return 1;
}

/* ---- a seed ---- */

static int entry_remove(const char *path, const struct stat *status, int kind, struct FTW *at) {
    (void)status, (void)kind, (void)at;
    return remove(path);
}

static int seed_run(uint64_t seed, const char *folder, const char *build, int is_loud) {
    Arena *arena = arena_open();
    Run *run = ARENA_NEW(arena, Run);
    run->site.arena = arena;
    run->site.random.state = seed * 2 + 1;
    run->life.state = seed * 2;
    run->folder = folder;
    run->phxc = PRINT("%s/phxc", build);
    run->host = (Host){arena, &run->life, PRINT("%s/host", folder), PRINT("%s/sandbox", build), is_loud};
    run->place = PRINT("sandbox:%s", run->host.folder);
    run->text = PRINT("%s/site.phx", folder);
    run->plan = PRINT("%s/plan.json", folder);
    run->out = PRINT("%s/out", folder);
    run->err = PRINT("%s/err", folder);
    site_generate(&run->site);
    host_prepare(&run->host, &run->site);
    int good = settle(run);
    for (run->round = 1; run->round < ROUNDS && good; run->round++) {
        host_drift(&run->host, &run->site);
        site_edit(&run->site);
        good = settle(run);
    }
    arena_close(arena);
    return good;
}

int main(int argc, char **argv) {
    const char *build = getenv("BUILD"), *keep = NULL;
    uint64_t numbers[2];
    int count = 0, is_loud = 0;
    for (int i = 1; i < argc; i++) {
        char *end;
        if (!strcmp(argv[i], "--loud"))
            is_loud = 1;
        else if (!strcmp(argv[i], "--keep") && i + 1 < argc)
            keep = argv[++i];
        else if (count < 2 && (numbers[count++] = strtoull(argv[i], &end, 10), *end || !*argv[i]))
            count = 3;
    }
    if (count < 1 || count > 2) {
        fprintf(stderr, "usage: random SEED [LAST] [--keep DIR] [--loud]\n");
        return 64;
    }
    char real[4096];
    if (!realpath(build ? build : "build", real)) {
        perror("build");
        return 1;
    }
    setenv("HOME", "/nonexistent", 1);
    setenv("NO_COLOR", "1", 1);
    unsigned passed = 0, failed = 0;
    for (uint64_t seed = numbers[0]; seed <= numbers[count - 1]; seed++) {
        char folder[] = "/tmp/phx-random-XXXXXX";
        const char *bed = keep ? keep : mkdtemp(folder);
        if (!bed || (keep && mkdir(keep, 0700) < 0 && errno != EEXIST)) {
            perror("the folder");
            return 1;
        }
        int good = seed_run(seed, bed, real, is_loud);
        if (!good)
            printf("FAIL seed %llu: repeat it with build/tests/random/run %llu --keep DIR\n", (unsigned long long)seed, (unsigned long long)seed);
        fflush(stdout);
        passed += (unsigned)good;
        failed += (unsigned)!good;
        if (!keep)
            nftw(bed, entry_remove, 16, FTW_DEPTH | FTW_PHYS);
    }
    printf("%u passed, %u failed\n", passed, failed);
    return failed != 0;
}
