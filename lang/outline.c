/* Lines that begin in the first column to declarations. */
#include "lang/outline.h"

#include <string.h>

static const struct { Str word; DeclKind kind; } WORDS[] = {
    {{"type ", 5}, DECL_TYPE},           {{"fn ", 3}, DECL_FUNCTION},     {{"schema ", 7}, DECL_SCHEMA},
    {{"component ", 10}, DECL_COMPONENT}, {{"profile ", 8}, DECL_PROFILE}, {{"lint ", 5}, DECL_LINT},
};

/* Is the line at [at] the head of a declaration? Then [heading] has its kind and its name. */
static int head_read(Names *names, const Source *source, uint32_t at, Heading *heading) {
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.";
    Str rest = {source->bytes.text + at, source->bytes.length - at};
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++) {
        Str word = WORDS[i].word;
        if (rest.length < word.length || memcmp(rest.text, word.text, word.length) != 0) continue;
        size_t length = 0;
        while (word.length + length < rest.length && memchr(letters, rest.text[word.length + length], sizeof letters - 1) != NULL) length++;
        uint32_t start = at + (uint32_t)word.length;
        heading->kind = WORDS[i].kind;
        heading->name = (Ident){name_intern(names, (Str){rest.text + word.length, length}), {source->number, start, start + (uint32_t)length}};
        return length > 0;
    }
    return 0;
}

static uint32_t line_after(Str bytes, uint32_t at) {
    const char *newline = memchr(bytes.text + at, '\n', bytes.length - at);
    return newline != NULL ? (uint32_t)(newline + 1 - bytes.text) : (uint32_t)bytes.length;
}

/* Comments belong to the declaration below them. */
int outline_next(Names *names, const Source *source, uint32_t *at, Heading *heading) {
    Str bytes = source->bytes;
    uint32_t line = *at;
    while (line < bytes.length && !head_read(names, source, line, heading)) line = line_after(bytes, line);
    if (line >= bytes.length) return 0;
    heading->part = (Span){source->number, *at, (uint32_t)bytes.length};
    Heading next;
    uint32_t above = line_after(bytes, line);       /* where the comments begin that stand right above the line */
    for (line = above; line < bytes.length; line = line_after(bytes, line)) {
        char first = bytes.text[line];
        if (first == '/' || first == '\n') continue;
        if (first >= 'a' && first <= 'z' && head_read(names, source, line, &next)) break;
        above = line_after(bytes, line);
    }
    heading->part.end = line < bytes.length ? above : (uint32_t)bytes.length;
    *at = heading->part.end;
    return 1;
}
