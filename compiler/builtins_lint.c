/* Functions of checks. */
#include "compiler/state.h"

static const Value *call_at(const Call *call) {
    const Words *w = &call->session->words;
    const Name *const names[] = {w->value, w->message, w->also, w->of};
    Field *fields = ARENA_ARRAY(call->session->arena, Field, 4);
    uint32_t count = 0;
    for (uint32_t i = 0; i < 4; i++)
        if (call->values[i] && call->values[i]->kind != VALUE_NONE)
            fields[count++] = (Field){names[i], call->values[i], SPAN_NONE};
    return value_record(call->session->arena, call->expr->span, w->at, fields, count);
}

const Builtin builtins_lint[] = {
    {"at", "at(value: json, message: string, also?: json, of?: resource): finding",
     "A finding at the place where a value was written (or a resource stands); `also` is a second place, `of` the resource that falls with it.", "", call_at, 0, 0},
};
const uint32_t builtins_lint_count = sizeof builtins_lint / sizeof *builtins_lint;
