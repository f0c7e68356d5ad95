// Prints rows of cells in aligned or tab-separated columns.
#include "table.h"

#include <inttypes.h>
#include <string.h>

Table table_new(Mem *mem) {
    return (Table){.cells = words_new(mem)};
}

void table_add_column(Table *table, const char *header, bool is_right) {
    if (table->columns == TABLE_COLUMNS) return;
    table->is_right[table->columns] = is_right;
    table->header[table->columns++] = header;
}

void table_add_cell(Table *table, const char *cell) {
    words_add(&table->cells, cell);
}

static void cell_print(Host *host, const Table *table, size_t column, const char *cell, const size_t *widths) {
    const char *gap = column == 0 ? "" : "  ";
    bool last = column + 1 == table->columns;
    if (table->is_right[column]) host_print(host, "%s%*s", gap, (int)widths[column], cell);
    else host_print(host, "%s%-*s", gap, last ? 0 : (int)widths[column], cell);
    if (last) host_print(host, "\n");
}

void table_print(Host *host, const Table *table, bool plain) {
    if (plain) {
        for (size_t i = 0; i < table->cells.count; i++)
            host_print(host, "%s%s", table->cells.items[i], (i + 1) % table->columns == 0 ? "\n" : "\t");
        return;
    }
    size_t widths[TABLE_COLUMNS] = {0};
    for (size_t c = 0; c < table->columns; c++) widths[c] = strlen(table->header[c]);
    for (size_t i = 0; i < table->cells.count; i++) {
        size_t length = strlen(table->cells.items[i]);
        if (length > widths[i % table->columns]) widths[i % table->columns] = length;
    }
    for (size_t c = 0; c < table->columns; c++) cell_print(host, table, c, table->header[c], widths);
    for (size_t i = 0; i < table->cells.count; i++)
        cell_print(host, table, i % table->columns, table->cells.items[i], widths);
}

const char *table_size(Host *host, uint64_t bytes) {
    static const char UNITS[] = "BKMGTPE";
    int unit = 0;
    uint64_t whole = bytes, scale = 1;
    while (whole >= 1024 && unit < 6) {
        whole /= 1024;
        scale *= 1024;
        unit++;
    }
    if (unit == 0) return mem_print(host->mem, "%" PRIu64 "B", bytes);
    if (bytes % scale == 0) return mem_print(host->mem, "%" PRIu64 "%c", whole, UNITS[unit]);
    // As many digits behind the point as five characters have room for.
    for (int digits = 2; digits > 0; digits--) {
        const char *text = mem_print(host->mem, "%.*f%c", digits, (double)bytes / (double)scale, UNITS[unit]);
        if (strlen(text) <= 5) return text;
    }
    return mem_print(host->mem, "%.0f%c", (double)bytes / (double)scale, UNITS[unit]);
}
