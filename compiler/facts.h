/* What is known of the hosts: objects by place, resource type and identity. */
#ifndef PHX_COMPILER_FACTS_H
#define PHX_COMPILER_FACTS_H

#include "compiler/instance.h"

typedef struct Facts Facts;

Facts *facts_new(Session *session);
/* What a place has of a type: NULL, absent; else the record of attributes (by the attribute's name, families by member: `net3`). While the
   session allocates in its scratch arena it lies there. */
const Value *facts_get(Facts *facts, Str place, const Schema *schema, Str identity);
/* Was this type read at this place at all? Where not (the read failed), nothing can be planned for it. */
int facts_known(const Facts *facts, Str place, const Schema *schema);
/* Puts (or with NULL removes) an object. */
void facts_put(Facts *facts, Str place, const Schema *schema, Str identity, const Value *have);
void facts_set_known(Facts *facts, Str place, const Schema *schema);
/* Calls [visit] for every object, in order of place, type name, identity. [visit] may put and remove; meanwhile the session allocates in its
   scratch arena. */
void facts_each(Facts *facts, void (*visit)(void *context, Str place, const Schema *schema, Str identity), void *context);

/* The index of names at a place: lines "TYPE IDENTITY ADDRESS" of /var/lib/phxc/SITE/owned; others are skipped. Of two lines for one
   object the later counts. */
void facts_own(Facts *facts, Str place, Str line);
/* Such a line. Blanks in the identity are percent-encoded, so that the line can be read back. */
Str facts_owned_line(Arena *arena, Str type, Str identity, Str address);
/* The address that the index gives for an object; empty: not in it. */
Str facts_owner(const Facts *facts, Str place, Str type, Str identity);

/* The record of properties that a `found` rule gave, decoded by the schema's codecs; what can't be decoded stays a string, what no
   attribute names is left out. With `compare = "digest"` the text is replaced by its digest. Secrets are flagged. */
const Value *facts_decode(Session *session, const Schema *schema, const Value *properties, Span origin);

/* The value without what is not recorded: secrets, and what holds no value. The same object where there is nothing of the kind. */
const Value *facts_without_secrets(Arena *arena, const Value *value);

/* Marks digests of texts that a secret went into, or may have, as secrets: of one object, of all that the site has. What the resources want is
   evaluated, so all that is read must have been taken over. */
void facts_hide(Session *session, Instance *instance);
void facts_hide_all(Session *session);

/* phx-facts/1. Reading decodes an object when it is first asked for; 0 where the file is malformed (reported). */
int facts_read(Facts *facts, const Source *source);
/* One object as it stands in a facts file, on one line; null where there is none. */
void facts_write_object(Session *session, const Value *have, Text *out);
/* Sorted and canonical: the same facts are the same bytes. Secrets are left out. */
void facts_write(Facts *facts, Text *out);

#endif
