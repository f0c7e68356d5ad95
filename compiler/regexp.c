/* Patterns to compiled regular expressions, the last few hundred of which are kept: compiling one costs a thousand times what a match does. */
#include "compiler/regexp.h"

#include <regex.h>
#include <string.h>

#include "compiler/slice.h"
#include "compiler/state.h"

enum { CACHE_SIZE = 256, GROUP_LIMIT = 32 };

typedef struct Regexp {
    Str pattern;
    regex_t compiled;
    int used;
} Regexp;

struct Regexps {
    Regexp entries[CACHE_SIZE];     /* by the hash of the pattern; a newer one takes the place of an older one */
};

static const regex_t *regexp_find(Session *session, Str pattern, Str *error) {
    if (!session->regexps)
        session->regexps = ARENA_NEW(session->arena, struct Regexps);
    Regexp *entry = &session->regexps->entries[hash_bytes(pattern.text, pattern.length) % CACHE_SIZE];
    if (entry->used && str_equal(entry->pattern, pattern))
        return &entry->compiled;
    if (slice_find_char(pattern, '\0', 0) < pattern.length) {
        *error = STR("it holds a NUL");
        return NULL;
    }
    if (entry->used)
        regfree(&entry->compiled);
    entry->pattern = arena_str(session->arena, pattern);
    int status = regcomp(&entry->compiled, entry->pattern.text, REG_EXTENDED);
    entry->used = status == 0;
    if (entry->used)
        return &entry->compiled;
    char reason[128];
    regerror(status, &entry->compiled, reason, sizeof reason);
    *error = arena_str(session->arena, str_of(reason));
    return NULL;
}

int regexp_match(Session *session, Str pattern, Str text, Str *groups, uint32_t limit, uint32_t *count, Str *error) {
    const regex_t *compiled = regexp_find(session, pattern, error);
    if (!compiled)
        return -1;
    regmatch_t matches[GROUP_LIMIT + 1];
    uint32_t wanted = limit < GROUP_LIMIT ? limit : GROUP_LIMIT;
    /* With REG_STARTEND the text needs no NUL behind it, and may hold some. */
    matches[0] = (regmatch_t){0, (regoff_t)text.length};
    if (text.length > INT32_MAX || regexec(compiled, text.text ? text.text : "", wanted + 1, matches, REG_STARTEND) != 0)
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
    for (uint32_t i = 0; session->regexps && i < CACHE_SIZE; i++)
        if (session->regexps->entries[i].used)
            regfree(&session->regexps->entries[i].compiled);
    session->regexps = NULL;
}
