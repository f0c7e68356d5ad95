// Output in columns, as zfs and zpool print it: aligned for people, separated by tabs for programs.
#ifndef PHX_SANDBOX_TABLE_H
#define PHX_SANDBOX_TABLE_H

#include "host.h"

enum { TABLE_COLUMNS = 32 };

typedef struct Table {
    Words cells;                   // row by row
    size_t columns;
    bool is_right[TABLE_COLUMNS];  // numbers stand at the right
    const char *header[TABLE_COLUMNS];
} Table;

Table table_new(Mem *mem);
void table_add_column(Table *table, const char *header, bool is_right);
void table_add_cell(Table *table, const char *cell);

/// Prints it: with [plain] neither header nor padding, a tab between cells.
void table_print(Host *host, const Table *table, bool plain);

/// A size as zfs prints it to people: 128K, 1.50T.
const char *table_size(Host *host, uint64_t bytes);

#endif
