/* Names and words of a plan in policies and tests: known before there is a plan, so what can never be true is found by the check. */
#ifndef PHX_COMPILER_CHECK_PLAN_H
#define PHX_COMPILER_CHECK_PLAN_H

#include "compiler/scope.h"

/* What of a plan an expression stands for. */
typedef enum PlanPart {
    PART_NONE,              /* nothing that is known */
    PART_PLAN, PART_STEPS, PART_STEP, PART_SUMMARY,
    PART_VERB, PART_CLASS, PART_TYPE,   /* texts of a fixed set */
    PART_COMMANDS,          /* a list of kinds of commands */
    PART_FINDINGS, PART_FINDING,
    PART_OTHER              /* a value that can be anything of its kind */
} PlanPart;

/* `base.field`, and an element of a list. */
PlanPart plan_part_field(PlanPart base, const Name *field);
PlanPart plan_part_item(PlanPart list);
/* Reports a field that the part does not have. */
void check_plan_field(Session *session, PlanPart base, const Ident *field);
/* Reports texts in [expr], a literal or a list of literals, that the part it is compared with can never be. */
void check_plan_words(Session *session, PlanPart part, const Expr *expr);

#endif
