// The firewall files: options, aliases, sets of addresses, rules, groups of rules.
#ifndef PHX_SANDBOX_FIREWALL_H
#define PHX_SANDBOX_FIREWALL_H

#include "cli.h"

/// Whose firewall it is: each has its own options, and not all have every kind of list.
typedef enum FirewallScope { SCOPE_CLUSTER, SCOPE_NODE, SCOPE_GUEST } FirewallScope;

typedef enum FirewallKind { FIREWALL_ALIASES, FIREWALL_IPSET, FIREWALL_RULES, FIREWALL_GROUP } FirewallKind;

/// Aliases, the members of a set, or rules: each its fields.
typedef struct FirewallList {
    FirewallKind kind;
    const char *name;     // of a set or a group, in lower case
    const char *comment;
    Pairs *items;
    size_t count, capacity;
} FirewallList;

typedef struct Firewall {
    const char *path;
    FirewallScope scope;
    Pairs options;
    FirewallList *lists;
    size_t count;
} Firewall;

/// Reads the file [path]; a missing one is an empty firewall. Lines that mean nothing are dropped with a warning.
Firewall firewall_load(Host *host, FirewallScope scope, const char *path);

/// Writes it; an empty firewall has no file.
void firewall_save(Host *host, const Firewall *firewall);

/// The path of the table that has the options of a scope: "PUT /cluster/firewall/options", ...
const char *firewall_options_command(FirewallScope scope);

/// The list of that kind and name (NULL for the kinds of which there is one), or NULL; made empty; taken away.
FirewallList *firewall_find(const Firewall *firewall, FirewallKind kind, const char *name);
FirewallList *firewall_add(Host *host, Firewall *firewall, FirewallKind kind, const char *name);
void firewall_remove(Firewall *firewall, const FirewallList *list);

/// Puts [item] at [place], the rest behind it; takes out the one at [place].
void firewall_insert(Host *host, FirewallList *list, size_t place, Pairs item);
void firewall_take(FirewallList *list, size_t place);

/// The alias of that name, in any case; NULL if there is none.
const Pairs *firewall_find_alias(const Firewall *firewall, const char *name);

/// [address] without the prefix that says nothing (/32, /128).
const char *firewall_clean_address(Host *host, const char *address);

/// Is there a macro of that name? It may be given in any case; its own spelling is returned, or NULL.
const char *firewall_macro(const char *name);

/// What is wrong with a rule of [firewall], of a group if [in_group]: the field in [field], the reason as result; NULL
/// if nothing. [cluster] is the firewall of the cluster, whose aliases and sets all may use.
const char *firewall_check_rule(Host *host, const Firewall *firewall, const Firewall *cluster, bool in_group,
                                const Pairs *rule, const char **field);

/// "4" or "6" if the addresses of [item] are of that version, else NULL.
const char *firewall_ip_version(Host *host, const Firewall *firewall, const Firewall *cluster, const Pairs *item);

#endif
