/* What needs something that is left alone is left alone too. What was to come before it has not come: the last step of a move would remove what is still
   in use, and a check would be answered by what was there before. */
#include "compiler/planner.h"

/* Whoever refers to what is left out is left out too; only phases name nothing. */
void holds_begin(Planning *planning) {
    Session *session = planning->session;
    planning->held = ARENA_ARRAY(session->arena, const Instance *, planning->node_count);
    for (uint32_t i = 0; i < session->instances.count; i++) {
        const Instance *instance = session->instances.items[i];
        if (instance->left_out && instance->home.phase && !planning->held[planning->phase_first + instance->home.phase->number])
            planning->held[planning->phase_first + instance->home.phase->number] = instance;
    }
}

void item_wait(Planning *planning, uint32_t number) {
    const Instance *instance = planning->held[number];
    Str address = instance->head.address;
    item_block(planning, &planning->items[number], arena_printf(planning->session->arena, "waits for %.*s, which is left %s", (int)address.length, address.text,
                                                               instance->left_out ? "out" : "alone"));
    planning->blocked.items[planning->blocked.count - 1].waits = 1;
}

void node_hold(Planning *planning, uint32_t node) {
    NodeList needs = graph_needs(planning->graph, node);
    for (uint32_t i = 0; i < needs.count && !planning->held[node]; i++)
        planning->held[node] = planning->held[needs.items[i]];
    if (node >= planning->count)
        return;
    Item *item = &planning->items[node];
    if (!planning->held[node]) {
        planning->held[node] = item->holds ? item->instance : NULL;
        return;
    }
    if (!item->step_count)
        return;
    planning->made.count = item->first_step;    /* they were the last that were made */
    item->step_count = 0;
    item_wait(planning, node);
}
