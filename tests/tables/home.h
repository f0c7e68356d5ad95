/* Which schema speaks for which command of the tables, and which of its attributes for which parameter. */
#ifndef PHX_TESTS_TABLES_HOME_H
#define PHX_TESTS_TABLES_HOME_H

#include "compiler/state.h"
#include "tests/tables/table.h"

typedef struct Home {
    const char *tool, *command;
    const char *schema;         /* "pve.lxc" */
    const char *part;           /* the attribute whose elements the parameters describe, "groups.rules" where it lies deeper; NULL: the schema itself */
    const char *word;           /* how the schema calls the command in `flags`; NULL: its rules write every word themselves */
} Home;

/* What speaks for a parameter. */
typedef struct Spoken {
    const TypeField *attribute; /* NULL: nothing */
    int by_flag;                /* the command's options are written from it, not by a rule's own words */
} Spoken;

const Home *homes(uint32_t *count);
/* A session with the embedded library and no site; NULL after its diagnostics were printed. */
Session *library_open(void);
const Schema *library_schema(Session *session, const char *name);
/* The attribute, or field of [part], that has the parameter's name. */
Spoken home_speaks(Session *session, const Home *home, const Parameter *parameter);
/* Is the sub-key written and read by a field, a head or a variant of the type? */
int type_has_key(const Type *type, const Parameter *parameter, const Parameter *key);

#endif
