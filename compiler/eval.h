/* Expressions to values: total, pure, bounded. */
#ifndef PHX_COMPILER_EVAL_H
#define PHX_COMPILER_EVAL_H

#include "compiler/instance.h"

/* What the names of a rule stand for: see "Schemas" in lang/README.md. */
typedef struct RuleContext {
    const Schema *schema;
    const Instance *instance;   /* whose attributes the bare names are; NULL where only [want] is known */
    const Value *want;          /* a reference to the instance, or a record of attributes that takes its place */
    const Value *have;          /* record or none */
    const Value *changed;       /* record */
    const Value *cleared;       /* list of property names */
    const Value *waiting;       /* of `pending`: list of names */
    const Value *identity;      /* string */
    const Value *digest;        /* string or unknown */
    const Value *stamp;         /* string: the stamp's text; where it is fenced into an attribute the rule needs nothing of it */
    const Value *timeout;       /* duration: of commands that name none; NULL where none are made */
    const Value *argv;          /* of `exec`: list of what is to be run */
    const Value *destination;   /* of `move`: what the place is called where the object is to be */
    const Value *snapshot_name; /* of `snapshot`: string */
    const Value *raw;           /* of `found` */
    const Value *wanted;        /* of `read` */
} RuleContext;

/* Never NULL; poison after a report. */
const Value *eval(Session *session, const Expr *expr, const Frame *frame);
/* Evaluates once; a chain of any length takes bounded stack: past EVAL_DEPTH_LIMIT evaluation unwinds (with a silent poison) and starts again with
   the innermost. [accept], where set, turns the raw value into the final one; it finds what the thunk stands in by the thunk's address. */
typedef const Value *ThunkAccept(Session *session, Thunk *thunk, void *context, const Value *value);
const Value *thunk_force(Session *session, Thunk *thunk, ThunkAccept *accept, void *context);
/* The value of a name's binding where it has one; poison after a report. */
const Value *binding_value(Session *session, Binding *binding, Span span);
/* What a name or a chain `module.name` is bound to, NULL where it is no binding (a local, an attribute, or nothing). */
Binding *binding_of(Session *session, const Expr *expr, const Frame *frame);
Binding *frame_find(const Frame *frame, const Name *name);
/* The same for a dotted name: declared as a whole, or behind the name of a module. */
Binding *frame_find_path(Session *session, const Frame *frame, const Name *name);
/* `a.b.c` as one name; NULL where the expression is no such chain. */
const Name *dotted_name(Session *session, const Expr *expr);
/* Is a thing unwinding for an inner thunk's sake? Then whatever was computed is void. */
int eval_suspended(const Session *session);

/* The parts of eval, a file each. */
const Value *eval_operator(Session *session, const Expr *expr, const Frame *frame);
const Value *eval_call(Session *session, const Expr *expr, const Frame *frame);
const Value *eval_loop(Session *session, const Expr *expr, const Frame *frame);
const Value *eval_list(Session *session, const Expr *expr, const Frame *frame);
const Value *eval_record(Session *session, const Expr *expr, const Frame *frame);
const Value *eval_with(Session *session, const Expr *expr, const Frame *frame);
const Value *eval_index(Session *session, const Expr *expr, const Frame *frame);
/* A condition: 1, 0, or -1 after a report (then *poison is what to pass on). */
int eval_condition(Session *session, const Expr *expr, const Frame *frame, const Value **poison);
/* The bound on evaluation was passed: reported once. */
const Value *eval_limit(Session *session, Span span);
/* A list or record that was just made of good parts: poison means that it passed the limits of values, and is reported. */
const Value *eval_bounded(Session *session, Span span, const Value *made);
/* An operator of two values on values that are known. */
const Value *operator_apply(Session *session, const Expr *expr, const Value *left, const Value *right);
/* `base.name` of a value. */
const Value *eval_field(Session *session, const Value *base, const Name *name, Span span, int safe);
/* "0", "1", ...: asked for so often that the first are kept. */
const Name *position_name(Session *session, int32_t member);
/* What a loop runs over. */
typedef struct Cursor {
    const Value *collection;
    int keyed;              /* are keys wanted? */
    uint32_t at;
    const Value *key;
    const Value *item;
} Cursor;
int cursor_open(Session *session, Cursor *cursor, const Value *collection, int keyed, Span span);
int cursor_next(Session *session, Cursor *cursor);
/* A function that is declared in phx. */
const Value *function_call(Session *session, Binding *function, const Expr *call, const Frame *frame);
/* Values for a list of parameters out of the arguments of a call or the attributes of a body; 0 after a report. */
typedef struct Given { const Name *name; Span span; const Value *value; } Given;

/* A rule of a schema; NULL where the schema has none, poison after a report. */
const Value *rule_eval(Session *session, Rule rule, const RuleContext *context);

/* Reports a problem with [subject]: an error, or, where the subject (or [imported]) comes from imported data, a warning that leaves the item out.
   The result is the poison to pass on; the diagnostic goes to *diagnostic for labels and help. */
const Value *eval_problem(Session *session, Code code, Span span, const Value *subject, Diagnostic **diagnostic, const char *format, ...)
    __attribute__((format(printf, 6, 7)));
/* Does the place lie in imported data? */
int span_is_imported(Session *session, Span span);
/* Of two operands the imported place, else [own]: so that what is computed from imported data points there. */
Span origin_of(Session *session, Span own, const Value *a, const Value *b);

/* Text of a value inside a string: a reference prints as its identity; 0 where it has no text (reported). */
int value_to_text(Session *session, const Value *value, Span span, Text *out, uint8_t *flags);

/* ---- functions in C ---- */

typedef struct Call {
    Session *session;
    const Expr *expr;               /* the call */
    const Frame *frame;
    const Value **values;           /* the parameters in order; missing optional ones are NULL */
    uint32_t count;
    const RuleContext *rule;        /* the rule it stands in, or NULL */
} Call;

typedef enum BuiltinKind {
    BUILTIN_PLAIN,
    BUILTIN_RULE,       /* only in the rules of a schema; it takes what is not known yet as it is */
    BUILTIN_PICK,       /* it gives one of the values that it was given, known or not */
    BUILTIN_ASK         /* it asks what a value is, known or not */
} BuiltinKind;

typedef struct Builtin {
    const char *name;
    const char *signature;          /* "split(text: string, separator: string): [string]": names and order of the parameters; `?` after a name: optional */
    const char *doc;                /* one sentence */
    const char *example;            /* "split(\"a,b\", \",\") == [\"a\", \"b\"]": run as a test; empty for those of rules */
    const Value *(*call)(const Call *call);
    int passes_none;                /* none may be given; else it is an error */
    int kind;                       /* BuiltinKind */
} Builtin;

/* Tables of functions, each in its own file: builtins_collection.c, builtins_text.c, builtins_number.c, builtins_decode.c,
   builtins_encode.c, builtins_rule.c, builtins_lint.c. */
extern const Builtin builtins_collection[], builtins_text[], builtins_number[], builtins_decode[], builtins_encode[], builtins_rule[], builtins_lint[];
extern const uint32_t builtins_collection_count, builtins_text_count, builtins_number_count, builtins_decode_count, builtins_encode_count,
    builtins_rule_count, builtins_lint_count;
/* The function of that name, or NULL. */
const Builtin *builtin_find(Session *session, const Name *name);

/* For builtins: the parameter as text, a list, ...; a wrong kind is reported and gives 0. */
int call_string(const Call *call, uint32_t index, Str *string);
int call_list(const Call *call, uint32_t index, const Value *const **items, uint32_t *count);
int call_int(const Call *call, uint32_t index, int64_t *integer);
/* The place of the parameter's argument; of the whole call where that was given by name or left out. */
Span call_span(const Call *call, uint32_t index);
const Value *call_poison(const Call *call);
/* A value made by this call: origin of the imported argument if there is one, else of the call; secret if an argument is. */
const Value *call_value(const Call *call, const Value *value);

#endif
