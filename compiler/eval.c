/* Expressions to values: names, fields, literals, text. Operators, calls and loops stand in files of their own. */
#include <string.h>

#include "compiler/state.h"
#include "lang/number.h"

int eval_suspended(const Session *session) {
    return session->suspended != NULL;
}

/* ---- names ---- */

static const Value *rule_name_value(Session *session, const RuleContext *rule, const Name *name, Span span) {
    const Words *w = &session->words;
    const struct { const Name *name; const Value *value; } words[] = {
        {w->want, rule->want}, {w->have, rule->have}, {w->changed, rule->changed}, {w->cleared, rule->cleared},
        {w->identity, rule->identity}, {w->digest, rule->digest}, {w->stamp, rule->stamp}, {w->raw, rule->raw}, {w->wanted, rule->wanted},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (words[i].name == name && words[i].value)
            return words[i].value;
    if (name == w->site)
        return value_string(session->arena, span, session->site);
    int64_t member;
    if (!rule->want || !schema_attribute(rule->schema, name, &member))
        return NULL;
    return eval_field(session, rule->want, name, span, 0);
}

static const Value *where_value(Session *session, const Frame *frame, const Name *name) {
    const Where *where = frame->as.where;
    for (uint32_t i = 0; i < where->declarations->count; i++)
        if (where->declarations->items[i]->name.name == name)
            return thunk_force(session, &where->thunks[i], NULL, NULL);
    return NULL;
}

Binding *frame_find(const Frame *frame, const Name *name) {
    for (; frame; frame = frame->parent) {
        if (frame->kind == FRAME_LOCAL && frame->name == name)
            return NULL;
        if (frame->kind == FRAME_SCOPE) {
            Binding *binding = scope_find(frame->as.scope, name);
            if (binding)
                return binding;
        }
    }
    return NULL;
}

Binding *frame_find_path(Session *session, const Frame *frame, const Name *name) {
    Binding *binding = frame_find(frame, name);
    const char *dot = strchr(name->text, '.');
    if (binding || !dot)
        return binding;
    const Name *head = name_find(session->names, (Str){name->text, (size_t)(dot - name->text)});
    Binding *module = head ? frame_find(frame, head) : NULL;
    const Name *rest = name_find(session->names, str_of(dot + 1));
    return module && module->kind == BINDING_MODULE && module->scope && rest ? scope_find(module->scope, rest) : NULL;
}

Binding *binding_of(Session *session, const Expr *expr, const Frame *frame) {
    if (expr->kind == EXPR_NAME)
        return frame_find(frame, expr->as.name);
    if (expr->kind != EXPR_FIELD)
        return NULL;
    Binding *base = binding_of(session, expr->as.member.base, frame);
    if (base && base->kind == BINDING_MODULE && base->scope)
        return scope_find(base->scope, expr->as.member.field->name);
    if (base)
        return NULL;
    const Name *dotted = dotted_name(session, expr);
    return dotted ? frame_find(frame, dotted) : NULL;
}

const Name *dotted_name(Session *session, const Expr *expr) {
    if (expr->kind == EXPR_NAME)
        return expr->as.name;
    if (expr->kind != EXPR_FIELD)
        return NULL;
    const Name *base = dotted_name(session, expr->as.member.base);
    return base ? name_join(session->names, base, expr->as.member.field->name) : NULL;
}

static const Value *binding_accept(Session *session, Thunk *thunk, void *context, const Value *value) {
    Binding *binding = context;
    (void)thunk;
    if (!binding->type && binding->decl && binding->decl->extra && binding->decl->extra->type)
        binding->type = type_resolve(session, binding->decl->extra->type, binding->frame);
    if (!binding->type || value->kind == VALUE_POISON || value->kind == VALUE_UNKNOWN || value->kind == VALUE_NONE)
        return value;
    Use use = {arena_printf(session->arena, "`%s`", binding->name->text), binding->span, 0, 0};
    return type_accept(session, binding->type, value, &use);
}

const Value *binding_value(Session *session, Binding *binding, Span span) {
    binding->used = 1;
    switch ((BindingKind)binding->kind) {
    case BINDING_VALUE:
        return thunk_force(session, &binding->thunk, binding_accept, binding);
    case BINDING_RESOURCE:
        if (!binding->referent)
            binding_expand(session, binding);
        if (eval_suspended(session))
            return session->suspension;
        return binding->referent ? value_reference(session->arena, span, binding->referent) : value_none(session->arena, span);
    case BINDING_FAMILY: {
        binding_expand(session, binding);
        if (eval_suspended(session))
            return session->suspension;
        if (!binding->thunk.value) {
            Arena *arena = session_keep(session);
            binding->thunk.value = record_finish(binding->family, binding->span, NULL);
            session_restore(session, arena);
        }
        return binding->thunk.value;
    }
    case BINDING_MODULE: case BINDING_FUNCTION: case BINDING_TYPE: case BINDING_SCHEMA: case BINDING_COMPONENT: case BINDING_PROFILE:
        break;
    }
    Diagnostic *d = diag_error(session->diagnostics, CODE_NOT_A_VALUE, span, "`%s` is %s, not a value", binding->name->text,
                               decl_kind_name(binding->decl->kind));
    diag_also(session->diagnostics, d, binding->span, "declared here");
    return value_poison(session->arena, span, 0);
}

static const Value *eval_name(Session *session, const Expr *expr, const Frame *frame) {
    const Name *name = expr->as.name;
    for (; frame; frame = frame->parent) {
        const Value *value = NULL;
        switch ((FrameKind)frame->kind) {
        case FRAME_LOCAL:
            if (frame->name == name)
                return frame->as.value;
            break;
        case FRAME_WHERE:
            value = where_value(session, frame, name);
            break;
        case FRAME_RULE:
            value = rule_name_value(session, frame->as.rule, name, expr->span);
            break;
        case FRAME_SCOPE: {
            Binding *binding = scope_find(frame->as.scope, name);
            if (binding)
                value = binding_value(session, binding, expr->span);
            break;
        }
        }
        if (value)
            return value;
    }
    /* The check of names has reported every name that is nowhere; what is left is a rule's word outside its rule. */
    if (!diag_errors(session->diagnostics))
        diag_error(session->diagnostics, CODE_UNKNOWN_NAME, expr->span, "there is no `%s` here", name->text);
    return value_poison(session->arena, expr->span, 0);
}

/* ---- fields ---- */

/* `cidr.address` and the like: parts of values that are no records. */
static const Value *eval_part(Session *session, const Value *base, const Name *name, Span span) {
    if (base->kind != VALUE_CIDR)
        return NULL;
    Address *address = ARENA_NEW(session->arena, Address);
    *address = *base->as.address;
    Span origin = origin_of(session, span, base, NULL);
    if (!strcmp(name->text, "address")) {
        address->prefix = 0;
        return value_address(session->arena, origin, VALUE_IP, address);
    }
    if (!strcmp(name->text, "network")) {
        *address = address_network(base->as.address);
        return value_address(session->arena, origin, VALUE_CIDR, address);
    }
    if (!strcmp(name->text, "prefix"))
        return value_integer(session->arena, origin, VALUE_INT, base->as.address->prefix);
    return NULL;
}

/* The written members of a family as a map: `guest.net`. */
static const Value *family_value(Session *session, Instance *instance, const TypeField *attribute, Span span) {
    RecordBuilder builder = {.arena = session->arena};
    for (uint32_t i = 0; i < instance->slot_count; i++) {
        Slot *slot = &instance->slots[i];
        if (slot->attribute != attribute)
            continue;
        const Value *value = instance_slot(session, instance, slot);
        if (eval_suspended(session))
            return session->suspension;
        if (!value || value->kind == VALUE_POISON || value->kind == VALUE_UNSET)
            continue;
        const Name *key = name_intern(session->names, arena_printf(session->arena, "%lld", (long long)slot->member));
        record_add(&builder, key, value, slot->name_span, NULL);
    }
    return record_finish(&builder, span, NULL);
}

static const Value *instance_field(Session *session, Instance *instance, const Name *name, Span span) {
    int64_t member;
    const TypeField *attribute = schema_attribute(instance->schema, name, &member);
    if (!attribute) {
        int meta = meta_find(name);
        if (meta >= 0) {
            const Value *value = instance_meta(session, instance, (Meta)meta);
            return value ? value : eval_suspended(session) ? session->suspension : value_none(session->arena, instance->origin);
        }
        if (name == session->words.identity)
            return value_string(session->arena, span, instance_identity(session, instance));
        Suggestion suggestion = suggestion_for(name_str(name));
        for (uint32_t i = 0; i < instance->schema->attribute_count; i++)
            suggestion_offer(&suggestion, name_str(instance->schema->attributes[i].name));
        Diagnostic *d = diag_error(session->diagnostics, CODE_UNKNOWN_ATTRIBUTE, span, "`%s` has no attribute `%s`",
                                   instance->schema->name->text, name->text);
        if (suggestion.best.length)
            diag_help(session->diagnostics, d, "did you mean `%.*s`?", (int)suggestion.best.length, suggestion.best.text);
        return value_poison(session->arena, span, 0);
    }
    if (attribute->first <= attribute->last && member < 0)
        return family_value(session, instance, attribute, span);
    const Value *value = instance_attribute(session, instance, attribute, member);
    if (value)
        return value;
    if (!attribute->computed)
        return value_none(session->arena, instance->origin);
    const Value *have = session->facts && instance->identity.length
                            ? facts_get(session->facts, instance_place(session, instance) ? instance_place(session, instance)->head.address : STR(""),
                                        instance->schema, instance->identity)
                            : NULL;
    const Value *known = have ? record_get(have->as.record, name) : NULL;
    if (known)
        return known;
    return value_unknown(session->arena, span, HOLE_UNKNOWN,
                         arena_printf(session->arena, "%s of %s", name->text, instance->head.address.text));
}

static const Value *group_field(Session *session, Group *group, const Name *name, Span span) {
    Binding *binding = scope_find(group->outputs, name);
    if (binding)
        return binding_value(session, binding, span);
    Suggestion suggestion = suggestion_for(name_str(name));
    for (uint32_t i = 0; i < scope_count(group->outputs); i++) {
        const Name *candidate;
        scope_at(group->outputs, i, &candidate);
        suggestion_offer(&suggestion, name_str(candidate));
    }
    Diagnostic *d = diag_error(session->diagnostics, CODE_UNKNOWN_OUTPUT, span, "component `%s` has no output `%s`",
                               group->component->decl->name.name->text, name->text);
    diag_also(session->diagnostics, d, group->component->span, "declared here");
    if (suggestion.best.length)
        diag_help(session->diagnostics, d, "did you mean `%.*s`?", (int)suggestion.best.length, suggestion.best.text);
    else
        diag_help(session->diagnostics, d, "only what the component declares as `output` is visible from outside");
    return value_poison(session->arena, span, 0);
}

static const Value *record_missing(Session *session, const Value *base, const Name *name, Span span) {
    const Record *record = base->as.record;
    const Type *shape = record->shape;
    if (record->open || (shape && type_field(shape->fields, shape->field_count, name)))
        return value_none(session->arena, base->origin);
    Diagnostic *d;
    const Value *poison = eval_problem(session, CODE_NO_FIELD, span, NULL, &d, "there is no `%s` in this record", name->text);
    Suggestion suggestion = suggestion_for(name_str(name));
    for (uint32_t i = 0; i < record->count; i++)
        suggestion_offer(&suggestion, name_str(record->fields[i].name));
    for (uint32_t i = 0; shape && i < shape->field_count; i++)
        suggestion_offer(&suggestion, name_str(shape->fields[i].name));
    diag_also(session->diagnostics, d, base->origin, "the record");
    if (suggestion.best.length)
        diag_help(session->diagnostics, d, "did you mean `%.*s`?", (int)suggestion.best.length, suggestion.best.text);
    return poison;
}

const Value *eval_field(Session *session, const Value *base, const Name *name, Span span, int safe) {
    Diagnostic *d;
    switch ((ValueKind)base->kind) {
    case VALUE_POISON:
    case VALUE_UNKNOWN:
        return base;
    case VALUE_NONE:
        if (safe)
            return base;
        base = eval_problem(session, CODE_NO_VALUE, span, base, &d, "there is no value here to take `%s` of", name->text);
        diag_help(session->diagnostics, d, "`a?.b` is `none` where `a` is `none`, and `a ?? b` puts `b` in its place");
        return base;
    case VALUE_REFERENCE:
        return referent_is_group(base->as.reference) ? group_field(session, GROUP(base->as.reference), name, span)
                                                     : instance_field(session, INSTANCE(base->as.reference), name, span);
    case VALUE_RECORD: {
        const Value *value = record_get(base->as.record, name);
        if (!value)
            return record_missing(session, base, name, span);
        return base->flags & VALUE_SECRET ? value_flagged(session->arena, value, VALUE_SECRET) : value;
    }
    case VALUE_UNSET: case VALUE_BOOL: case VALUE_INT: case VALUE_FLOAT: case VALUE_STRING: case VALUE_SIZE: case VALUE_DURATION:
    case VALUE_PERCENT: case VALUE_RATE: case VALUE_IP: case VALUE_CIDR: case VALUE_MAC: case VALUE_LIST:
        break;
    }
    const Value *part = eval_part(session, base, name, span);
    if (part)
        return part;
    return eval_problem(session, CODE_NO_FIELD, span, base, &d, "%s has no field `%s`", value_kind_phrase(base->kind), name->text);
}

/* ---- text ---- */

int value_to_text(Session *session, const Value *value, Span span, Text *out, uint8_t *flags) {
    *flags = (uint8_t)(*flags | (value->flags & VALUE_SECRET));
    Diagnostic *d;
    switch ((ValueKind)value->kind) {
    case VALUE_POISON:
        return 0;
    case VALUE_NONE:
        eval_problem(session, CODE_NO_VALUE, span, value, &d, "there is no value here to print");
        diag_help(session->diagnostics, d, "`a ?? b` is `b` where `a` is `none`");
        return 0;
    case VALUE_UNSET: case VALUE_UNKNOWN:
        eval_problem(session, CODE_WRONG_KIND, span, value, &d, "%s has no text", value_kind_phrase(value->kind));
        return 0;
    case VALUE_REFERENCE:
        if (referent_is_group(value->as.reference))
            text_add(out, value->as.reference->address);
        else {
            Str identity = instance_identity(session, INSTANCE(value->as.reference));
            if (!identity.length)
                return 0;
            text_add(out, identity);
        }
        return 1;
    case VALUE_BOOL: case VALUE_INT: case VALUE_FLOAT: case VALUE_STRING: case VALUE_SIZE: case VALUE_DURATION: case VALUE_PERCENT:
    case VALUE_RATE: case VALUE_IP: case VALUE_CIDR: case VALUE_MAC: case VALUE_LIST: case VALUE_RECORD: {
        /* The text is a value again, and flagged: it needs the secret itself, not the "(secret)" of messages. */
        Value bare = *value;
        bare.flags = (uint8_t)(value->flags & ~VALUE_SECRET);
        value_print_plain(&bare, out);
        return 1;
    }
    }
    return 0;
}

static const Value *eval_text(Session *session, const Expr *expr, const Frame *frame) {
    Text text = {0};
    uint8_t flags = 0;
    Span origin = expr->span;
    const Value *poison = NULL, *unknown = NULL;
    for (uint32_t i = 0; i < expr->as.list.count; i++) {
        const Expr *part = expr->as.list.items[i];
        const Value *value = eval(session, part, frame);
        if (value->kind == VALUE_UNKNOWN)
            unknown = value;
        else if (value->kind == VALUE_POISON)
            poison = value;
        else if (!poison && !unknown && !value_to_text(session, value, part->span, &text, &flags))
            poison = value_poison(session->arena, expr->span, span_is_imported(session, value->origin) ? VALUE_LEFT_OUT : 0);
        origin = origin_of(session, origin, value, NULL);
    }
    const Value *result = poison    ? poison
                          : unknown ? unknown
                                    : value_string(session->arena, origin, arena_str(session->arena, text_str(&text)));
    text_fini(&text);
    if (eval_suspended(session))
        return session->suspension;
    return flags && !poison && !unknown ? value_flagged(session->arena, result, flags) : result;
}

/* ---- lists and records ---- */

const Value *eval_bounded(Session *session, Span span, const Value *made) {
    if (made->kind == VALUE_POISON && !session->limit_reported++)
        diag_error(session->diagnostics, CODE_COST, span, "this value is too large, or too deep: lists and records nest %d levels", (int)VALUE_DEPTH_LIMIT);
    return made;
}

static const Value *eval_list(Session *session, const Expr *expr, const Frame *frame) {
    uint32_t count = expr->as.list.count, kept = 0;
    const Value **items = ARENA_ARRAY(session->arena, const Value *, count ? count : 1);
    const Value *poison = NULL;
    for (uint32_t i = 0; i < count; i++) {
        const Value *value = eval(session, expr->as.list.items[i], frame);
        if (value->kind != VALUE_POISON)
            items[kept++] = value;
        else if (!(value->flags & VALUE_LEFT_OUT))
            poison = value;
    }
    return poison ? poison : eval_bounded(session, expr->span, value_list(session->arena, expr->span, items, kept));
}

static const Name *entry_key(Session *session, const Entry *entry, const Frame *frame, Span *span, const Value **poison) {
    if (entry->name) {
        *span = entry->name_span;
        return entry->name;
    }
    const Value *key = eval(session, entry->key, frame);
    *span = origin_of(session, entry->key->span, key, NULL);
    Diagnostic *d;
    if (key->kind == VALUE_STRING && !(key->flags & VALUE_SECRET))
        return name_intern(session->names, key->as.string);
    if (key->kind == VALUE_INT)
        return name_intern(session->names, arena_printf(session->arena, "%lld", (long long)key->as.integer));
    *poison = key->kind == VALUE_POISON ? key
              : key->flags & VALUE_SECRET
                  ? eval_problem(session, CODE_SECRET_KEY, entry->key->span, NULL, &d, "a secret can't be a key")
                  : eval_problem(session, CODE_WRONG_KIND, entry->key->span, key, &d, "a key is a string or an int, not %s",
                                 value_kind_phrase(key->kind));
    return NULL;
}

static const Value *eval_record(Session *session, const Expr *expr, const Frame *frame) {
    RecordBuilder builder = {.arena = session->arena};
    const Value *poison = NULL;
    record_reserve(&builder, expr->as.record.count);
    for (uint32_t i = 0; i < expr->as.record.count; i++) {
        const Entry *entry = &expr->as.record.items[i];
        Span span;
        const Name *key = entry_key(session, entry, frame, &span, &poison);
        const Value *value = eval(session, entry->value, frame);
        if (!key || value->kind == VALUE_NONE || (value->kind == VALUE_POISON && value->flags & VALUE_LEFT_OUT))
            continue;
        if (value->kind == VALUE_POISON)
            poison = value;
        const Field *earlier;
        if (!record_add(&builder, key, value, span, &earlier)) {
            Diagnostic *d = diag_error(session->diagnostics, CODE_DUPLICATE_FIELD, span, "`%s` is written twice", key->text);
            diag_also(session->diagnostics, d, earlier->span, "first here");
            poison = value_poison(session->arena, span, 0);
        }
    }
    return poison ? poison : eval_bounded(session, expr->span, record_finish(&builder, expr->span, NULL));
}

/* `left with { x = 1, y = none }` */
static const Value *eval_with(Session *session, const Expr *expr, const Frame *frame) {
    const Value *base = eval(session, expr->as.binary.left, frame);
    if (base->kind == VALUE_POISON)
        return base;
    const Expr *right = expr->as.binary.right;
    Diagnostic *d;
    if (base->kind != VALUE_RECORD || right->kind != EXPR_RECORD)
        return eval_problem(session, CODE_WRONG_KIND, expr->span, base, &d, "`with` changes a record, not %s", value_kind_phrase(base->kind));
    RecordBuilder builder = {.arena = session->arena}, changes = {.arena = session->arena};
    for (uint32_t i = 0; i < right->as.record.count; i++) {
        const Value *poison = NULL;
        Span span;
        const Name *key = entry_key(session, &right->as.record.items[i], frame, &span, &poison);
        const Value *value = eval(session, right->as.record.items[i].value, frame);
        if (!key || value->kind == VALUE_POISON)
            return poison ? poison : value;
        record_add(&changes, key, value, span, NULL);
    }
    const Record *change = record_finish(&changes, expr->span, NULL)->as.record;
    for (uint32_t i = 0; i < base->as.record->count; i++)
        if (!record_get(change, base->as.record->fields[i].name))
            record_add(&builder, base->as.record->fields[i].name, base->as.record->fields[i].value, base->as.record->fields[i].span, NULL);
    for (uint32_t i = 0; i < change->count; i++)
        if (change->fields[i].value->kind != VALUE_NONE)
            record_add(&builder, change->fields[i].name, change->fields[i].value, change->fields[i].span, NULL);
    const Value *result = record_finish(&builder, origin_of(session, expr->span, base, NULL), base->as.record->tag);
    /* A copy is of the type of what it was copied from, so that optional fields that are not there still read as none. */
    ((Record *)(uintptr_t)result->as.record)->shape = base->as.record->shape;
    return value_flagged(session->arena, result, base->flags & VALUE_SECRET);
}

static const Value *eval_index(Session *session, const Expr *expr, const Frame *frame) {
    const Value *base = eval(session, expr->as.index.base, frame), *index = eval(session, expr->as.index.index, frame);
    if (base->kind == VALUE_POISON || base->kind == VALUE_UNKNOWN)
        return base;
    if (index->kind == VALUE_POISON)
        return index;
    Diagnostic *d;
    Span span = expr->as.index.index->span;
    if (base->kind == VALUE_LIST) {
        if (index->kind != VALUE_INT)
            return eval_problem(session, CODE_WRONG_KIND, span, index, &d, "a list is indexed by an int, not %s", value_kind_phrase(index->kind));
        if (index->as.integer < 0 || index->as.integer >= base->as.list.count)
            return eval_problem(session, CODE_NO_ELEMENT, span, index, &d, "there is no element %lld in a list of %u",
                                (long long)index->as.integer, base->as.list.count);
        return base->as.list.items[index->as.integer];
    }
    if (base->kind != VALUE_RECORD)
        return eval_problem(session, CODE_WRONG_KIND, expr->as.index.base->span, base, &d, "only lists and maps have elements, not %s",
                            value_kind_phrase(base->kind));
    if (index->kind != VALUE_STRING && index->kind != VALUE_INT)
        return eval_problem(session, CODE_WRONG_KIND, span, index, &d, "a map is indexed by a string, not %s", value_kind_phrase(index->kind));
    Str key = index->kind == VALUE_STRING ? index->as.string : arena_printf(session->arena, "%lld", (long long)index->as.integer);
    const Name *name = name_find(session->names, key);
    const Value *value = name ? record_get(base->as.record, name) : NULL;
    if (value)
        return value;
    Suggestion suggestion = suggestion_for(key);
    for (uint32_t i = 0; i < base->as.record->count; i++)
        suggestion_offer(&suggestion, name_str(base->as.record->fields[i].name));
    const Value *poison = eval_problem(session, CODE_NO_ELEMENT, span, index, &d, "there is no `%.*s` here", (int)key.length, key.text);
    diag_also(session->diagnostics, d, base->origin, "the map has %u %s", base->as.record->count, base->as.record->count == 1 ? "key" : "keys");
    if (suggestion.best.length)
        diag_help(session->diagnostics, d, "did you mean `%.*s`?", (int)suggestion.best.length, suggestion.best.text);
    return poison;
}

/* ---- the whole ---- */

int eval_condition(Session *session, const Expr *expr, const Frame *frame, const Value **poison) {
    const Value *value = eval(session, expr, frame);
    if (value->kind == VALUE_BOOL)
        return value->as.boolean;
    Diagnostic *d;
    *poison = value->kind == VALUE_POISON || value->kind == VALUE_UNKNOWN
                  ? value
                  : eval_problem(session, CODE_WRONG_KIND, expr->span, value, &d, "a condition is true or false, not %s", value_kind_phrase(value->kind));
    return -1;
}

/* The scope that a chain of modules' names leads to, or NULL. */
static Scope *module_of(const Expr *expr, const Frame *frame) {
    Binding *binding = NULL;
    if (expr->kind == EXPR_NAME)
        binding = frame_find(frame, expr->as.name);
    else if (expr->kind == EXPR_FIELD) {
        Scope *outer = module_of(expr->as.member.base, frame);
        binding = outer ? scope_find(outer, expr->as.member.field->name) : NULL;
    }
    return binding && binding->kind == BINDING_MODULE ? binding->scope : NULL;
}

static const Value *eval_limit(Session *session, Span span) {
    if (!session->limit_reported) {
        session->limit_reported = 1;
        Diagnostic *d = diag_error(session->diagnostics, CODE_COST, span, "this takes more than %d evaluation steps", (int)EVAL_STEP_LIMIT);
        diag_help(session->diagnostics, d, "loops inside loops multiply; no site comes near this limit");
    }
    return value_poison(session->arena, span, 0);
}

const Value *eval(Session *session, const Expr *expr, const Frame *frame) {
    if (expr->kind == EXPR_LITERAL)
        return expr->as.value;
    if (session->suspended)
        return session->suspension;
    if (++session->steps > EVAL_STEP_LIMIT)
        return eval_limit(session, expr->span);
    switch ((ExprKind)expr->kind) {
    case EXPR_POISON: return value_poison(session->arena, expr->span, 0);
    case EXPR_LITERAL: return expr->as.value;
    case EXPR_NAME: return eval_name(session, expr, frame);
    case EXPR_FIELD: case EXPR_SAFE_FIELD: {
        Scope *module = module_of(expr->as.member.base, frame);
        if (module) {
            Binding *inner = scope_find(module, expr->as.member.field->name);
            return inner ? binding_value(session, inner, expr->span) : value_poison(session->arena, expr->span, 0);
        }
        const Value *base = eval(session, expr->as.member.base, frame);
        return eval_field(session, base, expr->as.member.field->name, expr->as.member.field->span, expr->kind == EXPR_SAFE_FIELD);
    }
    case EXPR_INDEX: return eval_index(session, expr, frame);
    case EXPR_CALL: return eval_call(session, expr, frame);
    case EXPR_LIST: return eval_list(session, expr, frame);
    case EXPR_RECORD: return eval_record(session, expr, frame);
    case EXPR_LIST_FOR: case EXPR_MAP_FOR: return eval_loop(session, expr, frame);
    case EXPR_TEXT: return eval_text(session, expr, frame);
    case EXPR_WITH: return eval_with(session, expr, frame);
    case EXPR_IF: {
        const struct Conditional *c = expr->as.conditional;
        const Value *poison;
        int condition = eval_condition(session, c->condition, frame, &poison);
        return condition < 0 ? poison : eval(session, condition ? c->yes : c->no, frame);
    }
    case EXPR_NOT: case EXPR_NEGATE: case EXPR_OR: case EXPR_AND: case EXPR_EQUAL: case EXPR_UNEQUAL: case EXPR_LESS: case EXPR_LESS_EQUAL:
    case EXPR_GREATER: case EXPR_GREATER_EQUAL: case EXPR_IN: case EXPR_COALESCE: case EXPR_RANGE: case EXPR_ADD: case EXPR_SUBTRACT:
    case EXPR_MULTIPLY: case EXPR_DIVIDE: case EXPR_MODULO: case EXPR_IS:
        return eval_operator(session, expr, frame);
    }
    return value_poison(session->arena, expr->span, 0);
}
