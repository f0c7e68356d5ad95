/* Programs: posix_spawn(3) with three pipes, and the state of each until it has ended and its output is read. */
#include "runtime/process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lang/number.h"
#include "runtime/memory.h"

/* One of the two outputs. Past half the limit of CAPTURE_ENDS the rest goes round in a ring, which holds the last half. */
typedef struct Capture {
    int fd;                 /* -1: closed */
    LoopWatch *watch;
    Text head;
    char *ring;
    size_t ring_used;       /* bytes that ever went through the ring */
    size_t limit;
    CaptureKind kind;
} Capture;

typedef struct Process {
    Loop *loop;
    LoopJob *job;
    pid_t pid;              /* 0: it never ran */
    int running;
    int status;             /* of waitpid */
    OutcomeKind ended_by;   /* OUTCOME_OK unless we ended it ourselves */
    int error;              /* errno of a start that failed */
    int64_t timeout_ms;
    LoopTimer *timeout;
    LoopTimer *kill;        /* the KILL that follows TERM */
    LoopTimer *linger;
    Capture out;
    Capture err;
    int input_fd;
    LoopWatch *input_watch;
    char *input;
    size_t input_length;
    size_t input_sent;
    char *program;
    OutcomeDone *done;
    void *context;
} Process;

void outcome_fini(Outcome *outcome) {
    text_fini(&outcome->out);
    text_fini(&outcome->err);
    text_fini(&outcome->problem);
}

static void timer_drop(LoopTimer **timer) {
    if (*timer)
        loop_timer_cancel(*timer);
    *timer = NULL;
}

/* ---- output ---- */

/* 0 where the limit is passed and that ends the program. */
static int capture_add(Capture *capture, const char *bytes, size_t length) {
    if (capture->kind == CAPTURE_ALL) {
        if (capture->head.length + length > capture->limit)
            return 0;
        text_add(&capture->head, (Str){bytes, length});
        return 1;
    }
    size_t half = capture->limit / 2;
    if (capture->head.length < half) {
        size_t taken = half - capture->head.length < length ? half - capture->head.length : length;
        text_add(&capture->head, (Str){bytes, taken});
        bytes += taken;
        length -= taken;
    }
    if (length && !capture->ring)
        capture->ring = memory_zeroed(half);
    while (length) {
        size_t at = capture->ring_used % half;
        size_t taken = half - at < length ? half - at : length;
        memcpy(capture->ring + at, bytes, taken);
        capture->ring_used += taken;
        bytes += taken;
        length -= taken;
    }
    return 1;
}

static void capture_close(Capture *capture) {
    if (capture->fd < 0)
        return;
    loop_unwatch(capture->watch);
    close(capture->fd);
    capture->fd = -1;
}

/* Everything that was kept, in one text, which the caller owns. */
static Text capture_take(Capture *capture) {
    size_t half = capture->limit / 2;
    if (capture->ring_used > half) {
        size_t at = capture->ring_used % half;
        text_addf(&capture->head, "\n... %zu bytes left out ...\n", capture->ring_used - half);
        text_add(&capture->head, (Str){capture->ring + at, half - at});
        text_add(&capture->head, (Str){capture->ring, at});
    } else if (capture->ring_used) {
        text_add(&capture->head, (Str){capture->ring, capture->ring_used});
    }
    free(capture->ring);
    capture->ring = NULL;
    return capture->head;
}

/* ---- the end ---- */

static void process_describe(const Process *process, Outcome *outcome) {
    outcome->kind = process->ended_by;
    Text *problem = &outcome->problem;
    if (process->ended_by == OUTCOME_OK && WIFEXITED(process->status)) {
        outcome->code = WEXITSTATUS(process->status);
        if (outcome->code) {
            outcome->kind = OUTCOME_EXIT;
            text_addf(problem, "exit code %d", outcome->code);
        }
    } else if (process->ended_by == OUTCOME_OK) {
        outcome->kind = OUTCOME_SIGNAL;
        outcome->code = WTERMSIG(process->status);
        text_addf(problem, "killed by signal %d (%s)", outcome->code, strsignal(outcome->code));
    } else if (process->ended_by == OUTCOME_TIMEOUT) {
        text_add_literal(problem, "not finished after ");
        duration_print(process->timeout_ms, problem);
    } else if (process->ended_by == OUTCOME_TOO_LONG) {
        text_addf(problem, "it printed more than %zu MiB", process->out.limit >> 20);
    } else if (process->ended_by == OUTCOME_CANCELLED) {
        text_add_literal(problem, "ended by the interrupt");
    } else if (process->error == ENOENT) {
        text_addf(problem, "%s: command not found", process->program);
    } else {
        text_addf(problem, "%s cannot be started: %s", process->program, strerror(process->error));
    }
}

static void process_finish(Process *process) {
    timer_drop(&process->timeout);
    timer_drop(&process->kill);
    timer_drop(&process->linger);
    capture_close(&process->out);
    capture_close(&process->err);
    if (process->input_fd >= 0) {
        loop_unwatch(process->input_watch);
        close(process->input_fd);
    }
    loop_job_end(process->job);
    Outcome outcome = {0};
    process_describe(process, &outcome);
    outcome.out = capture_take(&process->out);
    outcome.err = capture_take(&process->err);
    OutcomeDone *done = process->done;
    void *context = process->context;
    if (process->input)
        explicit_bzero(process->input, process->input_length);      /* it may be a secret */
    free(process->input);
    free(process->program);
    free(process);
    done(context, &outcome);
}

static void process_finish_timer(void *context) {
    Process *process = context;
    process->linger = NULL;
    process_finish(process);
}

/* Ended and nothing left to read: done. What a program leaves running (a daemon) may hold its output open for ever, so
   that after a while we stop listening. */
static void process_settle(Process *process) {
    if (process->running)
        return;
    if (process->out.fd < 0 && process->err.fd < 0)
        process_finish(process);
    else if (!process->linger)
        process->linger = loop_timer(process->loop, PROCESS_LINGER_MS, process_finish_timer, process);
}

static void process_kill(void *context) {
    Process *process = context;
    process->kill = NULL;
    kill(-process->pid, SIGKILL);
}

/* Has the process group end: TERM now, KILL if it does not. */
static void process_end(Process *process, OutcomeKind why) {
    if (!process->running || process->ended_by != OUTCOME_OK)
        return;
    process->ended_by = why;
    kill(-process->pid, SIGTERM);
    process->kill = loop_timer(process->loop, PROCESS_GRACE_MS, process_kill, process);
}

static void process_cancel(void *context) {
    process_end(context, OUTCOME_CANCELLED);
}

static void process_timeout(void *context) {
    Process *process = context;
    process->timeout = NULL;
    process_end(process, OUTCOME_TIMEOUT);
}

/* ---- events ---- */

/* Reads what is there, but not for ever: one that prints without end may not keep the loop from the others. Closes the
   capture at the end of the output. */
static void capture_read(Process *process, Capture *capture) {
    char buffer[65536];
    for (int round = 0; round < 16 && capture->fd >= 0; round++) {
        ssize_t got = read(capture->fd, buffer, sizeof buffer);
        if (got > 0) {
            if (!capture_add(capture, buffer, (size_t)got)) {
                process_end(process, OUTCOME_TOO_LONG);
                capture_close(capture);
            }
        } else if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
            return;
        } else {
            capture_close(capture);
        }
    }
}

static void process_out_ready(void *context, short events) {
    (void)events;
    Process *process = context;
    capture_read(process, &process->out);
    process_settle(process);
}

static void process_err_ready(void *context, short events) {
    (void)events;
    Process *process = context;
    capture_read(process, &process->err);
    process_settle(process);
}

static void process_input_ready(void *context, short events) {
    (void)events;
    Process *process = context;
    while (process->input_sent < process->input_length) {
        ssize_t sent = write(process->input_fd, process->input + process->input_sent,
                             process->input_length - process->input_sent);
        if (sent < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (sent < 0)
            break;              /* EPIPE: it does not want the rest; whether that is wrong its exit code tells */
        process->input_sent += (size_t)sent;
    }
    loop_unwatch(process->input_watch);
    close(process->input_fd);
    process->input_fd = -1;
}

static void process_ended(void *context, int status) {
    Process *process = context;
    process->running = 0;
    process->status = status;
    if (process->ended_by != OUTCOME_OK)
        kill(-process->pid, SIGKILL);   /* what is left of a group that we ended may not outlive it */
    process_settle(process);
}

/* ---- the start ---- */

/* A pipe whose two ends are closed on exec; the parent's end does not block. */
static int pipe_open(int fds[2], int parent) {
    if (pipe2(fds, O_CLOEXEC) < 0)
        return -1;
    return fcntl(fds[parent], F_SETFL, O_NONBLOCK);
}

static int process_spawn(const ProcessSpec *spec, const int child_fds[3], pid_t *pid) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    for (int fd = 0; fd < 3; fd++)
        posix_spawn_file_actions_adddup2(&actions, child_fds[fd], fd);
    /* Ours are closed on exec, but not what whoever started us forgot to close. */
    posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    posix_spawn_file_actions_addchdir_np(&actions, "/");
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    int error = posix_spawn(pid, spec->program, &actions, &attributes, spec->argv, spec->environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

/* 0, or the error number. On success the parent's ends are in the process. */
static int process_begin(Process *process, const ProcessSpec *spec) {
    int in[2] = {-1, -1}, out[2] = {-1, -1}, err[2] = {-1, -1};
    /* Where the child gets a copy of our memory, as it does under valgrind, posix_spawn can't tell that there is no such program. */
    int error = access(spec->program, X_OK) < 0 ? errno : 0;
    if (!error && spec->input.length)
        error = pipe_open(in, 1) < 0 ? errno : 0;
    else if (!error && (in[0] = open("/dev/null", O_RDONLY | O_CLOEXEC)) < 0)
        error = errno;
    if (!error && (pipe_open(out, 0) < 0 || pipe_open(err, 0) < 0))
        error = errno;
    if (!error)
        error = process_spawn(spec, (const int[]){in[0], out[1], err[1]}, &process->pid);
    int child_ends[] = {in[0], out[1], err[1]}, own_ends[] = {in[1], out[0], err[0]};
    for (int i = 0; i < 3; i++) {
        if (child_ends[i] >= 0)
            close(child_ends[i]);
        if (error && own_ends[i] >= 0)
            close(own_ends[i]);
    }
    if (error)
        return error;
    process->input_fd = in[1];
    process->out.fd = out[0];
    process->err.fd = err[0];
    return 0;
}

void process_start(Loop *loop, const ProcessSpec *spec, OutcomeDone *done, void *context) {
    Process *process = MEMORY_NEW(Process);
    process->loop = loop;
    process->done = done;
    process->context = context;
    process->timeout_ms = spec->timeout_ms;
    process->out = (Capture){.fd = -1, .limit = spec->output_limit, .kind = spec->capture};
    process->err = (Capture){.fd = -1, .limit = PROCESS_OUTPUT_LIMIT, .kind = CAPTURE_ENDS};
    process->input_fd = -1;
    process->job = loop_job(loop, process_cancel, process);
    const char *name = spec->argv[0] ? spec->argv[0] : spec->program;
    process->program = memory_zeroed(strlen(name) + 1);
    memcpy(process->program, name, strlen(name));
    process->error = process_begin(process, spec);
    if (process->error) {
        process->ended_by = OUTCOME_NOT_STARTED;
        process->linger = loop_timer(loop, 0, process_finish_timer, process);
        return;
    }
    process->running = 1;
    loop_child(loop, process->pid, process_ended, process);
    process->out.watch = loop_watch(loop, process->out.fd, POLLIN, process_out_ready, process);
    process->err.watch = loop_watch(loop, process->err.fd, POLLIN, process_err_ready, process);
    if (spec->input.length) {
        process->input = memory_zeroed(spec->input.length);
        memcpy(process->input, spec->input.text, spec->input.length);
        process->input_length = spec->input.length;
        process->input_watch = loop_watch(loop, process->input_fd, POLLOUT, process_input_ready, process);
    }
    if (spec->timeout_ms > 0)
        process->timeout = loop_timer(loop, spec->timeout_ms, process_timeout, process);
}

Str process_find(Arena *arena, Str path, Str name) {
    errno = ENOENT;
    if (!name.length || memchr(name.text, 0, name.length))
        return (Str){0};
    if (memchr(name.text, '/', name.length)) {
        Str copy = arena_str(arena, name);
        return access(copy.text, X_OK) == 0 ? copy : (Str){0};
    }
    int error = ENOENT;
    for (size_t at = 0; at <= path.length;) {
        const char *colon = at < path.length ? memchr(path.text + at, ':', path.length - at) : NULL;
        size_t end = colon ? (size_t)(colon - path.text) : path.length;
        char file[PATH_MAX];
        /* An empty part means the current folder to a shell; what runs as root should not come from there. */
        if (end > at && path.text[at] == '/' && end - at + name.length + 1 < sizeof file) {
            struct stat status;
            snprintf(file, sizeof file, "%.*s/%.*s", (int)(end - at), path.text + at, (int)name.length, name.text);
            if (stat(file, &status) == 0 && S_ISREG(status.st_mode)) {
                if (access(file, X_OK) == 0)
                    return arena_str(arena, str_of(file));
                error = EACCES;
            }
        }
        at = end + 1;
    }
    errno = error;
    return (Str){0};
}
