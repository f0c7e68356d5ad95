/* Commands of plans against the tables: would the program take these words? */
#ifndef PHX_TESTS_TABLES_ARGV_H
#define PHX_TESTS_TABLES_ARGV_H

#include <stdio.h>

#include "compiler/lookup.h"
#include "lang/text.h"
#include "tests/tables/table.h"

/* What occurred: "pct create --net[n].bridge", each once. */
typedef struct Seen {
    Arena *arena;
    Lookup *known;
    VECTOR(const char *) lines;
} Seen;

typedef struct ArgvCount {
    uint32_t commands, rejected;
} ArgvCount;

/* The words of one command; NULL stands for one that is only known when the plan is applied. 1, or 0 with the reason in [why].
   What the words mean is added to [seen]. Commands of other programs are no business of the tables: 1. */
int argv_takes(const Tables *tables, const char *const *words, uint32_t count, Seen *seen, Text *why);
/* Is it a program of the tables? */
int argv_concerns(const char *program);

/* Every command of a plan in JSON, also those of its undo; what is rejected is printed with its place. 0 where the text is no plan. */
int plan_check(const Tables *tables, FILE *plan, const char *name, Seen *seen, ArgvCount *count);

#endif
