// Docker in a machine: what its daemon keeps, and the programs that talk to it.
#ifndef PHX_SANDBOX_DOCKER_H
#define PHX_SANDBOX_DOCKER_H

#include "host.h"

/// The daemon ends: its containers do too, and start again with it as their restart policies say.
void docker_engine_stop(Host *host);

#endif
