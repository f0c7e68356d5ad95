/* The outline of a site as a tree for people, for Graphviz, for Mermaid, and as JSON. An arrow goes from a resource to what it needs. */
#include <stdlib.h>

#include "compiler/render.h"
#include "lang/json.h"

/* ---- the tree ---- */

/* What has been shown is not shown again. What stands deeper than this becomes a tree of its own: else a long chain would fill the screen with blanks. */
enum { TREE_DEEPEST = 16 };

typedef struct GraphTree {
    const Outline *outline;
    uint8_t *state;             /* 0: not shown yet; 1: waits to become a tree of its own; 2: shown */
    uint32_t *later;            /* those that wait */
    uint32_t later_count;
    Text *out;
} GraphTree;

/* The branches open on the way to the node that is being shown. */
typedef struct Level {
    uint32_t node;
    uint32_t next;              /* of its needs */
} Level;

static void tree_line(GraphTree *tree, const Level *levels, uint32_t depth, uint32_t number) {
    const OutlineNode *node = &tree->outline->nodes[number];
    for (uint32_t i = 0; i < depth; i++) {
        int last = levels[i].next == tree->outline->nodes[levels[i].node].need_count;
        if (i + 1 < depth)
            text_add(tree->out, last ? STR("   ") : STR("│  "));
        else
            text_add(tree->out, last ? STR("└─ ") : STR("├─ "));
    }
    text_add(tree->out, node->address);
    if (node->absent)
        text_add_literal(tree->out, "  (absent)");
    if (node->need_count && tree->state[number] == 2)
        text_add_literal(tree->out, "  (above)");
    else if (node->need_count && depth == TREE_DEEPEST)
        text_add_literal(tree->out, "  (below)");
    text_add_char(tree->out, '\n');
}

static void tree_show(GraphTree *tree, uint32_t root) {
    Level levels[TREE_DEEPEST + 1] = {0};
    uint32_t depth = 0;
    tree_line(tree, levels, 0, root);
    tree->state[root] = 2;
    levels[depth++] = (Level){root, 0};
    while (depth) {
        Level *level = &levels[depth - 1];
        const OutlineNode *node = &tree->outline->nodes[level->node];
        if (level->next == node->need_count) {
            depth--;
            continue;
        }
        uint32_t number = node->needs[level->next++];
        tree_line(tree, levels, depth, number);
        if (tree->state[number] == 2 || !tree->outline->nodes[number].need_count)
            continue;
        if (depth < TREE_DEEPEST) {
            tree->state[number] = 2;
            levels[depth++] = (Level){number, 0};
        } else if (!tree->state[number]) {
            tree->state[number] = 1;
            tree->later[tree->later_count++] = number;
        }
    }
}

void render_graph_tree(const Outline *outline, Text *out) {
    GraphTree tree = {.outline = outline, .out = out};
    Arena *arena = arena_open();
    tree.state = ARENA_ARRAY(arena, uint8_t, outline->count);
    tree.later = ARENA_ARRAY(arena, uint32_t, outline->count);
    for (uint32_t i = 0; i < outline->count; i++)
        if (!outline->nodes[i].needed_by)
            tree_show(&tree, i);
    for (uint32_t i = 0; i < tree.later_count; i++)
        if (tree.state[tree.later[i]] != 2)
            tree_show(&tree, tree.later[i]);
    arena_close(arena);
}

/* ---- clusters ---- */

static Str around_of(const OutlineNode *node) {
    return node->around;
}

static Str place_of(const OutlineNode *node) {
    return node->place;
}

/* Those of one place stand together, in them those of one component or module. */
static int cluster_order(const void *a, const void *b) {
    const OutlineNode *left = *(const OutlineNode *const *)a, *right = *(const OutlineNode *const *)b;
    int order = str_compare(left->place, right->place);
    if (!order)
        order = str_compare(left->around, right->around);
    return order ? order : left < right ? -1 : left > right;
}

static const OutlineNode **clusters_sort(Arena *arena, const Outline *outline) {
    const OutlineNode **nodes = ARENA_ARRAY(arena, const OutlineNode *, outline->count + 1);
    for (uint32_t i = 0; i < outline->count; i++)
        nodes[i] = &outline->nodes[i];
    qsort(nodes, outline->count, sizeof *nodes, cluster_order);
    return nodes;
}

/* Does everything stand at one place? Then nobody needs to be told. */
static int has_places(const Outline *outline) {
    for (uint32_t i = 1; i < outline->count; i++)
        if (!str_equal(outline->nodes[i].place, outline->nodes[0].place))
            return 1;
    return 0;
}

typedef struct Drawing {
    const Outline *outline;
    void (*open)(Text *out, uint32_t number, Str label, int indent);
    void (*node)(Text *out, uint32_t number, const OutlineNode *node, int indent);
    void (*close)(Text *out, int indent);
} Drawing;

/* One level of clusters after another: places, where there are several, then what is [around]. */
static void draw_clusters(const Drawing *drawing, const OutlineNode *const *nodes, uint32_t count, int level, int indent, uint32_t *number, Text *out) {
    enum { PLACES = 1, AROUND, NODES };
    Str (*key)(const OutlineNode *) = level == PLACES ? place_of : around_of;
    int named = level == AROUND || (level == PLACES && has_places(drawing->outline));
    for (uint32_t first = 0, last; first < count; first = last) {
        Str label = key(nodes[first]);
        for (last = first + 1; last < count && level != NODES && str_equal(key(nodes[last]), label); last++)
            ;
        int cluster = named && label.length;
        if (level == NODES) {
            drawing->node(out, (uint32_t)(nodes[first] - drawing->outline->nodes), nodes[first], indent);
            continue;
        }
        if (cluster)
            drawing->open(out, (*number)++, label, indent);
        draw_clusters(drawing, nodes + first, last - first, level + 1, indent + cluster, number, out);
        if (cluster)
            drawing->close(out, indent);
    }
}

static void draw(const Drawing *drawing, Text *out) {
    Arena *arena = arena_open();
    uint32_t number = 1;
    draw_clusters(drawing, clusters_sort(arena, drawing->outline), drawing->outline->count, 1, 1, &number, out);
    arena_close(arena);
}

/* What stands in a cluster is called as it is called there. */
static Str own_name(const OutlineNode *node) {
    size_t around = node->around.length ? node->around.length + 1 : 0;
    return (Str){node->address.text + around, node->address.length - around};
}

/* ---- Graphviz ---- */

static void dot_text(Str text, Text *out) {
    for (size_t i = 0; i < text.length; i++) {
        if (text.text[i] == '"' || text.text[i] == '\\')
            text_add_char(out, '\\');
        text_add_char(out, text.text[i]);
    }
}

static void dot_open(Text *out, uint32_t number, Str label, int indent) {
    text_add_repeat(out, ' ', (size_t)indent * 2);
    text_addf(out, "subgraph cluster_%u {\n", number);
    text_add_repeat(out, ' ', (size_t)indent * 2 + 2);
    text_add_literal(out, "label=\"");
    dot_text(label, out);
    text_add_literal(out, "\"\n");
}

static void dot_node(Text *out, uint32_t number, const OutlineNode *node, int indent) {
    text_add_repeat(out, ' ', (size_t)indent * 2);
    text_addf(out, "n%u [label=\"", number);
    dot_text(own_name(node), out);
    text_add_literal(out, "\\n");
    dot_text(node->identity, out);
    text_add(out, node->absent ? STR("\" style=dashed]\n") : STR("\"]\n"));
}

static void dot_close(Text *out, int indent) {
    text_add_repeat(out, ' ', (size_t)indent * 2);
    text_add_literal(out, "}\n");
}

static void arrows(const Outline *outline, const char *arrow, Text *out) {
    for (uint32_t i = 0; i < outline->count; i++)
        for (uint32_t k = 0; k < outline->nodes[i].need_count; k++)
            text_addf(out, "  n%u %s n%u\n", i, arrow, outline->nodes[i].needs[k]);
}

void render_graph_dot(const Outline *outline, Text *out) {
    static const Drawing form = {NULL, dot_open, dot_node, dot_close};
    Drawing drawing = form;
    drawing.outline = outline;
    text_add_literal(out, "digraph \"");
    dot_text(outline->site, out);
    text_add_literal(out, "\" {\n  rankdir=LR\n  node [shape=box]\n");
    draw(&drawing, out);
    arrows(outline, "->", out);
    text_add_literal(out, "}\n");
}

/* ---- Mermaid ---- */

/* Entities are written with a `#` there. */
static void mermaid_text(Str text, Text *out) {
    for (size_t i = 0; i < text.length; i++) {
        switch (text.text[i]) {
        case '"': text_add_literal(out, "#quot;"); break;
        case '#': text_add_literal(out, "#35;"); break;
        case '<': text_add_literal(out, "#lt;"); break;
        case '>': text_add_literal(out, "#gt;"); break;
        case '&': text_add_literal(out, "#amp;"); break;
        default: text_add_char(out, text.text[i]);
        }
    }
}

static void mermaid_open(Text *out, uint32_t number, Str label, int indent) {
    text_add_repeat(out, ' ', (size_t)indent * 2);
    text_addf(out, "subgraph c%u[\"", number);
    mermaid_text(label, out);
    text_add_literal(out, "\"]\n");
}

static void mermaid_node(Text *out, uint32_t number, const OutlineNode *node, int indent) {
    text_add_repeat(out, ' ', (size_t)indent * 2);
    text_addf(out, "n%u[\"", number);
    mermaid_text(own_name(node), out);
    text_add_literal(out, "<br>");
    mermaid_text(node->identity, out);
    text_add_literal(out, "\"]\n");
}

static void mermaid_close(Text *out, int indent) {
    text_add_repeat(out, ' ', (size_t)indent * 2);
    text_add_literal(out, "end\n");
}

void render_graph_mermaid(const Outline *outline, Text *out) {
    static const Drawing form = {NULL, mermaid_open, mermaid_node, mermaid_close};
    Drawing drawing = form;
    drawing.outline = outline;
    text_add_literal(out, "flowchart LR\n");
    draw(&drawing, out);
    arrows(outline, "-->", out);
}

/* ---- JSON ---- */

static void json_member(const char *between, const char *key, Str text, Text *out) {
    text_addf(out, "%s\"%s\": ", between, key);
    json_write_string(text, out);
}

void render_graph_json(const Outline *outline, Sources *sources, Text *out) {
    text_add_literal(out, "{\n  \"format\": \"phx-graph/1\",\n");
    json_member("  ", "site", outline->site, out);
    text_add_literal(out, ",\n  \"resources\": [");
    for (uint32_t i = 0; i < outline->count; i++) {
        const OutlineNode *node = &outline->nodes[i];
        Position position = source_position(sources, node->source);
        json_member(i ? ",\n    {" : "\n    {", "address", node->address, out);
        json_member(", ", "type", node->type, out);
        json_member(", ", "identity", node->identity, out);
        json_member(", ", "place", node->place, out);
        text_add(out, node->absent ? STR(", \"absent\": true") : STR(""));
        json_member(", \"source\": {", "file", source_get(sources, node->source.file)->name, out);
        text_addf(out, ", \"line\": %u, \"column\": %u}, \"needs\": [", position.line, position.column);
        for (uint32_t k = 0; k < node->need_count; k++) {
            text_add(out, k ? STR(", ") : STR(""));
            json_write_string(outline->nodes[node->needs[k]].address, out);
        }
        text_add_literal(out, "]}");
    }
    text_add(out, outline->count ? STR("\n  ]\n}\n") : STR("]\n}\n"));
}
