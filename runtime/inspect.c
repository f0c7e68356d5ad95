/* The requests of a session, several at a time, each answered as it comes. */
#include "runtime/inspect.h"

typedef struct Inspection {
    Session *session;
    Loop *loop;
    const Places *places;
    uint32_t running;
    int interrupted;
} Inspection;

typedef struct Fetch {
    Inspection *inspection;
    const ReadRequest *request;
} Fetch;

static void inspection_interrupted(void *context) {
    Inspection *inspection = context;
    inspection->interrupted = 1;
    loop_cancel(inspection->loop);
}

static void fetch_done(void *context, const ReadAnswer *answer) {
    const Fetch *fetch = context;
    fetch->inspection->running--;
    session_answer(fetch->inspection->session, fetch->request, answer);
}

static void fetch_start(Inspection *inspection, const ReadRequest *request) {
    Place *place = places_find(inspection->places, request->place);
    if (!place) {
        ReadAnswer answer = {.failed = 1, .problem = STR("nothing is known of this place")};
        session_answer(inspection->session, request, &answer);
        return;
    }
    Fetch *fetch = ARENA_NEW(session_arena(inspection->session), Fetch);
    *fetch = (Fetch){inspection, request};
    inspection->running++;
    place->class->read(place, request, fetch_done, fetch);
}

static void inspect_fetch(Inspection *inspection, const ReadRequest *requests, uint32_t count) {
    uint32_t next = 0;
    while (inspection->running || (next < count && !inspection->interrupted)) {
        while (inspection->running < INSPECT_PARALLEL && next < count && !inspection->interrupted)
            fetch_start(inspection, &requests[next++]);
        if (inspection->running)
            loop_turn(inspection->loop);
    }
}

/* What the session asks for now; 0 where it has no more to ask. */
static int inspect_round(Inspection *inspection) {
    uint32_t count;
    const ReadRequest *requests = session_reads(inspection->session, &count);
    if (requests)
        inspect_fetch(inspection, requests, count);
    return requests != NULL;
}

InspectResult inspect_requests(Session *session, const Places *places, Loop *loop, const ReadRequest *requests, uint32_t count) {
    Inspection inspection = {.session = session, .loop = loop, .places = places};
    loop_interrupts(loop, inspection_interrupted, &inspection);
    inspect_fetch(&inspection, requests, count);
    loop_interrupts(loop, NULL, NULL);
    return inspection.interrupted ? INSPECT_INTERRUPTED : INSPECT_KNOWN;
}

InspectResult inspect_facts(Session *session, const Places *places, Loop *loop) {
    uint32_t count;
    const ReadRequest *requests = session_fact_reads(session, &count);
    return inspect_requests(session, places, loop, requests, count);
}

InspectResult inspect_places(Session *session, const Places *places, Loop *loop) {
    Inspection inspection = {.session = session, .loop = loop, .places = places};
    int known = 1;
    loop_interrupts(loop, inspection_interrupted, &inspection);
    while (inspect_round(&inspection) && !inspection.interrupted)
        known &= session_facts_decode(session);
    loop_interrupts(loop, NULL, NULL);
    return inspection.interrupted ? INSPECT_INTERRUPTED : known ? INSPECT_KNOWN : INSPECT_FAILED;
}
