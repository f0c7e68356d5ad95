// Runs commands inside guests: the sandbox's own programs, and `sh -c` with the few words scripts of checks use.
#include "inside.h"

#include "files.h"
#include "guest.h"
#include "mount.h"
#include "roles.h"
#include "tools.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// A `sh -c` inside `sh -c` must end somewhere.
enum { SHELL_DEPTH = 8 };

/// The directories of the search path that root has.
static const char *const FOLDERS[] = {"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"};
enum { FOLDER_COUNT = sizeof FOLDERS / sizeof FOLDERS[0] };

Host inside_view(Host *host, const Conf *conf) {
    Host view = *host;
    view.prefix = guest_root(host, conf->id);
    view.machine = conf->kind == GUEST_LXC ? MACHINE_LXC : MACHINE_VM;
    view.guest = conf;
    view.outer = host;
    view.bind_count = 0;
    view.root = files_open(host, view.prefix, O_RDONLY | O_DIRECTORY, 0);
    if (view.root < 0) host_fail(host, 255, "phx-sandbox: '%s' is missing", view.prefix);
    if (conf->kind != GUEST_LXC) return view;
    MountList mounts = mount_list(host, &conf->main);
    view.binds = mem_alloc(host->mem, (mounts.count + 1) * sizeof *view.binds);
    for (size_t i = 0; i < mounts.count; i++) {
        const char *target = pairs_get(&mounts.items[i].props, "mp");
        if (mounts.items[i].type != MOUNT_BIND || target == NULL) continue;
        int source = files_open(host, mounts.items[i].volume, O_RDONLY | O_DIRECTORY, 0);
        if (source < 0) continue;
        view.binds[view.bind_count++] = (Bind){.target = *target == '/' ? target : mem_print(host->mem, "/%s", target),
                                               .path = mounts.items[i].volume,
                                               .source = source};
    }
    return view;
}

int inside_no_input(Host *host) {
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (nothing < 0) host_fail(host, 255, "/dev/null: %s", strerror(errno));
    return nothing;
}

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

/// Is [folder] one of those where programs stand?
static bool folder_is_known(const char *path, size_t length) {
    for (size_t i = 0; i < FOLDER_COUNT; i++)
        if (strlen(FOLDERS[i]) == length && strncmp(FOLDERS[i], path, length) == 0) return true;
    return false;
}

static bool file_runs(Host *view, const char *path) {
    struct stat info;
    return files_stat(view, path, true, &info) == 0 && S_ISREG(info.st_mode) && (info.st_mode & 0111) != 0;
}

/// Programs that every Debian has and of which the model knows nothing but that.
static const char *const UNMODELLED[] = {"sleep", "date", "echo", "printf", "sed", "awk", "grep", "find", "tar", "gzip", "head",
                                         "tail", "wc", "sort", "tr", "cut", "xargs", "kill", "ps", "mount", "umount", "ip",
                                         "hostname", "mkfs.ext4", "modprobe", "sysctl", "start-stop-daemon", "logger",
                                         "timeout", "nohup", "chroot", "df", "du", "uname", "passwd"};

static bool is_shell(const char *name) {
    return strcmp(name, "sh") == 0 || strcmp(name, "bash") == 0;
}

/// Has the machine the program without any file of it?
static bool is_built_in(const Host *view, const char *name) {
    if (is_shell(name)) return true;
    for (size_t i = 0; i < sizeof UNMODELLED / sizeof UNMODELLED[0]; i++)
        if (strcmp(UNMODELLED[i], name) == 0) return true;
    const Role *role = role_find(name);
    if (role == NULL) return false;
    if (role->home == HOME_NODE) return view->machine == MACHINE_NODE;
    return role->home == HOME_ANYWHERE || (role->home == HOME_SYSTEM && view->machine != MACHINE_CONTAINER);
}

const char *inside_find(Host *view, const char *name) {
    const char *base = base_name(name);
    if (base != name) {
        if (file_runs(view, name)) return name;
        bool known = folder_is_known(name, (size_t)(base - 1 - name));
        return known && is_built_in(view, base) ? name : NULL;
    }
    for (size_t i = 0; i < FOLDER_COUNT; i++) {
        const char *path = mem_print(view->mem, "%s/%s", FOLDERS[i], name);
        if (file_runs(view, path)) return path;
    }
    return is_built_in(view, name) ? mem_print(view->mem, "/usr/bin/%s", name) : NULL;
}

static int command_run(Host *view, const Words *command, int depth, bool *missing);

/// Takes a command of a script apart: words between blanks, quoted ones as a whole. False for what needs a real shell.
static bool script_split(Mem *mem, const char *text, Words *words) {
    while (*(text += strspn(text, " \t\n")) != '\0') {
        Text word = text_new(mem);
        while (*text != '\0' && strchr(" \t\n", *text) == NULL) {
            if (*text == '\'' || *text == '"') {
                const char *end = strchr(text + 1, *text);
                if (end == NULL) return false;
                text_add_part(&word, text + 1, (size_t)(end - text - 1));
                text = end + 1;
                continue;
            }
            if (strchr("$`|<>(){}*?\\", *text) != NULL) return false;
            text_add_part(&word, text++, 1);
        }
        words_add(words, word.data);
    }
    return true;
}

/// Runs one simple command of a script. *leave is set by `exit`.
static int simple_run(Host *view, const Words *words, int depth, bool *leave) {
    if (words->count == 0) return 0;
    const char *name = words->items[0];
    if (strcmp(name, "exit") == 0) {
        *leave = true;
        return words->count > 1 ? (int)(strtol(words->items[1], NULL, 10) & 255) : 0;
    }
    if (strcmp(name, "echo") == 0) {
        for (size_t i = 1; i < words->count; i++) host_print(view, "%s%s", i > 1 ? " " : "", words->items[i]);
        host_print(view, "\n");
        return 0;
    }
    bool missing = false;
    int code = command_run(view, words, depth + 1, &missing);
    if (missing) host_warn(view, "sh: 1: %s: not found", name);
    return code;
}

/// Runs a script of simple commands joined by ; && and ||.
static int script_run(Host *view, const char *script, int depth) {
    int code = 0;
    bool leave = false, wanted = true;
    while (*script != '\0' && !leave) {
        size_t length = 0;
        char quote = '\0';
        for (; script[length] != '\0'; length++) {
            char byte = script[length];
            if (quote != 0 && byte == quote) quote = '\0';
            else if (quote != 0) continue;
            else if (byte == '\'' || byte == '"') quote = byte;
            else if (byte == ';' || byte == '\n' || strncmp(script + length, "&&", 2) == 0 ||
                     strncmp(script + length, "||", 2) == 0)
                break;
        }
        Words words = words_new(view->mem);
        if (!script_split(view->mem, mem_copy_part(view->mem, script, length), &words)) {
            host_warn(view, "phx-sandbox: a shell is not modelled: %s", script);
            return INSIDE_NOT_FOUND;
        }
        if (wanted) code = simple_run(view, &words, depth, &leave);
        script += length;
        wanted = true;
        if (strncmp(script, "&&", 2) == 0) wanted = code == 0;
        if (strncmp(script, "||", 2) == 0) wanted = code != 0;
        script += *script == '&' || *script == '|' ? 2 : *script != '\0';
    }
    return code;
}

/// Calls the program of [role]; a host_fail in it comes back here.
static int role_run(const Role *role, Host *inner) {
    jmp_buf escape;
    inner->escape = &escape;
    if (setjmp(escape) != 0) return inner->escape_code;
    return role->run(inner);
}

static int command_run(Host *view, const Words *command, int depth, bool *missing) {
    const char *name = base_name(command->items[0]);
    *missing = inside_find(view, command->items[0]) == NULL;
    if (*missing) return INSIDE_NOT_FOUND;
    if (is_shell(name) && command->count >= 3 && strcmp(command->items[1], "-c") == 0 && depth < SHELL_DEPTH)
        return script_run(view, command->items[2], depth);
    const Role *role = role_find(name);
    if (role == NULL || is_shell(name)) {
        // There is such a program, but the model knows nothing of what it does.
        host_warn(view, "phx-sandbox: %s is not modelled", command->items[0]);
        return INSIDE_NOT_FOUND;
    }
    char **words = mem_alloc(view->mem, (command->count + 1) * sizeof *words);
    for (size_t i = 0; i < command->count; i++) words[i] = mem_copy(view->mem, command->items[i]);
    Host *inner = mem_alloc(view->mem, sizeof *inner);
    *inner = *view;
    inner->program = name;
    inner->argc = (int)command->count;
    inner->argv = words;
    inner->undo = NULL;
    return role_run(role, inner);
}

int inside_run(Host *view, const Words *command, bool *missing) {
    return command_run(view, command, 0, missing);
}

int inside_capture(Host *view, const Words *command, bool *missing, const char **out, const char **err) {
    char *out_bytes = NULL, *err_bytes = NULL;
    size_t out_length, err_length;
    Host inner = *view;
    inner.out = open_memstream(&out_bytes, &out_length);
    inner.err = open_memstream(&err_bytes, &err_length);
    if (inner.out == NULL || inner.err == NULL) host_fail(view, 255, "out of memory");
    int code = command_run(&inner, command, 0, missing);
    fclose(inner.out);
    fclose(inner.err);
    *out = mem_copy_part(view->mem, out_bytes, out_length);
    *err = mem_copy_part(view->mem, err_bytes, err_length);
    free(out_bytes);
    free(err_bytes);
    return code;
}

int env_main(Host *host) {
    Words command = words_new(host->mem);
    for (int i = 1; i < host->argc; i++)
        if (command.count > 0 || strchr(host->argv[i], '=') == NULL) words_add(&command, host->argv[i]);
    // The environment itself means nothing to what is modelled.
    if (command.count == 0) return 0;
    if (command.items[0][0] == '-')
        host_fail(host, 125, "env: invalid option -- '%s'\nTry 'env --help' for more information.", command.items[0] + 1);
    bool missing;
    int code = inside_run(host, &command, &missing);
    if (missing) host_warn(host, "env: '%s': No such file or directory", command.items[0]);
    return code;
}
