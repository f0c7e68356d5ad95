/* From the bytes of strings and numbers to values: where a string ends, its escapes, the indentation of blocks, units. */
#include "lang/literal.h"

#include <string.h>

#include "lang/number.h"

/* ---- where a string ends ---- */

typedef enum Mode { MODE_LINE, MODE_BLOCK, MODE_CODE } Mode;

/* Strings and holes around a byte, the innermost last. */
typedef struct Nest {
    struct {
        Mode mode;
        uint32_t start;     /* of a hole: its brace */
        uint32_t braces;    /* of a hole: opened inside it and not closed yet */
    } levels[2 * TREE_DEPTH_LIMIT];
    uint32_t count;
    uint32_t lines;         /* how many of them are strings that end with their line */
} Nest;

static int nest_open(Nest *nest, Mode mode, uint32_t start) {
    if (nest->count == sizeof nest->levels / sizeof *nest->levels) return 0;
    nest->levels[nest->count].mode = mode;
    nest->levels[nest->count].start = start;
    nest->levels[nest->count].braces = 0;
    nest->count++;
    nest->lines += mode == MODE_LINE;
    return 1;
}

static void nest_close(Nest *nest) { nest->lines -= nest->levels[--nest->count].mode == MODE_LINE; }

static int begins_with(Str bytes, uint32_t at, const char *what) {
    size_t length = strlen(what);
    return bytes.length - at >= length && memcmp(bytes.text + at, what, length) == 0;
}

/* The length of the escape at a backslash: `\u{...}` as a whole, because its brace opens no hole. */
static uint32_t escape_length(Str bytes, uint32_t at) {
    if (begins_with(bytes, at, "\\u{")) {
        uint32_t end = at + 3;
        while (end < bytes.length && bytes.text[end] != '}' && bytes.text[end] != '"' && bytes.text[end] != '\n') end++;
        if (end < bytes.length && bytes.text[end] == '}') return end + 1 - at;
    }
    return at + 1 < bytes.length && bytes.text[at + 1] != '\n' ? 2 : 1;
}

/* Behind a raw string or raw block that begins at [at]; where it has no end, at the end of the line or text. */
static uint32_t raw_end(Str bytes, uint32_t at) {
    int block = begins_with(bytes, at, "'''");
    for (at += block ? 3 : 1; at < bytes.length; at++) {
        if (block ? begins_with(bytes, at, "'''") : bytes.text[at] == '\'') return at + (block ? 3 : 1);
        if (!block && bytes.text[at] == '\n') return at;
    }
    return at;
}

/* Steps over what stands at [*at] in a string; 0 where that is too deep. */
static int step_in_string(Nest *nest, Str bytes, uint32_t *at) {
    int block = nest->levels[nest->count - 1].mode == MODE_BLOCK;
    char c = bytes.text[*at];
    if (c == '\\') {
        *at += escape_length(bytes, *at);
    } else if (c == '{') {
        return nest_open(nest, MODE_CODE, (*at)++);
    } else if (c == '"' && (!block || begins_with(bytes, *at, "\"\"\""))) {
        nest_close(nest);
        *at += block ? 3 : 1;
    } else {
        ++*at;
    }
    return 1;
}

/* The same in a hole. */
static int step_in_hole(Nest *nest, Str bytes, uint32_t *at) {
    char c = bytes.text[*at];
    if (c == '"') {
        int block = begins_with(bytes, *at, "\"\"\"");
        uint32_t start = *at;
        *at += block ? 3 : 1;
        return nest_open(nest, block ? MODE_BLOCK : MODE_LINE, start);
    }
    if (c == '\'') {
        uint32_t end = raw_end(bytes, *at);
        /* A raw block's newlines are seen by the loop where they matter. */
        const char *newline = nest->lines > 0 ? memchr(bytes.text + *at, '\n', end - *at) : NULL;
        *at = newline != NULL ? (uint32_t)(newline - bytes.text) : end;
        return 1;
    }
    if (c == '#' || begins_with(bytes, *at, "//")) {
        const char *newline = memchr(bytes.text + *at, '\n', bytes.length - *at);
        *at = newline != NULL ? (uint32_t)(newline - bytes.text) : (uint32_t)bytes.length;
        return 1;
    }
    if (c == '{') nest->levels[nest->count - 1].braces++;
    if (c == '}' && nest->levels[nest->count - 1].braces-- == 0) nest_close(nest);
    ++*at;
    return 1;
}

Extent literal_extent(Str bytes, uint32_t start) {
    if (bytes.text[start] == '\'') {
        uint32_t end = raw_end(bytes, start);
        int block = begins_with(bytes, start, "'''");
        int closed = end - start >= (block ? 6 : 2) && bytes.text[end - 1] == '\'';
        return (Extent){closed ? EXTENT_CLOSED : EXTENT_QUOTE_OPEN, end, 0};
    }
    Nest nest;
    nest.count = nest.lines = 0;
    int block = begins_with(bytes, start, "\"\"\"");
    nest_open(&nest, block ? MODE_BLOCK : MODE_LINE, start);
    uint32_t at = start + (block ? 3 : 1);
    while (nest.count > 0 && at < bytes.length && !(bytes.text[at] == '\n' && nest.lines > 0)) {
        int in_hole = nest.levels[nest.count - 1].mode == MODE_CODE;
        if (!(in_hole ? step_in_hole : step_in_string)(&nest, bytes, &at)) return (Extent){EXTENT_TOO_DEEP, start + 1, 0};
    }
    if (nest.count == 0) return (Extent){EXTENT_CLOSED, at, 0};
    if (nest.count == 1) return (Extent){EXTENT_QUOTE_OPEN, at, 0};
    return (Extent){EXTENT_HOLE_OPEN, at, nest.levels[1].start};
}

/* ---- escapes ---- */

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* The character of `\u{...}`; 0 where there is none. NUL is none: no argument of a command can hold it. */
static uint32_t escape_character(Str escape) {
    uint32_t character = 0;
    if (escape.length < 5 || escape.length > 10) return 0;
    for (size_t i = 3; i + 1 < escape.length; i++) {
        int digit = hex_digit(escape.text[i]);
        if (digit < 0) return 0;
        character = character * 16 + (uint32_t)digit;
    }
    return character > 0x10FFFF || (character >= 0xD800 && character < 0xE000) ? 0 : character;
}

static char *utf8_put(char *out, uint32_t c) {
    if (c < 0x80) {
        *out++ = (char)c;
    } else if (c < 0x800) {
        *out++ = (char)(0xC0 | c >> 6);
        *out++ = (char)(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
        *out++ = (char)(0xE0 | c >> 12);
        *out++ = (char)(0x80 | (c >> 6 & 0x3F));
        *out++ = (char)(0x80 | (c & 0x3F));
    } else {
        *out++ = (char)(0xF0 | c >> 18);
        *out++ = (char)(0x80 | (c >> 12 & 0x3F));
        *out++ = (char)(0x80 | (c >> 6 & 0x3F));
        *out++ = (char)(0x80 | (c & 0x3F));
    }
    return out;
}

static void escape_report(Builder *build, Span span, Str escape) {
    /* After the backslash there may be more than the first byte of a character. */
    const char *end = build->source->bytes.text + build->source->bytes.length;
    while (escape.text + escape.length < end && ((unsigned char)escape.text[escape.length] & 0xC0) == 0x80) {
        escape.length++;
        span.end++;
    }
    if (escape.length > 2 && escape.text[1] == 'u') {
        Diagnostic *d = builder_error(build, CODE_ESCAPE, span, "there is no such character");
        if (d != NULL)
            diag_help(build->diagnostics, d, "`\\u{...}` holds one to six hexadecimal digits of a Unicode character, as in `\\u{e9}`");
        return;
    }
    Diagnostic *d = builder_error(build, CODE_ESCAPE, span, "`%.*s` is no escape", (int)escape.length, escape.text);
    if (d == NULL) return;
    diag_help(build->diagnostics, d,
              "there are \\n \\t \\\" \\\\ \\{ \\} \\u{...}; a backslash itself is written `\\\\`, or the string raw: '...'");
    diag_fix(build->diagnostics, d, (Span){span.file, span.start, span.start}, STR("\\"));
}

/* Writes what the escape at [at] means to [out]; no escape means more bytes than it has. */
static char *escape_put(Builder *build, Span span, uint32_t at, uint32_t length, char *out) {
    Str escape = {build->source->bytes.text + at, length};
    switch (length > 1 ? escape.text[1] : '\0') {
    case 'n': *out++ = '\n'; return out;
    case 't': *out++ = '\t'; return out;
    case '"': case '\\': case '{': case '}': *out++ = escape.text[1]; return out;
    default: break;
    }
    uint32_t character = length > 2 ? escape_character(escape) : 0;
    if (character != 0) return utf8_put(out, character);
    escape_report(build, (Span){span.file, at, at + length}, escape);
    return out;
}

/* Copies [start, end) to [out] with escapes resolved; a newline with a carriage return counts as a newline. */
static char *text_put(Builder *build, Span span, int raw, char *out) {
    const char *bytes = build->source->bytes.text;
    for (uint32_t at = span.start; at < span.end;) {
        if (bytes[at] == '\\' && !raw) {
            uint32_t length = escape_length((Str){bytes, span.end}, at);
            out = escape_put(build, span, at, length, out);
            at += length;
        } else {
            int carriage = bytes[at] == '\r' && at + 1 < span.end && bytes[at + 1] == '\n';
            if (!carriage) *out++ = bytes[at];
            at++;
        }
    }
    return out;
}

const Value *literal_string(Builder *build, Span span) {
    const char *bytes = build->source->bytes.text;
    Str text = {bytes + span.start + 1, span.end - span.start - 2};
    if (bytes[span.start] == '"' && memchr(text.text, '\\', text.length) != NULL) {
        char *copy = arena_text(build->arena, text.length);
        char *end = text_put(build, (Span){span.file, span.start + 1, span.end - 1}, 0, copy);
        text = (Str){copy, (size_t)(end - copy)};
    }
    return value_string(build->arena, span, text);
}

/* ---- blocks ---- */

/* The blanks at the start of a part. */
static uint32_t indentation(const char *bytes, Span span) {
    uint32_t at = span.start;
    while (at < span.end && (bytes[at] == ' ' || bytes[at] == '\t')) at++;
    return at - span.start;
}

static int ends_line(const char *bytes, Span span) { return span.end > span.start && bytes[span.end - 1] == '\n'; }

/* Nothing but blanks up to the newline. */
static int is_blank(const char *bytes, Span span) {
    uint32_t at = span.start + indentation(bytes, span);
    if (at < span.end && bytes[at] == '\r') at++;
    return at < span.end && bytes[at] == '\n';
}

/* How many blanks all lines begin with, the same ones. Blank lines don't count, nor does the line of the closing quotes;
   [first] is where the first whole line starts. */
static uint32_t common_indentation(const char *bytes, const TextPart *parts, uint32_t count, uint32_t first) {
    const char *common = NULL;
    uint32_t length = 0;
    int starts = 1;
    for (uint32_t i = first; i < count; i++) {
        int line = starts;
        Span span = parts[i].span;
        starts = parts[i].hole == NULL && ends_line(bytes, span);
        if (!line) continue;
        uint32_t blanks = parts[i].hole != NULL ? 0 : indentation(bytes, span);
        int closing = i + 1 == count && parts[i].hole == NULL && blanks == span.end - span.start;
        if (closing || (parts[i].hole == NULL && is_blank(bytes, span))) continue;
        if (common == NULL) {
            common = bytes + span.start;
            length = blanks;
        }
        uint32_t same = 0;
        while (same < length && same < blanks && common[same] == bytes[span.start + same]) same++;
        length = same;
    }
    return length;
}

void literal_parts(Builder *build, Span span, const TextPart *parts, uint32_t count, Str *texts) {
    const char *bytes = build->source->bytes.text;
    int block = begins_with(build->source->bytes, span.start, "\"\"\"") || begins_with(build->source->bytes, span.start, "'''");
    int raw = bytes[span.start] == '\'';
    uint32_t first = block && count > 0 && parts[0].hole == NULL && is_blank(bytes, parts[0].span);
    uint32_t common = block ? common_indentation(bytes, parts, count, first) : 0;
    int starts = block && first == 1;
    char *out = arena_text(build->arena, span.end - span.start);
    for (uint32_t i = 0; i < count; i++) {
        char *begin = out;
        Span part = parts[i].span;
        int line = starts;
        starts = block && parts[i].hole == NULL && ends_line(bytes, part);
        if (parts[i].hole == NULL && i >= first) {
            uint32_t blanks = line ? indentation(bytes, part) : 0;
            if (line && (is_blank(bytes, part) || (i + 1 == count && blanks == part.end - part.start))) part.start += blanks;
            else if (line) part.start += common;
            out = text_put(build, part, raw, out);
        }
        texts[i] = (Str){begin, (size_t)(out - begin)};
    }
}

/* ---- numbers ---- */

int literal_is_unit(Str text) {
    for (size_t i = 0; number_size_unit(i) != NULL; i++)
        if (str_equal(str_of(number_size_unit(i)), text)) return 1;
    for (size_t i = 0; number_duration_unit(i) != NULL; i++)
        if (str_equal(str_of(number_duration_unit(i)), text)) return 1;
    return 0;
}

/* For `%.*s` in messages: as much of a number as anybody reads. */
#define SHOWN(str) (int)((str).length < 40 ? (str).length : 40), (str).text

/* Where the unit begins: behind the digits. */
static size_t digits_length(Str text) {
    size_t length = 0;
    while (length < text.length && strchr("0123456789._", text.text[length]) != NULL) length++;
    return length;
}

static void malformed_report(Builder *build, Span span, Str text) {
    int zero = text.length > 1 && text.text[0] == '0' && text.text[1] >= '0' && text.text[1] <= '9';
    int base = text.length > 1 && text.text[0] == '0' && strchr("xob", text.text[1]) != NULL;
    Diagnostic *d = builder_error(build, CODE_LITERAL, span, zero ? "`%.*s` begins with a zero" : "`%.*s` is no number", SHOWN(text));
    if (d == NULL) return;
    if (base) {
        diag_help(build->diagnostics, d, "numbers are decimal; a file mode is a string: \"0644\"");
        return;
    }
    if (!zero) {
        diag_help(build->diagnostics, d, "a number is digits, with single `_` between them, `.` and digits, and a unit: 1_000, 1.5GiB");
        return;
    }
    diag_help(build->diagnostics, d, "a file mode is a string: \"%.*s\"; a number is written without the zero", SHOWN(text));
    if (text.length <= 5) diag_fix(build->diagnostics, d, span, arena_printf(build->arena, "\"%.*s\"", SHOWN(text)));
}

static void unit_unknown(Builder *build, Span span, Str text) {
    if (begins_with(text, 0, "0x") || begins_with(text, 0, "0o") || begins_with(text, 0, "0b")) {
        malformed_report(build, span, text);
        return;
    }
    Str amount = {text.text, digits_length(text)};
    Str unit = {text.text + amount.length, text.length - amount.length};
    Diagnostic *d = builder_error(build, CODE_LITERAL, span, "`%.*s`: there is no unit `%.*s`", SHOWN(text), SHOWN(unit));
    if (d == NULL) return;
    static const struct { const char *foreign, *unit; } habits[] = {
        {"b", "B"}, {"byte", "B"}, {"bytes", "B"}, {"sec", "s"}, {"second", "s"}, {"seconds", "s"}, {"min", "m"}, {"minute", "m"},
        {"minutes", "m"}, {"hour", "h"}, {"hours", "h"}, {"hr", "h"}, {"day", "d"}, {"days", "d"}, {"msec", "ms"},
    };
    Suggestion suggestion = suggestion_for(unit);
    for (size_t i = 0; number_size_unit(i) != NULL; i++) suggestion_offer(&suggestion, str_of(number_size_unit(i)));
    for (size_t i = 0; number_duration_unit(i) != NULL; i++) suggestion_offer(&suggestion, str_of(number_duration_unit(i)));
    Str best = suggestion.best;
    for (size_t i = 0; i < sizeof habits / sizeof *habits; i++)
        if (str_equal(unit, str_of(habits[i].foreign))) best = str_of(habits[i].unit);
    if (best.length > 0) {
        diag_help(build->diagnostics, d, "did you mean `%.*s%.*s`?", SHOWN(amount), SHOWN(best));
        diag_fix(build->diagnostics, d, (Span){span.file, span.start + (uint32_t)amount.length, span.end}, best);
    } else {
        diag_help(build->diagnostics, d, "there are B KB MB GB TB KiB MiB GiB TiB, with /s as rates, and ms s m h d %%");
    }
}

static void unit_missing(Builder *build, Span span, Str text) {
    Str amount = {text.text, digits_length(text)};
    const char *powers = "kKmMgGtT";
    const char *letter = strchr(powers, text.text[amount.length]);
    if (letter == NULL) {
        unit_unknown(build, span, text);
        return;
    }
    char power = letter[*letter >= 'a'];
    Diagnostic *d = builder_error(build, CODE_LITERAL, span, "`%.*s` lacks its unit", SHOWN(text));
    if (d == NULL) return;
    diag_help(build->diagnostics, d, "`%.*s%ciB` counts in powers of 1024, as is usual for memory and disks, `%.*s%cB` in powers of 1000",
              SHOWN(amount), power, SHOWN(amount), power);
    Span unit = {span.file, span.start + (uint32_t)amount.length, span.end};
    diag_fix(build->diagnostics, d, unit, arena_printf(build->arena, "%ciB", power));
}

static void fraction_report(Builder *build, Span span, Str text, const Number *number) {
    Text below = {0}, above = {0};
    (number->kind == VALUE_DURATION ? duration_print : size_print)(number->below, &below);
    (number->kind == VALUE_DURATION ? duration_print : size_print)(number->above, &above);
    const char *suffix = number->kind == VALUE_RATE ? "/s" : "";
    Diagnostic *d = builder_error(build, CODE_LITERAL, span, "`%.*s` is no whole number of %s", SHOWN(text),
                                  number->kind == VALUE_DURATION ? "milliseconds" : "bytes");
    if (d != NULL) diag_help(build->diagnostics, d, "its neighbours are `%s%s` and `%s%s`", below.bytes, suffix, above.bytes, suffix);
    text_fini(&below);
    text_fini(&above);
}

static const Value *address_value(Builder *build, Span span, Str text) {
    Address *address = ARENA_NEW(build->arena, Address);
    int64_t mac;
    if (memchr(text.text, ':', text.length) != NULL) {
        if (mac_parse(text, &mac)) return value_integer(build->arena, span, VALUE_MAC, mac);
        builder_error(build, CODE_LITERAL, span, "`%.*s` is no MAC address: that has six pairs of digits", SHOWN(text));
        return NULL;
    }
    int network = memchr(text.text, '/', text.length) != NULL;
    if (network ? cidr_parse(text, address) : ip_parse(text, address))
        return value_address(build->arena, span, network ? VALUE_CIDR : VALUE_IP, address);
    Diagnostic *d = builder_error(build, CODE_LITERAL, span, "`%.*s` is no %s", SHOWN(text), network ? "network" : "address");
    if (d == NULL) return NULL;
    int dots = 0;
    for (size_t i = 0; i < text.length; i++) dots += text.text[i] == '.';
    if (dots != 3)
        diag_help(build->diagnostics, d, "an address has four numbers; anything else, such as a version, is a string: \"%.*s\"",
                  SHOWN(text));
    else
        diag_help(build->diagnostics, d, "each of the four numbers is at most 255%s", network ? ", and the length of the network at most 32" : "");
    return NULL;
}

/* `-9223372036854775808` is a number although its digits alone are none. */
static int is_smallest(Builder *build, Span span, Str text) {
    return span.start > 0 && build->source->bytes.text[span.start - 1] == '-' && str_equal(text, STR("9223372036854775808"));
}

const Value *literal_number(Builder *build, Span span) {
    Str text = {build->source->bytes.text + span.start, span.end - span.start};
    const char *dot = memchr(text.text, '.', text.length);
    if (memchr(text.text, ':', text.length) != NULL || (dot != NULL && memchr(dot + 1, '.', (size_t)(text.text + text.length - dot - 1)) != NULL))
        return address_value(build, span, text);
    if (is_smallest(build, span, text)) return value_integer(build->arena, span, VALUE_INT, INT64_MIN);
    Number number = number_parse(text);
    switch (number.status) {
    case NUMBER_OK:
        if (number.kind == VALUE_FLOAT || number.kind == VALUE_PERCENT) return value_number(build->arena, span, number.kind, number.number);
        return value_integer(build->arena, span, number.kind, number.integer);
    case NUMBER_NO_UNIT: unit_missing(build, span, text); break;
    case NUMBER_UNKNOWN_UNIT: unit_unknown(build, span, text); break;
    case NUMBER_FRACTION: fraction_report(build, span, text, &number); break;
    case NUMBER_MALFORMED: malformed_report(build, span, text); break;
    case NUMBER_OUT_OF_RANGE:
        builder_error(build, CODE_LITERAL, span, "`%.*s` is too large: numbers have 63 bits", SHOWN(text));
        break;
    }
    return NULL;
}
