// `rsync`: folders copied on a machine, and by ssh to another one that is running, knows the key and has rsync too.
#include "endpoint.h"
#include "files.h"
#include "guest.h"
#include "inside.h"
#include "mount.h"
#include "tools.h"
#include "volume.h"

#include <errno.h>
#include <string.h>

#define VERSION "3.2.7"
enum { PORT_SSH = 22, EXIT_USAGE = 1, EXIT_FILES = 11, EXIT_PARTIAL = 23, EXIT_NOT_FOUND = 127, EXIT_SSH = 255 };

/// What the words of the command line say.
typedef struct Sync {
    const char *from;        // on this machine
    bool contents;           // what is in the folder, not the folder
    const char *user, *name; // of the other machine, or NULL
    const char *to;          // the path there
    bool archive, clean, make_parents, own;
    const char *program;     // how rsync is called there
} Sync;

static _Noreturn void sync_fail(Host *host, int code, const char *what, const char *message) {
    host_fail(host, code, "%s\nrsync error: %s (code %d) at main.c(1338) [sender=" VERSION "]", message, what, code);
}

static Sync sync_read(Host *host) {
    ToolFlags flags;
    static const char NAMES[] = "archive=a delete=D mkpath=p chown=C rsync-path=R rsh=e verbose=v compress=z numeric-ids=N";
    if (!tool_read_flags(host, "aDpC:R:e:vzN", NAMES, &flags) || flags.plain.count < 2)
        sync_fail(host, EXIT_USAGE, "syntax or usage error", "rsync: two paths are wanted");
    if (flags.plain.count > 2) host_fail(host, EXIT_USAGE, "phx-sandbox: rsync of several sources is not modelled");
    const char *from = flags.plain.items[0], *to = flags.plain.items[1], *slash = strchr(to, '/'), *colon = strchr(to, ':');
    if (strchr(from, ':') != NULL && strchr(from, ':') < strchr(from, '/')) host_fail(host, EXIT_USAGE, "phx-sandbox: rsync from another machine is not modelled");
    const char *chown = flags.value['C'];
    if (chown != NULL && strcmp(chown, "root:root") != 0) host_fail(host, EXIT_USAGE, "phx-sandbox: rsync --chown=%s is not modelled", chown);
    Sync sync = {.from = tool_path(host, from), .contents = text_ends_with(from, "/"), .to = to, .archive = flags.set['a'], .clean = flags.set['D'],
                 .make_parents = flags.set['p'], .own = chown != NULL, .program = flags.value['R'] == NULL ? "rsync" : flags.value['R']};
    if (colon == NULL || (slash != NULL && slash < colon)) {
        sync.to = tool_path(host, to);
        return sync;
    }
    const char *place = mem_copy_part(host->mem, to, (size_t)(colon - to)), *at = strrchr(place, '@');
    sync.user = at == NULL ? "root" : mem_copy_part(host->mem, place, (size_t)(at - place));
    sync.name = at == NULL ? place : at + 1;
    const char *home = strcmp(sync.user, "root") == 0 ? "/root" : mem_print(host->mem, "/home/%s", sync.user);
    sync.to = colon[1] == '/' ? colon + 1 : mem_print(host->mem, "%s/%s", home, colon + 1);
    return sync;
}

// ---- the other machine ----

/// Does the machine [view] let in as [user] who has one of root's keys of this one? A key that cloud-init was given counts.
static bool key_is_known(Host *host, Host *view, const char *user) {
    const char *home = strcmp(user, "root") == 0 ? "/root" : mem_print(host->mem, "/home/%s", user);
    const char *known = files_read(view, mem_print(host->mem, "%s/.ssh/authorized_keys", home), NULL);
    const char *given = pairs_get(&view->guest->main.keys, "sshkeys"), *owner = pairs_get(&view->guest->main.keys, "ciuser");
    bool is_owner = owner != NULL && strcmp(owner, user) == 0;
    known = mem_print(host->mem, "%s\n%s", known == NULL ? "" : known, given == NULL || !is_owner ? "" : conf_decode(host, given));
    Words names = files_list(host, "/root/.ssh");
    for (size_t i = 0; i < names.count; i++) {
        const char *key = text_ends_with(names.items[i], ".pub") ? files_read(host, mem_print(host->mem, "/root/.ssh/%s", names.items[i]), NULL) : NULL;
        Words parts = words_split(host->mem, key == NULL ? "" : key, " \n");
        if (parts.count >= 2 && strstr(known, parts.items[1]) != NULL) return true;
    }
    return false;
}

/// The machine that is written to; ends the program where ssh would not get there, or finds no rsync.
static Host remote_view(Host *host, const Sync *sync) {
    static const char LOST[] = "rsync: connection unexpectedly closed (0 bytes received so far) [sender]";
    EndpointAnswer answer = endpoint_connect(host, sync->name, PORT_SSH);
    Conf conf;
    if (answer.kind == ENDPOINT_UNKNOWN_HOST)
        sync_fail(host, EXIT_SSH, "unexplained error", mem_print(host->mem, "ssh: Could not resolve hostname %s: Name or service not known\n%s", sync->name, LOST));
    if (answer.kind != ENDPOINT_ANSWERS || !endpoint_guest(host, sync->name, &conf))
        sync_fail(host, EXIT_SSH, "unexplained error", mem_print(host->mem, "ssh: connect to host %s port 22: Connection refused\n%s", sync->name, LOST));
    Conf *kept = mem_alloc(host->mem, sizeof *kept);
    *kept = conf;
    Host view = inside_view(host, kept);
    if (!key_is_known(host, &view, sync->user))
        sync_fail(host, EXIT_SSH, "unexplained error", mem_print(host->mem, "%s@%s: Permission denied (publickey).\n%s", sync->user, sync->name, LOST));
    Words program = words_split(host->mem, sync->program, " ");
    for (size_t i = 0; i < program.count; i++)
        if (inside_find(&view, program.items[i]) == NULL)
            sync_fail(host, EXIT_NOT_FOUND, "remote command not found", mem_print(host->mem, "bash: line 1: %s: command not found\n%s", program.items[i], LOST));
    bool is_root = strcmp(sync->user, "root") == 0 || strcmp(program.items[0], "sudo") == 0;
    if (!is_root && !text_starts_with(sync->to, mem_print(host->mem, "/home/%s/", sync->user)))
        sync_fail(host, EXIT_FILES, "error in file IO", mem_print(host->mem, "rsync: [Receiver] mkdir \"%s\" failed: Permission denied (13)", sync->to));
    return view;
}

// ---- copying ----

/// Where on the node a path leads: what stands in a container is seen where the volume of its root is mounted.
static const char *node_path(Host *host, const char *path) {
    if (host->machine != MACHINE_NODE) return path;
    StorageList storages = storage_load(host);
    GuestList guests = guest_list(host);
    for (size_t i = 0; i < guests.count; i++) {
        if (guests.items[i].kind != GUEST_LXC || strcmp(guests.items[i].node, host->facts.node) != 0) continue;
        Conf conf = guest_load(host, GUEST_LXC, guests.items[i].id);
        MountList mounts = mount_list(host, &conf.main);
        Volume volume;
        if (mounts.count == 0 || strcmp(mounts.items[0].key, "rootfs") != 0 || !volume_parse(host, &storages, mounts.items[0].volume, &volume)) continue;
        size_t length = strlen(volume.path);
        if (strcmp(volume.format, "subvol") == 0 && strncmp(path, volume.path, length) == 0 && (path[length] == '/' || path[length] == '\0'))
            return mem_print(host->mem, "%s%s", guest_root(host, conf.id), path + length);
    }
    return path;
}

/// Removes what is below [to] and not below [from].
static void tree_clean(Host *host, const char *from, const char *to) {
    Words names = files_list(host, to);
    for (size_t i = 0; i < names.count; i++) {
        const char *source = mem_print(host->mem, "%s/%s", from, names.items[i]), *target = mem_print(host->mem, "%s/%s", to, names.items[i]);
        struct stat info, there;
        bool stays = files_stat(host, source, false, &info) == 0 && files_stat(host, target, false, &there) == 0 && (info.st_mode & S_IFMT) == (there.st_mode & S_IFMT);
        if (!stays) files_remove_tree(host, target);
        else if (S_ISDIR(info.st_mode)) tree_clean(host, source, target);
    }
}

int rsync_main(Host *host) {
    Sync sync = sync_read(host);
    const char *from = node_path(host, sync.from), *to = sync.to;
    if (sync.name != NULL) to = mem_print(host->mem, "%s%s", remote_view(host, &sync).prefix, to);
    if (!files_exists(host, from))
        sync_fail(host, EXIT_PARTIAL, "some files/attrs were not transferred (see previous errors)",
                  mem_print(host->mem, "rsync: [sender] link_stat \"%s\" failed: %s (%d)", sync.from, strerror(errno), errno));
    if (!sync.archive && files_is_dir(host, from)) {
        host_print(host, "skipping directory .\n");
        return 0;
    }
    if (!sync.contents || !files_is_dir(host, from)) host_fail(host, EXIT_USAGE, "phx-sandbox: rsync of anything but what is in a folder is not modelled");
    size_t length = strlen(to);
    while (length > 1 && to[length - 1] == '/') length--;
    to = mem_copy_part(host->mem, to, length);
    const char *parent = mem_copy_part(host->mem, to, (size_t)(strrchr(to, '/') - to));
    if ((!sync.make_parents && *parent != '\0' && !files_is_dir(host, parent)) || files_make_dirs(host, to, 0755) != 0)
        sync_fail(host, EXIT_FILES, "error in file IO", mem_print(host->mem, "rsync: [Receiver] mkdir \"%s\" failed: No such file or directory (2)", sync.to));
    if (sync.clean) tree_clean(host, from, to);
    // Who owns the copies is written down under the path that they have for the machine that holds them.
    if (files_merge_tree(host, from, to, !sync.own) != 0)
        sync_fail(host, EXIT_PARTIAL, "some files/attrs were not transferred (see previous errors)",
                  mem_print(host->mem, "rsync: [Receiver] mkstemp \"%s\" failed: %s (%d)", sync.to, strerror(errno), errno));
    return 0;
}
