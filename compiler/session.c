/* A session: opened with the library, given a site, checked from text to resources. */
#include "compiler/session.h"

#include <stdlib.h>

#include "compiler/call.h"
#include "compiler/checks.h"
#include "compiler/findings.h"
#include "compiler/library.h"
#include "compiler/lookup.h"
#include "compiler/module.h"
#include "compiler/nest.h"
#include "compiler/regexp.h"
#include "compiler/site_facts.h"
#include "compiler/state.h"
#include "lang/parse.h"

static void words_intern(Session *session) {
    Words *w = &session->words;
#define WORD(constant, text) w->constant = name_intern(session->names, STR(text));
#include "compiler/words.def"
#undef WORD
}

Session *session_open(const SessionOptions *options) {
    Arena *arena = arena_open();
    Session *session = ARENA_NEW(arena, Session);
    session->arena = session->permanent = arena;
    session->scratch = arena_open();
    session->names = names_new(arena);
    session->sources = sources_new(arena);
    session->diagnostics = diagnostics_new(arena, session->sources);
    session->options = *options;
    session->suspension = value_poison(arena, SPAN_NONE, 0);
    words_intern(session);
    library_declare(session);
    if (options->check_stdlib)
        library_check(session);
    return session;
}

void session_close(Session *session) {
    regexps_close(session);
    arena_close(session->scratch);
    arena_close(session->permanent);
}

Diagnostics *session_diagnostics(Session *session) {
    return session->diagnostics;
}

Arena *session_arena(Session *session) {
    return session->arena;
}

Names *session_names(Session *session) {
    return session->names;
}

Str session_site(const Session *session) {
    return session->site;
}

uint32_t session_resource_count(const Session *session) {
    return session->instances.count;
}

const Source *session_source(Session *session, SourceKind kind, Str name, Str bytes) {
    return source_add(session->sources, kind, name, bytes);
}

static int compare_str(const void *a, const void *b) {
    return str_compare(*(const Str *)a, *(const Str *)b);
}

const Str *session_places(Session *session, uint32_t *count) {
    for (uint32_t i = 0; i < session->modules.count && !session->expanded; i++)
        block_expand_places(session, session->modules.items[i]->block);
    Str *places = ARENA_ARRAY(session->arena, Str, session->place_count + 1);
    *count = 0;
    for (uint32_t i = 0; i < session->instances.count && *count < session->place_count; i++)
        if (session->instances.items[i]->schema->is_place)
            places[(*count)++] = session->instances.items[i]->head.address;
    if (*count == 0)
        places[(*count)++] = STR("");
    qsort(places, *count, sizeof *places, compare_str);
    return places;
}

/* ---- the check ---- */

/* Every `let` and `output` is evaluated, used or not: an unused mistake is a mistake. */
static void scope_force(Session *session, const Scope *scope) {
    for (uint32_t i = 0; i < scope_count(scope); i++) {
        const Name *name;
        Binding *binding = scope_at(scope, i, &name);
        if (binding->kind == BINDING_VALUE && (binding->thunk.expr || binding->thunk.state == THUNK_DONE))
            binding_value(session, binding, binding->span);
    }
}

/* A resource whose required attribute was left out can't be made. */
static void instance_force(Session *session, Instance *instance) {
    instance_flatten(session, instance);
    for (uint32_t i = 0; i < instance->slot_count; i++) {
        Slot *slot = &instance->slots[i];
        const Value *value = slot_value(session, slot);
        if (!value && !slot->attribute->optional && !slot->attribute->fallback) {
            if (slot->thunk.value->kind == VALUE_POISON)
                instance->left_out = 1;
            else {
                Diagnostic *d = diag_error(session->diagnostics, CODE_MISSING_ATTRIBUTE, slot->thunk.expr->span, "`%s` has no value here", slot->attribute->name->text);
                diag_also(session->diagnostics, d, slot->attribute->span, "it is required");
            }
        }
    }
    for (int meta = 0; meta < META_COUNT; meta++)
        instance_meta(session, instance, (Meta)meta);
}

enum { PLACE_DEPTH = 16 };      /* what stands in each other deeper than this stands in itself */

/* Notes that something stands on a place, and that place on another; 0 after the report of a circle. */
static int place_note(Session *session, Instance *instance) {
    Instance *place = instance_place(session, instance);
    if (!session->hosts)
        session->hosts = lookup_new(session->arena);
    /* Also where nothing stands on it: there may be what should be elsewhere, or nowhere. */
    if (instance->schema->is_place)
        *lookup_slot(session->hosts, instance->head.address) = instance->number + 1;
    for (int depth = 0; place && place != instance; depth++) {
        if (depth == PLACE_DEPTH) {
            diag_error(session->diagnostics, CODE_PLACE, instance->origin, "%.*s stands on something that stands on itself",
                       (int)instance->head.address.length, instance->head.address.text);
            return 0;
        }
        if (place->hosts)
            break;
        place->hosts = 1;
        *lookup_slot(session->hosts, place->head.address) = place->number + 1;
        instance = place;
        place = instance_place(session, place);
    }
    return 1;
}

static void place_check(Session *session, Instance *instance) {
    if (!place_note(session, instance) || instance->schema->is_place || session->place_count < 2 || instance_place(session, instance))
        return;
    Diagnostic *d = diag_error(session->diagnostics, CODE_PLACE, instance->origin, "%s does not say on which place it stands", instance->head.address.text);
    diag_help(session->diagnostics, d, "the site has %u places: write `on = %s` or another", session->place_count,
              session->place->decl->name.name->text);
}

int site_parse(Session *session, Str path) {
    if (session->modules.count)
        return session->site_module != NULL;
    Module *site = modules_load_site(session, path);
    for (uint32_t i = 0; i < session->modules.count; i++)
        if (session->modules.items[i]->tree->broken)
            return 0;   /* half a tree would call every second name unknown */
    session->site_module = site;
    return site != NULL;
}

static int site_load(Session *session, Str path) {
    if (session->loaded)
        return 1;
    if (!site_parse(session, path))
        return 0;
    session->loaded = 1;
    modules_complete(session);
    for (uint32_t i = 0; i < session->modules.count; i++)
        names_check(session, session->modules.items[i]);
    modules_load_data(session);
    site_facts_collect(session);
    return 1;
}

int session_load(Session *session, Str path) {
    return site_load(session, path) && diag_errors(session->diagnostics) == 0;
}

int session_check(Session *session, Str path) {
    if (!site_load(session, path))
        return 0;
    const Module *site = session->site_module;
    site_facts_settle(session);
    for (uint32_t i = 0; i < session->modules.count; i++)
        block_expand(session, session->modules.items[i]->block);
    session->expanded = 1;
    site_facts_check_places(session);
    for (uint32_t i = 0; i < site->tree->declarations.count; i++) {
        LintRun output = {site->tree->declarations.items[i], site->frame};
        if (output.decl->kind == DECL_OUTPUT)
            VECTOR_PUSH(session->arena, &session->outputs, output);
    }
    for (uint32_t i = 0; i < session->instances.count; i++)
        instance_force(session, session->instances.items[i]);
    for (uint32_t i = 0; i < session->modules.count; i++) {
        scope_force(session, session->modules.items[i]->scope);
        scope_force(session, session->modules.items[i]->block->outputs);
    }
    for (uint32_t i = 0; i < session->groups.count; i++) {
        scope_force(session, session->groups.items[i]->scope);
        scope_force(session, session->groups.items[i]->outputs);
    }
    for (uint32_t i = 0; i < session->instances.count; i++) {
        Instance *instance = session->instances.items[i];
        place_check(session, instance);
        if (!instance->left_out && !instance_identity(session, instance).length)
            instance->left_out = 1;
    }
    findings_check_options(session);
    for (uint32_t i = 0; i < session->phases.count; i++)
        phase_each_before(session, session->phases.items[i], NULL, NULL);
    checks_run(session);
    /* Whatever looks at the whole site is done: what follows takes its resources one by one, and needs little at a time. */
    arena_close(session->scratch);
    session->scratch = arena_open();
    return diag_errors(session->diagnostics) == 0;
}

/* ---- questions ---- */

const Value *session_eval(Session *session, Str expression) {
    const Source *source = source_add(session->sources, SOURCE_ARGUMENT, STR("expression"), expression);
    const Expr *expr = parse_expression(session->arena, session->names, session->diagnostics, source);
    if (!expr)
        return NULL;
    Module module = {.frame = session->site_frame ? session->site_frame : session->prelude_frame};
    names_check_expression(session, &module, expr);
    if (diag_errors(session->diagnostics))
        return NULL;
    session->expanded = 1;
    const Value *value = eval(session, expr, module.frame);
    return diag_errors(session->diagnostics) ? NULL : value;
}
