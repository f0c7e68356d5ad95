/* `phxc explain WORD`: what a type, attribute, function, check or code is, out of the declarations themselves. */
#include <string.h>

#include "compiler/call.h"
#include "compiler/explain.h"
#include "compiler/findings.h"
#include "compiler/library.h"
#include "compiler/lints.h"
#include "compiler/module.h"
#include "compiler/sample.h"
#include "compiler/state.h"

/* ---- schemas ---- */

static void explain_doc(Str doc, const char *indent, Text *out) {
    for (size_t at = 0; at < doc.length;) {
        const char *end = memchr(doc.text + at, '\n', doc.length - at);
        size_t length = end ? (size_t)(end - doc.text) - at : doc.length - at;
        text_addf(out, "%s%.*s\n", indent, (int)length, doc.text + at);
        at += length + 1;
    }
}

static void explain_attribute_name(const TypeField *attribute, Text *out) {
    text_addf(out, "%s", attribute->name->text);
    if (attribute->first <= attribute->last)
        text_addf(out, "%lld..%lld", (long long)attribute->first, (long long)attribute->last);
    if (attribute->optional)
        text_add_char(out, '?');
}

static void explain_schema(Session *session, const Schema *schema, Text *out) {
    text_addf(out, "%s: a resource type\n\n", schema->name->text);
    explain_doc(decl_doc(schema->decl), "", out);
    text_addf(out, "\nAttributes (`?`: optional; `=`: its value where nothing is written; how a change is carried out; `phxc explain %s.NAME` tells more):\n\n", schema->name->text);
    size_t widest = 0;
    for (uint32_t i = 0; i < schema->attribute_count; i++)
        widest = schema->attributes[i].name->length > widest ? schema->attributes[i].name->length : widest;
    for (uint32_t i = 0; i < schema->attribute_count; i++) {
        const TypeField *attribute = &schema->attributes[i];
        if (attribute->hidden)
            continue;
        size_t start = out->length;
        text_addf(out, "  ");
        explain_attribute_name(attribute, out);
        size_t used = out->length - start;
        text_add_repeat(out, ' ', used < widest + 4 ? widest + 4 - used : 1);
        text_addf(out, "%-8s ", attribute->computed ? "computed" : change_name(attribute->change));
        type_print(attribute->type, out);
        if (attribute->fallback) {
            Str fallback = source_text(session->sources, attribute->fallback->span);
            text_addf(out, " = %.*s", (int)fallback.length, fallback.text);
        }
        text_add_char(out, '\n');
    }
    text_addf(out, "\nEvery resource also has after, on, protect, allow, timeout, retry.\n");
    explain_commands(session, schema, out);
    text_addf(out, "\nWith what it must have:\n\n");
    Text sample = {0};
    sample_resource(session, schema, &sample);
    explain_doc(text_str(&sample), "  ", out);
    text_fini(&sample);
}

static void explain_change(const TypeField *attribute, Text *out) {
    switch (attribute->change) {
    case CHANGE_ONLINE: text_addf(out, "takes effect at once"); break;
    case CHANGE_RESTART: text_addf(out, "takes effect when what runs is restarted"); break;
    case CHANGE_GROW: text_addf(out, "can grow, never shrink"); break;
    case CHANGE_REPLACE: text_addf(out, "would mean a new object: never done by itself"); break;
    case CHANGE_NEVER: text_addf(out, "can't change: %.*s", (int)attribute->never.length, attribute->never.text); break;
    case CHANGE_CREATE:
        if (attribute->through.length)
            text_addf(out, "compared as a part of `%.*s`", (int)attribute->through.length, attribute->through.text);
        else
            text_addf(out, "given when the object is made, not compared afterwards");
        break;
    }
}

static void explain_fields(const Type *type, Text *out) {
    for (uint32_t i = 0; i < type->field_count; i++) {
        text_addf(out, "    %s%s: ", type->fields[i].name->text, type->fields[i].optional ? "?" : "");
        type_print(type->fields[i].type, out);
        text_add_char(out, '\n');
        explain_doc(type->fields[i].doc, "        ", out);
    }
    for (uint32_t i = 0; i < type->member_count; i++)
        if (type->members[i]->field_count) {
            text_addf(out, "  %s:\n", type->members[i]->tag ? type->members[i]->tag->text : "a record");
            explain_fields(type->members[i], out);
        }
}

static void explain_condition(const char *label, const Condition *condition, Text *out) {
    if (!condition->attribute)
        return;
    text_addf(out, "  %-8s  where ", label);
    condition_print(condition, out);
    text_add_char(out, '\n');
}

/* "16MiB or more", "1 to 8192" */
static void explain_range(const Type *type, Text *out) {
    if (!type->low && !type->high)
        return;
    text_addf(out, "  range     ");
    if (type->low)
        value_print(type->low, 0, out);
    text_addf(out, type->low && type->high ? " to " : type->low ? " or more" : "at most ");
    if (type->high)
        value_print(type->high, 0, out);
    text_addf(out, "%s\n", type->kind == TYPE_STRING ? " characters" : "");
}

/* The unit as a quantity of the type: 1048576 of a size is 1MiB. */
static void explain_unit(Session *session, const TypeField *attribute, Text *out) {
    ValueKind kind = type_value_kind(attribute->type);
    if (!attribute->codec.unit)
        return;
    text_addf(out, "  unit      the host counts in units of ");
    value_print(value_integer(session_arena(session), SPAN_NONE, kind == VALUE_POISON ? VALUE_INT : kind, attribute->codec.unit), 0, out);
    text_add_char(out, '\n');
}

static void explain_example(Session *session, const TypeField *attribute, Text *out) {
    Text text = {0};
    if (!attribute->computed && sample_value(session, attribute->type, &text))
        text_addf(out, "  example   %s%s = %s\n", attribute->name->text, attribute->first <= attribute->last ? "0" : "", text.bytes);
    text_fini(&text);
}

static void explain_used(const Schema *schema, const TypeField *attribute, Text *out) {
    const Name *const *flags = attribute->flags_given ? attribute->flags : schema->flags;
    uint32_t count = attribute->flags_given ? attribute->flag_count : schema->flag_count;
    text_addf(out, "  property  %.*s", (int)attribute->codec.property.length, attribute->codec.property.text);
    for (uint32_t i = 0; i < count; i++)
        text_addf(out, "%s%s", i ? ", " : ", an option of the commands for: ", flags[i]->text);
    text_add_char(out, '\n');
}

static void explain_attribute(Session *session, const Schema *schema, const TypeField *attribute, Text *out) {
    text_addf(out, "%s.", schema->name->text);
    explain_attribute_name(attribute, out);
    text_addf(out, ": ");
    type_print(attribute->type, out);
    text_addf(out, "\n\n");
    explain_doc(attribute->doc, "", out);
    text_addf(out, "\n  change    ");
    explain_change(attribute, out);
    if (attribute->never_clear.length)
        text_addf(out, "; can't be cleared: %.*s", (int)attribute->never_clear.length, attribute->never_clear.text);
    text_add_char(out, '\n');
    explain_used(schema, attribute, out);
    explain_range(attribute->type, out);
    explain_unit(session, attribute, out);
    if (attribute->host_default) {
        text_addf(out, "  default   ");
        value_print(attribute->host_default, 80, out);
        text_addf(out, ", where the host says nothing\n");
    }
    if (attribute->fallback) {
        Str text = source_text(session->sources, attribute->fallback->span);
        text_addf(out, "  default   %.*s, where nothing is written\n", (int)text.length, text.text);
    }
    if (attribute->unique.length)
        text_addf(out, "  unique    no two resources of the site have the same %.*s\n", (int)attribute->unique.length, attribute->unique.text);
    explain_condition("only", &attribute->only, out);
    explain_condition("needed", &attribute->needed, out);
    for (uint32_t i = 0; i < attribute->synonym_count; i++)
        text_addf(out, "%s%s", i ? ", " : "  elsewhere called ", attribute->synonyms[i]->text);
    if (attribute->synonym_count)
        text_add_char(out, '\n');
    if (attribute->computed)
        text_addf(out, "  computed  the host gives it; it can't be written\n");
    explain_example(session, attribute, out);
    Text fields = {0};
    explain_fields(attribute->type, &fields);
    text_add(out, fields.length ? STR("\n") : STR(""));
    text_add(out, text_str(&fields));
    text_fini(&fields);
}

/* ---- other declarations ---- */

static void explain_parameters(const TypeField *fields, uint32_t count, Text *out) {
    text_add_char(out, '(');
    for (uint32_t i = 0; i < count; i++) {
        text_addf(out, "%s%s%s: ", i ? ", " : "", fields[i].name->text, fields[i].optional ? "?" : "");
        type_print(fields[i].type, out);
    }
    text_add_char(out, ')');
}

static void explain_binding(Session *session, Binding *binding, Text *out) {
    if (binding->kind == BINDING_SCHEMA) {
        schema_ready(session, binding->schema);
        explain_schema(session, binding->schema, out);
        return;
    }
    text_addf(out, "%s", binding->name->text);
    if (binding->kind == BINDING_FUNCTION || binding->kind == BINDING_COMPONENT) {
        function_resolve(session, binding);
        explain_parameters(binding->parameters, binding->decl->extra->field_count, out);
    }
    if (binding->kind == BINDING_FUNCTION && binding->result) {
        text_addf(out, ": ");
        type_print(binding->result, out);
    }
    text_addf(out, ": %s\n", decl_kind_name((DeclKind)binding->decl->kind));
    if (decl_doc(binding->decl).length)
        text_add_char(out, '\n');
    explain_doc(decl_doc(binding->decl), "", out);
    if (binding->kind == BINDING_TYPE) {
        const Type *type = type_resolve(session, binding->decl->extra->type, binding->frame);
        text_addf(out, "\n  ");
        type_print(type, out);
        text_add_char(out, '\n');
        explain_fields(type, out);
    }
}

static int explain_attribute_of(Session *session, Str word, Text *out) {
    size_t dot = word.length;
    while (dot && word.text[dot - 1] != '.')
        dot--;
    if (!dot)
        return 0;
    Str type = {word.text, dot - 1};
    const Binding *binding = word_find(session, type);
    if (!binding || binding->kind != BINDING_SCHEMA)
        return 0;
    schema_ready(session, binding->schema);
    int64_t member;
    const TypeField *attribute = schema_attribute(binding->schema, name_intern(session->names, (Str){word.text + dot, word.length - dot}), &member);
    if (!attribute) {
        Suggestion suggestion = suggestion_for((Str){word.text + dot, word.length - dot});
        for (uint32_t i = 0; i < binding->schema->attribute_count; i++)
            type_field_suggest(&binding->schema->attributes[i], &suggestion);
        text_addf(out, "%.*s has no attribute `%.*s`", (int)type.length, type.text, (int)(word.length - dot), word.text + dot);
        if (suggestion.best.length)
            text_addf(out, "; did you mean %.*s.%.*s?", (int)type.length, type.text, (int)suggestion.best.length, suggestion.best.text);
        text_add_char(out, '\n');
        return -1;
    }
    explain_attribute(session, binding->schema, attribute, out);
    return 1;
}

static void explain_nearest(Session *session, Str word, Text *out) {
    Suggestion suggestion = suggestion_for(word);
    for (uint32_t i = 0; i < scope_count(session->prelude); i++) {
        const Name *name;
        scope_at(session->prelude, i, &name);
        suggestion_offer(&suggestion, name_str(name));
    }
    for (uint32_t i = 0; builtin_at(session, i); i++)
        suggestion_offer(&suggestion, str_of(builtin_at(session, i)->name));
    word_suggest(session, &suggestion);
    findings_suggest(session, &suggestion);
    text_addf(out, "nothing is called `%.*s`", (int)word.length, word.text);
    if (suggestion.best.length)
        text_addf(out, "; did you mean `%.*s`?", (int)suggestion.best.length, suggestion.best.text);
    text_addf(out, "\n`phxc explain types` lists the resource types; so do functions, checks and codes\n");
}

int session_explain(Session *session, Str word, Text *out) {
    int code = code_find(word);
    if (code >= 0) {
        const CodeInfo *info = code_info((Code)code);
        text_addf(out, "%s %s: %s\n\n%s\n", info->id, info->slug, info->title, info->text);
        CodeExample example = code_example((Code)code);
        if (example.wrong) {
            text_addf(out, "\nWrong:\n\n");
            explain_doc(str_of(example.wrong), "    ", out);
            text_addf(out, "\nRight:\n\n");
            explain_doc(str_of(example.right), "    ", out);
        }
        return 1;
    }
    if (explain_list(session, word, out))
        return 1;
    Binding *binding = word_find(session, word);
    if (binding && binding->decl) {
        explain_binding(session, binding, out);
        return 1;
    }
    const Builtin *builtin = builtin_find(session, name_intern(session->names, word));
    if (builtin) {
        text_addf(out, "%s\n\n%s\n", builtin->signature, builtin->doc);
        if (builtin->example[0])
            text_addf(out, "\n  %s\n", builtin->example);
        return 1;
    }
    if (check_explain(session, word, out))
        return 1;
    int attribute = explain_attribute_of(session, word, out);
    if (attribute)
        return attribute > 0;
    explain_nearest(session, word, out);
    return 0;
}
