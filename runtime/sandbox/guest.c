// Finds, reads, writes, removes guests and keeps the files that show which of them run.
#include "guest.h"

#include "files.h"
#include "packages.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
    static const GuestKind KINDS[] = {GUEST_LXC, GUEST_QEMU};
    // Asked of the files themselves: a list of all guests is long.
    Words nodes = files_list(host, "/etc/pve/nodes");
    for (size_t n = 0; n < nodes.count; n++) {
        for (size_t k = 0; k < 2; k++) {
            const char *path = mem_print(host->mem, "/etc/pve/nodes/%s/%s/%s.conf", nodes.items[n],
                                         kind_folder(KINDS[k]), id);
            if (strchr(id, '/') != NULL || !files_exists(host, path)) continue;
            *found = (GuestName){.id = id, .node = nodes.items[n], .kind = KINDS[k]};
            return true;
        }
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

/// What the list said about a guest when it was last written.
typedef struct Entry {
    long id, version;
} Entry;

static int entry_compare(const void *a, const void *b) {
    long first = ((const Entry *)a)->id, second = ((const Entry *)b)->id;
    return (first > second) - (first < second);
}

/// The number after [name] in the line [text], or 0.
static long number_after(const char *text, const char *name) {
    const char *at = strstr(text, name);
    return at == NULL ? 0 : strtol(at + strlen(name), NULL, 10);
}

/// Takes the list apart, by number: one line a guest. Its own version goes to [version].
static Entry *entries_read(Host *host, size_t *count, long *version) {
    const char *text = files_read(host, "/etc/pve/.vmlist", NULL);
    Words lines = words_split(host->mem, text == NULL ? "" : text, "\n");
    Entry *entries = mem_alloc(host->mem, (lines.count + 1) * sizeof *entries);
    *count = 0;
    *version = 0;
    for (size_t i = 0; i < lines.count; i++) {
        const char *line = lines.items[i];
        long id = line[0] == '"' ? strtol(line + 1, NULL, 10) : 0, number = number_after(line, "\"version\": ");
        if (id > 0) entries[(*count)++] = (Entry){.id = id, .version = number};
        else if (*version == 0) *version = number;
    }
    if (*count > 1) qsort(entries, *count, sizeof *entries, entry_compare);
    return entries;
}

/// Rewrites the list of guests that pmxcfs shows, from the files there are; each write of [changed] moves its version
/// and the list's on. One pass over both lists: hosts have thousands of guests.
static void list_write(Host *host, const char *changed) {
    size_t known;
    long version;
    Entry *entries = entries_read(host, &known, &version);
    version++;
    Text text = text_new(host->mem);
    text_print(&text, "{\n\"version\": %ld,\n\"ids\": {\n", version);
    GuestList list = guest_list(host);
    size_t at = 0;
    for (size_t i = 0; i < list.count; i++) {
        const GuestName *guest = &list.items[i];
        long id = strtol(guest->id, NULL, 10);
        while (at < known && entries[at].id < id) at++;
        bool same = at < known && entries[at].id == id && strcmp(guest->id, changed) != 0;
        text_print(&text, "%s\"%s\": { \"node\": \"%s\", \"type\": \"%s\", \"version\": %ld }", i > 0 ? ",\n" : "",
                   guest->id, guest->node, guest->kind == GUEST_LXC ? "lxc" : "qemu", same ? entries[at].version : version);
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

static void container_give_up(Host *host, const char *id) {
    guest_remove(host, GUEST_LXC, id);
}

static void machine_give_up(Host *host, const char *id) {
    guest_remove(host, GUEST_QEMU, id);
}

void guest_reserve(Host *host, GuestKind kind, const char *id, const char *lock) {
    Conf conf = conf_new(host, kind, id);
    pairs_set(&conf.main.keys, "lock", lock);
    guest_save(host, &conf);
    host_undo_on_failure(host, kind == GUEST_LXC ? container_give_up : machine_give_up, id);
}

void guest_rehome(Host *host, GuestKind kind, const char *id, const char *node) {
    Where from, to;
    if (!files_resolve(host, mem_print(host->mem, "/etc/pve/%s", conf_place(host, kind, id)), false, &from) ||
        !files_resolve(host, mem_print(host->mem, "/etc/pve/nodes/%s/%s/%s.conf", node, kind_folder(kind), id), false, &to) ||
        renameat(from.at, from.name, to.at, to.name) != 0)
        host_fail(host, 255, "unable to move the configuration file of %s to '%s' - %s", id, node, strerror(errno));
    list_write(host, id);
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

static const char *pid_file(Host *host, const char *id) {
    return mem_print(host->mem, "/run/qemu-server/%s.pid", id);
}

long guest_pid(const char *id) {
    // Above the numbers a small host really uses, and never two guests with one.
    return 100000 + strtol(id, NULL, 10);
}

/// The container whose control socket [line] of /proc/net/unix is; NULL for any other socket.
static const char *socket_owner(Host *host, const char *line) {
    static const char BEFORE[] = " @/var/lib/lxc/";
    const char *at = strstr(line, BEFORE);
    if (at == NULL) return NULL;
    const char *id = at + strlen(BEFORE);
    size_t length = strspn(id, "0123456789");
    return length > 0 && strcmp(id + length, "/command") == 0 ? mem_copy_part(host->mem, id, length) : NULL;
}

static int word_compare(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

bool guest_is_running(Host *host, GuestKind kind, const char *id) {
    if (kind == GUEST_QEMU) return files_exists(host, pid_file(host, id));
    if (host->running == NULL) {
        // Read once: lists ask this of thousands.
        const char *text = files_read(host, "/proc/net/unix", NULL);
        Words lines = words_split(host->mem, text == NULL ? "" : text, "\n");
        host->running = mem_alloc(host->mem, sizeof *host->running);
        *host->running = words_new(host->mem);
        for (size_t i = 0; i < lines.count; i++) {
            const char *owner = socket_owner(host, lines.items[i]);
            if (owner != NULL) words_add(host->running, owner);
        }
        words_sort(host->running);
    }
    if (host->running->count == 0) return false;
    return bsearch(&id, host->running->items, host->running->count, sizeof *host->running->items, word_compare) != NULL;
}

/// The number of a new socket: no two of a host have the same, at whatever time.
static long next_socket(Host *host) {
    static const char LAST[] = STATE_DIR "/sockets";
    const char *before = files_read(host, LAST, NULL);
    long number = (before == NULL ? 20000 : strtol(before, NULL, 10)) + 1;
    const char *now = mem_print(host->mem, "%ld\n", number);
    files_write(host, LAST, now, strlen(now), 0644);
    return number;
}

static void container_set_running(Host *host, const char *id, bool running) {
    const char *before = files_read(host, "/proc/net/unix", NULL);
    Words lines = words_split(host->mem, before == NULL ? "" : before, "\n");
    Text text = text_new(host->mem);
    for (size_t i = 0; i < lines.count; i++)
        if (!text_equals(socket_owner(host, lines.items[i]), id)) text_print(&text, "%s\n", lines.items[i]);
    if (running)
        text_print(&text, "0000000000000000: 00000002 00000000 00010000 0001 01 %ld @/var/lib/lxc/%s/command\n",
                   next_socket(host), id);
    files_write(host, "/proc/net/unix", text.data, text.length, 0644);
    host->running = NULL;
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

void guest_make_root(Host *host, GuestKind kind, const char *id, const char *hostname, const char *ostype) {
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
    Host view = *host;
    view.prefix = root;
    view.bind_count = 0;
    view.machine = kind == GUEST_LXC ? MACHINE_LXC : MACHINE_VM;
    view.root = files_open(host, root, O_RDONLY | O_DIRECTORY, 0);
    if (view.root < 0) host_fail(host, 255, "phx-sandbox: '%s': %s", root, strerror(errno));
    packages_make_base(&view);
    close(view.root);
}

const char *guest_new_mac(Host *host) {
    unsigned char b[3];
    host_random(host, b, sizeof b);
    return mem_print(host->mem, "BC:24:11:%02X:%02X:%02X", b[0], b[1], b[2]);
}

bool guest_has_bridge(const Host *host, const char *bridge) {
    return words_has(&host->facts.bridges, bridge);
}
