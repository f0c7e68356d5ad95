/* The places of a site: which `--host` stands for which of its addresses. */
#ifndef PHX_RUNTIME_PLACES_H
#define PHX_RUNTIME_PLACES_H

#include "runtime/place.h"

typedef struct Places {
    const Str *addresses;       /* of the site's places, as the session names them */
    Place **bound;              /* beside each address its place; one place may stand for several */
    uint32_t count;
    Place **open;               /* each once, in the order of their names: whoever locks several does so in one order */
    uint32_t open_count;
} Places;

/* Opens a place for every address. [hosts] are the values of --host: a place for a site that has one, NODE=PLACE for each where it has
   several, or one sandbox whose folder nodes/NODE has a host for each. Without any the local machine is taken, if it is a Proxmox host.
   0 with diagnostics where an address is left without a place; then nothing is open. */
int places_open(Places *places, Arena *arena, Loop *loop, Diagnostics *diagnostics, const Str *addresses, uint32_t count,
                const Str *hosts, uint32_t host_count);
void places_close(Places *places);

/* The place of an address; "" is the only one of a site that names none. NULL where the address is unknown. */
Place *places_find(const Places *places, Str address);

#endif
