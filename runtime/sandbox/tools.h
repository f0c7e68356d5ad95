// The coreutils that the sandbox has, for the host and inside guests; the exit code is what they return.
#ifndef PHX_SANDBOX_TOOLS_H
#define PHX_SANDBOX_TOOLS_H

#include "host.h"

int tool_stat(Host *host);
int tool_mkdir(Host *host);
int tool_rmdir(Host *host);
int tool_rm(Host *host);
int tool_chmod(Host *host);
int tool_chown(Host *host);
int tool_sha256sum(Host *host);
int tool_cat(Host *host);
int tool_ls(Host *host);
int tool_test(Host *host);
int tool_true(Host *host);
int tool_false(Host *host);

/// What the flags of a tool look like: "pm:" is -p and -m VALUE, as in getopt; long names in [names] map to letters
/// ("parents=p mode=m"). Plain arguments go to [plain]. The value of the last flag with one is in [value] by letter.
typedef struct ToolFlags {
    bool set[128];
    const char *value[128];
    Words plain;
} ToolFlags;

/// Reads host->argv; prints the tool's usage error and returns false for an unknown flag.
bool tool_read_flags(Host *host, const char *letters, const char *names, ToolFlags *flags);

/// An absolute path for one that was given: the working directory is always /.
const char *tool_path(Host *host, const char *given);

/// Remembers that the file [path] passes for one with [sha256]: placeholders of downloads do.
void tool_claim_sha256(Host *host, const char *path, const char *sha256);

/// The SHA-256 that the file passes for, or of what it holds; NULL with errno if it can not be read.
const char *tool_sha256(Host *host, const char *path);

#endif
