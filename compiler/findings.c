/* What checks there are, and whether the command line names them rightly. */
#include "compiler/findings.h"

#include <string.h>

#include "compiler/checks.h"
#include "compiler/lookup.h"
#include "compiler/state.h"

/* ---- all of them ---- */

static const struct { const char *name, *severity, *text; } BUILT_IN[] = {
    {"duplicate_identity", "error", "Two resources stand for one object of the host."},
    {"ignored_field", "warning", "Imported data says something that has no effect; the type of the field says why."},
    {"inexact_size", "warning", "A size in imported data is no whole number of bytes: what is over is cut off."},
    {"left_out", "warning", "A resource refers to one that is left out, so it is left out too."},
};

typedef struct Uniques {
    Session *session;
    Lookup *seen;
    FindingVisit *visit;
    void *context;
} Uniques;

static void unique_visit(Uniques *uniques, Str unique) {
    uint32_t *seen = unique.length ? lookup_slot(uniques->seen, unique) : NULL;
    if (!seen || *seen)
        return;
    *seen = 1;
    Str text = arena_printf(uniques->session->arena, "No two resources of the site have the same %.*s.", (int)unique.length, unique.text);
    uniques->visit(uniques->context, unique_finding(uniques->session, unique), STR("error"), text);
}

/* Types are finite: none contains itself. */
static void uniques_of(Uniques *uniques, const Type *type) {
    for (uint32_t i = 0; i < type->field_count; i++) {
        unique_visit(uniques, type->fields[i].unique);
        uniques_of(uniques, type->fields[i].type);
    }
    for (uint32_t i = 0; i < type->member_count; i++)
        uniques_of(uniques, type->members[i]);
    if (type->element)
        uniques_of(uniques, type->element);
}

void findings_each(Session *session, FindingVisit *visit, void *context) {
    for (uint32_t i = 0; i < session->lints.count; i++) {
        const Decl *decl = session->lints.items[i].decl;
        visit(context, name_str(decl->name.name), name_str(decl->extra->target.name), decl->extra->text->as.string);
    }
    for (size_t i = 0; i < sizeof BUILT_IN / sizeof *BUILT_IN; i++)
        visit(context, str_of(BUILT_IN[i].name), str_of(BUILT_IN[i].severity), str_of(BUILT_IN[i].text));
    Uniques uniques = {session, lookup_new(session->arena), visit, context};
    for (uint32_t s = 0; s < session->schemas.count; s++)
        for (uint32_t i = 0; i < session->schemas.items[s]->attribute_count; i++) {
            unique_visit(&uniques, session->schemas.items[s]->attributes[i].unique);
            uniques_of(&uniques, session->schemas.items[s]->attributes[i].type);
        }
}

/* ---- the command line ---- */

typedef struct Asked {
    Str name;
    int found;
    Suggestion suggestion;
} Asked;

static void asked_visit(void *context, Str name, Str severity, Str text) {
    Asked *asked = context;
    (void)severity;
    (void)text;
    asked->found |= finding_same(name, asked->name);
    suggestion_offer(&asked->suggestion, name);
}

static void option_check(Session *session, const char *option, Str name, int codes) {
    Asked asked = {.name = name, .suggestion = suggestion_for(name)};
    if (str_equal(name, STR("all")))
        return;
    findings_each(session, asked_visit, &asked);
    for (int code = 0; code < CODE_COUNT && codes; code++)
        asked_visit(&asked, str_of(code_info((Code)code)->slug), STR(""), STR(""));
    if (asked.found)
        return;
    Diagnostic *d = diag_error(session->diagnostics, CODE_UNKNOWN_FINDING, SPAN_NONE, "%s %.*s: there is no check of this name", option, (int)name.length, name.text);
    if (asked.suggestion.best.length)
        diag_help(session->diagnostics, d, "did you mean `%.*s`?", (int)asked.suggestion.best.length, asked.suggestion.best.text);
    else if (!codes && code_find(name) >= 0)
        diag_help(session->diagnostics, d, "this is a code: -E makes it an error in imported data too, and it can't be silenced");
    else
        diag_help(session->diagnostics, d, "`phxc explain checks` lists them");
}

void findings_check_options(Session *session) {
    const SessionOptions *options = &session->options;
    for (size_t i = 0; i < options->shown_count; i++)
        option_check(session, "-W", options->shown[i], 0);
    for (size_t i = 0; i < options->error_count; i++)
        option_check(session, "-E", options->errors[i], 1);
    for (size_t i = 0; i < options->silenced_count; i++)
        option_check(session, "-A", options->silenced[i], 0);
}
