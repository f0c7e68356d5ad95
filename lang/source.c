/* The texts that were read: byte offsets to lines, columns and the text itself. */
#include "lang/source.h"

#include <string.h>

/* How many characters begin before each multiple of this many bytes is kept, so that a column costs one short count
   even in a line of 50 MB. */
enum { COLUMN_STRIDE = 4096 };

typedef struct Entry {
    Source source;
    uint32_t *lines;        /* offset of each line's first byte; NULL until someone asks */
    uint32_t line_count;
    uint32_t *characters;   /* characters before each multiple of COLUMN_STRIDE */
    VECTOR(Span) hidden;
} Entry;

struct Sources {
    Arena *arena;
    VECTOR(Entry *) entries;    /* entry 0 is nowhere */
};

Sources *sources_new(Arena *arena) {
    Sources *sources = ARENA_NEW(arena, Sources);
    sources->arena = arena;
    Entry *nowhere = ARENA_NEW(arena, Entry);
    nowhere->source = (Source){STR("?"), STR(""), SOURCE_HOST, 0};
    VECTOR_PUSH(arena, &sources->entries, nowhere);
    return sources;
}

const Source *source_add(Sources *sources, SourceKind kind, Str name, Str bytes) {
    Entry *entry = ARENA_NEW(sources->arena, Entry);
    entry->source = (Source){name, bytes, kind, sources->entries.count};
    VECTOR_PUSH(sources->arena, &sources->entries, entry);
    return &entry->source;
}

static Entry *entry_get(const Sources *sources, uint32_t number) {
    return sources->entries.items[number < sources->entries.count ? number : 0];
}

const Source *source_get(const Sources *sources, uint32_t number) { return &entry_get(sources, number)->source; }

/* The first of the hidden spans that ends behind the offset; they are in order and apart. */
static uint32_t hidden_after(const Entry *entry, size_t offset) {
    uint32_t low = 0, high = entry->hidden.count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (entry->hidden.items[middle].end > offset) high = middle;
        else low = middle + 1;
    }
    return low;
}

void source_hide(Sources *sources, Span span) {
    Entry *entry = entry_get(sources, span.file);
    uint32_t at = hidden_after(entry, span.start);
    if (at < entry->hidden.count && entry->hidden.items[at].start < span.end) return;
    VECTOR_PUSH(sources->arena, &entry->hidden, span);
    /* Values are read from the first to the last, so there is next to nothing to move. */
    memmove(entry->hidden.items + at + 1, entry->hidden.items + at, (entry->hidden.count - 1 - at) * sizeof span);
    entry->hidden.items[at] = span;
}

int source_is_hidden(const Sources *sources, const Source *source, size_t offset) {
    const Entry *entry = entry_get(sources, source->number);
    uint32_t at = hidden_after(entry, offset);
    return at < entry->hidden.count && entry->hidden.items[at].start <= offset;
}

uint32_t sources_count(const Sources *sources) { return sources->entries.count - 1; }

/* Bytes that begin a character: all but 10xxxxxx. */
static uint32_t characters_count(const char *bytes, size_t length) {
    uint32_t count = 0;
    for (size_t i = 0; i < length; i++) count += ((unsigned char)bytes[i] & 0xC0u) != 0x80u;
    return count;
}

static void entry_index(const Sources *sources, Entry *entry) {
    const char *text = entry->source.bytes.text;
    size_t length = entry->source.bytes.length;
    uint32_t lines = 1;
    for (const char *at = text; (at = memchr(at, '\n', (size_t)(text + length - at))) != NULL; at++) lines++;
    entry->lines = ARENA_ARRAY(sources->arena, uint32_t, lines);
    entry->line_count = 1;
    for (const char *at = text; (at = memchr(at, '\n', (size_t)(text + length - at))) != NULL; at++)
        entry->lines[entry->line_count++] = (uint32_t)(at + 1 - text);

    size_t strides = length / COLUMN_STRIDE + 1;
    entry->characters = ARENA_ARRAY(sources->arena, uint32_t, strides);
    for (size_t i = 1; i < strides; i++)
        entry->characters[i] =
            entry->characters[i - 1] + characters_count(text + (i - 1) * COLUMN_STRIDE, COLUMN_STRIDE);
}

/* Which line (from 0) holds the byte [offset]. */
static uint32_t entry_line(const Entry *entry, uint32_t offset) {
    uint32_t low = 0, high = entry->line_count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (entry->lines[middle] <= offset) low = middle;
        else high = middle;
    }
    return low;
}

static uint32_t entry_characters(const Entry *entry, uint32_t offset) {
    uint32_t stride = offset / COLUMN_STRIDE;
    uint32_t start = stride * COLUMN_STRIDE;
    return entry->characters[stride] + characters_count(entry->source.bytes.text + start, offset - start);
}

/* The entry with its tables, or NULL where it has no text to point into. */
static Entry *entry_indexed(const Sources *sources, uint32_t number) {
    Entry *entry = entry_get(sources, number);
    int has_text = entry->source.kind != SOURCE_HOST || entry->source.bytes.length > 0;
    if (!has_text || entry->source.bytes.length > UINT32_MAX) return NULL;
    if (entry->source.bytes.text == NULL) entry->source.bytes = STR("");
    if (entry->lines == NULL) entry_index(sources, entry);
    return entry;
}

Position source_position(Sources *sources, Span span) {
    const Entry *entry = entry_indexed(sources, span.file);
    if (entry == NULL) return (Position){0, 0};
    uint32_t length = (uint32_t)entry->source.bytes.length;
    uint32_t offset = span.start < length ? span.start : length;
    uint32_t line = entry_line(entry, offset);
    uint32_t start = entry->lines[line];
    /* Only in a very long line does the table of strides save anything: else it would be read twice for a few bytes. */
    uint32_t before = offset - start < COLUMN_STRIDE ? (uint32_t)characters_count(entry->source.bytes.text + start, offset - start)
                                                     : entry_characters(entry, offset) - entry_characters(entry, start);
    return (Position){line + 1, before + 1};
}

Str source_line(Sources *sources, const Source *source, uint32_t line) {
    const Entry *entry = entry_indexed(sources, source->number);
    if (entry == NULL || line == 0 || line > entry->line_count) return STR("");
    size_t start = entry->lines[line - 1];
    size_t end = line < entry->line_count ? entry->lines[line] - 1u : source->bytes.length;
    if (end > start && line < entry->line_count && source->bytes.text[end - 1] == '\r') end--;
    return (Str){entry->source.bytes.text + start, end - start};
}

Str source_text(const Sources *sources, Span span) {
    Str bytes = source_get(sources, span.file)->bytes;
    size_t start = span.start < bytes.length ? span.start : bytes.length;
    size_t end = span.end < bytes.length ? span.end : bytes.length;
    return end <= start ? STR("") : (Str){bytes.text + start, end - start};
}

Span span_join(Span a, Span b) {
    if (a.file == 0) return b;
    if (b.file == 0 || a.file != b.file) return a;
    return (Span){a.file, a.start < b.start ? a.start : b.start, a.end > b.end ? a.end : b.end};
}

static int byte_continues(char byte) { return ((unsigned char)byte & 0xC0u) == 0x80u; }

size_t utf8_length(const char *at, size_t length) {
    if (length == 0) return 0;
    unsigned char first = (unsigned char)at[0];
    unsigned char second = length > 1 ? (unsigned char)at[1] : 0;
    if (first < 0x80) return 1;
    if (first < 0xC2) return 0;                         /* a continuation, or an overlong form of ASCII */
    if (first < 0xE0) return length > 1 && byte_continues(at[1]) ? 2 : 0;
    if (first < 0xF0) {
        if (length < 3 || !byte_continues(at[1]) || !byte_continues(at[2])) return 0;
        if (first == 0xE0 && second < 0xA0) return 0;   /* overlong */
        if (first == 0xED && second >= 0xA0) return 0;  /* a surrogate */
        return 3;
    }
    if (first > 0xF4 || length < 4 || !byte_continues(at[1]) || !byte_continues(at[2]) || !byte_continues(at[3]))
        return 0;
    if (first == 0xF0 && second < 0x90) return 0;       /* overlong */
    if (first == 0xF4 && second >= 0x90) return 0;      /* past U+10FFFF */
    return 4;
}

size_t utf8_check(const char *bytes, size_t length) {
    size_t at = 0;
    while (at < length) {
        /* Eight plain bytes at a time: none has its high bit, none is NUL. */
        uint64_t word;
        while (length - at >= sizeof word) {
            memcpy(&word, bytes + at, sizeof word);
            if (((word | (word - 0x0101010101010101u)) & 0x8080808080808080u) != 0) break;
            at += sizeof word;
        }
        if (at == length) break;
        size_t step = bytes[at] == '\0' ? 0 : utf8_length(bytes + at, length - at);
        if (step == 0) return at;
        at += step;
    }
    return length;
}
