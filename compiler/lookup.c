/* Open addressing over a list of entries. */
#include "compiler/lookup.h"

#include "lang/name.h"

typedef struct LookupEntry {
    Str key;
    uint32_t hash;
    uint32_t number;
} LookupEntry;

struct Lookup {
    Arena *arena;
    VECTOR(LookupEntry) entries;
    uint32_t *index;        /* entry number + 1 */
    uint32_t mask;
};

Lookup *lookup_new(Arena *arena) {
    return lookup_new_for(arena, 0);
}

Lookup *lookup_new_for(Arena *arena, uint32_t expected) {
    Lookup *lookup = ARENA_NEW(arena, Lookup);
    lookup->arena = arena;
    lookup->mask = 15;
    while (lookup->mask < 1u << 30 && lookup->mask <= expected * 2)
        lookup->mask = lookup->mask * 2 + 1;
    lookup->index = ARENA_ARRAY(arena, uint32_t, (size_t)lookup->mask + 1);
    lookup->entries.items = ARENA_ARRAY(arena, LookupEntry, expected);
    lookup->entries.capacity = expected;
    return lookup;
}

static uint32_t *index_at(const Lookup *lookup, Str key, uint32_t hash) {
    uint32_t at = hash & lookup->mask;
    for (; lookup->index[at]; at = (at + 1) & lookup->mask) {
        const LookupEntry *entry = &lookup->entries.items[lookup->index[at] - 1];
        if (entry->hash == hash && str_equal(entry->key, key))
            break;
    }
    return &lookup->index[at];
}

static void lookup_grow(Lookup *lookup) {
    arena_drop(lookup->arena, lookup->index, (lookup->mask + (size_t)1) * sizeof *lookup->index);
    lookup->mask = lookup->mask * 2 + 1;
    lookup->index = ARENA_ARRAY(lookup->arena, uint32_t, (size_t)lookup->mask + 1);
    for (uint32_t i = 0; i < lookup->entries.count; i++)
        *index_at(lookup, lookup->entries.items[i].key, lookup->entries.items[i].hash) = i + 1;
}

uint32_t lookup_get(const Lookup *lookup, Str key) {
    uint32_t entry = *index_at(lookup, key, hash_bytes(key.text, key.length));
    return entry ? lookup->entries.items[entry - 1].number : 0;
}

uint32_t *lookup_slot(Lookup *lookup, Str key) {
    if (lookup->entries.count * 2 >= lookup->mask)
        lookup_grow(lookup);
    LookupEntry entry = {key, hash_bytes(key.text, key.length), 0};
    uint32_t *at = index_at(lookup, key, entry.hash);
    if (!*at) {
        VECTOR_PUSH(lookup->arena, &lookup->entries, entry);
        *at = lookup->entries.count;
    }
    return &lookup->entries.items[*at - 1].number;
}
