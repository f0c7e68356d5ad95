/* What apply asks about a plan: what to read again, whether a step did what it promised, and what a value is that was unknown. */
#include "compiler/elsewhere.h"

#include "compiler/codec.h"
#include "compiler/defer.h"
#include "compiler/inspect.h"
#include "compiler/secret.h"
#include "compiler/slice.h"

/* ---- reading again ---- */

static Item *step_item(const Session *session, const Step *step) {
    return &session->planning->items[(const Item *)step->subject - session->planning->items];
}

const ReadRequest *session_step_reads(Session *session, const Step *step, uint32_t *count) {
    *count = 0;
    if (!step_item(session, step)->instance->schema->rules[RULE_READ])
        return NULL;
    return inspection_one(session, step_item(session, step)->instance, count);
}

/* Takes over what was read since; 0 where nothing could be. */
static int item_refresh(Session *session, Item *item) {
    if (!inspection_decode_one(session, item->instance))
        return 0;
    facts_hide(session, item->instance);
    item->have = facts_get(session->facts, item->place, item->instance->schema, item->instance->identity);
    /* What was removed left a file in which others stand: they tell its digest. */
    const Value *have = item->have;
    Work work;
    item->have = have ? have : inspection_other(session, item->instance);
    work_init(&work, session->planning, item);
    planning_object(session->planning, item->object)->digest = work_digest(&work);
    item->have = have;
    return 1;
}

/* What there is of an item by now: on its place, or until it was moved where it is. */
static const Value *item_now(Session *session, const Item *item, int *away) {
    const Value *have = facts_get(session->facts, item->place, item->instance->schema, item->instance->identity);
    *away = elsewhere_name(item->instance->schema, have).length > 0;
    if (!*away)
        return have;
    return item->away ? facts_get(session->facts, item->away->head.address, item->instance->schema, item->instance->identity) : NULL;
}

/* ---- what a step promised ---- */

static int is_ours(Session *session, const Item *item) {
    Owner owner = ownership_of(session, item->place, item->instance->schema, item->instance->identity, item->instance->head.address, item->have).owner;
    /* The index is not read again after every step: only a stamp can tell. */
    return owner == OWNER_OURS || owner == OWNER_RENAMED || (owner == OWNER_NOBODY && !item->instance->schema->stamp);
}

static void report_value(Text *report, const char *before, const Value *value) {
    text_add(report, str_of(before));
    if (value->kind == VALUE_NONE)
        text_add_literal(report, "nothing");
    else if (value->kind == VALUE_UNSET)
        text_add_literal(report, "that it is cleared");
    else
        value_print(value, 200, report);
}

static int report_missing(const Item *item, Text *report) {
    text_add(report, name_str(item->instance->schema->name));
    text_add_char(report, ' ');
    text_add(report, item->instance->identity);
    text_add(report, item->instance->absent ? STR(": expected that it is gone, found it\n") : STR(": expected that it exists, found nothing\n"));
    return 0;
}

/* What was started runs, what was stopped does not: that shows even where the text says nothing of it. */
static int verify_power(Session *session, Item *item, const Step *step, Text *report) {
    if ((step->verb != VERB_START && step->verb != VERB_STOP) || !item->instance->schema->rules[RULE_LIVE])
        return 1;
    Work work;
    work_init(&work, session->planning, item);
    if (work_is_live(&work) == (step->verb == VERB_START))
        return 1;
    text_add(report, step->verb == VERB_START ? STR("expected that it runs, found that it does not\n") : STR("expected that it is stopped, found that it runs\n"));
    return 0;
}

/* An action has done what it was for if it says so itself. */
static int verify_action(Session *session, Item *item, const Step *step, Text *report) {
    Work work;
    work_init(&work, session->planning, item);
    const Value *done = step->last ? rule_eval(session, RULE_DONE, &work.context) : NULL;
    if (!done || (done->kind == VALUE_BOOL && done->as.boolean))
        return 1;
    text_add_literal(report, "expected that it is done then, found that it is not\n");
    return 0;
}

int session_step_verify(Session *session, const Step *step, Text *report) {
    Item *item = step_item(session, step);
    const Schema *schema = item->instance->schema;
    if (!schema->rules[RULE_READ])
        return 1;
    if (!item_refresh(session, item)) {
        text_add_literal(report, "it could not be read again\n");
        return 0;
    }
    if (schema->rules[RULE_ACT])
        return verify_action(session, item, step, report);
    /* What others write too is still there for them. */
    if (item->instance->absent)
        return !step->last || !item->have || item->instance->schema->is_shared ? 1 : report_missing(item, report);
    if (!item->have)
        return report_missing(item, report);
    Str elsewhere = elsewhere_name(schema, item->have);
    if (elsewhere.length) {
        text_addf(report, "expected that it is on %.*s, found that it is on %.*s\n", (int)item->place.length, item->place.text, (int)elsewhere.length, elsewhere.text);
        return 0;
    }
    if (!verify_power(session, item, step, report))
        return 0;
    if (!step->last)
        return 1;
    if (!item->disowned && !is_ours(session, item)) {
        const Value *stamp = ownership_stamp(session, item->instance);
        text_add_literal(report, "stamp: expected ");
        text_add(report, stamp ? stamp->as.string : STR("the stamp of this site"));
        text_add_literal(report, ", found none or another\n");
        return 0;
    }
    Comparison *comparison = &session->planning->comparison;
    compare_object(session, item->instance, item->have, comparison);
    for (uint32_t i = 0; i < comparison->details.count; i++) {
        const Detail *detail = &comparison->details.items[i];
        text_add(report, detail->name);
        report_value(report, ": expected ", detail->want);
        report_value(report, ", found ", detail->have);
        text_add_char(report, '\n');
    }
    return comparison->details.count == 0;
}

/* Does one of the attributes that the step changes still differ? */
static int changes_left(const Step *step, const Comparison *comparison) {
    for (uint32_t i = 0; i < comparison->details.count; i++)
        for (uint32_t k = 0; k < step->change_count; k++)
            if (str_equal(comparison->details.items[i].name, step->changes[k].attribute))
                return 1;
    return 0;
}

/* Does the step begin with a line in the index of names? */
static int marks_first(Session *session, const Step *step) {
    const Value *path = step->command_count && step->commands[0].kind == COMMAND_EDIT ? command_field(&step->commands[0], "path") : NULL;
    return path && path->kind == VALUE_STRING && str_equal(path->as.string, inspection_owned_path(session));
}

/* Takes over what was read before the step. What could not be read counts as not there: nothing was known of it before either. */
static void item_look(Session *session, Item *item) {
    Diagnostics *diagnostics = session->diagnostics;
    session->diagnostics = session->planning->quiet;
    if (item->instance->reading)
        item_refresh(session, item);
    session->diagnostics = diagnostics;
}

/* Of what could not be looked at when the plan was made: it is as it should be, whoever made it so. */
static StepNeed unsure_need(Session *session, Item *item, const Step *step) {
    Comparison *comparison = &session->planning->comparison;
    if (item->instance->schema->rules[RULE_ACT]) {
        Text report = {0};
        int done = item->instance->schema->rules[RULE_DONE] && verify_action(session, item, step, &report);
        text_fini(&report);
        return done && step->last ? NEED_NOTHING : NEED_ALL;
    }
    if (!item->have)
        return NEED_ALL;
    compare_object(session, item->instance, item->have, comparison);
    if (comparison->details.count || (item->instance->schema->stamp && !is_ours(session, item)))
        return NEED_ALL;
    return marks_first(session, step) ? NEED_MARK : NEED_NOTHING;
}

/* As far as is known: from the plan's facts and what was read after the steps before. Only what can be seen on the host counts: a restart, a
   wait, or a command that is run leaves nothing to look at; one of several steps of a creation may do what no attribute tells of. */
StepNeed session_step_need(Session *session, const Step *step) {
    Item *item = step_item(session, step);
    int done;
    if (item->unsure)
        item_look(session, item);
    int away;
    item->have = item_now(session, item, &away);
    if (step->verb == VERB_MOVE && item->away)
        return away ? NEED_ALL : NEED_NOTHING;
    if (item->unsure && step->verb != VERB_WAIT)
        return unsure_need(session, item, step);
    if (item->instance->absent)
        return item->have || item->missing ? NEED_ALL : NEED_NOTHING;   /* what was gone before is to be forgotten */
    if (!item->have || !is_ours(session, item) || step->verb == VERB_RESTART)
        return NEED_ALL;
    if (step->verb == VERB_ADOPT)
        return item->instance->schema->stamp ? NEED_NOTHING : NEED_ALL;
    Comparison *comparison = &session->planning->comparison;
    compare_object(session, item->instance, item->have, comparison);
    if (step->verb == VERB_CREATE)
        done = item->step_count == 1 && !comparison->details.count;
    else
        done = step->change_count > 0 && !changes_left(step, comparison);
    return done ? NEED_NOTHING : NEED_ALL;
}

/* ---- what is written down ---- */

void session_step_object(Session *session, const Step *step, StepObject *object) {
    const Item *item = step_item(session, step);
    /* What was moved is one object, and known by where it was. */
    *object = (StepObject){.type = name_str(item->instance->schema->name), .place = item->away ? item->away->head.address : item->place};
    session_scratch(session);
    facts_write_object(session, item->have, &object->state);
    Str seen = item_seen(session, item);
    for (size_t i = 0; i < seen.length && i + 1 < sizeof object->seen; i++)
        object->seen[i] = seen.text[i];
    session_kept(session, NULL);
}

/* ---- what was unknown ---- */

/* "ip of pve.lxc.x": an attribute as the host has it by now; NULL where that is not known. */
static const Value *attribute_now(Session *session, Str text, const TypeField **declared) {
    Str between = STR(" of ");
    size_t at = slice_find(text, between, 0);
    if (at == text.length)
        return NULL;
    const Name *name = name_find(session->names, slice(text, 0, at));
    int64_t number = planning_find(session->planning, slice(text, at + between.length, text.length)), member;
    if (!name || number < 0)
        return NULL;
    const Item *item = &session->planning->items[number];
    const TypeField *attribute = schema_attribute(item->instance->schema, name, &member);
    const Value *have = facts_get(session->facts, item->place, item->instance->schema, item->instance->identity);
    const Value *value = have && attribute ? record_get(have->as.record, name) : NULL;
    if (declared)
        *declared = attribute;
    return value && value->kind != VALUE_NONE && value->kind != VALUE_UNKNOWN ? value : NULL;
}

static int fill_attribute(Session *session, Str text, Str *result) {
    const TypeField *attribute;
    const Value *value = attribute_now(session, text, &attribute);
    if (!value)
        return 0;
    Text out = {0};
    int written = codec_encode(session, attribute->type, &attribute->codec, value, value->origin, &out);
    *result = arena_str(session->arena, text_str(&out));
    text_fini(&out);
    return written;
}

/* What a computation takes of what was unknown: of an attribute the value itself, not its text for the host. */
static const Value *fill_value(Session *session, const Value *unknown) {
    Str text = {0};
    if (unknown->hole == HOLE_SECRET)
        return secret_value(session, unknown->as.unknown->text);
    if (unknown->hole == HOLE_UNKNOWN)
        return attribute_now(session, unknown->as.unknown->text, NULL);
    return session_fill(session, unknown, &text) ? value_string(session->arena, SPAN_NONE, text) : NULL;
}

static int fill_computed(Session *session, const Value *unknown, Str *text) {
    const Value *value = defer_force(session, unknown, fill_value);
    Text out = {0};
    uint8_t flags = 0;
    int known = value && value_to_text(session, value, unknown->origin, &out, &flags);
    if (known)
        *text = arena_str(session->arena, text_str(&out));
    text_fini(&out);
    return known;
}

int session_fill(Session *session, const Value *unknown, Str *text) {
    if (unknown->kind != VALUE_UNKNOWN || !session->planning)
        return 0;
    if (unknown->as.unknown->deferral)
        return fill_computed(session, unknown, text);
    switch ((HoleKind)unknown->hole) {
    case HOLE_UNKNOWN:
        return fill_attribute(session, unknown->as.unknown->text, text);
    case HOLE_DIGEST: {
        uint32_t number = lookup_get(session->planning->object_numbers, unknown->as.unknown->text);
        const Value *digest = number ? session->planning->objects.items[number - 1].digest : NULL;
        if (digest)
            *text = digest->as.string;
        return digest != NULL;
    }
    case HOLE_SECRET: {
        const Value *value = secret_value(session, unknown->as.unknown->text);
        if (value)
            *text = value->as.string;
        return value != NULL;
    }
    }
    return 0;
}
