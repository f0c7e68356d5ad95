/* The arena: blocks of memory that are cut into pieces from both ends and given back all at once. */
#include "lang/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_POISONED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_POISONED 1
#endif
#endif

#ifdef ARENA_POISONED
#include <sanitizer/asan_interface.h>
/* A red zone behind each piece, so that a write past its end is seen although the neighbour is in use. Texts are
   aligned to 8, because the sanitizer's shadow can only begin a piece at a multiple of 8. */
enum { RED_ZONE = 16, TEXT_ALIGNMENT = 8 };
#define MEMORY_HIDE(start, size) ASAN_POISON_MEMORY_REGION((start), (size))
#define MEMORY_SHOW(start, size) ASAN_UNPOISON_MEMORY_REGION((start), (size))
#else
enum { RED_ZONE = 0, TEXT_ALIGNMENT = 1 };
#define MEMORY_HIDE(start, size) ((void)0)
#define MEMORY_SHOW(start, size) ((void)0)
#endif

/* Blocks start at 1 MiB and double up to 8 MiB: a small file costs little, a large one few calls. A piece of a quarter of
   the smallest block or more gets a block of its own, so that it can't waste the rest of the current one. */
enum { BLOCK_MIN = 1 << 20, BLOCK_MAX = 8 << 20, PIECE_LARGE = BLOCK_MIN / 4, ALIGNMENT = 16 };

/* The head of each block; its bytes follow. */
typedef struct Block {
    _Alignas(16) struct Block *next;
    size_t size;
} Block;

struct Arena {
    Block *blocks;
    char *low;          /* objects are cut from here upwards, */
    char *high;         /* texts from here downwards: neither pays for the other's alignment */
    size_t block_size;  /* of the next block */
    size_t used;
};

void memory_exhausted(void) {
    fputs("phxc: out of memory\n", stderr);
    exit(1);
}

Arena *arena_open(void) {
    Arena *arena = calloc(1, sizeof *arena);
    if (arena == NULL) memory_exhausted();
    arena->block_size = BLOCK_MIN;
    return arena;
}

void arena_close(Arena *arena) {
    if (arena == NULL) return;
    for (Block *block = arena->blocks; block != NULL;) {
        Block *next = block->next;
        MEMORY_SHOW(block, sizeof *block + block->size);
        free(block);
        block = next;
    }
    free(arena);
}

/* calloc takes blocks of this size as fresh pages from the system: they are zero without being written, so a piece costs
   nothing until it is used. */
static char *block_add(Arena *arena, size_t size) {
    if (size > SIZE_MAX - sizeof(Block)) memory_exhausted();
    Block *block = calloc(1, sizeof *block + size);
    if (block == NULL) memory_exhausted();
    block->size = size;
    block->next = arena->blocks;
    arena->blocks = block;
    return (char *)(block + 1);
}

#ifdef PHX_ARENA_MALLOC

void *arena_alloc(Arena *arena, size_t size) {
    arena->used += size;
    return block_add(arena, size);
}

char *arena_text(Arena *arena, size_t size) {
    arena->used += size;
    return block_add(arena, size);
}

#else

/* Starts a block when the current one has less than [size] bytes left. What is left over is lost: less than a quarter. */
static void arena_refill(Arena *arena, size_t size) {
    if ((size_t)(arena->high - arena->low) >= size) return;
    arena->low = block_add(arena, arena->block_size);
    arena->high = arena->low + arena->block_size;
    MEMORY_HIDE(arena->low, arena->block_size);
    if (arena->block_size < BLOCK_MAX) arena->block_size *= 2;
}

void *arena_alloc(Arena *arena, size_t size) {
    arena->used += size;
    if (size >= PIECE_LARGE) return block_add(arena, size);
    size_t whole = (size + RED_ZONE + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    if ((size_t)(arena->high - arena->low) < whole) arena_refill(arena, whole);
    char *piece = arena->low;
    arena->low += whole;
    MEMORY_SHOW(piece, size);
    return piece;
}

char *arena_text(Arena *arena, size_t size) {
    arena->used += size;
    if (size >= PIECE_LARGE) return block_add(arena, size);
    size_t whole = (size + RED_ZONE + TEXT_ALIGNMENT - 1) & ~(size_t)(TEXT_ALIGNMENT - 1);
    if ((size_t)(arena->high - arena->low) < whole) arena_refill(arena, whole);
    arena->high -= whole;
    MEMORY_SHOW(arena->high, size);
    return arena->high;
}

#endif

size_t arena_used(const Arena *arena) { return arena->used; }

Str arena_str(Arena *arena, Str text) {
    char *copy = arena_text(arena, text.length + 1);
    if (text.length > 0) memcpy(copy, text.text, text.length);
    copy[text.length] = '\0';
    return (Str){copy, text.length};
}

Str arena_printf(Arena *arena, const char *format, ...) {
    char small[256];
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(small, sizeof small, format, arguments);
    va_end(arguments);
    if (length < 0) length = 0;     /* only a conversion of wide characters can fail, and there is none */
    char *copy = arena_text(arena, (size_t)length + 1);
    if ((size_t)length < sizeof small) memcpy(copy, small, (size_t)length);
    else vsnprintf(copy, (size_t)length + 1, format, again);
    va_end(again);
    copy[length] = '\0';
    return (Str){copy, (size_t)length};
}

void *arena_grow(Arena *arena, void *items, uint32_t *capacity, size_t item_size) {
    if (*capacity > UINT32_MAX / 2) memory_exhausted();
    uint32_t wider = *capacity == 0 ? 4 : *capacity * 2;
    if (wider > SIZE_MAX / item_size) memory_exhausted();
    void *copy = arena_alloc(arena, wider * item_size);
    if (*capacity > 0) memcpy(copy, items, *capacity * item_size);
    *capacity = wider;
    return copy;
}

Str str_of(const char *text) { return (Str){text, strlen(text)}; }

int str_equal(Str a, Str b) {
    return a.length == b.length && (a.length == 0 || memcmp(a.text, b.text, a.length) == 0);
}

int str_compare(Str a, Str b) {
    size_t common = a.length < b.length ? a.length : b.length;
    int order = common == 0 ? 0 : memcmp(a.text, b.text, common);
    if (order != 0) return order < 0 ? -1 : 1;
    return (a.length > b.length) - (a.length < b.length);
}
