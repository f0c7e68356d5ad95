/* phxc as a server, to be run under valgrind: a start of valgrind takes a second, and translates the same code again. Here that is done once: each call
   (call.h) is a fork of a process that has planned and applied before.

     serve SOCKET SITE FOLDER       SITE is applied to a sandbox in FOLDER first

   Says `ready` on its standard output, and ends when its standard input does. What calls leave behind is for valgrind to tell, of each for itself. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/valgrind/call.h"

/* main of runtime/main.c */
int phxc_main(int argc, char **argv);

enum { CALLS = 64, RECEIVED_AT = 500 };     /* at once; and where a caller's files wait until all of the server's are closed */

typedef struct Caller { int socket; pid_t process; } Caller;

typedef struct Server {
    int listener;
    int ended;                  /* told where a process has ended: the read end of a pipe */
    Caller callers[CALLS];
    int count;
} Server;

static int told = -1;           /* its write end, for the handler */

static _Noreturn void fail(const char *what) {
    fprintf(stderr, "serve: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void child_ended(int number) {
    (void)number;
    int before = errno;
    if (write(told, "", 1) < 0 && errno != EAGAIN)
        _exit(1);
    errno = before;
}

/* ---- one call, in a process of its own ---- */

static void signals_restore(const Call *call) {
    sigset_t blocked;
    sigemptyset(&blocked);
    for (int number = 1; number < 32; number++) {
        if (number != SIGKILL && number != SIGSTOP)
            signal(number, call->ignored >> (number - 1) & 1 ? SIG_IGN : SIG_DFL);
        if (call->blocked >> (number - 1) & 1)
            sigaddset(&blocked, number);
    }
    sigprocmask(SIG_SETMASK, &blocked, NULL);
}

/* [files] are those of the message, moved out of the way. */
static void files_restore(const Call *call, const int *files) {
    for (int number = 0; number < RECEIVED_AT; number++)
        close(number);
    for (uint32_t i = 0; i < call->files; i++)
        dup2(files[i + 2], call->numbers[i]);
    for (uint32_t i = 0; i < call->files + 2; i++)
        close(files[i]);
}

static char **words_read(char **at, uint32_t count) {
    char **words = calloc(count + 1, sizeof *words);
    for (uint32_t i = 0; words && i < count; i++) {
        words[i] = *at;
        *at += strlen(*at) + 1;
    }
    return words;
}

static _Noreturn void call_carry_out(const int *received, uint32_t count) {
    int files[CALL_FILES + 2];
    struct stat info;
    for (uint32_t i = 0; i < count; i++)
        files[i] = fcntl(received[i], F_DUPFD_CLOEXEC, RECEIVED_AT);
    if (fstat(files[0], &info) < 0)
        fail("the text of a call");
    char *text = malloc((size_t)info.st_size + 1);
    if (!text || pread(files[0], text, (size_t)info.st_size, 0) != info.st_size)
        fail("the text of a call");
    text[info.st_size] = '\0';
    Call call;
    memcpy(&call, text, sizeof call);
    char *at = text + sizeof call, **argv = words_read(&at, call.arguments), **variables = words_read(&at, call.variables);
    clearenv();
    for (uint32_t i = 0; i < call.variables; i++)
        putenv(variables[i]);
    umask(call.umask);
    if (fchdir(files[1]) < 0)
        fail("the folder of a call");
    files_restore(&call, files);
    signals_restore(&call);
    int code = phxc_main((int)call.arguments, argv);
    free(argv);
    clearenv();
    free(variables);
    free(text);
    exit(code);
}

/* ---- the server ---- */

/* The files of a message, or 0. */
static uint32_t files_receive(int socket, int *files) {
    char byte;
    union { char bytes[CMSG_SPACE((CALL_FILES + 2) * sizeof(int))]; struct cmsghdr aligned; } control;
    struct iovec data = {&byte, 1};
    struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) != 1)
        return 0;
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    if (!head || head->cmsg_type != SCM_RIGHTS)
        return 0;
    uint32_t count = (uint32_t)((head->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    memcpy(files, CMSG_DATA(head), count * sizeof *files);
    return count;
}

static void caller_accept(Server *server) {
    int files[CALL_FILES + 2], socket = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);
    uint32_t count = socket < 0 ? 0 : files_receive(socket, files);
    pid_t process = count < 2 ? -1 : fork();
    if (process == 0)
        call_carry_out(files, count);
    for (uint32_t i = 0; i < count; i++)
        close(files[i]);
    if (process > 0)
        server->callers[server->count++] = (Caller){socket, process};
    else if (socket >= 0)
        close(socket);
}

static void caller_forget(Server *server, int number) {
    close(server->callers[number].socket);
    server->callers[number] = server->callers[--server->count];
}

/* Its signals, or its end: then that of its process, and nobody hears of it. */
static void caller_hear(Server *server, int number) {
    char byte;
    ssize_t got = read(server->callers[number].socket, &byte, 1);
    if (got == 1) {
        kill(server->callers[number].process, byte);
    } else if (got == 0 || errno != EINTR) {
        kill(server->callers[number].process, SIGKILL);
        caller_forget(server, number);
    }
}

static void processes_reap(Server *server) {
    char bytes[64];
    int status;
    pid_t process;
    while (read(server->ended, bytes, sizeof bytes) > 0)
        continue;
    while ((process = waitpid(-1, &status, WNOHANG)) > 0)
        for (int i = 0; i < server->count; i++)
            if (server->callers[i].process == process) {
                int32_t told_status = status;
                if (write(server->callers[i].socket, &told_status, sizeof told_status) < 0 && errno != EPIPE)
                    fail("an answer");
                caller_forget(server, i);
                break;
            }
}

static void serve(Server *server) {
    for (;;) {
        struct pollfd polled[CALLS + 3] = {{STDIN_FILENO, POLLIN, 0}, {server->ended, POLLIN, 0}, {server->listener, POLLIN, 0}};
        for (int i = 0; i < server->count; i++)
            polled[i + 3] = (struct pollfd){server->callers[i].socket, POLLIN, 0};
        if (server->count == CALLS)
            polled[2].events = 0;
        if (poll(polled, (nfds_t)server->count + 3, -1) < 0 && errno != EINTR)
            fail("poll");
        if (polled[0].revents)
            return;
        for (int i = server->count; i--;)
            if (polled[i + 3].revents)
                caller_hear(server, i);
        if (polled[1].revents)
            processes_reap(server);
        if (polled[2].revents)
            caller_accept(server);
    }
}

/* What most calls do is done once, so that its code is translated. */
static void warm_up(char *site, char *folder) {
    char host[4096];
    snprintf(host, sizeof host, "sandbox:%s", folder);
    char *const runs[][8] = {
        {"phxc", "check", site}, {"phxc", "fmt", "--check", site}, {"phxc", "plan", site, "--facts", "none"},
        {"phxc", "plan", site, "--facts", "none", "--format", "json"}, {"phxc", "plan", site, "--facts", "none", "--format", "markdown"},
        {"phxc", "apply", site, "--yes", "--host", host}, {"phxc", "plan", site, "--host", host}, {"phxc", "explain", "codes"},
    };
    int out = dup(STDOUT_FILENO), none = open("/dev/null", O_WRONLY | O_CLOEXEC);
    dup2(none, STDOUT_FILENO);
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
        char *argv[9] = {0};
        int argc = 0;
        for (; argc < 8 && runs[i][argc]; argc++)
            argv[argc] = runs[i][argc];
        int code = phxc_main(argc, argv);
        if (code) {
            fprintf(stderr, "serve: phxc %s ended with %d\n", argv[1], code);
            exit(1);
        }
    }
    dup2(out, STDOUT_FILENO);
    close(out);
    close(none);
}

int main(int argc, char **argv) {
    static Server server;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (argc != 4 || strlen(argv[1]) >= sizeof address.sun_path) {
        fprintf(stderr, "usage: serve SOCKET SITE FOLDER\n");
        return 64;
    }
    warm_up(argv[2], argv[3]);
    int ends[2];
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
        fail("pipe");
    server.ended = ends[0];
    told = ends[1];
    strcpy(address.sun_path, argv[1]);
    server.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (server.listener < 0 || bind(server.listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(server.listener, CALLS) < 0)
        fail(argv[1]);
    signal(SIGPIPE, SIG_IGN);
    sigaction(SIGCHLD, &(struct sigaction){.sa_handler = child_ended, .sa_flags = SA_RESTART | SA_NOCLDSTOP}, NULL);
    puts("ready");
    fflush(stdout);
    serve(&server);
    return 0;
}
