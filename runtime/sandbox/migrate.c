// `pct migrate` and `qm migrate`: a guest with its volumes to another node of the cluster, or why it can't go there.
#include "migrate.h"

#include "cluster.h"
#include "fault.h"
#include "files.h"
#include "mount.h"
#include "owners.h"
#include "pct.h"
#include "qm.h"
#include "volume.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

typedef struct Migration {
    Host *host, *target;
    const Args *args;
    Conf conf;
    StorageList storages;
    Words volumes;      // those that have to be copied
    bool running;
} Migration;

/// May the volume [id], seen as [key], go? Notes it if it has to be copied.
static void volume_check(Migration *m, const char *key, const char *id, const char *content) {
    Host *host = m->host;
    const char *node = m->target->facts.node;
    Volume volume;
    if (!volume_parse(host, &m->storages, id, &volume)) host_fail(host, 255, "can't determine assigned storage for mount point '%s'", key);
    const Storage *storage = volume.storage;
    if (!storage_is_here(m->target, storage)) host_fail(host, 255, "storage '%s' is not available on node '%s'", storage->id, node);
    const char *shared = pairs_get(&storage->options, "shared");
    if (text_equals(shared, "1") || strcmp(storage->type, "nfs") == 0 || strcmp(storage->type, "cifs") == 0) return;
    if (!storage_holds(host, storage, content)) host_fail(host, 255, "content type '%s' is not available on storage '%s'", content, storage->id);
    const char *problem = storage_activate(m->target, storage);
    if (problem != NULL) host_fail(host, 255, "%s", problem);
    if (volume.base != NULL) host_fail(host, 255, "can't migrate '%s' as it's a clone of '%s'", id, volume.base);
    if (m->conf.snapshot_count > 0 && strcmp(storage->type, "zfspool") != 0)
        host_fail(host, 255, "can't migrate local volume '%s': non-migratable snapshot exists", id);
    if (!words_has(&m->volumes, id)) words_add(&m->volumes, id);
}

static void container_check(Migration *m) {
    Host *host = m->host;
    if (m->running && cli_has_flag(m->args, "online")) host_fail(host, 255, "lxc live migration is currently not implemented");
    if (m->running && !cli_has_flag(m->args, "restart"))
        host_fail(host, 255, "can't migrate running container without --online or --restart");
    MountList mounts = mount_list(host, &m->conf.main);
    for (size_t i = 0; i < mounts.count; i++) {
        const Mount *mount = &mounts.items[i];
        if (mount->type == MOUNT_VOLUME) volume_check(m, mount->key, mount->volume, "rootdir");
        else if (!text_equals(pairs_get(&mount->props, "shared"), "1"))
            host_fail(host, 255, "cannot migrate local %s mount point '%s'", mount->type == MOUNT_BIND ? "bind" : "device", mount->key);
    }
}

static bool is_drive(const char *key) {
    static const char *const FAMILIES[] = {"ide", "sata", "scsi", "virtio", "efidisk", "tpmstate", "unused"};
    int number;
    for (size_t i = 0; i < sizeof FAMILIES / sizeof FAMILIES[0]; i++)
        if (text_is_numbered(key, FAMILIES[i], &number)) return true;
    return false;
}

static void machine_check(Migration *m) {
    Host *host = m->host;
    Words devices = words_new(host->mem);
    if (m->running && !cli_has_flag(m->args, "online")) host_fail(host, 255, "can't migrate running VM without --online");
    for (size_t i = 0; i < m->conf.main.keys.count; i++) {
        const Pair *pair = &m->conf.main.keys.items[i];
        int number;
        bool local = text_is_numbered(pair->key, "hostpci", &number) || text_is_numbered(pair->key, "usb", &number);
        if (local && !text_starts_with(pair->value, "mapping=")) words_add(&devices, pair->key);
    }
    if (devices.count > 0)
        host_fail(host, 255, "can't migrate VM which uses local devices: %s", words_join(&devices, ", "));
    for (size_t i = 0; i < m->conf.main.keys.count; i++) {
        const Pair *pair = &m->conf.main.keys.items[i];
        if (!is_drive(pair->key)) continue;
        Drive drive = drive_parse(host, pair->key, pair->value);
        if (strcmp(drive.file, "none") == 0) continue;
        if (drive.is_cdrom && !drive.is_cloudinit) host_fail(host, 255, "can't migrate local cdrom '%s'", drive.file);
        volume_check(m, pair->key, drive.file, "images");
    }
    if (m->running && m->volumes.count > 0 && !cli_has_flag(m->args, "with-local-disks"))
        host_fail(host, 255, "can't live migrate attached local disks without with-local-disks option");
}

/// Disks hold nothing here: one of the same name, size and snapshots is a copy.
static void volume_move(Migration *m, const char *id) {
    Volume source = volume_need(m->host, &m->storages, id);
    host_print(m->host, "found local volume '%s'\n", id);
    volume_alloc(m->target, &m->storages, source.storage, m->conf.id, source.format, source.leaf, volume_size(m->host, &source));
    Volume copy = volume_need(m->target, &m->storages, id);
    for (size_t i = 0; i < m->conf.snapshot_count; i++)
        if (volume_snapshot_exists(m->host, &source, m->conf.snapshots[i].name)) volume_snapshot(m->target, &copy, m->conf.snapshots[i].name);
}

/// What stands in the guest, and who owns it.
static void tree_move(Migration *m, const char *path) {
    Where from, to;
    const char *above = mem_copy_part(m->host->mem, path, (size_t)(strrchr(path, '/') - path));
    if (!files_exists(m->host, path)) return;
    files_make_dirs(m->target, above, 0755);
    files_remove_tree(m->target, path);
    owners_give(m->host, m->target, path);
    if (!files_resolve(m->host, path, false, &from) || !files_resolve(m->target, path, false, &to) || renameat(from.at, from.name, to.at, to.name) != 0)
        host_fail(m->host, 255, "phx-sandbox: %s: %s", path, strerror(errno));
}

int migrate_guest(Host *host, const Args *args, GuestKind kind) {
    const char *node = cli_get(args, "target"), *id = cli_get(args, "vmid");
    Host target;
    if (strcmp(node, host->facts.node) == 0) cli_refuse(host, args, "target", "target is local node.");
    Migration m = {.host = host, .target = &target, .args = args, .volumes = words_new(host->mem)};
    m.conf = guest_load(host, kind, id);
    if (!cluster_open(host, node, &target)) host_fail(host, 255, "no such cluster node '%s'", node);
    guest_check_lock(host, &m.conf);
    m.storages = storage_load(host);
    m.running = guest_is_running(host, kind, id);
    if (kind == GUEST_LXC) container_check(&m);
    else machine_check(&m);
    if (m.running && kind == GUEST_LXC) pct_stop_container(host, &m.conf);
    for (size_t i = 0; i < m.volumes.count; i++) volume_move(&m, m.volumes.items[i]);
    fault_between(host);
    if (m.running && kind == GUEST_QEMU) guest_set_running(host, kind, id, false);
    tree_move(&m, guest_root(host, id));
    tree_move(&m, mem_print(host->mem, STATE_DIR "/snapshots/%s", id));
    guest_rehome(host, kind, id, node);
    for (size_t i = 0; i < m.volumes.count; i++) volume_free(host, &m.storages, m.volumes.items[i]);
    if (m.running && kind == GUEST_LXC) pct_start_container(&target, &m.conf);
    else if (m.running) guest_set_running(&target, kind, id, true);
    host_print(host, "migration finished successfully\n");
    return 0;
}
