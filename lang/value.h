/* The one immutable value: of evaluation, inspected state, facts, JSON and differences. */
#ifndef PHX_LANG_VALUE_H
#define PHX_LANG_VALUE_H

#include "lang/name.h"
#include "lang/source.h"
#include "lang/text.h"

typedef enum ValueKind {
    VALUE_POISON,       /* already reported: whoever meets it stays silent and passes it on */
    VALUE_NONE,         /* an optional that was not given */
    VALUE_UNSET,        /* "clear it on the host" */
    VALUE_UNKNOWN,      /* filled in at apply: see HoleKind */
    VALUE_BOOL,
    VALUE_INT,
    VALUE_FLOAT,
    VALUE_STRING,
    VALUE_SIZE,         /* whole bytes */
    VALUE_DURATION,     /* whole milliseconds */
    VALUE_PERCENT,      /* a double: 80% is 80 */
    VALUE_RATE,         /* whole bytes a second */
    VALUE_IP,           /* an address */
    VALUE_CIDR,         /* an address and the length of its network prefix */
    VALUE_MAC,          /* 48 bits */
    VALUE_LIST,
    VALUE_RECORD,       /* records, maps and, with a tag, tagged values */
    VALUE_REFERENCE     /* to a resource */
} ValueKind;

enum ValueFlag {
    VALUE_SECRET = 1,       /* must not be printed; everything computed from it carries the flag too */
    VALUE_IMPLICIT = 2,     /* the host says so by default: nobody set it */
    VALUE_LEFT_OUT = 4      /* of a poison: the finding was a warning on imported data, and the item is left out */
};

/* What fills an unknown that is not itself the result of a computation. */
typedef enum HoleKind {
    HOLE_UNKNOWN,       /* an attribute known once its resource is applied; text names it */
    HOLE_SECRET,        /* text is the secret's name */
    HOLE_DIGEST         /* text is the object, e.g. "guest:952" */
} HoleKind;

/* A value that is filled in later. */
typedef struct Unknown {
    Str text;                           /* what it is: "net0.ip of pve.lxc.x", a secret's name, an object */
    const struct Deferral *deferral;    /* how compiler/ computes it once the values in it are known; NULL: it is known by itself */
} Unknown;

typedef struct Address {
    uint8_t bytes[16];  /* IPv4 in the first four */
    uint8_t version;    /* 4 or 6 */
    uint8_t prefix;     /* of VALUE_CIDR */
} Address;

/* What a reference points at; compiler/ puts its resource behind this head. */
typedef struct Referent {
    Str address;        /* "pve.lxc.qdrant" */
} Referent;

typedef struct Value Value;
typedef struct Record Record;

struct Value {
    Span origin;        /* where it was written, or the host it was read on */
    uint8_t kind;       /* ValueKind */
    uint8_t flags;
    uint8_t hole;       /* HoleKind of VALUE_UNKNOWN */
    uint8_t depth;      /* levels of lists and records, itself included; 0 for all others */
    union {
        int boolean;
        int64_t integer;            /* int, size, duration, rate, mac */
        double number;              /* float, percent */
        Str string;                 /* string */
        const Unknown *unknown;
        const Address *address;     /* ip, cidr */
        struct { const Value *const *items; uint32_t count; uint32_t size; } list;
        const Record *record;
        const Referent *reference;
    } as;
};

typedef struct Field {
    const Name *name;
    const Value *value;
    Span span;          /* of the key, where there is one */
} Field;

struct Record {
    const Name *tag;    /* of a tagged value, else NULL */
    uint32_t count;
    uint32_t mask;      /* size - 1 of the index, 0 without one */
    uint32_t size;      /* how many values there are in it, at any depth, itself included; of lists likewise */
    int open;           /* a field that is not there reads as none */
    const Field *fields;    /* in the order written; names are unique */
    uint32_t *index;        /* hash table over fields, for more than 8 of them */
    const void *shape;      /* the type it was accepted as, for compiler/; NULL where it is not yet typed */
};

/* No value nests deeper or holds more values than this, however it was computed: so every walk over a value may recurse,
   and lists that hold each other twice over can't grow without bound. */
enum { VALUE_DEPTH_LIMIT = 200, VALUE_SIZE_LIMIT = 1 << 27 };

/* Constructors: the value belongs to [arena]; text and items are kept, not copied. A list or record past the limits comes
   out as poison: whoever lets values be nested looks at the kind of the result and reports it. */
const Value *value_poison(Arena *arena, Span origin, uint8_t flags);
const Value *value_none(Arena *arena, Span origin);
const Value *value_unset(Arena *arena, Span origin);
const Value *value_unknown(Arena *arena, Span origin, HoleKind hole, Str text);
const Value *value_deferred(Arena *arena, Span origin, HoleKind hole, Str text, const struct Deferral *deferral);
/* Must it not be printed, nor be a key, because of what it is or was computed from? Of lists and records this does not look at the parts. */
int value_is_secret(const Value *value);
const Value *value_bool(Arena *arena, Span origin, int boolean);
/* int, size, duration, rate or mac */
const Value *value_integer(Arena *arena, Span origin, ValueKind kind, int64_t integer);
/* float or percent; a NaN or infinity is a programming error */
const Value *value_number(Arena *arena, Span origin, ValueKind kind, double number);
const Value *value_string(Arena *arena, Span origin, Str string);
const Value *value_address(Arena *arena, Span origin, ValueKind kind, const Address *address);
const Value *value_list(Arena *arena, Span origin, const Value *const *items, uint32_t count);
const Value *value_reference(Arena *arena, Span origin, const Referent *referent);
/* [fields] must have unique names; builds the index. */
const Value *value_record(Arena *arena, Span origin, const Name *tag, const Field *fields, uint32_t count);
/* The same where names may repeat: NULL if one does. */
const Value *value_record_checked(Arena *arena, Span origin, const Name *tag, const Field *fields, uint32_t count);
/* The same value with another origin, or with flags added. */
const Value *value_at(Arena *arena, const Value *value, Span origin);
const Value *value_flagged(Arena *arena, const Value *value, uint8_t flags);

/* The field's value or NULL; constant time. */
const Value *record_get(const Record *record, const Name *name);
const Field *record_field(const Record *record, const Name *name);
/* The same record with this value of one field, which it may not have yet. */
const Record *record_with(Arena *arena, const Record *record, const Name *name, const Value *value);

/* Builds records field by field; a name that is already there is refused with 0 and the earlier field in [earlier]. */
typedef struct RecordBuilder {
    Arena *arena;       /* set by the caller, as are shape and open of the record, where it is to have them; the rest 0 */
    const void *shape;
    int open;
    VECTOR(Field) fields;
    uint32_t *index;
    uint32_t mask;
} RecordBuilder;
/* Room for [count] fields and not one more: for those who know how many will come. Only on an empty builder. */
void record_reserve(RecordBuilder *builder, uint32_t count);
int record_add(RecordBuilder *builder, const Name *name, const Value *value, Span span, Field **earlier);
/* The record; the builder is then as empty as at first. */
const Value *record_finish(RecordBuilder *builder, Span origin, const Name *tag);

/* Deep equality; origins and flags do not count; records whatever the order; 5 and 5.0 differ. References by target. */
int value_equal(const Value *a, const Value *b);
/* Total order of values of one kind (int, float, string, size, duration, percent, rate, ip, cidr, mac, bool); -2 where
   they can't be compared, else -1, 0, 1. */
int value_compare(const Value *a, const Value *b);
/* Equal values have equal hashes. */
uint32_t value_hash(const Value *value);

/* "string", "size", ...: the word for messages. */
const char *value_kind_name(ValueKind kind);
/* The same with its article: "a string", "an int", "no value". */
const char *value_kind_phrase(ValueKind kind);

/* As phx would write it: `"text"`, `16GiB`, `[1, 2]`, `{ a = 1 }`. A secret prints as `(secret)`. Cut after [limit]
   bytes with "..." where limit > 0. */
void value_print(const Value *value, size_t limit, Text *out);
/* Like value_print, but a string (the outermost only) without quotes: for interpolation. */
void value_print_plain(const Value *value, Text *out);

#endif
