/* Objects that stand on a host and not in the text: what is known of them, and instances that stand for them. */
#ifndef PHX_COMPILER_FOUND_H
#define PHX_COMPILER_FOUND_H

#include "compiler/instance.h"

/* Attributes in one identity. */
enum { IDENTITY_FIELD_LIMIT = 16 };

/* The identity rule as a pattern, "{pool}/{path}"; empty where it is more than attributes and literal text: then nothing is known of the
   attributes in it. */
Str found_pattern(Session *session, const Schema *schema);
/* What the host says of the object (the record [have]), and what its identity says. */
const Value *found_attributes(Session *session, const Schema *schema, Str identity, const Value *have);
/* A resource whose text says what the record [attributes] does; [place] NULL: the site names none. Rules are evaluated for it as for any other. Values that
   no attribute of the schema has are left out. */
Instance *found_instance(Session *session, const Schema *schema, const Instance *place, Str address, Str identity, const Value *attributes);
/* Has a resource stand on [place], wherever the text puts it. */
void instance_put(Session *session, Instance *instance, const Instance *place);

#endif
