/* The tree of one source: what was written, with the place of everything; immutable once parsed. */
#ifndef PHX_LANG_TREE_H
#define PHX_LANG_TREE_H

#include "lang/value.h"

typedef struct Expr Expr;
typedef struct TypeExpr TypeExpr;
typedef struct Decl Decl;

/* ---- names with a place ---- */

typedef struct Ident {
    const Name *name;   /* dotted names are one Name */
    Span span;
} Ident;

/* ---- expressions ---- */

typedef enum ExprKind {
    EXPR_POISON,        /* stood where a syntax error was */
    EXPR_LITERAL,       /* value: also none, unset, true, false */
    EXPR_NAME,          /* name */
    EXPR_FIELD,         /* base.name */
    EXPR_SAFE_FIELD,    /* base?.name */
    EXPR_INDEX,         /* base[index] */
    EXPR_CALL,          /* callee(arguments); the callee is a NAME or FIELD chain */
    EXPR_LIST,          /* items */
    EXPR_RECORD,        /* entries */
    EXPR_LIST_FOR,      /* loop */
    EXPR_MAP_FOR,       /* loop */
    EXPR_TEXT,          /* parts: an interpolated string; literal parts are EXPR_LITERAL */
    EXPR_NOT, EXPR_NEGATE,                      /* binary.left */
    EXPR_OR, EXPR_AND, EXPR_EQUAL, EXPR_UNEQUAL, EXPR_LESS, EXPR_LESS_EQUAL, EXPR_GREATER, EXPR_GREATER_EQUAL,
    EXPR_IN, EXPR_COALESCE, EXPR_RANGE, EXPR_ADD, EXPR_SUBTRACT, EXPR_MULTIPLY, EXPR_DIVIDE, EXPR_MODULO, /* binary;
                           a RANGE has NULL for an open end */
    EXPR_IS,            /* base is name */
    EXPR_WITH,          /* binary: left with right (a record) */
    EXPR_IF             /* conditional */
} ExprKind;

/* f(value) or f(name: value) */
typedef struct Argument {
    const Name *name;   /* NULL where positional */
    Span name_span;
    const Expr *value;
} Argument;

/* { name = value } or { key: value } */
typedef struct Entry {
    const Name *name;   /* NULL where the key is computed */
    Span name_span;
    const Expr *key;
    const Expr *value;
} Entry;

/* for name in ...; for key_name, name in ...; [if condition]. A `for` without any generator is no loop. */
typedef struct Generator {
    Ident key;          /* name NULL where only one is bound */
    Ident item;
    const Expr *collection;
    const Expr *condition;  /* NULL where there is none */
} Generator;

typedef struct Loop {
    const Generator *generators;
    uint32_t count;
    const Expr *key;    /* of a map, else NULL */
    const Expr *value;
} Loop;

/* Never copied: small kinds have less room than all of this (tree_expr.c). */
struct Expr {
    Span span;
    uint8_t kind;       /* ExprKind */
    uint16_t depth;     /* levels of expressions under this one, itself included: bounds every recursion over it */
    union {
        const Value *value;
        const Name *name;                                               /* NAME */
        struct { const Expr *base; const Ident *field; } member;        /* FIELD, SAFE_FIELD, IS */
        struct { const Expr *base; const Expr *index; } index;
        struct { const Expr *callee; const struct Arguments *arguments; } call;
        struct { const Expr *const *items; uint32_t count; } list;      /* LIST, TEXT */
        struct { const Entry *items; uint32_t count; } record;
        const Loop *loop;
        struct { const Expr *left; const Expr *right; } binary;
        const struct Conditional *conditional;
    } as;
};

typedef struct Arguments { const Argument *items; uint32_t count; } Arguments;
typedef struct Conditional { const Expr *condition; const Expr *yes; const Expr *no; } Conditional;

/* ---- types ---- */

typedef enum TypeExprKind {
    TYPEX_POISON,
    TYPEX_NAME,         /* name: built in, `type`d, or of a resource type */
    TYPEX_REFINED,      /* name(arguments): ranges, raw strings; `[T](1..4)` has element set and no name */
    TYPEX_LITERAL,      /* value */
    TYPEX_LIST,         /* element */
    TYPEX_MAP,          /* key, element */
    TYPEX_RECORD,       /* fields */
    TYPEX_TAGGED,       /* name(fields) */
    TYPEX_UNION,        /* members, flattened */
    TYPEX_SECRET,       /* element */
    TYPEX_SUM           /* members: records, the fields of all of them */
} TypeExprKind;

/* name?: TYPE [= EXPR] [{ options }]: of records, parameters, tagged values, attributes */
typedef struct FieldDecl {
    Ident name;
    int optional;
    const TypeExpr *type;       /* NULL only after a syntax error */
    const Expr *fallback;       /* `= EXPR`, or NULL */
    const Expr *options;        /* an EXPR_RECORD, or NULL */
    int64_t first, last;        /* of an attribute family name[first..last]; else first > last */
    Str doc;                    /* as of a declaration */
} FieldDecl;

struct TypeExpr {
    Span span;
    uint8_t kind;       /* TypeExprKind */
    uint16_t depth;
    Ident name;
    const Value *value;
    const TypeExpr *key;
    const TypeExpr *element;
    const Expr *const *arguments;   /* of REFINED */
    uint32_t argument_count;
    const FieldDecl *fields;
    uint32_t field_count;
    const TypeExpr *const *members;
    uint32_t member_count;
};

/* ---- declarations ---- */

typedef enum DeclKind {
    DECL_SITE,          /* text, number: site "text" edition number */
    DECL_PARAM,         /* name, type, value or NULL */
    DECL_LET,           /* name, type or NULL, value */
    DECL_IMPORT,        /* value (the path), name, given: an EXPR_RECORD or NULL */
    DECL_IMPORT_JSON,   /* value (the path), name, type, optional */
    DECL_TYPE,          /* name, type, value (options) or NULL */
    DECL_FUNCTION,      /* name, fields (parameters), type, value, body (`where`: DECL_LETs) */
    DECL_SCHEMA,        /* name, fields (attributes), body (DECL_RULEs) */
    DECL_RULE,          /* name, value: one field of a schema */
    DECL_COMPONENT,     /* name, fields (parameters), body */
    DECL_PROFILE,       /* name, target, body (ATTRIBUTE, USE, IGNORE, INSIDE) */
    DECL_RESOURCE,      /* target (its type), name, key or NULL, body (ATTRIBUTE, USE, IGNORE, INSIDE), absent */
    DECL_ATTRIBUTE,     /* name, value */
    DECL_USE,           /* name */
    DECL_FOR,           /* generator, body */
    DECL_IF,            /* value (condition), body, otherwise */
    DECL_ASSERT,        /* value (condition), message */
    DECL_OUTPUT,        /* name, value */
    DECL_LINT,          /* name, text, target (its severity), options, value */
    DECL_IGNORE,        /* name, text */
    DECL_INSIDE,        /* body: declarations of what stands in the resource; name has a place only */
    DECL_PHASE,         /* name, value (a LIST of NAMEs: the phases before), body */
    DECL_SECRET,        /* name, type, target (env, file, command), value (which) */
    DECL_POLICY,        /* name, text, body (DENYs) */
    DECL_DENY,          /* name (what is denied), value (where) */
    DECL_TEST,          /* text, body (SET, FACTS, RECORDED, EXPECT) */
    DECL_SET,           /* name, value: a parameter in a test */
    DECL_FACTS,         /* value: what a test knows of the hosts */
    DECL_RECORDED,      /* given (a source), value (what was read there) */
    DECL_EXPECT,        /* value, message or NULL */
    DECL_FACT           /* name, type, given (its source), key (its place) or NULL, value */
} DeclKind;

struct Decl {
    Span span;
    uint8_t kind;       /* DeclKind */
    uint8_t optional;
    uint8_t absent;
    uint8_t depth;      /* levels of declarations under this one, itself included; 0: only kind, name and place are known so far */
    Ident name;
    const Expr *value;
    const struct DeclExtra *extra;      /* NULL for LET without a type, ATTRIBUTE, RULE, OUTPUT and USE unless they are documented:
                                           the frequent ones stay small */
};

typedef struct DeclList { const Decl *const *items; uint32_t count; } DeclList;

typedef struct DeclExtra {
    Str doc;                            /* the lines of `///` joined by newlines, without the slashes */
    Ident target;                       /* of a lint its severity */
    const TypeExpr *type;
    const Expr *key;
    const Expr *message;
    const Expr *options;                /* a record, or NULL */
    const Expr *given;                  /* what an import gives to the parameters of its module; the source of a fact or of a recorded text */
    const Value *text;                  /* the string that was written */
    const Value *number;
    const FieldDecl *fields;
    uint32_t field_count;
    DeclList body;
    DeclList otherwise;
    const Generator *generator;
} DeclExtra;

/* One source, parsed. */
typedef struct Tree {
    const Source *source;
    DeclList declarations;
    int broken;         /* there were syntax errors: what could be read is there, the rest was reported */
} Tree;

/* How deep expressions, types and blocks may nest: every recursion over the tree stays far below 8 MiB of stack. */
enum { TREE_DEPTH_LIMIT = 200 };

/* The same expression, whatever the places. */
int expr_equal(const Expr *a, const Expr *b);
/* The same tree, whatever the places: for tests of the formatter. */
int tree_equal(const Tree *a, const Tree *b);
/* Calls [visit] for each expression that stands directly in this one, in the order of the text. */
void expr_each(const Expr *expr, void (*visit)(void *context, const Expr *inner), void *context);
/* "a resource", "a function": for messages. */
const char *decl_kind_name(DeclKind kind);
/* Its `///` text, empty where there is none. */
Str decl_doc(const Decl *decl);

#endif
