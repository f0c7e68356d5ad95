/* The inside of the check of names: what its parts share (check_names.c: expressions and declarations; check_outcome.c: policies and tests). */
#ifndef PHX_COMPILER_CHECK_NAMES_H
#define PHX_COMPILER_CHECK_NAMES_H

#include "compiler/check_plan.h"

/* Names that are visible: one local, a set of them, the attributes of a schema, or (at the end) real scopes. */
typedef struct Visible {
    const struct Visible *outer;
    const Name *name;
    Scope *scope;
    const Schema *schema;       /* a rule's: its attributes and the rules' words */
    const Frame *frame;         /* module and prelude */
    PlanPart part;              /* of [name]: what of a plan it stands for */
} Visible;

typedef struct Checker {
    Session *session;
    uint32_t calls;             /* functions inside functions, against recursion */
    int asks_findings;          /* a test names its findings */
} Checker;

/* ---- check_names.c ---- */

void check_expr(Checker *checker, const Expr *expr, const Visible *visible);
/* What a callee, or another name in dots, is bound to; NULL: nothing. */
Binding *callee_binding(Checker *checker, const Expr *callee, const Visible *visible);

/* ---- check_outcome.c ---- */

/* What of a plan an expression stands for, as far as that is plain. */
PlanPart part_of(const Expr *expr, const Visible *visible);
void check_policy(Checker *checker, const Decl *decl, const Visible *visible);
void check_test(Checker *checker, const Decl *decl, const Visible *visible);
/* May `found` be called here? */
int in_test(const Visible *visible);
/* found(TYPE, "identity"): the first argument is no value. */
void check_found(Checker *checker, const Expr *expr, const Visible *visible);

#endif
