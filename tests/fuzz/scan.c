/* libFuzzer target: any bytes to tokens. Besides not crashing: the tokens stand in their order, inside of the text, and between them is white
   space alone. */
#include "lang/parse.h"
#include "tests/fuzz/fuzz.h"

static int is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *copy = exact_copy(data, size);
    /* What is no text is refused before anything is scanned. */
    if (utf8_check(copy, size) == size) {
        Arena *arena = arena_open();
        const Source *source = source_add(sources_new(arena), SOURCE_PHX, STR("site.phx"), (Str){copy, size});
        Tokens tokens = scan_tokens(arena, names_new(arena), source);
        /* A mark of the byte order is no token; the parser reports it. */
        size_t at = size >= 3 && !memcmp(copy, "\xEF\xBB\xBF", 3) ? 3 : 0;
        for (uint32_t i = 0; i < tokens.count && tokens.items[i].class != TOKEN_END; i++) {
            Span span = tokens.items[i].span;
            require(span.start >= at && span.end > span.start && span.end <= size, "a token does not stand in its place");
            for (; at < span.start; at++) require(is_blank(copy[at]), "something is in no token");
            at = span.end;
        }
        for (; at < size; at++) require(is_blank(copy[at]), "something behind the last token is in none");
        arena_close(arena);
    }
    free(copy);
    return 0;
}
