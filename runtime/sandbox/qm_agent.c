// `qm guest`: what the agent in a virtual machine does for who asks from outside.
#include "files.h"
#include "guest.h"
#include "inside.h"
#include "qm.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// As much as --pass-stdin hands on.
enum { INPUT_LIMIT = 1 << 20 };

/// The agent answers in a running machine that has a system on its disk and the agent switched on.
static void agent_need(Host *host, const Conf *conf) {
    const char *agent = pairs_get(&conf->main.keys, "agent");
    if (agent == NULL || (!text_starts_with(agent, "1") && strstr(agent, "enabled=1") == NULL))
        host_fail(host, 255, "No QEMU guest agent configured");
    if (!guest_is_running(host, GUEST_QEMU, conf->id)) host_fail(host, 255, "VM %s is not running", conf->id);
    if (!qm_has_system(host, conf->id)) host_fail(host, 255, "QEMU guest agent is not running");
}

int qm_guest_cmd(Host *host, const Args *args) {
    Conf conf = guest_load(host, GUEST_QEMU, cli_get(args, "vmid"));
    agent_need(host, &conf);
    const char *command = cli_get(args, "command");
    if (strcmp(command, "ping") != 0) host_fail(host, 255, "phx-sandbox: the agent's '%s' is not modelled", command);
    return 0;
}

/// [bytes] as the text of a JSON string.
static const char *json_escape(Host *host, const char *bytes) {
    Text text = text_new(host->mem);
    for (; *bytes != '\0'; bytes++) {
        if (*bytes == '"' || *bytes == '\\') text_print(&text, "\\%c", *bytes);
        else if (*bytes == '\n') text_add(&text, "\\n");
        else if (*bytes == '\t') text_add(&text, "\\t");
        else if ((unsigned char)*bytes < 0x20) text_print(&text, "\\u%04x", (unsigned)*bytes);
        else text_add_part(&text, bytes, 1);
    }
    return text.data;
}

/// Reads all of the standard input, which becomes the program's, and gives a descriptor to read it from.
static int input_pass(Host *host) {
    FILE *copy = tmpfile();
    char buffer[16384];
    ssize_t got;
    size_t total = 0;
    if (copy == NULL) host_fail(host, 255, "unable to keep the input - %s", strerror(errno));
    while ((got = read(host->input, buffer, sizeof buffer)) > 0) {
        total += (size_t)got;
        if (total > INPUT_LIMIT) host_fail(host, 255, "input is longer than the agent takes (1 MiB)");
        fwrite(buffer, 1, (size_t)got, copy);
    }
    fflush(copy);
    rewind(copy);
    return fileno(copy);
}

/// What the agent keeps of a program that nobody waited for.
static const char *status_path(Host *host, const char *pid) {
    return mem_print(host->mem, "/run/agent-exec/%s", pid);
}

int qm_guest_exec(Host *host, const Args *args) {
    Conf conf = guest_load(host, GUEST_QEMU, cli_get(args, "vmid"));
    agent_need(host, &conf);
    if (args->extra.count == 0) host_fail(host, 255, "missing command");
    Host view = inside_view(host, &conf);
    view.input = cli_has_flag(args, "pass-stdin") ? input_pass(host) : inside_no_input(host);
    const char *out, *err;
    bool missing;
    int code = inside_capture(&view, &args->extra, &missing, &out, &err);
    if (missing)
        host_fail(host, 255,
                  "Agent error: Guest agent command failed, error was 'Failed to execute child process \342\200\234%s"
                  "\342\200\235 (No such file or directory)'",
                  args->extra.items[0]);
    Text answer = text_new(host->mem);
    text_add(&answer, "{\n");
    if (*err != '\0') text_print(&answer, "   \"err-data\" : \"%s\",\n", json_escape(host, err));
    text_print(&answer, "   \"exitcode\" : %d,\n   \"exited\" : 1", code);
    if (*out != '\0') text_print(&answer, ",\n   \"out-data\" : \"%s\"", json_escape(host, out));
    text_add(&answer, "\n}\n");
    const char *synchronous = cli_get(args, "synchronous");
    if (synchronous == NULL || strcmp(synchronous, "1") == 0) {
        host_print(host, "%s", answer.data);
        return 0;
    }
    size_t number = 1000 + files_list(&view, "/run/agent-exec").count;
    const char *pid = mem_print(host->mem, "%zu", number);
    files_write(&view, status_path(host, pid), answer.data, answer.length, 0600);
    host_print(host, "{\n   \"pid\" : %s\n}\n", pid);
    return 0;
}

int qm_guest_exec_status(Host *host, const Args *args) {
    Conf conf = guest_load(host, GUEST_QEMU, cli_get(args, "vmid"));
    agent_need(host, &conf);
    Host view = inside_view(host, &conf);
    const char *path = status_path(host, cli_get(args, "pid")), *answer = files_read(&view, path, NULL);
    if (answer == NULL || *answer == '\0')
        host_fail(host, 255, "Agent error: Guest agent command failed, error was 'Invalid parameter 'pid''");
    host_print(host, "%s", answer);
    // The agent forgets a program once its end was told; its number is not given again.
    files_write(&view, path, "", 0, 0600);
    return 0;
}
