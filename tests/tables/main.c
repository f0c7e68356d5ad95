/* Proxmox's parameter tables against the schemas and against plans: `tables coverage`, `tables argv PLAN...`, `tables agree`, `tables site`. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/lookup.h"
#include "tests/tables/agree.h"
#include "tests/tables/argv.h"
#include "tests/tables/coverage.h"
#include "tests/tables/site.h"

enum { EXIT_USAGE = 64 };

static Tables *tables_find(Arena *arena) {
    const char *folder = getenv("PHX_FACTS_DIR");
    if (!folder) {
        fputs("tables: PHX_FACTS_DIR names no folder\n", stderr);
        return NULL;
    }
    return tables_read(arena, arena_printf(arena, "%s/pve", folder).text);
}

/* What the tables are told beside themselves. A command is known by its name, in which the row has `*` for a blank. */
static int tables_complete(Arena *arena, Tables *tables) {
    Rows amended;
    if (!rows_read(arena, "tests/tables/amended", 3, &amended))
        return 0;
    for (uint32_t i = 0; i < amended.rows.count; i++)
        for (uint32_t c = 0; c < tables->commands.count; c++) {
            Row *row = &amended.rows.items[i];
            TableCommand *command = &tables->commands.items[c];
            if (strcmp(row->columns[0], command->tool) || !rows_describe(row->columns[1], command->name))
                continue;
            tables_amend(tables, command, row->columns[2]);
            row->used = 1;
        }
    return !rows_stale(&amended);
}

/* ---- argv ---- */

static int seen_write(const Seen *seen, const char *path) {
    FILE *file = fopen(path, "w");
    if (!file) {
        perror(path);
        return 0;
    }
    for (uint32_t i = 0; i < seen->lines.count; i++)
        fprintf(file, "%s\n", seen->lines.items[i]);
    return fclose(file) == 0;
}

static int plan_read(const Tables *tables, const char *path, Seen *seen, ArgvCount *count) {
    FILE *plan = fopen(path, "r");
    int is_plan = plan && plan_check(tables, plan, path, seen, count);
    if (!is_plan)
        printf("FAIL %s: no plan\n", path);
    if (plan)
        fclose(plan);
    return is_plan;
}

/* tables argv [--seen FILE] PLAN...: what the commands of the plans say is written to FILE. */
static int run_argv(Arena *arena, const Tables *tables, char **arguments) {
    Seen seen = {.arena = arena, .known = lookup_new(arena)};
    ArgvCount count = {0};
    const char *path = NULL;
    int sound = 1;
    if (arguments[0] && !strcmp(arguments[0], "--seen") && arguments[1]) {
        path = arguments[1];
        arguments += 2;
    }
    for (; *arguments; arguments++)
        sound = plan_read(tables, *arguments, &seen, &count) && sound;
    sound = (!path || seen_write(&seen, path)) && sound;
    printf("%u argv, %u rejected\n", count.commands, count.rejected);
    return sound && !count.rejected ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* ---- coverage ---- */

static int seen_read(Arena *arena, const char *path, Lookup *seen) {
    char line[1024];
    FILE *file = fopen(path, "r");
    if (!file) {
        perror(path);
        return 0;
    }
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        *lookup_slot(seen, arena_str(arena, str_of(line))) = 1;
    }
    fclose(file);
    return 1;
}

/* tables coverage SEEN: a file as `tables argv --seen` writes it. */
static int run_coverage(Arena *arena, const Tables *tables, char **arguments) {
    Rows left_out, by_rule;
    Lookup *seen = lookup_new(arena);
    if (!arguments[0] || !seen_read(arena, arguments[0], seen))
        return EXIT_USAGE;
    Session *session = library_open();
    if (!session || !rows_read(arena, "tests/tables/left_out", 3, &left_out) || !rows_read(arena, "tests/tables/by_rule", 3, &by_rule))
        return EXIT_FAILURE;
    uint32_t failures = coverage_print(session, tables, &left_out, &by_rule, seen);
    session_close(session);
    return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* tables agree */
static int run_agree(Arena *arena, const Tables *tables) {
    Rows exceptions;
    Session *session = library_open();
    if (!session || !rows_read(arena, "tests/tables/exceptions", 4, &exceptions))
        return EXIT_FAILURE;
    uint32_t failures = agreement_print(session, tables, &exceptions);
    session_close(session);
    return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* tables site STRUCTURE SEED COUNT [facts] */
static int run_site(char **arguments, int count) {
    SiteOptions options = {0};
    if (count < 3)
        return EXIT_USAGE;
    options = (SiteOptions){strtoull(arguments[0], NULL, 10), strtoull(arguments[1], NULL, 10), (uint32_t)strtoul(arguments[2], NULL, 10), count > 3};
    Session *session = options.count >= 100 ? library_open() : NULL;
    if (!session)
        return EXIT_USAGE;
    site_print(session, &options, stdout);
    session_close(session);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv) {
    Arena *arena = arena_open();
    int makes_site = argc > 1 && !strcmp(argv[1], "site");
    Tables *tables = argc > 1 && !makes_site ? tables_find(arena) : NULL;
    int code = EXIT_USAGE;
    if (tables && !tables_complete(arena, tables))
        tables = NULL;
    if (makes_site)
        code = run_site(argv + 2, argc - 2);
    else if (tables && !strcmp(argv[1], "argv"))
        code = run_argv(arena, tables, argv + 2);
    else if (tables && !strcmp(argv[1], "coverage"))
        code = run_coverage(arena, tables, argv + 2);
    else if (tables && !strcmp(argv[1], "agree"))
        code = run_agree(arena, tables);
    else if (argc < 2)
        fputs("usage: tables argv [--seen FILE] PLAN... | coverage SEEN | agree | site STRUCTURE SEED COUNT [facts]\n", stderr);
    arena_close(arena);
    return code;
}
