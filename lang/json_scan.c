/* The tokens of JSON: strings and numbers, strictly by RFC 8259, and the errors of both. */
#include "lang/json_scan.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* ---- places and errors ---- */

Span reader_span(const Reader *reader, const char *start, const char *end) {
    if (reader->diagnostics == NULL) return reader->origin;
    return (Span){reader->file, (uint32_t)(start - reader->start), (uint32_t)(end - reader->start)};
}

Diagnostic *reader_error(Reader *reader, Code code, const char *start, const char *end, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    Text text = {0};
    text_addv(&text, format, arguments);
    va_end(arguments);
    Diagnostic *diagnostic = NULL;
    if (reader->diagnostics != NULL) {
        diagnostic = diag_error(reader->diagnostics, code, reader_span(reader, start, end), "%s", text.bytes);
    } else if (!reader->failed) {
        *reader->error = arena_printf(reader->arena, "%s, at byte %zu", text.bytes, (size_t)(start - reader->start));
    }
    text_fini(&text);
    reader->failed = 1;
    /* Without diagnostics there is nobody to tell the second error to. */
    if (reader->diagnostics == NULL) reader->stopped = 1;
    return diagnostic;
}

const char *reader_thing_end(const Reader *reader, const char *at) {
    const char *end = at;
    while (end < reader->end && end - at < 40 &&
           ((*end >= 'a' && *end <= 'z') || (*end >= 'A' && *end <= 'Z') || (*end >= '0' && *end <= '9') ||
            *end == '_'))
        end++;
    if (end == at && at < reader->end) end += utf8_length(at, (size_t)(reader->end - at));
    return end;
}

void reader_stop(Reader *reader, const char *expected) {
    const char *end = reader_thing_end(reader, reader->at);
    Diagnostic *diagnostic;
    if (end == reader->at)
        diagnostic =
            reader_error(reader, CODE_JSON_SYNTAX, reader->at, end, "the text ends where %s should stand", expected);
    else if (*reader->at == '\'')
        diagnostic =
            reader_error(reader, CODE_JSON_SYNTAX, reader->at, end, "expected %s, not a single quote", expected);
    else
        diagnostic = reader_error(reader, CODE_JSON_SYNTAX, reader->at, end, "expected %s, not `%.*s`", expected,
                                  (int)(end - reader->at), reader->at);
    reader->stopped = 1;
    if (diagnostic == NULL || reader->at == reader->end) return;
    if (*reader->at == '\'') diag_help(reader->diagnostics, diagnostic, "JSON strings stand in double quotes");
    if (*reader->at == '/' || *reader->at == '#') diag_help(reader->diagnostics, diagnostic, "JSON has no comments");
}

/* ---- strings ---- */

/* Does one of the eight bytes need a look: a quote, a backslash or a control character? Each term sets the high bit of
   bytes that are zero after the subtraction or xor; bytes of 0x80 and more are masked out. */
static int word_is_special(uint64_t word) {
    const uint64_t ones = 0x0101010101010101u, high = 0x8080808080808080u;
    uint64_t quote = word ^ ones * '"', backslash = word ^ ones * '\\';
    return (((word - ones * 0x20) | (quote - ones) | (backslash - ones)) & ~word & high) != 0;
}

static const char *string_run_end(const char *at, const char *end) {
    uint64_t word;
    while ((size_t)(end - at) >= sizeof word) {
        memcpy(&word, at, sizeof word);
        if (word_is_special(word)) break;
        at += sizeof word;
    }
    while (at < end && *at != '"' && *at != '\\' && (unsigned char)*at >= 0x20) at++;
    return at;
}

/* Four hexadecimal digits; -1 where they are not. */
static int32_t hex4(const char *at, const char *end) {
    int32_t value = 0;
    if (end - at < 4) return -1;
    for (int i = 0; i < 4; i++) {
        char c = at[i];
        int32_t digit;
        if (c >= '0' && c <= '9') digit = c - '0';
        else if (c >= 'a' && c <= 'f') digit = c - 'a' + 10;
        else if (c >= 'A' && c <= 'F') digit = c - 'A' + 10;
        else return -1;
        value = value * 16 + digit;
    }
    return value;
}

static char *utf8_put(char *to, uint32_t c) {
    if (c < 0x80) {
        *to++ = (char)c;
    } else if (c < 0x800) {
        *to++ = (char)(0xC0 | c >> 6);
        *to++ = (char)(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
        *to++ = (char)(0xE0 | c >> 12);
        *to++ = (char)(0x80 | (c >> 6 & 0x3F));
        *to++ = (char)(0x80 | (c & 0x3F));
    } else {
        *to++ = (char)(0xF0 | c >> 18);
        *to++ = (char)(0x80 | (c >> 12 & 0x3F));
        *to++ = (char)(0x80 | (c >> 6 & 0x3F));
        *to++ = (char)(0x80 | (c & 0x3F));
    }
    return to;
}

/* `\u....`, with [at] on the `u`: the character, and one past the escape in [after]; 0 after an error. */
static uint32_t unicode_escape(Reader *reader, const char *at, const char *end, const char **after) {
    int32_t first = hex4(at + 1, end);
    if (first < 0) {
        *after = at + 1;
        reader_error(reader, CODE_JSON_STRING, at - 1, at + 1, "`\\u` wants four hexadecimal digits");
        return 0;
    }
    *after = at + 5;
    if (first == 0) {
        reader_error(reader, CODE_JSON_STRING, at - 1, *after, "a NUL character can't stand in a string");
        return 0;
    }
    if (first < 0xD800 || first > 0xDFFF) return (uint32_t)first;
    int32_t second = -1;
    if (first < 0xDC00 && end - *after >= 6 && memcmp(*after, "\\u", 2) == 0) second = hex4(*after + 2, end);
    if (second < 0xDC00 || second > 0xDFFF) {
        reader_error(reader, CODE_JSON_STRING, at - 1, *after, "half of a surrogate pair is no character");
        return 0;
    }
    *after += 6;
    return 0x10000u + ((uint32_t)(first - 0xD800) << 10) + (uint32_t)(second - 0xDC00);
}

/* The characters that stand for others after a backslash. */
static int simple_escape(char letter) {
    switch (letter) {
    case '"': case '\\': case '/': return letter;
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    default: return -1;
    }
}

/* The string between [start] and [end] with its escapes replaced. No escape is shorter than what it stands for. */
static Str string_unescape(Reader *reader, const char *start, const char *end) {
    char *text = arena_text(reader->arena, (size_t)(end - start) + 1);
    char *to = text;
    for (const char *at = start; at < end;) {
        if (*at != '\\') {
            const char *run = memchr(at, '\\', (size_t)(end - at));
            size_t length = (size_t)((run == NULL ? end : run) - at);
            memcpy(to, at, length);
            to += length;
            at += length;
            continue;
        }
        at++;
        int simple = simple_escape(*at);
        if (simple >= 0) {
            *to++ = (char)simple;
            at++;
        } else if (*at == 'u') {
            uint32_t character = unicode_escape(reader, at, end, &at);
            if (character != 0) to = utf8_put(to, character);
        } else {
            const char *after = at + utf8_length(at, (size_t)(end - at));
            reader_error(reader, CODE_JSON_STRING, at - 1, after, "`%.*s` is no escape of JSON", (int)(after - at + 1),
                         at - 1);
            at = after;
        }
    }
    *to = '\0';
    return (Str){text, (size_t)(to - text)};
}

Str reader_string(Reader *reader) {
    const char *start = reader->at + 1, *at = start;
    int escaped = 0;
    for (;;) {
        at = string_run_end(at, reader->end);
        if (at == reader->end) {
            reader_error(reader, CODE_JSON_STRING, reader->at, start, "the string does not end");
            reader->stopped = 1;
            return STR("");
        }
        if (*at == '"') break;
        if (*at == '\\') {
            escaped = 1;
            at += at + 1 < reader->end ? 2 : 1;
            continue;
        }
        if (*at == '\n') {
            reader_error(reader, CODE_JSON_STRING, reader->at, at, "the string does not end on its line");
            reader->stopped = 1;
            return STR("");
        }
        reader_error(reader, CODE_JSON_STRING, at, at + 1, "the control character 0x%02x must be written as an escape",
                     (unsigned)(unsigned char)*at);
        at++;
    }
    reader->at = at + 1;
    if (escaped) return string_unescape(reader, start, at);
    Str string = {start, (size_t)(at - start)};
    return reader->diagnostics != NULL ? string : arena_str(reader->arena, string);
}

/* ---- numbers ---- */

/* A number as its parts are met. */
typedef struct Decimal {
    uint64_t digits;        /* of whole part and fraction, as long as they fit */
    int lost;               /* they did not */
    int is_float;           /* it has a point or an exponent */
    int power;              /* the value is digits * 10^power */
} Decimal;

static const char *take_digits(const char *at, const char *end, Decimal *decimal, int step) {
    for (; at < end && *at >= '0' && *at <= '9'; at++) {
        uint64_t wider;
        if (__builtin_mul_overflow(decimal->digits, 10, &wider) ||
            __builtin_add_overflow(wider, (uint64_t)(*at - '0'), &wider)) {
            decimal->lost = 1;
            continue;
        }
        decimal->digits = wider;
        decimal->power -= step;
    }
    return at;
}

static const char *take_exponent(const char *at, const char *end, Decimal *decimal) {
    int negative = 0, exponent = 0;
    if (at < end && (*at == '+' || *at == '-')) negative = *at++ == '-';
    for (; at < end && *at >= '0' && *at <= '9'; at++)
        if (exponent < 100000) exponent = exponent * 10 + (*at - '0');
    decimal->power += negative ? -exponent : exponent;
    return at;
}

/* With at most 53 bits of digits and a power of ten that is itself a double, one multiplication or division rounds
   correctly, and that is nearly every number there is. The rest goes the long way. */
static double decimal_value(Reader *reader, const Decimal *decimal, const char *start, const char *end) {
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    if (!decimal->lost && decimal->digits <= (uint64_t)1 << 53 && decimal->power >= -22 && decimal->power <= 22) {
        double value = (double)decimal->digits;
        value = decimal->power < 0 ? value / powers[-decimal->power] : value * powers[decimal->power];
        return *start == '-' ? -value : value;
    }
    Str copy = arena_str(reader->arena, (Str){start, (size_t)(end - start)});
    return strtod(copy.text, NULL);
}

static const Value *number_malformed(Reader *reader, const char *start, const char *at, const char *reason) {
    while (at < reader->end && ((*at >= '0' && *at <= '9') || *at == '.' || *at == '+' || *at == '-' ||
                                (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z')))
        at++;
    int shown = at - start > 40 ? 40 : (int)(at - start);
    reader_error(reader, CODE_JSON_NUMBER, start, at, "`%.*s` is no JSON number: %s", shown, start, reason);
    reader->at = at;
    return value_poison(reader->arena, reader_span(reader, start, at), 0);
}

const Value *reader_number(Reader *reader) {
    const char *start = reader->at, *end = reader->end, *at = start + (*start == '-');
    Decimal decimal = {0};
    const char *whole = at;
    at = take_digits(at, end, &decimal, 0);
    if (at == whole) return number_malformed(reader, start, at, "a digit is missing");
    if (*whole == '0' && at - whole > 1) return number_malformed(reader, start, at, "it has a leading zero");
    if (at < end && *at == '.') {
        const char *fraction = ++at;
        decimal.is_float = 1;
        at = take_digits(at, end, &decimal, 1);
        if (at == fraction) return number_malformed(reader, start, at, "a digit is missing after the point");
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        decimal.is_float = 1;
        at = take_exponent(at + 1, end, &decimal);
        if (at[-1] < '0' || at[-1] > '9') return number_malformed(reader, start, at, "its exponent has no digits");
    }
    reader->at = at;
    Span span = reader_span(reader, start, at);
    if (!decimal.is_float && !decimal.lost) {
        uint64_t limit = (uint64_t)INT64_MAX + (*start == '-');
        if (decimal.digits <= limit) {
            int64_t integer = (int64_t)(*start == '-' ? 0 - decimal.digits : decimal.digits);
            return value_integer(reader->arena, span, VALUE_INT, integer);
        }
    }
    double number = decimal_value(reader, &decimal, start, at);
    if (isfinite(number)) return value_number(reader->arena, span, VALUE_FLOAT, number);
    reader_error(reader, CODE_JSON_NUMBER, start, at, "the number is out of range: the greatest is about 1.8e308");
    return value_poison(reader->arena, span, 0);
}
