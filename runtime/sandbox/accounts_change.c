// usermod, userdel, groupmod, groupdel: accounts that are there, changed and removed.
#include "accounts.h"

#include "files.h"
#include "formats.h"
#include "tools.h"

#include <stdlib.h>
#include <string.h>

enum { EXIT_USAGE = 2, EXIT_NO_GROUP = 6, EXIT_IN_USE = 8 };

void account_check_groups(Host *host, const char *groups) {
    Words names = words_split(host->mem, groups, ",");
    for (size_t i = 0; i < names.count; i++)
        if (account_find(host, ACCOUNT_GROUPS, names.items[i]).count == 0)
            host_fail(host, EXIT_NO_GROUP, "%s: group '%s' does not exist", host->program, names.items[i]);
}

/// Calls for each line of the file with its fields; a line of which `edit` says no is left out.
static void lines_edit(Host *host, AccountKind kind, bool (*edit)(Host *host, Words *fields, const void *how), const void *how) {
    Words lines = words_split(host->mem, accounts_text(host, kind), "\n");
    Text text = text_new(host->mem);
    for (size_t i = 0; i < lines.count; i++) {
        Words fields = words_split_all(host->mem, lines.items[i], ':');
        if (edit(host, &fields, how)) text_print(&text, "%s\n", words_join(&fields, ":"));
    }
    accounts_write(host, kind, text.data);
}

typedef struct Joining {
    const char *user;
    Words groups;
    bool stay;
} Joining;

static bool members_edit(Host *host, Words *fields, const void *how) {
    const Joining *joining = how;
    if (fields->count < 4) return true;
    Words members = words_split(host->mem, fields->items[3], ",");
    bool wanted = words_has(&joining->groups, fields->items[0]), there = words_has(&members, joining->user);
    if (wanted && !there) words_add(&members, joining->user);
    if (!wanted && there && !joining->stay) words_remove(&members, joining->user);
    fields->items[3] = words_join(&members, ",");
    return true;
}

void account_join(Host *host, const char *user, const char *groups, bool stay) {
    Joining joining = {.user = user, .groups = words_split(host->mem, groups, ","), .stay = stay};
    lines_edit(host, ACCOUNT_GROUPS, members_edit, &joining);
}

/// New values for the fields of one account; NULL leaves one as it is.
typedef struct Change {
    const char *name;
    const char *fields[7];
    bool remove;
} Change;

static bool fields_edit(Host *host, Words *fields, const void *how) {
    const Change *change = how;
    (void)host;
    if (strcmp(fields->items[0], change->name) != 0) return true;
    for (size_t i = 0; i < 7 && i < fields->count; i++)
        if (change->fields[i] != NULL) fields->items[i] = change->fields[i];
    return !change->remove;
}

static const char *account_need(Host *host, AccountKind kind, const ToolFlags *flags) {
    if (flags->plain.count != 1) host_fail(host, EXIT_USAGE, "Usage: %s [options] %s", host->program, kind == ACCOUNT_USERS ? "LOGIN" : "GROUP");
    const char *name = flags->plain.items[0];
    if (account_find(host, kind, name).count == 0)
        host_fail(host, EXIT_NO_GROUP, "%s: %s '%s' does not exist", host->program, kind == ACCOUNT_USERS ? "user" : "group", name);
    return name;
}

static const char *number_check(Host *host, AccountKind kind, const char *name, const char *text) {
    if (text == NULL) return NULL;
    if (!formats_match("[0-9]{1,9}", text)) host_fail(host, 3, "%s: invalid %s ID '%s'", host->program, kind == ACCOUNT_USERS ? "user" : "group", text);
    Words other = account_find(host, kind, text);
    if (other.count > 0 && strcmp(other.items[0], name) != 0)
        host_fail(host, 4, kind == ACCOUNT_USERS ? "%s: UID '%s' already exists" : "%s: GID '%s' already exists", host->program, text);
    return text;
}

int usermod_main(Host *host) {
    ToolFlags flags;
    if (!tool_read_flags(host, "aG:g:u:d:s:c:mLU", "append=a groups=G gid=g uid=u home=d shell=s comment=c move-home=m lock=L unlock=U", &flags)) return EXIT_USAGE;
    const char *name = account_need(host, ACCOUNT_USERS, &flags), *group = flags.value['g'], *groups = flags.value['G'];
    unsigned long gid = 0;
    if (group != NULL && !account_read(host, ACCOUNT_GROUPS, group, &gid)) host_fail(host, EXIT_NO_GROUP, "usermod: group '%s' does not exist", group);
    if (groups != NULL) account_check_groups(host, groups);
    if (flags.set['a'] && groups == NULL) host_fail(host, EXIT_USAGE, "usermod: -a flag is only allowed with the -G flag");
    Change change = {.name = name, .fields = {[2] = number_check(host, ACCOUNT_USERS, name, flags.value['u']), [4] = flags.value['c'], [5] = flags.value['d'], [6] = flags.value['s']}};
    if (group != NULL) change.fields[3] = mem_print(host->mem, "%lu", gid);
    lines_edit(host, ACCOUNT_USERS, fields_edit, &change);
    if (groups != NULL) account_join(host, name, groups, flags.set['a']);
    return 0;
}

int userdel_main(Host *host) {
    ToolFlags flags;
    if (!tool_read_flags(host, "rf", "remove=r force=f", &flags)) return EXIT_USAGE;
    const char *name = account_need(host, ACCOUNT_USERS, &flags);
    const char *home = account_find(host, ACCOUNT_USERS, name).items[5];
    Change change = {.name = name, .remove = true};
    lines_edit(host, ACCOUNT_USERS, fields_edit, &change);
    account_join(host, name, "", false);
    // Its own group goes with it, unless it is another's too.
    Words own = account_find(host, ACCOUNT_GROUPS, name);
    if (own.count > 3 && own.items[3][0] == '\0') lines_edit(host, ACCOUNT_GROUPS, fields_edit, &change);
    if (flags.set['r'] && strcmp(home, "/") != 0) files_remove_tree(host, home);
    return 0;
}

int groupmod_main(Host *host) {
    ToolFlags flags;
    if (!tool_read_flags(host, "g:n:", "gid=g new-name=n", &flags)) return EXIT_USAGE;
    const char *name = account_need(host, ACCOUNT_GROUPS, &flags), *new_name = flags.value['n'];
    if (new_name != NULL && account_find(host, ACCOUNT_GROUPS, new_name).count > 0) host_fail(host, 9, "groupmod: group '%s' already exists", new_name);
    Change change = {.name = name, .fields = {[0] = new_name, [2] = number_check(host, ACCOUNT_GROUPS, name, flags.value['g'])}};
    lines_edit(host, ACCOUNT_GROUPS, fields_edit, &change);
    return 0;
}

int groupdel_main(Host *host) {
    ToolFlags flags;
    if (!tool_read_flags(host, "f", "force=f", &flags)) return EXIT_USAGE;
    const char *name = account_need(host, ACCOUNT_GROUPS, &flags), *gid = account_find(host, ACCOUNT_GROUPS, name).items[2];
    Words lines = words_split(host->mem, accounts_text(host, ACCOUNT_USERS), "\n");
    for (size_t i = 0; i < lines.count; i++) {
        Words fields = words_split_all(host->mem, lines.items[i], ':');
        if (fields.count > 3 && strcmp(fields.items[3], gid) == 0 && !flags.set['f'])
            host_fail(host, EXIT_IN_USE, "groupdel: cannot remove the primary group of user '%s'", fields.items[0]);
    }
    Change change = {.name = name, .remove = true};
    lines_edit(host, ACCOUNT_GROUPS, fields_edit, &change);
    return 0;
}
