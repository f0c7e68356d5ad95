// Docker in a machine: what its daemon keeps, and the programs that talk to it.
//
// What the daemon knows of a container, a network, a volume is kept as the very JSON that `inspect` shows. Values that a
// function returns are borrowed: from the state, or from the arena (values.h).
#ifndef PHX_SANDBOX_DOCKER_H
#define PHX_SANDBOX_DOCKER_H

#include "host.h"
#include "values.h"

/// The daemon of a machine, open for one command.
typedef struct Docker {
    Host *host;
    json_t *engine;       // how it was started: Driver, DockerRootDir, ...
    json_t *state;        // containers, networks (by id), volumes, images (by name)
    const char *root;     // where it keeps its data
} Docker;

/// Opens the daemon; leaves as the real client does where none runs. docker_save writes what was changed.
Docker docker_open(Host *host);
void docker_save(Docker *docker);

/// The same for who only looks: NULL engine where none runs.
Docker docker_look(Host *host);

/// The daemon ends: its containers do too, and start again with it as their restart policies say.
void docker_engine_stop(Host *host);

/// Leaves with "Error response from daemon: ..." and exit code 1 (or [code]).
_Noreturn void docker_refuse(Host *host, int code, const char *format, ...) PRINTF_LIKE(3, 4);

// ---- JSON ----

/// The text at a path such as "Config.Image", "" if there is none; whether something true is there.
const char *docker_text(const json_t *value, const char *path);
json_t *docker_at(const json_t *value, const char *path);
bool docker_is(const json_t *value, const char *path);

/// A fresh id of 64 hex digits; the time as Docker writes it.
const char *docker_id(Host *host);
const char *docker_now(Host *host);

// ---- command lines ----

/// Flags as the client reads them. A spec is words "name[,letter][=]": with `=` a flag has a value.
typedef struct DockerFlags {
    Pairs values;         // name -> value, as often as given; "true" for those without
    Words plain;
} DockerFlags;

/// Reads host->argv from [first]; with [only_first], flags end where the first plain argument stands. Leaves with 125 for a
/// flag that [command] ("docker run") does not have.
DockerFlags docker_read_flags(Host *host, const char *command, const char *spec, int first, bool only_first);
bool docker_has(const DockerFlags *flags, const char *name);
const char *docker_value(const DockerFlags *flags, const char *name, const char *otherwise);
Words docker_values(Host *host, const DockerFlags *flags, const char *name);

/// Leaves unless there are at least [least] plain arguments and at most [most] (0: any number).
void docker_need_arguments(Host *host, const char *command, const DockerFlags *flags, size_t least, size_t most);

/// Labels of `--label k=v` and the like, as an object.
json_t *docker_pairs(Host *host, const DockerFlags *flags, const char *name);

// ---- templates ----

/// Prints [value] by a Go template; `json` and an empty one print it as JSON. Leaves for a template that is none.
void docker_print_template(Host *host, const char *format, json_t *value);

/// Prints a row of a list: `json`, `table ...` or a template over the fields that the columns have.
void docker_print_row(Host *host, const char *format, json_t *row);

/// Does the object pass the filters `label=k[=v]`, `name=`, `status=`, ...? [labels] are its own.
bool docker_filter_label(const char *filter, const json_t *labels);

// ---- containers ----

/// Finds one by name, id or the beginning of an id; docker_need_container leaves if there is none.
json_t *docker_find_container(Docker *docker, const char *name);
json_t *docker_need_container(Docker *docker, const char *name);

/// Makes a container of `docker create` flags; prints nothing. Leaves with [code] and "docker: " where it can't.
json_t *docker_create(Docker *docker, const DockerFlags *flags, const char *image, const Words *command);
extern const char DOCKER_CREATE_FLAGS[];

/// NULL, or why the daemon can't start it.
const char *docker_start(Docker *docker, json_t *container);
void docker_stop(Docker *docker, json_t *container, int code);
void docker_remove(Docker *docker, json_t *container, bool volumes);

/// The machine that a container is.
Host docker_view(Docker *docker, const json_t *container);

int docker_container_command(Docker *docker, const char *verb, int first);

// ---- networks, volumes, images ----

json_t *docker_find_network(Docker *docker, const char *name);
json_t *docker_make_network(Docker *docker, const char *name, const char *driver, const char *subnet, const char *gateway,
                            json_t *labels);
/// Of a network: were its addresses asked for? No part of what `inspect` shows.
#define DOCKER_CHOSEN_SUBNET "ChosenSubnet"
/// NULL, or why a container can't have the address that was asked for: the daemon looks when it starts it.
const char *docker_address_problem(Docker *docker, const json_t *container);
void docker_join(Docker *docker, json_t *container, json_t *network, const char *address, json_t *aliases);
json_t *docker_make_volume(Docker *docker, const char *name, const char *driver, json_t *labels, json_t *options);

/// The image for a reference, pulled where it is not there; leaves for one that can't be had. *pulled says which it was.
json_t *docker_get_image(Docker *docker, const char *reference, bool *pulled);
const char *docker_normalize(Host *host, const char *reference);

int docker_network_command(Docker *docker, const char *verb, int first);
int docker_volume_command(Docker *docker, const char *verb, int first);
int docker_image_command(Docker *docker, const char *verb, int first);

/// `docker ps` and the other lists: [kind] is "containers", "networks", "volumes" or "images".
int docker_list(Docker *docker, const char *kind, int first);

/// `docker inspect`: of [kind] ("container", "network", ...) or, where it is NULL, of any.
int docker_inspect(Docker *docker, const char *kind, int first);

int docker_main(Host *host);
int dockerd_main(Host *host);
int compose_main(Host *host);
int compose_run(Host *host, int first);

#endif
