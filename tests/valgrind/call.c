/* phxc, as far as whoever starts it can tell: it is carried out by the server (serve.c) whose socket the first argument is, with the arguments after it
   and this process' variables, working folder and open files. Signals are passed on, and how it ends is how this ends. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/valgrind/call.h"

enum { EXIT_NO_SERVER = 125 };

extern char **environ;

static int server = -1;         /* a handler of signals knows nothing else */

static _Noreturn void give_up(const char *what) {
    dprintf(STDERR_FILENO, "phxc under valgrind: %s: %s\n", what, strerror(errno));
    _exit(EXIT_NO_SERVER);
}

static void pass_on(int number) {
    int before = errno;
    char byte = (char)number;
    if (write(server, &byte, 1) < 0)
        _exit(EXIT_NO_SERVER);
    errno = before;
}

/* Signals that are ignored and blocked, from lines such as "SigIgn:\t0000000000001000". */
static void signals_read(Call *call) {
    char line[256];
    FILE *status = fopen("/proc/self/status", "re");
    if (!status)
        give_up("/proc/self/status");
    while (fgets(line, sizeof line, status)) {
        if (!strncmp(line, "SigIgn:", 7))
            call->ignored = strtoull(line + 7, NULL, 16);
        if (!strncmp(line, "SigBlk:", 7))
            call->blocked = strtoull(line + 7, NULL, 16);
    }
    fclose(status);
}

static void files_read(Call *call) {
    for (int number = 0; number < CALL_FILES; number++)
        if (fcntl(number, F_GETFD) >= 0)
            call->numbers[call->files++] = number;
}

static uint32_t words_write(FILE *text, char **words) {
    uint32_t count = 0;
    for (; words[count]; count++)
        fwrite(words[count], 1, strlen(words[count]) + 1, text);
    return count;
}

/* The head is written last, when everything is counted. */
static int text_make(Call *call, char **argv) {
    int file = memfd_create("call", MFD_CLOEXEC);
    FILE *text = file < 0 ? NULL : fdopen(dup(file), "we");
    if (!text || fseek(text, sizeof *call, SEEK_SET))
        give_up("the text of the call");
    call->arguments = words_write(text, argv);
    call->variables = words_write(text, environ);
    if (fclose(text) || pwrite(file, call, sizeof *call, 0) != sizeof *call)
        give_up("the text of the call");
    return file;
}

static void call_send(const Call *call, int text) {
    int files[CALL_FILES + 2] = {text, open(".", O_PATH | O_DIRECTORY | O_CLOEXEC)};
    memcpy(files + 2, call->numbers, call->files * sizeof *files);
    size_t size = (call->files + 2) * sizeof *files;
    char byte = 0;
    union { char bytes[CMSG_SPACE(sizeof files)]; struct cmsghdr aligned; } control = {0};
    struct iovec data = {&byte, 1};
    struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = CMSG_SPACE(size)};
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(size);
    memcpy(CMSG_DATA(head), files, size);
    if (files[1] < 0 || sendmsg(server, &message, MSG_NOSIGNAL) != 1)
        give_up("the call");
}

int main(int argc, char **argv) {
    static const int PASSED_ON[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM};
    static Call call;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (argc < 2 || strlen(argv[1]) >= sizeof address.sun_path)
        give_up("no socket");
    strcpy(address.sun_path, argv[1]);
    argv[1] = argv[0];
    signals_read(&call);
    files_read(&call);
    call.umask = umask(0);
    umask(call.umask);
    int text = text_make(&call, argv + 1);
    server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    /* Above what the caller may have: a standard descriptor that is closed must not become this one. */
    server = server < 0 ? server : fcntl(server, F_DUPFD_CLOEXEC, CALL_FILES);
    if (server < 0 || connect(server, (struct sockaddr *)&address, sizeof address) < 0)
        give_up(address.sun_path);
    call_send(&call, text);
    signal(SIGPIPE, SIG_IGN);
    for (size_t i = 0; i < sizeof PASSED_ON / sizeof *PASSED_ON; i++)
        if (!(call.ignored >> (PASSED_ON[i] - 1) & 1))
            sigaction(PASSED_ON[i], &(struct sigaction){.sa_handler = pass_on, .sa_flags = SA_RESTART}, NULL);
    int32_t status = 0;
    ssize_t got;
    while ((got = read(server, &status, sizeof status)) < 0 && errno == EINTR)
        continue;
    if (got != sizeof status)
        give_up("how it ended");
    if (!WIFSIGNALED(status))
        _exit(WEXITSTATUS(status));
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    signal(WTERMSIG(status), SIG_DFL);
    raise(WTERMSIG(status));
    _exit(128 + WTERMSIG(status));
}
