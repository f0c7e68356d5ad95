/* Provenance: for every step of a plan, and every attribute that it changes, the places in the site's files and data that it comes from. */
#ifndef PHX_COMPILER_PROVENANCE_H
#define PHX_COMPILER_PROVENANCE_H

#include "compiler/instance.h"

/* The places that an instance's steps come from: its own text, what its values are made of, what it stands in and refers to, and the schemas of the
   site's own that say what is done. Nearest first, each once. The library is no part of it. */
PlanLinks provenance_of_instance(Session *session, Instance *instance);
/* The same for one attribute alone, by its name in a plan: "memory", "net0.ip". Empty where the text does not write it. */
PlanLinks provenance_of_attribute(Session *session, Instance *instance, Str attribute);

#endif
