// Goes through the disks of guests and the volumes of storages, and corrects what the guests' files say of them.
#include "rescan.h"

#include "formats.h"
#include "guest.h"
#include "mount.h"
#include "qm.h"
#include "settings.h"

#include <string.h>

/// The setting [key] with the size that its volume has, or NULL where it says so already or has none.
static const char *size_correct(Host *host, const StorageList *list, GuestKind kind, const char *key, const char *value) {
    Volume volume;
    if (!volume_parse(host, list, settings_volume(host, value), &volume) || !volume_exists(host, &volume)) return NULL;
    const char *size = formats_print_size(host, volume_size(host, &volume));
    if (kind == GUEST_LXC) {
        Mount mount = mount_parse(host, key, value);
        if (text_equals(pairs_get(&mount.props, "size"), size)) return NULL;
        pairs_set(&mount.props, "size", size);
        return mount_print(host, &mount);
    }
    Drive drive = drive_parse(host, key, value);
    if (drive.is_cdrom || text_equals(pairs_get(&drive.props, "size"), size)) return NULL;
    pairs_set(&drive.props, "size", size);
    return drive_print(host, &drive);
}

static bool sizes_correct(Host *host, const StorageList *list, Conf *conf) {
    bool changed = false;
    for (size_t i = 0; i < conf->main.keys.count; i++) {
        const char *key = conf->main.keys.items[i].key, *value = conf->main.keys.items[i].value;
        const char *corrected = settings_is_disk(conf->kind, key) ? size_correct(host, list, conf->kind, key, value) : NULL;
        if (corrected == NULL) continue;
        host_print(host, "%s %s (%s): size of disk '%s' updated\n", guest_word(conf->kind), conf->id, key,
                   settings_volume(host, value));
        pairs_set(&conf->main.keys, key, corrected);
        changed = true;
    }
    return changed;
}

static bool section_uses(Host *host, GuestKind kind, const Section *section, const char *volume) {
    for (size_t i = 0; i < section->keys.count; i++)
        if ((settings_is_disk(kind, section->keys.items[i].key) || text_is_numbered(section->keys.items[i].key, "unused", NULL)) &&
            strcmp(settings_volume(host, section->keys.items[i].value), volume) == 0)
            return true;
    return false;
}

static bool conf_uses(Host *host, const Conf *conf, const char *volume) {
    bool used = section_uses(host, conf->kind, &conf->main, volume) || section_uses(host, conf->kind, &conf->pending, volume);
    for (size_t i = 0; i < conf->snapshot_count && !used; i++)
        used = section_uses(host, conf->kind, &conf->snapshots[i], volume);
    return used;
}

static bool unused_add(Host *host, const StorageList *list, Conf *conf) {
    bool changed = false;
    for (size_t s = 0; s < list->count; s++) {
        const Storage *storage = &list->items[s];
        const char *content = conf->kind == GUEST_LXC ? "rootdir" : "images";
        if (!storage_is_enabled(storage) || !storage_holds(host, storage, content)) continue;
        VolumeList volumes = volume_list(host, list, storage, content, conf->id);
        for (size_t i = 0; i < volumes.count; i++) {
            if (conf_uses(host, conf, volumes.items[i].id)) continue;
            host_print(host, "%s %s add unreferenced volume '%s' as 'unused' to config\n", guest_word(conf->kind), conf->id,
                       volumes.items[i].id);
            settings_add_unused(host, conf, volumes.items[i].id);
            changed = true;
        }
    }
    return changed;
}

static void rescan_one(Host *host, const StorageList *list, GuestKind kind, const char *id, bool dry) {
    Conf conf = guest_load(host, kind, id);
    bool sized = sizes_correct(host, list, &conf), added = unused_add(host, list, &conf);
    if ((sized || added) && !dry) guest_save(host, &conf);
}

void rescan_guests(Host *host, const Args *args, GuestKind kind) {
    StorageList list = storage_load(host);
    const char *id = cli_get(args, "vmid");
    bool dry = cli_has_flag(args, "dryrun");
    host_print(host, "rescan volumes...\n");
    if (dry) host_print(host, "NOTE: running in dry-run mode, won't write changes out!\n");
    if (id != NULL) {
        rescan_one(host, &list, kind, id, dry);
        return;
    }
    GuestList guests = guest_list(host);
    for (size_t i = 0; i < guests.count; i++)
        if (guests.items[i].kind == kind && strcmp(guests.items[i].node, host->facts.node) == 0)
            rescan_one(host, &list, kind, guests.items[i].id, dry);
}
