/* libFuzzer target: any bytes as a site. They are scanned, parsed, laid out, checked and planned for an empty host.
   Besides not crashing: what the formatter gives parses to the same tree, and formatting it again changes nothing. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/render.h"
#include "compiler/session.h"
#include "lang/format.h"
#include "runtime/stdlib.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const Str site_name = {"site.phx", 8};

/* Says what broke, for the report of the crash, and crashes. */
static void require(int holds, const char *what) {
    if (holds) return;
    fprintf(stderr, "broken: %s\n", what);
    abort();
}

/* 1 where the text is free of syntax errors. */
static int try_format(Str bytes) {
    Arena *arena = arena_open();
    Names *names = names_new(arena);
    Sources *sources = sources_new(arena);
    Diagnostics *diagnostics = diagnostics_new(arena, sources);
    const Source *source = source_add(sources, SOURCE_PHX, site_name, bytes);

    scan_tokens(arena, names, source);
    const Tree *tree = parse_source(arena, names, diagnostics, source);
    require(tree->broken == 0 || diag_errors(diagnostics) > 0, "a broken tree without an error");
    Text once = {0};
    if (format_source(arena, names, diagnostics, source, &once)) {
        const Source *formatted = source_add(sources, SOURCE_PHX, site_name, text_str(&once));
        const Tree *again = parse_source(arena, names, diagnostics, formatted);
        require(again->broken == 0, "formatted text has syntax errors");
        require(tree_equal(tree, again), "formatting changed the tree");
        Text twice = {0};
        require(format_source(arena, names, diagnostics, formatted, &twice), "formatted text can't be formatted");
        require(str_equal(text_str(&once), text_str(&twice)), "formatting twice changed something");
        text_fini(&twice);
    }
    Text printed = {0};
    diag_print_text(diagnostics, (DiagnosticStyle){0}, &printed);
    diag_print_json(diagnostics, &printed);
    text_fini(&printed);
    text_fini(&once);
    int broken = tree->broken;
    arena_close(arena);
    return !broken;
}

/* Finds the input itself and, for every import of JSON, a small object; modules are absent. */
static LoadStatus load(void *context, Str importer, Str path, SourceKind kind, Str *name, Str *bytes, Str *problem) {
    (void)importer;
    (void)problem;
    *name = path;
    if (kind == SOURCE_JSON) {
        *bytes = STR("{\"a\": [1, 2.5, \"x\", null, true], \"b\": {\"c\": -1}}");
        return LOAD_OK;
    }
    *bytes = *(const Str *)context;
    return str_equal(path, site_name) ? LOAD_OK : LOAD_ABSENT;
}

static void try_plan(Str bytes) {
    NamedText stdlib[256];
    require(phx_stdlib_count <= sizeof stdlib / sizeof *stdlib, "more embedded files than this target has room for");
    for (size_t i = 0; i < phx_stdlib_count; i++)
        stdlib[i] = (NamedText){str_of(phx_stdlib[i].name), {phx_stdlib[i].bytes, phx_stdlib[i].length}};
    /* To read stdlib takes a hundred times as long as all else here: a text with schemas of its own goes without. */
    int own = memmem(bytes.text, bytes.length, "schema ", 7) != NULL;
    SessionOptions options = {
        .loader = {.context = &bytes, .load = load}, .stdlib = stdlib, .stdlib_count = own ? 0 : phx_stdlib_count
    };
    Session *session = session_open(&options);
    Diagnostics *diagnostics = session_diagnostics(session);
    int checked = session_check(session, site_name);
    require(checked == (diag_errors(diagnostics) == 0), "the check's result and its errors disagree");
    Text out = {0};
    if (checked) {
        session_facts_none(session);
        const Plan *plan = session_plan(session, &(PlanOptions){0});
        if (plan != NULL) {
            render_plan_text(plan, diagnostics, (TextStyle){.commands = 1, .undo = 1}, &out);
            render_plan_json(plan, diagnostics, &out);
            render_plan_markdown(plan, diagnostics, 0, &out);
        } else {
            require(diag_errors(diagnostics) > 0, "no plan and no error");
        }
    }
    diag_print_text(diagnostics, (DiagnosticStyle){0}, &out);
    text_fini(&out);
    session_close(session);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    /* A copy of its exact size, so that the sanitizer sees a read behind its end. */
    char *copy = malloc(size > 0 ? size : 1);
    if (copy == NULL) return 0;
    if (size > 0) memcpy(copy, data, size);
    Str bytes = {copy, size};
    /* Most mutated texts have syntax errors, with which the check gets no further; a few of them go on nevertheless. */
    int goes_on = try_format(bytes) || hash_bytes(bytes.text, bytes.length) % 64 == 0;
    free(copy);
    if (!goes_on) return 0;
    /* With a NUL behind it: the sanitizer measures what regexec is given up to its NUL, not knowing that REG_STARTEND names the end. */
    copy = calloc(size + 1, 1);
    if (copy == NULL) return 0;
    if (size > 0) memcpy(copy, data, size);
    try_plan((Str){copy, size});
    free(copy);
    return 0;
}
