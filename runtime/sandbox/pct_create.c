// `pct create`: a container from a template archive.
#include "backup.h"
#include "fault.h"
#include "files.h"
#include "formats.h"
#include "guest.h"
#include "mount.h"
#include "pct.h"
#include "related.h"
#include "settings.h"
#include "users.h"

#include <string.h>

/// The distribution that an archive's name tells. A real host looks into the archive; here it has nothing in it.
static const char *ostype_guess(const char *archive) {
    static const struct {
        const char *word, *ostype;
    } NAMES[] = {
        {"debian", "debian"},  {"devuan", "devuan"}, {"ubuntu", "ubuntu"}, {"centos", "centos"},
        {"rocky", "centos"},   {"alma", "centos"},   {"fedora", "fedora"}, {"opensuse", "opensuse"},
        {"arch", "archlinux"}, {"alpine", "alpine"}, {"gentoo", "gentoo"}, {"nixos", "nixos"},
    };
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++)
        if (strstr(archive, NAMES[i].word) != NULL) return NAMES[i].ostype;
    return "unmanaged";
}

/// The archive's path on the host; leaves if it can be none. It need not exist: that shows later.
static const char *archive_path(Host *host, const StorageList *list, const Args *args) {
    const char *given = cli_get(args, "ostemplate");
    if (*given == '/') return given;
    if (strchr(given, ':') == NULL)
        cli_refuse(host, args, "ostemplate", mem_print(host->mem, "unable to parse volume ID '%s'", given));
    Volume volume = volume_need(host, list, given);
    if (strcmp(volume.content, "vztmpl") != 0)
        host_fail(host, 255, "phx-sandbox: a container from '%s' is not modelled", given);
    return volume.path;
}

static void key_lines_print(Host *host, const char *hostname) {
    static const char *const KINDS[] = {"ed25519", "ecdsa", "rsa"};
    for (size_t i = 0; i < 3; i++) {
        unsigned char bytes[32];
        host_random(host, bytes, sizeof bytes);
        host_print(host, "Creating SSH host key 'ssh_host_%s_key' - this may take some time ...\n", KINDS[i]);
        host_print(host, "done: SHA256:%.43s root@%s\n", conf_sha256(host, (const char *)bytes, sizeof bytes),
                   hostname);
    }
}

/// The settings of the new container, but for its disks: what was given, and the defaults that are written down.
static Conf settings_collect(Host *host, const Args *args, const char *ostype) {
    static const char *const OTHERS[] = {
        "vmid",        "ostemplate", "storage",      "start",  "password",  "ssh-public-keys",
        "pool",        "force",      "restore",      "unique", "bwlimit",   "ignore-unpack-errors",
        "description", "rootfs",     "unprivileged", "node",   "ha-managed"};
    Conf conf = conf_new(host, GUEST_LXC, cli_get(args, "vmid"));
    Pairs *keys = &conf.main.keys;
    pairs_set(keys, "arch", "amd64");
    pairs_set(keys, "hostname", mem_print(host->mem, "CT%s", conf.id));
    pairs_set(keys, "memory", "512");
    pairs_set(keys, "swap", "512");
    pairs_set(keys, "ostype", ostype);
    const char *unprivileged = cli_get(args, "unprivileged");
    if (unprivileged == NULL || strcmp(unprivileged, "1") == 0) pairs_set(keys, "unprivileged", "1");
    const char *description = cli_get(args, "description");
    if (description != NULL) conf.main.description = conf_keep_description(host, description);
    Pairs rest = pairs_copy(&args->values);
    for (size_t i = 0; i < sizeof OTHERS / sizeof OTHERS[0]; i++) pairs_remove(&rest, OTHERS[i]);
    for (size_t i = 0; i < rest.count; i++) {
        const char *key = rest.items[i].key, *value = rest.items[i].value;
        if (text_is_numbered(key, "net", NULL)) value = pct_print_network(host, key, value);
        if (strcmp(key, "tags") == 0) value = settings_tags(host, value);
        if (strcmp(key, "nameserver") == 0 || strcmp(key, "searchdomain") == 0) {
            Words names = words_split(host->mem, value, ",; ");
            value = words_join(&names, " ");
        }
        pairs_set(keys, key, value);
    }
    return conf;
}

/// Every storage that a disk is asked on must take containers; found out before anything is made.
static void storages_check(Host *host, const StorageList *list, const Args *args, const MountList *mounts,
                           const char *fallback) {
    for (size_t i = 0; i < mounts->count; i++) {
        const char *storage;
        uint64_t size;
        if (mounts->items[i].type != MOUNT_VOLUME) continue;
        if (mount_is_new(host, &mounts->items[i], fallback, &storage, &size))
            mount_check_storage(host, list, storage, args->usage);
        else volume_need(host, list, mounts->items[i].volume);
    }
}

static void disks_make(Host *host, const StorageList *list, Conf *conf, MountList *mounts, const char *fallback) {
    for (size_t i = 0; i < mounts->count; i++) {
        Mount *mount = &mounts->items[i];
        const char *storage;
        uint64_t size;
        if (mount->type == MOUNT_VOLUME && mount_is_new(host, mount, fallback, &storage, &size))
            mount_make(host, list, conf->id, mount, storage, size);
        pairs_set(&conf->main.keys, mount->key, mount_print(host, mount));
    }
}

/// Leaves if the number is taken by any guest.
static void id_check(Host *host, const char *id) {
    GuestName other;
    if (guest_find(host, id, &other))
        host_fail(host, 2, "%s %s already exists on node '%s'", guest_word(other.kind), id, other.node);
}

/// A bridge is looked at here only where `mtu=` asks for a comparison with its own.
static void mtu_bridges_check(Host *host, const Conf *conf) {
    for (size_t i = 0; i < conf->main.keys.count; i++)
        if (text_is_numbered(conf->main.keys.items[i].key, "net", NULL) &&
            strstr(conf->main.keys.items[i].value, ",mtu=") != NULL)
            pct_check_bridges(host, conf, 255);
}

int pct_create(Host *host, const Args *args) {
    const char *id = cli_get(args, "vmid"), *storage = cli_get(args, "storage"),
               *keys = cli_get(args, "ssh-public-keys");
    if (cli_has_flag(args, "restore")) return pct_restore(host, args);
    if (keys != NULL && !files_exists(host, keys))
        host_fail(host, 2, "can't open '%s' - No such file or directory", keys);
    id_check(host, id);
    users_check_pool(host, cli_get(args, "pool"));
    StorageList list = storage_load(host);
    const char *archive = archive_path(host, &list, args);
    const char *ostype =
        cli_get(args, "ostype") != NULL ? cli_get(args, "ostype") : ostype_guess(strrchr(archive, '/'));
    Conf conf = settings_collect(host, args, ostype);
    const char *root = cli_get(args, "rootfs");
    if (storage == NULL) storage = "local";
    pairs_set(&conf.main.keys, "rootfs", root != NULL ? root : mem_print(host->mem, "%s:4", storage));
    MountList mounts = mount_list(host, &conf.main);
    storages_check(host, &list, args, &mounts, storage);
    mtu_bridges_check(host, &conf);
    guest_reserve(host, GUEST_LXC, id, "create");
    disks_make(host, &list, &conf, &mounts, storage);
    fault_between(host);
    if (!files_exists(host, archive)) {
        const char *given = cli_get(args, "ostemplate");
        const char *reason = *given == '/' ? mem_print(host->mem, "can't open '%s' - No such file or directory", given)
                                           : mem_print(host->mem, "volume '%s' does not exist", given);
        host_print(host, "%s\n", reason);
        host_fail(host, 255, "unable to create CT %s - %s", id, reason);
    }
    host_print(host, "extracting archive '%s'\nTotal bytes read: 2007040 (2.0MiB, 120MiB/s)\n", archive);
    const char *hostname = pairs_get(&conf.main.keys, "hostname");
    guest_make_root(host, GUEST_LXC, id, hostname, ostype);
    if (strcmp(ostype, "unmanaged") == 0) {
        host_print(host, "Falling back to amd64.\nUse `pct set VMID --arch ARCH` to change.\n");
    } else {
        host_print(host, "Detected container architecture: %s\n", pairs_get(&conf.main.keys, "arch"));
        key_lines_print(host, cli_get(args, "hostname") == NULL ? "localhost" : hostname);
    }
    guest_save(host, &conf);
    users_join_pool(host, cli_get(args, "pool"), id);
    host_commit(host);
    if (cli_has_flag(args, "ha-managed")) related_add_to_ha(host, GUEST_LXC, id, cli_has_flag(args, "start"));
    if (cli_has_flag(args, "start")) pct_start_container(host, &conf);
    return 0;
}
