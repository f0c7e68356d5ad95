// Finds the files of a unit, reads what they say, and keeps the state of each unit in /run.
//
// A state file holds six lines (active, sub, result, status, pid, starts) and then, as systemd keeps it in memory, the text of
// the files at the time the unit was loaded. It is as old as the state.
#include "units.h"

#include "conf.h"
#include "files.h"

#include <ctype.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STATE_FOLDER "/run/systemd/units"

enum { STATE_LINES = 6, ALIAS_LIMIT = 8 };

/// Where unit files stand, the most important first.
static const char *const FOLDERS[] = {"/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system",
                                      "/lib/systemd/system"};
enum { FOLDER_COUNT = sizeof FOLDERS / sizeof FOLDERS[0] };

static const char *const TYPES[] = {".service", ".socket", ".timer", ".target", ".mount", ".path", ".slice"};

/// The settings of which each line adds one; of any other the last counts.
static const char *const LISTS[] = {"After", "Before", "Requires", "Wants", "BindsTo", "PartOf", "Conflicts", "Environment",
                                    "EnvironmentFile", "WantedBy", "RequiredBy", "Also", "Alias", "Documentation",
                                    "ConditionPathExists", "ListenStream", "OnCalendar"};

static bool is_list(const char *key) {
    if (text_starts_with(key, "Exec")) return true;
    for (size_t i = 0; i < sizeof LISTS / sizeof LISTS[0]; i++)
        if (strcmp(LISTS[i], key) == 0) return true;
    return false;
}

static bool has_type(const char *name) {
    for (size_t i = 0; i < sizeof TYPES / sizeof TYPES[0]; i++)
        if (text_ends_with(name, TYPES[i])) return true;
    return false;
}

/// "backup@.service" of "backup@home.service"; NULL if the unit is no instance.
static const char *template_name(Host *host, const char *name) {
    const char *at = strchr(name, '@'), *dot = strrchr(name, '.');
    if (at == NULL || dot == NULL || at + 1 >= dot) return NULL;
    return mem_print(host->mem, "%.*s%s", (int)(at - name + 1), name, dot);
}

/// Finds the file called [name]; what it links to goes to [target] ("" if it is no link).
static const char *file_find(Host *host, const char *name, const char **target) {
    for (size_t i = 0; i < FOLDER_COUNT; i++) {
        const char *path = mem_print(host->mem, "%s/%s", FOLDERS[i], name);
        struct stat info;
        Where where;
        if (!files_resolve(host, path, false, &where) || fstatat(where.at, where.name, &info, AT_SYMLINK_NOFOLLOW) != 0) continue;
        *target = "";
        if (S_ISLNK(info.st_mode)) {
            char buffer[PATH_MAX];
            ssize_t length = readlinkat(where.at, where.name, buffer, sizeof buffer - 1);
            if (length > 0) *target = mem_copy_part(host->mem, buffer, (size_t)length);
        } else if (!S_ISREG(info.st_mode)) {
            continue;
        }
        return path;
    }
    return NULL;
}

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

/// Follows aliases to the unit's own name and finds its file; sets name, fragment and load.
static void fragment_find(Host *host, Unit *unit) {
    unit->load = UNIT_NOT_FOUND;
    for (int i = 0; i < ALIAS_LIMIT; i++) {
        const char *target, *pattern = template_name(host, unit->name), *path = file_find(host, unit->name, &target);
        if (path == NULL && pattern != NULL) path = file_find(host, pattern, &target);
        if (path == NULL) return;
        if (strcmp(target, "/dev/null") == 0) {
            unit->load = UNIT_MASKED;
            unit->fragment = path;
            return;
        }
        const char *other = base_name(target);
        if (*other != '\0' && strcmp(other, unit->name) != 0 && !text_equals(other, pattern)) {
            unit->name = other;
            continue;
        }
        unit->fragment = path;
        unit->load = UNIT_LOADED;
        return;
    }
}

static int name_compare(const void *a, const void *b) {
    return strcmp(base_name(*(const char *const *)a), base_name(*(const char *const *)b));
}

/// Finds what is written beside the unit's file, in the order of the names.
static void dropins_find(Host *host, Unit *unit) {
    const char *names[] = {unit->name, template_name(host, unit->name)};
    for (size_t n = 0; n < 2 && names[n] != NULL; n++) {
        for (size_t i = 0; i < FOLDER_COUNT; i++) {
            const char *folder = mem_print(host->mem, "%s/%s.d", FOLDERS[i], names[n]);
            Words files = files_list(host, folder);
            for (size_t k = 0; k < files.count; k++)
                if (text_ends_with(files.items[k], ".conf"))
                    words_add(&unit->dropins, mem_print(host->mem, "%s/%s", folder, files.items[k]));
        }
    }
    if (unit->dropins.count > 1) qsort(unit->dropins.items, unit->dropins.count, sizeof *unit->dropins.items, name_compare);
}

static void disk_read(Host *host, Unit *unit) {
    Text text = text_new(host->mem);
    const char *own = unit->fragment == NULL || unit->load != UNIT_LOADED ? "" : files_read(host, unit->fragment, NULL);
    text_add(&text, own == NULL ? "" : own);
    for (size_t i = 0; i < unit->dropins.count; i++) {
        const char *more = files_read(host, unit->dropins.items[i], NULL);
        text_print(&text, "\n%s", more == NULL ? "" : more);
    }
    unit->disk_text = text.data;
}

static const char *trimmed(Mem *mem, const char *text, size_t length) {
    while (length > 0 && isspace((unsigned char)*text)) {
        text++;
        length--;
    }
    while (length > 0 && isspace((unsigned char)text[length - 1])) length--;
    return mem_copy_part(mem, text, length);
}

/// Takes a unit's text apart. What is no setting is passed over, as systemd does with a warning in its log.
static void settings_read(Host *host, Unit *unit) {
    unit->settings = pairs_new(host->mem);
    const char *section = "";
    Words lines = words_split_all(host->mem, unit->text, '\n');
    for (size_t i = 0; i < lines.count; i++) {
        const char *line = trimmed(host->mem, lines.items[i], strlen(lines.items[i]));
        if (*line == '\0' || *line == '#' || *line == ';') continue;
        while (text_ends_with(line, "\\") && i + 1 < lines.count) {
            const char *next = lines.items[++i];
            line = mem_print(host->mem, "%.*s %s", (int)strlen(line) - 1, line, trimmed(host->mem, next, strlen(next)));
        }
        if (*line == '[') {
            section = mem_copy_part(host->mem, line + 1, strcspn(line + 1, "]"));
            continue;
        }
        const char *equals = strchr(line, '=');
        if (equals == NULL) continue;
        const char *key = trimmed(host->mem, line, (size_t)(equals - line)), *value = trimmed(host->mem, equals + 1, strlen(equals + 1));
        const char *name = mem_print(host->mem, "%s.%s", section, key);
        // Nothing after the `=` takes back what was said before.
        if (*value == '\0') pairs_remove(&unit->settings, name);
        else if (is_list(key)) pairs_add(&unit->settings, name, value);
        else pairs_set(&unit->settings, name, value);
    }
}

/// A service must have something to run, and one command only unless it is `oneshot`.
static bool is_bad(const Unit *unit) {
    if (!text_ends_with(unit->name, ".service")) return false;
    bool oneshot = strcmp(unit_get(unit, "Service.Type", "simple"), "oneshot") == 0;
    size_t commands = 0;
    for (size_t i = 0; i < unit->settings.count; i++)
        if (strcmp(unit->settings.items[i].key, "Service.ExecStart") == 0) commands++;
    if (oneshot) return commands == 0 && unit_get(unit, "Service.ExecStop", NULL) == NULL;
    return commands != 1;
}

Unit unit_load(Host *host, const char *name) {
    Unit unit = {.name = has_type(name) ? name : mem_print(host->mem, "%s.service", name),
                 .dropins = words_new(host->mem),
                 .active = "inactive",
                 .sub = "dead",
                 .result = "success"};
    fragment_find(host, &unit);
    if (unit.load == UNIT_LOADED) dropins_find(host, &unit);
    disk_read(host, &unit);
    unit.text = unit.disk_text;
    const char *path = mem_print(host->mem, STATE_FOLDER "/%s", unit.name), *state = files_read(host, path, NULL);
    struct stat info;
    if (state != NULL && files_stat(host, path, true, &info) == 0) {
        const char *lines[STATE_LINES] = {0};
        for (size_t i = 0; i < STATE_LINES; i++) {
            size_t length = strcspn(state, "\n");
            lines[i] = mem_copy_part(host->mem, state, length);
            state += length + (state[length] != '\0');
        }
        unit.active = lines[0];
        unit.sub = lines[1];
        unit.result = lines[2];
        unit.status = (int)strtol(lines[3], NULL, 10);
        unit.pid = strtol(lines[4], NULL, 10);
        unit.starts = strtol(lines[5], NULL, 10);
        unit.since = info.st_mtim;
        if (strcmp(unit.active, "inactive") != 0) unit.text = state;
    }
    settings_read(host, &unit);
    if (unit.load == UNIT_LOADED && is_bad(&unit)) unit.load = UNIT_BAD;
    return unit;
}

const char *unit_invocation(Host *host, const Unit *unit) {
    if (unit->starts == 0) return "";
    const char *text = mem_print(host->mem, "%s %ld", unit->name, unit->starts);
    return mem_copy_part(host->mem, conf_sha256(host, text, strlen(text)), 32);
}

void unit_save(Host *host, const Unit *unit) {
    const char *text = mem_print(host->mem, "%s\n%s\n%s\n%d\n%ld\n%ld\n%s", unit->active, unit->sub, unit->result,
                                 unit->status, unit->pid, unit->starts, unit->text);
    const char *path = mem_print(host->mem, STATE_FOLDER "/%s", unit->name);
    const struct timespec times[2] = {unit->since, unit->since};
    Where where;
    files_write(host, path, text, strlen(text), 0644);
    // The time of the file is that of the change: what a write gives it is too coarse to tell two changes apart.
    if (files_resolve(host, path, false, &where)) utimensat(where.at, where.name, times, 0);
}

void unit_change(Host *host, Unit *unit) {
    clock_gettime(CLOCK_REALTIME, &unit->since);
    unit_save(host, unit);
}

const char *unit_get(const Unit *unit, const char *setting, const char *otherwise) {
    const char *value = pairs_get(&unit->settings, setting);
    return value == NULL ? otherwise : value;
}

Words unit_list(Host *host, const Unit *unit, const char *setting) {
    Words values = words_new(host->mem);
    for (size_t i = 0; i < unit->settings.count; i++)
        if (strcmp(unit->settings.items[i].key, setting) == 0) words_add(&values, unit->settings.items[i].value);
    return values;
}

bool unit_needs_reload(const Unit *unit) {
    return unit->load != UNIT_MASKED && strcmp(unit->text, unit->disk_text) != 0;
}

/// Is there a link to the unit in one of the folders `X.wants` and `X.requires`?
static bool is_wanted(Host *host, const char *name) {
    Words entries = files_list(host, FOLDERS[0]);
    for (size_t i = 0; i < entries.count; i++) {
        if (!text_ends_with(entries.items[i], ".wants") && !text_ends_with(entries.items[i], ".requires")) continue;
        struct stat info;
        if (files_stat(host, mem_print(host->mem, "%s/%s/%s", FOLDERS[0], entries.items[i], name), false, &info) == 0) return true;
    }
    return false;
}

const char *unit_file_state(Host *host, const Unit *unit) {
    if (unit->load == UNIT_MASKED) return "masked";
    if (unit->fragment == NULL) return NULL;
    if (is_wanted(host, unit->name)) return "enabled";
    for (size_t i = 0; i < unit->settings.count; i++)
        if (text_starts_with(unit->settings.items[i].key, "Install.")) return "disabled";
    return "static";
}

/// Replaces the specifiers of systemd that a command may hold.
static void specifier_add(Host *host, const Unit *unit, Text *word, char letter) {
    const char *at = strchr(unit->name, '@'), *dot = strrchr(unit->name, '.');
    if (letter == 'n') text_add(word, unit->name);
    else if (letter == 'N') text_add_part(word, unit->name, (size_t)(dot - unit->name));
    else if ((letter == 'i' || letter == 'I') && at != NULL) text_add_part(word, at + 1, (size_t)(dot - at - 1));
    else if (letter == 'p' && at != NULL) text_add_part(word, unit->name, (size_t)(at - unit->name));
    else if (letter == 'p') text_add_part(word, unit->name, (size_t)(dot - unit->name));
    else if (letter == '%') text_add(word, "%");
    else if (letter == 'H') {
        const char *name = files_read(host, "/etc/hostname", NULL);
        text_add_part(word, name == NULL ? "" : name, name == NULL ? 0 : strcspn(name, "\n"));
    }
}

Words unit_split_command(Host *host, const Unit *unit, const char *command) {
    Words words = words_new(host->mem);
    while (*(command += strspn(command, " \t")) != '\0') {
        Text word = text_new(host->mem);
        char quote = '\0';
        for (; *command != '\0' && (quote != '\0' || strchr(" \t", *command) == NULL); command++) {
            if (quote == '\0' && (*command == '"' || *command == '\'')) quote = *command;
            else if (quote != '\0' && *command == quote) quote = '\0';
            else if (*command == '\\' && command[1] != '\0') text_add_part(&word, ++command, 1);
            else if (*command == '%' && command[1] != '\0') specifier_add(host, unit, &word, *++command);
            else text_add_part(&word, command, 1);
        }
        // A variable of an environment that is not kept: as if it were not set.
        if (word.data[0] != '$') words_add(&words, word.data);
    }
    return words;
}

Words unit_names(Host *host) {
    Words names = words_new(host->mem);
    for (size_t i = 0; i < FOLDER_COUNT; i++) {
        Words files = files_list(host, FOLDERS[i]);
        for (size_t k = 0; k < files.count; k++)
            if (has_type(files.items[k])) words_add(&names, files.items[k]);
    }
    words_sort_unique(&names);
    return names;
}

Words unit_names_with_state(Host *host) {
    return files_list(host, STATE_FOLDER);
}
