/* What a host has and nobody can read: findings beside the plan, which goes on with what is wanted. */
#include "compiler/compare.h"
#include "compiler/state.h"

/* A decoder leaves a text that does not fit its type as it is. */
static int value_is_read(const Type *type, const Value *value) {
    if (value->kind == VALUE_NONE || value->kind == VALUE_POISON || value->kind == VALUE_UNKNOWN)
        return 1;
    switch ((TypeKind)type->kind) {
    case TYPE_BOOL: case TYPE_INT: case TYPE_FLOAT: case TYPE_SIZE: case TYPE_DURATION: case TYPE_PERCENT: case TYPE_RATE: case TYPE_IP:
    case TYPE_CIDR: case TYPE_MAC:
        return value->kind == (uint8_t)type_value_kind(type);
    case TYPE_LITERAL: return value_equal(type->literal, value);
    case TYPE_RECORD: return value->kind == VALUE_RECORD;
    case TYPE_LIST:
        for (uint32_t i = 0; value->kind == VALUE_LIST && i < value->as.list.count; i++)
            if (!value_is_read(type->element, value->as.list.items[i]))
                return 0;
        return value->kind == VALUE_LIST;
    case TYPE_UNION:
        for (uint32_t i = 0; i < type->member_count; i++)
            if (value_is_read(type->members[i], value))
                return 1;
        return 0;
    case TYPE_POISON: case TYPE_JSON: case TYPE_STRING: case TYPE_MAP: case TYPE_TAGGED: case TYPE_REFERENCE:
        break;
    }
    return 1;
}

static void report(Session *session, const Instance *instance, const char *attribute, const char *part, const Type *type, const Value *value, Str where) {
    Text have = {0}, wanted = {0};
    value_print(value, 80, &have);
    type_print(type, &wanted);
    Diagnostic *diagnostic = diag_warning(session->diagnostics, CODE_UNREAD, value->origin, "`%s%s%s` of %.*s can't be read: it is %s %.*s", attribute,
                                          *part ? "." : "", part, (int)instance->head.address.length, instance->head.address.text, have.bytes,
                                          (int)where.length, where.text);
    diag_note(session->diagnostics, diagnostic, "it should be %s; it counts as different from what is wanted", wanted.bytes);
    text_fini(&have);
    text_fini(&wanted);
}

/* A resource's attribute, or of a property string the sub-keys that the resource writes. */
static void check_attribute(Session *session, Instance *instance, const Slot *slot, const Value *want, const Value *value, const char *name, Str where) {
    const Type *type = slot->attribute->type;
    if (!value_is_read(type, value)) {
        report(session, instance, name, "", type, value, where);
        return;
    }
    for (uint32_t i = 0; type->kind == TYPE_RECORD && want->kind == VALUE_RECORD && i < want->as.record->count; i++) {
        const Name *key = want->as.record->fields[i].name;
        const TypeField *field = type_field(type->fields, type->field_count, key);
        const Value *part = record_get(value->as.record, key);
        if (field && part && field->change != CHANGE_CREATE && !value_is_read(field->type, part))
            report(session, instance, name, key->text, field->type, part, where);
    }
}

/* What the host's own programs pass over too. */
static void check_ignored(Session *session, const Instance *instance, const TypeField *attribute, const Value *value) {
    const Value *const *items = value->kind == VALUE_LIST ? value->as.list.items : &value;
    uint32_t count = value->kind == VALUE_LIST ? value->as.list.count : 1;
    for (uint32_t i = 0; i < count; i++) {
        Text text = {0};
        value_print(items[i], 80, &text);
        diag_warning(session->diagnostics, CODE_UNREAD, items[i]->origin, "of %.*s the host has %s: %.*s", (int)instance->head.address.length,
                     instance->head.address.text, text.bytes, (int)attribute->ignored.length, attribute->ignored.text);
        text_fini(&text);
    }
}

void unread_report(Session *session, Instance *instance, const Value *have, Str where) {
    const Schema *schema = instance->schema;
    for (uint32_t i = 0; i < instance->slot_count; i++) {
        Slot *slot = &instance->slots[i];
        if (slot->attribute->change == CHANGE_CREATE)
            continue;
        Str name = slot_name(session, slot);
        const Name *key = name_find(session->names, name);
        const Value *value = key ? record_get(have->as.record, key) : NULL;
        const Value *want = value ? slot_value(session, slot) : NULL;
        if (want)
            check_attribute(session, instance, slot, want, value, name.text, where);
    }
    for (uint32_t i = 0; i < schema->attribute_count; i++) {
        const TypeField *attribute = &schema->attributes[i];
        const Value *value = attribute->computed && attribute->ignored.length ? record_get(have->as.record, attribute->name) : NULL;
        if (value)
            check_ignored(session, instance, attribute, value);
    }
}
