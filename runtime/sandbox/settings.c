// Works on live and pending settings of guests, alike for containers and virtual machines.
#include "settings.h"

#include "guest.h"

#include <ctype.h>
#include <string.h>

// What is shown in place of a password.
#define HIDDEN "**********"

Words pending_deletes(Host *host, const Conf *conf) {
    const char *list = pairs_get(&conf->pending.keys, "delete");
    return words_split(host->mem, list == NULL ? "" : list, ",; ");
}

static void deletes_store(Host *host, Conf *conf, Words *names) {
    words_sort_unique(names);
    if (names->count == 0) pairs_remove(&conf->pending.keys, "delete");
    else pairs_set(&conf->pending.keys, "delete", mem_copy(host->mem, words_join(names, ",")));
}

void pending_set(Host *host, Conf *conf, const char *key, const char *value) {
    Words names = pending_deletes(host, conf);
    words_remove(&names, key);
    deletes_store(host, conf, &names);
    pairs_set(&conf->pending.keys, key, value);
}

void pending_delete(Host *host, Conf *conf, const char *key) {
    Words names = pending_deletes(host, conf);
    words_add(&names, key);
    deletes_store(host, conf, &names);
    pairs_remove(&conf->pending.keys, key);
}

void pending_revert(Host *host, Conf *conf, const char *key) {
    Words names = pending_deletes(host, conf);
    words_remove(&names, key);
    deletes_store(host, conf, &names);
    pairs_remove(&conf->pending.keys, key);
}

void pending_cleanup(Host *host, Conf *conf) {
    Words names = pending_deletes(host, conf), kept = words_new(host->mem);
    for (size_t i = 0; i < names.count; i++)
        if (pairs_get(&conf->main.keys, names.items[i]) != NULL) words_add(&kept, names.items[i]);
    Pairs pending = pairs_copy(&conf->pending.keys);
    for (size_t i = 0; i < pending.count; i++)
        if (strcmp(pending.items[i].key, "delete") != 0 &&
            text_equals(pairs_get(&conf->main.keys, pending.items[i].key), pending.items[i].value))
            pairs_remove(&conf->pending.keys, pending.items[i].key);
    deletes_store(host, conf, &kept);
}

Pairs settings_merge(Host *host, const Conf *conf, bool current, const char *snapshot) {
    const Section *section = &conf->main;
    if (snapshot != NULL) {
        section = conf_find_snapshot(conf, snapshot);
        if (section == NULL) host_fail(host, 255, "snapshot '%s' does not exist", snapshot);
    }
    Pairs keys = pairs_copy(&section->keys);
    if (snapshot == NULL && !current) {
        Words names = pending_deletes(host, conf);
        for (size_t i = 0; i < names.count; i++) pairs_remove(&keys, names.items[i]);
        for (size_t i = 0; i < conf->pending.keys.count; i++)
            if (strcmp(conf->pending.keys.items[i].key, "delete") != 0)
                pairs_set(&keys, conf->pending.keys.items[i].key, conf->pending.keys.items[i].value);
    }
    if (section->description != NULL) pairs_set(&keys, "description", section->description);
    if (pairs_get(&keys, "cipassword") != NULL) pairs_set(&keys, "cipassword", HIDDEN);
    pairs_sort(&keys);
    return keys;
}

void settings_print(Host *host, const Conf *conf, bool current, const char *snapshot) {
    Pairs keys = settings_merge(host, conf, current, snapshot);
    for (size_t i = 0; i < keys.count; i++) {
        const char *value = keys.items[i].value;
        if (strcmp(keys.items[i].key, "description") == 0) value = conf_print_description(host, conf->kind, value);
        host_print(host, "%s: %s\n", keys.items[i].key, value);
    }
    const Section *section = snapshot == NULL ? &conf->main : conf_find_snapshot(conf, snapshot);
    for (size_t i = 0; i < section->raw.count; i++)
        host_print(host, "%s: %s\n", section->raw.items[i].key, section->raw.items[i].value);
}

void settings_print_pending(Host *host, const Conf *conf) {
    Words removed = pending_deletes(host, conf), names = words_new(host->mem);
    Pairs live = pairs_copy(&conf->main.keys);
    if (conf->main.description != NULL)
        pairs_set(&live, "description", conf_print_description(host, conf->kind, conf->main.description));
    for (size_t i = 0; i < live.count; i++) words_add(&names, live.items[i].key);
    for (size_t i = 0; i < conf->pending.keys.count; i++) words_add(&names, conf->pending.keys.items[i].key);
    words_sort_unique(&names);
    for (size_t i = 0; i < names.count; i++) {
        const char *key = names.items[i], *value = pairs_get(&live, key), *next = pairs_get(&conf->pending.keys, key);
        if (strcmp(key, "delete") == 0) continue;
        if (strcmp(key, "cipassword") == 0) {
            value = value == NULL ? NULL : HIDDEN;
            next = next == NULL ? NULL : HIDDEN;
        }
        if (value != NULL) host_print(host, "%s %s: %s\n", words_has(&removed, key) ? "del" : "cur", key, value);
        if (next != NULL) host_print(host, "new %s: %s\n", key, next);
    }
}

/// Checks the names given to --delete or --revert.
static Words names_read(Host *host, const Args *args, const OptionSet *set, const char *flag) {
    const char *given = cli_get(args, flag);
    Words names = words_split(host->mem, given == NULL ? "" : given, ",; \t\n");
    for (size_t i = 0; i < names.count; i++) {
        const char *name = names.items[i];
        if (options_find(set, name) == NULL)
            cli_refuse(host, args, flag, mem_print(host->mem, "unknown option '%s'", name));
        if (cli_get(args, name) != NULL && strcmp(flag, "delete") == 0)
            cli_refuse(host, args, flag,
                       mem_print(host->mem, "you can't use '-%s' and -delete %s' at the same time", name, name));
    }
    return names;
}

Changes settings_read_changes(Host *host, const Args *args, const char *command) {
    static const char *const OTHERS[] = {"vmid",   "node",     "digest", "delete",
                                         "revert", "skiplock", "force",  "background_delay"};
    OptionSet set;
    Changes changes = {.set = pairs_copy(&args->values)};
    options_find_command(command, &set);
    for (size_t i = 0; i < sizeof OTHERS / sizeof OTHERS[0]; i++) pairs_remove(&changes.set, OTHERS[i]);
    changes.remove = names_read(host, args, &set, "delete");
    changes.revert = names_read(host, args, &set, "revert");
    if (changes.set.count + changes.remove.count + changes.revert.count == 0)
        host_fail(host, 2, "no options specified");
    pairs_sort(&changes.set);
    return changes;
}

const char *settings_volume(Host *host, const char *value) {
    const char *part = mem_copy_part(host->mem, value, strcspn(value, ","));
    static const char *const NAMES[] = {"volume=", "file="};
    for (size_t i = 0; i < 2; i++)
        if (text_starts_with(part, NAMES[i])) return part + strlen(NAMES[i]);
    return part;
}

bool settings_is_disk(GuestKind kind, const char *key) {
    static const char *const CONTAINER[] = {"mp"}, *const MACHINE[] = {"ide",    "sata",    "scsi",
                                                                       "virtio", "efidisk", "tpmstate"};
    if (kind == GUEST_LXC) return strcmp(key, "rootfs") == 0 || text_is_numbered(key, CONTAINER[0], NULL);
    for (size_t i = 0; i < sizeof MACHINE / sizeof MACHINE[0]; i++)
        if (text_is_numbered(key, MACHINE[i], NULL)) return true;
    return false;
}

/// Is [volume] one of the disks in [section]?
static bool section_uses(Host *host, GuestKind kind, const Section *section, const char *volume) {
    for (size_t i = 0; i < section->keys.count; i++)
        if (settings_is_disk(kind, section->keys.items[i].key) &&
            strcmp(settings_volume(host, section->keys.items[i].value), volume) == 0)
            return true;
    return false;
}

void settings_add_unused(Host *host, Conf *conf, const char *volume) {
    for (size_t i = 0; i < conf->main.keys.count; i++)
        if (text_is_numbered(conf->main.keys.items[i].key, "unused", NULL) &&
            strcmp(conf->main.keys.items[i].value, volume) == 0)
            return;
    for (int number = 0; number < 256; number++) {
        const char *key = mem_print(host->mem, "unused%d", number);
        if (pairs_get(&conf->main.keys, key) != NULL) continue;
        pairs_set(&conf->main.keys, key, volume);
        return;
    }
    host_fail(host, 255, "Too many unused volumes - please delete them first.");
}

const char *settings_tags(Host *host, const char *value) {
    char *lower = mem_copy(host->mem, value);
    for (char *at = lower; *at != '\0'; at++) *at = (char)tolower((unsigned char)*at);
    Words tags = words_split(host->mem, lower, ",; ");
    words_sort_unique(&tags);
    return words_join(&tags, ";");
}

void settings_save(Host *host, Conf *conf) {
    Pairs keys = pairs_copy(&conf->main.keys);
    for (size_t i = 0; i < keys.count; i++)
        if (text_is_numbered(keys.items[i].key, "unused", NULL) &&
            section_uses(host, conf->kind, &conf->main, keys.items[i].value))
            pairs_remove(&conf->main.keys, keys.items[i].key);
    guest_save(host, conf);
}
