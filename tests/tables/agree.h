/* Do schemas and tables mean the same? */
#ifndef PHX_TESTS_TABLES_AGREE_H
#define PHX_TESTS_TABLES_AGREE_H

#include "tests/tables/home.h"
#include "tests/tables/rows.h"

/* Tries every parameter that an attribute types with texts that the table takes and refuses, and with values that the attribute takes. Prints
   each disagreement that [exceptions] has no row for, and `N cases, M disagreements`. The number of failures, stale rows included. */
uint32_t agreement_print(Session *session, const Tables *tables, Rows *exceptions);

#endif
