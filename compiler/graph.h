/* Who needs whom: a directed graph over numbered nodes. Every function is iterative and takes time linear in nodes and edges. */
#ifndef PHX_COMPILER_GRAPH_H
#define PHX_COMPILER_GRAPH_H

#include "lang/arena.h"

typedef struct Graph Graph;

/* A graph of [count] nodes, numbered from 0, without edges. */
Graph *graph_new(Arena *arena, uint32_t count);
/* [node] needs [needed]. The same edge twice is one; all edges are added before the first question. */
void graph_add(Graph *graph, uint32_t node, uint32_t needed);

/* What a node needs, and who needs it: ascending, each once. */
typedef struct NodeList {
    const uint32_t *items;
    uint32_t count;
} NodeList;
NodeList graph_needs(Graph *graph, uint32_t node);
NodeList graph_needed_by(Graph *graph, uint32_t node);

/* The nodes, each after everything that it needs: by the length of the longest path under it, then by number. Nodes of a
   cycle, and those that need one, are missing. The array belongs to the arena. */
NodeList graph_order(Graph *graph);

/* Calls [visit] for every knot (nodes that need each other) once, in the order of its lowest node, with a shortest cycle
   through that node: nodes[0] needs nodes[1] needs ... needs nodes[0]. */
void graph_cycles(Graph *graph, void (*visit)(void *context, const uint32_t *nodes, uint32_t count), void *context);

/* Marks with [mark] in [marks] (one byte a node) what the nodes already so marked need, directly or not; or who needs them. */
void graph_spread(Graph *graph, uint8_t *marks, uint8_t mark, int to_needed_by);

#endif
