/* `phxc check` and `phxc inspect`: the site alone, and what its hosts look like. */
#include "runtime/command.h"

int command_check(App *app) {
    int code = app_check(app, app_site(app, 0));
    if (!code)
        app_print_diagnostics(app);
    return code;
}

int command_inspect(App *app) {
    Text facts = {0};
    int code = app_ready(app, app_site(app, 0));
    if (!code)
        code = app_facts(app);
    if (!code) {
        app_print_diagnostics(app);
        session_facts_write(app->session, &facts);
        code = app_deliver(app, text_str(&facts));
    }
    text_fini(&facts);
    return code;
}
