/* `ssh -W`: its standard input and output are one end of a pair of sockets, of which the other is as good as a connection. What is encrypted
   stays so: certificates are looked at here, and keys never leave this machine. */
#include "runtime/ssh_dial.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/memory.h"

typedef struct Line {
    SshDial *dial;
    pid_t pid;                  /* 0: ended */
    int complaints;             /* the near end of its error output */
    int left;                   /* nobody waits for it any more */
} Line;

static void line_free(Line *line) {
    close(line->complaints);
    free(line);
}

static void line_ended(void *context, int status) {
    Line *line = context;
    (void)status;
    line->pid = 0;
    if (line->left)
        line_free(line);
}

/* Starts ssh on the far end of the pair and the near end of a pipe. 0, or an errno. */
static int line_start(Line *line, int far, Str host, int port) {
    Arena *arena = arena_open();
    const SshDial *dial = line->dial;
    int errors[2] = {-1, -1};
    ProcessSpec spec = {
        .program = dial->program, .argv = ssh_forward_arguments(arena, dial->target, dial->socket, host, port), .environment = environ,
    };
    int error = pipe2(errors, O_CLOEXEC | O_NONBLOCK) < 0 ? errno : 0;
    if (!error)
        error = process_spawn_on(&spec, (const int[]){far, far, errors[1]}, &line->pid);
    if (errors[1] >= 0)
        close(errors[1]);
    line->complaints = errors[0];
    arena_close(arena);
    return error;
}

static int dial_connect(void *context, Str host, int port, void **line, Text *problem) {
    SshDial *dial = context;
    int pair[2] = {-1, -1};
    if (!dial->socket.length) {
        text_add_literal(problem, "the connection cannot be shared: phxc's own folder here cannot be made, or its name is too long for a socket");
        return -1;
    }
    Line *made = MEMORY_NEW(Line);
    *made = (Line){.dial = dial, .complaints = -1};
    int error = socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0 ? errno : 0;
    /* Only our end may not wait: the flag belongs to each. */
    if (!error && fcntl(pair[0], F_SETFL, O_NONBLOCK) < 0)
        error = errno;
    if (!error)
        error = line_start(made, pair[1], host, port);
    if (pair[1] >= 0)
        close(pair[1]);
    if (error) {
        text_addf(problem, "ssh cannot be started: %s", strerror(error));
        if (pair[0] >= 0)
            close(pair[0]);
        line_free(made);
        return -1;
    }
    loop_child(dial->loop, made->pid, line_ended, made);
    *line = made;
    return pair[0];
}

/* What ssh said last. It said it before it hung up. */
static void dial_complaint(void *context, Text *problem) {
    const Line *line = context;
    char bytes[4096];
    ssize_t length = read(line->complaints, bytes, sizeof bytes);
    Text unused = {0};
    if (length > 0)
        ssh_explain(line->dial->target, (Str){bytes, (size_t)length}, -1, "", problem, &unused);
    text_fini(&unused);
}

static void dial_hang_up(void *context) {
    Line *line = context;
    line->left = 1;
    if (line->pid)
        kill(-line->pid, SIGTERM);
    else
        line_free(line);
}

HttpDial ssh_dial_http(SshDial *dial) {
    return (HttpDial){dial_connect, dial_complaint, dial_hang_up, dial};
}
