// /storage and /nodes/NODE/storage: storages and what is on them, answered by the code of pvesm.
#include "download.h"
#include "pvesh.h"
#include "pvesm.h"
#include "volume.h"

#include <string.h>

/// /nodes/NODE/storage/...
json_t *pvesh_node_storage(const Request *request) {
    Host *host = request->host;
    StorageList list = storage_load(host);
    if (request->words.count == 3 && strcmp(request->method, "GET") == 0) return pvesh_get_storages(host, &list);
    if (request->words.count != 5) pvesh_no_handler(request);
    const char *id = request->words.items[3], *last = request->words.items[4];
    Pairs fixed = pairs_new(host->mem);
    pairs_set(&fixed, "node", host->facts.node);
    pairs_set(&fixed, "storage", id);
    OptionSet set;
    if (strcmp(last, "content") == 0 && strcmp(request->method, "GET") == 0) {
        Args args = pvesh_parse_as(request, "GET /nodes/{node}/storage/{storage}/content", fixed, &set);
        return pvesh_get_content(host, &list, storage_need(host, &list, id), cli_get(&args, "content"),
                                 cli_get(&args, "vmid"));
    }
    if (strcmp(last, "download-url") == 0 && strcmp(request->method, "POST") == 0) {
        Args args = pvesh_parse_as(request, "POST /nodes/{node}/storage/{storage}/download-url", fixed, &set);
        const char *content = cli_get(&args, "content"), *name = cli_get(&args, "filename"),
                   *checksum = cli_get(&args, "checksum");
        const Storage *storage = storage_need(host, &list, id);
        if (!storage_holds(host, storage, content))
            host_fail(host, 255, "storage '%s' is not configured for content-type '%s'", id, content);
        Volume volume;
        bool named = strchr(name, '/') == NULL &&
                     volume_parse(host, &list, mem_print(host->mem, "%s:%s/%s", id, content, name), &volume);
        if (!named)
            cli_refuse(host, &args, "filename",
                       strcmp(content, "vztmpl") == 0 ? "wrong file extension" : "missing '.iso' or '.img' extension");
        if ((checksum == NULL) != (cli_get(&args, "checksum-algorithm") == NULL))
            cli_refuse(host, &args, checksum == NULL ? "checksum" : "checksum-algorithm",
                       "checksum and its algorithm are needed together");
        download_fetch(host, storage, content, name, cli_get(&args, "url"), cli_get(&args, "checksum-algorithm"),
                       checksum);
        pvesh_print_task(request, "download", name);
        return NULL;
    }
    pvesh_no_handler(request);
}

/// /storage and /storage/ID
json_t *pvesh_storage(const Request *request) {
    Host *host = request->host;
    const char *id = request->words.count > 1 ? request->words.items[1] : NULL;
    if (strcmp(request->method, "GET") == 0) return pvesh_get_storage(host, id);
    const char *command = id == NULL ? "pvesm add" : strcmp(request->method, "PUT") == 0 ? "pvesm set" : "pvesm remove";
    if ((id == NULL) != (strcmp(request->method, "POST") == 0)) pvesh_no_handler(request);
    Pairs fixed = pairs_new(host->mem);
    if (id != NULL) pairs_set(&fixed, "storage", id);
    OptionSet set;
    Args args = pvesh_parse_as(request, command, fixed, &set);
    if (id == NULL) pvesm_add(host, &args);
    else if (strcmp(request->method, "PUT") == 0) pvesm_set(host, &args);
    else pvesm_remove(host, &args);
    return NULL;
}
