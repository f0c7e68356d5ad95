// A server of documents on the model's network: JSON kept under addresses, as many programs with an HTTP API keep what they manage.
#ifndef PHX_SANDBOX_DOCUMENTS_H
#define PHX_SANDBOX_DOCUMENTS_H

#include "endpoint.h"

/// What [request] does to the documents and is answered: GET of an address, or of all directly below one that ends in `/`, as a list in the
/// order of their addresses; PUT, DELETE; PATCH by RFC 7396. Where the entry has a token, everything but GET must carry it.
void documents_answer(Host *host, const Endpoint *entry, const EndpointRequest *request, EndpointAnswer *answer);

#endif
