// Validates parameters and property strings, with the messages of the real programs.
#include "verify.h"

#include "formats.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

const char *verify_boolean(const char *value) {
    static const char *const TRUE_WORDS[] = {"1", "on", "yes", "true"}, *const FALSE_WORDS[] = {"0", "off", "no",
                                                                                                "false"};
    for (size_t i = 0; i < 4; i++) {
        if (strcasecmp(value, TRUE_WORDS[i]) == 0) return "1";
        if (strcasecmp(value, FALSE_WORDS[i]) == 0) return "0";
    }
    return NULL;
}

/// Is [value] of the option's basic type?
static bool type_fits(OptionType type, const char *value) {
    switch (type) {
    case OPTION_INTEGER: return formats_match("[+-]?[0-9]+", value);
    case OPTION_NUMBER: return formats_match("[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([Ee][+-]?[0-9]+)?", value);
    case OPTION_BOOLEAN: return verify_boolean(value) != NULL;
    case OPTION_STRING:
    case OPTION_ARRAY: return true;
    }
    return false;
}

static const char *type_name(OptionType type) {
    switch (type) {
    case OPTION_INTEGER: return "integer";
    case OPTION_NUMBER: return "number";
    case OPTION_BOOLEAN: return "boolean";
    case OPTION_STRING:
    case OPTION_ARRAY: return "string";
    }
    return "string";
}

/// The values that Option.choices permits, its runs written out.
static Words choices_list(Host *host, const char *choices) {
    Words given = words_split(host->mem, choices, ", "), all = words_new(host->mem);
    for (size_t i = 0; i < given.count; i++) {
        const char *run = strstr(given.items[i], "..");
        if (run == NULL) {
            words_add(&all, given.items[i]);
            continue;
        }
        size_t stem = (size_t)(run - given.items[i]);
        while (stem > 0 && strchr("0123456789", given.items[i][stem - 1]) != NULL) stem--;
        long last = strtol(run + 2, NULL, 10);
        for (long number = strtol(given.items[i] + stem, NULL, 10); number <= last; number++)
            words_add(&all, mem_print(host->mem, "%.*s%ld", (int)stem, given.items[i], number));
    }
    return all;
}

/// The limits that are left once type and format are right.
static const char *limits_check(Host *host, const Option *option, const char *value) {
    Mem *mem = host->mem;
    if (option->pattern != NULL && !formats_match(option->pattern, value))
        return "value does not match the regex pattern";
    if (option->choices != NULL) {
        Words choices = choices_list(host, option->choices);
        if (!words_has(&choices, value))
            return mem_print(mem, "value '%s' does not have a value in the enumeration '%s'", value,
                             words_join(&choices, ", "));
    }
    if (option->type == OPTION_INTEGER || option->type == OPTION_NUMBER) {
        double number = strtod(value, NULL);
        if (option->minimum != NULL && number < strtod(option->minimum, NULL))
            return mem_print(mem, "value must have a minimum value of %s", option->minimum);
        if (option->maximum != NULL && number > strtod(option->maximum, NULL))
            return mem_print(mem, "value must have a maximum value of %s", option->maximum);
    } else {
        size_t length = strlen(value);
        if (option->min_length != NULL && length < strtoul(option->min_length, NULL, 10))
            return mem_print(mem, "value must be at least %s characters long", option->min_length);
        if (option->max_length != NULL && length > strtoul(option->max_length, NULL, 10))
            return mem_print(mem, "value may only be %s characters long", option->max_length);
    }
    return NULL;
}

const char *verify_type(Host *host, const Option *option, const char *name, const char *value) {
    Mem *mem = host->mem;
    if (!type_fits(option->type, value))
        return mem_print(mem, "type check ('%s') failed - got '%s'", type_name(option->type), value);
    OptionSet format;
    const char *keys = option->keys != NULL ? option->keys : option->format;
    if (keys != NULL && options_find_format(keys, &format)) {
        Pairs pairs = pairs_new(mem);
        const char *error = verify_parse(host, &format, name, value, &pairs);
        if (error != NULL) return mem_print(mem, "invalid format - %s", error);
    }
    if (option->format != NULL) {
        const char *error = formats_check(host, option->format, value);
        if (error != NULL) return mem_print(mem, "invalid format - %s\n", error);
    }
    return NULL;
}

const char *verify_value(Host *host, const Option *option, const char *name, const char *value) {
    const char *error = verify_type(host, option, name, value);
    return error != NULL ? error : limits_check(host, option, value);
}

/// The sub-key that a value without `key=` belongs to.
static const Option *default_key(const OptionSet *format) {
    for (size_t i = 0; i < format->count; i++)
        if (format->rows[i].is_default) return &format->rows[i];
    return NULL;
}

/// Puts one `key=value` where it belongs: aliases are followed, `virtio=MAC` sets the model too. Unknown keys are kept
/// for the check that names them. False if the key was there before.
static bool key_put(const OptionSet *format, Pairs *pairs, const char *key, const char *value) {
    const Option *row = options_find(format, key);
    if (row != NULL && row->key_alias != NULL) {
        if (pairs_get(pairs, row->key_alias) != NULL) return false;
        pairs_set(pairs, row->key_alias, key);
    }
    if (row != NULL && row->alias != NULL) {
        key = row->alias;
        row = options_find(format, key);
    }
    if (pairs_get(pairs, key) != NULL) return false;
    const char *boolean = row != NULL && row->type == OPTION_BOOLEAN ? verify_boolean(value) : NULL;
    pairs_set(pairs, key, boolean != NULL ? boolean : value);
    return true;
}

/// Checks the sub-keys one by one; the errors are in the order of their names, as the real programs print them.
static const char *keys_check(Host *host, const OptionSet *format, const char *path, const Pairs *pairs) {
    Pairs errors = pairs_new(host->mem);
    const char *dot = *path == '\0' ? "" : ".";
    for (size_t i = 0; i < pairs->count; i++) {
        const char *key = pairs->items[i].key, *error;
        const Option *row = options_find(format, key);
        const char *name = mem_print(host->mem, "%s%s%s", path, dot, key);
        if (row == NULL)
            error = "property is not defined in schema and the schema does not allow additional properties";
        else error = verify_value(host, row, name, pairs->items[i].value);
        if (error != NULL) pairs_set(&errors, name, error);
        if (row != NULL && row->needs != NULL && pairs_get(pairs, row->needs) == NULL)
            pairs_set(&errors, mem_print(host->mem, "%s%s%s", path, dot, row->needs),
                      mem_print(host->mem, "missing property - '%s' requires this property", name));
    }
    for (size_t i = 0; i < format->count; i++)
        if (format->rows[i].required && pairs_get(pairs, format->rows[i].name) == NULL)
            pairs_set(&errors, mem_print(host->mem, "%s%s%s", path, dot, format->rows[i].name),
                      "property is missing and it is not optional");
    if (errors.count == 0) return NULL;
    pairs_sort(&errors);
    Text text = text_new(host->mem);
    text_add(&text, "format error\n");
    for (size_t i = 0; i < errors.count; i++) text_print(&text, "%s: %s\n", errors.items[i].key, errors.items[i].value);
    return text.data;
}

const char *verify_parse(Host *host, const OptionSet *format, const char *path, const char *value, Pairs *pairs) {
    Words parts = words_split(host->mem, value, ",");
    for (size_t i = 0; i < parts.count; i++) {
        const char *part = parts.items[i], *equals = strchr(part, '=');
        const char *key;
        if (part[strspn(part, " \t")] == '\0') continue;
        if (equals == part || (equals != NULL && equals[1] == '\0'))
            return "missing key in comma-separated list property\n";
        if (equals != NULL) {
            key = mem_copy_part(host->mem, part, (size_t)(equals - part));
        } else {
            const Option *row = default_key(format);
            if (row == NULL) return "value without key, but schema does not define a default key\n";
            key = row->name;
        }
        if (!key_put(format, pairs, key, equals != NULL ? equals + 1 : part))
            return mem_print(host->mem, "duplicate key in comma-separated list property: %s\n", key);
    }
    return keys_check(host, format, path, pairs);
}

/// Is there a sub-key whose name stands for a value of [row] (the models of a network card)?
static const char *alias_target(const OptionSet *format, const Option *row) {
    for (size_t i = 0; i < format->count; i++)
        if (text_equals(format->rows[i].key_alias, row->name)) return format->rows[i].alias;
    return NULL;
}

const char *verify_print(Host *host, const OptionSet *format, const Pairs *pairs) {
    Pairs rest = pairs_copy(pairs);
    Text text = text_new(host->mem);
    const Option *first = default_key(format);
    const char *value = first == NULL ? NULL : pairs_get(&rest, first->name);
    if (value != NULL) {
        text_add(&text, value);
        const char *target = alias_target(format, first);
        if (target != NULL && pairs_get(&rest, target) != NULL) {
            text_print(&text, "=%s", pairs_get(&rest, target));
            pairs_remove(&rest, target);
        }
        pairs_remove(&rest, first->name);
    }
    pairs_sort(&rest);
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < rest.count; i++) {
            const Option *row = options_find(format, rest.items[i].key);
            bool required = row != NULL && row->required;
            if (required != (round == 0)) continue;
            text_print(&text, "%s%s=%s", text.length > 0 ? "," : "", rest.items[i].key, rest.items[i].value);
        }
    }
    return text.data;
}
