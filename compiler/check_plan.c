/* The words of a plan as policies and tests see it, and the check of what is written about them. The values are made in plan_value.c. */
#include "compiler/check_plan.h"

#include "compiler/state.h"

typedef struct PartField {
    PlanPart base;
    const char *name;
    PlanPart part;
} PartField;

static const PartField FIELDS[] = {
    {PART_PLAN, "site", PART_OTHER}, {PART_PLAN, "steps", PART_STEPS}, {PART_PLAN, "summary", PART_SUMMARY}, {PART_PLAN, "orphans", PART_OTHER},
    {PART_PLAN, "blocked", PART_OTHER}, {PART_PLAN, "denied", PART_OTHER},
    {PART_STEP, "id", PART_OTHER}, {PART_STEP, "address", PART_OTHER}, {PART_STEP, "type", PART_TYPE}, {PART_STEP, "name", PART_OTHER},
    {PART_STEP, "verb", PART_VERB}, {PART_STEP, "class", PART_CLASS}, {PART_STEP, "reason", PART_OTHER}, {PART_STEP, "place", PART_OTHER},
    {PART_STEP, "identity", PART_OTHER}, {PART_STEP, "changed", PART_OTHER}, {PART_STEP, "commands", PART_COMMANDS},
    {PART_FINDING, "code", PART_OTHER}, {PART_FINDING, "name", PART_OTHER}, {PART_FINDING, "severity", PART_OTHER}, {PART_FINDING, "message", PART_OTHER},
    {PART_FINDING, "file", PART_OTHER}, {PART_FINDING, "line", PART_OTHER},
    {PART_SUMMARY, "unchanged", PART_OTHER}, {PART_SUMMARY, "worst_class", PART_CLASS},
};
enum { FIELD_COUNT = sizeof FIELDS / sizeof *FIELDS };

static int is_container(PlanPart part) {
    return part == PART_PLAN || part == PART_STEP || part == PART_SUMMARY || part == PART_FINDING;
}

PlanPart plan_part_field(PlanPart base, const Name *field) {
    for (int i = 0; i < FIELD_COUNT; i++)
        if (FIELDS[i].base == base && str_equal(name_str(field), str_of(FIELDS[i].name)))
            return FIELDS[i].part;
    return PART_NONE;
}

PlanPart plan_part_item(PlanPart list) {
    return list == PART_STEPS ? PART_STEP : list == PART_FINDINGS ? PART_FINDING : PART_NONE;
}

void check_plan_field(Session *session, PlanPart base, const Ident *field) {
    /* Of the summary each verb is a field. */
    if (!is_container(base) || plan_part_field(base, field->name) || (base == PART_SUMMARY && verb_find(name_str(field->name)) >= 0))
        return;
    const char *what = base == PART_STEP ? "a step" : base == PART_PLAN ? "a plan" : base == PART_FINDING ? "a finding" : "the summary of a plan";
    Suggestion suggestion = suggestion_for(name_str(field->name));
    for (int i = 0; i < FIELD_COUNT; i++)
        if (FIELDS[i].base == base)
            suggestion_offer(&suggestion, str_of(FIELDS[i].name));
    for (int verb = 0; base == PART_SUMMARY && verb < VERB_COUNT; verb++)
        suggestion_offer(&suggestion, str_of(verb_name((Verb)verb)));
    Diagnostic *d = diag_error(session->diagnostics, CODE_NO_FIELD, field->span, "%s has no `%s`", what, field->name->text);
    if (suggestion.best.length)
        diag_help(session->diagnostics, d, "did you mean `%.*s`?", (int)suggestion.best.length, suggestion.best.text);
    else
        diag_help(session->diagnostics, d, "the manual lists what there is under \"Policies\" and \"Tests\"");
}

/* The words that the part can be, one after the other; NULL past the last. */
static const char *part_word(const Session *session, PlanPart part, uint32_t number) {
    if (part == PART_VERB)
        return number < VERB_COUNT ? verb_name((Verb)number) : NULL;
    if (part == PART_CLASS)
        return number < RISK_COUNT ? risk_name((RiskClass)number) : NULL;
    if (part == PART_COMMANDS)
        return number < COMMAND_COUNT ? command_kind_name((CommandKind)number) : NULL;
    return part == PART_TYPE && number < session->schemas.count ? session->schemas.items[number]->name->text : NULL;
}

static void check_word(Session *session, PlanPart part, const Expr *expr) {
    if (expr->kind != EXPR_LITERAL || expr->as.value->kind != VALUE_STRING)
        return;
    const char *what = part == PART_VERB ? "verb" : part == PART_CLASS ? "class" : part == PART_TYPE ? "resource type" : "kind of command";
    Str text = expr->as.value->as.string;
    Suggestion suggestion = suggestion_for(text);
    const char *word;
    for (uint32_t i = 0; (word = part_word(session, part, i)); i++) {
        if (str_equal(text, str_of(word)))
            return;
        suggestion_offer(&suggestion, str_of(word));
    }
    Diagnostic *d = diag_error(session->diagnostics, CODE_PLAN_WORD, expr->span, "there is no %s \"%.*s\", so this matches nothing", what, (int)text.length, text.text);
    if (suggestion.best.length) {
        diag_help(session->diagnostics, d, "did you mean \"%.*s\"?", (int)suggestion.best.length, suggestion.best.text);
        diag_fix(session->diagnostics, d, expr->span, arena_printf(session->arena, "\"%.*s\"", (int)suggestion.best.length, suggestion.best.text));
        return;
    }
    Text all = {0};
    for (uint32_t i = 0; part != PART_TYPE && (word = part_word(session, part, i)); i++)
        text_addf(&all, "%s%s", i ? ", " : "", word);
    if (all.length)
        diag_note(session->diagnostics, d, "a %s is one of %s", what, all.bytes);
    text_fini(&all);
}

void check_plan_words(Session *session, PlanPart part, const Expr *expr) {
    if (part != PART_VERB && part != PART_CLASS && part != PART_TYPE && part != PART_COMMANDS)
        return;
    if (expr->kind != EXPR_LIST) {
        check_word(session, part, expr);
        return;
    }
    for (uint32_t i = 0; i < expr->as.list.count; i++)
        check_word(session, part, expr->as.list.items[i]);
}
