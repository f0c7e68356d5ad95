/* libFuzzer target: any bytes as a site, which is checked and planned for an empty host, in every form. Besides not crashing: there is a plan or an
   error, and every step of a plan says where it comes from. */
#include "compiler/render.h"
#include "compiler/session.h"
#include "lang/parse.h"
#include "runtime/stdlib.h"
#include "tests/fuzz/fuzz.h"

static const Str site_name = {"site.phx", 8};

/* 1 where the text is free of syntax errors. */
static int is_whole(Str bytes) {
    Arena *arena = arena_open();
    Sources *sources = sources_new(arena);
    const Source *source = source_add(sources, SOURCE_PHX, site_name, bytes);
    int broken = parse_source(arena, names_new(arena), diagnostics_new(arena, sources), source)->broken;
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
            session_plan_identify(session, plan);
            session_plan_provenance(session);
            for (uint32_t i = 0; i < plan->step_count; i++) require(step_more(plan->steps[i])->provenance.count > 0, "a step comes from nowhere");
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
    char *copy = ended_copy(data, size);
    Str bytes = {copy, size};
    /* Most mutated texts have syntax errors, with which the check gets no further; a few of them go on nevertheless. */
    if (is_whole(bytes) || hash_bytes(bytes.text, bytes.length) % 64 == 0) try_plan(bytes);
    free(copy);
    return 0;
}
