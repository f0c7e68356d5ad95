/* Edits of text files line by line: pure, from the text that is there to the text that should be. */
#ifndef PHX_RUNTIME_LINES_H
#define PHX_RUNTIME_LINES_H

#include "lang/arena.h"
#include "lang/text.h"

typedef struct LineEdit {
    Str section;            /* "": the lines before the first `[name]`, else those of that section */
    const Str *remove;      /* patterns of fnmatch(3): a line goes where one matches it, or its first word up to ':', '=' or a blank */
    uint32_t remove_count;
    const Str *add;         /* lines that should be there */
    uint32_t add_count;
} LineEdit;

/* Appends the edited text to [out]: of the section every line that a pattern matches is taken away, then every line to add that it
   does not have is put at its end; a section that is missing is made at the end of the text where there is something to add.
   1 where this is another text than before, else 0. */
int lines_edit(Str text, const LineEdit *edit, Text *out);

#endif
