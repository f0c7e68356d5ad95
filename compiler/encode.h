/* Values to the text of a file: what the encoders share. A file is put together of text that is the form's own and of values, each quoted
   as the form wants it; what becomes of a value that is secret, or known only after apply, is decided here alone. */
#ifndef PHX_COMPILER_ENCODE_H
#define PHX_COMPILER_ENCODE_H

#include "compiler/builtins.h"

typedef struct Encoder {
    const Call *call;
    Text out;
    const Name *key;            /* under which the value stands, for messages; NULL: under none */
    int level;                  /* how many levels in, for forms that indent */
    uint8_t flags;              /* the secrecy of the values so far */
    const Value *other;         /* what stands for the whole result: poison after a report, or what is known only after apply; else NULL */
} Encoder;

/* Writes [text] to [out] so that the form's readers read it back. NULL, or where the form can't hold the text what is the matter with it:
   "holds a line break". These words stand in messages, and the text may be a secret: they repeat none of it. */
typedef const char *Quote(const Encoder *encoder, Str text, Text *out);

/* Text of the form itself. */
void encode_text(Encoder *encoder, Str text);
/* A value without parts, as interpolation would print it, quoted by [quote]. */
void encode_value(Encoder *encoder, const Value *value, Quote *quote);
/* The name of a field; it stands for the values that follow, until the next one. */
void encode_key(Encoder *encoder, const Name *name, Quote *quote);
/* The form can't hold this value: "is a list, and ...". */
void encode_refuse(Encoder *encoder, const Value *value, const char *reason);
/* Is the rest worth writing? Not after a report, and not past the limit of texts. */
int encode_goes_on(const Encoder *encoder);
/* The result of the call; the encoder's text is given back. */
const Value *encode_result(Encoder *encoder);

/* The value in block style, with a line end behind it. */
void encode_yaml(Encoder *encoder, const Value *value);

#endif
