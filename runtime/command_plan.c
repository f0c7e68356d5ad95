/* `phxc plan` and `phxc drift`: from the site and its hosts to a plan on paper. */
#include "compiler/render.h"
#include "runtime/command.h"

const Plan *command_make_plan(App *app, int to_apply, uint32_t *denied) {
    const Options *options = app->options;
    PlanOptions wanted = {
        .adopt = options->adopt.items, .adopt_count = options->adopt.count,
        .allow = options->allow.items, .allow_count = options->allow.count,
        .only = options->only.items, .only_count = options->only.count,
        .skip = options->skip.items, .skip_count = options->skip.count,
        .prune = options->prune,
        .gates = options->gates,
        .snapshot_before = options->snapshot_before,
        .to_apply = to_apply,
    };
    const Plan *plan = session_plan(app->session, &wanted);
    *denied = plan ? session_denied(app->session, plan, &wanted) : 0;
    app_print_diagnostics(app);
    return plan;
}

void command_print_plan(App *app, const Plan *plan, Text *out, int colour) {
    TextStyle style = {.colour = colour, .commands = !app->options->no_commands, .undo = app->options->undo};
    render_plan_text(plan, session_diagnostics(app->session), style, out);
}

/* To standard output a plan goes piece by piece, however long it is; a file is replaced as a whole. */
static int plan_deliver(App *app, const Plan *plan) {
    Text whole = {0};
    int to_file = app->options->output.length > 0;
    Text *out = to_file ? &whole : &app->out.text;
    Diagnostics *diagnostics = session_diagnostics(app->session);
    if (app->options->format != FORMAT_TEXT)
        session_plan_identify(app->session, plan);
    else if (app->options->undo)
        session_plan_undo(app->session);
    if (app->options->provenance && app->options->format == FORMAT_JSON)
        session_plan_provenance(app->session);
    switch (app->options->format) {
    case FORMAT_TEXT: command_print_plan(app, plan, out, !to_file && app_colour(app, &app->out)); break;
    case FORMAT_JSON: render_plan_json(plan, diagnostics, out); break;
    case FORMAT_MARKDOWN: render_plan_markdown(plan, diagnostics, 0, out); break;
    }
    int code = to_file ? app_deliver(app, text_str(&whole)) : EXIT_OK;
    text_fini(&whole);
    output_flush(&app->out);
    return code;
}

static const Plan *plan_from_site(App *app, uint32_t *denied, int *code) {
    *code = app_ready(app, app_site(app, 0));
    if (!*code)
        *code = app_facts(app);
    if (*code)
        return NULL;
    const Plan *plan = command_make_plan(app, 0, denied);
    *code = plan ? plan_deliver(app, plan) : EXIT_ERROR;
    return plan;
}

int command_plan(App *app) {
    uint32_t denied;
    int code;
    const Plan *plan = plan_from_site(app, &denied, &code);
    if (code)
        return code;
    if (denied)
        return EXIT_DENIED;
    if (app->options->detailed == DETAILED_RISK && plan->by_risk[RISK_DATA_LOSS])
        return EXIT_RISK;
    /* What is left alone is not as written either, and `apply` would end with a code of its own for it. */
    return app->options->detailed != DETAILED_NO && (plan->step_count || plan->blocked_count) ? EXIT_CHANGES : EXIT_OK;
}

int command_drift(App *app) {
    uint32_t denied;
    int code;
    const Plan *plan = plan_from_site(app, &denied, &code);
    if (code)
        return code;
    return plan->step_count || plan->blocked_count || plan->orphan_count ? EXIT_CHANGES : EXIT_OK;
}
