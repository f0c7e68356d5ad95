/* The inside of session_flatten: what its parts share. */
#ifndef PHX_COMPILER_FLATTEN_H
#define PHX_COMPILER_FLATTEN_H

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
    Text profiles;
    Text lets;
    Text body;
} Flattening;

/* flatten_shared.c: makes profiles of what many resources of a type write, and takes it out of them. The resources stand by type. */
void flatten_profiles(Flattening *f);
/* And gives names to long values that are still written several times. */
void flatten_long_values(Flattening *f);

#endif
