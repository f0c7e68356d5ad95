/* Messages for text that the grammar does not take: what was found, what could stand there, and the habit that may be behind it. */
#include "lang/syntax_error.h"

#include <string.h>

#include "lang/grammar.h"

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
    default: break;
    }
    if (text.length <= LONGEST) return arena_printf(arena, "`%.*s`", (int)text.length, text.text);
    /* Not in the middle of a character. */
    int length = LONGEST;
    while (length > 0 && ((unsigned char)text.text[length] & 0xC0) == 0x80) length--;
    return arena_printf(arena, "`%.*s...`", length, text.text);
}

static int is_word(const Feed *feed, const FeedToken *token, const char *word) { return str_equal(token_text(feed, token), str_of(word)); }

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
    const char *right = bracket_sign(bracket_closing(bracket->open.kind));
    Diagnostic *d = builder_error(build, CODE_SYNTAX, last->span, "expected `%s`, found `%s`", right, sign);
    if (d != NULL) diag_also(build->diagnostics, d, bracket->open.span, "to close this `%s`", bracket_sign(bracket->open.kind));
    return 1;
}

void syntax_error_open_string(Feed *feed, Span span, const Extent *extent, int block) {
    Builder *build = feed->build;
    if (extent->status == EXTENT_HOLE_OPEN) {
        Span hole = {span.file, extent->hole, extent->hole + 1};
        Diagnostic *d = builder_error(build, CODE_UNCLOSED, hole, "`{` opens a hole in a string that is not closed%s",
                                      block ? "" : " on its line");
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
    {T_FOREIGN_ARROW, 0, T_ASSIGN, "there are no arrows",
     "a field is `name = value`, an entry of a map `key: value`, a function `fn f(x: T): TYPE = value`", NULL},
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
    Span both = {span.file, span.start - 1, span.end};
    Diagnostic *d = diag_warning(build->diagnostics, CODE_DOLLAR, both, "`${` puts a dollar sign before the value");
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
    int header = last->kind == T_LEFT_BRACE && grammar_is_name(previous->kind) && grammar_is_name(feed_token(feed, 2)->kind);
    if ((previous->span.start != first->span.start && !header) || !grammar_is_name(first->kind) || last->line != first->line) return 0;
    int type = before->kind == T_COLON;
    int opens = type || before->kind == T_ASSIGN || (before->kind >= T_EQUAL && before->kind <= T_RANGE) ||
                (before->kind >= T_LESS && before->kind <= T_PERCENT);
    if (!opens || (!header && last->kind != T_ASSIGN && last->kind != T_COLON && !grammar_is_name(last->kind))) return 0;
    Str sign = token_text(feed, before);
    builder_error(feed->build, CODE_SYNTAX, behind(before), "expected %s after `%.*s`", type ? "a type or value" : "a value",
                  (int)sign.length, sign.text);
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

/* `==` for `=` and the other way round. */
static int report_equals(Feed *feed, const FeedToken *last, const Expected *expected) {
    const Bracket *bracket = feed_bracket(feed);
    if (last->kind == T_ASSIGN && expected->operators && feed_token(feed, 2)->kind == T_ASSIGN) {
        Diagnostic *d = builder_error(feed->build, CODE_SYNTAX, last->span, "a value is followed by `=`");
        advise(feed, d, "a record stands in braces, `{ name = value }`; to compare, write `==`", SPAN_NONE, STR(""));
        if (bracket != NULL && bracket->open.line != last->line) feed->brace_missing = last->line;
        return 1;
    }
    if (last->kind == T_EQUAL && expected_has(expected, "=")) {
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
    if (!grammar_is_name(name->kind)) return 0;
    int outside = !feed->expression && (bracket == NULL || bracket->declarations);
    if (outside && name->first && (last->kind == T_ASSIGN || last->kind == T_COLON)) {
        Diagnostic *d = builder_error(feed->build, CODE_SYNTAX, last->span, "only inside a resource are values given like this");
        advise(feed, d, "a name for a value is declared with `let NAME = VALUE`", SPAN_NONE, STR(""));
        return 1;
    }
    if (last->kind == T_COLON && brace && expected_has(expected, "=")) {
        advise(feed, habit_error(feed, last->span, "a value is given with `=` here, not with `:`"), "write `=`", last->span, STR(" ="));
        return 1;
    }
    if (last->kind == T_LEFT_BRACE && brace && expected_has(expected, "=")) {
        Span at = {last->span.file, last->span.start, last->span.start};
        advise(feed, habit_error(feed, last->span, "a record is a value, given with `=`"), "write `=` before the brace", at, STR("= "));
        return 1;
    }
    if (last->kind != T_ASSIGN || !expected_has(expected, ":")) return 0;
    Diagnostic *d;
    if (brace && !name->first && bracket->open.line != last->line) {
        feed->brace_missing = last->line;
        d = builder_error(feed->build, CODE_SYNTAX, name->span, "the options of a field stand in braces");
        advise(feed, d, "write `name: TYPE { option = value }`", SPAN_NONE, STR(""));
    } else if (bracket != NULL && bracket->open.kind == T_LEFT_PAREN && expected->operators) {
        d = habit_error(feed, last->span, "an argument is named with `:`, not with `=`");
        advise(feed, d, "write `name: value`", last->span, STR(":"));
    } else {
        d = habit_error(feed, last->span, "a type must stand before the `=`");
        advise(feed, d, "write `name: TYPE = value`", SPAN_NONE, STR(""));
    }
    return 1;
}

/* Words that begin blocks elsewhere. */
static int is_block_word(const Feed *feed, const FeedToken *token) {
    static const char *const blocks[] = {"resource", "data", "variable", "module", "provider", "locals"};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        if (is_word(feed, token, blocks[i])) return 1;
    return 0;
}

static int is_name_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }

/* The text in quotes where that is a name, else empty. */
static Str quoted_name(const Feed *feed, const FeedToken *token) {
    Str text = token_text(feed, token);
    if (token->kind != T_STRING || text.length < 3 || (text.text[1] >= '0' && text.text[1] <= '9')) return STR("");
    for (size_t i = 1; i + 1 < text.length; i++)
        if (!is_name_letter(text.text[i])) return STR("");
    return (Str){text.text + 1, text.length - 2};
}

/* `"name" = 1` in a body, `resource "type" "name" {`. */
static int report_quoted_name(Feed *feed, const FeedToken *last, const Expected *expected) {
    int only_name = expected->name && !expected->value && !expected->type && !expected->string;
    if ((last->kind != T_STRING && last->kind != T_TEXT_OPEN) || !only_name) return 0;
    const FeedToken *word = feed_token(feed, 1);
    Str name = quoted_name(feed, last);
    Span place = name.length > 0 ? last->span : SPAN_NONE;
    if (grammar_is_name(word->kind) && word->line == last->line) {
        Diagnostic *d = builder_error(feed->build, CODE_SYNTAX, last->span, "a name stands without quotes");
        if (is_block_word(feed, word))
            advise(feed, d, "a resource is written `TYPE NAME { ... }`, for example `server web { ... }`; a parameter `param NAME: TYPE`",
                   SPAN_NONE, STR(""));
        else advise(feed, d, "write it without quotes", place, name);
        return 1;
    }
    if (feed_bracket(feed) == NULL) return 0;
    advise(feed, habit_error(feed, last->span, "the name of an attribute stands without quotes"), "write `name = value`", place, name);
    return 1;
}

static int is_hyphened(char c) { return is_name_letter(c) || c == '-'; }

/* `ssh-keys = 1`: options of commands have such names. Where an expression could stand it is read as a difference, up to the `=`. */
static int report_hyphen(Feed *feed, const FeedToken *last, const Expected *expected) {
    const FeedToken *name = feed_token(feed, 1);
    Str bytes = feed->build->source->bytes;
    uint32_t start = name->span.start, end = name->span.end;
    if (!grammar_is_name(name->kind) || (last->kind == T_MINUS ? expected->operators || end != last->span.start : last->kind != T_ASSIGN)) return 0;
    while (start > 0 && is_hyphened(bytes.text[start - 1])) start--;
    while (end < bytes.length && is_hyphened(bytes.text[end])) end++;
    Str word = {bytes.text + start, end - start};
    if (memchr(word.text, '-', word.length) == NULL || word.text[0] == '-' || word.text[word.length - 1] == '-') return 0;
    word = arena_replace(feed->build->arena, word, '-', '_');
    Span span = {name->span.file, start, end};
    Diagnostic *d = builder_error(feed->build, CODE_FOREIGN, span, "a name has no `-` in it");
    if (d == NULL) return 1;
    diag_help(feed->build->diagnostics, d, "what is called so elsewhere is written with `_` here: `%.*s`", (int)word.length, word.text);
    diag_fix(feed->build->diagnostics, d, span, word);
    return 1;
}

/* Signs that mean something else elsewhere, and words where they can't be. */
static int report_sign(Feed *feed, const FeedToken *last, const Expected *expected) {
    const char *message = NULL, *help = NULL;
    int complete = expected->operators, in_body = expected_has(expected, "}") && expected->name;
    switch (last->kind) {
    case T_BAR:
        if (!complete) break;
        message = "conditions are joined by `or`";
        help = "write `or`; `|` stands between types";
        break;
    case T_QUESTION:
        if (!complete) break;
        message = "a choice is `if CONDITION then A else B`";
        help = "there is no `? :`; for a value that may be missing, `a ?? b`";
        break;
    case T_EQUAL: case T_UNEQUAL: case T_LESS: case T_LESS_EQUAL: case T_GREATER: case T_GREATER_EQUAL: case T_IN: case T_IS:
        if (!complete) break;
        message = "comparisons can't be chained";
        help = "join two by `and`: `a < b and b < c`";
        break;
    case T_DOT:
        if (!expected->value || feed_next(feed)->kind != T_INTEGER) break;
        message = "a decimal begins with a digit";
        help = "write 0 before the point";
        break;
    case T_IF:
        if (!in_body) break;
        message = "an attribute can't be made optional from outside";
        help = "write `name = if CONDITION then VALUE else none`";
        break;
    case T_FOR:
        if (!in_body) break;
        message = "attributes can't be made in a loop";
        help = "a list is `[VALUE for x in LIST]`, a map `{ KEY: VALUE for x in LIST }`";
        break;
    default: break;
    }
    if (message == NULL) return 0;
    advise(feed, builder_error(feed->build, CODE_SYNTAX, last->span, "%s", message), help, SPAN_NONE, STR(""));
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
    Str found = token_words(feed, last), after = STR("");
    int starts = before->kind == T_FILE_START || before->kind == T_EXPRESSION_START || before->kind == T_RESYNC;
    if (!starts) {
        Str words = token_words(feed, before);
        after = arena_printf(build->arena, " after %.*s", (int)words.length, words.text);
    }
    Text text = {0};
    expected_print(expected, &text);
    text_add(&text, after);
    Diagnostic *d;
    if ((last->first || last->kind == T_FINISH) && !starts) {
        /* Something is missing where the line before ends. */
        d = builder_error(build, CODE_SYNTAX, behind(before), "expected %s", text.bytes);
        if (d != NULL && last->kind != T_FINISH) diag_also(build->diagnostics, d, last->span, "found this instead");
    } else {
        d = builder_error(build, CODE_SYNTAX, last->span, "expected %s, found %.*s", text.bytes, (int)found.length, found.text);
    }
    if (d != NULL && grammar_is_reserved(last->kind) && expected->name && !expected->value && !expected->declaration)
        diag_help(build->diagnostics, d, "%.*s is a reserved word: it can't be a name", (int)found.length, found.text);
    text_fini(&text);
}

static void report(Feed *feed, const FeedToken *last, const Expected *expected) {
    if (feed_bracket_forgotten(feed)) {
        report_forgotten(feed);
        return;
    }
    if (report_stray(feed, last) || report_quote(feed, last) || report_missing_before(feed, last) || report_split_unit(feed, last)) return;
    if (report_hyphen(feed, last, expected) || report_assignment(feed, last, expected) || report_equals(feed, last, expected)) return;
    if (report_quoted_name(feed, last, expected) || report_sign(feed, last, expected)) return;
    report_plain(feed, last, expected);
}

void syntax_error_report(Feed *feed, const Expected *expected) {
    const FeedToken *last = feed_token(feed, 0);
    report(feed, last, expected);
    feed->wrong = last->first ? feed_token(feed, 1)->line : last->line;
    if (expected_has(expected, "{") && !expected->value && !expected->type && last->kind != T_LEFT_BRACE) feed->braces_owed++;
}
