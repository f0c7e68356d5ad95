/* How the grammar makes the tree: one constructor for each of its actions, and the lists that items are collected in. Seen by the
   parser only. */
#ifndef PHX_LANG_TREE_BUILD_H
#define PHX_LANG_TREE_BUILD_H

#include "lang/diagnostic.h"
#include "lang/tree.h"

/* Items are collected on one stack for each kind and copied to their exact size when their list ends. A list says where its items
   are, because the parser may drop a list half-way (a syntax error) without telling anybody: what such a list left on the stack is
   overwritten by the next item of the list around it. */
typedef struct List {
    uint32_t start;
    uint32_t count;
} List;

typedef enum ListKind {
    LIST_EXPR, LIST_ENTRY, LIST_ARGUMENT, LIST_PART, LIST_GENERATOR, LIST_TYPE, LIST_FIELD, LIST_DECL, LIST_KIND_COUNT
} ListKind;

typedef struct ListStack {
    char *bytes;
    uint32_t count;
    uint32_t capacity;
} ListStack;

/* A piece of an interpolated or block string: text as it was written, or with [hole] the expression in braces. */
typedef struct TextPart {
    Span span;
    const Expr *hole;
} TextPart;

/* A run of `///` lines, and where the token after it begins: what begins there too is documented by it. */
typedef struct DocComment {
    uint32_t target;
    uint32_t start;
    uint32_t end;
} DocComment;

/* The two lists of a schema's body: they stand mixed. */
typedef struct SchemaItems {
    List fields;
    List rules;
} SchemaItems;

/* name[first..last]; NULL where they could not be read. */
typedef struct Range {
    const Value *first;
    const Value *last;
} Range;

typedef struct Builder {
    Arena *arena;
    Names *names;
    Diagnostics *diagnostics;       /* NULL: nothing is reported */
    const Source *source;
    ListStack stacks[LIST_KIND_COUNT];
    VECTOR(DocComment) docs;        /* ascending */
    int broken;                     /* something was reported */
    int too_deep;                   /* that too, and no second time */
    DeclList declarations;          /* what a file parsed to */
    const Expr *expression;         /* what an expression parsed to */
} Builder;

/* Reports an error of the text, and remembers that there was one. NULL where nothing is reported. */
Diagnostic *builder_error(Builder *build, Code code, Span span, const char *format, ...) __attribute__((format(printf, 4, 5)));
/* "nested too deep", once for each source. */
void builder_too_deep(Builder *build, Span span);

/* ---- lists ---- */

List list_none(Builder *build, ListKind kind);
List exprs_add(Builder *build, List list, const Expr *expr);
List entries_add(Builder *build, List list, Entry entry);
List arguments_add(Builder *build, List list, Argument argument);
List parts_add_text(Builder *build, List list, Span span);
List parts_add_hole(Builder *build, List list, Span span, const Expr *hole);
List generators_add(Builder *build, List list, const Generator *generator);
List types_add(Builder *build, List list, const TypeExpr *type);
List literals_add(Builder *build, List list, Span span, const Value *value);
List fields_add(Builder *build, List list, const FieldDecl *field);
List decls_add(Builder *build, List list, const Decl *decl);

/* For the constructors: a copy of the items, after which the list is over; NULL for none. Fields are collected as pointers and stand in
   the tree side by side. */
void *build_finish(Builder *build, ListKind kind, List list);
DeclList decls_finish(Builder *build, List list);
const FieldDecl *fields_finish(Builder *build, List list);
/* The documentation of what begins at [start]. */
Str build_doc(Builder *build, uint32_t start);

SchemaItems schema_items_none(Builder *build);
SchemaItems schema_add_field(Builder *build, SchemaItems items, const FieldDecl *field);
SchemaItems schema_add_rule(Builder *build, SchemaItems items, const Decl *rule);

/* ---- expressions ---- */

/* The name [a].[b] as one, for names that are dotted everywhere. */
Ident ident_join(Builder *build, Ident a, Ident b);

const Expr *expr_poison(Builder *build, Span span);
const Expr *expr_value(Builder *build, const Value *value);
const Expr *expr_name(Builder *build, Ident name);
/* FIELD, SAFE_FIELD or IS */
const Expr *expr_member(Builder *build, ExprKind kind, const Expr *base, Ident field);
const Expr *expr_index(Builder *build, Span span, const Expr *base, const Expr *index);
const Expr *expr_call(Builder *build, Span span, const Expr *callee, List arguments);
const Expr *expr_list(Builder *build, Span span, List items);
const Expr *expr_record(Builder *build, Span span, List entries);
/* [key] NULL for a list */
const Expr *expr_for(Builder *build, Span span, const Expr *key, const Expr *value, List generators);
/* A string in parts, from its first quote to its last; without holes it is a literal. */
const Expr *expr_text(Builder *build, Span span, List parts);
/* `-8` is a literal, not the negative of one. */
const Expr *expr_negate(Builder *build, Span span, const Expr *operand);
const Expr *expr_not(Builder *build, Span span, const Expr *operand);
/* RANGE may lack one side. */
const Expr *expr_binary(Builder *build, Span span, ExprKind kind, const Expr *left, const Expr *right);
const Expr *expr_if(Builder *build, Span span, const Expr *condition, const Expr *yes, const Expr *no);

Entry entry_named(Ident name, const Expr *value);
Entry entry_keyed(const Expr *key, const Expr *value);
Argument argument_plain(const Expr *value);
Argument argument_named(Ident name, const Expr *value);
/* [key] with a NULL name where only [item] is bound. */
const Generator *generator_new(Builder *build, Ident key, Ident item);
const Generator *generator_over(Builder *build, const Generator *names, const Expr *collection, const Expr *condition);

/* ---- types ---- */

const TypeExpr *type_name(Builder *build, Span span, Ident name);
const TypeExpr *type_value(Builder *build, Span span, const Value *value);
/* The literal with its sign turned. */
const Value *value_negated(Builder *build, Span span, const Value *value);
/* [base] is a name or a list. */
const TypeExpr *type_refined(Builder *build, Span span, const TypeExpr *base, List arguments);
const TypeExpr *type_tagged(Builder *build, Span span, const TypeExpr *base, List fields);
const TypeExpr *type_list(Builder *build, Span span, const TypeExpr *element);
const TypeExpr *type_map(Builder *build, Span span, const TypeExpr *key, const TypeExpr *element);
/* `{ string: T }` is a map although it looks like a record. */
const TypeExpr *type_record(Builder *build, Span span, List fields);
const TypeExpr *type_union(Builder *build, Span span, List members);
/* `A + B + C`: records with the fields of all. */
const TypeExpr *type_sum(Builder *build, Span span, List members);
const TypeExpr *type_secret(Builder *build, Span span, const TypeExpr *element);
const TypeExpr *type_poison(Builder *build, Span span);

/* [fallback] and [options] may be NULL */
const FieldDecl *field_new(Builder *build, Ident name, int optional, const TypeExpr *type, const Expr *fallback, const Expr *options);
const FieldDecl *field_family(Builder *build, Ident name, Range range, int optional, const TypeExpr *type,
                              const Expr *fallback, const Expr *options);

/* ---- declarations ---- */

const Decl *decl_site(Builder *build, Span span, const Value *text, const Value *edition);
/* PARAM, LET, TYPE: [type] and [value] may be NULL */
const Decl *decl_typed(Builder *build, Span span, DeclKind kind, Ident name, const TypeExpr *type, const Expr *value);
/* RULE, ATTRIBUTE, OUTPUT, DENY, SET, FACTS */
const Decl *decl_value(Builder *build, Span span, DeclKind kind, Ident name, const Expr *value);
/* [given], a record of what the module's parameters get, may be NULL */
const Decl *decl_import(Builder *build, Span span, const Expr *path, Ident name, const Expr *given);
const Decl *decl_import_json(Builder *build, Span span, const Expr *path, Ident name, const TypeExpr *type, int optional);
const Decl *decl_function(Builder *build, Span span, Ident name, List parameters, const TypeExpr *type, const Expr *value, List where);
const Decl *decl_schema(Builder *build, Span span, Ident name, SchemaItems items);
const Decl *decl_component(Builder *build, Span span, Ident name, List parameters, List body);
const Decl *decl_profile(Builder *build, Span span, Ident name, Ident target, List body);
/* [key] may be NULL */
const Decl *decl_resource(Builder *build, Span span, Ident target, Ident name, const Expr *key, List body);
/* The same resource, [absent]. */
const Decl *decl_absent(Builder *build, Span span, const Decl *resource);
const Decl *decl_use(Builder *build, Span span, Ident name);
const Decl *decl_for(Builder *build, Span span, const Generator *generator, List body);
const Decl *decl_if(Builder *build, Span span, const Expr *condition, List body);
/* The same `if` with an `else`, or an `else if`. */
const Decl *decl_else(Builder *build, Span span, const Decl *conditional, List otherwise);
const Decl *decl_else_if(Builder *build, Span span, const Decl *conditional, const Decl *next);
/* ASSERT, EXPECT; [message] may be NULL */
const Decl *decl_assert(Builder *build, Span span, DeclKind kind, const Expr *condition, const Expr *message);
/* POLICY, TEST */
const Decl *decl_block(Builder *build, Span span, DeclKind kind, Ident name, const Value *text, List body);
/* [place] may be NULL */
const Decl *decl_fact(Builder *build, Span span, Ident name, const TypeExpr *type, const Expr *source, const Expr *place, const Expr *value);
const Decl *decl_recorded(Builder *build, Span span, const Expr *source, const Expr *text);
const Decl *decl_lint(Builder *build, Span span, Ident name, Ident severity, const Value *text, const Expr *options, const Expr *value);
const Decl *decl_ignore(Builder *build, Span span, Ident name, const Value *text);
/* [word] is the place of the word `inside`; [after] are names as expressions; [kind] says from where the secret comes. */
const Decl *decl_inside(Builder *build, Span span, Span word, List body);
const Decl *decl_phase(Builder *build, Span span, Ident name, List after, List body);
const Decl *decl_secret(Builder *build, Span span, Ident name, const TypeExpr *type, Ident kind, const Expr *value);

void build_file(Builder *build, List declarations);
void build_expression(Builder *build, const Expr *expr);

#endif
