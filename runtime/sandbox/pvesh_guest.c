// /nodes/NODE/lxc and /nodes/NODE/qemu: guests, answered by the code of pct and qm.
#include "guest.h"
#include "pct.h"
#include "pvesh.h"
#include "qm.h"
#include "snapshot.h"

#include <string.h>

/// What a path below /nodes/NODE/lxc/ID or qemu/ID means as a command of pct or qm.
typedef struct GuestRoute {
    const char *method, *path, *command;  // '*' in the path is a snapshot's name
    const char *task;                     // the type in the task's id; NULL: no task
} GuestRoute;

static const GuestRoute GUEST_ROUTES[] = {
    {"PUT", "config", "set", NULL},
    {"POST", "config", "set", "config"},
    {"POST", "status/start", "start", "start"},
    {"POST", "status/stop", "stop", "stop"},
    {"POST", "status/shutdown", "shutdown", "shutdown"},
    {"POST", "status/reboot", "reboot", "reboot"},
    {"POST", "clone", "clone", "clone"},
    {"POST", "template", "template", "template"},
    {"POST", "migrate", "migrate", NULL},
    {"PUT", "resize", "resize", "resize"},
    {"POST", "move_volume", "move-volume", "move_volume"},
    {"POST", "move_disk", "disk move", "move"},
    {"POST", "snapshot", "snapshot", "snapshot"},
    {"DELETE", "snapshot/*", "delsnapshot", "delsnapshot"},
    {"POST", "snapshot/*/rollback", "rollback", "rollback"},
    {"DELETE", "", "destroy", "destroy"},
};

/// Does [words] from [first] on match [pattern]? A '*' gives its word to [name].
static bool route_matches(Mem *mem, const Words *words, size_t first, const char *pattern, const char **name) {
    Words parts = words_split(mem, pattern, "/");
    if (words->count != first + parts.count) return false;
    for (size_t i = 0; i < parts.count; i++) {
        const char *word = words->items[first + i];
        if (strcmp(parts.items[i], "*") == 0) *name = word;
        else if (strcmp(parts.items[i], word) != 0) return false;
    }
    return true;
}

/// Everything below /nodes/NODE/lxc and /nodes/NODE/qemu.
json_t *pvesh_guest(const Request *request) {
    Host *host = request->host;
    const char *kind = request->words.items[2], *tool = strcmp(kind, "lxc") == 0 ? "pct" : "qm",
               *prefix = strcmp(kind, "lxc") == 0 ? "vz" : "qm";
    GuestKind guest = strcmp(kind, "lxc") == 0 ? GUEST_LXC : GUEST_QEMU;
    OptionSet set;
    int code = 0;
    if (request->words.count == 3 && strcmp(request->method, "GET") == 0) return pvesh_get_guests(host, guest);
    if (request->words.count == 3 && strcmp(request->method, "POST") == 0) {
        Pairs fixed = pairs_new(host->mem);
        pairs_set(&fixed, "node", host->facts.node);
        Args args = pvesh_parse_as(request, mem_print(host->mem, "%s create", tool), fixed, &set);
        if (guest == GUEST_LXC) pct_run(host, "create", &args, &code);
        else qm_run(host, "create", &args, &code);
        pvesh_print_task(request, mem_print(host->mem, "%screate", prefix), cli_get(&args, "vmid"));
        return NULL;
    }
    if (request->words.count < 4) pvesh_no_handler(request);
    const char *id = request->words.items[3];
    if (request->words.count > 4 && strcmp(request->words.items[4], "firewall") == 0) {
        guest_load(host, guest, id);
        return pvesh_firewall(request);
    }
    if (strcmp(request->method, "GET") == 0) {
        json_t *result = NULL;
        if (!pvesh_get_guest(host, guest, id, &request->words, request->count, request->arguments, &result))
            pvesh_no_handler(request);
        return result;
    }
    const char *described = NULL;
    if (strcmp(request->method, "PUT") == 0 && route_matches(host->mem, &request->words, 4, "snapshot/*/config", &described)) {
        Pairs fixed = pairs_new(host->mem);
        pairs_set(&fixed, "vmid", id);
        pairs_set(&fixed, "node", host->facts.node);
        pairs_set(&fixed, "snapname", described);
        const char *path = mem_print(host->mem, "PUT /nodes/{node}/%s/{vmid}/snapshot/{snapname}/config", kind);
        Args args = pvesh_parse_as(request, path, fixed, &set);
        snapshot_describe(host, &args, guest);
        return NULL;
    }
    for (size_t i = 0; i < sizeof GUEST_ROUTES / sizeof GUEST_ROUTES[0]; i++) {
        const GuestRoute *route = &GUEST_ROUTES[i];
        const char *snapshot = NULL, *command = mem_print(host->mem, "%s %s", tool, route->command);
        if (strcmp(route->method, request->method) != 0 ||
            !route_matches(host->mem, &request->words, 4, route->path, &snapshot))
            continue;
        if (!options_find_command(command, &set)) continue;
        Pairs fixed = pairs_new(host->mem);
        pairs_set(&fixed, "vmid", id);
        pairs_set(&fixed, "node", host->facts.node);
        if (snapshot != NULL) pairs_set(&fixed, "snapname", snapshot);
        Args args = pvesh_parse_as(request, command, fixed, &set);
        const char *meant = set.head->name + strlen(tool) + 1;
        if (!(guest == GUEST_LXC ? pct_run(host, meant, &args, &code) : qm_run(host, meant, &args, &code))) continue;
        if (route->task != NULL) pvesh_print_task(request, mem_print(host->mem, "%s%s", prefix, route->task), id);
        return NULL;
    }
    pvesh_no_handler(request);
}
