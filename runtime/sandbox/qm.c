// `qm`: its commands, and those that only look at a virtual machine, start and stop it, or talk to it.
#include "qm.h"

#include "fault.h"
#include "files.h"
#include "formats.h"
#include "guest.h"
#include "inside.h"
#include "migrate.h"
#include "rescan.h"
#include "roles.h"
#include "settings.h"
#include "snapshot.h"
#include "units.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static Conf load(Host *host, const Args *args) {
    return guest_load(host, GUEST_QEMU, cli_get(args, "vmid"));
}

static const char *setting(const Conf *conf, const char *key, const char *otherwise) {
    const char *value = pairs_get(&conf->main.keys, key);
    return value == NULL ? otherwise : value;
}

/// The size of the disk that is booted from, in bytes.
static uint64_t boot_size(Host *host, const Conf *conf) {
    const char *order = strstr(setting(conf, "boot", ""), "order=");
    Words devices = words_split(host->mem, order == NULL ? "" : order + 6, ";,");
    uint64_t bytes = 0;
    for (size_t i = 0; i < devices.count; i++) {
        const char *value = pairs_get(&conf->main.keys, devices.items[i]);
        if (value == NULL || !settings_is_disk(GUEST_QEMU, devices.items[i])) continue;
        Drive drive = drive_parse(host, devices.items[i], value);
        const char *size = pairs_get(&drive.props, "size");
        if (!drive.is_cdrom && size != NULL && formats_parse_size(size, &bytes)) return bytes;
    }
    return 0;
}

static int qm_list(Host *host, const Args *args) {
    (void)args;
    GuestList guests = guest_list(host);
    bool header = false;
    for (size_t i = 0; i < guests.count; i++) {
        if (guests.items[i].kind != GUEST_QEMU || strcmp(guests.items[i].node, host->facts.node) != 0) continue;
        Conf conf = guest_load(host, GUEST_QEMU, guests.items[i].id);
        bool running = guest_is_running(host, GUEST_QEMU, conf.id);
        if (!header)
            host_print(host, "%10s %-20s %-10s %-10s %12s %-10s\n", "VMID", "NAME", "STATUS", "MEM(MB)", "BOOTDISK(GB)",
                       "PID");
        header = true;
        host_print(host, "%10s %-20s %-10s %-10s %12.2f %-10ld\n", conf.id,
                   setting(&conf, "name", mem_print(host->mem, "VM %s", conf.id)), running ? "running" : "stopped",
                   setting(&conf, "memory", "512"), (double)boot_size(host, &conf) / (1ULL << 30),
                   running ? guest_pid(conf.id) : 0L);
    }
    return 0;
}

static int qm_config(Host *host, const Args *args) {
    Conf conf = load(host, args);
    settings_print(host, &conf, cli_has_flag(args, "current"), cli_get(args, "snapshot"));
    return 0;
}

static int qm_pending(Host *host, const Args *args) {
    Conf conf = load(host, args);
    settings_print_pending(host, &conf);
    return 0;
}

static int qm_status(Host *host, const Args *args) {
    Conf conf = load(host, args);
    bool running = guest_is_running(host, GUEST_QEMU, conf.id);
    if (cli_has_flag(args, "verbose")) {
        host_print(host, "cpus: %s\nmaxdisk: %" PRIu64 "\nmaxmem: %llu\nname: %s\n", setting(&conf, "cores", "1"),
                   boot_size(host, &conf), strtoull(setting(&conf, "memory", "512"), NULL, 10) << 20,
                   setting(&conf, "name", ""));
        if (running) host_print(host, "pid: %ld\n", guest_pid(conf.id));
    }
    host_print(host, "status: %s\n", running ? "running" : "stopped");
    if (cli_has_flag(args, "verbose")) host_print(host, "uptime: %d\nvmid: %s\n", running ? 60 : 0, conf.id);
    return 0;
}

bool qm_has_system(Host *host, const char *id) {
    return files_is_dir(host, mem_print(host->mem, "%s/etc", guest_root(host, id)));
}

/// Whether every card's bridge and every volume is there; a machine does not start without.
static void parts_check(Host *host, const Conf *conf) {
    StorageList list = storage_load(host);
    for (size_t i = 0; i < conf->main.keys.count; i++) {
        const char *key = conf->main.keys.items[i].key, *value = conf->main.keys.items[i].value,
                   *at = strstr(value, "bridge=");
        if (text_is_numbered(key, "net", NULL) && at != NULL) {
            const char *bridge = mem_copy_part(host->mem, at + 7, strcspn(at + 7, ","));
            if (!guest_has_bridge(host, bridge))
                host_fail(host, 255, "bridge '%s' does not exist\nstart failed: QEMU exited with code 1", bridge);
        }
        if (!settings_is_disk(GUEST_QEMU, key)) continue;
        Drive drive = drive_parse(host, key, value);
        if (*drive.file == '/' || strchr(drive.file, ':') == NULL) continue;
        Volume volume = volume_need(host, &list, drive.file);
        if (!volume_exists(host, &volume)) host_fail(host, 255, "volume '%s' does not exist", volume.id);
    }
}

static void pending_come_true(Host *host, Conf *conf) {
    if (conf->pending.keys.count == 0) return;
    qm_apply_pending(host, conf);
    settings_save(host, conf);
}

/// What runs comes up by itself, whoever ends `qm` meanwhile.
static void machine_boot(Host *host, Conf *conf) {
    if (qm_has_system(host, conf->id)) {
        Host view = inside_view(host, conf);
        view.fault = FAULT_NONE;
        units_boot(&view);
    }
    guest_set_running(host, GUEST_QEMU, conf->id, true);
}

void qm_start_machine(Host *host, Conf *conf) {
    if (strcmp(setting(conf, "template", "0"), "1") == 0)
        host_fail(host, 255, "you can't start a vm if it's a template");
    if (guest_is_running(host, GUEST_QEMU, conf->id)) host_fail(host, 255, "VM %s already running", conf->id);
    pending_come_true(host, conf);
    parts_check(host, conf);
    fault_between(host);
    machine_boot(host, conf);
}

void qm_stop_machine(Host *host, Conf *conf) {
    guest_set_running(host, GUEST_QEMU, conf->id, false);
    fault_between(host);
    pending_come_true(host, conf);
}

static int qm_start(Host *host, const Args *args) {
    Conf conf = load(host, args);
    if (!cli_has_flag(args, "skiplock")) guest_check_lock(host, &conf);
    qm_start_machine(host, &conf);
    return 0;
}

/// Stopping what does not run is no error.
static int qm_stop(Host *host, const Args *args) {
    Conf conf = load(host, args);
    if (!cli_has_flag(args, "skiplock")) guest_check_lock(host, &conf);
    if (guest_is_running(host, GUEST_QEMU, conf.id)) qm_stop_machine(host, &conf);
    return 0;
}

static int qm_shutdown(Host *host, const Args *args) {
    Conf conf = load(host, args);
    if (!cli_has_flag(args, "skiplock")) guest_check_lock(host, &conf);
    if (!guest_is_running(host, GUEST_QEMU, conf.id)) {
        host_warn(host, "VM %s not running\n", conf.id);
        return 0;
    }
    // A machine with empty disks has nothing in it that could react.
    if (!qm_has_system(host, conf.id) && !cli_has_flag(args, "forceStop"))
        host_fail(host, 255, "VM quit/powerdown failed - got timeout");
    qm_stop_machine(host, &conf);
    return 0;
}

static void running_need(Host *host, const Conf *conf) {
    if (!guest_is_running(host, GUEST_QEMU, conf->id)) host_fail(host, 2, "VM %s not running", conf->id);
}

static int qm_reboot(Host *host, const Args *args) {
    Conf conf = load(host, args);
    guest_check_lock(host, &conf);
    running_need(host, &conf);
    if (!qm_has_system(host, conf.id)) host_fail(host, 255, "VM quit/powerdown failed - got timeout");
    // It is a daemon that starts a machine which has ended and was to reboot: `qm` only asks for it, and waits.
    guest_set_running(host, GUEST_QEMU, conf.id, false);
    pending_come_true(host, &conf);
    parts_check(host, &conf);
    machine_boot(host, &conf);
    fault_between(host);
    return 0;
}

/// suspend, resume, reset: the machine must run, and goes on running.
static int qm_keep_running(Host *host, const Args *args) {
    Conf conf = load(host, args);
    running_need(host, &conf);
    return 0;
}

static int qm_wait(Host *host, const Args *args) {
    Conf conf = load(host, args);
    if (guest_is_running(host, GUEST_QEMU, conf.id)) host_fail(host, 255, "got timeout, vm is still running");
    return 0;
}

static int qm_unlock(Host *host, const Args *args) {
    Conf conf = load(host, args);
    if (pairs_remove(&conf.main.keys, "lock")) guest_save(host, &conf);
    return 0;
}

static int qm_snapshot(Host *host, const Args *args) {
    snapshot_create(host, args, GUEST_QEMU);
    return 0;
}

static int qm_delsnapshot(Host *host, const Args *args) {
    snapshot_delete(host, args, GUEST_QEMU);
    return 0;
}

static int qm_rollback(Host *host, const Args *args) {
    Conf conf = snapshot_rollback(host, args, GUEST_QEMU);
    // The guest must notice that its state was set back.
    if (pairs_get(&conf.main.keys, "vmgenid") != NULL) pairs_set(&conf.main.keys, "vmgenid", host_uuid(host));
    guest_save(host, &conf);
    if (cli_has_flag(args, "start")) qm_start_machine(host, &conf);
    return 0;
}

static int qm_listsnapshot(Host *host, const Args *args) {
    Conf conf = load(host, args);
    snapshot_list(host, &conf);
    return 0;
}

static int qm_migrate(Host *host, const Args *args) {
    return migrate_guest(host, args, GUEST_QEMU);
}

static int qm_rescan(Host *host, const Args *args) {
    rescan_guests(host, args, GUEST_QEMU);
    return 0;
}

static int qm_cloudinit_update(Host *host, const Args *args) {
    Conf conf = load(host, args);
    for (size_t i = 0; i < conf.main.keys.count; i++)
        if (strstr(conf.main.keys.items[i].value, "-cloudinit") != NULL)
            host_print(host, "generating cloud-init ISO\n");
    return 0;
}

static const CliCommand COMMANDS[] = {
    {"list", qm_list, TAKES_NOTHING},
    {"config", qm_config, TAKES_NOTHING},
    {"pending", qm_pending, TAKES_NOTHING},
    {"status", qm_status, TAKES_NOTHING},
    {"start", qm_start, TAKES_MACHINE},
    {"stop", qm_stop, TAKES_MACHINE},
    {"shutdown", qm_shutdown, TAKES_MACHINE},
    {"reboot", qm_reboot, TAKES_MACHINE},
    {"reset", qm_keep_running, TAKES_MACHINE},
    {"suspend", qm_keep_running, TAKES_MACHINE},
    {"resume", qm_keep_running, TAKES_MACHINE},
    {"wait", qm_wait, TAKES_NOTHING},
    {"unlock", qm_unlock, TAKES_NOTHING},
    {"create", qm_create, TAKES_NOTHING},
    {"set", qm_set, TAKES_MACHINE},
    {"disk resize", qm_disk_resize, TAKES_MACHINE},
    {"disk move", qm_disk_move, TAKES_MACHINE},
    {"disk import", qm_disk_import, TAKES_NOTHING},
    {"disk unlink", qm_disk_unlink, TAKES_MACHINE},
    {"disk rescan", qm_rescan, TAKES_NOTHING},
    {"clone", qm_clone, TAKES_MACHINE},
    {"template", qm_template, TAKES_MACHINE},
    {"destroy", qm_destroy, TAKES_MACHINE},
    {"snapshot", qm_snapshot, TAKES_MACHINE},
    {"delsnapshot", qm_delsnapshot, TAKES_MACHINE},
    {"rollback", qm_rollback, TAKES_MACHINE},
    {"migrate", qm_migrate, TAKES_MACHINE},
    {"listsnapshot", qm_listsnapshot, TAKES_NOTHING},
    {"guest cmd", qm_guest_cmd, TAKES_NOTHING},
    {"guest exec", qm_guest_exec, TAKES_NOTHING},
    {"guest exec-status", qm_guest_exec_status, TAKES_NOTHING},
    {"cloudinit update", qm_cloudinit_update, TAKES_NOTHING},
};

enum { COMMAND_COUNT = sizeof COMMANDS / sizeof COMMANDS[0] };

bool qm_run(Host *host, const char *name, const Args *args, int *code) {
    return cli_call(host, COMMANDS, COMMAND_COUNT, name, args, code);
}

int qm_main(Host *host) {
    return cli_run(host, "qm", COMMANDS, COMMAND_COUNT);
}
