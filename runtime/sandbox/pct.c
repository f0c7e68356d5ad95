// `pct`: its commands, and those that only look at a container or start and stop it.
#include "backup.h"
#include "pct.h"

#include "fault.h"
#include "files.h"
#include "formats.h"
#include "guest.h"
#include "mount.h"
#include "rescan.h"
#include "inside.h"
#include "migrate.h"
#include "settings.h"
#include "snapshot.h"
#include "units.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static Conf load(Host *host, const Args *args) {
    return guest_load(host, GUEST_LXC, cli_get(args, "vmid"));
}

static const char *setting(const Conf *conf, const char *key, const char *otherwise) {
    const char *value = pairs_get(&conf->main.keys, key);
    return value == NULL ? otherwise : value;
}

static int pct_list(Host *host, const Args *args) {
    (void)args;
    GuestList guests = guest_list(host);
    bool header = false;
    for (size_t i = 0; i < guests.count; i++) {
        if (guests.items[i].kind != GUEST_LXC || strcmp(guests.items[i].node, host->facts.node) != 0) continue;
        Conf conf = guest_load(host, GUEST_LXC, guests.items[i].id);
        if (!header) host_print(host, "%-10s %-10s %-12s %-20s\n", "VMID", "Status", "Lock", "Name");
        header = true;
        host_print(host, "%-10s %-10s %-12s %-20s\n", conf.id,
                   guest_is_running(host, GUEST_LXC, conf.id) ? "running" : "stopped", setting(&conf, "lock", ""),
                   setting(&conf, "hostname", ""));
    }
    return 0;
}

static int pct_config(Host *host, const Args *args) {
    Conf conf = load(host, args);
    if (cli_has_flag(args, "current") && cli_get(args, "snapshot") != NULL)
        cli_refuse(host, args, "snapshot", "cannot use 'snapshot' parameter with 'current'");
    settings_print(host, &conf, cli_has_flag(args, "current"), cli_get(args, "snapshot"));
    return 0;
}

static int pct_pending(Host *host, const Args *args) {
    Conf conf = load(host, args);
    settings_print_pending(host, &conf);
    return 0;
}

static int pct_status(Host *host, const Args *args) {
    Conf conf = load(host, args);
    bool running = guest_is_running(host, GUEST_LXC, conf.id);
    if (!cli_has_flag(args, "verbose")) {
        host_print(host, "status: %s\n", running ? "running" : "stopped");
        return 0;
    }
    uint64_t disk = 0, memory = strtoull(setting(&conf, "memory", "512"), NULL, 10),
             swap = strtoull(setting(&conf, "swap", "512"), NULL, 10);
    MountList mounts = mount_list(host, &conf.main);
    if (mounts.count > 0 && pairs_get(&mounts.items[0].props, "size") != NULL)
        formats_parse_size(pairs_get(&mounts.items[0].props, "size"), &disk);
    host_print(host, "cpus: %s\ndisk: 0\ndiskread: 0\ndiskwrite: 0\n", setting(&conf, "cores", "1"));
    host_print(host,
               "maxdisk: %" PRIu64 "\nmaxmem: %" PRIu64 "\nmaxswap: %" PRIu64
               "\nmem: 0\nname: %s\nnetin: 0\nnetout: 0\n",
               disk, memory << 20, swap << 20, setting(&conf, "hostname", ""));
    if (running) host_print(host, "pid: %ld\n", guest_pid(conf.id));
    host_print(host, "status: %s\nswap: 0\n", running ? "running" : "stopped");
    const char *tags = pairs_get(&conf.main.keys, "tags");
    if (tags != NULL) host_print(host, "tags: %s\n", tags);
    host_print(host, "type: lxc\nuptime: %d\nvmid: %s\n", running ? 60 : 0, conf.id);
    return 0;
}

/// Whether every disk and bound directory is there; a container does not start without.
static void mounts_check(Host *host, const Conf *conf) {
    StorageList list = storage_load(host);
    MountList mounts = mount_list(host, &conf->main);
    if (mounts.count == 0 || strcmp(mounts.items[0].key, "rootfs") != 0)
        host_fail(host, 255, "missing root file system");
    for (size_t i = 0; i < mounts.count; i++) {
        const Mount *mount = &mounts.items[i];
        if (mount->type == MOUNT_BIND && !files_is_dir(host, mount->volume))
            host_fail(host, 255, "directory '%s' does not exist\nstartup for container '%s' failed", mount->volume,
                      conf->id);
        if (mount->type != MOUNT_VOLUME) continue;
        Volume volume = volume_need(host, &list, mount->volume);
        if (!volume_exists(host, &volume))
            host_fail(host, 255, "volume '%s' does not exist\nstartup for container '%s' failed", volume.id, conf->id);
    }
}

void pct_start_container(Host *host, Conf *conf) {
    if (guest_is_running(host, GUEST_LXC, conf->id)) host_fail(host, 255, "CT %s already running", conf->id);
    if (strcmp(setting(conf, "template", "0"), "1") == 0)
        host_fail(host, 255, "you can't start a CT if it's a template");
    guest_check_lock(host, conf);
    if (conf->pending.keys.count > 0) {
        pct_apply_pending(host, conf);
        settings_save(host, conf);
        host_commit(host);
    }
    pct_check_bridges(host, conf, 255);
    mounts_check(host, conf);
    const char *name = mem_print(host->mem, "%s\n", setting(conf, "hostname", "localhost"));
    files_write(host, mem_print(host->mem, "%s/etc/hostname", guest_root(host, conf->id)), name, strlen(name), 0644);
    fault_between(host);
    // What runs comes up by itself, whoever ends `pct` meanwhile.
    Host view = inside_view(host, conf);
    units_boot(&view);
    guest_set_running(host, GUEST_LXC, conf->id, true);
}

void pct_stop_container(Host *host, Conf *conf) {
    guest_set_running(host, GUEST_LXC, conf->id, false);
    fault_between(host);
    // What waited for the stop comes true now, not at the next start.
    if (conf->pending.keys.count == 0) return;
    pct_apply_pending(host, conf);
    settings_save(host, conf);
    host_commit(host);
}

static int pct_start(Host *host, const Args *args) {
    Conf conf = load(host, args);
    if (!cli_has_flag(args, "skiplock")) guest_check_lock(host, &conf);
    pct_start_container(host, &conf);
    return 0;
}

/// `stop` and `shutdown`: in the sandbox every container obeys at once.
static int pct_stop(Host *host, const Args *args) {
    Conf conf = load(host, args);
    if (!guest_is_running(host, GUEST_LXC, conf.id)) host_fail(host, 255, "CT %s not running", conf.id);
    if (!cli_has_flag(args, "skiplock")) guest_check_lock(host, &conf);
    pct_stop_container(host, &conf);
    return 0;
}

static int pct_reboot(Host *host, const Args *args) {
    Conf conf = load(host, args);
    if (!guest_is_running(host, GUEST_LXC, conf.id)) host_fail(host, 255, "VM %s not running", conf.id);
    guest_check_lock(host, &conf);
    pct_stop_container(host, &conf);
    pct_start_container(host, &conf);
    return 0;
}

static int pct_unlock(Host *host, const Args *args) {
    Conf conf = load(host, args);
    if (!pairs_remove(&conf.main.keys, "lock")) host_fail(host, 255, "no lock found trying to remove any lock");
    guest_save(host, &conf);
    return 0;
}

static int pct_snapshot(Host *host, const Args *args) {
    snapshot_create(host, args, GUEST_LXC);
    return 0;
}

static int pct_delsnapshot(Host *host, const Args *args) {
    snapshot_delete(host, args, GUEST_LXC);
    return 0;
}

static int pct_rollback(Host *host, const Args *args) {
    Conf conf = snapshot_rollback(host, args, GUEST_LXC);
    guest_save(host, &conf);
    if (cli_has_flag(args, "start")) pct_start_container(host, &conf);
    return 0;
}

static int pct_migrate(Host *host, const Args *args) {
    return migrate_guest(host, args, GUEST_LXC);
}

static int pct_rescan(Host *host, const Args *args) {
    rescan_guests(host, args, GUEST_LXC);
    return 0;
}

static int pct_listsnapshot(Host *host, const Args *args) {
    Conf conf = load(host, args);
    snapshot_list(host, &conf);
    return 0;
}

static int pct_df(Host *host, const Args *args) {
    Conf conf = load(host, args);
    MountList mounts = mount_list(host, &conf.main);
    host_print(host, "MP     Volume                        Size Used Avail Use%% Path\n");
    for (size_t i = 0; i < mounts.count; i++) {
        const char *size = pairs_get(&mounts.items[i].props, "size"), *path = pairs_get(&mounts.items[i].props, "mp");
        host_print(host, "%-6s %-29s %s 0.0B %s 0.0 %s\n", mounts.items[i].key, mounts.items[i].volume,
                   size == NULL ? "0" : size, size == NULL ? "0" : size, path == NULL ? "/" : path);
    }
    return 0;
}

static const CliCommand COMMANDS[] = {
    {"list", pct_list, TAKES_NOTHING},
    {"config", pct_config, TAKES_NOTHING},
    {"pending", pct_pending, TAKES_NOTHING},
    {"status", pct_status, TAKES_NOTHING},
    {"start", pct_start, TAKES_CONTAINER},
    {"stop", pct_stop, TAKES_CONTAINER},
    {"shutdown", pct_stop, TAKES_CONTAINER},
    {"reboot", pct_reboot, TAKES_CONTAINER},
    {"unlock", pct_unlock, TAKES_NOTHING},
    {"create", pct_create, TAKES_NOTHING},
    {"restore", pct_restore, TAKES_NOTHING},
    {"set", pct_set, TAKES_CONTAINER},
    {"resize", pct_resize, TAKES_CONTAINER},
    {"move-volume", pct_move_volume, TAKES_CONTAINER},
    {"rescan", pct_rescan, TAKES_NOTHING},
    {"clone", pct_clone, TAKES_CONTAINER},
    {"template", pct_template, TAKES_CONTAINER},
    {"destroy", pct_destroy, TAKES_CONTAINER},
    {"snapshot", pct_snapshot, TAKES_CONTAINER},
    {"delsnapshot", pct_delsnapshot, TAKES_CONTAINER},
    {"rollback", pct_rollback, TAKES_CONTAINER},
    {"migrate", pct_migrate, TAKES_CONTAINER},
    {"listsnapshot", pct_listsnapshot, TAKES_NOTHING},
    {"exec", pct_exec, TAKES_NOTHING},
    {"push", pct_push, TAKES_NOTHING},
    {"pull", pct_pull, TAKES_NOTHING},
    {"df", pct_df, TAKES_NOTHING},
};

enum { COMMAND_COUNT = sizeof COMMANDS / sizeof COMMANDS[0] };

bool pct_run(Host *host, const char *name, const Args *args, int *code) {
    return cli_call(host, COMMANDS, COMMAND_COUNT, name, args, code);
}

int pct_main(Host *host) {
    return cli_run(host, "pct", COMMANDS, COMMAND_COUNT);
}
