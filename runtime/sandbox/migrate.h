// Guests that go to another node.
#ifndef PHX_SANDBOX_MIGRATE_H
#define PHX_SANDBOX_MIGRATE_H

#include "cli.h"
#include "guest.h"

/// Moves the guest that [args] names to another node of the cluster; ends the program where the real one would refuse.
int migrate_guest(Host *host, const Args *args, GuestKind kind);

#endif
