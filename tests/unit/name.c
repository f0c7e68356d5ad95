/* Interned names. */
#include "lang/name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_same_letters_same_pointer(void **state) {
    (void)state;
    Arena *arena = arena_open();
    Names *names = names_new(arena);
    char letters[] = "cores";
    const Name *a = name_intern(names, (Str){letters, 5});
    letters[0] = 'x';
    assert_ptr_equal(name_intern(names, STR("cores")), a);
    assert_ptr_not_equal(name_intern(names, STR("core")), a);
    assert_ptr_not_equal(name_intern(names, STR("Cores")), a);
    assert_string_equal(a->text, "cores");
    assert_int_equal(a->length, 5);
    assert_int_equal(a->hash, hash_bytes("cores", 5));
    assert_int_equal(a->token, 0);
    arena_close(arena);
}

static void test_find_makes_nothing(void **state) {
    (void)state;
    Arena *arena = arena_open();
    Names *names = names_new(arena);
    assert_null(name_find(names, STR("memory")));
    assert_null(name_find(names, STR("memory")));
    const Name *name = name_intern(names, STR("memory"));
    assert_ptr_equal(name_find(names, STR("memory")), name);
    arena_close(arena);
}

static void test_the_empty_name_and_a_nul(void **state) {
    (void)state;
    Arena *arena = arena_open();
    Names *names = names_new(arena);
    const Name *empty = name_intern(names, STR(""));
    assert_ptr_equal(name_intern(names, (Str){NULL, 0}), empty);
    const Name *with_nul = name_intern(names, STR("a\0b"));
    assert_ptr_not_equal(with_nul, name_intern(names, STR("a")));
    assert_int_equal(name_str(with_nul).length, 3);
    arena_close(arena);
}

static void test_many(void **state) {
    (void)state;
    enum { COUNT = 50000 };
    Arena *arena = arena_open();
    Names *names = names_new(arena);
    const Name **all = ARENA_ARRAY(arena, const Name *, COUNT);
    for (uint32_t i = 0; i < COUNT; i++) all[i] = name_intern(names, arena_printf(arena, "name%u", i));
    for (uint32_t i = 0; i < COUNT; i++) {
        Str text = arena_printf(arena, "name%u", i);
        assert_ptr_equal(name_intern(names, text), all[i]);
        assert_true(str_equal(name_str(all[i]), text));
    }
    arena_close(arena);
}

static void test_join(void **state) {
    (void)state;
    Arena *arena = arena_open();
    Names *names = names_new(arena);
    const Name *pve = name_intern(names, STR("pve")), *lxc = name_intern(names, STR("lxc"));
    const Name *written = name_intern(names, STR("pve.lxc"));
    assert_ptr_equal(name_join(names, pve, lxc), written);
    const Name *made = name_join(names, written, pve);
    assert_string_equal(made->text, "pve.lxc.pve");
    assert_ptr_equal(name_intern(names, STR("pve.lxc.pve")), made);
    arena_close(arena);
}

static void test_reserve(void **state) {
    (void)state;
    Arena *arena = arena_open();
    Names *names = names_new(arena);
    const Name *early = name_intern(names, STR("if"));
    name_reserve(names, STR("if"), 258);
    name_reserve(names, STR("else"), 259);
    assert_int_equal(early->token, 258);
    assert_int_equal(name_find(names, STR("else"))->token, 259);
    assert_int_equal(name_intern(names, STR("iff"))->token, 0);
    arena_close(arena);
}

static void test_hash_is_fnv_1a(void **state) {
    (void)state;
    assert_int_equal(hash_bytes("", 0), 0x811c9dc5u);
    assert_int_equal(hash_bytes("a", 1), 0xe40c292cu);
    assert_int_equal(hash_bytes("foobar", 6), 0xbf9cf968u);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_letters_same_pointer),
        cmocka_unit_test(test_find_makes_nothing),
        cmocka_unit_test(test_the_empty_name_and_a_nul),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_join),
        cmocka_unit_test(test_reserve),
        cmocka_unit_test(test_hash_is_fnv_1a),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
