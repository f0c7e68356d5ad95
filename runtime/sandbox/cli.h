// Reads a command line as the real programs do: Getopt::Long with its abbreviations, then their parameter checks.
#ifndef PHX_SANDBOX_CLI_H
#define PHX_SANDBOX_CLI_H

#include "host.h"
#include "options.h"

/// A command line that was understood.
typedef struct Args {
    Pairs values;        // full name -> value; booleans are "0" or "1"; positionals too
    Words extra;         // what `exec` passes on
    const char *usage;   // for the error texts of later checks
} Args;

/// What differs between the programs that read parameters this way.
typedef struct Cli {
    const char *title;   // "pct set", as the usage shows it
    const char *usage;   // the whole usage line if it is not the usual one, else NULL
    Pairs fixed;         // parameters that are given by other means (the path of pvesh): no flags
    const char *implied; // a flag that the command itself sets (`pct restore` is a create with restore=1); or NULL
    const char *file;    // a parameter that names a file here, and is that file's contents for what follows; or NULL
} Cli;

/// Reads [arguments] (what follows the sub-command) for [set]. Prints the error of the real programs and leaves with
/// 2 if they do not fit.
Args cli_parse(Host *host, const OptionSet *set, const Cli *cli, int count, char **arguments);

/// Leaves as the real programs do when a parameter turns out wrong later: "400 Parameter verification failed."
_Noreturn void cli_refuse(Host *host, const Args *args, const char *name, const char *reason);

/// The value of a parameter, or NULL. cli_has_flag: is that boolean given and true?
const char *cli_get(const Args *args, const char *name);
bool cli_has_flag(const Args *args, const char *name);

/// What a sub-command takes before it begins (taken.h).
typedef enum Takes { TAKES_NOTHING, TAKES_CONTAINER, TAKES_MACHINE, TAKES_STORAGES } Takes;

/// A program's sub-command: its function leaves the exit code.
typedef struct CliCommand {
    const char *name;
    int (*run)(Host *host, const Args *args);
    Takes takes;
} CliCommand;

/// Runs the sub-command [name] of those; false if it is none of them.
bool cli_call(Host *host, const CliCommand *commands, size_t count, const char *name, const Args *args, int *code);

/// Runs the sub-command of [tool] that the host's arguments name, from [commands]. Knows abbreviations and what to say
/// for a command that does not exist, or that the sandbox does not model.
int cli_run(Host *host, const char *tool, const CliCommand *commands, size_t count);

#endif
