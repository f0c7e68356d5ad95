/* Sites that are made up: resources of every kind with attributes by chance. */
#ifndef PHX_TESTS_TABLES_SITE_H
#define PHX_TESTS_TABLES_SITE_H

#include <stdio.h>

#include "compiler/state.h"

typedef struct SiteOptions {
    uint64_t structure;         /* which resources there are, and what of them can never change */
    uint64_t seed;              /* all else; volumes of a later one are not smaller */
    uint32_t count;             /* of resources */
    int facts;                  /* not the text, but the host as it would be with it, as phx-facts/1 */
} SiteOptions;

void site_print(Session *session, const SiteOptions *options, FILE *out);

#endif
