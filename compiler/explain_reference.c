/* Everything that `explain` knows as one document in Markdown, out of the declarations and their comments. */
#include "compiler/explain.h"

#include <string.h>

#include "compiler/call.h"
#include "compiler/findings.h"
#include "compiler/library.h"
#include "compiler/state.h"

/* ---- Markdown ---- */

/* A text in a cell of a table: on one line, with no bar that would end it. */
static void cell_text(Str text, Text *out) {
    for (size_t i = 0; i < text.length; i++) {
        char c = text.text[i];
        if (c == '|')
            text_add_char(out, '\\');
        text_add_char(out, c == '\n' ? ' ' : c);
    }
}

static void cell_code(Str text, Text *out) {
    text_add_char(out, '`');
    cell_text(text, out);
    text_add_char(out, '`');
}

static void cell_type(const Type *type, Text *out) {
    Text text = {0};
    type_print(type, &text);
    cell_code(text_str(&text), out);
    text_fini(&text);
}

static void cell_next(Text *out) {
    text_add_literal(out, " | ");
}

static void paragraph(Str text, Text *out) {
    if (!text.length)
        return;
    text_add_char(out, '\n');
    text_add(out, text);
    text_add_char(out, '\n');
}

/* A block of code; [how] says what it is to those who check documents. */
static void block(const char *how, const char *code, Text *out) {
    text_addf(out, "\n```%s\n%s\n```\n", how, code);
}

/* ---- fields ---- */

static void field_name(const TypeField *field, Text *out) {
    Text name = {0};
    text_addf(&name, "%s", field->name->text);
    if (field->first <= field->last && field->last > 0)
        text_addf(&name, "%lld..%lld", (long long)field->first, (long long)field->last);
    if (field->optional)
        text_add_char(&name, '?');
    cell_code(text_str(&name), out);
    text_fini(&name);
}

static void field_condition(const char *before, const Condition *condition, Text *out) {
    if (!condition->attribute)
        return;
    Text text = {0};
    condition_print(condition, &text);
    text_addf(out, " %s", before);
    cell_text(text_str(&text), out);
    text_add_char(out, '.');
    text_fini(&text);
}

/* What there is to know of an attribute beside its type. */
static void attribute_notes(const Sources *sources, const TypeField *attribute, Text *out) {
    cell_text(attribute->doc, out);
    if (attribute->fallback) {
        text_add_literal(out, " Default: ");
        cell_code(source_text(sources, attribute->fallback->span), out);
        text_add_char(out, '.');
    }
    if (attribute->host_default) {
        Text text = {0};
        value_print(attribute->host_default, 80, &text);
        text_add_literal(out, " Default of the host: ");
        cell_code(text_str(&text), out);
        text_add_char(out, '.');
        text_fini(&text);
    }
    if (attribute->change == CHANGE_NEVER) {
        text_add_literal(out, " Never changes: ");
        cell_text(attribute->never, out);
        text_add_char(out, '.');
    }
    field_condition("Only where ", &attribute->only, out);
    field_condition("Needed where ", &attribute->needed, out);
    if (attribute->unique.length)
        text_addf(out, " No two resources of a site have the same %.*s.", (int)attribute->unique.length, attribute->unique.text);
    for (uint32_t i = 0; i < attribute->synonym_count; i++)
        text_addf(out, "%s%s", i ? ", " : " Elsewhere: ", attribute->synonyms[i]->text);
    if (attribute->synonym_count)
        text_add_char(out, '.');
}

static void fields_table(const TypeField *fields, uint32_t count, Text *out) {
    text_add_literal(out, "\n| field | type | what it is |\n|---|---|---|\n");
    for (uint32_t i = 0; i < count; i++) {
        text_add_literal(out, "| ");
        field_name(&fields[i], out);
        cell_next(out);
        cell_type(fields[i].type, out);
        cell_next(out);
        cell_text(fields[i].doc, out);
        text_add_literal(out, " |\n");
    }
}

/* ---- resource types ---- */

static void resource_type(Session *session, const Schema *schema, Text *out) {
    schema_ready(session, schema);
    text_addf(out, "\n### %s\n", schema->name->text);
    paragraph(decl_doc(schema->decl), out);
    text_add_literal(out, "\n| attribute | type | changes | what it is |\n|---|---|---|---|\n");
    for (uint32_t i = 0; i < schema->attribute_count; i++) {
        const TypeField *attribute = &schema->attributes[i];
        if (attribute->hidden)
            continue;
        text_add_literal(out, "| ");
        field_name(attribute, out);
        cell_next(out);
        cell_type(attribute->type, out);
        text_addf(out, " | %s | ", attribute->computed ? "computed" : change_name(attribute->change));
        attribute_notes(session->sources, attribute, out);
        text_add_literal(out, " |\n");
    }
    Text commands = {0};
    explain_commands(session, schema, &commands);
    if (commands.length)
        text_addf(out, "%s", commands.bytes);
    text_fini(&commands);
}

static void resource_types(Session *session, Text *out) {
    text_add_literal(out, "\n## Resource types\n\n"
                          "A name with `?` may be left out. How a change is carried out: `online` at once, `restart` when what runs is restarted, `grow` only upwards, "
                          "`replace` and `never` not at all, `create` given at birth and not compared; `computed` comes from the host. Every resource also has `after`, "
                          "`on`, `protect`, `allow`, `timeout` and `retry`.\n");
    for (uint32_t i = 0; i < session->schemas.count; i++)
        resource_type(session, session->schemas.items[i], out);
}

/* ---- other declarations ---- */

/* Calls [visit] for each documented declaration of a kind, first those of the library. What has a dot in its name and is no type is there
   for the library itself. */
static void declared_each(Session *session, BindingKind kind, void (*visit)(Session *session, Binding *binding, Text *out), Text *out) {
    for (int site = 0; site < 2; site++) {
        const Scope *scope = site ? session->site_scope : session->prelude;
        for (uint32_t i = 0; scope && i < scope_count(scope); i++) {
            const Name *name;
            Binding *binding = scope_at(scope, i, &name);
            if (binding->kind == kind && binding->decl && decl_doc(binding->decl).length && (site || kind == BINDING_TYPE || !strchr(name->text, '.')))
                visit(session, binding, out);
        }
    }
}

static void named_type(Session *session, Binding *binding, Text *out) {
    const Type *type = type_resolve(session, binding->decl->extra->type, binding->frame);
    text_addf(out, "\n### %s\n", binding->name->text);
    paragraph(decl_doc(binding->decl), out);
    if (type->field_count) {
        fields_table(type->fields, type->field_count, out);
        return;
    }
    Text text = {0};
    type_print(type, &text);
    block("text", text.bytes, out);
    text_fini(&text);
    for (uint32_t i = 0; i < type->member_count; i++)
        if (type->members[i]->field_count) {
            text_addf(out, "\n`%s`:\n", type->members[i]->tag ? type->members[i]->tag->text : "a record");
            fields_table(type->members[i]->fields, type->members[i]->field_count, out);
        }
}

static void function_row(Str signature, Str doc, Text *out) {
    text_add_literal(out, "| ");
    cell_code(signature, out);
    cell_next(out);
    cell_text(doc, out);
    text_add_literal(out, " |\n");
}

static void declared_function(Session *session, Binding *binding, Text *out) {
    Text signature = {0};
    function_resolve(session, binding);
    text_addf(&signature, "%s(", binding->name->text);
    for (uint32_t i = 0; i < binding->decl->extra->field_count; i++) {
        const TypeField *parameter = &binding->parameters[i];
        text_addf(&signature, "%s%s%s: ", i ? ", " : "", parameter->name->text, parameter->optional ? "?" : "");
        type_print(parameter->type, &signature);
    }
    text_add_literal(&signature, "): ");
    type_print(binding->result, &signature);
    function_row(text_str(&signature), decl_doc(binding->decl), out);
    text_fini(&signature);
}

static void functions(Session *session, Text *out) {
    text_add_literal(out, "\n## Functions\n\n| function | what it gives |\n|---|---|\n");
    for (uint32_t i = 0; builtin_at(session, i); i++)
        function_row(str_of(builtin_at(session, i)->signature), str_of(builtin_at(session, i)->doc), out);
    declared_each(session, BINDING_FUNCTION, declared_function, out);
}

/* ---- checks and codes ---- */

static void check_row(void *context, Str name, Str severity, Str text) {
    Text *out = context;
    text_add_literal(out, "| ");
    cell_code(name, out);
    text_addf(out, " | %.*s | ", (int)severity.length, severity.text);
    cell_text(text, out);
    text_add_literal(out, " |\n");
}

static void codes(Text *out) {
    text_add_literal(out, "\n## Codes\n\nUnder each stands a text that shows it, where one can, and how it is right: parts of a site, or JSON.\n");
    for (int code = 0; code < CODE_COUNT; code++) {
        const CodeInfo *info = code_info((Code)code);
        CodeExample example = code_example((Code)code);
        text_addf(out, "\n### %s %s\n\n%s.\n", info->id, info->slug, info->title);
        paragraph(str_of(info->text), out);
        if (!example.wrong)
            continue;
        /* Data is no text in phx, and the wrong one no JSON. */
        int data = example.wrong[0] == '{' || !strncmp(info->id, "E031", 4) || !strncmp(info->id, "E034", 4);
        Text how = {0};
        text_addf(&how, data ? "text" : "phx shows %s", info->id);
        block(how.bytes, example.wrong, out);
        block(data ? "json" : "phx", example.right, out);
        text_fini(&how);
    }
}

void explain_reference(Session *session, Text *out) {
    library_complete(session);
    text_add_literal(out, "# The library of phx\n\n"
                          "`phxc explain reference` prints this page out of the declarations and their comments; `phxc explain WORD` tells of a single thing, with an example.\n\n"
                          "[Resource types](#resource-types) · [Types](#types) · [Functions](#functions) · [Checks](#checks) · [Codes](#codes)\n");
    resource_types(session, out);
    text_add_literal(out, "\n## Types\n");
    declared_each(session, BINDING_TYPE, named_type, out);
    functions(session, out);
    text_add_literal(out, "\n## Checks\n\n`-W`, `-E` and `-A` switch them; `ignore NAME \"reason\"` silences one in a resource, component or file.\n\n"
                          "| check | severity | what it says |\n|---|---|---|\n");
    findings_each(session, check_row, out);
    codes(out);
}
