/* Facts: kept, written, read and decoded. */
#include "tests/unit/with_session.h"

#include "compiler/facts.h"
#include "lang/json.h"

static const char LIBRARY[] =
    "type demo.Net = { name: string, ip?: \"dhcp\" | cidr, hwaddr?: mac, key?: secret string }\n"
    "schema demo.guest {\n"
    "  identity = \"{id}\"\n"
    "  id: int\n"
    "  memory?: size { unit = 1MiB }\n"
    "  share?: percent\n"
    "  load?: float\n"
    "  every?: duration\n"
    "  limit?: rate\n"
    "  onboot?: bool\n"
    "  nameserver?: ip\n"
    "  hostname?: string { property = \"host-name\" }\n"
    "  tags?: [string] { separator = \";\" }\n"
    "  net[0..9]?: demo.Net\n"
    "  labels?: {string: size}\n"
    "  mode?: \"auto\" | size\n"
    "  from?: empty() | image(name: string, size?: size)\n"
    "  content?: string { compare = \"digest\" }\n"
    "  token?: secret string\n"
    "  extra?: json\n"
    "  read = { }\n  found = { }\n  create = []\n  update = []\n  delete = []\n"
    "}\n"
    "schema demo.pool {\n"
    "  identity = \"{name}\"\n"
    "  name: string\n"
    "  read = { }\n  found = { }\n  create = []\n  update = []\n  delete = []\n"
    "}\n";

typedef struct Fixture {
    Session *session;
    Facts *facts;
    const Schema *guest, *pool;
} Fixture;

static Fixture fixture(void) {
    Session *session = open_library(LIBRARY);
    session->site = STR("demo");
    return (Fixture){session, facts_new(session), schema_of(session, "demo.guest"), schema_of(session, "demo.pool")};
}

/* The attributes of an object, decoded from the properties that the expression gives. */
static const Value *decoded(Fixture *f, const Schema *schema, const char *properties) {
    const Value *value = session_eval(f->session, str_of(properties));
    require_clean(f->session);
    return facts_decode(f->session, schema, value, SPAN_NONE);
}

static void assert_prints(const Value *value, const char *expected) {
    Text text = {0};
    assert_non_null(value);
    value_print(value, 0, &text);
    assert_string_equal(text.bytes, expected);
    text_fini(&text);
}

static const char *written(Fixture *f, Facts *facts) {
    Text text = {0};
    facts_write(facts, &text);
    Str copy = arena_str(f->session->arena, text_str(&text));
    text_fini(&text);
    return copy.text;
}

static void objects_are_kept(void **state) {
    (void)state;
    Fixture f = fixture();
    const Value *have = decoded(&f, f.guest, "{ memory = \"512\" }");
    assert_false(facts_known(f.facts, STR("a"), f.guest));
    facts_set_known(f.facts, STR("a"), f.guest);
    assert_true(facts_known(f.facts, STR("a"), f.guest));
    assert_false(facts_known(f.facts, STR("a"), f.pool));
    assert_false(facts_known(f.facts, STR("b"), f.guest));
    assert_null(facts_get(f.facts, STR("a"), f.guest, STR("1")));
    for (int i = 0; i < 5000; i++)
        facts_put(f.facts, STR("a"), f.guest, arena_printf(f.session->arena, "%d", i), have);
    facts_put(f.facts, STR("a"), f.guest, STR("17"), NULL);
    assert_ptr_equal(facts_get(f.facts, STR("a"), f.guest, STR("4999")), have);
    assert_null(facts_get(f.facts, STR("a"), f.guest, STR("17")));
    assert_null(facts_get(f.facts, STR("a"), f.pool, STR("18")));
    facts_put(f.facts, STR("a"), f.guest, STR("17"), have);
    assert_non_null(facts_get(f.facts, STR("a"), f.guest, STR("17")));
    session_close(f.session);
}

typedef struct Visit {
    Facts *facts;
    Text text;
} Visit;

static void visit_print(void *context, Str place, const Schema *schema, Str identity) {
    Visit *visit = context;
    assert_int_equal(facts_get(visit->facts, place, schema, identity)->kind, VALUE_RECORD);
    text_addf(&visit->text, "%.*s %s %.*s\n", (int)place.length, place.text, schema->name->text, (int)identity.length, identity.text);
}

static void objects_come_in_order(void **state) {
    (void)state;
    Fixture f = fixture();
    const Value *have = decoded(&f, f.guest, "{}");
    facts_put(f.facts, STR("b"), f.guest, STR("2"), have);
    facts_put(f.facts, STR("a"), f.pool, STR("x"), have);
    facts_put(f.facts, STR("a"), f.guest, STR("10"), have);
    facts_put(f.facts, STR("a"), f.guest, STR("1"), have);
    facts_put(f.facts, STR("a"), f.guest, STR("3"), NULL);
    Visit visit = {.facts = f.facts};
    facts_each(f.facts, visit_print, &visit);
    assert_string_equal(visit.text.bytes, "a demo.guest 1\na demo.guest 10\na demo.pool x\nb demo.guest 2\n");
    text_fini(&visit.text);
    session_close(f.session);
}

static void properties_become_attributes(void **state) {
    (void)state;
    Fixture f = fixture();
    const Value *have = decoded(&f, f.guest,
                                "{ memory = \"512\", \"host-name\": \"web\", net3 = \"name=eth0,ip=dhcp,key=hush\", unknown = \"1\", tags = \"a;b\", "
                                "onboot = implicit(\"0\"), content = \"abc\", mode = \"manual\", token = \"t\", share = \"80%\" }");
    const Record *record = have->as.record;
    assert_int_equal(record->open, 1);
    assert_int_equal(record->count, 9);
    assert_prints(record_get(record, name_intern(f.session->names, STR("memory"))), "512MiB");
    assert_prints(record_get(record, name_intern(f.session->names, STR("hostname"))), "\"web\"");
    assert_prints(record_get(record, name_intern(f.session->names, STR("net3"))), "{ name = \"eth0\", ip = \"dhcp\", key = (secret) }");
    assert_prints(record_get(record, name_intern(f.session->names, STR("mode"))), "\"manual\"");
    assert_prints(record_get(record, name_intern(f.session->names, STR("content"))),
                  "\"sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\"");
    assert_int_equal(record_get(record, name_intern(f.session->names, STR("onboot")))->flags, VALUE_IMPLICIT);
    assert_int_equal(record_get(record, name_intern(f.session->names, STR("token")))->flags, VALUE_SECRET);
    session_close(f.session);
}

static void fill(Fixture *f, Facts *facts) {
    facts_put(facts, STR("demo.host.b"), f->guest, STR("952"),
              decoded(f, f->guest,
                      "{ memory = \"32000\", share = \"12.5\", load = \"2\", every = \"90\", limit = \"1000\", onboot = implicit(\"1\"), nameserver = \"10.0.0.1\", "
                      "\"host-name\": \"w\\u{e9}b\", tags = \"b;a\", net10 = \"x\", net3 = \"name=eth0,ip=10.0.0.152/24,hwaddr=52:54:00:67:89:b2,mtu=9,key=hush\", "
                      "labels = \"a=1024,b=much\", mode = \"auto\", from = \"name=u,size=5\", content = \"abc\", token = \"hush\", extra = { implicit = 1 } }"));
    facts_put(facts, STR("demo.host.b"), f->guest, STR("1000"),
              decoded(f, f->guest, "{ mode = \"2G\", from = \"empty\", labels = \"\", nameserver = \"name\", extra = [1.5, { a = true }] }"));
    facts_put(facts, STR("demo.host.b"), f->guest, STR("7"), NULL);
    facts_set_known(facts, STR("demo.host.a"), f->pool);
    facts_own(facts, STR("demo.host.a"), STR("demo.pool b demo.pool.two\n"));
    facts_own(facts, STR("demo.host.a"), STR("demo.pool a demo.pool.one"));
    facts_own(facts, STR("demo.host.a"), STR("nonsense"));
}

static void what_is_written_is_read_the_same(void **state) {
    (void)state;
    Fixture f = fixture();
    fill(&f, f.facts);
    const char *first = written(&f, f.facts);
    assert_null(strstr(first, "hush"));
    assert_holds(first, "\"net3\": {\"hwaddr\":\"52:54:00:67:89:B2\",\"ip\":\"10.0.0.152/24\",\"mtu\":\"9\",\"name\":\"eth0\"}");
    assert_holds(first, "\"onboot\": {\"implicit\": true}");
    assert_holds(first, "\"extra\": {\"explicit\": {\"implicit\":1}}");
    assert_holds(first, "\"demo.pool\": {}");
    assert_holds(first, "\"demo.pool a demo.pool.one\",\n");
    Facts *again = facts_new(f.session);
    const Source *source = session_source(f.session, SOURCE_HOST, STR("facts.json"), str_of(first));
    assert_true(facts_read(again, source));
    require_clean(f.session);
    assert_string_equal(written(&f, again), first);

    /* Not only the bytes: the values are of their types again. */
    Facts *third = facts_new(f.session);
    assert_true(facts_read(third, source));
    const Record *have = facts_get(third, STR("demo.host.b"), f.guest, STR("952"))->as.record;
    const Record *kept = facts_get(f.facts, STR("demo.host.b"), f.guest, STR("952"))->as.record;
    for (uint32_t i = 0; i < kept->count; i++) {
        const Value *value = record_get(have, kept->fields[i].name);
        if (!strcmp(kept->fields[i].name->text, "token"))
            assert_null(value);
        else if (strcmp(kept->fields[i].name->text, "net3"))
            assert_true(value && value_equal(value, kept->fields[i].value) && value->flags == kept->fields[i].value->flags);
    }
    assert_null(facts_get(third, STR("demo.host.b"), f.guest, STR("7")));
    assert_true(facts_known(third, STR("demo.host.a"), f.pool));
    assert_false(facts_known(third, STR("demo.host.a"), f.guest));
    assert_true(str_equal(facts_owner(third, STR("demo.host.a"), STR("demo.pool"), STR("b")), STR("demo.pool.two")));

    /* What was put since goes before what the file says. */
    facts_put(third, STR("demo.host.b"), f.guest, STR("952"), NULL);
    assert_null(strstr(written(&f, third), "\"952\""));
    session_close(f.session);
}

/* A host may hold any bytes, a facts file only text: both must give the same plan. */
static void what_is_no_text_is_mended(void **state) {
    (void)state;
    Fixture f = fixture();
    static const char bytes[] = "a\xff" "b\0c";
    Str raw = {bytes, sizeof bytes - 1};
    RecordBuilder builder = {.arena = f.session->arena};
    record_add(&builder, name_intern(f.session->names, STR("host-name")), value_string(f.session->arena, SPAN_NONE, raw), SPAN_NONE, NULL);
    record_add(&builder, name_intern(f.session->names, STR("content")), value_string(f.session->arena, SPAN_NONE, raw), SPAN_NONE, NULL);
    facts_put(f.facts, STR("h"), f.guest, raw, facts_decode(f.session, f.guest, record_finish(&builder, SPAN_NONE, NULL), SPAN_NONE));
    Str identity = STR("a\xEF\xBF\xBD" "b\xEF\xBF\xBD" "c");
    const Record *have = facts_get(f.facts, STR("h"), f.guest, identity)->as.record;
    assert_true(str_equal(record_get(have, name_intern(f.session->names, STR("hostname")))->as.string, identity));
    assert_true(str_equal(record_get(have, name_intern(f.session->names, STR("content")))->as.string, codec_digest(f.session->arena, raw)));
    const char *first = written(&f, f.facts);
    Facts *again = facts_new(f.session);
    assert_true(facts_read(again, session_source(f.session, SOURCE_HOST, STR("facts.json"), str_of(first))));
    assert_string_equal(written(&f, again), first);
    session_close(f.session);
}

static void names_are_owned(void **state) {
    (void)state;
    Fixture f = fixture();
    Str line = facts_owned_line(f.session->arena, STR("demo.pool"), STR("a b%"), STR("demo.pool.x[\"k k\"]"));
    assert_string_equal(line.text, "demo.pool a%20b%25 demo.pool.x[\"k k\"]");
    facts_own(f.facts, STR("h"), line);
    assert_true(str_equal(facts_owner(f.facts, STR("h"), STR("demo.pool"), STR("a b%")), STR("demo.pool.x[\"k k\"]")));
    assert_int_equal(facts_owner(f.facts, STR("h"), STR("demo.pool"), STR("a")).length, 0);
    assert_int_equal(facts_owner(f.facts, STR("i"), STR("demo.pool"), STR("a b%")).length, 0);
    facts_own(f.facts, STR("h"), STR("demo.pool a%20b%25 demo.pool.y"));
    assert_true(str_equal(facts_owner(f.facts, STR("h"), STR("demo.pool"), STR("a b%")), STR("demo.pool.y")));
    session_close(f.session);
}

static void malformed_files_are_refused(void **state) {
    static const struct { const char *text, *message; int status; } cases[] = {
        {"[]", "E0342", 0},
        {"{", "error", 0},
        {"{\"site\": \"demo\"}", "E0340", 0},
        {"{\"format\": \"phx-plan/1\"}", "E0340", 0},
        {"{\"format\": \"phx-facts/2\"}", "E0341", 0},
        {"{\"format\": \"phx-facts/12\"}", "E0341", 0},
        {"{\"format\": \"phx-facts/1\", \"places\": []}", "E0342", 0},
        {"{\"format\": \"phx-facts/1\", \"places\": {\"a\": 1}}", "E0342", 0},
        {"{\"format\": \"phx-facts/1\", \"places\": {\"a\": {\"resources\": []}}}", "E0342", 0},
        {"{\"format\": \"phx-facts/1\", \"places\": {\"a\": {\"owned\": {}}}}", "E0342", 0},
        {"{\"format\": \"phx-facts/1\", \"places\": {\"a\": {\"owned\": [1]}}}", "E0342", 0},
        {"{\"format\": \"phx-facts/1\", \"places\": {\"a\": {\"resources\": {\"demo.guest\": 1}}}}", "E0342", 0},
        {"{\"format\": \"phx-facts/1\", \"places\": {\"a\": {\"resources\": {\"demo.guest\": {\"1\": []}}}}}", "E0342", 0},
        {"{\"format\": \"phx-facts/1\", \"places\": {\"a\": {\"resources\": {\"demo.other\": {\"1\": {}}}}}}", "E0343", 1},
        {"{\"format\": \"phx-facts/1\", \"site\": \"else\"}", "E0344", 1},
        {"{\"format\": \"phx-facts/1\", \"site\": \"demo\", \"newer\": 1}", "", 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Fixture f = fixture();
        const Source *source = session_source(f.session, SOURCE_HOST, STR("facts.json"), str_of(cases[i].text));
        assert_int_equal(facts_read(f.facts, source), cases[i].status);
        assert_int_equal(diag_errors(f.session->diagnostics) > 0, !cases[i].status);
        if (*cases[i].message)
            assert_holds(diagnostics_of(f.session), cases[i].message);
        session_close(f.session);
    }
}

/* Reading must not touch what nobody asks for. */
static void reading_is_lazy(void **state) {
    (void)state;
    Fixture f = fixture();
    Text text = {0};
    text_add_literal(&text, "{\"format\": \"phx-facts/1\", \"places\": {\"h\": {\"resources\": {\"demo.guest\": {");
    for (int i = 0; i < 5000; i++)
        text_addf(&text, "%s\"%d\": {\"memory\": \"%dMiB\", \"net0\": {\"name\": \"eth0\", \"ip\": \"10.0.0.1/24\"}, \"nameserver\": \"10.0.0.1\"}", i ? "," : "", i, i + 1);
    text_add_literal(&text, "}}}}}");
    const Source *source = session_source(f.session, SOURCE_HOST, STR("facts.json"), arena_str(f.session->arena, text_str(&text)));
    text_fini(&text);
    json_read(f.session->arena, f.session->names, f.session->diagnostics, source);
    size_t before = arena_used(f.session->arena);
    json_read(f.session->arena, f.session->names, f.session->diagnostics, source);
    size_t alone = arena_used(f.session->arena) - before;
    before = arena_used(f.session->arena);
    assert_true(facts_read(f.facts, source));
    assert_true(arena_used(f.session->arena) - before < alone + 4096);
    before = arena_used(f.session->arena);
    assert_prints(record_get(facts_get(f.facts, STR("h"), f.guest, STR("4321"))->as.record, name_intern(f.session->names, STR("memory"))), "4322MiB");
    assert_true(arena_used(f.session->arena) - before < 4096);
    session_close(f.session);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objects_are_kept),
        cmocka_unit_test(objects_come_in_order),
        cmocka_unit_test(properties_become_attributes),
        cmocka_unit_test(what_is_written_is_read_the_same),
        cmocka_unit_test(what_is_no_text_is_mended),
        cmocka_unit_test(names_are_owned),
        cmocka_unit_test(malformed_files_are_refused),
        cmocka_unit_test(reading_is_lazy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
