/* Looks at the places: fetches what the session asks for and hands it over. */
#ifndef PHX_RUNTIME_INSPECT_H
#define PHX_RUNTIME_INSPECT_H

#include "runtime/places.h"

enum { INSPECT_PARALLEL = 8 };      /* reads under way at a time */

typedef enum InspectResult {
    INSPECT_KNOWN,
    INSPECT_FAILED,         /* something could not be read or decoded: reported */
    INSPECT_INTERRUPTED     /* some requests are without an answer */
} InspectResult;

/* Answers the requests of session_fact_reads. */
InspectResult inspect_facts(Session *session, const Places *places, Loop *loop);
/* Answers the requests of session_reads, and those that follow from what was found, and has all decoded. */
InspectResult inspect_places(Session *session, const Places *places, Loop *loop);

/* Answers these requests of the session. */
InspectResult inspect_requests(Session *session, const Places *places, Loop *loop, const ReadRequest *requests, uint32_t count);

#endif
