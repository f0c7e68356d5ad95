/* Values of a schema's types: those at the edges, and some by chance. */
#ifndef PHX_TESTS_TABLES_MADE_H
#define PHX_TESTS_TABLES_MADE_H

#include "compiler/state.h"
#include "tests/tables/pattern.h"

typedef VECTOR(const Value *) Values;

typedef struct Making {
    Session *session;
    Dice dice;
    /* For values by chance: what a field is to be, where it is not to be chance; VALUE_NONE: nothing. NULL: chance. */
    const Value *(*field)(void *context, const TypeField *field);
    void *context;
    uint64_t fixed;             /* fields that can't change later fall as these dice do, the same each time */
} Making;

/* The values at the edges of the type: each bound and what lies inside it, each member of a union, each field of a record beside those that must be there. */
void type_edges(Making *making, const Type *type, Values *out);
/* One value by chance that the type takes; NULL where it has only references. */
const Value *type_chance(Making *making, const Type *type);
/* Can an object that is there never get another value of it? */
int field_is_fixed(const TypeField *field);

#endif
