/* Attributes of random resources: which are written, with which values, and how they change. */
#ifndef PHX_TESTS_RANDOM_CHOOSE_H
#define PHX_TESTS_RANDOM_CHOOSE_H

#include "tests/random/site.h"

/* Writes each attribute of the resource's type in so many of a hundred cases. */
void choose_some(Site *site, Resource *resource, uint32_t percent);
/* The same for an entry of storages of this kind. */
void choose_of_kind(Site *site, Resource *resource, const char *kind, uint32_t percent);
/* Changes, clears, adds or leaves out an attribute. What must be refused is noted. */
void choose_edit(Site *site, Resource *resource);
/* What was written is now so on the host. */
void choose_applied(Resource *resource);

#endif
