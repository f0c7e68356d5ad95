/* What a host has that a site does not write: recorded before, compared after. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "compiler/slice.h"
#include "tests/random/host.h"

#define PRINT(...) arena_printf(host->arena, __VA_ARGS__).text

static void record_add(const Host *host, Record *record, const char *name, Str text) {
    Thing thing = {name, arena_str(host->arena, text).text};
    VECTOR_PUSH(host->arena, &record->things, thing);
}

/* ---- the files of guests ---- */

static const Resource *resource_with(const Site *site, const char *type, const char *object) {
    for (uint32_t i = 0; i < site->resources.count; i++)
        if (!strcmp(site->resources.items[i]->type, type) && !strcmp(site->resources.items[i]->object, object))
            return site->resources.items[i];
    return NULL;
}

/* Settings that a guest has now or after its next restart, by the rules of inspect: the last of several lines counts. */
typedef struct Setting {
    Str key, value;
} Setting;
typedef struct Settings {
    VECTOR(Setting) items;
} Settings;

static void settings_set(const Host *host, Settings *settings, Str key, Str value) {
    for (uint32_t i = 0; i < settings->items.count; i++)
        if (str_equal(settings->items.items[i].key, key)) {
            settings->items.items[i].value = value;
            return;
        }
    Setting setting = {key, value};
    VECTOR_PUSH(host->arena, &settings->items, setting);
}

static void settings_drop(Settings *settings, Str keys) {
    for (Str rest = keys, key; slice_next(&rest, STR(","), &key);)
        for (uint32_t i = 0; i < settings->items.count; i++)
            if (str_equal(settings->items.items[i].key, slice_trim(key)))
                settings->items.items[i].value = (Str){0};
}

static int is_key(Str key) {
    for (size_t i = 0; i < key.length; i++)
        if (!(key.text[i] >= 'a' && key.text[i] <= 'z') && !(i && strchr("0123456789_-", key.text[i])))
            return 0;
    return key.length > 0;
}

/* What Proxmox changes by itself when something else does. */
static int is_its_own(Str key) {
    static const char *const OWN[] = {"parent", "lock", "digest", "vmgenid", "meta", "template", "boot"};
    for (size_t i = 0; i < sizeof OWN / sizeof *OWN; i++)
        if (str_equal(key, str_of(OWN[i])))
            return 1;
    return slice_begins(key, STR("unused")) || slice_begins(key, STR("lxc."));
}

/* Every setting that the site does not write, and every line of a comment but its own. */
static void record_settings(const Host *host, Record *record, const Resource *guest, Str text) {
    Settings settings = {0};
    int is_pending = 0, is_head = 1, keeps_notes = !resource_writes(guest, "description");
    uint32_t comments = 0;
    for (Str rest = text, line; slice_next_line(&rest, &line);) {
        Str bare = slice_trim(line);
        if (bare.length && bare.text[0] == '[') {
            is_head = 0;
            is_pending = slice_equal_letters(bare, STR("[pve:pending]")) || slice_equal_letters(bare, STR("[PENDING]"));
        }
        size_t colon = slice_find_char(line, ':', 0);
        Str key = slice(line, 0, colon), value = slice_trim(slice(line, colon + 1, line.length));
        if (bare.length && bare.text[0] == '#' && is_head && keeps_notes && slice_find(bare, STR("phxc"), 0) == bare.length)
            record_add(host, record, PRINT("%s %s, comment %u", guest->type, guest->object, comments++), (Str){0});
        else if ((is_head || is_pending) && colon < line.length && is_pending && str_equal(key, STR("delete")))
            settings_drop(&settings, value);
        else if ((is_head || is_pending) && colon < line.length && is_key(key))
            settings_set(host, &settings, key, value);
    }
    for (uint32_t i = 0; i < settings.items.count; i++) {
        const Setting *setting = &settings.items.items[i];
        const char *key = arena_str(host->arena, setting->key).text;
        if (setting->value.length && !is_its_own(setting->key) && !resource_writes(guest, key))
            record_add(host, record, PRINT("%s %s, %s", guest->type, guest->object, key), setting->value);
    }
    for (uint32_t i = 0; i < guest->foreign.count; i++)
        record_add(host, record, PRINT("%s %s, the line `%s`", guest->type, guest->object, guest->foreign.items[i]),
                   slice_find(text, str_of(guest->foreign.items[i]), 0) < text.length ? STR("there") : STR("not there"));
}

static void record_guests(const Host *host, Record *record, const Site *site, const char *type, const char *folder) {
    const char *path = PRINT("%s/etc/pve/nodes/pve/%s", host->folder, folder);
    DIR *files = opendir(path);
    for (struct dirent *entry; files && (entry = readdir(files));) {
        const char *dot = strrchr(entry->d_name, '.');
        if (!dot || strcmp(dot, ".conf") != 0)
            continue;
        size_t length = 0;
        const char *bytes = host_read(host, PRINT("%s/%s", path, entry->d_name), &length);
        const char *id = PRINT("%.*s", (int)(dot - entry->d_name), entry->d_name);
        const Resource *guest = resource_with(site, type, id);
        if (!guest)
            record_add(host, record, PRINT("%s %s", type, id), (Str){bytes, length});
        else if (guest->state == RESOURCE_PRESENT)
            record_settings(host, record, guest, (Str){bytes, length});
    }
    if (files)
        closedir(files);
}

/* ---- storages, ZFS, files ---- */

/* "prune-backups" is `prune_backups`. */
static int writes_key(const Resource *resource, Str key) {
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)key.length, key.text);
    for (char *c = name; *c; c++)
        if (*c == '-')
            *c = '_';
    return resource_writes(resource, name) || strstr(resource->fixed, name) || str_equal(key, STR("pool")) || str_equal(key, STR("type"));
}

static void record_storages(const Host *host, Record *record, const Site *site) {
    size_t length = 0;
    const char *bytes = host_read(host, PRINT("%s/etc/pve/storage.cfg", host->folder), &length), *id = "";
    const Resource *storage = NULL;
    for (Str rest = {bytes, length}, line; bytes && slice_next_line(&rest, &line);) {
        Str bare = slice_trim(line);
        size_t colon = slice_find_char(line, ':', 0), end = 0;
        if (!bare.length || bare.text[0] == '#')
            continue;
        if (bare.text == line.text && colon < line.length) {
            id = arena_str(host->arena, slice_trim(slice(line, colon + 1, line.length))).text;
            storage = resource_with(site, "pve.storage", id);
            if (!storage)
                record_add(host, record, PRINT("storage %s", id), slice(line, 0, colon));
            continue;
        }
        while (end < bare.length && bare.text[end] != ' ' && bare.text[end] != '\t')
            end++;
        Str key = slice(bare, 0, end);
        if (!storage || (storage->state == RESOURCE_PRESENT && !writes_key(storage, key)))
            record_add(host, record, PRINT("storage %s, %.*s", id, (int)key.length, key.text), slice_trim(slice(bare, end, bare.length)));
    }
}

/* What was set on file systems and pools: all of it on those of others, on the site's own what it does not write. */
static void record_zfs(const Host *host, Record *record, const Site *site, const char *program, const char *properties) {
    const char *out = PRINT("%s.out", host->folder);
    host_run(host, (const char *const[]){program, "get", "-Hp", "-o", "name,property,value,source", properties, NULL}, out, NULL);
    size_t length = 0;
    const char *bytes = host_read(host, out, &length);
    for (Str rest = {bytes, length}, line; bytes && slice_next_line(&rest, &line);) {
        Str fields[4] = {{0}};
        Str tail = line;
        for (int i = 0; i < 4; i++)
            slice_next(&tail, STR("\t"), &fields[i]);
        const char *name = arena_str(host->arena, fields[0]).text, *property = arena_str(host->arena, fields[1]).text;
        const Resource *own = resource_with(site, "zfs.dataset", name);
        if (!own)
            own = resource_with(site, "zfs.pool", name);
        int is_volume = strstr(name, "/subvol-") || strstr(name, "/vm-") || strstr(name, "/base");
        if (!str_equal(fields[3], STR("local")) || is_volume || !strcmp(property, "phx:owner"))
            continue;
        if (own ? own->state == RESOURCE_PRESENT && !resource_writes(own, property) : !strncmp(name, "other", 5))
            record_add(host, record, PRINT("%s, %s", name, property), fields[2]);
    }
}

/* Of the firewall that the site has in this file only others' rules and names. */
static void record_firewall(const Host *host, Record *record, const Site *site, const char *name) {
    const Resource *cluster = !strcmp(name, "cluster") ? resource_with(site, "pve.firewall.cluster", name) : NULL;
    size_t length = 0;
    uint32_t rules = 0;
    const char *bytes = host_read(host, PRINT("%s/etc/pve/firewall/%s.fw", host->folder, name), &length);
    if (bytes && !cluster)
        record_add(host, record, PRINT("firewall %s", name), (Str){bytes, length});
    for (Str rest = {bytes, length}, line; bytes && cluster && slice_next_line(&rest, &line);)
        if (slice_find(line, STR("phx:"), 0) == line.length && (slice_begins(line, STR("IN")) || slice_begins(line, STR("GROUP")) || slice_begins(line, STR("theirs"))))
            record_add(host, record, PRINT("firewall %s, others' rule %u", name, rules++), slice_trim(line));
}

static void record_folder(const Host *host, Record *record, const char *path) {
    DIR *entries = opendir(PRINT("%s%s", host->folder, path));
    for (struct dirent *entry; entries && (entry = readdir(entries));) {
        const char *inner = PRINT("%s/%s", path, entry->d_name);
        struct stat status;
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..") || lstat(PRINT("%s%s", host->folder, inner), &status) < 0)
            continue;
        if (S_ISDIR(status.st_mode))
            record_folder(host, record, inner);
        else
            record_add(host, record, inner, str_of(PRINT("%lld bytes", (long long)status.st_size)));
    }
    if (entries)
        closedir(entries);
}

static int thing_order(const void *a, const void *b) {
    return strcmp(((const Thing *)a)->name, ((const Thing *)b)->name);
}

Record host_record(const Host *host, const Site *site) {
    Record record = {0};
    record_guests(host, &record, site, "pve.lxc", "lxc");
    record_guests(host, &record, site, "pve.vm", "qemu-server");
    record_storages(host, &record, site);
    record_zfs(host, &record, site, "zfs", "all");
    record_zfs(host, &record, site, "zpool", "autotrim,comment,ashift");
    static const char *const THEIRS[] = {"/srv/theirs/images/801", "/srv/theirs/images/802", "/srv/theirs/images/851", "/srv/theirs/images/852", "/guests/801", "/guests/802"};
    for (size_t i = 0; i < sizeof THEIRS / sizeof *THEIRS; i++)
        record_folder(host, &record, THEIRS[i]);
    record_firewall(host, &record, site, "801");
    record_firewall(host, &record, site, "cluster");
    if (record.things.count)
        qsort(record.things.items, record.things.count, sizeof *record.things.items, thing_order);
    return record;
}

uint32_t record_compare(const Record *before, const Record *after) {
    uint32_t changed = 0, k = 0;
    for (uint32_t i = 0; i < before->things.count; i++) {
        const Thing *was = &before->things.items[i];
        while (k < after->things.count && strcmp(after->things.items[k].name, was->name) < 0)
            k++;
        const Thing *is = k < after->things.count && !strcmp(after->things.items[k].name, was->name) ? &after->things.items[k] : NULL;
        if (is && !strcmp(is->text, was->text))
            continue;
        printf("    %s was `%s` and is %s%s%s\n", was->name, was->text, is ? "`" : "gone", is ? is->text : "", is ? "`" : "");
        changed++;
    }
    return changed;
}
