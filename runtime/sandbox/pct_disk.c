// `pct resize` and `pct move-volume`.
#include "fault.h"
#include "formats.h"
#include "guest.h"
#include "mount.h"
#include "pct.h"
#include "settings.h"

#include <string.h>

/// The size that `+1G` or `8G` means for a disk of [size] bytes.
static uint64_t size_after(const char *text, uint64_t size) {
    uint64_t bytes = 0;
    formats_parse_size(*text == '+' ? text + 1 : text, &bytes);
    return *text == '+' ? size + bytes : bytes;
}

int pct_resize(Host *host, const Args *args) {
    const char *disk = cli_get(args, "disk"), *digest = cli_get(args, "digest");
    Conf conf = guest_load(host, GUEST_LXC, cli_get(args, "vmid"));
    guest_check_lock(host, &conf);
    if (digest != NULL && strcmp(digest, conf.digest) != 0)
        host_fail(host, 255, "detected modified configuration - file changed by other user? Try again.");
    const char *value = pairs_get(&conf.main.keys, disk);
    Mount mount = mount_parse(host, disk, value == NULL ? "" : value);
    StorageList list = storage_load(host);
    if (mount.type != MOUNT_VOLUME) host_fail(host, 255, "unable to parse volume ID '%s'", mount.volume);
    Volume volume = volume_need(host, &list, mount.volume);
    if (!volume_exists(host, &volume)) host_fail(host, 255, "volume '%s' does not exist", volume.id);
    uint64_t before = volume_size(host, &volume), after = size_after(cli_get(args, "size"), before);
    if (before == after) host_fail(host, 255, "disk is already at specified size");
    if (before > after) host_fail(host, 255, "unable to shrink disk size");
    const char *reason = volume_resize(host, &volume, after);
    if (reason != NULL) host_fail(host, 0, "%s", reason);  // the task failed; the exit code does not say so
    fault_between(host);
    if (storage_is_dir(volume.storage)) {
        uint64_t blocks = after / (before < 512ULL * 1024 * 1024 ? 1024 : 4096);
        host_print(host,
                   "e2fsck 1.47.0 (5-Feb-2023)\nPass 1: Checking inodes, blocks, and sizes\nPass 2: Checking directory "
                   "structure\n"
                   "Pass 3: Checking directory connectivity\nPass 4: Checking reference counts\nPass 5: Checking group "
                   "summary information\n"
                   "resize2fs 1.47.0 (5-Feb-2023)\nThe filesystem on %s is now %llu blocks long.\n\n",
                   volume.path, (unsigned long long)blocks);
    }
    pairs_set(&mount.props, "size", formats_print_size(host, after));
    pairs_set(&conf.main.keys, disk, mount_print(host, &mount));
    guest_save(host, &conf);
    return 0;
}

int pct_move_volume(Host *host, const Args *args) {
    const char *disk = cli_get(args, "volume"), *target = cli_get(args, "storage"), *digest = cli_get(args, "digest");
    if (cli_get(args, "target-vmid") != NULL)
        host_fail(host, 255, "phx-sandbox: giving a volume to another container is not modelled");
    if (target == NULL) cli_refuse(host, args, "storage", "required for moving a volume to another storage");
    Conf conf = guest_load(host, GUEST_LXC, cli_get(args, "vmid"));
    guest_check_lock(host, &conf);
    if (digest != NULL && strcmp(digest, conf.digest) != 0)
        host_fail(host, 255, "detected modified configuration - file changed by other user? Try again.");
    if (guest_is_running(host, GUEST_LXC, conf.id)) host_fail(host, 255, "cannot move volumes of a running container");
    const char *value = pairs_get(&conf.main.keys, disk);
    if (value == NULL) host_fail(host, 255, "volume '%s' does not exist", disk);
    Mount mount = mount_parse(host, disk, value);
    if (mount.type != MOUNT_VOLUME) host_fail(host, 255, "cannot move volume '%s'", mount.volume);
    StorageList list = storage_load(host);
    Volume volume = volume_need(host, &list, mount.volume);
    mount_check_storage(host, &list, target, args->usage);
    if (strcmp(volume.storage->id, target) == 0) host_fail(host, 255, "you can't move a volume to the same storage");
    const Storage *storage = storage_need(host, &list, target);
    const char *moved = volume_copy(host, &list, &volume, storage, conf.id, volume_default_format(storage, true));
    if (storage_is_dir(storage)) mount_print_mkfs(host, volume_size(host, &volume));
    fault_between(host);
    pairs_set(&mount.props, "volume", moved);
    pairs_set(&conf.main.keys, disk, mount_print(host, &mount));
    if (!cli_has_flag(args, "delete")) settings_add_unused(host, &conf, volume.id);
    guest_save(host, &conf);
    host_commit(host);
    if (cli_has_flag(args, "delete")) volume_free(host, &list, volume.id);
    return 0;
}
