/* A plan: steps in execution order, each with its very commands, its reason, its place in the text, its risk and its undo. */
#ifndef PHX_COMPILER_PLAN_H
#define PHX_COMPILER_PLAN_H

#include "lang/diagnostic.h"
#include "lang/value.h"

typedef enum Verb {
    VERB_CREATE, VERB_SET, VERB_RESIZE, VERB_MOVE, VERB_START, VERB_STOP, VERB_RESTART, VERB_SNAPSHOT, VERB_ADOPT, VERB_RUN,
    VERB_WAIT, VERB_REMOVE, VERB_COUNT
} Verb;

/* What a step may cost, from harmless to final. */
typedef enum RiskClass { RISK_NONE, RISK_ONLINE, RISK_RESTART, RISK_DOWNTIME, RISK_DATA_LOSS, RISK_COUNT } RiskClass;

/* "create", ... and back; -1 for an unknown word. */
const char *verb_name(Verb verb);
int verb_find(Str name);
const char *risk_name(RiskClass risk);
int risk_find(Str name);

typedef enum CommandKind { COMMAND_RUN, COMMAND_WRITE, COMMAND_EDIT, COMMAND_HTTP, COMMAND_WAIT, COMMAND_COUNT } CommandKind;
const char *command_kind_name(CommandKind kind);

/* One thing that is done at a place. [fields] and [terms] together hold all that is to be known, defaults too:
     run    argv: [argument], stdin: text or none, timeout: duration, absent, expect: patterns or none,
            changes: a command that must print another thing afterwards, or none,
            retry: pattern of the failures after which it is tried again, retries: how often
     write  path, content: text, mode: "0644", owner: "root:root" or none
     edit   path, section, remove: [pattern], add: [line], digest: text or none
     http   method, url, headers: {text}, body: text or none, timeout, status, expect, ca, certificate, key
     wait   condition: command, within: duration, start: duration, interval: duration, successes: int
   An argument is a string or VALUE_UNKNOWN (an attribute of something not yet made, a secret, a digest). */
typedef struct Command {
    CommandKind kind;
    uint32_t field_count;
    Str place;              /* address of the place; "" is the default place */
    const Field *fields;    /* what the rule says */
    const Record *terms;    /* what it has in common with many others: timeout, retry, retries; NULL: nothing. [fields] goes before it */
} Command;

/* One with the fields of a record; NULL: none. */
Command command_of(CommandKind kind, Str place, const Record *record);
/* The field named by a NUL-terminated word, of the one or the other; NULL where it is none. */
const Value *command_field(const Command *command, const char *name);

/* A place that something in a plan comes from. */
typedef struct PlanLink {
    Span span;              /* in a text or in data of the user */
    const char *what;       /* "attribute", "declaration", "loop", ... */
} PlanLink;
typedef struct PlanLinks { const PlanLink *items; uint32_t count; } PlanLinks;

/* One attribute (or one sub-key of it) that a step changes. */
typedef struct Change {
    Str attribute;          /* "memory", "net0.ip" */
    const Value *have;      /* VALUE_NONE where the host has none */
    const Value *want;      /* VALUE_UNSET where it is cleared */
    const char *change;     /* "online", "restart", "grow", "create" */
    PlanLinks provenance;   /* once session_plan_provenance was called */
} Change;

/* How a step is taken back. */
typedef enum Undo {
    UNDO_NONE,              /* not at all */
    UNDO_CREATION,          /* a step that makes the object, with the ones after it */
    UNDO_CHANGE,            /* by the rule that changes, with the sides exchanged */
    UNDO_ADOPTION,          /* the stamp is taken off */
    UNDO_MOVE               /* by the rule that moves, from its place to where it was */
} Undo;

/* What becomes of a thing that goes with the object of a step. */
typedef enum Fate { FATE_KEPT, FATE_DESTROYED, FATE_REFUSED, FATE_COUNT } Fate;
const char *fate_name(Fate fate);
int fate_find(Str name);

typedef struct Effect {
    Str object;             /* its name on the host */
    Fate fate;              /* REFUSED: the host will not do it, and so the step must not be begun */
    Str note;               /* what it is to the object, or why; or empty */
} Effect;

/* What only some forms of a plan tell of a step. */
typedef struct StepMore {
    const Command *undo;    /* once session_plan_undo was called */
    uint32_t undo_count;
    PlanLinks provenance;   /* once session_plan_provenance was called */
    Str seen;               /* SHA-256 over all that was read of the object; empty where there was none. Once session_plan_identify was called */
} StepMore;

/* There may be some hundred thousand of these: large members first, counts together. */
typedef struct Step {
    const uint32_t *after;  /* ids of the steps it waits for, ascending */
    const Str *locks;       /* "guest:952", "pool:tank=2" (two may hold it) */
    Change *changes;
    const Effect *effects;
    const Command *commands;
    StepMore *more;         /* NULL: nothing of it is known yet; see step_more */
    const char *undo_note;  /* why there is no way back, where there is none, else NULL; once session_plan_undo was called */
    const void *subject;    /* the session's own resource */
    Str address;
    Str identity;           /* the object's name on its place */
    Str reason;
    Str phase;              /* or empty */
    Span source;            /* the resource in the text */
    uint32_t id;            /* from 1, the place in the order */
    uint32_t wave;          /* from 1: all of one wave can run side by side */
    uint32_t after_count, lock_count, change_count, effect_count, command_count;
    uint8_t verb;           /* Verb */
    uint8_t risk;           /* RiskClass */
    uint8_t way_back;       /* Undo */
    uint8_t last;           /* the last step of its resource: everything wanted must hold after it */
    uint8_t unsure;         /* nobody could look when the plan was made: at apply it is looked first, and what is so already is left out */
} Step;

/* Never NULL. */
const StepMore *step_more(const Step *step);

/* A resource on the host that the plan leaves alone although the site has to do with it. */
typedef struct Bystander {
    Str address;            /* of the site; empty for an orphan that is no longer in the text */
    Str type;
    Str identity;
    Str place;
    Str reason;
    Span source;
    int waits;              /* it is blocked only since something else is, which it needs */
} Bystander;

/* A written value that nothing on the host can be compared with: a secret of which there is no digest. */
typedef struct Uncertain {
    Str address;
    Str attribute;
    Span source;
} Uncertain;

/* A step, or the plan as a whole, that may not run. */
typedef struct Denial {
    const Step *step;       /* NULL: the whole plan */
    Str code;
    Str policy;             /* its name; empty where it is no policy's */
    Str reason;
} Denial;

typedef struct PlanSource { Str file; Str sha256; } PlanSource;

/* How the plan was asked for: with the sources all that it takes to make it again. The lists are those of the command line. */
typedef enum RequestList {
    REQUEST_SET,            /* "NAME=VALUE", or "NAME" where the value is a secret */
    REQUEST_ONLY, REQUEST_SKIP, REQUEST_ADOPT, REQUEST_ALLOW, REQUEST_ERROR, REQUEST_WARN, REQUEST_SILENCE, REQUEST_LIST_COUNT
} RequestList;
typedef struct RequestWords { const Str *items; uint32_t count; } RequestWords;
typedef struct PlanRequest {
    Str site;               /* the main file, as it was named */
    int prune;
    int gates;
    RiskClass snapshot_before;
    RequestWords lists[REQUEST_LIST_COUNT];
} PlanRequest;
/* "set", "only", ...: how an option is called. */
const char *request_list_name(RequestList list);

typedef struct Plan {
    Str id;                 /* SHA-256 of the canonical body, hex; empty until session_plan_identify */
    Str site;
    PlanRequest request;
    const PlanSource *sources;      /* of the user's texts and data, in the order of their names; likewise */
    uint32_t source_count;
    Str facts_host;
    Str facts_sha256;       /* over what was read about the resources of the site; likewise */
    uint32_t by_verb[VERB_COUNT];
    uint32_t by_risk[RISK_COUNT];
    uint32_t unchanged;     /* resources without a step */
    RiskClass worst;
    const Step *const *steps;   /* in execution order */
    uint32_t step_count;
    const Bystander *orphans;
    uint32_t orphan_count;
    const Bystander *blocked;
    uint32_t blocked_count;
    const Bystander *stays;         /* of a run that is taken back: what has no way back */
    uint32_t stays_count;
    const Uncertain *not_compared;  /* in the order of addresses */
    uint32_t not_compared_count;
    const Field *facts;             /* name and value of each `fact`, in the order of names */
    uint32_t fact_count;
    const Denial *denials;          /* once session_denied was called */
    uint32_t denial_count;
    const Field *outputs;           /* name and value of each `output` */
    uint32_t output_count;
} Plan;

#endif
