/* libFuzzer target: any bytes, laid out. What the formatter gives parses to the same tree, and laying it out again changes nothing. */
#include "lang/format.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *copy = exact_copy(data, size);
    Arena *arena = arena_open();
    Names *names = names_new(arena);
    Sources *sources = sources_new(arena);
    Diagnostics *diagnostics = diagnostics_new(arena, sources);
    const Source *source = source_add(sources, SOURCE_PHX, STR("site.phx"), (Str){copy, size});
    Text once = {0};
    if (format_source(arena, names, diagnostics, source, &once)) {
        const Tree *tree = parse_source(arena, names, diagnostics, source);
        const Source *formatted = source_add(sources, SOURCE_PHX, STR("site.phx"), text_str(&once));
        const Tree *again = parse_source(arena, names, diagnostics, formatted);
        require(again->broken == 0, "formatted text has syntax errors");
        require(tree_equal(tree, again), "formatting changed the tree");
        Text twice = {0};
        require(format_source(arena, names, diagnostics, formatted, &twice), "formatted text can't be formatted");
        require(str_equal(text_str(&once), text_str(&twice)), "formatting twice changed something");
        text_fini(&twice);
    } else {
        require(once.length == 0 && diag_errors(diagnostics) > 0, "nothing was laid out, and nothing says why");
    }
    text_fini(&once);
    arena_close(arena);
    free(copy);
    return 0;
}
