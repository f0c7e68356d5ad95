/* A plan as a value: what policies and tests ask about. Which fields there are is told in check_plan.c and in the manual. */
#include "compiler/planner.h"

typedef struct Maker {
    Session *session;
    RecordBuilder builder;
} Maker;

static Maker maker_new(Session *session) {
    return (Maker){session, {.arena = session->arena}};
}

static void add_value(Maker *maker, const Name *name, const Value *value) {
    record_add(&maker->builder, name, value, SPAN_NONE, NULL);
}

static void add_text(Maker *maker, const Name *name, Str text) {
    add_value(maker, name, value_string(maker->session->arena, SPAN_NONE, text));
}

static void add_number(Maker *maker, const Name *name, uint32_t number) {
    add_value(maker, name, value_integer(maker->session->arena, SPAN_NONE, VALUE_INT, number));
}

static const Value *made(Maker *maker) {
    return record_finish(&maker->builder, SPAN_NONE, NULL);
}

/* ---- steps ---- */

/* "web" of pve.lxc.web, "gpu[0]" of site/vllm.server.gpu[0]. */
static Str step_name(const Step *step, Str type) {
    Str address = step->address;
    size_t at = address.length;
    int bracket = 0;
    for (; at; at--) {
        char c = address.text[at - 1];
        bracket += (c == ']') - (c == '[');
        if (c == '/' && !bracket)
            break;
    }
    size_t skip = at + type.length + 1;
    return skip <= address.length ? (Str){address.text + skip, address.length - skip} : address;
}

static const Value *step_changed(Session *session, const Step *step) {
    const Value **items = ARENA_ARRAY(session->arena, const Value *, step->change_count + 1);
    for (uint32_t i = 0; i < step->change_count; i++)
        items[i] = value_string(session->arena, SPAN_NONE, step->changes[i].attribute);
    return value_list(session->arena, SPAN_NONE, items, step->change_count);
}

/* Each kind once, in the order in which they come. */
static const Value *step_commands(Session *session, const Step *step) {
    const Value *items[COMMAND_COUNT];
    uint32_t count = 0, seen = 0;
    for (uint32_t i = 0; i < step->command_count; i++) {
        CommandKind kind = step->commands[i].kind;
        if (!(seen & 1u << kind))
            items[count++] = value_string(session->arena, SPAN_NONE, str_of(command_kind_name(kind)));
        seen |= 1u << kind;
    }
    const Value **kept = ARENA_ARRAY(session->arena, const Value *, count + 1);
    for (uint32_t i = 0; i < count; i++)
        kept[i] = items[i];
    return value_list(session->arena, SPAN_NONE, kept, count);
}

const Value *step_value(Session *session, const Step *step) {
    const Words *w = &session->words;
    const Item *item = step->subject;
    Str type = name_str(item->instance->schema->name);
    Maker maker = maker_new(session);
    add_number(&maker, w->id, step->id);
    add_text(&maker, w->address, step->address);
    add_text(&maker, w->type, type);
    add_text(&maker, w->name, step_name(step, type));
    add_text(&maker, w->verb, str_of(verb_name((Verb)step->verb)));
    add_text(&maker, w->risk_class, str_of(risk_name((RiskClass)step->risk)));
    add_text(&maker, w->reason, step->reason);
    add_text(&maker, w->place, item->place);
    add_text(&maker, w->identity, step->identity);
    add_value(&maker, w->changed, step_changed(session, step));
    add_value(&maker, w->commands, step_commands(session, step));
    return made(&maker);
}

/* ---- the plan ---- */

static const Value *plan_summary(Session *session, const Plan *plan) {
    Maker maker = maker_new(session);
    for (int verb = 0; verb < VERB_COUNT; verb++)
        add_number(&maker, name_intern(session->names, str_of(verb_name((Verb)verb))), plan->by_verb[verb]);
    add_number(&maker, session->words.unchanged, plan->unchanged);
    add_text(&maker, session->words.worst_class, str_of(risk_name(plan->worst)));
    return made(&maker);
}

static const Value *bystanders_value(Session *session, const Bystander *bystanders, uint32_t count) {
    const Words *w = &session->words;
    const Value **items = ARENA_ARRAY(session->arena, const Value *, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        Maker maker = maker_new(session);
        add_text(&maker, w->address, bystanders[i].address);
        add_text(&maker, w->type, bystanders[i].type);
        add_text(&maker, w->identity, bystanders[i].identity);
        add_text(&maker, w->place, bystanders[i].place);
        add_text(&maker, w->reason, bystanders[i].reason);
        items[i] = made(&maker);
    }
    return value_list(session->arena, SPAN_NONE, items, count);
}

static const Value *denials_value(Session *session, const Denial *denials, uint32_t count) {
    const Words *w = &session->words;
    const Value **items = ARENA_ARRAY(session->arena, const Value *, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        Maker maker = maker_new(session);
        add_number(&maker, w->step, denials[i].step ? denials[i].step->id : 0);
        add_text(&maker, w->address, denials[i].step ? denials[i].step->address : STR(""));
        add_text(&maker, w->code, denials[i].code);
        add_text(&maker, w->policy, denials[i].policy);
        add_text(&maker, w->reason, denials[i].reason);
        items[i] = made(&maker);
    }
    return value_list(session->arena, SPAN_NONE, items, count);
}

const Value *plan_value(Session *session, const Plan *plan, const Denial *denials, uint32_t denial_count) {
    const Words *w = &session->words;
    const Value **steps = ARENA_ARRAY(session->arena, const Value *, plan->step_count + 1);
    for (uint32_t i = 0; i < plan->step_count; i++)
        steps[i] = step_value(session, plan->steps[i]);
    Maker maker = maker_new(session);
    add_text(&maker, w->site, plan->site);
    add_value(&maker, w->steps, value_list(session->arena, SPAN_NONE, steps, plan->step_count));
    add_value(&maker, w->summary, plan_summary(session, plan));
    add_value(&maker, w->orphans, bystanders_value(session, plan->orphans, plan->orphan_count));
    add_value(&maker, w->blocked, bystanders_value(session, plan->blocked, plan->blocked_count));
    add_value(&maker, w->denied, denials_value(session, denials, denial_count));
    return made(&maker);
}
