/* `base.name`: fields of records, attributes of resources, outputs of components, parts of addresses. */
#include <string.h>

#include "compiler/slice.h"
#include "compiler/state.h"
#include "lang/number.h"

/* `cidr.address` and the like: parts of values that are no records. */
static const Value *eval_part(Session *session, const Value *base, const Name *name, Span span) {
    if (base->kind != VALUE_CIDR)
        return NULL;
    Address *address = ARENA_NEW(session->arena, Address);
    *address = *base->as.address;
    Span origin = origin_of(session, span, base, NULL);
    if (!strcmp(name->text, "address")) {
        address->prefix = 0;
        return value_address(session->arena, origin, VALUE_IP, address);
    }
    if (!strcmp(name->text, "network")) {
        *address = address_network(base->as.address);
        return value_address(session->arena, origin, VALUE_CIDR, address);
    }
    if (!strcmp(name->text, "prefix"))
        return value_integer(session->arena, origin, VALUE_INT, base->as.address->prefix);
    return NULL;
}

const Name *position_name(Session *session, int32_t member) {
    enum { KEPT = sizeof session->members / sizeof *session->members };
    if (member < 0 || member >= KEPT)
        return name_intern(session->names, arena_printf(session->arena, "%d", (int)member));
    if (!session->members[member])
        session->members[member] = name_intern(session->names, arena_printf(session->arena, "%d", (int)member));
    return session->members[member];
}

/* The written members of a family as a map: `guest.net`. */
static const Value *family_value(Session *session, Instance *instance, const TypeField *attribute, Span span) {
    RecordBuilder builder = {.arena = session->arena};
    uint32_t count;
    Slot *slots = instance_family(instance, attribute, &count);
    record_reserve(&builder, count);
    for (uint32_t i = 0; i < count; i++) {
        Slot *slot = &slots[i];
        const Value *value = slot_value(session, slot);
        if (eval_suspended(session))
            return session->suspension;
        if (!value || value->kind == VALUE_POISON || value->kind == VALUE_UNSET)
            continue;
        const Name *key = position_name(session, slot->thunk.member);
        record_add(&builder, key, value, *slot->name_span, NULL);
    }
    return record_finish(&builder, span, NULL);
}

/* A resource that stands inside of this one has its name there alone: from outside the whole is waited for. */
static int inside_tell(Session *session, const Instance *instance, const Name *name, Diagnostic *d) {
    Str around = instance->head.address;
    for (uint32_t i = 0; i < session->instances.count; i++) {
        Str address = session->instances.items[i]->head.address;
        if (address.length <= around.length + name->length + 1 || address.text[around.length] != '/' || !slice_begins(address, around) ||
            !slice_ends(address, name_str(name)) || address.text[address.length - name->length - 1] != '.')
            continue;
        diag_help(session->diagnostics, d, "%.*s stands inside of it, and has a name there alone; who comes after %.*s comes after all that stands in it",
                  (int)address.length, address.text, (int)around.length, around.text);
        return 1;
    }
    return 0;
}

static const Value *instance_field(Session *session, Instance *instance, const Name *name, Span span) {
    int64_t member;
    const TypeField *attribute = schema_attribute(instance->schema, name, &member);
    if (!attribute) {
        int meta = meta_find(name);
        if (meta >= 0) {
            const Value *value = instance_meta(session, instance, (Meta)meta);
            if (value || eval_suspended(session))
                return value ? value : session->suspension;
            /* What is written inside of a resource stands on that one. */
            return meta == META_ON && instance->home.inside ? value_reference(session->arena, instance->origin, &instance->home.inside->head)
                                                            : value_none(session->arena, instance->origin);
        }
        if (name == session->words.identity)
            return value_string(session->arena, span, instance_identity(session, instance));
        Suggestion suggestion = suggestion_for(name_str(name));
        for (uint32_t i = 0; i < instance->schema->attribute_count; i++)
            type_field_suggest(&instance->schema->attributes[i], &suggestion);
        Diagnostic *d = diag_error(session->diagnostics, CODE_UNKNOWN_ATTRIBUTE, span, "`%s` has no attribute `%s`",
                                   instance->schema->name->text, name->text);
        if (!inside_tell(session, instance, name, d))
            suggestion_tell(&suggestion, session->diagnostics, d, span);
        return value_poison(session->arena, span, 0);
    }
    if (attribute->first <= attribute->last && member < 0)
        return family_value(session, instance, attribute, span);
    const Value *value = instance_attribute(session, instance, attribute, member);
    /* What is cleared is not there for who reads it. */
    if (value)
        return value->kind == VALUE_UNSET ? value_none(session->arena, value->origin) : value;
    if (!attribute->computed)
        return value_none(session->arena, instance->origin);
    const Value *have = session->facts && instance->identity.length
                            ? facts_get(session->facts, instance_place(session, instance) ? instance_place(session, instance)->head.address : STR(""),
                                        instance->schema, instance->identity)
                            : NULL;
    const Value *known = have ? record_get(have->as.record, name) : NULL;
    if (known)
        return known;
    return value_unknown(session->arena, span, HOLE_UNKNOWN,
                         arena_printf(session->arena, "%s of %s", name->text, instance->head.address.text));
}

static const Value *group_field(Session *session, Group *group, const Name *name, Span span) {
    Binding *binding = scope_find(group->outputs, name);
    if (binding)
        return binding_value(session, binding, span);
    Suggestion suggestion = suggestion_for(name_str(name));
    for (uint32_t i = 0; i < scope_count(group->outputs); i++) {
        const Name *candidate;
        scope_at(group->outputs, i, &candidate);
        suggestion_offer(&suggestion, name_str(candidate));
    }
    Diagnostic *d = diag_error(session->diagnostics, CODE_UNKNOWN_OUTPUT, span, "component `%s` has no output `%s`",
                               group->component->decl->name.name->text, name->text);
    diag_also(session->diagnostics, d, group->component->span, "declared here");
    if (!suggestion_tell(&suggestion, session->diagnostics, d, span))
        diag_help(session->diagnostics, d, "only what the component declares as `output` is visible from outside");
    return value_poison(session->arena, span, 0);
}

static const Value *record_missing(Session *session, const Value *base, const Name *name, Span span) {
    const Record *record = base->as.record;
    const Type *shape = record->shape;
    if (record->open || (shape && type_field(shape->fields, shape->field_count, name)))
        return value_none(session->arena, base->origin);
    Diagnostic *d;
    const Value *poison = eval_problem(session, CODE_NO_FIELD, span, NULL, &d, "there is no `%s` in this record", name->text);
    Suggestion suggestion = suggestion_for(name_str(name));
    for (uint32_t i = 0; i < record->count; i++)
        suggestion_offer(&suggestion, name_str(record->fields[i].name));
    for (uint32_t i = 0; shape && i < shape->field_count; i++)
        type_field_suggest(&shape->fields[i], &suggestion);
    diag_also(session->diagnostics, d, base->origin, "the record");
    suggestion_tell(&suggestion, session->diagnostics, d, span);
    return poison;
}

const Value *eval_field(Session *session, const Value *base, const Name *name, Span span, int safe) {
    Diagnostic *d;
    switch ((ValueKind)base->kind) {
    case VALUE_POISON:
    case VALUE_UNKNOWN:
        return base;
    case VALUE_NONE:
        if (safe)
            return base;
        base = eval_problem(session, CODE_NO_VALUE, span, base, &d, "there is no value here to take `%s` of", name->text);
        diag_help(session->diagnostics, d, "`a?.b` is `none` where `a` is `none`, and `a ?? b` puts `b` in its place");
        return base;
    case VALUE_REFERENCE:
        return referent_is_group(base->as.reference) ? group_field(session, GROUP(base->as.reference), name, span)
                                                     : instance_field(session, INSTANCE(base->as.reference), name, span);
    case VALUE_RECORD: {
        const Value *value = record_get(base->as.record, name);
        if (!value)
            return record_missing(session, base, name, span);
        return base->flags & VALUE_SECRET ? value_flagged(session->arena, value, VALUE_SECRET) : value;
    }
    case VALUE_UNSET: case VALUE_BOOL: case VALUE_INT: case VALUE_FLOAT: case VALUE_STRING: case VALUE_SIZE: case VALUE_DURATION:
    case VALUE_PERCENT: case VALUE_RATE: case VALUE_IP: case VALUE_CIDR: case VALUE_MAC: case VALUE_LIST:
        break;
    }
    const Value *part = eval_part(session, base, name, span);
    if (part)
        return part;
    return eval_problem(session, CODE_NO_FIELD, span, base, &d, "%s has no field `%s`", value_kind_phrase(base->kind), name->text);
}
