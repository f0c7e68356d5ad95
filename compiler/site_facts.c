/* Facts of the site: where they are read, and their values. */
#include "compiler/site_facts.h"

#include <stdlib.h>

#include "compiler/facts_store.h"
#include "compiler/inspect.h"
#include "compiler/module.h"
#include "compiler/state.h"
#include "lang/json.h"

typedef struct SiteFact {
    const Decl *decl;
    Binding *binding;
    const Name *name;           /* "load", "gateway/load" */
    Str place;                  /* where it is read */
    int64_t request;            /* -1: it is not read */
} SiteFact;

struct SiteFacts {
    VECTOR(SiteFact *) list;
    int asked;                  /* their sources were asked for */
    uint32_t places;            /* how many places there were then */
    int settling;               /* from then on they may be asked for */
    const Field *values;        /* once they were asked for */
    uint32_t value_count;
};

void site_facts_collect(Session *session) {
    for (uint32_t m = 0; m < session->modules.count; m++) {
        const Module *module = session->modules.items[m];
        for (uint32_t i = 0; i < module->tree->declarations.count; i++) {
            const Decl *decl = module->tree->declarations.items[i];
            Binding *binding = decl->kind == DECL_FACT ? scope_find(module->scope, decl->name.name) : NULL;
            if (!binding || binding->decl != decl)
                continue;
            SiteFact *fact = ARENA_NEW(session->arena, SiteFact);
            Str name = arena_printf(session->arena, "%s%s", module->block->prefix.text, decl->name.name->text);
            *fact = (SiteFact){.decl = decl, .binding = binding, .name = name_intern(session->names, name), .request = -1};
            if (!session->site_facts)
                session->site_facts = ARENA_NEW(session->arena, struct SiteFacts);
            VECTOR_PUSH(session->arena, &session->site_facts->list, fact);
        }
    }
}

int session_wants_facts(const Session *session) {
    return session->site_facts != NULL;
}

/* ---- reading ---- */

/* Was its value given, or is it an expression of its own? Then nothing is read. */
static int is_given(const SiteFact *fact) {
    return fact->binding->thunk.expr || fact->binding->thunk.state == THUNK_DONE;
}

/* 0 after a report. */
static int fact_place(Session *session, SiteFact *fact) {
    const Expr *written = fact->decl->extra->key;
    const Value *place = written ? eval(session, written, fact->binding->frame) : NULL;
    if (place && place->kind == VALUE_POISON)
        return 0;
    if (place && (place->kind != VALUE_REFERENCE || referent_is_group(place->as.reference) || !INSTANCE(place->as.reference)->schema->is_place)) {
        Diagnostic *d = diag_error(session->diagnostics, CODE_PLACE, written->span, "a fact is read on a place of the site");
        diag_help(session->diagnostics, d, "what stands inside of others is not known when facts are read");
        return 0;
    }
    if (!place && session->place_count > 1) {
        Diagnostic *d = diag_error(session->diagnostics, CODE_PLACE, fact->decl->name.span, "the fact `%s` does not say on which place it is read",
                                   fact->decl->name.name->text);
        diag_help(session->diagnostics, d, "the site has %u places: write `from ... on %s` or another", session->place_count,
                  session->place->decl->name.name->text);
        return 0;
    }
    fact->place = place ? place->as.reference->address : session->place ? session->place->head.address : STR("");
    return 1;
}

static void fact_give(const SiteFact *fact, const Value *value) {
    fact->binding->thunk.value = value;
    fact->binding->thunk.state = THUNK_DONE;
}

static void fact_ask(Session *session, SiteFact *fact) {
    const RuleContext context = {0}, *rule = session->rule;
    if (is_given(fact))
        return;
    if (fact_place(session, fact)) {
        session->rule = &context;
        const Value *source = eval(session, fact->decl->extra->given, fact->binding->frame);
        session->rule = rule;
        fact->request = inspection_request(session, fact->place, source, fact->decl->extra->given->span);
    }
    if (fact->request < 0)
        fact_give(fact, value_poison(session->arena, fact->decl->name.span, 0));
}

const ReadRequest *session_fact_reads(Session *session, uint32_t *count) {
    struct SiteFacts *facts = session->site_facts;
    *count = 0;
    if (!facts)
        return NULL;
    uint32_t places;
    session_places(session, &places);
    facts->asked = 1;
    facts->places = session->place_count;
    for (uint32_t i = 0; i < facts->list.count; i++)
        fact_ask(session, facts->list.items[i]);
    return inspection_asks(session, count);
}

void site_facts_check_places(Session *session) {
    const struct SiteFacts *facts = session->site_facts;
    if (!facts || !facts->asked || facts->places == session->place_count)
        return;
    Diagnostic *d = diag_error(session->diagnostics, CODE_PLACE, facts->list.items[0]->decl->name.span,
                               "the site has places that are not known before its facts are read");
    diag_help(session->diagnostics, d, "a site with facts declares its places in its files, not in components");
}

/* ---- values ---- */

static int field_order(const void *a, const void *b) {
    return str_compare(name_str(((const Field *)a)->name), name_str(((const Field *)b)->name));
}

/* Where nothing was read: what stands behind `??`, or a report. */
static const Value *fact_default(Session *session, const SiteFact *fact) {
    const Decl *decl = fact->decl;
    if (decl->value->kind == EXPR_COALESCE)
        return eval(session, decl->value->as.binary.right, fact->binding->frame);
    Diagnostic *d = diag_error(session->diagnostics, CODE_FACT, decl->name.span, "nothing is known of the fact `%s`", fact->name->text);
    diag_note(session->diagnostics, d, "it is read by plan, apply and inspect on a host, and stands in the facts that inspect writes");
    if (fact->binding->frame == session->site_frame)
        diag_help(session->diagnostics, d, "give it with --set %s=VALUE, or a default: `= ... ?? VALUE`", decl->name.name->text);
    else
        diag_help(session->diagnostics, d, "give it a default: `= ... ?? VALUE`");
    return value_poison(session->arena, decl->name.span, 0);
}

static const Value *fact_read(Session *session, const SiteFact *fact) {
    Str problem = STR("");
    const Value *raw = fact->request >= 0 ? inspection_answer(session, (uint32_t)fact->request, &problem) : NULL;
    /* A file that is not there is nothing that was read. */
    if (raw && (raw->kind != VALUE_NONE || fact->decl->value->kind != EXPR_COALESCE))
        return eval(session, fact->decl->value, frame_local(session->arena, fact->binding->frame, session->words.raw, raw));
    if (!problem.length)
        return fact_default(session, fact);
    diag_error(session->diagnostics, CODE_READ, fact->decl->extra->given->span, "the fact `%s` could not be read on %.*s: %.*s", fact->name->text,
               (int)(fact->place.length ? fact->place.length : 5), fact->place.length ? fact->place.text : "local", (int)problem.length, problem.text);
    return value_poison(session->arena, fact->decl->name.span, 0);
}

/* The outline of a facts file keeps deep values as text, so it is read again from where it stands. */
static const Value *fact_recorded(Session *session, const SiteFact *fact, const Value *recorded) {
    const Source *source = source_get(session->sources, recorded->origin.file);
    const Value *text = value_string(session->arena, recorded->origin, source_text(session->sources, recorded->origin));
    const Value *json = json_read_part(session->arena, session->names, session->diagnostics, source, text);
    Use use = {.quiet = 1};
    const Value *value = type_accept(session, fact->binding->type, facts_typed_value(session, fact->binding->type, json), &use);
    if (value)
        return value;
    Text type = {0};
    type_print(fact->binding->type, &type);
    Diagnostic *d = diag_error(session->diagnostics, CODE_FACTS_SHAPE, recorded->origin, "the fact `%s` is recorded as something that is no %s", fact->name->text,
                               type.bytes);
    diag_also(session->diagnostics, d, fact->decl->name.span, "declared here");
    diag_help(session->diagnostics, d, "inspect the host again: the site has changed since");
    text_fini(&type);
    return value_poison(session->arena, recorded->origin, 0);
}

/* A record has the order of its names, wherever it comes from: what is recorded prints like what was read. */
static const Value *value_sorted(Session *session, const Value *value) {
    if (value->kind == VALUE_LIST) {
        const Value **items = ARENA_ARRAY(session->arena, const Value *, value->as.list.count + 1);
        for (uint32_t i = 0; i < value->as.list.count; i++)
            items[i] = value_sorted(session, value->as.list.items[i]);
        return value_list(session->arena, value->origin, items, value->as.list.count);
    }
    if (value->kind != VALUE_RECORD)
        return value;
    const Record *record = value->as.record;
    Field *fields = ARENA_ARRAY(session->arena, Field, record->count + 1);
    for (uint32_t i = 0; i < record->count; i++) {
        fields[i] = record->fields[i];
        fields[i].value = value_sorted(session, record->fields[i].value);
    }
    if (record->count)
        qsort(fields, record->count, sizeof *fields, field_order);
    return value_record(session->arena, value->origin, record->tag, fields, record->count);
}

static void fact_settle(Session *session, const SiteFact *fact) {
    Binding *binding = fact->binding;
    if (is_given(fact))
        return;
    Arena *arena = session_keep(session);
    uint32_t depth = session->depth;
    const RuleContext *rule = session->rule;
    session->depth = 0;
    session->rule = NULL;
    binding->expanding = 1;
    binding->type = type_resolve(session, fact->decl->extra->type, binding->frame);
    const Value *recorded = session->recorded ? record_get(session->recorded, fact->name) : NULL;
    const Value *value = recorded ? fact_recorded(session, fact, recorded) : fact_read(session, fact);
    if (value->kind == VALUE_NONE) {
        Diagnostic *d = diag_error(session->diagnostics, CODE_NO_VALUE, fact->decl->value->span, "the fact `%s` has no value", fact->name->text);
        diag_help(session->diagnostics, d, "`a ?? b` is `b` where `a` is `none`");
        value = value_poison(session->arena, fact->decl->value->span, 0);
    }
    Use use = {.what = arena_printf(session->arena, "the fact `%s`", fact->name->text), .span = fact->decl->name.span};
    if (value->kind != VALUE_POISON)
        value = type_accept(session, binding->type, value_sorted(session, value), &use);
    fact_give(fact, value);
    binding->expanding = 0;
    session->rule = rule;
    session->depth = depth;
    session_restore(session, arena);
}

void site_fact_settle(Session *session, Binding *binding, Span use) {
    struct SiteFacts *facts = session->site_facts;
    const SiteFact *fact = NULL;
    for (uint32_t i = 0; facts && i < facts->list.count; i++)
        if (facts->list.items[i]->binding == binding)
            fact = facts->list.items[i];
    if (fact && facts->settling && !binding->expanding) {
        fact_settle(session, fact);
        return;
    }
    Diagnostic *d = diag_error(session->diagnostics, binding->expanding ? CODE_VALUE_CYCLE : CODE_FACT, use,
                               binding->expanding ? "the fact `%s` needs itself" : "the fact `%s` is not known here", binding->name->text);
    diag_also(session->diagnostics, d, binding->span, "declared here");
    if (!binding->expanding)
        diag_help(session->diagnostics, d, "what is read, and on which places, can't depend on what is read");
    binding->thunk.value = value_poison(session->arena, use, 0);
    binding->thunk.state = THUNK_DONE;
}

void site_facts_settle(Session *session) {
    struct SiteFacts *facts = session->site_facts;
    if (!facts)
        return;
    facts->settling = 1;
    for (uint32_t i = 0; i < facts->list.count; i++)
        fact_settle(session, facts->list.items[i]);
}

const Field *site_facts_values(Session *session, uint32_t *count) {
    struct SiteFacts *facts = session->site_facts;
    *count = 0;
    if (!facts)
        return NULL;
    if (!facts->values) {
        Field *values = ARENA_ARRAY(session->permanent, Field, facts->list.count);
        for (uint32_t i = 0; i < facts->list.count; i++) {
            const SiteFact *fact = facts->list.items[i];
            const Value *value = binding_value(session, fact->binding, fact->decl->name.span);
            if (value->kind != VALUE_POISON)
                values[facts->value_count++] = (Field){fact->name, value, fact->decl->name.span};
        }
        qsort(values, facts->value_count, sizeof *values, field_order);
        facts->values = values;
    }
    *count = facts->value_count;
    return facts->values;
}
