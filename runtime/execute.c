/* The executor: every running step is a job that goes from command to command and then has its object read again. */
#include "runtime/execute.h"

#include "runtime/memory.h"
#include "runtime/schedule.h"

typedef struct Executor Executor;

typedef struct Job {
    Executor *executor;
    const Step *step;
    uint32_t command;               /* the one that runs, by its number */
    Performance *performance;       /* of that command */
    int64_t started_ms;
    const ReadRequest *reads;       /* of the look afterwards */
    uint32_t read_count;
    uint32_t reads_left;
    int before;                     /* the look is the one before the first command */
    int mark;                       /* only the first command is carried out */
    struct Job *next;               /* in the queue for the look, or among those that were told to begin */
} Job;

struct Executor {
    const Execution *execution;
    Schedule *schedule;
    Stage stage;
    Job **jobs;                     /* those that run; NULL where a place is free */
    uint32_t running;
    /* The looks come one after the other: to the session equal requests about several objects are one, and the older of two answers
       that are under way could come last. */
    Job *looking;
    Job *look_first, *look_last;
    Job *told_first, *told_last;    /* told to begin; none of their commands runs before that is kept */
    int ended;                      /* since it was last kept, a step has */
    uint32_t caught_up;             /* turns since then */
    int lost;                       /* a place is gone: nothing new is started, for it would only fail the same way */
    ExecutionResult result;
};

static int tell(Executor *executor, const StepNews *news, Text *problem) {
    return executor->execution->tell(executor->execution->context, news, problem);
}

/* ---- the end of a step ---- */

static void step_left_out(void *context, const Step *step, const Step *cause) {
    Executor *executor = context;
    Text unused = {0};
    executor->result.left_out++;
    executor->ended = 1;
    tell(executor, &(StepNews){.step = step, .state = STEP_LEFT_OUT, .cause = cause}, &unused);
    text_fini(&unused);
}

static void step_end(Executor *executor, const StepNews *news) {
    Text unused = {0};
    switch (news->state) {
    case STEP_DONE: executor->result.done++; break;
    case STEP_ALREADY: executor->result.already++; break;
    case STEP_STOPPED: executor->result.stopped++; break;
    case STEP_FAILED: executor->result.failed++; break;
    case STEP_STARTED: case STEP_COMMAND: case STEP_AGAIN: case STEP_LEFT_OUT: break;
    }
    executor->ended = 1;
    tell(executor, news, &unused);
    text_fini(&unused);
    schedule_end(executor->schedule, news->step, news->state == STEP_DONE || news->state == STEP_ALREADY, step_left_out, executor);
}

static void job_end(Job *job, StepNews *news) {
    Executor *executor = job->executor;
    news->step = job->step;
    news->elapsed_ms = loop_now_ms() - job->started_ms;
    for (uint32_t i = 0; i < executor->execution->jobs; i++)
        if (executor->jobs[i] == job)
            executor->jobs[i] = NULL;
    executor->running--;
    step_end(executor, news);
    free(job);
}

/* ---- the look at what was done ---- */

static void look_begin(Executor *executor);
static void job_commands(Job *job, StepNeed need);

/* All that was to be read of the object is. */
static void look_take(Job *job) {
    Executor *executor = job->executor;
    const Oracle *oracle = &executor->execution->oracle;
    executor->looking = NULL;
    if (job->before) {
        job->before = 0;
        job_commands(job, oracle->need(oracle->context, job->step));
        return;
    }
    Text report = {0};
    StepNews news = {.state = STEP_DONE};
    if (!oracle->verify(oracle->context, job->step, &report)) {
        news.state = STEP_FAILED;
        news.problem = STR("its commands reported success, but the host is not as the step promised");
        news.report = text_str(&report);
    }
    job_end(job, &news);
    text_fini(&report);
}

static void look_answered(void *context, const ReadAnswer *answer);

typedef struct Look {
    Job *job;
    const ReadRequest *request;
} Look;

static void look_answered(void *context, const ReadAnswer *answer) {
    Look *look = context;
    Job *job = look->job;
    const Oracle *oracle = &job->executor->execution->oracle;
    oracle->answer(oracle->context, look->request, answer);
    free(look);
    if (!--job->reads_left) {
        Executor *executor = job->executor;
        look_take(job);
        look_begin(executor);
    }
}

/* What a place that is not bound would answer. */
static void look_nowhere(void *context) {
    ReadAnswer answer = {.failed = 1, .problem = STR("no place is bound to it")};
    look_answered(context, &answer);
}

static void look_start(Job *job) {
    const Execution *execution = job->executor->execution;
    job->reads_left = job->read_count;
    for (uint32_t i = 0; i < job->read_count; i++) {
        Look *look = MEMORY_NEW(Look);
        *look = (Look){job, &job->reads[i]};
        Place *place = places_find(execution->places, job->reads[i].place);
        if (place)
            place->class->read(place, look->request, look_answered, look);
        else
            loop_timer(execution->loop, 0, look_nowhere, look);
    }
}

/* Starts the next look in the queue, if none is under way. Where there is nothing to read it is over at once. */
static void look_begin(Executor *executor) {
    const Oracle *oracle = &executor->execution->oracle;
    while (!executor->looking && executor->look_first) {
        Job *job = executor->look_first;
        executor->look_first = job->next;
        if (!executor->look_first)
            executor->look_last = NULL;
        executor->looking = job;
        job->reads = oracle->reads(oracle->context, job->step, &job->read_count);
        if (job->read_count)
            look_start(job);
        else
            look_take(job);
    }
}

static void look_queue(Job *job) {
    Executor *executor = job->executor;
    /* A step that is looked at before and after has stood in the queue already, in front of others. */
    job->next = NULL;
    if (executor->look_last)
        executor->look_last->next = job;
    else
        executor->look_first = job;
    executor->look_last = job;
    look_begin(executor);
}

/* ---- commands ---- */

static void job_continue(Job *job);

static void job_command_done(void *context, Outcome *outcome) {
    Job *job = context;
    const Command *command = &job->step->commands[job->command];
    job->performance = NULL;
    if (outcome->kind == OUTCOME_OK) {
        job->command++;
        job_continue(job);
    } else {
        job->executor->lost |= outcome->kind == OUTCOME_LOST;
        StepNews news = {
            .state = outcome->kind == OUTCOME_CANCELLED ? STEP_STOPPED : STEP_FAILED,
            .command = command,
            .outcome = outcome,
            .problem = text_str(&outcome->problem),
        };
        job_end(job, &news);
    }
    outcome_fini(outcome);
}

static int job_again(void *context, const Attempt *attempt, Text *problem) {
    Job *job = context;
    StepNews news = {.step = job->step, .state = STEP_AGAIN, .command = &job->step->commands[job->command], .outcome = attempt->outcome,
                     .problem = text_str(&attempt->outcome->problem), .attempt = attempt};
    return tell(job->executor, &news, problem);
}

/* Ends a job that [tell] forbade. */
static void job_forbid(Job *job, const Command *command, Text *problem) {
    StepNews news = {.state = STEP_FAILED, .command = command, .problem = text_str(problem)};
    job_end(job, &news);
}

static void job_continue(Job *job) {
    Executor *executor = job->executor;
    if (job->command == (job->mark ? 1 : job->step->command_count)) {
        look_queue(job);
        return;
    }
    const Command *command = &job->step->commands[job->command];
    Text problem = {0};
    int interrupted = executor->result.interrupted;
    if (interrupted > 1 || (interrupted && command->kind == COMMAND_WAIT)) {
        StepNews news = {.state = STEP_STOPPED, .command = command, .problem = STR("ended by the interrupt")};
        job_end(job, &news);
    } else if (!tell(executor, &(StepNews){.step = job->step, .state = STEP_COMMAND, .command = command}, &problem)) {
        job_forbid(job, command, &problem);
    } else {
        job->performance = perform_start(&executor->stage, command, job_command_done, job);
    }
    text_fini(&problem);
}

/* Carries out what is still to be done of a step, now that it is known what there is. */
static void job_commands(Job *job, StepNeed need) {
    Executor *executor = job->executor;
    if (need == NEED_NOTHING) {
        job_end(job, &(StepNews){.state = STEP_ALREADY});
        return;
    }
    job->mark = need == NEED_MARK;
    Text problem = {0};
    if (!tell(executor, &(StepNews){.step = job->step, .state = STEP_STARTED}, &problem)) {
        job_forbid(job, NULL, &problem);
    } else {
        job->next = NULL;
        if (executor->told_last)
            executor->told_last->next = job;
        else
            executor->told_first = job;
        executor->told_last = job;
    }
    text_fini(&problem);
}

static int executor_has_news(const Executor *executor) {
    return executor->told_first || executor->ended;
}

/* Has all that was told kept, at the price of one, and lets those begin that were told to. 0 where there was nothing to keep. */
static int executor_keep(Executor *executor) {
    const Execution *execution = executor->execution;
    Job *job = executor->told_first;
    Text problem = {0};
    if (!executor_has_news(executor))
        return 0;
    executor->told_first = executor->told_last = NULL;
    executor->ended = 0;
    int kept = execution->keep(execution->context, &problem);
    for (Job *next; job; job = next) {
        next = job->next;
        if (kept)
            job_continue(job);
        else
            job_forbid(job, NULL, &problem);
    }
    text_fini(&problem);
    return 1;
}

static void job_start(Executor *executor, const Step *step) {
    const Oracle *oracle = &executor->execution->oracle;
    StepNeed need = step->unsure ? NEED_ALL : oracle->need(oracle->context, step);
    if (need == NEED_NOTHING) {
        step_end(executor, &(StepNews){.step = step, .state = STEP_ALREADY});
        return;
    }
    Job *job = MEMORY_NEW(Job);
    *job = (Job){.executor = executor, .step = step, .started_ms = loop_now_ms()};
    uint32_t place = 0;
    while (executor->jobs[place])
        place++;
    executor->jobs[place] = job;
    executor->running++;
    job->before = step->unsure;
    if (job->before)
        look_queue(job);
    else
        job_commands(job, need);
}

/* ---- the whole ---- */

static void executor_interrupted(void *context) {
    Executor *executor = context;
    const Execution *execution = executor->execution;
    executor->result.interrupted++;
    if (execution->interrupted)
        execution->interrupted(execution->context, executor->result.interrupted);
    for (uint32_t i = 0; i < execution->jobs; i++)
        if (executor->jobs[i] && executor->jobs[i]->performance)
            perform_stop(executor->jobs[i]->performance);
    if (executor->result.interrupted > 1)
        loop_cancel(execution->loop);
}

ExecutionResult execute_plan(const Execution *execution) {
    Executor executor = {.execution = execution};
    executor.schedule = schedule_new(execution->arena, execution->plan);
    executor.stage = (Stage){execution->loop, execution->places, execution->oracle.fill, execution->oracle.context, job_again};
    executor.jobs = ARENA_ARRAY(execution->arena, Job *, execution->jobs);
    loop_interrupts(execution->loop, executor_interrupted, &executor);
    for (;;) {
        const Step *step;
        while (!executor.result.interrupted && !executor.lost && executor.running < execution->jobs && (step = schedule_next(executor.schedule)))
            job_start(&executor, step);
        /* What has happened meanwhile is taken along, but not without end: one that prints all the time keeps nobody waiting. */
        if (executor_has_news(&executor) && executor.caught_up++ < execution->jobs && loop_catch_up(execution->loop))
            continue;
        executor.caught_up = 0;
        if (executor_keep(&executor))
            continue;
        if (!executor.running)
            break;
        loop_turn(execution->loop);
    }
    loop_interrupts(execution->loop, NULL, NULL);
    return executor.result;
}

/* ---- the session as the oracle ---- */

static StepNeed session_says_need(void *context, const Step *step) {
    return session_step_need(context, step);
}

static const ReadRequest *session_says_reads(void *context, const Step *step, uint32_t *count) {
    return session_step_reads(context, step, count);
}

static void session_takes_answer(void *context, const ReadRequest *request, const ReadAnswer *answer) {
    session_answer(context, request, answer);
}

static int session_says_verified(void *context, const Step *step, Text *report) {
    return session_step_verify(context, step, report);
}

static int session_fills(void *context, const Value *unknown, Str *text) {
    return session_fill(context, unknown, text);
}

Oracle oracle_of_session(Session *session) {
    return (Oracle){session, session_says_need, session_says_reads, session_takes_answer, session_says_verified, session_fills};
}
