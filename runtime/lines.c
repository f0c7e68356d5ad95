/* Line edits: the section is found, filtered and filled; every byte outside it stays. */
#include "runtime/lines.h"

#include <fnmatch.h>
#include <string.h>

#include "lang/name.h"

/* The line at [at] without its newline; [next] is where the following one starts. */
static Str line_at(Str text, size_t at, size_t *next) {
    const char *newline = memchr(text.text + at, '\n', text.length - at);
    size_t end = newline ? (size_t)(newline - text.text) : text.length;
    *next = newline ? end + 1 : end;
    return (Str){text.text + at, end - at};
}

static Str line_trim(Str line) {
    while (line.length && strchr(" \t\r", line.text[line.length - 1]))
        line.length--;
    while (line.length && strchr(" \t", line.text[0]))
        line = (Str){line.text + 1, line.length - 1};
    return line;
}

/* Is it `[name]`? */
static int line_is_header(Str line, Str *name) {
    line = line_trim(line);
    if (line.length < 2 || line.text[0] != '[' || line.text[line.length - 1] != ']')
        return 0;
    *name = (Str){line.text + 1, line.length - 2};
    return 1;
}

static Str line_key(Str line) {
    line = line_trim(line);
    size_t length = 0;
    while (length < line.length && !strchr(":= \t", line.text[length]))
        length++;
    return (Str){line.text, length};
}

static int line_matches(Arena *arena, Str line, const LineEdit *edit, const char *const *patterns) {
    if (!edit->remove_count)
        return 0;
    const char *whole = arena_str(arena, line).text, *key = arena_str(arena, line_key(line)).text;
    for (uint32_t i = 0; i < edit->remove_count; i++)
        if (fnmatch(patterns[i], whole, 0) == 0 || fnmatch(patterns[i], key, 0) == 0)
            return 1;
    return 0;
}

/* Where the section lies: [start, end) of its lines, without its header. 0 where there is none. */
static int section_find(Str text, Str section, size_t *start, size_t *end) {
    int inside = section.length == 0;
    *start = 0;
    for (size_t at = 0, next; at < text.length; at = next) {
        Str name, line = line_at(text, at, &next);
        if (!line_is_header(line, &name))
            continue;
        if (inside) {
            *end = at;
            return 1;
        }
        if (str_equal(name, section)) {
            inside = 1;
            *start = next;
        }
    }
    *end = text.length;
    return inside;
}

static void out_line(Text *out, Str line) {
    text_add(out, line);
    text_add_char(out, '\n');
}

static void out_end_line(Text *out, size_t before) {
    if (out->length > before && out->bytes[out->length - 1] != '\n')
        text_add_char(out, '\n');
}

int lines_edit(Str text, const LineEdit *edit, Text *out) {
    Arena *arena = arena_open();
    Names *present = names_new(arena);
    size_t before = out->length, start, end;
    const char **patterns = ARENA_ARRAY(arena, const char *, edit->remove_count + 1);
    if (!text.length)
        text = STR("");
    for (uint32_t i = 0; i < edit->remove_count; i++)
        patterns[i] = arena_str(arena, edit->remove[i]).text;

    int there = section_find(text, edit->section, &start, &end);
    if (!there)
        start = end = text.length;
    text_add(out, (Str){text.text, start});

    /* The blank lines that end the section stay behind what is added: they part it from the next header. */
    size_t filled = start;
    for (size_t at = start, next; at < end; at = next)
        if (line_trim(line_at(text, at, &next)).length)
            filled = next;
    for (size_t at = start, next; at < filled; at = next) {
        Str line = line_at(text, at, &next);
        if (line_matches(arena, line, edit, patterns))
            continue;
        text_add(out, (Str){text.text + at, next - at});
        name_intern(present, line);
    }
    int added = 0;
    for (uint32_t i = 0; i < edit->add_count; i++) {
        if (name_find(present, edit->add[i]))
            continue;
        out_end_line(out, before);
        if (!there && !added) {
            if (out->length > before)
                text_add_char(out, '\n');
            text_addf(out, "[%.*s]\n", (int)edit->section.length, edit->section.text);
        }
        out_line(out, edit->add[i]);
        name_intern(present, edit->add[i]);
        added = 1;
    }
    if (added && filled == end && end < text.length)
        text_add_char(out, '\n');
    text_add(out, (Str){text.text + filled, text.length - filled});
    arena_close(arena);
    size_t length = out->length - before;
    return length != text.length || (length && memcmp(out->bytes + before, text.text, length) != 0);
}
