/* A growing text buffer, for everything that is printed: it is filled here and written out by runtime/. */
#ifndef PHX_LANG_TEXT_H
#define PHX_LANG_TEXT_H

#include <stdarg.h>
#include <string.h>

#include "lang/arena.h"

/* Caller's storage: `Text t = {0};` ... text_fini(&t). The bytes are malloc'ed and NUL-terminated once anything was
   added. With [flush] set, the buffer is handed over whenever it passes 64 KiB, so that a plan of any length takes little
   memory; text_finish hands over the rest. [flush] returns 0, or -1 to have everything after it dropped. */
typedef struct Text {
    char *bytes;
    size_t length;
    size_t capacity;
    int (*flush)(void *context, const char *bytes, size_t length);
    void *context;
    int failed;
} Text;

void text_fini(Text *text);
/* The same for what may be a secret: it is overwritten first. */
void text_wipe(Text *text);
/* Makes room for [more] bytes and a NUL, handing over what is full. */
void text_reserve(Text *text, size_t more);
void text_add_repeat(Text *text, char c, size_t count);
void text_add_int(Text *text, int64_t number);
void text_addf(Text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_addv(Text *text, const char *format, va_list arguments);
/* Hands the rest to [flush]; 0, or -1 if any hand-over failed. */
int text_finish(Text *text);
/* Forgets the contents and keeps the storage. */
void text_clear(Text *text);
/* Forgets what stands behind the first [length] bytes; only in a buffer that is not flushed. */
void text_cut(Text *text, size_t length);
/* What is in the buffer; it stands until the next addition. */
Str text_str(const Text *text);

/* Inline, because everything that is printed goes through these two. */
static inline void text_add(Text *text, Str str) {
    if (str.length == 0) return;
    if (str.length >= text->capacity - text->length) text_reserve(text, str.length);
    memcpy(text->bytes + text->length, str.text, str.length);
    text->length += str.length;
    text->bytes[text->length] = '\0';
}

static inline void text_add_char(Text *text, char c) {
    if (text->capacity - text->length < 2) text_reserve(text, 1);
    text->bytes[text->length++] = c;
    text->bytes[text->length] = '\0';
}

#define text_add_literal(text, literal) text_add((text), STR(literal))

#endif
