/* The inside of an inspection: what is asked for and what came of it (inspect.c: of hosts; inspect_recorded.c: of a test). */
#ifndef PHX_COMPILER_INSPECT_PARTS_H
#define PHX_COMPILER_INSPECT_PARTS_H

#include "compiler/inspect.h"

/* One read with its answer. */
typedef struct Request {
    ReadRequest read;
    Str key;                    /* what makes two requests one */
    int answered, failed;
    Str problem;
    const Value *value;         /* what `found` sees of it */
} Request;

/* A source in a `read` rule: the numbers of its requests. */
typedef struct Part {
    const Name *name;
    const uint32_t *requests;
    uint32_t count;
    int list;                   /* written as a list: `found` sees a list */
} Part;

/* All of one type at one place. */
typedef struct Reading {
    Str place;
    const Schema *schema;
    const Value *wanted;
    Part *parts;
    uint32_t part_count;
    Span origin;                /* the host, for values read there */
    const Value *found;         /* of one resource again: what there was */
    int unrecorded;             /* in a test: nothing was said of it, so there is nothing */
    int bystander;              /* the site has no resource of this type: read for what it made in former times, and silent where it can't be */
} Reading;

/* What is asked for together: of one type at one place. */
typedef struct Pile {
    const Schema *schema;
    Str place;
    VECTOR(const Value *) wanted;
} Pile;
typedef VECTOR(Pile *) Piles;

struct Inspection {
    VECTOR(Request *) requests;
    uint32_t *index;            /* request number + 1, by the hash of its key */
    uint32_t mask;
    VECTOR(Reading *) readings;
    int begun;                  /* the site's resources were asked for; before that its facts may have been */
    uint32_t asked;             /* requests that were given out, */
    uint32_t decoded;           /* readings that were decoded, */
    uint32_t rounds;            /* and how often: each time what stands one layer further in can be asked for */
};

/* Evaluates a rule that is a record of sources, and asks for them; NULL after a report. [instance] is the resource, where it is about one. */
Reading *reading_make(Session *session, Str place, const Schema *schema, Rule rule, Instance *instance, const Value *wanted);
/* The pile of a type at a place, made where there is none yet: there are a few dozen. */
Pile *pile_of(Session *session, Piles *piles, const Schema *schema, Str place);
/* A reading of each. */
void piles_read(Session *session, const Piles *piles, int bystander);
/* Are objects of the type known by those that a site names, so that there is nothing to ask for where it names none? */
int reading_by_name(Session *session, Str place, const Schema *schema);
/* Can what stands on a place be asked for? Inside of something only where that is there and runs. */
int place_is_open(Session *session, const Instance *place);
/* Asks, once each, for what the index of names has and the text has not, where nobody else asks. */
void unnamed_ask(Session *session);
/* The session's; made where there is none yet. */
struct Inspection *inspection_of(Session *session);
Request *request_at(Session *session, uint32_t number);
/* What a source value asks for, but for the place; 0 after a report. */
int source_read(Session *session, const Value *source, Span span, ReadRequest *read);
/* A path, or the words of a command, for messages. */
Str request_describe(Session *session, const ReadRequest *read);

#endif
