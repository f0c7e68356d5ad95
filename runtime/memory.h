/* Memory of the things that come and go while the program runs; what lives as long as a session is in its arena. */
#ifndef PHX_RUNTIME_MEMORY_H
#define PHX_RUNTIME_MEMORY_H

#include <stdlib.h>

#include "lang/arena.h"

/* [size] zeroed bytes for free(3). As with the arena, without memory the process ends: nothing sensible is left to do. */
static inline void *memory_zeroed(size_t size) {
    void *memory = calloc(1, size);
    if (!memory)
        memory_exhausted();
    return memory;
}

/* realloc(3) for [count] items of [size] bytes, which may not overflow. */
static inline void *memory_resized(void *old, size_t count, size_t size) {
    void *memory = count > (size_t)-1 / size ? NULL : realloc(old, count * size);
    if (!memory)
        memory_exhausted();
    return memory;
}

#define MEMORY_NEW(Type) ((Type *)memory_zeroed(sizeof(Type)))

#endif
