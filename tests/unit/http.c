/* Requests to a server of the test's own, on a port of this machine. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/http.h"

typedef struct Server {
    pid_t pid;
    int port;
} Server;

/* Reads a request with its body and answers it by its path. */
static void serve(int connection) {
    char request[70000] = "", answer[80000];
    size_t length = 0, body = 0, wanted = 0;
    while (length < sizeof request - 1) {
        ssize_t got = read(connection, request + length, sizeof request - 1 - length);
        if (got <= 0)
            break;
        length += (size_t)got;
        const char *end = strstr(request, "\r\n\r\n"), *declared = strstr(request, "Content-Length: ");
        if (!end)
            continue;
        body = (size_t)(end - request) + 4;
        wanted = declared && declared < end ? (size_t)atol(declared + 16) : 0;
        if (strstr(request, "Expect: 100-continue") && length == body && wanted)
            dprintf(connection, "HTTP/1.1 100 Continue\r\n\r\n");
        if (length - body >= wanted)
            break;
    }
    if (strstr(request, " /slow ")) {
        sleep(30);
    } else if (strstr(request, " /endless ")) {
        signal(SIGPIPE, SIG_IGN);
        dprintf(connection, "HTTP/1.1 200 OK\r\n\r\n");
        memset(answer, 'x', sizeof answer);
        while (write(connection, answer, sizeof answer) > 0)
            continue;
    } else if (strstr(request, " /moved ")) {
        dprintf(connection, "HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/elsewhere\r\nContent-Length: 0\r\n\r\n");
    } else if (strstr(request, " /missing ")) {
        dprintf(connection, "HTTP/1.1 404 Not Found\r\nContent-Length: 8\r\n\r\nno such\n");
    } else {
        dprintf(connection, "HTTP/1.1 201 Created\r\nContent-Length: %zu\r\n\r\n", length);
        for (size_t at = 0; at < length;)
            at += (size_t)write(connection, request + at, length - at);
    }
}

static Server server_open(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(listener, 8), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &size), 0);
    Server server = {fork(), ntohs(address.sin_port)};
    if (!server.pid) {
        setpgid(0, 0);
        signal(SIGCHLD, SIG_IGN);
        for (int connection; (connection = accept(listener, NULL, NULL)) >= 0; close(connection)) {
            if (!fork()) {
                close(listener);
                serve(connection);
                _exit(0);
            }
        }
        _exit(0);
    }
    setpgid(server.pid, server.pid);
    close(listener);
    return server;
}

static void server_close(const Server *server) {
    kill(-server->pid, SIGKILL);
    waitpid(server->pid, NULL, 0);
}

typedef struct Asked {
    int ended;
    Outcome outcome;
} Asked;

static void asked_done(void *context, Outcome *outcome) {
    Asked *asked = context;
    assert_false(asked->ended);
    asked->ended = 1;
    asked->outcome = *outcome;
}

/* Asks for [path] as [request] says; [cancel]: and is interrupted meanwhile. */
static Outcome ask(int port, const char *path, PlaceRequest request, int cancel) {
    char url[100];
    Asked asked = {0};
    Loop *loop = loop_open();
    Http *http = http_open(loop, NULL);
    snprintf(url, sizeof url, "http://127.0.0.1:%d%s", port, path);
    if (!request.method.length)
        request.method = STR("GET");
    request.url = str_of(url);
    http_request(http, &request, asked_done, &asked);
    assert_false(asked.ended);
    if (cancel) {
        loop_turn(loop);
        loop_cancel(loop);
        loop_cancel(loop);
    }
    while (!asked.ended)
        assert_true(loop_turn(loop));
    http_close(http);
    loop_close(loop);
    return asked.outcome;
}

static void test_request_and_answer(void **state) {
    (void)state;
    Server server = server_open();
    const PlaceHeader headers[] = {{STR("X-Token"), STR("abc")}, {STR("X-Empty"), STR("")}};
    Outcome outcome = ask(server.port, "/echo?x=1", (PlaceRequest){.method = STR("PUT"), .headers = headers, .header_count = 2,
                                                                   .body = STR("{\"a\": 1}"), .has_body = 1}, 0);
    assert_int_equal(outcome.kind, OUTCOME_OK);
    assert_int_equal(outcome.code, 201);
    assert_non_null(strstr(outcome.out.bytes, "PUT /echo?x=1 HTTP/1.1\r\n"));
    assert_non_null(strstr(outcome.out.bytes, "X-Token: abc\r\n"));
    assert_non_null(strstr(outcome.out.bytes, "X-Empty:\r\n"));
    assert_non_null(strstr(outcome.out.bytes, "\r\n\r\n{\"a\": 1}"));
    outcome_fini(&outcome);
    server_close(&server);
}

static void test_long_body(void **state) {
    (void)state;
    Server server = server_open();
    static char body[60000];
    memset(body, 'b', sizeof body);
    Outcome outcome = ask(server.port, "/", (PlaceRequest){.method = STR("POST"), .body = {body, sizeof body}, .has_body = 1}, 0);
    assert_int_equal(outcome.kind, OUTCOME_OK);
    assert_in_range(outcome.out.length, sizeof body, sizeof body + 1000);
    outcome_fini(&outcome);
    server_close(&server);
}

static void test_failures(void **state) {
    (void)state;
    Server server = server_open();
    Outcome outcome = ask(server.port, "/missing", (PlaceRequest){0}, 0);
    assert_int_equal(outcome.kind, OUTCOME_EXIT);
    assert_int_equal(outcome.code, 404);
    assert_string_equal(outcome.problem.bytes, "HTTP status 404");
    assert_string_equal(outcome.err.bytes, "no such\n");
    outcome_fini(&outcome);
    outcome = ask(server.port, "/moved", (PlaceRequest){0}, 0);
    assert_int_equal(outcome.code, 302);
    assert_string_equal(outcome.problem.bytes, "HTTP status 302, which points to http://192.0.2.1/elsewhere");
    outcome_fini(&outcome);
    outcome = ask(server.port, "/slow", (PlaceRequest){.timeout_ms = 200}, 0);
    assert_int_equal(outcome.kind, OUTCOME_TIMEOUT);
    outcome_fini(&outcome);
    outcome = ask(server.port, "/slow", (PlaceRequest){0}, 1);
    assert_int_equal(outcome.kind, OUTCOME_CANCELLED);
    outcome_fini(&outcome);
    outcome = ask(server.port, "/endless", (PlaceRequest){0}, 0);
    assert_int_equal(outcome.kind, OUTCOME_TOO_LONG);
    assert_string_equal(outcome.problem.bytes, "the answer is longer than 16 MiB");
    outcome_fini(&outcome);
    server_close(&server);
    outcome = ask(server.port, "/", (PlaceRequest){0}, 0);
    assert_int_equal(outcome.kind, OUTCOME_NOT_STARTED);
    assert_non_null(strstr(outcome.problem.bytes, "onnect"));
    outcome_fini(&outcome);
}

static void test_what_is_never_sent(void **state) {
    (void)state;
    const PlaceHeader bad[] = {
        {STR("X"), STR("a\r\nHost: other")}, {STR("X:\r\nY"), STR("a")}, {STR("X Y"), STR("a")}, {STR("X"), {"a\0b", 3}},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        Outcome outcome = ask(9, "/", (PlaceRequest){.headers = &bad[i], .header_count = 1}, 0);
        assert_int_equal(outcome.kind, OUTCOME_NOT_STARTED);
        assert_non_null(strstr(outcome.problem.bytes, "that can't be sent"));
        outcome_fini(&outcome);
    }
    Outcome outcome = ask(9, "/", (PlaceRequest){.method = STR("GET / HTTP/1.1")}, 0);
    assert_non_null(strstr(outcome.problem.bytes, "that can't be sent"));
    outcome_fini(&outcome);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_request_and_answer), cmocka_unit_test(test_long_body), cmocka_unit_test(test_failures),
        cmocka_unit_test(test_what_is_never_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
