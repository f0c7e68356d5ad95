/* Computations with holes: made while evaluating, carried out while applying. */
#include "compiler/defer.h"

#include <string.h>

#include "compiler/state.h"

/* ---- what becomes of it ---- */

typedef struct FirstSecret {
    Str name;
} FirstSecret;

static void take_secret(void *context, Str name) {
    FirstSecret *first = context;
    if (!first->name.length)
        first->name = name;
}

/* Without this in front the text names an attribute or the like itself. */
static const Str COMPUTED = {"what is computed from ", sizeof "what is computed from " - 1};

/* The first unknown in a value, at any depth; NULL where all is known. Values are bounded in depth. */
static const Value *unknown_in(const Value *value) {
    const Value *found = value->kind == VALUE_UNKNOWN ? value : NULL;
    for (uint32_t i = 0; !found && value->kind == VALUE_LIST && i < value->as.list.count; i++)
        found = unknown_in(value->as.list.items[i]);
    for (uint32_t i = 0; !found && value->kind == VALUE_RECORD && i < value->as.record->count; i++)
        found = unknown_in(value->as.record->fields[i].value);
    return found;
}

static Str described(Session *session, const Value *const *values, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        const Value *unknown = values[i] ? unknown_in(values[i]) : NULL;
        if (!unknown)
            continue;
        Str text = unknown->as.unknown->text;
        if (text.length > COMPUTED.length && !memcmp(text.text, COMPUTED.text, COMPUTED.length))
            return text;
        return arena_printf(session->arena, "%s%.*s", COMPUTED.text, (int)text.length, text.text);
    }
    return arena_printf(session->arena, "%sparts", COMPUTED.text);
}

static const Value *defer(Session *session, Span origin, Deferral deferral) {
    Deferral *kept = ARENA_NEW(session->arena, Deferral);
    const Value **values = ARENA_ARRAY(session->arena, const Value *, deferral.count + 1);
    if (deferral.count)
        memcpy(values, deferral.values, deferral.count * sizeof *values);
    *kept = deferral;
    kept->values = values;
    FirstSecret secret = {0};
    for (uint32_t i = 0; i < deferral.count; i++)
        if (values[i])
            secrets_each(values[i], take_secret, &secret);
    return value_deferred(session->arena, origin, secret.name.length ? HOLE_SECRET : HOLE_UNKNOWN,
                          secret.name.length ? secret.name : described(session, values, deferral.count), kept);
}

const Value *defer_call(Session *session, const Builtin *builtin, const Expr *expr, const Value *const *values, uint32_t count) {
    return defer(session, expr->span, (Deferral){DEFER_CALL, builtin, expr, values, count});
}

const Value *defer_operator(Session *session, const Expr *expr, const Value *left, const Value *right) {
    return defer(session, expr->span, (Deferral){DEFER_OPERATOR, NULL, expr, (const Value *[]){left, right}, 2});
}

/* ---- texts ---- */

static void parts_text(Session *session, Parts *parts, Text *text) {
    if (!text->length)
        return;
    VECTOR_PUSH(session->arena, parts, value_string(session->arena, SPAN_NONE, arena_str(session->arena, text_str(text))));
    text_clear(text);
}

static const Deferral *text_of(const Value *value) {
    const Deferral *deferral = value->kind == VALUE_UNKNOWN ? value->as.unknown->deferral : NULL;
    return deferral && deferral->kind == DEFER_TEXT ? deferral : NULL;
}

void parts_add(Session *session, Parts *parts, Text *text, const Value *unknown) {
    const Deferral *inner = text_of(unknown);
    parts_text(session, parts, text);
    /* A text in a text is one text. */
    for (uint32_t i = 0; inner && i < inner->count; i++)
        VECTOR_PUSH(session->arena, parts, inner->values[i]);
    if (!inner)
        VECTOR_PUSH(session->arena, parts, unknown);
}

const Value *parts_value(Session *session, Parts *parts, Text *text, Span origin) {
    parts_text(session, parts, text);
    if (parts->count == 1)
        return parts->items[0];
    return defer(session, origin, (Deferral){DEFER_TEXT, NULL, NULL, parts->items, parts->count});
}

const Value *parts_list(Session *session, const Value *value) {
    const Deferral *text = text_of(value);
    return text ? value_list(session->arena, value->origin, text->values, text->count) : value;
}

/* ---- carrying out ---- */

static const Value *force_list(Session *session, const Value *value, DeferFill *fill) {
    const Value **items = ARENA_ARRAY(session->arena, const Value *, value->as.list.count + 1);
    for (uint32_t i = 0; i < value->as.list.count; i++) {
        items[i] = defer_force(session, value->as.list.items[i], fill);
        if (!items[i])
            return NULL;
    }
    return value_list(session->arena, value->origin, items, value->as.list.count);
}

static const Value *force_record(Session *session, const Value *value, DeferFill *fill) {
    const Record *record = value->as.record;
    Field *fields = ARENA_ARRAY(session->arena, Field, record->count + 1);
    for (uint32_t i = 0; i < record->count; i++) {
        fields[i] = record->fields[i];
        fields[i].value = defer_force(session, fields[i].value, fill);
        if (!fields[i].value)
            return NULL;
    }
    return value_record(session->arena, value->origin, record->tag, fields, record->count);
}

static const Value *force_text(Session *session, const Value *const *values, uint32_t count, Span origin) {
    Text text = {0};
    uint8_t flags = 0;
    int good = 1;
    for (uint32_t i = 0; i < count && good; i++)
        good = value_to_text(session, values[i], origin, &text, &flags);
    const Value *result = good ? value_string(session->arena, origin, arena_str(session->arena, text_str(&text))) : NULL;
    text_fini(&text);
    return result;
}

static const Value *force_deferral(Session *session, const Deferral *deferral, Span origin, DeferFill *fill) {
    const Value **values = ARENA_ARRAY(session->arena, const Value *, deferral->count + 1);
    for (uint32_t i = 0; i < deferral->count; i++) {
        values[i] = deferral->values[i] ? defer_force(session, deferral->values[i], fill) : NULL;
        if (deferral->values[i] && !values[i])
            return NULL;
    }
    const Value *result = NULL;
    switch (deferral->kind) {
    case DEFER_TEXT: return force_text(session, values, deferral->count, origin);
    case DEFER_CALL: {
        Call call = {session, deferral->expr, NULL, values, deferral->count, NULL};
        result = deferral->builtin->call(&call);
        break;
    }
    case DEFER_OPERATOR: result = operator_apply(session, deferral->expr, values[0], values[1]); break;
    }
    return result->kind == VALUE_POISON ? NULL : result;
}

/* Values are bounded in depth, and so is what is computed from them: by the nesting of expressions and functions. */
const Value *defer_force(Session *session, const Value *value, DeferFill *fill) {
    switch ((ValueKind)value->kind) {
    case VALUE_UNKNOWN:
        return value->as.unknown->deferral ? force_deferral(session, value->as.unknown->deferral, value->origin, fill) : fill(session, value);
    case VALUE_LIST: return force_list(session, value, fill);
    case VALUE_RECORD: return force_record(session, value, fill);
    case VALUE_POISON: return NULL;
    case VALUE_NONE: case VALUE_UNSET: case VALUE_BOOL: case VALUE_INT: case VALUE_FLOAT: case VALUE_STRING: case VALUE_SIZE: case VALUE_DURATION:
    case VALUE_PERCENT: case VALUE_RATE: case VALUE_IP: case VALUE_CIDR: case VALUE_MAC: case VALUE_REFERENCE:
        break;
    }
    return value;
}

void secrets_each(const Value *value, void (*visit)(void *context, Str name), void *context) {
    if (value->kind == VALUE_UNKNOWN) {
        const Deferral *deferral = value->as.unknown->deferral;
        if (!deferral && value->hole == HOLE_SECRET)
            visit(context, value->as.unknown->text);
        for (uint32_t i = 0; deferral && i < deferral->count; i++)
            if (deferral->values[i])
                secrets_each(deferral->values[i], visit, context);
    }
    for (uint32_t i = 0; value->kind == VALUE_LIST && i < value->as.list.count; i++)
        secrets_each(value->as.list.items[i], visit, context);
    for (uint32_t i = 0; value->kind == VALUE_RECORD && i < value->as.record->count; i++)
        secrets_each(value->as.record->fields[i].value, visit, context);
}

const Deferral *deferral_keep(Session *session, const Deferral *deferral) {
    if (!arena_owns(session->scratch, deferral))
        return deferral;
    Deferral *copy = ARENA_NEW(session->permanent, Deferral);
    const Value **values = ARENA_ARRAY(session->permanent, const Value *, deferral->count + 1);
    for (uint32_t i = 0; i < deferral->count; i++)
        values[i] = deferral->values[i] ? value_keep(session, deferral->values[i]) : NULL;
    *copy = *deferral;
    copy->values = values;
    return copy;
}
