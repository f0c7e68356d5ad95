/* Between the check of values and its messages. */
#ifndef PHX_COMPILER_TYPE_REFUSE_H
#define PHX_COMPILER_TYPE_REFUSE_H

#include "compiler/type.h"

/* Reports that the value is none of the type, with the edit that would make it one where there is one; the result is what stands for it. A
   quiet use is not reported: NULL. */
const Value *type_refuse(Session *session, const Type *type, const Value *value, const Use *use);
/* The same for a value of the right kind: [what] is the matter with it, "is too large". */
const Value *type_refuse_range(Session *session, const Type *type, const Value *value, const Use *use, const char *what);
/* JSON has no addresses and sizes: a string stands for them. NULL where it does not. */
const Value *type_from_text(Session *session, const Type *type, const Value *value);

#endif
