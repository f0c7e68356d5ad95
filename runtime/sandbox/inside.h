// Programs run inside a guest: the tools of the sandbox, with the guest's directory for their root.
#ifndef PHX_SANDBOX_INSIDE_H
#define PHX_SANDBOX_INSIDE_H

#include "conf.h"

/// A view of the host from within the guest: its root, and the directories that are bound into it.
Host inside_view(Host *host, const Conf *conf);

/// Runs [command] in the guest [view] and returns its exit code. What the sandbox has no program for is "not found".
int inside_run(Host *view, const Words *command);

#endif
