/* Digests, by libcrypto. */
#ifndef PHX_COMPILER_HASH_H
#define PHX_COMPILER_HASH_H

#include "lang/arena.h"

/* Lower-case hexadecimal. */
Str hash_sha1(Arena *arena, Str bytes);
Str hash_sha256(Arena *arena, Str bytes);
Str hash_sha512(Arena *arena, Str bytes);

/* SHA-256 piece by piece. */
typedef struct Hasher Hasher;
Hasher *hasher_open(void);
void hasher_add(Hasher *hasher, Str bytes);
/* Ends it and frees it. */
Str hasher_close(Hasher *hasher, Arena *arena);

#endif
