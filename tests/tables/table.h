/* The parameter tables of Proxmox's programs: what each command takes. */
#ifndef PHX_TESTS_TABLES_TABLE_H
#define PHX_TESTS_TABLES_TABLE_H

#include "tests/tables/pattern.h"

typedef struct Parameter Parameter;
struct Parameter {
    const char *name;               /* "memory"; of a family "net[n]" */
    const char *type;               /* "boolean" "integer" "number" "string" "array" */
    const char *format;             /* or NULL */
    const Pattern *pattern;         /* or NULL */
    const char *const *values;      /* the enum, or NULL */
    uint32_t value_count;
    double minimum, maximum;        /* NAN: none */
    int64_t shortest, longest;      /* -1: none */
    int64_t first, last;            /* of a family, else -1 */
    int optional;
    int is_list;                    /* may be given several times */
    int position;                   /* of a positional, else -1 */
    const char *fallback;           /* the default as it stands there, or NULL */
    const char *requires;           /* another one that must be there too, or NULL */
    const Parameter *keys;          /* sub-keys of a property string */
    uint32_t key_count;
    int is_default_key;             /* a sub-key whose name may be left out */
    const char *alias;              /* this sub-key is another spelling of that one; or NULL */
    const char *key_alias;          /* and its name is the value of that one; or NULL */
};

typedef struct TableCommand {
    const char *tool;               /* "pct", "pvesh" */
    const char *name;               /* "set", "disk import"; of pvesh "PUT /cluster/firewall/options" */
    const Parameter *parameters;
    uint32_t count;
} TableCommand;

typedef struct Tables {
    Arena *arena;
    VECTOR(TableCommand) commands;       /* those that only point at another have the other's parameters */
} Tables;

/* Reads pct.json, qm.json, pvesm.json and pvesh.json of a folder; NULL after a message on stderr. */
Tables *tables_read(Arena *arena, const char *folder);
/* Makes a parameter of a command optional; one that the table lacks becomes a text. */
void tables_amend(Tables *tables, TableCommand *command, const char *name);
/* NULL where there is none. */
const TableCommand *tables_command(const Tables *tables, const char *tool, const char *name);
/* The command that the words of an argv begin with: "disk", "import" is one of two. [taken]: how many words were its name. */
const TableCommand *tables_command_of(const Tables *tables, const char *tool, const char *const *words, uint32_t count, uint32_t *taken);
/* By the name as it stands on a command line: of "net3" the family. NULL where there is none. */
const Parameter *table_parameter(const TableCommand *command, const char *name);
/* The positional number [position], or NULL. */
const Parameter *table_positional(const TableCommand *command, uint32_t position);
/* A sub-key by its name, aliases included; NULL where there is none. */
const Parameter *parameter_key(const Parameter *parameter, const char *name);

#endif
