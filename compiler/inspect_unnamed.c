/* What the site's index of names has and its text has not any more: of types of which only what is named is looked at, that is asked for by name. */
#include "compiler/inspect_parts.h"

#include "compiler/enter.h"
#include "compiler/facts_store.h"
#include "compiler/found.h"
#include "compiler/library.h"
#include "compiler/lookup.h"
#include "compiler/planner.h"
#include "compiler/slice.h"
#include "compiler/state.h"

/* A type in the index. */
typedef struct Kind {
    const Schema *schema;
    int by_name;                /* and its identity tells the attributes that its rule asks by */
} Kind;

typedef struct Search {
    Session *session;
    VECTOR(Kind) kinds;
    Lookup *named;              /* what the text has of these types, as the index would have it; NULL: not yet gathered */
    Lookup *hosts;              /* number + 1 of what others stand inside, likewise */
    Piles piles;
} Search;

/* ---- types ---- */

static int schema_by_name(Session *session, Str place, const Schema *schema) {
    return schema->rules[RULE_READ] && !schema->rules[RULE_ACT] && found_pattern(session, schema).length && reading_by_name(session, place, schema);
}

/* The type of a line, if it is one that is asked for by name. */
static const Schema *line_schema(Search *search, Str place, Str type) {
    Session *session = search->session;
    const Schema *schema = schema_named(session, type);
    for (uint32_t i = 0; schema && i < search->kinds.count; i++)
        if (search->kinds.items[i].schema == schema)
            return search->kinds.items[i].by_name ? schema : NULL;
    if (!schema)
        return NULL;
    Kind kind = {schema, schema_by_name(session, place, schema)};
    VECTOR_PUSH(session->arena, &search->kinds, kind);
    return kind.by_name ? schema : NULL;
}

/* ---- what the text has ---- */

static Str line_key(Session *session, Str place, Str object) {
    return arena_printf(session->arena, "%.*s\n%.*s", (int)place.length, place.text, (int)object.length, object.text);
}

/* "TYPE IDENTITY" or, of what others stand inside, "TYPE:IDENTITY". */
static Str instance_key(Session *session, Instance *instance, char between) {
    const Instance *place = instance_place(session, instance);
    Str identity = enter_identity(session, instance_is_place(instance) && !place ? NULL : place, instance->identity);
    Str object = arena_printf(session->arena, "%s%c%.*s", instance->schema->name->text, between, (int)identity.length, identity.text);
    return line_key(session, enter_address(session, place), object);
}

static void text_gather(Search *search) {
    Session *session = search->session;
    search->named = lookup_new(session->arena);
    search->hosts = lookup_new(session->arena);
    for (uint32_t i = 0; i < session->instances.count; i++) {
        Instance *instance = session->instances.items[i];
        if (instance_is_place(instance) && !instance->schema->is_place)
            *lookup_slot(search->hosts, instance_key(session, instance, ':')) = i + 1;
        else
            *lookup_slot(search->named, instance_key(session, instance, ' ')) = i + 1;
    }
}

/* Is it "TYPE:IDENTITY" of something that others stand inside? */
static int names_host(Session *session, Str text) {
    const Schema *schema = schema_named(session, slice(text, 0, slice_find_char(text, ':', 0)));
    return schema && schema->rules[RULE_EXEC];
}

/* The place that an identity of the index begins with, "TYPE:IDENTITY>REST", and the rest; 0 where the text has that place not, or on another one. One
   layer: what stands deeper is asked for by what it stands in. */
static int line_place(Search *search, Str address, Str *identity, const Instance **place) {
    Session *session = search->session;
    size_t at = slice_find_char(*identity, '>', 0);
    Str host = slice(*identity, 0, at);
    *place = host_find(session, address);
    if (at == identity->length || !names_host(session, host))
        return 1;
    uint32_t number = lookup_get(search->hosts, line_key(session, address, host));
    *identity = slice(*identity, at + 1, identity->length);
    *place = number ? session->instances.items[number - 1] : NULL;
    return number != 0;
}

/* What the index says may have been written by anybody. */
static int attributes_fit(Session *session, const Instance *instance) {
    Use use = {.what = STR(""), .span = SPAN_NONE, .quiet = 1};
    for (uint32_t i = 0; i < instance->slot_count; i++) {
        const Value *accepted = type_accept(session, instance->slots[i].attribute->type, instance->slots[i].thunk.value, &use);
        if (!accepted || accepted->kind == VALUE_POISON)
            return 0;
    }
    return instance->slot_count != 0;
}

/* ---- asking ---- */

static void line_ask(Search *search, Str address, FactOwned *owned) {
    Session *session = search->session;
    Str object = name_str(owned->object);
    size_t blank = slice_find_char(object, ' ', 0);
    Str type = slice(object, 0, blank), identity = slice(object, blank + 1, object.length);
    const Schema *schema = line_schema(search, address, type);
    if (!schema) {
        owned->settled = 1;
        return;
    }
    if (!search->named)
        text_gather(search);
    owned->settled = lookup_get(search->named, line_key(session, address, object)) != 0;
    if (owned->settled)
        return;
    const Instance *place;
    int there = line_place(search, address, &identity, &place);
    if (there && !place_is_open(session, place))
        return;
    owned->settled = 1;
    const Value *known = found_attributes(session, schema, identity, record_overlay(session, NULL, NULL, 0));
    Instance *instance = there ? found_instance(session, schema, place, owned->address, identity, known) : NULL;
    if (!instance || !attributes_fit(session, instance))
        return;
    Pile *pile = pile_of(session, &search->piles, schema, place ? place->head.address : STR(""));
    VECTOR_PUSH(session->arena, &pile->wanted, value_reference(session->arena, SPAN_NONE, &instance->head));
}

void unnamed_ask(Session *session) {
    Search search = {.session = session};
    for (uint32_t p = 0; p < session->facts->places.count; p++) {
        FactPlace *place = session->facts->places.items[p];
        for (uint32_t i = 0; i < place->owned.count; i++)
            if (!place->owned.items[i]->settled)
                line_ask(&search, name_str(place->address), place->owned.items[i]);
    }
    piles_read(session, &search.piles, 1);
}
