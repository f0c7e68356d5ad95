/* Values to JSON: canonical on one line, or indented for people. The only place of lang/ where jansson is used. */
#include "lang/json.h"
#include "lang/number.h"

#include <jansson.h>
#include <stdlib.h>

/* The structure and the numbers are written here, piece by piece as the value is walked: jansson would want a second
   copy of the whole value first, and prints 0.1 with 17 digits or all numbers with fewer. */
typedef struct Writer {
    Text *out;
    JsonStyle style;
    Text scratch;           /* for one value that is written as a string */
    const Field **sorted;   /* a stack of the fields of the open records, in the order of their names */
    size_t count;
    size_t capacity;
} Writer;

/* ---- strings ---- */

static int dump_add(const char *bytes, size_t length, void *context) {
    text_add(context, (Str){bytes, length});
    return 0;
}

/* Nothing in it needs an escape, so that it may be copied as it is: most strings. */
static int string_is_plain(Str string) {
    for (size_t i = 0; i < string.length; i++) {
        unsigned char byte = (unsigned char)string.text[i];
        if (byte < 0x20 || byte >= 0x7F || byte == '"' || byte == '\\') return 0;
    }
    return 1;
}

/* The same text with every byte that is no UTF-8 as U+FFFD: JSON has no way to write such bytes. So is a NUL, which no reader of ours takes: a
   program's output with one in it would make a line of the journal that is never read again. */
static void string_mend(Str string, Text *out) {
    for (size_t at = 0; at < string.length;) {
        size_t step = string.text[at] == '\0' ? 0 : utf8_length(string.text + at, string.length - at);
        if (step == 0) text_add_literal(out, "\xEF\xBF\xBD");
        else text_add(out, (Str){string.text + at, step});
        at += step == 0 ? 1 : step;
    }
}

void json_write_string(Str string, Text *out) {
    if (string_is_plain(string)) {
        text_add_char(out, '"');
        text_add(out, string);
        text_add_char(out, '"');
        return;
    }
    Text mended = {0};
    string_mend(string, &mended);
    json_t *json = json_stringn_nocheck(mended.bytes, mended.length);
    if (json == NULL || json_dump_callback(json, dump_add, out, JSON_ENCODE_ANY) != 0) memory_exhausted();
    json_decref(json);
    text_fini(&mended);
}

/* ---- values ---- */

static void write_value(Writer *writer, const Value *value, int level);

static void line_break(Writer *writer, int level) {
    if (writer->style != JSON_INDENTED) return;
    text_add_char(writer->out, '\n');
    text_add_repeat(writer->out, ' ', (size_t)level * 2);
}

static void write_key(Writer *writer, Str key) {
    json_write_string(key, writer->out);
    text_add(writer->out, writer->style == JSON_INDENTED ? STR(": ") : STR(":"));
}

/* {"secret": "NAME"} and the like. */
static void write_marker(Writer *writer, Str key, Str text, int level) {
    text_add_char(writer->out, '{');
    line_break(writer, level + 1);
    write_key(writer, key);
    if (text.text == NULL) text_add_literal(writer->out, "true");
    else json_write_string(text, writer->out);
    line_break(writer, level);
    text_add_char(writer->out, '}');
}

static void write_list(Writer *writer, const Value *list, int level) {
    text_add_char(writer->out, '[');
    for (uint32_t i = 0; i < list->as.list.count; i++) {
        if (i > 0) text_add_char(writer->out, ',');
        line_break(writer, level + 1);
        write_value(writer, list->as.list.items[i], level + 1);
    }
    if (list->as.list.count > 0) line_break(writer, level);
    text_add_char(writer->out, ']');
}

static int field_compare(const void *left, const void *right) {
    const Field *const *a = left, *const *b = right;
    return str_compare(name_str((*a)->name), name_str((*b)->name));
}

/* Puts the fields in order on the stack and returns where they begin. It is an index, because the stack may move. */
static size_t fields_push(Writer *writer, const Record *record) {
    size_t base = writer->count, needed = base + record->count;
    if (needed > writer->capacity) {
        size_t capacity = writer->capacity == 0 ? 64 : writer->capacity;
        while (capacity < needed) capacity *= 2;
        const Field **wider = realloc(writer->sorted, capacity * sizeof *wider);
        if (wider == NULL) memory_exhausted();
        writer->sorted = wider;
        writer->capacity = capacity;
    }
    for (uint32_t i = 0; i < record->count; i++) writer->sorted[base + i] = &record->fields[i];
    writer->count = needed;
    if (record->count > 1 && writer->style == JSON_COMPACT_SORTED)
        qsort(writer->sorted + base, record->count, sizeof *writer->sorted, field_compare);
    return base;
}

static void write_fields(Writer *writer, const Record *record, int level) {
    text_add_char(writer->out, '{');
    size_t base = fields_push(writer, record);
    for (uint32_t i = 0; i < record->count; i++) {
        const Field *field = writer->sorted[base + i];
        if (i > 0) text_add_char(writer->out, ',');
        line_break(writer, level + 1);
        write_key(writer, name_str(field->name));
        write_value(writer, field->value, level + 1);
    }
    writer->count = base;
    if (record->count > 0) line_break(writer, level);
    text_add_char(writer->out, '}');
}

static void write_record(Writer *writer, const Record *record, int level) {
    if (record->tag == NULL) {
        write_fields(writer, record, level);
        return;
    }
    text_add_char(writer->out, '{');
    line_break(writer, level + 1);
    write_key(writer, name_str(record->tag));
    write_fields(writer, record, level + 1);
    line_break(writer, level);
    text_add_char(writer->out, '}');
}

static void write_unknown(Writer *writer, const Value *value, int level) {
    Str key = STR("unknown");
    if (value->hole == HOLE_SECRET) key = STR("secret");
    if (value->hole == HOLE_DIGEST) key = STR("digest_of");
    Str text = value->as.unknown->text.text == NULL ? STR("") : value->as.unknown->text;
    write_marker(writer, key, text, level);
}

/* A float keeps its point, so that it is read back as one. */
static void write_float(double number, Text *scratch, Text *out) {
    text_clear(scratch);
    double_print(number, scratch);
    Str text = text_str(scratch);
    int marked = 0;
    for (size_t i = 0; i < text.length; i++) marked |= text.text[i] == '.' || text.text[i] == 'e';
    text_add(out, text);
    if (!marked) text_add_literal(out, ".0");
}

/* Recursion is bounded by VALUE_DEPTH_LIMIT. */
static void write_value(Writer *writer, const Value *value, int level) {
    Text *out = writer->out;
    if (value->flags & VALUE_SECRET) {
        write_marker(writer, STR("secret"), (Str){NULL, 0}, level);
        return;
    }
    switch ((ValueKind)value->kind) {
    case VALUE_POISON:
    case VALUE_NONE: text_add_literal(out, "null"); return;
    case VALUE_UNSET: write_marker(writer, STR("unset"), (Str){NULL, 0}, level); return;
    case VALUE_UNKNOWN: write_unknown(writer, value, level); return;
    case VALUE_BOOL: text_add(out, value->as.boolean ? STR("true") : STR("false")); return;
    case VALUE_INT: text_add_int(out, value->as.integer); return;
    case VALUE_FLOAT: write_float(value->as.number, &writer->scratch, out); return;
    case VALUE_STRING: json_write_string(value->as.string, out); return;
    case VALUE_LIST: write_list(writer, value, level); return;
    case VALUE_RECORD: write_record(writer, value->as.record, level); return;
    case VALUE_REFERENCE: json_write_string(value->as.reference->address, out); return;
    case VALUE_SIZE:
    case VALUE_DURATION:
    case VALUE_PERCENT:
    case VALUE_RATE:
    case VALUE_IP:
    case VALUE_CIDR:
    case VALUE_MAC: break;
    }
    text_clear(&writer->scratch);
    value_print_plain(value, &writer->scratch);
    json_write_string(text_str(&writer->scratch), out);
}

void json_write(const Value *value, JsonStyle style, int indent, Text *out) {
    Writer writer = {.out = out, .style = style};
    write_value(&writer, value, indent);
    text_fini(&writer.scratch);
    free(writer.sorted);
}
