/* Text to tree. */
#ifndef PHX_LANG_PARSE_H
#define PHX_LANG_PARSE_H

#include "lang/diagnostic.h"
#include "lang/tree.h"

/* Never NULL. Reports every independent mistake once (recovery at declaration, attribute and bracket) and returns what
   could be read with `broken` set. A source that is not UTF-8, holds a NUL or is too long gives one error and an empty tree. */
const Tree *parse_source(Arena *arena, Names *names, Diagnostics *diagnostics, const Source *source);
/* What is declared in a part of a source, which begins and ends between declarations; the source is known to be sound text. */
DeclList parse_declarations(Arena *arena, Names *names, Diagnostics *diagnostics, const Source *source, Span part);
/* One expression, as after --set or for `phxc eval`; NULL after an error. */
const Expr *parse_expression(Arena *arena, Names *names, Diagnostics *diagnostics, const Source *source);

/* The tokens of a source in order, comments included: what the formatter and the editors' grammars are built on. */
typedef enum TokenClass {
    TOKEN_END, TOKEN_COMMENT, TOKEN_DOC, TOKEN_WORD, TOKEN_KEYWORD, TOKEN_NUMBER, TOKEN_STRING, TOKEN_ADDRESS,
    TOKEN_PUNCTUATION, TOKEN_OPEN, TOKEN_CLOSE, TOKEN_BAD
} TokenClass;
typedef struct Token {
    Span span;          /* a string with holes is one TOKEN_STRING from quote to quote */
    TokenClass class;
} Token;
typedef VECTOR(Token) Tokens;
Tokens scan_tokens(Arena *arena, Names *names, const Source *source);

/* Can the name stand before a `=`, or must it be written as a string? Words that begin declarations can, other reserved words can't. */
int name_is_plain(const Name *name);

#endif
