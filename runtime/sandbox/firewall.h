// The firewall files: options, aliases, sets of addresses, rules, groups of rules.
#ifndef PHX_SANDBOX_FIREWALL_H
#define PHX_SANDBOX_FIREWALL_H

#include "cli.h"

#include <jansson.h>

/// An alias, a member of a set, or a rule: its fields.
typedef struct FirewallList {
    const char *kind;  // "ALIASES", "IPSET", "RULES", "group"
    const char *name;  // of a set or a group
    const char *comment;
    Pairs *items;
    size_t count;
} FirewallList;

typedef struct Firewall {
    const char *path;
    Pairs options;
    FirewallList *lists;
    size_t count;
} Firewall;

/// Reads the file [path]; a missing one is an empty firewall.
Firewall firewall_load(Host *host, const char *path);
void firewall_save(Host *host, const Firewall *firewall);

/// Answers [method] ("GET", "POST", "PUT", "DELETE") on what [words] name below .../firewall: "rules", "rules/3",
/// "options", "ipset/blocked/10.0.0.0%2F8". The change is written. What is to be printed is returned: a new reference,
/// or NULL for nothing. Leaves as the real programs do for what does not exist.
json_t *firewall_answer(Host *host, const char *path, const char *method, const Words *words, const OptionSet *set,
                        const Args *args);

#endif
