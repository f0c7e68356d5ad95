// `docker create` and `docker run`: from flags to the JSON of a container.
#include "docker.h"

#include "accounts.h"
#include "files.h"
#include "formats.h"

#include <stdlib.h>
#include <string.h>

enum { CODE = 125 };

const char DOCKER_CREATE_FLAGS[] =
    "add-host= cap-add= cap-drop= cpus= cpu-shares=,c cpuset-cpus= detach,d device= dns= dns-search= entrypoint= env,e= env-file= "
    "expose= gpus= group-add= health-cmd= health-interval= health-retries= health-start-period= health-timeout= hostname,h= init "
    "interactive,i ip= ipc= label,l= label-file= log-driver= log-opt= mac-address= memory,m= memory-reservation= memory-swap= mount= "
    "name= network= net= network-alias= no-healthcheck oom-kill-disable pid= pids-limit= platform= privileged publish,p= "
    "publish-all,P pull= quiet,q read-only restart= rm runtime= security-opt= shm-size= stop-signal= stop-timeout= storage-opt= sysctl= "
    "tmpfs= tty,t ulimit= user,u= userns= uts= volume,v= volumes-from= workdir,w= cgroupns= oom-score-adj= memory-swappiness=";

static json_t *list_of(Host *host, const Words *words) {
    json_t *list = value_keep(host->mem, json_array());
    for (size_t i = 0; i < words->count; i++) json_array_append_new(list, json_string(words->items[i]));
    return list;
}

/// A size such as 512m or 1g in bytes; leaves for what is none.
static json_int_t bytes_read(Host *host, const char *flag, const char *text) {
    char *end;
    double number = strtod(text, &end);
    static const char UNITS[] = "bkmgt";
    char unit = *end == '\0' ? 'b' : (char)(*end | 0x20);
    const char *at = strchr(UNITS, unit);
    if (end == text || at == NULL || number < 0 || strspn(*end == '\0' ? "" : end + 1, "bBiI") != (*end == '\0' ? 0 : strlen(end + 1)))
        host_fail(host, CODE, "invalid argument \"%s\" for \"%s\" flag: invalid size: '%s'\nSee '%s --help'.", text, flag, text, "docker run");
    for (const char *step = UNITS; step < at; step++) number *= 1024;
    return (json_int_t)number;
}

/// A duration such as 30s or 1m30s in nanoseconds.
static json_int_t duration_read(Host *host, const char *flag, const char *text) {
    double total = 0;
    for (const char *at = text; *at != '\0';) {
        char *end;
        double number = strtod(at, &end);
        double unit = text_starts_with(end, "ms") ? 1e6 : *end == 's' ? 1e9 : *end == 'm' ? 60e9 : *end == 'h' ? 3600e9 : 0;
        if (end == at || (unit == 0 && strcmp(text, "0") != 0))
            host_fail(host, CODE, "invalid argument \"%s\" for \"%s\" flag: time: invalid duration \"%s\"\nSee 'docker run --help'.", text, flag, text);
        total += number * unit;
        at = end + (text_starts_with(end, "ms") ? 2 : *end != '\0');
    }
    return (json_int_t)total;
}

/// Adds the variables of an --env-file: a line each, # is a comment.
static void env_file_add(Host *host, const char *path, Words *env) {
    const char *text = files_read(host, *path == '/' ? path : mem_print(host->mem, "%s/%s", host->cwd, path), NULL);
    if (text == NULL) host_fail(host, CODE, "docker: open %s: no such file or directory.\nSee 'docker run --help'.", path);
    Words lines = words_split(host->mem, text, "\n");
    for (size_t i = 0; i < lines.count; i++) {
        const char *line = lines.items[i] + strspn(lines.items[i], " \t");
        if (*line == '\0' || *line == '#') continue;
        size_t name = strcspn(line, "=");
        if (memchr(line, ' ', name) != NULL)
            host_fail(host, CODE, "docker: poorly formatted environment: variable '%.*s' contains whitespaces.\nSee 'docker run --help'.", (int)name, line);
        if (line[name] == '=') words_add(env, line);
    }
}

/// One -p: [[IP:]HOST:]CONTAINER[/PROTOCOL].
static void port_add(Host *host, const char *text, json_t *bindings, json_t *exposed) {
    const char *slash = strchr(text, '/'), *protocol = slash == NULL ? "tcp" : slash + 1;
    const char *rest = slash == NULL ? text : mem_copy_part(host->mem, text, (size_t)(slash - text));
    const char *colon = strrchr(rest, ':'), *inner = colon == NULL ? rest : colon + 1, *outer = "", *address = "";
    if (colon != NULL) {
        outer = mem_copy_part(host->mem, rest, (size_t)(colon - rest));
        const char *second = strrchr(outer, ':');
        if (second != NULL) {
            address = mem_copy_part(host->mem, outer, (size_t)(second - outer));
            outer = second + 1;
        }
    }
    bool is_port = formats_match("[0-9]{1,5}", inner) && strtol(inner, NULL, 10) > 0 && strtol(inner, NULL, 10) < 65536;
    bool is_outer = *outer == '\0' || (formats_match("[0-9]{1,5}", outer) && strtol(outer, NULL, 10) < 65536);
    bool is_protocol = strcmp(protocol, "tcp") == 0 || strcmp(protocol, "udp") == 0 || strcmp(protocol, "sctp") == 0;
    if (*address == '[') address = mem_copy_part(host->mem, address + 1, strlen(address) - 2);
    if (!is_port) host_fail(host, CODE, "docker: invalid containerPort: %s.\nSee 'docker run --help'.", inner);
    if (!is_outer) host_fail(host, CODE, "docker: invalid hostPort: %s.\nSee 'docker run --help'.", outer);
    if (!is_protocol) host_fail(host, CODE, "docker: invalid proto: %s.\nSee 'docker run --help'.", protocol);
    if (*address != '\0' && !formats_is_ipv4(address) && !formats_is_ipv6(address))
        host_fail(host, CODE, "docker: invalid IP address: %s.\nSee 'docker run --help'.", address);
    const char *key = mem_print(host->mem, "%s/%s", inner, protocol);
    if (json_object_get(bindings, key) == NULL) json_object_set_new(bindings, key, json_array());
    json_array_append_new(json_object_get(bindings, key), json_pack("{s:s, s:s}", "HostIp", address, "HostPort", outer));
    json_object_set_new(exposed, key, json_object());
}

/// Adds what is mounted: a bound directory, or a volume, which is made.
static void mount_add(Docker *docker, json_t *mounts, const char *type, const char *source, const char *target, bool writable) {
    Host *host = docker->host;
    if (*target != '/')
        docker_refuse(host, CODE, "invalid mount config for type \"%s\": invalid mount path: '%s' mount path must be absolute", type, target);
    size_t index;
    json_t *other;
    json_array_foreach(mounts, index, other)
        if (strcmp(docker_text(other, "Destination"), target) == 0) docker_refuse(host, CODE, "Duplicate mount point: %s", target);
    if (strcmp(type, "volume") == 0) {
        const char *name = *source == '\0' ? docker_id(host) : source;
        json_t *volume = docker_make_volume(docker, name, "local", NULL, NULL);
        json_array_append_new(mounts, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:s}", "Type", "volume", "Name", name, "Source",
                                                docker_text(volume, "Mountpoint"), "Destination", target, "Driver", "local", "Mode",
                                                "z", "RW", writable, "Propagation", ""));
        return;
    }
    json_array_append_new(mounts, json_pack("{s:s, s:s, s:s, s:s, s:b, s:s}", "Type", type, "Source", source, "Destination", target,
                                            "Mode", writable ? "" : "ro", "RW", writable, "Propagation", "rprivate"));
}

/// -v [SOURCE:]TARGET[:MODE]: a bound directory is made where it is missing.
static void volume_add(Docker *docker, const char *text, json_t *mounts, json_t *binds) {
    Host *host = docker->host;
    Words parts = words_split_all(host->mem, text, ':');
    if (parts.count > 3 || parts.items[0][0] == '\0' || (parts.count > 1 && parts.items[1][0] == '\0'))
        docker_refuse(host, CODE, "invalid volume specification: '%s'", text);
    const char *mode = parts.count == 3 ? parts.items[2] : "";
    Words modes = words_split(host->mem, mode, ",");
    if (parts.count == 1) {
        mount_add(docker, mounts, "volume", "", parts.items[0], true);
        return;
    }
    const char *source = parts.items[0], *target = parts.items[1];
    bool is_path = *source == '/' || *source == '.' || *source == '~';
    if (*source == '.') source = mem_print(host->mem, "%s/%s", strcmp(host->cwd, "/") == 0 ? "" : host->cwd, source);
    if (!is_path && !formats_match("[a-zA-Z0-9][a-zA-Z0-9_.-]*", source))
        docker_refuse(host, CODE,
                      "create %s: \"%s\" includes invalid characters for a local volume name, only \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are "
                      "allowed. If you intended to pass a host directory, use absolute path",
                      source, source);
    if (is_path && !files_exists(host, source)) files_make_dirs(host, source, 0755);
    mount_add(docker, mounts, is_path ? "bind" : "volume", source, target, !words_has(&modes, "ro"));
    json_array_append_new(binds, json_string(text));
}

/// --mount type=...,source=...,target=...[,readonly]: what is bound must be there. What was asked for is kept in [asked].
static void long_mount_add(Docker *docker, const char *text, json_t *mounts, json_t *asked) {
    Host *host = docker->host;
    const char *type = "volume", *source = "", *target = "";
    bool writable = true;
    Words fields = words_split(host->mem, text, ",");
    for (size_t i = 0; i < fields.count; i++) {
        const char *equals = strchr(fields.items[i], '='), *value = equals == NULL ? "true" : equals + 1;
        const char *key = equals == NULL ? fields.items[i] : mem_copy_part(host->mem, fields.items[i], (size_t)(equals - fields.items[i]));
        static const char *const IGNORED[] = {"volume-nocopy", "volume-driver", "volume-opt", "volume-label", "bind-propagation",
                                              "tmpfs-size", "tmpfs-mode", "consistency", "bind-nonrecursive", "volume-subpath"};
        bool known = false;
        for (size_t k = 0; k < sizeof IGNORED / sizeof IGNORED[0]; k++) known = known || strcmp(IGNORED[k], key) == 0;
        if (strcmp(key, "type") == 0) type = value;
        else if (strcmp(key, "source") == 0 || strcmp(key, "src") == 0) source = value;
        else if (strcmp(key, "target") == 0 || strcmp(key, "dst") == 0 || strcmp(key, "destination") == 0) target = value;
        else if (strcmp(key, "readonly") == 0 || strcmp(key, "ro") == 0) writable = strcmp(value, "true") != 0 && strcmp(value, "1") != 0;
        else if (!known)
            host_fail(host, CODE, "invalid argument \"%s\" for \"--mount\" flag: unexpected key '%s' in '%s'\nSee 'docker run --help'.", text, key, fields.items[i]);
    }
    if (*target == '\0') host_fail(host, CODE, "invalid argument \"%s\" for \"--mount\" flag: target is required\nSee 'docker run --help'.", text);
    json_t *mount = value_keep(host->mem, json_pack("{s:s, s:s}", "Type", type, "Target", target));
    if (*source != '\0') json_object_set_new(mount, "Source", json_string(source));
    if (!writable) json_object_set_new(mount, "ReadOnly", json_true());
    json_array_append(asked, mount);
    if (strcmp(type, "tmpfs") == 0) return;
    if (strcmp(type, "bind") == 0 && !files_exists(host, source))
        docker_refuse(host, CODE, "invalid mount config for type \"bind\": bind source path does not exist: %s", source);
    else if (strcmp(type, "bind") != 0 && strcmp(type, "volume") != 0)
        docker_refuse(host, CODE, "mount type unknown: \"%s\"", type);
    else mount_add(docker, mounts, type, source, target, writable);
}

static json_t *restart_policy(Host *host, const char *text) {
    const char *colon = strchr(text, ':'), *name = colon == NULL ? text : mem_copy_part(host->mem, text, (size_t)(colon - text));
    static const char *const NAMES[] = {"no", "always", "unless-stopped", "on-failure"};
    bool known = false;
    for (size_t i = 0; i < 4; i++) known = known || strcmp(NAMES[i], name) == 0;
    if (!known) docker_refuse(host, CODE, "invalid restart policy: unknown policy '%s'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'", name);
    json_int_t most = colon == NULL ? 0 : strtol(colon + 1, NULL, 10);
    return value_keep(host->mem, json_pack("{s:s, s:I}", "Name", name, "MaximumRetryCount", most));
}

static json_t *host_config(Docker *docker, const DockerFlags *flags, json_t *bindings, json_t *binds, json_t *tmpfs, const char *network) {
    Host *host = docker->host;
    Words cap_add = docker_values(host, flags, "cap-add"), cap_drop = docker_values(host, flags, "cap-drop"), dns = docker_values(host, flags, "dns"),
          hosts = docker_values(host, flags, "add-host"), security = docker_values(host, flags, "security-opt"), devices = docker_values(host, flags, "device"),
          ulimits = docker_values(host, flags, "ulimit"), groups = docker_values(host, flags, "group-add");
    const char *memory = docker_value(flags, "memory", NULL), *cpus = docker_value(flags, "cpus", NULL), *pids = docker_value(flags, "pids-limit", NULL);
    char *end = NULL;
    double cores = cpus == NULL ? 0 : strtod(cpus, &end);
    if (cpus != NULL && (*end != '\0' || end == cpus))
        host_fail(host, CODE, "invalid argument \"%s\" for \"--cpus\" flag: failed to parse %s as a rational number\nSee 'docker run --help'.", cpus, cpus);
    json_int_t bytes = memory == NULL ? 0 : bytes_read(host, "-m, --memory", memory);
    const char *swap_text = docker_value(flags, "memory-swap", NULL);
    json_int_t swap = swap_text == NULL ? 2 * bytes : strcmp(swap_text, "-1") == 0 ? -1 : bytes_read(host, "--memory-swap", swap_text);
    if (bytes > 0 && swap > 0 && swap < bytes) docker_refuse(host, CODE, "Minimum memoryswap limit should be larger than memory limit, see usage");
    if (bytes > 0 && bytes < 6 << 20) docker_refuse(host, CODE, "Minimum memory limit allowed is 6MB");
    if (cores > host->facts.cores)
        docker_refuse(host, CODE, "range of CPUs is from 0.01 to %d.00, as there are only %d CPUs available", host->facts.cores, host->facts.cores);
    json_t *config = json_pack("{s:O, s:s, s:O, s:O, s:b, s:O, s:O, s:O, s:O, s:b, s:b, s:O, s:O, s:s}", "Binds", binds, "NetworkMode", network,
                               "PortBindings", bindings, "RestartPolicy", restart_policy(host, docker_value(flags, "restart", "no")), "AutoRemove",
                               docker_has(flags, "rm"), "CapAdd", list_of(host, &cap_add), "CapDrop", list_of(host, &cap_drop), "Dns", list_of(host, &dns),
                               "ExtraHosts", list_of(host, &hosts), "Privileged", docker_has(flags, "privileged"), "ReadonlyRootfs",
                               docker_has(flags, "read-only"), "SecurityOpt", list_of(host, &security), "Tmpfs", tmpfs, "Runtime",
                               docker_value(flags, "runtime", "runc"));
    value_keep(host->mem, config);
    json_object_set_new(config, "Memory", json_integer(bytes));
    json_object_set_new(config, "MemorySwap", json_integer(swap));
    json_object_set_new(config, "NanoCpus", json_integer((json_int_t)(cores * 1e9)));
    json_object_set_new(config, "PidsLimit", pids == NULL ? json_null() : json_integer(strtol(pids, NULL, 10)));
    json_object_set_new(config, "ShmSize", json_integer(bytes_read(host, "--shm-size", docker_value(flags, "shm-size", "64m"))));
    json_object_set_new(config, "Init", docker_has(flags, "init") ? json_true() : json_null());
    json_object_set(config, "GroupAdd", list_of(host, &groups));
    json_t *list = value_keep(host->mem, json_array());
    for (size_t i = 0; i < devices.count; i++) {
        Words parts = words_split_all(host->mem, devices.items[i], ':');
        json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "PathOnHost", parts.items[0], "PathInContainer",
                                              parts.count > 1 ? parts.items[1] : parts.items[0], "CgroupPermissions",
                                              parts.count > 2 ? parts.items[2] : "rwm"));
    }
    json_object_set(config, "Devices", list);
    const char *gpus = docker_value(flags, "gpus", NULL);
    json_object_set_new(config, "DeviceRequests",
                        gpus == NULL ? json_null()
                                     : json_pack("[{s:s, s:i, s:[[s]]}]", "Driver", "", "Count", strcmp(gpus, "all") == 0 ? -1 : (int)strtol(gpus, NULL, 10),
                                                 "Capabilities", "gpu"));
    list = value_keep(host->mem, json_array());
    for (size_t i = 0; i < ulimits.count; i++) {
        const char *equals = strchr(ulimits.items[i], '='), *colon = equals == NULL ? NULL : strchr(equals, ':');
        if (equals == NULL) host_fail(host, CODE, "invalid argument \"%s\" for \"--ulimit\" flag: invalid ulimit argument: %s\nSee 'docker run --help'.", ulimits.items[i], ulimits.items[i]);
        json_array_append_new(list, json_pack("{s:s%, s:i, s:i}", "Name", ulimits.items[i], (size_t)(equals - ulimits.items[i]), "Hard",
                                              (int)strtol(colon == NULL ? equals + 1 : colon + 1, NULL, 10), "Soft", (int)strtol(equals + 1, NULL, 10)));
    }
    json_object_set(config, "Ulimits", list);
    json_object_set_new(config, "LogConfig", json_pack("{s:s, s:O}", "Type", docker_value(flags, "log-driver", docker_text(docker->engine, "LoggingDriver")),
                                                       "Config", docker_pairs(host, flags, "log-opt")));
    return config;
}

static json_t *config_of(Docker *docker, const DockerFlags *flags, const char *id, const char *image, const Words *command, json_t *exposed) {
    Host *host = docker->host;
    Words env = words_new(host->mem), given = docker_values(host, flags, "env"), files = docker_values(host, flags, "env-file");
    for (size_t i = 0; i < files.count; i++) env_file_add(host, files.items[i], &env);
    for (size_t i = 0; i < given.count; i++)
        if (strchr(given.items[i], '=') != NULL) words_add(&env, given.items[i]);
    words_add(&env, "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    const char *entrypoint = docker_value(flags, "entrypoint", NULL), *check = docker_value(flags, "health-cmd", NULL);
    json_t *config = json_pack("{s:s, s:s, s:O, s:s, s:s, s:O, s:O, s:b, s:b, s:O}", "Hostname",
                               docker_value(flags, "hostname", mem_copy_part(host->mem, id, 12)), "User", docker_value(flags, "user", ""), "Env",
                               list_of(host, &env), "Image", image, "WorkingDir", docker_value(flags, "workdir", ""), "Labels",
                               docker_pairs(host, flags, "label"), "ExposedPorts", exposed, "Tty", docker_has(flags, "tty"), "OpenStdin",
                               docker_has(flags, "interactive"), "Cmd", command->count == 0 ? json_null() : list_of(host, command));
    value_keep(host->mem, config);
    json_object_set_new(config, "Entrypoint", entrypoint == NULL ? json_null() : json_pack("[s]", entrypoint));
    if (check != NULL)
        json_object_set_new(config, "Healthcheck",
                            json_pack("{s:[s,s], s:I, s:I, s:i}", "Test", "CMD-SHELL", check, "Interval",
                                      duration_read(host, "--health-interval", docker_value(flags, "health-interval", "0")), "Timeout",
                                      duration_read(host, "--health-timeout", docker_value(flags, "health-timeout", "0")), "Retries",
                                      (int)strtol(docker_value(flags, "health-retries", "0"), NULL, 10)));
    return config;
}

/// A name as Docker makes them up where none is given.
static const char *name_make(Host *host) {
    return mem_print(host->mem, "container_%.8s", docker_id(host));
}

json_t *docker_create(Docker *docker, const DockerFlags *flags, const char *image, const Words *command) {
    Host *host = docker->host;
    const char *name = docker_value(flags, "name", NULL), *id = docker_id(host);
    const char *network = docker_value(flags, "network", docker_value(flags, "net", "bridge"));
    if (name == NULL) name = name_make(host);
    if (!formats_match("[a-zA-Z0-9][a-zA-Z0-9_.-]+", name))
        docker_refuse(host, CODE, "Invalid container name (%s), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed", name);
    json_t *other = docker_find_container(docker, name);
    if (other != NULL && strcmp(docker_text(other, "Name") + 1, name) == 0)
        docker_refuse(host, CODE,
                      "Conflict. The container name \"/%s\" is already in use by container \"%s\". You have to remove (or rename) that "
                      "container to be able to reuse that name",
                      name, docker_text(other, "Id"));
    if (docker_has(flags, "rm") && strcmp(docker_value(flags, "restart", "no"), "no") != 0)
        host_fail(host, CODE, "docker: conflicting options: cannot specify both --restart and --rm.\nSee 'docker run --help'.");
    bool pulled, joins = strcmp(network, "none") != 0 && strcmp(network, "host") != 0 && !text_starts_with(network, "container:");
    json_t *joined = joins ? docker_find_network(docker, network) : NULL;
    json_t *own = docker_get_image(docker, image, &pulled);
    if (joins && joined == NULL) docker_refuse(host, CODE, "network %s not found", network);
    json_t *bindings = value_keep(host->mem, json_object()), *exposed = value_keep(host->mem, json_object()), *tmpfs = value_keep(host->mem, json_object()),
           *mounts = value_keep(host->mem, json_array()), *binds = value_keep(host->mem, json_array()),
           *asked = value_keep(host->mem, json_array());
    Words ports = docker_values(host, flags, "publish"), volumes = docker_values(host, flags, "volume"), longs = docker_values(host, flags, "mount"),
          tmp = docker_values(host, flags, "tmpfs"), aliases = docker_values(host, flags, "network-alias");
    for (size_t i = 0; i < ports.count; i++) port_add(host, ports.items[i], bindings, exposed);
    for (size_t i = 0; i < volumes.count; i++) volume_add(docker, volumes.items[i], mounts, binds);
    for (size_t i = 0; i < longs.count; i++) long_mount_add(docker, longs.items[i], mounts, asked);
    for (size_t i = 0; i < tmp.count; i++) {
        const char *colon = strchr(tmp.items[i], ':');
        json_object_set_new(tmpfs, colon == NULL ? tmp.items[i] : mem_copy_part(host->mem, tmp.items[i], (size_t)(colon - tmp.items[i])),
                            json_string(colon == NULL ? "" : colon + 1));
    }
    json_t *container = json_pack(
        "{s:s, s:s, s:s, s:[], s:{s:s, s:b, s:b, s:b, s:b, s:b, s:i, s:i, s:s, s:s, s:s}, s:s, s:s, s:i, s:s, s:s, s:O, s:O, s:O, s:{s:{}, s:{}}}", "Id", id,
        "Created", docker_now(host), "Path", command->count == 0 ? "/entrypoint" : command->items[0], "Args", "State", "Status", "created", "Running", 0,
        "Paused", 0, "Restarting", 0, "OOMKilled", 0, "Dead", 0, "Pid", 0, "ExitCode", 0, "Error", "", "StartedAt", "0001-01-01T00:00:00Z", "FinishedAt",
        "0001-01-01T00:00:00Z", "Image", docker_text(own, "Id"), "Name", mem_print(host->mem, "/%s", name), "RestartCount", 0, "Driver",
        docker_text(docker->engine, "Driver"), "Platform", "linux", "HostConfig", host_config(docker, flags, bindings, binds, tmpfs, network), "Mounts", mounts,
        "Config", config_of(docker, flags, id, image, command, exposed), "NetworkSettings", "Ports", "Networks");
    value_keep(host->mem, container);
    if (json_array_size(asked) > 0) json_object_set(json_object_get(container, "HostConfig"), "Mounts", asked);
    if (container == NULL) host_fail(host, CODE, "phx-sandbox: the container can't be described");
    if (joined != NULL) docker_join(docker, container, joined, docker_value(flags, "ip", NULL), list_of(host, &aliases));
    json_object_set(json_object_get(docker->state, "containers"), id, container);
    Host view = docker_view(docker, container);
    account_make_base(&view);
    files_make_dirs(&view, "/tmp", 01777);
    files_make_dirs(&view, "/root", 0700);
    return container;
}
