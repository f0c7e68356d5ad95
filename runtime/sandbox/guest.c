// Finds, reads, writes, removes guests and keeps the files that show which of them run.
#include "guest.h"

#include "files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *kind_folder(GuestKind kind) {
    return kind == GUEST_LXC ? "lxc" : "qemu-server";
}

const char *guest_word(GuestKind kind) {
    return kind == GUEST_LXC ? "CT" : "VM";
}

/// The file, seen from /etc/pve: the messages name it so.
static const char *conf_place(Host *host, GuestKind kind, const char *id) {
    return mem_print(host->mem, "nodes/%s/%s/%s.conf", host->facts.node, kind_folder(kind), id);
}

static int guest_compare(const void *a, const void *b) {
    long first = strtol(((const GuestName *)a)->id, NULL, 10), second = strtol(((const GuestName *)b)->id, NULL, 10);
    return (first > second) - (first < second);
}

GuestList guest_list(Host *host) {
    static const GuestKind KINDS[] = {GUEST_LXC, GUEST_QEMU};
    Words nodes = files_list(host, "/etc/pve/nodes");
    GuestList list = {0};
    size_t capacity = 0;
    for (size_t n = 0; n < nodes.count; n++) {
        for (size_t k = 0; k < 2; k++) {
            Words names =
                files_list(host, mem_print(host->mem, "/etc/pve/nodes/%s/%s", nodes.items[n], kind_folder(KINDS[k])));
            if (list.count + names.count > capacity) {
                capacity = (list.count + names.count) * 2;
                GuestName *larger = mem_alloc(host->mem, capacity * sizeof *larger);
                if (list.count > 0) memcpy(larger, list.items, list.count * sizeof *larger);
                list.items = larger;
            }
            for (size_t i = 0; i < names.count; i++) {
                size_t length = strspn(names.items[i], "0123456789");
                if (length == 0 || strcmp(names.items[i] + length, ".conf") != 0) continue;
                list.items[list.count++] = (GuestName){
                    .id = mem_copy_part(host->mem, names.items[i], length), .node = nodes.items[n], .kind = KINDS[k]};
            }
        }
    }
    if (list.count > 1) qsort(list.items, list.count, sizeof *list.items, guest_compare);
    return list;
}

bool guest_find(Host *host, const char *id, GuestName *found) {
    GuestList list = guest_list(host);
    for (size_t i = 0; i < list.count; i++) {
        if (strcmp(list.items[i].id, id) != 0) continue;
        *found = list.items[i];
        return true;
    }
    return false;
}

Conf guest_load(Host *host, GuestKind kind, const char *id) {
    const char *place = conf_place(host, kind, id);
    size_t length;
    const char *text = files_read(host, mem_print(host->mem, "/etc/pve/%s", place), &length);
    if (text == NULL && errno == ENOENT) host_fail(host, 2, "Configuration file '%s' does not exist", place);
    if (text == NULL) host_fail(host, 255, "unable to read '%s' - %s", place, strerror(errno));
    Conf conf = conf_parse(host, kind, id, text);
    conf.digest = conf_sha1(host, text, length);
    return conf;
}

/// The number after `"NAME": ` in [text], or 0.
static long number_after(const char *text, const char *name) {
    const char *at = strstr(text, name);
    return at == NULL ? 0 : strtol(at + strlen(name), NULL, 10);
}

/// Rewrites the list of guests that pmxcfs shows; each write of [changed] moves its version and the list's on.
static void list_write(Host *host, const char *changed) {
    Mem *mem = host->mem;
    const char *before = files_read(host, "/etc/pve/.vmlist", NULL);
    if (before == NULL) before = "";
    long version = number_after(before, "\"version\": ") + 1;
    Text text = text_new(mem);
    text_print(&text, "{\n\"version\": %ld,\n\"ids\": {\n", version);
    GuestList list = guest_list(host);
    for (size_t i = 0; i < list.count; i++) {
        const GuestName *guest = &list.items[i];
        const char *entry = strstr(before, mem_print(mem, "\"%s\": {", guest->id));
        long own = entry == NULL || strcmp(guest->id, changed) == 0 ? version : number_after(entry, "\"version\": ");
        text_print(&text, "%s\"%s\": { \"node\": \"%s\", \"type\": \"%s\", \"version\": %ld }", i > 0 ? ",\n" : "",
                   guest->id, guest->node, guest->kind == GUEST_LXC ? "lxc" : "qemu", own);
    }
    text_add(&text, "}\n\n}\n");
    files_write(host, "/etc/pve/.vmlist", text.data, text.length, 0640);
}

void guest_save(Host *host, Conf *conf) {
    const char *text = conf_print(host, conf);
    const char *path = mem_print(host->mem, "/etc/pve/%s", conf_place(host, conf->kind, conf->id));
    files_write(host, path, text, strlen(text), 0640);
    conf->digest = conf_sha1(host, text, strlen(text));
    list_write(host, conf->id);
}

void guest_remove(Host *host, GuestKind kind, const char *id) {
    guest_set_running(host, kind, id, false);
    files_unlink(host, mem_print(host->mem, "/etc/pve/%s", conf_place(host, kind, id)));
    files_unlink(host, mem_print(host->mem, "/etc/pve/firewall/%s.fw", id));
    files_remove_tree(host, guest_root(host, id));
    files_remove_tree(host, guest_snapshot_root(host, id, ""));
    list_write(host, id);
}

void guest_check_lock(Host *host, const Conf *conf) {
    const char *lock = pairs_get(&conf->main.keys, "lock");
    if (lock != NULL) host_fail(host, 255, "%s is locked (%s)", guest_word(conf->kind), lock);
}

/// The end of the line that a running container's control socket has in /proc/net/unix.
static const char *socket_name(Host *host, const char *id) {
    return mem_print(host->mem, " @/var/lib/lxc/%s/command", id);
}

static const char *pid_file(Host *host, const char *id) {
    return mem_print(host->mem, "/run/qemu-server/%s.pid", id);
}

long guest_pid(const char *id) {
    // Above the numbers a small host really uses, and never two guests with one.
    return 100000 + strtol(id, NULL, 10);
}

bool guest_is_running(Host *host, GuestKind kind, const char *id) {
    if (kind == GUEST_QEMU) return files_exists(host, pid_file(host, id));
    const char *text = files_read(host, "/proc/net/unix", NULL);
    Words lines = words_split(host->mem, text == NULL ? "" : text, "\n");
    for (size_t i = 0; i < lines.count; i++)
        if (text_ends_with(lines.items[i], socket_name(host, id))) return true;
    return false;
}

static void container_set_running(Host *host, const char *id, bool running) {
    const char *before = files_read(host, "/proc/net/unix", NULL);
    Words lines = words_split(host->mem, before == NULL ? "" : before, "\n");
    Text text = text_new(host->mem);
    for (size_t i = 0; i < lines.count; i++)
        if (!text_ends_with(lines.items[i], socket_name(host, id))) text_print(&text, "%s\n", lines.items[i]);
    if (running)
        text_print(&text, "0000000000000000: 00000002 00000000 00010000 0001 01 %ld%s\n", guest_pid(id),
                   socket_name(host, id));
    files_write(host, "/proc/net/unix", text.data, text.length, 0644);
}

void guest_set_running(Host *host, GuestKind kind, const char *id, bool running) {
    if (kind == GUEST_LXC) {
        container_set_running(host, id, running);
        return;
    }
    const char *folder = mem_print(host->mem, "/proc/%ld", guest_pid(id));
    if (!running) {
        files_unlink(host, pid_file(host, id));
        files_remove_tree(host, folder);
        return;
    }
    Text line = text_new(host->mem);
    const char *const words[] = {"/usr/bin/kvm", "-id", id, "-daemonize"};
    for (size_t i = 0; i < 4; i++) text_add_part(&line, words[i], strlen(words[i]) + 1);
    const char *number = mem_print(host->mem, "%ld\n", guest_pid(id));
    files_write(host, mem_print(host->mem, "%s/cmdline", folder), line.data, line.length, 0444);
    files_write(host, pid_file(host, id), number, strlen(number), 0600);
}

const char *guest_root(Host *host, const char *id) {
    return mem_print(host->mem, "/guests/%s", id);
}

const char *guest_snapshot_root(Host *host, const char *id, const char *snapshot) {
    return mem_print(host->mem, STATE_DIR "/snapshots/%s/%s", id, snapshot);
}

void guest_make_root(Host *host, const char *id, const char *hostname, const char *ostype) {
    static const char *const DIRECTORIES[] = {"etc", "root",          "tmp",     "opt",     "srv", "home",
                                              "mnt", "usr/local/bin", "var/lib", "var/log", "run"};
    const char *root = guest_root(host, id);
    files_remove_tree(host, root);
    for (size_t i = 0; i < sizeof DIRECTORIES / sizeof DIRECTORIES[0]; i++)
        files_make_dirs(host, mem_print(host->mem, "%s/%s", root, DIRECTORIES[i]), 0755);
    const char *name = mem_print(host->mem, "%s\n", hostname);
    files_write(host, mem_print(host->mem, "%s/etc/hostname", root), name, strlen(name), 0644);
    const char *release = mem_print(host->mem, "ID=%s\n", ostype);
    files_write(host, mem_print(host->mem, "%s/etc/os-release", root), release, strlen(release), 0644);
}

const char *guest_new_mac(Host *host) {
    unsigned char b[3];
    host_random(host, b, sizeof b);
    return mem_print(host->mem, "BC:24:11:%02X:%02X:%02X", b[0], b[1], b[2]);
}

bool guest_has_bridge(const Host *host, const char *bridge) {
    return words_has(&host->facts.bridges, bridge);
}
