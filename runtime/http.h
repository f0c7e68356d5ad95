/* HTTP requests from the event loop. The one file that knows libcurl is http.c. */
#ifndef PHX_RUNTIME_HTTP_H
#define PHX_RUNTIME_HTTP_H

#include "runtime/place.h"

typedef struct Http Http;

enum { HTTP_ANSWER_LIMIT = 16 << 20 };

/* NULL where the library can't be set up. */
Http *http_open(Loop *loop);
/* No request may be under way. */
void http_close(Http *http);

/* Sends a request over http or https, the certificate verified against the system's authorities, without a proxy, and follows no
   redirection: the plan names the host that is asked, and a header may hold what no other host should see. Statuses from 200 to 299 are
   OUTCOME_OK with the answer's body as its output; others OUTCOME_EXIT with the status as the code and the body as the
   error output. What [request] holds is copied. */
void http_request(Http *http, const PlaceRequest *request, OutcomeDone *done, void *context);

#endif
