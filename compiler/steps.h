/* What a rule gives to drafts of steps: commands grouped, classes and verbs read, defaults filled in. */
#ifndef PHX_COMPILER_STEPS_H
#define PHX_COMPILER_STEPS_H

#include "compiler/eval.h"

/* A step before it is put into a plan. */
typedef struct Draft {
    Verb verb;
    int explicit;               /* made by `step(...)`, not of commands that stand alone */
    int has_risk;               /* the rule named the class */
    RiskClass risk;
    Str reason;                 /* empty where the rule gives none */
    VECTOR(Command) commands;
    VECTOR(Effect) effects;     /* what becomes of what goes with the object */
} Draft;

/* The vector and those inside it live in the arena; set count to 0 to use it again. */
typedef struct Drafts {
    VECTOR(Draft) items;
} Drafts;

/* Where a rule's commands run, and for how long. */
typedef struct RuleUse {
    const Schema *schema;
    Rule rule;
    Str place;                  /* of the site: there the index of names is kept */
    const Instance *stands;     /* what the object stands on: that place, or something on it; NULL: the site names no place */
    const Value *timeout;       /* a duration, of commands that name none */
    int timeout_forced;         /* the resource says `timeout`: it goes before what the rule says */
    const RuleContext *context; /* what `retry` of the schema is evaluated with; NULL: nothing is tried again */
    uint32_t retries;           /* how often a command is tried again that `retry` says may be */
} RuleUse;

/* Adds the steps that [value] holds: commands that stand alone become, up to the next `step`, one step of the rule's verb; a `step` is one of
   its own; and so does every further command that carries the object's digest. Lists are flattened, none is passed over. 0 after a report;
   poison is silent. */
int steps_add(Session *session, const RuleUse *use, const Value *value, Drafts *drafts);
/* Adds a command (a tagged record) for the place of the site, as the first or last of a draft. */
void draft_add(Session *session, Draft *draft, const RuleUse *use, const Value *command, int first);

/* The verb of commands that stand alone in a rule. */
Verb rule_verb(Rule rule);
/* The class of a step that does not name one. */
RiskClass verb_risk(Verb verb);

#endif
