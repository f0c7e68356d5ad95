/* The inside of planning: what its parts share. The pipeline is: collect the objects (planner.c, orphans.c), order them by their needs
   (needs.c, graph.c), choose (selection.c), compare each with the host and evaluate its rules (converge.c, pending.c, removal.c, gates.c, undo.c, all by
   work.c), leave alone what waits for something that is (hold.c), number the steps (schedule.c). back.c plans the way back to what a run found. follow.c answers the questions of apply afterwards. */
#ifndef PHX_COMPILER_PLANNER_H
#define PHX_COMPILER_PLANNER_H

#include "compiler/compare.h"
#include "compiler/graph.h"
#include "compiler/lookup.h"
#include "compiler/ownership.h"
#include "compiler/session.h"
#include "compiler/state.h"
#include "compiler/steps.h"

/* One object on a place that the plan has to do with: a resource of the text, or an orphan that is pruned. */
typedef struct Item {
    Instance *instance;         /* of an orphan one that is made of what the host has */
    Str place;                  /* address, "" for the default place */
    const Value *have;          /* record; NULL: the host has none */
    const Instance *away;       /* the place where that is, if it is not its own; else NULL */
    Str object;                 /* the name that the schema gives to what is written; empty until the item has been compared */
    const Str *locks;
    uint32_t lock_count;
    uint32_t first_step;        /* in Planning.made */
    uint32_t step_count;
    uint32_t former;            /* of what is taken back: its number among the former objects, + 1; else 0 */
    uint8_t is_orphan;
    uint8_t renumbered;         /* an orphan whose address has another identity in the text now */
    uint8_t selected;
    uint8_t adopt;              /* an option asks for it: 1 by "all", 2 by its address */
    uint8_t blocked;            /* it is left as it is */
    uint8_t holds;              /* and is not as the text says, or nobody knows: what needs it is left alone too */
    uint8_t missing;            /* the host has none at the time of planning */
    uint8_t disowned;           /* it is no longer this site's when its steps are done */
    uint8_t unsure;             /* nobody knows whether the host has one: it stands in something that is not there yet, or does not run */
} Item;

/* A node of the graph. The first ones are the items, by their numbers. Then comes one for the end of each phase, and one for each item that
   others stand in: that it is ready, with all that stands in it. */
typedef struct Node {
    uint32_t item;              /* of a place that is ready its item; else 0 */
    uint32_t wave;              /* of its last step, or of the last step of what it needs */
    NodeList tails;             /* steps that whoever needs this waits for */
} Node;

/* What several resources may write: its steps stand one after the other, the first carries the digest that was planned with. */
typedef struct Object {
    uint32_t last_item;         /* number of the last item with steps on it, + 1 */
    int touched;                /* a command on it stands in the plan already */
    const Value *digest;        /* as last read; NULL: unknown */
} Object;

typedef struct Planning {
    Session *session;
    const PlanOptions *options;
    const FormerObject *formers;    /* what is taken back; NULL: nothing, the site is to be as written */
    uint32_t former_count;
    Item *items;                /* in the order of their addresses: an item's number is its place in this order */
    uint32_t count;
    uint32_t *by_instance;      /* Instance.number to item number */
    Lookup *identities;         /* identity_key to item number + 1; UINT32_MAX: a resource that is left out of the plan */
    Graph *graph;
    Node *nodes;
    uint32_t node_count;
    uint32_t phase_first;       /* the node of the first phase: as many as there are items */
    uint32_t *ready;            /* item number to the node that says that it is ready; 0: nothing stands in it */
    const Instance **held;      /* of each node what it waits for in vain: a resource that is left alone, or out of the plan; NULL: none */
    Lookup *object_numbers;     /* name to place in objects, + 1 */
    VECTOR(Object) objects;
    VECTOR(Step *) made;        /* steps in the order in which they are made */
    Step **steps;               /* and in that of the plan */
    Plan *plan;                 /* once it was made */
    int undone;                 /* the ways back are filled in */
    VECTOR(Bystander) blocked;
    VECTOR(Bystander) orphans;
    VECTOR(Bystander) stays;
    VECTOR(Uncertain) not_compared;
    Lookup *unknown;            /* places and types whose missing facts were reported */
    /* of the item that is being planned */
    Drafts drafts, undo;
    Comparison comparison;
    Diagnostics *quiet;         /* takes the reports about undo, which may fail */
    const Value *none, *empty_list, *empty_record, *timeout;
} Planning;

/* What is known of an object while its rules are evaluated. */
typedef struct Work {
    Planning *planning;
    Item *item;
    RuleContext context;
    RuleUse use;                /* rule is set for each */
} Work;

/* ---- planner.c ---- */

/* The objects in the order of their addresses, their needs, and which of them the options choose: all that a plan, or another form of the site,
   begins with. Needs facts (an empty host's will do). NULL after a report. */
Planning *planning_collect(Session *session, const PlanOptions *options);
/* "3\npve.node.host\n952": one object on one place. */
Str identity_key(Arena *arena, const Schema *schema, Str place, Str identity);
/* The same for a run that is taken back: the resources of the site, none of which is chosen, and [extra] items, all of which are. */
Planning *planning_collect_back(Session *session, const PlanOptions *options, const FormerObject *formers, uint32_t former_count, const Item *extra,
                                uint32_t extra_count);
/* The plan of what was planned. */
Plan *plan_make(Planning *planning);
/* The number of the item with this address, or -1. */
int64_t planning_find(const Planning *planning, Str address);
/* SHA-256 over what is known of the object of an item; empty where there is none. */
Str item_seen(Session *session, const Item *item);
/* "on host pve.node.host", "on the host" */
Str place_phrase(Session *session, Str place);

/* ---- request.c ---- */

PlanRequest request_of(Session *session, const PlanOptions *options);

/* ---- orphans.c ---- */

/* What carries this site's stamp and is no longer in the text: to planning->orphans, or with `prune` to [items]. */
typedef VECTOR(Item) ItemVector;
void orphans_find(Planning *planning, ItemVector *items);
/* The edges of orphans among the items: by the identities that their attributes hold. */
void orphans_order(Planning *planning);

/* ---- back.c ---- */

/* The edges among what is taken back: what was done later goes first. */
void back_order(Planning *planning);

/* ---- needs.c ---- */

/* Makes the nodes and the graph; 0 after a report (a cycle, a need of what must not exist). */
int needs_build(Planning *planning);
/* The numbers of the items that an item needs, ascending, in the session's arena: of those in which others stand too, which it waits for with all that
   stands in them. Phases are none. */
NodeList item_needs(Planning *planning, uint32_t number);

/* Does it stand in the target, however deep? */
int instance_stands_in(Session *session, const Instance *instance, const Instance *target);

/* ---- selection.c ---- */

/* Marks the items that the options choose; 0 after a report. */
int selection_mark(Planning *planning);
/* 1 where `allow` in the text or the options lets the item lose data. */
int selection_allows(const Planning *planning, const PlanOptions *options, const Item *item);

/* ---- work.c ---- */

/* Takes up one item: what its rules see of it but for the differences. */
void work_init(Work *work, Planning *planning, Item *item);
/* Evaluates a rule and adds its steps to [drafts]; 0 after a report. A rule that is not there gives nothing. */
int work_rule(Work *work, Rule rule, Drafts *drafts);
/* Puts a draft into the plan. [reason] is for a draft that has none of its own. */
Step *work_emit(Work *work, const Draft *draft, Str reason, Undo way_back);
/* What more is known of a step, to be filled in. */
StepMore *work_more(Session *session, Step *step);
/* The attributes that are wanted, as a record. */
const Value *work_wanted(Work *work);
/* Is a difference of class restart one that needs the rule `restart` now? */
int work_is_live(Work *work);
/* The digest of the object as the facts have it; NULL: unknown. */
const Value *work_digest(Work *work);
/* A copy of [base] with these fields replaced and, where a value is NULL, taken away; fields that are not there read as none. */
const Value *record_overlay(Session *session, const Value *base, const Field *fields, uint32_t count);

/* ---- converge.c ---- */

/* Compares one item with the host and adds its steps. Reports what can't be done. */
void item_converge(Planning *planning, uint32_t number);
/* The steps that make an object that is missing, or change one by the comparison of [planning]. */
void item_create(Work *work);
void item_change(Work *work, Ownership ownership);
/* Between these two the session allocates in its scratch arena: of what planning one item takes, only its steps are kept. */
void planning_scratch(Planning *planning);
void planning_kept(Planning *planning);
/* Is its stamp a line in the index of names? */
int adopts_by_index(const Schema *schema);

/* Names an item that is left as it is, and why; it holds what needs it. */
void item_block(Planning *planning, Item *item, Str reason);
/* Reports that a rule gives no step although [what]. Gives 0. */
int rule_gives_nothing(Work *work, Rule rule, Str what);

/* ---- gates.c ---- */

/* Adds the steps of checks: of those right before or after which something has a step. After all others were converged. */
void gates_converge(Planning *planning, NodeList order);

/* ---- hold.c ---- */

/* Before all nodes: which phases lack a resource that is left out of the plan? */
void holds_begin(Planning *planning);
/* After all that a node needs: does it wait in vain? If it is an item its steps are taken back. */
void node_hold(Planning *planning, uint32_t node);
/* Blocks an item that would have a step and waits in vain. */
void item_wait(Planning *planning, uint32_t number);

/* ---- pending.c ---- */

/* Where the schema has the rule `pending`: the changes that it names wait for a restart, the others take effect at once. 0 after a report. */
int pending_settle(Work *work);
/* Does one of the differences wait for a restart, with these steps? */
int pending_restart(const Comparison *comparison, const Drafts *drafts);

/* ---- removal.c ---- */

void item_remove(Work *work, Str reason);
/* Of what is gone, or of an object that others write too and in which nothing of this site's is left: at most its name stands in the index. */
void item_forget(Work *work, Str reason);
/* May it not be removed? The reason, or an empty text. */
Str item_protection(Session *session, const Item *item);

/* ---- policy.c ---- */

typedef VECTOR(Denial) DenialList;
/* Adds and reports what the site's policies deny. */
void policies_apply(Session *session, const Plan *plan, DenialList *denials);

/* ---- plan_value.c ---- */

/* The plan as policies and tests see it, and one of its steps. */
const Value *plan_value(Session *session, const Plan *plan, const Denial *denials, uint32_t denial_count);
const Value *step_value(Session *session, const Step *step);

/* ---- schedule.c ---- */

/* Waves, order, ids, `after`, digests: from planning->made to planning->steps. */
void schedule_steps(Planning *planning, NodeList order);
Object *planning_object(Planning *planning, Str name);

#endif
