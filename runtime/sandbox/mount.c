// Parses, prints and makes the volumes of container mount points.
#include "mount.h"

#include "formats.h"
#include "verify.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const uint64_t MIB = 1024 * 1024;

static OptionSet mount_format(const char *key) {
    OptionSet set, format = {0};
    options_find_command("pct set", &set);
    const Option *option = options_find(&set, key);
    if (option != NULL) options_find_format(option->keys, &format);
    return format;
}

Mount mount_parse(Host *host, const char *key, const char *value) {
    Mount mount = {.key = key, .props = pairs_new(host->mem)};
    OptionSet format = mount_format(key);
    const char *error = verify_parse(host, &format, "", value, &mount.props);
    if (error != NULL) host_fail(host, 255, "%.*s", (int)strlen(error) - 1, error);
    mount.volume = pairs_get(&mount.props, "volume");
    mount.type = text_starts_with(mount.volume, "/dev/") ? MOUNT_DEVICE
                 : *mount.volume == '/'                  ? MOUNT_BIND
                                                         : MOUNT_VOLUME;
    return mount;
}

const char *mount_print(Host *host, const Mount *mount) {
    OptionSet format = mount_format(mount->key);
    return verify_print(host, &format, &mount->props);
}

MountList mount_list(Host *host, const Section *section) {
    MountList list = {.items = mem_alloc(host->mem, (section->keys.count + 1) * sizeof(Mount))};
    const char *root = pairs_get(&section->keys, "rootfs");
    if (root != NULL) list.items[list.count++] = mount_parse(host, "rootfs", root);
    for (int number = 0; number < 256; number++) {
        const char *key = mem_print(host->mem, "mp%d", number), *value = pairs_get(&section->keys, key);
        if (value != NULL) list.items[list.count++] = mount_parse(host, key, value);
    }
    return list;
}

bool mount_is_new(Host *host, const Mount *mount, const char *fallback, const char **storage, uint64_t *size) {
    const char *number = mount->volume;
    const char *colon = strchr(number, ':');
    *storage = fallback;
    if (colon != NULL) {
        *storage = mem_copy_part(host->mem, number, (size_t)(colon - number));
        number = colon + 1;
    }
    if (*storage == NULL || !formats_match("[0-9]+(\\.[0-9]+)?", number)) return false;
    *size = (uint64_t)(strtod(number, NULL) * 1024) * MIB;
    return true;
}

void mount_check_storage(Host *host, const StorageList *list, const char *storage, const char *usage) {
    const Storage *found = storage_need(host, list, storage);
    if (!storage_holds(host, found, "rootdir"))
        host_fail(
            host, 255,
            "400 Parameter verification failed.\nstorage: storage '%s' does not support container directories\n%s",
            storage, usage);
}

/// Has block group [group] of an ext4 a copy of the superblock? With sparse_super: 1 and the powers of 3, 5 and 7.
static bool group_has_backup(uint64_t group) {
    static const uint64_t BASES[] = {3, 5, 7};
    for (size_t i = 0; i < 3; i++)
        for (uint64_t power = 1; power <= group; power *= BASES[i])
            if (power == group) return true;
    return false;
}

void mount_print_mkfs(Host *host, uint64_t size) {
    bool small = size < 512 * MIB;
    uint64_t block = small ? 1024 : 4096, group_size = block * 8, first = small ? 1 : 0;
    uint64_t blocks = size / block, groups = (blocks + group_size - 1) / group_size;
    if (groups == 0) return;
    uint64_t inodes = size / (small ? 4096 : 16384) / groups / 8 * 8 * groups;
    host_print(host, "Creating filesystem with %" PRIu64 " %s blocks and %" PRIu64 " inodes\n", blocks,
               small ? "1k" : "4k", inodes);
    host_print(host, "Filesystem UUID: %s\nSuperblock backups stored on blocks: \n\t", host_uuid(host));
    bool any = false;
    for (uint64_t group = 1; group < groups; group++) {
        if (!group_has_backup(group)) continue;
        host_print(host, "%s%" PRIu64, any ? ", " : "", group * group_size + first);
        any = true;
    }
    host_print(host, "\n");
}

void mount_make(Host *host, const StorageList *list, const char *vmid, Mount *mount, const char *storage,
                uint64_t size) {
    const Storage *target = storage_need(host, list, storage);
    const char *id = volume_alloc(host, list, target, vmid, volume_default_format(target, true), NULL, size);
    volume_free_on_failure(host, id);
    if (storage_is_dir(target)) mount_print_mkfs(host, size);
    mount->volume = id;
    pairs_set(&mount->props, "volume", id);
    pairs_set(&mount->props, "size", formats_print_size(host, size));
}
