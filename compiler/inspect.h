/* Inspection: what to read at which place, and what the answers mean. */
#ifndef PHX_COMPILER_INSPECT_H
#define PHX_COMPILER_INSPECT_H

#include "compiler/facts.h"

/* What must be read again to know one resource: its schema's `read_one`, or `read` where it has none. */
const ReadRequest *inspection_one(Session *session, Instance *instance, uint32_t *count);
/* Decodes the answers to inspection_one and puts the result into the facts: the object is there with these attributes, or absent.
   0 where it could not be read or decoded (reported). */
int inspection_decode_one(Session *session, Instance *instance);

/* Another object that was found with it, where it was read again: of a file that holds many what is common to them all. NULL where there is none. */
const Value *inspection_other(Session *session, const Instance *instance);

/* The number of the request for a source, as `run` and its kind make it, at a place of the site; -1 after a report. */
int64_t inspection_request(Session *session, Str place, const Value *source, Span span);
/* The requests that were made and not yet given out. */
const ReadRequest *inspection_asks(Session *session, uint32_t *count);
/* What was read: a text, a list of files, none. NULL where it could not be read, with the reason, or was not (an empty reason). */
const Value *inspection_answer(Session *session, uint32_t number, Str *problem);

/* For tests, instead of a host: answers all requests for a source with a recorded value; how many there are, answered before or not. -1 after a report,
   at [span] or, about the value, at [place]. */
int64_t inspection_record(Session *session, const Value *source, Span span, const Value *recorded, Span place);
/* What was asked for and not recorded is not there; 0 after a report about what can't be guessed. */
int inspection_complete(Session *session, Span test);

/* The file that lists the names of objects without room for a stamp: /var/lib/phxc/SITE/owned. */
Str inspection_owned_path(Session *session);

#endif
