/* How the system's ssh is called, and what its complaints mean. */
#ifndef PHX_RUNTIME_SSH_LINE_H
#define PHX_RUNTIME_SSH_LINE_H

#include "lang/text.h"

/* "[USER@]HOST[:PORT]", where HOST is whatever ssh takes: a name, an address (IPv6 in brackets), an alias of ssh's configuration. */
typedef struct SshTarget {
    Str user;                   /* empty: as the configuration says */
    Str host;
    Str port;                   /* likewise */
} SshTarget;

/* 0 with the reason in [problem] where it has not that form. */
int ssh_target_read(Arena *arena, Str destination, SshTarget *target, Text *problem);

/* The arguments of ssh, NULL at the end, for a connection on which [command] runs. With a [socket], a path, others can share it. */
char *const *ssh_arguments(Arena *arena, const SshTarget *target, Str socket, const char *command);
/* Those of an ssh that shares the connection of [socket] and carries bytes between its standard input and output and [host]:[port] as that is
   seen from the other side. It makes no connection of its own. */
char *const *ssh_forward_arguments(Arena *arena, const SshTarget *target, Str socket, Str host, int port);

/* From what ssh and the login said and the exit code: the reason in a line, and what can be done about it in [advice] (which may stay empty). */
void ssh_explain(const SshTarget *target, Str complaints, int exit_code, const char *otherwise, Text *problem, Text *advice);

#endif
