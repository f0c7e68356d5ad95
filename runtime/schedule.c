/* The plan as a graph: counts of predecessors, a heap of ready steps, and a queue at every lock that is taken. */
#include "runtime/schedule.h"

#include <stdlib.h>
#include <string.h>

typedef struct Lock {
    Str name;
    uint32_t free;              /* how many more may hold it */
    uint32_t first, last;       /* the steps that wait for it, as positions + 1 linked by Node.next; 0: none */
} Lock;

typedef struct Node {
    uint32_t waiting;           /* predecessors that have not ended */
    uint32_t next;              /* in a lock's queue */
    uint32_t woken_by;          /* the lock + 1 whose release made it ready again */
    uint32_t first_lock, lock_count;
    uint32_t first_after, after_count;      /* who waits for this step */
    uint8_t left_out;
} Node;

struct Schedule {
    const Plan *plan;
    Node *nodes;
    Lock *locks;
    uint32_t *held;             /* the locks of each node, by number */
    uint32_t *dependents;       /* positions, of all nodes one behind the other */
    uint32_t *heap;             /* positions of ready steps, the smallest on top */
    uint32_t heap_count;
    uint32_t *stack;            /* for leaving out */
};

/* ---- locks by name ---- */

typedef struct LockUse {
    Str name;
    uint32_t limit;
    uint32_t slot;              /* in held */
} LockUse;

/* "pool:tank=2" is the lock "pool:tank" that two may hold. */
static LockUse lock_read(Str text, uint32_t slot) {
    LockUse use = {text, 1, slot};
    size_t digits = 0;
    uint32_t limit = 0;
    while (digits < text.length && digits < 4 && text.text[text.length - 1 - digits] >= '0' && text.text[text.length - 1 - digits] <= '9')
        digits++;
    if (!digits || digits == text.length || text.text[text.length - 1 - digits] != '=')
        return use;
    for (size_t i = text.length - digits; i < text.length; i++)
        limit = limit * 10 + (uint32_t)(text.text[i] - '0');
    use.name.length -= digits + 1;
    use.limit = limit ? limit : 1;
    return use;
}

static int lock_use_order(const void *a, const void *b) {
    const LockUse *left = a, *right = b;
    int order = str_compare(left->name, right->name);
    return order ? order : (left->slot > right->slot) - (left->slot < right->slot);
}

/* Numbers the locks. Where steps differ about how many may hold one, the strictest counts; a step that names one twice needs it once. */
static void locks_build(Schedule *schedule, Arena *arena) {
    const Plan *plan = schedule->plan;
    uint32_t total = 0, count = 0;
    for (uint32_t i = 0; i < plan->step_count; i++) {
        schedule->nodes[i].first_lock = total;
        total += plan->steps[i]->lock_count;
    }
    LockUse *uses = ARENA_ARRAY(arena, LockUse, total + 1);
    schedule->held = ARENA_ARRAY(arena, uint32_t, total + 1);
    schedule->locks = ARENA_ARRAY(arena, Lock, total + 1);
    for (uint32_t i = 0; i < plan->step_count; i++)
        for (uint32_t k = 0; k < plan->steps[i]->lock_count; k++)
            uses[schedule->nodes[i].first_lock + k] = lock_read(plan->steps[i]->locks[k], schedule->nodes[i].first_lock + k);
    if (total)
        qsort(uses, total, sizeof *uses, lock_use_order);
    for (uint32_t i = 0; i < total; i++) {
        if (!i || !str_equal(uses[i].name, uses[i - 1].name))
            schedule->locks[count++] = (Lock){.name = uses[i].name, .free = uses[i].limit};
        Lock *lock = &schedule->locks[count - 1];
        if (uses[i].limit < lock->free)
            lock->free = uses[i].limit;
        schedule->held[uses[i].slot] = count - 1;
    }
    for (uint32_t i = 0; i < plan->step_count; i++) {
        Node *node = &schedule->nodes[i];
        uint32_t *held = schedule->held + node->first_lock;
        for (uint32_t k = 0; k < plan->steps[i]->lock_count; k++) {
            uint32_t same = 0;
            while (same < node->lock_count && held[same] != held[k])
                same++;
            if (same == node->lock_count)
                held[node->lock_count++] = held[k];
        }
    }
}

/* ---- the heap ---- */

static void heap_push(Schedule *schedule, uint32_t position) {
    uint32_t *heap = schedule->heap, at = schedule->heap_count++;
    while (at && heap[(at - 1) / 2] > position) {
        heap[at] = heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    heap[at] = position;
}

static uint32_t heap_pop(Schedule *schedule) {
    uint32_t *heap = schedule->heap, top = heap[0], moved = heap[--schedule->heap_count], at = 0;
    for (;;) {
        uint32_t child = at * 2 + 1;
        if (child >= schedule->heap_count)
            break;
        if (child + 1 < schedule->heap_count && heap[child + 1] < heap[child])
            child++;
        if (heap[child] >= moved)
            break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = moved;
    return top;
}

/* ---- the graph ---- */

static int position_of(const Plan *plan, uint32_t id, uint32_t *position) {
    *position = id - 1;
    return id >= 1 && id <= plan->step_count;
}

static void graph_build(Schedule *schedule, Arena *arena) {
    const Plan *plan = schedule->plan;
    uint32_t total = 0, position;
    for (uint32_t i = 0; i < plan->step_count; i++)
        for (uint32_t k = 0; k < plan->steps[i]->after_count; k++)
            if (position_of(plan, plan->steps[i]->after[k], &position)) {
                schedule->nodes[position].after_count++;
                schedule->nodes[i].waiting++;
            }
    for (uint32_t i = 0; i < plan->step_count; i++) {
        schedule->nodes[i].first_after = total;
        total += schedule->nodes[i].after_count;
        schedule->nodes[i].after_count = 0;
    }
    schedule->dependents = ARENA_ARRAY(arena, uint32_t, total + 1);
    for (uint32_t i = 0; i < plan->step_count; i++)
        for (uint32_t k = 0; k < plan->steps[i]->after_count; k++)
            if (position_of(plan, plan->steps[i]->after[k], &position)) {
                Node *node = &schedule->nodes[position];
                schedule->dependents[node->first_after + node->after_count++] = i;
            }
}

Schedule *schedule_new(Arena *arena, const Plan *plan) {
    Schedule *schedule = ARENA_NEW(arena, Schedule);
    schedule->plan = plan;
    schedule->nodes = ARENA_ARRAY(arena, Node, plan->step_count + 1);
    schedule->heap = ARENA_ARRAY(arena, uint32_t, plan->step_count + 1);
    schedule->stack = ARENA_ARRAY(arena, uint32_t, plan->step_count + 1);
    locks_build(schedule, arena);
    graph_build(schedule, arena);
    for (uint32_t i = 0; i < plan->step_count; i++)
        if (!schedule->nodes[i].waiting)
            heap_push(schedule, i);
    return schedule;
}

/* ---- running ---- */

/* Makes the first step that waits for the lock ready, if there is one. */
static void lock_wake(Schedule *schedule, uint32_t number) {
    Lock *lock = &schedule->locks[number];
    if (!lock->first || !lock->free)
        return;
    uint32_t position = lock->first - 1;
    Node *node = &schedule->nodes[position];
    lock->first = node->next;
    if (!lock->first)
        lock->last = 0;
    node->next = 0;
    node->woken_by = number + 1;
    heap_push(schedule, position);
}

/* Takes all locks of the step, or none: then it waits at the first that is taken. */
static int locks_take(Schedule *schedule, uint32_t position) {
    Node *node = &schedule->nodes[position];
    const uint32_t *held = schedule->held + node->first_lock;
    uint32_t woken_by = node->woken_by;
    node->woken_by = 0;
    for (uint32_t i = 0; i < node->lock_count; i++) {
        Lock *lock = &schedule->locks[held[i]];
        if (lock->free)
            continue;
        if (lock->last)
            schedule->nodes[lock->last - 1].next = position + 1;
        else
            lock->first = position + 1;
        lock->last = position + 1;
        /* It was woken for a lock that it does not take now: the next in that queue may have it. */
        if (woken_by && woken_by - 1 != held[i])
            lock_wake(schedule, woken_by - 1);
        return 0;
    }
    for (uint32_t i = 0; i < node->lock_count; i++)
        schedule->locks[held[i]].free--;
    return 1;
}

const Step *schedule_next(Schedule *schedule) {
    while (schedule->heap_count) {
        uint32_t position = heap_pop(schedule);
        if (locks_take(schedule, position))
            return schedule->plan->steps[position];
    }
    return NULL;
}

static void dependents_leave_out(Schedule *schedule, uint32_t position, void (*left_out)(void *context, const Step *step, const Step *cause),
                                 void *context) {
    uint32_t count = 0;
    schedule->stack[count++] = position;
    while (count) {
        uint32_t cause = schedule->stack[--count];
        const Node *node = &schedule->nodes[cause];
        for (uint32_t i = 0; i < node->after_count; i++) {
            uint32_t dependent = schedule->dependents[node->first_after + i];
            if (schedule->nodes[dependent].left_out)
                continue;
            schedule->nodes[dependent].left_out = 1;
            schedule->stack[count++] = dependent;
            left_out(context, schedule->plan->steps[dependent], schedule->plan->steps[cause]);
        }
    }
}

void schedule_end(Schedule *schedule, const Step *step, int well, void (*left_out)(void *context, const Step *step, const Step *cause),
                  void *context) {
    uint32_t position = step->id - 1;
    const Node *node = &schedule->nodes[position];
    for (uint32_t i = 0; i < node->lock_count; i++) {
        uint32_t number = schedule->held[node->first_lock + i];
        schedule->locks[number].free++;
        lock_wake(schedule, number);
    }
    if (!well) {
        dependents_leave_out(schedule, position, left_out, context);
        return;
    }
    for (uint32_t i = 0; i < node->after_count; i++) {
        uint32_t dependent = schedule->dependents[node->first_after + i];
        if (!--schedule->nodes[dependent].waiting && !schedule->nodes[dependent].left_out)
            heap_push(schedule, dependent);
    }
}
