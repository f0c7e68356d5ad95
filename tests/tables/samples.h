/* Texts to try for a parameter: good ones, bad ones, and those at the edges. Which they are the table says. */
#ifndef PHX_TESTS_TABLES_SAMPLES_H
#define PHX_TESTS_TABLES_SAMPLES_H

#include "lang/text.h"
#include "tests/tables/table.h"

typedef VECTOR(Str) Texts;

/* Of a parameter without sub-keys, or of a sub-key. */
void samples_scalar(Arena *arena, const Parameter *parameter, Dice *dice, Texts *out);
/* Of a property string, of those sub-keys for which [wanted] says 1: each sub-key with each of its samples beside what must be there (in the
   first way that [base] takes), one that must be there left out, one that is unknown, all together, and some by chance. */
typedef struct KeyChoice {
    const void *context;
    int (*wanted)(const void *context, const Parameter *key);
    int (*base)(const void *context, Str text);     /* is the text one to begin with? */
} KeyChoice;
void samples_property_string(Arena *arena, const Parameter *parameter, const KeyChoice *choice, Dice *dice, Texts *out);

#endif
