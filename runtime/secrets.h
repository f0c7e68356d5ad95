/* The values of a plan's secrets: read before its first step, from where the text says. */
#ifndef PHX_RUNTIME_SECRETS_H
#define PHX_RUNTIME_SECRETS_H

#include "runtime/app.h"

/* Reads every secret that the plan needs and gives it to the session. EXIT_OK, EXIT_ERROR or EXIT_INTERRUPTED, after printing why: then nothing
   of the plan may be carried out. */
int secrets_read(App *app, const Plan *plan);

#endif
