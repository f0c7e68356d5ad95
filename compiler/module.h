/* Sources to modules: loading, imports, and the names each declares. */
#ifndef PHX_COMPILER_MODULE_H
#define PHX_COMPILER_MODULE_H

#include "compiler/instance.h"

/* `import ... as NAME` */
typedef struct ModuleImport {
    const Name *name;
    struct Module *module;
} ModuleImport;

typedef struct Module {
    Str name;               /* of its source */
    const Tree *tree;
    Scope *scope;
    const Frame *frame;
    Block *block;
    VECTOR(ModuleImport) imports;
    uint32_t level;         /* imports between it and the site, plus one; 0: not known yet */
    uint8_t state;          /* a ThunkState: RUNNING while its imports are read */
} Module;

/* Parses the embedded sources and declares their names in the prelude. 0 after a report. */
int modules_load_stdlib(Session *session);
/* Parses the site and all it imports. NULL after a report that leaves nothing to check. */
Module *modules_load_site(Session *session, Str path);
/* Reads the data of every `import json`, by its declared type. */
void modules_load_data(Session *session);
/* Completes schemas, gives parameters their settings. */
void modules_complete(Session *session);

/* Every name in every tree stands for something; functions do not call themselves (check_names.c). */
void names_check(Session *session, const Module *module);
/* The same for one expression in the module's scope. */
void names_check_expression(Session *session, const Module *module, const Expr *expr);
/* What all schemas and types of the embedded library say is checked only when asked: it is the same in every run. */
void names_check_stdlib(Session *session);

#endif
