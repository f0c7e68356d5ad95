/* A text against what the table says of its parameter: type, bounds, enum, pattern, format, and the same of each sub-key. */
#include "tests/tables/check.h"

#include <math.h>
#include <stdlib.h>

#include "compiler/slice.h"
#include "tests/tables/format.h"

static int refuse(Text *why, const char *what, Str text) {
    if (why)
        text_addf(why, "%s: \"%.*s\"", what, (int)text.length, text.text);
    return 0;
}

/* -1 where it is no boolean. */
static int boolean_of(Str text) {
    static const char *const words[] = {"0", "off", "no", "false", "1", "on", "yes", "true"};
    for (int i = 0; i < 8; i++)
        if (slice_equal_letters(text, str_of(words[i])))
            return i / 4;
    return -1;
}

/* Whole, or with a decimal part; no exponent, no hexadecimal digits. */
static int is_number(Str text, int whole) {
    size_t at = text.length && (text.text[0] == '-' || text.text[0] == '+'), digits = 0, dots = 0;
    for (; at < text.length; at++) {
        if (text.text[at] == '.' && digits && !dots && !whole)
            dots++;
        else if (text.text[at] >= '0' && text.text[at] <= '9')
            digits++;
        else
            return 0;
    }
    return digits > 0 && text.text[text.length - 1] != '.';
}

static double number_of(Arena *arena, Str text) {
    return strtod(arena_str(arena, text).text, NULL);
}

static int is_one_of(const Parameter *p, Str text) {
    for (uint32_t i = 0; i < p->value_count; i++)
        if (str_equal(str_of(p->values[i]), text))
            return 1;
    return 0;
}

/* How many characters; the tables count these, not bytes. */
static int64_t letters(Str text) {
    int64_t count = 0;
    for (size_t i = 0; i < text.length; i++)
        count += ((unsigned char)text.text[i] & 0xC0) != 0x80;
    return count;
}

static int scalar_takes(Arena *arena, const Parameter *p, Str text, Text *why) {
    const char *type = p->type ? p->type : "string";
    int counted = !strcmp(type, "integer") || !strcmp(type, "number");
    if (!strcmp(type, "boolean"))
        return boolean_of(text) >= 0 || refuse(why, "no boolean", text);
    if (counted && !is_number(text, !strcmp(type, "integer")))
        return refuse(why, !strcmp(type, "integer") ? "no integer" : "no number", text);
    if (counted && !isnan(p->minimum) && number_of(arena, text) < p->minimum)
        return refuse(why, "below the minimum", text);
    if (counted && !isnan(p->maximum) && number_of(arena, text) > p->maximum)
        return refuse(why, "above the maximum", text);
    if (p->value_count && !is_one_of(p, text))
        return refuse(why, "none of its values", text);
    if (p->longest >= 0 && letters(text) > p->longest)
        return refuse(why, "too long", text);
    if (p->shortest >= 0 && letters(text) < p->shortest)
        return refuse(why, "too short", text);
    if (p->pattern && !pattern_matches(p->pattern, text))
        return refuse(why, "not of its pattern", text);
    return !p->format || p->key_count || format_takes(arena, p->format, text) || refuse(why, p->format, text);
}

/* ---- property strings ---- */

static const Parameter *default_key(const Parameter *p) {
    for (uint32_t i = 0; i < p->key_count; i++)
        if (p->keys[i].is_default_key)
            return &p->keys[i];
    return NULL;
}

static const Property *property_of(const Properties *properties, const char *name) {
    for (uint32_t i = 0; i < properties->count; i++)
        if (!strcmp(properties->items[i].key->name, name))
            return &properties->items[i];
    return NULL;
}

static int property_add(Arena *arena, Properties *out, const Parameter *key, Str value, Text *why) {
    if (property_of(out, key->name))
        return refuse(why, "a sub-key twice", str_of(key->name));
    VECTOR_PUSH(arena, out, ((Property){key, value}));
    return 1;
}

/* One part: `key=value`, `value` of the default key, or `virtio=MAC`, where the key's name is the value of another one. */
static int property_read(Arena *arena, const Parameter *p, Str part, Properties *out, Text *why) {
    size_t equals = slice_find_char(part, '=', 0);
    Str name = slice(part, 0, equals), value = equals < part.length ? slice(part, equals + 1, part.length) : part;
    const Parameter *key = equals == part.length ? default_key(p) : parameter_key(p, arena_str(arena, name).text);
    if (!key)
        return refuse(why, "no such sub-key", name);
    if (!value.length)
        return refuse(why, "an empty sub-key", name);
    if (key->key_alias && !property_add(arena, out, parameter_key(p, key->key_alias), name, why))
        return 0;
    while (key && key->alias)
        key = parameter_key(p, key->alias);
    return key ? property_add(arena, out, key, value, why) : refuse(why, "an alias of nothing", name);
}

int properties_read(Arena *arena, const Parameter *parameter, Str text, Properties *out, Text *why) {
    for (Str rest = text, part; slice_next(&rest, STR(","), &part);)
        if (slice_trim(part).length && !property_read(arena, parameter, part, out, why))
            return 0;
    return 1;
}

static int property_string_takes(Arena *arena, const Parameter *p, Str text, Text *why) {
    Properties properties = {0};
    if (!properties_read(arena, p, text, &properties, why))
        return 0;
    if (!properties.count)
        return refuse(why, "an empty property string", text);
    for (uint32_t i = 0; i < p->key_count; i++)
        if (!p->keys[i].optional && !p->keys[i].alias && !property_of(&properties, p->keys[i].name))
            return refuse(why, "a sub-key is missing", str_of(p->keys[i].name));
    for (uint32_t i = 0; i < properties.count; i++) {
        const Property *property = &properties.items[i];
        if (!parameter_takes(arena, property->key, property->value, why)) {
            if (why)
                text_addf(why, " of %s", property->key->name);
            return 0;
        }
        if (property->key->requires && !property_of(&properties, property->key->requires))
            return refuse(why, "a sub-key requires another", str_of(property->key->name));
    }
    return 1;
}

int parameter_takes(Arena *arena, const Parameter *parameter, Str text, Text *why) {
    if (memchr(text.text, '\0', text.length))
        return refuse(why, "a NUL", text);
    return parameter->key_count ? property_string_takes(arena, parameter, text, why) && scalar_takes(arena, parameter, text, why)
                                : scalar_takes(arena, parameter, text, why);
}

/* ---- one spelling ---- */

static void scalar_plain(Arena *arena, const Parameter *p, Str text, Text *out) {
    const char *type = p->type ? p->type : "string";
    if (!strcmp(type, "boolean"))
        text_add_int(out, boolean_of(text));
    else if (!strcmp(type, "integer") || !strcmp(type, "number"))
        text_addf(out, "%.15g", number_of(arena, text));
    else if (p->format && !p->value_count)
        format_plain(p->format, text, out);
    else
        text_add(out, text);
}

static int by_name(const void *a, const void *b) {
    return strcmp(((const Property *)a)->key->name, ((const Property *)b)->key->name);
}

static Str property_plain(Arena *arena, const Parameter *key, Str text) {
    Text one = {0};
    scalar_plain(arena, key, text, &one);
    Str plain = arena_str(arena, text_str(&one));
    text_fini(&one);
    return plain;
}

void parameter_plain(Arena *arena, const Parameter *parameter, Str text, Text *out) {
    Properties properties = {0};
    if (!parameter->key_count) {
        scalar_plain(arena, parameter, text, out);
        return;
    }
    properties_read(arena, parameter, text, &properties, NULL);
    if (properties.count)
        qsort(properties.items, properties.count, sizeof *properties.items, by_name);
    for (uint32_t i = 0; i < properties.count; i++) {
        const Parameter *key = properties.items[i].key;
        Str value = property_plain(arena, key, properties.items[i].value);
        if (!key->fallback || !str_equal(value, property_plain(arena, key, str_of(key->fallback))))
            text_addf(out, "%s=%.*s,", key->name, (int)value.length, value.text);
    }
}
