/* Constructors of types, fields and declarations. */
#include "lang/tree_build.h"

static uint16_t deeper(uint16_t a, uint16_t b) { return a > b ? a : b; }

/* ---- types ---- */

/* Like expr_new: poison where this is one level too many. */
static TypeExpr *type_new(Builder *build, Span span, TypeExprKind kind, uint16_t under) {
    if (under >= TREE_DEPTH_LIMIT) {
        builder_too_deep(build, span);
        kind = TYPEX_POISON;
        under = 0;
    }
    TypeExpr *type = ARENA_NEW(build->arena, TypeExpr);
    type->span = span;
    type->kind = (uint8_t)kind;
    type->depth = (uint16_t)(under + 1);
    return type;
}

const TypeExpr *type_poison(Builder *build, Span span) { return type_new(build, span, TYPEX_POISON, 0); }

const TypeExpr *type_name(Builder *build, Span span, Ident name) {
    TypeExpr *type = type_new(build, span, TYPEX_NAME, 0);
    type->name = name;
    return type;
}

const TypeExpr *type_value(Builder *build, Span span, const Value *value) {
    TypeExpr *type = type_new(build, span, value->kind == VALUE_POISON ? TYPEX_POISON : TYPEX_LITERAL, 0);
    type->value = value;
    return type;
}

List literals_add(Builder *build, List list, Span span, const Value *value) { return types_add(build, list, type_value(build, span, value)); }

const TypeExpr *type_refined(Builder *build, Span span, const TypeExpr *base, List arguments) {
    const Expr *const *items = build_finish(build, LIST_EXPR, arguments);
    uint16_t depth = base->depth;
    for (uint32_t i = 0; i < arguments.count; i++) depth = deeper(depth, items[i]->depth);
    TypeExpr *type = type_new(build, span, base->kind == TYPEX_POISON ? TYPEX_POISON : TYPEX_REFINED, depth);
    type->name = base->name;
    type->element = base->kind == TYPEX_LIST ? base->element : NULL;
    type->arguments = items;
    type->argument_count = arguments.count;
    return type;
}

/* The depth below a list of fields. */
static uint16_t fields_depth(const FieldDecl *fields, uint32_t count) {
    uint16_t depth = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (fields[i].type != NULL) depth = deeper(depth, fields[i].type->depth);
        if (fields[i].fallback != NULL) depth = deeper(depth, fields[i].fallback->depth);
        if (fields[i].options != NULL) depth = deeper(depth, fields[i].options->depth);
    }
    return depth;
}

const TypeExpr *type_tagged(Builder *build, Span span, const TypeExpr *base, List fields) {
    const FieldDecl *items = fields_finish(build, fields);
    TypeExpr *type = type_new(build, span, TYPEX_TAGGED, fields_depth(items, fields.count));
    type->name = base->name;
    type->fields = items;
    type->field_count = fields.count;
    return type;
}

const TypeExpr *type_list(Builder *build, Span span, const TypeExpr *element) {
    TypeExpr *type = type_new(build, span, TYPEX_LIST, element->depth);
    type->element = element;
    return type;
}

const TypeExpr *type_map(Builder *build, Span span, const TypeExpr *key, const TypeExpr *element) {
    TypeExpr *type = type_new(build, span, TYPEX_MAP, deeper(key->depth, element->depth));
    type->key = key;
    type->element = element;
    return type;
}

/* `{ string: T }`, alone and plain. */
static int is_map_of_strings(const FieldDecl *fields, uint32_t count) {
    return count == 1 && !fields->optional && fields->fallback == NULL && fields->options == NULL && fields->type != NULL &&
           str_equal(name_str(fields->name.name), STR("string"));
}

const TypeExpr *type_record(Builder *build, Span span, List fields) {
    const FieldDecl *items = fields_finish(build, fields);
    if (is_map_of_strings(items, fields.count)) return type_map(build, span, type_name(build, items->name.span, items->name), items->type);
    TypeExpr *type = type_new(build, span, TYPEX_RECORD, fields_depth(items, fields.count));
    type->fields = items;
    type->field_count = fields.count;
    return type;
}

/* Unions of unions, in parentheses, are one. */
const TypeExpr *type_union(Builder *build, Span span, List members) {
    const TypeExpr *const *items = build_finish(build, LIST_TYPE, members);
    List flat = list_none(build, LIST_TYPE);
    uint16_t depth = 0;
    for (uint32_t i = 0; i < members.count; i++) {
        if (items[i]->kind != TYPEX_UNION) {
            depth = deeper(depth, items[i]->depth);
            flat = types_add(build, flat, items[i]);
            continue;
        }
        for (uint32_t k = 0; k < items[i]->member_count; k++) {
            depth = deeper(depth, items[i]->members[k]->depth);
            flat = types_add(build, flat, items[i]->members[k]);
        }
    }
    TypeExpr *type = type_new(build, span, TYPEX_UNION, depth);
    type->members = build_finish(build, LIST_TYPE, flat);
    type->member_count = flat.count;
    return type;
}

const TypeExpr *type_sum(Builder *build, Span span, List members) {
    const TypeExpr *const *items = build_finish(build, LIST_TYPE, members);
    uint16_t depth = 0;
    for (uint32_t i = 0; i < members.count; i++)
        depth = deeper(depth, items[i]->depth);
    TypeExpr *type = type_new(build, span, TYPEX_SUM, depth);
    type->members = items;
    type->member_count = members.count;
    return type;
}

const TypeExpr *type_secret(Builder *build, Span span, const TypeExpr *element) {
    TypeExpr *type = type_new(build, span, TYPEX_SECRET, element->depth);
    type->element = element;
    return type;
}

/* ---- fields ---- */

static FieldDecl *field_make(Builder *build, Ident name, int optional, const TypeExpr *type, const Expr *fallback, const Expr *options) {
    FieldDecl *field = ARENA_NEW(build->arena, FieldDecl);
    *field = (FieldDecl){.name = name, .optional = optional, .type = type, .fallback = fallback, .options = options, .first = 0, .last = -1};
    field->doc = build->docs.count > 0 ? build_doc(build, name.span.start) : STR("");
    return field;
}

const FieldDecl *field_new(Builder *build, Ident name, int optional, const TypeExpr *type, const Expr *fallback, const Expr *options) {
    return field_make(build, name, optional, type, fallback, options);
}

const FieldDecl *field_family(Builder *build, Ident name, Range range, int optional, const TypeExpr *type,
                              const Expr *fallback, const Expr *options) {
    FieldDecl *field = field_make(build, name, optional, type, fallback, options);
    if (range.first == NULL) return field;
    field->first = range.first->as.integer;
    field->last = range.last->as.integer;
    if (field->first > field->last)
        builder_error(build, CODE_SYNTAX, span_join(range.first->origin, range.last->origin), "a family goes from a smaller number to a larger one");
    return field;
}

/* ---- declarations ---- */

/* [under]: the depth of the declarations in it. Without the room for it a declaration is left as it is: the text was reported. */
static Decl *decl_new(Builder *build, Span span, DeclKind kind, Ident name, const Expr *value, uint16_t under) {
    if (under >= TREE_DEPTH_LIMIT) builder_too_deep(build, span);
    Decl *decl = ARENA_NEW(build->arena, Decl);
    decl->span = span;
    decl->kind = (uint8_t)kind;
    decl->depth = (uint8_t)(under < TREE_DEPTH_LIMIT ? under + 1 : TREE_DEPTH_LIMIT);
    decl->name = name;
    decl->value = value;
    return decl;
}

static DeclExtra *extra_new(Builder *build, Decl *decl) {
    DeclExtra *extra = ARENA_NEW(build->arena, DeclExtra);
    extra->doc = build->docs.count > 0 ? build_doc(build, decl->span.start) : STR("");
    decl->extra = extra;
    return extra;
}

/* For declarations that need an extra only to be documented. */
static const Decl *decl_small(Builder *build, Decl *decl) {
    if (build->docs.count == 0) return decl;
    Str doc = build_doc(build, decl->span.start);
    if (doc.length > 0) extra_new(build, decl);
    return decl;
}

static uint16_t body_depth(DeclList body) {
    uint16_t depth = 0;
    for (uint32_t i = 0; i < body.count; i++) depth = deeper(depth, body.items[i]->depth);
    return depth;
}

static const Ident nameless;

const Decl *decl_site(Builder *build, Span span, const Value *text, const Value *edition) {
    Decl *decl = decl_new(build, span, DECL_SITE, nameless, NULL, 0);
    DeclExtra *extra = extra_new(build, decl);
    extra->text = text;
    extra->number = edition;
    return decl;
}

const Decl *decl_typed(Builder *build, Span span, DeclKind kind, Ident name, const TypeExpr *type, const Expr *value) {
    Decl *decl = decl_new(build, span, kind, name, value, 0);
    if (type == NULL) return decl_small(build, decl);
    extra_new(build, decl)->type = type;
    return decl;
}

const Decl *decl_value(Builder *build, Span span, DeclKind kind, Ident name, const Expr *value) {
    return decl_small(build, decl_new(build, span, kind, name, value, 0));
}

const Decl *decl_import(Builder *build, Span span, const Expr *path, Ident name, const Expr *given) {
    Decl *decl = decl_new(build, span, DECL_IMPORT, name, path, 0);
    extra_new(build, decl)->given = given;
    return decl;
}

const Decl *decl_import_json(Builder *build, Span span, const Expr *path, Ident name, const TypeExpr *type, int optional) {
    Decl *decl = decl_new(build, span, DECL_IMPORT_JSON, name, path, 0);
    decl->optional = (uint8_t)optional;
    extra_new(build, decl)->type = type;
    return decl;
}

const Decl *decl_function(Builder *build, Span span, Ident name, List parameters, const TypeExpr *type, const Expr *value, List where) {
    Decl *decl = decl_new(build, span, DECL_FUNCTION, name, value, 0);
    DeclExtra *extra = extra_new(build, decl);
    extra->fields = fields_finish(build, parameters);
    extra->field_count = parameters.count;
    extra->type = type;
    extra->body = decls_finish(build, where);
    return decl;
}

const Decl *decl_schema(Builder *build, Span span, Ident name, SchemaItems items) {
    Decl *decl = decl_new(build, span, DECL_SCHEMA, name, NULL, 0);
    DeclExtra *extra = extra_new(build, decl);
    extra->fields = fields_finish(build, items.fields);
    extra->field_count = items.fields.count;
    extra->body = decls_finish(build, items.rules);
    return decl;
}

const Decl *decl_component(Builder *build, Span span, Ident name, List parameters, List body) {
    DeclList decls = decls_finish(build, body);
    Decl *decl = decl_new(build, span, DECL_COMPONENT, name, NULL, body_depth(decls));
    DeclExtra *extra = extra_new(build, decl);
    extra->fields = fields_finish(build, parameters);
    extra->field_count = parameters.count;
    extra->body = decls;
    return decl;
}

const Decl *decl_profile(Builder *build, Span span, Ident name, Ident target, List body) {
    Decl *decl = decl_new(build, span, DECL_PROFILE, name, NULL, 1);
    DeclExtra *extra = extra_new(build, decl);
    extra->target = target;
    extra->body = decls_finish(build, body);
    return decl;
}

const Decl *decl_resource(Builder *build, Span span, Ident target, Ident name, const Expr *key, List body) {
    DeclList decls = decls_finish(build, body);
    Decl *decl = decl_new(build, span, DECL_RESOURCE, name, NULL, body_depth(decls));
    DeclExtra *extra = extra_new(build, decl);
    extra->target = target;
    extra->key = key;
    extra->body = decls;
    return decl;
}

const Decl *decl_absent(Builder *build, Span span, const Decl *resource) {
    Decl *decl = decl_new(build, span, DECL_RESOURCE, resource->name, NULL, body_depth(resource->extra->body));
    decl->absent = 1;
    /* The documentation stands before the whole. */
    DeclExtra *extra = extra_new(build, decl);
    Str doc = extra->doc;
    *extra = *resource->extra;
    extra->doc = doc;
    return decl;
}

const Decl *decl_use(Builder *build, Span span, Ident name) { return decl_small(build, decl_new(build, span, DECL_USE, name, NULL, 0)); }

const Decl *decl_for(Builder *build, Span span, const Generator *generator, List body) {
    DeclList decls = decls_finish(build, body);
    Decl *decl = decl_new(build, span, DECL_FOR, nameless, NULL, body_depth(decls));
    DeclExtra *extra = extra_new(build, decl);
    extra->generator = generator;
    extra->body = decls;
    return decl;
}

const Decl *decl_if(Builder *build, Span span, const Expr *condition, List body) {
    DeclList decls = decls_finish(build, body);
    Decl *decl = decl_new(build, span, DECL_IF, nameless, condition, body_depth(decls));
    extra_new(build, decl)->body = decls;
    return decl;
}

const Decl *decl_else(Builder *build, Span span, const Decl *conditional, List otherwise) {
    DeclList decls = decls_finish(build, otherwise);
    Decl *decl = decl_new(build, span, DECL_IF, nameless, conditional->value, deeper(body_depth(conditional->extra->body), body_depth(decls)));
    DeclExtra *extra = extra_new(build, decl);
    extra->body = conditional->extra->body;
    extra->otherwise = decls;
    return decl;
}

const Decl *decl_else_if(Builder *build, Span span, const Decl *conditional, const Decl *next) {
    return decl_else(build, span, conditional, decls_add(build, list_none(build, LIST_DECL), next));
}

const Decl *decl_assert(Builder *build, Span span, DeclKind kind, const Expr *condition, const Expr *message) {
    Decl *decl = decl_new(build, span, kind, nameless, condition, 0);
    extra_new(build, decl)->message = message;
    return decl;
}

const Decl *decl_block(Builder *build, Span span, DeclKind kind, Ident name, const Value *text, List body) {
    Decl *decl = decl_new(build, span, kind, name, NULL, 1);
    DeclExtra *extra = extra_new(build, decl);
    extra->text = text;
    extra->body = decls_finish(build, body);
    return decl;
}

const Decl *decl_fact(Builder *build, Span span, Ident name, const TypeExpr *type, const Expr *source, const Expr *place, const Expr *value) {
    Decl *decl = decl_new(build, span, DECL_FACT, name, value, 0);
    DeclExtra *extra = extra_new(build, decl);
    extra->type = type;
    extra->given = source;
    extra->key = place;
    return decl;
}

const Decl *decl_recorded(Builder *build, Span span, const Expr *source, const Expr *text) {
    Decl *decl = decl_new(build, span, DECL_RECORDED, nameless, text, 0);
    extra_new(build, decl)->given = source;
    return decl;
}

const Decl *decl_lint(Builder *build, Span span, Ident name, Ident severity, const Value *text, const Expr *options, const Expr *value) {
    Decl *decl = decl_new(build, span, DECL_LINT, name, value, 0);
    DeclExtra *extra = extra_new(build, decl);
    extra->target = severity;
    extra->text = text;
    extra->options = options;
    return decl;
}

const Decl *decl_ignore(Builder *build, Span span, Ident name, const Value *text) {
    Decl *decl = decl_new(build, span, DECL_IGNORE, name, NULL, 0);
    DeclExtra *extra = extra_new(build, decl);
    extra->text = text;
    return decl;
}

const Decl *decl_inside(Builder *build, Span span, Span word, List body) {
    DeclList decls = decls_finish(build, body);
    Decl *decl = decl_new(build, span, DECL_INSIDE, (Ident){NULL, word}, NULL, body_depth(decls));
    extra_new(build, decl)->body = decls;
    return decl;
}

const Decl *decl_phase(Builder *build, Span span, Ident name, List after, List body) {
    DeclList decls = decls_finish(build, body);
    Decl *decl = decl_new(build, span, DECL_PHASE, name, expr_list(build, span, after), body_depth(decls));
    extra_new(build, decl)->body = decls;
    return decl;
}

const Decl *decl_secret(Builder *build, Span span, Ident name, const TypeExpr *type, Ident kind, const Expr *value) {
    Decl *decl = decl_new(build, span, DECL_SECRET, name, value, 0);
    DeclExtra *extra = extra_new(build, decl);
    extra->type = type;
    extra->target = kind;
    return decl;
}

void build_file(Builder *build, List declarations) { build->declarations = decls_finish(build, declarations); }

void build_expression(Builder *build, const Expr *expr) { build->expression = expr; }
