/* The embedded library itself: it parses, every name in it stands for something, every schema is complete. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "compiler/session.h"
#include "runtime/stdlib.h"

static LoadStatus load_nothing(void *context, Str importer, Str path, SourceKind kind, Str *name, Str *bytes, Str *problem) {
    (void)context, (void)importer, (void)path, (void)kind, (void)name, (void)bytes, (void)problem;
    return LOAD_ABSENT;
}

static void test_stdlib_is_sound(void **state) {
    (void)state;
    NamedText texts[64];
    assert_in_range(phx_stdlib_count, 1, 64);
    for (size_t i = 0; i < phx_stdlib_count; i++)
        texts[i] = (NamedText){str_of(phx_stdlib[i].name), {phx_stdlib[i].bytes, phx_stdlib[i].length}};
    SessionOptions options = {.loader = {NULL, load_nothing}, .stdlib = texts, .stdlib_count = phx_stdlib_count, .check_stdlib = 1};
    Session *session = session_open(&options);
    Text text = {0};
    diag_print_text(session_diagnostics(session), (DiagnosticStyle){0}, &text);
    if (diag_errors(session_diagnostics(session)) || diag_warnings(session_diagnostics(session)))
        print_message("%s", text.bytes);
    assert_int_equal(diag_errors(session_diagnostics(session)), 0);
    assert_int_equal(diag_warnings(session_diagnostics(session)), 0);
    text_fini(&text);
    session_close(session);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_stdlib_is_sound)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
