/* What is wanted against what the host has: the same, or a difference to be mended? */
#include <stdlib.h>

#include "compiler/codec.h"
#include "compiler/regexp.h"
#include "compiler/slice.h"
#include "compiler/state.h"

typedef struct Matcher {
    Session *session;
    uint32_t depth;
} Matcher;

static int matches(Matcher *m, const Type *type, const Codec *codec, const Value *want, const Value *have);
static int field_matches(Matcher *m, const TypeField *field, const Value *want, const Value *have);

/* ---- sets ---- */

/* An element of a list whose order does not count, with the text by which it finds its like on the other side. */
typedef struct Element {
    Str key;
    const Value *value;
    uint32_t number;
} Element;

static int element_order(const void *left, const void *right) {
    const Element *a = left, *b = right;
    int order = str_compare(a->key, b->key);
    return order ? order : (a->number > b->number) - (a->number < b->number);
}

static void key_print(Matcher *m, const Value *value, Text *out) {
    if (value->kind == VALUE_REFERENCE && !referent_is_group(value->as.reference))
        text_add(out, instance_identity(m->session, INSTANCE(value->as.reference)));
    else
        value_print_plain(value, out);
}

/* A record is known by the fields that it must have, all else by its text. */
static Str element_key(Matcher *m, const Type *type, const Value *value) {
    Text text = {0};
    int by_fields = value->kind == VALUE_RECORD && (type->kind == TYPE_RECORD || type->kind == TYPE_TAGGED);
    for (uint32_t i = 0; by_fields && i < type->field_count; i++) {
        const Value *field = type->fields[i].optional ? NULL : record_get(value->as.record, type->fields[i].name);
        if (field)
            key_print(m, field, &text);
        text_add_char(&text, '\n');
    }
    if (!by_fields)
        key_print(m, value, &text);
    Str key = arena_str(m->session->arena, text_str(&text));
    text_fini(&text);
    return key;
}

/* The elements in the order of their keys; what has no parts stands once. */
static Element *elements_sort(Matcher *m, const Type *type, const Value *list, uint32_t *count) {
    Element *elements = ARENA_ARRAY(m->session->arena, Element, list->as.list.count + 1);
    for (uint32_t i = 0; i < list->as.list.count; i++) {
        const Value *value = list->as.list.items[i];
        elements[i] = (Element){element_key(m, codec_member(m->session, type, value), value), value, i};
    }
    qsort(elements, list->as.list.count, sizeof *elements, element_order);
    *count = 0;
    for (uint32_t i = 0; i < list->as.list.count; i++) {
        const Element *last = *count ? &elements[*count - 1] : NULL;
        if (!last || elements[i].value->kind == VALUE_RECORD || !str_equal(last->key, elements[i].key))
            elements[(*count)++] = elements[i];
    }
    return elements;
}

static int sets_match(Matcher *m, const Type *type, const Codec *codec, const Value *want, const Value *have) {
    uint32_t want_count, have_count;
    Element *wanted = elements_sort(m, type, want, &want_count), *found = elements_sort(m, type, have, &have_count);
    if (want_count != have_count)
        return 0;
    for (uint32_t i = 0; i < want_count; i++)
        if (!matches(m, type, codec, wanted[i].value, found[i].value))
            return 0;
    return 1;
}

static int lists_match(Matcher *m, const Type *type, const Codec *codec, const Value *want, const Value *have) {
    if (codec->any_order)
        return sets_match(m, type, codec, want, have);
    if (want->as.list.count != have->as.list.count)
        return 0;
    for (uint32_t i = 0; i < want->as.list.count; i++)
        if (!matches(m, type, codec, want->as.list.items[i], have->as.list.items[i]))
            return 0;
    return 1;
}

/* ---- records ---- */

int codec_is_surplus(const Record *wanted, const Field *found) {
    return found->value->kind != VALUE_NONE && !(found->value->flags & VALUE_IMPLICIT) && !record_get(wanted, found->name);
}

/* What the host adds of its own is not looked at, but where the record is to be whole. */
static int records_match(Matcher *m, const Type *type, const Codec *codec, const Value *want, const Value *have) {
    const Record *wanted = want->as.record, *found = have->as.record;
    if (wanted->tag != found->tag)
        return 0;
    int has_fields = type->kind == TYPE_RECORD || type->kind == TYPE_TAGGED;
    for (uint32_t i = 0; i < wanted->count; i++) {
        const Name *name = wanted->fields[i].name;
        const TypeField *field = has_fields ? type_field(type->fields, type->field_count, name) : NULL;
        TypeField plain = {.name = name, .type = type->kind == TYPE_MAP ? type->element : type, .codec = *codec};
        if (!field_matches(m, field ? field : &plain, wanted->fields[i].value, record_get(found, name)))
            return 0;
    }
    for (uint32_t i = 0; codec->whole && i < found->count; i++)
        if (codec_is_surplus(wanted, &found->fields[i]))
            return 0;
    return 1;
}

/* ---- the whole ---- */

/* The host's text was no value of the type: then only the very text that we would write is the same. */
static int text_matches(Matcher *m, const Type *type, const Codec *codec, const Value *want, Str have) {
    Text text = {0};
    int same = codec_encode(m->session, type, codec, want, want->origin, &text) && str_equal(text_str(&text), have);
    text_fini(&text);
    return same;
}

static int numbers_match(const Value *want, const Value *have) {
    if (want->kind == VALUE_INT && have->kind == VALUE_FLOAT)
        return (double)want->as.integer == have->as.number;
    if (want->kind == VALUE_FLOAT && have->kind == VALUE_INT)
        return want->as.number == (double)have->as.integer;
    return value_equal(want, have);
}

/* What counts of a text that can be written in several ways. */
static Str alike_part(Matcher *m, const Codec *codec, Str text) {
    enum { GROUP_LIMIT = 8 };
    Str groups[GROUP_LIMIT], error;
    uint32_t count = 0;
    int found = regexp_match(m->session, codec->alike, text, groups, GROUP_LIMIT, &count, &error) == 1;
    return found && count ? groups[count - 1] : text;
}

static int matches_inside(Matcher *m, const Type *type, const Codec *codec, const Value *want, const Value *have) {
    if (want->kind == VALUE_POISON || want->kind == VALUE_NONE)
        return 1;
    if (want->kind == VALUE_UNKNOWN || want->kind == VALUE_UNSET)
        return 0;
    type = codec_member(m->session, type, want);
    if (want->kind == VALUE_LIST && have->kind == VALUE_LIST)
        return lists_match(m, type->kind == TYPE_LIST ? type->element : type, codec, want, have);
    if (want->kind == VALUE_RECORD && have->kind == VALUE_RECORD)
        return records_match(m, type, codec, want, have);
    if (have->kind == VALUE_STRING && want->kind != VALUE_STRING)
        return text_matches(m, type, codec, want, have->as.string);
    if (codec->alike.length && want->kind == VALUE_STRING && have->kind == VALUE_STRING)
        return slice_equal_letters(alike_part(m, codec, want->as.string), alike_part(m, codec, have->as.string));
    return numbers_match(want, have);
}

static int matches(Matcher *m, const Type *type, const Codec *codec, const Value *want, const Value *have) {
    if (m->depth >= TREE_DEPTH_LIMIT)
        return 0;
    m->depth++;
    int same = matches_inside(m, type, codec, want, have);
    m->depth--;
    return same;
}

/* An empty text, list or record says what silence says: hosts store nothing for either. */
static int is_empty(const Value *want) {
    return (want->kind == VALUE_STRING && !want->as.string.length) || (want->kind == VALUE_LIST && !want->as.list.count) ||
           (want->kind == VALUE_RECORD && !want->as.record->count && !want->as.record->tag);
}

static int field_matches(Matcher *m, const TypeField *field, const Value *want, const Value *have) {
    int silent = !have || have->kind == VALUE_NONE;
    if (want->kind == VALUE_POISON || want->kind == VALUE_NONE)
        return 1;
    if (want->kind == VALUE_UNSET)
        return silent || (have->flags & VALUE_IMPLICIT) != 0;
    if (silent)
        return field->host_default ? matches(m, field->type, &field->codec, want, field->host_default) : is_empty(want);
    if (field->codec.digest && want->kind == VALUE_STRING && have->kind == VALUE_STRING)
        return str_equal(codec_digest(m->session->arena, want->as.string), have->as.string);
    return matches(m, field->type, &field->codec, want, have);
}

int codec_matches(Session *session, const TypeField *field, const Value *want, const Value *have) {
    Matcher matcher = {session, 0};
    return field_matches(&matcher, field, want, have);
}
