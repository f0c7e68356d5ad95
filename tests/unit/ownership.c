/* Stamps: printed, read back, and told apart from everything that only looks like one. */
#include "compiler/ownership.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void assert_str(Str text, const char *expected) {
    if (!str_equal(text, str_of(expected)))
        fail_msg("\"%.*s\" is not \"%s\"", (int)text.length, text.text, expected);
}

static void test_a_stamp_has_one_form(void **state) {
    (void)state;
    Arena *arena = arena_open();
    Stamp stamp = {STR("phoenix"), STR("pve.lxc.qdrant"), STR("952")};
    assert_str(stamp_print(arena, 1, stamp), "<!-- phxc: site=phoenix address=pve.lxc.qdrant id=952 -->");
    assert_str(stamp_print(arena, 0, stamp), "phxc phoenix pve.lxc.qdrant 952");
    arena_close(arena);
}

static void test_whatever_the_names_it_reads_back(void **state) {
    (void)state;
    static const char *const names[] = {"a", "a b", "gpu[\"x y\"]/pve.lxc.ct", "100%", "-->", "tank/a=b", "\xc3\xa4\n\t", "a,b;c'd\"e<f>g\\h"};
    Arena *arena = arena_open();
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        for (size_t k = 0; k < sizeof names / sizeof *names; k++)
            for (int fenced = 0; fenced < 2; fenced++) {
                Stamp stamp = {STR("site"), str_of(names[i]), str_of(names[k])}, back;
                Str own, text = stamp_print(arena, fenced, stamp);
                assert_true(stamp_parse(arena, fenced, text, &back, &own));
                assert_str(back.site, "site");
                assert_str(back.address, names[i]);
                assert_str(back.identity, names[k]);
                for (size_t c = 0; c < text.length; c++)
                    assert_true(text.text[c] >= ' ' && text.text[c] < 0x7f);
            }
    arena_close(arena);
}

static void test_what_only_looks_like_a_stamp_is_none(void **state) {
    (void)state;
    static const char *const whole[] = {
        "", "phxc", "phxc a b", "phxc a b c d", "phxc  a b c", " phxc a b c", "phxc a b ", "PHXC a b c", "phxc a b %63", "phxc a b c%", "phxc a b c<",
    };
    static const char *const fenced[] = {
        "", "<!-- phxc: site=a address=b -->", "<!-- phxc: address=b site=a id=c -->", "<!-- phxc: site=a address=b id=c --> ",
        " <!-- phxc: site=a address=b id=c -->", "<!-- phxc: site= address=b id=c -->", "<!-- phxc:  site=a address=b id=c -->",
        "<!-- phxc: site=a address=b id=c-->", "<!-- phxc: site=a address=b id=%63 -->", "<!-- phxc: site=a address=b id=c extra=d -->",
    };
    Arena *arena = arena_open();
    Stamp stamp;
    Str own;
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
        if (stamp_parse(arena, 0, str_of(whole[i]), &stamp, &own))
            fail_msg("taken for a stamp: %s", whole[i]);
    for (size_t i = 0; i < sizeof fenced / sizeof *fenced; i++)
        if (stamp_parse(arena, 1, str_of(fenced[i]), &stamp, &own))
            fail_msg("taken for a stamp: %s", fenced[i]);
    arena_close(arena);
}

static void test_the_users_own_text_is_the_rest(void **state) {
    (void)state;
    static const struct { const char *text, *own, *id; } cases[] = {
        {"<!-- phxc: site=a address=b id=c -->", "", "c"},
        {"<!-- phxc: site=a address=b id=c -->\n", "", "c"},
        {"my text\n<!-- phxc: site=a address=b id=c -->\n", "my text", "c"},
        {"my text\n\nmore\n\n<!-- phxc: site=a address=b id=c -->", "my text\n\nmore", "c"},
        {"my text\r\n<!-- phxc: site=a address=b id=c -->\r\n", "my text", "c"},
        {"above\n<!-- phxc: site=a address=b id=c -->\nbelow\n", "above\nbelow", "c"},
        /* A clone that was stamped again: the last line counts, the other is text. */
        {"<!-- phxc: site=a address=b id=c -->\n<!-- phxc: site=a address=b id=d -->", "<!-- phxc: site=a address=b id=c -->", "d"},
    };
    Arena *arena = arena_open();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Stamp stamp;
        Str own;
        assert_true(stamp_parse(arena, 1, str_of(cases[i].text), &stamp, &own));
        assert_str(own, cases[i].own);
        assert_str(stamp.identity, cases[i].id);
    }
    Stamp stamp;
    Str own;
    assert_false(stamp_parse(arena, 1, STR("only text\n\n"), &stamp, &own));
    assert_str(own, "only text");
    arena_close(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_stamp_has_one_form),
        cmocka_unit_test(test_whatever_the_names_it_reads_back),
        cmocka_unit_test(test_what_only_looks_like_a_stamp_is_none),
        cmocka_unit_test(test_the_users_own_text_is_the_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
