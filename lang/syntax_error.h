/* What is said when text is no phx. */
#ifndef PHX_LANG_SYNTAX_ERROR_H
#define PHX_LANG_SYNTAX_ERROR_H

#include "lang/expected.h"
#include "lang/feed.h"
#include "lang/literal.h"

/* The parser does not take the feed's last token. */
void syntax_error_report(Feed *feed, const Expected *expected);
/* A string that ends with its line or text instead of its quote; [block]: it opens with three quotes. */
void syntax_error_open_string(Feed *feed, Span span, const Extent *extent, int block);
/* Warns where the hole at [span] follows a dollar sign. */
void syntax_error_dollar(Feed *feed, Span span);
/* A sign that is no phx. 1 where [token] was made what it means, 0 where it is to be skipped. */
int syntax_error_foreign(Feed *feed, FeedToken *token);

#endif
