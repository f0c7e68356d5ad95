// Reads and writes user.cfg. What the REST paths do with it stands in pvesh_access.c and pvesh_pools.c.
#include "users.h"

#include "conf.h"
#include "files.h"
#include "formats.h"

#include <stdlib.h>
#include <string.h>

#define USERS_FILE "/etc/pve/user.cfg"

/// What the lines of each kind begin with, and the fields behind the name.
static const struct {
    const char *word;
    const char *fields[8];
} LINES[RECORD_KINDS] = {
    [RECORD_USER] = {"user", {"enable", "expire", "firstname", "lastname", "email", "comment", "keys"}},
    [RECORD_TOKEN] = {"token", {"expire", "privsep", "comment"}},
    [RECORD_GROUP] = {"group", {"users", "comment"}},
    [RECORD_POOL] = {"pool", {"comment", "vms", "storage"}},
    [RECORD_ROLE] = {"role", {"privs"}},
};

/// The privileges by who is meant to have them: a privilege of `user` is one of `admin` too, that of `audit` one of
/// all. The built-in roles follow from this: PVEVMAdmin, PVEVMUser, ..., PVEAdmin, PVEAuditor.
static const struct {
    const char *part, *root, *admin, *user, *audit;
} PRIVILEGES[] = {
    {"VM", "",
     "VM.Allocate,VM.Clone,VM.Config.CPU,VM.Config.Disk,VM.Config.HWType,VM.Config.Memory,VM.Config.Network,"
     "VM.Config.Options,VM.GuestAgent.FileRead,VM.GuestAgent.FileSystemMgmt,VM.GuestAgent.FileWrite,"
     "VM.GuestAgent.Unrestricted,VM.Migrate,VM.Replicate,VM.Snapshot,VM.Snapshot.Rollback",
     "VM.Backup,VM.Config.CDROM,VM.Config.Cloudinit,VM.Console,VM.PowerMgmt", "VM.Audit,VM.GuestAgent.Audit"},
    {"Sys", "Permissions.Modify,Sys.AccessNetwork,Sys.Incoming,Sys.Modify,Sys.PowerMgmt", "Sys.Console,Sys.Syslog", "",
     "Sys.Audit"},
    {"Datastore", "", "Datastore.Allocate,Datastore.AllocateTemplate", "Datastore.AllocateSpace", "Datastore.Audit"},
    {"SDN", "", "SDN.Allocate", "SDN.Use", "SDN.Audit"},
    {"User", "Realm.Allocate", "Group.Allocate,Realm.AllocateUser,User.Modify", "", ""},
    {"Pool", "", "Pool.Allocate", "Pool.Audit", "Pool.Audit"},
    {"Mapping", "", "Mapping.Modify", "Mapping.Use", "Mapping.Audit"},
};
enum { PARTS = sizeof PRIVILEGES / sizeof PRIVILEGES[0] };

static const char *const BUILTIN_ROLES[] = {
    "Administrator", "NoAccess",       "PVEAdmin",          "PVEAuditor",     "PVEDatastoreAdmin", "PVEDatastoreUser",
    "PVEMappingAdmin", "PVEMappingUser", "PVEPoolAdmin",      "PVEPoolUser",    "PVESDNAdmin",       "PVESDNUser",
    "PVESysAdmin",   "PVETemplateUser", "PVEUserAdmin",      "PVEVMAdmin",     "PVEVMUser"};
enum { BUILTIN_COUNT = sizeof BUILTIN_ROLES / sizeof BUILTIN_ROLES[0] };

bool users_is_builtin_role(const char *role) {
    for (size_t i = 0; i < BUILTIN_COUNT; i++)
        if (strcmp(BUILTIN_ROLES[i], role) == 0) return true;
    return false;
}

/// Is [word] one of the comma list [list]?
static bool list_has(const char *list, const char *word) {
    size_t length = strlen(word);
    for (const char *at = list; *at != '\0'; at += strcspn(at, ","), at += *at == ',')
        if (strcspn(at, ",") == length && strncmp(at, word, length) == 0) return true;
    return false;
}

bool users_is_privilege(const char *privilege) {
    for (size_t i = 0; i < PARTS; i++)
        if (list_has(PRIVILEGES[i].root, privilege) || list_has(PRIVILEGES[i].admin, privilege) ||
            list_has(PRIVILEGES[i].user, privilege) || list_has(PRIVILEGES[i].audit, privilege))
            return true;
    return false;
}

/// The privileges of a built-in role.
static const char *builtin_privileges(Host *host, const char *role) {
    if (strcmp(role, "NoAccess") == 0) return "";
    if (strcmp(role, "PVETemplateUser") == 0) return "VM.Audit,VM.Clone";
    bool all = strcmp(role, "Administrator") == 0, auditor = strcmp(role, "PVEAuditor") == 0;
    Text text = text_new(host->mem);
    for (size_t i = 0; i < PARTS; i++) {
        const char *part = PRIVILEGES[i].part;
        bool admin = all || strcmp(role, "PVEAdmin") == 0 || strcmp(role, mem_print(host->mem, "PVE%sAdmin", part)) == 0;
        bool user = admin || strcmp(role, mem_print(host->mem, "PVE%sUser", part)) == 0;
        if (all) text_print(&text, "%s,", PRIVILEGES[i].root);
        if (admin) text_print(&text, "%s,", PRIVILEGES[i].admin);
        if (user) text_print(&text, "%s,", PRIVILEGES[i].user);
        if (user || auditor) text_print(&text, "%s,", PRIVILEGES[i].audit);
    }
    Words words = words_split(host->mem, text.data, ",");
    words_sort_unique(&words);
    return words_join(&words, ",");
}

Record *users_find(const Users *users, RecordKind kind, const char *id) {
    const Records *records = &users->kinds[kind];
    for (size_t i = 0; i < records->count; i++)
        if (strcmp(records->items[i].id, id) == 0) return &records->items[i];
    return NULL;
}

Record *users_add(Host *host, Users *users, RecordKind kind, const char *id) {
    Records *records = &users->kinds[kind];
    if (records->count == records->capacity) {
        records->capacity = records->capacity == 0 ? 16 : records->capacity * 2;
        Record *larger = mem_alloc(host->mem, records->capacity * sizeof *larger);
        if (records->count > 0) memcpy(larger, records->items, records->count * sizeof *larger);
        records->items = larger;
    }
    records->items[records->count] = (Record){.id = id, .fields = pairs_new(host->mem)};
    return &records->items[records->count++];
}

void users_remove(Users *users, RecordKind kind, const char *id) {
    Records *records = &users->kinds[kind];
    size_t kept = 0;
    for (size_t i = 0; i < records->count; i++)
        if (strcmp(records->items[i].id, id) != 0) records->items[kept++] = records->items[i];
    records->count = kept;
}

void users_grant(Host *host, Users *users, const char *path, const char *who, const char *role, bool propagates) {
    users_revoke(users, path, who, role);
    if (users->acl_count == users->acl_capacity) {
        users->acl_capacity = users->acl_capacity == 0 ? 16 : users->acl_capacity * 2;
        Acl *larger = mem_alloc(host->mem, users->acl_capacity * sizeof *larger);
        if (users->acl_count > 0) memcpy(larger, users->acls, users->acl_count * sizeof *larger);
        users->acls = larger;
    }
    users->acls[users->acl_count++] = (Acl){.path = path, .who = who, .role = role, .propagates = propagates};
}

void users_revoke(Users *users, const char *path, const char *who, const char *role) {
    size_t kept = 0;
    for (size_t i = 0; i < users->acl_count; i++) {
        const Acl *acl = &users->acls[i];
        if (strcmp(acl->path, path) != 0 || strcmp(acl->who, who) != 0 || strcmp(acl->role, role) != 0)
            users->acls[kept++] = *acl;
    }
    users->acl_count = kept;
}

void users_forget(Users *users, const char *who, const char *path) {
    size_t kept = 0;
    for (size_t i = 0; i < users->acl_count; i++)
        if (!text_equals(users->acls[i].who, who) && !text_equals(users->acls[i].path, path))
            users->acls[kept++] = users->acls[i];
    users->acl_count = kept;
}

static Words list_words(Host *host, const Record *record, const char *key) {
    const char *list = pairs_get(&record->fields, key);
    return words_split(host->mem, list == NULL ? "" : list, ",; ");
}

bool users_list_has(Host *host, const Record *record, const char *key, const char *word) {
    Words words = list_words(host, record, key);
    return words_has(&words, word);
}

void users_list_add(Host *host, Record *record, const char *key, const char *word) {
    Words words = list_words(host, record, key);
    words_add(&words, word);
    words_sort_unique(&words);
    pairs_set(&record->fields, key, words_join(&words, ","));
}

bool users_list_remove(Host *host, Record *record, const char *key, const char *word) {
    Words words = list_words(host, record, key);
    bool found = words_has(&words, word);
    words_remove(&words, word);
    pairs_set(&record->fields, key, words_join(&words, ","));
    return found;
}

Record *users_pool_of(Host *host, const Users *users, const char *vmid) {
    const Records *pools = &users->kinds[RECORD_POOL];
    for (size_t i = 0; i < pools->count; i++)
        if (users_list_has(host, &pools->items[i], "vms", vmid)) return &pools->items[i];
    return NULL;
}

/// `acl:1:/path:@group,user@realm:Role1,Role2:`
static void acl_read(Host *host, Users *users, const Words *fields) {
    if (fields->count < 5) return;
    const char *path = fields->items[2];
    Words members = words_split(host->mem, fields->items[3], ",; "), roles = words_split(host->mem, fields->items[4], ",; ");
    for (size_t r = 0; r < roles.count; r++) {
        if (users_find(users, RECORD_ROLE, roles.items[r]) == NULL) {
            host_warn(host, "user config - ignore invalid acl role '%s'", roles.items[r]);
            continue;
        }
        for (size_t m = 0; m < members.count; m++)
            users_grant(host, users, path, members.items[m], roles.items[r], strcmp(fields->items[1], "1") == 0);
    }
}

/// Reads one line of the file.
static void line_read(Host *host, Users *users, const char *line) {
    Words fields = words_split_all(host->mem, line, ':');
    for (size_t i = 0; i < fields.count; i++) {
        const char *field = fields.items[i] + strspn(fields.items[i], " \t\r");
        size_t length = strlen(field);
        while (length > 0 && strchr(" \t\r", field[length - 1]) != NULL) length--;
        fields.items[i] = mem_copy_part(host->mem, field, length);
    }
    if (strcmp(fields.items[0], "acl") == 0) {
        acl_read(host, users, &fields);
        return;
    }
    size_t kind = 0;
    while (kind < RECORD_KINDS && strcmp(LINES[kind].word, fields.items[0]) != 0) kind++;
    if (kind == RECORD_KINDS || fields.count < 2) {
        host_warn(host, "user config - ignore config line: %s", line);
        return;
    }
    const char *id = fields.items[1];
    if (kind == RECORD_ROLE && users_is_builtin_role(id)) return;
    Record *record = users_find(users, (RecordKind)kind, id);
    if (record == NULL) record = users_add(host, users, (RecordKind)kind, id);
    for (size_t f = 0; LINES[kind].fields[f] != NULL && f + 2 < fields.count; f++) {
        const char *value = fields.items[f + 2];
        if (*value != '\0') pairs_set(&record->fields, LINES[kind].fields[f], conf_decode(host, value));
    }
}

Users users_load(Host *host) {
    Users users = {0};
    Record *root = users_add(host, &users, RECORD_USER, "root@pam");
    pairs_set(&root->fields, "enable", "1");
    for (size_t i = 0; i < BUILTIN_COUNT; i++)
        pairs_set(&users_add(host, &users, RECORD_ROLE, BUILTIN_ROLES[i])->fields, "privs",
                  builtin_privileges(host, BUILTIN_ROLES[i]));
    const char *text = files_read(host, USERS_FILE, NULL);
    Words lines = words_split(host->mem, text == NULL ? "" : text, "\n");
    for (size_t i = 0; i < lines.count; i++)
        if (lines.items[i][strspn(lines.items[i], " \t\r")] != '\0') line_read(host, &users, lines.items[i]);
    return users;
}

static int record_compare(const void *a, const void *b) {
    return strcmp(((const Record *)a)->id, ((const Record *)b)->id);
}

static void records_print(Host *host, const Users *users, RecordKind kind, const char *of, Text *text) {
    const Records *records = &users->kinds[kind];
    Record *sorted = mem_alloc(host->mem, (records->count + 1) * sizeof *sorted);
    if (records->count > 0) memcpy(sorted, records->items, records->count * sizeof *sorted);
    if (records->count > 1) qsort(sorted, records->count, sizeof *sorted, record_compare);
    for (size_t i = 0; i < records->count; i++) {
        if (kind == RECORD_ROLE && users_is_builtin_role(sorted[i].id)) continue;
        if (of != NULL && !text_starts_with(sorted[i].id, of)) continue;
        text_print(text, "%s:%s:", LINES[kind].word, sorted[i].id);
        for (size_t f = 0; LINES[kind].fields[f] != NULL; f++) {
            const char *name = LINES[kind].fields[f], *value = pairs_get(&sorted[i].fields, name);
            bool number = strcmp(name, "enable") == 0 || strcmp(name, "expire") == 0 || strcmp(name, "privsep") == 0;
            text_print(text, "%s:", value == NULL ? (number ? "0" : "") : conf_encode(host, value));
        }
        text_add(text, "\n");
        if (kind == RECORD_USER) records_print(host, users, RECORD_TOKEN, mem_print(host->mem, "%s!", sorted[i].id), text);
    }
    if (of == NULL) text_add(text, "\n");
}

/// The roles that [who] has at [path] with this propagation, with commas between.
static const char *roles_of(Host *host, const Users *users, const char *path, const char *who, bool propagates) {
    Words roles = words_new(host->mem);
    for (size_t i = 0; i < users->acl_count; i++) {
        const Acl *acl = &users->acls[i];
        if (acl->propagates == propagates && strcmp(acl->path, path) == 0 && strcmp(acl->who, who) == 0)
            words_add(&roles, acl->role);
    }
    words_sort(&roles);
    return words_join(&roles, ",");
}

/// The lines of one path: who has the same roles stands in one.
static void acl_print(Host *host, const Users *users, const char *path, Text *text) {
    for (int propagates = 0; propagates < 2; propagates++) {
        Pairs members = pairs_new(host->mem);
        for (size_t i = 0; i < users->acl_count; i++) {
            const Acl *acl = &users->acls[i];
            // root@pam is an administrator without being named.
            if (acl->propagates != (propagates == 1) || strcmp(acl->path, path) != 0 ||
                strcmp(acl->who, "root@pam") == 0)
                continue;
            const char *roles = roles_of(host, users, path, acl->who, propagates == 1), *known = pairs_get(&members, roles);
            pairs_set(&members, roles, known == NULL ? acl->who : mem_print(host->mem, "%s,%s", known, acl->who));
        }
        pairs_sort(&members);
        for (size_t i = 0; i < members.count; i++) {
            Words names = words_split(host->mem, members.items[i].value, ",");
            words_sort_unique(&names);
            text_print(text, "acl:%d:%s:%s:%s:\n", propagates, path, words_join(&names, ","), members.items[i].key);
        }
    }
}

void users_save(Host *host, const Users *users) {
    Text text = text_new(host->mem);
    records_print(host, users, RECORD_USER, NULL, &text);
    records_print(host, users, RECORD_GROUP, NULL, &text);
    records_print(host, users, RECORD_POOL, NULL, &text);
    records_print(host, users, RECORD_ROLE, NULL, &text);
    Words paths = words_new(host->mem);
    for (size_t i = 0; i < users->acl_count; i++) words_add(&paths, users->acls[i].path);
    words_sort_unique(&paths);
    for (size_t i = 0; i < paths.count; i++) acl_print(host, users, paths.items[i], &text);
    files_write(host, USERS_FILE, text.data, text.length, 0640);
}

void users_check_pool(Host *host, const char *pool) {
    if (pool == NULL) return;
    Users users = users_load(host);
    if (users_find(&users, RECORD_POOL, pool) == NULL) host_fail(host, 255, "no such pool '%s'", pool);
}

void users_join_pool(Host *host, const char *pool, const char *vmid) {
    if (pool == NULL) return;
    Users users = users_load(host);
    Record *record = users_find(&users, RECORD_POOL, pool);
    if (record == NULL) return;
    users_list_add(host, record, "vms", vmid);
    users_save(host, &users);
}

void users_remove_guest(Host *host, const char *vmid) {
    Users users = users_load(host);
    size_t before = users.acl_count;
    users_forget(&users, NULL, mem_print(host->mem, "/vms/%s", vmid));
    Record *pool = users_pool_of(host, &users, vmid);
    if (pool != NULL) users_list_remove(host, pool, "vms", vmid);
    if (pool != NULL || users.acl_count != before) users_save(host, &users);
}
