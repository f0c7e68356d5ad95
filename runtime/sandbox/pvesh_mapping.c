// /cluster/mapping: names for the devices and directories of the nodes.
#include "collection.h"
#include "verify.h"

#include <string.h>

/// Each `map` is a property string of the mapping's own form; one a node at most for directories and USB devices.
static void maps_check(const Request *request, const Args *args, const Collection *collection, const StanzaFile *file,
                       Stanza *stanza, bool is_new) {
    (void)file;
    (void)is_new;
    Host *host = request->host;
    OptionSet format;
    Words nodes = words_new(host->mem);
    if (!options_find_format(mem_print(host->mem, "mapping %s", collection->form.types), &format)) return;
    size_t count = 0;
    for (size_t i = 0; i < stanza->options.count; i++) {
        if (strcmp(stanza->options.items[i].key, "map") != 0) continue;
        Pairs parts = pairs_new(host->mem);
        const char *name = mem_print(host->mem, "map.[%zu]", count++);
        const char *error = verify_parse(host, &format, name, stanza->options.items[i].value, &parts);
        if (error != NULL) cli_refuse(host, args, name, mem_print(host->mem, "invalid format - %s", error));
        if (words_has(&nodes, pairs_get(&parts, "node")) && strcmp(collection->form.types, "dir") == 0)
            host_fail(host, 255, "duplicate map entry for node '%s'", pairs_get(&parts, "node"));
        words_add(&nodes, pairs_get(&parts, "node"));
    }
    if (count == 0) cli_refuse(host, args, "map", "property is missing and it is not optional");
}

#define MAPPING(kind, file)                                                                                            \
    {                                                                                                                  \
        .form = {.path = "/etc/pve/mapping/" file ".cfg",                                                              \
                 .schema = "POST /cluster/mapping/" kind,                                                              \
                 .types = kind,                                                                                        \
                 .is_bare = true,                                                                                      \
                 .first = "map"},                                                                                      \
        .key = "id", .no_entry = kind " ID '%s' does not exist", .taken = kind " ID '%s' already defined",             \
        .failing = {"create hardware mapping failed", "update hardware mapping failed", "delete " kind " mapping failed"}, \
        .forgives_delete = true, .check = maps_check,                                                                  \
    }

json_t *pvesh_mapping(const Request *request) {
    static const Collection MAPPINGS[] = {MAPPING("dir", "directory"), MAPPING("pci", "pci"), MAPPING("usb", "usb")};
    const char *kind = request->words.count > 2 ? request->words.items[2] : "", *id = pairs_get(&request->named, "id");
    for (size_t i = 0; i < sizeof MAPPINGS / sizeof MAPPINGS[0]; i++) {
        if (strcmp(MAPPINGS[i].form.types, kind) != 0) continue;
        if (id != NULL && pvesh_is(request, "GET")) {
            StanzaFile file = stanza_read(request->host, &MAPPINGS[i].form);
            if (stanza_find(&file, id) == NULL) host_fail(request->host, 255, "mapping '%s' not found", id);
        }
        return collection_answer(request, &MAPPINGS[i], id);
    }
    pvesh_no_handler(request);
}
