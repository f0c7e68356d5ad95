/* What stands on a host and not in the text, as if the text had it. */
#include "compiler/found.h"

#include "compiler/codec.h"
#include "compiler/planner.h"

Str found_pattern(Session *session, const Schema *schema) {
    const Expr *rule = schema->rules[RULE_IDENTITY];
    Text text = {0};
    uint32_t count = rule && rule->kind == EXPR_TEXT ? rule->as.list.count : rule ? 1 : 0;
    int simple = 1;
    for (uint32_t i = 0; i < count && simple; i++) {
        const Expr *part = rule->kind == EXPR_TEXT ? rule->as.list.items[i] : rule;
        if (part->kind == EXPR_LITERAL && part->as.value->kind == VALUE_STRING)
            text_add(&text, part->as.value->as.string);
        else if (part->kind == EXPR_NAME)
            text_addf(&text, "{%s}", part->as.name->text);
        else
            simple = 0;
    }
    Str pattern = simple ? arena_str(session->arena, text_str(&text)) : STR("");
    text_fini(&text);
    return pattern;
}

const Value *found_attributes(Session *session, const Schema *schema, Str identity, const Value *have) {
    Str names[IDENTITY_FIELD_LIMIT], values[IDENTITY_FIELD_LIMIT];
    Field fields[IDENTITY_FIELD_LIMIT];
    uint32_t count = 0, kept = 0;
    if (!pattern_match(found_pattern(session, schema), identity, names, values, &count, IDENTITY_FIELD_LIMIT))
        count = 0;
    for (uint32_t i = 0; i < count; i++) {
        const Name *name = name_intern(session->names, names[i]);
        int64_t member;
        const TypeField *attribute = schema_attribute(schema, name, &member);
        if (!attribute || record_get(have->as.record, name))
            continue;
        const Value *value = codec_decode(session, attribute->type, &attribute->codec, values[i], have->origin);
        fields[kept++] = (Field){name, value ? value : value_string(session->arena, have->origin, values[i]), have->origin};
    }
    return record_overlay(session, have, fields, kept);
}

static const Expr GIVEN = {.kind = EXPR_POISON};    /* marks what has its value already as written */

void instance_put(Session *session, Instance *instance, const Instance *place) {
    Arena *arena = session->arena;
    MetaSlot *slots = ARENA_ARRAY(arena, MetaSlot, (size_t)instance->meta_count + 1);
    uint32_t count = 0;
    for (uint32_t i = 0; i < instance->meta_count; i++)
        if (instance->meta[i].meta != META_ON)
            slots[count++] = instance->meta[i];
    slots[count++] = (MetaSlot){{.expr = &GIVEN, .value = value_reference(arena, SPAN_NONE, &place->head), .state = THUNK_DONE}, META_ON};
    instance->meta = slots;
    instance->meta_count = (uint8_t)count;
}

Instance *found_instance(Session *session, const Schema *schema, const Instance *place, Str address, Str identity, const Value *attributes) {
    Arena *arena = session->arena;
    Instance *instance = ARENA_NEW(arena, Instance);
    instance->head.address = address;
    instance->schema = schema;
    instance->frame = schema->frame;
    instance->identity = identity;
    instance->slots = ARENA_ARRAY(arena, Slot, attributes->as.record->count);
    for (uint32_t i = 0; i < attributes->as.record->count; i++) {
        const Field *field = &attributes->as.record->fields[i];
        Slot slot = {.name_span = &field->span, .thunk = {.expr = &GIVEN, .value = field->value, .state = THUNK_DONE}};
        int64_t member;
        slot.attribute = schema_attribute(schema, field->name, &member);
        slot.thunk.member = (int32_t)member;
        if (!slot.attribute)
            continue;
        uint32_t at = instance->slot_count++;
        for (; at && (instance->slots[at - 1].attribute->number > slot.attribute->number ||
                      (instance->slots[at - 1].attribute == slot.attribute && instance->slots[at - 1].thunk.member > slot.thunk.member)); at--)
            instance->slots[at] = instance->slots[at - 1];
        instance->slots[at] = slot;
    }
    if (place)
        instance_put(session, instance, place);
    return instance;
}
