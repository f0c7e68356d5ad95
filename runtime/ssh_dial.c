/* `ssh -W` for whoever connects to a socket in a folder of ours. What is encrypted stays so: certificates are looked at here, and keys never
   leave this machine. */
#include "runtime/ssh_dial.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "runtime/memory.h"

typedef struct Line {
    SshDial *dial;
    struct sockaddr_un name;
    int listener;               /* -1: somebody has connected, or never will */
    LoopWatch *watch;
    Arena *arena;
    char *const *arguments;     /* of ssh */
    pid_t pid;                  /* 0: not started, or ended */
    int complaints;             /* the near end of its error output; -1: none */
    Text problem;               /* why ssh could not be started */
    int left;                   /* nobody waits for it any more */
} Line;

static void listener_close(Line *line) {
    if (line->listener < 0)
        return;
    loop_unwatch(line->watch);
    close(line->listener);
    unlink(line->name.sun_path);
    line->listener = -1;
}

static void line_free(Line *line) {
    if (line->complaints >= 0)
        close(line->complaints);
    text_fini(&line->problem);
    arena_close(line->arena);
    free(line);
}

static void line_ended(void *context, int status) {
    Line *line = context;
    (void)status;
    line->pid = 0;
    if (line->left)
        line_free(line);
}

/* Somebody has connected: what they say goes to ssh. */
static void line_ready(void *context, short events) {
    (void)events;
    Line *line = context;
    int errors[2] = {-1, -1}, fd = accept4(line->listener, NULL, NULL, SOCK_CLOEXEC);
    ProcessSpec spec = {.program = line->dial->program, .argv = line->arguments, .environment = environ};
    int error = fd < 0 || pipe2(errors, O_CLOEXEC) < 0 || fcntl(errors[0], F_SETFL, O_NONBLOCK) < 0 ? errno : 0;
    if (!error)
        error = process_spawn_on(&spec, (const int[]){fd, fd, errors[1]}, &line->pid);
    if (error)
        text_addf(&line->problem, "ssh cannot be started: %s", strerror(error));
    else
        loop_child(line->dial->loop, line->pid, line_ended, line);
    line->complaints = errors[0];
    if (errors[1] >= 0)
        close(errors[1]);
    if (fd >= 0)
        close(fd);
    listener_close(line);
}

static void *dial_offer(void *context, Str host, int port, Text *path, Text *problem) {
    SshDial *dial = context;
    Line *line = MEMORY_NEW(Line);
    *line = (Line){.dial = dial, .name.sun_family = AF_UNIX, .listener = -1, .complaints = -1, .arena = arena_open()};
    int length = snprintf(line->name.sun_path, sizeof line->name.sun_path, "%s-%u", dial->socket.length ? dial->socket.text : "", ++dial->lines);
    int fd = -1;
    if (!dial->socket.length || (size_t)length >= sizeof line->name.sun_path) {
        text_add_literal(problem, "the connection cannot be shared: phxc's own folder here cannot be made, or its name is too long for a socket");
    } else if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) < 0 ||
               bind(fd, (const struct sockaddr *)&line->name, sizeof line->name) < 0 || listen(fd, 1) < 0) {
        text_addf(problem, "%s: %s", line->name.sun_path, strerror(errno));
        if (fd >= 0)
            close(fd);
    } else {
        line->listener = fd;
        line->watch = loop_watch(dial->loop, fd, POLLIN, line_ready, line);
        line->arguments = ssh_forward_arguments(line->arena, dial->target, dial->socket, host, port);
        text_addf(path, "%s", line->name.sun_path);
        return line;
    }
    line_free(line);
    return NULL;
}

/* What ssh said last. It said it before it hung up. */
static void dial_complaint(void *context, Text *problem) {
    const Line *line = context;
    char bytes[4096];
    ssize_t length = line->complaints >= 0 ? read(line->complaints, bytes, sizeof bytes) : 0;
    Text unused = {0};
    text_add(problem, text_str(&line->problem));
    if (length > 0)
        ssh_explain(line->dial->target, (Str){bytes, (size_t)length}, -1, "", problem, &unused);
    text_fini(&unused);
}

static void dial_hang_up(void *context) {
    Line *line = context;
    listener_close(line);
    line->left = 1;
    if (line->pid)
        kill(-line->pid, SIGTERM);
    else
        line_free(line);
}

HttpDial ssh_dial_http(SshDial *dial) {
    return (HttpDial){dial_offer, dial_complaint, dial_hang_up, dial};
}
