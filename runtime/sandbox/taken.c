// Takes the locks of guests and of the cluster's files, or says who can't have them.
#include "taken.h"

#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

enum { LOOK_EVERY_MS = 50 };

static long now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/// Lets others work in the folder for a moment.
static void step_aside(Host *host) {
    if (host->cluster_lock >= 0) flock(host->cluster_lock, LOCK_UN);
    flock(host->lock, LOCK_UN);
    nanosleep(&(struct timespec){.tv_nsec = LOOK_EVERY_MS * 1000000L}, NULL);
    while (flock(host->lock, LOCK_EX) != 0 && errno == EINTR)
        ;
    while (host->cluster_lock >= 0 && flock(host->cluster_lock, LOCK_EX) != 0 && errno == EINTR)
        ;
}

/// The lock of a guest's file; it is held until the process ends.
static void guest_take(Host *host, const char *path) {
    files_make_dirs(host, mem_copy_part(host->mem, path, (size_t)(strrchr(path, '/') - path)), 0755);
    int lock = files_open(host, path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (lock < 0) host_fail(host, 255, "can't open lock file '%s' - %s", path, strerror(errno));
    if (flock(lock, LOCK_EX | LOCK_NB) == 0) return;
    host_warn(host, "trying to acquire lock...");
    long end = now_ms() + host->facts.lock_wait * 1000;
    while (flock(lock, LOCK_EX | LOCK_NB) != 0) {
        if (now_ms() >= end) host_fail(host, 255, "can't lock file '%s' - got timeout", path);
        step_aside(host);
    }
    host_warn(host, " OK");
}

/// A folder that somebody made stands for a lock of the cluster. Programs here work one at a time, so none of them needs to make one.
static void file_take(Host *host, const char *name) {
    const char *path = mem_print(host->mem, "/etc/pve/priv/lock/file-%s", name);
    long end = now_ms() + host->facts.lock_wait * 1000;
    if (files_exists(host, path)) host_warn(host, "trying to acquire cfs lock 'file-%s' ...", name);
    while (files_exists(host, path)) {
        if (now_ms() >= end) host_fail(host, 255, "cfs-lock 'file-%s' error: got lock request timeout", name);
        step_aside(host);
    }
}

void taken_begin(Host *host, const CliCommand *command, const Args *args) {
    const char *vmid = cli_get(args, "vmid");
    switch (command->takes) {
    case TAKES_NOTHING: break;
    case TAKES_CONTAINER: guest_take(host, mem_print(host->mem, "/run/lock/lxc/pve-config-%s.lock", vmid)); break;
    case TAKES_MACHINE: guest_take(host, mem_print(host->mem, "/var/lock/qemu-server/lock-%s.conf", vmid)); break;
    case TAKES_STORAGES: file_take(host, "storage_cfg"); break;
    }
}
