/* Patterns to compiled regular expressions, which are kept: compiling one costs a hundred times what a match does. */
#include "compiler/regexp.h"

#include <regex.h>
#include <string.h>

#include "compiler/slice.h"
#include "compiler/state.h"

/* A library and a site write a few hundred patterns. Only patterns that are computed can be more; when there are too many, all are
   forgotten, which bounds the memory. */
enum { PATTERN_LIMIT = 1024, TABLE_SIZE = 2 * PATTERN_LIMIT, GROUP_LIMIT = 32, LAST_LENGTH = 64, RECENT_SIZE = 64, WEIGHT_LIMIT = 600 };

typedef struct Regexp {
    Str pattern;
    regex_t compiled;
    uint8_t whole;              /* compiled without the `$` at its end: the match must reach the end of the text */
    uint8_t matched;            /* what the last text without groups came to: most resources of a site have the same storage and bridge */
    uint8_t last_length;        /* 0: there was none */
    char last[LAST_LENGTH];
} Regexp;

struct Regexps {
    Regexp *recent[RECENT_SIZE];    /* by where the pattern's text lies: that of a type is asked for by the same address every time */
    uint16_t index[TABLE_SIZE];     /* by the hash of the pattern: place in entries, + 1 */
    uint32_t count;
    Regexp entries[PATTERN_LIMIT];  /* side by side, so that few patterns touch little memory */
};

static void regexps_free(struct Regexps *table) {
    for (uint32_t i = 0; i < table->count; i++)
        regfree(&table->entries[i].compiled);
    memset(table, 0, offsetof(struct Regexps, entries));
}

/* Where the `]` stands that ends the characters which begin at [at]: first among them, or in one of `[:alpha:] [=a=] [.a.]`, it is no end. */
static size_t bracket_end(Str pattern, size_t at) {
    size_t first = at + 1 < pattern.length && pattern.text[at + 1] == '^' ? at + 2 : at + 1;
    for (size_t i = first; i < pattern.length; i++) {
        char c = pattern.text[i], kind = i + 1 < pattern.length ? pattern.text[i + 1] : '\0';
        if (c == ']' && i > first)
            return i;
        if (c == '[' && (kind == ':' || kind == '=' || kind == '.')) {
            char end[] = {kind, ']'};
            i = slice_find(pattern, (Str){end, 2}, i + 2) + 1;
        }
    }
    return pattern.length;
}

/* How often the parts of a pattern stand there when all that is repeated is written out: that is how it is compiled, at a cost that
   grows with the square. Stops where that is too much. */
static size_t pattern_weight(Str pattern) {
    size_t weights[GROUP_LIMIT * 2] = {0}, last = 0, depth = 0;
    for (size_t i = 0; i < pattern.length && weights[depth] + last <= WEIGHT_LIMIT; i++) {
        char c = pattern.text[i];
        if (c == '{') {
            size_t times = 0, most = 0;
            for (; i < pattern.length && pattern.text[i] != '}'; i++) {
                int is_digit = pattern.text[i] >= '0' && pattern.text[i] <= '9';
                times = is_digit && times <= WEIGHT_LIMIT ? times * 10 + (size_t)(pattern.text[i] - '0') : is_digit ? times : 0;
                most = times > most ? times : most;
            }
            last *= most > 1 ? most : 1;
            continue;
        }
        if (c == '*' || c == '+' || c == '?') {
            last *= c == '+' ? 2 : 1;       /* `a+` is `aa*` */
            continue;
        }
        if (c == ')' && depth) {
            last += weights[depth--];
            continue;
        }
        weights[depth] += last;
        last = 0;
        if (c == '(') {
            if (++depth == sizeof weights / sizeof *weights)
                return WEIGHT_LIMIT + 1;
            weights[depth] = 0;
            continue;
        }
        last = 1;
        i += c == '\\';
        if (c == '[')
            i = bracket_end(pattern, i);
    }
    return weights[depth] + last;
}

/* `\1`, what a group matched once more: POSIX has it in basic expressions alone, and to look for it can take all time there is. */
static int has_back_reference(Str pattern) {
    for (size_t i = 0; i + 1 < pattern.length; i++) {
        if (pattern.text[i] == '[')
            i = bracket_end(pattern, i);
        else if (pattern.text[i] == '\\' && pattern.text[++i] >= '1' && pattern.text[i] <= '9')
            return 1;
    }
    return 0;
}

/* Is it one `^...$`, not two alternatives of which each has one of the signs? */
static int pattern_is_whole(Str pattern) {
    if (pattern.length < 2 || pattern.text[0] != '^' || pattern.text[pattern.length - 1] != '$')
        return 0;
    size_t depth = 0, i = 1;
    for (; i < pattern.length - 1; i++) {
        char c = pattern.text[i];
        if (c == '|' && !depth)
            return 0;
        if (c == '[')
            i = bracket_end(pattern, i);
        i += c == '\\';
        depth += c == '(';
        depth -= c == ')' && depth;
    }
    return i == pattern.length - 1 && !depth;
}

static Regexp *regexp_find(Session *session, Str pattern, Str *error) {
    if (!session->regexps)
        session->regexps = ARENA_NEW(session->permanent, struct Regexps);
    struct Regexps *table = session->regexps;
    Regexp **recent = &table->recent[(uintptr_t)pattern.text / 8 % RECENT_SIZE];
    if (*recent && str_equal((*recent)->pattern, pattern))
        return *recent;
    uint32_t first = hash_bytes(pattern.text, pattern.length), at = first % TABLE_SIZE;
    for (; table->index[at]; at = (at + 1) % TABLE_SIZE)
        if (str_equal(table->entries[table->index[at] - 1].pattern, pattern))
            return *recent = &table->entries[table->index[at] - 1];
    if (slice_find_char(pattern, '\0', 0) < pattern.length) {
        *error = STR("it holds a NUL");
        return NULL;
    }
    if (pattern_weight(pattern) > WEIGHT_LIMIT) {
        *error = STR("written out, its repetitions are too long; a length is better said beside it, as in string(0..4096, '^[a-z]*$')");
        return NULL;
    }
    if (has_back_reference(pattern)) {
        *error = STR("`\\1` and the like, which mean what a group has matched, are no part of it");
        return NULL;
    }
    if (table->count == PATTERN_LIMIT) {
        regexps_free(table);
        at = first % TABLE_SIZE;
    }
    Regexp *entry = &table->entries[table->count];
    entry->pattern = arena_str(session->permanent, pattern);
    entry->last_length = 0;
    /* A `$` makes the matcher go through all the parts of the pattern at each byte, to see whether it may end there. */
    entry->whole = (uint8_t)pattern_is_whole(pattern);
    Str ended = arena_str(session->scratch, slice(pattern, 0, pattern.length - entry->whole));
    int status = regcomp(&entry->compiled, ended.text, REG_EXTENDED);
    if (status == 0) {
        table->index[at] = (uint16_t)++table->count;
        return entry;
    }
    char reason[128];
    regerror(status, &entry->compiled, reason, sizeof reason);
    *error = arena_str(session->permanent, str_of(reason));
    return NULL;
}

static int is_last(const Regexp *regexp, Str text) {
    return text.length && regexp->last_length == text.length && !memcmp(regexp->last, text.text, text.length);
}

static void remember(Regexp *regexp, Str text, int matched) {
    if (!text.length || text.length > LAST_LENGTH)
        return;
    memcpy(regexp->last, text.text, text.length);
    regexp->last_length = (uint8_t)text.length;
    regexp->matched = (uint8_t)matched;
}

int regexp_match(Session *session, Str pattern, Str text, Str *groups, uint32_t limit, uint32_t *count, Str *error) {
    Regexp *regexp = regexp_find(session, pattern, error);
    if (!regexp)
        return -1;
    uint32_t wanted = limit < GROUP_LIMIT ? limit : GROUP_LIMIT;
    if (!wanted && is_last(regexp, text))
        return regexp->matched;
    const regex_t *compiled = &regexp->compiled;
    regmatch_t matches[GROUP_LIMIT + 1];
    /* With REG_STARTEND the text needs no NUL behind it. Asking for no group at all is much the quickest. */
    matches[0] = (regmatch_t){0, (regoff_t)text.length};
    if (text.length > INT32_MAX || slice_find_char(text, '\0', 0) < text.length)
        return 0;
    size_t asked = wanted ? wanted + 1 : regexp->whole;
    int matched = regexec(compiled, text.text ? text.text : "", asked, matches, REG_STARTEND) == 0 &&
                  (!regexp->whole || (size_t)matches[0].rm_eo == text.length);
    remember(regexp, text, matched);
    if (!matched)
        return 0;
    uint32_t found = compiled->re_nsub < wanted ? (uint32_t)compiled->re_nsub : wanted;
    for (uint32_t i = 0; i < found; i++) {
        regmatch_t group = matches[i + 1];
        groups[i] = group.rm_so < 0 ? STR("") : slice(text, (size_t)group.rm_so, (size_t)group.rm_eo);
    }
    if (count)
        *count = found;
    return 1;
}

void regexps_close(Session *session) {
    if (session->regexps)
        regexps_free(session->regexps);
}
