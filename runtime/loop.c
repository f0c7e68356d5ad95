/* The event loop, over poll(2) and signalfd(2): no handler runs in the middle of anything, and no state is global. */
#include "runtime/loop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "runtime/memory.h"

/* What was removed stays in its array, marked, until the turn is over: callbacks may remove each other. */
struct LoopWatch {
    int fd;             /* -1: removed */
    short events;
    void (*ready)(void *context, short events);
    void *context;
};

struct LoopTimer {
    int64_t due_ms;
    int gone;
    void (*due)(void *context);
    void *context;
};

typedef struct LoopChild {
    pid_t pid;          /* 0: gone */
    void (*ended)(void *context, int status);
    void *context;
} LoopChild;

struct LoopJob {
    int gone;
    void (*cancel)(void *context);
    void *context;
};

typedef struct Pointers {
    void **items;
    size_t count;
    size_t capacity;
} Pointers;

struct Loop {
    Pointers watches;
    Pointers timers;
    Pointers children;
    Pointers jobs;
    int signals;        /* the signalfd */
    sigset_t before;    /* the mask to give back */
    void (*interrupted)(void *context);
    void *interrupt_context;
    struct pollfd *polled;
    size_t polled_capacity;
};

static void pointers_add(Pointers *pointers, void *item) {
    if (pointers->count == pointers->capacity) {
        pointers->capacity = pointers->capacity ? pointers->capacity * 2 : 16;
        pointers->items = memory_resized(pointers->items, pointers->capacity, sizeof *pointers->items);
    }
    pointers->items[pointers->count++] = item;
}

/* Frees the items for which [gone] holds. */
static void pointers_sweep(Pointers *pointers, int (*gone)(const void *item)) {
    size_t kept = 0;
    for (size_t i = 0; i < pointers->count; i++) {
        if (gone(pointers->items[i]))
            free(pointers->items[i]);
        else
            pointers->items[kept++] = pointers->items[i];
    }
    pointers->count = kept;
}

static int watch_gone(const void *item) { return ((const LoopWatch *)item)->fd < 0; }
static int timer_gone(const void *item) { return ((const LoopTimer *)item)->gone; }
static int child_gone(const void *item) { return ((const LoopChild *)item)->pid == 0; }
static int job_gone(const void *item) { return ((const LoopJob *)item)->gone; }
static int always_gone(const void *item) { (void)item; return 1; }

static void signals_set(Loop *loop) {
    sigset_t wanted;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGCHLD);
    if (loop->interrupted) {
        sigaddset(&wanted, SIGINT);
        sigaddset(&wanted, SIGTERM);
        sigaddset(&wanted, SIGHUP);
    }
    sigset_t mask = loop->before;
    for (int number = 1; number < NSIG; number++)
        if (sigismember(&wanted, number) == 1)
            sigaddset(&mask, number);
    sigprocmask(SIG_SETMASK, &mask, NULL);
    int fd = signalfd(loop->signals, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
    if (loop->signals < 0)
        loop->signals = fd;
}

Loop *loop_open(void) {
    Loop *loop = MEMORY_NEW(Loop);
    loop->signals = -1;
    sigprocmask(SIG_SETMASK, NULL, &loop->before);
    signals_set(loop);
    if (loop->signals < 0) {
        int error = errno;
        sigprocmask(SIG_SETMASK, &loop->before, NULL);
        free(loop);
        errno = error;
        return NULL;
    }
    return loop;
}

void loop_close(Loop *loop) {
    if (!loop)
        return;
    pointers_sweep(&loop->watches, always_gone);
    pointers_sweep(&loop->timers, always_gone);
    pointers_sweep(&loop->children, always_gone);
    pointers_sweep(&loop->jobs, always_gone);
    free(loop->watches.items);
    free(loop->timers.items);
    free(loop->children.items);
    free(loop->jobs.items);
    free(loop->polled);
    close(loop->signals);
    sigprocmask(SIG_SETMASK, &loop->before, NULL);
    free(loop);
}

int64_t loop_now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

LoopWatch *loop_watch(Loop *loop, int fd, short events, void (*ready)(void *context, short events), void *context) {
    LoopWatch *watch = MEMORY_NEW(LoopWatch);
    *watch = (LoopWatch){fd, events, ready, context};
    pointers_add(&loop->watches, watch);
    return watch;
}

void loop_watch_events(LoopWatch *watch, short events) {
    watch->events = events;
}

void loop_unwatch(LoopWatch *watch) {
    watch->fd = -1;
}

LoopTimer *loop_timer(Loop *loop, int64_t delay_ms, void (*due)(void *context), void *context) {
    LoopTimer *timer = MEMORY_NEW(LoopTimer);
    *timer = (LoopTimer){loop_now_ms() + delay_ms, 0, due, context};
    pointers_add(&loop->timers, timer);
    return timer;
}

void loop_timer_cancel(LoopTimer *timer) {
    timer->gone = 1;
}

void loop_child(Loop *loop, pid_t pid, void (*ended)(void *context, int status), void *context) {
    LoopChild *child = MEMORY_NEW(LoopChild);
    *child = (LoopChild){pid, ended, context};
    pointers_add(&loop->children, child);
}

LoopJob *loop_job(Loop *loop, void (*cancel)(void *context), void *context) {
    LoopJob *job = MEMORY_NEW(LoopJob);
    *job = (LoopJob){0, cancel, context};
    pointers_add(&loop->jobs, job);
    return job;
}

void loop_job_end(LoopJob *job) {
    job->gone = 1;
}

void loop_cancel(Loop *loop) {
    size_t count = loop->jobs.count;
    for (size_t i = 0; i < count; i++) {
        LoopJob *job = loop->jobs.items[i];
        if (!job->gone)
            job->cancel(job->context);
    }
}

void loop_interrupts(Loop *loop, void (*interrupted)(void *context), void *context) {
    loop->interrupted = interrupted;
    loop->interrupt_context = context;
    signals_set(loop);
}

/* Each child is asked for by its own number: other parts of the process may have children of their own. */
static void children_reap(Loop *loop) {
    size_t count = loop->children.count;
    for (size_t i = 0; i < count; i++) {
        LoopChild *child = loop->children.items[i];
        int status = 0;
        if (child->pid && waitpid(child->pid, &status, WNOHANG) == child->pid) {
            child->pid = 0;
            child->ended(child->context, status);
        }
    }
}

static void signals_take(Loop *loop) {
    struct signalfd_siginfo info;
    while (read(loop->signals, &info, sizeof info) == (ssize_t)sizeof info)
        if (info.ssi_signo != SIGCHLD && loop->interrupted)
            loop->interrupted(loop->interrupt_context);
    children_reap(loop);
}

/* The delay for poll until the next timer: -1 for ever. */
static int timers_delay(const Loop *loop) {
    int64_t now = loop_now_ms(), delay = -1;
    for (size_t i = 0; i < loop->timers.count; i++) {
        const LoopTimer *timer = loop->timers.items[i];
        int64_t left = timer->due_ms > now ? timer->due_ms - now : 0;
        if (!timer->gone && (delay < 0 || left < delay))
            delay = left;
    }
    return delay > 60000 ? 60000 : (int)delay;
}

static int timers_run(Loop *loop) {
    int64_t now = loop_now_ms();
    int ran = 0;
    size_t count = loop->timers.count;
    for (size_t i = 0; i < count; i++) {
        LoopTimer *timer = loop->timers.items[i];
        if (!timer->gone && timer->due_ms <= now) {
            timer->gone = 1;
            timer->due(timer->context);
            ran = 1;
        }
    }
    return ran;
}

/* 0 where nothing happened within [wait_ms]; -1 waits for ever. */
static int turn(Loop *loop, int wait_ms) {
    pointers_sweep(&loop->watches, watch_gone);
    pointers_sweep(&loop->timers, timer_gone);
    pointers_sweep(&loop->children, child_gone);
    pointers_sweep(&loop->jobs, job_gone);
    size_t count = loop->watches.count;
    if (count + loop->timers.count + loop->children.count == 0)
        return 0;
    if (loop->polled_capacity < count + 1) {
        loop->polled_capacity = (count + 1) * 2;
        loop->polled = memory_resized(loop->polled, loop->polled_capacity, sizeof *loop->polled);
    }
    loop->polled[0] = (struct pollfd){.fd = loop->signals, .events = POLLIN};
    for (size_t i = 0; i < count; i++) {
        const LoopWatch *watch = loop->watches.items[i];
        loop->polled[i + 1] = (struct pollfd){.fd = watch->fd, .events = watch->events};
    }
    int delay = timers_delay(loop);
    int ready = poll(loop->polled, (nfds_t)(count + 1), wait_ms < 0 ? delay : wait_ms);
    if (ready < 0)
        return 1;
    for (size_t i = 0; i < count; i++) {
        const LoopWatch *watch = loop->watches.items[i];
        if (loop->polled[i + 1].revents && watch->fd >= 0)
            watch->ready(watch->context, loop->polled[i + 1].revents);
    }
    if (loop->polled[0].revents)
        signals_take(loop);
    int ran = timers_run(loop);
    return wait_ms < 0 || ready > 0 || ran;
}

int loop_turn(Loop *loop) {
    return turn(loop, -1);
}

int loop_catch_up(Loop *loop) {
    return turn(loop, 0);
}
