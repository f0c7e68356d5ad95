// /pools: guests and storages under one name, kept in user.cfg.
#include "guest.h"
#include "pvesh.h"
#include "users.h"

#include <string.h>

/// The members that exist, of one type or all.
static json_t *members_json(Host *host, const Record *pool, const char *type) {
    json_t *array = json_array();
    const char *vms = pairs_get(&pool->fields, "vms"), *storages = pairs_get(&pool->fields, "storage");
    Words words = words_split(host->mem, vms == NULL ? "" : vms, ",");
    for (size_t i = 0; i < words.count; i++) {
        GuestName guest;
        if (!guest_find(host, words.items[i], &guest)) continue;
        if (type != NULL && strcmp(type, guest.kind == GUEST_LXC ? "lxc" : "qemu") != 0) continue;
        json_array_append_new(array, pvesh_get_guest_entry(host, guest.id));
    }
    StorageList list = storage_load(host);
    words = words_split(host->mem, storages == NULL ? "" : storages, ",");
    for (size_t i = 0; i < words.count; i++) {
        const Storage *storage = stanza_find(&list, words.items[i]);
        if (storage != NULL && (type == NULL || strcmp(type, "storage") == 0))
            json_array_append_new(array, pvesh_get_storage_entry(host, &list, storage));
    }
    return array;
}

static json_t *pool_json(Host *host, const Record *pool, const char *type, bool with_members, bool with_name) {
    json_t *object = json_object();
    const char *comment = pairs_get(&pool->fields, "comment");
    if (with_name) json_object_set_new(object, "poolid", json_string(pool->id));
    if (comment != NULL) json_object_set_new(object, "comment", json_string(comment));
    if (with_members) json_object_set_new(object, "members", members_json(host, pool, type));
    return object;
}

/// Adds or removes guests.
static void guests_change(Host *host, const Args *args, Users *users, Record *pool) {
    const char *given = cli_get(args, "vms");
    Words words = words_split(host->mem, given == NULL ? "" : given, ",; ");
    for (size_t i = 0; i < words.count; i++) {
        const char *vmid = words.items[i];
        if (cli_has_flag(args, "delete")) {
            if (!users_list_remove(host, pool, "vms", vmid))
                host_fail(host, 255, "update pools failed: VM %s is not a pool member", vmid);
            continue;
        }
        Record *other = users_pool_of(host, users, vmid);
        if (other == pool) host_fail(host, 255, "update pools failed: VM %s is already a pool member", vmid);
        if (other != NULL && !cli_has_flag(args, "allow-move"))
            host_fail(host, 255, "update pools failed: VM %s belongs already to pool '%s'", vmid, other->id);
        if (other != NULL) users_list_remove(host, other, "vms", vmid);
        users_list_add(host, pool, "vms", vmid);
    }
}

static void storages_change(Host *host, const Args *args, Record *pool) {
    const char *given = cli_get(args, "storage");
    Words words = words_split(host->mem, given == NULL ? "" : given, ",; ");
    for (size_t i = 0; i < words.count; i++) {
        const char *id = words.items[i];
        if (cli_has_flag(args, "delete")) {
            if (!users_list_remove(host, pool, "storage", id))
                host_fail(host, 255, "update pools failed: Storage '%s' is not a pool member", id);
            continue;
        }
        if (users_list_has(host, pool, "storage", id))
            host_fail(host, 255, "update pools failed: Storage '%s' is already a pool member", id);
        users_list_add(host, pool, "storage", id);
    }
}

static void pool_create(Host *host, const Args *args, Users *users, const char *id) {
    const char *slash = strrchr(id, '/'), *comment = cli_get(args, "comment");
    const char *parent = slash == NULL ? NULL : mem_copy_part(host->mem, id, (size_t)(slash - id));
    if (users_find(users, RECORD_POOL, id) != NULL)
        host_fail(host, 255, "create pool failed: pool '%s' already exists", id);
    if (parent != NULL && users_find(users, RECORD_POOL, parent) == NULL)
        host_fail(host, 255, "create pool failed: parent '%s' of pool '%s' does not exist", parent, id);
    Record *pool = users_add(host, users, RECORD_POOL, id);
    if (comment != NULL && *comment != '\0') pairs_set(&pool->fields, "comment", comment);
}

/// Only an empty pool can go; members that are gone themselves do not count.
static void pool_delete(Host *host, Users *users, const Record *pool) {
    const char *vms = pairs_get(&pool->fields, "vms"), *storages = pairs_get(&pool->fields, "storage");
    Words words = words_split(host->mem, vms == NULL ? "" : vms, ",");
    GuestName guest;
    for (size_t i = 0; i < words.count; i++)
        if (guest_find(host, words.items[i], &guest))
            host_fail(host, 255, "delete pool failed: pool '%s' is not empty (contains VM %s)", pool->id, guest.id);
    StorageList list = storage_load(host);
    words = words_split(host->mem, storages == NULL ? "" : storages, ",");
    for (size_t i = 0; i < words.count; i++)
        if (stanza_find(&list, words.items[i]) != NULL)
            host_fail(host, 255, "delete pool failed: pool '%s' is not empty (contains storage '%s')", pool->id,
                      words.items[i]);
    const Records *pools = &users->kinds[RECORD_POOL];
    for (size_t i = 0; i < pools->count; i++)
        if (text_starts_with(pools->items[i].id, mem_print(host->mem, "%s/", pool->id)))
            host_fail(host, 255, "delete pool failed: pool '%s' is not empty (contains pool '%s')", pool->id,
                      pools->items[i].id);
    users_forget(users, NULL, mem_print(host->mem, "/pool/%s", pool->id));
    users_remove(users, RECORD_POOL, pool->id);
}

json_t *pvesh_pools(const Request *request) {
    Host *host = request->host;
    Args args = pvesh_parse(request);
    Users users = users_load(host);
    const char *id = cli_get(&args, "poolid"), *type = cli_get(&args, "type");
    bool in_path = pairs_get(&request->named, "poolid") != NULL;
    if (id == NULL) {
        json_t *array = json_array();
        for (size_t i = 0; i < users.kinds[RECORD_POOL].count; i++)
            json_array_append_new(array, pool_json(host, &users.kinds[RECORD_POOL].items[i], NULL, false, true));
        return array;
    }
    Record *pool = users_find(&users, RECORD_POOL, id);
    if (pvesh_is(request, "POST")) {
        pool_create(host, &args, &users, id);
        users_save(host, &users);
        return NULL;
    }
    const char *failing = pvesh_is(request, "PUT")      ? "update pools failed: "
                          : pvesh_is(request, "DELETE") ? "delete pool failed: "
                                                        : "";
    if (pool == NULL) host_fail(host, 255, "%spool '%s' does not exist", failing, id);
    if (pvesh_is(request, "GET")) {
        json_t *object = pool_json(host, pool, type, true, !in_path);
        return in_path ? object : json_pack("[o]", object);
    }
    if (pvesh_is(request, "PUT")) {
        if (cli_get(&args, "comment") != NULL) pairs_set(&pool->fields, "comment", cli_get(&args, "comment"));
        guests_change(host, &args, &users, pool);
        storages_change(host, &args, pool);
    } else {
        pool_delete(host, &users, pool);
    }
    users_save(host, &users);
    return NULL;
}
