/* What is known of an object to the attributes that its text writes: what the host says, what its identity says, what the schema's rule `adopt` says
   beside; without what is the host's own, or can't be written. */
#include "compiler/adopt.h"

#include "compiler/codec.h"
#include "compiler/decode.h"
#include "compiler/found.h"
#include "compiler/slice.h"

/* ---- identities ---- */

/* The text of the attribute that the piece of the pattern names: up to where the literal text that follows is found, so far that it means an object if it can. */
static size_t piece_end(Adoption *a, uint32_t number, const TypeField *attribute, Str text, Str literal) {
    Discovery *object = a->objects.items[number];
    Conversion c = {.adoption = a, .object = object, .number = number};
    size_t first = slice_find(text, literal, 0);
    for (size_t end = text.length; attribute && end-- > 0;) {
        if (!slice_begins(slice(text, end, text.length), literal) || end == 0)
            continue;
        uint32_t edges = a->edges.count;
        const Value *found = adopt_reference(&c, attribute->type, value_string(a->arena, SPAN_NONE, slice(text, 0, end)));
        a->edges.count = edges;
        if (found)
            return end;
    }
    return first;
}

void adopt_identity(Adoption *a, uint32_t number) {
    Session *session = a->session;
    Discovery *object = a->objects.items[number];
    Conversion c = {.adoption = a, .object = object, .number = number};
    Field fields[IDENTITY_FIELD_LIMIT];
    uint32_t count = 0;
    Str rest = found_pattern(session, object->schema), text = object->identity, piece;
    int is_field;
    while (pattern_next(&rest, &piece, &is_field) && count < IDENTITY_FIELD_LIMIT) {
        if (!is_field) {
            text = slice(text, slice_begins(text, piece) ? piece.length : 0, text.length);
            continue;
        }
        int64_t member;
        const Name *name = name_intern(session->names, piece);
        const TypeField *attribute = schema_attribute(object->schema, name, &member);
        Str ahead = rest, literal;
        int more = pattern_next(&ahead, &literal, &is_field) && !is_field;
        size_t end = more ? piece_end(a, number, attribute, text, literal) : text.length;
        const Value *value = attribute ? codec_decode(session, attribute->type, &attribute->codec, slice(text, 0, end), object->have->origin) : NULL;
        fields[count++] = (Field){name, value ? value : value_string(a->arena, object->have->origin, slice(text, 0, end)), SPAN_NONE};
        uint32_t edges = a->edges.count;
        if (attribute && adopt_reference(&c, attribute->type, fields[count - 1].value) && a->edges.count > edges && !object->parent)
            object->parent = a->edges.items[edges].target + 1;
        a->edges.count = edges;
        text = slice(text, end, text.length);
    }
    object->have = record_overlay(session, object->have, fields, count);
}

/* ---- attributes ---- */

static int takes_list(const Type *type) {
    for (uint32_t i = 0; type->kind == TYPE_UNION && i < type->member_count; i++)
        if (takes_list(type->members[i]))
            return 1;
    return type->kind == TYPE_LIST || type->kind == TYPE_JSON;
}

/* What the rule `adopt` says: a text of the host; where it is several and the attribute is one, the first of them that can be written. */
static const Value *convert_said(Conversion *c, const TypeField *attribute, const Value *said) {
    Session *session = c->adoption->session;
    int choice = said->kind == VALUE_LIST && !takes_list(attribute->type);
    const Value *value = NULL;
    for (uint32_t i = 0; i < (choice ? said->as.list.count : 1) && !value; i++) {
        const Value *one = choice ? said->as.list.items[i] : said;
        value = adopt_convert(c, attribute->type, &attribute->codec, codec_decode_value(session, attribute->type, &attribute->codec, one, one->origin));
    }
    return value;
}

static int is_dropped(const Adoption *a, const Discovery *object, Str name, Str *why) {
    for (size_t i = 0; i < a->options->drop_count; i++) {
        const AdoptDrop *drop = &a->options->drops[i];
        if (str_equal(drop->address, object->instance->head.address) && str_equal(drop->attribute, name)) {
            *why = drop->reason;
            return 1;
        }
    }
    return 0;
}

/* One attribute of the record; NULL where it is not written. */
static const Value *attribute_value(Conversion *c, const TypeField *attribute, const Field *field, int is_said) {
    Adoption *a = c->adoption;
    const Schema *schema = c->object->schema;
    const Value *value = field->value;
    c->attribute = name_str(field->name);
    c->problem = STR("");
    if (attribute->computed && attribute->ignored.length) {
        adopt_no_value(c, value);
        c->problem = attribute->ignored;
    }
    if (attribute->computed || attribute->hidden || value->kind == VALUE_NONE || value->kind == VALUE_UNSET || is_dropped(a, c->object, name_str(field->name), &c->problem))
        return NULL;
    if (attribute == schema->stamp)
        value = ownership_own_text(a->session, schema, attribute, value);
    if (!value)
        return NULL;
    if (attribute->codec.digest) {
        c->problem = STR("only its digest is known");
        return NULL;
    }
    value = is_said ? convert_said(c, attribute, value) : adopt_convert(c, attribute->type, &attribute->codec, value);
    return value && adopt_is_silent(c, attribute, attribute->codec.whole && value->kind == VALUE_RECORD && value->as.record->count, value) ? NULL : value;
}

/* The attribute that a condition asks about has one of its values? */
static int holds(const Condition *condition, const Value *attributes) {
    const Value *value = condition->attribute ? record_get(attributes->as.record, condition->attribute) : NULL;
    for (uint32_t i = 0; value && i < condition->values->as.list.count; i++)
        if (value_equal(value, condition->values->as.list.items[i]))
            return 1;
    return 0;
}

/* Without what has no meaning beside the others. */
static const Value *attributes_consistent(Conversion *c, const Value *attributes) {
    RecordBuilder builder = {.arena = c->adoption->arena};
    for (uint32_t i = 0; i < attributes->as.record->count; i++) {
        const Field *field = &attributes->as.record->fields[i];
        int64_t member;
        const TypeField *attribute = schema_attribute(c->object->schema, field->name, &member);
        if (!attribute->only.attribute || holds(&attribute->only, attributes)) {
            record_add(&builder, field->name, field->value, field->span, NULL);
            continue;
        }
        Text text = {0};
        text_add_literal(&text, "it may only be written where ");
        condition_print(&attribute->only, &text);
        adopt_note(c, name_str(field->name), text_str(&text));
        text_fini(&text);
    }
    return record_finish_open(&builder, attributes->origin, NULL);
}

/* A secret without which there is no such resource: its text names one that comes from outside. */
static void secrets_add(Conversion *c, RecordBuilder *builder, const Value *joined) {
    const Schema *schema = c->object->schema;
    for (uint32_t i = 0; i < schema->attribute_count; i++) {
        const TypeField *attribute = &schema->attributes[i];
        if (!attribute->type->secret || attribute->optional || attribute->fallback || attribute->hidden)
            continue;
        const Value *secret = value_flagged(c->adoption->arena, value_string(c->adoption->arena, joined->origin, STR("")), VALUE_SECRET);
        record_add(builder, attribute->name, secret, SPAN_NONE, NULL);
    }
}

/* Is all there that must be? */
static int attributes_whole(Conversion *c, const Value *attributes) {
    const Schema *schema = c->object->schema;
    int says_something = !schema->is_shared;
    for (uint32_t i = 0; i < schema->attribute_count; i++) {
        const TypeField *attribute = &schema->attributes[i];
        int needed = (!attribute->optional && !attribute->fallback && !attribute->hidden) || holds(&attribute->needed, attributes);
        if (!needed || record_get(attributes->as.record, attribute->name))
            continue;
        c->object->left_out = arena_printf(c->adoption->arena, "`%s` is not known", attribute->name->text);
        for (uint32_t k = 0; k < c->object->notes.count; k++)
            if (slice_begins(c->object->notes.items[k], name_str(attribute->name)))
                c->object->left_out = c->object->notes.items[k];
        return 0;
    }
    for (uint32_t i = 0; i < attributes->as.record->count; i++) {
        int64_t member;
        says_something |= schema_attribute(schema, attributes->as.record->fields[i].name, &member)->change != CHANGE_CREATE;
    }
    /* Of what belongs to many nothing is said: then it is nobody's. */
    if (!says_something)
        c->object->left_out = STR(" ");
    return says_something;
}

/* `protect` and `on`. */
static void metas_set(Conversion *c, int is_protected) {
    static const Expr written = {.kind = EXPR_POISON};      /* marks it as given; its value is there already */
    Adoption *a = c->adoption;
    Instance *instance = c->object->instance;
    instance->meta = ARENA_ARRAY(a->arena, MetaSlot, 2);
    instance->meta_count = 0;
    int64_t place = a->session->place_count > 1 ? planning_find(a->planning, c->object->place) : -1;
    if (place >= 0)
        instance->meta[instance->meta_count++] =
            (MetaSlot){{.expr = &written, .value = value_reference(a->arena, SPAN_NONE, &a->planning->items[place].instance->head), .state = THUNK_DONE}, META_ON};
    if (is_protected)
        instance->meta[instance->meta_count++] = (MetaSlot){{.expr = &written, .value = value_bool(a->arena, SPAN_NONE, 1), .state = THUNK_DONE}, META_PROTECT};
}

/* What is said beside goes before what the host says. */
static const Value *record_joined(Adoption *a, const Discovery *object) {
    return object->said ? record_overlay(a->session, object->have, object->said->as.record->fields, object->said->as.record->count) : object->have;
}

static void said_notes(Conversion *c) {
    const Words *words = &c->adoption->session->words;
    const Value *notes = c->object->said ? record_get(c->object->said->as.record, words->notes) : NULL;
    for (uint32_t i = 0; notes && notes->kind == VALUE_LIST && i < notes->as.list.count; i++)
        if (notes->as.list.items[i]->kind == VALUE_STRING)
            adopt_note(c, STR("not here"), notes->as.list.items[i]->as.string);
}

void adopt_attributes(Adoption *a, uint32_t number) {
    Discovery *object = a->objects.items[number];
    Conversion c = {.adoption = a, .object = object, .number = number};
    RecordBuilder builder = {.arena = a->arena};
    const Value *joined = record_joined(a, object);
    int is_protected = 0;
    object->notes.count = 0;
    if (is_dropped(a, object, STR(""), &object->left_out))
        return;
    for (uint32_t i = 0; i < joined->as.record->count; i++) {
        const Field *field = &joined->as.record->fields[i];
        int64_t member;
        const TypeField *attribute = schema_attribute(object->schema, field->name, &member);
        if (!attribute || (attribute->type->secret && !attribute->optional))
            continue;
        const Value *value = attribute_value(&c, attribute, field, object->said && record_get(object->said->as.record, field->name) == field->value);
        if (value && attribute == object->schema->protect && value->kind == VALUE_BOOL && value->as.boolean)
            is_protected = 1;
        else if (value)
            record_add(&builder, field->name, value, SPAN_NONE, NULL);
        else if (c.problem.length)
            adopt_note(&c, name_str(field->name), c.problem);
    }
    said_notes(&c);
    secrets_add(&c, &builder, joined);
    const Value *attributes = attributes_consistent(&c, record_finish_open(&builder, object->have->origin, NULL));
    if (!attributes_whole(&c, attributes))
        return;
    const Instance *made = found_instance(a->session, object->schema, NULL, object->instance->head.address, object->identity, attributes);
    object->instance->slots = made->slots;
    object->instance->slot_count = made->slot_count;
    metas_set(&c, is_protected);
}
