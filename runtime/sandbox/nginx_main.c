// `nginx`: the test of its configuration, its start and its signals.
#include "files.h"
#include "nginx.h"
#include "tools.h"
#include "units.h"

#include <stdlib.h>
#include <string.h>

#define CONF_FILE "/etc/nginx/nginx.conf"
#define PID_FILE "/run/nginx.pid"
#define PORTS_FILE "/run/nginx.ports"

/// Notes what a start or a reload opened: a configuration that was only written does not count.
static void ports_note(Host *host, const NginxPorts *ports) {
    Text text = text_new(host->mem);
    for (size_t i = 0; i < ports->count; i++) text_print(&text, "%ld %d\n", ports->items[i].port, ports->items[i].is_tls);
    files_write(host, PORTS_FILE, text.data, text.length, 0644);
}

NginxPorts nginx_open_ports(Host *host) {
    Unit unit = unit_load(host, "nginx.service");
    const char *text = strcmp(unit.active, "active") == 0 ? files_read(host, PORTS_FILE, NULL) : NULL;
    Words lines = words_split(host->mem, text == NULL ? "" : text, "\n");
    NginxPorts ports = {.items = mem_alloc(host->mem, (lines.count + 1) * sizeof(NginxPort))};
    for (size_t i = 0; i < lines.count; i++) {
        char *end;
        long port = strtol(lines.items[i], &end, 10);
        ports.items[ports.count++] = (NginxPort){port, strtol(end, NULL, 10) != 0};
    }
    return ports;
}

int nginx_main(Host *host) {
    ToolFlags flags;
    if (!tool_read_flags(host, "?hvVtTqs:p:e:c:g:", "", &flags)) return 1;
    const char *path = flags.value['c'] == NULL ? CONF_FILE : flags.value['c'], *signal = flags.value['s'], *problem;
    if (flags.plain.count > 0) host_fail(host, 1, "nginx: invalid option: \"%s\"", flags.plain.items[0]);
    if (flags.set['v']) {
        host_warn(host, "nginx version: nginx/1.22.1");
        return 0;
    }
    NginxPorts ports = nginx_read(host, path, &problem);
    if (problem != NULL) {
        host_warn(host, "nginx: %s", problem);
        if (flags.set['t']) host_warn(host, "nginx: configuration file %s test failed", path);
        return 1;
    }
    if (flags.set['t'] || flags.set['T']) {
        if (!flags.set['q'])
            host_warn(host, "nginx: the configuration file %s syntax is ok\nnginx: configuration file %s test is successful", path, path);
        return 0;
    }
    if (signal != NULL) {
        bool known = strcmp(signal, "reload") == 0 || strcmp(signal, "stop") == 0 || strcmp(signal, "quit") == 0 || strcmp(signal, "reopen") == 0;
        if (!known) host_fail(host, 1, "nginx: invalid option: \"-s %s\"", signal);
        if (!files_exists(host, PID_FILE)) host_fail(host, 1, "nginx: [error] open() \"" PID_FILE "\" failed (2: No such file or directory)");
        if (strcmp(signal, "reload") == 0) ports_note(host, &ports);
        return 0;
    }
    ports_note(host, &ports);
    files_write(host, PID_FILE, "1234\n", 5, 0644);
    return 0;
}
