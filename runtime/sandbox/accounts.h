// Users and groups of a machine, as its files passwd and group list them.
#ifndef PHX_SANDBOX_ACCOUNTS_H
#define PHX_SANDBOX_ACCOUNTS_H

#include "host.h"

typedef enum AccountKind { ACCOUNT_USERS, ACCOUNT_GROUPS } AccountKind;

/// The number of the user or group called [text], or that it is; false if it is neither.
bool account_read(Host *host, AccountKind kind, const char *text, unsigned long *number);

/// The name for a number, "UNKNOWN" if there is none.
const char *account_name(Host *host, AccountKind kind, unsigned long number);

/// The fields of the line of [key], a name or a number; none if there is no such account.
Words account_find(Host *host, AccountKind kind, const char *key);

/// Makes a system user with a group of its name, unless there is one: what packages do when they are installed.
void account_make_system(Host *host, const char *name, const char *home);
void account_make_system_group(Host *host, const char *name);

/// Writes the accounts that every Debian has.
void account_make_base(Host *host);

int id_main(Host *host);
int getent_main(Host *host);
int useradd_main(Host *host);
int groupadd_main(Host *host);

// Those that change and remove (accounts_change.c).
int usermod_main(Host *host);
int userdel_main(Host *host);
int groupmod_main(Host *host);
int groupdel_main(Host *host);

/// Leaves for a group of the list "a,b" that does not exist.
void account_check_groups(Host *host, const char *groups);

/// Makes the user a member of these groups: and of no others, unless it is to stay in those that it is in.
void account_join(Host *host, const char *user, const char *groups, bool stay);

/// The text of the file that lists the accounts, and its replacement.
const char *accounts_text(Host *host, AccountKind kind);
void accounts_write(Host *host, AccountKind kind, const char *text);

#endif
