/* JSON Schema to `type` declarations. What has no counterpart is a finding at its place, and the rest of the type is written without it. */
#include <string.h>

#include "compiler/ecma.h"
#include "compiler/state.h"
#include "lang/format.h"
#include "lang/json.h"
#include "lang/parse.h"

typedef struct Importer {
    Session *session;
    Text *out;
} Importer;

static void import_type(Importer *importer, const Value *schema, int level);

/* ---- looking at JSON ---- */

static const Value *get(Importer *importer, const Value *value, const char *name) {
    const Name *key = name_find(importer->session->names, str_of(name));
    return key && value->kind == VALUE_RECORD ? record_get(value->as.record, key) : NULL;
}

/* The member as text; empty where it is none. */
static Str get_text(Importer *importer, const Value *value, const char *name) {
    const Value *text = get(importer, value, name);
    return text && text->kind == VALUE_STRING ? text->as.string : STR("");
}

static int is_type(Importer *importer, const Value *schema, const char *name) {
    return str_equal(get_text(importer, schema, "type"), str_of(name));
}

static void finding(Importer *importer, const Value *value, const char *what) {
    diag_warning(importer->session->diagnostics, CODE_NO_COUNTERPART, value->origin, "%s", what);
}

/* ---- names ---- */

/* "#/$defs/a.b" to `a.b`; empty for a reference to anywhere else. */
static Str reference_name(Str reference) {
    static const char *const starts[] = {"#/$defs/", "#/definitions/"};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        size_t length = strlen(starts[i]);
        if (reference.length > length && !memcmp(reference.text, starts[i], length))
            return (Str){reference.text + length, reference.length - length};
    }
    return STR("");
}

/* A name of phx: dots may part it, and everything that can't stand in one becomes `_`. */
static void write_name(Str name, Text *out) {
    size_t start = out->length;
    for (size_t i = 0; i < name.length; i++) {
        char c = name.text[i];
        int letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        int begins = out->length == start || out->bytes[out->length - 1] == '.';
        if (letter || (!begins && ((c >= '0' && c <= '9') || (c == '.' && i + 1 < name.length))))
            text_add_char(out, c);
        else if (c != '.')
            text_add_literal(out, "_");
    }
    if (out->length == start)
        text_add_literal(out, "It");
}

static void indent(Importer *importer, int level) {
    text_add_repeat(importer->out, ' ', (size_t)level * 2);
}

static void write_doc(Importer *importer, const Value *schema, int level) {
    Str doc = get_text(importer, schema, "description");
    for (size_t at = 0; at < doc.length;) {
        const char *end = memchr(doc.text + at, '\n', doc.length - at);
        size_t length = end ? (size_t)(end - doc.text) - at : doc.length - at;
        indent(importer, level);
        text_addf(importer->out, "/// %.*s\n", (int)length, doc.text + at);
        at += length + 1;
    }
}

/* ---- simple types ---- */

/* Words that say something about a value for which phx has none. What only describes it, such as `title`, is no finding. */
static void unknown_words(Importer *importer, const Value *schema) {
    static const char *const without[] = {
        "not", "if", "then", "else", "allOf", "patternProperties", "dependentRequired", "dependentSchemas", "dependencies", "multipleOf", "uniqueItems",
        "contains", "minContains", "maxContains", "prefixItems", "additionalItems", "minProperties", "maxProperties", "exclusiveMinimum",
        "exclusiveMaximum", "unevaluatedProperties", "unevaluatedItems", "contentEncoding", "contentMediaType", "contentSchema", "$dynamicRef", "$recursiveRef",
        "$anchor",
    };
    for (size_t i = 0; i < sizeof without / sizeof *without; i++) {
        const Name *name = name_find(importer->session->names, str_of(without[i]));
        const Field *field = name ? record_field(schema->as.record, name) : NULL;
        if (!field)
            continue;
        Diagnostic *d = diag_warning(importer->session->diagnostics, CODE_NO_COUNTERPART, field->span, "phx has no counterpart of `%s`: it is left out", without[i]);
        diag_help(importer->session->diagnostics, d, "say it with an `assert` or a `lint` in the site");
    }
}

static void write_bounds(Importer *importer, const Value *low, const Value *high) {
    if (low)
        value_print(low, 0, importer->out);
    text_add_literal(importer->out, "..");
    if (high)
        value_print(high, 0, importer->out);
}

static void write_range(Importer *importer, const char *type, const Value *low, const Value *high) {
    text_add(importer->out, str_of(type));
    if (!low && !high)
        return;
    text_add_char(importer->out, '(');
    write_bounds(importer, low, high);
    text_add_char(importer->out, ')');
}

/* A raw string can't hold every pattern. */
static void write_pattern(Importer *importer, Str pattern) {
    int raw = 1;
    for (size_t i = 0; i < pattern.length; i++)
        raw &= pattern.text[i] != '\'' && (unsigned char)pattern.text[i] >= ' ' && pattern.text[i] != 0x7f;
    if (raw)
        text_addf(importer->out, "'%.*s'", (int)pattern.length, pattern.text);
    else
        value_print(value_string(importer->session->arena, SPAN_NONE, pattern), 0, importer->out);
}

static void import_string(Importer *importer, const Value *schema) {
    static const struct { const char *format, *type; } formats[] = {{"ipv4", "ip"}, {"ipv6", "ip"}, {"uri", "url"}, {"hostname", "dns_name"}};
    const Value *low = get(importer, schema, "minLength"), *high = get(importer, schema, "maxLength"), *pattern = get(importer, schema, "pattern");
    const Value *format = get(importer, schema, "format");
    for (size_t i = 0; format && i < sizeof formats / sizeof *formats; i++)
        if (str_equal(get_text(importer, schema, "format"), str_of(formats[i].format))) {
            text_add(importer->out, str_of(formats[i].type));
            return;
        }
    if (format)
        finding(importer, format, "phx has no type for this format: any string will do");
    Text translated = {0};
    if (pattern && pattern->kind == VALUE_STRING && !pattern_from_ecma(pattern->as.string, &translated))
        finding(importer, pattern, "no POSIX extended regular expression says the same as this pattern: it is left out");
    if (!translated.length) {
        write_range(importer, "string", low, high);
    } else {
        text_add_literal(importer->out, "string(");
        if (low || high) {
            write_bounds(importer, low, high);
            text_add_literal(importer->out, ", ");
        }
        write_pattern(importer, text_str(&translated));
        text_add_char(importer->out, ')');
    }
    text_fini(&translated);
}

static void write_literal(Importer *importer, const Value *value) {
    if (value->kind == VALUE_STRING || value->kind == VALUE_INT || value->kind == VALUE_BOOL) {
        value_print(value, 0, importer->out);
        return;
    }
    finding(importer, value, "only a string, an int, true or false can be a type of its own: it is taken for any value");
    text_add_literal(importer->out, "json");
}

/* ---- composed types ---- */

static int is_null(Importer *importer, const Value *schema) {
    return schema->kind == VALUE_RECORD && is_type(importer, schema, "null");
}

/* May the value be null? Then the field that has it is optional. */
static int allows_null(Importer *importer, const Value *schema) {
    const Value *type = get(importer, schema, "type"), *any = get(importer, schema, "anyOf");
    any = any ? any : get(importer, schema, "oneOf");
    for (uint32_t i = 0; type && type->kind == VALUE_LIST && i < type->as.list.count; i++)
        if (type->as.list.items[i]->kind == VALUE_STRING && str_equal(type->as.list.items[i]->as.string, STR("null")))
            return 1;
    for (uint32_t i = 0; any && any->kind == VALUE_LIST && i < any->as.list.count; i++)
        if (is_null(importer, any->as.list.items[i]))
            return 1;
    return 0;
}

static void import_union(Importer *importer, const Value *members, int literals, int level) {
    const char *between = "";
    for (uint32_t i = 0; members->kind == VALUE_LIST && i < members->as.list.count; i++) {
        const Value *member = members->as.list.items[i];
        if (literals ? member->kind == VALUE_NONE : is_null(importer, member))
            continue;
        text_add(importer->out, str_of(between));
        if (literals)
            write_literal(importer, member);
        else
            import_type(importer, member, level);
        between = " | ";
    }
    if (!between[0])
        text_add_literal(importer->out, "json");
}

static int is_required(Importer *importer, const Value *schema, const Name *name) {
    const Value *required = get(importer, schema, "required");
    for (uint32_t i = 0; required && required->kind == VALUE_LIST && i < required->as.list.count; i++)
        if (required->as.list.items[i]->kind == VALUE_STRING && str_equal(required->as.list.items[i]->as.string, name_str(name)))
            return 1;
    return 0;
}

static void import_field(Importer *importer, const Value *schema, const Field *field, int level) {
    Diagnostics *diagnostics = importer->session->diagnostics;
    if (!name_is_plain(field->name)) {
        Diagnostic *d = diag_warning(diagnostics, CODE_NO_COUNTERPART, field->span, "`%s` can't be the name of a field: it is left out", field->name->text);
        diag_help(diagnostics, d, "give it a name of phx with the option `also = \"...\"`");
        return;
    }
    write_doc(importer, field->value, level);
    indent(importer, level);
    int optional = !is_required(importer, schema, field->name) || allows_null(importer, field->value);
    text_addf(importer->out, "%s%s: ", field->name->text, optional ? "?" : "");
    import_type(importer, field->value, level);
    text_add_char(importer->out, '\n');
}

/* One property that must be there and is a record: as `phxc schema` writes a tagged value. */
static int is_tagged(Importer *importer, const Value *schema, const Value *properties) {
    const Value *closed = get(importer, schema, "additionalProperties");
    const Value *inner = properties->as.record->count == 1 ? properties->as.record->fields[0].value : NULL;
    return inner && closed && closed->kind == VALUE_BOOL && !closed->as.boolean && is_required(importer, schema, properties->as.record->fields[0].name) &&
           get(importer, schema, "x-phx-tag") && inner->kind == VALUE_RECORD;
}

static void import_fields(Importer *importer, const Value *schema, const Value *properties, const char *open, const char *close, int level) {
    text_addf(importer->out, "%s\n", open);
    for (uint32_t i = 0; i < properties->as.record->count; i++)
        import_field(importer, schema, &properties->as.record->fields[i], level + 1);
    indent(importer, level);
    text_add(importer->out, str_of(close));
}

static void import_object(Importer *importer, const Value *schema, int level) {
    const Value *properties = get(importer, schema, "properties"), *others = get(importer, schema, "additionalProperties");
    if (properties && properties->kind == VALUE_RECORD && is_tagged(importer, schema, properties)) {
        const Field *tag = &properties->as.record->fields[0];
        const Value *fields = get(importer, tag->value, "properties");
        text_add(importer->out, name_str(tag->name));
        if (fields && fields->kind == VALUE_RECORD)
            import_fields(importer, tag->value, fields, "(", ")", level);
        else
            text_add_literal(importer->out, "()");
    } else if (properties && properties->kind == VALUE_RECORD) {
        import_fields(importer, schema, properties, "{", "}", level);
        if (others && others->kind == VALUE_RECORD)
            finding(importer, others, "a record of phx has the fields that are named, and no others: these are left out");
    } else {
        const Value *names = get(importer, schema, "propertyNames");
        text_add_literal(importer->out, "{(");
        if (names)
            import_type(importer, names, level);
        else
            text_add_literal(importer->out, "string");
        text_add_literal(importer->out, "): ");
        if (others && others->kind == VALUE_RECORD)
            import_type(importer, others, level);
        else
            text_add_literal(importer->out, "json");
        text_add_char(importer->out, '}');
    }
}

static void import_array(Importer *importer, const Value *schema, int level) {
    const Value *items = get(importer, schema, "items"), *low = get(importer, schema, "minItems"), *high = get(importer, schema, "maxItems");
    text_add_char(importer->out, '[');
    if (items && items->kind == VALUE_RECORD)
        import_type(importer, items, level);
    else
        text_add_literal(importer->out, "json");
    text_add_char(importer->out, ']');
    if (low || high)
        write_range(importer, "", low, high);
}

static void import_named(Importer *importer, const Value *schema, Str type, int level) {
    const Value *low = get(importer, schema, "minimum"), *high = get(importer, schema, "maximum");
    if (str_equal(type, STR("string")))
        import_string(importer, schema);
    else if (str_equal(type, STR("integer")))
        write_range(importer, "int", low, high);
    else if (str_equal(type, STR("number")))
        write_range(importer, "float", low, high);
    else if (str_equal(type, STR("boolean")))
        text_add_literal(importer->out, "bool");
    else if (str_equal(type, STR("array")))
        import_array(importer, schema, level);
    else if (str_equal(type, STR("object")))
        import_object(importer, schema, level);
    else
        text_add_literal(importer->out, "json");
}

/* ["string", "integer"] */
static void import_several(Importer *importer, const Value *schema, const Value *types, int level) {
    const char *between = "";
    for (uint32_t i = 0; i < types->as.list.count; i++) {
        const Value *type = types->as.list.items[i];
        if (type->kind != VALUE_STRING || str_equal(type->as.string, STR("null")))
            continue;
        text_add(importer->out, str_of(between));
        import_named(importer, schema, type->as.string, level);
        between = " | ";
    }
    if (!between[0])
        text_add_literal(importer->out, "json");
}

static void import_reference(Importer *importer, const Value *reference) {
    Str name = reference->kind == VALUE_STRING ? reference_name(reference->as.string) : STR("");
    if (name.length) {
        write_name(name, importer->out);
        return;
    }
    finding(importer, reference, "only what stands in `$defs` of the same file can be referred to: it is taken for any value");
    text_add_literal(importer->out, "json");
}

static void import_type(Importer *importer, const Value *schema, int level) {
    if (schema->kind != VALUE_RECORD) {
        text_add_literal(importer->out, "json");
        return;
    }
    const Value *any = get(importer, schema, "anyOf"), *values = get(importer, schema, "enum"), *value = get(importer, schema, "const");
    const Value *type = get(importer, schema, "type"), *reference = get(importer, schema, "$ref"), *secret = get(importer, schema, "writeOnly");
    Str phx = get_text(importer, schema, "x-phx");
    any = any ? any : get(importer, schema, "oneOf");
    unknown_words(importer, schema);
    if (secret && secret->kind == VALUE_BOOL && secret->as.boolean)
        text_add_literal(importer->out, "secret ");
    if (phx.length)
        text_add(importer->out, phx);
    else if (reference)
        import_reference(importer, reference);
    else if (value)
        write_literal(importer, value);
    else if (values)
        import_union(importer, values, 1, level);
    else if (any)
        import_union(importer, any, 0, level);
    else if (type && type->kind == VALUE_LIST)
        import_several(importer, schema, type, level);
    else if (type && type->kind == VALUE_STRING)
        import_named(importer, schema, type->as.string, level);
    else if (get(importer, schema, "properties"))
        import_object(importer, schema, level);
    else
        text_add_literal(importer->out, "json");
}

/* ---- the file ---- */

static void import_declaration(Importer *importer, Str name, const Value *schema) {
    if (importer->out->length)
        text_add_char(importer->out, '\n');
    write_doc(importer, schema, 0);
    text_add_literal(importer->out, "type ");
    write_name(name, importer->out);
    text_add_literal(importer->out, " = ");
    import_type(importer, schema, 0);
    text_add_char(importer->out, '\n');
}

/* Is there more in the outermost schema than a reference to one of its definitions? */
static int has_root(Importer *importer, const Value *schema) {
    static const char *const says[] = {"type", "properties", "anyOf", "oneOf", "enum", "const", "x-phx", "allOf"};
    for (size_t i = 0; i < sizeof says / sizeof *says; i++)
        if (get(importer, schema, says[i]))
            return 1;
    return 0;
}

int session_types_from_schema(Session *session, const Source *source, Str name, Text *out) {
    static const char *const definitions[] = {"$defs", "definitions"};
    uint32_t errors = diag_errors(session->diagnostics);
    const Value *schema = json_read(session->arena, session->names, session->diagnostics, source);
    if (diag_errors(session->diagnostics) > errors)
        return 0;
    Text text = {0};
    Importer importer = {.session = session, .out = &text};
    if (schema->kind != VALUE_RECORD) {
        diag_error(session->diagnostics, CODE_NO_COUNTERPART, schema->origin, "this is no JSON Schema: an object describes a type");
        return 0;
    }
    if (has_root(&importer, schema))
        import_declaration(&importer, name, schema);
    for (size_t i = 0; i < sizeof definitions / sizeof *definitions; i++) {
        const Value *list = get(&importer, schema, definitions[i]);
        for (uint32_t k = 0; list && list->kind == VALUE_RECORD && k < list->as.record->count; k++)
            import_declaration(&importer, name_str(list->as.record->fields[k].name), list->as.record->fields[k].value);
    }
    if (!text.length)
        diag_error(session->diagnostics, CODE_NO_COUNTERPART, schema->origin, "there is no type in this JSON Schema");
    int sound = text.length && format_source(session->arena, session->names, session->diagnostics,
                                             source_add(session->sources, SOURCE_ARGUMENT, STR("the types made of it"), arena_str(session->arena, text_str(&text))), out);
    text_fini(&text);
    return sound;
}
