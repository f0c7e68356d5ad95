/* What is computed from values that are only known at apply: kept as a computation, and carried out then. */
#ifndef PHX_COMPILER_DEFER_H
#define PHX_COMPILER_DEFER_H

#include "compiler/eval.h"

typedef enum DeferKind {
    DEFER_TEXT,         /* the texts of the values, one after the other */
    DEFER_CALL,         /* a function of builtins_*.c; a parameter that was not given is NULL */
    DEFER_OPERATOR      /* of two values */
} DeferKind;

typedef struct Deferral {
    DeferKind kind;
    const Builtin *builtin;         /* of a CALL */
    const Expr *expr;               /* of a CALL or OPERATOR: where it is written */
    const Value *const *values;
    uint32_t count;
} Deferral;

/* The result, to be computed later. It is secret where one of the values is, and then named like that secret. */
const Value *defer_call(Session *session, const Builtin *builtin, const Expr *expr, const Value *const *values, uint32_t count);
const Value *defer_operator(Session *session, const Expr *expr, const Value *left, const Value *right);

/* A text with holes, put together from left to right: [text] gathers what is known, and is emptied at each hole. */
typedef VECTOR(const Value *) Parts;
void parts_add(Session *session, Parts *parts, Text *text, const Value *unknown);
/* The whole; a hole alone is itself. */
const Value *parts_value(Session *session, Parts *parts, Text *text, Span origin);
/* Of a text with holes the list of its strings and unknowns, which is how commands hold it; every other value is itself. */
const Value *parts_list(Session *session, const Value *value);

/* What fills one that is not computed: an attribute, a digest, a secret. NULL: still unknown. */
typedef const Value *DeferFill(Session *session, const Value *unknown);
/* The value with everything in it filled in and computed; NULL where something is still unknown, or fails (reported). */
const Value *defer_force(Session *session, const Value *value, DeferFill *fill);

/* Calls [visit] for each secret in the value, at any depth, also in what is computed. */
void secrets_each(const Value *value, void (*visit)(void *context, Str name), void *context);

/* A copy that outlives the scratch arena. */
const Deferral *deferral_keep(Session *session, const Deferral *deferral);

#endif
