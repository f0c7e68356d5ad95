/* One object to its steps: looks at what the host has, whose it is and what differs, and evaluates the rules that bring it about. */
#include "compiler/elsewhere.h"
#include "compiler/slice.h"

enum { SNAPSHOT_NAME_DIGITS = 12 };     /* of a SHA-256: enough to tell the states of one object apart */

/* ---- reports ---- */

static void report_no_rule(Work *work, Rule rule, const char *what) {
    Session *session = work->planning->session;
    const Instance *instance = work->item->instance;
    Diagnostic *diagnostic = diag_error(session->diagnostics, CODE_NO_CHANGE_RULE, instance->origin, "%.*s %s, and %s has no rule `%s`",
                                        (int)instance->head.address.length, instance->head.address.text, what, instance->schema->name->text,
                                        rule_name(rule));
    diag_also(session->diagnostics, diagnostic, instance->schema->decl->name.span, "the schema");
}

int rule_gives_nothing(Work *work, Rule rule, Str what) {
    Session *session = work->planning->session;
    const Instance *instance = work->item->instance;
    Diagnostic *diagnostic = diag_error(session->diagnostics, CODE_RULE_EMPTY, instance->schema->rules[rule]->span,
                                        "`%s` of %s gives no step, but %.*s", rule_name(rule), instance->schema->name->text, (int)what.length, what.text);
    diag_also(session->diagnostics, diagnostic, instance->origin, "for %.*s", (int)instance->head.address.length, instance->head.address.text);
    return 0;
}

static const Value *index_edit(Work *work, const Str *address) {
    const Item *item = work->item;
    return ownership_index_edit(work->planning->session, item->place, item->instance->schema, item->instance->identity, address);
}

/* ---- readiness ---- */

/* What stands in it waits until it has really begun. */
static void item_ready(Work *work) {
    Planning *planning = work->planning;
    const Item *item = work->item;
    int begins = 0;
    if (!planning->ready[item - planning->items])
        return;
    for (uint32_t i = 0; i < item->step_count; i++) {
        Verb verb = (Verb)planning->made.items[item->first_step + i]->verb;
        begins |= verb == VERB_CREATE || verb == VERB_START || verb == VERB_RESTART || verb == VERB_MOVE;
    }
    planning->drafts.items.count = 0;
    if (!begins || !work_rule(work, RULE_READY, &planning->drafts))
        return;
    for (uint32_t i = 0; i < planning->drafts.items.count; i++) {
        Step *step = work_emit(work, &planning->drafts.items.items[i], STR("what stands in it needs it"), UNDO_NONE);
        step->undo_note = "nothing has to be taken back";
    }
}

/* ---- creation ---- */

void item_create(Work *work) {
    Planning *planning = work->planning;
    Session *session = planning->session;
    const Schema *schema = work->item->instance->schema;
    if (!schema->rules[RULE_CREATE]) {
        report_no_rule(work, RULE_CREATE, "does not exist");
        return;
    }
    planning->drafts.items.count = 0;
    if (!work_rule(work, RULE_CREATE, &planning->drafts))
        return;
    if (!planning->drafts.items.count) {
        if (!schema->is_shared)
            rule_gives_nothing(work, RULE_CREATE, STR("the object does not exist"));
        return;
    }
    /* The name stands in the index before the object is there: a kill in between leaves a line too many, not an object that is nobody's. */
    if (!schema->stamp)
        draft_add(session, &planning->drafts.items.items[0], &work->use, index_edit(work, &work->item->instance->head.address), 1);
    for (uint32_t i = 0; i < planning->drafts.items.count; i++) {
        Draft *draft = &planning->drafts.items.items[i];
        /* Nobody depends yet on what is new: to start it costs nothing. */
        if (!draft->has_risk)
            draft->risk = RISK_NONE;
        work_emit(work, draft, i ? STR("is new") : work->item->unsure ? STR("may not exist") : STR("does not exist"), UNDO_CREATION);
    }
    item_ready(work);
}

/* ---- adoption ---- */

static const Value *have_attribute(const Item *item, const TypeField *attribute) {
    return record_get(item->have->as.record, attribute->name);
}

/* The text that the stamp's attribute should have while everything else stays as the host has it. */
static const Value *restamped(Work *work) {
    Session *session = work->planning->session;
    const Schema *schema = work->item->instance->schema;
    const Value *own = ownership_own_text(session, schema, schema->stamp, have_attribute(work->item, schema->stamp));
    return ownership_stamped(session, work->item->instance, schema->stamp_fenced ? own : NULL);
}

int adopts_by_index(const Schema *schema) {
    return !schema->stamp || !schema->rules[RULE_UPDATE] || schema->stamp->change == CHANGE_CREATE;
}

/* A step that writes the stamp and nothing else. */
static int item_adopt(Work *work, Ownership ownership) {
    Planning *planning = work->planning;
    Session *session = planning->session;
    const Schema *schema = work->item->instance->schema;
    Drafts *drafts = &planning->drafts;
    drafts->items.count = 0;
    work->use.rule = RULE_UPDATE;
    if (adopts_by_index(schema)) {
        Draft draft = {.verb = VERB_ADOPT};
        draft_add(session, &draft, &work->use, index_edit(work, &work->item->instance->head.address), 0);
        VECTOR_PUSH(session->arena, &drafts->items, draft);
    } else {
        Field field = {schema->stamp->name, restamped(work), SPAN_NONE};
        work->context.changed = record_overlay(session, NULL, &field, 1);
        int good = work_rule(work, RULE_UPDATE, drafts);
        if (!good)
            return 0;
        if (!drafts->items.count) {
            rule_gives_nothing(work, RULE_UPDATE, arena_printf(session->arena, "the stamp in `%s` is to be written", schema->stamp->name->text));
            return 0;
        }
    }
    Stamp former = ownership.stamp;
    Str reason = ownership.owner == OWNER_OTHER_SITE ? arena_printf(session->arena, "is taken from site %.*s, where it is %.*s", (int)former.site.length,
                                                                    former.site.text, (int)former.address.length, former.address.text)
                                                     : STR("is to be managed by this site");
    for (uint32_t i = 0; i < drafts->items.count; i++) {
        Draft *draft = &drafts->items.items[i];
        draft->verb = VERB_ADOPT;
        draft->risk = RISK_NONE;
        work_emit(work, draft, reason, UNDO_ADOPTION);
    }
    work->context.changed = planning->empty_record;
    return 1;
}

/* ---- changes ---- */

/* "memory differs", "memory and cores differ", "memory, cores and 2 more differ" */
static Str difference_reason(Session *session, const Str *names, uint32_t count) {
    Str a = names[0], b = count > 1 ? names[1] : STR("");
    if (count == 1)
        return arena_printf(session->arena, "%.*s differs", (int)a.length, a.text);
    if (count == 2)
        return arena_printf(session->arena, "%.*s and %.*s differ", (int)a.length, a.text, (int)b.length, b.text);
    return arena_printf(session->arena, "%.*s, %.*s and %u more differ", (int)a.length, a.text, (int)b.length, b.text, count - 2);
}

static Str comparison_reason(Session *session, const Comparison *comparison) {
    Str names[2] = {{0}};
    for (uint32_t i = 0; i < comparison->details.count && i < 2; i++)
        names[i] = comparison->details.items[i].name;
    return difference_reason(session, names, comparison->details.count);
}

/* The step that a difference is shown at: what grows at the one that makes it grow, what no command takes as an option at one that the
   rule made for it, all else at the one that sets; where there is none of the kind, at the first. */
static uint32_t draft_for(const Comparison *comparison, const Drafts *drafts, const Detail *detail) {
    if (comparison->differences.items[detail->difference].told)
        return UINT32_MAX;
    int special = detail->attribute->flags_given && !detail->attribute->flag_count;
    for (uint32_t i = 0; i < drafts->items.count; i++) {
        const Draft *draft = &drafts->items.items[i];
        if (detail->change == CHANGE_GROW ? draft->verb == VERB_RESIZE
            : special                     ? draft->explicit && draft->verb != VERB_RESIZE
                                          : draft->verb == VERB_SET)
            return i;
    }
    return 0;
}

static Change change_keep(Session *session, const Detail *detail) {
    return (Change){.attribute = str_keep(session, detail->name), .have = value_keep(session, detail->have), .want = value_keep(session, detail->want),
                    .change = change_name(detail->change)};
}

static void step_changes(Session *session, Step *step, const Comparison *comparison, const Drafts *drafts, uint32_t draft) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < comparison->details.count; i++)
        count += draft_for(comparison, drafts, &comparison->details.items[i]) == draft;
    if (!count)
        return;
    Change *changes = ARENA_ARRAY(session->permanent, Change, count);
    Str names[2] = {{0}};
    for (uint32_t i = 0; i < comparison->details.count; i++) {
        const Detail *detail = &comparison->details.items[i];
        if (draft_for(comparison, drafts, detail) != draft)
            continue;
        if (step->change_count < 2)
            names[step->change_count] = detail->name;
        changes[step->change_count++] = change_keep(session, detail);
    }
    step->changes = changes;
    if (!drafts->items.items[draft].reason.length)
        step->reason = str_keep(session, difference_reason(session, names, count));
}

/* The differences as the rules see them: `changed` and `cleared`. */
static void context_differences(Work *work, Owner owner) {
    Planning *planning = work->planning;
    Session *session = planning->session;
    const Schema *schema = work->item->instance->schema;
    const Comparison *comparison = &planning->comparison;
    uint32_t count = comparison->differences.count, changed = 0, cleared = 0;
    Field *fields = ARENA_ARRAY(session->arena, Field, count + 1);
    const Value **names = ARENA_ARRAY(session->arena, const Value *, count);
    int restamp = owner == OWNER_RENAMED && schema->stamp != NULL;
    for (uint32_t i = 0; i < count; i++) {
        const Difference *difference = &comparison->differences.items[i];
        if (difference->told)
            continue;
        if (difference->want)
            fields[changed++] = (Field){difference->name, difference->want, SPAN_NONE};
        else
            names[cleared++] = value_string(session->arena, SPAN_NONE, compare_property(session, difference->attribute, difference->member));
        restamp &= difference->attribute != schema->stamp;
    }
    /* A stamp with an old address is written anew when there is something to do anyway. */
    if (restamp)
        fields[changed++] = (Field){schema->stamp->name, restamped(work), SPAN_NONE};
    work->context.changed = record_overlay(session, NULL, fields, changed);
    work->context.cleared = value_list(session->arena, SPAN_NONE, names, cleared);
}

/* What the host has been told already is shown at the restart that brings it into force. */
static void restart_changes(Session *session, Step *step, const Comparison *comparison) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < comparison->details.count; i++)
        count += (uint32_t)comparison->differences.items[comparison->details.items[i].difference].told;
    Change *changes = ARENA_ARRAY(session->permanent, Change, count);
    for (uint32_t i = 0; i < comparison->details.count; i++) {
        const Detail *detail = &comparison->details.items[i];
        if (comparison->differences.items[detail->difference].told)
            changes[step->change_count++] = change_keep(session, detail);
    }
    step->changes = changes;
}

/* A write whose changes wait for a restart, and the restart itself, are of that class unless they say another. */
static void draft_restarts(Draft *draft, int is_restart) {
    if (is_restart ? !draft->has_risk && draft->risk < RISK_RESTART : !draft->explicit)
        draft->risk = RISK_RESTART;
}

/* Where the options want it, the object is kept as it is before these drafts change it. The name is made of what was read: a plan that is made
   again has the same, and what was changed meanwhile another one. 0 after a report. */
static int item_snapshot(Work *work, const Drafts *drafts) {
    const Planning *planning = work->planning;
    Session *session = planning->session;
    RiskClass least = planning->options->snapshot_before, worst = RISK_NONE;
    for (uint32_t i = 0; i < drafts->items.count; i++)
        if (drafts->items.items[i].risk > worst)
            worst = drafts->items.items[i].risk;
    if (!least || worst < least || !work->item->instance->schema->rules[RULE_SNAPSHOT])
        return 1;
    Str seen = slice(item_seen(session, work->item), 0, SNAPSHOT_NAME_DIGITS);
    work->context.snapshot_name = value_string(session->arena, SPAN_NONE, arena_printf(session->arena, "phxc-%.*s", (int)seen.length, seen.text));
    Drafts kept = {0};
    if (!work_rule(work, RULE_SNAPSHOT, &kept))
        return 0;
    for (uint32_t i = 0; i < kept.items.count; i++) {
        Step *step = work_emit(work, &kept.items.items[i], arena_printf(session->arena, "before a step of class %s", risk_name(worst)), UNDO_NONE);
        step->undo_note = "the snapshot stays";
    }
    return 1;
}

void item_change(Work *work, Ownership ownership) {
    Planning *planning = work->planning;
    Session *session = planning->session;
    const Schema *schema = work->item->instance->schema;
    const Comparison *comparison = &planning->comparison;
    Drafts *drafts = &planning->drafts;
    Str reason = comparison_reason(session, comparison);
    if (!schema->rules[RULE_UPDATE]) {
        report_no_rule(work, RULE_UPDATE, arena_printf(session->arena, "exists, but %.*s", (int)reason.length, reason.text).text);
        return;
    }
    context_differences(work, ownership.indexed ? OWNER_OURS : ownership.owner);
    drafts->items.count = 0;
    int written = work->context.changed->as.record->count || work->context.cleared->as.list.count;
    if ((written && !work_rule(work, RULE_UPDATE, drafts)) || !pending_settle(work))
        return;
    int restart = pending_restart(comparison, drafts) && work_is_live(work);
    /* What is written already may still wait for its restart. */
    if (!drafts->items.count && !restart) {
        rule_gives_nothing(work, RULE_UPDATE, reason);
        return;
    }
    uint32_t before = drafts->items.count;
    if (restart && !work_rule(work, RULE_RESTART, drafts))
        return;
    for (uint32_t i = 0; restart && i < drafts->items.count; i++)
        draft_restarts(&drafts->items.items[i], i >= before);
    if (!item_snapshot(work, drafts))
        return;
    int first_write = schema->is_shared && ownership.owner == OWNER_NOBODY;
    if (before && (first_write || (ownership.indexed && ownership.owner == OWNER_RENAMED)))
        draft_add(session, &drafts->items.items[0], &work->use, index_edit(work, &work->item->instance->head.address), 1);
    Drafts updates = *drafts;
    updates.items.count = before;
    for (uint32_t i = 0; i < before; i++)
        step_changes(session, work_emit(work, &drafts->items.items[i], reason, UNDO_CHANGE), comparison, &updates, i);
    for (uint32_t i = before; i < drafts->items.count; i++) {
        Step *step = work_emit(work, &drafts->items.items[i], STR("the change takes effect at a restart"), UNDO_CHANGE);
        if (i == before)
            restart_changes(session, step, comparison);
    }
    item_ready(work);
}

/* ---- ownership ---- */

static Str blocked_reason(Session *session, const Item *item, Ownership ownership) {
    Stamp stamp = ownership.stamp;
    switch (ownership.owner) {
    case OWNER_OTHER_SITE:
        return arena_printf(session->arena, "belongs to %.*s of site %.*s", (int)stamp.address.length, stamp.address.text, (int)stamp.site.length,
                            stamp.site.text);
    case OWNER_COPY:
        return arena_printf(session->arena, "carries the stamp of %.*s (%.*s), of which it is a copy; --adopt %.*s takes it over",
                            (int)stamp.address.length, stamp.address.text, (int)stamp.identity.length, stamp.identity.text,
                            (int)item->instance->head.address.length, item->instance->head.address.text);
    case OWNER_NOBODY: case OWNER_OURS: case OWNER_RENAMED:
        break;
    }
    return arena_printf(session->arena, "exists and carries no stamp of this site; --adopt %.*s takes it over",
                        (int)item->instance->head.address.length, item->instance->head.address.text);
}

void item_block(Planning *planning, Item *item, Str reason) {
    const Instance *instance = item->instance;
    Bystander bystander = {instance->head.address, name_str(instance->schema->name), instance->identity,
                           item->away ? item->away->head.address : item->place, str_keep(planning->session, reason), instance->origin, 0};
    item->blocked = item->holds = 1;
    VECTOR_PUSH(planning->session->permanent, &planning->blocked, bystander);
}

/* What another site has stamped is taken over only where it is named. */
static int may_adopt(const Item *item, Owner owner) {
    return item->adopt == 2 || (item->adopt && owner != OWNER_OTHER_SITE);
}

/* ---- what is not known ---- */

static void report_unknown(Planning *planning, const Item *item) {
    Session *session = planning->session;
    const Schema *schema = item->instance->schema;
    uint32_t *reported = lookup_slot(planning->unknown, identity_key(session->permanent, schema, item->place, STR("")));
    if ((*reported)++)
        return;
    Str where = place_phrase(session, item->place);
    Diagnostic *diagnostic = diag_error(session->diagnostics, CODE_NOT_READ, item->instance->origin, "what there is of %s %.*s is not known",
                                        schema->name->text, (int)where.length, where.text);
    diag_label(session->diagnostics, diagnostic, "can't be planned");
    diag_also(session->diagnostics, diagnostic, schema->rules[RULE_READ]->span, "this would have told");
    if (session->facts_source)
        diag_help(session->diagnostics, diagnostic, "the facts file does not tell of it: write it anew with `phxc inspect`");
}

/* On a place that is still to be made there is nothing yet. */
static int stands_on_missing(const Planning *planning, const Item *item) {
    const Instance *place = instance_place(planning->session, item->instance);
    if (!place || place == item->instance || place->left_out)
        return 0;
    return planning->items[planning->by_instance[place->number]].missing;
}

/* What carries the stamp of a resource that the text has on another place, under the same identity, was not renamed. */
static int is_copied(const Planning *planning, const Item *item, Ownership ownership) {
    if (ownership.owner != OWNER_RENAMED)
        return 0;
    int64_t other = planning_find(planning, ownership.stamp.address);
    return other >= 0 && planning->items[other].instance->schema == item->instance->schema &&
           str_equal(planning->items[other].instance->identity, item->instance->identity);
}

/* Who made it was stopped on the way, or is still at it: nothing is built on it, and it is not removed because it has failed. The same where something else
   was begun with what is to be changed. The rule says so, and what to do; 1 where that is so. */
static int item_unfinished(Planning *planning, Item *item, Rule rule) {
    Session *session = planning->session;
    const Instance *instance = item->instance;
    Work work;
    work_init(&work, planning, item);
    const Value *way_out = rule == RULE_BUSY && planning->options->busy_too ? NULL : rule_eval(session, rule, &work.context);
    if (!way_out || way_out->kind != VALUE_STRING)
        return 0;
    const char *what = rule == RULE_PARTIAL ? "was begun and is not finished" : "can't be changed while something that was begun with it is not finished";
    Str help = way_out->as.string;
    if (!planning->options->to_apply) {
        item_block(planning, item, arena_printf(session->arena, "%s; %.*s", what, (int)help.length, help.text));
        return 1;
    }
    Str where = place_phrase(session, item->place);
    Diagnostic *diagnostic = diag_error(session->diagnostics, CODE_UNFINISHED, instance->origin, "%s %.*s %.*s %s",
                                        instance->schema->name->text, (int)instance->identity.length, instance->identity.text, (int)where.length, where.text, what);
    diag_note(session->diagnostics, diagnostic, "it is not built on, and not removed: somebody may still be at work on it");
    diag_help(session->diagnostics, diagnostic, "%.*s", (int)help.length, help.text);
    return 1;
}

/* Whoever it belongs to: what needs it finds what it needs. */
static int is_as_written(Planning *planning, const Item *item) {
    Instance *instance = item->instance;
    if (instance->absent || item->away)
        return 0;
    compare_object(planning->session, instance, item->have, &planning->comparison);
    return !planning->comparison.differences.count && !planning->comparison.uncompared.count;
}

static void item_present(Planning *planning, Item *item) {
    Session *session = planning->session;
    Instance *instance = item->instance;
    Work work;
    if (item_unfinished(planning, item, RULE_PARTIAL))
        return;
    Ownership ownership = ownership_of(session, item->place, instance->schema, instance->identity, instance->head.address, item->have);
    if (is_copied(planning, item, ownership))
        ownership.owner = OWNER_COPY;
    int ours = ownership.owner == OWNER_OURS || ownership.owner == OWNER_RENAMED || (ownership.owner == OWNER_NOBODY && instance->schema->is_shared);
    if (!ours && !may_adopt(item, ownership.owner)) {
        item_block(planning, item, blocked_reason(session, item, ownership));
        item->holds = !is_as_written(planning, item);
        return;
    }
    if (instance->absent) {
        if (item_unfinished(planning, item, RULE_BUSY))
            return;
        work_init(&work, planning, item);
        work_go_away(&work);
        item_remove(&work, STR("must not exist"));
        return;
    }
    unread_report(session, instance, item->have, place_phrase(session, item->place));
    compare_object(session, instance, item->have, &planning->comparison);
    for (uint32_t i = 0; i < planning->comparison.uncompared.count; i++) {
        const Uncompared *uncompared = &planning->comparison.uncompared.items[i];
        Uncertain uncertain = {instance->head.address, str_keep(session, uncompared->name), uncompared->span};
        VECTOR_PUSH(session->permanent, &planning->not_compared, uncertain);
    }
    if (compare_refuse(session, instance, &planning->comparison, place_phrase(session, item->place)))
        return;
    if ((ours && !planning->comparison.differences.count && !item->away) || item_unfinished(planning, item, RULE_BUSY))
        return;
    work_init(&work, planning, item);
    if (!item_move(&work) || (!ours && !item_adopt(&work, ownership)))
        return;
    if (planning->comparison.differences.count)
        item_change(&work, ours ? ownership : (Ownership){.owner = OWNER_OURS});
    else if (item->away)
        item_ready(&work);
}

/* What it stands in, if that is an object itself; NULL: a place of the site. */
static Item *item_host(const Planning *planning, const Item *item) {
    const Instance *place = instance_place(planning->session, item->instance);
    if (!place || place->schema->is_place || place->left_out)
        return NULL;
    return &planning->items[planning->by_instance[place->number]];
}

/* Will something stand in it that has a place then: is it made or started by this plan? */
static int host_begins(const Planning *planning, const Item *host) {
    for (uint32_t i = 0; i < host->step_count; i++) {
        Verb verb = (Verb)planning->made.items[host->first_step + i]->verb;
        if (verb == VERB_CREATE || verb == VERB_START || verb == VERB_RESTART || verb == VERB_MOVE)
            return 1;
    }
    return 0;
}

/* Where nothing is known of what stands in [host]: 1 where all of it is planned and looked at again before it is done. */
static int host_unknown(Planning *planning, Item *item, const Item *host) {
    Session *session = planning->session;
    Str address = host->instance->head.address;
    if (host_begins(planning, host) && !host->blocked)
        return 1;
    item_block(planning, item, arena_printf(session->arena, host->blocked  ? "stands in %.*s, which is left alone"
                                                            : host->missing ? "stands in %.*s, which is not there"
                                                                            : "stands in %.*s, which does not run or does not tell", (int)address.length,
                                            address.text));
    return 0;
}

/* ---- actions ---- */

static int action_is_done(Work *work) {
    Session *session = work->planning->session;
    const Item *item = work->item;
    const Value *done = rule_eval(session, RULE_DONE, &work->context);
    if (done)
        return done->kind != VALUE_BOOL || done->as.boolean;
    /* It has left nothing to look at but its name in the index. */
    Owner owner = ownership_of(session, item->place, item->instance->schema, item->instance->identity, item->instance->head.address, NULL).owner;
    return owner == OWNER_OURS || owner == OWNER_RENAMED;
}

static void item_act(Work *work) {
    Planning *planning = work->planning;
    Drafts *drafts = &planning->drafts;
    drafts->items.count = 0;
    if (work->item->instance->absent || (!work->item->unsure && action_is_done(work)))
        return;
    if (item_unfinished(planning, work->item, RULE_BUSY) || !work_rule(work, RULE_ACT, drafts))
        return;
    if (!drafts->items.count) {
        rule_gives_nothing(work, RULE_ACT, STR("it was never done"));
        return;
    }
    if (!work->item->instance->schema->rules[RULE_DONE])
        draft_add(planning->session, &drafts->items.items[drafts->items.count - 1], &work->use, index_edit(work, &work->item->instance->head.address), 0);
    for (uint32_t i = 0; i < drafts->items.count; i++) {
        Step *step = work_emit(work, &drafts->items.items[i], STR("was never done"), UNDO_NONE);
        step->undo_note = "what was done stays done";
    }
}

/* ---- one item ---- */

static void item_steps(Planning *planning, Item *item) {
    Instance *instance = item->instance;
    const Schema *schema = instance->schema;
    Work work;
    if (item->is_orphan) {
        work_init(&work, planning, item);
        item_remove(&work, item->renumbered ? STR("has another identity in the text now") : STR("no longer in the text"));
        return;
    }
    if (!schema->rules[RULE_READ] && !schema->rules[RULE_ACT])
        return;
    const Item *host = item_host(planning, item);
    int known = !schema->rules[RULE_READ] || facts_known(planning->session->facts, item->place, schema);
    int on_missing = stands_on_missing(planning, item);
    if (host && (on_missing || !known)) {
        if (!host_unknown(planning, item, host))
            return;
        item->unsure = 1;
    } else if (!on_missing && !known) {
        report_unknown(planning, item);
        return;
    }
    item->have = on_missing || item->unsure ? NULL : facts_get(planning->session->facts, item->place, schema, instance->identity);
    if (item->have && !item_locate(planning, item)) {
        item->missing = 1;
        return;
    }
    item->missing = !item->have;
    if (schema->rules[RULE_ACT]) {
        work_init(&work, planning, item);
        item_act(&work);
    } else if (item->have) {
        item_present(planning, item);
    } else if (!instance->absent) {
        work_init(&work, planning, item);
        item_create(&work);
    } else if (!on_missing && !item->unsure) {
        /* Whoever removed it was stopped before its name was taken away, or somebody else did it. */
        work_init(&work, planning, item);
        item_forget(&work, STR("is gone, and the index still has its name"));
    }
}

void planning_scratch(Planning *planning) {
    planning->drafts = planning->undo = (Drafts){0};
    planning->comparison = (Comparison){0};
    session_scratch(planning->session);
}

void planning_kept(Planning *planning) {
    session_kept(planning->session, NULL);
    planning->drafts = planning->undo = (Drafts){0};
    planning->comparison = (Comparison){0};
}

void item_converge(Planning *planning, uint32_t number) {
    Item *item = &planning->items[number];
    planning_scratch(planning);
    item_steps(planning, item);
    /* What needs no step is not looked at again. */
    item->have = item->step_count && item->have ? value_keep(planning->session, item->have) : NULL;
    planning_kept(planning);
}
