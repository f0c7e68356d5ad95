// The JSON that reading REST paths gives.
#include "pvesh.h"

#include "files.h"
#include "formats.h"
#include "guest.h"
#include "pvesm.h"
#include "settings.h"
#include "volume.h"

#include <stdlib.h>
#include <string.h>

json_t *pvesh_get_version(void) {
    return json_pack("{ssssss}", "release", "9.0", "repoid", "0000000000000000", "version", "9.0.10");
}

json_t *pvesh_get_nodes(Host *host) {
    const char *node = host->facts.node;
    return json_pack("[{ss, ss, ss, ss, sI, si}]", "node", node, "id", mem_print(host->mem, "node/%s", node), "status",
                     "online", "type", "node", "maxmem", (json_int_t)host->facts.memory, "maxcpu", host->facts.cores);
}

json_t *pvesh_get_status(Host *host) {
    json_int_t memory = (json_int_t)host->facts.memory;
    return json_pack("{ss, si, s{si, si}, s{sI, sI, sI}}", "pveversion", "pve-manager/9.0.10", "uptime", 3600,
                     "cpuinfo", "cpus", host->facts.cores, "sockets", 1, "memory", "total", memory, "free", memory / 2,
                     "used", memory - memory / 2);
}

static void set_text(json_t *object, const char *key, const char *value) {
    if (value != NULL) json_object_set_new(object, key, json_string(value));
}

/// A guest as lists of guests show it.
static json_t *guest_summary(Host *host, const GuestName *guest) {
    Conf conf = guest_load(host, guest->kind, guest->id);
    const Pairs *keys = &conf.main.keys;
    const char *name = pairs_get(keys, guest->kind == GUEST_LXC ? "hostname" : "name"),
               *memory = pairs_get(keys, "memory"), *cores = pairs_get(keys, "cores");
    uint64_t disk = 0;
    for (size_t i = 0; i < keys->count && disk == 0; i++) {
        const char *size =
            settings_is_disk(guest->kind, keys->items[i].key) ? strstr(keys->items[i].value, "size=") : NULL;
        bool first = guest->kind == GUEST_QEMU || strcmp(keys->items[i].key, "rootfs") == 0;
        if (size != NULL && first)
            formats_parse_size(mem_copy_part(host->mem, size + 5, strcspn(size + 5, ",")), &disk);
    }
    bool running = guest_is_running(host, guest->kind, guest->id);
    json_t *object = json_object();
    json_object_set_new(object, "vmid", json_integer(strtoll(guest->id, NULL, 10)));
    json_object_set_new(object, "status", json_string(running ? "running" : "stopped"));
    set_text(object, "name", name);
    set_text(object, "lock", pairs_get(keys, "lock"));
    set_text(object, "tags", pairs_get(keys, "tags"));
    json_object_set_new(object, "maxmem", json_integer(strtoll(memory == NULL ? "512" : memory, NULL, 10) << 20));
    json_object_set_new(object, "maxcpu", json_integer(strtoll(cores == NULL ? "1" : cores, NULL, 10)));
    json_object_set_new(object, "maxdisk", json_integer((json_int_t)disk));
    json_object_set_new(object, "uptime", json_integer(running ? 60 : 0));
    json_object_set_new(object, "template", json_integer(text_equals(pairs_get(keys, "template"), "1") ? 1 : 0));
    if (running) json_object_set_new(object, "pid", json_integer(guest_pid(guest->id)));
    return object;
}

json_t *pvesh_get_guests(Host *host, GuestKind kind) {
    json_t *array = json_array();
    GuestList guests = guest_list(host);
    for (size_t i = 0; i < guests.count; i++)
        if (guests.items[i].kind == kind && strcmp(guests.items[i].node, host->facts.node) == 0)
            json_array_append_new(array, guest_summary(host, &guests.items[i]));
    return array;
}

/// A guest as the list of resources shows it.
static json_t *guest_entry(Host *host, const GuestName *guest) {
    const char *type = guest->kind == GUEST_LXC ? "lxc" : "qemu";
    json_t *object = guest_summary(host, guest);
    json_object_del(object, "pid");
    set_text(object, "id", mem_print(host->mem, "%s/%s", type, guest->id));
    set_text(object, "node", guest->node);
    set_text(object, "type", type);
    return object;
}

json_t *pvesh_get_guest_entry(Host *host, const char *vmid) {
    GuestName guest;
    return guest_find(host, vmid, &guest) ? guest_entry(host, &guest) : json_null();
}

static void resources_add_guests(Host *host, json_t *array, GuestKind kind) {
    GuestList guests = guest_list(host);
    for (size_t i = 0; i < guests.count; i++)
        if (guests.items[i].kind == kind && strcmp(guests.items[i].node, host->facts.node) == 0)
            json_array_append_new(array, guest_entry(host, &guests.items[i]));
}

/// A storage with how full it is.
json_t *pvesh_get_storage_status(Host *host, const StorageList *list, const Storage *storage) {
    StorageUsage usage = pvesm_usage(host, list, storage);
    const char *shared = pairs_get(&storage->options, "shared");
    json_t *object = json_object();
    set_text(object, "storage", storage->id);
    set_text(object, "content", pairs_get(&storage->options, "content"));
    json_object_set_new(object, "shared", json_integer(text_equals(shared, "1") ? 1 : 0));
    json_object_set_new(object, "total", json_integer((json_int_t)usage.total * 1024));
    json_object_set_new(object, "used", json_integer((json_int_t)usage.used * 1024));
    json_object_set_new(object, "avail", json_integer((json_int_t)usage.available * 1024));
    json_object_set_new(object, "active", json_integer(usage.is_active));
    json_object_set_new(object, "enabled", json_integer(storage_is_enabled(storage)));
    return object;
}

json_t *pvesh_get_storages(Host *host, const StorageList *list) {
    json_t *array = json_array();
    for (size_t i = 0; i < list->count; i++) {
        if (!storage_is_here(host, &list->items[i])) continue;
        json_t *object = pvesh_get_storage_status(host, list, &list->items[i]);
        set_text(object, "type", list->items[i].type);
        json_array_append_new(array, object);
    }
    return array;
}

json_t *pvesh_get_storage_entry(Host *host, const StorageList *list, const Storage *storage) {
    StorageUsage usage = pvesm_usage(host, list, storage);
    const char *content = pairs_get(&storage->options, "content"), *node = host->facts.node;
    return json_pack("{ss, ss, ss, ss, ss, ss, ss, si, sI, sI}", "content", content == NULL ? "" : content, "id",
                     mem_print(host->mem, "storage/%s/%s", node, storage->id), "node", node, "plugintype",
                     storage->type, "status", usage.is_active ? "available" : "unknown", "storage", storage->id, "type",
                     "storage", "shared", text_equals(pairs_get(&storage->options, "shared"), "1") ? 1 : 0, "maxdisk",
                     (json_int_t)usage.total * 1024, "disk", (json_int_t)usage.used * 1024);
}

json_t *pvesh_get_resources(Host *host, const char *type) {
    json_t *array = json_array();
    const char *node = host->facts.node;
    bool all = type == NULL;
    if (all || strcmp(type, "vm") == 0) {
        resources_add_guests(host, array, GUEST_QEMU);
        resources_add_guests(host, array, GUEST_LXC);
    }
    if (all || strcmp(type, "node") == 0)
        json_array_append_new(array, json_pack("{ss, ss, ss, ss, sI, si}", "id", mem_print(host->mem, "node/%s", node),
                                               "node", node, "status", "online", "type", "node", "maxmem",
                                               (json_int_t)host->facts.memory, "maxcpu", host->facts.cores));
    StorageList list = storage_load(host);
    for (size_t i = 0; i < list.count && (all || strcmp(type, "storage") == 0); i++) {
        const Storage *storage = &list.items[i];
        if (!storage_is_enabled(storage) || !storage_is_here(host, storage)) continue;
        json_array_append_new(array, pvesh_get_storage_entry(host, &list, storage));
    }
    if (all || strcmp(type, "sdn") == 0)
        json_array_append_new(array, json_pack("{ss, ss, ss, ss, ss, ss}", "id",
                                               mem_print(host->mem, "network/%s/zone/localnetwork", node), "network",
                                               "localnetwork", "network-type", "zone", "node", node, "status", "ok",
                                               "type", "network"));
    return array;
}

json_t *pvesh_get_content(Host *host, const StorageList *list, const Storage *storage, const char *content,
                          const char *vmid) {
    json_t *array = json_array();
    VolumeList volumes = volume_list(host, list, storage, content, vmid);
    for (size_t i = 0; i < volumes.count; i++) {
        const Volume *volume = &volumes.items[i];
        json_t *object = json_pack("{ss, ss, ss, sI}", "volid", volume->id, "format", volume->format, "content",
                                   volume->content, "size", (json_int_t)volume_size(host, volume));
        if (volume->vmid != NULL) json_object_set_new(object, "vmid", json_integer(strtoll(volume->vmid, NULL, 10)));
        const char *notes = strcmp(volume->content, "backup") == 0 ? files_read(host, mem_print(host->mem, "%s.notes", volume->path), NULL) : NULL;
        // Of notes the first line.
        if (notes != NULL) set_text(object, "notes", mem_copy_part(host->mem, notes, strcspn(notes, "\n")));
        json_array_append_new(array, object);
    }
    return array;
}

/// A storage as it is configured.
static json_t *storage_json(const StorageList *list, const Storage *storage) {
    json_t *object = json_object();
    set_text(object, "storage", storage->id);
    set_text(object, "type", storage->type);
    set_text(object, "digest", list->digest);
    for (size_t i = 0; i < storage->options.count; i++) {
        const Pair *pair = &storage->options.items[i];
        if (strcmp(pair->key, "disable") == 0) json_object_set_new(object, "disable", json_integer(1));
        else if (formats_match("shared|sparse|mkdir", pair->key))
            json_object_set_new(object, pair->key, json_integer(strtoll(pair->value, NULL, 10)));
        else set_text(object, pair->key, pair->value);
    }
    return object;
}

json_t *pvesh_get_storage(Host *host, const char *id) {
    StorageList list = storage_load(host);
    if (id != NULL) {
        const Storage *storage = stanza_find(&list, id);
        if (storage == NULL) host_fail(host, 255, "storage '%s' does not exist", id);
        return storage_json(&list, storage);
    }
    json_t *array = json_array();
    for (size_t i = 0; i < list.count; i++) json_array_append_new(array, storage_json(&list, &list.items[i]));
    return array;
}

static json_t *config_json(Host *host, const Conf *conf, const Args *args) {
    OptionSet set;
    options_find_command(conf->kind == GUEST_LXC ? "pct set" : "qm set", &set);
    const char *snapshot = cli_get(args, "snapshot");
    Pairs keys = settings_merge(host, conf, cli_has_flag(args, "current"), snapshot);
    json_t *object = json_object();
    for (size_t i = 0; i < keys.count; i++) {
        const char *value = keys.items[i].value;
        bool description = strcmp(keys.items[i].key, "description") == 0;
        // qm cuts the last line's end off, pct keeps it.
        if (description && conf->kind == GUEST_QEMU && text_ends_with(value, "\n"))
            value = mem_copy_part(host->mem, value, strlen(value) - 1);
        json_object_set_new(object, keys.items[i].key, pvesh_value(&set, keys.items[i].key, value));
    }
    const Section *section = snapshot == NULL ? &conf->main : conf_find_snapshot(conf, snapshot);
    if (section->raw.count > 0) {
        json_t *raw = json_array();
        for (size_t i = 0; i < section->raw.count; i++)
            json_array_append_new(raw, json_pack("[ss]", section->raw.items[i].key, section->raw.items[i].value));
        json_object_set_new(object, "lxc", raw);
    }
    set_text(object, "digest", conf->digest);
    return object;
}

static json_t *pending_json(Host *host, const Conf *conf) {
    OptionSet set;
    options_find_command(conf->kind == GUEST_LXC ? "pct set" : "qm set", &set);
    Words removed = pending_deletes(host, conf), names = words_new(host->mem);
    for (size_t i = 0; i < conf->main.keys.count; i++) words_add(&names, conf->main.keys.items[i].key);
    for (size_t i = 0; i < conf->pending.keys.count; i++)
        if (strcmp(conf->pending.keys.items[i].key, "delete") != 0) words_add(&names, conf->pending.keys.items[i].key);
    words_sort_unique(&names);
    json_t *array = json_array();
    for (size_t i = 0; i < names.count; i++) {
        const char *key = names.items[i], *live = pairs_get(&conf->main.keys, key),
                   *next = pairs_get(&conf->pending.keys, key);
        json_t *object = json_pack("{ss}", "key", key);
        if (live != NULL) json_object_set_new(object, "value", pvesh_value(&set, key, live));
        if (next != NULL) json_object_set_new(object, "pending", pvesh_value(&set, key, next));
        if (words_has(&removed, key)) json_object_set_new(object, "delete", json_integer(1));
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *snapshots_json(Host *host, const Conf *conf) {
    json_t *array = json_array();
    for (size_t i = 0; i < conf->snapshot_count; i++) {
        const Section *snapshot = &conf->snapshots[i];
        if (strchr(snapshot->name, ':') != NULL) continue;
        const char *moment = pairs_get(&snapshot->keys, "snaptime");
        json_t *object = json_pack("{ss, ss, sI}", "name", snapshot->name, "description",
                                   snapshot->description == NULL ? "" : snapshot->description, "snaptime",
                                   (json_int_t)strtoll(moment == NULL ? "0" : moment, NULL, 10));
        set_text(object, "parent", pairs_get(&snapshot->keys, "parent"));
        json_array_append_new(array, object);
    }
    json_t *current = json_pack("{ss, ss, ss, si}", "name", "current", "description", "You are here!", "digest",
                                conf->digest, "running", guest_is_running(host, conf->kind, conf->id));
    set_text(current, "parent", pairs_get(&conf->main.keys, "parent"));
    json_array_append_new(array, current);
    return array;
}

bool pvesh_get_guest(Host *host, GuestKind kind, const char *id, const Words *words, int count, char **arguments,
                     json_t **result) {
    const char *what = words->count > 4 ? words->items[4] : "", *more = words->count > 5 ? words->items[5] : "";
    bool known = strcmp(what, "config") == 0 || strcmp(what, "pending") == 0 || strcmp(what, "snapshot") == 0 ||
                 (strcmp(what, "status") == 0 && strcmp(more, "current") == 0);
    if (!known || words->count > 6) return false;
    const char *tool = kind == GUEST_LXC ? "pct" : "qm";
    OptionSet set;
    options_find_command(mem_print(host->mem, "%s %s", tool, strcmp(what, "config") == 0 ? "config" : "pending"), &set);
    Cli cli = {
        .title = "pvesh", .usage = "pvesh get <api_path> [OPTIONS] [FORMAT_OPTIONS]", .fixed = pairs_new(host->mem)};
    pairs_set(&cli.fixed, "vmid", id);
    pairs_set(&cli.fixed, "node", host->facts.node);
    Args args = cli_parse(host, &set, &cli, count, arguments);
    Conf conf = guest_load(host, kind, id);
    GuestName name = {.id = id, .node = host->facts.node, .kind = kind};
    if (strcmp(what, "config") == 0) *result = config_json(host, &conf, &args);
    else if (strcmp(what, "pending") == 0) *result = pending_json(host, &conf);
    else if (strcmp(what, "snapshot") == 0) *result = snapshots_json(host, &conf);
    else *result = guest_summary(host, &name);
    return true;
}
