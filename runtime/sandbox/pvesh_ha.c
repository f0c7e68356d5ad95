// /cluster/ha: the resources that are kept running, and the rules where. Groups are a thing of the past.
#include "collection.h"
#include "guest.h"
#include "related.h"

#include <stdlib.h>
#include <string.h>

static const Collection RESOURCES, RULES;

/// `vm:100`, or `100` alone for a guest that exists, as type and id.
static void resource_name(const Request *request, const Args *args, const char *given, const char **type,
                          const char **id) {
    Host *host = request->host;
    const char *wanted = cli_get(args, "type"), *colon = strchr(given, ':');
    if (colon != NULL) {
        *type = mem_copy_part(host->mem, given, (size_t)(colon - given));
        *id = colon + 1;
    } else {
        GuestName guest;
        if (!guest_find(host, given, &guest))
            host_fail(host, 255, "cannot infer the type of resource '%s': VM/CT does not exist", given);
        *type = guest.kind == GUEST_LXC ? "ct" : "vm";
        *id = given;
    }
    if (wanted != NULL && strcmp(wanted, *type) != 0) host_fail(host, 255, "types does not match");
    GuestName guest;
    if (!pvesh_is(request, "POST")) return;
    if (!guest_find(host, *id, &guest) || (guest.kind == GUEST_LXC) != (strcmp(*type, "ct") == 0))
        host_fail(host, 255, "resource '%s:%s' does not exist in cluster", *type, *id);
}

static void resource_check(const Request *request, const Args *args, const Collection *collection,
                           const StanzaFile *file, Stanza *stanza, bool is_new) {
    (void)collection;
    (void)file;
    (void)stanza;
    (void)is_new;
    const char *group = cli_get(args, "group");
    if (group != NULL && *group != '\0')
        host_fail(request->host, 255, "invalid parameter 'group': ha groups have been migrated to rules");
}

static void resource_show(const Request *request, const Stanza *stanza, json_t *object) {
    json_object_set_new(object, "sid", json_string(mem_print(request->host->mem, "%s:%s", stanza->type, stanza->id)));
}

/// Takes [sid] out of the rules; a rule for it alone goes.
static void rules_forget(Host *host, const char *sid) {
    StanzaFile file = stanza_read(host, &RULES.form);
    size_t kept = 0;
    bool changed = false;
    for (size_t i = 0; i < file.count; i++) {
        const char *list = pairs_get(&file.items[i].options, "resources");
        Words words = words_split(host->mem, list == NULL ? "" : list, ",; ");
        bool named = words_has(&words, sid);
        words_remove(&words, sid);
        changed = changed || named;
        if (named && words.count == 0) continue;
        if (named) pairs_set(&file.items[i].options, "resources", words_join(&words, ","));
        file.items[kept++] = file.items[i];
    }
    file.count = kept;
    if (changed) stanza_write(host, &RULES.form, &file);
}

static void resource_removed(const Request *request, const Args *args, const char *id) {
    // Left out, --purge is on.
    if (cli_get(args, "purge") != NULL && !cli_has_flag(args, "purge")) return;
    rules_forget(request->host, mem_print(request->host->mem, "ct:%s", id));
    rules_forget(request->host, mem_print(request->host->mem, "vm:%s", id));
}

static const Collection RESOURCES = {
    .form = {.path = "/etc/pve/ha/resources.cfg", .schema = "POST /cluster/ha/resources", .types = "ct|vm"},
    .key = "sid",
    .no_entry = "no such resource '%s'",
    .taken = "resource ID '%s' already defined",
    .failing = {"create resource failed", "update resource failed", "delete resource failed"},
    .shows_type = true,
    .name = resource_name,
    .check = resource_check,
    .show = resource_show,
    .removed = resource_removed,
};

/// [list] sorted, each once.
static const char *list_sort(Host *host, const char *list) {
    Words words = words_split(host->mem, list, ",; ");
    words_sort_unique(&words);
    return words_join(&words, ",");
}

/// Every resource of a rule must be one of HA's, every node one of the cluster's.
static void rule_names_check(Host *host, const Collection *collection, const Stanza *stanza, int step) {
    StanzaFile resources = stanza_read(host, &RESOURCES.form);
    const char *nodes = pairs_get(&stanza->options, "nodes"), *list = pairs_get(&stanza->options, "resources");
    Words sids = words_split(host->mem, list == NULL ? "" : list, ","), unknown = words_new(host->mem);
    for (size_t i = 0; i < sids.count; i++) {
        const Stanza *resource = stanza_find(&resources, strchr(sids.items[i], ':') + 1);
        if (resource == NULL || !text_starts_with(sids.items[i], mem_print(host->mem, "%s:", resource->type)))
            words_add(&unknown, sids.items[i]);
    }
    if (unknown.count > 0)
        collection_fail(host, collection, step, "cannot use unmanaged resource(s) %s.", words_join(&unknown, ", "));
    Words names = words_split(host->mem, nodes == NULL ? "" : nodes, ",");
    for (size_t i = 0; i < names.count; i++) {
        const char *node = mem_copy_part(host->mem, names.items[i], strcspn(names.items[i], ":"));
        if (strcmp(node, host->facts.node) != 0) words_add(&unknown, node);
    }
    if (unknown.count > 0)
        collection_fail(host, collection, step, "cannot use non-existant node(s) %s.", words_join(&unknown, ", "));
}

/// What no scheduler could follow: a rule about one resource among others, two rules about one resource's nodes.
static void rule_sense_check(Host *host, const Collection *collection, const StanzaFile *file, const Stanza *stanza,
                             int step) {
    Words sids = words_split(host->mem, pairs_get(&stanza->options, "resources"), ",");
    bool is_affinity = strcmp(stanza->type, "resource-affinity") == 0;
    if (is_affinity && sids.count < 2)
        collection_fail(host, collection, step,
                        "Rule '%s' is invalid.\nresources: rule is ineffective as there are less than two resources",
                        stanza->id);
    for (size_t i = 0; i < file->count && !is_affinity; i++) {
        const Stanza *other = &file->items[i];
        const char *list = pairs_get(&other->options, "resources");
        if (strcmp(other->type, stanza->type) != 0 || strcmp(other->id, stanza->id) == 0 || list == NULL) continue;
        Words used = words_split(host->mem, list, ",");
        for (size_t s = 0; s < sids.count; s++)
            if (words_has(&used, sids.items[s]))
                collection_fail(
                    host, collection, step,
                    "Rule '%s' is invalid.\nresources: resource '%s' is already used in another node affinity rule",
                    stanza->id, sids.items[s]);
    }
}

static void rule_check(const Request *request, const Args *args, const Collection *collection, const StanzaFile *file,
                       Stanza *stanza, bool is_new) {
    static const char *const OF_NODES[] = {"nodes", "strict"}, *const OF_RESOURCES[] = {"affinity"};
    Host *host = request->host;
    bool by_node = strcmp(stanza->type, "node-affinity") == 0;
    const char *type = cli_get(args, "type"), *needed = by_node ? "nodes" : "affinity";
    if (strcmp(type, stanza->type) != 0)
        cli_refuse(host, args, "type", mem_print(host->mem, "rule '%s' is of type '%s'", stanza->id, stanza->type));
    const char *const *foreign = by_node ? OF_RESOURCES : OF_NODES;
    for (size_t i = 0; i < (by_node ? 1 : 2); i++)
        if (pairs_get(&stanza->options, foreign[i]) != NULL)
            cli_refuse(host, args, foreign[i], mem_print(host->mem, "property is not expected for type '%s'", type));
    if (pairs_get(&stanza->options, needed) == NULL)
        cli_refuse(host, args, needed, "property is missing and it is not optional");
    pairs_set(&stanza->options, "resources", list_sort(host, pairs_get(&stanza->options, "resources")));
    if (by_node) pairs_set(&stanza->options, "nodes", list_sort(host, pairs_get(&stanza->options, "nodes")));
    rule_names_check(host, collection, stanza, is_new ? 0 : 1);
    rule_sense_check(host, collection, file, stanza, is_new ? 0 : 1);
    if (text_equals(pairs_get(&stanza->options, "disable"), "0")) pairs_remove(&stanza->options, "disable");
}

static void rule_show(const Request *request, const Stanza *stanza, json_t *object) {
    StanzaFile file = stanza_read(request->host, &RULES.form);
    for (size_t i = 0; i < file.count; i++)
        if (strcmp(file.items[i].id, stanza->id) == 0)
            json_object_set_new(object, "order", json_integer((json_int_t)i + 1));
}

static const Collection RULES = {
    .form = {.path = "/etc/pve/ha/rules.cfg",
             .schema = "POST /cluster/ha/rules",
             .types = "node-affinity|resource-affinity",
             .first = "affinity nodes resources"},
    .key = "rule",
    .no_entry = "HA rule '%s' does not exist",
    .taken = "HA rule '%s' already defined",
    .failing = {"create ha rule failed", "update HA rules failed", "delete ha rule failed"},
    .forgives_delete = true,
    .check = rule_check,
    .show = rule_show,
};

json_t *pvesh_ha(const Request *request) {
    Host *host = request->host;
    const char *what = request->words.count > 2 ? request->words.items[2] : "";
    const char *sid = pairs_get(&request->named, "sid");
    if (strcmp(what, "rules") == 0) return collection_answer(request, &RULES, pairs_get(&request->named, "rule"));
    if (strcmp(what, "groups") == 0) {
        bool all = request->words.count == 3;
        const char *doing = pvesh_is(request, "POST")     ? "create group"
                            : pvesh_is(request, "PUT")    ? "update group"
                            : pvesh_is(request, "DELETE") ? "delete group"
                            : all                         ? "index groups"
                                                          : "read group";
        host_fail(host, 255, "cannot %s: ha groups have been migrated to rules", doing);
    }
    if (request->words.count > 4) {
        // migrate and relocate: the one node there is has it already.
        Args args = pvesh_parse(request);
        const char *node = cli_get(&args, "node");
        host_fail(host, 255, strcmp(node, host->facts.node) == 0 ? "resource '%s' is already on node '%s'"
                                                                 : "cannot move resource '%s': no such node '%s'",
                  sid, node);
    }
    return collection_answer(request, &RESOURCES, sid);
}

bool related_is_in_ha(Host *host, const char *vmid) {
    StanzaFile file = stanza_read(host, &RESOURCES.form);
    return stanza_find(&file, vmid) != NULL;
}

bool related_remove_from_ha(Host *host, GuestKind kind, const char *vmid) {
    StanzaFile file = stanza_read(host, &RESOURCES.form);
    if (stanza_find(&file, vmid) == NULL) return false;
    stanza_remove(&file, vmid);
    stanza_write(host, &RESOURCES.form, &file);
    rules_forget(host, mem_print(host->mem, "%s:%s", kind == GUEST_LXC ? "ct" : "vm", vmid));
    return true;
}

void related_add_to_ha(Host *host, GuestKind kind, const char *vmid, bool started) {
    StanzaFile file = stanza_read(host, &RESOURCES.form);
    if (stanza_find(&file, vmid) != NULL) return;
    Stanza *stanza = stanza_add(host, &file, kind == GUEST_LXC ? "ct" : "vm", vmid);
    pairs_set(&stanza->options, "state", started ? "started" : "stopped");
    stanza_write(host, &RESOURCES.form, &file);
}
