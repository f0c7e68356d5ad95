/* Messages to and from a program far away: they go through the standard input and output of a program here, which is its line.

   A message is a length (4 bytes, of what follows), a number (4), a kind (1) and a payload; an answer bears the number of what it answers.
   The far end is runtime/agent.pl, which is sent first. */
#ifndef PHX_RUNTIME_CHANNEL_H
#define PHX_RUNTIME_CHANNEL_H

#include "runtime/process.h"

typedef struct Channel Channel;

/* The payload of the answer, valid during the call; NULL where the line was cut before it came: channel_lost says why. */
typedef void ChannelAnswered(void *context, const Str *payload);

/* Starts the line; it may be cut at once. [greeting] is sent first, as it is. */
Channel *channel_open(Loop *loop, const ProcessSpec *line, Str greeting);
/* Hangs up, which the far end takes as its end, and waits a little for the line to end by itself. */
void channel_close(Channel *channel);

/* Waits for the far end to speak, for at most [timeout_ms]: 1 with its first message in [hello]; 0 where it did not. What is printed before
   that, by whatever greets who logs in there, is passed over. */
int channel_meet(Channel *channel, int64_t timeout_ms, Text *hello);

/* Sends a request; [answered] is called once, from a later turn of the loop. The number names it in channel_tell and channel_forget. */
uint32_t channel_ask(Channel *channel, char kind, Str payload, ChannelAnswered *answered, void *context);
/* Sends something about a request that is under way, to which no answer comes. */
void channel_tell(Channel *channel, uint32_t number, char kind);
/* Its answer is not waited for any more. */
void channel_forget(Channel *channel, uint32_t number);
/* Sends a request and waits for its answer, while everything else waits: 1 with the payload in [answer], 0 where the line was cut. It may be
   called from a turn of the loop. */
int channel_call(Channel *channel, char kind, Str payload, int64_t timeout_ms, Text *answer);

/* NULL while the line stands; else why it does not, in a few words. */
const char *channel_lost(const Channel *channel);
/* What the line itself complained about, the end of it. */
Str channel_complaints(const Channel *channel);
/* The exit code of the line; -1 where it has not ended by itself. */
int channel_exit_code(const Channel *channel);

/* ---- payloads ---- */

void pack_byte(Text *payload, unsigned value);
void pack_number(Text *payload, size_t value);      /* of 4 bytes; what is larger becomes the largest */
void pack_str(Text *payload, Str str);              /* its length as a number, and its bytes */

/* Takes what was packed off the beginning of [rest]; what is not there is 0 or empty, and makes [bad] true. */
typedef struct Unpack { Str rest; int bad; } Unpack;
unsigned unpack_byte(Unpack *unpack);
uint32_t unpack_number(Unpack *unpack);
Str unpack_str(Unpack *unpack);

#endif
