/* JSON against RFC 8259: the table of json_cases.def, and the grammar itself, every text of some length over its letters, held against a second reader
   that is written after the RFC and shares nothing with the first. */
#include "lang/json.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- the table ---- */

typedef struct Case {
    const char *section;
    Str text;
    uint32_t line, column;      /* of the error; 0: it is JSON */
} Case;

static const Case CASES[] = {
#define ACCEPTED(section, text) {section, {text, sizeof text - 1}, 0, 0},
#define REFUSED(section, text, line, column) {section, {text, sizeof text - 1}, line, column},
#include "tests/unit/json_cases.def"
};
enum { CASE_COUNT = sizeof CASES / sizeof *CASES };

static void case_check(const Case *row) {
    Arena *arena = arena_open();
    Names *names = names_new(arena);
    Sources *sources = sources_new(arena);
    Diagnostics *diagnostics = diagnostics_new(arena, sources);
    /* Without a byte behind it, so that a sanitizer sees a read past the end. */
    char *copy = arena_text(arena, row->text.length);
    memcpy(copy, row->text.text, row->text.length);
    Str text = {copy, row->text.length}, error = {0};
    const Value *value = json_read(arena, names, diagnostics, source_add(sources, SOURCE_JSON, STR("t.json"), text));
    const Value *same = json_read_at(arena, names, text, SPAN_NONE, &error);
    uint32_t count;
    const Diagnostic *const *found = diag_sorted(diagnostics, &count);
    if (row->line) {
        if (!count || value->kind != VALUE_POISON || same) fail_msg("%s: `%.*s` was accepted", row->section, (int)text.length, text.text);
        Position position = source_position(sources, found[0]->span);
        if (position.line != row->line || position.column != row->column)
            fail_msg("%s: `%.*s` is wrong at %u:%u, not at %u:%u", row->section, (int)text.length, text.text, row->line, row->column, position.line,
                     position.column);
    } else if (count || !same || !value_equal(value, same)) {
        fail_msg("%s: `%.*s` was refused", row->section, (int)text.length, text.text);
    }
    arena_close(arena);
}

static void test_cases(void **state) {
    (void)state;
    uint32_t refused = 0;
    for (size_t i = 0; i < CASE_COUNT; i++) {
        case_check(&CASES[i]);
        refused += CASES[i].line > 0;
    }
    print_message("%d cases: %u accepted, %u refused, each at its place\n", (int)CASE_COUNT, (unsigned)CASE_COUNT - refused, refused);
}

/* ---- a second reader ---- */

/* Reads from [at] and gives the place behind what it read, NULL where that is none. The texts here have no string but `"X"` with one letter, in
   which a letter stands for the place: so no name stands twice. */
static const char *blanks(const char *at) {
    while (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r') at++;
    return at;
}

static const char *digits(const char *at) {
    if (*at < '0' || *at > '9') return NULL;
    while (*at >= '0' && *at <= '9') at++;
    return at;
}

/* number = [ minus ] int [ frac ] [ exp ], and no greater than a double can be. */
static const char *number(const char *at) {
    const char *start = at;
    at += *at == '-';
    at = *at == '0' ? at + 1 : digits(at);
    if (at && *at == '.') at = digits(at + 1);
    if (at && (*at == 'e' || *at == 'E')) {
        at++;
        at = digits(at + (*at == '+' || *at == '-'));
    }
    return at && !isinf(strtod(start, NULL)) ? at : NULL;
}

static const char *text(const char *at) {
    return at[0] == '"' && at[1] >= 'a' && at[1] <= 'z' && at[2] == '"' ? at + 3 : NULL;
}

static const char *value_after(const char *at);

/* begin [ element *( separator element ) ] end */
static const char *list(const char *at, char end, int named) {
    at = blanks(at + 1);
    if (*at == end) return at + 1;
    for (;;) {
        if (named) {
            at = text(blanks(at));
            at = at ? blanks(at) : NULL;
            if (!at || *at++ != ':') return NULL;
        }
        at = value_after(at);
        if (!at) return NULL;
        if (*at == end) return at + 1;
        if (*at++ != ',') return NULL;
    }
}

static const char *value_after(const char *at) {
    at = blanks(at);
    if (*at == '[') at = list(at, ']', 0);
    else if (*at == '{') at = list(at, '}', 1);
    else if (*at == '"') at = text(at);
    else if (!strncmp(at, "true", 4) || !strncmp(at, "null", 4)) at += 4;
    else if (!strncmp(at, "false", 5)) at += 5;
    else at = number(at);
    return at ? blanks(at) : NULL;
}

static int is_json(const char *at) {
    at = value_after(at);
    return at && !*at;
}

/* ---- every text of some length ---- */

enum {
    ROUND = 4096,           /* texts for which memory is taken at once */
#ifdef PHX_ARENA_MALLOC
    LONGEST = 4             /* words: valgrind takes its time */
#else
    LONGEST = 6
#endif
};

typedef struct Count { Arena *arena; Names *names; uint32_t all, good; } Count;

static void compare(Count *count, const char *text, size_t length) {
    Str error = {0};
    if (!count->arena) {
        count->arena = arena_open();
        count->names = names_new(count->arena);
    }
    int ours = json_read_at(count->arena, count->names, (Str){text, length}, SPAN_NONE, &error) != NULL, theirs = is_json(text);
    if (ours != theirs) fail_msg("`%s` is %s JSON", text, theirs ? "" : "no");
    count->good += (uint32_t)ours;
    if (++count->all % ROUND == 0) {
        arena_close(count->arena);
        count->arena = NULL;
    }
}

/* All sequences of up to [most] of these words; in a word `x` stands for a letter that no other place has. */
static void sequences(Count *count, const char *const *words, size_t word_count, char *text, size_t length, int most) {
    if (length > 0) compare(count, text, length);
    for (size_t i = 0; most > 0 && i < word_count; i++) {
        size_t added = strlen(words[i]);
        memcpy(text + length, words[i], added + 1);
        if (added == 3 && text[length] == '"') text[length + 1] = (char)('a' + most);
        sequences(count, words, word_count, text, length + added, most - 1);
        text[length] = '\0';
    }
}

static void count_end(Count *count, const char *what) {
    if (count->arena) arena_close(count->arena);
    assert_true(count->good > 0 && count->good < count->all);
    print_message("%s: %u texts, %u of them JSON, as the second reader says\n", what, count->all, count->good);
}

static void test_structure(void **state) {
    (void)state;
    static const char *const words[] = {"[", "]", "{", "}", ",", ":", "\"x\"", "1", " "};
    char text[64] = "";
    Count count = {0};
    sequences(&count, words, sizeof words / sizeof *words, text, 0, LONGEST);
    count_end(&count, "structure");
}

static void test_numbers(void **state) {
    (void)state;
    static const char *const words[] = {"-", "+", "0", "7", ".", "e", "E", " ", "x"};
    char text[64] = "";
    Count count = {0};
    sequences(&count, words, sizeof words / sizeof *words, text, 0, LONGEST);
    count_end(&count, "numbers");
}

static void test_names(void **state) {
    (void)state;
    static const char *const words[] = {"true", "false", "null", "t", "n", "\t", ",", "[", "]"};
    char text[64] = "";
    Count count = {0};
    sequences(&count, words, sizeof words / sizeof *words, text, 0, LONGEST - 1);
    count_end(&count, "names of values");
}

/* ---- every byte in every place ---- */

static int reads(Str text) {
    Arena *arena = arena_open();
    Str error = {0};
    int good = json_read_at(arena, names_new(arena), text, SPAN_NONE, &error) != NULL;
    arena_close(arena);
    return good;
}

static void test_bytes(void **state) {
    (void)state;
    for (int byte = 0; byte < 256; byte++) {
        char c = (char)byte;
        int blank = byte && strchr(" \t\n\r", byte) != NULL, digit = byte >= '0' && byte <= '9';
        assert_int_equal(reads((Str){(char[]){c}, 1}), digit);
        assert_int_equal(reads((Str){(char[]){c, '1'}, 2}), blank || c == '-' || (digit && c != '0'));
        assert_int_equal(reads((Str){(char[]){'1', c}, 2}), blank || digit);
        assert_int_equal(reads((Str){(char[]){'[', c, ']'}, 3}), blank || digit);
        assert_int_equal(reads((Str){(char[]){'[', '1', c, '2', ']'}, 5}), c == ',' || c == '.' || c == 'e' || c == 'E' || digit);
        assert_int_equal(reads((Str){(char[]){'"', c, '"'}, 3}), byte >= 0x20 && byte < 0x80 && c != '"' && c != '\\');
        assert_int_equal(reads((Str){(char[]){'"', '\\', c, '"'}, 4}), byte && strchr("\"\\/bfnrt", byte) != NULL);
        int hexadecimal = digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        for (int place = 0; place < 4; place++) {
            char text[] = "\"\\u1111\"";
            text[3 + place] = c;
            /* D1xx is no surrogate, and 1111 with any digit is no NUL. */
            assert_int_equal(reads((Str){text, 8}), hexadecimal);
        }
    }
}

/* Well-formed UTF-8 as RFC 3629 has it. */
static int is_utf8(const unsigned char *at, size_t length) {
    static const struct { unsigned char first, last, low, high, more; } ROWS[] = {
        {0xC2, 0xDF, 0x80, 0xBF, 0}, {0xE0, 0xE0, 0xA0, 0xBF, 1}, {0xE1, 0xEC, 0x80, 0xBF, 1}, {0xED, 0xED, 0x80, 0x9F, 1}, {0xEE, 0xEF, 0x80, 0xBF, 1},
        {0xF0, 0xF0, 0x90, 0xBF, 2}, {0xF1, 0xF3, 0x80, 0xBF, 2}, {0xF4, 0xF4, 0x80, 0x8F, 2},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        if (at[0] < ROWS[i].first || at[0] > ROWS[i].last) continue;
        if (length != 2u + ROWS[i].more || at[1] < ROWS[i].low || at[1] > ROWS[i].high) return 0;
        for (size_t k = 2; k < length; k++)
            if (at[k] < 0x80 || at[k] > 0xBF) return 0;
        return 1;
    }
    return 0;
}

static void test_encoding(void **state) {
    (void)state;
    static const unsigned char NEXT[] = {0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF};
    enum { COUNT = sizeof NEXT };
    uint32_t all = 0, good = 0;
    for (int first = 0x80; first < 0x100; first++)
        for (size_t length = 2; length <= 4; length++)
            for (size_t i = 0; i < COUNT * (length > 2 ? COUNT : 1) * (length > 3 ? COUNT : 1); i++) {
                unsigned char bytes[6] = {'"', (unsigned char)first, NEXT[i % COUNT], NEXT[i / COUNT % COUNT], NEXT[i / COUNT / COUNT % COUNT]};
                bytes[length + 1] = '"';
                /* A character of one byte behind a shorter one is no mistake. */
                int wanted = is_utf8(bytes + 1, length);
                for (size_t part = 2; part < length && !wanted; part++) {
                    size_t ascii = part;
                    while (ascii < length && bytes[ascii + 1] < 0x80) ascii++;
                    wanted = ascii == length && is_utf8(bytes + 1, part);
                }
                int ours = reads((Str){(const char *)bytes, length + 2});
                if (ours != wanted) fail_msg("%02X %02X %02X %02X of %zu: %d", bytes[1], bytes[2], bytes[3], bytes[4], length, ours);
                all++;
                good += (uint32_t)ours;
            }
    assert_true(good > 0 && good < all);
    print_message("encoding: %u sequences of bytes, %u of them UTF-8, as RFC 3629 says\n", all, good);
}

static void test_surrogates(void **state) {
    (void)state;
    static const unsigned EDGES[] = {0x0041, 0xD7FF, 0xD800, 0xD801, 0xDBFF, 0xDC00, 0xDC01, 0xDFFF, 0xE000, 0xFFFF};
    for (size_t i = 0; i < sizeof EDGES / sizeof *EDGES; i++)
        for (size_t k = 0; k < sizeof EDGES / sizeof *EDGES; k++) {
            Text text = {0};
            text_addf(&text, "\"\\u%04x\\u%04X\"", EDGES[i], EDGES[k]);
            int first = EDGES[i] >= 0xD800 && EDGES[i] < 0xDC00, second = EDGES[k] >= 0xDC00 && EDGES[k] < 0xE000;
            int halves = (EDGES[i] >= 0xD800 && EDGES[i] < 0xE000) || (EDGES[k] >= 0xD800 && EDGES[k] < 0xE000);
            assert_int_equal(reads(text_str(&text)), (first && second) || !halves);
            text_fini(&text);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),   cmocka_unit_test(test_structure), cmocka_unit_test(test_numbers),    cmocka_unit_test(test_names),
        cmocka_unit_test(test_bytes),   cmocka_unit_test(test_encoding),  cmocka_unit_test(test_surrogates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
