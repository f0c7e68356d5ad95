/* What there is, a line each: resource types, functions, checks, codes. */
#include "compiler/explain.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/call.h"
#include "compiler/findings.h"
#include "compiler/library.h"
#include "compiler/state.h"

/* One line of a list. */
typedef struct ListEntry { Str name; Str text; } ListEntry;
typedef VECTOR(ListEntry) ListEntries;

/* On one line. A sentence ends where a capital letter begins the next one: not behind `e.g.`. */
static Str first_sentence(Session *session, Str text) {
    size_t length = text.length;
    for (size_t i = 0; i + 2 < text.length && length == text.length; i++) {
        char behind = text.text[i + 1], next = text.text[i + 2];
        if (text.text[i] == '.' && (behind == ' ' || behind == '\n') && (next == '\n' || (next >= 'A' && next <= 'Z')))
            length = i + 1;
    }
    char *line = arena_text(session->arena, length);
    for (size_t i = 0; i < length; i++)
        line[i] = text.text[i] == '\n' ? ' ' : text.text[i];
    return (Str){line, length};
}

static void add(Session *session, ListEntries *entries, Str name, Str text) {
    ListEntry entry = {name, first_sentence(session, text)};
    VECTOR_PUSH(session->arena, entries, entry);
}

static int entry_order(const void *a, const void *b) {
    return str_compare(((const ListEntry *)a)->name, ((const ListEntry *)b)->name);
}

/* Names in a column, as wide as most of them. */
static void print(const char *title, const ListEntries *entries, Text *out) {
    enum { WIDEST = 30 };
    size_t width = 0;
    for (uint32_t i = 0; i < entries->count; i++)
        if (entries->items[i].name.length <= WIDEST && entries->items[i].name.length > width)
            width = entries->items[i].name.length;
    text_addf(out, "%s\n\n", title);
    for (uint32_t i = 0; i < entries->count; i++) {
        const ListEntry *entry = &entries->items[i];
        text_add_literal(out, "  ");
        text_add(out, entry->name);
        text_add_repeat(out, ' ', entry->text.length == 0 ? 0 : entry->name.length < width ? width - entry->name.length + 2 : 2);
        text_add(out, entry->text);
        text_add_char(out, '\n');
    }
}

static void list_types(Session *session, Text *out) {
    ListEntries entries = {0};
    for (uint32_t i = 0; i < session->schemas.count; i++)
        add(session, &entries, name_str(session->schemas.items[i]->name), decl_doc(library_decl(session, session->schemas.items[i]->decl)));
    print("Resource types:", &entries, out);
}

/* Those in C, then what the library and the site declare and document. */
static void list_functions(Session *session, Text *out) {
    ListEntries entries = {0}, declared = {0};
    library_read(session);
    for (uint32_t i = 0; builtin_at(session, i); i++)
        add(session, &entries, str_of(builtin_at(session, i)->name), str_of(builtin_at(session, i)->doc));
    for (int site = 0; site < 2; site++) {
        const Scope *scope = site ? session->site_scope : session->prelude;
        for (uint32_t i = 0; scope && i < scope_count(scope); i++) {
            const Name *name;
            const Binding *binding = scope_at(scope, i, &name);
            /* What has a dot in its name is there for the schemas of the library. */
            if (binding->kind == BINDING_FUNCTION && decl_doc(binding->decl).length && (site || !strchr(name->text, '.')))
                add(session, &declared, name_str(name), decl_doc(binding->decl));
        }
    }
    if (entries.count)
        qsort(entries.items, entries.count, sizeof *entries.items, entry_order);
    print("Functions:", &entries, out);
    print("\nFunctions that are written in phx:", &declared, out);
}

typedef struct CheckList {
    Session *session;
    ListEntries entries;
} CheckList;

static void check_visit(void *context, Str name, Str severity, Str text) {
    CheckList *list = context;
    add(list->session, &list->entries, name, arena_printf(list->session->arena, "%-8s %.*s", severity.text, (int)text.length, text.text));
}

static void list_checks(Session *session, Text *out) {
    CheckList list = {.session = session};
    findings_each(session, check_visit, &list);
    qsort(list.entries.items, list.entries.count, sizeof *list.entries.items, entry_order);
    print("Checks over the whole site, switched by -W, -E, -A and `ignore`:", &list.entries, out);
}

static void list_codes(Session *session, Text *out) {
    ListEntries entries = {0};
    for (int code = 0; code < CODE_COUNT; code++) {
        const CodeInfo *info = code_info((Code)code);
        add(session, &entries, arena_printf(session->arena, "%s %s", info->id, info->slug), str_of(info->title));
    }
    if (entries.count)
        qsort(entries.items, entries.count, sizeof *entries.items, entry_order);
    print("Codes of errors and warnings:", &entries, out);
}

int explain_list(Session *session, Str word, Text *out) {
    static const struct { const char *word; void (*list)(Session *session, Text *out); } lists[] = {
        {"types", list_types}, {"functions", list_functions}, {"checks", list_checks}, {"codes", list_codes},
        {"reference", explain_reference},
    };
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (str_equal(word, str_of(lists[i].word))) {
            lists[i].list(session, out);
            return 1;
        }
    return 0;
}
