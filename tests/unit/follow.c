/* What apply asks about a plan: the second look at an object, and values that were unknown; and that recorded facts give the same plan. The
   host is a text that the test writes. */
#include "tests/unit/with_session.h"

static const char LIBRARY[] =
    "schema box {\n"
    "  identity = \"{id}\"\n"
    "  id: int            { change = create, flags = [] }\n"
    "  size?: int\n"
    "  label?: string\n"
    "  serial?: string    { computed = true }\n"
    "  owner?: string     { hidden = true }\n"
    "  read   = { list = file(\"/boxes\") }\n"
    "  found  = { (b.id): { size = b.size, serial = b.serial, owner = b.owner } + (if b.label == \"\" then {} else { label = b.label })\n"
    "             for b in tsv(raw.list ?? \"\", [\"id\", \"size\", \"label\", \"serial\", \"owner\"]) }\n"
    "  create = [run([\"make\", identity, options(want)]), step(\"run\", [run([\"shine\", identity])])]\n"
    "  update = [run([\"set\", identity, options(only(changed, [\"size\", \"owner\"])), \"--digest\", digest]),\n"
    "            if changed.label == none then none else run([\"label\", identity, changed.label, \"--digest\", digest])]\n"
    "  delete = run([\"break\", identity])\n"
    "  digest = have.serial\n"
    "  object = \"box:{id}\"\n"
    "  stamp  = whole(\"owner\")\n"
    "}\n";

static LoadStatus site_load(void *context, Str importer, Str path, SourceKind kind, Str *name, Str *bytes, Str *problem) {
    (void)importer;
    (void)kind;
    (void)problem;
    *name = path;
    *bytes = str_of(context);
    return LOAD_OK;
}

typedef struct World {
    Session *session;
    const Plan *plan;
} World;

/* Answers everything that is asked for with this text of /boxes. */
static void answer(Session *session, const ReadRequest *requests, uint32_t count, const char *boxes) {
    for (uint32_t i = 0; i < count; i++) {
        ReadFile file = {requests[i].path, str_of(boxes)};
        int is_list = str_equal(requests[i].path, STR("/boxes"));
        session_answer(session, &requests[i], &(ReadAnswer){.files = &file, .file_count = (uint32_t)is_list});
    }
}

static Session *session_for(char *site) {
    NamedText library = {STR("library.phx"), STR(LIBRARY)};
    SessionOptions options = {.stdlib = &library, .stdlib_count = 1, .loader = {site, site_load}};
    Session *session = session_open(&options);
    session_check(session, STR("site.phx"));
    require_clean(session);
    return session;
}

static World planned(Session *session) {
    World world = {session, session_plan(session, &(PlanOptions){0})};
    require_clean(session);
    assert_non_null(world.plan);
    return world;
}

static World plan_for(char *site, const char *boxes) {
    Session *session = session_for(site);
    uint32_t count;
    const ReadRequest *requests = session_reads(session, &count);
    answer(session, requests, count, boxes);
    session_facts_decode(session);
    require_clean(session);
    return planned(session);
}

/* Reads the object of a step again; what verify says and reports. */
static int look(World world, uint32_t step, const char *boxes, char *report, size_t size) {
    uint32_t count;
    const Step *of = world.plan->steps[step - 1];
    const ReadRequest *requests = session_step_reads(world.session, of, &count);
    assert_int_equal(count, 1);
    answer(world.session, requests, count, boxes);
    Text text = {0};
    int good = session_step_verify(world.session, of, &text);
    snprintf(report, size, "%s", text.bytes ? text.bytes : "");
    text_fini(&text);
    return good;
}

static const Value *argument(const Step *step, uint32_t index) {
    const Value *argv = command_field(&step->commands[0], "argv");
    assert_non_null(argv);
    assert_true(index < argv->as.list.count);
    return argv->as.list.items[index];
}

static void assert_fills(World world, const Value *unknown, const char *expected) {
    Str text = {0};
    int filled = session_fill(world.session, unknown, &text);
    assert_int_equal(filled, expected != NULL);
    if (expected)
        assert_true(str_equal(text, str_of(expected)));
}

static char ONE_BOX[] = "site \"s\" edition 1\nbox a { id = 1  size = 4 }\n";

static void test_a_creation_is_seen(void **state) {
    (void)state;
    char report[400];
    World world = plan_for(ONE_BOX, "");
    assert_int_equal(world.plan->step_count, 2);
    assert_int_equal(session_step_need(world.session, world.plan->steps[0]), NEED_ALL);
    /* The first of two steps only promises that it exists. */
    assert_int_equal(look(world, 1, "", report, sizeof report), 0);
    assert_string_equal(report, "box 1: expected that it exists, found nothing\n");
    assert_int_equal(look(world, 1, "1\t3\t\ts1\t\n", report, sizeof report), 1);
    assert_int_equal(look(world, 2, "1\t3\t\ts1\tphxc s box.a 1\n", report, sizeof report), 0);
    assert_string_equal(report, "size: expected 4, found 3\n");
    assert_int_equal(look(world, 2, "1\t4\t\ts1\tsomebody\n", report, sizeof report), 0);
    assert_string_equal(report, "stamp: expected phxc s box.a 1, found none or another\n");
    assert_int_equal(look(world, 2, "1\t4\t\ts1\tphxc s box.a 1\n", report, sizeof report), 1);
    assert_string_equal(report, "");
    /* A command that is run leaves nothing to see: it is never taken for done. */
    assert_int_equal(session_step_need(world.session, world.plan->steps[1]), NEED_ALL);
    session_close(world.session);
}

static void test_a_change_that_somebody_made_is_done(void **state) {
    (void)state;
    char report[400];
    World world = plan_for(ONE_BOX, "1\t2\t\ts1\tphxc s box.a 1\n");
    assert_int_equal(world.plan->step_count, 1);
    const Step *step = world.plan->steps[0];
    assert_int_equal(session_step_need(world.session, step), NEED_ALL);
    assert_int_equal(look(world, 1, "1\t2\t\ts1\tphxc s box.a 1\n", report, sizeof report), 0);
    assert_string_equal(report, "size: expected 4, found 2\n");
    assert_int_equal(session_step_need(world.session, step), NEED_ALL);
    assert_int_equal(look(world, 1, "1\t4\t\ts2\tphxc s box.a 1\n", report, sizeof report), 1);
    assert_int_equal(session_step_need(world.session, step), NEED_NOTHING);
    session_close(world.session);
}

static void test_a_removal_is_seen(void **state) {
    (void)state;
    char report[400], site[] = "site \"s\" edition 1\nabsent box a { id = 1 }\n";
    World world = plan_for(site, "1\t2\t\ts1\tphxc s box.a 1\n");
    assert_int_equal(world.plan->step_count, 1);
    assert_int_equal(session_step_need(world.session, world.plan->steps[0]), NEED_ALL);
    assert_int_equal(look(world, 1, "1\t2\t\ts1\tphxc s box.a 1\n", report, sizeof report), 0);
    assert_string_equal(report, "box 1: expected that it is gone, found it\n");
    assert_int_equal(look(world, 1, "", report, sizeof report), 1);
    assert_int_equal(session_step_need(world.session, world.plan->steps[0]), NEED_NOTHING);
    session_close(world.session);
}

static void test_the_first_digest_is_the_planned_one_and_later_ones_follow(void **state) {
    (void)state;
    char report[400], site[] = "site \"s\" edition 1\nbox a { id = 1  size = 4  label = \"x\" }\n";
    World world = plan_for(site, "1\t2\told\ts1\tphxc s box.a 1\n");
    /* The second command carries a digest too: it is a step of its own, so that there is a look between them. */
    assert_int_equal(world.plan->step_count, 2);
    const Value *first = argument(world.plan->steps[0], 5), *second = argument(world.plan->steps[1], 4);
    assert_int_equal(first->kind, VALUE_STRING);
    assert_true(str_equal(first->as.string, STR("s1")));
    assert_int_equal(second->kind, VALUE_UNKNOWN);
    assert_int_equal(second->hole, HOLE_DIGEST);
    assert_true(str_equal(second->as.unknown->text, STR("box:1")));
    assert_int_equal(look(world, 1, "1\t4\told\ts2\tphxc s box.a 1\n", report, sizeof report), 1);
    assert_fills(world, second, "s2");
    assert_int_equal(look(world, 2, "1\t4\tx\ts3\tphxc s box.a 1\n", report, sizeof report), 1);
    assert_fills(world, second, "s3");
    session_close(world.session);
}

static void test_an_attribute_is_known_once_its_resource_is_there(void **state) {
    (void)state;
    char report[400], site[] = "site \"s\" edition 1\nbox a { id = 1 }\nbox b { id = 2  label = a.serial  after = [a] }\n";
    World world = plan_for(site, "");
    const Step *step = world.plan->steps[2];
    assert_true(str_equal(step->address, STR("box.b")));
    const Value *unknown = argument(step, 3);
    assert_int_equal(unknown->kind, VALUE_UNKNOWN);
    assert_fills(world, unknown, NULL);
    assert_int_equal(look(world, 1, "1\t0\t\tserial-of-a\tphxc s box.a 1\n", report, sizeof report), 1);
    assert_fills(world, unknown, "serial-of-a");
    session_close(world.session);
}

static void test_what_nobody_can_know_stays_unknown(void **state) {
    (void)state;
    World world = plan_for(ONE_BOX, "");
    Arena *arena = session_arena(world.session);
    static const char *const names[] = {"", "of", " of ", "serial of box.b", "nothing of box.a", "serial of ", "size of box.a of box.b"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_fills(world, value_unknown(arena, SPAN_NONE, HOLE_UNKNOWN, str_of(names[i])), NULL);
    assert_fills(world, value_unknown(arena, SPAN_NONE, HOLE_DIGEST, STR("box:7")), NULL);
    assert_fills(world, value_unknown(arena, SPAN_NONE, HOLE_SECRET, STR("key")), NULL);
    assert_fills(world, value_string(arena, SPAN_NONE, STR("known")), NULL);
    session_close(world.session);
}

static void test_recorded_facts_give_the_same_plan(void **state) {
    (void)state;
    char site[] = "site \"s\" edition 1\nbox a { id = 1  size = 4 }\nbox b { id = 2  size = 4 }\nabsent box c { id = 3 }\n";
    World live = plan_for(site, "1\t2\told\ts1\tphxc s box.a 1\n3\t1\t\ts3\tphxc s box.c 3\n4\t1\t\ts4\tphxc s box.d 4\n5\t1\t\ts5\tsomebody\n");
    Text facts = {0};
    session_facts_write(live.session, &facts);
    Session *session = session_for(site);
    const Source *source = session_source(session, SOURCE_JSON, STR("facts.json"), text_str(&facts));
    assert_int_equal(session_facts_read(session, source), 1);
    World recorded = planned(session);
    assert_int_equal(live.plan->step_count, 4);
    assert_int_equal(live.plan->orphan_count, 1);
    assert_true(str_equal(live.plan->facts_sha256, recorded.plan->facts_sha256));
    assert_true(str_equal(live.plan->id, recorded.plan->id));
    text_fini(&facts);
    session_close(session);
    session_close(live.session);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_creation_is_seen),
        cmocka_unit_test(test_a_change_that_somebody_made_is_done),
        cmocka_unit_test(test_a_removal_is_seen),
        cmocka_unit_test(test_the_first_digest_is_the_planned_one_and_later_ones_follow),
        cmocka_unit_test(test_an_attribute_is_known_once_its_resource_is_there),
        cmocka_unit_test(test_what_nobody_can_know_stays_unknown),
        cmocka_unit_test(test_recorded_facts_give_the_same_plan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
