// `docker`: finds the command, and answers what asks of the daemon itself.
#include "docker.h"

#include "files.h"
#include "inside.h"
#include "packages.h"

#include <string.h>

#define COMPOSE_PLUGIN "/usr/libexec/docker/cli-plugins/docker-compose"

/// Commands that stand for themselves and mean those of `docker container`.
static const char *const CONTAINER_VERBS[] = {"run", "create", "exec", "start", "stop", "restart", "kill", "rm", "rename", "update"};

/// The version of the package that the client came with: "20.10.24" of "20.10.24+dfsg1-1".
static const char *client_version(Host *host) {
    static const char *const NAMES[] = {"docker.io", "docker-ce"};
    InstalledList list = packages_load(host);
    for (size_t i = 0; i < 2; i++) {
        const Installed *package = packages_find(&list, NAMES[i]);
        if (!packages_is_installed(package)) continue;
        const char *colon = strchr(package->version, ':'), *start = colon == NULL ? package->version : colon + 1;
        return mem_copy_part(host->mem, start, strspn(start, "0123456789."));
    }
    return "20.10.24";
}

static int info(Host *host, int first) {
    DockerFlags flags = docker_read_flags(host, "docker info", "format,f=", first, false);
    const char *format = docker_value(&flags, "format", NULL), *id;
    Docker docker = docker_look(host);
    if (docker.engine == NULL) {
        if (format == NULL) host_print(host, "Client:\n Version:    %s\n\nServer:\n", client_version(host));
        host_fail(host, 1, "ERROR: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?\nerrors pretty printing info");
    }
    int running = 0, total = 0;
    json_t *container;
    json_object_foreach(json_object_get(docker.state, "containers"), id, container) {
        total++;
        running += docker_is(container, "State.Running");
    }
    const char *name = files_read(host, "/etc/hostname", NULL);
    json_t *value = json_pack("{s:s, s:i, s:i, s:i, s:i, s:i, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:b, s:s, s:{s:s}}", "ID", "sandbox", "Containers", total,
                              "ContainersRunning", running, "ContainersPaused", 0, "ContainersStopped", total - running, "Images",
                              (int)json_object_size(json_object_get(docker.state, "images")), "Driver", docker_text(docker.engine, "Driver"), "LoggingDriver",
                              docker_text(docker.engine, "LoggingDriver"), "CgroupDriver", "systemd", "CgroupVersion", "2", "DockerRootDir",
                              docker_text(docker.engine, "DockerRootDir"), "ServerVersion", client_version(host), "OperatingSystem",
                              "Debian GNU/Linux 12 (bookworm)", "NCPU", host->facts.cores, "LiveRestoreEnabled",
                              docker_is(docker.engine, "Config.live-restore"), "Name", mem_copy_part(host->mem, name == NULL ? "" : name, name == NULL ? 0 : strcspn(name, "\n")), "Swarm", "LocalNodeState", "inactive");
    value_keep(host->mem, value);
    json_object_set_new(value, "DefaultRuntime", json_string(*docker_text(docker.engine, "Config.default-runtime") == '\0' ? "runc" : docker_text(docker.engine, "Config.default-runtime")));
    if (format != NULL) docker_print_template(host, format, value);
    else
        host_print(host, "Client:\n Version:    %s\n\nServer:\n Containers: %d\n  Running: %d\n  Paused: 0\n  Stopped: %d\n Server Version: %s\n Storage Driver: %s\n Logging Driver: %s\n Docker Root Dir: %s\n",
                   client_version(host), total, running, total - running, client_version(host), docker_text(value, "Driver"), docker_text(value, "LoggingDriver"), docker_text(value, "DockerRootDir"));
    return 0;
}

static int version(Host *host, int first) {
    DockerFlags flags = docker_read_flags(host, "docker version", "format,f=", first, false);
    const char *format = docker_value(&flags, "format", NULL), *own = client_version(host);
    Docker docker = docker_look(host);
    json_t *value = value_keep(host->mem, json_pack("{s:{s:s, s:s, s:s}, s:n}", "Client", "Version", own, "ApiVersion", "1.41", "Os", "linux", "Server"));
    if (docker.engine != NULL) json_object_set_new(value, "Server", json_pack("{s:s, s:s, s:s}", "Version", own, "ApiVersion", "1.41", "Os", "linux"));
    if (format == NULL) {
        host_print(host, "Client:\n Version:           %s\n API version:       1.41\n", own);
        if (docker.engine != NULL) host_print(host, "\nServer:\n Engine:\n  Version:          %s\n", own);
    } else if (docker.engine != NULL || strstr(format, "Server") == NULL) {
        docker_print_template(host, format, value);
    }
    if (docker.engine != NULL) return 0;
    host_warn(host, "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?");
    return 1;
}

/// `docker KIND VERB ...`: also what all kinds have in common.
static int kind_command(Host *host, const char *kind, const char *verb, int first) {
    if (*verb == '\0') host_fail(host, 0, "Usage:  docker %s COMMAND", kind);
    Docker docker = docker_open(host);
    int code = -1;
    if (strcmp(verb, "ls") == 0 || strcmp(verb, "list") == 0 || strcmp(verb, "ps") == 0) return docker_list(&docker, mem_print(host->mem, "%ss", kind), first);
    if (strcmp(verb, "inspect") == 0) return docker_inspect(&docker, kind, first);
    if (strcmp(kind, "container") == 0) code = docker_container_command(&docker, verb, first);
    if (strcmp(kind, "network") == 0) code = docker_network_command(&docker, verb, first);
    if (strcmp(kind, "volume") == 0) code = docker_volume_command(&docker, verb, first);
    if (strcmp(kind, "image") == 0) code = docker_image_command(&docker, verb, first);
    if (code >= 0) return code;
    host_fail(host, 1, "docker: 'docker %s %s' is not a docker command.\nSee 'docker %s --help'", kind, verb, kind);
}

int docker_main(Host *host) {
    const char *verb = host->argc > 1 ? host->argv[1] : "", *second = host->argc > 2 ? host->argv[2] : "";
    if (*verb == '\0') host_fail(host, 0, "Usage:  docker [OPTIONS] COMMAND");
    if (strcmp(verb, "--version") == 0 || strcmp(verb, "-v") == 0) {
        host_print(host, "Docker version %s, build 297e128\n", client_version(host));
        return 0;
    }
    if (strcmp(verb, "info") == 0) return info(host, 2);
    if (strcmp(verb, "version") == 0) return version(host, 2);
    if (strcmp(verb, "compose") == 0 && files_exists(host, COMPOSE_PLUGIN)) return compose_run(host, 2);
    if (strcmp(verb, "container") == 0 || strcmp(verb, "network") == 0 || strcmp(verb, "volume") == 0 || strcmp(verb, "image") == 0)
        return kind_command(host, verb, second, 3);
    for (size_t i = 0; i < sizeof CONTAINER_VERBS / sizeof CONTAINER_VERBS[0]; i++)
        if (strcmp(CONTAINER_VERBS[i], verb) == 0) return kind_command(host, "container", verb, 2);
    if (strcmp(verb, "ps") == 0) return kind_command(host, "container", "ls", 2);
    if (strcmp(verb, "images") == 0) return kind_command(host, "image", "ls", 2);
    if (strcmp(verb, "rmi") == 0) return kind_command(host, "image", "rm", 2);
    if (strcmp(verb, "pull") == 0) return kind_command(host, "image", "pull", 2);
    if (strcmp(verb, "inspect") == 0) {
        Docker docker = docker_open(host);
        return docker_inspect(&docker, NULL, 2);
    }
    if (*verb == '-') host_fail(host, 125, "unknown flag: %s\nSee 'docker --help'.", verb);
    host_fail(host, 1, "docker: '%s' is not a docker command.\nSee 'docker --help'", verb);
}
