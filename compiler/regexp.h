/* POSIX extended regular expressions, compiled once for many texts. */
#ifndef PHX_COMPILER_REGEXP_H
#define PHX_COMPILER_REGEXP_H

#include "compiler/session.h"

/* Does [pattern] match somewhere in [text]? A text that holds a NUL never matches: no program could be given it. 1 or 0, or -1 with the reason in *error where it is no regular expression. [groups] gets what its
   first [limit] groups matched (an empty text for a group that took no part), *count how many groups it has, at most [limit]; both may be
   NULL with a limit of 0. */
int regexp_match(Session *session, Str pattern, Str text, Str *groups, uint32_t limit, uint32_t *count, Str *error);
/* Gives back what the compiled expressions hold outside the arena. */
void regexps_close(Session *session);

#endif
