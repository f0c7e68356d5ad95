/* Checks by name: those written in phx, those for each `unique` option, and those built in. */
#ifndef PHX_COMPILER_LINTS_H
#define PHX_COMPILER_LINTS_H

#include "compiler/instance.h"

/* Runs every lint of the library and of the site, each after those that it needs; a severity `off` runs only when it is asked for by name. */
void lints_run(Session *session);
/* What nothing in the text names. */
void unused_check(Session *session);
/* Reports every `ignore` of a check that does not exist. */
void ignores_check(Session *session);

/* The check of that name: what `phxc explain` says of it. 0 where there is none. */
int check_explain(Session *session, Str name, Text *out);

#endif
