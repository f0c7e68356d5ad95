// Runs commands inside guests: the sandbox's own tools, and `sh -c` with the few words scripts of checks use.
#include "inside.h"

#include "files.h"
#include "guest.h"
#include "mount.h"
#include "roles.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

// A `sh -c` inside `sh -c` must end somewhere.
enum { SHELL_DEPTH = 8, NOT_FOUND = 127 };

Host inside_view(Host *host, const Conf *conf) {
    Host view = *host;
    view.prefix = guest_root(host, conf->id);
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

static int command_run(Host *view, const Words *command, int depth);

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
    return command_run(view, words, depth + 1);
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
            return NOT_FOUND;
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

static int command_run(Host *view, const Words *command, int depth) {
    const char *slash = strrchr(command->items[0], '/');
    const char *name = slash == NULL ? command->items[0] : slash + 1;
    bool is_shell = strcmp(name, "sh") == 0 || strcmp(name, "bash") == 0;
    if (is_shell && command->count >= 3 && strcmp(command->items[1], "-c") == 0 && depth < SHELL_DEPTH)
        return script_run(view, command->items[2], depth);
    const Role *role = role_find(name);
    if (role == NULL || !role->in_guest) {
        host_warn(view, "lxc-attach: Failed to exec \"%s\": No such file or directory", command->items[0]);
        return NOT_FOUND;
    }
    char **words = mem_alloc(view->mem, (command->count + 1) * sizeof *words);
    for (size_t i = 0; i < command->count; i++) words[i] = mem_copy(view->mem, command->items[i]);
    Host inner = *view;
    inner.program = name;
    inner.argc = (int)command->count;
    inner.argv = words;
    return role->run(&inner);
}

int inside_run(Host *view, const Words *command) {
    return command_run(view, command, 0);
}
