/* `phxc export` and `phxc schema`: a site, and what its parts may be, for other programs. */
#include "runtime/command.h"
#include "runtime/stdlib.h"

int command_export(App *app) {
    int code = app_check(app, app_site(app, 0));
    if (code)
        return code;
    PlanOptions selection = app_selection(app);
    Text text = {0};
    int done = session_export(app->session, &selection, &text);
    if (!done)
        app_print_diagnostics(app);
    code = done ? app_deliver(app, text_str(&text)) : EXIT_ERROR;
    text_fini(&text);
    return code;
}

int command_schema(App *app) {
    /* The form of a plan is what this program writes, whatever the site. */
    if (str_equal(app->options->operands.items[0], STR("plan")))
        return app_deliver(app, (Str){phx_plan_schema.bytes, phx_plan_schema.length});
    int code = app_library(app, 1);
    if (code)
        return code;
    Text text = {0};
    int found = session_json_schema(app->session, app->options->operands.items[0], &text);
    app_print_diagnostics(app);
    if (found)
        code = app_deliver(app, text_str(&text));
    else
        text_add(&app->err.text, text_str(&text));
    text_fini(&text);
    return found ? code : EXIT_ERROR;
}
