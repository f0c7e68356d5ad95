/* Numbers with units, sizes of the host, doubles and addresses. */
#include "lang/number.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const int64_t GIB = (int64_t)1 << 30, TIB = (int64_t)1 << 40;

/* ---- literals ---- */

static void expect_integer(const char *text, ValueKind kind, int64_t wanted) {
    Number number = number_parse(str_of(text));
    if (number.status != NUMBER_OK || number.kind != kind || number.integer != wanted)
        fail_msg("%s: status %d, kind %d, %lld", text, (int)number.status, (int)number.kind, (long long)number.integer);
}

static void expect_double(const char *text, ValueKind kind, double wanted) {
    Number number = number_parse(str_of(text));
    if (number.status != NUMBER_OK || number.kind != kind || fabs(number.number - wanted) > 0)
        fail_msg("%s: status %d, kind %d, %.17g", text, (int)number.status, (int)number.kind, number.number);
}

static void expect_status(const char *text, NumberStatus wanted) {
    Number number = number_parse(str_of(text));
    if (number.status != wanted) fail_msg("%s: status %d, not %d", text, (int)number.status, (int)wanted);
}

static void test_integers(void **state) {
    (void)state;
    expect_integer("0", VALUE_INT, 0);
    expect_integer("8", VALUE_INT, 8);
    expect_integer("-3", VALUE_INT, -3);
    expect_integer("1_000", VALUE_INT, 1000);
    expect_integer("1_0_0", VALUE_INT, 100);
    expect_integer("9223372036854775807", VALUE_INT, INT64_MAX);
    expect_integer("-9223372036854775807", VALUE_INT, -INT64_MAX);
    expect_integer("-9223372036854775808", VALUE_INT, INT64_MIN);
    expect_status("9223372036854775808", NUMBER_OUT_OF_RANGE);
    expect_status("-9223372036854775809", NUMBER_OUT_OF_RANGE);
    expect_status("99999999999999999999999999999999", NUMBER_OUT_OF_RANGE);
}

static void test_floats(void **state) {
    (void)state;
    expect_double("1.5", VALUE_FLOAT, 1.5);
    expect_double("0.1", VALUE_FLOAT, 0.1);
    expect_double("-2.25", VALUE_FLOAT, -2.25);
    expect_double("1_000.000_5", VALUE_FLOAT, 1000.0005);
    expect_double("1e15", VALUE_FLOAT, 1e15);
    expect_double("1.5e-7", VALUE_FLOAT, 1.5e-7);
    expect_double("1.7976931348623157e308", VALUE_FLOAT, DBL_MAX);
    expect_status("1e309", NUMBER_OUT_OF_RANGE);
}

static void test_sizes_are_exact(void **state) {
    (void)state;
    expect_integer("512B", VALUE_SIZE, 512);
    expect_integer("16KiB", VALUE_SIZE, 16384);
    expect_integer("1KB", VALUE_SIZE, 1000);
    expect_integer("3MiB", VALUE_SIZE, 3 << 20);
    expect_integer("3MB", VALUE_SIZE, 3000000);
    expect_integer("1.5GiB", VALUE_SIZE, GIB + GIB / 2);
    expect_integer("2GB", VALUE_SIZE, 2000000000);
    expect_integer("2TB", VALUE_SIZE, 2000000000000);
    expect_integer("1.5TiB", VALUE_SIZE, TIB + TIB / 2);
    expect_integer("0.5KiB", VALUE_SIZE, 512);
    expect_integer("-1GiB", VALUE_SIZE, -GIB);
    expect_integer("1.50000000000000000000000000000000000000000KiB", VALUE_SIZE, 1536);
    /* One byte, as all forty digits of 2^-40. */
    expect_integer("0.0000000000009094947017729282379150390625TiB", VALUE_SIZE, 1);
    expect_integer("8388607.9999999999990905052982270717620849609375TiB", VALUE_SIZE, INT64_MAX);
    expect_status("8388608TiB", NUMBER_OUT_OF_RANGE);
    expect_status("9223372036854775808B", NUMBER_OUT_OF_RANGE);
    expect_status("8388607.99999999999999TiB", NUMBER_OUT_OF_RANGE);    /* there is no neighbour above */
}

static void expect_neighbours(const char *text, int64_t below, int64_t above) {
    Number number = number_parse(str_of(text));
    assert_int_equal(number.status, NUMBER_FRACTION);
    assert_int_equal(number.below, below);
    assert_int_equal(number.above, above);
}

static void test_fractions_of_a_byte(void **state) {
    (void)state;
    expect_neighbours("1.4TiB", 1539316278886, 1539316278887);
    expect_neighbours("0.1B", 0, 1);
    expect_neighbours("0.1KiB", 102, 103);
    expect_neighbours("1.5ms", 1, 2);
    expect_neighbours("-0.1KiB", -103, -102);
    expect_neighbours("0.00000000000090949470177292823791503906251TiB", 1, 2);
}

static void test_other_units(void **state) {
    (void)state;
    expect_integer("300ms", VALUE_DURATION, 300);
    expect_integer("45s", VALUE_DURATION, 45000);
    expect_integer("2m", VALUE_DURATION, 120000);
    expect_integer("1.5h", VALUE_DURATION, 5400000);
    expect_integer("7d", VALUE_DURATION, 604800000);
    expect_integer("10MB/s", VALUE_RATE, 10000000);
    expect_integer("1.5MiB/s", VALUE_RATE, 1572864);
    expect_double("80%", VALUE_PERCENT, 80);
    expect_double("12.5%", VALUE_PERCENT, 12.5);
}

static void test_what_is_no_number(void **state) {
    (void)state;
    const char *const malformed[] = {"", "-", "x", "_1", "1_", "1__0", "1.", ".5", "1._5", "1.5_", "1.2.3", "007", "0644",
                                     "--1", "+1", "1e5KiB", " 1", "00", "-00"};
    for (size_t i = 0; i < sizeof malformed / sizeof *malformed; i++) {
        Number number = number_parse(str_of(malformed[i]));
        if (number.status != NUMBER_MALFORMED && number.status != NUMBER_UNKNOWN_UNIT)
            fail_msg("`%s` was taken: %d", malformed[i], (int)number.status);
    }
    expect_status("0644", NUMBER_MALFORMED);
    expect_status("1_", NUMBER_MALFORMED);
    expect_status("1.", NUMBER_MALFORMED);
    expect_status("16M", NUMBER_NO_UNIT);
    expect_status("16G", NUMBER_NO_UNIT);
    expect_status("1.5T", NUMBER_NO_UNIT);
    expect_status("4k", NUMBER_NO_UNIT);
    expect_status("4G/s", NUMBER_NO_UNIT);
    expect_status("16Gib", NUMBER_UNKNOWN_UNIT);
    expect_status("16mb", NUMBER_UNKNOWN_UNIT);
    expect_status("5 KiB", NUMBER_UNKNOWN_UNIT);
    expect_status("5%%", NUMBER_UNKNOWN_UNIT);
    expect_status("5s/s", NUMBER_UNKNOWN_UNIT);
    expect_status("5/s", NUMBER_UNKNOWN_UNIT);
    expect_status("1.2.3", NUMBER_UNKNOWN_UNIT);
}

/* ---- sizes of the host ---- */

static void expect_host(const char *text, int64_t wanted, int wanted_exact) {
    int64_t bytes = -1;
    int exact = -1;
    if (!size_parse_host(str_of(text), &bytes, &exact)) fail_msg("%s was refused", text);
    assert_int_equal(bytes, wanted);
    assert_int_equal(exact, wanted_exact);
}

static void test_host_sizes(void **state) {
    (void)state;
    expect_host("512", 512, 1);
    expect_host("0", 0, 1);
    expect_host("128K", 131072, 1);
    expect_host("1126M", (int64_t)1126 << 20, 1);
    expect_host("16G", 16 * GIB, 1);
    expect_host("16g", 16 * GIB, 1);
    expect_host("16GB", 16 * GIB, 1);
    expect_host("16GiB", 16 * GIB, 1);
    expect_host("512B", 512, 1);
    expect_host("1.5G", GIB + GIB / 2, 1);
    expect_host("1.4T", 1539316278886, 0);
    expect_host("1.7", 1, 0);
    expect_host("7E", (int64_t)7 << 60, 1);
    expect_host("2P", (int64_t)2 << 50, 1);
    expect_host("9223372036854775807", INT64_MAX, 1);
    const char *const refused[] = {"", "G", "-1G", "1_0G", "1Gb ", "1GX", "1Gi", "1iB", "1.G", ".5G", "8E", "1e3", "16 G",
                                   "9223372036854775808", "none"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        int64_t bytes;
        if (size_parse_host(str_of(refused[i]), &bytes, NULL)) fail_msg("`%s` was taken", refused[i]);
    }
    assert_false(size_parse_host((Str){NULL, 0}, &(int64_t){0}, NULL));
}

static void test_host_sizes_printed(void **state) {
    (void)state;
    static const struct { int64_t bytes; const char *wanted; } cases[] = {
        {0, "0"}, {1000, "1000"}, {1024, "1K"}, {(int64_t)1126 << 20, "1126M"},
        {(int64_t)16 << 30, "16G"}, {(int64_t)2 << 40, "2T"}, {(int64_t)1 << 60, "1048576T"},
        {INT64_MAX, "9223372036854775807"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Text text = {0};
        size_print_host(cases[i].bytes, &text);
        assert_string_equal(text.bytes, cases[i].wanted);
        int64_t again;
        assert_true(size_parse_host(text_str(&text), &again, NULL));
        assert_int_equal(again, cases[i].bytes);
        text_fini(&text);
    }
}

/* ---- printing ---- */

static void test_sizes_printed(void **state) {
    (void)state;
    static const struct { int64_t bytes; const char *wanted; } cases[] = {
        {0, "0B"}, {1, "1B"}, {1000, "1KB"}, {1024, "1KiB"}, {1536 << 10, "1536KiB"}, {1536LL << 20, "1536MiB"},
        {(int64_t)16 << 30, "16GiB"}, {2000000000000, "2TB"}, {1539316278886, "1539316278886B"},
        {-((int64_t)1 << 30), "-1GiB"}, {INT64_MAX, "9223372036854775807B"}, {INT64_MIN, "-8388608TiB"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Text text = {0};
        size_print(cases[i].bytes, &text);
        assert_string_equal(text.bytes, cases[i].wanted);
        Number number = number_parse(text_str(&text));
        if (cases[i].bytes != INT64_MIN) assert_int_equal(number.integer, cases[i].bytes);
        text_fini(&text);
    }
}

static void test_durations_printed(void **state) {
    (void)state;
    static const struct { int64_t ms; const char *wanted; } cases[] = {
        {0, "0s"}, {1, "1ms"}, {1500, "1500ms"}, {2000, "2s"}, {90000, "90s"}, {120000, "2m"}, {5400000, "90m"},
        {3600000, "1h"}, {604800000, "7d"}, {-60000, "-1m"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Text text = {0};
        duration_print(cases[i].ms, &text);
        assert_string_equal(text.bytes, cases[i].wanted);
        text_fini(&text);
    }
}

static void test_doubles_printed(void **state) {
    (void)state;
    static const struct { double number; const char *wanted; } cases[] = {
        {0.0, "0"}, {-0.0, "0"}, {1, "1"}, {-80, "-80"}, {0.1, "0.1"}, {0.3, "0.3"}, {0.1 + 0.2, "0.30000000000000004"},
        {1.5, "1.5"}, {-2.25, "-2.25"}, {1e-7, "0.0000001"}, {123456.789, "123456.789"}, {999999999999999, "999999999999999"},
        {1e15, "1e15"}, {1.5e15, "1.5e15"}, {1e300, "1e300"}, {1.7976931348623157e308, "1.7976931348623157e308"},
        {9007199254740993.0, "9.007199254740992e15"}, {100000.5, "100000.5"}, {1234567890123456.0, "1.234567890123456e15"},
        {99999999999999.98, "99999999999999.98"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Text text = {0};
        double_print(cases[i].number, &text);
        assert_string_equal(text.bytes, cases[i].wanted);
        text_fini(&text);
    }
}

static void test_doubles_read_back(void **state) {
    (void)state;
    uint64_t bits = 88172645463325252u;
    Text text = {0};
    for (int i = 0; i < 20000; i++) {
        bits ^= bits << 13;
        bits ^= bits >> 7;
        bits ^= bits << 17;
        double number;
        memcpy(&number, &bits, sizeof number);
        if (!isfinite(number)) continue;
        text_clear(&text);
        double_print(number, &text);
        double again = strtod(text.bytes, NULL);
        if (fabs(again - number) > 0) fail_msg("%.17g printed as %s", number, text.bytes);
    }
    text_clear(&text);
    double_print(5e-324, &text);
    assert_int_equal(text.length, 326);     /* "0." and 324 digits, the last of them 5 */
    assert_int_equal(text.bytes[325], '5');
    assert_int_equal(text.bytes[324], '0');
    text_fini(&text);
}

/* ---- addresses ---- */

static void expect_ip(const char *text, const char *wanted) {
    Address address;
    if (!ip_parse(str_of(text), &address)) fail_msg("%s was refused", text);
    Text out = {0};
    address_print(&address, 0, &out);
    assert_string_equal(out.bytes, wanted);
    text_fini(&out);
}

static void test_ipv4(void **state) {
    (void)state;
    expect_ip("10.0.0.1", "10.0.0.1");
    expect_ip("0.0.0.0", "0.0.0.0");
    expect_ip("255.255.255.255", "255.255.255.255");
    const char *const refused[] = {"", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.4 ", " 1.2.3.4", "1..2.3",
                                   "1.2.3.", ".1.2.3", "1.2.3.-4", "1.2.3.0x4", "1.2.3.1000", "a.b.c.d"};
    Address address;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (ip_parse(str_of(refused[i]), &address)) fail_msg("`%s` was taken", refused[i]);
}

static void test_ipv6(void **state) {
    (void)state;
    expect_ip("::", "::");
    expect_ip("::1", "::1");
    expect_ip("1::", "1::");
    expect_ip("FD00:0:0:0:0:0:0:1", "fd00::1");
    expect_ip("2001:0db8:0000:0000:0001:0000:0000:0001", "2001:db8::1:0:0:1");   /* of equal runs the first */
    expect_ip("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1");                   /* one group stays */
    expect_ip("2001:0:0:1:0:0:0:1", "2001:0:0:1::1");                            /* the longest run */
    expect_ip("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8");
    expect_ip("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0");
    expect_ip("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8");
    expect_ip("1:0:0:0:5:0:0:0", "1::5:0:0:0");
    expect_ip("0:0:1::", "0:0:1::");
    expect_ip("::ffff:10.0.0.1", "::ffff:10.0.0.1");
    expect_ip("::ffff:0a00:1", "::ffff:10.0.0.1");
    expect_ip("64:ff9b::1.2.3.4", "64:ff9b::102:304");
    expect_ip("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304");
    const char *const refused[] = {":", ":::", "1:", ":1", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::", "g::",
                                   "::1%eth0", "1:2:3:4:5:6:7:1.2.3.4", "::1.2.3", "1.2.3.4::", "::1.2.3.4:5", "1:2:3:4:5:6:7:8::",
                                   "::1:2:3:4:5:6:7:8", "1:2:3:4::5:6:7:8", "fe80::1 ", "1:::2"};
    Address address;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (ip_parse(str_of(refused[i]), &address)) fail_msg("`%s` was taken", refused[i]);
}

static void test_networks(void **state) {
    (void)state;
    static const struct { const char *text; const char *network; } cases[] = {
        {"10.0.0.152/24", "10.0.0.0/24"}, {"10.0.0.152/32", "10.0.0.152/32"}, {"10.255.255.255/9", "10.128.0.0/9"},
        {"1.2.3.4/0", "0.0.0.0/0"}, {"fd00::1/64", "fd00::/64"}, {"fd00:ffff::/17", "fd00:8000::/17"}, {"::1/128", "::1/128"},
        {"ffff::/0", "::/0"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Address address;
        assert_true(cidr_parse(str_of(cases[i].text), &address));
        Text text = {0};
        address_print(&address, 1, &text);
        assert_string_equal(text.bytes, cases[i].text);
        text_clear(&text);
        Address network = address_network(&address);
        address_print(&network, 1, &text);
        assert_string_equal(text.bytes, cases[i].network);
        text_fini(&text);
    }
    const char *const refused[] = {"", "10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/08", "10.0.0.0/-1", "10.0.0.0/8/8",
                                   "/8", "fd00::/129", "10.0.0/8", "10.0.0.0/8 "};
    Address address;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (cidr_parse(str_of(refused[i]), &address)) fail_msg("`%s` was taken", refused[i]);
}

static int inside(const char *ip, const char *network) {
    Address a, n;
    assert_true(ip_parse(str_of(ip), &a));
    assert_true(cidr_parse(str_of(network), &n));
    return address_in(&a, &n);
}

static void test_address_in_network(void **state) {
    (void)state;
    assert_true(inside("10.0.0.1", "10.0.0.0/24"));
    assert_true(inside("10.0.0.1", "10.0.0.99/24"));
    assert_false(inside("10.0.1.1", "10.0.0.0/24"));
    assert_true(inside("10.0.1.1", "10.0.0.0/23"));
    assert_false(inside("10.0.2.0", "10.0.0.0/23"));
    assert_true(inside("8.8.8.8", "0.0.0.0/0"));
    assert_false(inside("::1", "0.0.0.0/0"));
    assert_true(inside("fd00::1:2", "fd00::/64"));
    assert_false(inside("fd00:0:0:1::", "fd00::/64"));
}

static void test_macs(void **state) {
    (void)state;
    int64_t mac;
    assert_true(mac_parse(STR("52:54:00:67:89:b2"), &mac));
    assert_int_equal(mac, 0x5254006789B2);
    Text text = {0};
    mac_print(mac, &text);
    assert_string_equal(text.bytes, "52:54:00:67:89:B2");
    text_clear(&text);
    mac_print(0, &text);
    assert_string_equal(text.bytes, "00:00:00:00:00:00");
    text_fini(&text);
    assert_true(mac_parse(STR("FF:ff:FF:ff:FF:ff"), &mac));
    assert_int_equal(mac, 0xFFFFFFFFFFFF);
    const char *const refused[] = {"", "52:54:00:67:89", "52:54:00:67:89:b", "52-54-00-67-89-b2", "52:54:00:67:89:g2",
                                   "52:54:00:67:89:b2:", "525400:67:89:b2:0", "5254006789b2"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (mac_parse(str_of(refused[i]), &mac)) fail_msg("`%s` was taken", refused[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_integers),
        cmocka_unit_test(test_floats),
        cmocka_unit_test(test_sizes_are_exact),
        cmocka_unit_test(test_fractions_of_a_byte),
        cmocka_unit_test(test_other_units),
        cmocka_unit_test(test_what_is_no_number),
        cmocka_unit_test(test_host_sizes),
        cmocka_unit_test(test_host_sizes_printed),
        cmocka_unit_test(test_sizes_printed),
        cmocka_unit_test(test_durations_printed),
        cmocka_unit_test(test_doubles_printed),
        cmocka_unit_test(test_doubles_read_back),
        cmocka_unit_test(test_ipv4),
        cmocka_unit_test(test_ipv6),
        cmocka_unit_test(test_networks),
        cmocka_unit_test(test_address_in_network),
        cmocka_unit_test(test_macs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
