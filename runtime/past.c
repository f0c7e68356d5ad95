/* The steps of a run by the objects that they were about. */
#include "runtime/past.h"

#include "compiler/lookup.h"
#include "lang/json.h"

typedef struct Past {
    History *history;
    const PastStep *steps;
    uint32_t step_count;
    Lookup *numbers;                    /* id to number of a step, + 1 */
    Lookup *objects_by_name;            /* to the number of an object, + 1 */
    uint32_t *object_of;                /* step to its object, + 1; 0: it changed none */
    VECTOR(FormerObject) objects;
} Past;

static Arena *arena_of(const Past *past) {
    return past->history->arena;
}

static uint32_t *step_slot(Past *past, int64_t id) {
    return lookup_slot(past->numbers, arena_printf(arena_of(past), "%lld", (long long)id));
}

/* Did it begin, and was it to change something? */
static int step_counts(const PastStep *step, Str phase) {
    return step->after && !str_equal(step->verb, STR("wait")) && !str_equal(step->state, STR("already")) &&
           (!phase.length || str_equal(step->phase, phase));
}

static void changes_add(Past *past, FormerObject *object, const Value *changes) {
    uint32_t more = changes && changes->kind == VALUE_LIST ? changes->as.list.count : 0;
    Str *all = ARENA_ARRAY(arena_of(past), Str, object->change_count + more + 1);
    uint32_t count = 0;
    for (uint32_t i = 0; i < object->change_count; i++)
        all[count++] = object->changes[i];
    for (uint32_t i = 0; i < more; i++)
        if (changes->as.list.items[i]->kind == VALUE_STRING)
            all[count++] = changes->as.list.items[i]->as.string;
    object->changes = all;
    object->change_count = count;
}

static Str before_text(Past *past, const Value *before) {
    Text text = {0};
    if (before)
        json_write(before, JSON_COMPACT_SORTED, 0, &text);
    Str result = arena_str(arena_of(past), text_str(&text));
    text_fini(&text);
    return result;
}

static void step_add(Past *past, uint32_t number) {
    const PastStep *step = &past->steps[number];
    Str key = arena_printf(arena_of(past), "%.*s\n%.*s\n%.*s", (int)step->type.length, step->type.text, (int)step->place.length, step->place.text,
                           (int)step->identity.length, step->identity.text);
    uint32_t *slot = lookup_slot(past->objects_by_name, key);
    if (!*slot) {
        FormerObject object = {.address = step->address, .type = step->type, .place = step->place, .identity = step->identity,
                               .before = before_text(past, step->before)};
        VECTOR_PUSH(arena_of(past), &past->objects, object);
        *slot = past->objects.count;
    }
    past->object_of[number] = *slot;
    FormerObject *object = &past->objects.items[*slot - 1];
    changes_add(past, object, step->changes);
    object->adopted |= str_equal(step->verb, STR("adopt"));
    object->found_late |= str_equal(step->verb, STR("create")) && step->before && step->before->kind == VALUE_RECORD;
    if (str_equal(step->verb, STR("run")))
        object->stays = "what was run stays done";
}

/* ---- order ---- */

static void later_add(Past *past, uint32_t object, uint32_t later) {
    FormerObject *former = &past->objects.items[object];
    uint32_t *all = ARENA_ARRAY(arena_of(past), uint32_t, former->later_count + 1);
    for (uint32_t i = 0; i < former->later_count; i++) {
        if (former->later[i] == later)
            return;
        all[i] = former->later[i];
    }
    all[former->later_count++] = later;
    former->later = all;
}

/* Whatever [number] waited for is taken back after it, also through steps that changed nothing. */
static void step_order(Past *past, uint32_t number, uint32_t *seen, uint32_t *stack) {
    uint32_t own = past->object_of[number], count = 0;
    stack[count++] = number;
    while (own && count) {
        const Value *after = past->steps[stack[--count]].after;
        for (uint32_t i = 0; after && after->kind == VALUE_LIST && i < after->as.list.count; i++) {
            uint32_t needed = after->as.list.items[i]->kind == VALUE_INT ? *step_slot(past, after->as.list.items[i]->as.integer) : 0;
            if (!needed || seen[needed - 1] == number + 1)
                continue;
            seen[needed - 1] = number + 1;
            if (!past->object_of[needed - 1])
                stack[count++] = needed - 1;
            else if (past->object_of[needed - 1] != own)
                later_add(past, past->object_of[needed - 1] - 1, own - 1);
        }
    }
}

const FormerObject *past_objects(History *history, const PastRun *run, Str phase, uint32_t *count) {
    Past past = {.history = history, .numbers = lookup_new(history->arena), .objects_by_name = lookup_new(history->arena)};
    past.steps = history_steps(history, run, &past.step_count);
    past.object_of = ARENA_ARRAY(history->arena, uint32_t, past.step_count + 1);
    uint32_t *seen = ARENA_ARRAY(history->arena, uint32_t, past.step_count + 1), *stack = ARENA_ARRAY(history->arena, uint32_t, past.step_count + 1);
    for (uint32_t i = 0; i < past.step_count; i++) {
        *step_slot(&past, past.steps[i].id) = i + 1;
        if (step_counts(&past.steps[i], phase))
            step_add(&past, i);
    }
    for (uint32_t i = 0; i < past.step_count; i++)
        step_order(&past, i, seen, stack);
    *count = past.objects.count;
    return past.objects.items;
}
