// Finds the folder of the cluster around a host's, and shows it as /etc/pve.
#include "cluster.h"

#include "facts.h"
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/// The name of the host's folder, if the one around it is called `nodes`.
static const char *folder_name(Host *host) {
    char *path = mem_alloc(host->mem, PATH_MAX);
    ssize_t length = readlink(mem_print(host->mem, "/proc/self/fd/%d", host->base), path, PATH_MAX - 1);
    char *slash = length > 0 ? strrchr(path, '/') : NULL;
    if (slash == NULL || slash == path) return NULL;
    *slash = '\0';
    const char *around = strrchr(path, '/');
    return around != NULL && strcmp(around, "/nodes") == 0 ? slash + 1 : NULL;
}

/// The folder [name] below [at], made where it is missing.
static int folder_below(Host *host, int at, const char *name) {
    if (mkdirat(at, name, 0755) != 0 && errno != EEXIST) host_fail(host, 255, "phx-sandbox: %s: %s", name, strerror(errno));
    int folder = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder < 0) host_fail(host, 255, "phx-sandbox: %s: %s", name, strerror(errno));
    return folder;
}

static void show(Host *host, const char *path, int source) {
    host->binds[host->bind_count++] = (Bind){.target = path, .path = path, .source = source};
}

/// What is shown as /etc/pve on the node [host].
static void cluster_show(Host *host, const char *name) {
    host->facts.node = name;
    host->binds = mem_alloc(host->mem, 3 * sizeof *host->binds);
    host->bind_count = 0;
    int node = folder_below(host, folder_below(host, host->cluster, "nodes"), name);
    show(host, "/etc/pve", host->cluster);
    show(host, "/etc/pve/lxc", folder_below(host, node, "lxc"));
    show(host, "/etc/pve/qemu-server", folder_below(host, node, "qemu-server"));
}

void cluster_join(Host *host) {
    const char *name = folder_name(host);
    host->cluster = name == NULL ? -1 : openat(host->base, "../../cluster", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    host->cluster_lock = -1;
    if (host->cluster < 0) return;
    host->cluster_lock = openat(host->cluster, ".lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (host->cluster_lock < 0) host_fail(host, 255, "phx-sandbox: cluster/.lock: %s", strerror(errno));
    while (flock(host->cluster_lock, LOCK_EX) != 0)
        if (errno != EINTR) host_fail(host, 255, "phx-sandbox: cluster/.lock: %s", strerror(errno));
    if (host->facts.names_node && strcmp(host->facts.node, name) != 0)
        host_fail(host, 255, "sandbox.json: node: in a cluster a node is called as its folder: %s", name);
    cluster_show(host, name);
}

bool cluster_open(Host *host, const char *node, Host *other) {
    if (host->cluster < 0 || *node == '.' || strchr(node, '/') != NULL) return false;
    int folder = openat(host->base, mem_print(host->mem, "../%s", node), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder < 0) return false;
    *other = *host;
    other->base = other->root = folder;
    other->running = NULL;
    other->undo = NULL;
    other->binds = NULL;
    other->bind_count = 0;
    if (!files_exists(other, "/etc/hostname")) return false;
    facts_read(other);
    cluster_show(other, mem_copy(host->mem, node));
    return true;
}
