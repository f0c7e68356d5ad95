/* Programs: output, exit codes, input, limits, time, what is inherited. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/process.h"

typedef struct Run {
    Loop *loop;
    int ended;
    int calls;
    Outcome outcome;
} Run;

static void run_done(void *context, Outcome *outcome) {
    Run *run = context;
    run->ended = 1;
    run->calls++;
    run->outcome = *outcome;
}

static char *const ENVIRONMENT[] = {(char[]){"PATH=/usr/bin:/bin"}, (char[]){"LC_ALL=C"}, NULL};

/* Runs a shell script: the tests may use one, phxc does not. */
static void run_start(Run *run, const char *script, ProcessSpec spec) {
    char *text = strdup(script);
    char *argv[] = {(char[]){"sh"}, (char[]){"-c"}, text, NULL};
    spec.program = "/bin/sh";
    spec.argv = argv;
    spec.environment = ENVIRONMENT;
    if (!spec.output_limit)
        spec.output_limit = PROCESS_OUTPUT_LIMIT;
    process_start(run->loop, &spec, run_done, run);
    free(text);
}

static Run run_script(const char *script, ProcessSpec spec) {
    Run run = {.loop = loop_open()};
    run_start(&run, script, spec);
    assert_int_equal(run.ended, 0);
    while (!run.ended)
        assert_true(loop_turn(run.loop));
    assert_int_equal(run.calls, 1);
    assert_int_equal(loop_turn(run.loop), 0);
    loop_close(run.loop);
    return run;
}

static void test_output_and_exit_code(void **state) {
    (void)state;
    Run run = run_script("echo out; echo err >&2; exit 3", (ProcessSpec){0});
    assert_int_equal(run.outcome.kind, OUTCOME_EXIT);
    assert_int_equal(run.outcome.code, 3);
    assert_string_equal(run.outcome.out.bytes, "out\n");
    assert_string_equal(run.outcome.err.bytes, "err\n");
    assert_string_equal(run.outcome.problem.bytes, "exit code 3");
    outcome_fini(&run.outcome);
    run = run_script("exit 0", (ProcessSpec){0});
    assert_int_equal(run.outcome.kind, OUTCOME_OK);
    assert_int_equal(run.outcome.problem.length, 0);
    outcome_fini(&run.outcome);
}

static void test_missing_program(void **state) {
    (void)state;
    Run run = {.loop = loop_open()};
    char *argv[] = {(char[]){"frobnicate"}, NULL};
    ProcessSpec spec = {.program = "/nonexistent/frobnicate", .argv = argv, .environment = ENVIRONMENT, .output_limit = 100};
    process_start(run.loop, &spec, run_done, &run);
    assert_int_equal(run.ended, 0);
    while (!run.ended)
        loop_turn(run.loop);
    assert_int_equal(run.outcome.kind, OUTCOME_NOT_STARTED);
    assert_string_equal(run.outcome.problem.bytes, "frobnicate: command not found");
    outcome_fini(&run.outcome);
    loop_close(run.loop);
}

static void test_signal(void **state) {
    (void)state;
    Run run = run_script("kill -USR1 $$", (ProcessSpec){0});
    assert_int_equal(run.outcome.kind, OUTCOME_SIGNAL);
    assert_int_equal(run.outcome.code, SIGUSR1);
    outcome_fini(&run.outcome);
}

/* More than any pipe holds goes both ways at once: whoever waits for one side would wait for ever. */
static void test_input_and_output_without_deadlock(void **state) {
    (void)state;
    size_t length = 3 << 20;
    char *input = malloc(length);
    for (size_t i = 0; i < length; i++)
        input[i] = (char)('a' + i % 26);
    Run run = run_script("cat", (ProcessSpec){.input = {input, length}, .output_limit = 4 << 20, .capture = CAPTURE_ALL});
    assert_int_equal(run.outcome.kind, OUTCOME_OK);
    assert_int_equal(run.outcome.out.length, length);
    assert_memory_equal(run.outcome.out.bytes, input, length);
    outcome_fini(&run.outcome);
    /* One that does not read its input ends as it likes. */
    signal(SIGPIPE, SIG_IGN);
    run = run_script("exit 0", (ProcessSpec){.input = {input, length}});
    assert_int_equal(run.outcome.kind, OUTCOME_OK);
    outcome_fini(&run.outcome);
    free(input);
}

static void test_no_input_is_empty(void **state) {
    (void)state;
    Run run = run_script("cat; echo end", (ProcessSpec){0});
    assert_string_equal(run.outcome.out.bytes, "end\n");
    outcome_fini(&run.outcome);
}

static void test_ends_of_long_output(void **state) {
    (void)state;
    Run run = run_script("i=0; while [ $i -lt 5000 ]; do echo line $i; i=$((i+1)); done", (ProcessSpec){.output_limit = 1000});
    assert_int_equal(run.outcome.kind, OUTCOME_OK);
    assert_non_null(strstr(run.outcome.out.bytes, "line 0\nline 1\n"));
    assert_non_null(strstr(run.outcome.out.bytes, "bytes left out ..."));
    assert_non_null(strstr(run.outcome.out.bytes, "line 4999\n"));
    assert_null(strstr(run.outcome.out.bytes, "line 2500\n"));
    assert_in_range(run.outcome.out.length, 1000, 1100);
    outcome_fini(&run.outcome);
    /* At the limit exactly nothing is left out, and the halves are in order. */
    run = run_script("printf 0123456789", (ProcessSpec){.output_limit = 10});
    assert_string_equal(run.outcome.out.bytes, "0123456789");
    outcome_fini(&run.outcome);
    run = run_script("printf 0123456789ABC", (ProcessSpec){.output_limit = 10});
    assert_string_equal(run.outcome.out.bytes, "01234\n... 3 bytes left out ...\n89ABC");
    outcome_fini(&run.outcome);
}

static void test_bulk_limit_ends_the_program(void **state) {
    (void)state;
    Run run = run_script("while :; do echo more and more; done", (ProcessSpec){.output_limit = 1 << 20, .capture = CAPTURE_ALL});
    assert_int_equal(run.outcome.kind, OUTCOME_TOO_LONG);
    assert_string_equal(run.outcome.problem.bytes, "it printed more than 1 MiB");
    outcome_fini(&run.outcome);
}

static void test_timeout_ends_the_whole_group(void **state) {
    (void)state;
    int64_t start = loop_now_ms();
    Run run = run_script("echo begun; sleep 100 & sleep 100", (ProcessSpec){.timeout_ms = 200});
    assert_int_equal(run.outcome.kind, OUTCOME_TIMEOUT);
    assert_string_equal(run.outcome.out.bytes, "begun\n");
    assert_string_equal(run.outcome.problem.bytes, "not finished after 200ms");
    assert_in_range(loop_now_ms() - start, 150, 3000);
    outcome_fini(&run.outcome);
}

/* A daemon keeps the output open; nobody waits for it. */
static void test_daemon_is_not_waited_for(void **state) {
    (void)state;
    int64_t start = loop_now_ms();
    Run run = run_script("sleep 5 & echo $!", (ProcessSpec){0});
    assert_int_equal(run.outcome.kind, OUTCOME_OK);
    assert_in_range(loop_now_ms() - start, 0, 3000);
    pid_t daemon_pid = (pid_t)atol(run.outcome.out.bytes);
    assert_int_equal(kill(daemon_pid, SIGKILL), 0);
    outcome_fini(&run.outcome);
}

/* Of ours a program sees three descriptors, the folder /, its own process group and the environment it was given. */
static void test_nothing_leaks(void **state) {
    (void)state;
    int leaked = open("/dev/null", O_RDONLY);
    setenv("PHX_SECRET_OF_THE_TEST", "leaked", 1);
    Run run = run_script("i=0; while [ $i -lt 300 ]; do [ -e /proc/$$/fd/$i ] && printf '%d ' $i; i=$((i+1)); done; "
                         "pwd; env | grep -c SECRET_OF; "
                         "read -r pid name state parent group rest </proc/$$/stat; [ $group = $$ ] && echo own group",
                         (ProcessSpec){0});
    assert_non_null(strstr(run.outcome.out.bytes, "0 1 2 /\n0\n"));
    assert_non_null(strstr(run.outcome.out.bytes, "own group"));
    outcome_fini(&run.outcome);
    close(leaked);
}

static void test_signals_are_the_systems(void **state) {
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    Run run = run_script("sed -n 's/^Sig[BI][lg][kn]:.//p' /proc/self/status", (ProcessSpec){0});
    char *end;
    /* 32 and 33 are the C library's own, which nobody can set. */
    unsigned long long own = 3ull << 31, blocked = strtoull(run.outcome.out.bytes, &end, 16), ignored = strtoull(end, NULL, 16);
    assert_int_equal(blocked & ~own, 0);
    assert_int_equal(ignored & ~own, 0);
    assert_int_equal(run.outcome.out.length, 34);
    outcome_fini(&run.outcome);
}

static void test_cancel(void **state) {
    (void)state;
    Run first = {.loop = loop_open()}, second = {.loop = first.loop};
    int64_t start = loop_now_ms();
    run_start(&first, "sleep 100", (ProcessSpec){0});
    run_start(&second, "trap '' TERM; echo no; exec sleep 1", (ProcessSpec){0});
    loop_turn(first.loop);
    loop_cancel(first.loop);
    loop_cancel(first.loop);
    while (!first.ended || !second.ended)
        assert_true(loop_turn(first.loop));
    assert_int_equal(first.outcome.kind, OUTCOME_CANCELLED);
    assert_int_equal(first.calls + second.calls, 2);
    assert_in_range(loop_now_ms() - start, 0, 8000);
    outcome_fini(&first.outcome);
    outcome_fini(&second.outcome);
    loop_close(first.loop);
}

/* Eight at a time, two hundred in all: none is lost and none is mixed up. */
static void test_many(void **state) {
    (void)state;
    Run runs[200] = {{0}};
    Loop *loop = loop_open();
    for (int next = 0, at = 0; at < 200;) {
        for (; next < 200 && next < at + 8; next++) {
            char script[40];
            runs[next].loop = loop;
            snprintf(script, sizeof script, "echo %d", next);
            run_start(&runs[next], script, (ProcessSpec){0});
        }
        loop_turn(loop);
        while (at < 200 && runs[at].ended)
            at++;
    }
    for (int i = 0; i < 200; i++) {
        assert_int_equal(atoi(runs[i].outcome.out.bytes), i);
        outcome_fini(&runs[i].outcome);
    }
    assert_int_equal(loop_turn(loop), 0);
    loop_close(loop);
}

static void test_find(void **state) {
    (void)state;
    Arena *arena = arena_open();
    assert_string_equal(process_find(arena, STR("/nonexistent:relative:/bin:/usr/bin"), STR("sh")).text, "/bin/sh");
    assert_string_equal(process_find(arena, STR(""), STR("/bin/sh")).text, "/bin/sh");
    assert_int_equal(process_find(arena, STR("/bin:/usr/bin"), STR("no-such-program")).length, 0);
    assert_int_equal(errno, ENOENT);
    /* Neither a folder nor a file without the right to run is a program. */
    assert_int_equal(process_find(arena, STR("/"), STR("etc")).length, 0);
    assert_int_equal(process_find(arena, STR("/etc"), STR("passwd")).length, 0);
    assert_int_equal(errno, EACCES);
    assert_int_equal(process_find(arena, STR("/bin"), STR("")).length, 0);
    arena_close(arena);
}

static void set_flag(void *context) {
    *(int *)context = 1;
}

static void count_up(void *context) {
    ++*(int *)context;
}

static void test_timers_and_interrupts(void **state) {
    (void)state;
    Loop *loop = loop_open();
    int late = 0, soon = 0, gone = 0, interrupts = 0;
    loop_timer(loop, 60, set_flag, &late);
    loop_timer(loop, 0, set_flag, &soon);
    loop_timer_cancel(loop_timer(loop, 0, set_flag, &gone));
    loop_turn(loop);
    assert_true(soon && !late);
    loop_interrupts(loop, count_up, &interrupts);
    kill(getpid(), SIGINT);
    kill(getpid(), SIGTERM);
    while (!late)
        loop_turn(loop);
    assert_int_equal(interrupts, 2);
    assert_false(gone);
    loop_interrupts(loop, NULL, NULL);
    assert_int_equal(loop_turn(loop), 0);
    loop_close(loop);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_output_and_exit_code), cmocka_unit_test(test_missing_program), cmocka_unit_test(test_signal),
        cmocka_unit_test(test_input_and_output_without_deadlock), cmocka_unit_test(test_no_input_is_empty),
        cmocka_unit_test(test_ends_of_long_output), cmocka_unit_test(test_bulk_limit_ends_the_program),
        cmocka_unit_test(test_timeout_ends_the_whole_group), cmocka_unit_test(test_daemon_is_not_waited_for),
        cmocka_unit_test(test_nothing_leaks), cmocka_unit_test(test_signals_are_the_systems), cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_many), cmocka_unit_test(test_find), cmocka_unit_test(test_timers_and_interrupts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
