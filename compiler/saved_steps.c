/* The steps of a saved plan against those that are to be done now: the same, or what is left of them. */
#include "compiler/saved_plan.h"

#include "compiler/lookup.h"
#include "compiler/render.h"
#include "lang/json.h"

/* What all steps of one object have in common. */
typedef struct Resource {
    SavedPast past;
    uint32_t next;              /* the first of its saved steps that no step of now stands for, + 1; 0: none */
    uint8_t shared;             /* an earlier run began with another resource that writes the same object */
    uint8_t now;                /* it has steps now */
} Resource;

typedef struct Checker {
    const SavedPlan *saved;
    Diagnostics *diagnostics;
    uint32_t count;             /* of saved steps */
    Lookup *numbers;            /* "ADDRESS\nIDENTITY" to the number of a resource, + 1 */
    Lookup *begun_locks;        /* locks of resources with which an earlier run began */
    Resource *resources;        /* at most one for each saved step */
    uint32_t resource_count;
    uint32_t *chain;            /* saved step to the next one of its resource, + 1 */
    uint32_t *resource_of;      /* saved step to its resource */
    uint8_t *done;
    int good;
} Checker;

static Str text_of(const Checker *checker, const Value *step, const char *name) {
    const Value *value = saved_plan_member(checker->saved, step, name);
    return value && value->kind == VALUE_STRING ? value->as.string : STR("");
}

static const Value *saved_step(const Checker *checker, uint32_t number) {
    return checker->saved->steps->as.list.items[number];
}

static uint32_t *resource_slot(Checker *checker, const Value *step) {
    Str address = text_of(checker, step, "address"), identity = text_of(checker, step, "identity");
    return lookup_slot(checker->numbers, arena_printf(checker->saved->arena, "%.*s\n%.*s", (int)address.length, address.text, (int)identity.length, identity.text));
}

static const Value *step_locks(const Checker *checker, const Value *step) {
    const Value *locks = saved_plan_member(checker->saved, step, "locks");
    return locks && locks->kind == VALUE_LIST ? locks : NULL;
}

/* ---- the saved steps ---- */

static void saved_index(Checker *checker, SavedPast (*past)(void *context, Str address), void *context) {
    for (uint32_t i = checker->count; i--;) {
        const Value *step = saved_step(checker, i);
        uint32_t *slot = resource_slot(checker, step);
        if (!*slot) {
            checker->resources[checker->resource_count++] = (Resource){.past = past(context, text_of(checker, step, "address"))};
            *slot = checker->resource_count;
        }
        checker->resource_of[i] = *slot - 1;
        Resource *resource = &checker->resources[*slot - 1];
        checker->chain[i] = resource->next;
        resource->next = i + 1;
        const Value *locks = resource->past.begun ? step_locks(checker, step) : NULL;
        for (uint32_t k = 0; locks && k < locks->as.list.count; k++)
            if (locks->as.list.items[k]->kind == VALUE_STRING)
                *lookup_slot(checker->begun_locks, locks->as.list.items[k]->as.string) = 1;
    }
    for (uint32_t i = 0; i < checker->count; i++) {
        const Value *locks = step_locks(checker, saved_step(checker, i));
        for (uint32_t k = 0; locks && k < locks->as.list.count; k++)
            if (locks->as.list.items[k]->kind == VALUE_STRING && lookup_get(checker->begun_locks, locks->as.list.items[k]->as.string))
                checker->resources[checker->resource_of[i]].shared = 1;
    }
}

/* ---- differences ---- */

/* The first place at which two values differ: both sides of it. */
static int first_difference(const Value *a, const Value *b, const Value **left, const Value **right) {
    if (value_equal(a, b))
        return 0;
    *left = a;
    *right = b;
    if (a->kind == VALUE_LIST && b->kind == VALUE_LIST && a->as.list.count == b->as.list.count)
        for (uint32_t i = 0; i < a->as.list.count; i++)
            if (first_difference(a->as.list.items[i], b->as.list.items[i], left, right))
                return 1;
    if (a->kind == VALUE_RECORD && b->kind == VALUE_RECORD && a->as.record->count == b->as.record->count)
        for (uint32_t i = 0; i < a->as.record->count; i++) {
            const Value *other = record_get(b->as.record, a->as.record->fields[i].name);
            if (other && first_difference(a->as.record->fields[i].value, other, left, right))
                return 1;
        }
    return 1;
}

static const Value *kept_digest(const Checker *checker, const Value *value) {
    return value->kind == VALUE_RECORD && value->as.record->count == 1 ? saved_plan_member(checker->saved, value, "digest_of") : NULL;
}

/* A digest that was to be filled in after an earlier step stands there by now, where the earlier run did that step. */
static int commands_same(const Checker *checker, const Value *then, const Value *now, int touched) {
    if (touched && kept_digest(checker, then) && now->kind == VALUE_STRING)
        return 1;
    if (touched && then->kind == VALUE_LIST && now->kind == VALUE_LIST && then->as.list.count == now->as.list.count) {
        for (uint32_t i = 0; i < then->as.list.count; i++)
            if (!commands_same(checker, then->as.list.items[i], now->as.list.items[i], 1))
                return 0;
        return 1;
    }
    if (touched && then->kind == VALUE_RECORD && now->kind == VALUE_RECORD && then->as.record->count == now->as.record->count) {
        for (uint32_t i = 0; i < then->as.record->count; i++) {
            const Value *other = record_get(now->as.record, then->as.record->fields[i].name);
            if (!other || !commands_same(checker, then->as.record->fields[i].value, other, 1))
                return 0;
        }
        return 1;
    }
    return value_equal(then, now);
}

static Str printed(const Checker *checker, const Value *value) {
    Text text = {0};
    if (value && value->kind != VALUE_NONE)
        value_print(value, 100, &text);
    else
        text_add_literal(&text, "nothing");
    Str result = arena_str(checker->saved->arena, text_str(&text));
    text_fini(&text);
    return result;
}

static Span step_span(const Checker *checker, const Value *step) {
    return saved_plan_member(checker->saved, step, "address")->origin;
}

static Diagnostic *stale(Checker *checker, Span span, const Value *step, const char *what) {
    const Value *id = saved_plan_member(checker->saved, step, "id");
    Str address = text_of(checker, step, "address"), verb = text_of(checker, step, "verb");
    Str number = span.file && id && id->kind == VALUE_INT ? arena_printf(checker->saved->arena, "step %lld of the plan, ", (long long)id->as.integer) : STR("");
    Diagnostic *d = diag_error(checker->diagnostics, CODE_PLAN_STALE, span, "%.*s%.*s: %.*s: %s", (int)number.length, number.text, (int)address.length,
                               address.text, (int)verb.length, verb.text, what);
    diag_help(checker->diagnostics, d, "look at what has changed, and make a new plan");
    checker->good = 0;
    return d;
}

static void note_sides(Checker *checker, Diagnostic *d, const char *what, const Value *then, const Value *now) {
    Str expected = printed(checker, then), found = printed(checker, now);
    diag_note(checker->diagnostics, d, "%s: expected %.*s, found %.*s", what, (int)expected.length, expected.text, (int)found.length, found.text);
}

/* What was expected of each attribute that the step changes, and what is there; how many differ. */
static uint32_t note_changes(Checker *checker, Diagnostic *d, const Value *then, const Value *now) {
    const Value *left = saved_plan_member(checker->saved, then, "changes"), *right = saved_plan_member(checker->saved, now, "changes");
    uint32_t count = 0;
    for (uint32_t i = 0; left && right && left->kind == VALUE_LIST && right->kind == VALUE_LIST && i < left->as.list.count; i++) {
        const Value *change = left->as.list.items[i], *other = NULL;
        Str attribute = text_of(checker, change, "attribute");
        for (uint32_t k = 0; k < right->as.list.count && !other; k++)
            if (str_equal(text_of(checker, right->as.list.items[k], "attribute"), attribute))
                other = right->as.list.items[k];
        const Value *expected = saved_plan_member(checker->saved, change, "have"), *found = other ? saved_plan_member(checker->saved, other, "have") : NULL;
        int same = other && expected && found && value_equal(expected, found);
        count += !same;
        if (!other)
            diag_note(checker->diagnostics, d, "%.*s needs no change any more", (int)attribute.length, attribute.text);
        else if (!same)
            note_sides(checker, d, arena_str(checker->saved->arena, attribute).text, expected, found);
    }
    return count;
}

/* The two differ; says where, as near as can be. */
static void report_moved(Checker *checker, const Value *then, const Value *now, int touched) {
    const Value *left = saved_plan_member(checker->saved, then, "commands"), *right = saved_plan_member(checker->saved, now, "commands");
    int moved = !str_equal(text_of(checker, then, "seen"), text_of(checker, now, "seen"));
    Diagnostic *d = stale(checker, step_span(checker, then), then,
                          moved && !touched ? "it is not on the host what it was when the plan was made" : "something else would have to be done now");
    uint32_t changes = note_changes(checker, d, then, now);
    if (left && right && first_difference(left, right, &left, &right))
        note_sides(checker, d, left->kind == VALUE_STRING && right->kind == VALUE_STRING ? "a word of its commands" : "its commands", left, right);
    else if (moved && !touched && !changes)
        note_sides(checker, d, "the digest of all that is read of it", saved_plan_member(checker->saved, then, "seen"), saved_plan_member(checker->saved, now, "seen"));
}

/* ---- the steps of now ---- */

static int same_member(const Checker *checker, const Value *then, const Value *now, const char *name) {
    const Value *left = saved_plan_member(checker->saved, then, name), *right = saved_plan_member(checker->saved, now, name);
    return left && right ? value_equal(left, right) : left == right;
}

static int step_same(const Checker *checker, const Resource *resource, const Value *then, const Value *now) {
    const Value *left = saved_plan_member(checker->saved, then, "commands"), *right = saved_plan_member(checker->saved, now, "commands");
    return left && right && commands_same(checker, left, right, resource->shared) && same_member(checker, then, now, "class") &&
           same_member(checker, then, now, "changes") && (resource->shared || same_member(checker, then, now, "seen"));
}

/* With what an earlier run of the plan began it goes on, whatever is left to do; what it had finished must be as it left it. */
static void check_begun(Checker *checker, const Resource *resource, const Value *now) {
    Str seen = text_of(checker, now, "seen");
    if (!resource->past.seen.length || str_equal(resource->past.seen, seen))
        return;
    Diagnostic *d = stale(checker, SPAN_NONE, now, "it is not on the host what the earlier run of this plan left");
    diag_note(checker->diagnostics, d, "the digest of all that is read of it: expected %.*s, found %.*s", (int)resource->past.seen.length,
              resource->past.seen.text, (int)seen.length, seen.text);
}

static void check_step(Checker *checker, const Value *now) {
    uint32_t number = *resource_slot(checker, now);
    if (!number) {
        Diagnostic *d = stale(checker, SPAN_NONE, now, "has to be done now, and does not stand in the plan");
        diag_note(checker->diagnostics, d, "because: %.*s", (int)text_of(checker, now, "reason").length, text_of(checker, now, "reason").text);
        return;
    }
    Resource *resource = &checker->resources[number - 1];
    int first = !resource->now;
    resource->now = 1;
    /* Steps that are no longer needed may stand before it. */
    uint32_t at = resource->next;
    while (at && !str_equal(text_of(checker, saved_step(checker, at - 1), "verb"), text_of(checker, now, "verb")))
        at = checker->chain[at - 1];
    if (resource->past.begun) {
        if (first)
            check_begun(checker, resource, now);
    } else if (!at) {
        stale(checker, SPAN_NONE, now, "has to be done now, and does not stand in the plan");
    } else if (!step_same(checker, resource, saved_step(checker, at - 1), now)) {
        report_moved(checker, saved_step(checker, at - 1), now, resource->shared);
    }
    if (at) {
        checker->done[at - 1] = 0;
        resource->next = checker->chain[at - 1];
    }
}

static int check_bystander(Checker *checker, const Bystander *blocked) {
    for (uint32_t i = 0; i < checker->count; i++) {
        const Value *step = saved_step(checker, i);
        if (!str_equal(text_of(checker, step, "address"), blocked->address))
            continue;
        Diagnostic *d = stale(checker, step_span(checker, step), step, "it may not be touched any more");
        diag_note(checker->diagnostics, d, "it %.*s", (int)blocked->reason.length, blocked->reason.text);
        return 1;
    }
    return 0;
}

/* What is blocked was the site's, or was not there, when the plan was made. What only waits for it is no news, unless it stands in the plan alone. */
static void check_blocked(Checker *checker, const Plan *now) {
    int told = 0;
    for (uint32_t i = 0; i < now->blocked_count; i++)
        told |= !now->blocked[i].waits && check_bystander(checker, &now->blocked[i]);
    for (uint32_t i = 0; i < now->blocked_count && !told; i++)
        if (now->blocked[i].waits)
            check_bystander(checker, &now->blocked[i]);
}

/* Of a resource that still has steps, none may be missing: it would be another change. */
static void check_missing(Checker *checker) {
    for (uint32_t i = 0; i < checker->count; i++) {
        const Resource *resource = &checker->resources[checker->resource_of[i]];
        if (checker->done[i] && resource->now && !resource->past.begun && !resource->shared)
            stale(checker, step_span(checker, saved_step(checker, i)), saved_step(checker, i), "is not needed any more, while other steps of the same resource are");
    }
}

int saved_plan_check_steps(const SavedPlan *saved, const Plan *now, Diagnostics *own, SavedPast (*past)(void *context, Str address), void *context,
                           uint8_t *done, Diagnostics *diagnostics) {
    Arena *arena = saved->arena;
    uint32_t count = saved->steps->as.list.count;
    Checker checker = {
        .saved = saved, .diagnostics = diagnostics, .count = count, .numbers = lookup_new(arena), .begun_locks = lookup_new(arena),
        .resources = ARENA_ARRAY(arena, Resource, count + 1), .chain = ARENA_ARRAY(arena, uint32_t, count + 1),
        .resource_of = ARENA_ARRAY(arena, uint32_t, count + 1), .done = done, .good = 1,
    };
    Text text = {0};
    Str problem;
    render_plan_json(now, own, &text);
    const Value *root = json_read_at(arena, saved->names, text_str(&text), SPAN_NONE, &problem);
    const Value *steps = root ? saved_plan_member(saved, root, "steps") : NULL;
    saved_index(&checker, past, context);
    for (uint32_t i = 0; i < count; i++)
        done[i] = 1;
    for (uint32_t i = 0; steps && i < steps->as.list.count; i++)
        check_step(&checker, steps->as.list.items[i]);
    check_blocked(&checker, now);
    if (checker.good)
        check_missing(&checker);
    text_fini(&text);
    return steps && checker.good;
}
