// Everything below .../firewall: of the cluster, of the node, of a guest.
#include "firewall.h"
#include "formats.h"
#include "pvesh.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/// A request about a firewall.
typedef struct Question {
    const Request *request;
    Host *host;
    Args args;
    Firewall *own, *cluster;  // both the same for the cluster's
} Question;

/// The item as it is shown: with what follows from its fields.
static Pairs item_shown(const Question *question, const FirewallList *list, const Pairs *item) {
    Pairs shown = pairs_copy(item);
    const char *version = firewall_ip_version(question->host, question->own, question->cluster, item);
    if (version != NULL && list->kind != FIREWALL_IPSET) pairs_set(&shown, "ipversion", version);
    pairs_sort(&shown);
    return shown;
}

static void digest_add(Text *text, const Pairs *fields) {
    for (size_t f = 0; f < fields->count; f++) text_print(text, "%s:%s\n", fields->items[f].key, fields->items[f].value);
}

/// The digest of a list: of its items' fields by name, not of the file.
static const char *list_digest(const Question *question, const FirewallList *list) {
    Text text = text_new(question->host->mem);
    for (size_t i = 0; list != NULL && i < list->count; i++) {
        Pairs shown = item_shown(question, list, &list->items[i]);
        digest_add(&text, &shown);
    }
    return conf_sha1(question->host, text.data, text.length);
}

static void digest_check(const Question *question, const char *digest) {
    const char *given = cli_get(&question->args, "digest");
    if (given != NULL && strcmp(given, digest) != 0)
        host_fail(question->host, 255, "detected modified configuration - file changed by other user? Try again.");
}

static json_t *fields_json(const Pairs *fields) {
    json_t *object = json_object();
    for (size_t i = 0; i < fields->count; i++) {
        const char *key = fields->items[i].key, *value = fields->items[i].value;
        bool number = strcmp(key, "enable") == 0 || strcmp(key, "ipversion") == 0 || strcmp(key, "nomatch") == 0;
        json_object_set_new(object, key, number ? json_integer(strtoll(value, NULL, 10)) : json_string(value));
    }
    return object;
}

static json_t *item_json(const Question *question, const FirewallList *list, size_t place, const char *digest) {
    Pairs shown = item_shown(question, list, &list->items[place]);
    json_t *object = fields_json(&shown);
    json_object_set_new(object, "digest", json_string(digest));
    if (list->kind == FIREWALL_RULES || list->kind == FIREWALL_GROUP)
        json_object_set_new(object, "pos", json_integer((json_int_t)place));
    return object;
}

static json_t *list_json(const Question *question, const FirewallList *list) {
    json_t *array = json_array();
    const char *digest = list_digest(question, list);
    for (size_t i = 0; list != NULL && i < list->count; i++)
        json_array_append_new(array, item_json(question, list, i, digest));
    return array;
}

/// Puts the fields of a rule that the call gives into [rule]; an empty one, or `-`, takes a field away.
static void rule_fields_take(const Question *question, Pairs *rule) {
    static const char *const FIELDS[] = {"type", "action", "macro",     "iface", "source", "dest",   "proto",
                                         "dport", "sport",  "icmp-type", "log",   "enable", "comment"};
    for (size_t i = 0; i < sizeof FIELDS / sizeof FIELDS[0]; i++) {
        const char *value = cli_get(&question->args, FIELDS[i]);
        if (value == NULL) continue;
        if (*value == '\0' || strcmp(value, "-") == 0) pairs_remove(rule, FIELDS[i]);
        else pairs_set(rule, FIELDS[i], value);
    }
}

static void rule_verify(const Question *question, bool in_group, Pairs *rule) {
    const char *field, *macro = pairs_get(rule, "macro");
    const char *reason =
        firewall_check_rule(question->host, question->own, question->cluster, in_group, rule, &field);
    if (reason != NULL) cli_refuse(question->host, &question->args, field, reason);
    if (macro != NULL) pairs_set(rule, "macro", firewall_macro(macro));
}

/// Changes a rule, or moves it: a call that moves does nothing else.
static void rule_change(const Question *question, FirewallList *list, size_t place) {
    Host *host = question->host;
    const char *moved = cli_get(&question->args, "moveto"), *removed = cli_get(&question->args, "delete");
    Pairs *rule = &list->items[place];
    if (moved != NULL && strtoul(moved, NULL, 10) != place) {
        size_t target = strtoul(moved, NULL, 10);
        Pairs kept = *rule;
        if (target > list->count) target = list->count;
        firewall_take(list, place);
        firewall_insert(host, list, target > place ? target - 1 : target, kept);
        return;
    }
    rule_fields_take(question, rule);
    Words names = words_split(host->mem, removed == NULL ? "" : removed, ",; ");
    for (size_t i = 0; i < names.count; i++) {
        if (options_find(&question->request->set, names.items[i]) == NULL)
            cli_refuse(host, &question->args, "delete", mem_print(host->mem, "no such property ('%s')", names.items[i]));
        if (formats_match("type|action", names.items[i]))
            cli_refuse(host, &question->args, "delete",
                       mem_print(host->mem, "unable to delete required property '%s'", names.items[i]));
        pairs_remove(rule, names.items[i]);
    }
    rule_verify(question, list->kind == FIREWALL_GROUP, rule);
}

/// rules and groups/NAME, all or the one at `pos`: [list] may be NULL for an empty list of rules.
static json_t *rules_answer(const Question *question, FirewallList *list) {
    Host *host = question->host;
    const Request *request = question->request;
    const char *pos = pairs_get(&request->named, "pos");
    if (pos == NULL && pvesh_is(request, "GET")) return list_json(question, list);
    if (pos == NULL) {
        Pairs rule = pairs_new(host->mem);
        rule_fields_take(question, &rule);
        rule_verify(question, list != NULL && list->kind == FIREWALL_GROUP, &rule);
        // Left out, `enable` means off.
        if (pairs_get(&rule, "enable") == NULL) pairs_set(&rule, "enable", "0");
        if (list == NULL) list = firewall_add(host, question->own, FIREWALL_RULES, NULL);
        firewall_insert(host, list, 0, rule);  // --pos is not heeded: a new rule is the first
        return NULL;
    }
    const char *digest = list_digest(question, list);
    if (!pvesh_is(request, "GET")) digest_check(question, digest);
    size_t place = strtoul(pos, NULL, 10);
    if (list == NULL || place >= list->count) host_fail(host, 255, "no rule at position %s", pos);
    if (pvesh_is(request, "GET")) return item_json(question, list, place, digest);
    if (pvesh_is(request, "DELETE")) firewall_take(list, place);
    else rule_change(question, list, place);
    return NULL;
}

static json_t *options_answer(const Question *question) {
    Host *host = question->host;
    Pairs *options = &question->own->options, sorted = pairs_copy(options);
    pairs_sort(&sorted);
    Text text = text_new(host->mem);
    digest_add(&text, &sorted);
    const char *digest = conf_sha1(host, text.data, text.length);
    OptionSet set;
    options_find_command(firewall_options_command(question->own->scope), &set);
    if (pvesh_is(question->request, "GET")) {
        json_t *object = json_pack("{ss}", "digest", digest);
        for (size_t i = 0; i < options->count; i++)
            json_object_set_new(object, options->items[i].key,
                                pvesh_value(&set, options->items[i].key, options->items[i].value));
        return object;
    }
    digest_check(question, digest);
    const char *removed = cli_get(&question->args, "delete");
    Words names = words_split(host->mem, removed == NULL ? "" : removed, ",; ");
    for (size_t i = 0; i < names.count; i++) {
        if (options_find(&set, names.items[i]) == NULL)
            cli_refuse(host, &question->args, "delete", mem_print(host->mem, "no such option '%s'", names.items[i]));
        pairs_remove(options, names.items[i]);
    }
    for (size_t i = 0; i < question->args.values.count; i++) {
        const Pair *pair = &question->args.values.items[i];
        if (!formats_match("delete|digest|node|vmid", pair->key)) pairs_set(options, pair->key, pair->value);
    }
    return NULL;
}

/// The place of the item whose [key] is [value], in any case; the count if there is none.
static size_t item_find(const FirewallList *list, const char *key, const char *value) {
    size_t i = 0;
    while (i < list->count && strcasecmp(pairs_get(&list->items[i], key), value) != 0) i++;
    return i;
}

static int alias_compare(const void *a, const void *b) {
    return strcasecmp(pairs_get(a, "name"), pairs_get(b, "name"));
}

/// Gives [item] the comment of the call, or none.
static void comment_take(const Question *question, Pairs *item) {
    const char *comment = cli_get(&question->args, "comment");
    if (comment != NULL && *comment != '\0') pairs_set(item, "comment", comment);
}

static json_t *aliases_answer(const Question *question) {
    Host *host = question->host;
    const Request *request = question->request;
    const char *name = cli_get(&question->args, "name"), *renamed = cli_get(&question->args, "rename");
    FirewallList *list = firewall_find(question->own, FIREWALL_ALIASES, NULL);
    if (list == NULL) list = firewall_add(host, question->own, FIREWALL_ALIASES, NULL);
    if (list->count > 1) qsort(list->items, list->count, sizeof *list->items, alias_compare);
    if (name == NULL) return list_json(question, list);
    size_t place = item_find(list, "name", name);
    bool found = place < list->count;
    const char *digest = list_digest(question, list);
    if (pvesh_is(request, "PUT") || pvesh_is(request, "DELETE")) digest_check(question, digest);
    if (pvesh_is(request, "DELETE")) {
        // One that is not there is as good as removed.
        if (found) firewall_take(list, place);
        return NULL;
    }
    Pairs item = pairs_new(host->mem);
    if (pvesh_is(request, "POST")) {
        if (found) cli_refuse(host, &question->args, "name", mem_print(host->mem, "alias '%s' already exists", name));
    } else {
        if (!found) cli_refuse(host, &question->args, "name", "no such alias");
        if (pvesh_is(request, "GET")) {
            Pairs shown = item_shown(question, list, &list->items[place]);
            return fields_json(&shown);
        }
    }
    if (renamed != NULL && strcasecmp(renamed, name) != 0 && item_find(list, "name", renamed) < list->count)
        cli_refuse(host, &question->args, "name", mem_print(host->mem, "alias '%s' already exists", renamed));
    pairs_set(&item, "name", renamed != NULL && strcasecmp(renamed, name) != 0 ? renamed : name);
    pairs_set(&item, "cidr", firewall_clean_address(host, cli_get(&question->args, "cidr")));
    comment_take(question, &item);
    if (found) list->items[place] = item;
    else firewall_insert(host, list, list->count, item);
    return NULL;
}

/// The addresses of one set.
static json_t *members_answer(const Question *question, FirewallList *list) {
    Host *host = question->host;
    const Request *request = question->request;
    const char *cidr = cli_get(&question->args, "cidr");
    if (cidr == NULL) return list_json(question, list);
    bool is_alias = formats_check(host, "IPorCIDR", cidr) != NULL;
    if (!is_alias) cidr = firewall_clean_address(host, cidr);
    size_t place = item_find(list, "cidr", cidr);
    bool found = place < list->count;
    const char *digest = list_digest(question, list);
    if (pvesh_is(request, "POST")) {
        if (found)
            cli_refuse(host, &question->args, "cidr", mem_print(host->mem, "address '%s' already exists", cidr));
        if (formats_match(".*/0+", cidr))
            cli_refuse(host, &question->args, "cidr", "a zero prefix is not allowed in ipset entries");
        const char *slash = strchr(cidr, '/'), *name = is_alias && slash != NULL ? slash + 1 : cidr;
        if (is_alias && firewall_find_alias(question->own, name) == NULL &&
            firewall_find_alias(question->cluster, name) == NULL)
            host_fail(host, 255, "no such alias '%s'", cidr);
        Pairs item = pairs_new(host->mem);
        pairs_set(&item, "cidr", cidr);
        if (cli_has_flag(&question->args, "nomatch")) pairs_set(&item, "nomatch", "1");
        comment_take(question, &item);
        firewall_insert(host, list, 0, item);
        return NULL;
    }
    if (!pvesh_is(request, "GET")) digest_check(question, digest);
    if (pvesh_is(request, "DELETE")) {
        if (found) firewall_take(list, place);
        return NULL;
    }
    if (!found) cli_refuse(host, &question->args, "cidr", "no such IP/Network");
    if (pvesh_is(request, "GET")) return item_json(question, list, place, digest);
    // What is not given again is gone.
    Pairs item = pairs_new(host->mem);
    pairs_set(&item, "cidr", cidr);
    if (cli_has_flag(&question->args, "nomatch")) pairs_set(&item, "nomatch", "1");
    comment_take(question, &item);
    list->items[place] = item;
    return NULL;
}

static int list_name_compare(const void *a, const void *b) {
    return strcmp((*(const FirewallList *const *)a)->name, (*(const FirewallList *const *)b)->name);
}

/// The names and comments of the sets or groups; their digest too.
static json_t *index_json(const Question *question, FirewallKind kind, const char *key, const char **digest) {
    Host *host = question->host;
    const FirewallList **sorted = mem_alloc(host->mem, (question->own->count + 1) * sizeof(const FirewallList *));
    size_t count = 0;
    for (size_t i = 0; i < question->own->count; i++)
        if (question->own->lists[i].kind == kind) sorted[count++] = &question->own->lists[i];
    if (count > 1) qsort(sorted, count, sizeof *sorted, list_name_compare);
    Text text = text_new(host->mem);
    for (size_t i = 0; i < count; i++) {
        if (sorted[i]->comment != NULL) text_print(&text, "comment:%s\n", sorted[i]->comment);
        text_print(&text, "%s:%s\n", key, sorted[i]->name);
    }
    *digest = conf_sha1(host, text.data, text.length);
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++) {
        json_t *object = json_pack("{ssss}", key, sorted[i]->name, "digest", *digest);
        if (sorted[i]->comment != NULL) json_object_set_new(object, "comment", json_string(sorted[i]->comment));
        json_array_append_new(array, object);
    }
    return array;
}

static const char *lower(Host *host, const char *text) {
    char *copy = mem_copy(host->mem, text);
    for (char *at = copy; *at != '\0'; at++) *at = (char)tolower((unsigned char)*at);
    return copy;
}

/// Makes a set or group, or renames one: `--rename OLD` gives the one named OLD this name and comment.
static void list_create(const Question *question, FirewallKind kind, const char *key, const char *what) {
    Host *host = question->host;
    const char *name = cli_get(&question->args, key), *old = cli_get(&question->args, "rename"),
               *comment = cli_get(&question->args, "comment"), *digest;
    FirewallList *list = firewall_find(question->own, kind, name);
    if (old == NULL) {
        if (list != NULL)
            cli_refuse(host, &question->args, key, mem_print(host->mem, "%s '%s' already exists", what, name));
        list = firewall_add(host, question->own, kind, name);
    } else {
        json_decref(index_json(question, kind, key, &digest));
        digest_check(question, digest);
        FirewallList *renamed = firewall_find(question->own, kind, old);
        if (renamed == NULL)
            cli_refuse(host, &question->args, key, mem_print(host->mem, "%s '%s' does not exists", what, old));
        if (list != NULL && list != renamed)
            cli_refuse(host, &question->args, key, mem_print(host->mem, "%s '%s' does already exist", what, name));
        list = renamed;
    }
    // It is read back in lower case, whatever it was made as.
    list->name = lower(host, name);
    if (comment != NULL) list->comment = comment;
}

/// The sets or groups themselves, and what is in one.
static json_t *lists_answer(const Question *question, FirewallKind kind) {
    Host *host = question->host;
    const Request *request = question->request;
    bool is_group = kind == FIREWALL_GROUP;
    const char *key = is_group ? "group" : "name", *name = pairs_get(&request->named, key), *digest;
    if (name == NULL && pvesh_is(request, "GET")) return index_json(question, kind, key, &digest);
    if (name == NULL) {
        list_create(question, kind, key, is_group ? "Security group" : "IPSet");
        return NULL;
    }
    FirewallList *list = firewall_find(question->own, kind, name);
    if (list == NULL) host_fail(host, 255, "no such %s '%s'", is_group ? "security group" : "IPSet", name);
    bool whole = pairs_get(&request->named, is_group ? "pos" : "cidr") == NULL;
    if (whole && pvesh_is(request, "DELETE")) {
        if (list->count > 0 && !cli_has_flag(&question->args, "force"))
            host_fail(host, 255, "%s '%s' is not empty", is_group ? "Security group" : "IPSet", name);
        firewall_remove(question->own, list);
        return NULL;
    }
    return is_group ? rules_answer(question, list) : members_answer(question, list);
}

/// What rules may name as source or destination.
static json_t *refs_answer(const Question *question) {
    const char *only = cli_get(&question->args, "type");
    json_t *array = json_array();
    for (int round = 0; round < 2; round++) {
        const Firewall *firewall = round == 0 ? question->cluster : question->own;
        const char *scope = round == 0 ? "dc" : "guest";
        if (round == 1 && firewall == question->cluster) break;
        for (size_t l = 0; l < firewall->count; l++) {
            const FirewallList *list = &firewall->lists[l];
            bool set = list->kind == FIREWALL_IPSET, aliases = list->kind == FIREWALL_ALIASES;
            if ((!set && !aliases) || (only != NULL && strcmp(only, set ? "ipset" : "alias") != 0)) continue;
            for (size_t i = 0; i < (set ? 1 : list->count); i++) {
                const char *name = set ? list->name : pairs_get(&list->items[i], "name"),
                           *comment = set ? list->comment : pairs_get(&list->items[i], "comment");
                const char *ref = mem_print(question->host->mem, "%s%s/%s", set ? "+" : "", scope, name);
                json_t *object = json_pack("{ss, ss, ss, ss}", "type", set ? "ipset" : "alias", "name", name, "ref", ref,
                                           "scope", scope);
                if (comment != NULL) json_object_set_new(object, "comment", json_string(comment));
                json_array_append_new(array, object);
            }
        }
    }
    return array;
}

json_t *pvesh_firewall(const Request *request) {
    Host *host = request->host;
    if (request->set.head == NULL) pvesh_no_handler(request);
    size_t at = 0;
    while (strcmp(request->words.items[at], "firewall") != 0) at++;
    const char *vmid = pairs_get(&request->named, "vmid"), *node = pairs_get(&request->named, "node");
    const char *what = request->words.count > at + 1 ? request->words.items[at + 1] : "";
    Question question = {.request = request, .host = host, .args = pvesh_parse(request)};
    Firewall cluster = firewall_load(host, SCOPE_CLUSTER, "/etc/pve/firewall/cluster.fw"), own = cluster;
    if (vmid != NULL) own = firewall_load(host, SCOPE_GUEST, mem_print(host->mem, "/etc/pve/firewall/%s.fw", vmid));
    else if (node != NULL) own = firewall_load(host, SCOPE_NODE, mem_print(host->mem, "/etc/pve/nodes/%s/host.fw", node));
    question.cluster = &cluster;
    question.own = node == NULL ? &cluster : &own;
    json_t *result = NULL;
    if (strcmp(what, "rules") == 0) result = rules_answer(&question, firewall_find(question.own, FIREWALL_RULES, NULL));
    else if (strcmp(what, "options") == 0) result = options_answer(&question);
    else if (strcmp(what, "aliases") == 0) result = aliases_answer(&question);
    else if (strcmp(what, "groups") == 0) result = lists_answer(&question, FIREWALL_GROUP);
    else if (strcmp(what, "ipset") == 0) result = lists_answer(&question, FIREWALL_IPSET);
    else if (strcmp(what, "refs") == 0) result = refs_answer(&question);
    else pvesh_no_handler(request);
    if (!pvesh_is(request, "GET")) firewall_save(host, question.own);
    return result;
}
