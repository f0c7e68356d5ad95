/* Texts to slices of them, without copying. */
#include "compiler/slice.h"

#include <string.h>

Str slice(Str text, size_t start, size_t end) {
    if (end > text.length)
        end = text.length;
    if (start >= end)
        return STR("");
    return (Str){text.text + start, end - start};
}

static int is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

Str slice_trim(Str text) {
    size_t start = 0, end = text.length;
    while (start < end && is_blank(text.text[start]))
        start++;
    while (end > start && is_blank(text.text[end - 1]))
        end--;
    return slice(text, start, end);
}

size_t slice_find(Str text, Str needle, size_t start) {
    if (needle.length == 0 || start >= text.length)
        return text.length;
    const char *found = memmem(text.text + start, text.length - start, needle.text, needle.length);
    return found ? (size_t)(found - text.text) : text.length;
}

size_t slice_find_char(Str text, char c, size_t start) {
    if (start >= text.length)
        return text.length;
    const char *found = memchr(text.text + start, c, text.length - start);
    return found ? (size_t)(found - text.text) : text.length;
}

int slice_begins(Str text, Str start) {
    return text.length >= start.length && str_equal(slice(text, 0, start.length), start);
}

int slice_ends(Str text, Str end) {
    return text.length >= end.length && str_equal(slice(text, text.length - end.length, text.length), end);
}

static char lower(char c) {
    if (c >= 'A' && c <= 'Z')
        return (char)(c - 'A' + 'a');
    return c;
}

int slice_equal_letters(Str a, Str b) {
    if (a.length != b.length)
        return 0;
    for (size_t i = 0; i < a.length; i++)
        if (lower(a.text[i]) != lower(b.text[i]))
            return 0;
    return 1;
}

/* The end is told from an empty last part by a rest that has no text at all. */
int slice_next(Str *rest, Str separator, Str *part) {
    if (!rest->text)
        return 0;
    size_t end = slice_find(*rest, separator, 0);
    *part = (Str){rest->text, end};
    *rest = end == rest->length ? (Str){NULL, 0} : (Str){rest->text + end + separator.length, rest->length - end - separator.length};
    return 1;
}

int slice_next_line(Str *rest, Str *line) {
    if (rest->length == 0)
        return 0;
    size_t end = slice_find_char(*rest, '\n', 0);
    size_t cut = end > 0 && rest->text[end - 1] == '\r' ? end - 1 : end;
    *line = (Str){rest->text, cut};
    *rest = end == rest->length ? (Str){NULL, 0} : (Str){rest->text + end + 1, rest->length - end - 1};
    return 1;
}
