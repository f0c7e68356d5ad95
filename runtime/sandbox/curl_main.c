// `curl` and `nc`: how programs and checks inside the model ask its network.
#include "endpoint.h"
#include "files.h"
#include "tools.h"

#include <stdlib.h>
#include <string.h>

/// The text of -w: %{http_code}, %{response_code} and \n.
static void format_print(Host *host, const char *format, int status) {
    for (; *format != '\0'; format++) {
        size_t length = strncmp(format, "%{", 2) == 0 ? strcspn(format, "}") : 0;
        if (length > 0 && format[length] == '}') {
            const char *name = mem_copy_part(host->mem, format + 2, length - 2);
            bool known = strcmp(name, "http_code") == 0 || strcmp(name, "response_code") == 0;
            if (known) host_print(host, "%03d", status);
            format += length;
        } else if (format[0] == '\\' && format[1] == 'n') {
            host_print(host, "\n");
            format++;
        } else {
            host_print(host, "%c", *format);
        }
    }
}

int curl_main(Host *host) {
    ToolFlags flags;
    static const char NAMES[] = "fail=f silent=s show-error=S output=o request=X header=H data=d data-binary=d data-raw=d insecure=k cacert=C "
                                "max-time=m location=L head=I include=i write-out=w user=u connect-timeout=T retry=R retry-delay=D "
                                "retry-connrefused=N noproxy=P cert=E key=K resolve=V compressed=Z fail-with-body=f url=U";
    if (!tool_read_flags(host, "fsSo:X:H:d:kC:m:LIiw:u:T:R:D:NP:E:K:V:ZU:4", NAMES, &flags)) return 2;
    if (flags.value['U'] != NULL) words_add(&flags.plain, flags.value['U']);
    if (flags.plain.count == 0) host_fail(host, 2, "curl: no URL specified!\ncurl: try 'curl --help' or 'curl --manual' for more information");
    bool quiet = flags.set['s'] && !flags.set['S'];
    const char *authority = flags.value['C'], *url = flags.plain.items[0];
    if (authority != NULL && !files_exists(host, tool_path(host, authority)))
        host_fail(host, 77, "%s", quiet ? "" : mem_print(host->mem, "curl: (77) error setting certificate file: %s", authority));
    EndpointAnswer answer;
    if (strstr(url, "://") == NULL) url = mem_print(host->mem, "http://%s", url);
    const char *problem = NULL;
    int code = 0;
    if (!endpoint_ask(host, &(EndpointRequest){.method = "GET", .url = url}, &answer)) {
        code = 3;
        problem = "URL using bad/illegal format or missing URL";
        answer = (EndpointAnswer){0};
    } else if (answer.kind == ENDPOINT_UNKNOWN_HOST) {
        code = 6;
        problem = mem_print(host->mem, "Could not resolve host: %s", answer.host);
    } else if (answer.kind == ENDPOINT_REFUSED) {
        code = 7;
        problem = mem_print(host->mem, "Failed to connect to %s port %ld after 0 ms: Couldn't connect to server", answer.host, answer.port);
    } else if (answer.kind == ENDPOINT_NO_TLS) {
        code = text_starts_with(url, "https") ? 35 : 1;
        problem = code == 35 ? "error:0A00010B:SSL routines::wrong version number" : "Received HTTP/0.9 when not allowed";
    } else if (flags.set['f'] && answer.status >= 400) {
        code = 22;
        problem = mem_print(host->mem, "The requested URL returned error: %d", answer.status);
    }
    int status = answer.kind == ENDPOINT_ANSWERS && code != 3 ? answer.status : 0;
    if (problem == NULL) {
        const char *path = flags.value['o'];
        if (flags.set['I'] || flags.set['i']) host_print(host, "HTTP/1.1 %d\n\n", answer.status);
        if (flags.set['I'] || (path != NULL && strcmp(path, "/dev/null") == 0)) path = NULL;
        else if (path != NULL) files_write(host, tool_path(host, path), answer.body, strlen(answer.body), 0644);
        else host_print(host, "%s", answer.body);
    }
    if (flags.value['w'] != NULL) format_print(host, flags.value['w'], status);
    if (problem != NULL && !quiet) host_warn(host, "curl: (%d) %s", code, problem);
    return code;
}

int nc_main(Host *host) {
    ToolFlags flags;
    if (!tool_read_flags(host, "zvnw:46N", "", &flags)) return 1;
    char *end = NULL;
    long port = flags.plain.count == 2 ? strtol(flags.plain.items[1], &end, 10) : 0;
    if (flags.plain.count != 2) host_fail(host, 1, "usage: nc [-zv] [-w timeout] [destination] [port]");
    if (*end != '\0' || port < 1 || port > 65535) host_fail(host, 1, "nc: port number invalid: %s", flags.plain.items[1]);
    if (!flags.set['z']) host_fail(host, 1, "phx-sandbox: nc without -z is not modelled");
    const char *name = flags.plain.items[0];
    EndpointAnswer answer = endpoint_connect(host, name, port);
    if (answer.kind == ENDPOINT_UNKNOWN_HOST) host_fail(host, 1, "nc: getaddrinfo for host \"%s\" port %ld: Name or service not known", name, port);
    bool open = answer.kind == ENDPOINT_ANSWERS;
    if (flags.set['v'])
        host_warn(host, open ? "Connection to %s %ld port [tcp/*] succeeded!" : "nc: connect to %s port %ld (tcp) failed: Connection refused", name, port);
    return open ? 0 : 1;
}
