/* `phxc why ADDR.ATTR`: where a value was written, and through what it came. */
#include <string.h>

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

/* The names that an expression mentions, each with where it is declared: one step back along the chain. */
static void why_names(Session *session, const Expr *expr, const Frame *frame, uint32_t depth, Text *out) {
    if (!expr || depth > TREE_DEPTH_LIMIT)
        return;
    if (expr->kind == EXPR_NAME) {
        Binding *binding = frame_find(frame, expr->as.name);
        if (binding && binding->span.file)
            why_place(session, arena_printf(session->arena, "`%s` is declared at", expr->as.name->text).text, binding->span, out);
        return;
    }
    if (expr->kind == EXPR_FIELD || expr->kind == EXPR_SAFE_FIELD)
        why_names(session, expr->as.member.base, frame, depth + 1, out);
    else if (expr->kind == EXPR_INDEX)
        why_names(session, expr->as.index.base, frame, depth + 1, out);
    else if (expr->kind == EXPR_CALL)
        for (uint32_t i = 0; i < expr->as.call.arguments->count; i++)
            why_names(session, expr->as.call.arguments->items[i].value, frame, depth + 1, out);
    else if (expr->kind == EXPR_LIST || expr->kind == EXPR_TEXT)
        for (uint32_t i = 0; i < expr->as.list.count; i++)
            why_names(session, expr->as.list.items[i], frame, depth + 1, out);
    else if (expr->kind == EXPR_RECORD)
        for (uint32_t i = 0; i < expr->as.record.count; i++)
            why_names(session, expr->as.record.items[i].value, frame, depth + 1, out);
    else if (expr->kind >= EXPR_OR && expr->kind <= EXPR_MODULO) {
        why_names(session, expr->as.binary.left, frame, depth + 1, out);
        why_names(session, expr->as.binary.right, frame, depth + 1, out);
    }
}

static Instance *why_find(Session *session, Str address, Str *attribute) {
    Instance *best = NULL;
    for (uint32_t i = 0; i < session->instances.count; i++) {
        Str own = session->instances.items[i]->head.address;
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

int session_why(Session *session, Str address, Text *out) {
    Str rest;
    Instance *instance = why_find(session, address, &rest);
    if (!instance) {
        Suggestion suggestion = suggestion_for(address);
        for (uint32_t i = 0; i < session->instances.count; i++)
            suggestion_offer(&suggestion, session->instances.items[i]->head.address);
        text_addf(out, "no resource of the site begins `%.*s`", (int)address.length, address.text);
        if (suggestion.best.length)
            text_addf(out, "; did you mean %.*s.ATTRIBUTE?", (int)suggestion.best.length, suggestion.best.text);
        text_addf(out, "\nan attribute is asked for as TYPE.NAME.ATTRIBUTE\n");
        return 0;
    }
    size_t end = 0;
    while (end < rest.length && rest.text[end] != '.')
        end++;
    int64_t member;
    const TypeField *attribute = schema_attribute(instance->schema, name_intern(session->names, (Str){rest.text, end}), &member);
    if (!attribute) {
        text_addf(out, "`%s` has no attribute `%.*s`\n", instance->schema->name->text, (int)end, rest.text);
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
    while (end < rest.length && value->kind == VALUE_RECORD) {
        size_t start = ++end;
        while (end < rest.length && rest.text[end] != '.')
            end++;
        const Name *name = name_find(session->names, (Str){rest.text + start, end - start});
        const Value *inner = name ? record_get(value->as.record, name) : NULL;
        if (!inner)
            break;
        value = inner;
    }
    text_addf(out, "%.*s = ", (int)address.length, address.text);
    value_print(value, 0, out);
    text_add_char(out, '\n');
    why_place(session, "written at", *slot->name_span, out);
    const Binding *profile = profile_around(session, *slot->name_span);
    if (profile)
        why_place(session, arena_printf(session->arena, "by the profile `%s`,", profile->name->text).text, profile->span, out);
    why_names(session, slot->thunk.expr, slot->thunk.frame, 0, out);
    if (value->origin.file && (value->origin.file != slot->name_span->file || value->origin.start != slot->thunk.expr->span.start))
        why_place(session, "its value comes from", value->origin, out);
    for (const Group *group = instance->home.group; group; group = group->home.group)
        why_place(session, arena_printf(session->arena, "it is part of %s,", group->head.address.text).text, group->decl->name.span, out);
    return 1;
}
