// Checks values against the named formats of the parameter tables.
#include "formats.h"

#include "users.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

bool formats_match(const char *pattern, const char *value) {
    char whole[2048];
    if (snprintf(whole, sizeof whole, "^(%s)$", pattern) >= (int)sizeof whole) return false;
    regex_t regex;
    if (regcomp(&regex, whole, REG_EXTENDED | REG_NOSUB) != 0) return false;
    bool matches = regexec(&regex, value, 0, NULL, 0) == 0;
    regfree(&regex);
    return matches;
}

bool formats_is_ipv4(const char *text) {
    struct in_addr address;
    return inet_pton(AF_INET, text, &address) == 1;
}

bool formats_is_ipv6(const char *text) {
    struct in6_addr address;
    return inet_pton(AF_INET6, text, &address) == 1;
}

/// An address with `/prefix` from [least] to [most] bits.
static bool is_cidr(Host *host, const char *text, bool (*is_address)(const char *), long least, long most) {
    const char *slash = strchr(text, '/');
    if (slash == NULL || !formats_match("[0-9]{1,3}", slash + 1)) return false;
    long bits = strtol(slash + 1, NULL, 10);
    return bits >= least && bits <= most && is_address(mem_copy_part(host->mem, text, (size_t)(slash - text)));
}

static bool is_cidr4(Host *host, const char *text) {
    return is_cidr(host, text, formats_is_ipv4, 1, 32);
}

static bool is_cidr6(Host *host, const char *text) {
    return is_cidr(host, text, formats_is_ipv6, 1, 128);
}

static bool is_volume_id(const char *text) {
    return formats_match("[A-Za-z][A-Za-z0-9_.-]*[A-Za-z0-9]:.+", text);
}

static bool is_dns_name(const char *text) {
    if (strlen(text) > 253) return false;
    return formats_match("([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)(\\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*", text);
}

static const char *check_mount_path(Host *host, const char *value) {
    if (strstr(value, "/./") == NULL && strstr(value, "/../") == NULL && !text_ends_with(value, "/..") &&
        !text_starts_with(value, "../"))
        return NULL;
    return mem_print(host->mem, "%s contains illegal character sequences", value);
}

static const char *check_volume(Host *host, const char *value) {
    return is_volume_id(value) ? NULL : mem_print(host->mem, "unable to parse volume ID '%s'", value);
}

static const char *check_volume_or_path(Host *host, const char *value) {
    if (*value == '/' || strcmp(value, "none") == 0 || strcmp(value, "cdrom") == 0) return NULL;
    return check_volume(host, value);
}

static const char *check_cpu(Host *host, const char *value) {
    // The text is `[cputype=]NAME[,...]`; its sub-keys are checked apart, here only the model is.
    static const char *const MODELS =
        "(486|a64fx|athlon|Broadwell|Broadwell-IBRS|Broadwell-noTSX|Broadwell-noTSX-IBRS|Cascadelake-Server(-noTSX|-v["
        "245])?|"
        "ClearwaterForest|Conroe|Cooperlake(-v2)?|core2duo|coreduo|cortex-a[0-9]+|EPYC(-IBPB|-v[345])?|"
        "EPYC-(Genoa|Milan|Rome|Turin)(-v[234])?|GraniteRapids(-v[23])?|Haswell(-IBRS|-noTSX|-noTSX-IBRS)?|host|"
        "Icelake-(Client|Server)(-noTSX|-v[3456])?|IvyBridge(-IBRS)?|KnightsMill|kvm32|kvm64|max|Nehalem(-IBRS)?|"
        "neoverse-(n1|n2|v1)|Opteron_G[12345]|Penryn|pentium[23]?|phenom|qemu32|qemu64|SandyBridge(-IBRS)?|"
        "SapphireRapids(-v[234])?|SierraForest(-v[23])?|Skylake-(Client|Server)(-IBRS|-noTSX-IBRS|-v[45])?|"
        "Westmere(-IBRS)?|x86-64-v(2|2-AES|3|4)|custom-.+)";
    const char *model = text_starts_with(value, "cputype=") ? value + strlen("cputype=") : value;
    size_t length = strcspn(model, ",");
    const char *name = mem_copy_part(host->mem, model, length);
    if (strchr(name, '=') != NULL || formats_match(MODELS, name)) return NULL;
    return mem_print(host->mem, "Built-in cputype '%s' is not defined (missing 'custom-' prefix?)", name);
}

static const char *check_protocol(Host *host, const char *value) {
    static const char *const KNOWN =
        "(tcp|udp|icmp|igmp|ggp|ipencap|st|egp|igp|pup|hmp|xns-idp|rdp|iso-tp4|dccp|xtp|ddp|idpr-cmtp|ipv6|ipv6-route|"
        "ipv6-frag|idrp|rsvp|gre|esp|ah|skip|ipv6-icmp|icmpv6|ipv6-nonxt|ipv6-opts|vmtp|eigrp|ospf|ax.25|ipip|etherip|"
        "encap|pim|ipcomp|vrrp|l2tp|isis|sctp|fc|mobility-header|udplite|mpls-in-ip|hip|shim6|wesp|rohc|[0-9]{1,3})";
    return formats_match(KNOWN, value) ? NULL : mem_print(host->mem, "unknown protocol '%s'", value);
}

static const char *check_address_spec(Host *host, const char *value) {
    Words parts = words_split(host->mem, value, ",");
    if (parts.count == 0) return "invalid address list";
    for (size_t i = 0; i < parts.count; i++) {
        const char *part = parts.items[i];
        bool range = formats_match("[0-9.]+-[0-9.]+", part) || formats_match("[0-9a-fA-F:]+-[0-9a-fA-F:]+", part);
        if (range || formats_is_ipv4(part) || formats_is_ipv6(part) || is_cidr(host, part, formats_is_ipv4, 0, 32) ||
            is_cidr(host, part, formats_is_ipv6, 0, 128))
            continue;
        if (parts.count == 1 && formats_match("(\\+?((dc|guest|sdn)/)?[A-Za-z][A-Za-z0-9_-]+)", part)) continue;
        return mem_print(host->mem, "invalid IP address or alias '%s'", part);
    }
    return NULL;
}

static const char *check_port_spec(Host *host, const char *value) {
    Words parts = words_split(host->mem, value, ",");
    if (parts.count == 0) return "invalid port list";
    for (size_t i = 0; i < parts.count; i++) {
        const char *part = parts.items[i];
        if (formats_match("[a-z][a-z0-9-]*", part)) continue;  // a name of /etc/services
        if (!formats_match("[0-9]+([:][0-9]+)?", part)) return mem_print(host->mem, "invalid port '%s'", part);
        long first = strtol(part, NULL, 10);
        const char *colon = strchr(part, ':');
        long last = colon == NULL ? first : strtol(colon + 1, NULL, 10);
        if (first > 65535 || last > 65535) return mem_print(host->mem, "invalid port '%s'", part);
        if (last < first) return mem_print(host->mem, "port range '%s' is in the wrong order", part);
    }
    return NULL;
}

/// Formats that a pattern tells; where the message has a %s, there stands the value.
static const struct {
    const char *format, *pattern, *message;
} PATTERNS[] = {
    {"pve-vmid", "[1-9][0-9]{2,8}", "value does not look like a valid VM ID"},
    {"pve-node", "[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?", "value does not look like a valid node name"},
    {"pve-configid", "[A-Za-z][A-Za-z0-9_-]+", "invalid configuration ID '%s'"},
    {"pve-storage-id", "[A-Za-z][A-Za-z0-9_.-]*[A-Za-z0-9]", "storage ID '%s' contains illegal characters"},
    {"pve-storage-content", "images|rootdir|vztmpl|iso|backup|snippets|import|none", "invalid content type '%s'"},
    {"pve-storage-path", "/[^;()]*", "value does not look like a valid absolute path"},
    {"pve-storage-zfs-blocksize", "[0-9]+[kKmM]?", "value does not look like a valid block size"},
    {"pve-storage-vgname", "[A-Za-z][A-Za-z0-9_.-]*[A-Za-z0-9]",
     "lvm volume group name '%s' contains illegal characters"},
    {"pve-poolid", "[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+){0,2}", "pool name '%s' contains invalid characters"},
    {"pve-tag", "[A-Za-z0-9_][A-Za-z0-9_+.-]*", "invalid characters in tag"},
    {"pve-hotplug-features", "[01]|((disk|network|usb|memory|cpu|cloudinit)([,; ]|$))+",
     "unable to parse hotplug option"},
    {"pve-cpuset", "[0-9]+(-[0-9]+)?(,[0-9]+(-[0-9]+)?)*", "unable to parse cpuset"},
    {"pve-bridge-id", "[A-Za-z0-9_.-]{1,15}", "invalid bridge ID"},
    {"pve-iface", "[A-Za-z][A-Za-z0-9_]{1,20}([:.][0-9]+)?", "invalid network interface name '%s'"},
    {"pve-qm-bootdev", "ide[0-3]|sata[0-5]|(scsi|virtio|net|hostpci|usb)[0-9]+|efidisk0", "invalid boot device '%s'"},
    {"pve-startup-order", "((order=)?[0-9]+|up=[0-9]+|down=[0-9]+)(,((order=)?[0-9]+|up=[0-9]+|down=[0-9]+))*",
     "unable to parse startup options"},
    {"urlencoded", "([A-Za-z0-9_.!~*'()-]|%[0-9A-Fa-f]{2})*", "invalid urlencoded string"},
    {"mac-addr", "[0-9A-Fa-f][02468aceACE](:[0-9A-Fa-f]{2}){5}",
     "value does not look like a valid unicast MAC address"},
    {"mac-prefix", "[0-9A-Fa-f][02468aceACE](:[0-9A-Fa-f]{2}){0,4}:?",
     "value is not a valid unicast MAC address prefix"},
    {"pve-groupid", "[A-Za-z0-9._-]+", "group name '%s' contains invalid characters"},
    {"pve-roleid", "[A-Za-z0-9._-]+", "role name '%s' contains invalid characters"},
    {"pve-userid", "[^[:space:]:/]+@[A-Za-z][A-Za-z0-9._-]+", "value '%s' does not look like a valid user name"},
    {"pve-tokenid", "[^[:space:]:/]+@[A-Za-z][A-Za-z0-9._-]+![A-Za-z][A-Za-z0-9._-]+",
     "value '%s' does not look like a valid token ID"},
    {"email-opt", "([^[:space:]@]+@[A-Za-z0-9.-]+)?", "value does not look like a valid email address"},
    {"email-or-username", "[^[:space:]@]+@[A-Za-z0-9.-]+|[A-Za-z0-9_][A-Za-z0-9_.-]*",
     "value does not look like a valid email address or user name"},
    {"pve-day-of-week", "mon|tue|wed|thu|fri|sat|sun", "invalid day '%s'"},
    {"pve-calendar-event",
     "minutely|hourly|daily|weekly|monthly|quarterly|semiannually|semi-annually|yearly|annually|"
     "([A-Za-z]{3,9}((,|\\.\\.)[A-Za-z]{3,9})* ?)?([0-9*,./]+(-[0-9*,./]+){1,2} ?)?([0-9*,./]+(:[0-9*,./]+){0,2})?",
     "unable to parse calendar event"},
    {"pve-ha-node", "[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(:[0-9]+)?",
     "value does not look like a valid ha group node"},
    {"pve-ha-resource-id", "(ct|vm):[1-9][0-9]{2,8}", "value does not look like a valid ha resource id"},
    {"pve-ha-resource-or-vm-id", "((ct|vm):)?[1-9][0-9]{2,8}", "value does not look like a valid ha resource id"},
    {"pve-fw-conntrack-helper", "amanda|ftp|irc|netbios-ns|pptp|sane|sip|snmp|tftp", "invalid helper '%s'"},
};

/// A format whose message does not depend on the value.
static const char *say(bool valid, const char *message) {
    return valid ? NULL : message;
}

static bool is_ip(const char *value) {
    return formats_is_ipv4(value) || formats_is_ipv6(value);
}

/// [message] with [value] where it has its %s.
static const char *message_print(Host *host, const char *message, const char *value) {
    const char *place = strstr(message, "%s");
    if (place == NULL) return message;
    return mem_print(host->mem, "%.*s%s%s", (int)(place - message), message, value, place + 2);
}

/// Checks [value] against the format of one element.
static const char *element_check(Host *host, const char *format, const char *value) {
    for (size_t i = 0; i < sizeof PATTERNS / sizeof PATTERNS[0]; i++)
        if (strcmp(PATTERNS[i].format, format) == 0)
            return formats_match(PATTERNS[i].pattern, value) ? NULL
                                                             : message_print(host, PATTERNS[i].message, value);
#define IS(name) (strcmp(format, name) == 0)
    if (IS("dns-name")) return say(is_dns_name(value), "value does not look like a valid DNS name");
    if (IS("ipv4")) return say(formats_is_ipv4(value), "value does not look like a valid IPv4 address");
    if (IS("ipv6")) return say(formats_is_ipv6(value), "value does not look like a valid IPv6 address");
    if (IS("ip") || IS("address")) return say(is_ip(value), "value does not look like a valid IP address");
    if (IS("lxc-ip-with-ll-iface")) {
        const char *plain = mem_copy_part(host->mem, value, strcspn(value, "%"));
        return say(is_ip(plain), "value does not look like a valid IP address");
    }
    if (IS("pve-storage-server"))
        return say(is_ip(value) || is_dns_name(value), "value does not look like a valid server name or IP address");
    if (IS("CIDR"))
        return say(is_cidr4(host, value) || is_cidr6(host, value), "value does not look like a valid CIDR network");
    if (IS("IPorCIDR") || IS("IPorCIDRorAlias"))
        return say(is_ip(value) || is_cidr(host, value, formats_is_ipv4, 0, 32) ||
                       is_cidr(host, value, formats_is_ipv6, 0, 128) ||
                       (IS("IPorCIDRorAlias") && formats_match("((dc|guest)/)?[A-Za-z][A-Za-z0-9_-]+", value)),
                   "value does not look like a valid IP address or CIDR network");
    if (IS("pve-ipv4-config"))
        return say(is_cidr4(host, value) || formats_match("dhcp|manual", value),
                   "value does not look like a valid ipv4 network configuration");
    if (IS("pve-ipv6-config"))
        return say(is_cidr6(host, value) || formats_match("auto|dhcp|manual", value),
                   "value does not look like a valid ipv6 network configuration");
    if (IS("pve-lxc-mp-string")) return check_mount_path(host, value);
    if (IS("pve-lxc-dev-string"))
        return say(formats_match("/dev/.+", value) && strstr(value, "..") == NULL,
                   mem_print(host->mem, "%s is not a valid device path", value));
    if (IS("pve-volume-id")) return check_volume(host, value);
    if (IS("pve-volume-id-or-qm-path") || IS("pve-volume-id-or-absolute-path"))
        return check_volume_or_path(host, value);
    if (IS("pve-vm-cpu-conf")) return check_cpu(host, value);
    if (IS("disk-size")) {
        uint64_t bytes;
        return say(formats_parse_size(value, &bytes),
                   mem_print(host->mem, "value does not look like a valid disk size: %s", value));
    }
    if (IS("pve-priv"))
        return users_is_privilege(value) ? NULL : mem_print(host->mem, "invalid privilege '%s'", value);
    if (IS("pve-fw-protocol-spec")) return check_protocol(host, value);
    if (IS("pve-fw-addr-spec")) return check_address_spec(host, value);
    if (IS("pve-fw-dport-spec") || IS("pve-fw-sport-spec")) return check_port_spec(host, value);
#undef IS
    return NULL;
}

const char *formats_check(Host *host, const char *format, const char *value) {
    if (!text_ends_with(format, "-list")) return element_check(host, format, value);
    const char *element = mem_copy_part(host->mem, format, strlen(format) - strlen("-list"));
    Words parts = words_split(host->mem, value, ",; \t\n");
    for (size_t i = 0; i < parts.count; i++) {
        const char *error = element_check(host, element, parts.items[i]);
        if (error != NULL) return error;
    }
    return NULL;
}

const char *formats_url_encode(Host *host, const char *text) {
    Text encoded = text_new(host->mem);
    for (; *text != '\0'; text++) {
        if (isalnum((unsigned char)*text) || strchr("-_.!~*'()", *text) != NULL) text_add_part(&encoded, text, 1);
        else text_print(&encoded, "%%%02X", (unsigned char)*text);
    }
    return encoded.data;
}

bool formats_parse_size(const char *text, uint64_t *bytes) {
    if (!formats_match("[0-9]+(\\.[0-9]+)?[KMGT]?", text)) return false;
    char *unit;
    double number = strtod(text, &unit);
    const char *units = "KMGT";
    for (const char *at = units; *unit != '\0'; at++) {
        number *= 1024;
        if (*at == *unit) break;
    }
    if (number > 9.0e18) return false;
    *bytes = (uint64_t)number;
    return true;
}

const char *formats_print_size(Host *host, uint64_t bytes) {
    static const char *const UNITS = "KMGT";
    if (bytes % 1024 != 0) return mem_print(host->mem, "%" PRIu64, bytes);
    size_t unit = 0;
    bytes /= 1024;
    while (unit < 3 && bytes % 1024 == 0) {
        bytes /= 1024;
        unit++;
    }
    return mem_print(host->mem, "%" PRIu64 "%c", bytes, UNITS[unit]);
}
