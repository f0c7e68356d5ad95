/* Which checks of the library have nothing to look at in a site: most sites have a few types of resources, and the library checks many. */
#ifndef PHX_COMPILER_IDLE_H
#define PHX_COMPILER_IDLE_H

#include "compiler/eval.h"

typedef struct Idle Idle;

/* To be asked once all resources of the site are known. Lives in the session's arena. */
Idle *idle_new(Session *session);
/* Does this check of the library, of which only the head is known, ask by `all` for resource types and components, and has the site nothing of
   any of them? What is asked for is told from its text and that of the functions that it calls, without reading any: that takes a tenth of the
   time. What looks like a call in a comment or string counts too, so a check may be run for nothing, but none is left out by mistake. */
int idle_check(Idle *idle, const Decl *head);

#endif
