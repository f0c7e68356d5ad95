/* The line: a child process whose three descriptors hang in the loop, and the requests that wait for their answers. */
#include "runtime/channel.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/memory.h"

enum {
    MESSAGE_LIMIT = PROCESS_BULK_LIMIT + (16 << 20),    /* the longest answer: a bulk read and what stands around it */
    NOISE_LIMIT = 1 << 20,                              /* what may come before the first message */
    COMPLAINT_LIMIT = 8192,
    FAREWELL_MS = 2000                                  /* how long the line may take to end once we hung up */
};

/* What the far end prints before its first message. */
static const char MARK[] = "phxc agent 1\n";

typedef struct Waiting {
    uint32_t number;
    ChannelAnswered *answered;
    void *context;
} Waiting;

struct Channel {
    Loop *loop;
    pid_t pid;                  /* 0: it never ran, or has ended */
    int exit_code;
    int ends[3];                /* -1: closed */
    LoopWatch *watches[3];
    LoopTimer *hang_up;         /* ends the line */
    Text outgoing;
    size_t sent;                /* of outgoing */
    Text incoming;
    size_t taken;               /* of incoming */
    Text complaints;
    Text lost;
    int met;                    /* the mark was seen */
    LoopTimer *due;             /* looks at what came while nobody but a caller was served */
    uint32_t last_number;
    Waiting *waiting;
    size_t waiting_count, waiting_capacity;
};

/* ---- payloads ---- */

void pack_byte(Text *payload, unsigned value) {
    text_add_char(payload, (char)value);
}

void pack_number(Text *payload, size_t value) {
    uint32_t number = value > UINT32_MAX ? UINT32_MAX : (uint32_t)value;
    char bytes[4] = {(char)(number >> 24), (char)(number >> 16), (char)(number >> 8), (char)number};
    text_add(payload, (Str){bytes, 4});
}

void pack_str(Text *payload, Str str) {
    pack_number(payload, str.length);
    text_add(payload, str);
}

static Str unpack_bytes(Unpack *unpack, size_t length) {
    if (unpack->rest.length < length) {
        unpack->bad = 1;
        unpack->rest = (Str){0};
        return (Str){0};
    }
    Str bytes = {unpack->rest.text, length};
    unpack->rest = (Str){bytes.text + length, unpack->rest.length - length};
    return bytes;
}

unsigned unpack_byte(Unpack *unpack) {
    Str bytes = unpack_bytes(unpack, 1);
    return bytes.length ? (unsigned char)bytes.text[0] : 0;
}

uint32_t unpack_number(Unpack *unpack) {
    Str bytes = unpack_bytes(unpack, 4);
    uint32_t number = 0;
    for (size_t i = 0; i < bytes.length; i++)
        number = number << 8 | (unsigned char)bytes.text[i];
    return number;
}

Str unpack_str(Unpack *unpack) {
    return unpack_bytes(unpack, unpack_number(unpack));
}

/* ---- the end of the line ---- */

static void end_close(Channel *channel, int end) {
    if (channel->ends[end] < 0)
        return;
    loop_unwatch(channel->watches[end]);
    close(channel->ends[end]);
    channel->ends[end] = -1;
}

static void channel_due(void *context);

static void channel_wake(Channel *channel) {
    if (!channel->due)
        channel->due = loop_timer(channel->loop, 0, channel_due, channel);
}

/* Nothing more is sent or taken. Who waits is told in the next turn. */
static void channel_cut(Channel *channel, const char *why) {
    if (!channel->lost.length)
        text_addf(&channel->lost, "%s", why);
    end_close(channel, 0);
    end_close(channel, 1);
    channel_wake(channel);
}

/* ---- taking and giving ---- */

static void complaints_read(Channel *channel) {
    char buffer[4096];
    ssize_t got;
    while (channel->ends[2] >= 0 && (got = read(channel->ends[2], buffer, sizeof buffer)) != 0) {
        if (got < 0)
            return;
        text_add(&channel->complaints, (Str){buffer, (size_t)got});
        if (channel->complaints.length > 2 * COMPLAINT_LIMIT) {
            size_t cut = channel->complaints.length - COMPLAINT_LIMIT;
            memmove(channel->complaints.bytes, channel->complaints.bytes + cut, COMPLAINT_LIMIT);
            text_cut(&channel->complaints, COMPLAINT_LIMIT);
        }
    }
    end_close(channel, 2);
}

/* Passes over what comes before the mark; 1 once that was seen. */
static int mark_find(Channel *channel) {
    const char *mark = channel->incoming.length ? memmem(channel->incoming.bytes, channel->incoming.length, MARK, sizeof MARK - 1) : NULL;
    if (mark) {
        channel->met = 1;
        channel->taken = (size_t)(mark - channel->incoming.bytes) + sizeof MARK - 1;
    } else if (channel->incoming.length > NOISE_LIMIT) {
        channel_cut(channel, "what answers there is not the program that was sent");
    }
    return channel->met;
}

/* 0 where there is nothing more to come. */
static int channel_read(Channel *channel) {
    char buffer[65536];
    for (int round = 0; round < 16 && channel->ends[1] >= 0; round++) {
        ssize_t got = read(channel->ends[1], buffer, sizeof buffer);
        if (got > 0)
            text_add(&channel->incoming, (Str){buffer, (size_t)got});
        else
            return got < 0 && (errno == EAGAIN || errno == EINTR);
    }
    return channel->ends[1] >= 0;
}

/* What was sent may have been a secret. */
static void outgoing_forget(Channel *channel) {
    if (channel->outgoing.length)
        explicit_bzero(channel->outgoing.bytes, channel->outgoing.length);
    text_clear(&channel->outgoing);
    channel->sent = 0;
}

static void channel_write(Channel *channel) {
    while (channel->ends[0] >= 0 && channel->sent < channel->outgoing.length) {
        ssize_t sent = write(channel->ends[0], channel->outgoing.bytes + channel->sent, channel->outgoing.length - channel->sent);
        if (sent < 0 && (errno == EAGAIN || errno == EINTR))
            break;
        if (sent < 0) {
            channel_cut(channel, "the connection was closed");
            break;
        }
        channel->sent += (size_t)sent;
    }
    if (channel->sent == channel->outgoing.length)
        outgoing_forget(channel);
    if (channel->ends[0] >= 0)
        loop_watch_events(channel->watches[0], channel->outgoing.length ? POLLOUT : 0);
}

static void channel_send(Channel *channel, uint32_t number, char kind, Str payload) {
    if (channel->lost.length)
        return;
    pack_number(&channel->outgoing, payload.length + 5);
    pack_number(&channel->outgoing, number);
    text_add_char(&channel->outgoing, kind);
    text_add(&channel->outgoing, payload);
    channel_write(channel);
}

/* ---- answers ---- */

/* The next whole message that has come: 1 with its number and payload, which stand until more is read. */
static int message_next(Channel *channel, size_t *at, uint32_t *number, Str *payload) {
    Unpack unpack = {{channel->incoming.bytes + *at, channel->incoming.length - *at}, 0};
    if (unpack.rest.length < 4)
        return 0;
    uint32_t length = unpack_number(&unpack);
    if (length < 5 || length > MESSAGE_LIMIT) {
        channel_cut(channel, "what came is no message");
        return 0;
    }
    if (unpack.rest.length < length)
        return 0;
    *at += 4 + (size_t)length;
    unpack.rest.length = length;
    *number = unpack_number(&unpack);
    unpack_byte(&unpack);
    *payload = unpack.rest;
    return 1;
}

/* Takes the request of this number off those that wait. */
static Waiting waiting_take(Channel *channel, uint32_t number) {
    for (size_t i = 0; i < channel->waiting_count; i++) {
        Waiting found = channel->waiting[i];
        if (found.number == number) {
            channel->waiting[i] = channel->waiting[--channel->waiting_count];
            return found;
        }
    }
    return (Waiting){0};
}

/* Gives every answer that has come to who waits for it; where the line is cut, tells the rest. */
static void channel_serve(Channel *channel) {
    uint32_t number;
    Str payload;
    while (channel->met && message_next(channel, &channel->taken, &number, &payload)) {
        Waiting waiting = waiting_take(channel, number);
        if (!waiting.answered)
            continue;
        /* Whoever is called may send and read, which moves what has come. */
        char *copy = memory_zeroed(payload.length + 1);
        memcpy(copy, payload.text, payload.length);
        waiting.answered(waiting.context, &(Str){copy, payload.length});
        free(copy);
    }
    if (channel->taken && (channel->taken == channel->incoming.length || channel->taken > (1 << 20))) {
        memmove(channel->incoming.bytes, channel->incoming.bytes + channel->taken, channel->incoming.length - channel->taken);
        text_cut(&channel->incoming, channel->incoming.length - channel->taken);
        channel->taken = 0;
    }
    while (channel->lost.length && channel->waiting_count) {
        Waiting waiting = channel->waiting[--channel->waiting_count];
        waiting.answered(waiting.context, NULL);
    }
}

static void channel_due(void *context) {
    Channel *channel = context;
    channel->due = NULL;
    channel_serve(channel);
}

/* ---- events ---- */

static void input_ready(void *context, short events) {
    Channel *channel = context;
    if (events & POLLERR)
        channel_cut(channel, "the connection was closed");
    else
        channel_write(channel);
}

static void line_kill(void *context) {
    Channel *channel = context;
    channel->hang_up = NULL;
    if (channel->pid)
        kill(-channel->pid, SIGKILL);
}

/* A line that does not end by itself is ended. */
static void line_watch(Channel *channel) {
    if (!channel->hang_up)
        channel->hang_up = loop_timer(channel->loop, FAREWELL_MS, line_kill, channel);
}

static void output_ready(void *context, short events) {
    (void)events;
    Channel *channel = context;
    int more = channel_read(channel);
    if (channel->met || mark_find(channel))
        channel_serve(channel);
    if (!more) {
        /* The line is about to end, and then it is known why. */
        end_close(channel, 1);
        line_watch(channel);
    }
}

static void complaints_ready(void *context, short events) {
    (void)events;
    complaints_read(context);
}

static void line_ended(void *context, int status) {
    Channel *channel = context;
    channel->pid = 0;
    channel->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    complaints_read(channel);
    channel_read(channel);
    channel_cut(channel, "the connection was closed");
}

Channel *channel_open(Loop *loop, const ProcessSpec *line, Str greeting) {
    static void (*const ready[])(void *, short) = {input_ready, output_ready, complaints_ready};
    Channel *channel = MEMORY_NEW(Channel);
    channel->loop = loop;
    channel->exit_code = -1;
    int error = process_spawn(line, 1, &channel->pid, channel->ends);
    if (error) {
        channel_cut(channel, strerror(error));
        return channel;
    }
    loop_child(loop, channel->pid, line_ended, channel);
    for (int end = 0; end < 3; end++)
        channel->watches[end] = loop_watch(loop, channel->ends[end], end ? POLLIN : 0, ready[end], channel);
    text_add(&channel->outgoing, greeting);
    channel_write(channel);
    return channel;
}

/* Waits for the line to end, which hung up. */
static void line_end(Channel *channel) {
    line_watch(channel);
    while (channel->pid && loop_turn(channel->loop))
        continue;
    if (channel->hang_up)
        loop_timer_cancel(channel->hang_up);
    channel->hang_up = NULL;
}

void channel_close(Channel *channel) {
    if (!channel)
        return;
    channel_cut(channel, "the connection was closed");
    line_end(channel);
    if (channel->due)
        loop_timer_cancel(channel->due);
    channel_serve(channel);
    end_close(channel, 2);
    outgoing_forget(channel);
    text_fini(&channel->outgoing);
    text_fini(&channel->incoming);
    text_fini(&channel->complaints);
    text_fini(&channel->lost);
    free(channel->waiting);
    free(channel);
}

/* ---- asking ---- */

uint32_t channel_ask(Channel *channel, char kind, Str payload, ChannelAnswered *answered, void *context) {
    if (channel->waiting_count == channel->waiting_capacity) {
        channel->waiting_capacity = channel->waiting_capacity ? channel->waiting_capacity * 2 : 16;
        channel->waiting = memory_resized(channel->waiting, channel->waiting_capacity, sizeof *channel->waiting);
    }
    uint32_t number = ++channel->last_number;
    channel->waiting[channel->waiting_count++] = (Waiting){number, answered, context};
    channel_send(channel, number, kind, payload);
    if (channel->lost.length)
        channel_wake(channel);
    return number;
}

void channel_tell(Channel *channel, uint32_t number, char kind) {
    channel_send(channel, number, kind, STR(""));
}

void channel_forget(Channel *channel, uint32_t number) {
    waiting_take(channel, number);
}

/* Sends and takes, and looks at nothing, until [deadline]. 0 where it is over. */
static int channel_pump(Channel *channel, int64_t deadline) {
    int64_t left = deadline - loop_now_ms();
    struct pollfd ends[3];
    for (int end = 0; end < 3; end++)
        ends[end] = (struct pollfd){.fd = channel->ends[end], .events = end ? POLLIN : channel->outgoing.length ? POLLOUT : 0};
    if (left <= 0 || poll(ends, 3, left > 60000 ? 60000 : (int)left) < 0)
        return left > 0;
    if (ends[2].revents)
        complaints_read(channel);
    if (ends[1].revents && !channel_read(channel))
        channel_cut(channel, "the connection was closed");
    if (ends[0].revents & POLLERR)
        channel_cut(channel, "the connection was closed");
    else if (ends[0].revents)
        channel_write(channel);
    return 1;
}

/* Has the answer to [number] come? It is taken out of the middle; what came before it stays. */
static int answer_take(Channel *channel, uint32_t number, Text *answer) {
    size_t at = channel->taken, before = at;
    uint32_t found;
    Str payload;
    while (message_next(channel, &at, &found, &payload)) {
        if (found == number) {
            text_add(answer, payload);
            memmove(channel->incoming.bytes + before, channel->incoming.bytes + at, channel->incoming.length - at);
            text_cut(&channel->incoming, channel->incoming.length - (at - before));
            return 1;
        }
        before = at;
    }
    return 0;
}

int channel_call(Channel *channel, char kind, Str payload, int64_t timeout_ms, Text *answer) {
    uint32_t number = ++channel->last_number;
    int64_t deadline = loop_now_ms() + timeout_ms;
    channel_send(channel, number, kind, payload);
    int answered = 0;
    while (!(answered = answer_take(channel, number, answer)) && !channel->lost.length)
        if (!channel_pump(channel, deadline))
            channel_cut(channel, "it has stopped answering");
    /* Answers to others came meanwhile, perhaps. */
    channel_wake(channel);
    return answered;
}

int channel_meet(Channel *channel, int64_t timeout_ms, Text *hello) {
    int answered = 0;
    /* The first message bears the number 0, for which nobody waits: it must be taken before it is served. */
    int64_t deadline = loop_now_ms() + timeout_ms;
    while (!(answered = (channel->met || mark_find(channel)) && answer_take(channel, 0, hello)) && !channel->lost.length)
        if (!channel_pump(channel, deadline))
            channel_cut(channel, "it does not answer");
    if (answered)
        return 1;
    /* Why it has ended is what it says, and its exit code. */
    line_end(channel);
    return 0;
}

const char *channel_lost(const Channel *channel) {
    return channel->lost.length ? channel->lost.bytes : NULL;
}

Str channel_complaints(const Channel *channel) {
    return text_str(&channel->complaints);
}

int channel_exit_code(const Channel *channel) {
    return channel->exit_code;
}
