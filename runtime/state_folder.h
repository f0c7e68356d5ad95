/* Where phxc keeps what it writes for itself on the machine it runs on. */
#ifndef PHX_RUNTIME_STATE_FOLDER_H
#define PHX_RUNTIME_STATE_FOLDER_H

#include "lang/text.h"

/* Opens, and makes (0700), /var/lib/phxc for root, else phxc in $XDG_STATE_HOME or ~/.local/state; its path is added to [shown]. -1 with
   errno; ENOENT also where HOME is not set. */
int state_folder_open(Text *shown);

#endif
