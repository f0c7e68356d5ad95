/* The tokens of JSON, for json_read.c alone: places, errors, strings and numbers. */
#ifndef PHX_LANG_JSON_SCAN_H
#define PHX_LANG_JSON_SCAN_H

#include "lang/json.h"

/* Items and fields are collected on two stacks that all levels share, and copied out when their list or object ends: so
   each gets exactly the memory it needs. */
typedef struct Reader {
    Arena *arena;               /* of the values */
    Arena *stack;               /* of the two stacks */
    Arena *passing;             /* of values that stay text, else NULL */
    int levels;                 /* how deep those stand */
    Names *names;
    Diagnostics *diagnostics;   /* NULL: the first error goes to [error] */
    Str *error;
    Span origin;                /* of every value, where there are no diagnostics */
    const char *start;
    const char *at;
    const char *end;
    uint32_t file;
    int lenient;                /* a key that stands twice does not spoil the whole */
    int failed;                 /* something was reported: the result is poison */
    int stopped;                /* the structure is broken: what follows can't be understood */
    VECTOR(const Value *) items;
    VECTOR(Field) fields;
} Reader;

Span reader_span(const Reader *reader, const char *start, const char *end);
/* Reports an error at [start, end). The diagnostic, for help and labels; NULL where only the reason is kept. */
Diagnostic *reader_error(Reader *reader, Code code, const char *start, const char *end, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* The text does not go on as it should: an error at [at], and nothing behind it can be understood. */
void reader_stop(Reader *reader, const char *expected);
/* One past what stands at [at], to be shown in messages: a word, a character, or nothing at the end. */
const char *reader_thing_end(const Reader *reader, const char *at);

/* The next character after blanks, or NUL at the end: a NUL in the text was refused before. */
static inline char reader_peek(Reader *reader) {
    const char *at = reader->at, *end = reader->end;
    while (at < end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t')) at++;
    reader->at = at;
    return at < end ? *at : '\0';
}

/* The string whose opening quote is at [at]; it points into the text where it has no escapes and the text stays. Past
   its closing quote afterwards, or stopped. */
Str reader_string(Reader *reader);
/* The number at [at], an int or a float; poison after an error. */
const Value *reader_number(Reader *reader);

#endif
