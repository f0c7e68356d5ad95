/* What is wrong, where, why, and what to do: one type for every message of the compiler and the runtime. */
#ifndef PHX_LANG_DIAGNOSTIC_H
#define PHX_LANG_DIAGNOSTIC_H

#include "lang/source.h"
#include "lang/text.h"

typedef enum Severity { SEVERITY_ERROR, SEVERITY_WARNING, SEVERITY_NOTE } Severity;

/* Every code that C reports, from codes.def: CODE(CONSTANT, "E0101", "slug", "title", "long text for explain"). */
typedef enum Code {
#define CODE(constant, id, slug, title, text) CODE_##constant,
#include "lang/codes.def"
    CODE_COUNT
} Code;

typedef struct CodeInfo {
    const char *id;         /* "E0101" */
    const char *slug;       /* "unknown-name" */
    const char *title;      /* one line */
    const char *text;       /* several sentences: why it is wrong and how to go on */
} CodeInfo;
/* A text that gives the code and one that does not, as codes.def says; NULL where no text can show it. */
typedef struct CodeExample {
    const char *wrong;
    const char *right;
} CodeExample;
const CodeInfo *code_info(Code code);
CodeExample code_example(Code code);
/* By id or slug; -1 where there is none. */
int code_find(Str id_or_slug);

typedef struct Label {
    Span span;
    Str text;               /* may be empty */
} Label;

typedef struct Diagnostic {
    Severity severity;
    Str code;               /* "E0101", or the name of a lint */
    Str message;
    Span span;              /* the main place; nowhere for messages about no text */
    Str label;              /* what stands under the carets */
    VECTOR(Label) labels;   /* the other places */
    VECTOR(Str) notes;      /* "note: ..." lines */
    Str help;               /* the way out */
    Span fix_span;          /* the one edit that mends it: what stands in this span gives way to fix_text. An empty span inserts, an empty text deletes. */
    Str fix_text;
    int has_fix;
} Diagnostic;

typedef struct Diagnostics Diagnostics;

Diagnostics *diagnostics_new(Arena *arena, Sources *sources);
Sources *diagnostics_sources(const Diagnostics *diagnostics);

/* Adds a diagnostic and returns it for labels and help. A second one with the same code and span is dropped (the
   returned object is then not printed); where the span has no text, only if the message is the same too. After 100 errors
   further ones are only counted: the cause is then in the first. */
Diagnostic *diag_error(Diagnostics *diagnostics, Code code, Span span, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
Diagnostic *diag_warning(Diagnostics *diagnostics, Code code, Span span, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* With a severity and a code that are data (lints). */
Diagnostic *diag_add(Diagnostics *diagnostics, Severity severity, Str code, Span span, Str message);

void diag_label(Diagnostics *diagnostics, Diagnostic *diagnostic, const char *format, ...)
    __attribute__((format(printf, 3, 4)));                 /* under the main carets */
void diag_also(Diagnostics *diagnostics, Diagnostic *diagnostic, Span span, const char *format, ...)
    __attribute__((format(printf, 4, 5)));                 /* another place */
void diag_note(Diagnostics *diagnostics, Diagnostic *diagnostic, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Says it with each one that was added since there were [from] of them. */
uint32_t diag_kept(const Diagnostics *diagnostics);
void diag_note_since(Diagnostics *diagnostics, uint32_t from, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void diag_help(Diagnostics *diagnostics, Diagnostic *diagnostic, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Only for what can sensibly be meant in no other way: editors apply it unasked. */
void diag_fix(Diagnostics *diagnostics, Diagnostic *diagnostic, Span span, Str replacement);
/* The fix that takes away what stands in [span], with the blanks, line ends and the comma before it. */
void diag_fix_remove(Diagnostics *diagnostics, Diagnostic *diagnostic, Span span);

/* Reports a text that nothing can be read from: one that is not UTF-8, holds a NUL, begins with a byte order mark or has
   4 GiB or more. 1 where all is well. */
int diag_check_text(Diagnostics *diagnostics, const Source *source);

/* Errors so far, the uncounted ones included; warnings likewise. */
uint32_t diag_errors(const Diagnostics *diagnostics);
uint32_t diag_warnings(const Diagnostics *diagnostics);
/* All of them in the order of file and place. The array belongs to the arena. */
const Diagnostic *const *diag_sorted(const Diagnostics *diagnostics, uint32_t *count);

typedef struct DiagnosticStyle {
    int colour;             /* ANSI colours */
    int brief;              /* of several warnings of one code, carets for the first and one line for each other */
    int uncounted;          /* without the line that counts */
} DiagnosticStyle;

/* Text with carets, in diag_sorted's order, then a line that counts; nothing where there is nothing to say. */
void diag_print_text(Diagnostics *diagnostics, DiagnosticStyle style, Text *out);
/* A JSON array: code, severity, message, file, line, column, end_line, end_column, labels, notes, help and fix, which is null or
   {"span": {"file": ..., "start": {"line": 1, "column": 1, "offset": 0}, "end": {...}}, "replacement": "..."}; offsets count bytes. */
void diag_print_json(const Diagnostics *diagnostics, Text *out);

/* "Did you mean": offer each candidate, then tell the best. Damerau-Levenshtein distance up to a third of the length;
   an equal name but for case or '-'/'_' always wins, and after it a synonym. */
typedef struct Suggestion {
    Str wanted;
    Str best;               /* empty: none is near */
    uint32_t distance;
    int is_synonym;         /* is [wanted] another word for the best? */
} Suggestion;
Suggestion suggestion_for(Str wanted);
void suggestion_offer(Suggestion *suggestion, Str candidate);
/* [candidate] is what is called [synonym] elsewhere. */
void suggestion_offer_synonym(Suggestion *suggestion, Str synonym, Str candidate);
/* Says it in the diagnostic's help. Where [span] is the wanted word itself as the user wrote it, alone, in quotes or at the end of `a.b`, also as
   its fix. 0 where nothing is near. */
int suggestion_tell(const Suggestion *suggestion, Diagnostics *diagnostics, Diagnostic *diagnostic, Span span);

#endif
