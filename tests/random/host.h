/* A model host that others use too: what they have there, what they do by hand, and whether it is still so afterwards. */
#ifndef PHX_TESTS_RANDOM_HOST_H
#define PHX_TESTS_RANDOM_HOST_H

#include "tests/random/site.h"

typedef struct Host {
    Arena *arena;
    Random *random;
    const char *folder;         /* the host's root */
    const char *programs;       /* the sandbox's */
    int is_loud;                /* print what is run */
} Host;

/* Runs a program; its outputs go to the files [out] and [err] (NULL: nowhere). Its exit code, or 255. */
int host_run(const Host *host, const char *const *argv, const char *out, const char *err);
/* A whole file; NULL where there is none. */
const char *host_read(const Host *host, const char *path, size_t *length);

/* Other people's pools, storages and guests, in files as people leave them, and the guests that the site will take over. */
void host_prepare(const Host *host, const Site *site);
/* Somebody changes what the site has made, and writes lines of newer versions into the files of guests. */
void host_drift(const Host *host, Site *site);

/* What must not change: a list of names, each with a text. */
typedef struct Thing {
    const char *name, *text;
} Thing;
typedef struct Record {
    VECTOR(Thing) things;
} Record;
/* What there is that the site does not write. */
Record host_record(const Host *host, const Site *site);
/* Prints what of it has changed or gone; how much that is. What is new is no change. */
uint32_t record_compare(const Record *before, const Record *after);

#endif
