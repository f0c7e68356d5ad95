// /etc/pve/user.cfg: users and their tokens, groups, pools, roles, and who may do what where.
#ifndef PHX_SANDBOX_USERS_H
#define PHX_SANDBOX_USERS_H

#include "host.h"

typedef enum RecordKind { RECORD_USER, RECORD_TOKEN, RECORD_GROUP, RECORD_POOL, RECORD_ROLE } RecordKind;
enum { RECORD_KINDS = RECORD_ROLE + 1 };

/// A line of the file. Lists (a group's `users`, a pool's `vms` and `storage`, a role's `privs`) have commas between.
typedef struct Record {
    const char *id;
    Pairs fields;
} Record;

typedef struct Records {
    Record *items;
    size_t count, capacity;
} Records;

/// [role] for [who] ("user@realm", "user@realm!token" or "@group") at [path].
typedef struct Acl {
    const char *path, *who, *role;
    bool propagates;
} Acl;

typedef struct Users {
    Records kinds[RECORD_KINDS];
    Acl *acls;
    size_t acl_count, acl_capacity;
} Users;

/// Reads the file; root@pam and the built-in roles are there whatever it says.
Users users_load(Host *host);
void users_save(Host *host, const Users *users);

Record *users_find(const Users *users, RecordKind kind, const char *id);
Record *users_add(Host *host, Users *users, RecordKind kind, const char *id);
void users_remove(Users *users, RecordKind kind, const char *id);

/// Gives [who] the role, or takes it away.
void users_grant(Host *host, Users *users, const char *path, const char *who, const char *role, bool propagates);
void users_revoke(Users *users, const char *path, const char *who, const char *role);

/// Takes away every role that [who] has, or that anyone has at [path]; either may be NULL.
void users_forget(Users *users, const char *who, const char *path);

/// The list in the field [key] with [word] in it, or without; sorted.
void users_list_add(Host *host, Record *record, const char *key, const char *word);
bool users_list_remove(Host *host, Record *record, const char *key, const char *word);
bool users_list_has(Host *host, const Record *record, const char *key, const char *word);

/// The pool that the guest [vmid] is in, or NULL.
Record *users_pool_of(Host *host, const Users *users, const char *vmid);

/// Is [role] one that the program brings along?
bool users_is_builtin_role(const char *role);
bool users_is_privilege(const char *privilege);

/// Puts a new guest into [pool] (NULL: none), which must exist: the check is before anything is made.
void users_check_pool(Host *host, const char *pool);
void users_join_pool(Host *host, const char *pool, const char *vmid);

/// Takes a destroyed guest out of its pool, and the rights at it away.
void users_remove_guest(Host *host, const char *vmid);

#endif
