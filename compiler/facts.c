/* Objects of the hosts, kept by place, type and identity. */
#include "compiler/facts.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/codec.h"
#include "compiler/decode.h"
#include "compiler/facts_store.h"
#include "compiler/slice.h"
#include "compiler/state.h"
#include "lang/json.h"

/* ---- tables ---- */

static uint32_t pair_hash(const void *first, const void *second) {
    uint64_t hash = ((uint64_t)(uintptr_t)first ^ ((uint64_t)(uintptr_t)second << 7)) * 0x9E3779B97F4A7C15u;
    return (uint32_t)(hash >> 32);
}

static PairSlot *pair_slot(const PairMap *map, const void *first, const void *second) {
    uint32_t at = pair_hash(first, second) & map->mask;
    while (map->slots[at].value && (map->slots[at].first != first || map->slots[at].second != second))
        at = (at + 1) & map->mask;
    return &map->slots[at];
}

static void *pair_get(const PairMap *map, const void *first, const void *second) {
    return map->slots ? pair_slot(map, first, second)->value : NULL;
}

/* [value] must not be NULL: that marks a free slot. */
static void pair_put(Arena *arena, PairMap *map, const void *first, const void *second, void *value) {
    if (!map->slots || map->count * 2 > map->mask) {
        PairMap wider = {.mask = map->slots ? map->mask * 2 + 1 : 15};
        wider.slots = ARENA_ARRAY(arena, PairSlot, (size_t)wider.mask + 1);
        for (uint32_t i = 0; map->slots && i <= map->mask; i++)
            if (map->slots[i].value)
                *pair_slot(&wider, map->slots[i].first, map->slots[i].second) = map->slots[i];
        wider.count = map->count;
        *map = wider;
    }
    PairSlot *slot = pair_slot(map, first, second);
    map->count += slot->value == NULL;
    *slot = (PairSlot){first, second, value};
}

static int name_order(const void *left, const void *right) {
    const Name *const *a = *(const Name *const *const *)left, *const *b = *(const Name *const *const *)right;
    return str_compare(name_str(*a), name_str(*b));
}

void facts_sort(void *items, uint32_t count) {
    if (count > 1)
        qsort(items, count, sizeof(void *), name_order);
}

/* ---- places and types ---- */

Facts *facts_new(Session *session) {
    Facts *facts = ARENA_NEW(session->arena, Facts);
    facts->session = session;
    return facts;
}

static FactPlace *place_find(const Facts *facts, Str address) {
    const Name *name = name_find(facts->session->names, address);
    return name ? pair_get(&facts->by_place, name, NULL) : NULL;
}

static FactType *type_find(const Facts *facts, Str address, const Schema *schema) {
    const FactPlace *place = place_find(facts, address);
    return place ? pair_get(&facts->by_type, place, schema) : NULL;
}

FactPlace *facts_place(Facts *facts, Str address) {
    FactPlace *place = place_find(facts, address);
    if (place)
        return place;
    place = ARENA_NEW(facts->session->permanent, FactPlace);
    place->address = name_intern(facts->session->names, address);
    VECTOR_PUSH(facts->session->permanent, &facts->places, place);
    pair_put(facts->session->permanent, &facts->by_place, place->address, NULL, place);
    return place;
}

FactType *facts_type(Facts *facts, Str address, const Schema *schema) {
    FactPlace *place = facts_place(facts, address);
    FactType *type = pair_get(&facts->by_type, place, schema);
    if (type)
        return type;
    type = ARENA_NEW(facts->session->permanent, FactType);
    type->place = place;
    type->schema = schema;
    VECTOR_PUSH(facts->session->permanent, &place->types, type);
    pair_put(facts->session->permanent, &facts->by_type, place, schema, type);
    return type;
}

int facts_known(const Facts *facts, Str place, const Schema *schema) {
    const FactType *type = type_find(facts, place, schema);
    return type && type->known;
}

void facts_set_known(Facts *facts, Str place, const Schema *schema) {
    facts_type(facts, place, schema)->known = 1;
}

/* ---- objects ---- */

static void object_put(Facts *facts, FactType *type, const Name *identity, const Value *have) {
    FactObject *object = pair_get(&facts->by_object, type, identity);
    if (!object) {
        object = ARENA_NEW(facts->session->permanent, FactObject);
        object->identity = identity;
        VECTOR_PUSH(facts->session->permanent, &type->objects, object);
        pair_put(facts->session->permanent, &facts->by_object, type, identity, object);
    }
    object->have = have;
}

const Value *facts_object(Facts *facts, FactType *type, const Name *identity) {
    const FactObject *object = pair_get(&facts->by_object, type, identity);
    if (object)
        return object->have;
    const Value *text = type->loaded ? record_get(type->loaded, identity) : NULL;
    if (!text)
        return NULL;
    Session *session = facts->session;
    const Source *source = source_get(session->sources, text->origin.file);
    const Value *attributes = json_read_part(session->arena, session->names, session->diagnostics, source, text);
    /* What is read in passing is not remembered: a plan looks at each object once, and there may be many. */
    const Value *have = facts_typed(facts->session, type->schema, attributes);
    if (facts->session->arena == facts->session->permanent)
        object_put(facts, type, identity, have);
    return have;
}

const Value *facts_get(Facts *facts, Str place, const Schema *schema, Str identity) {
    FactType *type = type_find(facts, place, schema);
    const Name *name = type ? name_find(facts->session->names, identity) : NULL;
    return name ? facts_object(facts, type, name) : NULL;
}

void facts_put(Facts *facts, Str place, const Schema *schema, Str identity, const Value *have) {
    FactType *type = facts_type(facts, place, schema);
    type->known = 1;
    identity = text_mend(facts->session->arena, identity);
    object_put(facts, type, name_intern(facts->session->names, identity), have);
}

const Name **facts_identities(Facts *facts, FactType *type, uint32_t *count) {
    Arena *arena = facts->session->permanent;
    uint32_t loaded = type->loaded ? type->loaded->count : 0, total = 0;
    /* facts_sort takes pointers to what begins with a Name pointer; fields and objects both do. */
    const Name *const **all = ARENA_ARRAY(arena, const Name *const *, (size_t)loaded + type->objects.count + 1);
    for (uint32_t i = 0; i < type->objects.count; i++)
        if (type->objects.items[i]->have)
            all[total++] = &type->objects.items[i]->identity;
    for (uint32_t i = 0; i < loaded; i++)
        if (!pair_get(&facts->by_object, type, type->loaded->fields[i].name))
            all[total++] = &type->loaded->fields[i].name;
    facts_sort(all, total);
    const Name **names = ARENA_ARRAY(arena, const Name *, (size_t)total + 1);
    for (uint32_t i = 0; i < total; i++)
        names[i] = *all[i];
    *count = total;
    return names;
}

static int type_order(const void *left, const void *right) {
    const FactType *a = *(FactType *const *)left, *b = *(FactType *const *)right;
    int order = str_compare(name_str(a->place->address), name_str(b->place->address));
    return order ? order : str_compare(name_str(a->schema->name), name_str(b->schema->name));
}

void facts_each(Facts *facts, void (*visit)(void *context, Str place, const Schema *schema, Str identity), void *context) {
    VECTOR(FactType *) types = {0};
    for (uint32_t i = 0; i < facts->places.count; i++)
        for (uint32_t k = 0; k < facts->places.items[i]->types.count; k++)
            VECTOR_PUSH(facts->session->permanent, &types, facts->places.items[i]->types.items[k]);
    if (types.count > 1)
        qsort(types.items, types.count, sizeof(void *), type_order);
    for (uint32_t i = 0; i < types.count; i++) {
        FactType *type = types.items[i];
        uint32_t count;
        const Name **identities = facts_identities(facts, type, &count);
        for (uint32_t k = 0; k < count; k++) {
            session_scratch(facts->session);
            visit(context, name_str(type->place->address), type->schema, name_str(identities[k]));
            session_kept(facts->session, NULL);
        }
    }
}

/* ---- the index of names ---- */

/* "TYPE IDENTITY" as the line has it. */
static Str owned_object(Arena *arena, Str type, Str identity) {
    Str encoded = percent_encode(arena, identity, STR(" "));
    return arena_printf(arena, "%.*s %.*s", (int)type.length, type.text, (int)encoded.length, encoded.text);
}

Str facts_owned_line(Arena *arena, Str type, Str identity, Str address) {
    Str object = owned_object(arena, type, identity);
    return arena_printf(arena, "%.*s %.*s", (int)object.length, object.text, (int)address.length, address.text);
}

void facts_own(Facts *facts, Str place, Str line) {
    Arena *arena = facts->session->permanent;
    line = slice_trim(text_mend(arena, line));
    size_t first = slice_find_char(line, ' ', 0), second = slice_find_char(line, ' ', first + 1);
    Str address = slice_trim(slice(line, second, line.length));
    if (first == 0 || second <= first + 1 || !address.length)
        return;
    FactPlace *owner = facts_place(facts, place);
    const Name *object = name_intern(facts->session->names, slice(line, 0, second));
    FactOwned *owned = pair_get(&facts->by_owned, owner, object);
    if (!owned) {
        owned = ARENA_NEW(arena, FactOwned);
        owned->object = object;
        VECTOR_PUSH(arena, &owner->owned, owned);
        pair_put(arena, &facts->by_owned, owner, object, owned);
    }
    owned->address = arena_str(arena, address);
}

Str facts_owner(const Facts *facts, Str place, Str type, Str identity) {
    const FactPlace *owner = place_find(facts, place);
    const Name *object = owner ? name_find(facts->session->names, owned_object(facts->session->arena, type, identity)) : NULL;
    const FactOwned *owned = object ? pair_get(&facts->by_owned, owner, object) : NULL;
    return owned ? owned->address : STR("");
}

/* ---- what `found` gave ---- */

static const TypeField *property_attribute(const Schema *schema, const Name *property, int64_t *member) {
    const TypeField *attribute = schema_property(schema, name_str(property), member);
    return attribute ? attribute : schema_attribute(schema, property, member);
}

/* A rule may have asked the host for the digest instead of fetching the text. */
static int is_digest(Str text) {
    size_t at = 7;
    if (text.length != 7 + 64 || !slice_begins(text, STR("sha256:")))
        return 0;
    while (at < text.length && text.text[at] && strchr("0123456789abcdef", text.text[at]))
        at++;
    return at == text.length;
}

/* Facts must be the same whether they come from the host or from a file, and a file can't hold bytes that are no text. The digest of a
   text is taken before this. */
static const Value *value_mend(Session *session, const Value *value) {
    Arena *arena = session->arena;
    const Value *mended = value;
    if (value->kind == VALUE_STRING && utf8_check(value->as.string.text, value->as.string.length) < value->as.string.length)
        mended = value_string(arena, value->origin, text_mend(arena, value->as.string));
    if (value->kind == VALUE_LIST) {
        const Value **items = ARENA_ARRAY(arena, const Value *, value->as.list.count + 1);
        for (uint32_t i = 0; i < value->as.list.count; i++)
            items[i] = value_mend(session, value->as.list.items[i]);
        mended = value_list(arena, value->origin, items, value->as.list.count);
    }
    if (value->kind == VALUE_RECORD) {
        RecordBuilder builder = {.arena = arena};
        for (uint32_t i = 0; i < value->as.record->count; i++) {
            const Field *field = &value->as.record->fields[i];
            const Name *name = name_intern(session->names, text_mend(arena, name_str(field->name)));
            record_add(&builder, name, value_mend(session, field->value), field->span, NULL);
        }
        mended = record_finish_open(&builder, value->origin, value->as.record->tag);
    }
    return value_flagged(arena, mended, value->flags);
}

const Value *facts_decode(Session *session, const Schema *schema, const Value *properties, Span origin) {
    RecordBuilder builder = {.arena = session->arena};
    for (uint32_t i = 0; properties->kind == VALUE_RECORD && i < properties->as.record->count; i++) {
        const Field *property = &properties->as.record->fields[i];
        int64_t member;
        const TypeField *attribute = property_attribute(schema, property->name, &member);
        if (!attribute || property->value->kind == VALUE_NONE || property->value->kind == VALUE_POISON)
            continue;
        const Value *value = property->value;
        if (attribute->codec.digest && value->kind == VALUE_STRING && !is_digest(value->as.string))
            value = value_flagged(session->arena, value_string(session->arena, origin, codec_digest(session->arena, value->as.string)),
                                  (uint8_t)(value->flags | (attribute->type->secret ? VALUE_SECRET : 0)));
        else
            value = codec_decode_value(session, attribute->type, &attribute->codec, value_mend(session, value), origin);
        const Name *name = attribute->name;
        if (member >= 0)
            name = name_intern(session->names, arena_printf(session->arena, "%s%lld", name->text, (long long)member));
        record_add(&builder, name, value, origin, NULL);
    }
    return record_finish_open(&builder, origin, NULL);
}
