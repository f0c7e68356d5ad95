// Arena, growing text, lists and maps of strings: the memory of one short-lived program.
#include "mem.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Most programs need less than this in all, so one chunk serves them.
enum { CHUNK_SIZE = 1 << 18, ALIGNMENT = 16 };

typedef struct Chunk {
    struct Chunk *next;
    size_t used, size;
    _Alignas(ALIGNMENT) unsigned char bytes[];
} Chunk;

/// Something that the arena does not hold, but lets go.
typedef struct Release {
    struct Release *next;
    void (*release)(void *value);
    void *value;
} Release;

struct Mem {
    Chunk *chunks;
    Release *releases;
};

static Chunk *chunk_new(size_t size) {
    Chunk *chunk = calloc(1, sizeof *chunk + size);
    if (chunk == NULL) {
        fputs("phx-sandbox: out of memory\n", stderr);
        abort();
    }
    chunk->size = size;
    return chunk;
}

Mem *mem_new(void) {
    Mem *mem = calloc(1, sizeof *mem);
    if (mem == NULL) abort();
    mem->chunks = chunk_new(CHUNK_SIZE);
    return mem;
}

void mem_free(Mem *mem) {
    if (mem == NULL) return;
    for (const Release *one = mem->releases; one != NULL; one = one->next) one->release(one->value);
    for (Chunk *chunk = mem->chunks, *next; chunk != NULL; chunk = next) {
        next = chunk->next;
        free(chunk);
    }
    free(mem);
}

void *mem_alloc(Mem *mem, size_t size) {
    if (size > SIZE_MAX / 2) abort();
    size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    Chunk *chunk = mem->chunks;
    if (chunk->size - chunk->used < size) {
        chunk = chunk_new(size > CHUNK_SIZE ? size : CHUNK_SIZE);
        chunk->next = mem->chunks;
        mem->chunks = chunk;
    }
    void *bytes = chunk->bytes + chunk->used;
    chunk->used += size;
    return bytes;
}

void mem_on_free(Mem *mem, void (*release)(void *value), void *value) {
    Release *one = mem_alloc(mem, sizeof *one);
    *one = (Release){.next = mem->releases, .release = release, .value = value};
    mem->releases = one;
}

char *mem_copy_part(Mem *mem, const char *text, size_t length) {
    char *copy = mem_alloc(mem, length + 1);
    memcpy(copy, text, length);
    return copy;
}

char *mem_copy(Mem *mem, const char *text) {
    return mem_copy_part(mem, text, strlen(text));
}

char *mem_print_list(Mem *mem, const char *format, va_list arguments) {
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (length < 0) abort();
    char *text = mem_alloc(mem, (size_t)length + 1);
    vsnprintf(text, (size_t)length + 1, format, arguments);
    return text;
}

char *mem_print(Mem *mem, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    char *text = mem_print_list(mem, format, arguments);
    va_end(arguments);
    return text;
}

/// Moves an array of [count] elements of [size] bytes to one of twice the capacity, if it is full.
static void *array_grow(Mem *mem, void *items, size_t count, size_t *capacity, size_t size) {
    if (count < *capacity) return items;
    *capacity = *capacity == 0 ? 8 : *capacity * 2;
    void *larger = mem_alloc(mem, *capacity * size);
    if (count > 0) memcpy(larger, items, count * size);
    return larger;
}

Text text_new(Mem *mem) {
    return (Text){.mem = mem, .data = mem_alloc(mem, 64), .capacity = 64};
}

void text_add_part(Text *text, const char *more, size_t length) {
    if (text->capacity - text->length <= length) {
        size_t capacity = (text->length + length + 1) * 2;
        char *larger = mem_alloc(text->mem, capacity);
        memcpy(larger, text->data, text->length);
        text->data = larger;
        text->capacity = capacity;
    }
    memcpy(text->data + text->length, more, length);
    text->length += length;
    text->data[text->length] = '\0';
}

void text_add(Text *text, const char *more) {
    text_add_part(text, more, strlen(more));
}

void text_print(Text *text, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    text_add(text, mem_print_list(text->mem, format, arguments));
    va_end(arguments);
}

Words words_new(Mem *mem) {
    return (Words){.mem = mem};
}

void words_add(Words *words, const char *word) {
    words->items = array_grow(words->mem, words->items, words->count, &words->capacity, sizeof *words->items);
    words->items[words->count++] = word;
}

bool words_has(const Words *words, const char *word) {
    for (size_t i = 0; i < words->count; i++)
        if (strcmp(words->items[i], word) == 0) return true;
    return false;
}

void words_remove(Words *words, const char *word) {
    size_t kept = 0;
    for (size_t i = 0; i < words->count; i++)
        if (strcmp(words->items[i], word) != 0) words->items[kept++] = words->items[i];
    words->count = kept;
}

static int word_compare(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void words_sort(Words *words) {
    if (words->count > 1) qsort(words->items, words->count, sizeof *words->items, word_compare);
}

void words_sort_unique(Words *words) {
    words_sort(words);
    size_t kept = 0;
    for (size_t i = 0; i < words->count; i++)
        if (kept == 0 || strcmp(words->items[i], words->items[kept - 1]) != 0) words->items[kept++] = words->items[i];
    words->count = kept;
}

Words words_split(Mem *mem, const char *text, const char *separators) {
    Words words = words_new(mem);
    while (*(text += strspn(text, separators)) != '\0') {
        size_t length = strcspn(text, separators);
        words_add(&words, mem_copy_part(mem, text, length));
        text += length;
    }
    return words;
}

Words words_split_all(Mem *mem, const char *text, char separator) {
    Words words = words_new(mem);
    for (;;) {
        const char *end = strchr(text, separator);
        if (end == NULL) break;
        words_add(&words, mem_copy_part(mem, text, (size_t)(end - text)));
        text = end + 1;
    }
    words_add(&words, mem_copy(mem, text));
    return words;
}

char *words_join(const Words *words, const char *separator) {
    Text text = text_new(words->mem);
    for (size_t i = 0; i < words->count; i++) {
        if (i > 0) text_add(&text, separator);
        text_add(&text, words->items[i]);
    }
    return text.data;
}

Pairs pairs_new(Mem *mem) {
    return (Pairs){.mem = mem};
}

const char *pairs_get(const Pairs *pairs, const char *key) {
    for (size_t i = 0; i < pairs->count; i++)
        if (strcmp(pairs->items[i].key, key) == 0) return pairs->items[i].value;
    return NULL;
}

void pairs_add(Pairs *pairs, const char *key, const char *value) {
    pairs->items = array_grow(pairs->mem, pairs->items, pairs->count, &pairs->capacity, sizeof *pairs->items);
    pairs->items[pairs->count++] = (Pair){.key = mem_copy(pairs->mem, key), .value = mem_copy(pairs->mem, value)};
}

void pairs_set(Pairs *pairs, const char *key, const char *value) {
    for (size_t i = 0; i < pairs->count; i++) {
        if (strcmp(pairs->items[i].key, key) != 0) continue;
        pairs->items[i].value = mem_copy(pairs->mem, value);
        return;
    }
    pairs_add(pairs, key, value);
}

bool pairs_remove(Pairs *pairs, const char *key) {
    size_t kept = 0;
    for (size_t i = 0; i < pairs->count; i++)
        if (strcmp(pairs->items[i].key, key) != 0) pairs->items[kept++] = pairs->items[i];
    bool found = kept != pairs->count;
    pairs->count = kept;
    return found;
}

Pairs pairs_copy(const Pairs *pairs) {
    Pairs copy = pairs_new(pairs->mem);
    for (size_t i = 0; i < pairs->count; i++) pairs_add(&copy, pairs->items[i].key, pairs->items[i].value);
    return copy;
}

void pairs_sort(Pairs *pairs) {
    // Insertion: the lists are short, nearly sorted, and the order of equal keys must stay.
    for (size_t i = 1; i < pairs->count; i++) {
        Pair pair = pairs->items[i];
        size_t at = i;
        for (; at > 0 && strcmp(pairs->items[at - 1].key, pair.key) > 0; at--) pairs->items[at] = pairs->items[at - 1];
        pairs->items[at] = pair;
    }
}

bool text_starts_with(const char *text, const char *prefix) {
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool text_ends_with(const char *text, const char *suffix) {
    size_t length = strlen(text), tail = strlen(suffix);
    return length >= tail && strcmp(text + length - tail, suffix) == 0;
}

bool text_equals(const char *a, const char *b) {
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

bool text_is_numbered(const char *text, const char *prefix, int *number) {
    if (!text_starts_with(text, prefix)) return false;
    const char *digits = text + strlen(prefix);
    size_t length = strspn(digits, "0123456789");
    if (length == 0 || length > 6 || digits[length] != '\0') return false;
    if (number != NULL) *number = (int)strtol(digits, NULL, 10);
    return true;
}
