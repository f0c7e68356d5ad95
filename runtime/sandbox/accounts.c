// id, getent, useradd, groupadd and the files they read and write.
#include "accounts.h"

#include "files.h"
#include "formats.h"
#include "tools.h"

#include <stdlib.h>
#include <string.h>

enum { SYSTEM_FIRST = 100, USER_FIRST = 1000, NUMBER_END = 60000 };

static const char BASE_USERS[] = "root:x:0:0:root:/root:/bin/bash\n"
                                 "daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n"
                                 "www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin\n"
                                 "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n";
static const char BASE_GROUPS[] = "root:x:0:\n"
                                  "daemon:x:1:\n"
                                  "adm:x:4:\n"
                                  "sudo:x:27:\n"
                                  "www-data:x:33:\n"
                                  "users:x:100:\n"
                                  "nogroup:x:65534:\n";

static const char *kind_file(AccountKind kind) {
    return kind == ACCOUNT_USERS ? "/etc/passwd" : "/etc/group";
}

const char *accounts_text(Host *host, AccountKind kind) {
    const char *own = files_read(host, kind_file(kind), NULL);
    if (own != NULL) return own;
    return kind == ACCOUNT_USERS ? BASE_USERS : BASE_GROUPS;
}

Words account_find(Host *host, AccountKind kind, const char *key) {
    Words lines = words_split(host->mem, accounts_text(host, kind), "\n");
    bool is_number = formats_match("[0-9]{1,10}", key);
    for (size_t i = 0; i < lines.count; i++) {
        Words fields = words_split_all(host->mem, lines.items[i], ':');
        if (fields.count >= 3 && (strcmp(fields.items[0], key) == 0 || (is_number && strcmp(fields.items[2], key) == 0)))
            return fields;
    }
    return words_new(host->mem);
}

const char *account_name(Host *host, AccountKind kind, unsigned long number) {
    Words fields = account_find(host, kind, mem_print(host->mem, "%lu", number));
    return fields.count == 0 ? "UNKNOWN" : fields.items[0];
}

bool account_read(Host *host, AccountKind kind, const char *text, unsigned long *number) {
    Words fields = account_find(host, kind, text);
    bool is_number = formats_match("[0-9]{1,10}", text);
    if (fields.count == 0 && !is_number) return false;
    *number = strtoul(fields.count == 0 ? text : fields.items[2], NULL, 10);
    return true;
}

void accounts_write(Host *host, AccountKind kind, const char *text) {
    files_write(host, kind_file(kind), text, strlen(text), 0644);
}

static void account_add(Host *host, AccountKind kind, const char *line) {
    accounts_write(host, kind, mem_print(host->mem, "%s%s\n", accounts_text(host, kind), line));
}

/// The first number from [first] on that is neither a user's nor a group's.
static unsigned long number_free(Host *host, unsigned long first) {
    for (unsigned long number = first; number < NUMBER_END; number++) {
        const char *text = mem_print(host->mem, "%lu", number);
        if (account_find(host, ACCOUNT_USERS, text).count == 0 && account_find(host, ACCOUNT_GROUPS, text).count == 0)
            return number;
    }
    host_fail(host, 4, "%s: can't get unique ID", host->program);
}

void account_make_system_group(Host *host, const char *name) {
    if (account_find(host, ACCOUNT_GROUPS, name).count > 0) return;
    account_add(host, ACCOUNT_GROUPS, mem_print(host->mem, "%s:x:%lu:", name, number_free(host, SYSTEM_FIRST + 1)));
}

void account_make_system(Host *host, const char *name, const char *home) {
    unsigned long number;
    account_make_system_group(host, name);
    if (account_find(host, ACCOUNT_USERS, name).count > 0 || !account_read(host, ACCOUNT_GROUPS, name, &number)) return;
    account_add(host, ACCOUNT_USERS,
                mem_print(host->mem, "%s:x:%lu:%lu::%s:/usr/sbin/nologin", name, number, number, home));
}

void account_make_base(Host *host) {
    files_write(host, "/etc/passwd", BASE_USERS, strlen(BASE_USERS), 0644);
    files_write(host, "/etc/group", BASE_GROUPS, strlen(BASE_GROUPS), 0644);
}

/// The groups that name [user] as a member, `GID(NAME)` each with a comma before it or, for [names] or [numbers], a blank.
static const char *memberships(Host *host, const char *user, const char *own_gid, bool names, bool numbers) {
    Words lines = words_split(host->mem, accounts_text(host, ACCOUNT_GROUPS), "\n");
    Text text = text_new(host->mem);
    for (size_t i = 0; i < lines.count; i++) {
        Words fields = words_split_all(host->mem, lines.items[i], ':');
        if (fields.count < 4 || strcmp(fields.items[2], own_gid) == 0) continue;
        Words members = words_split(host->mem, fields.items[3], ",");
        if (!words_has(&members, user)) continue;
        if (names) text_print(&text, " %s", fields.items[0]);
        else if (numbers) text_print(&text, " %s", fields.items[2]);
        else text_print(&text, ",%s(%s)", fields.items[2], fields.items[0]);
    }
    return text.data;
}

int id_main(Host *host) {
    ToolFlags flags;
    if (!tool_read_flags(host, "ugGnr", "user=u group=g groups=G name=n real=r", &flags)) return 1;
    int chosen = flags.set['u'] + flags.set['g'] + flags.set['G'];
    if (chosen > 1) host_fail(host, 1, "id: cannot print \"only\" of more than one choice");
    if (chosen == 0 && (flags.set['n'] || flags.set['r']))
        host_fail(host, 1, "id: printing only names or real IDs requires -u, -g, or -G");
    if (flags.plain.count == 0) words_add(&flags.plain, "root");
    int code = 0;
    for (size_t i = 0; i < flags.plain.count; i++) {
        Words user = account_find(host, ACCOUNT_USERS, flags.plain.items[i]);
        if (user.count < 4) {
            host_warn(host, "id: '%s': no such user", flags.plain.items[i]);
            code = 1;
            continue;
        }
        const char *uid = user.items[2], *gid = user.items[3],
                   *group = account_name(host, ACCOUNT_GROUPS, strtoul(gid, NULL, 10));
        const char *others = memberships(host, user.items[0], gid, flags.set['n'], flags.set['G']);
        if (flags.set['u']) host_print(host, "%s\n", flags.set['n'] ? user.items[0] : uid);
        else if (flags.set['g']) host_print(host, "%s\n", flags.set['n'] ? group : gid);
        else if (flags.set['G']) host_print(host, "%s%s\n", flags.set['n'] ? group : gid, others);
        else
            host_print(host, "uid=%s(%s) gid=%s(%s) groups=%s(%s)%s\n", uid, user.items[0], gid, group, gid, group,
                       others);
    }
    return code;
}

int getent_main(Host *host) {
    if (host->argc < 2) host_fail(host, 1, "getent: wrong number of arguments\nTry `getent --help' for more information.");
    bool users = strcmp(host->argv[1], "passwd") == 0;
    if (!users && strcmp(host->argv[1], "group") != 0)
        host_fail(host, 1, "Unknown database: %s\nTry `getent --help' for more information.", host->argv[1]);
    AccountKind kind = users ? ACCOUNT_USERS : ACCOUNT_GROUPS;
    if (host->argc == 2) host_print(host, "%s", accounts_text(host, kind));
    int code = 0;
    for (int i = 2; i < host->argc; i++) {
        Words fields = account_find(host, kind, host->argv[i]);
        if (fields.count > 0) host_print(host, "%s\n", words_join(&fields, ":"));
        else code = 2;
    }
    return code;
}

static void name_check(Host *host, const char *name) {
    if (!formats_match("[a-z_][a-z0-9_-]{0,31}", name))
        host_fail(host, 3, "%s: invalid %s name '%s'", host->program,
                  strcmp(host->program, "useradd") == 0 ? "user" : "group", name);
}

int groupadd_main(Host *host) {
    ToolFlags flags;
    if (!tool_read_flags(host, "frg:", "force=f system=r gid=g", &flags)) return 2;
    if (flags.plain.count != 1) host_fail(host, 2, "Usage: groupadd [options] GROUP");
    const char *name = flags.plain.items[0], *gid = flags.value['g'];
    name_check(host, name);
    if (account_find(host, ACCOUNT_GROUPS, name).count > 0) {
        if (flags.set['f']) return 0;
        host_fail(host, 9, "groupadd: group '%s' already exists", name);
    }
    if (gid != NULL && !formats_match("[0-9]{1,9}", gid)) host_fail(host, 3, "groupadd: invalid group ID '%s'", gid);
    if (gid != NULL && account_find(host, ACCOUNT_GROUPS, gid).count > 0)
        host_fail(host, 4, "groupadd: GID '%s' already exists", gid);
    if (gid == NULL) gid = mem_print(host->mem, "%lu", number_free(host, flags.set['r'] ? SYSTEM_FIRST + 1 : USER_FIRST));
    account_add(host, ACCOUNT_GROUPS, mem_print(host->mem, "%s:x:%s:", name, gid));
    return 0;
}

int useradd_main(Host *host) {
    ToolFlags flags;
    if (!tool_read_flags(host, "rmMUNu:g:G:d:s:c:",
                         "system=r create-home=m no-create-home=M user-group=U no-user-group=N uid=u gid=g groups=G "
                         "home-dir=d shell=s comment=c",
                         &flags))
        return 2;
    if (flags.plain.count != 1) host_fail(host, 2, "Usage: useradd [options] LOGIN");
    const char *name = flags.plain.items[0], *uid = flags.value['u'], *group = flags.value['g'], *home = flags.value['d'];
    name_check(host, name);
    if (account_find(host, ACCOUNT_USERS, name).count > 0)
        host_fail(host, 9, "useradd: user '%s' already exists", name);
    if (uid != NULL && !formats_match("[0-9]{1,9}", uid)) host_fail(host, 3, "useradd: invalid user ID '%s'", uid);
    if (uid != NULL && account_find(host, ACCOUNT_USERS, uid).count > 0)
        host_fail(host, 4, "useradd: UID %s is not unique", uid);
    if (uid == NULL) uid = mem_print(host->mem, "%lu", number_free(host, flags.set['r'] ? SYSTEM_FIRST + 1 : USER_FIRST));
    unsigned long gid = 0;
    if (group != NULL && !account_read(host, ACCOUNT_GROUPS, group, &gid))
        host_fail(host, 6, "useradd: group '%s' does not exist", group);
    if (group == NULL && account_find(host, ACCOUNT_GROUPS, name).count > 0)
        host_fail(host, 9, "useradd: group %s exists - if you want to add this user to that group, use -g.", name);
    if (group == NULL) {
        gid = strtoul(uid, NULL, 10);
        account_add(host, ACCOUNT_GROUPS, mem_print(host->mem, "%s:x:%lu:", name, gid));
    }
    const char *others = flags.value['G'];
    if (others != NULL) account_check_groups(host, others);
    if (home == NULL) home = mem_print(host->mem, "/home/%s", name);
    const char *shell = flags.value['s'] == NULL ? "/bin/sh" : flags.value['s'],
               *comment = flags.value['c'] == NULL ? "" : flags.value['c'];
    account_add(host, ACCOUNT_USERS, mem_print(host->mem, "%s:x:%s:%lu:%s:%s:%s", name, uid, gid, comment, home, shell));
    if (others != NULL) account_join(host, name, others, false);
    if (!flags.set['m']) return 0;
    if (files_make_dirs(host, home, 0700) != 0) host_fail(host, 12, "useradd: cannot create directory %s", home);
    tool_give(host, home, true, (uid_t)strtoul(uid, NULL, 10), (gid_t)gid);
    return 0;
}
