// Reads and writes storage.cfg and says what its storages can hold.
#include "storage.h"

#include "files.h"
#include "zfs.h"

#include <string.h>

static const StanzaForm FORM = {
    .path = "/etc/pve/storage.cfg",
    .schema = "pvesm add",
    .types = "btrfs|cephfs|cifs|dir|esxi|iscsi|iscsidirect|lvm|lvmthin|nfs|pbs|rbd|zfs|zfspool",
    // What must be there; the order of the rest means nothing, and changes from write to write for real.
    .first = "path pool server export share datastore vgname thinpool portal target content",
};

/// The built-in storage is always there and always at its place.
static void local_force(Host *host, StorageList *list) {
    Storage *local = stanza_find(list, "local");
    if (local == NULL) local = stanza_add(host, list, "dir", "local");
    local->type = "dir";
    pairs_set(&local->options, "path", "/var/lib/vz");
    if (pairs_get(&local->options, "content") == NULL) pairs_set(&local->options, "content", "iso,vztmpl,backup");
}

StorageList storage_load(Host *host) {
    StorageList list = stanza_read(host, &FORM);
    local_force(host, &list);
    return list;
}

void storage_save(Host *host, const StorageList *list) {
    stanza_write(host, &FORM, list);
}

bool storage_is_enabled(const Storage *storage) {
    return !text_equals(pairs_get(&storage->options, "disable"), "1");
}

bool storage_is_here(Host *host, const Storage *storage) {
    const char *nodes = pairs_get(&storage->options, "nodes");
    if (nodes == NULL) return true;
    Words names = words_split(host->mem, nodes, ", ;");
    return words_has(&names, host->facts.node);
}

const Storage *storage_need(Host *host, const StorageList *list, const char *id) {
    const Storage *storage = stanza_find(list, id);
    if (storage == NULL) host_fail(host, 255, "storage '%s' does not exist", id);
    if (!storage_is_enabled(storage)) host_fail(host, 255, "storage '%s' is disabled", id);
    if (!storage_is_here(host, storage))
        host_fail(host, 255, "storage '%s' is not available on node '%s'", id, host->facts.node);
    return storage;
}

bool storage_holds(Host *host, const Storage *storage, const char *content) {
    const char *given = pairs_get(&storage->options, "content");
    // What the plug-ins take where the file says nothing.
    if (given == NULL) given = "images,rootdir";
    Words contents = words_split(host->mem, given, ",; ");
    return words_has(&contents, content);
}

bool storage_is_dir(const Storage *storage) {
    static const char *const TYPES[] = {"dir", "btrfs", "nfs", "cifs", "cephfs"};
    for (size_t i = 0; i < sizeof TYPES / sizeof TYPES[0]; i++)
        if (strcmp(storage->type, TYPES[i]) == 0) return true;
    return false;
}

const char *storage_path(Host *host, const Storage *storage) {
    const char *path = pairs_get(&storage->options, "path");
    return path != NULL ? path : mem_print(host->mem, "/mnt/pve/%s", storage->id);
}

const char *storage_content_dir(const char *content) {
    static const char *const DIRS[][2] = {{"images", "images"},    {"rootdir", "private"}, {"vztmpl", "template/cache"},
                                          {"iso", "template/iso"}, {"backup", "dump"},     {"snippets", "snippets"},
                                          {"import", "import"}};
    for (size_t i = 0; i < sizeof DIRS / sizeof DIRS[0]; i++)
        if (strcmp(DIRS[i][0], content) == 0) return DIRS[i][1];
    return NULL;
}

const char *storage_activate(Host *host, const Storage *storage) {
    if (strcmp(storage->type, "zfspool") == 0) {
        const char *pool = pairs_get(&storage->options, "pool");
        Zfs zfs = zfs_load(host);
        if (pool != NULL && zfs_find(&zfs, pool) != NULL) return NULL;
        const char *top = mem_copy_part(host->mem, pool == NULL ? "" : pool, strcspn(pool == NULL ? "" : pool, "/"));
        if (zfs_find(&zfs, top) == NULL)
            return mem_print(host->mem,
                             "could not activate storage '%s', zfs error: cannot import '%s': no such pool available",
                             storage->id, top);
        return mem_print(host->mem,
                         "could not activate storage '%s', zfs error: cannot open '%s': dataset does not exist",
                         storage->id, pool);
    }
    if (!storage_is_dir(storage)) return NULL;
    const char *path = storage_path(host, storage);
    const char *mountpoint = pairs_get(&storage->options, "is_mountpoint");
    if (mountpoint != NULL && strcmp(mountpoint, "no") != 0 && strcmp(mountpoint, "0") != 0 &&
        !files_is_dir(host, path))
        return mem_print(
            host->mem,
            "unable to activate storage '%s' - directory is expected to be a mount point but is not mounted: '%s'",
            storage->id, path);
    if (files_make_dirs(host, path, 0755) != 0)
        return mem_print(host->mem, "unable to activate storage '%s' - directory '%s' does not exist or is unreachable",
                         storage->id, path);
    static const char *const CONTENTS[] = {"images", "rootdir", "vztmpl", "iso", "backup", "snippets", "import"};
    for (size_t i = 0; i < sizeof CONTENTS / sizeof CONTENTS[0]; i++)
        if (storage_holds(host, storage, CONTENTS[i]))
            files_make_dirs(host, mem_print(host->mem, "%s/%s", path, storage_content_dir(CONTENTS[i])), 0755);
    return NULL;
}
