// `docker ps`, `docker network ls`, ... and `docker inspect`: what the daemon keeps, as the client shows it.
#include "docker.h"

#include "table.h"

#include <stdlib.h>
#include <string.h>

/// A list: what its columns are called and what each row of it says.
typedef struct List {
    const char *kind;          // as in the daemon's state
    const char *const *columns;
    json_t *(*row)(Docker *docker, json_t *object);
} List;

static const char *labels_text(Host *host, const json_t *labels) {
    Text text = text_new(host->mem);
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)labels, key, value)
        text_print(&text, "%s%s=%s", text.length > 0 ? "," : "", key, json_string_value(value));
    return text.data;
}

/// `0.0.0.0:80->80/tcp, 443/tcp`.
static const char *ports_text(Host *host, const json_t *container) {
    Text text = text_new(host->mem);
    const char *key;
    json_t *bindings, *binding;
    json_object_foreach(docker_at(container, "NetworkSettings.Ports"), key, bindings) {
        size_t index;
        json_array_foreach(bindings, index, binding)
            text_print(&text, "%s%s:%s->%s", text.length > 0 ? ", " : "", docker_text(binding, "HostIp"), docker_text(binding, "HostPort"), key);
    }
    return text.data;
}

static const char *status_text(Host *host, const json_t *container) {
    const char *status = docker_text(container, "State.Status"), *health = docker_text(container, "State.Health.Status");
    if (strcmp(status, "created") == 0) return "Created";
    if (strcmp(status, "running") != 0)
        return mem_print(host->mem, "Exited (%" JSON_INTEGER_FORMAT ") 1 minute ago", json_integer_value(docker_at(container, "State.ExitCode")));
    if (*health == '\0') return "Up 1 minute";
    return mem_print(host->mem, "Up 1 minute (%s%s)", strcmp(health, "starting") == 0 ? "health: " : "", health);
}

static const char *keys_text(Host *host, const json_t *object) {
    Words keys = words_new(host->mem);
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)object, key, value) words_add(&keys, key);
    return words_join(&keys, ",");
}

static const char *mounts_text(Host *host, const json_t *container) {
    Words names = words_new(host->mem);
    size_t index;
    json_t *mount;
    json_array_foreach(json_object_get(container, "Mounts"), index, mount)
        words_add(&names, *docker_text(mount, "Name") != '\0' ? docker_text(mount, "Name") : docker_text(mount, "Source"));
    return words_join(&names, ",");
}

static json_t *container_row(Docker *docker, json_t *container) {
    Host *host = docker->host;
    const json_t *labels = docker_at(container, "Config.Labels");
    size_t index;
    json_t *part, *command = docker_at(container, "Config.Cmd");
    Words words = words_new(host->mem);
    json_array_foreach(command, index, part) words_add(&words, json_string_value(part));
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:O}", "Command",
                     mem_print(host->mem, "\"%s\"", words.count == 0 ? docker_text(container, "Path") : words_join(&words, " ")), "CreatedAt",
                     docker_text(container, "Created"), "ID", docker_text(container, "Id"), "Image", docker_text(container, "Config.Image"), "Labels",
                     labels_text(host, labels), "LocalVolumes", "0", "Mounts", mounts_text(host, container), "Names", docker_text(container, "Name") + 1,
                     "Networks", keys_text(host, docker_at(container, "NetworkSettings.Networks")), "Ports", ports_text(host, container), "RunningFor",
                     "1 minute ago", "Size", "0B", "State", docker_text(container, "State.Status"), "Status", status_text(host, container), "\1labels", labels);
}

static json_t *network_row(Docker *docker, json_t *network) {
    const json_t *labels = json_object_get(network, "Labels");
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:O}", "CreatedAt", docker_text(network, "Created"), "Driver", docker_text(network, "Driver"),
                     "ID", docker_text(network, "Id"), "IPv6", docker_is(network, "EnableIPv6") ? "true" : "false", "Internal",
                     docker_is(network, "Internal") ? "true" : "false", "Labels", labels_text(docker->host, labels), "Name", docker_text(network, "Name"),
                     "Scope", "local", "\1labels", labels);
}

static json_t *volume_row(Docker *docker, json_t *volume) {
    const json_t *labels = json_object_get(volume, "Labels");
    json_t *row = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "Driver", docker_text(volume, "Driver"), "Labels", labels_text(docker->host, labels),
                            "Mountpoint", docker_text(volume, "Mountpoint"), "Name", docker_text(volume, "Name"), "Scope", "local", "Size", "N/A");
    if (json_is_object(labels)) json_object_set(row, "\1labels", (json_t *)(uintptr_t)labels);
    return row;
}

static json_t *image_row(Docker *docker, json_t *image) {
    Host *host = docker->host;
    const char *tag = json_string_value(json_array_get(json_object_get(image, "RepoTags"), 0));
    const char *digest = json_string_value(json_array_get(json_object_get(image, "RepoDigests"), 0)), *at = strchr(digest, '@');
    const char *colon = tag == NULL ? NULL : strrchr(tag, ':');
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "CreatedAt", docker_text(image, "Created"), "Digest", at + 1, "ID", docker_text(image, "Id"), "Repository",
                     colon == NULL ? mem_copy_part(host->mem, digest, (size_t)(at - digest)) : mem_copy_part(host->mem, tag, (size_t)(colon - tag)), "Size",
                     "52.4MB", "Tag", colon == NULL ? "<none>" : colon + 1);
}

static const char *const CONTAINER_COLUMNS[] = {"ID", "Image", "Command", "RunningFor", "Status", "Ports", "Names", NULL};
static const char *const NETWORK_COLUMNS[] = {"ID", "Name", "Driver", "Scope", NULL};
static const char *const VOLUME_COLUMNS[] = {"Driver", "Name", NULL};
static const char *const IMAGE_COLUMNS[] = {"Repository", "Tag", "ID", "CreatedAt", "Size", NULL};

static const List LISTS[] = {{"containers", CONTAINER_COLUMNS, container_row},
                             {"networks", NETWORK_COLUMNS, network_row},
                             {"volumes", VOLUME_COLUMNS, volume_row},
                             {"images", IMAGE_COLUMNS, image_row}};

/// Does the row pass one --filter? Leaves for one that there is not.
static bool filter_holds(Docker *docker, const char *filter, json_t *row) {
    Host *host = docker->host;
    const char *equals = strchr(filter, '=');
    if (equals == NULL) host_fail(host, 125, "invalid argument \"%s\" for \"-f, --filter\" flag: invalid filter '%s'\nSee 'docker ps --help'.", filter, filter);
    const char *key = mem_copy_part(host->mem, filter, (size_t)(equals - filter)), *value = equals + 1;
    const char *name = *docker_text(row, "Names") != '\0' ? docker_text(row, "Names") : docker_text(row, "Name");
    if (strcmp(key, "label") == 0) return docker_filter_label(value, json_object_get(row, "\1labels"));
    if (strcmp(key, "name") == 0) {
        // A regular expression; programs anchor it: ^/?name$
        bool begins = *value == '^', ends = text_ends_with(value, "$");
        if (begins) value++;
        if (text_starts_with(value, "/?")) value += 2;
        else if (*value == '/') value++;
        if (ends) value = mem_copy_part(host->mem, value, strlen(value) - 1);
        if (begins && ends) return strcmp(name, value) == 0;
        return begins ? text_starts_with(name, value) : ends ? text_ends_with(name, value) : strstr(name, value) != NULL;
    }
    if (strcmp(key, "status") == 0) return strcmp(docker_text(row, "State"), value) == 0;
    if (strcmp(key, "id") == 0) return text_starts_with(docker_text(row, "ID"), value);
    if (strcmp(key, "driver") == 0) return strcmp(docker_text(row, "Driver"), value) == 0;
    if (strcmp(key, "reference") == 0) return strcmp(docker_text(row, "Repository"), value) == 0 || strcmp(mem_print(host->mem, "%s:%s", docker_text(row, "Repository"), docker_text(row, "Tag")), value) == 0;
    docker_refuse(host, 1, "invalid filter '%s'", key);
}

/// The header of a column: "CONTAINER ID", "NAMES", ...
static const char *column_title(Host *host, const List *list, const char *column) {
    if (strcmp(column, "ID") == 0) return mem_print(host->mem, "%s ID", strcmp(list->kind, "containers") == 0 ? "CONTAINER" : strcmp(list->kind, "networks") == 0 ? "NETWORK" : "IMAGE");
    if (strcmp(column, "RunningFor") == 0 || strcmp(column, "CreatedAt") == 0) return "CREATED";
    if (strcmp(column, "Name") == 0 && strcmp(list->kind, "volumes") == 0) return "VOLUME NAME";
    char *title = mem_copy(host->mem, column);
    for (char *at = title; *at != '\0'; at++)
        if (*at >= 'a' && *at <= 'z') *at = (char)(*at - 32);
    return title;
}

static int list_print(Docker *docker, const List *list, int first) {
    Host *host = docker->host;
    const char *command = mem_print(host->mem, "docker %s ls", mem_copy_part(host->mem, list->kind, strlen(list->kind) - 1));
    DockerFlags flags = docker_read_flags(host, command, "all,a filter,f= format= last,n= latest,l no-trunc quiet,q size,s digests", first, false);
    const char *format = docker_value(&flags, "format", NULL), *key;
    bool all = docker_has(&flags, "all") || strcmp(list->kind, "containers") != 0, quiet = docker_has(&flags, "quiet"), whole = docker_has(&flags, "no-trunc");
    Words filters = docker_values(host, &flags, "filter");
    for (size_t i = 0; i < filters.count; i++) all = all || text_starts_with(filters.items[i], "status=");
    Table table = table_new(host->mem);
    for (size_t i = 0; list->columns[i] != NULL; i++) table_add_column(&table, column_title(host, list, list->columns[i]), false);
    json_t *object;
    json_object_foreach(json_object_get(docker->state, list->kind), key, object) {
        json_t *row = value_keep(host->mem, list->row(docker, object));
        bool shown = all || strcmp(docker_text(row, "State"), "running") == 0;
        for (size_t i = 0; i < filters.count; i++) shown = filter_holds(docker, filters.items[i], row) && shown;
        if (!shown) continue;
        const char *id = docker_text(row, "ID");
        if (!whole && *id != '\0') {
            if (text_starts_with(id, "sha256:")) id += 7;
            json_object_set_new(row, "ID", json_string(mem_copy_part(host->mem, id, strlen(id) < 12 ? strlen(id) : 12)));
        }
        if (quiet) host_print(host, "%s\n", *docker_text(row, "ID") != '\0' ? docker_text(row, "ID") : docker_text(row, "Name"));
        else if (format != NULL) docker_print_row(host, format, row);
        else for (size_t i = 0; list->columns[i] != NULL; i++) table_add_cell(&table, mem_copy(host->mem, docker_text(row, list->columns[i])));
    }
    if (!quiet && format == NULL) table_print(host, &table, false);
    return 0;
}

int docker_list(Docker *docker, const char *kind, int first) {
    for (size_t i = 0; i < sizeof LISTS / sizeof LISTS[0]; i++)
        if (strcmp(LISTS[i].kind, kind) == 0) return list_print(docker, &LISTS[i], first);
    return -1;
}

/// The object of [kind], or of any kind for NULL; what a network shows of its containers is put in.
static json_t *object_find(Docker *docker, const char *kind, const char *name) {
    json_t *found = NULL;
    if (kind == NULL || strcmp(kind, "container") == 0) found = docker_find_container(docker, name);
    if (found == NULL && (kind == NULL || strcmp(kind, "image") == 0)) {
        const char *reference = docker_normalize(docker->host, name);
        if (reference != NULL) found = json_object_get(json_object_get(docker->state, "images"), reference);
    }
    if (found == NULL && (kind == NULL || strcmp(kind, "network") == 0)) {
        found = docker_find_network(docker, name);
        const char *id;
        if (found == NULL) return kind == NULL ? json_object_get(json_object_get(docker->state, "volumes"), name) : NULL;
        json_t *container, *users = json_object();
        json_object_set_new(found, "Containers", users);
        json_object_foreach(json_object_get(docker->state, "containers"), id, container) {
            json_t *joined = json_object_get(docker_at(container, "NetworkSettings.Networks"), docker_text(found, "Name"));
            if (joined != NULL && docker_is(container, "State.Running"))
                json_object_set_new(users, id, json_pack("{s:s, s:s, s:s}", "Name", docker_text(container, "Name") + 1, "EndpointID", docker_text(joined, "EndpointID"), "IPv4Address", mem_print(docker->host->mem, "%s/%d", docker_text(joined, "IPAddress"), (int)json_integer_value(json_object_get(joined, "IPPrefixLen")))));
        }
    }
    if (found == NULL && (kind == NULL || strcmp(kind, "volume") == 0)) found = json_object_get(json_object_get(docker->state, "volumes"), name);
    return found;
}

int docker_inspect(Docker *docker, const char *kind, int first) {
    Host *host = docker->host;
    DockerFlags flags = docker_read_flags(host, "docker inspect", "format,f= size,s type= verbose,v", first, false);
    docker_need_arguments(host, "docker inspect", &flags, 1, 0);
    const char *format = docker_value(&flags, "format", NULL);
    if (kind == NULL) kind = docker_value(&flags, "type", NULL);
    json_t *all = value_keep(host->mem, json_array());
    Words missing = words_new(host->mem);
    for (size_t i = 0; i < flags.plain.count; i++) {
        json_t *object = object_find(docker, kind, flags.plain.items[i]);
        if (object == NULL) {
            words_add(&missing, flags.plain.items[i]);
            continue;
        }
        json_t *shown = value_keep(host->mem, json_copy(object));
        json_object_del(shown, "ManuallyStopped");
        json_object_del(shown, DOCKER_CHOSEN_SUBNET);
        if (format == NULL) json_array_append(all, shown);
        else docker_print_template(host, format, shown);
    }
    if (format == NULL) {
        char *text = json_dumps(all, JSON_INDENT(4));
        host_print(host, "%s\n", text);
        free(text);
    }
    // What is there is shown, then what is not.
    for (size_t i = 0; i < missing.count; i++) {
        const char *name = missing.items[i];
        if (kind == NULL) host_warn(host, "Error: No such object: %s", name);
        else if (strcmp(kind, "network") == 0) host_warn(host, "Error response from daemon: network %s not found", name);
        else if (strcmp(kind, "volume") == 0) host_warn(host, "Error response from daemon: get %s: no such volume", name);
        else host_warn(host, "Error response from daemon: No such %s: %s", kind, name);
    }
    return missing.count > 0 ? 1 : 0;
}
