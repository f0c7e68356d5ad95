/* Functions in C: the example of each, and what each refuses. */
#include "tests/unit/with_session.h"

static const Builtin *const TABLES[] = {builtins_collection, builtins_text, builtins_number, builtins_decode, builtins_encode};

static uint32_t table_count(size_t table) {
    const uint32_t counts[] = {builtins_collection_count, builtins_text_count, builtins_number_count, builtins_decode_count,
                               builtins_encode_count};
    return counts[table];
}

static void examples_are_true(void **state) {
    (void)state;
    Session *session = open_library("");
    for (size_t t = 0; t < sizeof TABLES / sizeof *TABLES; t++)
        for (uint32_t i = 0; i < table_count(t); i++) {
            const Builtin *builtin = &TABLES[t][i];
            const Value *value = session_eval(session, str_of(builtin->example));
            require_clean(session);
            if (!value || value->kind != VALUE_BOOL || !value->as.boolean)
                fail_msg("%s", builtin->example);
            assert_non_null(strstr(builtin->example, builtin->name));
            assert_int_equal(strncmp(builtin->signature, builtin->name, strlen(builtin->name)), 0);
            assert_int_equal(builtin->doc[strlen(builtin->doc) - 1] == '.' || builtin->doc[strlen(builtin->doc) - 1] == '?', 1);
        }
    session_close(session);
}

/* As a cell of the manual's table writes it. */
static void add_cell(Text *out, const char *text) {
    for (; *text; text++) {
        if (*text == '|')
            text_add_char(out, '\\');
        text_add_char(out, *text);
    }
}

static void assert_rows(const char *manual, const Builtin *builtins, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        Text row = {0};
        text_add_literal(&row, "| `");
        add_cell(&row, builtins[i].signature);
        text_add_literal(&row, "` | ");
        add_cell(&row, builtins[i].doc);
        text_add_literal(&row, " |\n");
        assert_holds(manual, row.bytes);
        text_fini(&row);
    }
}

static void the_manual_names_all(void **state) {
    (void)state;
    Text manual = {0};
    char bytes[4096];
    FILE *file = fopen("lang/README.md", "r");
    assert_non_null(file);
    for (size_t length; (length = fread(bytes, 1, sizeof bytes, file)) > 0;)
        text_add(&manual, (Str){bytes, length});
    fclose(file);
    for (size_t t = 0; t < sizeof TABLES / sizeof *TABLES; t++)
        assert_rows(manual.bytes, TABLES[t], table_count(t));
    assert_rows(manual.bytes, builtins_rule, builtins_rule_count);
    assert_rows(manual.bytes, builtins_lint, builtins_lint_count);
    text_fini(&manual);
}

static void more_is_true(void **state) {
    static const char *const truths[] = {
        "sum([]) == 0", "sum([1, 2.5]) == 3.5", "sum([1s, 2m]) == 121s", "sum([], 0B) == 0B", "sum([10%, 5%]) == 15%",
        "min([]) ?? 7 == 7", "max([\"a\", \"b\"]) == \"b\"", "max([10.0.0.2, 10.0.0.10]) == 10.0.0.10",
        "sort([3, 1, 2]) == [1, 2, 3]", "[x.n for x in sort([{ n = \"b\", k = 1 }, { n = \"a\", k = 1 }], \"k\")] == [\"b\", \"a\"]",
        "unique([{ a = 1, b = 2 }, { b = 2, a = 1 }]) == [{ a = 1, b = 2 }]", "len(unique(range(100000))) == 100000",
        "range(3, 1) == []", "range(-1, 1) == [-1, 0]", "last([]) ?? 1 == 1", "(index_of([1], 2) ?? -1) == -1",
        "any([]) == false", "every([])", "flatten([]) == []", "len(\"\\u{e9}a\") == 2", "len({ a = 1 }) == 1",
        "get({ a = 1 }, \"b\") ?? 3 == 3", "get({ \"7\": 1 }, 7) == 1", "has({ a = 1 }, \"b\") == false", "merge([]) == {}",
        "keys(group([{ t = 2 }, { t = 1 }, { t = 2 }], \"t\")) == [\"2\", \"1\"]", "entries({ a = 1, b = 2 })[1].value == 2",
        "split(\"\", \",\") == []", "split(\"a,\", \",\") == [\"a\", \"\"]", "split(\"abc\", \"\") == [\"abc\"]", "join([], \",\") == \"\"",
        "join([10.0.0.1, 16GiB, true], \" \") == \"10.0.0.1 16GiB true\"", "replace(\"aaa\", \"aa\", \"b\") == \"ba\"", "replace(\"a\", \"\", \"b\") == \"a\"",
        "repeat(\"a\", -1) == \"\"", "repeat(\"\", 1000000000) == \"\"", "substring(\"a\\u{e9}b\", 1, 2) == \"\\u{e9}\"", "substring(\"abc\", 5) == \"\"",
        "substring(\"abc\", 2, 1) == \"\"", "pad_left(\"abc\", 2) == \"abc\"", "lower(\"\\u{c9}A\") == \"\\u{c9}a\"", "trim(\"\") == \"\"",
        "matches(\"abc\", 'b')", "not matches(\"abc\", '^b')", "basename(\"a/b/\") == \"b\"", "basename(\"/\") == \"/\"", "basename(\"\") == \"\"",
        "dirname(\"a\") == \".\"", "dirname(\"/a\") == \"/\"", "dirname(\"/a//b/\") == \"/a\"", "dirname(\"/\") == \"/\"",
        "json_text([none ?? 1, 1.5, \"x\", 16GiB, 10.0.0.0/8]) == '[1,1.5,\"x\",\"16GiB\",\"10.0.0.0/8\"]'",
        "parse_int(\" 7 \") == 7", "parse_int(7) == 7", "parse_float(\"3\") == 3.0", "parse_float(\"-0.5\") == -0.5", "parse_size(\"800G\") == 800GiB",
        "parse_size(\"512\") == 512B", "parse_size(1GiB) == 1GiB", "parse_bool(\"no\") == false", "cidr(\"fd00::1/64\").prefix == 64",
        "abs(-1.5) == 1.5", "floor(-0.5) == -1", "ceil(-0.5) == 0", "round(-2.5) == -3", "round(7) == 7",
        "host(cidr(\"fd00::/64\"), 256) == ip(\"fd00::100\")", "host(10.0.0.77/24, 0) == 10.0.0.0", "host(10.0.0.255/31, 1) == 10.0.0.255",
        "not overlaps(10.0.0.0/24, 10.0.1.0/24)", "overlaps(10.0.0.5/32, 10.0.0.0/8)", "not overlaps(10.0.0.0/8, cidr(\"::/0\"))",
        "intersection([1, 2, 1], [1]) == [1, 1]", "intersection([], [1]) == []", "difference([1, 2, 1], [1]) == [2]", "difference([1], []) == [1]",
        "len(difference(range(100000), range(50000))) == 50000", "pad_right(\"\\u{e9}\", 3, \"-\") == \"\\u{e9}--\"",
        "floor(-1500MiB, 1GiB) == -2GiB", "ceil(-1500MiB, 1GiB) == -1GiB", "round(-1536MiB, 1GiB) == -2GiB", "round(1535MiB, 1GiB) == 1GiB",
        "ceil(3GiB, 1GiB) == 3GiB", "floor(0B, 1GiB) == 0B", "round(1499ms, 1s) == 1s", "ceil(10MB/s, 3MB/s) == 12MB/s",
        "16GiB * 80% == 13743895347B", "80% * 16GiB == 13743895347B", "floor(16GiB * 80%, 1MiB) == 13107MiB", "10s * 33.3% == 3330ms",
        "1MiB * 0% == 0B", "8TiB * 100% == 8TiB", "3B * 0.000001% == 0B",
        "broadcast(10.0.0.7/31) == 10.0.0.7", "broadcast(10.0.0.7/32) == 10.0.0.7", "broadcast(cidr(\"fd00::/127\")) == ip(\"fd00::1\")",
        "address_count(10.0.0.0/32) == 1", "address_count(cidr(\"fd00::/120\")) == 256", "broadcast(0.0.0.0/0) == 255.255.255.255",
        "host(10.0.0.0/24, 254)..broadcast(10.0.0.0/24) == [10.0.0.254, 10.0.0.255]", "10.0.0.255..10.0.1.0 == [10.0.0.255, 10.0.1.0]",
        "10.0.1.0..10.0.0.255 == []", "len(10.0.0.0..10.0.255.255) == 65536", "ip(\"fd00::ffff\") + 1 == ip(\"fd00::1:0\")", "10.0.1.0 - 1 == 10.0.0.255",
        "not (10.0.0.1 in cidr(\"::/0\"))", "ip(\"fd00::1\") in cidr(\"fd00::/8\")", "10.0.0.0/25 in 10.0.0.0/24", "not (10.0.0.0/24 in 10.0.0.0/25)",
        "yaml_text(\"no\") == \"\\\"no\\\"\\n\"", "yaml_text([]) == \"[]\\n\"", "yaml_text([[1], { a = { b = 2 } }]) == \"- - 1\\n- a:\\n    b: 2\\n\"",
        "yaml_text({ a = \"x\\ny\\n\" }) == \"a: |\\n  x\\n  y\\n\"", "yaml_text(1e21) == \"1.0e+21\\n\"",
        "ini_text({}) == \"\"", "ini_text({ a = { b = [1, 2] }, c = true, d = none ?? [] }) == \"c = true\\n\\n[a]\\nb = 1\\nb = 2\\n\"",
        "systemd_text({ Route = [{ Metric = 1 }, { Metric = 2 }] }) == \"[Route]\\nMetric=1\\n\\n[Route]\\nMetric=2\\n\"",
        "systemd_text({ Service = { ExecStart = [\"\", \"/bin/a\"], MemoryMax = 1GiB } }) == \"[Service]\\nExecStart=\\nExecStart=/bin/a\\nMemoryMax=1073741824\\n\"",
        "systemd_words([\"\", \"a\\nb\\t\\u{7}\"]) == '\"\" \"a\\nb\\t\\x07\"'", "systemd_command([\"/bin/a\", \"5%\", \"x;y\", \";\"]) == '/bin/a 5%% \"x;y\" \";\"'",
        "env_text({ A = \"\", B = \"it's\", C = 16GiB }) == \"A=\\nB=\\\"it's\\\"\\nC=16GiB\\n\"",
        "property_string(property_text({ a = \"1\", \"\": \"x y\" })) == { \"\": \"x y\", a = \"1\" }", "property_text({}) == \"\"",
        "base64_encode(\"\") == \"\"", "base64_encode(\"a\") == \"YQ==\"", "base64_encode(\"ab\") == \"YWI=\"", "base64_encode(\"abc\") == \"YWJj\"",
        "base64_decode(\"YW\\nJj YQ==\") == \"abca\"", "base64_decode(base64_encode(\"\\u{e9}\\u{1f600}\\n\")) == \"\\u{e9}\\u{1f600}\\n\"",
        "json_text([], pretty: true) == \"[]\\n\"", "json_text({ b = 1, a = 2 }, true) == \"\\{\\n  \\\"b\\\": 1,\\n  \\\"a\\\": 2\\n\\}\\n\"",
        "(json('{\"a\": 1}').b ?? 2) == 2", "tsv(\"a\\tb\\tc\\n\", [\"x\", \"y\"])[0].y == \"b\\tc\"", "(capture(\"x\", 'y') ?? []) == []",
        "capture(\"ab\", 'a(x)?b') == [\"\"]", "sections(\"\")[0].name == \"\"", "(property_string(\"a=1\").b ?? \"x\") == \"x\"",
    };
    (void)state;
    Session *session = open_library("");
    for (size_t i = 0; i < sizeof truths / sizeof *truths; i++) {
        const Value *value = session_eval(session, str_of(truths[i]));
        require_clean(session);
        if (!value || value->kind != VALUE_BOOL || !value->as.boolean)
            fail_msg("%s", truths[i]);
    }
    session_close(session);
}

static void problems_are_reported(void **state) {
    static const char *const cases[][2] = {
        {"sum([1, 1s])", "E0281"}, {"sum([\"a\"])", "E0281"}, {"sum([9223372036854775807, 1])", "E0282"}, {"max([1, \"a\"])", "E0281"},
        {"sort([1, 1s])", "E0281"}, {"sort([{ a = 1 }], \"b\")", "there is no `b`"}, {"range(2000000)", "E0282"}, {"flatten([1])", "list of lists"},
        {"any([1])", "true or false"}, {"keys([1])", "map or record"}, {"get({}, 1.5)", "the key"}, {"first([])", ""},
        {"repeat(\"0123456789\", 100000000)", "E0282"}, {"substring(\"a\", -1)", "E0282"}, {"matches(\"a\", '(')", "E0283"},
        {"capture(\"a\", '[')", "E0283"}, {"parse_int(\"1.5\")", "E0280"}, {"parse_int(\"\")", "E0280"}, {"parse_int(\"99999999999999999999\")", "E0280"},
        {"parse_size(\"big\")", "E0280"}, {"parse_duration(\"5\")", "E0280"}, {"parse_bool(\"2\")", "E0280"}, {"ip(\"10.0.0\")", "E0280"},
        {"cidr(\"10.0.0.0/33\")", "E0280"}, {"mac(\"1:2\")", "E0280"}, {"round(9.3e18 * 1.0)", ""}, {"host(10.0.0.0/24, 256)", "E0282"},
        {"host(10.0.0.0/24, -1)", "E0282"}, {"host(10.0.0.1, 1)", "a network"}, {"bytes(1)", "a size"}, {"json('{')", "E0284"},
        {"tsv(\"\", [\"a\", \"a\"])", "E0285"}, {"tsv(\"\", [1])", "E0285"}, {"join([none], \",\")", ""}, {"len(1)", "`len` wants"},
        {"floor(1GiB)", "E0220"}, {"floor(1GiB, 1s)", "a unit of the same kind"}, {"floor(1.5, 1GiB)", "where there is a unit"}, {"floor(1GiB, 0B)", "a unit"},
        {"address_count(cidr(\"fd00::/64\"))", "E0282"}, {"10.0.0.1..ip(\"fd00::1\")", "an IPv4 address and an IPv6 address"},
        {"10.0.0.0..10.255.0.0", "E0225"}, {"255.255.255.255 + 1", "E0217"}, {"9223372036854775807B * 200%", "E0217"},
        {"intersection(1, [])", "a list"}, {"yaml_text(unset)", ""}, {"ini_text([])", "a map or record"}, {"ini_text({ a = \"x\\ny\" })", "E0286"},
        {"ini_text({ a = \" x\" })", "blanks at its ends"}, {"ini_text({ a = \"x ; y\" })", "comment"}, {"ini_text({ \"a=b\": 1 })", "no name for a key"},
        {"ini_text({ a = { b = { c = 1 } } })", "has fields"}, {"ini_text({ a = [{ b = 1 }, 2] })", "no section"}, {"ini_text({ \"a]b\": {} })", "holds a `]`"},
        {"systemd_text({ A = 1 })", "no section"}, {"systemd_text({ A = { b_c = 1 } })", "no name of a section"}, {"systemd_text({ A = { B = 'x\\' } })", "ends with a backslash"},
        {"systemd_command([\"-x\"])", "no program"}, {"systemd_words([[1]])", "is a list"},
        {"env_text({ A = \"$a's\" })", "single quote"}, {"env_text({ A = '$a\\\\b' })", "two backslashes"}, {"env_text({ A = 'a\\' })", "ends with a backslash"},
        {"env_text({ A = '${b}' })", "holds `${`"}, {"env_text({ A = \"\\u{1}\" })", "control character"}, {"env_text({ \"1A\": 1 })", "no name of a variable"},
        {"property_text({ a = \"1,2\" })", "comma"}, {"property_text({ \"\": \"a=b\" })", "holds `=`"}, {"base64_decode(\"a\")", "E0280"},
        {"base64_decode(\"YQ=\")", "E0280"}, {"base64_decode(\"YQ==YQ==\")", "E0280"}, {"base64_decode(\"YR==\")", "E0280"}, {"base64_decode(\"/w==\")", "E0280"},
        {"json_text(1, 2)", "true or false"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Session *session = open_library("");
        const Value *value = session_eval(session, str_of(cases[i][0]));
        if (*cases[i][1]) {
            assert_null(value);
            assert_int_equal(diag_errors(session->diagnostics), 1);
            assert_holds(diagnostics_of(session), cases[i][1]);
        }
        session_close(session);
    }
}

static void inexact_sizes_are_found(void **state) {
    (void)state;
    Session *session = open_library("");
    const Value *value = session_eval(session, STR("parse_size(\"1.4T\")"));
    require_clean(session);
    assert_int_equal(value->as.integer, 1539316278886);
    assert_int_equal(diag_warnings(session->diagnostics), 1);
    assert_holds(diagnostics_of(session), "inexact_size");
    session_close(session);
}

/* A secret anywhere in the arguments makes the result one, and its text is whole. */
static void secrets_stay_secret(void **state) {
    static const char *const cases[][2] = {
        {"json_text({ a = [key(\"x\")] })", "{\"a\":[\"x\"]}"}, {"join([\"a\", key(\"x\")], \"-\")", "a-x"}, {"upper(key(\"x\"))", "X"},
        {"to_string(key(\"x\"))", "x"}, {"split(key(\"x,y\"), \",\")[1]", "y"}, {"json(key(\"[1]\"))", NULL}, {"lines(key(\"a\"))", NULL},
        {"sha256(key(\"abc\"))", NULL}, {"parse_int(key(\"5\"))", NULL}, {"max([\"a\", key(\"x\")])", "x"}, {"get({ a = key(\"x\") }, \"a\")", "x"},
        {"yaml_text([{ a = key(\"no\") }])", "- a: \"no\"\n"}, {"env_text({ A = key(\"a b\") })", "A='a b'\n"}, {"property_text({ a = key(\"x\") })", "a=x"},
        {"systemd_text({ A = { B = [key(\"x\")] } })", "[A]\nB=x\n"}, {"ini_text({ a = key(\"x\") })", "a = x\n"}, {"systemd_words([key(\"x y\")])", "\"x y\""},
        {"base64_encode(key(\"x\"))", "eA=="}, {"difference([1, 2], [key(\"x\")])", NULL}, {"json_text([key(\"x\")], true)", "[\n  \"x\"\n]\n"},
    };
    (void)state;
    Session *session = open_library("fn key(text: string): secret string = text\n");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const Value *value = session_eval(session, str_of(cases[i][0]));
        require_clean(session);
        if (!(value->flags & VALUE_SECRET) || (cases[i][1] && !str_equal(value->as.string, str_of(cases[i][1]))))
            fail_msg("%s gives %.*s, flags %d", cases[i][0], value->kind == VALUE_STRING ? (int)value->as.string.length : 0, value->as.string.text, value->flags);
    }
    session_close(session);
}

/* Each pattern compiled once is far from each compiled anew: 100,000 matches stay quick, and the cache gives everything back. */
static void patterns_are_kept(void **state) {
    (void)state;
    Session *session = open_library("");
    const Value *value = session_eval(session, STR("len([i for i in range(100000) if matches(\"{i}\", '^[0-9]*7$')]) == 10000"));
    require_clean(session);
    assert_true(value->as.boolean);
    value = session_eval(session, STR("every([matches(\"a{i}b\", \"a{i}b\") for i in range(1000)])"));
    require_clean(session);
    assert_true(value->as.boolean);
    session_close(session);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(examples_are_true),      cmocka_unit_test(the_manual_names_all), cmocka_unit_test(more_is_true),       cmocka_unit_test(problems_are_reported),
        cmocka_unit_test(inexact_sizes_are_found), cmocka_unit_test(secrets_stay_secret), cmocka_unit_test(patterns_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
