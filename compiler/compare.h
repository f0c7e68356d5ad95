/* What is wanted against what the host has, attribute by attribute. */
#ifndef PHX_COMPILER_COMPARE_H
#define PHX_COMPILER_COMPARE_H

#include "compiler/instance.h"

/* One thing that differs, as fine as it can be told: an attribute, or a sub-key of a record. */
typedef struct Detail {
    Str name;                   /* "memory", "net0.gw" */
    const TypeField *attribute; /* "memory", "net" */
    const Value *have;          /* none where the host has none */
    const Value *want;          /* unset where it is to be cleared */
    ChangeKind change;          /* the sub-key's, or where that says nothing the attribute's */
    const TypeField *field;     /* of CHANGE_NEVER the one that gives the reason */
    Span span;                  /* where it is wanted */
    uint32_t difference;        /* number of the difference that it is a part of */
} Detail;

/* One attribute in which something differs. */
typedef struct Difference {
    const TypeField *attribute;
    int64_t member;
    const Name *name;           /* "net0" */
    const Value *have;          /* NULL where the host has none */
    const Value *want;          /* what has to be written: of a record also the sub-keys that the text does not write, as the host has them;
                                   NULL: it is cleared */
    ChangeKind change;          /* the strongest of its details */
    int told;                   /* the host has been told, and waits for a restart: there is nothing to write */
} Difference;

/* An attribute whose value is a secret that nothing on the host can be compared with. */
typedef struct Uncompared {
    Str name;
    Span span;
} Uncompared;

/* The arrays live in the arena; a Comparison can be used again. */
typedef struct Comparison {
    VECTOR(Detail) details;
    VECTOR(Difference) differences;
    VECTOR(Uncompared) uncompared;
} Comparison;

/* Compares every attribute that the resource writes, but for those that are given at birth only, with the record [have]. A stamp is not
   compared. A secret is where the host's digest of it is known, else it is among the uncompared. What is only known after apply differs. What
   the host has been told but is not in force yet (the schema's `in_force`) differs by a restart; what is in force and only has to be told
   again needs none. */
void compare_object(Session *session, Instance *instance, const Value *have, Comparison *comparison);

/* Details that no step can bring about: never, replace, shrink. Reports each, [where] being "on host x"; their count. */
uint32_t compare_refuse(Session *session, Instance *instance, const Comparison *comparison, Str where);

/* Warns of what the host has of this resource and nobody can read, each at its place in the host's file: values of attributes that the resource
   writes, and what computed attributes with the option `ignored` hold. */
void unread_report(Session *session, Instance *instance, const Value *have, Str where);

/* The host's name of an attribute: "net3". */
Str compare_property(Session *session, const TypeField *attribute, int64_t member);

#endif
