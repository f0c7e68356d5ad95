/* Objects that carry this site's stamp and are no longer in the text: found among the facts, reported, or made into items to remove. */
#include "compiler/planner.h"

#include <string.h>

#include "compiler/codec.h"
#include "compiler/decode.h"

enum { IDENTITY_FIELD_LIMIT = 16 };

typedef struct Search {
    Planning *planning;
    ItemVector *items;
} Search;

/* ---- an instance that stands for an orphan ---- */

/* The identity rule as a pattern, "{pool}/{path}"; empty where it is more than attributes and literal text: then the attributes in it
   stay unknown. */
static Str identity_pattern(Session *session, const Schema *schema) {
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

const Value *orphan_attributes(Session *session, const Schema *schema, Str identity, const Value *have) {
    Str names[IDENTITY_FIELD_LIMIT], values[IDENTITY_FIELD_LIMIT];
    Field fields[IDENTITY_FIELD_LIMIT];
    uint32_t count = 0, kept = 0;
    if (!pattern_match(identity_pattern(session, schema), identity, names, values, &count, IDENTITY_FIELD_LIMIT))
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

/* Rules are evaluated for it as for a resource whose text says what the host has. */
Instance *orphan_instance(Session *session, const Schema *schema, const Instance *place, Str address, Str identity, const Value *attributes) {
    Arena *arena = session->arena;
    static const Expr written = {.kind = EXPR_POISON};    /* marks a meta-attribute as given; its value is there already */
    Instance *instance = ARENA_NEW(arena, Instance);
    instance->head.address = address;
    instance->absent = 1;
    instance->schema = schema;
    instance->frame = schema->frame;
    instance->identity = identity;
    instance->slots = ARENA_ARRAY(arena, Slot, attributes->as.record->count);
    for (uint32_t i = 0; i < attributes->as.record->count; i++) {
        const Field *field = &attributes->as.record->fields[i];
        Slot slot = {.name_span = &field->span, .thunk = {.expr = &written, .value = field->value, .state = THUNK_DONE}};
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
    if (place) {
        instance->meta = ARENA_NEW(arena, MetaSlot);
        *instance->meta = (MetaSlot){{.expr = &written, .value = value_reference(arena, SPAN_NONE, &place->head), .state = THUNK_DONE}, META_ON};
        instance->meta_count = 1;
    }
    return instance;
}

/* ---- finding ---- */

static int is_named(const Str *addresses, size_t count, Str address) {
    for (size_t i = 0; i < count; i++)
        if (str_equal(addresses[i], address))
            return 1;
    return 0;
}

/* With --only and --skip, orphans are among what is chosen by the addresses that their stamps say. */
static int is_pruned(const PlanOptions *options, Str address) {
    return options->prune && (!options->only_count || is_named(options->only, options->only_count, address)) &&
           !is_named(options->skip, options->skip_count, address);
}

static Str kept_reason(Planning *planning, int64_t now) {
    if (planning->session->data_left_out)
        return STR("not in the text, but parts of the imported data were of no use: until they are mended, nothing is removed");
    if (now < 0)
        return STR("no longer in the text; --prune removes it");
    Str identity = planning->items[now].instance->identity;
    return arena_printf(planning->session->arena, "the text has another identity for it now, %.*s; --prune removes this one", (int)identity.length, identity.text);
}

static void orphan_take(Search *search, Str place, const Schema *schema, Str identity, const Value *have, Ownership ownership) {
    Planning *planning = search->planning;
    Session *session = planning->session;
    Str address = ownership.stamp.address;
    const Instance *on = NULL;
    if (place.length) {
        int64_t number = planning_find(planning, place);
        if (number < 0)
            return;
        on = planning->items[number].instance;
    }
    int64_t now = planning_find(planning, address);
    /* It may be missing from the text only because the data that describes it could not be used. */
    if (!is_pruned(planning->options, address) || session->data_left_out) {
        Bystander bystander = {address, name_str(schema->name), identity, place, kept_reason(planning, now), SPAN_NONE};
        VECTOR_PUSH(session->arena, &planning->orphans, bystander);
        return;
    }
    const Value *attributes = orphan_attributes(session, schema, identity, have);
    Item item = {
        .instance = orphan_instance(session, schema, on, address, identity, attributes),
        .place = place,
        .have = attributes,
        .is_orphan = 1,
        .renumbered = now >= 0,
    };
    VECTOR_PUSH(session->arena, search->items, item);
}

static void orphan_visit(void *context, Str place, const Schema *schema, Str identity) {
    Search *search = context;
    Planning *planning = search->planning;
    Session *session = planning->session;
    if (lookup_get(planning->identities, identity_key(session->arena, schema, place, identity)))
        return;
    if (ownership_of(session, place, schema, identity, STR(""), facts_get(session->facts, place, schema, identity)).owner != OWNER_RENAMED)
        return;
    /* From here on it is one that the plan tells of: what is found is kept. */
    Arena *arena = session_keep(session);
    const Value *have = facts_get(session->facts, place, schema, identity);
    orphan_take(search, place, schema, identity, have, ownership_of(session, place, schema, identity, STR(""), have));
    session_restore(session, arena);
}

void orphans_find(Planning *planning, ItemVector *items) {
    Search search = {planning, items};
    facts_each(planning->session->facts, orphan_visit, &search);
}

/* ---- order among them ---- */

/* An attribute whose type is a resource type holds on the host the identity of its target. What is removed goes before what it stands on. */
static void order_value(Planning *planning, uint32_t number, const Type *type, const Value *value) {
    const Item *item = &planning->items[number];
    if (value->kind == VALUE_STRING && type->kind == TYPE_REFERENCE && type->schema) {
        uint32_t target = lookup_get(planning->identities, identity_key(planning->session->arena, type->schema, item->place, value->as.string));
        if (target && target != UINT32_MAX && target - 1 != number && planning->items[target - 1].instance->absent)
            graph_add(planning->graph, target - 1, number);
    }
    if (value->kind == VALUE_LIST && type->kind == TYPE_LIST)
        for (uint32_t i = 0; i < value->as.list.count; i++)
            order_value(planning, number, type->element, value->as.list.items[i]);
    if (value->kind == VALUE_RECORD && type->kind == TYPE_RECORD)
        for (uint32_t i = 0; i < value->as.record->count; i++) {
            const Field *field = &value->as.record->fields[i];
            const TypeField *declared = type_field(type->fields, type->field_count, field->name);
            if (declared)
                order_value(planning, number, declared->type, field->value);
        }
}

void orphans_order(Planning *planning) {
    for (uint32_t i = 0; i < planning->count; i++) {
        const Item *item = &planning->items[i];
        for (uint32_t k = 0; item->is_orphan && k < item->instance->slot_count; k++)
            order_value(planning, i, item->instance->slots[k].attribute->type, item->instance->slots[k].thunk.value);
    }
}
