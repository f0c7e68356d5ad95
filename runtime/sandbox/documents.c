// Keeps JSON documents by their addresses in one file of the folder, and answers the requests about them.
#include "documents.h"

#include "files.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DOCUMENTS_FILE STATE_DIR "/documents"

/// Jansson reads no deeper than this itself; merging stops there too.
enum { DEPTH = JSON_PARSER_MAX_DEPTH };

static json_t *store_read(Host *host) {
    size_t length;
    const char *text = files_read(host, DOCUMENTS_FILE, &length);
    json_error_t error;
    json_t *store = text == NULL ? json_object() : json_loadb(text, length, JSON_REJECT_DUPLICATES, &error);
    if (!json_is_object(store)) host_fail(host, 255, "%s: damaged", DOCUMENTS_FILE);
    return store;
}

static const char *print(Host *host, const json_t *value) {
    char *text = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
    if (text == NULL) host_fail(host, 255, "%s: it can't be written", DOCUMENTS_FILE);
    const char *copy = mem_copy(host->mem, text);
    free(text);
    return copy;
}

static void store_write(Host *host, json_t *store) {
    const char *text = print(host, store);
    files_write(host, DOCUMENTS_FILE, text, strlen(text), 0644);
}

static void answer_with(EndpointAnswer *answer, int status, const char *body) {
    answer->status = status;
    answer->body = body;
}

/// Is one of the lines of the head that header with that text?
static bool head_has(const char *head, const char *name, const char *text) {
    size_t length = strlen(name);
    for (const char *line = head; *line != '\0' && *line != '\n'; line = strchr(line, '\n') + 1) {
        size_t end = strcspn(line, "\n");
        if (line[end] == '\0') return false;
        if (end < length + 2 || strncasecmp(line, name, length) != 0 || strncmp(line + length, ": ", 2) != 0) continue;
        if (end - length - 2 == strlen(text) && strncmp(line + length + 2, text, strlen(text)) == 0) return true;
    }
    return false;
}

/// RFC 7396: what `patch` makes of `target`; both are taken over.
static json_t *merge(json_t *target, json_t *patch, int depth) {
    if (!json_is_object(patch) || depth > DEPTH) {
        json_decref(target);
        return patch;
    }
    if (!json_is_object(target)) {
        json_decref(target);
        target = json_object();
    }
    const char *key;
    json_t *value;
    json_object_foreach(patch, key, value) {
        json_t *old = json_object_get(target, key);
        if (json_is_null(value)) json_object_del(target, key);
        else json_object_set_new(target, key, merge(old == NULL ? json_null() : json_incref(old), json_incref(value), depth + 1));
    }
    json_decref(patch);
    return target;
}

/// The documents right below an address.
static const char *list(Host *host, const json_t *store, const char *above) {
    Words addresses = words_new(host->mem);
    const char *address;
    json_t *value, *found = json_array();
    json_object_foreach((json_t *)store, address, value) {
        if (text_starts_with(address, above) && address[strlen(above)] != '\0' && strchr(address + strlen(above), '/') == NULL)
            words_add(&addresses, address);
    }
    words_sort(&addresses);
    for (size_t i = 0; i < addresses.count; i++) json_array_append(found, json_object_get(store, addresses.items[i]));
    const char *text = print(host, found);
    json_decref(found);
    return text;
}

void documents_answer(Host *host, const Endpoint *entry, const EndpointRequest *request, EndpointAnswer *answer) {
    const char *sent = request->sends ? files_read_input(host, NULL) : "\n";
    if (sent == NULL) host_fail(host, 255, "the request: %s", strerror(errno));
    const char *blank = *sent == '\n' ? sent : strstr(sent, "\n\n");
    const char *body = blank == NULL ? "" : blank + (*sent == '\n' ? 1 : 2);
    bool asks = strcmp(request->method, "GET") == 0, patches = strcmp(request->method, "PATCH") == 0;
    if (entry->token != NULL && !asks && !head_has(sent, "Authorization", mem_print(host->mem, "Bearer %s", entry->token))) {
        answer_with(answer, 401, "{\"error\":\"a token is needed\"}");
        return;
    }
    json_t *store = store_read(host), *old = json_object_get(store, request->url), *made;
    json_error_t error;
    if (asks && text_ends_with(request->url, "/")) {
        answer_with(answer, 200, list(host, store, request->url));
    } else if (!asks && strcmp(request->method, "PUT") != 0 && strcmp(request->method, "DELETE") != 0 && !patches) {
        answer_with(answer, 405, "{\"error\":\"no such method\"}");
    } else if (old == NULL && strcmp(request->method, "PUT") != 0) {
        answer_with(answer, 404, "{\"error\":\"no such document\"}");
    } else if (asks) {
        answer_with(answer, 200, print(host, old));
    } else if (strcmp(request->method, "DELETE") == 0) {
        json_object_del(store, request->url);
        store_write(host, store);
        answer_with(answer, 204, "");
    } else if ((made = json_loads(body, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error)) == NULL) {
        answer_with(answer, 400, mem_print(host->mem, "{\"error\":\"line %d: not JSON\"}", error.line));
    } else {
        int status = old == NULL ? 201 : 200;
        if (patches) made = merge(json_deep_copy(old), made, 0);
        json_object_set_new(store, request->url, made);
        store_write(host, store);
        answer_with(answer, status, print(host, made));
    }
    json_decref(store);
}
