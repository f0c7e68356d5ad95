/* Every parameter, down to the sub-keys of property strings: typed by an attribute, written by a rule, or left out for a reason. */
#include "tests/tables/coverage.h"

#include <stdio.h>
#include <string.h>


typedef struct Figures {
    const char *tool;
    uint32_t total, attributes, rules, left_out, unexplained;
} Figures;

typedef struct Coverage {
    Session *session;
    Arena *arena;
    Rows *left_out, *by_rule;
    const Lookup *seen;
    Figures figures;
} Coverage;

static void parameter_count(Coverage *c, const Home *home, const char *name, int by_attribute) {
    const char *texts[] = {home->tool, home->command, name};
    Row *row;
    c->figures.total++;
    if (by_attribute) {
        c->figures.attributes++;
    } else if ((row = rows_find(c->by_rule, texts))) {
        const char *line = arena_printf(c->arena, "%s %s %s", home->tool, home->command, name).text;
        c->figures.rules++;
        row->proven |= lookup_get(c->seen, str_of(line)) != 0;
    } else if (rows_find(c->left_out, texts)) {
        c->figures.left_out++;
    } else {
        printf("FAIL %s %s %s: nothing types it, and left_out has no reason\n", home->tool, home->command, name);
        c->figures.unexplained++;
    }
}

/* Where nothing speaks for the parameter, nothing does for its sub-keys. */
static void keys_count(Coverage *c, const Home *home, const Parameter *p, const TypeField *attribute) {
    for (uint32_t i = 0; i < p->key_count; i++) {
        const Parameter *key = &p->keys[i];
        if (key->alias)
            continue;
        const char *name = arena_printf(c->arena, "%s.%s", p->name, key->name).text;
        if (attribute) {
            parameter_count(c, home, name, type_has_key(attribute->type, p, key));
        } else {
            c->figures.total++;
            c->figures.left_out++;
        }
    }
}

static void home_count(Coverage *c, const Tables *tables, const Home *home) {
    const TableCommand *command = tables_command(tables, home->tool, home->command);
    if (!command) {
        printf("FAIL there is no table for %s %s\n", home->tool, home->command);
        c->figures.unexplained++;
        return;
    }
    for (uint32_t i = 0; i < command->count; i++) {
        const Parameter *p = &command->parameters[i];
        Spoken spoken = home_speaks(c->session, home, p);
        parameter_count(c, home, p->name, spoken.by_flag);
        keys_count(c, home, p, spoken.attribute);
    }
}

static uint32_t figures_print(Coverage *c) {
    const Figures *f = &c->figures;
    if (f->tool)
        printf("%s: %u/%u typed (%u by attributes, %u by rules), %u left out with a reason, %u unexplained\n", f->tool, f->attributes + f->rules, f->total,
               f->attributes, f->rules, f->left_out, f->unexplained);
    return f->unexplained;
}

uint32_t coverage_print(Session *session, const Tables *tables, Rows *left_out, Rows *by_rule, const Lookup *seen) {
    Coverage coverage = {.session = session, .arena = tables->arena, .left_out = left_out, .by_rule = by_rule, .seen = seen};
    uint32_t count, failures = 0;
    const Home *all = homes(&count);
    for (uint32_t i = 0; i < count; i++) {
        if (!coverage.figures.tool || strcmp(coverage.figures.tool, all[i].tool)) {
            failures += figures_print(&coverage);
            coverage.figures = (Figures){.tool = all[i].tool};
        }
        home_count(&coverage, tables, &all[i]);
    }
    failures += figures_print(&coverage);
    for (uint32_t i = 0; i < by_rule->rows.count; i++) {
        const Row *row = &by_rule->rows.items[i];
        if (!row->used || row->proven)
            continue;
        printf("FAIL %s:%d: no command has what a rule is said to write: %s %s %s\n", by_rule->path, row->line, row->columns[0], row->columns[1], row->columns[2]);
        failures++;
    }
    return failures + rows_stale(left_out) + rows_stale(by_rule);
}
