/* Pieces of texts: slices that share the bytes of the text they are cut from. */
#ifndef PHX_COMPILER_SLICE_H
#define PHX_COMPILER_SLICE_H

#include "lang/arena.h"

/* The bytes from [start] to [end] (not included), both cut to the text. */
Str slice(Str text, size_t start, size_t end);
/* Without the blanks, tabs and line ends around it. */
Str slice_trim(Str text);
/* The offset of the first [needle] at or after [start], or [text].length where there is none. An empty needle is nowhere. */
size_t slice_find(Str text, Str needle, size_t start);
size_t slice_find_char(Str text, char c, size_t start);
int slice_begins(Str text, Str start);
int slice_ends(Str text, Str end);
/* Equal but for the case of ASCII letters. */
int slice_equal_letters(Str a, Str b);

/* Cuts the part before the next [separator] off *rest: `Str rest = text, part; while (slice_next(&rest, STR(","), &part)) ...`.
   0 at the end. There is one part more than there are separators: an empty text has one empty part. */
int slice_next(Str *rest, Str separator, Str *part);
/* The same for lines: their ends (LF or CRLF) are cut off, and a final newline begins no further line. */
int slice_next_line(Str *rest, Str *line);

#endif
