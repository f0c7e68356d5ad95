/* The words of a plan, and the fields of its commands. */
#include "compiler/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_words_there_and_back(void **state) {
    (void)state;
    for (int verb = 0; verb < VERB_COUNT; verb++)
        assert_int_equal(verb_find(str_of(verb_name((Verb)verb))), verb);
    for (int risk = 0; risk < RISK_COUNT; risk++)
        assert_int_equal(risk_find(str_of(risk_name((RiskClass)risk))), risk);
    assert_int_equal(verb_find(STR("")), -1);
    assert_int_equal(verb_find(STR("creat")), -1);
    assert_int_equal(risk_find(STR("Online")), -1);
    assert_string_equal(command_kind_name(COMMAND_WAIT), "wait");
}

static void test_a_field_that_is_none_is_not_there(void **state) {
    (void)state;
    Arena *arena = arena_open();
    Names *names = names_new(arena);
    RecordBuilder builder = {.arena = arena};
    record_add(&builder, name_intern(names, STR("path")), value_string(arena, SPAN_NONE, STR("/x")), SPAN_NONE, NULL);
    record_add(&builder, name_intern(names, STR("owner")), value_none(arena, SPAN_NONE), SPAN_NONE, NULL);
    Command command = command_of(COMMAND_WRITE, STR(""), record_finish(&builder, SPAN_NONE, NULL)->as.record);
    assert_true(str_equal(command_field(&command, "path")->as.string, STR("/x")));
    assert_null(command_field(&command, "owner"));
    assert_null(command_field(&command, "pat"));
    assert_null(command_field(&command, "paths"));
    arena_close(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words_there_and_back),
        cmocka_unit_test(test_a_field_that_is_none_is_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
