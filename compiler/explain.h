/* The parts of `phxc explain`. */
#ifndef PHX_COMPILER_EXPLAIN_H
#define PHX_COMPILER_EXPLAIN_H

#include "compiler/schema.h"

/* Which commands the rules of a schema write, a line for each rule: what stands before the first argument that is computed. */
void explain_commands(Session *session, const Schema *schema, Text *out);
/* Everything there is as one document in Markdown. */
void explain_reference(Session *session, Text *out);
/* Everything of a kind, a line each: "types", "functions", "checks", "codes"; "reference": all of it. 0 where the word is none of these. */
int explain_list(Session *session, Str word, Text *out);

#endif
