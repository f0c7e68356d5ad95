/* Patterns such as "{storage}:{volume}" and the texts that they describe. */
#include "compiler/codec.h"
#include "compiler/slice.h"

int pattern_next(Str *rest, Str *piece, int *is_field) {
    if (!rest->length)
        return 0;
    size_t close = rest->text[0] == '{' ? slice_find_char(*rest, '}', 0) : rest->length;
    *is_field = close < rest->length;
    if (*is_field) {
        *piece = slice(*rest, 1, close);
        *rest = slice(*rest, close + 1, rest->length);
        return 1;
    }
    /* A '{' that is never closed is literal text like any other. */
    size_t end = slice_find_char(*rest, '{', 1);
    *piece = slice(*rest, 0, end);
    *rest = slice(*rest, end, rest->length);
    return 1;
}

int pattern_match(Str pattern, Str text, Str *names, Str *values, uint32_t *count, uint32_t limit) {
    Str rest = pattern, piece;
    int is_field;
    *count = 0;
    while (pattern_next(&rest, &piece, &is_field)) {
        if (!is_field) {
            if (!slice_begins(text, piece))
                return 0;
            text = slice(text, piece.length, text.length);
            continue;
        }
        Str ahead = rest, literal;
        int more = pattern_next(&ahead, &literal, &is_field) && !is_field;
        size_t end = text.length;
        if (more && !ahead.length)      /* the literal text ends the pattern, so it must end the text */
            end = slice_ends(text, literal) ? text.length - literal.length : 0;
        else if (more)
            end = slice_find(text, literal, 0);
        if (end == 0 || (more && end == text.length) || *count == limit)
            return 0;
        names[*count] = piece;
        values[(*count)++] = slice(text, 0, end);
        text = slice(text, end, text.length);
    }
    return text.length == 0;
}
