/* Objects that a test takes for granted: as the site writes them, but for what the test says. */
#include "compiler/codec.h"
#include "compiler/decode.h"
#include "compiler/facts.h"
#include "compiler/ownership.h"
#include "compiler/state.h"
#include "compiler/test.h"

static Instance *instance_at(Session *session, const Field *field) {
    Suggestion suggestion = suggestion_for(name_str(field->name));
    for (uint32_t i = 0; i < session->instances.count; i++) {
        Instance *instance = session->instances.items[i];
        if (str_equal(instance->head.address, name_str(field->name)))
            return instance;
        suggestion_offer(&suggestion, instance->head.address);
    }
    Diagnostic *d = diag_error(session->diagnostics, CODE_NO_SUCH_ADDRESS, field->span.file ? field->span : field->value->origin, "the site has no resource %s",
                               field->name->text);
    if (suggestion.best.length)
        diag_help(session->diagnostics, d, "did you mean \"%.*s\"?", (int)suggestion.best.length, suggestion.best.text);
    return NULL;
}

/* A wanted value as a host would give it back: resources by their names there. */
static const Value *value_found(Session *session, const Value *value) {
    if (value->kind == VALUE_REFERENCE && !referent_is_group(value->as.reference))
        return value_string(session->arena, value->origin, instance_identity(session, INSTANCE(value->as.reference)));
    if (value->kind == VALUE_LIST) {
        const Value **items = ARENA_ARRAY(session->arena, const Value *, value->as.list.count + 1);
        for (uint32_t i = 0; i < value->as.list.count; i++)
            items[i] = value_found(session, value->as.list.items[i]);
        return value_list(session->arena, value->origin, items, value->as.list.count);
    }
    if (value->kind != VALUE_RECORD)
        return value;
    RecordBuilder builder = {.arena = session->arena};
    for (uint32_t i = 0; i < value->as.record->count; i++) {
        const Field *field = &value->as.record->fields[i];
        record_add(&builder, field->name, value_found(session, field->value), field->span, NULL);
    }
    return record_finish_open(&builder, value->origin, value->as.record->tag);
}

/* What the test gives an attribute; NULL after a report. */
static const Value *attribute_given(Session *session, const Instance *instance, const Field *field) {
    int64_t member;
    const TypeField *attribute = schema_attribute(instance->schema, field->name, &member);
    if (!attribute) {
        Suggestion suggestion = suggestion_for(name_str(field->name));
        for (uint32_t i = 0; i < instance->schema->attribute_count; i++)
            suggestion_offer(&suggestion, name_str(instance->schema->attributes[i].name));
        Diagnostic *d = diag_error(session->diagnostics, CODE_UNKNOWN_ATTRIBUTE, field->span, "%s has no attribute `%s`", instance->schema->name->text, field->name->text);
        if (suggestion.best.length)
            diag_help(session->diagnostics, d, "did you mean `%.*s`?", (int)suggestion.best.length, suggestion.best.text);
        return NULL;
    }
    if (field->value->kind == VALUE_NONE || field->value->kind == VALUE_POISON)
        return field->value->kind == VALUE_NONE ? field->value : NULL;
    Use use = {.what = arena_printf(session->arena, "`%s`", field->name->text), .span = field->span};
    const Value *value = type_accept(session, attribute->type, field->value, &use);
    return value->kind == VALUE_POISON ? NULL : value;
}

/* As written, where the test does not say otherwise. Secrets are not in facts. */
static void attributes_wanted(Session *session, Instance *instance, const Record *given, RecordBuilder *builder) {
    for (uint32_t i = 0; i < instance->slot_count; i++) {
        const Slot *slot = &instance->slots[i];
        const Value *value = slot_value(session, &instance->slots[i]);
        const Name *name = name_intern(session->names, slot_name(session, slot));
        if (!value || value->kind == VALUE_UNSET || value->kind == VALUE_POISON || value->kind == VALUE_UNKNOWN || codec_holds_secret(value) || record_get(given, name))
            continue;
        if (slot->attribute->codec.digest && value->kind == VALUE_STRING)
            value = value_string(session->arena, value->origin, codec_digest(session->arena, value->as.string));
        record_add(builder, name, value_found(session, value), *slot->name_span, NULL);
    }
    /* What an attribute is where nothing is written is wanted as well; a name that was written is there already. */
    for (uint32_t i = 0; i < instance->schema->attribute_count; i++) {
        const TypeField *attribute = &instance->schema->attributes[i];
        if (!attribute->fallback || attribute->host_default || attribute->computed || record_get(given, attribute->name))
            continue;
        const Value *value = instance_attribute(session, instance, attribute, -1);
        if (value && value->kind != VALUE_NONE && value->kind != VALUE_POISON && value->kind != VALUE_UNKNOWN && !codec_holds_secret(value))
            record_add(builder, attribute->name, value_found(session, value), instance->origin, NULL);
    }
}

static int object_put(Session *session, Instance *instance, const Value *given, Span span) {
    const Record *record = given->as.record;
    const Schema *schema = instance->schema;
    const Instance *stands = instance_place(session, instance);
    Str place = stands ? stands->head.address : STR("");
    RecordBuilder builder = {.arena = session->permanent};
    for (uint32_t i = 0; i < record->count; i++) {
        const Value *value = attribute_given(session, instance, &record->fields[i]);
        if (!value)
            return 0;
        if (value->kind != VALUE_NONE && (!schema->stamp || record->fields[i].name != schema->stamp->name))
            record_add(&builder, record->fields[i].name, value_found(session, value), record->fields[i].span, NULL);
    }
    attributes_wanted(session, instance, record, &builder);
    if (schema->stamp) {
        const Value *own = record_get(record, schema->stamp->name), *written = instance_attribute(session, instance, schema->stamp, -1);
        const Value *text = own ? own : written;
        const Value *stamped = ownership_stamped(session, instance, text && text->kind == VALUE_STRING ? text : NULL);
        for (uint32_t i = 0; i < builder.fields.count; i++)
            if (builder.fields.items[i].name == schema->stamp->name)
                builder.fields.items[i].value = stamped;
        record_add(&builder, schema->stamp->name, stamped, span, NULL);
    } else
        facts_own(session->facts, place, facts_owned_line(session->arena, name_str(schema->name), instance->identity, instance->head.address));
    facts_put(session->facts, place, schema, instance->identity, record_finish_open(&builder, span, NULL));
    return 1;
}

int test_objects(Session *session, const Value *objects, Span span) {
    if (objects->kind != VALUE_RECORD) {
        if (objects->kind != VALUE_POISON)
            diag_error(session->diagnostics, CODE_TEST, span, "facts are `none`, the path of a facts file, or a map of addresses, not %s",
                       value_kind_phrase((ValueKind)objects->kind));
        return 0;
    }
    int good = 1;
    for (uint32_t i = 0; i < objects->as.record->count; i++) {
        const Field *field = &objects->as.record->fields[i];
        Instance *instance = instance_at(session, field);
        if (instance && field->value->kind != VALUE_RECORD)
            diag_error(session->diagnostics, CODE_TEST, field->value->origin, "an object is a record of attributes: `{}` where all is as written");
        good &= instance && field->value->kind == VALUE_RECORD && object_put(session, instance, field->value, span);
    }
    return good;
}
