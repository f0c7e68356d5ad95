/* The command line: what is taken, and what is said about the rest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "runtime/options.h"

/* Parses "a b c", cut at blanks. The options' texts live in [line]. */
static int parse(Options *options, Arena *arena, const char *text, Text *problem) {
    char *argv[32] = {(char[]){"phxc"}};
    int argc = 1;
    Str line = arena_str(arena, str_of(text));
    char *copy = arena_text(arena, line.length + 1), *state = NULL;
    memcpy(copy, line.text, line.length + 1);
    for (char *word = strtok_r(copy, " ", &state); word; word = strtok_r(NULL, " ", &state))
        argv[argc++] = word;
    return options_parse(options, arena, argc, argv, problem);
}

static void refused(const char *text, const char *expected) {
    Arena *arena = arena_open();
    Options options;
    Text problem = {0};
    assert_int_equal(parse(&options, arena, text, &problem), 0);
    assert_string_equal(problem.bytes, expected);
    text_fini(&problem);
    arena_close(arena);
}

static void test_values(void **state) {
    (void)state;
    Arena *arena = arena_open();
    Options options;
    Text problem = {0};
    assert_true(parse(&options, arena, "apply my.phx --host sandbox:/tmp/x --set a=b=c --set e= -y -j 8 --lock-timeout 2m --allow=x:data_loss "
                                       "--allow y:data_loss -E lint-a -Alint-b --prune --events", &problem));
    assert_int_equal(options.command, COMMAND_ID_APPLY);
    assert_int_equal(options.operands.count, 1);
    assert_string_equal(options.operands.items[0].text, "my.phx");
    assert_string_equal(options.hosts.items[0].text, "sandbox:/tmp/x");
    assert_int_equal(options.settings.count, 2);
    assert_true(str_equal(options.settings.items[0].name, STR("a")) && str_equal(options.settings.items[0].text, STR("b=c")));
    assert_int_equal(options.settings.items[1].text.length, 0);
    assert_int_equal(options.jobs, 8);
    assert_int_equal(options.lock_timeout_ms, 120000);
    assert_int_equal(options.allow.count, 2);
    assert_string_equal(options.allow.items[0].text, "x:data_loss");
    assert_string_equal(options.errors.items[0].text, "lint-a");
    assert_string_equal(options.silenced.items[0].text, "lint-b");
    assert_true(options.yes && options.prune && options.events && !options.undo);
    assert_int_equal(problem.length, 0);
    arena_close(arena);
}

static void test_forms(void **state) {
    (void)state;
    Arena *arena = arena_open();
    Options options;
    Text problem = {0};
    assert_true(parse(&options, arena, "plan", &problem));
    assert_int_equal(options.jobs, 4);
    assert_int_equal(options.detailed, DETAILED_NO);
    assert_true(parse(&options, arena, "plan --detailed-exitcode x.phx", &problem));
    assert_int_equal(options.detailed, DETAILED_CHANGES);
    assert_int_equal(options.operands.count, 1);
    assert_true(parse(&options, arena, "plan --detailed-exitcode=risk --format markdown -oout.md", &problem));
    assert_int_equal(options.detailed, DETAILED_RISK);
    assert_int_equal(options.format, FORMAT_MARKDOWN);
    assert_string_equal(options.output.text, "out.md");
    assert_true(parse(&options, arena, "fmt --check -- --odd-name.phx - b.phx", &problem));
    assert_int_equal(options.operands.count, 3);
    assert_true(options.check);
    assert_true(parse(&options, arena, "--help", &problem));
    assert_int_equal(options.command, COMMAND_ID_HELP);
    assert_true(parse(&options, arena, "explain --help", &problem));
    assert_true(options.help);
    assert_true(parse(&options, arena, "--version", &problem));
    assert_int_equal(options.command, COMMAND_ID_VERSION);
    assert_int_equal(problem.length, 0);
    arena_close(arena);
}

static void test_refusals(void **state) {
    (void)state;
    refused("", "which command?");
    refused("aply", "there is no command `aply`; did you mean `apply`?");
    refused("frobnicate", "there is no command `frobnicate`");
    refused("apply --jbos 3", "`phxc apply` knows no option --jbos; did you mean --jobs?");
    refused("plan --yes", "`phxc plan` takes no option --yes");
    refused("plan --host", "--host needs a value: PLACE");
    refused("plan --host=", "--host takes PLACE, not ``");
    refused("plan --prune=yes", "--prune takes no value");
    refused("plan --format yaml", "--format takes text|json|markdown, not `yaml`");
    refused("plan --detailed-exitcode=danger", "--detailed-exitcode takes risk, not `danger`");
    refused("apply --jobs 0", "--jobs takes NUMBER, not `0`");
    refused("apply --jobs many", "--jobs takes NUMBER, not `many`");
    refused("apply --lock-timeout 5", "--lock-timeout takes DURATION, not `5`");
    refused("apply --lock-timeout 5MiB", "--lock-timeout takes DURATION, not `5MiB`");
    refused("plan --set novalue", "--set takes NAME=VALUE, not `novalue`");
    refused("plan --set =x", "--set takes NAME=VALUE, not `=x`");
    refused("plan -x", "`phxc plan` knows no option -x");
    refused("apply -yx", "`phxc apply` knows no option -yx");
    refused("plan a b", "`phxc plan` has no use for `b`");
    refused("explain", "`phxc explain` needs WORD [SITE]");
    refused("version now", "`phxc version` has no use for `now`");
}

/* What the help tells, and what completion scripts are made from: the options of the command alone. */
static void test_help(void **state) {
    (void)state;
    Text all = {0}, apply = {0}, words = {0};
    OptionWords option;
    options_help(&all);
    options_help_command(COMMAND_ID_APPLY, &apply);
    for (uint32_t at = 0; options_next(COMMAND_ID_FMT, &at, &option);)
        text_addf(&words, " --%s", option.name);
    assert_non_null(strstr(all.bytes, "  inspect     "));
    assert_non_null(strstr(apply.bytes, "usage: phxc apply [OPTION...] [SITE|PLAN.json]"));
    assert_non_null(strstr(apply.bytes, "  -j, --jobs NUMBER "));
    assert_null(strstr(apply.bytes, "--detailed-exitcode"));
    assert_string_equal(words.bytes, " --check --diagnostics --color --help");
    assert_string_equal(options_command_operands(COMMAND_ID_COMPLETION), "bash|zsh|fish");
    text_fini(&all);
    text_fini(&apply);
    text_fini(&words);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values), cmocka_unit_test(test_forms), cmocka_unit_test(test_refusals), cmocka_unit_test(test_help),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
