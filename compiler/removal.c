/* Removing an object, and what stands against it. */
#include "compiler/planner.h"

static int is_true(const Value *value) {
    return value && value->kind == VALUE_BOOL && value->as.boolean;
}

/* The text goes before the host: `protect = false` in the text says that the host's flag is meant to fall with the object. */
Str item_protection(Session *session, const Item *item) {
    const TypeField *attribute = item->instance->schema->protect;
    const Value *meta = item->is_orphan ? NULL : instance_meta(session, item->instance, META_PROTECT);
    if (meta)
        return is_true(meta) ? STR("is protected by `protect = true`") : STR("");
    const Value *have = attribute && item->have ? record_get(item->have->as.record, attribute->name) : NULL;
    return is_true(have) ? STR("is protected on the host") : STR("");
}

/* Where the schema holds data, the step that removes loses it, whatever the rule says; if none is called `remove` it is the last one. */
static void drafts_classify(const Schema *schema, Drafts *drafts) {
    int lost = 0;
    for (uint32_t i = 0; schema->holds_data && i < drafts->items.count; i++)
        if (drafts->items.items[i].verb == VERB_REMOVE) {
            drafts->items.items[i].risk = RISK_DATA_LOSS;
            lost = 1;
        }
    if (schema->holds_data && !lost)
        drafts->items.items[drafts->items.count - 1].risk = RISK_DATA_LOSS;
}

void item_forget(Work *work, Str reason) {
    Session *session = work->planning->session;
    const Item *item = work->item;
    const Instance *instance = item->instance;
    if (!ownership_of(session, item->place, instance->schema, instance->identity, instance->head.address, item->have).indexed)
        return;
    Draft draft = {.verb = VERB_REMOVE, .risk = RISK_NONE};
    work->use.rule = RULE_DELETE;
    draft_add(session, &draft, &work->use, ownership_index_edit(session, item->place, instance->schema, instance->identity, NULL), 0);
    work_emit(work, &draft, reason, UNDO_NONE)->undo_note = "there is nothing to take back";
}

/* What is protected takes nothing along. */
static void effects_refuse(Session *session, Step *step, Str why) {
    Effect *effects = ARENA_ARRAY(session->permanent, Effect, step->effect_count);
    for (uint32_t i = 0; i < step->effect_count; i++) {
        effects[i] = step->effects[i];
        if (effects[i].fate == FATE_DESTROYED)
            effects[i] = (Effect){effects[i].object, FATE_REFUSED, str_keep(session, why)};
    }
    step->effects = effects;
}

void item_remove(Work *work, Str reason) {
    Planning *planning = work->planning;
    Session *session = planning->session;
    const Item *item = work->item;
    const Instance *instance = item->instance;
    const Schema *schema = instance->schema;
    Drafts *drafts = &planning->drafts;
    drafts->items.count = 0;
    if (!work_rule(work, RULE_DELETE, drafts))
        return;
    if (!drafts->items.count && schema->is_shared) {
        item_forget(work, reason);
        return;
    }
    if (!drafts->items.count) {
        Diagnostic *diagnostic = diag_error(session->diagnostics, CODE_NO_CHANGE_RULE, instance->origin,
                                            "%.*s is to be removed, and %s does not say how: `delete` is missing or gives nothing",
                                            (int)instance->head.address.length, instance->head.address.text, schema->name->text);
        diag_also(session->diagnostics, diagnostic, schema->decl->name.span, "the schema");
        return;
    }
    drafts_classify(schema, drafts);
    /* The name stays in the index until the object is gone: a kill in between leaves a line too many, not an object that is nobody's. What was
       adopted may have got its stamp since. */
    if (!schema->stamp || facts_owner(session->facts, item->place, name_str(schema->name), instance->identity).length)
        draft_add(session, &drafts->items.items[drafts->items.count - 1], &work->use,
                  ownership_index_edit(session, item->place, schema, instance->identity, NULL), 0);
    Str protection = item_protection(session, item);
    for (uint32_t i = 0; i < drafts->items.count; i++) {
        const Draft *draft = &drafts->items.items[i];
        Step *step = work_emit(work, draft, reason, UNDO_NONE);
        if (protection.length)
            effects_refuse(session, step, protection);
        if (step->risk == RISK_DATA_LOSS)
            step->undo_note = "the data that goes with it does not come back";
        else if (step->verb == VERB_REMOVE)
            step->undo_note = "what was removed has to be made anew";
    }
}
