/* Functions of checks. */
#include "compiler/builtins.h"
#include "compiler/codec.h"

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

static int writes(const Instance *instance, const TypeField *attribute) {
    for (uint32_t i = 0; i < instance->slot_count; i++)
        if (instance->slots[i].attribute == attribute)
            return 1;
    return 0;
}

/* Few of many resources write most attributes: to ask for those costs a fraction of looking at the attribute of each. */
static const Value *call_writing(const Call *call) {
    Session *session = call->session;
    const Value *const *resources;
    uint32_t count;
    Str name;
    if (!call_list(call, 0, &resources, &count) || !call_string(call, 1, &name))
        return call_poison(call);
    VECTOR(const Value *) found = {0};
    const Schema *schema = NULL;
    const TypeField *attribute = NULL;
    for (uint32_t i = 0; i < count; i++) {
        if (resources[i]->kind != VALUE_REFERENCE || referent_is_group(resources[i]->as.reference))
            return call_refuse(call, 0, "a list of resources");
        Instance *instance = INSTANCE(resources[i]->as.reference);
        if (instance->schema != schema) {
            int64_t member;
            schema = instance->schema;
            attribute = schema_attribute(schema, name_intern(session->names, name), &member);
        }
        if (!attribute) {
            diag_error(session->diagnostics, CODE_UNKNOWN_ATTRIBUTE, call->expr->span, "`%s` has no attribute `%.*s`", schema->name->text, (int)name.length, name.text);
            return value_poison(session->arena, call->expr->span, 0);
        }
        if (!schema->written[attribute->number])
            continue;
        instance_flatten(session, instance);
        if (writes(instance, attribute))
            VECTOR_PUSH(session->arena, &found, resources[i]);
    }
    return value_list(session->arena, call->expr->span, found.items, found.count);
}

/* Whether it is one is no secret. */
static const Value *call_is_secret(const Call *call) {
    return value_bool(call->session->arena, call->expr->span, codec_holds_secret(call->values[0]));
}

const Builtin builtins_lint[] = {
    {"at", "at(value: json, message: string, also?: json, of?: resource): finding",
     "A finding at the place where a value was written (or a resource stands); `also` is a second place, `of` the resource that falls with it.", "", call_at, 0, BUILTIN_ASK},
    {"writing", "writing(resources: [resource], attribute: string): [resource]",
     "Those of the resources whose text writes the attribute.", "", call_writing, 0, 0},
    {"is_secret", "is_secret(value: T): bool", "Is the value a secret, or made of one?", "", call_is_secret, 0, BUILTIN_ASK},
};
const uint32_t builtins_lint_count = sizeof builtins_lint / sizeof *builtins_lint;
