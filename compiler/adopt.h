/* The inside of session_adopt: from what stands on hosts and not in the text to declarations. adopt.c collects it and has it written,
   adopt_names.c names it, adopt_attributes.c and adopt_value.c make of what a host says what an owner would have written. */
#ifndef PHX_COMPILER_ADOPT_H
#define PHX_COMPILER_ADOPT_H

#include "compiler/flatten.h"
#include "compiler/planner.h"

/* One object of a host that the text does not have. */
typedef struct Discovery {
    Str place;
    const Schema *schema;
    Str identity;
    const Value *have;          /* record: what the host says, and what the identity says */
    const Value *said;          /* record: what the schema's rule `adopt` says beside; or NULL */
    Str called;                 /* by the rule `called`, else its identity */
    Str name;                   /* in the text */
    Instance *instance;         /* others refer to it while its attributes are still unknown */
    uint32_t parent;            /* the object that its identity begins with, + 1; 0: none */
    VECTOR(Str) notes;          /* what it has and its text can't say */
    Str left_out;               /* why it can't be written; empty where it can */
} Discovery;

/* [object] refers to [target]: numbers of objects. */
typedef struct Edge { uint32_t object, target; } Edge;

typedef struct Adoption {
    Session *session;
    Arena *arena;
    const AdoptOptions *options;
    Planning *planning;         /* of the site as it is */
    Flattening flattening;
    Str *names;                 /* of the resources of the site, and of those that are found, by Instance.number */
    VECTOR(Discovery *) objects;
    Lookup *numbers;            /* identity_key to number + 1 */
    VECTOR(Edge) edges;
    VECTOR(Str) passed_over;    /* what is not written at all, and why */
} Adoption;

/* The resource that an attribute of [object] means by an identity: another object, or one of the site that has a name here. NULL where there is none;
   is it one of the objects, the edge is noted. */
const Referent *adopt_find(Adoption *a, uint32_t object, const Schema *schema, Str identity);

/* adopt_names.c: a name for each object, plain and not in use. */
void adopt_names(Adoption *a);
/* The names of the site's own resources, as its main file can write them; those that it declares otherwise are taken. */
void adopt_site_names(Adoption *a);
/* What the resource types are called in the main file: one that a module declares by way of that. Empty: as they are called themselves. */
const Str *adopt_type_names(Adoption *a);

/* ---- adopt_attributes.c ---- */

/* What the identity says, where it is a plain pattern: with as much as possible in attributes that mean other objects. Sets [parent]. */
void adopt_identity(Adoption *a, uint32_t number);
/* The attributes of the object as its text says them, to its instance. Sets left_out where it can't be said without one that is missing. */
void adopt_attributes(Adoption *a, uint32_t number);

/* ---- adopt_value.c ---- */

/* One attribute, while it is turned into text. */
typedef struct Conversion {
    Adoption *adoption;
    Discovery *object;
    uint32_t number;            /* of the object */
    uint32_t depth;
    Str attribute;              /* its name */
    Str problem;                /* why there is no value; empty: there is nothing to say */
} Conversion;

/* NULL where the value is not to be written; then [problem] says why, or is empty: nobody would have written it. */
const Value *adopt_convert(Conversion *c, const Type *type, const Codec *codec, const Value *value);
/* A reference, where the type allows one and the value is the identity of something that has a name in the text; else NULL. */
const Value *adopt_reference(Conversion *c, const Type *type, const Value *value);
/* Does silence say the same? Under `whole` nothing is silent. */
int adopt_is_silent(Conversion *c, const TypeField *field, int whole, const Value *value);
/* Sets the problem: the host has something that the type can't say. NULL. */
const Value *adopt_no_value(Conversion *c, const Value *value);
/* Something that the object has and the text does not say. */
void adopt_note(Conversion *c, Str what, Str why);

#endif
