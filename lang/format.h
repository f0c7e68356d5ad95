/* Text to the same text, laid out: `phxc fmt`. */
#ifndef PHX_LANG_FORMAT_H
#define PHX_LANG_FORMAT_H

#include "lang/parse.h"

/* Appends the formatted source to [out]. Tokens and comments stay as they are, in their order; only the white space
   between them changes: two blanks a level, at most one empty line, one blank around operators, `=` and trailing comments
   of neighbouring lines aligned. Line breaks stay where the author put them. 0 where the source has syntax errors
   (reported): then nothing is appended. Formatting twice changes nothing more. */
int format_source(Arena *arena, Names *names, Diagnostics *diagnostics, const Source *source, Text *out);

#endif
