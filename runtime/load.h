/* Reads the files that a site is made of, and others that the command line names. */
#ifndef PHX_RUNTIME_LOAD_H
#define PHX_RUNTIME_LOAD_H

#include "compiler/session.h"
#include "runtime/root.h"

enum {
    LOAD_PHX_LIMIT = 64 << 20,
    LOAD_DATA_LIMIT = 256 << 20
};

/* Where imports are looked up. Modules stand in the folder of the main file or below it: they are code, and a site that is
   copied or reviewed should hold all of its own. Data may lie anywhere. */
typedef struct Load {
    Arena *arena;
    Root root;                  /* the folder of the main file, once that is known */
    Str embedded_name;          /* a main file that is carried in the program; empty: none */
    Str embedded;
    Str prefix;                 /* its name as written, with a '/' at the end; empty: the current folder */
} Load;

void load_init(Load *load, Arena *arena);
void load_fini(Load *load);
/* From now on a main file of this name is this text. What it imports is looked up as if it stood in the current folder. */
void load_embed(Load *load, Str name, Str text);
/* The loader of a session; the first thing it is asked for is the main file. A module is named by its path from the current folder,
   data by the path as written, seen from the file that imports it. */
Loader load_loader(Load *load);

/* The content of the file [path] (of the system, following links), in the arena; "-" is standard input. */
LoadStatus load_file(Arena *arena, Str path, size_t limit, Str *bytes, Str *problem);

/* The absolute form of a path of the current folder; empty with errno where there is none. */
Str load_absolute(Arena *arena, Str path);

#endif
