// What REST paths answer when they are read, as JSON: each function gives a new reference.
#ifndef PHX_SANDBOX_PVESH_GET_H
#define PHX_SANDBOX_PVESH_GET_H

#include "conf.h"
#include "storage.h"

#include <jansson.h>

json_t *pvesh_get_version(void);
json_t *pvesh_get_nodes(Host *host);
json_t *pvesh_get_status(Host *host);
json_t *pvesh_get_guests(Host *host, GuestKind kind);
json_t *pvesh_get_resources(Host *host, const char *type);
json_t *pvesh_get_storages(Host *host, const StorageList *list);
json_t *pvesh_get_content(Host *host, const StorageList *list, const Storage *storage, const char *content,
                          const char *vmid);

/// /storage, or /storage/ID for an [id]; leaves if there is none of that name.
json_t *pvesh_get_storage(Host *host, const char *id);

/// What [words] name below /nodes/NODE/KIND/ID: config, pending, status/current, snapshot. False if it is nothing.
bool pvesh_get_guest(Host *host, GuestKind kind, const char *id, const Words *words, int count, char **arguments,
                     json_t **result);

/// Everything below a firewall: [rest] are the words behind it, [scope] its path in the option table.
json_t *pvesh_firewall(Host *host, const char *method, const Words *rest, const char *scope, const char *file,
                       int count, char **arguments, const char *verb, const char *path);

#endif
