/* `phxc apply`: the plan, made and carried out under the lock of its places. The lock comes before the look at them, so that what is
   shown, agreed to and done is one and the same; it is the kernel's and costs nobody anything if we are killed at the question. */
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "runtime/command.h"
#include "runtime/report.h"
#include "runtime/secrets.h"

typedef struct Apply {
    App *app;
    RunName run;
    State **states;             /* of each place that is open, in their order; the first has the journal. NULL: not locked yet */
    Text note;                  /* who we are, for whoever finds the lock taken */
    Report report;
} Apply;

static Diagnostics *fresh_diagnostics(App *app) {
    return diagnostics_new(app->arena, diagnostics_sources(session_diagnostics(app->session)));
}

/* ---- the lock ---- */

static void note_begin(App *app, Text *note) {
    char host[256] = "", since[32];
    struct tm utc;
    time_t now = time(NULL);
    Str site = session_site(app->session);
    const struct passwd *account = getpwuid(getuid());
    gethostname(host, sizeof host - 1);
    gmtime_r(&now, &utc);
    strftime(since, sizeof since, "%Y-%m-%d %H:%M:%S UTC", &utc);
    text_addf(note, "phxc apply of site %.*s, process %ld of %s on %s, since %s", (int)site.length, site.text,
              (long)getpid(), account ? account->pw_name : "an unknown user", host, since);
}

/* Tells who wants in what it is that we are at. */
static void note_plan(Apply *apply, const Plan *plan) {
    text_addf(&apply->note, ", plan %.*s", (int)plan->id.length, plan->id.text);
    for (uint32_t i = 0; i < apply->app->places.open_count; i++)
        apply->states[i]->class->renote(apply->states[i], text_str(&apply->note));
}

static int place_lock(Apply *apply, const Place *place, State *state) {
    App *app = apply->app;
    Text note = {0}, problem = {0};
    int code = EXIT_OK;
    Diagnostics *diagnostics = fresh_diagnostics(app);
    text_add(&note, text_str(&apply->note));
    LockStatus status = state->class->lock(state, app->options->lock_timeout_ms, &note, &problem);
    if (status == LOCK_BUSY) {
        Diagnostic *error = diag_error(diagnostics, CODE_PLACE_LOCKED, SPAN_NONE, "%.*s is locked", (int)place->name.length, place->name.text);
        if (note.length)
            diag_note(diagnostics, error, "its holder is: %s", note.bytes);
        diag_help(diagnostics, error, "wait for it with --lock-timeout 5m");
        code = EXIT_LOCKED;
    } else if (status == LOCK_FAILED) {
        diag_error(diagnostics, CODE_JOURNAL_FAILED, SPAN_NONE, "the lock in %.*s cannot be taken: %s", (int)state->shown.length,
                   state->shown.text, problem.bytes);
        code = EXIT_ERROR;
    }
    app_print_text(app, diagnostics);
    text_fini(&note);
    text_fini(&problem);
    return code;
}

/* Locks every place, in the order of their names. The locks stay ours until the process ends. */
static int places_lock(Apply *apply) {
    App *app = apply->app;
    int code = EXIT_OK;
    apply->states = ARENA_ARRAY(app->arena, State *, app->places.open_count + 1);
    note_begin(app, &apply->note);
    for (uint32_t i = 0; i < app->places.open_count && !code; i++) {
        Place *place = app->places.open[i];
        Text problem = {0};
        apply->states[i] = place->class->state(place, &problem);
        if (!apply->states[i]) {
            Diagnostics *diagnostics = fresh_diagnostics(app);
            diag_error(diagnostics, CODE_JOURNAL_FAILED, SPAN_NONE, "phxc's folder cannot be made: %s", problem.bytes);
            app_print_text(app, diagnostics);
            code = EXIT_ERROR;
        } else {
            code = place_lock(apply, place, apply->states[i]);
        }
        text_fini(&problem);
    }
    return code;
}

/* Opens and locks the places, once. */
static int places_take(Apply *apply) {
    if (apply->states)
        return EXIT_OK;
    int code = app_places(apply->app);
    return code ? code : places_lock(apply);
}

/* ---- the question ---- */

/* Is there somebody to ask, and do they agree? */
static int confirmed(App *app, const Plan *plan) {
    char answer[16] = "";
    if (app->options->yes)
        return 1;
    text_addf(&app->out.text, "\nCarry out %s %u step%s? Only `yes` will do: ", plan->step_count == 1 ? "this" : "these", plan->step_count,
              plan->step_count == 1 ? "" : "s");
    output_flush(&app->out);
    ssize_t length = read(STDIN_FILENO, answer, sizeof answer - 1);
    if (length > 0 && (strcmp(answer, "yes\n") == 0 || strcmp(answer, "yes") == 0))
        return 1;
    text_add_literal(&app->out.text, "Nothing was done.\n");
    return 0;
}

static int can_confirm(App *app) {
    if (app->options->yes || (isatty(STDIN_FILENO) && !app->options->events))
        return 1;
    Diagnostics *diagnostics = fresh_diagnostics(app);
    Diagnostic *error = diag_error(diagnostics, CODE_NOT_CONFIRMED, SPAN_NONE, "nobody is there to agree to the plan");
    diag_help(diagnostics, error, "look at it with `phxc plan`, then apply it with --yes");
    app_print_text(app, diagnostics);
    return 0;
}

/* ---- carrying out ---- */

static int journal_write(Apply *apply, const Text *line, int sync, Text *problem) {
    State *state = apply->states[0];
    return state->class->append(state, text_str(line), sync, problem) == 0;
}

/* That a step begins is on the disk before it does; where that fails, it does not. What follows is written at once, too, but reaches the
   disk with the next step: after a loss of power it is the host that tells how far things went. */
static int apply_told(void *context, const StepNews *news, Text *problem) {
    Apply *apply = context;
    Text line = {0};
    event_step(&apply->run, news, &line);
    int written = journal_write(apply, &line, news->state == STEP_STARTED, problem);
    int announces = news->state == STEP_STARTED || news->state == STEP_COMMAND;
    if (written || !announces)
        report_step(&apply->report, news, text_str(&line));
    text_fini(&line);
    return written || !announces;
}

static void apply_interrupted(void *context, int times) {
    const Apply *apply = context;
    if (times == 1)
        app_complain(apply->app, "interrupted: what runs is finished, nothing new is started; once more ends what runs");
}

static int journal_begin(Apply *apply, const Plan *plan) {
    App *app = apply->app;
    Text line = {0}, problem = {0};
    event_start(&apply->run, plan, &app->places, &line);
    journal_write(apply, &line, 1, &problem);
    int good = !problem.length;
    if (!good) {
        Diagnostics *diagnostics = fresh_diagnostics(app);
        diag_error(diagnostics, CODE_JOURNAL_FAILED, SPAN_NONE, "nothing was done: %s", problem.bytes);
        app_print_text(app, diagnostics);
    } else if (app->options->events) {
        text_add(&app->out.text, text_str(&line));
        output_flush(&app->out);
    }
    text_fini(&line);
    text_fini(&problem);
    return good;
}

static int apply_execute(Apply *apply, const Plan *plan) {
    App *app = apply->app;
    Text line = {0}, problem = {0};
    if (!journal_begin(apply, plan))
        return EXIT_ERROR;
    report_init(&apply->report, app, plan);
    Execution execution = {
        .arena = app->arena, .loop = app->loop, .places = &app->places, .plan = plan, .oracle = oracle_of_session(app->session),
        .jobs = app->options->jobs, .tell = apply_told,
        .interrupted = apply_interrupted, .context = apply,
    };
    ExecutionResult result = execute_plan(&execution);
    int complete = result.done + result.already == plan->step_count;
    int code = complete ? EXIT_OK : result.interrupted ? EXIT_INTERRUPTED : EXIT_PARTLY;
    event_end(&apply->run, &result, code, &line);
    if (!journal_write(apply, &line, 1, &problem))
        app_complain(app, "%s", problem.bytes);
    report_end(&apply->report, &result, text_str(&line));
    text_fini(&line);
    text_fini(&problem);
    return code;
}

static int apply_locked(Apply *apply) {
    App *app = apply->app;
    uint32_t denied;
    int code = app_facts(app);
    if (code)
        return code;
    const Plan *plan = command_make_plan(app, &denied);
    if (!plan)
        return EXIT_ERROR;
    session_plan_identify(app->session, plan);
    note_plan(apply, plan);
    if (!app->options->events) {
        command_print_plan(app, plan, &app->out.text, app_colour(app, &app->out));
        output_flush(&app->out);
    }
    if (denied)
        return EXIT_DENIED;
    if (!plan->step_count)
        return EXIT_OK;
    if (!confirmed(app, plan))
        return EXIT_ERROR;
    code = secrets_read(app, plan);
    if (code)
        return code;
    if (!app->options->events)
        text_add_char(&app->out.text, '\n');
    code = apply_execute(apply, plan);
    session_secrets_wipe(app->session);
    return code;
}

int command_apply(App *app) {
    Apply apply = {.app = app, .run = run_name_new()};
    int code = app_load(app, app_site(app, 0));
    if (!code && session_wants_facts(app->session))
        code = places_take(&apply);
    if (!code)
        code = app_site_facts(app);
    if (!code)
        code = app_check(app, app_site(app, 0));
    if (!code && !can_confirm(app))
        code = EXIT_ERROR;
    if (!code)
        code = places_take(&apply);
    if (!code)
        code = apply_locked(&apply);
    for (uint32_t i = 0; apply.states && i < app->places.open_count; i++)
        if (apply.states[i])
            apply.states[i]->class->close(apply.states[i]);
    text_fini(&apply.note);
    return code;
}
