/* Resources with their names and values to declarations. */
#include <stdlib.h>

#include "compiler/flatten.h"
#include "compiler/planner.h"
#include "compiler/slice.h"
#include "lang/format.h"

enum { ONE_LINE_MOST = 5 };     /* attributes of a resource that stands in one line */

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

void flatten_addresses(Flattening *f) {
    for (uint32_t i = 0; i < f->count; i++) {
        Instance *instance = f->plains[i].instance;
        for (uint32_t k = 0; k < instance->slot_count; k++) {
            const Value *value = slot_value(f->session, &instance->slots[k]);
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

void flatten_assignments(Flattening *f) {
    Lookup *kinds = lookup_new(f->arena);
    for (uint32_t i = 0; i < f->count; i++) {
        Plain *plain = &f->plains[i];
        Instance *instance = plain->instance;
        for (uint32_t k = 0; k < instance->slot_count; k++) {
            const Value *value = slot_value(f->session, &instance->slots[k]);
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

/* What the resource has and its text does not say. */
static uint32_t write_notes(const Plain *plain, Text *out) {
    for (uint32_t i = 0; i < plain->notes.count; i++)
        text_addf(out, "  // %.*s\n", (int)plain->notes.items[i].length, plain->notes.items[i].text);
    return plain->notes.count;
}

/* How long the resource would be in one line, or SIZE_MAX where it should not stand in one. */
static size_t plain_length(const Flattening *f, const Plain *plain) {
    size_t length = flatten_type(f, plain->instance->schema).length + plain->name.length + 4 + (plain->profile.length ? plain->profile.length + 6 : 0) +
                    (plain->instance->absent ? 7 : 0);
    for (uint32_t i = 0; i < plain->assignments.count; i++) {
        const Assignment *assignment = &plain->assignments.items[i];
        Str let = f->kinds.items[assignment->kind].let;
        if (!let.length && phx_is_block(assignment->value))
            return SIZE_MAX;
        length += assignment->name.length + (let.length ? let.length : assignment->text.length) + 5;
    }
    return plain->assignments.count > ONE_LINE_MOST || plain->notes.count ? SIZE_MAX : length;
}

Str flatten_type(const Flattening *f, const Schema *schema) {
    return f->types && f->types[schema->number].length ? f->types[schema->number] : name_str(schema->name);
}

static void plain_write(Flattening *f, const Plain *plain, int one_line) {
    Text *out = &f->body;
    Text ignores = {0};
    one_line &= !(write_ignores(plain->instance, &ignores) + write_notes(plain, &ignores));
    Str type = flatten_type(f, plain->instance->schema);
    text_addf(out, "%s%.*s %.*s {", plain->instance->absent ? "absent " : "", (int)type.length, type.text, (int)plain->name.length, plain->name.text);
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

void flatten_plains(Flattening *f) {
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

/* ---- order ---- */

static int plain_order(const void *a, const void *b) {
    const Plain *left = a, *right = b;
    if (left->rank != right->rank)
        return left->rank < right->rank ? -1 : 1;
    return left->place < right->place ? -1 : left->place > right->place;
}

void flatten_order(Flattening *f, Graph *graph) {
    NodeList order = graph_order(graph);
    uint32_t *ranks = ARENA_ARRAY(f->arena, uint32_t, f->session->schemas.count + 1);
    for (uint32_t i = 0; i < order.count; i++) {
        if (order.items[i] >= f->count)
            continue;           /* the inside of something, a phase: no resource */
        Plain *plain = &f->plains[order.items[i]];
        uint32_t *rank = &ranks[plain->instance->schema->number];
        *rank = i + 1;
        plain->place = i;
    }
    for (uint32_t i = 0; i < f->count; i++)
        f->plains[i].rank = ranks[f->plains[i].instance->schema->number];
    qsort(f->plains, f->count, sizeof *f->plains, plain_order);
}

/* ---- the whole ---- */

int flatten_layout(Session *session, const Text *text, Text *out) {
    const Source *source = source_add(session->sources, SOURCE_ARGUMENT, STR("the text that was made"), arena_str(session->arena, text_str(text)));
    return format_source(session->arena, session->names, session->diagnostics, source, out);
}

static void write_secret_outside(Str name, Text *out) {
    text_addf(out, "secret %.*s: string from env \"", (int)name.length, name.text);
    for (size_t i = 0; i < name.length; i++)
        text_add_char(out, name.text[i] >= 'a' && name.text[i] <= 'z' ? (char)(name.text[i] - 'a' + 'A') : name.text[i]);
    text_add_literal(out, "\"\n");
}

void flatten_secrets(const PhxWriter *writer, Text *out) {
    if (writer->secrets.count)
        text_add_char(out, '\n');
    for (uint32_t i = 0; i < writer->secrets.count; i++) {
        Str name = writer->secrets.items[i];
        if (writer->secrets_outside)
            write_secret_outside(name, out);
        else
            text_addf(out, "param %.*s: secret string\n", (int)name.length, name.text);
    }
}

/* The line that begins a site, and what the site itself ignores. */
static const char *write_site(const Flattening *f, Text *out) {
    const Session *session = f->session;
    const char *between = "\n";
    text_add_literal(out, "site ");
    value_print(value_string(f->arena, SPAN_NONE, session->site), 0, out);
    text_addf(out, " edition %lld\n", (long long)session->edition);
    for (uint32_t i = 0; i < session->ignores.count; i++) {
        if (session->ignores.items[i].frame != session->site_frame)
            continue;
        text_addf(out, "%s", between);
        write_ignore(session->ignores.items[i].decl, out);
        text_add_char(out, '\n');
        between = "";
    }
    return between;
}

static void write_comment(Str comment, Text *out) {
    Str line;
    while (slice_next_line(&comment, &line))
        text_addf(out, "// %.*s\n", (int)line.length, line.text);
}

int flatten_text(Flattening *f, const FlattenHead *head, Text *out) {
    Text text = {0};
    write_comment(head->comment, &text);
    const char *between = head->is_part ? "\n" : write_site(f, &text);
    for (size_t i = 0; i < head->ignore_count; i++) {
        text_addf(&text, "%signore %.*s ", between, (int)head->ignores[i].name.length, head->ignores[i].name.text);
        value_print(value_string(f->arena, SPAN_NONE, head->ignores[i].text), 0, &text);
        text_add_char(&text, '\n');
        between = "";
    }
    flatten_secrets(&f->writer, &text);
    if (f->lets.length)
        text_add_char(&text, '\n');
    text_add(&text, text_str(&f->lets));
    text_add(&text, text_str(&f->profiles));
    text_add(&text, text_str(&f->body));
    int sound = diag_errors(f->session->diagnostics) == head->errors && flatten_layout(f->session, &text, out);
    text_fini(&text);
    text_fini(&f->profiles);
    text_fini(&f->lets);
    text_fini(&f->body);
    return sound;
}
