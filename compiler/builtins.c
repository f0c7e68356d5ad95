/* What the functions in C share: results, arguments and limits. */
#include "compiler/builtins.h"

const Value *call_text(const Call *call, Str text) {
    return call_value(call, value_string(call->session->arena, call->expr->span, text));
}

const Value *call_number(const Call *call, int64_t integer) {
    return call_value(call, value_integer(call->session->arena, call->expr->span, VALUE_INT, integer));
}

const Value *call_truth(const Call *call, int boolean) {
    return call_value(call, value_bool(call->session->arena, call->expr->span, boolean));
}

const Value *call_none(const Call *call) {
    return value_none(call->session->arena, call->expr->span);
}

const Value *call_checked(const Call *call, const Value *value) {
    Diagnostic *d;
    if (value->kind == VALUE_POISON)
        return eval_problem(call->session, CODE_CALL_RANGE, call->expr->span, NULL, &d, "the result is nested too deep or holds too many values");
    return call_value(call, value);
}

const Value *call_too_long(const Call *call) {
    Diagnostic *d;
    return eval_problem(call->session, CODE_CALL_RANGE, call->expr->span, NULL, &d, "the text would be longer than %d MiB", CALL_TEXT_LIMIT / 1024 / 1024);
}

const Value *call_written(const Call *call, Text *text) {
    const Value *result =
        text->length > CALL_TEXT_LIMIT ? call_too_long(call) : call_text(call, arena_str(call->session->arena, text_str(text)));
    text_fini(text);
    return result;
}

const Value *call_refuse(const Call *call, uint32_t index, const char *wants) {
    const Value *value = call->values[index];
    Diagnostic *d;
    return eval_problem(call->session, CODE_WRONG_KIND, call_span(call, index), value, &d, "`%s` wants %s, not %s",
                        dotted_name(call->session, call->expr->as.call.callee)->text, wants, value_kind_phrase((ValueKind)value->kind));
}

const Record *call_record(const Call *call, uint32_t index) {
    const Value *value = call->values[index];
    if (value->kind == VALUE_RECORD)
        return value->as.record;
    call_refuse(call, index, "a map or record");
    return NULL;
}

const Value *call_unready(const Value *const *items, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        if (items[i]->kind == VALUE_POISON || items[i]->kind == VALUE_UNKNOWN)
            return items[i];
    return NULL;
}

uint8_t call_flags(const Value *const *items, uint32_t count) {
    uint8_t flags = 0;
    for (uint32_t i = 0; i < count; i++)
        flags |= items[i]->flags & VALUE_SECRET;
    return flags;
}

void call_spend(const Call *call, uint64_t steps) {
    call->session->steps += steps;
}
