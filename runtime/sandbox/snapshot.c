// Makes, removes, lists snapshots of guests and goes back to them.
#include "snapshot.h"

#include "fault.h"
#include "files.h"
#include "guest.h"
#include "settings.h"
#include "volume.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/// Settings of a guest that are no part of a snapshot.
static bool is_left_out(const char *key) {
    static const char *const KEYS[] = {"lock", "snaptime", "snapstate", "vmstate", "runningmachine", "runningcpu"};
    for (size_t i = 0; i < sizeof KEYS / sizeof KEYS[0]; i++)
        if (strcmp(key, KEYS[i]) == 0) return true;
    return text_is_numbered(key, "unused", NULL);
}

/// Is the value of a VM's drive a CD, which is no part of a snapshot's data?
static bool is_cdrom(const char *value) {
    return strstr(value, ",media=cdrom") != NULL;
}

/// The volumes of a section; *supported is whether all of them can have snapshots.
static VolumeList volumes_collect(Host *host, const StorageList *list, GuestKind kind, const Section *section,
                                  bool *supported) {
    VolumeList volumes = {.items = mem_alloc(host->mem, (section->keys.count + 1) * sizeof(Volume))};
    Pairs keys = pairs_copy(&section->keys);
    pairs_sort(&keys);
    *supported = true;
    for (size_t i = 0; i < keys.count; i++) {
        const char *value = keys.items[i].value;
        if (!settings_is_disk(kind, keys.items[i].key) || (kind == GUEST_QEMU && is_cdrom(value))) continue;
        Volume volume;
        if (!volume_parse(host, list, settings_volume(host, value), &volume) || !volume_has_snapshots(&volume)) {
            *supported = false;
            continue;
        }
        volumes.items[volumes.count++] = volume;
    }
    return volumes;
}

/// The name under which the drive of [volume] stands in [section].
static const char *drive_name(Host *host, const Section *section, const char *volume) {
    for (size_t i = 0; i < section->keys.count; i++)
        if (settings_is_disk(GUEST_QEMU, section->keys.items[i].key) &&
            strcmp(settings_volume(host, section->keys.items[i].value), volume) == 0)
            return section->keys.items[i].key;
    return "";
}

/// The first half of what is done with a snapshot: the guest is locked and the snapshot marked, so that who is killed leaves a trace.
static void in_flight(Host *host, Conf *conf, const Section *snapshot, const char *lock, const char *state) {
    Section *there = conf_find_snapshot(conf, snapshot->name);
    if (there == NULL) {
        there = conf_add_snapshot(host, conf, snapshot->name);
        *there = *snapshot;
    }
    pairs_set(&there->keys, "snapstate", state);
    pairs_set(&conf->main.keys, "lock", lock);
    guest_save(host, conf);
}

/// The second half: the marks go.
static void landed(Conf *conf, const char *name) {
    pairs_remove(&conf_find_snapshot(conf, name)->keys, "snapstate");
    pairs_remove(&conf->main.keys, "lock");
}

void snapshot_create(Host *host, const Args *args, GuestKind kind) {
    const char *name = cli_get(args, "snapname"), *description = cli_get(args, "description");
    if (strlen(name) > 40) cli_refuse(host, args, "snapname", "value may only be 40 characters long");
    bool reserved = strcmp(name, "current") == 0 || strcmp(name, kind == GUEST_LXC ? "vzdump" : "pending") == 0;
    if (reserved) host_fail(host, 255, "unable to use snapshot name '%s' (reserved name)", name);
    Conf conf = guest_load(host, kind, cli_get(args, "vmid"));
    if (text_equals(pairs_get(&conf.main.keys, "template"), "1"))
        host_fail(host, 255, "you can't take a snapshot if it's a template");
    guest_check_lock(host, &conf);
    if (conf_find_snapshot(&conf, name) != NULL) host_fail(host, 255, "snapshot name '%s' already used", name);
    StorageList list = storage_load(host);
    bool supported;
    VolumeList volumes = volumes_collect(host, &list, kind, &conf.main, &supported);
    if (!supported) host_fail(host, 255, "snapshot feature is not available");
    for (size_t i = 0; i < volumes.count; i++)
        if (!volume_exists(host, &volumes.items[i])) host_fail(host, 255, "volume '%s' does not exist", volumes.items[i].id);
    Section copy = section_copy(&conf.main);
    copy.name = name;
    copy.description = description == NULL ? NULL : conf_keep_description(host, description);
    for (size_t i = 0; i < conf.main.keys.count; i++)
        if (is_left_out(conf.main.keys.items[i].key)) pairs_remove(&copy.keys, conf.main.keys.items[i].key);
    pairs_set(&copy.keys, "snaptime", mem_print(host->mem, "%lld", (long long)time(NULL)));
    in_flight(host, &conf, &copy, "snapshot", "prepare");
    for (size_t i = 0; i < volumes.count; i++) {
        if (kind == GUEST_QEMU)
            host_print(host, "snapshotting 'drive-%s' (%s)\n", drive_name(host, &conf.main, volumes.items[i].id),
                       volumes.items[i].id);
        volume_snapshot(host, &volumes.items[i], name);
        fault_between(host);
    }
    files_copy_tree(host, guest_root(host, conf.id), guest_snapshot_root(host, conf.id, name));
    landed(&conf, name);
    pairs_set(&conf.main.keys, "parent", name);
    guest_save(host, &conf);
}

void snapshot_describe(Host *host, const Args *args, GuestKind kind) {
    const char *name = cli_get(args, "snapname"), *description = cli_get(args, "description");
    Conf conf = guest_load(host, kind, cli_get(args, "vmid"));
    guest_check_lock(host, &conf);
    Section *snapshot = conf_find_snapshot(&conf, name);
    if (snapshot == NULL) host_fail(host, 255, "snapshot '%s' does not exist", name);
    if (description != NULL) snapshot->description = conf_keep_description(host, description);
    guest_save(host, &conf);
}

void snapshot_delete(Host *host, const Args *args, GuestKind kind) {
    const char *name = cli_get(args, "snapname");
    Conf conf = guest_load(host, kind, cli_get(args, "vmid"));
    guest_check_lock(host, &conf);
    const Section *gone = conf_find_snapshot(&conf, name);
    if (gone == NULL) host_fail(host, 255, "snapshot '%s' does not exist", name);
    StorageList list = storage_load(host);
    bool supported;
    VolumeList volumes = volumes_collect(host, &list, kind, gone, &supported);
    in_flight(host, &conf, gone, "snapshot-delete", "delete");
    for (size_t i = 0; i < volumes.count; i++) volume_delete_snapshot(host, &volumes.items[i], name);
    fault_between(host);
    landed(&conf, name);
    // Who had it as a parent gets its parent.
    const char *parent = pairs_get(&gone->keys, "parent");
    for (size_t i = 0; i <= conf.snapshot_count; i++) {
        Pairs *keys = i == 0 ? &conf.main.keys : &conf.snapshots[i - 1].keys;
        if (!text_equals(pairs_get(keys, "parent"), name)) continue;
        if (parent == NULL) pairs_remove(keys, "parent");
        else pairs_set(keys, "parent", parent);
    }
    conf_remove_snapshot(&conf, name);
    files_remove_tree(host, guest_snapshot_root(host, conf.id, name));
    guest_save(host, &conf);
}

Conf snapshot_rollback(Host *host, const Args *args, GuestKind kind) {
    const char *name = cli_get(args, "snapname");
    Conf conf = guest_load(host, kind, cli_get(args, "vmid"));
    if (text_equals(pairs_get(&conf.main.keys, "template"), "1"))
        host_fail(host, 255, "you can't rollback if it's a template");
    const Section *target = conf_find_snapshot(&conf, name);
    if (target == NULL) host_fail(host, 255, "snapshot '%s' does not exist", name);
    guest_check_lock(host, &conf);
    StorageList list = storage_load(host);
    bool supported;
    VolumeList volumes = volumes_collect(host, &list, kind, target, &supported);
    for (size_t i = 0; i < volumes.count; i++) {
        const char *reason = volume_rollback_check(host, &volumes.items[i], name);
        if (reason != NULL) host_fail(host, 255, "%s", reason);
    }
    if (guest_is_running(host, kind, conf.id)) guest_set_running(host, kind, conf.id, false);
    for (size_t i = 0; i < volumes.count; i++) {
        volume_rollback(host, &volumes.items[i], name);
        fault_between(host);
    }
    files_remove_tree(host, guest_root(host, conf.id));
    files_copy_tree(host, guest_snapshot_root(host, conf.id, name), guest_root(host, conf.id));
    // The description and unused disks are the guest's own, whatever the snapshot had.
    Section now = section_copy(target);
    now.name = NULL;
    now.description = conf.main.description;
    for (size_t i = 0; i < target->keys.count; i++)
        if (is_left_out(target->keys.items[i].key)) pairs_remove(&now.keys, target->keys.items[i].key);
    for (size_t i = 0; i < conf.main.keys.count; i++)
        if (text_is_numbered(conf.main.keys.items[i].key, "unused", NULL))
            pairs_set(&now.keys, conf.main.keys.items[i].key, conf.main.keys.items[i].value);
    pairs_set(&now.keys, "parent", name);
    conf.main = now;
    conf.pending = section_new(host, conf.pending.name);
    return conf;
}

/// Prints the snapshots whose parent is [parent], each with those below it.
static void branch_print(Host *host, const Conf *conf, const char *parent, int depth) {
    for (size_t i = 0; i < conf->snapshot_count && depth < 64; i++) {
        const Section *snapshot = &conf->snapshots[i];
        if (strchr(snapshot->name, ':') != NULL || !text_equals(pairs_get(&snapshot->keys, "parent"), parent)) continue;
        const char *seconds = pairs_get(&snapshot->keys, "snaptime");
        time_t moment = (time_t)strtoll(seconds == NULL ? "0" : seconds, NULL, 10);
        struct tm local;
        char stamp[40];
        localtime_r(&moment, &local);
        strftime(stamp, sizeof stamp, "%Y-%m-%d %H:%M:%S", &local);
        const char *text = snapshot->description == NULL ? "no-description" : snapshot->description;
        host_print(host, "%*s`-> %-*s %-23s %.*s\n", depth, "", 27 - depth, snapshot->name, stamp,
                   (int)strcspn(text, "\n"), text);
        branch_print(host, conf, snapshot->name, depth + 1);
    }
    if (text_equals(pairs_get(&conf->main.keys, "parent"), parent))
        host_print(host, "%*s`-> %-*s %-23s %s\n", depth, "", 27 - depth, "current", "", "You are here!");
}

void snapshot_list(Host *host, const Conf *conf) {
    branch_print(host, conf, NULL, 0);
}
