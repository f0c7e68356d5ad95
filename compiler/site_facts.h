/* `fact NAME: TYPE from SOURCE = EXPR`: values that are read on a host and decide, like parameters, what the site is. They have their values before
   any resource is made but the places that they are read on. */
#ifndef PHX_COMPILER_SITE_FACTS_H
#define PHX_COMPILER_SITE_FACTS_H

#include "compiler/scope.h"

/* Finds what the site's modules declare. */
void site_facts_collect(Session *session);
/* Gives every fact its value: the one it was set to, else that of the facts file, else what was read, else its default; a report where it has none.
   From now on they may be asked for. */
void site_facts_settle(Session *session);
/* The same for one that another asks for. */
void site_fact_settle(Session *session, Binding *binding, Span use);
/* Reports places that were not there yet when the facts were asked for: their default place would be another. */
void site_facts_check_places(Session *session);
/* Name (with the module's prefix) and value of each that has one, in the order of names. */
const Field *site_facts_values(Session *session, uint32_t *count);

#endif
