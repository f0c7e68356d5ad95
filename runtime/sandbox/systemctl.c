// `systemctl` and `journalctl`: their command lines, and what they say and return.
#include "files.h"
#include "tools.h"
#include "units.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ETC_FOLDER "/etc/systemd/system"

enum { EXIT_NOT_RUNNING = 3, EXIT_UNKNOWN = 4, EXIT_NOT_INSTALLED = 5 };

/// Since version 253 is-enabled knows `not-found`; Debian 12 is older, Ubuntu 24.04 is not.
static bool is_newer(Host *host) {
    const char *release = files_read(host, "/etc/os-release", NULL);
    return release != NULL && strstr(release, "ID=ubuntu") != NULL;
}

/// Says what came of a job, in the words for [verb]. Returns the exit code.
static int result_print(Host *host, const char *verb, UnitResult result, const char *about) {
    switch (result) {
    case UNIT_OK: return 0;
    case UNIT_MISSING:
        host_warn(host, "Failed to %s %s: Unit %s not %s.", verb, about, about, strcmp(verb, "stop") == 0 ? "loaded" : "found");
        return EXIT_NOT_INSTALLED;
    case UNIT_IS_MASKED: host_warn(host, "Failed to %s %s: Unit %s is masked.", verb, about, about); return 1;
    case UNIT_IS_BAD:
        host_warn(host,
                  "Failed to %s %s: Unit %s has a bad unit file setting.\nSee system logs and 'systemctl status %s' for details.",
                  verb, about, about, about);
        return 1;
    case UNIT_NOT_ACTIVE: host_warn(host, "%s is not active, cannot reload.", about); return 1;
    case UNIT_NO_RELOAD:
        host_warn(host, "Failed to reload %s: Job type reload is not applicable for unit %s.", about, about);
        return 1;
    case UNIT_NEED_FAILED:
        host_warn(host, "A dependency job for %s failed. See 'journalctl -xe' for details.", about);
        return 1;
    case UNIT_FAILED: break;
    }
    Unit unit = unit_load(host, about);
    if (strcmp(unit.result, "resources") == 0)
        host_warn(host, "Job for %s failed because of unavailable resources or another system error.", about);
    else
        host_warn(host, "Job for %s failed because the control process exited with error code.", about);
    host_warn(host, "See \"systemctl status %s\" and \"journalctl -xeu %s\" for details.", about, about);
    return 1;
}

static void change_warn(Host *host, const Unit *unit) {
    if (unit_needs_reload(unit))
        host_warn(host,
                  "Warning: The unit file, source configuration file or drop-ins of %s changed on disk. Run 'systemctl "
                  "daemon-reload' to reload units.",
                  unit->name);
}

/// start, stop, restart, try-restart, reload, reload-or-restart of each of [names].
static int jobs_run(Host *host, const char *verb, const Words *names) {
    int code = 0;
    for (size_t i = 0; i < names->count; i++) {
        Unit unit = unit_load(host, names->items[i]);
        bool active = strcmp(unit.active, "active") == 0, reloads = unit_list(host, &unit, "Service.ExecReload").count > 0;
        bool only_active = text_starts_with(verb, "try-");
        const char *about = unit.name;
        UnitResult result = UNIT_OK;
        if (only_active && !active && unit.load != UNIT_NOT_FOUND) continue;
        change_warn(host, &unit);
        if (strcmp(verb, "stop") == 0) result = units_stop(host, unit.name, &about);
        else if (strcmp(verb, "start") == 0) result = units_start(host, unit.name, &about);
        else if (strcmp(verb, "reload") == 0 || (strcmp(verb, "reload-or-restart") == 0 && active && reloads))
            result = units_reload(host, unit.name, &about);
        else {
            // What can't be started is not stopped either.
            bool stops = unit.load == UNIT_LOADED && strcmp(unit.active, "inactive") != 0;
            if (stops) units_stop(host, unit.name, &about);
            result = units_start(host, unit.name, &about);
        }
        int one = result_print(host, strcmp(verb, "reload-or-restart") == 0 && !reloads ? "restart" : verb, result, about);
        if (one != 0) code = one;
    }
    return code;
}

/// What a machine that is up has reached, with or without a file in the model.
static bool is_reached(const Unit *unit) {
    static const char *const TARGETS[] = {"sysinit.target", "basic.target", "network.target", "network-online.target", "multi-user.target"};
    for (size_t i = 0; i < sizeof TARGETS / sizeof *TARGETS && unit->load == UNIT_NOT_FOUND; i++)
        if (strcmp(unit->name, TARGETS[i]) == 0) return true;
    return false;
}

static int is_active(Host *host, const Words *names, const char *wanted, bool quiet) {
    bool any = false, found = false;
    for (size_t i = 0; i < names->count; i++) {
        Unit unit = unit_load(host, names->items[i]);
        if (is_reached(&unit)) unit.active = "active";
        if (!quiet) host_print(host, "%s\n", unit.active);
        any = any || strcmp(unit.active, wanted) == 0;
        found = found || unit.load != UNIT_NOT_FOUND || strcmp(unit.active, "inactive") != 0;
    }
    if (any) return 0;
    if (strcmp(wanted, "failed") == 0) return 1;
    return found ? EXIT_NOT_RUNNING : EXIT_UNKNOWN;
}

static int is_enabled(Host *host, const Words *names, bool quiet) {
    int code = 1;
    bool any = false;
    for (size_t i = 0; i < names->count; i++) {
        Unit unit = unit_load(host, names->items[i]);
        const char *state = unit_file_state(host, &unit);
        if (state == NULL && !is_newer(host)) {
            host_warn(host, "Failed to get unit file state for %s: No such file or directory", unit.name);
            return 1;
        }
        if (state == NULL) code = EXIT_UNKNOWN;
        if (!quiet) host_print(host, "%s\n", state == NULL ? "not-found" : state);
        any = any || text_equals(state, "enabled") || text_equals(state, "static");
    }
    return any ? 0 : code;
}

static int enable(Host *host, const char *verb, const Words *names, bool now, bool quiet) {
    bool on = strcmp(verb, "enable") == 0 || strcmp(verb, "reenable") == 0;
    for (size_t i = 0; i < names->count; i++) {
        Unit unit = unit_load(host, names->items[i]);
        if (unit.load == UNIT_MASKED && on)
            host_fail(host, 1, "Failed to %s unit: Unit file %s is masked.", verb, mem_print(host->mem, ETC_FOLDER "/%s", unit.name));
        if (unit.fragment == NULL)
            host_fail(host, 1, "Failed to %s unit: Unit file %s does not exist.", verb, unit.name);
    }
    units_reload_all(host);
    for (size_t i = 0; i < names->count; i++) {
        Unit unit = unit_load(host, names->items[i]);
        if (!on || strcmp(verb, "reenable") == 0) units_disable(host, &unit, quiet);
        if (on && units_enable(host, &unit, quiet) == 0 && !quiet)
            host_warn(host,
                      "The unit files have no installation config (WantedBy=, RequiredBy=, Also=,\nAlias= settings in the "
                      "[Install] section, and DefaultInstance= for template\nunits). This means they are not meant to be enabled "
                      "or disabled using systemctl.");
    }
    return now ? jobs_run(host, on ? "start" : "stop", names) : 0;
}

static int mask(Host *host, const char *verb, const Words *names, bool now) {
    bool on = strcmp(verb, "mask") == 0;
    for (size_t i = 0; i < names->count; i++) {
        Unit unit = unit_load(host, names->items[i]);
        const char *path = mem_print(host->mem, ETC_FOLDER "/%s", unit.name);
        Where where;
        if (on && unit.load == UNIT_NOT_FOUND) host_warn(host, "Unit %s does not exist, proceeding anyway.", unit.name);
        if (on && now) jobs_run(host, "stop", names);
        if (on && unit.load != UNIT_MASKED) {
            if (files_exists(host, path))
                host_fail(host, 1, "Failed to mask unit: File %s already exists.", path);
            if (!files_resolve(host, path, false, &where) || symlinkat("/dev/null", where.at, where.name) != 0)
                host_fail(host, 1, "Failed to mask unit: %s", strerror(errno));
            host_warn(host, "Created symlink %s \342\206\222 /dev/null.", path);
        }
        if (!on && unit.load == UNIT_MASKED && files_unlink(host, path) == 0) host_warn(host, "Removed \"%s\".", path);
    }
    return 0;
}

static int is_system_running(Host *host, bool quiet) {
    Words names = unit_names_with_state(host);
    bool failed = false;
    for (size_t i = 0; i < names.count; i++) {
        Unit unit = unit_load(host, names.items[i]);
        failed = failed || strcmp(unit.active, "failed") == 0;
    }
    if (!quiet) host_print(host, "%s\n", failed ? "degraded" : "running");
    return failed ? 1 : 0;
}

static int reset_failed(Host *host, const Words *given) {
    Words names = given->count > 0 ? *given : unit_names_with_state(host);
    int code = 0;
    for (size_t i = 0; i < names.count; i++) {
        Unit unit = unit_load(host, names.items[i]);
        if (strcmp(unit.active, "failed") != 0) {
            if (unit.load != UNIT_NOT_FOUND) continue;
            host_warn(host, "Failed to reset failed state of unit %s: Unit %s not loaded.", unit.name, unit.name);
            code = 1;
            continue;
        }
        unit.active = "inactive";
        unit.sub = "dead";
        unit.result = "success";
        unit.status = 0;
        unit_change(host, &unit);
    }
    return code;
}

static int unit_cat(Host *host, const Words *names) {
    for (size_t i = 0; i < names->count; i++) {
        Unit unit = unit_load(host, names->items[i]);
        if (unit.fragment == NULL) host_fail(host, 1, "No files found for %s.", unit.name);
        const char *text = files_read(host, unit.fragment, NULL);
        host_print(host, "%s# %s\n%s", i > 0 ? "\n" : "", unit.fragment, text == NULL ? "" : text);
        for (size_t k = 0; k < unit.dropins.count; k++) {
            text = files_read(host, unit.dropins.items[k], NULL);
            host_print(host, "\n# %s\n%s", unit.dropins.items[k], text == NULL ? "" : text);
        }
    }
    return 0;
}

/// `list-unit-files` and `list-units`, without their headers and counts: what programs ask for with --no-legend.
static int list(Host *host, const char *verb, const Words *patterns, const char *state) {
    bool files = strcmp(verb, "list-unit-files") == 0;
    Words names = files ? unit_names(host) : unit_names_with_state(host);
    for (size_t i = 0; i < names.count; i++) {
        Unit unit = unit_load(host, names.items[i]);
        if (patterns->count > 0 && !words_has(patterns, unit.name)) continue;
        const char *enabled = unit_file_state(host, &unit);
        if (!files && strcmp(unit.active, "inactive") == 0) continue;
        if (state != NULL && strcmp(state, files ? (enabled == NULL ? "" : enabled) : unit.active) != 0 && strcmp(state, unit.sub) != 0) continue;
        if (files) host_print(host, "%s %s enabled\n", unit.name, enabled == NULL ? "-" : enabled);
        else
            host_print(host, "%s loaded %s %s %s\n", unit.name, unit.active, unit.sub,
                       unit_get(&unit, "Unit.Description", unit.name));
    }
    return 0;
}

/// The values of -p, -P and --property, taken apart at their commas.
static Words properties_read(Host *host, const ToolFlags *flags) {
    Words properties = words_new(host->mem);
    for (size_t i = 0; i < flags->values.count; i++) {
        const char *flag = flags->values.items[i].key;
        if (strcmp(flag, "p") != 0 && strcmp(flag, "P") != 0) continue;
        Words parts = words_split(host->mem, flags->values.items[i].value, ",");
        for (size_t k = 0; k < parts.count; k++) words_add(&properties, parts.items[k]);
    }
    return properties;
}

int systemctl_main(Host *host) {
    static const char *const JOBS[] = {"start", "stop", "restart", "try-restart", "reload", "reload-or-restart"};
    ToolFlags flags;
    if (!tool_read_flags(host, "qfalp:P:t:n:o:NBVRMSLYWZ1:2:",
                         "quiet=q force=f all=a full=l property=p type=t lines=n output=o now=N no-block=B value=V runtime=R "
                         "no-pager=M system=S no-legend=L plain=Y wait=W no-ask-password=Z state=1 failed=2 legend=2",
                         &flags))
        return 1;
    Words names = words_new(host->mem);
    for (size_t i = 1; i < flags.plain.count; i++) words_add(&names, flags.plain.items[i]);
    const char *verb = flags.plain.count == 0 ? "list-units" : flags.plain.items[0];
    bool quiet = flags.set['q'], now = flags.set['N'];
    Words properties = properties_read(host, &flags);
    if (strcmp(verb, "list-units") == 0 || strcmp(verb, "list-unit-files") == 0) return list(host, verb, &names, flags.value['1']);
    if (strcmp(verb, "daemon-reload") == 0 || strcmp(verb, "daemon-reexec") == 0) {
        if (names.count > 0) host_fail(host, 1, "Too many arguments.");
        units_reload_all(host);
        return 0;
    }
    if (strcmp(verb, "is-system-running") == 0) return is_system_running(host, quiet);
    if (strcmp(verb, "show") == 0) return systemctl_show(host, &names, &properties, flags.set['V'] || flags.set['P']);
    if (strcmp(verb, "reset-failed") == 0) return reset_failed(host, &names);
    for (size_t i = 0; i < names.count; i++)
        if (names.items[i][0] == '\0' || strpbrk(names.items[i], " /\"'") != NULL)
            host_fail(host, 1, "Failed to mangle unit name: Invalid argument");
    bool needs_names = strcmp(verb, "status") != 0;
    if (needs_names && names.count == 0) host_fail(host, 1, "Too few arguments.");
    for (size_t i = 0; i < sizeof JOBS / sizeof JOBS[0]; i++)
        if (strcmp(JOBS[i], verb) == 0) return jobs_run(host, verb, &names);
    if (strcmp(verb, "is-active") == 0) return is_active(host, &names, "active", quiet);
    if (strcmp(verb, "is-failed") == 0) return is_active(host, &names, "failed", quiet);
    if (strcmp(verb, "is-enabled") == 0) return is_enabled(host, &names, quiet);
    if (strcmp(verb, "enable") == 0 || strcmp(verb, "disable") == 0 || strcmp(verb, "reenable") == 0)
        return enable(host, verb, &names, now, quiet);
    if (strcmp(verb, "mask") == 0 || strcmp(verb, "unmask") == 0) return mask(host, verb, &names, now);
    if (strcmp(verb, "cat") == 0) return unit_cat(host, &names);
    if (strcmp(verb, "status") == 0) {
        int code = 0;
        for (size_t i = 0; i < names.count; i++) {
            int one = systemctl_status(host, names.items[i]);
            if (one != 0) code = one;
        }
        return code;
    }
    host_fail(host, 1, "Unknown command verb %s.", verb);
}

int journalctl_main(Host *host) {
    ToolFlags flags;
    if (!tool_read_flags(host, "u:n:o:qeMb", "unit=u lines=n output=o quiet=q no-pager=M boot=b", &flags)) return 1;
    if (flags.value['u'] == NULL) host_fail(host, 1, "phx-sandbox: journalctl without --unit is not modelled");
    Unit unit = unit_load(host, flags.value['u']);
    const char *text = files_read(host, mem_print(host->mem, "/var/log/journal/%s", unit.name), NULL);
    Words lines = words_split(host->mem, text == NULL ? "" : text, "\n");
    size_t count = flags.value['n'] == NULL ? lines.count : (size_t)strtoul(flags.value['n'], NULL, 10);
    if (lines.count == 0) host_print(host, "-- No entries --\n");
    for (size_t i = lines.count > count ? lines.count - count : 0; i < lines.count; i++) host_print(host, "%s\n", lines.items[i]);
    return 0;
}
