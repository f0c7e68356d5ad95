/* The texts that were read, and places in them. A place is a pair of byte offsets; line and column are computed only to
   print. */
#ifndef PHX_LANG_SOURCE_H
#define PHX_LANG_SOURCE_H

#include "lang/arena.h"

/* [start, end) in bytes of the source number [file]. File 0 is "nowhere". */
typedef struct Span {
    uint32_t file;
    uint32_t start;
    uint32_t end;
} Span;

typedef enum SourceKind {
    SOURCE_PHX,         /* written by the user */
    SOURCE_STDLIB,      /* embedded in the binary */
    SOURCE_JSON,        /* imported data: findings in it are warnings and leave the item out */
    SOURCE_ARGUMENT,    /* text of a command-line option such as --set */
    SOURCE_HOST         /* something read on a host: its text, where it has one, tells lines but is never shown */
} SourceKind;

typedef struct Source {
    Str name;           /* as the user wrote it, for messages and plans */
    Str bytes;          /* the whole text; empty where SOURCE_HOST is no file */
    SourceKind kind;
    uint32_t number;
} Source;

typedef struct Sources Sources;

Sources *sources_new(Arena *arena);
/* Keeps name and bytes as they are (they must live as long as the arena) and numbers the source from 1. */
const Source *source_add(Sources *sources, SourceKind kind, Str name, Str bytes);
/* The source of a number; number 0 and unknown numbers give a source named "?" without text. */
const Source *source_get(const Sources *sources, uint32_t number);
uint32_t sources_count(const Sources *sources);

/* Line and column from 1; the column counts Unicode characters, a tab is one. Both are 0 where the source has no text
   (nowhere, what a command of a host printed). The first call for a source builds its table of lines; after that a call costs the same wherever
   the place is, also in a JSON file of one long line. */
typedef struct Position {
    uint32_t line;
    uint32_t column;
} Position;
Position source_position(Sources *sources, Span span);
/* The bytes of a line (from 1) without its newline or CR LF; empty past the end. */
Str source_line(Sources *sources, const Source *source, uint32_t line);
/* Messages show asterisks in place of the characters of the span: it holds a secret. */
void source_hide(Sources *sources, Span span);
/* Is the byte at this offset of the source hidden? */
int source_is_hidden(const Sources *sources, const Source *source, size_t offset);
/* The bytes of the span. */
Str source_text(const Sources *sources, Span span);

/* From the start of one to the end of the other; where one is nowhere, the other. */
Span span_join(Span a, Span b);
#define SPAN_NONE ((Span){0, 0, 0})

/* The byte offset of the first byte that is not valid UTF-8 (or is NUL), or [length] where all is well. */
size_t utf8_check(const char *bytes, size_t length);
/* How many bytes the character at [at] has, of which [length] can be read: 1 to 4, or 0 where it is not valid UTF-8. */
size_t utf8_length(const char *at, size_t length);

#endif
