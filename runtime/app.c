/* What the commands share. */
#include "runtime/app.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/files.h"
#include "runtime/inspect.h"
#include "runtime/stdlib.h"

void app_init(App *app, const Options *options, Arena *arena) {
    *app = (App){.options = options, .arena = arena};
    output_init(&app->out, STDOUT_FILENO);
    output_init(&app->err, STDERR_FILENO);
    load_init(&app->load, arena);
}

int app_fini(App *app, int code) {
    places_close(&app->places);
    loop_close(app->loop);
    if (app->session)
        session_close(app->session);
    load_fini(&app->load);
    output_flush(&app->out);
    /* A reader that has seen enough is no failure to speak of. */
    if (app->out.error && app->out.error != EPIPE)
        app_complain(app, "standard output cannot be written: %s", strerror(app->out.error));
    output_fini(&app->err);
    if (code == EXIT_OK && (app->out.error || app->err.error))
        code = EXIT_ERROR;
    output_fini(&app->out);
    return code;
}

void app_complain(App *app, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    text_add_literal(&app->err.text, "phxc: ");
    text_addv(&app->err.text, format, arguments);
    text_add_char(&app->err.text, '\n');
    va_end(arguments);
    output_flush(&app->err);
}

int app_colour(const App *app, const Output *output) {
    const char *no_colour = getenv("NO_COLOR"), *terminal = getenv("TERM");
    if (app->options->colour != CHOICE_AUTO)
        return app->options->colour == CHOICE_ALWAYS;
    return isatty(output->fd) && !(no_colour && no_colour[0]) && !(terminal && strcmp(terminal, "dumb") == 0);
}

/* ---- the session ---- */

static void settings_add(NamedText *settings, size_t *count, const Setting *given, uint32_t given_count) {
    for (uint32_t i = 0; i < given_count; i++)
        settings[(*count)++] = (NamedText){given[i].name, given[i].text};
}

SessionOptions app_session_options(App *app) {
    const Options *options = app->options;
    size_t setting_count = 0;
    NamedText *stdlib = ARENA_ARRAY(app->arena, NamedText, phx_stdlib_count + 1);
    NamedText *settings = ARENA_ARRAY(app->arena, NamedText, options->settings.count + app->settings.count + 1);
    for (size_t i = 0; i < phx_stdlib_count; i++)
        stdlib[i] = (NamedText){str_of(phx_stdlib[i].name), {phx_stdlib[i].bytes, phx_stdlib[i].length}};
    settings_add(settings, &setting_count, options->settings.items, options->settings.count);
    settings_add(settings, &setting_count, app->settings.items, app->settings.count);
    return (SessionOptions){
        .loader = load_loader(&app->load),
        .stdlib = stdlib,
        .stdlib_count = phx_stdlib_count,
        .settings = settings,
        .setting_count = setting_count,
        .errors = options->errors.items,
        .error_count = options->errors.count,
        .silenced = options->silenced.items,
        .silenced_count = options->silenced.count,
        .shown = options->shown.items,
        .shown_count = options->shown.count,
    };
}

void app_open(App *app) {
    SessionOptions options = app_session_options(app);
    app->session = session_open(&options);
}

Str app_site(const App *app, uint32_t skip) {
    const Strs *operands = &app->options->operands;
    return operands->count > skip ? operands->items[skip] : STR("site.phx");
}

int app_load(App *app, Str site) {
    if (!app->session)
        app_open(app);
    if (session_load(app->session, site))
        return EXIT_OK;
    session_check(app->session, site);      /* there may be more to report */
    app_print_diagnostics(app);
    return EXIT_ERROR;
}

int app_check(App *app, Str site) {
    if (!app->session)
        app_open(app);
    if (session_check(app->session, site))
        return EXIT_OK;
    app_print_diagnostics(app);
    return EXIT_ERROR;
}

int app_library(App *app, uint32_t skip) {
    if (app->options->operands.count > skip)
        return app_check(app, app_site(app, skip));
    app_open(app);
    return EXIT_OK;
}

PlanOptions app_selection(const App *app) {
    const Options *options = app->options;
    return (PlanOptions){
        .only = options->only.items, .only_count = options->only.count,
        .skip = options->skip.items, .skip_count = options->skip.count,
    };
}

void app_print_text(App *app, Diagnostics *diagnostics) {
    uint32_t count;
    diag_sorted(diagnostics, &count);
    if (count)
        diag_print_text(diagnostics, (DiagnosticStyle){.colour = app_colour(app, &app->err), .brief = 1}, &app->err.text);
    output_flush(&app->err);
}

void app_print_diagnostics(App *app) {
    /* On a terminal the two outputs are read as one. */
    output_flush(&app->out);
    if (app->options->json_diagnostics) {
        diag_print_json(session_diagnostics(app->session), &app->err.text);
        output_flush(&app->err);
    } else {
        app_print_text(app, session_diagnostics(app->session));
    }
}

/* ---- places and facts ---- */

int app_places(App *app) {
    uint32_t count;
    const Str *addresses = session_places(app->session, &count);
    if (app->loop)
        return EXIT_OK;
    app->loop = loop_open();
    if (!app->loop) {
        app_complain(app, "no event loop: %s", strerror(errno));
        return EXIT_ERROR;
    }
    if (places_open(&app->places, app->arena, app->loop, session_diagnostics(app->session), addresses, count, app->options->hosts.items,
                    app->options->hosts.count))
        return EXIT_OK;
    app_print_diagnostics(app);
    return EXIT_ERROR;
}

static int facts_file(App *app) {
    Str bytes, problem, name = app->options->facts;
    if (load_file(app->arena, name, LOAD_DATA_LIMIT, &bytes, &problem) != LOAD_OK) {
        diag_error(session_diagnostics(app->session), CODE_FILE_UNREADABLE, SPAN_NONE, "the facts %.*s cannot be read: %.*s", (int)name.length,
                   name.text, (int)problem.length, problem.text);
        return 0;
    }
    return session_facts_read(app->session, session_source(app->session, SOURCE_JSON, name, bytes));
}

int app_interrupted(App *app) {
    app_complain(app, "interrupted while it looked at the hosts");
    return EXIT_INTERRUPTED;
}

int app_site_facts(App *app) {
    int known = 1;
    if (!session_wants_facts(app->session) || str_equal(app->options->facts, STR("none")))
        return EXIT_OK;
    if (app->options->facts.length) {
        known = facts_file(app);
    } else {
        int code = app_places(app);
        if (code)
            return code;
        if (inspect_facts(app->session, &app->places, app->loop) == INSPECT_INTERRUPTED)
            return app_interrupted(app);
    }
    if (known)
        return EXIT_OK;
    app_print_diagnostics(app);
    return EXIT_ERROR;
}

int app_ready(App *app, Str site) {
    int code = app_load(app, site);
    if (!code)
        code = app_site_facts(app);
    return code ? code : app_check(app, site);
}

int app_facts(App *app) {
    int known;
    if (str_equal(app->options->facts, STR("none"))) {
        session_facts_none(app->session);
        return EXIT_OK;
    }
    if (app->options->facts.length) {
        known = session_wants_facts(app->session) || facts_file(app);
    } else {
        int code = app_places(app);
        if (code)
            return code;
        InspectResult result = inspect_places(app->session, &app->places, app->loop);
        if (result == INSPECT_INTERRUPTED)
            return app_interrupted(app);
        known = result == INSPECT_KNOWN;
    }
    if (known)
        return EXIT_OK;
    app_print_diagnostics(app);
    return EXIT_ERROR;
}

/* ---- output ---- */

int app_deliver(App *app, Str text) {
    Str path = app->options->output;
    if (!path.length) {
        text_add(&app->out.text, text);
        output_flush(&app->out);
        return EXIT_OK;
    }
    Root root;
    Text problem = {0};
    int code = EXIT_ERROR;
    FileWrite write = {.path = load_absolute(app->arena, path), .content = text, .mode = 0644, .keep = 1};
    if (root_init(&root, "/") < 0) {
        text_addf(&problem, "%s", strerror(errno));
    } else {
        code = files_write(&root, &write, &problem) < 0 ? EXIT_ERROR : EXIT_OK;
        root_fini(&root);
    }
    if (code) {
        Diagnostics *diagnostics = diagnostics_new(app->arena, diagnostics_sources(session_diagnostics(app->session)));
        diag_error(diagnostics, CODE_FILE_UNWRITABLE, SPAN_NONE, "%.*s cannot be written: %s", (int)path.length, path.text, problem.bytes);
        app_print_text(app, diagnostics);
    }
    text_fini(&problem);
    return code;
}
