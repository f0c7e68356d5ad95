// Programs run inside a guest: those of the sandbox, with the guest's directory for their root.
#ifndef PHX_SANDBOX_INSIDE_H
#define PHX_SANDBOX_INSIDE_H

#include "conf.h"

enum { INSIDE_NOT_FOUND = 127 };

/// A view of the host from within the guest: its root, and the directories that are bound into it. [conf] must stay.
Host inside_view(Host *host, const Conf *conf);

/// The full path of the file that is run for [name] (with or without folders) in the machine [view]; NULL: there is none.
/// What every machine has needs no file.
const char *inside_find(Host *view, const char *name);

/// Runs [command] in the machine [view] and returns its exit code; nothing that it does ends the calling program.
/// INSIDE_NOT_FOUND, with nothing printed and *missing true, for what the machine has no program for.
int inside_run(Host *view, const Words *command, bool *missing);

/// The same with what it prints in *out and *err, which the arena owns.
int inside_capture(Host *view, const Words *command, bool *missing, const char **out, const char **err);

/// A descriptor from which nothing can be read.
int inside_no_input(Host *host);

/// `env NAME=VALUE... COMMAND...`
int env_main(Host *host);

#endif
