/* The evaluated site as JSON, phx-site/1: every resource by its address, with its attributes as wanted. */
#include "compiler/planner.h"
#include "lang/json.h"

/* Levels of indentation: of a resource, and of an attribute in it. */
enum { RESOURCE_LEVEL = 2, ATTRIBUTE_LEVEL = 4 };

static void member(int level, int first, Str key, Text *out) {
    text_add(out, first ? STR("\n") : STR(",\n"));
    text_add_repeat(out, ' ', (size_t)level * 2);
    json_write_string(key, out);
    text_add_literal(out, ": ");
}

static void string_member(int level, const char *key, Str value, Text *out) {
    member(level, 0, str_of(key), out);
    json_write_string(value, out);
}

static void close(int level, int empty, Text *out) {
    if (!empty) {
        text_add_char(out, '\n');
        text_add_repeat(out, ' ', (size_t)level * 2);
    }
    text_add_char(out, '}');
}

static int is_written(const Value *value) {
    return value && value->kind != VALUE_NONE && value->kind != VALUE_POISON;
}

static void export_attributes(Session *session, Instance *instance, Text *out) {
    int empty = 1;
    text_add_char(out, '{');
    for (uint32_t i = 0; i < instance->slot_count; i++) {
        const Value *value = slot_value(session, &instance->slots[i]);
        if (!is_written(value))
            continue;
        member(ATTRIBUTE_LEVEL, empty, slot_name(session, &instance->slots[i]), out);
        json_write(value, JSON_INDENTED, ATTRIBUTE_LEVEL, out);
        empty = 0;
    }
    close(ATTRIBUTE_LEVEL - 1, empty, out);
}

/* What `on` and `after` say stands in "place" and "needs". */
static void export_meta(Session *session, Instance *instance, Text *out) {
    static const Meta shown[] = {META_PROTECT, META_ALLOW, META_TIMEOUT, META_RETRY};
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        const Value *value = instance_meta(session, instance, shown[i]);
        if (!is_written(value))
            continue;
        member(RESOURCE_LEVEL + 1, 0, str_of(meta_name(shown[i])), out);
        json_write(value, JSON_INDENTED, RESOURCE_LEVEL + 1, out);
    }
}

static void export_resource(Planning *planning, uint32_t number, Text *out) {
    Session *session = planning->session;
    const Item *item = &planning->items[number];
    Instance *instance = item->instance;
    Position position = source_position(session->sources, instance->origin);
    enum { LEVEL = RESOURCE_LEVEL + 1 };
    text_add_char(out, '{');
    member(LEVEL, 1, STR("type"), out);
    json_write_string(name_str(instance->schema->name), out);
    string_member(LEVEL, "identity", instance->identity, out);
    string_member(LEVEL, "place", item->place, out);
    if (instance->absent) {
        member(LEVEL, 0, STR("absent"), out);
        text_add_literal(out, "true");
    }
    member(LEVEL, 0, STR("source"), out);
    text_add_literal(out, "{\"file\": ");
    json_write_string(source_get(session->sources, instance->origin.file)->name, out);
    text_addf(out, ", \"line\": %u, \"column\": %u}", position.line, position.column);
    export_meta(session, instance, out);
    member(LEVEL, 0, STR("needs"), out);
    text_add_char(out, '[');
    NodeList needs = item_needs(planning, number);
    for (uint32_t i = 0, first = 1; i < needs.count; i++) {
        const Item *needed = &planning->items[needs.items[i]];
        if (!needed->selected)
            continue;
        text_add(out, first ? STR("") : STR(", "));
        json_write_string(needed->instance->head.address, out);
        first = 0;
    }
    text_add_char(out, ']');
    member(LEVEL, 0, STR("attributes"), out);
    export_attributes(session, instance, out);
    close(RESOURCE_LEVEL, 0, out);
}

static void export_outputs(Session *session, Text *out) {
    int empty = 1;
    text_add_char(out, '{');
    for (uint32_t i = 0; i < session->outputs.count; i++) {
        const Decl *decl = session->outputs.items[i].decl;
        const Value *value = eval(session, decl->value, session->outputs.items[i].frame);
        if (!is_written(value))
            continue;
        member(2, empty, name_str(decl->name.name), out);
        json_write(value, JSON_INDENTED, 2, out);
        empty = 0;
    }
    close(1, empty, out);
}

int session_export(Session *session, const PlanOptions *options, Text *out) {
    session_facts_none(session);
    Planning *planning = planning_collect(session, options);
    if (!planning)
        return 0;
    text_add_literal(out, "{\n  \"format\": \"phx-site/1\"");
    string_member(1, "site", session->site, out);
    member(1, 0, STR("resources"), out);
    text_add_char(out, '{');
    int empty = 1;
    for (uint32_t i = 0; i < planning->count; i++) {
        if (!planning->items[i].selected)
            continue;
        member(RESOURCE_LEVEL, empty, planning->items[i].instance->head.address, out);
        export_resource(planning, i, out);
        empty = 0;
    }
    close(1, empty, out);
    member(1, 0, STR("outputs"), out);
    export_outputs(session, out);
    text_add_literal(out, "\n}\n");
    return 1;
}
