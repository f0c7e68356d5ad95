/* One codec per attribute, used in both directions: how a value is written for a host, and what a host's text means. */
#ifndef PHX_COMPILER_CODEC_H
#define PHX_COMPILER_CODEC_H

#include "compiler/instance.h"

/* Appends the host's text of [value]; 0 (reported at [span]) where it can't be written: a size that is no multiple of the unit,
   a separator inside an element or a ',' inside a property string. Records become property strings `k=v,k=v` in the order of the
   type's fields, led by the first `head` whose fields are all there. A reference becomes the target's identity. A tagged value is written
   like the record of its fields, one without fields as its tag. */
int codec_encode(Session *session, const Type *type, const Codec *codec, const Value *value, Span span, Text *out);

/* The value that [text] stands for, with origin [origin]; NULL where it is none of the type: the caller keeps the text then. Ranges and
   patterns are not enforced: a host may hold what we would not write. A reference becomes a string. Unknown keys of a property
   string are kept as strings under their own names, and so are values of known keys that are not of their type. */
const Value *codec_decode(Session *session, const Type *type, const Codec *codec, Str text, Span origin);

/* The same for what a decoder gave: texts are decoded, lists and records element by element (fields by property or name), numbers are
   counted in the unit. What does not fit stays as it is. Never NULL. */
const Value *codec_decode_value(Session *session, const Type *type, const Codec *codec, const Value *value, Span origin);

/* Does what the host has satisfy what is wanted? Only written sub-keys are compared; numbers by value; MACs in any case;
   sets in any order; references by identity; with `digest` the SHA-256 of the wanted text. [have] NULL: the host says nothing: then the field's `default` counts. */
int codec_matches(Session *session, const TypeField *field, const Value *want, const Value *have);

/* Is the field one that only the host has? Under `whole` that is a difference. */
int codec_is_surplus(const Record *wanted, const Field *found);

/* Of a union the member that the value is one of (the first, if several take it); of any other type itself. */
const Type *codec_member(Session *session, const Type *type, const Value *value);
/* Does a secret stand in it, or in a part of it? Its value is not at hand while planning, and what the host has of it is in no facts. */
int codec_holds_secret(const Value *value);
/* "sha256:" and the digest: what stands for a text under `compare = "digest"`. */
Str codec_digest(Arena *arena, Str text);

/* Identity patterns and heads, `"{storage}:{volume}"`: the fields' texts in [text], or 0 where it does not match or has more than [limit]
   fields. A field is not empty and runs to the next occurrence of the literal text that follows it; the last one takes the rest. */
int pattern_match(Str pattern, Str text, Str *names, Str *values, uint32_t *count, uint32_t limit);
/* The next piece of a pattern: a field's name, or literal text. 0 at the end. */
int pattern_next(Str *rest, Str *piece, int *is_field);

#endif
