/* Carries a plan out under the lock of its places, with the journal. The lock comes before the look at the places, so that what is shown, agreed to
   and done is one and the same; it is the kernel's and costs nobody anything if we are killed at the question. */
#include "runtime/carry.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "runtime/lock.h"
#include "runtime/secrets.h"

static Diagnostics *fresh_diagnostics(App *app) {
    return diagnostics_new(app->arena, diagnostics_sources(session_diagnostics(app->session)));
}

void carry_init(Carry *carry, App *app) {
    *carry = (Carry){.app = app, .run = run_name_new(), .journal = {.fd = -1}, .folder = -1};
}

void carry_fini(Carry *carry) {
    journal_close(&carry->journal);
    if (carry->folder >= 0)
        close(carry->folder);
}

/* ---- the lock ---- */

/* Who we are, for whoever finds the lock taken. */
static void lock_note(App *app, Text *note) {
    char host[256] = "", since[32];
    struct tm utc;
    time_t now = time(NULL);
    Str site = session_site(app->session);
    gethostname(host, sizeof host - 1);
    gmtime_r(&now, &utc);
    strftime(since, sizeof since, "%Y-%m-%d %H:%M:%S UTC", &utc);
    text_addf(note, "phxc %s of site %.*s, process %ld on %s, since %s", options_command_name(app->options->command), (int)site.length, site.text,
              (long)getpid(), host, since);
}

/* The lock of a place stays ours until the process ends: its descriptor is never closed. */
static int place_lock(App *app, Place *place, int folder, Str shown) {
    Text note = {0};
    int fd, code = EXIT_OK;
    Diagnostics *diagnostics = fresh_diagnostics(app);
    lock_note(app, &note);
    LockStatus status = lock_take(folder, app->options->lock_timeout_ms, &note, &fd);
    if (status == LOCK_BUSY) {
        Diagnostic *error = diag_error(diagnostics, CODE_PLACE_LOCKED, SPAN_NONE, "%.*s is locked", (int)place->name.length, place->name.text);
        if (note.length)
            diag_note(diagnostics, error, "its holder is: %s", note.bytes);
        diag_help(diagnostics, error, "wait for it with --lock-timeout 5m");
        code = EXIT_LOCKED;
    } else if (status == LOCK_FAILED) {
        diag_error(diagnostics, CODE_JOURNAL_FAILED, SPAN_NONE, "the lock in %.*s cannot be taken: %s", (int)shown.length, shown.text,
                   strerror(errno));
        code = EXIT_ERROR;
    }
    app_print_text(app, diagnostics);
    text_fini(&note);
    return code;
}

/* The state folder of a place: its journal and its lock. -1 after a report. */
static int folder_open(App *app, Place *place, Text *shown) {
    int folder = place->class->state(place, shown);
    if (folder < 0) {
        Diagnostics *diagnostics = fresh_diagnostics(app);
        diag_error(diagnostics, CODE_JOURNAL_FAILED, SPAN_NONE, "phxc's folder %s cannot be made: %s", shown->bytes ? shown->bytes : "", strerror(errno));
        app_print_text(app, diagnostics);
    }
    return folder;
}

int carry_folder(Carry *carry) {
    Text shown = {0};
    int code = app_places(carry->app);
    if (!code && carry->folder < 0)
        carry->folder = folder_open(carry->app, carry->app->places.open[0], &shown);
    text_fini(&shown);
    return code ? code : carry->folder < 0 ? EXIT_ERROR : EXIT_OK;
}

/* Locks every place, in the order of their names, and keeps the state folder of the first. */
static int places_lock(Carry *carry) {
    App *app = carry->app;
    int code = EXIT_OK;
    for (uint32_t i = 0; i < app->places.open_count && !code; i++) {
        Text shown = {0};
        int folder = folder_open(app, app->places.open[i], &shown);
        code = folder < 0 ? EXIT_ERROR : place_lock(app, app->places.open[i], folder, text_str(&shown));
        if (i == 0)
            carry->folder = folder;
        else if (folder >= 0)
            close(folder);
        text_fini(&shown);
    }
    return code;
}

int carry_places(Carry *carry) {
    if (carry->folder >= 0)
        return EXIT_OK;
    int code = app_places(carry->app);
    return code ? code : places_lock(carry);
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
    if (journal_add(&carry->journal, text_str(line), sync) == 0)
        return 1;
    text_addf(problem, "the journal cannot be written: %s", strerror(errno));
    return 0;
}

/* That a step begins is on the disk before it does; where that fails, it does not. What follows is written at once, too, but reaches the
   disk with the next step: after a loss of power it is the host that tells how far things went. */
static int news_write(Carry *carry, const StepNews *news, Text *problem) {
    Session *session = carry->app->session;
    int with_object = news->state == STEP_STARTED || news->state == STEP_DONE;
    StepObject object = {.state = {0}};
    Text line = {0};
    if (with_object)
        session_step_object(session, news->step, &object);
    event_step(&carry->run, news, with_object ? &object : NULL, &line);
    int written = journal_write(carry, &line, news->state == STEP_STARTED, problem);
    int announces = news->state == STEP_STARTED || news->state == STEP_COMMAND;
    if (written || !announces)
        report_step(&carry->report, news, text_str(&line));
    text_fini(&line);
    text_fini(&object.state);
    return written || !announces;
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
    if (journal_open(&carry->journal, carry->folder) < 0)
        text_addf(&problem, "the journal cannot be opened: %s", strerror(errno));
    else
        journal_write(carry, &line, 1, &problem);
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

static int carry_execute(Carry *carry, const Plan *plan) {
    App *app = carry->app;
    Text line = {0}, problem = {0};
    if (!journal_begin(carry, plan))
        return EXIT_ERROR;
    report_init(&carry->report, app, plan);
    Execution execution = {
        .arena = app->arena, .loop = app->loop, .places = &app->places, .plan = plan, .oracle = oracle_of_session(app->session),
        .jobs = app->options->jobs, .tell = carry_told,
        .interrupted = carry_interrupted, .context = carry,
    };
    ExecutionResult result = execute_plan(&execution);
    int complete = result.done + result.already == plan->step_count;
    int code = complete ? EXIT_OK : result.interrupted ? EXIT_INTERRUPTED : EXIT_PARTLY;
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
