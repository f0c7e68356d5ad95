// Containers made of others and unmade: clone, template, destroy.
#include "fault.h"
#include "files.h"
#include "guest.h"
#include "mount.h"
#include "pct.h"
#include "related.h"
#include "settings.h"
#include "users.h"

#include <string.h>

/// The settings of a clone before its disks: everything but what belongs to the original alone.
static Conf clone_settings(Host *host, const Args *args, const Section *source) {
    static const char *const OWN[] = {"parent", "lock", "template", "snaptime", "snapstate"};
    Conf conf = conf_new(host, GUEST_LXC, cli_get(args, "newid"));
    const char *hostname = cli_get(args, "hostname"), *description = cli_get(args, "description");
    Section copy = section_copy(source);
    conf.main.keys = copy.keys;
    conf.main.raw = copy.raw;
    conf.main.description = description != NULL ? conf_keep_description(host, description) : source->description;
    for (size_t i = 0; i < sizeof OWN / sizeof OWN[0]; i++) pairs_remove(&conf.main.keys, OWN[i]);
    if (hostname != NULL) pairs_set(&conf.main.keys, "hostname", hostname);
    for (size_t i = 0; i < source->keys.count; i++) {
        const char *key = source->keys.items[i].key;
        if (text_is_numbered(key, "unused", NULL)) pairs_remove(&conf.main.keys, key);
        if (!text_is_numbered(key, "net", NULL)) continue;
        // A clone never has the address of its original.
        const char *value = source->keys.items[i].value, *at = strstr(value, "hwaddr=");
        if (at == NULL) continue;
        const char *rest = at + strcspn(at, ",");
        pairs_set(&conf.main.keys, key,
                  mem_print(host->mem, "%.*shwaddr=%s%s", (int)(at - value), value, guest_new_mac(host), rest));
    }
    return conf;
}

/// Copies or links the volume of one mount point.
static void mount_clone(Host *host, const StorageList *list, const Args *args, Mount *mount, bool full) {
    const char *snapshot = cli_get(args, "snapname"), *target = cli_get(args, "storage"),
               *newid = cli_get(args, "newid");
    Volume source = volume_need(host, list, mount->volume);
    if (!volume_exists(host, &source)) host_fail(host, 255, "volume '%s' does not exist", source.id);
    if (!full) {
        host_print(host, "create linked clone of mount point %s (%s)\n", mount->key, source.id);
        mount->volume = volume_clone(host, list, &source, newid);
    } else {
        if (snapshot != NULL && !volume_snapshot_exists(host, &source, snapshot))
            host_fail(host, 255, "snapshot '%s' does not exist on '%s'", snapshot, source.id);
        const Storage *storage = target == NULL ? source.storage : storage_need(host, list, target);
        host_print(host, "create full clone of mountpoint %s (%s)\n", mount->key, source.id);
        mount->volume = volume_copy(host, list, &source, storage, newid, volume_default_format(storage, true));
        if (storage_is_dir(storage)) mount_print_mkfs(host, volume_size(host, &source));
    }
    pairs_set(&mount->props, "volume", mount->volume);
}

int pct_clone(Host *host, const Args *args) {
    const char *id = cli_get(args, "vmid"), *newid = cli_get(args, "newid"), *snapshot = cli_get(args, "snapname");
    const char *target = cli_get(args, "storage"), *wanted = cli_get(args, "full");
    Conf source = guest_load(host, GUEST_LXC, id);
    guest_check_lock(host, &source);
    const Section *section = snapshot == NULL ? &source.main : conf_find_snapshot(&source, snapshot);
    if (section == NULL) host_fail(host, 255, "snapshot '%s' does not exist", snapshot);
    GuestName other;
    if (guest_find(host, newid, &other))
        host_fail(host, 255, "%s %s already exists on node '%s'", guest_word(other.kind), newid, other.node);
    users_check_pool(host, cli_get(args, "pool"));
    bool template = text_equals(pairs_get(&source.main.keys, "template"), "1");
    bool full = wanted != NULL ? strcmp(wanted, "1") == 0 : !template;
    bool running = guest_is_running(host, GUEST_LXC, id);
    StorageList list = storage_load(host);
    if (target != NULL && !full)
        host_fail(host, 255, "400 Parameter verification failed.\nstorage: Only for full clone.\n%s", args->usage);
    if (target != NULL) mount_check_storage(host, &list, target, args->usage);
    if (!full && !template)
        host_fail(host, 255, "Linked clone feature for '%s' is not available",
                  mount_list(host, section).items[0].volume);
    MountList mounts = mount_list(host, section);
    for (size_t i = 0; i < mounts.count; i++) {
        if (mounts.items[i].type != MOUNT_VOLUME)
            host_fail(host, 2, "unable to clone mountpoint '%s' (type %s)", mounts.items[i].key,
                      mounts.items[i].type == MOUNT_BIND ? "bind" : "device");
    }
    if (running && full && snapshot == NULL)
        host_fail(host, 255, "Cannot do full clones on a running container without snapshots");
    Conf conf = clone_settings(host, args, section);
    guest_reserve(host, GUEST_LXC, newid, "create");
    host_print(host, "creating a clone of container %s with ID %s\n", id, newid);
    for (size_t i = 0; i < mounts.count; i++) {
        mount_clone(host, &list, args, &mounts.items[i], full);
        pairs_set(&conf.main.keys, mounts.items[i].key, mount_print(host, &mounts.items[i]));
    }
    fault_between(host);
    files_remove_tree(host, guest_root(host, newid));
    const char *from = snapshot == NULL ? guest_root(host, id) : guest_snapshot_root(host, id, snapshot);
    if (files_copy_tree(host, from, guest_root(host, newid)) != 0) host_fail(host, 255, "rsync of '%s' failed", from);
    const char *hostname = mem_print(host->mem, "%s\n", pairs_get(&conf.main.keys, "hostname"));
    files_write(host, mem_print(host->mem, "%s/etc/hostname", guest_root(host, newid)), hostname, strlen(hostname),
                0644);
    guest_save(host, &conf);
    users_join_pool(host, cli_get(args, "pool"), newid);
    host_commit(host);
    return 0;
}

int pct_template(Host *host, const Args *args) {
    Conf conf = guest_load(host, GUEST_LXC, cli_get(args, "vmid"));
    guest_check_lock(host, &conf);
    if (conf.snapshot_count > 0) host_fail(host, 255, "unable to create template, because CT contains snapshots");
    if (text_equals(pairs_get(&conf.main.keys, "template"), "1"))
        host_fail(host, 255, "you can't convert a template to a template");
    if (guest_is_running(host, GUEST_LXC, conf.id))
        host_fail(host, 255, "you can't convert a CT to template if the CT is running");
    StorageList list = storage_load(host);
    MountList mounts = mount_list(host, &conf.main);
    // The rest happens in a task, whose failure does not reach the exit code.
    for (size_t i = 0; i < mounts.count; i++) {
        Volume volume;
        if (mounts.items[i].type != MOUNT_VOLUME) continue;
        bool usable = volume_parse(host, &list, mounts.items[i].volume, &volume) && volume_exists(host, &volume);
        bool linkable = usable && (!storage_is_dir(volume.storage) || strcmp(volume.format, "qcow2") == 0 ||
                                   strcmp(volume.storage->type, "btrfs") == 0 || strcmp(volume.format, "raw") == 0);
        if (!linkable) host_fail(host, 0, "Template feature is not available for '%s'", mounts.items[i].volume);
    }
    for (size_t i = 0; i < mounts.count; i++) {
        if (mounts.items[i].type != MOUNT_VOLUME) continue;
        Volume volume = volume_need(host, &list, mounts.items[i].volume);
        pairs_set(&mounts.items[i].props, "volume", volume_make_base(host, &list, &volume));
        pairs_set(&conf.main.keys, mounts.items[i].key, mount_print(host, &mounts.items[i]));
        fault_between(host);
    }
    pairs_set(&conf.main.keys, "template", "1");
    guest_save(host, &conf);
    return 0;
}

/// Frees the volumes of one section; each once.
static void volumes_free(Host *host, const StorageList *list, const Conf *conf, const Section *section) {
    for (size_t i = 0; i < section->keys.count; i++) {
        const char *key = section->keys.items[i].key, *value = section->keys.items[i].value;
        if (!settings_is_disk(GUEST_LXC, key) && !text_is_numbered(key, "unused", NULL)) continue;
        Volume volume;
        // A volume of another guest, or a path of the host, stays.
        if (!volume_parse(host, list, settings_volume(host, value), &volume)) continue;
        if (text_equals(volume.vmid, conf->id) && volume_exists(host, &volume)) volume_free(host, list, volume.id);
    }
}

int pct_destroy(Host *host, const Args *args) {
    Conf conf = guest_load(host, GUEST_LXC, cli_get(args, "vmid"));
    if (text_equals(pairs_get(&conf.main.keys, "protection"), "1"))
        host_fail(host, 255, "can't remove CT %s - protection mode enabled", conf.id);
    guest_check_lock(host, &conf);
    related_check(host, GUEST_LXC, conf.id, cli_has_flag(args, "purge"));
    if (guest_is_running(host, GUEST_LXC, conf.id)) {
        if (!cli_has_flag(args, "force"))
            host_fail(host, 255, "unable to destroy CT %s - container is running", conf.id);
        pct_stop_container(host, &conf);
    }
    StorageList list = storage_load(host);
    MountList mounts = mount_list(host, &conf.main);
    for (size_t i = 0; i < mounts.count; i++) {
        Volume volume;
        if (mounts.items[i].type != MOUNT_VOLUME || !volume_parse(host, &list, mounts.items[i].volume, &volume) ||
            !volume.is_base)
            continue;
        if (volume_find_clone(host, &volume) != NULL)
            host_fail(host, 255, "base volume '%s' is still in use by linked cloned", volume.id);
    }
    volumes_free(host, &list, &conf, &conf.main);
    volumes_free(host, &list, &conf, &conf.pending);
    for (size_t i = 0; i < conf.snapshot_count; i++) volumes_free(host, &list, &conf, &conf.snapshots[i]);
    if (cli_has_flag(args, "destroy-unreferenced-disks"))
        for (size_t s = 0; s < list.count; s++) {
            if (!storage_is_enabled(&list.items[s]) || !storage_is_here(host, &list.items[s])) continue;
            VolumeList rest = volume_list(host, &list, &list.items[s], "images", conf.id);
            for (size_t i = 0; i < rest.count; i++) volume_free(host, &list, rest.items[i].id);
        }
    fault_between(host);
    related_remove(host, GUEST_LXC, conf.id, cli_has_flag(args, "purge"));
    guest_remove(host, GUEST_LXC, conf.id);
    return 0;
}
