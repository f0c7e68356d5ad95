/* Literals: from the bytes of a string or number to its value. */
#ifndef PHX_LANG_LITERAL_H
#define PHX_LANG_LITERAL_H

#include "lang/tree_build.h"

typedef enum ExtentStatus {
    EXTENT_CLOSED,
    EXTENT_QUOTE_OPEN,      /* no closing quote */
    EXTENT_HOLE_OPEN,       /* no closing brace of a hole */
    EXTENT_TOO_DEEP
} ExtentStatus;

typedef struct Extent {
    ExtentStatus status;
    uint32_t end;           /* behind the closing quote, or where the search for it ended: the end of the line or text */
    uint32_t hole;          /* the brace of EXTENT_HOLE_OPEN */
} Extent;

/* Where the string that begins at [start] ends, strings in its holes and so on included. */
Extent literal_extent(Str bytes, uint32_t start);

/* The value of a STRING token, quotes included. A wrong escape is reported. */
const Value *literal_string(Builder *build, Span span);
/* The texts of a string in parts, in [texts], one for each part that is no hole. [span] is the whole with its quotes. In a block the newline after
   the opening and the common indentation are taken off. */
void literal_parts(Builder *build, Span span, const TextPart *parts, uint32_t count, Str *texts);

/* The value of an INTEGER or LITERAL token; NULL where it was reported. */
const Value *literal_number(Builder *build, Span span);
/* Is this, after a number, a unit? */
int literal_is_unit(Str text);

#endif
