/* The folder of the journal and the lock of this machine. */
#include "runtime/state_folder.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "runtime/files.h"

int state_folder_open(Text *shown) {
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    size_t before = shown->length;
    if (geteuid() == 0)
        text_add_literal(shown, "/var/lib/phxc");
    else if (state && state[0] == '/')
        text_addf(shown, "%s/phxc", state);
    else if (home && home[0] == '/')
        text_addf(shown, "%s/.local/state/phxc", home);
    else {
        errno = ENOENT;
        return -1;
    }
    Root root;
    if (root_init(&root, "/") < 0)
        return -1;
    int fd = files_folder(&root, (Str){shown->bytes + before, shown->length - before}, 0700);
    int error = errno;
    root_fini(&root);
    errno = error;
    return fd;
}
