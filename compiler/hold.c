/* What needs something that is left alone is left alone too. What was to come before it has not come: the last step of a move would remove what is still
   in use, and a check would be answered by what was there before. */
#include "compiler/planner.h"

void item_wait(Planning *planning, uint32_t number) {
    Str address = planning->items[planning->held[number] - 1].instance->head.address;
    item_block(planning, &planning->items[number], arena_printf(planning->session->arena, "waits for %.*s, which is left alone", (int)address.length, address.text));
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
        planning->held[node] = item->holds ? node + 1 : 0;
        return;
    }
    if (!item->step_count)
        return;
    planning->made.count = item->first_step;    /* they were the last that were made */
    item->step_count = 0;
    item_wait(planning, node);
}
