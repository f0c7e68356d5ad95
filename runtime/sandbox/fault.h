// Faults on command: the n-th call of a sandbox fails, hangs, lies, is killed or denies what it did, for the tests of what drives it.
#ifndef PHX_SANDBOX_FAULT_H
#define PHX_SANDBOX_FAULT_H

#include "host.h"

/// Decides from PHX_SANDBOX_FAULT, else sandbox.json, whether the [call]-th call of this folder goes wrong, and how;
/// carries out `fail`, `hang` and `lie` at once. The locks are given up before hanging: only this program is to hang.
void fault_begin(Host *host, long call);

/// Stands between the two halves of an effect (volume made | configuration written): `die` is killed here.
void fault_between(Host *host);

/// Stands where all is done, with the exit code: a `die` that met no half is killed before its caller can see that; a `late` ends with
/// another one. Returns the code to end with.
int fault_end(Host *host, int code);

#endif
