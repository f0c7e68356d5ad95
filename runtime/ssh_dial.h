/* Connections that begin on a host far away: each is a channel of the ssh connection that there is already. */
#ifndef PHX_RUNTIME_SSH_DIAL_H
#define PHX_RUNTIME_SSH_DIAL_H

#include "runtime/http.h"
#include "runtime/ssh_line.h"

typedef struct SshDial {
    Loop *loop;
    const char *program;        /* ssh */
    const SshTarget *target;
    Str socket;                 /* of the connection that is shared, in a folder of ours alone; empty: it can't be shared */
    unsigned lines;             /* how many there were, for their names */
} SshDial;

/* How an Http makes its connections over there; [dial] outlives it. */
HttpDial ssh_dial_http(SshDial *dial);

#endif
