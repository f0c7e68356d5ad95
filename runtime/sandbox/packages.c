// Installs and removes the packages of packages.def, and keeps the status file of dpkg.
#include "packages.h"

#include "accounts.h"
#include "fault.h"
#include "files.h"
#include "units.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define STATUS_FILE "/var/lib/dpkg/status"
#define UNIT_FOLDER "/lib/systemd/system"

enum { BASE_NONE = 0, BASE_NODE = 1, BASE_LXC = 2, BASE_VM = 4, BASE_ALL = 7 };

typedef enum PartKind { PART_PACKAGE, PART_PROGRAM, PART_UNIT, PART_CONFIG, PART_FOLDER, PART_LINK, PART_USER, PART_GROUP } PartKind;

/// A row of packages.def.
typedef struct Part {
    PartKind kind;
    const char *package;
    const char *name;      // path, unit, account; of a package its version
    const char *text;      // contents, target, home; of a package what it needs
    int flag;              // of a package where it is from the start; of a unit whether it is enabled
} Part;

#define PACKAGE(name, version, base, depends) {PART_PACKAGE, name, version, depends, base},
#define PROGRAM(package, path) {PART_PROGRAM, package, path, "\177phx-sandbox\n", 0},
#define UNIT(package, name, enabled, text) {PART_UNIT, package, name, text, enabled},
#define CONFIG(package, path, text) {PART_CONFIG, package, path, text, 0},
#define FOLDER(package, path) {PART_FOLDER, package, path, "", 0},
#define LINK(package, path, target) {PART_LINK, package, path, target, 0},
#define USER(package, name, home) {PART_USER, package, name, home, 0},
#define GROUP(package, name) {PART_GROUP, package, name, "", 0},

static const Part PARTS[] = {
#include "packages.def"
};
enum { PART_COUNT = sizeof PARTS / sizeof PARTS[0] };

static const Part *package_find(const char *name) {
    for (size_t i = 0; i < PART_COUNT; i++)
        if (PARTS[i].kind == PART_PACKAGE && strcmp(PARTS[i].package, name) == 0) return &PARTS[i];
    return NULL;
}

const char *packages_version(Host *host, const char *name) {
    const Part *package = package_find(name);
    if (!host->facts.lists_packages) return package == NULL ? NULL : package->name;
    const char *listed = pairs_get(&host->facts.packages, name);
    if (listed != NULL && *listed == '\0') return package == NULL ? "1.0" : package->name;
    return listed;
}

const char *packages_depends(const char *name) {
    const Part *package = package_find(name);
    return package == NULL ? "" : package->text;
}

// ---- the status file ----

static void list_add(Host *host, InstalledList *list, Installed installed) {
    if (list->count == list->capacity) {
        Installed *larger = mem_alloc(host->mem, (list->capacity * 2 + 32) * sizeof *larger);
        if (list->count > 0) memcpy(larger, list->items, list->count * sizeof *larger);
        list->items = larger;
        list->capacity = list->capacity * 2 + 32;
    }
    list->items[list->count++] = installed;
}

InstalledList packages_load(Host *host) {
    InstalledList list = {0};
    const char *text = files_read(host, STATUS_FILE, NULL);
    Words lines = words_split(host->mem, text == NULL ? "" : text, "\n");
    for (size_t i = 0; i < lines.count; i++) {
        const char *line = lines.items[i];
        if (text_starts_with(line, "Package: "))
            list_add(host, &list, (Installed){.name = line + 9, .version = "", .status = ""});
        else if (list.count > 0 && text_starts_with(line, "Status: ")) list.items[list.count - 1].status = line + 8;
        else if (list.count > 0 && text_starts_with(line, "Version: ")) list.items[list.count - 1].version = line + 9;
    }
    return list;
}

static void list_save(Host *host, const InstalledList *list) {
    Text text = text_new(host->mem);
    for (size_t i = 0; i < list->count; i++)
        text_print(&text, "Package: %s\nStatus: %s\nArchitecture: amd64\nVersion: %s\n\n", list->items[i].name,
                   list->items[i].status, list->items[i].version);
    files_write(host, STATUS_FILE, text.data, text.length, 0644);
}

Installed *packages_find(const InstalledList *list, const char *name) {
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i].name, name) == 0) return &list->items[i];
    return NULL;
}

bool packages_is_installed(const Installed *installed) {
    return installed != NULL && strcmp(installed->status, "install ok installed") == 0;
}

// ---- what a package brings ----

static void text_write(Host *host, const char *path, const char *text, mode_t mode) {
    files_write(host, path, text, strlen(text), mode);
}

/// Puts one part in its place. A configuration that is there stays: it may have been changed.
static void part_unpack(Host *host, const Part *part) {
    Where where;
    const char *slash;
    switch (part->kind) {
    case PART_PACKAGE: return;
    case PART_PROGRAM: text_write(host, part->name, part->text, 0755); return;
    case PART_UNIT: text_write(host, mem_print(host->mem, UNIT_FOLDER "/%s", part->name), part->text, 0644); return;
    case PART_CONFIG:
        if (!files_exists(host, part->name)) text_write(host, part->name, part->text, 0644);
        return;
    case PART_FOLDER: files_make_dirs(host, part->name, 0755); return;
    case PART_LINK:
        slash = strrchr(part->name, '/');
        files_make_dirs(host, mem_copy_part(host->mem, part->name, (size_t)(slash - part->name)), 0755);
        if (files_resolve(host, part->name, false, &where) && symlinkat(part->text, where.at, where.name) != 0) return;
        return;
    case PART_USER: account_make_system(host, part->name, part->text); return;
    case PART_GROUP: account_make_system_group(host, part->name); return;
    }
}

static void part_remove(Host *host, const Part *part, bool purge) {
    if (part->kind == PART_PROGRAM) files_unlink(host, part->name);
    if (part->kind == PART_UNIT) files_unlink(host, mem_print(host->mem, UNIT_FOLDER "/%s", part->name));
    if (!purge) return;
    if (part->kind == PART_CONFIG || part->kind == PART_LINK) files_unlink(host, part->name);
    if (part->kind == PART_FOLDER) files_remove_tree(host, part->name);
}

static void status_set(Host *host, InstalledList *list, const char *name, const char *status) {
    Installed *entry = packages_find(list, name);
    const char *version = packages_version(host, name);
    if (entry == NULL) {
        list_add(host, list, (Installed){.name = name});
        entry = &list->items[list->count - 1];
    }
    if (version != NULL) entry->version = version;
    entry->status = status;
}

void packages_install(Host *host, InstalledList *list, const char *name) {
    for (size_t i = 0; i < PART_COUNT; i++)
        if (strcmp(PARTS[i].package, name) == 0) part_unpack(host, &PARTS[i]);
    fault_between(host);
    for (size_t i = 0; i < PART_COUNT; i++) {
        if (PARTS[i].kind != PART_UNIT || strcmp(PARTS[i].package, name) != 0) continue;
        if (PARTS[i].flag) units_enable_quietly(host, PARTS[i].name);
        units_start_quietly(host, PARTS[i].name);
    }
    status_set(host, list, name, "install ok installed");
    list_save(host, list);
}

/// Has the package something that only a purge takes?
static bool has_configuration(const char *name) {
    for (size_t i = 0; i < PART_COUNT; i++)
        if ((PARTS[i].kind == PART_CONFIG || PARTS[i].kind == PART_UNIT) && strcmp(PARTS[i].package, name) == 0) return true;
    return false;
}

void packages_remove(Host *host, InstalledList *list, const char *name, bool purge) {
    for (size_t i = 0; i < PART_COUNT; i++)
        if (PARTS[i].kind == PART_UNIT && strcmp(PARTS[i].package, name) == 0) units_remove_quietly(host, PARTS[i].name);
    fault_between(host);
    for (size_t i = 0; i < PART_COUNT; i++)
        if (strcmp(PARTS[i].package, name) == 0) part_remove(host, &PARTS[i], purge);
    Installed *entry = packages_find(list, name);
    if (entry == NULL) return;
    if (purge || !has_configuration(name)) {
        *entry = list->items[list->count - 1];
        list->count--;
    } else {
        entry->status = "deinstall ok config-files";
    }
    list_save(host, list);
}

void packages_make_base(Host *host) {
    static const char *const FOLDERS[] = {"/etc/systemd/system", "/usr/bin",     "/usr/sbin", "/usr/lib/systemd/system",
                                          "/usr/local/bin",      "/var/lib/apt", "/var/log"};
    static const char *const LINKS[][2] = {{"/lib", "usr/lib"}, {"/bin", "usr/bin"}, {"/sbin", "usr/sbin"}};
    int machine = host->machine == MACHINE_NODE ? BASE_NODE : host->machine == MACHINE_LXC ? BASE_LXC : BASE_VM;
    for (size_t i = 0; i < sizeof FOLDERS / sizeof FOLDERS[0]; i++) files_make_dirs(host, FOLDERS[i], 0755);
    for (size_t i = 0; i < sizeof LINKS / sizeof LINKS[0]; i++) {
        Where where;
        // What is a directory already, in a folder that someone filled, does as well.
        if (files_resolve(host, LINKS[i][0], false, &where) && symlinkat(LINKS[i][1], where.at, where.name) != 0) continue;
    }
    account_make_base(host);
    InstalledList list = {0};
    for (size_t i = 0; i < PART_COUNT; i++) {
        const Part *package = &PARTS[i];
        if (package->kind != PART_PACKAGE || (package->flag & machine) == 0) continue;
        for (size_t k = 0; k < PART_COUNT; k++) {
            if (strcmp(PARTS[k].package, package->package) != 0) continue;
            part_unpack(host, &PARTS[k]);
            if (PARTS[k].kind == PART_UNIT && PARTS[k].flag) units_enable_quietly(host, PARTS[k].name);
        }
        list_add(host, &list, (Installed){package->package, package->name, "install ok installed"});
    }
    list_save(host, &list);
    // A node's lists of packages are there; a template comes without.
    if (host->machine == MACHINE_NODE) text_write(host, "/var/lib/apt/lists/packages", "", 0644);
}
