// Networks, volumes and images of a daemon.
#include "docker.h"

#include "conf.h"
#include "fault.h"
#include "files.h"
#include "formats.h"

#include <stdlib.h>
#include <string.h>

static const char NAME_PATTERN[] = "[a-zA-Z0-9][a-zA-Z0-9_.-]*";

// ---- networks ----

json_t *docker_find_network(Docker *docker, const char *name) {
    const char *id;
    json_t *network, *found = NULL;
    json_object_foreach(json_object_get(docker->state, "networks"), id, network) {
        if (strcmp(docker_text(network, "Name"), name) == 0) return network;
        if (*name != '\0' && text_starts_with(id, name)) found = network;
    }
    return found;
}

/// The first 172.N.0.0/16 that no network has.
static const char *subnet_free(Docker *docker) {
    for (int second = 17; second < 32; second++) {
        const char *subnet = mem_print(docker->host->mem, "172.%d.0.0/16", second), *id;
        json_t *network;
        bool taken = false;
        json_object_foreach(json_object_get(docker->state, "networks"), id, network)
            taken = taken || strcmp(docker_text(json_array_get(docker_at(network, "IPAM.Config"), 0), "Subnet"), subnet) == 0;
        if (!taken) return subnet;
    }
    docker_refuse(docker->host, 1, "all predefined address pools have been fully subnetted");
}

/// The first and the last address of an IPv4 network or address; false for anything else.
static bool range_read(const char *text, uint32_t *first, uint32_t *last) {
    unsigned a, b, c, d, bits = 32;
    if (sscanf(text, "%u.%u.%u.%u/%u", &a, &b, &c, &d, &bits) < 4 || a > 255 || b > 255 || c > 255 || d > 255 || bits > 32) return false;
    uint32_t rest = bits == 0 ? UINT32_MAX : (UINT32_C(1) << (32 - bits)) - 1;
    *first = (a << 24 | b << 16 | c << 8 | d) & ~rest;
    *last = *first | rest;
    return true;
}

/// Is all of [inner] in [outer]? With [touch]: have they an address in common? IPv6 is compared as text.
static bool range_holds(const char *outer, const char *inner, bool touch) {
    uint32_t low, high, first, last;
    if (!range_read(outer, &low, &high) || !range_read(inner, &first, &last)) return touch ? strcmp(outer, inner) == 0 : true;
    return touch ? first <= high && low <= last : low <= first && last <= high;
}

const char *docker_address_problem(Docker *docker, const json_t *container) {
    const char *name, *id;
    json_t *joined, *other;
    json_object_foreach(docker_at(container, "NetworkSettings.Networks"), name, joined) {
        const char *wanted = docker_text(joined, "IPAMConfig.IPv4Address");
        const json_t *network = docker_find_network(docker, name);
        if (*wanted == '\0' || network == NULL) continue;
        if (!docker_is(network, DOCKER_CHOSEN_SUBNET)) return "user specified IP address is supported only when connecting to networks with user configured subnets";
        if (!range_holds(docker_text(json_array_get(docker_at(network, "IPAM.Config"), 0), "Subnet"), wanted, false))
            return mem_print(docker->host->mem, "Invalid address %s: It does not belong to any of this network's subnets", wanted);
        json_object_foreach(json_object_get(docker->state, "containers"), id, other)
            if (other != container && docker_is(other, "State.Running") &&
                strcmp(docker_text(json_object_get(docker_at(other, "NetworkSettings.Networks"), name), "IPAddress"), wanted) == 0)
                return "Address already in use";
    }
    return NULL;
}

/// The address [offset] after the first of [subnet].
static const char *address_at(Host *host, const char *subnet, unsigned offset) {
    unsigned a = 0, b = 0, c = 0, d = 0;
    if (sscanf(subnet, "%u.%u.%u.%u", &a, &b, &c, &d) != 4) return "";
    unsigned number = (a << 24 | b << 16 | c << 8 | d) + offset;
    return mem_print(host->mem, "%u.%u.%u.%u", number >> 24, number >> 16 & 255, number >> 8 & 255, number & 255);
}

json_t *docker_make_network(Docker *docker, const char *name, const char *driver, const char *subnet, const char *gateway, json_t *labels) {
    Host *host = docker->host;
    bool has_addresses = strcmp(driver, "host") != 0 && strcmp(driver, "null") != 0, chosen = subnet != NULL;
    json_t *config = value_keep(host->mem, json_array());
    if (has_addresses && subnet == NULL) subnet = subnet_free(docker);
    if (has_addresses && gateway == NULL) gateway = address_at(host, subnet, 1);
    if (has_addresses) json_array_append_new(config, json_pack("{s:s, s:s}", "Subnet", subnet, "Gateway", gateway));
    const char *id = docker_id(host);
    json_t *network = json_pack("{s:s, s:s, s:s, s:s, s:s, s:b, s:{s:s, s:{}, s:O}, s:b, s:b, s:b, s:{}, s:{}, s:o}", "Name", name, "Id", id, "Created",
                                docker_now(host), "Scope", "local", "Driver", driver, "EnableIPv6", 0, "IPAM", "Driver", "default", "Options", "Config", config,
                                "Internal", 0, "Attachable", 0, "Ingress", 0, "Containers", "Options", "Labels", labels == NULL ? json_object() : json_incref(labels));
    json_object_set_new(network, DOCKER_CHOSEN_SUBNET, json_boolean(chosen));
    json_object_set_new(json_object_get(docker->state, "networks"), id, network);
    return network;
}

void docker_join(Docker *docker, json_t *container, json_t *network, const char *address, json_t *aliases) {
    Host *host = docker->host;
    const char *subnet = docker_text(json_array_get(docker_at(network, "IPAM.Config"), 0), "Subnet"), *name = docker_text(network, "Name");
    json_t *networks = docker_at(container, "NetworkSettings.Networks");
    json_t *asked = address == NULL ? json_null() : value_keep(host->mem, json_pack("{s:s}", "IPv4Address", address));
    if (json_object_get(networks, name) != NULL)
        docker_refuse(host, 1, "endpoint with name %s already exists in network %s", docker_text(container, "Name") + 1, name);
    for (unsigned offset = 2; address == NULL && offset < 65000; offset++) {
        const char *candidate = address_at(host, subnet, offset), *id;
        json_t *other;
        bool taken = false;
        json_object_foreach(json_object_get(docker->state, "containers"), id, other) {
            const json_t *joined = json_object_get(docker_at(other, "NetworkSettings.Networks"), name);
            taken = taken || strcmp(docker_text(joined, "IPAddress"), candidate) == 0;
        }
        if (!taken) address = candidate;
    }
    const char *slash = strchr(subnet, '/');
    json_object_set_new(networks, name,
                        json_pack("{s:O, s:o, s:s, s:s, s:s, s:s, s:i, s:s}", "IPAMConfig", asked, "Aliases", aliases == NULL ? json_array() : json_incref(aliases), "NetworkID",
                                  docker_text(network, "Id"), "EndpointID", docker_id(host), "Gateway",
                                  docker_text(json_array_get(docker_at(network, "IPAM.Config"), 0), "Gateway"), "IPAddress", address == NULL ? "" : address,
                                  "IPPrefixLen", slash == NULL ? 0 : (int)strtol(slash + 1, NULL, 10), "MacAddress", "02:42:ac:11:00:02"));
}

/// How many containers are in a network.
static size_t network_users(Docker *docker, const char *name) {
    const char *id;
    json_t *container;
    size_t count = 0;
    json_object_foreach(json_object_get(docker->state, "containers"), id, container)
        count += json_object_get(docker_at(container, "NetworkSettings.Networks"), name) != NULL && docker_is(container, "State.Running");
    return count;
}

static int network_create(Docker *docker, int first) {
    Host *host = docker->host;
    DockerFlags flags = docker_read_flags(host, "docker network create",
                                          "driver,d= subnet= gateway= ip-range= label= opt,o= internal attachable ipv6 ingress scope= aux-address= ipam-driver= ipam-opt=", first, false);
    docker_need_arguments(host, "docker network create", &flags, 1, 1);
    const char *name = flags.plain.items[0], *driver = docker_value(&flags, "driver", "bridge"), *subnet = docker_value(&flags, "subnet", NULL), *id;
    json_t *other;
    if (!formats_match(NAME_PATTERN, name)) docker_refuse(host, 1, "invalid network name: %s", name);
    other = docker_find_network(docker, name);
    if (other != NULL && strcmp(docker_text(other, "Name"), name) == 0) docker_refuse(host, 1, "network with name %s already exists", name);
    if (strcmp(driver, "bridge") != 0 && strcmp(driver, "macvlan") != 0 && strcmp(driver, "ipvlan") != 0)
        docker_refuse(host, 1, "could not find plugin %s in v1 plugin registry: plugin not found", driver);
    if (subnet != NULL && !formats_match("[0-9.]+/[0-9]{1,2}|[0-9a-fA-F:]+/[0-9]{1,3}", subnet))
        host_fail(host, 1, "invalid subnet %s : invalid CIDR block notation", subnet);
    const char *gateway = docker_value(&flags, "gateway", NULL), *range = docker_value(&flags, "ip-range", NULL);
    if (subnet == NULL && (gateway != NULL || range != NULL)) host_fail(host, 1, "every ip-range or gateway must have a corresponding subnet");
    if (range != NULL && !range_holds(subnet, range, false)) host_fail(host, 1, "no matching subnet for range %s", range);
    if (gateway != NULL && !range_holds(subnet, gateway, false)) host_fail(host, 1, "no matching subnet for gateway %s", gateway);
    json_object_foreach(json_object_get(docker->state, "networks"), id, other)
        if (subnet != NULL && range_holds(docker_text(json_array_get(docker_at(other, "IPAM.Config"), 0), "Subnet"), subnet, true))
            docker_refuse(host, 1, "Pool overlaps with other one on this address space");
    json_t *network = docker_make_network(docker, name, driver, subnet, gateway, docker_pairs(host, &flags, "label"));
    json_object_set_new(network, "Internal", json_boolean(docker_has(&flags, "internal")));
    json_object_set_new(network, "Attachable", json_boolean(docker_has(&flags, "attachable")));
    json_object_set_new(network, "EnableIPv6", json_boolean(docker_has(&flags, "ipv6")));
    json_object_set(network, "Options", docker_pairs(host, &flags, "opt"));
    if (range != NULL) json_object_set_new(json_array_get(docker_at(network, "IPAM.Config"), 0), "IPRange", json_string(range));
    fault_between(host);
    docker_save(docker);
    host_print(host, "%s\n", docker_text(network, "Id"));
    return 0;
}

static int network_remove(Docker *docker, int first) {
    Host *host = docker->host;
    DockerFlags flags = docker_read_flags(host, "docker network rm", "force,f", first, false);
    docker_need_arguments(host, "docker network rm", &flags, 1, 0);
    int code = 0;
    for (size_t i = 0; i < flags.plain.count; i++) {
        json_t *network = docker_find_network(docker, flags.plain.items[i]);
        const char *problem = NULL, *name = network == NULL ? "" : mem_copy(host->mem, docker_text(network, "Name"));
        bool built_in = strcmp(name, "bridge") == 0 || strcmp(name, "host") == 0 || strcmp(name, "none") == 0;
        if (network == NULL && docker_has(&flags, "force")) continue;
        if (network == NULL) problem = mem_print(host->mem, "network %s not found", flags.plain.items[i]);
        else if (built_in) problem = mem_print(host->mem, "%s is a pre-defined network and cannot be removed", name);
        else if (network_users(docker, name) > 0)
            problem = mem_print(host->mem, "error while removing network: network %s id %s has active endpoints", name, docker_text(network, "Id"));
        if (problem != NULL) host_warn(host, "Error response from daemon: %s", problem);
        if (problem != NULL) code = 1;
        if (problem != NULL) continue;
        json_object_del(json_object_get(docker->state, "networks"), mem_copy(host->mem, docker_text(network, "Id")));
        host_print(host, "%s\n", flags.plain.items[i]);
    }
    docker_save(docker);
    return code;
}

static int network_connect(Docker *docker, bool connect, int first) {
    Host *host = docker->host;
    const char *command = connect ? "docker network connect" : "docker network disconnect";
    DockerFlags flags = docker_read_flags(host, command, connect ? "alias= ip= ip6= link= link-local-ip= driver-opt= gw-priority=" : "force,f", first, false);
    docker_need_arguments(host, command, &flags, 2, 2);
    json_t *network = docker_find_network(docker, flags.plain.items[0]);
    if (network == NULL) docker_refuse(host, 1, "network %s not found", flags.plain.items[0]);
    json_t *container = docker_need_container(docker, flags.plain.items[1]);
    json_t *aliases = value_keep(host->mem, json_array());
    Words names = docker_values(host, &flags, "alias");
    for (size_t i = 0; i < names.count; i++) json_array_append_new(aliases, json_string(names.items[i]));
    if (connect) docker_join(docker, container, network, docker_value(&flags, "ip", NULL), aliases);
    else if (json_object_del(docker_at(container, "NetworkSettings.Networks"), docker_text(network, "Name")) != 0)
        docker_refuse(host, 1, "container %s is not connected to network %s", docker_text(container, "Id"), flags.plain.items[0]);
    docker_save(docker);
    return 0;
}

int docker_network_command(Docker *docker, const char *verb, int first) {
    if (strcmp(verb, "create") == 0) return network_create(docker, first);
    if (strcmp(verb, "rm") == 0 || strcmp(verb, "remove") == 0) return network_remove(docker, first);
    if (strcmp(verb, "connect") == 0) return network_connect(docker, true, first);
    if (strcmp(verb, "disconnect") == 0) return network_connect(docker, false, first);
    return -1;
}

// ---- volumes ----

json_t *docker_make_volume(Docker *docker, const char *name, const char *driver, json_t *labels, json_t *options) {
    Host *host = docker->host;
    json_t *volumes = json_object_get(docker->state, "volumes"), *volume = json_object_get(volumes, name);
    if (volume != NULL) return volume;
    const char *place = mem_print(host->mem, "%s/volumes/%s/_data", docker->root, name);
    files_make_dirs(host, place, 0755);
    volume = json_pack("{s:s, s:s, s:O, s:s, s:s, s:O, s:s}", "CreatedAt", docker_now(host), "Driver", driver, "Labels", labels == NULL ? json_null() : labels,
                       "Mountpoint", place, "Name", name, "Options", options == NULL ? json_null() : options, "Scope", "local");
    json_object_set_new(volumes, name, volume);
    return volume;
}

static bool volume_is_used(Docker *docker, const char *name) {
    const char *id;
    json_t *container, *mount;
    json_object_foreach(json_object_get(docker->state, "containers"), id, container) {
        size_t index;
        json_array_foreach(json_object_get(container, "Mounts"), index, mount)
            if (strcmp(docker_text(mount, "Name"), name) == 0) return true;
    }
    return false;
}

int docker_volume_command(Docker *docker, const char *verb, int first) {
    Host *host = docker->host;
    if (strcmp(verb, "create") == 0) {
        DockerFlags flags = docker_read_flags(host, "docker volume create", "driver,d= label= name= opt,o=", first, false);
        docker_need_arguments(host, "docker volume create", &flags, 0, 1);
        const char *name = flags.plain.count > 0 ? flags.plain.items[0] : docker_id(host), *driver = docker_value(&flags, "driver", "local");
        if (strlen(name) < 2)
            docker_refuse(host, 1, "create %s: volume name is too short, names should be at least two alphanumeric characters", name);
        if (!formats_match(NAME_PATTERN, name))
            docker_refuse(host, 1, "create %s: \"%s\" includes invalid characters for a local volume name, only \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to pass a host directory, use absolute path", name, name);
        if (strcmp(driver, "local") != 0) docker_refuse(host, 1, "create %s: error looking up volume plugin %s: plugin \"%s\" not found", name, driver, driver);
        docker_make_volume(docker, name, driver, docker_pairs(host, &flags, "label"), docker_pairs(host, &flags, "opt"));
        docker_save(docker);
        host_print(host, "%s\n", name);
        return 0;
    }
    if (strcmp(verb, "rm") != 0 && strcmp(verb, "remove") != 0) return -1;
    DockerFlags flags = docker_read_flags(host, "docker volume rm", "force,f", first, false);
    docker_need_arguments(host, "docker volume rm", &flags, 1, 0);
    int code = 0;
    for (size_t i = 0; i < flags.plain.count; i++) {
        const char *name = flags.plain.items[i], *problem = NULL;
        if (json_object_get(json_object_get(docker->state, "volumes"), name) == NULL) problem = docker_has(&flags, "force") ? "" : mem_print(host->mem, "get %s: no such volume", name);
        else if (volume_is_used(docker, name)) problem = mem_print(host->mem, "remove %s: volume is in use", name);
        if (problem != NULL && *problem != '\0') {
            host_warn(host, "Error response from daemon: %s", problem);
            code = 1;
            continue;
        }
        files_remove_tree(host, mem_print(host->mem, "%s/volumes/%s", docker->root, name));
        json_object_del(json_object_get(docker->state, "volumes"), name);
        host_print(host, "%s\n", name);
    }
    docker_save(docker);
    return code;
}

// ---- images ----

const char *docker_normalize(Host *host, const char *reference) {
    static const char PATTERN[] = "([a-zA-Z0-9.-]+(:[0-9]+)?/)?[a-z0-9]+(([._]|__|-+)[a-z0-9]+)*(/[a-z0-9]+(([._]|__|-+)[a-z0-9]+)*)*"
                                  "(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@sha256:[0-9a-f]{64})?";
    if (!formats_match(PATTERN, reference)) return NULL;
    const char *slash = strrchr(reference, '/'), *last = slash == NULL ? reference : slash + 1;
    return strpbrk(last, ":@") == NULL ? mem_print(host->mem, "%s:latest", reference) : reference;
}

/// Can the image be had? sandbox.json may list those that can.
static bool image_exists(const Host *host, const char *reference) {
    return !host->facts.lists_images || words_has(&host->facts.images, reference);
}

static json_t *image_make(Docker *docker, const char *reference) {
    Host *host = docker->host;
    const char *id = mem_print(host->mem, "sha256:%s", conf_sha256(host, reference, strlen(reference)));
    const char *at = strchr(reference, '@'), *slash = strrchr(reference, '/');
    const char *name = mem_copy_part(host->mem, reference, at != NULL ? (size_t)(at - reference) : (size_t)((slash == NULL ? reference : slash) - reference) + strcspn(slash == NULL ? reference : slash, ":"));
    const char *digest = at != NULL ? at + 1 : mem_print(host->mem, "sha256:%s", conf_sha256(host, id, strlen(id)));
    json_t *image = json_pack("{s:s, s:o, s:[s], s:s, s:s, s:s, s:i, s:{s:{}}}", "Id", id, "RepoTags", at != NULL ? json_array() : json_pack("[s]", reference),
                              "RepoDigests", mem_print(host->mem, "%s@%s", name, digest), "Created", "2024-01-01T00:00:00Z", "Architecture", "amd64", "Os",
                              "linux", "Size", 52428800, "Config", "Labels");
    json_object_set_new(json_object_get(docker->state, "images"), reference, image);
    return image;
}

json_t *docker_get_image(Docker *docker, const char *given, bool *pulled) {
    Host *host = docker->host;
    const char *reference = docker_normalize(host, given);
    bool lower = true;
    for (const char *at = given; *at != '\0' && *at != ':'; at++) lower = lower && !(*at >= 'A' && *at <= 'Z');
    if (reference == NULL)
        host_fail(host, 125, "docker: invalid reference format%s.\nSee 'docker run --help'.", lower ? "" : mem_print(host->mem, ": repository name (library/%s) must be lowercase", given));
    json_t *image = json_object_get(json_object_get(docker->state, "images"), reference);
    *pulled = image == NULL;
    if (image != NULL) return image;
    if (!image_exists(host, reference)) docker_refuse(host, 125, "manifest for %s not found: manifest unknown: manifest unknown", reference);
    return image_make(docker, reference);
}

int docker_image_command(Docker *docker, const char *verb, int first) {
    Host *host = docker->host;
    if (strcmp(verb, "pull") == 0) {
        DockerFlags flags = docker_read_flags(host, "docker pull", "quiet,q all-tags,a disable-content-trust platform=", first, false);
        docker_need_arguments(host, "docker pull", &flags, 1, 1);
        const char *reference = docker_normalize(host, flags.plain.items[0]);
        if (reference == NULL) host_fail(host, 1, "invalid reference format");
        if (!image_exists(host, reference)) docker_refuse(host, 1, "manifest for %s not found: manifest unknown: manifest unknown", reference);
        bool there = json_object_get(json_object_get(docker->state, "images"), reference) != NULL;
        json_t *image = there ? json_object_get(json_object_get(docker->state, "images"), reference) : image_make(docker, reference);
        docker_save(docker);
        const char *digest = strchr(json_string_value(json_array_get(json_object_get(image, "RepoDigests"), 0)), '@') + 1;
        if (!docker_has(&flags, "quiet"))
            host_print(host, "Digest: %s\nStatus: %s for %s\n", digest, there ? "Image is up to date" : "Downloaded newer image", reference);
        host_print(host, "docker.io/%s%s\n", strchr(reference, '/') == NULL ? "library/" : "", reference);
        return 0;
    }
    if (strcmp(verb, "rm") != 0) return -1;
    DockerFlags flags = docker_read_flags(host, "docker image rm", "force,f no-prune", first, false);
    docker_need_arguments(host, "docker image rm", &flags, 1, 0);
    int code = 0;
    for (size_t i = 0; i < flags.plain.count; i++) {
        const char *reference = docker_normalize(host, flags.plain.items[i]), *id;
        json_t *container;
        const char *problem = NULL;
        json_object_foreach(json_object_get(docker->state, "containers"), id, container)
            if (text_equals(docker_normalize(host, docker_text(container, "Config.Image")), reference))
                problem = mem_print(host->mem, "conflict: unable to remove repository reference \"%s\" (must force) - container %.12s is using its referenced image", flags.plain.items[i], id);
        if (problem == NULL && (reference == NULL || json_object_del(json_object_get(docker->state, "images"), reference) != 0))
            problem = mem_print(host->mem, "No such image: %s", reference == NULL ? flags.plain.items[i] : reference);
        if (problem == NULL) host_print(host, "Untagged: %s\n", reference);
        else host_warn(host, "Error response from daemon: %s", problem);
        if (problem != NULL) code = 1;
    }
    docker_save(docker);
    return code;
}
