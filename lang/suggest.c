/* "Did you mean": the nearest of the names that could have stood there. */
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

void suggestion_offer(Suggestion *suggestion, Str candidate) {
    Str wanted = suggestion->wanted;
    if (wanted.length == 0 || candidate.length == 0) return;
    uint32_t found;
    if (equal_but_for_case(wanted, candidate)) {
        found = 0;
    } else {
        uint32_t limit = wanted.length < 3 ? 1 : (uint32_t)smaller((uint32_t)wanted.length, LENGTH_LIMIT) / 3;
        found = distance(wanted, candidate, limit);
        /* A word of one letter resembles every other word of one letter. */
        if (found > limit || found >= wanted.length) return;
        if (found == 0) found = 1;
    }
    int first = suggestion->best.length == 0;
    /* Of equals the first in the alphabet, so that the order of offers does not show. */
    if (!first && found > suggestion->distance) return;
    if (!first && found == suggestion->distance && str_compare(candidate, suggestion->best) >= 0) return;
    suggestion->best = candidate;
    suggestion->distance = found;
}
