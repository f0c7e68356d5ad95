/* Values made up from types: in range, and as short as may be. */
#include "compiler/sample.h"

#include <string.h>

#include "compiler/regexp.h"

/* The word after the last dot: "lxc" of "pve.lxc". */
static Str last_word(const Name *name) {
    const char *dot = strrchr(name->text, '.');
    return str_of(dot ? dot + 1 : name->text);
}

/* Texts of which one may be what a pattern asks for. */
static int sample_text(Session *session, const Type *type, Text *out) {
    static const char *const texts[] = {"example", "/srv/example", "10.0.0.20", "10.0.0.0/24", "https://example.org/", "example.org", "local:example",
                                        "100", "0644", "root:root", "a@example", "52:54:00:00:00:01", "x"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        int64_t length = (int64_t)strlen(texts[i]);
        Str error;
        if ((type->low && length < type->low->as.integer) || (type->high && length > type->high->as.integer) ||
            (type->pattern.length && !regexp_match(session, type->pattern, str_of(texts[i]), NULL, 0, NULL, &error)))
            continue;
        if (type->kind == TYPE_STRING)
            text_addf(out, "\"%s\"", texts[i]);
        else
            text_addf(out, "%s", texts[i]);
        return 1;
    }
    return 0;
}

/* The least that is not nothing. */
static int sample_quantity(Session *session, const Type *type, int64_t usual, ValueKind kind, Text *out) {
    int64_t number = usual;
    if (type->low && number < type->low->as.integer)
        number = type->low->as.integer;
    if (type->high && number > type->high->as.integer)
        number = type->high->as.integer;
    value_print(value_integer(session_arena(session), SPAN_NONE, kind, number), 0, out);
    return 1;
}

/* A bound is written as an int or as a fraction. */
static double bound_number(const Value *bound) { return bound->kind == VALUE_INT ? (double)bound->as.integer : bound->as.number; }

static int sample_number(Session *session, const Type *type, ValueKind kind, Text *out) {
    double number = type->low ? bound_number(type->low) : type->high && bound_number(type->high) < 50 ? bound_number(type->high) : 50;
    value_print(value_number(session_arena(session), SPAN_NONE, kind, number), 0, out);
    return 1;
}

/* Is it what the host's text of a record begins with? Nothing says so of the field alone, as one of several beginnings may do. */
static int is_head(const Type *type, const TypeField *field) {
    Str head = type->head_count ? type->heads[0] : STR(""), name = name_str(field->name);
    return head.length == name.length + 2 && head.text[0] == '{' && head.text[head.length - 1] == '}' && !memcmp(head.text + 1, name.text, name.length);
}

/* The fields that must be there and what leads them, or the first. */
static int sample_fields(Session *session, const Type *type, const char *between, Text *out) {
    uint32_t written = 0;
    int some = 0;
    for (uint32_t i = 0; i < type->field_count; i++)
        some |= !type->fields[i].optional;
    for (int all = 0; all < 2 && !written; all++)
        for (uint32_t i = 0; i < type->field_count && !(all && written); i++) {
            if (type->fields[i].optional && !all && !(some && is_head(type, &type->fields[i])))
                continue;
            size_t start = out->length;
            text_addf(out, "%s%s%s", written ? ", " : "", type->fields[i].name->text, between);
            if (sample_value(session, type->fields[i].type, out))
                written++;
            else if (all)
                text_cut(out, start);
            else
                return 0;
        }
    return 1;
}

static int sample_union(Session *session, const Type *type, Text *out) {
    for (uint32_t i = 0; i < type->member_count; i++)
        if (sample_value(session, type->members[i], out))
            return 1;
    return 0;
}

static int sample_in(Session *session, const Type *type, Text *out) {
    switch ((TypeKind)type->kind) {
    case TYPE_POISON: case TYPE_JSON: return 0;
    case TYPE_BOOL: text_add_literal(out, "true"); return 1;
    case TYPE_INT: return sample_quantity(session, type, 1, VALUE_INT, out);
    case TYPE_FLOAT: return sample_number(session, type, VALUE_FLOAT, out);
    case TYPE_PERCENT: return sample_number(session, type, VALUE_PERCENT, out);
    case TYPE_SIZE: return sample_quantity(session, type, (int64_t)1 << 30, VALUE_SIZE, out);
    case TYPE_DURATION: return sample_quantity(session, type, 120000, VALUE_DURATION, out);
    case TYPE_RATE: return sample_quantity(session, type, 10000000, VALUE_RATE, out);
    case TYPE_STRING: case TYPE_IP: case TYPE_CIDR: case TYPE_MAC:
        if (type->kind == TYPE_STRING || type->pattern.length)
            return sample_text(session, type, out);
        text_add(out, type->kind == TYPE_IP ? STR("10.0.0.20") : type->kind == TYPE_CIDR ? STR("10.0.0.20/24") : STR("52:54:00:00:00:01"));
        return 1;
    case TYPE_LITERAL: value_print(type->literal, 0, out); return 1;
    case TYPE_REFERENCE: text_add(out, type->schema ? last_word(type->schema->name) : STR("other")); return 1;
    case TYPE_UNION: return sample_union(session, type, out);
    case TYPE_LIST:
        text_add_char(out, '[');
        if (!sample_value(session, type->element, out))
            return 0;
        text_add_char(out, ']');
        return type->min_count < 2;
    case TYPE_MAP:
        text_add_literal(out, "{ ");
        if (!sample_value(session, type->key, out))
            return 0;
        text_add_literal(out, ": ");
        if (!sample_value(session, type->element, out))
            return 0;
        text_add_literal(out, " }");
        return 1;
    case TYPE_RECORD:
        text_add_literal(out, "{ ");
        if (!sample_fields(session, type, " = ", out))
            return 0;
        text_add_literal(out, " }");
        return 1;
    case TYPE_TAGGED:
        text_addf(out, "%s(", type->tag->text);
        if (!sample_fields(session, type, ": ", out))
            return 0;
        text_add_char(out, ')');
        return 1;
    }
    return 0;
}

int sample_value(Session *session, const Type *type, Text *out) {
    size_t start = out->length;
    if (!type->secret && sample_in(session, type, out))
        return 1;
    text_cut(out, start);
    return 0;
}

void sample_resource(Session *session, const Schema *schema, Text *out) {
    Str word = last_word(schema->name);
    text_addf(out, "%s %.*s {\n", schema->name->text, (int)word.length, word.text);
    for (uint32_t i = 0; i < schema->attribute_count; i++) {
        const TypeField *attribute = &schema->attributes[i];
        if (attribute->optional || attribute->fallback || attribute->computed || attribute->hidden || attribute->first <= attribute->last)
            continue;
        text_addf(out, "  %s = ", attribute->name->text);
        if (!sample_value(session, attribute->type, out))
            text_add_literal(out, "...");
        text_add_char(out, '\n');
    }
    text_add_literal(out, "}\n");
}
