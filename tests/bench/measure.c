/* Runs a command several times and prints its best wall time in milliseconds and its highest peak of memory in KiB:
   measure RUNS EXIT COMMAND ARGUMENT...; the command's output goes to /dev/null, and an exit code other than EXIT is an error. */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static double seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Runs it once. -1 where it could not be run or ended otherwise than by [expected]. */
static int run_once(char **command, int expected, double *seconds, long *kibibytes) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    double start = seconds_now();
    pid_t child;
    int error = posix_spawnp(&child, command[0], &actions, NULL, command, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) {
        fprintf(stderr, "measure: %s: %s\n", command[0], strerror(error));
        return -1;
    }
    int status;
    struct rusage usage;
    while (wait4(child, &status, 0, &usage) < 0)
        if (errno != EINTR) return -1;
    *seconds = seconds_now() - start;
    *kibibytes = usage.ru_maxrss;
    if (WIFEXITED(status) && WEXITSTATUS(status) == expected) return 0;
    if (WIFEXITED(status)) fprintf(stderr, "measure: %s: exit %d\n", command[0], WEXITSTATUS(status));
    else fprintf(stderr, "measure: %s: signal %d\n", command[0], WTERMSIG(status));
    return -1;
}

int main(int argc, char **argv) {
    if (argc < 4) {
        fprintf(stderr, "usage: measure RUNS EXIT COMMAND ARGUMENT...\n");
        return 64;
    }
    int runs = atoi(argv[1]), expected = atoi(argv[2]);
    double best = 0;
    long peak = 0;
    for (int i = 0; i < runs; i++) {
        double seconds;
        long kibibytes;
        if (run_once(argv + 3, expected, &seconds, &kibibytes) < 0) return 1;
        if (i == 0 || seconds < best) best = seconds;
        if (kibibytes > peak) peak = kibibytes;
    }
    printf("%.1f %ld\n", best * 1000, peak);
    return 0;
}
