/* The evaluated site as plain declarations: a resource each, with its values as wanted. What repeats gets a name: addresses and long values a
   `let`, attributes that many resources of a type have in common a `profile`. */
#include "compiler/flatten.h"
#include "compiler/planner.h"
#include "compiler/slice.h"

enum { KEY_LONGEST = 40 };      /* of a key in a name: of a longer one the last part of the path */

/* ---- names ---- */

/* Address without its key: of the family. */
static Str family_of(const Instance *instance) {
    Str address = instance->head.address;
    size_t end = address_last_part(address) + instance->schema->name->length + 1 + instance->decl->name.name->length;
    return slice(address, 0, end);
}

/* Of a long key the last part of the path that it is, and of that the beginning. */
static Str key_short(Str key) {
    if (key.length <= KEY_LONGEST)
        return key;
    size_t slash = key.length;
    while (slash && key.text[slash - 1] != '/')
        slash--;
    key = slice(key, slash, key.length);
    return key.length <= KEY_LONGEST ? key : slice(key, 0, KEY_LONGEST);
}

/* What a resource or component is called in its own text: its name, and its key where it has sisters. */
static Str name_of_part(Flattening *f, Str address, Str family, int keyed) {
    size_t start = address_last_part(address), dot = family.length;
    while (dot > start && family.text[dot - 1] != '.')
        dot--;
    Str name = slice(family, dot, family.length);
    if (!keyed || address.length < family.length + 2)
        return name;
    Str key = key_short(slice(address, family.length + 1, address.length - 1));
    return arena_printf(f->arena, "%.*s_%.*s", (int)name.length, name.text, (int)key.length, key.text);
}

/* The component around it, as its name and key: "web_1" of "service.web[1]/pve.lxc.ct". */
static Str name_around(Flattening *f, Str address) {
    size_t own = address_last_part(address);
    Str around = slice(address, 0, own ? own - 1 : 0);
    size_t start = address_last_part(around), end = start;
    while (end < around.length && around.text[end] != '[')
        end++;
    return name_of_part(f, around, slice(around, 0, end), 1);
}

/* Its own name is enough, unless others in other components have the same. */
static void names_choose(Flattening *f) {
    Lookup *families = lookup_new(f->arena), *wanted = lookup_new(f->arena);
    for (uint32_t i = 0; i < f->count; i++)
        ++*lookup_slot(families, family_of(f->plains[i].instance));
    for (uint32_t i = 0; i < f->count; i++) {
        const Instance *instance = f->plains[i].instance;
        Str family = family_of(instance);
        f->plains[i].name = name_of_part(f, instance->head.address, family, lookup_get(families, family) > 1);
        ++*lookup_slot(wanted, f->plains[i].name);
    }
    Str *names = ARENA_ARRAY(f->arena, Str, f->session->instances.count);
    for (uint32_t i = 0; i < f->count; i++) {
        const Instance *instance = f->plains[i].instance;
        Str name = f->plains[i].name, around = lookup_get(wanted, name) > 1 ? name_around(f, instance->head.address) : STR("");
        if (around.length)
            name = arena_printf(f->arena, "%.*s_%.*s", (int)around.length, around.text, (int)name.length, name.text);
        f->plains[i].name = names[instance->number] = phx_name_take(&f->writer, name);
    }
    f->writer.names = names;
}

/* ---- the whole ---- */

static void outputs_write(Flattening *f) {
    for (uint32_t i = 0; i < f->session->outputs.count; i++) {
        const Decl *decl = f->session->outputs.items[i].decl;
        const Value *value = eval(f->session, decl->value, f->session->outputs.items[i].frame);
        if (value->kind == VALUE_NONE || value->kind == VALUE_POISON)
            continue;
        text_addf(&f->body, "%soutput %s = ", i ? "" : "\n", decl->name.name->text);
        phx_write_lines(&f->writer, STR("output"), name_str(decl->name.name), value, 0, decl->name.name->length + 10, &f->body);
        text_add_char(&f->body, '\n');
    }
}

/* Phases, and types of the site's own, have no place in the text. */
static void types_check(Flattening *f) {
    Session *session = f->session;
    for (uint32_t i = 0; i < session->phases.count; i++) {
        const Decl *phase = session->phases.items[i]->decl;
        Diagnostic *d = diag_error(session->diagnostics, CODE_NOT_PLAIN, phase->name.span, "what stands in the phase `%s` waits for more than it needs", phase->name.name->text);
        diag_help(session->diagnostics, d, "a file of plain declarations holds no phases: keep this site as it is");
    }
    for (uint32_t i = 0; i < f->count; i++) {
        const Schema *schema = f->plains[i].instance->schema;
        if (source_get(session->sources, schema->decl->span.file)->kind == SOURCE_STDLIB)
            continue;
        Diagnostic *d = diag_error(session->diagnostics, CODE_NOT_PLAIN, schema->decl->name.span, "%s is a resource type of the site's own",
                                   schema->name->text);
        diag_also(session->diagnostics, d, f->plains[i].instance->origin, "used here");
        diag_help(session->diagnostics, d, "a file of plain declarations holds no schemas: keep this site as it is");
    }
}

/* What the site asked for and did not get: the findings say why. */
static void left_out_write(Flattening *f) {
    int first = 1;
    for (uint32_t i = 0; i < f->session->instances.count; i++) {
        const Instance *instance = f->session->instances.items[i];
        if (!instance->left_out)
            continue;
        text_addf(&f->body, "%s//   %s\n", first ? "\n// Left out, for what `phxc check` finds in what this was made from:\n" : "", instance->head.address.text);
        first = 0;
    }
}

int session_flatten(Session *session, Str comment, const NamedText *ignores, size_t ignore_count, Text *out) {
    static const PlanOptions everything = {0};
    session_facts_none(session);
    Planning *planning = planning_collect(session, &everything);
    if (!planning)
        return 0;
    uint32_t errors = diag_errors(session->diagnostics);
    Flattening f = {.session = session, .arena = session->arena, .count = planning->count};
    f.writer = phx_writer(session);
    f.plains = ARENA_ARRAY(f.arena, Plain, f.count);
    for (uint32_t i = 0; i < f.count; i++)
        f.plains[i].instance = planning->items[i].instance;
    types_check(&f);
    names_choose(&f);
    flatten_order(&f, planning->graph);
    flatten_addresses(&f);
    flatten_assignments(&f);
    flatten_profiles(&f);
    flatten_long_values(&f);
    flatten_plains(&f);
    outputs_write(&f);
    left_out_write(&f);
    FlattenHead head = {.comment = comment, .ignores = ignores, .ignore_count = ignore_count, .errors = errors};
    int sound = flatten_text(&f, &head, out);
    return sound;
}

int session_write_value(Session *session, Str name, Str type, const Value *value, Text *out) {
    uint32_t errors = diag_errors(session->diagnostics);
    PhxWriter writer = phx_writer(session);
    Str *names = ARENA_ARRAY(session->arena, Str, session->instances.count + 1);
    Text text = {0}, head = {0};
    for (uint32_t i = 0; i < session->instances.count; i++)
        names[i] = session->instances.items[i]->head.address;
    writer.names = names;
    name = phx_name_take(&writer, name);
    text_addf(&text, "\nlet %.*s: %.*s = ", (int)name.length, name.text, (int)type.length, type.text);
    phx_write_lines(&writer, name, name, value, 0, text.length, &text);
    text_add_char(&text, '\n');
    flatten_secrets(&writer, &head);
    text_add(&head, text_str(&text));
    int sound = diag_errors(session->diagnostics) == errors && flatten_layout(session, &head, out);
    text_fini(&text);
    text_fini(&head);
    return sound;
}
