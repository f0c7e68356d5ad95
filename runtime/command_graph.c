/* `phxc graph`: the resources of a site and what each needs. */
#include "compiler/render.h"
#include "runtime/command.h"

int command_graph(App *app) {
    int code = app_check(app, app_site(app, 0));
    if (code)
        return code;
    PlanOptions selection = app_selection(app);
    const Outline *outline = session_outline(app->session, &selection);
    if (!outline) {
        app_print_diagnostics(app);
        return EXIT_ERROR;
    }
    Text text = {0};
    switch (app->options->graph_format) {
    case GRAPH_TREE: render_graph_tree(outline, &text); break;
    case GRAPH_DOT: render_graph_dot(outline, &text); break;
    case GRAPH_MERMAID: render_graph_mermaid(outline, &text); break;
    case GRAPH_JSON: render_graph_json(outline, diagnostics_sources(session_diagnostics(app->session)), &text); break;
    }
    code = app_deliver(app, text_str(&text));
    text_fini(&text);
    return code;
}
