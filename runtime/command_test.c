/* `phxc test`: the tests that stand in the site's files, each in a session of its own, without any host. */
#include <string.h>

#include "runtime/command.h"

static int is_chosen(const App *app, const SiteTest *test) {
    const Strs *operands = &app->options->operands;
    Str filter = operands->count > 1 ? operands->items[1] : STR("");
    return !filter.length || (test->text.length >= filter.length && memmem(test->text.text, test->text.length, filter.text, filter.length));
}

/* 1 where the test has passed. */
static int test_run(App *app, const SiteTest *test) {
    app_open(app);
    Diagnostics *report = session_test(app->session, app_site(app, 0), test->number);
    int passed = diag_errors(report) == 0;
    text_addf(&app->out.text, "%s  %.*s\n", passed ? "ok  " : "FAIL", (int)test->text.length, test->text.text);
    if (!passed) {
        text_add_char(&app->out.text, '\n');
        diag_print_text(report, (DiagnosticStyle){.colour = app_colour(app, &app->out), .brief = 1, .uncounted = 1}, &app->out.text);
    }
    output_flush(&app->out);
    session_close(app->session);
    return passed;
}

int command_test(App *app) {
    uint32_t count, passed = 0, failed = 0;
    app_open(app);
    Session *listing = app->session;
    const SiteTest *tests = session_tests(listing, app_site(app, 0), &count);
    if (!tests) {
        app_print_diagnostics(app);
        return EXIT_ERROR;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!is_chosen(app, &tests[i]))
            continue;
        if (test_run(app, &tests[i]))
            passed++;
        else
            failed++;
    }
    app->session = listing;
    if (!passed && !failed)
        app_complain(app, count ? "no test has that in its text" : "the site has no test");
    text_addf(&app->out.text, "%u passed, %u failed\n", passed, failed);
    return failed || !passed ? EXIT_ERROR : EXIT_OK;
}
