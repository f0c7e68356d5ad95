// The network of the model: what answers at an address.
#ifndef PHX_SANDBOX_ENDPOINT_H
#define PHX_SANDBOX_ENDPOINT_H

#include "conf.h"

typedef enum EndpointKind {
    ENDPOINT_ANSWERS,
    ENDPOINT_UNKNOWN_HOST,   // the name is nobody's
    ENDPOINT_REFUSED,        // nobody listens there
    ENDPOINT_NO_TLS          // https was asked of what does not speak it
} EndpointKind;

typedef struct EndpointAnswer {
    EndpointKind kind;
    int status;              // of HTTP
    const char *body;
    const char *host;
    long port;
} EndpointAnswer;

typedef struct EndpointRequest {
    const char *method;
    const char *url;
    bool sends;              // headers, a line each, an empty line and a body are on the standard input
} EndpointRequest;

/// Asks for a URL from the machine [host] is a view of. An entry of sandbox.json answers first, then what listens in the model. Each
/// question counts for an entry that answers only after some. False if the URL is none.
bool endpoint_ask(Host *host, const EndpointRequest *request, EndpointAnswer *answer);

/// Opens a connection to a port and closes it.
EndpointAnswer endpoint_connect(Host *host, const char *name, long port);

/// The guest of this node that has this name or address; false if there is none.
bool endpoint_guest(Host *host, const char *name, Conf *conf);

/// `phx-endpoint METHOD URL`, with what is sent on its standard input: prints the status, a line end and the body. The place that drives the
/// model asks with it.
int endpoint_main(Host *host);
int curl_main(Host *host);
int rsync_main(Host *host);
int nc_main(Host *host);

#endif
