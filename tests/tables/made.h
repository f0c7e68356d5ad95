/* Values of a schema's types: those at the edges, and some by chance. */
#ifndef PHX_TESTS_TABLES_MADE_H
#define PHX_TESTS_TABLES_MADE_H

#include "compiler/state.h"
#include "tests/tables/pattern.h"

typedef VECTOR(const Value *) Values;

typedef struct Making {
    Session *session;
    Dice dice;
    int has_references;         /* never a reference: a site that is made up names its resources otherwise */
} Making;

/* The values at the edges of the type: each bound and what lies inside it, each member of a union, each field of a record beside those that must be there. */
void type_edges(Making *making, const Type *type, Values *out);
/* One value by chance; NULL where the type has only references. */
const Value *type_chance(Making *making, const Type *type);

#endif
