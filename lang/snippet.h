/* The lines of source that a message points at, with carets under them: for diagnostic_print.c and `phxc why`. */
#ifndef PHX_LANG_SNIPPET_H
#define PHX_LANG_SNIPPET_H

#include "lang/source.h"
#include "lang/text.h"

/* One place with what is said about it. */
typedef struct Mark {
    Span span;
    Str text;           /* may be empty */
    int is_main;        /* `^`, else `-` */
    /* Filled in by marks_resolve: */
    const Source *source;
    Position position;
} Mark;

/* Escape sequences, all empty where no colours are wanted. */
typedef struct Paint {
    Str main;           /* the severity's colour */
    Str other;          /* of the other places and the frame */
    Str bold;
    Str off;
} Paint;

/* Finds source, line and column of each mark. Returns how many digits the greatest line number has, at least 1. */
int marks_resolve(Sources *sources, Mark *marks, uint32_t count);
/* A part of the source as it may be shown: cleaned, and of a secret as many asterisks as it has characters. */
void source_show(const Sources *sources, const Source *source, Str part, Text *out);
/* The snippets of all marks that have a place: one for each source, that of the first mark first, lines in order.
   [width] is the digits of the line numbers. Rearranges the marks. */
void marks_print(Sources *sources, Mark *marks, uint32_t count, int width, const Paint *paint, Text *out);

/* `12 |`, or `   |` with line 0. */
void gutter_print(uint32_t line, int width, const Paint *paint, Text *out);
/* The text as a terminal may see it: control characters and others that hide or reorder text as `?` or U+FFFD, a tab as
   one blank, as well as a newline. */
void clean_print(Str text, Text *out);

#endif
