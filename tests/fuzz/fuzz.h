/* What all fuzz targets have in common. */
#ifndef PHX_TESTS_FUZZ_H
#define PHX_TESTS_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lang/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Says what broke, for the report of the crash, and crashes. */
static inline void require(int holds, const char *what) {
    if (holds) return;
    fprintf(stderr, "broken: %s\n", what);
    abort();
}

/* A copy of its exact size, so that the sanitizer sees a read behind its end; the caller frees it. */
static inline char *exact_copy(const uint8_t *data, size_t size) {
    char *copy = malloc(size > 0 ? size : 1);
    require(copy != NULL, "no memory");
    if (size > 0) memcpy(copy, data, size);
    return copy;
}

/* With a NUL behind it: the sanitizer measures what regexec is given up to its NUL, not knowing that REG_STARTEND names the end. */
static inline char *ended_copy(const uint8_t *data, size_t size) {
    char *copy = calloc(size + 1, 1);
    require(copy != NULL, "no memory");
    if (size > 0) memcpy(copy, data, size);
    return copy;
}

#endif
