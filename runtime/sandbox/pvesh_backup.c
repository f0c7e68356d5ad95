// /cluster/backup: the jobs in jobs.cfg.
#include "collection.h"
#include "formats.h"
#include "related.h"
#include "verify.h"

#include <stdio.h>
#include <string.h>

/// A job without a name gets one.
static void job_name(const Request *request, const Args *args, const char *given, const char **type, const char **id) {
    (void)args;
    (void)type;
    *id = given != NULL ? given : mem_print(request->host->mem, "backup-%.13s", host_uuid(request->host));
}

/// Turns the older `starttime` and `dow` into a schedule.
static void schedule_complete(Host *host, const Args *args, Pairs *options, bool is_new) {
    const char *start = cli_get(args, "starttime"), *days = cli_get(args, "dow");
    if (start != NULL && cli_get(args, "schedule") != NULL)
        cli_refuse(host, args, "starttime", "'starttime' and 'schedule' cannot both be set");
    if (start == NULL && is_new && pairs_get(options, "schedule") == NULL)
        cli_refuse(host, args, "schedule", "neither 'starttime' nor 'schedule' were set");
    if (start != NULL)
        pairs_set(options, "schedule", days == NULL ? start : mem_print(host->mem, "%s %s", days, start));
    pairs_remove(options, "starttime");
    pairs_remove(options, "dow");
}

static bool is_set(const Pairs *options, const char *key) {
    const char *value = pairs_get(options, key);
    return value != NULL && *value != '\0' && strcmp(value, "0") != 0;
}

/// Which guests: one of `all`, `vmid` and `pool`, and `exclude` only with `all` or `pool`.
static void selection_check(Host *host, const Args *args, Pairs *options) {
    static const char *const OTHERS[] = {"all", "exclude", "pool"};
    // What is new drives out what contradicts it.
    if (cli_get(args, "vmid") != NULL) {
        for (size_t i = 0; i < 3; i++)
            if (cli_get(args, OTHERS[i]) == NULL) pairs_remove(options, OTHERS[i]);
    } else if (cli_has_flag(args, "all")) {
        pairs_remove(options, "vmid");
        pairs_remove(options, "pool");
    } else if (cli_get(args, "pool") != NULL) {
        pairs_remove(options, "vmid");
        pairs_remove(options, "all");
    }
    if (is_set(options, "exclude") && !is_set(options, "pool")) pairs_set(options, "all", "1");
    for (size_t i = 0; i < 3; i++)
        if (is_set(options, OTHERS[i]) && is_set(options, "vmid"))
            cli_refuse(host, args, OTHERS[i], "option conflicts with option 'vmid'");
    if (!is_set(options, "all") && !is_set(options, "pool") && !is_set(options, "vmid"))
        cli_refuse(host, args, "vmid", "property is missing");
}

static void job_check(const Request *request, const Args *args, const Collection *collection, const StanzaFile *file,
                      Stanza *stanza, bool is_new) {
    (void)collection;
    (void)file;
    Host *host = request->host;
    if (!is_new && args->values.count == 1) host_fail(host, 255, "no options specified");
    schedule_complete(host, args, &stanza->options, is_new);
    if (is_new && cli_get(args, "enabled") == NULL) pairs_set(&stanza->options, "enabled", "1");
    selection_check(host, args, &stanza->options);
}

/// Property strings are shown taken apart; what is in them stays text.
static void job_show(const Request *request, const Stanza *stanza, json_t *object) {
    static const char *const PARTS[][2] = {
        {"prune-backups", "prune-backups"}, {"fleecing", "backup-fleecing"}, {"performance", "backup-performance"}};
    json_object_del(object, "digest");
    for (size_t i = 0; i < sizeof PARTS / sizeof PARTS[0]; i++) {
        const char *value = pairs_get(&stanza->options, PARTS[i][0]);
        OptionSet format;
        if (value == NULL || !options_find_format(PARTS[i][1], &format)) continue;
        Pairs pairs = pairs_new(request->host->mem);
        if (verify_parse(request->host, &format, PARTS[i][0], value, &pairs) != NULL) continue;
        json_t *parts = json_object();
        for (size_t p = 0; p < pairs.count; p++)
            json_object_set_new(parts, pairs.items[p].key, json_string(pairs.items[p].value));
        json_object_set_new(object, PARTS[i][0], parts);
    }
}

static const Collection JOBS = {
    .form = {.path = "/etc/pve/jobs.cfg", .schema = "POST /cluster/backup", .types = "vzdump", .first = "schedule"},
    .key = "id",
    .no_entry = "No such job '%s'",
    .taken = "Job '%s' already exists",
    .refuses_parameter = true,
    .name = job_name,
    .check = job_check,
    .show = job_show,
};

json_t *pvesh_backup(const Request *request) {
    return collection_answer(request, &JOBS, pairs_get(&request->named, "id"));
}

void related_remove_from_jobs(Host *host, const char *vmid) {
    StanzaFile file = stanza_read(host, &JOBS.form);
    bool changed = false;
    size_t kept = 0;
    for (size_t i = 0; i < file.count; i++) {
        Stanza *job = &file.items[i];
        const char *key = pairs_get(&job->options, "vmid") != NULL ? "vmid" : "exclude",
                   *list = pairs_get(&job->options, key);
        Words words = words_split(host->mem, list == NULL ? "" : list, ",; ");
        bool named = words_has(&words, vmid);
        words_remove(&words, vmid);
        changed = changed || named;
        if (named && words.count > 0) pairs_set(&job->options, key, words_join(&words, ","));
        if (named && words.count == 0) pairs_remove(&job->options, key);
        // A job for this guest alone goes with it.
        if (named && words.count == 0 && strcmp(key, "vmid") == 0) continue;
        file.items[kept++] = *job;
    }
    file.count = kept;
    if (changed) stanza_write(host, &JOBS.form, &file);
}
