// nginx in a machine: reads its configuration as strictly as it matters, and notes what it listens on.
#ifndef PHX_SANDBOX_NGINX_H
#define PHX_SANDBOX_NGINX_H

#include "host.h"

/// A port that the running nginx has open, as of its last start or reload.
typedef struct NginxPort {
    long port;
    bool is_tls;
} NginxPort;

typedef struct NginxPorts {
    NginxPort *items;
    size_t count;
} NginxPorts;

/// Reads the configuration [path]. What is wrong goes to *problem as nginx says it, with the place; NULL if nothing is.
NginxPorts nginx_read(Host *host, const char *path, const char **problem);

/// The ports that nginx has open now; none where it does not run.
NginxPorts nginx_open_ports(Host *host);

int nginx_main(Host *host);

#endif
