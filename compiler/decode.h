/* Generic decoders: what programs print and files hold, as values. No program is known here by name. */
#ifndef PHX_COMPILER_DECODE_H
#define PHX_COMPILER_DECODE_H

#include "lang/value.h"

/* Each takes any bytes at all and never fails: what does not fit the form is skipped or kept as text, as each says. Every value
   shares the bytes of [text], which must live as long as the arena. Its origin is [origin]; where that spans just the text, lines, sections
   and stanzas give each value its own place in it. CRLF counts as newline, a missing final newline
   does not matter. In the records whose keys come from the text, a key that is not there reads as none. */

/* Lines without their ends. */
const Value *decode_lines(Arena *arena, Str text, Span origin);
/* Lines of tab-separated fields as records with these names (each once); missing fields are empty strings, the last takes the rest.
   Empty lines are skipped. */
const Value *decode_tsv(Arena *arena, Str text, const Name *const *names, uint32_t count, Span origin);
/* `key: value` lines, `[name]` begins a section, lines that begin with '#' are comments. A list of { name, note: what stands behind `]`,
   keys: {K: last value}, lines: [{ key, value, text }], comments: [text after '#'] }; the first section has the name "" and is always there.
   `key = value` is read too; `text` is the whole line, trimmed. A key begins its line, holds no blank, and only '=' may stand apart from it: a
   line without such a key (the second half of one that was wrapped, a title) is kept in lines with the key "" and itself as the value. */
const Value *decode_sections(Arena *arena, Names *names, Str text, Span origin);
/* `type: id` or `id` lines followed by indented `key value` lines: a list of { type, id, keys: {K: first value}, lines: [{ key, value }] }; an
   id alone has the type "", a key alone the value "". An empty line ends a stanza, and without one before it no other begins, as for the programs
   whose files these are. Comments (`#`) and what belongs nowhere are skipped. */
const Value *decode_stanzas(Arena *arena, Names *names, Str text, Span origin);
/* `a,k=v,k=v`: { "": a, k: v }; further parts without '=' are kept as keys with the value "". Of a key that is written twice the first
   counts. */
const Value *decode_property_string(Arena *arena, Names *names, Str text, Span origin);
/* JSON; NULL with the reason and its byte offset in [error] where it is malformed. */
const Value *decode_json(Arena *arena, Names *names, Str text, Span origin, Str *error);

/* %XX to bytes; what is no %XX stays. */
Str percent_decode(Arena *arena, Str text);
/* And back: for what is not printable ASCII, for '%', and for the bytes of [also]; the text itself where it holds none of them. */
Str percent_encode(Arena *arena, Str text, Str also);

/* The text with U+FFFD for each byte that is no UTF-8 and for NUL; itself where there is none of them. */
Str text_mend(Arena *arena, Str text);

/* Makes every record in [value], which nobody else may have seen yet, one in which a key that is not there reads as none. */
void value_open(const Value *value);
/* record_finish for a record in which a key that is not there reads as none. */
const Value *record_finish_open(RecordBuilder *builder, Span origin, const Name *tag);
/* Adds a field; where the name is there already, its value is replaced. */
void record_put(RecordBuilder *builder, const Name *name, const Value *value, Span span);

#endif
