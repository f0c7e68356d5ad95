/* Who comes after whom: references, `after` and places to the edges of the graph, and a report where they make a circle. */
#include "compiler/planner.h"

/* Labels in the message about a circle: enough to see the way round. */
enum { CYCLE_SHOWN = 12 };

/* ---- where a need is written ---- */

static int refers_to(const Value *value, const Instance *target) {
    if (value->kind == VALUE_REFERENCE) {
        if (!referent_is_group(value->as.reference))
            return INSTANCE(value->as.reference) == target;
        for (const Group *group = target->group; group; group = group->group)
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
    for (const Group *group = instance->group; group; group = group->group)
        if (group->after.state == THUNK_DONE && group->after.value && refers_to(group->after.value, target))
            return 1;
    return 0;
}

/* The attribute that names it, else `on` or the resource. */
static Span stand_span(Session *session, Instance *instance, const Instance *target) {
    for (uint32_t i = 0; i < instance->slot_count; i++) {
        const Value *value = instance_slot(session, instance, &instance->slots[i]);
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
        const Value *value = instance_slot(session, instance, &instance->slots[i]);
        if (value && refers_to(value, target))
            return 1;
    }
    return instance_place(session, instance) == target;
}

/* What is wanted comes after what it needs. What is removed goes before what it stands on if that is removed too, and after what it needs
   if that stays (a place for its last backup). `after` says what it says, for all. */
static void add_need(Planning *planning, uint32_t number, Instance *target) {
    Session *session = planning->session;
    Instance *instance = planning->items[number].instance;
    uint32_t needed = planning->by_instance[target->number];
    if (!target->absent) {
        graph_add(planning->graph, number, needed);
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

/* ---- circles ---- */

static const char *edge_words(const Instance *instance, const Instance *target) {
    return instance->absent && target->absent ? "is removed after" : "needs";
}

static Str edge_text(Session *session, const Instance *instance, const Instance *target) {
    return arena_printf(session->arena, "%.*s %s %.*s", (int)instance->head.address.length, instance->head.address.text,
                        edge_words(instance, target), (int)target->head.address.length, target->head.address.text);
}

static void cycle_visit(void *context, const uint32_t *nodes, uint32_t count) {
    Planning *planning = context;
    Session *session = planning->session;
    Diagnostics *diagnostics = session->diagnostics;
    Text names = {0};
    for (uint32_t i = 0; i <= count && i < CYCLE_SHOWN; i++) {
        if (i)
            text_add_literal(&names, " -> ");
        text_add(&names, planning->items[nodes[i % count]].instance->head.address);
    }
    if (count >= CYCLE_SHOWN)
        text_addf(&names, " -> ... (%u resources)", count);
    Diagnostic *diagnostic = NULL;
    for (uint32_t i = 0; i < count && i < CYCLE_SHOWN; i++) {
        Instance *instance = planning->items[nodes[i]].instance, *target = planning->items[nodes[(i + 1) % count]].instance;
        Span span = need_span(session, instance, target);
        Str text = edge_text(session, instance, target);
        if (diagnostic) {
            diag_also(diagnostics, diagnostic, span, "%.*s", (int)text.length, text.text);
            continue;
        }
        diagnostic = diag_error(diagnostics, CODE_DEPENDENCY_CYCLE, span, "%s",
                                count == 1 ? "a resource needs itself" : "resources need each other in a circle");
        diag_label(diagnostics, diagnostic, "%.*s", (int)text.length, text.text);
    }
    diag_note(diagnostics, diagnostic, "%.*s", (int)names.length, names.bytes);
    diag_help(diagnostics, diagnostic, "take one of them out: a value that is only read (`x.net0.ip`) orders nothing, a reference does");
    text_fini(&names);
}

int needs_build(Planning *planning) {
    Session *session = planning->session;
    uint32_t errors = diag_errors(session->diagnostics);
    planning->graph = graph_new(session->arena, planning->count);
    for (uint32_t i = 0; i < planning->count; i++) {
        if (planning->items[i].is_orphan)
            continue;
        InstanceList needs = instance_needs(session, planning->items[i].instance);
        for (uint32_t k = 0; k < needs.count; k++)
            if (!needs.items[k]->left_out && needs.items[k]->identity.length)
                add_need(planning, i, needs.items[k]);
    }
    orphans_order(planning);
    if (graph_order(planning->graph).count < planning->count)
        graph_cycles(planning->graph, cycle_visit, planning);
    return diag_errors(session->diagnostics) == errors;
}
