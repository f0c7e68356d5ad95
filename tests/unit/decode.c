/* The generic decoders: what each makes of well-formed, damaged and random bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compiler/decode.h"
#include "compiler/hash.h"
#include "compiler/slice.h"

typedef struct Fixture {
    Arena *arena;
    Names *names;
} Fixture;

static int setup(void **state) {
    Fixture *f = malloc(sizeof *f);
    f->arena = arena_open();
    f->names = names_new(f->arena);
    *state = f;
    return 0;
}

static int teardown(void **state) {
    Fixture *f = *state;
    arena_close(f->arena);
    free(f);
    return 0;
}

/* As phx prints the value. */
static void assert_prints(const Value *value, const char *expected) {
    Text text = {0};
    value_print(value, 0, &text);
    assert_string_equal(text.bytes, expected);
    text_fini(&text);
}

static void lines_end_anyhow(void **state) {
    Fixture *f = *state;
    assert_prints(decode_lines(f->arena, STR("a\r\n\nb"), SPAN_NONE), "[\"a\", \"\", \"b\"]");
    assert_prints(decode_lines(f->arena, STR("a\n"), SPAN_NONE), "[\"a\"]");
    assert_prints(decode_lines(f->arena, STR(""), SPAN_NONE), "[]");
    assert_prints(decode_lines(f->arena, STR("\n"), SPAN_NONE), "[\"\"]");
}

static void tables_have_all_fields(void **state) {
    Fixture *f = *state;
    const Name *names[] = {name_intern(f->names, STR("a")), name_intern(f->names, STR("b"))};
    assert_prints(decode_tsv(f->arena, STR("1\t2\t3\n\n4\n"), names, 2, SPAN_NONE), "[{ a = \"1\", b = \"2\\t3\" }, { a = \"4\", b = \"\" }]");
    assert_prints(decode_tsv(f->arena, STR("1\t2\n"), names, 0, SPAN_NONE), "[]");
}

static const Value *field(Fixture *f, const Value *record, const char *name) {
    assert_int_equal(record->kind, VALUE_RECORD);
    return record_get(record->as.record, name_intern(f->names, str_of(name)));
}

static void sections_keep_what_files_hold(void **state) {
    Fixture *f = *state;
    const Value *list = decode_sections(f->arena, f->names,
                                        STR("# first \narch: amd64\nnet0: name=eth0,ip=10.0.0.1/24\n\nlxc.x = a:b\nhotplug:0\nboot:  \n"
                                            "stray words\nnet0: name=eth1\n[ old one ] # of last year \n#second\nmemory: 5\n"),
                                        SPAN_NONE);
    assert_int_equal(list->as.list.count, 2);
    const Value *head = list->as.list.items[0], *old = list->as.list.items[1];
    assert_prints(field(f, head, "name"), "\"\"");
    assert_prints(field(f, field(f, head, "keys"), "net0"), "\"name=eth1\"");
    assert_prints(field(f, field(f, head, "keys"), "lxc.x"), "\"a:b\"");
    assert_prints(field(f, field(f, head, "keys"), "hotplug"), "\"0\"");
    assert_prints(field(f, field(f, head, "keys"), "boot"), "\"\"");
    assert_null(field(f, field(f, head, "keys"), ""));
    assert_prints(field(f, head, "comments"), "[\" first \"]");
    assert_int_equal(field(f, head, "lines")->as.list.count, 7);
    assert_prints(field(f, field(f, head, "lines")->as.list.items[5], "value"), "\"stray words\"");
    assert_prints(field(f, field(f, head, "lines")->as.list.items[2], "text"), "\"lxc.x = a:b\"");
    assert_prints(field(f, old, "name"), "\"old one\"");
    assert_prints(field(f, old, "note"), "\"# of last year\"");
    assert_prints(field(f, head, "note"), "\"\"");
    assert_prints(field(f, old, "comments"), "[\"second\"]");
    assert_int_equal(decode_sections(f->arena, f->names, STR(""), SPAN_NONE)->as.list.count, 1);
}

static void lines_that_are_no_settings_are_told_apart(void **state) {
    Fixture *f = *state;
    const Value *list = decode_sections(f->arena, f->names,
                                        STR("Editing: /etc/x\nargs: -a b\n -c d: e\ncores : 2\nmy key: 3\nlxc.x  =  1\n:\n[open\n"), SPAN_NONE);
    assert_int_equal(list->as.list.count, 1);
    const Value *lines = field(f, list->as.list.items[0], "lines");
    static const char *const keys[] = {"\"Editing\"", "\"args\"", "\"\"", "\"\"", "\"\"", "\"lxc.x\"", "\"\"", "\"\""};
    assert_int_equal(lines->as.list.count, 8);
    for (uint32_t i = 0; i < 8; i++)
        assert_prints(field(f, lines->as.list.items[i], "key"), keys[i]);
    assert_prints(field(f, lines->as.list.items[2], "value"), "\"-c d: e\"");
    assert_prints(field(f, field(f, list->as.list.items[0], "keys"), "args"), "\"-a b\"");
    assert_null(field(f, field(f, list->as.list.items[0], "keys"), "cores"));
}

/* A text that is all of a file gives each value its own place, any other the place it was given itself. */
static void what_is_read_knows_its_line(void **state) {
    Fixture *f = *state;
    Str text = STR("a: 1\r\n# c\nb: 2\n[s]\nd: 3");
    Span whole = {7, 100, 100 + (uint32_t)text.length}, other = {7, 100, 101};
    const Value *list = decode_sections(f->arena, f->names, text, whole);
    const Value *b = field(f, field(f, list->as.list.items[0], "keys"), "b");
    assert_int_equal(b->origin.start, 100 + 10);
    assert_int_equal(b->origin.end, 100 + 14);
    assert_int_equal(field(f, field(f, list->as.list.items[1], "keys"), "d")->origin.start, 100 + 19);
    assert_int_equal(decode_lines(f->arena, text, whole)->as.list.items[1]->origin.start, 100 + 6);
    assert_int_equal(decode_lines(f->arena, text, other)->as.list.items[1]->origin.start, 100);
    const Value *stanza = decode_stanzas(f->arena, f->names, STR("x: y\n\tk v\n"), (Span){7, 0, 10})->as.list.items[0];
    assert_int_equal(field(f, field(f, stanza, "keys"), "k")->origin.start, 6);
}

static void stanzas_take_tabs_and_blanks(void **state) {
    Fixture *f = *state;
    const Value *list = decode_stanzas(f->arena, f->names,
                                       STR("\tlost 1\ndir: local \n\tpath /var/lib/x\n    content iso,backup\n        shared\n# no\n\n\tlost 2\n"
                                           "nfs:far\n\tpath a\n\tpath b\njunk\n\tfound 2\n\nan editor's title: x\n\tlost 3\ncard\n\tmap 1\n"),
                                       SPAN_NONE);
    assert_int_equal(list->as.list.count, 3);
    assert_prints(field(f, list->as.list.items[0], "id"), "\"local\"");
    assert_prints(field(f, list->as.list.items[0], "keys"), "{ path = \"/var/lib/x\", content = \"iso,backup\", shared = \"\" }");
    assert_prints(field(f, list->as.list.items[1], "type"), "\"nfs\"");
    assert_prints(field(f, list->as.list.items[1], "keys"), "{ path = \"a\", found = \"2\" }");
    assert_prints(field(f, list->as.list.items[1], "lines"),
                  "[{ key = \"path\", value = \"a\" }, { key = \"path\", value = \"b\" }, { key = \"found\", value = \"2\" }]");
    assert_prints(field(f, list->as.list.items[2], "type"), "\"\"");
    assert_prints(field(f, list->as.list.items[2], "id"), "\"card\"");
}

static void property_strings_come_in_any_order(void **state) {
    Fixture *f = *state;
    const Value *value = decode_property_string(f->arena, f->names, STR("size=1G , st:disk,, other,mp=/a=b,size=2G"), SPAN_NONE);
    assert_prints(field(f, value, ""), "\"st:disk\"");
    assert_prints(field(f, value, "size"), "\"1G\"");
    assert_prints(field(f, value, "other"), "\"\"");
    assert_prints(field(f, value, "mp"), "\"/a=b\"");
    assert_int_equal(decode_property_string(f->arena, f->names, STR(""), SPAN_NONE)->as.record->count, 0);
    assert_int_equal(value->as.record->open, 1);
}

static void json_says_where_it_is_wrong(void **state) {
    Fixture *f = *state;
    Str error = STR("");
    const Value *value = decode_json(f->arena, f->names, STR("{\"a\": [{\"b\": 1}]}"), SPAN_NONE, &error);
    assert_non_null(value);
    assert_int_equal(field(f, value, "a")->as.list.items[0]->as.record->open, 1);
    assert_null(decode_json(f->arena, f->names, STR("{\"a\": "), SPAN_NONE, &error));
    assert_true(error.length > 0);
}

static void percent_escapes_come_back(void **state) {
    Fixture *f = *state;
    Str text = STR("a b%:\xc3\xa9\n");
    Str encoded = percent_encode(f->arena, text, STR(":"));
    assert_string_equal(encoded.text, "a b%25%3A%C3%A9%0A");
    assert_true(str_equal(percent_decode(f->arena, encoded), text));
    assert_true(str_equal(percent_decode(f->arena, STR("%4%zz%4")), STR("%4%zz%4")));
}

static void slices_have_one_part_more_than_separators(void **state) {
    (void)state;
    Str rest = STR("a,,"), part;
    int count = 0;
    while (slice_next(&rest, STR(","), &part))
        count++;
    assert_int_equal(count, 3);
    assert_int_equal(part.length, 0);
    assert_int_equal(slice_find(STR("abcabc"), STR("ca"), 0), 2);
    assert_int_equal(slice_find(STR("abc"), STR(""), 0), 3);
    assert_int_equal(slice(STR("abc"), 2, 1).length, 0);
    assert_true(slice_equal_letters(STR("aB"), STR("Ab")));
}

static void digests_are_the_known_ones(void **state) {
    Fixture *f = *state;
    assert_string_equal(hash_sha1(f->arena, STR("abc")).text, "a9993e364706816aba3e25717850c26c9cd0d89d");
    assert_string_equal(hash_sha256(f->arena, STR("")).text, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    Hasher *hasher = hasher_open();
    hasher_add(hasher, STR("a"));
    hasher_add(hasher, STR(""));
    hasher_add(hasher, STR("bc"));
    assert_true(str_equal(hasher_close(hasher, f->arena), hash_sha256(f->arena, STR("abc"))));
}

/* Random texts of the characters that mean something to some decoder. */
static void any_bytes_are_survived(void **state) {
    Fixture *f = *state;
    static const char alphabet[] = "ab0 \t\r\n,=:[]#%{}\"\\\x00\xff\xc3";
    uint32_t random = 12345;
    const Name *names[] = {name_intern(f->names, STR("a")), name_intern(f->names, STR("b"))};
    for (int round = 0; round < 3000; round++) {
        char bytes[48];
        size_t length = 0;
        random = random * 1664525u + 1013904223u;
        for (size_t wanted = (random >> 16) % sizeof bytes; length < wanted; length++) {
            random = random * 1664525u + 1013904223u;
            bytes[length] = alphabet[(random >> 16) % (sizeof alphabet - 1)];
        }
        /* A piece of the arena of just that size, so that the sanitizer sees a read past its end. */
        char *copy = malloc(length + 1);
        memcpy(copy, bytes, length);
        char *exact = realloc(copy, length ? length : 1);
        Str text = {exact, length}, error;
        assert_int_equal(decode_lines(f->arena, text, SPAN_NONE)->kind, VALUE_LIST);
        assert_int_equal(decode_tsv(f->arena, text, names, 2, SPAN_NONE)->kind, VALUE_LIST);
        assert_int_equal(decode_sections(f->arena, f->names, text, SPAN_NONE)->kind, VALUE_LIST);
        assert_int_equal(decode_stanzas(f->arena, f->names, text, SPAN_NONE)->kind, VALUE_LIST);
        assert_int_equal(decode_property_string(f->arena, f->names, text, SPAN_NONE)->kind, VALUE_RECORD);
        decode_json(f->arena, f->names, text, SPAN_NONE, &error);
        Str decoded = percent_decode(f->arena, text);
        assert_true(str_equal(percent_decode(f->arena, percent_encode(f->arena, decoded, STR(""))), decoded));
        free(exact);
    }
}

/* Twice the text must not take much more than twice the memory: what is quadratic would show here first. */
static void decoders_are_linear(void **state) {
    Fixture *f = *state;
    size_t used[2];
    for (int round = 0; round < 2; round++) {
        Text text = {0};
        for (int i = 0; i < 20000 << round; i++)
            text_addf(&text, "key%d: a=%d,b\n", i, i);
        Str whole = arena_str(f->arena, text_str(&text));
        text_fini(&text);
        size_t before = arena_used(f->arena);
        decode_sections(f->arena, f->names, whole, SPAN_NONE);
        decode_property_string(f->arena, f->names, whole, SPAN_NONE);
        used[round] = arena_used(f->arena) - before;
    }
    assert_true(used[1] < used[0] * 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lines_end_anyhow, setup, teardown),
        cmocka_unit_test_setup_teardown(tables_have_all_fields, setup, teardown),
        cmocka_unit_test_setup_teardown(sections_keep_what_files_hold, setup, teardown),
        cmocka_unit_test_setup_teardown(lines_that_are_no_settings_are_told_apart, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_read_knows_its_line, setup, teardown),
        cmocka_unit_test_setup_teardown(stanzas_take_tabs_and_blanks, setup, teardown),
        cmocka_unit_test_setup_teardown(property_strings_come_in_any_order, setup, teardown),
        cmocka_unit_test_setup_teardown(json_says_where_it_is_wrong, setup, teardown),
        cmocka_unit_test_setup_teardown(percent_escapes_come_back, setup, teardown),
        cmocka_unit_test(slices_have_one_part_more_than_separators),
        cmocka_unit_test_setup_teardown(digests_are_the_known_ones, setup, teardown),
        cmocka_unit_test_setup_teardown(any_bytes_are_survived, setup, teardown),
        cmocka_unit_test_setup_teardown(decoders_are_linear, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
