/* Lines, tables, sections and stanzas, as files and programs write them, to lists of records. */
#include "compiler/decode.h"

#include <string.h>

#include "compiler/slice.h"

typedef VECTOR(const Value *) Values;

/* Where a piece of the text stands. */
static Span piece_span(Str text, Span origin, Str piece) {
    if (!origin.file || origin.end - origin.start != text.length)
        return origin;
    uint32_t start = origin.start + (uint32_t)(piece.text - text.text);
    return (Span){origin.file, start, start + (uint32_t)piece.length};
}

static const Value *values_list(Arena *arena, const Values *values, Span origin) {
    return value_list(arena, origin, values->items, values->count);
}

const Value *decode_lines(Arena *arena, Str text, Span origin) {
    Values lines = {0};
    for (Str rest = text, line; slice_next_line(&rest, &line);)
        VECTOR_PUSH(arena, &lines, value_string(arena, piece_span(text, origin, line), line));
    return values_list(arena, &lines, origin);
}

/* ---- tables ---- */

static const Value *decode_tsv_line(Arena *arena, Str line, const Name *const *names, uint32_t count, Span origin) {
    Field *fields = ARENA_ARRAY(arena, Field, count);
    Str rest = line;
    for (uint32_t i = 0; i < count; i++) {
        Str part = STR("");
        if (i + 1 < count)
            slice_next(&rest, STR("\t"), &part);
        else if (rest.text)
            part = rest;
        fields[i] = (Field){names[i], value_string(arena, origin, part), origin};
    }
    return value_record(arena, origin, NULL, fields, count);
}

const Value *decode_tsv(Arena *arena, Str text, const Name *const *names, uint32_t count, Span origin) {
    Values rows = {0};
    for (Str rest = text, line; slice_next_line(&rest, &line);)
        if (line.length && count)
            VECTOR_PUSH(arena, &rows, decode_tsv_line(arena, line, names, count, origin));
    return values_list(arena, &rows, origin);
}

/* ---- sections ---- */

/* The section that is being read. */
typedef struct Section {
    Str name;
    Str note;           /* what stands behind the name in its line */
    RecordBuilder keys;
    Values lines;
    Values comments;
} Section;

typedef struct SectionNames {
    const Name *name, *note, *keys, *lines, *comments, *key, *value, *text;
} SectionNames;

static const Value *section_value(Arena *arena, const SectionNames *names, Section *section, Span origin) {
    Field *fields = ARENA_ARRAY(arena, Field, 5);
    fields[0] = (Field){names->name, value_string(arena, origin, section->name), origin};
    fields[1] = (Field){names->note, value_string(arena, origin, section->note), origin};
    fields[2] = (Field){names->keys, record_finish_open(&section->keys, origin, NULL), origin};
    fields[3] = (Field){names->lines, values_list(arena, &section->lines, origin), origin};
    fields[4] = (Field){names->comments, values_list(arena, &section->comments, origin), origin};
    return value_record(arena, origin, NULL, fields, 5);
}

/* The key that the line begins with; empty where there is none. */
static Str line_key(Str line) {
    size_t end = 0, next;
    while (end < line.length && !strchr(":= \t", line.text[end]))
        end++;
    for (next = end; next < line.length && (line.text[next] == ' ' || line.text[next] == '\t');)
        next++;
    int is_key = next < line.length && (line.text[next] == '=' || (line.text[next] == ':' && next == end));
    return is_key ? slice(line, 0, end) : STR("");
}

static void section_line(Arena *arena, Names *names, const SectionNames *words, Section *section, Str line, int indented, Span origin) {
    Str key = indented ? STR("") : line_key(line), value = line;
    if (key.length) {
        Str rest = slice_trim(slice(line, key.length, line.length));
        value = slice_trim(slice(rest, 1, rest.length));
    }
    const Value *text = value_string(arena, origin, value);
    Field *fields = ARENA_ARRAY(arena, Field, 3);
    fields[0] = (Field){words->key, value_string(arena, origin, key), origin};
    fields[1] = (Field){words->value, text, origin};
    fields[2] = (Field){words->text, value_string(arena, origin, line), origin};
    VECTOR_PUSH(arena, &section->lines, value_record(arena, origin, NULL, fields, 3));
    if (key.length)
        record_put(&section->keys, name_intern(names, key), text, origin);
}

const Value *decode_sections(Arena *arena, Names *names, Str text, Span origin) {
    const SectionNames words = {
        name_intern(names, STR("name")), name_intern(names, STR("note")), name_intern(names, STR("keys")), name_intern(names, STR("lines")),
        name_intern(names, STR("comments")), name_intern(names, STR("key")), name_intern(names, STR("value")),
        name_intern(names, STR("text")),
    };
    Values sections = {0};
    Section section = {.name = STR(""), .note = STR(""), .keys = {.arena = arena}};
    for (Str rest = text, line; slice_next_line(&rest, &line);) {
        Str trimmed = slice_trim(line);
        size_t bracket = trimmed.length && trimmed.text[0] == '[' ? slice_find_char(trimmed, ']', 0) : trimmed.length;
        if (!trimmed.length)
            continue;
        if (line.text[0] == '#') {
            /* The blanks after '#' belong to the comment: a description is stored that way. */
            Str comment = slice(line, 1, line.length);
            VECTOR_PUSH(arena, &section.comments, value_string(arena, piece_span(text, origin, comment), comment));
        } else if (bracket < trimmed.length) {
            VECTOR_PUSH(arena, &sections, section_value(arena, &words, &section, origin));
            section = (Section){
                .name = slice_trim(slice(trimmed, 1, bracket)),
                .note = slice_trim(slice(trimmed, bracket + 1, trimmed.length)),
                .keys = {.arena = arena},
            };
        } else {
            section_line(arena, names, &words, &section, trimmed, trimmed.text != line.text, piece_span(text, origin, trimmed));
        }
    }
    VECTOR_PUSH(arena, &sections, section_value(arena, &words, &section, origin));
    return values_list(arena, &sections, origin);
}

/* ---- stanzas ---- */

typedef struct Stanza {
    Str type, id;
    RecordBuilder keys;
    Values lines;
    int open;           /* is there one? */
} Stanza;

typedef struct StanzaNames {
    const Name *type, *id, *keys, *lines, *key, *value;
} StanzaNames;

static void stanza_close(Arena *arena, const StanzaNames *words, Stanza *stanza, Values *stanzas, Span origin) {
    if (!stanza->open)
        return;
    Field *fields = ARENA_ARRAY(arena, Field, 4);
    fields[0] = (Field){words->type, value_string(arena, origin, stanza->type), origin};
    fields[1] = (Field){words->id, value_string(arena, origin, stanza->id), origin};
    fields[2] = (Field){words->keys, record_finish_open(&stanza->keys, origin, NULL), origin};
    fields[3] = (Field){words->lines, values_list(arena, &stanza->lines, origin), origin};
    VECTOR_PUSH(arena, stanzas, value_record(arena, origin, NULL, fields, 4));
    stanza->open = 0;
}

static size_t word_end(Str line) {
    size_t end = 0;
    while (end < line.length && line.text[end] != ' ' && line.text[end] != '\t')
        end++;
    return end;
}

/* Of a key that stands twice the first counts, as it does for those who write such files; `lines` has both. */
static void stanza_line(Arena *arena, Names *names, const StanzaNames *words, Stanza *stanza, Str line, Span origin) {
    size_t end = word_end(line);
    const Name *key = name_intern(names, slice(line, 0, end));
    const Value *value = value_string(arena, origin, slice_trim(slice(line, end, line.length)));
    Field *fields = ARENA_ARRAY(arena, Field, 2);
    fields[0] = (Field){words->key, value_string(arena, origin, name_str(key)), origin};
    fields[1] = (Field){words->value, value, origin};
    VECTOR_PUSH(arena, &stanza->lines, value_record(arena, origin, NULL, fields, 2));
    record_add(&stanza->keys, key, value, origin, NULL);
}

/* `type: id`, or an id alone. What has further words is no head, and what is indented under it belongs to nothing. */
static void stanza_open(Arena *arena, Stanza *stanza, Str head) {
    size_t colon = slice_find_char(head, ':', 0);
    Str type = colon < head.length ? slice(head, 0, colon) : STR("");
    Str id = colon < head.length ? slice_trim(slice(head, colon + 1, head.length)) : head;
    if (id.length && word_end(type) == type.length && word_end(id) == id.length)
        *stanza = (Stanza){.type = type, .id = id, .keys = {.arena = arena}, .open = 1};
}

const Value *decode_stanzas(Arena *arena, Names *names, Str text, Span origin) {
    const StanzaNames words = {
        name_intern(names, STR("type")),  name_intern(names, STR("id")),  name_intern(names, STR("keys")),
        name_intern(names, STR("lines")), name_intern(names, STR("key")), name_intern(names, STR("value")),
    };
    Values stanzas = {0};
    Stanza stanza = {.open = 0};
    for (Str rest = text, line; slice_next_line(&rest, &line);) {
        Str trimmed = slice_trim(line);
        if (!trimmed.length)
            stanza_close(arena, &words, &stanza, &stanzas, origin);
        if (!trimmed.length || trimmed.text[0] == '#')
            continue;
        int indented = line.text != trimmed.text;
        if (indented && stanza.open)
            stanza_line(arena, names, &words, &stanza, trimmed, piece_span(text, origin, trimmed));
        else if (!indented && !stanza.open)
            stanza_open(arena, &stanza, trimmed);
    }
    stanza_close(arena, &words, &stanza, &stanzas, origin);
    return values_list(arena, &stanzas, origin);
}
