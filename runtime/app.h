/* One run of phxc: what its commands share, from the command line to the session, its diagnostics and its places. */
#ifndef PHX_RUNTIME_APP_H
#define PHX_RUNTIME_APP_H

#include "runtime/load.h"
#include "runtime/options.h"
#include "runtime/output.h"
#include "runtime/places.h"

typedef struct App {
    const Options *options;
    Arena *arena;               /* of the command line */
    Output out;
    Output err;
    Load load;
    VECTOR(Setting) settings;   /* further values of parameters, before app_open */
    Session *session;           /* NULL until app_open */
    Loop *loop;                 /* NULL until there are places */
    Places places;
} App;

void app_init(App *app, const Options *options, Arena *arena);
/* Closes what is open and writes out what is printed. The exit code is [code], or EXIT_ERROR where that was 0 and the output is lost. */
int app_fini(App *app, int code);

/* The embedded sources and what the command line says, for a session of one's own. */
SessionOptions app_session_options(App *app);
/* Opens the session with the embedded sources and the options. */
void app_open(App *app);
/* Opens it and reads the site: EXIT_OK, or EXIT_ERROR after printing why. */
int app_load(App *app, Str site);
/* Checks the site, which it opens and reads where that was not done: EXIT_OK, or EXIT_ERROR after printing why. */
int app_check(App *app, Str site);
/* Opens it for a question that the library can answer alone: a site is checked only if one stands behind [skip] operands. EXIT_OK or EXIT_ERROR. */
int app_library(App *app, uint32_t skip);
/* The site among the operands, [skip] of which come before it. */
Str app_site(const App *app, uint32_t skip);

/* Binds the site's places: EXIT_OK or EXIT_ERROR, after printing why. */
int app_places(App *app);
/* Makes known what the site's `fact`s are, between app_load and app_check; nothing where it declares none. EXIT_OK, EXIT_ERROR or EXIT_INTERRUPTED. */
int app_site_facts(App *app);
/* All three: reads the site, makes its facts known, and checks it. */
int app_ready(App *app, Str site);
/* Makes the facts known: from --facts, else by looking at the places (which it binds where that was not done). EXIT_OK, EXIT_ERROR or
   EXIT_INTERRUPTED, after printing why. */
int app_facts(App *app);

/* Prints the session's diagnostics to standard error, as --diagnostics says. */
void app_print_diagnostics(App *app);
/* The same for other ones, always as text. */
void app_print_text(App *app, Diagnostics *diagnostics);
/* The selection of --only and --skip. */
PlanOptions app_selection(const App *app);

/* Prints [text] to standard output, or writes it to the file of --output. EXIT_OK or EXIT_ERROR, after printing why. */
int app_deliver(App *app, Str text);
/* A message that concerns no text: "phxc: ..." */
void app_complain(App *app, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* EXIT_INTERRUPTED, after saying that it ended while it only looked. */
int app_interrupted(App *app);
/* Are colours wanted on this output? */
int app_colour(const App *app, const Output *output);

#endif
