/* The lock and the journal of a host far away: on the host itself, whoever applies from wherever. */
#ifndef PHX_RUNTIME_REMOTE_STATE_H
#define PHX_RUNTIME_REMOTE_STATE_H

#include "runtime/channel.h"
#include "runtime/state.h"

/* The state in [folder] of the host called [name], to which [channel] leads and whose lifetime its lock has. */
State *remote_state_open(Arena *arena, Channel *channel, Str name, Str folder);

#endif
