/* Numbers by text: a hash table for names that are not worth interning. */
#ifndef PHX_COMPILER_LOOKUP_H
#define PHX_COMPILER_LOOKUP_H

#include "lang/arena.h"

typedef struct Lookup Lookup;

Lookup *lookup_new(Arena *arena);
/* The same with room for so many keys. */
Lookup *lookup_new_for(Arena *arena, uint32_t expected);
/* The number of [key]; 0 where it has none. */
uint32_t lookup_get(const Lookup *lookup, Str key);
/* Where the number of [key] stands, 0 at first; it may be written until the next addition. The key's bytes are kept, not copied. */
uint32_t *lookup_slot(Lookup *lookup, Str key);

#endif
