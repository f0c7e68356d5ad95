/* Looks at the places: fetches what the session asks for and hands it over. */
#ifndef PHX_RUNTIME_INSPECT_H
#define PHX_RUNTIME_INSPECT_H

#include "runtime/places.h"

enum { INSPECT_PARALLEL = 8 };      /* reads under way at a time */

/* Answers every request of session_reads. 0 where we were interrupted: then some are without an answer. What could not be read was
   answered as failed, which session_facts_decode reports. */
int inspect_places(Session *session, const Places *places, Loop *loop);

#endif
