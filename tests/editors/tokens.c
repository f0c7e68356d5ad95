/* Prints the tokens of .phx files as phxc's own scanner sees them, a line for each: FILE LINE COLUMN LENGTH CLASS, in bytes, columns from 1.

   What a scanner does not know and a highlighter shows is found out here: escapes in strings, units of numbers, and whether a word
   that begins declarations is one or a name. Classes are called

     keyword value number unit address string escape hole comment doc operator identifier bad

   besides `word`, a declaration's word in a file that can't be parsed (keyword or identifier), and `any`, what follows the quote of
   a string without end. Where the rest of a file can't be told, because a block has no end, it gets no token but one `any`. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lang/grammar.h"
#include "lang/literal.h"
#include "lang/number.h"
#include "lang/parse.h"

typedef struct File {
    const char *path;
    Arena *arena;
    Names *names;
    Sources *sources;
    const Source *source;
    Scanner scanner;
    int parses;             /* there is no syntax error in it */
    int raw;                /* the parts are those of a raw block */
    uint32_t line;          /* of [line_start], from 1 */
    uint32_t line_start;
} File;

/* A token may span lines only where it is `any`; a newline at its end, with its carriage return, is not printed. */
static void print(File *file, uint32_t start, uint32_t end, const char *class) {
    const char *bytes = file->source->bytes.text;
    for (; file->line_start < start; file->line_start++)
        if (bytes[file->line_start] == '\n') file->line++;
    uint32_t begin = start;
    while (begin > 0 && bytes[begin - 1] != '\n') begin--;
    if (end > start && bytes[end - 1] == '\n') end--;
    if (end > start && bytes[end - 1] == '\r') end--;
    if (end > start) printf("%s %u %u %u %s\n", file->path, file->line, start - begin + 1, end - start, class);
}

/* ---- words ---- */

/* Can the file be parsed with these bytes? */
static int parses(Sources *sources, Str bytes) {
    Arena *arena = arena_open();
    const Source *source = source_add(sources, SOURCE_PHX, STR("copy"), bytes);
    int fine = !parse_source(arena, names_new(arena), diagnostics_new(arena, sources), source)->broken;
    arena_close(arena);
    return fine;
}

/* A declaration's word is a name where any other name could stand in its place. (There is one place where it is not: `secret (T)` could
   be a type `xxxxxx` with a refinement.) */
static int is_plain_name(File *file) {
    Arena *arena = arena_open();
    Str copy = arena_str(arena, file->source->bytes);
    memset((char *)copy.text + file->scanner.start, 'x', file->scanner.position - file->scanner.start);
    int plain = parses(sources_new(arena), copy);
    arena_close(arena);
    return plain;
}

static const char *word_class(File *file) {
    Str text = {file->source->bytes.text + file->scanner.start, file->scanner.position - file->scanner.start};
    int token = name_intern(file->names, text)->token;
    if (token == 0) return "identifier";
    if (grammar_is_reserved(token)) return token >= T_TRUE ? "value" : "keyword";
    if (!file->parses) return "word";
    return is_plain_name(file) ? "identifier" : "keyword";
}

/* ---- numbers ---- */

static void print_number(File *file, uint32_t start, uint32_t end) {
    Str text = {file->source->bytes.text + start, end - start};
    const char *dot = memchr(text.text, '.', text.length);
    int dots = dot != NULL && memchr(dot + 1, '.', (size_t)(text.text + text.length - dot - 1)) != NULL;
    if (dots || memchr(text.text, ':', text.length) != NULL) {
        Builder silent = {.arena = file->arena, .names = file->names, .source = file->source};
        print(file, start, end, literal_number(&silent, (Span){file->source->number, start, end}) != NULL ? "address" : "bad");
        return;
    }
    switch (number_parse(text).status) {
    case NUMBER_MALFORMED: case NUMBER_NO_UNIT: case NUMBER_UNKNOWN_UNIT: print(file, start, end, "bad"); return;
    case NUMBER_OK: case NUMBER_OUT_OF_RANGE: case NUMBER_FRACTION: break;
    }
    uint32_t unit = end;
    while (unit > start && strchr("0123456789", text.text[unit - 1 - start]) == NULL) unit--;
    print(file, start, unit, "number");
    print(file, unit, end, "unit");
}

/* ---- strings ---- */

/* Is what stands between a backslash and [end] one of the escapes, by its form? */
static int is_escape(const char *at, const char *end) {
    size_t length = (size_t)(end - at);
    if (length == 2) return strchr("nt\"\\{}", at[1]) != NULL;
    return length >= 5 && length <= 10 && at[2] == '{' && strspn(at + 3, "0123456789abcdefABCDEF") == length - 4;
}

/* Behind the escape that begins with a backslash at [at]: `\u{...}` or one character. */
static uint32_t escape_end(Str bytes, uint32_t at, uint32_t end) {
    if (end - at > 3 && memcmp(bytes.text + at, "\\u{", 3) == 0) {
        uint32_t close = at + 3;
        while (close < end && strchr("}\"\n", bytes.text[close]) == NULL) close++;
        if (close < end && bytes.text[close] == '}') return close + 1;
    }
    if (end - at < 2 || bytes.text[at + 1] == '\n') return at + 1;
    return at + 1 + (uint32_t)utf8_length(bytes.text + at + 1, end - at - 1);
}

/* A string without holes, or a part of one with holes. */
static void print_text(File *file, uint32_t start, uint32_t end, int raw) {
    Str bytes = file->source->bytes;
    uint32_t plain = start;
    for (uint32_t at = start; at < end && !raw;) {
        if (bytes.text[at] != '\\') {
            at++;
            continue;
        }
        uint32_t behind = escape_end(bytes, at, end);
        int alone = behind == at + 1;
        print(file, plain, alone ? behind : at, "string");
        if (!alone) print(file, at, behind, is_escape(bytes.text + at, bytes.text + behind) ? "escape" : "bad");
        plain = at = behind;
    }
    print(file, plain, end, "string");
}

/* The quote is a string's whatever follows. 1 where nothing behind it can be told. */
static int print_open_string(File *file, uint32_t start, uint32_t end) {
    const char *bytes = file->source->bytes.text;
    int block = end - start >= 3 && bytes[start + 1] == bytes[start] && bytes[start + 2] == bytes[start];
    print(file, start, start + 1, "string");
    print(file, start + 1, block ? (uint32_t)file->source->bytes.length : end, "any");
    return block;
}

/* ---- all of it ---- */

/* 0 where nothing behind the token can be told. */
static int print_token(File *file, int kind, uint32_t start, uint32_t end) {
    switch (kind) {
    case T_COMMENT: print(file, start, end, "comment"); return 1;
    case T_DOC_COMMENT: print(file, start, end, "doc"); return 1;
    case T_NAME: print(file, start, end, word_class(file)); return 1;
    case T_INTEGER: case T_LITERAL: print_number(file, start, end); return 1;
    case T_STRING: print_text(file, start, end, file->source->bytes.text[start] == '\''); return 1;
    case T_TEXT_OPEN:
        file->raw = file->source->bytes.text[start] == '\'';
        print(file, start, end, "string");
        return 1;
    case T_TEXT_PART: print_text(file, start, end, file->raw); return 1;
    case T_TEXT_CLOSE:
        file->raw = 0;
        print(file, start, end, "string");
        return 1;
    case T_HOLE_OPEN: case T_HOLE_CLOSE: print(file, start, end, "hole"); return 1;
    case T_OPEN_STRING: return !print_open_string(file, start, end);
    case T_TOO_DEEP: print(file, start, (uint32_t)file->source->bytes.length, "any"); return 0;
    default: print(file, start, end, kind >= T_EQUAL && kind < T_COMMENT ? "operator" : "bad"); return 1;
    }
}

static void print_file(File *file, Str bytes) {
    file->source = source_add(file->sources, SOURCE_PHX, str_of(file->path), bytes);
    if (!diag_check_text(diagnostics_new(file->arena, file->sources), file->source)) {
        fprintf(stderr, "%s is no text that phxc reads: left out\n", file->path);
        return;
    }
    file->parses = parses(file->sources, bytes);
    file->line = 1;
    words_reserve(file->names);
    Scanner *scanner = &file->scanner;
    scanner_init(scanner, file->arena, file->source, 0, (uint32_t)bytes.length);
    for (int kind = scanner_next(scanner); kind != 0; kind = scanner_next(scanner))
        if (!print_token(file, kind, scanner->start, scanner->position)) return;
}

static int read_file(const char *path, Arena *arena, Str *bytes) {
    FILE *stream = fopen(path, "rb");
    if (stream == NULL) return 0;
    VECTOR(char) text = {0};
    for (int c = getc(stream); c != EOF; c = getc(stream)) VECTOR_PUSH(arena, &text, (char)c);
    int failed = ferror(stream);
    fclose(stream);
    *bytes = (Str){text.count > 0 ? text.items : "", text.count};
    return !failed;
}

int main(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        Arena *arena = arena_open();
        Str bytes;
        if (!read_file(argv[i], arena, &bytes)) {
            fprintf(stderr, "%s can't be read\n", argv[i]);
            return EXIT_FAILURE;
        }
        File file = {.path = argv[i], .arena = arena, .names = names_new(arena), .sources = sources_new(arena)};
        print_file(&file, bytes);
        arena_close(arena);
    }
    return EXIT_SUCCESS;
}
