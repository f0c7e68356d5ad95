/* The table of interned names: letters to the one Name that has them. */
#include "lang/name.h"

#include <string.h>

/* The hash stands beside the pointer, so that a probe reads the letters of equal hashes only. */
typedef struct Slot {
    Name *name;
    uint32_t hash;
} Slot;

struct Names {
    Arena *arena;
    Slot *slots;
    uint32_t mask;
    uint32_t count;
};

enum { FIRST_SIZE = 1024 };
static const uint32_t HASH_START = 2166136261u;
static const uint32_t HASH_FACTOR = 16777619u;

static uint32_t hash_continue(uint32_t hash, const char *bytes, size_t length) {
    for (size_t i = 0; i < length; i++) hash = (hash ^ (unsigned char)bytes[i]) * HASH_FACTOR;
    return hash;
}

uint32_t hash_bytes(const char *bytes, size_t length) { return hash_continue(HASH_START, bytes, length); }

/* FNV's low bits are its weak ones. */
static uint32_t slot_first(const Names *names, uint32_t hash) { return (hash ^ hash >> 15) & names->mask; }

Names *names_new(Arena *arena) {
    Names *names = ARENA_NEW(arena, Names);
    names->arena = arena;
    names->slots = ARENA_ARRAY(arena, Slot, FIRST_SIZE);
    names->mask = FIRST_SIZE - 1;
    return names;
}

/* The table is kept at most half full: a probe then rarely looks at a second slot. */
static void names_widen(Names *names) {
    Slot *old = names->slots;
    uint32_t old_size = names->mask + 1;
    if (old_size > UINT32_MAX / 2) memory_exhausted();
    names->slots = ARENA_ARRAY(names->arena, Slot, (size_t)old_size * 2);
    names->mask = old_size * 2 - 1;
    for (uint32_t i = 0; i < old_size; i++) {
        if (old[i].name == NULL) continue;
        uint32_t at = slot_first(names, old[i].hash);
        while (names->slots[at].name != NULL) at = (at + 1) & names->mask;
        names->slots[at] = old[i];
    }
    arena_drop(names->arena, old, old_size * sizeof *old);
}

/* The letters of a name in up to three pieces, so that joining needs no copy where the name is known. */
typedef struct Pieces {
    Str first, middle, last;
} Pieces;

static int pieces_equal(const Name *name, const Pieces *pieces) {
    if (name->length != pieces->first.length + pieces->middle.length + pieces->last.length) return 0;
    const char *at = name->text;
    if (memcmp(at, pieces->first.text, pieces->first.length) != 0) return 0;
    if (pieces->first.length == name->length) return 1;
    at += pieces->first.length;
    if (memcmp(at, pieces->middle.text, pieces->middle.length) != 0) return 0;
    at += pieces->middle.length;
    return memcmp(at, pieces->last.text, pieces->last.length) == 0;
}

static Slot *slot_find(const Names *names, const Pieces *pieces, uint32_t hash) {
    uint32_t at = slot_first(names, hash);
    for (;; at = (at + 1) & names->mask) {
        Slot *slot = &names->slots[at];
        if (slot->name == NULL || (slot->hash == hash && pieces_equal(slot->name, pieces))) return slot;
    }
}

static const Name *slot_fill(Names *names, Slot *slot, const Pieces *pieces, uint32_t hash) {
    size_t length = pieces->first.length + pieces->middle.length + pieces->last.length;
    if (length > UINT32_MAX) memory_exhausted();
    Name *name = arena_alloc(names->arena, sizeof *name + length + 1);
    name->hash = hash;
    name->length = (uint32_t)length;
    char *at = name->text;
    memcpy(at, pieces->first.text, pieces->first.length);
    at += pieces->first.length;
    memcpy(at, pieces->middle.text, pieces->middle.length);
    at += pieces->middle.length;
    memcpy(at, pieces->last.text, pieces->last.length);
    *slot = (Slot){name, hash};
    if (++names->count > names->mask / 2) names_widen(names);
    return name;
}

/* memcmp and memcpy want a pointer even for no bytes. */
static Pieces pieces_of(Str text) {
    if (text.text == NULL) text = STR("");
    return (Pieces){text, STR(""), STR("")};
}

const Name *name_intern(Names *names, Str text) {
    Pieces pieces = pieces_of(text);
    uint32_t hash = hash_bytes(text.text, text.length);
    Slot *slot = slot_find(names, &pieces, hash);
    return slot->name != NULL ? slot->name : slot_fill(names, slot, &pieces, hash);
}

void name_reserve(Names *names, Str text, int32_t token) {
    name_intern(names, text);
    Pieces pieces = pieces_of(text);
    slot_find(names, &pieces, hash_bytes(text.text, text.length))->name->token = token;
}

const Name *name_find(const Names *names, Str text) {
    Pieces pieces = pieces_of(text);
    return slot_find(names, &pieces, hash_bytes(text.text, text.length))->name;
}

const Name *name_join(Names *names, const Name *base, const Name *field) {
    Pieces pieces = {name_str(base), STR("."), name_str(field)};
    /* FNV goes byte by byte, so the hash of the whole continues that of the base. */
    uint32_t hash = hash_continue(base->hash, ".", 1);
    hash = hash_continue(hash, field->text, field->length);
    Slot *slot = slot_find(names, &pieces, hash);
    return slot->name != NULL ? slot->name : slot_fill(names, slot, &pieces, hash);
}

Str name_str(const Name *name) { return (Str){name->text, name->length}; }
