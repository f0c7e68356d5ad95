/* Checks: they have nothing to change, and a step only where something right before or after them has one. So a site that is as it should be
   asks nobody anything, unless that is wanted. */
#include "compiler/planner.h"

static int is_gate(const Planning *planning, uint32_t node) {
    return node < planning->count && !planning->items[node].is_orphan && planning->items[node].instance->schema->rules[RULE_GATE];
}

/* Has it a step, or does one show through it? One looks through the ends of phases, through places that are ready, and through other checks. */
static int is_busy(const Planning *planning, uint32_t node, const uint8_t *seen) {
    if (node >= planning->count || is_gate(planning, node))
        return seen[node];
    return planning->items[node].step_count > 0;
}

static void gate_emit(Planning *planning, uint32_t number, Str reason) {
    Work work;
    Item *item = &planning->items[number];
    planning_scratch(planning);
    work_init(&work, planning, item);
    if (work_rule(&work, RULE_GATE, &planning->drafts))
        for (uint32_t i = 0; i < planning->drafts.items.count; i++) {
            Step *step = work_emit(&work, &planning->drafts.items.items[i], reason, UNDO_NONE);
            step->undo_note = "nothing has to be taken back";
        }
    planning_kept(planning);
}

void gates_converge(Planning *planning, NodeList order) {
    Arena *arena = planning->session->arena;
    uint8_t *before = ARENA_ARRAY(arena, uint8_t, planning->node_count), *after = ARENA_ARRAY(arena, uint8_t, planning->node_count);
    for (uint32_t i = 0; i < order.count; i++) {
        uint32_t node = order.items[i];
        NodeList needs = graph_needs(planning->graph, node);
        for (uint32_t k = 0; k < needs.count; k++)
            before[node] |= (uint8_t)is_busy(planning, needs.items[k], before);
    }
    for (uint32_t i = order.count; i-- > 0;) {
        uint32_t node = order.items[i];
        NodeList needed_by = graph_needed_by(planning->graph, node);
        for (uint32_t k = 0; k < needed_by.count; k++)
            after[node] |= (uint8_t)is_busy(planning, needed_by.items[k], after);
    }
    for (uint32_t i = 0; i < order.count; i++) {
        uint32_t node = order.items[i];
        if (!is_gate(planning, node) || !planning->items[node].selected || planning->items[node].instance->absent)
            continue;
        if (planning->held[node] && (before[node] || after[node] || planning->options->gates))
            item_wait(planning, node);
        else if (before[node])
            gate_emit(planning, node, STR("what it looks at changes"));
        else if (after[node])
            gate_emit(planning, node, STR("what comes after it changes"));
        else if (planning->options->gates)
            gate_emit(planning, node, STR("it is asked for"));
    }
}
