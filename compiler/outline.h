/* The site in outline: its resources and what each needs, for whoever draws or counts them. */
#ifndef PHX_COMPILER_OUTLINE_H
#define PHX_COMPILER_OUTLINE_H

#include "lang/source.h"

typedef struct OutlineNode {
    Str address;
    Str type;
    Str identity;
    Str place;              /* address of the place; "" is the default place */
    Str around;             /* the component or module that it stands in, as its address; empty: none */
    Span source;
    const uint32_t *needs;  /* numbers of nodes, ascending */
    uint32_t need_count;
    uint32_t needed_by;     /* how many nodes need it */
    int absent;             /* it must not exist */
} OutlineNode;

typedef struct Outline {
    Str site;
    const OutlineNode *nodes;   /* in the order of their addresses */
    uint32_t count;
} Outline;

#endif
