/* The embedded library: the names of all it declares are known from the start, each declaration is read when it is first asked for, so that
   what a site does not use costs it nothing. */
#ifndef PHX_COMPILER_LIBRARY_H
#define PHX_COMPILER_LIBRARY_H

#include "compiler/schema.h"

/* Declares the names of the embedded sources in the prelude. */
void library_declare(Session *session);
/* The declaration as it was written, where only its head may be known: one of session->lints, schema->decl. */
const Decl *library_decl(Session *session, const Decl *decl);
/* Reads all that was not read yet: for questions about everything. */
void library_read(Session *session);
/* The same, with every resource type completed. */
void library_complete(Session *session);
/* Looks up every name in it and completes every schema: for its tests, since it is the same in every run. */
void library_check(Session *session);

/* Makes attributes and rules of a resource type known, where they are not yet. */
void schema_ready(Session *session, const Schema *schema);
/* The resource type of this name, ready; NULL where there is none. */
const Schema *schema_named(Session *session, Str type);
/* Does some type declare the tag? */
int tag_declared(Session *session, const Name *tag);

#endif
