/* The checked site to its outline: what --only and --skip choose of it. */
#include "compiler/outline.h"

#include "compiler/planner.h"
#include "compiler/slice.h"

static OutlineNode node_of(const Item *item) {
    Instance *instance = item->instance;
    size_t own = address_last_part(instance->head.address);
    return (OutlineNode){
        .address = instance->head.address,
        .type = name_str(instance->schema->name),
        .identity = instance->identity,
        .place = item->place,
        .around = slice(instance->head.address, 0, own ? own - 1 : 0),
        .source = instance->origin,
        .absent = instance->absent,
    };
}

const Outline *session_outline(Session *session, const PlanOptions *options) {
    session_facts_none(session);
    Planning *planning = planning_collect(session, options);
    if (!planning)
        return NULL;
    Outline *outline = ARENA_NEW(session->arena, Outline);
    OutlineNode *nodes = ARENA_ARRAY(session->arena, OutlineNode, planning->count);
    uint32_t *numbers = ARENA_ARRAY(session->arena, uint32_t, planning->count);
    for (uint32_t i = 0; i < planning->count; i++) {
        numbers[i] = outline->count;
        if (planning->items[i].selected)
            nodes[outline->count++] = node_of(&planning->items[i]);
    }
    for (uint32_t i = 0; i < planning->count; i++) {
        NodeList needs = item_needs(planning, i);
        OutlineNode *node = &nodes[numbers[i]];
        uint32_t *list = ARENA_ARRAY(session->arena, uint32_t, needs.count);
        for (uint32_t k = 0; k < needs.count && planning->items[i].selected; k++) {
            if (!planning->items[needs.items[k]].selected)
                continue;
            list[node->need_count++] = numbers[needs.items[k]];
            nodes[numbers[needs.items[k]]].needed_by++;
        }
        if (planning->items[i].selected)
            node->needs = list;
    }
    outline->site = session->site;
    outline->nodes = nodes;
    return outline;
}
