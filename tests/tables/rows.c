/* Rows of text tables: reading, finding, and what nothing needs any more. */
#include "tests/tables/rows.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

static int row_read(Arena *arena, Rows *out, char *line, int number) {
    Row row = {.line = number};
    line[strcspn(line, "\n")] = '\0';
    char *at = line + strspn(line, " \t");
    if (!*at || *at == '#')
        return 1;
    for (uint32_t i = 0; i < out->columns; i++) {
        size_t length = strcspn(at, " \t");
        row.columns[i] = arena_str(arena, (Str){at, length}).text;
        at += length;
        at += strspn(at, " \t");
    }
    row.reason = arena_str(arena, str_of(at)).text;
    VECTOR_PUSH(arena, &out->rows, row);
    if (!*at)
        printf("FAIL %s:%d: a row without a reason\n", out->path, number);
    return *at != '\0';
}

int rows_read(Arena *arena, const char *path, uint32_t columns, Rows *out) {
    char line[1024];
    int number = 0, sound = 1;
    FILE *file = fopen(path, "r");
    *out = (Rows){.path = path, .columns = columns};
    if (!file) {
        perror(path);
        return 0;
    }
    while (fgets(line, sizeof line, file))
        sound = row_read(arena, out, line, ++number) && sound;
    fclose(file);
    return sound;
}

/* "create,set" describes both. */
int rows_describe(const char *column, const char *text) {
    char one[128];
    while (*column) {
        size_t length = strcspn(column, ",");
        snprintf(one, sizeof one, "%.*s", (int)length, column);
        if (!fnmatch(one, text, 0))
            return 1;
        column += length + (column[length] == ',');
    }
    return 0;
}

/* In names of families "[n]" stands for itself, not for a set of letters. */
static const char *unbracketed(const char *text, char *buffer, size_t size) {
    size_t length = 0;
    for (; *text && length + 1 < size; text++)
        buffer[length++] = *text == '[' ? '<' : *text == ']' ? '>' : *text;
    buffer[length] = '\0';
    return buffer;
}

static int row_describes(const Row *row, uint32_t columns, const char *const *texts) {
    char pattern[512], text[4096];
    for (uint32_t i = 0; i < columns; i++) {
        int is_name = i == 2;
        const char *wanted = is_name ? unbracketed(row->columns[i], pattern, sizeof pattern) : row->columns[i];
        const char *given = is_name ? unbracketed(texts[i], text, sizeof text) : texts[i];
        if (i == 3 ? fnmatch(strcmp(wanted, "''") ? wanted : "", given, 0) != 0 : !rows_describe(wanted, given))
            return 0;
    }
    return 1;
}

Row *rows_find(Rows *rows, const char *const *texts) {
    for (uint32_t i = 0; i < rows->rows.count; i++)
        if (row_describes(&rows->rows.items[i], rows->columns, texts)) {
            rows->rows.items[i].used = 1;
            return &rows->rows.items[i];
        }
    return NULL;
}

uint32_t rows_stale(const Rows *rows) {
    uint32_t stale = 0;
    for (uint32_t i = 0; i < rows->rows.count; i++) {
        const Row *row = &rows->rows.items[i];
        if (row->used)
            continue;
        printf("FAIL %s:%d: nothing needs this row any more: %s %s %s\n", rows->path, row->line, row->columns[0], row->columns[1], row->columns[2]);
        stale++;
    }
    return stale;
}
