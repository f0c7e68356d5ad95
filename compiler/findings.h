/* The names of all checks: those written in phx, one for each option `unique`, and those that are built in. */
#ifndef PHX_COMPILER_FINDINGS_H
#define PHX_COMPILER_FINDINGS_H

#include "compiler/instance.h"

/* Calls [visit] for every check with its severity and what it is about; some names may come more than once. */
typedef void FindingVisit(void *context, Str name, Str severity, Str text);
void findings_each(Session *session, FindingVisit *visit, void *context);
/* Is there a check of that name? */
int finding_exists(Session *session, Str name);
/* Offers the names of all checks. */
void findings_suggest(Session *session, Suggestion *suggestion);
/* Reports the names in -W, -E and -A that belong to no check, and of -E also to no code. */
void findings_check_options(Session *session);

#endif
