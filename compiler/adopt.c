/* What stands on the hosts and not in the text, as text: collected from the facts, named, and written like any plain declarations. */
#include "compiler/adopt.h"

#include <stdlib.h>

#include "compiler/inspect.h"
#include "compiler/library.h"
#include "compiler/slice.h"

/* ---- which ---- */

/* "pve.lxc", all of "pve", or an identity. */
static int is_meant(const Str wanted, const Schema *schema, Str identity) {
    Str type = name_str(schema->name);
    return str_equal(wanted, identity) || str_equal(wanted, type) ||
           (slice_begins(type, wanted) && type.length > wanted.length && type.text[wanted.length] == '.');
}

static int is_chosen(Adoption *a, const Schema *schema, Str identity) {
    int chosen = !a->options->wanted_count;
    for (size_t i = 0; i < a->options->wanted_count; i++)
        if (is_meant(a->options->wanted[i], schema, identity)) {
            a->options->met[i] = 1;
            chosen = 1;
        }
    return chosen;
}

static int is_named(Adoption *a, const Schema *schema, Str identity) {
    return a->options->wanted_count && is_chosen(a, schema, identity);
}

static void pass_over(Adoption *a, const Schema *schema, Str identity, Str why) {
    Str line = arena_printf(a->arena, "%s %.*s: %.*s", schema->name->text, (int)identity.length, identity.text, (int)why.length, why.text);
    VECTOR_PUSH(a->arena, &a->passed_over, line);
}

static void visit(void *context, Str place, const Schema *schema, Str identity) {
    Adoption *a = context;
    Session *session = a->session;
    if (lookup_get(a->planning->identities, identity_key(session->arena, schema, place, identity)) || !is_chosen(a, schema, identity))
        return;
    Discovery *object = ARENA_NEW(a->arena, Discovery);
    *object = (Discovery){.place = str_keep(session, place), .schema = schema, .identity = str_keep(session, identity)};
    VECTOR_PUSH(a->arena, &a->objects, object);
}

/* ---- what is known of each ---- */

static const Value *ask(Adoption *a, const Discovery *object, Rule rule) {
    RuleContext context = {.schema = object->schema, .have = object->have, .want = object->have,
                           .identity = value_string(a->arena, object->have->origin, object->identity)};
    return rule_eval(a->session, rule, &context);
}

/* 0 where it is not written: it is another site's, or nobody's since the host has it by itself. */
static int object_look(Adoption *a, Discovery *object) {
    object->have = facts_get(a->session->facts, object->place, object->schema, object->identity);
    Ownership ownership = ownership_of(a->session, object->place, object->schema, object->identity, STR(""), object->have);
    if (ownership.owner == OWNER_OTHER_SITE && !is_named(a, object->schema, object->identity)) {
        Stamp stamp = ownership.stamp;
        pass_over(a, object->schema, object->identity,
                  arena_printf(a->arena, "belongs to %.*s of site %.*s; it is written where it is asked for by name", (int)stamp.address.length,
                               stamp.address.text, (int)stamp.site.length, stamp.site.text));
        return 0;
    }
    object->said = ask(a, object, RULE_ADOPT);
    if (object->said && object->said->kind != VALUE_RECORD)
        return 0;
    const Value *called = ask(a, object, RULE_CALLED);
    object->called = called && called->kind == VALUE_STRING && called->as.string.length ? called->as.string : object->identity;
    return 1;
}

static void objects_look(Adoption *a) {
    uint32_t kept = 0;
    a->numbers = lookup_new(a->arena);
    for (uint32_t i = 0; i < a->objects.count; i++)
        if (object_look(a, a->objects.items[i]))
            a->objects.items[kept++] = a->objects.items[i];
    a->objects.count = kept;
    for (uint32_t i = 0; i < kept; i++) {
        Discovery *object = a->objects.items[i];
        object->instance = ARENA_NEW(a->arena, Instance);
        object->instance->schema = object->schema;
        object->instance->frame = object->schema->frame;
        object->instance->identity = object->identity;
        object->instance->number = a->session->instances.count + i;
        *lookup_slot(a->numbers, identity_key(a->arena, object->schema, object->place, object->identity)) = i + 1;
    }
    for (uint32_t i = 0; i < kept; i++)
        adopt_identity(a, i);
}

const Referent *adopt_find(Adoption *a, uint32_t object, const Schema *schema, Str identity) {
    Str key = identity_key(a->arena, schema, a->objects.items[object]->place, identity);
    uint32_t own = lookup_get(a->numbers, key), item = lookup_get(a->planning->identities, key);
    if (own && own - 1 != object && !a->objects.items[own - 1]->left_out.length) {
        Edge edge = {object, own - 1};
        VECTOR_PUSH(a->arena, &a->edges, edge);
        return &a->objects.items[own - 1]->instance->head;
    }
    if (!item || item == UINT32_MAX)
        return NULL;
    const Instance *instance = a->planning->items[item - 1].instance;
    return a->flattening.writer.names[instance->number].length && !instance->absent ? &instance->head : NULL;
}

/* What is left out takes along what can't be said without it; so until no more is. */
static void objects_describe(Adoption *a) {
    uint32_t left_out;
    do {
        left_out = 0;
        a->edges.count = 0;
        for (uint32_t i = 0; i < a->objects.count; i++) {
            Discovery *object = a->objects.items[i];
            if (object->left_out.length)
                continue;
            adopt_attributes(a, i);
            left_out += object->left_out.length > 0;
        }
    } while (left_out);
}

/* ---- the text ---- */

static void plains_make(Adoption *a) {
    Flattening *f = &a->flattening;
    uint32_t *plain_of = ARENA_ARRAY(a->arena, uint32_t, a->objects.count + 1);
    f->plains = ARENA_ARRAY(a->arena, Plain, a->objects.count + 1);
    for (uint32_t i = 0; i < a->objects.count; i++) {
        const Discovery *object = a->objects.items[i];
        if (object->left_out.length) {
            if (!str_equal(object->left_out, STR(" ")))
                pass_over(a, object->schema, object->identity, object->left_out);
            continue;
        }
        Plain *plain = &f->plains[f->count];
        *plain = (Plain){.instance = object->instance, .name = object->name};
        for (uint32_t k = 0; k < object->notes.count; k++)
            VECTOR_PUSH(a->arena, &plain->notes, object->notes.items[k]);
        a->names[object->instance->number] = object->name;
        plain_of[i] = ++f->count;
    }
    Graph *graph = graph_new(a->arena, f->count);
    for (uint32_t i = 0; i < a->edges.count; i++)
        if (plain_of[a->edges.items[i].object] && plain_of[a->edges.items[i].target])
            graph_add(graph, plain_of[a->edges.items[i].object] - 1, plain_of[a->edges.items[i].target] - 1);
    flatten_order(f, graph);
}

static int str_order(const void *a, const void *b) {
    return str_compare(*(const Str *)a, *(const Str *)b);
}

static void passed_over_write(Adoption *a) {
    if (a->passed_over.count)
        qsort(a->passed_over.items, a->passed_over.count, sizeof(Str), str_order);
    for (uint32_t i = 0; i < a->passed_over.count; i++)
        text_addf(&a->flattening.body, "%s//   %.*s\n", i ? "" : "\n// Not written:\n", (int)a->passed_over.items[i].length, a->passed_over.items[i].text);
}

/* What was asked for and is not there. That there is nothing of a type is an answer. */
static void report_unmet(Adoption *a) {
    Session *session = a->session;
    for (size_t i = 0; i < a->options->wanted_count; i++) {
        if (a->options->met[i])
            continue;
        Str wanted = a->options->wanted[i];
        Suggestion suggestion = suggestion_for(wanted);
        int is_type = 0;
        for (uint32_t k = 0; k < session->schemas.count; k++) {
            is_type |= is_meant(wanted, session->schemas.items[k], STR(""));
            schema_suggest(session, session->schemas.items[k], &suggestion);
        }
        if (is_type)
            continue;
        Diagnostic *d = diag_error(session->diagnostics, CODE_NO_SUCH_ADDRESS, SPAN_NONE,
                                   "nothing that is on the hosts and not in the site is called %.*s, and no resource type is", (int)wanted.length, wanted.text);
        suggestion_tell(&suggestion, session->diagnostics, d, SPAN_NONE);
    }
}

void session_survey(Session *session) {
    session->survey = 1;
}

int session_adopt(Session *session, const AdoptOptions *options, uint32_t *count, Text *out) {
    static const PlanOptions everything = {0};
    uint32_t errors = diag_errors(session->diagnostics);
    Adoption a = {.session = session, .arena = session->arena, .options = options};
    *count = 0;
    a.planning = planning_collect(session, &everything);
    if (!a.planning)
        return 0;
    a.flattening = (Flattening){.session = session, .arena = session->arena, .writer = phx_writer(session)};
    a.flattening.writer.secrets_outside = 1;
    for (size_t i = 0; i < options->wanted_count; i++)
        options->met[i] = 0;
    facts_each(session->facts, visit, &a);
    report_unmet(&a);
    adopt_site_names(&a);
    a.flattening.types = adopt_type_names(&a);
    objects_look(&a);
    adopt_names(&a);
    objects_describe(&a);
    plains_make(&a);
    *count = a.flattening.count;
    if (!*count && !a.passed_over.count)
        return diag_errors(session->diagnostics) == errors;
    flatten_addresses(&a.flattening);
    flatten_assignments(&a.flattening);
    flatten_profiles(&a.flattening);
    flatten_long_values(&a.flattening);
    flatten_plains(&a.flattening);
    passed_over_write(&a);
    FlattenHead head = {.comment = options->comment, .is_part = options->is_part, .ignores = options->ignores, .ignore_count = options->ignore_count, .errors = errors};
    return flatten_text(&a.flattening, &head, out);
}
