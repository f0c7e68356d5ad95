/* "Did you mean": the nearest of the names that could have stood there, and the edit that puts it there. */
#include "lang/diagnostic.h"

/* Longer names are compared by their letters only: nobody mistypes them by a third. */
enum { LENGTH_LIMIT = 64 };

/* Letters that are taken for each other wherever names come from: case, and `-` for `_`. */
static char letter_fold(char c) {
    if (c >= 'A' && c <= 'Z') return (char)(c - 'A' + 'a');
    if (c == '-') return '_';
    return c;
}

static int equal_but_for_case(Str a, Str b) {
    if (a.length != b.length) return 0;
    for (size_t i = 0; i < a.length; i++)
        if (letter_fold(a.text[i]) != letter_fold(b.text[i])) return 0;
    return 1;
}

static uint32_t smaller(uint32_t a, uint32_t b) { return a < b ? a : b; }

/* How many letters must be put in, left out, replaced or swapped with their neighbour; more than [limit] counts as
   limit + 1. Three rows of the usual table are kept: the swap looks two back. */
static uint32_t distance(Str a, Str b, uint32_t limit) {
    size_t difference = a.length > b.length ? a.length - b.length : b.length - a.length;
    if (difference > limit || a.length > LENGTH_LIMIT || b.length > LENGTH_LIMIT) return limit + 1;
    uint32_t rows[3][LENGTH_LIMIT + 1];
    uint32_t *before = rows[0], *above = rows[1], *row = rows[2];
    for (uint32_t j = 0; j <= b.length; j++) above[j] = before[j] = j;
    for (size_t i = 1; i <= a.length; i++) {
        row[0] = (uint32_t)i;
        uint32_t least = row[0];
        for (size_t j = 1; j <= b.length; j++) {
            char left = letter_fold(a.text[i - 1]), right = letter_fold(b.text[j - 1]);
            row[j] = smaller(smaller(above[j], row[j - 1]) + 1, above[j - 1] + (left != right));
            if (i > 1 && j > 1 && left == letter_fold(b.text[j - 2]) && right == letter_fold(a.text[i - 2]))
                row[j] = smaller(row[j], before[j - 2] + 1);
            least = smaller(least, row[j]);
        }
        if (least > limit) return limit + 1;
        uint32_t *spare = before;
        before = above;
        above = row;
        row = spare;
    }
    return above[b.length];
}

Suggestion suggestion_for(Str wanted) { return (Suggestion){.wanted = wanted, .best = STR("")}; }

/* Of equals the first in the alphabet, so that the order of offers does not show. */
static void suggestion_take(Suggestion *suggestion, Str candidate, uint32_t distance, int is_synonym) {
    int first = suggestion->best.length == 0;
    if (!first && distance > suggestion->distance) return;
    if (!first && distance == suggestion->distance && str_compare(candidate, suggestion->best) >= 0) return;
    suggestion->best = candidate;
    suggestion->distance = distance;
    suggestion->is_synonym = is_synonym;
}

void suggestion_offer(Suggestion *suggestion, Str candidate) {
    Str wanted = suggestion->wanted;
    if (wanted.length == 0 || candidate.length == 0) return;
    if (equal_but_for_case(wanted, candidate)) {
        suggestion_take(suggestion, candidate, 0, 0);
        return;
    }
    uint32_t limit = wanted.length < 3 ? 1 : (uint32_t)smaller((uint32_t)wanted.length, LENGTH_LIMIT) / 3;
    uint32_t found = distance(wanted, candidate, limit);
    /* A word of one letter resembles every other word of one letter. */
    if (found > limit || found >= wanted.length) return;
    suggestion_take(suggestion, candidate, found + 1, 0);
}

void suggestion_offer_synonym(Suggestion *suggestion, Str synonym, Str candidate) {
    if (suggestion->wanted.length > 0 && equal_but_for_case(suggestion->wanted, synonym)) suggestion_take(suggestion, candidate, 1, 1);
}

/* ---- the edit ---- */

static int is_quoted(Str text) { return text.length >= 2 && (text.text[0] == '"' || text.text[0] == '\''); }

static int text_ends(Str text, Str end) {
    return text.length >= end.length && memcmp(text.text + text.length - end.length, end.text, end.length) == 0;
}

/* Can the text stand in quotes, or without them as a name, just as it is? */
static int is_writable(Str text, int quoted) {
    for (size_t i = 0; i < text.length; i++) {
        char c = text.text[i];
        int in_name = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
        if (quoted ? c == '"' || c == '\\' || c == '{' || c == '}' || (unsigned char)c < 0x20 : !in_name) return 0;
    }
    return 1;
}

/* Replaces the wanted word where it stands at the end of [span]; what stands elsewhere was not written by the user, or is more than the word. */
static void suggestion_fix(const Suggestion *suggestion, Diagnostics *diagnostics, Diagnostic *diagnostic, Span span) {
    Sources *sources = diagnostics_sources(diagnostics);
    Str text = source_text(sources, span), wanted = suggestion->wanted;
    int quoted = is_quoted(text);
    if (source_get(sources, span.file)->kind != SOURCE_PHX || !is_writable(suggestion->best, quoted)) return;
    if (quoted) text = (Str){text.text + 1, text.length - 2};
    int part = !quoted && text.length > wanted.length && text.text[text.length - wanted.length - 1] == '.';
    if (!text_ends(text, wanted) || (text.length > wanted.length && !part)) return;
    uint32_t end = span.end - (uint32_t)quoted;
    diag_fix(diagnostics, diagnostic, (Span){span.file, end - (uint32_t)wanted.length, end}, suggestion->best);
}

int suggestion_tell(const Suggestion *suggestion, Diagnostics *diagnostics, Diagnostic *diagnostic, Span span) {
    Str best = suggestion->best, wanted = suggestion->wanted;
    if (best.length == 0) return 0;
    char mark = is_quoted(source_text(diagnostics_sources(diagnostics), span)) ? '"' : '`';
    if (suggestion->is_synonym)
        diag_help(diagnostics, diagnostic, "did you mean %c%.*s%c? (%c%.*s%c is called %c%.*s%c here)", mark, (int)best.length, best.text, mark, mark,
                  (int)wanted.length, wanted.text, mark, mark, (int)best.length, best.text, mark);
    else
        diag_help(diagnostics, diagnostic, "did you mean %c%.*s%c?", mark, (int)best.length, best.text, mark);
    suggestion_fix(suggestion, diagnostics, diagnostic, span);
    return 1;
}
