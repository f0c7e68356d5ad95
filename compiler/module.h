/* Sources to modules: loading, imports, and the names each declares. */
#ifndef PHX_COMPILER_MODULE_H
#define PHX_COMPILER_MODULE_H

#include "compiler/instance.h"

/* `import ... as NAME` */
typedef struct ModuleImport {
    const Name *name;
    struct Module *module;
} ModuleImport;

/* A file; imported with other arguments it is another module. */
typedef struct Module {
    Str name;               /* of its source */
    const Tree *tree;
    Scope *scope;
    Scope *visible;         /* what importers see: its outputs, and all it declares */
    const struct Module *importer;  /* the first that imported it, by */
    const Decl *import;     /* this declaration; NULL for the site's main file */
    const Frame *frame;
    Block *block;
    VECTOR(ModuleImport) imports;
    uint32_t level;         /* imports between it and the site, plus one; 0: not known yet */
    uint8_t state;          /* a ThunkState: RUNNING while its imports are read */
} Module;

/* Declares what stands at the top of a file and can stand nowhere else; and the tags of the types in it. */
void declare_top(Session *session, Scope *scope, const Frame *frame, const Decl *decl);
void tags_declare(Session *session, const Decl *decl);
/* Parses the site and all it imports. NULL after a report that leaves nothing to check. */
Module *modules_load_site(Session *session, Str path);
/* The same, once, of the session's site. 0 where there is nothing to go on with. */
int site_parse(Session *session, Str path);
/* Reads the data of every `import json`, by its declared type. */
void modules_load_data(Session *session);
/* Completes schemas, gives parameters their settings. */
void modules_complete(Session *session);

/* Do two imports of one file, each in its module, mean the same module? Where their arguments are written alike: literals anywhere, names
   in one module only. */
int arguments_alike(const Module *importer, const Decl *import, const Module *other_importer, const Decl *other);
/* Gives the parameters of a module what its import says; reports what is missing, unknown or written twice. */
void arguments_bind(Session *session, Module *module);

/* Can it be given from outside: a parameter or a fact? */
int takes_setting(const Binding *binding);

/* Adds what was meant by a name that can't be set. */
void settings_suggest(Session *session, Diagnostic *diagnostic, Str wanted);

/* Every name in every tree stands for something; functions do not call themselves (check_names.c). */
void names_check(Session *session, const Module *module);
/* The same for one expression in the module's scope. */
void names_check_expression(Session *session, const Module *module, const Expr *expr);

/* What a word of a question means: a name where the main file stands, MODULE.NAME, or what an imported file declares under it, as types are called in
   plans. NULL where there is none. */
Binding *word_find(Session *session, Str word);
/* Offers the names that imported files declare. */
void word_suggest(Session *session, Suggestion *suggestion);

#endif
