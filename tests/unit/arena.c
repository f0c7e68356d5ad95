/* The arena, its vectors and strings, and the text buffer. */
#include "lang/arena.h"
#include "lang/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_pieces_are_zeroed_and_aligned(void **state) {
    (void)state;
    static const unsigned char zeros[64];
    Arena *arena = arena_open();
    for (size_t size = 0; size < 64; size++) {
        arena_text(arena, size | 1);    /* texts of odd sizes must not push objects out of line */
        unsigned char *piece = arena_alloc(arena, size);
        assert_int_equal((uintptr_t)piece % 8, 0);
        assert_memory_equal(piece, zeros, size);
        memset(piece, 0xA5, size);
    }
    arena_close(arena);
}

static void test_pieces_do_not_overlap(void **state) {
    (void)state;
    enum { PIECES = 20000 };
    Arena *arena = arena_open();
    unsigned char **pieces = calloc(PIECES, sizeof *pieces);
    size_t *sizes = calloc(PIECES, sizeof *sizes);
    assert_non_null(pieces);
    assert_non_null(sizes);
    for (size_t i = 0; i < PIECES; i++) {
        /* Sizes of every sort, and now and then one that gets a block of its own. */
        sizes[i] = i % 5000 == 17 ? 700000 : i * 7919 % 411;
        pieces[i] = i % 2 == 0 ? arena_alloc(arena, sizes[i]) : (unsigned char *)arena_text(arena, sizes[i]);
        memset(pieces[i], (int)(i % 251), sizes[i]);
    }
    for (size_t i = 0; i < PIECES; i++)
        for (size_t j = 0; j < sizes[i]; j++)
            if (pieces[i][j] != i % 251) fail_msg("piece %zu was written over at %zu", i, j);
    free(pieces);
    free(sizes);
    arena_close(arena);
}

static void test_what_is_dropped_is_gone_and_the_rest_stays(void **state) {
    (void)state;
    enum { LARGE = 3 << 20 };
    Arena *arena = arena_open();
    char *small = arena_alloc(arena, 100), *before = arena_alloc(arena, LARGE), *dropped = arena_alloc(arena, LARGE), *after = arena_alloc(arena, LARGE);
    memset(small, 1, 100);
    memset(before, 2, LARGE);
    memset(after, 3, LARGE);
    ArenaMark mark = arena_mark(arena);
    arena_drop(arena, dropped, LARGE);
    arena_drop(arena, small, 100);      /* nothing: it shares its block */
    assert_false(arena_owns(arena, dropped));
    assert_true(arena_owns(arena, small));
    /* A block at the place of the one that is gone is not taken for one that was there when the mark was set. */
    char *again = arena_alloc(arena, LARGE), *piece = arena_alloc(arena, 100);
    memset(again, 4, LARGE);
    memset(piece, 5, 100);
    arena_release(arena, mark);
    assert_int_equal(small[99] + before[LARGE - 1] + after[LARGE - 1] + again[LARGE - 1] + piece[99], 1 + 2 + 3 + 4 + 5);
    arena_close(arena);
}

static void test_used_counts_what_was_asked_for(void **state) {
    (void)state;
    Arena *arena = arena_open();
    assert_int_equal(arena_used(arena), 0);
    arena_alloc(arena, 5);
    arena_text(arena, 3);
    arena_alloc(arena, 4000000);
    assert_int_equal(arena_used(arena), 4000008);
    arena_close(arena);
}

static void test_close_of_null(void **state) {
    (void)state;
    arena_close(NULL);
}

static void test_str_is_copied_with_nul(void **state) {
    (void)state;
    Arena *arena = arena_open();
    char original[] = "abc";
    Str copy = arena_str(arena, (Str){original, 2});
    original[0] = 'x';
    assert_int_equal(copy.length, 2);
    assert_string_equal(copy.text, "ab");
    Str nothing = arena_str(arena, (Str){NULL, 0});
    assert_int_equal(nothing.length, 0);
    assert_string_equal(nothing.text, "");
    arena_close(arena);
}

static void test_printf_of_any_length(void **state) {
    (void)state;
    Arena *arena = arena_open();
    Str small = arena_printf(arena, "%s-%d", "ct", 952);
    assert_string_equal(small.text, "ct-952");
    assert_int_equal(small.length, 6);
    for (int width = 250; width < 262; width++) {
        Str wide = arena_printf(arena, "%*d", width, 7);
        assert_int_equal(wide.length, (size_t)width);
        assert_int_equal(strlen(wide.text), (size_t)width);
        assert_int_equal(wide.text[width - 1], '7');
    }
    arena_close(arena);
}

static void test_vector_grows(void **state) {
    (void)state;
    Arena *arena = arena_open();
    VECTOR(uint32_t) numbers = {0};
    for (uint32_t i = 0; i < 100000; i++) VECTOR_PUSH(arena, &numbers, i * 3);
    assert_int_equal(numbers.count, 100000);
    assert_true(numbers.capacity >= numbers.count);
    for (uint32_t i = 0; i < 100000; i++) assert_int_equal(numbers.items[i], i * 3);
    arena_close(arena);
}

static void test_str_compare_is_byte_order(void **state) {
    (void)state;
    assert_int_equal(str_compare(STR("a"), STR("a")), 0);
    assert_int_equal(str_compare(STR(""), STR("a")), -1);
    assert_int_equal(str_compare(STR("ab"), STR("a")), 1);
    assert_int_equal(str_compare(STR("a"), STR("b")), -1);
    assert_int_equal(str_compare(STR("\xC3\xA9"), STR("z")), 1);    /* bytes are unsigned */
    assert_int_equal(str_compare((Str){NULL, 0}, STR("")), 0);
    assert_true(str_equal((Str){NULL, 0}, STR("")));
    assert_false(str_equal(STR("a"), STR("A")));
    assert_true(str_equal(str_of("abc"), STR("abc")));
}

/* ---- text ---- */

static void test_text_gathers(void **state) {
    (void)state;
    Text text = {0};
    assert_int_equal(text_str(&text).length, 0);
    assert_string_equal(text_str(&text).text, "");
    text_add(&text, (Str){NULL, 0});
    text_add_literal(&text, "a");
    text_add_char(&text, 'b');
    text_add_repeat(&text, 'c', 3);
    text_add_repeat(&text, 'd', 0);
    text_addf(&text, "%d|%s", 42, "x");
    assert_string_equal(text.bytes, "abccc42|x");
    assert_int_equal(text.length, 9);
    text_clear(&text);
    assert_string_equal(text_str(&text).text, "");
    text_fini(&text);
    assert_null(text.bytes);
}

static void test_text_at_every_edge_of_its_capacity(void **state) {
    (void)state;
    for (size_t before = 240; before < 272; before++) {
        Text text = {0};
        text_add_repeat(&text, 'x', before);
        text_addf(&text, "%s", "0123456789");
        text_add_char(&text, '!');
        assert_int_equal(text.length, before + 11);
        assert_string_equal(text.bytes + before, "0123456789!");
        text_fini(&text);
    }
}

static void test_text_add_int(void **state) {
    (void)state;
    Text text = {0};
    text_add_int(&text, 0);
    text_add_char(&text, ' ');
    text_add_int(&text, -1);
    text_add_char(&text, ' ');
    text_add_int(&text, INT64_MAX);
    text_add_char(&text, ' ');
    text_add_int(&text, INT64_MIN);
    assert_string_equal(text.bytes, "0 -1 9223372036854775807 -9223372036854775808");
    text_fini(&text);
}

/* What was handed over, and whether to refuse. */
typedef struct Sink {
    size_t total;
    size_t largest;
    unsigned calls;
    unsigned refuse_at;
    uint32_t sum;
} Sink;

static int sink_take(void *context, const char *bytes, size_t length) {
    Sink *sink = context;
    sink->calls++;
    if (sink->calls == sink->refuse_at) return -1;
    for (size_t i = 0; i < length; i++) sink->sum = sink->sum * 31 + (unsigned char)bytes[i];
    sink->total += length;
    if (length > sink->largest) sink->largest = length;
    return 0;
}

static void test_text_flushes(void **state) {
    (void)state;
    Sink sink = {0};
    uint32_t sum = 0;
    Text text = {.flush = sink_take, .context = &sink};
    for (uint32_t i = 0; i < 400000; i++) {
        char c = (char)('a' + i % 26);
        sum = sum * 31 + (unsigned char)c;
        if (i % 3 == 0) text_add_char(&text, c);
        else text_addf(&text, "%c", c);
    }
    assert_int_equal(text_finish(&text), 0);
    assert_int_equal(sink.total, 400000);
    assert_int_equal(sink.sum, sum);
    assert_true(sink.calls >= 6);
    assert_true(sink.largest <= 65536);
    assert_true(text.capacity <= 65536);
    text_add_literal(&text, "more");
    assert_int_equal(text_finish(&text), 0);
    assert_int_equal(sink.total, 400004);
    text_fini(&text);
}

static void test_text_flushes_what_is_larger_than_its_buffer(void **state) {
    (void)state;
    Sink sink = {0};
    Text text = {.flush = sink_take, .context = &sink};
    text_add_literal(&text, "before");
    text_add_repeat(&text, 'x', 300000);
    text_add_literal(&text, "after");
    assert_int_equal(text_finish(&text), 0);
    assert_int_equal(sink.total, 300011);
    text_fini(&text);
}

static void test_text_drops_after_a_refusal(void **state) {
    (void)state;
    Sink sink = {.refuse_at = 2};
    Text text = {.flush = sink_take, .context = &sink};
    for (int i = 0; i < 10; i++) text_add_repeat(&text, 'x', 60000);
    assert_int_equal(text_finish(&text), -1);
    assert_int_equal(sink.calls, 2);
    assert_int_equal(sink.total, 60000);
    assert_true(text.capacity <= 131072);
    text_fini(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces_are_zeroed_and_aligned),
        cmocka_unit_test(test_pieces_do_not_overlap),
        cmocka_unit_test(test_what_is_dropped_is_gone_and_the_rest_stays),
        cmocka_unit_test(test_used_counts_what_was_asked_for),
        cmocka_unit_test(test_close_of_null),
        cmocka_unit_test(test_str_is_copied_with_nul),
        cmocka_unit_test(test_printf_of_any_length),
        cmocka_unit_test(test_vector_grows),
        cmocka_unit_test(test_str_compare_is_byte_order),
        cmocka_unit_test(test_text_gathers),
        cmocka_unit_test(test_text_at_every_edge_of_its_capacity),
        cmocka_unit_test(test_text_add_int),
        cmocka_unit_test(test_text_flushes),
        cmocka_unit_test(test_text_flushes_what_is_larger_than_its_buffer),
        cmocka_unit_test(test_text_drops_after_a_refusal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
