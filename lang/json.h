/* JSON is a serialisation of values: read strictly (RFC 8259) with the place of every value, written canonically. */
#ifndef PHX_LANG_JSON_H
#define PHX_LANG_JSON_H

#include "lang/diagnostic.h"
#include "lang/value.h"

/* The value of a whole JSON text, each part with its place in [source]. null is VALUE_NONE. Integers that fit 64 bits are
   ints, all other numbers floats. Errors (several, if they are independent) go to [diagnostics] and the result is poison:
   malformed text, duplicate keys (with both places), numbers out of range, invalid UTF-8, lone surrogates, NUL characters
   (also escaped), a byte order mark, nesting over 200, trailing text. An empty text is an error too. */
const Value *json_read(Arena *arena, Names *names, Diagnostics *diagnostics, const Source *source);

/* The same for data of others, of which a part may be left out: a key that stands twice is a warning. Where both times the
   same is written it counts once; else its value is poison with VALUE_LEFT_OUT. */
const Value *json_read_lenient(Arena *arena, Names *names, Diagnostics *diagnostics, const Source *source);

/* The same for a large text of which little is looked at: what stands [levels] below the root is checked and stays text, a string that holds the
   JSON as it is written. [passing] takes what is needed meanwhile, and is reset. */
const Value *json_read_outline(Arena *arena, Arena *passing, Names *names, Diagnostics *diagnostics, const Source *source, int levels);
/* The value of such a string. */
const Value *json_read_part(Arena *arena, Names *names, Diagnostics *diagnostics, const Source *source, const Value *part);

/* The same for text without a place of its own (the output of a program): every value has the origin [origin], and where
   it is malformed the result is NULL with the reason and byte offset in [error]. */
const Value *json_read_at(Arena *arena, Names *names, Str text, Span origin, Str *error);

typedef enum JsonStyle { JSON_COMPACT_SORTED, JSON_INDENTED } JsonStyle;
/* One value as JSON (jansson writes the strings): none and poison are null, unset is {"unset": true}; sizes, addresses
   and so on are strings as phx writes them; a tagged value is {"tag": {...}}; an unknown is {"unknown": "..."} (or
   "secret", "digest_of"); a secret is {"secret": true}. [indent]: how many levels deep the value stands, for JSON_INDENTED (two blanks a level). */
void json_write(const Value *value, JsonStyle style, int indent, Text *out);
/* A JSON string with its quotes. */
void json_write_string(Str string, Text *out);

#endif
