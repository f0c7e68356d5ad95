/* Checks over the whole site, once all values are known. */
#ifndef PHX_COMPILER_CHECKS_H
#define PHX_COMPILER_CHECKS_H

#include "compiler/instance.h"

/* Agreement of profiles, `assert`, identities and `unique` values, every `lint`; then leaves out what needs what was left out. */
void checks_run(Session *session);
/* "guest id" is what the check duplicate_guest_id is about. */
Str unique_finding(Session *session, Str domain);

#endif
