// Faults on command: the n-th call of a sandbox fails, hangs, lies or is killed, for the tests of what drives it.
#ifndef PHX_SANDBOX_FAULT_H
#define PHX_SANDBOX_FAULT_H

#include "host.h"

/// Decides from PHX_SANDBOX_FAULT, else sandbox.json, whether the [call]-th call of this folder goes wrong, and how;
/// carries out `fail`, `hang` and `lie` at once. [lock] is given up before hanging: only this program is to hang.
void fault_begin(Host *host, long call, int lock);

/// Stands between the two halves of an effect (volume made | configuration written): `die` is killed here.
void fault_between(Host *host);

/// Stands where all is done: a `die` that met no half is killed before its caller can see the exit code.
void fault_end(Host *host);

#endif
