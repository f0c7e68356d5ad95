/* Is a value one of a type? Fills in defaults, resolves tags, reads imported strings as what the type says. */
#include <stdlib.h>
#include <string.h>

#include "compiler/regexp.h"
#include "compiler/state.h"
#include "compiler/type_refuse.h"
#include "lang/number.h"

static const Value *accept(Session *session, const Type *type, const Value *value, const Use *use);

/* ---- simple values ---- */

static int string_matches(Session *session, const Type *type, const Value *value) {
    Str reason;
    return !type->pattern.length || regexp_match(session, type->pattern, value->as.string, NULL, 0, NULL, &reason) == 1;
}

/* Addresses are narrowed by what they are written as. */
static int address_matches(Session *session, const Type *type, const Value *value) {
    Text text = {0};
    Str reason;
    value_print_plain(value, &text);
    int matches = regexp_match(session, type->pattern, text_str(&text), NULL, 0, NULL, &reason) == 1;
    text_fini(&text);
    return matches;
}

/* Of strings the length is narrowed. */
static int order_to_bound(const Value *value, const Value *bound) {
    if (value->kind == VALUE_STRING) {
        int64_t length = (int64_t)value->as.string.length;
        return (length > bound->as.integer) - (length < bound->as.integer);
    }
    if (value->kind == VALUE_FLOAT && bound->kind == VALUE_INT)
        return (value->as.number > (double)bound->as.integer) - (value->as.number < (double)bound->as.integer);
    return value_compare(value, bound);
}

static int other_version(const Value *value, const Value *bound) {
    return bound && value->kind == VALUE_IP && value->as.address->version != bound->as.address->version;
}

static const Value *accept_range(Session *session, const Type *type, const Value *value, const Use *use) {
    if (other_version(value, type->low) || other_version(value, type->high))
        return type_refuse_range(session, type, value, use, "is an address of the other version");
    if (type->low && order_to_bound(value, type->low) < 0)
        return type_refuse_range(session, type, value, use, value->kind == VALUE_STRING ? "is too short" : "is too small");
    if (type->high && order_to_bound(value, type->high) > 0)
        return type_refuse_range(session, type, value, use, value->kind == VALUE_STRING ? "is too long" : "is too large");
    return value;
}

static const Value *accept_simple(Session *session, const Type *type, const Value *value, const Use *use) {
    ValueKind kind = type_value_kind(type);
    if (value->kind != (uint8_t)kind) {
        const Value *converted = NULL;
        if (value->kind == VALUE_STRING && (span_is_imported(session, value->origin) || source_get(session->sources, value->origin.file)->kind == SOURCE_ARGUMENT))
            converted = type_from_text(session, type, value);
        else if (value->kind == VALUE_INT && kind == VALUE_FLOAT)
            converted = value_number(session->arena, value->origin, VALUE_FLOAT, (double)value->as.integer);
        if (!converted)
            return type_refuse(session, type, value, use);
        value = value_flagged(session->arena, converted, value->flags);
    }
    const Value *inside = accept_range(session, type, value, use);
    if (inside == value && type->pattern.length && !(kind == VALUE_STRING ? string_matches : address_matches)(session, type, value))
        return type_refuse_range(session, type, value, use, "does not match");
    return inside;
}

/* ---- composite values ---- */

static Use use_inside(Session *session, const Use *use, const char *name, Span span) {
    if (use->quiet)
        return (Use){.what = STR(""), .span = span, .quiet = 1};
    Str what = use->what;
    /* "`net0`" and "gw" make "`net0.gw`". */
    if (what.length > 2 && what.text[0] == '`' && what.text[what.length - 1] == '`')
        return (Use){.what = arena_printf(session->arena, "%.*s.%s`", (int)what.length - 1, what.text, name), .span = span};
    return (Use){.what = arena_printf(session->arena, "`%s` of %.*s", name, (int)what.length, what.text), .span = span};
}

static const Value *accept_list(Session *session, const Type *type, const Value *value, const Use *use) {
    if (value->kind != VALUE_LIST)
        return type_refuse(session, type, value, use);
    uint32_t count = value->as.list.count, kept = 0;
    if (count < type->min_count || (type->max_count >= 0 && count > type->max_count))
        return type_refuse_range(session, type, value, use, "has too few or too many elements");
    const Value **items = ARENA_ARRAY(session->arena, const Value *, count ? count : 1);
    int changed = 0;
    Use inner = {.what = STR(""), .span = use->span, .quiet = use->quiet, .unit = use->unit};
    if (!use->quiet)
        inner.what = arena_printf(session->arena, "each element of %.*s", (int)use->what.length, use->what.text);
    for (uint32_t i = 0; i < count; i++) {
        const Value *item = value->as.list.items[i];
        if (item->kind != VALUE_UNKNOWN)
            item = accept(session, type->element, item, &inner);
        if (!item || (item->kind == VALUE_POISON && !(item->flags & VALUE_LEFT_OUT)))
            return item;
        changed |= item != value->as.list.items[i];
        if (item->kind != VALUE_POISON)
            items[kept++] = item;
    }
    if (!changed)
        return value;
    /* So many were left out that too few are left. */
    if (kept < type->min_count)
        return value_poison(session->arena, value->origin, VALUE_LEFT_OUT);
    return value_flagged(session->arena, value_list(session->arena, value->origin, items, kept), value->flags);
}

static const Value *accept_map(Session *session, const Type *type, const Value *value, const Use *use) {
    if (value->kind != VALUE_RECORD || value->as.record->tag)
        return type_refuse(session, type, value, use);
    RecordBuilder builder = {.arena = session->arena};
    int changed = 0;
    const Record *record = value->as.record;
    for (uint32_t i = 0; i < record->count; i++) {
        const Field *field = &record->fields[i];
        Use inner = use_inside(session, use, field->name->text, field->span.file ? field->span : use->span);
        Use key_use = inner;
        if (!use->quiet)
            key_use.what = arena_printf(session->arena, "a key of %.*s", (int)use->what.length, use->what.text);
        const Value *key = value_string(session->arena, field->span.file ? field->span : value->origin, name_str(field->name));
        if (type->key->kind == TYPE_INT) {
            /* Keys are text in every notation; a map of ints takes those that read as one. */
            Number number = number_parse(name_str(field->name));
            if (number.status == NUMBER_OK && number.kind == VALUE_INT)
                key = value_integer(session->arena, key->origin, VALUE_INT, number.integer);
        }
        key = accept(session, type->key, key, &key_use);
        const Value *item = field->value->kind == VALUE_UNKNOWN ? field->value : accept(session, type->element, field->value, &inner);
        if (!key || !item)
            return NULL;
        if (key->kind == VALUE_POISON || item->kind == VALUE_POISON) {
            const Value *poison = key->kind == VALUE_POISON ? key : item;
            if (!(poison->flags & VALUE_LEFT_OUT))
                return poison;
            changed = 1;
            continue;
        }
        changed |= item != field->value;
        record_add(&builder, field->name, item, field->span, NULL);
    }
    return changed ? value_flagged(session->arena, record_finish(&builder, value->origin, NULL), value->flags) : value;
}

/* Positional arguments of a tagged value are named "0", "1", ... until here. */
static const TypeField *field_for(const Type *type, const Field *field) {
    const TypeField *found = type_field(type->fields, type->field_count, field->name);
    if (found)
        return found;
    if (type->kind == TYPE_TAGGED && field->name->text[0] >= '0' && field->name->text[0] <= '9') {
        uint32_t at = (uint32_t)atoi(field->name->text);
        return at < type->field_count ? &type->fields[at] : NULL;
    }
    for (uint32_t i = 0; i < type->field_count; i++)
        for (uint32_t k = 0; k < type->fields[i].also_count; k++)
            if (type->fields[i].also[k] == field->name)
                return &type->fields[i];
    return NULL;
}

static const Value *unknown_field(Session *session, const Type *type, const Field *field, const Use *use) {
    if (use->quiet)
        return NULL;
    Suggestion suggestion = suggestion_for(name_str(field->name));
    for (uint32_t i = 0; i < type->field_count; i++)
        type_field_suggest(&type->fields[i], &suggestion);
    Diagnostic *d;
    Span span = field->span.file ? field->span : field->value->origin;
    const Value *at = value_at(session->arena, field->value, span);
    const Value *poison = eval_problem(session, CODE_UNKNOWN_FIELD, span, at, &d, "%.*s has no field `%s`", (int)use->what.length, use->what.text, field->name->text);
    suggestion_tell(&suggestion, session->diagnostics, d, span);
    return poison;
}

/* One field under two of its names: the first that stands there counts. */
static const Value *field_twice(Session *session, const TypeField *field, const Field *given, const Use *use, Span first) {
    if (use->quiet)
        return NULL;
    Diagnostic *d;
    Span span = given->span.file ? given->span : given->value->origin;
    const Value *poison = eval_problem(session, CODE_DUPLICATE_FIELD, span, value_at(session->arena, given->value, span), &d,
                                       "`%s` says again what stands there already: both names are `%s`", given->name->text, field->name->text);
    if (first.file)
        diag_also(session->diagnostics, d, first, "the first, which counts");
    diag_help(session->diagnostics, d, "remove one of the two");
    return poison;
}

static void field_ignored(Session *session, const TypeField *field, const Field *given, const Use *use) {
    /* What says nothing is not worth a finding: an empty list, map or string. */
    const Value *value = given->value;
    if (!field->ignored.length || use->quiet)
        return;
    if ((value->kind == VALUE_LIST && !value->as.list.count) || (value->kind == VALUE_RECORD && !value->as.record->count) ||
        (value->kind == VALUE_STRING && !value->as.string.length) || value->kind == VALUE_NONE)
        return;
    finding_report(session, SEVERITY_WARNING, STR("ignored_field"), given->span.file ? given->span : given->value->origin, NULL,
                   arena_printf(session->arena, "`%s` has no effect: %.*s", given->name->text, (int)field->ignored.length, field->ignored.text));
}

static const Value *accept_fields(Session *session, const Type *type, const Value *value, const Use *use) {
    const Record *record = value->as.record;
    if (record->shape == type)
        return value;
    enum { SMALL = 64 };
    const Value *small[SMALL], **values = type->field_count <= SMALL ? small : ARENA_ARRAY(session->arena, const Value *, type->field_count);
    Span small_spans[SMALL], *spans = type->field_count <= SMALL ? small_spans : ARENA_ARRAY(session->arena, Span, type->field_count);
    memset(values, 0, sizeof *values * type->field_count);
    const Value *bad = NULL;
    int changed = 0;
    for (uint32_t i = 0; i < record->count; i++) {
        const Field *given = &record->fields[i];
        const TypeField *field = field_for(type, given);
        if (!field || values[field->number]) {
            const Value *poison = field ? field_twice(session, field, given, use, spans[field->number]) : unknown_field(session, type, given, use);
            if (!poison)
                return NULL;
            if (!(poison->flags & VALUE_LEFT_OUT) || type->strict || (field && field->vital))
                bad = poison;
            changed = 1;
            continue;
        }
        Use inner = use_inside(session, use, field->name->text, given->span.file ? given->span : use->span);
        inner.unit = field->codec.unit;
        field_ignored(session, field, given, use);
        const Value *item = given->value;
        if (item->kind == VALUE_NONE && (field->optional || field->fallback)) {
            changed = 1;
            continue;
        }
        if (item->kind != VALUE_UNKNOWN && item->kind != VALUE_UNSET)
            item = accept(session, field->type, item, &inner);
        if (!item)
            return NULL;
        if (item->kind == VALUE_POISON) {
            changed = 1;
            if (!(item->flags & VALUE_LEFT_OUT) || type->strict || field->vital || (!field->optional && !field->fallback))
                bad = item;
            continue;
        }
        values[field->number] = item;
        spans[field->number] = given->span;
        changed |= item != given->value || field->name != given->name;
    }
    for (uint32_t i = 0; i < type->field_count; i++) {
        const TypeField *field = &type->fields[i];
        if (values[i])
            continue;
        if (field->fallback) {
            values[i] = eval(session, field->fallback, session->prelude_frame);
            spans[i] = field->fallback->span;
            changed = 1;
        } else if (!field->optional && !bad) {
            if (use->quiet)
                return NULL;
            Diagnostic *d;
            bad = eval_problem(session, CODE_MISSING_FIELD, value->origin, value, &d, "%.*s lacks `%s`", (int)use->what.length, use->what.text, field->name->text);
            diag_also(session->diagnostics, d, field->span, "declared here without `?`");
        }
    }
    if (bad)
        return bad;
    /* A record that an attribute wrote itself is known to nobody else: it can take its type as it is. */
    if (!changed && use->fresh) {
        ((Record *)(uintptr_t)record)->shape = type;
        return value;
    }
    const Record *result;
    if (changed) {
        RecordBuilder builder = {.arena = session->arena, .shape = type};
        uint32_t kept = 0;
        for (uint32_t i = 0; i < type->field_count; i++)
            kept += values[i] && values[i]->kind != VALUE_NONE;
        record_reserve(&builder, kept);
        for (uint32_t i = 0; i < type->field_count; i++)
            if (values[i] && values[i]->kind != VALUE_NONE)
                record_add(&builder, type->fields[i].name, values[i], spans[i], NULL);
        result = record_finish(&builder, value->origin, type->tag)->as.record;
    } else {
        Record *typed = ARENA_NEW(session->arena, Record);
        *typed = *record;
        typed->shape = type;
        result = typed;
    }
    Value *copy = ARENA_NEW(session->arena, Value);
    *copy = *value;
    copy->as.record = result;
    return copy;
}

static const Value *accept_reference(Session *session, const Type *type, const Value *value, const Use *use) {
    if (value->kind != VALUE_REFERENCE)
        return type_refuse(session, type, value, use);
    if (!type->schema)
        return value;
    if (referent_is_group(value->as.reference) || INSTANCE(value->as.reference)->schema != type->schema)
        return type_refuse(session, type, value, use);
    return value;
}

/* How many of the record's fields the type knows. */
static uint32_t fields_known(const Type *type, const Record *record) {
    uint32_t known = 0;
    for (uint32_t i = 0; i < record->count; i++)
        known += field_for(type, &record->fields[i]) != NULL;
    return known;
}

/* An address or size in quotes, where one is wanted without them. */
static int reads_as_member(Session *session, const Type *type, const Value *value) {
    for (uint32_t i = 0; value->kind == VALUE_STRING && i < type->member_count; i++)
        if (type_from_text(session, type->members[i], value))
            return 1;
    return 0;
}

/* A record of a union of tags is told by its tag, of a union of records by its fields: then the message is about that one's fields. */
static const Value *accept_union(Session *session, const Type *type, const Value *value, const Use *use) {
    Use quiet = {.what = use->what, .span = use->span, .quiet = 1};
    for (uint32_t i = 0; i < type->member_count; i++) {
        const Value *result = accept(session, type->members[i], value, &quiet);
        /* A list or record that fits may still hold what is worth a finding. */
        if (result && !use->quiet && (value->kind == VALUE_RECORD || value->kind == VALUE_LIST))
            return accept(session, type->members[i], value, use);
        if (result)
            return result;
    }
    if (use->quiet)
        return NULL;
    const Type *only = NULL;
    uint32_t near = 0, most = 0;
    for (uint32_t i = 0; i < type->member_count; i++) {
        const Type *member = type->members[i];
        int fits = value->kind == VALUE_RECORD ? (value->as.record->tag ? member->kind == TYPE_TAGGED && member->tag == value->as.record->tag
                                                                        : member->kind == TYPE_RECORD || member->kind == TYPE_MAP)
                   : value->kind == VALUE_LIST ? member->kind == TYPE_LIST
                                               : type_value_kind(member) == (ValueKind)value->kind;
        uint32_t known = fits && member->kind == TYPE_RECORD ? fields_known(member, value->as.record) : 0;
        if (!fits || known < most)
            continue;
        near = known > most ? 1 : near + 1;
        most = known;
        only = member;
    }
    return near == 1 && !reads_as_member(session, type, value) ? accept(session, only, value, use) : type_refuse(session, type, value, use);
}

/* What is not secret yet was written as it is. A value may be tried several times in a row, also without words. */
static void secret_shown(Session *session, const Value *value) {
    const Finding *before = session->findings.count ? &session->findings.items[session->findings.count - 1] : NULL;
    if (value->kind != VALUE_STRING || !value->origin.file || source_get(session->sources, value->origin.file)->kind != SOURCE_PHX)
        return;
    if (before && before->span.file == value->origin.file && before->span.start == value->origin.start)
        return;
    finding_report(session, SEVERITY_WARNING, STR("secret_in_clear"), value->origin, NULL, STR("a secret stands in the text: whoever reads the text has it"));
}

static const Value *accept(Session *session, const Type *type, const Value *value, const Use *use) {
    if (value->kind == VALUE_POISON)
        return value;
    if (type->secret && !(value->flags & VALUE_SECRET)) {
        if (span_is_imported(session, value->origin))
            source_hide(session->sources, value->origin);
        else
            secret_shown(session, value);
        value = value_flagged(session->arena, value, VALUE_SECRET);
    }
    switch ((TypeKind)type->kind) {
    case TYPE_POISON: case TYPE_JSON: return value;
    case TYPE_BOOL: case TYPE_INT: case TYPE_FLOAT: case TYPE_STRING: case TYPE_SIZE: case TYPE_DURATION: case TYPE_PERCENT: case TYPE_RATE:
    case TYPE_IP: case TYPE_CIDR: case TYPE_MAC:
        return accept_simple(session, type, value, use);
    case TYPE_LITERAL: return value_equal(type->literal, value) ? value : type_refuse(session, type, value, use);
    case TYPE_LIST: return accept_list(session, type, value, use);
    case TYPE_MAP: return accept_map(session, type, value, use);
    case TYPE_RECORD:
        return value->kind == VALUE_RECORD && !value->as.record->tag ? accept_fields(session, type, value, use) : type_refuse(session, type, value, use);
    case TYPE_TAGGED:
        return value->kind == VALUE_RECORD && value->as.record->tag == type->tag ? accept_fields(session, type, value, use)
                                                                                : type_refuse(session, type, value, use);
    case TYPE_UNION: return accept_union(session, type, value, use);
    case TYPE_REFERENCE: return accept_reference(session, type, value, use);
    }
    return value;
}

const Value *type_accept(Session *session, const Type *type, const Value *value, const Use *use) {
    return accept(session, type, value, use);
}
