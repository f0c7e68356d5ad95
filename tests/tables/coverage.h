/* How much of what Proxmox's commands take the schemas can say. */
#ifndef PHX_TESTS_TABLES_COVERAGE_H
#define PHX_TESTS_TABLES_COVERAGE_H

#include "compiler/lookup.h"
#include "tests/tables/home.h"
#include "tests/tables/rows.h"

/* Prints `pct: TYPED/TOTAL ...` for each program and a failure for each parameter that nothing speaks for and [left_out] has no
   reason for. Something of what a row of [by_rule] says must be among the lines of [seen], as argv_takes adds them. The number of failures. */
uint32_t coverage_print(Session *session, const Tables *tables, Rows *left_out, Rows *by_rule, const Lookup *seen);

#endif
