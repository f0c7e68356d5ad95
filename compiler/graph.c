/* Edges to adjacency lists, an order, cycles and closures. */
#include "compiler/graph.h"

#include <string.h>

typedef struct Edge { uint32_t node, needed; } Edge;

/* Lists of neighbours: those of node n stand in items[start[n]] to items[start[n + 1]]. */
typedef struct Adjacency {
    uint32_t *start;
    uint32_t *items;
} Adjacency;

struct Graph {
    Arena *arena;
    uint32_t count;
    VECTOR(Edge) edges;
    Adjacency needs;
    Adjacency needed_by;
    int closed;
};

Graph *graph_new(Arena *arena, uint32_t count) {
    Graph *graph = ARENA_NEW(arena, Graph);
    graph->arena = arena;
    graph->count = count;
    return graph;
}

void graph_add(Graph *graph, uint32_t node, uint32_t needed) {
    Edge edge = {node, needed};
    VECTOR_PUSH(graph->arena, &graph->edges, edge);
}

static void adjacency_init(Adjacency *adjacency, Arena *arena, uint32_t nodes, uint32_t edges) {
    adjacency->start = ARENA_ARRAY(arena, uint32_t, (size_t)nodes + 2);
    adjacency->items = ARENA_ARRAY(arena, uint32_t, edges);
}

static NodeList adjacency_list(const Adjacency *adjacency, uint32_t node) {
    uint32_t start = adjacency->start[node];
    return (NodeList){adjacency->items + start, adjacency->start[node + 1] - start};
}

/* The transposed lists of [from]: walking its nodes in ascending order leaves every list ascending. */
static void adjacency_transpose(const Adjacency *from, Adjacency *to, uint32_t count) {
    uint32_t total = from->start[count];
    for (uint32_t i = 0; i < total; i++)
        to->start[from->items[i] + 2]++;
    for (uint32_t node = 0; node < count; node++)
        to->start[node + 2] += to->start[node + 1];
    for (uint32_t node = 0; node < count; node++)
        for (uint32_t i = from->start[node]; i < from->start[node + 1]; i++)
            to->items[to->start[from->items[i] + 1]++] = node;
}

/* Edges come in any order. Sorted by the node they lead to and then transposed, every list of needs is ascending, so equal edges are
   neighbours; without them, transposed again, the lists of who needs a node are ascending too. */
static void graph_close(Graph *graph) {
    if (graph->closed)
        return;
    graph->closed = 1;
    uint32_t count = graph->count, total = graph->edges.count;
    Arena *passing = arena_open();
    Adjacency incoming;
    adjacency_init(&incoming, passing, count, total);
    for (uint32_t i = 0; i < total; i++)
        incoming.start[graph->edges.items[i].needed + 2]++;
    for (uint32_t node = 0; node < count; node++)
        incoming.start[node + 2] += incoming.start[node + 1];
    for (uint32_t i = 0; i < total; i++)
        incoming.items[incoming.start[graph->edges.items[i].needed + 1]++] = graph->edges.items[i].node;

    Adjacency *needs = &graph->needs;
    adjacency_init(needs, graph->arena, count, total);
    adjacency_transpose(&incoming, needs, count);
    arena_close(passing);
    arena_drop(graph->arena, graph->edges.items, graph->edges.capacity * sizeof *graph->edges.items);
    graph->edges.items = NULL;
    graph->edges.count = graph->edges.capacity = 0;
    uint32_t kept = 0;
    for (uint32_t node = 0; node < count; node++) {
        uint32_t from = needs->start[node], to = needs->start[node + 1], first = kept;
        for (uint32_t i = from; i < to; i++)
            if (kept == first || needs->items[kept - 1] != needs->items[i])
                needs->items[kept++] = needs->items[i];
        needs->start[node] = first;
    }
    needs->start[count] = kept;
    adjacency_init(&graph->needed_by, graph->arena, count, kept);
    adjacency_transpose(needs, &graph->needed_by, count);
}

NodeList graph_needs(Graph *graph, uint32_t node) {
    graph_close(graph);
    return adjacency_list(&graph->needs, node);
}

NodeList graph_needed_by(Graph *graph, uint32_t node) {
    graph_close(graph);
    return adjacency_list(&graph->needed_by, node);
}

NodeList graph_order(Graph *graph) {
    graph_close(graph);
    uint32_t count = graph->count;
    Arena *passing = arena_open();
    uint32_t *missing = ARENA_ARRAY(passing, uint32_t, count);
    uint32_t *level = ARENA_ARRAY(passing, uint32_t, count);
    uint32_t *queue = ARENA_ARRAY(passing, uint32_t, count);
    uint32_t head = 0, tail = 0;
    for (uint32_t node = 0; node < count; node++) {
        missing[node] = graph_needs(graph, node).count;
        if (!missing[node])
            queue[tail++] = node;
    }
    uint32_t levels = 1;
    while (head < tail) {
        uint32_t node = queue[head++];
        NodeList above = graph_needed_by(graph, node);
        for (uint32_t i = 0; i < above.count; i++) {
            uint32_t next = above.items[i];
            if (level[next] <= level[node])
                level[next] = level[node] + 1;
            if (--missing[next] == 0)
                queue[tail++] = next;
        }
        if (level[node] >= levels)
            levels = level[node] + 1;
    }
    /* Counting by level keeps the ascending numbers within one. */
    uint32_t *start = ARENA_ARRAY(passing, uint32_t, (size_t)levels + 1);
    uint32_t *order = ARENA_ARRAY(graph->arena, uint32_t, tail);
    for (uint32_t i = 0; i < tail; i++)
        start[level[queue[i]] + 1]++;
    for (uint32_t i = 0; i < levels; i++)
        start[i + 1] += start[i];
    for (uint32_t node = 0; node < count; node++)
        if (!missing[node])
            order[start[level[node]]++] = node;
    arena_close(passing);
    return (NodeList){order, tail};
}

/* ---- cycles ---- */

/* Strongly connected components by Tarjan's algorithm, with a stack of its own instead of recursion. */
typedef struct Knots {
    Graph *graph;
    uint32_t *index;        /* order of the first visit, from 1; 0: not yet */
    uint32_t *low;
    uint32_t *knot;         /* number of the component, from 1; 0: not yet known */
    uint32_t *stack;        /* nodes whose component is not yet known */
    uint32_t *path;         /* nodes being visited */
    uint32_t *next;         /* of each node on the path: the edge to follow next */
    uint32_t stack_count, path_count, visited, knot_count;
} Knots;

static void knots_enter(Knots *knots, uint32_t node) {
    knots->index[node] = knots->low[node] = ++knots->visited;
    knots->stack[knots->stack_count++] = node;
    knots->path[knots->path_count++] = node;
}

static void knots_visit(Knots *knots, uint32_t root) {
    knots_enter(knots, root);
    while (knots->path_count) {
        uint32_t node = knots->path[knots->path_count - 1];
        NodeList needs = graph_needs(knots->graph, node);
        if (knots->next[node] < needs.count) {
            uint32_t needed = needs.items[knots->next[node]++];
            if (!knots->index[needed])
                knots_enter(knots, needed);
            else if (!knots->knot[needed] && knots->index[needed] < knots->low[node])
                knots->low[node] = knots->index[needed];
            continue;
        }
        if (knots->low[node] == knots->index[node]) {
            uint32_t member;
            knots->knot_count++;
            do {
                member = knots->stack[--knots->stack_count];
                knots->knot[member] = knots->knot_count;
            } while (member != node);
        }
        if (--knots->path_count) {
            uint32_t below = knots->path[knots->path_count - 1];
            if (knots->low[node] < knots->low[below])
                knots->low[below] = knots->low[node];
        }
    }
}

/* Breadth first from [start] inside its knot until an edge leads back to it. [towards] holds for each node reached the one
   it was reached from, plus 1. The length of the cycle, written to [cycle]; 0 where there is none. */
static uint32_t knots_cycle(const Knots *knots, uint32_t start, uint32_t *towards, uint32_t *queue, uint32_t *cycle) {
    uint32_t head = 0, tail = 0;
    queue[tail++] = start;
    while (head < tail) {
        uint32_t node = queue[head++];
        NodeList needs = graph_needs(knots->graph, node);
        for (uint32_t i = 0; i < needs.count; i++) {
            uint32_t needed = needs.items[i];
            if (needed == start) {
                uint32_t length = 0;
                for (uint32_t at = node; at != start; at = towards[at] - 1)
                    queue[length++] = at;
                cycle[0] = start;
                for (uint32_t k = 0; k < length; k++)
                    cycle[k + 1] = queue[length - 1 - k];
                return length + 1;
            }
            if (knots->knot[needed] == knots->knot[start] && !towards[needed]) {
                towards[needed] = node + 1;
                queue[tail++] = needed;
            }
        }
    }
    return 0;
}

void graph_cycles(Graph *graph, void (*visit)(void *context, const uint32_t *nodes, uint32_t count), void *context) {
    graph_close(graph);
    uint32_t count = graph->count;
    uint32_t *pieces = ARENA_ARRAY(graph->arena, uint32_t, (size_t)count * 6);
    Knots knots = {
        .graph = graph,
        .index = pieces,
        .low = pieces + count,
        .knot = pieces + 2 * (size_t)count,
        .stack = pieces + 3 * (size_t)count,
        .path = pieces + 4 * (size_t)count,
        .next = pieces + 5 * (size_t)count,
    };
    for (uint32_t node = 0; node < count; node++)
        if (!knots.index[node])
            knots_visit(&knots, node);
    /* What the search needed is free again, but for the numbers of the knots. */
    uint32_t *towards = knots.index, *queue = knots.stack, *cycle = knots.path, *seen = knots.next;
    memset(towards, 0, sizeof *towards * count);
    memset(seen, 0, sizeof *seen * count);
    for (uint32_t node = 0; node < count; node++) {
        uint32_t *first = &seen[knots.knot[node] - 1];
        if (*first)
            continue;
        *first = 1;
        uint32_t length = knots_cycle(&knots, node, towards, queue, cycle);
        if (length)
            visit(context, cycle, length);
    }
}

void graph_spread(Graph *graph, uint8_t *marks, uint8_t mark, int to_needed_by) {
    uint32_t *stack = ARENA_ARRAY(graph->arena, uint32_t, graph->count);
    uint32_t depth = 0;
    for (uint32_t node = 0; node < graph->count; node++)
        if (marks[node] == mark)
            stack[depth++] = node;
    while (depth) {
        uint32_t node = stack[--depth];
        NodeList list = to_needed_by ? graph_needed_by(graph, node) : graph_needs(graph, node);
        for (uint32_t i = 0; i < list.count; i++)
            if (marks[list.items[i]] != mark) {
                marks[list.items[i]] = mark;
                stack[depth++] = list.items[i];
            }
    }
}
