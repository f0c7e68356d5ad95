/* Checks by name: runs the lints that are written in phx, each after those that it needs, and tells which checks there are. */
#include "compiler/lints.h"

#include "compiler/library.h"
#include "compiler/state.h"

/* ---- the checks that there are ---- */

typedef struct FindingInfo { const char *name; const char *severity; const char *text; } FindingInfo;

static const FindingInfo BUILT_IN[] = {
#define FINDING(name, severity, text) {name, severity, text},
#include "compiler/findings.def"
};

static const FindingInfo *built_in_find(Str name) {
    for (size_t i = 0; i < sizeof BUILT_IN / sizeof *BUILT_IN; i++)
        if (str_equal(str_of(BUILT_IN[i].name), name))
            return &BUILT_IN[i];
    return NULL;
}

Str unique_name(Session *session, Str unique) {
    Str name = arena_printf(session->arena, "duplicate_%.*s", (int)unique.length, unique.text);
    for (size_t i = 0; i < name.length; i++)
        if (name.text[i] == ' ')
            ((char *)(uintptr_t)name.text)[i] = '_';
    return name;
}

/* What is unique by that name: "guest id"; empty where nothing is. */
static Str unique_find(Session *session, Str name) {
    for (uint32_t i = 0; i < session->uniques.count; i++)
        if (str_equal(unique_name(session, session->uniques.items[i]), name))
            return session->uniques.items[i];
    return STR("");
}

static int lint_find(Session *session, Str name) {
    for (uint32_t i = 0; i < session->lints.count; i++)
        if (str_equal(name_str(session->lints.items[i].decl->name.name), name))
            return (int)i;
    return -1;
}

/* What a type says is unique is known once that type was read: before there is said to be no such check, all are. */
static int check_exists(Session *session, Str name) {
    if (lint_find(session, name) >= 0 || built_in_find(name) || unique_find(session, name).length)
        return 1;
    library_read(session);
    return unique_find(session, name).length > 0;
}

void checks_suggest(Session *session, Suggestion *suggestion) {
    for (uint32_t i = 0; i < session->lints.count; i++)
        suggestion_offer(suggestion, name_str(session->lints.items[i].decl->name.name));
    for (size_t i = 0; i < sizeof BUILT_IN / sizeof *BUILT_IN; i++)
        suggestion_offer(suggestion, str_of(BUILT_IN[i].name));
    for (uint32_t i = 0; i < session->uniques.count; i++)
        suggestion_offer(suggestion, unique_name(session, session->uniques.items[i]));
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

static void lint_run(Session *session, uint8_t *states, uint32_t number, int depth);

static void lint_need(Session *session, uint8_t *states, const Value *need, Silence *silence, int depth) {
    int other = lint_find(session, need->as.string);
    if (!check_exists(session, need->as.string)) {
        Suggestion suggestion = suggestion_for(need->as.string);
        checks_suggest(session, &suggestion);
        Diagnostic *d = diag_error(session->diagnostics, CODE_UNKNOWN_LINT, need->origin, "there is no check `%.*s` to need", (int)need->as.string.length, need->as.string.text);
        if (suggestion.best.length)
            diag_help(session->diagnostics, d, "did you mean `%.*s`?", (int)suggestion.best.length, suggestion.best.text);
        return;
    }
    if (other >= 0 && states[other] == LINT_RUNNING) {
        diag_error(session->diagnostics, CODE_RULE, need->origin, "`%.*s` needs this check itself", (int)need->as.string.length, need->as.string.text);
        return;
    }
    if (depth > NEED_DEPTH)
        diag_error(session->diagnostics, CODE_RULE, need->origin, "checks need each other more than %d deep", (int)NEED_DEPTH);
    else if (other >= 0)
        lint_run(session, states, (uint32_t)other, depth);
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

static void lint_run(Session *session, uint8_t *states, uint32_t number, int depth) {
    LintRun *run = &session->lints.items[number];
    Severity severity;
    if (states[number] != LINT_NEW)
        return;
    states[number] = LINT_RUNNING;
    run->decl = library_decl(session, run->decl);
    const Value *needs = lint_needs(session, run);
    Silence silence = {0};
    for (uint32_t i = 0; needs && i < needs->as.list.count; i++)
        lint_need(session, states, needs->as.list.items[i], &silence, depth + 1);
    states[number] = LINT_DONE;
    if (!lint_severity(session, run->decl, &severity))
        return;
    session_scratch(session);
    const Value *findings = eval(session, run->decl->value, run->frame);
    if (findings->kind != VALUE_LIST && findings->kind != VALUE_POISON)
        diag_error(session->diagnostics, CODE_RULE, run->decl->value->span, "a lint gives a list of at(value, \"message\")");
    for (uint32_t k = 0; findings->kind == VALUE_LIST && k < findings->as.list.count; k++)
        lint_report(session, run->decl, severity, &silence, findings->as.list.items[k]);
    session_kept(session, NULL);
}

void lints_run(Session *session) {
    uint8_t *states = ARENA_ARRAY(session->arena, uint8_t, session->lints.count + 1);
    for (uint32_t i = 0; i < session->lints.count; i++)
        lint_run(session, states, i, 0);
}

/* `ignore NAME` of a finding that does not exist silences nothing: most likely a misspelling. */
void ignores_check(Session *session) {
    for (uint32_t i = 0; i < session->ignores.count; i++) {
        const Decl *decl = session->ignores.items[i].decl;
        if (check_exists(session, name_str(decl->name.name)))
            continue;
        Suggestion suggestion = suggestion_for(name_str(decl->name.name));
        checks_suggest(session, &suggestion);
        Diagnostic *d = diag_warning(session->diagnostics, CODE_UNKNOWN_LINT, decl->name.span, "there is no check `%s` to ignore", decl->name.name->text);
        if (suggestion.best.length)
            diag_help(session->diagnostics, d, "did you mean `%.*s`?", (int)suggestion.best.length, suggestion.best.text);
    }
}

/* ---- explaining ---- */

/* Is something in the type unique by that text? Types are finite: none contains itself. */
static int type_holds_unique(const Type *type, Str unique) {
    for (uint32_t i = 0; i < type->field_count; i++)
        if (str_equal(type->fields[i].unique, unique) || type_holds_unique(type->fields[i].type, unique))
            return 1;
    for (uint32_t i = 0; i < type->member_count; i++)
        if (type_holds_unique(type->members[i], unique))
            return 1;
    return type->element && type_holds_unique(type->element, unique);
}

static void unique_explain(Session *session, Str name, Str unique, Text *out) {
    text_addf(out, "%.*s: a check (error)\n\nNo two resources of the site have the same %.*s. It stands in\n", (int)name.length, name.text, (int)unique.length, unique.text);
    for (uint32_t s = 0; s < session->schemas.count; s++)
        for (uint32_t i = 0; i < session->schemas.items[s]->attribute_count; i++) {
            const TypeField *attribute = &session->schemas.items[s]->attributes[i];
            if (str_equal(attribute->unique, unique) || type_holds_unique(attribute->type, unique))
                text_addf(out, "  %s.%s\n", session->schemas.items[s]->name->text, attribute->name->text);
        }
}

static void lint_explain(Session *session, const LintRun *run, Text *out) {
    const DeclExtra *extra = run->decl->extra;
    text_addf(out, "%s: a check (%s)\n\n%.*s\n", run->decl->name.name->text, extra->target.name->text, (int)extra->text->as.string.length, extra->text->as.string.text);
    if (extra->target.name == session->words.off)
        text_addf(out, "It is off; `-E %s` switches it on.\n", run->decl->name.name->text);
    const Value *needs = lint_needs(session, run);
    for (uint32_t i = 0; needs && i < needs->as.list.count; i++) {
        Str need = needs->as.list.items[i]->as.string;
        text_addf(out, "It is silent where %.*s finds something.\n", (int)need.length, need.text);
    }
    Str doc = decl_doc(run->decl);
    if (doc.length)
        text_addf(out, "%.*s\n", (int)doc.length, doc.text);
}

int check_explain(Session *session, Str name, Text *out) {
    library_read(session);
    int lint = lint_find(session, name);
    const FindingInfo *built_in = built_in_find(name);
    Str unique = unique_find(session, name);
    if (lint >= 0)
        lint_explain(session, &(LintRun){library_decl(session, session->lints.items[lint].decl), session->lints.items[lint].frame}, out);
    else if (built_in)
        text_addf(out, "%s: a check (%s)\n\n%s\n", built_in->name, built_in->severity, built_in->text);
    else if (unique.length)
        unique_explain(session, name, unique, out);
    return lint >= 0 || built_in || unique.length;
}
