/* The embedded library itself: it parses, in parts as in whole, every name in it stands for something, every schema is complete. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "compiler/session.h"
#include "lang/outline.h"
#include "lang/parse.h"
#include "runtime/stdlib.h"

static LoadStatus load_nothing(void *context, Str importer, Str path, SourceKind kind, Str *name, Str *bytes, Str *problem) {
    (void)context, (void)importer, (void)path, (void)kind, (void)name, (void)bytes, (void)problem;
    return LOAD_ABSENT;
}

static Session *open_all(int check) {
    NamedText texts[64];
    assert_in_range(phx_stdlib_count, 1, 64);
    for (size_t i = 0; i < phx_stdlib_count; i++)
        texts[i] = (NamedText){str_of(phx_stdlib[i].name), {phx_stdlib[i].bytes, phx_stdlib[i].length}};
    SessionOptions options = {.loader = {NULL, load_nothing}, .stdlib = texts, .stdlib_count = phx_stdlib_count, .check_stdlib = check};
    return session_open(&options);
}

static void test_stdlib_is_sound(void **state) {
    (void)state;
    Session *session = open_all(1);
    Text text = {0};
    diag_print_text(session_diagnostics(session), (DiagnosticStyle){0}, &text);
    if (diag_errors(session_diagnostics(session)) || diag_warnings(session_diagnostics(session)))
        print_message("%s", text.bytes);
    assert_int_equal(diag_errors(session_diagnostics(session)), 0);
    assert_int_equal(diag_warnings(session_diagnostics(session)), 0);
    text_fini(&text);
    session_close(session);
}

/* What is read part by part is what stands in the whole text, nothing left out and nothing twice. */
static void test_parts_are_the_whole(void **state) {
    (void)state;
    for (size_t i = 0; i < phx_stdlib_count; i++) {
        Arena *arena = arena_open();
        Names *names = names_new(arena);
        Sources *sources = sources_new(arena);
        Diagnostics *diagnostics = diagnostics_new(arena, sources);
        const Source *source = source_add(sources, SOURCE_STDLIB, str_of(phx_stdlib[i].name), (Str){phx_stdlib[i].bytes, phx_stdlib[i].length});
        const Tree *whole = parse_source(arena, names, diagnostics, source);
        VECTOR(const Decl *) declarations = {0};
        Heading heading;
        for (uint32_t at = 0; outline_next(names, source, &at, &heading);) {
            DeclList part = parse_declarations(arena, names, diagnostics, source, heading.part);
            if (part.count != 1)
                fail_msg("%s: %u declarations where %s stands", phx_stdlib[i].name, part.count, heading.name.name->text);
            assert_int_equal(part.items[0]->kind, heading.kind);
            assert_ptr_equal(part.items[0]->name.name, heading.name.name);
            assert_int_equal(part.items[0]->name.span.start, heading.name.span.start);
            assert_int_equal(part.items[0]->name.span.end, heading.name.span.end);
            VECTOR_PUSH(arena, &declarations, part.items[0]);
        }
        Tree parts = {.source = source, .declarations = {declarations.items, declarations.count}};
        if (!tree_equal(whole, &parts))
            fail_msg("%s is not the sum of its parts", phx_stdlib[i].name);
        assert_int_equal(diag_errors(diagnostics), 0);
        arena_close(arena);
    }
}

/* A mistake in one declaration is reported when it is read, and leaves the others as they are. */
static void test_mistakes_are_reported_where_they_are_read(void **state) {
    (void)state;
    static const char library[] =
        "type a.one = int(\n\n/// Two.\nfn two(): int = 2\n\nlint three error = [\n]\n\nschema four {\n";
    NamedText text = {STR("library.phx"), str_of(library)};
    SessionOptions options = {.loader = {NULL, load_nothing}, .stdlib = &text, .stdlib_count = 1};
    Session *session = session_open(&options);
    assert_int_equal(diag_errors(session_diagnostics(session)), 0);
    const Value *value = session_eval(session, STR("two() + 1"));
    assert_non_null(value);
    assert_int_equal(value->as.integer, 3);
    session_close(session);
    options.check_stdlib = 1;
    session = session_open(&options);
    assert_true(diag_errors(session_diagnostics(session)) >= 3);
    session_close(session);
}

/* Each attribute that the reference lists can be asked for, and has a comment there and an answer. */
static void test_each_attribute_is_explained(void **state) {
    (void)state;
    Session *session = open_all(0);
    Text reference = {0};
    int types = 0, attributes = 0;
    assert_true(session_explain(session, STR("reference"), &reference));
    char *end = strstr(reference.bytes, "\n## Types\n");
    assert_non_null(end);
    *end = '\0';
    const char *type = NULL;
    for (char *rest = reference.bytes, *line; (line = strtok_r(rest, "\n", &rest));) {
        Text word = {0}, answer = {0};
        if (strncmp(line, "### ", 4) == 0) {
            type = line + 4;
            types++;
        } else if (strncmp(line, "| `", 3) == 0) {
            /* `net0..31?` is asked for as `net0`. */
            text_addf(&word, "%s.%.*s", type, (int)strcspn(line + 3, "?`."), line + 3);
            if (!session_explain(session, text_str(&word), &answer) || strstr(line, " |  |"))
                fail_msg("%s: %s", word.bytes, answer.bytes);
            attributes++;
        }
        text_fini(&word);
        text_fini(&answer);
    }
    assert_true(types > 25 && attributes > 300);
    assert_int_equal(diag_errors(session_diagnostics(session)), 0);
    text_fini(&reference);
    session_close(session);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_stdlib_is_sound), cmocka_unit_test(test_parts_are_the_whole),
                                       cmocka_unit_test(test_mistakes_are_reported_where_they_are_read),
                                       cmocka_unit_test(test_each_attribute_is_explained)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
