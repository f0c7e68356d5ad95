/* A JSON object about a program to that program's outcome. */
#include "runtime/unwrap.h"

#include "lang/json.h"

static const Value *member(Names *names, const Record *record, Str name) {
    const Name *found = name.length ? name_find(names, name) : NULL;
    return found ? record_get(record, found) : NULL;
}

static void text_take(const Value *value, Text *out) {
    text_clear(out);
    if (value && value->kind == VALUE_STRING)
        text_add(out, value->as.string);
}

static void refuse(Outcome *outcome, const char *why) {
    outcome->kind = OUTCOME_EXIT;
    text_add(&outcome->problem, str_of(why));
}

void outcome_unwrap(const Unwrap *unwrap, Outcome *outcome) {
    if (!unwrap->code.length || outcome->kind != OUTCOME_OK)
        return;
    Arena *arena = arena_open();
    Names *names = names_new(arena);
    Str error;
    const Value *told = json_read_at(arena, names, text_str(&outcome->out), SPAN_NONE, &error);
    const Value *code = told && told->kind == VALUE_RECORD ? member(names, told->as.record, unwrap->code) : NULL;
    if (!told || told->kind != VALUE_RECORD) {
        refuse(outcome, "what it printed of the program that it ran is no JSON object");
    } else if (!code || code->kind != VALUE_INT) {
        refuse(outcome, "the program that it ran has not ended");
    } else {
        text_take(member(names, told->as.record, unwrap->errors), &outcome->err);
        text_take(member(names, told->as.record, unwrap->output), &outcome->out);
        if (code->as.integer) {
            outcome->kind = OUTCOME_EXIT;
            outcome->code = code->as.integer > 0 && code->as.integer < 256 ? (int)code->as.integer : 255;
            text_addf(&outcome->problem, "exit code %lld", (long long)code->as.integer);
        }
    }
    arena_close(arena);
}
