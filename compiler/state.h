/* The inside of a session: what the parts of compiler/ share. runtime/ never sees it. */
#ifndef PHX_COMPILER_STATE_H
#define PHX_COMPILER_STATE_H

#include "compiler/eval.h"
#include "compiler/facts.h"

/* Names that the compiler itself looks for, interned once. */
typedef struct Words {
#define WORD(constant, text) const Name *constant;
#include "compiler/words.def"
#undef WORD
} Words;

/* A check has found something: at this resource, or (NULL) at none in particular. */
typedef struct Finding { Str name; const Instance *instance; Span span; } Finding;

typedef struct LintRun { const Decl *decl; const Frame *frame; } LintRun;

typedef struct TestRun {
    const Decl *decl;
    const Frame *frame;
    int asks_findings;              /* so an error of the site is a result, and no failure */
} TestRun;

/* Two profiles that write one attribute: they must agree. */
typedef struct Conflict {
    Instance *instance;
    Slot *slot;                     /* from the first profile */
    Thunk other;
    Span other_span;
    const Binding *profile;
} Conflict;

struct Session {
    Arena *arena;                   /* what is allocated now goes here: the one or the other of */
    Arena *permanent;               /* what lives as long as the session, */
    Arena *scratch;                 /* and what rules and checks only need on the way to their result */
    Names *names;
    Sources *sources;
    Diagnostics *diagnostics;
    SessionOptions options;
    Words words;

    Scope *prelude;                 /* what stdlib declares */
    const Frame *prelude_frame;
    Scope *site_scope;              /* the main file's */
    const Frame *site_frame;
    VECTOR(struct Part *) library;  /* the declarations of stdlib */
    uint32_t library_read;          /* so many of them, from the first, are read for sure */
    VECTOR(struct Module *) modules;    /* the site's, in the order in which they were met */
    Str site;
    int64_t edition;

    VECTOR(const Schema *) schemas;
    uint32_t complete;              /* schemas whose attributes and rules are known */
    VECTOR(Instance *) instances;   /* in order of expansion */
    VECTOR(Group *) groups;
    VECTOR(const Phase *) phases;   /* in the order in which they were met */
    VECTOR(struct Secret *) secrets;    /* those that are declared */
    struct Lookup *phase_numbers;   /* name to place in phases, + 1; NULL: there is none */
    Instance *place;                /* where resources stand that do not say `on`: the only place of the site */
    uint32_t place_count;
    struct Lookup *hosts;           /* address to number + 1 of what others stand on; NULL: nothing is */
    VECTOR(LintRun) lints;
    VECTOR(LintRun) asserts;
    VECTOR(LintRun) outputs;        /* of the main file */
    VECTOR(LintRun) ignores;
    VECTOR(Finding) findings;       /* all so far, also those that are not shown */
    VECTOR(const Binding *) unused; /* parameters that no body names */
    VECTOR(Str) uniques;            /* every text that an option `unique` has */
    VECTOR(LintRun) policies;
    VECTOR(TestRun) tests;
    const TestRun *test;            /* that is being run: found(...) may be asked */
    struct Module *site_module;     /* the main file */
    int loaded;                     /* names were looked up, imported data was read */
    struct SiteFacts *site_facts;   /* NULL where the site declares none */
    const Record *recorded;         /* of a facts file: the values of facts by their names; or NULL */
    struct BuiltinIndex *builtins;
    const Name *members[32];        /* "0", "1", ...: see position_name */
    Scope *tags;                    /* every tag that some type declares; the bindings say only where */
    struct Regexps *regexps;        /* the regular expressions compiled so far */
    VECTOR(Conflict) conflicts;

    /* evaluation */
    uint64_t steps;                 /* spent so far, of EVAL_STEP_LIMIT */
    uint32_t depth;                 /* thunks being evaluated on the C stack */
    uint32_t calls;                 /* functions being called */
    uint64_t memos;                 /* how many values in the scratch arena are remembered: what was allocated meanwhile can't be given back */
    Thunk *suspended;               /* the thunk for whose sake evaluation unwinds, or NULL */
    ThunkAccept *suspended_accept;
    void *suspended_context;
    const Value *suspension;        /* the poison that unwinds */
    const struct Running *running;  /* the thunks being evaluated, innermost first: for the message about a cycle */
    const struct Defaulting *defaulting;    /* the defaults of attributes being computed, innermost first: a circle is an error */
    int expanded;                   /* all resources are known: all(TYPE) may be asked */
    int limit_reported;
    int judging;                    /* a check runs: what is not known yet is nothing to be found fault with */
    int data_left_out;              /* a part of imported data was of no use, and nobody knows what would have stood there */
    const RuleContext *rule;        /* the rule being evaluated, or NULL */

    Facts *facts;
    uint32_t facts_source;          /* number of the facts file's source: no source of the site; 0 where there is none */
    int survey;                     /* all that the places have is to be known, not only what the site has to do with */
    struct Inspection *inspection;
    struct Doctor *doctor;
    struct Planning *planning;      /* of the last session_plan */
    VECTOR(const Record *) terms;   /* of the commands of plans */
    const Value **texts;            /* of the texts in them the last one of each hash, those made of secrets not among them; see keep.c */
};

/* Some five seconds: no site needs it, a runaway product of loops does. The fuzzers set it lower. */
#ifndef PHX_EVAL_STEPS
#define PHX_EVAL_STEPS 100000000
#endif

enum {
    EVAL_STEP_LIMIT = PHX_EVAL_STEPS,
    EVAL_DEPTH_LIMIT = 40,          /* thunks inside thunks before evaluation unwinds and starts with the innermost */
    EVAL_CALL_LIMIT = 100           /* functions inside functions: there is no recursion, so only a chain this long of different ones */
};

/* Evaluation of rules and checks leaves much behind that nobody keeps. session_scratch begins to allocate that in the scratch arena (0 where
   that was so already), session_kept ends it: [value] is copied out as far as it lies there, and the scratch arena is emptied. What is computed
   once and remembered meanwhile is allocated between session_keep and session_restore. */
int session_scratch(Session *session);
const Value *session_kept(Session *session, const Value *value);
Arena *session_keep(Session *session);
void session_restore(Session *session, Arena *arena);
/* What lies in the scratch arena, copied to stay; all else as it is. */
const Value *value_keep(Session *session, const Value *value);
const Record *record_keep(Session *session, const Record *record);
/* The same for a command, of whose texts those that were kept a short while ago are found again: where they were written is forgotten. */
Command command_keep(Session *session, Command command);
Str str_keep(Session *session, Str text);

/* The same name, whether it is written with `-` or `_`? */
int finding_same(Str a, Str b);
/* Does -E or -W ask for it by its own name? */
int finding_asked(Session *session, Str name);
/* Does `ignore NAME` hold at this instance (or in this source)? */
int finding_ignored(Session *session, Str name, const Instance *instance, Span span);
/* Does -E make problems of this code errors in imported data too? */
int problem_is_fatal(Session *session, Code code);
/* A finding of a check written in phx or built in: severity by origin and -E, silenced by `ignore` and -A. Leaves the instance out where it is
   imported and the severity an error. NULL where it is silenced. */
Diagnostic *finding_report(Session *session, Severity severity, Str name, Span span, Instance *instance, Str message);

#endif
