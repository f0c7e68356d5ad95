/* `phxc why ADDR.ATTR`: where a value was written, and through what it came. */
#include <string.h>

#include "compiler/lookup.h"
#include "compiler/module.h"
#include "compiler/state.h"
#include "lang/snippet.h"

static void why_place(Session *session, const char *what, Span span, Text *out) {
    const Source *source = source_get(session->sources, span.file);
    if (!span.file)
        return;
    if (source->kind == SOURCE_HOST) {
        uint32_t line = source_position(session->sources, span).line;
        text_addf(out, "  %s on host %.*s", what, (int)source->name.length, source->name.text);
        if (line)
            text_addf(out, ":%u", line);
        text_add_char(out, '\n');
        return;
    }
    Position position = source_position(session->sources, span);
    Str line = source_line(session->sources, source, position.line);
    while (line.length && (line.text[0] == ' ' || line.text[0] == '\t'))
        line = (Str){line.text + 1, line.length - 1};
    text_addf(out, "  %s %.*s:%u:%u: ", what, (int)source->name.length, source->name.text, position.line, position.column);
    enum { SHOWN = 120 };
    if (line.length > SHOWN)
        line.length = SHOWN;
    source_show(session->sources, source, line, out);
    text_add_char(out, '\n');
}

/* How far back the chain is followed, and how many names of it are told. */
enum { CHAIN_DEEPEST = 6, CHAIN_LONGEST = 40 };

typedef struct Chain {
    Session *session;
    const Frame *frame;
    Text *out;
    Lookup *told;               /* places: what two ways lead to is told once */
    uint32_t depth, count;
} Chain;

static void why_value(Chain *chain, Binding *binding);

/* What a loop's variable or a parameter stands for here; NULL where the name is none. */
static const Value *frame_local_value(const Frame *frame, const Name *name) {
    for (; frame; frame = frame->parent) {
        if (frame->kind == FRAME_LOCAL && frame->name == name)
            return frame->as.value;
        if (frame->kind == FRAME_SCOPE && scope_find(frame->as.scope, name))
            return NULL;
    }
    return NULL;
}

/* Is it the first way on which this place is met? */
static int chain_enter(Chain *chain, Span span) {
    if (!span.file || chain->count == CHAIN_LONGEST)
        return 0;
    uint32_t *told = lookup_slot(chain->told, arena_printf(chain->session->arena, "%u:%u", span.file, span.start));
    if (*told)
        return 0;
    *told = 1;
    chain->count++;
    text_add_repeat(chain->out, ' ', (size_t)chain->depth * 2);
    return 1;
}

/* The names that an expression mentions, each with where it is declared, and the names that these are made of. */
static void why_names(void *context, const Expr *expr) {
    Chain *chain = context;
    if (expr->kind != EXPR_NAME) {
        expr_each(expr, why_names, chain);
        return;
    }
    const Value *local = frame_local_value(chain->frame, expr->as.name);
    if (local && chain_enter(chain, local->origin))
        why_place(chain->session, arena_printf(chain->session->arena, "`%s` is here what stands at", expr->as.name->text).text, local->origin, chain->out);
    Binding *binding = local ? NULL : frame_find(chain->frame, expr->as.name);
    if (!binding || !chain_enter(chain, binding->span))
        return;
    why_place(chain->session, arena_printf(chain->session->arena, "`%s` is declared at", expr->as.name->text).text, binding->span, chain->out);
    why_value(chain, binding);
}

static void why_value(Chain *chain, Binding *binding) {
    if (binding->kind != BINDING_VALUE || !binding->thunk.expr || chain->depth == CHAIN_DEEPEST)
        return;
    const Frame *frame = chain->frame;
    chain->frame = binding->thunk.frame;
    chain->depth++;
    why_names(chain, binding->thunk.expr);
    chain->depth--;
    chain->frame = frame;
}

/* The resource of this address; or the one of whose attribute it is the address, with the attribute in *attribute. */
static Instance *why_find(Session *session, Str address, Str *attribute) {
    Instance *best = NULL;
    for (uint32_t i = 0; i < session->instances.count; i++) {
        Str own = session->instances.items[i]->head.address;
        if (str_equal(own, address)) {
            *attribute = STR("");
            return session->instances.items[i];
        }
        if (own.length < address.length && address.text[own.length] == '.' && !memcmp(own.text, address.text, own.length) &&
            (!best || own.length > best->head.address.length))
            best = session->instances.items[i];
    }
    if (best)
        *attribute = (Str){address.text + best->head.address.length + 1, address.length - best->head.address.length - 1};
    return best;
}

static void why_unwritten(Session *session, const Instance *instance, const TypeField *attribute, Text *out) {
    text_addf(out, "%s does not write `%s`: it is unmanaged, and whatever the host has stays\n", instance->head.address.text, attribute->name->text);
    if (attribute->host_default) {
        text_addf(out, "  where the host says nothing it means ");
        value_print(attribute->host_default, 80, out);
        text_add_char(out, '\n');
    }
    why_place(session, "the resource stands at", instance->decl->name.span, out);
}

/* The profile in which the place lies, or NULL. */
static const Binding *profile_around(Session *session, Span place) {
    for (uint32_t i = 0; i < session->modules.count; i++)
        for (uint32_t k = 0; k < scope_count(session->modules.items[i]->scope); k++) {
            const Name *name;
            const Binding *binding = scope_at(session->modules.items[i]->scope, k, &name);
            Span body = binding->decl ? binding->decl->span : SPAN_NONE;
            if (binding->kind == BINDING_PROFILE && body.file == place.file && body.start <= place.start && place.end <= body.end)
                return binding;
        }
    return NULL;
}

/* Every attribute with its value and where it was written: what each comes from can be asked next. */
static void why_resource(Session *session, Instance *instance, Text *out) {
    text_addf(out, "%.*s is the %s %.*s\n", (int)instance->head.address.length, instance->head.address.text, instance->schema->name->text,
              (int)instance->identity.length, instance->identity.text);
    why_place(session, "declared at", instance->decl->name.span, out);
    for (uint32_t i = 0; i < instance->slot_count; i++) {
        const Slot *slot = &instance->slots[i];
        const Value *value = slot_value(session, &instance->slots[i]);
        if (!value)
            continue;
        Str name = slot_name(session, slot);
        Position position = source_position(session->sources, *slot->name_span);
        text_addf(out, "  %.*s = ", (int)name.length, name.text);
        value_print(value, 80, out);
        text_addf(out, "  (%.*s:%u:%u)\n", (int)source_get(session->sources, slot->name_span->file)->name.length,
                  source_get(session->sources, slot->name_span->file)->name.text, position.line, position.column);
    }
    InstanceList needs = instance_needs(session, instance);
    for (uint32_t i = 0; i < needs.count; i++)
        text_addf(out, "  needs %.*s\n", (int)needs.items[i]->head.address.length, needs.items[i]->head.address.text);
}

/* What is written for one field of a record; of everything else the whole. */
static const Expr *expr_field(const Expr *expr, const Name *name) {
    for (uint32_t i = 0; expr->kind == EXPR_RECORD && i < expr->as.record.count; i++)
        if (expr->as.record.items[i].name == name)
            return expr->as.record.items[i].value;
    return expr;
}

int session_why(Session *session, Str address, Text *out) {
    Str rest;
    Instance *instance = why_find(session, address, &rest);
    if (!instance) {
        Suggestion suggestion = suggestion_for(address);
        for (uint32_t i = 0; i < session->instances.count; i++)
            suggestion_offer(&suggestion, session->instances.items[i]->head.address);
        text_addf(out, "no resource of the site begins `%.*s`", (int)address.length, address.text);
        if (suggestion.best.length)
            text_addf(out, "; did you mean %.*s?", (int)suggestion.best.length, suggestion.best.text);
        text_addf(out, "\na resource is asked for as TYPE.NAME, an attribute as TYPE.NAME.ATTRIBUTE\n");
        return 0;
    }
    if (!rest.length) {
        why_resource(session, instance, out);
        return 1;
    }
    size_t end = 0;
    while (end < rest.length && rest.text[end] != '.')
        end++;
    int64_t member;
    const TypeField *attribute = schema_attribute(instance->schema, name_intern(session->names, (Str){rest.text, end}), &member);
    if (!attribute) {
        Suggestion suggestion = suggestion_for((Str){rest.text, end});
        for (uint32_t i = 0; i < instance->schema->attribute_count; i++)
            suggestion_offer(&suggestion, name_str(instance->schema->attributes[i].name));
        text_addf(out, "`%s` has no attribute `%.*s`", instance->schema->name->text, (int)end, rest.text);
        if (suggestion.best.length)
            text_addf(out, "; did you mean `%.*s`?", (int)suggestion.best.length, suggestion.best.text);
        text_add_char(out, '\n');
        return 0;
    }
    const Slot *slot = NULL;
    for (uint32_t i = 0; i < instance->slot_count; i++)
        if (instance->slots[i].attribute == attribute && instance->slots[i].thunk.member == member)
            slot = &instance->slots[i];
    const Value *value = instance_attribute(session, instance, attribute, member);
    if (!slot || !value) {
        why_unwritten(session, instance, attribute, out);
        return 1;
    }
    const Expr *expr = slot->thunk.expr;
    while (end < rest.length && value->kind == VALUE_RECORD) {
        size_t start = ++end;
        while (end < rest.length && rest.text[end] != '.')
            end++;
        const Name *name = name_find(session->names, (Str){rest.text + start, end - start});
        const Value *inner = name ? record_get(value->as.record, name) : NULL;
        if (!inner)
            break;
        value = inner;
        expr = expr_field(expr, name);
    }
    text_addf(out, "%.*s = ", (int)address.length, address.text);
    value_print(value, 0, out);
    text_add_char(out, '\n');
    why_place(session, "written at", *slot->name_span, out);
    const Binding *profile = profile_around(session, *slot->name_span);
    if (profile)
        why_place(session, arena_printf(session->arena, "by the profile `%s`,", profile->name->text).text, profile->span, out);
    Chain chain = {.session = session, .frame = slot->thunk.frame, .out = out, .told = lookup_new(session->arena)};
    why_names(&chain, expr);
    uint32_t *told = lookup_slot(chain.told, arena_printf(session->arena, "%u:%u", value->origin.file, value->origin.start));
    if (value->origin.file && !*told && (value->origin.file != slot->name_span->file || value->origin.start != expr->span.start))
        why_place(session, "its value comes from", value->origin, out);
    for (const Group *group = instance->home.group; group; group = group->home.group)
        why_place(session, arena_printf(session->arena, "it is part of %s,", group->head.address.text).text, group->decl->name.span, out);
    return 1;
}
