// mkdir, rmdir, rm, cat, ls, test, sha256sum: as coreutils do them, inside the folder.
#include "tools.h"

#include "conf.h"
#include "files.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CLAIMS_FILE STATE_DIR "/checksums"

const char *tool_path(Host *host, const char *given) {
    if (*given == '/' || *given == '\0') return given;
    return mem_print(host->mem, "%s/%s", strcmp(host->cwd, "/") == 0 ? "" : host->cwd, given);
}

/// The letter that a long name stands for in "parents=p mode=m", or 0. An `=VALUE` behind it goes to [value].
static char long_flag(Host *host, const char *names, const char *given, const char **value) {
    size_t length = strcspn(given, "=");
    *value = given[length] == '=' ? given + length + 1 : NULL;
    Words list = words_split(host->mem, names, " ");
    for (size_t i = 0; i < list.count; i++)
        if (strncmp(list.items[i], given, length) == 0 && list.items[i][length] == '=')
            return list.items[i][length + 1];
    return '\0';
}

bool tool_read_flags(Host *host, const char *letters, const char *names, ToolFlags *flags) {
    *flags = (ToolFlags){.plain = words_new(host->mem), .values = pairs_new(host->mem)};
    for (int i = 1; i < host->argc; i++) {
        const char *argument = host->argv[i], *value = NULL;
        if (strcmp(argument, "--") == 0) {
            for (i++; i < host->argc; i++) words_add(&flags->plain, host->argv[i]);
            return true;
        }
        if (argument[0] != '-' || argument[1] == '\0') {
            words_add(&flags->plain, argument);
            continue;
        }
        bool is_long = argument[1] == '-';
        for (const char *at = argument + 1; *at != '\0'; at++) {
            char letter = *at;
            if (is_long) letter = long_flag(host, names, argument + 2, &value);
            const char *known = letter == 0 || letter == ':' ? NULL : strchr(letters, letter);
            if (known == NULL) {
                if (is_long) host_warn(host, "%s: unrecognized option '%s'", host->program, argument);
                else host_warn(host, "%s: invalid option -- '%c'", host->program, *at);
                host_warn(host, "Try '%s --help' for more information.", host->program);
                return false;
            }
            flags->set[(unsigned char)letter] = true;
            if (known[1] == ':') {
                if (!is_long) value = at[1] != '\0' ? at + 1 : NULL;
                if (value == NULL && i + 1 < host->argc) value = host->argv[++i];
                if (value == NULL) {
                    host_warn(host, "%s: option requires an argument -- '%c'", host->program, letter);
                    return false;
                }
                flags->value[(unsigned char)letter] = value;
                pairs_add(&flags->values, mem_copy_part(host->mem, &letter, 1), value);
                break;
            }
            if (is_long) break;
        }
    }
    return true;
}

int tool_missing_operand(Host *host) {
    host_warn(host, "%s: missing operand\nTry '%s --help' for more information.", host->program, host->program);
    return 1;
}

int tool_mkdir(Host *host) {
    ToolFlags flags;
    if (!tool_read_flags(host, "pm:v", "parents=p mode=m verbose=v", &flags)) return 1;
    if (flags.plain.count == 0) return tool_missing_operand(host);
    mode_t mode = 0755;
    if (flags.value['m'] != NULL) {
        char *end;
        mode = (mode_t)strtoul(flags.value['m'], &end, 8);
        if (*end != '\0' || end == flags.value['m'] || mode > 07777) {
            host_warn(host, "mkdir: invalid mode '%s'", flags.value['m']);
            return 1;
        }
    }
    int code = 0;
    for (size_t i = 0; i < flags.plain.count; i++) {
        const char *path = tool_path(host, flags.plain.items[i]);
        bool there = files_exists(host, path);
        Where where;
        int result = 0;
        if (flags.set['p'] && there && files_is_dir(host, path)) continue;
        if (flags.set['p']) {
            result = files_make_dirs(host, path, 0755);
        } else {
            result = files_resolve(host, path, false, &where) ? mkdirat(where.at, where.name, 0755) : -1;
        }
        if (result == 0 && files_resolve(host, path, true, &where)) result = fchmodat(where.at, where.name, mode, 0);
        if (result != 0) {
            host_warn(host, "mkdir: cannot create directory '%s': %s", flags.plain.items[i], strerror(errno));
            code = 1;
        }
    }
    return code;
}

int tool_rmdir(Host *host) {
    ToolFlags flags;
    if (!tool_read_flags(host, "pvI", "parents=p verbose=v ignore-fail-on-non-empty=I", &flags)) return 1;
    if (flags.plain.count == 0) return tool_missing_operand(host);
    if (flags.set['p']) host_fail(host, 1, "phx-sandbox: rmdir --parents is not modelled");
    int code = 0;
    for (size_t i = 0; i < flags.plain.count; i++) {
        Where where;
        const char *path = tool_path(host, flags.plain.items[i]);
        if (!files_resolve(host, path, false, &where) || unlinkat(where.at, where.name, AT_REMOVEDIR) != 0) {
            if (flags.set['I'] && errno == ENOTEMPTY) continue;
            host_warn(host, "rmdir: failed to remove '%s': %s", flags.plain.items[i], strerror(errno));
            code = 1;
        }
    }
    return code;
}

int tool_rm(Host *host) {
    ToolFlags flags;
    if (!tool_read_flags(host, "rRfdv", "recursive=r force=f dir=d verbose=v", &flags)) return 1;
    bool force = flags.set['f'], recursive = flags.set['r'] || flags.set['R'];
    if (flags.plain.count == 0) return force ? 0 : tool_missing_operand(host);
    int code = 0;
    for (size_t i = 0; i < flags.plain.count; i++) {
        const char *given = flags.plain.items[i], *path = tool_path(host, given);
        struct stat info;
        Where where;
        bool found =
            files_resolve(host, path, false, &where) && fstatat(where.at, where.name, &info, AT_SYMLINK_NOFOLLOW) == 0;
        if (!found) {
            if (force && (errno == ENOENT || errno == ENOTDIR)) continue;
            host_warn(host, "rm: cannot remove '%s': %s", given, strerror(errno));
            code = 1;
        } else if (strcmp(where.name, ".") == 0) {
            host_warn(host,
                      "rm: it is dangerous to operate recursively on '%s'\nrm: use --no-preserve-root to override this "
                      "failsafe",
                      given);
            code = 1;
        } else if (S_ISDIR(info.st_mode) && !recursive) {
            host_warn(host, "rm: cannot remove '%s': Is a directory", given);
            code = 1;
        } else if (files_remove_tree(host, path) != 0) {
            host_warn(host, "rm: cannot remove '%s': %s", given, strerror(errno));
            code = 1;
        }
    }
    return code;
}

int tool_cat(Host *host) {
    ToolFlags flags;
    if (!tool_read_flags(host, "u", "", &flags)) return 1;
    if (flags.plain.count == 0) words_add(&flags.plain, "-");
    int code = 0;
    for (size_t i = 0; i < flags.plain.count; i++) {
        bool is_input = strcmp(flags.plain.items[i], "-") == 0;
        int file = is_input ? host->input : files_open(host, tool_path(host, flags.plain.items[i]), O_RDONLY, 0);
        char buffer[16384];
        ssize_t got = -1;
        if (file >= 0)
            while ((got = read(file, buffer, sizeof buffer)) > 0) fwrite(buffer, 1, (size_t)got, host->out);
        if (got < 0) {
            host_warn(host, "cat: %s: %s", flags.plain.items[i], strerror(errno));
            code = 1;
        }
        if (file >= 0 && !is_input) close(file);
    }
    return code;
}

/// Prints what the expression matches in a line: each match on a line of its own with [only], else the line. Was there one?
static bool matches_print(Host *host, const regex_t *regex, const char *line, bool only) {
    regmatch_t match;
    bool found = false;
    for (int flags = 0; regexec(regex, line, 1, &match, flags) == 0; flags = REG_NOTBOL) {
        found = true;
        if (!only) {
            host_print(host, "%s\n", line);
            break;
        }
        if (match.rm_eo > match.rm_so) host_print(host, "%.*s\n", (int)(match.rm_eo - match.rm_so), line + match.rm_so);
        if (line[match.rm_eo] == '\0') break;
        line += match.rm_eo + (match.rm_eo == match.rm_so);
    }
    return found;
}

/// Of one file only, by an expression in one line.
int tool_grep(Host *host) {
    ToolFlags flags;
    if (!tool_read_flags(host, "Eioq", "extended-regexp=E ignore-case=i only-matching=o quiet=q", &flags)) return 2;
    if (flags.plain.count != 2) host_fail(host, 2, "phx-sandbox: grep of anything but one file is not modelled");
    regex_t regex;
    const char *path = flags.plain.items[1];
    if (regcomp(&regex, flags.plain.items[0], (flags.set['E'] ? REG_EXTENDED : 0) | (flags.set['i'] ? REG_ICASE : 0)) != 0)
        host_fail(host, 2, "grep: Invalid regular expression");
    const char *text = files_read(host, tool_path(host, path), NULL);
    bool found = false;
    if (text == NULL) host_warn(host, "grep: %s: %s", path, strerror(errno));
    Words lines = words_split_all(host->mem, text == NULL ? "" : text, '\n');
    // What follows the last line's end is no line.
    if (*lines.items[lines.count - 1] == '\0') lines.count--;
    for (size_t i = 0; i < lines.count; i++)
        if (flags.set['q']) found = found || regexec(&regex, lines.items[i], 0, NULL, 0) == 0;
        else found = matches_print(host, &regex, lines.items[i], flags.set['o']) || found;
    regfree(&regex);
    return text == NULL ? 2 : found ? 0 : 1;
}

/// Prints the names in a directory, one a line.
static void names_print(Host *host, const char *path, bool hidden) {
    Words names = files_list(host, path);
    for (size_t i = 0; i < names.count; i++)
        if (hidden || names.items[i][0] != '.') host_print(host, "%s\n", names.items[i]);
}

int tool_ls(Host *host) {
    ToolFlags flags;
    if (!tool_read_flags(host, "1aAd", "all=a almost-all=A directory=d", &flags)) return 2;
    if (flags.plain.count == 0) words_add(&flags.plain, "/");
    bool hidden = flags.set['a'] || flags.set['A'];
    Words folders = words_new(host->mem);
    int code = 0;
    bool printed = false;
    for (size_t i = 0; i < flags.plain.count; i++) {
        const char *path = tool_path(host, flags.plain.items[i]);
        struct stat info;
        if (files_stat(host, path, true, &info) != 0) {
            host_warn(host, "ls: cannot access '%s': %s", flags.plain.items[i], strerror(errno));
            code = 2;
        } else if (S_ISDIR(info.st_mode) && !flags.set['d']) {
            words_add(&folders, flags.plain.items[i]);
        } else {
            host_print(host, "%s\n", flags.plain.items[i]);
            printed = true;
        }
    }
    for (size_t i = 0; i < folders.count; i++) {
        if (flags.plain.count > 1) host_print(host, "%s%s:\n", printed ? "\n" : "", folders.items[i]);
        if (flags.set['a']) host_print(host, ".\n..\n");
        names_print(host, tool_path(host, folders.items[i]), hidden);
        printed = true;
    }
    return code;
}

void tool_claim_sha256(Host *host, const char *path, const char *sha256) {
    const char *before = files_read(host, CLAIMS_FILE, NULL);
    size_t length = 0;
    const char *bytes = files_read(host, path, &length);
    if (bytes == NULL) return;
    Text text = text_new(host->mem);
    text_print(&text, "%s %s %s\n%s", sha256, conf_sha256(host, bytes, length), path, before == NULL ? "" : before);
    files_write(host, CLAIMS_FILE, text.data, text.length, 0644);
}

const char *tool_sha256(Host *host, const char *path) {
    if (files_is_dir(host, path)) {
        errno = EISDIR;
        return NULL;
    }
    size_t length = 0;
    const char *bytes = files_read(host, path, &length);
    if (bytes == NULL) return NULL;
    const char *actual = conf_sha256(host, bytes, length);
    Host base = *host;
    base.root = host->base;
    base.bind_count = 0;
    const char *claims = files_read(&base, CLAIMS_FILE, NULL);
    Words lines = words_split(host->mem, claims == NULL ? "" : claims, "\n");
    // A claim holds for the placeholder only: once the file holds something else, that counts.
    for (size_t i = 0; i < lines.count; i++) {
        Words fields = words_split(host->mem, lines.items[i], " ");
        if (fields.count == 3 && strcmp(fields.items[1], actual) == 0 && strcmp(fields.items[2], path) == 0)
            return fields.items[0];
    }
    return actual;
}

int tool_sha256sum(Host *host) {
    ToolFlags flags;
    if (!tool_read_flags(host, "bt", "binary=b text=t", &flags)) return 1;
    int code = 0;
    for (size_t i = 0; i < flags.plain.count; i++) {
        const char *digest = tool_sha256(host, tool_path(host, flags.plain.items[i]));
        if (digest == NULL) {
            host_warn(host, "sha256sum: %s: %s", flags.plain.items[i], strerror(errno));
            code = 1;
        } else {
            host_print(host, "%s %c%s\n", digest, flags.set['b'] ? '*' : ' ', flags.plain.items[i]);
        }
    }
    return code;
}

int tool_true(Host *host) {
    (void)host;
    return 0;
}

int tool_false(Host *host) {
    (void)host;
    return 1;
}

/// One of the file tests of `test`; -1 for a letter that is none.
static int file_test(Host *host, char letter, const char *given) {
    struct stat info;
    bool is_link = letter == 'L' || letter == 'h';
    bool found = *given != '\0' && files_stat(host, tool_path(host, given), !is_link, &info) == 0;
    switch (letter) {
    case 'e':
    case 'r':
    case 'w': return found ? 0 : 1;
    case 'd': return found && S_ISDIR(info.st_mode) ? 0 : 1;
    case 'f': return found && S_ISREG(info.st_mode) ? 0 : 1;
    case 's': return found && info.st_size > 0 ? 0 : 1;
    case 'x': return found && (info.st_mode & 0111) != 0 ? 0 : 1;
    case 'L':
    case 'h': return found && S_ISLNK(info.st_mode) ? 0 : 1;
    case 'n': return *given != '\0' ? 0 : 1;
    case 'z': return *given == '\0' ? 0 : 1;
    default: return -1;
    }
}

/// A comparison of two arguments; -1 for an operator that is none.
static int pair_test(const char *left, const char *operator, const char * right) {
    static const char *const NUMERIC[] = {"-eq", "-ne", "-lt", "-le", "-gt", "-ge"};
    if (strcmp(operator, "=") == 0 || strcmp(operator, "==") == 0) return strcmp(left, right) == 0 ? 0 : 1;
    if (strcmp(operator, "!=") == 0) return strcmp(left, right) != 0 ? 0 : 1;
    long a = strtol(left, NULL, 10), b = strtol(right, NULL, 10);
    const bool holds[] = {a == b, a != b, a<b, a <= b, a> b, a >= b};
    for (size_t i = 0; i < 6; i++)
        if (strcmp(operator, NUMERIC[i]) == 0) return holds[i] ? 0 : 1;
    return -1;
}

int tool_test(Host *host) {
    int count = host->argc - 1, result = -1;
    char **words = host->argv + 1;
    bool negated = count > 0 && strcmp(words[0], "!") == 0;
    if (negated) {
        words++;
        count--;
    }
    if (count == 0) result = 1;
    else if (count == 1) result = *words[0] != '\0' ? 0 : 1;
    else if (count == 2 && words[0][0] == '-' && words[0][1] != '\0' && words[0][2] == '\0')
        result = file_test(host, words[0][1], words[1]);
    else if (count == 3) result = pair_test(words[0], words[1], words[2]);
    if (result < 0) {
        host_warn(host, "test: '%s': unary operator expected", words[0]);
        return 2;
    }
    return negated ? !result : result;
}
