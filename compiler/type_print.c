/* Types as they would be written, for messages and `phxc explain`. */
#include "compiler/schema.h"

enum { PRINT_LIMIT = 160 };     /* bytes of one type: past that a union ends in "..." */

static void print_type(const Type *type, size_t start, Text *out);

static void print_refined(const Type *type, const char *name, Text *out) {
    text_addf(out, "%s", name);
    if (!type->low && !type->high && !type->pattern.length)
        return;
    text_add_char(out, '(');
    if (type->low || type->high) {
        if (type->low)
            value_print(type->low, 0, out);
        text_addf(out, "..");
        if (type->high)
            value_print(type->high, 0, out);
    }
    if (type->pattern.length)
        text_addf(out, "%s'%.*s'", type->low || type->high ? ", " : "", (int)type->pattern.length, type->pattern.text);
    text_add_char(out, ')');
}

/* How many elements a list has. */
static void print_count(const Type *type, Text *out) {
    if (type->min_count <= 0 && type->max_count < 0)
        return;
    text_add_char(out, '(');
    if (type->min_count > 0)
        text_add_int(out, type->min_count);
    text_addf(out, "..");
    if (type->max_count >= 0)
        text_add_int(out, type->max_count);
    text_add_char(out, ')');
}

static void print_fields(const Type *type, size_t start, Text *out) {
    for (uint32_t i = 0; i < type->field_count; i++) {
        text_addf(out, "%s%s%s: ", i ? ", " : "", type->fields[i].name->text, type->fields[i].optional ? "?" : "");
        if (out->length - start > PRINT_LIMIT) {
            text_addf(out, "...");
            return;
        }
        print_type(type->fields[i].type, start, out);
    }
}

static void print_type(const Type *type, size_t start, Text *out) {
    if (type->secret)
        text_addf(out, "secret ");
    if (type->name && type->kind != TYPE_UNION) {
        text_addf(out, type->kind == TYPE_REFERENCE ? "a %s" : "%s", type->name->text);
        return;
    }
    switch ((TypeKind)type->kind) {
    case TYPE_POISON: text_addf(out, "?"); break;
    case TYPE_JSON: text_addf(out, "json"); break;
    case TYPE_BOOL: text_addf(out, "bool"); break;
    case TYPE_INT: print_refined(type, "int", out); break;
    case TYPE_FLOAT: print_refined(type, "float", out); break;
    case TYPE_STRING: print_refined(type, "string", out); break;
    case TYPE_SIZE: print_refined(type, "size", out); break;
    case TYPE_DURATION: print_refined(type, "duration", out); break;
    case TYPE_PERCENT: print_refined(type, "percent", out); break;
    case TYPE_RATE: print_refined(type, "rate", out); break;
    case TYPE_IP: print_refined(type, "ip", out); break;
    case TYPE_CIDR: print_refined(type, "cidr", out); break;
    case TYPE_MAC: print_refined(type, "mac", out); break;
    case TYPE_LITERAL: value_print(type->literal, 60, out); break;
    case TYPE_LIST:
        text_add_char(out, '[');
        print_type(type->element, start, out);
        text_add_char(out, ']');
        print_count(type, out);
        break;
    case TYPE_MAP:
        text_add_char(out, '{');
        print_type(type->key, start, out);
        text_addf(out, ": ");
        print_type(type->element, start, out);
        text_add_char(out, '}');
        break;
    case TYPE_RECORD:
        text_addf(out, "{ ");
        print_fields(type, start, out);
        text_addf(out, " }");
        break;
    case TYPE_TAGGED:
        text_addf(out, "%s(", type->tag->text);
        print_fields(type, start, out);
        text_add_char(out, ')');
        break;
    case TYPE_UNION:
        for (uint32_t i = 0; i < type->member_count; i++) {
            if (out->length - start > PRINT_LIMIT) {
                text_addf(out, " | ...");
                break;
            }
            if (i)
                text_addf(out, " | ");
            print_type(type->members[i], start, out);
        }
        break;
    case TYPE_REFERENCE: text_addf(out, "a resource"); break;
    }
}

void type_print(const Type *type, Text *out) {
    print_type(type, out->length, out);
}

void condition_print(const Condition *condition, Text *out) {
    const Value *values = condition->values;
    text_addf(out, "`%s` is ", condition->attribute->text);
    for (uint32_t i = 0; i < values->as.list.count; i++) {
        text_addf(out, "%s", !i ? "" : i + 1 == values->as.list.count ? " or " : ", ");
        value_print(values->as.list.items[i], 60, out);
    }
}
