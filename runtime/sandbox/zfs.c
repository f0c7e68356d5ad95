// Keeps pools and datasets in a state file, and their files below their mountpoints.
//
// A line an item, its fields separated by tabs and percent-encoded:
//   pool NAME GUID VDEV...  |  dataset TYPE NAME CREATED ORDER GUID  |  prop KEY VALUE (of the item above)
#include "zfs.h"

#include "conf.h"
#include "files.h"
#include "formats.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ZFS_FILE STATE_DIR "/zfs"

// What an empty dataset takes, and a volume's metadata: plausible figures, the same on every run.
static const uint64_t EMPTY_USED = 24576;

ZfsPool *zfs_add_pool(Zfs *zfs, const char *name) {
    ZfsPool *larger = mem_alloc(zfs->host->mem, (zfs->pool_count + 1) * sizeof *larger);
    if (zfs->pool_count > 0) memcpy(larger, zfs->pools, zfs->pool_count * sizeof *larger);
    zfs->pools = larger;
    ZfsPool *pool = &larger[zfs->pool_count++];
    *pool = (ZfsPool){.name = name, .vdevs = words_new(zfs->host->mem), .props = pairs_new(zfs->host->mem)};
    host_random(zfs->host, (unsigned char *)&pool->guid, sizeof pool->guid);
    return pool;
}

/// Parents before children, snapshots right behind their dataset: '@' and '/' sort before what a name may hold.
static int name_compare(const char *a, const char *b) {
    static const char *const RANKS = "@/";
    for (; *a == *b; a++, b++)
        if (*a == '\0') return 0;
    const char *first = *a == '\0' ? NULL : strchr(RANKS, *a), *second = *b == '\0' ? NULL : strchr(RANKS, *b);
    int x = *a == '\0' ? 0 : first != NULL ? (int)(first - RANKS) + 1 : (unsigned char)*a + 3;
    int y = *b == '\0' ? 0 : second != NULL ? (int)(second - RANKS) + 1 : (unsigned char)*b + 3;
    return x - y;
}

ZfsDataset *zfs_add(Zfs *zfs, const char *name, ZfsType type) {
    ZfsDataset *larger = mem_alloc(zfs->host->mem, (zfs->dataset_count + 1) * sizeof *larger);
    size_t at = zfs->dataset_count;
    if (at > 0) memcpy(larger, zfs->datasets, at * sizeof *larger);
    // Snapshots of one dataset stay in the order they were made in.
    for (; at > 0; at--) {
        const char *before = larger[at - 1].name, *mine = strchr(name, '@'), *other = strchr(before, '@');
        bool siblings = mine != NULL && other != NULL && mine - name == other - before &&
                        strncmp(name, before, (size_t)(mine - name)) == 0;
        if (siblings || name_compare(before, name) <= 0) break;
        larger[at] = larger[at - 1];
    }
    zfs->datasets = larger;
    zfs->dataset_count++;
    larger[at] = (ZfsDataset){.name = mem_copy(zfs->host->mem, name),
                              .type = type,
                              .props = pairs_new(zfs->host->mem),
                              .created = (uint64_t)time(NULL),
                              .order = ++zfs->order};
    host_random(zfs->host, (unsigned char *)&larger[at].guid, sizeof larger[at].guid);
    return &larger[at];
}

void zfs_remove_pool(Zfs *zfs, const char *name) {
    size_t kept = 0;
    for (size_t i = 0; i < zfs->pool_count; i++)
        if (strcmp(zfs->pools[i].name, name) != 0) zfs->pools[kept++] = zfs->pools[i];
    zfs->pool_count = kept;
}

void zfs_remove(Zfs *zfs, const char *name) {
    size_t kept = 0;
    for (size_t i = 0; i < zfs->dataset_count; i++)
        if (strcmp(zfs->datasets[i].name, name) != 0) zfs->datasets[kept++] = zfs->datasets[i];
    zfs->dataset_count = kept;
}

Zfs zfs_load(Host *host) {
    Zfs zfs = {.host = host};
    const char *text = files_read(host, ZFS_FILE, NULL);
    Words lines = words_split(host->mem, text == NULL ? "" : text, "\n");
    Pairs *props = NULL;
    uint64_t last = 0;
    for (size_t i = 0; i < lines.count; i++) {
        Words fields = words_split_all(host->mem, lines.items[i], '\t');
        for (size_t f = 0; f < fields.count; f++) fields.items[f] = conf_decode(host, fields.items[f]);
        if (strcmp(fields.items[0], "pool") == 0 && fields.count > 3) {
            ZfsPool *pool = zfs_add_pool(&zfs, fields.items[1]);
            pool->guid = strtoull(fields.items[2], NULL, 10);
            for (size_t f = 3; f < fields.count; f++) words_add(&pool->vdevs, fields.items[f]);
            props = &pool->props;
        } else if (strcmp(fields.items[0], "dataset") == 0 && fields.count == 6) {
            ZfsDataset *dataset = zfs_add(&zfs, fields.items[2], (ZfsType)strtol(fields.items[1], NULL, 10));
            dataset->created = strtoull(fields.items[3], NULL, 10);
            dataset->order = strtoull(fields.items[4], NULL, 10);
            dataset->guid = strtoull(fields.items[5], NULL, 10);
            if (dataset->order > last) last = dataset->order;
            props = &dataset->props;
        } else if (strcmp(fields.items[0], "prop") == 0 && fields.count == 3 && props != NULL) {
            pairs_set(props, fields.items[1], fields.items[2]);
        }
    }
    zfs.order = last;
    return zfs;
}

static void props_print(Host *host, const Pairs *props, Text *text) {
    for (size_t i = 0; i < props->count; i++)
        text_print(text, "prop\t%s\t%s\n", conf_encode(host, props->items[i].key),
                   conf_encode(host, props->items[i].value));
}

void zfs_save(const Zfs *zfs) {
    Host *host = zfs->host;
    Text text = text_new(host->mem);
    for (size_t i = 0; i < zfs->pool_count; i++) {
        const ZfsPool *pool = &zfs->pools[i];
        text_print(&text, "pool\t%s\t%" PRIu64, conf_encode(host, pool->name), pool->guid);
        for (size_t v = 0; v < pool->vdevs.count; v++)
            text_print(&text, "\t%s", conf_encode(host, pool->vdevs.items[v]));
        text_add(&text, "\n");
        props_print(host, &pool->props, &text);
    }
    for (size_t i = 0; i < zfs->dataset_count; i++) {
        const ZfsDataset *dataset = &zfs->datasets[i];
        text_print(&text, "dataset\t%d\t%s\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\n", (int)dataset->type,
                   conf_encode(host, dataset->name), dataset->created, dataset->order, dataset->guid);
        props_print(host, &dataset->props, &text);
    }
    files_write(host, ZFS_FILE, text.data, text.length, 0644);
}

ZfsPool *zfs_find_pool(const Zfs *zfs, const char *name) {
    for (size_t i = 0; i < zfs->pool_count; i++)
        if (text_equals(zfs->pools[i].name, name)) return &zfs->pools[i];
    return NULL;
}

ZfsDataset *zfs_find(const Zfs *zfs, const char *name) {
    for (size_t i = 0; i < zfs->dataset_count; i++)
        if (text_equals(zfs->datasets[i].name, name)) return &zfs->datasets[i];
    return NULL;
}

bool zfs_is_below(const char *name, const char *parent) {
    size_t length = strlen(parent);
    return strncmp(name, parent, length) == 0 && (name[length] == '/' || name[length] == '@');
}

const char *zfs_parent(Mem *mem, const char *name) {
    const char *end = strchr(name, '@');
    if (end == NULL) end = strrchr(name, '/');
    return end == NULL ? NULL : mem_copy_part(mem, name, (size_t)(end - name));
}

const char *zfs_inherited(const Zfs *zfs, const ZfsDataset *dataset, const char *property, const char **source) {
    while (dataset != NULL) {
        const char *value = pairs_get(&dataset->props, property);
        if (value != NULL) {
            *source = dataset->name;
            return value;
        }
        const char *parent = zfs_parent(zfs->host->mem, dataset->name);
        dataset = parent == NULL ? NULL : zfs_find(zfs, parent);
    }
    return NULL;
}

const char *zfs_mountpoint(const Zfs *zfs, const ZfsDataset *dataset) {
    if (dataset->type != ZFS_FILESYSTEM) return NULL;
    const char *source, *value = zfs_inherited(zfs, dataset, "mountpoint", &source);
    if (value == NULL) return mem_print(zfs->host->mem, "/%s", dataset->name);
    if (strcmp(value, "none") == 0 || strcmp(value, "legacy") == 0) return NULL;
    return mem_print(zfs->host->mem, "%s%s", strcmp(value, "/") == 0 ? "" : value, dataset->name + strlen(source));
}

/// Where the files of a snapshot are kept.
static const char *snapshot_files(Host *host, const char *name) {
    return mem_print(host->mem, STATE_DIR "/zfs-snapshots/%s", conf_encode(host, mem_print(host->mem, "%s", name)));
}

ZfsDataset *zfs_create(Zfs *zfs, const char *name, ZfsType type, uint64_t size) {
    ZfsDataset *dataset = zfs_add(zfs, name, type);
    if (type == ZFS_VOLUME) {
        pairs_set(&dataset->props, "volsize", mem_print(zfs->host->mem, "%" PRIu64, size));
        return dataset;
    }
    const char *place = zfs_mountpoint(zfs, dataset);
    if (place != NULL) files_make_dirs(zfs->host, place, 0755);
    return dataset;
}

void zfs_snapshot(Zfs *zfs, const char *dataset, const char *snapshot) {
    const char *name = mem_print(zfs->host->mem, "%s@%s", dataset, snapshot);
    zfs_add(zfs, name, ZFS_SNAPSHOT);
    const ZfsDataset *source = zfs_find(zfs, dataset);
    const char *place = zfs_mountpoint(zfs, source), *size = pairs_get(&source->props, "volsize");
    if (size != NULL) pairs_set(&zfs_find(zfs, name)->props, "volsize", size);
    if (place != NULL) files_copy_tree(zfs->host, place, snapshot_files(zfs->host, name));
}

void zfs_rollback(Zfs *zfs, const char *dataset, const char *snapshot) {
    const char *name = mem_print(zfs->host->mem, "%s@%s", dataset, snapshot);
    ZfsDataset *target = zfs_find(zfs, dataset);
    const char *place = zfs_mountpoint(zfs, target), *size = pairs_get(&zfs_find(zfs, name)->props, "volsize");
    if (size != NULL) pairs_set(&target->props, "volsize", size);
    if (place == NULL) return;
    files_remove_tree(zfs->host, place);
    files_copy_tree(zfs->host, snapshot_files(zfs->host, name), place);
}

void zfs_destroy(Zfs *zfs, const char *name) {
    const ZfsDataset *dataset = zfs_find(zfs, name);
    if (dataset->type == ZFS_SNAPSHOT) {
        files_remove_tree(zfs->host, snapshot_files(zfs->host, name));
    } else {
        const char *place = zfs_mountpoint(zfs, dataset);
        if (place != NULL) files_remove_tree(zfs->host, place);
    }
    zfs_remove(zfs, name);
}

void zfs_rename(Zfs *zfs, const char *from, const char *to) {
    Mem *mem = zfs->host->mem;
    const char *old_place = zfs_mountpoint(zfs, zfs_find(zfs, from));
    // Taken out and put back one by one, so that the order by name stays.
    size_t count = zfs->dataset_count;
    ZfsDataset *moved = mem_alloc(mem, (count + 1) * sizeof *moved);
    size_t moved_count = 0;
    for (size_t i = 0; i < count; i++)
        if (strcmp(zfs->datasets[i].name, from) == 0 || zfs_is_below(zfs->datasets[i].name, from))
            moved[moved_count++] = zfs->datasets[i];
    for (size_t i = 0; i < moved_count; i++) {
        ZfsDataset item = moved[i];
        if (item.type == ZFS_SNAPSHOT)
            files_rename(zfs->host, snapshot_files(zfs->host, item.name),
                         snapshot_files(zfs->host, mem_print(mem, "%s%s", to, item.name + strlen(from))));
        zfs_remove(zfs, item.name);
        item.name = mem_print(mem, "%s%s", to, item.name + strlen(from));
        *zfs_add(zfs, item.name, item.type) = item;
    }
    for (size_t i = 0; i < zfs->dataset_count; i++) {
        const char *origin = pairs_get(&zfs->datasets[i].props, "origin");
        if (origin != NULL && (strcmp(origin, from) == 0 || zfs_is_below(origin, from)))
            pairs_set(&zfs->datasets[i].props, "origin", mem_print(mem, "%s%s", to, origin + strlen(from)));
    }
    const ZfsDataset *renamed = zfs_find(zfs, to);
    const char *new_place = renamed == NULL ? NULL : zfs_mountpoint(zfs, renamed);
    if (old_place != NULL && new_place != NULL && strcmp(old_place, new_place) != 0)
        files_rename(zfs->host, old_place, new_place);
}

/// What a group of [members] disks adds to a pool's size; logs, caches and spares add nothing.
static uint64_t group_size(const char *group, uint64_t members, uint64_t disk, bool raw) {
    if (group == NULL) return members * disk;
    if (strcmp(group, "mirror") == 0) return disk;
    if (!text_starts_with(group, "raidz")) return 0;
    uint64_t parity = group[5] == '\0' ? 1 : (uint64_t)(group[5] - '0');
    return (raw || members < parity ? members : members - parity) * disk;
}

uint64_t zfs_pool_size(const Zfs *zfs, const ZfsPool *pool, bool raw) {
    uint64_t disk = zfs->host->facts.disk_size, total = 0, members = 0;
    const char *group = NULL;
    for (size_t i = 0; i < pool->vdevs.count; i++) {
        const char *word = pool->vdevs.items[i];
        if (*word == '/') {
            members++;
            continue;
        }
        if (members > 0) total += group_size(group, members, disk, raw);
        group = word;
        members = 0;
    }
    return total + (members > 0 ? group_size(group, members, disk, raw) : 0);
}

uint64_t zfs_used(const Zfs *zfs, const ZfsDataset *dataset) {
    if (dataset->type == ZFS_SNAPSHOT) return 0;
    uint64_t used = 0;
    for (size_t i = 0; i < zfs->dataset_count; i++) {
        const ZfsDataset *item = &zfs->datasets[i];
        if (item->type != ZFS_SNAPSHOT &&
            (strcmp(item->name, dataset->name) == 0 || zfs_is_below(item->name, dataset->name))) {
            const char *reserved = pairs_get(&item->props, "refreservation");
            used += EMPTY_USED + (reserved == NULL ? 0 : strtoull(reserved, NULL, 10));
        }
    }
    return used;
}

uint64_t zfs_available(const Zfs *zfs, const ZfsDataset *dataset) {
    const char *top = mem_copy_part(zfs->host->mem, dataset->name, strcspn(dataset->name, "/@"));
    const ZfsPool *pool = zfs_find_pool(zfs, top);
    uint64_t size = pool == NULL ? 0 : zfs_pool_size(zfs, pool, false);
    const ZfsDataset *root = zfs_find(zfs, top);
    uint64_t used = root == NULL ? 0 : zfs_used(zfs, root);
    uint64_t free_bytes = size > used ? size - used : 0;
    // A quota anywhere above limits what is left here.
    for (const ZfsDataset *at = dataset; at != NULL;) {
        static const char *const LIMITS[] = {"quota", "refquota"};
        for (size_t i = 0; i < 2; i++) {
            const char *limit = pairs_get(&at->props, LIMITS[i]);
            if (limit == NULL || (i == 1 && at != dataset)) continue;
            uint64_t bytes = strtoull(limit, NULL, 10), taken = zfs_used(zfs, at);
            if (bytes > 0 && (bytes > taken ? bytes - taken : 0) < free_bytes)
                free_bytes = bytes > taken ? bytes - taken : 0;
        }
        const char *parent = zfs_parent(zfs->host->mem, at->name);
        at = parent == NULL ? NULL : zfs_find(zfs, parent);
    }
    return free_bytes;
}
