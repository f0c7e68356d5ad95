/* `phxc explain`, `why`, `eval` and `help`: answers to questions. Where a value comes from has nothing to do with what
   the checks of the site find. */
#include "runtime/command.h"

int command_explain(App *app) {
    Text text = {0};
    int code = app_library(app, 1);
    if (code)
        return code;
    int found = session_explain(app->session, app->options->operands.items[0], &text);
    app_print_diagnostics(app);
    text_add(found ? &app->out.text : &app->err.text, text_str(&text));
    text_fini(&text);
    return found ? EXIT_OK : EXIT_ERROR;
}

int command_why(App *app) {
    Text text = {0};
    int code = app_check(app, app_site(app, 1));
    if (code)
        return code;
    int found = session_why(app->session, app->options->operands.items[0], &text);
    text_add(found ? &app->out.text : &app->err.text, text_str(&text));
    text_fini(&text);
    return found ? EXIT_OK : EXIT_ERROR;
}

int command_eval(App *app) {
    int code = app_check(app, app_site(app, 1));
    if (code)
        return code;
    const Value *value = session_eval(app->session, app->options->operands.items[0]);
    app_print_diagnostics(app);
    if (!value)
        return EXIT_ERROR;
    value_print(value, 0, &app->out.text);
    text_add_char(&app->out.text, '\n');
    return EXIT_OK;
}

int command_help(App *app) {
    const Strs *operands = &app->options->operands;
    int command = operands->count ? options_command_find(operands->items[0]) : COMMAND_ID_HELP;
    if (command < 0) {
        app_complain(app, "there is no command `%.*s`", (int)operands->items[0].length, operands->items[0].text);
        return EXIT_USAGE;
    }
    if (operands->count)
        options_help_command((CommandId)command, &app->out.text);
    else
        options_help(&app->out.text);
    return EXIT_OK;
}
