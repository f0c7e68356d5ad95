/* `test "TEXT" { ... }`: the site with given parameters on given hosts, and what is expected of it. Needs neither host nor network. */
#ifndef PHX_COMPILER_TEST_H
#define PHX_COMPILER_TEST_H

#include "compiler/eval.h"

/* found(TYPE, IDENTITY, PLACE): what the facts of the test have of an object, or none. */
const Value *test_found(Session *session, const Expr *call, const Frame *frame);
/* Makes the objects of a map from addresses to attributes known: each is there as it is written, but for the attributes that the map gives it. 0 after
   a report. */
int test_objects(Session *session, const Value *objects, Span span);

#endif
