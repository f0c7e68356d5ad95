/* `phxc apply`: the plan of a site, or one that was saved, made and carried out under the lock of its places. */
#include "lang/snippet.h"
#include "runtime/carry.h"
#include "runtime/command.h"
#include "runtime/saved.h"

/* ---- what an earlier run has left ---- */

static void add_step(const PastStep *step, const char *what, Text *out) {
    text_addf(out, "    %s: %.*s: %.*s", what, (int)step->address.length, step->address.text, (int)step->verb.length, step->verb.text);
    if (step->problem.length) {
        text_add_literal(out, ": ");
        clean_print(step->problem, out);
    }
    text_add_char(out, '\n');
}

static int is_failed(const PastStep *step) {
    return str_equal(step->state, STR("failed"));
}

/* Waits that failed: where nothing else is left to do, nobody would ask again. */
static int gates_failed(const PastStep *steps, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        if (is_failed(&steps[i]) && str_equal(steps[i].verb, STR("wait")))
            return 1;
    return 0;
}

/* "The run 0123456789abcdef of 2026-01-31 12:00:00 UTC was cut short: 3 of 7 steps were done." and what it was at. */
static void earlier_tell(App *app, const PastRun *run, const PastStep *steps, uint32_t count, uint32_t left) {
    Text *out = &app->out.text;
    text_addf(out, "The run %.*s of ", (int)run->name.length, run->name.text);
    past_run_time(run, out);
    const char *how = !run->ended ? "was cut short" : run->done + run->already == run->steps ? "left something alone" : "did not do everything";
    text_addf(out, " %s: %u of %u step%s done.\n", how, run->done + run->already, run->steps,
              run->steps == 1 ? " was" : "s were");
    for (uint32_t i = 0; i < count; i++) {
        if (str_equal(steps[i].state, STR("started")))
            add_step(&steps[i], "cut short", out);
        else if (is_failed(&steps[i]) || str_equal(steps[i].state, STR("stopped")))
            add_step(&steps[i], is_failed(&steps[i]) ? "failed" : "stopped", out);
    }
    if (gates_failed(steps, count) && !app->options->gates)
        text_add_literal(out, "What it waited for is a step again where something before or after that is left to do; with --gates it is one in any case.\n");
    text_addf(out, "The hosts were looked at again.%s\n", left ? " This is what is left to do:\n" : "");
}

/* The last run of this site tells where it left off, if it did; an undo in between has settled that. Where nothing is left to do that is no news, but for
   what was waited for in vain. */
static void earlier_report(App *app, History *history, uint32_t left) {
    int several;
    const PastRun *last = history_find(history, STR("last"), session_site(app->session), &several);
    if (!last || past_run_whole(last))
        return;
    uint32_t count;
    const PastStep *steps = history_steps(history, last, &count);
    if (left || gates_failed(steps, count))
        earlier_tell(app, last, steps, count, left);
}

/* ---- phases that failed ---- */

/* The phase of a step that failed in this run; empty where there is none but those in [done]. */
static Str failed_phase(History *history, const PastRun *run, const Strs *done) {
    uint32_t count;
    const PastStep *steps = history_steps(history, run, &count);
    for (uint32_t i = 0; i < count; i++) {
        int known = !steps[i].phase.length || !str_equal(steps[i].state, STR("failed"));
        for (uint32_t k = 0; k < done->count && !known; k++)
            known = str_equal(done->items[k], steps[i].phase);
        if (!known)
            return steps[i].phase;
    }
    return STR("");
}

/* Takes back what the run that just ended did in one phase: by a plan from a new look at the hosts, which are still locked. */
static int phase_undo(Carry *failed, History *history, const PastRun *run, Str phase) {
    App *app = failed->app;
    Session *before = app->session;     /* the places are called by its names */
    Carry carry;
    carry_again(&carry, failed);
    text_add_literal(&app->out.text, "\n");
    app->session = NULL;
    int code = app_ready(app, app_site(app, 0));
    if (!code)
        code = app_facts(app);
    if (!code)
        code = undo_run(&carry, history, run, phase);
    carry_fini(&carry);
    if (app->session)
        session_close(app->session);
    app->session = before;
    return code;
}

/* EXIT_PARTLY where all of them were taken back. */
static int phases_undo(Carry *carry) {
    History history;
    Strs done = {0};
    int several, code = EXIT_OK;
    if (!carry_history(carry, &history))
        return EXIT_ERROR;
    const PastRun *run = history_find(&history, str_of(carry->run.text), STR(""), &several);
    for (Str phase; run && !code && (phase = failed_phase(&history, run, &done)).length;) {
        VECTOR_PUSH(carry->app->arena, &done, phase);
        code = phase_undo(carry, &history, run, phase);
    }
    return code ? code : EXIT_PARTLY;
}

/* ---- the whole ---- */

static int apply_locked(Carry *carry, Saved *saved) {
    App *app = carry->app;
    History history;
    uint32_t denied;
    int code = app_facts(app);
    if (code)
        return code;
    const Plan *plan = command_make_plan(app, 1, &denied);
    if (!plan)
        return EXIT_ERROR;
    session_plan_identify(app->session, plan);
    if (!carry_history(carry, &history))
        return EXIT_ERROR;
    if (saved->plan && (code = saved_check_steps(saved, app, plan, &history)))
        return code;
    if (!app->options->events) {
        earlier_report(app, &history, plan->step_count);
        command_print_plan(app, plan, &app->out.text, app_colour(app, &app->out));
        output_flush(&app->out);
    }
    if (denied)
        return EXIT_DENIED;
    code = plan->step_count ? carry_out(carry, plan) : plan->blocked_count ? EXIT_PARTLY : EXIT_OK;
    if (code == EXIT_PARTLY && plan->blocked_count)
        app_complain(app, "%u resource%s left alone: the plan says why", plan->blocked_count, plan->blocked_count == 1 ? " was" : "s were");
    return code == EXIT_PARTLY && app->options->undo_failed_phase ? phases_undo(carry) : code;
}

/* A saved plan is only of the sources of which it was made, whatever else may be wrong with them now. */
static int apply_load(App *app, Saved *saved) {
    if (!saved->plan)
        return app_load(app, app_site(app, 0));
    app_open(app);
    int loaded = session_load(app->session, app_site(app, 0));
    int code = saved_check_sources(saved, app, loaded);
    if (!code && !loaded) {
        session_check(app->session, app_site(app, 0));
        app_print_diagnostics(app);
        code = EXIT_ERROR;
    }
    return code;
}

int command_apply(App *app) {
    Carry carry;
    Saved saved;
    int code = saved_open(&saved, app);
    if (code)
        return code;
    carry_init(&carry, app);
    carry.purpose.saved = saved.plan ? saved.plan->id : STR("");
    code = apply_load(app, &saved);
    if (!code && session_wants_facts(app->session))
        code = carry_places(&carry);
    if (!code)
        code = app_site_facts(app);
    if (!code)
        code = app_check(app, app_site(app, 0));
    if (!code && !carry_can_confirm(app))
        code = EXIT_ERROR;
    if (!code)
        code = carry_places(&carry);
    if (!code)
        code = apply_locked(&carry, &saved);
    carry_fini(&carry);
    return code;
}
