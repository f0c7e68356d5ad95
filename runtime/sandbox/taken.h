// What only one program at a time may change, and waiting for it.
#ifndef PHX_SANDBOX_TAKEN_H
#define PHX_SANDBOX_TAKEN_H

#include "cli.h"

/// Takes what [command] changes before it begins, as the real programs do: the file of a guest by a lock that the kernel releases at their end, one
/// of the cluster by a folder in /etc/pve/priv/lock. What is held by somebody is waited for, `lock_wait` seconds; then the program ends with 255.
void taken_begin(Host *host, const CliCommand *command, const Args *args);

#endif
