/* Codecs: what is written for a host, what a host's text means, and whether the two agree. */
#include "tests/unit/with_session.h"

#include <stdlib.h>

static const char LIBRARY[] =
    "type demo.Nic = {\n"
    "  model: \"virtio\" | \"e1000\"\n"
    "  macaddr?: mac\n"
    "  bridge?: string\n"
    "  ip?: \"dhcp\" | cidr\n"
    "  firewall?: bool { default = false }\n"
    "  link_down?: bool { truth = [\"on\", \"off\"] }\n"
    "  trunks?: [int] { separator = \";\" }\n"
    "  password?: secret string\n"
    "} with { variant = [\"model\", \"macaddr\"] }\n"
    "type demo.Disk = {\n"
    "  storage?: string\n"
    "  new?: int\n"
    "  volume?: string\n"
    "  size?: size { suffix = true }\n"
    "  ro?: bool\n"
    "} with { head = ['{storage}:{new}', '{storage}:{volume}', '{volume}'] }\n"
    "type demo.Rule = { port: int, comment?: string }\n"
    "schema demo.guest {\n"
    "  identity = \"{id}\"\n"
    "  id: int\n"
    "  memory?: size { unit = 1MiB }\n"
    "  quota?: size { zero = \"none\" }\n"
    "  room?: size { suffix = true }\n"
    "  wait?: duration\n"
    "  every?: duration { unit = 1m }\n"
    "  limit?: rate { unit = 1MB/s }\n"
    "  share?: percent\n"
    "  load?: float\n"
    "  onboot?: bool { default = false }\n"
    "  address?: ip\n"
    "  lan?: cidr\n"
    "  hwaddr?: mac\n"
    "  tags?: [string] { separator = \";\", order = \"any\" }\n"
    "  servers?: [ip] { separator = \" \" }\n"
    "  text?: [string] { separator = \"\\n\" }\n"
    "  mode?: \"auto\" | size\n"
    "  level?: int | string\n"
    "  kind?: string('^[a-z]+$') | demo.Disk\n"
    "  net[0..3]?: demo.Nic\n"
    "  disk?: \"none\" | demo.Disk\n"
    "  labels?: {string: int}\n"
    "  from?: empty() | image(name: string, size?: size)\n"
    "  rules?: [demo.Rule] { separator = \"\\n\", order = \"any\" }\n"
    "  extra?: json\n"
    "  content?: string { compare = \"digest\" }\n"
    "  parent?: demo.guest\n"
    "  token?: secret string\n"
    "  read = { }\n  found = { }\n  create = []\n  update = []\n  delete = []\n"
    "}\n";

static const Value *accepted(Session *session, const TypeField *attribute, const char *expression) {
    const Value *value = session_eval(session, str_of(expression));
    require_clean(session);
    assert_non_null(value);
    Use use = {.what = STR("the test"), .span = value->origin};
    value = type_accept(session, attribute->type, value, &use);
    require_clean(session);
    return value;
}

static int encode(Session *session, const TypeField *attribute, const Value *value, Text *out) {
    return codec_encode(session, attribute->type, &attribute->codec, value, value->origin, out);
}

static const Value *decode(Session *session, const TypeField *attribute, const char *text) {
    return codec_decode(session, attribute->type, &attribute->codec, str_of(text), SPAN_NONE);
}

static void assert_prints(const Value *value, const char *expected) {
    Text text = {0};
    assert_non_null(value);
    value_print(value, 0, &text);
    assert_string_equal(text.bytes, expected);
    text_fini(&text);
}

/* Written, read back, compared: nothing may get lost. */
static void what_is_written_is_read_back(void **state) {
    static const struct { const char *attribute, *value, *text; } cases[] = {
        {"id", "-7", "-7"},
        {"memory", "32000MiB", "32000"},
        {"memory", "2GiB", "2048"},
        {"quota", "0B", "none"},
        {"quota", "1KiB", "1024"},
        {"room", "16GiB", "16G"},
        {"room", "1126MiB", "1126M"},
        {"room", "1000B", "1000"},
        {"room", "0B", "0"},
        {"wait", "2m", "120"},
        {"every", "2h", "120"},
        {"limit", "10MB/s", "10"},
        {"share", "12.5%", "12.5"},
        {"load", "1.5", "1.5"},
        {"load", "2.0", "2"},
        {"onboot", "true", "1"},
        {"address", "10.0.0.1", "10.0.0.1"},
        {"address", "ip(\"fd00::1\")", "fd00::1"},
        {"lan", "10.0.0.5/24", "10.0.0.5/24"},
        {"hwaddr", "52:54:00:67:89:b2", "52:54:00:67:89:B2"},
        {"tags", "[\"a\", \"b\"]", "a;b"},
        {"tags", "[]", ""},
        {"servers", "[10.0.0.1, 10.0.0.2]", "10.0.0.1 10.0.0.2"},
        {"text", "[\"a\", \"\", \" b, c\"]", "a\n\n b, c"},
        {"mode", "\"auto\"", "auto"},
        {"mode", "5KiB", "5120"},
        {"level", "5", "5"},
        {"level", "\"high\"", "high"},
        {"kind", "\"plain\"", "plain"},
        {"kind", "{ storage = \"st\", volume = \"v1\" }", "st:v1"},
        {"net0", "{ model = \"virtio\", macaddr = BC:24:11:D0:57:E8, bridge = \"vmbr0\", ip = 10.9.9.5/24 }",
         "virtio=BC:24:11:D0:57:E8,bridge=vmbr0,ip=10.9.9.5/24"},
        {"net3", "{ model = \"e1000\", ip = \"dhcp\", firewall = true, link_down = false, trunks = [1, 2] }",
         "e1000,ip=dhcp,firewall=1,link-down=off,trunks=1;2"},
        {"disk", "\"none\"", "none"},
        {"disk", "{ storage = \"st\", new = 8, ro = true }", "st:8,ro=1"},
        {"disk", "{ storage = \"st\", volume = \"952/vm-952-disk-0.raw\", size = 1126MiB }", "st:952/vm-952-disk-0.raw,size=1126M"},
        {"disk", "{ volume = \"/mnt/data\", ro = false }", "/mnt/data,ro=0"},
        {"disk", "{ volume = \"/mnt/a=b\", ro = false }", "volume=/mnt/a=b,ro=0"},
        {"labels", "{ a = 1, \"b c\": 2 }", "a=1,b c=2"},
        {"from", "empty()", "empty"},
        {"from", "image(\"u\", size: 3B)", "name=u,size=3"},
        {"rules", "[{ port = 80, comment = \"web\" }, { port = 22 }]", "port=80,comment=web\nport=22"},
        {"extra", "{ b = [1, true], a = \"x\" }", "{\"a\":\"x\",\"b\":[1,true]}"},
        {"extra", "\"5\"", "\"5\""},
        {"token", "\"hush\"", "hush"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Session *session = open_library(LIBRARY);
        const TypeField *attribute = attribute_of(session, schema_of(session, "demo.guest"), cases[i].attribute);
        const Value *value = accepted(session, attribute, cases[i].value);
        Text text = {0};
        assert_true(encode(session, attribute, value, &text));
        require_clean(session);
        assert_string_equal(text.bytes ? text.bytes : "", cases[i].text);
        const Value *back = decode(session, attribute, cases[i].text);
        assert_non_null(back);
        if (!value_equal(value, back) || !codec_matches(session, attribute, value, back)) {
            Text shown = {0};
            value_print(back, 0, &shown);
            fail_msg("%s: %s came back as %s", cases[i].attribute, cases[i].text, shown.bytes);
        }
        text_fini(&text);
        session_close(session);
    }
}

static void hosts_are_read_tolerantly(void **state) {
    static const struct { const char *attribute, *text, *value; } cases[] = {
        {"memory", " 512 ", "512MiB"},
        {"memory", "1.5", "1536KiB"},
        {"memory", "2G", "2GiB"},
        {"room", "104858K", "104858KiB"},
        {"room", "0T", "0B"},
        {"quota", "0", "0B"},
        {"wait", "1.5", "1500ms"},
        {"wait", "5m", "5m"},
        {"limit", "12.5", "12500KB/s"},
        {"share", "80%", "80%"},
        {"onboot", "Yes", "true"},
        {"onboot", "off", "false"},
        {"hwaddr", "bc:24:11:d0:57:e8", "BC:24:11:D0:57:E8"},
        {"tags", " a; ;b;", "[\"a\", \"b\"]"},
        {"servers", "10.0.0.1  10.0.0.2 host", "[10.0.0.1, 10.0.0.2, \"host\"]"},
        {"net0", "bridge=vmbr0, firewall=on ,virtio=bc:24:11:d0:57:e8,mtu=1400",
         "{ model = \"virtio\", macaddr = BC:24:11:D0:57:E8, bridge = \"vmbr0\", firewall = true, mtu = \"1400\" }"},
        {"net0", "bridge=a,bridge=b,model=e1000", "{ model = \"e1000\", bridge = \"a\" }"},
        {"net0", "model=rtl8139,ip=auto", "{ model = \"rtl8139\", ip = \"auto\" }"},
        {"net0", "link_down=1,e1000", "{ model = \"e1000\", link_down = true }"},
        {"disk", "ro=1,st:952/vm-952-disk-0.raw,size=400M", "{ storage = \"st\", volume = \"952/vm-952-disk-0.raw\", size = 400MiB, ro = true }"},
        {"disk", "none,media=cdrom", "{ volume = \"none\", media = \"cdrom\" }"},
        {"labels", "a=1,b=x", "{ a = 1, b = \"x\" }"},
        {"extra", "not json", "\"not json\""},
        {"parent", "900", "\"900\""},
        {"level", "05x", "\"05x\""},
    };
    (void)state;
    Session *session = open_library(LIBRARY);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_prints(decode(session, attribute_of(session, schema_of(session, "demo.guest"), cases[i].attribute), cases[i].text), cases[i].value);
    static const char *const strangers[][2] = {
        {"id", "x"}, {"id", ""}, {"id", "1e3"}, {"id", "9223372036854775808"}, {"memory", "-"}, {"memory", "much"}, {"onboot", "maybe"},
        {"address", "10.0.0"}, {"hwaddr", "52:54"}, {"share", "1e999"}, {"load", "nan"}, {"mode", "manual"}, {"net0", "what"}, {"from", "full"},
    };
    for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++)
        assert_null(decode(session, attribute_of(session, schema_of(session, "demo.guest"), strangers[i][0]), strangers[i][1]));
    const Value *token = decode(session, attribute_of(session, schema_of(session, "demo.guest"), "token"), "hush");
    assert_int_equal(token->flags & VALUE_SECRET, VALUE_SECRET);
    require_clean(session);
    session_close(session);
}

static void what_cant_be_written_is_refused(void **state) {
    static const struct { const char *attribute, *value, *message; } cases[] = {
        {"memory", "1000KiB", "1000KiB is no whole multiple of 1MiB"},
        {"memory", "1000KiB", "the nearest are 0B and 1MiB"},
        {"wait", "1500ms", "no whole multiple of 1s"},
        {"every", "90s", "the nearest are 1m and 2m"},
        {"limit", "1500KB/s", "1MB/s"},
        {"tags", "[\"a;b\"]", "holds the separator"},
        {"tags", "[\"a\", \"\"]", "is empty"},
        {"tags", "[\" a\"]", "begins or ends with a blank"},
        {"text", "[\"\"]", "is empty"},
        {"net0", "{ model = \"virtio\", bridge = \"a,b\" }", "\"a,b\" holds a comma"},
        {"net0", "{ model = \"virtio\", bridge = \"a\\nb\" }", "holds a line break"},
        {"net0", "{ model = \"virtio\", password = \"x,secret\" }", "a secret holds a comma"},
        {"disk", "{ storage = \"a:b\", volume = \"c\" }", "would not be read back as {storage}:{volume}"},
        {"disk", "{ storage = \"a\", volume = \"c=d\" }", "would not be read back"},
        {"labels", "{ \"a=b\": 1 }", "E0445"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Session *session = open_library(LIBRARY);
        const TypeField *attribute = attribute_of(session, schema_of(session, "demo.guest"), cases[i].attribute);
        const Value *value = accepted(session, attribute, cases[i].value);
        Text text = {0};
        assert_false(encode(session, attribute, value, &text));
        assert_int_equal(text.length, 0);
        assert_int_equal(diag_errors(session_diagnostics(session)), 1);
        assert_holds(diagnostics_of(session), cases[i].message);
        assert_null(strstr(diagnostics_of(session), "x,secret ho"));
        text_fini(&text);
        session_close(session);
    }
}

static void only_what_is_written_is_compared(void **state) {
    static const struct { const char *attribute, *want, *have; int same; } cases[] = {
        {"memory", "2GiB", "2048", 1},
        {"memory", "2GiB", "2049", 0},
        {"memory", "2GiB", NULL, 0},
        {"onboot", "false", NULL, 1},
        {"onboot", "true", NULL, 0},
        {"onboot", "unset", NULL, 1},
        {"onboot", "unset", "0", 0},
        {"hwaddr", "52:54:00:67:89:B2", "52:54:00:67:89:b2", 1},
        {"load", "2.0", "2", 1},
        {"tags", "[\"b\", \"a\", \"b\"]", "a;b", 1},
        {"tags", "[\"b\"]", "a;b", 0},
        {"tags", "[]", NULL, 1},
        {"servers", "[10.0.0.1, 10.0.0.2]", "10.0.0.2 10.0.0.1", 0},
        {"net0", "{ model = \"virtio\", bridge = \"vmbr0\" }", "virtio=BC:24:11:D0:57:E8,bridge=vmbr0,mtu=9", 1},
        {"net0", "{ model = \"virtio\", bridge = \"vmbr1\" }", "virtio=BC:24:11:D0:57:E8,bridge=vmbr0", 0},
        {"net0", "{ model = \"virtio\", firewall = false }", "virtio", 1},
        {"net0", "{ model = \"virtio\", firewall = true }", "virtio", 0},
        {"net0", "{ model = \"virtio\", ip = 10.0.0.1/24 }", "virtio,ip=dhcp", 0},
        {"disk", "\"none\"", "none,media=cdrom", 0},
        {"disk", "{ storage = \"st\", size = 1GiB }", "st:vm-1,size=1024M", 1},
        {"labels", "{ a = 1 }", "a=1,b=2", 1},
        {"rules", "[{ port = 22 }, { port = 80, comment = \"web\" }]", "port=80,comment=web\nport=22,comment=host", 1},
        {"rules", "[{ port = 22 }, { port = 80 }]", "port=80", 0},
        {"from", "empty()", "empty", 1},
        {"from", "empty()", "name=u", 0},
        {"content", "\"abc\"", "abc", 0},
        {"content", "\"abc\"", "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", 1},
        {"address", "10.0.0.1", "old-name", 0},
    };
    (void)state;
    Session *session = open_library(LIBRARY);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const TypeField *attribute = attribute_of(session, schema_of(session, "demo.guest"), cases[i].attribute);
        const Value *want = !strcmp(cases[i].want, "unset") ? value_unset(session->arena, SPAN_NONE) : accepted(session, attribute, cases[i].want);
        const Value *have = cases[i].have ? decode(session, attribute, cases[i].have) : NULL;
        if (cases[i].have && !have)
            have = value_string(session->arena, SPAN_NONE, str_of(cases[i].have));
        if (codec_matches(session, attribute, want, have) != cases[i].same)
            fail_msg("%s: %s against %s", cases[i].attribute, cases[i].want, cases[i].have ? cases[i].have : "nothing");
    }
    const TypeField *onboot = attribute_of(session, schema_of(session, "demo.guest"), "onboot");
    const Value *implicit = value_flagged(session->arena, value_bool(session->arena, SPAN_NONE, 0), VALUE_IMPLICIT);
    assert_true(codec_matches(session, onboot, value_unset(session->arena, SPAN_NONE), implicit));
    assert_false(codec_matches(session, onboot, value_unknown(session->arena, SPAN_NONE, HOLE_UNKNOWN, STR("x")), implicit));
    require_clean(session);
    session_close(session);
}

static void decoders_values_are_typed(void **state) {
    static const struct { const char *attribute, *value, *typed; } cases[] = {
        {"memory", "512", "512MiB"},
        {"memory", "\"512\"", "512MiB"},
        {"onboot", "1", "true"},
        {"onboot", "true", "true"},
        {"share", "80", "80%"},
        {"load", "2", "2.0"},
        {"tags", "[\"a\", \"b\"]", "[\"a\", \"b\"]"},
        {"memory", "[\"512\"]", "512MiB"},
        {"level", "7", "7"},
        {"net1", "{ model = \"virtio\", \"link-down\": true, hwid = 5 }", "{ model = \"virtio\", link_down = true, hwid = 5 }"},
        {"mode", "\"auto\"", "\"auto\""},
        {"address", "[1, 2]", "[1, 2]"},
        {"rules", "[\"port=22\", { port = \"80\" }]", "[{ port = 22 }, { port = 80 }]"},
        {"extra", "{ a = [1] }", "{ a = [1] }"},
    };
    (void)state;
    Session *session = open_library(LIBRARY);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const TypeField *attribute = attribute_of(session, schema_of(session, "demo.guest"), cases[i].attribute);
        const Value *value = session_eval(session, str_of(cases[i].value));
        require_clean(session);
        assert_prints(codec_decode_value(session, attribute->type, &attribute->codec, value, SPAN_NONE), cases[i].typed);
    }
    session_close(session);
}

static LoadStatus load_site(void *context, Str importer, Str path, SourceKind kind, Str *name, Str *bytes, Str *problem) {
    (void)importer, (void)kind, (void)problem;
    *name = path;
    *bytes = str_of(context);
    return LOAD_OK;
}

static void references_are_identities(void **state) {
    (void)state;
    static char site[] = "site \"s\" edition 1\ndemo.guest base { id = 900 }\ndemo.guest other { id = 901  parent = base }\n";
    NamedText text = {STR("library.phx"), str_of(LIBRARY)};
    SessionOptions options = {.loader = {site, load_site}, .stdlib = &text, .stdlib_count = 1};
    Session *session = session_open(&options);
    session_check(session, STR("site.phx"));
    require_clean(session);
    const TypeField *parent = attribute_of(session, schema_of(session, "demo.guest"), "parent");
    const Value *value = session_eval(session, STR("other.parent"));
    require_clean(session);
    Text out = {0};
    assert_true(encode(session, parent, value, &out));
    assert_string_equal(out.bytes, "900");
    assert_true(codec_matches(session, parent, value, decode(session, parent, "900")));
    assert_false(codec_matches(session, parent, value, decode(session, parent, "901")));
    text_fini(&out);
    session_close(session);
}

static void patterns_find_their_fields(void **state) {
    (void)state;
    Str names[4], values[4];
    uint32_t count;
    assert_true(pattern_match(STR("{pool}/{path}"), STR("tank/a/b"), names, values, &count, 4));
    assert_int_equal(count, 2);
    assert_true(str_equal(names[1], STR("path")) && str_equal(values[0], STR("tank")) && str_equal(values[1], STR("a/b")));
    assert_true(pattern_match(STR("{name}.conf"), STR("a.b.conf"), names, values, &count, 4));
    assert_true(str_equal(values[0], STR("a.b")));
    assert_true(pattern_match(STR("plain"), STR("plain"), names, values, &count, 4));
    assert_int_equal(count, 0);
    static const char *const misfits[][2] = {
        {"{pool}/{path}", "tank"}, {"{pool}/{path}", "/a"}, {"{pool}/{path}", "tank/"}, {"{name}.conf", ".conf"}, {"{name}.conf", "a.cfg"},
        {"id-{n}", "x-1"}, {"{a}", ""}, {"", "a"}, {"{a}{b}", "x"}, {"{a", "b"},
    };
    for (size_t i = 0; i < sizeof misfits / sizeof *misfits; i++)
        assert_false(pattern_match(str_of(misfits[i][0]), str_of(misfits[i][1]), names, values, &count, 4));
    assert_false(pattern_match(STR("{a}-{b}-{c}"), STR("1-2-3"), names, values, &count, 2));
}

/* Random texts of what means something in property strings: nothing may crash, and what is read as a whole can be compared. */
static void any_text_is_survived(void **state) {
    (void)state;
    static const char *const pieces[] = {"model", "virtio", "e1000", "=", ",", ":", ";", " ", "ip", "dhcp", "10.0.0.1/24", "size", "16G", "none", "st",
                                         "BC:24:11:D0:57:E8", "\n", "1", "on", "[", "{", "\xff", "trunks", "0T", "-", "%", "99999999999999999999"};
    static const char *const attributes[] = {"net0", "disk", "tags", "rules", "from", "kind", "labels", "extra", "memory", "mode", "limit", "level"};
    Session *session = open_library(LIBRARY);
    uint32_t random = 99;
    for (int round = 0; round < 4000; round++) {
        Text text = {0};
        random = random * 1664525u + 1013904223u;
        for (uint32_t i = (random >> 16) % 9; i > 0; i--) {
            random = random * 1664525u + 1013904223u;
            text_add(&text, str_of(pieces[(random >> 16) % (sizeof pieces / sizeof *pieces)]));
        }
        Str copy = arena_str(session->arena, text_str(&text));
        text_fini(&text);
        for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++) {
            const TypeField *attribute = attribute_of(session, schema_of(session, "demo.guest"), attributes[i]);
            const Value *value = codec_decode(session, attribute->type, &attribute->codec, copy, SPAN_NONE);
            if (value)
                assert_true(codec_matches(session, attribute, value, value));
        }
    }
    session_close(session);
}

/* `trunks=` with nothing behind it is no part of a property string, for any host. */
static void empty_parts_are_not_written(void **state) {
    (void)state;
    Session *session = open_library(LIBRARY);
    const TypeField *attribute = attribute_of(session, schema_of(session, "demo.guest"), "net1");
    const Value *value = accepted(session, attribute, "{ model = \"e1000\", trunks = [], bridge = \"\", firewall = true }");
    Text text = {0};
    assert_true(encode(session, attribute, value, &text));
    assert_string_equal(text.bytes, "e1000,firewall=1");
    text_fini(&text);
    session_close(session);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(empty_parts_are_not_written),     cmocka_unit_test(hosts_are_read_tolerantly),
        cmocka_unit_test(what_cant_be_written_is_refused),  cmocka_unit_test(only_what_is_written_is_compared),
        cmocka_unit_test(decoders_values_are_typed),        cmocka_unit_test(references_are_identities),
        cmocka_unit_test(patterns_find_their_fields),       cmocka_unit_test(any_text_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
