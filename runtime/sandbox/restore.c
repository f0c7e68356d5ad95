// `pct restore` and `qmrestore`: guests from the archives of vzdump.
#include "backup.h"

#include "fault.h"
#include "files.h"
#include "formats.h"
#include "guest.h"
#include "mount.h"
#include "pct.h"
#include "qm.h"
#include "settings.h"
#include "users.h"

#include <string.h>

/// The archive's path: a volume or a path of the host. Leaves where there is none.
static const char *archive_find(Host *host, const StorageList *list, const char *given, const char *suffix) {
    const char *path = given;
    if (*given != '/') {
        Volume volume = volume_need(host, list, given);
        if (strcmp(volume.content, "backup") != 0) host_fail(host, 255, "ERROR: volume '%s' is not a backup", given);
        path = volume.path;
    }
    if (!files_exists(host, path)) host_fail(host, 255, "volume '%s' does not exist", given);
    if (strstr(path, suffix) == NULL) host_fail(host, 255, "ERROR: couldn't determine archive info from '%s'", given);
    return path;
}

/// New addresses for the cards of a guest that is to live beside the one it comes from.
static void addresses_renew(Host *host, Conf *conf) {
    for (size_t i = 0; i < conf->main.keys.count; i++) {
        Pair *pair = &conf->main.keys.items[i];
        if (!text_is_numbered(pair->key, "net", NULL)) continue;
        Words fields = words_split(host->mem, pair->value, ",");
        for (size_t k = 0; k < fields.count; k++) {
            const char *equals = strchr(fields.items[k], '=');
            bool is_mac = equals != NULL && strlen(equals + 1) == 17 && equals[3] == ':';
            if (is_mac) fields.items[k] = mem_print(host->mem, "%.*s=%s", (int)(equals - fields.items[k]), fields.items[k], guest_new_mac(host));
        }
        pair->value = words_join(&fields, ",");
    }
}

/// Makes room for the guest: one of the same number must be of the kind, not run, and be meant to go.
static void place_clear(Host *host, GuestKind kind, const char *id, bool force) {
    GuestName other;
    if (!guest_find(host, id, &other)) return;
    if (other.kind != kind || !force)
        host_fail(host, kind == GUEST_LXC ? 2 : 255, "%s %s already exists on node '%s'", guest_word(other.kind), id, other.node);
    if (guest_is_running(host, kind, id)) host_fail(host, 255, "unable to restore %s %s - %s is running", guest_word(kind), id, kind == GUEST_LXC ? "container" : "vm");
    Conf conf = guest_load(host, kind, id);
    guest_check_lock(host, &conf);
    if (text_equals(pairs_get(&conf.main.keys, "protection"), "1"))
        host_fail(host, 255, "can't restore over %s %s - protection mode enabled", guest_word(kind), id);
    StorageList list = storage_load(host);
    for (size_t i = 0; i < conf.main.keys.count; i++) {
        Volume volume;
        if (settings_is_disk(kind, conf.main.keys.items[i].key) && volume_parse(host, &list, settings_volume(host, conf.main.keys.items[i].value), &volume) &&
            text_equals(volume.vmid, id) && volume_exists(host, &volume))
            volume_free(host, &list, volume.id);
    }
    guest_remove(host, kind, id);
}

static void root_restore(Host *host, const Backup *backup, const char *id) {
    files_remove_tree(host, guest_root(host, id));
    if (files_copy_tree(host, backup->tree, guest_root(host, id)) != 0) host_fail(host, 255, "unable to restore the root of %s", id);
}

int pct_restore(Host *host, const Args *args) {
    static const char *const OTHERS[] = {"vmid", "ostemplate", "storage", "start", "password", "ssh-public-keys", "pool", "force", "restore", "unique",
                                         "bwlimit", "ignore-unpack-errors", "description", "rootfs", "unprivileged", "node", "ha-managed"};
    const char *id = cli_get(args, "vmid"), *given = cli_get(args, "ostemplate"), *storage = cli_get(args, "storage");
    StorageList list = storage_load(host);
    const char *path = archive_find(host, &list, given, ".tar");
    Backup backup;
    users_check_pool(host, cli_get(args, "pool"));
    if (storage == NULL) storage = "local";
    mount_check_storage(host, &list, storage, args->usage);
    if (!backup_read(host, path, GUEST_LXC, id, &backup))
        host_fail(host, 255, "unable to restore CT %s - could not find a configuration in '%s'", id, path);
    place_clear(host, GUEST_LXC, id, cli_has_flag(args, "force"));
    list = storage_load(host);
    Conf *conf = &backup.conf;
    host_print(host, "recovering backed-up configuration from '%s'\n", given);
    if (cli_get(args, "rootfs") != NULL) pairs_set(&conf->main.keys, "rootfs", cli_get(args, "rootfs"));
    MountList mounts = mount_list(host, &conf->main);
    for (size_t i = 0; i < mounts.count; i++) {
        Mount *mount = &mounts.items[i];
        const char *size = pairs_get(&mount->props, "size"), *on = storage;
        uint64_t bytes = 0;
        if (mount->type != MOUNT_VOLUME) continue;
        if (!mount_is_new(host, mount, storage, &on, &bytes) && (size == NULL || !formats_parse_size(size, &bytes)))
            host_fail(host, 255, "unable to detect disk size - please specify %s (size)", mount->key);
        mount_make(host, &list, id, mount, on, bytes);
        pairs_set(&conf->main.keys, mount->key, mount_print(host, mount));
    }
    fault_between(host);
    host_print(host, "restoring '%s' now..\nextracting archive '%s'\nTotal bytes read: 2007040 (2.0MiB, 120MiB/s)\nmerging backed-up and given configuration..\n", given, path);
    root_restore(host, &backup, id);
    Pairs rest = pairs_copy(&args->values);
    for (size_t i = 0; i < sizeof OTHERS / sizeof OTHERS[0]; i++) pairs_remove(&rest, OTHERS[i]);
    for (size_t i = 0; i < rest.count; i++) {
        bool network = text_is_numbered(rest.items[i].key, "net", NULL);
        pairs_set(&conf->main.keys, rest.items[i].key, network ? pct_print_network(host, rest.items[i].key, rest.items[i].value) : rest.items[i].value);
    }
    const char *unprivileged = cli_get(args, "unprivileged");
    if (text_equals(unprivileged, "1")) pairs_set(&conf->main.keys, "unprivileged", "1");
    if (text_equals(unprivileged, "0")) pairs_remove(&conf->main.keys, "unprivileged");
    pairs_remove(&conf->main.keys, "template");
    if (cli_has_flag(args, "unique")) addresses_renew(host, conf);
    guest_save(host, conf);
    users_join_pool(host, cli_get(args, "pool"), id);
    host_commit(host);
    if (cli_has_flag(args, "start")) pct_start_container(host, conf);
    return 0;
}

int qmrestore_main(Host *host) {
    OptionSet set;
    if (!options_find_command("qmrestore", &set)) host_fail(host, 255, "phx-sandbox: qmrestore has no table");
    Cli cli = {.title = "qmrestore"};
    Args args = cli_parse(host, &set, &cli, host->argc - 1, host->argv + 1);
    const char *id = cli_get(&args, "vmid"), *given = cli_get(&args, "archive"), *target = cli_get(&args, "storage");
    StorageList list = storage_load(host);
    const char *path = archive_find(host, &list, given, ".vma");
    Backup backup;
    users_check_pool(host, cli_get(&args, "pool"));
    if (target != NULL && !storage_holds(host, storage_need(host, &list, target), "images"))
        cli_refuse(host, &args, "storage", mem_print(host->mem, "storage '%s' does not support vm images", target));
    if (!backup_read(host, path, GUEST_QEMU, id, &backup)) host_fail(host, 255, "no configuration found in archive '%s'", path);
    place_clear(host, GUEST_QEMU, id, cli_has_flag(&args, "force"));
    list = storage_load(host);
    Conf *conf = &backup.conf;
    host_print(host, "restore vma archive: vma extract -v -r /var/tmp/vzdumptmp.fifo %s /var/tmp/vzdumptmp\n", path);
    for (size_t i = 0; i < conf->main.keys.count; i++) {
        const char *key = conf->main.keys.items[i].key;
        if (!settings_is_disk(GUEST_QEMU, key)) continue;
        Drive drive = drive_parse(host, key, conf->main.keys.items[i].value);
        const char *size = pairs_get(&drive.props, "size");
        uint64_t bytes = 4 << 20;
        Volume volume;
        bool own = drive.file != NULL && volume_parse(host, &list, drive.file, &volume);
        if (!own || (drive.is_cdrom && !drive.is_cloudinit)) continue;
        if (size != NULL) formats_parse_size(size, &bytes);
        const Storage *storage = storage_need(host, &list, target == NULL ? volume.storage->id : target);
        const char *name = drive.is_cloudinit ? mem_print(host->mem, "vm-%s-cloudinit", id) : NULL;
        const char *made = volume_alloc(host, &list, storage, id, target == NULL ? volume.format : NULL, name, bytes);
        volume_free_on_failure(host, made);
        host_print(host, "new volume ID is '%s'\n", made);
        pairs_set(&drive.props, "file", made);
        drive.file = made;
        conf->main.keys.items[i].value = drive_print(host, &drive);
    }
    fault_between(host);
    host_print(host, "progress 100%% (read 2097152 bytes, duration 1 sec)\n");
    root_restore(host, &backup, id);
    pairs_remove(&conf->main.keys, "template");
    if (pairs_get(&conf->main.keys, "vmgenid") != NULL) pairs_set(&conf->main.keys, "vmgenid", host_uuid(host));
    if (cli_has_flag(&args, "unique")) addresses_renew(host, conf);
    guest_save(host, conf);
    users_join_pool(host, cli_get(&args, "pool"), id);
    host_commit(host);
    if (cli_has_flag(&args, "start")) qm_start_machine(host, conf);
    return 0;
}
