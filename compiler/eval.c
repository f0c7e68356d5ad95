/* Expressions to values: names, text, and the choice among the kinds of expressions, which stand in files of their own. */
#include <string.h>

#include "compiler/defer.h"
#include "compiler/site_facts.h"
#include "compiler/state.h"
#include "lang/number.h"

int eval_suspended(const Session *session) {
    return session->suspended != NULL;
}

/* ---- names ---- */

static const Value *rule_name_value(Session *session, const RuleContext *rule, const Name *name, Span span) {
    const Words *w = &session->words;
    const struct { const Name *name; const Value *value; } words[] = {
        {w->want, rule->want}, {w->have, rule->have}, {w->changed, rule->changed}, {w->cleared, rule->cleared},
        {w->identity, rule->identity}, {w->digest, rule->digest}, {w->stamp, rule->stamp}, {w->raw, rule->raw}, {w->wanted, rule->wanted},
        {w->waiting, rule->waiting},   {w->argv, rule->argv}, {w->timeout, rule->timeout}, {w->destination, rule->destination},
        {w->snapshot_name, rule->snapshot_name},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (words[i].name == name && words[i].value)
            return words[i].value;
    if (name == w->site)
        return value_string(session->arena, span, session->site);
    int64_t member;
    if (!rule->want || !schema_attribute(rule->schema, name, &member))
        return NULL;
    return eval_field(session, rule->want, name, span, 0);
}

static const Value *where_value(Session *session, const Frame *frame, const Name *name) {
    Where *where = frame->as.where;
    uint32_t at = 0;
    while (at < where->declarations->count && where->declarations->items[at]->name.name != name)
        at++;
    if (at == where->declarations->count)
        return NULL;
    Thunk *thunk = &where->thunks[at];
    int known = thunk->state == THUNK_DONE;
    const Value *value = thunk_force(session, thunk, NULL, NULL);
    where->remembered += !known && thunk->state == THUNK_DONE;
    return value;
}

Binding *frame_find(const Frame *frame, const Name *name) {
    for (; frame; frame = frame->parent) {
        if (frame->kind == FRAME_LOCAL && frame->name == name)
            return NULL;
        if (frame->kind == FRAME_SCOPE) {
            Binding *binding = scope_find(frame->as.scope, name);
            if (binding)
                return binding;
        }
    }
    return NULL;
}

Binding *frame_find_path(Session *session, const Frame *frame, const Name *name) {
    Binding *binding = frame_find(frame, name);
    const char *dot = strchr(name->text, '.');
    if (binding || !dot)
        return binding;
    const Name *head = name_find(session->names, (Str){name->text, (size_t)(dot - name->text)});
    Binding *module = head ? frame_find(frame, head) : NULL;
    const Name *rest = name_find(session->names, str_of(dot + 1));
    if (!module || module->kind != BINDING_MODULE)
        return NULL;
    module->used = 1;
    return module->scope && rest ? scope_find(module->scope, rest) : NULL;
}

Binding *binding_of(Session *session, const Expr *expr, const Frame *frame) {
    if (expr->kind == EXPR_NAME)
        return frame_find(frame, expr->as.name);
    if (expr->kind != EXPR_FIELD)
        return NULL;
    Binding *base = binding_of(session, expr->as.member.base, frame);
    if (base && base->kind == BINDING_MODULE && base->scope)
        return scope_find(base->scope, expr->as.member.field->name);
    if (base)
        return NULL;
    const Name *dotted = dotted_name(session, expr);
    return dotted ? frame_find(frame, dotted) : NULL;
}

const Name *dotted_name(Session *session, const Expr *expr) {
    if (expr->kind == EXPR_NAME)
        return expr->as.name;
    if (expr->kind != EXPR_FIELD)
        return NULL;
    const Name *base = dotted_name(session, expr->as.member.base);
    return base ? name_join(session->names, base, expr->as.member.field->name) : NULL;
}

static const Value *binding_accept(Session *session, Thunk *thunk, void *context, const Value *value) {
    Binding *binding = context;
    if (!binding->type && binding->decl && binding->decl->extra && binding->decl->extra->type)
        binding->type = type_resolve(session, binding->decl->extra->type, binding->frame);
    if (!binding->type || value->kind == VALUE_POISON || value->kind == VALUE_UNKNOWN || value->kind == VALUE_NONE)
        return value;
    Use use = {.what = arena_printf(session->arena, "`%s`", binding->name->text), .span = binding->span};
    /* What an import gives to a parameter is wrong at the import, wherever the value comes from. */
    if (binding->decl && binding->decl->kind == DECL_PARAM && thunk->frame != binding->frame && !span_is_imported(session, value->origin))
        value = value_at(session->arena, value, thunk->expr->span);
    return type_accept(session, binding->type, value, &use);
}

const Value *binding_value(Session *session, Binding *binding, Span span) {
    switch ((BindingKind)binding->kind) {
    case BINDING_VALUE:
        if (binding->decl && binding->decl->kind == DECL_SECRET)
            return value_unknown(session->arena, span, HOLE_SECRET, name_str(binding->name));
        if (!binding->thunk.expr && binding->thunk.state != THUNK_DONE && binding->decl && binding->decl->kind == DECL_FACT)
            site_fact_settle(session, binding, span);
        return thunk_force(session, &binding->thunk, binding_accept, binding);
    case BINDING_RESOURCE:
        if (!binding->referent)
            binding_expand(session, binding);
        if (eval_suspended(session))
            return session->suspension;
        return binding->referent ? value_reference(session->arena, span, binding->referent) : value_none(session->arena, span);
    case BINDING_FAMILY: {
        binding_expand(session, binding);
        if (eval_suspended(session))
            return session->suspension;
        if (!binding->members) {
            Arena *arena = session_keep(session);
            binding->members = record_finish(binding->family, binding->span, NULL);
            session_restore(session, arena);
        }
        return binding->members;
    }
    case BINDING_MODULE: case BINDING_FUNCTION: case BINDING_TYPE: case BINDING_SCHEMA: case BINDING_COMPONENT: case BINDING_PROFILE:
        break;
    }
    Diagnostic *d = diag_error(session->diagnostics, CODE_NOT_A_VALUE, span, "`%s` is %s, not a value", binding->name->text,
                               decl_kind_name(binding->decl->kind));
    diag_also(session->diagnostics, d, binding->span, "declared here");
    return value_poison(session->arena, span, 0);
}

static const Value *eval_name(Session *session, const Expr *expr, const Frame *frame) {
    const Name *name = expr->as.name;
    for (; frame; frame = frame->parent) {
        const Value *value = NULL;
        switch ((FrameKind)frame->kind) {
        case FRAME_LOCAL:
            if (frame->name == name)
                return frame->as.value;
            break;
        case FRAME_WHERE:
            value = where_value(session, frame, name);
            break;
        case FRAME_RULE:
            value = rule_name_value(session, frame->as.rule, name, expr->span);
            break;
        case FRAME_SCOPE: {
            Binding *binding = scope_find(frame->as.scope, name);
            if (binding)
                value = binding_value(session, binding, expr->span);
            break;
        }
        }
        if (value)
            return value;
    }
    /* The check of names has reported every name that is nowhere; what is left is a rule's word outside its rule. */
    if (!diag_errors(session->diagnostics))
        diag_error(session->diagnostics, CODE_UNKNOWN_NAME, expr->span, "there is no `%s` here", name->text);
    return value_poison(session->arena, expr->span, 0);
}

/* ---- text ---- */

int value_to_text(Session *session, const Value *value, Span span, Text *out, uint8_t *flags) {
    *flags = (uint8_t)(*flags | (value->flags & VALUE_SECRET));
    Diagnostic *d;
    switch ((ValueKind)value->kind) {
    case VALUE_POISON:
        return 0;
    case VALUE_NONE:
        eval_problem(session, CODE_NO_VALUE, span, value, &d, "there is no value here to print");
        diag_help(session->diagnostics, d, "`a ?? b` is `b` where `a` is `none`");
        return 0;
    case VALUE_UNSET: case VALUE_UNKNOWN:
        eval_problem(session, CODE_WRONG_KIND, span, value, &d, "%s has no text", value_kind_phrase(value->kind));
        return 0;
    case VALUE_REFERENCE:
        if (referent_is_group(value->as.reference))
            text_add(out, value->as.reference->address);
        else {
            Str identity = instance_identity(session, INSTANCE(value->as.reference));
            if (!identity.length)
                return 0;
            text_add(out, identity);
        }
        return 1;
    case VALUE_BOOL: case VALUE_INT: case VALUE_FLOAT: case VALUE_STRING: case VALUE_SIZE: case VALUE_DURATION: case VALUE_PERCENT:
    case VALUE_RATE: case VALUE_IP: case VALUE_CIDR: case VALUE_MAC: case VALUE_LIST: case VALUE_RECORD: {
        /* The text is a value again, and flagged: it needs the secret itself, not the "(secret)" of messages. */
        Value bare = *value;
        bare.flags = (uint8_t)(value->flags & ~VALUE_SECRET);
        value_print_plain(&bare, out);
        return 1;
    }
    }
    return 0;
}

static const Value *eval_text(Session *session, const Expr *expr, const Frame *frame) {
    Text text = {0};
    uint8_t flags = 0;
    Span origin = expr->span;
    const Value *poison = NULL;
    Parts parts = {0};
    for (uint32_t i = 0; i < expr->as.list.count && !eval_suspended(session); i++) {
        const Expr *part = expr->as.list.items[i];
        const Value *value = eval(session, part, frame);
        if (value->kind == VALUE_UNKNOWN)
            parts_add(session, &parts, &text, value);
        else if (value->kind == VALUE_POISON)
            poison = value;
        else if (!poison && !value_to_text(session, value, part->span, &text, &flags))
            poison = value_poison(session->arena, expr->span, span_is_imported(session, value->origin) ? VALUE_LEFT_OUT : 0);
        origin = origin_of(session, origin, value, NULL);
    }
    const Value *result = poison        ? poison
                          : parts.count ? parts_value(session, &parts, &text, origin)
                                        : value_string(session->arena, origin, arena_str(session->arena, text_str(&text)));
    text_fini(&text);
    if (eval_suspended(session))
        return session->suspension;
    return flags && !poison ? value_flagged(session->arena, result, flags) : result;
}

/* ---- the whole ---- */

int eval_condition(Session *session, const Expr *expr, const Frame *frame, const Value **poison) {
    const Value *value = eval(session, expr, frame);
    if (value->kind == VALUE_BOOL)
        return value->as.boolean;
    Diagnostic *d;
    if (value_is_secret(value) && value->kind == VALUE_UNKNOWN && !session->judging)
        *poison = eval_problem(session, CODE_SECRET_SINK, expr->span, NULL, &d, "a secret can't decide: it is not known while planning");
    else
        *poison = value->kind == VALUE_POISON || value->kind == VALUE_UNKNOWN
                  ? value
                  : eval_problem(session, CODE_WRONG_KIND, expr->span, value, &d, "a condition is true or false, not %s", value_kind_phrase(value->kind));
    return -1;
}

/* The scope that a chain of modules' names leads to, or NULL. */
static Scope *module_of(const Expr *expr, const Frame *frame) {
    Binding *binding = NULL;
    if (expr->kind == EXPR_NAME)
        binding = frame_find(frame, expr->as.name);
    else if (expr->kind == EXPR_FIELD) {
        Scope *outer = module_of(expr->as.member.base, frame);
        binding = outer ? scope_find(outer, expr->as.member.field->name) : NULL;
    }
    return binding && binding->kind == BINDING_MODULE ? binding->scope : NULL;
}

const Value *eval_limit(Session *session, Span span) {
    if (!session->limit_reported) {
        session->limit_reported = 1;
        Diagnostic *d = diag_error(session->diagnostics, CODE_COST, span, "this takes more than %d evaluation steps", (int)EVAL_STEP_LIMIT);
        diag_help(session->diagnostics, d, "loops inside loops multiply; no site comes near this limit");
    }
    return value_poison(session->arena, span, 0);
}

const Value *eval(Session *session, const Expr *expr, const Frame *frame) {
    if (expr->kind == EXPR_LITERAL)
        return expr->as.value;
    if (session->suspended)
        return session->suspension;
    if (++session->steps > EVAL_STEP_LIMIT)
        return eval_limit(session, expr->span);
    switch ((ExprKind)expr->kind) {
    case EXPR_POISON: return value_poison(session->arena, expr->span, 0);
    case EXPR_LITERAL: return expr->as.value;
    case EXPR_NAME: return eval_name(session, expr, frame);
    case EXPR_FIELD: case EXPR_SAFE_FIELD: {
        Scope *module = module_of(expr->as.member.base, frame);
        if (module) {
            Binding *inner = scope_find(module, expr->as.member.field->name);
            return inner ? binding_value(session, inner, expr->span) : value_poison(session->arena, expr->span, 0);
        }
        const Value *base = eval(session, expr->as.member.base, frame);
        return eval_field(session, base, expr->as.member.field->name, expr->as.member.field->span, expr->kind == EXPR_SAFE_FIELD);
    }
    case EXPR_INDEX: return eval_index(session, expr, frame);
    case EXPR_CALL: return eval_call(session, expr, frame);
    case EXPR_LIST: return eval_list(session, expr, frame);
    case EXPR_RECORD: return eval_record(session, expr, frame);
    case EXPR_LIST_FOR: case EXPR_MAP_FOR: return eval_loop(session, expr, frame);
    case EXPR_TEXT: return eval_text(session, expr, frame);
    case EXPR_WITH: return eval_with(session, expr, frame);
    case EXPR_IF: {
        const struct Conditional *c = expr->as.conditional;
        const Value *poison;
        int condition = eval_condition(session, c->condition, frame, &poison);
        return condition < 0 ? poison : eval(session, condition ? c->yes : c->no, frame);
    }
    case EXPR_NOT: case EXPR_NEGATE: case EXPR_OR: case EXPR_AND: case EXPR_EQUAL: case EXPR_UNEQUAL: case EXPR_LESS: case EXPR_LESS_EQUAL:
    case EXPR_GREATER: case EXPR_GREATER_EQUAL: case EXPR_IN: case EXPR_COALESCE: case EXPR_RANGE: case EXPR_ADD: case EXPR_SUBTRACT:
    case EXPR_MULTIPLY: case EXPR_DIVIDE: case EXPR_MODULO: case EXPR_IS:
        return eval_operator(session, expr, frame);
    }
    return value_poison(session->arena, expr->span, 0);
}
