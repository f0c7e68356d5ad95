/* Tokens to the same tokens with the white space that belongs between them. The author's lines stay; blanks, indentation and
   alignment are made anew. */
#include "lang/format.h"

#include <string.h>

/* What a line is, for the columns it shares with its neighbours. */
typedef enum Form {
    FORM_OTHER,
    FORM_SETTING,       /* name = value */
    FORM_LET,           /* let name = value */
    FORM_OUTPUT,        /* output name = value */
    FORM_TYPE           /* type name = type */
} Form;

typedef struct Line {
    uint32_t first;         /* number of its first token */
    uint32_t end;           /* and of the one after its last */
    uint32_t level;
    uint32_t bracket;       /* the number of the opening token it stands in plus 1, 0: none */
    uint8_t form;           /* Form */
    uint8_t after_empty;    /* an empty line comes before it */
    uint8_t whole;          /* it begins and ends an item */
} Line;

/* An open bracket. */
typedef struct Frame {
    uint32_t token;
    uint32_t level;         /* of the line it was opened on */
    uint32_t thens;         /* `then` without their `else` so far: tells the `else` of an expression from that of a declaration */
    int assertion;          /* the item is an `assert`, whose comma does not end it */
} Frame;

typedef struct Layout {
    const char *bytes;
    const Token *tokens;    /* ends with TOKEN_END */
    uint32_t count;         /* without it */
    uint32_t *blanks;       /* before each token that is not the first of its line */
    VECTOR(Line) lines;
    Frame frames[TREE_DEPTH_LIMIT + 1];     /* the outermost is no bracket */
    uint32_t depth;
    uint32_t previous;      /* the last token gone through that is no comment, NO_TOKEN at the start, */
    int minus;              /* which is the sign of what follows */
    uint32_t next;          /* the first token behind [previous] that is no comment, where that was asked for */
} Layout;

static const uint32_t NO_TOKEN = UINT32_MAX;

/* ---- looking at tokens ---- */

static Str token_str(const Layout *layout, uint32_t i) {
    Span span = layout->tokens[i].span;
    return (Str){layout->bytes + span.start, span.end - span.start};
}

static int is_text(const Layout *layout, uint32_t i, const char *text) {
    return i < layout->count && str_equal(token_str(layout, i), str_of(text));
}

/* One of the words, which stand between blanks: " a b ". */
static int is_one_of(const Layout *layout, uint32_t i, const char *words) {
    Str text = token_str(layout, i);
    for (const char *at = words; (at = memmem(at, strlen(at), text.text, text.length)) != NULL; at++)
        if (at > words && at[-1] == ' ' && at[text.length] == ' ') return 1;
    return 0;
}

static int is_comment(const Layout *layout, uint32_t i) {
    return layout->tokens[i].class == TOKEN_COMMENT || layout->tokens[i].class == TOKEN_DOC;
}

/* Can an expression or type end with the token? */
static int ends_value(const Layout *layout, uint32_t i) {
    switch (layout->tokens[i].class) {
    case TOKEN_WORD: case TOKEN_NUMBER: case TOKEN_STRING: case TOKEN_ADDRESS: case TOKEN_CLOSE: return 1;
    case TOKEN_KEYWORD: return is_one_of(layout, i, " true false none unset ");
    case TOKEN_END: case TOKEN_COMMENT: case TOKEN_DOC: case TOKEN_PUNCTUATION: case TOKEN_OPEN: case TOKEN_BAD: break;
    }
    return 0;
}

/* The first token from [i] on that is no comment. Remembered, because every one of many comments asks. */
static uint32_t next_token(Layout *layout, uint32_t i) {
    if (layout->next < i) layout->next = i;
    while (layout->next < layout->count && is_comment(layout, layout->next)) layout->next++;
    return layout->next;
}

static uint32_t newlines_before(const Layout *layout, uint32_t i) {
    uint32_t from = i > 0 ? layout->tokens[i - 1].span.end : 0, to = layout->tokens[i].span.start, count = 0;
    for (uint32_t at = from; at < to; at++) count += layout->bytes[at] == '\n';
    return count;
}

/* `name =`, `name:`, `name?`, `inside {` */
static int begins_item(const Layout *layout, uint32_t i) {
    if (layout->tokens[i].class != TOKEN_WORD) return 0;
    if (is_text(layout, i, "inside") && is_text(layout, i + 1, "{")) return 1;
    return is_text(layout, i + 1, "=") || is_text(layout, i + 1, ":") || is_text(layout, i + 1, "?");
}

/* Items that stand on one line without a comma are kept apart by two blanks. */
static int follows_item(const Layout *layout, uint32_t i) {
    return begins_item(layout, i) && ends_value(layout, i - 1) && !is_one_of(layout, i - 1, " param secret output type as fact set ");
}

/* The word that says where a secret comes from, as in `from command ["pass"]`: what follows is a value of its own. */
static int follows_from(const Layout *layout, uint32_t i) {
    return i > 2 && is_text(layout, i - 1, "from") && layout->tokens[i - 2].class == TOKEN_WORD && is_one_of(layout, i, " env file command ");
}

/* The word of a declaration that is nothing but a value, as in `expect [1] == x`; elsewhere it is a name. */
static int precedes_value(const Layout *layout, uint32_t i) {
    if (!is_one_of(layout, i, " assert expect ")) return 0;
    return i == 0 || newlines_before(layout, i) || ends_value(layout, i - 1) || is_text(layout, i - 1, "{");
}

/* ---- blanks ---- */

static uint32_t blanks_between(const Layout *layout, uint32_t i) {
    uint32_t p = i - 1;
    TokenClass left = layout->tokens[p].class, right = layout->tokens[i].class;
    if (is_comment(layout, i)) return 1;
    if (left == TOKEN_OPEN) return is_text(layout, p, "{") && right != TOKEN_CLOSE;
    if (right == TOKEN_CLOSE) return is_text(layout, i, "}") ? 1 : 0;
    if (is_one_of(layout, i, " , : ? . ?. .. ") || is_one_of(layout, p, " . ?. .. ") || layout->minus) return 0;
    /* Calls, indices, families and lengths; after a word that is an operator a bracket begins a value. */
    if (is_one_of(layout, i, " ( [ ")) {
        if (left == TOKEN_WORD) return is_text(layout, p, "secret") || precedes_value(layout, p) || follows_from(layout, p);
        if (left == TOKEN_CLOSE) return is_text(layout, p, "}") ? 1 : 0;
    }
    return follows_item(layout, i) ? 2 : 1;
}

/* ---- lines and their level ---- */

/* Does the line that begins with [i] go on with what the line before began? */
static int is_continuation(const Layout *layout, uint32_t i) {
    const Frame *frame = &layout->frames[layout->depth];
    uint32_t previous = layout->previous;
    if (previous == NO_TOKEN || i >= layout->count) return 0;
    TokenClass class = layout->tokens[previous].class;
    if (is_text(layout, previous, ",")) return frame->assertion;
    if (class == TOKEN_PUNCTUATION) return 1;
    if (class == TOKEN_KEYWORD && !ends_value(layout, previous) && !is_text(layout, previous, "where")) return 1;
    if (layout->tokens[i].class == TOKEN_PUNCTUATION) return 1;
    if (is_text(layout, i, "else")) return frame->thens > 0;
    return layout->tokens[i].class == TOKEN_KEYWORD && is_one_of(layout, i, " then and or in is with where ");
}

static uint32_t line_level(const Layout *layout, uint32_t i) {
    const Frame *frame = &layout->frames[layout->depth];
    if (i < layout->count && layout->tokens[i].class == TOKEN_CLOSE) return frame->level;
    uint32_t inside = layout->depth > 0 ? frame->level + 1 : 0;
    return inside + (uint32_t)is_continuation(layout, i);
}

/* A comment stands where what it is about does: the line after it, or, at the end of a bracket, the lines before. */
static uint32_t comment_level(Layout *layout, uint32_t i) {
    uint32_t next = next_token(layout, i);
    if (next < layout->count && layout->tokens[next].class != TOKEN_CLOSE) return line_level(layout, next);
    return layout->depth > 0 ? layout->frames[layout->depth].level + 1 : 0;
}

/* Takes the token into account. */
static void token_pass(Layout *layout, uint32_t i, uint32_t level) {
    if (is_comment(layout, i)) return;
    layout->minus = is_text(layout, i, "-") && !(layout->previous != NO_TOKEN && ends_value(layout, layout->previous));
    layout->previous = i;
    if (layout->tokens[i].class == TOKEN_OPEN) {
        layout->frames[++layout->depth] = (Frame){.token = i, .level = level};
    } else if (layout->tokens[i].class == TOKEN_CLOSE) {
        layout->depth--;
    } else if (layout->tokens[i].class == TOKEN_KEYWORD) {
        Frame *frame = &layout->frames[layout->depth];
        if (is_text(layout, i, "then")) frame->thens++;
        else if (is_text(layout, i, "else") && frame->thens > 0) frame->thens--;
    }
}

static Form line_form(const Layout *layout, uint32_t i) {
    if (is_text(layout, i + 1, "=")) return layout->tokens[i].class == TOKEN_WORD ? FORM_SETTING : FORM_OTHER;
    if (!is_text(layout, i + 2, "=") || layout->tokens[i + 1].class != TOKEN_WORD) return FORM_OTHER;
    if (is_text(layout, i, "let")) return FORM_LET;
    if (is_text(layout, i, "output")) return FORM_OUTPUT;
    return is_text(layout, i, "type") ? FORM_TYPE : FORM_OTHER;
}

/* One line from token [first] on; how many brackets are open changes as it is gone through. */
static Line line_read(Layout *layout, uint32_t first, uint32_t newlines) {
    Line line = {.first = first, .end = first + 1};
    uint32_t depth = layout->depth;
    line.level = is_comment(layout, first) ? comment_level(layout, first) : line_level(layout, first);
    line.bracket = depth > 0 ? layout->frames[depth].token + 1 : 0;
    line.after_empty = newlines > 1 && first > 0 && layout->tokens[first].class != TOKEN_CLOSE &&
                       !(layout->tokens[first - 1].class == TOKEN_OPEN);
    line.whole = !is_comment(layout, first) && layout->tokens[first].class != TOKEN_CLOSE && !is_continuation(layout, first);
    if (line.whole) layout->frames[depth].assertion = is_text(layout, first, "assert") && !is_text(layout, first + 1, "=");
    /* Every line whose bracket is open at its end adds one level, however many it opens. */
    token_pass(layout, first, line.level);
    int several = 0, broken = 0;
    for (; line.end < layout->count && newlines_before(layout, line.end) == 0; line.end++) {
        several |= layout->depth == depth && follows_item(layout, line.end);
        layout->blanks[line.end] = blanks_between(layout, line.end);
        token_pass(layout, line.end, line.level);
    }
    for (uint32_t i = line.first; i < line.end; i++) {
        Str text = token_str(layout, i);
        broken |= memchr(text.text, '\n', text.length) != NULL;
    }
    line.whole &= layout->depth == depth && !several && !broken && !is_continuation(layout, next_token(layout, line.end));
    line.form = (uint8_t)(line.whole ? line_form(layout, first) : FORM_OTHER);
    return line;
}

/* ---- columns ---- */

/* Characters, not bytes. */
static uint32_t width_of(const Layout *layout, const Line *line, uint32_t end) {
    uint32_t width = 2 * line->level;
    for (uint32_t i = line->first; i < end; i++) {
        Str text = token_str(layout, i);
        if (i > line->first) width += layout->blanks[i];
        for (size_t k = 0; k < text.length; k++) width += ((unsigned char)text.text[k] & 0xC0) != 0x80;
    }
    return width;
}

/* The token that a line has in a column, or 0: no line's first. */
typedef uint32_t Column(const Layout *layout, const Line *line);

static uint32_t column_sign(const Layout *layout, const Line *line) {
    (void)layout;
    return line->form == FORM_OTHER ? 0 : line->first + 1 + (line->form != FORM_SETTING);
}

static uint32_t column_comment(const Layout *layout, const Line *line) {
    return line->end - 1 > line->first && is_comment(layout, line->end - 1) ? line->end - 1 : 0;
}

/* Gives the column one place in all lines of each run of neighbours that have it. */
static void column_align(Layout *layout, Column *column) {
    for (uint32_t from = 0, to; from < layout->lines.count; from = to) {
        const Line *first = &layout->lines.items[from];
        to = from + 1;
        if (column(layout, first) == 0) continue;
        uint32_t widest = 0;
        for (to = from; to < layout->lines.count; to++) {
            const Line *line = &layout->lines.items[to];
            uint32_t token = column(layout, line);
            int alike = line->level == first->level && line->bracket == first->bracket && line->form == first->form;
            if (token == 0 || !alike || (to > from && line->after_empty)) break;
            uint32_t width = width_of(layout, line, token);
            if (width > widest) widest = width;
        }
        for (uint32_t i = from; i < to; i++) {
            uint32_t token = column(layout, &layout->lines.items[i]);
            layout->blanks[token] += widest - width_of(layout, &layout->lines.items[i], token);
        }
    }
}

/* ---- all of it ---- */

static void line_print(const Layout *layout, const Line *line, Text *out) {
    if (line->after_empty) text_add_char(out, '\n');
    text_add_repeat(out, ' ', 2 * (size_t)line->level);
    for (uint32_t i = line->first; i < line->end; i++) {
        Str text = token_str(layout, i);
        if (i > line->first) text_add_repeat(out, ' ', layout->blanks[i]);
        if (is_comment(layout, i))
            while (text.text[text.length - 1] == ' ' || text.text[text.length - 1] == '\t') text.length--;
        text_add(out, text);
    }
    text_add_char(out, '\n');
}

int format_source(Arena *arena, Names *names, Diagnostics *diagnostics, const Source *source, Text *out) {
    if (parse_source(arena, names, diagnostics, source)->broken) return 0;
    Tokens tokens = scan_tokens(arena, names, source);
    Layout *layout = ARENA_NEW(arena, Layout);
    layout->bytes = source->bytes.text;
    layout->tokens = tokens.items;
    layout->count = tokens.count - 1;
    layout->previous = NO_TOKEN;
    layout->blanks = ARENA_ARRAY(arena, uint32_t, tokens.count);
    for (uint32_t i = 0; i < layout->count;) {
        Line line = line_read(layout, i, newlines_before(layout, i));
        VECTOR_PUSH(arena, &layout->lines, line);
        i = line.end;
    }
    column_align(layout, column_sign);
    column_align(layout, column_comment);
    for (uint32_t i = 0; i < layout->lines.count; i++) line_print(layout, &layout->lines.items[i], out);
    return 1;
}
