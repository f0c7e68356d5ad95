/* Tokens: what they are, where they begin and end, strings with holes as one, hostile texts. */
#include "lang/parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef struct Fixture {
    Arena *arena;
    Names *names;
    Sources *sources;
} Fixture;

static void setup(Fixture *f) {
    f->arena = arena_open();
    f->names = names_new(f->arena);
    f->sources = sources_new(f->arena);
}

static const char class_letters[] = {
    [TOKEN_END] = '$', [TOKEN_COMMENT] = 'c', [TOKEN_DOC] = 'd', [TOKEN_WORD] = 'w', [TOKEN_KEYWORD] = 'k', [TOKEN_NUMBER] = 'n',
    [TOKEN_STRING] = 's', [TOKEN_ADDRESS] = 'a', [TOKEN_PUNCTUATION] = 'p', [TOKEN_OPEN] = '(', [TOKEN_CLOSE] = ')', [TOKEN_BAD] = '!',
};

/* The tokens as "class:text" with blanks between. */
static void expect_tokens(const char *text, const char *expected) {
    Fixture f;
    setup(&f);
    const Source *source = source_add(f.sources, SOURCE_PHX, STR("x"), str_of(text));
    Tokens tokens = scan_tokens(f.arena, f.names, source);
    Text out = {0};
    for (uint32_t i = 0; i < tokens.count; i++) {
        Token token = tokens.items[i];
        text_addf(&out, "%s%c:%.*s", i ? " " : "", class_letters[token.class], (int)(token.span.end - token.span.start), text + token.span.start);
    }
    assert_string_equal(out.bytes, expected);
    text_fini(&out);
    arena_close(f.arena);
}

static void test_words(void **state) {
    (void)state;
    expect_tokens("", "$:");
    expect_tokens("a _b c9 site type", "w:a w:_b w:c9 w:site w:type $:");
    expect_tokens("and if none iff", "k:and k:if k:none w:iff $:");
}

static void test_numbers(void **state) {
    (void)state;
    expect_tokens("8 1_000 1.5 16KiB 1.5GiB 300ms 80% 10MB/s 1e9 1e-9", "n:8 n:1_000 n:1.5 n:16KiB n:1.5GiB n:300ms n:80% n:10MB/s n:1e9 n:1e-9 $:");
    expect_tokens("0..31 512B..16MiB 1.5..2", "n:0 p:.. n:31 n:512B p:.. n:16MiB n:1.5 p:.. n:2 $:");
    expect_tokens("10MB/size 8 % 3 a-1", "n:10MB p:/ w:size n:8 p:% n:3 w:a p:- n:1 $:");
}

static void test_addresses(void **state) {
    (void)state;
    expect_tokens("10.0.0.1 10.0.0.0/24 52:54:00:67:89:B2 ab:cd:ef:01:23:45", "a:10.0.0.1 a:10.0.0.0/24 a:52:54:00:67:89:B2 a:ab:cd:ef:01:23:45 $:");
    expect_tokens("10.0.0.1..10.0.0.9", "a:10.0.0.1 p:.. a:10.0.0.9 $:");
    expect_tokens("ab:cd", "w:ab p:: w:cd $:");
}

static void test_strings(void **state) {
    (void)state;
    expect_tokens("\"a\" 'b\\' \"\\\"\" \"\\{\" \"\\u{e9}\"", "s:\"a\" s:'b\\' s:\"\\\"\" s:\"\\{\" s:\"\\u{e9}\" $:");
    expect_tokens("\"\" '' a", "s:\"\" s:'' w:a $:");
    expect_tokens("'{a}' \"}\"", "s:'{a}' s:\"}\" $:");
}

static void test_a_string_with_holes_is_one_token(void **state) {
    (void)state;
    expect_tokens("\"a {b} c\" d", "s:\"a {b} c\" w:d $:");
    expect_tokens("\"{ {a = \"x{y}\"} }\" d", "s:\"{ {a = \"x{y}\"} }\" w:d $:");
    expect_tokens("\"{f(\"}\", '}')}\"", "s:\"{f(\"}\", '}')}\" $:");
    expect_tokens("\"\\u{zz} {x}\" y", "s:\"\\u{zz} {x}\" w:y $:");
}

static void test_blocks(void **state) {
    (void)state;
    expect_tokens("\"\"\"\n a \"b\" {c}\n\"\"\" d", "s:\"\"\"\n a \"b\" {c}\n\"\"\" w:d $:");
    expect_tokens("'''\n it's {\n''' d", "s:'''\n it's {\n''' w:d $:");
    expect_tokens("\"\"\"{\n\"\"\"x\n\"\"\"\n}\"\"\"", "s:\"\"\"{\n\"\"\"x\n\"\"\"\n}\"\"\" $:");
}

static void test_comments(void **state) {
    (void)state;
    expect_tokens("// a\n/// b\n//// c\na // d\r\nb", "c:// a d:/// b c://// c w:a c:// d w:b $:");
    expect_tokens("\"// a\"", "s:\"// a\" $:");
}

static void test_what_is_no_phx_is_bad(void **state) {
    (void)state;
    expect_tokens("a # b\nc", "w:a !:# b w:c $:");
    expect_tokens("\"a\nb", "!:\"a w:b $:");
    expect_tokens("\"{a\nb", "!:\"{a w:b $:");
    expect_tokens("&& ; @", "!:&& !:; !:@ $:");
    expect_tokens("\xff", "!:\xff $:");
}

/* Whatever the bytes, tokens follow each other and stay inside. */
static void test_spans_are_in_order(void **state) {
    (void)state;
    static const char *const pieces[] = {"\"", "'", "{", "}", "\"\"\"", "'''", "\\", "\n", "a", " ", "${", "//", "\xE2\x80\x9C", "/*", "1"};
    enum { PIECES = sizeof pieces / sizeof *pieces };
    uint32_t random = 1;
    for (int round = 0; round < 3000; round++) {
        Fixture f;
        setup(&f);
        Text text = {0};
        for (int i = 0; i < 12; i++) {
            random = random * 1664525 + 1013904223;
            text_add(&text, str_of(pieces[(random >> 16) % PIECES]));
        }
        const Source *source = source_add(f.sources, SOURCE_PHX, STR("x"), text_str(&text));
        Tokens tokens = scan_tokens(f.arena, f.names, source);
        uint32_t at = 0;
        for (uint32_t i = 0; i < tokens.count; i++) {
            assert_true(tokens.items[i].span.start >= at);
            assert_true(tokens.items[i].span.end >= tokens.items[i].span.start);
            at = tokens.items[i].span.end;
        }
        assert_true(at == text.length);
        assert_int_equal(tokens.items[tokens.count - 1].class, TOKEN_END);
        text_fini(&text);
        arena_close(f.arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_strings),
        cmocka_unit_test(test_a_string_with_holes_is_one_token),
        cmocka_unit_test(test_blocks),
        cmocka_unit_test(test_comments),
        cmocka_unit_test(test_what_is_no_phx_is_bad),
        cmocka_unit_test(test_spans_are_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
