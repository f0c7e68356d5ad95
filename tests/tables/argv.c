/* The words of a command against its table, read as Proxmox's programs read them, but for what is only a trap there: an abbreviation, a
   flag without its value, a flag that is given twice. */
#include "tests/tables/argv.h"

#include <jansson.h>
#include <string.h>

#include "compiler/slice.h"
#include "tests/tables/check.h"
#include "tests/tables/format.h"

enum { WORD_LIMIT = 2048 };

typedef struct Reading {
    const Tables *tables;
    const TableCommand *command;
    const char *const *words;
    uint32_t count;
    const char *given[WORD_LIMIT];      /* the parameters, families by their members */
    uint32_t given_count;
    Seen *seen;
    Text *why;
} Reading;

static int refuse(const Reading *r, const char *what, const char *word) {
    text_addf(r->why, "%s: %s", what, word ? word : "(known later)");
    return 0;
}

static void seen_add(Seen *seen, const char *line) {
    uint32_t *slot = lookup_slot(seen->known, str_of(line));
    if (*slot)
        return;
    *slot = 1;
    VECTOR_PUSH(seen->arena, &seen->lines, line);
}

static void parameter_seen(const Reading *r, const Parameter *p, const char *value) {
    Properties properties = {0};
    const TableCommand *c = r->command;
    seen_add(r->seen, arena_printf(r->seen->arena, "%s %s %s", c->tool, c->name, p->name).text);
    if (!value || !p->key_count || !properties_read(r->seen->arena, p, str_of(value), &properties, NULL))
        return;
    for (uint32_t i = 0; i < properties.count; i++)
        seen_add(r->seen, arena_printf(r->seen->arena, "%s %s %s.%s", c->tool, c->name, p->name, properties.items[i].key->name).text);
}

/* Is it given? A family's member by its own name. */
static int is_given(const Reading *r, const char *name) {
    for (uint32_t i = 0; i < r->given_count; i++)
        if (!strcmp(r->given[i], name))
            return 1;
    return 0;
}

/* What `--delete` and `--revert` name must be settings of the command. */
static int names_known(const Reading *r, const char *value) {
    for (Str rest = str_of(value), name; slice_next(&rest, STR(","), &name);)
        if (!table_parameter(r->command, arena_str(r->seen->arena, name).text))
            return refuse(r, "--delete of what is no setting", arena_str(r->seen->arena, name).text);
    return 1;
}

/* The program takes the name of a file here, and hands on what is in it. */
static int is_file(const char *tool, const char *name) {
    return (!strcmp(tool, "qm") && !strcmp(name, "sshkeys")) || (!strcmp(tool, "pct") && !strcmp(name, "ssh-public-keys"));
}

static int value_takes(Reading *r, const Parameter *p, const char *name, const char *value) {
    Text why = {0};
    int takes = !value || (is_file(r->command->tool, name) && value[0] == '/') || parameter_takes(r->seen->arena, p, str_of(value), &why);
    if (!takes)
        text_addf(r->why, "%s takes no such value: %s", name, why.bytes);
    text_fini(&why);
    if (takes && value && (!strcmp(name, "delete") || !strcmp(name, "revert")) && strcmp(r->command->tool, "pvesh"))
        takes = names_known(r, value);
    if (takes)
        parameter_seen(r, p, value);
    return takes;
}

static int parameter_give(Reading *r, const Parameter *p, const char *name, const char *value) {
    int repeats = p->is_list || format_is_list(p->format) || (p->type && !strcmp(p->type, "array"));
    if (is_given(r, name) && !repeats)
        return refuse(r, "given twice", name);
    r->given[r->given_count++] = name;
    return value_takes(r, p, name, value);
}

/* Flags of the program itself, not of what it is asked for. */
static int is_own_flag(const char *tool, const char *name) {
    return !strcmp(tool, "pvesh") && (!strcmp(name, "output-format") || !strcmp(name, "quiet") || !strcmp(name, "noproxy") || !strcmp(name, "human-readable"));
}

/* `--name value`; a flag that means yes or no must have its value too, or it swallows what follows. */
static int flag_read(Reading *r, uint32_t *at) {
    const char *name = r->words[*at] + 2;
    const Parameter *p = table_parameter(r->command, name);
    if (!p && is_own_flag(r->command->tool, name)) {
        *at += strcmp(name, "quiet") && strcmp(name, "noproxy");
        return 1;
    }
    if (!p)
        return refuse(r, "no such flag", r->words[*at]);
    if (p->position >= 0)
        return refuse(r, "a positional as a flag", name);
    if (*at + 1 >= r->count)
        return refuse(r, "a flag without a value", name);
    const char *value = r->words[++*at];
    if (value && !strncmp(value, "--", 2) && table_parameter(r->command, value + 2))
        return refuse(r, "a flag without a value", name);
    return parameter_give(r, p, name, value);
}

static int words_read(Reading *r, uint32_t at) {
    uint32_t position = 0;
    for (; at < r->count; at++) {
        const char *word = r->words[at];
        const Parameter *p = table_positional(r->command, position);
        if (word && !strcmp(word, "--"))
            return p && p->type && !strcmp(p->type, "array") ? 1 : refuse(r, "-- before nothing", r->command->name);
        if (word && word[0] == '-' && word[1]) {
            if (word[1] != '-')
                return refuse(r, "a flag with one dash", word);
            if (!flag_read(r, &at))
                return 0;
        } else if (!p || (p->type && !strcmp(p->type, "array"))) {
            return refuse(r, "one word too many", word);
        } else {
            position++;
            if (!parameter_give(r, p, p->name, word))
                return 0;
        }
    }
    return 1;
}

static int all_there(const Reading *r) {
    for (uint32_t i = 0; i < r->command->count; i++) {
        const Parameter *p = &r->command->parameters[i];
        if (!p->optional && !is_given(r, p->name))
            return refuse(r, "missing", p->name);
        if (p->requires && is_given(r, p->name) && !is_given(r, p->requires))
            return refuse(r, "requires another", p->name);
    }
    return 1;
}

/* ---- pvesh ---- */

/* The next part of a path: what stands for a network is all the rest, as it has a slash of its own. */
static int part_next(Str expected, Str *path, Str *part) {
    if (!str_equal(expected, STR("{cidr}")))
        return slice_next(path, STR("/"), part);
    *part = *path;
    *path = (Str){0};
    return part->length > 0;
}

/* Has the path the parts of "/nodes/{node}/lxc/{vmid}"? What stands in braces may be anything. */
static int path_is(Str pattern, Str path) {
    Str expected, part;
    while (slice_next(&pattern, STR("/"), &expected))
        if (!part_next(expected, &path, &part) || (!slice_begins(expected, STR("{")) && !str_equal(expected, part)))
            return 0;
    return !slice_next(&path, STR("/"), &part);
}

/* Does the path fit the command's? What stands for names in braces is given. */
static int path_fits(Reading *r, const TableCommand *command, Str pattern, Str path) {
    Str expected, part;
    if (!path_is(pattern, path))
        return 0;
    r->command = command;
    r->given_count = 0;
    text_clear(r->why);
    while (slice_next(&pattern, STR("/"), &expected) && part_next(expected, &path, &part)) {
        if (!slice_begins(expected, STR("{")))
            continue;
        Str name = arena_str(r->seen->arena, slice(expected, 1, expected.length - 1));
        const Parameter *p = table_parameter(command, name.text);
        if (!p || !parameter_give(r, p, name.text, arena_str(r->seen->arena, part).text))
            return 0;
    }
    return 1;
}

static int pvesh_takes(Reading *r) {
    static const char *const methods[][2] = {{"get", "GET"}, {"set", "PUT"}, {"create", "POST"}, {"delete", "DELETE"}};
    const char *method = NULL;
    for (size_t i = 0; r->count >= 3 && r->words[1] && i < 4; i++)
        if (!strcmp(r->words[1], methods[i][0]))
            method = methods[i][1];
    if (!method)
        return refuse(r, "no such sub-command", r->count > 1 ? r->words[1] : "");
    if (!r->words[2])
        return 1;
    /* A path of fixed names goes before one with a name that stands for any. */
    for (int with_names = 0; with_names <= 1; with_names++)
        for (uint32_t i = 0; i < r->tables->commands.count; i++) {
            const TableCommand *c = &r->tables->commands.items[i];
            size_t length = strlen(method);
            if (!strcmp(c->tool, "pvesh") && !strncmp(c->name, method, length) && c->name[length] == ' ' && (strchr(c->name, '{') != NULL) == with_names &&
                path_fits(r, c, str_of(c->name + length + 1), str_of(r->words[2])))
                return words_read(r, 3) && all_there(r);
        }
    return refuse(r, "no such path", r->words[2]);
}

/* ---- one command ---- */

int argv_concerns(const char *program) {
    return program && (!strcmp(program, "pct") || !strcmp(program, "qm") || !strcmp(program, "pvesm") || !strcmp(program, "pvesh"));
}

int argv_takes(const Tables *tables, const char *const *words, uint32_t count, Seen *seen, Text *why) {
    Reading reading = {.tables = tables, .words = words, .count = count, .seen = seen, .why = why};
    uint32_t taken;
    if (!count || !argv_concerns(words[0]))
        return 1;
    if (count > WORD_LIMIT - 16)
        return refuse(&reading, "too many words", words[0]);
    if (!strcmp(words[0], "pvesh"))
        return pvesh_takes(&reading);
    reading.command = tables_command_of(tables, words[0], words + 1, count - 1, &taken);
    if (!reading.command)
        return refuse(&reading, "no such sub-command", count > 1 ? words[1] : "");
    return words_read(&reading, 1 + taken) && all_there(&reading);
}

/* ---- plans ---- */

typedef struct PlanCheck {
    const Tables *tables;
    const char *name;
    Seen *seen;
    ArgvCount *count;
} PlanCheck;

static void command_check(PlanCheck *check, const json_t *step, const json_t *argv) {
    const char *words[WORD_LIMIT];
    uint32_t count = 0;
    size_t i;
    json_t *word;
    json_array_foreach((json_t *)(uintptr_t)argv, i, word)
        if (count < WORD_LIMIT)
            words[count++] = json_string_value(word);
    if (!count || !argv_concerns(words[0]))
        return;
    Text why = {0};
    check->count->commands++;
    if (!argv_takes(check->tables, words, count, check->seen, &why)) {
        check->count->rejected++;
        printf("FAIL %s: %s: %s\n    ", check->name, json_string_value(json_object_get(step, "address")), why.bytes ? why.bytes : "");
        for (uint32_t w = 0; w < count; w++)
            printf("%s%s", words[w] ? words[w] : "(known later)", w + 1 < count ? " " : "\n");
    }
    text_fini(&why);
}

static void commands_check(PlanCheck *check, const json_t *step, const char *which) {
    size_t i;
    json_t *command, *commands = json_object_get(step, which);
    json_array_foreach(commands, i, command)
        if (!strcmp(json_string_value(json_object_get(command, "kind")), "run"))
            command_check(check, step, json_object_get(command, "argv"));
}

int plan_check(const Tables *tables, FILE *plan, const char *name, Seen *seen, ArgvCount *count) {
    PlanCheck check = {tables, name, seen, count};
    json_error_t error;
    json_t *root = json_loadf(plan, 0, &error), *steps = json_object_get(root, "steps"), *step;
    size_t i;
    int is_plan = json_is_array(steps);
    json_array_foreach(steps, i, step) {
        commands_check(&check, step, "commands");
        commands_check(&check, step, "undo");
    }
    json_decref(root);
    return is_plan;
}
