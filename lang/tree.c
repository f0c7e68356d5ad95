/* Comparing trees, and what declarations are called. */
#include "lang/tree.h"

static int exprs_equal(const Expr *a, const Expr *b);
static int types_equal(const TypeExpr *a, const TypeExpr *b);
static int decls_equal(DeclList a, DeclList b);

static int loops_equal(const Loop *a, const Loop *b);

static int generators_equal(const Generator *a, const Generator *b) {
    if (a == NULL || b == NULL) return a == b;
    return a->key.name == b->key.name && a->item.name == b->item.name && exprs_equal(a->collection, b->collection) &&
           exprs_equal(a->condition, b->condition);
}

static int loops_equal(const Loop *a, const Loop *b) {
    if (a->count != b->count) return 0;
    for (uint32_t i = 0; i < a->count; i++)
        if (!generators_equal(&a->generators[i], &b->generators[i])) return 0;
    return exprs_equal(a->key, b->key) && exprs_equal(a->value, b->value);
}

static int records_equal(const Expr *a, const Expr *b) {
    if (a->as.record.count != b->as.record.count) return 0;
    for (uint32_t i = 0; i < a->as.record.count; i++) {
        const Entry *x = &a->as.record.items[i], *y = &b->as.record.items[i];
        if (x->name != y->name || !exprs_equal(x->key, y->key) || !exprs_equal(x->value, y->value)) return 0;
    }
    return 1;
}

static int calls_equal(const Expr *a, const Expr *b) {
    const Arguments *x = a->as.call.arguments, *y = b->as.call.arguments;
    if (x->count != y->count || !exprs_equal(a->as.call.callee, b->as.call.callee)) return 0;
    for (uint32_t i = 0; i < x->count; i++)
        if (x->items[i].name != y->items[i].name || !exprs_equal(x->items[i].value, y->items[i].value)) return 0;
    return 1;
}

static int exprs_equal(const Expr *a, const Expr *b) {
    if (a == NULL || b == NULL) return a == b;
    if (a->kind != b->kind) return 0;
    switch ((ExprKind)a->kind) {
    case EXPR_POISON: return 1;
    case EXPR_LITERAL: return a->as.value->kind == b->as.value->kind && value_equal(a->as.value, b->as.value);
    case EXPR_NAME: return a->as.name == b->as.name;
    case EXPR_FIELD: case EXPR_SAFE_FIELD: case EXPR_IS:
        return a->as.member.field->name == b->as.member.field->name && exprs_equal(a->as.member.base, b->as.member.base);
    case EXPR_INDEX: return exprs_equal(a->as.index.base, b->as.index.base) && exprs_equal(a->as.index.index, b->as.index.index);
    case EXPR_CALL: return calls_equal(a, b);
    case EXPR_LIST: case EXPR_TEXT:
        if (a->as.list.count != b->as.list.count) return 0;
        for (uint32_t i = 0; i < a->as.list.count; i++)
            if (!exprs_equal(a->as.list.items[i], b->as.list.items[i])) return 0;
        return 1;
    case EXPR_RECORD: return records_equal(a, b);
    case EXPR_LIST_FOR: case EXPR_MAP_FOR: return loops_equal(a->as.loop, b->as.loop);
    case EXPR_NOT: case EXPR_NEGATE: case EXPR_OR: case EXPR_AND: case EXPR_EQUAL: case EXPR_UNEQUAL: case EXPR_LESS:
    case EXPR_LESS_EQUAL: case EXPR_GREATER: case EXPR_GREATER_EQUAL: case EXPR_IN: case EXPR_COALESCE: case EXPR_RANGE:
    case EXPR_ADD: case EXPR_SUBTRACT: case EXPR_MULTIPLY: case EXPR_DIVIDE: case EXPR_MODULO: case EXPR_WITH:
        return exprs_equal(a->as.binary.left, b->as.binary.left) && exprs_equal(a->as.binary.right, b->as.binary.right);
    case EXPR_IF:
        return exprs_equal(a->as.conditional->condition, b->as.conditional->condition) &&
               exprs_equal(a->as.conditional->yes, b->as.conditional->yes) && exprs_equal(a->as.conditional->no, b->as.conditional->no);
    }
    return 0;
}

static int fields_equal(const FieldDecl *a, uint32_t a_count, const FieldDecl *b, uint32_t b_count) {
    if (a_count != b_count) return 0;
    for (uint32_t i = 0; i < a_count; i++)
        if (a[i].name.name != b[i].name.name || a[i].optional != b[i].optional || a[i].first != b[i].first || a[i].last != b[i].last ||
            !str_equal(a[i].doc, b[i].doc) || !types_equal(a[i].type, b[i].type) || !exprs_equal(a[i].fallback, b[i].fallback) ||
            !exprs_equal(a[i].options, b[i].options))
            return 0;
    return 1;
}

static int types_equal(const TypeExpr *a, const TypeExpr *b) {
    if (a == NULL || b == NULL) return a == b;
    if (a->kind != b->kind || a->name.name != b->name.name || a->argument_count != b->argument_count || a->member_count != b->member_count) return 0;
    if ((a->value != NULL) != (b->value != NULL) || (a->value != NULL && !value_equal(a->value, b->value))) return 0;
    for (uint32_t i = 0; i < a->argument_count; i++)
        if (!exprs_equal(a->arguments[i], b->arguments[i])) return 0;
    for (uint32_t i = 0; i < a->member_count; i++)
        if (!types_equal(a->members[i], b->members[i])) return 0;
    return types_equal(a->key, b->key) && types_equal(a->element, b->element) && fields_equal(a->fields, a->field_count, b->fields, b->field_count);
}

static int literals_equal(const Value *a, const Value *b) { return a == NULL || b == NULL ? a == b : value_equal(a, b); }

static int extras_equal(const DeclExtra *a, const DeclExtra *b) {
    if (a == NULL || b == NULL) return a == b;
    return str_equal(a->doc, b->doc) && a->target.name == b->target.name && types_equal(a->type, b->type) && exprs_equal(a->key, b->key) &&
           exprs_equal(a->message, b->message) && exprs_equal(a->options, b->options) && exprs_equal(a->given, b->given) && literals_equal(a->text, b->text) && literals_equal(a->number, b->number) &&
           fields_equal(a->fields, a->field_count, b->fields, b->field_count) && decls_equal(a->body, b->body) &&
           decls_equal(a->otherwise, b->otherwise) && generators_equal(a->generator, b->generator);
}

static int decls_equal(DeclList a, DeclList b) {
    if (a.count != b.count) return 0;
    for (uint32_t i = 0; i < a.count; i++) {
        const Decl *x = a.items[i], *y = b.items[i];
        if (x->kind != y->kind || x->optional != y->optional || x->absent != y->absent || x->name.name != y->name.name) return 0;
        if (!exprs_equal(x->value, y->value) || !extras_equal(x->extra, y->extra)) return 0;
    }
    return 1;
}

int expr_equal(const Expr *a, const Expr *b) { return exprs_equal(a, b); }

int tree_equal(const Tree *a, const Tree *b) { return a->broken == b->broken && decls_equal(a->declarations, b->declarations); }

typedef struct ExprVisit {
    void (*visit)(void *context, const Expr *inner);
    void *context;
} ExprVisit;

static void visit_one(const ExprVisit *visit, const Expr *inner) {
    if (inner != NULL) visit->visit(visit->context, inner);
}

static void visit_loop(const ExprVisit *visit, const Loop *loop) {
    for (uint32_t i = 0; i < loop->count; i++) {
        visit_one(visit, loop->generators[i].collection);
        visit_one(visit, loop->generators[i].condition);
    }
    visit_one(visit, loop->key);
    visit_one(visit, loop->value);
}

void expr_each(const Expr *expr, void (*visit)(void *context, const Expr *inner), void *context) {
    const ExprVisit each = {visit, context};
    switch ((ExprKind)expr->kind) {
    case EXPR_POISON: case EXPR_LITERAL: case EXPR_NAME: return;
    case EXPR_FIELD: case EXPR_SAFE_FIELD: case EXPR_IS: visit_one(&each, expr->as.member.base); return;
    case EXPR_INDEX:
        visit_one(&each, expr->as.index.base);
        visit_one(&each, expr->as.index.index);
        return;
    case EXPR_CALL:
        visit_one(&each, expr->as.call.callee);
        for (uint32_t i = 0; i < expr->as.call.arguments->count; i++) visit_one(&each, expr->as.call.arguments->items[i].value);
        return;
    case EXPR_LIST: case EXPR_TEXT:
        for (uint32_t i = 0; i < expr->as.list.count; i++) visit_one(&each, expr->as.list.items[i]);
        return;
    case EXPR_RECORD:
        for (uint32_t i = 0; i < expr->as.record.count; i++) {
            visit_one(&each, expr->as.record.items[i].key);
            visit_one(&each, expr->as.record.items[i].value);
        }
        return;
    case EXPR_LIST_FOR: case EXPR_MAP_FOR: visit_loop(&each, expr->as.loop); return;
    case EXPR_IF:
        visit_one(&each, expr->as.conditional->condition);
        visit_one(&each, expr->as.conditional->yes);
        visit_one(&each, expr->as.conditional->no);
        return;
    case EXPR_NOT: case EXPR_NEGATE: case EXPR_OR: case EXPR_AND: case EXPR_EQUAL: case EXPR_UNEQUAL: case EXPR_LESS: case EXPR_LESS_EQUAL:
    case EXPR_GREATER: case EXPR_GREATER_EQUAL: case EXPR_IN: case EXPR_COALESCE: case EXPR_RANGE: case EXPR_ADD: case EXPR_SUBTRACT:
    case EXPR_MULTIPLY: case EXPR_DIVIDE: case EXPR_MODULO: case EXPR_WITH:
        visit_one(&each, expr->as.binary.left);
        visit_one(&each, expr->as.binary.right);
        return;
    }
}

const char *decl_kind_name(DeclKind kind) {
    switch (kind) {
    case DECL_SITE: return "the site's name";
    case DECL_PARAM: return "a parameter";
    case DECL_LET: return "a `let`";
    case DECL_IMPORT: return "a module";
    case DECL_IMPORT_JSON: return "imported data";
    case DECL_TYPE: return "a type";
    case DECL_FUNCTION: return "a function";
    case DECL_SCHEMA: return "a resource type";
    case DECL_RULE: return "a field of a schema";
    case DECL_COMPONENT: return "a component";
    case DECL_PROFILE: return "a profile";
    case DECL_RESOURCE: return "a resource";
    case DECL_ATTRIBUTE: return "an attribute";
    case DECL_USE: return "a `use`";
    case DECL_FOR: return "a loop";
    case DECL_IF: return "a condition";
    case DECL_ASSERT: return "an assertion";
    case DECL_OUTPUT: return "an output";
    case DECL_LINT: return "a lint";
    case DECL_IGNORE: return "an `ignore`";
    case DECL_INSIDE: return "an `inside`";
    case DECL_PHASE: return "a phase";
    case DECL_SECRET: return "a secret";
    case DECL_POLICY: return "a policy";
    case DECL_DENY: return "a denial";
    case DECL_TEST: return "a test";
    case DECL_SET: return "a setting";
    case DECL_FACTS: return "the facts of a test";
    case DECL_RECORDED: return "a recorded text";
    case DECL_EXPECT: return "an expectation";
    case DECL_FACT: return "a fact";
    }
    return "a declaration";
}

Str decl_doc(const Decl *decl) { return decl->extra != NULL ? decl->extra->doc : STR(""); }
