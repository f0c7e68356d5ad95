/* The way back of a whole run: from what is there now to what its journal recorded before each step, by the same rules as every plan. */
#include "compiler/found.h"
#include "compiler/elsewhere.h"
#include "compiler/planner.h"

#include <string.h>

#include "compiler/codec.h"
#include "compiler/facts_store.h"
#include "compiler/inspect_parts.h"
#include "compiler/library.h"
#include "lang/json.h"

/* What is to be made of one former object. */
typedef struct Back {
    Session *session;
    const FormerObject *former;
    const Schema *schema;
    const Instance *written;    /* the resource of the site that it is; NULL: it is no longer in the text */
    const Value *before;        /* record; NULL: there was none */
    const Value *have;
    Text why;                   /* why something of it stays */
    const char *unmade;         /* why it can't be made anew, where nobody knows all of it; else NULL */
    int unread;                 /* nobody can look at it now */
    const FormerObject *waits;  /* that is so of what goes back before it; NULL: of nothing */
} Back;

static void stays(Back *back, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void stays(Back *back, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    if (back->why.length)
        text_add_literal(&back->why, "; ");
    text_addv(&back->why, format, arguments);
    va_end(arguments);
}

/* ---- what it was ---- */

/* The resource of the text that is this very object; one that can move may stand on another place by now. */
static const Instance *instance_written(Session *session, const FormerObject *former, const Schema *schema) {
    for (uint32_t i = 0; i < session->instances.count; i++) {
        const Instance *instance = session->instances.items[i];
        if (instance->schema != schema || instance->left_out || !str_equal(instance->identity, former->identity))
            continue;
        if (schema->elsewhere || str_equal(instance_place_address(session, instance), former->place))
            return instance;
    }
    return NULL;
}

static const Instance *place_named(Session *session, Str address) {
    for (uint32_t i = 0; i < session->instances.count; i++)
        if (str_equal(session->instances.items[i]->head.address, address))
            return session->instances.items[i];
    return NULL;
}

/* ---- what it is to have again ---- */

/* "net0" of "net0.ip". */
static Str base_name(Str change) {
    const char *dot = change.length ? memchr(change.text, '.', change.length) : NULL;
    return (Str){change.text, dot ? (size_t)(dot - change.text) : change.length};
}

/* Of what is compared by digest, or is a secret, the host tells no more than that, and so does the journal. */
static int is_hidden(const TypeField *attribute) {
    return attribute->codec.digest || attribute->type->secret;
}

static const char NOT_WRITTEN_DOWN[] = "what it takes to make it again was not all written down: apply a text that describes it";
static const char WRITTEN_OTHERWISE[] = "only a digest of what it held was written down, and the text has something else now";

/* What to write so that the host has it again: nothing, where nobody had written it. */
static const Value *former_value(Back *back, const TypeField *attribute, const Value *value) {
    int told = value && value->kind != VALUE_NONE && (!(value->flags & VALUE_IMPLICIT) || attribute->never_clear.length);
    return told ? value : value_unset(back->session->arena, SPAN_NONE);
}

/* A record in which one sub-key is as it was, and those that the host has forgotten meanwhile are there again. */
static const Value *former_member(Back *back, const Value *now, const Value *before, Str key) {
    Session *session = back->session;
    const Name *name = name_intern(session->names, key);
    const Record *found = before->as.record;
    Field *fields = ARENA_ARRAY(session->arena, Field, found->count + 1);
    uint32_t count = 0;
    const Value *value = record_get(found, name);
    if (!value || value->kind == VALUE_NONE || value->flags & VALUE_IMPLICIT)
        value = value_unset(session->arena, SPAN_NONE);
    fields[count++] = (Field){name, value, SPAN_NONE};
    for (uint32_t i = 0; i < found->count; i++)
        if (found->fields[i].name != name && !record_get(now->as.record, found->fields[i].name) && !(found->fields[i].value->flags & VALUE_IMPLICIT))
            fields[count++] = found->fields[i];
    return record_overlay(session, now, fields, count);
}

/* The value that one change gives an attribute that has [now]; NULL where it is not known. */
static const Value *value_back(Back *back, const TypeField *attribute, int64_t member, Str change, const Value *now) {
    Str base = base_name(change);
    const Value *before = record_get(back->before->as.record, name_intern(back->session->names, base));
    if (attribute->codec.digest && !attribute->type->secret && before && before->kind != VALUE_NONE) {
        /* A text that was put back as it was has what the journal has the digest of. */
        const Value *written = back->written ? instance_attribute(back->session, back->written, attribute, member) : NULL;
        if (written && codec_matches(back->session, attribute, written, before))
            return written;
    }
    if (is_hidden(attribute)) {
        stays(back, "%.*s: what it was is %s", (int)change.length, change.text,
              attribute->type->secret ? "a secret, which nobody wrote down" : "not known, only its digest was written down");
        return NULL;
    }
    /* The stamp stands in the same text, and is written along. */
    if (attribute == back->schema->stamp && back->schema->stamp_fenced)
        return former_value(back, attribute, ownership_own_text(back->session, back->schema, attribute, before));
    int is_member = base.length < change.length && now && now->kind == VALUE_RECORD && before && before->kind == VALUE_RECORD;
    if (!is_member)
        return former_value(back, attribute, before);
    return former_member(back, now, before, (Str){change.text + base.length + 1, change.length - base.length - 1});
}

static const Value *now_value(const Back *back, const Name *name) {
    const Value *value = back->have ? record_get(back->have->as.record, name) : NULL;
    return value && value->kind != VALUE_NONE ? value : NULL;
}

static void slot_set(Session *session, Instance *instance, const TypeField *attribute, int64_t member, const Value *value) {
    static const Expr written = {.kind = EXPR_POISON};  /* marks it as given; its value is there already */
    static const Span nowhere = {0};
    Slot slot = {.attribute = attribute, .name_span = &nowhere,
                 .thunk = {.expr = &written, .value = value, .state = THUNK_DONE, .member = (int32_t)member}};
    uint32_t at = 0;
    while (at < instance->slot_count && (instance->slots[at].attribute->number < attribute->number ||
                                         (instance->slots[at].attribute == attribute && instance->slots[at].thunk.member < member)))
        at++;
    if (at < instance->slot_count && instance->slots[at].attribute == attribute && instance->slots[at].thunk.member == member) {
        instance->slots[at] = slot;
        return;
    }
    Slot *slots = ARENA_ARRAY(session->arena, Slot, instance->slot_count + 1);
    memcpy(slots, instance->slots, sizeof *slots * at);
    slots[at] = slot;
    if (instance->slot_count > at)
        memcpy(slots + at + 1, instance->slots + at, sizeof *slots * (instance->slot_count - at));
    instance->slots = slots;
    instance->slot_count++;
}

/* What is gone can't be made again where not all is known that its type demands: what was hidden, or what nobody had looked at. */
static int is_partly_known(const Back *back, const Value *attributes) {
    for (uint32_t i = 0; i < back->schema->attribute_count; i++) {
        const TypeField *attribute = &back->schema->attributes[i];
        const Value *value = record_get(attributes->as.record, attribute->name);
        int is_there = value && value->kind != VALUE_NONE;
        if (is_there ? is_hidden(attribute) : !attribute->optional && !attribute->fallback && !attribute->computed && attribute->first > attribute->last)
            return 1;
    }
    return 0;
}

/* A resource that wants what is there, or was: the text's where it says so too, or tells what is only given at birth; else what is known of the host. */
static Instance *instance_as_found(Back *back) {
    Session *session = back->session;
    const FormerObject *former = back->former;
    const Instance *place = former->place.length ? place_named(session, former->place) : NULL;
    const Value *known = back->have ? back->have : back->before;
    if (!back->written) {
        const Value *attributes = known ? found_attributes(session, back->schema, former->identity, known) : record_overlay(session, NULL, NULL, 0);
        if (known && !back->have && is_partly_known(back, attributes))
            back->unmade = NOT_WRITTEN_DOWN;
        return found_instance(session, back->schema, place, former->address, former->identity, attributes);
    }
    Instance *instance = ARENA_NEW(session->arena, Instance);
    *instance = *back->written;
    instance->reading = NULL;
    if (place && instance_place(session, instance) != place)
        instance_put(session, instance, place);
    instance->slots = ARENA_ARRAY(session->arena, Slot, instance->slot_count + 1);
    instance->slot_count = 0;
    for (uint32_t i = 0; i < back->written->slot_count; i++) {
        Slot *slot = &back->written->slots[i];
        const Value *want = slot_value(session, slot);
        const Value *now = known ? record_get(known->as.record, name_intern(session->names, slot_name(session, slot))) : NULL;
        now = now && now->kind != VALUE_NONE ? now : NULL;
        int keep = !known || slot->attribute->change == CHANGE_CREATE || slot->attribute == back->schema->stamp ||
                   (want && codec_matches(session, slot->attribute, want, now));
        int hidden = is_hidden(slot->attribute);
        if (!keep && hidden && !back->have)
            back->unmade = now ? WRITTEN_OTHERWISE : NOT_WRITTEN_DOWN;
        if (!keep && (!now || hidden))
            continue;
        instance->slots[instance->slot_count] = *slot;
        if (!keep) {
            instance->slots[instance->slot_count].thunk.value = now;
            instance->slots[instance->slot_count].thunk.state = THUNK_DONE;
        }
        instance->slot_count++;
    }
    return instance;
}

/* ---- what no step can take back ---- */

static int is_refused(const Detail *detail) {
    if (detail->want->kind == VALUE_UNSET && detail->attribute->never_clear.length)
        return 1;
    return detail->change == CHANGE_GROW ? value_compare(detail->want, detail->have) != 1
                                         : detail->change == CHANGE_NEVER || detail->change == CHANGE_REPLACE;
}

/* What has grown keeps its size, and the like: says so, and wants what is there. */
static void keep_refused(Back *back, Instance *instance) {
    Session *session = back->session;
    Comparison comparison = {0};
    compare_object(session, instance, back->have, &comparison);
    for (uint32_t i = 0; i < comparison.details.count; i++) {
        const Detail *detail = &comparison.details.items[i];
        const Difference *difference = &comparison.differences.items[detail->difference];
        if (!is_refused(detail))
            continue;
        stays(back, "%.*s %s", (int)detail->name.length, detail->name.text,
              detail->change == CHANGE_GROW ? "has grown and can't shrink" : detail->want->kind == VALUE_UNSET ? "can't be cleared" : "can't change any more");
        const Value *now = now_value(back, difference->name), *want = difference->want;
        Str base = base_name(detail->name);
        if (want && want->kind == VALUE_RECORD && now && now->kind == VALUE_RECORD && base.length < detail->name.length) {
            Field field = {name_intern(session->names, (Str){detail->name.text + base.length + 1, detail->name.length - base.length - 1}), detail->have, SPAN_NONE};
            slot_set(session, instance, difference->attribute, difference->member, record_overlay(session, want, &field, 1));
        } else if (now) {
            slot_set(session, instance, difference->attribute, difference->member, now);
        }
    }
}

/* ---- one object ---- */

static int is_changed(const FormerObject *former, Str name) {
    for (uint32_t i = 0; i < former->change_count; i++)
        if (str_equal(base_name(former->changes[i]), name))
            return 1;
    return 0;
}

/* Setting one thing may have made the host forget another: what was there and is not any more is wanted too. */
static void want_lost(Back *back, Instance *instance) {
    for (uint32_t i = 0; i < back->before->as.record->count; i++) {
        const Field *field = &back->before->as.record->fields[i];
        int64_t member;
        const TypeField *attribute = schema_attribute(back->schema, field->name, &member);
        if (!attribute || attribute->computed || attribute->change == CHANGE_CREATE || attribute == back->schema->stamp || is_hidden(attribute) ||
            field->value->flags & VALUE_IMPLICIT || now_value(back, field->name) || is_changed(back->former, name_str(field->name)))
            continue;
        slot_set(back->session, instance, attribute, member, field->value);
    }
}

/* [changes] are those of [late]. */
static void name_add(Back *back, FormerObject *late, Str *changes, const Field *field, const Value *other) {
    int64_t member;
    const TypeField *attribute = schema_attribute(back->schema, field->name, &member);
    if (attribute && !attribute->computed && attribute->change != CHANGE_CREATE && attribute != back->schema->stamp && !is_changed(late, name_str(field->name)) &&
        !(other && value_equal(field->value, other)))
        changes[late->change_count++] = name_str(field->name);
}

/* What was found to be there when it was to be made has no changes in the journal: they are what differs by now. */
static const FormerObject *former_late(Back *back) {
    const Record *before = back->before->as.record, *now = back->have->as.record;
    FormerObject *late = ARENA_NEW(back->session->arena, FormerObject);
    *late = *back->former;
    Str *changes = ARENA_ARRAY(back->session->arena, Str, late->change_count + before->count + now->count);
    if (late->change_count)
        memcpy(changes, late->changes, sizeof *changes * late->change_count);
    late->changes = changes;
    for (uint32_t i = 0; i < before->count; i++)
        name_add(back, late, changes, &before->fields[i], record_get(now, before->fields[i].name));
    for (uint32_t i = 0; i < now->count; i++)
        if (!record_get(before, now->fields[i].name))
            name_add(back, late, changes, &now->fields[i], NULL);
    return late;
}

static Instance *instance_back(Back *back) {
    Session *session = back->session;
    if (back->former->found_late && back->before && back->have)
        back->former = former_late(back);
    const FormerObject *former = back->former;
    Instance *instance = instance_as_found(back);
    instance->head.address = former->address;
    instance->identity = former->identity;
    instance->absent = !back->before;
    for (uint32_t i = 0; back->before && i < former->change_count; i++) {
        int64_t member;
        const Name *name = name_intern(session->names, base_name(former->changes[i]));
        const TypeField *attribute = schema_attribute(back->schema, name, &member);
        if (!attribute) {
            stays(back, "%.*s: its type has no such attribute any more", (int)former->changes[i].length, former->changes[i].text);
            continue;
        }
        const Value *now = now_value(back, name);
        for (uint32_t k = 0; k < instance->slot_count; k++)
            if (instance->slots[k].attribute == attribute && instance->slots[k].thunk.member == member)
                now = slot_value(session, &instance->slots[k]);
        const Value *value = value_back(back, attribute, member, former->changes[i], now);
        if (value)
            slot_set(session, instance, attribute, member, value);
    }
    if (back->before && back->have && former->change_count) {
        want_lost(back, instance);
        keep_refused(back, instance);
        keep_refused(back, instance);   /* of two sub-keys of one attribute the second was overwritten by the first */
    }
    return instance;
}

/* What was removed and held data is not made anew: it would be another, and empty. */
static int can_come_back(Back *back) {
    if (!back->before || back->have)
        return 1;
    if (back->schema->holds_data)
        stays(back, "what was removed took its data along");
    else if (!back->schema->rules[RULE_CREATE])
        stays(back, "its type does not say how it is made");
    else
        return 1;
    return 0;
}

static void report_stays(Planning *planning, Back *back) {
    const FormerObject *former = back->former;
    if (!back->why.length)
        return;
    Bystander bystander = {former->address, former->type, former->identity, former->place, arena_str(planning->session->permanent, text_str(&back->why)), SPAN_NONE, 0};
    VECTOR_PUSH(planning->session->permanent, &planning->stays, bystander);
}

/* Reads what the journal says, finds what is there, and makes the item; 0 where it stays as it is. */
static int item_former(Back *back, Item *item) {
    Session *session = back->session;
    const FormerObject *former = back->former;
    Str error;
    const Value *before = json_read_at(session->arena, session->names, former->before, SPAN_NONE, &error);
    back->schema = schema_named(session, former->type);
    if (!back->schema) {
        stays(back, "the site knows no type %.*s any more", (int)former->type.length, former->type.text);
        return 0;
    }
    if (former->place.length && !place_named(session, former->place)) {
        stays(back, "the site knows no place %.*s any more", (int)former->place.length, former->place.text);
        return 0;
    }
    if (former->stays)
        stays(back, "%s", former->stays);
    if (!back->schema->rules[RULE_READ] || back->schema->rules[RULE_ACT])
        return 0;
    if (!before || (before->kind != VALUE_RECORD && before->kind != VALUE_NONE)) {
        stays(back, "the journal does not say what it was");
        return 0;
    }
    back->written = instance_written(session, former, back->schema);
    int named = back->written != NULL;
    if (back->written && back->written->absent && before->kind == VALUE_RECORD)
        back->written = NULL;   /* what the text says of it is only enough to remove it */
    Located located = elsewhere_locate(session, back->schema, former->place.length ? place_named(session, former->place) : NULL, former->identity);
    if (located.where == WHERE_TAKEN || located.where == WHERE_UNKNOWN) {
        stays(back, "it is on `%.*s` now, or something else has its name there", (int)located.name.length, located.name.text);
        return 0;
    }
    back->have = located.have;
    back->before = before->kind == VALUE_RECORD ? facts_typed(session, back->schema, before) : NULL;
    if (!named && !back->have && reading_by_name(session, former->place, back->schema)) {
        stays(back, "the text does not name it any more, and of its type only what is named is looked at");
        return 0;
    }
    if (!facts_known(session->facts, former->place, back->schema)) {
        stays(back, "what there is of it now is not known: take this run back once more when it can be looked at");
        back->unread = 1;
        return 0;
    }
    if (!can_come_back(back) || (!back->before && !back->have))
        return 0;
    Instance *instance = instance_back(back);
    if (back->unmade) {
        stays(back, "%s", back->unmade);
        return 0;
    }
    *item = (Item){.instance = instance, .place = former->place, .have = back->have, .away = located.place, .is_orphan = 1};
    return 1;
}

/* ---- steps ---- */

/* The stamp is what it was: none, or somebody else's. */
static void disown(Work *work, const Value *before) {
    Planning *planning = work->planning;
    Session *session = planning->session;
    Item *item = work->item;
    const Schema *schema = item->instance->schema;
    Drafts *drafts = &planning->drafts;
    drafts->items.count = 0;
    work->use.rule = RULE_UPDATE;
    if (adopts_by_index(schema)) {
        Draft draft = {.verb = VERB_SET};
        draft_add(session, &draft, &work->use, ownership_index_edit(session, item->place, schema, item->instance->identity, NULL), 0);
        VECTOR_PUSH(session->arena, &drafts->items, draft);
    } else {
        const Value *stamp = record_get(before->as.record, schema->stamp->name);
        stamp = stamp && stamp->kind != VALUE_NONE ? stamp : NULL;
        Field field = {schema->stamp->name, stamp, SPAN_NONE};
        const Value **name = ARENA_ARRAY(session->arena, const Value *, 1);
        name[0] = value_string(session->arena, SPAN_NONE, compare_property(session, schema->stamp, -1));
        work->context.changed = record_overlay(session, NULL, &field, 1);
        work->context.cleared = value_list(session->arena, SPAN_NONE, name, stamp ? 0 : 1);
        if (!work_rule(work, RULE_UPDATE, drafts))
            return;
    }
    for (uint32_t i = 0; i < drafts->items.count; i++) {
        drafts->items.items[i].verb = VERB_SET;
        drafts->items.items[i].risk = RISK_NONE;
        work_emit(work, &drafts->items.items[i], STR("was not managed by this site"), UNDO_NONE)->undo_note = "--adopt takes it over again";
    }
    item->disowned = 1;
}

static void item_steps_back(Planning *planning, Item *item, const Back *back) {
    Session *session = planning->session;
    Instance *instance = item->instance;
    Work work;
    Ownership ownership = ownership_of(session, item->place, instance->schema, instance->identity, instance->head.address, item->have);
    if (item->have && ownership.owner != OWNER_OURS && ownership.owner != OWNER_RENAMED && !(ownership.owner == OWNER_NOBODY && instance->schema->is_shared)) {
        Bystander bystander = {instance->head.address, name_str(instance->schema->name), instance->identity, item->place,
                               STR("is not this site's any more"), SPAN_NONE, 0};
        VECTOR_PUSH(session->permanent, &planning->stays, bystander);
        return;
    }
    work_init(&work, planning, item);
    if (instance->absent) {
        work_go_away(&work);
        item_remove(&work, STR("was not there before"));
    } else if (!item->have) {
        item_create(&work);
    } else {
        if (!item_move(&work))
            return;
        compare_object(session, instance, item->have, &planning->comparison);
        if (!compare_refuse(session, instance, &planning->comparison, place_phrase(session, item->place)) && planning->comparison.differences.count)
            item_change(&work, ownership);
        if (back->former->adopted) {
            work_init(&work, planning, item);
            disown(&work, back->before);
        }
    }
}

/* ---- the whole ---- */

void back_order(Planning *planning) {
    if (!planning->former_count)
        return;
    uint32_t *items = ARENA_ARRAY(planning->session->arena, uint32_t, planning->former_count + 1);
    for (uint32_t i = 0; i < planning->count; i++)
        if (planning->items[i].former)
            items[planning->items[i].former] = i + 1;
    for (uint32_t i = 0; i < planning->former_count; i++) {
        const FormerObject *former = &planning->formers[i];
        for (uint32_t k = 0; k < former->later_count; k++)
            if (former->later[k] > i && items[i + 1] && items[former->later[k] + 1])
                graph_add(planning->graph, items[i + 1] - 1, items[former->later[k] + 1] - 1);
    }
}

static int former_stands_in(Session *session, const FormerObject *former, const FormerObject *outer) {
    const Instance *place = place_named(session, former->place), *target = place_named(session, outer->address);
    return place && target && (place == target || instance_stands_in(session, place, target));
}

/* What goes back after something that nobody can look at now waits for it, but for what that stands in: it may have to go back first, to be looked at. */
static void back_hold(Back *backs, const FormerObject *formers, uint32_t count) {
    for (uint32_t i = count; i-- > 0;)
        for (uint32_t k = 0; k < formers[i].later_count && !backs[i].waits; k++) {
            const Back *later = &backs[formers[i].later[k]];
            const FormerObject *root = later->unread ? later->former : later->waits;
            if (root && !former_stands_in(later->session, root, &formers[i]))
                backs[i].waits = root;
        }
}

const Plan *session_plan_back(Session *session, const FormerObject *formers, uint32_t count, const PlanOptions *options) {
    uint32_t errors = diag_errors(session->diagnostics), item_count = 0;
    Item *items = ARENA_ARRAY(session->arena, Item, count + 1);
    Back *backs = ARENA_ARRAY(session->arena, Back, count + 1);
    facts_hide_all(session);
    for (uint32_t i = 0; i < count; i++) {
        backs[i] = (Back){.session = session, .former = &formers[i]};
        if (item_former(&backs[i], &items[item_count]))
            items[item_count++].former = i + 1;
    }
    Planning *planning = planning_collect_back(session, options, formers, count, items, item_count);
    if (!planning)
        return NULL;
    session->planning = planning;
    for (uint32_t i = 0; i < planning->count; i++)
        planning->items[i].selected = planning->items[i].former != 0;
    NodeList order = graph_order(planning->graph);
    back_hold(backs, formers, count);
    for (uint32_t i = 0; i < order.count; i++) {
        Item *item = order.items[i] < planning->count ? &planning->items[order.items[i]] : NULL;
        if (!item || !item->former)
            continue;
        Back *back = &backs[item->former - 1];
        if (back->waits) {
            stays(back, "it waits for %.*s", (int)back->waits->address.length, back->waits->address.text);
            continue;
        }
        planning_scratch(planning);
        item_steps_back(planning, item, back);
        planning_kept(planning);
    }
    for (uint32_t i = 0; i < count; i++) {
        report_stays(planning, &backs[i]);
        text_fini(&backs[i].why);
    }
    if (diag_errors(session->diagnostics) > errors)
        return NULL;
    schedule_steps(planning, order);
    Plan *plan = plan_make(planning);
    return diag_errors(session->diagnostics) > errors ? NULL : plan;
}
