// install, mv, cp, ln, touch, tee, mktemp, readlink: what makes, moves and copies files.
#include "tools.h"

#include "accounts.h"
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *leaf(Host *host, const char *path) {
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/') length--;
    const char *text = mem_copy_part(host->mem, path, length), *slash = strrchr(text, '/');
    return slash == NULL || slash[1] == '\0' ? text : slash + 1;
}

/// What the arguments of a tool that takes `SOURCE... TARGET` say.
typedef struct Moving {
    Words sources;
    const char *target;   // as given
    bool into;            // the target is a directory that takes them
} Moving;

/// Takes sources and target from the plain arguments, -t and -T. False with the tool's message.
static bool moving_read(Host *host, const ToolFlags *flags, Moving *moving) {
    moving->sources = words_new(host->mem);
    moving->target = flags->value['t'];
    size_t count = flags->plain.count;
    if (count == 0) {
        host_warn(host, "%s: missing file operand\nTry '%s --help' for more information.", host->program, host->program);
        return false;
    }
    if (moving->target == NULL) {
        if (count == 1) {
            host_warn(host, "%s: missing destination file operand after '%s'\nTry '%s --help' for more information.",
                      host->program, flags->plain.items[0], host->program);
            return false;
        }
        moving->target = flags->plain.items[--count];
    }
    for (size_t i = 0; i < count; i++) words_add(&moving->sources, flags->plain.items[i]);
    bool is_dir = files_is_dir(host, tool_path(host, moving->target));
    moving->into = flags->value['t'] != NULL || (is_dir && !flags->set['T']);
    if (flags->set['T'] && count > 1) {
        host_warn(host, "%s: extra operand '%s'\nTry '%s --help' for more information.", host->program,
                  flags->plain.items[2], host->program);
        return false;
    }
    if (!is_dir && (count > 1 || flags->value['t'] != NULL)) {
        host_warn(host, "%s: target '%s': %s", host->program, moving->target,
                  files_exists(host, tool_path(host, moving->target)) ? "Not a directory" : "No such file or directory");
        return false;
    }
    return true;
}

/// Where [source] goes, as it is shown.
static const char *moving_target(Host *host, const Moving *moving, const char *source) {
    if (!moving->into) return moving->target;
    bool slash = text_ends_with(moving->target, "/");
    return mem_print(host->mem, "%s%s%s", moving->target, slash ? "" : "/", leaf(host, source));
}

/// All of [path], or of what the program reads for /dev/stdin; NULL with errno.
static const char *source_read(Host *host, const char *path, size_t *length) {
    *length = 0;
    if (strcmp(path, "/dev/null") == 0) return "";
    if (strcmp(path, "/dev/stdin") != 0) return files_read(host, tool_path(host, path), length);
    return files_read_input(host, length);
}

/// Writes a new file of these bytes in place of what [path] was. 0, or -1 with errno.
static int bytes_put(Host *host, const char *path, const char *bytes, size_t length, int flags, mode_t mode) {
    int file = files_open(host, path, O_WRONLY | O_CREAT | flags, 0600);
    if (file < 0) return -1;
    int result = fchmod(file, mode);
    for (size_t done = 0; result == 0 && done < length;) {
        ssize_t written = write(file, bytes + done, length - done);
        if (written < 0) result = -1;
        else done += (size_t)written;
    }
    return close(file) == 0 ? result : -1;
}

/// What `install` gives each file.
typedef struct Rights {
    mode_t mode;
    uid_t uid;
    gid_t gid;
} Rights;

static bool rights_read(Host *host, const ToolFlags *flags, Rights *rights) {
    unsigned long number;
    *rights = (Rights){.mode = 0755, .uid = (uid_t)-1, .gid = (gid_t)-1};
    if (flags->value['m'] != NULL) {
        rights->mode = 0;
        if (!tool_apply_mode(host, flags->value['m'], flags->set['d'], &rights->mode)) {
            host_warn(host, "install: invalid mode '%s'", flags->value['m']);
            return false;
        }
    }
    if (flags->value['o'] != NULL) {
        if (!account_read(host, ACCOUNT_USERS, flags->value['o'], &number)) {
            host_warn(host, "install: invalid user '%s'", flags->value['o']);
            return false;
        }
        rights->uid = (uid_t)number;
    }
    if (flags->value['g'] != NULL) {
        if (!account_read(host, ACCOUNT_GROUPS, flags->value['g'], &number)) {
            host_warn(host, "install: invalid group '%s'", flags->value['g']);
            return false;
        }
        rights->gid = (gid_t)number;
    }
    return true;
}

/// `install -d`: directories, of which only the last has the rights.
static int install_dirs(Host *host, const ToolFlags *flags, const Rights *rights) {
    if (flags->plain.count == 0) return tool_missing_operand(host);
    int code = 0;
    for (size_t i = 0; i < flags->plain.count; i++) {
        const char *path = tool_path(host, flags->plain.items[i]);
        Where where;
        if (files_make_dirs(host, path, 0755) == 0 && files_resolve(host, path, true, &where) &&
            fchmodat(where.at, where.name, rights->mode, 0) == 0 && tool_give(host, path, true, rights->uid, rights->gid) == 0)
            continue;
        host_warn(host, "install: cannot create directory '%s': %s", flags->plain.items[i], strerror(errno));
        code = 1;
    }
    return code;
}

static int install_file(Host *host, const char *source, const char *target, bool make_dirs, const Rights *rights) {
    size_t length;
    const char *path = tool_path(host, target), *bytes = source_read(host, source, &length);
    if (bytes == NULL) {
        bool is_dir = errno == EISDIR;
        host_warn(host, is_dir ? "install: omitting directory '%s'" : "install: cannot stat '%s': %s", source, strerror(errno));
        return 1;
    }
    const char *slash = strrchr(path, '/');
    if (make_dirs && slash != NULL && slash != path &&
        files_make_dirs(host, mem_copy_part(host->mem, path, (size_t)(slash - path)), 0755) != 0) {
        host_warn(host, "install: cannot create directory '%s': %s", mem_copy_part(host->mem, path, (size_t)(slash - path)),
                  strerror(errno));
        return 1;
    }
    if (files_is_dir(host, path)) {
        host_warn(host, "install: cannot overwrite directory '%s' with non-directory", target);
        return 1;
    }
    // Not what a link points to: the link itself gives way.
    files_unlink(host, path);
    if (bytes_put(host, path, bytes, length, O_EXCL, rights->mode) != 0) {
        host_warn(host, "install: cannot create regular file '%s': %s", target, strerror(errno));
        return 1;
    }
    if (tool_give(host, path, true, rights->uid, rights->gid) == 0) return 0;
    host_warn(host, "install: cannot change ownership of '%s': %s", target, strerror(errno));
    return 1;
}

int tool_install(Host *host) {
    ToolFlags flags;
    Rights rights;
    Moving moving;
    if (!tool_read_flags(host, "cdDpTvm:o:g:t:",
                         "directory=d preserve-timestamps=p no-target-directory=T verbose=v mode=m owner=o group=g "
                         "target-directory=t",
                         &flags) ||
        !rights_read(host, &flags, &rights))
        return 1;
    if (flags.set['d']) return install_dirs(host, &flags, &rights);
    if (flags.set['D'] && flags.value['t'] != NULL) files_make_dirs(host, tool_path(host, flags.value['t']), 0755);
    if (!moving_read(host, &flags, &moving)) return 1;
    int code = 0;
    for (size_t i = 0; i < moving.sources.count; i++) {
        const char *source = moving.sources.items[i], *target = moving_target(host, &moving, source);
        if (install_file(host, source, target, flags.set['D'], &rights) != 0) code = 1;
    }
    return code;
}

/// Is the path [to] below the path [from]?
static bool is_below(const char *to, const char *from) {
    size_t length = strlen(from);
    return strncmp(to, from, length) == 0 && to[length] == '/';
}

static int move_one(Host *host, const char *source, const char *target) {
    const char *from = tool_path(host, source), *to = tool_path(host, target);
    struct stat info, old;
    if (files_stat(host, from, false, &info) != 0) {
        host_warn(host, "mv: cannot stat '%s': %s", source, strerror(errno));
        return 1;
    }
    bool there = files_stat(host, to, false, &old) == 0;
    const char *reason = NULL;
    if (there && S_ISDIR(old.st_mode) && !S_ISDIR(info.st_mode))
        reason = mem_print(host->mem, "cannot overwrite directory '%s' with non-directory", target);
    else if (there && !S_ISDIR(old.st_mode) && S_ISDIR(info.st_mode))
        reason = mem_print(host->mem, "cannot overwrite non-directory '%s' with directory '%s'", target, source);
    else if (there && old.st_ino == info.st_ino && old.st_dev == info.st_dev)
        reason = mem_print(host->mem, "'%s' and '%s' are the same file", source, target);
    else if (S_ISDIR(info.st_mode) && is_below(to, from))
        reason = mem_print(host->mem, "cannot move '%s' to a subdirectory of itself, '%s'", source, target);
    else if (files_rename(host, from, to) != 0)
        reason = mem_print(host->mem, "cannot move '%s' to '%s': %s", source, target, strerror(errno));
    if (reason != NULL) host_warn(host, "mv: %s", reason);
    return reason == NULL ? 0 : 1;
}

int tool_mv(Host *host) {
    ToolFlags flags;
    Moving moving;
    if (!tool_read_flags(host, "fnTvut:",
                         "force=f no-clobber=n no-target-directory=T verbose=v update=u target-directory=t", &flags) ||
        !moving_read(host, &flags, &moving))
        return 1;
    int code = 0;
    for (size_t i = 0; i < moving.sources.count; i++) {
        const char *source = moving.sources.items[i], *target = moving_target(host, &moving, source);
        if (flags.set['n'] && files_exists(host, tool_path(host, target))) continue;
        if (move_one(host, source, target) != 0) code = 1;
    }
    return code;
}

int tool_cp(Host *host) {
    ToolFlags flags;
    Moving moving;
    if (!tool_read_flags(host, "arRpdfnTvPLut:",
                         "archive=a recursive=r force=f no-clobber=n no-target-directory=T verbose=v no-dereference=P "
                         "dereference=L update=u target-directory=t",
                         &flags) ||
        !moving_read(host, &flags, &moving))
        return 1;
    bool recursive = flags.set['a'] || flags.set['r'] || flags.set['R'], keep = flags.set['a'] || flags.set['p'];
    int code = 0;
    for (size_t i = 0; i < moving.sources.count; i++) {
        const char *source = moving.sources.items[i], *from = tool_path(host, source);
        // `cp -a SRC/. DST` means what SRC holds.
        const char *target = strcmp(leaf(host, source), ".") == 0 ? moving.target : moving_target(host, &moving, source);
        const char *to = tool_path(host, target), *reason = NULL;
        bool is_dir = files_is_dir(host, from);
        if (flags.set['n'] && files_exists(host, to)) continue;
        if (!files_exists(host, from)) reason = mem_print(host->mem, "cannot stat '%s': %s", source, strerror(errno));
        else if (is_dir && !recursive) reason = mem_print(host->mem, "-r not specified; omitting directory '%s'", source);
        else if (is_dir && files_exists(host, to) && !files_is_dir(host, to))
            reason = mem_print(host->mem, "cannot overwrite non-directory '%s' with directory '%s'", target, source);
        else if (!is_dir && files_is_dir(host, to))
            reason = mem_print(host->mem, "cannot overwrite directory '%s' with non-directory", target);
        else if (is_dir && (strcmp(to, from) == 0 || is_below(to, from)))
            reason = mem_print(host->mem, "cannot copy a directory, '%s', into itself, '%s'", source, target);
        else if (files_merge_tree(host, from, to, keep) != 0)
            reason = mem_print(host->mem, "cannot create %s '%s': %s", is_dir ? "directory" : "regular file", target,
                               strerror(errno));
        if (reason == NULL) continue;
        host_warn(host, "cp: %s", reason);
        code = 1;
    }
    return code;
}

int tool_ln(Host *host) {
    ToolFlags flags;
    Moving moving;
    if (!tool_read_flags(host, "sfnTvt:", "symbolic=s force=f no-dereference=n no-target-directory=T verbose=v target-directory=t",
                         &flags) ||
        !moving_read(host, &flags, &moving))
        return 1;
    if (!flags.set['s']) host_fail(host, 1, "phx-sandbox: ln without -s is not modelled");
    struct stat info;
    bool is_link = files_stat(host, tool_path(host, moving.target), false, &info) == 0 && S_ISLNK(info.st_mode);
    if (is_link && flags.set['n']) moving.into = false;
    int code = 0;
    for (size_t i = 0; i < moving.sources.count; i++) {
        const char *target = moving_target(host, &moving, moving.sources.items[i]);
        const char *path = tool_path(host, target);
        Where where;
        if (flags.set['f'] && !(files_stat(host, path, false, &info) == 0 && S_ISDIR(info.st_mode))) files_unlink(host, path);
        if (files_resolve(host, path, false, &where) && symlinkat(moving.sources.items[i], where.at, where.name) == 0) continue;
        host_warn(host, "ln: failed to create symbolic link '%s': %s", target, strerror(errno));
        code = 1;
    }
    return code;
}

int tool_touch(Host *host) {
    ToolFlags flags;
    if (!tool_read_flags(host, "acm", "no-create=c", &flags)) return 1;
    if (flags.plain.count == 0) {
        host_warn(host, "touch: missing file operand\nTry 'touch --help' for more information.");
        return 1;
    }
    int code = 0;
    for (size_t i = 0; i < flags.plain.count; i++) {
        const char *path = tool_path(host, flags.plain.items[i]);
        bool there = files_exists(host, path);
        if (!there && flags.set['c']) continue;
        int file = there ? files_open(host, path, O_RDONLY, 0) : files_open(host, path, O_WRONLY | O_CREAT, 0644);
        if (file < 0 || futimens(file, NULL) != 0) {
            host_warn(host, "touch: cannot touch '%s': %s", flags.plain.items[i], strerror(errno));
            code = 1;
        }
        if (file >= 0) close(file);
    }
    return code;
}

int tool_tee(Host *host) {
    ToolFlags flags;
    if (!tool_read_flags(host, "ai", "append=a ignore-interrupts=i", &flags)) return 1;
    size_t length;
    int code = 0;
    const char *bytes = source_read(host, "/dev/stdin", &length);
    if (bytes == NULL) host_fail(host, 1, "tee: read error: %s", strerror(errno));
    fwrite(bytes, 1, length, host->out);
    for (size_t i = 0; i < flags.plain.count; i++) {
        const char *path = tool_path(host, flags.plain.items[i]);
        struct stat info;
        mode_t mode = files_stat(host, path, true, &info) == 0 ? info.st_mode & 07777 : 0644;
        if (bytes_put(host, path, bytes, length, flags.set['a'] ? O_APPEND : O_TRUNC, mode) == 0) continue;
        host_warn(host, "tee: %s: %s", flags.plain.items[i], strerror(errno));
        code = 1;
    }
    return code;
}

/// Standard input into a file: of its operands `of` and `status` are known.
int tool_dd(Host *host) {
    const char *to = NULL;
    bool quiet = false;
    for (int i = 1; i < host->argc; i++) {
        const char *operand = host->argv[i];
        if (strncmp(operand, "of=", 3) == 0) to = operand + 3;
        else if (strcmp(operand, "status=none") == 0) quiet = true;
        else if (strchr(operand, '=') == NULL) host_fail(host, 1, "dd: unrecognized operand '%s'\nTry 'dd --help' for more information.", operand);
        else host_fail(host, 1, "phx-sandbox: dd %s is not modelled", operand);
    }
    size_t length;
    const char *bytes = source_read(host, "/dev/stdin", &length);
    if (bytes == NULL) host_fail(host, 1, "dd: error reading 'standard input': %s", strerror(errno));
    if (to == NULL) {
        fwrite(bytes, 1, length, host->out);
    } else {
        const char *path = tool_path(host, to);
        struct stat info;
        mode_t mode = files_stat(host, path, true, &info) == 0 ? info.st_mode & 07777 : 0644;
        if (bytes_put(host, path, bytes, length, O_TRUNC, mode) != 0) host_fail(host, 1, "dd: failed to open '%s': %s", to, strerror(errno));
    }
    if (!quiet) host_warn(host, "%zu+%d records in\n%zu+%d records out", length / 512, length % 512 != 0, length / 512, length % 512 != 0);
    return 0;
}

int tool_mktemp(Host *host) {
    static const char LETTERS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    ToolFlags flags;
    if (!tool_read_flags(host, "dp:qtu", "directory=d tmpdir=p quiet=q dry-run=u", &flags)) return 1;
    if (flags.plain.count > 1) host_fail(host, 1, "mktemp: too many templates\nTry 'mktemp --help' for more information.");
    const char *given = flags.plain.count == 1 ? flags.plain.items[0] : "tmp.XXXXXXXXXX", *folder = flags.value['p'];
    if (folder == NULL && (flags.plain.count == 0 || flags.set['t'])) folder = "/tmp";
    size_t end = strlen(given), first = end;
    while (first > 0 && given[first - 1] == 'X') first--;
    if (end - first < 3) host_fail(host, 1, "mktemp: too few X's in template '%s'", given);
    char *name = mem_copy(host->mem, given);
    for (size_t i = first; i < end; i++) {
        unsigned char byte;
        host_random(host, &byte, 1);
        name[i] = LETTERS[byte % (sizeof LETTERS - 1)];
    }
    const char *shown = folder == NULL ? name : mem_print(host->mem, "%s/%s", folder, name), *path = tool_path(host, shown);
    Where where;
    int made = -1;
    if (flags.set['d']) made = files_resolve(host, path, false, &where) ? mkdirat(where.at, where.name, 0700) : -1;
    else made = bytes_put(host, path, "", 0, O_EXCL, 0600);
    if (made != 0)
        host_fail(host, 1, "mktemp: failed to create %s via template '%s%s%s': %s", flags.set['d'] ? "directory" : "file",
                  folder == NULL ? "" : folder, folder == NULL ? "" : "/", given, strerror(errno));
    host_print(host, "%s\n", shown);
    return 0;
}

/// A resolved path as the machine itself names it: bound directories by where they are bound.
static const char *path_inside(Host *host, const Where *where) {
    for (size_t i = 0; i < host->bind_count; i++) {
        const char *at = host->binds[i].path;
        if (where->at == host->binds[i].source) return mem_print(host->mem, "%s%s", host->binds[i].target, where->key + strlen(at));
    }
    const char *rest = where->key + strlen(host->prefix);
    return *rest == '\0' ? "/" : rest;
}

int tool_readlink(Host *host) {
    ToolFlags flags;
    if (!tool_read_flags(host, "femnqsv", "canonicalize=f canonicalize-existing=e canonicalize-missing=m no-newline=n", &flags))
        return 1;
    if (flags.plain.count == 0) return tool_missing_operand(host);
    int code = 0;
    for (size_t i = 0; i < flags.plain.count; i++) {
        const char *path = tool_path(host, flags.plain.items[i]);
        Where where;
        char target[PATH_MAX];
        if (flags.set['f'] || flags.set['e'] || flags.set['m']) {
            if (files_resolve(host, path, true, &where) && (!flags.set['e'] || files_exists(host, path)))
                host_print(host, "%s\n", path_inside(host, &where));
            else code = 1;
            continue;
        }
        ssize_t length = files_resolve(host, path, false, &where) ? readlinkat(where.at, where.name, target, sizeof target) : -1;
        if (length < 0) code = 1;
        else host_print(host, "%.*s%s", (int)length, target, flags.set['n'] ? "" : "\n");
    }
    return code;
}
