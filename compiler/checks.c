/* Checks over the whole site: asserts, what must be unique, what belongs to one kind of a resource, and who falls with whom. */
#include "compiler/checks.h"

#include <string.h>

#include "compiler/findings.h"
#include "compiler/library.h"
#include "compiler/lints.h"
#include "compiler/state.h"

/* ---- profiles ---- */

static void conflicts_check(Session *session) {
    for (uint32_t i = 0; i < session->conflicts.count; i++) {
        Conflict *conflict = &session->conflicts.items[i];
        const Value *one = slot_value(session, conflict->slot);
        const Value *other = thunk_force(session, &conflict->other, NULL, NULL);
        if (!one || one->kind == VALUE_POISON || other->kind == VALUE_POISON)
            continue;
        Use use = {.what = STR(""), .span = conflict->other_span, .quiet = 1};
        const Value *typed = type_accept(session, conflict->slot->attribute->type, other, &use);
        if (typed && value_equal(one, typed))
            continue;
        Diagnostic *d = diag_error(session->diagnostics, CODE_PROFILE, conflict->other_span, "two profiles disagree about `%s` of %s",
                                   conflict->slot->attribute->name->text, conflict->instance->head.address.text);
        diag_also(session->diagnostics, d, *conflict->slot->name_span, "the other one");
        diag_help(session->diagnostics, d, "write `%s` in the resource itself: that goes before both", conflict->slot->attribute->name->text);
    }
}

/* ---- asserts ---- */

static void asserts_check(Session *session) {
    for (uint32_t i = 0; i < session->asserts.count; i++) {
        const LintRun *run = &session->asserts.items[i];
        const Value *poison;
        session_scratch(session);
        int holds = eval_condition(session, run->decl->value, run->frame, &poison);
        session_kept(session, NULL);
        if (holds != 0)
            continue;
        const Value *message = run->decl->extra->message ? eval(session, run->decl->extra->message, run->frame) : NULL;
        if (message && message->kind == VALUE_STRING && message->flags & VALUE_SECRET)
            diag_error(session->diagnostics, CODE_ASSERT, run->decl->value->span, "this does not hold (its message is secret)");
        else if (message && message->kind == VALUE_STRING)
            diag_error(session->diagnostics, CODE_ASSERT, run->decl->value->span, "%.*s", (int)message->as.string.length, message->as.string.text);
        else if (!message || message->kind != VALUE_POISON)
            diag_error(session->diagnostics, CODE_ASSERT, run->decl->value->span, "this does not hold");
    }
}

/* ---- what must not occur twice ---- */

typedef struct Holder {
    const Str *domain;
    const Value *value;
    Instance *instance;
    const Slot *slot;
} Holder;

/* Of the hash table: small, because half of them stay free. */
typedef struct HolderSlot {
    Holder *holder;             /* NULL: the place is free */
    uint32_t hash;
} HolderSlot;

typedef struct Uniqueness {
    Session *session;
    HolderSlot *slots;
    uint32_t count;
    uint32_t mask;
    Instance *instance;
    const Slot *slot;
} Uniqueness;

/* The address is what must be unique of an address with a prefix. */
static int same_holding(const Value *a, const Value *b) {
    if ((a->kind == VALUE_CIDR || a->kind == VALUE_IP) && (b->kind == VALUE_CIDR || b->kind == VALUE_IP))
        return a->as.address->version == b->as.address->version && !memcmp(a->as.address->bytes, b->as.address->bytes, sizeof a->as.address->bytes);
    return value_equal(a, b);
}

/* The same whatever the domain: a number that is both an id and a port is rare. */
static uint32_t holding_hash(const Value *value) {
    int address = value->kind == VALUE_CIDR || value->kind == VALUE_IP;
    uint32_t hash = address ? hash_bytes((const char *)value->as.address->bytes, sizeof value->as.address->bytes) : value_hash(value);
    return hash ^ hash >> 15;
}

static HolderSlot *holder_find(const Uniqueness *u, const Str *domain, const Value *value, uint32_t hash) {
    uint32_t at = hash & u->mask;
    for (; u->slots[at].holder; at = (at + 1) & u->mask) {
        const Holder *holder = u->slots[at].holder;
        if (u->slots[at].hash == hash && str_equal(*holder->domain, *domain) && same_holding(holder->value, value))
            break;
    }
    return &u->slots[at];
}

static void holders_grow(Uniqueness *u) {
    uint32_t mask = u->mask ? u->mask * 2 + 1 : 1023;
    HolderSlot *slots = ARENA_ARRAY(u->session->arena, HolderSlot, (size_t)mask + 1);
    for (uint32_t i = 0; u->slots && i <= u->mask; i++) {
        uint32_t at = u->slots[i].hash & mask;
        while (u->slots[i].holder && slots[at].holder)
            at = (at + 1) & mask;
        if (u->slots[i].holder)
            slots[at] = u->slots[i];
    }
    if (u->slots)
        arena_drop(u->session->arena, u->slots, (u->mask + (size_t)1) * sizeof *slots);
    u->slots = slots;
    u->mask = mask;
}

Str unique_finding(Session *session, Str domain) {
    return arena_replace(session->arena, arena_printf(session->arena, "duplicate_%.*s", (int)domain.length, domain.text), ' ', '_');
}

static void unique_take(Uniqueness *u, const Str *name, const Value *value) {
    if (u->count >= u->mask / 4 * 3)
        holders_grow(u);
    uint32_t hash = holding_hash(value);
    HolderSlot *slot = holder_find(u, name, value, hash);
    Holder *holder = slot->holder;
    if (!holder) {
        holder = ARENA_NEW(u->session->arena, Holder);
        *holder = (Holder){name, value, u->instance, u->slot};
        *slot = (HolderSlot){holder, hash};
        u->count++;
        return;
    }
    if (holder->slot == u->slot)
        return;
    Str domain = *name;
    Text text = {0};
    value_print(value, 80, &text);
    Str message = arena_printf(u->session->arena, "%s and %s have the same %.*s: %s", holder->instance->head.address.text, u->instance->head.address.text,
                               (int)domain.length, domain.text, text.bytes);
    text_fini(&text);
    Diagnostic *d = finding_report(u->session, SEVERITY_ERROR, unique_finding(u->session, domain), value->origin, u->instance, message);
    if (d)
        diag_also(u->session->diagnostics, d, holder->value->origin, "the first");
}

static void unique_walk(Uniqueness *u, const Type *type, const Value *value) {
    if (value->kind == VALUE_RECORD && (type->kind == TYPE_RECORD || type->kind == TYPE_TAGGED)) {
        if (type->kind == TYPE_TAGGED && value->as.record->tag != type->tag)
            return;
        for (uint32_t i = 0; i < type->field_count; i++) {
            const Value *field = record_get(value->as.record, type->fields[i].name);
            if (!field || field->kind == VALUE_UNSET || field->kind == VALUE_UNKNOWN)
                continue;
            if (type->fields[i].unique.length && field->kind != VALUE_STRING)
                unique_take(u, &type->fields[i].unique, field);
            else if (type->fields[i].unique.length && type->fields[i].type->kind != TYPE_UNION)
                unique_take(u, &type->fields[i].unique, field);
            else
                unique_walk(u, type->fields[i].type, field);
        }
    }
    for (uint32_t i = 0; type->kind == TYPE_UNION && i < type->member_count; i++)
        if (value->kind == VALUE_RECORD && (type->members[i]->kind == TYPE_TAGGED ? type->members[i]->tag == value->as.record->tag
                                                                                  : type->members[i] == value->as.record->shape))
            unique_walk(u, type->members[i], value);
    for (uint32_t i = 0; type->kind == TYPE_LIST && value->kind == VALUE_LIST && i < value->as.list.count; i++)
        unique_walk(u, type->element, value->as.list.items[i]);
}

static void unique_check(Session *session) {
    Uniqueness u = {.session = session};
    session_scratch(session);
    for (uint32_t i = 0; i < session->instances.count; i++) {
        Instance *instance = session->instances.items[i];
        for (uint32_t k = 0; k < instance->slot_count && !instance->left_out; k++) {
            if (!instance->schema->unique[instance->slots[k].attribute->number])
                continue;
            const Value *value = slot_value(session, &instance->slots[k]);
            if (!value || value->kind == VALUE_POISON || value->kind == VALUE_UNSET || value->kind == VALUE_UNKNOWN)
                continue;
            u.instance = instance;
            u.slot = &instance->slots[k];
            if (instance->slots[k].attribute->unique.length)
                unique_take(&u, &instance->slots[k].attribute->unique, value);
            else
                unique_walk(&u, instance->slots[k].attribute->type, value);
        }
    }
    session_kept(session, NULL);
}

/* Do two resources of one type have the same value where none may? Then that is what is reported. */
static int unique_disagrees(Session *session, Instance *a, Instance *b) {
    for (uint32_t i = 0; i < a->slot_count; i++) {
        const TypeField *attribute = a->slots[i].attribute;
        if (!attribute->unique.length || a->slots[i].thunk.member >= 0)
            continue;
        const Value *one = slot_value(session, &a->slots[i]), *other = instance_attribute(session, b, attribute, -1);
        if (one && other && one->kind != VALUE_POISON && value_equal(one, other))
            return 1;
    }
    return 0;
}

/* Two resources that stand for one object: each would undo the other. */
static void identities_check(Session *session) {
    uint32_t size = 64;
    while (size < session->instances.count * 2)
        size *= 2;
    Instance **slots = ARENA_ARRAY(session->arena, Instance *, size);
    for (uint32_t i = 0; i < session->instances.count; i++) {
        Instance *instance = session->instances.items[i];
        if (instance->left_out || !instance->identity.length)
            continue;
        const Instance *place = instance_place(session, instance);
        uint32_t at = (hash_bytes(instance->identity.text, instance->identity.length) + instance->schema->number * 7919) & (size - 1);
        while (slots[at] && !(slots[at]->schema == instance->schema && str_equal(slots[at]->identity, instance->identity) && instance_place(session, slots[at]) == place))
            at = (at + 1) & (size - 1);
        if (!slots[at]) {
            slots[at] = instance;
            continue;
        }
        if (unique_disagrees(session, slots[at], instance))
            continue;
        Diagnostic *d = finding_report(session, SEVERITY_ERROR, STR("duplicate_identity"), instance->origin, instance,
                                       arena_printf(session->arena, "%s and %s are the same object: %s %s", slots[at]->head.address.text, instance->head.address.text,
                                                    instance->schema->name->text, instance->identity.text));
        if (d)
            diag_also(session->diagnostics, d, slots[at]->origin, "the first");
    }
}

/* ---- attributes that belong to one kind of the resource ---- */

static int condition_holds(const Condition *condition, const Value *value) {
    for (uint32_t i = 0; i < condition->values->as.list.count; i++)
        if (value && value_equal(condition->values->as.list.items[i], value))
            return 1;
    return 0;
}

/* [written] is the attribute's value where it may not be written, NULL where it is missing; [value] that of the attribute that is asked about. */
static void condition_report(Session *session, Instance *instance, const TypeField *attribute, const Slot *slot, const Value *written,
                             const Condition *condition, const Value *value) {
    Text kinds = {0}, have = {0};
    Diagnostic *d;
    condition_print(condition, &kinds);
    if (value)
        value_print(value, 60, &have);
    if (written)
        eval_problem(session, CODE_ATTRIBUTE_HERE, *slot->name_span, written, &d, "`%s` of %s has a meaning only where %s", attribute->name->text,
                     instance->head.address.text, kinds.bytes);
    else
        eval_problem(session, CODE_MISSING_ATTRIBUTE, instance->decl->name.span, value, &d, "%s lacks `%s`", instance->head.address.text,
                     attribute->name->text);
    if (value)
        diag_also(session->diagnostics, d, value->origin, "%s %s", written ? "here it is" : "needed where it is", have.bytes);
    else
        diag_note(session->diagnostics, d, "`%s` is not written", condition->attribute->text);
    text_fini(&kinds);
    text_fini(&have);
    instance->broken = instance->left_out = 1;
}

static void conditions_of(Session *session, Instance *instance) {
    const Schema *schema = instance->schema;
    uint32_t slot = 0;
    for (uint32_t i = 0; i < schema->attribute_count; i++) {
        const TypeField *attribute = &schema->attributes[i];
        Slot *first = slot < instance->slot_count && instance->slots[slot].attribute == attribute ? &instance->slots[slot] : NULL;
        while (slot < instance->slot_count && instance->slots[slot].attribute == attribute)
            slot++;
        const Value *written = first ? slot_value(session, first) : NULL;
        const Condition *condition = written ? &attribute->only : &attribute->needed;
        if (!condition->attribute || (!written && instance->absent))
            continue;
        int64_t member;
        const TypeField *asked = schema_attribute(schema, condition->attribute, &member);
        const Value *value = asked ? instance_attribute(session, instance, asked, member) : NULL;
        /* Where the value that is asked about is in doubt, nothing is to be said. */
        int doubt = !asked || (value && (value->kind == VALUE_POISON || value->kind == VALUE_UNKNOWN || value->kind == VALUE_UNSET));
        if (!doubt && condition_holds(condition, value) == !written)
            condition_report(session, instance, attribute, first, written, condition, value);
    }
}

static void conditions_check(Session *session) {
    for (uint32_t i = 0; i < session->instances.count; i++)
        if (session->instances.items[i]->schema->has_conditions && !session->instances.items[i]->left_out)
            conditions_of(session, session->instances.items[i]);
}

/* ---- who falls with whom ---- */

/* Leaves out whoever refers to what was left out, until nobody does: first built backwards (who needs me), then walked once. */
static void left_out_close(Session *session) {
    VECTOR(Instance *) queue = {0};
    for (uint32_t i = 0; i < session->instances.count; i++)
        if (session->instances.items[i]->left_out)
            VECTOR_PUSH(session->arena, &queue, session->instances.items[i]);
    if (!queue.count)
        return;
    uint32_t count = session->instances.count;
    InstanceList *users = ARENA_ARRAY(session->arena, InstanceList, count);
    uint32_t *capacity = ARENA_ARRAY(session->arena, uint32_t, count);
    for (uint32_t i = 0; i < count; i++) {
        InstanceList references = instance_references(session, session->instances.items[i]);
        for (uint32_t k = 0; k < references.count; k++) {
            InstanceList *list = &users[references.items[k]->number];
            uint32_t *room = &capacity[references.items[k]->number];
            if (list->count == *room)
                list->items = arena_grow(session->arena, list->items, room, sizeof *list->items);
            list->items[list->count++] = session->instances.items[i];
        }
    }
    for (uint32_t at = 0; at < queue.count; at++) {
        const InstanceList *list = &users[queue.items[at]->number];
        for (uint32_t k = 0; k < list->count; k++) {
            if (list->items[k]->left_out)
                continue;
            list->items[k]->left_out = 1;
            VECTOR_PUSH(session->arena, &queue, list->items[k]);
            list->items[k]->broken = queue.items[at]->broken;
            if (list->items[k]->broken)
                continue;
            Diagnostic *d = finding_report(session, SEVERITY_WARNING, STR("left_out"), list->items[k]->origin, list->items[k],
                                           arena_printf(session->arena, "%s is left out because it refers to %s, which is left out",
                                                        list->items[k]->head.address.text, queue.items[at]->head.address.text));
            if (d)
                diag_also(session->diagnostics, d, queue.items[at]->origin, "left out");
        }
    }
}

void checks_run(Session *session) {
    unused_check(session);
    conflicts_check(session);
    conditions_check(session);
    identities_check(session);
    unique_check(session);
    asserts_check(session);
    lints_run(session);
    ignores_check(session);
    left_out_close(session);
}
