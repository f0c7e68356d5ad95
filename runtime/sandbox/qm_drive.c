// Drives and network cards of virtual machines: their property strings and volumes.
#include "files.h"
#include "formats.h"
#include "guest.h"
#include "qm.h"
#include "verify.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const uint64_t KIB = 1024, CLOUDINIT_SIZE = 4ULL << 20;

static OptionSet format_of(const char *key) {
    OptionSet set, format = {0};
    options_find_command("qm set", &set);
    const Option *option = options_find(&set, key);
    if (option != NULL && option->keys != NULL) options_find_format(option->keys, &format);
    return format;
}

Drive drive_parse(Host *host, const char *key, const char *value) {
    Drive drive = {.key = key, .props = pairs_new(host->mem)};
    OptionSet format = format_of(key);
    verify_parse(host, &format, "", value, &drive.props);
    drive.file = pairs_get(&drive.props, "file");
    if (drive.file == NULL) drive.file = "none";
    const char *colon = strchr(drive.file, ':');
    drive.is_cloudinit =
        (colon != NULL && strcmp(colon + 1, "cloudinit") == 0) || strstr(drive.file, "-cloudinit") != NULL;
    drive.is_cdrom =
        drive.is_cloudinit || text_equals(pairs_get(&drive.props, "media"), "cdrom") || strcmp(drive.file, "none") == 0;
    return drive;
}

const char *drive_print(Host *host, const Drive *drive) {
    OptionSet format = format_of(drive->key);
    return verify_print(host, &format, &drive->props);
}

const char *drive_print_network(Host *host, const char *key, const char *value) {
    OptionSet format = format_of(key);
    Pairs props = pairs_new(host->mem);
    verify_parse(host, &format, key, value, &props);
    if (pairs_get(&props, "macaddr") == NULL) pairs_set(&props, "macaddr", guest_new_mac(host));
    return verify_print(host, &format, &props);
}

/// Does the drive ask for a new disk ("st:32")? Then its storage and size: part of a KiB counts as a whole one.
static bool is_new(Host *host, const Drive *drive, const char **storage, uint64_t *size) {
    const char *colon = strchr(drive->file, ':');
    if (colon == NULL || !formats_match("[0-9]+(\\.[0-9]+)?", colon + 1)) return false;
    *storage = mem_copy_part(host->mem, drive->file, (size_t)(colon - drive->file));
    double exact = strtod(colon + 1, NULL) * 1024 * 1024;
    uint64_t kib = (uint64_t)exact;
    *size = (kib + (exact > (double)kib ? 1 : 0)) * KIB;
    // Firmware and TPM state have a size of their own, whatever number is given.
    if (text_starts_with(drive->key, "tpmstate")) *size = 4ULL << 20;
    if (text_starts_with(drive->key, "efidisk"))
        *size = text_equals(pairs_get(&drive->props, "efitype"), "4m") ? 4ULL << 20 : 528 * KIB;
    return true;
}

static void storage_check(Host *host, const StorageList *list, const Args *args, const char *id) {
    const Storage *storage = storage_need(host, list, id);
    if (!storage_holds(host, storage, "images"))
        cli_refuse(host, args, "storage", mem_print(host->mem, "storage '%s' does not support vm images", id));
}

void drive_check(Host *host, const StorageList *list, const Args *args, const Drive *drive) {
    const char *storage, *colon = strchr(drive->file, ':');
    uint64_t size;
    if (is_new(host, drive, &storage, &size)) storage_check(host, list, args, storage);
    else if (colon != NULL && strcmp(colon + 1, "cloudinit") == 0)
        storage_check(host, list, args, mem_copy_part(host->mem, drive->file, (size_t)(colon - drive->file)));
    else if (colon != NULL && *drive->file != '/')
        storage_need(host, list, mem_copy_part(host->mem, drive->file, (size_t)(colon - drive->file)));
}

/// The size of what is imported, and whether it is there at all.
static uint64_t import_size(Host *host, const StorageList *list, const char *source) {
    struct stat info;
    if (*source == '/') {
        if (files_stat(host, source, true, &info) != 0)
            host_fail(host, 255, "cannot import from '%s' - No such file or directory", source);
        return (uint64_t)info.st_size;
    }
    Volume volume = volume_need(host, list, source);
    if (!volume_exists(host, &volume)) host_fail(host, 255, "cannot import from '%s' - volume does not exist", source);
    return volume_size(host, &volume);
}

static void cloudinit_make(Host *host, const StorageList *list, const char *vmid, Drive *drive) {
    const Storage *storage = storage_need(host, list, mem_copy_part(host->mem, drive->file, strcspn(drive->file, ":")));
    const char *format = storage_is_dir(storage) ? "qcow2" : "raw";
    const char *name = mem_print(host->mem, "vm-%s-cloudinit%s%s", vmid, storage_is_dir(storage) ? "." : "",
                                 storage_is_dir(storage) ? format : "");
    drive->file = volume_alloc(host, list, storage, vmid, format, name, CLOUDINIT_SIZE);
    volume_free_on_failure(host, drive->file);
    pairs_set(&drive->props, "media", "cdrom");
}

/// Notes the size of a volume that exists; one that does not ends the program.
static void volume_note(Host *host, const StorageList *list, Drive *drive) {
    if (*drive->file == '/' || strchr(drive->file, ':') == NULL) return;
    Volume volume = volume_need(host, list, drive->file);
    if (!volume_exists(host, &volume)) host_fail(host, 255, "volume '%s' does not exist", drive->file);
    if (!drive->is_cloudinit) pairs_set(&drive->props, "size", formats_print_size(host, volume_size(host, &volume)));
}

void drive_make(Host *host, const StorageList *list, const char *vmid, Drive *drive) {
    const char *storage, *source = pairs_get(&drive->props, "import-from"),
                         *format = pairs_get(&drive->props, "format");
    const char *colon = strchr(drive->file, ':');
    uint64_t size;
    bool made = false;
    if (is_new(host, drive, &storage, &size)) {
        if (source != NULL) {
            size = import_size(host, list, source);
            guest_make_root(host, GUEST_QEMU, vmid, mem_print(host->mem, "vm%s", vmid), "linux");
        }
        drive->file = volume_alloc(host, list, storage_need(host, list, storage), vmid, format, NULL, size);
        volume_free_on_failure(host, drive->file);
        if (source != NULL) host_print(host, "transferred %" PRIu64 " B of %" PRIu64 " B (100.00%%)\n", size, size);
        pairs_set(&drive->props, "size", formats_print_size(host, size));
        pairs_remove(&drive->props, "format");
        pairs_remove(&drive->props, "import-from");
        made = true;
    } else if (source != NULL) {
        host_fail(host, 255,
                  "400 Parameter verification failed.\n%s: import-from requires special syntax - use <storage "
                  "ID>:0,import-from=<source>",
                  drive->key);
    } else if (colon != NULL && strcmp(colon + 1, "cloudinit") == 0) {
        cloudinit_make(host, list, vmid, drive);
        made = true;
    } else {
        volume_note(host, list, drive);
    }
    pairs_set(&drive->props, "file", drive->file);
    if (made) host_print(host, "%s: successfully created disk '%s'\n", drive->key, drive_print(host, drive));
}
