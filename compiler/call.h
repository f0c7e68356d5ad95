/* Between calls and those who list, check and explain functions. */
#ifndef PHX_COMPILER_CALL_H
#define PHX_COMPILER_CALL_H

#include "compiler/eval.h"

/* Resolves the types of a function's or component's parameters and result, once. */
void function_resolve(Session *session, Binding *function);
/* The functions in C by number; NULL past the last. */
const Builtin *builtin_at(Session *session, uint32_t number);

#endif
