// A compose project: its file, read, filled in and checked.
#ifndef PHX_SANDBOX_COMPOSE_H
#define PHX_SANDBOX_COMPOSE_H

#include "docker.h"

typedef struct Project {
    const char *name;
    const char *dir;          // the project directory
    const char *files;        // the configuration files, with commas between them
    json_t *services, *networks, *volumes;
    json_t *config;           // all of it
} Project;

/// Reads [files] (none: the usual names in [dir]), fills variables in from [env_file] (NULL: .env) and checks it all. Leaves
/// as the real program does for what it would not take. [name] NULL: the file's, or that of the directory.
Project compose_load(Host *host, const Words *files, const char *dir, const char *name, const char *env_file);

/// The names of the services, each after those that it depends on.
Words compose_order(Host *host, const Project *project);

/// The texts of a value that may be one text, a list of texts, or a map ("k=v" each).
Words compose_texts(Host *host, const json_t *value);

#endif
