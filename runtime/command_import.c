/* `phxc import`: what describes a site in another form, as .phx. */
#include <string.h>
#include <sys/stat.h>

#include "runtime/command.h"
#include "runtime/new_text.h"
#include "runtime/stdlib.h"

/* Collects the checks of which a finding would keep the new text from being used; 1 where there are any. */
static int text_check(App *app, Str text, Ignores *ignores, int *code) {
    NewText new_text = {.app = app, .text = text};
    Session *session = new_text_open(&new_text);
    uint32_t before = ignores->count;
    session_check(session, STR("the new text"));
    *code = new_text_findings(&new_text, session, ignores);
    session_close(session);
    return !*code && ignores->count > before;
}

/* ---- sites ---- */

/* [what] is what it is made from, for people. */
static int import_site(App *app, Str path, Str what, Str comment) {
    int code = app_check(app, path);
    if (code)
        return code;
    if (!session_resource_count(app->session)) {
        app_print_diagnostics(app);
        app_complain(app, "nothing in %.*s describes a resource", (int)what.length, what.text);
        return EXIT_ERROR;
    }
    Ignores ignores = {0};
    Text text = {0};
    do {
        text_clear(&text);
        if (!session_flatten(app->session, comment, ignores.items, ignores.count, &text))
            code = EXIT_ERROR;
    } while (!code && text_check(app, text_str(&text), &ignores, &code));
    app_print_diagnostics(app);
    if (!code)
        code = app_deliver(app, text_str(&text));
    text_fini(&text);
    return code;
}

/* ---- folders of data in a layout of old ---- */

/* `--set dir=FOLDER` tells the layout's text where its files are. */
static int import_folder(App *app, Str folder) {
    while (folder.length > 1 && folder.text[folder.length - 1] == '/')
        folder.length--;
    Setting dir = {STR("dir"), folder};
    VECTOR_PUSH(app->arena, &app->settings, dir);
    load_embed(&app->load, STR("layout.phx"), (Str){phx_layout.bytes, phx_layout.length});
    return import_site(app, STR("layout.phx"), folder, arena_printf(app->arena, "Made by `phxc import` of the JSON files in %.*s.", (int)folder.length, folder.text));
}

static Str folder_of(Arena *arena, Str path) {
    const char *slash = memrchr(path.text, '/', path.length);
    return slash ? arena_str(arena, (Str){path.text, (size_t)(slash - path.text)}) : STR(".");
}

/* "lxc_configs" of "a/lxc_configs.json" */
static Str stem_of(Arena *arena, Str path) {
    const char *slash = memrchr(path.text, '/', path.length);
    Str name = slash ? (Str){slash + 1, path.length - (size_t)(slash - path.text) - 1} : path;
    const char *dot = memrchr(name.text, '.', name.length);
    return arena_str(arena, dot && dot > name.text ? (Str){name.text, (size_t)(dot - name.text)} : name);
}

/* ---- one JSON file ---- */

/* The file is read by a site of one line, so that it is typed as it would be in any other. */
static int import_value(App *app, Str path) {
    Str type = app->options->as;
    Text site = {0}, text = {0};
    text_add_literal(&site, "site \"import\" edition 1\nparam file: string\nimport json \"{file}\" as _value: ");
    text_add(&site, type);
    text_add_char(&site, '\n');
    Setting file = {STR("file"), path};
    VECTOR_PUSH(app->arena, &app->settings, file);
    load_embed(&app->load, STR("--as"), arena_str(app->arena, text_str(&site)));
    int code = app_check(app, STR("--as"));
    const Value *value = code ? NULL : session_eval(app->session, STR("_value"));
    if (!code) {
        int done = value && session_write_value(app->session, stem_of(app->arena, path), type, value, &text);
        app_print_diagnostics(app);
        code = done ? app_deliver(app, text_str(&text)) : EXIT_ERROR;
    }
    text_fini(&site);
    text_fini(&text);
    return code;
}

static int import_schema(App *app, Str path) {
    Str bytes, problem;
    Text text = {0};
    int code = EXIT_ERROR;
    app_open(app);
    if (load_file(app->arena, path, LOAD_DATA_LIMIT, &bytes, &problem) != LOAD_OK) {
        diag_error(session_diagnostics(app->session), CODE_FILE_UNREADABLE, SPAN_NONE, "%.*s cannot be read: %.*s", (int)path.length, path.text,
                   (int)problem.length, problem.text);
        app_print_diagnostics(app);
        return EXIT_ERROR;
    }
    const Source *source = session_source(app->session, SOURCE_JSON, path, bytes);
    int done = session_types_from_schema(app->session, source, stem_of(app->arena, path), &text);
    app_print_diagnostics(app);
    if (done)
        code = app_deliver(app, text_str(&text));
    text_fini(&text);
    return code;
}

static int ends_with(Str text, const char *end) {
    size_t length = strlen(end);
    return text.length > length && memcmp(text.text + text.length - length, end, length) == 0;
}

int command_import(App *app) {
    Str path = app->options->operands.items[0];
    struct stat status;
    if (app->options->schema)
        return import_schema(app, path);
    if (app->options->as.length)
        return import_value(app, path);
    if (stat(arena_str(app->arena, path).text, &status) == 0 && S_ISDIR(status.st_mode))
        return import_folder(app, path);
    /* The files of a layout need each other: one alone would be a site of which half is missing. */
    if (ends_with(path, ".json"))
        return import_folder(app, folder_of(app->arena, path));
    return import_site(app, path, path, arena_printf(app->arena, "Made by `phxc import %.*s`.", (int)path.length, path.text));
}
