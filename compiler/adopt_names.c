/* Names for what is adopted: plain words, each once, the same whenever the same objects are there. */
#include "compiler/adopt.h"

#include "compiler/module.h"
#include "compiler/slice.h"

enum { NAME_LONGEST = 60 };     /* of what an object is called: the beginning */

/* "lxc" of "pve.lxc" */
static Str type_word(const Schema *schema) {
    Str name = name_str(schema->name);
    size_t dot = name.length;
    while (dot && name.text[dot - 1] != '.')
        dot--;
    return slice(name, dot, name.length);
}

/* What begins with a digit has no name of its own. */
static Str wanted_name(Adoption *a, const Discovery *object) {
    Str called = slice(object->called, 0, NAME_LONGEST), word = type_word(object->schema);
    int named = called.length && (called.text[0] < '0' || called.text[0] > '9');
    return phx_name_plain(&a->flattening.writer,
                          named ? called : arena_printf(a->arena, "%.*s_%.*s", (int)word.length, word.text, (int)called.length, called.text));
}

/* Who is called like another is named after what it stands in, too, or after its type. */
static void name_take(Adoption *a, const Lookup *wanted, Discovery *object) {
    PhxWriter *writer = &a->flattening.writer;
    if (object->name.length)
        return;
    Str name = wanted_name(a, object), word = type_word(object->schema);
    Str key = arena_printf(a->arena, "%u %.*s", object->schema->number, (int)name.length, name.text);
    if (object->parent && (lookup_get(wanted, key) > 1 || !phx_name_is_free(writer, name))) {
        Discovery *parent = a->objects.items[object->parent - 1];
        name_take(a, wanted, parent);   /* an identity is longer than the one that it begins with, so this ends */
        name = arena_printf(a->arena, "%.*s_%.*s", (int)parent->name.length, parent->name.text, (int)name.length, name.text);
    }
    if (!phx_name_is_free(writer, name))
        name = arena_printf(a->arena, "%.*s_%.*s", (int)name.length, name.text, (int)word.length, word.text);
    object->name = phx_name_take(writer, name);
    object->instance->head.address = arena_printf(a->arena, "%s.%.*s", object->schema->name->text, (int)object->name.length, object->name.text);
}

void adopt_names(Adoption *a) {
    Lookup *wanted = lookup_new(a->arena);
    for (uint32_t i = 0; i < a->objects.count; i++) {
        Str name = wanted_name(a, a->objects.items[i]);
        ++*lookup_slot(wanted, arena_printf(a->arena, "%u %.*s", a->objects.items[i]->schema->number, (int)name.length, name.text));
    }
    /* What holds data is what people speak of: it has the first choice. */
    for (int turn = 0; turn < 2; turn++)
        for (uint32_t i = 0; i < a->objects.count; i++)
            if (turn || a->objects.items[i]->schema->holds_data)
                name_take(a, wanted, a->objects.items[i]);
}

const Str *adopt_type_names(Adoption *a) {
    Session *session = a->session;
    const Module *site = session->site_module;
    Str *names = ARENA_ARRAY(a->arena, Str, session->schemas.count + 1);
    for (uint32_t i = 0; site && i < session->schemas.count; i++) {
        const Schema *schema = session->schemas.items[i];
        for (uint32_t k = 0; k < site->imports.count && !scope_find(site->scope, schema->name); k++)
            if (scope_find(site->imports.items[k].module->scope, schema->name))
                names[schema->number] = name_str(name_join(session->names, site->imports.items[k].name, schema->name));
    }
    return names;
}

/* Only what stands at the top of the main file, and is no one of a family, can be named in it by a word. */
static Str site_name(const Adoption *a, const Instance *instance) {
    const Module *site = a->session->site_module;
    Str address = instance->head.address;
    int in_main = site && str_equal(source_get(a->session->sources, instance->decl->span.file)->name, site->name);
    int alone = !instance->home.group && !instance->home.inside && address_last_part(address) == 0 && address.text[address.length - 1] != ']';
    return in_main && alone ? name_str(instance->decl->name.name) : STR("");
}

void adopt_site_names(Adoption *a) {
    Session *session = a->session;
    PhxWriter *writer = &a->flattening.writer;
    a->names = ARENA_ARRAY(a->arena, Str, session->instances.count + a->objects.count + 1);
    for (uint32_t i = 0; session->site_scope && i < scope_count(session->site_scope); i++) {
        const Name *name;
        scope_at(session->site_scope, i, &name);
        *lookup_slot(writer->taken, name_str(name)) = 1;
    }
    for (uint32_t i = 0; i < session->instances.count; i++)
        a->names[session->instances.items[i]->number] = site_name(a, session->instances.items[i]);
    writer->names = a->names;
}
