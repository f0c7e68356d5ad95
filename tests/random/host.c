/* The life on a model host beside the site: other people's things, and what is done by hand. */
#include "tests/random/host.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- programs and files ---- */

int host_run(const Host *host, const char *const *argv, const char *out, const char *err) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, out ? out : "/dev/null", O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_addopen(&actions, 2, err ? err : "/dev/null", O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (host->is_loud) {
        for (size_t i = 0; argv[i]; i++)
            fprintf(stderr, "%s%s", i ? " " : "+ ", argv[i]);
        fprintf(stderr, "\n");
    }
    const char *program = argv[0];
    if (!strchr(program, '/'))
        program = arena_printf(host->arena, "%s/%s", host->programs, program).text;
    pid_t pid;
    int status = 0, failed = posix_spawn(&pid, program, &actions, NULL, (char *const *)(uintptr_t)argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failed || waitpid(pid, &status, 0) < 0)
        return 255;
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : 255;
    if (host->is_loud && code)
        fprintf(stderr, "+ exit %d\n", code);
    return code;
}

const char *host_read(const Host *host, const char *path, size_t *length) {
    FILE *file = fopen(path, "rb");
    struct stat status;
    if (!file || fstat(fileno(file), &status) < 0) {
        if (file)
            fclose(file);
        return NULL;
    }
    char *bytes = arena_text(host->arena, (size_t)status.st_size + 1);
    size_t count = fread(bytes, 1, (size_t)status.st_size, file);
    bytes[count] = '\0';
    if (length)
        *length = count;
    fclose(file);
    return bytes;
}

#define PRINT(...) arena_printf(host->arena, __VA_ARGS__).text
#define RUN(...) host_run(host, (const char *const[]){__VA_ARGS__, NULL}, NULL, NULL)

static const char *below_root(const Host *host, const char *path) {
    return PRINT("%s%s", host->folder, path);
}

static void write_file(const Host *host, const char *path, const char *text, const char *mode) {
    FILE *file = fopen(below_root(host, path), mode);
    if (!file)
        return;
    fwrite(text, 1, strlen(text), file);
    fclose(file);
}

static uint32_t below(const Host *host, uint32_t limit) {
    return random_below(host->random, limit);
}

static const char *guest_path(const Host *host, const char *type, const char *id) {
    return PRINT("/etc/pve/nodes/pve/%s/%s.conf", !strcmp(type, "pve.lxc") ? "lxc" : "qemu-server", id);
}

/* ---- other people's ---- */

/* A file as an editor or a careless hand leaves it. What `qm` does not know it drops when it writes a file: a machine that the site takes over has
   nothing of that kind. */
static void spoil(const Host *host, const char *path, int keeps_unknown) {
    const char *text = host_read(host, below_root(host, path), NULL);
    if (!text)
        return;
    Text spoilt = {0};
    if (!below(host, 3))
        text_addf(&spoilt, "Editing: %s\n", path);
    text_addf(&spoilt, "%s", text);
    static const char *const LINES[] = {"of_a_newer_version: a=b,%20c # d\n", "net31: name=eth31,bridge=vmbr0\nnet31: name=eth31,bridge=vmbr0,firewall=1\n", "#odd comment <b>&auml;</b>\n", "\n", "tags:\n", "hotplug:0\n", " wrapped -line a: b\n", "memory : 7\n", "#cores: 12\n", "\xff\xfe: \xc3\n"};
    for (uint32_t i = below(host, 5); i > 0; i--)
        text_addf(&spoilt, "%s", LINES[keeps_unknown ? below(host, sizeof LINES / sizeof *LINES) : 2 + below(host, sizeof LINES / sizeof *LINES - 2)]);
    if (!below(host, 2))
        text_add_literal(&spoilt, "\n[vzdump]\n#vzdump backup\nof-a-newer-version: 1\nsnapstate: prepare");
    if (!below(host, 4)) {
        Text crlf = {0};
        for (size_t i = 0; i < spoilt.length; i++) {
            if (spoilt.bytes[i] == '\n')
                text_add_char(&crlf, '\r');
            text_add_char(&crlf, spoilt.bytes[i]);
        }
        text_fini(&spoilt);
        spoilt = crlf;
    }
    write_file(host, path, spoilt.bytes, "wb");
    text_fini(&spoilt);
}

static void guest_make(const Host *host, const char *type, const char *id) {
    if (!strcmp(type, "pve.lxc"))
        RUN("pct", "create", id, "local:vztmpl/theirs.tar.zst", "--rootfs", "theirs:2", "--hostname", PRINT("by-hand-%s", id), "--memory", "384", "--description",
            "made by hand", "--unprivileged", below(host, 2) ? "1" : "0", "--mp3", "theirs:1,mp=/mp3");
    else
        RUN("qm", "create", id, "--name", PRINT("by-hand-%s", id), "--memory", "384", "--scsi0", "theirs:2", "--net0", "virtio,bridge=vmbr0", "--description", "made by hand");
}

void host_prepare(const Host *host, const Site *site) {
    mkdir(host->folder, 0700);
    setenv("PHX_SANDBOX", host->folder, 1);
    RUN("phx-sandbox", "init");
    RUN("zpool", "create", "-O", "compression=lz4", "other", "/dev/disk/by-id/other");
    RUN("zfs", "create", "-o", "quota=5G", "-o", "user:note=x y", "other/data");
    RUN("pvesm", "add", "dir", "theirs", "--path", "/srv/theirs", "--content", "images,rootdir");
    write_file(host, "/etc/pve/storage.cfg",
               "\n# by hand\nnfs: odd \n    server 10.0.0.1\n        export /x\n\toptions\tvers=3  \n\tmax-protected-backups 3\n# here too\n\tcontent iso\n\n", "ab");
    write_file(host, "/var/lib/vz/template/cache/theirs.tar.zst", "x", "wb");
    write_file(host, "/etc/pve/firewall/801.fw", "# by hand\n[options]\nenable: 1\n\n[RULES]\n\n|IN SSH(ACCEPT) -source 10.0.0.1 # theirs\nodd line\n", "wb");
    write_file(host, "/etc/pve/firewall/cluster.fw", "[OPTIONS]\n\npolicy_forward: DROP\n\n[ALIASES]\n\ntheirs 10.9.9.9\n\n[RULES]\n\nIN ACCEPT -p tcp -dport 22 # theirs\nGROUP odd\n\n[group odd]\n\nIN DROP\n\n", "wb");
    write_file(host, "/etc/subgid", "root:100000:65536\n# by hand", "wb");
    static const struct { const char *type, *id; } THEIRS[] = {{"pve.lxc", "801"}, {"pve.lxc", "802"}, {"pve.vm", "851"}, {"pve.vm", "852"}};
    for (size_t i = 0; i < sizeof THEIRS / sizeof *THEIRS; i++) {
        guest_make(host, THEIRS[i].type, THEIRS[i].id);
        if (below(host, 2))
            spoil(host, guest_path(host, THEIRS[i].type, THEIRS[i].id), 1);
    }
    for (uint32_t i = 0; i < site->resources.count; i++) {
        const Resource *resource = site->resources.items[i];
        if (!resource->adopted)
            continue;
        guest_make(host, resource->type, resource->object);
        if (below(host, 2))
            spoil(host, guest_path(host, resource->type, resource->object), !strcmp(resource->type, "pve.lxc"));
    }
}

/* ---- by hand ---- */

/* A line of a newer version, in the settings of the guest or of its last snapshot. */
static void write_foreign(const Host *host, Site *site, Resource *guest) {
    const char *path = guest_path(host, guest->type, guest->object), *text = host_read(host, below_root(host, path), NULL);
    if (!text)
        return;
    const char *line = PRINT("newer_%u: a=b,c;d \"%%41\" # %u", below(host, 1000), below(host, 1000));
    const char *section = strstr(text, "\n[");
    size_t at = section && below(host, 3) ? (size_t)(section - text) + 1 : strlen(text);
    const char *before = at && text[at - 1] != '\n' ? "\n" : "";
    write_file(host, path, PRINT("%.*s%s%s\n%s", (int)at, text, before, line, text + at), "wb");
    VECTOR_PUSH(site->arena, &guest->foreign, line);
}

/* Another spelling of the same, or a comment, somewhere in the settings. */
static void write_odd(const Host *host, const Resource *guest) {
    const char *path = guest_path(host, guest->type, guest->object), *text = host_read(host, below_root(host, path), NULL);
    const char *memory = text ? strstr(text, "\nmemory: ") : NULL, *section = text ? strstr(text, "\n[") : NULL;
    if (!memory || (section && memory > section))
        return;
    const char *end = strchr(memory + 1, '\n');
    size_t at = (size_t)(memory - text) + 1, digits = end ? (size_t)(end - memory) - 9 : strlen(memory) - 9;
    Text odd = {0};
    text_addf(&odd, "%.*s", (int)at, text);
    switch (below(host, 4)) {
    case 0: text_addf(&odd, "memory:%.*s  ", (int)digits, memory + 9); break;
    case 1: text_addf(&odd, "memory: 77\nmemory: %.*s", (int)digits, memory + 9); break;
    case 2: text_addf(&odd, "\n\nmemory: %.*s\n\n", (int)digits, memory + 9); break;
    default: text_addf(&odd, "#by hand, in mid-file\nmemory:  %.*s\r", (int)digits, memory + 9); break;
    }
    text_addf(&odd, "%s", end ? end : "\n");
    write_file(host, path, odd.bytes, "wb");
    text_fini(&odd);
}

static void drift_guest(const Host *host, Site *site, Resource *guest) {
    const char *program = !strcmp(guest->type, "pve.lxc") ? "pct" : "qm", *id = guest->object;
    int is_container = *program == 'p';
    static const char *const SETTINGS[][2] = {{"--memory", "333"}, {"--cores", "3"}, {"--tags", "drift"}, {"--onboot", "1"}, {"--cpuunits", "77"}, {"--startup", "order=9"},
                                              {"--delete", "tags"}, {"--delete", "onboot"}, {"--delete", "net0"}, {"--nameserver", "9.9.9.9"}};
    uint32_t which = below(host, 16);
    if (which < sizeof SETTINGS / sizeof *SETTINGS)
        RUN(program, "set", id, SETTINGS[which][0], SETTINGS[which][1]);
    else if (which == 10)
        RUN(program, "set", id, "--net9", is_container ? "name=eth9,bridge=vmbr0" : "virtio,bridge=vmbr0");
    else if (which == 11 && !guest->is_template)
        RUN(program, "start", id);
    else if (which == 12)
        RUN(program, "stop", id);
    else if (which == 13)
        write_odd(host, guest);
    else if (is_container)
        write_foreign(host, site, guest);
}

static void drift_dataset(const Host *host, const Resource *dataset) {
    static const char *const SETTINGS[] = {"compression=gzip-1", "atime=off", "quota=700G", "recordsize=64K", "copies=2", "user:note=by hand"};
    if (below(host, 4))
        RUN("zfs", "set", SETTINGS[below(host, sizeof SETTINGS / sizeof *SETTINGS)], dataset->object);
    else
        RUN("zfs", "inherit", below(host, 2) ? "compression" : "recordsize", dataset->object);
}

static void drift_storage(const Host *host, const Resource *storage) {
    static const char *const SETTINGS[][2] = {{"--nodes", "pve"}, {"--delete", "nodes"}, {"--delete", "prune-backups"}, {"--max-protected-backups", "9"}, {"--sparse", "1"}};
    uint32_t which = below(host, sizeof SETTINGS / sizeof *SETTINGS);
    RUN("pvesm", "set", storage->object, SETTINGS[which][0], SETTINGS[which][1]);
}

static void drift_file(const Host *host, const Resource *file) {
    int is_folder = !strcmp(file->type, "fs.dir");
    if (is_folder || below(host, 2))
        RUN("chmod", "711", "--", file->object);
    else if (below(host, 2))
        write_file(host, file->object, "by hand", "wb");
    else
        RUN("rm", "--", file->object);
}

void host_drift(const Host *host, Site *site) {
    for (uint32_t i = below(host, 5); i > 0; i--) {
        Resource *resource = site->resources.items[below(host, site->resources.count)];
        if (!resource->made)
            continue;
        if (resource_is_guest(resource))
            drift_guest(host, site, resource);
        else if (!strcmp(resource->type, "zfs.dataset"))
            drift_dataset(host, resource);
        else if (!strcmp(resource->type, "zfs.pool"))
            RUN("zpool", "set", below(host, 2) ? "autotrim=on" : "comment=by hand", resource->object);
        else if (!strcmp(resource->type, "pve.storage"))
            drift_storage(host, resource);
        else if (!strcmp(resource->type, "fs.dir") || !strcmp(resource->type, "fs.file"))
            drift_file(host, resource);
    }
}
