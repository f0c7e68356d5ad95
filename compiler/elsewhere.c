/* What a host says of objects that another one has, to the place of the site that this is, and the rule `move` to steps. */
#include "compiler/elsewhere.h"

#include <string.h>

#include "compiler/enter.h"

Str elsewhere_name(const Schema *schema, const Value *have) {
    const Value *name = have && schema->elsewhere ? record_get(have->as.record, schema->elsewhere->name) : NULL;
    return name && name->kind == VALUE_STRING ? name->as.string : STR("");
}

Str place_known_as(Session *session, const Instance *place) {
    RuleContext context = {.schema = place->schema, .instance = place,
                           .want = value_reference(session->arena, place->origin, &place->head),
                           .identity = value_string(session->arena, place->origin, place->identity)};
    const Value *name = rule_eval(session, RULE_KNOWN_AS, &context);
    if (name && name->kind == VALUE_STRING)
        return name->as.string;
    Str address = place->head.address;
    size_t at = address.length;
    while (at && address.text[at - 1] != '.' && address.text[at - 1] != '/')
        at--;
    return (Str){address.text + at, address.length - at};
}

static const Instance *place_called(Session *session, const Schema *schema, Str name) {
    for (uint32_t i = 0; i < session->instances.count; i++) {
        const Instance *instance = session->instances.items[i];
        if (instance->schema == schema && !instance->left_out && str_equal(place_known_as(session, instance), name))
            return instance;
    }
    return NULL;
}

Located elsewhere_locate(Session *session, const Schema *schema, const Instance *place, Str identity) {
    const Value *have = facts_get(session->facts, place ? place->head.address : STR(""), schema, identity);
    Str name = elsewhere_name(schema, have);
    if (!name.length)
        return (Located){.have = have};
    Located located = {.where = WHERE_UNKNOWN, .name = name, .place = place ? place_called(session, place->schema, name) : NULL};
    if (!located.place || !facts_known(session->facts, located.place->head.address, schema))
        return located;
    located.have = facts_get(session->facts, located.place->head.address, schema, identity);
    located.where = located.have && !elsewhere_name(schema, located.have).length ? WHERE_AWAY : WHERE_TAKEN;
    return located;
}

int item_locate(Planning *planning, Item *item) {
    Session *session = planning->session;
    const Instance *instance = item->instance;
    const Schema *schema = instance->schema;
    if (!schema->elsewhere)
        return 1;
    Located located = elsewhere_locate(session, schema, instance_place(session, item->instance), instance->identity);
    item->have = located.have;
    item->away = NULL;
    if (located.where == WHERE_HERE)
        return 1;
    if (located.where == WHERE_AWAY) {
        item->away = located.place;
        return 1;
    }
    if (located.where == WHERE_TAKEN) {
        Str address = located.place->head.address;
        item->have = NULL;
        item_block(planning, item, arena_printf(session->arena, "its name is taken on %.*s, by something that is no %s", (int)address.length, address.text,
                                                schema->name->text));
        return 0;
    }
    Diagnostic *d = diag_error(session->diagnostics, CODE_ELSEWHERE, instance->origin, "%.*s (%.*s) is on `%.*s`, which is no place of this site",
                               (int)instance->head.address.length, instance->head.address.text, (int)instance->identity.length, instance->identity.text,
                               (int)located.name.length, located.name.text);
    diag_label(session->diagnostics, d, "should be %s", place_phrase(session, item->place).text);
    diag_help(session->diagnostics, d, "declare that place, and it is moved from there; or give the resource another identity");
    return 0;
}

void work_go_away(Work *work) {
    const Instance *away = work->item->away;
    if (!away)
        return;
    work->use.stands = away;
    work->use.place = enter_address(work->planning->session, away);
}

int item_move(Work *work) {
    Planning *planning = work->planning;
    Session *session = planning->session;
    Item *item = work->item;
    const Instance *place = item->away ? instance_place(session, item->instance) : NULL;
    Str address = item->away ? item->away->head.address : STR("");
    if (!place)
        return 1;
    Work away = *work;
    Drafts *drafts = &planning->drafts;
    drafts->items.count = 0;
    work_go_away(&away);
    away.context.destination = value_string(session->arena, place->origin, place_known_as(session, place));
    if (!work_rule(&away, RULE_MOVE, drafts))
        return 0;
    if (!drafts->items.count)
        return rule_gives_nothing(work, RULE_MOVE, arena_printf(session->arena, "it is on %.*s", (int)address.length, address.text));
    for (uint32_t i = 0; i < drafts->items.count; i++)
        work_emit(work, &drafts->items.items[i], arena_printf(session->arena, "is on %.*s", (int)address.length, address.text), UNDO_MOVE);
    return 1;
}
