// Makes the n-th call of a sandbox go wrong as asked: "N:fail", "N:hang", "N:lie", "N:die" or "N:late".
#include "fault.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static FaultKind kind_read(const char *name) {
    if (strcmp(name, "fail") == 0) return FAULT_FAIL;
    if (strcmp(name, "hang") == 0) return FAULT_HANG;
    if (strcmp(name, "lie") == 0) return FAULT_LIE;
    if (strcmp(name, "die") == 0) return FAULT_DIE;
    if (strcmp(name, "late") == 0) return FAULT_LATE;
    return FAULT_NONE;
}

_Noreturn static void kill_self(Host *host) {
    fflush(host->out);
    fflush(host->err);
    raise(SIGKILL);
    abort();
}

void fault_begin(Host *host, long call) {
    const char *order = getenv("PHX_SANDBOX_FAULT");
    if (order == NULL || *order == '\0') order = host->facts.fault;
    if (order == NULL) return;
    char *end;
    errno = 0;
    long wanted = strtol(order, &end, 10);
    FaultKind kind = errno == 0 && end != order && *end == ':' ? kind_read(end + 1) : FAULT_NONE;
    if (kind == FAULT_NONE || wanted < 1)
        host_fail(host, 255, "phx-sandbox: fault '%s' is not N:fail, N:hang, N:lie, N:die or N:late", order);
    if (call != wanted) return;
    host->fault = kind;
    if (kind == FAULT_FAIL) host_fail(host, 255, "got timeout: interrupted by the sandbox at call %ld", call);
    if (kind == FAULT_LIE) host_exit(host, 0);
    if (kind == FAULT_HANG) {
        close(host->lock);
        if (host->cluster_lock >= 0) close(host->cluster_lock);
        for (;;) pause();
    }
}

void fault_between(Host *host) {
    if (host->fault == FAULT_DIE) kill_self(host);
}

int fault_end(Host *host, int code) {
    if (host->fault == FAULT_DIE) kill_self(host);
    if (host->fault != FAULT_LATE || code != 0) return code;
    fprintf(host->err, "interrupted by the sandbox when all was done\n");
    return 255;
}
