// `dpkg-query`, `apt-get`, `cloud-init`.
#include "files.h"
#include "packages.h"
#include "tools.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LISTS_FOLDER "/var/lib/apt/lists"

enum { QUERY_USAGE = 2, APT_ERROR = 100, DEPENDENCIES_MAX = 64 };

// ---- dpkg-query ----

/// The value of a field such as `Version` or `db:Status-Status`; "" for one that is not known, as for real.
static const char *query_field(Host *host, const Installed *package, const char *field) {
    Words status = words_split(host->mem, package->status, " ");
    bool whole = status.count == 3;
    if (strcmp(field, "Package") == 0 || strcmp(field, "binary:Package") == 0) return package->name;
    if (strcmp(field, "Version") == 0) return package->version;
    if (strcmp(field, "Architecture") == 0) return "amd64";
    if (strcmp(field, "Status") == 0) return package->status;
    if (strcmp(field, "Depends") == 0) return packages_depends(package->name);
    if (!whole) return "";
    if (strcmp(field, "db:Status-Want") == 0) return status.items[0];
    if (strcmp(field, "db:Status-Eflag") == 0) return status.items[1];
    if (strcmp(field, "db:Status-Status") == 0) return status.items[2];
    if (strcmp(field, "db:Status-Abbrev") == 0) return packages_is_installed(package) ? "ii " : "rc ";
    return "";
}

/// Prints the package by a format: `${field}`, `${field;width}`, \n, \t and \\.
static void query_print(Host *host, const Installed *package, const char *format) {
    for (const char *at = format; *at != '\0'; at++) {
        if (*at == '\\' && at[1] != '\0') {
            at++;
            host_print(host, "%c", *at == 'n' ? '\n' : *at == 't' ? '\t' : *at == 'r' ? '\r' : *at);
            continue;
        }
        const char *end = at[0] == '$' && at[1] == '{' ? strchr(at, '}') : NULL;
        if (end == NULL) {
            host_print(host, "%c", *at);
            continue;
        }
        const char *name = mem_copy_part(host->mem, at + 2, (size_t)(end - at - 2)), *colon = strchr(name, ';');
        int width = colon == NULL ? 0 : (int)strtol(colon + 1, NULL, 10);
        if (colon != NULL) name = mem_copy_part(host->mem, name, (size_t)(colon - name));
        host_print(host, "%*s", width, query_field(host, package, name));
        at = end;
    }
}

int dpkg_query_main(Host *host) {
    const char *format = "${binary:Package}\\t${Version}\\n";
    bool show = false, status = false;
    Words patterns = words_new(host->mem);
    for (int i = 1; i < host->argc; i++) {
        const char *word = host->argv[i];
        if (strcmp(word, "-W") == 0 || strcmp(word, "--show") == 0) show = true;
        else if (strcmp(word, "-s") == 0 || strcmp(word, "--status") == 0) status = true;
        else if (text_starts_with(word, "-f=")) format = word + 3;
        else if (text_starts_with(word, "--showformat=")) format = word + 13;
        else if ((strcmp(word, "-f") == 0 || strcmp(word, "--showformat") == 0) && i + 1 < host->argc)
            format = host->argv[++i];
        else if (text_starts_with(word, "-f")) format = word + 2;
        else if (strcmp(word, "--") == 0) continue;
        else if (*word == '-')
            host_fail(host, QUERY_USAGE, "dpkg-query: error: unknown option %s\n\nUse --help for help about querying packages.", word);
        else words_add(&patterns, word);
    }
    if (!show && !status)
        host_fail(host, QUERY_USAGE, "dpkg-query: error: need an action option\n\nUse --help for help about querying packages.");
    if (status) format = "Package: ${Package}\\nStatus: ${Status}\\nArchitecture: ${Architecture}\\nVersion: ${Version}\\n";
    InstalledList list = packages_load(host);
    int code = 0;
    for (size_t i = 0; patterns.count == 0 && i < list.count; i++) query_print(host, &list.items[i], format);
    for (size_t i = 0; i < patterns.count; i++) {
        bool found = false;
        for (size_t k = 0; k < list.count; k++) {
            if (fnmatch(patterns.items[i], list.items[k].name, 0) != 0) continue;
            query_print(host, &list.items[k], format);
            found = true;
        }
        if (found) continue;
        if (status) host_warn(host, "dpkg-query: package '%s' is not installed and no information is available", patterns.items[i]);
        else host_warn(host, "dpkg-query: no packages found matching %s", patterns.items[i]);
        code = 1;
    }
    return code;
}

// ---- apt-get ----

typedef struct Apt {
    const char *command;
    Words names;
    bool yes, purge;
    int quiet;
} Apt;

/// Takes the command line apart; apt-get wants neither the command nor the options first.
static Apt apt_read(Host *host) {
    static const char *const FLAGS[] = {"--no-install-recommends", "--install-recommends", "--reinstall", "--allow-downgrades",
                                        "--no-upgrade", "--fix-missing", "--fix-broken", "--auto-remove", "--autoremove",
                                        "--allow-change-held-packages", "-f", "-m"};
    Apt apt = {.names = words_new(host->mem)};
    for (int i = 1; i < host->argc; i++) {
        const char *word = host->argv[i];
        bool known = false;
        for (size_t k = 0; k < sizeof FLAGS / sizeof FLAGS[0]; k++) known = known || strcmp(FLAGS[k], word) == 0;
        if (known || strcmp(word, "--") == 0) continue;
        if (strcmp(word, "-y") == 0 || strcmp(word, "--yes") == 0 || strcmp(word, "--assume-yes") == 0) apt.yes = true;
        else if (strcmp(word, "-q") == 0 || strcmp(word, "--quiet") == 0 || strcmp(word, "-q=1") == 0) apt.quiet = 1;
        // Twice quiet means yes, too.
        else if (strcmp(word, "-qq") == 0 || strcmp(word, "-q=2") == 0) { apt.quiet = 2; apt.yes = true; }
        else if (strcmp(word, "-yq") == 0 || strcmp(word, "-qy") == 0) { apt.quiet = 1; apt.yes = true; }
        else if (strcmp(word, "--purge") == 0) apt.purge = true;
        else if (strcmp(word, "-o") == 0 || strcmp(word, "-t") == 0 || strcmp(word, "-c") == 0) {
            if (++i == host->argc) host_fail(host, APT_ERROR, "E: Option %s requires an argument.", word);
            if (strcmp(word, "-o") == 0 && strchr(host->argv[i], '=') == NULL)
                host_fail(host, APT_ERROR, "E: Option %s: Configuration item specification must have an =<val>.", host->argv[i]);
        } else if (text_starts_with(word, "-o")) continue;
        else if (text_starts_with(word, "--"))
            host_fail(host, APT_ERROR, "E: Command line option %s is not understood in combination with the other options", word);
        else if (*word == '-')
            host_fail(host, APT_ERROR, "E: Command line option '%c' [from %s] is not understood in combination with the other options.",
                      word[1], word);
        else if (apt.command == NULL) apt.command = word;
        else words_add(&apt.names, word);
    }
    return apt;
}

static void apt_say(Host *host, const Apt *apt, const char *text) {
    if (apt->quiet < 2) host_print(host, "%s", text);
}

static bool lists_exist(Host *host) {
    return files_list(host, LISTS_FOLDER).count > 0;
}

/// Adds what [name] needs and is not there yet to [wanted], then itself.
static void needs_add(Host *host, const InstalledList *list, const char *name, Words *wanted, int depth) {
    if (depth > DEPENDENCIES_MAX || words_has(wanted, name) || packages_is_installed(packages_find(list, name))) return;
    Words needs = words_split(host->mem, packages_depends(name), " ");
    for (size_t i = 0; i < needs.count; i++) needs_add(host, list, needs.items[i], wanted, depth + 1);
    words_add(wanted, name);
}

static void names_print(Host *host, const Apt *apt, const char *title, const Words *names) {
    if (names->count > 0) apt_say(host, apt, mem_print(host->mem, "%s\n  %s\n", title, words_join(names, " ")));
}

/// Asks, unless it was told not to: there is nobody who would answer.
static void apt_confirm(Host *host, const Apt *apt) {
    if (apt->yes) return;
    host_print(host, "Do you want to continue? [Y/n] Abort.\n");
    host_exit(host, 1);
}

static int apt_install(Host *host, const Apt *apt) {
    InstalledList list = packages_load(host);
    Words asked = words_new(host->mem), wanted = words_new(host->mem), others = words_new(host->mem);
    apt_say(host, apt, "Reading package lists...\nBuilding dependency tree...\nReading state information...\n");
    for (size_t i = 0; i < apt->names.count; i++) {
        const char *given = apt->names.items[i], *equals = strchr(given, '=');
        const char *name = equals == NULL ? given : mem_copy_part(host->mem, given, (size_t)(equals - given));
        Installed *there = packages_find(&list, name);
        const char *version = lists_exist(host) ? packages_version(host, name) : NULL;
        if (packages_is_installed(there)) version = version == NULL ? there->version : version;
        if (version == NULL) host_fail(host, APT_ERROR, "E: Unable to locate package %s", name);
        if (equals != NULL && strcmp(equals + 1, version) != 0)
            host_fail(host, APT_ERROR, "E: Version '%s' for '%s' was not found", equals + 1, name);
        if (packages_is_installed(there))
            apt_say(host, apt, mem_print(host->mem, "%s is already the newest version (%s).\n", name, there->version));
        words_add(&asked, name);
    }
    for (size_t i = 0; i < asked.count; i++) needs_add(host, &list, asked.items[i], &wanted, 0);
    for (size_t i = 0; i < wanted.count; i++)
        if (!words_has(&asked, wanted.items[i])) words_add(&others, wanted.items[i]);
    Words sorted = words_split(host->mem, words_join(&wanted, " "), " ");
    words_sort(&sorted);
    names_print(host, apt, "The following additional packages will be installed:", &others);
    names_print(host, apt, "The following NEW packages will be installed:", &sorted);
    apt_say(host, apt, mem_print(host->mem, "0 upgraded, %zu newly installed, 0 to remove and 0 not upgraded.\n", wanted.count));
    if (others.count > 0) apt_confirm(host, apt);
    for (size_t i = 0; i < wanted.count; i++) {
        packages_install(host, &list, wanted.items[i]);
        host_print(host, "Setting up %s (%s) ...\n", wanted.items[i], packages_find(&list, wanted.items[i])->version);
    }
    return 0;
}

/// Does a package that stays need [name]? Then it goes too.
static void users_add(Host *host, const InstalledList *list, const char *name, Words *leaving) {
    if (words_has(leaving, name)) return;
    words_add(leaving, name);
    for (size_t i = 0; i < list->count; i++) {
        Words needs = words_split(host->mem, packages_depends(list->items[i].name), " ");
        if (packages_is_installed(&list->items[i]) && words_has(&needs, name))
            users_add(host, list, list->items[i].name, leaving);
    }
}

static int apt_remove(Host *host, const Apt *apt, bool purge) {
    InstalledList list = packages_load(host);
    Words leaving = words_new(host->mem);
    apt_say(host, apt, "Reading package lists...\nBuilding dependency tree...\nReading state information...\n");
    for (size_t i = 0; i < apt->names.count; i++) {
        const char *name = apt->names.items[i];
        Installed *there = packages_find(&list, name);
        if (there == NULL && packages_version(host, name) == NULL)
            host_fail(host, APT_ERROR, "E: Unable to locate package %s", name);
        if (there == NULL || (!packages_is_installed(there) && !purge))
            apt_say(host, apt, mem_print(host->mem, "Package '%s' is not installed, so not removed\n", name));
        else users_add(host, &list, name, &leaving);
    }
    names_print(host, apt, "The following packages will be REMOVED:", &leaving);
    apt_say(host, apt, mem_print(host->mem, "0 upgraded, 0 newly installed, %zu to remove and 0 not upgraded.\n", leaving.count));
    if (leaving.count > 0) apt_confirm(host, apt);
    for (size_t i = leaving.count; i > 0; i--) {
        host_print(host, "Removing %s (%s) ...\n", leaving.items[i - 1], packages_find(&list, leaving.items[i - 1])->version);
        packages_remove(host, &list, leaving.items[i - 1], purge);
    }
    return 0;
}

int apt_get_main(Host *host) {
    Apt apt = apt_read(host);
    if (apt.command == NULL) host_fail(host, 1, "E: Invalid operation ");
    if (strcmp(apt.command, "update") == 0) {
        if (apt.names.count > 0) host_fail(host, APT_ERROR, "E: The update command takes no arguments");
        files_write(host, LISTS_FOLDER "/packages", "", 0, 0644);
        apt_say(host, &apt, "Hit:1 http://deb.debian.org/debian bookworm InRelease\nReading package lists...\n");
        return 0;
    }
    if (strcmp(apt.command, "install") == 0) return apt_install(host, &apt);
    if (strcmp(apt.command, "remove") == 0) return apt_remove(host, &apt, apt.purge);
    if (strcmp(apt.command, "purge") == 0) return apt_remove(host, &apt, true);
    bool nothing = strcmp(apt.command, "clean") == 0 || strcmp(apt.command, "autoremove") == 0 || strcmp(apt.command, "upgrade") == 0;
    if (nothing) return 0;
    host_fail(host, APT_ERROR, "E: Invalid operation %s", apt.command);
}

// ---- cloud-init ----

int cloud_init_main(Host *host) {
    ToolFlags flags;
    if (!tool_read_flags(host, "wlF:", "wait=w long=l format=F", &flags)) return QUERY_USAGE;
    if (flags.plain.count != 1 || strcmp(flags.plain.items[0], "status") != 0)
        host_fail(host, QUERY_USAGE, "usage: cloud-init [-h] [--version] {status} ...\ncloud-init: error: phx-sandbox: only status is modelled");
    const char *format = flags.value['F'];
    if (text_equals(format, "json")) host_print(host, "{\n \"errors\": [],\n \"status\": \"done\"\n}\n");
    else host_print(host, "status: done\n");
    return 0;
}
