/* Where the declarations of a formatted text stand, told by their heads alone: a hundredth of what parsing costs. */
#ifndef PHX_LANG_OUTLINE_H
#define PHX_LANG_OUTLINE_H

#include "lang/tree.h"

typedef struct Heading {
    DeclKind kind;
    Ident name;
    Span part;          /* the declaration with the comments above it: parse_declarations reads it */
} Heading;

/* The next declaration behind the byte [*at], which begins at 0 and moves on; 0 at the end. Every declaration begins in the first column
   with one of the words `type fn schema component profile lint`, and no line of it but the first does: so is the library written. */
int outline_next(Names *names, const Source *source, uint32_t *at, Heading *heading);

#endif
