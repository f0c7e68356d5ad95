// `docker compose` and `docker-compose`: a project's containers brought up, taken down, shown.
#include "compose.h"

#include "conf.h"
#include "fault.h"
#include "files.h"
#include "inside.h"
#include "yaml.h"

#include <stdlib.h>
#include <string.h>

#define LABEL "com.docker.compose."

static void flag_add(Pairs *flags, const char *name, const char *value) {
    pairs_add(flags, name, value);
}

/// A number or text of a service as the flag takes it; nothing where it is not written.
static void scalar_add(Host *host, Pairs *flags, const char *flag, const json_t *value) {
    if (json_is_string(value)) flag_add(flags, flag, json_string_value(value));
    else if (json_is_integer(value)) flag_add(flags, flag, mem_print(host->mem, "%" JSON_INTEGER_FORMAT, json_integer_value(value)));
    else if (json_is_real(value)) flag_add(flags, flag, mem_print(host->mem, "%g", json_real_value(value)));
    else if (json_is_true(value)) flag_add(flags, flag, "true");
}

static void texts_add(Host *host, Pairs *flags, const char *flag, const json_t *value) {
    Words texts = compose_texts(host, value);
    for (size_t i = 0; i < texts.count; i++) flag_add(flags, flag, texts.items[i]);
}

static bool is_external(const json_t *object) {
    const json_t *external = json_object_get(object, "external");
    return json_is_true(external) || json_is_object(external);
}

/// The name that Docker knows a network or a volume of the project by.
static const char *object_name(Host *host, const Project *project, const json_t *objects, const char *key) {
    const json_t *object = json_object_get(objects, key);
    const char *given = docker_text(object, "name");
    if (*given != '\0') return given;
    return is_external(object) ? key : mem_print(host->mem, "%s_%s", project->name, key);
}

static json_t *object_labels(Host *host, const Project *project, const json_t *object, const char *kind, const char *key) {
    json_t *labels = value_keep(host->mem, json_pack("{s:s, s:s}", LABEL "project", project->name, mem_print(host->mem, LABEL "%s", kind), key));
    Words own = compose_texts(host, json_object_get(object, "labels"));
    for (size_t i = 0; i < own.count; i++) {
        size_t length = strcspn(own.items[i], "=");
        json_object_set_new(labels, mem_copy_part(host->mem, own.items[i], length), json_string(own.items[i] + length + (own.items[i][length] == '=')));
    }
    return labels;
}

static void network_need(Docker *docker, const Project *project, const char *key) {
    Host *host = docker->host;
    const json_t *object = json_object_get(project->networks, key);
    const char *name = object_name(host, project, project->networks, key);
    if (docker_find_network(docker, name) != NULL) return;
    if (is_external(object)) host_fail(host, 1, "network %s declared as external, but could not be found", name);
    const json_t *ipam = json_array_get(docker_at(object, "ipam.config"), 0);
    const char *driver = docker_text(object, "driver"), *subnet = docker_text(ipam, "subnet"), *gateway = docker_text(ipam, "gateway");
    docker_make_network(docker, name, *driver == '\0' ? "bridge" : driver, *subnet == '\0' ? NULL : subnet, *gateway == '\0' ? NULL : gateway,
                        object_labels(host, project, object, "network", key));
    host_warn(host, " Network %s  Created", name);
}

static const char *volume_need(Docker *docker, const Project *project, const char *key) {
    Host *host = docker->host;
    const json_t *object = json_object_get(project->volumes, key);
    const char *name = object_name(host, project, project->volumes, key);
    bool there = json_object_get(json_object_get(docker->state, "volumes"), name) != NULL;
    if (!there && is_external(object)) host_fail(host, 1, "external volume \"%s\" not found", name);
    docker_make_volume(docker, name, "local", object_labels(host, project, object, "volume", key), NULL);
    if (!there) host_warn(host, " Volume \"%s\"  Created", name);
    return name;
}

// ---- a service as flags of `docker create` ----

static void volumes_add(Docker *docker, const Project *project, const json_t *service, Pairs *flags) {
    Host *host = docker->host;
    size_t index;
    json_t *mount;
    json_array_foreach(json_object_get(service, "volumes"), index, mount) {
        const char *text = json_string_value(mount), *type = docker_text(mount, "type"), *source = docker_text(mount, "source");
        const char *rest = text == NULL ? NULL : strchr(text, ':');
        if (text != NULL && rest != NULL) source = mem_copy_part(host->mem, text, (size_t)(rest - text));
        bool is_path = *source != '\0' && strchr("/.~", *source) != NULL;
        if (text_starts_with(source, "./")) source = mem_print(host->mem, "%s/%s", project->dir, source + 2);
        else if (*source == '.') source = mem_print(host->mem, "%s/%s", project->dir, source);
        if (!is_path && *source != '\0') source = volume_need(docker, project, source);
        if (text != NULL) flag_add(flags, "volume", rest == NULL ? text : mem_print(host->mem, "%s%s", source, rest));
        else if (strcmp(type, "tmpfs") == 0) flag_add(flags, "tmpfs", docker_text(mount, "target"));
        else flag_add(flags, "mount", mem_print(host->mem, "type=%s,source=%s,target=%s%s", type, source, docker_text(mount, "target"), docker_is(mount, "read_only") ? ",readonly" : ""));
    }
}

static void ports_add(Host *host, const json_t *service, Pairs *flags) {
    size_t index;
    json_t *port;
    json_array_foreach(json_object_get(service, "ports"), index, port) {
        if (!json_is_object(port)) {
            scalar_add(host, flags, "publish", port);
            continue;
        }
        Words fields = compose_texts(host, port);
        Pairs by_name = pairs_new(host->mem);
        for (size_t i = 0; i < fields.count; i++) {
            size_t length = strcspn(fields.items[i], "=");
            pairs_set(&by_name, mem_copy_part(host->mem, fields.items[i], length), fields.items[i] + length + 1);
        }
        const char *published = pairs_get(&by_name, "published"), *address = pairs_get(&by_name, "host_ip"), *protocol = pairs_get(&by_name, "protocol");
        flag_add(flags, "publish", mem_print(host->mem, "%s%s%s%s%s/%s", address == NULL ? "" : address, address == NULL ? "" : ":", published == NULL ? "" : published,
                                             published == NULL && address == NULL ? "" : ":", pairs_get(&by_name, "target"), protocol == NULL ? "tcp" : protocol));
    }
}

static void health_add(Host *host, const json_t *service, Pairs *flags) {
    const json_t *check = json_object_get(service, "healthcheck"), *test = json_object_get(check, "test");
    if (check == NULL || docker_is(check, "disable")) return;
    Words words = compose_texts(host, test);
    if (words.count > 1 && json_is_array(test) && text_starts_with(words.items[0], "CMD")) {
        words.items++;
        words.count--;
    }
    if (words.count > 0 && strcmp(words.items[0], "NONE") != 0) flag_add(flags, "health-cmd", words_join(&words, " "));
    scalar_add(host, flags, "health-interval", json_object_get(check, "interval"));
    scalar_add(host, flags, "health-timeout", json_object_get(check, "timeout"));
    scalar_add(host, flags, "health-retries", json_object_get(check, "retries"));
}

static Pairs service_flags(Docker *docker, const Project *project, const char *service_name, const char *container, const char *hash) {
    static const char *const SCALARS[][2] = {{"hostname", "hostname"}, {"user", "user"}, {"working_dir", "workdir"}, {"restart", "restart"}, {"mem_limit", "memory"},
                                             {"cpus", "cpus"}, {"pids_limit", "pids-limit"}, {"shm_size", "shm-size"}, {"privileged", "privileged"},
                                             {"read_only", "read-only"}, {"init", "init"}, {"tty", "tty"}, {"stdin_open", "interactive"}, {"runtime", "runtime"}};
    static const char *const LISTS[][2] = {{"environment", "env"}, {"labels", "label"}, {"cap_add", "cap-add"}, {"cap_drop", "cap-drop"}, {"security_opt", "security-opt"},
                                           {"devices", "device"}, {"dns", "dns"}, {"extra_hosts", "add-host"}, {"tmpfs", "tmpfs"}, {"group_add", "group-add"}, {"expose", "expose"}};
    Host *host = docker->host;
    const json_t *service = json_object_get(project->services, service_name);
    Pairs flags = pairs_new(host->mem);
    flag_add(&flags, "name", container);
    for (size_t i = 0; i < sizeof SCALARS / sizeof SCALARS[0]; i++) scalar_add(host, &flags, SCALARS[i][1], json_object_get(service, SCALARS[i][0]));
    for (size_t i = 0; i < sizeof LISTS / sizeof LISTS[0]; i++) texts_add(host, &flags, LISTS[i][1], json_object_get(service, LISTS[i][0]));
    scalar_add(host, &flags, "memory", docker_at(service, "deploy.resources.limits.memory"));
    scalar_add(host, &flags, "cpus", docker_at(service, "deploy.resources.limits.cpus"));
    scalar_add(host, &flags, "log-driver", docker_at(service, "logging.driver"));
    texts_add(host, &flags, "log-opt", docker_at(service, "logging.options"));
    if (json_array_size(docker_at(service, "deploy.resources.reservations.devices")) > 0) flag_add(&flags, "gpus", "all");
    Words env_files = compose_texts(host, json_object_get(service, "env_file"));
    for (size_t i = 0; i < env_files.count; i++) {
        const char *path = *env_files.items[i] == '/' ? env_files.items[i] : mem_print(host->mem, "%s/%s", project->dir, env_files.items[i]);
        if (!files_exists(host, path)) host_fail(host, 14, "env file %s not found: stat %s: no such file or directory", path, path);
        flag_add(&flags, "env-file", path);
    }
    volumes_add(docker, project, service, &flags);
    ports_add(host, service, &flags);
    health_add(host, service, &flags);
    const char *labels[][2] = {{"project", project->name}, {"service", service_name}, {"container-number", "1"}, {"oneoff", "False"}, {"config-hash", hash},
                               {"project.working_dir", project->dir}, {"project.config_files", project->files}, {"version", "2.26.1"}};
    for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++) flag_add(&flags, "label", mem_print(host->mem, LABEL "%s=%s", labels[i][0], labels[i][1]));
    return flags;
}

/// The networks of a service by their keys; "default" where it says nothing.
static Words service_networks(Host *host, const json_t *service) {
    json_t *value = json_object_get(service, "networks"), *item;
    Words names = words_new(host->mem);
    const char *key;
    if (json_object_get(service, "network_mode") != NULL) return names;
    if (!json_is_object(value)) names = compose_texts(host, value);
    else json_object_foreach(value, key, item) words_add(&names, key);
    if (names.count == 0) words_add(&names, "default");
    return names;
}

/// What the container of a service would be made from, as a digest: another one means another container.
static const char *service_hash(Host *host, const json_t *service, const Project *project) {
    char *dump = json_dumps(service, JSON_SORT_KEYS | JSON_COMPACT);
    Text text = text_new(host->mem);
    text_add(&text, dump);
    free(dump);
    Words files = compose_texts(host, json_object_get(service, "env_file"));
    for (size_t i = 0; i < files.count; i++) {
        const char *more = files_read(host, *files.items[i] == '/' ? files.items[i] : mem_print(host->mem, "%s/%s", project->dir, files.items[i]), NULL);
        text_add(&text, more == NULL ? "" : more);
    }
    return conf_sha256(host, text.data, text.length);
}

static json_t *service_container(Docker *docker, const char *project, const char *service) {
    const char *id;
    json_t *container;
    json_object_foreach(json_object_get(docker->state, "containers"), id, container) {
        const json_t *labels = docker_at(container, "Config.Labels");
        if (text_equals(json_string_value(json_object_get(labels, LABEL "project")), project) &&
            (service == NULL || text_equals(json_string_value(json_object_get(labels, LABEL "service")), service)))
            return container;
    }
    return NULL;
}

/// Does another service wait until this one has come to its end?
static bool is_job(const Project *project, const char *name) {
    const char *key;
    json_t *service;
    json_object_foreach(project->services, key, service)
        if (strcmp(docker_text(json_object_get(json_object_get(service, "depends_on"), name), "condition"), "service_completed_successfully") == 0) return true;
    return false;
}

static void service_up(Docker *docker, const Project *project, const char *name, bool start, bool force) {
    Host *host = docker->host;
    const json_t *service = json_object_get(project->services, name);
    const char *container_name = docker_text(service, "container_name"), *hash = service_hash(host, service, project), *mode = docker_text(service, "network_mode");
    if (*container_name == '\0') container_name = mem_print(host->mem, "%s-%s-1", project->name, name);
    if (json_object_get(service, "image") == NULL) host_fail(host, 1, "phx-sandbox: the image of service %s can't be built here", name);
    json_t *container = service_container(docker, project->name, name);
    bool same = container != NULL && !force && text_equals(json_string_value(json_object_get(docker_at(container, "Config.Labels"), LABEL "config-hash")), hash);
    if (container != NULL && !same) docker_remove(docker, container, false);
    if (!same) {
        Words networks = service_networks(host, service), command = compose_texts(host, json_object_get(service, "command"));
        for (size_t i = 0; i < networks.count; i++) network_need(docker, project, networks.items[i]);
        DockerFlags flags = {.values = service_flags(docker, project, name, container_name, hash), .plain = words_new(host->mem)};
        flag_add(&flags.values, "network", networks.count == 0 ? mode : object_name(host, project, project->networks, networks.items[0]));
        const char *address = networks.count == 0 ? "" : docker_text(json_object_get(json_object_get(service, "networks"), networks.items[0]), "ipv4_address");
        if (*address != '\0') flag_add(&flags.values, "ip", address);
        container = docker_create(docker, &flags, docker_text(service, "image"), &command);
        for (size_t i = 1; i < networks.count; i++)
            docker_join(docker, container, docker_find_network(docker, object_name(host, project, project->networks, networks.items[i])), NULL, value_keep(host->mem, json_pack("[s]", name)));
        fault_between(host);
    }
    bool ran = docker_is(container, "State.Running");
    const char *problem = start ? docker_start(docker, container) : NULL;
    if (problem != NULL) {
        docker_save(docker);
        docker_refuse(host, 1, "%s", problem);
    }
    if (start && is_job(project, name)) docker_stop(docker, container, 0);
    host_warn(host, " Container %s  %s", container_name, ran ? "Running" : start ? "Started" : "Created");
}

/// Removes the project's containers: all of them, or those of services that it no longer has.
static void containers_remove(Docker *docker, const Project *project, bool orphans_only) {
    const char *id;
    json_t *container;
    void *next;
    json_object_foreach_safe(json_object_get(docker->state, "containers"), next, id, container) {
        const json_t *labels = docker_at(container, "Config.Labels");
        const char *service = json_string_value(json_object_get(labels, LABEL "service"));
        if (service == NULL || !text_equals(json_string_value(json_object_get(labels, LABEL "project")), project->name)) continue;
        if (orphans_only && json_object_get(project->services, service) != NULL) continue;
        host_warn(docker->host, " Container %s  Removed", docker_text(container, "Name") + 1);
        docker_remove(docker, container, false);
    }
}

static int up(Docker *docker, const Project *project, int first) {
    Host *host = docker->host;
    DockerFlags flags = docker_read_flags(host, "docker compose up",
                                          "detach,d remove-orphans wait build no-build pull= quiet-pull force-recreate no-recreate no-start no-deps wait-timeout= timeout,t= renew-anon-volumes,V yes,y always-recreate-deps scale=", first, false);
    Words order = compose_order(host, project);
    for (size_t i = 0; i < flags.plain.count; i++)
        if (json_object_get(project->services, flags.plain.items[i]) == NULL) host_fail(host, 1, "no such service: %s", flags.plain.items[i]);
    if (docker_has(&flags, "remove-orphans")) containers_remove(docker, project, true);
    for (size_t i = 0; i < order.count; i++) {
        if (flags.plain.count > 0 && !words_has(&flags.plain, order.items[i])) continue;
        // A profile that nobody named is not brought up.
        if (json_array_size(json_object_get(json_object_get(project->services, order.items[i]), "profiles")) > 0 && flags.plain.count == 0) continue;
        service_up(docker, project, order.items[i], !docker_has(&flags, "no-start"), docker_has(&flags, "force-recreate"));
        docker_save(docker);
    }
    return 0;
}

static int down(Docker *docker, const Project *project, int first) {
    Host *host = docker->host;
    DockerFlags flags = docker_read_flags(host, "docker compose down", "remove-orphans volumes,v rmi= timeout,t=", first, false);
    containers_remove(docker, project, false);
    fault_between(host);
    static const char *const KINDS[] = {"networks", "volumes"};
    for (size_t k = 0; k < (docker_has(&flags, "volumes") ? 2u : 1u); k++) {
        const char *key;
        json_t *object;
        void *next;
        json_object_foreach_safe(json_object_get(docker->state, KINDS[k]), next, key, object) {
            if (!text_equals(json_string_value(json_object_get(json_object_get(object, "Labels"), LABEL "project")), project->name)) continue;
            host_warn(host, " %s %s  Removed", k == 0 ? "Network" : "Volume", docker_text(object, "Name"));
            if (k == 1) files_remove_tree(host, mem_print(host->mem, "%s/volumes/%s", docker->root, key));
            json_object_del(json_object_get(docker->state, KINDS[k]), mem_copy(host->mem, key));
        }
    }
    docker_save(docker);
    return 0;
}

static int ps(Docker *docker, const Project *project, int first) {
    Host *host = docker->host;
    DockerFlags flags = docker_read_flags(host, "docker compose ps", "all,a format= quiet,q services filter= status= no-trunc", first, false);
    const char *format = docker_value(&flags, "format", NULL), *id;
    json_t *container;
    json_object_foreach(json_object_get(docker->state, "containers"), id, container) {
        const json_t *labels = docker_at(container, "Config.Labels");
        const char *service = json_string_value(json_object_get(labels, LABEL "service"));
        if (!text_equals(json_string_value(json_object_get(labels, LABEL "project")), project->name)) continue;
        if (!docker_has(&flags, "all") && !docker_is(container, "State.Running")) continue;
        const char *status = docker_text(container, "State.Status"), *health = docker_text(container, "State.Health.Status");
        if (docker_has(&flags, "quiet")) host_print(host, "%s\n", id);
        else if (docker_has(&flags, "services")) host_print(host, "%s\n", service);
        else if (format == NULL || strcmp(format, "table") == 0) host_print(host, "%s %s %s %s\n", docker_text(container, "Name") + 1, docker_text(container, "Config.Image"), service, status);
        else
            docker_print_row(host, format,
                             value_keep(host->mem, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:O}", "ID", mem_copy_part(host->mem, id, 12), "Name",
                                                             docker_text(container, "Name") + 1, "Image", docker_text(container, "Config.Image"), "Project",
                                                             project->name, "Service", service, "State", status, "Health", health, "ExitCode",
                                                             docker_at(container, "State.ExitCode"))));
    }
    return 0;
}

static int config(Host *host, const Project *project, int first) {
    DockerFlags flags = docker_read_flags(host, "docker compose config", "quiet,q services volumes images format= no-interpolate hash= profiles output,o=", first, false);
    const char *key;
    json_t *item;
    if (docker_has(&flags, "quiet")) return 0;
    if (docker_has(&flags, "services") || docker_has(&flags, "images")) {
        json_object_foreach(project->services, key, item) host_print(host, "%s\n", docker_has(&flags, "images") ? docker_text(item, "image") : key);
    } else if (docker_has(&flags, "volumes")) {
        json_object_foreach(project->volumes, key, item) host_print(host, "%s\n", key);
    } else if (strcmp(docker_value(&flags, "format", "yaml"), "json") == 0) {
        char *dump = json_dumps(project->config, JSON_INDENT(2) | JSON_SORT_KEYS);
        host_print(host, "%s\n", dump);
        free(dump);
    } else {
        host_print(host, "%s", yaml_print(host, project->config));
    }
    return 0;
}

/// start, stop, restart, pull, rm of the services that are named, or all.
static int each_service(Docker *docker, const Project *project, const char *verb, int first) {
    Host *host = docker->host;
    DockerFlags flags = docker_read_flags(host, mem_print(host->mem, "docker compose %s", verb), "timeout,t= quiet,q no-deps force,f stop,s volumes,v ignore-pull-failures include-deps policy=", first, false);
    Words order = compose_order(host, project);
    for (size_t i = 0; i < order.count; i++) {
        const char *name = order.items[i], *problem = NULL;
        if (flags.plain.count > 0 && !words_has(&flags.plain, name)) continue;
        bool pulled;
        json_t *container = service_container(docker, project->name, name);
        if (strcmp(verb, "pull") == 0) docker_get_image(docker, docker_text(json_object_get(project->services, name), "image"), &pulled);
        else if (container == NULL) continue;
        else if (strcmp(verb, "rm") == 0) {
            if (!docker_is(container, "State.Running") || docker_has(&flags, "stop")) docker_remove(docker, container, docker_has(&flags, "volumes"));
        } else {
            if (strcmp(verb, "start") != 0) docker_stop(docker, container, 0);
            json_object_set_new(container, "ManuallyStopped", json_boolean(strcmp(verb, "stop") == 0));
            if (strcmp(verb, "stop") != 0) problem = docker_start(docker, container);
        }
        if (problem != NULL) docker_refuse(host, 1, "%s", problem);
    }
    docker_save(docker);
    return 0;
}

static int exec(Docker *docker, const Project *project, int first) {
    Host *host = docker->host;
    DockerFlags flags = docker_read_flags(host, "docker compose exec", "detach,d env,e= index= no-TTY,T privileged user,u= workdir,w= interactive,i", first, true);
    docker_need_arguments(host, "docker compose exec", &flags, 2, 0);
    json_t *container = service_container(docker, project->name, flags.plain.items[0]);
    if (container == NULL || !docker_is(container, "State.Running")) host_fail(host, 1, "service \"%s\" is not running", flags.plain.items[0]);
    Host view = docker_view(docker, container);
    Words command = words_new(host->mem);
    for (size_t i = 1; i < flags.plain.count; i++) words_add(&command, flags.plain.items[i]);
    bool missing;
    int code = inside_run(&view, &command, &missing);
    if (missing) host_warn(host, "OCI runtime exec failed: exec failed: unable to start container process: exec: \"%s\": executable file not found in $PATH: unknown", command.items[0]);
    return code;
}

int compose_run(Host *host, int first) {
    static const char *const EACH[] = {"start", "stop", "restart", "pull", "rm"};
    static const char SPEC[] = "file,f= project-name,p= project-directory= env-file= profile= ansi= progress= compatibility parallel= version,v all-resources";
    // Flags of compose stand before its command, those of the command behind it.
    DockerFlags flags = docker_read_flags(host, "docker compose", SPEC, first, true);
    const char *verb = flags.plain.count == 0 ? "" : flags.plain.items[0];
    int at = host->argc - (int)flags.plain.count + 1;
    if (strcmp(verb, "version") == 0 || docker_has(&flags, "version")) {
        bool only = flags.plain.count > 1 && strcmp(flags.plain.items[1], "--short") == 0;
        host_print(host, only ? "2.26.1\n" : "Docker Compose version 2.26.1\n");
        return 0;
    }
    if (*verb == '\0') host_fail(host, 0, "Usage:  docker compose [OPTIONS] COMMAND");
    Words files = docker_values(host, &flags, "file");
    Project project = {0};
    const char *name = docker_value(&flags, "project-name", NULL);
    // What is only taken down needs no file, if it has a name.
    bool by_name = name != NULL && files.count == 0 && (strcmp(verb, "down") == 0 || strcmp(verb, "ps") == 0);
    json_t *nothing = value_keep(host->mem, json_object());
    if (by_name) project = (Project){.name = name, .dir = host->cwd, .files = "", .services = nothing, .networks = nothing, .volumes = nothing};
    else project = compose_load(host, &files, docker_value(&flags, "project-directory", NULL), name, docker_value(&flags, "env-file", NULL));
    if (strcmp(verb, "config") == 0 || strcmp(verb, "convert") == 0) return config(host, &project, at);
    Docker docker = docker_open(host);
    if (strcmp(verb, "up") == 0) return up(&docker, &project, at);
    if (strcmp(verb, "down") == 0) return down(&docker, &project, at);
    if (strcmp(verb, "ps") == 0) return ps(&docker, &project, at);
    if (strcmp(verb, "exec") == 0) return exec(&docker, &project, at);
    for (size_t i = 0; i < sizeof EACH / sizeof EACH[0]; i++)
        if (strcmp(EACH[i], verb) == 0) return each_service(&docker, &project, verb, at);
    host_fail(host, 1, "unknown docker command: \"compose %s\"", verb);
}

int compose_main(Host *host) {
    return compose_run(host, 1);
}
