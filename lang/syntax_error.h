/* What is said when text is no phx. */
#ifndef PHX_LANG_SYNTAX_ERROR_H
#define PHX_LANG_SYNTAX_ERROR_H

#include "lang/feed.h"
#include "lang/literal.h"

/* What could stand at the place of an error, in the words of a reader. */
typedef struct Expected {
    int value, type, name, string, number, declaration, end;
    int operators;          /* an expression is complete and could go on */
    const char *signs[16];  /* single signs and words */
    uint32_t sign_count;
} Expected;

/* Adds a symbol by its name in the grammar. */
void expected_add(Expected *expected, const char *symbol);

/* The parser does not take the feed's last token. */
void syntax_error_report(Feed *feed, const Expected *expected);
/* A string that ends with its line or text instead of its quote; [block]: it opens with three quotes. */
void syntax_error_open_string(Feed *feed, Span span, const Extent *extent, int block);
/* Warns where the hole at [span] follows a dollar sign. */
void syntax_error_dollar(Feed *feed, Span span);
/* A sign that is no phx. 1 where [token] was made what it means, 0 where it is to be skipped. */
int syntax_error_foreign(Feed *feed, FeedToken *token);

#endif
