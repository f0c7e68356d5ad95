/* libFuzzer target: any bytes as imported JSON of a type that has every kind of part, and as a facts file. Besides not crashing: what of the data
   can't be used is a warning with a place in it, the rest is exported as JSON that reads back; a plan of such facts, or an error. */
#include "compiler/render.h"
#include "compiler/session.h"
#include "lang/json.h"
#include "tests/fuzz/fuzz.h"

static const char SITE[] =
    "site \"t\" edition 1\n"
    "type Disk = { storage?: string, volume?: string, ro?: bool } with { head = ['{storage}:{volume}'] }\n"
    "type Item = { id: int(1..999), name: string(1..20, '^[a-z]'), kind: \"a\" | \"b\", size?: size { unit = 1MiB }, share?: percent, rate?: rate, wait?: duration,\n"
    "  at?: ip, net?: cidr, card?: mac, on?: bool, tags?: [string](0..3) { separator = \";\" }, more?: { string: int | string }, old?: string { also = [\"older\"] },\n"
    "  gone?: json { ignored = \"nothing comes of it\" }, disk?: Disk, pin?: secret string, way?: from(path: string) | none }\n"
    "type Whole = { items: [Item], by?: { string: Item }, any?: json } with { strict = true }\n"
    "import json optional \"x.json\" as x: Whole\n"
    "import json optional \"x.json\" as loose: { items?: [Item], by?: { string: Item } }\n"
    "schema box { identity = \"{id}\"  id: int { change = create }  size?: size { unit = 1MiB }  tags?: [string] { order = \"any\" }  disk?: Disk  note?: string\n"
    "  read = { all = run([\"boxes\"]) }  found = {}  create = [run([\"make\", identity] + options(want))]  update = [run([\"set\", identity] + options(changed))]\n"
    "  delete = [run([\"drop\", identity])] }\n"
    "for item in loose.items ?? [] { box of[item.name] { id = item.id  size = item.size  tags = item.tags  disk = item.disk } }\n"
    "box own { id = 1000  size = 5MiB  tags = [\"x\"]  note = \"n\" }\n"
    "output items = [i.name for i in loose.items ?? []]\n";

static LoadStatus load(void *context, Str importer, Str path, SourceKind kind, Str *name, Str *bytes, Str *problem) {
    (void)importer, (void)problem;
    *name = path;
    *bytes = kind == SOURCE_JSON ? *(const Str *)context : STR(SITE);
    return LOAD_OK;
}

static void try_data(Str bytes) {
    SessionOptions options = {.loader = {.context = &bytes, .load = load}};
    Session *session = session_open(&options);
    Diagnostics *diagnostics = session_diagnostics(session);
    Text out = {0};
    if (session_check(session, STR("site.phx"))) {
        Str error = {0};
        require(session_export(session, &(PlanOptions){0}, &out) || diag_errors(diagnostics) > 0, "nothing is exported, and nothing says why");
        Arena *arena = arena_open();
        require(!out.length || json_read_at(arena, names_new(arena), text_str(&out), SPAN_NONE, &error) != NULL, "what is exported is no JSON");
        arena_close(arena);
    } else {
        require(diag_errors(diagnostics) > 0, "no site and no error");
    }
    diag_print_text(diagnostics, (DiagnosticStyle){0}, &out);
    diag_print_json(diagnostics, &out);
    text_fini(&out);
    session_close(session);
}

static void try_facts(Str bytes) {
    Str nothing = STR("{\"items\": []}");
    SessionOptions options = {.loader = {.context = &nothing, .load = load}};
    Session *session = session_open(&options);
    Diagnostics *diagnostics = session_diagnostics(session);
    require(session_check(session, STR("site.phx")), "the site around the facts");
    Text out = {0};
    if (session_facts_read(session, session_source(session, SOURCE_JSON, STR("facts.json"), bytes))) {
        const Plan *plan = session_plan(session, &(PlanOptions){0});
        require(plan != NULL || diag_errors(diagnostics) > 0, "no plan and no error");
        if (plan != NULL) {
            session_plan_provenance(session);
            render_plan_json(plan, diagnostics, &out);
        }
    } else {
        require(diag_errors(diagnostics) > 0, "no facts and no error");
    }
    diag_print_text(diagnostics, (DiagnosticStyle){0}, &out);
    text_fini(&out);
    session_close(session);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *copy = ended_copy(data, size);
    try_data((Str){copy, size});
    try_facts((Str){copy, size});
    free(copy);
    return 0;
}
