// The units of systemd in a machine: their files, and what state they are in since it was started.
#ifndef PHX_SANDBOX_UNITS_H
#define PHX_SANDBOX_UNITS_H

#include "host.h"

#include <time.h>

typedef enum UnitLoad { UNIT_LOADED, UNIT_NOT_FOUND, UNIT_MASKED, UNIT_BAD } UnitLoad;

typedef struct Unit {
    const char *name;        // "docker.service"; an alias is followed
    UnitLoad load;
    const char *fragment;    // its file; NULL if there is none
    Words dropins;
    const char *disk_text;   // what these say now
    const char *text;        // what systemd goes by: what they said when it was started, or at the last daemon-reload
    Pairs settings;          // of `text`: "Service.ExecStart" -> value; lists have a pair for each
    const char *active, *sub, *result;   // "active", "running", "success"
    int status;              // of the main program, once it has ended
    long pid;
    struct timespec since;   // when it last changed; 0: never
    long starts;             // how often it was started
} Unit;

/// Reads the unit [name] ("docker" is docker.service) and its state.
Unit unit_load(Host *host, const char *name);

/// A number for the [starts]-th start of the unit: nothing is random, so that one host comes out like another.
const char *unit_invocation(Host *host, const Unit *unit);

/// Writes the state down, with the moment in `since`: it lasts until the machine is started anew.
void unit_save(Host *host, const Unit *unit);

/// The same for a state that is a new one as of now.
void unit_change(Host *host, Unit *unit);

/// The last value of a setting, or [otherwise]; every value of a list.
const char *unit_get(const Unit *unit, const char *setting, const char *otherwise);
Words unit_list(Host *host, const Unit *unit, const char *setting);

/// Did its files change after they were read?
bool unit_needs_reload(const Unit *unit);

/// "enabled", "disabled", "static", "masked", ...; NULL if there is no such file.
const char *unit_file_state(Host *host, const Unit *unit);

/// Takes a command of a unit apart: words, quotes and specifiers (%i, %n).
Words unit_split_command(Host *host, const Unit *unit, const char *command);

/// The names of all units with a file, and of all that have a state.
Words unit_names(Host *host);
Words unit_names_with_state(Host *host);

// ---- what is done with them ----

typedef enum UnitResult {
    UNIT_OK,
    UNIT_FAILED,          // a program of it ended with an error
    UNIT_MISSING,         // no such unit; which one is in *about
    UNIT_IS_MASKED,
    UNIT_IS_BAD,
    UNIT_NOT_ACTIVE,      // nothing to reload
    UNIT_NO_RELOAD,       // it has no ExecReload
    UNIT_NEED_FAILED      // a unit that it requires did not start
} UnitResult;

UnitResult units_start(Host *host, const char *name, const char **about);
UnitResult units_stop(Host *host, const char *name, const char **about);
UnitResult units_reload(Host *host, const char *name, const char **about);

/// Makes the links of [Install]; prints each unless [quiet]. Returns how many settings there were.
size_t units_enable(Host *host, const Unit *unit, bool quiet);
void units_disable(Host *host, const Unit *unit, bool quiet);

/// Makes systemd go by what the files say now.
void units_reload_all(Host *host);

/// The machine starts: what is in /run is gone, what is enabled runs. units_boot_node starts what a new node has.
void units_boot(Host *host);
void units_boot_node(Host *host);

/// What packages do: nothing is printed, and a service that does not start is no error of theirs.
void units_enable_quietly(Host *host, const char *name);
void units_start_quietly(Host *host, const char *name);
void units_remove_quietly(Host *host, const char *name);

int systemctl_main(Host *host);
int journalctl_main(Host *host);

/// Parts of systemctl: `show` of these units, `status` of one.
int systemctl_show(Host *host, const Words *names, const Words *properties, bool values_only);
int systemctl_status(Host *host, const char *name);

#endif
