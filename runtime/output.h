/* Standard output and standard error, whose failures are noticed. */
#ifndef PHX_RUNTIME_OUTPUT_H
#define PHX_RUNTIME_OUTPUT_H

#include "lang/text.h"

/* Must stay where it is while it is in use: its text points to it. */
typedef struct Output {
    Text text;
    int fd;
    int error;                  /* the errno of the first write that failed */
} Output;

void output_init(Output *output, int fd);
/* Writes what is still in the buffer. */
void output_flush(Output *output);
void output_fini(Output *output);

#endif
