/* Every name stands for something: checked over the whole text before anything is evaluated, so that what no run reaches is checked too. */
#include <string.h>

#include "compiler/call.h"
#include "compiler/check_names.h"
#include "compiler/library.h"
#include "compiler/module.h"
#include "compiler/state.h"

static void check_function(Checker *checker, Binding *function, Span use);

/* ---- lookup ---- */

static int is_rule_word(const Session *session, const Name *name) {
    const Words *w = &session->words;
    const Name *words[] = {w->want, w->have, w->changed, w->cleared, w->identity, w->digest, w->stamp, w->site, w->raw, w->wanted, w->waiting, w->argv, w->timeout, w->destination,
                           w->snapshot_name};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (words[i] == name)
            return 1;
    return 0;
}

/* Is the name bound? *binding is what it is bound to, NULL for locals and attributes. */
static int visible_find(const Checker *checker, const Visible *visible, const Name *name, Binding **binding) {
    *binding = NULL;
    for (const Visible *v = visible; v; v = v->outer) {
        int64_t member;
        if (v->name == name && name)
            return 1;
        if (v->schema && (is_rule_word(checker->session, name) || schema_attribute(v->schema, name, &member)))
            return 1;
        if (v->scope && (*binding = scope_find(v->scope, name)))
            return 1;
        if (v->frame && (*binding = frame_find(v->frame, name)))
            return 1;
    }
    return 0;
}

static void suggest_visible(const Visible *visible, Suggestion *suggestion) {
    for (; visible; visible = visible->outer) {
        if (visible->name)
            suggestion_offer(suggestion, name_str(visible->name));
        for (uint32_t i = 0; visible->schema && i < visible->schema->attribute_count; i++)
            suggestion_offer(suggestion, name_str(visible->schema->attributes[i].name));
        const Scope *scopes[8];
        uint32_t count = 0;
        if (visible->scope)
            scopes[count++] = visible->scope;
        for (const Frame *f = visible->frame; f && count < 8; f = f->parent)
            if (f->kind == FRAME_SCOPE)
                scopes[count++] = f->as.scope;
        for (uint32_t s = 0; s < count; s++)
            for (uint32_t i = 0; i < scope_count(scopes[s]); i++) {
                const Name *name;
                Binding *binding = scope_at(scopes[s], i, &name);
                if (binding->kind == BINDING_VALUE || binding->kind == BINDING_RESOURCE || binding->kind == BINDING_FAMILY)
                    suggestion_offer(suggestion, name_str(name));
            }
    }
}

static void check_name(Checker *checker, const Expr *expr, const Visible *visible) {
    Binding *binding;
    Session *session = checker->session;
    if (visible_find(checker, visible, expr->as.name, &binding)) {
        checker->asks_findings |= part_of(expr, visible) == PART_FINDINGS;
        if (binding)
            binding->used = 1;
        return;
    }
    Suggestion suggestion = suggestion_for(name_str(expr->as.name));
    suggest_visible(visible, &suggestion);
    Diagnostic *d = diag_error(session->diagnostics, CODE_UNKNOWN_NAME, expr->span, "there is no `%s` here", expr->as.name->text);
    if (!suggestion_tell(&suggestion, session->diagnostics, d, expr->span))
        diag_help(session->diagnostics, d, "text stands in quotes: \"%s\"", expr->as.name->text);
}

/* The module a chain of names leads to; NULL where it leads to none. */
static Binding *check_module(Checker *checker, const Expr *expr, const Visible *visible) {
    Binding *binding = NULL;
    if (expr->kind == EXPR_NAME)
        visible_find(checker, visible, expr->as.name, &binding);
    else if (expr->kind == EXPR_FIELD) {
        Binding *outer = check_module(checker, expr->as.member.base, visible);
        binding = outer && outer->scope ? scope_find(outer->scope, expr->as.member.field->name) : NULL;
    }
    if (!binding || binding->kind != BINDING_MODULE)
        return NULL;
    binding->used = 1;
    return binding;
}

/* `pve.lxc` where a value is wanted: what has a dotted name is none. */
static void not_a_value(Checker *checker, const Expr *expr, const Binding *binding) {
    Diagnostics *diagnostics = checker->session->diagnostics;
    const char *name = binding->name->text;
    Diagnostic *d = diag_error(diagnostics, CODE_NOT_A_VALUE, expr->span, "`%s` is %s, not a value", name, decl_kind_name(binding->decl->kind));
    if (binding->kind == BINDING_SCHEMA || binding->kind == BINDING_COMPONENT)
        diag_help(diagnostics, d, "a resource is named without its type; `all(%s)` lists those of the site", name);
}

static void check_field(Checker *checker, const Expr *expr, const Visible *visible) {
    PlanPart part = part_of(expr->as.member.base, visible);
    if (part) {
        check_plan_field(checker->session, part, expr->as.member.field);
        return;
    }
    Binding *module = check_module(checker, expr->as.member.base, visible), *dotted = NULL;
    const Name *path = module ? NULL : dotted_name(checker->session, expr);
    if (path && visible_find(checker, visible, path, &dotted) && dotted) {
        not_a_value(checker, expr, dotted);
        return;
    }
    if (!module) {
        check_expr(checker, expr->as.member.base, visible);
        return;
    }
    const Ident *field = expr->as.member.field;
    Binding *inner = module->scope ? scope_find(module->scope, field->name) : NULL;
    if (inner) {
        inner->used = 1;
        return;
    }
    if (!module->scope)
        return;     /* the import failed and was reported */
    Suggestion suggestion = suggestion_for(name_str(field->name));
    Visible inside = {.scope = module->scope};
    suggest_visible(&inside, &suggestion);
    Diagnostic *d = diag_error(checker->session->diagnostics, CODE_UNKNOWN_NAME, field->span, "the module `%s` declares no `%s`", module->name->text, field->name->text);
    suggestion_tell(&suggestion, checker->session->diagnostics, d, field->span);
}

/* ---- calls ---- */

static void unknown_function(Checker *checker, const Expr *callee, const Name *name, const Visible *visible) {
    Session *session = checker->session;
    Suggestion suggestion = suggestion_for(name_str(name));
    for (uint32_t i = 0; builtin_at(session, i); i++)
        suggestion_offer(&suggestion, str_of(builtin_at(session, i)->name));
    for (uint32_t i = 0; i < scope_count(session->tags); i++) {
        const Name *tag;
        scope_at(session->tags, i, &tag);
        suggestion_offer(&suggestion, name_str(tag));
    }
    for (; visible; visible = visible->outer)
        for (const Frame *f = visible->frame; f; f = f->parent)
            for (uint32_t i = 0; f->kind == FRAME_SCOPE && i < scope_count(f->as.scope); i++) {
                const Name *candidate;
                if (scope_at(f->as.scope, i, &candidate)->kind == BINDING_FUNCTION)
                    suggestion_offer(&suggestion, name_str(candidate));
            }
    Diagnostic *d = diag_error(session->diagnostics, CODE_UNKNOWN_FUNCTION, callee->span, "there is no function `%s`", name->text);
    suggestion_tell(&suggestion, session->diagnostics, d, callee->span);
}

Binding *callee_binding(Checker *checker, const Expr *callee, const Visible *visible) {
    Binding *binding = NULL;
    if (callee->kind == EXPR_NAME)
        return visible_find(checker, visible, callee->as.name, &binding) ? binding : NULL;
    if (callee->kind != EXPR_FIELD)
        return NULL;
    Binding *module = check_module(checker, callee->as.member.base, visible);
    if (module)
        return module->scope ? scope_find(module->scope, callee->as.member.field->name) : NULL;
    const Name *dotted = dotted_name(checker->session, callee);
    return dotted && visible_find(checker, visible, dotted, &binding) ? binding : NULL;
}

static void check_call(Checker *checker, const Expr *expr, const Visible *visible) {
    Session *session = checker->session;
    const Expr *callee = expr->as.call.callee;
    const Arguments *arguments = expr->as.call.arguments;
    const Name *name = dotted_name(session, callee);
    Binding *binding = callee_binding(checker, callee, visible);
    if (name && name == session->words.found && !binding && in_test(visible)) {
        check_found(checker, expr, visible);
        return;
    }
    if (binding)
        binding->used = 1;
    if (binding && binding->kind == BINDING_FUNCTION)
        check_function(checker, binding, callee->span);
    else if (name && (name == session->words.whole || name == session->words.fenced)) {
        /* Only where a schema says how it is stamped; anywhere else the type of the attribute says that it has no such tag. */
    } else if (name == session->words.all && name) {
        /* The argument names a type; what it is is said where it is evaluated. */
        return;
    } else if (name && !builtin_find(session, name) && !binding && !tag_declared(session, name))
        unknown_function(checker, callee, name, visible);
    for (uint32_t i = 0; i < arguments->count; i++)
        check_expr(checker, arguments->items[i].value, visible);
}

/* Puts the parameters of a function or component into the scope of its body. */
static void parameters_add(Checker *checker, Scope *scope, Binding *given, const Decl *decl, const Visible *visible) {
    for (uint32_t i = 0; i < decl->extra->field_count; i++) {
        check_expr(checker, decl->extra->fields[i].fallback, visible);
        given[i] = (Binding){.kind = BINDING_VALUE, .name = decl->extra->fields[i].name.name, .decl = decl, .span = decl->extra->fields[i].name.span};
        scope_add(scope, given[i].name, &given[i], NULL);
    }
}

/* Remembers those that the body did not name. */
static void parameters_unused(Session *session, const Binding *given, const Decl *decl) {
    if (source_get(session->sources, decl->span.file)->kind == SOURCE_STDLIB)
        return;
    for (uint32_t i = 0; i < decl->extra->field_count; i++)
        if (!given[i].used)
            VECTOR_PUSH(session->arena, &session->unused, &given[i]);
}

static void check_function(Checker *checker, Binding *function, Span use) {
    Session *session = checker->session;
    enum { UNVISITED, VISITING, VISITED };
    if (function->mark == VISITED)
        return;
    if (function->mark == VISITING || checker->calls >= EVAL_CALL_LIMIT) {
        Diagnostic *d = diag_error(session->diagnostics, CODE_RECURSION, use,
                                   function->mark == VISITING ? "the function `%s` calls itself" : "`%s` stands at the end of more than 100 functions that call each other",
                                   function->name->text);
        diag_also(session->diagnostics, d, function->span, "declared here");
        diag_help(session->diagnostics, d, "functions are total: loop over a list instead");
        return;
    }
    function->mark = VISITING;
    checker->calls++;
    function_resolve(session, function);
    const DeclExtra *extra = function->decl->extra;
    Visible module = {.frame = function->frame}, parameters = {.outer = &module, .scope = scope_new(session->arena)};
    Binding *local = ARENA_NEW(session->arena, Binding), *given = ARENA_ARRAY(session->arena, Binding, extra->field_count + 1);
    local->kind = BINDING_VALUE;
    parameters_add(checker, parameters.scope, given, function->decl, &module);
    for (uint32_t i = 0; i < extra->body.count; i++)
        if (!scope_add(parameters.scope, extra->body.items[i]->name.name, local, NULL))
            diag_error(session->diagnostics, CODE_DUPLICATE_NAME, extra->body.items[i]->name.span, "`%s` is declared twice", extra->body.items[i]->name.name->text);
    for (uint32_t i = 0; i < extra->body.count; i++)
        check_expr(checker, extra->body.items[i]->value, &parameters);
    check_expr(checker, function->decl->value, &parameters);
    parameters_unused(session, given, function->decl);
    checker->calls--;
    function->mark = VISITED;
}

/* ---- expressions ---- */

static void check_loop(Checker *checker, const Loop *loop, uint32_t number, const Visible *visible) {
    if (number == loop->count) {
        if (loop->key)
            check_expr(checker, loop->key, visible);
        check_expr(checker, loop->value, visible);
        return;
    }
    const Generator *generator = &loop->generators[number];
    check_expr(checker, generator->collection, visible);
    Visible item = {.outer = visible, .name = generator->item.name, .part = plan_part_item(part_of(generator->collection, visible))};
    Visible key = {.outer = &item, .name = generator->key.name};
    if (generator->condition)
        check_expr(checker, generator->condition, &key);
    check_loop(checker, loop, number + 1, &key);
}

void check_expr(Checker *checker, const Expr *expr, const Visible *visible) {
    if (!expr)
        return;
    switch ((ExprKind)expr->kind) {
    case EXPR_POISON: case EXPR_LITERAL: break;
    case EXPR_NAME: check_name(checker, expr, visible); break;
    case EXPR_FIELD: case EXPR_SAFE_FIELD: check_field(checker, expr, visible); break;
    case EXPR_IS: check_expr(checker, expr->as.member.base, visible); break;
    case EXPR_INDEX:
        check_expr(checker, expr->as.index.base, visible);
        check_expr(checker, expr->as.index.index, visible);
        break;
    case EXPR_CALL: check_call(checker, expr, visible); break;
    case EXPR_LIST: case EXPR_TEXT:
        for (uint32_t i = 0; i < expr->as.list.count; i++)
            check_expr(checker, expr->as.list.items[i], visible);
        break;
    case EXPR_RECORD:
        for (uint32_t i = 0; i < expr->as.record.count; i++) {
            check_expr(checker, expr->as.record.items[i].key, visible);
            check_expr(checker, expr->as.record.items[i].value, visible);
        }
        break;
    case EXPR_LIST_FOR: case EXPR_MAP_FOR: check_loop(checker, expr->as.loop, 0, visible); break;
    case EXPR_IF:
        check_expr(checker, expr->as.conditional->condition, visible);
        check_expr(checker, expr->as.conditional->yes, visible);
        check_expr(checker, expr->as.conditional->no, visible);
        break;
    case EXPR_NOT: case EXPR_NEGATE: check_expr(checker, expr->as.binary.left, visible); break;
    case EXPR_OR: case EXPR_AND: case EXPR_EQUAL: case EXPR_UNEQUAL: case EXPR_LESS: case EXPR_LESS_EQUAL: case EXPR_GREATER: case EXPR_GREATER_EQUAL:
    case EXPR_IN: case EXPR_COALESCE: case EXPR_RANGE: case EXPR_ADD: case EXPR_SUBTRACT: case EXPR_MULTIPLY: case EXPR_DIVIDE: case EXPR_MODULO:
    case EXPR_WITH:
        check_expr(checker, expr->as.binary.left, visible);
        check_expr(checker, expr->as.binary.right, visible);
        if (expr->kind == EXPR_EQUAL || expr->kind == EXPR_UNEQUAL || expr->kind == EXPR_IN) {
            check_plan_words(checker->session, part_of(expr->as.binary.left, visible), expr->as.binary.right);
            check_plan_words(checker->session, part_of(expr->as.binary.right, visible), expr->as.binary.left);
        }
        break;
    }
}

/* ---- declarations ---- */

/* What a name in dots stands for that may lead through modules: a profile, the type of a resource. NULL: nothing. */
static Binding *check_path(Checker *checker, const Name *name, const Visible *visible) {
    Binding *binding;
    if (!visible_find(checker, visible, name, &binding))
        for (const Visible *v = visible; v && !binding; v = v->outer)
            binding = v->frame ? frame_find_path(checker->session, v->frame, name) : NULL;
    if (binding)
        binding->used = 1;
    return binding;
}

/* The profile that a `use` names, or NULL. */
static Binding *profile_find(Checker *checker, const Decl *decl, const Visible *visible) {
    Binding *binding = check_path(checker, decl->name.name, visible);
    return binding && binding->kind == BINDING_PROFILE ? binding : NULL;
}

static void check_use(Checker *checker, const Decl *decl, const Visible *visible) {
    Session *session = checker->session;
    if (profile_find(checker, decl, visible))
        return;
    Diagnostic *d = diag_error(session->diagnostics, CODE_PROFILE, decl->name.span, "there is no profile `%s`", decl->name.name->text);
    Suggestion suggestion = suggestion_for(name_str(decl->name.name));
    for (const Visible *v = visible; v; v = v->outer)
        for (const Frame *f = v->frame; f; f = f->parent)
            for (uint32_t i = 0; f->kind == FRAME_SCOPE && i < scope_count(f->as.scope); i++) {
                const Name *name;
                if (scope_at(f->as.scope, i, &name)->kind == BINDING_PROFILE)
                    suggestion_offer(&suggestion, name_str(name));
            }
    suggestion_tell(&suggestion, session->diagnostics, d, decl->name.span);
}

static void check_declarations(Checker *checker, const DeclList *declarations, const Visible *visible);

/* What a component's body declares, its parameters included, for the time of the check. */
static void scope_collect(Session *session, Scope *scope, const DeclList *declarations, int nested) {
    for (uint32_t i = 0; i < declarations->count; i++) {
        const Decl *decl = declarations->items[i];
        if ((decl->kind == DECL_LET && !nested) || decl->kind == DECL_RESOURCE) {
            Binding *binding = ARENA_NEW(session->arena, Binding);
            *binding = (Binding){.kind = decl->kind == DECL_LET ? BINDING_VALUE : BINDING_RESOURCE, .name = decl->name.name, .span = decl->name.span};
            scope_add(scope, decl->name.name, binding, NULL);
        }
        if (decl->kind == DECL_FOR || decl->kind == DECL_IF || decl->kind == DECL_PHASE) {
            scope_collect(session, scope, &decl->extra->body, 1);
            scope_collect(session, scope, &decl->extra->otherwise, 1);
        }
    }
}

static void check_component(Checker *checker, const Decl *decl, const Visible *visible) {
    Session *session = checker->session;
    Visible inside = {.outer = visible, .scope = scope_new(session->arena)};
    Binding *given = ARENA_ARRAY(session->arena, Binding, decl->extra->field_count + 1);
    parameters_add(checker, inside.scope, given, decl, visible);
    scope_collect(session, inside.scope, &decl->extra->body, 0);
    check_declarations(checker, &decl->extra->body, &inside);
    parameters_unused(session, given, decl);
}

/* A body of `for` or `if`: its lets are its own. */
static void check_nested(Checker *checker, const DeclList *declarations, const Visible *visible) {
    Visible inside = {.outer = visible, .scope = scope_new(checker->session->arena)};
    Binding *local = ARENA_NEW(checker->session->arena, Binding);
    local->kind = BINDING_VALUE;
    for (uint32_t i = 0; i < declarations->count; i++)
        if (declarations->items[i]->kind == DECL_LET)
            scope_add(inside.scope, declarations->items[i]->name.name, local, NULL);
    check_declarations(checker, declarations, &inside);
}

enum { INSIDE_PROFILE_DEPTH = 16 };     /* as deep as profiles are read */

/* The names inside a resource: those of its own blocks and of its profiles'. */
static void inside_collect(Checker *checker, Scope *scope, const DeclList *body, const Visible *visible, int depth) {
    for (uint32_t i = 0; i < body->count; i++) {
        const Decl *decl = body->items[i];
        if (decl->kind == DECL_INSIDE)
            scope_collect(checker->session, scope, &decl->extra->body, 0);
        Binding *profile = decl->kind == DECL_USE ? profile_find(checker, decl, visible) : NULL;
        Visible module = {.frame = profile ? profile->frame : NULL};
        if (profile && depth < INSIDE_PROFILE_DEPTH)
            inside_collect(checker, scope, &profile->decl->extra->body, &module, depth + 1);
    }
}

static void check_inside(Checker *checker, const DeclList *body, const Visible *visible) {
    Visible inside = {.outer = visible};
    for (uint32_t i = 0; i < body->count; i++) {
        if (body->items[i]->kind != DECL_INSIDE)
            continue;
        if (!inside.scope) {
            inside.scope = scope_new(checker->session->arena);
            inside_collect(checker, inside.scope, body, visible, 0);
        }
        check_declarations(checker, &body->items[i]->extra->body, &inside);
    }
}

static void check_schema(Checker *checker, const Decl *decl, const Visible *visible) {
    Binding *binding;
    visible_find(checker, visible, decl->name.name, &binding);
    if (!binding || binding->kind != BINDING_SCHEMA)
        return;
    Visible inside = {.outer = visible, .schema = binding->schema};
    for (uint32_t i = 0; i < decl->extra->body.count; i++)
        check_expr(checker, decl->extra->body.items[i]->value, &inside);
    for (uint32_t i = 0; i < decl->extra->field_count; i++)
        check_expr(checker, decl->extra->fields[i].fallback, &inside);
}

static void check_declaration(Checker *checker, const Decl *decl, const Visible *visible) {
    Binding *binding;
    switch ((DeclKind)decl->kind) {
    case DECL_PARAM: case DECL_LET: case DECL_IMPORT_JSON: case DECL_ATTRIBUTE: case DECL_OUTPUT:
        check_expr(checker, decl->value, visible);
        break;
    case DECL_LINT: {
        check_expr(checker, decl->value, visible);
        break;
    }
    case DECL_FUNCTION:
        if (visible_find(checker, visible, decl->name.name, &binding) && binding && binding->kind == BINDING_FUNCTION)
            check_function(checker, binding, decl->name.span);
        break;
    case DECL_SCHEMA: check_schema(checker, decl, visible); break;
    case DECL_COMPONENT: check_component(checker, decl, visible); break;
    case DECL_RESOURCE:
        /* The tags that its attributes take are declared where the library is read. */
        binding = check_path(checker, decl->extra->target.name, visible);
        if (binding && binding->kind == BINDING_SCHEMA)
            schema_ready(checker->session, binding->schema);
        check_expr(checker, decl->extra->key, visible);
        check_declarations(checker, &decl->extra->body, visible);
        check_inside(checker, &decl->extra->body, visible);
        break;
    case DECL_PROFILE:
        check_declarations(checker, &decl->extra->body, visible);
        check_inside(checker, &decl->extra->body, visible);
        break;
    case DECL_PHASE: check_nested(checker, &decl->extra->body, visible); break;
    case DECL_USE: check_use(checker, decl, visible); break;
    case DECL_FOR: {
        const Generator *generator = decl->extra->generator;
        check_expr(checker, generator->collection, visible);
        Visible item = {.outer = visible, .name = generator->item.name}, key = {.outer = &item, .name = generator->key.name};
        check_expr(checker, generator->condition, &key);
        check_nested(checker, &decl->extra->body, &key);
        break;
    }
    case DECL_IF:
        check_expr(checker, decl->value, visible);
        check_nested(checker, &decl->extra->body, visible);
        check_nested(checker, &decl->extra->otherwise, visible);
        break;
    case DECL_ASSERT:
        check_expr(checker, decl->value, visible);
        check_expr(checker, decl->extra->message, visible);
        break;
    case DECL_SECRET: check_expr(checker, decl->value, visible); break;
    case DECL_IMPORT: check_expr(checker, decl->extra->given, visible); break;
    case DECL_POLICY: check_policy(checker, decl, visible); break;
    case DECL_TEST: check_test(checker, decl, visible); break;
    case DECL_FACT: {
        Visible raw = {.outer = visible, .name = checker->session->words.raw};
        check_expr(checker, decl->extra->given, visible);
        check_expr(checker, decl->extra->key, visible);
        check_expr(checker, decl->value, &raw);
        break;
    }
    case DECL_SITE: case DECL_TYPE: case DECL_RULE: case DECL_IGNORE: case DECL_DENY: case DECL_SET: case DECL_FACTS: case DECL_RECORDED:
    case DECL_EXPECT: case DECL_INSIDE:
        break;
    }
}

static void check_declarations(Checker *checker, const DeclList *declarations, const Visible *visible) {
    for (uint32_t i = 0; i < declarations->count; i++)
        check_declaration(checker, declarations->items[i], visible);
}

void names_check(Session *session, const Module *module) {
    Checker checker = {.session = session};
    Visible visible = {.frame = module->frame};
    check_declarations(&checker, &module->tree->declarations, &visible);
}

void function_resolve(Session *session, Binding *function) {
    const DeclExtra *extra = function->decl->extra;
    if (function->parameters)
        return;
    Arena *arena = session_keep(session);
    function->parameters = type_fields(session, extra->fields, extra->field_count, function->frame);
    if (extra->type)
        function->result = type_resolve(session, extra->type, function->frame);
    session_restore(session, arena);
}

void names_check_expression(Session *session, const Module *module, const Expr *expr) {
    Checker checker = {.session = session};
    Visible visible = {.frame = module->frame};
    check_expr(&checker, expr, &visible);
}
