// What the files of `pvesh` share: a request, and the parts of the tree of REST paths that answer one.
#ifndef PHX_SANDBOX_PVESH_H
#define PHX_SANDBOX_PVESH_H

#include "cli.h"
#include "conf.h"
#include "storage.h"

#include <jansson.h>

/// A call taken apart.
typedef struct Request {
    Host *host;
    const char *verb;    // "get", "set", "create", "delete"
    const char *method;  // "GET", "PUT", "POST", "DELETE"
    const char *path;    // as it was given
    Words words;         // its parts, the node's name in place of `localhost`
    int count;
    char **arguments;    // what follows the path, output options taken out
    const char *format;  // of --output-format
    OptionSet set;       // the parameters that the table has for this path; without a head if it has none
    Pairs named;         // what the path names: vmid -> 952
} Request;

/// Each answers the requests below one path: what is to be printed (a new reference), or NULL for nothing. They leave
/// for what they do not know.
json_t *pvesh_guest(const Request *request);
json_t *pvesh_node_storage(const Request *request);
json_t *pvesh_storage(const Request *request);
json_t *pvesh_firewall(const Request *request);
json_t *pvesh_backup(const Request *request);
json_t *pvesh_ha(const Request *request);
json_t *pvesh_mapping(const Request *request);
json_t *pvesh_options(const Request *request);
json_t *pvesh_pools(const Request *request);
json_t *pvesh_access(const Request *request);
json_t *pvesh_acl(const Request *request);

/// Reads the parameters of a request by the table's rows for its path, or by those of [command], where [fixed] is
/// what the path already says.
Args pvesh_parse(const Request *request);
Args pvesh_parse_as(const Request *request, const char *command, Pairs fixed, OptionSet *set);

bool pvesh_is(const Request *request, const char *method);

/// Leaves: there is nothing at this path, or nothing that takes this verb.
_Noreturn void pvesh_no_handler(const Request *request);

/// The id of a task that has been done, as the calls that start one print it.
void pvesh_print_task(const Request *request, const char *type, const char *id);

/// [value] as the type that its row in the table gives it.
json_t *pvesh_value(const OptionSet *set, const char *key, const char *value);

/// The names in --delete, checked: leaves for one that is no parameter of [set], is required, or is set in this call.
Words pvesh_read_delete(Host *host, const Args *args, const OptionSet *set);

// What reading gives: each function a new reference.
json_t *pvesh_get_version(void);
json_t *pvesh_get_nodes(Host *host);
json_t *pvesh_get_status(Host *host);
json_t *pvesh_get_guests(Host *host, GuestKind kind);
json_t *pvesh_get_guest_entry(Host *host, const char *vmid);
json_t *pvesh_get_resources(Host *host, const char *type);
json_t *pvesh_get_storages(Host *host, const StorageList *list);
json_t *pvesh_get_storage_status(Host *host, const StorageList *list, const Storage *storage);
json_t *pvesh_get_storage_entry(Host *host, const StorageList *list, const Storage *storage);
json_t *pvesh_get_content(Host *host, const StorageList *list, const Storage *storage, const char *content,
                          const char *vmid);

/// /storage, or /storage/ID for an [id]; leaves if there is none of that name.
json_t *pvesh_get_storage(Host *host, const char *id);

/// What [words] name below /nodes/NODE/KIND/ID: config, pending, status/current, snapshot. False if it is nothing.
bool pvesh_get_guest(Host *host, GuestKind kind, const char *id, const Words *words, int count, char **arguments,
                     json_t **result);

#endif
