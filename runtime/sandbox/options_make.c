// Turns the published parameter tables (JSON) into options.def, the compact table the sandbox validates with.
//
// Usage: options-make pct.json qm.json pvesm.json pvesh.json > options.def
// It is run by hand when the tables change; its output is committed, so that a build needs no table.
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The REST paths the sandbox answers with tables of their own: these and, where a '*' follows, all below. Everything
// about a guest itself (config, status, snapshot, ...) that pct and qm can do is answered by their code, with their
// tables.
static const char *const REST_PATHS[] = {
    "/access/acl",
    "/access/groups*",
    "/access/roles*",
    "/access/users",
    "/access/users/{userid}",
    "/access/users/{userid}/token*",
    "/cluster/backup*",
    "/cluster/firewall*",
    "/cluster/ha/groups*",
    "/cluster/ha/resources*",
    "/cluster/ha/rules*",
    "/cluster/mapping/dir*",
    "/cluster/mapping/pci*",
    "/cluster/mapping/usb*",
    "/cluster/nextid",
    "/cluster/options",
    "/cluster/resources",
    "/nodes/{node}/firewall*",
    "/nodes/{node}/lxc/{vmid}/firewall*",
    "/nodes/{node}/lxc/{vmid}/snapshot/{snapname}/config",
    "/nodes/{node}/qemu/{vmid}/cloudinit*",
    "/nodes/{node}/qemu/{vmid}/firewall*",
    "/nodes/{node}/qemu/{vmid}/snapshot/{snapname}/config",
    "/nodes/{node}/storage/{storage}/content*",
    "/nodes/{node}/storage/{storage}/download-url",
    "/nodes/{node}/storage/{storage}/status",
    "/nodes/{node}/vzdump",
    "/pools*",
};

/// Is [path] one of those above?
static bool is_wanted(const char *path) {
    for (size_t i = 0; i < sizeof REST_PATHS / sizeof REST_PATHS[0]; i++) {
        size_t length = strcspn(REST_PATHS[i], "*");
        bool below = REST_PATHS[i][length] == '*' && path[length] == '/';
        if (strncmp(path, REST_PATHS[i], length) == 0 && (path[length] == '\0' || below)) return true;
    }
    return false;
}

/// Prints [text] as a C string literal.
static void string_print(const char *text) {
    putchar('"');
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\') putchar('\\');
        putchar(*text);
    }
    putchar('"');
}

/// Prints the Perl class escape [letter] as the contents of a POSIX bracket; false if it is not one.
static bool class_print(char letter) {
    switch (letter) {
    case 'd': fputs("0-9", stdout); return true;
    case 'w': fputs("A-Za-z0-9_", stdout); return true;
    case 's': fputs("[:space:]", stdout); return true;
    default: return false;
    }
}

/// Prints one Perl bracket expression as POSIX writes it: no backslashes, '-' last. Returns the byte after it.
static const char *bracket_print(const char *at) {
    bool dash = false;
    putchar('[');
    at++;
    while (*at != ']' && *at != '\0') {
        if (*at == '\\' && class_print(at[1])) {
            at += 2;
        } else if (*at == '\\' && at[1] == '-') {
            dash = true;
            at += 2;
        } else if (*at == '\\') {
            putchar(at[1]);
            at += 2;
        } else if (*at == '-' && at[-1] == '[') {
            dash = true;
            at++;
        } else {
            putchar(*at++);
        }
    }
    if (dash) putchar('-');
    putchar(']');
    return at + 1;
}

/// Prints [perl], a Perl pattern of the tables, as an extended POSIX one. The two patterns with control characters
/// cannot be translated letter by letter and are replaced by what they mean.
static void pattern_print(const char *perl) {
    if (strstr(perl, "\\x00") != NULL) {
        fputs(strstr(perl, "\\w+=") != NULL ? "\"[A-Za-z0-9_]+=.*\"" : "\"[^[:cntrl:]]+\"", stdout);
        return;
    }
    putchar('"');
    for (const char *at = perl; *at != '\0';) {
        if (strncmp(at, "(?^:", 4) == 0) {
            putchar('(');
            at += 4;
        } else if (strncmp(at, "(?^u:", 5) == 0 || strncmp(at, "(?^i:", 5) == 0) {
            // The only patterns without regard to case name a-z alone: what they allow is widened below.
            putchar('(');
            at += 5;
        } else if (strncmp(at, "(?:", 3) == 0) {
            putchar('(');
            at += 3;
        } else if (strncmp(at, "{,", 2) == 0) {
            fputs("{0,", stdout);
            at += 2;
        } else if (strncmp(at, "[a-z0-9_\\-]", 11) == 0) {
            fputs("[A-Za-z0-9_-]", stdout);
            at += 11;
        } else if (*at == '[') {
            at = bracket_print(at);
        } else if (*at == '\\' && (at[1] == 'd' || at[1] == 'w' || at[1] == 's')) {
            putchar('[');
            class_print(at[1]);
            putchar(']');
            at += 2;
        } else if (*at == '\\' && (at[1] == '/' || at[1] == '-')) {
            putchar(at[1]);
            at += 2;
        } else if (*at == '\\') {
            fputs("\\\\", stdout);
            putchar(at[1]);
            at += 2;
        } else {
            putchar(*at++);
        }
    }
    putchar('"');
}

/// Prints `, .FIELD = "VALUE"` for the scalar [key] of [param], where it has one.
static void scalar_print(json_t *param, const char *key, const char *field) {
    json_t *value = json_object_get(param, key);
    if (json_is_string(value)) {
        printf(", .%s = ", field);
        string_print(json_string_value(value));
    } else if (json_is_integer(value)) {
        printf(", .%s = \"%lld\"", field, (long long)json_integer_value(value));
    } else if (json_is_real(value)) {
        printf(", .%s = \"%g\"", field, json_real_value(value));
    }
}

static const char *type_name(json_t *param) {
    const char *type = json_string_value(json_object_get(param, "type"));
    if (type != NULL && strcmp(type, "integer") == 0) return "INTEGER";
    if (type != NULL && strcmp(type, "number") == 0) return "NUMBER";
    if (type != NULL && strcmp(type, "boolean") == 0) return "BOOLEAN";
    if (type != NULL && strcmp(type, "array") == 0) return "ARRAY";
    return "STRING";
}

/// If [word] ends in a number, the length of what stands before it and that number in [number]; else 0.
static size_t numbered_split(const char *word, long *number) {
    size_t length = strlen(word), stem = length;
    while (stem > 0 && word[stem - 1] >= '0' && word[stem - 1] <= '9') stem--;
    if (stem == length) return 0;
    *number = strtol(word + stem, NULL, 10);
    return stem;
}

/// Prints the list of permitted values as "a, b, c"; a run such as mp0, mp1, ..., mp255 as "mp0..255".
static void choices_print(json_t *choices) {
    fputs(", .choices = \"", stdout);
    size_t count = json_array_size(choices);
    for (size_t i = 0; i < count; i++) {
        const char *word = json_string_value(json_array_get(choices, i));
        printf("%s%s", i > 0 ? ", " : "", word);
        long first, next;
        size_t stem = numbered_split(word, &first), last = i;
        while (stem > 0 && last + 1 < count) {
            const char *other = json_string_value(json_array_get(choices, last + 1));
            if (numbered_split(other, &next) != stem || strncmp(other, word, stem) != 0) break;
            if (next != first + (long)(last + 1 - i)) break;
            last++;
        }
        if (last < i + 3) continue;
        printf("..%ld", first + (long)(last - i));
        i = last;
    }
    fputs("\"", stdout);
}

/// Prints the row of one parameter or sub-key. [kind] is PARAM or KEY; [keys] names its property string, if any.
static void row_print(const char *kind, const char *name, json_t *param, const char *keys) {
    printf("%s(", kind);
    string_print(name);
    printf(", %s", type_name(param));
    json_t *optional = json_object_get(param, "optional");
    bool needed = !json_is_true(optional) && json_integer_value(optional) == 0;
    if (json_object_get(param, "alias") != NULL) needed = false;
    printf(", .required = %s", needed ? "true" : "false");
    json_t *format = json_object_get(param, "format");
    if (json_is_string(format) && json_string_value(format)[0] != '(') scalar_print(param, "format", "format");
    // A property string without its sub-keys goes by the parameter's name: options_known.def has them.
    if (json_is_string(format) && json_string_value(format)[0] == '(' && keys == NULL) {
        fputs(", .format = ", stdout);
        string_print(name);
    }
    scalar_print(param, "minimum", "minimum");
    scalar_print(param, "maximum", "maximum");
    scalar_print(param, "minLength", "min_length");
    scalar_print(param, "maxLength", "max_length");
    scalar_print(param, "alias", "alias");
    scalar_print(param, "keyAlias", "key_alias");
    if (json_is_string(json_object_get(param, "requires"))) scalar_print(param, "requires", "needs");
    if (json_is_true(json_object_get(param, "default_key")) ||
        json_integer_value(json_object_get(param, "default_key")) == 1)
        fputs(", .is_default = true", stdout);
    json_t *pattern = json_object_get(param, "pattern");
    if (json_is_string(pattern)) {
        fputs(", .pattern = ", stdout);
        pattern_print(json_string_value(pattern));
    }
    json_t *choices = json_object_get(param, "enum");
    if (json_is_array(choices)) choices_print(choices);
    scalar_print(param, "index_max", "index_max");
    if (json_is_true(json_object_get(param, "list"))) fputs(", .is_list = true", stdout);
    if (keys != NULL) {
        fputs(", .keys = ", stdout);
        string_print(keys);
    }
    puts(")");
}

/// Prints each property string of [params] that has not been printed yet and remembers its name in [known],
/// which maps the text of the sub-keys to that name.
static void formats_print(const char *owner, json_t *params, json_t *known) {
    const char *name;
    json_t *param;
    json_object_foreach(params, name, param) {
        json_t *keys = json_object_get(param, "keys");
        if (!json_is_object(keys)) continue;
        char *text = json_dumps(keys, JSON_SORT_KEYS | JSON_COMPACT);
        if (json_object_get(known, text) == NULL) {
            char title[200];
            snprintf(title, sizeof title, "%s %s", owner, name);
            json_object_set_new(known, text, json_string(title));
            printf("FORMAT(\"%s\")\n", title);
            const char *key;
            json_t *sub;
            json_object_foreach(keys, key, sub) row_print("KEY", key, sub, NULL);
        }
        free(text);
    }
}

/// Prints one command: its positionals, then its parameters.
static void command_print(const char *tool, const char *name, json_t *command, json_t *known) {
    json_t *alias = json_object_get(command, "alias");
    if (json_is_string(alias)) {
        printf("ALIAS(\"%s %s\", \"%s %s\")\n", tool, name, tool, json_string_value(alias));
        return;
    }
    json_t *params = json_object_get(command, "params");
    json_t *positional = json_object_get(command, "positional");
    printf("COMMAND(\"%s %s\", \"", tool, name);
    for (size_t i = 0; i < json_array_size(positional); i++)
        printf("%s%s", i > 0 ? " " : "", json_string_value(json_array_get(positional, i)));
    puts("\")");
    const char *key;
    json_t *param;
    json_object_foreach(params, key, param) {
        json_t *keys = json_object_get(param, "keys");
        char *text = json_is_object(keys) ? json_dumps(keys, JSON_SORT_KEYS | JSON_COMPACT) : NULL;
        row_print("PARAM", key, param, text == NULL ? NULL : json_string_value(json_object_get(known, text)));
        free(text);
    }
}

int main(int argc, char **argv) {
    if (argc != 5) {
        fputs("usage: options-make pct.json qm.json pvesm.json pvesh.json > options.def\n", stderr);
        return 64;
    }
    puts("// The parameters of pct, qm, pvesm and of some REST paths, one a row. Written by options_make.c: do not "
         "edit.");
    json_t *known = json_object();
    for (int i = 1; i < argc; i++) {
        json_error_t error;
        json_t *file = json_load_file(argv[i], 0, &error);
        if (file == NULL) {
            fprintf(stderr, "%s:%d: %s\n", argv[i], error.line, error.text);
            return 1;
        }
        json_t *commands = json_object_get(file, "commands");
        const char *name;
        json_t *command;
        if (commands != NULL) {
            const char *tool = json_string_value(json_object_get(file, "tool"));
            json_object_foreach(commands, name, command) formats_print(tool, json_object_get(command, "params"), known);
            json_object_foreach(commands, name, command) command_print(tool, name, command, known);
        } else {
            const char *path;
            json_t *methods;
            json_object_foreach(file, path, methods) {
                if (!is_wanted(path)) continue;
                json_object_foreach(methods, name, command) command_print(name, path, command, known);
            }
        }
        json_decref(file);
    }
    json_decref(known);
    return 0;
}
