// The table of commands, parameters and sub-keys that the real programs accept (options.def).
#ifndef PHX_SANDBOX_OPTIONS_H
#define PHX_SANDBOX_OPTIONS_H

#include "mem.h"

typedef enum OptionType { OPTION_STRING, OPTION_INTEGER, OPTION_NUMBER, OPTION_BOOLEAN, OPTION_ARRAY } OptionType;

typedef enum OptionKind {
    OPTION_COMMAND,   // `name` is "pct create" or "PUT /cluster/...", `positional` its plain arguments
    OPTION_ALIAS,     // `name` is another name of the command `alias`
    OPTION_FORMAT,    // a property string; its sub-keys follow
    OPTION_PARAM,
    OPTION_KEY
} OptionKind;

/// A row of the table. Limits are text, as the messages print them; NULL where there is none.
typedef struct Option {
    OptionKind kind;
    const char *name;          // a family stands as "net[n]"
    OptionType type;
    bool required;
    bool is_list;              // may be given several times
    bool is_default;           // the sub-key of a value without `key=`
    const char *positional;
    const char *format;
    const char *minimum, *maximum, *min_length, *max_length;
    const char *alias;         // another sub-key that is meant; with `key_alias`, the one that takes the value
    const char *key_alias;     // the sub-key that takes this one's name (`virtio=MAC` is model=virtio,macaddr=MAC)
    const char *needs;         // a sub-key that must then be there too
    const char *pattern;       // extended POSIX, to match as a whole
    const char *choices;       // "a, b, c"; "mp0..255" stands for mp0, mp1, ..., mp255
    const char *index_max;     // of a family
    const char *keys;          // the name of its property string
} Option;

/// A command or a property string with its rows.
typedef struct OptionSet {
    const Option *head;
    const Option *rows;
    size_t count;
} OptionSet;

/// Finds the command named exactly "pct create" (aliases are followed); false if there is none.
bool options_find_command(const char *name, OptionSet *set);

/// Finds the property string that Option.keys names.
bool options_find_format(const char *name, OptionSet *set);

/// Finds the command "METHOD /path" whose path the [words] are; what its {placeholders} stand for goes to [named].
bool options_find_path(Mem *mem, const char *method, const Words *words, OptionSet *set, Pairs *named);

/// The row for [name] (`net3` finds `net[n]` if 3 is within its range), or NULL.
const Option *options_find(const OptionSet *set, const char *name);

/// Expands the abbreviated words of a sub-command of [tool] ("statu" -> "status", "guest exec"); [words] says how
/// many of [arguments] it took. NULL if none or several fit.
const char *options_expand_command(Mem *mem, const char *tool, int count, char **arguments, int *words);

/// Every full name an option may be given by: families are written out.
Words options_list_names(Mem *mem, const OptionSet *set);

#endif
