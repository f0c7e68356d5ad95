/* What the constructors of the tree share: reports, the stacks that lists grow on, documentation. */
#include "lang/tree_build.h"

#include <string.h>

/* ---- errors ---- */

Diagnostic *builder_error(Builder *build, Code code, Span span, const char *format, ...) {
    build->broken = 1;
    if (build->diagnostics == NULL) return NULL;
    Text message = {0};
    va_list arguments;
    va_start(arguments, format);
    text_addv(&message, format, arguments);
    va_end(arguments);
    Str text = text_str(&message);
    Diagnostic *d = diag_error(build->diagnostics, code, span, "%.*s", (int)text.length, text.text);
    text_fini(&message);
    return d;
}

void builder_too_deep(Builder *build, Span span) {
    if (build->too_deep) return;
    build->too_deep = 1;
    Diagnostic *d = builder_error(build, CODE_TOO_DEEP, span, "nested too deep: %d levels are the limit", TREE_DEPTH_LIMIT);
    if (d != NULL) diag_help(build->diagnostics, d, "give parts of it names with `let`, or put them into a list");
}

/* ---- lists ---- */

static const uint8_t item_sizes[LIST_KIND_COUNT] = {
    [LIST_EXPR] = sizeof(const Expr *), [LIST_ENTRY] = sizeof(Entry), [LIST_ARGUMENT] = sizeof(Argument),
    [LIST_PART] = sizeof(TextPart), [LIST_GENERATOR] = sizeof(const Generator *), [LIST_TYPE] = sizeof(const TypeExpr *),
    [LIST_FIELD] = sizeof(const FieldDecl *), [LIST_DECL] = sizeof(const Decl *),
};

List list_none(Builder *build, ListKind kind) { return (List){build->stacks[kind].count, 0}; }

static List list_add(Builder *build, ListKind kind, List list, const void *item) {
    ListStack *stack = &build->stacks[kind];
    size_t size = item_sizes[kind];
    uint32_t at = list.start + list.count;
    if (at == stack->capacity) stack->bytes = arena_grow(build->arena, stack->bytes, &stack->capacity, size);
    memcpy(stack->bytes + at * size, item, size);
    stack->count = at + 1;
    return (List){list.start, list.count + 1};
}

void *build_finish(Builder *build, ListKind kind, List list) {
    ListStack *stack = &build->stacks[kind];
    stack->count = list.start;
    if (list.count == 0) return NULL;
    size_t size = item_sizes[kind];
    void *items = arena_alloc(build->arena, list.count * size);
    memcpy(items, stack->bytes + list.start * size, list.count * size);
    return items;
}

DeclList decls_finish(Builder *build, List list) {
    return (DeclList){(const Decl *const *)build_finish(build, LIST_DECL, list), list.count};
}

const FieldDecl *fields_finish(Builder *build, List list) {
    const FieldDecl **items = build_finish(build, LIST_FIELD, list);
    FieldDecl *fields = list.count == 0 ? NULL : ARENA_ARRAY(build->arena, FieldDecl, list.count);
    for (uint32_t i = 0; i < list.count; i++) fields[i] = *items[i];
    return fields;
}

List exprs_add(Builder *build, List list, const Expr *expr) { return list_add(build, LIST_EXPR, list, &expr); }
List entries_add(Builder *build, List list, Entry entry) { return list_add(build, LIST_ENTRY, list, &entry); }
List arguments_add(Builder *build, List list, Argument argument) { return list_add(build, LIST_ARGUMENT, list, &argument); }
List generators_add(Builder *build, List list, const Generator *generator) { return list_add(build, LIST_GENERATOR, list, &generator); }
List types_add(Builder *build, List list, const TypeExpr *type) { return list_add(build, LIST_TYPE, list, &type); }
List fields_add(Builder *build, List list, const FieldDecl *field) { return list_add(build, LIST_FIELD, list, &field); }
List decls_add(Builder *build, List list, const Decl *decl) { return list_add(build, LIST_DECL, list, &decl); }

List parts_add_text(Builder *build, List list, Span span) { return parts_add_hole(build, list, span, NULL); }

List parts_add_hole(Builder *build, List list, Span span, const Expr *hole) {
    TextPart part = {span, hole};
    return list_add(build, LIST_PART, list, &part);
}

SchemaItems schema_items_none(Builder *build) { return (SchemaItems){list_none(build, LIST_FIELD), list_none(build, LIST_DECL)}; }

SchemaItems schema_add_field(Builder *build, SchemaItems items, const FieldDecl *field) {
    items.fields = fields_add(build, items.fields, field);
    return items;
}

SchemaItems schema_add_rule(Builder *build, SchemaItems items, const Decl *rule) {
    items.rules = decls_add(build, items.rules, rule);
    return items;
}

/* ---- documentation ---- */

/* The text of `///` lines: what stands between them is no documentation. */
static Str doc_text(Builder *build, const DocComment *doc) {
    const char *bytes = build->source->bytes.text;
    char *text = arena_text(build->arena, doc->end - doc->start + 1);
    size_t length = 0;
    for (uint32_t at = doc->start; at < doc->end;) {
        const char *newline = memchr(bytes + at, '\n', doc->end - at);
        uint32_t end = newline != NULL ? (uint32_t)(newline - bytes) : doc->end;
        uint32_t next = end + 1;
        while (at < end && (bytes[at] == ' ' || bytes[at] == '\t')) at++;
        int is_doc = end - at >= 3 && memcmp(bytes + at, "///", 3) == 0 && (end - at == 3 || bytes[at + 3] != '/');
        if (is_doc) {
            at += 3;
            if (at < end && bytes[at] == ' ') at++;
            while (end > at && (bytes[end - 1] == ' ' || bytes[end - 1] == '\t' || bytes[end - 1] == '\r')) end--;
            if (length > 0) text[length++] = '\n';
            memcpy(text + length, bytes + at, end - at);
            length += end - at;
        }
        at = next;
    }
    return (Str){text, length};
}

Str build_doc(Builder *build, uint32_t start) {
    uint32_t low = 0, high = build->docs.count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (build->docs.items[middle].target < start) low = middle + 1;
        else high = middle;
    }
    if (low == build->docs.count || build->docs.items[low].target != start) return STR("");
    return doc_text(build, &build->docs.items[low]);
}
