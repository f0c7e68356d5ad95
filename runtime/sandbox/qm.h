// The virtual machine commands of `qm`; each takes a command line that was already checked and returns the exit code.
#ifndef PHX_SANDBOX_QM_H
#define PHX_SANDBOX_QM_H

#include "cli.h"
#include "conf.h"
#include "volume.h"

int qm_create(Host *host, const Args *args);
int qm_set(Host *host, const Args *args);
int qm_disk_resize(Host *host, const Args *args);
int qm_disk_move(Host *host, const Args *args);
int qm_disk_import(Host *host, const Args *args);
int qm_disk_unlink(Host *host, const Args *args);
int qm_clone(Host *host, const Args *args);
int qm_template(Host *host, const Args *args);
int qm_destroy(Host *host, const Args *args);
int qm_guest_cmd(Host *host, const Args *args);
int qm_guest_exec(Host *host, const Args *args);
int qm_guest_exec_status(Host *host, const Args *args);

/// Runs the `qm` command [name] with [args]; pvesh comes in here. False if it is not modelled.
bool qm_run(Host *host, const char *name, const Args *args, int *code);

/// Stops and starts, with the checks of the real program and without those of the command line.
void qm_start_machine(Host *host, Conf *conf);
void qm_stop_machine(Host *host, Conf *conf);

/// Moves everything pending into the live settings.
void qm_apply_pending(Host *host, Conf *conf);

/// Has something been installed on its disks? Only then does it answer a shutdown or an agent's call.
bool qm_has_system(Host *host, const char *id);

/// A drive: a disk, a CD or the cloud-init medium.
typedef struct Drive {
    const char *key;      // "scsi0"
    Pairs props;
    const char *file;     // a volume id, a path, none, or what asks for a new volume
    bool is_cdrom, is_cloudinit;
} Drive;

Drive drive_parse(Host *host, const char *key, const char *value);
const char *drive_print(Host *host, const Drive *drive);

/// Turns a drive as it was given into one that can be kept: makes the new volume it asks for, imports into it, notes
/// the size of one that exists. Ends the program where the storage or the volume is missing.
void drive_make(Host *host, const StorageList *list, const char *vmid, Drive *drive);

/// Checks the storages that a drive names before anything is made.
void drive_check(Host *host, const StorageList *list, const Args *args, const Drive *drive);

/// A network card as it is kept: with an address.
const char *drive_print_network(Host *host, const char *key, const char *value);

#endif
