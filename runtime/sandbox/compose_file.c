// Reads a compose file: YAML, variables, what may stand where, and what must be there.
#include "compose.h"

#include "files.h"
#include "formats.h"
#include "yaml.h"

#include <ctype.h>
#include <string.h>

enum { EXIT_NOT_FOUND = 14, EXIT_PARSE = 15, VALUE_DEPTH = 64 };

static const char *const TOP_KEYS[] = {"version", "name", "services", "networks", "volumes", "configs", "secrets", "include"};

static const char *const SERVICE_KEYS[] = {
    "annotations", "attach", "blkio_config", "build", "cap_add", "cap_drop", "cgroup", "cgroup_parent", "command", "configs",
    "container_name", "cpu_count", "cpu_percent", "cpu_period", "cpu_quota", "cpu_rt_period", "cpu_rt_runtime", "cpu_shares", "cpus",
    "cpuset", "credential_spec", "depends_on", "deploy", "develop", "device_cgroup_rules", "devices", "dns", "dns_opt", "dns_search",
    "domainname", "entrypoint", "env_file", "environment", "expose", "extends", "external_links", "extra_hosts", "gpus", "group_add",
    "healthcheck", "hostname", "image", "init", "ipc", "isolation", "labels", "links", "logging", "mac_address", "mem_limit",
    "mem_reservation", "mem_swappiness", "memswap_limit", "network_mode", "networks", "oom_kill_disable", "oom_score_adj", "pid",
    "pids_limit", "platform", "ports", "privileged", "profiles", "pull_policy", "read_only", "restart", "runtime", "scale", "secrets",
    "security_opt", "shm_size", "stdin_open", "stop_grace_period", "stop_signal", "storage_opt", "sysctls", "tmpfs", "tty", "ulimits",
    "user", "userns_mode", "uts", "volumes", "volumes_from", "working_dir"};

static const char *const NETWORK_KEYS[] = {"name", "driver", "driver_opts", "ipam", "external", "internal", "enable_ipv6", "attachable", "labels"};
static const char *const VOLUME_KEYS[] = {"name", "driver", "driver_opts", "external", "labels"};

_Noreturn static void refuse(Host *host, const char *reason) {
    host_fail(host, EXIT_PARSE, "%s", reason);
}

// ---- variables ----

/// The variables of an env file: a line each, quotes around values taken off.
static Pairs env_read(Host *host, const char *path, bool needed) {
    Pairs env = pairs_new(host->mem);
    const char *text = files_read(host, path, NULL);
    if (text == NULL && needed) host_fail(host, EXIT_NOT_FOUND, "couldn't find env file: %s", path);
    Words lines = words_split(host->mem, text == NULL ? "" : text, "\r\n");
    for (size_t i = 0; i < lines.count; i++) {
        const char *line = lines.items[i] + strspn(lines.items[i], " \t");
        if (text_starts_with(line, "export ")) line += 7;
        const char *equals = strchr(line, '=');
        if (*line == '\0' || *line == '#' || equals == NULL) continue;
        const char *value = equals + 1;
        size_t length = strlen(value);
        if ((*value == '"' || *value == '\'') && length > 1 && value[length - 1] == *value) value = mem_copy_part(host->mem, value + 1, length - 2);
        pairs_set(&env, mem_copy_part(host->mem, line, (size_t)(equals - line)), value);
    }
    return env;
}

/// Fills $NAME, ${NAME}, ${NAME:-default}, ${NAME-default}, ${NAME:?error}, ${NAME:+other} in; $$ is a dollar.
static const char *variables_fill(Host *host, const char *given, const Pairs *env) {
    Text text = text_new(host->mem);
    for (const char *at = given; *at != '\0';) {
        if (*at != '$') {
            text_add_part(&text, at++, 1);
            continue;
        }
        if (at[1] == '$') {
            text_add(&text, "$");
            at += 2;
            continue;
        }
        bool braces = at[1] == '{';
        const char *name = at + (braces ? 2 : 1);
        size_t length = 0;
        while (isalnum((unsigned char)name[length]) || name[length] == '_') length++;
        const char *end = braces ? strchr(name, '}') : name + length;
        if (length == 0 || end == NULL || isdigit((unsigned char)*name))
            refuse(host, mem_print(host->mem, "invalid interpolation format: \"%s\". You may need to escape any $ with another $", given));
        const char *key = mem_copy_part(host->mem, name, length), *value = pairs_get(env, key), *rest = name + length;
        bool empty_too = braces && *rest == ':', missing = value == NULL || (empty_too && *value == '\0');
        rest += empty_too;
        const char *other = braces && rest < end ? mem_copy_part(host->mem, rest + 1, (size_t)(end - rest - 1)) : NULL;
        if (other != NULL && strchr("-?+", *rest) == NULL)
            refuse(host, mem_print(host->mem, "invalid interpolation format: \"%s\". You may need to escape any $ with another $", given));
        if (other != NULL && *rest == '?' && missing) refuse(host, mem_print(host->mem, "required variable %s is missing a value: %s", key, other));
        if (other != NULL && *rest == '-' && missing) value = other;
        else if (other != NULL && *rest == '+') value = missing ? "" : other;
        else if (missing && value == NULL)
            host_warn(host, "level=warning msg=\"The \\\"%s\\\" variable is not set. Defaulting to a blank string.\"", key);
        text_add(&text, value == NULL ? "" : value);
        at = braces ? end + 1 : end;
    }
    return text.data;
}

/// A new reference to the value with all its texts filled in.
static json_t *values_fill(Host *host, json_t *value, const Pairs *env, int depth) {
    if (depth > VALUE_DEPTH) refuse(host, "yaml: exceeded max depth");
    if (json_is_string(value)) return json_string(variables_fill(host, json_string_value(value), env));
    json_t *item, *copy;
    if (json_is_array(value)) {
        size_t index;
        copy = value_keep(host->mem, json_array());
        json_array_foreach(value, index, item) json_array_append_new(copy, values_fill(host, item, env, depth + 1));
        return json_incref(copy);
    }
    if (!json_is_object(value)) return json_incref(value);
    const char *key;
    copy = value_keep(host->mem, json_object());
    json_object_foreach(value, key, item) json_object_set_new(copy, key, values_fill(host, item, env, depth + 1));
    return json_incref(copy);
}

// ---- checks ----

static void keys_check(Host *host, const char *file, const char *place, json_t *value, const char *const *known, size_t count) {
    const char *key;
    json_t *item;
    if (!json_is_object(value)) refuse(host, mem_print(host->mem, "validating %s: %s must be a mapping", file, place));
    json_object_foreach(value, key, item) {
        bool found = text_starts_with(key, "x-");
        for (size_t i = 0; i < count; i++) found = found || strcmp(known[i], key) == 0;
        if (!found) refuse(host, mem_print(host->mem, "validating %s: %s additional properties '%s' not allowed", file, place, key));
    }
}

/// Settings that must be of one JSON type.
static void types_check(Host *host, const char *file, const char *place, json_t *service) {
    static const char *const LISTS[] = {"ports", "volumes", "cap_add", "cap_drop", "devices", "expose", "security_opt", "profiles"};
    static const char *const STRINGS[] = {"image", "container_name", "hostname", "restart", "network_mode", "user", "working_dir", "runtime"};
    static const char *const BOOLEANS[] = {"privileged", "read_only", "tty", "stdin_open", "init"};
    for (size_t i = 0; i < sizeof LISTS / sizeof LISTS[0]; i++) {
        json_t *value = json_object_get(service, LISTS[i]);
        if (value != NULL && !json_is_array(value)) refuse(host, mem_print(host->mem, "validating %s: %s.%s must be a array", file, place, LISTS[i]));
    }
    for (size_t i = 0; i < sizeof STRINGS / sizeof STRINGS[0]; i++) {
        json_t *value = json_object_get(service, STRINGS[i]);
        if (value != NULL && !json_is_string(value)) refuse(host, mem_print(host->mem, "validating %s: %s.%s must be a string", file, place, STRINGS[i]));
    }
    for (size_t i = 0; i < sizeof BOOLEANS / sizeof BOOLEANS[0]; i++) {
        json_t *value = json_object_get(service, BOOLEANS[i]);
        if (value != NULL && !json_is_boolean(value)) refuse(host, mem_print(host->mem, "validating %s: %s.%s must be a boolean", file, place, BOOLEANS[i]));
    }
}

Words compose_texts(Host *host, const json_t *value) {
    Words texts = words_new(host->mem);
    json_t *item;
    size_t index;
    const char *key;
    if (json_is_string(value)) words_add(&texts, json_string_value(value));
    json_array_foreach((json_t *)(uintptr_t)value, index, item) {
        if (json_is_string(item)) words_add(&texts, json_string_value(item));
        else if (json_is_integer(item)) words_add(&texts, mem_print(host->mem, "%" JSON_INTEGER_FORMAT, json_integer_value(item)));
    }
    json_object_foreach((json_t *)(uintptr_t)value, key, item) {
        const char *text = json_is_string(item) ? json_string_value(item) : json_is_null(item) ? "" : NULL;
        if (json_is_integer(item)) text = mem_print(host->mem, "%" JSON_INTEGER_FORMAT, json_integer_value(item));
        else if (json_is_real(item)) text = mem_print(host->mem, "%g", json_real_value(item));
        else if (json_is_boolean(item)) text = json_is_true(item) ? "true" : "false";
        words_add(&texts, mem_print(host->mem, "%s=%s", key, text == NULL ? "" : text));
    }
    return texts;
}

/// The names in a value that is a list of them or a map by them.
static Words names_of(Host *host, const json_t *value) {
    Words names = words_new(host->mem);
    const char *key;
    json_t *item;
    if (!json_is_object(value)) return compose_texts(host, value);
    json_object_foreach((json_t *)(uintptr_t)value, key, item) words_add(&names, key);
    return names;
}

static void service_check(Host *host, const Project *project, const char *file, const char *name, json_t *service) {
    const char *place = mem_print(host->mem, "services.%s", name);
    if (!formats_match("[a-zA-Z0-9._-]+", name)) refuse(host, mem_print(host->mem, "validating %s: services additional properties '%s' not allowed", file, name));
    keys_check(host, file, place, service, SERVICE_KEYS, sizeof SERVICE_KEYS / sizeof SERVICE_KEYS[0]);
    types_check(host, file, place, service);
    if (json_object_get(service, "image") == NULL && json_object_get(service, "build") == NULL)
        refuse(host, mem_print(host->mem, "service \"%s\" has neither an image nor a build context specified: invalid compose project", name));
    if (json_object_get(service, "networks") != NULL && json_object_get(service, "network_mode") != NULL)
        refuse(host, mem_print(host->mem, "service %s declares mutually exclusive `network_mode` and `networks`: invalid compose project", name));
    Words networks = names_of(host, json_object_get(service, "networks")), needs = names_of(host, json_object_get(service, "depends_on"));
    for (size_t i = 0; i < networks.count; i++)
        if (strcmp(networks.items[i], "default") != 0 && json_object_get(project->networks, networks.items[i]) == NULL)
            refuse(host, mem_print(host->mem, "service \"%s\" refers to undefined network %s: invalid compose project", name, networks.items[i]));
    for (size_t i = 0; i < needs.count; i++)
        if (json_object_get(project->services, needs.items[i]) == NULL)
            refuse(host, mem_print(host->mem, "service \"%s\" depends on undefined service \"%s\": invalid compose project", name, needs.items[i]));
    size_t index;
    json_t *mount;
    json_array_foreach(json_object_get(service, "volumes"), index, mount) {
        const char *text = json_string_value(mount), *source = docker_text(mount, "source");
        if (text != NULL) source = strchr(text, ':') == NULL ? "" : mem_copy_part(host->mem, text, strcspn(text, ":"));
        else if (strcmp(docker_text(mount, "type"), "volume") != 0) continue;
        if (*source != '\0' && strchr("/.~", *source) == NULL && json_object_get(project->volumes, source) == NULL)
            refuse(host, mem_print(host->mem, "service \"%s\" refers to undefined volume %s: invalid compose project", name, source));
    }
}

/// Adds [name] after what it depends on; leaves where services wait for each other.
static void order_add(Host *host, const Project *project, const char *name, Words *order, Words *open) {
    if (words_has(order, name)) return;
    words_add(open, name);
    Words needs = names_of(host, json_object_get(json_object_get(project->services, name), "depends_on"));
    for (size_t i = 0; i < needs.count; i++) {
        if (words_has(open, needs.items[i]))
            refuse(host, mem_print(host->mem, "dependency cycle detected: %s -> %s", words_join(open, " -> "), needs.items[i]));
        order_add(host, project, needs.items[i], order, open);
    }
    open->count--;
    words_add(order, name);
}

Words compose_order(Host *host, const Project *project) {
    Words order = words_new(host->mem), open = words_new(host->mem), names = names_of(host, project->services);
    words_sort(&names);
    for (size_t i = 0; i < names.count; i++) order_add(host, project, names.items[i], &order, &open);
    return order;
}

// ---- loading ----

static const char *path_join(Host *host, const char *dir, const char *path) {
    return *path == '/' ? path : mem_print(host->mem, "%s/%s", strcmp(dir, "/") == 0 ? "" : dir, path);
}

static const char *name_of_dir(Host *host, const char *dir) {
    const char *slash = strrchr(dir, '/');
    Text text = text_new(host->mem);
    for (const char *at = slash == NULL ? dir : slash + 1; *at != '\0'; at++) {
        char byte = (char)tolower((unsigned char)*at);
        if (isalnum((unsigned char)byte) || byte == '_' || byte == '-') text_add_part(&text, &byte, 1);
    }
    return text.data;
}

Project compose_load(Host *host, const Words *given, const char *dir, const char *name, const char *env_file) {
    static const char *const USUAL[] = {"compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"};
    Words files = words_new(host->mem);
    for (size_t i = 0; i < given->count; i++) words_add(&files, path_join(host, host->cwd, given->items[i]));
    for (size_t i = 0; i < 4 && files.count == 0; i++) {
        const char *path = path_join(host, dir == NULL ? host->cwd : dir, USUAL[i]);
        if (files_exists(host, path)) words_add(&files, path);
    }
    if (files.count == 0) host_fail(host, EXIT_NOT_FOUND, "no configuration file provided: not found");
    if (dir == NULL) dir = mem_copy_part(host->mem, files.items[0], (size_t)(strrchr(files.items[0], '/') - files.items[0]));
    if (*dir == '\0') dir = "/";
    Pairs env = env_read(host, env_file == NULL ? path_join(host, dir, ".env") : path_join(host, host->cwd, env_file), env_file != NULL);
    json_t *config = value_keep(host->mem, json_object());
    for (size_t i = 0; i < files.count; i++) {
        const char *text = files_read(host, files.items[i], NULL), *problem = NULL;
        if (text == NULL) host_fail(host, EXIT_NOT_FOUND, "open %s: no such file or directory", files.items[i]);
        json_t *read = yaml_read(host, text, &problem);
        if (read == NULL) refuse(host, mem_print(host->mem, "parsing %s: %s", files.items[i], problem));
        if (!json_is_object(read)) refuse(host, "empty compose file");
        keys_check(host, files.items[i], "(root)", read, TOP_KEYS, sizeof TOP_KEYS / sizeof TOP_KEYS[0]);
        json_object_update_recursive(config, value_keep(host->mem, values_fill(host, read, &env, 0)));
    }
    Project project = {.dir = dir, .files = words_join(&files, ","), .config = config};
    static const char *const PARTS[] = {"services", "networks", "volumes"};
    for (size_t i = 0; i < 3; i++)
        if (!json_is_object(json_object_get(config, PARTS[i]))) json_object_set_new(config, PARTS[i], json_object());
    project.services = json_object_get(config, "services");
    project.networks = json_object_get(config, "networks");
    project.volumes = json_object_get(config, "volumes");
    const char *key, *file = files.items[0];
    json_t *item;
    json_object_foreach(project.networks, key, item)
        if (!json_is_null(item)) keys_check(host, file, mem_print(host->mem, "networks.%s", key), item, NETWORK_KEYS, sizeof NETWORK_KEYS / sizeof NETWORK_KEYS[0]);
    json_object_foreach(project.volumes, key, item)
        if (!json_is_null(item)) keys_check(host, file, mem_print(host->mem, "volumes.%s", key), item, VOLUME_KEYS, sizeof VOLUME_KEYS / sizeof VOLUME_KEYS[0]);
    if (json_object_size(project.services) == 0) refuse(host, "empty compose file");
    json_object_foreach(project.services, key, item) service_check(host, &project, file, key, item);
    compose_order(host, &project);
    if (name == NULL) name = *docker_text(config, "name") == '\0' ? name_of_dir(host, dir) : docker_text(config, "name");
    if (!formats_match("[a-z0-9][a-z0-9_-]*", name))
        refuse(host, mem_print(host->mem,
                               "invalid project name \"%s\": must consist only of lowercase alphanumeric characters, hyphens, and underscores "
                               "as well as start with a letter or number",
                               name));
    project.name = name;
    json_object_set_new(config, "name", json_string(name));
    return project;
}
