/* Patterns in two languages: POSIX extended regular expressions, which phx has, and those of ECMA-262, which JSON Schema has. */
#ifndef PHX_COMPILER_ECMA_H
#define PHX_COMPILER_ECMA_H

#include "lang/text.h"

/* Appends the pattern of the other language that matches the same texts. 0 where there is none, or where the one language says nothing about what it
   means (then nothing is appended). What was translated, back and forth again, is the same. */
int pattern_to_ecma(Str posix, Text *out);
int pattern_from_ecma(Str ecma, Text *out);

#endif
