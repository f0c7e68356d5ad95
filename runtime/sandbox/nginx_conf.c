// Reads nginx's configuration: words, semicolons and braces, includes, and the mistakes that nginx -t would name.
#include "nginx.h"

#include "files.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#define CONF_FOLDER "/etc/nginx"

enum { INCLUDE_DEPTH = 16, PORT_LIMIT = 256 };

typedef enum Context { IN_MAIN = 1, IN_EVENTS = 2, IN_HTTP = 4, IN_SERVER = 8, IN_LOCATION = 16, IN_UPSTREAM = 32, IN_STREAM = 64, IN_OTHER = 128 } Context;

/// Directives of which the place is known. At the top and in `events` no others are taken; elsewhere modules have too many.
static const struct {
    const char *name;
    unsigned contexts;
    bool is_block;
} DIRECTIVES[] = {
    {"user", IN_MAIN, false}, {"worker_processes", IN_MAIN, false}, {"pid", IN_MAIN, false}, {"daemon", IN_MAIN, false}, {"env", IN_MAIN, false},
    {"master_process", IN_MAIN, false}, {"load_module", IN_MAIN, false}, {"lock_file", IN_MAIN, false}, {"pcre_jit", IN_MAIN, false}, {"thread_pool", IN_MAIN, false},
    {"timer_resolution", IN_MAIN, false}, {"worker_cpu_affinity", IN_MAIN, false}, {"worker_priority", IN_MAIN, false}, {"ssl_engine", IN_MAIN, false},
    {"worker_rlimit_core", IN_MAIN, false}, {"worker_rlimit_nofile", IN_MAIN, false}, {"worker_shutdown_timeout", IN_MAIN, false}, {"working_directory", IN_MAIN, false},
    {"debug_points", IN_MAIN, false}, {"error_log", IN_MAIN | IN_HTTP | IN_SERVER | IN_LOCATION | IN_STREAM, false}, {"include", ~0u, false},
    {"events", IN_MAIN, true}, {"http", IN_MAIN, true}, {"stream", IN_MAIN, true}, {"mail", IN_MAIN, true},
    {"worker_connections", IN_EVENTS, false}, {"multi_accept", IN_EVENTS, false}, {"use", IN_EVENTS, false}, {"accept_mutex", IN_EVENTS, false},
    {"accept_mutex_delay", IN_EVENTS, false}, {"debug_connection", IN_EVENTS, false}, {"worker_aio_requests", IN_EVENTS, false},
    {"server", IN_HTTP | IN_STREAM | IN_UPSTREAM, true}, {"upstream", IN_HTTP | IN_STREAM, true}, {"location", IN_SERVER | IN_LOCATION, true},
    {"map", IN_HTTP | IN_STREAM, true}, {"types", IN_HTTP | IN_SERVER | IN_LOCATION, true}, {"geo", IN_HTTP | IN_STREAM, true}, {"if", IN_SERVER | IN_LOCATION, true},
    {"listen", IN_SERVER, false}, {"server_name", IN_SERVER, false}, {"proxy_pass", IN_LOCATION | IN_SERVER | IN_OTHER, false}, {"try_files", IN_SERVER | IN_LOCATION, false},
    {"log_format", IN_HTTP | IN_STREAM, false}, {"ssl_certificate", IN_HTTP | IN_SERVER | IN_STREAM, false}, {"ssl_certificate_key", IN_HTTP | IN_SERVER | IN_STREAM, false},
};
enum { DIRECTIVE_COUNT = sizeof DIRECTIVES / sizeof DIRECTIVES[0] };

typedef struct Reader {
    Host *host;
    const char *problem;
    bool has_events, has_stream_module;
    NginxPorts ports;
    // Of the server that is being read: does it, or what is around it, have a certificate, and does a listen want one?
    bool has_certificate;
    const char *tls_place;
} Reader;

typedef struct Source {
    const char *path, *at;
    int line;
} Source;

static void problem_set(Reader *reader, const Source *source, const char *text) {
    if (reader->problem == NULL) reader->problem = mem_print(reader->host->mem, "[emerg] %s in %s:%d", text, source->path, source->line);
}

/// The next word, "{", "}" or ";"; NULL at the end of the file. *quoted: it is a word whatever it looks like.
static const char *token_next(Reader *reader, Source *source, bool *quoted) {
    *quoted = false;
    for (;; source->at++) {
        if (*source->at == '\n') source->line++;
        else if (*source->at == '#') {
            source->at += strcspn(source->at, "\n");
            if (*source->at == '\n') source->line++;
        } else if (strchr(" \t\r", *source->at) == NULL || *source->at == '\0') break;
        if (*source->at == '\0') return NULL;
    }
    if (*source->at == '\0') return NULL;
    Text word = text_new(reader->host->mem);
    if (strchr("{};", *source->at) != NULL) {
        text_add_part(&word, source->at++, 1);
        return word.data;
    }
    if (*source->at == '"' || *source->at == '\'') {
        char quote = *source->at++;
        *quoted = true;
        for (; *source->at != '\0' && *source->at != quote; source->at++) {
            if (*source->at == '\n') source->line++;
            if (*source->at == '\\' && source->at[1] != '\0') source->at++;
            text_add_part(&word, source->at, 1);
        }
        if (*source->at == '\0') return NULL;
        source->at++;
        if (strchr(" \t\r\n;{)", *source->at) == NULL) problem_set(reader, source, mem_print(reader->host->mem, "unexpected \"%c\"", *source->at));
        return word.data;
    }
    while (*source->at != '\0' && strchr(" \t\r\n;", *source->at) == NULL) {
        if (*source->at == '{' && !(word.length > 0 && word.data[word.length - 1] == '$')) break;
        // ${name} is part of a word.
        if (*source->at == '{') {
            size_t length = strcspn(source->at, "}");
            text_add_part(&word, source->at, length + (source->at[length] == '}'));
            source->at += length + (source->at[length] == '}');
            continue;
        }
        if (*source->at == '\\' && source->at[1] != '\0') text_add_part(&word, source->at++, 1);
        text_add_part(&word, source->at++, 1);
    }
    return word.data;
}

static void file_read(Reader *reader, const char *path, Context context, int depth);

static const char *full_path(Host *host, const char *path) {
    return *path == '/' ? path : mem_print(host->mem, CONF_FOLDER "/%s", path);
}

/// `include`: a file that must be there, or all that a pattern names.
static void include(Reader *reader, const Source *source, const char *given, Context context, int depth) {
    Host *host = reader->host;
    const char *path = full_path(host, given), *slash = strrchr(path, '/');
    if (depth > INCLUDE_DEPTH) {
        problem_set(reader, source, "too many levels of includes");
        return;
    }
    if (strpbrk(path, "*?[") == NULL) {
        if (files_exists(host, path)) file_read(reader, path, context, depth + 1);
        else problem_set(reader, source, mem_print(host->mem, "open() \"%s\" failed (2: No such file or directory)", path));
        return;
    }
    const char *folder = mem_copy_part(host->mem, path, (size_t)(slash - path));
    Words names = files_list(host, folder);
    for (size_t i = 0; i < names.count && reader->problem == NULL; i++)
        if (names.items[i][0] != '.' && fnmatch(slash + 1, names.items[i], 0) == 0)
            file_read(reader, mem_print(host->mem, "%s/%s", folder, names.items[i]), context, depth + 1);
}

static void listen(Reader *reader, const Source *source, const Words *words) {
    Host *host = reader->host;
    const char *address = words->items[1], *colon = strrchr(address, ':');
    if (text_starts_with(address, "unix:")) return;
    const char *number = colon != NULL && strchr(colon, ']') == NULL ? colon + 1 : *address == '[' || strchr(address, '.') != NULL ? "80" : address;
    char *end;
    long port = strtol(number, &end, 10);
    if (*end != '\0' || port < 1 || port > 65535) {
        problem_set(reader, source, mem_print(host->mem, "host not found in \"%s\" of the \"listen\" directive", address));
        return;
    }
    bool tls = words_has(words, "ssl");
    if (tls) reader->tls_place = mem_print(host->mem, "%s:%d", source->path, source->line);
    if (reader->ports.count < PORT_LIMIT) reader->ports.items[reader->ports.count++] = (NginxPort){port, tls};
}

static void certificate(Reader *reader, const Source *source, const Words *words) {
    Host *host = reader->host;
    const char *path = words->items[1];
    bool is_key = strcmp(words->items[0], "ssl_certificate_key") == 0;
    if (!is_key) reader->has_certificate = true;
    if (strchr(path, '$') != NULL || text_starts_with(path, "data:")) return;
    path = full_path(host, path);
    (void)source;
    if (files_exists(host, path) || reader->problem != NULL) return;
    reader->problem = mem_print(host->mem,
                                "[emerg] cannot load certificate%s \"%s\": BIO_new_file() failed (SSL: error:80000002:system library::No such "
                                "file or directory:calling fopen(%s, r) error:10000080:BIO routines::no such file)",
                                is_key ? " key" : "", path, path);
}

/// Looks at a whole directive. False if it stands where it must not.
static void directive_check(Reader *reader, const Source *source, const Words *words, Context context, bool block) {
    Host *host = reader->host;
    const char *name = words->items[0];
    for (size_t i = 0; i < DIRECTIVE_COUNT; i++) {
        if (strcmp(DIRECTIVES[i].name, name) != 0) continue;
        // In an upstream `server` names one and is no block.
        bool wants_block = DIRECTIVES[i].is_block && !(context == IN_UPSTREAM && strcmp(name, "server") == 0);
        if ((DIRECTIVES[i].contexts & context) == 0) problem_set(reader, source, mem_print(host->mem, "\"%s\" directive is not allowed here", name));
        else if (wants_block && !block) problem_set(reader, source, mem_print(host->mem, "directive \"%s\" has no opening \"{\"", name));
        else if (!wants_block && block) problem_set(reader, source, mem_print(host->mem, "directive \"%s\" is not terminated by \";\"", name));
        if (strcmp(name, "stream") == 0 && !reader->has_stream_module) problem_set(reader, source, "unknown directive \"stream\"");
        return;
    }
    if (context == IN_MAIN || context == IN_EVENTS) problem_set(reader, source, mem_print(host->mem, "unknown directive \"%s\"", name));
}

static Context context_of(const char *name, Context outer) {
    if (strcmp(name, "events") == 0) return IN_EVENTS;
    if (strcmp(name, "http") == 0) return IN_HTTP;
    if (strcmp(name, "stream") == 0) return IN_STREAM;
    if (strcmp(name, "server") == 0 && outer != IN_UPSTREAM) return IN_SERVER;
    if (strcmp(name, "upstream") == 0) return IN_UPSTREAM;
    if (strcmp(name, "location") == 0 || strcmp(name, "if") == 0) return IN_LOCATION;
    return IN_OTHER;
}

static void simple_directive(Reader *reader, const Source *source, const Words *words, Context context, int depth) {
    const char *name = words->items[0];
    directive_check(reader, source, words, context, false);
    bool needs_value = strcmp(name, "include") == 0 || strcmp(name, "listen") == 0 || text_starts_with(name, "ssl_certificate");
    if (needs_value && words->count < 2)
        problem_set(reader, source, mem_print(reader->host->mem, "invalid number of arguments in \"%s\" directive", name));
    if (reader->problem != NULL) return;
    if (strcmp(name, "include") == 0) include(reader, source, words->items[1], context, depth);
    else if (strcmp(name, "load_module") == 0 && words->count > 1) reader->has_stream_module = reader->has_stream_module || strstr(words->items[1], "ngx_stream_module") != NULL;
    else if (strcmp(name, "listen") == 0) listen(reader, source, words);
    else if (strcmp(name, "ssl_certificate") == 0 || strcmp(name, "ssl_certificate_key") == 0) certificate(reader, source, words);
}

/// Reads directives up to the closing brace, or to the end of the file on the outermost level of it.
static void block_read(Reader *reader, Source *source, Context context, int depth, bool outermost) {
    Words words = words_new(reader->host->mem);
    if (depth > INCLUDE_DEPTH * 2) problem_set(reader, source, "too deep");
    while (reader->problem == NULL) {
        bool quoted;
        const char *word = token_next(reader, source, &quoted);
        if (word == NULL) {
            if (words.count > 0) problem_set(reader, source, "unexpected end of file, expecting \";\" or \"}\"");
            else if (!outermost) problem_set(reader, source, "unexpected end of file, expecting \"}\"");
            return;
        }
        if (quoted || strchr("{};", *word) == NULL || *word == '\0') {
            words_add(&words, word);
        } else if (*word == '}') {
            if (words.count > 0 || outermost) problem_set(reader, source, "unexpected \"}\"");
            return;
        } else if (words.count == 0) {
            problem_set(reader, source, mem_print(reader->host->mem, "unexpected \"%s\"", word));
        } else if (*word == ';') {
            // What maps and types hold are no directives.
            if (context != IN_OTHER || strcmp(words.items[0], "include") == 0) simple_directive(reader, source, &words, context, depth);
            words = words_new(reader->host->mem);
        } else {
            directive_check(reader, source, &words, context, true);
            Context inner = context_of(words.items[0], context);
            bool had = reader->has_certificate;
            if (inner == IN_SERVER) reader->tls_place = NULL;
            if (inner == IN_EVENTS) reader->has_events = true;
            block_read(reader, source, inner, depth + 1, false);
            if (inner == IN_SERVER && reader->tls_place != NULL && !reader->has_certificate && reader->problem == NULL)
                reader->problem = mem_print(reader->host->mem, "[emerg] no \"ssl_certificate\" is defined for the \"listen ... ssl\" directive in %s", reader->tls_place);
            if (inner == IN_SERVER) reader->has_certificate = had;
            words = words_new(reader->host->mem);
        }
    }
}

static void file_read(Reader *reader, const char *path, Context context, int depth) {
    const char *text = files_read(reader->host, path, NULL);
    Source source = {.path = path, .at = text, .line = 1};
    if (text == NULL) reader->problem = mem_print(reader->host->mem, "[emerg] open() \"%s\" failed (2: No such file or directory)", path);
    else block_read(reader, &source, context, depth, true);
}

NginxPorts nginx_read(Host *host, const char *path, const char **problem) {
    Reader reader = {.host = host, .ports = {.items = mem_alloc(host->mem, PORT_LIMIT * sizeof(NginxPort))}};
    file_read(&reader, path, IN_MAIN, 0);
    if (reader.problem == NULL && !reader.has_events) reader.problem = "[emerg] no \"events\" section in configuration";
    *problem = reader.problem;
    return reader.ports;
}
