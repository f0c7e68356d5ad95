/* Objects that carry this site's stamp and are no longer in the text: found among the facts, reported, or made into items to remove. */
#include "compiler/elsewhere.h"
#include "compiler/found.h"
#include "compiler/planner.h"

typedef struct Search {
    Planning *planning;
    ItemVector *items;
} Search;

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
        Bystander bystander = {address, name_str(schema->name), identity, place, kept_reason(planning, now), SPAN_NONE, 0};
        VECTOR_PUSH(session->arena, &planning->orphans, bystander);
        return;
    }
    const Value *attributes = found_attributes(session, schema, identity, have);
    Instance *instance = found_instance(session, schema, on, address, identity, attributes);
    instance->absent = 1;
    Item item = {
        .instance = instance,
        .place = place,
        .have = attributes,
        .is_orphan = 1,
        .renumbered = now >= 0,
    };
    VECTOR_PUSH(session->arena, search->items, item);
}

/* Does the text want it on another place, which knows that it is here? Then it is to move. What goes with something that is to move is seen from
   both places, with one digest: no two objects have that. */
static int is_awaited(Planning *planning, const Schema *schema, Str place, Str identity, const Value *have, Str address) {
    int64_t number = planning_find(planning, address);
    const Item *item = number < 0 ? NULL : &planning->items[number];
    if (!item || item->instance->schema != schema || !str_equal(item->instance->identity, identity) || str_equal(item->place, place))
        return 0;
    const Value *there = facts_get(planning->session->facts, item->place, schema, identity);
    if (!schema->elsewhere)
        return schema->rules[RULE_DIGEST] && there && value_equal(have, there);
    Located located = elsewhere_locate(planning->session, schema, instance_place(planning->session, item->instance), identity);
    return located.where == WHERE_AWAY && str_equal(located.place->head.address, place);
}

static void orphan_visit(void *context, Str place, const Schema *schema, Str identity) {
    Search *search = context;
    Planning *planning = search->planning;
    Session *session = planning->session;
    if (lookup_get(planning->identities, identity_key(session->arena, schema, place, identity)))
        return;
    const Value *seen = facts_get(session->facts, place, schema, identity);
    Ownership ownership = ownership_of(session, place, schema, identity, STR(""), seen);
    if (ownership.owner != OWNER_RENAMED || is_awaited(planning, schema, place, identity, seen, ownership.stamp.address))
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
    for (uint32_t i = 0; type->kind == TYPE_UNION && i < type->member_count; i++)
        order_value(planning, number, type->members[i], value);
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
