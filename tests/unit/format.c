/* Formatting: what is laid out how, that nothing else changes, and that a second time changes nothing. */
#include "lang/format.h"

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
    Diagnostics *diagnostics;
} Fixture;

static void setup(Fixture *f) {
    f->arena = arena_open();
    f->names = names_new(f->arena);
    f->diagnostics = diagnostics_new(f->arena, sources_new(f->arena));
}

static const Source *add(Fixture *f, Str text) { return source_add(diagnostics_sources(f->diagnostics), SOURCE_PHX, STR("x"), text); }

/* [text] becomes [expected], which is the same tree and stays as it is. */
static void expect_format(const char *text, const char *expected) {
    Fixture f;
    setup(&f);
    const Source *source = add(&f, str_of(text));
    Text out = {0}, again = {0};
    if (!format_source(f.arena, f.names, f.diagnostics, source, &out)) fail_msg("`%s` has a syntax error", text);
    assert_string_equal(out.bytes != NULL ? out.bytes : "", expected);
    const Source *formatted = add(&f, text_str(&out));
    assert_true(tree_equal(parse_source(f.arena, f.names, f.diagnostics, source), parse_source(f.arena, f.names, f.diagnostics, formatted)));
    assert_true(format_source(f.arena, f.names, f.diagnostics, formatted, &again));
    assert_string_equal(again.bytes != NULL ? again.bytes : "", expected);
    text_fini(&out);
    text_fini(&again);
    arena_close(f.arena);
}

static void test_blanks(void **state) {
    (void)state;
    expect_format("let a=1+ 2*-3", "let a = 1 + 2 * -3\n");
    expect_format("let a = f ( x,y : 1 ) [ 2 ] . b ?. c", "let a = f(x, y: 1)[2].b?.c\n");
    expect_format("let a = not(b)and c in[1]", "let a = not (b) and c in [1]\n");
    expect_format("let a = {x=1 y=2,z=3}", "let a = { x = 1  y = 2, z = 3 }\n");
    expect_format("let a = {\"x\":1,(k):{}}", "let a = { \"x\": 1, (k): {} }\n");
    expect_format("let a = - x - - 1", "let a = -x - -1\n");
    expect_format("let a = if b then(c)else[d]", "let a = if b then (c) else [d]\n");
    expect_format("let a = (b) with{x=1}", "let a = (b) with { x = 1 }\n");
    expect_format("param a :\"x\"|\"y\"=\"x\"", "param a: \"x\" | \"y\" = \"x\"\n");
    expect_format("type a = { x ? : [ T ] ( 1 .. 4 ){ unit=1 }  y:size( 16MiB .. ) }", "type a = { x?: [T](1..4) { unit = 1 }  y: size(16MiB..) }\n");
    expect_format("schema a . b{net[ 0 .. 31 ]?:T}", "schema a.b { net[0..31]?: T }\n");
    expect_format("a.b c[ d ]{}", "a.b c[d] {}\n");
    expect_format("let a=[x for x in(y)if x>1]", "let a = [x for x in (y) if x > 1]\n");
    expect_format("let a = 10MB / s", "let a = 10MB / s\n");
    expect_format("type a = secret [T] | secret (A)", "type a = secret [T] | secret (A)\n");
    expect_format("assert (a) == b,\"c\"", "assert (a) == b, \"c\"\n");
}

static void test_lines_stay(void **state) {
    (void)state;
    expect_format("", "");
    expect_format("\n\n", "");
    expect_format("\n\nlet a = 1\n\n\n\nlet b = 2 let c = 3\n\n", "let a = 1\n\nlet b = 2 let c = 3\n");
    expect_format("a b {\n\n  x = 1\n\n\n  y = 2\n\n}", "a b {\n  x = 1\n\n  y = 2\n}\n");
    expect_format("a b { x = 1\n\n\ny = 2 }", "a b { x = 1\n\n  y = 2 }\n");
}

static void test_indentation(void **state) {
    (void)state;
    expect_format("a b {\nx = f({\ny = [\n1\n]\n})\n}", "a b {\n  x = f({\n    y = [\n      1\n    ]\n  })\n}\n");
    expect_format("let a = [1,\n2,\n3]", "let a = [1,\n  2,\n  3]\n");
    expect_format("let a =\nb\n+ c\n* d", "let a =\n  b\n  + c\n  * d\n");
    expect_format("let a = b +\nc", "let a = b +\n  c\n");
    expect_format("let a = if b\nthen c\nelse d", "let a = if b\n  then c\n  else d\n");
    expect_format("if a {\nlet b = 1\n}\nelse {\nlet c = 1\n}", "if a {\n  let b = 1\n}\nelse {\n  let c = 1\n}\n");
    expect_format("let a = x\n.y\n?.z", "let a = x\n  .y\n  ?.z\n");
    expect_format("assert a,\n\"b\"\nlet c = 1", "assert a,\n  \"b\"\nlet c = 1\n");
    expect_format("fn f(x: T): T = x\nwhere {\na = 1\n}", "fn f(x: T): T = x\n  where {\n    a = 1\n  }\n");
    expect_format("let a = [\nf(x)\nfor x in y\nif z\n]", "let a = [\n  f(x)\n  for x in y\n  if z\n]\n");
    expect_format("a b {\n\tx = 1\n\t}", "a b {\n  x = 1\n}\n");
}

static void test_columns(void **state) {
    (void)state;
    expect_format("a b {\n  id = 1\n  hostname = 2\n  c = 3\n}", "a b {\n  id       = 1\n  hostname = 2\n  c        = 3\n}\n");
    expect_format("a b {\n  id = 1\n\n  hostname = 2\n}", "a b {\n  id = 1\n\n  hostname = 2\n}\n");
    expect_format("a b {\n  id = 1\n  // c\n  hostname = 2\n}", "a b {\n  id = 1\n  // c\n  hostname = 2\n}\n");
    expect_format("a b {\n  id = 1\n  long = {\n    x = 1\n  }\n  hostname = 2\n}", "a b {\n  id = 1\n  long = {\n    x = 1\n  }\n  hostname = 2\n}\n");
    expect_format("a b {\n  id = 1\n  host = 1 +\n  2\n  hostname = 2\n}", "a b {\n  id = 1\n  host = 1 +\n    2\n  hostname = 2\n}\n");
    expect_format("let a = 1\nlet bcd = 2\noutput x = 1\noutput yz = 2", "let a   = 1\nlet bcd = 2\noutput x  = 1\noutput yz = 2\n");
    expect_format("a b {\n  id = 1 c = 2\n  hostname = 2\n}", "a b {\n  id = 1  c = 2\n  hostname = 2\n}\n");
    expect_format("a b {\n  i = '\xC3\xA9' // x\n  j = 'ee' // y\n}", "a b {\n  i = '\xC3\xA9'  // x\n  j = 'ee' // y\n}\n");
}

static void test_comments(void **state) {
    (void)state;
    expect_format("//a  \n let a = 1//b\n// c", "//a\nlet a = 1 //b\n// c\n");
    expect_format("a b {\n  id = 1 // x\n  hostname = 2 // y\n\n  z = 3 // w\n}", "a b {\n  id       = 1 // x\n  hostname = 2 // y\n\n  z = 3 // w\n}\n");
    expect_format("a b { // x\nc = 1 // y\n// z\n} // w", "a b { // x\n  c = 1 // y\n  // z\n} // w\n");
    expect_format("let a = [ // x\n1, // y\n222 // z\n// w\n]", "let a = [ // x\n  1,  // y\n  222 // z\n  // w\n]\n");
    expect_format("let a = 1 + // x\n2", "let a = 1 + // x\n  2\n");
    expect_format("let a =\n// x\n1", "let a =\n  // x\n  1\n");
    expect_format("///  a\n///b\nlet a = 1", "///  a\n///b\nlet a = 1\n");
    expect_format("if a {\n// x\n}\n// y\nlet a = 1", "if a {\n  // x\n}\n// y\nlet a = 1\n");
}

static void test_strings_stay(void **state) {
    (void)state;
    expect_format("a b {\n      x = \"\"\"\n    y   {  z }\n\n\n  w\r\n  \"\"\"\n    c = 1\n}", "a b {\n  x = \"\"\"\n    y   {  z }\n\n\n  w\r\n  \"\"\"\n  c = 1\n}\n");
    expect_format("let a = \"{ b+1 }  \"  +  'c  '", "let a = \"{ b+1 }  \" + 'c  '\n");
}

static void test_carriage_returns_go(void **state) {
    (void)state;
    expect_format("let a = 1\r\n// b\r\n\r\n\r\nlet c = 2 // d\r\n", "let a = 1\n// b\n\nlet c = 2 // d\n");
}

static void test_nothing_of_what_is_wrong(void **state) {
    (void)state;
    Fixture f;
    setup(&f);
    Text out = {0};
    assert_false(format_source(f.arena, f.names, f.diagnostics, add(&f, STR("let a = 1\nlet b = )")), &out));
    assert_int_equal(out.length, 0);
    assert_int_equal(diag_errors(f.diagnostics), 1);
    text_fini(&out);
    arena_close(f.arena);
}

/* Texts put together at random from pieces that fit: the laws hold for all of them. */
static void test_random_layouts(void **state) {
    (void)state;
    static const char *const gaps[] = {" ", "\n", "  ", "\n\n\n", "\t", " // c\n", "\n// d\n", "\r\n", "\n/// e\n"};
    static const char *const tokens[] = {"a", ".", "b", "c", "{", "x", "=", "f", "(", "1", ",", "y", ":", "[", "2", "]", ")", "+", "-", "3",
                                         "z", "=", "if", "p", "then", "q", "else", "\"s{r}\"", "w", "=", "{", "u", "=", "1", "}", "}"};
    uint32_t random = 7;
    for (int round = 0; round < 2000; round++) {
        Fixture f;
        setup(&f);
        Text text = {0}, once = {0}, twice = {0};
        for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++) {
            random = random * 1664525 + 1013904223;
            text_add(&text, str_of(tokens[i]));
            text_add(&text, str_of(gaps[(random >> 16) % (sizeof gaps / sizeof *gaps)]));
        }
        const Source *source = add(&f, text_str(&text));
        assert_true(format_source(f.arena, f.names, f.diagnostics, source, &once));
        const Source *formatted = add(&f, text_str(&once));
        assert_true(format_source(f.arena, f.names, f.diagnostics, formatted, &twice));
        assert_string_equal(once.bytes, twice.bytes);
        assert_true(tree_equal(parse_source(f.arena, f.names, f.diagnostics, source), parse_source(f.arena, f.names, f.diagnostics, formatted)));
        text_fini(&text);
        text_fini(&once);
        text_fini(&twice);
        arena_close(f.arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blanks),
        cmocka_unit_test(test_lines_stay),
        cmocka_unit_test(test_indentation),
        cmocka_unit_test(test_columns),
        cmocka_unit_test(test_comments),
        cmocka_unit_test(test_strings_stay),
        cmocka_unit_test(test_carriage_returns_go),
        cmocka_unit_test(test_nothing_of_what_is_wrong),
        cmocka_unit_test(test_random_layouts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
