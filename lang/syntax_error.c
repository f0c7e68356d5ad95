/* Messages for text that the grammar does not take: what was found, what could stand there, and the habit that may be behind it. */
#include "lang/syntax_error.h"

#include <string.h>

#include "lang/grammar.h"

/* ---- what is expected ---- */

/* Signs that go on with a complete expression. */
static int is_operator(const char *symbol) {
    static const char *const operators[] = {"or", "and", "==", "!=", "<", "<=", ">", ">=", "in", "is", "??", "..", "+", "-", "*", "/",
                                            "%", ".", "?.", "with", "(", "["};
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
        if (strcmp(symbol, operators[i]) == 0) return 1;
    return 0;
}

/* Worth a mention beside others; further words are names, or begin what is summed up otherwise. */
static int is_sign(const char *symbol) {
    static const char *const signs[] = {"=", ":", ",", ")", "]", "}", "{", "(", "[", "?", "|", "..", "then", "else", "in", "for", "where",
                                        "edition", "as", "json"};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (strcmp(symbol, signs[i]) == 0) return 1;
    return 0;
}

void expected_add(Expected *expected, const char *symbol) {
    if (strcmp(symbol, "not") == 0) expected->value = 1;
    else if (strcmp(symbol, "fn") == 0) expected->declaration = 1;
    else if (strcmp(symbol, "or") == 0) expected->operators = 1;
    else if (strcmp(symbol, "true") == 0) expected->type = 1;
    else if (strcmp(symbol, "a name") == 0) expected->name = 1;
    else if (strcmp(symbol, "a string") == 0) expected->string = 1;
    else if (strcmp(symbol, "a whole number") == 0) expected->number = 1;
    else if (strcmp(symbol, "the end of the text") == 0) expected->end = 1;
    else if (is_sign(symbol) && expected->sign_count < sizeof expected->signs / sizeof *expected->signs)
        expected->signs[expected->sign_count++] = symbol;
}

static int expects(const Expected *expected, const char *sign) {
    for (uint32_t i = 0; i < expected->sign_count; i++)
        if (strcmp(expected->signs[i], sign) == 0) return 1;
    return 0;
}

/* "a value, `)` or `,`". Where a value may begin, the brackets that begin one are not worth naming, nor, after a complete expression, the
   operators. */
static void expected_print(const Expected *expected, Text *out) {
    enum { MOST = 20 };
    const char *words[MOST];
    int quoted[MOST];
    uint32_t count = 0;
#define WORD(text, quotes) (words[count] = (text), quoted[count++] = (quotes))
    int value = expected->value, type = expected->type && !value;
    if (expected->declaration) WORD("a declaration", 0);
    else if (value) WORD("a value", 0);
    else if (type) WORD("a type", 0);
    else if (expected->name) WORD("a name", 0);
    else if (expected->string) WORD("a string", 0);
    else if (expected->number) WORD("a whole number", 0);
    for (uint32_t i = 0; i < expected->sign_count && !expected->declaration; i++) {
        const char *sign = expected->signs[i];
        int begins = strchr("([{", sign[0]) != NULL || strcmp(sign, "..") == 0;
        int name = strcmp(sign, "edition") == 0 || strcmp(sign, "as") == 0 || strcmp(sign, "json") == 0;
        if ((value || type) && begins) continue;
        if (expected->operators && is_operator(sign)) continue;
        if (expects(expected, "|") && (sign[0] == '|' || sign[0] == '(') && expected->sign_count > 2) continue;
        if (name && expected->name) continue;
        if (sign[0] == ':' && expected->operators && expects(expected, ")")) continue;
        if (strcmp(sign, "for") == 0 && expected->sign_count > 1) continue;
        WORD(sign, 1);
    }
    if (count == 0 && expected->operators) WORD("an operator", 0);
    if (expected->end && (count == 0 || expected->declaration || (expected->operators && expected->sign_count == 0))) WORD("the end of the text", 0);
#undef WORD
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0) text_add(out, i + 1 == count ? STR(" or ") : STR(", "));
        text_addf(out, quoted[i] ? "`%s`" : "%s", words[i]);
    }
}

/* ---- what was found ---- */

static Str token_text(const Feed *feed, const FeedToken *token) {
    return (Str){feed->build->source->bytes.text + token->span.start, token->span.end - token->span.start};
}

/* The token in words. What is long is cut: it stands under the carets in full. */
static Str token_words(const Feed *feed, const FeedToken *token) {
    enum { LONGEST = 40 };
    Str text = token_text(feed, token);
    Arena *arena = feed->build->arena;
    switch (token->kind) {
    case T_FINISH: return STR("the end of the text");
    case T_TEXT_OPEN: return STR("a string");
    case T_TEXT_CLOSE: case T_TEXT_PART: return STR("the rest of the string");
    case T_STRING: return text.length > LONGEST ? STR("a string") : arena_printf(arena, "`%.*s`", (int)text.length, text.text);
    default: return arena_printf(arena, "`%.*s`%s", text.length > LONGEST ? LONGEST : (int)text.length, text.text, text.length > LONGEST ? "..." : "");
    }
}

static int is_word(const Feed *feed, const FeedToken *token, const char *word) { return str_equal(token_text(feed, token), str_of(word)); }

static int is_reserved(int kind) { return kind >= T_AND && kind <= T_UNSET; }

static int is_name_token(int kind) { return kind == T_NAME || (kind >= T_SITE && kind <= T_IGNORE); }

/* Right behind what was read last: where something is missing. */
static Span behind(const FeedToken *token) { return (Span){token->span.file, token->span.end, token->span.end}; }

/* ---- unclosed ---- */

static void label_suspect(const Feed *feed, Diagnostic *d, Span opening) {
    if (feed->suspect.file == 0 || feed->suspect.start == opening.start) return;
    diag_also(feed->build->diagnostics, d, feed->suspect, "perhaps it is this one: what closes it is indented otherwise");
}

static void report_forgotten(Feed *feed) {
    const Bracket *bracket = feed_bracket(feed);
    const FeedToken *last = feed_token(feed, 0);
    const char *open = bracket_sign(bracket->open.kind), *close = bracket_sign(bracket_closing(bracket->open.kind));
    Builder *build = feed->build;
    Diagnostic *d;
    if (last->kind == T_FINISH) {
        d = builder_error(build, CODE_UNCLOSED, bracket->open.span, "`%s` is never closed", open);
        if (d == NULL) return;
        diag_also(build->diagnostics, d, behind(feed_token(feed, 1)), "the text ends without its `%s`", close);
    } else if (bracket_sign(last->kind) != NULL) {
        d = builder_error(build, CODE_UNCLOSED, last->span, "expected `%s` before `%s`", close, bracket_sign(last->kind));
        if (d == NULL) return;
        diag_also(build->diagnostics, d, bracket->open.span, "this `%s` is not closed", open);
    } else {
        d = builder_error(build, CODE_UNCLOSED, feed->line_first.span, "expected `%s` before this line", close);
        feed_read_line_again(feed);
        if (d == NULL) return;
        diag_also(build->diagnostics, d, bracket->open.span, "this `%s` is not closed", open);
    }
    label_suspect(feed, d, bracket->open.span);
}

/* A closing bracket that closes nothing, or of the wrong kind. */
static int report_stray(Feed *feed, const FeedToken *last) {
    const Bracket *bracket = feed_bracket(feed);
    const char *sign = bracket_sign(last->kind);
    if (sign == NULL || bracket_closing(last->kind) != 0 || last->kind == T_HOLE_CLOSE || last->kind == T_TEXT_CLOSE) return 0;
    if (bracket != NULL && bracket_closing(bracket->open.kind) == last->kind) return 0;
    Builder *build = feed->build;
    if (last->line == feed->wrong) return 1;
    if (last->kind == T_RIGHT_BRACE && feed->braces_owed > 0) {
        feed->braces_owed--;
        return 1;
    }
    if (bracket == NULL || last->kind == T_RIGHT_BRACE) {
        Diagnostic *d = builder_error(build, CODE_SYNTAX, last->span, "`%s` closes nothing", sign);
        if (d != NULL && feed->suspect.file != 0)
            diag_also(build->diagnostics, d, feed->suspect, "perhaps one too many was closed here: its end is indented otherwise");
        return 1;
    }
    Diagnostic *d = builder_error(build, CODE_SYNTAX, last->span, "expected `%s`, found `%s`", bracket_sign(bracket_closing(bracket->open.kind)), sign);
    if (d != NULL) diag_also(build->diagnostics, d, bracket->open.span, "to close this `%s`", bracket_sign(bracket->open.kind));
    return 1;
}

void syntax_error_open_string(Feed *feed, Span span, const Extent *extent, int block) {
    Builder *build = feed->build;
    if (extent->status == EXTENT_HOLE_OPEN) {
        Span hole = {span.file, extent->hole, extent->hole + 1};
        Diagnostic *d = builder_error(build, CODE_UNCLOSED, hole, "`{` opens a hole in a string that is not closed%s", block ? "" : " on its line");
        if (d == NULL) return;
        diag_also(build->diagnostics, d, (Span){span.file, span.start, span.start + 1}, "the string begins here");
        diag_help(build->diagnostics, d, "where no value is to be put in, write `\\{`, or the string raw: '...'");
        return;
    }
    char quote = build->source->bytes.text[span.start];
    if (block) {
        Diagnostic *d = builder_error(build, CODE_UNCLOSED, (Span){span.file, span.start, span.start + 3}, "the block string is never closed");
        if (d != NULL) diag_help(build->diagnostics, d, "it ends with %c%c%c", quote, quote, quote);
        return;
    }
    Diagnostic *d = builder_error(build, CODE_UNCLOSED, (Span){span.file, span.end, span.end}, "the string has no closing quote on its line");
    if (d == NULL) return;
    diag_also(build->diagnostics, d, (Span){span.file, span.start, span.start + 1}, "it begins here");
    diag_help(build->diagnostics, d, "close it with %c; a text of several lines stands in %c%c%c", quote, quote, quote, quote);
}

/* ---- signs of other languages ---- */

typedef struct Foreign {
    int kind;
    int once;               /* in a source: the others are the same habit */
    int meant;              /* the kind of token it is read as, 0: none */
    const char *message;
    const char *help;
    const char *fix;        /* what stands for it in phx, NULL: that depends */
} Foreign;

static const Foreign foreigns[] = {
    {T_HASH_COMMENT, 1, 0, "a comment does not begin with `#`", "write `// ...`", NULL},
    {T_BLOCK_COMMENT, 1, 0, "there are no `/* ... */` comments", "write `//` before each line", NULL},
    {T_SEMICOLON, 1, 0, "nothing ends with a `;`", "a newline or a blank is enough", ""},
    {T_FOREIGN_AND, 0, T_AND, "conditions are joined by `and`", "write `and`", "and"},
    {T_FOREIGN_OR, 0, T_OR, "conditions are joined by `or`", "write `or`", "or"},
    {T_FOREIGN_NOT, 0, T_NOT, "a condition is denied by `not`", "write `not`", "not "},
    {T_FOREIGN_ASSIGN, 0, T_ASSIGN, "values are given with `=`", "write `=`", "="},
    {T_FOREIGN_ARROW, 0, T_ASSIGN, "there are no arrows", "a field is `name = value`, an entry of a map `key: value`, a function `fn f(x: T): TYPE = value`", NULL},
    {T_SMART_STRING, 0, T_BAD_VALUE, "strings stand in straight quotes", "write \"...\", or '...' without holes and escapes", NULL},
    {T_DOLLAR_NAME, 0, T_BAD_VALUE, "a name is used without `$`", "write the name alone; in a string, `{name}`", NULL},
    {T_BARE_IPV6, 0, T_BAD_VALUE, "an IPv6 address stands in a string", "write ip(\"...\"), or cidr(\"...\") for a network", NULL},
    {T_BAD_CHARACTER, 0, T_BAD_VALUE, "this character has no meaning here", NULL, NULL},
};

/* The replacements that take something over from the text. */
static void foreign_fix(Feed *feed, Diagnostic *d, const FeedToken *token) {
    Builder *build = feed->build;
    Str text = token_text(feed, token);
    Span span = token->span;
    if (token->kind == T_HASH_COMMENT) {
        diag_fix(build->diagnostics, d, (Span){span.file, span.start, span.start + 1}, STR("//"));
    } else if (token->kind == T_BARE_IPV6) {
        const char *function = memchr(text.text, '/', text.length) != NULL ? "cidr" : "ip";
        diag_fix(build->diagnostics, d, span, arena_printf(build->arena, "%s(\"%.*s\")", function, (int)text.length, text.text));
    } else if (token->kind == T_DOLLAR_NAME) {
        size_t start = 1 + (text.text[1] == '{'), end = text.length - (text.text[text.length - 1] == '}');
        diag_fix(build->diagnostics, d, span, (Str){text.text + start, end - start});
    }
}

/* Goes on behind a comment in foreign signs; where that has no end, on the next line. */
static void skip_block_comment(Feed *feed, const FeedToken *token) {
    Str bytes = feed->build->source->bytes;
    const char *rest = bytes.text + token->span.end, *end = bytes.text + bytes.length;
    const char *close = memmem(rest, (size_t)(end - rest), "*/", 2);
    if (close != NULL) close += 2;
    else close = memchr(rest, '\n', (size_t)(end - rest));
    scanner_rewind(&feed->scanner, (uint32_t)((close != NULL ? close : end) - bytes.text));
}

int syntax_error_foreign(Feed *feed, FeedToken *token) {
    const Foreign *foreign = foreigns;
    while (foreign->kind != token->kind) foreign++;
    uint32_t bit = 1u << (foreign - foreigns);
    if (!foreign->once || (feed->foreign & bit) == 0) {
        Diagnostic *d = builder_error(feed->build, CODE_FOREIGN, token->span, "%s", foreign->message);
        if (d != NULL && foreign->help != NULL) diag_help(feed->build->diagnostics, d, "%s", foreign->help);
        if (d != NULL && foreign->fix != NULL) diag_fix(feed->build->diagnostics, d, token->span, str_of(foreign->fix));
        else if (d != NULL) foreign_fix(feed, d, token);
    }
    feed->foreign |= bit;
    if (token->kind == T_BLOCK_COMMENT) skip_block_comment(feed, token);
    token->kind = foreign->meant;
    return foreign->meant != 0;
}

void syntax_error_dollar(Feed *feed, Span span) {
    Builder *build = feed->build;
    if (build->source->bytes.text[span.start - 1] != '$' || build->diagnostics == NULL) return;
    Diagnostic *d = diag_warning(build->diagnostics, CODE_DOLLAR, (Span){span.file, span.start - 1, span.end}, "`${` puts a dollar sign before the value");
    diag_help(build->diagnostics, d, "a value alone is `{name}`; a dollar sign before it `\\u{24}{name}`; a brace that opens no hole `\\{`");
}

/* ---- habits of other languages ---- */

/* An error of this habit, once in each bracket: whoever writes one attribute so writes all of them so. */
static Diagnostic *habit_error(Feed *feed, Span span, const char *message) {
    const Bracket *bracket = feed_bracket(feed);
    uint32_t place = bracket != NULL ? bracket->open.span.start + 1 : 0;
    if (bracket != NULL && feed->habit == place) return NULL;
    feed->habit = place;
    return builder_error(feed->build, CODE_SYNTAX, span, "%s", message);
}

static void advise(Feed *feed, Diagnostic *d, const char *help, Span span, Str replacement) {
    if (d == NULL) return;
    diag_help(feed->build->diagnostics, d, "%s", help);
    if (span.file != 0) diag_fix(feed->build->diagnostics, d, span, replacement);
}

/* Something is missing at the end of an earlier line, and what was taken for it begins this one: `a =` / `b = 5`, or `let a =` /
   `pve.lxc b {`. */
static int report_missing_before(Feed *feed, const FeedToken *last) {
    const FeedToken *first = &feed->line_first, *before = &feed->line_before;
    const FeedToken *previous = feed_token(feed, 1);
    int header = last->kind == T_LEFT_BRACE && is_name_token(previous->kind) && is_name_token(feed_token(feed, 2)->kind);
    if ((previous->span.start != first->span.start && !header) || !is_name_token(first->kind) || last->line != first->line) return 0;
    int type = before->kind == T_COLON;
    int opens = type || before->kind == T_ASSIGN || (before->kind >= T_EQUAL && before->kind <= T_RANGE) ||
                (before->kind >= T_LESS && before->kind <= T_PERCENT);
    if (!opens || (!header && last->kind != T_ASSIGN && last->kind != T_COLON && !is_name_token(last->kind))) return 0;
    Str sign = token_text(feed, before);
    builder_error(feed->build, CODE_SYNTAX, behind(before), "expected %s after `%.*s`", type ? "a type or value" : "a value", (int)sign.length, sign.text);
    feed_read_line_again(feed);
    return 1;
}

/* `16 GiB` */
static int report_split_unit(Feed *feed, const FeedToken *last) {
    const FeedToken *unit = last, *number = feed_token(feed, 1);
    if (number->kind != T_INTEGER && number->kind != T_LITERAL) {
        unit = number;
        number = feed_token(feed, 2);
    }
    if (unit->kind != T_NAME || (number->kind != T_INTEGER && number->kind != T_LITERAL) || unit->line != number->line) return 0;
    if (!literal_is_unit(token_text(feed, unit)) || last->kind == T_ASSIGN) return 0;
    Str digits = token_text(feed, number), letters = token_text(feed, unit);
    Span span = span_join(number->span, unit->span);
    Str joined = arena_printf(feed->build->arena, "%.*s%.*s", (int)digits.length, digits.text, (int)letters.length, letters.text);
    Diagnostic *d = builder_error(feed->build, CODE_SYNTAX, span, "a unit follows its number without a blank");
    advise(feed, d, "write them as one", span, joined);
    return 1;
}

/* Words that will begin declarations. */
static int report_later(Feed *feed, const FeedToken *last) {
    static const char *const later[] = {"secret", "fact", "test", "policy", "phase", "inside"};
    const FeedToken *word = &feed->line_first;
    if (feed->line_second == T_ASSIGN || last->first) return 0;
    for (size_t i = 0; i < sizeof later / sizeof *later; i++) {
        if (!is_word(feed, word, later[i])) continue;
        builder_error(feed->build, CODE_SYNTAX, word->span, "`%s` comes with a later version of phx", later[i]);
        return 1;
    }
    return 0;
}

/* `==` for `=` and the other way round. */
static int report_equals(Feed *feed, const FeedToken *last, const Expected *expected) {
    const Bracket *bracket = feed_bracket(feed);
    if (last->kind == T_ASSIGN && expected->operators && feed_token(feed, 2)->kind == T_ASSIGN) {
        Diagnostic *d = builder_error(feed->build, CODE_SYNTAX, last->span, "a value is followed by `=`");
        advise(feed, d, "a record stands in braces, `{ name = value }`; to compare, write `==`", SPAN_NONE, STR(""));
        if (bracket != NULL && bracket->open.line != last->line) feed->brace_missing = last->line;
        return 1;
    }
    if (last->kind == T_EQUAL && expects(expected, "=")) {
        Diagnostic *d = builder_error(feed->build, CODE_SYNTAX, last->span, "`==` compares; a value is given with `=`");
        advise(feed, d, "write `=`", last->span, STR("="));
        return 1;
    }
    if (last->kind == T_ASSIGN && expected->operators) {
        Diagnostic *d = builder_error(feed->build, CODE_SYNTAX, last->span, "`=` gives a value; to compare, write `==`");
        advise(feed, d, "write `==`", last->span, STR("=="));
        return 1;
    }
    return 0;
}

/* `:` for `=` and the other way round, and braces without either. */
static int report_assignment(Feed *feed, const FeedToken *last, const Expected *expected) {
    const Bracket *bracket = feed_bracket(feed);
    const FeedToken *name = feed_token(feed, 1);
    int brace = bracket != NULL && bracket->open.kind == T_LEFT_BRACE;
    if (!is_name_token(name->kind)) return 0;
    if (!feed->expression && (bracket == NULL || bracket->declarations) && name->first && (last->kind == T_ASSIGN || last->kind == T_COLON)) {
        Diagnostic *d = builder_error(feed->build, CODE_SYNTAX, last->span, "only inside a resource are values given like this");
        advise(feed, d, "a name for a value is declared with `let NAME = VALUE`", SPAN_NONE, STR(""));
        return 1;
    }
    if (last->kind == T_COLON && brace && expects(expected, "=")) {
        advise(feed, habit_error(feed, last->span, "a value is given with `=` here, not with `:`"), "write `=`", last->span, STR(" ="));
        return 1;
    }
    if (last->kind == T_LEFT_BRACE && brace && expects(expected, "=")) {
        advise(feed, habit_error(feed, last->span, "a record is a value, given with `=`"), "write `=` before the brace", (Span){last->span.file, last->span.start, last->span.start}, STR("= "));
        return 1;
    }
    if (last->kind == T_ASSIGN && expects(expected, ":")) {
        int parenthesis = bracket != NULL && bracket->open.kind == T_LEFT_PAREN;
        int argument = parenthesis && expected->operators;
        if (brace && !name->first && bracket->open.line != last->line) {
            feed->brace_missing = last->line;
            advise(feed, builder_error(feed->build, CODE_SYNTAX, name->span, "the options of a field stand in braces"), "write `name: TYPE { option = value }`", SPAN_NONE, STR(""));
            return 1;
        }
        Diagnostic *d = habit_error(feed, last->span, argument ? "an argument is named with `:`, not with `=`" : "a type must stand before the `=`");
        advise(feed, d, argument ? "write `name: value`" : "write `name: TYPE = value`", argument ? last->span : SPAN_NONE, STR(":"));
        return 1;
    }
    return 0;
}

/* `"name" = 1` in a body, `resource "type" "name" {`. */
static int report_quoted_name(Feed *feed, const FeedToken *last, const Expected *expected) {
    if ((last->kind != T_STRING && last->kind != T_TEXT_OPEN) || !expected->name || expected->value || expected->type || expected->string) return 0;
    const FeedToken *word = feed_token(feed, 1);
    if (is_name_token(word->kind) && word->line == last->line) {
        static const char *const blocks[] = {"resource", "data", "variable", "module", "provider", "locals"};
        Diagnostic *d = builder_error(feed->build, CODE_SYNTAX, last->span, "a name stands without quotes");
        for (size_t i = 0; i < sizeof blocks / sizeof *blocks && d != NULL; i++)
            if (is_word(feed, word, blocks[i])) diag_help(feed->build->diagnostics, d, "a resource is written `TYPE NAME { ... }`, for example `server web { ... }`; a parameter `param NAME: TYPE`");
        return 1;
    }
    if (feed_bracket(feed) == NULL) return 0;
    Str text = token_text(feed, last);
    Str inner = {text.text + 1, text.length >= 2 ? text.length - 2 : 0};
    int plain = last->kind == T_STRING && inner.length > 0 && strspn(inner.text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789") >= inner.length;
    advise(feed, habit_error(feed, last->span, "the name of an attribute stands without quotes"), "write `name = value`", plain ? last->span : SPAN_NONE, inner);
    return 1;
}

static int is_comparison(int kind) {
    return kind == T_EQUAL || kind == T_UNEQUAL || kind == T_LESS || kind == T_LESS_EQUAL || kind == T_GREATER || kind == T_GREATER_EQUAL ||
           kind == T_IN || kind == T_IS;
}

/* Single signs that mean something else elsewhere, and words where they can't be. */
static int report_sign(Feed *feed, const FeedToken *last, const Expected *expected) {
    const char *message = NULL, *help = NULL;
    int complete = expected->operators;
    if (last->kind == T_BAR && complete) message = "conditions are joined by `or`", help = "write `or`; `|` stands between types";
    else if (last->kind == T_QUESTION && complete) message = "a choice is `if CONDITION then A else B`", help = "there is no `? :`; for a value that may be missing, `a ?? b`";
    else if (is_comparison(last->kind) && complete) message = "comparisons can't be chained", help = "join two by `and`: `a < b and b < c`";
    else if (last->kind == T_DOT && expected->value && feed_next(feed)->kind == T_INTEGER) message = "a decimal begins with a digit", help = "write 0 before the point";
    else if (last->kind == T_IF && expects(expected, "}") && expected->name) message = "an attribute can't be made optional from outside", help = "write `name = if CONDITION then VALUE else none`";
    else if (last->kind == T_FOR && expects(expected, "}") && expected->name) message = "attributes can't be made in a loop", help = "a list is `[VALUE for x in LIST]`, a map `{ KEY: VALUE for x in LIST }`";
    if (message == NULL) return 0;
    Diagnostic *d = builder_error(feed->build, CODE_SYNTAX, last->span, "%s", message);
    if (d != NULL) diag_help(feed->build->diagnostics, d, "%s", help);
    return 1;
}

/* `"a, "b"`: where a quote is missing the next one ends the string instead, and letters follow it without a blank. */
static int report_quote(Feed *feed, const FeedToken *last) {
    const FeedToken *string = feed_token(feed, 1);
    if (string->kind != T_STRING || string->span.end != last->span.start || bracket_sign(last->kind) != NULL) return 0;
    if (last->kind >= T_EQUAL && last->kind <= T_BAR) return 0;
    feed->quotes_wrong = last->line;
    Diagnostic *d = builder_error(feed->build, CODE_UNCLOSED, string->span, "a quote is missing in this line: this is read as one string");
    if (d != NULL) diag_also(feed->build->diagnostics, d, last->span, "and this is outside of it");
    return 1;
}

/* What could stand there, and what does. */
static void report_plain(Feed *feed, const FeedToken *last, const Expected *expected) {
    const FeedToken *before = feed_token(feed, 1);
    Builder *build = feed->build;
    Text text = {0};
    expected_print(expected, &text);
    int starts = before->kind == T_FILE_START || before->kind == T_EXPRESSION_START || before->kind == T_RESYNC;
    if (text.length == 0) text_addf(&text, "nothing");
    text_add(&text, STR(""));
    Str after = starts ? STR("") : arena_printf(build->arena, " after %.*s", (int)token_words(feed, before).length, token_words(feed, before).text);
    Str found = token_words(feed, last);
    int missing = (last->first || last->kind == T_FINISH) && !starts;
    Diagnostic *d;
    if (missing) {
        d = builder_error(build, CODE_SYNTAX, behind(before), "expected %s%.*s", text.bytes, (int)after.length, after.text);
        if (d != NULL && last->kind != T_FINISH) diag_also(build->diagnostics, d, last->span, "found this instead");
    } else {
        d = builder_error(build, CODE_SYNTAX, last->span, "expected %s%.*s, found %.*s", text.bytes, (int)after.length, after.text, (int)found.length, found.text);
    }
    if (d != NULL && is_reserved(last->kind) && expected->name && !expected->value && !expected->declaration)
        diag_help(build->diagnostics, d, "%.*s is a reserved word: it can't be a name", (int)found.length, found.text);
    text_fini(&text);
}

static void report(Feed *feed, const FeedToken *last, const Expected *expected) {
    if (feed_bracket_forgotten(feed)) {
        report_forgotten(feed);
        return;
    }
    if (report_stray(feed, last) || report_quote(feed, last) || report_missing_before(feed, last) || report_split_unit(feed, last)) return;
    if (report_later(feed, last) || report_assignment(feed, last, expected) || report_equals(feed, last, expected)) return;
    if (report_quoted_name(feed, last, expected) || report_sign(feed, last, expected)) return;
    report_plain(feed, last, expected);
}

void syntax_error_report(Feed *feed, const Expected *expected) {
    const FeedToken *last = feed_token(feed, 0);
    report(feed, last, expected);
    feed->wrong = last->first ? feed_token(feed, 1)->line : last->line;
    if (expects(expected, "{") && !expected->value && !expected->type && last->kind != T_LEFT_BRACE) feed->braces_owed++;
}
