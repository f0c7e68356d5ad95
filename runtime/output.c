/* Buffered output that remembers its first error. */
#include "runtime/output.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

static int output_write(void *context, const char *bytes, size_t length) {
    Output *output = context;
    while (length && !output->error) {
        ssize_t written = write(output->fd, bytes, length);
        if (written >= 0) {
            bytes += written;
            length -= (size_t)written;
        } else if (errno == EAGAIN) {
            /* Who gave us this descriptor made it non-blocking. */
            struct pollfd wait = {.fd = output->fd, .events = POLLOUT};
            poll(&wait, 1, -1);
        } else if (errno != EINTR) {
            output->error = errno;
        }
    }
    return output->error ? -1 : 0;
}

void output_init(Output *output, int fd) {
    *output = (Output){.fd = fd};
    output->text.flush = output_write;
    output->text.context = output;
}

void output_flush(Output *output) {
    text_finish(&output->text);
}

void output_fini(Output *output) {
    output_flush(output);
    text_fini(&output->text);
}
