/* The growing text buffer behind everything that is printed. */
#include "lang/text.h"

#include <stdio.h>
#include <stdlib.h>

/* A buffer that is handed over does not grow beyond this, unless one addition alone is longer. */
enum { FLUSH_SIZE = 64 * 1024 };

void text_fini(Text *text) {
    free(text->bytes);
    *text = (Text){0};
}

void text_wipe(Text *text) {
    if (text->bytes != NULL) explicit_bzero(text->bytes, text->capacity);
    text_fini(text);
}

static void text_hand_over(Text *text) {
    if (text->length > 0 && !text->failed && text->flush(text->context, text->bytes, text->length) != 0)
        text->failed = 1;
    text->length = 0;
    if (text->bytes != NULL) text->bytes[0] = '\0';
}

void text_reserve(Text *text, size_t more) {
    if (more < text->capacity - text->length) return;
    if (text->flush != NULL && text->length + more >= FLUSH_SIZE) {
        text_hand_over(text);
        if (more < text->capacity) return;
    }
    if (more > SIZE_MAX / 4 || text->length > SIZE_MAX / 4) memory_exhausted();
    size_t needed = text->length + more + 1;
    size_t capacity = text->capacity < 256 ? 256 : text->capacity;
    while (capacity < needed) capacity *= 2;
    char *bytes = realloc(text->bytes, capacity);
    if (bytes == NULL) memory_exhausted();
    text->bytes = bytes;
    text->capacity = capacity;
}

void text_add_repeat(Text *text, char c, size_t count) {
    text_reserve(text, count);
    memset(text->bytes + text->length, c, count);
    text->length += count;
    text->bytes[text->length] = '\0';
}

void text_add_int(Text *text, int64_t number) {
    char digits[20];
    size_t at = sizeof digits;
    /* The magnitude is taken unsigned: the smallest number has none among the signed ones. */
    uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (number < 0) digits[--at] = '-';
    text_add(text, (Str){digits + at, sizeof digits - at});
}

void text_addv(Text *text, const char *format, va_list arguments) {
    va_list again;
    va_copy(again, arguments);
    text_reserve(text, 1);
    size_t room = text->capacity - text->length;
    int length = vsnprintf(text->bytes + text->length, room, format, arguments);
    if (length > 0 && (size_t)length >= room) {
        text->bytes[text->length] = '\0';
        text_reserve(text, (size_t)length);
        vsnprintf(text->bytes + text->length, (size_t)length + 1, format, again);
    }
    if (length > 0) text->length += (size_t)length;
    va_end(again);
}

void text_addf(Text *text, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    text_addv(text, format, arguments);
    va_end(arguments);
}

int text_finish(Text *text) {
    if (text->flush != NULL) text_hand_over(text);
    return text->failed ? -1 : 0;
}

void text_clear(Text *text) {
    text->length = 0;
    if (text->bytes != NULL) text->bytes[0] = '\0';
}

void text_cut(Text *text, size_t length) {
    if (length >= text->length)
        return;
    text->length = length;
    text->bytes[length] = '\0';
}

Str text_str(const Text *text) {
    return (Str){text->bytes == NULL ? "" : text->bytes, text->length};
}
