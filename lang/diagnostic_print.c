/* Diagnostics as text with carets, and as JSON. */
#include "lang/diagnostic.h"
#include "lang/json.h"
#include "lang/snippet.h"

#include <stdlib.h>
#include <string.h>

/* Places shown of one diagnostic, and warnings listed under the first of their code. */
enum { MARKS_SHOWN = 20, ALSO_SHOWN = 8 };

static Str severity_name(Severity severity) {
    switch (severity) {
    case SEVERITY_ERROR: return STR("error");
    case SEVERITY_WARNING: return STR("warning");
    case SEVERITY_NOTE: break;
    }
    return STR("note");
}

static Paint paint_of(DiagnosticStyle style, Severity severity) {
    if (!style.colour) return (Paint){STR(""), STR(""), STR(""), STR("")};
    Str main = STR("\033[1;36m");
    if (severity == SEVERITY_ERROR) main = STR("\033[1;31m");
    if (severity == SEVERITY_WARNING) main = STR("\033[1;33m");
    return (Paint){main, STR("\033[1;34m"), STR("\033[1m"), STR("\033[0m")};
}

/* ---- one diagnostic ---- */

/* Text of possibly several lines, those after the first [indent] columns in, without a newline at its end. */
static void lines_print(Str text, size_t indent, Text *out) {
    for (;;) {
        const char *newline = text.length == 0 ? NULL : memchr(text.text, '\n', text.length);
        size_t length = newline == NULL ? text.length : (size_t)(newline - text.text);
        clean_print((Str){text.text, length}, out);
        if (newline == NULL) return;
        text_add_char(out, '\n');
        text_add_repeat(out, ' ', indent);
        text = (Str){newline + 1, text.length - length - 1};
    }
}

/* `   = help: ...` */
static void remark_print(Str word, Str text, int width, const Paint *paint, Text *out) {
    text_add_repeat(out, ' ', (size_t)width + 1);
    text_add(out, paint->other);
    text_add_char(out, '=');
    text_add(out, paint->off);
    text_add_char(out, ' ');
    text_add(out, paint->bold);
    text_add(out, word);
    text_add(out, paint->off);
    text_add_literal(out, ": ");
    lines_print(text, (size_t)width + 5 + word.length, out);
    text_add_char(out, '\n');
}

/* A replacement is put into words where the help has not done so. Long ones are for editors only. */
static void fix_print(Sources *sources, const Diagnostic *diagnostic, int width, const Paint *paint, Text *out) {
    enum { WORDS_LIMIT = 80 };
    Str old = source_text(sources, diagnostic->fix_span), new = diagnostic->fix_text;
    if (old.length + new.length > WORDS_LIMIT || (old.length == 0 && new.length == 0)) return;
    if (memchr(old.text, '\n', old.length) != NULL || memchr(new.text, '\n', new.length) != NULL) return;
    Text words = {0};
    if (old.length == 0) text_addf(&words, "put `%.*s` there", (int)new.length, new.text);
    else if (new.length == 0) text_addf(&words, "remove `%.*s`", (int)old.length, old.text);
    else text_addf(&words, "write `%.*s` for `%.*s`", (int)new.length, new.text, (int)old.length, old.text);
    remark_print(STR("help"), text_str(&words), width, paint, out);
    text_fini(&words);
}

static void headline_print(const Diagnostic *diagnostic, const Paint *paint, Text *out) {
    Str severity = severity_name(diagnostic->severity);
    text_add(out, paint->main);
    text_add(out, severity);
    size_t indent = severity.length + 2;
    if (diagnostic->code.length > 0) {
        text_add_char(out, '[');
        clean_print(diagnostic->code, out);
        text_add_char(out, ']');
        indent += diagnostic->code.length + 2;
    }
    text_add(out, paint->off);
    text_add(out, paint->bold);
    text_add_literal(out, ": ");
    lines_print(diagnostic->message, indent, out);
    text_add(out, paint->off);
    text_add_char(out, '\n');
}

/* Everything but the empty line after it. Returns the width of its line numbers. */
static int diagnostic_print(Sources *sources, const Diagnostic *diagnostic, const Paint *paint, Text *out) {
    Mark marks[MARKS_SHOWN];
    uint32_t count = 0;
    marks[count++] = (Mark){.span = diagnostic->span, .text = diagnostic->label, .is_main = 1};
    uint32_t shown = diagnostic->labels.count < MARKS_SHOWN - 1 ? diagnostic->labels.count : MARKS_SHOWN - 1;
    for (uint32_t i = 0; i < shown; i++)
        marks[count++] = (Mark){.span = diagnostic->labels.items[i].span, .text = diagnostic->labels.items[i].text};

    int width = marks_resolve(sources, marks, count);
    headline_print(diagnostic, paint, out);
    marks_print(sources, marks, count, width, paint, out);
    if (shown < diagnostic->labels.count) {
        Text more = {0};
        text_addf(&more, "and %u more places", diagnostic->labels.count - shown);
        remark_print(STR("note"), text_str(&more), width, paint, out);
        text_fini(&more);
    }
    for (uint32_t i = 0; i < diagnostic->notes.count; i++)
        remark_print(STR("note"), diagnostic->notes.items[i], width, paint, out);
    if (diagnostic->help.length > 0) remark_print(STR("help"), diagnostic->help, width, paint, out);
    else if (diagnostic->has_fix) fix_print(sources, diagnostic, width, paint, out);
    return width;
}

/* ---- all of them ---- */

/* `site.phx:12:3: message`, on one line. */
static void short_print(Sources *sources, const Diagnostic *diagnostic, Text *out) {
    const Source *source = source_get(sources, diagnostic->span.file);
    if (diagnostic->span.file != 0) {
        clean_print(source->name, out);
        Position position = source_position(sources, diagnostic->span);
        if (position.line > 0 && source->kind != SOURCE_ARGUMENT)
            text_addf(out, ":%u:%u", position.line, position.column);
        text_add_literal(out, ": ");
    }
    clean_print(diagnostic->message, out);
}

/* A warning in brief style: the next of its code that is listed under it. */
typedef struct Brief {
    const Diagnostic *diagnostic;
    uint32_t number;    /* in the order of printing */
    uint32_t next;      /* 0: none, as the first in print follows nobody */
    int is_listed;      /* under another one: not printed by itself */
} Brief;

static int brief_compare(const void *left, const void *right) {
    const Brief *const *a = left, *const *b = right;
    int order = str_compare((*a)->diagnostic->code, (*b)->diagnostic->code);
    if (order != 0) return order;
    return ((*a)->number > (*b)->number) - ((*a)->number < (*b)->number);
}

/* Chains the warnings of each code behind the first of them; those that bring a fix stay by themselves. */
static Brief *briefs_new(const Diagnostic *const *sorted, uint32_t count) {
    Brief *briefs = calloc(count, sizeof *briefs);
    Brief **order = calloc(count, sizeof *order);
    if (briefs == NULL || order == NULL) memory_exhausted();
    uint32_t warnings = 0;
    for (uint32_t i = 0; i < count; i++) {
        briefs[i] = (Brief){.diagnostic = sorted[i], .number = i};
        if (sorted[i]->severity == SEVERITY_WARNING) order[warnings++] = &briefs[i];
    }
    if (warnings > 1) qsort(order, warnings, sizeof *order, brief_compare);
    Brief *last = NULL;
    for (uint32_t i = 0; i < warnings; i++) {
        if (last == NULL || !str_equal(last->diagnostic->code, order[i]->diagnostic->code)) {
            last = order[i];
        } else if (!order[i]->diagnostic->has_fix) {
            order[i]->is_listed = 1;
            last->next = order[i]->number;
            last = order[i];
        }
    }
    free(order);
    return briefs;
}

static void also_print(Sources *sources, const Brief *briefs, uint32_t first, int width, const Paint *paint,
                       Text *out) {
    uint32_t listed = 0, more = 0;
    Text line = {0};
    for (uint32_t i = briefs[first].next; i != 0; i = briefs[i].next) {
        if (listed == ALSO_SHOWN) {
            more++;
            continue;
        }
        listed++;
        text_clear(&line);
        short_print(sources, briefs[i].diagnostic, &line);
        remark_print(STR("also"), text_str(&line), width, paint, out);
    }
    text_fini(&line);
    if (more == 0) return;
    text_add_repeat(out, ' ', (size_t)width + 1);
    text_add(out, paint->other);
    text_add_char(out, '=');
    text_add(out, paint->off);
    text_addf(out, " and %u more\n", more);
}

static void count_print(uint32_t count, const char *one, Text *out) {
    text_addf(out, "%u %s%s", count, one, count == 1 ? "" : "s");
}

/* `2 errors, 1 warning` */
static void sum_print(uint32_t errors, uint32_t errors_shown, uint32_t warnings, Text *out) {
    if (errors == 0 && warnings == 0) return;
    if (errors > 0) count_print(errors, "error", out);
    if (errors > errors_shown) text_addf(out, " (the first %u reported are shown)", errors_shown);
    if (errors > 0 && warnings > 0) text_add_literal(out, ", ");
    if (warnings > 0) count_print(warnings, "warning", out);
    text_add_char(out, '\n');
}

void diag_print_text(Diagnostics *diagnostics, DiagnosticStyle style, Text *out) {
    Sources *sources = diagnostics_sources(diagnostics);
    uint32_t count, errors_shown = 0;
    const Diagnostic *const *sorted = diag_sorted(diagnostics, &count);
    Brief *briefs = style.brief && count > 0 ? briefs_new(sorted, count) : NULL;
    for (uint32_t i = 0; i < count; i++) {
        if (briefs != NULL && briefs[i].is_listed) continue;
        Paint paint = paint_of(style, sorted[i]->severity);
        int width = diagnostic_print(sources, sorted[i], &paint, out);
        if (briefs != NULL) also_print(sources, briefs, i, width, &paint, out);
        text_add_char(out, '\n');
        errors_shown += sorted[i]->severity == SEVERITY_ERROR;
    }
    free(briefs);
    if (!style.uncounted) sum_print(diag_errors(diagnostics), errors_shown, diag_warnings(diagnostics), out);
}

/* ---- JSON ---- */

static void member_string(const char *key, Str value, Text *out) {
    text_addf(out, "\"%s\":", key);
    json_write_string(value, out);
}

/* "line":1,"column":2,"end_line":1,"end_column":5; all null where there is no text. */
static void members_range(Sources *sources, Span span, Text *out) {
    Position start = source_position(sources, span);
    Position end = source_position(sources, (Span){span.file, span.end, span.end});
    if (start.line == 0) {
        text_add_literal(out, "\"line\":null,\"column\":null,\"end_line\":null,\"end_column\":null");
        return;
    }
    text_addf(out, "\"line\":%u,\"column\":%u,\"end_line\":%u,\"end_column\":%u", start.line, start.column, end.line,
              end.column);
}

static void members_place(Sources *sources, Span span, Text *out) {
    if (span.file == 0) text_add_literal(out, "\"file\":null");
    else member_string("file", source_get(sources, span.file)->name, out);
    text_add_char(out, ',');
    members_range(sources, span, out);
}

/* "start":{"line":1,"column":2,"offset":1} */
static void member_position(Sources *sources, const char *key, Span span, Text *out) {
    Position position = source_position(sources, span);
    text_addf(out, "\"%s\":{\"line\":%u,\"column\":%u,\"offset\":%u}", key, position.line, position.column, span.start);
}

static void member_fix(Sources *sources, Span span, Str replacement, Text *out) {
    text_add_literal(out, "{\"span\":{");
    member_string("file", source_get(sources, span.file)->name, out);
    text_add_char(out, ',');
    member_position(sources, "start", span, out);
    text_add_char(out, ',');
    member_position(sources, "end", (Span){span.file, span.end, span.end}, out);
    text_add_literal(out, "},");
    member_string("replacement", replacement, out);
    text_add_char(out, '}');
}

static void diagnostic_json(Sources *sources, const Diagnostic *diagnostic, Text *out) {
    text_add_char(out, '{');
    member_string("code", diagnostic->code, out);
    text_add_char(out, ',');
    member_string("severity", severity_name(diagnostic->severity), out);
    text_add_char(out, ',');
    member_string("message", diagnostic->message, out);
    text_add_char(out, ',');
    members_place(sources, diagnostic->span, out);
    text_add_char(out, ',');
    member_string("label", diagnostic->label, out);
    text_add_literal(out, ",\"labels\":[");
    for (uint32_t i = 0; i < diagnostic->labels.count; i++) {
        text_add(out, i == 0 ? STR("{") : STR(",{"));
        members_place(sources, diagnostic->labels.items[i].span, out);
        text_add_char(out, ',');
        member_string("message", diagnostic->labels.items[i].text, out);
        text_add_char(out, '}');
    }
    text_add_literal(out, "],\"notes\":[");
    for (uint32_t i = 0; i < diagnostic->notes.count; i++) {
        if (i > 0) text_add_char(out, ',');
        json_write_string(diagnostic->notes.items[i], out);
    }
    text_add_literal(out, "],\"help\":");
    if (diagnostic->help.length == 0) text_add_literal(out, "null");
    else json_write_string(diagnostic->help, out);
    text_add_literal(out, ",\"fix\":");
    if (diagnostic->has_fix) {
        member_fix(sources, diagnostic->fix_span, diagnostic->fix_text, out);
    } else {
        text_add_literal(out, "null");
    }
    text_add_char(out, '}');
}

void diag_print_json(const Diagnostics *diagnostics, Text *out) {
    uint32_t count;
    const Diagnostic *const *sorted = diag_sorted(diagnostics, &count);
    text_add_char(out, '[');
    for (uint32_t i = 0; i < count; i++) {
        text_add(out, i == 0 ? STR("\n") : STR(",\n"));
        diagnostic_json(diagnostics_sources(diagnostics), sorted[i], out);
    }
    text_add(out, count == 0 ? STR("]\n") : STR("\n]\n"));
}
