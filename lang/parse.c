/* Text to tree, and text to tokens. */
#include "lang/parse.h"

#include <string.h>

#include "lang/feed.h"
#include "lang/grammar.h"
#include "lang/literal.h"

enum { LINE_LIMIT = 1 << 20, TEXT_LIMIT = 64 << 20 };

/* Where a line that is too long begins, or -1. */
static int64_t long_line(Str bytes) {
    size_t start = 0;
    while (bytes.length - start > LINE_LIMIT) {
        /* A line may be as long as the limit: it is looked for from behind, so that short lines are stepped over in heaps. */
        const char *newline = memrchr(bytes.text + start, '\n', LINE_LIMIT + 1);
        if (newline == NULL) return (int64_t)start;
        start = (size_t)(newline - bytes.text) + 1;
    }
    return -1;
}

/* Can anything be read from it? */
static int text_is_sound(Diagnostics *diagnostics, const Source *source) {
    if (!diag_check_text(diagnostics, source)) return 0;
    Str bytes = source->bytes;
    if (bytes.length > TEXT_LIMIT) {
        diag_error(diagnostics, CODE_TEXT_TOO_LONG, (Span){source->number, 0, 0}, "the text has %zu bytes: %d MiB are the limit", bytes.length,
                   TEXT_LIMIT >> 20);
        return 0;
    }
    int64_t line = long_line(bytes);
    if (line < 0) return 1;
    Span start = {source->number, (uint32_t)line, (uint32_t)line + 1};
    diag_error(diagnostics, CODE_TEXT_TOO_LONG, start, "the line is longer than %d MiB", LINE_LIMIT >> 20);
    return 0;
}

/* 1 where there was nothing to report. */
static int parse_part(Builder *build, int first, uint32_t start, uint32_t end) {
    Feed feed;
    feed_init(&feed, build, first, start, end);
    int failed = grammar_parse(&feed, build);
    return !failed && !build->broken;
}

static int parse(Builder *build, int first) { return parse_part(build, first, 0, (uint32_t)build->source->bytes.length); }

const Tree *parse_source(Arena *arena, Names *names, Diagnostics *diagnostics, const Source *source) {
    Tree *tree = ARENA_NEW(arena, Tree);
    tree->source = source;
    tree->broken = 1;
    if (!text_is_sound(diagnostics, source)) return tree;
    Builder build = {.arena = arena, .names = names, .diagnostics = diagnostics, .source = source};
    tree->broken = !parse(&build, T_FILE_START);
    tree->declarations = build.declarations;
    return tree;
}

DeclList parse_declarations(Arena *arena, Names *names, Diagnostics *diagnostics, const Source *source, Span part) {
    Builder build = {.arena = arena, .names = names, .diagnostics = diagnostics, .source = source};
    parse_part(&build, T_FILE_START, part.start, part.end);
    return build.declarations;
}

const Expr *parse_expression(Arena *arena, Names *names, Diagnostics *diagnostics, const Source *source) {
    if (!text_is_sound(diagnostics, source)) return NULL;
    Builder build = {.arena = arena, .names = names, .diagnostics = diagnostics, .source = source};
    return parse(&build, T_EXPRESSION_START) ? build.expression : NULL;
}

/* ---- tokens ---- */

static TokenClass token_class(int kind) {
    if (grammar_is_name(kind)) return TOKEN_WORD;
    if (grammar_is_reserved(kind)) return TOKEN_KEYWORD;
    if (kind >= T_EQUAL && kind <= T_BAR) return TOKEN_PUNCTUATION;
    switch (kind) {
    case T_COMMENT: return TOKEN_COMMENT;
    case T_DOC_COMMENT: return TOKEN_DOC;
    case T_INTEGER: return TOKEN_NUMBER;
    case T_STRING: case T_TEXT_OPEN: return TOKEN_STRING;
    case T_LEFT_PAREN: case T_LEFT_BRACKET: case T_LEFT_BRACE: return TOKEN_OPEN;
    case T_RIGHT_PAREN: case T_RIGHT_BRACKET: case T_RIGHT_BRACE: return TOKEN_CLOSE;
    default: return TOKEN_BAD;
    }
}

/* More than one dot, or a colon. */
static int is_address(Str text) {
    const char *dot = memchr(text.text, '.', text.length);
    const char *end = text.text + text.length;
    return memchr(text.text, ':', text.length) != NULL || (dot != NULL && memchr(dot + 1, '.', (size_t)(end - dot - 1)) != NULL);
}

/* After an opening quote: goes behind the closing one. */
static uint32_t skip_text(Scanner *scanner) {
    uint32_t depth = 1;
    while (depth > 0) {
        int kind = scanner_next(scanner);
        if (kind == 0) break;
        if (kind == T_TEXT_OPEN) depth++;
        if (kind == T_TEXT_CLOSE) depth--;
    }
    return scanner->position;
}

Tokens scan_tokens(Arena *arena, Names *names, const Source *source) {
    Tokens tokens = {0};
    Str bytes = source->bytes;
    uint32_t length = bytes.length < TEXT_LIMIT ? (uint32_t)bytes.length : 0;
    Token end = {{source->number, length, length}, TOKEN_END};
    if (bytes.length > TEXT_LIMIT || utf8_check(bytes.text, bytes.length) != bytes.length || long_line(bytes) >= 0) {
        Token bad = {{source->number, 0, length}, TOKEN_BAD};
        VECTOR_PUSH(arena, &tokens, bad);
        VECTOR_PUSH(arena, &tokens, end);
        return tokens;
    }
    words_reserve(names);
    Scanner *scanner = ARENA_NEW(arena, Scanner);
    scanner_init(scanner, arena, source, 0, (uint32_t)bytes.length);
    for (int kind = scanner_next(scanner); kind != 0; kind = scanner_next(scanner)) {
        Token token = {{source->number, scanner->start, scanner->position}, TOKEN_BAD};
        Str text = {bytes.text + scanner->start, scanner->position - scanner->start};
        if (kind == T_NAME) {
            const Name *name = name_find(names, text);
            if (name != NULL && name->token != 0) kind = name->token;
        }
        token.class = kind == T_LITERAL ? (is_address(text) ? TOKEN_ADDRESS : TOKEN_NUMBER) : token_class(kind);
        if (kind == T_TEXT_OPEN) token.span.end = skip_text(scanner);
        if ((kind == T_COMMENT || kind == T_DOC_COMMENT) && bytes.text[token.span.end - 1] == '\r') token.span.end--;
        VECTOR_PUSH(arena, &tokens, token);
    }
    VECTOR_PUSH(arena, &tokens, end);
    return tokens;
}
