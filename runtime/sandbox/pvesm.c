// `pvesm` and `pveam`: storages, their volumes, and container templates.
#include "cli.h"
#include "download.h"
#include "fault.h"
#include "backup.h"
#include "files.h"
#include "formats.h"
#include "pvesm.h"
#include "roles.h"
#include "verify.h"
#include "volume.h"
#include "zfs.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/// What a type of storage must be given, and can not lose.
static const char *const REQUIRED[][4] = {
    {"dir", "path"},
    {"btrfs", "path"},
    {"zfspool", "pool"},
    {"nfs", "server", "export"},
    {"cifs", "server", "share"},
    {"lvm", "vgname"},
    {"lvmthin", "vgname", "thinpool"},
    {"pbs", "server", "datastore"},
    {"cephfs"},
    {"rbd"},
    {"iscsi", "portal", "target"},
    {"iscsidirect", "portal", "target"},
    {"zfs", "portal", "target", "pool"},
    {"esxi", "server", "username"},
};

static bool is_required(const char *type, const char *option) {
    for (size_t i = 0; i < sizeof REQUIRED / sizeof REQUIRED[0]; i++)
        for (size_t k = 1; k < 4 && strcmp(REQUIRED[i][0], type) == 0 && REQUIRED[i][k] != NULL; k++)
            if (strcmp(REQUIRED[i][k], option) == 0) return true;
    return false;
}

/// Options of each type beside those that all have; a type that is not listed takes any.
static bool type_takes(const char *type, const char *option) {
    static const char COMMON[] = "nodes|disable|content|shared|bwlimit|prune-backups|max-protected-backups|format|"
                                 "comment|snapshot-as-volume-chain";
    static const char *const OWN[][2] = {
        {"dir", "path|mkdir|create-base-path|create-subdirs|content-dirs|is_mountpoint|preallocation"},
        {"btrfs", "path|mkdir|create-base-path|create-subdirs|content-dirs|is_mountpoint|nocow|preallocation"},
        {"zfspool", "pool|blocksize|sparse|mountpoint|zfs-base-path"},
    };
    if (formats_match(COMMON, option)) return true;
    for (size_t i = 0; i < sizeof OWN / sizeof OWN[0]; i++)
        if (strcmp(OWN[i][0], type) == 0) return formats_match(OWN[i][1], option);
    return true;
}

/// The text under which an option is kept: lists have commas.
static const char *option_keep(Host *host, const char *key, const char *value) {
    if (strcmp(key, "content") != 0 && strcmp(key, "nodes") != 0) return value;
    Words words = words_split(host->mem, value, ",; \t");
    words_sort_unique(&words);
    return words_join(&words, ",");
}

static void options_take(Host *host, Storage *storage, const Pairs *values, const char *failing) {
    static const char *const OTHERS[] = {"type", "storage", "delete", "digest", "node"};
    Pairs rest = pairs_copy(values);
    for (size_t i = 0; i < sizeof OTHERS / sizeof OTHERS[0]; i++) pairs_remove(&rest, OTHERS[i]);
    for (size_t i = 0; i < rest.count; i++) {
        const char *key = rest.items[i].key, *value = rest.items[i].value;
        if (!type_takes(storage->type, key)) host_fail(host, 255, "%s: unexpected property '%s'", failing, key);
        if (strcmp(key, "disable") == 0) {
            if (strcmp(value, "1") == 0) pairs_set(&storage->options, key, value);
            else pairs_remove(&storage->options, key);
            continue;
        }
        if (strcmp(key, "password") == 0 || strcmp(key, "keyring") == 0) {
            // Secrets are not for everyone who may read storage.cfg.
            const char *path = mem_print(host->mem, "/etc/pve/priv/storage/%s.%s", storage->id,
                                         strcmp(key, "password") == 0 ? "pw" : "keyring");
            files_write(host, path, value, strlen(value), 0600);
            continue;
        }
        pairs_set(&storage->options, key, option_keep(host, key, value));
    }
}

int pvesm_add(Host *host, const Args *args) {
    const char *type = cli_get(args, "type"), *id = cli_get(args, "storage");
    StorageList list = storage_load(host);
    if (stanza_find(&list, id) != NULL)
        host_fail(host, 255, "create storage failed: storage ID '%s' already defined", id);
    for (size_t i = 0; i < sizeof REQUIRED / sizeof REQUIRED[0]; i++)
        for (size_t k = 1; k < 4 && strcmp(REQUIRED[i][0], type) == 0 && REQUIRED[i][k] != NULL; k++)
            if (cli_get(args, REQUIRED[i][k]) == NULL)
                host_fail(host, 2, "missing value for required option '%s'", REQUIRED[i][k]);
    Storage *storage = stanza_add(host, &list, type, id);
    options_take(host, storage, &args->values, "create storage failed");
    if (strcmp(type, "zfspool") == 0 && pairs_get(&storage->options, "mountpoint") == NULL) {
        Zfs zfs = zfs_load(host);
        const ZfsDataset *dataset = zfs_find(&zfs, pairs_get(&storage->options, "pool"));
        const char *place = dataset == NULL ? NULL : zfs_mountpoint(&zfs, dataset);
        if (place != NULL) pairs_set(&storage->options, "mountpoint", place);
    }
    bool usable = storage_is_enabled(storage) && storage_is_here(host, storage);
    const char *reason = usable ? storage_activate(host, storage) : NULL;
    if (reason != NULL) host_fail(host, 255, "create storage failed: %s", reason);
    fault_between(host);
    storage_save(host, &list);
    return 0;
}

int pvesm_set(Host *host, const Args *args) {
    const char *id = cli_get(args, "storage"), *digest = cli_get(args, "digest"), *given = cli_get(args, "delete");
    StorageList list = storage_load(host);
    Storage *storage = stanza_find(&list, id);
    if (storage == NULL) host_fail(host, 255, "update storage failed: storage '%s' does not exist", id);
    if (digest != NULL && strcmp(digest, list.digest) != 0)
        host_fail(host, 255,
                  "update storage failed: detected modified configuration - file changed by other user? Try again.");
    OptionSet set;
    options_find_command("pvesm add", &set);
    Words removed = words_split(host->mem, given == NULL ? "" : given, ",; ");
    for (size_t i = 0; i < removed.count; i++) {
        const char *name = removed.items[i];
        if (is_required(storage->type, name))
            host_fail(host, 255, "update storage failed: unable to delete required option '%s'", name);
        if (options_find(&set, name) == NULL) host_fail(host, 255, "update storage failed: no such option '%s'", name);
        if (cli_get(args, name) != NULL)
            cli_refuse(host, args, "delete",
                       mem_print(host->mem, "unable to set and delete property '%s' at the same time!", name));
        pairs_remove(&storage->options, name);
    }
    options_take(host, storage, &args->values, "update storage failed");
    const char *reason =
        storage_is_enabled(storage) && storage_is_here(host, storage) ? storage_activate(host, storage) : NULL;
    if (reason != NULL) host_warn(host, "%s", reason);
    storage_save(host, &list);
    return 0;
}

int pvesm_remove(Host *host, const Args *args) {
    const char *id = cli_get(args, "storage");
    StorageList list = storage_load(host);
    if (stanza_find(&list, id) == NULL) host_fail(host, 255, "delete storage failed: storage '%s' does not exist", id);
    for (size_t i = 0; i < list.count; i++)
        if (text_starts_with(
                pairs_get(&list.items[i].options, "base") == NULL ? "" : pairs_get(&list.items[i].options, "base"),
                mem_print(host->mem, "%s:", id)))
            host_fail(host, 255,
                      "delete storage failed: can't remove storage - storage is used as base of another storage");
    // `local` comes back by itself: removing it is no error and has no effect.
    stanza_remove(&list, id);
    if (strcmp(id, "local") == 0) list = storage_load(host);
    storage_save(host, &list);
    return 0;
}

StorageUsage pvesm_usage(Host *host, const StorageList *list, const Storage *storage) {
    static const uint64_t DIRECTORY_KIB = 100ULL << 20;
    StorageUsage usage = {0};
    if (!storage_is_enabled(storage) || !storage_is_here(host, storage)) return usage;
    if (strcmp(storage->type, "zfspool") == 0) {
        Zfs zfs = zfs_load(host);
        const ZfsDataset *dataset = zfs_find(&zfs, pairs_get(&storage->options, "pool"));
        if (dataset == NULL) return usage;
        usage.available = zfs_available(&zfs, dataset) / 1024;
        usage.used = zfs_used(&zfs, dataset) / 1024;
        usage.total = usage.available + usage.used;
    } else if (storage_is_dir(storage)) {
        VolumeList volumes = volume_list(host, list, storage, NULL, NULL);
        // Disks are sparse: of each, a plausible part is used.
        for (size_t i = 0; i < volumes.count; i++) usage.used += volume_size(host, &volumes.items[i]) / 1024 / 16;
        usage.total = DIRECTORY_KIB;
        if (usage.used > usage.total) usage.used = usage.total;
        usage.available = usage.total - usage.used;
    }
    usage.is_active = true;
    return usage;
}

static int storage_compare(const void *a, const void *b) {
    return strcmp((*(const Storage *const *)a)->id, (*(const Storage *const *)b)->id);
}

static int pvesm_status(Host *host, const Args *args) {
    const char *only = cli_get(args, "storage"), *content = cli_get(args, "content");
    StorageList list = storage_load(host);
    if (only != NULL && stanza_find(&list, only) == NULL) cli_refuse(host, args, "storage", "No such storage.");
    const Storage **shown = mem_alloc(host->mem, (list.count + 1) * sizeof(const Storage *));
    size_t count = 0, width = 0;
    for (size_t i = 0; i < list.count; i++) {
        const Storage *storage = &list.items[i];
        if (only != NULL && strcmp(storage->id, only) != 0) continue;
        if (!storage_is_here(host, storage) || (cli_has_flag(args, "enabled") && !storage_is_enabled(storage)))
            continue;
        Words contents = words_split(host->mem, content == NULL ? "" : content, ",; ");
        bool wanted = contents.count == 0;
        for (size_t c = 0; c < contents.count; c++) wanted = wanted || storage_holds(host, storage, contents.items[c]);
        if (!wanted) continue;
        shown[count++] = storage;
        if (strlen(storage->id) > width) width = strlen(storage->id);
    }
    qsort(shown, count, sizeof *shown, storage_compare);
    width = width < 4 ? 4 : width;
    host_print(host, "%-*s %10s %10s %15s %15s %15s %8s\n", (int)width, "Name", "Type", "Status", "Total (KiB)",
               "Used (KiB)", "Available (KiB)", "%");
    for (size_t i = 0; i < count; i++) {
        StorageUsage usage = pvesm_usage(host, &list, shown[i]);
        const char *status = !storage_is_enabled(shown[i]) ? "disabled" : usage.is_active ? "active" : "inactive";
        const char *percent = storage_is_enabled(shown[i])
                                  ? mem_print(host->mem, "%.2f%%",
                                              usage.total == 0 ? 0.0 : 100.0 * (double)usage.used / (double)usage.total)
                                  : "N/A";
        host_print(host, "%-*s %10s %10s %15" PRIu64 " %15" PRIu64 " %15" PRIu64 " %8s\n", (int)width, shown[i]->id,
                   shown[i]->type, status, usage.total, usage.used, usage.available, percent);
    }
    return 0;
}

static int pvesm_list(Host *host, const Args *args) {
    StorageList list = storage_load(host);
    const Storage *storage = storage_need(host, &list, cli_get(args, "storage"));
    VolumeList volumes = volume_list(host, &list, storage, cli_get(args, "content"), cli_get(args, "vmid"));
    size_t width = strlen("Volid"), size_width = strlen("Size");
    for (size_t i = 0; i < volumes.count; i++) {
        size_t digits = strlen(mem_print(host->mem, "%" PRIu64, volume_size(host, &volumes.items[i])));
        if (strlen(volumes.items[i].id) > width) width = strlen(volumes.items[i].id);
        if (digits > size_width) size_width = digits;
    }
    host_print(host, "%-*s %-7s %-9s %*s %s\n", (int)width, "Volid", "Format", "Type", (int)size_width, "Size", "VMID");
    for (size_t i = 0; i < volumes.count; i++) {
        const Volume *volume = &volumes.items[i];
        host_print(host, "%-*s %-7s %-9s %*" PRIu64, (int)width, volume->id, volume->format, volume->content,
                   (int)size_width, volume_size(host, volume));
        host_print(host, volume->vmid == NULL ? "\n" : " %s\n", volume->vmid);
    }
    return 0;
}

static int pvesm_alloc(Host *host, const Args *args) {
    const char *size = cli_get(args, "size"), *name = cli_get(args, "filename");
    StorageList list = storage_load(host);
    const Storage *storage = storage_need(host, &list, cli_get(args, "storage"));
    char *unit;
    uint64_t bytes = strtoull(size, &unit, 10);
    bytes <<= *unit == 'G' ? 30 : *unit == 'M' ? 20 : 10;  // a bare number counts KiB
    bool is_subvol = strcmp(storage->type, "zfspool") == 0 && text_starts_with(name, "subvol-");
    const char *format = cli_get(args, "format");
    if (format == NULL && is_subvol) format = "subvol";
    const char *id =
        volume_alloc(host, &list, storage, cli_get(args, "vmid"), format, *name == '\0' ? NULL : name, bytes);
    host_print(host, "successfully created '%s'\n", id);
    return 0;
}

static int pvesm_free(Host *host, const Args *args) {
    const char *id = cli_get(args, "volume");
    StorageList list = storage_load(host);
    if (strchr(id, ':') == NULL && cli_get(args, "storage") != NULL)
        id = mem_print(host->mem, "%s:%s", cli_get(args, "storage"), id);
    Volume volume = volume_need(host, &list, id);
    const char *clone = volume.is_base ? volume_find_clone(host, &volume) : NULL;
    if (clone != NULL) host_fail(host, 255, "base volume '%s' is still in use by linked cloned", id);
    // That there was nothing to free is said and does not fail.
    if (!volume_exists(host, &volume) && storage_is_dir(volume.storage))
        host_print(host, "disk image '%s' does not exist\n", volume.path);
    else if (strcmp(volume.content, "backup") == 0 && files_exists(host, mem_print(host->mem, "%s.protected", volume.path)))
        host_fail(host, 255, "cannot remove protected archive '%s'", volume.path);
    else if (strcmp(volume.content, "backup") == 0) backup_remove(host, volume.path);
    else volume_free(host, &list, id);
    host_print(host, "Removed volume '%s'\n", id);
    return 0;
}

static int pvesm_path(Host *host, const Args *args) {
    StorageList list = storage_load(host);
    Volume volume = volume_need(host, &list, cli_get(args, "volume"));
    host_print(host, "%s\n", volume.path);
    return 0;
}

int pvesm_main(Host *host) {
    static const CliCommand COMMANDS[] = {
        {"add", pvesm_add, TAKES_STORAGES},     {"set", pvesm_set, TAKES_STORAGES}, {"remove", pvesm_remove, TAKES_STORAGES},
        {"status", pvesm_status, TAKES_NOTHING}, {"list", pvesm_list, TAKES_NOTHING}, {"alloc", pvesm_alloc, TAKES_NOTHING},
        {"free", pvesm_free, TAKES_NOTHING},     {"path", pvesm_path, TAKES_NOTHING},
    };
    return cli_run(host, "pvesm", COMMANDS, sizeof COMMANDS / sizeof COMMANDS[0]);
}

/// `pveam`: templates of the appliance index, which the sandbox does not have; a download takes any name.
int pveam_main(Host *host) {
    StorageList list = storage_load(host);
    const char *command = host->argc > 1 ? host->argv[1] : "", *storage_id = host->argc > 2 ? host->argv[2] : NULL;
    if (strcmp(command, "update") == 0) {
        host_print(host, "update successful\n");
        return 0;
    }
    if (strcmp(command, "available") == 0) {
        for (size_t i = 0; i < host->facts.download_count; i++)
            if (host->facts.downloads[i].name != NULL)
                host_print(host, "system          %s\n", host->facts.downloads[i].name);
        return 0;
    }
    int wanted = strcmp(command, "list") == 0       ? 3
                 : strcmp(command, "download") == 0 ? 4
                 : strcmp(command, "remove") == 0   ? 3
                                                    : 0;
    if (wanted == 0) host_fail(host, 255, "ERROR: unknown command 'pveam %s'", command);
    if (host->argc != wanted) host_fail(host, 2, "400 %s arguments", host->argc < wanted ? "not enough" : "too many");
    if (strcmp(command, "remove") == 0) {
        Volume volume = volume_need(host, &list, storage_id);
        if (!volume_exists(host, &volume)) host_fail(host, 255, "volume '%s' does not exist", volume.id);
        volume_free(host, &list, volume.id);
        return 0;
    }
    const Storage *storage = storage_need(host, &list, storage_id);
    if (!storage_holds(host, storage, "vztmpl"))
        host_fail(host, 255, "Storage '%s' does not support templates", storage_id);
    if (strcmp(command, "download") == 0) {
        const char *name = host->argv[3];
        if (!formats_match("[^/]+\\.tar\\.(gz|xz|zst|bz2)", name))
            host_fail(host, 255, "400 Parameter verification failed.\ntemplate: no such template");
        if (files_exists(host, mem_print(host->mem, "%s/template/cache/%s", storage_path(host, storage), name)))
            return 0;
        download_fetch(host, storage, "vztmpl", name,
                       mem_print(host->mem, "http://download.proxmox.com/images/system/%s", name), NULL, NULL);
        return 0;
    }
    VolumeList volumes = volume_list(host, &list, storage, "vztmpl", NULL);
    host_print(host, "NAME                                                         SIZE  \n");
    for (size_t i = 0; i < volumes.count; i++)
        host_print(host, "%-60s %.2fMB\n", volumes.items[i].id,
                   (double)volume_size(host, &volumes.items[i]) / 1048576.0);
    return 0;
}
