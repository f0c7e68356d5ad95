/* Is a text what a parameter takes? */
#ifndef PHX_TESTS_TABLES_CHECK_H
#define PHX_TESTS_TABLES_CHECK_H

#include "lang/text.h"
#include "tests/tables/table.h"

/* 1, or 0 with the reason in [why]. Booleans may have any spelling. */
int parameter_takes(Arena *arena, const Parameter *parameter, Str text, Text *why);
/* Appends the text as all texts that mean the same are written: sub-keys in order, those that say the default left out, numbers,
   booleans, sizes and addresses in one spelling. The text must be one that the parameter takes. */
void parameter_plain(Arena *arena, const Parameter *parameter, Str text, Text *out);

/* One `key=value` of a property string. */
typedef struct Property {
    const Parameter *key;           /* what an alias stands for */
    Str value;
} Property;
typedef VECTOR(Property) Properties;
/* The parts of a property string; 0 with the reason in [why] where it is none. */
int properties_read(Arena *arena, const Parameter *parameter, Str text, Properties *out, Text *why);

#endif
