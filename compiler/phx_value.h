/* Values as source text: what `value_print` shows, but with the names that a file gives to resources, to what repeats and to secrets. */
#ifndef PHX_COMPILER_PHX_VALUE_H
#define PHX_COMPILER_PHX_VALUE_H

#include "compiler/lookup.h"
#include "compiler/state.h"

/* Where a line of the text ends at the latest, if there is a place to break it. */
enum { PHX_WIDTH = 140 };

typedef struct PhxWriter {
    Session *session;
    const Str *names;               /* of resources by Instance.number; empty: it is not in the text */
    Lookup *taken;                  /* names that are in use */
    Lookup *addresses;              /* how an address is written to its place in lets, + 1 */
    const Str *lets;                /* the names of addresses; empty: it has none */
    Lookup *secret_numbers;
    VECTOR(Str) secrets;            /* names that stand for values that may not be written */
    int secrets_outside;            /* they are secrets that come from outside, and no parameters */
} PhxWriter;

/* One that has used no name yet; names and lets are the caller's to fill in. */
PhxWriter phx_writer(Session *session);
/* [wanted] with everything else than letters, digits and `_` as `_`; "it" where nothing is left. */
Str phx_name_plain(PhxWriter *writer, Str wanted);
/* May such a name be taken as it is: no reserved word, no tag, and not in use? */
int phx_name_is_free(PhxWriter *writer, Str plain);
/* A name that is not taken yet, and takes it: [wanted] as a plain one, with a number behind it where that is not free. */
Str phx_name_take(PhxWriter *writer, Str wanted);

/* Is it a text of several lines that reads better as a block, and can be one? */
int phx_is_block(const Value *value);
/* The value in one line. [owner] and [field] name it: for what becomes a `let` or a `param`. What can't be written is reported. */
void phx_write_line(PhxWriter *writer, Str owner, Str field, const Value *value, Text *out);
/* The same over several lines, the first of which stands behind [used] bytes and the others [level] levels deep: as few as fit into PHX_WIDTH. */
void phx_write_lines(PhxWriter *writer, Str owner, Str field, const Value *value, uint32_t level, size_t used, Text *out);

#endif
