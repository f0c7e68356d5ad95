/* A random site: its resources, their attributes, and what happens to them. */
#ifndef PHX_TESTS_RANDOM_SITE_H
#define PHX_TESTS_RANDOM_SITE_H

#include "lang/arena.h"
#include "lang/text.h"
#include "tests/random/random.h"
#include "tests/random/tables.h"

/* How an attribute stands in the text. */
typedef enum Writing { WRITING_NONE, WRITING_VALUE, WRITING_UNSET } Writing;

typedef struct Choice {
    const Attribute *attribute;
    Writing writing;
    uint32_t value;             /* number in the table */
    uint32_t highest;           /* of EDIT_GROW: the largest that was ever applied */
    const char *text;           /* the value, placeholders filled in */
    struct Resource *storage;   /* what `^` stands for; NULL where that is somebody else's */
    int on_zfs;                 /* is that one on ZFS? */
} Choice;

typedef enum ResourceState {
    RESOURCE_PRESENT,
    RESOURCE_ABSENT,            /* `absent` stands in the text */
    RESOURCE_LEFT,              /* no longer in the text; --prune removes it */
    RESOURCE_GONE               /* and it is removed */
} ResourceState;

typedef struct Resource {
    const char *type;
    const char *name;
    const char *identity;       /* the attributes that name it, in phx */
    const char *fixed;          /* further lines that never change */
    const char *kind;           /* of storages: "dir"; of images: what they hold */
    const char *object;         /* its name on the host */
    VECTOR(Choice *) choices;
    VECTOR(struct Resource *) needs;
    ResourceState state;
    int made;                   /* it is on the host */
    int is_template;
    int is_clone;
    int adopted;                /* it was there before the site */
    int was_protected;
    VECTOR(const char *) foreign;   /* lines of its file that nobody knows: they stay */
} Resource;

/* A change that the plan has to refuse, and how it was before. */
typedef struct Refusal {
    Choice *choice;
    Choice before;
    struct Resource *resource;
    int certain;                /* 0: it may also do no harm */
} Refusal;

typedef struct Site {
    Arena *arena;
    Random random;
    VECTOR(Resource *) resources;
    VECTOR(Refusal) refusals;
    uint32_t unique;
    int prune;
} Site;

/* Makes up a site of 5 to 25 resources. */
void site_generate(Site *site);
/* Changes, adds and removes; afterwards [refusals] says what must not pass. */
void site_edit(Site *site);
/* Takes back what was refused. */
void site_relent(Site *site);
/* The plan was carried out. */
void site_applied(Site *site);
/* The site's text. */
void site_print(const Site *site, Text *out);

/* Is it a container or virtual machine? */
int resource_is_guest(const Resource *resource);
/* Does the text write the setting that has this key in the guest's file? */
int resource_writes(const Resource *resource, const char *key);
const Choice *resource_choice(const Resource *resource, const char *attribute);

#endif
