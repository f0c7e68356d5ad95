/* Types to JSON Schema (draft 2020-12). What it has no word for stands in "x-phx" as phx writes it, which others ignore and `phxc import --schema` reads. */
#include <string.h>

#include "compiler/ecma.h"
#include "compiler/library.h"
#include "compiler/lookup.h"
#include "compiler/module.h"
#include "compiler/state.h"
#include "lang/json.h"

typedef struct SchemaWriter {
    Session *session;
    Text *out;
    int level;
    int first;              /* nothing stands in the open bracket yet */
    int holes;              /* instead of a value there may be one that is secret or known only after apply */
    Lookup *known;          /* names of definitions that are written or wait */
    VECTOR(const Type *) waiting;
} SchemaWriter;

static void write_type(SchemaWriter *writer, const Type *type, Str doc);

/* ---- JSON ---- */

static void line(SchemaWriter *writer) {
    text_add(writer->out, writer->first ? STR("\n") : STR(",\n"));
    text_add_repeat(writer->out, ' ', (size_t)writer->level * 2);
    writer->first = 0;
}

static void key(SchemaWriter *writer, const char *name) {
    line(writer);
    json_write_string(str_of(name), writer->out);
    text_add_literal(writer->out, ": ");
}

static void open(SchemaWriter *writer, char bracket) {
    text_add_char(writer->out, bracket);
    writer->level++;
    writer->first = 1;
}

static void shut(SchemaWriter *writer, char bracket) {
    writer->level--;
    if (!writer->first) {
        text_add_char(writer->out, '\n');
        text_add_repeat(writer->out, ' ', (size_t)writer->level * 2);
    }
    text_add_char(writer->out, bracket);
    writer->first = 0;
}

static void string_member(SchemaWriter *writer, const char *name, Str value) {
    key(writer, name);
    json_write_string(value, writer->out);
}

static void value_member(SchemaWriter *writer, const char *name, const Value *value) {
    key(writer, name);
    json_write(value, JSON_COMPACT_SORTED, 0, writer->out);
}

static void int_member(SchemaWriter *writer, const char *name, int64_t number) {
    key(writer, name);
    text_add_int(writer->out, number);
}

/* ---- types ---- */

static void write_phx(SchemaWriter *writer, const Type *type) {
    Text text = {0};
    Type plain = *type;
    plain.name = NULL;
    plain.secret = 0;
    if (type->kind == TYPE_REFERENCE)
        text_add(&text, type->schema ? name_str(type->schema->name) : STR("resource"));
    else
        type_print(&plain, &text);
    string_member(writer, "x-phx", text_str(&text));
    text_fini(&text);
}

/* How the value stands in JSON: a pattern that is wide enough for all of them. */
static const char *text_pattern(const Type *type) {
    switch ((TypeKind)type->kind) {
    case TYPE_SIZE: return "^[0-9]+([.][0-9]+)?([KMGT]i?)?B$";
    case TYPE_RATE: return "^[0-9]+([.][0-9]+)?([KMGT]i?)?B/s$";
    case TYPE_DURATION: return "^-?[0-9]+([.][0-9]+)?(ms|s|m|h|d)$";
    case TYPE_PERCENT: return "^-?[0-9]+([.][0-9]+)?%$";
    case TYPE_IP: return "^[0-9A-Fa-f:.]+$";
    case TYPE_CIDR: return "^[0-9A-Fa-f:.]+/[0-9]+$";
    case TYPE_MAC: return "^([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}$";
    case TYPE_POISON: case TYPE_JSON: case TYPE_BOOL: case TYPE_INT: case TYPE_FLOAT: case TYPE_STRING: case TYPE_LITERAL: case TYPE_LIST: case TYPE_MAP:
    case TYPE_RECORD: case TYPE_TAGGED: case TYPE_UNION: case TYPE_REFERENCE: break;
    }
    return NULL;
}

/* A pattern that ECMA can't say is said in phx only. */
static void write_string(SchemaWriter *writer, const Type *type) {
    Text pattern = {0};
    string_member(writer, "type", STR("string"));
    if (type->low)
        value_member(writer, "minLength", type->low);
    if (type->high)
        value_member(writer, "maxLength", type->high);
    if (type->pattern.length && pattern_to_ecma(type->pattern, &pattern))
        string_member(writer, "pattern", text_str(&pattern));
    else if (type->pattern.length)
        write_phx(writer, type);
    text_fini(&pattern);
}

static void write_number(SchemaWriter *writer, const Type *type, const char *name) {
    string_member(writer, "type", str_of(name));
    if (type->low)
        value_member(writer, "minimum", type->low);
    if (type->high)
        value_member(writer, "maximum", type->high);
}

/* A part of a value: in a site that is evaluated it may be a hole. */
static void write_part(SchemaWriter *writer, const Type *type, Str doc) {
    if (!writer->holes) {
        write_type(writer, type, doc);
        return;
    }
    open(writer, '{');
    key(writer, "anyOf");
    open(writer, '[');
    line(writer);
    write_type(writer, type, doc);
    line(writer);
    text_add_literal(writer->out, "{\"$ref\": \"#/$defs/hole\"}");
    shut(writer, ']');
    shut(writer, '}');
}

static void write_fields(SchemaWriter *writer, const TypeField *fields, uint32_t count) {
    string_member(writer, "type", STR("object"));
    key(writer, "properties");
    open(writer, '{');
    for (uint32_t i = 0; i < count; i++)
        if (!fields[i].computed && !fields[i].hidden && fields[i].first > fields[i].last) {
            key(writer, fields[i].name->text);
            write_part(writer, fields[i].type, fields[i].doc);
        }
    shut(writer, '}');
    int families = 0, required = 0;
    for (uint32_t i = 0; i < count; i++) {
        const TypeField *field = &fields[i];
        families |= field->first <= field->last && !field->computed && !field->hidden;
        required |= !field->optional && !field->fallback && !field->computed && !field->hidden;
    }
    if (families) {
        key(writer, "patternProperties");
        open(writer, '{');
        for (uint32_t i = 0; i < count; i++)
            if (fields[i].first <= fields[i].last && !fields[i].computed && !fields[i].hidden) {
                Str pattern = arena_printf(writer->session->arena, "^%s[0-9]+$", fields[i].name->text);
                key(writer, pattern.text);
                write_part(writer, fields[i].type, fields[i].doc);
            }
        shut(writer, '}');
    }
    if (required) {
        key(writer, "required");
        open(writer, '[');
        for (uint32_t i = 0; i < count; i++)
            if (!fields[i].optional && !fields[i].fallback && !fields[i].computed && !fields[i].hidden) {
                line(writer);
                json_write_string(name_str(fields[i].name), writer->out);
            }
        shut(writer, ']');
    }
    key(writer, "additionalProperties");
    text_add_literal(writer->out, "false");
}

/* { "clone": { ... } } */
static void write_tagged(SchemaWriter *writer, const Type *type) {
    string_member(writer, "type", STR("object"));
    key(writer, "properties");
    open(writer, '{');
    key(writer, type->tag->text);
    open(writer, '{');
    write_fields(writer, type->fields, type->field_count);
    shut(writer, '}');
    shut(writer, '}');
    key(writer, "required");
    text_add_char(writer->out, '[');
    json_write_string(name_str(type->tag), writer->out);
    text_add_char(writer->out, ']');
    key(writer, "additionalProperties");
    text_add_literal(writer->out, "false");
    key(writer, "x-phx-tag");
    text_add_literal(writer->out, "true");
}

static void write_union(SchemaWriter *writer, const Type *type) {
    int literals = 1;
    for (uint32_t i = 0; i < type->member_count; i++)
        literals &= type->members[i]->kind == TYPE_LITERAL;
    key(writer, literals ? "enum" : "anyOf");
    open(writer, '[');
    for (uint32_t i = 0; i < type->member_count; i++) {
        line(writer);
        if (literals)
            json_write(type->members[i]->literal, JSON_COMPACT_SORTED, 0, writer->out);
        else
            write_type(writer, type->members[i], STR(""));
    }
    shut(writer, ']');
}

static void write_list(SchemaWriter *writer, const Type *type) {
    string_member(writer, "type", STR("array"));
    key(writer, "items");
    write_part(writer, type->element, STR(""));
    if (type->min_count > 0)
        int_member(writer, "minItems", type->min_count);
    if (type->max_count >= 0)
        int_member(writer, "maxItems", type->max_count);
}

static void write_map(SchemaWriter *writer, const Type *type) {
    string_member(writer, "type", STR("object"));
    if (type->key->kind != TYPE_STRING || type->key->pattern.length || type->key->low || type->key->high) {
        key(writer, "propertyNames");
        write_type(writer, type->key, STR(""));
    }
    key(writer, "additionalProperties");
    write_part(writer, type->element, STR(""));
}

static void write_parts(SchemaWriter *writer, const Type *type) {
    switch ((TypeKind)type->kind) {
    case TYPE_POISON: case TYPE_JSON: return;
    case TYPE_BOOL: string_member(writer, "type", STR("boolean")); return;
    case TYPE_INT: write_number(writer, type, "integer"); return;
    case TYPE_FLOAT: write_number(writer, type, "number"); return;
    case TYPE_STRING: write_string(writer, type); return;
    case TYPE_SIZE: case TYPE_DURATION: case TYPE_PERCENT: case TYPE_RATE: case TYPE_IP: case TYPE_CIDR: case TYPE_MAC:
        string_member(writer, "type", STR("string"));
        string_member(writer, "pattern", str_of(text_pattern(type)));
        write_phx(writer, type);
        return;
    case TYPE_REFERENCE:
        string_member(writer, "type", STR("string"));
        write_phx(writer, type);
        return;
    case TYPE_LITERAL: value_member(writer, "const", type->literal); return;
    case TYPE_LIST: write_list(writer, type); return;
    case TYPE_MAP: write_map(writer, type); return;
    case TYPE_RECORD: write_fields(writer, type->fields, type->field_count); return;
    case TYPE_TAGGED: write_tagged(writer, type); return;
    case TYPE_UNION: write_union(writer, type); return;
    }
}

static void write_body(SchemaWriter *writer, const Type *type, Str doc) {
    open(writer, '{');
    if (doc.length)
        string_member(writer, "description", doc);
    write_parts(writer, type);
    if (type->secret)
        key(writer, "writeOnly"), text_add_literal(writer->out, "true");
    shut(writer, '}');
}

/* A reference too has a name: that of its resource type, which is no definition here. */
static int is_defined(const Type *type) {
    return type->name && type->kind != TYPE_REFERENCE && !type->secret;
}

static void write_type(SchemaWriter *writer, const Type *type, Str doc) {
    if (!is_defined(type)) {
        write_body(writer, type, doc);
        return;
    }
    uint32_t *known = lookup_slot(writer->known, name_str(type->name));
    if (!*known) {
        *known = 1;
        VECTOR_PUSH(writer->session->arena, &writer->waiting, type);
    }
    open(writer, '{');
    if (doc.length)
        string_member(writer, "description", doc);
    string_member(writer, "$ref", arena_printf(writer->session->arena, "#/$defs/%s", type->name->text));
    shut(writer, '}');
}

/* ---- definitions ---- */

static Str type_doc(Session *session, const Name *name) {
    const Binding *binding = frame_find(session->site_frame ? session->site_frame : session->prelude_frame, name);
    return binding && binding->kind == BINDING_TYPE ? decl_doc(binding->decl) : STR("");
}

/* Those that wait, and those that they name, until none is left. */
static void write_waiting(SchemaWriter *writer) {
    for (uint32_t i = 0; i < writer->waiting.count; i++) {
        const Type *type = writer->waiting.items[i];
        key(writer, type->name->text);
        write_body(writer, type, type_doc(writer->session, type->name));
    }
}

static void write_schema(SchemaWriter *writer, const Schema *schema) {
    key(writer, schema->name->text);
    open(writer, '{');
    if (decl_doc(schema->decl).length)
        string_member(writer, "description", decl_doc(schema->decl));
    write_fields(writer, schema->attributes, schema->attribute_count);
    shut(writer, '}');
}

static void write_head(SchemaWriter *writer) {
    open(writer, '{');
    string_member(writer, "$schema", STR("https://json-schema.org/draft/2020-12/schema"));
}

static void write_one(SchemaWriter *writer, const Binding *binding) {
    const Name *name = binding->name;
    write_head(writer);
    string_member(writer, "$ref", arena_printf(writer->session->arena, "#/$defs/%s", name->text));
    key(writer, "$defs");
    open(writer, '{');
    *lookup_slot(writer->known, name_str(name)) = 1;
    if (binding->kind == BINDING_SCHEMA) {
        write_schema(writer, binding->schema);
    } else {
        key(writer, name->text);
        write_body(writer, type_resolve(writer->session, binding->decl->extra->type, binding->frame), decl_doc(binding->decl));
    }
    write_waiting(writer);
    shut(writer, '}');
    shut(writer, '}');
    text_add_char(writer->out, '\n');
}

/* What stands in the form of `phxc export`, above the resources. */
static const char site_head[] =
    "\"type\": \"object\", \"required\": [\"format\", \"site\", \"resources\", \"outputs\"], \"properties\": {\"format\": {\"const\": \"phx-site/1\"}, "
    "\"site\": {\"type\": \"string\"}, \"outputs\": {\"type\": \"object\"}, \"resources\": {\"type\": \"object\", \"additionalProperties\": {\"anyOf\": [";

/* And of each resource, in its two halves. */
static const char resource_head[] = "{\"type\": \"object\", \"required\": [\"type\", \"identity\", \"place\", \"source\", \"needs\", \"attributes\"], "
                                    "\"properties\": {\"type\": {\"const\": ";
static const char resource_tail[] = "}, \"identity\": {\"type\": \"string\"}, \"place\": {\"type\": \"string\"}, \"absent\": {\"type\": \"boolean\"}, "
                                    "\"needs\": {\"type\": \"array\", \"items\": {\"type\": \"string\"}}, \"attributes\": {\"$ref\": ";
static const char hole[] = "{\"type\": \"object\", \"minProperties\": 1, \"maxProperties\": 1, \"properties\": {\"unknown\": {\"type\": \"string\"}, "
                           "\"secret\": {\"type\": [\"string\", \"boolean\"]}, \"unset\": {\"const\": true}}, \"additionalProperties\": false}";

static void write_site(SchemaWriter *writer) {
    Session *session = writer->session;
    writer->holes = 1;
    write_head(writer);
    line(writer);
    text_add(writer->out, str_of(site_head));
    writer->level++;
    for (uint32_t i = 0; i < session->schemas.count; i++) {
        const Name *name = session->schemas.items[i]->name;
        writer->first = i == 0;
        line(writer);
        text_add(writer->out, str_of(resource_head));
        json_write_string(name_str(name), writer->out);
        text_add(writer->out, str_of(resource_tail));
        json_write_string(arena_printf(session->arena, "#/$defs/%s", name->text), writer->out);
        text_add_literal(writer->out, "}}}");
    }
    writer->level--;
    text_add_literal(writer->out, "]}}}");
    key(writer, "$defs");
    open(writer, '{');
    key(writer, "hole");
    text_add(writer->out, str_of(hole));
    for (uint32_t i = 0; i < session->schemas.count; i++)
        write_schema(writer, session->schemas.items[i]);
    write_waiting(writer);
    shut(writer, '}');
    shut(writer, '}');
    text_add_char(writer->out, '\n');
}

int session_json_schema(Session *session, Str type, Text *out) {
    SchemaWriter writer = {.session = session, .out = out, .known = lookup_new(session->arena)};
    library_complete(session);
    if (str_equal(type, STR("site"))) {
        write_site(&writer);
        return 1;
    }
    const Binding *binding = word_find(session, type);
    if (binding && (binding->kind == BINDING_SCHEMA || binding->kind == BINDING_TYPE)) {
        write_one(&writer, binding);
        return 1;
    }
    Suggestion suggestion = suggestion_for(type);
    for (uint32_t i = 0; i < scope_count(session->prelude); i++) {
        const Name *other;
        const Binding *offered = scope_at(session->prelude, i, &other);
        if (offered->kind == BINDING_SCHEMA || offered->kind == BINDING_TYPE)
            suggestion_offer(&suggestion, name_str(other));
    }
    word_suggest(session, &suggestion);
    text_addf(out, "no type is called `%.*s`", (int)type.length, type.text);
    if (suggestion.best.length)
        text_addf(out, "; did you mean `%.*s`?", (int)suggestion.best.length, suggestion.best.text);
    text_add_literal(out, "\n`phxc explain types` lists the resource types\n");
    return 0;
}
