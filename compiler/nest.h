/* What declarations hold others: resources that stand inside a resource, and phases. */
#ifndef PHX_COMPILER_NEST_H
#define PHX_COMPILER_NEST_H

#include "compiler/instance.h"

/* Makes what the blocks `inside` of a resource declare, and those of the profiles that it uses; all of them share their names. [frame] is where
   the resource's own expressions look up names. Reports an `inside` where nothing can stand. */
void inside_expand(Session *session, Instance *instance, const Frame *frame);

/* Gives a phase its number; reports a name that is taken, and a phase that does not stand at the top of a file. Never NULL. */
const Phase *phase_declare(Session *session, const Decl *decl, const Block *around);
/* Finds the phases that [phase] comes after; reports a name that no phase has. [visit], where it is not NULL, is called for
   each. */
void phase_each_before(Session *session, const Phase *phase, void (*visit)(void *context, const Phase *before), void *context);

#endif
