// `pvesh`: finds what answers a REST path. Guests are answered by the code of pct and qm, storages by that of pvesm.
#include "cli.h"
#include "conf.h"
#include "download.h"
#include "firewall.h"
#include "guest.h"
#include "pct.h"
#include "pvesh_get.h"
#include "pvesm.h"
#include "qm.h"
#include "roles.h"
#include "snapshot.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/// A call taken apart.
typedef struct Request {
    Host *host;
    const char *verb;    // "get", "set", "create", "delete"
    const char *method;  // "GET", "PUT", "POST", "DELETE"
    const char *path;    // as it was given
    Words words;         // its parts, the node's name in place of `localhost`
    int count;
    char **arguments;    // what follows the path, output options taken out
    const char *format;  // of --output-format
} Request;

/// Reads the parameters of a request by the table of [command]. [fixed]: what the path already says.
static Args request_parse(const Request *request, const char *command, Pairs fixed, OptionSet *set) {
    Host *host = request->host;
    options_find_command(command, set);
    Text usage = text_new(host->mem);
    text_print(&usage, "pvesh %s <api_path>", request->verb);
    for (size_t i = 0; i < set->count; i++)
        if (set->rows[i].required && pairs_get(&fixed, set->rows[i].name) == NULL)
            text_print(&usage, " --%s <string>", set->rows[i].name);
    text_add(&usage, " [OPTIONS] [FORMAT_OPTIONS]");
    Cli cli = {.title = "pvesh", .usage = usage.data, .fixed = fixed};
    return cli_parse(host, set, &cli, request->count, request->arguments);
}

_Noreturn static void no_handler(const Request *request) {
    host_fail(request->host, 1, "No '%s' handler defined for '%s'", request->verb, request->path);
}

/// Prints a result in the form that was asked for.
static void result_print(const Request *request, json_t *result) {
    if (result == NULL) return;
    bool pretty = strcmp(request->format, "json") != 0;
    // The table that the real program draws for people is not imitated: they get the indented form.
    char *text = json_dumps(result, JSON_SORT_KEYS | JSON_ENCODE_ANY | (pretty ? JSON_INDENT(3) : JSON_COMPACT));
    if (text != NULL) host_print(request->host, "%s\n", text);
    free(text);
    json_decref(result);
}

/// The id of a task that has been done, as the calls that start one print it.
static void task_print(const Request *request, const char *type, const char *id) {
    host_print(request->host, "UPID:%s:%08lX:%08lX:%08lX:%s:%s:root@pam:\n", request->host->facts.node, 100000UL, 1UL,
               (unsigned long)time(NULL), type, id);
}

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

/// /nodes/NODE/{lxc,qemu}/ID/firewall/...
static json_t *guest_firewall(const Request *request, const char *kind, const char *id) {
    Host *host = request->host;
    Words rest = words_new(host->mem);
    for (size_t i = 5; i < request->words.count; i++) words_add(&rest, request->words.items[i]);
    guest_load(host, strcmp(kind, "lxc") == 0 ? GUEST_LXC : GUEST_QEMU, id);
    const char *scope = mem_print(host->mem, "/nodes/{node}/%s/{vmid}/firewall", kind);
    return pvesh_firewall(host, request->method, &rest, scope, mem_print(host->mem, "/etc/pve/firewall/%s.fw", id),
                          request->count, request->arguments, request->verb, request->path);
}

/// Everything below /nodes/NODE/lxc and /nodes/NODE/qemu.
static json_t *guest_answer(const Request *request) {
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
        Args args = request_parse(request, mem_print(host->mem, "%s create", tool), fixed, &set);
        if (guest == GUEST_LXC) pct_run(host, "create", &args, &code);
        else qm_run(host, "create", &args, &code);
        task_print(request, mem_print(host->mem, "%screate", prefix), cli_get(&args, "vmid"));
        return NULL;
    }
    if (request->words.count < 4) no_handler(request);
    const char *id = request->words.items[3];
    if (request->words.count > 5 && strcmp(request->words.items[4], "firewall") == 0)
        return guest_firewall(request, kind, id);
    if (strcmp(request->method, "GET") == 0) {
        json_t *result = NULL;
        if (!pvesh_get_guest(host, guest, id, &request->words, request->count, request->arguments, &result))
            no_handler(request);
        return result;
    }
    const char *described = NULL;
    if (strcmp(request->method, "PUT") == 0 && route_matches(host->mem, &request->words, 4, "snapshot/*/config", &described)) {
        Pairs fixed = pairs_new(host->mem);
        pairs_set(&fixed, "vmid", id);
        pairs_set(&fixed, "node", host->facts.node);
        pairs_set(&fixed, "snapname", described);
        const char *path = mem_print(host->mem, "PUT /nodes/{node}/%s/{vmid}/snapshot/{snapname}/config", kind);
        Args args = request_parse(request, path, fixed, &set);
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
        Args args = request_parse(request, command, fixed, &set);
        const char *meant = set.head->name + strlen(tool) + 1;
        if (!(guest == GUEST_LXC ? pct_run(host, meant, &args, &code) : qm_run(host, meant, &args, &code))) continue;
        if (route->task != NULL) task_print(request, mem_print(host->mem, "%s%s", prefix, route->task), id);
        return NULL;
    }
    no_handler(request);
}

/// /nodes/NODE/storage/...
static json_t *node_storage_answer(const Request *request) {
    Host *host = request->host;
    StorageList list = storage_load(host);
    if (request->words.count == 3 && strcmp(request->method, "GET") == 0) return pvesh_get_storages(host, &list);
    if (request->words.count != 5) no_handler(request);
    const char *id = request->words.items[3], *last = request->words.items[4];
    Pairs fixed = pairs_new(host->mem);
    pairs_set(&fixed, "node", host->facts.node);
    pairs_set(&fixed, "storage", id);
    OptionSet set;
    if (strcmp(last, "content") == 0 && strcmp(request->method, "GET") == 0) {
        Args args = request_parse(request, "GET /nodes/{node}/storage/{storage}/content", fixed, &set);
        return pvesh_get_content(host, &list, storage_need(host, &list, id), cli_get(&args, "content"),
                                 cli_get(&args, "vmid"));
    }
    if (strcmp(last, "download-url") == 0 && strcmp(request->method, "POST") == 0) {
        Args args = request_parse(request, "POST /nodes/{node}/storage/{storage}/download-url", fixed, &set);
        const char *content = cli_get(&args, "content"), *name = cli_get(&args, "filename"),
                   *checksum = cli_get(&args, "checksum");
        const Storage *storage = storage_need(host, &list, id);
        if (!storage_holds(host, storage, content))
            host_fail(host, 255, "storage '%s' is not configured for content-type '%s'", id, content);
        Volume volume;
        bool named = strchr(name, '/') == NULL &&
                     volume_parse(host, &list, mem_print(host->mem, "%s:%s/%s", id, content, name), &volume);
        if (!named)
            cli_refuse(host, &args, "filename",
                       strcmp(content, "vztmpl") == 0 ? "wrong file extension" : "missing '.iso' or '.img' extension");
        if ((checksum == NULL) != (cli_get(&args, "checksum-algorithm") == NULL))
            cli_refuse(host, &args, checksum == NULL ? "checksum" : "checksum-algorithm",
                       "checksum and its algorithm are needed together");
        download_fetch(host, storage, content, name, cli_get(&args, "url"), cli_get(&args, "checksum-algorithm"),
                       checksum);
        task_print(request, "download", name);
        return NULL;
    }
    no_handler(request);
}

/// /storage and /storage/ID
static json_t *storage_answer(const Request *request) {
    Host *host = request->host;
    const char *id = request->words.count > 1 ? request->words.items[1] : NULL;
    if (strcmp(request->method, "GET") == 0) return pvesh_get_storage(host, id);
    const char *command = id == NULL ? "pvesm add" : strcmp(request->method, "PUT") == 0 ? "pvesm set" : "pvesm remove";
    if ((id == NULL) != (strcmp(request->method, "POST") == 0)) no_handler(request);
    Pairs fixed = pairs_new(host->mem);
    if (id != NULL) pairs_set(&fixed, "storage", id);
    OptionSet set;
    Args args = request_parse(request, command, fixed, &set);
    if (id == NULL) pvesm_add(host, &args);
    else if (strcmp(request->method, "PUT") == 0) pvesm_set(host, &args);
    else pvesm_remove(host, &args);
    return NULL;
}

static json_t *cluster_answer(const Request *request) {
    Host *host = request->host;
    const char *second = request->words.count > 1 ? request->words.items[1] : "";
    OptionSet set;
    if (strcmp(second, "resources") == 0 && strcmp(request->method, "GET") == 0) {
        Args args = request_parse(request, "GET /cluster/resources", pairs_new(host->mem), &set);
        return pvesh_get_resources(host, cli_get(&args, "type"));
    }
    if (strcmp(second, "firewall") == 0 && request->words.count > 2) {
        Words rest = words_new(host->mem);
        for (size_t i = 2; i < request->words.count; i++) words_add(&rest, request->words.items[i]);
        return pvesh_firewall(host, request->method, &rest, "/cluster/firewall", "/etc/pve/firewall/cluster.fw",
                              request->count, request->arguments, request->verb, request->path);
    }
    no_handler(request);
}

static json_t *node_answer(const Request *request) {
    Host *host = request->host;
    if (request->words.count == 1 && strcmp(request->method, "GET") == 0) return pvesh_get_nodes(host);
    const char *part = request->words.count > 2 ? request->words.items[2] : "";
    if (request->words.count > 1 && strcmp(request->words.items[1], host->facts.node) != 0)
        host_fail(host, 255,
                  "hostname lookup '%s' failed - failed to get address info for: %s: Name or service not known",
                  request->words.items[1], request->words.items[1]);
    if (strcmp(part, "lxc") == 0 || strcmp(part, "qemu") == 0) return guest_answer(request);
    if (strcmp(part, "storage") == 0) return node_storage_answer(request);
    if (strcmp(part, "status") == 0 && request->words.count == 3 && strcmp(request->method, "GET") == 0)
        return pvesh_get_status(host);
    if (strcmp(part, "firewall") == 0 && request->words.count > 3) {
        Words rest = words_new(host->mem);
        for (size_t i = 3; i < request->words.count; i++) words_add(&rest, request->words.items[i]);
        return pvesh_firewall(host, request->method, &rest, "/nodes/{node}/firewall",
                              mem_print(host->mem, "/etc/pve/nodes/%s/host.fw", host->facts.node), request->count,
                              request->arguments, request->verb, request->path);
    }
    no_handler(request);
}

/// Takes the options about the output out of the arguments; they may stand anywhere.
static void format_options_take(Request *request) {
    static const char *const BARE[] = {"noborder", "noheader", "quiet", "noproxy", "human-readable"};
    int kept = 0;
    for (int i = 0; i < request->count; i++) {
        const char *word = request->arguments[i];
        const char *name = word[0] == '-' ? word + (word[1] == '-' ? 2 : 1) : "";
        bool bare = false;
        for (size_t b = 0; b < sizeof BARE / sizeof BARE[0]; b++)
            bare = bare || strncmp(name, BARE[b], strlen(BARE[b])) == 0;
        if (strcmp(name, "output-format") == 0 && i + 1 < request->count) request->format = request->arguments[++i];
        else if (text_starts_with(name, "output-format=")) request->format = name + strlen("output-format=");
        else if (!bare) request->arguments[kept++] = request->arguments[i];
    }
    request->count = kept;
    if (strcmp(request->format, "text") != 0 && strcmp(request->format, "json") != 0 &&
        strcmp(request->format, "json-pretty") != 0)
        host_fail(request->host, 2,
                  "400 Parameter verification failed.\noutput-format: value '%s' does not have a value in the "
                  "enumeration 'text, json, json-pretty, yaml'",
                  request->format);
}

int pvesh_main(Host *host) {
    static const char *const VERBS[][2] = {{"get", "GET"}, {"set", "PUT"}, {"create", "POST"}, {"delete", "DELETE"}};
    Request request = {.host = host,
                       .verb = host->argc > 1 ? host->argv[1] : "",
                       .path = host->argc > 2 ? host->argv[2] : "",
                       .format = "text"};
    for (size_t i = 0; i < 4; i++)
        if (strcmp(VERBS[i][0], request.verb) == 0) request.method = VERBS[i][1];
    if (request.method == NULL) host_fail(host, 255, "ERROR: unknown command 'pvesh %s'", request.verb);
    if (host->argc < 3)
        host_fail(host, 2, "400 not enough arguments\npvesh %s <api_path> [OPTIONS] [FORMAT_OPTIONS]", request.verb);
    request.words = words_split(host->mem, request.path, "/");
    if (request.words.count > 1 && strcmp(request.words.items[0], "nodes") == 0 &&
        strcmp(request.words.items[1], "localhost") == 0)
        request.words.items[1] = host->facts.node;
    for (size_t i = 0; i < request.words.count; i++) request.words.items[i] = conf_decode(host, request.words.items[i]);
    request.count = host->argc - 3;
    request.arguments = host->argv + 3;
    format_options_take(&request);
    const char *first = request.words.count > 0 ? request.words.items[0] : "";
    if (strcmp(first, "nodes") == 0) result_print(&request, node_answer(&request));
    else if (strcmp(first, "cluster") == 0) result_print(&request, cluster_answer(&request));
    else if (strcmp(first, "storage") == 0) result_print(&request, storage_answer(&request));
    else if (strcmp(first, "version") == 0 && strcmp(request.method, "GET") == 0)
        result_print(&request, pvesh_get_version());
    else no_handler(&request);
    return 0;
}
