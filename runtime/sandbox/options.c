// Looks up commands and parameters in the table generated from the published ones.
#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COMMAND(title, arguments) {.kind = OPTION_COMMAND, .name = title, .positional = arguments},
#define ALIAS(title, other) {.kind = OPTION_ALIAS, .name = title, .alias = other},
#define FORMAT(title) {.kind = OPTION_FORMAT, .name = title},
#define PARAM(title, kind_of_value, ...)                                                                               \
    {.kind = OPTION_PARAM, .name = title, .type = OPTION_##kind_of_value, __VA_ARGS__},
#define KEY(title, kind_of_value, ...) {.kind = OPTION_KEY, .name = title, .type = OPTION_##kind_of_value, __VA_ARGS__},
static const Option TABLE[] = {
#include "options_known.def"
#include "options.def"
};
#undef COMMAND
#undef ALIAS
#undef FORMAT
#undef PARAM
#undef KEY

enum { TABLE_SIZE = sizeof TABLE / sizeof TABLE[0] };

/// The rows after [head] that belong to it.
static OptionSet set_at(const Option *head) {
    OptionSet set = {.head = head, .rows = head + 1};
    while (set.rows + set.count < TABLE + TABLE_SIZE) {
        OptionKind kind = set.rows[set.count].kind;
        if (kind != OPTION_PARAM && kind != OPTION_KEY) break;
        set.count++;
    }
    return set;
}

static const Option *head_find(OptionKind kind, const char *name) {
    for (size_t i = 0; i < TABLE_SIZE; i++)
        if (TABLE[i].kind == kind && strcmp(TABLE[i].name, name) == 0) return &TABLE[i];
    return NULL;
}

bool options_find_command(const char *name, OptionSet *set) {
    const Option *alias = head_find(OPTION_ALIAS, name);
    const Option *head = head_find(OPTION_COMMAND, alias != NULL ? alias->alias : name);
    if (head == NULL) return false;
    *set = set_at(head);
    return true;
}

bool options_find_format(const char *name, OptionSet *set) {
    const Option *head = head_find(OPTION_FORMAT, name);
    if (head == NULL) return false;
    *set = set_at(head);
    return true;
}

const Option *options_find(const OptionSet *set, const char *name) {
    for (size_t i = 0; i < set->count; i++) {
        const Option *row = &set->rows[i];
        if (row->index_max == NULL) {
            if (strcmp(row->name, name) == 0) return row;
            continue;
        }
        size_t length = strlen(row->name) - strlen("[n]");
        if (strncmp(row->name, name, length) != 0) continue;
        int index;
        if (text_is_numbered(name + length, "", &index) && index <= atoi(row->index_max) &&
            (name[length] != '0' || name[length + 1] == '\0'))
            return row;
    }
    return NULL;
}

bool options_find_path(Mem *mem, const char *method, const Words *words, OptionSet *set, Pairs *named) {
    size_t length = strlen(method);
    for (size_t i = 0; i < TABLE_SIZE; i++) {
        if (TABLE[i].kind != OPTION_COMMAND || strncmp(TABLE[i].name, method, length) != 0) continue;
        if (strncmp(TABLE[i].name + length, " /", 2) != 0) continue;
        Words parts = words_split(mem, TABLE[i].name + length + 1, "/");
        Pairs found = pairs_new(mem);
        size_t at = 0;
        while (at < parts.count && at < words->count) {
            const char *part = parts.items[at], *word = words->items[at];
            if (*part == '{') pairs_set(&found, mem_copy_part(mem, part + 1, strlen(part) - 2), word);
            else if (strcmp(part, word) != 0) break;
            at++;
        }
        if (at < parts.count || at == 0) continue;
        // The names of addresses and volumes have slashes in them.
        const char *last = parts.items[at - 1];
        if (at < words->count && strcmp(last, "{cidr}") != 0 && strcmp(last, "{volume}") != 0) continue;
        Text rest = text_new(mem);
        for (size_t w = at - 1; w < words->count; w++) text_print(&rest, "%s%s", w > at - 1 ? "/" : "", words->items[w]);
        if (*last == '{') pairs_set(&found, mem_copy_part(mem, last + 1, strlen(last) - 2), rest.data);
        *set = set_at(&TABLE[i]);
        *named = found;
        return true;
    }
    return false;
}

/// The words of [tool]'s command in row [i], or NULL if that row is no command of it.
static const char *command_words(size_t i, const char *tool) {
    if (TABLE[i].kind != OPTION_COMMAND && TABLE[i].kind != OPTION_ALIAS) return NULL;
    size_t length = strlen(tool);
    if (strncmp(TABLE[i].name, tool, length) != 0 || TABLE[i].name[length] != ' ') return NULL;
    return TABLE[i].name + length + 1;
}

/// The one word at the place after [known] words that [given] abbreviates, among commands that begin with [known].
static const char *word_expand(Mem *mem, const char *tool, const char *known, const char *given) {
    const char *found = NULL;
    for (size_t i = 0; i < TABLE_SIZE; i++) {
        const char *words = command_words(i, tool);
        if (words == NULL || !text_starts_with(words, known)) continue;
        const char *rest = words + strlen(known);
        const char *word = mem_copy_part(mem, rest, strcspn(rest, " "));
        if (strcmp(word, given) == 0) return word;
        if (!text_starts_with(word, given)) continue;
        // Two spellings of one command (move-volume, move_volume) are no ambiguity in a test, but are one in the
        // real programs: they are left ambiguous here too.
        if (found != NULL && strcmp(found, word) != 0) return NULL;
        found = word;
    }
    return found;
}

const char *options_expand_command(Mem *mem, const char *tool, int count, char **arguments, int *words) {
    const char *first = count > 0 ? word_expand(mem, tool, "", arguments[0]) : NULL;
    if (first == NULL) return NULL;
    *words = 1;
    OptionSet set;
    if (options_find_command(mem_print(mem, "%s %s", tool, first), &set)) return first;
    const char *second = count > 1 ? word_expand(mem, tool, mem_print(mem, "%s ", first), arguments[1]) : NULL;
    if (second == NULL) return NULL;
    *words = 2;
    return mem_print(mem, "%s %s", first, second);
}

Words options_list_names(Mem *mem, const OptionSet *set) {
    Words names = words_new(mem);
    for (size_t i = 0; i < set->count; i++) {
        const Option *row = &set->rows[i];
        if (row->index_max == NULL) {
            words_add(&names, row->name);
            continue;
        }
        for (int index = 0; index <= atoi(row->index_max); index++)
            words_add(&names, mem_print(mem, "%.*s%d", (int)(strlen(row->name) - strlen("[n]")), row->name, index));
    }
    return names;
}
