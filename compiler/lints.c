/* Checks by name: runs the lints that are written in phx, each after those that it needs, and tells which checks there are. */
#include "compiler/lints.h"

#include "compiler/checks.h"
#include "compiler/findings.h"
#include "compiler/idle.h"
#include "compiler/library.h"
#include "compiler/state.h"

static int lint_find(Session *session, Str name) {
    for (uint32_t i = 0; i < session->lints.count; i++)
        if (str_equal(name_str(session->lints.items[i].decl->name.name), name))
            return (int)i;
    return -1;
}

/* ---- what one needs ---- */

/* The names in the option `needs` of a lint; NULL where it has none. */
static const Value *lint_needs(Session *session, const LintRun *run) {
    const Expr *written = run->decl->extra->options;
    const Value *options = written ? eval(session, written, run->frame) : NULL;
    if (!options || options->kind == VALUE_POISON)
        return NULL;
    const Value *needs = record_get(options->as.record, session->words.needs);
    int good = needs && needs->kind == VALUE_LIST && options->as.record->count == 1;
    for (uint32_t i = 0; good && i < needs->as.list.count; i++)
        good = needs->as.list.items[i]->kind == VALUE_STRING;
    if (!good)
        diag_error(session->diagnostics, CODE_OPTION, written->span, "the one option of a lint is `needs`, a list of names of checks");
    return good ? needs : NULL;
}

/* What a failed prerequisite has to say goes first: where it was found at a resource, or at none in particular, the lint is silent there. */
typedef struct Silence {
    uint8_t *instances;         /* by number; NULL: at none */
    int everywhere;
} Silence;

static void silence_add(Session *session, Silence *silence, Str need) {
    for (uint32_t i = 0; i < session->findings.count; i++) {
        const Finding *finding = &session->findings.items[i];
        if (!str_equal(finding->name, need))
            continue;
        silence->everywhere |= !finding->instance;
        if (!silence->instances)
            silence->instances = ARENA_ARRAY(session->arena, uint8_t, session->instances.count + 1);
        if (finding->instance)
            silence->instances[finding->instance->number] = 1;
    }
}

static int silence_holds(const Silence *silence, const Instance *instance) {
    return silence->everywhere || (instance && silence->instances && silence->instances[instance->number]);
}

/* ---- findings ---- */

static Instance *finding_subject(const Value *value) {
    return value && value->kind == VALUE_REFERENCE && !referent_is_group(value->as.reference) ? INSTANCE(value->as.reference) : NULL;
}

/* A value that a component of the library made stands in no text of the user's: then the place is that of its resource. */
static Span finding_place(Session *session, const Value *value, const Instance *instance) {
    if (value->kind != VALUE_REFERENCE)
        return instance && value->origin.file && source_get(session->sources, value->origin.file)->kind == SOURCE_STDLIB ? instance->origin : value->origin;
    return referent_is_group(value->as.reference) ? GROUP(value->as.reference)->origin : INSTANCE(value->as.reference)->origin;
}

static void lint_report(Session *session, const Decl *decl, Severity severity, const Silence *silence, const Value *finding) {
    const Words *w = &session->words;
    const Record *record = finding->kind == VALUE_RECORD && finding->as.record->tag == w->at ? finding->as.record : NULL;
    const Value *value = record ? record_get(record, w->value) : NULL, *message = record ? record_get(record, w->message) : NULL;
    if (!value || !message || message->kind != VALUE_STRING) {
        if (finding->kind != VALUE_POISON && finding->kind != VALUE_NONE)
            diag_error(session->diagnostics, CODE_RULE, decl->value->span, "a lint gives a list of at(value, \"message\")");
        return;
    }
    const Value *of = record_get(record, w->of), *also = record_get(record, w->also);
    Instance *instance = finding_subject(of ? of : value);
    if ((instance && instance->left_out) || silence_holds(silence, instance))
        return;
    Diagnostic *d = finding_report(session, severity, name_str(decl->name.name), finding_place(session, value, instance), instance, message->as.string);
    if (d && also && also->kind != VALUE_NONE)
        diag_also(session->diagnostics, d, finding_place(session, also, NULL), "the other");
}

/* ---- running ---- */

enum { LINT_NEW, LINT_RUNNING, LINT_DONE };
enum { NEED_DEPTH = 24 };

typedef struct Running {
    uint8_t *states;            /* of each lint */
    Idle *idle;
} Running;

static void lint_run(Session *session, Running *running, uint32_t number, int depth);

static void lint_need(Session *session, Running *running, const Value *need, Silence *silence, int depth) {
    int other = lint_find(session, need->as.string);
    if (!finding_exists(session, need->as.string)) {
        Suggestion suggestion = suggestion_for(need->as.string);
        findings_suggest(session, &suggestion);
        Diagnostic *d = diag_error(session->diagnostics, CODE_UNKNOWN_LINT, need->origin, "there is no check `%.*s` to need", (int)need->as.string.length, need->as.string.text);
        suggestion_tell(&suggestion, session->diagnostics, d, need->origin);
        return;
    }
    if (other >= 0 && running->states[other] == LINT_RUNNING) {
        diag_error(session->diagnostics, CODE_RULE, need->origin, "`%.*s` needs this check itself", (int)need->as.string.length, need->as.string.text);
        return;
    }
    if (depth > NEED_DEPTH)
        diag_error(session->diagnostics, CODE_RULE, need->origin, "checks need each other more than %d deep", (int)NEED_DEPTH);
    else if (other >= 0)
        lint_run(session, running, (uint32_t)other, depth);
    silence_add(session, silence, need->as.string);
}

static int lint_severity(Session *session, const Decl *decl, Severity *severity) {
    const Words *w = &session->words;
    const Ident *written = &decl->extra->target;
    *severity = written->name == w->error ? SEVERITY_ERROR : SEVERITY_WARNING;
    if (written->name == w->off)
        return finding_asked(session, name_str(decl->name.name));
    if (written->name != w->error && written->name != w->warning)
        diag_error(session->diagnostics, CODE_RULE, written->span, "the severity of a lint is error, warning or off");
    return 1;
}

/* A check of the library that can't be computed, for sizes beyond all reason, finds nothing: nobody could mend it in the library's text. What is
   wrong with a check of the site's own is said. */
static const Value *lint_eval(Session *session, const LintRun *run) {
    Diagnostics *diagnostics = session->diagnostics;
    if (source_get(session->sources, run->decl->span.file)->kind == SOURCE_STDLIB && !session->options.check_stdlib)
        session->diagnostics = diagnostics_new(session->scratch, session->sources);
    const Value *findings = eval(session, run->decl->value, run->frame);
    session->diagnostics = diagnostics;
    return findings;
}

static void lint_run(Session *session, Running *running, uint32_t number, int depth) {
    LintRun *run = &session->lints.items[number];
    Severity severity;
    if (running->states[number] != LINT_NEW)
        return;
    int idle = !run->decl->depth && idle_check(running->idle, run->decl);
    running->states[number] = idle ? LINT_DONE : LINT_RUNNING;
    if (idle)
        return;
    run->decl = library_decl(session, run->decl);
    const Value *needs = lint_needs(session, run);
    Silence silence = {0};
    for (uint32_t i = 0; needs && i < needs->as.list.count; i++)
        lint_need(session, running, needs->as.list.items[i], &silence, depth + 1);
    running->states[number] = LINT_DONE;
    if (!lint_severity(session, run->decl, &severity))
        return;
    session_scratch(session);
    session->judging = 1;
    const Value *findings = lint_eval(session, run);
    session->judging = 0;
    if (findings->kind != VALUE_LIST && findings->kind != VALUE_POISON && findings->kind != VALUE_UNKNOWN)
        diag_error(session->diagnostics, CODE_RULE, run->decl->value->span, "a lint gives a list of at(value, \"message\")");
    for (uint32_t k = 0; findings->kind == VALUE_LIST && k < findings->as.list.count; k++)
        lint_report(session, run->decl, severity, &silence, findings->as.list.items[k]);
    session_kept(session, NULL);
}

void lints_run(Session *session) {
    Running running = {ARENA_ARRAY(session->arena, uint8_t, session->lints.count + 1), idle_new(session)};
    for (uint32_t i = 0; i < session->lints.count; i++)
        lint_run(session, &running, i, 0);
}

/* `ignore NAME` of a finding that does not exist silences nothing: most likely a misspelling. */
void ignores_check(Session *session) {
    for (uint32_t i = 0; i < session->ignores.count; i++) {
        const Decl *decl = session->ignores.items[i].decl;
        if (finding_exists(session, name_str(decl->name.name)))
            continue;
        Suggestion suggestion = suggestion_for(name_str(decl->name.name));
        findings_suggest(session, &suggestion);
        Diagnostic *d = diag_warning(session->diagnostics, CODE_UNKNOWN_LINT, decl->name.span, "there is no check `%s` to ignore", decl->name.name->text);
        suggestion_tell(&suggestion, session->diagnostics, d, decl->name.span);
    }
}

/* ---- explaining ---- */

/* Which attributes a check of what is unique looks at. */
static void unique_explain(Session *session, Str name, Text *out) {
    for (uint32_t u = 0; u < session->uniques.count; u++) {
        Str unique = session->uniques.items[u];
        if (!finding_same(unique_finding(session, unique), name))
            continue;
        text_add_literal(out, "It stands in\n");
        for (uint32_t s = 0; s < session->schemas.count; s++)
            for (uint32_t i = 0; i < session->schemas.items[s]->attribute_count; i++) {
                const TypeField *attribute = &session->schemas.items[s]->attributes[i];
                if (str_equal(attribute->unique, unique) || type_holds_unique(attribute->type, &unique))
                    text_addf(out, "  %s.%s\n", session->schemas.items[s]->name->text, attribute->name->text);
            }
    }
}

static void lint_explain(Session *session, const LintRun *run, Text *out) {
    const Value *needs = lint_needs(session, run);
    for (uint32_t i = 0; needs && i < needs->as.list.count; i++) {
        Str need = needs->as.list.items[i]->as.string;
        text_addf(out, "It is silent where %.*s finds something.\n", (int)need.length, need.text);
    }
    Str doc = decl_doc(run->decl);
    if (doc.length)
        text_addf(out, "%.*s\n", (int)doc.length, doc.text);
}

typedef struct CheckSearch {
    Str wanted;
    Str name, severity, text;
} CheckSearch;

static void check_visit(void *context, Str name, Str severity, Str text) {
    CheckSearch *search = context;
    if (finding_same(name, search->wanted) && !search->name.length)
        *search = (CheckSearch){search->wanted, name, severity, text};
}

int check_explain(Session *session, Str word, Text *out) {
    CheckSearch search = {.wanted = word};
    findings_each(session, check_visit, &search);
    if (!search.name.length)
        return 0;
    text_addf(out, "%.*s: a check (%.*s)\n\n%.*s\n", (int)search.name.length, search.name.text, (int)search.severity.length, search.severity.text,
              (int)search.text.length, search.text.text);
    int lint = lint_find(session, search.name);
    if (lint >= 0)
        lint_explain(session, &(LintRun){library_decl(session, session->lints.items[lint].decl), session->lints.items[lint].frame}, out);
    else
        unique_explain(session, search.name, out);
    text_addf(out, "\n  -W %s   shows it, whatever the text ignores%s\n  -E %s   makes it an error, also in imported data\n  -A %s   hides it\n"
                   "  ignore %s \"why\"   in a file, component or resource: hides it there\n",
              search.name.text, str_equal(search.severity, STR("off")) ? ": it is off otherwise" : "", search.name.text, search.name.text, search.name.text);
    return 1;
}
