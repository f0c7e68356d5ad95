// `pct exec`, `pct push`, `pct pull`.
#include "files.h"
#include "guest.h"
#include "inside.h"
#include "pct.h"
#include "tools.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int pct_exec(Host *host, const Args *args) {
    Conf conf = guest_load(host, GUEST_LXC, cli_get(args, "vmid"));
    if (args->extra.count == 0) host_fail(host, 255, "missing command");
    if (!guest_is_running(host, GUEST_LXC, conf.id)) host_fail(host, 255, "container '%s' not running!", conf.id);
    Host view = inside_view(host, &conf);
    bool missing;
    int code = inside_run(&view, &args->extra, &missing);
    if (missing)
        host_warn(host,
                  "lxc-attach: %s: ../src/lxc/attach.c: lxc_attach_run_command: 1841 No such file or directory - Failed "
                  "to exec \"%s\"",
                  conf.id, args->extra.items[0]);
    return code;
}

/// Copies one file from one view of the host to another. The real programs do this in a process of its own whose
/// failure never reaches the exit code: hence the messages, and no failing.
static bool file_carry(Host *from, const char *source, Host *to, const char *target, mode_t mode) {
    size_t length;
    const char *bytes = files_read(from, source, &length);
    if (bytes == NULL) {
        host_warn(from, "failed to open %s for reading", source);
        return false;
    }
    int file = files_open(to, target, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (file < 0) {
        host_warn(from, "failed to create '%s': %s", target, strerror(errno));
        return false;
    }
    bool whole = fchmod(file, mode) == 0;
    for (size_t done = 0; whole && done < length;) {
        ssize_t written = write(file, bytes + done, length - done);
        whole = written > 0;
        if (whole) done += (size_t)written;
    }
    close(file);
    if (!whole) host_warn(from, "failed to write '%s': %s", target, strerror(errno));
    return whole;
}

/// Hands the file over to --user and --group by way of the tool that knows names.
static void owner_set(Host *view, const Args *args, const char *path) {
    const char *user = cli_get(args, "user"), *group = cli_get(args, "group");
    if (user == NULL && group == NULL) return;
    char *words[] = {mem_copy(view->mem, "chown"),
                     mem_print(view->mem, "%s:%s", user == NULL ? "" : user, group == NULL ? "" : group),
                     mem_copy(view->mem, path), NULL};
    Host inner = *view;
    inner.program = "chown";
    inner.argc = 3;
    inner.argv = words;
    tool_chown(&inner);
}

/// Reads --perms; false with a message for a bad one.
static bool perms_read(Host *host, const Args *args, mode_t *mode) {
    const char *text = cli_get(args, "perms");
    *mode = 0644;
    if (text == NULL) return true;
    char *end;
    unsigned long number = strtoul(text, &end, 8);
    *mode = (mode_t)number;
    if (*end == '\0' && end != text && number <= 07777) return true;
    host_warn(host, "invalid mode: '%s%s'", *text == '0' ? "" : "0", text);
    return false;
}

int pct_push(Host *host, const Args *args) {
    Conf conf = guest_load(host, GUEST_LXC, cli_get(args, "vmid"));
    if (!guest_is_running(host, GUEST_LXC, conf.id)) host_fail(host, 255, "can only push files to a running CT");
    const char *target = tool_path(host, cli_get(args, "destination"));
    Host view = inside_view(host, &conf);
    mode_t mode;
    if (!perms_read(host, args, &mode)) return 0;
    if (file_carry(host, tool_path(host, cli_get(args, "file")), &view, target, mode)) owner_set(&view, args, target);
    return 0;
}

int pct_pull(Host *host, const Args *args) {
    Conf conf = guest_load(host, GUEST_LXC, cli_get(args, "vmid"));
    if (!guest_is_running(host, GUEST_LXC, conf.id)) host_fail(host, 255, "can only pull files from a running CT");
    const char *target = tool_path(host, cli_get(args, "destination"));
    Host view = inside_view(host, &conf);
    mode_t mode;
    if (!perms_read(host, args, &mode)) return 0;
    if (file_carry(&view, tool_path(host, cli_get(args, "path")), host, target, mode)) owner_set(host, args, target);
    return 0;
}
