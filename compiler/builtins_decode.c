/* Functions that read what programs print and files hold. */
#include "compiler/builtins.h"
#include "compiler/decode.h"
#include "compiler/regexp.h"

/* Everything that is decoded out of a text has the text's origin: that is where a finding about it belongs. */
static int decode_argument(const Call *call, Str *text, Span *origin) {
    *origin = call->values[0]->origin;
    call_spend(call, 1);
    return call_string(call, 0, text);
}

static const Value *decode_result(const Call *call, const Value *value) {
    const Value *result = call_checked(call, value);
    return result->kind == VALUE_POISON ? result : value_at(call->session->arena, result, value->origin);
}

static const Value *call_json(const Call *call) {
    Str text, error;
    Span origin;
    Diagnostic *d;
    if (!decode_argument(call, &text, &origin))
        return call_poison(call);
    const Value *value = decode_json(call->session->arena, call->session->names, text, origin, &error);
    if (!value)
        return eval_problem(call->session, CODE_CALL_JSON, call_span(call, 0), call->values[0], &d, "this text is no JSON: %.*s", (int)error.length,
                            error.text);
    return decode_result(call, value);
}

static const Value *call_lines(const Call *call) {
    Str text;
    Span origin;
    if (!decode_argument(call, &text, &origin))
        return call_poison(call);
    return decode_result(call, decode_lines(call->session->arena, text, origin));
}

static const Value *call_tsv(const Call *call) {
    Str text;
    Span origin;
    const Value *const *items;
    uint32_t count;
    Diagnostic *d;
    if (!decode_argument(call, &text, &origin) || !call_list(call, 1, &items, &count))
        return call_poison(call);
    RecordBuilder seen = {.arena = call->session->arena};
    const Name **names = ARENA_ARRAY(call->session->arena, const Name *, (size_t)count + 1);
    for (uint32_t i = 0; i < count; i++) {
        if (items[i]->kind == VALUE_STRING)
            names[i] = name_intern(call->session->names, items[i]->as.string);
        if (!names[i] || !record_add(&seen, names[i], items[i], items[i]->origin, NULL))
            return eval_problem(call->session, CODE_CALL_NAMES, call_span(call, 1), items[i], &d, "the columns of a table want names, each its own");
    }
    return decode_result(call, decode_tsv(call->session->arena, text, names, count, origin));
}

static const Value *call_sections(const Call *call) {
    Str text;
    Span origin;
    if (!decode_argument(call, &text, &origin))
        return call_poison(call);
    return decode_result(call, decode_sections(call->session->arena, call->session->names, text, origin));
}

static const Value *call_stanzas(const Call *call) {
    Str text;
    Span origin;
    if (!decode_argument(call, &text, &origin))
        return call_poison(call);
    return decode_result(call, decode_stanzas(call->session->arena, call->session->names, text, origin));
}

static const Value *call_property_string(const Call *call) {
    Str text;
    Span origin;
    if (!decode_argument(call, &text, &origin))
        return call_poison(call);
    return decode_result(call, decode_property_string(call->session->arena, call->session->names, text, origin));
}

static const Value *call_capture(const Call *call) {
    enum { GROUP_LIMIT = 32 };
    Str text, pattern, error, groups[GROUP_LIMIT];
    Span origin;
    uint32_t count = 0;
    Diagnostic *d;
    if (!decode_argument(call, &text, &origin) || !call_string(call, 1, &pattern))
        return call_poison(call);
    int matches = regexp_match(call->session, pattern, text, groups, GROUP_LIMIT, &count, &error);
    if (matches < 0)
        return eval_problem(call->session, CODE_CALL_REGEX, call_span(call, 1), call->values[1], &d,
                            "this is no POSIX extended regular expression: %.*s", (int)error.length, error.text);
    if (!matches)
        return call_none(call);
    const Value **items = ARENA_ARRAY(call->session->arena, const Value *, (size_t)count + 1);
    for (uint32_t i = 0; i < count; i++)
        items[i] = call_value(call, value_string(call->session->arena, origin, groups[i]));
    return decode_result(call, value_list(call->session->arena, origin, items, count));
}

static const Value *call_implicit(const Call *call) {
    return value_flagged(call->session->arena, call->values[0], VALUE_IMPLICIT);
}

const Builtin builtins_decode[] = {
    {"json", "json(text: string): json", "The value of a JSON text; a key that is not there reads as `none`.",
     "json('{\"a\": [1, 2]}').a[1] == 2", call_json, 0, 0},
    {"lines", "lines(text: string): [string]", "The lines without their ends.", "lines(\"a\\nb\\n\") == [\"a\", \"b\"]", call_lines, 0, 0},
    {"tsv", "tsv(text: string, names: [string]): [{string: string}]",
     "A record for each line of tab-separated fields; the last name takes the rest of the line.",
     "tsv(\"a\\t1\\n\", [\"name\", \"count\"])[0].count == \"1\"",
     call_tsv, 0, 0},
    {"sections",
     "sections(text: string): [{ name: string, note: string, keys: {string: string}, lines: [{ key: string, value: string, text: string }], comments: [string] }]",
     "The sections of a file of `key: value` or `key = value` lines under `[name] note` heads; the first has the name \"\".",
     "sections(\"a: 1\\n[b]\\na = 2\\n\")[1].keys.a == \"2\"", call_sections, 0, 0},
    {"stanzas", "stanzas(text: string): [{ type: string, id: string, keys: {string: string}, lines: [{ key: string, value: string }] }]",
     "The stanzas of a file of `type: id` or `id` lines, each followed by indented `key value` lines; an empty line ends one.",
     "stanzas(\"dir: local\\n\\tpath /srv\\n\")[0].keys.path == \"/srv\"", call_stanzas, 0, 0},
    {"property_string", "property_string(text: string): {string: string}", "The keys of `a,k=v,k=v`; the part without a key under \"\".",
     "property_string(\"x,size=1G\").size == \"1G\"", call_property_string, 0, 0},
    {"capture", "capture(text: string, regex: string): [string]",
     "What the groups of a POSIX extended regular expression matched first; `none` where it does not match.",
     "capture(\"db-7.conf\", '^(.*)-([0-9]+)') == [\"db\", \"7\"]", call_capture, 0, 0},
    {"implicit", "implicit(value: T): T", "The value, marked as one that the host says by default and nobody set.",
     "implicit(\"on\") == \"on\"", call_implicit, 0, 0},
};
const uint32_t builtins_decode_count = sizeof builtins_decode / sizeof *builtins_decode;
