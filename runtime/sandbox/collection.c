// Lists, makes, changes and removes the stanzas of a file for a REST path.
#include "collection.h"

#include "fault.h"

#include <string.h>

_Noreturn void collection_fail(Host *host, const Collection *collection, int step, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    const char *message = mem_print_list(host->mem, format, arguments);
    va_end(arguments);
    const char *before = collection->failing[step];
    if (before == NULL) host_fail(host, 255, "%s", message);
    host_fail(host, 255, "%s: %s", before, message);
}

/// [message] with [name] where it has its %s.
static const char *name_put(Host *host, const char *message, const char *name) {
    const char *place = strstr(message, "%s");
    return mem_print(host->mem, "%.*s%s%s", (int)(place - message), message, name, place + 2);
}

static json_t *entry_json(const Request *request, const Collection *collection, const StanzaFile *file,
                          const Stanza *stanza) {
    OptionSet schema;
    options_find_command(collection->form.schema, &schema);
    json_t *object = json_object();
    for (size_t i = 0; i < stanza->options.count; i++) {
        const Pair *pair = &stanza->options.items[i];
        const Option *option = options_find(&schema, pair->key);
        if (option == NULL || option->type != OPTION_ARRAY) {
            json_object_set_new(object, pair->key, pvesh_value(&schema, pair->key, pair->value));
            continue;
        }
        json_t *array = json_object_get(object, pair->key);
        if (array == NULL) {
            array = json_array();
            json_object_set_new(object, pair->key, array);
        }
        json_array_append_new(array, json_string(pair->value));
    }
    json_object_set_new(object, collection->key, json_string(stanza->id));
    json_object_set_new(object, "type", json_string(stanza->type));
    json_object_set_new(object, "digest", json_string(file->digest));
    if (collection->show != NULL) collection->show(request, stanza, object);
    return object;
}

_Noreturn static void entry_missing(const Request *request, const Collection *collection, const Args *args, int step,
                                    const char *id) {
    Host *host = request->host;
    const char *message = name_put(host, collection->no_entry, id);
    if (collection->refuses_parameter) cli_refuse(host, args, collection->key, message);
    if (step < 0) host_fail(host, 255, "%s", message);
    collection_fail(host, collection, step, "%s", message);
}

/// Puts the parameters of the call into the stanza; an array replaces the one that was there.
static void options_take(const Collection *collection, const Args *args, Stanza *stanza) {
    static const char *const OTHERS[] = {"digest", "delete", "type"};
    Words seen = words_new(args->values.mem);
    for (size_t i = 0; i < args->values.count; i++) {
        const Pair *pair = &args->values.items[i];
        bool other = strcmp(pair->key, collection->key) == 0;
        for (size_t o = 0; o < sizeof OTHERS / sizeof OTHERS[0]; o++)
            other = other || strcmp(pair->key, OTHERS[o]) == 0;
        if (other) continue;
        if (!words_has(&seen, pair->key)) pairs_remove(&stanza->options, pair->key);
        words_add(&seen, pair->key);
        pairs_add(&stanza->options, pair->key, pair->value);
    }
}

static void entry_create(const Request *request, const Collection *collection, StanzaFile *file, const Args *args,
                         const char *type, const char *id) {
    Host *host = request->host;
    const char *shown = collection->shows_type ? mem_print(host->mem, "%s:%s", type, id) : id;
    if (stanza_find(file, id) != NULL)
        collection_fail(host, collection, 0, "%s", name_put(host, collection->taken, shown));
    Stanza *stanza = stanza_add(host, file, type, id);
    options_take(collection, args, stanza);
    if (collection->check != NULL) collection->check(request, args, collection, file, stanza, true);
}

static void entry_change(const Request *request, const Collection *collection, StanzaFile *file, const Args *args,
                         const char *id) {
    Host *host = request->host;
    const char *digest = cli_get(args, "digest");
    if (digest != NULL && strcmp(digest, file->digest) != 0)
        collection_fail(host, collection, 1, "detected modified configuration - file changed by other user? Try again.");
    Stanza *stanza = stanza_find(file, id);
    OptionSet schema;
    options_find_command(collection->form.schema, &schema);
    Words removed = pvesh_read_delete(host, args, &schema);
    for (size_t i = 0; i < removed.count; i++) pairs_remove(&stanza->options, removed.items[i]);
    options_take(collection, args, stanza);
    if (collection->check != NULL) collection->check(request, args, collection, file, stanza, false);
}

json_t *collection_answer(const Request *request, const Collection *collection, const char *id) {
    Host *host = request->host;
    Args args = pvesh_parse(request);
    StanzaFile file = stanza_read(host, &collection->form);
    if (pvesh_is(request, "GET") && id == NULL) {
        json_t *array = json_array();
        for (size_t i = 0; i < file.count; i++) {
            const char *type = cli_get(&args, "type");
            if (type != NULL && strcmp(type, file.items[i].type) != 0) continue;
            json_array_append_new(array, entry_json(request, collection, &file, &file.items[i]));
        }
        return array;
    }
    const char *given = id != NULL ? id : cli_get(&args, collection->key), *type = cli_get(&args, "type");
    if (type == NULL) type = collection->form.types;
    id = given;
    if (collection->name != NULL) collection->name(request, &args, given, &type, &id);
    if (pvesh_is(request, "GET")) {
        const Stanza *stanza = stanza_find(&file, id);
        if (stanza == NULL) entry_missing(request, collection, &args, -1, given);
        return entry_json(request, collection, &file, stanza);
    }
    if (pvesh_is(request, "POST")) {
        entry_create(request, collection, &file, &args, type, id);
    } else if (pvesh_is(request, "PUT")) {
        if (stanza_find(&file, id) == NULL) entry_missing(request, collection, &args, 1, given);
        entry_change(request, collection, &file, &args, id);
    } else {
        if (stanza_find(&file, id) == NULL && !collection->forgives_delete)
            entry_missing(request, collection, &args, 2, given);
        stanza_remove(&file, id);
    }
    stanza_write(host, &collection->form, &file);
    if (pvesh_is(request, "DELETE") && collection->removed != NULL) {
        fault_between(host);
        collection->removed(request, &args, id);
    }
    return NULL;
}
