// `pct set`: what is changed at once, what waits for a stop, and what becomes of volumes on the way.
#include "fault.h"
#include "formats.h"
#include "guest.h"
#include "mount.h"
#include "pct.h"
#include "settings.h"
#include "verify.h"

#include <string.h>

const char *pct_print_network(Host *host, const char *key, const char *value) {
    OptionSet set, format;
    options_find_command("pct set", &set);
    options_find_format(options_find(&set, key)->keys, &format);
    Pairs props = pairs_new(host->mem);
    verify_parse(host, &format, key, value, &props);
    if (pairs_get(&props, "hwaddr") == NULL) pairs_set(&props, "hwaddr", guest_new_mac(host));
    pairs_set(&props, "type", "veth");
    return verify_print(host, &format, &props);
}

void pct_check_bridges(Host *host, const Conf *conf, int code) {
    Pairs keys = pairs_copy(&conf->main.keys);
    pairs_sort(&keys);
    for (size_t i = 0; i < keys.count; i++) {
        if (!text_is_numbered(keys.items[i].key, "net", NULL)) continue;
        Words parts = words_split(host->mem, keys.items[i].value, ",");
        for (size_t p = 0; p < parts.count; p++) {
            if (!text_starts_with(parts.items[p], "bridge=")) continue;
            const char *bridge = parts.items[p] + strlen("bridge=");
            if (!guest_has_bridge(host, bridge)) host_fail(host, code, "bridge '%s' does not exist", bridge);
        }
    }
}

/// The text under which a value is kept.
static const char *value_keep(Host *host, const char *key, const char *value) {
    if (text_is_numbered(key, "net", NULL)) return pct_print_network(host, key, value);
    if (strcmp(key, "tags") == 0) return settings_tags(host, value);
    if (strcmp(key, "nameserver") == 0 || strcmp(key, "searchdomain") == 0) {
        Words names = words_split(host->mem, value, ",; ");
        return words_join(&names, " ");
    }
    return value;
}

/// A mount point that names a volume: its storage must be there; the size of the volume is noted.
static const char *mount_keep(Host *host, const StorageList *list, const char *key, const char *value) {
    Mount mount = mount_parse(host, key, value);
    const char *storage;
    uint64_t size;
    if (mount.type != MOUNT_VOLUME) return value;
    if (mount_is_new(host, &mount, NULL, &storage, &size)) {
        if (strcmp(key, "rootfs") != 0) storage_need(host, list, storage);
        return value;
    }
    Volume volume = volume_need(host, list, mount.volume);
    if (!volume_exists(host, &volume)) {
        host_warn(host, "failed to stat '%s'", volume.path);
        return value;
    }
    size = volume_size(host, &volume);
    if (size > 0) pairs_set(&mount.props, "size", formats_print_size(host, size));
    return mount_print(host, &mount);
}

/// Makes the disk that a pending mount point asks for and retires the one it replaces.
static void mount_apply(Host *host, const StorageList *list, Conf *conf, const char *key) {
    const char *value = pairs_get(&conf->pending.keys, key), *before = pairs_get(&conf->main.keys, key);
    const char *storage;
    uint64_t size;
    Mount mount = mount_parse(host, key, value);
    if (mount.type == MOUNT_VOLUME && mount_is_new(host, &mount, NULL, &storage, &size)) {
        mount_check_storage(host, list, storage, "pct set <vmid> [OPTIONS]");
        mount_make(host, list, conf->id, &mount, storage, size);
        value = mount_print(host, &mount);
        fault_between(host);
    }
    pairs_set(&conf->main.keys, key, value);
    if (before == NULL) return;
    Mount old = mount_parse(host, key, before);
    if (old.type == MOUNT_VOLUME && strcmp(old.volume, mount.volume) != 0) settings_add_unused(host, conf, old.volume);
}

static void setting_apply(Host *host, const StorageList *list, Conf *conf, const char *key) {
    // `rootfs` is taken over as it stands, even if it asks for a new volume: so do the real programs.
    if (text_is_numbered(key, "mp", NULL)) mount_apply(host, list, conf, key);
    else pairs_set(&conf->main.keys, key, pairs_get(&conf->pending.keys, key));
    pairs_remove(&conf->pending.keys, key);
}

static void removal_apply(Host *host, const StorageList *list, Conf *conf, const char *key) {
    const char *value = pairs_get(&conf->main.keys, key);
    pending_revert(host, conf, key);
    pairs_remove(&conf->main.keys, key);
    if (value == NULL) return;
    if (text_is_numbered(key, "mp", NULL)) {
        Mount mount = mount_parse(host, key, value);
        if (mount.type == MOUNT_VOLUME) settings_add_unused(host, conf, mount.volume);
    } else if (text_is_numbered(key, "unused", NULL)) {
        volume_free(host, list, value);
    }
}

void pct_apply_pending(Host *host, Conf *conf) {
    StorageList list = storage_load(host);
    pending_cleanup(host, conf);
    Words removed = pending_deletes(host, conf);
    for (size_t i = 0; i < removed.count; i++) removal_apply(host, &list, conf, removed.items[i]);
    Pairs pending = pairs_copy(&conf->pending.keys);
    pairs_sort(&pending);
    for (size_t i = 0; i < pending.count; i++) setting_apply(host, &list, conf, pending.items[i].key);
}

/// Can a running container take this change?
static bool is_live(const Conf *conf, const char *key, bool removal) {
    static const char *const ALWAYS[] = {"description", "onboot", "startup", "protection", "hostname",
                                         "hookscript",  "cores",  "tags",    "lock",       "cpulimit",
                                         "cpuunits",    "swap",   "memory"};
    for (size_t i = 0; i < sizeof ALWAYS / sizeof ALWAYS[0]; i++)
        if (strcmp(key, ALWAYS[i]) == 0) return true;
    if (text_is_numbered(key, "net", NULL))
        return !removal || strlen(key) == strlen("net0");  // two-digit ones are not unplugged
    if (removal) return text_is_numbered(key, "unused", NULL);
    bool pluggable = text_is_numbered(key, "mp", NULL) || text_is_numbered(key, "dev", NULL);
    return pluggable && pairs_get(&conf->main.keys, key) == NULL;
}

static void apply_live(Host *host, Conf *conf) {
    StorageList list = storage_load(host);
    Words removed = pending_deletes(host, conf);
    for (size_t i = 0; i < removed.count; i++) {
        const char *key = removed.items[i];
        if (!is_live(conf, key, true)) continue;
        const char *value = pairs_get(&conf->main.keys, key);
        if (text_is_numbered(key, "net", NULL) && strstr(value, "ip=") != NULL)
            host_print(host, "delete ips from %s\n", key);
        removal_apply(host, &list, conf, key);
    }
    Pairs pending = pairs_copy(&conf->pending.keys);
    pairs_sort(&pending);
    for (size_t i = 0; i < pending.count; i++) {
        const char *key = pending.items[i].key;
        if (strcmp(key, "delete") != 0 && is_live(conf, key, false)) setting_apply(host, &list, conf, key);
    }
}

static void removals_record(Host *host, Conf *conf, const Words *names) {
    static const char *const REQUIRED[] = {"rootfs", "memory", "ostype", "unprivileged", "arch"};
    for (size_t i = 0; i < names->count; i++) {
        const char *name = names->items[i];
        for (size_t r = 0; r < sizeof REQUIRED / sizeof REQUIRED[0]; r++)
            if (strcmp(name, REQUIRED[r]) == 0) host_fail(host, 255, "unable to delete required option '%s'", name);
        bool pending = pairs_get(&conf->pending.keys, name) != NULL;
        if (strcmp(name, "description") == 0 && conf->main.description != NULL) {
            conf->main.description = NULL;
        } else if (pairs_get(&conf->main.keys, name) == NULL && !pending) {
            host_warn(host, "cannot delete '%s' - not set in current configuration!", name);
        } else {
            bool is_disk = text_is_numbered(name, "mp", NULL) || text_is_numbered(name, "unused", NULL);
            if (is_disk && text_equals(pairs_get(&conf->main.keys, "protection"), "1"))
                host_fail(host, 255, "can't remove CT %s drive '%s' - protection mode enabled", conf->id, name);
            pending_delete(host, conf, name);
        }
    }
}

static void settings_record(Host *host, Conf *conf, const Pairs *set) {
    StorageList list = storage_load(host);
    for (size_t i = 0; i < set->count; i++) {
        const char *key = set->items[i].key, *value = set->items[i].value;
        if (strcmp(key, "unprivileged") == 0) host_fail(host, 255, "unable to modify read-only option: 'unprivileged'");
        if (strcmp(key, "description") == 0) {
            conf->main.description = conf_keep_description(host, value);
            continue;
        }
        if (settings_is_disk(GUEST_LXC, key)) value = mount_keep(host, &list, key, value);
        pending_set(host, conf, key, value_keep(host, key, value));
    }
}

int pct_set(Host *host, const Args *args) {
    const char *id = cli_get(args, "vmid"), *digest = cli_get(args, "digest");
    Changes changes = settings_read_changes(host, args, "pct set");
    Conf conf = guest_load(host, GUEST_LXC, id);
    if (digest != NULL && strcmp(digest, conf.digest) != 0)
        host_fail(host, 255, "detected modified configuration - file changed by other user? Try again.");
    guest_check_lock(host, &conf);
    removals_record(host, &conf, &changes.remove);
    for (size_t i = 0; i < changes.revert.count; i++) pending_revert(host, &conf, changes.revert.items[i]);
    settings_record(host, &conf, &changes.set);
    pending_cleanup(host, &conf);
    bool running = guest_is_running(host, GUEST_LXC, id);
    if (running) apply_live(host, &conf);
    else pct_apply_pending(host, &conf);
    settings_save(host, &conf);
    host_commit(host);
    // Only now, with the configuration written, does a missing bridge show.
    bool network = false;
    for (size_t i = 0; i < changes.set.count; i++)
        network = network || text_is_numbered(changes.set.items[i].key, "net", NULL);
    if (network) pct_check_bridges(host, &conf, 2);
    return 0;
}
