/* JSON: RFC 8259 case by case, places, duplicates, and writing. */
#include "lang/json.h"
#include "lang/number.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

typedef struct Fixture {
    Arena *arena;
    Names *names;
    Sources *sources;
    Diagnostics *diagnostics;
} Fixture;

static int setup(void **state) {
    Arena *arena = arena_open();
    Fixture *f = ARENA_NEW(arena, Fixture);
    Sources *sources = sources_new(arena);
    *f = (Fixture){arena, names_new(arena), sources, diagnostics_new(arena, sources)};
    *state = f;
    return 0;
}

static int teardown(void **state) {
    arena_close(((Fixture *)*state)->arena);
    return 0;
}

/* The text is copied without a byte behind it, so that a sanitizer sees every read past the end. */
static const Value *read(Fixture *f, Str text) {
    char *copy = arena_text(f->arena, text.length);
    memcpy(copy, text.text, text.length);
    f->diagnostics = diagnostics_new(f->arena, f->sources);
    const Source *source = source_add(f->sources, SOURCE_JSON, STR("t.json"), (Str){copy, text.length});
    return json_read(f->arena, f->names, f->diagnostics, source);
}

static const Value *get(Fixture *f, const Value *record, const char *name) {
    assert_int_equal(record->kind, VALUE_RECORD);
    return record_get(record->as.record, name_intern(f->names, str_of(name)));
}

/* ---- accepted ---- */

/* What the text is, written again on one line. */
static void expect_accepted(Fixture *f, Str text, const char *wanted) {
    const Value *value = read(f, text);
    if (diag_errors(f->diagnostics) != 0) fail_msg("`%.*s` was refused", (int)text.length, text.text);
    Text out = {0};
    json_write(value, JSON_COMPACT_SORTED, 0, &out);
    assert_string_equal(out.bytes, wanted);
    text_fini(&out);
    Str error;
    const Value *same = json_read_at(f->arena, f->names, text, SPAN_NONE, &error);
    assert_non_null(same);
    assert_true(value_equal(value, same));
}

static void test_accepts_structure(void **state) {
    Fixture *f = *state;
    expect_accepted(f, STR("null"), "null");
    expect_accepted(f, STR(" true "), "true");
    expect_accepted(f, STR("\t\r\nfalse\n"), "false");
    expect_accepted(f, STR("[]"), "[]");
    expect_accepted(f, STR("[ ]"), "[]");
    expect_accepted(f, STR("{}"), "{}");
    expect_accepted(f, STR("{ }"), "{}");
    expect_accepted(f, STR("[1,2 , 3\n]"), "[1,2,3]");
    expect_accepted(f, STR("{\"b\":1,\"a\" : [null,{}]}"), "{\"a\":[null,{}],\"b\":1}");
    expect_accepted(f, STR("{\"\":0}"), "{\"\":0}");
    expect_accepted(f, STR("[[[[]]]]"), "[[[[]]]]");
    expect_accepted(f, STR("[true,false,null]"), "[true,false,null]");
    expect_accepted(f, STR("{\"a\":{\"b\":1},\"c\":{\"b\":2}}"), "{\"a\":{\"b\":1},\"c\":{\"b\":2}}");
}

static void test_accepts_numbers(void **state) {
    Fixture *f = *state;
    expect_accepted(f, STR("0"), "0");
    expect_accepted(f, STR("-0"), "0");
    expect_accepted(f, STR("[-1]"), "[-1]");
    expect_accepted(f, STR("9223372036854775807"), "9223372036854775807");
    expect_accepted(f, STR("-9223372036854775808"), "-9223372036854775808");
    expect_accepted(f, STR("9223372036854775808"), "9.223372036854776e18");
    expect_accepted(f, STR("-9223372036854775809"), "-9.223372036854776e18");
    expect_accepted(f, STR("123456789012345678901234567890"), "1.2345678901234568e29");
    expect_accepted(f, STR("0.1"), "0.1");
    expect_accepted(f, STR("1.0"), "1.0");
    expect_accepted(f, STR("1e2"), "100.0");
    expect_accepted(f, STR("1E+2"), "100.0");
    expect_accepted(f, STR("1.5e-3"), "0.0015");
    expect_accepted(f, STR("-1.5E3"), "-1500.0");
    expect_accepted(f, STR("1.7976931348623157e308"), "1.7976931348623157e308");
    expect_accepted(f, STR("1e-400"), "0.0");
    expect_accepted(f, STR("0e99999999999"), "0.0");
    expect_accepted(f, STR("0.30000000000000004"), "0.30000000000000004");
    expect_accepted(f, STR("0.1000000000000000055511151231257827021181583404541015625"), "0.1");
    expect_accepted(f, STR("10000000000000000000000e-22"), "1.0");
}

static void test_accepts_strings(void **state) {
    Fixture *f = *state;
    expect_accepted(f, STR("\"\""), "\"\"");
    expect_accepted(f, STR("\"plain text, longer than eight bytes\""), "\"plain text, longer than eight bytes\"");
    expect_accepted(f, STR("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""), "\"\\\"\\\\/\\b\\f\\n\\r\\t\"");
    expect_accepted(f, STR("\"\\u0041\\u00e9\\u20AC\""), "\"A\xC3\xA9\xE2\x82\xAC\"");
    expect_accepted(f, STR("\"\\ud83d\\ude00\""), "\"\xF0\x9F\x98\x80\"");
    expect_accepted(f, STR("\"\\uDBFF\\uDFFF\""), "\"\xF4\x8F\xBF\xBF\"");
    expect_accepted(f, STR("\"\xF0\x9F\x98\x80\x7F\""), "\"\xF0\x9F\x98\x80\x7F\"");
    expect_accepted(f, STR("\"\xE2\x80\xA8\""), "\"\xE2\x80\xA8\"");
    expect_accepted(f, STR("\"a/*b*/c\""), "\"a/*b*/c\"");
    expect_accepted(f, STR("\"\\u0001\""), "\"\\u0001\"");
    expect_accepted(f, STR("{\"\\u0061\":1}"), "{\"a\":1}");
}

/* Every place of the closing quote relative to the eight bytes that are looked at together. */
static void test_strings_of_every_length(void **state) {
    Fixture *f = *state;
    for (size_t length = 0; length < 40; length++) {
        char text[64];
        memset(text, 'x', sizeof text);
        text[0] = text[length + 1] = '"';
        const Value *value = read(f, (Str){text, length + 2});
        assert_int_equal(value->kind, VALUE_STRING);
        assert_int_equal(value->as.string.length, length);
        if (length < 3) continue;
        memcpy(text + length - 1, "\\n", 2);
        value = read(f, (Str){text, length + 2});
        assert_int_equal(value->as.string.length, length - 1);
        assert_int_equal(value->as.string.text[length - 2], '\n');
    }
}

static void test_strings_point_into_the_source(void **state) {
    Fixture *f = *state;
    const Value *value = read(f, STR("[\"abc\", \"a\\nc\"]"));
    const Source *source = source_get(f->sources, sources_count(f->sources));
    assert_ptr_equal(value->as.list.items[0]->as.string.text, source->bytes.text + 2);
    assert_int_equal(value->as.list.items[1]->as.string.length, 3);
}

/* ---- refused ---- */

static void expect_refused(Fixture *f, Str text, const char *code) {
    const Value *value = read(f, text);
    uint32_t count;
    const Diagnostic *const *found = diag_sorted(f->diagnostics, &count);
    if (count != 1) fail_msg("`%.*s`: %u errors", (int)text.length, text.text, count);
    if (!str_equal(found[0]->code, str_of(code)))
        fail_msg("`%.*s`: %s, not %s", (int)text.length, text.text, found[0]->code.text, code);
    assert_int_equal(value->kind, VALUE_POISON);
    Str error = {0};
    assert_null(json_read_at(f->arena, f->names, text, SPAN_NONE, &error));
    assert_true(error.length > 0);
}

static void test_refuses_structure(void **state) {
    Fixture *f = *state;
    const char *const syntax[] = {
        "[", "{", "]", "}", "[1", "[1,", "[1 2]", "[,]", "[,1]", "[1,,2]", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,",
        "{\"a\" 1}", "{a:1}", "{'a':1}", "{1:1}", "{\"a\":}", "{\"a\":1 \"b\":2}", "{,}", "{\"a\":1,,\"b\":2}", "[1}", "{\"a\":1]",
        "nul", "nulL", "True", "TRUE", "truth", "NaN", "Infinity", "undefined", "'a'", "+1", ".5", "#", "// x", "/* x */ 1",
        "[1,]", "{\"a\":1,}", "[null /* x */]", "*", "\xC2\xA0" "1", "\x0C" "1", "[\"a\",\n4\n,1,", "{\"a\":\"b\",#}", "@",
    };
    for (size_t i = 0; i < sizeof syntax / sizeof *syntax; i++) expect_refused(f, str_of(syntax[i]), "E0310");
}

/* What stands twice is left out, all else is there, and nothing of it is an error. */
static void test_reads_leniently(void **state) {
    Fixture *f = *state;
    f->diagnostics = diagnostics_new(f->arena, f->sources);
    const Source *source = source_add(f->sources, SOURCE_JSON, STR("x.json"), STR("{\"a\":1,\"b\":2,\"a\":3,\"c\":{\"d\":[1],\"d\":[1]},\"a\":1}"));
    const Value *value = json_read_lenient(f->arena, f->names, f->diagnostics, source);
    assert_int_equal(value->kind, VALUE_RECORD);
    assert_int_equal(value->as.record->count, 3);
    const Value *a = record_get(value->as.record, name_intern(f->names, STR("a")));
    assert_int_equal(a->kind, VALUE_POISON);
    assert_int_equal(a->flags & VALUE_LEFT_OUT, VALUE_LEFT_OUT);
    assert_int_equal(record_get(value->as.record, name_intern(f->names, STR("b")))->as.integer, 2);
    const Value *c = record_get(value->as.record, name_intern(f->names, STR("c")));
    assert_int_equal(record_get(c->as.record, name_intern(f->names, STR("d")))->kind, VALUE_LIST);
    assert_int_equal(diag_errors(f->diagnostics), 0);
    assert_int_equal(diag_warnings(f->diagnostics), 3);
}

static void test_refuses_what_is_behind(void **state) {
    Fixture *f = *state;
    expect_refused(f, STR("1 2"), "E0315");
    expect_refused(f, STR("{} {}"), "E0315");
    expect_refused(f, STR("[] ,"), "E0315");
    expect_refused(f, STR("nullx"), "E0315");
    expect_refused(f, STR("\"a\" \"b\""), "E0315");
    expect_refused(f, STR("[1]]"), "E0315");
    expect_refused(f, STR("{}\n// end"), "E0315");
}

static void test_refuses_emptiness(void **state) {
    Fixture *f = *state;
    expect_refused(f, STR(""), "E0316");
    expect_refused(f, STR(" \n\t\r "), "E0316");
}

static void test_refuses_numbers(void **state) {
    Fixture *f = *state;
    const char *const numbers[] = {"-", "[-]", "01", "-01", "00", "[012]", "1.", "[1.]", "1.e5", "1e", "[1e]", "1e+", "1E-", "-a",
                                   "0.", "[-.5]", "1e999", "-1e999", "[1.0e]", "-Infinity"};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) expect_refused(f, str_of(numbers[i]), "E0312");
    expect_refused(f, STR("0x10"), "E0315");
    char digits[2000];
    memset(digits, '9', sizeof digits);
    expect_refused(f, (Str){digits, sizeof digits}, "E0312");
}

static void test_refuses_strings(void **state) {
    Fixture *f = *state;
    const char *const strings[] = {
        "\"", "\"abc", "\"\\", "\"\\\"", "\"a\nb\"", "\"a\tb\"", "\"\x01\"", "\"\x1F\"", "\"\\x41\"", "\"\\a\"", "\"\\'\"", "\"\\u\"",
        "\"\\u12\"", "\"\\u123g\"", "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800x\"", "\"\\ud800\\n\"", "\"\\ud800\\u0041\"",
        "\"\\u0000\"", "\"\\U0041\"", "\"\\\xC3\xA9\"", "\"\\ \"", "{\"a\\q\":1}",
    };
    for (size_t i = 0; i < sizeof strings / sizeof *strings; i++) expect_refused(f, str_of(strings[i]), "E0313");
    /* Two first halves are two errors. */
    read(f, STR("\"\\ud800\\ud800\""));
    assert_int_equal(diag_errors(f->diagnostics), 2);
}

static void test_refuses_encodings(void **state) {
    Fixture *f = *state;
    expect_refused(f, STR("\"\xFF\""), "E0110");
    expect_refused(f, STR("\"\xC0\xAF\""), "E0110");
    expect_refused(f, STR("\"\xED\xA0\x80\""), "E0110");
    expect_refused(f, STR("\"\xE2\x82"), "E0110");
    expect_refused(f, STR("\xE9"), "E0110");
    expect_refused(f, STR("[1,\0]"), "E0111");
    expect_refused(f, STR("\0"), "E0111");
    expect_refused(f, STR("\xFF\xFE[\0]\0"), "E0110");
    expect_refused(f, STR("\xFE\xFF\0[\0]"), "E0110");
    read(f, STR("\xEF\xBB\xBF{}"));
    uint32_t count;
    const Diagnostic *const *found = diag_sorted(f->diagnostics, &count);
    assert_int_equal(count, 1);
    assert_string_equal(found[0]->code.text, "E0112");
    assert_non_null(strstr(found[0]->message.text, "byte order mark"));
    assert_int_equal(found[0]->fix_span.end, 3);
}

static void test_depth(void **state) {
    Fixture *f = *state;
    char text[2 * (VALUE_DEPTH_LIMIT + 1)];
    size_t limit = VALUE_DEPTH_LIMIT;
    memset(text, '[', limit);
    memset(text + limit, ']', limit);
    assert_int_equal(read(f, (Str){text, 2 * limit})->kind, VALUE_LIST);
    memset(text, '[', limit + 1);
    memset(text + limit + 1, ']', limit + 1);
    expect_refused(f, (Str){text, 2 * limit + 2}, "E0314");

    size_t many = 1000000;
    char *deep = arena_text(f->arena, many);
    memset(deep, '[', many);
    expect_refused(f, (Str){deep, many}, "E0314");
    for (size_t i = 0; i + 5 <= many; i += 5) memcpy(deep + i, "{\"a\":", 5);
    expect_refused(f, (Str){deep, many}, "E0314");
}

/* ---- places ---- */

static void expect_origin(Fixture *f, const Value *value, const char *wanted) {
    Str text = source_text(f->sources, value->origin);
    if (!str_equal(text, str_of(wanted))) fail_msg("`%.*s`, not `%s`", (int)text.length, text.text, wanted);
}

static void test_places(void **state) {
    Fixture *f = *state;
    const Value *value = read(f, STR("\n{ \"id\" : 952,\n  \"on\": true, \"n\": null, \"l\": [ \"a\\n\" , 1.5 ] } "));
    expect_origin(f, value, "{ \"id\" : 952,\n  \"on\": true, \"n\": null, \"l\": [ \"a\\n\" , 1.5 ] }");
    expect_origin(f, get(f, value, "id"), "952");
    expect_origin(f, get(f, value, "on"), "true");
    expect_origin(f, get(f, value, "n"), "null");
    const Value *list = get(f, value, "l");
    expect_origin(f, list, "[ \"a\\n\" , 1.5 ]");
    expect_origin(f, list->as.list.items[0], "\"a\\n\"");
    expect_origin(f, list->as.list.items[1], "1.5");
    const Field *field = record_field(value->as.record, name_intern(f->names, STR("on")));
    assert_true(str_equal(source_text(f->sources, field->span), STR("\"on\"")));
    Position position = source_position(f->sources, get(f, value, "on")->origin);
    assert_int_equal(position.line, 3);
    assert_int_equal(position.column, 9);
}

static void test_origin_of_program_output(void **state) {
    Fixture *f = *state;
    Span origin = {7, 0, 0};
    Str error;
    char text[] = "{\"a\": [\"text\"]}";
    const Value *value = json_read_at(f->arena, f->names, str_of(text), origin, &error);
    memset(text, 'x', sizeof text);     /* nothing of it is kept */
    assert_non_null(value);
    const Value *item = get(f, value, "a")->as.list.items[0];
    assert_int_equal(value->origin.file, 7);
    assert_int_equal(item->origin.file, 7);
    assert_true(str_equal(item->as.string, STR("text")));
    assert_int_equal(value->as.record->fields[0].span.file, 7);
}

static void expect_reason(Fixture *f, Str text, const char *wanted) {
    Str error = {0};
    assert_null(json_read_at(f->arena, f->names, text, SPAN_NONE, &error));
    assert_string_equal(error.text, wanted);
}

static void test_reasons(void **state) {
    Fixture *f = *state;
    expect_reason(f, STR("[1 2]"), "expected `,` or `]`, not `2`, at byte 3");
    expect_reason(f, STR("{\"a\""), "the text ends where `:` should stand, at byte 4");
    expect_reason(f, STR("pct: no such guest"), "expected a value, not `pct`, at byte 0");
    expect_reason(f, STR(""), "there is no JSON value: the text is empty, at byte 0");
    expect_reason(f, STR("[1e999, 01]"), "the number is out of range: the greatest is about 1.8e308, at byte 1");
    expect_reason(f, STR("{\"a\":1,\"a\":2}"), "the key \"a\" stands twice in this object, at byte 13");
    expect_reason(f, STR("\"\xFF\""), "the text is not UTF-8 or holds a NUL, at byte 1");
    expect_reason(f, STR("[1,]"), "JSON has no comma before `]`, at byte 2");
}

static void expect_messages(Fixture *f, Str text, const char *const *wanted) {
    read(f, text);
    uint32_t count;
    const Diagnostic *const *found = diag_sorted(f->diagnostics, &count);
    uint32_t i = 0;
    for (; wanted[i] != NULL; i++) {
        if (i >= count) fail_msg("missing: %s", wanted[i]);
        assert_string_equal(found[i]->message.text, wanted[i]);
    }
    assert_int_equal(count, i);
}

static void test_independent_errors_are_all_reported(void **state) {
    Fixture *f = *state;
    const char *const wanted[] = {
        "`01` is no JSON number: it has a leading zero",
        "`\\q` is no escape of JSON",
        "the control character 0x01 must be written as an escape",
        "the key \"a\" stands twice in this object",
        "JSON has no comma before `]`",
        "expected `,` or `}`, not `x`",
        NULL,
    };
    expect_messages(f, STR("{\"l\": [01, \"\\q\", \"\x01\", {\"a\": 1, \"a\": 2}, ], \"end\": 1 x, 02}"), wanted);
}

static void test_duplicates_show_both_places(void **state) {
    Fixture *f = *state;
    assert_int_equal(read(f, STR("{\"id\": 1, \"x\": 2, \"id\": 3, \"id\": 4}"))->kind, VALUE_POISON);
    uint32_t count;
    const Diagnostic *const *found = diag_sorted(f->diagnostics, &count);
    assert_int_equal(count, 2);
    for (uint32_t i = 0; i < 2; i++) {
        assert_string_equal(found[i]->code.text, "E0311");
        assert_int_equal(found[i]->span.start, i == 0 ? 18 : 27);
        assert_int_equal(found[i]->span.end, i == 0 ? 22 : 31);
        assert_int_equal(found[i]->labels.count, 1);
        assert_int_equal(found[i]->labels.items[0].span.start, 1);
        assert_int_equal(found[i]->labels.items[0].span.end, 5);
    }
    expect_refused(f, STR("{\"a\":1,\"\\u0061\":2}"), "E0311");
    expect_refused(f, STR("{\"1\":0,\"2\":0,\"3\":0,\"4\":0,\"5\":0,\"6\":0,\"7\":0,\"8\":0,\"9\":0,\"10\":0,\"3\":0}"), "E0311");
}

/* A hundred thousand repetitions take no longer than a hundred thousand keys. */
static void test_many_duplicates(void **state) {
    Fixture *f = *state;
    Text text = {0};
    text_add_char(&text, '{');
    for (int i = 0; i < 100000; i++) text_addf(&text, "\"k%d\":0,", i % 50000);
    text_add_literal(&text, "\"end\":0}");
    assert_int_equal(read(f, text_str(&text))->kind, VALUE_POISON);
    assert_int_equal(diag_errors(f->diagnostics), 50000);
    text_fini(&text);
}

static void test_large_objects_and_lists(void **state) {
    Fixture *f = *state;
    Text text = {0};
    text_add_literal(&text, "{\"list\":[");
    for (int i = 0; i < 30000; i++) text_addf(&text, "%s%d", i > 0 ? "," : "", i);
    text_add_literal(&text, "]");
    for (int i = 0; i < 30000; i++) text_addf(&text, ",\"key%d\":{\"n\":%d}", i, i);
    text_add_literal(&text, "}");
    const Value *value = read(f, text_str(&text));
    text_fini(&text);
    const Value *list = get(f, value, "list");
    assert_int_equal(list->as.list.count, 30000);
    for (uint32_t i = 0; i < 30000; i++) {
        assert_int_equal(list->as.list.items[i]->as.integer, i);
        Str key = arena_printf(f->arena, "key%u", i);
        assert_int_equal(get(f, get(f, value, key.text), "n")->as.integer, i);
    }
}

/* ---- writing ---- */

static void expect_written(const Value *value, JsonStyle style, int indent, const char *wanted) {
    Text out = {0};
    json_write(value, style, indent, &out);
    assert_string_equal(out.bytes, wanted);
    text_fini(&out);
}

static void test_writes_indented(void **state) {
    Fixture *f = *state;
    const Value *value = read(f, STR("{\"b\":[1,{\"x\":[]}],\"a\":{},\"c\":\"\\u001b\"}"));
    expect_written(value, JSON_INDENTED, 0,
                   "{\n  \"b\": [\n    1,\n    {\n      \"x\": []\n    }\n  ],\n  \"a\": {},\n  \"c\": \"\\u001B\"\n}");
    expect_written(get(f, value, "b"), JSON_INDENTED, 1, "[\n    1,\n    {\n      \"x\": []\n    }\n  ]");
}

static void test_writes_every_kind(void **state) {
    Fixture *f = *state;
    Arena *arena = f->arena;
    Span none = SPAN_NONE;
    Address address;
    assert_true(cidr_parse(STR("fd00::1/64"), &address));
    const Referent referent = {STR("pve.lxc.x")};
    const Value *items[] = {
        value_none(arena, none),
        value_unset(arena, none),
        value_integer(arena, none, VALUE_SIZE, 1536),
        value_integer(arena, none, VALUE_DURATION, 1500),
        value_number(arena, none, VALUE_PERCENT, 12.5),
        value_integer(arena, none, VALUE_RATE, 1000),
        value_integer(arena, none, VALUE_MAC, 0x5254006789B2),
        value_address(arena, none, VALUE_IP, &address),
        value_address(arena, none, VALUE_CIDR, &address),
        value_reference(arena, none, &referent),
        value_unknown(arena, none, HOLE_UNKNOWN, STR("ip")),
        value_unknown(arena, none, HOLE_SECRET, STR("key")),
        value_unknown(arena, none, HOLE_DIGEST, STR("guest:1")),
        value_flagged(arena, value_string(arena, none, STR("hunter2")), VALUE_SECRET),
        value_poison(arena, none, 0),
        value_number(arena, none, VALUE_FLOAT, 0.1),
        value_string(arena, none, STR("a\xFFz\0")),
    };
    expect_written(value_list(arena, none, items, sizeof items / sizeof *items), JSON_COMPACT_SORTED, 0,
                   "[null,{\"unset\":true},\"1536B\",\"1500ms\",\"12.5%\",\"1KB/s\",\"52:54:00:67:89:B2\",\"fd00::1\","
                   "\"fd00::1/64\",\"pve.lxc.x\",{\"unknown\":\"ip\"},{\"secret\":\"key\"},{\"digest_of\":\"guest:1\"},"
                   "{\"secret\":true},null,0.1,\"a\xEF\xBF\xBDz\xEF\xBF\xBD\"]");
}

static void test_writes_tags(void **state) {
    Fixture *f = *state;
    const Field field = {name_intern(f->names, STR("image")), value_integer(f->arena, SPAN_NONE, VALUE_INT, 1), SPAN_NONE};
    const Name *tag = name_intern(f->names, STR("template"));
    expect_written(value_record(f->arena, SPAN_NONE, tag, &field, 1), JSON_COMPACT_SORTED, 0, "{\"template\":{\"image\":1}}");
    expect_written(value_record(f->arena, SPAN_NONE, tag, &field, 1), JSON_INDENTED, 0,
                   "{\n  \"template\": {\n    \"image\": 1\n  }\n}");
    expect_written(value_record(f->arena, SPAN_NONE, tag, NULL, 0), JSON_COMPACT_SORTED, 0, "{\"template\":{}}");
}

static void test_writes_many_keys_in_order(void **state) {
    Fixture *f = *state;
    enum { COUNT = 500 };
    Text text = {0}, out = {0};
    text_add_char(&text, '{');
    for (int i = 0; i < COUNT; i++)
        text_addf(&text, "%s\"k%03d\":{\"b\":1,\"a\":[{\"d\":1,\"c\":2}]}", i > 0 ? "," : "", i * 7 % COUNT);
    text_add_char(&text, '}');
    json_write(read(f, text_str(&text)), JSON_COMPACT_SORTED, 0, &out);
    text_clear(&text);
    text_add_char(&text, '{');
    for (int i = 0; i < COUNT; i++)
        text_addf(&text, "%s\"k%03d\":{\"a\":[{\"c\":2,\"d\":1}],\"b\":1}", i > 0 ? "," : "", i);
    text_add_char(&text, '}');
    assert_string_equal(out.bytes, text.bytes);
    text_fini(&text);
    text_fini(&out);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_accepts_structure),
        TEST(test_accepts_numbers),
        TEST(test_accepts_strings),
        TEST(test_strings_of_every_length),
        TEST(test_strings_point_into_the_source),
        TEST(test_reads_leniently),
        TEST(test_refuses_structure),
        TEST(test_refuses_what_is_behind),
        TEST(test_refuses_emptiness),
        TEST(test_refuses_numbers),
        TEST(test_refuses_strings),
        TEST(test_refuses_encodings),
        TEST(test_depth),
        TEST(test_places),
        TEST(test_origin_of_program_output),
        TEST(test_reasons),
        TEST(test_independent_errors_are_all_reported),
        TEST(test_duplicates_show_both_places),
        TEST(test_many_duplicates),
        TEST(test_large_objects_and_lists),
        TEST(test_writes_indented),
        TEST(test_writes_every_kind),
        TEST(test_writes_tags),
        TEST(test_writes_many_keys_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
