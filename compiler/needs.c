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

/* The attribute that makes one need the other, else the resource. */
static Span need_span(Session *session, Instance *instance, const Instance *target) {
    for (uint32_t i = 0; i < instance->slot_count; i++) {
        const Value *value = instance_slot(session, instance, &instance->slots[i]);
        if (value && refers_to(value, target))
            return instance->slots[i].name_span;
    }
    static const Meta metas[] = {META_AFTER, META_ON};
    for (size_t i = 0; i < sizeof metas / sizeof *metas; i++) {
        const Value *value = instance_meta(session, instance, metas[i]);
        if (value && refers_to(value, target))
            return instance->meta[metas[i]].expr->span;
    }
    return instance->origin;
}

/* ---- edges ---- */

static void report_absent(Planning *planning, Instance *instance, const Instance *target) {
    Session *session = planning->session;
    Diagnostic *diagnostic =
        diag_error(session->diagnostics, CODE_NEEDS_ABSENT, need_span(session, instance, target), "%.*s needs %.*s, which must not exist",
                   (int)instance->head.address.length, instance->head.address.text, (int)target->head.address.length, target->head.address.text);
    diag_also(session->diagnostics, diagnostic, target->origin, "declared `absent` here");
    diag_help(session->diagnostics, diagnostic, "refer to something that stays, or make both absent; `after` may name what is removed");
}

/* What is wanted comes after what it needs. What is removed goes before what it stands on if that is removed too, and after what it needs
   if that stays (a place for its last backup). `after` says what it says, for all. */
static void add_need(Planning *planning, uint32_t number, Instance *target) {
    Instance *instance = planning->items[number].instance;
    uint32_t needed = planning->by_instance[target->number];
    if (instance->absent == target->absent && instance->absent && !is_after(planning->session, instance, target))
        graph_add(planning->graph, needed, number);
    else if (!instance->absent && target->absent && !is_after(planning->session, instance, target))
        report_absent(planning, instance, target);
    else
        graph_add(planning->graph, number, needed);
}

/* ---- circles ---- */

typedef struct CycleReport {
    Planning *planning;
    uint32_t found;
} CycleReport;

static const char *edge_words(const Instance *instance, const Instance *target) {
    return instance->absent && target->absent ? "is removed after" : "needs";
}

static void cycle_label(Planning *planning, Diagnostic *diagnostic, Instance *instance, Instance *target) {
    Session *session = planning->session;
    Span span = need_span(session, instance, target);
    /* The edge of two that are removed is written at the one that stands on the other. */
    if (instance->absent && target->absent && span.start == instance->origin.start)
        span = need_span(session, target, instance);
    diag_also(session->diagnostics, diagnostic, span, "%.*s %s %.*s", (int)instance->head.address.length, instance->head.address.text,
              edge_words(instance, target), (int)target->head.address.length, target->head.address.text);
}

static void cycle_visit(void *context, const uint32_t *nodes, uint32_t count) {
    CycleReport *report = context;
    Planning *planning = report->planning;
    Diagnostics *diagnostics = planning->session->diagnostics;
    Instance *first = planning->items[nodes[0]].instance;
    report->found++;
    Text names = {0};
    for (uint32_t i = 0; i <= count && i < CYCLE_SHOWN; i++) {
        if (i)
            text_add_literal(&names, " -> ");
        text_add(&names, planning->items[nodes[i % count]].instance->head.address);
    }
    if (count >= CYCLE_SHOWN)
        text_addf(&names, " -> ... (%u resources)", count);
    Instance *second = planning->items[nodes[1 % count]].instance;
    Diagnostic *diagnostic = diag_error(diagnostics, CODE_DEPENDENCY_CYCLE, need_span(planning->session, first, second), "%s",
                                        count == 1 ? "a resource needs itself" : "resources need each other in a circle");
    diag_label(diagnostics, diagnostic, "%.*s %s %.*s", (int)first->head.address.length, first->head.address.text, edge_words(first, second),
               (int)second->head.address.length, second->head.address.text);
    for (uint32_t i = 1; i < count && i < CYCLE_SHOWN; i++)
        cycle_label(planning, diagnostic, planning->items[nodes[i]].instance, planning->items[nodes[(i + 1) % count]].instance);
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
    CycleReport report = {planning, 0};
    if (graph_order(planning->graph).count < planning->count)
        graph_cycles(planning->graph, cycle_visit, &report);
    return diag_errors(session->diagnostics) == errors;
}
