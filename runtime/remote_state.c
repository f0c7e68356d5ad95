/* Asks the far end for the lock and has it write the journal. Both are waited for: nothing may begin before it is written down. */
#include "runtime/remote_state.h"

#include <time.h>

enum {
    POLL_MS = 250,
    ANSWER_MS = 60000           /* a disk that takes longer to sync hangs */
};

typedef struct RemoteState {
    State state;
    Channel *channel;
    Str name;
} RemoteState;

static RemoteState *remote_of(State *state) {
    return (RemoteState *)state;        /* its first member */
}

/* What came back: 0 well, 1 the lock is another's, whose note is in [said], 2 with the reason in [said]. */
static unsigned remote_call(RemoteState *remote, char kind, Str payload, Text *said) {
    Text answer = {0};
    unsigned result = 2;
    if (channel_call(remote->channel, kind, payload, ANSWER_MS, &answer)) {
        Unpack unpack = {text_str(&answer), 0};
        result = unpack_byte(&unpack);
        text_add(said, unpack_str(&unpack));
    } else {
        text_addf(said, "the connection to %s was cut: %s", remote->name.text, channel_lost(remote->channel));
    }
    text_fini(&answer);
    return result;
}

static LockStatus remote_lock(State *state, int64_t timeout_ms, Text *note, Text *problem) {
    int64_t deadline = loop_now_ms() + timeout_ms;
    for (;;) {
        Text said = {0};
        unsigned result = remote_call(remote_of(state), 'L', text_str(note), &said);
        if (result == 1 && loop_now_ms() >= deadline) {
            text_clear(note);
            lock_note_add(note, text_str(&said));
        } else if (result > 1) {
            text_add(problem, text_str(&said));
        }
        text_fini(&said);
        if (result != 1 || loop_now_ms() >= deadline)
            return result == 0 ? LOCK_TAKEN : result == 1 ? LOCK_BUSY : LOCK_FAILED;
        nanosleep(&(struct timespec){.tv_nsec = POLL_MS * 1000000L}, NULL);
    }
}

static void remote_renote(State *state, Str note) {
    Text unused = {0};
    remote_call(remote_of(state), 'N', note, &unused);
    text_fini(&unused);
}

static int remote_append(State *state, Str line, int sync, Text *problem) {
    Text payload = {0}, said = {0};
    pack_byte(&payload, sync != 0);
    text_add(&payload, line);
    unsigned result = remote_call(remote_of(state), 'J', text_str(&payload), &said);
    if (result)
        text_addf(problem, "the journal in %.*s cannot be written: %s", (int)state->shown.length, state->shown.text, said.bytes ? said.bytes : "no reason was given");
    text_fini(&payload);
    text_fini(&said);
    return result ? -1 : 0;
}

static int remote_journal(State *state, Arena *arena, Str *text, Text *problem) {
    Text said = {0};
    unsigned result = remote_call(remote_of(state), 'H', STR(""), &said);
    *text = result ? STR("") : arena_str(arena, text_str(&said));
    if (result)
        text_addf(problem, "%s", said.bytes ? said.bytes : "no reason was given");
    text_fini(&said);
    return result ? -1 : 0;
}

/* The far end gives the lock back when the connection ends. */
static void remote_close(State *state) {
    (void)state;
}

static const StateClass REMOTE_CLASS = {remote_lock, remote_renote, remote_append, remote_journal, remote_close};

State *remote_state_open(Arena *arena, Channel *channel, Str name, Str folder) {
    RemoteState *remote = ARENA_NEW(arena, RemoteState);
    *remote = (RemoteState){{&REMOTE_CLASS, folder}, channel, name};
    return &remote->state;
}
