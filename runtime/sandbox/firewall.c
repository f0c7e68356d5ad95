// Reads and writes firewall files. What the REST paths do with them stands in pvesh_firewall.c.
#include "firewall.h"

#include "files.h"
#include "formats.h"
#include "verify.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const char *firewall_options_command(FirewallScope scope) {
    switch (scope) {
    case SCOPE_CLUSTER: return "PUT /cluster/firewall/options";
    case SCOPE_NODE: return "PUT /nodes/{node}/firewall/options";
    case SCOPE_GUEST: return "PUT /nodes/{node}/lxc/{vmid}/firewall/options";
    }
    return NULL;
}

FirewallList *firewall_find(const Firewall *firewall, FirewallKind kind, const char *name) {
    for (size_t i = 0; i < firewall->count; i++)
        if (firewall->lists[i].kind == kind && text_equals(firewall->lists[i].name, name)) return &firewall->lists[i];
    return NULL;
}

FirewallList *firewall_add(Host *host, Firewall *firewall, FirewallKind kind, const char *name) {
    FirewallList *larger = mem_alloc(host->mem, (firewall->count + 1) * sizeof *larger);
    if (firewall->count > 0) memcpy(larger, firewall->lists, firewall->count * sizeof *larger);
    firewall->lists = larger;
    larger[firewall->count] = (FirewallList){.kind = kind, .name = name};
    return &larger[firewall->count++];
}

void firewall_remove(Firewall *firewall, const FirewallList *list) {
    for (size_t i = (size_t)(list - firewall->lists); i + 1 < firewall->count; i++)
        firewall->lists[i] = firewall->lists[i + 1];
    firewall->count--;
}

void firewall_insert(Host *host, FirewallList *list, size_t place, Pairs item) {
    if (list->count == list->capacity) {
        list->capacity = list->capacity == 0 ? 8 : list->capacity * 2;
        Pairs *larger = mem_alloc(host->mem, list->capacity * sizeof *larger);
        if (list->count > 0) memcpy(larger, list->items, list->count * sizeof *larger);
        list->items = larger;
    }
    memmove(list->items + place + 1, list->items + place, (list->count - place) * sizeof *list->items);
    list->items[place] = item;
    list->count++;
}

void firewall_take(FirewallList *list, size_t place) {
    memmove(list->items + place, list->items + place + 1, (list->count - place - 1) * sizeof *list->items);
    list->count--;
}

const char *firewall_clean_address(Host *host, const char *address) {
    size_t length = strlen(address);
    if (text_ends_with(address, "/32") && strchr(address, ':') == NULL) length -= strlen("/32");
    else if (text_ends_with(address, "/128") && strchr(address, ':') != NULL) length -= strlen("/128");
    return mem_copy_part(host->mem, address, length);
}

static const char *lower(Host *host, const char *text) {
    char *copy = mem_copy(host->mem, text);
    for (char *at = copy; *at != '\0'; at++) *at = (char)tolower((unsigned char)*at);
    return copy;
}

/// Where the reader is.
typedef struct Reader {
    Host *host;
    Firewall *firewall;
    size_t line;
    bool in_options;
    size_t list;         // 1 + the place of the open list, 0 if none is
    OptionSet options;
} Reader;

static void warn(const Reader *reader, const char *message) {
    host_warn(reader->host, "%s (line %zu): %s", reader->firewall->path, reader->line, message);
}

/// Splits off what follows a `#`, without the blanks around it; NULL if nothing does. The rest loses its blanks too.
static const char *comment_split(Host *host, const char *line, const char **rest) {
    size_t length = strcspn(line, "#"), end = strlen(line);
    const char *comment = NULL;
    if (line[length] == '#') {
        size_t start = length + 1 + strspn(line + length + 1, " \t");
        while (end > start && isspace((unsigned char)line[end - 1])) end--;
        if (end > start) comment = mem_copy_part(host->mem, line + start, end - start);
    }
    while (length > 0 && isspace((unsigned char)line[length - 1])) length--;
    *rest = mem_copy_part(host->mem, line, length);
    return comment;
}

/// How the fields of a rule are written, in the order in which they are.
static const char *const RULE_FLAGS[][2] = {
    {"-i", "iface"},     {"-source", "source"}, {"-dest", "dest"}, {"-p", "proto"},
    {"-dport", "dport"}, {"-sport", "sport"},   {"-log", "log"},   {"-icmp-type", "icmp-type"}};
enum { RULE_FLAG_COUNT = sizeof RULE_FLAGS / sizeof RULE_FLAGS[0] };

/// The field that [flag] gives; `--dport` is `-dport`, `--proto` is `-p`.
static const char *flag_field(const char *flag) {
    if (strcmp(flag, "-proto") == 0 || strcmp(flag, "--proto") == 0) return "proto";
    if (flag[0] == '-' && flag[1] == '-') flag++;
    for (size_t i = 0; i < RULE_FLAG_COUNT; i++)
        if (strcmp(RULE_FLAGS[i][0], flag) == 0) return RULE_FLAGS[i][1];
    return NULL;
}

/// `[|]IN Ping(DROP) -source ... -p tcp # comment`, or `GROUP name -i net0`.
static void rule_read(const Reader *reader, FirewallList *list, const char *line) {
    Host *host = reader->host;
    const char *text, *comment = comment_split(host, line, &text);
    Pairs rule = pairs_new(host->mem);
    bool enabled = *text != '|';
    Words words = words_split(host->mem, enabled ? text : text + 1, " \t");
    if (words.count < 2) {
        warn(reader, mem_print(host->mem, "unable to parse rule: %s", text));
        return;
    }
    const char *type = lower(host, words.items[0]), *action = words.items[1], *open = strchr(action, '(');
    if (open != NULL && strcmp(type, "group") != 0 && formats_match("[^(]+\\((ACCEPT|DROP|REJECT)\\)", action)) {
        pairs_set(&rule, "macro", mem_copy_part(host->mem, action, (size_t)(open - action)));
        action = mem_copy_part(host->mem, open + 1, strcspn(open + 1, ")"));
    }
    pairs_set(&rule, "type", type);
    pairs_set(&rule, "action", action);
    pairs_set(&rule, "enable", enabled ? "1" : "0");
    if (comment != NULL) pairs_set(&rule, "comment", comment);
    for (size_t i = 2; i < words.count; i += 2) {
        const char *field = flag_field(words.items[i]);
        bool fits = field != NULL && i + 1 < words.count &&
                    (strcmp(type, "group") != 0 || strcmp(field, "iface") == 0);
        if (!fits) {
            warn(reader, mem_print(host->mem, "unable to parse rule parameters: %s", words.items[i]));
            return;
        }
        pairs_set(&rule, field, words.items[i + 1]);
    }
    firewall_insert(host, list, list->count, rule);
}

static void alias_read(const Reader *reader, FirewallList *list, const char *line) {
    Host *host = reader->host;
    const char *text, *comment = comment_split(host, line, &text);
    Words words = words_split_all(host->mem, text, strchr(text, '\t') != NULL ? '\t' : ' ');
    // One blank, not two: a line in columns is no alias.
    if (words.count != 2 || *words.items[0] == '\0' || *words.items[1] == '\0') return;
    if (formats_check(host, "IPorCIDR", words.items[1]) != NULL) {
        warn(reader, "value does not look like a valid IP address or CIDR network");
        return;
    }
    Pairs item = pairs_new(host->mem);
    pairs_set(&item, "name", words.items[0]);
    pairs_set(&item, "cidr", firewall_clean_address(host, words.items[1]));
    if (comment != NULL) pairs_set(&item, "comment", comment);
    firewall_insert(host, list, list->count, item);
}

static void member_read(const Reader *reader, FirewallList *list, const char *line) {
    Host *host = reader->host;
    const char *text, *comment = comment_split(host, line, &text);
    Pairs item = pairs_new(host->mem);
    if (*text == '!') pairs_set(&item, "nomatch", "1");
    text += *text == '!';
    text += strspn(text, " \t");
    pairs_set(&item, "cidr", firewall_clean_address(host, text));
    if (comment != NULL) pairs_set(&item, "comment", comment);
    firewall_insert(host, list, list->count, item);
}

static void option_read(const Reader *reader, const char *line) {
    Host *host = reader->host;
    const char *colon = strchr(line, ':');
    const char *key = colon == NULL ? line : lower(host, mem_copy_part(host->mem, line, (size_t)(colon - line)));
    const char *value = colon == NULL ? "" : colon + 1 + strspn(colon + 1, " \t");
    const Option *option = options_find(&reader->options, key);
    bool known = colon != NULL && option != NULL && strcmp(key, "delete") != 0 && strcmp(key, "digest") != 0;
    if (known && option->type == OPTION_BOOLEAN) known = formats_match("[01]", value);
    if (!known || verify_value(host, option, key, value) != NULL) {
        warn(reader, mem_print(host->mem, "can't parse option '%s'", line));
        return;
    }
    pairs_set(&reader->firewall->options, key, value);
}

/// Opens the section that [line] names; false if it is no header, or one that this scope does not have.
static bool section_open(Reader *reader, const char *line) {
    static const char *const PLAIN[] = {"[options]", "[aliases]", "[rules]"};
    Host *host = reader->host;
    const char *text, *comment = comment_split(host, line, &text);
    bool is_node = reader->firewall->scope == SCOPE_NODE;
    for (size_t i = 0; i < 3; i++) {
        if (strcasecmp(line, PLAIN[i]) != 0 || (i == 1 && is_node)) continue;
        FirewallKind kind = i == 1 ? FIREWALL_ALIASES : FIREWALL_RULES;
        reader->in_options = i == 0;
        FirewallList *list = i == 0 ? NULL : firewall_find(reader->firewall, kind, NULL);
        if (i > 0 && list == NULL) list = firewall_add(host, reader->firewall, kind, NULL);
        reader->list = list == NULL ? 0 : (size_t)(list - reader->firewall->lists) + 1;
        return true;
    }
    bool group = strncasecmp(text, "[group ", 7) == 0, set = strncasecmp(text, "[ipset ", 7) == 0;
    Words words = words_split(host->mem, text, "[] \t");
    if ((!group && !set) || words.count != 2 || !text_ends_with(text, "]")) return false;
    if ((group && reader->firewall->scope != SCOPE_CLUSTER) || (set && is_node)) return false;
    const char *name = lower(host, words.items[1]);
    if (!formats_match("[A-Za-z][A-Za-z0-9_-]+", name) || strlen(name) > (group ? 18 : 64)) {
        warn(reader, mem_print(host->mem, "invalid %s name '%s'", group ? "security group" : "ipset", name));
        reader->list = 0;
        reader->in_options = false;
        return true;
    }
    FirewallKind kind = group ? FIREWALL_GROUP : FIREWALL_IPSET;
    FirewallList *list = firewall_find(reader->firewall, kind, name);
    if (list == NULL) list = firewall_add(host, reader->firewall, kind, name);
    // A second section of one name replaces the first.
    list->count = 0;
    list->comment = comment;
    reader->list = (size_t)(list - reader->firewall->lists) + 1;
    reader->in_options = false;
    return true;
}

Firewall firewall_load(Host *host, FirewallScope scope, const char *path) {
    Firewall firewall = {.path = path, .scope = scope, .options = pairs_new(host->mem)};
    Reader reader = {.host = host, .firewall = &firewall};
    options_find_command(firewall_options_command(scope), &reader.options);
    const char *text = files_read(host, path, NULL);
    Words lines = words_split_all(host->mem, text == NULL ? "" : text, '\n');
    for (size_t i = 0; i < lines.count; i++) {
        const char *start = lines.items[i] + strspn(lines.items[i], " \t");
        size_t length = strlen(start);
        // Blanks at the end go; a carriage return is none, and makes the line something else.
        while (length > 0 && (start[length - 1] == ' ' || start[length - 1] == '\t')) length--;
        const char *line = mem_copy_part(host->mem, start, length);
        reader.line = i + 1;
        if (*line == '#' || line[strspn(line, " \t\r")] == '\0' || section_open(&reader, line)) continue;
        FirewallList *list = reader.list == 0 ? NULL : &firewall.lists[reader.list - 1];
        if (reader.in_options) option_read(&reader, line);
        else if (list == NULL) warn(&reader, "skip line - no section");
        else if (list->kind == FIREWALL_ALIASES) alias_read(&reader, list, line);
        else if (list->kind == FIREWALL_IPSET) member_read(&reader, list, line);
        else rule_read(&reader, list, line);
    }
    return firewall;
}

static void comment_print(Text *text, const char *comment) {
    if (comment != NULL && comment[strspn(comment, " \t")] != '\0') text_print(text, " # %s", comment);
    text_add(text, "\n");
}

static void rule_print(Host *host, const Pairs *rule, bool in_group, Text *text) {
    char *type = mem_copy(host->mem, pairs_get(rule, "type"));
    for (char *at = type; *at != '\0'; at++) *at = (char)toupper((unsigned char)*at);
    const char *macro = pairs_get(rule, "macro"), *action = pairs_get(rule, "action");
    if (text_equals(pairs_get(rule, "enable"), "0")) text_add(text, "|");
    if (macro != NULL) text_print(text, "%s %s(%s)", type, macro, action);
    else text_print(text, "%s %s", type, action);
    for (size_t f = 0; f < RULE_FLAG_COUNT; f++) {
        const char *value = pairs_get(rule, RULE_FLAGS[f][1]);
        bool is_iface = strcmp(RULE_FLAGS[f][1], "iface") == 0;
        if (value != NULL && (is_iface ? !in_group : strcmp(type, "GROUP") != 0))
            text_print(text, " %s %s", RULE_FLAGS[f][0], value);
    }
    comment_print(text, pairs_get(rule, "comment"));
}

static int member_compare(const void *a, const void *b) {
    return strcmp(pairs_get(a, "cidr"), pairs_get(b, "cidr"));
}

/// The members by address, each once.
static void members_print(Host *host, const FirewallList *list, Text *text) {
    Pairs *sorted = mem_alloc(host->mem, (list->count + 1) * sizeof *sorted);
    if (list->count > 0) memcpy(sorted, list->items, list->count * sizeof *sorted);
    if (list->count > 1) qsort(sorted, list->count, sizeof *sorted, member_compare);
    for (size_t i = 0; i < list->count; i++) {
        if (i > 0 && member_compare(&sorted[i - 1], &sorted[i]) == 0) continue;
        text_print(text, "%s%s", text_equals(pairs_get(&sorted[i], "nomatch"), "1") ? "!" : "",
                   pairs_get(&sorted[i], "cidr"));
        comment_print(text, pairs_get(&sorted[i], "comment"));
    }
}

static void list_print(Host *host, const FirewallList *list, Text *text) {
    static const char *const TITLES[] = {
        [FIREWALL_ALIASES] = "ALIASES", [FIREWALL_IPSET] = "IPSET", [FIREWALL_RULES] = "RULES", [FIREWALL_GROUP] = "group"};
    text_print(text, "[%s%s%s]", TITLES[list->kind], list->name == NULL ? "" : " ", list->name == NULL ? "" : list->name);
    comment_print(text, list->comment);
    text_add(text, "\n");
    if (list->kind == FIREWALL_IPSET) members_print(host, list, text);
    for (size_t i = 0; i < list->count && list->kind != FIREWALL_IPSET; i++) {
        const Pairs *item = &list->items[i];
        if (list->kind != FIREWALL_ALIASES) {
            rule_print(host, item, list->kind == FIREWALL_GROUP, text);
            continue;
        }
        text_print(text, "%s %s", pairs_get(item, "name"), pairs_get(item, "cidr"));
        comment_print(text, pairs_get(item, "comment"));
    }
    text_add(text, "\n");
}

/// Sets and groups stand by name behind the kinds of which there is one list.
static int list_compare(const void *a, const void *b) {
    const FirewallList *first = *(const FirewallList *const *)a, *second = *(const FirewallList *const *)b;
    if (first->kind != second->kind) return first->kind < second->kind ? -1 : 1;
    return first->name == NULL || second->name == NULL ? 0 : strcmp(first->name, second->name);
}

void firewall_save(Host *host, const Firewall *firewall) {
    Text text = text_new(host->mem);
    if (firewall->options.count > 0) {
        text_add(&text, "[OPTIONS]\n\n");
        for (size_t i = 0; i < firewall->options.count; i++)
            text_print(&text, "%s: %s\n", firewall->options.items[i].key, firewall->options.items[i].value);
        text_add(&text, "\n");
    }
    const FirewallList **sorted = mem_alloc(host->mem, (firewall->count + 1) * sizeof(const FirewallList *));
    for (size_t i = 0; i < firewall->count; i++) sorted[i] = &firewall->lists[i];
    if (firewall->count > 1) qsort(sorted, firewall->count, sizeof *sorted, list_compare);
    for (size_t i = 0; i < firewall->count; i++)
        // An empty set or group is one all the same.
        if (sorted[i]->count > 0 || sorted[i]->name != NULL) list_print(host, sorted[i], &text);
    if (text.length == 0) files_unlink(host, firewall->path);
    else files_write(host, firewall->path, text.data, text.length, 0640);
}
