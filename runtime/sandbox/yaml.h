// Reads YAML, as far as people write it for compose, into JSON.
#ifndef PHX_SANDBOX_YAML_H
#define PHX_SANDBOX_YAML_H

#include "host.h"
#include "values.h"

/// The document in [text]: block and flow collections, plain, quoted and block scalars, comments, anchors, aliases and merge
/// keys. NULL with the reason in *problem ("yaml: line 3: ..."). What it does not know (tags, several documents, complex
/// keys) is a problem, never something else. The value is borrowed from the arena.
json_t *yaml_read(Host *host, const char *text, const char **problem);

/// The value as block YAML, keys by name.
const char *yaml_print(Host *host, const json_t *value);

#endif
