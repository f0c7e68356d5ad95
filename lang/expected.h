/* What could stand at the place of a syntax error, in the words of a reader. */
#ifndef PHX_LANG_EXPECTED_H
#define PHX_LANG_EXPECTED_H

#include "lang/text.h"

enum { EXPECTED_SIGNS = 32 };

typedef struct Expected {
    int value, type, name, string, number, declaration, end;
    int operators;          /* an expression is complete and could go on */
    const char *signs[EXPECTED_SIGNS];
    uint32_t sign_count;
} Expected;

/* Adds a symbol by its name in the grammar. */
void expected_add(Expected *expected, const char *symbol);
/* Is this sign or word among it? */
int expected_has(const Expected *expected, const char *sign);
/* "a value, `)` or `,`" */
void expected_print(const Expected *expected, Text *out);

#endif
