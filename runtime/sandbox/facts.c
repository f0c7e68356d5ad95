// Turns sandbox.json into the facts of a host, refusing what it does not know.
#include "facts.h"

#include "files.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static const uint64_t GIB = 1024ULL * 1024 * 1024;

_Noreturn static void facts_refuse(Host *host, const char *place, const char *reason) {
    host_fail(host, 255, "sandbox.json: %s: %s", place, reason);
}

/// A name as a node or a bridge may have: it becomes part of paths.
static bool name_is_plain(const char *name) {
    if (!isalpha((unsigned char)*name) || strlen(name) > 63) return false;
    for (; *name != '\0'; name++)
        if (!isalnum((unsigned char)*name) && strchr("-_.", *name) == NULL) return false;
    return true;
}

static const char *string_read(Host *host, json_t *value, const char *place) {
    if (!json_is_string(value)) facts_refuse(host, place, "a string is needed");
    const char *text = json_string_value(value);
    if (strlen(text) != json_string_length(value)) facts_refuse(host, place, "a string without NUL is needed");
    return mem_copy(host->mem, text);
}

static uint64_t count_read(Host *host, json_t *value, const char *place) {
    if (!json_is_integer(value) || json_integer_value(value) <= 0)
        facts_refuse(host, place, "a whole number above 0 is needed");
    return (uint64_t)json_integer_value(value);
}

/// A list of strings; where [numbers] may stand, they are taken as text.
static Words list_read(Host *host, json_t *value, const char *place, bool numbers) {
    if (!json_is_array(value)) facts_refuse(host, place, "a list is needed");
    Words words = words_new(host->mem);
    size_t index;
    json_t *item;
    json_array_foreach(value, index, item) {
        const char *here = mem_print(host->mem, "%s[%zu]", place, index);
        const char *word = numbers && json_is_integer(item)
                               ? mem_print(host->mem, "%" JSON_INTEGER_FORMAT, json_integer_value(item))
                               : string_read(host, item, here);
        if (words_has(&words, word)) facts_refuse(host, here, "stands there twice");
        words_add(&words, word);
    }
    return words;
}

static void bridges_read(Host *host, json_t *value) {
    host->facts.bridges = list_read(host, value, "bridges", false);
    for (size_t i = 0; i < host->facts.bridges.count; i++)
        if (!name_is_plain(host->facts.bridges.items[i])) facts_refuse(host, "bridges", "not the name of a bridge");
}

static void disks_read(Host *host, json_t *value) {
    host->facts.disks = list_read(host, value, "disks", false);
    host->facts.lists_disks = true;
    for (size_t i = 0; i < host->facts.disks.count; i++)
        if (!text_starts_with(host->facts.disks.items[i], "/dev/"))
            facts_refuse(host, "disks", "a path under /dev is needed");
}

static bool text_is_hex(const char *text, size_t length) {
    return strlen(text) == length && strspn(text, "0123456789abcdefABCDEF") == length;
}

static void downloads_read(Host *host, json_t *value) {
    if (!json_is_array(value)) facts_refuse(host, "downloads", "a list is needed");
    host->facts.lists_downloads = true;
    host->facts.download_count = json_array_size(value);
    host->facts.downloads = mem_alloc(host->mem, (host->facts.download_count + 1) * sizeof(Download));
    size_t index;
    json_t *item, *field;
    json_array_foreach(value, index, item) {
        const char *place = mem_print(host->mem, "downloads[%zu]", index);
        if (!json_is_object(item)) facts_refuse(host, place, "an object is needed");
        Download *download = &host->facts.downloads[index];
        const char *key;
        json_object_foreach(item, key, field) {
            const char *here = mem_print(host->mem, "%s.%s", place, key);
            if (strcmp(key, "url") == 0) download->url = string_read(host, field, here);
            else if (strcmp(key, "name") == 0) download->name = string_read(host, field, here);
            else if (strcmp(key, "size") == 0) download->size = count_read(host, field, here);
            else if (strcmp(key, "sha256") == 0) download->sha256 = string_read(host, field, here);
            else facts_refuse(host, here, "unknown; known are url, name, size, sha256");
        }
        if (download->sha256 != NULL && !text_is_hex(download->sha256, 64))
            facts_refuse(host, place, "sha256 needs 64 hex digits");
        if (download->url == NULL && download->name == NULL) facts_refuse(host, place, "url or name is needed");
        if (download->name != NULL && strchr(download->name, '/') != NULL)
            facts_refuse(host, place, "name is no file name");
        if (download->size > 64 * GIB) facts_refuse(host, place, "size is above 64 GiB");
    }
}

/// The packages that there are: names, or objects with a name and a version.
static void packages_read(Host *host, json_t *value) {
    if (!json_is_array(value)) facts_refuse(host, "packages", "a list is needed");
    host->facts.lists_packages = true;
    size_t index;
    json_t *item;
    json_array_foreach(value, index, item) {
        const char *place = mem_print(host->mem, "packages[%zu]", index), *version = "";
        json_t *name = json_is_object(item) ? json_object_get(item, "name") : item;
        if (json_is_object(item) && json_object_get(item, "version") != NULL)
            version = string_read(host, json_object_get(item, "version"), mem_print(host->mem, "%s.version", place));
        pairs_set(&host->facts.packages, string_read(host, name, place), version);
    }
}

static void endpoints_read(Host *host, json_t *value) {
    if (!json_is_array(value)) facts_refuse(host, "endpoints", "a list is needed");
    host->facts.endpoint_count = json_array_size(value);
    host->facts.endpoints = mem_alloc(host->mem, (host->facts.endpoint_count + 1) * sizeof(Endpoint));
    size_t index;
    json_t *item, *field;
    json_array_foreach(value, index, item) {
        const char *place = mem_print(host->mem, "endpoints[%zu]", index), *key;
        Endpoint *endpoint = &host->facts.endpoints[index];
        *endpoint = (Endpoint){.status = 200, .body = ""};
        json_object_foreach(item, key, field) {
            const char *here = mem_print(host->mem, "%s.%s", place, key);
            if (strcmp(key, "url") == 0) endpoint->url = string_read(host, field, here);
            else if (strcmp(key, "tcp") == 0) endpoint->tcp = string_read(host, field, here);
            else if (strcmp(key, "body") == 0) endpoint->body = string_read(host, field, here);
            else if (strcmp(key, "after") == 0) endpoint->after = (long)count_read(host, field, here);
            else if (strcmp(key, "status") == 0) endpoint->status = (int)count_read(host, field, here);
            else if (strcmp(key, "documents") == 0 && json_is_boolean(field)) endpoint->documents = json_is_true(field);
            else if (strcmp(key, "token") == 0) endpoint->token = string_read(host, field, here);
            else facts_refuse(host, here, "unknown; known are url, tcp, status, body, after, documents, token");
        }
        if ((endpoint->url == NULL) == (endpoint->tcp == NULL)) facts_refuse(host, place, "an object with url or tcp is needed");
        if (endpoint->documents && endpoint->url == NULL) facts_refuse(host, place, "documents have a url");
        if (endpoint->token != NULL && !endpoint->documents) facts_refuse(host, place, "a token is for documents");
        if (endpoint->status < 100 || endpoint->status > 599) facts_refuse(host, place, "status is none of HTTP");
    }
}

static void field_read(Host *host, const char *key, json_t *value) {
    HostFacts *facts = &host->facts;
    if (strcmp(key, "node") == 0) {
        facts->node = string_read(host, value, key);
        if (!name_is_plain(facts->node) || strchr(facts->node, '.') != NULL)
            facts_refuse(host, key, "not the name of a node");
        facts->names_node = true;
    } else if (strcmp(key, "address") == 0) {
        facts->address = string_read(host, value, key);
    } else if (strcmp(key, "bridges") == 0) {
        bridges_read(host, value);
    } else if (strcmp(key, "disks") == 0) {
        disks_read(host, value);
    } else if (strcmp(key, "disk_size") == 0) {
        facts->disk_size = count_read(host, value, key);
    } else if (strcmp(key, "memory") == 0) {
        facts->memory = count_read(host, value, key);
    } else if (strcmp(key, "cores") == 0) {
        uint64_t cores = count_read(host, value, key);
        if (cores > 8192) facts_refuse(host, key, "at most 8192");
        facts->cores = (int)cores;
    } else if (strcmp(key, "gpus") == 0) {
        facts->gpus = list_read(host, value, key, true);
    } else if (strcmp(key, "downloads") == 0) {
        downloads_read(host, value);
    } else if (strcmp(key, "packages") == 0) {
        packages_read(host, value);
    } else if (strcmp(key, "images") == 0) {
        facts->images = list_read(host, value, key, false);
        facts->lists_images = true;
    } else if (strcmp(key, "endpoints") == 0) {
        endpoints_read(host, value);
    } else if (strcmp(key, "lock_wait") == 0) {
        uint64_t seconds = count_read(host, value, key);
        if (seconds > 600) facts_refuse(host, key, "at most 600");
        facts->lock_wait = (long)seconds;
    } else if (strcmp(key, "faults") == 0) {
        facts->fault = string_read(host, value, key);
    } else {
        facts_refuse(
            host, key,
            "unknown; known are node, address, bridges, disks, disk_size, memory, cores, gpus, downloads, packages, images, endpoints, lock_wait, faults");
    }
}

void facts_read(Host *host) {
    host->facts = (HostFacts){.node = "pve",
                              .bridges = words_new(host->mem),
                              .disks = words_new(host->mem),
                              .gpus = words_new(host->mem),
                              .packages = pairs_new(host->mem),
                              .images = words_new(host->mem),
                              .disk_size = 1024 * GIB,
                              .memory = 64 * GIB,
                              .cores = 16,
                              .lock_wait = 10};
    words_add(&host->facts.bridges, "vmbr0");
    size_t length;
    const char *text = files_read(host, "/sandbox.json", &length);
    if (text == NULL) {
        if (errno != ENOENT) host_fail(host, 255, "sandbox.json: %s", strerror(errno));
        return;
    }
    json_error_t error;
    json_t *file = json_loadb(text, length, JSON_REJECT_DUPLICATES, &error);
    if (file == NULL) host_fail(host, 255, "sandbox.json:%d:%d: %s", error.line, error.column, error.text);
    if (!json_is_object(file)) facts_refuse(host, "the file", "an object is needed");
    const char *key;
    json_t *value;
    json_object_foreach(file, key, value) field_read(host, key, value);
    json_decref(file);
}

bool facts_has_disk(const Host *host, const char *path) {
    if (host->facts.lists_disks) return words_has(&host->facts.disks, path);
    return text_starts_with(path, "/dev/disk/by-id/") && path[strlen("/dev/disk/by-id/")] != '\0';
}

const Download *facts_find_download(Host *host, const char *url, const char *name) {
    for (size_t i = 0; i < host->facts.download_count; i++) {
        const Download *download = &host->facts.downloads[i];
        if (download->url != NULL ? strcmp(download->url, url) == 0 : strcmp(download->name, name) == 0)
            return download;
    }
    if (host->facts.lists_downloads) return NULL;
    Download *any = mem_alloc(host->mem, sizeof *any);
    any->name = name;
    any->size = 4096;
    return any;
}
