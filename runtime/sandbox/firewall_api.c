// Answers the REST paths below .../firewall.
#include "conf.h"
#include "firewall.h"
#include "formats.h"

#include <stdlib.h>
#include <string.h>

static FirewallList *list_find(const Firewall *firewall, const char *kind, const char *name) {
    for (size_t i = 0; i < firewall->count; i++)
        if (strcmp(firewall->lists[i].kind, kind) == 0 && text_equals(firewall->lists[i].name, name))
            return &firewall->lists[i];
    return NULL;
}

static FirewallList *list_make(Host *host, Firewall *firewall, const char *kind, const char *name) {
    FirewallList *larger = mem_alloc(host->mem, (firewall->count + 1) * sizeof *larger);
    if (firewall->count > 0) memcpy(larger, firewall->lists, firewall->count * sizeof *larger);
    firewall->lists = larger;
    larger[firewall->count] = (FirewallList){.kind = kind, .name = name};
    return &larger[firewall->count++];
}

static void list_remove(Firewall *firewall, const FirewallList *gone) {
    for (size_t i = (size_t)(gone - firewall->lists); i + 1 < firewall->count; i++)
        firewall->lists[i] = firewall->lists[i + 1];
    firewall->count--;
}

/// Puts [item] at [place], the rest behind it.
static void item_insert(Host *host, FirewallList *list, size_t place, Pairs item) {
    Pairs *larger = mem_alloc(host->mem, (list->count + 1) * sizeof *larger);
    for (size_t i = 0; i < place; i++) larger[i] = list->items[i];
    larger[place] = item;
    for (size_t i = place; i < list->count; i++) larger[i + 1] = list->items[i];
    list->items = larger;
    list->count++;
}

static void item_remove(FirewallList *list, size_t place) {
    for (size_t i = place; i + 1 < list->count; i++) list->items[i] = list->items[i + 1];
    list->count--;
}

/// 4 or 6 if the item's addresses are literal ones of that kind, else NULL.
static const char *ip_version(Host *host, const Pairs *item) {
    static const char *const KEYS[] = {"source", "dest", "cidr"};
    for (size_t i = 0; i < 3; i++) {
        const char *value = pairs_get(item, KEYS[i]);
        if (value == NULL) continue;
        const char *address = mem_copy_part(host->mem, value, strcspn(value, "/,-"));
        if (formats_is_ipv4(address)) return "4";
        if (formats_is_ipv6(address)) return "6";
    }
    return NULL;
}

/// The item as it is shown: with what follows from its fields.
static Pairs item_shown(Host *host, const Pairs *item) {
    Pairs shown = pairs_copy(item);
    const char *version = ip_version(host, item);
    if (version != NULL && pairs_get(item, "name") == NULL) pairs_set(&shown, "ipversion", version);
    pairs_sort(&shown);
    return shown;
}

/// The digest of a list: of its items' fields by name, not of the file.
static const char *list_digest(Host *host, const FirewallList *list) {
    Text text = text_new(host->mem);
    for (size_t i = 0; list != NULL && i < list->count; i++) {
        Pairs shown = item_shown(host, &list->items[i]);
        for (size_t f = 0; f < shown.count; f++) text_print(&text, "%s:%s\n", shown.items[f].key, shown.items[f].value);
    }
    return conf_sha1(host, text.data, text.length);
}

static bool is_number_field(const char *name) {
    static const char *const NUMBERS[] = {"enable",   "ipversion",       "pos", "nomatch", "dhcp",     "ebtables",
                                          "ipfilter", "macfilter",       "ndp", "radv",    "nosmurfs", "tcpflags",
                                          "nftables", "nf_conntrack_max"};
    for (size_t i = 0; i < sizeof NUMBERS / sizeof NUMBERS[0]; i++)
        if (strcmp(NUMBERS[i], name) == 0) return true;
    return false;
}

static json_t *pairs_json(const Pairs *pairs) {
    json_t *object = json_object();
    for (size_t i = 0; i < pairs->count; i++) {
        const char *value = pairs->items[i].value;
        bool number = is_number_field(pairs->items[i].key) && formats_match("[0-9]{1,12}", value);
        json_object_set_new(object, pairs->items[i].key,
                            number ? json_integer(strtoll(value, NULL, 10)) : json_string(value));
    }
    return object;
}

static json_t *item_json(Host *host, const FirewallList *list, size_t place, bool numbered) {
    Pairs shown = item_shown(host, &list->items[place]);
    json_t *object = pairs_json(&shown);
    json_object_set_new(object, "digest", json_string(list_digest(host, list)));
    if (numbered) json_object_set_new(object, "pos", json_integer((json_int_t)place));
    return object;
}

static json_t *list_json(Host *host, const FirewallList *list, bool numbered) {
    json_t *array = json_array();
    for (size_t i = 0; list != NULL && i < list->count; i++)
        json_array_append_new(array, item_json(host, list, i, numbered));
    return array;
}

static void digest_check(Host *host, const Args *args, const FirewallList *list) {
    const char *given = cli_get(args, "digest");
    if (given != NULL && strcmp(given, list_digest(host, list)) != 0)
        host_fail(host, 255, "detected modified configuration - file changed by other user? Try again.");
}

/// The parameters that are fields of the item.
static Pairs fields_collect(const Args *args) {
    static const char *const OTHERS[] = {"digest", "delete", "moveto", "pos",   "node",
                                         "vmid",   "group",  "force",  "rename"};
    Pairs fields = pairs_copy(&args->values);
    for (size_t i = 0; i < sizeof OTHERS / sizeof OTHERS[0]; i++) pairs_remove(&fields, OTHERS[i]);
    return fields;
}

/// What the real programs check about a rule as a whole.
static void rule_verify(Host *host, const Args *args, const Pairs *rule) {
    static const char *const PORTS[] = {"dport", "sport"};
    const char *action = pairs_get(rule, "action"), *proto = pairs_get(rule, "proto"), *type = pairs_get(rule, "type");
    if (text_equals(type, "group")) return;
    if (!formats_match("ACCEPT|DROP|REJECT", action))
        cli_refuse(host, args, "action", mem_print(host->mem, "unknown action '%s'", action));
    for (size_t i = 0; i < 2; i++) {
        if (pairs_get(rule, PORTS[i]) == NULL || pairs_get(rule, "macro") != NULL) continue;
        if (proto == NULL)
            cli_refuse(host, args, "proto",
                       mem_print(host->mem, "missing property - '%s' requires this property", PORTS[i]));
        if (!formats_match("tcp|udp|udplite|sctp|dccp|icmp|icmpv6|ipv6-icmp", proto))
            cli_refuse(host, args, PORTS[i], mem_print(host->mem, "protocol %s does not support ports", proto));
    }
    if (pairs_get(rule, "icmp-type") != NULL && !text_equals(proto, "icmp") && !text_equals(proto, "icmpv6") &&
        !text_equals(proto, "ipv6-icmp"))
        cli_refuse(host, args, "icmp-type", "can only be specified with protocol icmp or icmpv6");
}

/// The place in [list] that [word] names; leaves if there is none.
static size_t rule_place(Host *host, const FirewallList *list, const char *word) {
    size_t place = strtoul(word, NULL, 10);
    if (!formats_match("[0-9]+", word) || list == NULL || place >= list->count)
        host_fail(host, 255, "no rule at position %s", word);
    return place;
}

static void rule_change(Host *host, const Args *args, FirewallList *list, size_t place) {
    Pairs *rule = &list->items[place], fields = fields_collect(args);
    const char *removed = cli_get(args, "delete"), *moved = cli_get(args, "moveto");
    for (size_t i = 0; i < fields.count; i++) pairs_set(rule, fields.items[i].key, fields.items[i].value);
    Words names = words_split(host->mem, removed == NULL ? "" : removed, ",; ");
    for (size_t i = 0; i < names.count; i++) {
        if (formats_match("type|action", names.items[i]))
            cli_refuse(host, args, "delete",
                       mem_print(host->mem, "unable to delete required property '%s'", names.items[i]));
        pairs_remove(rule, names.items[i]);
    }
    rule_verify(host, args, rule);
    if (moved == NULL) return;
    size_t target = strtoul(moved, NULL, 10);
    Pairs kept = *rule;
    if (target > list->count) target = list->count;
    item_remove(list, place);
    item_insert(host, list, target > place ? target - 1 : target, kept);
}

/// rules, rules/POS and groups/NAME, groups/NAME/POS: [list] may be NULL for an empty list of rules.
static json_t *rules_answer(Host *host, Firewall *firewall, FirewallList *list, const char *method,
                            const char *place_word, const Args *args) {
    if (place_word == NULL && strcmp(method, "GET") == 0) return list_json(host, list, true);
    digest_check(host, args, list);
    if (place_word == NULL) {
        Pairs rule = fields_collect(args);
        // Left out, `enable` means off.
        if (pairs_get(&rule, "enable") == NULL) pairs_set(&rule, "enable", "0");
        rule_verify(host, args, &rule);
        if (list == NULL) list = list_make(host, firewall, "RULES", NULL);
        item_insert(host, list, 0, rule);  // --pos is not heeded: a new rule is the first
    } else {
        size_t place = rule_place(host, list, place_word);
        if (strcmp(method, "GET") == 0) return item_json(host, list, place, true);
        if (strcmp(method, "DELETE") == 0) item_remove(list, place);
        else rule_change(host, args, list, place);
    }
    firewall_save(host, firewall);
    return NULL;
}

static json_t *options_answer(Host *host, Firewall *firewall, const char *method, const OptionSet *set,
                              const Args *args) {
    FirewallList as_list = {.items = &firewall->options, .count = 1};
    if (strcmp(method, "GET") == 0) {
        json_t *object = pairs_json(&firewall->options);
        json_object_set_new(object, "digest", json_string(list_digest(host, &as_list)));
        return object;
    }
    digest_check(host, args, &as_list);
    Pairs fields = fields_collect(args);
    for (size_t i = 0; i < fields.count; i++) pairs_set(&firewall->options, fields.items[i].key, fields.items[i].value);
    const char *removed = cli_get(args, "delete");
    Words names = words_split(host->mem, removed == NULL ? "" : removed, ",; ");
    for (size_t i = 0; i < names.count; i++) {
        if (options_find(set, names.items[i]) == NULL)
            cli_refuse(host, args, "delete", mem_print(host->mem, "no such option '%s'", names.items[i]));
        pairs_remove(&firewall->options, names.items[i]);
    }
    firewall_save(host, firewall);
    return NULL;
}

/// The member of [list] whose [key] is [value]; list->count if there is none.
static size_t member_find(const FirewallList *list, const char *key, const char *value) {
    size_t i = 0;
    while (list != NULL && i < list->count && !text_equals(pairs_get(&list->items[i], key), value)) i++;
    return i;
}

/// Members of a list that are told apart by [key]: aliases by name, addresses of a set by cidr.
static json_t *members_answer(Host *host, Firewall *firewall, FirewallList *list, const char *method, const char *key,
                              const char *which, const Args *args) {
    size_t place = member_find(list, key, which == NULL ? cli_get(args, key) : which);
    bool found = list != NULL && place < list->count;
    if (which == NULL && strcmp(method, "GET") == 0) return list_json(host, list, false);
    digest_check(host, args, list);
    if (which == NULL) {
        Pairs fields = fields_collect(args);
        if (strcmp(key, "cidr") == 0) pairs_remove(&fields, "name");
        if (found)
            host_fail(host, 255, "400 Parameter verification failed.\n%s: %s '%s' already exists", key,
                      strcmp(key, "cidr") == 0 ? "address" : "alias", cli_get(args, key));
        item_insert(host, list, list->count, fields);
    } else {
        if (!found) host_fail(host, 255, "no such %s '%s'", strcmp(key, "cidr") == 0 ? "IP/Network" : "alias", which);
        if (strcmp(method, "GET") == 0) return item_json(host, list, place, false);
        if (strcmp(method, "DELETE") == 0) {
            item_remove(list, place);
        } else {
            Pairs fields = fields_collect(args);
            if (strcmp(key, "cidr") == 0) pairs_remove(&fields, "name");
            for (size_t i = 0; i < fields.count; i++)
                pairs_set(&list->items[place], fields.items[i].key, fields.items[i].value);
            if (cli_get(args, "rename") != NULL) pairs_set(&list->items[place], "name", cli_get(args, "rename"));
        }
    }
    firewall_save(host, firewall);
    return NULL;
}

/// The sets or groups themselves: listing them, making and removing one.
static json_t *lists_answer(Host *host, Firewall *firewall, const char *kind, const char *name_key, const char *method,
                            const char *which, const Args *args) {
    if (which == NULL && strcmp(method, "GET") == 0) {
        json_t *array = json_array();
        for (size_t i = 0; i < firewall->count; i++) {
            const FirewallList *list = &firewall->lists[i];
            if (strcmp(list->kind, kind) != 0) continue;
            json_t *object = json_pack("{ssss}", name_key, list->name, "digest", list_digest(host, list));
            if (list->comment != NULL) json_object_set_new(object, "comment", json_string(list->comment));
            json_array_append_new(array, object);
        }
        return array;
    }
    const char *name = which == NULL ? cli_get(args, name_key) : which,
               *what = strcmp(kind, "IPSET") == 0 ? "IPSet" : "Security Group";
    FirewallList *list = list_find(firewall, kind, name);
    const char *renamed = cli_get(args, "rename");
    if (which == NULL && renamed != NULL) {
        // `--rename OLD` gives the one named OLD this name and comment.
        list = list_find(firewall, kind, renamed);
        if (list == NULL) host_fail(host, 255, "%s '%s' does not exist", what, renamed);
        list->name = mem_copy(host->mem, name);
        list->comment = cli_get(args, "comment");
    } else if (which == NULL) {
        if (list != NULL) host_fail(host, 255, "%s '%s' already exists", what, name);
        list_make(host, firewall, kind, mem_copy(host->mem, name))->comment = cli_get(args, "comment");
    } else {
        if (list == NULL) host_fail(host, 255, "no such %s '%s'", what, name);
        if (list->count > 0 && !cli_has_flag(args, "force")) host_fail(host, 255, "%s '%s' is not empty", what, name);
        list_remove(firewall, list);
    }
    firewall_save(host, firewall);
    return NULL;
}

json_t *firewall_answer(Host *host, const char *path, const char *method, const Words *words, const OptionSet *set,
                        const Args *args) {
    Firewall firewall = firewall_load(host, path);
    const char *first = words->count > 0 ? words->items[0] : "", *second = words->count > 1 ? words->items[1] : NULL,
               *third = words->count > 2 ? words->items[2] : NULL;
    bool is_group = strcmp(first, "groups") == 0, is_set = strcmp(first, "ipset") == 0;
    if (strcmp(first, "options") == 0) return options_answer(host, &firewall, method, set, args);
    if (strcmp(first, "rules") == 0)
        return rules_answer(host, &firewall, list_find(&firewall, "RULES", NULL), method, second, args);
    if (strcmp(first, "aliases") == 0) {
        FirewallList *list = list_find(&firewall, "ALIASES", NULL);
        if (list == NULL) list = list_make(host, &firewall, "ALIASES", NULL);
        return members_answer(host, &firewall, list, method, "name", second, args);
    }
    const char *kind = is_group ? "group" : "IPSET";
    bool about_lists = second == NULL || (third == NULL && strcmp(method, "DELETE") == 0);
    if ((is_group || is_set) && about_lists)
        return lists_answer(host, &firewall, kind, is_group ? "group" : "name", method, second, args);
    FirewallList *list = list_find(&firewall, kind, second);
    if (list == NULL) host_fail(host, 255, "no such %s '%s'", is_group ? "Security Group" : "IPSet", second);
    if (is_group) return rules_answer(host, &firewall, list, method, third, args);
    return members_answer(host, &firewall, list, method, "cidr", third, args);
}
