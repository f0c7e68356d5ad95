/* What a call of the served phxc hands over: a socket carries it, with the caller's open files beside it. */
#ifndef PHX_TESTS_VALGRIND_CALL_H
#define PHX_TESTS_VALGRIND_CALL_H

#include <stdint.h>

enum {
    CALL_FILES = 250            /* open files of a caller: as many as one message may carry, but for the text and the working folder */
};

/* Followed, in the text, by so many arguments and variables, each with a NUL at its end. */
typedef struct Call {
    uint32_t arguments, variables;
    uint32_t umask;
    uint32_t files;             /* their numbers with the caller; its text and its working folder come before them in the message */
    int32_t numbers[CALL_FILES];
    uint64_t ignored, blocked;  /* signals, a bit each, as /proc/self/status has them */
} Call;

/* Afterwards: from the caller a byte for each signal that it got, back to it what waitpid says of its process, an int32_t. */

#endif
