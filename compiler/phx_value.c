/* Values to source text, in one line or, where that is too long, an element a line. Recursion is bounded by VALUE_DEPTH_LIMIT. */
#include "compiler/phx_value.h"

#include <string.h>

#include "lang/parse.h"

/* ---- names ---- */

static int is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* A tag in the place of a resource would read as a call, a reserved word not at all. */
static int name_is_special(PhxWriter *writer, Str text) {
    const Name *name = name_intern(writer->session->names, text);
    return name->token || scope_find(writer->session->tags, name) || str_equal(text, STR("ip")) || str_equal(text, STR("cidr"));
}

PhxWriter phx_writer(Session *session) {
    Arena *arena = session->arena;
    return (PhxWriter){.session = session, .taken = lookup_new(arena), .addresses = lookup_new(arena), .secret_numbers = lookup_new(arena)};
}

Str phx_name_plain(PhxWriter *writer, Str wanted) {
    Text text = {0};
    for (size_t i = 0; i < wanted.length; i++) {
        char c = wanted.text[i];
        if (is_letter(c) || (is_digit(c) && text.length))
            text_add_char(&text, c);
        else if (text.length && text.bytes[text.length - 1] != '_')
            text_add_char(&text, '_');
    }
    while (text.length && text.bytes[text.length - 1] == '_')
        text_cut(&text, text.length - 1);
    Str plain = text.length ? arena_str(writer->session->arena, text_str(&text)) : STR("it");
    text_fini(&text);
    return plain;
}

int phx_name_is_free(PhxWriter *writer, Str plain) {
    return !lookup_get(writer->taken, plain) && !name_is_special(writer, plain);
}

Str phx_name_take(PhxWriter *writer, Str wanted) {
    Arena *arena = writer->session->arena;
    Str base = phx_name_plain(writer, wanted), name = base;
    /* The number that was given last is kept, so that a thousand equal names do not ask for a thousand numbers each. */
    uint32_t *number = lookup_slot(writer->taken, base), last = *number;
    if (!last && !name_is_special(writer, base)) {
        *number = 1;
        return base;
    }
    do {
        last = last ? last + 1 : 2;
        name = arena_printf(arena, "%.*s_%u", (int)base.length, base.text, last);
    } while (lookup_get(writer->taken, name));
    *lookup_slot(writer->taken, base) = last;
    *lookup_slot(writer->taken, name) = 1;
    return name;
}

/* ---- what has no text ---- */

static void write_secret(PhxWriter *writer, Str owner, Str field, const Value *value, Text *out) {
    /* A value is written more than once, to see how long it is: by what it is, not by what it says, it is known again. */
    Arena *arena = writer->session->arena;
    uint32_t *number = lookup_slot(writer->secret_numbers, arena_printf(arena, "%p", (const void *)value));
    if (!*number) {
        Str name = phx_name_take(writer, arena_printf(arena, "%.*s_%.*s", (int)owner.length, owner.text, (int)field.length, field.text));
        VECTOR_PUSH(arena, &writer->secrets, name);
        *number = writer->secrets.count;
    }
    text_add(out, writer->secrets.items[*number - 1]);
}

static void report(PhxWriter *writer, Str owner, Str field, Span place, const char *what) {
    Diagnostics *diagnostics = writer->session->diagnostics;
    Diagnostic *d = diag_error(diagnostics, CODE_NOT_PLAIN, place, "`%.*s` of %.*s is %s", (int)field.length, field.text, (int)owner.length,
                               owner.text, what);
    diag_help(diagnostics, d, "take it out, or write a value in its place, and the rest can be written down");
}

static void write_reference(PhxWriter *writer, Str owner, Str field, const Value *value, Text *out) {
    if (referent_is_group(value->as.reference))
        report(writer, owner, field, value->origin, "a component, which is none among plain resources");
    else if (!writer->names[INSTANCE(value->as.reference)->number].length)
        report(writer, owner, field, value->origin, "a resource that is left out");
    else
        text_add(out, writer->names[INSTANCE(value->as.reference)->number]);
}

static void write_address(PhxWriter *writer, const Value *value, Text *out) {
    size_t start = out->length;
    value_print(value, 0, out);
    uint32_t number = writer->lets ? lookup_get(writer->addresses, (Str){out->bytes + start, out->length - start}) : 0;
    if (!number || !writer->lets[number - 1].length)
        return;
    text_cut(out, start);
    text_add(out, writer->lets[number - 1]);
}

/* ---- parts ---- */

/* One element of a list or record: where it stands, what is written before it, and its value. */
typedef struct Part {
    Str before;             /* `name = `, `"a b": ` or nothing */
    Str field;
    const Value *value;
} Part;

typedef struct Parts {
    Str open, close;        /* "[", "template(" */
    int blanks;             /* inside of the brackets, in one line */
    VECTOR(Part) items;
} Parts;

/* Is the field the first of its tag's parameters? Then it needs no name. */
static int is_positional(const Record *record, uint32_t index) {
    const Type *type = record->shape;
    return record->tag && index == 0 && type && type->field_count && type->fields[0].name == record->fields[0].name;
}

static Str part_name(Session *session, const Record *record, uint32_t index) {
    const Name *name = record->fields[index].name;
    if (is_positional(record, index))
        return STR("");
    if (name_is_plain(name))
        return arena_printf(session->arena, record->tag ? "%s: " : "%s = ", name->text);
    Text text = {0};
    value_print(value_string(session->arena, SPAN_NONE, name_str(name)), 0, &text);
    text_add_literal(&text, ": ");
    Str written = arena_str(session->arena, text_str(&text));
    text_fini(&text);
    return written;
}

static void parts_of_list(PhxWriter *writer, Str field, const Value *value, Parts *parts) {
    for (uint32_t i = 0; i < value->as.list.count; i++) {
        Part part = {STR(""), field, value->as.list.items[i]};
        VECTOR_PUSH(writer->session->arena, &parts->items, part);
    }
    parts->open = STR("[");
    parts->close = STR("]");
}

static void parts_of_record(PhxWriter *writer, const Value *value, Parts *parts) {
    const Record *record = value->as.record;
    Session *session = writer->session;
    for (uint32_t i = 0; i < record->count; i++) {
        Part part = {part_name(session, record, i), name_str(record->fields[i].name), record->fields[i].value};
        if (part.value->kind != VALUE_NONE)
            VECTOR_PUSH(session->arena, &parts->items, part);
    }
    parts->open = record->tag ? arena_printf(session->arena, "%s(", record->tag->text) : STR("{");
    parts->close = record->tag ? STR(")") : STR("}");
    parts->blanks = !record->tag && parts->items.count;
}

/* 0 where the value has no parts. */
static int parts_of(PhxWriter *writer, Str field, const Value *value, Parts *parts) {
    if (value->flags & VALUE_SECRET || (value->kind != VALUE_LIST && value->kind != VALUE_RECORD))
        return 0;
    if (value->kind == VALUE_LIST)
        parts_of_list(writer, field, value, parts);
    else
        parts_of_record(writer, value, parts);
    return 1;
}

/* ---- in one line ---- */

void phx_write_line(PhxWriter *writer, Str owner, Str field, const Value *value, Text *out) {
    Parts parts = {0};
    if (parts_of(writer, field, value, &parts)) {
        text_add(out, parts.open);
        for (uint32_t i = 0; i < parts.items.count; i++) {
            text_add(out, i ? STR(", ") : parts.blanks ? STR(" ") : STR(""));
            text_add(out, parts.items.items[i].before);
            phx_write_line(writer, owner, parts.items.items[i].field, parts.items.items[i].value, out);
        }
        text_add(out, parts.blanks ? STR(" ") : STR(""));
        text_add(out, parts.close);
        return;
    }
    if (value->kind == VALUE_UNKNOWN)
        report(writer, owner, field, value->origin, "known only after apply");
    else if (value->flags & VALUE_SECRET)
        write_secret(writer, owner, field, value, out);
    else if (value->kind == VALUE_REFERENCE)
        write_reference(writer, owner, field, value, out);
    else if (value->kind == VALUE_IP)
        write_address(writer, value, out);
    else
        value_print(value, 0, out);
}

/* ---- over several lines ---- */

/* It must end with a newline; not all of its lines may begin with blanks, which would be taken for the indentation; nothing that a raw block can't hold may be in it. */
int phx_is_block(const Value *value) {
    Str text = value->kind == VALUE_STRING && !(value->flags & VALUE_SECRET) ? value->as.string : STR("");
    uint32_t lines = 0, indented = 0;
    for (size_t at = 0; at < text.length; at++) {
        unsigned char c = (unsigned char)text.text[at];
        int starts = !at || text.text[at - 1] == '\n';
        if ((c < ' ' && c != '\n' && c != '\t') || c == 0x7f || (starts && c == '\n' && at + 1 == text.length))
            return 0;
        /* A line of nothing but blanks would lose them. */
        if ((c == ' ' || c == '\t') && at + 1 < text.length && text.text[at + 1] == '\n')
            return 0;
        lines += c == '\n';
        indented += starts && (c == ' ' || c == '\t' || c == '\n');
    }
    return lines > 2 && text.text[text.length - 1] == '\n' && indented < lines && !memmem(text.text, text.length, "'''", 3);
}

static void write_block(Str text, uint32_t level, Text *out) {
    text_add_literal(out, "'''\n");
    for (size_t at = 0; at < text.length;) {
        const char *end = memchr(text.text + at, '\n', text.length - at);
        Str line = {text.text + at, (size_t)(end - text.text) - at + 1};
        text_add_repeat(out, ' ', line.length > 1 ? (size_t)level * 2 : 0);
        text_add(out, line);
        at += line.length;
    }
    text_add_repeat(out, ' ', (size_t)level * 2);
    text_add_literal(out, "'''");
}

static int list_is_short(const Value *value) {
    uint8_t kind = value->as.list.items[0]->kind;
    return kind != VALUE_STRING && kind != VALUE_RECORD && kind != VALUE_LIST;
}

/* Is there something in one of the fields that may need lines of its own? */
static int value_holds_records(const Value *value) {
    for (uint32_t i = 0; i < value->as.record->count; i++) {
        const Value *field = value->as.record->fields[i].value;
        if (field->kind == VALUE_RECORD || (field->kind == VALUE_LIST && field->depth > 1 && field->as.list.count && !list_is_short(field)))
            return 1;
    }
    return 0;
}

/* Texts stand one to a line; what is shorter, and the fields of a record, as many to a line as it holds. */
static int parts_fill(const Value *value) {
    enum { FIELDS_MOST = 10 };      /* of a record with more of them nobody finds one in the middle of a line */
    return (value->kind == VALUE_RECORD && value->as.record->count <= FIELDS_MOST && !value_holds_records(value)) ||
           (value->kind == VALUE_LIST && list_is_short(value));
}

static void write_parts(PhxWriter *writer, Str owner, const Value *value, const Parts *parts, uint32_t level, Text *out) {
    size_t indent = (size_t)(level + 1) * 2, used = SIZE_MAX / 2;
    int fill = parts_fill(value);
    Text line = {0};
    text_add(out, parts->open);
    for (uint32_t i = 0; i < parts->items.count; i++) {
        const Part *part = &parts->items.items[i];
        text_clear(&line);
        text_add(&line, part->before);
        phx_write_line(writer, owner, part->field, part->value, &line);
        int joins = fill && used + line.length + 2 <= PHX_WIDTH;
        if (!joins) {
            text_add_char(out, '\n');
            text_add_repeat(out, ' ', indent);
            used = indent;
        } else {
            text_add_char(out, ' ');
        }
        text_add(out, part->before);
        phx_write_lines(writer, owner, part->field, part->value, level + 1, used + part->before.length + 1, out);
        if (i + 1 < parts->items.count)
            text_add_char(out, ',');
        used += line.length + 2;
    }
    text_add_char(out, '\n');
    text_add_repeat(out, ' ', (size_t)level * 2);
    text_add(out, parts->close);
    text_fini(&line);
}

void phx_write_lines(PhxWriter *writer, Str owner, Str field, const Value *value, uint32_t level, size_t used, Text *out) {
    Text line = {0};
    Parts parts = {0};
    phx_write_line(writer, owner, field, value, &line);
    int fits = used + line.length <= PHX_WIDTH;
    if (phx_is_block(value)) {
        write_block(value->as.string, level + 1, out);
    } else if (fits || !parts_of(writer, field, value, &parts) || !parts.items.count) {
        text_add(out, text_str(&line));
    } else {
        write_parts(writer, owner, value, &parts, level, out);
    }
    text_fini(&line);
}
