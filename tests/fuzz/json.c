/* libFuzzer target: any bytes as JSON. Besides not crashing: what is written from a value that was read, indented or compact,
   reads back as the same value. */
#include "lang/json.h"
#include "tests/fuzz/fuzz.h"

static void try_again(Arena *arena, Names *names, const Value *value, JsonStyle style) {
    Text text = {0};
    json_write(value, style, 0, &text);
    Str error = {0};
    const Value *again = json_read_at(arena, names, text_str(&text), SPAN_NONE, &error);
    require(again != NULL, "written JSON can't be read");
    require(value_equal(value, again), "written JSON reads as another value");
    text_fini(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *copy = exact_copy(data, size);
    Str bytes = {copy, size};

    Arena *arena = arena_open();
    Names *names = names_new(arena);
    Sources *sources = sources_new(arena);
    Diagnostics *diagnostics = diagnostics_new(arena, sources);
    const Value *value = json_read(arena, names, diagnostics, source_add(sources, SOURCE_JSON, STR("x.json"), bytes));
    Str error = {0};
    const Value *plain = json_read_at(arena, names, bytes, SPAN_NONE, &error);
    require((plain != NULL) == (diag_errors(diagnostics) == 0), "the two readers disagree on what is JSON");
    if (plain != NULL) {
        require(value_equal(value, plain), "the two readers disagree on the value");
        try_again(arena, names, value, JSON_COMPACT_SORTED);
        try_again(arena, names, value, JSON_INDENTED);
    }
    Text printed = {0};
    diag_print_text(diagnostics, (DiagnosticStyle){0}, &printed);
    text_fini(&printed);
    arena_close(arena);
    free(copy);
    return 0;
}
