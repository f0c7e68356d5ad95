// Snapshots, bases, linked clones and copies of volumes.
//
// A ZFS volume's snapshots stand in the ZFS state. For files a list of `volid snapshot size` is kept: what a disk holds
// does not matter here, but how large it was does.
#include "volume.h"

#include "files.h"
#include "guest.h"
#include "zfs.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define SNAPSHOTS_FILE STATE_DIR "/volume-snapshots"
#define BASE_SNAPSHOT "__base__"

bool volume_has_snapshots(const Volume *volume) {
    if (!storage_is_dir(volume->storage)) return true;
    return strcmp(volume->storage->type, "btrfs") == 0 || strcmp(volume->format, "qcow2") == 0;
}

static Words records_load(Host *host) {
    const char *text = files_read(host, SNAPSHOTS_FILE, NULL);
    return words_split(host->mem, text == NULL ? "" : text, "\n");
}

static void records_save(Host *host, const Words *records) {
    Text text = text_new(host->mem);
    for (size_t i = 0; i < records->count; i++) text_print(&text, "%s\n", records->items[i]);
    files_write(host, SNAPSHOTS_FILE, text.data, text.length, 0644);
}

/// The record of one snapshot of a file, or NULL.
static const char *record_find(const Words *records, const char *prefix) {
    for (size_t i = 0; i < records->count; i++)
        if (text_starts_with(records->items[i], prefix)) return records->items[i];
    return NULL;
}

static const char *record_prefix(Host *host, const Volume *volume, const char *snapshot) {
    return mem_print(host->mem, "%s %s ", volume->id, snapshot);
}

static const char *zfs_snapshot_name(Host *host, const Volume *volume, const char *snapshot) {
    return mem_print(host->mem, "%s@%s", volume_dataset(host, volume), snapshot);
}

void volume_snapshot(Host *host, const Volume *volume, const char *snapshot) {
    if (!volume_exists(host, volume)) host_fail(host, 255, "volume '%s' does not exist", volume->id);
    if (!storage_is_dir(volume->storage)) {
        Zfs zfs = zfs_load(host);
        zfs_snapshot(&zfs, volume_dataset(host, volume), snapshot);
        zfs_save(&zfs);
        return;
    }
    Words records = records_load(host);
    words_add(&records,
              mem_print(host->mem, "%s%" PRIu64, record_prefix(host, volume, snapshot), volume_size(host, volume)));
    records_save(host, &records);
}

bool volume_snapshot_exists(Host *host, const Volume *volume, const char *snapshot) {
    if (!storage_is_dir(volume->storage)) {
        Zfs zfs = zfs_load(host);
        return zfs_find(&zfs, zfs_snapshot_name(host, volume, snapshot)) != NULL;
    }
    Words records = records_load(host);
    return record_find(&records, record_prefix(host, volume, snapshot)) != NULL;
}

const char *volume_rollback_check(Host *host, const Volume *volume, const char *snapshot) {
    if (!volume_exists(host, volume)) return mem_print(host->mem, "volume '%s' does not exist", volume->id);
    if (!volume_snapshot_exists(host, volume, snapshot))
        return mem_print(host->mem, "can't rollback, snapshot '%s' does not exist on '%s'", snapshot, volume->id);
    if (storage_is_dir(volume->storage)) return NULL;
    Zfs zfs = zfs_load(host);
    const char *dataset = volume_dataset(host, volume);
    const ZfsDataset *target = zfs_find(&zfs, zfs_snapshot_name(host, volume, snapshot));
    for (size_t i = 0; i < zfs.dataset_count; i++) {
        const ZfsDataset *item = &zfs.datasets[i];
        const char *parent = zfs_parent(host->mem, item->name);
        if (item->type == ZFS_SNAPSHOT && text_equals(parent, dataset) && item->order > target->order)
            return mem_print(host->mem, "can't rollback, '%s' is not most recent snapshot on '%s'", snapshot,
                             volume->id);
    }
    return NULL;
}

void volume_rollback(Host *host, const Volume *volume, const char *snapshot) {
    if (!storage_is_dir(volume->storage)) {
        Zfs zfs = zfs_load(host);
        zfs_rollback(&zfs, volume_dataset(host, volume), snapshot);
        zfs_save(&zfs);
        return;
    }
    Words records = records_load(host);
    const char *prefix = record_prefix(host, volume, snapshot), *record = record_find(&records, prefix);
    if (record != NULL) files_make_sparse(host, volume->path, strtoull(record + strlen(prefix), NULL, 10));
}

void volume_delete_snapshot(Host *host, const Volume *volume, const char *snapshot) {
    if (!storage_is_dir(volume->storage)) {
        Zfs zfs = zfs_load(host);
        const char *name = zfs_snapshot_name(host, volume, snapshot);
        if (zfs_find(&zfs, name) == NULL) return;
        zfs_destroy(&zfs, name);
        zfs_save(&zfs);
        return;
    }
    Words records = records_load(host);
    const char *record = record_find(&records, record_prefix(host, volume, snapshot));
    if (record == NULL) return;
    words_remove(&records, record);
    records_save(host, &records);
}

const char *volume_make_base(Host *host, const StorageList *list, const Volume *volume) {
    if (volume->is_base) return volume->id;
    bool subvol = strcmp(volume->format, "subvol") == 0;
    // vm-102-disk-0 -> base-102-disk-0, subvol-102-disk-0 -> basevol-102-disk-0
    const char *leaf = mem_print(host->mem, "%s%s", subvol ? "basevol" : "base", strchr(volume->leaf, '-'));
    const char *name = storage_is_dir(volume->storage) ? mem_print(host->mem, "%s/%s", volume->vmid, leaf) : leaf;
    Volume base = volume_need(host, list, mem_print(host->mem, "%s:%s", volume->storage->id, name));
    if (!storage_is_dir(volume->storage)) {
        Zfs zfs = zfs_load(host);
        zfs_rename(&zfs, volume_dataset(host, volume), volume_dataset(host, &base));
        zfs_snapshot(&zfs, volume_dataset(host, &base), BASE_SNAPSHOT);
        zfs_save(&zfs);
        return base.id;
    }
    const char *from = volume->path, *to = base.path;
    if (text_ends_with(from, "/disk.raw")) {
        from = mem_copy_part(host->mem, from, strlen(from) - strlen("/disk.raw"));
        to = mem_copy_part(host->mem, to, strlen(to) - strlen("/disk.raw"));
    }
    if (files_rename(host, from, to) != 0)
        host_fail(host, 255, "rename '%s' to '%s' failed - %s", from, to, strerror(errno));
    return base.id;
}

/// The new volume's id behind [base]: only qcow2 and ZFS clones keep the name of what they were cloned from.
static const char *clone_id(Host *host, const Volume *base, const char *fresh) {
    const char *colon = strchr(fresh, ':') + 1;
    if (strcmp(base->storage->type, "btrfs") == 0) return fresh;
    return mem_print(host->mem, "%s:%s/%s", base->storage->id,
                     storage_is_dir(base->storage) ? mem_print(host->mem, "%s/%s", base->vmid, base->leaf) : base->leaf,
                     colon);
}

/// Leaves if what is to be copied is not there.
static void source_need(Host *host, const Volume *volume) {
    if (!volume_exists(host, volume)) host_fail(host, 255, "volume '%s' does not exist", volume->id);
}

const char *volume_clone(Host *host, const StorageList *list, const Volume *base, const char *vmid) {
    source_need(host, base);
    uint64_t size = volume_size(host, base);
    if (strcmp(base->format, "qcow2") == 0) {
        host_print(host, "clone %s/%s: images, vm-%s-disk-0.qcow2, %s to vm-%s-disk-0.qcow2 (base=../%s/%s)\n",
                   base->vmid, base->leaf, vmid, vmid, vmid, base->vmid, base->leaf);
    }
    const char *fresh = volume_alloc(host, list, base->storage, vmid, base->format, NULL, size);
    volume_free_on_failure(host, fresh);
    if (!storage_is_dir(base->storage)) {
        Volume made = volume_need(host, list, fresh);
        Zfs zfs = zfs_load(host);
        ZfsDataset *dataset = zfs_find(&zfs, volume_dataset(host, &made));
        pairs_set(&dataset->props, "origin", zfs_snapshot_name(host, base, BASE_SNAPSHOT));
        pairs_remove(&dataset->props, "refreservation");
        zfs_save(&zfs);
    }
    return clone_id(host, base, fresh);
}

const char *volume_copy(Host *host, const StorageList *list, const Volume *source, const Storage *target,
                        const char *vmid, const char *format) {
    source_need(host, source);
    if (format == NULL) format = storage_is_dir(target) == storage_is_dir(source->storage) ? source->format : NULL;
    if (format == NULL) format = volume_default_format(target, strcmp(source->format, "subvol") == 0);
    const char *id = volume_alloc(host, list, target, vmid, format, NULL, volume_size(host, source));
    volume_free_on_failure(host, id);
    return id;
}

const char *volume_find_clone(Host *host, const Volume *base) {
    // The name of a linked clone begins with its base's: `st:BASE/CLONE`.
    const char *own =
        storage_is_dir(base->storage) ? mem_print(host->mem, "%s/%s", base->vmid, base->leaf) : base->leaf;
    const char *prefix = mem_print(host->mem, "%s:%s/", base->storage->id, own);
    GuestList guests = guest_list(host);
    for (size_t i = 0; i < guests.count; i++) {
        if (strcmp(guests.items[i].node, host->facts.node) != 0) continue;
        Conf conf = guest_load(host, guests.items[i].kind, guests.items[i].id);
        for (size_t k = 0; k < conf.main.keys.count; k++)
            if (text_starts_with(conf.main.keys.items[k].value, prefix)) return conf.main.keys.items[k].value;
    }
    return NULL;
}
