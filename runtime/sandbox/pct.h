// The container commands of `pct`; each takes a command line that was already checked and returns the exit code.
#ifndef PHX_SANDBOX_PCT_H
#define PHX_SANDBOX_PCT_H

#include "cli.h"
#include "conf.h"

int pct_main(Host *host);

/// Runs the `pct` command [name] with [args]; pvesh comes in here. False if it is not modelled.
bool pct_run(Host *host, const char *name, const Args *args, int *code);

int pct_create(Host *host, const Args *args);
int pct_set(Host *host, const Args *args);
int pct_resize(Host *host, const Args *args);
int pct_move_volume(Host *host, const Args *args);
int pct_clone(Host *host, const Args *args);
int pct_template(Host *host, const Args *args);
int pct_destroy(Host *host, const Args *args);
int pct_exec(Host *host, const Args *args);
int pct_push(Host *host, const Args *args);
int pct_pull(Host *host, const Args *args);

/// Starts and stops, with the checks of the real program and without those of the command line.
void pct_start_container(Host *host, Conf *conf);
void pct_stop_container(Host *host, Conf *conf);

/// Moves everything pending into the live settings, as happens at a stop. Volumes are made and freed with it.
void pct_apply_pending(Host *host, Conf *conf);

/// A network setting as it is kept: with an address and a type.
const char *pct_print_network(Host *host, const char *key, const char *value);

/// The bridge of each network setting must exist; leaves with [code] otherwise.
void pct_check_bridges(Host *host, const Conf *conf, int code);

#endif
