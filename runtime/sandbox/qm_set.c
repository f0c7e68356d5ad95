// `qm create` and `qm set`: settings, drives, and what a running machine takes at once.
#include "fault.h"
#include "files.h"
#include "formats.h"
#include "guest.h"
#include "qm.h"
#include "related.h"
#include "settings.h"
#include "users.h"

#include <string.h>
#include <time.h>

// The QEMU that a machine is said to be made with.
#define QEMU_VERSION "9.2.0"

static bool is_network(const char *key) {
    return text_is_numbered(key, "net", NULL);
}

/// The text under which a value is kept, for all but drives.
static const char *value_keep(Host *host, const char *key, const char *value) {
    if (is_network(key)) return drive_print_network(host, key, value);
    if (strcmp(key, "tags") == 0) return settings_tags(host, value);
    // A password is kept as a crypt(3) string. Here a digest stands in its place: nothing ever logs in with it.
    if (strcmp(key, "cipassword") == 0 && !text_starts_with(value, "$"))
        return mem_print(host->mem, "$5$sandbox$%.43s", conf_sha256(host, value, strlen(value)));
    if (strcmp(key, "nameserver") == 0) {
        Words names = words_split(host->mem, value, ",; ");
        return words_join(&names, " ");
    }
    return value;
}

static Words boot_devices(Host *host, const char *boot) {
    const char *order = boot == NULL ? NULL : strstr(boot, "order=");
    return words_split(host->mem, order == NULL ? "" : mem_copy_part(host->mem, order + 6, strcspn(order + 6, ",")),
                       ";");
}

static void boot_check(Host *host, const Conf *conf, const Pairs *set) {
    Words devices = boot_devices(host, pairs_get(set, "boot"));
    for (size_t i = 0; i < devices.count; i++) {
        const char *device = devices.items[i];
        if (pairs_get(&conf->main.keys, device) == NULL && pairs_get(&conf->pending.keys, device) == NULL &&
            pairs_get(set, device) == NULL)
            host_fail(host, 255, "invalid bootorder: device '%s' does not exist'", device);
    }
}

/// What a machine boots from where nothing is said: its first disk, its first CD, its first card.
static const char *boot_default(Host *host, const Conf *conf) {
    static const struct {
        const char *prefix;
        int count;
    } KINDS[] = {{"ide", 4}, {"scsi", 31}, {"virtio", 16}, {"sata", 6}};
    const char *disk = NULL, *cdrom = NULL, *network = NULL;
    for (size_t k = 0; k < 4; k++) {
        for (int number = 0; number < KINDS[k].count; number++) {
            const char *key = mem_print(host->mem, "%s%d", KINDS[k].prefix, number),
                       *value = pairs_get(&conf->main.keys, key);
            if (value == NULL) continue;
            Drive drive = drive_parse(host, key, value);
            if (drive.is_cloudinit) continue;
            if (drive.is_cdrom && cdrom == NULL) cdrom = key;
            if (!drive.is_cdrom && disk == NULL) disk = key;
        }
    }
    for (int number = 0; number < 32 && network == NULL; number++) {
        const char *key = mem_print(host->mem, "net%d", number);
        if (pairs_get(&conf->main.keys, key) != NULL) network = key;
    }
    Words devices = words_new(host->mem);
    const char *const found[] = {disk, cdrom, network};
    for (size_t i = 0; i < 3; i++)
        if (found[i] != NULL) words_add(&devices, found[i]);
    return devices.count == 0 ? "" : mem_print(host->mem, "order=%s", words_join(&devices, ";"));
}

int qm_create(Host *host, const Args *args) {
    static const char *const OTHERS[] = {"vmid",      "node",    "description",  "start",
                                         "storage",   "pool",    "force",        "unique",
                                         "bwlimit",   "archive", "live-restore", "import-working-storage",
                                         "ha-managed"};
    const char *id = cli_get(args, "vmid"), *description = cli_get(args, "description");
    Pairs values = pairs_copy(&args->values);
    if (cli_get(args, "archive") != NULL) host_fail(host, 255, "phx-sandbox: a machine from a backup is not modelled");
    GuestName other;
    if (guest_find(host, id, &other))
        host_fail(host, 255, "unable to create VM %s - %s %s already exists on node '%s'", id, guest_word(other.kind),
                  id, other.node);
    users_check_pool(host, cli_get(args, "pool"));
    Conf conf = conf_new(host, GUEST_QEMU, id);
    if (description != NULL) conf.main.description = conf_keep_description(host, description);
    for (size_t i = 0; i < sizeof OTHERS / sizeof OTHERS[0]; i++) pairs_remove(&values, OTHERS[i]);
    pairs_sort(&values);
    StorageList list = storage_load(host);
    for (size_t i = 0; i < values.count; i++) {
        if (!settings_is_disk(GUEST_QEMU, values.items[i].key)) continue;
        Drive drive = drive_parse(host, values.items[i].key, values.items[i].value);
        drive_check(host, &list, args, &drive);
    }
    boot_check(host, &conf, &values);
    guest_reserve(host, GUEST_QEMU, id, "create");
    files_remove_tree(host, guest_root(host, id));
    files_make_dirs(host, guest_root(host, id), 0755);
    for (size_t i = 0; i < values.count; i++) {
        const char *key = values.items[i].key, *value = value_keep(host, key, values.items[i].value);
        if (settings_is_disk(GUEST_QEMU, key)) {
            Drive drive = drive_parse(host, key, value);
            drive_make(host, &list, id, &drive);
            value = drive_print(host, &drive);
        }
        pairs_set(&conf.main.keys, key, value);
    }
    fault_between(host);
    pairs_set(&conf.main.keys, "meta",
              mem_print(host->mem, "creation-qemu=" QEMU_VERSION ",ctime=%lld", (long long)time(NULL)));
    if (pairs_get(&conf.main.keys, "smbios1") == NULL)
        pairs_set(&conf.main.keys, "smbios1", mem_print(host->mem, "uuid=%s", host_uuid(host)));
    const char *generation = pairs_get(&conf.main.keys, "vmgenid");
    if (generation == NULL || strcmp(generation, "1") == 0) pairs_set(&conf.main.keys, "vmgenid", host_uuid(host));
    if (pairs_get(&conf.main.keys, "boot") == NULL) pairs_set(&conf.main.keys, "boot", boot_default(host, &conf));
    guest_save(host, &conf);
    users_join_pool(host, cli_get(args, "pool"), id);
    host_commit(host);
    if (cli_has_flag(args, "ha-managed")) related_add_to_ha(host, GUEST_QEMU, id, cli_has_flag(args, "start"));
    if (cli_has_flag(args, "start")) qm_start_machine(host, &conf);
    return 0;
}

/// Frees or keeps the volume of a drive that leaves: cloud-init media go, disks become unused, CDs were never its own.
static void drive_retire(Host *host, const StorageList *list, Conf *conf, const char *key, const char *value) {
    Drive drive = drive_parse(host, key, value);
    Volume volume;
    if (drive.is_cloudinit) {
        if (volume_parse(host, list, drive.file, &volume) && volume_exists(host, &volume))
            volume_free(host, list, drive.file);
    } else if (!drive.is_cdrom && volume_parse(host, list, drive.file, &volume) && text_equals(volume.vmid, conf->id)) {
        settings_add_unused(host, conf, drive.file);
    }
}

static void boot_forget(Host *host, Conf *conf, const char *device) {
    Words devices = boot_devices(host, pairs_get(&conf->main.keys, "boot"));
    if (!words_has(&devices, device)) return;
    words_remove(&devices, device);
    pairs_set(&conf->main.keys, "boot",
              devices.count == 0 ? "" : mem_print(host->mem, "order=%s", words_join(&devices, ";")));
}

static void removal_apply(Host *host, const StorageList *list, Conf *conf, const char *key) {
    const char *value = pairs_get(&conf->main.keys, key);
    pending_revert(host, conf, key);
    pairs_remove(&conf->main.keys, key);
    if (value == NULL) return;
    if (settings_is_disk(GUEST_QEMU, key)) drive_retire(host, list, conf, key, value);
    if (text_is_numbered(key, "unused", NULL)) volume_free(host, list, value);
    boot_forget(host, conf, key);
}

static void setting_apply(Host *host, const StorageList *list, Conf *conf, const char *key) {
    const char *value = pairs_get(&conf->pending.keys, key), *before = pairs_get(&conf->main.keys, key);
    pairs_remove(&conf->pending.keys, key);
    pairs_set(&conf->main.keys, key, value);
    bool replaced = before != NULL && settings_is_disk(GUEST_QEMU, key) &&
                    strcmp(settings_volume(host, before), settings_volume(host, value)) != 0;
    if (replaced) drive_retire(host, list, conf, key, before);
}

/// Is [feature] among the things the machine takes while it runs?
static bool is_hotplugged(Host *host, const Conf *conf, const char *feature) {
    const char *given = pairs_get(&conf->main.keys, "hotplug");
    if (given == NULL || strcmp(given, "1") == 0) given = "network,disk,usb";
    Words features = words_split(host->mem, given, ",; ");
    return words_has(&features, feature);
}

/// Can the running machine take this change?
static bool is_live(Host *host, const Conf *conf, const char *key) {
    static const char ALWAYS[] =
        "description|hookscript|lock|migrate_.*|name|onboot|protection|shares|startup|tags|vmstatestorage|ciuser|"
        "cipassword|"
        "sshkeys|ipconfig[0-9]+|nameserver|searchdomain|cicustom|citype|ciupgrade|cpuunits|cpulimit|unused[0-9]+";
    if (formats_match(ALWAYS, key)) return true;
    if (strcmp(key, "balloon") == 0) {
        // Switching ballooning on or off needs a new start.
        const char *before = pairs_get(&conf->main.keys, key), *after = pairs_get(&conf->pending.keys, key);
        return !text_equals(before, "0") && !text_equals(after, "0");
    }
    if (is_network(key)) return is_hotplugged(host, conf, "network");
    if (text_is_numbered(key, "usb", NULL) || strcmp(key, "tablet") == 0) return is_hotplugged(host, conf, "usb");
    if (text_is_numbered(key, "virtio", NULL)) return is_hotplugged(host, conf, "disk");
    const char *controller = pairs_get(&conf->main.keys, "scsihw");
    if (text_is_numbered(key, "scsi", NULL))
        return is_hotplugged(host, conf, "disk") && controller != NULL && text_starts_with(controller, "virtio-scsi");
    if (strcmp(key, "vcpus") == 0) return is_hotplugged(host, conf, "cpu");
    if (strcmp(key, "memory") == 0)
        return is_hotplugged(host, conf, "memory") && text_equals(pairs_get(&conf->main.keys, "numa"), "1");
    return false;
}

/// Applies what is pending, all of it or what a running machine takes.
static void pending_apply(Host *host, Conf *conf, bool running) {
    StorageList list = storage_load(host);
    Words removed = pending_deletes(host, conf);
    for (size_t i = 0; i < removed.count; i++)
        if (!running || is_live(host, conf, removed.items[i])) removal_apply(host, &list, conf, removed.items[i]);
    Pairs pending = pairs_copy(&conf->pending.keys);
    pairs_sort(&pending);
    for (size_t i = 0; i < pending.count; i++) {
        const char *key = pending.items[i].key;
        if (strcmp(key, "delete") != 0 && (!running || is_live(host, conf, key))) setting_apply(host, &list, conf, key);
    }
}

void qm_apply_pending(Host *host, Conf *conf) {
    pending_cleanup(host, conf);
    pending_apply(host, conf, false);
}

static void removals_record(Host *host, Conf *conf, const Words *names) {
    for (size_t i = 0; i < names->count; i++) {
        const char *name = names->items[i];
        bool is_disk = settings_is_disk(GUEST_QEMU, name) || text_is_numbered(name, "unused", NULL);
        if (strcmp(name, "description") == 0 && conf->main.description != NULL) {
            conf->main.description = NULL;
        } else if (pairs_get(&conf->main.keys, name) == NULL && pairs_get(&conf->pending.keys, name) == NULL) {
            host_warn(host, "cannot delete '%s' - not set in current configuration!", name);
        } else if (is_disk && text_equals(pairs_get(&conf->main.keys, "protection"), "1")) {
            host_fail(host, 255, "can't remove drive '%s' - protection mode enabled", name);
        } else {
            pending_delete(host, conf, name);
        }
    }
}

/// "update VM 100: -cores 4 -memory 1024": all that was asked, by name; a password is not shown.
static void update_print(Host *host, const Args *args, const Pairs *set, const char *id) {
    Pairs shown = pairs_copy(set);
    static const char *const LISTS[] = {"delete", "revert"};
    for (size_t i = 0; i < 2; i++)
        if (cli_get(args, LISTS[i]) != NULL) pairs_set(&shown, LISTS[i], cli_get(args, LISTS[i]));
    if (pairs_get(&shown, "cipassword") != NULL) pairs_set(&shown, "cipassword", "<hidden>");
    pairs_sort(&shown);
    host_print(host, "update VM %s:", id);
    for (size_t i = 0; i < shown.count; i++) host_print(host, " -%s %s", shown.items[i].key, shown.items[i].value);
    host_print(host, "\n");
}

static void settings_record(Host *host, const StorageList *list, Conf *conf, const Pairs *set) {
    for (size_t i = 0; i < set->count; i++) {
        const char *key = set->items[i].key, *value = set->items[i].value;
        if (strcmp(key, "description") == 0) {
            conf->main.description = conf_keep_description(host, value);
            continue;
        }
        value = value_keep(host, key, value);
        if (settings_is_disk(GUEST_QEMU, key)) {
            Drive drive = drive_parse(host, key, value);
            drive_make(host, list, conf->id, &drive);
            value = drive_print(host, &drive);
            fault_between(host);
        }
        pending_set(host, conf, key, value);
    }
}

int qm_set(Host *host, const Args *args) {
    const char *id = cli_get(args, "vmid"), *digest = cli_get(args, "digest");
    Changes changes = settings_read_changes(host, args, "qm set");
    Conf conf = guest_load(host, GUEST_QEMU, id);
    StorageList list = storage_load(host);
    for (size_t i = 0; i < changes.set.count; i++) {
        if (!settings_is_disk(GUEST_QEMU, changes.set.items[i].key)) continue;
        Drive drive = drive_parse(host, changes.set.items[i].key, changes.set.items[i].value);
        drive_check(host, &list, args, &drive);
    }
    if (digest != NULL && strcmp(digest, conf.digest) != 0)
        host_fail(host, 255, "checksum mismatch (file change by other user?)");
    if (!cli_has_flag(args, "skiplock")) guest_check_lock(host, &conf);
    update_print(host, args, &changes.set, id);
    removals_record(host, &conf, &changes.remove);
    for (size_t i = 0; i < changes.revert.count; i++) pending_revert(host, &conf, changes.revert.items[i]);
    boot_check(host, &conf, &changes.set);
    settings_record(host, &list, &conf, &changes.set);
    pending_cleanup(host, &conf);
    pending_apply(host, &conf, guest_is_running(host, GUEST_QEMU, id));
    settings_save(host, &conf);
    host_commit(host);
    bool cloudinit = false;
    for (size_t i = 0; i < changes.set.count; i++) {
        const char *value = pairs_get(&conf.main.keys, changes.set.items[i].key);
        cloudinit = cloudinit || (value != NULL && settings_is_disk(GUEST_QEMU, changes.set.items[i].key) &&
                                  strstr(value, "-cloudinit") != NULL);
    }
    if (cloudinit) host_print(host, "generating cloud-init ISO\n");
    return 0;
}
