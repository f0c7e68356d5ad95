/* The arena: blocks of memory that are cut into pieces from both ends and given back all at once. */
#include "lang/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

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

/* Blocks of this size and more come straight from the system, aligned so that it can back them by its large pages: a site of 100,000
   resources touches 100,000 small pages otherwise, at a quarter of a microsecond each, and on a virtual machine at more than ten. */
enum { LARGE_PAGE = 2 << 20 };

/* The first block is small, since many an arena needs no second one, which is a large page; then they double up to 8 MiB. A large piece
   gets a block of its own: it can't waste the rest of the current one, and can be given back alone (arena_drop). Nothing that is kept
   here holds a type that asks for more than 8 bytes of alignment. */
enum { BLOCK_FIRST = 64 << 10, BLOCK_MAX = 4 * LARGE_PAGE, LARGE_PIECE = 256 << 10, ALIGNMENT = 8 };

/* The head of each block; its bytes follow. */
typedef struct Block {
    _Alignas(16) struct Block *next;
    size_t size;
    void *mapping;      /* what mmap gave, NULL where the block is of malloc */
} Block;

struct Arena {
    Block *blocks;
    Block *spare;       /* a block of BLOCK_MAX that a reset took back */
    char *low;          /* objects are cut from here upwards, */
    char *high;         /* texts from here downwards: neither pays for the other's alignment */
    size_t block_size;  /* of the next block */
    size_t made;        /* blocks so far */
    size_t used;
    int guarded;        /* what is given back is overwritten first */
};

void memory_exhausted(void) {
    fputs("phxc: out of memory\n", stderr);
    exit(1);
}

Arena *arena_open(void) {
    Arena *arena = calloc(1, sizeof *arena);
    if (arena == NULL) memory_exhausted();
    arena->block_size = BLOCK_FIRST;
    return arena;
}

static void block_free(const Arena *arena, Block *block) {
    MEMORY_SHOW(block, sizeof *block + block->size);
    if (arena->guarded) explicit_bzero(block + 1, block->size);
    if (block->mapping == NULL) free(block);
    else munmap(block->mapping, block->size + 2 * LARGE_PAGE);
}

static void blocks_free(const Arena *arena, Block *block) {
    while (block != NULL) {
        Block *next = block->next;
        block_free(arena, block);
        block = next;
    }
}

void arena_close(Arena *arena) {
    if (arena == NULL) return;
    blocks_free(arena, arena->blocks);
    blocks_free(arena, arena->spare);
    free(arena);
}

void arena_guard(Arena *arena) { arena->guarded = 1; }

/* A block whose head ends where a large page would begin, or NULL. */
static Block *block_map(size_t size) {
    char *mapping = mmap(NULL, size + 2 * LARGE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapping == MAP_FAILED) return NULL;
    char *bytes = (char *)(((uintptr_t)mapping + sizeof(Block) + LARGE_PAGE - 1) & ~(uintptr_t)(LARGE_PAGE - 1));
    Block *block = (Block *)(void *)(bytes - sizeof(Block));
    madvise(bytes, size & ~(size_t)(LARGE_PAGE - 1), MADV_HUGEPAGE);    /* a wish: where it is not granted, nothing is lost */
    block->mapping = mapping;
    return block;
}

/* calloc takes blocks of this size as fresh pages from the system: they are zero without being written, so a piece
   costs nothing until it is used. */
static char *block_add(Arena *arena, size_t size) {
    if (size > SIZE_MAX / 2) memory_exhausted();
    Block *block = size == BLOCK_MAX ? arena->spare : NULL;
    if (block != NULL) {
        arena->spare = block->next;
        MEMORY_SHOW(block + 1, BLOCK_MAX);
        memset(block + 1, 0, BLOCK_MAX);
    } else if (size >= LARGE_PAGE) block = block_map(size);
    if (block == NULL) block = calloc(1, sizeof *block + size);
    if (block == NULL) memory_exhausted();
    block->size = size;
    block->next = arena->blocks;
    arena->blocks = block;
    arena->made++;
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

/* Starts a block when the current one has less than [size] bytes left. */
static void arena_refill(Arena *arena, size_t size) {
    if ((size_t)(arena->high - arena->low) >= size) return;
    if (arena->block_size < size) arena->block_size = LARGE_PAGE;
    arena->low = block_add(arena, arena->block_size);
    arena->high = arena->low + arena->block_size;
    MEMORY_HIDE(arena->low, arena->block_size);
    if (arena->block_size == BLOCK_FIRST) arena->block_size = LARGE_PAGE;
    else if (arena->block_size < BLOCK_MAX) arena->block_size *= 2;
}

void *arena_alloc(Arena *arena, size_t size) {
    arena->used += size;
    if (size >= LARGE_PIECE) return block_add(arena, size);
    size_t whole = (size + RED_ZONE + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    if ((size_t)(arena->high - arena->low) < whole) arena_refill(arena, whole);
    char *piece = arena->low;
    arena->low += whole;
    MEMORY_SHOW(piece, size);
    return piece;
}

char *arena_text(Arena *arena, size_t size) {
    arena->used += size;
    if (size >= LARGE_PIECE) return block_add(arena, size);
    size_t whole = (size + RED_ZONE + TEXT_ALIGNMENT - 1) & ~(size_t)(TEXT_ALIGNMENT - 1);
    if ((size_t)(arena->high - arena->low) < whole) arena_refill(arena, whole);
    arena->high -= whole;
    MEMORY_SHOW(arena->high, size);
    return arena->high;
}

#endif

/* The block in use is kept, zeroed where it was used, so that of many small rounds none asks the system for memory, and one
   whole block beside it. The others go back: a round in a thousand that takes much would else hold it for ever. */
void arena_reset(Arena *arena) {
    Block *kept = NULL;
    for (Block *block = arena->blocks; block != NULL;) {
        Block *next = block->next;
        char *bytes = (char *)(block + 1);
        if (kept == NULL && arena->low != NULL && arena->low >= bytes && arena->low <= bytes + block->size) kept = block;
        else if (block->size == BLOCK_MAX && arena->spare == NULL) {
            block->next = NULL;
            arena->spare = block;
        } else block_free(arena, block);
        block = next;
    }
    arena->blocks = kept;
    if (kept == NULL) {
        arena->low = arena->high = NULL;
        return;
    }
    char *bytes = (char *)(kept + 1);
    kept->next = NULL;
    MEMORY_SHOW(bytes, kept->size);
    memset(bytes, 0, (size_t)(arena->low - bytes));
    memset(arena->high, 0, (size_t)(bytes + kept->size - arena->high));
    MEMORY_HIDE(bytes, kept->size);
    arena->low = bytes;
    arena->high = bytes + kept->size;
}

void arena_drop(Arena *arena, const void *piece, size_t size) {
    if (size < LARGE_PIECE) return;
    for (Block **link = &arena->blocks; *link != NULL; link = &(*link)->next) {
        Block *block = *link;
        if ((const void *)(block + 1) != piece || block->size != size) continue;
        *link = block->next;
        block_free(arena, block);
        return;
    }
}

ArenaMark arena_mark(const Arena *arena) { return (ArenaMark){arena->made, arena->low, arena->high}; }

/* Only where no block was added since: then what is given back is two pieces of one block. What needed a block more stays until the
   next reset. */
void arena_release(Arena *arena, ArenaMark mark) {
    if (arena->made != mark.made || arena->low == NULL) return;
    MEMORY_SHOW(mark.low, (size_t)(arena->low - mark.low));
    MEMORY_SHOW(arena->high, (size_t)(mark.high - arena->high));
    memset(mark.low, 0, (size_t)(arena->low - mark.low));
    if (arena->high != mark.high) memset(arena->high, 0, (size_t)(mark.high - arena->high));
    MEMORY_HIDE(mark.low, (size_t)(mark.high - mark.low));
    arena->low = mark.low;
    arena->high = mark.high;
}

int arena_owns(const Arena *arena, const void *piece) {
    for (const Block *block = arena->blocks; block != NULL; block = block->next)
        if ((uintptr_t)piece >= (uintptr_t)(block + 1) && (uintptr_t)piece < (uintptr_t)(block + 1) + block->size) return 1;
    return 0;
}

size_t arena_used(const Arena *arena) { return arena->used; }

Str arena_str(Arena *arena, Str text) {
    char *copy = arena_text(arena, text.length + 1);
    if (text.length > 0) memcpy(copy, text.text, text.length);
    copy[text.length] = '\0';
    return (Str){copy, text.length};
}

Str arena_replace(Arena *arena, Str text, char from, char to) {
    char *copy = arena_text(arena, text.length + 1);
    for (size_t i = 0; i < text.length; i++) copy[i] = text.text[i] == from ? to : text.text[i];
    copy[text.length] = '\0';
    return (Str){copy, text.length};
}

Str arena_join(Arena *arena, const Str *parts, size_t count) {
    size_t length = 0;
    for (size_t i = 0; i < count; i++) length += parts[i].length;
    char *joined = arena_text(arena, length + 1), *at = joined;
    for (size_t i = 0; i < count; at += parts[i++].length)
        if (parts[i].length > 0) memcpy(at, parts[i].text, parts[i].length);
    *at = '\0';
    return (Str){joined, length};
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
    arena_drop(arena, items, *capacity * item_size);
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
