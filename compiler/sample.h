/* Examples of what a type holds. */
#ifndef PHX_COMPILER_SAMPLE_H
#define PHX_COMPILER_SAMPLE_H

#include "compiler/schema.h"

/* Appends a value of the type as it would be written; resources are called by the last word of their types. 0 where none can be made up, because a
   pattern says what it must look like (then nothing is appended). */
int sample_value(Session *session, const Type *type, Text *out);
/* A resource with what it must have. */
void sample_resource(Session *session, const Schema *schema, Text *out);

#endif
