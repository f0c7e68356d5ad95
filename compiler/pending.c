/* The differences of an object to those that wait for a restart: what `change` says, and what the rule `pending` leaves of it. */
#include "compiler/planner.h"

/* What is stopped in the same breath takes its changes up by that. */
int pending_restart(const Comparison *comparison, const Drafts *drafts) {
    for (uint32_t i = 0; i < drafts->items.count; i++)
        if (drafts->items.items[i].verb == VERB_STOP)
            return 0;
    for (uint32_t i = 0; i < comparison->differences.count; i++)
        if (comparison->differences.items[i].change == CHANGE_RESTART)
            return 1;
    return 0;
}

static int names_hold(const Value *names, Str name) {
    for (uint32_t i = 0; i < names->as.list.count; i++)
        if (names->as.list.items[i]->kind == VALUE_STRING && str_equal(names->as.list.items[i]->as.string, name))
            return 1;
    return 0;
}

int pending_settle(Work *work) {
    Planning *planning = work->planning;
    Session *session = planning->session;
    Comparison *comparison = &planning->comparison;
    if (!work->item->instance->schema->rules[RULE_PENDING])
        return 1;
    const Value **names = ARENA_ARRAY(session->arena, const Value *, comparison->differences.count);
    uint32_t count = 0;
    for (uint32_t i = 0; i < comparison->differences.count; i++) {
        const Difference *difference = &comparison->differences.items[i];
        if (difference->change == CHANGE_RESTART && !difference->told)
            names[count++] = value_string(session->arena, SPAN_NONE, name_str(difference->name));
    }
    work->context.waiting = value_list(session->arena, SPAN_NONE, names, count);
    const Value *pending = rule_eval(session, RULE_PENDING, &work->context);
    if (pending->kind != VALUE_LIST) {
        if (pending->kind != VALUE_POISON)
            diag_error(session->diagnostics, CODE_RULE, work->item->instance->schema->rules[RULE_PENDING]->span, "`pending` wants a list of names, not %s",
                       value_kind_phrase((ValueKind)pending->kind));
        return 0;
    }
    for (uint32_t i = 0; i < comparison->details.count; i++) {
        Detail *detail = &comparison->details.items[i];
        Difference *difference = &comparison->differences.items[detail->difference];
        int named = names_hold(pending, name_str(difference->name)), last = i + 1 == comparison->details.count || detail[1].difference != detail->difference;
        ChangeKind from = named ? CHANGE_ONLINE : CHANGE_RESTART, to = named ? CHANGE_RESTART : CHANGE_ONLINE;
        if (difference->told)
            continue;
        if (detail->change == from)
            detail->change = to;
        if (last && difference->change == from)
            difference->change = to;
    }
    return 1;
}
