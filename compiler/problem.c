/* Problems and findings: an error in the user's own text, a warning that leaves the item out where the data was imported. */
#include <stdarg.h>
#include <string.h>

#include "compiler/state.h"

int span_is_imported(Session *session, Span span) {
    return span.file && source_get(session->sources, span.file)->kind == SOURCE_JSON;
}

Span origin_of(Session *session, Span own, const Value *a, const Value *b) {
    if (a && span_is_imported(session, a->origin))
        return a->origin;
    if (b && span_is_imported(session, b->origin))
        return b->origin;
    return own;
}

/* Codes are called `unknown-field`, checks `duplicate_guest_id`: on a command line both spellings of both will do. */
int finding_same(Str a, Str b) {
    if (a.length != b.length)
        return 0;
    for (size_t i = 0; i < a.length; i++)
        if (a.text[i] != b.text[i] && !((a.text[i] == '-' || a.text[i] == '_') && (b.text[i] == '-' || b.text[i] == '_')))
            return 0;
    return 1;
}

static int name_stands_in(const Str *names, size_t count, Str name) {
    for (size_t i = 0; i < count; i++)
        if (finding_same(names[i], name))
            return 1;
    return 0;
}

static int name_listed(const Str *names, size_t count, Str name) {
    return name_stands_in(names, count, name) || name_stands_in(names, count, STR("all"));
}

int finding_asked(Session *session, Str name) {
    const SessionOptions *options = &session->options;
    return name_stands_in(options->errors, options->error_count, name) || name_stands_in(options->shown, options->shown_count, name);
}

int problem_is_fatal(Session *session, Code code) {
    return name_listed(session->options.errors, session->options.error_count, str_of(code_info(code)->slug));
}

/* Is it a part of a host's file? */
static int span_is_of_host(const Session *session, Span span) {
    return span.file && source_get(session->sources, span.file)->kind == SOURCE_HOST;
}

const Value *eval_problem(Session *session, Code code, Span span, const Value *subject, Diagnostic **diagnostic, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    Text text = {0};
    text_addv(&text, format, arguments);
    va_end(arguments);
    int imported = subject && span_is_imported(session, subject->origin);
    const CodeInfo *info = code_info(code);
    int error = !imported || problem_is_fatal(session, code);
    session->data_left_out |= !error;
    Str message = arena_str(session->permanent, text_str(&text));
    text_fini(&text);
    int there = imported || (subject && span_is_of_host(session, subject->origin));
    Span place = there ? subject->origin : span;
    *diagnostic = diag_add(session->diagnostics, error ? SEVERITY_ERROR : SEVERITY_WARNING, str_of(info->id), place, message);
    if (there && span.file && !span_is_imported(session, span) && source_get(session->sources, span.file)->kind == SOURCE_PHX)
        diag_also(session->diagnostics, *diagnostic, span, "used here");
    return value_poison(session->arena, place, error ? 0 : VALUE_LEFT_OUT);
}

/* Is there an `ignore NAME` among these declarations? */
static int ignored_in(const DeclList *declarations, Str name) {
    for (uint32_t i = 0; declarations && i < declarations->count; i++)
        if (declarations->items[i]->kind == DECL_IGNORE && finding_same(name_str(declarations->items[i]->name.name), name))
            return 1;
    return 0;
}

int finding_ignored(Session *session, Str name, const Instance *instance, Span span) {
    /* A name goes before `all`; what -W names is shown whatever the text says. */
    const SessionOptions *options = &session->options;
    if (name_stands_in(options->shown, options->shown_count, name))
        return 0;
    if (name_stands_in(options->silenced, options->silenced_count, name))
        return 1;
    if (name_stands_in(options->shown, options->shown_count, STR("all")))
        return 0;
    if (name_stands_in(options->silenced, options->silenced_count, STR("all")) && !finding_asked(session, name))
        return 1;
    if (instance && ignored_in(instance->ignores, name))
        return 1;
    for (const Group *group = instance ? instance->home.group : NULL; group; group = group->home.group)
        if (ignored_in(&group->component->decl->extra->body, name) || (group->decl->extra && ignored_in(&group->decl->extra->body, name)))
            return 1;
    for (uint32_t i = 0; i < session->ignores.count; i++) {
        const Decl *decl = session->ignores.items[i].decl;
        int everywhere = session->ignores.items[i].frame == session->site_frame;
        if ((everywhere || decl->span.file == span.file) && finding_same(name_str(decl->name.name), name))
            return 1;
    }
    return 0;
}

Diagnostic *finding_report(Session *session, Severity severity, Str name, Span span, Instance *instance, Str message) {
    Finding finding = {arena_str(session->permanent, name), instance, span};
    VECTOR_PUSH(session->permanent, &session->findings, finding);
    if (finding_ignored(session, name, instance, span))
        return NULL;
    int imported = span_is_imported(session, span) || (instance && span_is_imported(session, instance->origin));
    int strict = name_listed(session->options.errors, session->options.error_count, name);
    if (severity == SEVERITY_ERROR && imported && instance)
        instance->left_out = 1;
    if (strict)
        severity = SEVERITY_ERROR;
    else if (severity == SEVERITY_ERROR && imported)
        severity = SEVERITY_WARNING;
    return diag_add(session->diagnostics, severity, finding.name, span, arena_str(session->permanent, message));
}
