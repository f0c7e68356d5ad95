/* What stands between scanner and parser: it makes names and values of tokens, has what is no phx but plainly meant reported, keeps
   count of brackets, and after a syntax error finds the place where reading goes on.

   Recovery. The parser's part is one rule, `resync: error RESYNC`, which is allowed behind every opening bracket and between the
   items of every list in braces. Between a syntax error and RESYNC the parser takes no token, so the feed skips in peace: it
   knows which brackets are open, where each was opened and how far that line was indented. In braces, reading goes on at the next
   item; in other brackets at their end. A bracket whose own end is missing is closed by a token that is not in the text, followed
   by WRONG, which the grammar takes nowhere: that drops the item around it without a second message. */
#ifndef PHX_LANG_FEED_H
#define PHX_LANG_FEED_H

#include "lang/scan.h"
#include "lang/tree_build.h"

/* A token with what recovery and messages want to know of its place. */
typedef struct FeedToken {
    Span span;
    int kind;               /* T_... */
    int first;              /* of its line */
    uint32_t line;          /* where its line starts: tells lines apart */
    union {                 /* as the parser's own value */
        Ident ident;
        const Value *value;
    } as;
} FeedToken;

typedef struct Bracket {
    FeedToken open;
    uint32_t indent;        /* column of the first token of its line */
    int filled;             /* something stands behind it on its line: its items are not indented less than that line */
    int declarations;       /* a brace around declarations, as far as its line tells: no items `name = value` */
} Bracket;

/* What a line may be the start of, by its first two tokens. */
typedef enum Likeness {
    LIKE_NOTHING,
    LIKE_SETTING,       /* `name =` */
    LIKE_FIELD,         /* `name:`, `name?`, `"name":` */
    LIKE_DECLARATION
} Likeness;

enum { FEED_HISTORY = 4, FEED_QUEUE = 8 };

typedef struct Feed {
    Builder *build;
    Scanner scanner;
    FeedToken queue[FEED_QUEUE];    /* to be given before anything is read: what recovery makes up or has looked at */
    uint32_t queued;
    FeedToken history[FEED_HISTORY];
    uint32_t given;                 /* tokens; the last is history[given % FEED_HISTORY] */
    FeedToken line_first;           /* the first token of the last one's line, */
    FeedToken line_first_before;    /* the first token of the line before that */
    int line_second;                /* the kind of the one after it, 0 while there is none, */
    FeedToken line_before;          /* and what stands before it on an earlier line */
    uint32_t depth;
    uint32_t depth_before;          /* as it was before the last token */
    Span doc;                       /* of `///` lines whose target is still to come */
    int expression;                 /* one expression is read: nothing after a mistake is */
    int recovering;                 /* the parser is in an error and waits for RESYNC */
    uint32_t read_again;            /* lines up to here are not read again */
    int again;                      /* recovery is to read the last token's line again from its start */
    uint32_t resynced;              /* where the last RESYNC was plus 1: it is never given twice for one token */
    uint32_t stuck_at, stuck;       /* how often recovery began at one place */
    Span suspect;                   /* the first bracket whose end was indented otherwise; nowhere: there is none */
    uint32_t foreign;               /* kinds of foreign signs that were reported, as bits: once in each source */
    uint32_t habit;                 /* where the bracket opens in which a habit was reported, plus 1: once in each */
    uint32_t quotes_wrong;          /* the line where a missing quote was reported: a string without end is no news there */
    uint32_t brace_missing;         /* the line where a record lacks its opening brace: its closing one closes nothing */
    uint32_t wrong;                 /* the line of the last mistake: brackets that close nothing are no news there */
    uint32_t braces_owed;           /* opening braces that were missed: so many closing ones close nothing, and that is no news */
    int finished;                   /* FINISH was given */
    int stopped;                    /* nothing more can be read, and everything is said */
    Bracket brackets[TREE_DEPTH_LIMIT];     /* the first [depth] of them */
} Feed;

/* Gives the words of the language their tokens. */
void words_reserve(Names *names);
/* Reads the bytes [start, end) of the source, and before them the token [first]: FILE_START or EXPRESSION_START. */
void feed_init(Feed *feed, Builder *build, int first, uint32_t start, uint32_t end);

/* For messages. The last token, or the one so many before it. */
const FeedToken *feed_token(const Feed *feed, uint32_t before);
/* The one after it, which is not given yet. */
const FeedToken *feed_next(Feed *feed);
/* The innermost bracket that was open before the last token, or NULL. */
const Bracket *feed_bracket(const Feed *feed);
/* Is that bracket's end forgotten? Says the end of the text, the end of a bracket around it, or the indentation of a line that looks
   like something else. */
int feed_bracket_forgotten(Feed *feed);
/* Was what the parser stumbles on reported before: itself, or the mistake in the bracket that ends right before it? */
int feed_is_silent(const Feed *feed);
/* Makes recovery begin with the first token of the last one's line. For lines whose second token is wrong only because something was
   missing before. */
void feed_read_line_again(Feed *feed);
/* "(", "{", ...: what a bracket is written as; NULL for other tokens. */
const char *bracket_sign(int kind);
/* The closing kind of an opening one, or 0. */
int bracket_closing(int kind);

#endif
