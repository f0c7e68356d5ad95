/* An object's wanted and found attributes to the list of what differs. */
#include "compiler/compare.h"

#include <stdio.h>

#include "compiler/codec.h"
#include "compiler/ownership.h"
#include "compiler/state.h"

typedef struct Comparer {
    Session *session;
    Instance *instance;
    Comparison *out;
    const Value *in_force;      /* record of the host's texts, by property, where others wait for a restart; or NULL */
} Comparer;

/* ---- names ---- */

/* "net" and 3 to "net3"; families have at most nine digits. */
static Str member_text(Str base, int64_t member, char *buffer, size_t size) {
    if (member < 0)
        return base;
    int length = snprintf(buffer, size, "%.*s%lld", (int)base.length, base.text, (long long)member);
    return (Str){buffer, (size_t)length < size ? (size_t)length : size - 1};
}

static const Name *member_name(Session *session, const TypeField *attribute, int64_t member) {
    char buffer[256];
    return member < 0 ? attribute->name : name_intern(session->names, member_text(name_str(attribute->name), member, buffer, sizeof buffer));
}

Str compare_property(Session *session, const TypeField *attribute, int64_t member) {
    char buffer[256];
    return member < 0 ? attribute->codec.property
                      : arena_str(session->arena, member_text(attribute->codec.property, member, buffer, sizeof buffer));
}

/* ---- values ---- */

static int is_there(const Value *have) {
    return have && have->kind != VALUE_NONE;
}

static ChangeKind change_of(const TypeField *attribute, const TypeField *field) {
    return field && field->change != CHANGE_ONLINE ? field->change : attribute->change;
}

/* From harmless to impossible. */
static int change_weight(ChangeKind change) {
    switch (change) {
    case CHANGE_CREATE: return 0;
    case CHANGE_ONLINE: return 1;
    case CHANGE_GROW: return 2;
    case CHANGE_RESTART: return 3;
    case CHANGE_REPLACE: return 4;
    case CHANGE_NEVER: return 5;
    }
    return 0;
}

static void add_detail(Comparer *comparer, Str name, const TypeField *attribute, const TypeField *field, const Value *want, const Value *have,
                       Span span) {
    Detail detail = {
        .name = name,
        .attribute = attribute,
        .have = is_there(have) ? have : value_none(comparer->session->arena, SPAN_NONE),
        .want = want,
        .change = change_of(attribute, field),
        .field = field && field->change == CHANGE_NEVER ? field : attribute,
        .span = span,
        .difference = comparer->out->differences.count,
    };
    VECTOR_PUSH(comparer->session->arena, &comparer->out->details, detail);
}

static void add_difference(Comparer *comparer, const TypeField *attribute, int64_t member, const Value *want, const Value *have,
                           uint32_t first_detail) {
    Difference difference = {
        .attribute = attribute,
        .member = member,
        .name = member_name(comparer->session, attribute, member),
        .have = is_there(have) ? have : NULL,
        .want = want->kind == VALUE_UNSET ? NULL : want,
        .change = comparer->out->details.items[first_detail].change,
    };
    for (uint32_t i = first_detail; i < comparer->out->details.count; i++)
        if (change_weight(comparer->out->details.items[i].change) > change_weight(difference.change))
            difference.change = comparer->out->details.items[i].change;
    VECTOR_PUSH(comparer->session->arena, &comparer->out->differences, difference);
}

static void add_uncompared(Comparer *comparer, Str name, Span span) {
    Uncompared uncompared = {name, span};
    VECTOR_PUSH(comparer->session->arena, &comparer->out->uncompared, uncompared);
}

/* ---- records ---- */

/* The sub-keys that are written, over those that the host has: writing a record writes all of it, and what the text does not say must
   stay as it is. What is given at birth only is the host's to tell afterwards. */
static const Value *merge(Session *session, const Type *type, const Codec *codec, const Value *want, const Value *have) {
    const Record *wanted = want->as.record, *found = have->as.record;
    RecordBuilder builder = {.arena = session->arena, .shape = wanted->shape};
    for (uint32_t i = 0; i < found->count; i++) {
        const Field *field = &found->fields[i];
        const TypeField *declared = type_field(type->fields, type->field_count, field->name);
        int at_birth = declared && declared->change == CHANGE_CREATE;
        if (!(field->value->flags & VALUE_IMPLICIT) && (at_birth || (!codec->whole && !record_get(wanted, field->name))))
            record_add(&builder, field->name, field->value, field->span, NULL);
    }
    for (uint32_t i = 0; i < wanted->count; i++) {
        const Field *field = &wanted->fields[i];
        const TypeField *declared = type_field(type->fields, type->field_count, field->name);
        if (field->value->kind != VALUE_UNSET && !(declared && declared->change == CHANGE_CREATE))
            record_add(&builder, field->name, field->value, field->span, NULL);
    }
    return record_finish(&builder, want->origin, wanted->tag);
}

static void compare_record(Comparer *comparer, const TypeField *attribute, int64_t member, const Type *type, const Value *want,
                           const Value *have, Span span) {
    Session *session = comparer->session;
    const Record *wanted = want->as.record;
    uint32_t first = comparer->out->details.count;
    for (uint32_t i = 0; i < wanted->count; i++) {
        const Field *field = &wanted->fields[i];
        const TypeField *declared = type_field(type->fields, type->field_count, field->name);
        const Value *found = record_get(have->as.record, field->name);
        TypeField plain = {.name = field->name, .type = type, .codec = attribute->codec};
        if (declared && declared->change == CHANGE_CREATE)
            continue;
        Str name = name_str(name_join(session->names, member_name(session, attribute, member), field->name));
        if (codec_holds_secret(field->value))
            add_uncompared(comparer, name, field->span.file ? field->span : span);
        else if (!codec_matches(session, declared ? declared : &plain, field->value, found))
            add_detail(comparer, name, attribute, declared, field->value, found, field->span.file ? field->span : span);
    }
    for (uint32_t i = 0; attribute->codec.whole && i < have->as.record->count; i++) {
        const Field *field = &have->as.record->fields[i];
        if (codec_is_surplus(wanted, field))
            add_detail(comparer, name_str(name_join(session->names, member_name(session, attribute, member), field->name)), attribute, NULL,
                       value_unset(session->arena, span), field->value, span);
    }
    if (comparer->out->details.count > first)
        add_difference(comparer, attribute, member, merge(session, type, &attribute->codec, want, have), have, first);
}

/* ---- attributes ---- */

/* The stamp stands in the same text: only the user's part is compared, and the stamp is written along. */
static void compare_fenced(Comparer *comparer, const TypeField *attribute, const Value *want, const Value *have, Span span) {
    Session *session = comparer->session;
    const Value *own = ownership_own_text(session, comparer->instance->schema, attribute, have);
    const Value *stamped = ownership_stamped(session, comparer->instance, want);
    const Value *wanted_own = ownership_own_text(session, comparer->instance->schema, attribute, stamped);
    if (want->kind == VALUE_UNKNOWN ? want->hole == HOLE_SECRET
                                    : own == wanted_own || (own && wanted_own && codec_matches(session, attribute, wanted_own, own)))
        return;
    uint32_t first = comparer->out->details.count;
    add_detail(comparer, name_str(attribute->name), attribute, NULL, wanted_own ? wanted_own : value_unset(session->arena, span), own, span);
    add_difference(comparer, attribute, -1, stamped, have, first);
}

static void compare_value(Comparer *comparer, const TypeField *attribute, int64_t member, const Value *want, const Value *have, Span span) {
    Session *session = comparer->session;
    const Type *type = codec_member(session, attribute->type, want);
    if (want->kind == VALUE_RECORD && have && have->kind == VALUE_RECORD && type->kind == TYPE_RECORD && !want->as.record->tag) {
        compare_record(comparer, attribute, member, type, want, have, span);
        return;
    }
    Str name = name_str(member_name(session, attribute, member));
    /* Digests are compared without a word about what they are of. */
    if (codec_holds_secret(want)) {
        if (!attribute->codec.digest || want->kind != VALUE_STRING || !is_there(have)) {
            add_uncompared(comparer, name, span);
            return;
        }
        have = value_flagged(session->arena, have, VALUE_SECRET);
    }
    uint32_t first = comparer->out->details.count;
    add_detail(comparer, name, attribute, NULL, want, have, span);
    add_difference(comparer, attribute, member, want, have, first);
}

/* Does the attribute wait for a restart? Then *live is what is in force till then, NULL where that is nothing. */
static int in_force(Comparer *comparer, const TypeField *attribute, int64_t member, const Value **live) {
    Session *session = comparer->session;
    const Name *property = comparer->in_force ? name_find(session->names, compare_property(session, attribute, member)) : NULL;
    const Value *text = property ? record_get(comparer->in_force->as.record, property) : NULL;
    *live = NULL;
    if (!text || text->kind != VALUE_STRING)
        return 0;
    if (text->as.string.length)
        *live = codec_decode(session, attribute->type, &attribute->codec, text->as.string, text->origin);
    if (text->as.string.length && !*live)
        *live = text;
    return 1;
}

/* Of an attribute that waits: what is told already needs the restart alone, and what is taken back before it came into force needs none. */
static ChangeKind waiting_change(ChangeKind change, int told, int settled) {
    if (told)
        return CHANGE_RESTART;
    return settled && change == CHANGE_RESTART ? CHANGE_ONLINE : change;
}

static void compare_attribute(Comparer *comparer, const TypeField *attribute, int64_t member, const Value *want, Span span,
                              const Value *have_all) {
    Session *session = comparer->session;
    const Schema *schema = comparer->instance->schema;
    if (attribute->change == CHANGE_CREATE || want->kind == VALUE_POISON || want->kind == VALUE_NONE)
        return;
    const Value *have = record_get(have_all->as.record, member_name(session, attribute, member));
    if (attribute == schema->stamp) {
        if (schema->stamp_fenced)
            compare_fenced(comparer, attribute, want, have, span);
        return;
    }
    const Value *live;
    int waits = in_force(comparer, attribute, member, &live), told = codec_matches(session, attribute, want, have);
    int settled = !waits || codec_matches(session, attribute, want, live);
    if (told && settled)
        return;
    uint32_t first = comparer->out->details.count, difference = comparer->out->differences.count;
    compare_value(comparer, attribute, member, want, told ? live : have, span);
    if (!waits || comparer->out->differences.count == difference)
        return;
    Difference *made = &comparer->out->differences.items[difference];
    made->told = told;
    made->change = waiting_change(made->change, told, settled);
    for (uint32_t i = first; i < comparer->out->details.count; i++)
        comparer->out->details.items[i].change = waiting_change(comparer->out->details.items[i].change, told, settled);
}

/* Attributes come in the order of the schema: slots are sorted like that, and those with a default of their own may have no slot. */
void compare_object(Session *session, Instance *instance, const Value *have, Comparison *comparison) {
    const Schema *schema = instance->schema;
    Comparer comparer = {session, instance, comparison, schema->in_force ? record_get(have->as.record, schema->in_force->name) : NULL};
    if (comparer.in_force && comparer.in_force->kind != VALUE_RECORD)
        comparer.in_force = NULL;
    const Value *protection = ownership_protection(session, instance);
    uint32_t slot = 0;
    comparison->details.count = comparison->differences.count = comparison->uncompared.count = 0;
    for (uint32_t i = 0; i < schema->attribute_count; i++) {
        const TypeField *attribute = &schema->attributes[i];
        int written = 0;
        for (; slot < instance->slot_count && instance->slots[slot].attribute == attribute; slot++) {
            Slot *at = &instance->slots[slot];
            const Value *want = slot_value(session, at);
            if (want)
                compare_attribute(&comparer, attribute, at->thunk.member, want, *at->name_span, have);
            written = 1;
        }
        if (written || attribute->first <= attribute->last)
            continue;
        const Value *want = attribute == schema->protect && protection ? protection
                            : attribute->fallback ? instance_attribute(session, instance, attribute, -1) : NULL;
        if (want)
            compare_attribute(&comparer, attribute, -1, want, instance->origin, have);
    }
}

/* ---- what no step can do ---- */

static Str printed(Session *session, const Value *value) {
    Text text = {0};
    value_print(value, 200, &text);
    Str result = arena_str(session->arena, text_str(&text));
    text_fini(&text);
    return result;
}

static Diagnostic *refuse(Session *session, Instance *instance, const Detail *detail, Code code, Str where, const char *what) {
    Str address = instance->head.address, want = printed(session, detail->want);
    int cleared = detail->want->kind == VALUE_UNSET, there = detail->have->kind != VALUE_NONE;
    Str have = there ? printed(session, detail->have) : STR("not there");
    Diagnostic *diagnostic =
        diag_error(session->diagnostics, code, detail->span, "`%.*s` of %.*s %s: it is %.*s %.*s, and the text %s%.*s", (int)detail->name.length,
                   detail->name.text, (int)address.length, address.text, what, (int)have.length, have.text, (int)where.length, where.text,
                   cleared ? "clears it" : "wants ", cleared ? 0 : (int)want.length, want.text);
    diag_label(session->diagnostics, diagnostic, "%s", cleared ? "cleared here" : "wanted here");
    return diagnostic;
}

static int refuse_growth(Session *session, Instance *instance, const Detail *detail, Str where) {
    if (detail->have->kind == VALUE_NONE || detail->want->kind == VALUE_UNKNOWN)
        return 0;
    int order = value_compare(detail->want, detail->have);
    if (order == 1)
        return 0;
    int shrinks = order == -1;
    Diagnostic *diagnostic = refuse(session, instance, detail, shrinks ? CODE_CANT_SHRINK : CODE_NEVER_CHANGES, where,
                                    shrinks ? "can't shrink" : "can only grow");
    Str have = printed(session, detail->have);
    if (shrinks)
        diag_help(session->diagnostics, diagnostic, "write at least %.*s, or make a smaller one beside it and move the contents",
                  (int)have.length, have.text);
    return 1;
}

static void refuse_clearing(Session *session, Instance *instance, const Detail *detail, Str where) {
    Diagnostic *diagnostic = refuse(session, instance, detail, CODE_NEVER_CHANGES, where, "can't be cleared");
    diag_note(session->diagnostics, diagnostic, "%.*s", (int)detail->attribute->never_clear.length, detail->attribute->never_clear.text);
    diag_help(session->diagnostics, diagnostic, "write the value that it is to have, or nothing: then the host's stays");
}

uint32_t compare_refuse(Session *session, Instance *instance, const Comparison *comparison, Str where) {
    uint32_t refused = 0;
    Diagnostic *diagnostic;
    for (uint32_t i = 0; i < comparison->details.count; i++) {
        const Detail *detail = &comparison->details.items[i];
        if (detail->want->kind == VALUE_UNSET && detail->attribute->never_clear.length) {
            refuse_clearing(session, instance, detail, where);
            refused++;
            continue;
        }
        switch (detail->change) {
        case CHANGE_GROW:
            refused += (uint32_t)refuse_growth(session, instance, detail, where);
            break;
        case CHANGE_NEVER:
            diagnostic = refuse(session, instance, detail, CODE_NEVER_CHANGES, where, "can't change");
            if (detail->field->never.length)
                diag_note(session->diagnostics, diagnostic, "%.*s", (int)detail->field->never.length, detail->field->never.text);
            diag_help(session->diagnostics, diagnostic, "write what the host has, or make a new object beside it");
            refused++;
            break;
        case CHANGE_REPLACE:
            diagnostic = refuse(session, instance, detail, CODE_NEEDS_REPLACEMENT, where, "can't change in place");
            diag_note(session->diagnostics, diagnostic, "a replacement is never inferred: it would take what the object holds along");
            diag_help(session->diagnostics, diagnostic,
                      "declare a new resource with another identity, move over what this one holds, and declare this one `absent`; or make the "
                      "change by hand");
            refused++;
            break;
        case CHANGE_ONLINE: case CHANGE_RESTART: case CHANGE_CREATE:
            break;
        }
    }
    return refused;
}
