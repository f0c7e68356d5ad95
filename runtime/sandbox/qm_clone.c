// Virtual machines made of others and unmade: clone, template, destroy.
#include "fault.h"
#include "files.h"
#include "formats.h"
#include "guest.h"
#include "qm.h"
#include "related.h"
#include "settings.h"
#include "users.h"

#include <string.h>

/// A UUID in place of the one in an smbios setting, or such a setting.
static const char *smbios_renew(Host *host, const char *value) {
    const char *at = value == NULL ? NULL : strstr(value, "uuid=");
    if (at == NULL) return mem_print(host->mem, "uuid=%s", host_uuid(host));
    return mem_print(host->mem, "%.*suuid=%s%s", (int)(at - value), value, host_uuid(host), at + strcspn(at, ","));
}

/// The settings of a clone before its disks.
static Conf clone_settings(Host *host, const Args *args, const Section *source) {
    static const char *const OWN[] = {"parent",    "lock",    "template",       "snaptime",
                                      "snapstate", "vmstate", "runningmachine", "runningcpu"};
    Conf conf = conf_new(host, GUEST_QEMU, cli_get(args, "newid"));
    const char *name = cli_get(args, "name"), *description = cli_get(args, "description");
    conf.main.keys = pairs_copy(&source->keys);
    conf.main.description = description != NULL ? conf_keep_description(host, description) : source->description;
    for (size_t i = 0; i < sizeof OWN / sizeof OWN[0]; i++) pairs_remove(&conf.main.keys, OWN[i]);
    for (size_t i = 0; i < source->keys.count; i++) {
        const char *key = source->keys.items[i].key;
        if (text_is_numbered(key, "unused", NULL)) pairs_remove(&conf.main.keys, key);
        if (!text_is_numbered(key, "net", NULL)) continue;
        // model=address,...: the address goes, and a fresh one takes its place.
        const char *value = source->keys.items[i].value;
        size_t model = strcspn(value, "=,");
        const char *rest = value[model] == '=' ? value + model + strcspn(value + model, ",") : value + model;
        pairs_set(&conf.main.keys, key,
                  drive_print_network(host, key, mem_print(host->mem, "%.*s%s", (int)model, value, rest)));
    }
    const char *old = pairs_get(&source->keys, "name");
    pairs_set(&conf.main.keys, "name",
              name != NULL ? name : mem_print(host->mem, "Copy-of-VM-%s", old != NULL ? old : cli_get(args, "vmid")));
    pairs_set(&conf.main.keys, "smbios1", smbios_renew(host, pairs_get(&source->keys, "smbios1")));
    if (pairs_get(&source->keys, "vmgenid") != NULL) pairs_set(&conf.main.keys, "vmgenid", host_uuid(host));
    return conf;
}

/// Copies or links one drive into [conf].
static void drive_clone(Host *host, const StorageList *list, const Args *args, Conf *conf, Drive *drive, bool full) {
    const char *target = cli_get(args, "storage"), *snapshot = cli_get(args, "snapname");
    if (drive->is_cdrom && !drive->is_cloudinit) return;
    Volume source = volume_need(host, list, drive->file);
    const Storage *storage = target == NULL ? source.storage : storage_need(host, list, target);
    if (drive->is_cloudinit) {
        pairs_remove(&drive->props, "size");
        drive->file = mem_print(host->mem, "%s:cloudinit", storage->id);
        drive_make(host, list, conf->id, drive);
    } else if (full) {
        if (snapshot != NULL && !volume_snapshot_exists(host, &source, snapshot))
            host_fail(host, 255, "snapshot '%s' does not exist on '%s'", snapshot, source.id);
        host_print(host, "create full clone of drive %s (%s)\n", drive->key, source.id);
        drive->file = volume_copy(host, list, &source, storage, conf->id, cli_get(args, "format"));
        double mib = (double)volume_size(host, &source) / 1048576.0;
        host_print(host, "allocated target volume '%s'\ntransferred 0.0 B of %.1f MiB (0.00%%)\n", drive->file, mib);
        for (int i = 0; i < 2; i++) host_print(host, "transferred %.1f MiB of %.1f MiB (100.00%%)\n", mib, mib);
    } else {
        host_print(host, "create linked clone of drive %s (%s)\n", drive->key, source.id);
        drive->file = volume_clone(host, list, &source, conf->id);
    }
    pairs_set(&drive->props, "file", drive->file);
    pairs_set(&conf->main.keys, drive->key, drive_print(host, drive));
}

int qm_clone(Host *host, const Args *args) {
    const char *id = cli_get(args, "vmid"), *newid = cli_get(args, "newid"), *snapshot = cli_get(args, "snapname"),
               *wanted = cli_get(args, "full");
    Conf source = guest_load(host, GUEST_QEMU, id);
    guest_check_lock(host, &source);
    const Section *section = snapshot == NULL ? &source.main : conf_find_snapshot(&source, snapshot);
    if (section == NULL) host_fail(host, 255, "snapshot '%s' does not exist", snapshot);
    GuestName other;
    if (guest_find(host, newid, &other))
        host_fail(host, 255, "%s %s already exists on node '%s'", guest_word(other.kind), newid, other.node);
    users_check_pool(host, cli_get(args, "pool"));
    bool template = text_equals(pairs_get(&source.main.keys, "template"), "1");
    bool full = wanted != NULL ? strcmp(wanted, "1") == 0 : !template;
    if (!full && !template)
        host_fail(host, 255, "Linked clone feature is not supported for drive of a machine that is no template");
    StorageList list = storage_load(host);
    if (cli_get(args, "storage") != NULL) {
        if (!full) cli_refuse(host, args, "storage", "parameter 'storage' not allowed for linked clones");
        const Storage *storage = storage_need(host, &list, cli_get(args, "storage"));
        if (!storage_holds(host, storage, "images"))
            cli_refuse(host, args, "storage",
                       mem_print(host->mem, "storage '%s' does not support vm images", storage->id));
    }
    Conf conf = clone_settings(host, args, section);
    guest_reserve(host, GUEST_QEMU, newid, "clone");
    host_print(host, "creating a clone of VM %s with ID %s\n", id, newid);
    Pairs keys = pairs_copy(&section->keys);
    pairs_sort(&keys);
    for (size_t i = 0; i < keys.count; i++) {
        if (!settings_is_disk(GUEST_QEMU, keys.items[i].key)) continue;
        Drive drive = drive_parse(host, keys.items[i].key, keys.items[i].value);
        drive_clone(host, &list, args, &conf, &drive, full);
    }
    fault_between(host);
    files_remove_tree(host, guest_root(host, newid));
    files_copy_tree(host, snapshot == NULL ? guest_root(host, id) : guest_snapshot_root(host, id, snapshot),
                    guest_root(host, newid));
    guest_save(host, &conf);
    users_join_pool(host, cli_get(args, "pool"), newid);
    host_commit(host);
    return 0;
}

int qm_template(Host *host, const Args *args) {
    const char *only = cli_get(args, "disk");
    Conf conf = guest_load(host, GUEST_QEMU, cli_get(args, "vmid"));
    guest_check_lock(host, &conf);
    if (conf.snapshot_count > 0) host_fail(host, 255, "unable to create template, because VM contains snapshots");
    if (text_equals(pairs_get(&conf.main.keys, "template"), "1") && only == NULL)
        host_fail(host, 255, "you can't convert a template to a template");
    if (guest_is_running(host, GUEST_QEMU, conf.id))
        host_fail(host, 255, "you can't convert a VM to template if VM is running");
    StorageList list = storage_load(host);
    Pairs keys = pairs_copy(&conf.main.keys);
    for (size_t i = 0; i < keys.count; i++) {
        const char *key = keys.items[i].key;
        if (!settings_is_disk(GUEST_QEMU, key) || (only != NULL && strcmp(only, key) != 0)) continue;
        Drive drive = drive_parse(host, key, keys.items[i].value);
        if (drive.is_cdrom) continue;
        Volume volume;
        // Part of a task: what goes wrong here does not reach the exit code.
        if (!volume_parse(host, &list, drive.file, &volume) || !volume_exists(host, &volume))
            host_fail(host, 0, "volume '%s' does not exist", drive.file);
        pairs_set(&drive.props, "file", volume_make_base(host, &list, &volume));
        pairs_set(&conf.main.keys, key, drive_print(host, &drive));
        // Disk by disk: what is broken off goes on where it was.
        guest_save(host, &conf);
        fault_between(host);
    }
    pairs_set(&conf.main.keys, "template", "1");
    guest_save(host, &conf);
    return 0;
}

/// Frees the disks of one section that belong to the machine.
static void disks_free(Host *host, const StorageList *list, const Conf *conf, const Section *section) {
    for (size_t i = 0; i < section->keys.count; i++) {
        const char *key = section->keys.items[i].key;
        Volume volume;
        if (!settings_is_disk(GUEST_QEMU, key) && !text_is_numbered(key, "unused", NULL)) continue;
        if (!volume_parse(host, list, settings_volume(host, section->keys.items[i].value), &volume)) continue;
        if (text_equals(volume.vmid, conf->id) && volume_exists(host, &volume)) volume_free(host, list, volume.id);
    }
}

int qm_destroy(Host *host, const Args *args) {
    Conf conf = guest_load(host, GUEST_QEMU, cli_get(args, "vmid"));
    if (text_equals(pairs_get(&conf.main.keys, "protection"), "1"))
        host_fail(host, 255, "can't remove VM %s - protection mode enabled", conf.id);
    if (!cli_has_flag(args, "skiplock")) guest_check_lock(host, &conf);
    related_check(host, GUEST_QEMU, conf.id, cli_has_flag(args, "purge"));
    if (guest_is_running(host, GUEST_QEMU, conf.id)) host_fail(host, 25, "VM %s is running - destroy failed", conf.id);
    StorageList list = storage_load(host);
    for (size_t i = 0; i < conf.main.keys.count; i++) {
        Volume volume;
        if (!settings_is_disk(GUEST_QEMU, conf.main.keys.items[i].key)) continue;
        if (!volume_parse(host, &list, settings_volume(host, conf.main.keys.items[i].value), &volume) ||
            !volume.is_base)
            continue;
        if (volume_find_clone(host, &volume) != NULL)
            host_fail(host, 255, "base volume '%s' is still in use by linked cloned", volume.id);
    }
    disks_free(host, &list, &conf, &conf.main);
    disks_free(host, &list, &conf, &conf.pending);
    for (size_t i = 0; i < conf.snapshot_count; i++) disks_free(host, &list, &conf, &conf.snapshots[i]);
    if (cli_has_flag(args, "destroy-unreferenced-disks"))
        for (size_t s = 0; s < list.count; s++) {
            VolumeList rest = volume_list(host, &list, &list.items[s], "images", conf.id);
            for (size_t i = 0; i < rest.count; i++) volume_free(host, &list, rest.items[i].id);
        }
    fault_between(host);
    related_remove(host, GUEST_QEMU, conf.id, cli_has_flag(args, "purge"));
    guest_remove(host, GUEST_QEMU, conf.id);
    return 0;
}
