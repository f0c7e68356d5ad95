// A YAML reader by recursive descent over lines, and a printer.
#include "yaml.h"

#include "formats.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_LIMIT = 64 };

typedef struct Line {
    size_t indent, number;
    const char *text;    // without the indent; of a line that is blank or a comment ""
    const char *raw;
} Line;

typedef struct Reader {
    Host *host;
    Line *lines;
    size_t count, at;
    json_t *anchors;
    int depth;
    jmp_buf stop;
    const char *problem;
} Reader;

_Noreturn static void refuse(Reader *reader, const char *reason) {
    size_t number = reader->at < reader->count ? reader->lines[reader->at].number : reader->count;
    reader->problem = mem_print(reader->host->mem, "yaml: line %zu: %s", number, reason);
    longjmp(reader->stop, 1);
}

static json_t *block_read(Reader *reader, size_t indent);

/// Moves to the next line that says something; false at the end.
static bool line_next(Reader *reader) {
    while (reader->at < reader->count && *reader->lines[reader->at].text == '\0') reader->at++;
    return reader->at < reader->count;
}

/// Where the comment or the blanks at the end of a plain text begin.
static size_t plain_length(const char *text) {
    size_t length = 0;
    while (text[length] != '\0' && !(text[length] == '#' && (length == 0 || isspace((unsigned char)text[length - 1])))) length++;
    while (length > 0 && isspace((unsigned char)text[length - 1])) length--;
    return length;
}

/// A plain scalar by the core schema: null, booleans, numbers; anything else is text.
static json_t *plain_value(const char *text) {
    if (*text == '\0' || strcmp(text, "~") == 0 || strcmp(text, "null") == 0 || strcmp(text, "Null") == 0 || strcmp(text, "NULL") == 0) return json_null();
    if (strcmp(text, "true") == 0 || strcmp(text, "True") == 0 || strcmp(text, "TRUE") == 0) return json_true();
    if (strcmp(text, "false") == 0 || strcmp(text, "False") == 0 || strcmp(text, "FALSE") == 0) return json_false();
    if (formats_match("[-+]?[0-9]{1,18}", text) && (*text != '0' || text[1] == '\0')) return json_integer(strtoll(text, NULL, 10));
    if (formats_match("0x[0-9a-fA-F]{1,15}", text)) return json_integer(strtoll(text, NULL, 16));
    if (formats_match("[-+]?([0-9]+\\.[0-9]*|\\.[0-9]+)([eE][-+]?[0-9]+)?", text)) return json_real(strtod(text, NULL));
    return json_string(text);
}

/// Adds the character that a backslash in a double-quoted text stands for; returns where it ends.
static const char *escape_add(Reader *reader, Text *text, const char *at) {
    static const char LETTERS[] = "0abtnvfre\"/\\ ", BYTES[] = "\0\a\b\t\n\v\f\r\x1b\"/\\ ";
    const char *known = strchr(LETTERS, *at);
    if (*at == 'x' && isxdigit((unsigned char)at[1]) && isxdigit((unsigned char)at[2])) {
        char hex[3] = {at[1], at[2], '\0'}, byte = (char)strtol(hex, NULL, 16);
        text_add_part(text, &byte, 1);
        return at + 3;
    }
    if (*at == '\0' || known == NULL || *at == '0') refuse(reader, "found unknown escape character");
    text_add_part(text, &BYTES[known - LETTERS], 1);
    return at + 1;
}

/// The quoted text that begins at *at; it may go on over lines of which `next` gives one after the other.
static const char *quoted_read(Reader *reader, const char **at) {
    char quote = *(*at)++;
    Text text = text_new(reader->host->mem);
    for (;;) {
        if (**at == '\0') {
            // Folded: the line end is a blank.
            if (++reader->at >= reader->count) refuse(reader, "found unexpected end of stream");
            const char *more = reader->lines[reader->at].raw;
            while (text.length > 0 && text.data[text.length - 1] == ' ') text.data[--text.length] = '\0';
            text_add(&text, " ");
            *at = more + strspn(more, " \t");
        } else if (**at == quote && quote == '\'' && (*at)[1] == quote) {
            text_add(&text, "'");
            *at += 2;
        } else if (**at == quote) {
            (*at)++;
            return text.data;
        } else if (**at == '\\' && quote == '"') {
            *at = escape_add(reader, &text, *at + 1);
        } else {
            text_add_part(&text, (*at)++, 1);
        }
    }
}

/// Skips blanks, comments and line ends inside of brackets.
static void flow_skip(Reader *reader, const char **at) {
    for (;;) {
        *at += strspn(*at, " \t");
        if (**at != '\0' && **at != '#') return;
        if (++reader->at >= reader->count) refuse(reader, "did not find expected ',' or ']'");
        *at = reader->lines[reader->at].text;
    }
}

static json_t *anchor_find(Reader *reader, const char *name) {
    json_t *found = json_object_get(reader->anchors, name);
    if (found == NULL) refuse(reader, mem_print(reader->host->mem, "unknown anchor '%s' referenced", name));
    return found;
}

/// `<<: *x`: what the other mapping has and this one has not.
static void merge(Reader *reader, json_t *target, json_t *source) {
    size_t index;
    json_t *item;
    if (json_is_array(source)) json_array_foreach(source, index, item) merge(reader, target, item);
    else if (json_is_object(source)) json_object_update_missing(target, source);
    else refuse(reader, "map merge requires map or sequence of maps as the value");
}

static json_t *flow_read(Reader *reader, const char **at) {
    if (++reader->depth > DEPTH_LIMIT) refuse(reader, "exceeded max depth");
    flow_skip(reader, at);
    json_t *value;
    if (**at == '[' || **at == '{') {
        char close = **at == '[' ? ']' : '}';
        value = value_keep(reader->host->mem, close == ']' ? json_array() : json_object());
        (*at)++;
        for (flow_skip(reader, at); **at != close; flow_skip(reader, at)) {
            json_t *item = flow_read(reader, at);
            flow_skip(reader, at);
            if (close == ']') {
                json_array_append(value, item);
            } else {
                const char *key = json_string_value(item);
                if (key == NULL || **at != ':') refuse(reader, "did not find expected ',' or '}'");
                (*at)++;
                json_t *inner = flow_read(reader, at);
                if (strcmp(key, "<<") == 0) merge(reader, value, inner);
                else json_object_set(value, key, inner);
                flow_skip(reader, at);
            }
            if (**at == ',') (*at)++;
            else if (**at != close) refuse(reader, close == ']' ? "did not find expected ',' or ']'" : "did not find expected ',' or '}'");
        }
        (*at)++;
    } else if (**at == '"' || **at == '\'') {
        value = value_keep(reader->host->mem, json_string(quoted_read(reader, at)));
    } else {
        size_t length = 0;
        while ((*at)[length] != '\0' && strchr(",[]{}", (*at)[length]) == NULL && !((*at)[length] == ':' && strchr(" ,]}", (*at)[length + 1]) != NULL)) length++;
        size_t used = length;
        while (used > 0 && isspace((unsigned char)(*at)[used - 1])) used--;
        value = **at == '*' ? anchor_find(reader, mem_copy_part(reader->host->mem, *at + 1, used - 1))
                            : value_keep(reader->host->mem, plain_value(mem_copy_part(reader->host->mem, *at, used)));
        *at += length;
        // A key is text, whatever it looks like.
        if (**at == ':' && !json_is_string(value)) value = value_keep(reader->host->mem, json_string(mem_copy_part(reader->host->mem, *at - length, used)));
    }
    reader->depth--;
    return value;
}

/// A block scalar: | keeps line ends, > folds them; - drops the last one, + keeps all.
static json_t *literal_read(Reader *reader, const char *header, size_t parent) {
    bool folds = *header == '>', strips = strchr(header, '-') != NULL, keeps = strchr(header, '+') != NULL;
    Text text = text_new(reader->host->mem);
    size_t indent = 0, blanks = 0;
    for (reader->at++; reader->at < reader->count; reader->at++) {
        const char *raw = reader->lines[reader->at].raw;
        size_t own = strspn(raw, " ");
        if (raw[own] == '\0') {
            blanks++;
            continue;
        }
        if (indent == 0) indent = own;
        if (own < indent || own <= parent) {
            if (own > parent && own < indent) refuse(reader, "did not find expected key");
            break;
        }
        // Between two lines: their end, which folding turns into a blank, and each empty line between them.
        if (text.length > 0) text_add(&text, folds && blanks == 0 ? " " : "\n");
        for (size_t i = text.length > 0 && folds ? 1 : 0; i < blanks; i++) text_add(&text, "\n");
        text_add(&text, raw + indent);
        blanks = 0;
    }
    if (!strips && text.length > 0) text_add(&text, "\n");
    for (size_t i = 0; keeps && i < blanks; i++) text_add(&text, "\n");
    return value_keep(reader->host->mem, json_string(text.data));
}

/// The value that stands behind `key:` or `- ` on the current line, or below it, deeper than [parent].
static json_t *value_read(Reader *reader, const char *text, size_t parent, bool in_mapping) {
    const char *name = NULL;
    if (*text == '&' || *text == '*') {
        size_t length = strcspn(text + 1, " \t");
        name = mem_copy_part(reader->host->mem, text + 1, length);
        if (*text == '*') {
            reader->at++;
            return anchor_find(reader, name);
        }
        text += 1 + length;
        text += strspn(text, " \t");
    }
    json_t *value;
    size_t length = plain_length(text);
    if (length == 0) {
        reader->at++;
        bool more = line_next(reader);
        const Line *line = more ? &reader->lines[reader->at] : NULL;
        bool list = more && line->text[0] == '-' && (line->text[1] == ' ' || line->text[1] == '\0');
        if (more && (line->indent > parent || (in_mapping && list && line->indent == parent))) value = block_read(reader, line->indent);
        else value = json_null();
    } else if (*text == '|' || *text == '>') {
        value = literal_read(reader, text, parent);
    } else if (*text == '[' || *text == '{' || *text == '"' || *text == '\'') {
        const char *at = text;
        value = *text == '[' || *text == '{' ? flow_read(reader, &at) : value_keep(reader->host->mem, json_string(quoted_read(reader, &at)));
        if (plain_length(at) > 0) refuse(reader, "did not find expected key");
        reader->at++;
    } else if (*text == '!' || *text == '@' || *text == '`' || *text == '%') {
        refuse(reader, "found character that cannot start any token");
    } else {
        Text plain = text_new(reader->host->mem);
        text_add_part(&plain, text, length);
        if (strstr(plain.data, ": ") != NULL || text_ends_with(plain.data, ":")) refuse(reader, "mapping values are not allowed in this context");
        // Lines that are deeper go on with it.
        for (reader->at++; line_next(reader) && reader->lines[reader->at].indent > parent; reader->at++) {
            const char *more = reader->lines[reader->at].text;
            size_t part = plain_length(more);
            if (strstr(mem_copy_part(reader->host->mem, more, part), ": ") != NULL) refuse(reader, "mapping values are not allowed in this context");
            text_add(&plain, " ");
            text_add_part(&plain, more, part);
        }
        value = value_keep(reader->host->mem, plain_value(plain.data));
    }
    if (name != NULL) json_object_set(reader->anchors, name, value);
    return value;
}

/// Where the key of a line of a mapping ends; NULL if the line has none. The key goes to [key].
static const char *key_read(Reader *reader, const char *text, const char **key) {
    const char *at = text;
    if (*text == '"' || *text == '\'') {
        size_t before = reader->at;
        *key = quoted_read(reader, &at);
        if (reader->at != before || *at != ':') return NULL;
        return at + 1;
    }
    size_t end = plain_length(text);
    for (; at < text + end; at++)
        if (*at == ':' && (at[1] == ' ' || at[1] == '\t' || at[1] == '\0')) break;
    if (at == text + end || at == text) return NULL;
    *key = mem_copy_part(reader->host->mem, text, (size_t)(at - text));
    return at + 1;
}

static json_t *mapping_read(Reader *reader, size_t indent) {
    json_t *value = value_keep(reader->host->mem, json_object()), *merged = NULL;
    while (line_next(reader) && reader->lines[reader->at].indent == indent) {
        const char *key, *rest = key_read(reader, reader->lines[reader->at].text, &key);
        if (rest == NULL) refuse(reader, "could not find expected ':'");
        if (json_object_get(value, key) != NULL) refuse(reader, mem_print(reader->host->mem, "mapping key \"%s\" already defined", key));
        json_t *item = value_read(reader, rest + strspn(rest, " \t"), indent, true);
        if (strcmp(key, "<<") == 0) merged = item;
        else json_object_set(value, key, item);
    }
    if (line_next(reader) && reader->lines[reader->at].indent > indent) refuse(reader, "did not find expected key");
    if (merged != NULL) merge(reader, value, merged);
    return value;
}

static json_t *sequence_read(Reader *reader, size_t indent) {
    json_t *value = value_keep(reader->host->mem, json_array());
    while (line_next(reader) && reader->lines[reader->at].indent == indent && reader->lines[reader->at].text[0] == '-' &&
           (reader->lines[reader->at].text[1] == ' ' || reader->lines[reader->at].text[1] == '\0')) {
        Line *line = &reader->lines[reader->at];
        size_t skip = 1 + strspn(line->text + 1, " ");
        const char *rest = line->text + skip, *key;
        bool is_mapping = *rest != '[' && *rest != '{' && *rest != '&' && *rest != '*' && key_read(reader, rest, &key) != NULL;
        bool is_list = rest[0] == '-' && (rest[1] == ' ' || rest[1] == '\0');
        if (is_mapping || is_list) {
            // As if what follows the dash stood on a line of its own.
            line->text = rest;
            line->indent = indent + skip;
            json_array_append(value, block_read(reader, line->indent));
        } else {
            json_array_append(value, value_read(reader, rest, indent, false));
        }
    }
    return value;
}

static json_t *block_read(Reader *reader, size_t indent) {
    if (++reader->depth > DEPTH_LIMIT) refuse(reader, "exceeded max depth");
    const char *text = reader->lines[reader->at].text, *key;
    json_t *value;
    if (text[0] == '-' && (text[1] == ' ' || text[1] == '\0')) value = sequence_read(reader, indent);
    else if (*text != '[' && *text != '{' && key_read(reader, text, &key) != NULL) value = mapping_read(reader, indent);
    else value = value_read(reader, text, indent == 0 ? 0 : indent - 1, false);
    reader->depth--;
    return value;
}

json_t *yaml_read(Host *host, const char *text, const char **problem) {
    Reader *reader = mem_alloc(host->mem, sizeof *reader);
    reader->host = host;
    reader->anchors = value_keep(host->mem, json_object());
    Words lines = words_split_all(host->mem, text, '\n');
    reader->lines = mem_alloc(host->mem, (lines.count + 1) * sizeof *reader->lines);
    for (size_t i = 0; i < lines.count; i++) {
        const char *raw = lines.items[i];
        if (text_ends_with(raw, "\r")) raw = mem_copy_part(host->mem, raw, strlen(raw) - 1);
        size_t indent = strspn(raw, " ");
        bool empty = raw[indent] == '\0' || raw[indent] == '#' || (indent == 0 && strcmp(raw, "---") == 0);
        reader->lines[reader->count++] = (Line){.indent = indent, .number = i + 1, .text = empty ? "" : raw + indent, .raw = raw};
    }
    if (setjmp(reader->stop) != 0) {
        *problem = reader->problem;
        return NULL;
    }
    for (size_t i = 0; i < reader->count; i++) {
        reader->at = i;
        if (*reader->lines[i].text == '\t') refuse(reader, "found character that cannot start any token");
        if (i > 0 && strcmp(reader->lines[i].raw, "---") == 0 && i + 1 < reader->count && reader->lines[0].text[0] != '\0') refuse(reader, "several documents are not modelled");
    }
    reader->at = 0;
    if (!line_next(reader)) return json_null();
    json_t *value = block_read(reader, reader->lines[reader->at].indent);
    if (line_next(reader)) refuse(reader, "did not find expected <document start>");
    return value;
}

// ---- printing ----

static void text_print_scalar(Host *host, Text *text, const json_t *value) {
    const char *string = json_string_value(value);
    bool plain = string != NULL && formats_match("[A-Za-z/._][A-Za-z0-9/._ @$+=-]*", string) && !text_ends_with(string, " ");
    if (plain && json_is_string(value_keep(host->mem, plain_value(string)))) {
        text_add(text, string);
        return;
    }
    char *dump = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(15));
    text_add(text, dump);
    free(dump);
}

static void value_print(Host *host, Text *text, const json_t *value, int indent) {
    size_t index;
    json_t *item;
    if (json_is_object(value) && json_object_size(value) > 0) {
        Words keys = words_new(host->mem);
        const char *key;
        json_object_foreach((json_t *)(uintptr_t)value, key, item) words_add(&keys, key);
        words_sort(&keys);
        for (size_t i = 0; i < keys.count; i++) {
            item = json_object_get(value, keys.items[i]);
            bool nested = (json_is_object(item) && json_object_size(item) > 0) || (json_is_array(item) && json_array_size(item) > 0);
            text_print(text, "%*s%s:%s", indent, "", keys.items[i], nested ? "\n" : " ");
            value_print(host, text, item, indent + 2);
        }
    } else if (json_is_array(value) && json_array_size(value) > 0) {
        json_array_foreach((json_t *)(uintptr_t)value, index, item) {
            Text inner = text_new(host->mem);
            value_print(host, &inner, item, indent + 2);
            text_print(text, "%*s- %s", indent, "", inner.data + strspn(inner.data, " "));
        }
    } else {
        text_print_scalar(host, text, value);
        text_add(text, "\n");
    }
}

const char *yaml_print(Host *host, const json_t *value) {
    Text text = text_new(host->mem);
    value_print(host, &text, value, 0);
    return text.data;
}
