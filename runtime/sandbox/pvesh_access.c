// /access: users, their tokens, groups and roles, and the list of who may do what where.
#include "conf.h"
#include "files.h"
#include "formats.h"
#include "pvesh.h"
#include "users.h"

#include <stdlib.h>
#include <string.h>

static void set_text(json_t *object, const char *key, const char *value) {
    if (value != NULL) json_object_set_new(object, key, json_string(value));
}

static void set_number(json_t *object, const char *key, const char *value) {
    if (value != NULL) json_object_set_new(object, key, json_integer(strtoll(value, NULL, 10)));
}

/// The names of the groups that [user] is in.
static Words groups_of(Host *host, const Users *users, const char *user) {
    Words groups = words_new(host->mem);
    const Records *records = &users->kinds[RECORD_GROUP];
    for (size_t i = 0; i < records->count; i++)
        if (users_list_has(host, &records->items[i], "users", user)) words_add(&groups, records->items[i].id);
    return groups;
}

static json_t *words_json(const Words *words) {
    json_t *array = json_array();
    for (size_t i = 0; i < words->count; i++) json_array_append_new(array, json_string(words->items[i]));
    return array;
}

static json_t *token_json(const Record *token) {
    json_t *object = json_object();
    const char *privsep = pairs_get(&token->fields, "privsep"), *expire = pairs_get(&token->fields, "expire");
    set_number(object, "privsep", privsep == NULL ? "0" : privsep);
    set_number(object, "expire", expire == NULL ? "0" : expire);
    set_text(object, "comment", pairs_get(&token->fields, "comment"));
    return object;
}

/// The tokens of [user] by name.
static json_t *tokens_json(Host *host, const Users *users, const char *user, bool as_list) {
    json_t *tokens = as_list ? json_array() : json_object();
    const char *before = mem_print(host->mem, "%s!", user);
    for (size_t i = 0; i < users->kinds[RECORD_TOKEN].count; i++) {
        const Record *token = &users->kinds[RECORD_TOKEN].items[i];
        if (!text_starts_with(token->id, before)) continue;
        json_t *object = token_json(token);
        if (as_list) {
            set_text(object, "tokenid", token->id + strlen(before));
            json_array_append_new(tokens, object);
        } else {
            json_object_set_new(tokens, token->id + strlen(before), object);
        }
    }
    return tokens;
}

static json_t *user_json(const Record *user) {
    static const char *const TEXTS[] = {"firstname", "lastname", "email", "comment", "keys"};
    json_t *object = json_object();
    const char *enable = pairs_get(&user->fields, "enable"), *expire = pairs_get(&user->fields, "expire");
    set_number(object, "enable", enable == NULL ? "0" : enable);
    set_number(object, "expire", expire == NULL ? "0" : expire);
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++)
        set_text(object, TEXTS[i], pairs_get(&user->fields, TEXTS[i]));
    return object;
}

static json_t *users_json(Host *host, const Users *users, const Args *args) {
    json_t *array = json_array();
    for (size_t i = 0; i < users->kinds[RECORD_USER].count; i++) {
        const Record *user = &users->kinds[RECORD_USER].items[i];
        bool enabled = text_equals(pairs_get(&user->fields, "enable"), "1");
        if (cli_get(args, "enabled") != NULL && enabled != cli_has_flag(args, "enabled")) continue;
        json_t *object = user_json(user);
        const char *realm = strrchr(user->id, '@') + 1;
        set_text(object, "userid", user->id);
        if (strcmp(realm, "pam") == 0 || strcmp(realm, "pve") == 0) set_text(object, "realm-type", realm);
        if (cli_has_flag(args, "full")) {
            Words groups = groups_of(host, users, user->id);
            set_text(object, "groups", words_join(&groups, ","));
            json_object_set_new(object, "tokens", tokens_json(host, users, user->id, true));
        }
        json_array_append_new(array, object);
    }
    return array;
}

/// A password is never in user.cfg: of those of the realm pve a hash is kept apart.
static void password_keep(Host *host, const char *user, const char *password) {
    if (password == NULL || !text_ends_with(user, "@pve")) return;
    const char *name = mem_copy_part(host->mem, user, strlen(user) - strlen("@pve")),
               *salted = mem_print(host->mem, "%s:%s", name, password);
    const char *before = files_read(host, "/etc/pve/priv/shadow.cfg", NULL);
    Text text = text_new(host->mem);
    Words lines = words_split(host->mem, before == NULL ? "" : before, "\n");
    for (size_t i = 0; i < lines.count; i++)
        if (!text_starts_with(lines.items[i], mem_print(host->mem, "%s:", name)))
            text_print(&text, "%s\n", lines.items[i]);
    text_print(&text, "%s:$5$%.43s:\n", name, conf_sha256(host, salted, strlen(salted)));
    files_write(host, "/etc/pve/priv/shadow.cfg", text.data, text.length, 0600);
}

/// Puts the user into the groups of the call, and out of the others unless --append.
static void groups_change(Host *host, Users *users, const Args *args, const char *user, const char *failing) {
    const char *given = cli_get(args, "groups");
    if (given == NULL) return;
    Records *groups = &users->kinds[RECORD_GROUP];
    if (!cli_has_flag(args, "append"))
        for (size_t i = 0; i < groups->count; i++) users_list_remove(host, &groups->items[i], "users", user);
    Words names = words_split(host->mem, given, ",; ");
    for (size_t i = 0; i < names.count; i++) {
        Record *group = users_find(users, RECORD_GROUP, names.items[i]);
        if (group == NULL) host_fail(host, 255, "%s: no such group '%s'", failing, names.items[i]);
        users_list_add(host, group, "users", user);
    }
}

static void user_fields_take(const Args *args, Record *user) {
    static const char *const FIELDS[] = {"enable", "expire", "firstname", "lastname", "email", "comment", "keys"};
    for (size_t i = 0; i < sizeof FIELDS / sizeof FIELDS[0]; i++) {
        const char *value = cli_get(args, FIELDS[i]);
        if (value != NULL && *value == '\0') pairs_remove(&user->fields, FIELDS[i]);
        else if (value != NULL) pairs_set(&user->fields, FIELDS[i], value);
    }
}

static void user_remove(Host *host, Users *users, const char *id) {
    const char *tokens = mem_print(host->mem, "%s!", id);
    for (size_t i = 0; i < users->kinds[RECORD_GROUP].count; i++)
        users_list_remove(host, &users->kinds[RECORD_GROUP].items[i], "users", id);
    for (size_t i = users->kinds[RECORD_TOKEN].count; i-- > 0;) {
        const char *token = users->kinds[RECORD_TOKEN].items[i].id;
        if (!text_starts_with(token, tokens)) continue;
        users_forget(users, token, NULL);
        users_remove(users, RECORD_TOKEN, token);
    }
    users_forget(users, id, NULL);
    users_remove(users, RECORD_USER, id);
}

static json_t *user_answer(const Request *request, Users *users, const Args *args) {
    Host *host = request->host;
    const char *id = cli_get(args, "userid");
    if (id == NULL) return users_json(host, users, args);
    Record *user = users_find(users, RECORD_USER, id);
    if (pvesh_is(request, "POST")) {
        if (user != NULL) host_fail(host, 255, "create user failed: user '%s' already exists", id);
        user = users_add(host, users, RECORD_USER, id);
        pairs_set(&user->fields, "enable", "1");
        user_fields_take(args, user);
        groups_change(host, users, args, id, "create user failed");
        password_keep(host, id, cli_get(args, "password"));
        return NULL;
    }
    if (pvesh_is(request, "DELETE")) {
        user_remove(host, users, id);
        return NULL;
    }
    bool reads = pvesh_is(request, "GET");
    if (user == NULL) host_fail(host, 255, "%sno such user ('%s')", reads ? "" : "update user failed: ", id);
    if (!reads) {
        user_fields_take(args, user);
        groups_change(host, users, args, id, "update user failed");
        return NULL;
    }
    json_t *object = user_json(user);
    Words groups = groups_of(host, users, id);
    json_object_set_new(object, "groups", words_json(&groups));
    json_object_set_new(object, "tokens", tokens_json(host, users, id, false));
    return object;
}

static json_t *token_answer(const Request *request, Users *users, const Args *args) {
    Host *host = request->host;
    const char *user = cli_get(args, "userid"), *name = cli_get(args, "tokenid");
    if (users_find(users, RECORD_USER, user) == NULL) host_fail(host, 255, "no such user ('%s')", user);
    if (name == NULL) return tokens_json(host, users, user, true);
    const char *id = mem_print(host->mem, "%s!%s", user, name), *removed = cli_get(args, "delete");
    Record *token = users_find(users, RECORD_TOKEN, id);
    if (pvesh_is(request, "POST")) {
        if (token != NULL) cli_refuse(host, args, "tokenid", "Token already exists.");
        token = users_add(host, users, RECORD_TOKEN, id);
        pairs_set(&token->fields, "privsep", "1");
    }
    if (token == NULL) host_fail(host, 255, "no such token '%s' for user '%s'", name, user);
    if (pvesh_is(request, "GET")) return token_json(token);
    if (pvesh_is(request, "DELETE")) {
        users_forget(users, id, NULL);
        users_remove(users, RECORD_TOKEN, id);
        return NULL;
    }
    static const char *const FIELDS[] = {"comment", "expire", "privsep"};
    Words gone = words_split(host->mem, removed == NULL ? "" : removed, ",; ");
    for (size_t i = 0; i < gone.count; i++) pairs_remove(&token->fields, gone.items[i]);
    for (size_t i = 0; i < 3; i++)
        if (cli_get(args, FIELDS[i]) != NULL) pairs_set(&token->fields, FIELDS[i], cli_get(args, FIELDS[i]));
    if (pvesh_is(request, "PUT") && !cli_has_flag(args, "regenerate")) return token_json(token);
    // The secret is shown this once; it is kept apart.
    const char *secret = host_uuid(host), *before = files_read(host, "/etc/pve/priv/token.cfg", NULL);
    const char *text = mem_print(host->mem, "%s%s %s\n", before == NULL ? "" : before, id, secret);
    files_write(host, "/etc/pve/priv/token.cfg", text, strlen(text), 0600);
    return json_pack("{ss, so, ss}", "full-tokenid", id, "info", token_json(token), "value", secret);
}

static json_t *group_answer(const Request *request, Users *users, const Args *args) {
    Host *host = request->host;
    const char *id = cli_get(args, "groupid"), *comment = cli_get(args, "comment");
    if (id == NULL) {
        json_t *array = json_array();
        for (size_t i = 0; i < users->kinds[RECORD_GROUP].count; i++) {
            const Record *group = &users->kinds[RECORD_GROUP].items[i];
            const char *members = pairs_get(&group->fields, "users");
            json_t *object = json_pack("{ss, ss}", "groupid", group->id, "users", members == NULL ? "" : members);
            set_text(object, "comment", pairs_get(&group->fields, "comment"));
            json_array_append_new(array, object);
        }
        return array;
    }
    Record *group = users_find(users, RECORD_GROUP, id);
    if (pvesh_is(request, "POST")) {
        if (group != NULL) host_fail(host, 255, "create group failed: group '%s' already exists", id);
        group = users_add(host, users, RECORD_GROUP, id);
        if (comment != NULL && *comment != '\0') pairs_set(&group->fields, "comment", comment);
        return NULL;
    }
    const char *failing = pvesh_is(request, "PUT")      ? "update group failed: "
                          : pvesh_is(request, "DELETE") ? "delete group failed: "
                                                        : "";
    if (group == NULL) host_fail(host, 255, "%sgroup '%s' does not exist", failing, id);
    if (pvesh_is(request, "GET")) {
        const char *list = pairs_get(&group->fields, "users");
        Words members = words_split(host->mem, list == NULL ? "" : list, ",");
        json_t *object = json_pack("{so}", "members", words_json(&members));
        set_text(object, "comment", pairs_get(&group->fields, "comment"));
        return object;
    }
    if (pvesh_is(request, "PUT")) {
        if (comment != NULL) pairs_set(&group->fields, "comment", comment);
        return NULL;
    }
    users_forget(users, mem_print(host->mem, "@%s", id), NULL);
    users_remove(users, RECORD_GROUP, id);
    return NULL;
}

static json_t *role_answer(const Request *request, Users *users, const Args *args) {
    Host *host = request->host;
    const char *id = cli_get(args, "roleid"), *given = cli_get(args, "privs");
    if (id == NULL) {
        json_t *array = json_array();
        for (size_t i = 0; i < users->kinds[RECORD_ROLE].count; i++) {
            const Record *role = &users->kinds[RECORD_ROLE].items[i];
            const char *privileges = pairs_get(&role->fields, "privs");
            json_array_append_new(array, json_pack("{ss, ss, si}", "roleid", role->id, "privs",
                                                   privileges == NULL ? "" : privileges, "special",
                                                   users_is_builtin_role(role->id) ? 1 : 0));
        }
        return array;
    }
    Record *role = users_find(users, RECORD_ROLE, id);
    const char *failing = pvesh_is(request, "POST")     ? "create role failed: "
                          : pvesh_is(request, "PUT")    ? "update role failed: "
                          : pvesh_is(request, "DELETE") ? "delete role failed: "
                                                        : "";
    if (pvesh_is(request, "POST")) {
        if (role != NULL) host_fail(host, 255, "%srole '%s' already exists", failing, id);
        role = users_add(host, users, RECORD_ROLE, id);
    }
    if (role == NULL) host_fail(host, 255, "%srole '%s' does not exist", failing, id);
    const char *list = pairs_get(&role->fields, "privs");
    if (pvesh_is(request, "GET")) {
        json_t *object = json_object();
        Words privileges = words_split(host->mem, list == NULL ? "" : list, ",");
        for (size_t i = 0; i < privileges.count; i++)
            json_object_set_new(object, privileges.items[i], json_integer(1));
        return object;
    }
    if (users_is_builtin_role(id))
        host_fail(host, 255, "%sauto-generated role '%s' cannot be %s", failing, id,
                  pvesh_is(request, "PUT") ? "modified" : "deleted");
    if (pvesh_is(request, "DELETE")) {
        // Who had it keeps a line that names it, which the next reading drops.
        users_remove(users, RECORD_ROLE, id);
        return NULL;
    }
    if (pvesh_is(request, "PUT") && !cli_has_flag(args, "append")) pairs_remove(&role->fields, "privs");
    Words privileges = words_split(host->mem, given == NULL ? "" : given, ",; ");
    for (size_t i = 0; i < privileges.count; i++) users_list_add(host, role, "privs", privileges.items[i]);
    return NULL;
}

json_t *pvesh_access(const Request *request) {
    Host *host = request->host;
    const char *what = request->words.items[1];
    Args args = pvesh_parse(request);
    Users users = users_load(host);
    bool token = strcmp(what, "users") == 0 && request->words.count > 3;
    json_t *result = token                             ? token_answer(request, &users, &args)
                     : strcmp(what, "users") == 0  ? user_answer(request, &users, &args)
                     : strcmp(what, "groups") == 0 ? group_answer(request, &users, &args)
                                                   : role_answer(request, &users, &args);
    if (!pvesh_is(request, "GET")) users_save(host, &users);
    return result;
}

/// [path] with single slashes, none at the end and one in front; NULL if it has bytes that none may have.
static const char *path_normalize(Host *host, const char *path) {
    Words parts = words_split(host->mem, path, "/");
    const char *whole = mem_print(host->mem, "/%s", words_join(&parts, "/"));
    return *path != '\0' && formats_match("[A-Za-z0-9._/-]+", whole) ? whole : NULL;
}

static bool path_exists(const char *path) {
    return formats_match("/|/access|/access/(groups|realm)(/[A-Za-z0-9._-]+)?|/(nodes|storage)(/[A-Za-z0-9._-]+)?|"
                         "/pool(/[A-Za-z0-9._-]+){0,3}|/sdn|/sdn/(controllers|dns|fabrics|ipams|vnets|zones)(/"
                         "[A-Za-z0-9._/-]+)?|/vms(/[1-9][0-9]{2,})?|/mapping(/(dir|pci|usb)(/[A-Za-z0-9._-]+)?)?",
                         path);
}

/// Gives or takes a role for each member of one list.
static void members_change(Host *host, Users *users, const Args *args, const char *path, const char *role,
                           const char *list, RecordKind kind) {
    static const char *const WORDS[] = {[RECORD_USER] = "user", [RECORD_TOKEN] = "token", [RECORD_GROUP] = "group"};
    const char *given = cli_get(args, list);
    Words names = words_split(host->mem, given == NULL ? "" : given, ",; ");
    bool propagates = cli_get(args, "propagate") == NULL || cli_has_flag(args, "propagate");
    for (size_t i = 0; i < names.count; i++) {
        if (users_find(users, kind, names.items[i]) == NULL)
            host_fail(host, 255, "ACL update failed: %s '%s' does not exist", WORDS[kind], names.items[i]);
        const char *who = kind == RECORD_GROUP ? mem_print(host->mem, "@%s", names.items[i]) : names.items[i];
        if (cli_has_flag(args, "delete")) users_revoke(users, path, who, role);
        else users_grant(host, users, path, who, role, propagates);
    }
}

json_t *pvesh_acl(const Request *request) {
    Host *host = request->host;
    Args args = pvesh_parse(request);
    Users users = users_load(host);
    if (pvesh_is(request, "GET")) {
        json_t *array = json_array();
        for (size_t i = 0; i < users.acl_count; i++) {
            const Acl *acl = &users.acls[i];
            bool group = *acl->who == '@';
            json_array_append_new(
                array, json_pack("{ss, ss, ss, ss, si}", "path", acl->path, "type",
                                 group ? "group" : strchr(acl->who, '!') != NULL ? "token" : "user", "ugid",
                                 acl->who + group, "roleid", acl->role, "propagate", acl->propagates ? 1 : 0));
        }
        return array;
    }
    static const char *const LISTS[] = {"groups", "tokens", "users"};
    const char *given = cli_get(&args, "path"), *path = path_normalize(host, given);
    if (cli_get(&args, "users") == NULL && cli_get(&args, "groups") == NULL && cli_get(&args, "tokens") == NULL) {
        Text text = text_new(host->mem);
        for (size_t i = 0; i < 3; i++)
            text_print(&text, "%s: either 'users', 'groups' or 'tokens' is required.\n", LISTS[i]);
        host_fail(host, 255, "400 Parameter verification failed.\n%s%s", text.data, args.usage);
    }
    if (path == NULL || (!cli_has_flag(&args, "delete") && !path_exists(path)))
        cli_refuse(host, &args, "path", mem_print(host->mem, "invalid ACL path '%s'", given));
    Words roles = words_split(host->mem, cli_get(&args, "roles"), ",; ");
    for (size_t i = 0; i < roles.count; i++) {
        if (users_find(&users, RECORD_ROLE, roles.items[i]) == NULL)
            host_fail(host, 255, "ACL update failed: role '%s' does not exist", roles.items[i]);
        members_change(host, &users, &args, path, roles.items[i], "groups", RECORD_GROUP);
        members_change(host, &users, &args, path, roles.items[i], "users", RECORD_USER);
        members_change(host, &users, &args, path, roles.items[i], "tokens", RECORD_TOKEN);
    }
    users_save(host, &users);
    return NULL;
}
