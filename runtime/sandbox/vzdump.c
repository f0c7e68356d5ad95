// `vzdump`: archives of guests, with the lines of its log, its locks and its retention.
#include "backup.h"

#include "fault.h"
#include "files.h"
#include "guest.h"
#include "mount.h"
#include "pct.h"
#include "qm.h"
#include "settings.h"
#include "verify.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *stamp(Host *host, time_t moment, const char *format) {
    struct tm local;
    char text[40];
    localtime_r(&moment, &local);
    strftime(text, sizeof text, format, &local);
    return mem_copy(host->mem, text);
}

static const char *extension(const Args *args, GuestKind kind, Host *host) {
    const char *compress = cli_get(args, "compress"), *packed = "";
    if (text_equals(compress, "zstd")) packed = ".zst";
    else if (text_equals(compress, "gzip")) packed = ".gz";
    else if (text_equals(compress, "lzo") || text_equals(compress, "1")) packed = ".lzo";
    return mem_print(host->mem, "%s%s", kind == GUEST_LXC ? "tar" : "vma", packed);
}

/// The directory that archives are written to; leaves as the real one does where the storage takes none.
static const char *folder_find(Host *host, const Args *args, const StorageList *list, const Storage **storage) {
    const char *folder = cli_get(args, "dumpdir"), *id = cli_get(args, "storage");
    *storage = NULL;
    if (folder != NULL && id != NULL)
        cli_refuse(host, args, "storage", "option conflicts with option 'dumpdir'");
    if (folder != NULL) {
        if (!files_is_dir(host, folder)) host_fail(host, 255, "dumpdir '%s' does not exist", folder);
        return folder;
    }
    if (id == NULL) id = "local";
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i].id, id) == 0) *storage = &list->items[i];
    const char *problem = NULL;
    if (*storage == NULL) problem = mem_print(host->mem, "storage '%s' does not exist", id);
    else if (!storage_is_enabled(*storage)) problem = mem_print(host->mem, "storage '%s' is disabled", id);
    else if (!storage_holds(host, *storage, "backup") || !storage_is_dir(*storage))
        problem = mem_print(host->mem, "can't use storage '%s' for backups - wrong content type", id);
    else problem = storage_activate(host, *storage);
    if (problem != NULL) host_fail(host, 255, "could not get storage information for '%s': %s", id, problem);
    return mem_print(host->mem, "%s/dump", storage_path(host, *storage));
}

/// The notes of an archive: the template with what it names filled in.
static const char *notes_fill(Host *host, const char *template, const Conf *conf, const char *name) {
    Text text = text_new(host->mem);
    for (; *template != '\0'; template++) {
        const char *values[][2] = {{"{{guestname}}", name}, {"{{vmid}}", conf->id}, {"{{node}}", host->facts.node}, {"{{cluster}}", "standalone node"}};
        bool filled = false;
        for (size_t i = 0; i < 4 && !filled; i++) {
            if (!text_starts_with(template, values[i][0])) continue;
            text_add(&text, values[i][1]);
            template += strlen(values[i][0]) - 1;
            filled = true;
        }
        if (filled) continue;
        if (text_starts_with(template, "\\n")) text_add(&text, "\n");
        else text_add_part(&text, template, 1);
        if (text_starts_with(template, "\\n")) template++;
    }
    return text.data;
}

static int number_keep(Host *host, const Args *args, const Storage *storage) {
    const char *rule = cli_get(args, "prune-backups");
    if (rule == NULL && storage != NULL) rule = pairs_get(&storage->options, "prune-backups");
    if (rule == NULL || text_equals(cli_get(args, "remove"), "0")) return 0;
    const char *last = strstr(rule, "keep-last=");
    (void)host;
    return last == NULL ? 0 : (int)strtol(last + strlen("keep-last="), NULL, 10);
}

/// Removes what retention no longer covers: all but the newest that are not protected.
static void prune(Host *host, const char *folder, const char *prefix, int keep, const Storage *storage) {
    Words names = files_list(host, folder), archives = words_new(host->mem);
    for (size_t i = 0; i < names.count; i++) {
        const char *name = names.items[i];
        bool is_archive = text_starts_with(name, prefix) && !text_ends_with(name, ".log") && !text_ends_with(name, ".notes") && !text_ends_with(name, ".protected");
        if (is_archive && !files_exists(host, mem_print(host->mem, "%s/%s.protected", folder, name))) words_add(&archives, name);
    }
    host_print(host, "INFO: prune older backups with retention: keep-last=%d\n", keep);
    size_t gone = archives.count > (size_t)keep ? archives.count - (size_t)keep : 0;
    for (size_t i = 0; i < gone; i++) {
        const char *path = mem_print(host->mem, "%s/%s", folder, archives.items[i]);
        host_print(host, "INFO: removing backup '%s'\n", storage == NULL ? path : mem_print(host->mem, "%s:backup/%s", storage->id, archives.items[i]));
        backup_remove(host, path);
    }
    host_print(host, "INFO: pruned %zu backup(s) not covered by keep-retention policy\n", gone);
}

/// What of a container's mount points is in the archive.
static void mounts_tell(Host *host, const Conf *conf) {
    MountList mounts = mount_list(host, &conf->main);
    for (size_t i = 0; i < mounts.count; i++) {
        const char *key = mounts.items[i].key, *path = pairs_get(&mounts.items[i].props, "mp"), *wanted = pairs_get(&mounts.items[i].props, "backup");
        if (path == NULL) path = "/";
        if (mounts.items[i].type != MOUNT_VOLUME)
            host_print(host, "INFO: excluding %s mount point %s ('%s') from backup (not a volume)\n", mounts.items[i].type == MOUNT_BIND ? "bind" : "device", key, path);
        else if (strcmp(key, "rootfs") != 0 && !text_equals(wanted, "1"))
            host_print(host, "INFO: excluding volume mount point %s ('%s') from backup (disabled)\n", key, path);
        else host_print(host, "INFO: including mount point %s ('%s') in backup\n", key, path);
    }
}

/// Can snapshots be made of every volume of the guest?
static bool has_snapshots(Host *host, const Conf *conf) {
    StorageList list = storage_load(host);
    for (size_t i = 0; i < conf->main.keys.count; i++) {
        Volume volume;
        const char *key = conf->main.keys.items[i].key;
        if (!settings_is_disk(conf->kind, key) || !volume_parse(host, &list, settings_volume(host, conf->main.keys.items[i].value), &volume)) continue;
        if (!volume_has_snapshots(&volume)) return false;
    }
    return true;
}

/// What one backup needs to know.
typedef struct Dump {
    const Args *args;
    const Storage *storage;
    const char *folder, *mode;
} Dump;

static bool guest_backup(Host *host, const Dump *dump, const char *id) {
    GuestName guest;
    time_t now = time(NULL);
    if (!guest_find(host, id, &guest)) {
        host_warn(host, "ERROR: Backup of VM %s failed - unable to find VM '%s'", id, id);
        return false;
    }
    bool container = guest.kind == GUEST_LXC, running = guest_is_running(host, guest.kind, id);
    Conf conf = guest_load(host, guest.kind, id);
    const char *name = pairs_get(&conf.main.keys, container ? "hostname" : "name"), *lock = pairs_get(&conf.main.keys, "lock"), *mode = running ? dump->mode : "stop";
    if (name == NULL) name = mem_print(host->mem, "%s%s", container ? "CT" : "VM", id);
    host_print(host, "INFO: Starting Backup of VM %s (%s)\nINFO: Backup started at %s\nINFO: status = %s\n", id, container ? "lxc" : "qemu",
               stamp(host, now, "%Y-%m-%d %H:%M:%S"), running ? "running" : "stopped");
    if (lock != NULL) {
        host_warn(host, "ERROR: Backup of VM %s failed - %s is locked (%s)", id, guest_word(guest.kind), lock);
        return false;
    }
    if (container) host_print(host, "INFO: CT Name: %s\n", name);
    if (container) mounts_tell(host, &conf);
    if (container && strcmp(mode, "snapshot") == 0 && !has_snapshots(host, &conf)) {
        host_print(host, "INFO: mode failure - some volumes do not support snapshots\nINFO: trying 'suspend' mode instead\n");
        mode = "suspend";
    }
    host_print(host, "INFO: backup mode: %s\nINFO: ionice priority: 7\n", mode);
    if (!container) host_print(host, "INFO: VM Name: %s\n", name);
    if (container && strcmp(mode, "snapshot") == 0) host_print(host, "INFO: create storage snapshot 'vzdump'\n");
    // The lock is in the file while the archive is made: who dies here leaves it behind, as the real one does.
    pairs_set(&conf.main.keys, "lock", "backup");
    guest_save(host, &conf);
    const char *kind = container ? "lxc" : "qemu", *end = extension(dump->args, guest.kind, host), *path, *base;
    // Two in one second would have one name.
    do {
        base = mem_print(host->mem, "%s/vzdump-%s-%s-%s", dump->folder, kind, id, stamp(host, now, "%Y_%m_%d-%H_%M_%S"));
        path = mem_print(host->mem, "%s.%s", base, end);
        now++;
    } while (files_exists(host, path));
    host_print(host, "INFO: creating vzdump archive '%s'\n", path);
    bool stops = running && strcmp(mode, "stop") == 0;
    if (stops) host_print(host, "INFO: stopping guest\n");
    fault_between(host);
    backup_write(host, path, &conf);
    host_print(host, "INFO: %s\nINFO: archive file size: 1MB\n", container ? "Total bytes written: 2007040 (2.0MiB, 120MiB/s)" : "transferred 2.00 MiB in 1 seconds (2.0 MiB/s)");
    const char *notes = cli_get(dump->args, "notes-template");
    if (notes != NULL) {
        const char *text = notes_fill(host, notes, &conf, name);
        host_print(host, "INFO: adding notes to backup\n");
        files_write(host, mem_print(host->mem, "%s.notes", path), text, strlen(text), 0644);
    }
    if (cli_has_flag(dump->args, "protected")) {
        host_print(host, "INFO: marking backup as protected\n");
        files_write(host, mem_print(host->mem, "%s.protected", path), "", 0, 0644);
    }
    int keep = number_keep(host, dump->args, dump->storage);
    if (keep > 0) prune(host, dump->folder, mem_print(host->mem, "vzdump-%s-%s-", kind, id), keep, dump->storage);
    if (stops) host_print(host, "INFO: restarting vm\n");
    if (container && strcmp(mode, "snapshot") == 0) host_print(host, "INFO: cleanup temporary 'vzdump' snapshot\n");
    pairs_remove(&conf.main.keys, "lock");
    guest_save(host, &conf);
    files_write(host, mem_print(host->mem, "%s.log", base), "INFO: Finished\n", 15, 0644);
    host_print(host, "INFO: Finished Backup of VM %s (00:00:01)\nINFO: Backup finished at %s\n", id, stamp(host, time(NULL), "%Y-%m-%d %H:%M:%S"));
    return true;
}

int vzdump_run(Host *host, const Args *args, const Words *ids) {
    StorageList list = storage_load(host);
    Dump dump = {.args = args, .mode = cli_get(args, "mode") == NULL ? "snapshot" : cli_get(args, "mode")};
    bool all = cli_has_flag(args, "all");
    const char *excluded = cli_get(args, "exclude");
    Words chosen = words_new(host->mem), without = words_split(host->mem, excluded == NULL ? "" : excluded, ",; ");
    if (!all && ids->count == 0) cli_refuse(host, args, "vmid", "property is missing and it is not optional");
    if (all && ids->count > 0) cli_refuse(host, args, "vmid", "option conflicts with option 'all'");
    dump.folder = folder_find(host, args, &list, &dump.storage);
    GuestList guests = guest_list(host);
    for (size_t i = 0; all && i < guests.count; i++)
        if (!words_has(&without, guests.items[i].id)) words_add(&chosen, guests.items[i].id);
    for (size_t i = 0; i < ids->count; i++) words_add(&chosen, ids->items[i]);
    Text line = text_new(host->mem);
    for (size_t i = 0; i < ids->count; i++) text_print(&line, " %s", ids->items[i]);
    for (size_t i = 0; i < args->values.count; i++)
        if (strcmp(args->values.items[i].key, "node") != 0) text_print(&line, " --%s %s", args->values.items[i].key, args->values.items[i].value);
    host_print(host, "INFO: starting new backup job: vzdump%s\n", line.data);
    bool failed = false;
    for (size_t i = 0; i < chosen.count; i++)
        if (!guest_backup(host, &dump, chosen.items[i])) {
            host_print(host, "INFO: Failed at %s\n", stamp(host, time(NULL), "%Y-%m-%d %H:%M:%S"));
            failed = true;
        }
    if (!failed) {
        host_print(host, "INFO: Backup job finished successfully\n");
        return 0;
    }
    host_print(host, "INFO: Backup job finished with errors\n");
    host_warn(host, "job errors");
    return 255;
}

int vzdump_main(Host *host) {
    OptionSet set;
    if (!options_find_command("POST /nodes/{node}/vzdump", &set)) host_fail(host, 255, "phx-sandbox: vzdump has no table");
    // On a command line the numbers stand by themselves, as many as there are.
    Option head = *set.head, *rows = mem_alloc(host->mem, (set.count + 1) * sizeof *rows);
    head.positional = "extra-args";
    memcpy(rows, set.rows, set.count * sizeof *rows);
    rows[set.count] = (Option){.kind = OPTION_PARAM, .name = "extra-args", .type = OPTION_ARRAY};
    set = (OptionSet){.head = &head, .rows = rows, .count = set.count + 1};
    Cli cli = {.title = "vzdump", .usage = "vzdump {<vmid>} [OPTIONS]"};
    Args args = cli_parse(host, &set, &cli, host->argc - 1, host->argv + 1);
    for (size_t i = 0; i < args.extra.count; i++)
        if (strspn(args.extra.items[i], "0123456789") != strlen(args.extra.items[i]) || strlen(args.extra.items[i]) < 3)
            host_fail(host, 2, "400 Parameter verification failed.\nvmid: invalid format - value does not look like a valid VM ID\n%s", cli.usage);
    return vzdump_run(host, &args, &args.extra);
}
