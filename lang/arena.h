/* Memory that lives as long as its arena: one arena per session, nothing in lang/ or compiler/ is freed one by one. */
#ifndef PHX_LANG_ARENA_H
#define PHX_LANG_ARENA_H

#include <stddef.h>
#include <stdint.h>

typedef struct Arena Arena;

/* A length and bytes that need not end in NUL. The bytes belong to an arena, a source or the program text. */
typedef struct Str {
    const char *text;
    size_t length;
} Str;

/* A Str of a string literal; of a NUL-terminated string. */
#define STR(literal) ((Str){(literal), sizeof(literal) - 1})
Str str_of(const char *text);
int str_equal(Str a, Str b);
/* Byte order, shorter first where one begins the other: <0, 0, >0. */
int str_compare(Str a, Str b);

/* A new arena; arena_close gives everything back. When the system has no more memory the process ends with a message:
   a compiler that can't hold its input has no answer to give. */
Arena *arena_open(void);
void arena_close(Arena *arena);
/* That message and that end, also for those who allocate without an arena. */
void memory_exhausted(void) __attribute__((noreturn));

/* From now on what the arena gives back to the system is overwritten first: it holds a secret. */
void arena_guard(Arena *arena);

/* Gives back everything in it but keeps the arena: for work whose pieces nobody keeps. */
void arena_reset(Arena *arena);
/* Gives back what was allocated since the mark was taken; marks are given back in the opposite order. */
typedef struct ArenaMark { size_t made; char *low; char *high; } ArenaMark;
ArenaMark arena_mark(const Arena *arena);
void arena_release(Arena *arena, ArenaMark mark);
/* Gives back one piece of [size] bytes that nobody holds any more, if it is a large one; else it stays until the end. For tables that grow. */
void arena_drop(Arena *arena, const void *piece, size_t size);
/* Does the piece lie in this arena? Takes time by the number of its blocks. */
int arena_owns(const Arena *arena, const void *piece);

/* [size] zeroed bytes aligned for any object of this program (16). Under AddressSanitizer what was not handed out is
   poisoned; with PHX_ARENA_MALLOC defined every piece is a malloc of its own, for valgrind. */
void *arena_alloc(Arena *arena, size_t size);
/* The same, not zeroed and aligned to 1: for text. */
char *arena_text(Arena *arena, size_t size);

/* A copy of [text] in the arena, followed by a NUL that is not counted. */
Str arena_str(Arena *arena, Str text);
/* A copy in which every [from] is a [to]. */
Str arena_replace(Arena *arena, Str text, char from, char to);
/* The texts one after the other: faster than arena_printf. */
Str arena_join(Arena *arena, const Str *parts, size_t count);
Str arena_printf(Arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Bytes handed out so far: for statistics. */
size_t arena_used(const Arena *arena);

#define ARENA_NEW(arena, Type) ((Type *)arena_alloc((arena), sizeof(Type)))
#define ARENA_ARRAY(arena, Type, count) ((Type *)arena_alloc((arena), sizeof(Type) * (size_t)(count)))

/* A growing array in an arena: `VECTOR(Expr *) items = {0}; VECTOR_PUSH(arena, &items, e);` Growth copies; a small
   old piece stays in the arena, a large one is given back: nobody may hold the address of an item while others are added. */
#define VECTOR(Type) struct { Type *items; uint32_t count; uint32_t capacity; }
#define VECTOR_PUSH(arena, vector, item) \
    do { \
        if ((vector)->count == (vector)->capacity) \
            (vector)->items = arena_grow((arena), (vector)->items, &(vector)->capacity, sizeof *(vector)->items); \
        (vector)->items[(vector)->count++] = (item); \
    } while (0)
void *arena_grow(Arena *arena, void *items, uint32_t *capacity, size_t item_size);

#endif
