/* Diagnostics: counting, order, and the very text that is printed. */
#include "lang/diagnostic.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

typedef struct Fixture {
    Arena *arena;
    Sources *sources;
    Diagnostics *diagnostics;
} Fixture;

static int setup(void **state) {
    Arena *arena = arena_open();
    Fixture *f = ARENA_NEW(arena, Fixture);
    Sources *sources = sources_new(arena);
    *f = (Fixture){arena, sources, diagnostics_new(arena, sources)};
    *state = f;
    return 0;
}

static int teardown(void **state) {
    arena_close(((Fixture *)*state)->arena);
    return 0;
}

static const Source *add(Fixture *f, const char *name, const char *text) {
    return source_add(f->sources, SOURCE_PHX, str_of(name), str_of(text));
}

/* Where [text] first stands in the source. */
static Span find(const Source *source, const char *text) {
    const char *at = memmem(source->bytes.text, source->bytes.length, text, strlen(text));
    if (at == NULL) fail_msg("no `%s` in the source", text);
    uint32_t start = (uint32_t)(at - source->bytes.text);
    return (Span){source->number, start, start + (uint32_t)strlen(text)};
}

static void expect_text(Fixture *f, DiagnosticStyle style, const char *wanted) {
    Text out = {0};
    diag_print_text(f->diagnostics, style, &out);
    assert_string_equal(text_str(&out).text, wanted);
    text_fini(&out);
}

static const DiagnosticStyle PLAIN = {0}, BRIEF = {.brief = 1}, COLOURED = {.colour = 1};

/* ---- collecting ---- */

static void test_codes(void **state) {
    (void)state;
    assert_true(CODE_COUNT > 5);
    for (int i = 0; i < CODE_COUNT; i++) {
        const CodeInfo *info = code_info((Code)i);
        assert_int_equal(strlen(info->id), 5);
        assert_int_equal(info->id[0], 'E');
        assert_true(strlen(info->title) > 5);
        assert_true(strlen(info->text) > 20);
        /* An id or a slug that stands twice would be found at its first place. */
        assert_int_equal(code_find(str_of(info->id)), i);
        assert_int_equal(code_find(str_of(info->slug)), i);
    }
    assert_int_equal(code_find(STR("E9999")), -1);
    assert_int_equal(code_find(STR("")), -1);
}

static void test_each_finding_once(void **state) {
    Fixture *f = *state;
    const Source *s = add(f, "a.phx", "one two");
    Span one = find(s, "one"), two = find(s, "two");
    diag_error(f->diagnostics, CODE_SYNTAX, one, "first");
    Diagnostic *again = diag_error(f->diagnostics, CODE_SYNTAX, one, "again");
    diag_note(f->diagnostics, again, "may be written to all the same");
    diag_error(f->diagnostics, CODE_JSON_SYNTAX, one, "another code");
    diag_error(f->diagnostics, CODE_SYNTAX, two, "another place");
    diag_warning(f->diagnostics, CODE_SYNTAX, (Span){s->number, 0, 1}, "another end");
    assert_int_equal(diag_errors(f->diagnostics), 3);
    assert_int_equal(diag_warnings(f->diagnostics), 1);
    uint32_t count;
    const Diagnostic *const *sorted = diag_sorted(f->diagnostics, &count);
    assert_int_equal(count, 4);
    assert_string_equal(sorted[0]->message.text, "another end");
    assert_string_equal(sorted[1]->message.text, "first");
    assert_string_equal(sorted[2]->message.text, "another code");
    assert_string_equal(sorted[3]->message.text, "another place");
}

static void test_without_a_place_the_message_counts(void **state) {
    Fixture *f = *state;
    const Source *host = source_add(f->sources, SOURCE_HOST, STR("phoenix"), STR(""));
    Span there = {host->number, 0, 0};
    for (int i = 0; i < 2; i++) {
        diag_error(f->diagnostics, CODE_SYNTAX, SPAN_NONE, "a");
        diag_error(f->diagnostics, CODE_SYNTAX, SPAN_NONE, "b");
        diag_error(f->diagnostics, CODE_SYNTAX, there, "a");
        diag_error(f->diagnostics, CODE_SYNTAX, there, "b");
    }
    assert_int_equal(diag_errors(f->diagnostics), 4);
}

static void test_sorted_by_file_and_place(void **state) {
    Fixture *f = *state;
    const Source *a = add(f, "a.phx", "one two"), *b = add(f, "b.phx", "three");
    diag_error(f->diagnostics, CODE_SYNTAX, find(b, "three"), "4");
    diag_error(f->diagnostics, CODE_SYNTAX, find(a, "two"), "3");
    diag_error(f->diagnostics, CODE_SYNTAX, find(a, "one"), "2");
    diag_error(f->diagnostics, CODE_SYNTAX, SPAN_NONE, "1");
    uint32_t count;
    const Diagnostic *const *sorted = diag_sorted(f->diagnostics, &count);
    assert_int_equal(count, 4);
    for (uint32_t i = 0; i < count; i++) assert_int_equal(sorted[i]->message.text[0], (char)('1' + i));
}

static void test_after_a_hundred_errors(void **state) {
    Fixture *f = *state;
    char text[400];
    memset(text, 'x', sizeof text);
    const Source *s = source_add(f->sources, SOURCE_PHX, STR("a.phx"), (Str){text, sizeof text});
    for (int round = 0; round < 2; round++)
        for (uint32_t i = 0; i < 150; i++) {
            Span span = {s->number, i, i + 1};
            diag_help(f->diagnostics, diag_error(f->diagnostics, CODE_SYNTAX, span, "e%u", i), "h");
        }
    for (uint32_t i = 200; i < 400; i++) diag_warning(f->diagnostics, CODE_SYNTAX, (Span){s->number, i, i}, "w");
    assert_int_equal(diag_errors(f->diagnostics), 150);
    assert_int_equal(diag_warnings(f->diagnostics), 200);
    uint32_t count;
    diag_sorted(f->diagnostics, &count);
    assert_int_equal(count, 300);
    Text out = {0};
    diag_print_text(f->diagnostics, BRIEF, &out);
    assert_non_null(strstr(out.bytes, "\n150 errors (the first 100 reported are shown), 200 warnings\n"));
    text_fini(&out);
}

/* ---- printing ---- */

static void test_nothing_to_say(void **state) {
    Fixture *f = *state;
    expect_text(f, PLAIN, "");
    expect_text(f, BRIEF, "");
    diag_add(f->diagnostics, SEVERITY_NOTE, STR(""), SPAN_NONE, STR("by the way"));
    expect_text(f, PLAIN, "note: by the way\n\n");
}

static void test_the_usual(void **state) {
    Fixture *f = *state;
    const Source *site = add(f, "site.phx", "\n\n\n\n\n\n\n\n\n\n\n  cores = \"eight\"\n");
    const Source *other = add(f, "other.phx", "\n\nlet x = 1\n");
    Diagnostic *d = diag_error(f->diagnostics, CODE_SYNTAX, find(site, "\"eight\""),
                               "`%s` wants an int from 1 to 8192, not the string \"eight\"", "cores");
    diag_label(f->diagnostics, d, "this is a string");
    diag_also(f->diagnostics, d, find(other, "let x = 1"), "defined here");
    diag_note(f->diagnostics, d, "a note");
    diag_note(f->diagnostics, d, "of two\nlines");
    diag_help(f->diagnostics, d, "write %d", 8);
    expect_text(f, PLAIN,
                "error[E0101]: `cores` wants an int from 1 to 8192, not the string \"eight\"\n"
                "  --> site.phx:12:11\n"
                "   |\n"
                "12 |   cores = \"eight\"\n"
                "   |           ^^^^^^^ this is a string\n"
                "   |\n"
                "  ::: other.phx:3:1\n"
                "   |\n"
                " 3 | let x = 1\n"
                "   | --------- defined here\n"
                "   = note: a note\n"
                "   = note: of two\n"
                "           lines\n"
                "   = help: write 8\n"
                "\n"
                "1 error\n");
}

static void test_several_labels(void **state) {
    Fixture *f = *state;
    const Source *s = add(f, "a.phx", "let a = b + c + d\nx\nlet e = 1\n\n\n\nlet last = 2\n");
    Diagnostic *d = diag_error(f->diagnostics, CODE_SYNTAX, find(s, "c"), "m");
    diag_label(f->diagnostics, d, "here");
    diag_also(f->diagnostics, d, find(s, "last"), "seven");
    diag_also(f->diagnostics, d, find(s, "b"), "left");
    diag_also(f->diagnostics, d, find(s, "d"), "right");
    diag_also(f->diagnostics, d, find(s, "let a"), "%s", "");
    diag_also(f->diagnostics, d, find(s, "e = 1"), "three");
    expect_text(f, PLAIN,
                "error[E0101]: m\n"
                " --> a.phx:1:13\n"
                "  |\n"
                "1 | let a = b + c + d\n"
                "  | -----   -   ^   - right\n"
                "  |         |   |\n"
                "  |         |   here\n"
                "  |         left\n"
                "2 | x\n"
                "3 | let e = 1\n"
                "  |     ----- three\n"
                "...\n"
                "7 | let last = 2\n"
                "  |     ---- seven\n"
                "\n"
                "1 error\n");
}

static void test_overlapping_labels(void **state) {
    Fixture *f = *state;
    const Source *s = add(f, "a.phx", "abcdefgh\n");
    Diagnostic *d = diag_error(f->diagnostics, CODE_SYNTAX, find(s, "cd"), "m");
    diag_label(f->diagnostics, d, "inner");
    diag_also(f->diagnostics, d, find(s, "abcdefgh"), "outer");
    diag_also(f->diagnostics, d, find(s, "cd"), "same");
    expect_text(f, PLAIN,
                "error[E0101]: m\n"
                " --> a.phx:1:3\n"
                "  |\n"
                "1 | abcdefgh\n"
                "  | --^^----\n"
                "  | | |\n"
                "  | | same\n"
                "  | | inner\n"
                "  | outer\n"
                "\n"
                "1 error\n");
}

static void test_spans_at_the_edges(void **state) {
    Fixture *f = *state;
    const Source *s = add(f, "a.phx", "let x = [1,\n  2]\nend");
    diag_error(f->diagnostics, CODE_SYNTAX, find(s, "[1,\n  2]"), "several lines");
    diag_error(f->diagnostics, CODE_SYNTAX, (Span){s->number, 11, 12}, "the newline");
    diag_error(f->diagnostics, CODE_SYNTAX, (Span){s->number, 14, 14}, "empty");
    diag_error(f->diagnostics, CODE_SYNTAX, (Span){s->number, 20, 20}, "the end");
    diag_error(f->diagnostics, CODE_SYNTAX, (Span){s->number, 90, 99}, "past the end");
    expect_text(f, PLAIN,
                "error[E0101]: several lines\n --> a.phx:1:9\n  |\n1 | let x = [1,\n  |         ^^^\n\n"
                "error[E0101]: the newline\n --> a.phx:1:12\n  |\n1 | let x = [1,\n  |            ^\n\n"
                "error[E0101]: empty\n --> a.phx:2:3\n  |\n2 |   2]\n  |   ^\n\n"
                "error[E0101]: the end\n --> a.phx:3:4\n  |\n3 | end\n  |    ^\n\n"
                "error[E0101]: past the end\n --> a.phx:3:4\n  |\n3 | end\n  |    ^\n\n"
                "5 errors\n");
}

static void test_empty_lines_have_no_blanks_at_the_end(void **state) {
    Fixture *f = *state;
    const Source *s = add(f, "a.phx", "a  \t\n");
    diag_warning(f->diagnostics, CODE_SYNTAX, (Span){s->number, 5, 5}, "w");
    diag_error(f->diagnostics, CODE_SYNTAX, find(s, "a"), "e");
    expect_text(f, PLAIN,
                "error[E0101]: e\n --> a.phx:1:1\n  |\n1 | a\n  | ^\n\n"
                "warning[E0101]: w\n --> a.phx:2:1\n  |\n2 |\n  | ^\n\n"
                "1 error, 1 warning\n");
}

static void test_tabs_and_wide_bytes_keep_the_columns(void **state) {
    Fixture *f = *state;
    const Source *s = add(f, "a.phx", "\t\xC3\xA9\xE2\x82\xAC\tbad\t!\r\n");
    diag_label(f->diagnostics, diag_error(f->diagnostics, CODE_SYNTAX, find(s, "bad"), "m"), "here");
    expect_text(f, PLAIN,
                "error[E0101]: m\n --> a.phx:1:5\n  |\n1 |  \xC3\xA9\xE2\x82\xAC bad !\n  |     ^^^ here\n\n1 error\n");
}

static void test_nothing_reaches_the_terminal_unclean(void **state) {
    Fixture *f = *state;
    const Source *s = add(f, "a\x1B[2J.phx", "x = \"\x1B[31m\xE2\x80\xAE\xC2\x9B\xFF\x7F\" bad\n");
    Diagnostic *d = diag_error(f->diagnostics, CODE_SYNTAX, find(s, "bad"), "esc \x1B[0m \xE2\x81\xA6 \xEF\xBB\xBF");
    diag_label(f->diagnostics, d, "a\nb\x07");
    diag_help(f->diagnostics, d, "\x9F");
    expect_text(f, PLAIN,
                "error[E0101]: esc ?[0m \xEF\xBF\xBD \xEF\xBF\xBD\n"
                " --> a?[2J.phx:1:17\n"
                "  |\n"
                "1 | x = \"?[31m\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD?\" bad\n"
                "  |                 ^^^ a b?\n"
                "  = help: \xEF\xBF\xBD\n"
                "\n"
                "1 error\n");
}

/* The columns of the two lines under `-->`. */
static void expect_cut(Fixture *f, Str text, size_t at, const char *line_start, const char *line_end, size_t caret) {
    f->diagnostics = diagnostics_new(f->arena, f->sources);
    const Source *s = source_add(f->sources, SOURCE_PHX, STR("a.phx"), text);
    diag_error(f->diagnostics, CODE_SYNTAX, (Span){s->number, (uint32_t)at, (uint32_t)at + 3}, "m");
    Text out = {0};
    diag_print_text(f->diagnostics, PLAIN, &out);
    const char *line = strstr(out.bytes, "\n1 | ") + 5, *end = strchr(line, '\n');
    assert_true(end - line <= 160);
    assert_memory_equal(line, line_start, strlen(line_start));
    assert_memory_equal(end - strlen(line_end), line_end, strlen(line_end));
    const char *marks = strstr(end, "  | ") + 4;
    assert_int_equal(strspn(marks, " "), caret);
    assert_int_equal(strspn(marks + caret, "^"), 3);
    assert_memory_equal(line + caret, "bad", 3);
    text_fini(&out);
}

static void test_long_lines_are_cut(void **state) {
    Fixture *f = *state;
    enum { LENGTH = 100000 };
    char *text = arena_text(f->arena, LENGTH);
    memset(text, '.', LENGTH);
    memcpy(text, "begin", 5);
    memcpy(text + LENGTH - 3, "end", 3);
    memcpy(text + 10, "bad", 3);
    expect_cut(f, (Str){text, LENGTH}, 10, "begin", "....", 10);
    memcpy(text + 50000, "bad", 3);
    expect_cut(f, (Str){text, LENGTH}, 50000, "...", "...", 63);
    memcpy(text + LENGTH - 20, "bad", 3);
    expect_cut(f, (Str){text, LENGTH}, LENGTH - 20, "...", "end", 63);
    memset(text, '.', LENGTH);
    memcpy(text + 157, "bad", 3);
    expect_cut(f, (Str){text, 160}, 157, "...", "bad", 157);      /* 160 just fit */
    memcpy(text + 157, "bad...", 6);
    expect_cut(f, (Str){text, 163}, 157, "...", "bad...", 63);
}

static void test_marks_outside_a_cut_line(void **state) {
    Fixture *f = *state;
    char *text = arena_text(f->arena, 1000);
    memset(text, 'x', 1000);
    uint32_t n = source_add(f->sources, SOURCE_PHX, STR("a.phx"), (Str){text, 1000})->number;
    Diagnostic *d = diag_error(f->diagnostics, CODE_SYNTAX, (Span){n, 500, 900}, "m");
    diag_also(f->diagnostics, d, (Span){n, 0, 5}, "far left");
    diag_also(f->diagnostics, d, (Span){n, 990, 999}, "far right");
    Text out = {0};
    diag_print_text(f->diagnostics, PLAIN, &out);
    const char *marks = strstr(out.bytes, "  | -");
    assert_non_null(marks);
    assert_non_null(strstr(out.bytes, "- far right\n"));
    assert_non_null(strstr(out.bytes, "  | far left\n"));
    text_fini(&out);
}

static void test_hosts_and_arguments(void **state) {
    Fixture *f = *state;
    const Source *host = source_add(f->sources, SOURCE_HOST, STR("phoenix"), STR(""));
    const Source *argument = source_add(f->sources, SOURCE_ARGUMENT, STR("--set cores"), STR("8X"));
    Diagnostic *d = diag_error(f->diagnostics, CODE_SYNTAX, (Span){host->number, 0, 0}, "read on a host");
    diag_also(f->diagnostics, d, (Span){argument->number, 0, 2}, "asked for here");
    d = diag_error(f->diagnostics, CODE_SYNTAX, find(argument, "X"), "no unit");
    diag_also(f->diagnostics, d, (Span){host->number, 0, 0}, "is 4GiB");
    expect_text(f, PLAIN,
                "error[E0101]: read on a host\n"
                " --> on host phoenix\n"
                " ::: --set cores\n"
                "  |\n"
                "  | 8X\n"
                "  | -- asked for here\n"
                "\n"
                "error[E0101]: no unit\n"
                " --> --set cores\n"
                "  |\n"
                "  | 8X\n"
                "  |  ^\n"
                "  |\n"
                " ::: on host phoenix: is 4GiB\n"
                "\n"
                "2 errors\n");
}

static void test_fixes_in_words(void **state) {
    Fixture *f = *state;
    const Source *s = add(f, "a.phx", "16M x,\n");
    Diagnostic *d = diag_error(f->diagnostics, CODE_SYNTAX, find(s, "16M"), "m");
    diag_fix(f->diagnostics, d, find(s, "16M"), STR("16MiB"));
    d = diag_error(f->diagnostics, CODE_SYNTAX, find(s, "x"), "m");
    diag_fix(f->diagnostics, d, (Span){s->number, 4, 4}, STR("="));
    d = diag_error(f->diagnostics, CODE_SYNTAX, find(s, ","), "m");
    diag_fix(f->diagnostics, d, find(s, ","), STR(""));
    diag_note(f->diagnostics, d, "n");
    expect_text(f, PLAIN,
                "error[E0101]: m\n --> a.phx:1:1\n  |\n1 | 16M x,\n  | ^^^\n  = help: write `16MiB` for `16M`\n\n"
                "error[E0101]: m\n --> a.phx:1:5\n  |\n1 | 16M x,\n  |     ^\n  = help: put `=` there\n\n"
                "error[E0101]: m\n --> a.phx:1:6\n  |\n1 | 16M x,\n  |      ^\n  = note: n\n  = help: remove `,`\n\n"
                "3 errors\n");
}

static void test_brief(void **state) {
    Fixture *f = *state;
    const Source *s = add(f, "a.phx", "0123456789abcdef\n");
    for (uint32_t i = 0; i < 12; i++) {
        Span span = {s->number, i, i + 1};
        Str message = arena_printf(f->arena, "w%u", i);
        Diagnostic *d = diag_add(f->diagnostics, SEVERITY_WARNING, STR("duplicate-address"), span, message);
        if (i == 3) diag_fix(f->diagnostics, d, span, STR("x"));
    }
    diag_add(f->diagnostics, SEVERITY_WARNING, STR("other"), (Span){s->number, 5, 6}, STR("alone"));
    diag_error(f->diagnostics, CODE_SYNTAX, (Span){s->number, 1, 2}, "errors stay whole");
    diag_error(f->diagnostics, CODE_SYNTAX, (Span){s->number, 2, 3}, "all of them");
    expect_text(f, BRIEF,
                "warning[duplicate-address]: w0\n --> a.phx:1:1\n  |\n1 | 0123456789abcdef\n  | ^\n"
                "  = also: a.phx:1:2: w1\n"
                "  = also: a.phx:1:3: w2\n"
                "  = also: a.phx:1:5: w4\n"
                "  = also: a.phx:1:6: w5\n"
                "  = also: a.phx:1:7: w6\n"
                "  = also: a.phx:1:8: w7\n"
                "  = also: a.phx:1:9: w8\n"
                "  = also: a.phx:1:10: w9\n"
                "  = and 2 more\n"
                "\n"
                "error[E0101]: errors stay whole\n --> a.phx:1:2\n  |\n1 | 0123456789abcdef\n  |  ^\n\n"
                "error[E0101]: all of them\n --> a.phx:1:3\n  |\n1 | 0123456789abcdef\n  |   ^\n\n"
                "warning[duplicate-address]: w3\n --> a.phx:1:4\n  |\n1 | 0123456789abcdef\n  |    ^\n"
                "  = help: write `x` for `3`\n\n"
                "warning[other]: alone\n --> a.phx:1:6\n  |\n1 | 0123456789abcdef\n  |      ^\n\n"
                "2 errors, 13 warnings\n");
    Text out = {0};
    diag_print_text(f->diagnostics, PLAIN, &out);
    assert_null(strstr(out.bytes, "also:"));
    assert_non_null(strstr(out.bytes, "warning[duplicate-address]: w11\n"));
    text_fini(&out);
}

static void test_many_labels_are_cut_off(void **state) {
    Fixture *f = *state;
    char *text = arena_text(f->arena, 2000);
    for (size_t i = 0; i < 2000; i += 2) memcpy(text + i, "x\n", 2);
    uint32_t n = source_add(f->sources, SOURCE_PHX, STR("a.phx"), (Str){text, 2000})->number;
    Diagnostic *d = diag_error(f->diagnostics, CODE_SYNTAX, (Span){n, 0, 1}, "m");
    for (uint32_t i = 1; i < 1000; i++) diag_also(f->diagnostics, d, (Span){n, 2 * i, 2 * i + 1}, "also");
    Text out = {0};
    diag_print_text(f->diagnostics, PLAIN, &out);
    assert_non_null(strstr(out.bytes, "20 | x\n   | - also\n   = note: and 980 more places\n"));
    text_fini(&out);
}

static void test_colours(void **state) {
    Fixture *f = *state;
    const Source *s = add(f, "a.phx", "ab\n");
    Diagnostic *d = diag_warning(f->diagnostics, CODE_SYNTAX, find(s, "b"), "m");
    diag_label(f->diagnostics, d, "l");
    diag_also(f->diagnostics, d, find(s, "a"), "%s", "");
    expect_text(f, COLOURED,
                "\033[1;33mwarning[E0101]\033[0m\033[1m: m\033[0m\n"
                " \033[1;34m-->\033[0m a.phx:1:2\n"
                "\033[1;34m  |\033[0m\n"
                "\033[1;34m1 |\033[0m ab\n"
                "\033[1;34m  |\033[0m \033[1;34m-\033[0m\033[1;33m^\033[0m \033[1;33ml\033[0m\n"
                "\n"
                "1 warning\n");
}

static void test_json(void **state) {
    Fixture *f = *state;
    const Source *s = add(f, "a.phx", "one\ntwo\n");
    Text out = {0};
    diag_print_json(f->diagnostics, &out);
    assert_string_equal(out.bytes, "[]\n");
    text_clear(&out);
    Diagnostic *d = diag_error(f->diagnostics, CODE_SYNTAX, find(s, "two"), "say \"two\"");
    diag_label(f->diagnostics, d, "here");
    diag_also(f->diagnostics, d, find(s, "one"), "there");
    diag_note(f->diagnostics, d, "n");
    diag_help(f->diagnostics, d, "h");
    diag_fix(f->diagnostics, d, find(s, "two"), STR("2"));
    diag_add(f->diagnostics, SEVERITY_WARNING, STR("lint"), SPAN_NONE, STR("w"));
    diag_print_json(f->diagnostics, &out);
    assert_string_equal(
        out.bytes,
        "[\n"
        "{\"code\":\"lint\",\"severity\":\"warning\",\"message\":\"w\",\"file\":null,\"line\":null,\"column\":null,"
        "\"end_line\":null,\"end_column\":null,\"label\":\"\",\"labels\":[],\"notes\":[],\"help\":null,\"fix\":null},\n"
        "{\"code\":\"E0101\",\"severity\":\"error\",\"message\":\"say \\\"two\\\"\",\"file\":\"a.phx\",\"line\":2,\"column\":1,"
        "\"end_line\":2,\"end_column\":4,\"label\":\"here\",\"labels\":[{\"file\":\"a.phx\",\"line\":1,\"column\":1,"
        "\"end_line\":1,\"end_column\":4,\"message\":\"there\"}],\"notes\":[\"n\"],\"help\":\"h\",\"fix\":{\"span\":{\"file\":\"a.phx\","
        "\"start\":{\"line\":2,\"column\":1,\"offset\":4},\"end\":{\"line\":2,\"column\":4,\"offset\":7}},\"replacement\":\"2\"}}\n"
        "]\n");
    text_fini(&out);
}

/* Whatever the text and the places, printing ends, and every line it prints is short and clean. */
static void test_any_text_and_any_place(void **state) {
    Fixture *f = *state;
    uint32_t random = 2463534242u;
    for (int round = 0; round < 300; round++) {
        char *text = arena_text(f->arena, 700);
        size_t length = 0;
        while (length < 690) {
            random ^= random << 13;
            random ^= random >> 17;
            random ^= random << 5;
            const char *const pieces[] = {"\n", "\r\n", "\t", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\xFF", "\x80", "\x1B", "a", "bc "};
            /* Few newlines, so that some lines are cut. */
            const char *piece = pieces[random % 97 == 0 ? random % 2 : 2 + random % 8];
            memcpy(text + length, piece, strlen(piece));
            length += strlen(piece);
        }
        f->diagnostics = diagnostics_new(f->arena, f->sources);
        uint32_t n = source_add(f->sources, SOURCE_PHX, STR("a.phx"), (Str){text, length})->number;
        Diagnostic *d = diag_error(f->diagnostics, CODE_SYNTAX, (Span){n, random % 710, random / 710 % 710}, "m");
        diag_label(f->diagnostics, d, "main");
        for (uint32_t i = 0; i < 10; i++) {
            random = random * 1664525u + 1013904223u;
            uint32_t start = random % 710;
            diag_also(f->diagnostics, d, (Span){n, start, start + random / 710 % 20}, "%u", i);
        }
        Text out = {0};
        diag_print_text(f->diagnostics, PLAIN, &out);
        for (const char *line = out.bytes, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
            size_t columns = 0;
            for (const char *at = line; at < end; at++) {
                columns += ((unsigned char)*at & 0xC0u) != 0x80u;
                if ((unsigned char)*at < 0x20) fail_msg("a control character in `%.*s`", (int)(end - line), line);
            }
            if (columns > 175) fail_msg("%zu columns: `%.*s`", columns, (int)(end - line), line);
        }
        assert_int_equal(utf8_check(out.bytes, out.length), out.length);
        text_fini(&out);
    }
}

/* ---- texts nothing can be read from ---- */

static void test_check_text(void **state) {
    Fixture *f = *state;
    assert_int_equal(diag_check_text(f->diagnostics, add(f, "a.phx", "caf\xC3\xA9")), 1);
    assert_int_equal(diag_check_text(f->diagnostics, add(f, "empty.phx", "")), 1);
    assert_int_equal(diag_errors(f->diagnostics), 0);
    assert_int_equal(diag_check_text(f->diagnostics, add(f, "b.phx", "ok\n  caf\xE9 x")), 0);
    assert_int_equal(diag_errors(f->diagnostics), 1);
    expect_text(f, PLAIN,
                "error[E0110]: the text is not UTF-8: byte 0xe9 at offset 8\n"
                " --> b.phx:2:6\n"
                "  |\n"
                "2 |   caf\xEF\xBF\xBD x\n"
                "  |      ^\n"
                "\n"
                "1 error\n");
}

/* ---- did you mean ---- */

static const char *suggest(const char *wanted, const char *const *candidates) {
    Suggestion suggestion = suggestion_for(str_of(wanted));
    for (size_t i = 0; candidates[i] != NULL; i++) suggestion_offer(&suggestion, str_of(candidates[i]));
    Str best = suggestion.best;
    assert_true(best.length == 0 || best.text[best.length] == '\0');
    return best.text;
}

/* A word that is used elsewhere wins over near misses, and loses to the name itself. */
static void test_synonyms(void **state) {
    (void)state;
    Suggestion suggestion = suggestion_for(STR("disk"));
    suggestion_offer(&suggestion, STR("dish"));
    suggestion_offer_synonym(&suggestion, STR("disk"), STR("rootfs"));
    suggestion_offer_synonym(&suggestion, STR("ram"), STR("memory"));
    assert_true(str_equal(suggestion.best, STR("rootfs")));
    assert_int_equal(suggestion.is_synonym, 1);
    suggestion_offer(&suggestion, STR("Disk"));
    assert_true(str_equal(suggestion.best, STR("Disk")));
    assert_int_equal(suggestion.is_synonym, 0);
}

/* The edit is for the word alone: as it is, in quotes, or behind a dot. */
static void test_suggestion_fixes(void **state) {
    static const struct { const char *text, *start, *end; } cases[] = {
        {"ram = 1", "", " = 1"}, {"x.ram", "x.", ""}, {"\"ram\"", "\"", "\""}, {"tram", NULL, NULL}, {"ram(1)", NULL, NULL},
    };
    Fixture *f = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const Source *s = source_add(f->sources, SOURCE_PHX, STR("a.phx"), str_of(cases[i].text));
        size_t length = i == 0 ? 3 : strlen(cases[i].text);
        Diagnostic *d = diag_error(f->diagnostics, CODE_SYNTAX, (Span){s->number, 0, (uint32_t)length}, "%zu", i);
        Suggestion suggestion = suggestion_for(STR("ram"));
        suggestion_offer_synonym(&suggestion, STR("ram"), STR("memory"));
        assert_int_equal(suggestion_tell(&suggestion, f->diagnostics, d, d->span), 1);
        assert_int_equal(d->has_fix, cases[i].start != NULL);
        if (!d->has_fix) continue;
        assert_int_equal(d->fix_span.start, strlen(cases[i].start));
        assert_int_equal(d->fix_span.end, strlen(cases[i].text) - strlen(cases[i].end));
        assert_true(str_equal(d->fix_text, STR("memory")));
    }
}

static void test_suggestions(void **state) {
    (void)state;
    const char *const names[] = {"cores", "memory", "hostname", "swap", "net0", "net1", "onboot", "recordsize", "id", NULL};
    assert_string_equal(suggest("core", names), "cores");
    assert_string_equal(suggest("coers", names), "cores");      /* two letters swapped count once */
    assert_string_equal(suggest("memroy", names), "memory");
    assert_string_equal(suggest("hostnmae", names), "hostname");
    assert_string_equal(suggest("HOSTNAME", names), "hostname");
    assert_string_equal(suggest("record-size", names), "recordsize");
    assert_string_equal(suggest("on_boot", names), "onboot");
    assert_string_equal(suggest("net2", names), "net0");        /* of equals the first in the alphabet */
    assert_string_equal(suggest("xyz", names), "");
    assert_string_equal(suggest("bandwidth", names), "");
    assert_string_equal(suggest("x", names), "");
    assert_string_equal(suggest("", names), "");
}

static void test_suggestions_do_not_depend_on_order(void **state) {
    (void)state;
    const char *const forwards[] = {"net0", "net1", "next", NULL}, *const backwards[] = {"next", "net1", "net0", NULL};
    assert_string_equal(suggest("net2", forwards), "net0");
    assert_string_equal(suggest("net2", backwards), "net0");
}

static void test_suggestion_of_the_same_but_for_case(void **state) {
    (void)state;
    const char *const names[] = {"bwlimit", "BW_LIMIT", "bwlimits", NULL};
    assert_string_equal(suggest("bw-limit", names), "BW_LIMIT");
    const char *const long_names[] = {"a_very_long_name_that_has_far_more_than_sixty_four_letters_in_it_as_hardly_any_has", NULL};
    assert_string_equal(suggest("A-very-long-name-that-has-far-more-than-sixty-four-letters-in-it-as-hardly-any-has", long_names),
                        long_names[0]);
    assert_string_equal(suggest("b_very_long_name_that_has_far_more_than_sixty_four_letters_in_it_as_hardly_any_has", long_names), "");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_codes),
        TEST(test_each_finding_once),
        TEST(test_without_a_place_the_message_counts),
        TEST(test_sorted_by_file_and_place),
        TEST(test_after_a_hundred_errors),
        TEST(test_nothing_to_say),
        TEST(test_the_usual),
        TEST(test_several_labels),
        TEST(test_overlapping_labels),
        TEST(test_spans_at_the_edges),
        TEST(test_empty_lines_have_no_blanks_at_the_end),
        TEST(test_tabs_and_wide_bytes_keep_the_columns),
        TEST(test_nothing_reaches_the_terminal_unclean),
        TEST(test_long_lines_are_cut),
        TEST(test_marks_outside_a_cut_line),
        TEST(test_hosts_and_arguments),
        TEST(test_fixes_in_words),
        TEST(test_brief),
        TEST(test_many_labels_are_cut_off),
        TEST(test_colours),
        TEST(test_json),
        TEST(test_any_text_and_any_place),
        TEST(test_check_text),
        cmocka_unit_test(test_suggestions),
        cmocka_unit_test(test_synonyms),
        TEST(test_suggestion_fixes),
        cmocka_unit_test(test_suggestions_do_not_depend_on_order),
        cmocka_unit_test(test_suggestion_of_the_same_but_for_case),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
