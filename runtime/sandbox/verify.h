// Checks values against the rows of the option table, and takes property strings apart and together.
#ifndef PHX_SANDBOX_VERIFY_H
#define PHX_SANDBOX_VERIFY_H

#include "host.h"
#include "options.h"

/// What is wrong with [value] for [option], named [name] in messages; NULL if nothing is. The text lacks its final
/// newline, and may have several lines, as the real programs print them.
const char *verify_value(Host *host, const Option *option, const char *name, const char *value);

/// The same without bounds, patterns and lists of choices, which are not looked at when a file is read. Inside of
/// property strings they are.
const char *verify_type(Host *host, const Option *option, const char *name, const char *value);

/// "1" or "0" for the spellings of a boolean, NULL for anything else.
const char *verify_boolean(const char *value);

/// Takes the property string [value] apart into [pairs]: default keys and aliases are resolved, booleans are 0 or 1.
/// Returns what is wrong (lines "path.key: ...", each with its newline, after "format error\n"), or NULL. [path]
/// stands before the sub-keys in messages; "" for none.
const char *verify_parse(Host *host, const OptionSet *format, const char *path, const char *value, Pairs *pairs);

/// The property string of [pairs] as the real programs write it: the default key's bare value (or the key that
/// takes another's name) first, then required keys, then the rest by name.
const char *verify_print(Host *host, const OptionSet *format, const Pairs *pairs);

#endif
