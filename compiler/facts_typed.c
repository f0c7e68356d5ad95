/* Attributes in a facts file, as JSON, to values of their types: sizes and addresses are strings there. */
#include "compiler/decode.h"
#include "compiler/facts_store.h"
#include "compiler/state.h"
#include "lang/number.h"

/* As with texts of hosts, a member of a union that fits as a whole goes before one that fits in part. */
typedef enum Fit { FIT_NONE, FIT_PARTLY, FIT_WHOLE } Fit;

typedef struct Typer {
    Session *session;
    Arena *arena;
    uint32_t depth;
} Typer;

static const Value *typed(Typer *t, const Type *type, const Value *json, Fit *fit);

/* ---- scalars ---- */

static const Value *typed_address(const Typer *t, ValueKind kind, const Value *json) {
    Address address = {0};
    if (!(kind == VALUE_IP ? ip_parse(json->as.string, &address) : cidr_parse(json->as.string, &address)))
        return NULL;
    Address *kept = ARENA_NEW(t->arena, Address);
    *kept = address;
    return value_address(t->arena, json->origin, kind, kept);
}

static const Value *typed_quantity(const Typer *t, ValueKind kind, const Value *json) {
    Number number = number_parse(json->as.string);
    if (number.status != NUMBER_OK || number.kind != kind)
        return NULL;
    return kind == VALUE_PERCENT ? value_number(t->arena, json->origin, kind, number.number)
                                 : value_integer(t->arena, json->origin, kind, number.integer);
}

/* JSON as a value of that kind, or NULL. */
static const Value *typed_scalar(const Typer *t, ValueKind kind, const Value *json) {
    int64_t mac;
    int is_text = json->kind == VALUE_STRING;
    switch (kind) {
    case VALUE_BOOL: case VALUE_INT: case VALUE_STRING: return json->kind == kind ? json : NULL;
    case VALUE_FLOAT:
        if (json->kind == VALUE_INT)
            return value_number(t->arena, json->origin, VALUE_FLOAT, (double)json->as.integer);
        return json->kind == VALUE_FLOAT ? json : NULL;
    case VALUE_SIZE: case VALUE_DURATION: case VALUE_PERCENT: case VALUE_RATE: return is_text ? typed_quantity(t, kind, json) : NULL;
    case VALUE_IP: case VALUE_CIDR: return is_text ? typed_address(t, kind, json) : NULL;
    case VALUE_MAC: return is_text && mac_parse(json->as.string, &mac) ? value_integer(t->arena, json->origin, VALUE_MAC, mac) : NULL;
    case VALUE_POISON: case VALUE_NONE: case VALUE_UNSET: case VALUE_UNKNOWN: case VALUE_LIST: case VALUE_RECORD: case VALUE_REFERENCE:
        break;
    }
    return NULL;
}

/* ---- lists, records, unions ---- */

/* What does not fit stays as it is. */
static const Value *typed_or_same(Typer *t, const Type *type, const Value *json, Fit *whole) {
    Fit fit;
    const Value *value = typed(t, type, json, &fit);
    if (fit != FIT_WHOLE)
        *whole = FIT_PARTLY;
    if (!value)
        value_open(json);
    return value ? value : json;
}

static const Value *typed_list(Typer *t, const Type *type, const Value *json, Fit *fit) {
    const Value **items = ARENA_ARRAY(t->arena, const Value *, json->as.list.count + 1);
    *fit = FIT_WHOLE;
    for (uint32_t i = 0; i < json->as.list.count; i++)
        items[i] = typed_or_same(t, type->element, json->as.list.items[i], fit);
    return value_list(t->arena, json->origin, items, json->as.list.count);
}

static const Value *typed_record(Typer *t, const Type *type, const Value *json, Fit *fit) {
    const Record *record = json->as.record;
    RecordBuilder builder = {.arena = t->arena};
    *fit = FIT_WHOLE;
    for (uint32_t i = 0; i < record->count; i++) {
        const Field *given = &record->fields[i];
        const TypeField *field = type->kind == TYPE_MAP ? NULL : type_field(type->fields, type->field_count, given->name);
        const Type *inner = type->kind == TYPE_MAP ? type->element : field ? field->type : NULL;
        if (inner)
            record_add(&builder, given->name, typed_or_same(t, inner, given->value, fit), given->span, NULL);
        else
            record_add(&builder, given->name, given->value, given->span, NULL);
        if (!inner)
            *fit = FIT_PARTLY;
    }
    for (uint32_t i = 0; i < type->field_count; i++)
        if (!type->fields[i].optional && !type->fields[i].fallback && !record_get(record, type->fields[i].name))
            *fit = FIT_PARTLY;
    return record_finish_open(&builder, json->origin, type->tag);
}

/* {"tag": {...}} */
static const Value *typed_tagged(Typer *t, const Type *type, const Value *json, Fit *fit) {
    const Value *inner = json->as.record->count == 1 ? record_get(json->as.record, type->tag) : NULL;
    *fit = FIT_NONE;
    if (!inner || inner->kind != VALUE_RECORD)
        return NULL;
    return typed_record(t, type, inner, fit);
}

static const Value *typed_union(Typer *t, const Type *type, const Value *json, Fit *fit) {
    const Value *best = NULL;
    *fit = FIT_NONE;
    for (uint32_t i = 0; i < type->member_count && *fit != FIT_WHOLE; i++) {
        Fit one;
        const Value *value = typed(t, type->members[i], json, &one);
        if (one > *fit) {
            *fit = one;
            best = value;
        }
    }
    return best;
}

static const Value *typed_one(Typer *t, const Type *type, const Value *json, Fit *fit) {
    static const ValueKind KINDS[] = {
        [TYPE_BOOL] = VALUE_BOOL,         [TYPE_INT] = VALUE_INT,         [TYPE_FLOAT] = VALUE_FLOAT, [TYPE_STRING] = VALUE_STRING,
        [TYPE_SIZE] = VALUE_SIZE,         [TYPE_DURATION] = VALUE_DURATION, [TYPE_PERCENT] = VALUE_PERCENT, [TYPE_RATE] = VALUE_RATE,
        [TYPE_IP] = VALUE_IP,             [TYPE_CIDR] = VALUE_CIDR,       [TYPE_MAC] = VALUE_MAC,     [TYPE_REFERENCE] = VALUE_STRING,
    };
    const Value *value = NULL;
    switch ((TypeKind)type->kind) {
    case TYPE_UNION: return typed_union(t, type, json, fit);
    case TYPE_LIST:
        if (json->kind == VALUE_LIST)
            return typed_list(t, type, json, fit);
        break;
    case TYPE_MAP: case TYPE_RECORD:
        if (json->kind == VALUE_RECORD)
            return typed_record(t, type, json, fit);
        break;
    case TYPE_TAGGED:
        if (json->kind == VALUE_RECORD)
            return typed_tagged(t, type, json, fit);
        break;
    case TYPE_JSON: case TYPE_POISON:
        value_open(json);
        value = json;
        break;
    case TYPE_LITERAL:
        value = typed_scalar(t, (ValueKind)type->literal->kind, json);
        value = value && value_equal(value, type->literal) ? value : NULL;
        break;
    case TYPE_BOOL: case TYPE_INT: case TYPE_FLOAT: case TYPE_STRING: case TYPE_SIZE: case TYPE_DURATION: case TYPE_PERCENT:
    case TYPE_RATE: case TYPE_IP: case TYPE_CIDR: case TYPE_MAC: case TYPE_REFERENCE:
        value = typed_scalar(t, KINDS[type->kind], json);
        break;
    }
    *fit = value ? FIT_WHOLE : FIT_NONE;
    return value;
}

static const Value *typed(Typer *t, const Type *type, const Value *json, Fit *fit) {
    *fit = FIT_NONE;
    if (t->depth >= TREE_DEPTH_LIMIT)
        return NULL;
    t->depth++;
    const Value *value = typed_one(t, type, json, fit);
    t->depth--;
    return value;
}

/* ---- objects ---- */

/* {"implicit": value} or {"explicit": value}: the second is for a value that would look like the first. */
static const Value *unwrap(const Value *json, uint8_t *flags) {
    const Record *record = json->kind == VALUE_RECORD ? json->as.record : NULL;
    *flags = 0;
    if (!record || record->count != 1)
        return json;
    int implicit = str_equal(name_str(record->fields[0].name), STR("implicit"));
    if (!implicit && !str_equal(name_str(record->fields[0].name), STR("explicit")))
        return json;
    *flags = implicit ? VALUE_IMPLICIT : 0;
    return record->fields[0].value;
}

const Value *facts_typed(Session *session, const Schema *schema, const Value *attributes) {
    Typer typer = {session, session->arena, 0};
    RecordBuilder builder = {.arena = session->arena};
    for (uint32_t i = 0; i < attributes->as.record->count; i++) {
        const Field *field = &attributes->as.record->fields[i];
        int64_t member;
        const TypeField *attribute = schema_attribute(schema, field->name, &member);
        uint8_t flags;
        Fit fit;
        const Value *json = unwrap(field->value, &flags);
        if (!attribute)
            continue;
        const Value *value = typed_or_same(&typer, attribute->type, json, &fit);
        record_add(&builder, field->name, value_flagged(session->arena, value, flags), field->span, NULL);
    }
    return record_finish_open(&builder, attributes->origin, NULL);
}

const Value *facts_typed_value(Session *session, const Type *type, const Value *json) {
    Typer typer = {session, session->arena, 0};
    Fit fit;
    return typed_or_same(&typer, type, json, &fit);
}
