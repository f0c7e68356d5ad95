// Starts, stops and enables units: runs what their commands name, as far as it is modelled, and notes how that ended.
#include "units.h"

#include "accounts.h"
#include "docker.h"
#include "fault.h"
#include "files.h"
#include "inside.h"
#include "roles.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ETC_FOLDER "/etc/systemd/system"

// Units that need units that need units must end somewhere.
enum { NEED_DEPTH = 16 };

/// What systemd notes for a program that it could not even start.
enum { STATUS_CHDIR = 200, STATUS_EXEC = 203, STATUS_USER = 217 };

static void state_set(Host *host, Unit *unit, const char *active, const char *sub) {
    unit->active = active;
    unit->sub = sub;
    unit_change(host, unit);
}

/// Adds what a program printed to the unit's log.
static void log_add(Host *host, const Unit *unit, const char *text) {
    if (*text == '\0') return;
    const char *path = mem_print(host->mem, "/var/log/journal/%s", unit->name), *before = files_read(host, path, NULL);
    const char *all = mem_print(host->mem, "%s%s%s", before == NULL ? "" : before, text, text_ends_with(text, "\n") ? "" : "\n");
    files_write(host, path, all, strlen(all), 0640);
}

/// Does this program, once it is started, go on running? Of those that are modelled only daemons do.
static bool stays(const Words *command, const Role *role) {
    if (role == NULL || strcmp(role->name, "dockerd") == 0 || strcmp(role->name, "nginx") == 0) return true;
    if (strcmp(role->name, "docker") != 0 && strcmp(role->name, "docker-compose") != 0) return false;
    bool detached = words_has(command, "-d") || words_has(command, "--detach");
    return !detached && (words_has(command, "up") || words_has(command, "run"));
}

/// Runs one command of a unit. *remains says whether its program then still runs.
static int command_run(Host *host, const Unit *unit, const char *command, bool *remains) {
    *remains = true;
    const char *at = command + strspn(command, "-@:+!");
    bool ignored = memchr(command, '-', (size_t)(at - command)) != NULL;
    Words words = unit_split_command(host, unit, at);
    const char *folder = unit_get(unit, "Service.WorkingDirectory", NULL), *user = unit_get(unit, "Service.User", NULL);
    unsigned long number;
    if (words.count == 0) return 0;
    if (user != NULL && !account_read(host, ACCOUNT_USERS, user, &number)) return ignored ? 0 : STATUS_USER;
    Host *view = mem_alloc(host->mem, sizeof *view);
    *view = *host;
    if (folder != NULL) {
        bool optional = *folder == '-';
        folder += optional;
        if (!optional && !files_is_dir(host, folder)) return ignored ? 0 : STATUS_CHDIR;
        view->cwd = folder;
    }
    const char *path = inside_find(host, words.items[0]);
    if (path == NULL) {
        log_add(host, unit, mem_print(host->mem, "%s: Failed to locate executable %s: No such file or directory", unit->name, words.items[0]));
        return ignored ? 0 : STATUS_EXEC;
    }
    const char *slash = strrchr(path, '/');
    const Role *role = role_find(slash + 1);
    *remains = stays(&words, role);
    // Of what is not modelled it is known only that it is there.
    if (role == NULL) return 0;
    bool missing;
    const char *out, *err;
    view->input = inside_no_input(host);
    int code = inside_capture(view, &words, &missing, &out, &err);
    log_add(host, unit, out);
    log_add(host, unit, err);
    return ignored ? 0 : code;
}

static int commands_run(Host *host, const Unit *unit, const char *setting, bool *remains) {
    Words commands = unit_list(host, unit, setting);
    bool last = false;
    int code = 0;
    for (size_t i = 0; i < commands.count && code == 0; i++) code = command_run(host, unit, commands.items[i], &last);
    if (remains != NULL) *remains = last;
    return code;
}

/// Is every path of ConditionPathExists there (or not there, with a `!`)?
static bool conditions_hold(Host *host, const Unit *unit) {
    Words paths = unit_list(host, unit, "Unit.ConditionPathExists");
    for (size_t i = 0; i < paths.count; i++) {
        bool negated = *paths.items[i] == '!';
        if (files_exists(host, paths.items[i] + negated) == negated) return false;
    }
    return true;
}

static bool environment_is_there(Host *host, const Unit *unit) {
    Words files = unit_list(host, unit, "Service.EnvironmentFile");
    for (size_t i = 0; i < files.count; i++)
        if (*files.items[i] != '-' && !files_exists(host, files.items[i])) return false;
    return true;
}

/// Fails the unit as a program's exit code does. `simple` ones count as started before their program is.
static UnitResult service_fail(Host *host, Unit *unit, int code, bool told) {
    unit->status = code;
    unit->pid = 0;
    unit->result = "exit-code";
    state_set(host, unit, "failed", "failed");
    return told ? UNIT_FAILED : UNIT_OK;
}

static UnitResult service_start(Host *host, Unit *unit) {
    const char *type = unit_get(unit, "Service.Type", "simple"), *stay = unit_get(unit, "Service.RemainAfterExit", "no");
    bool remains = false, oneshot = strcmp(type, "oneshot") == 0, simple = strcmp(type, "simple") == 0 || strcmp(type, "idle") == 0;
    unit->status = 0;
    unit->pid = 0;
    unit->result = "success";
    unit->starts++;
    if (!environment_is_there(host, unit)) {
        unit->result = "resources";
        state_set(host, unit, "failed", "failed");
        return UNIT_FAILED;
    }
    int code = commands_run(host, unit, "Service.ExecStartPre", NULL);
    if (code != 0) return service_fail(host, unit, code, true);
    code = commands_run(host, unit, "Service.ExecStart", &remains);
    if (code != 0) return service_fail(host, unit, code, !simple);
    code = commands_run(host, unit, "Service.ExecStartPost", NULL);
    if (code != 0) return service_fail(host, unit, code, true);
    fault_between(host);
    if (!oneshot && remains) {
        unit->pid = 1000 + strtol(mem_copy_part(host->mem, unit_invocation(host, unit), 4), NULL, 16);
        state_set(host, unit, "active", "running");
    } else if (strcmp(stay, "yes") == 0 || strcmp(stay, "true") == 0 || strcmp(stay, "1") == 0 || strcmp(stay, "on") == 0) {
        state_set(host, unit, "active", "exited");
    } else {
        state_set(host, unit, "inactive", "dead");
    }
    return UNIT_OK;
}

static const char *passive_sub(const char *name) {
    if (text_ends_with(name, ".socket")) return "listening";
    if (text_ends_with(name, ".timer") || text_ends_with(name, ".path")) return "waiting";
    if (text_ends_with(name, ".mount")) return "mounted";
    return "active";
}

static UnitResult start(Host *host, const char *name, const char **about, int depth) {
    Unit unit = unit_load(host, name);
    *about = unit.name;
    // Targets are there whether or not the model has a file of them.
    if (unit.load == UNIT_NOT_FOUND && text_ends_with(unit.name, ".target")) return UNIT_OK;
    if (unit.load == UNIT_NOT_FOUND) return UNIT_MISSING;
    if (unit.load == UNIT_MASKED) return UNIT_IS_MASKED;
    if (unit.load == UNIT_BAD) return UNIT_IS_BAD;
    if (strcmp(unit.active, "active") == 0) return UNIT_OK;
    Words needed = unit_list(host, &unit, "Unit.Requires"), wanted = unit_list(host, &unit, "Unit.Wants");
    for (size_t i = 0; i < needed.count && depth < NEED_DEPTH; i++) {
        Words names = words_split(host->mem, needed.items[i], " ");
        for (size_t k = 0; k < names.count; k++) {
            UnitResult result = start(host, names.items[k], about, depth + 1);
            if (result == UNIT_MISSING) return result;
            if (result != UNIT_OK) {
                *about = unit.name;
                return UNIT_NEED_FAILED;
            }
        }
    }
    for (size_t i = 0; i < wanted.count && depth < NEED_DEPTH; i++) {
        Words names = words_split(host->mem, wanted.items[i], " ");
        for (size_t k = 0; k < names.count; k++) start(host, names.items[k], about, depth + 1);
    }
    *about = unit.name;
    if (!conditions_hold(host, &unit)) return UNIT_OK;
    if (text_ends_with(unit.name, ".service")) return service_start(host, &unit);
    unit.starts++;
    state_set(host, &unit, "active", passive_sub(unit.name));
    return UNIT_OK;
}

UnitResult units_start(Host *host, const char *name, const char **about) {
    return start(host, name, about, 0);
}

UnitResult units_stop(Host *host, const char *name, const char **about) {
    Unit unit = unit_load(host, name);
    *about = unit.name;
    if (unit.load == UNIT_NOT_FOUND && strcmp(unit.active, "inactive") == 0) return UNIT_MISSING;
    if (strcmp(unit.active, "active") == 0) {
        commands_run(host, &unit, "Service.ExecStop", NULL);
        Words commands = unit_list(host, &unit, "Service.ExecStart");
        for (size_t i = 0; i < commands.count; i++)
            if (strstr(commands.items[i], "/dockerd") != NULL) docker_engine_stop(host);
        fault_between(host);
        commands_run(host, &unit, "Service.ExecStopPost", NULL);
    }
    unit.pid = 0;
    unit.result = "success";
    if (strcmp(unit.active, "inactive") != 0) state_set(host, &unit, "inactive", "dead");
    return UNIT_OK;
}

UnitResult units_reload(Host *host, const char *name, const char **about) {
    Unit unit = unit_load(host, name);
    *about = unit.name;
    if (unit.load == UNIT_NOT_FOUND) return UNIT_MISSING;
    if (unit.load == UNIT_MASKED) return UNIT_IS_MASKED;
    if (unit_list(host, &unit, "Service.ExecReload").count == 0) return UNIT_NO_RELOAD;
    if (strcmp(unit.active, "active") != 0) return UNIT_NOT_ACTIVE;
    int code = commands_run(host, &unit, "Service.ExecReload", NULL);
    unit_change(host, &unit);
    return code == 0 ? UNIT_OK : UNIT_FAILED;
}

// ---- enabling ----

/// Calls [change] with each link that [Install] asks for.
static size_t install_walk(Host *host, const Unit *unit, bool quiet,
                           void (*change)(Host *host, const Unit *unit, const char *link, bool quiet)) {
    static const char *const SETTINGS[][2] = {{"Install.WantedBy", "wants"}, {"Install.RequiredBy", "requires"}};
    size_t count = 0;
    Words aliases = unit_list(host, unit, "Install.Alias");
    for (size_t i = 0; i < aliases.count; i++, count++)
        change(host, unit, mem_print(host->mem, ETC_FOLDER "/%s", aliases.items[i]), quiet);
    for (size_t s = 0; s < 2; s++) {
        Words values = unit_list(host, unit, SETTINGS[s][0]);
        for (size_t i = 0; i < values.count; i++) {
            Words targets = words_split(host->mem, values.items[i], " ");
            for (size_t k = 0; k < targets.count; k++, count++)
                change(host, unit, mem_print(host->mem, ETC_FOLDER "/%s.%s/%s", targets.items[k], SETTINGS[s][1], unit->name), quiet);
        }
    }
    return count + unit_list(host, unit, "Install.Also").count;
}

static void link_make(Host *host, const Unit *unit, const char *link, bool quiet) {
    Where where;
    const char *slash = strrchr(link, '/');
    if (files_make_dirs(host, mem_copy_part(host->mem, link, (size_t)(slash - link)), 0755) != 0 ||
        !files_resolve(host, link, false, &where) || (symlinkat(unit->fragment, where.at, where.name) != 0 && errno != EEXIST))
        host_fail(host, 1, "Failed to enable unit: %s: %s", link, strerror(errno));
    if (errno == EEXIST) {
        errno = 0;
        return;
    }
    if (!quiet) host_warn(host, "Created symlink %s \342\206\222 %s.", link, unit->fragment);
}

static void link_remove(Host *host, const Unit *unit, const char *link, bool quiet) {
    (void)unit;
    if (files_unlink(host, link) == 0 && !quiet) host_warn(host, "Removed \"%s\".", link);
}

size_t units_enable(Host *host, const Unit *unit, bool quiet) {
    errno = 0;
    size_t count = install_walk(host, unit, quiet, link_make);
    Words also = unit_list(host, unit, "Install.Also");
    for (size_t i = 0; i < also.count; i++) {
        Unit other = unit_load(host, also.items[i]);
        if (other.load == UNIT_LOADED) install_walk(host, &other, quiet, link_make);
    }
    return count;
}

void units_disable(Host *host, const Unit *unit, bool quiet) {
    // Links that the unit no longer asks for go too.
    Words entries = files_list(host, ETC_FOLDER);
    for (size_t i = 0; i < entries.count; i++)
        if (text_ends_with(entries.items[i], ".wants") || text_ends_with(entries.items[i], ".requires"))
            link_remove(host, unit, mem_print(host->mem, ETC_FOLDER "/%s/%s", entries.items[i], unit->name), quiet);
    Words aliases = unit_list(host, unit, "Install.Alias");
    for (size_t i = 0; i < aliases.count; i++)
        link_remove(host, unit, mem_print(host->mem, ETC_FOLDER "/%s", aliases.items[i]), quiet);
}

void units_reload_all(Host *host) {
    Words names = unit_names_with_state(host);
    for (size_t i = 0; i < names.count; i++) {
        Unit unit = unit_load(host, names.items[i]);
        if (!unit_needs_reload(&unit)) continue;
        unit.text = unit.disk_text;
        unit_save(host, &unit);
    }
}

// ---- the machine as a whole ----

void units_boot_node(Host *host) {
    Words entries = files_list(host, ETC_FOLDER);
    for (size_t i = 0; i < entries.count; i++) {
        if (!text_ends_with(entries.items[i], ".target.wants")) continue;
        Words names = files_list(host, mem_print(host->mem, ETC_FOLDER "/%s", entries.items[i]));
        for (size_t k = 0; k < names.count; k++) units_start_quietly(host, names.items[k]);
    }
}

void units_boot(Host *host) {
    files_remove_tree(host, "/run");
    files_make_dirs(host, "/run/systemd/units", 0755);
    units_boot_node(host);
}

void units_enable_quietly(Host *host, const char *name) {
    Unit unit = unit_load(host, name);
    if (unit.load == UNIT_LOADED) units_enable(host, &unit, true);
}

void units_start_quietly(Host *host, const char *name) {
    const char *about;
    units_start(host, name, &about);
}

void units_remove_quietly(Host *host, const char *name) {
    const char *about;
    units_stop(host, name, &about);
    Unit unit = unit_load(host, name);
    units_disable(host, &unit, true);
}
