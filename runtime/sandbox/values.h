// JSON values of one program: they live as long as its memory does, however it ends.
#ifndef PHX_SANDBOX_VALUES_H
#define PHX_SANDBOX_VALUES_H

#include "mem.h"

#include <jansson.h>

/// Gives a reference to [value] to the arena, which drops it when it is freed; returns [value], borrowed. A program may be
/// left in the middle (host_fail), so what holds a value over anything that can fail has it kept.
json_t *value_keep(Mem *mem, json_t *value);

#endif
