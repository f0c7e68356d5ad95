/* The way back of a step: the step from what is wanted to what the facts recorded, by the same rules with the sides exchanged. */
#include "compiler/elsewhere.h"

#include <string.h>

#include "compiler/session.h"

/* ---- evaluating without reports ---- */

/* A rule may have no answer for the way back; that is no mistake of the text. */
static int quiet_rule(Work *work, const RuleContext *context, Rule rule, Drafts *drafts) {
    Planning *planning = work->planning;
    Session *session = planning->session;
    Work quiet = *work;
    quiet.context = *context;
    Diagnostics *diagnostics = session->diagnostics;
    session->diagnostics = planning->quiet;
    int good = work->item->instance->schema->rules[rule] != NULL && work_rule(&quiet, rule, drafts);
    session->diagnostics = diagnostics;
    return good;
}

/* All commands of the drafts, one after the other, behind those that the step has. */
static void step_undo(Session *session, Step *step, const Draft *drafts, uint32_t count) {
    StepMore *more = work_more(session, step);
    uint32_t total = more->undo_count;
    for (uint32_t i = 0; i < count; i++)
        total += drafts[i].commands.count;
    Command *undo = ARENA_ARRAY(session->permanent, Command, total);
    if (more->undo_count)
        memcpy(undo, more->undo, sizeof *undo * more->undo_count);
    uint32_t at = more->undo_count;
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t k = 0; k < drafts[i].commands.count; k++)
            undo[at++] = command_keep(session, drafts[i].commands.items[k]);
    more->undo = undo;
    more->undo_count = total;
}

static const Value *index_removal(Work *work) {
    const Item *item = work->item;
    return ownership_index_edit(work->planning->session, item->place, item->instance->schema, item->instance->identity, NULL);
}

/* ---- creation ---- */

/* The steps of one item that are taken back in one way: planning->made from [first] up to [end]. */
typedef struct Range {
    uint32_t first, end;
} Range;

static void creation_back(Work *work, Range range) {
    Planning *planning = work->planning;
    Drafts *drafts = &planning->undo;
    RuleContext context = work->context;
    /* What will be there then is what is wanted. */
    context.have = context.want;
    drafts->items.count = 0;
    Step **steps = planning->made.items;
    if (!quiet_rule(work, &context, RULE_DELETE, drafts) || !drafts->items.count) {
        steps[range.first]->undo_note = "its type does not say how it is removed";
        return;
    }
    if (!work->item->instance->schema->stamp) {
        work->use.rule = RULE_DELETE;
        draft_add(planning->session, &drafts->items.items[drafts->items.count - 1], &work->use, index_removal(work), 0);
    }
    step_undo(planning->session, steps[range.first], drafts->items.items, drafts->items.count);
    for (uint32_t i = range.first + 1; i < range.end; i++)
        steps[i]->undo_note = "the first step of this resource takes all of it back";
}

/* ---- changes ---- */

/* What the attribute is to have again. What has grown keeps its size. */
static const Value *former_value(Session *session, const Comparison *comparison, const Difference *difference) {
    const Value *have = difference->have;
    if (!have || have->kind != VALUE_RECORD)
        return have;
    size_t base = difference->name->length + 1;
    Field *fields = ARENA_ARRAY(session->arena, Field, comparison->details.count);
    uint32_t count = 0;
    for (uint32_t i = 0; i < comparison->details.count; i++) {
        const Detail *detail = &comparison->details.items[i];
        if (detail->change != CHANGE_GROW || detail->name.length <= base ||
            memcmp(detail->name.text, difference->name->text, base - 1) != 0 || detail->name.text[base - 1] != '.')
            continue;
        Str key = {detail->name.text + base, detail->name.length - base};
        fields[count++] = (Field){name_intern(session->names, key), detail->want, SPAN_NONE};
    }
    if (!count)
        return have;
    return record_overlay(session, have, fields, count);
}

/* The same rule with the sides exchanged: what the host had is wanted, what is wanted is there. */
static RuleContext context_back(Work *work) {
    Planning *planning = work->planning;
    Session *session = planning->session;
    const Comparison *comparison = &planning->comparison;
    uint32_t count = comparison->differences.count, changed = 0, cleared = 0, replaced = 0;
    Field *back = ARENA_ARRAY(session->arena, Field, count), *wanted = ARENA_ARRAY(session->arena, Field, count);
    Field *after = ARENA_ARRAY(session->arena, Field, count);
    const Value **names = ARENA_ARRAY(session->arena, const Value *, count);
    for (uint32_t i = 0; i < count; i++) {
        const Difference *difference = &comparison->differences.items[i];
        after[i] = (Field){difference->name, difference->want, SPAN_NONE};
        if (difference->told)
            after[i].value = record_get(work->item->have->as.record, difference->name);
        if (difference->told || difference->change == CHANGE_GROW)
            continue;
        const Value *former = former_value(session, comparison, difference);
        wanted[replaced++] = (Field){difference->name, former, SPAN_NONE};
        if (former && !(former->flags & VALUE_IMPLICIT))
            back[changed++] = (Field){difference->name, former, SPAN_NONE};
        else
            names[cleared++] = value_string(session->arena, SPAN_NONE, compare_property(session, difference->attribute, difference->member));
    }
    RuleContext context = work->context;
    context.have = record_overlay(session, work->item->have, after, count);
    context.instance = NULL;
    context.want = record_overlay(session, work_wanted(work), wanted, replaced);
    context.changed = record_overlay(session, NULL, back, changed);
    context.cleared = value_list(session->arena, SPAN_NONE, names, cleared);
    return context;
}

static int verbs_match(Verb forward, Verb back) {
    return forward == back || (forward == VERB_START && back == VERB_STOP) || (forward == VERB_STOP && back == VERB_START);
}

/* Each step gets the way back of its own verb; what is left goes with the first one, which is undone last. */
static void attach_back(Work *work, Range range, Drafts *drafts) {
    Planning *planning = work->planning;
    Session *session = planning->session;
    uint8_t *taken = ARENA_ARRAY(session->arena, uint8_t, drafts->items.count);
    uint32_t target = range.first;
    for (uint32_t i = range.first; i < range.end; i++) {
        Step *step = planning->made.items[i];
        if (step->verb == VERB_RESIZE || step->verb == VERB_RESTART)
            continue;
        for (uint32_t k = 0; k < drafts->items.count; k++)
            if (!taken[k] && verbs_match((Verb)step->verb, drafts->items.items[k].verb)) {
                step_undo(session, step, &drafts->items.items[k], 1);
                taken[k] = 1;
                break;
            }
    }
    while (target + 1 < range.end && planning->made.items[target]->verb == VERB_RESIZE)
        target++;
    for (uint32_t k = 0; k < drafts->items.count; k++)
        if (!taken[k])
            step_undo(session, planning->made.items[target], &drafts->items.items[k], 1);
}

/* Why a step of these has no way back. */
static const char *note_for(const Step *step, int failed, int something, int forgotten) {
    if (forgotten)
        return "of what it held only a digest is known";
    if (step->verb == VERB_RESIZE)
        return "what has grown can't shrink";
    if (step->verb == VERB_RESTART && !something)
        return "what waited for it is in force then";
    if (step->verb == VERB_RESTART)
        return "the step before it takes the change back";
    return failed ? "its type does not say how this is taken back" : "nothing has to be taken back";
}

/* Of a text that is compared by its digest nobody has kept what it was. */
static int is_forgotten(const Comparison *comparison) {
    for (uint32_t i = 0; i < comparison->differences.count; i++)
        if (comparison->differences.items[i].have && comparison->differences.items[i].attribute->codec.digest)
            return 1;
    return 0;
}

static void change_back(Work *work, Range range) {
    Planning *planning = work->planning;
    compare_object(planning->session, work->item->instance, work->item->have, &planning->comparison);
    Drafts *drafts = &planning->undo;
    RuleContext context = context_back(work);
    int failed = 0, restarts = 0, forgotten = is_forgotten(&planning->comparison), something = context.changed->as.record->count || context.cleared->as.list.count;
    drafts->items.count = 0;
    for (uint32_t i = range.first; i < range.end; i++)
        restarts |= planning->made.items[i]->verb == VERB_RESTART;
    if (something && (forgotten || !quiet_rule(work, &context, RULE_UPDATE, drafts) || !drafts->items.count)) {
        failed = 1;
        drafts->items.count = 0;
    } else if (something && restarts) {
        /* The old value needs a restart as the new one did. */
        failed = !quiet_rule(work, &context, RULE_RESTART, drafts);
    }
    attach_back(work, range, drafts);
    for (uint32_t i = range.first; i < range.end; i++) {
        Step *step = planning->made.items[i];
        if (!step_more(step)->undo_count)
            step->undo_note = note_for(step, failed, something, forgotten);
    }
}

/* ---- adoption ---- */

static void adoption_back(Work *work, Range range) {
    Planning *planning = work->planning;
    Session *session = planning->session;
    const Schema *schema = work->item->instance->schema;
    Drafts *drafts = &planning->undo;
    drafts->items.count = 0;
    if (adopts_by_index(schema)) {
        Draft draft = {.verb = VERB_ADOPT};
        work->use.rule = RULE_UPDATE;
        draft_add(session, &draft, &work->use, index_removal(work), 0);
        VECTOR_PUSH(session->arena, &drafts->items, draft);
    } else {
        const Value *have = record_get(work->item->have->as.record, schema->stamp->name);
        RuleContext context = work->context;
        Field field = {schema->stamp->name, have, SPAN_NONE};
        const Value **name = ARENA_ARRAY(session->arena, const Value *, 1);
        name[0] = value_string(session->arena, SPAN_NONE, compare_property(session, schema->stamp, -1));
        context.changed = record_overlay(session, NULL, &field, 1);
        context.cleared = value_list(session->arena, SPAN_NONE, name, have ? 0 : 1);
        if (!quiet_rule(work, &context, RULE_UPDATE, drafts))
            drafts->items.count = 0;
    }
    Step *first = planning->made.items[range.first];
    step_undo(session, first, drafts->items.items, drafts->items.count);
    if (!step_more(first)->undo_count)
        first->undo_note = "its type does not say how the stamp is taken off";
}

/* ---- moves ---- */

static void move_back(Work *work, Range range) {
    Planning *planning = work->planning;
    Drafts *drafts = &planning->undo;
    RuleContext context = work->context;
    Step *first = planning->made.items[range.first];
    context.destination = value_string(planning->session->arena, SPAN_NONE, place_known_as(planning->session, work->item->away));
    drafts->items.count = 0;
    if (quiet_rule(work, &context, RULE_MOVE, drafts))
        step_undo(planning->session, first, drafts->items.items, drafts->items.count);
    if (!step_more(first)->undo_count)
        first->undo_note = "its type does not say how it gets back";
}

/* ---- all of them ---- */

static void item_back(Planning *planning, Item *item) {
    uint32_t end = item->first_step + item->step_count;
    for (Range range = {item->first_step, item->first_step}; range.first < end; range.first = range.end) {
        Undo way = (Undo)planning->made.items[range.first]->way_back;
        while (range.end < end && planning->made.items[range.end]->way_back == (uint8_t)way)
            range.end++;
        if (way == UNDO_NONE)
            continue;
        Work work;
        planning_scratch(planning);
        work_init(&work, planning, item);
        switch (way) {
        case UNDO_NONE: break;
        case UNDO_CREATION: creation_back(&work, range); break;
        case UNDO_CHANGE: change_back(&work, range); break;
        case UNDO_ADOPTION: adoption_back(&work, range); break;
        case UNDO_MOVE: move_back(&work, range); break;
        }
        planning_kept(planning);
    }
}

void session_plan_undo(Session *session) {
    Planning *planning = session->planning;
    for (uint32_t i = 0; i < planning->count && !planning->undone; i++)
        item_back(planning, &planning->items[i]);
    planning->undone = 1;
}
