/* The small text tables beside this file: a row is some columns and then words that say why. */
#ifndef PHX_TESTS_TABLES_ROWS_H
#define PHX_TESTS_TABLES_ROWS_H

#include "tests/tables/table.h"

enum { ROW_COLUMNS = 4 };

typedef struct Row {
    const char *columns[ROW_COLUMNS];   /* shell patterns, of the first three several with commas between them; '' is an empty text */
    const char *reason;
    int line;
    int used;
    int proven;                         /* what it says was seen: for by_rule */
} Row;

typedef struct Rows {
    const char *path;
    uint32_t columns;
    VECTOR(Row) rows;
} Rows;

/* Reads a file of rows with so many columns, blanks between them; lines with # are comments. 0 after a message. */
int rows_read(Arena *arena, const char *path, uint32_t columns, Rows *out);
/* The first row whose columns describe these texts, which is then marked as used; NULL where there is none. */
Row *rows_find(Rows *rows, const char *const *texts);
/* Does a column, which may be several patterns with commas between them, describe the text? */
int rows_describe(const char *column, const char *text);
/* Prints a failure for each row that nothing used; their number. */
uint32_t rows_stale(const Rows *rows);

#endif
