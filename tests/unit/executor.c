/* The executor on a place that only pretends: order, locks, failures, looks, waits, interrupts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/execute.h"
#include "runtime/schedule.h"

enum { STEP_LIMIT = 64, TASK_LIMIT = 256 };

/* A place whose programs do what their first argument says: `ok`, `fail`, `slow` (ends when told), `soon` (fails
   as often as is said), `held` (the same, complaining of a lock), `late` (the same, out of time), `stuck` (the same, then
   takes all the time it has). */
typedef struct FakePlace {
    Place place;
    int running, most_running;
    int looks;
    struct Bed *bed;
} FakePlace;

typedef struct Bed {
    Arena *arena;
    Names *names;
    Loop *loop;
    FakePlace fake;
    Places places;
    Place *bound;
    Str address;
    Step steps[STEP_LIMIT];
    const Step *order[STEP_LIMIT];
    uint32_t after[STEP_LIMIT][STEP_LIMIT];
    Str locks[STEP_LIMIT][4];
    Command commands[STEP_LIMIT][4];
    Plan plan;
    Text log;                   /* what was told, a word each */
    int already[STEP_LIMIT + 1];
    int broken[STEP_LIMIT + 1]; /* the look after it finds something else */
    uint32_t forbidden;         /* the step whose start is forbidden */
    uint32_t told;              /* steps that were told to begin and are not kept yet */
    int keeps;                  /* how often they were */
    int unkept;                 /* the number of the time that this fails; 0: none */
    int forbidden_again;        /* so is every further try */
    int unknown_known;
    int interrupt_at;           /* the number of the run that is interrupted */
    int runs;
    int soon;
    uint32_t held[STEP_LIMIT + 1];
} Bed;

typedef struct Task {
    FakePlace *fake;
    Outcome outcome;
    OutcomeDone *done;
    AnswerDone *answered;
    void *context;
    LoopJob *job;
    LoopTimer *timer;
} Task;

static void task_due(void *context) {
    Task *task = context;
    task->fake->running--;
    loop_job_end(task->job);
    task->done(task->context, &task->outcome);
    free(task);
}

static void task_cancel(void *context) {
    Task *task = context;
    task->outcome.kind = OUTCOME_CANCELLED;
    loop_timer_cancel(task->timer);
    task->timer = loop_timer(task->fake->place.loop, 0, task_due, task);
}

static void fake_run(Place *place, const PlaceRun *run, OutcomeDone *done, void *context) {
    FakePlace *fake = (FakePlace *)place;
    Bed *bed = fake->bed;
    Task *task = calloc(1, sizeof *task);
    int64_t delay = 1;
    task->fake = fake;
    task->done = done;
    task->context = context;
    if (++fake->running > fake->most_running)
        fake->most_running = fake->running;
    if (str_equal(run->argv[0], STR("fail"))) {
        task->outcome.kind = OUTCOME_EXIT;
        task->outcome.code = 7;
        text_add_literal(&task->outcome.problem, "exit code 7");
    } else if (str_equal(run->argv[0], STR("lost"))) {
        task->outcome.kind = OUTCOME_LOST;
        text_add_literal(&task->outcome.problem, "cut");
    } else if (str_equal(run->argv[0], STR("slow"))) {
        delay = 60000;
    } else if (str_equal(run->argv[0], STR("steady"))) {
        delay = 400;    /* longer than three others take, however busy the machine is */
    } else if (str_equal(run->argv[0], STR("soon")) && bed->soon-- > 0) {
        task->outcome.kind = OUTCOME_EXIT;
        text_add_literal(&task->outcome.problem, "exit code 1");
    } else if (str_equal(run->argv[0], STR("held")) && bed->soon-- > 0) {
        task->outcome.kind = OUTCOME_EXIT;
        text_add_literal(&task->outcome.problem, "exit code 255");
        text_add_literal(&task->outcome.err, "trying...\ncan't lock file 'x' - got timeout\n");
    } else if (str_equal(run->argv[0], STR("late")) && bed->soon-- > 0) {
        task->outcome.kind = OUTCOME_TIMEOUT;
        text_add_literal(&task->outcome.problem, "out of time");
        text_add_literal(&task->outcome.err, "can't lock file 'x' - got timeout\n");
    } else if (str_equal(run->argv[0], STR("stuck"))) {
        int hangs = bed->soon-- <= 0;
        task->outcome.kind = hangs ? OUTCOME_TIMEOUT : OUTCOME_EXIT;
        text_add(&task->outcome.problem, hangs ? STR("out of time") : STR("exit code 1"));
        delay = hangs ? run->timeout_ms : delay;
    } else if (str_equal(run->argv[0], STR("echo"))) {
        text_addf(&bed->log, "{%.*s} ", (int)run->argv[1].length, run->argv[1].text);
    }
    task->job = loop_job(place->loop, task_cancel, task);
    task->timer = loop_timer(place->loop, delay, task_due, task);
    if (++bed->runs == bed->interrupt_at)
        kill(getpid(), SIGINT);
}

static void look_due(void *context) {
    Task *task = context;
    ReadAnswer answer = {.text = STR("state")};
    task->fake->looks++;
    task->answered(task->context, &answer);
    free(task);
}

static void fake_read(Place *place, const ReadRequest *request, AnswerDone *done, void *context) {
    Task *task = calloc(1, sizeof *task);
    (void)request;
    *task = (Task){.fake = (FakePlace *)place, .answered = done, .context = context};
    loop_timer(place->loop, 1, look_due, task);
}

static const PlaceClass FAKE_CLASS = {.read = fake_read, .run = fake_run};

/* ---- the oracle and the listener ---- */

static StepNeed says_need(void *context, const Step *step) {
    return ((Bed *)context)->already[step->id] ? NEED_NOTHING : NEED_ALL;
}

static const ReadRequest *says_reads(void *context, const Step *step, uint32_t *count) {
    static const ReadRequest request = {.kind = READ_FILE};
    (void)context;
    *count = step->last ? 1 : 0;
    return &request;
}

static void takes_answer(void *context, const ReadRequest *request, const ReadAnswer *answer) {
    (void)context;
    (void)request;
    assert_false(answer->failed);
}

static int says_verified(void *context, const Step *step, Text *report) {
    Bed *bed = context;
    if (bed->broken[step->id])
        text_add_literal(report, "memory: expected 2GiB, found 1GiB\n");
    return !bed->broken[step->id];
}

static int fills(void *context, const Value *unknown, Str *text) {
    (void)unknown;
    *text = STR("filled");
    return ((Bed *)context)->unknown_known;
}

static int told(void *context, const StepNews *news, Text *problem) {
    static const char *const WORDS[] = {"start", "command", "again", "done", "already", "failed", "left-out", "stopped"};
    Bed *bed = context;
    if ((news->state == STEP_STARTED && news->step->id == bed->forbidden) || (news->state == STEP_AGAIN && bed->forbidden_again)) {
        text_add_literal(problem, "the journal is full");
        return 0;
    }
    if (news->state == STEP_STARTED)
        bed->told++;
    else if (news->state == STEP_COMMAND)
        assert_int_equal(bed->told, 0);
    if (news->state != STEP_COMMAND)
        text_addf(&bed->log, "%s:%u ", WORDS[news->state], news->step->id);
    if (news->attempt)
        text_addf(&bed->log, "(%u of %u, %lldms) ", news->attempt->number, news->attempt->of, (long long)news->attempt->pause_ms);
    if (news->state == STEP_FAILED)
        text_addf(&bed->log, "(%.*s) ", (int)news->problem.length, news->problem.text);
    return 1;
}

static int keeps(void *context, Text *problem) {
    Bed *bed = context;
    bed->told = 0;
    if (++bed->keeps != bed->unkept)
        return 1;
    text_add_literal(problem, "the disk is full");
    return 0;
}

/* ---- plans ---- */

static void bed_open(Bed *bed) {
    memset(bed, 0, sizeof *bed);
    bed->arena = arena_open();
    bed->names = names_new(bed->arena);
    bed->loop = loop_open();
    bed->fake = (FakePlace){.place = {&FAKE_CLASS, STR("fake"), bed->loop}, .bed = bed};
    bed->bound = &bed->fake.place;
    bed->address = STR("");
    bed->places = (Places){.addresses = &bed->address, .bound = &bed->bound, .count = 1};
    bed->plan.steps = bed->order;
    for (uint32_t i = 0; i < STEP_LIMIT; i++)
        bed->order[i] = &bed->steps[i];
}

static void bed_close(Bed *bed) {
    assert_int_equal(loop_turn(bed->loop), 0);
    loop_close(bed->loop);
    text_fini(&bed->log);
    arena_close(bed->arena);
}

static const Value *string(Bed *bed, const char *text) {
    return value_string(bed->arena, SPAN_NONE, str_of(text));
}

static const Value *list(Bed *bed, const Value *a, const Value *b) {
    const Value **items = ARENA_ARRAY(bed->arena, const Value *, 2);
    items[0] = a;
    items[1] = b;
    return value_list(bed->arena, SPAN_NONE, items, b ? 2 : 1);
}

static const Value *record(Bed *bed, const char *tag, const char *first, const Value *first_value, const char *second, const Value *second_value) {
    RecordBuilder builder = {.arena = bed->arena};
    record_add(&builder, name_intern(bed->names, str_of(first)), first_value, SPAN_NONE, NULL);
    if (second)
        record_add(&builder, name_intern(bed->names, str_of(second)), second_value, SPAN_NONE, NULL);
    return record_finish(&builder, SPAN_NONE, name_intern(bed->names, str_of(tag)));
}

static void command_add(Bed *bed, Step *step, CommandKind kind, const Value *fields) {
    uint32_t at = step->id - 1;
    bed->commands[at][step->command_count++] = command_of(kind, STR(""), fields->as.record);
    step->commands = bed->commands[at];
}

/* Adds a step that runs [program], after the steps named in "1 2", with the locks named in "a b". */
static Step *step_add(Bed *bed, const char *program, const char *after, const char *locks) {
    uint32_t at = bed->plan.step_count++;
    Step *step = &bed->steps[at];
    *step = (Step){.id = at + 1, .address = STR("t.x"), .last = 1, .after = bed->after[at], .locks = bed->locks[at]};
    for (char *end; *after; after = end + strspn(end, " "))
        bed->after[at][step->after_count++] = (uint32_t)strtoul(after, &end, 10);
    while (*locks) {
        size_t length = strcspn(locks, " ");
        bed->locks[at][step->lock_count++] = (Str){locks, length};
        locks += length + (locks[length] == ' ');
    }
    if (*program)
        command_add(bed, step, COMMAND_RUN, record(bed, "run", "argv", list(bed, string(bed, program), NULL), NULL, NULL));
    return step;
}

static ExecutionResult carry_out(Bed *bed, uint32_t jobs) {
    Execution execution = {
        .arena = bed->arena, .loop = bed->loop, .places = &bed->places, .plan = &bed->plan, .jobs = jobs, .tell = told, .keep = keeps, .context = bed,
        .oracle = {bed, says_need, says_reads, takes_answer, says_verified, fills},
    };
    return execute_plan(&execution);
}

static void expect(const ExecutionResult *result, uint32_t done, uint32_t already, uint32_t failed, uint32_t left_out, uint32_t stopped) {
    assert_int_equal(result->done, done);
    assert_int_equal(result->already, already);
    assert_int_equal(result->failed, failed);
    assert_int_equal(result->left_out, left_out);
    assert_int_equal(result->stopped, stopped);
}

/* ---- tests ---- */

static void test_one_at_a_time_in_order(void **state) {
    (void)state;
    Bed bed;
    bed_open(&bed);
    step_add(&bed, "ok", "", "");
    step_add(&bed, "ok", "", "");
    step_add(&bed, "ok", "1", "");
    bed.already[2] = 1;
    ExecutionResult result = carry_out(&bed, 1);
    expect(&result, 2, 1, 0, 0, 0);
    assert_string_equal(bed.log.bytes, "start:1 done:1 already:2 start:3 done:3 ");
    assert_int_equal(bed.fake.looks, 2);
    bed_close(&bed);
}

static void test_empty_plan_and_step_without_commands(void **state) {
    (void)state;
    Bed bed;
    bed_open(&bed);
    ExecutionResult result = carry_out(&bed, 4);
    expect(&result, 0, 0, 0, 0, 0);
    step_add(&bed, "", "", "")->last = 0;
    result = carry_out(&bed, 4);
    expect(&result, 1, 0, 0, 0, 0);
    bed_close(&bed);
}

static void test_failure_leaves_dependents_out_and_finishes_the_others(void **state) {
    (void)state;
    Bed bed;
    bed_open(&bed);
    step_add(&bed, "fail", "", "");
    step_add(&bed, "ok", "", "");
    step_add(&bed, "ok", "1", "");
    step_add(&bed, "ok", "2", "");
    step_add(&bed, "ok", "3 4", "");
    step_add(&bed, "ok", "4", "");
    ExecutionResult result = carry_out(&bed, 1);
    expect(&result, 3, 0, 1, 2, 0);
    assert_string_equal(bed.log.bytes, "start:1 failed:1 (exit code 7) left-out:3 left-out:5 start:2 done:2 start:4 done:4 start:6 done:6 ");
    bed_close(&bed);
}

static void test_a_lost_place_starts_nothing_more(void **state) {
    (void)state;
    Bed bed;
    bed_open(&bed);
    step_add(&bed, "ok", "", "");
    step_add(&bed, "lost", "", "");
    step_add(&bed, "ok", "2", "");
    step_add(&bed, "ok", "", "");
    ExecutionResult result = carry_out(&bed, 1);
    expect(&result, 1, 0, 1, 1, 0);
    assert_string_equal(bed.log.bytes, "start:1 done:1 start:2 failed:2 (cut) left-out:3 ");
    bed_close(&bed);
}

static void test_success_is_not_believed(void **state) {
    (void)state;
    Bed bed;
    bed_open(&bed);
    step_add(&bed, "ok", "", "");
    step_add(&bed, "ok", "1", "");
    bed.broken[1] = 1;
    ExecutionResult result = carry_out(&bed, 4);
    expect(&result, 0, 0, 1, 1, 0);
    assert_non_null(strstr(bed.log.bytes, "failed:1 (its commands reported success, but"));
    bed_close(&bed);
}

static void test_first_failing_command_ends_the_step(void **state) {
    (void)state;
    Bed bed;
    bed_open(&bed);
    Step *step = step_add(&bed, "fail", "", "");
    command_add(&bed, step, COMMAND_RUN, record(&bed, "run", "argv", list(&bed, string(&bed, "echo"), string(&bed, "x")), NULL, NULL));
    ExecutionResult result = carry_out(&bed, 4);
    expect(&result, 0, 0, 1, 0, 0);
    assert_null(strstr(bed.log.bytes, "{x}"));
    assert_int_equal(bed.fake.looks, 0);
    bed_close(&bed);
}

/* Steps that are looked at before they are done wait for each other's looks, and once more for the looks after. */
static void test_looks_before_and_after(void **state) {
    (void)state;
    for (uint32_t jobs = 1; jobs <= 5; jobs += 2) {
        Bed bed;
        bed_open(&bed);
        for (int i = 0; i < 20; i++)
            step_add(&bed, "ok", "", "")->unsure = 1;
        bed.already[3] = 1;
        ExecutionResult result = carry_out(&bed, jobs);
        expect(&result, 19, 1, 0, 0, 0);
        assert_int_equal(bed.fake.looks, 20 + 19);
        bed_close(&bed);
    }
}

static void test_jobs_bound_what_runs(void **state) {
    (void)state;
    for (uint32_t jobs = 1; jobs <= 5; jobs += 2) {
        Bed bed;
        bed_open(&bed);
        for (int i = 0; i < 20; i++)
            step_add(&bed, "ok", "", "");
        ExecutionResult result = carry_out(&bed, jobs);
        expect(&result, 20, 0, 0, 0, 0);
        assert_int_equal(bed.fake.most_running, jobs);
        bed_close(&bed);
    }
}

/* Steps that begin in one turn are kept together, before any of them does something; how the last ended is kept too. */
static void test_kept_before_it_begins(void **state) {
    (void)state;
    Bed bed;
    bed_open(&bed);
    for (int i = 0; i < 8; i++)
        step_add(&bed, "ok", "", "");
    ExecutionResult result = carry_out(&bed, 8);
    expect(&result, 8, 0, 0, 0, 0);
    assert_true(bed.keeps >= 2 && bed.keeps <= 1 + 8);
    assert_true(strncmp(bed.log.bytes, "start:1 start:2 start:3 start:4 start:5 start:6 start:7 start:8 ", 64) == 0);
    bed_close(&bed);
    bed_open(&bed);
    for (int i = 0; i < 3; i++)
        step_add(&bed, "ok", i == 2 ? "1" : "", "");
    bed.unkept = 1;
    result = carry_out(&bed, 2);
    expect(&result, 0, 0, 2, 1, 0);
    assert_int_equal(bed.runs, 0);
    assert_string_equal(bed.log.bytes, "start:1 start:2 failed:1 (the disk is full) left-out:3 failed:2 (the disk is full) ");
    bed_close(&bed);
}

static void test_locks(void **state) {
    (void)state;
    Bed bed;
    bed_open(&bed);
    for (int i = 0; i < 6; i++)
        step_add(&bed, "ok", "", "guest:1");
    ExecutionResult result = carry_out(&bed, 4);
    expect(&result, 6, 0, 0, 0, 0);
    assert_int_equal(bed.fake.most_running, 1);
    bed_close(&bed);
    bed_open(&bed);
    for (int i = 0; i < 9; i++)
        step_add(&bed, "ok", "", "pool:tank=2 x=2");
    result = carry_out(&bed, 4);
    expect(&result, 9, 0, 0, 0, 0);
    assert_int_equal(bed.fake.most_running, 2);
    bed_close(&bed);
    /* Who waits for a lock keeps nobody else from running. */
    bed_open(&bed);
    step_add(&bed, "steady", "", "a");
    step_add(&bed, "ok", "", "a b");
    step_add(&bed, "ok", "", "b");
    step_add(&bed, "ok", "", "");
    result = carry_out(&bed, 2);
    expect(&result, 4, 0, 0, 0, 0);
    assert_string_equal(bed.log.bytes, "start:1 start:3 done:3 start:4 done:4 done:1 start:2 done:2 ");
    bed_close(&bed);
}

/* Every order in which steps may end: no step is forgotten, no lock is held by more than may, and no step comes before another it needs. */
static void test_schedule_at_random(void **state) {
    (void)state;
    static const char *const LOCKS[] = {"a", "b", "c=2", "a b", "b c=2", "a c=2", "", "d=3"};
    for (unsigned seed = 1; seed <= 300; seed++) {
        Bed bed;
        bed_open(&bed);
        const Step *running[STEP_LIMIT];
        uint32_t ended = 0, count = 0, held[4] = {0};
        static const uint32_t limits[4] = {1, 1, 2, 3};
        srand(seed);
        for (int i = 0; i < 40; i++) {
            Step *step = step_add(&bed, "ok", "", LOCKS[rand() % 8]);
            for (int k = 0; i && k < rand() % 3; k++)
                bed.after[i][step->after_count++] = (uint32_t)(rand() % i) + 1;
        }
        int well[STEP_LIMIT + 1] = {0};
        Schedule *schedule = schedule_new(bed.arena, &bed.plan);
        while (ended < 40) {
            const Step *step;
            while (count < 5 && (step = schedule_next(schedule))) {
                for (uint32_t i = 0; i < step->after_count; i++)
                    assert_true(well[step->after[i]]);
                for (uint32_t i = 0; i < step->lock_count; i++) {
                    int lock = step->locks[i].text[0] - 'a';
                    assert_true(++held[lock] <= limits[lock]);
                }
                running[count++] = step;
            }
            assert_true(count > 0);
            uint32_t at = (uint32_t)rand() % count;
            for (uint32_t i = 0; i < running[at]->lock_count; i++)
                held[running[at]->locks[i].text[0] - 'a']--;
            well[running[at]->id] = 1;
            schedule_end(schedule, running[at], 1, NULL, NULL);
            running[at] = running[--count];
            ended++;
        }
        assert_null(schedule_next(schedule));
        bed_close(&bed);
    }
}

static void test_unknown_arguments(void **state) {
    (void)state;
    Bed bed;
    bed_open(&bed);
    const Value *unknown = value_unknown(bed.arena, SPAN_NONE, HOLE_UNKNOWN, STR("net0.ip of t.x"));
    Step *step = step_add(&bed, "", "", "");
    command_add(&bed, step, COMMAND_RUN, record(&bed, "run", "argv", list(&bed, string(&bed, "echo"), unknown), NULL, NULL));
    ExecutionResult result = carry_out(&bed, 1);
    expect(&result, 0, 0, 1, 0, 0);
    assert_non_null(strstr(bed.log.bytes, "failed:1 (net0.ip of t.x is still unknown)"));
    bed.unknown_known = 1;
    result = carry_out(&bed, 1);
    expect(&result, 1, 0, 0, 0, 0);
    assert_non_null(strstr(bed.log.bytes, "{filled}"));
    bed_close(&bed);
}

static void wait_add(Bed *bed, const char *program, int64_t within_ms) {
    const Value *condition = record(bed, "run", "argv", list(bed, string(bed, program), NULL), NULL, NULL);
    const Value *within = value_integer(bed->arena, SPAN_NONE, VALUE_DURATION, within_ms);
    command_add(bed, step_add(bed, "", "", ""), COMMAND_WAIT, record(bed, "wait", "condition", condition, "within", within));
}

/* A wait for [program], which has an answer of its own so many times, fails with what the last look found. */
static void wait_fails(const char *program, int soon, const char *found) {
    Bed bed;
    bed_open(&bed);
    wait_add(&bed, program, 600);
    bed.soon = soon;
    ExecutionResult result = carry_out(&bed, 1);
    expect(&result, 0, 0, 1, 0, 0);
    Text told = {0};
    text_addf(&told, "start:1 failed:1 (not so within 600ms; at the last look: %s) ", found);
    assert_string_equal(bed.log.bytes, told.bytes);
    text_fini(&told);
    bed_close(&bed);
}

static void test_waits(void **state) {
    (void)state;
    Bed bed;
    bed_open(&bed);
    wait_add(&bed, "soon", 5000);
    bed.soon = 2;
    ExecutionResult result = carry_out(&bed, 1);
    expect(&result, 1, 0, 0, 0, 0);
    assert_int_equal(bed.runs, 3);
    bed_close(&bed);
    wait_fails("fail", 0, "exit code 7");
    /* A look that the end of the wait cuts short says less than the one before it; where it is the only one it is told. */
    wait_fails("stuck", 1, "exit code 1");
    wait_fails("stuck", 0, "out of time");
}

/* Carries out a step that runs [program] and may be tried again after a complaint about a lock; what was told, or the count of runs, is in the bed. */
static ExecutionResult carry_again(Bed *bed, const char *program, int64_t retries, int failures) {
    const Value *argv = list(bed, string(bed, program), NULL), *many = value_integer(bed->arena, SPAN_NONE, VALUE_INT, retries);
    Step *step = step_add(bed, program, "", "");
    RecordBuilder builder = {.arena = bed->arena};
    record_add(&builder, name_intern(bed->names, STR("argv")), argv, SPAN_NONE, NULL);
    record_add(&builder, name_intern(bed->names, STR("retry")), string(bed, "^can't lock .* - got timeout$"), SPAN_NONE, NULL);
    record_add(&builder, name_intern(bed->names, STR("retries")), many, SPAN_NONE, NULL);
    step->command_count = 0;
    command_add(bed, step, COMMAND_RUN, record_finish(&builder, SPAN_NONE, NULL));
    bed->soon = failures;
    return carry_out(bed, 1);
}

static void test_named_failures_are_tried_again(void **state) {
    (void)state;
    Bed bed;
    bed_open(&bed);
    ExecutionResult result = carry_again(&bed, "held", 3, 2);
    expect(&result, 1, 0, 0, 0, 0);
    assert_string_equal(bed.log.bytes, "start:1 again:1 (1 of 4, 1000ms) again:1 (2 of 4, 2000ms) done:1 ");
    bed_close(&bed);
    bed_open(&bed);
    result = carry_again(&bed, "held", 1, 9);
    expect(&result, 0, 0, 1, 0, 0);
    assert_string_equal(bed.log.bytes, "start:1 again:1 (1 of 2, 1000ms) failed:1 (exit code 255, at try 2 of 2) ");
    bed_close(&bed);
    /* Neither another failure, nor what ran out of time whatever it said. */
    static const char *const OTHERS[] = {"fail", "late", "soon"};
    for (size_t i = 0; i < 3; i++) {
        bed_open(&bed);
        result = carry_again(&bed, OTHERS[i], 3, 1);
        expect(&result, 0, 0, 1, 0, 0);
        assert_int_equal(bed.runs, 1);
        bed_close(&bed);
    }
}

static void interrupt_again(void *context) {
    (void)context;
    kill(getpid(), SIGINT);
}

static void test_a_pause_before_a_try_ends_with_an_interrupt(void **state) {
    (void)state;
    Bed bed;
    bed_open(&bed);
    loop_timer(bed.loop, 100, interrupt_again, NULL);
    ExecutionResult result = carry_again(&bed, "held", 100, 9);
    expect(&result, 0, 0, 0, 0, 1);
    assert_int_equal(bed.runs, 1);
    bed_close(&bed);
}

/* The journal takes the beginning of the step, and no more. */
static void test_a_forbidden_try_is_a_failure(void **state) {
    (void)state;
    Bed bed;
    bed_open(&bed);
    bed.forbidden_again = 1;
    ExecutionResult result = carry_again(&bed, "held", 3, 2);
    expect(&result, 0, 0, 1, 0, 0);
    assert_int_equal(bed.runs, 1);
    assert_string_equal(bed.log.bytes, "start:1 failed:1 (exit code 255; not tried again: the journal is full) ");
    bed_close(&bed);
}

static void test_forbidden_step_does_not_run(void **state) {
    (void)state;
    Bed bed;
    bed_open(&bed);
    step_add(&bed, "ok", "", "");
    step_add(&bed, "ok", "1", "");
    bed.forbidden = 1;
    ExecutionResult result = carry_out(&bed, 1);
    expect(&result, 0, 0, 1, 1, 0);
    assert_int_equal(bed.runs, 0);
    assert_string_equal(bed.log.bytes, "failed:1 (the journal is full) left-out:2 ");
    bed_close(&bed);
}

static void test_unbound_place(void **state) {
    (void)state;
    Bed bed;
    bed_open(&bed);
    step_add(&bed, "ok", "", "");
    bed.commands[0][0].place = STR("pve.node.other");
    ExecutionResult result = carry_out(&bed, 1);
    expect(&result, 0, 0, 1, 0, 0);
    assert_string_equal(bed.log.bytes, "start:1 failed:1 (no place is bound to `pve.node.other`) ");
    bed_close(&bed);
}

static void test_interrupt_once_finishes_what_runs(void **state) {
    (void)state;
    Bed bed;
    bed_open(&bed);
    step_add(&bed, "steady", "", "");
    step_add(&bed, "steady", "", "");
    step_add(&bed, "ok", "", "");
    bed.interrupt_at = 2;
    ExecutionResult result = carry_out(&bed, 2);
    expect(&result, 2, 0, 0, 0, 0);
    assert_int_equal(result.interrupted, 1);
    assert_string_equal(bed.log.bytes, "start:1 start:2 done:1 done:2 ");
    bed_close(&bed);
    /* A wait is not worth waiting for. */
    bed_open(&bed);
    wait_add(&bed, "fail", 600000);
    bed.interrupt_at = 1;
    result = carry_out(&bed, 2);
    expect(&result, 0, 0, 0, 0, 1);
    bed_close(&bed);
}

static void test_interrupt_twice_ends_what_runs(void **state) {
    (void)state;
    Bed bed;
    bed_open(&bed);
    step_add(&bed, "slow", "", "");
    step_add(&bed, "ok", "1", "");
    bed.interrupt_at = 1;
    loop_timer(bed.loop, 50, interrupt_again, NULL);
    ExecutionResult result = carry_out(&bed, 2);
    expect(&result, 0, 0, 0, 1, 1);
    assert_int_equal(result.interrupted, 2);
    bed_close(&bed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_at_a_time_in_order), cmocka_unit_test(test_empty_plan_and_step_without_commands),
        cmocka_unit_test(test_failure_leaves_dependents_out_and_finishes_the_others),
        cmocka_unit_test(test_a_lost_place_starts_nothing_more), cmocka_unit_test(test_success_is_not_believed),
        cmocka_unit_test(test_first_failing_command_ends_the_step), cmocka_unit_test(test_jobs_bound_what_runs),
        cmocka_unit_test(test_looks_before_and_after), cmocka_unit_test(test_kept_before_it_begins),
        cmocka_unit_test(test_locks),
        cmocka_unit_test(test_schedule_at_random), cmocka_unit_test(test_unknown_arguments), cmocka_unit_test(test_waits),
        cmocka_unit_test(test_named_failures_are_tried_again), cmocka_unit_test(test_a_pause_before_a_try_ends_with_an_interrupt),
        cmocka_unit_test(test_a_forbidden_try_is_a_failure),
        cmocka_unit_test(test_forbidden_step_does_not_run), cmocka_unit_test(test_unbound_place),
        cmocka_unit_test(test_interrupt_once_finishes_what_runs), cmocka_unit_test(test_interrupt_twice_ends_what_runs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
