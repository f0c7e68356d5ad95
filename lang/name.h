/* Interned names: the same letters are the same pointer, so names compare by address. */
#ifndef PHX_LANG_NAME_H
#define PHX_LANG_NAME_H

#include "lang/arena.h"

typedef struct Name {
    uint32_t hash;
    uint32_t length;
    int32_t token;      /* the scanner's token number of a reserved word, 0 for all others */
    char text[];        /* NUL-terminated */
} Name;

typedef struct Names Names;

/* An empty table in [arena]. */
Names *names_new(Arena *arena);
/* The one Name with these letters, made if need be. */
const Name *name_intern(Names *names, Str text);
/* Interns a reserved word and gives it its token number. */
void name_reserve(Names *names, Str text, int32_t token);
/* The Name with these letters, or NULL. */
const Name *name_find(const Names *names, Str text);
/* "base" + "." + "field": how dotted names are interned. */
const Name *name_join(Names *names, const Name *base, const Name *field);
Str name_str(const Name *name);
/* FNV-1a, also used by other tables. */
uint32_t hash_bytes(const char *bytes, size_t length);

#endif
