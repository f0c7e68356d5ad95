// The coreutils that the sandbox has, for the host and inside guests; the exit code is what they return.
#ifndef PHX_SANDBOX_TOOLS_H
#define PHX_SANDBOX_TOOLS_H

#include "host.h"

#include <sys/stat.h>

int tool_stat(Host *host);
int tool_mkdir(Host *host);
int tool_rmdir(Host *host);
int tool_rm(Host *host);
int tool_chmod(Host *host);
int tool_chown(Host *host);
int tool_sha256sum(Host *host);
int tool_cat(Host *host);
int tool_grep(Host *host);
int tool_ls(Host *host);
int tool_test(Host *host);
int tool_install(Host *host);
int tool_mv(Host *host);
int tool_cp(Host *host);
int tool_ln(Host *host);
int tool_touch(Host *host);
int tool_tee(Host *host);
int tool_dd(Host *host);
int tool_mktemp(Host *host);
int tool_readlink(Host *host);
int tool_true(Host *host);
int tool_false(Host *host);

/// What the flags of a tool look like: "pm:" is -p and -m VALUE, as in getopt; long names in [names] map to letters
/// ("parents=p mode=m"). Plain arguments go to [plain]. The value of the last flag with one is in [value] by letter.
typedef struct ToolFlags {
    bool set[128];
    const char *value[128];
    Words plain;
    Pairs values;         // every flag with a value, by letter, in their order
} ToolFlags;

/// Reads host->argv; prints the tool's usage error and returns false for an unknown flag.
bool tool_read_flags(Host *host, const char *letters, const char *names, ToolFlags *flags);

/// Says that the tool wants an operand; gives its exit code.
int tool_missing_operand(Host *host);

/// An absolute path for one that was given relative to the working directory.
const char *tool_path(Host *host, const char *given);

/// stat of [path] with the recorded owner; files that no one gave away belong to root. 0, or -1 with errno.
int tool_stat_owned(Host *host, const char *path, bool follow, struct stat *info);

/// Gives [path] to a user and a group, -1 for as they are. 0, or -1 with errno.
int tool_give(Host *host, const char *path, bool follow, uid_t uid, gid_t gid);

/// The mode that [text] (octal or symbolic) makes of [mode]; false if it is no mode.
bool tool_apply_mode(Host *host, const char *text, bool is_dir, mode_t *mode);

/// Remembers that the file [path] passes for one with [sha256]: placeholders of downloads do.
void tool_claim_sha256(Host *host, const char *path, const char *sha256);

/// The SHA-256 that the file passes for, or of what it holds; NULL with errno if it can not be read.
const char *tool_sha256(Host *host, const char *path);

#endif
