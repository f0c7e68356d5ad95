/* What checks there are, and whether the command line names them rightly. */
#include "compiler/findings.h"

#include "compiler/checks.h"
#include "compiler/library.h"
#include "compiler/state.h"

/* ---- all of them ---- */

static const struct { const char *name, *severity, *text; } BUILT_IN[] = {
#define FINDING(name, severity, text) {name, severity, text},
#include "compiler/findings.def"
};

/* What types say is unique is known once they were read. */
void findings_each(Session *session, FindingVisit *visit, void *context) {
    library_complete(session);
    for (uint32_t i = 0; i < session->lints.count; i++) {
        const Decl *decl = library_decl(session, session->lints.items[i].decl);
        visit(context, name_str(decl->name.name), name_str(decl->extra->target.name), decl->extra->text->as.string);
    }
    for (size_t i = 0; i < sizeof BUILT_IN / sizeof *BUILT_IN; i++)
        visit(context, str_of(BUILT_IN[i].name), str_of(BUILT_IN[i].severity), str_of(BUILT_IN[i].text));
    for (uint32_t i = 0; i < session->uniques.count; i++) {
        Str unique = session->uniques.items[i];
        Str text = arena_printf(session->arena, "No two resources of the site have the same %.*s.", (int)unique.length, unique.text);
        visit(context, unique_finding(session, unique), STR("error"), text);
    }
}

typedef struct Search {
    Str name;
    int found;
} Search;

static void search_visit(void *context, Str name, Str severity, Str text) {
    Search *search = context;
    (void)severity;
    (void)text;
    search->found |= finding_same(name, search->name);
}

/* Most names are found without reading the whole library. */
int finding_exists(Session *session, Str name) {
    for (uint32_t i = 0; i < session->lints.count; i++)
        if (finding_same(name_str(session->lints.items[i].decl->name.name), name))
            return 1;
    for (size_t i = 0; i < sizeof BUILT_IN / sizeof *BUILT_IN; i++)
        if (finding_same(str_of(BUILT_IN[i].name), name))
            return 1;
    for (uint32_t i = 0; i < session->uniques.count; i++)
        if (finding_same(unique_finding(session, session->uniques.items[i]), name))
            return 1;
    Search search = {name, 0};
    findings_each(session, search_visit, &search);
    return search.found;
}

static void suggest_visit(void *context, Str name, Str severity, Str text) {
    (void)severity;
    (void)text;
    suggestion_offer(context, name);
}

void findings_suggest(Session *session, Suggestion *suggestion) {
    findings_each(session, suggest_visit, suggestion);
}

/* ---- the command line ---- */

static void option_check(Session *session, const char *option, Str name, int codes) {
    if (str_equal(name, STR("all")) || (codes && code_find(name) >= 0) || finding_exists(session, name))
        return;
    Suggestion suggestion = suggestion_for(name);
    findings_suggest(session, &suggestion);
    for (int code = 0; code < CODE_COUNT && codes; code++)
        suggestion_offer(&suggestion, str_of(code_info((Code)code)->slug));
    Diagnostic *d = diag_error(session->diagnostics, CODE_UNKNOWN_FINDING, SPAN_NONE, "%s %.*s: there is no check of this name", option, (int)name.length, name.text);
    if (suggestion.best.length)
        diag_help(session->diagnostics, d, "did you mean `%.*s`?", (int)suggestion.best.length, suggestion.best.text);
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
