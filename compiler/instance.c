/* What is known of an expanded resource: attributes, identity, place, needs. */
#include "compiler/instance.h"

#include <string.h>

#include "compiler/lookup.h"
#include "compiler/state.h"

enum { DEFAULT_LIMIT = 100 };       /* defaults that need defaults: there is no recursion, so only a chain this long of different ones */

/* A default that is being computed, innermost first. */
typedef struct Defaulting {
    const Instance *instance;
    const TypeField *attribute;
    const struct Defaulting *outer;
} Defaulting;

static const char *const META_NAMES[META_COUNT] = {
    [META_AFTER] = "after", [META_ON] = "on", [META_PROTECT] = "protect", [META_ALLOW] = "allow", [META_TIMEOUT] = "timeout", [META_RETRY] = "retry",
};

const char *meta_name(Meta meta) {
    return META_NAMES[meta];
}

int meta_find(const Name *name) {
    for (int meta = 0; meta < META_COUNT; meta++)
        if (!strcmp(META_NAMES[meta], name->text))
            return meta;
    return -1;
}

int referent_is_group(const Referent *referent) {
    return INSTANCE(referent)->is_group;
}

/* ---- attributes ---- */

Str slot_name(Session *session, const Slot *slot) {
    if (slot->thunk.member < 0)
        return name_str(slot->attribute->name);
    return arena_printf(session->arena, "%s%lld", slot->attribute->name->text, (long long)slot->thunk.member);
}

static const Value *slot_accept(Session *session, Thunk *thunk, void *context, const Value *value) {
    Slot *slot = (Slot *)(void *)((char *)thunk - offsetof(Slot, thunk));
    (void)context;
    if (value->kind == VALUE_POISON || value->kind == VALUE_UNSET || value->kind == VALUE_UNKNOWN || value->kind == VALUE_NONE)
        return value;
    /* First without words: naming what fits would cost more than checking it. */
    Use use = {.what = STR(""), .span = *slot->name_span, .quiet = 1, .fresh = thunk->expr->kind == EXPR_RECORD};
    const Value *result = type_accept(session, slot->attribute->type, value, &use);
    if (result)
        return result;
    use = (Use){.what = arena_printf(session->arena, "`%.*s`", (int)slot_name(session, slot).length, slot_name(session, slot).text),
                .span = *slot->name_span, .unit = slot->attribute->codec.unit};
    return type_accept(session, slot->attribute->type, value, &use);
}

const Value *slot_value(Session *session, Slot *slot) {
    const Value *value = thunk_force(session, &slot->thunk, slot_accept, NULL);
    if (value->kind == VALUE_NONE || (value->kind == VALUE_POISON && value->flags & VALUE_LEFT_OUT))
        return NULL;
    return value;
}

/* The number of the first slot that is not before this one. */
static uint32_t slot_bound(const Instance *instance, const TypeField *attribute, int64_t member) {
    uint32_t low = 0, high = instance->slot_count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        const Slot *slot = &instance->slots[middle];
        if (slot->attribute->number < attribute->number || (slot->attribute == attribute && slot->thunk.member < member))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static Slot *instance_find_slot(const Instance *instance, const TypeField *attribute, int64_t member) {
    uint32_t at = slot_bound(instance, attribute, member);
    Slot *slot = at < instance->slot_count ? &instance->slots[at] : NULL;
    return slot && slot->attribute == attribute && slot->thunk.member == member ? slot : NULL;
}

Slot *instance_family(const Instance *instance, const TypeField *attribute, uint32_t *count) {
    uint32_t first = slot_bound(instance, attribute, INT32_MIN), end = first;
    while (end < instance->slot_count && instance->slots[end].attribute == attribute)
        end++;
    *count = end - first;
    return instance->slots + first;
}

/* For rules that are about what is wanted alone. */
static RuleContext rule_context(Session *session, const Instance *instance) {
    return (RuleContext){.schema = instance->schema, .instance = instance,
                         .want = value_reference(session->arena, instance->origin, &instance->head)};
}

static const Value *context_eval(Session *session, const Expr *expr, const RuleContext *context) {
    Frame frame = {.parent = context->schema->frame, .kind = FRAME_RULE, .as.rule = context};
    const RuleContext *outer = session->rule;
    session->rule = context;
    const Value *value = eval(session, expr, &frame);
    session->rule = outer;
    return value;
}

static const Value *default_cycle(Session *session, const TypeField *attribute) {
    Diagnostic *d = diag_error(session->diagnostics, CODE_VALUE_CYCLE, attribute->fallback->span, "the default of `%s` needs itself", attribute->name->text);
    diag_help(session->diagnostics, d, "a default may name other attributes, but not go round in a circle");
    return value_poison(session->arena, attribute->fallback->span, 0);
}

/* A default is computed from the resource's other attributes where it names them. It is not remembered, so a circle of defaults meets no thunk. */
static const Value *attribute_default(Session *session, const Instance *instance, const TypeField *attribute) {
    uint32_t length = 0;
    if (attribute->fallback->kind == EXPR_LITERAL)
        return eval(session, attribute->fallback, instance->schema->frame);
    for (const Defaulting *d = session->defaulting; d; d = d->outer, length++)
        if ((d->instance == instance && d->attribute == attribute) || length > DEFAULT_LIMIT)
            return default_cycle(session, attribute);
    Defaulting defaulting = {instance, attribute, session->defaulting};
    session->defaulting = &defaulting;
    RuleContext context = rule_context(session, instance);
    const Value *value = context_eval(session, attribute->fallback, &context);
    session->defaulting = defaulting.outer;
    return attribute->type->secret ? value_flagged(session->arena, value, VALUE_SECRET) : value;
}

const Value *instance_attribute(Session *session, const Instance *instance, const TypeField *attribute, int64_t member) {
    Slot *slot = instance_find_slot(instance, attribute, member);
    if (slot)
        return slot_value(session, slot);
    return attribute->fallback ? attribute_default(session, instance, attribute) : NULL;
}

static const Value *meta_wrong(Session *session, const Value *value, Meta meta, const char *wanted) {
    Diagnostic *d;
    if (value->kind == VALUE_POISON)
        return value;
    Text have = {0};
    if (value->kind == VALUE_STRING || value->kind == VALUE_INT)
        value_print(value, 60, &have);
    const Value *poison = eval_problem(session, CODE_WRONG_TYPE, value->origin, value, &d, "`%s` wants %s, not %s", META_NAMES[meta], wanted,
                                       have.length ? have.bytes : value_kind_phrase((ValueKind)value->kind));
    text_fini(&have);
    return poison;
}

static const Value *value_single(Session *session, const Value *value) {
    const Value **items = ARENA_NEW(session->arena, const Value *);
    *items = value;
    return value_list(session->arena, value->origin, items, 1);
}

static const MetaSlot *thunk_meta(const Thunk *thunk) {
    return (const MetaSlot *)(const void *)((const char *)thunk - offsetof(MetaSlot, thunk));
}

static const Value *meta_accept(Session *session, Thunk *thunk, void *context, const Value *value) {
    Meta meta = (Meta)thunk_meta(thunk)->meta;
    (void)context;
    if (value->kind == VALUE_NONE || value->kind == VALUE_POISON)
        return value;
    switch (meta) {
    case META_AFTER:
        if (value->kind == VALUE_REFERENCE)
            return value_single(session, value);
        if (value->kind != VALUE_LIST)
            return meta_wrong(session, value, meta, "a list of resources");
        for (uint32_t i = 0; i < value->as.list.count; i++)
            if (value->as.list.items[i]->kind != VALUE_REFERENCE && value->as.list.items[i]->kind != VALUE_NONE)
                return meta_wrong(session, value->as.list.items[i], meta, "resources");
        return value;
    case META_ON:
        if (value->kind != VALUE_REFERENCE || referent_is_group(value->as.reference) || !instance_is_place(INSTANCE(value->as.reference)))
            return meta_wrong(session, value, meta, "a place");
        return value;
    case META_PROTECT: return value->kind == VALUE_BOOL ? value : meta_wrong(session, value, meta, "true or false");
    case META_ALLOW:
        if (value->kind == VALUE_STRING)
            value = value_single(session, value);
        if (value->kind != VALUE_LIST)
            return meta_wrong(session, value, meta, "a list of risk classes");
        for (uint32_t i = 0; i < value->as.list.count; i++)
            if (value->as.list.items[i]->kind != VALUE_STRING || risk_find(value->as.list.items[i]->as.string) < 0)
                return meta_wrong(session, value->as.list.items[i], meta, "\"online\", \"restart\", \"downtime\" or \"data_loss\"");
        return value;
    case META_TIMEOUT: return value->kind == VALUE_DURATION ? value : meta_wrong(session, value, meta, "a duration");
    case META_RETRY: return value->kind == VALUE_INT && value->as.integer >= 0 && value->as.integer <= 100 ? value : meta_wrong(session, value, meta, "an int from 0 to 100");
    case META_COUNT: break;
    }
    return value;
}

MetaSlot *meta_slot(MetaSlot *slots, uint32_t count, Meta meta) {
    for (uint32_t i = 0; i < count; i++)
        if (slots[i].meta == (uint8_t)meta)
            return &slots[i];
    return NULL;
}

/* Its own; `on` also of the nearest component around it that says so. What stands inside of something in that component stays there. */
static MetaSlot *meta_written(const Instance *instance, Meta meta) {
    MetaSlot *slot = meta_slot(instance->meta, instance->meta_count, meta);
    Group *group = meta == META_ON ? instance->home.group : NULL;
    for (; !slot && group && group->home.inside == instance->home.inside; group = group->home.group)
        slot = group->on.thunk.expr ? &group->on : NULL;
    return slot;
}

Span instance_meta_span(const Instance *instance, Meta meta) {
    return meta_written(instance, meta)->thunk.expr->span;
}

const Value *instance_meta(Session *session, const Instance *instance, Meta meta) {
    MetaSlot *slot = meta_written(instance, meta);
    if (!slot)
        return NULL;
    const Value *value = thunk_force(session, &slot->thunk, meta_accept, NULL);
    return value->kind == VALUE_NONE || value->kind == VALUE_POISON ? NULL : value;
}

/* ---- addresses ---- */

size_t address_last_part(Str address) {
    size_t start = 0;
    int depth = 0;
    for (size_t i = 0; i < address.length; i++) {
        depth += (address.text[i] == '[') - (address.text[i] == ']');
        if (address.text[i] == '/' && depth == 0)
            start = i + 1;
    }
    return start;
}

/* ---- identity ---- */

/* What an object is called must be known while planning, and is shown in each plan. */
static void identity_unknown(Session *session, Instance *instance, const Value *value) {
    Diagnostic *d = value_is_secret(value) ? diag_error(session->diagnostics, CODE_SECRET_SINK, instance->origin, "%s would be called by a secret", instance->head.address.text)
                                           : diag_error(session->diagnostics, CODE_CODEC_NO_TEXT, instance->origin, "what %s is called is known only after apply", instance->head.address.text);
    if (value->origin.file)
        diag_also(session->diagnostics, d, value->origin, "it is made of this");
    Str rule = source_text(session->sources, instance->schema->rules[RULE_IDENTITY]->span);
    diag_note(session->diagnostics, d, "it is called by its identity: %.*s", (int)rule.length, rule.text);
    instance->broken = instance->left_out = 1;
}

Str instance_identity(Session *session, Instance *instance) {
    if (instance->identity.length || instance->broken)
        return instance->identity;
    enum { IDENTITY_BUSY = 0x80 };      /* in mark: being rendered */
    if (instance->mark & IDENTITY_BUSY || session->depth > EVAL_DEPTH_LIMIT + 60) {
        diag_error(session->diagnostics, CODE_VALUE_CYCLE, instance->origin, "the identity of %s needs itself", instance->head.address.text);
        return STR("");
    }
    instance->mark |= IDENTITY_BUSY;
    int scratch = session_scratch(session);
    RuleContext context = rule_context(session, instance);
    const Value *value = rule_eval(session, RULE_IDENTITY, &context);
    instance->mark &= (uint8_t)~IDENTITY_BUSY;
    int known = value && value->kind == VALUE_STRING && !eval_suspended(session);
    if (known)
        instance->identity = arena_str(session->permanent, value->as.string);
    else if (value && value->kind == VALUE_UNKNOWN && !eval_suspended(session))
        identity_unknown(session, instance, value);
    if (scratch)
        session_kept(session, NULL);
    return known ? instance->identity : STR("");
}

/* ---- place ---- */

int instance_is_place(const Instance *instance) {
    return instance->schema->is_place || instance->schema->rules[RULE_EXEC];
}

Instance *instance_place(Session *session, const Instance *instance) {
    if (instance->schema->is_place)
        return INSTANCE(&instance->head);
    const Value *on = instance_meta(session, instance, META_ON);
    if (on)
        return INSTANCE(on->as.reference);
    if (instance->home.inside)
        return instance->home.inside;
    return session->place_count == 1 ? session->place : NULL;
}

Str instance_place_address(Session *session, const Instance *instance) {
    const Instance *place = instance_place(session, instance);
    return place ? place->head.address : STR("");
}

enum { PLACE_DEPTH = 16 };      /* places in places: `on` may make a circle, which is reported elsewhere */

const Instance *place_outermost(Session *session, const Instance *place) {
    for (int depth = 0; place && !place->schema->is_place && depth < PLACE_DEPTH; depth++)
        place = instance_place(session, place);
    return place && place->schema->is_place ? place : NULL;
}

const Instance *host_find(const Session *session, Str address) {
    uint32_t number = session->hosts ? lookup_get(session->hosts, address) : 0;
    return number ? session->instances.items[number - 1] : NULL;
}

/* ---- needs ---- */

typedef struct NeedWalk {
    Session *session;
    VECTOR(Instance *) found;
    uint32_t depth;
} NeedWalk;

static void need_add(NeedWalk *walk, Instance *instance) {
    for (uint32_t i = 0; i < walk->found.count && i < 32; i++)
        if (walk->found.items[i] == instance)
            return;
    VECTOR_PUSH(walk->session->arena, &walk->found, instance);
}

static void need_referent(NeedWalk *walk, const Referent *referent) {
    if (!referent_is_group(referent)) {
        need_add(walk, INSTANCE(referent));
        return;
    }
    const Group *group = GROUP(referent);
    for (uint32_t i = group->first; i < group->last; i++) {
        Instance *inner = walk->session->instances.items[i];
        const Group *outer = inner->home.group;
        while (outer && outer != group)
            outer = outer->home.group;
        if (outer)
            need_add(walk, inner);
    }
}

static void need_value(NeedWalk *walk, const Value *value) {
    if (!value || walk->depth > TREE_DEPTH_LIMIT)
        return;
    walk->depth++;
    if (value->kind == VALUE_REFERENCE)
        need_referent(walk, value->as.reference);
    for (uint32_t i = 0; value->kind == VALUE_LIST && i < value->as.list.count; i++)
        need_value(walk, value->as.list.items[i]);
    for (uint32_t i = 0; value->kind == VALUE_RECORD && i < value->as.record->count; i++)
        need_value(walk, value->as.record->fields[i].value);
    walk->depth--;
}

static void need_attributes(NeedWalk *walk, Instance *instance) {
    for (uint32_t i = 0; i < instance->slot_count; i++)
        need_value(walk, slot_value(walk->session, &instance->slots[i]));
}

InstanceList instance_references(Session *session, Instance *instance) {
    NeedWalk walk = {.session = session};
    need_attributes(&walk, instance);
    return (InstanceList){walk.found.items, walk.found.count};
}

static void need_after(NeedWalk *walk, Instance *instance) {
    need_value(walk, instance_meta(walk->session, instance, META_AFTER));
    for (Group *group = instance->home.group; group; group = group->home.group)
        if (group->after.expr)
            need_value(walk, thunk_force(walk->session, &group->after, NULL, NULL));
}

InstanceList instance_after(Session *session, Instance *instance) {
    NeedWalk walk = {.session = session};
    need_after(&walk, instance);
    return (InstanceList){walk.found.items, walk.found.count};
}

InstanceList instance_needs(Session *session, Instance *instance) {
    NeedWalk walk = {.session = session};
    need_attributes(&walk, instance);
    need_after(&walk, instance);
    RuleContext context = rule_context(session, instance);
    const Value *after = rule_eval(session, RULE_AFTER, &context);
    need_value(&walk, after);
    Instance *place = instance_place(session, instance);
    if (place && place != instance)
        need_add(&walk, place);
    return (InstanceList){walk.found.items, walk.found.count};
}

/* ---- rules ---- */

const Value *rule_eval(Session *session, Rule rule, const RuleContext *context) {
    const Expr *expr = context->schema->rules[rule];
    if (!expr)
        return NULL;
    int scratch = session_scratch(session);
    const Value *value = context_eval(session, expr, context);
    return scratch ? session_kept(session, value) : value;
}
