/* The tables' JSON to structures. */
#include "tests/tables/table.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *copied(Arena *arena, const json_t *text) {
    return json_is_string(text) ? arena_str(arena, str_of(json_string_value(text))).text : NULL;
}

static double number_of(const json_t *entry, const char *key) {
    const json_t *number = json_object_get(entry, key);
    return json_is_number(number) ? json_number_value(number) : NAN;
}

static int64_t integer_of(const json_t *entry, const char *key) {
    const json_t *number = json_object_get(entry, key);
    return json_is_integer(number) ? json_integer_value(number) : -1;
}

/* Truths stand there as true or as 1. */
static int truth_of(const json_t *entry, const char *key) {
    const json_t *truth = json_object_get(entry, key);
    return json_is_true(truth) || (json_is_integer(truth) && json_integer_value(truth) != 0);
}

/* Defaults stand there as texts, numbers or booleans. */
static const char *fallback_of(Arena *arena, const json_t *entry) {
    const json_t *value = json_object_get(entry, "default");
    if (json_is_integer(value))
        return arena_printf(arena, "%" JSON_INTEGER_FORMAT, json_integer_value(value)).text;
    return copied(arena, value);
}

static const Parameter *parameters_read(Arena *arena, const json_t *entries, uint32_t *count);

static Parameter parameter_read(Arena *arena, const char *name, const json_t *entry) {
    Parameter p = {
        .name = arena_str(arena, str_of(name)).text,
        .type = copied(arena, json_object_get(entry, "type")),
        .format = copied(arena, json_object_get(entry, "format")),
        .minimum = number_of(entry, "minimum"), .maximum = number_of(entry, "maximum"),
        .shortest = integer_of(entry, "minLength"), .longest = integer_of(entry, "maxLength"),
        .first = integer_of(entry, "index_min"), .last = integer_of(entry, "index_max"),
        .optional = truth_of(entry, "optional"),
        .is_list = truth_of(entry, "list"),
        .position = (int)integer_of(entry, "position"),
        .fallback = fallback_of(arena, entry),
        .requires = copied(arena, json_object_get(entry, "requires")),
        .is_default_key = truth_of(entry, "default_key"),
        .alias = copied(arena, json_object_get(entry, "alias")),
        .key_alias = copied(arena, json_object_get(entry, "keyAlias")),
    };
    const char *pattern = json_string_value(json_object_get(entry, "pattern"));
    const json_t *values = json_object_get(entry, "enum");
    if (pattern && !(p.pattern = pattern_parse(arena, str_of(pattern))))
        fprintf(stderr, "tables: the pattern of %s is not understood: %s\n", name, pattern);
    if (values) {
        const char **texts = ARENA_ARRAY(arena, const char *, json_array_size(values) + 1);
        for (size_t i = 0; i < json_array_size(values); i++)
            texts[p.value_count++] = copied(arena, json_array_get(values, i));
        p.values = texts;
    }
    p.keys = parameters_read(arena, json_object_get(entry, "keys"), &p.key_count);
    return p;
}

static const Parameter *parameters_read(Arena *arena, const json_t *entries, uint32_t *count) {
    VECTOR(Parameter) all = {0};
    const char *name;
    json_t *entry;
    json_object_foreach((json_t *)(uintptr_t)entries, name, entry)
        VECTOR_PUSH(arena, &all, parameter_read(arena, name, entry));
    *count = all.count;
    return all.items;
}

static void command_add(Tables *tables, const char *tool, Str name, const json_t *entry) {
    TableCommand command = {.tool = tool, .name = name.text};
    command.parameters = parameters_read(tables->arena, json_object_get(entry, "params"), &command.count);
    VECTOR_PUSH(tables->arena, &tables->commands, command);
}

static json_t *file_read(const char *folder, const char *tool) {
    char path[4096];
    json_error_t error;
    snprintf(path, sizeof path, "%s/%s.json", folder, tool);
    json_t *root = json_load_file(path, 0, &error);
    if (!root)
        fprintf(stderr, "tables: %s: %s\n", path, error.text);
    return root;
}

/* A command that says only "alias" has the parameters of that one. */
static int tool_read(Tables *tables, const char *folder, const char *tool) {
    json_t *root = file_read(folder, tool), *entry, *commands = json_object_get(root, "commands");
    const char *name;
    json_object_foreach(commands, name, entry) {
        const char *alias = json_string_value(json_object_get(entry, "alias"));
        command_add(tables, tool, arena_str(tables->arena, str_of(name)), alias ? json_object_get(commands, alias) : entry);
    }
    json_decref(root);
    return root != NULL;
}

static int paths_read(Tables *tables, const char *folder) {
    json_t *root = file_read(folder, "pvesh"), *methods, *entry;
    const char *path, *method;
    json_object_foreach(root, path, methods)
        json_object_foreach(methods, method, entry)
            command_add(tables, "pvesh", arena_printf(tables->arena, "%s %s", method, path), entry);
    json_decref(root);
    return root != NULL;
}

Tables *tables_read(Arena *arena, const char *folder) {
    Tables *tables = ARENA_NEW(arena, Tables);
    tables->arena = arena;
    int read = tool_read(tables, folder, "pct") & tool_read(tables, folder, "qm") & tool_read(tables, folder, "pvesm") & paths_read(tables, folder);
    return read ? tables : NULL;
}

void tables_amend(Tables *tables, TableCommand *command, const char *name) {
    VECTOR(Parameter) all = {0};
    int found = 0;
    for (uint32_t i = 0; i < command->count; i++) {
        Parameter p = command->parameters[i];
        if (!strcmp(p.name, name))
            found = p.optional = 1;
        VECTOR_PUSH(tables->arena, &all, p);
    }
    if (!found) {
        Parameter text = {.name = name, .type = "string", .optional = 1, .position = -1, .first = -1, .last = -1, .shortest = -1, .longest = -1};
        text.minimum = text.maximum = NAN;
        VECTOR_PUSH(tables->arena, &all, text);
    }
    command->parameters = all.items;
    command->count = all.count;
}

const TableCommand *tables_command(const Tables *tables, const char *tool, const char *name) {
    for (uint32_t i = 0; i < tables->commands.count; i++) {
        const TableCommand *command = &tables->commands.items[i];
        if (!strcmp(command->tool, tool) && !strcmp(command->name, name))
            return command;
    }
    return NULL;
}

const TableCommand *tables_command_of(const Tables *tables, const char *tool, const char *const *words, uint32_t count, uint32_t *taken) {
    char name[128];
    if (count >= 2 && words[0] && words[1]) {
        snprintf(name, sizeof name, "%s %s", words[0], words[1]);
        const TableCommand *command = tables_command(tables, tool, name);
        *taken = 2;
        if (command)
            return command;
    }
    *taken = 1;
    return count && words[0] ? tables_command(tables, tool, words[0]) : NULL;
}

/* Is it a member of the family, such as "net3" of "net[n]"? A number with a leading zero is none. */
static int is_member(const Parameter *family, const char *name) {
    size_t stem = strlen(family->name) - strlen("[n]");
    char *end;
    if (family->last < 0 || strncmp(family->name, name, stem) || !(name[stem] >= '0' && name[stem] <= '9') || (name[stem] == '0' && name[stem + 1]))
        return 0;
    long number = strtol(name + stem, &end, 10);
    return !*end && number >= family->first && number <= family->last;
}

const Parameter *table_parameter(const TableCommand *command, const char *name) {
    for (uint32_t i = 0; i < command->count; i++)
        if (is_member(&command->parameters[i], name) || (command->parameters[i].last < 0 && !strcmp(command->parameters[i].name, name)))
            return &command->parameters[i];
    return NULL;
}

const Parameter *table_positional(const TableCommand *command, uint32_t position) {
    for (uint32_t i = 0; i < command->count; i++)
        if (command->parameters[i].position == (int)position)
            return &command->parameters[i];
    return NULL;
}

const Parameter *parameter_key(const Parameter *parameter, const char *name) {
    for (uint32_t i = 0; i < parameter->key_count; i++)
        if (!strcmp(parameter->keys[i].name, name))
            return &parameter->keys[i];
    return NULL;
}
