/* Types: what a value may be, and the options that say how a host writes it. */
#ifndef PHX_COMPILER_TYPE_H
#define PHX_COMPILER_TYPE_H

#include "lang/diagnostic.h"
#include "lang/tree.h"
#include "compiler/session.h"

struct Frame;
struct Schema;

typedef enum TypeKind {
    TYPE_POISON,        /* already reported; accepts everything */
    TYPE_JSON,          /* any JSON value */
    TYPE_BOOL, TYPE_INT, TYPE_FLOAT, TYPE_STRING, TYPE_SIZE, TYPE_DURATION, TYPE_PERCENT, TYPE_RATE,
    TYPE_IP, TYPE_CIDR, TYPE_MAC,
    TYPE_LITERAL, TYPE_LIST, TYPE_MAP, TYPE_RECORD, TYPE_TAGGED, TYPE_UNION, TYPE_REFERENCE
} TypeKind;

typedef enum ChangeKind {
    CHANGE_ONLINE, CHANGE_RESTART, CHANGE_GROW, CHANGE_REPLACE, CHANGE_NEVER, CHANGE_CREATE
} ChangeKind;
const char *change_name(ChangeKind change);

typedef struct Type Type;

/* How a host writes a value; the options of lang/README.md with their defaults filled in. */
typedef struct Codec {
    Str property;               /* the host's name */
    int64_t unit;               /* size, duration: a whole number of these; 0: as 1B, 1s */
    int suffix;                 /* size: 16G */
    Str zero;                   /* what stands for zero; empty: nothing does */
    Str truth[2];               /* true, false */
    Str separator;              /* of a list */
    Str separators;             /* characters that part elements when a list is read; empty: as it is written */
    int any_order;
    int whole;                  /* of records and maps: what is not written is not to be there */
    int fraction;               /* a quantity that is no whole number of units is printed with its fraction */
    Str alike;                  /* texts are compared by what the last group of this pattern matches; empty: as a whole */
    int repeat;                 /* of a list: an option for each element */
    int digest;                 /* compare = "digest" */
} Codec;

/* "`type` is one of dir, nfs": which attribute, and the values that it may have. */
typedef struct Condition {
    const Name *attribute;      /* NULL: no condition */
    const Value *values;        /* a list */
} Condition;

/* A field of a record or tagged value, a parameter, or an attribute of a schema. */
typedef struct TypeField {
    const Name *name;
    Span span;
    const Type *type;
    int optional;
    const Expr *fallback;       /* `= EXPR`, or NULL */
    Str doc;
    Codec codec;
    const Value *flag;          /* `--property` as a string: what a command line says before the value */
    const Value *host_default;  /* option `default`, or NULL */
    Str unique;                 /* option `unique`, or empty */
    Str ignored;                /* option `ignored`, or empty */
    int vital;                  /* option `vital`: imported data in which it can't be used is left out as a whole */
    const Name *const *also;    /* older spellings */
    uint32_t also_count;
    const Name *const *synonyms;    /* option `synonyms`: what it is called elsewhere */
    uint32_t synonym_count;
    Str called;                 /* as it is written; a family by its first member, "net0" */
    /* of attributes only: */
    int64_t first, last;        /* family; else first > last */
    ChangeKind change;
    Str never;                  /* the reason of CHANGE_NEVER */
    Str through;                /* of CHANGE_CREATE: another attribute is made of this one and compared in its stead; or empty */
    Str never_clear;            /* option `clear = never("reason")`, or empty */
    const Name *const *flags;   /* option `flags`; NULL: not given */
    uint32_t flag_count;
    int flags_given;
    Condition only;             /* option `only`: where the attribute has a meaning */
    Condition needed;           /* option `needed`: where it must be written */
    int computed;
    int hidden;
    uint32_t number;            /* its place in the schema */
} TypeField;

struct Type {
    uint8_t kind;
    uint8_t secret;
    Span span;
    const Name *name;           /* the `type`d name, for messages; or NULL */
    const Value *low, *high;    /* range, inclusive; NULL open. Of strings: lengths as ints. */
    Str pattern;                /* of strings; empty: none */
    const Type *element, *key;
    int64_t min_count, max_count;   /* of lists; max -1: no limit */
    const TypeField *fields;    /* RECORD, TAGGED */
    uint32_t field_count;
    const Name *tag;
    const Type *const *members; /* UNION */
    uint32_t member_count;
    const struct Schema *schema;    /* REFERENCE; NULL: any resource */
    const Value *literal;
    int strict;                 /* option `strict`: as if all fields were vital, those too that there are not */
    const Str *heads;           /* option `head` of a record */
    uint32_t head_count;
    const Str *head_keys;       /* option `head_keys`: under which the leading part may stand too */
    uint32_t head_key_count;
    const Name *variant[2];     /* option `variant` */
};

/* The type that [expr] writes, names resolved in [frame]; poison after a report. Never NULL. */
const Type *type_resolve(Session *session, const TypeExpr *expr, const struct Frame *frame);
/* The fields of a record, parameter list or schema. */
const TypeField *type_fields(Session *session, const FieldDecl *fields, uint32_t count, const struct Frame *frame);
/* The field with this name, or NULL. */
const TypeField *type_field(const TypeField *fields, uint32_t count, const Name *name);

/* Is something in the type unique, by this text where it is not NULL? */
int type_holds_unique(const Type *type, const Str *unique);

/* Offers the field's name: for itself, for its synonyms and for what the host calls it. */
void type_field_suggest(const TypeField *field, Suggestion *suggestion);

/* What is being checked, for messages: "`cores`", "parameter `gpu` of vllm.server". */
typedef struct Use {
    Str what;
    Span span;          /* where it is used: named when the value comes from elsewhere */
    int quiet;          /* no report: only whether it fits (result NULL) */
    int fresh;          /* the value was made for this use alone */
    int64_t unit;       /* in which the host counts it, for advice; 0: not known */
} Use;

/* [value] as one of [type]: defaults of records filled in, tags resolved, JSON strings read as addresses and so on where the value
   is imported. Poison after a report (flagged VALUE_LEFT_OUT where the finding was only a warning on imported data); NULL where
   it does not fit and the use is quiet. none, unset and unknown are the caller's business, except inside records. */
const Value *type_accept(Session *session, const Type *type, const Value *value, const Use *use);

/* As it would be written: `int(1..8192)`, `"on" | "off"`. Cut at about 120 bytes. */
void type_print(const Type *type, Text *out);
/* Of a type whose values have no parts the kind that they are of; VALUE_POISON for all others. */
ValueKind type_value_kind(const Type *type);
/* "`kind` is "a" or "b"" */
void condition_print(const Condition *condition, Text *out);

#endif
