// Command lines and templates of the Docker client: its flags and the part of Go's templates that programs ask with.
#include "docker.h"

#include <stdlib.h>
#include <string.h>

enum { EXIT_USAGE = 125, TEMPLATE_DEPTH = 8 };

/// Finds the word of [spec] for a flag: by its name, or by its letter. *takes says whether it has a value.
static const char *flag_find(Host *host, const char *spec, const char *name, char letter, bool *takes) {
    Words words = words_split(host->mem, spec, " ");
    for (size_t i = 0; i < words.count; i++) {
        const char *word = words.items[i];
        size_t length = strcspn(word, ",=");
        bool fits = name != NULL ? strlen(name) == length && strncmp(word, name, length) == 0
                                 : word[length] == ',' && word[length + 1] == letter;
        *takes = text_ends_with(word, "=");
        if (fits) return mem_copy_part(host->mem, word, length);
    }
    return NULL;
}

_Noreturn static void flag_refuse(Host *host, const char *command, const char *reason) {
    host_fail(host, EXIT_USAGE, "%s\nSee '%s --help'.", reason, command);
}

DockerFlags docker_read_flags(Host *host, const char *command, const char *spec, int first, bool only_first) {
    DockerFlags flags = {.values = pairs_new(host->mem), .plain = words_new(host->mem)};
    for (int i = first; i < host->argc; i++) {
        const char *word = host->argv[i];
        bool takes;
        if (strcmp(word, "--") == 0) {
            for (i++; i < host->argc; i++) words_add(&flags.plain, host->argv[i]);
        } else if (text_starts_with(word, "--")) {
            const char *equals = strchr(word, '=');
            const char *given = equals == NULL ? word + 2 : mem_copy_part(host->mem, word + 2, (size_t)(equals - word - 2));
            const char *name = flag_find(host, spec, given, '\0', &takes);
            if (name == NULL) flag_refuse(host, command, mem_print(host->mem, "unknown flag: --%s", given));
            const char *value = equals != NULL ? equals + 1 : takes && i + 1 < host->argc ? host->argv[++i] : takes ? NULL : "true";
            if (value == NULL) flag_refuse(host, command, mem_print(host->mem, "flag needs an argument: --%s", name));
            pairs_add(&flags.values, name, value);
        } else if (word[0] == '-' && word[1] != '\0') {
            for (const char *at = word + 1; *at != '\0'; at++) {
                const char *name = flag_find(host, spec, NULL, *at, &takes);
                if (name == NULL)
                    flag_refuse(host, command, mem_print(host->mem, "unknown shorthand flag: '%c' in %s", *at, word));
                const char *value = "true";
                if (takes) value = at[1] == '=' ? at + 2 : at[1] != '\0' ? at + 1 : i + 1 < host->argc ? host->argv[++i] : NULL;
                if (value == NULL)
                    flag_refuse(host, command, mem_print(host->mem, "flag needs an argument: '%c' in %s", *at, word));
                pairs_add(&flags.values, name, value);
                if (takes) break;
            }
        } else {
            words_add(&flags.plain, word);
            if (!only_first) continue;
            for (i++; i < host->argc; i++) words_add(&flags.plain, host->argv[i]);
        }
    }
    return flags;
}

const char *docker_value(const DockerFlags *flags, const char *name, const char *otherwise) {
    const char *value = otherwise;
    for (size_t i = 0; i < flags->values.count; i++)
        if (strcmp(flags->values.items[i].key, name) == 0) value = flags->values.items[i].value;
    return value;
}

bool docker_has(const DockerFlags *flags, const char *name) {
    const char *value = docker_value(flags, name, "false");
    return strcmp(value, "false") != 0 && strcmp(value, "0") != 0;
}

Words docker_values(Host *host, const DockerFlags *flags, const char *name) {
    Words values = words_new(host->mem);
    for (size_t i = 0; i < flags->values.count; i++)
        if (strcmp(flags->values.items[i].key, name) == 0) words_add(&values, flags->values.items[i].value);
    return values;
}

void docker_need_arguments(Host *host, const char *command, const DockerFlags *flags, size_t least, size_t most) {
    if (flags->plain.count >= least && (most == 0 || flags->plain.count <= most)) return;
    bool exact = least == most;
    size_t count = flags->plain.count < least || exact ? least : most;
    const char *how = exact ? "exactly" : flags->plain.count < least ? "at least" : "at most";
    host_fail(host, 1, "\"%s\" requires %s %zu argument%s.\nSee '%s --help'.", command, how, count, count == 1 ? "" : "s", command);
}

json_t *docker_pairs(Host *host, const DockerFlags *flags, const char *name) {
    json_t *object = value_keep(host->mem, json_object());
    Words values = docker_values(host, flags, name);
    for (size_t i = 0; i < values.count; i++) {
        const char *equals = strchr(values.items[i], '=');
        const char *key = equals == NULL ? values.items[i] : mem_copy_part(host->mem, values.items[i], (size_t)(equals - values.items[i]));
        json_object_set_new(object, key, json_string(equals == NULL ? "" : equals + 1));
    }
    return object;
}

bool docker_filter_label(const char *filter, const json_t *labels) {
    const char *equals = strchr(filter, '=');
    char key[256];
    size_t length = equals == NULL ? strlen(filter) : (size_t)(equals - filter);
    if (length >= sizeof key) return false;
    memcpy(key, filter, length);
    key[length] = '\0';
    const char *value = json_string_value(json_object_get(labels, key));
    return value != NULL && (equals == NULL || strcmp(value, equals + 1) == 0);
}

// ---- templates ----

_Noreturn static void template_refuse(Host *host, const char *reason) {
    host_fail(host, 1, "template parsing error: template: :1: %s", reason);
}

static const char *json_text(Host *host, const json_t *value) {
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    const char *copy = mem_copy(host->mem, text == NULL ? "null" : text);
    free(text);
    return copy;
}

/// A value as Go prints it: maps and lists in brackets.
static const char *value_text(Host *host, const json_t *value) {
    Text text = text_new(host->mem);
    if (json_is_string(value)) return json_string_value(value);
    if (value == NULL || json_is_null(value)) return "<no value>";
    if (json_is_array(value)) {
        size_t index;
        json_t *item;
        text_add(&text, "[");
        json_array_foreach(value, index, item) text_print(&text, "%s%s", index > 0 ? " " : "", value_text(host, item));
        text_add(&text, "]");
        return text.data;
    }
    if (json_is_object(value)) {
        const char *key;
        json_t *item;
        bool first = true;
        text_add(&text, "map[");
        json_object_foreach((json_t *)(uintptr_t)value, key, item) {
            text_print(&text, "%s%s:%s", first ? "" : " ", key, value_text(host, item));
            first = false;
        }
        text_add(&text, "]");
        return text.data;
    }
    return json_text(host, value);
}

/// The words of an action: quoted ones with their quotes taken off and a mark in front.
static Words action_split(Host *host, const char *text) {
    Words words = words_new(host->mem);
    while (*(text += strspn(text, " \t\n")) != '\0') {
        size_t length = *text == '"' ? strcspn(text + 1, "\"") + 2 : strcspn(text, " \t\n");
        words_add(&words, *text == '"' ? mem_print(host->mem, "\"%.*s", (int)length - 2, text + 1) : mem_copy_part(host->mem, text, length));
        text += length > strlen(text) ? strlen(text) : length;
    }
    return words;
}

/// The value of a path such as `.State.Status`; `.` is the value itself.
static json_t *path_value(Host *host, const char *path, json_t *value) {
    if (*path != '.') template_refuse(host, mem_print(host->mem, "function \"%s\" not defined", path));
    if (path[1] == '\0') return value;
    json_t *found = docker_at(value, path + 1);
    if (found == NULL)
        host_fail(host, 1, "template: :1:2: executing \"\" at <%s>: map has no entry for key \"%s\"", path, strrchr(path, '.') + 1);
    return found;
}

static const char *action_text(Host *host, const Words *words, json_t *value) {
    const char *name = words->items[0];
    if (words->count == 2 && strcmp(name, "json") == 0) return json_text(host, path_value(host, words->items[1], value));
    if (words->count == 2 && strcmp(name, "println") == 0)
        return mem_print(host->mem, "%s\n", value_text(host, path_value(host, words->items[1], value)));
    if (words->count == 2 && strcmp(name, "len") == 0) {
        json_t *found = path_value(host, words->items[1], value);
        return mem_print(host->mem, "%zu", json_is_array(found) ? json_array_size(found) : json_object_size(found));
    }
    if (words->count == 3 && strcmp(name, "index") == 0 && words->items[2][0] == '"') {
        // A map of texts gives an empty one for a key that it does not have.
        const json_t *found = json_object_get(path_value(host, words->items[1], value), words->items[2] + 1);
        return found == NULL ? "" : value_text(host, found);
    }
    if (words->count == 2 && strcmp(name, ".Label") == 0 && words->items[1][0] == '"') {
        const char *label = json_string_value(json_object_get(json_object_get(value, "\1labels"), words->items[1] + 1));
        return label == NULL ? "" : label;
    }
    if (words->count == 1) return value_text(host, path_value(host, name, value));
    template_refuse(host, mem_print(host->mem, "function \"%s\" not defined", name));
}

/// The action that ends the block which begins at [at]: its `{{end}}` or `{{else}}` on this level.
static const char *block_end(Host *host, const char *at, bool or_else) {
    for (int depth = 0; (at = strstr(at, "{{")) != NULL; at += 2) {
        const char *word = at + 2 + strspn(at + 2, " -");
        if (text_starts_with(word, "if ") || text_starts_with(word, "range ") || text_starts_with(word, "with ")) depth++;
        else if (text_starts_with(word, "end") && depth-- == 0) return at;
        else if (or_else && depth == 0 && text_starts_with(word, "else")) return at;
    }
    template_refuse(host, "unexpected EOF");
}

static bool is_true(const json_t *value) {
    if (json_is_string(value)) return *json_string_value(value) != '\0';
    if (json_is_array(value)) return json_array_size(value) > 0;
    if (json_is_object(value)) return json_object_size(value) > 0;
    if (json_is_integer(value)) return json_integer_value(value) != 0;
    return json_is_true(value);
}

static void template_add(Host *host, const char *format, const char *stop, json_t *value, Text *text, int depth);

/// if, range and with: the part between the action and its end, once, never, or for each.
static const char *block_add(Host *host, const Words *words, const char *body, json_t *value, Text *text, int depth) {
    const char *middle = block_end(host, body, true), *end = block_end(host, body, false);
    const char *rest = strstr(end, "}}") + 2;
    if (words->count != 2 || depth > TEMPLATE_DEPTH) template_refuse(host, "this block is not modelled");
    json_t *subject = path_value(host, words->items[1], value), *item;
    bool ranges = strcmp(words->items[0], "range") == 0;
    if (!is_true(subject)) {
        if (middle != end) template_add(host, strstr(middle, "}}") + 2, end, value, text, depth + 1);
    } else if (!ranges) {
        template_add(host, body, middle, strcmp(words->items[0], "with") == 0 ? subject : value, text, depth + 1);
    } else if (json_is_array(subject)) {
        size_t index;
        json_array_foreach(subject, index, item) template_add(host, body, middle, item, text, depth + 1);
    } else {
        const char *key;
        json_object_foreach(subject, key, item) template_add(host, body, middle, item, text, depth + 1);
    }
    return rest;
}

static void template_add(Host *host, const char *format, const char *stop, json_t *value, Text *text, int depth) {
    while (format < stop) {
        const char *open = strstr(format, "{{"), *close = open == NULL ? NULL : strstr(open, "}}");
        if (open == NULL || open >= stop) open = stop;
        text_add_part(text, format, (size_t)(open - format));
        if (open == stop) return;
        if (close == NULL) template_refuse(host, "unclosed action");
        Words words = action_split(host, mem_copy_part(host->mem, open + 2, (size_t)(close - open - 2)));
        if (words.count == 0) template_refuse(host, "missing value for command");
        bool block = strcmp(words.items[0], "if") == 0 || strcmp(words.items[0], "range") == 0 || strcmp(words.items[0], "with") == 0;
        if (block) {
            format = block_add(host, &words, close + 2, value, text, depth);
            continue;
        }
        text_add(text, action_text(host, &words, value));
        format = close + 2;
    }
}

/// What the shell passes as `\t` and `\n` the client turns into tabs and line ends.
static const char *escapes_replace(Host *host, const char *format) {
    Text text = text_new(host->mem);
    for (; *format != '\0'; format++) {
        if (format[0] == '\\' && (format[1] == 't' || format[1] == 'n')) text_add(&text, *++format == 't' ? "\t" : "\n");
        else text_add_part(&text, format, 1);
    }
    return text.data;
}

void docker_print_template(Host *host, const char *format, json_t *value) {
    Text text = text_new(host->mem);
    format = escapes_replace(host, format);
    if (strcmp(format, "json") == 0) format = "{{json .}}";
    template_add(host, format, format + strlen(format), value, &text, 0);
    host_print(host, "%s\n", text.data);
}

void docker_print_row(Host *host, const char *format, json_t *row) {
    json_t *shown = value_keep(host->mem, json_copy(row)), *labels = json_object_get(row, "\1labels");
    json_object_del(shown, "\1labels");
    if (strcmp(format, "json") == 0 || strcmp(format, "{{json .}}") == 0) host_print(host, "%s\n", json_text(host, shown));
    else {
        if (text_starts_with(format, "table ")) format += 6;
        json_object_set_new(shown, "\1labels", labels == NULL ? json_object() : json_incref(labels));
        docker_print_template(host, format, shown);
    }
}
