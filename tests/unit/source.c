/* Sources: lines, columns, texts and UTF-8. */
#include "lang/source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

typedef struct Fixture {
    Arena *arena;
    Sources *sources;
} Fixture;

static int setup(void **state) {
    Arena *arena = arena_open();
    Fixture *fixture = ARENA_NEW(arena, Fixture);
    *fixture = (Fixture){arena, sources_new(arena)};
    *state = fixture;
    return 0;
}

static int teardown(void **state) {
    Fixture *fixture = *state;
    arena_close(fixture->arena);
    return 0;
}

static void expect_position(Sources *sources, uint32_t file, uint32_t offset, uint32_t line, uint32_t column) {
    Position position = source_position(sources, (Span){file, offset, offset});
    if (position.line != line || position.column != column)
        fail_msg("offset %u is at %u:%u, not %u:%u", offset, position.line, position.column, line, column);
}

static void test_numbers(void **state) {
    Fixture *f = *state;
    assert_int_equal(sources_count(f->sources), 0);
    const Source *a = source_add(f->sources, SOURCE_PHX, STR("a.phx"), STR("x"));
    const Source *b = source_add(f->sources, SOURCE_JSON, STR("b.json"), STR("{}"));
    assert_int_equal(a->number, 1);
    assert_int_equal(b->number, 2);
    assert_int_equal(sources_count(f->sources), 2);
    for (int i = 0; i < 100; i++) source_add(f->sources, SOURCE_PHX, STR("more"), STR(""));
    assert_ptr_equal(source_get(f->sources, 1), a);
    assert_ptr_equal(source_get(f->sources, 2), b);
    assert_true(str_equal(source_get(f->sources, 0)->name, STR("?")));
    assert_true(str_equal(source_get(f->sources, 103)->name, STR("?")));
    assert_true(str_equal(source_get(f->sources, UINT32_MAX)->name, STR("?")));
}

static void test_lines_and_columns(void **state) {
    Fixture *f = *state;
    uint32_t n = source_add(f->sources, SOURCE_PHX, STR("a"), STR("ab\n\tc\xC3\xA9\xE2\x82\xACz\n\n"))->number;
    expect_position(f->sources, n, 0, 1, 1);
    expect_position(f->sources, n, 2, 1, 3);    /* the newline itself */
    expect_position(f->sources, n, 3, 2, 1);
    expect_position(f->sources, n, 4, 2, 2);    /* a tab is one column */
    expect_position(f->sources, n, 5, 2, 3);
    expect_position(f->sources, n, 7, 2, 4);    /* after a character of two bytes */
    expect_position(f->sources, n, 10, 2, 5);   /* after one of three */
    expect_position(f->sources, n, 12, 3, 1);
    expect_position(f->sources, n, 13, 4, 1);   /* the end, after the last newline */
    expect_position(f->sources, n, 99, 4, 1);   /* past the end */
}

static void test_empty_text(void **state) {
    Fixture *f = *state;
    const Source *empty = source_add(f->sources, SOURCE_PHX, STR("e"), (Str){NULL, 0});
    expect_position(f->sources, empty->number, 0, 1, 1);
    assert_int_equal(source_line(f->sources, empty, 1).length, 0);
    assert_int_equal(source_line(f->sources, empty, 2).length, 0);
}

static void test_no_text_no_position(void **state) {
    Fixture *f = *state;
    const Source *host = source_add(f->sources, SOURCE_HOST, STR("phoenix"), STR(""));
    expect_position(f->sources, host->number, 0, 0, 0);
    expect_position(f->sources, 0, 0, 0, 0);
    expect_position(f->sources, 77, 5, 0, 0);
    assert_int_equal(source_line(f->sources, host, 1).length, 0);
}

static void test_lines(void **state) {
    Fixture *f = *state;
    const Source *s = source_add(f->sources, SOURCE_PHX, STR("a"), STR("one\r\n\ntwo\nlast\r"));
    assert_true(str_equal(source_line(f->sources, s, 0), STR("")));
    assert_true(str_equal(source_line(f->sources, s, 1), STR("one")));
    assert_true(str_equal(source_line(f->sources, s, 2), STR("")));
    assert_true(str_equal(source_line(f->sources, s, 3), STR("two")));
    assert_true(str_equal(source_line(f->sources, s, 4), STR("last\r")));    /* no line ends here */
    assert_true(str_equal(source_line(f->sources, s, 5), STR("")));
}

/* Columns in a very long line come from a table of characters at every so many bytes: tried on both sides of each entry. */
static void test_columns_of_a_long_line(void **state) {
    Fixture *f = *state;
    enum { CHARACTERS = 10000 };
    char *text = arena_text(f->arena, 5 + CHARACTERS * 3);
    memcpy(text, "abc\n", 4);
    for (int i = 0; i < CHARACTERS; i++) memcpy(text + 4 + i * 3, "\xE2\x82\xAC", 3);
    uint32_t n = source_add(f->sources, SOURCE_JSON, STR("l"), (Str){text, 4 + CHARACTERS * 3})->number;
    for (uint32_t i = 0; i < CHARACTERS; i++) expect_position(f->sources, n, 4 + i * 3, 2, i + 1);
    expect_position(f->sources, n, 4 + CHARACTERS * 3, 2, CHARACTERS + 1);
}

static void test_many_lines(void **state) {
    Fixture *f = *state;
    enum { LINES = 5000 };
    char *text = arena_text(f->arena, LINES * 2);
    for (int i = 0; i < LINES; i++) memcpy(text + i * 2, "x\n", 2);
    uint32_t n = source_add(f->sources, SOURCE_PHX, STR("m"), (Str){text, LINES * 2})->number;
    for (uint32_t i = 0; i < LINES; i++) {
        expect_position(f->sources, n, i * 2, i + 1, 1);
        expect_position(f->sources, n, i * 2 + 1, i + 1, 2);
    }
}

static void test_text_of_span(void **state) {
    Fixture *f = *state;
    uint32_t n = source_add(f->sources, SOURCE_PHX, STR("a"), STR("hello"))->number;
    assert_true(str_equal(source_text(f->sources, (Span){n, 1, 3}), STR("el")));
    assert_true(str_equal(source_text(f->sources, (Span){n, 3, 99}), STR("lo")));
    assert_true(str_equal(source_text(f->sources, (Span){n, 99, 100}), STR("")));
    assert_true(str_equal(source_text(f->sources, (Span){n, 3, 1}), STR("")));
    assert_true(str_equal(source_text(f->sources, SPAN_NONE), STR("")));
}

static void expect_span(Span span, uint32_t file, uint32_t start, uint32_t end) {
    assert_int_equal(span.file, file);
    assert_int_equal(span.start, start);
    assert_int_equal(span.end, end);
}

static void test_join(void **state) {
    (void)state;
    Span a = {1, 5, 8}, b = {1, 10, 12}, other = {2, 0, 1};
    expect_span(span_join(a, b), 1, 5, 12);
    expect_span(span_join(b, a), 1, 5, 12);
    expect_span(span_join(SPAN_NONE, a), 1, 5, 8);
    expect_span(span_join(a, SPAN_NONE), 1, 5, 8);
    expect_span(span_join(a, other), 1, 5, 8);
    expect_span(span_join(SPAN_NONE, SPAN_NONE), 0, 0, 0);
}

/* Each case stands at every distance from the start, because eight plain bytes are passed over at a time. */
static void expect_utf8(Str sample, size_t bad) {
    for (size_t before = 0; before < 20; before++)
        for (size_t after = 0; after < 10; after++) {
            char text[64];
            memset(text, 'x', sizeof text);
            memcpy(text + before, sample.text, sample.length);
            size_t length = before + sample.length + after;
            size_t found = utf8_check(text, length);
            size_t wanted = bad == SIZE_MAX ? length : before + bad;
            if (found != wanted) fail_msg("%zu before, %zu after: %zu, not %zu", before, after, found, wanted);
        }
}

static void test_utf8(void **state) {
    (void)state;
    const size_t good = SIZE_MAX;
    expect_utf8(STR(""), good);
    expect_utf8(STR("plain\x7F\x01"), good);
    expect_utf8(STR("\xC2\x80\xDF\xBF"), good);
    expect_utf8(STR("\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF"), good);
    expect_utf8(STR("\xF0\x90\x80\x80\xF4\x8F\xBF\xBF"), good);
    expect_utf8(STR("a\0b"), 1);
    expect_utf8(STR("\x80"), 0);
    expect_utf8(STR("\xC0\xAF"), 0);                /* overlong */
    expect_utf8(STR("\xC1\xBF"), 0);
    expect_utf8(STR("\xE0\x9F\xBF"), 0);
    expect_utf8(STR("\xF0\x8F\xBF\xBF"), 0);
    expect_utf8(STR("\xED\xA0\x80"), 0);            /* a surrogate */
    expect_utf8(STR("\xED\xBF\xBF"), 0);
    expect_utf8(STR("\xF4\x90\x80\x80"), 0);        /* past U+10FFFF */
    expect_utf8(STR("\xF5\x80\x80\x80"), 0);
    expect_utf8(STR("\xFF"), 0);
    expect_utf8(STR("ok\xC3!"), 2);                 /* cut off */
    expect_utf8(STR("\xE2\x82!"), 0);
    expect_utf8(STR("\xF0\x9F\x98!"), 0);
    assert_int_equal(utf8_check("\xC3", 1), 0);
    assert_int_equal(utf8_check("\xE2\x82", 2), 0);
    assert_int_equal(utf8_check("\xF0\x9F\x98", 3), 0);
    assert_int_equal(utf8_length("", 0), 0);
    assert_int_equal(utf8_length("a", 1), 1);
    assert_int_equal(utf8_length("\xC3\xA9", 2), 2);
    assert_int_equal(utf8_length("\xE2\x82\xAC", 3), 3);
    assert_int_equal(utf8_length("\xF0\x9F\x98\x80", 4), 4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_numbers, setup, teardown),
        cmocka_unit_test_setup_teardown(test_lines_and_columns, setup, teardown),
        cmocka_unit_test_setup_teardown(test_empty_text, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_text_no_position, setup, teardown),
        cmocka_unit_test_setup_teardown(test_lines, setup, teardown),
        cmocka_unit_test_setup_teardown(test_columns_of_a_long_line, setup, teardown),
        cmocka_unit_test_setup_teardown(test_many_lines, setup, teardown),
        cmocka_unit_test_setup_teardown(test_text_of_span, setup, teardown),
        cmocka_unit_test(test_join),
        cmocka_unit_test(test_utf8),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
