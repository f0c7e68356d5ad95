// What the real programs check about a firewall rule as a whole.
#include "firewall.h"
#include "formats.h"

#include <string.h>
#include <strings.h>

static const char *const MACROS[] = {
    "Amanda",   "Auth",       "BGP",       "BitTorrent", "BitTorrent32", "CVS",        "Ceph",    "Citrix",
    "DAAP",     "DCC",        "DHCPfwd",   "DHCPv6",     "DNS",          "Distcc",     "FTP",     "Finger",
    "GNUnet",   "GRE",        "Git",       "HKP",        "HTTP",         "HTTPS",      "ICPV2",   "ICQ",
    "IMAP",     "IMAPS",      "IPIP",      "IPsec",      "IPsecah",      "IPsecnat",   "IRC",     "Jetdirect",
    "L2TP",     "LDAP",       "LDAPS",     "MDNS",       "MSNP",         "MSSQL",      "Mail",    "Munin",
    "MySQL",    "NNTP",       "NNTPS",     "NTP",        "NeighborDiscovery", "OSPF",  "OpenVPN", "PBS",
    "PCA",      "PMG",        "POP3",      "POP3S",      "PPtP",         "Ping",       "PostgreSQL", "Printer",
    "RDP",      "RIP",        "RNDC",      "Razor",      "Rdate",        "Rsync",      "SANE",    "SMB",
    "SMBswat",  "SMTP",       "SMTPS",     "SNMP",       "SPAMD",        "SPICEproxy", "SSH",     "SVN",
    "SixXS",    "Squid",      "Submission", "Syslog",    "TFTP",         "Telnet",     "Telnets", "Time",
    "Trcrt",    "VNC",        "VNCL",      "Web",        "Webcache",     "Webmin",     "Whois"};

const char *firewall_macro(const char *name) {
    for (size_t i = 0; i < sizeof MACROS / sizeof MACROS[0]; i++)
        if (strcasecmp(MACROS[i], name) == 0) return MACROS[i];
    return NULL;
}

const Pairs *firewall_find_alias(const Firewall *firewall, const char *name) {
    const FirewallList *list = firewall_find(firewall, FIREWALL_ALIASES, NULL);
    for (size_t i = 0; list != NULL && i < list->count; i++)
        if (strcasecmp(pairs_get(&list->items[i], "name"), name) == 0) return &list->items[i];
    return NULL;
}

/// Where a name is looked up: `dc/x` is the cluster's, `guest/x` the guest's own, `x` either, the own first.
typedef struct Scopes {
    const Firewall *own, *cluster;
    const char *name;
} Scopes;

static Scopes scopes_of(const Firewall *firewall, const Firewall *cluster, const char *name) {
    if (text_starts_with(name, "dc/")) return (Scopes){.cluster = cluster, .name = name + strlen("dc/")};
    if (text_starts_with(name, "guest/")) return (Scopes){.own = firewall, .name = name + strlen("guest/")};
    return (Scopes){.own = firewall, .cluster = cluster, .name = name};
}

static const Pairs *alias_resolve(const Scopes *scopes) {
    const Pairs *alias = scopes->own == NULL ? NULL : firewall_find_alias(scopes->own, scopes->name);
    return alias == NULL && scopes->cluster != NULL ? firewall_find_alias(scopes->cluster, scopes->name) : alias;
}

static bool is_alias_name(const char *value) {
    return formats_match("((dc|guest)/)?[A-Za-z][A-Za-z0-9_-]+", value);
}

const char *firewall_ip_version(Host *host, const Firewall *firewall, const Firewall *cluster, const Pairs *item) {
    static const char *const KEYS[] = {"source", "dest", "cidr"};
    for (size_t i = 0; i < 3; i++) {
        const char *value = pairs_get(item, KEYS[i]);
        if (value == NULL || *value == '+') continue;
        if (is_alias_name(value) && strcmp(KEYS[i], "cidr") != 0) {
            Scopes scopes = scopes_of(firewall, cluster, value);
            const Pairs *alias = alias_resolve(&scopes);
            if (alias == NULL) continue;
            value = pairs_get(alias, "cidr");
        }
        const char *address = mem_copy_part(host->mem, value, strcspn(value, "/,-"));
        if (formats_is_ipv4(address)) return "4";
        if (formats_is_ipv6(address)) return "6";
    }
    return NULL;
}

/// Is what a rule names as source or destination there?
static const char *address_check(Host *host, const Firewall *firewall, const Firewall *cluster, const char *value) {
    bool is_set = *value == '+';
    if (!is_set && !is_alias_name(value)) return NULL;
    Scopes scopes = scopes_of(firewall, cluster, value + is_set);
    if (!is_set) return alias_resolve(&scopes) != NULL ? NULL : mem_print(host->mem, "no such alias '%s'", value);
    bool there = (scopes.own != NULL && firewall_find(scopes.own, FIREWALL_IPSET, scopes.name) != NULL) ||
                 (scopes.cluster != NULL && firewall_find(scopes.cluster, FIREWALL_IPSET, scopes.name) != NULL);
    // Sets that SDN makes are not looked for.
    if (there || text_starts_with(scopes.name, "sdn/")) return NULL;
    return mem_print(host->mem, "no such ipset '%s'", scopes.name);
}

/// Ports need a protocol that has them; so does an ICMP type.
static const char *protocol_check(Host *host, const Pairs *rule, const char **field) {
    static const char *const PORTS[] = {"dport", "sport"};
    const char *proto = pairs_get(rule, "proto"), *macro = pairs_get(rule, "macro");
    for (size_t i = 0; i < 2; i++) {
        if (pairs_get(rule, PORTS[i]) == NULL) continue;
        *field = "proto";
        if (proto == NULL && macro == NULL)
            return mem_print(host->mem, "missing property - '%s' requires this property", PORTS[i]);
        *field = PORTS[i];
        const char *with_ports = i == 0 ? "tcp|udp|udplite|sctp|dccp|icmp|icmpv6|6|17|33|132|136"
                                        : "tcp|udp|udplite|sctp|dccp|6|17|33|132|136";
        if (proto != NULL && !formats_match(with_ports, proto))
            return mem_print(host->mem, "protocol '%s' does not support ports", proto);
    }
    if (pairs_get(rule, "icmp-type") == NULL) return NULL;
    *field = "proto";
    if (proto == NULL) return "missing property - 'icmp-type' requires this property";
    *field = "icmp-type";
    return formats_match("icmp|icmpv6|ipv6-icmp", proto)
               ? NULL
               : "'icmp-type' can only be set if 'icmp', 'icmpv6' or 'ipv6-icmp' is specified";
}

/// Addresses of both versions in one rule contradict each other.
static const char *versions_check(Host *host, const Firewall *firewall, const Firewall *cluster, const Pairs *rule) {
    Pairs ends[2] = {pairs_new(host->mem), pairs_new(host->mem)};
    static const char *const KEYS[] = {"source", "dest"};
    const char *versions[2];
    for (size_t i = 0; i < 2; i++) {
        const char *value = pairs_get(rule, KEYS[i]);
        if (value != NULL) pairs_set(&ends[i], KEYS[i], value);
        versions[i] = firewall_ip_version(host, firewall, cluster, &ends[i]);
    }
    bool mixed = versions[0] != NULL && versions[1] != NULL && strcmp(versions[0], versions[1]) != 0;
    return mixed ? "detected mixed ipv4/ipv6 adresses in rule" : NULL;
}

const char *firewall_check_rule(Host *host, const Firewall *firewall, const Firewall *cluster, bool in_group,
                                const Pairs *rule, const char **field) {
    static const char *const ENDS[] = {"source", "dest"};
    const char *type = pairs_get(rule, "type"), *action = pairs_get(rule, "action"), *macro = pairs_get(rule, "macro"),
               *iface = pairs_get(rule, "iface");
    *field = "type";
    if (strcmp(type, "group") == 0 && in_group) return "security groups not allowed";
    *field = "action";
    bool is_group = strcmp(type, "group") == 0;
    if (!is_group && !formats_match("ACCEPT|DROP|REJECT", action))
        return mem_print(host->mem, "unknown action '%s'", action);
    *field = "iface";
    if (iface != NULL && in_group) return "parameter not allowed for this rule type";
    if (iface != NULL && firewall->scope == SCOPE_GUEST && !formats_match("net[0-9]+", iface))
        return "value does not match the regex pattern 'net\\d+'";
    *field = "macro";
    if (macro != NULL && firewall_macro(macro) == NULL) return mem_print(host->mem, "unknown macro '%s'", macro);
    const char *reason = protocol_check(host, rule, field);
    for (size_t i = 0; i < 2 && reason == NULL; i++) {
        *field = ENDS[i];
        const char *value = pairs_get(rule, ENDS[i]);
        if (value != NULL) reason = address_check(host, firewall, cluster, value);
    }
    if (reason != NULL) return reason;
    *field = "dest";
    return versions_check(host, firewall, cluster, rule);
}
