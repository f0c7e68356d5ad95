/* HTTP requests from the event loop. The one file that knows libcurl is http.c. */
#ifndef PHX_RUNTIME_HTTP_H
#define PHX_RUNTIME_HTTP_H

#include "runtime/place.h"

typedef struct Http Http;

enum { HTTP_ANSWER_LIMIT = 16 << 20 };

/* Who makes the connections, where it is not this machine's network that is asked. */
typedef struct HttpDial {
    /* A line to [host]:[port] as seen from elsewhere: whoever connects to the socket of the system's at [path] is connected there. NULL with the
       reason in [problem]. */
    void *(*offer)(void *context, Str host, int port, Text *path, Text *problem);
    /* Why nothing comes through it, if that is known: asked when a request over it failed. */
    void (*complaint)(void *line, Text *problem);
    void (*hang_up)(void *line);
    void *context;
} HttpDial;

/* NULL where the library can't be set up. What [dial] points at, if anything, outlives it. */
Http *http_open(Loop *loop, const HttpDial *dial);
/* No request may be under way. */
void http_close(Http *http);

/* Sends a request over http or https, the certificate verified against the request's authorities or else the system's, without a proxy, and follows no
   redirection: the plan names the host that is asked, and a header may hold what no other host should see. Statuses from 200 to 299 are
   OUTCOME_OK with the answer's body as its output; others OUTCOME_EXIT with the status as the code and the body as the
   error output. Where the connection failed or broke, it is asked again, after a pause, as often as [request] says. What that holds is copied. */
void http_request(Http *http, const PlaceRequest *request, OutcomeDone *done, void *context);

#endif
