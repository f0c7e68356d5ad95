/* The evaluated site as plain declarations: a resource each, with its values as wanted. What repeats gets a name: addresses and long values a
   `let`, attributes that many resources of a type have in common a `profile`. */
#include <stdlib.h>
#include <string.h>

#include "compiler/flatten.h"
#include "compiler/planner.h"
#include "compiler/slice.h"
#include "lang/format.h"

enum {
    KEY_LONGEST = 40,           /* of a key in a name: of a longer one the last part of the path */
    ONE_LINE_MOST = 5           /* attributes of a resource that stands in one line */
};

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

/* ---- addresses that repeat ---- */

/* One that every time has the same name as an attribute or field is called so, if no other is: `gw`, but no list of servers that are also sources of rules. */
static void address_add(Flattening *f, Str field, const Value *value) {
    Text text = {0};
    value_print(value, 0, &text);
    uint32_t *number = lookup_slot(f->writer.addresses, arena_str(f->arena, text_str(&text)));
    text_fini(&text);
    if (!*number) {
        RepeatedAddress new = {field, value, 0, 0};
        VECTOR_PUSH(f->arena, &f->addresses, new);
        *number = f->addresses.count;
    }
    RepeatedAddress *address = &f->addresses.items[*number - 1];
    address->mixed |= !str_equal(address->field, field);
    address->count++;
}

static void addresses_collect(Flattening *f, Str field, const Value *value) {
    if (value->flags & VALUE_SECRET)
        return;
    if (value->kind == VALUE_IP)
        address_add(f, field, value);
    for (uint32_t i = 0; value->kind == VALUE_LIST && i < value->as.list.count; i++)
        addresses_collect(f, field, value->as.list.items[i]);
    for (uint32_t i = 0; value->kind == VALUE_RECORD && i < value->as.record->count; i++)
        addresses_collect(f, name_str(value->as.record->fields[i].name), value->as.record->fields[i].value);
}

static void addresses_name(Flattening *f) {
    for (uint32_t i = 0; i < f->count; i++) {
        Instance *instance = f->plains[i].instance;
        for (uint32_t k = 0; k < instance->slot_count; k++) {
            const Value *value = instance_slot(f->session, instance, &instance->slots[k]);
            if (value)
                addresses_collect(f, slot_name(f->session, &instance->slots[k]), value);
        }
    }
    Lookup *fields = lookup_new(f->arena);
    Str *lets = ARENA_ARRAY(f->arena, Str, f->addresses.count + 1);
    for (uint32_t i = 0; i < f->addresses.count; i++)
        *lookup_slot(fields, f->addresses.items[i].field) += f->addresses.items[i].count >= SHARED_LEAST;
    for (uint32_t i = 0; i < f->addresses.count; i++) {
        const RepeatedAddress *address = &f->addresses.items[i];
        if (address->mixed || address->count < SHARED_LEAST || lookup_get(fields, address->field) > 1)
            continue;
        lets[i] = phx_name_take(&f->writer, address->field);
        text_addf(&f->lets, "let %.*s = ", (int)lets[i].length, lets[i].text);
        value_print(address->value, 0, &f->lets);
        text_add_char(&f->lets, '\n');
    }
    f->writer.lets = lets;
}

/* ---- attributes ---- */

/* Puts it among those of its kind. */
static void assignment_add(Flattening *f, Plain *plain, Lookup *kinds, Str name, const Value *value) {
    Text text = {0};
    phx_write_line(&f->writer, plain->name, name, value, &text);
    Assignment assignment = {name, arena_str(f->arena, text_str(&text)), value, 0};
    text_fini(&text);
    Str key = arena_printf(f->arena, "%u %.*s=%.*s", plain->instance->schema->number, (int)name.length, name.text, (int)assignment.text.length,
                           assignment.text.text);
    uint32_t *kind = lookup_slot(kinds, key);
    if (!*kind) {
        Assignment *first = ARENA_NEW(f->arena, Assignment);
        *first = assignment;
        Kind new = {.first = first, .schema = plain->instance->schema};
        VECTOR_PUSH(f->arena, &f->kinds, new);
        *kind = f->kinds.count;
    }
    assignment.kind = *kind - 1;
    f->kinds.items[assignment.kind].count++;
    VECTOR_PUSH(f->arena, &plain->assignments, assignment);
}

static int is_written(const Value *value) {
    return value && value->kind != VALUE_NONE && value->kind != VALUE_POISON;
}

/* What `after` says, of the resource and of the components around it, but for what an attribute refers to anyway. */
static const Value *after_value(Flattening *f, Instance *instance) {
    Session *session = f->session;
    InstanceList references = instance_references(session, instance), after = instance_after(session, instance);
    VECTOR(const Value *) items = {0};
    Lookup *there = lookup_new(f->arena);
    for (uint32_t i = 0; i < references.count; i++)
        *lookup_slot(there, references.items[i]->head.address) = 1;
    for (uint32_t i = 0; i < after.count; i++) {
        uint32_t *known = lookup_slot(there, after.items[i]->head.address);
        if (*known || !f->writer.names[after.items[i]->number].length)
            continue;
        *known = 1;
        const Value *item = value_reference(f->arena, instance->origin, &after.items[i]->head);
        VECTOR_PUSH(f->arena, &items, item);
    }
    return items.count ? value_list(f->arena, instance->origin, items.items, items.count) : NULL;
}

/* What stands inside of a resource is written beside it. */
static const Value *on_value(Flattening *f, Instance *instance) {
    const Value *on = instance_meta(f->session, instance, META_ON);
    return on || !instance->home.inside ? on : value_reference(f->arena, instance->origin, &instance->home.inside->head);
}

static void assignments_make(Flattening *f) {
    Lookup *kinds = lookup_new(f->arena);
    for (uint32_t i = 0; i < f->count; i++) {
        Plain *plain = &f->plains[i];
        Instance *instance = plain->instance;
        for (uint32_t k = 0; k < instance->slot_count; k++) {
            const Value *value = instance_slot(f->session, instance, &instance->slots[k]);
            if (is_written(value))
                assignment_add(f, plain, kinds, slot_name(f->session, &instance->slots[k]), value);
        }
        for (int meta = 0; meta < META_COUNT; meta++) {
            const Value *value = meta == META_AFTER ? after_value(f, instance)
                               : meta == META_ON    ? on_value(f, instance)
                                                    : instance_meta(f->session, instance, (Meta)meta);
            if (is_written(value))
                assignment_add(f, plain, kinds, str_of(meta_name((Meta)meta)), value);
        }
    }
}

/* ---- declarations ---- */

static void write_ignore(const Decl *decl, Text *out) {
    text_addf(out, "ignore %s ", decl->name.name->text);
    value_print(decl->extra->text, 0, out);
}

/* Those of its own body, and of the components that it stood in. */
static uint32_t write_ignores(const Instance *instance, Text *out) {
    uint32_t count = 0;
    const DeclList *list = instance->ignores;
    for (const Group *group = instance->home.group; list; group = group ? group->home.group : NULL) {
        for (uint32_t i = 0; i < list->count; i++)
            if (list->items[i]->kind == DECL_IGNORE) {
                text_add_literal(out, "  ");
                write_ignore(list->items[i], out);
                text_add_char(out, '\n');
                count++;
            }
        list = group ? &group->component->decl->extra->body : NULL;
    }
    return count;
}

/* How long the resource would be in one line, or SIZE_MAX where it should not stand in one. */
static size_t plain_length(const Flattening *f, const Plain *plain) {
    size_t length = plain->instance->schema->name->length + plain->name.length + 4 + (plain->profile.length ? plain->profile.length + 6 : 0) +
                    (plain->instance->absent ? 7 : 0);
    for (uint32_t i = 0; i < plain->assignments.count; i++) {
        const Assignment *assignment = &plain->assignments.items[i];
        Str let = f->kinds.items[assignment->kind].let;
        if (!let.length && phx_is_block(assignment->value))
            return SIZE_MAX;
        length += assignment->name.length + (let.length ? let.length : assignment->text.length) + 5;
    }
    return plain->assignments.count > ONE_LINE_MOST ? SIZE_MAX : length;
}

static void plain_write(Flattening *f, const Plain *plain, int one_line) {
    Text *out = &f->body;
    Text ignores = {0};
    one_line &= !write_ignores(plain->instance, &ignores);
    text_addf(out, "%s%s %.*s {", plain->instance->absent ? "absent " : "", plain->instance->schema->name->text, (int)plain->name.length,
              plain->name.text);
    Str between = one_line ? STR("  ") : STR("\n  ");
    if (plain->profile.length)
        text_addf(out, "%.*suse %.*s", (int)between.length - one_line, between.text, (int)plain->profile.length, plain->profile.text);
    for (uint32_t i = 0; i < plain->assignments.count; i++) {
        const Assignment *assignment = &plain->assignments.items[i];
        Str let = f->kinds.items[assignment->kind].let;
        int first = i == 0 && !plain->profile.length;
        text_addf(out, "%.*s%.*s = ", (int)between.length - (one_line & first), between.text, (int)assignment->name.length, assignment->name.text);
        if (let.length)
            text_add(out, let);
        else if (one_line)
            text_add(out, assignment->text);
        else
            phx_write_lines(&f->writer, plain->name, assignment->name, assignment->value, 1, assignment->name.length + 5, out);
    }
    text_add(out, one_line ? STR(" ") : STR("\n"));
    text_add(out, text_str(&ignores));
    text_add_literal(out, "}\n");
    text_fini(&ignores);
}

static void plains_write(Flattening *f) {
    int was_one_line = 0;
    for (uint32_t i = 0; i < f->count; i++) {
        const Plain *plain = &f->plains[i];
        const Schema *schema = plain->instance->schema;
        int one_line = plain_length(f, plain) <= PHX_WIDTH, begins = i == 0 || f->plains[i - 1].instance->schema != schema;
        if (begins)
            text_addf(&f->body, "\n// ---- %s ----\n", schema->name->text);
        if (begins || !one_line || !was_one_line)
            text_add_char(&f->body, '\n');
        plain_write(f, plain, one_line);
        was_one_line = one_line;
    }
}

static void outputs_write(Flattening *f) {
    for (uint32_t i = 0; i < f->session->outputs.count; i++) {
        const Decl *decl = f->session->outputs.items[i].decl;
        const Value *value = eval(f->session, decl->value, f->session->outputs.items[i].frame);
        if (!is_written(value))
            continue;
        text_addf(&f->body, "%soutput %s = ", i ? "" : "\n", decl->name.name->text);
        phx_write_lines(&f->writer, STR("output"), name_str(decl->name.name), value, 0, decl->name.name->length + 10, &f->body);
        text_add_char(&f->body, '\n');
    }
}

/* ---- the whole ---- */

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

static int plain_order(const void *a, const void *b) {
    const Plain *left = a, *right = b;
    if (left->rank != right->rank)
        return left->rank < right->rank ? -1 : 1;
    return left->place < right->place ? -1 : left->place > right->place;
}

/* By type, the types in the order in which the first of each can be made; within a type each behind what it needs. */
static void plains_order(Flattening *f, Planning *planning) {
    NodeList order = graph_order(planning->graph);
    uint32_t *ranks = ARENA_ARRAY(f->arena, uint32_t, f->session->schemas.count + 1);
    for (uint32_t i = 0; i < order.count; i++) {
        if (order.items[i] >= f->count)     /* the inside of something, a phase: no resource */
            continue;
        Plain *plain = &f->plains[order.items[i]];
        uint32_t *rank = &ranks[plain->instance->schema->number];
        if (!*rank)
            *rank = i + 1;
        plain->rank = *rank;
        plain->place = i;
    }
    qsort(f->plains, f->count, sizeof *f->plains, plain_order);
}

/* In the layout of `phxc fmt`; 0 after a report. */
static int text_format(Session *session, const Text *text, Text *out) {
    const Source *source = source_add(session->sources, SOURCE_ARGUMENT, STR("the text that was made"), arena_str(session->arena, text_str(text)));
    return format_source(session->arena, session->names, session->diagnostics, source, out);
}

static void secrets_write(const PhxWriter *writer, Text *out) {
    for (uint32_t i = 0; i < writer->secrets.count; i++)
        text_addf(out, "%sparam %.*s: secret string\n", i ? "" : "\n", (int)writer->secrets.items[i].length, writer->secrets.items[i].text);
}

static void head_write(Flattening *f, Str comment, const NamedText *ignores, size_t ignore_count, Text *out) {
    Session *session = f->session;
    if (comment.length)
        text_addf(out, "// %.*s\n", (int)comment.length, comment.text);
    text_add_literal(out, "site ");
    value_print(value_string(f->arena, SPAN_NONE, session->site), 0, out);
    text_addf(out, " edition %lld\n", (long long)session->edition);
    const char *between = "\n";
    for (uint32_t i = 0; i < session->ignores.count; i++) {
        if (session->ignores.items[i].frame != session->site_frame)
            continue;
        text_addf(out, "%s", between);
        write_ignore(session->ignores.items[i].decl, out);
        text_add_char(out, '\n');
        between = "";
    }
    for (size_t i = 0; i < ignore_count; i++) {
        text_addf(out, "%signore %.*s ", between, (int)ignores[i].name.length, ignores[i].name.text);
        value_print(value_string(f->arena, SPAN_NONE, ignores[i].text), 0, out);
        text_add_char(out, '\n');
        between = "";
    }
    secrets_write(&f->writer, out);
    if (f->lets.length)
        text_add_char(out, '\n');
    text_add(out, text_str(&f->lets));
    text_add(out, text_str(&f->profiles));
    text_add(out, text_str(&f->body));
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
    plains_order(&f, planning);
    addresses_name(&f);
    assignments_make(&f);
    flatten_profiles(&f);
    flatten_long_values(&f);
    plains_write(&f);
    outputs_write(&f);
    left_out_write(&f);
    Text text = {0};
    head_write(&f, comment, ignores, ignore_count, &text);
    int sound = diag_errors(session->diagnostics) == errors && text_format(session, &text, out);
    text_fini(&text);
    text_fini(&f.profiles);
    text_fini(&f.lets);
    text_fini(&f.body);
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
    secrets_write(&writer, &head);
    text_add(&head, text_str(&text));
    int sound = diag_errors(session->diagnostics) == errors && text_format(session, &head, out);
    text_fini(&text);
    text_fini(&head);
    return sound;
}
