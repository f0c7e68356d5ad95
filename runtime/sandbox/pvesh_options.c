// /cluster/options: the settings of the whole cluster, in datacenter.cfg.
#include "conf.h"
#include "files.h"
#include "formats.h"
#include "pvesh.h"
#include "verify.h"

#include <string.h>

#define OPTIONS_FILE "/etc/pve/datacenter.cfg"

/// Settings that are shown taken apart.
static bool is_shown_apart(const char *key) {
    return formats_match("crs|ha|migration|next-id|notify|replication|tag-style|u2f|user-tag-access|webauthn", key);
}

/// The file: `#` lines are the description, `key: value` lines the rest. What is no setting is dropped.
static Pairs settings_read(Host *host, const OptionSet *set) {
    Pairs settings = pairs_new(host->mem);
    const char *text = files_read(host, OPTIONS_FILE, NULL);
    Words lines = words_split(host->mem, text == NULL ? "" : text, "\n");
    Text description = text_new(host->mem);
    for (size_t i = 0; i < lines.count; i++) {
        const char *line = lines.items[i];
        size_t length = strlen(line);
        while (length > 0 && strchr(" \t\r", line[length - 1]) != NULL) length--;
        line = mem_copy_part(host->mem, line, length);
        if (*line == '#') {
            text_print(&description, "%s\n", conf_decode(host, line + 1));
            continue;
        }
        const char *colon = strchr(line, ':');
        if (colon == NULL) continue;
        const char *key = mem_copy_part(host->mem, line, (size_t)(colon - line));
        if (options_find(set, key) == NULL) {
            host_warn(host, "datacenter.cfg: ignore unknown setting '%s'", key);
            continue;
        }
        pairs_set(&settings, key, colon + 1 + strspn(colon + 1, " \t"));
    }
    if (description.length > 0) pairs_set(&settings, "description", description.data);
    return settings;
}

static void settings_write(Host *host, Pairs *settings) {
    Text text = text_new(host->mem);
    const char *description = pairs_get(settings, "description");
    Words lines = words_split(host->mem, description == NULL ? "" : description, "\n");
    for (size_t i = 0; i < lines.count; i++) text_print(&text, "#%s\n", conf_encode(host, lines.items[i]));
    pairs_sort(settings);
    for (size_t i = 0; i < settings->count; i++)
        if (strcmp(settings->items[i].key, "description") != 0)
            text_print(&text, "%s: %s\n", settings->items[i].key, settings->items[i].value);
    files_write(host, OPTIONS_FILE, text.data, text.length, 0640);
}

static json_t *parts_json(Host *host, const char *key, const char *value) {
    OptionSet format;
    Pairs pairs = pairs_new(host->mem);
    json_t *object = json_object();
    if (options_find_format(key, &format)) {
        verify_parse(host, &format, key, value, &pairs);
    } else {
        Words words = words_split(host->mem, value, ",");
        for (size_t i = 0; i < words.count; i++) {
            const char *equals = strchr(words.items[i], '=');
            if (equals != NULL)
                pairs_set(&pairs, mem_copy_part(host->mem, words.items[i], (size_t)(equals - words.items[i])), equals + 1);
        }
    }
    for (size_t i = 0; i < pairs.count; i++)
        json_object_set_new(object, pairs.items[i].key, json_string(pairs.items[i].value));
    return object;
}

json_t *pvesh_options(const Request *request) {
    Host *host = request->host;
    Args args = pvesh_parse(request);
    OptionSet set;
    options_find_command("PUT /cluster/options", &set);
    Pairs settings = settings_read(host, &set);
    if (pvesh_is(request, "GET")) {
        json_t *object = json_pack("{ss}", "mac_prefix", "BC:24:11");
        for (size_t i = 0; i < settings.count; i++) {
            const char *key = settings.items[i].key, *value = settings.items[i].value;
            json_object_set_new(object, key,
                                is_shown_apart(key) ? parts_json(host, key, value) : pvesh_value(&set, key, value));
        }
        return object;
    }
    Words removed = pvesh_read_delete(host, &args, &set);
    for (size_t i = 0; i < removed.count; i++) pairs_remove(&settings, removed.items[i]);
    for (size_t i = 0; i < args.values.count; i++)
        if (strcmp(args.values.items[i].key, "delete") != 0)
            pairs_set(&settings, args.values.items[i].key, args.values.items[i].value);
    settings_write(host, &settings);
    return NULL;
}
