/* A value of a host to one that an owner would have written: by its type, with names in the place of identities, without what the host adds by itself. */
#include "compiler/adopt.h"

#include "compiler/codec.h"
#include "compiler/decode.h"

void adopt_note(Conversion *c, Str what, Str why) {
    Arena *arena = c->adoption->arena;
    Str line = arena_printf(arena, "%.*s: %.*s", (int)what.length, what.text, (int)why.length, why.text);
    char *flat = ARENA_ARRAY(arena, char, line.length + 1);
    for (size_t i = 0; i < line.length; i++)    /* a comment is one line */
        flat[i] = (unsigned char)line.text[i] < ' ' ? ' ' : line.text[i];
    VECTOR_PUSH(arena, &c->object->notes, ((Str){flat, line.length}));
}

const Value *adopt_no_value(Conversion *c, const Value *value) {
    enum { SHOWN = 80 };
    Text text = {0};
    value_print(value, SHOWN, &text);
    c->problem = arena_printf(c->adoption->arena, "the host has %.*s, which is nothing that can be written there", (int)text.length, text.bytes);
    text_fini(&text);
    return NULL;
}

/* ---- references ---- */

/* The text that would be an identity; empty where the value has none. */
static Str identity_text(Adoption *a, const Value *value) {
    if (value->kind == VALUE_STRING)
        return value->as.string;
    if (value->kind == VALUE_LIST || value->kind == VALUE_RECORD || value->kind == VALUE_REFERENCE)
        return STR("");
    Text text = {0};
    value_print_plain(value, &text);
    Str plain = arena_str(a->arena, text_str(&text));
    text_fini(&text);
    return plain;
}

const Value *adopt_reference(Conversion *c, const Type *type, const Value *value) {
    const Type *const *members = type->kind == TYPE_UNION ? type->members : &type;
    uint32_t count = type->kind == TYPE_UNION ? type->member_count : 1;
    Str identity = identity_text(c->adoption, value);
    for (uint32_t i = 0; identity.length && i < count; i++) {
        const Value *inner = members[i]->kind == TYPE_UNION ? adopt_reference(c, members[i], value) : NULL;
        const Referent *target = members[i]->kind == TYPE_REFERENCE && members[i]->schema ? adopt_find(c->adoption, c->number, members[i]->schema, identity) : NULL;
        if (inner)
            return inner;
        if (target)
            return value_reference(c->adoption->arena, value->origin, target);
    }
    return NULL;
}

/* ---- parts ---- */

static const Value *convert_list(Conversion *c, const Type *type, const Codec *codec, const Value *value) {
    const Value **items = ARENA_ARRAY(c->adoption->arena, const Value *, value->as.list.count + 1);
    for (uint32_t i = 0; i < value->as.list.count; i++) {
        items[i] = adopt_convert(c, type->element, codec, value->as.list.items[i]);
        /* With one less in it a list means something else. */
        if (!items[i])
            return c->problem.length ? NULL : adopt_no_value(c, value);
    }
    return value_list(c->adoption->arena, value->origin, items, value->as.list.count);
}

static const Value *convert_map(Conversion *c, const Type *type, const Codec *codec, const Value *value) {
    RecordBuilder builder = {.arena = c->adoption->arena};
    for (uint32_t i = 0; i < value->as.record->count; i++) {
        const Field *field = &value->as.record->fields[i];
        const Value *item = adopt_convert(c, type->element, codec, field->value);
        if (!item && c->problem.length)
            return NULL;
        if (item)
            record_add(&builder, field->name, item, field->span, NULL);
    }
    return record_finish_open(&builder, value->origin, NULL);
}

int adopt_is_silent(Conversion *c, const TypeField *field, int whole, const Value *value) {
    if (field->fallback && field->fallback->kind == EXPR_LITERAL && value_equal(field->fallback->as.value, value))
        return 1;
    return field->optional && !whole && codec_matches(c->adoption->session, field, value, NULL);
}

/* "net0.gw" */
static Str part_name(const Conversion *c, const Name *part) {
    return arena_printf(c->adoption->arena, "%.*s.%s", (int)c->attribute.length, c->attribute.text, part->text);
}

static int is_known(const Type *type, const Name *name) {
    return type_field(type->fields, type->field_count, name) != NULL;
}

/* Fields that the host has and the type does not know, or can't say, are left to the host and named; but not where what is not written is gone. */
static const Value *convert_record(Conversion *c, const Type *type, const Codec *codec, const Value *value) {
    const Record *record = value->as.record;
    RecordBuilder builder = {.arena = c->adoption->arena};
    for (uint32_t i = 0; i < type->field_count; i++) {
        const TypeField *field = &type->fields[i];
        const Value *have = record_get(record, field->name), *said = NULL;
        if (have && !(have->flags & VALUE_IMPLICIT) && have->kind != VALUE_NONE)
            said = adopt_convert(c, field->type, &field->codec, have);
        if (said && adopt_is_silent(c, field, codec->whole, said))
            continue;
        if (!said && c->problem.length && (!field->optional || codec->whole))
            return NULL;
        if (!said && c->problem.length)
            adopt_note(c, part_name(c, field->name), c->problem);
        c->problem = STR("");
        if (!said && !field->optional && !field->fallback)
            return adopt_no_value(c, value);
        if (said)
            record_add(&builder, field->name, said, SPAN_NONE, NULL);
    }
    for (uint32_t i = 0; i < record->count; i++)
        if (!is_known(type, record->fields[i].name) && record->fields[i].value->kind != VALUE_NONE && !(record->fields[i].value->flags & VALUE_IMPLICIT)) {
            adopt_no_value(c, record->fields[i].value);
            if (codec->whole)
                return NULL;
            adopt_note(c, part_name(c, record->fields[i].name), c->problem);
            c->problem = STR("");
        }
    return record_finish_open(&builder, value->origin, type->tag);
}

static int takes_reference(const Type *type) {
    for (uint32_t i = 0; type->kind == TYPE_UNION && i < type->member_count; i++)
        if (takes_reference(type->members[i]))
            return 1;
    return type->kind == TYPE_REFERENCE;
}

static const Value *no_reference(Conversion *c, const Value *value) {
    Str text = identity_text(c->adoption, value);
    c->problem = arena_printf(c->adoption->arena, "%.*s, which this text does not have", (int)text.length, text.text);
    return NULL;
}

/* The first member that the value, or its text, can be written as. */
static const Value *convert_union(Conversion *c, const Type *type, const Codec *codec, const Value *value) {
    uint32_t notes = c->object->notes.count;
    Str problem = STR("");
    for (uint32_t i = 0; i < type->member_count; i++) {
        if (type->members[i]->kind == TYPE_REFERENCE)
            continue;
        /* A text that was taken for the name of something may be a number as well. */
        int text = value->kind == VALUE_STRING && type->members[i]->kind != TYPE_UNION;
        const Value *read = text ? codec_decode(c->adoption->session, type->members[i], codec, value->as.string, value->origin) : NULL;
        const Value *said = adopt_convert(c, type->members[i], codec, read ? read : value);
        if (said && c->object->notes.count == notes)
            return said;
        if (value->kind == VALUE_RECORD && type->members[i]->kind == TYPE_RECORD && !problem.length)
            problem = c->problem;
        c->object->notes.count = notes;
    }
    if (!problem.length && value->kind != VALUE_LIST && value->kind != VALUE_RECORD && takes_reference(type))
        return no_reference(c, value);
    if (!problem.length)
        return adopt_no_value(c, value);
    c->problem = problem;
    return NULL;
}

/* ---- any value ---- */

static int is_refused(Conversion *c, const Type *type, const Value *value) {
    Use use = {.what = STR("it"), .span = SPAN_NONE, .quiet = 1};
    const Value *accepted = type_accept(c->adoption->session, type, value, &use);
    return !accepted || accepted->kind == VALUE_POISON;
}

static const Value *convert_one(Conversion *c, const Type *type, const Codec *codec, const Value *value) {
    const Value *target = type->kind == TYPE_REFERENCE || type->kind == TYPE_UNION ? adopt_reference(c, type, value) : NULL;
    if (target)
        return target;
    if (type->secret || (value->flags & VALUE_SECRET)) {
        c->problem = STR("a secret, which is not read: declare a `secret` that says where it comes from, and name that here");
        return NULL;
    }
    if (type->kind == TYPE_REFERENCE)
        return no_reference(c, value);
    if (type->kind == TYPE_UNION)
        return convert_union(c, type, codec, value);
    if (type->kind == TYPE_LIST && value->kind == VALUE_LIST)
        return convert_list(c, type, codec, value);
    if (type->kind == TYPE_MAP && value->kind == VALUE_RECORD)
        return convert_map(c, type, codec, value);
    if ((type->kind == TYPE_RECORD || type->kind == TYPE_TAGGED) && value->kind == VALUE_RECORD)
        return convert_record(c, type, codec, value);
    return value;
}

const Value *adopt_convert(Conversion *c, const Type *type, const Codec *codec, const Value *value) {
    c->problem = STR("");
    if (value->flags & VALUE_IMPLICIT || value->kind == VALUE_NONE || value->kind == VALUE_POISON)
        return NULL;
    if (c->depth >= TREE_DEPTH_LIMIT)
        return adopt_no_value(c, value);
    c->depth++;
    const Value *said = convert_one(c, type, codec, value);
    c->depth--;
    return said && is_refused(c, type, said) ? adopt_no_value(c, value) : said;
}
