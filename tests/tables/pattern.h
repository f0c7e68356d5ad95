/* Regular expressions as the tables and the schemas write them: Perl's and POSIX's, as far as both use them. They are matched, and
   texts that they match are made up. */
#ifndef PHX_TESTS_TABLES_PATTERN_H
#define PHX_TESTS_TABLES_PATTERN_H

#include "lang/arena.h"

typedef struct Pattern Pattern;

/* A sequence of numbers that is the same on every machine. */
typedef struct Dice { uint64_t state; } Dice;
/* One that begins elsewhere for every three numbers. */
Dice dice_at(uint64_t a, uint64_t b, uint64_t c);
/* A number from 0 to [sides] - 1; 0 where there are no sides. */
uint32_t dice_roll(Dice *dice, uint32_t sides);

/* NULL where the expression holds something that is not known here. */
const Pattern *pattern_parse(Arena *arena, Str expression);
/* Does it match the whole text? */
int pattern_matches(const Pattern *pattern, Str text);
/* Does it match some part of the text, as a POSIX expression without ^ and $ does? */
int pattern_occurs(const Pattern *pattern, Str text);
/* A text that it matches; what may be repeated is repeated up to [more] times more often than it must. */
Str pattern_make(Arena *arena, const Pattern *pattern, Dice *dice, uint32_t more);

#endif
