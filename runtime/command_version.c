/* `phxc version`: what this program is and what it writes. */
#include "runtime/command.h"

int command_version(App *app) {
    text_add_literal(&app->out.text, "phxc 0.1.0\n"
                                     "language  edition 1\n"
                                     "plan      phx-plan/1\n"
                                     "facts     phx-facts/1\n"
                                     "site      phx-site/1\n"
                                     "graph     phx-graph/1\n"
                                     "doctor    phx-doctor/1\n");
    return EXIT_OK;
}
