// Opens the sandbox folder for one program, makes a plain host of an empty one, and ends the program.
#include "host.h"

#include "cluster.h"
#include "facts.h"
#include "fault.h"
#include "files.h"
#include "packages.h"
#include "units.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <unistd.h>

#define LOCK_FILE "var/lib/phx-sandbox/lock"
#define CALLS_FILE STATE_DIR "/calls"

/// Directories that every host has. The last of each path is made by mkdir -p.
static const char *const DIRECTORIES[] = {
    "/etc/pve/firewall",
    "/etc/pve/priv",
    "/etc/pve/nodes",
    "/proc/net",
    "/run/qemu-server",
    "/root",
    "/tmp",
    "/srv",
    "/mnt",
    "/opt",
    "/home",
    "/dev/disk/by-id",
    "/var/tmp",
    "/var/lib/vz/template/cache",
    "/var/lib/vz/template/iso",
    "/var/lib/vz/dump",
    "/guests",
    STATE_DIR,
};

static void file_write(Host *host, const char *path, const char *text) {
    files_write(host, path, text, strlen(text), 0644);
}

/// Makes the folder a host with nothing on it: the files pmxcfs shows, one bridge, the storage `local`.
static void host_init(Host *host) {
    Mem *mem = host->mem;
    const char *node = host->facts.node;
    for (size_t i = 0; i < sizeof DIRECTORIES / sizeof DIRECTORIES[0]; i++)
        if (files_make_dirs(host, DIRECTORIES[i], 0755) != 0)
            host_fail(host, 255, "unable to create '%s' - %s", DIRECTORIES[i], strerror(errno));
    static const char *const KINDS[] = {"lxc", "qemu-server"};
    bool joins = host->cluster >= 0 && files_exists(host, "/etc/pve/.vmlist");
    for (size_t i = 0; i < 2 && host->cluster < 0; i++) {
        const char *target = mem_print(mem, "nodes/%s/%s", node, KINDS[i]);
        files_make_dirs(host, mem_print(mem, "/etc/pve/%s", target), 0755);
        Where where;
        if (files_resolve(host, mem_print(mem, "/etc/pve/%s", KINDS[i]), false, &where) &&
            symlinkat(target, where.at, where.name) != 0 && errno != EEXIST)
            host_fail(host, 255, "unable to create '%s' - %s", where.name, strerror(errno));
    }
    file_write(host, "/proc/net/unix", "Num       RefCount Protocol Flags    Type St Inode Path\n");
    if (!joins) file_write(host, "/etc/pve/storage.cfg", "dir: local\n\tpath /var/lib/vz\n\tcontent iso,vztmpl,backup\n");
    if (!joins) file_write(host, "/etc/pve/.members", mem_print(mem, "{\n\"nodename\": \"%s\",\n\"version\": 0\n}\n", node));
    packages_make_base(host);
    units_boot_node(host);
    // Written last: its being there says that the host is whole. A node of a cluster has its own name alone to itself.
    if (host->cluster < 0) file_write(host, "/etc/hostname", mem_print(mem, "%s\n", node));
    if (!joins) file_write(host, "/etc/pve/.vmlist", "{\n\"version\": 1,\n\"ids\": {\n}\n\n}\n");
    if (host->cluster >= 0) file_write(host, "/etc/hostname", mem_print(mem, "%s\n", node));
}

/// Opens the folder, making it where it is missing. A process that cannot do that has no host to report on.
static int folder_open(const char *dir) {
    if (mkdir(dir, 0755) != 0 && errno != EEXIST) {
        fprintf(stderr, "phx-sandbox: can not create %s: %s\n", dir, strerror(errno));
        exit(255);
    }
    int folder = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) {
        fprintf(stderr, "phx-sandbox: can not open %s: %s\n", dir, strerror(errno));
        exit(255);
    }
    return folder;
}

/// Takes the folder's lock; it is held until the process ends. The kernel gives it up for a killed one.
static int lock_take(Host *host) {
    if (files_make_dirs(host, STATE_DIR, 0755) != 0)
        host_fail(host, 255, "phx-sandbox: %s: %s", STATE_DIR, strerror(errno));
    int lock = openat(host->base, LOCK_FILE, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (lock < 0) host_fail(host, 255, "phx-sandbox: %s: %s", LOCK_FILE, strerror(errno));
    while (flock(lock, LOCK_EX) != 0)
        if (errno != EINTR) host_fail(host, 255, "phx-sandbox: %s: %s", LOCK_FILE, strerror(errno));
    return lock;
}

/// [argument] as a JSON string. Bytes above ASCII pass as they are: what is logged is what was given.
static void json_add(Text *line, const char *argument) {
    text_add(line, "\"");
    for (const char *at = argument; *at != '\0'; at++) {
        if (*at == '"' || *at == '\\') text_print(line, "\\%c", *at);
        else if ((unsigned char)*at < 0x20) text_print(line, "\\u%04x", (unsigned)*at);
        else text_add_part(line, at, 1);
    }
    text_add(line, "\"");
}

/// Appends this call to the log and returns its number.
static long call_log(Host *host) {
    Text line = text_new(host->mem);
    text_add(&line, "[");
    json_add(&line, host->program);
    for (int i = 1; i < host->argc; i++) {
        text_add(&line, ",");
        json_add(&line, host->argv[i]);
    }
    text_add(&line, "]\n");
    const char *before = files_read(host, CALLS_FILE, NULL);
    long number = 1;
    for (const char *at = before; at != NULL && (at = strchr(at, '\n')) != NULL; at++) number++;
    int file = files_open(host, CALLS_FILE, O_WRONLY | O_APPEND | O_CREAT, 0644);
    if (file < 0 || write(file, line.data, line.length) != (ssize_t)line.length)
        host_fail(host, 255, "phx-sandbox: %s: %s", CALLS_FILE, strerror(errno));
    close(file);
    return number;
}

/// The bridges as the kernel shows them, made anew: sandbox.json may have changed.
static void bridges_show(Host *host) {
    files_remove_tree(host, "/sys/class/net");
    for (size_t i = 0; i < host->facts.bridges.count; i++) {
        const char *path = mem_print(host->mem, "/sys/class/net/%s", host->facts.bridges.items[i]);
        if (files_make_dirs(host, path, 0755) != 0) host_fail(host, 255, "phx-sandbox: %s: %s", path, strerror(errno));
    }
}

void host_open(Host *host, Mem *mem, const char *dir, const char *program, int argc, char **argv) {
    *host = (Host){.mem = mem,
                   .prefix = "",
                   .cwd = "/",
                   .input = STDIN_FILENO,
                   .out = stdout,
                   .err = stderr,
                   .program = program,
                   .argc = argc,
                   .argv = argv};
    host->base = host->root = folder_open(dir);
    host->lock = lock_take(host);
    facts_read(host);
    cluster_join(host);
    bridges_show(host);
    if (!files_exists(host, host->cluster < 0 ? "/etc/pve/.vmlist" : "/etc/hostname")) host_init(host);
    if (strcmp(program, "phx-sandbox") != 0) fault_begin(host, call_log(host));
}

static void undo_run(Host *host) {
    while (host->undo != NULL) {
        // Taken off first, so that an undo that fails does not run itself again.
        Undo *undo = host->undo;
        host->undo = undo->next;
        undo->action(host, undo->argument);
    }
}

_Noreturn void host_exit(Host *host, int code) {
    fflush(host->out);
    fflush(host->err);
    if (host->escape != NULL) {
        host->escape_code = code;
        longjmp(*host->escape, 1);
    }
    exit(code);
}

_Noreturn void host_fail(Host *host, int code, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    const char *message = mem_print_list(host->mem, format, arguments);
    va_end(arguments);
    undo_run(host);
    host_warn(host, "%s", message);
    host_exit(host, code);
}

void host_undo_on_failure(Host *host, void (*action)(Host *host, const char *argument), const char *argument) {
    Undo *undo = mem_alloc(host->mem, sizeof *undo);
    *undo = (Undo){.next = host->undo, .action = action, .argument = argument};
    host->undo = undo;
}

void host_commit(Host *host) {
    host->undo = NULL;
}

void host_print(Host *host, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vfprintf(host->out, format, arguments);
    va_end(arguments);
}

void host_warn(Host *host, const char *format, ...) {
    fflush(host->out);  // so that both streams in one file stand in the order they were written in
    va_list arguments;
    va_start(arguments, format);
    vfprintf(host->err, format, arguments);
    va_end(arguments);
    fputc('\n', host->err);
}

void host_random(Host *host, unsigned char *bytes, size_t length) {
    if (getrandom(bytes, length, 0) != (ssize_t)length) host_fail(host, 255, "no random numbers: %s", strerror(errno));
}

const char *host_uuid(Host *host) {
    unsigned char b[16];
    host_random(host, b, sizeof b);
    b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
    b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
    return mem_print(host->mem, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1],
                     b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
}
