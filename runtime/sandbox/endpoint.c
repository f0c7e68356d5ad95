// Finds what answers at an address: the entries of sandbox.json, then the guests' and the node's own services.
#include "endpoint.h"

#include "conf.h"
#include "docker.h"
#include "documents.h"
#include "files.h"
#include "guest.h"
#include "inside.h"
#include "nginx.h"
#include "units.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

// How often each entry was asked.
#define COUNTS_FILE STATE_DIR "/endpoints"

enum { PORT_SSH = 22, PORT_API = 8006, STATUS_OK = 200 };

typedef struct Address {
    bool is_http, is_tls;
    const char *name;
    long port;
} Address;

static bool address_read(Host *host, const char *url, Address *address) {
    *address = (Address){0};
    if (text_starts_with(url, "http://")) address->is_http = true;
    else if (text_starts_with(url, "https://")) address->is_http = address->is_tls = true;
    else return false;
    const char *at = strstr(url, "://") + 3;
    size_t length = strcspn(at, "/?#");
    const char *place = mem_copy_part(host->mem, at, length), *user = strrchr(place, '@');
    if (user != NULL) place = user + 1;
    const char *colon = *place == '[' ? strstr(place, "]:") : strrchr(place, ':');
    if (colon != NULL && *colon == ']') colon++;
    address->name = colon == NULL ? place : mem_copy_part(host->mem, place, (size_t)(colon - place));
    char *end = NULL;
    address->port = colon == NULL ? (address->is_tls ? 443 : 80) : strtol(colon + 1, &end, 10);
    return *address->name != '\0' && address->port > 0 && address->port < 65536 && (end == NULL || *end == '\0');
}

/// A view of the node itself, whatever machine asks.
static Host node_view(Host *host) {
    const Host *node = host;
    while (node->outer != NULL) node = node->outer;
    Host view = *node;
    view.mem = host->mem;
    return view;
}

/// Counts a question to the entry [index] and says how often it had been asked before.
static long count_up(Host *host, size_t index) {
    Host node = node_view(host);
    const char *text = files_read(&node, COUNTS_FILE, NULL), *key = mem_print(host->mem, "%zu", index);
    Words lines = words_split(host->mem, text == NULL ? "" : text, "\n");
    Text all = text_new(host->mem);
    long before = 0;
    for (size_t i = 0; i < lines.count; i++) {
        Words fields = words_split(host->mem, lines.items[i], " ");
        if (fields.count == 2 && strcmp(fields.items[0], key) == 0) before = strtol(fields.items[1], NULL, 10);
        else text_print(&all, "%s\n", lines.items[i]);
    }
    text_print(&all, "%s %ld\n", key, before + 1);
    files_write(&node, COUNTS_FILE, all.data, all.length, 0644);
    return before;
}

/// The entry of sandbox.json for the address; its patterns have * for anything.
static bool entry_answer(Host *host, const EndpointRequest *request, const char *place, EndpointAnswer *answer) {
    for (size_t i = 0; i < host->facts.endpoint_count; i++) {
        const Endpoint *entry = &host->facts.endpoints[i];
        bool fits = entry->url != NULL ? request != NULL && fnmatch(entry->url, request->url, 0) == 0 : fnmatch(entry->tcp, place, 0) == 0;
        if (!fits) continue;
        answer->kind = entry->after > 0 && count_up(host, i) < entry->after ? ENDPOINT_REFUSED : ENDPOINT_ANSWERS;
        answer->status = entry->status;
        answer->body = entry->body;
        Host node = node_view(host);
        if (entry->documents && answer->kind == ENDPOINT_ANSWERS) documents_answer(&node, entry, request, answer);
        return true;
    }
    return false;
}

static bool unit_runs(Host *view, const char *name) {
    Unit unit = unit_load(view, name);
    return strcmp(unit.active, "active") == 0;
}

static bool docker_listens(Host *view, long port) {
    Docker docker = docker_look(view);
    if (docker.engine == NULL) return false;
    const char *id, *key, *wanted = mem_print(view->mem, "%ld", port);
    json_t *container, *bindings, *binding;
    json_object_foreach(json_object_get(docker.state, "containers"), id, container) {
        if (!docker_is(container, "State.Running")) continue;
        size_t index;
        json_object_foreach(docker_at(container, "NetworkSettings.Ports"), key, bindings)
            if (text_ends_with(key, "/tcp")) json_array_foreach(bindings, index, binding)
                if (strcmp(docker_text(binding, "HostPort"), wanted) == 0) return true;
        // On the machine's own network, what it says it has open is open there.
        if (strcmp(docker_text(container, "HostConfig.NetworkMode"), "host") == 0 &&
            json_object_get(docker_at(container, "Config.ExposedPorts"), mem_print(view->mem, "%ld/tcp", port)) != NULL)
            return true;
    }
    return false;
}

/// Does something in the machine listen on the port? *speaks: 0 anything else, 1 HTTP, 2 HTTP over TLS, 3 either.
static bool machine_listens(Host *view, long port, int *speaks) {
    *speaks = 3;
    NginxPorts ports = nginx_open_ports(view);
    for (size_t i = 0; i < ports.count; i++) {
        if (ports.items[i].port != port) continue;
        *speaks = ports.items[i].is_tls ? 2 : 1;
        return true;
    }
    if (docker_listens(view, port)) return true;
    *speaks = 2;
    if (port == PORT_API && view->machine == MACHINE_NODE) return true;
    *speaks = 0;
    return port == PORT_SSH && unit_runs(view, "ssh.service");
}

/// Has the guest this name or one of its cards this address?
static bool guest_is_called(Host *host, const Conf *conf, const char *name) {
    const char *own = pairs_get(&conf->main.keys, conf->kind == GUEST_LXC ? "hostname" : "name");
    if (own != NULL && (strcmp(own, name) == 0 || text_starts_with(name, mem_print(host->mem, "%s.", own)))) return true;
    for (size_t i = 0; i < conf->main.keys.count; i++) {
        const char *key = conf->main.keys.items[i].key, *value = conf->main.keys.items[i].value;
        if (!text_is_numbered(key, conf->kind == GUEST_LXC ? "net" : "ipconfig", NULL)) continue;
        Words fields = words_split(host->mem, value, ",");
        for (size_t k = 0; k < fields.count; k++) {
            const char *field = fields.items[k];
            if (!text_starts_with(field, "ip=") && !text_starts_with(field, "ip6=")) continue;
            const char *address = strchr(field, '=') + 1;
            if (strcmp(mem_copy_part(host->mem, address, strcspn(address, "/")), name) == 0) return true;
        }
    }
    return false;
}

bool endpoint_guest(Host *host, const char *name, Conf *conf) {
    GuestList guests = guest_list(host);
    for (size_t i = 0; i < guests.count; i++) {
        if (strcmp(guests.items[i].node, host->facts.node) != 0) continue;
        *conf = guest_load(host, guests.items[i].kind, guests.items[i].id);
        if (guest_is_called(host, conf, name)) return true;
    }
    return false;
}

static bool is_self(const char *name) {
    return strcmp(name, "localhost") == 0 || text_starts_with(name, "127.") || strcmp(name, "[::1]") == 0 || strcmp(name, "::1") == 0;
}

static EndpointAnswer model_answer(Host *host, const Address *address) {
    EndpointAnswer answer = {.kind = ENDPOINT_REFUSED, .host = address->name, .port = address->port, .status = STATUS_OK, .body = ""};
    Host node = node_view(host), *view = NULL;
    if (is_self(address->name)) view = host;
    else if (strcmp(address->name, node.facts.node) == 0 || text_equals(address->name, node.facts.address)) view = &node;
    bool is_address = strspn(address->name, "0123456789.") == strlen(address->name) || *address->name == '[';
    if (view == NULL && !is_address) answer.kind = ENDPOINT_UNKNOWN_HOST;
    Conf *conf = mem_alloc(host->mem, sizeof *conf);
    if (view == NULL && endpoint_guest(&node, address->name, conf)) {
        answer.kind = ENDPOINT_REFUSED;
        if (!guest_is_running(&node, conf->kind, conf->id)) return answer;
        view = mem_alloc(host->mem, sizeof *view);
        *view = inside_view(&node, conf);
    }
    int speaks;
    if (view == NULL || !machine_listens(view, address->port, &speaks)) return answer;
    answer.kind = ENDPOINT_ANSWERS;
    if (address->is_http && (address->is_tls ? (speaks & 2) == 0 : speaks == 0)) answer.kind = ENDPOINT_NO_TLS;
    // Plain HTTP where TLS is spoken: nginx says so.
    if (address->is_http && !address->is_tls && speaks == 2) answer.status = 400;
    return answer;
}

bool endpoint_ask(Host *host, const EndpointRequest *request, EndpointAnswer *answer) {
    Address address;
    if (!address_read(host, request->url, &address)) return false;
    *answer = (EndpointAnswer){.host = address.name, .port = address.port};
    if (!entry_answer(host, request, mem_print(host->mem, "%s:%ld", address.name, address.port), answer)) *answer = model_answer(host, &address);
    return true;
}

EndpointAnswer endpoint_connect(Host *host, const char *name, long port) {
    Address address = {.name = name, .port = port};
    EndpointAnswer answer = {.host = name, .port = port};
    if (!entry_answer(host, NULL, mem_print(host->mem, "%s:%ld", name, port), &answer)) answer = model_answer(host, &address);
    return answer;
}

int endpoint_main(Host *host) {
    EndpointAnswer answer;
    EndpointRequest request = {.method = host->argc == 3 ? host->argv[1] : "", .url = host->argc == 3 ? host->argv[2] : "", .sends = true};
    if (host->argc != 3 || !endpoint_ask(host, &request, &answer)) host_fail(host, 64, "usage: phx-endpoint METHOD URL");
    switch (answer.kind) {
    case ENDPOINT_UNKNOWN_HOST: host_fail(host, 6, "Could not resolve host: %s", answer.host);
    case ENDPOINT_REFUSED: host_fail(host, 7, "Failed to connect to %s port %ld: Connection refused", answer.host, answer.port);
    case ENDPOINT_NO_TLS: host_fail(host, 35, "%s port %ld does not speak that protocol", answer.host, answer.port);
    case ENDPOINT_ANSWERS: break;
    }
    host_print(host, "%d\n%s", answer.status, answer.body);
    return 0;
}
