/* Carries a plan out under the lock of its places, with the journal. The lock comes before the look at the places, so that what is shown, agreed to
   and done is one and the same; it is the kernel's and costs nobody anything if we are killed at the question. */
#include "runtime/carry.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "runtime/secrets.h"

static Diagnostics *fresh_diagnostics(App *app) {
    return diagnostics_new(app->arena, diagnostics_sources(session_diagnostics(app->session)));
}

void carry_init(Carry *carry, App *app) {
    *carry = (Carry){.app = app, .run = run_name_new()};
}

void carry_fini(Carry *carry) {
    for (uint32_t i = 0; carry->states && !carry->borrowed && i < carry->app->places.open_count; i++)
        if (carry->states[i])
            carry->states[i]->class->close(carry->states[i]);
    text_fini(&carry->note);
    text_fini(&carry->begun);
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
    text_addf(note, "phxc %s of site %.*s, process %ld of %s on %s, since %s", options_command_name(app->options->command),
              (int)site.length, site.text, (long)getpid(), account ? account->pw_name : "an unknown user", host, since);
}

/* Tells who wants in what it is that we are at. */
static void note_plan(Carry *carry, const Plan *plan) {
    Text note = {0};
    text_addf(&note, "%s, plan %.*s", carry->note.bytes, (int)plan->id.length, plan->id.text);
    for (uint32_t i = 0; i < carry->app->places.open_count; i++)
        carry->states[i]->class->renote(carry->states[i], text_str(&note));
    text_fini(&note);
}

static int place_lock(Carry *carry, const Place *place, State *state) {
    App *app = carry->app;
    Text note = {0}, problem = {0};
    int code = EXIT_OK;
    Diagnostics *diagnostics = fresh_diagnostics(app);
    text_add(&note, text_str(&carry->note));
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

/* phxc's folder at a place. NULL after a report. */
static State *state_open(App *app, Place *place) {
    Text problem = {0};
    State *state = place->class->state(place, &problem);
    if (!state) {
        Diagnostics *diagnostics = fresh_diagnostics(app);
        diag_error(diagnostics, CODE_JOURNAL_FAILED, SPAN_NONE, "phxc's folder cannot be made: %s", problem.bytes);
        app_print_text(app, diagnostics);
    }
    text_fini(&problem);
    return state;
}

static void states_new(Carry *carry) {
    carry->states = ARENA_ARRAY(carry->app->arena, State *, carry->app->places.open_count + 1);
}

/* Locks every place, in the order of their names. The locks stay ours until the process ends. */
static int places_lock(Carry *carry) {
    App *app = carry->app;
    int code = EXIT_OK;
    states_new(carry);
    note_begin(app, &carry->note);
    for (uint32_t i = 0; i < app->places.open_count && !code; i++) {
        Place *place = app->places.open[i];
        carry->states[i] = state_open(app, place);
        code = carry->states[i] ? place_lock(carry, place, carry->states[i]) : EXIT_ERROR;
    }
    return code;
}

int carry_places(Carry *carry) {
    if (carry->states)
        return EXIT_OK;
    int code = app_places(carry->app);
    return code ? code : places_lock(carry);
}

int carry_look(Carry *carry) {
    int code = app_places(carry->app);
    if (code)
        return code;
    states_new(carry);
    carry->states[0] = state_open(carry->app, carry->app->places.open[0]);
    return carry->states[0] ? EXIT_OK : EXIT_ERROR;
}

void carry_again(Carry *carry, const Carry *before) {
    carry_init(carry, before->app);
    carry->states = before->states;
    carry->borrowed = 1;
    text_add(&carry->note, text_str(&before->note));
}

int carry_history(Carry *carry, History *history) {
    App *app = carry->app;
    Text problem = {0};
    int good = history_read(history, app->arena, carry->states[0], &problem);
    if (!good) {
        Diagnostics *diagnostics = fresh_diagnostics(app);
        Str shown = carry->states[0]->shown;
        Diagnostic *error = diag_error(diagnostics, CODE_JOURNAL_FAILED, SPAN_NONE, "nothing was done: the journal in %.*s cannot be read: %s", (int)shown.length,
                                       shown.text, problem.bytes);
        diag_help(diagnostics, error, "journal.ndjson there is a file that only phxc writes: move away what is in its place");
        app_print_text(app, diagnostics);
    }
    text_fini(&problem);
    return good;
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

int carry_can_confirm(App *app) {
    if (app->options->yes || (isatty(STDIN_FILENO) && !app->options->events))
        return 1;
    Diagnostics *diagnostics = fresh_diagnostics(app);
    Diagnostic *error = diag_error(diagnostics, CODE_NOT_CONFIRMED, SPAN_NONE, "nobody is there to agree to the plan");
    diag_help(diagnostics, error, "look at it with `phxc plan`, then apply it with --yes");
    app_print_text(app, diagnostics);
    return 0;
}

/* ---- carrying out ---- */

static int journal_write(Carry *carry, const Text *line, int sync, Text *problem) {
    State *state = carry->states[0];
    return state->class->append(state, text_str(line), sync, problem) == 0;
}

/* Steps that begin are written down together, by carry_keep at the latest; what follows is written at once, behind them, so that no kill of ours
   takes it away. */
static int news_write(Carry *carry, const StepNews *news, Text *problem) {
    Session *session = carry->app->session;
    int begins = news->state == STEP_STARTED, with_object = begins || news->state == STEP_DONE, written = 1;
    StepObject object = {.state = {0}};
    Text line = {0};
    if (with_object)
        session_step_object(session, news->step, &object);
    event_step(&carry->run, news, with_object ? &object : NULL, &line);
    size_t begun = carry->begun.length;
    text_add(&carry->begun, text_str(&line));
    if (!begins) {
        written = journal_write(carry, &carry->begun, 0, problem);
        text_cut(&carry->begun, written ? 0 : begun);
        written |= news->state != STEP_COMMAND && news->state != STEP_AGAIN;
    }
    if (written)
        report_step(&carry->report, news, text_str(&line));
    text_fini(&line);
    text_fini(&object.state);
    return written;
}

/* That steps begin is on the disk before they do, and with it how others ended: one wait for the disk serves all of a turn of the loop. */
static int carry_keep(void *context, Text *problem) {
    Carry *carry = context;
    int kept = journal_write(carry, &carry->begun, 1, problem);
    text_clear(&carry->begun);
    return kept;
}

static Text masked(Session *session, const Text *said) {
    Text text = {0};
    text_add(&text, text_str(said));
    session_secrets_mask(session, &text);
    return text;
}

/* What programs said may hold the secrets that they were given. */
static int carry_told(void *context, const StepNews *news, Text *problem) {
    Carry *carry = context;
    Session *session = carry->app->session;
    if (!news->outcome)
        return news_write(carry, news, problem);
    Outcome outcome = *news->outcome;
    StepNews told = *news;
    outcome.out = masked(session, &news->outcome->out);
    outcome.err = masked(session, &news->outcome->err);
    told.outcome = &outcome;
    int written = news_write(carry, &told, problem);
    text_fini(&outcome.out);
    text_fini(&outcome.err);
    return written;
}

static void carry_interrupted(void *context, int times) {
    const Carry *carry = context;
    if (times == 1)
        app_complain(carry->app, "interrupted: what runs is finished, nothing new is started; once more ends what runs");
}

static int journal_begin(Carry *carry, const Plan *plan) {
    App *app = carry->app;
    Text line = {0}, problem = {0};
    event_start(&carry->run, plan, &app->places, &carry->purpose, &line);
    journal_write(carry, &line, 1, &problem);
    int good = !problem.length;
    if (!good) {
        Diagnostics *diagnostics = fresh_diagnostics(app);
        Diagnostic *error = diag_error(diagnostics, CODE_JOURNAL_FAILED, SPAN_NONE, "nothing was done: %s", problem.bytes);
        diag_help(diagnostics, error, "what is about to be done is written down first: make room there, or see to its rights");
        app_print_text(app, diagnostics);
    } else if (app->options->events) {
        text_add(&app->out.text, text_str(&line));
        output_flush(&app->out);
    }
    text_fini(&line);
    text_fini(&problem);
    return good;
}

static int carry_execute(Carry *carry, const Plan *plan) {
    App *app = carry->app;
    Text line = {0}, problem = {0};
    if (!journal_begin(carry, plan))
        return EXIT_ERROR;
    report_init(&carry->report, app, plan);
    Execution execution = {
        .arena = app->arena, .loop = app->loop, .places = &app->places, .plan = plan, .oracle = oracle_of_session(app->session),
        .jobs = app->options->jobs, .tell = carry_told, .keep = carry_keep,
        .interrupted = carry_interrupted, .context = carry,
    };
    ExecutionResult result = execute_plan(&execution);
    int complete = result.done + result.already == plan->step_count;
    int code = complete ? (plan->blocked_count ? EXIT_PARTLY : EXIT_OK) : result.interrupted ? EXIT_INTERRUPTED : EXIT_PARTLY;
    event_end(&carry->run, &result, code, &line);
    if (!journal_write(carry, &line, 1, &problem))
        app_complain(app, "%s", problem.bytes);
    report_end(&carry->report, &result, text_str(&line));
    text_fini(&line);
    text_fini(&problem);
    return code;
}

int carry_out(Carry *carry, const Plan *plan) {
    App *app = carry->app;
    note_plan(carry, plan);
    if (!confirmed(app, plan))
        return EXIT_ERROR;
    int code = secrets_read(app, plan);
    if (code)
        return code;
    if (!app->options->events)
        text_add_char(&app->out.text, '\n');
    code = carry_execute(carry, plan);
    session_secrets_wipe(app->session);
    return code;
}
