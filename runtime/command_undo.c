/* `phxc undo` and `phxc runs`: what earlier runs did, and the way back from one of them. */
#include "runtime/carry.h"
#include "runtime/command.h"
#include "runtime/past.h"

/* ---- runs ---- */

static void run_result(const PastRun *run, Text *out) {
    if (past_run_whole(run))
        text_add_literal(out, "done");
    else if (!run->ended)
        text_add_literal(out, "cut short");
    else
        text_addf(out, "exit %d", run->exit);
    if (run->failed)
        text_addf(out, ", %u failed", run->failed);
    if (run->stopped)
        text_addf(out, ", %u stopped", run->stopped);
    if (run->left_out)
        text_addf(out, ", %u left out", run->left_out);
    if (run->saved.length)
        text_addf(out, ", of the saved plan %.12s", run->saved.text);
    if (run->undoes.length)
        text_addf(out, ", takes back %.*s", (int)run->undoes.length, run->undoes.text);
}

/* "Runs before 2026-01-31 12:00:00 UTC are not kept any more"; nothing where all that there ever was is kept. */
static void since_tell(const char *runs, Str since, Text *out) {
    if (!since.length)
        return;
    text_addf(out, "%s before ", runs);
    past_time(since, out);
    text_add_literal(out, " are not kept any more");
}

static void runs_print(const History *history, Str site, Text *out) {
    uint32_t shown = 0;
    for (uint32_t i = 0; i < history->runs.count; i++) {
        const PastRun *run = &history->runs.items[i];
        if (!str_equal(run->site, site))
            continue;
        text_addf(out, "%.*s  ", (int)run->name.length, run->name.text);
        past_run_time(run, out);
        text_addf(out, "  %u of %u step%s  ", run->done + run->already, run->steps, run->steps == 1 ? "" : "s");
        run_result(run, out);
        text_add_char(out, '\n');
        shown++;
    }
    if (!shown)
        text_addf(out, "No run of site %.*s is written down here.\n", (int)site.length, site.text);
    if (history->since.length) {
        since_tell("Runs", history->since, out);
        text_add_char(out, '\n');
    }
}

/* What can't be read is not taken back, and that is nothing to find out afterwards. */
static void broken_tell(App *app, const History *history, const char *meaning) {
    Diagnostics *diagnostics = diagnostics_new(app->arena, diagnostics_sources(session_diagnostics(app->session)));
    if (history->broken) {
        Diagnostic *warning = diag_warning(diagnostics, CODE_JOURNAL_BROKEN, SPAN_NONE, "%u line%s of the journal can't be read", history->broken,
                                           history->broken == 1 ? "" : "s");
        diag_note(diagnostics, warning, "%s", meaning);
    }
    app_print_text(app, diagnostics);
}

static void report(App *app, Str since, const char *what, Str name, const char *help) {
    Diagnostics *diagnostics = diagnostics_new(app->arena, diagnostics_sources(session_diagnostics(app->session)));
    Diagnostic *error = diag_error(diagnostics, CODE_RUN_UNKNOWN, SPAN_NONE, "%s%.*s", what, (int)name.length, name.text);
    Text text = {0};
    since_tell("runs", since, &text);
    if (text.length)
        diag_note(diagnostics, error, "%s", text.bytes);
    diag_help(diagnostics, error, "%s", help);
    text_fini(&text);
    app_print_text(app, diagnostics);
}

int command_runs(App *app) {
    Carry carry;
    History history;
    carry_init(&carry, app);
    int code = app_load(app, app_site(app, 0));
    if (!code)
        code = carry_look(&carry);
    if (!code && !carry_history(&carry, &history))
        code = EXIT_ERROR;
    if (!code) {
        runs_print(&history, session_site(app->session), &app->out.text);
        broken_tell(app, &history, "a run may be missing here, or have done more than is said");
    }
    carry_fini(&carry);
    return code;
}

/* ---- undo ---- */

static const PastRun *run_named(App *app, const History *history, Str name) {
    int several;
    const PastRun *run = history_find(history, name, session_site(app->session), &several);
    if (!run)
        broken_tell(app, history, "the run may have stood there");
    if (!run)
        report(app, several ? STR("") : history->since, several ? "several runs have a name that begins with " : "no run is written down under the name ", name,
               "`phxc runs` lists them; `last` is the last one of the site");
    else if (!str_equal(run->site, session_site(app->session))) {
        report(app, STR(""), "that was a run of another site: ", run->site, "name that site: `phxc undo RUN SITE`");
        run = NULL;
    }
    return run;
}

/* Makes, shows and carries out the plan back to what the run found. */
int undo_run(Carry *carry, History *history, const PastRun *run, Str phase) {
    App *app = carry->app;
    const Options *options = app->options;
    PlanOptions wanted = {.allow = options->allow.items, .allow_count = options->allow.count};
    uint32_t count, denied;
    const FormerObject *formers = past_objects(history, run, phase, &count);
    broken_tell(app, history, "what stood there is not taken back, and a later run may be missing");
    carry->purpose.undoes = run->name;
    const Plan *plan = session_plan_back(app->session, formers, count, &wanted);
    denied = plan ? session_denied(app->session, plan, &wanted) : 0;
    app_print_diagnostics(app);
    if (!plan)
        return EXIT_ERROR;
    session_plan_identify(app->session, plan);
    if (!options->events) {
        text_addf(&app->out.text, "Taking back the run %.*s of ", (int)run->name.length, run->name.text);
        past_run_time(run, &app->out.text);
        text_addf(&app->out.text, "%s%.*s:\n\n", phase.length ? ", phase " : "", (int)phase.length, phase.text);
        command_print_plan(app, plan, &app->out.text, app_colour(app, &app->out));
        output_flush(&app->out);
    }
    if (denied)
        return EXIT_DENIED;
    return plan->step_count ? carry_out(carry, plan) : EXIT_OK;
}

int command_undo(App *app) {
    Carry carry;
    History history;
    const PastRun *run = NULL;
    Str site = app_site(app, 1);
    carry_init(&carry, app);
    int code = app_load(app, site);
    if (!code && session_wants_facts(app->session))
        code = carry_places(&carry);
    if (!code)
        code = app_site_facts(app);
    if (!code)
        code = app_check(app, site);
    if (!code && !carry_can_confirm(app))
        code = EXIT_ERROR;
    if (!code)
        code = carry_places(&carry);
    if (!code && (!carry_history(&carry, &history) || !(run = run_named(app, &history, app->options->operands.items[0]))))
        code = EXIT_ERROR;
    if (!code)
        code = app_facts(app);
    if (!code)
        code = undo_run(&carry, &history, run, STR(""));
    carry_fini(&carry);
    return code;
}
