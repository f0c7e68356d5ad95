/* HTTP: libcurl's event interface, its sockets and its timer hung into the loop.

   libcurl is loaded when the first request is made: it brings some thirty libraries, and to load them takes longer than to plan a small site, which
   most often has no request in it. */
#include "runtime/http.h"

#include <curl/curl.h>
#include <dlfcn.h>
#include <poll.h>
#include <string.h>

#include "runtime/memory.h"

/* The functions of libcurl that are called here, without their `curl_`. */
#define CURL_FUNCTIONS(FUNCTION) \
    FUNCTION(global_init) FUNCTION(global_cleanup) FUNCTION(slist_append) FUNCTION(slist_free_all) \
    FUNCTION(url) FUNCTION(url_cleanup) FUNCTION(url_set) FUNCTION(url_get) FUNCTION(free) \
    FUNCTION(easy_init) FUNCTION(easy_cleanup) FUNCTION(easy_setopt) FUNCTION(easy_getinfo) FUNCTION(easy_strerror) \
    FUNCTION(multi_init) FUNCTION(multi_cleanup) FUNCTION(multi_setopt) FUNCTION(multi_add_handle) FUNCTION(multi_remove_handle) \
    FUNCTION(multi_info_read) FUNCTION(multi_socket_action) FUNCTION(multi_assign)

typedef struct Curl {
#define FUNCTION(name) __typeof__(curl_##name) *name;
    CURL_FUNCTIONS(FUNCTION)
#undef FUNCTION
} Curl;

enum { RETRY_MS = 500 };

struct Http {
    Curl curl;
    Loop *loop;
    const HttpDial *dial;           /* NULL: the system's network */
    CURLM *multi;
    LoopTimer *timer;
};

typedef struct Exchange {
    Http *http;
    CURL *easy;
    struct curl_slist *headers;
    char *body;
    uint32_t retries;               /* left */
    LoopTimer *pause;               /* before the next try */
    void *line;                     /* through which it goes; NULL: the system's network */
    Text refusal;                   /* why it could not be */
    LoopJob *job;
    OutcomeKind ended_by;           /* OUTCOME_OK unless we end it */
    Text answer;
    char error[CURL_ERROR_SIZE];
    OutcomeDone *done;
    void *context;
} Exchange;

/* ---- the library ---- */

/* 0, or -1 where there is none. It stays loaded: it leaves what others have begun to use. */
static int curl_load(Curl *curl) {
    static const struct { const char *name; size_t place; } symbols[] = {
#define FUNCTION(name) {"curl_" #name, offsetof(Curl, name)},
        CURL_FUNCTIONS(FUNCTION)
#undef FUNCTION
    };
    void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
    if (!library)
        library = dlopen("libcurl-gnutls.so.4", RTLD_NOW | RTLD_LOCAL);
    if (!library)
        return -1;
    for (size_t i = 0; i < sizeof symbols / sizeof symbols[0]; i++) {
        void *symbol = dlsym(library, symbols[i].name);
        if (!symbol)
            return -1;
        memcpy((char *)curl + symbols[i].place, &symbol, sizeof symbol);
    }
    return 0;
}

/* ---- the end of an exchange ---- */

static void exchange_describe(Exchange *exchange, CURLcode result, Outcome *outcome) {
    long status = 0;
    const Curl *curl = &exchange->http->curl;
    const char *reason = exchange->error[0] ? exchange->error : curl->easy_strerror(result);
    curl->easy_getinfo(exchange->easy, CURLINFO_RESPONSE_CODE, &status);
    outcome->code = (int)status;
    outcome->kind = exchange->ended_by;
    if (exchange->ended_by == OUTCOME_TOO_LONG) {
        text_addf(&outcome->problem, "the answer is longer than %d MiB", HTTP_ANSWER_LIMIT >> 20);
    } else if (exchange->ended_by == OUTCOME_CANCELLED) {
        text_add_literal(&outcome->problem, "ended by the interrupt");
    } else if (result == CURLE_OPERATION_TIMEDOUT) {
        outcome->kind = OUTCOME_TIMEOUT;
        text_addf(&outcome->problem, "%s", reason);
    } else if (result != CURLE_OK) {
        outcome->kind = OUTCOME_NOT_STARTED;
        text_add(&outcome->problem, text_str(&exchange->refusal));
        if (exchange->line)
            exchange->http->dial->complaint(exchange->line, &outcome->problem);
        if (!outcome->problem.length)
            text_addf(&outcome->problem, "%s", reason);
    } else if (status < 200 || status > 299) {
        const char *location = NULL;
        outcome->kind = OUTCOME_EXIT;
        text_addf(&outcome->problem, "HTTP status %ld", status);
        curl->easy_getinfo(exchange->easy, CURLINFO_REDIRECT_URL, &location);
        if (location)
            text_addf(&outcome->problem, ", which points to %s", location);
    }
    if (outcome->kind == OUTCOME_OK)
        outcome->out = exchange->answer;
    else
        outcome->err = exchange->answer;
}

/* Did nobody answer, of whom one may hope that he will yet? Neither what took its time, nor what a certificate forbids. */
static int is_transient(CURLcode result) {
    return result == CURLE_COULDNT_CONNECT || result == CURLE_COULDNT_RESOLVE_HOST || result == CURLE_GOT_NOTHING || result == CURLE_RECV_ERROR ||
           result == CURLE_SEND_ERROR || result == CURLE_PARTIAL_FILE;
}

static void exchange_hang_up(Exchange *exchange) {
    if (exchange->line)
        exchange->http->dial->hang_up(exchange->line);
    exchange->line = NULL;
}

static void exchange_dial(Exchange *exchange);

static void exchange_again(void *context) {
    Exchange *exchange = context;
    exchange->pause = NULL;
    if (exchange->http->dial)
        exchange_dial(exchange);
    exchange->http->curl.multi_add_handle(exchange->http->multi, exchange->easy);
}

static void exchange_end(Exchange *exchange, CURLcode result) {
    Outcome outcome = {0};
    if (exchange->retries && exchange->ended_by == OUTCOME_OK && is_transient(result)) {
        exchange->retries--;
        exchange->http->curl.multi_remove_handle(exchange->http->multi, exchange->easy);
        exchange_hang_up(exchange);
        text_clear(&exchange->answer);
        text_clear(&exchange->refusal);
        exchange->error[0] = 0;
        exchange->pause = loop_timer(exchange->http->loop, RETRY_MS, exchange_again, exchange);
        return;
    }
    exchange_describe(exchange, result, &outcome);
    const Curl *curl = &exchange->http->curl;
    curl->multi_remove_handle(exchange->http->multi, exchange->easy);
    curl->easy_cleanup(exchange->easy);
    curl->slist_free_all(exchange->headers);
    loop_job_end(exchange->job);
    if (exchange->pause)
        loop_timer_cancel(exchange->pause);
    exchange_hang_up(exchange);
    text_fini(&exchange->refusal);
    free(exchange->body);
    OutcomeDone *done = exchange->done;
    void *context = exchange->context;
    free(exchange);
    done(context, &outcome);
}

static void exchange_cancelled(void *context) {
    exchange_end(context, CURLE_ABORTED_BY_CALLBACK);
}

static void exchange_cancel(void *context) {
    Exchange *exchange = context;
    if (exchange->ended_by != OUTCOME_OK)
        return;
    exchange->ended_by = OUTCOME_CANCELLED;
    loop_timer(exchange->http->loop, 0, exchange_cancelled, exchange);
}

/* Ends what libcurl says has ended; one that was cancelled has its end on the way. */
static void http_collect(Http *http) {
    CURLMsg *message;
    int left;
    while ((message = http->curl.multi_info_read(http->multi, &left))) {
        Exchange *exchange = NULL;
        CURLcode result = message->data.result;
        if (message->msg != CURLMSG_DONE)
            continue;
        http->curl.easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&exchange);
        if (exchange->ended_by != OUTCOME_CANCELLED)
            exchange_end(exchange, result);
    }
}

/* ---- the loop ---- */

typedef struct Socket {
    Http *http;
    curl_socket_t fd;
    LoopWatch *watch;
} Socket;

static void socket_ready(void *context, short events) {
    const Socket *socket = context;
    Http *http = socket->http;
    int running, mask = 0;
    mask |= events & (POLLIN | POLLHUP) ? CURL_CSELECT_IN : 0;
    mask |= events & POLLOUT ? CURL_CSELECT_OUT : 0;
    mask |= events & POLLERR ? CURL_CSELECT_ERR : 0;
    http->curl.multi_socket_action(http->multi, socket->fd, mask, &running);
    http_collect(http);
}

static int socket_wanted(CURL *easy, curl_socket_t fd, int what, void *context, void *own) {
    (void)easy;
    Http *http = context;
    Socket *socket = own;
    if (what == CURL_POLL_REMOVE) {
        if (socket) {
            loop_unwatch(socket->watch);
            free(socket);
        }
        return 0;
    }
    short events = (short)((what & CURL_POLL_IN ? POLLIN : 0) | (what & CURL_POLL_OUT ? POLLOUT : 0));
    if (!socket) {
        socket = MEMORY_NEW(Socket);
        *socket = (Socket){http, fd, loop_watch(http->loop, fd, events, socket_ready, socket)};
        http->curl.multi_assign(http->multi, fd, socket);
    }
    loop_watch_events(socket->watch, events);
    return 0;
}

static void http_due(void *context) {
    Http *http = context;
    int running;
    http->timer = NULL;
    http->curl.multi_socket_action(http->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    http_collect(http);
}

static int timer_wanted(CURLM *multi, long delay_ms, void *context) {
    (void)multi;
    Http *http = context;
    if (http->timer)
        loop_timer_cancel(http->timer);
    http->timer = delay_ms < 0 ? NULL : loop_timer(http->loop, delay_ms, http_due, http);
    return 0;
}

Http *http_open(Loop *loop, const HttpDial *dial) {
    Http *http = MEMORY_NEW(Http);
    http->loop = loop;
    http->dial = dial;
    if (curl_load(&http->curl) < 0 || http->curl.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        free(http);
        return NULL;
    }
    http->multi = http->curl.multi_init();
    if (!http->multi) {
        http->curl.global_cleanup();
        free(http);
        return NULL;
    }
    http->curl.multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, socket_wanted);
    http->curl.multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http);
    http->curl.multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION, timer_wanted);
    http->curl.multi_setopt(http->multi, CURLMOPT_TIMERDATA, http);
    return http;
}

void http_close(Http *http) {
    if (!http)
        return;
    http->curl.multi_cleanup(http->multi);
    if (http->timer)
        loop_timer_cancel(http->timer);
    http->curl.global_cleanup();
    free(http);
}

/* ---- requests ---- */

static size_t answer_take(const char *bytes, size_t size, size_t count, void *context) {
    Exchange *exchange = context;
    size_t length = size * count;
    if (exchange->answer.length + length > HTTP_ANSWER_LIMIT) {
        exchange->ended_by = OUTCOME_TOO_LONG;
        return 0;
    }
    text_add(&exchange->answer, (Str){bytes, length});
    return length;
}

/* ---- connections that somebody else makes ---- */

/* Has the next try go through a line of its own; the name is looked up where that ends. Where there is none, the try fails with the reason. */
static void exchange_dial(Exchange *exchange) {
    const Curl *curl = &exchange->http->curl;
    const HttpDial *dial = exchange->http->dial;
    char *url = NULL, *host = NULL, *port = NULL;
    Text path = {0};
    CURLU *parts = curl->url();
    curl->easy_getinfo(exchange->easy, CURLINFO_EFFECTIVE_URL, &url);
    if (parts && curl->url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK && curl->url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
        curl->url_get(parts, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK)
        exchange->line = dial->offer(dial->context, str_of(host), atoi(port), &path, &exchange->refusal);
    curl->easy_setopt(exchange->easy, CURLOPT_UNIX_SOCKET_PATH, exchange->line ? path.bytes : "/dev/null/nothing");
    curl->easy_setopt(exchange->easy, CURLOPT_FORBID_REUSE, 1L);
    curl->free(host);
    curl->free(port);
    curl->url_cleanup(parts);
    text_fini(&path);
}

/* A text of certificates or a key, which libcurl copies; it never stands in a file. */
static void exchange_blob(Exchange *exchange, CURLoption option, Str text) {
    if (text.length)
        exchange->http->curl.easy_setopt(exchange->easy, option, &(struct curl_blob){(void *)(uintptr_t)text.text, text.length, CURL_BLOB_COPY});
}

static void exchange_headers(Exchange *exchange, const PlaceRequest *request) {
    const Curl *curl = &exchange->http->curl;
    for (uint32_t i = 0; i < request->header_count; i++) {
        Text line = {0};
        const PlaceHeader *header = &request->headers[i];
        /* libcurl takes "Name;" for a header without a value. */
        text_addf(&line, header->text.length ? "%.*s: %.*s" : "%.*s;%.*s", (int)header->name.length, header->name.text,
                  (int)header->text.length, header->text.text);
        exchange->headers = curl->slist_append(exchange->headers, line.bytes);
        text_fini(&line);
    }
    curl->easy_setopt(exchange->easy, CURLOPT_HTTPHEADER, exchange->headers);
}

static void exchange_options(Exchange *exchange, const PlaceRequest *request) {
    CURL *easy = exchange->easy;
    const Curl *curl = &exchange->http->curl;
    Arena *arena = arena_open();
    Str method = arena_str(arena, request->method), url = arena_str(arena, request->url);
    curl->easy_setopt(easy, CURLOPT_PRIVATE, exchange);
    curl->easy_setopt(easy, CURLOPT_URL, url.text);
    curl->easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl->easy_setopt(easy, CURLOPT_PROXY, "");
    curl->easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl->easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl->easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)request->timeout_ms);
    curl->easy_setopt(easy, CURLOPT_ERRORBUFFER, exchange->error);
    curl->easy_setopt(easy, CURLOPT_WRITEFUNCTION, answer_take);
    curl->easy_setopt(easy, CURLOPT_WRITEDATA, exchange);
    if (request->has_body) {
        exchange->body = memory_zeroed(request->body.length + 1);
        if (request->body.length)
            memcpy(exchange->body, request->body.text, request->body.length);
        curl->easy_setopt(easy, CURLOPT_POSTFIELDS, exchange->body);
        curl->easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.length);
    }
    exchange_blob(exchange, CURLOPT_CAINFO_BLOB, request->authorities);
    exchange_blob(exchange, CURLOPT_SSLCERT_BLOB, request->certificate);
    exchange_blob(exchange, CURLOPT_SSLKEY_BLOB, request->key);
    if (exchange->http->dial)
        exchange_dial(exchange);
    if (str_equal(request->method, STR("HEAD")))
        curl->easy_setopt(easy, CURLOPT_NOBODY, 1L);
    curl->easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method.text);
    exchange_headers(exchange, request);
    arena_close(arena);
}

/* A header must not become two, nor a request line. */
static int request_is_sound(const PlaceRequest *request) {
    int sound = request->method.length && !memchr(request->method.text, ' ', request->method.length);
    for (uint32_t i = 0; i < request->header_count && sound; i++) {
        const PlaceHeader *header = &request->headers[i];
        for (size_t at = 0; at < header->name.length; at++)
            sound &= strchr(":\r\n ", header->name.text[at]) == NULL;
        for (size_t at = 0; at < header->text.length; at++)
            sound &= header->text.text[at] && !strchr("\r\n", header->text.text[at]);
    }
    return sound;
}

/* By RFC 9110, 9.2.2. */
static int is_idempotent(Str method) {
    static const char *const METHODS[] = {"GET", "HEAD", "OPTIONS", "PUT", "DELETE"};
    for (size_t i = 0; i < sizeof METHODS / sizeof METHODS[0]; i++)
        if (str_equal(method, str_of(METHODS[i])))
            return 1;
    return 0;
}

void http_request(Http *http, const PlaceRequest *request, OutcomeDone *done, void *context) {
    CURL *easy = request_is_sound(request) ? http->curl.easy_init() : NULL;
    if (!easy) {
        Outcome outcome = {.kind = OUTCOME_NOT_STARTED};
        text_add_literal(&outcome.problem, "the request holds a method or header that can't be sent");
        place_defer(http->loop, &outcome, done, context);
        return;
    }
    Exchange *exchange = MEMORY_NEW(Exchange);
    *exchange = (Exchange){.http = http, .easy = easy, .done = done, .context = context};
    if (is_idempotent(request->method))
        exchange->retries = request->retries;
    exchange->job = loop_job(http->loop, exchange_cancel, exchange);
    exchange_options(exchange, request);
    http->curl.multi_add_handle(http->multi, easy);
}
