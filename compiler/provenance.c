/* From resources back to the text: follows every name that a value mentions to where that is declared, and on from there.

   It is followed what is mentioned, not what was computed: of `if a then b else c` both ways count, and of a resource that is referred to all
   that it says. So a place that is missing here has no part in the step; one that is there may have had none. */
#include "compiler/provenance.h"

#include <string.h>

#include "compiler/library.h"
#include "compiler/lookup.h"
#include "compiler/module.h"
#include "compiler/planner.h"

/* How many places of one step are told, the nearest: a chain through a whole site is nothing that anybody reads, and one for each step would
   take as much room as the square of the site. */
enum { LINK_LIMIT = 1000 };

/* What was met and is still to be followed. A list and no recursion: a chain of references may be of any length. */
typedef struct Pending { Binding *binding; Instance *instance; } Pending;

typedef struct Trace {
    Session *session;
    Arena *scratch;             /* of the tables */
    Lookup *places, *visited;
    VECTOR(Pending) pending;
    VECTOR(PlanLink) links;
    const Frame *frame;         /* of the expression that is being followed */
} Trace;

static Trace trace_begin(Session *session) {
    Arena *scratch = arena_open();
    return (Trace){.session = session, .scratch = scratch, .places = lookup_new(scratch), .visited = lookup_new(scratch)};
}

static void binding_follow(Trace *trace, Binding *binding);
static void instance_follow(Trace *trace, Instance *instance);

static PlanLinks trace_end(Trace *trace) {
    for (uint32_t i = 0; i < trace->pending.count && trace->links.count < LINK_LIMIT; i++) {
        Pending next = trace->pending.items[i];
        if (next.binding)
            binding_follow(trace, next.binding);
        else
            instance_follow(trace, next.instance);
    }
    arena_close(trace->scratch);
    return (PlanLinks){trace->links.items, trace->links.count};
}

/* ---- places ---- */

static void link_add(Trace *trace, Span span, const char *what) {
    SourceKind kind = source_get(trace->session->sources, span.file)->kind;
    if (!span.file || span.end <= span.start || (kind != SOURCE_PHX && kind != SOURCE_JSON))
        return;
    uint32_t *seen = lookup_slot(trace->places, arena_printf(trace->scratch, "%u:%u:%u", span.file, span.start, span.end));
    if (*seen)
        return;
    *seen = 1;
    VECTOR_PUSH(trace->session->arena, &trace->links, ((PlanLink){span, what}));
}

/* Is it the first time that this thing is met? */
static int is_new(Trace *trace, const void *thing) {
    uint32_t *seen = lookup_slot(trace->visited, arena_printf(trace->scratch, "%p", thing));
    int first = !*seen;
    *seen = 1;
    return first;
}

/* Where the parts of a value were written: in imported data no expression leads to them. */
static void value_trace(Trace *trace, const Value *value, const char *what) {
    if (source_get(trace->session->sources, value->origin.file)->kind == SOURCE_JSON)
        link_add(trace, value->origin, what);
    for (uint32_t i = 0; value->kind == VALUE_LIST && i < value->as.list.count; i++)
        value_trace(trace, value->as.list.items[i], what);
    for (uint32_t i = 0; value->kind == VALUE_RECORD && i < value->as.record->count; i++)
        value_trace(trace, value->as.record->fields[i].value, what);
}

/* From the beginning of a declaration to that of what stands in it. */
static Span decl_head(const Decl *decl) {
    Span head = decl->span;
    if (decl->extra && decl->extra->body.count && decl->extra->body.items[0]->span.start > head.start)
        head.end = decl->extra->body.items[0]->span.start;
    return head;
}

/* ---- names ---- */

static void binding_trace(Trace *trace, Binding *binding) {
    if (is_new(trace, binding))
        VECTOR_PUSH(trace->scratch, &trace->pending, ((Pending){.binding = binding}));
}

static void instance_trace(Trace *trace, Instance *instance) {
    if (is_new(trace, instance))
        VECTOR_PUSH(trace->scratch, &trace->pending, ((Pending){.instance = instance}));
}

static void referent_trace(Trace *trace, const Referent *referent);
static void names_visit(void *context, const Expr *expr);

static void names_trace(Trace *trace, const Expr *expr, const Frame *frame) {
    const Frame *outer = trace->frame;
    trace->frame = frame;
    if (expr)
        names_visit(trace, expr);
    trace->frame = outer;
}

static void name_trace(Trace *trace, const Name *name) {
    for (const Frame *frame = trace->frame; frame; frame = frame->parent) {
        Binding *binding = frame->kind == FRAME_SCOPE ? scope_find(frame->as.scope, name) : NULL;
        if (frame->kind == FRAME_LOCAL && frame->name == name) {
            link_add(trace, frame->as.value->origin, "value");
            value_trace(trace, frame->as.value, "data");
            if (frame->as.value->kind == VALUE_REFERENCE)
                referent_trace(trace, frame->as.value->as.reference);
            return;
        }
        if (binding) {
            binding_trace(trace, binding);
            return;
        }
    }
}

/* `all(TYPE)` asks all resources of the type. */
static void all_trace(Trace *trace, const Expr *type) {
    const Name *name = dotted_name(trace->session, type);
    const Binding *binding = name ? frame_find_path(trace->session, trace->frame, name) : NULL;
    for (uint32_t i = 0; binding && binding->kind == BINDING_SCHEMA && i < trace->session->instances.count; i++)
        if (trace->session->instances.items[i]->schema == binding->schema)
            instance_trace(trace, trace->session->instances.items[i]);
    for (uint32_t i = 0; binding && binding->kind == BINDING_COMPONENT && i < trace->session->groups.count; i++)
        if (trace->session->groups.items[i]->component == binding)
            referent_trace(trace, &trace->session->groups.items[i]->head);
}

static void names_visit(void *context, const Expr *expr) {
    Trace *trace = context;
    if (expr->kind == EXPR_NAME) {
        name_trace(trace, expr->as.name);
        return;
    }
    /* MODULE.NAME, a dotted name of its own, or a field of something. */
    Binding *binding = expr->kind == EXPR_FIELD ? binding_of(trace->session, expr, trace->frame) : NULL;
    if (binding)
        binding_trace(trace, binding);
    const Expr *callee = expr->kind == EXPR_CALL ? expr->as.call.callee : NULL;
    if (callee && callee->kind == EXPR_NAME && callee->as.name == trace->session->words.all && expr->as.call.arguments->count)
        all_trace(trace, expr->as.call.arguments->items[0].value);
    expr_each(expr, names_visit, trace);
    if (callee)
        names_visit(trace, callee);
}

static void type_trace(Trace *trace, const TypeExpr *type, const Frame *frame) {
    if (!type)
        return;
    Binding *binding = type->name.name ? frame_find_path(trace->session, frame, type->name.name) : NULL;
    if (binding && binding->kind == BINDING_TYPE)
        binding_trace(trace, binding);
    type_trace(trace, type->key, frame);
    type_trace(trace, type->element, frame);
    for (uint32_t i = 0; i < type->argument_count; i++)
        names_trace(trace, type->arguments[i], frame);
    for (uint32_t i = 0; i < type->field_count; i++) {
        type_trace(trace, type->fields[i].type, frame);
        names_trace(trace, type->fields[i].fallback, frame);
        names_trace(trace, type->fields[i].options, frame);
    }
    for (uint32_t i = 0; i < type->member_count; i++)
        type_trace(trace, type->members[i], frame);
}

/* What a declaration says besides its own words. */
static void fields_trace(Trace *trace, const Decl *decl, const Frame *frame) {
    const DeclExtra *extra = decl->extra;
    if (!extra)
        return;
    type_trace(trace, extra->type, frame);
    for (uint32_t i = 0; i < extra->field_count; i++) {
        type_trace(trace, extra->fields[i].type, frame);
        names_trace(trace, extra->fields[i].fallback, frame);
        names_trace(trace, extra->fields[i].options, frame);
    }
}

static void schema_trace(Trace *trace, const Schema *schema) {
    if (!is_new(trace, schema))
        return;
    schema_ready(trace->session, schema);
    link_add(trace, schema->decl->span, "schema");
    fields_trace(trace, schema->decl, schema->frame);
    /* What comes before whom changes no step. */
    for (Rule rule = 0; rule < RULE_COUNT; rule++)
        if (rule != RULE_AFTER)
            names_trace(trace, schema->rules[rule], schema->frame);
}

static void module_trace(Trace *trace, const Module *module) {
    for (; module && is_new(trace, module); module = module->importer)
        if (module->import)
            link_add(trace, module->import->span, "module");
}

/* The modules that a file is; one, but for a file that was imported with several arguments. */
static void file_trace(Trace *trace, uint32_t file) {
    for (uint32_t i = 0; i < trace->session->modules.count; i++)
        if (trace->session->modules.items[i]->tree->source->number == file)
            module_trace(trace, trace->session->modules.items[i]);
}

/* Its members stand in the builder until somebody asks for all of them. */
static void family_trace(Trace *trace, const Binding *binding) {
    const Record *members = binding->members && binding->members->kind == VALUE_RECORD ? binding->members->as.record : NULL;
    const Field *fields = members ? members->fields : binding->family ? binding->family->fields.items : NULL;
    uint32_t count = members ? members->count : binding->family ? binding->family->fields.count : 0;
    for (uint32_t i = 0; i < count; i++)
        if (fields[i].value->kind == VALUE_REFERENCE)
            referent_trace(trace, fields[i].value->as.reference);
}

static void binding_follow(Trace *trace, Binding *binding) {
    const Decl *decl = binding->decl;
    file_trace(trace, binding->span.file);
    switch ((BindingKind)binding->kind) {
    case BINDING_VALUE:
        link_add(trace, decl ? decl->span : binding->span, decl ? "declaration" : "parameter");
        if (binding->thunk.expr)
            link_add(trace, binding->thunk.expr->span, "value");
        names_trace(trace, binding->thunk.expr, binding->thunk.frame);
        if (decl)
            fields_trace(trace, decl, binding->frame);
        break;
    case BINDING_FUNCTION:
        link_add(trace, decl->span, "function");
        fields_trace(trace, decl, binding->frame);
        names_trace(trace, decl->value, binding->frame);
        for (uint32_t i = 0; i < decl->extra->body.count; i++)
            names_trace(trace, decl->extra->body.items[i]->value, binding->frame);
        break;
    case BINDING_TYPE:
        link_add(trace, decl->span, "type");
        fields_trace(trace, decl, binding->frame);
        names_trace(trace, decl->value, binding->frame);
        break;
    case BINDING_RESOURCE:
        if (binding->referent)
            referent_trace(trace, binding->referent);
        else
            link_add(trace, decl->span, "resource");
        break;
    case BINDING_FAMILY:
        link_add(trace, decl_head(decl), "resource");
        family_trace(trace, binding);
        break;
    case BINDING_SCHEMA: schema_trace(trace, binding->schema); break;
    case BINDING_COMPONENT:
        link_add(trace, decl_head(decl), "component");
        fields_trace(trace, decl, binding->frame);
        break;
    case BINDING_PROFILE:
        link_add(trace, decl_head(decl), "profile");
        break;
    case BINDING_MODULE:
        if (decl)
            link_add(trace, decl->span, "module");
        break;
    }
}

/* ---- what a resource stands in ---- */

typedef struct Around { const Decl *decl; const struct Around *outer; } Around;

/* Links the heads of the declarations around [wanted]; 0 where it does not stand in these. */
static int around_trace(Trace *trace, const DeclList *list, const Decl *wanted, const Frame *frame, const Around *around) {
    for (uint32_t i = 0; i < list->count; i++) {
        const Decl *decl = list->items[i];
        if (decl == wanted) {
            for (; around; around = around->outer) {
                DeclKind kind = (DeclKind)around->decl->kind;
                link_add(trace, decl_head(around->decl), kind == DECL_FOR ? "loop" : kind == DECL_IF ? "condition" : kind == DECL_PHASE ? "phase" : "around");
                names_trace(trace, around->decl->value, frame);
                if (around->decl->extra->generator) {
                    names_trace(trace, around->decl->extra->generator->collection, frame);
                    names_trace(trace, around->decl->extra->generator->condition, frame);
                }
            }
            return 1;
        }
        if (!decl->extra || decl->span.start > wanted->span.start || decl->span.end < wanted->span.end)
            continue;
        Around here = {decl, around};
        if (around_trace(trace, &decl->extra->body, wanted, frame, &here) || around_trace(trace, &decl->extra->otherwise, wanted, frame, &here))
            return 1;
    }
    return 0;
}

static void surroundings_trace(Trace *trace, const Decl *decl, const Frame *frame) {
    for (uint32_t i = 0; i < trace->session->modules.count; i++) {
        const Module *module = trace->session->modules.items[i];
        if (module->tree->source->number == decl->span.file)
            around_trace(trace, &module->tree->declarations, decl, frame, NULL);
    }
    file_trace(trace, decl->span.file);
    /* `net.web x { }`: the name of a module is part of that of the type. */
    Binding *target = decl->extra ? frame_find_path(trace->session, frame, decl->extra->target.name) : NULL;
    if (target)
        binding_trace(trace, target);
}

static void group_trace(Trace *trace, const Group *group) {
    if (!is_new(trace, group))
        return;
    link_add(trace, group->decl->span, "resource");
    if (source_get(trace->session->sources, group->origin.file)->kind == SOURCE_JSON)
        link_add(trace, group->origin, "data");
    surroundings_trace(trace, group->decl, group->frame);
    names_trace(trace, group->decl->extra->key, group->frame);
    for (uint32_t i = 0; i < group->component->decl->extra->field_count; i++) {
        Binding *parameter = scope_find(group->scope, group->component->decl->extra->fields[i].name.name);
        if (parameter && parameter->kind == BINDING_VALUE)
            binding_trace(trace, parameter);
    }
    binding_trace(trace, group->component);
}

/* What is asked of a component are its outputs, and these of what stands in it. */
static void referent_trace(Trace *trace, const Referent *referent) {
    if (!referent_is_group(referent)) {
        instance_trace(trace, INSTANCE(referent));
        return;
    }
    const Group *group = GROUP(referent);
    int first = is_new(trace, &group->first);
    group_trace(trace, group);
    for (uint32_t i = 0; first && group->outputs && i < scope_count(group->outputs); i++) {
        const Name *name;
        binding_trace(trace, scope_at(group->outputs, i, &name));
    }
    for (uint32_t i = group->first; first && i < group->last && i < trace->session->instances.count; i++)
        if (trace->session->instances.items[i]->home.group == group)
            instance_trace(trace, trace->session->instances.items[i]);
}

static void home_trace(Trace *trace, const BlockHome *home) {
    for (const Group *group = home->group; group; group = group->home.group)
        group_trace(trace, group);
    if (home->phase)
        link_add(trace, decl_head(home->phase->decl), "phase");
    if (home->inside)
        instance_trace(trace, home->inside);
}

/* ---- resources ---- */

static const Binding *profile_of(const Trace *trace, Span place) {
    for (uint32_t i = 0; i < trace->session->modules.count; i++) {
        const Module *module = trace->session->modules.items[i];
        for (uint32_t k = 0; module->tree->source->number == place.file && k < module->tree->declarations.count; k++) {
            const Decl *decl = module->tree->declarations.items[k];
            if (decl->kind == DECL_PROFILE && decl->span.start <= place.start && place.end <= decl->span.end)
                return scope_find(module->scope, decl->name.name);
        }
    }
    return NULL;
}

static void slot_trace(Trace *trace, Slot *slot) {
    const Expr *expr = slot->thunk.expr;
    const Value *value = slot_value(trace->session, slot);
    int whole = expr && slot->name_span->file == expr->span.file && slot->name_span->start <= expr->span.start;
    link_add(trace, whole ? span_join(*slot->name_span, expr->span) : *slot->name_span, "attribute");
    if (expr && !whole)
        link_add(trace, expr->span, "value");
    names_trace(trace, expr, slot->thunk.frame);
    if (value)
        value_trace(trace, value, "data");
    const Binding *profile = profile_of(trace, *slot->name_span);
    if (profile)
        link_add(trace, decl_head(profile->decl), "profile");
}

static void instance_follow(Trace *trace, Instance *instance) {
    link_add(trace, instance->decl->span, "resource");
    if (source_get(trace->session->sources, instance->origin.file)->kind == SOURCE_JSON)
        link_add(trace, instance->origin, "data");
    for (uint32_t i = 0; i < instance->slot_count; i++)
        slot_trace(trace, &instance->slots[i]);
    /* What comes before whom changes no step; but a check stands in a plan for the sake of what is around it. */
    for (uint32_t i = 0; i < instance->meta_count; i++)
        if (instance->meta[i].meta != META_AFTER || instance->schema->rules[RULE_GATE])
            names_trace(trace, instance->meta[i].thunk.expr, instance->meta[i].thunk.frame);
    if (instance->decl->extra)
        names_trace(trace, instance->decl->extra->key, instance->frame);
    surroundings_trace(trace, instance->decl, instance->frame);
    home_trace(trace, &instance->home);
    schema_trace(trace, instance->schema);
    Instance *place = instance_place(trace->session, instance);
    if (place)
        instance_trace(trace, place);
}

/* A guest is made ready for what stands in it, and a check stands in a plan for the sake of those that wait for it. */
static void dependants_trace(Trace *trace, Instance *instance) {
    int gates = instance->schema->rules[RULE_GATE] != NULL;
    for (uint32_t i = 0; (instance->hosts || gates) && i < trace->session->instances.count; i++) {
        Instance *other = trace->session->instances.items[i];
        InstanceList needs = gates ? instance_needs(trace->session, other) : (InstanceList){0};
        int concerned = other != instance && instance_place(trace->session, other) == instance;
        for (uint32_t k = 0; k < needs.count; k++)
            concerned |= needs.items[k] == instance;
        if (concerned)
            link_add(trace, other->decl->span, "dependant");
    }
}

PlanLinks provenance_of_instance(Session *session, Instance *instance) {
    Trace trace = trace_begin(session);
    instance_trace(&trace, instance);
    dependants_trace(&trace, instance);
    /* Its name stands in every stamp, and in the path of the index of names. */
    const Module *main = session->modules.count ? session->modules.items[0] : NULL;
    for (uint32_t i = 0; main && i < main->tree->declarations.count; i++)
        if (main->tree->declarations.items[i]->kind == DECL_SITE)
            link_add(&trace, main->tree->declarations.items[i]->span, "site");
    return trace_end(&trace);
}

PlanLinks provenance_of_attribute(Session *session, Instance *instance, Str attribute) {
    Trace trace = trace_begin(session);
    const char *dot = attribute.length ? memchr(attribute.text, '.', attribute.length) : NULL;
    Str name = {attribute.text, dot ? (size_t)(dot - attribute.text) : attribute.length};
    for (uint32_t i = 0; i < instance->slot_count; i++)
        if (str_equal(slot_name(session, &instance->slots[i]), name))
            slot_trace(&trace, &instance->slots[i]);
    return trace_end(&trace);
}

void session_plan_provenance(Session *session) {
    Planning *planning = session->planning;
    for (uint32_t i = 0; i < planning->made.count; i++) {
        Step *step = planning->made.items[i];
        const Item *item = step->subject;
        /* What is no longer in the text comes from no place in it. */
        if (item->is_orphan)
            continue;
        work_more(session, step)->provenance = provenance_of_instance(session, item->instance);
        for (uint32_t k = 0; k < step->change_count; k++)
            step->changes[k].provenance = provenance_of_attribute(session, item->instance, step->changes[k].attribute);
    }
}
