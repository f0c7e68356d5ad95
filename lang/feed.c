/* Scanner to parser: values of tokens, brackets, and the way on after a syntax error. */
#include "lang/feed.h"

#include <string.h>

#include "lang/grammar.h"
#include "lang/literal.h"
#include "lang/parse.h"
#include "lang/syntax_error.h"

/* ---- words ---- */

void words_reserve(Names *names) {
    const Name *first = name_find(names, str_of(grammar_token_text(T_SITE)));
    if (first != NULL && first->token != 0) return;
    for (int token = T_SITE; token < T_EQUAL; token++) name_reserve(names, str_of(grammar_token_text(token)), token);
}

int name_is_plain(const Name *name) {
    if (name->length == 0 || (name->token != 0 && !grammar_is_name(name->token)) || (name->text[0] >= '0' && name->text[0] <= '9')) return 0;
    for (uint32_t i = 0; i < name->length; i++) {
        char c = name->text[i];
        int plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
        if (!plain) return 0;
    }
    return 1;
}

/* ---- brackets ---- */

int bracket_closing(int kind) {
    switch (kind) {
    case T_LEFT_PAREN: return T_RIGHT_PAREN;
    case T_LEFT_BRACKET: return T_RIGHT_BRACKET;
    case T_LEFT_BRACE: return T_RIGHT_BRACE;
    case T_TEXT_OPEN: return T_TEXT_CLOSE;
    case T_HOLE_OPEN: return T_HOLE_CLOSE;
    default: return 0;
    }
}

static int is_closing(int kind) {
    return kind == T_RIGHT_PAREN || kind == T_RIGHT_BRACKET || kind == T_RIGHT_BRACE || kind == T_TEXT_CLOSE || kind == T_HOLE_CLOSE;
}

const char *bracket_sign(int kind) {
    switch (kind) {
    case T_LEFT_PAREN: return "(";
    case T_RIGHT_PAREN: return ")";
    case T_LEFT_BRACKET: return "[";
    case T_RIGHT_BRACKET: return "]";
    case T_LEFT_BRACE: case T_HOLE_OPEN: return "{";
    case T_RIGHT_BRACE: case T_HOLE_CLOSE: return "}";
    case T_TEXT_OPEN: case T_TEXT_CLOSE: return "\"";
    default: return NULL;
    }
}

static uint32_t column_of(const FeedToken *token) { return token->span.start - token->line; }

static Bracket *bracket_top(Feed *feed) { return feed->depth > 0 ? &feed->brackets[feed->depth - 1] : NULL; }

/* 0 where it is one too many. */
static int bracket_open(Feed *feed, const FeedToken *token) {
    if (feed->depth == TREE_DEPTH_LIMIT) {
        builder_too_deep(feed->build, token->span);
        feed->stopped = 1;
        return 0;
    }
    int first = feed->line_first.kind;
    Bracket *bracket = &feed->brackets[feed->depth++];
    bracket->open = *token;
    bracket->indent = column_of(&feed->line_first);
    bracket->filled = 0;
    bracket->declarations = first == T_COMPONENT || first == T_FOR || first == T_IF || first == T_ELSE || first == T_RIGHT_PAREN ||
                            (feed->given > 0 && feed_token(feed, 1)->kind == T_ELSE);
    return 1;
}

/* The innermost open bracket that [kind] closes: its number, or -1. */
static int64_t bracket_closed_by(const Feed *feed, int kind) {
    for (int64_t i = (int64_t)feed->depth - 1; i >= 0; i--)
        if (bracket_closing(feed->brackets[i].open.kind) == kind) return i;
    return -1;
}

/* ---- reading ---- */

/* An unclosed string reaches to the end of its line. What closes the brackets of that line was hardly meant as its text: 1 where
   [*end] was moved before them. */
static int string_end_guess(const Feed *feed, uint32_t start, uint32_t *end) {
    const char *bytes = feed->build->source->bytes.text;
    uint32_t last = *end;
    while (last > start + 1 && (bytes[last - 1] == ' ' || bytes[last - 1] == '\t' || bytes[last - 1] == '\r')) last--;
    uint32_t at = last, depth = feed->depth;
    while (at > start + 1 && strchr(" \t,)]}", bytes[at - 1]) != NULL) at--;
    for (uint32_t i = at; i < last; i++) {
        if (strchr(" \t,", bytes[i]) != NULL) continue;
        if (depth == 0) return 0;
        const Bracket *bracket = &feed->brackets[--depth];
        const char *sign = bracket_sign(bracket_closing(bracket->open.kind));
        if (bracket->open.line != feed->scanner.line_start || sign == NULL || sign[0] != bytes[i]) return 0;
    }
    *end = depth < feed->depth || (last > at && bytes[last - 1] == ',') ? at : last;
    return *end == at && at < last;
}

/* A string without end: reported, and read as a value that is known to be bad. */
static void read_open_string(Feed *feed, FeedToken *token) {
    Str bytes = feed->build->source->bytes;
    Extent extent = literal_extent(bytes, token->span.start);
    int block = bytes.length - token->span.start >= 3 && bytes.text[token->span.start + 1] == bytes.text[token->span.start] &&
                bytes.text[token->span.start + 2] == bytes.text[token->span.start];
    uint32_t end = extent.end;
    if (!block && string_end_guess(feed, token->span.start, &end)) scanner_rewind(&feed->scanner, end);
    token->span.end = end;
    if (token->line != feed->quotes_wrong) syntax_error_open_string(feed, token->span, &extent, block);
    token->kind = T_BAD_VALUE;
    /* Nothing is left of the text: that the brackets are open too is no news. */
    if (extent.end == bytes.length && block) feed->stopped = 1;
}

static void read_name(Feed *feed, FeedToken *token) {
    Builder *build = feed->build;
    const Name *name = name_intern(build->names, (Str){build->source->bytes.text + token->span.start, token->span.end - token->span.start});
    if (name->token == 0) {
        token->as.ident = (Ident){name, token->span};
        return;
    }
    token->kind = name->token;
    switch (name->token) {
    case T_TRUE: token->as.value = value_bool(build->arena, token->span, 1); break;
    case T_FALSE: token->as.value = value_bool(build->arena, token->span, 0); break;
    case T_NONE: token->as.value = value_none(build->arena, token->span); break;
    case T_UNSET: token->as.value = value_unset(build->arena, token->span); break;
    default: token->as.ident = (Ident){name, token->span};
    }
}

static void doc_collect(Feed *feed, Span span) {
    if (feed->doc.file == 0) feed->doc = span;
    feed->doc.end = span.end;
}

static void doc_attach(Feed *feed, const FeedToken *token) {
    DocComment doc = {token->span.start, feed->doc.start, feed->doc.end};
    VECTOR_PUSH(feed->build->arena, &feed->build->docs, doc);
    feed->doc = SPAN_NONE;
}

/* One token of the text. */
static void feed_read(Feed *feed, FeedToken *token) {
    Scanner *scanner = &feed->scanner;
    for (;;) {
        token->kind = scanner_next(scanner);
        token->span = (Span){scanner->source->number, scanner->start, scanner->position};
        token->line = scanner->line_start;
        token->first = scanner->first;
        switch (token->kind) {
        case T_COMMENT: continue;
        case T_DOC_COMMENT:
            if (token->first) doc_collect(feed, token->span);
            continue;
        case T_NAME: read_name(feed, token); break;
        case T_STRING: token->as.value = literal_string(feed->build, token->span); break;
        case T_INTEGER: case T_LITERAL:
            token->as.value = literal_number(feed->build, token->span);
            if (token->as.value == NULL) token->kind = T_BAD_VALUE;
            break;
        case T_HOLE_OPEN: syntax_error_dollar(feed, token->span); break;
        case T_OPEN_STRING: read_open_string(feed, token); break;
        case T_TOO_DEEP:
            builder_too_deep(feed->build, token->span);
            feed->stopped = 1;
            break;
        case 0:
            token->span = (Span){scanner->source->number, scanner->position, scanner->position};
            token->kind = T_FINISH;
            break;
        default:
            if (token->kind >= T_HASH_COMMENT && !syntax_error_foreign(feed, token)) continue;
        }
        if (feed->doc.file != 0) doc_attach(feed, token);
        return;
    }
}

static FeedToken feed_take(Feed *feed) {
    FeedToken token;
    if (feed->queued == 0) {
        feed_read(feed, &token);
        return token;
    }
    token = feed->queue[0];
    feed->queued--;
    memmove(feed->queue, feed->queue + 1, feed->queued * sizeof *feed->queue);
    return token;
}

/* The token [ahead] places after the next one that feed_take gives. */
static const FeedToken *feed_peek(Feed *feed, uint32_t ahead) {
    while (feed->queued <= ahead) {
        feed_read(feed, &feed->queue[feed->queued]);
        feed->queued++;
    }
    return &feed->queue[ahead];
}

static void feed_push_front(Feed *feed, FeedToken token) {
    memmove(feed->queue + 1, feed->queue, feed->queued * sizeof *feed->queue);
    feed->queue[0] = token;
    feed->queued++;
}

/* A token that is not in the text, before [at]. */
static void feed_make_up(Feed *feed, int kind, const FeedToken *at) {
    Span span = {at->span.file, at->span.start, at->span.start};
    feed_push_front(feed, (FeedToken){.span = span, .kind = kind, .line = at->line});
}

/* ---- what lines look like ---- */

static Likeness likeness(int kind, int next) {
    if (kind == T_LET || kind == T_FN || kind == T_FOR || kind == T_IF) return LIKE_DECLARATION;
    if (kind == T_STRING) return next == T_ASSIGN || next == T_COLON ? LIKE_FIELD : LIKE_NOTHING;
    /* A reserved word taken for a name is still meant to begin an item. */
    if (kind >= T_AND && kind <= T_LET) return next == T_ASSIGN ? LIKE_SETTING : LIKE_NOTHING;
    if (!grammar_is_name(kind)) return LIKE_NOTHING;
    if (next == T_ASSIGN) return LIKE_SETTING;
    if (next == T_COLON || next == T_QUESTION) return LIKE_FIELD;
    return grammar_is_name(next) || next == T_DOT || next == T_STRING || next == T_TEXT_OPEN ? LIKE_DECLARATION : LIKE_NOTHING;
}

/* Does [token], the first of its line, stand where [bracket] must have ended? In braces whose items are indented anything at the level of the opening
   line says so, otherwise only what is no item; in other brackets what is no part of an expression. */
static int is_beyond(const Bracket *bracket, const FeedToken *token, Likeness like, int items_indented) {
    if (!token->first || token->line == bracket->open.line || column_of(token) > bracket->indent || like == LIKE_NOTHING) return 0;
    /* These may belong to a list or map. */
    int loop = token->kind == T_FOR || token->kind == T_IF;
    if (loop && column_of(token) > 0 && column_of(token) == bracket->indent) return 0;
    if (bracket->open.kind == T_LEFT_BRACE) return like == LIKE_DECLARATION || items_indented;
    if (like == LIKE_FIELD && bracket->open.kind == T_LEFT_PAREN) return 0;
    return bracket->open.kind != T_HOLE_OPEN && !loop;
}

static int in_text(const Feed *feed) {
    for (uint32_t i = 0; i < feed->depth; i++)
        if (feed->brackets[i].open.kind == T_TEXT_OPEN) return 1;
    return 0;
}

/* ---- for messages ---- */

const FeedToken *feed_token(const Feed *feed, uint32_t before) { return &feed->history[(feed->given - before) % FEED_HISTORY]; }

const FeedToken *feed_next(Feed *feed) { return feed_peek(feed, 0); }

const Bracket *feed_bracket(const Feed *feed) { return feed->depth_before > 0 ? &feed->brackets[feed->depth_before - 1] : NULL; }

int feed_bracket_forgotten(Feed *feed) {
    const Bracket *bracket = feed_bracket(feed);
    const FeedToken *last = feed_token(feed, 0);
    if (bracket == NULL) return 0;
    if (last->kind == T_FINISH) return 1;
    if (is_closing(last->kind)) return bracket_closing(bracket->open.kind) != last->kind && bracket_closed_by(feed, last->kind) >= 0;
    if (in_text(feed)) return 0;
    int second = feed->line_second != 0 ? feed->line_second : feed_next(feed)->kind;
    return is_beyond(bracket, &feed->line_first, likeness(feed->line_first.kind, second), bracket->filled);
}

int feed_is_silent(const Feed *feed) {
    int kind = feed_token(feed, 0)->kind;
    const FeedToken *before = feed_token(feed, 1);
    int behind_mistake = is_closing(before->kind) && before->span.start + 1 == feed->resynced;
    return feed->stopped || kind == T_WRONG || kind == T_BAD_VALUE || behind_mistake;
}

/* Not inside of a string: the scanner can't begin there. */
void feed_read_line_again(Feed *feed) { feed->again = !in_text(feed); }

/* ---- recovery ---- */

/* Is [token], after one of the kind [before], where reading can go on inside [bracket] (NULL: none)? [indent] is that of the line with the
   mistake. */
static int is_resync(Feed *feed, const Bracket *bracket, const FeedToken *token, int before, uint32_t indent) {
    if (token->span.start + 1 == feed->resynced || feed->expression) return 0;
    if (bracket != NULL && bracket->open.kind != T_LEFT_BRACE) return 0;
    int next = feed_peek(feed, 0)->kind;
    int items = bracket != NULL && !bracket->declarations;
    Likeness like = token->kind == T_COMMA ? likeness(next, feed_peek(feed, 1)->kind) : likeness(token->kind, next);
    if (items && (token->kind == T_FOR || token->kind == T_IF)) return 0;
    if (like == LIKE_DECLARATION) return token->first && column_of(token) <= indent;
    if (like == LIKE_NOTHING || !items) return 0;
    if (token->first || token->kind == T_COMMA) return 1;
    return like == LIKE_SETTING && before != 0 && !(before >= T_EQUAL && before <= T_BAR);
}

/* Gives RESYNC before [token]. */
static void resync_at(Feed *feed, const FeedToken *token) {
    feed_push_front(feed, *token);
    feed_make_up(feed, T_RESYNC, token);
    feed->resynced = token->span.start + 1;
}

/* Closes the innermost bracket before [token]; recovery goes on outside of it. */
static void close_before(Feed *feed, const FeedToken *token) {
    int closing = bracket_closing(feed->brackets[feed->depth - 1].open.kind);
    feed_push_front(feed, *token);
    feed_make_up(feed, T_WRONG, token);
    feed_make_up(feed, closing, token);
    feed_make_up(feed, T_RESYNC, token);
}

/* A closing bracket while skipping, [base] brackets of which are the parser's. 1 where recovery is at its end. */
static int recover_closing(Feed *feed, const FeedToken *token, uint32_t base) {
    int64_t closed = bracket_closed_by(feed, token->kind);
    if (closed >= (int64_t)base) {
        feed->depth = (uint32_t)closed;
        return 0;
    }
    int kind = base > 0 ? feed->brackets[base - 1].open.kind : 0;
    /* `[f(x))]`: one too many, if the right one follows; but in `f([g(x])` one is missing. */
    int next = feed_peek(feed, 0)->kind;
    int fits_outside = closed > 0 && bracket_closing(feed->brackets[closed - 1].open.kind) == next;
    int extra = kind != 0 && token->kind != bracket_closing(kind) && bracket_closing(kind) == next && !fits_outside;
    if (extra || token->line == feed->brace_missing) return 0;
    if (closed < 0) {
        /* `[1, 2)`: the wrong sign for the right thing. */
        int slip = feed->depth == base && (kind == T_LEFT_PAREN || kind == T_LEFT_BRACKET) && token->kind != T_RIGHT_BRACE;
        if (!slip) return 0;
        feed_make_up(feed, bracket_closing(kind), token);
        feed_make_up(feed, T_RESYNC, token);
        feed->resynced = token->span.start + 1;
        return 1;
    }
    feed->depth = base;
    if (closed == (int64_t)base - 1) resync_at(feed, token);
    else close_before(feed, token);
    return 1;
}

/* Skips up to where reading can go on, and queues RESYNC and what follows it. */
static void feed_recover(Feed *feed) {
    const FeedToken last = *feed_token(feed, 0);
    feed->recovering = feed->finished = 0;
    feed->depth = feed->depth_before;
    uint32_t indent = column_of(last.first ? &feed->line_first_before : &feed->line_first);
    /* Never twice: a line that was read again and is wrong again is left as it is. */
    if (feed->again && last.kind != T_FINISH && feed->line_first.span.start >= feed->read_again) {
        feed->read_again = feed->line_first.span.start + 1;
        feed->queued = 0;
        scanner_rewind(&feed->scanner, feed->line_first.span.start);
        while (feed->build->docs.count > 0 && feed->build->docs.items[feed->build->docs.count - 1].target >= feed->line_first.span.start)
            feed->build->docs.count--;
    } else if (last.kind != T_WRONG) {
        feed_push_front(feed, last);
    }
    feed->again = 0;
    /* At one place brackets are closed one after the other, no more than there are. More is a mistake in here, and must not hang. */
    feed->stuck = last.span.start == feed->stuck_at ? feed->stuck + 1 : 0;
    feed->stuck_at = last.span.start;
    if (feed->stuck > 2 * TREE_DEPTH_LIMIT) feed->stopped = 1;
    uint32_t base = feed->depth;
    int before = 0;
    for (FeedToken token; !feed->stopped; before = token.kind) {
        token = feed_take(feed);
        if (token.first && token.span.start != feed->line_first.span.start) {
            feed->line_first_before = feed->line_first;
            feed->line_first = token;
            feed->line_second = T_WRONG;
        }
        if (token.kind == T_FINISH) {
            feed->depth = base;
            if (base > 0) close_before(feed, &token);
            else resync_at(feed, &token);
            return;
        }
        if (is_closing(token.kind)) {
            if (recover_closing(feed, &token, base)) return;
            continue;
        }
        Likeness like = token.first ? likeness(token.kind, feed_peek(feed, 0)->kind) : LIKE_NOTHING;
        while (feed->depth > base && is_beyond(bracket_top(feed), &token, like, 1)) feed->depth--;
        const Bracket *bracket = bracket_top(feed);
        if (feed->depth == base && base > 0 && is_beyond(bracket, &token, like, bracket->filled || indent > bracket->indent)) {
            close_before(feed, &token);
            return;
        }
        if (feed->depth == base && token.line != feed->brace_missing && is_resync(feed, bracket, &token, before, indent)) {
            resync_at(feed, &token);
            return;
        }
        if (bracket_closing(token.kind) != 0 && !bracket_open(feed, &token)) return;
    }
}

/* ---- giving ---- */

/* Remembers where a closing bracket at the start of its line stands otherwise than the line of its opening one: if some bracket turns out to be
   unclosed, it is probably that one. */
static void bracket_close(Feed *feed, const FeedToken *token) {
    const Bracket *bracket = &feed->brackets[--feed->depth];
    if (token->first && feed->suspect.file == 0 && token->line != bracket->open.line && column_of(token) != bracket->indent)
        feed->suspect = bracket->open.span;
}

static void note_line(Feed *feed, const FeedToken *token, const FeedToken *previous) {
    if (token->first) {
        if (token->span.start != feed->line_first.span.start) feed->line_first_before = feed->line_first;
        feed->line_first = *token;
        feed->line_second = 0;
        feed->line_before = *previous;
    } else if (feed->line_second == 0) {
        feed->line_second = token->kind;
    }
}

/* 0 where nothing more can be read. */
static int note_bracket(Feed *feed, const FeedToken *token, const FeedToken *previous) {
    Bracket *top = bracket_top(feed);
    feed->depth_before = feed->depth;
    if (top != NULL && top->open.span.start == previous->span.start) top->filled = !token->first;
    if (bracket_closing(token->kind) != 0) return bracket_open(feed, token);
    if (is_closing(token->kind) && top != NULL && bracket_closing(top->open.kind) == token->kind) bracket_close(feed, token);
    return 1;
}

int grammar_lex(GRAMMAR_STYPE *value, Span *span, Feed *feed) {
    if (feed->recovering) feed_recover(feed);
    const FeedToken *previous = feed_token(feed, 0);
    FeedToken *token = &feed->history[++feed->given % FEED_HISTORY];
    if (feed->stopped || feed->finished) token->kind = 0;
    else if (feed->queued > 0) *token = feed_take(feed);
    else feed_read(feed, token);

    *span = token->span;
    if (token->kind == T_FINISH) feed->finished = 1;
    note_line(feed, token, previous);
    if (!note_bracket(feed, token, previous)) return 0;
    value->ident = token->as.ident;     /* or the value that stands in its place: both are the first of their unions */
    return token->kind;
}

void feed_init(Feed *feed, Builder *build, int first, uint32_t start, uint32_t end) {
    memset(feed, 0, offsetof(Feed, brackets));
    feed->build = build;
    feed->expression = first == T_EXPRESSION_START;
    feed->quotes_wrong = feed->brace_missing = feed->wrong = UINT32_MAX;
    words_reserve(build->names);
    scanner_init(&feed->scanner, build->arena, build->source, start, end);
    FeedToken token = {.span = {build->source->number, start, start}, .kind = first};
    feed->line_first = feed->line_first_before = feed->line_before = token;
    feed_push_front(feed, token);
}
