// What becomes of a container: started, stopped, removed, renamed, changed, and programs run in it.
#include "docker.h"

#include "accounts.h"
#include "conf.h"
#include "fault.h"
#include "files.h"
#include "inside.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_KILLED = 137, EXIT_NOT_RUN = 126 };

json_t *docker_find_container(Docker *docker, const char *name) {
    const char *id;
    json_t *container, *found = NULL;
    if (*name == '/') name++;
    json_object_foreach(json_object_get(docker->state, "containers"), id, container) {
        if (strcmp(docker_text(container, "Name") + 1, name) == 0) return container;
        if (text_starts_with(id, name) && *name != '\0') found = container;
    }
    return found;
}

json_t *docker_need_container(Docker *docker, const char *name) {
    json_t *container = docker_find_container(docker, name);
    if (container == NULL) docker_refuse(docker->host, 1, "No such container: %s", name);
    return container;
}

Host docker_view(Docker *docker, const json_t *container) {
    Host *host = docker->host, view = *host;
    const char *root = mem_print(host->mem, "%s/overlay2/%s/merged", docker->root, docker_text(container, "Id"));
    Where where;
    if (files_make_dirs(host, root, 0755) != 0 || !files_resolve(host, root, true, &where))
        host_fail(host, 1, "Error response from daemon: %s is not there", root);
    view.root = files_open(host, root, O_RDONLY | O_DIRECTORY, 0);
    view.prefix = where.key;
    view.machine = MACHINE_CONTAINER;
    view.outer = host;
    view.image = mem_copy(host->mem, docker_text(container, "Config.Image"));
    view.cwd = *docker_text(container, "Config.WorkingDir") == '\0' ? "/" : mem_copy(host->mem, docker_text(container, "Config.WorkingDir"));
    json_t *mounts = json_object_get(container, "Mounts"), *mount;
    view.binds = mem_alloc(host->mem, (json_array_size(mounts) + 1) * sizeof *view.binds);
    view.bind_count = 0;
    size_t index;
    json_array_foreach(mounts, index, mount) {
        const char *source = mem_copy(host->mem, docker_text(mount, "Source"));
        int folder = files_open(host, source, O_RDONLY | O_DIRECTORY, 0);
        if (folder < 0 || !files_resolve(host, source, true, &where)) continue;
        view.binds[view.bind_count++] =
            (Bind){.target = mem_copy(host->mem, docker_text(mount, "Destination")), .path = where.key, .source = folder};
    }
    return view;
}

/// Is the port of the machine taken by another container that runs?
static bool port_is_taken(Docker *docker, const json_t *own, const char *key, const char *port) {
    const char *id, *other_key;
    json_t *other, *bindings, *binding;
    const char *protocol = strchr(key, '/');
    json_object_foreach(json_object_get(docker->state, "containers"), id, other) {
        if (other == own || !docker_is(other, "State.Running")) continue;
        json_object_foreach(docker_at(other, "NetworkSettings.Ports"), other_key, bindings) {
            size_t index;
            json_array_foreach(bindings, index, binding)
                if (strcmp(docker_text(binding, "HostPort"), port) == 0 && strcmp(strchr(other_key, '/'), protocol) == 0) return true;
        }
    }
    return false;
}

/// Binds the ports: one that was left open gets a free number.
static const char *ports_bind(Docker *docker, json_t *container) {
    Host *host = docker->host;
    json_t *ports = value_keep(host->mem, json_object()), *bindings, *binding;
    const char *key;
    int next = 32768;
    json_object_foreach(docker_at(container, "HostConfig.PortBindings"), key, bindings) {
        json_t *list = value_keep(host->mem, json_array());
        size_t index;
        json_array_foreach(bindings, index, binding) {
            const char *port = docker_text(binding, "HostPort"), *address = docker_text(binding, "HostIp");
            if (*port == '\0' || strcmp(port, "0") == 0) {
                do port = mem_print(host->mem, "%d", next++);
                while (port_is_taken(docker, container, key, port));
            } else if (port_is_taken(docker, container, key, port)) {
                return mem_print(host->mem,
                                 "driver failed programming external connectivity on endpoint %s (%s): Bind for %s:%s failed: port is already "
                                 "allocated",
                                 docker_text(container, "Name") + 1, docker_id(host), *address == '\0' ? "0.0.0.0" : address, port);
            }
            json_array_append_new(list, json_pack("{s:s, s:s}", "HostIp", *address == '\0' ? "0.0.0.0" : address, "HostPort", port));
        }
        json_object_set(ports, key, list);
    }
    json_object_set(json_object_get(container, "NetworkSettings"), "Ports", ports);
    return NULL;
}

/// A container in an unprivileged guest needs keys of its own.
static bool keys_are_denied(const Host *host) {
    if (host->machine != MACHINE_LXC || host->guest == NULL) return false;
    const Pairs *keys = &host->guest->main.keys;
    const char *features = pairs_get(keys, "features");
    return text_equals(pairs_get(keys, "unprivileged"), "1") && (features == NULL || strstr(features, "keyctl=1") == NULL);
}

const char *docker_start(Docker *docker, json_t *container) {
    json_t *state = json_object_get(container, "State");
    if (docker_is(container, "State.Running")) return NULL;
    if (keys_are_denied(docker->host))
        return "failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to "
               "start container process: unable to join session keyring: unable to create session key: operation not permitted: unknown";
    const char *problem = docker_address_problem(docker, container);
    if (problem == NULL) problem = ports_bind(docker, container);
    if (problem != NULL) return problem;
    unsigned char bytes[2];
    host_random(docker->host, bytes, sizeof bytes);
    json_object_set_new(state, "Status", json_string("running"));
    json_object_set_new(state, "Running", json_true());
    json_object_set_new(state, "Pid", json_integer(2000 + bytes[0] * 256 + bytes[1]));
    json_object_set_new(state, "ExitCode", json_integer(0));
    json_object_set_new(state, "StartedAt", json_string(docker_now(docker->host)));
    json_object_set_new(container, "ManuallyStopped", json_false());
    const char *test = json_string_value(json_array_get(docker_at(container, "Config.Healthcheck.Test"), 0));
    if (test != NULL && strcmp(test, "NONE") != 0)
        json_object_set_new(state, "Health", json_pack("{s:s, s:i, s:[]}", "Status", "starting", "FailingStreak", 0, "Log"));
    return NULL;
}

void docker_stop(Docker *docker, json_t *container, int code) {
    json_t *state = json_object_get(container, "State");
    if (!docker_is(container, "State.Running")) return;
    json_object_set_new(state, "Status", json_string("exited"));
    json_object_set_new(state, "Running", json_false());
    json_object_set_new(state, "Pid", json_integer(0));
    json_object_set_new(state, "ExitCode", json_integer(code));
    json_object_set_new(state, "FinishedAt", json_string(docker_now(docker->host)));
    json_object_set_new(json_object_get(container, "NetworkSettings"), "Ports", json_object());
    json_object_del(state, "Health");
}

void docker_remove(Docker *docker, json_t *container, bool volumes) {
    Host *host = docker->host;
    const char *id = mem_copy(host->mem, docker_text(container, "Id"));
    json_t *mounts = json_object_get(container, "Mounts"), *mount;
    size_t index;
    json_array_foreach(mounts, index, mount) {
        // Volumes without a name of their own go with their container.
        const char *name = docker_text(mount, "Name");
        if (!volumes || strlen(name) != 64) continue;
        files_remove_tree(host, mem_print(host->mem, "%s/volumes/%s", docker->root, name));
        json_object_del(json_object_get(docker->state, "volumes"), name);
    }
    files_remove_tree(host, mem_print(host->mem, "%s/overlay2/%s", docker->root, id));
    json_object_del(json_object_get(docker->state, "containers"), id);
}

// ---- commands ----

static int container_run(Docker *docker, bool start, int first) {
    Host *host = docker->host;
    const char *command_name = start ? "docker run" : "docker create";
    DockerFlags flags = docker_read_flags(host, command_name, DOCKER_CREATE_FLAGS, first, true);
    docker_need_arguments(host, command_name, &flags, 1, 0);
    Words command = words_new(host->mem);
    for (size_t i = 1; i < flags.plain.count; i++) words_add(&command, flags.plain.items[i]);
    const char *reference = docker_normalize(host, flags.plain.items[0]);
    if (reference != NULL && json_object_get(json_object_get(docker->state, "images"), reference) == NULL)
        host_warn(host, "Unable to find image '%s' locally", reference);
    json_t *container = docker_create(docker, &flags, flags.plain.items[0], &command);
    const char *id = mem_copy(host->mem, docker_text(container, "Id"));
    fault_between(host);
    if (!start) {
        docker_save(docker);
        host_print(host, "%s\n", id);
        return 0;
    }
    const char *problem = docker_start(docker, container);
    docker_save(docker);
    if (docker_has(&flags, "detach")) {
        host_print(host, "%s\n", id);
        if (problem != NULL) docker_refuse(host, 125, "%s", problem);
        return 0;
    }
    if (problem != NULL) docker_refuse(host, 125, "%s", problem);
    // In the foreground: what its command does, as far as that is modelled.
    bool missing = false;
    Host view = docker_view(docker, container);
    int code = command.count == 0 ? 0 : inside_run(&view, &command, &missing);
    docker_stop(docker, container, code);
    if (docker_has(&flags, "rm")) docker_remove(docker, container, true);
    docker_save(docker);
    if (missing)
        host_warn(host, "docker: Error response from daemon: failed to create task for container: exec: \"%s\": executable file not found in $PATH", command.items[0]);
    return code;
}

static int container_exec(Docker *docker, int first) {
    Host *host = docker->host;
    DockerFlags flags = docker_read_flags(host, "docker exec",
                                          "detach,d detach-keys= env,e= env-file= interactive,i privileged tty,t user,u= workdir,w=", first, true);
    docker_need_arguments(host, "docker exec", &flags, 2, 0);
    json_t *container = docker_need_container(docker, flags.plain.items[0]);
    if (!docker_is(container, "State.Running"))
        docker_refuse(host, 1, "container %s is not running", docker_text(container, "Id"));
    Host view = docker_view(docker, container);
    const char *user = docker_value(&flags, "user", NULL);
    unsigned long number;
    if (user != NULL && !account_read(&view, ACCOUNT_USERS, mem_copy_part(host->mem, user, strcspn(user, ":")), &number))
        host_fail(host, EXIT_NOT_RUN, "OCI runtime exec failed: exec failed: unable to find user %s: no matching entries in passwd file", user);
    view.cwd = docker_value(&flags, "workdir", view.cwd);
    if (!files_is_dir(&view, view.cwd))
        host_fail(host, EXIT_NOT_RUN, "OCI runtime exec failed: exec failed: unable to start container process: chdir to cwd (\"%s\") set in config.json failed: no such file or directory: unknown", view.cwd);
    if (!docker_has(&flags, "interactive")) view.input = inside_no_input(host);
    Words command = words_new(host->mem);
    for (size_t i = 1; i < flags.plain.count; i++) words_add(&command, flags.plain.items[i]);
    bool missing;
    int code = inside_run(&view, &command, &missing);
    if (missing)
        host_warn(host, "OCI runtime exec failed: exec failed: unable to start container process: exec: \"%s\": executable file not found in $PATH: unknown", command.items[0]);
    return code;
}

/// start, stop, restart, kill, rm, pause: one thing done to each of the named containers; what fails does not keep the others.
static int each(Docker *docker, const char *verb, const char *spec, int first) {
    Host *host = docker->host;
    const char *command = mem_print(host->mem, "docker %s", verb);
    DockerFlags flags = docker_read_flags(host, command, spec, first, false);
    docker_need_arguments(host, command, &flags, 1, 0);
    int code = 0;
    for (size_t i = 0; i < flags.plain.count; i++) {
        const char *name = flags.plain.items[i], *problem = NULL;
        json_t *container = docker_find_container(docker, name);
        bool running = container != NULL && docker_is(container, "State.Running"), force = docker_has(&flags, "force");
        if (container == NULL && strcmp(verb, "rm") == 0 && force) continue;
        if (container == NULL) problem = mem_print(host->mem, "No such container: %s", name);
        else if (strcmp(verb, "start") == 0) problem = docker_start(docker, container);
        else if (strcmp(verb, "stop") == 0 || strcmp(verb, "restart") == 0) {
            docker_stop(docker, container, 0);
            json_object_set_new(container, "ManuallyStopped", json_boolean(strcmp(verb, "stop") == 0));
            fault_between(host);
            if (strcmp(verb, "restart") == 0) problem = docker_start(docker, container);
        } else if (strcmp(verb, "kill") == 0) {
            if (!running) problem = mem_print(host->mem, "cannot kill container: %s: container %s is not running", name, docker_text(container, "Id"));
            const char *signal = docker_value(&flags, "signal", "KILL");
            if (strcmp(signal, "HUP") != 0 && strcmp(signal, "SIGHUP") != 0) docker_stop(docker, container, EXIT_KILLED);
        } else if (running && !force) {
            problem = mem_print(host->mem,
                                "cannot remove container \"%s\": container is running: stop the container before removing or force remove",
                                docker_text(container, "Name"));
        } else {
            docker_remove(docker, container, docker_has(&flags, "volumes"));
        }
        if (problem == NULL) host_print(host, "%s\n", name);
        else host_warn(host, "Error response from daemon: %s", problem);
        if (problem != NULL) code = 1;
    }
    fault_between(host);
    docker_save(docker);
    if (code != 0 && strcmp(verb, "start") == 0) {
        Words names = flags.plain;
        host_warn(host, "Error: failed to start containers: %s", words_join(&names, ", "));
    }
    return code;
}

static int container_rename(Docker *docker, int first) {
    Host *host = docker->host;
    DockerFlags flags = docker_read_flags(host, "docker rename", "", first, false);
    docker_need_arguments(host, "docker rename", &flags, 2, 2);
    json_t *container = docker_need_container(docker, flags.plain.items[0]), *other = docker_find_container(docker, flags.plain.items[1]);
    if (other != NULL)
        docker_refuse(host, 1,
                      "Error when allocating new name: Conflict. The container name \"/%s\" is already in use by container \"%s\". You have to "
                      "remove (or rename) that container to be able to reuse that name",
                      flags.plain.items[1], docker_text(other, "Id"));
    json_object_set_new(container, "Name", json_string(mem_print(host->mem, "/%s", flags.plain.items[1])));
    docker_save(docker);
    return 0;
}

/// `docker update`: the limits and the restart policy; read as those of a new container are.
static int container_update(Docker *docker, int first) {
    Host *host = docker->host;
    DockerFlags flags = docker_read_flags(host, "docker update", "cpus= cpu-shares=,c cpuset-cpus= memory,m= memory-reservation= memory-swap= pids-limit= restart=", first, false);
    docker_need_arguments(host, "docker update", &flags, 1, 0);
    if (flags.values.count == 0) host_fail(host, 1, "You must provide one or more flags when using this command.");
    static const char *const FIELDS[][2] = {{"cpus", "NanoCpus"}, {"memory", "Memory"}, {"memory-swap", "MemorySwap"}, {"pids-limit", "PidsLimit"}, {"restart", "RestartPolicy"}};
    for (size_t i = 0; i < flags.plain.count; i++) {
        json_t *container = docker_need_container(docker, flags.plain.items[i]), *own = json_object_get(container, "HostConfig");
        // A container that is never kept tells what the flags mean.
        Words none = words_new(host->mem);
        json_t *made = docker_create(docker, &flags, docker_text(container, "Config.Image"), &none), *read = json_object_get(made, "HostConfig");
        json_int_t swap = json_integer_value(json_object_get(own, "MemorySwap"));
        if (docker_value(&flags, "memory-swap", NULL) == NULL && swap > 0 && json_integer_value(json_object_get(read, "Memory")) > swap)
            docker_refuse(host, 1, "Cannot update container %s: Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time",
                          docker_text(container, "Id"));
        for (size_t k = 0; k < sizeof FIELDS / sizeof FIELDS[0]; k++)
            if (docker_value(&flags, FIELDS[k][0], NULL) != NULL) json_object_set(own, FIELDS[k][1], json_object_get(read, FIELDS[k][1]));
        docker_remove(docker, made, true);
        host_print(host, "%s\n", flags.plain.items[i]);
    }
    docker_save(docker);
    return 0;
}

int docker_container_command(Docker *docker, const char *verb, int first) {
    if (strcmp(verb, "run") == 0) return container_run(docker, true, first);
    if (strcmp(verb, "create") == 0) return container_run(docker, false, first);
    if (strcmp(verb, "exec") == 0) return container_exec(docker, first);
    if (strcmp(verb, "start") == 0) return each(docker, verb, "attach,a interactive,i", first);
    if (strcmp(verb, "stop") == 0 || strcmp(verb, "restart") == 0) return each(docker, verb, "time,t= timeout= signal,s=", first);
    if (strcmp(verb, "kill") == 0) return each(docker, verb, "signal,s=", first);
    if (strcmp(verb, "rm") == 0) return each(docker, verb, "force,f volumes,v link,l", first);
    if (strcmp(verb, "rename") == 0) return container_rename(docker, first);
    if (strcmp(verb, "update") == 0) return container_update(docker, first);
    return -1;
}
