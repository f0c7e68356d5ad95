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

int inspect_places(Session *session, const Places *places, Loop *loop) {
    Inspection inspection = {.session = session, .loop = loop, .places = places};
    uint32_t count, next = 0;
    const ReadRequest *requests = session_reads(session, &count);
    loop_interrupts(loop, inspection_interrupted, &inspection);
    while (inspection.running || (next < count && !inspection.interrupted)) {
        while (inspection.running < INSPECT_PARALLEL && next < count && !inspection.interrupted)
            fetch_start(&inspection, &requests[next++]);
        if (inspection.running)
            loop_turn(loop);
    }
    loop_interrupts(loop, NULL, NULL);
    return !inspection.interrupted;
}
