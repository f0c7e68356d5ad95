/* The least that running programs can cost: bare COUNT AT_ONCE PROGRAM starts the program COUNT times, AT_ONCE side by side, with posix_spawn,
   an empty input and a pipe for each of its two outputs, reads these to their end from one poll loop, and prints how long all of it took in
   milliseconds. A program that fails is an error. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum { AT_ONCE_LIMIT = 1024 };

typedef struct Child {
    pid_t pid;          /* 0: none */
    int outputs[2];     /* -1: closed */
} Child;

static double milliseconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static int child_start(Child *child, char *program) {
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC), out[2], err[2];
    if (null < 0 || pipe2(out, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0)
        return errno;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, null, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, err[1], STDERR_FILENO);
    int error = posix_spawn(&child->pid, program, &actions, NULL, (char *[]){program, NULL}, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(null);
    close(out[1]);
    close(err[1]);
    child->outputs[0] = out[0];
    child->outputs[1] = err[0];
    return error;
}

/* Reads what is there. 1 where the child has ended and all is read, -1 where it has failed. */
static int child_turn(Child *child, const struct pollfd *polled) {
    char buffer[65536];
    int status;
    for (int i = 0; i < 2; i++)
        if (polled[i].revents && read(child->outputs[i], buffer, sizeof buffer) == 0) {
            close(child->outputs[i]);
            child->outputs[i] = -1;
        }
    if (child->outputs[0] >= 0 || child->outputs[1] >= 0)
        return 0;
    if (waitpid(child->pid, &status, 0) != child->pid || status != 0)
        return -1;
    child->pid = 0;
    return 1;
}

int main(int argc, char **argv) {
    static Child children[AT_ONCE_LIMIT];
    static struct pollfd polled[2 * AT_ONCE_LIMIT];
    long count = argc == 4 ? atol(argv[1]) : 0, at_once = argc == 4 ? atol(argv[2]) : 0, started = 0, ended = 0;
    if (count < 1 || at_once < 1 || at_once > AT_ONCE_LIMIT) {
        fprintf(stderr, "usage: bare COUNT AT_ONCE PROGRAM\n");
        return 64;
    }
    double start = milliseconds_now();
    while (ended < count) {
        for (long i = 0; i < at_once; i++) {
            int error = !children[i].pid && started < count ? started++, child_start(&children[i], argv[3]) : 0;
            if (error) {
                fprintf(stderr, "bare: %s: %s\n", argv[3], strerror(error));
                return 1;
            }
            for (int k = 0; k < 2; k++)
                polled[2 * i + k] = (struct pollfd){.fd = children[i].pid ? children[i].outputs[k] : -1, .events = POLLIN};
        }
        if (poll(polled, (nfds_t)(2 * at_once), -1) < 0)
            return 1;
        for (long i = 0; i < at_once; i++) {
            int turn = children[i].pid ? child_turn(&children[i], &polled[2 * i]) : 0;
            if (turn < 0) {
                fprintf(stderr, "bare: %s: failed\n", argv[3]);
                return 1;
            }
            ended += turn;
        }
    }
    printf("%.1f\n", milliseconds_now() - start);
    return 0;
}
