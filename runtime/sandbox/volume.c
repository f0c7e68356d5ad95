// Names, makes, sizes and removes the volumes of directory and ZFS storages.
#include "volume.h"

#include "files.h"
#include "formats.h"
#include "zfs.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const uint64_t MIB = 1ULL << 20;

const char *volume_dataset(Host *host, const Volume *volume) {
    return mem_print(host->mem, "%s/%s", pairs_get(&volume->storage->options, "pool"), volume->leaf);
}

/// The guest number in a disk's name (vm-952-disk-0, basevol-900-disk-0), or NULL.
static const char *leaf_vmid(Host *host, const char *leaf) {
    static const char *const PREFIXES[] = {"vm-", "base-", "subvol-", "basevol-"};
    for (size_t i = 0; i < 4; i++) {
        if (!text_starts_with(leaf, PREFIXES[i])) continue;
        const char *digits = leaf + strlen(PREFIXES[i]);
        size_t length = strspn(digits, "0123456789");
        if (length > 0 && digits[length] == '-') return mem_copy_part(host->mem, digits, length);
    }
    return NULL;
}

/// A name on a ZFS pool: `vm-100-disk-0`, or `base-9000-disk-0/vm-100-disk-0` for a linked clone.
static bool zfs_name_parse(Host *host, Volume *volume) {
    const char *slash = strchr(volume->name, '/');
    volume->leaf = slash == NULL ? volume->name : slash + 1;
    volume->vmid = leaf_vmid(host, volume->leaf);
    if (volume->vmid == NULL || strchr(volume->leaf, '/') != NULL) return false;
    if (slash != NULL)
        volume->base = mem_print(host->mem, "%s:%.*s", volume->storage->id, (int)(slash - volume->name), volume->name);
    bool subvol = text_starts_with(volume->leaf, "subvol-") || text_starts_with(volume->leaf, "basevol-");
    volume->is_base = text_starts_with(volume->leaf, "base");
    volume->format = subvol ? "subvol" : "raw";
    volume->content = subvol ? "rootdir" : "images";
    const char *pool = pairs_get(&volume->storage->options, "pool"),
               *mountpoint = pairs_get(&volume->storage->options, "mountpoint");
    if (pool == NULL) return false;
    volume->path = subvol ? mem_print(host->mem, "%s%s/%s", mountpoint == NULL ? "/" : "",
                                      mountpoint == NULL ? pool : mountpoint, volume->leaf)
                          : mem_print(host->mem, "/dev/zvol/%s/%s", pool, volume->leaf);
    return true;
}

/// A disk in a directory: `952/vm-952-disk-0.raw`, or `102/base-102-disk-0.qcow2/103/vm-103-disk-0.qcow2`.
static bool image_name_parse(Host *host, Volume *volume) {
    Words parts = words_split(host->mem, volume->name, "/");
    if (parts.count != 2 && parts.count != 4) return false;
    volume->vmid = parts.items[parts.count - 2];
    volume->leaf = parts.items[parts.count - 1];
    if (!formats_match("[1-9][0-9]*", volume->vmid) || !formats_match("[^/]+\\.(raw|qcow2|vmdk|subvol)", volume->leaf))
        return false;
    if (parts.count == 4)
        volume->base = mem_print(host->mem, "%s:%s/%s", volume->storage->id, parts.items[0], parts.items[1]);
    volume->format = strrchr(volume->leaf, '.') + 1;
    volume->is_base = text_starts_with(volume->leaf, "base-");
    volume->content = strcmp(volume->format, "subvol") == 0 ? "rootdir" : "images";
    const char *folder = mem_print(host->mem, "%s/images/%s", storage_path(host, volume->storage), volume->vmid);
    // btrfs keeps a raw disk in a subvolume of its own.
    volume->path = strcmp(volume->storage->type, "btrfs") == 0 && strcmp(volume->format, "raw") == 0
                       ? mem_print(host->mem, "%s/%.*s/disk.raw", folder, (int)(strlen(volume->leaf) - strlen(".raw")),
                                   volume->leaf)
                       : mem_print(host->mem, "%s/%s", folder, volume->leaf);
    return true;
}

/// The short name `pvesm list` has for what a file's name ends in; NULL if this content has no such files.
static const char *file_format(Host *host, const char *content, const char *leaf) {
    static const struct {
        const char *content, *pattern, *format;
    } FORMS[] = {
        {"iso", "[^/]+\\.([iI][sS][oO])", "iso"},
        {"iso", "[^/]+\\.([iI][mM][gG])", "iso"},
        {"vztmpl", "[^/]+\\.tar\\.gz", "tgz"},
        {"vztmpl", "[^/]+\\.tar\\.xz", "txz"},
        {"vztmpl", "[^/]+\\.tar\\.zst", "tzst"},
        {"vztmpl", "[^/]+\\.tar\\.bz2", "tbz2"},
        {"vztmpl", "[^/]+\\.tar", "tar"},
        {"backup", "vzdump-(lxc|qemu)-[^/]+\\.(tgz|tar|tar\\.gz|tar\\.lzo|tar\\.zst)", "tar"},
        {"backup", "vzdump-qemu-[^/]+\\.vma(\\.gz|\\.lzo|\\.zst)?", "vma"},
        {"snippets", "[^/]+", "snippet"},
        {"import", "[^/]+\\.qcow2", "qcow2"},
        {"import", "[^/]+\\.raw", "raw"},
        {"import", "[^/]+\\.(vmdk)", "vmdk"},
        {"import", "[^/]+\\.(ova)", "ova"},
    };
    for (size_t i = 0; i < sizeof FORMS / sizeof FORMS[0]; i++)
        if (strcmp(FORMS[i].content, content) == 0 && formats_match(FORMS[i].pattern, leaf))
            return mem_copy(host->mem, FORMS[i].format);
    return NULL;
}

/// A file in a directory: `iso/debian.iso`, `vztmpl/debian.tar.gz`.
static bool file_name_parse(Host *host, Volume *volume) {
    const char *slash = strchr(volume->name, '/');
    if (slash == NULL || strstr(volume->name, "..") != NULL) return false;
    const char *content = mem_copy_part(host->mem, volume->name, (size_t)(slash - volume->name));
    if (storage_content_dir(content) == NULL) return false;
    volume->content = content;
    volume->vmid = NULL;
    volume->base = NULL;
    volume->is_base = false;
    volume->leaf = slash + 1;
    volume->format = file_format(host, content, volume->leaf);
    volume->path = mem_print(host->mem, "%s/%s/%s", storage_path(host, volume->storage), storage_content_dir(content),
                             volume->leaf);
    return volume->format != NULL;
}

bool volume_parse(Host *host, const StorageList *list, const char *id, Volume *volume) {
    const char *colon = strchr(id, ':');
    if (colon == NULL) return false;
    const Storage *storage = stanza_find(list, mem_copy_part(host->mem, id, (size_t)(colon - id)));
    if (storage == NULL) return false;
    *volume = (Volume){.storage = storage, .id = id, .name = colon + 1};
    if (strcmp(storage->type, "zfspool") == 0) return zfs_name_parse(host, volume);
    return storage_is_dir(storage) && (image_name_parse(host, volume) || file_name_parse(host, volume));
}

Volume volume_need(Host *host, const StorageList *list, const char *id) {
    Volume volume;
    const char *colon = strchr(id, ':');
    if (colon == NULL) host_fail(host, 255, "unable to parse volume ID '%s'", id);
    const Storage *storage = storage_need(host, list, mem_copy_part(host->mem, id, (size_t)(colon - id)));
    if (!volume_parse(host, list, id, &volume))
        host_fail(host, 255, "unable to parse %s volume name '%s'",
                  storage_is_dir(storage) ? "directory" : storage->type, colon + 1);
    return volume;
}

bool volume_exists(Host *host, const Volume *volume) {
    if (storage_is_dir(volume->storage)) return files_exists(host, volume->path);
    Zfs zfs = zfs_load(host);
    return zfs_find(&zfs, volume_dataset(host, volume)) != NULL;
}

uint64_t volume_size(Host *host, const Volume *volume) {
    if (storage_is_dir(volume->storage)) {
        struct stat info;
        return files_stat(host, volume->path, true, &info) == 0 ? (uint64_t)info.st_size : 0;
    }
    Zfs zfs = zfs_load(host);
    const ZfsDataset *dataset = zfs_find(&zfs, volume_dataset(host, volume));
    const char *size =
        dataset == NULL ? NULL : pairs_get(&dataset->props, dataset->type == ZFS_VOLUME ? "volsize" : "refquota");
    return size == NULL ? 0 : strtoull(size, NULL, 10);
}

const char *volume_default_format(const Storage *storage, bool container) {
    return strcmp(storage->type, "zfspool") == 0 && container ? "subvol" : "raw";
}

/// The next free disk name of the guest, counted over all its disks there.
static const char *next_name(Host *host, const StorageList *list, const Storage *storage, const char *vmid,
                             const char *format) {
    VolumeList volumes = volume_list(host, list, storage, NULL, vmid);
    bool directory = storage_is_dir(storage), subvol = strcmp(format, "subvol") == 0;
    for (int number = 0;; number++) {
        bool taken = false;
        const char *middle = mem_print(host->mem, "-%s-disk-%d", vmid, number);
        for (size_t i = 0; i < volumes.count && !taken; i++) {
            const char *at = strstr(volumes.items[i].leaf, middle);
            taken = at != NULL && (at[strlen(middle)] == '\0' || at[strlen(middle)] == '.');
        }
        if (!taken)
            return mem_print(host->mem, "%s%s%s%s", subvol ? "subvol" : "vm", middle, directory ? "." : "",
                             directory ? format : "");
    }
}

static const char *zfs_alloc(Host *host, const Storage *storage, const char *vmid, const char *format, const char *name,
                             uint64_t size) {
    bool subvol = strcmp(format, "subvol") == 0;
    if (!subvol && strcmp(format, "raw") != 0) host_fail(host, 255, "unsupported format '%s'", format);
    const char *prefix = mem_print(host->mem, "%s-%s-", subvol ? "subvol" : "vm", vmid);
    if (!text_starts_with(name, prefix)) host_fail(host, 255, "illegal name '%s' - should be '%s*'", name, prefix);
    Zfs zfs = zfs_load(host);
    const char *pool = pairs_get(&storage->options, "pool");
    const char *dataset = mem_print(host->mem, "%s/%s", pool, name);
    if (zfs_find(&zfs, pool) == NULL)
        host_fail(host, 255, "zfs error: cannot create '%s': parent does not exist", dataset);
    if (zfs_find(&zfs, dataset) != NULL)
        host_fail(host, 255, "zfs error: cannot create '%s': dataset already exists", dataset);
    if (subvol) {
        ZfsDataset *made = zfs_create(&zfs, dataset, ZFS_FILESYSTEM, 0);
        pairs_set(&made->props, "acltype", "posix");
        pairs_set(&made->props, "xattr", "sa");
        if (size > 0) pairs_set(&made->props, "refquota", mem_print(host->mem, "%" PRIu64, size));
    } else {
        // A volume's size must be a multiple of its block size: the plug-in rounds it up to a whole MiB.
        uint64_t rounded = (size + MIB - 1) / MIB * MIB;
        ZfsDataset *made = zfs_create(&zfs, dataset, ZFS_VOLUME, rounded);
        const char *sparse = pairs_get(&storage->options, "sparse");
        if (sparse == NULL || strcmp(sparse, "0") == 0)
            pairs_set(&made->props, "refreservation", mem_print(host->mem, "%" PRIu64, rounded));
    }
    zfs_save(&zfs);
    return mem_print(host->mem, "%s:%s", storage->id, name);
}

const char *volume_alloc(Host *host, const StorageList *list, const Storage *storage, const char *vmid,
                         const char *format, const char *name, uint64_t size) {
    const char *reason = storage_activate(host, storage);
    if (reason != NULL) host_fail(host, 255, "%s", reason);
    const char *suffix = name == NULL ? NULL : strrchr(name, '.');
    bool known_suffix = suffix != NULL && formats_match("raw|qcow2|vmdk|subvol", suffix + 1);
    if (format == NULL)
        format = known_suffix && storage_is_dir(storage) ? suffix + 1 : volume_default_format(storage, false);
    if (name == NULL) name = next_name(host, list, storage, vmid, format);
    if (strcmp(storage->type, "zfspool") == 0) return zfs_alloc(host, storage, vmid, format, name, size);
    if (!storage_is_dir(storage))
        host_fail(host, 255, "phx-sandbox: volumes on '%s' storages are not modelled", storage->type);
    const char *id = mem_print(host->mem, "%s:%s/%s", storage->id, vmid, name);
    Volume volume;
    if (!volume_parse(host, list, id, &volume)) host_fail(host, 255, "unable to parse volume filename '%s'", name);
    if (files_exists(host, volume.path)) host_fail(host, 25, "disk image '%s' already exists", volume.path);
    const char *slash = strrchr(volume.path, '/');
    files_make_dirs(host, mem_copy_part(host->mem, volume.path, (size_t)(slash - volume.path)), 0755);
    // Every image is a sparse file of its nominal size: what is inside never matters here.
    if (strcmp(volume.format, "subvol") == 0) {
        if (files_make_dirs(host, volume.path, 0755) != 0)
            host_fail(host, 255, "unable to create '%s' - %s", volume.path, strerror(errno));
        return id;
    }
    if (strcmp(volume.format, "raw") == 0 && strcmp(storage->type, "btrfs") != 0)
        host_print(host, "Formatting '%s', fmt=raw size=%" PRIu64 " preallocation=off\n", volume.path, size);
    if (strcmp(volume.format, "qcow2") == 0)
        host_print(host,
                   "Formatting '%s', fmt=qcow2 cluster_size=65536 extended_l2=off preallocation=metadata "
                   "compression_type=zlib size=%" PRIu64 " lazy_refcounts=off refcount_bits=16\n",
                   volume.path, size);
    if (files_make_sparse(host, volume.path, size) != 0)
        host_fail(host, 255, "unable to create '%s' - %s", volume.path, strerror(errno));
    return id;
}

bool volume_free(Host *host, const StorageList *list, const char *id) {
    Volume volume;
    if (!volume_parse(host, list, id, &volume)) return false;
    if (!volume_exists(host, &volume)) {
        if (storage_is_dir(volume.storage)) host_warn(host, "disk image '%s' does not exist", volume.path);
        else host_warn(host, "zfs error: cannot open '%s': dataset does not exist", volume_dataset(host, &volume));
        return false;
    }
    if (!storage_is_dir(volume.storage)) {
        const char *name = volume_dataset(host, &volume);
        Zfs zfs = zfs_load(host);
        for (size_t i = zfs.dataset_count; i > 0; i--)
            if (zfs_is_below(zfs.datasets[i - 1].name, name)) zfs_destroy(&zfs, zfs.datasets[i - 1].name);
        zfs_destroy(&zfs, name);
        zfs_save(&zfs);
        return true;
    }
    const char *slash = strrchr(volume.path, '/');
    bool own_folder = strcmp(slash, "/disk.raw") == 0;
    files_remove_tree(host,
                      own_folder ? mem_copy_part(host->mem, volume.path, (size_t)(slash - volume.path)) : volume.path);
    return true;
}

static void free_silently(Host *host, const char *id) {
    StorageList list = storage_load(host);
    Volume volume;
    if (volume_parse(host, &list, id, &volume) && volume_exists(host, &volume)) volume_free(host, &list, id);
}

void volume_free_on_failure(Host *host, const char *id) {
    host_undo_on_failure(host, free_silently, id);
}

static void list_add(Host *host, const StorageList *list, VolumeList *volumes, const char *id) {
    Volume volume;
    if (!volume_parse(host, list, id, &volume)) return;
    Volume *larger = mem_alloc(host->mem, (volumes->count + 1) * sizeof *larger);
    if (volumes->count > 0) memcpy(larger, volumes->items, volumes->count * sizeof *larger);
    volumes->items = larger;
    larger[volumes->count++] = volume;
}

/// Adds the disks below images/ of a directory. The folder of a raw disk on btrfs stands for its file.
static void images_list(Host *host, const StorageList *list, const Storage *storage, const char *vmid,
                        VolumeList *volumes) {
    const char *top = mem_print(host->mem, "%s/images", storage_path(host, storage));
    Words owners = files_list(host, top);
    for (size_t i = 0; i < owners.count; i++) {
        if (vmid != NULL && strcmp(owners.items[i], vmid) != 0) continue;
        Words leaves = files_list(host, mem_print(host->mem, "%s/%s", top, owners.items[i]));
        for (size_t j = 0; j < leaves.count; j++) {
            bool folder = strcmp(storage->type, "btrfs") == 0 && strchr(leaves.items[j], '.') == NULL;
            list_add(host, list, volumes,
                     mem_print(host->mem, "%s:%s/%s%s", storage->id, owners.items[i], leaves.items[j],
                               folder ? ".raw" : ""));
        }
    }
}

VolumeList volume_list(Host *host, const StorageList *list, const Storage *storage, const char *content,
                       const char *vmid) {
    VolumeList volumes = {0};
    bool disks = content == NULL || strcmp(content, "images") == 0 || strcmp(content, "rootdir") == 0;
    if (strcmp(storage->type, "zfspool") == 0) {
        const char *pool = pairs_get(&storage->options, "pool");
        Zfs zfs = zfs_load(host);
        for (size_t i = 0; disks && pool != NULL && i < zfs.dataset_count; i++) {
            const ZfsDataset *dataset = &zfs.datasets[i];
            const char *rest = dataset->name + strlen(pool) + 1;
            if (dataset->type == ZFS_SNAPSHOT || !zfs_is_below(dataset->name, pool) || strchr(rest, '/') != NULL)
                continue;
            const char *owner = leaf_vmid(host, rest);
            if (owner == NULL || (vmid != NULL && strcmp(owner, vmid) != 0)) continue;
            list_add(host, list, &volumes, mem_print(host->mem, "%s:%s", storage->id, rest));
        }
        return volumes;
    }
    if (!storage_is_dir(storage)) return volumes;
    if (disks) images_list(host, list, storage, vmid, &volumes);
    static const char *const FILES[] = {"iso", "vztmpl", "backup", "snippets", "import"};
    for (size_t f = 0; f < 5 && vmid == NULL; f++) {
        if ((content != NULL && strcmp(content, FILES[f]) != 0) || !storage_holds(host, storage, FILES[f])) continue;
        Words names =
            files_list(host, mem_print(host->mem, "%s/%s", storage_path(host, storage), storage_content_dir(FILES[f])));
        for (size_t i = 0; i < names.count; i++)
            list_add(host, list, &volumes, mem_print(host->mem, "%s:%s/%s", storage->id, FILES[f], names.items[i]));
    }
    return volumes;
}

const char *volume_resize(Host *host, const Volume *volume, uint64_t size) {
    if (storage_is_dir(volume->storage)) {
        if (volume->is_base && strcmp(volume->storage->type, "btrfs") == 0) {
            host_print(host, "qemu-img: Could not open '%s': Could not open '%s': Read-only file system\n",
                       volume->path, volume->path);
            return mem_print(host->mem,
                             "command '/usr/bin/qemu-img resize '--preallocation=off' -f raw %s %" PRIu64
                             "' failed: exit code 1",
                             volume->path, size);
        }
        if (files_make_sparse(host, volume->path, size) != 0)
            return mem_print(host->mem, "resize of '%s' failed - %s", volume->path, strerror(errno));
        host_print(host, "Image resized.\n");
        return NULL;
    }
    Zfs zfs = zfs_load(host);
    ZfsDataset *dataset = zfs_find(&zfs, volume_dataset(host, volume));
    if (dataset == NULL)
        return mem_print(host->mem, "zfs error: cannot open '%s': dataset does not exist",
                         volume_dataset(host, volume));
    bool is_volume = dataset->type == ZFS_VOLUME;
    if (is_volume) size = (size + MIB - 1) / MIB * MIB;
    const char *text = mem_print(host->mem, "%" PRIu64, size);
    if (is_volume && pairs_get(&dataset->props, "refreservation") != NULL)
        pairs_set(&dataset->props, "refreservation", text);
    pairs_set(&dataset->props, is_volume ? "volsize" : "refquota", text);
    zfs_save(&zfs);
    return NULL;
}
