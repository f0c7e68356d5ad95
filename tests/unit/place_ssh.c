/* The place over ssh with a line that is no network: an `ssh` of the test's own hands what it is told to a shell of this machine, as sshd does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/place.h"

typedef struct Bed {
    Arena *arena;
    Loop *loop;
    Place *place;
    char folder[64];
    Text problem, advice;
} Bed;

/* A file of the bed, executable. */
static void script(const Bed *bed, const char *name, const char *text) {
    Str path = arena_printf(bed->arena, "%s/%s", bed->folder, name);
    FILE *file = fopen(path.text, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path.text, 0755), 0);
}

/* Opens the place with what [login] says before the command, for which [shell] is the login shell. */
static void bed_open_with(Bed *bed, const char *shell, const char *login) {
    *bed = (Bed){.arena = arena_open(), .loop = loop_open(), .folder = "/tmp/phxc-ssh-XXXXXX"};
    assert_non_null(mkdtemp(bed->folder));
    Str text = arena_printf(bed->arena, "#!/bin/sh\necho $$ >%s/pid\nfor last; do :; done\n%s\nexec %s -c \"$last\"\n", bed->folder, login, shell);
    script(bed, "ssh", text.text);
    setenv("PATH", arena_printf(bed->arena, "%s:/usr/bin:/bin", bed->folder).text, 1);
    setenv("HOME", bed->folder, 1);
    setenv("XDG_STATE_HOME", bed->folder, 1);
    SshTarget target;
    assert_true(ssh_target_read(bed->arena, STR("me@there"), &target, &bed->problem));
    bed->place = place_ssh_open(bed->arena, bed->loop, STR("ssh:me@there"), &target, &bed->problem, &bed->advice);
}

/* The same with sh; NULL: a login that says nothing. */
static void bed_open(Bed *bed, const char *login) {
    bed_open_with(bed, "/bin/sh", login ? login : "");
}

static void bed_close(Bed *bed) {
    place_close(bed->place);
    loop_close(bed->loop);
    text_fini(&bed->problem);
    text_fini(&bed->advice);
    assert_int_equal(system(arena_printf(bed->arena, "rm -rf %s", bed->folder).text), 0);
    arena_close(bed->arena);
}

/* ---- calls that wait ---- */

typedef struct Waited {
    int ended;
    Outcome outcome;
    Arena *arena;
    ReadAnswer answer;
} Waited;

static void outcome_came(void *context, Outcome *outcome) {
    Waited *waited = context;
    assert_false(waited->ended);
    waited->ended = 1;
    waited->outcome = *outcome;
}

static void answer_came(void *context, const ReadAnswer *answer) {
    Waited *waited = context;
    assert_false(waited->ended);
    waited->ended = 1;
    waited->answer = *answer;
    waited->answer.problem = arena_str(waited->arena, answer->problem);
    waited->answer.text = arena_str(waited->arena, answer->text);
    ReadFile *files = ARENA_ARRAY(waited->arena, ReadFile, answer->file_count + 1);
    for (uint32_t i = 0; i < answer->file_count; i++)
        files[i] = (ReadFile){arena_str(waited->arena, answer->files[i].path), arena_str(waited->arena, answer->files[i].text)};
    waited->answer.files = files;
}

static void wait_for(const Bed *bed, const Waited *waited) {
    assert_false(waited->ended);
    while (!waited->ended)
        assert_true(loop_turn(bed->loop));
}

static Outcome run_with(const Bed *bed, PlaceRun run) {
    Waited waited = {0};
    bed->place->class->run(bed->place, &run, outcome_came, &waited);
    wait_for(bed, &waited);
    return waited.outcome;
}

static Outcome shell(const Bed *bed, const char *text, int64_t timeout_ms) {
    const Str argv[] = {STR("sh"), STR("-c"), str_of(text)};
    return run_with(bed, (PlaceRun){.argv = argv, .argc = 3, .timeout_ms = timeout_ms});
}

static ReadAnswer read_with(const Bed *bed, ReadRequest request) {
    Waited waited = {.arena = bed->arena};
    bed->place->class->read(bed->place, &request, answer_came, &waited);
    wait_for(bed, &waited);
    return waited.answer;
}

static Outcome write_with(const Bed *bed, PlaceWrite write) {
    Waited waited = {0};
    bed->place->class->write(bed->place, &write, outcome_came, &waited);
    wait_for(bed, &waited);
    return waited.outcome;
}

static Outcome edit_with(const Bed *bed, PlaceEdit edit) {
    Waited waited = {0};
    bed->place->class->edit(bed->place, &edit, outcome_came, &waited);
    wait_for(bed, &waited);
    return waited.outcome;
}

static void assert_text(const Text *text, const char *wanted) {
    assert_string_equal(text->bytes ? text->bytes : "", wanted);
}

static void assert_says(const Text *text, const char *part) {
    if (!strstr(text->bytes ? text->bytes : "", part))
        fail_msg("no \"%s\" in \"%s\"", part, text->bytes ? text->bytes : "");
}

static Str bed_path(const Bed *bed, const char *name) {
    return arena_printf(bed->arena, "%s/%s", bed->folder, name);
}

/* ---- programs ---- */

static void arguments_arrive_byte_for_byte(void **state) {
    (void)state;
    Bed bed;
    bed_open(&bed, NULL);
    assert_non_null(bed.place);
    char every[256], input[70000];
    for (int byte = 1; byte < 256; byte++)
        every[byte - 1] = (char)byte;
    every[255] = 0;
    for (size_t i = 0; i < sizeof input; i++)
        input[i] = (char)i;
    const Str argv[] = {STR("printf"), STR("%s|"), str_of(every), STR(""), STR("'; touch /tmp/x; \"$(id)`id`\\"), STR("-n"), STR("*"), STR("~")};
    Outcome outcome = run_with(&bed, (PlaceRun){.argv = argv, .argc = 8});
    assert_int_equal(outcome.kind, OUTCOME_OK);
    Str wanted = arena_printf(bed.arena, "%s||'; touch /tmp/x; \"$(id)`id`\\|-n|*|~|", every);
    assert_string_equal(outcome.out.bytes, wanted.text);
    outcome_fini(&outcome);
    /* What it reads as well, with every byte and more than a pipe holds. */
    const Str cat[] = {STR("cat")};
    outcome = run_with(&bed, (PlaceRun){.argv = cat, .argc = 1, .input = {input, sizeof input}});
    assert_int_equal(outcome.out.length, sizeof input);
    assert_memory_equal(outcome.out.bytes, input, sizeof input);
    outcome_fini(&outcome);
    bed_close(&bed);
}

static void ends_are_told_apart(void **state) {
    (void)state;
    Bed bed;
    bed_open(&bed, NULL);
    Outcome outcome = shell(&bed, "echo out; echo err >&2; exit 255", 0);
    assert_int_equal(outcome.kind, OUTCOME_EXIT);
    assert_int_equal(outcome.code, 255);
    assert_text(&outcome.out, "out\n");
    assert_text(&outcome.err, "err\n");
    assert_text(&outcome.problem, "exit code 255");
    outcome_fini(&outcome);
    outcome = shell(&bed, "kill -9 $$", 0);
    assert_int_equal(outcome.kind, OUTCOME_SIGNAL);
    assert_int_equal(outcome.code, SIGKILL);
    outcome_fini(&outcome);
    const Str nowhere[] = {STR("no-such-program")};
    outcome = run_with(&bed, (PlaceRun){.argv = nowhere, .argc = 1});
    assert_int_equal(outcome.kind, OUTCOME_NOT_STARTED);
    assert_text(&outcome.problem, "no-such-program: command not found");
    outcome_fini(&outcome);
    const Str nul[] = {STR("echo"), {"a\0b", 3}};
    outcome = run_with(&bed, (PlaceRun){.argv = nul, .argc = 2});
    assert_int_equal(outcome.kind, OUTCOME_NOT_STARTED);
    assert_says(&outcome.problem, "argument 1 holds a NUL");
    outcome_fini(&outcome);
    char *long_one = calloc(1, 3 << 20);
    memset(long_one, 'x', (3 << 20) - 1);
    const Str too_long[] = {STR("echo"), str_of(long_one)};
    outcome = run_with(&bed, (PlaceRun){.argv = too_long, .argc = 2});
    assert_int_equal(outcome.kind, OUTCOME_NOT_STARTED);
    assert_says(&outcome.problem, "Argument list too long");
    outcome_fini(&outcome);
    free(long_one);
    bed_close(&bed);
}

static void what_never_ends_is_ended_there(void **state) {
    (void)state;
    Bed bed;
    bed_open(&bed, NULL);
    Str pids = bed_path(&bed, "pids");
    Str text = arena_printf(bed.arena, "sleep 600 & echo $$ $! >%s; wait", pids.text);
    Outcome outcome = shell(&bed, text.text, 300);
    assert_int_equal(outcome.kind, OUTCOME_TIMEOUT);
    assert_text(&outcome.problem, "not finished after 300ms");
    outcome_fini(&outcome);
    ReadRequest request = {.kind = READ_FILE, .path = pids};
    ReadAnswer answer = read_with(&bed, request);
    long shell_pid, sleep_pid;
    assert_int_equal(sscanf(answer.files[0].text.text, "%ld %ld", &shell_pid, &sleep_pid), 2);
    /* Orphans are waited for by who takes them in; give it a moment. */
    for (int i = 0; i < 100 && kill((pid_t)sleep_pid, 0) == 0; i++)
        usleep(20000);
    assert_int_equal(kill((pid_t)shell_pid, 0), -1);
    bed_close(&bed);
}

static void interrupts_end_what_runs(void **state) {
    (void)state;
    Bed bed;
    bed_open(&bed, NULL);
    const Str argv[] = {STR("sleep"), STR("600")};
    Waited waited = {0};
    PlaceRun run = {.argv = argv, .argc = 2};
    bed.place->class->run(bed.place, &run, outcome_came, &waited);
    usleep(100000);
    loop_cancel(bed.loop);
    wait_for(&bed, &waited);
    assert_int_equal(waited.outcome.kind, OUTCOME_CANCELLED);
    outcome_fini(&waited.outcome);
    bed_close(&bed);
}

static void a_flood_is_cut(void **state) {
    (void)state;
    Bed bed;
    bed_open(&bed, NULL);
    Outcome outcome = shell(&bed, "echo first; head -c 30000000 /dev/zero; echo last", 0);
    assert_int_equal(outcome.kind, OUTCOME_OK);
    assert_in_range(outcome.out.length, PROCESS_OUTPUT_LIMIT, PROCESS_OUTPUT_LIMIT + 100);
    assert_memory_equal(outcome.out.bytes, "first\n", 6);
    assert_memory_equal(outcome.out.bytes + outcome.out.length - 5, "last\n", 5);
    Text said = {0};
    text_addf(&said, "\n... %d bytes left out ...\n", 30000000 + 11 - PROCESS_OUTPUT_LIMIT);
    assert_non_null(memmem(outcome.out.bytes, outcome.out.length, said.bytes, said.length));
    text_fini(&said);
    outcome_fini(&outcome);
    const Str argv[] = {STR("cat"), STR("/dev/zero")};
    ReadAnswer answer = read_with(&bed, (ReadRequest){.kind = READ_RUN, .argv = argv, .argc = 2});
    assert_true(answer.failed);
    assert_string_equal(answer.problem.text, "cat: it printed more than 256 MiB");
    bed_close(&bed);
}

static void many_at_a_time(void **state) {
    (void)state;
    enum { COUNT = 40 };
    Bed bed;
    bed_open(&bed, NULL);
    Waited waited[COUNT] = {{0}};
    char numbers[COUNT][12];
    Str argv[COUNT][4];
    PlaceRun runs[COUNT];
    for (int i = 0; i < COUNT; i++) {
        snprintf(numbers[i], sizeof numbers[i], "%d", i);
        const Str words[] = {STR("sh"), STR("-c"), STR("sleep 0.$(($0 % 3)); echo $0"), str_of(numbers[i])};
        memcpy(argv[i], words, sizeof words);
        runs[i] = (PlaceRun){.argv = argv[i], .argc = 4, .timeout_ms = 60000};
        bed.place->class->run(bed.place, &runs[i], outcome_came, &waited[i]);
    }
    for (int i = 0; i < COUNT; i++) {
        while (!waited[i].ended)
            loop_turn(bed.loop);
        assert_int_equal(waited[i].outcome.kind, OUTCOME_OK);
        assert_int_equal(atoi(waited[i].outcome.out.bytes), i);
        outcome_fini(&waited[i].outcome);
    }
    bed_close(&bed);
}

/* ---- files ---- */

static void files_are_read(void **state) {
    (void)state;
    Bed bed;
    bed_open(&bed, NULL);
    assert_int_equal(system(arena_printf(bed.arena, "cd %s && mkdir -p d/a d/b d/.c && printf 'x\\ny' >d/a/1.conf && : >d/b/2.conf && echo z >d/.c/3.conf && "
                                         "echo n >d/a/1.txt && ln -s ../nowhere d/b/4.conf && mkfifo d/pipe && mkdir 'd/[x' && echo q >'d/[x/5.conf'",
                                         bed.folder).text), 0);
    ReadAnswer answer = read_with(&bed, (ReadRequest){.kind = READ_FILES, .path = bed_path(&bed, "d/*/*.conf")});
    assert_false(answer.failed);
    assert_int_equal(answer.file_count, 3);
    assert_true(str_equal(answer.files[0].path, bed_path(&bed, "d/[x/5.conf")));
    assert_true(str_equal(answer.files[1].path, bed_path(&bed, "d/a/1.conf")));
    assert_true(str_equal(answer.files[1].text, STR("x\ny")));
    assert_true(str_equal(answer.files[2].path, bed_path(&bed, "d/b/2.conf")));
    assert_int_equal(answer.files[2].text.length, 0);
    answer = read_with(&bed, (ReadRequest){.kind = READ_GLOB, .path = bed_path(&bed, "d/[ab]/?.[ct]*")});
    assert_int_equal(answer.file_count, 3);
    answer = read_with(&bed, (ReadRequest){.kind = READ_GLOB, .path = bed_path(&bed, "d/[!a]/?.conf")});
    assert_int_equal(answer.file_count, 1);
    answer = read_with(&bed, (ReadRequest){.kind = READ_FILES, .path = bed_path(&bed, "none/*")});
    assert_false(answer.failed);
    assert_int_equal(answer.file_count, 0);
    answer = read_with(&bed, (ReadRequest){.kind = READ_FILE, .path = bed_path(&bed, "d/a/1.conf/x")});
    assert_false(answer.failed);
    assert_int_equal(answer.file_count, 0);
    answer = read_with(&bed, (ReadRequest){.kind = READ_FILE, .path = bed_path(&bed, "d/a")});
    assert_true(answer.failed);
    assert_true(str_equal(answer.problem, arena_printf(bed.arena, "%s/d/a: it is a folder", bed.folder)));
    answer = read_with(&bed, (ReadRequest){.kind = READ_FILE, .path = bed_path(&bed, "d/pipe")});
    assert_true(answer.failed);
    /* The kernel tells no size of these. */
    answer = read_with(&bed, (ReadRequest){.kind = READ_FILE, .path = STR("/proc/self/status")});
    assert_true(answer.files[0].text.length > 100);
    bed_close(&bed);
}

static void programs_are_read(void **state) {
    (void)state;
    Bed bed;
    bed_open(&bed, NULL);
    const Str absent[] = {STR("sh"), STR("-c"), STR("echo part; echo 'no such thing' >&2; exit 3")};
    ReadAnswer answer = read_with(&bed, (ReadRequest){.kind = READ_RUN, .argv = absent, .argc = 3, .absent = STR("no such")});
    assert_false(answer.failed);
    assert_true(answer.absent);
    assert_true(str_equal(answer.text, STR("part\n")));
    answer = read_with(&bed, (ReadRequest){.kind = READ_RUN, .argv = absent, .argc = 3});
    assert_true(answer.failed);
    assert_string_equal(answer.problem.text, "sh: exit code 3: no such thing");
    bed_close(&bed);
}

static void files_are_written(void **state) {
    (void)state;
    Bed bed;
    bed_open(&bed, NULL);
    struct stat status;
    Str path = bed_path(&bed, "new/deep/file");
    Outcome outcome = write_with(&bed, (PlaceWrite){.path = path, .content = {"a\0b", 3}, .mode = 0640});
    assert_int_equal(outcome.kind, OUTCOME_OK);
    assert_int_equal(stat(path.text, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0640);
    assert_int_equal(status.st_size, 3);
    outcome_fini(&outcome);
    /* What a killed run left is taken away; a link is followed, and stays one. */
    assert_int_equal(system(arena_printf(bed.arena, "echo old >%s/new/deep/.file.phxc-new && ln -s deep/file %s/new/link", bed.folder, bed.folder).text), 0);
    outcome = write_with(&bed, (PlaceWrite){.path = bed_path(&bed, "new/link"), .content = STR("second"), .mode = 0600});
    assert_int_equal(outcome.kind, OUTCOME_OK);
    assert_int_equal(stat(path.text, &status), 0);
    assert_int_equal(status.st_size, 6);
    assert_int_equal(access(bed_path(&bed, "new/deep/.file.phxc-new").text, F_OK), -1);
    outcome_fini(&outcome);
    outcome = write_with(&bed, (PlaceWrite){.path = bed_path(&bed, "new"), .content = STR("x"), .mode = 0600});
    assert_int_equal(outcome.kind, OUTCOME_REFUSED);
    assert_text(&outcome.problem, arena_printf(bed.arena, "%s/new: it is a folder", bed.folder).text);
    outcome_fini(&outcome);
    outcome = write_with(&bed, (PlaceWrite){.path = path, .content = STR("x"), .mode = 0600, .owner = STR("nobody-here:1")});
    assert_int_equal(outcome.kind, OUTCOME_REFUSED);
    assert_says(&outcome.problem, "there is no user nobody-here");
    outcome_fini(&outcome);
    outcome = write_with(&bed, (PlaceWrite){.path = STR("/dev/full"), .content = STR("x"), .mode = 0600});
    assert_int_equal(outcome.kind, OUTCOME_REFUSED);
    assert_text(&outcome.problem, "/dev/full: it is no regular file");
    outcome_fini(&outcome);
    outcome = write_with(&bed, (PlaceWrite){.path = STR("/proc/phxc-new"), .content = STR("x"), .mode = 0600});
    assert_int_equal(outcome.kind, OUTCOME_REFUSED);
    assert_says(&outcome.problem, "/proc/phxc-new: ");
    outcome_fini(&outcome);
    bed_close(&bed);
}

static void edits_are_guarded(void **state) {
    (void)state;
    Bed bed;
    bed_open(&bed, NULL);
    Str path = bed_path(&bed, "conf");
    const Str add[] = {STR("b: 2")}, remove[] = {STR("a")};
    PlaceEdit edit = {.path = path, .lines = {.add = add, .add_count = 1}};
    Outcome outcome = edit_with(&bed, edit);
    assert_int_equal(outcome.kind, OUTCOME_OK);
    outcome_fini(&outcome);
    assert_int_equal(system(arena_printf(bed.arena, "chmod 604 %s && grep -qx 'b: 2' %s && echo 'a: 1' >>%s", path.text, path.text, path.text).text), 0);
    edit = (PlaceEdit){.path = path, .lines = {.remove = remove, .remove_count = 1}, .digest = STR("0000000000000000000000000000000000000000")};
    outcome = edit_with(&bed, edit);
    assert_int_equal(outcome.kind, OUTCOME_REFUSED);
    assert_says(&outcome.problem, "the file was changed by someone else since it was read");
    outcome_fini(&outcome);
    edit.digest = STR("7b7c7a7cab4dca4e9d8a3f6a6fa1a4d2d7a5b0b8");
    edit.path = bed_path(&bed, "gone");
    outcome = edit_with(&bed, edit);
    assert_says(&outcome.problem, "the file is gone");
    outcome_fini(&outcome);
    /* Several at once: none loses what another did. */
    enum { COUNT = 12 };
    Waited waited[COUNT] = {{0}};
    PlaceEdit edits[COUNT];
    Str lines[COUNT];
    for (int i = 0; i < COUNT; i++) {
        lines[i] = arena_printf(bed.arena, "line%d: 1", i);
        edits[i] = (PlaceEdit){.path = path, .lines = {.add = &lines[i], .add_count = 1}};
        bed.place->class->edit(bed.place, &edits[i], outcome_came, &waited[i]);
    }
    for (int i = 0; i < COUNT; i++) {
        while (!waited[i].ended)
            loop_turn(bed.loop);
        assert_int_equal(waited[i].outcome.kind, OUTCOME_OK);
        outcome_fini(&waited[i].outcome);
    }
    assert_int_equal(system(arena_printf(bed.arena, "[ $(grep -c line %s) = 12 ] && [ $(stat -c %%a %s) = 604 ]", path.text, path.text).text), 0);
    bed_close(&bed);
}

/* ---- the connection ---- */

static void a_talkative_login_does_no_harm(void **state) {
    (void)state;
    Bed bed;
    bed_open(&bed, "echo Welcome; head -c 5000 /dev/zero; echo mail >&2");
    assert_non_null(bed.place);
    Outcome outcome = shell(&bed, "echo fine", 0);
    assert_text(&outcome.out, "fine\n");
    outcome_fini(&outcome);
    bed_close(&bed);
}

static void refusals_are_explained(void **state) {
    (void)state;
    static const struct { const char *login, *problem, *advice; } cases[] = {
        {"echo 'ssh: connect to host there port 22: Connection refused' >&2; exit 255", "Connection refused", "is sshd running there"},
        {"echo 'me@there: Permission denied (publickey).' >&2; exit 255", "Permission denied (publickey)", "ssh-add"},
        {"printf '@@@\\nWARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!\\nHost key verification failed.\\r\\n' >&2; exit 255", "host key has changed",
         "ssh-keygen -R there"},
        {"echo 'Host key verification failed.' >&2; exit 255", "its host key is unknown", "log in once with `ssh there`"},
        {"echo 'sh: 1: exec: perl: not found' >&2; exit 127", "there is no perl", "perl-base"},
        {"echo 'some\033[31mthing' >&2; exit 3", "some?[31mthing", ""},
        {"exit 3", "exit code 3", ""},
        {"head -c 2000000 /dev/zero; sleep 60", "not the program that was sent", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        Bed bed;
        bed_open(&bed, cases[i].login);
        assert_null(bed.place);
        assert_says(&bed.problem, cases[i].problem);
        assert_says(&bed.advice, cases[i].advice);
        bed_close(&bed);
    }
}

static void forms_are_judged(void **state) {
    (void)state;
    static const char *const bad[] = {"", "@host", "a@", "host:", "host:x", "host:123456", "fd00::1", "[fd00::1", "[fd00::1]x", "-oProxyCommand=x", "-u@host",
                                      "a b", "host\n"};
    static const struct { const char *text, *user, *host, *port; } good[] = {
        {"pve1", "", "pve1", ""}, {"root@pve1", "root", "pve1", ""}, {"root@10.0.0.11:2222", "root", "10.0.0.11", "2222"}, {"[fd00::1]", "", "fd00::1", ""},
        {"a@b@[fd00::1]:22", "a@b", "fd00::1", "22"},
    };
    Arena *arena = arena_open();
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        SshTarget target;
        Text problem = {0};
        if (ssh_target_read(arena, str_of(bad[i]), &target, &problem) || !problem.length)
            fail_msg("\"%s\" is taken", bad[i]);
        text_fini(&problem);
    }
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        SshTarget target;
        Text problem = {0};
        assert_true(ssh_target_read(arena, str_of(good[i].text), &target, &problem));
        assert_true(str_equal(target.user, str_of(good[i].user)) && str_equal(target.host, str_of(good[i].host)) &&
                    str_equal(target.port, str_of(good[i].port)));
    }
    arena_close(arena);
}

static void a_cut_is_told_and_final(void **state) {
    (void)state;
    Bed bed;
    bed_open(&bed, NULL);
    const Str argv[] = {STR("sleep"), STR("3")};
    Waited waited = {0};
    PlaceRun run = {.argv = argv, .argc = 2};
    bed.place->class->run(bed.place, &run, outcome_came, &waited);
    usleep(100000);
    assert_int_equal(system(arena_printf(bed.arena, "kill -9 $(cat %s/pid)", bed.folder).text), 0);
    wait_for(&bed, &waited);
    assert_int_equal(waited.outcome.kind, OUTCOME_LOST);
    assert_says(&waited.outcome.problem, "the connection to ssh:me@there was cut");
    outcome_fini(&waited.outcome);
    Outcome outcome = shell(&bed, "echo never", 0);
    assert_int_equal(outcome.kind, OUTCOME_LOST);
    outcome_fini(&outcome);
    ReadAnswer answer = read_with(&bed, (ReadRequest){.kind = READ_FILE, .path = STR("/etc/passwd")});
    assert_true(answer.failed);
    outcome = edit_with(&bed, (PlaceEdit){.path = STR("/nowhere")});
    assert_int_equal(outcome.kind, OUTCOME_LOST);
    outcome_fini(&outcome);
    bed_close(&bed);
}

/* The one text that a shell gets to see means the same to sh, csh and fish: a word in single quotes with nothing in it that any of them reads. */
static void the_shell_sees_one_harmless_text(void **state) {
    (void)state;
    Bed bed;
    bed_open(&bed, "printf %s \"$last\" >${0%/*}/sent");
    ReadAnswer answer = read_with(&bed, (ReadRequest){.kind = READ_FILE, .path = bed_path(&bed, "sent")});
    Str sent = answer.files[0].text;
    const char start[] = "exec perl -e '";
    assert_memory_equal(sent.text, start, sizeof start - 1);
    assert_int_equal(sent.text[sent.length - 1], '\'');
    for (size_t i = sizeof start - 1; i < sent.length - 1; i++)
        assert_null(strchr("'\\!\n\t", sent.text[i]));
    bed_close(&bed);
}

static void any_login_shell_will_do(void **state) {
    (void)state;
    static const char *const shells[] = {"/bin/dash", "/bin/bash", "/usr/bin/zsh", "/usr/bin/tcsh", "/bin/csh", "/usr/bin/fish", "/usr/bin/ksh"};
    for (size_t i = 0; i < sizeof shells / sizeof shells[0]; i++) {
        if (access(shells[i], X_OK) < 0)
            continue;
        Bed bed;
        bed_open_with(&bed, shells[i], "");
        if (!bed.place)
            fail_msg("%s: %s", shells[i], bed.problem.bytes);
        bed_close(&bed);
    }
}

int main(void) {
    signal(SIGPIPE, SIG_IGN);   /* as the program does: a login that ends at once may do so while it is written to */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arguments_arrive_byte_for_byte),
        cmocka_unit_test(ends_are_told_apart),
        cmocka_unit_test(what_never_ends_is_ended_there),
        cmocka_unit_test(interrupts_end_what_runs),
        cmocka_unit_test(a_flood_is_cut),
        cmocka_unit_test(many_at_a_time),
        cmocka_unit_test(files_are_read),
        cmocka_unit_test(programs_are_read),
        cmocka_unit_test(files_are_written),
        cmocka_unit_test(edits_are_guarded),
        cmocka_unit_test(a_talkative_login_does_no_harm),
        cmocka_unit_test(refusals_are_explained),
        cmocka_unit_test(forms_are_judged),
        cmocka_unit_test(a_cut_is_told_and_final),
        cmocka_unit_test(the_shell_sees_one_harmless_text),
        cmocka_unit_test(any_login_shell_will_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
