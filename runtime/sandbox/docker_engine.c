// The daemon: started by its configuration or not at all, and what it keeps on the disk.
#include "docker.h"

#include "conf.h"
#include "files.h"
#include "formats.h"
#include "inside.h"
#include "verify.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

// What is there as long as the daemon runs: /run does not outlive the machine.
#define ENGINE_FILE "/run/docker/engine.json"
#define STATE_NAME "state.json"

/// The settings of daemon.json.
static const char *const DIRECTIVES[] = {
    "authorization-plugins", "bip", "bridge", "cgroup-parent", "containerd", "containerd-namespace", "cpu-rt-period", "data-root",
    "debug", "default-address-pools", "default-cgroupns-mode", "default-gateway", "default-ipc-mode", "default-network-opts",
    "default-runtime", "default-shm-size", "default-ulimits", "dns", "dns-opts", "dns-search", "exec-opts", "exec-root",
    "experimental", "features", "fixed-cidr", "fixed-cidr-v6", "group", "hosts", "icc", "init", "init-path", "insecure-registries",
    "ip", "ip-forward", "ip-masq", "ip6tables", "iptables", "ipv6", "labels", "live-restore", "log-driver", "log-level", "log-opts",
    "max-concurrent-downloads", "max-concurrent-uploads", "metrics-addr", "mtu", "node-generic-resources", "no-new-privileges",
    "pidfile", "registry-mirrors", "runtimes", "seccomp-profile", "selinux-enabled", "shutdown-timeout", "storage-driver",
    "storage-opts", "tls", "tlscacert", "tlscert", "tlskey", "tlsverify", "userland-proxy", "userns-remap", "builder"};

static const char *const DRIVERS[] = {"overlay2", "fuse-overlayfs", "vfs", "btrfs", "zfs"};

_Noreturn void docker_refuse(Host *host, int code, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    const char *text = mem_print_list(host->mem, format, arguments);
    va_end(arguments);
    host_fail(host, code, "%sError response from daemon: %s", code == 125 ? "docker: " : "", text);
}

const char *docker_id(Host *host) {
    unsigned char bytes[32];
    Text text = text_new(host->mem);
    host_random(host, bytes, sizeof bytes);
    for (size_t i = 0; i < sizeof bytes; i++) text_print(&text, "%02x", bytes[i]);
    return text.data;
}

const char *docker_now(Host *host) {
    struct timespec now;
    struct tm utc;
    char text[32];
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
    return mem_print(host->mem, "%s.%09ldZ", text, now.tv_nsec);
}

json_t *docker_at(const json_t *value, const char *path) {
    while (value != NULL && *path != '\0') {
        char name[128];
        size_t length = strcspn(path, ".");
        if (length >= sizeof name) return NULL;
        memcpy(name, path, length);
        name[length] = '\0';
        value = json_object_get(value, name);
        path += length + (path[length] == '.');
    }
    return (json_t *)(uintptr_t)value;
}

const char *docker_text(const json_t *value, const char *path) {
    const char *text = json_string_value(docker_at(value, path));
    return text == NULL ? "" : text;
}

bool docker_is(const json_t *value, const char *path) {
    return json_is_true(docker_at(value, path));
}

static json_t *json_read(Host *host, const char *path) {
    size_t length;
    const char *text = files_read(host, path, &length);
    return text == NULL ? NULL : value_keep(host->mem, json_loadb(text, length, 0, NULL));
}

static void json_write(Host *host, const char *path, const json_t *value) {
    char *text = json_dumps(value, JSON_COMPACT);
    if (text == NULL) host_fail(host, 1, "phx-sandbox: %s can't be written", path);
    files_write(host, path, text, strlen(text), 0600);
    free(text);
}

/// A health check that was under way at the last command has had its time.
static void health_settle(json_t *containers) {
    const char *id;
    json_t *container;
    json_object_foreach(containers, id, container) {
        json_t *health = docker_at(container, "State.Health");
        if (health != NULL && docker_is(container, "State.Running")) json_object_set_new(health, "Status", json_string("healthy"));
    }
}

/// A client that was killed as it made a container has left a layer of one that nobody knows: here it does what a daemon does, which goes on.
static void layers_settle(const Docker *docker) {
    Host *host = docker->host;
    const char *layers = mem_print(host->mem, "%s/overlay2", docker->root);
    Words ids = files_list(host, layers);
    for (size_t i = 0; i < ids.count; i++)
        if (json_object_get(json_object_get(docker->state, "containers"), ids.items[i]) == NULL)
            files_remove_tree(host, mem_print(host->mem, "%s/%s", layers, ids.items[i]));
}

static Docker docker_read(Host *host, json_t *engine) {
    Docker docker = {.host = host, .engine = engine};
    docker.root = mem_copy(host->mem, docker_text(engine, "DockerRootDir"));
    docker.state = json_read(host, mem_print(host->mem, "%s/" STATE_NAME, docker.root));
    if (docker.state != NULL) return docker;
    docker.state = value_keep(host->mem, json_pack("{s:{}, s:{}, s:{}, s:{}}", "containers", "networks", "volumes", "images"));
    docker_make_network(&docker, "bridge", "bridge", NULL, NULL, NULL);
    docker_make_network(&docker, "host", "host", NULL, NULL, NULL);
    docker_make_network(&docker, "none", "null", NULL, NULL, NULL);
    return docker;
}

Docker docker_look(Host *host) {
    json_t *engine = json_read(host, ENGINE_FILE);
    if (engine == NULL) return (Docker){.host = host};
    Docker docker = docker_read(host, engine);
    health_settle(json_object_get(docker.state, "containers"));
    return docker;
}

Docker docker_open(Host *host) {
    Docker docker = docker_look(host);
    if (docker.engine == NULL)
        host_fail(host, 1, "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?");
    layers_settle(&docker);
    return docker;
}

void docker_save(Docker *docker) {
    json_write(docker->host, mem_print(docker->host->mem, "%s/" STATE_NAME, docker->root), docker->state);
}

// ---- starting ----

/// Reads daemon.json; leaves with what the daemon says of one that it does not take.
static json_t *config_read(Host *host, const char *path) {
    size_t length;
    const char *text = files_read(host, path, &length);
    if (text == NULL || length == 0) return value_keep(host->mem, json_object());
    json_error_t error;
    json_t *config = value_keep(host->mem, json_loadb(text, length, 0, &error));
    if (!json_is_object(config))
        host_fail(host, 1, "unable to configure the Docker daemon with file %s: %s", path,
                  config == NULL ? error.text : "json: cannot unmarshal into Go value of type map[string]interface {}");
    Words unknown = words_new(host->mem);
    const char *key;
    json_t *value;
    json_object_foreach(config, key, value) {
        bool known = false;
        for (size_t i = 0; i < sizeof DIRECTIVES / sizeof DIRECTIVES[0]; i++) known = known || strcmp(DIRECTIVES[i], key) == 0;
        if (!known) words_add(&unknown, mem_copy(host->mem, key));
    }
    if (unknown.count > 0)
        host_fail(host, 1,
                  "unable to configure the Docker daemon with file %s: the following directives don't match any configuration "
                  "option: %s",
                  path, words_join(&unknown, ", "));
    for (int i = 1; i < host->argc; i++)
        if (strcmp(host->argv[i], "-H") == 0 && json_object_get(config, "hosts") != NULL)
            host_fail(host, 1,
                      "unable to configure the Docker daemon with file %s: the following directives are specified both as a flag "
                      "and in the configuration file: hosts: (from flag: [%s])",
                      path, i + 1 < host->argc ? host->argv[i + 1] : "");
    return config;
}

/// Is the feature on in the container that this machine is?
static bool has_feature(Host *host, const char *name) {
    const char *value = host->guest == NULL ? NULL : pairs_get(&host->guest->main.keys, "features");
    return value != NULL && strstr(value, mem_print(host->mem, "%s=1", name)) != NULL;
}

static const char *driver_choose(Host *host, const json_t *config) {
    const char *driver = docker_text(config, "storage-driver");
    if (*driver == '\0') driver = "overlay2";
    bool known = false;
    for (size_t i = 0; i < sizeof DRIVERS / sizeof DRIVERS[0]; i++) known = known || strcmp(DRIVERS[i], driver) == 0;
    if (!known) host_fail(host, 1, "failed to start daemon: error initializing graphdriver: driver not supported");
    if (strcmp(driver, "fuse-overlayfs") != 0) return driver;
    bool has_device = host->machine != MACHINE_LXC || has_feature(host, "fuse");
    if (inside_find(host, "fuse-overlayfs") == NULL || !has_device)
        host_fail(host, 1, "failed to start daemon: error initializing graphdriver: fuse-overlayfs: driver not supported");
    return driver;
}

/// What the restart policy makes of a container when its daemon starts.
static void containers_resume(Docker *docker) {
    const char *id;
    json_t *container;
    json_object_foreach(json_object_get(docker->state, "containers"), id, container) {
        const char *policy = docker_text(container, "HostConfig.RestartPolicy.Name");
        bool ran = docker_is(container, "State.Running"), stopped = docker_is(container, "ManuallyStopped");
        if (ran) docker_stop(docker, container, 255);
        bool again = strcmp(policy, "always") == 0 || (strcmp(policy, "unless-stopped") == 0 && !stopped) ||
                     (strcmp(policy, "on-failure") == 0 && ran);
        if (again) docker_start(docker, container);
    }
}

int dockerd_main(Host *host) {
    const char *config_file = "/etc/docker/daemon.json";
    for (int i = 1; i < host->argc; i++)
        if (text_starts_with(host->argv[i], "--config-file=")) config_file = host->argv[i] + 14;
    json_t *config = config_read(host, config_file);
    if (host->machine == MACHINE_LXC && !has_feature(host, "nesting"))
        host_fail(host, 1,
                  "failed to start daemon: Error initializing network controller: error obtaining controller instance: failed to "
                  "register \"bridge\" driver: unable to mount /proc: permission denied");
    const char *driver = driver_choose(host, config), *root = docker_text(config, "data-root");
    const char *log_driver = *docker_text(config, "log-driver") == '\0' ? "json-file" : docker_text(config, "log-driver");
    json_t *engine = value_keep(host->mem, json_pack("{s:s, s:s, s:s, s:O}", "Driver", driver, "DockerRootDir",
                                                     *root == '\0' ? "/var/lib/docker" : root, "LoggingDriver", log_driver, "Config", config));
    json_write(host, ENGINE_FILE, engine);
    files_write(host, "/run/docker.sock", "", 0, 0660);
    Docker docker = docker_read(host, engine);
    containers_resume(&docker);
    docker_save(&docker);
    return 0;
}

void docker_engine_stop(Host *host) {
    files_unlink(host, ENGINE_FILE);
}
