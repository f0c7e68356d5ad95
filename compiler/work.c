/* What an object's rules see while they are evaluated, and from what they give the steps of the plan. */
#include "compiler/planner.h"

#include <stdlib.h>

#include "compiler/decode.h"
#include "compiler/enter.h"

/* ---- records ---- */

const Value *record_overlay(Session *session, const Value *base, const Field *fields, uint32_t count) {
    RecordBuilder builder = {.arena = session->arena};
    for (uint32_t i = 0; i < count; i++)
        if (fields[i].value)
            record_add(&builder, fields[i].name, fields[i].value, fields[i].span, NULL);
    for (uint32_t i = 0; base && i < base->as.record->count; i++) {
        const Field *field = &base->as.record->fields[i];
        int replaced = 0;
        for (uint32_t k = 0; k < count && !replaced; k++)
            replaced = fields[k].name == field->name;
        if (!replaced)
            record_add(&builder, field->name, field->value, field->span, NULL);
    }
    return record_finish_open(&builder, base ? base->origin : SPAN_NONE, NULL);
}

const Value *work_wanted(Work *work) {
    Session *session = work->planning->session;
    Instance *instance = work->item->instance;
    RecordBuilder builder = {.arena = session->arena};
    for (uint32_t i = 0; i < instance->slot_count; i++) {
        const Value *value = slot_value(session, &instance->slots[i]);
        if (value && value->kind != VALUE_UNSET && value->kind != VALUE_POISON)
            record_add(&builder, name_intern(session->names, slot_name(session, &instance->slots[i])), value, *instance->slots[i].name_span, NULL);
    }
    return record_finish_open(&builder, instance->origin, NULL);
}

/* ---- rules ---- */

static const Value *item_timeout(Work *work, int *forced) {
    Session *session = work->planning->session;
    const Value *timeout = work->item->is_orphan ? NULL : instance_meta(session, work->item->instance, META_TIMEOUT);
    *forced = timeout != NULL;
    if (!timeout)
        timeout = rule_eval(session, RULE_TIMEOUT, &work->context);
    return timeout && timeout->kind == VALUE_DURATION ? timeout : work->planning->timeout;
}

enum { RETRIES = 3 };   /* of a command that found what it needs taken, where the resource says nothing: with growing pauses a quarter of a minute */

static uint32_t item_retries(Work *work) {
    const Value *retry = work->item->is_orphan ? NULL : instance_meta(work->planning->session, work->item->instance, META_RETRY);
    return retry ? (uint32_t)retry->as.integer : RETRIES;
}

/* Two places may have things of one name; on the only place of a site names stay short. */
static Str item_object(Work *work) {
    Session *session = work->planning->session;
    const Item *item = work->item;
    const Value *value = rule_eval(session, RULE_OBJECT, &work->context);
    Str name = value && value->kind == VALUE_STRING
                   ? value->as.string
                   : arena_printf(session->arena, "%s:%.*s", item->instance->schema->name->text, (int)item->instance->identity.length,
                                  item->instance->identity.text);
    if (session->place_count < 2 && (!work->use.stands || work->use.stands->schema->is_place))
        return name;
    return arena_printf(session->arena, "%.*s/%.*s", (int)item->place.length, item->place.text, (int)name.length, name.text);
}

void work_init(Work *work, Planning *planning, Item *item) {
    Session *session = planning->session;
    Instance *instance = item->instance;
    const Value *stamp = ownership_stamp(session, instance);
    *work = (Work){
        .planning = planning,
        .item = item,
        .context = {
            .schema = instance->schema,
            .instance = instance,
            .want = value_reference(session->arena, instance->origin, &instance->head),
            .have = item->have ? item->have : planning->none,
            .changed = planning->empty_record,
            .cleared = planning->empty_list,
            .identity = value_string(session->arena, instance->origin, instance->identity),
            .digest = planning->none,
            .stamp = stamp ? stamp : planning->none,
        },
        .use = {.schema = instance->schema, .stands = instance_place(session, instance)},
    };
    work->use.place = enter_address(session, work->use.stands);
    item->object = str_keep(session, item_object(work));
    work->context.digest = value_unknown(session->arena, SPAN_NONE, HOLE_DIGEST, item->object);
    work->use.timeout = item_timeout(work, &work->use.timeout_forced);
    work->context.timeout = work->use.timeout;
    work->use.retries = item_retries(work);
}

int work_rule(Work *work, Rule rule, Drafts *drafts) {
    Session *session = work->planning->session;
    const Value *value = rule_eval(session, rule, &work->context);
    if (!value)
        return 1;
    work->use.rule = rule;
    work->use.context = &work->context;     /* a copy of the work has one of its own */
    return steps_add(session, &work->use, value, drafts);
}

int work_is_live(Work *work) {
    const Schema *schema = work->item->instance->schema;
    if (!schema->rules[RULE_LIVE])
        return schema->rules[RULE_RESTART] != NULL;
    const Value *live = rule_eval(work->planning->session, RULE_LIVE, &work->context);
    return live->kind == VALUE_BOOL && live->as.boolean;
}

const Value *work_digest(Work *work) {
    const Value *digest = work->item->have ? rule_eval(work->planning->session, RULE_DIGEST, &work->context) : NULL;
    return digest && digest->kind == VALUE_STRING && digest->as.string.length ? digest : NULL;
}

/* ---- steps ---- */

static int str_order(const void *a, const void *b) {
    return str_compare(*(const Str *)a, *(const Str *)b);
}

static Str lock_text(Session *session, const Value *lock) {
    const Words *words = &session->words;
    if (lock->kind == VALUE_STRING)
        return lock->as.string;
    if (lock->kind != VALUE_RECORD || lock->as.record->tag != words->lock)
        return STR("");
    const Value *name = record_get(lock->as.record, words->name), *count = record_get(lock->as.record, words->count);
    if (!name || name->kind != VALUE_STRING || !count || count->kind != VALUE_INT)
        return STR("");
    return arena_printf(session->arena, "%.*s=%lld", (int)name->as.string.length, name->as.string.text, (long long)count->as.integer);
}

/* The object itself and what the schema names, each once. */
static void item_locks(Work *work) {
    Session *session = work->planning->session;
    Item *item = work->item;
    if (item->locks)
        return;
    const Value *value = rule_eval(session, RULE_LOCKS, &work->context);
    uint32_t count = value && value->kind == VALUE_LIST ? value->as.list.count : 0;
    Str *locks = ARENA_ARRAY(session->permanent, Str, count + 1);
    uint32_t kept = 0, unique = 1;
    locks[kept++] = item->object;
    for (uint32_t i = 0; i < count; i++) {
        Str text = str_keep(session, lock_text(session, value->as.list.items[i]));
        if (text.length)
            locks[kept++] = text;
    }
    if (kept > 1)
        qsort(locks, kept, sizeof *locks, str_order);
    for (uint32_t i = 1; i < kept; i++)
        if (!str_equal(locks[i], locks[unique - 1]))
            locks[unique++] = locks[i];
    item->locks = locks;
    item->lock_count = unique;
}

StepMore *work_more(Session *session, Step *step) {
    if (!step->more)
        step->more = ARENA_NEW(session->permanent, StepMore);
    return step->more;
}

Step *work_emit(Work *work, const Draft *draft, Str reason, Undo way_back) {
    Planning *planning = work->planning;
    Session *session = planning->session;
    Item *item = work->item;
    item_locks(work);
    Step *step = ARENA_NEW(session->permanent, Step);
    Command *commands = ARENA_ARRAY(session->permanent, Command, draft->commands.count);
    for (uint32_t i = 0; i < draft->commands.count; i++)
        commands[i] = command_keep(session, draft->commands.items[i]);
    Effect *effects = ARENA_ARRAY(session->permanent, Effect, draft->effects.count);
    for (uint32_t i = 0; i < draft->effects.count; i++) {
        const Effect *effect = &draft->effects.items[i];
        effects[i] = (Effect){str_keep(session, effect->object), effect->fate, str_keep(session, effect->note)};
    }
    *step = (Step){
        .address = item->instance->head.address,
        .identity = item->instance->identity,
        .verb = (uint8_t)draft->verb,
        .risk = (uint8_t)draft->risk,
        .way_back = (uint8_t)way_back,
        .reason = str_keep(session, draft->reason.length ? draft->reason : reason),
        .phase = item->instance->home.phase ? name_str(item->instance->home.phase->name) : STR(""),
        .source = item->instance->origin,
        .unsure = item->unsure,
        .locks = item->locks,
        .lock_count = item->lock_count,
        .commands = commands,
        .command_count = draft->commands.count,
        .effects = effects,
        .effect_count = draft->effects.count,
        .subject = item,
    };
    if (!item->step_count++)
        item->first_step = planning->made.count;
    VECTOR_PUSH(session->permanent, &planning->made, step);
    return step;
}
