/* session_plan: collects the objects, has them ordered, chosen, compared and numbered, and makes a Plan of the steps. */
#include "compiler/planner.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/hash.h"
#include "compiler/module.h"
#include "compiler/render.h"
#include "compiler/site_facts.h"
#include "lang/json.h"

/* How long a command may take where nothing says it. */
enum { TIMEOUT_DEFAULT_MS = 600000 };

/* ---- small parts ---- */

Str identity_key(Arena *arena, const Schema *schema, Str place, Str identity) {
    return arena_printf(arena, "%u\n%.*s\n%.*s", schema->number, (int)place.length, place.text, (int)identity.length, identity.text);
}

int64_t planning_find(const Planning *planning, Str address) {
    uint32_t low = 0, high = planning->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (str_compare(planning->items[middle].instance->head.address, address) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < planning->count && str_equal(planning->items[low].instance->head.address, address) ? (int64_t)low : -1;
}

Str place_phrase(Session *session, Str place) {
    return place.length ? arena_printf(session->arena, "on %.*s", (int)place.length, place.text) : STR("on the host");
}

/* ---- collecting ---- */

/* By address. An orphan that has the address of a resource comes before it, by its own identity. */
static int item_order(const void *a, const void *b) {
    const Item *left = a, *right = b;
    int order = str_compare(left->instance->head.address, right->instance->head.address);
    if (!order)
        order = (int)right->is_orphan - (int)left->is_orphan;
    if (!order)
        order = str_compare(left->instance->identity, right->instance->identity);
    if (!order)
        order = str_compare(name_str(left->instance->schema->name), name_str(right->instance->schema->name));
    return order ? order : str_compare(left->place, right->place);
}

static void report_same_object(Planning *planning, const Item *first, const Item *second) {
    Diagnostics *diagnostics = planning->session->diagnostics;
    const Instance *a = first->instance, *b = second->instance;
    Str where = place_phrase(planning->session, second->place);
    Diagnostic *diagnostic = diag_error(diagnostics, CODE_SAME_OBJECT, b->origin, "%.*s and %.*s are both %s %.*s %.*s", (int)a->head.address.length,
                                        a->head.address.text, (int)b->head.address.length, b->head.address.text, b->schema->name->text,
                                        (int)b->identity.length, b->identity.text, (int)where.length, where.text);
    diag_also(diagnostics, diagnostic, a->origin, "the other one");
    diag_help(diagnostics, diagnostic, "give one of them another identity");
}

/* The identities of all resources, those that are left out of the plan too: what they name is no orphan. */
static void identities_collect(Planning *planning) {
    Session *session = planning->session;
    for (uint32_t i = 0; i < session->instances.count; i++) {
        Instance *instance = session->instances.items[i];
        if (instance->left_out && instance->identity.length)
            *lookup_slot(planning->identities, identity_key(session->arena, instance->schema, instance_place_address(session, instance),
                                                            instance->identity)) = UINT32_MAX;
    }
    for (uint32_t i = 0; i < planning->count; i++) {
        Item *item = &planning->items[i];
        if (item->is_orphan)
            continue;
        Str key = identity_key(session->arena, item->instance->schema, item->place, item->instance->identity);
        uint32_t *slot = lookup_slot(planning->identities, key);
        if (*slot && *slot != UINT32_MAX)
            report_same_object(planning, &planning->items[*slot - 1], item);
        else
            *slot = i + 1;
    }
}

static void items_set(Planning *planning, Item *items, uint32_t count) {
    if (count)
        qsort(items, count, sizeof *items, item_order);
    planning->items = items;
    planning->count = count;
    for (uint32_t i = 0; i < count; i++)
        if (!items[i].is_orphan)
            planning->by_instance[items[i].instance->number] = i;
}

static void items_collect(Planning *planning, const Item *extra, uint32_t extra_count) {
    Session *session = planning->session;
    ItemVector items = {.items = ARENA_ARRAY(session->arena, Item, session->instances.count + 1), .capacity = session->instances.count + 1};
    planning->by_instance = ARENA_ARRAY(session->arena, uint32_t, session->instances.count);
    for (uint32_t i = 0; i < session->instances.count; i++) {
        Instance *instance = session->instances.items[i];
        if (instance->left_out || !instance_identity(session, instance).length)
            continue;
        Item item = {.instance = instance, .place = instance_place_address(session, instance)};
        VECTOR_PUSH(session->arena, &items, item);
    }
    items_set(planning, items.items, items.count);
    planning->identities = lookup_new_for(session->arena, session->instances.count);
    identities_collect(planning);
    uint32_t resources = items.count;
    if (!planning->formers)
        orphans_find(planning, &items);
    for (uint32_t i = 0; i < extra_count; i++)
        VECTOR_PUSH(session->arena, &items, extra[i]);
    if (items.count == resources)
        return;
    /* Orphans and what is taken back stand among the others by their addresses, so every number has changed. */
    items_set(planning, items.items, items.count);
    for (uint32_t i = 0; i < planning->count; i++) {
        const Item *item = &planning->items[i];
        *lookup_slot(planning->identities, identity_key(session->arena, item->instance->schema, item->place, item->instance->identity)) = i + 1;
    }
}

/* ---- the rest of a plan ---- */

/* The last names of the places where others stand: "phoenix" of pve.node.phoenix. */
static Str facts_host(Planning *planning) {
    Session *session = planning->session;
    Text text = {0};
    for (uint32_t i = 0; i < planning->count; i++) {
        const Item *item = &planning->items[i];
        Str address = item->instance->head.address;
        if (item->is_orphan || !item->instance->schema->is_place || !str_equal(item->place, address))
            continue;
        size_t at = address.length;
        while (at && address.text[at - 1] != '.' && address.text[at - 1] != '/')
            at--;
        if (text.length)
            text_add_char(&text, ',');
        text_add(&text, (Str){address.text + at, address.length - at});
    }
    Str hosts = arena_str(session->arena, text_str(&text));
    text_fini(&text);
    return hosts;
}

typedef struct FactsHash {
    Planning *planning;
    Hasher *hasher;
    Text text;
} FactsHash;

/* What other people have on the host is not what the plan was computed from. A host and the facts that were recorded of it are the same. */
static void facts_hash_visit(void *context, Str place, const Schema *schema, Str identity) {
    FactsHash *hash = context;
    Session *session = hash->planning->session;
    const Value *have = facts_get(session->facts, place, schema, identity);
    if (!lookup_get(hash->planning->identities, identity_key(session->arena, schema, place, identity)) &&
        ownership_of(session, place, schema, identity, STR(""), have).owner != OWNER_RENAMED)
        return;
    text_clear(&hash->text);
    json_write_string(place, &hash->text);
    json_write_string(name_str(schema->name), &hash->text);
    json_write_string(identity, &hash->text);
    json_write(facts_without_secrets(session->arena, have), JSON_COMPACT_SORTED, 0, &hash->text);
    text_add_char(&hash->text, '\n');
    hasher_add(hash->hasher, text_str(&hash->text));
}

static Str facts_hash(Planning *planning) {
    FactsHash hash = {.planning = planning, .hasher = hasher_open()};
    facts_each(planning->session->facts, facts_hash_visit, &hash);
    uint32_t count;
    const Field *values = site_facts_values(planning->session, &count);
    text_clear(&hash.text);
    for (uint32_t i = 0; i < count; i++) {
        json_write_string(name_str(values[i].name), &hash.text);
        json_write(values[i].value, JSON_COMPACT_SORTED, 0, &hash.text);
        text_add_char(&hash.text, '\n');
    }
    hasher_add(hash.hasher, text_str(&hash.text));
    text_fini(&hash.text);
    return hasher_close(hash.hasher, planning->session->arena);
}

static int output_order(const void *a, const void *b) {
    return str_compare(name_str(((const Field *)a)->name), name_str(((const Field *)b)->name));
}

static void plan_outputs(Session *session, Plan *plan) {
    Field *outputs = ARENA_ARRAY(session->arena, Field, session->outputs.count);
    for (uint32_t i = 0; i < session->outputs.count; i++) {
        const Decl *decl = session->outputs.items[i].decl;
        const Value *value = eval(session, decl->value, session->outputs.items[i].frame);
        if (value->kind != VALUE_POISON)
            outputs[plan->output_count++] = (Field){decl->name.name, value, decl->span};
    }
    qsort(outputs, plan->output_count, sizeof *outputs, output_order);
    plan->outputs = outputs;
}

static int bystander_order(const void *a, const void *b) {
    const Bystander *left = a, *right = b;
    int order = str_compare(left->address, right->address);
    if (!order)
        order = str_compare(left->type, right->type);
    if (!order)
        order = str_compare(left->identity, right->identity);
    return order ? order : str_compare(left->place, right->place);
}

static int uncertain_order(const void *a, const void *b) {
    const Uncertain *left = a, *right = b;
    int order = str_compare(left->address, right->address);
    return order ? order : str_compare(left->attribute, right->attribute);
}

static void plan_count(const Planning *planning, Plan *plan) {
    for (uint32_t i = 0; i < plan->step_count; i++) {
        const Step *step = plan->steps[i];
        plan->by_verb[step->verb]++;
        plan->by_risk[step->risk]++;
        if (step->risk > plan->worst)
            plan->worst = step->risk;
    }
    for (uint32_t i = 0; i < planning->count; i++) {
        const Item *item = &planning->items[i];
        plan->unchanged += item->selected && !item->step_count && !item->blocked;
    }
}

/* Nothing that was read of an object is left out, but for secrets: also what the text does not speak of may have changed since. */
Str item_seen(Session *session, const Item *item) {
    if (!item->have || item->unsure)
        return STR("");
    Text text = {0};
    json_write(facts_without_secrets(session->arena, item->have), JSON_COMPACT_SORTED, 0, &text);
    Str hash = hash_sha256(session->arena, text_str(&text));
    text_fini(&text);
    return hash;
}

static void steps_seen(Planning *planning) {
    for (uint32_t i = 0; i < planning->count; i++) {
        const Item *item = &planning->items[i];
        Str seen = item->step_count ? item_seen(planning->session, item) : STR("");
        for (uint32_t k = 0; seen.length && k < item->step_count; k++)
            work_more(planning->session, planning->made.items[item->first_step + k])->seen = seen;
    }
}

static int hash_flush(void *context, const char *bytes, size_t length) {
    hasher_add(context, (Str){bytes, length});
    return 0;
}

Plan *plan_make(Planning *planning) {
    Session *session = planning->session;
    Plan *plan = planning->plan = ARENA_NEW(session->arena, Plan);
    plan->site = session->site;
    plan->request = request_of(session, planning->options);
    plan->facts_host = facts_host(planning);
    plan->steps = (const Step *const *)planning->steps;
    plan->step_count = planning->made.count;
    plan_count(planning, plan);
    if (planning->blocked.count)
        qsort(planning->blocked.items, planning->blocked.count, sizeof *planning->blocked.items, bystander_order);
    if (planning->orphans.count)
        qsort(planning->orphans.items, planning->orphans.count, sizeof *planning->orphans.items, bystander_order);
    plan->stays = planning->stays.items;
    plan->stays_count = planning->stays.count;
    plan->blocked = planning->blocked.items;
    plan->blocked_count = planning->blocked.count;
    plan->orphans = planning->orphans.items;
    plan->orphan_count = planning->orphans.count;
    if (planning->not_compared.count)
        qsort(planning->not_compared.items, planning->not_compared.count, sizeof *planning->not_compared.items, uncertain_order);
    plan->not_compared = planning->not_compared.items;
    plan->not_compared_count = planning->not_compared.count;
    plan_outputs(session, plan);
    plan->facts = site_facts_values(session, &plan->fact_count);
    return plan;
}

void session_plan_identify(Session *session, const Plan *plan) {
    if (plan->id.length)
        return;
    session_plan_undo(session);
    steps_seen(session->planning);
    Plan *whole = session->planning->plan;
    whole->sources = session_sources(session, &whole->source_count);
    whole->facts_sha256 = facts_hash(session->planning);
    Hasher *hasher = hasher_open();
    Text canonical = {.flush = hash_flush, .context = hasher};
    render_plan_canonical(plan, session->diagnostics, &canonical);
    text_finish(&canonical);
    text_fini(&canonical);
    whole->id = hasher_close(hasher, session->arena);
}

/* ---- the whole ---- */

static Planning *planning_new(Session *session, const PlanOptions *options) {
    Planning *planning = ARENA_NEW(session->arena, Planning);
    planning->session = session;
    planning->options = options;
    planning->object_numbers = lookup_new(session->arena);
    planning->unknown = lookup_new(session->arena);
    planning->quiet = diagnostics_new(session->arena, session->sources);
    planning->none = value_none(session->arena, SPAN_NONE);
    planning->empty_list = value_list(session->arena, SPAN_NONE, NULL, 0);
    planning->empty_record = record_overlay(session, NULL, NULL, 0);
    planning->timeout = value_integer(session->arena, SPAN_NONE, VALUE_DURATION, TIMEOUT_DEFAULT_MS);
    return planning;
}

static Planning *planning_complete(Planning *planning, const Item *extra, uint32_t extra_count) {
    Diagnostics *diagnostics = planning->session->diagnostics;
    uint32_t errors = diag_errors(diagnostics);
    items_collect(planning, extra, extra_count);
    int sound = diag_errors(diagnostics) == errors && needs_build(planning) && selection_mark(planning);
    return sound ? planning : NULL;
}

Planning *planning_collect(Session *session, const PlanOptions *options) {
    return planning_complete(planning_new(session, options), NULL, 0);
}

Planning *planning_collect_back(Session *session, const PlanOptions *options, const FormerObject *formers, uint32_t former_count, const Item *extra,
                                uint32_t extra_count) {
    Planning *planning = planning_new(session, options);
    planning->formers = formers;
    planning->former_count = former_count;
    return planning_complete(planning, extra, extra_count);
}

const Plan *session_plan(Session *session, const PlanOptions *options) {
    uint32_t errors = diag_errors(session->diagnostics);
    facts_hide_all(session);
    Planning *planning = planning_collect(session, options);
    if (!planning)
        return NULL;
    session->planning = planning;
    NodeList order = graph_order(planning->graph);
    holds_begin(planning);
    for (uint32_t i = 0; i < order.count; i++) {
        if (order.items[i] < planning->count && planning->items[order.items[i]].selected)
            item_converge(planning, order.items[i]);
        node_hold(planning, order.items[i]);
    }
    gates_converge(planning, order);
    if (diag_errors(session->diagnostics) > errors)
        return NULL;
    schedule_steps(planning, order);
    Plan *plan = plan_make(planning);
    return diag_errors(session->diagnostics) > errors ? NULL : plan;
}

static void report_denied(Session *session, DenialList *denials, const Step *step, Code code, Str why) {
    const Item *item = step->subject;
    Denial denial = {step, str_of(code_info(code)->id), STR(""), why};
    VECTOR_PUSH(session->arena, denials, denial);
    Str address = item->instance->head.address, where = place_phrase(session, item->place);
    Diagnostic *diagnostic = diag_error(session->diagnostics, code, step->source, "step %u, %s %.*s (%s %.*s %.*s), %.*s", step->id,
                                        verb_name(step->verb), (int)address.length, address.text, item->instance->schema->name->text,
                                        (int)item->instance->identity.length, item->instance->identity.text, (int)where.length, where.text,
                                        (int)why.length, why.text);
    if (code == CODE_LOSES_DATA)
        diag_help(session->diagnostics, diagnostic, "write `allow = [\"data_loss\"]` in the resource, or give --allow %.*s:data_loss",
                  (int)address.length, address.text);
    else if (code == CODE_REFUSED)
        diag_help(session->diagnostics, diagnostic, "remove first what stands on it");
    else
        diag_help(session->diagnostics, diagnostic, "take the protection away first: no `allow` overrules it");
}

/* What the host would refuse of a step; NULL: nothing. */
static const Effect *step_refused(const Step *step) {
    for (uint32_t i = 0; i < step->effect_count; i++)
        if (step->effects[i].fate == FATE_REFUSED)
            return &step->effects[i];
    return NULL;
}

static int denial_order(const void *a, const void *b) {
    const Denial *left = a, *right = b;
    uint32_t one = left->step ? left->step->id : 0, other = right->step ? right->step->id : 0;
    int order = (one > other) - (one < other);
    if (!order)
        order = str_compare(left->code, right->code);
    return order ? order : str_compare(left->policy, right->policy);
}

uint32_t session_denied(Session *session, const Plan *plan, const PlanOptions *options) {
    DenialList denials = {0};
    for (uint32_t i = 0; i < plan->step_count; i++) {
        const Step *step = plan->steps[i];
        const Item *item = step->subject;
        Str protection = step->verb == VERB_REMOVE ? item_protection(session, item) : STR("");
        const Effect *refused = step_refused(step);
        if (protection.length)
            report_denied(session, &denials, step, CODE_PROTECTED, protection);
        else if (refused)
            report_denied(session, &denials, step, CODE_REFUSED,
                          arena_printf(session->arena, "would be refused: %.*s, %.*s", (int)refused->object.length, refused->object.text,
                                       (int)refused->note.length, refused->note.text));
        else if (step->risk == RISK_DATA_LOSS && !selection_allows(session->planning, options, item))
            report_denied(session, &denials, step, CODE_LOSES_DATA, STR("loses data and is not allowed to"));
    }
    policies_apply(session, plan, &denials);
    if (denials.count)
        qsort(denials.items, denials.count, sizeof *denials.items, denial_order);
    Plan *whole = session->planning->plan;
    whole->denials = denials.items;
    whole->denial_count = denials.count;
    return denials.count;
}
