/* Patterns of POSIX and of ECMA-262: what becomes of each, what becomes of nothing, and that there and back again is the same. */
#include "compiler/ecma.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

typedef struct Pair { const char *posix, *ecma; } Pair;

/* Each is the translation of the other. */
static const Pair PAIRS[] = {
    {"^[a-z]+$", "^[a-z]+$"},
    {"a.b", "a[\\s\\S]b"},
    {"^(a|b){2,3}$", "^(a|b){2,3}$"},
    {"x{4}y{5,}", "x{4}y{5,}"},
    {"[a-z-]", "[a-z\\-]"},
    {"[]a]", "[\\]a]"},
    {"[^]a]", "[^\\]a]"},
    {"[a^]", "[a\\^]"},
    {"[^^]", "[^\\^]"},
    {"[a\\]", "[a\\\\]"},
    {"[a[]", "[a\\[]"},
    {"\\.\\*\\\\", "\\.\\*\\\\"},
    {"\\(*", "\\(*"},
    {"\\^+", "\\^+"},
    {"[^\n]*", "[^\n]*"},
};

static const Pair ONLY_TO_ECMA[] = {
    {"[[:digit:]]", "[0-9]"},
    {"[-a]", "[a\\-]"},
    {"[[:alpha:]_]", "[A-Za-z_]"},
    {"^[^[:space:]:]+$", "^[^ \t\n\r\f\v:]+$"},
};

static const Pair ONLY_FROM_ECMA[] = {
    {"[0-9]", "\\d"},
    {"[A-Za-z0-9_-]", "[\\w-]"},
    {"(ab)?", "(?:ab)?"},
    {"/", "\\/"},
    {"[^\n\r]", "."},
    {"a\tb", "a\\tb"},
};

/* What means something else in the other language, or nothing that POSIX defines. */
static const char *const NOT_TO_ECMA[] = {"*a", "(*a)", "a**", "a{x}", "a}", "\\w", "[[.a.]]", "[[:strange:]]", "[a", "a{", "^*"};
static const char *const NOT_FROM_ECMA[] = {"a*?", "(?=a)", "(?<n>a)", "\\bword\\b", "a{", "[a", "\\", "[\\", "[\\x41]", "\\p{L}", "a+?", "[^]"};

static Str translated(int (*translate)(Str, Text *), const char *pattern, Text *out) {
    text_clear(out);
    return translate(str_of(pattern), out) ? text_str(out) : STR("(none)");
}

static void assert_translates(int (*translate)(Str, Text *), const char *pattern, const char *wanted) {
    Text out = {0};
    Str got = translated(translate, pattern, &out);
    if (!str_equal(got, str_of(wanted)))
        fail_msg("`%s` became `%.*s`, not `%s`", pattern, (int)got.length, got.text, wanted);
    text_fini(&out);
}

static void test_pairs(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof PAIRS / sizeof *PAIRS; i++) {
        assert_translates(pattern_to_ecma, PAIRS[i].posix, PAIRS[i].ecma);
        assert_translates(pattern_from_ecma, PAIRS[i].ecma, PAIRS[i].posix);
    }
}

static void test_one_way(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof ONLY_TO_ECMA / sizeof *ONLY_TO_ECMA; i++)
        assert_translates(pattern_to_ecma, ONLY_TO_ECMA[i].posix, ONLY_TO_ECMA[i].ecma);
    for (size_t i = 0; i < sizeof ONLY_FROM_ECMA / sizeof *ONLY_FROM_ECMA; i++)
        assert_translates(pattern_from_ecma, ONLY_FROM_ECMA[i].ecma, ONLY_FROM_ECMA[i].posix);
}

static void test_no_counterpart(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof NOT_TO_ECMA / sizeof *NOT_TO_ECMA; i++)
        assert_translates(pattern_to_ecma, NOT_TO_ECMA[i], "(none)");
    for (size_t i = 0; i < sizeof NOT_FROM_ECMA / sizeof *NOT_FROM_ECMA; i++)
        assert_translates(pattern_from_ecma, NOT_FROM_ECMA[i], "(none)");
}

static void test_nothing_is_appended_on_failure(void **state) {
    (void)state;
    Text out = {0};
    text_add_literal(&out, "kept");
    assert_int_equal(pattern_to_ecma(STR("abc*a**"), &out), 0);
    assert_string_equal(out.bytes, "kept");
    text_fini(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pairs),
        cmocka_unit_test(test_one_way),
        cmocka_unit_test(test_no_counterpart),
        cmocka_unit_test(test_nothing_is_appended_on_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
