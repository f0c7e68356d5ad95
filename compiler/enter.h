/* Into a place: commands and reads for what stands inside of something, made into those of the place of the site around it. A container's
   schema says how a program runs in it (`exec`), and that is all that is asked of it: files are written and read by programs too. */
#ifndef PHX_COMPILER_ENTER_H
#define PHX_COMPILER_ENTER_H

#include "compiler/instance.h"
#include "compiler/steps.h"

/* The place of the site in which commands for [place] are run: its address; "" where the site names none. */
Str enter_address(Session *session, const Instance *place);

/* Appends what [command], with all its defaults, becomes where it is run: one command, or the few that write a file. [place] may be NULL. 0
   after a report, at [span], of a command that nothing but a place of the site can carry out, or of an `exec` that gives no command. */
typedef VECTOR(Command) Commands;
int enter_command(Session *session, const Instance *place, const Command *command, Span span, Commands *commands);

/* Makes a request for [place] one for the place of the site. 0 after a report, likewise. */
int enter_read(Session *session, const Instance *place, Span span, ReadRequest *read);

/* How an object inside is called in the index of names, which is kept on the place of the site: "pve.lxc:952>/etc/motd". What stands on the
   site's own places keeps its name. */
Str enter_identity(Session *session, const Instance *place, Str identity);

#endif
