// Ties references to JSON values to an arena.
#include "values.h"

static void value_release(void *value) {
    json_decref(value);
}

json_t *value_keep(Mem *mem, json_t *value) {
    if (value != NULL) mem_on_free(mem, value_release, value);
    return value;
}
