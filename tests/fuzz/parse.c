/* libFuzzer target: any bytes to a tree, as a file and as an expression. Besides not crashing: a tree is broken just where there is an error, and every
   finding has a place in the text. */
#include "lang/parse.h"
#include "tests/fuzz/fuzz.h"

static void look(Diagnostics *diagnostics, size_t size) {
    uint32_t count;
    const Diagnostic *const *found = diag_sorted(diagnostics, &count);
    for (uint32_t i = 0; i < count; i++) {
        Span span = found[i]->span;
        require(span.file != 0 && span.start <= span.end && span.end <= size, "a finding has no place in the text");
        require(found[i]->message.length > 0, "a finding says nothing");
    }
    Text printed = {0};
    diag_print_text(diagnostics, (DiagnosticStyle){0}, &printed);
    diag_print_json(diagnostics, &printed);
    text_fini(&printed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *copy = exact_copy(data, size);
    for (int expression = 0; expression < 2; expression++) {
        Arena *arena = arena_open();
        Names *names = names_new(arena);
        Sources *sources = sources_new(arena);
        Diagnostics *diagnostics = diagnostics_new(arena, sources);
        const Source *source = source_add(sources, SOURCE_PHX, STR("site.phx"), (Str){copy, size});
        if (expression) {
            const Expr *expr = parse_expression(arena, names, diagnostics, source);
            require((expr != NULL) == (diag_errors(diagnostics) == 0), "an expression and its errors disagree");
        } else {
            const Tree *tree = parse_source(arena, names, diagnostics, source);
            require(tree->broken == (diag_errors(diagnostics) > 0), "a tree and its errors disagree");
        }
        look(diagnostics, size);
        arena_close(arena);
    }
    free(copy);
    return 0;
}
