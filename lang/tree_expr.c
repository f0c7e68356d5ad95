/* Constructors of expressions, which count their depth: whoever walks a tree may recurse. */
#include "lang/tree_build.h"

#include <string.h>

#include "lang/literal.h"

Ident ident_join(Builder *build, Ident a, Ident b) { return (Ident){name_join(build->names, a.name, b.name), span_join(a.span, b.span)}; }

/* Literals and names are three in four of all expressions, and have one pointer. */
enum { SMALL_EXPR = offsetof(Expr, as) + sizeof(void *) };

/* What stands below is [under] levels deep. Poison where this is one too many. */
static Expr *expr_new(Builder *build, Span span, ExprKind kind, uint16_t under) {
    if (under >= TREE_DEPTH_LIMIT) {
        builder_too_deep(build, span);
        kind = EXPR_POISON;
        under = 0;
    }
    Expr *expr = arena_alloc(build->arena, kind == EXPR_LITERAL || kind == EXPR_NAME ? SMALL_EXPR : sizeof(Expr));
    expr->span = span;
    expr->kind = (uint8_t)kind;
    expr->depth = (uint16_t)(under + 1);
    return expr;
}

static uint16_t deeper(uint16_t a, uint16_t b) { return a > b ? a : b; }

static uint16_t depth_of(const Expr *expr) { return expr != NULL ? expr->depth : 0; }

static uint16_t depth_of_all(const Expr *const *items, uint32_t count) {
    uint16_t depth = 0;
    for (uint32_t i = 0; i < count; i++) depth = deeper(depth, items[i]->depth);
    return depth;
}

const Expr *expr_poison(Builder *build, Span span) { return expr_new(build, span, EXPR_POISON, 0); }

const Expr *expr_value(Builder *build, const Value *value) {
    Expr *expr = expr_new(build, value->origin, EXPR_LITERAL, 0);
    expr->as.value = value;
    return expr;
}

const Expr *expr_name(Builder *build, Ident name) {
    Expr *expr = expr_new(build, name.span, EXPR_NAME, 0);
    expr->as.name = name.name;
    return expr;
}

const Expr *expr_member(Builder *build, ExprKind kind, const Expr *base, Ident field) {
    Expr *expr = expr_new(build, span_join(base->span, field.span), kind, base->depth);
    if (expr->kind == EXPR_POISON) return expr;
    Ident *copy = ARENA_NEW(build->arena, Ident);
    *copy = field;
    expr->as.member.base = base;
    expr->as.member.field = copy;
    return expr;
}

const Expr *expr_index(Builder *build, Span span, const Expr *base, const Expr *index) {
    Expr *expr = expr_new(build, span, EXPR_INDEX, deeper(base->depth, index->depth));
    if (expr->kind == EXPR_POISON) return expr;
    expr->as.index.base = base;
    expr->as.index.index = index;
    return expr;
}

/* Functions are no values: what is called has a name. */
static int is_callable(const Expr *callee) {
    while (callee->kind == EXPR_FIELD) callee = callee->as.member.base;
    return callee->kind == EXPR_NAME || callee->kind == EXPR_POISON;
}

const Expr *expr_call(Builder *build, Span span, const Expr *callee, List arguments) {
    Arguments *list = ARENA_NEW(build->arena, Arguments);
    list->items = build_finish(build, LIST_ARGUMENT, arguments);
    list->count = arguments.count;
    uint16_t depth = callee->depth;
    for (uint32_t i = 0; i < list->count; i++) depth = deeper(depth, list->items[i].value->depth);
    if (!is_callable(callee)) {
        builder_error(build, CODE_SYNTAX, callee->span, "only a name can be called");
        return expr_poison(build, span);
    }
    Expr *expr = expr_new(build, span, callee->kind == EXPR_POISON ? EXPR_POISON : EXPR_CALL, depth);
    if (expr->kind == EXPR_POISON) return expr;
    expr->as.call.callee = callee;
    expr->as.call.arguments = list;
    return expr;
}

const Expr *expr_list(Builder *build, Span span, List items) {
    const Expr *const *exprs = build_finish(build, LIST_EXPR, items);
    Expr *expr = expr_new(build, span, EXPR_LIST, depth_of_all(exprs, items.count));
    if (expr->kind == EXPR_POISON) return expr;
    expr->as.list.items = exprs;
    expr->as.list.count = items.count;
    return expr;
}

/* `{ name: value }` is neither record nor map. Said once for each pair of braces. */
static void entries_check(Builder *build, Entry *entries, uint32_t count) {
    int said = 0;
    for (uint32_t i = 0; i < count; i++) {
        const Expr *key = entries[i].key;
        if (key == NULL || key->kind != EXPR_NAME) continue;
        /* A name in parentheses is a key; its own place tells. */
        uint32_t at = key->span.end;
        Str bytes = build->source->bytes;
        while (at < bytes.length && strchr(" \t\r\n", bytes.text[at]) != NULL) at++;
        if (at < bytes.length && bytes.text[at] == ')') continue;
        if (!said) {
            const char *name = key->as.name->text;
            Diagnostic *d = builder_error(build, CODE_SYNTAX, key->span, "a field of a record is written `%.40s = value`", name);
            if (d != NULL) {
                diag_help(build->diagnostics, d,
                          "`:` belongs to maps, whose keys are strings or stand in parentheses: \"%.40s\": or (%.40s):", name, name);
                diag_fix(build->diagnostics, d, (Span){key->span.file, key->span.end, at + 1}, STR(" ="));
            }
        }
        said = 1;
        entries[i] = (Entry){.name = key->as.name, .name_span = key->span, .value = entries[i].value};
    }
}

const Expr *expr_record(Builder *build, Span span, List entries) {
    Entry *items = build_finish(build, LIST_ENTRY, entries);
    entries_check(build, items, entries.count);
    uint16_t depth = 0;
    for (uint32_t i = 0; i < entries.count; i++) depth = deeper(depth, deeper(items[i].value->depth, depth_of(items[i].key)));
    Expr *expr = expr_new(build, span, EXPR_RECORD, depth);
    if (expr->kind == EXPR_POISON) return expr;
    expr->as.record.items = items;
    expr->as.record.count = entries.count;
    return expr;
}

const Expr *expr_for(Builder *build, Span span, const Expr *key, const Expr *value, List generators) {
    const Generator *const *items = build_finish(build, LIST_GENERATOR, generators);
    Generator *copies = ARENA_ARRAY(build->arena, Generator, generators.count);
    uint16_t depth = deeper(value->depth, depth_of(key));
    for (uint32_t i = 0; i < generators.count; i++) {
        copies[i] = *items[i];
        depth = deeper(depth, deeper(copies[i].collection->depth, depth_of(copies[i].condition)));
    }
    /* Each further `for` is a loop in a loop, and whoever runs them recurses. */
    if (generators.count < TREE_DEPTH_LIMIT) depth = (uint16_t)(depth + generators.count - 1);
    else depth = TREE_DEPTH_LIMIT;
    Expr *expr = expr_new(build, span, key != NULL ? EXPR_MAP_FOR : EXPR_LIST_FOR, depth);
    if (expr->kind == EXPR_POISON) return expr;
    Loop *loop = ARENA_NEW(build->arena, Loop);
    *loop = (Loop){copies, generators.count, key, value};
    expr->as.loop = loop;
    return expr;
}

const Expr *expr_text(Builder *build, Span span, List parts) {
    const TextPart *items = build_finish(build, LIST_PART, parts);
    Str *texts = ARENA_ARRAY(build->arena, Str, parts.count);
    literal_parts(build, span, items, parts.count, texts);
    /* Texts that follow each other stand in memory so too: they become one. */
    List exprs = list_none(build, LIST_EXPR);
    uint32_t holes = 0;
    for (uint32_t i = 0; i < parts.count;) {
        if (items[i].hole != NULL) {
            exprs = exprs_add(build, exprs, items[i++].hole);
            holes++;
            continue;
        }
        Str text = texts[i];
        Span place = items[i].span;
        for (i++; i < parts.count && items[i].hole == NULL; i++) {
            text.length += texts[i].length;
            place.end = items[i].span.end;
        }
        if (text.length > 0 || parts.count == 0) exprs = exprs_add(build, exprs, expr_value(build, value_string(build->arena, place, text)));
    }
    const Expr *const *pieces = build_finish(build, LIST_EXPR, exprs);
    if (holes == 0) {
        Str text = exprs.count == 0 ? STR("") : pieces[0]->as.value->as.string;
        return expr_value(build, value_string(build->arena, span, text));
    }
    Expr *expr = expr_new(build, span, EXPR_TEXT, depth_of_all(pieces, exprs.count));
    if (expr->kind == EXPR_POISON) return expr;
    expr->as.list.items = pieces;
    expr->as.list.count = exprs.count;
    return expr;
}

/* Has the value a sign? */
static int is_number(const Value *value) {
    return value->kind == VALUE_INT || value->kind == VALUE_SIZE || value->kind == VALUE_DURATION || value->kind == VALUE_RATE ||
           value->kind == VALUE_FLOAT || value->kind == VALUE_PERCENT;
}

const Value *value_negated(Builder *build, Span span, const Value *value) {
    if (!is_number(value)) {
        builder_error(build, CODE_SYNTAX, span, "%s has no sign", value_kind_name((ValueKind)value->kind));
        return value_poison(build->arena, span, 0);
    }
    if (value->kind == VALUE_FLOAT || value->kind == VALUE_PERCENT) return value_number(build->arena, span, (ValueKind)value->kind, -value->as.number);
    /* The smallest integer was read with its sign. */
    int64_t integer = value->as.integer == INT64_MIN ? INT64_MIN : -value->as.integer;
    return value_integer(build->arena, span, (ValueKind)value->kind, integer);
}

const Expr *expr_negate(Builder *build, Span span, const Expr *operand) {
    if (operand->kind == EXPR_LITERAL && is_number(operand->as.value))
        return expr_value(build, value_negated(build, span, operand->as.value));
    return expr_binary(build, span, EXPR_NEGATE, operand, NULL);
}

const Expr *expr_not(Builder *build, Span span, const Expr *operand) { return expr_binary(build, span, EXPR_NOT, operand, NULL); }

const Expr *expr_binary(Builder *build, Span span, ExprKind kind, const Expr *left, const Expr *right) {
    Expr *expr = expr_new(build, span, kind, deeper(depth_of(left), depth_of(right)));
    if (expr->kind == EXPR_POISON) return expr;
    expr->as.binary.left = left;
    expr->as.binary.right = right;
    return expr;
}

const Expr *expr_if(Builder *build, Span span, const Expr *condition, const Expr *yes, const Expr *no) {
    Expr *expr = expr_new(build, span, EXPR_IF, deeper(condition->depth, deeper(yes->depth, no->depth)));
    if (expr->kind == EXPR_POISON) return expr;
    Conditional *conditional = ARENA_NEW(build->arena, Conditional);
    *conditional = (Conditional){condition, yes, no};
    expr->as.conditional = conditional;
    return expr;
}

Entry entry_named(Ident name, const Expr *value) { return (Entry){.name = name.name, .name_span = name.span, .value = value}; }
Entry entry_keyed(const Expr *key, const Expr *value) { return (Entry){.key = key, .value = value}; }
Argument argument_plain(const Expr *value) { return (Argument){.value = value}; }
Argument argument_named(Ident name, const Expr *value) { return (Argument){name.name, name.span, value}; }

const Generator *generator_new(Builder *build, Ident key, Ident item) {
    Generator *generator = ARENA_NEW(build->arena, Generator);
    generator->key = key;
    generator->item = item;
    return generator;
}

const Generator *generator_over(Builder *build, const Generator *names, const Expr *collection, const Expr *condition) {
    Generator *generator = ARENA_NEW(build->arena, Generator);
    *generator = (Generator){names->key, names->item, collection, condition};
    return generator;
}
