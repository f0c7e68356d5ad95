/* Single texts that hold structure to values: property strings, JSON, percent escapes. */
#include <string.h>

#include "compiler/decode.h"
#include "compiler/slice.h"
#include "lang/json.h"

/* ---- records of what was read ---- */

static void record_open(const Value *value) {
    /* The record was made just now and nobody else has seen it: the one moment at which it may still be written. What passed the limits of
       values came out as poison and is no record. */
    if (value->kind == VALUE_RECORD)
        ((Record *)value->as.record)->open = 1;
}

/* The reader of JSON bounds the nesting, and with it this recursion. */
void value_open(const Value *value) {
    if (value->kind == VALUE_RECORD) {
        record_open(value);
        for (uint32_t i = 0; i < value->as.record->count; i++)
            value_open(value->as.record->fields[i].value);
    } else if (value->kind == VALUE_LIST) {
        for (uint32_t i = 0; i < value->as.list.count; i++)
            value_open(value->as.list.items[i]);
    }
}

const Value *record_finish_open(RecordBuilder *builder, Span origin, const Name *tag) {
    const Value *value = record_finish(builder, origin, tag);
    record_open(value);
    return value;
}

void record_put(RecordBuilder *builder, const Name *name, const Value *value, Span span) {
    Field *earlier = NULL;
    if (!record_add(builder, name, value, span, &earlier) && earlier)
        builder->fields.items[earlier - builder->fields.items].value = value;
}

/* ---- property strings ---- */

const Value *decode_property_string(Arena *arena, Names *names, Str text, Span origin) {
    RecordBuilder builder = {.arena = arena};
    int has_head = 0;
    for (Str rest = text, part; slice_next(&rest, STR(","), &part);) {
        part = slice_trim(part);
        size_t equals = slice_find_char(part, '=', 0);
        Str key = part, value = STR("");
        if (!part.length)
            continue;
        if (equals < part.length) {
            key = slice_trim(slice(part, 0, equals));
            value = slice_trim(slice(part, equals + 1, part.length));
        } else if (!has_head) {
            has_head = 1;
            key = STR("");
            value = part;
        }
        record_add(&builder, name_intern(names, key), value_string(arena, origin, value), origin, NULL);
    }
    return record_finish_open(&builder, origin, NULL);
}

/* ---- JSON ---- */

const Value *decode_json(Arena *arena, Names *names, Str text, Span origin, Str *error) {
    const Value *value = json_read_at(arena, names, text, origin, error);
    if (value)
        value_open(value);
    return value;
}

/* ---- what is no text ---- */

Str text_mend(Arena *arena, Str text) {
    size_t bad = utf8_check(text.text, text.length);
    if (bad == text.length)
        return text;
    Text mended = {0};
    size_t at = 0;
    for (; bad < text.length; bad = at + utf8_check(text.text + at, text.length - at)) {
        text_add(&mended, slice(text, at, bad));
        text_add_literal(&mended, "\xEF\xBF\xBD");
        at = bad + 1;
    }
    text_add(&mended, slice(text, at, text.length));
    Str copy = arena_str(arena, text_str(&mended));
    text_fini(&mended);
    return copy;
}

/* ---- percent escapes ---- */

static int hex_digit(char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

Str percent_decode(Arena *arena, Str text) {
    if (slice_find_char(text, '%', 0) == text.length)
        return text;
    char *bytes = arena_text(arena, text.length + 1);
    size_t length = 0;
    for (size_t i = 0; i < text.length; i++) {
        int high = i + 2 < text.length && text.text[i] == '%' ? hex_digit(text.text[i + 1]) : -1;
        int low = high >= 0 ? hex_digit(text.text[i + 2]) : -1;
        if (low >= 0) {
            bytes[length++] = (char)(high * 16 + low);
            i += 2;
        } else {
            bytes[length++] = text.text[i];
        }
    }
    bytes[length] = '\0';
    return (Str){bytes, length};
}

Str percent_encode(Arena *arena, Str text, Str also) {
    static const char digits[] = "0123456789ABCDEF";
    uint8_t escaped[256] = {['%'] = 1};
    for (size_t i = 0; i < also.length; i++)
        escaped[(unsigned char)also.text[i]] = 1;
    size_t length = 0;
    while (length < text.length && text.text[length] >= ' ' && text.text[length] < 127 && !escaped[(unsigned char)text.text[length]])
        length++;
    if (length == text.length)
        return text;
    char *bytes = arena_text(arena, 3 * text.length + 1);
    memcpy(bytes, text.text, length);
    for (size_t i = length; i < text.length; i++) {
        unsigned char c = (unsigned char)text.text[i];
        if (c >= ' ' && c < 127 && !escaped[c]) {
            bytes[length++] = (char)c;
            continue;
        }
        bytes[length++] = '%';
        bytes[length++] = digits[c >> 4];
        bytes[length++] = digits[c & 15];
    }
    bytes[length] = '\0';
    return (Str){bytes, length};
}
