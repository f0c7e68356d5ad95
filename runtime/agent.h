/* The program that serves a place reached over ssh, runtime/agent.pl, carried in the binary. */
#ifndef PHX_RUNTIME_AGENT_H
#define PHX_RUNTIME_AGENT_H

#include <stddef.h>

extern const char phx_agent[];
extern const size_t phx_agent_length;

#endif
