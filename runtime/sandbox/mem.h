// Memory of one sandbox program: an arena that is freed as a whole, and the text, list and map types built on it.
#ifndef PHX_SANDBOX_MEM_H
#define PHX_SANDBOX_MEM_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#define PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))

/// An arena. Allocation never fails: a program that small stops the process when memory is exhausted.
typedef struct Mem Mem;

Mem *mem_new(void);
void mem_free(Mem *mem);

/// [size] zeroed bytes, aligned for any type; they live until the arena is freed.
void *mem_alloc(Mem *mem, size_t size);

/// Has [release] called with [value] when the arena is freed: the newest first.
void mem_on_free(Mem *mem, void (*release)(void *value), void *value);

/// A copy of [text], or of its first [length] bytes.
char *mem_copy(Mem *mem, const char *text);
char *mem_copy_part(Mem *mem, const char *text, size_t length);

/// printf into fresh memory.
char *mem_print(Mem *mem, const char *format, ...) PRINTF_LIKE(2, 3);
char *mem_print_list(Mem *mem, const char *format, va_list arguments) PRINTF_LIKE(2, 0);

/// A growing text; always terminated, `data` is never NULL after text_new.
typedef struct Text {
    Mem *mem;
    char *data;
    size_t length, capacity;
} Text;

Text text_new(Mem *mem);
void text_add(Text *text, const char *more);
void text_add_part(Text *text, const char *more, size_t length);
void text_print(Text *text, const char *format, ...) PRINTF_LIKE(2, 3);

/// A growing list of strings, which it does not copy.
typedef struct Words {
    Mem *mem;
    const char **items;
    size_t count, capacity;
} Words;

Words words_new(Mem *mem);
void words_add(Words *words, const char *word);
bool words_has(const Words *words, const char *word);
void words_remove(Words *words, const char *word);

/// Sorts bytewise and, for words_sort_unique, drops repeated words.
void words_sort(Words *words);
void words_sort_unique(Words *words);

/// The parts of [text] between any of the bytes of [separators]; empty parts are left out.
Words words_split(Mem *mem, const char *text, const char *separators);

/// The parts of [text] at each [separator], empty ones included: `a,,b` gives three.
Words words_split_all(Mem *mem, const char *text, char separator);

/// The words with [separator] between them.
char *words_join(const Words *words, const char *separator);

/// An ordered map of strings. A key may stand several times if it was put there with pairs_add.
typedef struct Pair {
    const char *key, *value;
} Pair;

typedef struct Pairs {
    Mem *mem;
    Pair *items;
    size_t count, capacity;
} Pairs;

Pairs pairs_new(Mem *mem);

/// The value of the first pair with [key], or NULL.
const char *pairs_get(const Pairs *pairs, const char *key);

/// Gives [key] this value, in place if it has one already, else at the end. pairs_add always appends.
void pairs_set(Pairs *pairs, const char *key, const char *value);
void pairs_add(Pairs *pairs, const char *key, const char *value);

/// Removes every pair with [key]; false if there was none.
bool pairs_remove(Pairs *pairs, const char *key);

/// An independent copy; strings are shared.
Pairs pairs_copy(const Pairs *pairs);

/// Sorts by key, keeping the order of equal keys.
void pairs_sort(Pairs *pairs);

bool text_starts_with(const char *text, const char *prefix);
bool text_ends_with(const char *text, const char *suffix);

/// Are these equal, where either may be NULL?
bool text_equals(const char *a, const char *b);

/// If [text] is [prefix] followed by decimal digits only (`net12`), true and the number in [number].
bool text_is_numbered(const char *text, const char *prefix, int *number);

#endif
