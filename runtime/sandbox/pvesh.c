// `pvesh`: takes a call apart, finds what answers its path, and prints the result.
#include "guest.h"
#include "pvesh.h"

#include "backup.h"
#include "roles.h"

#include <stdlib.h>
#include <string.h>

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

/// /version, and the smaller questions about the cluster.
static json_t *version_answer(const Request *request) {
    if (!pvesh_is(request, "GET") || request->words.count > 1) pvesh_no_handler(request);
    return pvesh_get_version();
}

static json_t *resources_answer(const Request *request) {
    Args args = pvesh_parse(request);
    return pvesh_get_resources(request->host, cli_get(&args, "type"));
}

/// The lowest free number from 100 on, or whether the given one is free.
static json_t *nextid_answer(const Request *request) {
    Host *host = request->host;
    Args args = pvesh_parse(request);
    const char *wanted = cli_get(&args, "vmid");
    GuestList guests = guest_list(host);
    long next = 100;
    for (size_t i = 0; i < guests.count; i++) {
        if (wanted != NULL && strcmp(guests.items[i].id, wanted) == 0)
            cli_refuse(host, &args, "vmid", mem_print(host->mem, "VM %s already exists", wanted));
        if (strtol(guests.items[i].id, NULL, 10) == next) next++;
    }
    return json_string(wanted != NULL ? wanted : mem_print(host->mem, "%ld", next));
}

static json_t *nodes_answer(const Request *request) {
    if (!pvesh_is(request, "GET")) pvesh_no_handler(request);
    return pvesh_get_nodes(request->host);
}

static json_t *status_answer(const Request *request) {
    if (!pvesh_is(request, "GET")) pvesh_no_handler(request);
    return pvesh_get_status(request->host);
}

/// POST /nodes/NODE/vzdump: what `vzdump` does, with the numbers as one parameter.
static json_t *vzdump_answer(const Request *request) {
    Host *host = request->host;
    OptionSet set;
    if (!pvesh_is(request, "POST")) pvesh_no_handler(request);
    Pairs fixed = pairs_new(host->mem);
    pairs_set(&fixed, "node", host->facts.node);
    Args args = pvesh_parse_as(request, "POST /nodes/{node}/vzdump", fixed, &set);
    const char *ids = cli_get(&args, "vmid");
    Words words = words_split(host->mem, ids == NULL ? "" : ids, ",; ");
    pairs_remove(&args.values, "vmid");
    int code = vzdump_run(host, &args, &words);
    if (code != 0) host_exit(host, code);
    pvesh_print_task(request, "vzdump", words.count == 1 ? words.items[0] : "");
    return NULL;
}

/// What answers which path; `below` too, or that path alone. A word in braces stands for any.
static const struct Route {
    const char *path;
    json_t *(*answer)(const Request *request);
    bool below;
} ROUTES[] = {
    {"version", version_answer, false},
    {"access/acl", pvesh_acl, false},
    {"access/groups", pvesh_access, true},
    {"access/roles", pvesh_access, true},
    {"access/users", pvesh_access, true},
    {"cluster/backup", pvesh_backup, true},
    {"cluster/firewall", pvesh_firewall, true},
    {"cluster/ha/groups", pvesh_ha, true},
    {"cluster/ha/resources", pvesh_ha, true},
    {"cluster/ha/rules", pvesh_ha, true},
    {"cluster/mapping", pvesh_mapping, true},
    {"cluster/nextid", nextid_answer, false},
    {"cluster/options", pvesh_options, false},
    {"cluster/resources", resources_answer, false},
    {"nodes", nodes_answer, false},
    {"nodes/{node}/firewall", pvesh_firewall, true},
    {"nodes/{node}/lxc", pvesh_guest, true},
    {"nodes/{node}/qemu", pvesh_guest, true},
    {"nodes/{node}/status", status_answer, false},
    {"nodes/{node}/storage", pvesh_node_storage, true},
    {"nodes/{node}/vzdump", vzdump_answer, false},
    {"pools", pvesh_pools, true},
    {"storage", pvesh_storage, true},
};

static bool route_fits(Mem *mem, const struct Route *route, const Words *words) {
    Words parts = words_split(mem, route->path, "/");
    if (words->count < parts.count || (words->count > parts.count && !route->below)) return false;
    for (size_t i = 0; i < parts.count; i++)
        if (*parts.items[i] != '{' && strcmp(parts.items[i], words->items[i]) != 0) return false;
    return true;
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

/// Paths below another node are asked of that node, which does not exist.
static void node_check(const Request *request) {
    const Words *words = &request->words;
    if (words->count < 2 || strcmp(words->items[0], "nodes") != 0) return;
    if (strcmp(words->items[1], request->host->facts.node) != 0)
        host_fail(request->host, 255,
                  "hostname lookup '%s' failed - failed to get address info for: %s: Name or service not known",
                  words->items[1], words->items[1]);
}

/// What the request's path is asked for.
static json_t *request_answer(Request *request) {
    Host *host = request->host;
    node_check(request);
    bool in_table = options_find_path(host->mem, request->method, &request->words, &request->set, &request->named);
    bool by_table = false;
    for (size_t i = 0; i < sizeof ROUTES / sizeof ROUTES[0]; i++) {
        if (!route_fits(host->mem, &ROUTES[i], &request->words)) continue;
        // Guests and storages have the tables of other programs, or need none.
        by_table = strcmp(request->words.items[0], "nodes") != 0 && strcmp(request->words.items[0], "storage") != 0 &&
                   ROUTES[i].answer != version_answer;
        if (by_table && !in_table) break;
        return ROUTES[i].answer(request);
    }
    pvesh_no_handler(request);
}

int pvesh_main(Host *host) {
    static const char *const VERBS[][2] = {{"get", "GET"}, {"set", "PUT"}, {"create", "POST"}, {"delete", "DELETE"}};
    Request request = {.host = host,
                       .verb = host->argc > 1 ? host->argv[1] : "",
                       .path = host->argc > 2 ? host->argv[2] : "",
                       .format = "text",
                       .named = pairs_new(host->mem)};
    for (size_t i = 0; i < 4; i++)
        if (strcmp(VERBS[i][0], request.verb) == 0) request.method = VERBS[i][1];
    if (request.method == NULL) host_fail(host, 255, "ERROR: unknown command 'pvesh %s'", request.verb);
    if (host->argc < 3)
        host_fail(host, 2, "400 not enough arguments\npvesh %s <api_path> [OPTIONS] [FORMAT_OPTIONS]", request.verb);
    // The path is taken as it stands: percent signs mean nothing in it.
    request.words = words_split(host->mem, request.path, "/");
    if (request.words.count > 1 && strcmp(request.words.items[0], "nodes") == 0 &&
        strcmp(request.words.items[1], "localhost") == 0)
        request.words.items[1] = host->facts.node;
    request.count = host->argc - 3;
    request.arguments = host->argv + 3;
    format_options_take(&request);
    result_print(&request, request_answer(&request));
    return 0;
}
