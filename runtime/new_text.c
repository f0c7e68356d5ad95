/* Texts that are nowhere yet. */
#include "runtime/new_text.h"

static LoadStatus text_load(void *context, Str importer, Str path, SourceKind kind, Str *name, Str *bytes, Str *problem) {
    const NewText *new_text = context;
    *name = path;
    if (new_text->is_part) {
        Loader loader = load_loader(&new_text->app->load);
        LoadStatus status = loader.load(loader.context, importer, path, kind, name, bytes, problem);
        if (status == LOAD_OK && !importer.length)
            *bytes = arena_printf(new_text->app->arena, "%.*s\n%.*s", (int)bytes->length, bytes->text, (int)new_text->text.length, new_text->text.text);
        return status;
    }
    *bytes = new_text->text;
    *problem = STR("what was made stands for itself");
    return importer.length ? LOAD_REFUSED : LOAD_OK;
}

Session *new_text_open(NewText *text) {
    SessionOptions options = app_session_options(text->app);
    options.loader = (Loader){text, text_load};
    if (!text->is_part)
        options.setting_count = 0;
    return session_open(&options);
}

static int ignores_has(const Ignores *ignores, Str name) {
    for (uint32_t i = 0; i < ignores->count; i++)
        if (str_equal(ignores->items[i].name, name))
            return 1;
    return 0;
}

int new_text_findings(const NewText *text, Session *session, Ignores *ignores) {
    App *app = text->app;
    uint32_t count;
    int code = EXIT_OK;
    const Diagnostic *const *list = diag_sorted(session_diagnostics(session), &count);
    for (uint32_t i = 0; i < count; i++) {
        if (list[i]->severity != SEVERITY_ERROR || str_equal(list[i]->code, str_of(code_info(CODE_SETTING)->id)) || ignores_has(ignores, list[i]->code))
            continue;
        if (code_find(list[i]->code) >= 0)
            code = EXIT_ERROR;
        NamedText ignore = {arena_str(app->arena, list[i]->code), arena_str(app->arena, list[i]->message)};
        VECTOR_PUSH(app->arena, ignores, ignore);
    }
    if (code)
        app_print_text(app, session_diagnostics(session));
    return code;
}
