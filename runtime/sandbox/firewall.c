// Reads and writes firewall files. What the REST paths do with them stands in firewall_api.c.
#include "firewall.h"

#include "files.h"
#include "formats.h"

#include <ctype.h>
#include <string.h>

static FirewallList *list_add(Host *host, Firewall *firewall, const char *kind, const char *name, const char *comment) {
    FirewallList *larger = mem_alloc(host->mem, (firewall->count + 1) * sizeof *larger);
    if (firewall->count > 0) memcpy(larger, firewall->lists, firewall->count * sizeof *larger);
    firewall->lists = larger;
    larger[firewall->count] = (FirewallList){.kind = kind, .name = name, .comment = comment};
    return &larger[firewall->count++];
}

static Pairs *item_add(Host *host, FirewallList *list) {
    Pairs *larger = mem_alloc(host->mem, (list->count + 1) * sizeof *larger);
    if (list->count > 0) memcpy(larger, list->items, list->count * sizeof *larger);
    list->items = larger;
    larger[list->count] = pairs_new(host->mem);
    return &larger[list->count++];
}

/// Splits off what follows a `#`; the rest loses its blanks at the end.
static const char *comment_split(Host *host, const char *line, const char **comment) {
    size_t length = strcspn(line, "#");
    *comment = NULL;
    if (line[length] == '#') {
        const char *text = line + length + 1;
        *comment = mem_copy(host->mem, text + strspn(text, " \t"));
    }
    while (length > 0 && isspace((unsigned char)line[length - 1])) length--;
    return mem_copy_part(host->mem, line, length);
}

/// `[|]IN Ping(DROP) -source ... -p tcp # comment`, or `GROUP name -i net0`.
static void rule_read(Host *host, FirewallList *list, const char *line) {
    static const char *const FLAGS[][2] = {
        {"-i", "iface"},     {"-source", "source"}, {"-dest", "dest"},           {"-p", "proto"},
        {"-dport", "dport"}, {"-sport", "sport"},   {"-icmp-type", "icmp-type"}, {"-log", "log"}};
    const char *comment;
    Words words = words_split(host->mem, comment_split(host, line, &comment), " \t");
    if (words.count < 2) return;
    Pairs *rule = item_add(host, list);
    const char *type = words.items[0], *action = words.items[1];
    bool enabled = *type != '|';
    if (!enabled) type++;
    char *lower = mem_copy(host->mem, type);
    for (char *at = lower; *at != '\0'; at++) *at = (char)tolower((unsigned char)*at);
    const char *open = strchr(action, '(');
    if (open != NULL) {
        pairs_set(rule, "macro", mem_copy_part(host->mem, action, (size_t)(open - action)));
        action = mem_copy_part(host->mem, open + 1, strcspn(open + 1, ")"));
    }
    pairs_set(rule, "type", lower);
    pairs_set(rule, "action", action);
    pairs_set(rule, "enable", enabled ? "1" : "0");
    if (comment != NULL) pairs_set(rule, "comment", comment);
    for (size_t i = 2; i + 1 < words.count; i += 2)
        for (size_t f = 0; f < sizeof FLAGS / sizeof FLAGS[0]; f++)
            if (strcmp(FLAGS[f][0], words.items[i]) == 0) pairs_set(rule, FLAGS[f][1], words.items[i + 1]);
}

static void member_read(Host *host, FirewallList *list, const char *line) {
    const char *comment, *text = comment_split(host, line, &comment);
    Pairs *item = item_add(host, list);
    if (strcmp(list->kind, "ALIASES") == 0) {
        Words words = words_split(host->mem, text, " \t");
        pairs_set(item, "name", words.count > 0 ? words.items[0] : "");
        pairs_set(item, "cidr", words.count > 1 ? words.items[1] : "");
    } else {
        if (*text == '!') pairs_set(item, "nomatch", "1");
        text += *text == '!';
        pairs_set(item, "cidr", text + strspn(text, " \t"));
    }
    if (comment != NULL) pairs_set(item, "comment", comment);
}

/// Opens the section that a `[...]` line names; NULL for the options.
static FirewallList *section_open(Host *host, Firewall *firewall, const char *line) {
    const char *comment, *text = comment_split(host, line, &comment);
    Words words = words_split(host->mem, text, "[] \t");
    const char *kind = words.count > 0 ? words.items[0] : "", *name = words.count > 1 ? words.items[1] : NULL;
    char *upper = mem_copy(host->mem, kind);
    for (char *at = upper; *at != '\0'; at++) *at = (char)toupper((unsigned char)*at);
    if (strcmp(upper, "OPTIONS") == 0) return NULL;
    if (strcmp(upper, "GROUP") == 0) upper = mem_copy(host->mem, "group");
    return list_add(host, firewall, upper, name, comment);
}

Firewall firewall_load(Host *host, const char *path) {
    Firewall firewall = {.path = path, .options = pairs_new(host->mem)};
    const char *text = files_read(host, path, NULL);
    Words lines = words_split(host->mem, text == NULL ? "" : text, "\r\n");
    bool in_options = false;
    size_t current = 0;
    for (size_t i = 0; i < lines.count; i++) {
        const char *line = lines.items[i] + strspn(lines.items[i], " \t");
        if (*line == '\0' || *line == '#') continue;
        if (*line == '[') {
            in_options = section_open(host, &firewall, line) == NULL;
            current = firewall.count;
        } else if (in_options) {
            const char *colon = strchr(line, ':');
            if (colon == NULL) continue;
            const char *value = colon + 1 + strspn(colon + 1, " \t");
            pairs_set(&firewall.options, mem_copy_part(host->mem, line, (size_t)(colon - line)), value);
        } else if (current > 0) {
            FirewallList *list = &firewall.lists[current - 1];
            bool rules = strcmp(list->kind, "RULES") == 0 || strcmp(list->kind, "group") == 0;
            if (rules) rule_read(host, list, line);
            else member_read(host, list, line);
        }
    }
    return firewall;
}

static void comment_print(Text *text, const char *comment) {
    if (comment != NULL && *comment != '\0') text_print(text, " # %s", comment);
    text_add(text, "\n");
}

static void rule_print(Host *host, const Pairs *rule, Text *text) {
    static const char *const FLAGS[][2] = {
        {"-i", "iface"},     {"-source", "source"}, {"-dest", "dest"},           {"-p", "proto"},
        {"-dport", "dport"}, {"-sport", "sport"},   {"-icmp-type", "icmp-type"}, {"-log", "log"}};
    char *type = mem_copy(host->mem, pairs_get(rule, "type"));
    for (char *at = type; *at != '\0'; at++) *at = (char)toupper((unsigned char)*at);
    const char *macro = pairs_get(rule, "macro"), *action = pairs_get(rule, "action");
    if (text_equals(pairs_get(rule, "enable"), "0")) text_add(text, "|");
    if (macro != NULL) text_print(text, "%s %s(%s)", type, macro, action);
    else text_print(text, "%s %s", type, action);
    for (size_t f = 0; f < sizeof FLAGS / sizeof FLAGS[0]; f++)
        if (pairs_get(rule, FLAGS[f][1]) != NULL) text_print(text, " %s %s", FLAGS[f][0], pairs_get(rule, FLAGS[f][1]));
    comment_print(text, pairs_get(rule, "comment"));
}

static void list_print(Host *host, const FirewallList *list, Text *text) {
    text_print(text, "[%s%s%s]", list->kind, list->name == NULL ? "" : " ", list->name == NULL ? "" : list->name);
    comment_print(text, list->comment);
    text_add(text, "\n");
    for (size_t i = 0; i < list->count; i++) {
        const Pairs *item = &list->items[i];
        if (strcmp(list->kind, "RULES") == 0 || strcmp(list->kind, "group") == 0) {
            rule_print(host, item, text);
            continue;
        }
        if (strcmp(list->kind, "ALIASES") == 0)
            text_print(text, "%s %s", pairs_get(item, "name"), pairs_get(item, "cidr"));
        else text_print(text, "%s%s", text_equals(pairs_get(item, "nomatch"), "1") ? "!" : "", pairs_get(item, "cidr"));
        comment_print(text, pairs_get(item, "comment"));
    }
    text_add(text, "\n");
}

void firewall_save(Host *host, const Firewall *firewall) {
    static const char *const ORDER[] = {"ALIASES", "IPSET", "RULES", "group"};
    Text text = text_new(host->mem);
    if (firewall->options.count > 0) {
        text_add(&text, "[OPTIONS]\n\n");
        for (size_t i = 0; i < firewall->options.count; i++)
            text_print(&text, "%s: %s\n", firewall->options.items[i].key, firewall->options.items[i].value);
        text_add(&text, "\n");
    }
    for (size_t k = 0; k < 4; k++) {
        for (size_t i = 0; i < firewall->count; i++) {
            const FirewallList *list = &firewall->lists[i];
            bool needless = list->count == 0 && list->name == NULL;
            if (strcmp(list->kind, ORDER[k]) == 0 && !needless) list_print(host, list, &text);
        }
    }
    files_write(host, firewall->path, text.data, text.length, 0640);
}
