/* The command line: one table of commands, one of options, from which parsing, help and completion are made. */
#ifndef PHX_RUNTIME_OPTIONS_H
#define PHX_RUNTIME_OPTIONS_H

#include "compiler/plan.h"
#include "lang/text.h"

typedef enum CommandId {
    COMMAND_ID_CHECK, COMMAND_ID_PLAN, COMMAND_ID_APPLY, COMMAND_ID_UNDO, COMMAND_ID_RUNS, COMMAND_ID_DRIFT, COMMAND_ID_INSPECT, COMMAND_ID_TEST,
    COMMAND_ID_FMT, COMMAND_ID_EXPLAIN, COMMAND_ID_WHY, COMMAND_ID_EVAL, COMMAND_ID_GRAPH, COMMAND_ID_EXPORT, COMMAND_ID_SCHEMA, COMMAND_ID_IMPORT,
    COMMAND_ID_ADOPT, COMMAND_ID_DOCTOR, COMMAND_ID_COMPLETION, COMMAND_ID_HELP, COMMAND_ID_VERSION, COMMAND_ID_COUNT
} CommandId;

typedef enum PlanFormat { FORMAT_TEXT, FORMAT_JSON, FORMAT_MARKDOWN } PlanFormat;
typedef enum GraphFormat { GRAPH_TREE, GRAPH_DOT, GRAPH_MERMAID, GRAPH_JSON } GraphFormat;
typedef enum Choice { CHOICE_AUTO, CHOICE_ALWAYS, CHOICE_NEVER } Choice;
typedef enum DetailedExit { DETAILED_NO, DETAILED_CHANGES, DETAILED_RISK } DetailedExit;

/* Exit codes, the same for every command. */
enum {
    EXIT_OK = 0, EXIT_ERROR = 1, EXIT_CHANGES = 2, EXIT_RISK = 3, EXIT_DENIED = 4, EXIT_STALE = 5, EXIT_PARTLY = 6, EXIT_LOCKED = 7,
    EXIT_USAGE = 64, EXIT_INTERRUPTED = 130
};

typedef VECTOR(Str) Strs;
typedef struct Setting { Str name; Str text; } Setting;

/* What was asked for. Everything lives in the arena or is part of argv. */
typedef struct Options {
    CommandId command;
    int help;                   /* --help: only tell about the command */
    Strs operands;
    Strs hosts;
    Str facts;                  /* empty: look at the hosts; "none": an empty host */
    VECTOR(Setting) settings;
    Strs errors;
    Strs silenced;
    Strs shown;
    PlanFormat format;
    int format_said;            /* by --format; else a file of --output whose name ends in .json is written as JSON */
    GraphFormat graph_format;
    Str as;                     /* of import: the type of a JSON value; empty: none is named */
    int schema;                 /* of import: the file is a JSON Schema */
    Str site;                   /* of adopt: the name of the new site; empty: none is given */
    Str output;                 /* empty: standard output */
    DetailedExit detailed;
    Strs adopt, allow, only, skip;
    int prune;
    int gates;
    RiskClass snapshot_before;
    int undo;
    int provenance;
    int undo_failed_phase;
    int no_commands;
    int yes;
    int events;
    int check;                  /* of fmt */
    uint32_t jobs;
    int64_t lock_timeout_ms;
    Choice colour;
    int json_diagnostics;
} Options;

/* Fills [options] from the command line. 1, or 0 with what is wrong, for people, in [problem]: then the exit code is EXIT_USAGE. */
int options_parse(Options *options, Arena *arena, int argc, char **argv, Text *problem);

/* What `phxc help`, or `phxc COMMAND --help`, prints. */
void options_help(Text *out);
void options_help_command(CommandId command, Text *out);
/* The command of a name; -1 where there is none. */
int options_command_find(Str name);
/* What the shells complete: the words of `|` choices, what operands are, and everything else that stands in the two tables. */
const char *options_command_name(CommandId command);
const char *options_command_operands(CommandId command);
const char *options_command_help(CommandId command);
typedef struct OptionWords {
    char letter;                /* 0: none */
    const char *name;
    const char *argument;       /* NULL: takes none; in brackets: only as --name=VALUE, and may be left out */
    const char *help;
} OptionWords;
/* The options that a command takes, one after another; 0 when there is none any more. [at] begins with 0. */
int options_next(CommandId command, uint32_t *at, OptionWords *words);

#endif
