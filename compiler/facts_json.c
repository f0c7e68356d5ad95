/* Facts to their file form and back: phx-facts/1. */
#include <stdlib.h>

#include "compiler/facts_store.h"
#include "compiler/site_facts.h"
#include "compiler/library.h"
#include "compiler/slice.h"
#include "compiler/state.h"
#include "lang/json.h"

#define FORMAT_NAME "phx-facts/"
#define FORMAT FORMAT_NAME "1"

/* ---- reading ---- */

/* "places", an address, "resources", a type, an identity: its attributes are read when they are asked for. */
enum { ATTRIBUTES_LEVEL = 5 };

static int report_shape(Facts *facts, const Value *value, const char *what, const char *shape) {
    Diagnostic *d = diag_error(facts->session->diagnostics, CODE_FACTS_SHAPE, value->origin, "%s of a facts file is %s, not %s", what, shape,
                               value_kind_phrase((ValueKind)value->kind));
    diag_help(facts->session->diagnostics, d, "facts files are written by `phxc inspect`; edit the site, not its facts");
    return 0;
}

static const Value *member(Facts *facts, const Value *record, const char *name) {
    const Name *key = name_find(facts->session->names, str_of(name));
    return key ? record_get(record->as.record, key) : NULL;
}

static int read_format(Facts *facts, const Value *root) {
    Diagnostics *diagnostics = facts->session->diagnostics;
    const Value *format = member(facts, root, "format");
    if (!format || format->kind != VALUE_STRING || !slice_begins(format->as.string, STR(FORMAT_NAME))) {
        Diagnostic *d = diag_error(diagnostics, CODE_FACTS_FORMAT, format ? format->origin : root->origin, "this is no facts file");
        diag_help(diagnostics, d, "one begins with \"format\": \"" FORMAT "\"; `phxc inspect` writes it");
        return 0;
    }
    if (str_equal(format->as.string, STR(FORMAT)))
        return 1;
    Diagnostic *d = diag_error(diagnostics, CODE_FACTS_NEWER, format->origin, "this form of facts is not known here: %.*s",
                               (int)format->as.string.length, format->as.string.text);
    diag_help(diagnostics, d, "this phxc reads " FORMAT "; inspect the host again, or use the phxc that wrote the file");
    return 0;
}

static void read_site(Facts *facts, const Value *root) {
    const Value *site = member(facts, root, "site");
    Session *session = facts->session;
    if (site && site->kind == VALUE_STRING && session->site.length && !str_equal(site->as.string, session->site))
        diag_warning(session->diagnostics, CODE_FACTS_SITE, site->origin, "these are facts of the site \"%.*s\", not of \"%.*s\"",
                     (int)site->as.string.length, site->as.string.text, (int)session->site.length, session->site.text);
}

static int read_type(Facts *facts, Str place, const Field *given) {
    Session *session = facts->session;
    const Source *source = source_get(session->sources, given->value->origin.file);
    const Schema *schema = schema_named(session, name_str(given->name));
    if (!schema) {
        Str message = arena_printf(session->arena, "there is no resource type `%s`: its facts are left out", given->name->text);
        diag_add(session->diagnostics, SEVERITY_NOTE, str_of(code_info(CODE_FACTS_UNKNOWN_TYPE)->id), given->span, message);
        return 1;
    }
    if (given->value->kind != VALUE_RECORD)
        return report_shape(facts, given->value, "a resource type", "a map of identities");
    int sound = 1;
    const Record *objects = given->value->as.record;
    for (uint32_t i = 0; i < objects->count; i++)
        if (objects->fields[i].value->as.string.text[0] != '{')
            sound = report_shape(facts, json_read_part(session->arena, session->names, session->diagnostics, source, objects->fields[i].value), "an object",
                                 "a map of attributes");
    FactType *type = facts_type(facts, place, schema);
    type->known = 1;
    type->loaded = sound ? objects : NULL;
    return sound;
}

static int read_place(Facts *facts, const Field *given) {
    Str place = name_str(given->name);
    if (given->value->kind != VALUE_RECORD)
        return report_shape(facts, given->value, "a place", "a map with \"resources\" and \"owned\"");
    facts_place(facts, place);
    const Value *resources = member(facts, given->value, "resources"), *owned = member(facts, given->value, "owned");
    int sound = 1;
    if (resources && resources->kind != VALUE_RECORD)
        sound = report_shape(facts, resources, "\"resources\"", "a map of resource types");
    for (uint32_t i = 0; sound && resources && i < resources->as.record->count; i++)
        sound = read_type(facts, place, &resources->as.record->fields[i]) && sound;
    if (owned && owned->kind != VALUE_LIST)
        return report_shape(facts, owned, "\"owned\"", "a list of lines");
    for (uint32_t i = 0; owned && i < owned->as.list.count; i++) {
        const Value *line = owned->as.list.items[i];
        if (line->kind != VALUE_STRING)
            sound = report_shape(facts, line, "a line of \"owned\"", "a string");
        else
            facts_own(facts, place, line->as.string);
    }
    return sound;
}

int facts_read(Facts *facts, const Source *source) {
    Session *session = facts->session;
    const Value *root = json_read_outline(session->arena, session->scratch, session->names, session->diagnostics, source, ATTRIBUTES_LEVEL);
    if (root->kind == VALUE_POISON)
        return 0;
    if (root->kind != VALUE_RECORD)
        return report_shape(facts, root, "the whole", "a map");
    if (!read_format(facts, root))
        return 0;
    read_site(facts, root);
    const Value *values = member(facts, root, "facts");
    if (values && values->kind != VALUE_RECORD)
        return report_shape(facts, values, "\"facts\"", "a map of the site's facts");
    session->recorded = values ? values->as.record : NULL;
    const Value *places = member(facts, root, "places");
    if (places && places->kind != VALUE_RECORD)
        return report_shape(facts, places, "\"places\"", "a map of addresses");
    int sound = 1;
    for (uint32_t i = 0; places && i < places->as.record->count; i++)
        sound = read_place(facts, &places->as.record->fields[i]) && sound;
    return sound;
}

/* ---- writing ---- */

/* Where the next member stands: levels of brackets, and whether it is the first of its own. */
typedef struct Writer {
    Facts *facts;
    Text *out;
    uint32_t level;
    int first;
} Writer;

static void write_member(Writer *w) {
    text_add(w->out, w->first ? STR("\n") : STR(",\n"));
    text_add_repeat(w->out, ' ', 2 * (size_t)w->level);
    w->first = 0;
}

static void write_key(Writer *w, Str key) {
    write_member(w);
    json_write_string(key, w->out);
    text_add_literal(w->out, ": ");
}

static void write_open(Writer *w, char bracket) {
    text_add_char(w->out, bracket);
    w->level++;
    w->first = 1;
}

/* An empty pair of brackets stays on its line. */
static void write_close(Writer *w, char bracket) {
    w->level--;
    if (!w->first) {
        text_add_char(w->out, '\n');
        text_add_repeat(w->out, ' ', 2 * (size_t)w->level);
    }
    text_add_char(w->out, bracket);
    w->first = 0;
}

static int is_storable(const Value *value) {
    return value->kind != VALUE_POISON && value->kind != VALUE_NONE && value->kind != VALUE_UNSET && value->kind != VALUE_UNKNOWN &&
           !(value->flags & VALUE_SECRET);
}

const Value *facts_without_secrets(Arena *arena, const Value *value) {
    if (value->kind == VALUE_LIST) {
        const Value **items = ARENA_ARRAY(arena, const Value *, value->as.list.count + 1);
        uint32_t count = 0, changed = 0;
        for (uint32_t i = 0; i < value->as.list.count; i++)
            if (is_storable(value->as.list.items[i])) {
                items[count] = facts_without_secrets(arena, value->as.list.items[i]);
                changed += items[count] != value->as.list.items[i];
                count++;
            }
        return changed || count < value->as.list.count ? value_list(arena, value->origin, items, count) : value;
    }
    if (value->kind == VALUE_RECORD) {
        const Record *record = value->as.record;
        Field *fields = ARENA_ARRAY(arena, Field, record->count + 1);
        uint32_t count = 0, changed = 0;
        for (uint32_t i = 0; i < record->count; i++)
            if (is_storable(record->fields[i].value)) {
                fields[count] = record->fields[i];
                fields[count].value = facts_without_secrets(arena, record->fields[i].value);
                changed += fields[count].value != record->fields[i].value;
                count++;
            }
        return changed || count < record->count ? value_record(arena, value->origin, record->tag, fields, count) : value;
    }
    return value;
}

/* A record that looks like one of the wrappers needs a wrapper of its own. */
static int looks_wrapped(const Value *value) {
    if (value->kind != VALUE_RECORD || value->as.record->count != 1 || value->as.record->tag)
        return 0;
    Str name = name_str(value->as.record->fields[0].name);
    return str_equal(name, STR("implicit")) || str_equal(name, STR("explicit"));
}

static void write_wrapped(Arena *arena, const Value *given, Text *out) {
    const Value *value = facts_without_secrets(arena, given);
    int implicit = (value->flags & VALUE_IMPLICIT) != 0 || (given->flags & VALUE_IMPLICIT) != 0;
    int wrapped = implicit || looks_wrapped(value);
    if (wrapped)
        text_add(out, implicit ? STR("{\"implicit\": ") : STR("{\"explicit\": "));
    json_write(value, JSON_COMPACT_SORTED, 0, out);
    if (wrapped)
        text_add_char(out, '}');
}

static void write_attribute(Writer *w, const Field *field) {
    if (!is_storable(field->value))
        return;
    write_key(w, name_str(field->name));
    write_wrapped(w->facts->session->permanent, field->value, w->out);
}

void facts_write_object(Session *session, const Value *have, Text *out) {
    int first = 1;
    if (!have || have->kind != VALUE_RECORD) {
        text_add_literal(out, "null");
        return;
    }
    text_add_char(out, '{');
    for (uint32_t i = 0; i < have->as.record->count; i++) {
        const Field *field = &have->as.record->fields[i];
        if (!is_storable(field->value))
            continue;
        text_add(out, first ? STR("") : STR(", "));
        json_write_string(name_str(field->name), out);
        text_add_literal(out, ": ");
        write_wrapped(session->arena, field->value, out);
        first = 0;
    }
    text_add_char(out, '}');
}

static void write_object(Writer *w, Str identity, const Value *have) {
    const Record *record = have->as.record;
    const Field **fields = ARENA_ARRAY(w->facts->session->permanent, const Field *, record->count + 1);
    for (uint32_t i = 0; i < record->count; i++)
        fields[i] = &record->fields[i];
    facts_sort(fields, record->count);
    write_key(w, identity);
    write_open(w, '{');
    for (uint32_t i = 0; i < record->count; i++)
        write_attribute(w, fields[i]);
    write_close(w, '}');
}

static void write_type(Writer *w, FactType *type) {
    uint32_t count;
    const Name **identities = facts_identities(w->facts, type, &count);
    write_key(w, name_str(type->schema->name));
    write_open(w, '{');
    for (uint32_t i = 0; i < count; i++) {
        const Value *have = facts_object(w->facts, type, identities[i]);
        if (have && have->kind == VALUE_RECORD)
            write_object(w, name_str(identities[i]), have);
    }
    write_close(w, '}');
}

static int type_order(const void *left, const void *right) {
    const FactType *a = *(FactType *const *)left, *b = *(FactType *const *)right;
    return str_compare(name_str(a->schema->name), name_str(b->schema->name));
}

static void write_place(Writer *w, const FactPlace *place) {
    Arena *arena = w->facts->session->permanent;
    FactType **types = ARENA_ARRAY(arena, FactType *, place->types.count + 1);
    FactOwned **owned = ARENA_ARRAY(arena, FactOwned *, place->owned.count + 1);
    for (uint32_t i = 0; i < place->types.count; i++)
        types[i] = place->types.items[i];
    for (uint32_t i = 0; i < place->owned.count; i++)
        owned[i] = place->owned.items[i];
    if (place->types.count > 1)
        qsort(types, place->types.count, sizeof(void *), type_order);
    facts_sort(owned, place->owned.count);
    write_key(w, name_str(place->address));
    write_open(w, '{');
    write_key(w, STR("resources"));
    write_open(w, '{');
    for (uint32_t i = 0; i < place->types.count; i++)
        if (types[i]->known)
            write_type(w, types[i]);
    write_close(w, '}');
    write_key(w, STR("owned"));
    write_open(w, '[');
    for (uint32_t i = 0; i < place->owned.count; i++) {
        write_member(w);
        json_write_string(arena_printf(arena, "%s %.*s", owned[i]->object->text, (int)owned[i]->address.length, owned[i]->address.text), w->out);
    }
    write_close(w, ']');
    write_close(w, '}');
}

/* The values that decide what the site is; nothing where it declares none. */
static void write_site_facts(Writer *w) {
    uint32_t count;
    const Field *values = site_facts_values(w->facts->session, &count);
    if (!count)
        return;
    write_key(w, STR("facts"));
    write_open(w, '{');
    for (uint32_t i = 0; i < count; i++) {
        write_key(w, name_str(values[i].name));
        json_write(values[i].value, JSON_COMPACT_SORTED, 0, w->out);
    }
    write_close(w, '}');
}

void facts_write(Facts *facts, Text *out) {
    Arena *arena = facts->session->permanent;
    Writer w = {facts, out, 0, 1};
    FactPlace **places = ARENA_ARRAY(arena, FactPlace *, facts->places.count + 1);
    for (uint32_t i = 0; i < facts->places.count; i++)
        places[i] = facts->places.items[i];
    facts_sort(places, facts->places.count);
    write_open(&w, '{');
    write_key(&w, STR("format"));
    json_write_string(STR(FORMAT), out);
    write_key(&w, STR("site"));
    json_write_string(facts->session->site, out);
    write_site_facts(&w);
    write_key(&w, STR("places"));
    write_open(&w, '{');
    for (uint32_t i = 0; i < facts->places.count; i++)
        write_place(&w, places[i]);
    write_close(&w, '}');
    write_close(&w, '}');
    text_add_char(out, '\n');
}
