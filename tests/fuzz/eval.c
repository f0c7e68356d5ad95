/* libFuzzer target: any bytes as an expression in a site that has values of every kind, functions, and a resource type of its own. Besides not
   crashing: there is a value or an error, and a value can be printed, also as JSON that reads back. */
#include "compiler/session.h"
#include "lang/json.h"
#include "tests/fuzz/fuzz.h"

static const char SITE[] =
    "site \"t\" edition 1\n"
    "let n = 5\nlet x = 1.5\nlet s = \"text\"\nlet z = 16GiB\nlet d = 5m\nlet p = 80%\nlet r = 10MB/s\nlet a = 10.0.0.7\nlet c = 10.0.0.0/24\n"
    "let m = 52:54:00:67:89:B2\nlet l = [3, 1, 2]\nlet w = { \"a\": 1, \"b\": 2 }\nlet e = [{ name = \"a\", of = [1] }, { name = \"b\", of = [] }]\n"
    "let t = '{\"a\": [1, null]}'\n"
    "fn twice(i: int): int = i * 2\nfn deep(i: int): int = twice(twice(i)) + k where { k = i }\n"
    "secret key: string from env \"KEY\"\n"
    "schema box { identity = \"{id}\"  id: int { change = create }  note?: string  up?: box { change = create }\n"
    "  read = { all = run([\"boxes\"]) }  found = {}  create = [run([\"make\", identity])]  update = [run([\"set\", identity])]  delete = [run([\"drop\", identity])] }\n"
    "box first { id = 1 }\nbox second { id = 2  up = first  note = \"x\" }\nfor i in [7, 8] { box more[i] { id = i } }\n";

static LoadStatus load(void *context, Str importer, Str path, SourceKind kind, Str *name, Str *bytes, Str *problem) {
    (void)context, (void)importer, (void)kind, (void)problem;
    *name = path;
    *bytes = STR(SITE);
    return str_equal(path, STR("site.phx")) ? LOAD_OK : LOAD_ABSENT;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *copy = ended_copy(data, size);
    SessionOptions options = {.loader = {.load = load}};
    Session *session = session_open(&options);
    require(session_check(session, STR("site.phx")), "the site around the expression");
    const Value *value = session_eval(session, (Str){copy, size});
    Diagnostics *diagnostics = session_diagnostics(session);
    require((value != NULL) == (diag_errors(diagnostics) == 0), "a value and its errors disagree");
    Text out = {0};
    if (value != NULL) {
        Str error = {0};
        json_write(value, JSON_COMPACT_SORTED, 0, &out);
        Arena *arena = arena_open();
        require(json_read_at(arena, names_new(arena), text_str(&out), SPAN_NONE, &error) != NULL, "a value's JSON is none");
        arena_close(arena);
        value_print(value, 0, &out);
    }
    diag_print_text(diagnostics, (DiagnosticStyle){0}, &out);
    text_fini(&out);
    session_close(session);
    free(copy);
    return 0;
}
