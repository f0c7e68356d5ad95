// `qm disk resize`, `move`, `import`, `unlink`.
#include "fault.h"
#include "files.h"
#include "formats.h"
#include "guest.h"
#include "qm.h"
#include "settings.h"

#include <inttypes.h>
#include <string.h>

/// The guest, unlocked and as the digest says.
static Conf load_checked(Host *host, const Args *args) {
    const char *digest = cli_get(args, "digest");
    Conf conf = guest_load(host, GUEST_QEMU, cli_get(args, "vmid"));
    if (digest != NULL && strcmp(digest, conf.digest) != 0)
        host_fail(host, 255, "checksum mismatch (file change by other user?)");
    if (!cli_has_flag(args, "skiplock")) guest_check_lock(host, &conf);
    return conf;
}

int qm_disk_resize(Host *host, const Args *args) {
    const char *key = cli_get(args, "disk"), *size = cli_get(args, "size");
    Conf conf = load_checked(host, args);
    const char *value = pairs_get(&conf.main.keys, key);
    // From here on it is a task: its failure is printed, and the exit code stays 0.
    if (value == NULL) host_fail(host, 0, "disk '%s' does not exist", key);
    Drive drive = drive_parse(host, key, value);
    if (drive.is_cdrom) host_fail(host, 0, "you can't resize a cdrom");
    StorageList list = storage_load(host);
    Volume volume;
    if (!volume_parse(host, &list, drive.file, &volume)) host_fail(host, 0, "disk '%s' has no associated volume", key);
    if (!volume_exists(host, &volume)) host_fail(host, 0, "volume '%s' does not exist", volume.id);
    uint64_t before = volume_size(host, &volume), bytes = 0;
    formats_parse_size(*size == '+' ? size + 1 : size, &bytes);
    uint64_t after = *size == '+' ? before + bytes : bytes;
    if (after < before) host_fail(host, 0, "shrinking disks is not supported");
    if (after == before) return 0;
    const char *reason = volume_resize(host, &volume, after);
    if (reason != NULL) host_fail(host, 0, "%s", reason);
    fault_between(host);
    pairs_set(&drive.props, "size", formats_print_size(host, volume_size(host, &volume)));
    pairs_set(&conf.main.keys, key, drive_print(host, &drive));
    guest_save(host, &conf);
    return 0;
}

int qm_disk_move(Host *host, const Args *args) {
    const char *key = cli_get(args, "disk"), *target = cli_get(args, "storage"), *format = cli_get(args, "format");
    if (cli_get(args, "target-vmid") != NULL)
        host_fail(host, 255, "phx-sandbox: giving a disk to another machine is not modelled");
    Conf conf = load_checked(host, args);
    const char *value = pairs_get(&conf.main.keys, key);
    if (value == NULL) host_fail(host, 255, "disk '%s' does not exist", key);
    Drive drive = drive_parse(host, key, value);
    if (drive.is_cdrom) host_fail(host, 255, "you can't move a cdrom");
    StorageList list = storage_load(host);
    Volume volume = volume_need(host, &list, drive.file);
    if (target == NULL) cli_refuse(host, args, "storage", "property is missing and it is not optional");
    const Storage *storage = storage_need(host, &list, target);
    if (!storage_holds(host, storage, "images"))
        host_fail(host, 255, "storage '%s' does not support vm images", target);
    if (strcmp(volume.storage->id, target) == 0 && (format == NULL || strcmp(format, volume.format) == 0))
        host_fail(host, 255, "you can't move to the same storage with same format");
    host_print(host, "create full clone of drive %s (%s)\n", key, volume.id);
    drive.file = volume_copy(host, &list, &volume, storage, conf.id, format);
    fault_between(host);
    pairs_set(&drive.props, "file", drive.file);
    pairs_set(&conf.main.keys, key, drive_print(host, &drive));
    if (!cli_has_flag(args, "delete")) settings_add_unused(host, &conf, volume.id);
    guest_save(host, &conf);
    host_commit(host);
    if (cli_has_flag(args, "delete")) volume_free(host, &list, volume.id);
    return 0;
}

int qm_disk_import(Host *host, const Args *args) {
    const char *source = cli_get(args, "source"), *target = cli_get(args, "storage"),
               *key = cli_get(args, "target-disk");
    Conf conf = load_checked(host, args);
    StorageList list = storage_load(host);
    const Storage *storage = storage_need(host, &list, target);
    if (!storage_holds(host, storage, "images"))
        host_fail(host, 255, "storage '%s' does not support vm images", target);
    struct stat info;
    if (files_stat(host, source, true, &info) != 0)
        host_fail(host, 255, "non-existent or non-regular file '%s'", source);
    host_print(host, "importing disk '%s' to VM %s ...\n", source, conf.id);
    const char *id = volume_alloc(host, &list, storage, conf.id, cli_get(args, "format"), NULL, (uint64_t)info.st_size);
    volume_free_on_failure(host, id);
    fault_between(host);
    if (!qm_has_system(host, conf.id)) guest_make_root(host, GUEST_QEMU, conf.id, mem_print(host->mem, "vm%s", conf.id), "linux");
    if (key != NULL) {
        Drive drive = drive_parse(host, key, id);
        pairs_set(&drive.props, "size", formats_print_size(host, (uint64_t)info.st_size));
        const char *before = pairs_get(&conf.main.keys, key);
        if (before != NULL) settings_add_unused(host, &conf, settings_volume(host, before));
        pairs_set(&conf.main.keys, key, drive_print(host, &drive));
    } else {
        settings_add_unused(host, &conf, id);
    }
    settings_save(host, &conf);
    host_commit(host);
    host_print(host, "%s: successfully imported disk '%s'\n", key != NULL ? key : "unused0", id);
    return 0;
}

int qm_disk_unlink(Host *host, const Args *args) {
    const char *list = cli_get(args, "idlist");
    // The same as `qm set --delete`, under another name.
    Args set = {.values = pairs_new(host->mem), .extra = args->extra, .usage = args->usage};
    pairs_set(&set.values, "vmid", cli_get(args, "vmid"));
    pairs_set(&set.values, "delete", list == NULL ? "" : list);
    return qm_set(host, &set);
}
