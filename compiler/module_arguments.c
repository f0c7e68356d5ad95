/* What an import gives to the parameters of its module. */
#include "compiler/module.h"
#include "compiler/state.h"

/* ---- are two imports alike? ---- */

static const Expr *import_given(const Decl *import) {
    return import && import->extra ? import->extra->given : NULL;
}

/* Without any name: then it means the same wherever it stands. */
static int is_literal(const Expr *expr) {
    int literal = expr->kind == EXPR_LITERAL;
    if (expr->kind == EXPR_LIST) {
        literal = 1;
        for (uint32_t i = 0; i < expr->as.list.count; i++)
            literal &= is_literal(expr->as.list.items[i]);
    }
    if (expr->kind == EXPR_RECORD) {
        literal = 1;
        for (uint32_t i = 0; i < expr->as.record.count; i++)
            literal &= (!expr->as.record.items[i].key || is_literal(expr->as.record.items[i].key)) && is_literal(expr->as.record.items[i].value);
    }
    return literal;
}

static const Entry *entry_named_so(const Expr *given, const Name *name) {
    for (uint32_t i = 0; given && i < given->as.record.count; i++)
        if (given->as.record.items[i].name == name)
            return &given->as.record.items[i];
    return NULL;
}

int arguments_alike(const Module *importer, const Decl *import, const Module *other_importer, const Decl *other) {
    const Expr *a = import_given(import), *b = import_given(other);
    uint32_t a_count = a ? a->as.record.count : 0, b_count = b ? b->as.record.count : 0;
    for (uint32_t i = 0; i < a_count && a_count == b_count; i++) {
        const Entry *one = &a->as.record.items[i], *same = entry_named_so(b, one->name);
        if (!same || !expr_equal(one->value, same->value) || (importer != other_importer && !is_literal(one->value)))
            return 0;
    }
    return a_count == b_count;
}

/* ---- giving ---- */

static void report_unknown(Session *session, const Module *module, const Entry *entry) {
    Suggestion suggestion = suggestion_for(name_str(entry->name));
    for (uint32_t i = 0; i < scope_count(module->scope); i++) {
        const Name *name;
        const Binding *binding = scope_at(module->scope, i, &name);
        if (binding->decl && binding->decl->kind == DECL_PARAM)
            suggestion_offer(&suggestion, name_str(name));
    }
    Diagnostic *d = diag_error(session->diagnostics, CODE_SETTING, entry->name_span, "%.*s has no parameter `%s`", (int)module->name.length,
                               module->name.text, entry->name->text);
    if (!suggestion.best.length)
        return;
    diag_help(session->diagnostics, d, "did you mean `%.*s`?", (int)suggestion.best.length, suggestion.best.text);
    diag_fix(session->diagnostics, d, entry->name_span, suggestion.best);
}

/* The argument is evaluated where it is written, and checked by the type that the parameter has in its module. */
static void argument_bind(Session *session, const Module *module, const Entry *entry) {
    if (!entry->name) {
        Diagnostic *d = diag_error(session->diagnostics, CODE_SETTING, entry->key->span, "a parameter is given by its name");
        diag_help(session->diagnostics, d, "write `name = value`");
        return;
    }
    Binding *binding = scope_find(module->scope, entry->name);
    if (!binding || !binding->decl || binding->decl->kind != DECL_PARAM)
        report_unknown(session, module, entry);
    else if (entry_named_so(module->import->extra->given, entry->name) != entry)
        diag_error(session->diagnostics, CODE_DUPLICATE_FIELD, entry->name_span, "`%s` is given twice", entry->name->text);
    else
        binding->thunk = (Thunk){.expr = entry->value, .frame = module->importer->frame};
}

static void parameter_require(Session *session, const Module *module, Binding *binding) {
    Span place = module->import->value->span;
    Diagnostic *d = diag_error(session->diagnostics, CODE_SETTING, place, "%.*s needs a value for its parameter `%s`", (int)module->name.length,
                               module->name.text, binding->name->text);
    diag_also(session->diagnostics, d, binding->span, "it has no default");
    diag_help(session->diagnostics, d, "give it here: `import ... as %s with { %s = VALUE }`", module->import->name.name->text, binding->name->text);
    binding->thunk.value = value_poison(session->arena, place, 0);
    binding->thunk.state = THUNK_DONE;
}

void arguments_bind(Session *session, Module *module) {
    const Expr *given = import_given(module->import);
    if (!module->import || module->tree->broken)
        return;
    for (uint32_t i = 0; given && i < given->as.record.count; i++)
        argument_bind(session, module, &given->as.record.items[i]);
    for (uint32_t i = 0; i < scope_count(module->scope); i++) {
        const Name *name;
        Binding *binding = scope_at(module->scope, i, &name);
        if (binding->decl && binding->decl->kind == DECL_PARAM && !binding->thunk.expr)
            parameter_require(session, module, binding);
    }
}
