/* `phxc fmt`: files laid out anew. */
#include <errno.h>
#include <string.h>

#include "lang/format.h"
#include "runtime/command.h"

/* Each file has diagnostics of its own: a mistake in one does not keep the others as they are. */
typedef struct Formatting {
    App *app;
    Names *names;
    int code;
} Formatting;

static void format_refuse(Formatting *formatting, Diagnostics *diagnostics, Code code, Str path, const char *what, Str problem) {
    diag_error(diagnostics, code, SPAN_NONE, "%.*s cannot be %s: %.*s", (int)path.length, path.text, what, (int)problem.length, problem.text);
    formatting->code = EXIT_ERROR;
}

static void format_replace(Formatting *formatting, Diagnostics *diagnostics, Str path, Str content) {
    Root root;
    Text problem = {0};
    FileWrite write = {.path = load_absolute(formatting->app->arena, path), .content = content, .mode = 0644, .keep = 1};
    if (root_init(&root, "/") < 0) {
        format_refuse(formatting, diagnostics, CODE_FILE_UNWRITABLE, path, "written", str_of(strerror(errno)));
        return;
    }
    if (files_write(&root, &write, &problem) < 0)
        format_refuse(formatting, diagnostics, CODE_FILE_UNWRITABLE, path, "written", text_str(&problem));
    root_fini(&root);
    text_fini(&problem);
}

static void format_file(Formatting *formatting, Str path) {
    App *app = formatting->app;
    int from_input = str_equal(path, STR("-"));
    Sources *sources = sources_new(app->arena);
    Diagnostics *diagnostics = diagnostics_new(app->arena, sources);
    Str bytes, problem, name = from_input ? STR("<stdin>") : path;
    Text out = {0};
    if (load_file(app->arena, path, LOAD_PHX_LIMIT, &bytes, &problem) != LOAD_OK) {
        format_refuse(formatting, diagnostics, CODE_FILE_UNREADABLE, path, "read", problem);
    } else if (!format_source(app->arena, formatting->names, diagnostics, source_add(sources, SOURCE_PHX, name, bytes), &out)) {
        formatting->code = EXIT_ERROR;
    } else if (from_input && !app->options->check) {
        text_add(&app->out.text, text_str(&out));
    } else if (!str_equal(text_str(&out), bytes)) {
        if (app->options->check) {
            text_addf(&app->out.text, "%.*s\n", (int)path.length, path.text);
            formatting->code = EXIT_ERROR;
        } else {
            format_replace(formatting, diagnostics, path, text_str(&out));
        }
    }
    if (app->options->json_diagnostics)
        diag_print_json(diagnostics, &app->err.text);
    else
        app_print_text(app, diagnostics);
    text_fini(&out);
}

int command_fmt(App *app) {
    const Strs *operands = &app->options->operands;
    Formatting formatting = {app, names_new(app->arena), EXIT_OK};
    for (uint32_t i = 0; i < operands->count; i++)
        format_file(&formatting, operands->items[i]);
    if (!operands->count)
        format_file(&formatting, app_site(app, 0));
    return formatting.code;
}
