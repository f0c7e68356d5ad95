/* Steps to a plan: which wave each is in, what it waits for, in which order they are listed, and which of them carry the digest that the
   plan was made from. */
#include "compiler/planner.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/inspect.h"

/* ---- objects ---- */

Object *planning_object(Planning *planning, Str name) {
    uint32_t *number = lookup_slot(planning->object_numbers, name);
    if (!*number) {
        Object object = {0};
        VECTOR_PUSH(planning->session->arena, &planning->objects, object);
        *number = planning->objects.count;
    }
    return &planning->objects.items[*number - 1];
}

/* ---- what waits for what ---- */

/* Steps are numbered here in the order in which they were made. */
typedef struct Schedule {
    Planning *planning;
    Arena *passing;             /* what nobody needs once the steps are numbered: for a large plan that is megabytes */
    NodeList *after;            /* of every step */
    uint32_t *mark;             /* of every step: the last item that listed it, + 1 */
    uint32_t *list;             /* a list being gathered */
} Schedule;

static void gather(Schedule *schedule, uint32_t number, NodeList tails, uint32_t *count) {
    for (uint32_t i = 0; i < tails.count; i++)
        if (schedule->mark[tails.items[i]] != number + 1) {
            schedule->mark[tails.items[i]] = number + 1;
            schedule->list[(*count)++] = tails.items[i];
        }
}

/* The last steps of what an item needs; what has no step passes on those of its own needs. Where all come from one need its list is
   shared, so that a long way through things without steps costs nothing. */
static NodeList node_predecessors(Schedule *schedule, uint32_t number, const Node *before) {
    Planning *planning = schedule->planning;
    NodeList needs = graph_needs(planning->graph, number);
    uint32_t sources = before != NULL, count = 0;
    NodeList only = before ? before->tails : (NodeList){0};
    for (uint32_t i = 0; i < needs.count; i++) {
        const Node *needed = &planning->nodes[needs.items[i]];
        if (needed->tails.count && needed != before) {
            only = needed->tails;
            sources++;
        }
    }
    if (sources < 2)
        return only;
    for (uint32_t i = 0; i < needs.count; i++)
        gather(schedule, number, planning->nodes[needs.items[i]].tails, &count);
    if (before)
        gather(schedule, number, before->tails, &count);
    uint32_t *items = ARENA_ARRAY(planning->session->arena, uint32_t, count);
    memcpy(items, schedule->list, sizeof *items * count);
    return (NodeList){items, count};
}

/* Steps on one object exclude each other. They stand one after the other, so that it is known which of them is the first. */
static const Node *object_before(Planning *planning, uint32_t number) {
    Item *item = &planning->items[number];
    if (!item->step_count)
        return NULL;
    Object *object = planning_object(planning, item->object);
    const Node *before = object->last_item ? &planning->nodes[object->last_item - 1] : NULL;
    object->last_item = number + 1;
    return before;
}

static void node_schedule(Schedule *schedule, uint32_t number) {
    Planning *planning = schedule->planning;
    Node *node = &planning->nodes[number];
    const Node *before = number < planning->count ? object_before(planning, number) : NULL;
    NodeList predecessors = node_predecessors(schedule, number, before), needs = graph_needs(planning->graph, number);
    node->wave = before ? before->wave : 0;
    for (uint32_t i = 0; i < needs.count; i++)
        if (planning->nodes[needs.items[i]].wave > node->wave)
            node->wave = planning->nodes[needs.items[i]].wave;
    node->tails = predecessors;
    if (number >= planning->count)
        return;
    const Item *item = &planning->items[number];
    for (uint32_t i = 0; i < item->step_count; i++) {
        uint32_t step = item->first_step + i;
        planning->made.items[step]->wave = ++node->wave;
        schedule->after[step] = node->tails;
        uint32_t *self = ARENA_ARRAY(planning->session->arena, uint32_t, 1);
        *self = step;
        node->tails = (NodeList){self, 1};
    }
    if (item->step_count)
        planning->made.items[item->first_step + item->step_count - 1]->last = 1;
}

/* ---- the order ---- */

static int id_order(const void *a, const void *b) {
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return left < right ? -1 : left > right;
}

/* By wave, then by address: items are in the order of their addresses, and counting by wave keeps that within one. */
static Step **steps_sort(Schedule *schedule) {
    Planning *planning = schedule->planning;
    Arena *arena = planning->session->arena;
    uint32_t count = planning->made.count, waves = 0, at = 0;
    uint32_t *by_address = ARENA_ARRAY(schedule->passing, uint32_t, count), *position = ARENA_ARRAY(schedule->passing, uint32_t, count);
    for (uint32_t i = 0; i < planning->count; i++)
        for (uint32_t k = 0; k < planning->items[i].step_count; k++)
            by_address[at++] = planning->items[i].first_step + k;
    for (uint32_t i = 0; i < count; i++)
        if (planning->made.items[i]->wave > waves)
            waves = planning->made.items[i]->wave;
    uint32_t *start = ARENA_ARRAY(schedule->passing, uint32_t, (size_t)waves + 2);
    for (uint32_t i = 0; i < count; i++)
        start[planning->made.items[i]->wave + 1]++;
    for (uint32_t i = 0; i <= waves; i++)
        start[i + 1] += start[i];
    for (uint32_t i = 0; i < count; i++)
        position[by_address[i]] = start[planning->made.items[by_address[i]]->wave]++;
    Step **sorted = ARENA_ARRAY(arena, Step *, count);
    for (uint32_t i = 0; i < count; i++) {
        Step *step = sorted[position[i]] = planning->made.items[i];
        step->id = position[i] + 1;
        NodeList after = schedule->after[i];
        uint32_t *ids = ARENA_ARRAY(arena, uint32_t, after.count);
        for (uint32_t k = 0; k < after.count; k++)
            ids[k] = position[after.items[k]] + 1;
        if (after.count > 1)
            qsort(ids, after.count, sizeof *ids, id_order);
        step->after = ids;
        step->after_count = after.count;
    }
    return sorted;
}

/* ---- digests ---- */

static int is_digest_of(const Value *value, Str object) {
    return value->kind == VALUE_UNKNOWN && value->hole == HOLE_DIGEST && str_equal(value->as.unknown->text, object);
}

/* The value with the digest in the place of what stands for it; NULL where there is nothing of the kind. */
static const Value *digest_filled(Arena *arena, const Value *value, Str object, const Value *digest) {
    if (is_digest_of(value, object))
        return digest;
    uint32_t found = 0;
    for (uint32_t i = 0; value->kind == VALUE_LIST && i < value->as.list.count; i++)
        found += (uint32_t)is_digest_of(value->as.list.items[i], object);
    if (!found)
        return NULL;
    const Value **items = ARENA_ARRAY(arena, const Value *, value->as.list.count);
    for (uint32_t i = 0; i < value->as.list.count; i++)
        items[i] = is_digest_of(value->as.list.items[i], object) ? digest : value->as.list.items[i];
    return value_list(arena, value->origin, items, value->as.list.count);
}

/* Gives the step other commands, in which one holds the digest, if it takes one. */
static void command_fill(Arena *arena, Step *step, uint32_t command, Str object, const Value *digest) {
    const Command *empty = &step->commands[command];
    for (uint32_t i = 0; i < empty->field_count; i++) {
        const Value *filled = digest_filled(arena, empty->fields[i].value, object, digest);
        if (!filled)
            continue;
        Command *commands = ARENA_ARRAY(arena, Command, step->command_count);
        Field *fields = ARENA_ARRAY(arena, Field, empty->field_count);
        memcpy(commands, step->commands, sizeof *commands * step->command_count);
        memcpy(fields, empty->fields, sizeof *fields * empty->field_count);
        fields[i].value = filled;
        commands[command].fields = fields;
        step->commands = commands;
        return;
    }
}

/* An edit of the index of names touches no object. */
static int is_index_edit(const Command *command, Str index) {
    const Value *path = command->kind == COMMAND_EDIT ? command_field(command, "path") : NULL;
    return path && path->kind == VALUE_STRING && str_equal(path->as.string, index);
}

/* The first command on an object that is there carries the digest of the facts: a change made since is refused, not overwritten. All
   later ones get the digest of what we left, when they are run. */
static void digests_fill(Planning *planning) {
    Session *session = planning->session;
    Str index = inspection_owned_path(session);
    for (uint32_t i = 0; i < planning->made.count; i++) {
        Step *step = planning->steps[i];
        Item *item = &planning->items[(const Item *)step->subject - planning->items];
        Object *object = planning_object(planning, item->object);
        int has_digest = item->have && item->instance->schema->rules[RULE_DIGEST];
        if (!has_digest)
            object->touched = 1;
        for (uint32_t k = 0; k < step->command_count && !object->touched; k++) {
            if (is_index_edit(&step->commands[k], index))
                continue;
            Work work;
            work_init(&work, planning, item);
            object = planning_object(planning, item->object);
            object->touched = 1;
            object->digest = work_digest(&work);
            if (object->digest)
                command_fill(session->arena, step, k, item->object, object->digest);
        }
    }
}

void schedule_steps(Planning *planning, NodeList order) {
    Arena *passing = arena_open();
    uint32_t count = planning->made.count;
    Schedule schedule = {
        .planning = planning,
        .passing = passing,
        .after = ARENA_ARRAY(passing, NodeList, count),
        .mark = ARENA_ARRAY(passing, uint32_t, count),
        .list = ARENA_ARRAY(passing, uint32_t, count),
    };
    for (uint32_t i = 0; i < order.count; i++)
        node_schedule(&schedule, order.items[i]);
    planning->steps = steps_sort(&schedule);
    arena_close(passing);
    digests_fill(planning);
}
