/* The inside of Facts: shared by those who keep, read and write them. */
#ifndef PHX_COMPILER_FACTS_STORE_H
#define PHX_COMPILER_FACTS_STORE_H

#include "compiler/facts.h"

typedef struct FactObject {
    const Name *identity;
    const Value *have;          /* NULL: known to be gone */
} FactObject;

/* A line of the index of names. */
typedef struct FactOwned {
    const Name *object;         /* "TYPE IDENTITY" as in the line */
    Str address;
    int settled;                /* its object is read with those of the text, or was asked for by name */
} FactOwned;

/* What is known of one type at one place. */
typedef struct FactType {
    struct FactPlace *place;
    const Schema *schema;
    int known;
    const Record *loaded;       /* of a facts file: identity -> attributes, as the text of their JSON; an object in [objects] goes before it. Or NULL. */
    VECTOR(FactObject *) objects;
} FactType;

typedef struct FactPlace {
    const Name *address;
    VECTOR(FactType *) types;
    VECTOR(FactOwned *) owned;
} FactPlace;

/* A hash table from two pointers to one. */
typedef struct PairSlot { const void *first, *second; void *value; } PairSlot;
typedef struct PairMap {
    PairSlot *slots;
    uint32_t count, mask;
} PairMap;

struct Facts {
    Session *session;
    VECTOR(FactPlace *) places;
    PairMap by_place;           /* address */
    PairMap by_type;            /* place, schema */
    PairMap by_object;          /* type, identity */
    PairMap by_owned;           /* place, object */
};

/* Makes it where there is none. */
FactPlace *facts_place(Facts *facts, Str address);
FactType *facts_type(Facts *facts, Str address, const Schema *schema);
/* The identities that are there, sorted. */
const Name **facts_identities(Facts *facts, FactType *type, uint32_t *count);
/* The object of that identity, or NULL; decoded if need be. */
const Value *facts_object(Facts *facts, FactType *type, const Name *identity);

/* An object of a facts file: its attributes by their types. */
const Value *facts_typed(Session *session, const Schema *schema, const Value *attributes);

/* JSON as a value of the type; what does not fit stays as it is. */
const Value *facts_typed_value(Session *session, const Type *type, const Value *json);

/* Sorts pointers to structures whose first member is a Name by the text of that name. */
void facts_sort(void *items, uint32_t count);

#endif
