/* The forms of a plan, of one that is made by hand: every kind of command, every sort of argument, names that want escaping. */
#include "compiler/render.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lang/json.h"

typedef struct Fixture {
    Arena *arena;
    Names *names;
    Sources *sources;
    Diagnostics *diagnostics;
    const Source *site;
} Fixture;

/* ---- values by hand ---- */

static const Value *string(Fixture *f, const char *text) {
    return value_string(f->arena, SPAN_NONE, str_of(text));
}

static const Value *hole(Fixture *f, HoleKind kind, const char *text) {
    return value_unknown(f->arena, SPAN_NONE, kind, str_of(text));
}

/* A list of the values up to NULL. */
static const Value *list(Fixture *f, ...) {
    VECTOR(const Value *) items = {0};
    va_list arguments;
    va_start(arguments, f);
    for (const Value *item = va_arg(arguments, const Value *); item; item = va_arg(arguments, const Value *))
        VECTOR_PUSH(f->arena, &items, item);
    va_end(arguments);
    return value_list(f->arena, SPAN_NONE, items.items, items.count);
}

/* A record of names and values up to NULL. */
static const Value *record(Fixture *f, const char *tag, ...) {
    RecordBuilder builder = {.arena = f->arena};
    va_list arguments;
    va_start(arguments, tag);
    for (const char *name = va_arg(arguments, const char *); name; name = va_arg(arguments, const char *)) {
        const Value *value = va_arg(arguments, const Value *);
        record_add(&builder, name_intern(f->names, str_of(name)), value, SPAN_NONE, NULL);
    }
    va_end(arguments);
    return record_finish(&builder, SPAN_NONE, tag ? name_intern(f->names, str_of(tag)) : NULL);
}

static Command command(CommandKind kind, const Value *fields) {
    return command_of(kind, STR("pve.node.host"), fields->as.record);
}

static const Value *size(Fixture *f, int64_t bytes) {
    return value_integer(f->arena, SPAN_NONE, VALUE_SIZE, bytes);
}

static const Value *none(Fixture *f) {
    return value_none(f->arena, SPAN_NONE);
}

/* ---- a plan ---- */

static const char SITE[] = "site \"demo\" edition 1\n\ndisk data { }\nguest web { memory = 2GiB }\n";

static int setup(void **state) {
    Fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    f->arena = arena_open();
    f->names = names_new(f->arena);
    f->sources = sources_new(f->arena);
    f->diagnostics = diagnostics_new(f->arena, f->sources);
    f->site = source_add(f->sources, SOURCE_PHX, STR("site.phx"), STR(SITE));
    *state = f;
    return 0;
}

static int teardown(void **state) {
    Fixture *f = *state;
    arena_close(f->arena);
    free(f);
    return 0;
}

static Span line_span(Fixture *f, const char *text) {
    uint32_t start = (uint32_t)(strstr(SITE, text) - SITE);
    return (Span){f->site->number, start, start + (uint32_t)strlen(text)};
}

static Plan *small_plan(Fixture *f) {
    Plan *plan = ARENA_NEW(f->arena, Plan);
    Step *steps = ARENA_ARRAY(f->arena, Step, 3);
    const Step **order = ARENA_ARRAY(f->arena, const Step *, 3);
    Command *create = ARENA_ARRAY(f->arena, Command, 2), *set = ARENA_ARRAY(f->arena, Command, 1), *back = ARENA_ARRAY(f->arena, Command, 1),
            *removal = ARENA_ARRAY(f->arena, Command, 1);
    Change *changes = ARENA_ARRAY(f->arena, Change, 3);
    Str *locks = ARENA_ARRAY(f->arena, Str, 1);
    uint32_t *after = ARENA_ARRAY(f->arena, uint32_t, 1);
    StepMore *more = ARENA_NEW(f->arena, StepMore);
    PlanSource *source = ARENA_NEW(f->arena, PlanSource);
    Bystander *blocked = ARENA_NEW(f->arena, Bystander), *orphan = ARENA_NEW(f->arena, Bystander);
    Field *output = ARENA_NEW(f->arena, Field);
    create[0] = command(COMMAND_RUN, record(f, "run", "argv", list(f, string(f, "mk"), string(f, "a b"), string(f, "it's"), hole(f, HOLE_UNKNOWN, "ip of guest.x"), NULL),
                                            "stdin", hole(f, HOLE_SECRET, "token"), "timeout",
                                            value_integer(f->arena, SPAN_NONE, VALUE_DURATION, 600000), NULL));
    create[1] = command(COMMAND_WRITE, record(f, "write", "path", string(f, "/etc/x"), "content", list(f, string(f, "key="), hole(f, HOLE_SECRET, "token"), NULL),
                                              "mode", string(f, "0600"), "owner", string(f, "root:adm"), NULL));
    set[0] = command(COMMAND_RUN, record(f, "run", "argv", list(f, string(f, "set"), string(f, "--digest"), hole(f, HOLE_DIGEST, "guest:9"), NULL), "timeout",
                                         value_integer(f->arena, SPAN_NONE, VALUE_DURATION, 1500), NULL));
    back[0] = command(COMMAND_RUN, record(f, "run", "argv", list(f, string(f, "set"), string(f, "--memory"), string(f, "1024"), NULL), NULL));
    removal[0] = command(COMMAND_EDIT, record(f, "edit", "path", string(f, "/var/lib/owned"), "section", string(f, ""), "remove",
                                              list(f, string(f, "disk old *"), NULL), "add", list(f, NULL), "digest", none(f), NULL));
    changes[0] = (Change){.attribute = STR("memory"), .have = size(f, 1LL << 30), .want = size(f, 2LL << 30), .change = "restart"};
    changes[1] = (Change){.attribute = STR("net0.gw"), .have = none(f), .want = string(f, "10.0.0.1"), .change = "online"};
    changes[2] = (Change){.attribute = STR("tags"), .have = string(f, "old"), .want = value_unset(f->arena, SPAN_NONE), .change = "online"};
    locks[0] = STR("guest:9");
    after[0] = 1;
    steps[0] = (Step){.id = 1, .wave = 1, .address = STR("disk.data"), .identity = STR("tank/data"), .verb = VERB_CREATE, .reason = STR("does not exist"),
                      .source = line_span(f, "disk data"), .commands = create, .command_count = 2, .undo_note = "its type does not say how"};
    *more = (StepMore){.undo = back, .undo_count = 1};
    steps[1] = (Step){.id = 2, .wave = 2, .after = after, .after_count = 1, .address = STR("guest.web"), .identity = STR("9"), .verb = VERB_SET,
                      .risk = RISK_RESTART, .reason = STR("memory and 2 more differ"), .source = line_span(f, "guest web"), .locks = locks, .lock_count = 1,
                      .changes = changes, .change_count = 3, .commands = set, .command_count = 1, .more = more};
    steps[2] = (Step){.id = 3, .wave = 2, .address = STR("disk.old[\"a|b\"]"), .identity = STR("tank/old"), .verb = VERB_REMOVE, .risk = RISK_DATA_LOSS,
                      .reason = STR("no longer in the text"), .commands = removal, .command_count = 1, .undo_note = "gone is gone"};
    for (uint32_t i = 0; i < 3; i++)
        order[i] = &steps[i];
    *source = (PlanSource){STR("site.phx"), STR("aa")};
    *blocked = (Bystander){STR("guest.db"), STR("guest"), STR("7"), STR("pve.node.host"), STR("belongs to x of site y"), line_span(f, "guest web"), 0};
    *orphan = (Bystander){STR("guest.gone"), STR("guest"), STR("8\033[31m"), STR("pve.node.host"), STR("no longer in the text"), SPAN_NONE, 0};
    *output = (Field){name_intern(f->names, STR("url")), string(f, "http://\"x\""), SPAN_NONE};
    *plan = (Plan){.id = STR("0123456789abcdef"), .site = STR("demo"), .sources = source, .source_count = 1, .facts_host = STR("host"), .facts_sha256 = STR("bb"),
                   .by_verb = {[VERB_CREATE] = 1, [VERB_SET] = 1, [VERB_REMOVE] = 1}, .by_risk = {1, 0, 1, 0, 1}, .unchanged = 4, .worst = RISK_DATA_LOSS,
                   .steps = order, .step_count = 3, .orphans = orphan, .orphan_count = 1, .blocked = blocked, .blocked_count = 1, .outputs = output, .output_count = 1};
    return plan;
}

static const char *kept(Fixture *f, Text *text) {
    Str copy = arena_str(f->arena, text_str(text));
    text_fini(text);
    return copy.text;
}

static const char *text_of(Fixture *f, const Plan *plan, TextStyle style) {
    Text text = {0};
    render_plan_text(plan, f->diagnostics, style, &text);
    return kept(f, &text);
}

/* ---- text ---- */

static void test_text_is_aligned_and_complete(void **state) {
    Fixture *f = *state;
    assert_string_equal(text_of(f, small_plan(f), (TextStyle){0, 1, 1}),
        "Plan for site demo: 1 to create, 1 to set, 1 to remove, 4 unchanged (worst class: data_loss)\n"
        "\n"
        "   1  create  disk.data        does not exist            site.phx:3\n"
        "              mk 'a b' 'it'\\''s' <ip of guest.x>  # reads more than 0 bytes\n"
        "              install -m 0600 -o root -g adm /dev/stdin /etc/x  # more than 4 bytes\n"
        "              no undo: its type does not say how\n"
        "   2  set     guest.web        memory and 2 more differ  site.phx:4  restart\n"
        "              ~ memory: 1GiB -> 2GiB (restart)\n"
        "              + net0.gw: (none) -> \"10.0.0.1\" (online)\n"
        "              - tags: \"old\" -> (cleared) (online)\n"
        "              set --digest <digest of guest:9>\n"
        "              undo: set --memory 1024\n"
        "   3  remove  disk.old[\"a|b\"]  no longer in the text       data_loss\n"
        "              # edit /var/lib/owned -'disk old *'\n"
        "              no undo: gone is gone\n"
        "\n"
        "1 resource is blocked and left alone:\n"
        "    guest.db  guest 7 on pve.node.host: belongs to x of site y  site.phx:4\n"
        "\n"
        "1 object of this site is no longer in the text:\n"
        "    guest.gone  guest 8?[31m on pve.node.host: no longer in the text\n"
        "\n"
        "Outputs:\n"
        "    url = \"http://\\\"x\\\"\"\n");
}

static void test_colour_changes_nothing_else(void **state) {
    Fixture *f = *state;
    Plan *plan = small_plan(f);
    const char *plain = text_of(f, plan, (TextStyle){0, 1, 1}), *colour = text_of(f, plan, (TextStyle){1, 1, 1});
    assert_string_not_equal(plain, colour);
    char *stripped = arena_text(f->arena, strlen(colour) + 1), *at = stripped;
    for (const char *c = colour; *c; c++) {
        if (*c == '\033')
            c = strchr(c, 'm');
        else
            *at++ = *c;
    }
    *at = '\0';
    assert_string_equal(plain, stripped);
}

static void test_an_empty_plan_says_so(void **state) {
    Fixture *f = *state;
    Plan plan = {.site = STR("demo"), .unchanged = 12};
    assert_string_equal(text_of(f, &plan, (TextStyle){0, 1, 1}), "Nothing to do: 12 resources are as written.\n");
    plan.unchanged = 1;
    assert_string_equal(text_of(f, &plan, (TextStyle){0, 1, 1}), "Nothing to do: 1 resource is as written.\n");
}

/* ---- commands ---- */

static const char *line_of(Fixture *f, Command c) {
    Text text = {0};
    render_command_line(&c, &text);
    return kept(f, &text);
}

static const char *argument_line(Fixture *f, const char *argument) {
    return line_of(f, command(COMMAND_RUN, record(f, "run", "argv", list(f, string(f, argument), NULL), NULL)));
}

static void test_arguments_are_quoted_for_a_shell(void **state) {
    Fixture *f = *state;
    assert_string_equal(argument_line(f, "a=b,c:/d@1.2+%_-"), "a=b,c:/d@1.2+%_-");
    assert_string_equal(argument_line(f, ""), "''");
    assert_string_equal(argument_line(f, "$(reboot)"), "'$(reboot)'");
    assert_string_equal(argument_line(f, "~"), "'~'");
    assert_string_equal(argument_line(f, "a'b"), "'a'\\''b'");
    assert_string_equal(argument_line(f, "a\nb\\'\033"), "$'a\\nb\\\\\\'\\x1b'");
    assert_string_equal(argument_line(f, "\xc2\x9b" "1m"), "$'\\xc2\\x9b1m'");
    assert_string_equal(argument_line(f, "gr\xc3\xbc\xc3\x9f"), "'gr\xc3\xbc\xc3\x9f'");
}

static void test_long_arguments_are_cut_between_characters(void **state) {
    Fixture *f = *state;
    char *text = arena_text(f->arena, 401);
    memset(text, 'a', 199);
    for (size_t i = 199; i < 400; i++)
        text[i] = i % 2 ? '\xc3' : '\xbc';
    text[400] = '\0';
    const char *line = argument_line(f, text);
    assert_non_null(strstr(line, "a<201 bytes more>"));
}

static void test_a_secret_value_is_never_printed(void **state) {
    Fixture *f = *state;
    const Value *secret = value_flagged(f->arena, string(f, "hunter2"), VALUE_SECRET);
    Command c = command(COMMAND_WRITE, record(f, "write", "path", string(f, "/x"), "content", secret, NULL));
    assert_null(strstr(line_of(f, c), "hunter2"));
    Command run = command(COMMAND_RUN, record(f, "run", "argv", list(f, string(f, "x"), secret, NULL), NULL));
    assert_string_equal(line_of(f, run), "x <secret>");
    Step step = {.id = 1, .wave = 1, .commands = &c, .command_count = 1};
    const Step *order[] = {&step};
    Plan plan = {.site = STR("demo"), .steps = order, .step_count = 1};
    Text json = {0};
    render_plan_json(&plan, f->diagnostics, &json);
    assert_null(strstr(json.bytes, "hunter2"));
    assert_non_null(strstr(json.bytes, "\"content\": {\"secret\":true}"));
    text_fini(&json);
}

static void test_other_commands(void **state) {
    Fixture *f = *state;
    Command http = command(COMMAND_HTTP, record(f, "http", "method", string(f, "POST"), "url", string(f, "http://x/?a=1&b"), "headers",
                                                record(f, NULL, "Content-Type", string(f, "text/plain"), NULL), "body", string(f, "x y"), NULL));
    assert_string_equal(line_of(f, http), "curl -fsS -X POST -H 'Content-Type: text/plain' --data-raw 'x y' 'http://x/?a=1&b'");
    const Value *probe = record(f, "run", "argv", list(f, string(f, "ping"), string(f, "x"), NULL), NULL);
    Command wait = command(COMMAND_WAIT, record(f, "wait", "condition", probe, "within", value_integer(f->arena, SPAN_NONE, VALUE_DURATION, 120000), NULL));
    assert_string_equal(line_of(f, wait), "until ping x; do sleep 1; done  # within 2m");
    Command edit = command(COMMAND_EDIT, record(f, "edit", "path", string(f, "/etc/f"), "section", string(f, "main"), "remove",
                                                list(f, string(f, "lxc.*"), NULL), "add", list(f, string(f, "lxc.a: b"), NULL), NULL));
    assert_string_equal(line_of(f, edit), "# edit /etc/f section main -'lxc.*' +'lxc.a: b'");
}

/* ---- JSON ---- */

static const Value *parsed(Fixture *f, Str text) {
    Str error = {0};
    const Value *value = json_read_at(f->arena, f->names, text, SPAN_NONE, &error);
    if (!value)
        fail_msg("%.*s in:\n%.*s", (int)error.length, error.text, (int)text.length, text.text);
    return value;
}

static const Value *member(Fixture *f, const Value *value, const char *name) {
    assert_int_equal(value->kind, VALUE_RECORD);
    const Value *found = record_get(value->as.record, name_intern(f->names, str_of(name)));
    if (!found)
        fail_msg("there is no \"%s\"", name);
    return found;
}

static void test_json_has_the_names_of_the_format(void **state) {
    Fixture *f = *state;
    Text text = {0};
    render_plan_json(small_plan(f), f->diagnostics, &text);
    const Value *plan = parsed(f, text_str(&text));
    assert_true(str_equal(member(f, plan, "format")->as.string, STR("phx-plan/1")));
    assert_true(str_equal(member(f, plan, "id")->as.string, STR("0123456789abcdef")));
    assert_int_equal(member(f, member(f, plan, "summary"), "unchanged")->as.integer, 4);
    assert_true(str_equal(member(f, member(f, plan, "summary"), "worst_class")->as.string, STR("data_loss")));
    const Value *step = member(f, plan, "steps")->as.list.items[1];
    assert_int_equal(member(f, step, "after")->as.list.items[0]->as.integer, 1);
    assert_int_equal(member(f, member(f, step, "source"), "line")->as.integer, 4);
    assert_int_equal(member(f, member(f, step, "source"), "column")->as.integer, 1);
    assert_int_equal(member(f, member(f, step, "changes")->as.list.items[2], "want")->kind, VALUE_NONE);
    const Value *run = member(f, step, "commands")->as.list.items[0];
    assert_true(str_equal(member(f, run, "kind")->as.string, STR("run")));
    assert_true(str_equal(member(f, run, "timeout")->as.string, STR("1500ms")));
    assert_true(str_equal(member(f, member(f, run, "argv")->as.list.items[2], "digest_of")->as.string, STR("guest:9")));
    const Value *first = member(f, plan, "steps")->as.list.items[0];
    const Value *argument = member(f, member(f, first, "commands")->as.list.items[0], "argv")->as.list.items[3];
    assert_true(str_equal(member(f, argument, "unknown")->as.string, STR("ip of guest.x")));
    assert_true(str_equal(member(f, member(f, plan, "outputs"), "url")->as.string, STR("http://\"x\"")));
    text_fini(&text);
}

/* What anyone can compute with other tools from the indented form: without "id", compact, keys sorted. */
static void test_the_canonical_body_is_the_json_without_its_id(void **state) {
    Fixture *f = *state;
    Plan *plan = small_plan(f);
    diag_warning(f->diagnostics, CODE_SYNTAX, line_span(f, "memory"), "a warning with \"quotes\"");
    Text text = {0}, canonical = {0}, expected = {0};
    render_plan_json(plan, f->diagnostics, &text);
    render_plan_canonical(plan, f->diagnostics, &canonical);
    const Record *all = parsed(f, text_str(&text))->as.record;
    RecordBuilder builder = {.arena = f->arena};
    for (uint32_t i = 0; i < all->count; i++)
        if (strcmp(all->fields[i].name->text, "id") != 0)
            record_add(&builder, all->fields[i].name, all->fields[i].value, SPAN_NONE, NULL);
    json_write(record_finish(&builder, SPAN_NONE, NULL), JSON_COMPACT_SORTED, 0, &expected);
    assert_string_equal(canonical.bytes, expected.bytes);
    text_fini(&text);
    text_fini(&canonical);
    text_fini(&expected);
}

/* ---- Markdown ---- */

static Plan *long_plan(Fixture *f, uint32_t count) {
    Plan *plan = small_plan(f);
    Step *steps = ARENA_ARRAY(f->arena, Step, count);
    const Step **order = ARENA_ARRAY(f->arena, const Step *, count);
    for (uint32_t i = 0; i < count; i++) {
        steps[i] = *plan->steps[i < count - 1 ? i % 2 : 2];
        steps[i].id = i + 1;
        order[i] = &steps[i];
    }
    plan->steps = order;
    plan->step_count = count;
    return plan;
}

static void test_markdown_starts_with_what_is_final(void **state) {
    Fixture *f = *state;
    Text text = {0};
    render_plan_markdown(small_plan(f), f->diagnostics, 0, &text);
    assert_int_equal(strncmp(text.bytes, "<!-- phxc-plan: demo -->\n", 25), 0);
    const char *final = strstr(text.bytes, "disk.old[\"a\\|b\"]"), *table = strstr(text.bytes, "#### All steps");
    assert_non_null(final);
    assert_non_null(table);
    assert_true(final < table);
    assert_non_null(strstr(text.bytes, "- memory = 1GiB\n+ memory = 2GiB\n"));
    assert_non_null(strstr(text.bytes, "</details>"));
    text_fini(&text);
}

static void test_markdown_keeps_its_budget_and_every_final_step(void **state) {
    Fixture *f = *state;
    Plan *plan = long_plan(f, 4000);
    for (size_t budget = 2000; budget <= 64000; budget *= 2) {
        Text text = {0};
        render_plan_markdown(plan, f->diagnostics, budget, &text);
        assert_true(text.length <= budget);
        assert_non_null(strstr(text.bytes, "4000. `disk.old"));
        assert_non_null(strstr(text.bytes, "left out here"));
        text_fini(&text);
    }
    Text text = {0};
    render_plan_markdown(plan, f->diagnostics, 1, &text);
    assert_non_null(strstr(text.bytes, "4000. `disk.old"));
    text_fini(&text);
}

static void test_a_fence_is_longer_than_what_is_inside(void **state) {
    Fixture *f = *state;
    Plan *plan = small_plan(f);
    Step *step = (Step *)(uintptr_t)plan->steps[2];
    step->reason = STR("has ````` in it");
    Text text = {0};
    render_plan_markdown(plan, f->diagnostics, 0, &text);
    assert_non_null(strstr(text.bytes, "\n``````diff\n"));
    text_fini(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_text_is_aligned_and_complete, setup, teardown),
        cmocka_unit_test_setup_teardown(test_colour_changes_nothing_else, setup, teardown),
        cmocka_unit_test_setup_teardown(test_an_empty_plan_says_so, setup, teardown),
        cmocka_unit_test_setup_teardown(test_arguments_are_quoted_for_a_shell, setup, teardown),
        cmocka_unit_test_setup_teardown(test_long_arguments_are_cut_between_characters, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_secret_value_is_never_printed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_other_commands, setup, teardown),
        cmocka_unit_test_setup_teardown(test_json_has_the_names_of_the_format, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_canonical_body_is_the_json_without_its_id, setup, teardown),
        cmocka_unit_test_setup_teardown(test_markdown_starts_with_what_is_final, setup, teardown),
        cmocka_unit_test_setup_teardown(test_markdown_keeps_its_budget_and_every_final_step, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_fence_is_longer_than_what_is_inside, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
