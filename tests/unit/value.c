/* Values: records and their index, limits, equality, order, hashes, and how they print. */
#include "lang/grammar.h"
#include "lang/number.h"
#include "lang/value.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

typedef struct Fixture {
    Arena *arena;
    Names *names;
} Fixture;

static int setup(void **state) {
    Arena *arena = arena_open();
    Fixture *fixture = ARENA_NEW(arena, Fixture);
    *fixture = (Fixture){arena, names_new(arena)};
    *state = fixture;
    return 0;
}

static int teardown(void **state) {
    arena_close(((Fixture *)*state)->arena);
    return 0;
}

static const Name *name_of(Fixture *f, const char *text) { return name_intern(f->names, str_of(text)); }

static const Value *int_of(Fixture *f, int64_t number) { return value_integer(f->arena, SPAN_NONE, VALUE_INT, number); }

static const Value *string_of(Fixture *f, const char *text) { return value_string(f->arena, SPAN_NONE, str_of(text)); }

static const Value *list_of(Fixture *f, uint32_t count, const Value *const *items) {
    const Value **copy = ARENA_ARRAY(f->arena, const Value *, count);
    if (count > 0) memcpy(copy, items, count * sizeof *copy);
    return value_list(f->arena, SPAN_NONE, copy, count);
}

/* { f0 = 0, f1 = 1, ... } */
static const Value *counting_record(Fixture *f, uint32_t count, int backwards) {
    Field *fields = ARENA_ARRAY(f->arena, Field, count);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t n = backwards ? count - 1 - i : i;
        fields[i] = (Field){name_intern(f->names, arena_printf(f->arena, "f%u", n)), int_of(f, n), SPAN_NONE};
    }
    return value_record(f->arena, SPAN_NONE, NULL, fields, count);
}

static void expect_print(const Value *value, const char *wanted) {
    Text text = {0};
    value_print(value, 0, &text);
    assert_string_equal(text_str(&text).text, wanted);
    text_fini(&text);
}

/* ---- records ---- */

static void test_record_get_at_every_size(void **state) {
    Fixture *f = *state;
    for (uint32_t count = 0; count < 70; count++) {
        const Value *value = counting_record(f, count, 0);
        const Record *record = value->as.record;
        assert_int_equal(record->count, count);
        for (uint32_t i = 0; i < count; i++) {
            const Name *name = name_intern(f->names, arena_printf(f->arena, "f%u", i));
            assert_int_equal(record_get(record, name)->as.integer, i);
            assert_ptr_equal(record_field(record, name), &record->fields[i]);
        }
        assert_null(record_get(record, name_of(f, "g")));
        assert_null(record_field(record, name_of(f, "g")));
    }
}

static void test_record_with_a_name_twice(void **state) {
    Fixture *f = *state;
    for (uint32_t count = 2; count < 40; count++) {
        Field *fields = ARENA_ARRAY(f->arena, Field, count);
        memcpy(fields, counting_record(f, count, 0)->as.record->fields, count * sizeof *fields);
        assert_non_null(value_record_checked(f->arena, SPAN_NONE, NULL, fields, count));
        fields[count - 1].name = fields[count / 2 - 1].name;
        assert_null(value_record_checked(f->arena, SPAN_NONE, NULL, fields, count));
    }
}

static void test_builder(void **state) {
    Fixture *f = *state;
    RecordBuilder builder = {.arena = f->arena};
    Field *earlier = NULL;
    for (uint32_t i = 0; i < 1000; i++) {
        const Name *name = name_intern(f->names, arena_printf(f->arena, "f%u", i));
        assert_int_equal(record_add(&builder, name, int_of(f, i), SPAN_NONE, &earlier), 1);
        assert_int_equal(record_add(&builder, name, int_of(f, 9999), SPAN_NONE, &earlier), 0);
        assert_ptr_equal(earlier->name, name);
        assert_int_equal(earlier->value->as.integer, i);
    }
    assert_int_equal(record_add(&builder, name_of(f, "f0"), int_of(f, 1), SPAN_NONE, NULL), 0);
    const Value *value = record_finish(&builder, (Span){1, 2, 3}, name_of(f, "tag"));
    assert_int_equal(value->as.record->count, 1000);
    assert_int_equal(value->origin.start, 2);
    assert_ptr_equal(value->as.record->tag, name_of(f, "tag"));
    for (uint32_t i = 0; i < 1000; i++) {
        const Name *name = name_intern(f->names, arena_printf(f->arena, "f%u", i));
        assert_int_equal(record_get(value->as.record, name)->as.integer, i);
        assert_ptr_equal(value->as.record->fields[i].name, name);
    }
    /* The builder is empty again. */
    assert_int_equal(record_add(&builder, name_of(f, "f0"), int_of(f, 7), SPAN_NONE, NULL), 1);
    const Value *second = record_finish(&builder, SPAN_NONE, NULL);
    assert_int_equal(second->as.record->count, 1);
    assert_int_equal(record_get(second->as.record, name_of(f, "f0"))->as.integer, 7);
    assert_null(record_get(second->as.record, name_of(f, "f1")));
    assert_int_equal(record_finish(&builder, SPAN_NONE, NULL)->as.record->count, 0);
}

/* ---- limits ---- */

static void test_depth_has_a_limit(void **state) {
    Fixture *f = *state;
    const Value *value = int_of(f, 1);
    assert_int_equal(value->depth, 0);
    for (int depth = 1; depth <= VALUE_DEPTH_LIMIT; depth++) {
        if (depth % 2 == 0) {
            value = list_of(f, 1, &value);
        } else {
            Field *field = ARENA_NEW(f->arena, Field);
            *field = (Field){name_of(f, "inner"), value, SPAN_NONE};
            value = value_record(f->arena, SPAN_NONE, NULL, field, 1);
        }
        assert_int_equal(value->depth, depth);
    }
    assert_int_equal(list_of(f, 1, &value)->kind, VALUE_POISON);
    RecordBuilder builder = {.arena = f->arena};
    record_add(&builder, name_of(f, "a"), value, SPAN_NONE, NULL);
    assert_int_equal(record_finish(&builder, SPAN_NONE, NULL)->kind, VALUE_POISON);
}

/* Lists that hold the one before twice double at every step without taking memory: the count ends it. */
static void test_size_has_a_limit(void **state) {
    Fixture *f = *state;
    const Value *value = int_of(f, 1);
    int steps = 0;
    while (value->kind != VALUE_POISON && steps < 100) {
        const Value *twice[] = {value, value};
        value = list_of(f, 2, twice);
        steps++;
    }
    assert_int_equal(steps, 27);
}

/* ---- equality, order, hashes ---- */

static const Value *address_of(Fixture *f, ValueKind kind, const char *text) {
    Address *address = ARENA_NEW(f->arena, Address);
    int parsed = kind == VALUE_IP ? ip_parse(str_of(text), address) : cidr_parse(str_of(text), address);
    assert_true(parsed);
    return value_address(f->arena, SPAN_NONE, kind, address);
}

static void expect_equal(const Value *a, const Value *b, int wanted) {
    assert_int_equal(value_equal(a, b), wanted);
    assert_int_equal(value_equal(b, a), wanted);
    if (wanted) assert_int_equal(value_hash(a), value_hash(b));
}

static void test_equal(void **state) {
    Fixture *f = *state;
    Span here = {1, 2, 3};
    expect_equal(int_of(f, 5), value_at(f->arena, int_of(f, 5), here), 1);
    expect_equal(int_of(f, 5), value_flagged(f->arena, int_of(f, 5), VALUE_SECRET), 1);
    expect_equal(int_of(f, 5), int_of(f, 6), 0);
    expect_equal(int_of(f, 5), value_number(f->arena, here, VALUE_FLOAT, 5.0), 0);
    expect_equal(int_of(f, 5), value_integer(f->arena, here, VALUE_SIZE, 5), 0);
    expect_equal(value_number(f->arena, here, VALUE_FLOAT, 0.0), value_number(f->arena, here, VALUE_FLOAT, -0.0), 1);
    expect_equal(string_of(f, "a"), string_of(f, "a"), 1);
    expect_equal(string_of(f, "a"), string_of(f, "b"), 0);
    expect_equal(string_of(f, ""), value_none(f->arena, here), 0);
    expect_equal(value_none(f->arena, here), value_none(f->arena, SPAN_NONE), 1);
    expect_equal(value_none(f->arena, here), value_unset(f->arena, here), 0);
    expect_equal(value_bool(f->arena, here, 2), value_bool(f->arena, here, 1), 1);
    expect_equal(address_of(f, VALUE_CIDR, "10.0.0.1/24"), address_of(f, VALUE_CIDR, "10.0.0.1/24"), 1);
    expect_equal(address_of(f, VALUE_CIDR, "10.0.0.1/24"), address_of(f, VALUE_CIDR, "10.0.0.1/25"), 0);
    expect_equal(address_of(f, VALUE_IP, "::ffff:10.0.0.1"), address_of(f, VALUE_IP, "10.0.0.1"), 0);
    expect_equal(address_of(f, VALUE_IP, "::1"), address_of(f, VALUE_IP, "0:0:0:0:0:0:0:1"), 1);
    expect_equal(value_unknown(f->arena, here, HOLE_UNKNOWN, STR("a")),
                 value_unknown(f->arena, here, HOLE_UNKNOWN, STR("a")), 1);
    expect_equal(value_unknown(f->arena, here, HOLE_UNKNOWN, STR("a")),
                 value_unknown(f->arena, here, HOLE_SECRET, STR("a")), 0);
    const Referent a = {STR("x.a")}, b = {STR("x.b")};
    expect_equal(value_reference(f->arena, here, &a), value_reference(f->arena, SPAN_NONE, &a), 1);
    expect_equal(value_reference(f->arena, here, &a), value_reference(f->arena, here, &b), 0);
}

static void test_equal_lists_and_records(void **state) {
    Fixture *f = *state;
    const Value *one_two[] = {int_of(f, 1), int_of(f, 2)}, *two_one[] = {int_of(f, 2), int_of(f, 1)};
    expect_equal(list_of(f, 2, one_two), list_of(f, 2, one_two), 1);
    expect_equal(list_of(f, 2, one_two), list_of(f, 2, two_one), 0);
    expect_equal(list_of(f, 2, one_two), list_of(f, 1, one_two), 0);
    const uint32_t counts[] = {0, 1, 8, 9, 50};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        expect_equal(counting_record(f, counts[i], 0), counting_record(f, counts[i], 1), 1);
        expect_equal(counting_record(f, counts[i], 0), counting_record(f, counts[i] + 1, 0), 0);
    }
    const Field field = {name_of(f, "f0"), int_of(f, 0), SPAN_NONE}, other = {name_of(f, "g0"), int_of(f, 0), SPAN_NONE};
    const Value *plain = value_record(f->arena, SPAN_NONE, NULL, &field, 1);
    expect_equal(plain, counting_record(f, 1, 0), 1);
    expect_equal(plain, value_record(f->arena, SPAN_NONE, NULL, &other, 1), 0);
    expect_equal(plain, value_record(f->arena, SPAN_NONE, name_of(f, "t"), &field, 1), 0);
}

static void test_compare(void **state) {
    Fixture *f = *state;
    assert_int_equal(value_compare(int_of(f, INT64_MIN), int_of(f, INT64_MAX)), -1);
    assert_int_equal(value_compare(int_of(f, 3), int_of(f, 3)), 0);
    assert_int_equal(value_compare(int_of(f, 4), int_of(f, 3)), 1);
    assert_int_equal(value_compare(int_of(f, 3), value_integer(f->arena, SPAN_NONE, VALUE_SIZE, 3)), -2);
    assert_int_equal(value_compare(int_of(f, 3), value_number(f->arena, SPAN_NONE, VALUE_FLOAT, 3)), -2);
    assert_int_equal(value_compare(string_of(f, "a"), string_of(f, "ab")), -1);
    assert_int_equal(value_compare(string_of(f, "b"), string_of(f, "ab")), 1);
    assert_int_equal(value_compare(value_bool(f->arena, SPAN_NONE, 0), value_bool(f->arena, SPAN_NONE, 1)), -1);
    assert_int_equal(value_compare(address_of(f, VALUE_IP, "10.0.0.9"), address_of(f, VALUE_IP, "10.0.0.10")), -1);
    assert_int_equal(value_compare(address_of(f, VALUE_IP, "255.0.0.0"), address_of(f, VALUE_IP, "::")), -1);
    assert_int_equal(value_compare(address_of(f, VALUE_CIDR, "10.0.0.0/8"), address_of(f, VALUE_CIDR, "10.0.0.0/9")), -1);
    assert_int_equal(value_compare(list_of(f, 0, NULL), list_of(f, 0, NULL)), -2);
    assert_int_equal(value_compare(value_none(f->arena, SPAN_NONE), value_none(f->arena, SPAN_NONE)), -2);
}

static void test_hashes_spread(void **state) {
    Fixture *f = *state;
    enum { COUNT = 4096 };
    uint8_t taken[COUNT] = {0};
    int collisions = 0;
    for (int i = 0; i < COUNT / 2; i++) {
        uint32_t slot = value_hash(int_of(f, i)) % COUNT;
        collisions += taken[slot];
        taken[slot] = 1;
    }
    assert_true(collisions < COUNT / 4);
}

static void test_flags(void **state) {
    Fixture *f = *state;
    const Value *value = int_of(f, 1);
    const Value *secret = value_flagged(f->arena, value, VALUE_SECRET);
    assert_int_equal(value->flags, 0);
    assert_int_equal(secret->flags, VALUE_SECRET);
    assert_ptr_equal(value_flagged(f->arena, secret, VALUE_SECRET), secret);
    assert_int_equal(value_flagged(f->arena, secret, VALUE_IMPLICIT)->flags, VALUE_SECRET | VALUE_IMPLICIT);
    assert_int_equal(value_poison(f->arena, SPAN_NONE, VALUE_LEFT_OUT)->flags, VALUE_LEFT_OUT);
}

/* ---- printing ---- */

static void test_print_scalars(void **state) {
    Fixture *f = *state;
    Arena *arena = f->arena;
    expect_print(int_of(f, -7), "-7");
    expect_print(value_bool(arena, SPAN_NONE, 1), "true");
    expect_print(value_none(arena, SPAN_NONE), "none");
    expect_print(value_unset(arena, SPAN_NONE), "unset");
    expect_print(value_poison(arena, SPAN_NONE, 0), "(error)");
    expect_print(value_number(arena, SPAN_NONE, VALUE_FLOAT, 2.0), "2.0");
    expect_print(value_number(arena, SPAN_NONE, VALUE_FLOAT, -0.1), "-0.1");
    expect_print(value_number(arena, SPAN_NONE, VALUE_FLOAT, 1e300), "1e300");
    expect_print(value_number(arena, SPAN_NONE, VALUE_PERCENT, 80), "80%");
    expect_print(value_number(arena, SPAN_NONE, VALUE_PERCENT, 12.5), "12.5%");
    expect_print(value_integer(arena, SPAN_NONE, VALUE_SIZE, (int64_t)16 << 30), "16GiB");
    expect_print(value_integer(arena, SPAN_NONE, VALUE_DURATION, 120000), "2m");
    expect_print(value_integer(arena, SPAN_NONE, VALUE_RATE, 10000000), "10MB/s");
    expect_print(value_integer(arena, SPAN_NONE, VALUE_MAC, 0x5254006789B2), "52:54:00:67:89:B2");
    expect_print(address_of(f, VALUE_IP, "10.0.0.1"), "10.0.0.1");
    expect_print(address_of(f, VALUE_IP, "fd00::1"), "ip(\"fd00::1\")");
    expect_print(address_of(f, VALUE_CIDR, "10.0.0.0/24"), "10.0.0.0/24");
    expect_print(address_of(f, VALUE_CIDR, "fd00::/64"), "cidr(\"fd00::/64\")");
    const Referent referent = {STR("pve.lxc.qdrant")};
    expect_print(value_reference(arena, SPAN_NONE, &referent), "pve.lxc.qdrant");
    expect_print(value_unknown(arena, SPAN_NONE, HOLE_UNKNOWN, STR("net0.ip of x")), "(known after apply: net0.ip of x)");
    expect_print(value_unknown(arena, SPAN_NONE, HOLE_SECRET, STR("key")), "(secret key)");
    expect_print(value_unknown(arena, SPAN_NONE, HOLE_DIGEST, STR("guest:952")), "(digest of guest:952)");
}

static void test_print_strings(void **state) {
    Fixture *f = *state;
    expect_print(string_of(f, ""), "\"\"");
    expect_print(string_of(f, "a\"b\\c{d}\n\te"), "\"a\\\"b\\\\c\\{d}\\n\\te\"");
    expect_print(string_of(f, "\x1B[0m\x7F"), "\"\\u{1b}[0m\\u{7f}\"");
    expect_print(string_of(f, "caf\xC3\xA9"), "\"caf\xC3\xA9\"");
    expect_print(string_of(f, "a\xFFz"), "\"a\xEF\xBF\xBDz\"");
}

static void test_print_lists_and_records(void **state) {
    Fixture *f = *state;
    const Value *items[] = {int_of(f, 1), string_of(f, "x")};
    expect_print(list_of(f, 0, NULL), "[]");
    expect_print(list_of(f, 2, items), "[1, \"x\"]");
    expect_print(counting_record(f, 0, 0), "{}");
    expect_print(counting_record(f, 2, 0), "{ f0 = 0, f1 = 1 }");
    name_reserve(f->names, STR("if"), T_IF);
    const Field fields[] = {{name_of(f, "a b"), items[0], SPAN_NONE}, {name_of(f, "if"), items[0], SPAN_NONE},
                            {name_of(f, "8x"), items[0], SPAN_NONE}, {name_of(f, "_x8"), items[1], SPAN_NONE}};
    expect_print(value_record(f->arena, SPAN_NONE, NULL, fields, 4), "{ \"a b\": 1, \"if\": 1, \"8x\": 1, _x8 = \"x\" }");
    expect_print(value_record(f->arena, SPAN_NONE, name_of(f, "clone"), fields + 3, 1), "clone(_x8: \"x\")");
    expect_print(value_record(f->arena, SPAN_NONE, name_of(f, "dhcp"), NULL, 0), "dhcp()");
}

static void test_print_hides_secrets(void **state) {
    Fixture *f = *state;
    const Value *secret = value_flagged(f->arena, string_of(f, "hunter2"), VALUE_SECRET);
    const Value *items[] = {string_of(f, "user"), secret};
    expect_print(secret, "(secret)");
    expect_print(list_of(f, 2, items), "[\"user\", (secret)]");
    Text text = {0};
    value_print_plain(secret, &text);
    assert_string_equal(text.bytes, "(secret)");
    text_fini(&text);
}

static void test_print_with_a_limit(void **state) {
    Fixture *f = *state;
    const Value *value = string_of(f, "caf\xC3\xA9 noir");
    const char *const wanted[] = {NULL, "\"...", "\"c...", "\"ca...", "\"caf...", "\"caf...", "\"caf\xC3\xA9..."};
    for (size_t limit = 1; limit < sizeof wanted / sizeof *wanted; limit++) {
        Text text = {0};
        value_print(value, limit, &text);
        assert_string_equal(text.bytes, wanted[limit]);
        text_fini(&text);
    }
    Text text = {0};
    value_print(value, 12, &text);
    assert_string_equal(text.bytes, "\"caf\xC3\xA9 noir\"");    /* it just fits */
    text_clear(&text);
    value_print(counting_record(f, 1000, 0), 20, &text);
    assert_string_equal(text.bytes, "{ f0 = 0, f1 = 1, f2...");
    text_fini(&text);
}

/* A list of 2^26 values by sharing: with a limit only the beginning is walked. */
static void test_print_with_a_limit_stops(void **state) {
    Fixture *f = *state;
    const Value *value = int_of(f, 1);
    for (int i = 0; i < 26; i++) {
        const Value *twice[] = {value, value};
        value = list_of(f, 2, twice);
    }
    assert_int_equal(value->kind, VALUE_LIST);
    Text text = {0};
    for (int i = 0; i < 1000; i++) {
        text_clear(&text);
        value_print(value, 40, &text);
        assert_int_equal(text.length, 43);
    }
    text_fini(&text);
}

static void test_print_plain(void **state) {
    Fixture *f = *state;
    Text text = {0};
    value_print_plain(string_of(f, "a\"{b}"), &text);
    text_add_char(&text, ' ');
    value_print_plain(int_of(f, 8), &text);
    text_add_char(&text, ' ');
    const Value *item = string_of(f, "q");
    value_print_plain(list_of(f, 1, &item), &text);
    text_add_char(&text, ' ');
    value_print_plain(address_of(f, VALUE_IP, "fd00::1"), &text);
    assert_string_equal(text.bytes, "a\"{b} 8 [\"q\"] fd00::1");
    text_fini(&text);
}

static void test_kind_names(void **state) {
    (void)state;
    for (int kind = VALUE_POISON; kind <= VALUE_REFERENCE; kind++) {
        assert_true(strlen(value_kind_name((ValueKind)kind)) > 1);
        assert_true(strlen(value_kind_phrase((ValueKind)kind)) > 1);
    }
    assert_string_equal(value_kind_name(VALUE_CIDR), "cidr");
    assert_string_equal(value_kind_phrase(VALUE_INT), "an int");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_record_get_at_every_size),
        TEST(test_record_with_a_name_twice),
        TEST(test_builder),
        TEST(test_depth_has_a_limit),
        TEST(test_size_has_a_limit),
        TEST(test_equal),
        TEST(test_equal_lists_and_records),
        TEST(test_compare),
        TEST(test_hashes_spread),
        TEST(test_flags),
        TEST(test_print_scalars),
        TEST(test_print_strings),
        TEST(test_print_lists_and_records),
        TEST(test_print_hides_secrets),
        TEST(test_print_with_a_limit),
        TEST(test_print_with_a_limit_stops),
        TEST(test_print_plain),
        TEST(test_kind_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
