// stat, chmod, chown: as coreutils do them, with owners that were only recorded.
#include "accounts.h"
#include "files.h"
#include "formats.h"
#include "owners.h"
#include "tools.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int tool_stat_owned(Host *host, const char *path, bool follow, struct stat *info) {
    Where where;
    if (!files_resolve(host, path, follow, &where)) return -1;
    if (fstatat(where.at, where.name, info, AT_SYMLINK_NOFOLLOW) != 0) return -1;
    if (geteuid() == 0) return 0;
    info->st_uid = 0;
    info->st_gid = 0;
    owners_get(host, where.key, &info->st_uid, &info->st_gid);
    return 0;
}

static const char *type_text(const struct stat *info) {
    if (S_ISDIR(info->st_mode)) return "directory";
    if (S_ISLNK(info->st_mode)) return "symbolic link";
    if (S_ISREG(info->st_mode)) return info->st_size == 0 ? "regular empty file" : "regular file";
    if (S_ISBLK(info->st_mode)) return "block special file";
    if (S_ISCHR(info->st_mode)) return "character special file";
    if (S_ISFIFO(info->st_mode)) return "fifo";
    return "socket";
}

/// The mode as `ls -l` shows it: "drwxr-xr-x".
static const char *mode_text(Host *host, mode_t mode) {
    char text[11] = "?rwxrwxrwx";
    text[0] = '-';
    if (S_ISDIR(mode)) text[0] = 'd';
    if (S_ISLNK(mode)) text[0] = 'l';
    for (int bit = 0; bit < 9; bit++)
        if ((mode & (mode_t)(0400 >> bit)) == 0) text[bit + 1] = '-';
    if (mode & S_ISUID) text[3] = mode & 0100 ? 's' : 'S';
    if (mode & S_ISGID) text[6] = mode & 0010 ? 's' : 'S';
    if (mode & S_ISVTX) text[9] = mode & 0001 ? 't' : 'T';
    return mem_copy(host->mem, text);
}

static const char *time_text(Host *host, const struct timespec *moment) {
    struct tm local;
    char day[64], zone[16];
    localtime_r(&moment->tv_sec, &local);
    strftime(day, sizeof day, "%Y-%m-%d %H:%M:%S", &local);
    strftime(zone, sizeof zone, "%z", &local);
    return mem_print(host->mem, "%s.%09ld %s", day, moment->tv_nsec, zone);
}

/// Adds what one directive stands for; false if there is no such directive.
static bool directive_add(Host *host, Text *text, char directive, const char *given, const struct stat *info) {
    switch (directive) {
    case 'n': text_add(text, given); return true;
    case 'N': text_print(text, "'%s'", given); return true;
    case 'a': text_print(text, "%o", (unsigned)(info->st_mode & 07777)); return true;
    case 'A': text_add(text, mode_text(host, info->st_mode)); return true;
    case 'f': text_print(text, "%x", (unsigned)info->st_mode); return true;
    case 'F': text_add(text, type_text(info)); return true;
    case 'u': text_print(text, "%lu", (unsigned long)info->st_uid); return true;
    case 'g': text_print(text, "%lu", (unsigned long)info->st_gid); return true;
    case 'U': text_add(text, account_name(host, ACCOUNT_USERS, info->st_uid)); return true;
    case 'G': text_add(text, account_name(host, ACCOUNT_GROUPS, info->st_gid)); return true;
    case 's': text_print(text, "%lld", (long long)info->st_size); return true;
    case 'b': text_print(text, "%lld", (long long)info->st_blocks); return true;
    case 'B': text_add(text, "512"); return true;
    case 'o': text_print(text, "%ld", (long)info->st_blksize); return true;
    case 'h': text_print(text, "%lu", (unsigned long)info->st_nlink); return true;
    case 'i': text_print(text, "%llu", (unsigned long long)info->st_ino); return true;
    case 'd': text_print(text, "%llu", (unsigned long long)info->st_dev); return true;
    case 'X': text_print(text, "%lld", (long long)info->st_atime); return true;
    case 'Y': text_print(text, "%lld", (long long)info->st_mtime); return true;
    case 'Z': text_print(text, "%lld", (long long)info->st_ctime); return true;
    case 'x': text_add(text, time_text(host, &info->st_atim)); return true;
    case 'y': text_add(text, time_text(host, &info->st_mtim)); return true;
    case 'z': text_add(text, time_text(host, &info->st_ctim)); return true;
    case '%': text_add(text, "%"); return true;
    default: return false;
    }
}

/// The byte a backslash letter stands for in --printf.
static char escape_byte(char letter) {
    static const char LETTERS[] = "abefnrtv\\\"", BYTES[] = "\a\b\x1b\f\n\r\t\v\\\"";
    const char *at = letter == '\0' ? NULL : strchr(LETTERS, letter);
    return at == NULL ? letter : BYTES[at - LETTERS];
}

static const char *format_fill(Host *host, const char *format, bool escapes, const char *given,
                               const struct stat *info) {
    Text text = text_new(host->mem);
    for (const char *at = format; *at != '\0'; at++) {
        if (*at == '%' && at[1] != '\0') {
            if (!directive_add(host, &text, *++at, given, info)) text_add(&text, "?");
        } else if (escapes && *at == '\\' && at[1] == '0') {
            // NUL cannot stand in the text: it is printed at once.
            fwrite(text.data, 1, text.length, host->out);
            fputc('\0', host->out);
            text = text_new(host->mem);
            at++;
        } else if (escapes && *at == '\\' && at[1] != '\0') {
            char byte = escape_byte(*++at);
            text_add_part(&text, &byte, 1);
        } else {
            text_add_part(&text, at, 1);
        }
    }
    return text.data;
}

int tool_stat(Host *host) {
    ToolFlags flags;
    if (!tool_read_flags(host, "c:P:L", "format=c printf=P dereference=L", &flags)) return 1;
    bool escapes = flags.set['P'];
    const char *format = flags.value[escapes ? 'P' : 'c'];
    if (format == NULL) {
        host_warn(host, "phx-sandbox: stat without a format is not modelled");
        return 1;
    }
    if (flags.plain.count == 0) {
        host_warn(host, "stat: missing operand\nTry 'stat --help' for more information.");
        return 1;
    }
    int code = 0;
    for (size_t i = 0; i < flags.plain.count; i++) {
        struct stat info;
        if (tool_stat_owned(host, tool_path(host, flags.plain.items[i]), flags.set['L'], &info) != 0) {
            host_warn(host, "stat: cannot statx '%s': %s", flags.plain.items[i], strerror(errno));
            code = 1;
            continue;
        }
        host_print(host, "%s%s", format_fill(host, format, escapes, flags.plain.items[i], &info), escapes ? "" : "\n");
    }
    return code;
}

/// Applies one clause such as `u+rwx` to [mode]; false if it is none. X is as x for directories and runnable files.
static bool clause_apply(const char *clause, bool is_dir, mode_t *mode) {
    mode_t who = 0;
    size_t letters = strspn(clause, "ugoa");
    for (size_t i = 0; i < letters; i++)
        who |= clause[i] == 'u' ? 0700 : clause[i] == 'g' ? 0070 : clause[i] == 'o' ? 0007 : 0777;
    if (letters == 0) who = 0777;
    char operator= clause[letters];
    if (operator== '\0' || strchr("+-=", operator) == NULL) return false;
    mode_t bits = 0;
    for (const char *at = clause + letters + 1; *at != '\0'; at++) {
        if (*at == 'r') bits |= 0444;
        else if (*at == 'w') bits |= 0222;
        else if (*at == 'x') bits |= 0111;
        else if (*at == 'X') bits |= is_dir || (*mode & 0111) != 0 ? 0111 : 0;
        else return false;
    }
    bits &= who;
    if (operator== '+') *mode |= bits;
    else if (operator== '-') *mode &= ~bits;
    else *mode = (*mode & ~who) | bits;
    return true;
}

bool tool_apply_mode(Host *host, const char *text, bool is_dir, mode_t *mode) {
    if (formats_match("[0-7]{1,5}", text)) {
        unsigned long number = strtoul(text, NULL, 8);
        *mode = (mode_t)number;
        return number <= 07777;
    }
    Words clauses = words_split(host->mem, text, ",");
    for (size_t i = 0; i < clauses.count; i++)
        if (!clause_apply(clauses.items[i], is_dir, mode)) return false;
    return clauses.count > 0;
}

/// Calls [change] for [path] and, if [recursive], for all below it. Links are given to it only if they are [path].
static int tree_walk(Host *host, const char *path, bool recursive,
                     int (*change)(Host *host, const char *path, void *how), void *how) {
    int code = change(host, path, how);
    struct stat info;
    if (!recursive || files_stat(host, path, false, &info) != 0 || !S_ISDIR(info.st_mode)) return code;
    Words names = files_list(host, path);
    for (size_t i = 0; i < names.count; i++) {
        const char *child = mem_print(host->mem, "%s/%s", strcmp(path, "/") == 0 ? "" : path, names.items[i]);
        if (files_stat(host, child, false, &info) == 0 && S_ISLNK(info.st_mode)) continue;
        if (tree_walk(host, child, true, change, how) != 0) code = 1;
    }
    return code;
}

static int mode_change(Host *host, const char *path, void *how) {
    const char *text = how;
    Where where;
    struct stat info;
    if (!files_resolve(host, path, true, &where) || fstatat(where.at, where.name, &info, AT_SYMLINK_NOFOLLOW) != 0) {
        host_warn(host, "chmod: cannot access '%s': %s", path, strerror(errno));
        return 1;
    }
    mode_t mode = info.st_mode & 07777;
    if (tool_apply_mode(host, text, S_ISDIR(info.st_mode), &mode) && fchmodat(where.at, where.name, mode, 0) == 0) return 0;
    host_warn(host, "chmod: changing permissions of '%s': %s", path, strerror(errno));
    return 1;
}

int tool_chmod(Host *host) {
    ToolFlags flags;
    if (!tool_read_flags(host, "R", "recursive=R", &flags)) return 1;
    if (flags.plain.count < 2) {
        host_warn(host, "chmod: missing operand%s",
                  flags.plain.count == 1 ? mem_print(host->mem, " after '%s'", flags.plain.items[0]) : "");
        return 1;
    }
    const char *text = flags.plain.items[0];
    mode_t probe = 0;
    if (!tool_apply_mode(host, text, false, &probe)) {
        host_warn(host, "chmod: invalid mode: '%s'\nTry 'chmod --help' for more information.", text);
        return 1;
    }
    int code = 0;
    for (size_t i = 1; i < flags.plain.count; i++)
        if (tree_walk(host, tool_path(host, flags.plain.items[i]), flags.set['R'], mode_change,
                      mem_copy(host->mem, text)) != 0)
            code = 1;
    return code;
}

/// What chown is to set; -1 leaves a part as it is.
typedef struct NewOwner {
    uid_t uid;
    gid_t gid;
    bool follow;
} NewOwner;

int tool_give(Host *host, const char *path, bool follow, uid_t uid, gid_t gid) {
    Where where;
    struct stat info;
    if (!files_resolve(host, path, follow, &where) || fstatat(where.at, where.name, &info, AT_SYMLINK_NOFOLLOW) != 0)
        return -1;
    if (geteuid() == 0) return fchownat(where.at, where.name, uid, gid, AT_SYMLINK_NOFOLLOW);
    uid_t old_uid = 0;
    gid_t old_gid = 0;
    owners_get(host, where.key, &old_uid, &old_gid);
    owners_set(host, where.key, uid == (uid_t)-1 ? old_uid : uid, gid == (gid_t)-1 ? old_gid : gid);
    return 0;
}

static int owner_change(Host *host, const char *path, void *how) {
    const NewOwner *owner = how;
    struct stat info;
    bool there = files_stat(host, path, owner->follow, &info) == 0;
    if (there && tool_give(host, path, owner->follow, owner->uid, owner->gid) == 0) return 0;
    host_warn(host, there ? "chown: changing ownership of '%s': %s" : "chown: cannot access '%s': %s", path,
              strerror(errno));
    return 1;
}

/// Reads `USER`, `USER:GROUP` or `:GROUP`; prints what is wrong with it.
static bool owner_read(Host *host, const char *text, NewOwner *owner) {
    const char *colon = strchr(text, ':');
    const char *user = colon == NULL ? text : mem_copy_part(host->mem, text, (size_t)(colon - text));
    unsigned long number;
    owner->uid = (uid_t)-1;
    owner->gid = (gid_t)-1;
    if (*user != '\0') {
        if (!account_read(host, ACCOUNT_USERS, user, &number)) {
            host_warn(host, "chown: invalid user: '%s'", text);
            return false;
        }
        owner->uid = (uid_t)number;
    }
    if (colon != NULL && colon[1] != '\0') {
        if (!account_read(host, ACCOUNT_GROUPS, colon + 1, &number)) {
            host_warn(host, "chown: invalid group: '%s'", text);
            return false;
        }
        owner->gid = (gid_t)number;
    }
    return true;
}

int tool_chown(Host *host) {
    ToolFlags flags;
    if (!tool_read_flags(host, "hR", "no-dereference=h recursive=R", &flags)) return 1;
    if (flags.plain.count < 2) {
        host_warn(host, "chown: missing operand%s",
                  flags.plain.count == 1 ? mem_print(host->mem, " after '%s'", flags.plain.items[0]) : "");
        return 1;
    }
    NewOwner owner = {.follow = !flags.set['h']};
    if (!owner_read(host, flags.plain.items[0], &owner)) return 1;
    int code = 0;
    for (size_t i = 1; i < flags.plain.count; i++)
        if (tree_walk(host, tool_path(host, flags.plain.items[i]), flags.set['R'], owner_change, &owner) != 0) code = 1;
    return code;
}
