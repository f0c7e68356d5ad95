/* Collecting what is wrong: each finding once, counted, in the order of its place. */
#include "lang/diagnostic.h"
#include "lang/name.h"

#include <stdlib.h>
#include <string.h>

enum { ERRORS_KEPT = 100 };

static const CodeInfo code_infos[] = {
#define CODE(constant, id, slug, title, text) {id, slug, title, text},
#include "lang/codes.def"
};

static const CodeExample code_examples[CODE_COUNT] = {
#define EXAMPLE(constant, wrong, right) [CODE_##constant] = {wrong, right},
#include "lang/codes.def"
};

const CodeInfo *code_info(Code code) { return &code_infos[code]; }

CodeExample code_example(Code code) { return code_examples[code]; }

int code_find(Str id_or_slug) {
    for (int i = 0; i < CODE_COUNT; i++)
        if (str_equal(id_or_slug, str_of(code_infos[i].id)) || str_equal(id_or_slug, str_of(code_infos[i].slug)))
            return i;
    return -1;
}

struct Diagnostics {
    Arena *arena;
    Sources *sources;
    VECTOR(Diagnostic *) kept;
    uint32_t errors;
    uint32_t warnings;
    /* What was reported, as an open hash table. Beyond ERRORS_KEPT the errors stay in it but not in [kept], so that the
       count has no repetitions either. */
    const Diagnostic **seen;
    uint32_t seen_count;
    uint32_t seen_mask;
};

Diagnostics *diagnostics_new(Arena *arena, Sources *sources) {
    enum { FIRST_SIZE = 64 };
    Diagnostics *diagnostics = ARENA_NEW(arena, Diagnostics);
    diagnostics->arena = arena;
    diagnostics->sources = sources;
    diagnostics->seen = ARENA_ARRAY(arena, const Diagnostic *, FIRST_SIZE);
    diagnostics->seen_mask = FIRST_SIZE - 1;
    return diagnostics;
}

Sources *diagnostics_sources(const Diagnostics *diagnostics) { return diagnostics->sources; }

/* ---- each finding once ---- */

/* A place in a text says what is meant. Without one the message must. */
static int span_is_telling(const Diagnostics *diagnostics, Span span) {
    return span.file != 0 && source_get(diagnostics->sources, span.file)->kind != SOURCE_HOST;
}

static int same_finding(const Diagnostics *diagnostics, const Diagnostic *a, const Diagnostic *b) {
    if (a->span.file != b->span.file || a->span.start != b->span.start || a->span.end != b->span.end) return 0;
    if (!str_equal(a->code, b->code)) return 0;
    return span_is_telling(diagnostics, a->span) || str_equal(a->message, b->message);
}

static uint32_t finding_hash(const Diagnostics *diagnostics, const Diagnostic *finding) {
    uint32_t parts[] = {finding->span.file, finding->span.start, finding->span.end,
                        hash_bytes(finding->code.text, finding->code.length),
                        span_is_telling(diagnostics, finding->span)
                            ? 0
                            : hash_bytes(finding->message.text, finding->message.length)};
    uint32_t hash = hash_bytes((const char *)parts, sizeof parts);
    return hash ^ hash >> 15;
}

static const Diagnostic **seen_slot(const Diagnostics *diagnostics, const Diagnostic *finding) {
    uint32_t at = finding_hash(diagnostics, finding) & diagnostics->seen_mask;
    while (diagnostics->seen[at] != NULL && !same_finding(diagnostics, diagnostics->seen[at], finding))
        at = (at + 1) & diagnostics->seen_mask;
    return &diagnostics->seen[at];
}

static void seen_widen(Diagnostics *diagnostics) {
    const Diagnostic **old = diagnostics->seen;
    uint32_t size = diagnostics->seen_mask + 1;
    diagnostics->seen = ARENA_ARRAY(diagnostics->arena, const Diagnostic *, (size_t)size * 2);
    diagnostics->seen_mask = size * 2 - 1;
    for (uint32_t i = 0; i < size; i++)
        if (old[i] != NULL) *seen_slot(diagnostics, old[i]) = old[i];
}

static Diagnostic *finding_add(Diagnostics *diagnostics, Severity severity, Str code, Span span, Str message) {
    Diagnostic *finding = ARENA_NEW(diagnostics->arena, Diagnostic);
    finding->severity = severity;
    finding->code = code;
    finding->message = message;
    finding->span = span;
    finding->label = finding->help = finding->fix_text = STR("");

    const Diagnostic **slot = seen_slot(diagnostics, finding);
    if (*slot != NULL) return finding;
    *slot = finding;
    if (++diagnostics->seen_count > diagnostics->seen_mask / 2) seen_widen(diagnostics);
    if (severity == SEVERITY_WARNING) diagnostics->warnings++;
    if (severity == SEVERITY_ERROR && ++diagnostics->errors > ERRORS_KEPT) return finding;
    VECTOR_PUSH(diagnostics->arena, &diagnostics->kept, finding);
    return finding;
}

/* ---- adding ---- */

static Str message_format(Diagnostics *diagnostics, const char *format, va_list arguments) {
    Text text = {0};
    text_addv(&text, format, arguments);
    Str message = arena_str(diagnostics->arena, text_str(&text));
    text_fini(&text);
    return message;
}

Diagnostic *diag_add(Diagnostics *diagnostics, Severity severity, Str code, Span span, Str message) {
    return finding_add(diagnostics, severity, code, span, message);
}

Diagnostic *diag_error(Diagnostics *diagnostics, Code code, Span span, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    Str message = message_format(diagnostics, format, arguments);
    va_end(arguments);
    return finding_add(diagnostics, SEVERITY_ERROR, str_of(code_infos[code].id), span, message);
}

Diagnostic *diag_warning(Diagnostics *diagnostics, Code code, Span span, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    Str message = message_format(diagnostics, format, arguments);
    va_end(arguments);
    return finding_add(diagnostics, SEVERITY_WARNING, str_of(code_infos[code].id), span, message);
}

void diag_label(Diagnostics *diagnostics, Diagnostic *diagnostic, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    diagnostic->label = message_format(diagnostics, format, arguments);
    va_end(arguments);
}

void diag_also(Diagnostics *diagnostics, Diagnostic *diagnostic, Span span, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    Label label = {span, message_format(diagnostics, format, arguments)};
    va_end(arguments);
    VECTOR_PUSH(diagnostics->arena, &diagnostic->labels, label);
}

void diag_note(Diagnostics *diagnostics, Diagnostic *diagnostic, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    Str note = message_format(diagnostics, format, arguments);
    va_end(arguments);
    VECTOR_PUSH(diagnostics->arena, &diagnostic->notes, note);
}

uint32_t diag_kept(const Diagnostics *diagnostics) {
    return diagnostics->kept.count;
}

void diag_note_since(Diagnostics *diagnostics, uint32_t from, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    Str note = message_format(diagnostics, format, arguments);
    va_end(arguments);
    for (uint32_t i = from; i < diagnostics->kept.count; i++)
        VECTOR_PUSH(diagnostics->arena, &diagnostics->kept.items[i]->notes, note);
}

void diag_help(Diagnostics *diagnostics, Diagnostic *diagnostic, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    diagnostic->help = message_format(diagnostics, format, arguments);
    va_end(arguments);
}

void diag_fix(Diagnostics *diagnostics, Diagnostic *diagnostic, Span span, Str replacement) {
    diagnostic->fix_span = span;
    diagnostic->fix_text = arena_str(diagnostics->arena, replacement);
    diagnostic->has_fix = 1;
}

void diag_fix_remove(Diagnostics *diagnostics, Diagnostic *diagnostic, Span span) {
    const char *text = source_get(diagnostics->sources, span.file)->bytes.text;
    int comma = 0;
    while (span.start > 0 && (strchr(" \t\r\n", text[span.start - 1]) != NULL || (text[span.start - 1] == ',' && !comma++)))
        span.start--;
    diag_fix(diagnostics, diagnostic, span, STR(""));
}

/* ---- texts ---- */

int diag_check_text(Diagnostics *diagnostics, const Source *source) {
    Str bytes = source->bytes;
    Span start = {source->number, 0, 0};
    if (bytes.length >= UINT32_MAX) {
        diag_error(diagnostics, CODE_TEXT_TOO_LONG, (Span){0, 0, 0}, "%.*s has %zu bytes: 4 GiB or more can't be read",
                   (int)source->name.length, source->name.text, bytes.length);
        return 0;
    }
    if (bytes.length >= 3 && memcmp(bytes.text, "\xEF\xBB\xBF", 3) == 0) {
        Diagnostic *d = diag_error(diagnostics, CODE_TEXT_BOM, start, "the file begins with a UTF-8 byte order mark");
        diag_help(diagnostics, d, "save it as UTF-8 without a byte order mark (BOM)");
        diag_fix(diagnostics, d, (Span){source->number, 0, 3}, STR(""));
        return 0;
    }
    size_t bad = utf8_check(bytes.text, bytes.length);
    if (bad == bytes.length) return 1;
    Span span = {source->number, (uint32_t)bad, (uint32_t)bad + 1};
    int wide = bytes.length >= 2 && (memcmp(bytes.text, "\xFF\xFE", 2) == 0 || memcmp(bytes.text, "\xFE\xFF", 2) == 0);
    if (bytes.text[bad] == '\0' && !wide) {
        diag_error(diagnostics, CODE_TEXT_NUL, span, "a NUL character stands in the text");
        return 0;
    }
    Diagnostic *d =
        diag_error(diagnostics, CODE_TEXT_ENCODING, span, "the text is not UTF-8: byte 0x%02x at offset %zu",
                   (unsigned)(unsigned char)bytes.text[bad], bad);
    if (wide) diag_help(diagnostics, d, "it looks like UTF-16: save it as UTF-8");
    return 0;
}

/* ---- reading ---- */

uint32_t diag_errors(const Diagnostics *diagnostics) { return diagnostics->errors; }

uint32_t diag_warnings(const Diagnostics *diagnostics) { return diagnostics->warnings; }

typedef struct Ranked {
    const Diagnostic *diagnostic;
    uint32_t number;    /* in the order of reporting: of two at one place the earlier comes first */
} Ranked;

static int ranked_compare(const void *left, const void *right) {
    const Ranked *a = left, *b = right;
    Span s = a->diagnostic->span, t = b->diagnostic->span;
    if (s.file != t.file) return s.file < t.file ? -1 : 1;
    if (s.start != t.start) return s.start < t.start ? -1 : 1;
    if (s.end != t.end) return s.end < t.end ? -1 : 1;
    return (a->number > b->number) - (a->number < b->number);
}

const Diagnostic *const *diag_sorted(const Diagnostics *diagnostics, uint32_t *count) {
    *count = diagnostics->kept.count;
    Ranked *ranked = ARENA_ARRAY(diagnostics->arena, Ranked, *count);
    for (uint32_t i = 0; i < *count; i++) ranked[i] = (Ranked){diagnostics->kept.items[i], i};
    if (*count > 1) qsort(ranked, *count, sizeof *ranked, ranked_compare);
    const Diagnostic **sorted = ARENA_ARRAY(diagnostics->arena, const Diagnostic *, *count);
    for (uint32_t i = 0; i < *count; i++) sorted[i] = ranked[i].diagnostic;
    return sorted;
}
