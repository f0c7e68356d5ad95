/* The attributes that random sites write, each with values that every Proxmox VE takes. */
#ifndef PHX_TESTS_RANDOM_TABLES_H
#define PHX_TESTS_RANDOM_TABLES_H

#include <stddef.h>

/* What becomes of an attribute's change. */
typedef enum Edit {
    EDIT_FREE,      /* it can be changed, and mostly cleared */
    EDIT_GROW,      /* a value further on in the list is larger: back is refused */
    EDIT_NEVER,     /* refused */
    EDIT_BIRTH      /* given at birth: a later change means nothing */
} Edit;

typedef enum AttributeFlag {
    ATTRIBUTE_ALWAYS = 1,       /* always written */
    ATTRIBUTE_KEPT = 2,         /* never cleared by `unset` */
    ATTRIBUTE_STARTED = 4,      /* only where something can be started from */
    ATTRIBUTE_ALONE = 8,        /* not where there are snapshots or clones */
    ATTRIBUTE_UNUSED = 16       /* of storages: only where nothing is stored */
} AttributeFlag;

enum { VALUE_LIMIT = 8 };

/* In a value `$` stands for a number that occurs nowhere else in the site, `~` for two hexadecimal digits of that kind, `^` for a storage of volumes. */
typedef struct Attribute {
    const char *type;
    const char *name;
    const char *property;               /* the key in the guest's file; NULL: the name */
    Edit edit;
    unsigned flags;
    const char *only;                   /* of storages: the kinds that have it, as " dir nfs "; NULL: all */
    const char *values[VALUE_LIMIT];    /* in phx */
} Attribute;

extern const Attribute ATTRIBUTES[];
extern const size_t ATTRIBUTE_COUNT;

/* How many values the attribute has. */
size_t attribute_values(const Attribute *attribute);

#endif
