// Reads and writes storage.cfg and says what its storages can hold.
#include "storage.h"

#include "conf.h"
#include "files.h"
#include "zfs.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#define STORAGE_FILE "/etc/pve/storage.cfg"

Storage *storage_add(Host *host, StorageList *list, const char *type, const char *id) {
    Storage *larger = mem_alloc(host->mem, (list->count + 1) * sizeof *larger);
    if (list->count > 0) memcpy(larger, list->items, list->count * sizeof *larger);
    list->items = larger;
    larger[list->count] = (Storage){.id = id, .type = type, .options = pairs_new(host->mem)};
    return &larger[list->count++];
}

void storage_remove(StorageList *list, const char *id) {
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i].id, id) != 0) list->items[kept++] = list->items[i];
    list->count = kept;
}

Storage *storage_find(const StorageList *list, const char *id) {
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i].id, id) == 0) return &list->items[i];
    return NULL;
}

/// `type: id` at the start of a line opens a storage; of two with one name the later counts.
static Storage *header_read(Host *host, StorageList *list, const char *line) {
    const char *colon = strchr(line, ':');
    if (colon == NULL || isspace((unsigned char)*line)) return NULL;
    Words id = words_split(host->mem, colon + 1, " \t\r");
    if (id.count != 1) return NULL;
    storage_remove(list, id.items[0]);
    return storage_add(host, list, mem_copy_part(host->mem, line, (size_t)(colon - line)), id.items[0]);
}

/// `key value` in an indented line; of two with one key the first counts.
static void option_read(Host *host, Storage *storage, const char *line) {
    line += strspn(line, " \t");
    size_t length = strcspn(line, " \t\r");
    if (length == 0 || *line == '#') return;
    const char *rest = line + length + strspn(line + length, " \t");
    size_t end = strlen(rest);
    while (end > 0 && isspace((unsigned char)rest[end - 1])) end--;
    const char *key = mem_copy_part(host->mem, line, length);
    if (pairs_get(&storage->options, key) == NULL) pairs_set(&storage->options, key, mem_copy_part(host->mem, rest, end));
}

/// The built-in storage is always there and always at its place.
static void local_force(Host *host, StorageList *list) {
    Storage *local = storage_find(list, "local");
    if (local == NULL) local = storage_add(host, list, "dir", "local");
    local->type = "dir";
    pairs_set(&local->options, "path", "/var/lib/vz");
    if (pairs_get(&local->options, "content") == NULL) pairs_set(&local->options, "content", "iso,vztmpl,backup");
}

StorageList storage_load(Host *host) {
    size_t length = 0;
    const char *text = files_read(host, STORAGE_FILE, &length);
    if (text == NULL && errno != ENOENT) host_fail(host, 255, "unable to read storage.cfg - %s", strerror(errno));
    if (text == NULL) text = "";
    StorageList list = {.digest = conf_sha1(host, text, length)};
    Words lines = words_split(host->mem, text, "\n");
    Storage *storage = NULL;
    for (size_t i = 0; i < lines.count; i++) {
        Storage *opened = header_read(host, &list, lines.items[i]);
        if (opened != NULL) storage = opened;
        else if (storage != NULL) option_read(host, storage, lines.items[i]);
    }
    local_force(host, &list);
    return list;
}

void storage_save(Host *host, const StorageList *list) {
    // What must be there stands first; the order of the rest means nothing, and changes from write to write for real.
    static const char *const FIRST[] = {"path", "pool", "server", "export", "vgname", "thinpool", "content"};
    Text text = text_new(host->mem);
    for (size_t i = 0; i < list->count; i++) {
        const Storage *storage = &list->items[i];
        text_print(&text, "%s: %s\n", storage->type, storage->id);
        Pairs rest = pairs_copy(&storage->options);
        if (pairs_remove(&rest, "disable")) text_add(&text, "\tdisable\n");
        for (size_t f = 0; f < sizeof FIRST / sizeof FIRST[0]; f++) {
            const char *value = pairs_get(&rest, FIRST[f]);
            if (value != NULL) text_print(&text, "\t%s %s\n", FIRST[f], value);
            pairs_remove(&rest, FIRST[f]);
        }
        pairs_sort(&rest);
        for (size_t r = 0; r < rest.count; r++) text_print(&text, "\t%s %s\n", rest.items[r].key, rest.items[r].value);
        text_add(&text, "\n");
    }
    files_write(host, STORAGE_FILE, text.data, text.length, 0640);
}

bool storage_is_enabled(const Storage *storage) {
    return pairs_get(&storage->options, "disable") == NULL;
}

bool storage_is_here(Host *host, const Storage *storage) {
    const char *nodes = pairs_get(&storage->options, "nodes");
    if (nodes == NULL) return true;
    Words names = words_split(host->mem, nodes, ", ;");
    return words_has(&names, host->facts.node);
}

const Storage *storage_need(Host *host, const StorageList *list, const char *id) {
    const Storage *storage = storage_find(list, id);
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
