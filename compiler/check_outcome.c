/* Names in what is said of a site's outcome: policies and tests, which see the plan before there is one. */
#include "compiler/check_names.h"
#include "compiler/module.h"
#include "compiler/state.h"

PlanPart part_of(const Expr *expr, const Visible *visible) {
    if (expr->kind == EXPR_FIELD)
        return plan_part_field(part_of(expr->as.member.base, visible), expr->as.member.field->name);
    if (expr->kind == EXPR_INDEX)
        return plan_part_item(part_of(expr->as.index.base, visible));
    for (const Visible *v = visible; v && expr->kind == EXPR_NAME; v = v->outer) {
        if (v->name == expr->as.name)
            return v->part;
        if (v->scope && scope_find(v->scope, expr->as.name))
            return PART_NONE;
    }
    return PART_NONE;
}

int in_test(const Visible *visible) {
    for (; visible; visible = visible->outer)
        if (visible->part == PART_FINDINGS)
            return 1;
    return 0;
}

void check_found(Checker *checker, const Expr *expr, const Visible *visible) {
    const Arguments *arguments = expr->as.call.arguments;
    Binding *type = arguments->count && !arguments->items[0].name ? callee_binding(checker, arguments->items[0].value, visible) : NULL;
    if (!type || type->kind != BINDING_SCHEMA || arguments->count < 2 || arguments->count > 3) {
        Diagnostic *d = diag_error(checker->session->diagnostics, CODE_ARGUMENTS, expr->span, "`found` wants a resource type and what an object is called on its host");
        diag_help(checker->session->diagnostics, d, "write `found(TYPE, \"identity\")`, or with the address of its place as a third argument");
        return;
    }
    for (uint32_t i = 1; i < arguments->count; i++)
        check_expr(checker, arguments->items[i].value, visible);
}

void check_policy(Checker *checker, const Decl *decl, const Visible *visible) {
    Session *session = checker->session;
    const Words *w = &session->words;
    Visible plan = {.outer = visible, .name = w->plan, .part = PART_PLAN}, step = {.outer = &plan, .name = w->step, .part = PART_STEP};
    if (!decl->extra->body.count)
        diag_help(session->diagnostics, diag_error(session->diagnostics, CODE_PLAN_WORD, decl->name.span, "the policy `%s` denies nothing", decl->name.name->text),
                  "write `deny step where ...` or `deny plan where ...`");
    for (uint32_t i = 0; i < decl->extra->body.count; i++) {
        const Decl *denial = decl->extra->body.items[i];
        if (denial->name.name != w->step && denial->name.name != w->plan) {
            Diagnostic *d = diag_error(session->diagnostics, CODE_PLAN_WORD, denial->name.span, "a policy denies a step or the plan, not `%s`", denial->name.name->text);
            diag_help(session->diagnostics, d, "write `deny step where ...` or `deny plan where ...`");
        } else
            check_expr(checker, denial->value, denial->name.name == w->step ? &step : &plan);
    }
}

/* A setting has its value from nothing but itself, so its type is checked at once. */
static void check_set(Checker *checker, const Decl *decl) {
    Session *session = checker->session;
    Binding *binding = session->site_scope ? scope_find(session->site_scope, decl->name.name) : NULL;
    Visible library = {.frame = session->prelude_frame};
    uint32_t errors = diag_errors(session->diagnostics);
    check_expr(checker, decl->value, &library);
    if (!binding || !takes_setting(binding)) {
        Diagnostic *d = diag_error(session->diagnostics, CODE_SETTING, decl->name.span, "the site has no parameter `%s`", decl->name.name->text);
        settings_suggest(session, d, name_str(decl->name.name));
        return;
    }
    if (diag_errors(session->diagnostics) > errors)
        return;
    binding->type = type_resolve(session, binding->decl->extra->type, binding->frame);
    const Value *value = eval(session, decl->value, session->prelude_frame);
    Use use = {.what = arena_printf(session->arena, "`%s`", binding->name->text), .span = binding->span};
    if (value->kind != VALUE_POISON)
        type_accept(session, binding->type, value, &use);
}

void check_test(Checker *checker, const Decl *decl, const Visible *visible) {
    Session *session = checker->session;
    const Words *w = &session->words;
    Visible plan = {.outer = visible, .name = w->plan, .part = PART_PLAN}, findings = {.outer = &plan, .name = w->findings, .part = PART_FINDINGS};
    uint32_t expectations = 0;
    checker->asks_findings = 0;
    for (uint32_t i = 0; i < decl->extra->body.count; i++) {
        const Decl *item = decl->extra->body.items[i];
        if (item->kind == DECL_SET) {
            check_set(checker, item);
            continue;
        }
        check_expr(checker, item->value, item->kind == DECL_EXPECT ? &findings : visible);
        if (item->kind == DECL_EXPECT)
            check_expr(checker, item->extra->message, &findings);
        else if (item->kind == DECL_RECORDED)
            check_expr(checker, item->extra->given, visible);
        else if (item->value->kind == EXPR_LITERAL && item->value->as.value->kind != VALUE_NONE && item->value->as.value->kind != VALUE_STRING)
            diag_error(session->diagnostics, CODE_TEST, item->value->span, "facts are `none`, the path of a facts file, or a map of addresses");
        expectations += item->kind == DECL_EXPECT;
    }
    if (!expectations)
        diag_help(session->diagnostics, diag_error(session->diagnostics, CODE_TEST, decl->extra->text->origin, "this test expects nothing"),
                  "write `expect EXPR, \"what is wrong where it does not hold\"`");
    for (uint32_t i = 0; i < session->tests.count; i++)
        if (session->tests.items[i].decl == decl)
            session->tests.items[i].asks_findings |= checker->asks_findings;
}
