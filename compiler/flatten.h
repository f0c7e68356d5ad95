/* The inside of session_flatten and session_adopt: what they share. Resources get names (flatten.c, adopt_names.c), an order, assignments, profiles
   (flatten_shared.c) and are written (flatten_write.c), in this order. */
#ifndef PHX_COMPILER_FLATTEN_H
#define PHX_COMPILER_FLATTEN_H

#include "compiler/graph.h"
#include "compiler/phx_value.h"

/* How often something must come to get a name; a profile has as many attributes at least. */
enum { SHARED_LEAST = 3 };

/* `name = value`: an attribute of a resource, or of its meta-attributes. */
typedef struct Assignment {
    Str name;
    Str text;                   /* the value, in one line */
    const Value *value;
    uint32_t kind;              /* the same for all that are equal, in Flattening.kinds */
} Assignment;

typedef struct Plain {
    Instance *instance;
    Str name;
    uint32_t rank;              /* of its type */
    uint32_t place;             /* behind what it needs */
    Str profile;                /* empty: none */
    VECTOR(Assignment) assignments;
    VECTOR(Str) notes;          /* comments at the end of its body */
} Plain;

/* Assignments of one type that are equal. */
typedef struct Kind {
    const Assignment *first;
    const Schema *schema;
    uint32_t count;             /* how many write it themselves: fewer once some of them got it from a profile */
    uint32_t use;               /* the number of the profile that it was last tried for and is good for */
    Str let;                    /* the name of a long value; empty: none */
} Kind;

typedef struct RepeatedAddress {
    Str field;                  /* the attribute or field that has it */
    const Value *value;
    uint32_t count;
    int mixed;                  /* others have it, too */
} RepeatedAddress;

typedef struct Flattening {
    PhxWriter writer;
    Session *session;
    Arena *arena;
    Plain *plains;
    uint32_t count;
    VECTOR(Kind) kinds;
    VECTOR(RepeatedAddress) addresses;
    const Str *types;           /* what resource types are called in the text, by their numbers; NULL: as they are called themselves */
    Text profiles;
    Text lets;
    Text body;
} Flattening;

/* What stands before the declarations. */
typedef struct FlattenHead {
    Str comment;                /* lines */
    int is_part;                /* of a site that has its first line elsewhere */
    const NamedText *ignores;   /* checks that the text silences, each with its reason */
    size_t ignore_count;
    uint32_t errors;            /* how many there were before: a text that has more is no text to lay out */
} FlattenHead;

/* ---- flatten_write.c ---- */

/* What a resource type is called in the text. */
Str flatten_type(const Flattening *f, const Schema *schema);

/* By type, the types in the order in which the last of each can be made; within a type each behind what it needs. The first nodes of [graph] are
   the resources. */
void flatten_order(Flattening *f, Graph *graph);
/* Addresses that repeat become a `let`. */
void flatten_addresses(Flattening *f);
/* What each resource writes, as text. */
void flatten_assignments(Flattening *f);
/* The declarations, to f->body. */
void flatten_plains(Flattening *f);
/* The parameters, or secrets, that stand for values that may not be written. */
void flatten_secrets(const PhxWriter *writer, Text *out);
/* In the layout of `phxc fmt`; 0 after a report. */
int flatten_layout(Session *session, const Text *text, Text *out);
/* All of it, laid out; frees the parts. 0 after a report. */
int flatten_text(Flattening *f, const FlattenHead *head, Text *out);

/* ---- flatten_shared.c ---- */

/* Makes profiles of what many resources of a type write, and takes it out of them. The resources stand by type. */
void flatten_profiles(Flattening *f);
/* And gives names to long values that are still written several times. */
void flatten_long_values(Flattening *f);

#endif
