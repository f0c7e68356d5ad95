/* The scanner's state: a source to tokens, one at a time. */
#ifndef PHX_LANG_SCAN_H
#define PHX_LANG_SCAN_H

#include "lang/source.h"
#include "lang/tree.h"

/* A hole `{...}` in a string that is being scanned. */
typedef struct Hole {
    uint32_t braces;        /* braces opened inside it and not closed yet */
    uint8_t block;          /* the string is a block */
} Hole;

typedef struct Scanner {
    Arena *arena;
    const Source *source;
    void *flex;             /* flex's own state */
    uint32_t fed;           /* up to here flex was given the text, */
    uint32_t end;           /* and this is where the part to be read ends */
    uint32_t start;         /* of the token */
    uint32_t position;      /* its end */
    uint32_t line_start;    /* of the line the token begins on */
    uint32_t next_line;     /* of the line it ends on: a token may hold newlines */
    uint32_t sound;         /* up to here strings are known to be closed */
    int fresh;              /* no token of this line was seen yet */
    int first;              /* the token is the first of its line */
    uint32_t hole_count;
    Hole holes[TREE_DEPTH_LIMIT];
} Scanner;

/* Reads the bytes [start, end) of the source: from its first one on behind a byte order mark. Needs no end: everything is in the arena. */
void scanner_init(Scanner *scanner, Arena *arena, const Source *source, uint32_t start, uint32_t end);
/* The next token's number (T_... of grammar.h; comments too; 0 at the end). Its bytes are [start, position). Nothing is
   reported: what is no phx has tokens of its own. */
int scanner_next(Scanner *scanner);
/* Goes on at [offset], which is outside of every string and begins a token. */
void scanner_rewind(Scanner *scanner, uint32_t offset);

#endif
