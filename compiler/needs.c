/* Who comes after whom: references, `after` and places to the edges of the graph, and a report where they make a circle. */
#include "compiler/nest.h"
#include "compiler/planner.h"

#include <stdlib.h>

/* Labels in the message about a circle: enough to see the way round. */
enum { CYCLE_SHOWN = 12 };

/* ---- where a need is written ---- */

static int refers_to(const Value *value, const Instance *target) {
    if (value->kind == VALUE_REFERENCE) {
        if (!referent_is_group(value->as.reference))
            return INSTANCE(value->as.reference) == target;
        for (const Group *group = target->home.group; group; group = group->home.group)
            if (group == GROUP(value->as.reference))
                return 1;
    }
    if (value->kind == VALUE_LIST)
        for (uint32_t i = 0; i < value->as.list.count; i++)
            if (refers_to(value->as.list.items[i], target))
                return 1;
    if (value->kind == VALUE_RECORD)
        for (uint32_t i = 0; i < value->as.record->count; i++)
            if (refers_to(value->as.record->fields[i].value, target))
                return 1;
    return 0;
}

/* Does `after` name it, of the resource or of a component around it? */
static int is_after(Session *session, Instance *instance, const Instance *target) {
    const Value *after = instance_meta(session, instance, META_AFTER);
    if (after && refers_to(after, target))
        return 1;
    for (const Group *group = instance->home.group; group; group = group->home.group)
        if (group->after.state == THUNK_DONE && group->after.value && refers_to(group->after.value, target))
            return 1;
    return 0;
}

/* The attribute that names it, else `on` or the resource. */
static Span stand_span(Session *session, Instance *instance, const Instance *target) {
    for (uint32_t i = 0; i < instance->slot_count; i++) {
        const Value *value = slot_value(session, &instance->slots[i]);
        if (value && refers_to(value, target))
            return *instance->slots[i].name_span;
    }
    const Value *on = instance_meta(session, instance, META_ON);
    return on && refers_to(on, target) ? instance_meta_span(instance, META_ON) : instance->origin;
}

/* Where it is written that one comes after the other. Of two that are removed an attribute says it at the one that stands on the other. */
static Span need_span(Session *session, Instance *instance, Instance *target) {
    int gone = instance->absent && target->absent;
    Span span = gone ? instance->origin : stand_span(session, instance, target);
    if (span.start == instance->origin.start && is_after(session, instance, target)) {
        const Value *after = instance_meta(session, instance, META_AFTER);
        return after && refers_to(after, target) ? instance_meta_span(instance, META_AFTER) : instance->origin;
    }
    return gone ? stand_span(session, target, instance) : span;
}

/* ---- edges ---- */

static void report_absent(Planning *planning, Instance *instance, const Instance *target) {
    Session *session = planning->session;
    Diagnostic *diagnostic =
        diag_error(session->diagnostics, CODE_NEEDS_ABSENT, stand_span(session, instance, target), "%.*s needs %.*s, which must not exist",
                   (int)instance->head.address.length, instance->head.address.text, (int)target->head.address.length, target->head.address.text);
    diag_also(session->diagnostics, diagnostic, target->origin, "declared `absent` here");
    diag_help(session->diagnostics, diagnostic, "refer to something that stays, or make both absent; `after` may name what is removed");
}

/* Does it stand on the other, by an attribute or its place? */
static int stands_on(Session *session, Instance *instance, const Instance *target) {
    for (uint32_t i = 0; i < instance->slot_count; i++) {
        const Value *value = slot_value(session, &instance->slots[i]);
        if (value && refers_to(value, target))
            return 1;
    }
    return instance_place(session, instance) == target;
}

int instance_stands_in(Session *session, const Instance *instance, const Instance *target) {
    for (const Instance *place = instance_place(session, instance); place && place != instance;) {
        if (place == target)
            return 1;
        instance = place;
        place = instance_place(session, place);
    }
    return 0;
}

/* What stands in something needs it started; who refers to it from outside waits for all that stands in it. */
static uint32_t needed_node(Planning *planning, Instance *instance, const Instance *target) {
    uint32_t item = planning->by_instance[target->number];
    return planning->ready[item] && !instance_stands_in(planning->session, instance, target) ? planning->ready[item] : item;
}

/* What is wanted comes after what it needs. What is removed goes before what it stands on if that is removed too, and after what it needs
   if that stays (a place for its last backup). `after` says what it says, for all. */
static void add_need(Planning *planning, uint32_t number, Instance *target) {
    Session *session = planning->session;
    Instance *instance = planning->items[number].instance;
    uint32_t needed = planning->by_instance[target->number];
    if (!target->absent) {
        graph_add(planning->graph, number, needed_node(planning, instance, target));
        return;
    }
    int stands = stands_on(session, instance, target);
    if (stands && !instance->absent)
        report_absent(planning, instance, target);
    if (stands)
        graph_add(planning->graph, needed, number);
    if (!stands || is_after(session, instance, target))
        graph_add(planning->graph, number, needed);
}

/* ---- phases and places ---- */

typedef struct PhaseEdges {
    Planning *planning;
    uint32_t node;
} PhaseEdges;

static void add_phase_before(void *context, const Phase *before) {
    const PhaseEdges *edges = context;
    graph_add(edges->planning->graph, edges->node, edges->planning->phase_first + before->number);
}

static void add_phase(Planning *planning, uint32_t number) {
    const Phase *phase = planning->items[number].is_orphan ? NULL : planning->items[number].instance->home.phase;
    if (!phase)
        return;
    graph_add(planning->graph, planning->phase_first + phase->number, number);
    phase_each_before(planning->session, phase, add_phase_before, &(PhaseEdges){planning, number});
}

static void add_place(Planning *planning, uint32_t number) {
    Instance *instance = planning->items[number].instance;
    const Instance *place = planning->items[number].is_orphan ? NULL : instance_place(planning->session, instance);
    int has_item = place && place != instance && !place->left_out && place->identity.length;
    uint32_t outer = has_item ? planning->ready[planning->by_instance[place->number]] : 0, own = planning->ready[number];
    if (own)
        graph_add(planning->graph, own, number);
    if (outer)
        graph_add(planning->graph, outer, own ? own : number);
}

static void nodes_make(Planning *planning) {
    Session *session = planning->session;
    planning->ready = ARENA_ARRAY(session->arena, uint32_t, planning->count);
    planning->phase_first = planning->count;
    planning->node_count = planning->count + session->phases.count;
    for (uint32_t i = 0; i < planning->count; i++) {
        const Instance *instance = planning->items[i].instance;
        if (instance->hosts && !instance->schema->is_place)
            planning->ready[i] = planning->node_count++;
    }
    planning->nodes = ARENA_ARRAY(session->arena, Node, planning->node_count);
    for (uint32_t i = 0; i < planning->count; i++)
        if (planning->ready[i])
            planning->nodes[planning->ready[i]].item = i;
    planning->graph = graph_new(session->arena, planning->node_count);
}

static int number_order(const void *a, const void *b) {
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

NodeList item_needs(Planning *planning, uint32_t number) {
    uint32_t phases_end = planning->phase_first + planning->session->phases.count, count = 0, unique = 0;
    NodeList nodes = graph_needs(planning->graph, number);
    uint32_t *items = ARENA_ARRAY(planning->session->arena, uint32_t, nodes.count);
    for (uint32_t i = 0; i < nodes.count; i++)
        if (nodes.items[i] < planning->count)
            items[count++] = nodes.items[i];
        else if (nodes.items[i] >= phases_end)
            items[count++] = planning->nodes[nodes.items[i]].item;
    if (count > 1)
        qsort(items, count, sizeof *items, number_order);
    for (uint32_t i = 0; i < count; i++)
        if (!i || items[i] != items[i - 1])
            items[unique++] = items[i];
    return (NodeList){items, unique};
}

/* ---- circles ---- */

/* What is written of a node: a resource, a phase, or a resource with all that stands in it. */
static Str node_name(const Planning *planning, uint32_t node) {
    Session *session = planning->session;
    if (node < planning->count)
        return planning->items[node].instance->head.address;
    if (node < planning->phase_first + session->phases.count)
        return arena_printf(session->arena, "phase %s", session->phases.items[node - planning->phase_first]->name->text);
    return arena_printf(session->arena, "what stands in %s", planning->items[planning->nodes[node].item].instance->head.address.text);
}

static Span edge_span(Planning *planning, uint32_t node, uint32_t next) {
    Session *session = planning->session;
    if (node >= planning->phase_first && node < planning->phase_first + session->phases.count)
        return session->phases.items[node - planning->phase_first]->decl->name.span;
    Instance *instance = planning->items[node < planning->count ? node : planning->nodes[node].item].instance;
    if (node >= planning->count || (next >= planning->phase_first && next < planning->phase_first + session->phases.count))
        return instance->origin;
    return need_span(session, instance, planning->items[next < planning->count ? next : planning->nodes[next].item].instance);
}

static Str edge_text(const Planning *planning, uint32_t node, uint32_t next) {
    int gone = node < planning->count && next < planning->count && planning->items[node].instance->absent && planning->items[next].instance->absent;
    Str from = node_name(planning, node), to = node_name(planning, next);
    return arena_printf(planning->session->arena, "%.*s %s %.*s", (int)from.length, from.text, gone ? "is removed after" : "needs", (int)to.length, to.text);
}

static void cycle_visit(void *context, const uint32_t *nodes, uint32_t count) {
    Planning *planning = context;
    Diagnostics *diagnostics = planning->session->diagnostics;
    Text names = {0};
    for (uint32_t i = 0; i <= count && i < CYCLE_SHOWN; i++) {
        if (i)
            text_add_literal(&names, " -> ");
        text_add(&names, node_name(planning, nodes[i % count]));
    }
    if (count >= CYCLE_SHOWN)
        text_addf(&names, " -> ... (%u resources)", count);
    Diagnostic *diagnostic = NULL;
    for (uint32_t i = 0; i < count && i < CYCLE_SHOWN; i++) {
        uint32_t node = nodes[i], next = nodes[(i + 1) % count];
        Span span = edge_span(planning, node, next);
        Str text = edge_text(planning, node, next);
        if (diagnostic) {
            diag_also(diagnostics, diagnostic, span, "%.*s", (int)text.length, text.text);
            continue;
        }
        diagnostic = diag_error(diagnostics, CODE_DEPENDENCY_CYCLE, span, "%s",
                                count > 1 ? "resources need each other in a circle" : "a resource needs itself");
        diag_label(diagnostics, diagnostic, "%.*s", (int)text.length, text.text);
    }
    diag_note(diagnostics, diagnostic, "%.*s", (int)names.length, names.bytes);
    diag_help(diagnostics, diagnostic, "take one of them out: a value that is only read (`x.net0.ip`) orders nothing, a reference does");
    text_fini(&names);
}

int needs_build(Planning *planning) {
    Session *session = planning->session;
    uint32_t errors = diag_errors(session->diagnostics);
    nodes_make(planning);
    for (uint32_t i = 0; i < session->phases.count; i++)
        phase_each_before(session, session->phases.items[i], add_phase_before, &(PhaseEdges){planning, planning->phase_first + i});
    for (uint32_t i = 0; i < planning->count && diag_errors(session->diagnostics) == errors; i++) {
        add_phase(planning, i);
        add_place(planning, i);
        if (planning->items[i].is_orphan)
            continue;
        InstanceList needs = instance_needs(session, planning->items[i].instance);
        for (uint32_t k = 0; k < needs.count; k++)
            if (!needs.items[k]->left_out && needs.items[k]->identity.length)
                add_need(planning, i, needs.items[k]);
    }
    orphans_order(planning);
    back_order(planning);
    if (graph_order(planning->graph).count < planning->node_count)
        graph_cycles(planning->graph, cycle_visit, planning);
    return diag_errors(session->diagnostics) == errors;
}
