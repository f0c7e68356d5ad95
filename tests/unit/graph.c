/* The graph of needs: its lists, order, circles and closures. */
#include "compiler/graph.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Nodes as a text: "0 2 5". */
static const char *listed(Arena *arena, NodeList list) {
    Str text = STR("");
    for (uint32_t i = 0; i < list.count; i++)
        text = arena_printf(arena, "%.*s%s%u", (int)text.length, text.text, i ? " " : "", list.items[i]);
    return text.text;
}

static void test_lists_are_sorted_and_each_edge_is_one(void **state) {
    (void)state;
    Arena *arena = arena_open();
    Graph *graph = graph_new(arena, 5);
    static const uint32_t edges[][2] = {{4, 2}, {4, 0}, {4, 2}, {3, 2}, {4, 1}, {4, 0}, {3, 2}};
    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++)
        graph_add(graph, edges[i][0], edges[i][1]);
    assert_string_equal(listed(arena, graph_needs(graph, 4)), "0 1 2");
    assert_string_equal(listed(arena, graph_needs(graph, 3)), "2");
    assert_string_equal(listed(arena, graph_needs(graph, 0)), "");
    assert_string_equal(listed(arena, graph_needed_by(graph, 2)), "3 4");
    assert_string_equal(listed(arena, graph_needed_by(graph, 0)), "4");
    arena_close(arena);
}

static void test_order_goes_by_longest_path_then_number(void **state) {
    (void)state;
    Arena *arena = arena_open();
    Graph *graph = graph_new(arena, 6);
    graph_add(graph, 0, 5);     /* 0 and 3 stand over 5, 1 over both */
    graph_add(graph, 3, 5);
    graph_add(graph, 1, 0);
    graph_add(graph, 1, 3);
    graph_add(graph, 1, 5);
    assert_string_equal(listed(arena, graph_order(graph)), "2 4 5 0 3 1");
    arena_close(arena);
}

static void test_an_empty_graph_has_an_order(void **state) {
    (void)state;
    Arena *arena = arena_open();
    assert_int_equal(graph_order(graph_new(arena, 0)).count, 0);
    assert_string_equal(listed(arena, graph_order(graph_new(arena, 3))), "0 1 2");
    arena_close(arena);
}

typedef struct Found {
    Arena *arena;
    Str text;
} Found;

static void cycle_note(void *context, const uint32_t *nodes, uint32_t count) {
    Found *found = context;
    const char *cycle = listed(found->arena, (NodeList){nodes, count});
    found->text = arena_printf(found->arena, "%.*s[%s]", (int)found->text.length, found->text.text, cycle);
}

static const char *cycles_of(Arena *arena, Graph *graph) {
    Found found = {arena, STR("")};
    graph_cycles(graph, cycle_note, &found);
    return found.text.text;
}

static void test_each_knot_is_told_once_by_a_shortest_cycle(void **state) {
    (void)state;
    Arena *arena = arena_open();
    Graph *graph = graph_new(arena, 10);
    /* One knot of 1 2 3 4 with a short way 1 -> 3 -> 1 and a long one, a loop at 6, a knot of 7 8; 0, 5 and 9 are in none. */
    static const uint32_t edges[][2] = {{1, 2}, {2, 3}, {3, 4}, {4, 1}, {1, 3}, {3, 1}, {6, 6}, {7, 8}, {8, 7}, {0, 1}, {5, 9}, {9, 7}};
    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++)
        graph_add(graph, edges[i][0], edges[i][1]);
    assert_string_equal(cycles_of(arena, graph), "[1 3][6][7 8]");
    assert_string_equal(listed(arena, graph_order(graph)), "");
    arena_close(arena);
}

static void test_no_cycle_no_visit(void **state) {
    (void)state;
    Arena *arena = arena_open();
    Graph *graph = graph_new(arena, 4);
    graph_add(graph, 3, 2);
    graph_add(graph, 2, 1);
    graph_add(graph, 3, 1);
    assert_string_equal(cycles_of(arena, graph), "");
    arena_close(arena);
}

static void test_nodes_over_a_cycle_are_missing_from_the_order(void **state) {
    (void)state;
    Arena *arena = arena_open();
    Graph *graph = graph_new(arena, 4);
    graph_add(graph, 1, 2);
    graph_add(graph, 2, 1);
    graph_add(graph, 3, 1);
    assert_string_equal(listed(arena, graph_order(graph)), "0");
    arena_close(arena);
}

static void test_marks_spread_to_what_is_needed_or_to_who_needs(void **state) {
    (void)state;
    Arena *arena = arena_open();
    Graph *graph = graph_new(arena, 6);
    graph_add(graph, 1, 0);
    graph_add(graph, 2, 1);
    graph_add(graph, 3, 1);
    graph_add(graph, 5, 4);
    uint8_t marks[6] = {[2] = 1};
    graph_spread(graph, marks, 1, 0);
    assert_memory_equal(marks, ((uint8_t[]){1, 1, 1, 0, 0, 0}), 6);
    uint8_t above[6] = {[1] = 1};
    graph_spread(graph, above, 1, 1);
    assert_memory_equal(above, ((uint8_t[]){0, 1, 1, 1, 0, 0}), 6);
    arena_close(arena);
}

static void cycle_measure(void *context, const uint32_t *nodes, uint32_t count) {
    assert_int_equal(nodes[0], 0);
    *(uint32_t *)context += count;
}

static void test_a_chain_and_a_circle_of_a_million(void **state) {
    (void)state;
    enum { NODES = 1000000 };
    Arena *arena = arena_open();
    Graph *graph = graph_new(arena, NODES);
    for (uint32_t i = 1; i < NODES; i++)
        graph_add(graph, i - 1, i);
    NodeList order = graph_order(graph);
    assert_int_equal(order.count, NODES);
    assert_int_equal(order.items[0], NODES - 1);
    assert_int_equal(order.items[NODES - 1], 0);
    uint8_t *marks = arena_alloc(arena, NODES);
    marks[0] = 1;
    graph_spread(graph, marks, 1, 0);
    assert_int_equal(marks[NODES - 1], 1);
    Graph *circle = graph_new(arena, NODES);
    for (uint32_t i = 0; i < NODES; i++)
        graph_add(circle, i, (i + 1) % NODES);
    assert_int_equal(graph_order(circle).count, 0);
    uint32_t length = 0;
    graph_cycles(circle, cycle_measure, &length);
    assert_int_equal(length, NODES);
    arena_close(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lists_are_sorted_and_each_edge_is_one),
        cmocka_unit_test(test_order_goes_by_longest_path_then_number),
        cmocka_unit_test(test_an_empty_graph_has_an_order),
        cmocka_unit_test(test_each_knot_is_told_once_by_a_shortest_cycle),
        cmocka_unit_test(test_no_cycle_no_visit),
        cmocka_unit_test(test_nodes_over_a_cycle_are_missing_from_the_order),
        cmocka_unit_test(test_marks_spread_to_what_is_needed_or_to_who_needs),
        cmocka_unit_test(test_a_chain_and_a_circle_of_a_million),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
