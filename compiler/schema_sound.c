/* What is wrong with a schema as a whole, found where it is declared: differences that nothing would ever settle, secrets on command lines. */
#include <string.h>

#include "compiler/state.h"

/* ---- every attribute has a way to change ---- */

/* The rules that bring a difference of such an attribute about; RULE_COUNT for none. */
static Rule change_rule(ChangeKind change) {
    switch (change) {
    case CHANGE_ONLINE: case CHANGE_RESTART: case CHANGE_GROW: return RULE_UPDATE;
    case CHANGE_REPLACE: return RULE_DELETE;
    case CHANGE_NEVER: case CHANGE_CREATE: break;
    }
    return RULE_COUNT;
}

/* What an object is called never differs from what it is called. */
static int is_identity(const Schema *schema, const TypeField *attribute) {
    const Expr *identity = schema->rules[RULE_IDENTITY];
    for (uint32_t i = 0; identity && identity->kind == EXPR_TEXT && i < identity->as.list.count; i++)
        if (identity->as.list.items[i]->kind == EXPR_NAME && identity->as.list.items[i]->as.name == attribute->name)
            return 1;
    return 0;
}

static void changes_check(Session *session, const Schema *schema) {
    /* A check and an action compare nothing; what is only known of is never changed. */
    if (!schema->rules[RULE_READ] || !schema->rules[RULE_CREATE] || schema->rules[RULE_GATE] || schema->rules[RULE_ACT])
        return;
    for (uint32_t i = 0; i < schema->attribute_count; i++) {
        const TypeField *attribute = &schema->attributes[i];
        Rule rule = change_rule(attribute->change);
        if (attribute->computed || rule == RULE_COUNT || schema->rules[rule] || is_identity(schema, attribute))
            continue;
        Diagnostic *d = diag_error(session->diagnostics, CODE_RULE_MISSING, attribute->span, "nothing can change `%s`: the schema `%s` has no `%s`",
                                   attribute->name->text, schema->name->text, rule_name(rule));
        diag_help(session->diagnostics, d, "write that rule; or `{ change = create }` where it is given once and never compared, `{ change = never(\"why\") }`"
                                           " where a difference is an error");
    }
}

/* ---- no secret on a command line ---- */

typedef struct Search {
    Session *session;
    const Schema *schema;
    int in_argv;                /* of what was met since, the value becomes an argument */
} Search;

static void search_visit(void *context, const Expr *expr);

static void search_in(const Search *search, const Expr *expr, int in_argv) {
    Search inner = *search;
    inner.in_argv = in_argv;
    if (expr)
        search_visit(&inner, expr);
}

static void refuse(const Search *search, Span span, const TypeField *attribute) {
    Diagnostic *d = diag_error(search->session->diagnostics, CODE_SECRET_SINK, span, "the secret `%s` would stand on a command line", attribute->name->text);
    diag_also(search->session->diagnostics, d, attribute->span, "declared as a secret here");
    diag_help(search->session->diagnostics, d, "everybody on the host can read command lines: give it by `stdin`, in a file (`write`), or in a request");
}

static const TypeField *secret_attribute(const Schema *schema, const Name *name) {
    int64_t member;
    const TypeField *attribute = schema_attribute(schema, name, &member);
    return attribute && attribute->type->secret ? attribute : NULL;
}

static int is_called(const Expr *call, const char *name) {
    return call->as.call.callee->kind == EXPR_NAME && !strcmp(call->as.call.callee->as.name->text, name);
}

/* All attributes that such a command takes become arguments. */
static void options_check(const Search *search, const Expr *call) {
    const Arguments *arguments = call->as.call.arguments;
    const Expr *values = arguments->count ? arguments->items[0].value : NULL, *command = arguments->count > 1 ? arguments->items[1].value : NULL;
    const Words *w = &search->session->words;
    if (!values || values->kind != EXPR_NAME || (values->as.name != w->want && values->as.name != w->changed))
        return;
    const Name *name = command && command->kind == EXPR_LITERAL && command->as.value->kind == VALUE_STRING
                           ? name_intern(search->session->names, command->as.value->as.string) : NULL;
    for (uint32_t i = 0; i < search->schema->attribute_count; i++)
        if (search->schema->attributes[i].type->secret && schema_takes_flag(search->schema, &search->schema->attributes[i], name))
            refuse(search, call->span, &search->schema->attributes[i]);
}

static void call_search(const Search *search, const Expr *call) {
    const Arguments *arguments = call->as.call.arguments;
    int runs = is_called(call, "run");
    if (search->in_argv && (is_called(call, "options") || is_called(call, "properties"))) {
        options_check(search, call);
        return;
    }
    /* These tell nothing of what a secret holds. */
    if (is_called(call, "is_secret") || is_called(call, "names"))
        return;
    for (uint32_t i = 0; i < arguments->count; i++) {
        int argv = runs && (arguments->items[i].name ? arguments->items[i].name == search->session->words.argv : i == 0);
        search_in(search, arguments->items[i].value, runs ? argv : search->in_argv);
    }
}

/* A variable may have an attribute's name. */
static int loop_hides(const Search *search, const Loop *loop) {
    int hides = 0;
    for (uint32_t i = 0; i < loop->count; i++) {
        const Generator *generator = &loop->generators[i];
        hides |= (generator->item.name && secret_attribute(search->schema, generator->item.name)) ||
                 (generator->key.name && secret_attribute(search->schema, generator->key.name));
    }
    return hides;
}

static int is_condition(ExprKind kind) {
    return kind == EXPR_EQUAL || kind == EXPR_UNEQUAL || kind == EXPR_IN || kind == EXPR_IS || kind == EXPR_NOT || kind == EXPR_AND || kind == EXPR_OR;
}

static void search_visit(void *context, const Expr *expr) {
    const Search *search = context;
    ExprKind kind = (ExprKind)expr->kind;
    const TypeField *attribute = kind == EXPR_NAME && search->in_argv ? secret_attribute(search->schema, expr->as.name) : NULL;
    if (attribute) {
        refuse(search, expr->span, attribute);
    } else if (kind == EXPR_CALL) {
        call_search(search, expr);
    } else if (kind == EXPR_IF) {
        search_in(search, expr->as.conditional->yes, search->in_argv);
        search_in(search, expr->as.conditional->no, search->in_argv);
    } else if (kind == EXPR_LIST_FOR || kind == EXPR_MAP_FOR) {
        if (!loop_hides(search, expr->as.loop))
            search_in(search, expr->as.loop->value, search->in_argv);
    } else if (!is_condition(kind)) {
        expr_each(expr, search_visit, context);
    }
}

void schema_sound(Session *session, const Schema *schema) {
    changes_check(session, schema);
    int secrets = 0;
    for (uint32_t i = 0; i < schema->attribute_count; i++)
        secrets |= schema->attributes[i].type->secret;
    for (Rule rule = 0; rule < RULE_COUNT && secrets; rule++)
        search_in(&(Search){session, schema, 0}, schema->rules[rule], 0);
}
