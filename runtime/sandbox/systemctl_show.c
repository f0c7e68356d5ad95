// `systemctl show` and `systemctl status`: what is known of a unit, in the order and the spelling of the real ones.
#include "units.h"

#include "inside.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { EXIT_NOT_RUNNING = 3, EXIT_UNKNOWN = 4 };

static const char *moment_text(Host *host, struct timespec moment) {
    if (moment.tv_sec == 0) return "";
    struct tm utc;
    char text[64];
    gmtime_r(&moment.tv_sec, &utc);
    strftime(text, sizeof text, "%a %Y-%m-%d %H:%M:%S UTC", &utc);
    return mem_copy(host->mem, text);
}

/// A command as the real one prints it: { path=... ; argv[]=... ; ... }.
static const char *command_text(Host *host, const Unit *unit, const char *command) {
    const char *at = command + strspn(command, "-@:+!");
    Words words = unit_split_command(host, unit, at);
    const char *path = words.count == 0 ? "" : inside_find(host, words.items[0]);
    bool running = strcmp(unit->active, "active") == 0 && unit->pid != 0;
    return mem_print(host->mem,
                     "{ path=%s ; argv[]=%s ; ignore_errors=%s ; start_time=[%s] ; stop_time=[n/a] ; pid=%ld ; code=(null) ; "
                     "status=0/0 }",
                     path == NULL ? words.items[0] : path, words_join(&words, " "), *command == '-' ? "yes" : "no",
                     running ? moment_text(host, unit->since) : "n/a", unit->pid);
}

/// Lists of names: those that several lines gave, with blanks between them.
static const char *names_text(Host *host, const Unit *unit, const char *setting) {
    Words values = unit_list(host, unit, setting);
    return words_join(&values, " ");
}

static const char *yes_no(const char *value) {
    bool on = strcmp(value, "yes") == 0 || strcmp(value, "true") == 0 || strcmp(value, "on") == 0 || strcmp(value, "1") == 0;
    return on ? "yes" : "no";
}

static const char *files_text(Host *host, const Unit *unit) {
    Words files = unit_list(host, unit, "Service.EnvironmentFile");
    Text text = text_new(host->mem);
    for (size_t i = 0; i < files.count; i++) {
        bool optional = *files.items[i] == '-';
        text_print(&text, "%s%s (ignore_errors=%s)", i > 0 ? "\n" : "", files.items[i] + optional, optional ? "yes" : "no");
    }
    return text.data;
}

static const char *load_text(UnitLoad load) {
    switch (load) {
    case UNIT_LOADED: return "loaded";
    case UNIT_NOT_FOUND: return "not-found";
    case UNIT_MASKED: return "masked";
    case UNIT_BAD: return "bad-setting";
    }
    return "error";
}

static Pairs service_properties(Host *host, const Unit *unit) {
    Pairs pairs = pairs_new(host->mem);
    bool failed = strcmp(unit->active, "failed") == 0;
    pairs_add(&pairs, "Type", unit_get(unit, "Service.Type", "simple"));
    pairs_add(&pairs, "Restart", unit_get(unit, "Service.Restart", "no"));
    pairs_add(&pairs, "RemainAfterExit", yes_no(unit_get(unit, "Service.RemainAfterExit", "no")));
    pairs_add(&pairs, "MainPID", mem_print(host->mem, "%ld", unit->pid));
    pairs_add(&pairs, "ControlPID", "0");
    pairs_add(&pairs, "Result", unit->result);
    pairs_add(&pairs, "NRestarts", "0");
    pairs_add(&pairs, "ExecMainPID", mem_print(host->mem, "%ld", unit->pid));
    pairs_add(&pairs, "ExecMainCode", failed && unit->status != 0 ? "1" : "0");
    pairs_add(&pairs, "ExecMainStatus", mem_print(host->mem, "%d", unit->status));
    static const char *const COMMANDS[] = {"ExecStartPre", "ExecStart", "ExecStartPost", "ExecReload", "ExecStop", "ExecStopPost"};
    for (size_t i = 0; i < sizeof COMMANDS / sizeof COMMANDS[0]; i++) {
        Words commands = unit_list(host, unit, mem_print(host->mem, "Service.%s", COMMANDS[i]));
        for (size_t k = 0; k < commands.count; k++) pairs_add(&pairs, COMMANDS[i], command_text(host, unit, commands.items[k]));
    }
    pairs_add(&pairs, "Environment", names_text(host, unit, "Service.Environment"));
    if (unit_get(unit, "Service.EnvironmentFile", NULL) != NULL) pairs_add(&pairs, "EnvironmentFiles", files_text(host, unit));
    pairs_add(&pairs, "WorkingDirectory", unit_get(unit, "Service.WorkingDirectory", ""));
    pairs_add(&pairs, "User", unit_get(unit, "Service.User", ""));
    pairs_add(&pairs, "Group", unit_get(unit, "Service.Group", ""));
    return pairs;
}

/// Every property, in the order of the real one: those of its type before those that all units have. That order, not the
/// one they were asked in, is the order they are printed in.
static Pairs properties_of(Host *host, const Unit *unit) {
    bool active = strcmp(unit->active, "active") == 0;
    const char *state = unit_file_state(host, unit), *moment = moment_text(host, unit->since);
    Pairs pairs = text_ends_with(unit->name, ".service") ? service_properties(host, unit) : pairs_new(host->mem);
    pairs_add(&pairs, "Id", unit->name);
    pairs_add(&pairs, "Names", unit->name);
    static const char *const LISTS[] = {"Requires", "Wants", "BindsTo", "PartOf", "Conflicts", "Before", "After", "Documentation"};
    for (size_t i = 0; i < sizeof LISTS / sizeof LISTS[0]; i++)
        pairs_add(&pairs, LISTS[i], names_text(host, unit, mem_print(host->mem, "Unit.%s", LISTS[i])));
    pairs_add(&pairs, "WantedBy", text_equals(state, "enabled") ? names_text(host, unit, "Install.WantedBy") : "");
    pairs_add(&pairs, "Description", unit_get(unit, "Unit.Description", unit->name));
    pairs_add(&pairs, "LoadState", load_text(unit->load));
    if (unit->load == UNIT_NOT_FOUND)
        pairs_add(&pairs, "LoadError", mem_print(host->mem, "org.freedesktop.systemd1.NoSuchUnit \"Unit %s not found.\"", unit->name));
    pairs_add(&pairs, "ActiveState", unit->active);
    pairs_add(&pairs, "FreezerState", "running");
    pairs_add(&pairs, "SubState", unit->sub);
    pairs_add(&pairs, "FragmentPath", unit->fragment == NULL ? "" : unit->fragment);
    pairs_add(&pairs, "DropInPaths", words_join(&unit->dropins, " "));
    pairs_add(&pairs, "UnitFileState", state == NULL ? "" : state);
    pairs_add(&pairs, "UnitFilePreset", state == NULL ? "" : "enabled");
    pairs_add(&pairs, "StateChangeTimestamp", moment);
    // In microseconds, as if the machine had been on since 1970.
    pairs_add(&pairs, "StateChangeTimestampMonotonic",
              mem_print(host->mem, "%lld", (long long)unit->since.tv_sec * 1000000 + unit->since.tv_nsec / 1000));
    pairs_add(&pairs, "ActiveEnterTimestamp", active ? moment : "");
    pairs_add(&pairs, "CanStart", unit->load == UNIT_LOADED ? "yes" : "no");
    pairs_add(&pairs, "CanStop", unit->load == UNIT_LOADED ? "yes" : "no");
    pairs_add(&pairs, "CanReload", unit_get(unit, "Service.ExecReload", NULL) != NULL ? "yes" : "no");
    pairs_add(&pairs, "NeedDaemonReload", unit_needs_reload(unit) ? "yes" : "no");
    pairs_add(&pairs, "InvocationID", unit_invocation(host, unit));
    return pairs;
}

int systemctl_show(Host *host, const Words *names, const Words *properties, bool values_only) {
    if (names->count == 0) host_fail(host, 1, "phx-sandbox: systemctl show without a unit is not modelled");
    for (size_t i = 0; i < names->count; i++) {
        Unit unit = unit_load(host, names->items[i]);
        Pairs pairs = properties_of(host, &unit);
        if (i > 0) host_print(host, "\n");
        for (size_t k = 0; k < pairs.count; k++) {
            const char *name = pairs.items[k].key, *value = pairs.items[k].value;
            if (properties->count > 0 && !words_has(properties, name)) continue;
            // Without a question, what is empty is left out.
            if (properties->count == 0 && *value == '\0') continue;
            if (values_only) host_print(host, "%s\n", value);
            else host_print(host, "%s=%s\n", name, value);
        }
    }
    return 0;
}

int systemctl_status(Host *host, const char *name) {
    Unit unit = unit_load(host, name);
    bool active = strcmp(unit.active, "active") == 0;
    if (unit.load == UNIT_NOT_FOUND && !active) {
        host_warn(host, "Unit %s could not be found.", unit.name);
        return EXIT_UNKNOWN;
    }
    const char *state = unit_file_state(host, &unit);
    host_print(host, "%s %s - %s\n", active ? "\342\227\217" : strcmp(unit.active, "failed") == 0 ? "\303\227" : "\342\227\213", unit.name,
               unit_get(&unit, "Unit.Description", unit.name));
    if (unit.load == UNIT_MASKED) host_print(host, "     Loaded: masked (Reason: Unit %s is masked.)\n", unit.name);
    else host_print(host, "     Loaded: %s (%s; %s; preset: enabled)\n", load_text(unit.load), unit.fragment, state);
    host_print(host, "     Active: %s", unit.active);
    if (active) host_print(host, " (%s)", unit.sub);
    else if (strcmp(unit.active, "failed") == 0) host_print(host, " (Result: %s)", unit.result);
    else host_print(host, " (dead)");
    if (unit.since.tv_sec != 0) host_print(host, " since %s", moment_text(host, unit.since));
    host_print(host, "\n");
    if (unit.pid != 0) host_print(host, "   Main PID: %ld\n", unit.pid);
    return active ? 0 : EXIT_NOT_RUNNING;
}
