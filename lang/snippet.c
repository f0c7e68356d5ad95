/* Places to lines of source with carets:

     12 |   cores = "eight"
        |   -----   ^^^^^^^ this is a string
        |   |
        |   the attribute                                     */
#include "lang/snippet.h"

#include <stdlib.h>
#include <string.h>

/* What is shown of one line: 160 columns, with up to 60 of them before the place where the line is cut. */
enum { COLUMNS = 160, COLUMNS_BEFORE = 60, DOTS = 3 };

/* ---- characters ---- */

/* How many bytes the character at [at] takes; an invalid byte counts as one character. */
static size_t character_length(const char *at, const char *end) {
    size_t length = utf8_length(at, (size_t)(end - at));
    return length == 0 ? 1 : length;
}

/* Two- and three-byte characters that control, hide or reorder what stands around them: C1, zero width, directions. */
static int character_is_hidden(const char *at, size_t length) {
    unsigned char a = (unsigned char)at[0], b = length > 1 ? (unsigned char)at[1] : 0;
    unsigned char c = length > 2 ? (unsigned char)at[2] : 0;
    if (length == 2) return a == 0xC2 && b < 0xA0;
    if (length != 3) return 0;
    if (a == 0xE2 && b == 0x80) return (c >= 0x8B && c <= 0x8F) || (c >= 0xA8 && c <= 0xAE);
    if (a == 0xE2 && b == 0x81) return c >= 0xA0 && c <= 0xAF;
    return a == 0xEF && b == 0xBB && c == 0xBF;
}

void clean_print(Str text, Text *out) {
    const char *end = text.text + text.length;
    for (const char *at = text.text; at < end;) {
        size_t length = utf8_length(at, (size_t)(end - at));
        if (*at == '\t' || *at == '\n') text_add_char(out, ' ');
        else if ((unsigned char)*at < 0x20 || *at == 0x7F) text_add_char(out, '?');
        else if (length == 0 || character_is_hidden(at, length)) text_add_literal(out, "\xEF\xBF\xBD");
        else text_add(out, (Str){at, length});
        at += length == 0 ? 1 : length;
    }
}

/* ---- one line, perhaps cut ---- */

/* The part of a line that is shown: [from, to) in bytes. */
typedef struct Window {
    Str line;
    size_t from;
    size_t to;
    int cut_left;
    int cut_right;
} Window;

/* The byte [count] characters after [from], or the end of the line. */
static size_t step_forward(Str line, size_t from, size_t count) {
    const char *end = line.text + line.length;
    while (count-- > 0 && from < line.length) from += character_length(line.text + from, end);
    return from;
}

static size_t step_back(Str line, size_t from, size_t count) {
    while (count-- > 0 && from > 0) {
        from--;
        for (int i = 0; i < 3 && from > 0 && ((unsigned char)line.text[from] & 0xC0u) == 0x80u; i++) from--;
    }
    return from;
}

/* The line around its byte [anchor]. Only the part that is shown is looked at: a line may have 50 MB. */
static Window window_around(Str line, size_t anchor) {
    Window window = {.line = line, .to = step_forward(line, 0, COLUMNS)};
    if (window.to == line.length) return window;
    window.from = step_back(line, anchor, COLUMNS_BEFORE);
    window.cut_left = window.from > 0;
    size_t room = COLUMNS - (window.cut_left ? DOTS : 0);
    window.to = step_forward(line, window.from, room);
    window.cut_right = window.to < line.length;
    if (window.cut_right) window.to = step_forward(line, window.from, room - DOTS);
    return window;
}

/* The column in which byte [offset] of the line is shown; what is cut off falls on the dots. */
static size_t window_column(const Window *window, size_t offset) {
    size_t column = window->cut_left ? DOTS : 0;
    if (offset < window->from) return 0;
    for (size_t at = window->from; at < offset && at < window->to; column++)
        at += character_length(window->line.text + at, window->line.text + window->to);
    return column;
}

/* ---- rows ---- */

void gutter_print(uint32_t line, int width, const Paint *paint, Text *out) {
    text_add(out, paint->other);
    if (line > 0) text_addf(out, "%*u |", width, line);
    else text_addf(out, "%*s |", width, "");
    text_add(out, paint->off);
}

void source_show(const Sources *sources, const Source *source, Str part, Text *out) {
    const char *end = part.text + part.length;
    size_t length;
    for (const char *at = part.text; at < end; at += length) {
        length = character_length(at, end);
        if (source_is_hidden(sources, source, (size_t)(at - source->bytes.text))) text_add_char(out, '*');
        else clean_print((Str){at, length}, out);
    }
}

/* A row of source behind its line number, without blanks at its end. */
static void line_print(const Sources *sources, const Source *source, const Window *window, uint32_t line, int width, const Paint *paint,
                       Text *out) {
    Text row = {0};
    if (window->cut_left) text_add_literal(&row, "...");
    source_show(sources, source, (Str){window->line.text + window->from, window->to - window->from}, &row);
    if (window->cut_right) text_add_literal(&row, "...");
    size_t length = row.length;
    while (length > 0 && row.bytes[length - 1] == ' ') length--;
    gutter_print(line, width, paint, out);
    if (length > 0) {
        text_add_char(out, ' ');
        text_add(out, (Str){row.bytes, length});
    }
    text_add_char(out, '\n');
    text_fini(&row);
}

/* Where a mark stands under the line that is shown. */
typedef struct Run {
    const Mark *mark;
    size_t from;
    size_t to;
} Run;

static Run run_of(const Mark *mark, const Window *window) {
    size_t line_start = (size_t)(window->line.text - mark->source->bytes.text);
    size_t start = mark->span.start < line_start ? 0 : mark->span.start - line_start;
    size_t end = mark->span.end < line_start ? 0 : mark->span.end - line_start;
    if (start > window->line.length) start = window->line.length;
    if (end > window->line.length) end = window->line.length;
    Run run = {mark, window_column(window, start), window_column(window, end)};
    if (run.to <= run.from) run.to = run.from + 1;
    return run;
}

static int run_compare(const void *left, const void *right) {
    const Run *a = left, *b = right;
    if (a->from != b->from) return a->from < b->from ? -1 : 1;
    if (a->mark->is_main != b->mark->is_main) return b->mark->is_main - a->mark->is_main;
    if (a->to != b->to) return a->to < b->to ? -1 : 1;
    return (a->mark > b->mark) - (a->mark < b->mark);
}

/* One row under a line: its cells, in the colour of the mark they belong to, then a text. */
static void cells_print(Str cells, const Mark *mark, int width, const Paint *paint, Text *out) {
    while (cells.length > 0 && cells.text[cells.length - 1] == ' ') cells.length--;
    gutter_print(0, width, paint, out);
    text_add_char(out, ' ');
    char last = ' ';
    for (size_t i = 0; i < cells.length; i++) {
        char c = cells.text[i];
        if (c != last && last != ' ') text_add(out, paint->off);
        if (c != last && c != ' ') text_add(out, c == '^' ? paint->main : paint->other);
        text_add_char(out, c);
        last = c;
    }
    if (last != ' ') text_add(out, paint->off);
    if (mark != NULL && mark->text.length > 0) {
        text_add_char(out, ' ');
        text_add(out, mark->is_main ? paint->main : paint->other);
        clean_print(mark->text, out);
        text_add(out, paint->off);
    }
    text_add_char(out, '\n');
}

/* A text on a row of its own, under the first column of its mark; bars lead down to the texts still to come. */
static void text_row_print(const Run *runs, uint32_t count, const Run *run, int width, const Paint *paint, Text *out) {
    char cells[COLUMNS + 2];
    memset(cells, ' ', sizeof cells);
    for (uint32_t i = 0; i < count; i++)
        if (runs[i].from < run->from && runs[i].mark->text.length > 0) cells[runs[i].from] = '|';
    gutter_print(0, width, paint, out);
    text_add_char(out, ' ');
    text_add(out, paint->other);
    text_add(out, (Str){cells, run->from});
    text_add(out, paint->off);
    text_add(out, run->mark->is_main ? paint->main : paint->other);
    clean_print(run->mark->text, out);
    text_add(out, paint->off);
    text_add_char(out, '\n');
}

/* What stands under one line. The text of the rightmost mark follows its carets, the others hang below theirs. */
static void runs_print(Run *runs, uint32_t count, int width, const Paint *paint, Text *out) {
    qsort(runs, count, sizeof *runs, run_compare);
    char cells[COLUMNS + 2];
    memset(cells, ' ', sizeof cells);
    size_t end = 0;
    /* Twice, so that no `-` covers a `^`. */
    for (int is_main = 0; is_main <= 1; is_main++)
        for (uint32_t i = 0; i < count; i++) {
            if (runs[i].mark->is_main != is_main) continue;
            memset(cells + runs[i].from, is_main ? '^' : '-', runs[i].to - runs[i].from);
            if (runs[i].to > end) end = runs[i].to;
        }
    const Run *inline_run = runs[count - 1].to == end ? &runs[count - 1] : NULL;
    cells_print((Str){cells, end}, inline_run == NULL ? NULL : inline_run->mark, width, paint, out);

    uint32_t hanging = inline_run == NULL ? count : count - 1;
    int bars = 0;
    memset(cells, ' ', sizeof cells);
    for (uint32_t i = 0; i < hanging; i++) {
        if (runs[i].mark->text.length == 0) continue;
        cells[runs[i].from] = '|';
        bars = 1;
    }
    if (bars) cells_print((Str){cells, end}, NULL, width, paint, out);
    for (uint32_t i = hanging; i-- > 0;)
        if (runs[i].mark->text.length > 0) text_row_print(runs, i, &runs[i], width, paint, out);
}

/* ---- marks ---- */

int marks_resolve(Sources *sources, Mark *marks, uint32_t count) {
    uint32_t greatest = 1;
    for (uint32_t i = 0; i < count; i++) {
        marks[i].source = source_get(sources, marks[i].span.file);
        marks[i].position = source_position(sources, marks[i].span);
        if (marks[i].position.line > greatest) greatest = marks[i].position.line;
    }
    int width = 0;
    for (; greatest > 0; greatest /= 10) width++;
    return width;
}

/* ` --> site.phx:12:11`, ` ::: on host phoenix`, ` ::: on host phoenix:/etc/some.conf:7`. */
static void place_print(const Mark *mark, int first, int width, const Paint *paint, Text *out) {
    text_add_repeat(out, ' ', (size_t)width);
    text_add(out, paint->other);
    text_add(out, first ? STR("-->") : STR(":::"));
    text_add(out, paint->off);
    text_add_char(out, ' ');
    if (mark->source->kind == SOURCE_HOST) text_add_literal(out, "on host ");
    clean_print(mark->source->name, out);
    if (mark->source->kind == SOURCE_HOST) {
        if (mark->position.line > 0) text_addf(out, ":%u", mark->position.line);
        if (mark->text.length > 0) text_add_literal(out, ": ");
        clean_print(mark->text, out);
    } else if (mark->source->kind != SOURCE_ARGUMENT) {
        text_addf(out, ":%u:%u", mark->position.line, mark->position.column);
    }
    text_add_char(out, '\n');
}

/* The marks of one line; all of them are in one source. */
static void marked_line_print(Sources *sources, const Mark *marks, uint32_t count, int width, const Paint *paint,
                              Text *out) {
    uint32_t number = marks[0].position.line;
    Str line = source_line(sources, marks[0].source, number);
    const Mark *anchor = &marks[0];
    for (uint32_t i = 0; i < count; i++)
        if (marks[i].is_main) anchor = &marks[i];
    size_t line_start = (size_t)(line.text - anchor->source->bytes.text);
    size_t offset = anchor->span.start < line_start ? 0 : anchor->span.start - line_start;
    Window window = window_around(line, offset < line.length ? offset : line.length);
    line_print(sources, anchor->source, &window, anchor->source->kind == SOURCE_ARGUMENT ? 0 : number, width, paint, out);
    Run *runs = malloc(count * sizeof *runs);
    if (runs == NULL) memory_exhausted();
    for (uint32_t i = 0; i < count; i++) runs[i] = run_of(&marks[i], &window);
    runs_print(runs, count, width, paint, out);
    free(runs);
}

/* The lines between two marked ones: none, the only one, or dots. */
static void gap_print(Sources *sources, const Mark *before, const Mark *after, int width, const Paint *paint,
                      Text *out) {
    uint32_t between = after->position.line - before->position.line - 1;
    if (between == 1) {
        uint32_t number = before->position.line + 1;
        Window window = window_around(source_line(sources, before->source, number), 0);
        line_print(sources, before->source, &window, before->source->kind == SOURCE_ARGUMENT ? 0 : number, width, paint, out);
    } else if (between > 1) {
        text_add(out, paint->other);
        text_add_literal(out, "...");
        text_add(out, paint->off);
        text_add_char(out, '\n');
    }
}

static int mark_compare(const void *left, const void *right) {
    const Mark *a = left, *b = right;
    if (a->span.start != b->span.start) return a->span.start < b->span.start ? -1 : 1;
    if (a->is_main != b->is_main) return b->is_main - a->is_main;
    if (a->span.end != b->span.end) return a->span.end < b->span.end ? -1 : 1;
    return str_compare(a->text, b->text);
}

/* The marks of one source. */
static void source_print(Sources *sources, Mark *marks, uint32_t count, int first, int width, const Paint *paint,
                         Text *out) {
    if (marks[0].source->kind == SOURCE_HOST) {
        for (uint32_t i = 0; i < count; i++) place_print(&marks[i], first && i == 0, width, paint, out);
        return;
    }
    place_print(&marks[0], first, width, paint, out);
    gutter_print(0, width, paint, out);
    text_add_char(out, '\n');
    qsort(marks, count, sizeof *marks, mark_compare);
    for (uint32_t from = 0, to; from < count; from = to) {
        to = from + 1;
        while (to < count && marks[to].position.line == marks[from].position.line) to++;
        if (from > 0) gap_print(sources, &marks[from - 1], &marks[from], width, paint, out);
        marked_line_print(sources, marks + from, to - from, width, paint, out);
    }
}

void marks_print(Sources *sources, Mark *marks, uint32_t count, int width, const Paint *paint, Text *out) {
    int first = 1, frame = 0;
    for (uint32_t from = 0; from < count;) {
        uint32_t file = marks[from].span.file, to = from + 1;
        if (file == 0) {
            from++;
            continue;
        }
        /* Brings the marks of this source together and leaves the others in their order. */
        for (uint32_t i = to; i < count; i++) {
            if (marks[i].span.file != file) continue;
            Mark mark = marks[i];
            memmove(marks + to + 1, marks + to, (i - to) * sizeof *marks);
            marks[to++] = mark;
        }
        if (frame) {
            gutter_print(0, width, paint, out);
            text_add_char(out, '\n');
        }
        frame = marks[from].source->kind != SOURCE_HOST;
        source_print(sources, marks + from, to - from, first, width, paint, out);
        first = 0;
        from = to;
    }
}
