/* The event loop: one thread that waits for descriptors, child processes, timers and interrupts, and calls who asked. */
#ifndef PHX_RUNTIME_LOOP_H
#define PHX_RUNTIME_LOOP_H

#include <stdint.h>
#include <sys/types.h>

typedef struct Loop Loop;
typedef struct LoopWatch LoopWatch;
typedef struct LoopTimer LoopTimer;
typedef struct LoopJob LoopJob;

/* A new loop, or NULL with errno. While it is open SIGCHLD is blocked in this process and comes through the loop. */
Loop *loop_open(void);
/* Nothing may be running any more. */
void loop_close(Loop *loop);

/* Milliseconds of a clock that only goes forward. */
int64_t loop_now_ms(void);

/* Calls [ready] with the events of poll(2) that hold at [fd] (POLLHUP and POLLERR always count), in every turn, until it
   is unwatched. A watch may be changed or removed from within any callback. */
LoopWatch *loop_watch(Loop *loop, int fd, short events, void (*ready)(void *context, short events), void *context);
void loop_watch_events(LoopWatch *watch, short events);
void loop_unwatch(LoopWatch *watch);

/* Calls [due] once, [delay_ms] from now; 0 means in the next turn. The timer is gone before [due] is called. */
LoopTimer *loop_timer(Loop *loop, int64_t delay_ms, void (*due)(void *context), void *context);
void loop_timer_cancel(LoopTimer *timer);

/* Calls [ended] once with the status of waitpid(2) when the child process [pid] has ended. */
void loop_child(Loop *loop, pid_t pid, void (*ended)(void *context, int status), void *context);

/* Something that runs: [cancel] is what loop_cancel calls to have it end soon. */
LoopJob *loop_job(Loop *loop, void (*cancel)(void *context), void *context);
void loop_job_end(LoopJob *job);
/* Cancels all jobs; they still end in their own way, through later turns. */
void loop_cancel(Loop *loop);

/* From now on SIGINT, SIGTERM and SIGHUP do not end the process but call [interrupted]; NULL gives them back. */
void loop_interrupts(Loop *loop, void (*interrupted)(void *context), void *context);

/* Waits until something happens and calls everyone concerned. 0 where there is nothing to wait for. */
int loop_turn(Loop *loop);
/* The same for what has happened already, without waiting. 0 where that was nothing. */
int loop_catch_up(Loop *loop);

#endif
