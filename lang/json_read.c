/* JSON to values, strictly by RFC 8259, with the place of every value. */
#include "lang/json_scan.h"

#include <string.h>

static const Value *read_value(Reader *reader, int depth);

static int take_word(Reader *reader, const char *word, size_t length) {
    if ((size_t)(reader->end - reader->at) < length || memcmp(reader->at, word, length) != 0) return 0;
    reader->at += length;
    return 1;
}

/* After an item: 1 where another one follows its comma. A comma before the closing bracket is reported and passed
   over. */
static int another_follows(Reader *reader, char close, const char *expected) {
    if (reader->stopped) return 0;
    char next = reader_peek(reader);
    if (next == close) {
        reader->at++;
        return 0;
    }
    if (next != ',') {
        reader_stop(reader, expected);
        return 0;
    }
    const char *comma = reader->at++;
    if (reader_peek(reader) != close) return 1;
    Diagnostic *diagnostic =
        reader_error(reader, CODE_JSON_SYNTAX, comma, comma + 1, "JSON has no comma before `%c`", close);
    if (diagnostic != NULL) diag_fix(reader->diagnostics, diagnostic, reader_span(reader, comma, comma + 1), STR(""));
    reader->at++;
    return 0;
}

static int too_deep(Reader *reader, int depth) {
    if (depth < VALUE_DEPTH_LIMIT) return 0;
    reader_error(reader, CODE_JSON_DEPTH, reader->at, reader->at + 1, "the JSON is nested deeper than %d levels",
                 (int)VALUE_DEPTH_LIMIT);
    reader->stopped = 1;
    return 1;
}

/* A list or record that holds more values than a value may comes out as poison. */
static const Value *container_checked(Reader *reader, const Value *container, const char *start) {
    if (container->kind == VALUE_POISON) {
        reader_error(reader, CODE_TEXT_TOO_LONG, start, start + 1, "the JSON holds more than %d values",
                     (int)VALUE_SIZE_LIMIT);
        reader->stopped = 1;
    }
    return container;
}

static const Value *read_array(Reader *reader, int depth) {
    const char *start = reader->at;
    uint32_t base = reader->items.count;
    if (too_deep(reader, depth)) return NULL;
    reader->at++;
    int more = 1;
    if (reader_peek(reader) == ']') {
        reader->at++;
        more = 0;
    }
    while (more) {
        const Value *item = read_value(reader, depth + 1);
        if (item == NULL) break;
        VECTOR_PUSH(reader->stack, &reader->items, item);
        more = another_follows(reader, ']', "`,` or `]`");
    }
    if (reader->stopped) return NULL;
    uint32_t count = reader->items.count - base;
    const Value **items = ARENA_ARRAY(reader->arena, const Value *, count);
    if (count > 0) memcpy(items, reader->items.items + base, count * sizeof *items);
    reader->items.count = base;
    const Value *list = value_list(reader->arena, reader_span(reader, start, reader->at), items, count);
    return container_checked(reader, list, start);
}

/* One key of an object that stands there again, and how the two go together. */
static void report_duplicate(Reader *reader, const Field *field, const Field *earlier) {
    /* Without diagnostics the spans say nothing, and the place is the end of the object. */
    int placed = reader->diagnostics != NULL;
    const char *start = placed ? reader->start + field->span.start : reader->at;
    const char *end = placed ? reader->start + field->span.end : reader->at;
    int shown = field->name->length > 80 ? 80 : (int)field->name->length;
    if (!reader->lenient) {
        Diagnostic *diagnostic = reader_error(reader, CODE_JSON_DUPLICATE_KEY, start, end,
                                              "the key \"%.*s\" stands twice in this object", shown, field->name->text);
        if (diagnostic != NULL) diag_also(reader->diagnostics, diagnostic, earlier->span, "first here");
        return;
    }
    int same = value_equal(field->value, earlier->value);
    Diagnostic *diagnostic =
        diag_warning(reader->diagnostics, CODE_JSON_DUPLICATE_KEY, field->span, "the key \"%.*s\" stands twice in this object%s",
                     shown, field->name->text, same ? "" : ", each time with another value: neither counts");
    diag_also(reader->diagnostics, diagnostic, earlier->span, "first here");
    diag_help(reader->diagnostics, diagnostic, "remove one of the two");
}

/* The object has a key twice, which is rare: every repetition is reported with the place of the first. Leniently read, the
   object is what is left of it. */
static const Value *read_duplicates(Reader *reader, const Field *fields, uint32_t count, Span span) {
    RecordBuilder builder = {.arena = reader->arena};
    for (uint32_t i = 0; i < count; i++) {
        const Field *field = &fields[i];
        Field *earlier;
        if (record_add(&builder, field->name, field->value, field->span, &earlier)) continue;
        report_duplicate(reader, field, earlier);
        if (reader->diagnostics == NULL) break;
        if (reader->lenient && !value_equal(field->value, earlier->value))
            earlier->value = value_poison(reader->arena, field->span, VALUE_LEFT_OUT);
    }
    return reader->lenient ? record_finish(&builder, span, NULL) : value_poison(reader->arena, span, 0);
}

static const Value *read_object(Reader *reader, int depth) {
    const char *start = reader->at;
    uint32_t base = reader->fields.count;
    if (too_deep(reader, depth)) return NULL;
    reader->at++;
    int more = 1;
    if (reader_peek(reader) == '}') {
        reader->at++;
        more = 0;
    }
    while (more) {
        if (reader_peek(reader) != '"') {
            reader_stop(reader, "a key in double quotes");
            break;
        }
        const char *key = reader->at;
        Str text = reader_string(reader);
        if (reader->stopped) break;
        Field field = {.name = name_intern(reader->names, text), .span = reader_span(reader, key, reader->at)};
        if (reader_peek(reader) != ':') {
            reader_stop(reader, "`:`");
            break;
        }
        reader->at++;
        field.value = read_value(reader, depth + 1);
        if (field.value == NULL) break;
        VECTOR_PUSH(reader->stack, &reader->fields, field);
        more = another_follows(reader, '}', "`,` or `}`");
    }
    if (reader->stopped) return NULL;
    uint32_t count = reader->fields.count - base;
    Field *fields = ARENA_ARRAY(reader->arena, Field, count);
    if (count > 0) memcpy(fields, reader->fields.items + base, count * sizeof *fields);
    reader->fields.count = base;
    Span span = reader_span(reader, start, reader->at);
    const Value *record = value_record_checked(reader->arena, span, NULL, fields, count);
    if (record != NULL) return container_checked(reader, record, start);
    const Value *rest = read_duplicates(reader, fields, count, span);
    return reader->lenient ? container_checked(reader, rest, start) : rest;
}

static const Value *read_any(Reader *reader, int depth) {
    char next = reader_peek(reader);
    const char *start = reader->at;
    switch (next) {
    case '{': return read_object(reader, depth);
    case '[': return read_array(reader, depth);
    case '"': {
        Str string = reader_string(reader);
        if (reader->stopped) return NULL;
        return value_string(reader->arena, reader_span(reader, start, reader->at), string);
    }
    case '-': case '0': case '1': case '2': case '3': case '4': case '5': case '6': case '7': case '8': case '9':
        return reader_number(reader);
    case 't':
        if (take_word(reader, "true", 4)) return value_bool(reader->arena, reader_span(reader, start, reader->at), 1);
        break;
    case 'f':
        if (take_word(reader, "false", 5)) return value_bool(reader->arena, reader_span(reader, start, reader->at), 0);
        break;
    case 'n':
        if (take_word(reader, "null", 4)) return value_none(reader->arena, reader_span(reader, start, reader->at));
        break;
    default: break;
    }
    reader_stop(reader, "a value");
    return NULL;
}

/* Read, and thrown away but for its text. */
static const Value *read_outline(Reader *reader, int depth) {
    Arena *arena = reader->arena;
    reader_peek(reader);
    const char *start = reader->at;
    reader->arena = reader->passing;
    const Value *value = read_any(reader, depth);
    reader->arena = arena;
    int good = value != NULL && value->kind != VALUE_POISON;
    arena_reset(reader->passing);
    if (reader->stopped) return NULL;
    Span span = reader_span(reader, start, reader->at);
    return good ? value_string(arena, span, (Str){start, (size_t)(reader->at - start)}) : value_poison(arena, span, 0);
}

/* NULL after an error that stopped the reading. */
static const Value *read_value(Reader *reader, int depth) {
    return reader->passing != NULL && depth == reader->levels ? read_outline(reader, depth) : read_any(reader, depth);
}

/* The value of the whole text; poison after any error. */
static const Value *read_text(Reader *reader) {
    const Value *value = NULL;
    if (reader_peek(reader) == '\0') {
        reader_error(reader, CODE_JSON_EMPTY, reader->at, reader->at, "there is no JSON value: the text is empty");
    } else {
        value = read_value(reader, 0);
        if (value != NULL && !reader->stopped && reader_peek(reader) != '\0')
            reader_error(reader, CODE_JSON_TRAILING, reader->at, reader_thing_end(reader, reader->at),
                         "text stands behind the end of the JSON value");
    }
    if (value != NULL && !reader->failed) return value;
    return value_poison(reader->arena, reader_span(reader, reader->start, reader->end), 0);
}

static Reader reader_of(Arena *arena, Names *names, Diagnostics *diagnostics, const Source *source) {
    const char *text = source->bytes.text == NULL ? "" : source->bytes.text;
    return (Reader){.arena = arena, .stack = arena, .names = names, .diagnostics = diagnostics, .start = text, .at = text,
                    .end = text + source->bytes.length, .file = source->number};
}

/* The whole of the reader's text, which nobody has looked at. */
static const Value *read_whole(Reader *reader, const Source *source) {
    if (!diag_check_text(reader->diagnostics, source)) return value_poison(reader->arena, (Span){source->number, 0, 0}, 0);
    return read_text(reader);
}

const Value *json_read(Arena *arena, Names *names, Diagnostics *diagnostics, const Source *source) {
    Reader reader = reader_of(arena, names, diagnostics, source);
    return read_whole(&reader, source);
}

const Value *json_read_lenient(Arena *arena, Names *names, Diagnostics *diagnostics, const Source *source) {
    Reader reader = reader_of(arena, names, diagnostics, source);
    reader.lenient = 1;
    return read_whole(&reader, source);
}

const Value *json_read_outline(Arena *arena, Arena *passing, Names *names, Diagnostics *diagnostics, const Source *source, int levels) {
    Reader reader = reader_of(arena, names, diagnostics, source);
    reader.passing = passing;
    reader.levels = levels;
    return read_whole(&reader, source);
}

const Value *json_read_part(Arena *arena, Names *names, Diagnostics *diagnostics, const Source *source, const Value *part) {
    Reader reader = reader_of(arena, names, diagnostics, source);
    reader.at = part->as.string.text;
    reader.end = reader.at + part->as.string.length;
    return read_text(&reader);
}

const Value *json_read_at(Arena *arena, Names *names, Str text, Span origin, Str *error) {
    const char *start = text.text == NULL ? "" : text.text;
    Reader reader = {.arena = arena, .stack = arena, .names = names, .error = error, .origin = origin, .start = start, .at = start,
                     .end = start + text.length};
    size_t bad = utf8_check(start, text.length);
    if (bad < text.length)
        reader_error(&reader, CODE_TEXT_ENCODING, start + bad, start + bad, "the text is not UTF-8 or holds a NUL");
    const Value *value = reader.failed ? NULL : read_text(&reader);
    return reader.failed ? NULL : value;
}
