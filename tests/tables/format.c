/* The named formats: a regular expression each, and a function where that is not enough. */
#include "tests/tables/format.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/slice.h"
#include "lang/number.h"

#define LABEL "[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?"
#define DNS "(" LABEL "[.])*" LABEL
#define OCTET "(25[0-5]|(2[0-4]|1[0-9]|[1-9])?[0-9])"
#define IPV4 "(" OCTET "[.]){3}" OCTET
#define STORAGE "[a-zA-Z][a-zA-Z0-9._-]*[a-zA-Z0-9]"
#define NAME "[A-Za-z][A-Za-z0-9_-]+"
#define VOLUME STORAGE ":.+"
#define DEVICE "((ide|sata|scsi|virtio|net|hostpci|usb)[0-9]+)"
#define CONTENT "(images|rootdir|vztmpl|iso|backup|snippets|none|import)"

typedef struct Format {
    const char *name;
    const char *expression;         /* NULL: the function alone */
    int (*takes)(Str text);         /* NULL: the expression alone */
    const char *const *samples;
} Format;

#define SAMPLES(...) ((const char *const[]){__VA_ARGS__, "", NULL})

static int64_t number_at(Str text) {
    char digits[24];
    size_t length = text.length < sizeof digits - 1 ? text.length : sizeof digits - 1;
    memcpy(digits, text.text, length);
    digits[length] = '\0';
    return strtoll(digits, NULL, 10);
}

static int is_ip(Str text, uint8_t version) {
    Address address;
    return ip_parse(text, &address) && (!version || address.version == version);
}

static int is_ipv6(Str text) {
    return is_ip(text, 6);
}

static int is_either_ip(Str text) {
    return is_ip(text, 0);
}

/* Of a guest's addresses Proxmox takes no network larger than /8. */
static int is_network(Str text, uint8_t version) {
    Address address;
    return cidr_parse(text, &address) && address.prefix >= 8 && (!version || address.version == version);
}

static int is_either_network(Str text) {
    return is_network(text, 0);
}

static int is_ipv4_config(Str text) {
    return str_equal(text, STR("dhcp")) || str_equal(text, STR("manual")) || is_network(text, 4);
}

static int is_ipv6_config(Str text) {
    return str_equal(text, STR("auto")) || str_equal(text, STR("dhcp")) || str_equal(text, STR("manual")) || is_network(text, 6);
}

/* For the firewall a network is one of any size, without the address of somebody in it. */
static int is_ip_or_network(Str text) {
    Address address, network;
    if (is_ip(text, 0))
        return 1;
    if (!cidr_parse(text, &address))
        return 0;
    network = address_network(&address);
    return !memcmp(network.bytes, address.bytes, sizeof network.bytes);
}

/* An address, or one of a link with the interface behind it. */
static int is_ip_with_interface(Str text) {
    size_t percent = slice_find_char(text, '%', 0);
    Str address = slice(text, 0, percent);
    return is_ip(address, 0) && (percent == text.length || (slice_begins(address, STR("fe80:")) && percent + 1 < text.length));
}

/* No part of a path is "." or "..". */
static int is_straight(Str text) {
    for (Str rest = text, part; slice_next(&rest, STR("/"), &part);)
        if (part.length != text.length && (str_equal(part, STR(".")) || str_equal(part, STR(".."))))
            return 0;
    return 1;
}

static int is_timezone(Str text) {
    return is_straight(text) && text.length > 0;
}

static int is_cpuset(Str text) {
    for (Str rest = text, part; slice_next(&rest, STR(","), &part);) {
        size_t dash = slice_find_char(part, '-', 0);
        if (dash < part.length && number_at(part) > number_at(slice(part, dash + 1, part.length)))
            return 0;
    }
    return 1;
}

static int is_blocksize(Str text) {
    int64_t bytes;
    int exact;
    return size_parse_host(text, &bytes, &exact) && bytes >= 512 && bytes <= 16 << 20 && (bytes & (bytes - 1)) == 0;
}

/* A range of ports must ascend, and none is above 65535. */
static int is_ports(Str text) {
    for (Str rest = text, part; slice_next(&rest, STR(","), &part);) {
        size_t colon = slice_find_char(part, ':', 0);
        int64_t low = number_at(part), high = colon < part.length ? number_at(slice(part, colon + 1, part.length)) : low;
        if (high > 65535 || low > high)
            return 0;
    }
    return 1;
}

/* A set (+name, +dc/name), an alias, or a list of addresses, networks and ranges of addresses. */
static int is_firewall_address(Str text) {
    for (Str rest = text, part; slice_next(&rest, STR(","), &part);) {
        size_t dash = slice_find_char(part, '-', 0);
        if (dash < part.length ? !is_ip(slice(part, 0, dash), 0) || !is_ip(slice(part, dash + 1, part.length), 0) : !is_ip_or_network(part))
            return 0;
    }
    return text.length > 0;
}

static int is_phys_bits(Str text) {
    return str_equal(text, STR("host")) || (number_at(text) >= 8 && number_at(text) <= 64);
}

#define NETWORKS "10.0.0.5/24", "10.0.0.5/8", "10.0.0.5/7", "10.0.0.5/32", "10.0.0.5/33", "10.0.0.5", "10.0.0/24", "fd00::5/64", "fd00::5/8", "fd00::5/7", \
    "fd00::5/128", "fd00::5/129", "dhcp", "manual", "auto", "DHCP", "10.0.0.256/24"
#define ADDRESSES "10.0.0.1", "255.255.255.255", "10.0.0.256", "10.0.0", "010.0.0.1", "10.0.0.1/24", "fd00::1", "FD00::1", "fd00:::1", "fd00::1::2", "::", "web"
#define NAMES "web", "Web-1", "a", "web_1", "1web", "web.lan", "web lan", "w\xc3\xa4"
#define VOLUMES "local:iso/a.iso", "st:vm-100-disk-0", "st:8", "l:a", "local", "/dev/sda", "none", "cdrom", "local:", "1st:a", "st-:a"
#define DNS_NAMES "web", "web1.lan.example", "1web", "web-1", "-web", "web-", "web_1", "web..lan", ".web", "web.", "we b", "10.0.0.1"
#define PATHS "/srv", "/srv/a b", "/", "srv", "/srv/../etc", "/srv/.", "/a;b", "/;a", "/(a)", "/srv/a=b"

static const Format formats[] = {
    {"pve-vmid", "[1-9][0-9]{2,8}", NULL, SAMPLES("100", "999999999", "99", "1000000000", "0100", "+100")},
    {"pve-configid", NAME, NULL, SAMPLES(NAMES)},
    {"pve-node", LABEL, NULL, SAMPLES("pve", "pve-1", "1pve", "-pve", "pve-", "pve_1", "pve.lan")},
    {"pve-storage-id", STORAGE, NULL, SAMPLES("st", "local-zfs", "a.b_c", "s", "1st", "st-", "s t")},
    {"pve-volume-id", VOLUME, NULL, SAMPLES(VOLUMES)},
    {"pve-volume-id-or-qm-path", "none|cdrom|/.*|" VOLUME, NULL, SAMPLES(VOLUMES)},
    {"pve-volume-id-or-absolute-path", "/.*|" VOLUME, NULL, SAMPLES(VOLUMES)},
    {"pve-poolid", "[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+){0,2}", NULL, SAMPLES("pool", "a/b/c", "a/b/c/d", "a b", "/a", "a.b-c_1")},
    {"dns-name", DNS, NULL, SAMPLES(DNS_NAMES)},
    {"ipv4", IPV4, NULL, SAMPLES(ADDRESSES)},
    {"ipv6", NULL, is_ipv6, SAMPLES(ADDRESSES)},
    {"ip", NULL, is_either_ip, SAMPLES(ADDRESSES)},
    {"address", DNS "|[0-9a-fA-F:]*:[0-9a-fA-F:.]*", NULL, SAMPLES("10.0.0.1", "fd00::1", DNS_NAMES)},
    {"lxc-ip-with-ll-iface", NULL, is_ip_with_interface, SAMPLES(ADDRESSES, "fe80::1%eth0", "fe80::1%", "10.0.0.1%eth0", "fe80:1%eth0")},
    {"CIDR", NULL, is_either_network, SAMPLES(NETWORKS)},
    {"pve-ipv4-config", NULL, is_ipv4_config, SAMPLES(NETWORKS)},
    {"pve-ipv6-config", NULL, is_ipv6_config, SAMPLES(NETWORKS)},
    {"IPorCIDR", NULL, is_ip_or_network, SAMPLES("10.0.0.0/24", "10.0.0.5/24", "0.0.0.0/0", "10.0.0.1", "fd00::/64", "fd00::1", "10.0.0.0/33", "web")},
    {"mac-addr", "[a-fA-F0-9][02468aceACE](:[a-fA-F0-9]{2}){5}", NULL,
     SAMPLES("52:54:00:67:89:B2", "bc:24:11:00:00:01", "01:24:11:00:00:01", "52:54:00:67:89", "52-54-00-67-89-B2", "52:54:00:67:89:G2")},
    {"disk-size", "[0-9]+([.][0-9]+)?[KMGT]?", NULL, SAMPLES("8G", "1126M", "1T", "104858K", "1024", "8g", "8GB", "-8G", "G", "8 G")},
    {"pve-lxc-mp-string", ".*", is_straight, SAMPLES("/srv", "local:8", "local:subvol-100-disk-0", PATHS)},
    {"pve-lxc-dev-string", "/dev/.*", is_straight, SAMPLES("/dev/nvidia0", "/dev/dri/card0", "/dev/../etc", "/srv", "dev/a")},
    {"pve-ct-timezone", "[A-Za-z0-9_+/-]+", is_timezone, SAMPLES("host", "Europe/Berlin", "Etc/GMT+5", "Eu rope")},
    {"pve-startup-order", "((order=)?[0-9]+|up=[0-9]+|down=[0-9]+)(,((order=)?[0-9]+|up=[0-9]+|down=[0-9]+))*", NULL,
     SAMPLES("order=1", "5", "order=1,up=30,down=60", "up=30", "order=0", "order=-1", "up=1m", "order=a", "left=3")},
    {"pve-tag", "[A-Za-z0-9_][A-Za-z0-9_+.-]*", NULL, SAMPLES("web", "a;b", "a1_+.-", "-web", "w:b", "w/b")},
    {"pve-bridge-id", "[A-Za-z0-9_.-]+", NULL, SAMPLES("vmbr0", "br-lan.1", "vm br", "vmbr/0")},
    {"pve-cpuset", "[0-9]+(-[0-9]+)?(,[0-9]+(-[0-9]+)?)*", is_cpuset, SAMPLES("0", "0-3", "0,2,4-7", "3-0", "a", "0-", "0;1")},
    {"pve-hotplug-features", "[01]|(network|disk|cpu|memory|usb|cloudinit)([ ,;]+(network|disk|cpu|memory|usb|cloudinit))*", NULL,
     SAMPLES("0", "1", "network", "network,disk,usb", "cpu,memory,cloudinit", "2", "net", "network,floppy")},
    {"pve-phys-bits", "host|[0-9]+", is_phys_bits, SAMPLES("host", "8", "64", "7", "65", "0x20", "guest")},
    {"pve-qm-bootdev-list", DEVICE "(;" DEVICE ")*", NULL, SAMPLES("scsi0", "scsi0;net0", "ide2;virtio0;usb1;hostpci0", "efidisk0", "scsi", "disk0", "net")},
    {"pve-qm-bootdisk", "(ide|sata|scsi|virtio)[0-9]+", NULL, SAMPLES("scsi0", "virtio15", "net0", "disk0")},
    {"urlencoded", "[-%a-zA-Z0-9_.!~*'()]*", NULL, SAMPLES("ABC-123", "a%20b", "a b", "a+b", "a/b", "\xc3\xa4")},
    {"storage-pair", STORAGE "(:" STORAGE ")?|1", NULL, SAMPLES("st", "a1:b2", "1", "a1:", "-")},
    {"pve-storage-path", "/[^;()].*", NULL, SAMPLES(PATHS)},
    {"pve-storage-server", DNS "|[0-9a-fA-F:]*:[0-9a-fA-F:.]*", NULL, SAMPLES("10.0.0.1", "fd00::1", DNS_NAMES)},
    {"pve-storage-vgname", "[a-zA-Z0-9][a-zA-Z0-9._-]*[a-zA-Z0-9]", NULL, SAMPLES("vg", "vg-data", "1vg", "v", "-vg", "vg-", "v g")},
    {"pve-storage-zfs-blocksize", "[0-9]+[kKmMgG]?", is_blocksize, SAMPLES("8k", "16K", "512", "1M", "3K", "256", "K", "8kb")},
    {"pve-storage-content", CONTENT, NULL, SAMPLES("images", "rootdir", "iso,vztmpl,backup", "snippets", "import", "Images", "disks", "vdisk")},
    {"pve-storage-options", "[^[:space:]]+", NULL, SAMPLES("vers=4.2", "vers=4,soft", "a b")},
    {"pve-dir-override", CONTENT "=[^.]*([.]?[^.]+)+", NULL, SAMPLES("iso=images/iso", "backup=/dump", "iso=a.b", "iso=a..b", "iso", "disks=a")},
    {"string", ".*", NULL, SAMPLES("a", "a b")},
    {"IPorCIDRorAlias", NULL, NULL, SAMPLES("10.0.0.0/24", "10.0.0.1", "fd00::1", "servers", "dc/servers", "10.0.0.0/33", "a b")},
    {"pve-fw-addr-spec", NULL, NULL,
     SAMPLES("10.0.0.1", "10.0.0.0/24,10.0.1.5", "10.0.0.1-10.0.0.9", "+admins", "+dc/admins", "servers", "guest/servers", "fd00::/64", "10.0.0.300", "+", "a b")},
    {"pve-fw-dport-spec", "([0-9]+(:[0-9]+)?|[a-z][a-z0-9.+-]*)(,([0-9]+(:[0-9]+)?|[a-z][a-z0-9.+-]*))*", is_ports,
     SAMPLES("80", "80,443", "8000:8100", "https", "65535", "65536", "90:80", "80-90", "0")},
    {"pve-fw-sport-spec", "([0-9]+(:[0-9]+)?|[a-z][a-z0-9.+-]*)(,([0-9]+(:[0-9]+)?|[a-z][a-z0-9.+-]*))*", is_ports,
     SAMPLES("80", "80,443", "8000:8100", "https", "65535", "65536", "90:80", "80-90")},
    {"pve-fw-protocol-spec", "[a-z][a-z0-9.-]*|[0-9]{1,3}", NULL, SAMPLES("tcp", "udp", "icmp", "ipv6-icmp", "47", "t p", "TCP,UDP")},
    {"pve-fw-icmp-type-spec", "[a-z][a-z0-9-]*|[0-9]{1,3}(/[0-9]{1,3})?", NULL, SAMPLES("echo-request", "8", "3/1", "e r")},
    {"pve-iface", "[a-zA-Z][a-zA-Z0-9_]{1,20}([:.][0-9]+)?", NULL, SAMPLES("net0", "vmbr0", "eth0.5", "0net", "n t")},
    {"pve-fw-conntrack-helper", "|(amanda|ftp|irc|netbios-ns|pptp|sane|sip|snmp|tftp)([ ,;](amanda|ftp|irc|netbios-ns|pptp|sane|sip|snmp|tftp))*", NULL,
     SAMPLES("ftp", "ftp,tftp", "http")},
};

static const Format *format_named(const char *name) {
    for (size_t i = 0; name && i < sizeof formats / sizeof *formats; i++)
        if (!strcmp(formats[i].name, name))
            return &formats[i];
    return NULL;
}

/* "dns-name-list" is a list of "dns-name". */
static const Format *format_element(const char *name) {
    char stem[64];
    size_t length = name ? strlen(name) : 0;
    if (length <= 5 || length >= sizeof stem || strcmp(name + length - 5, "-list") || format_named(name))
        return NULL;
    memcpy(stem, name, length - 5);
    stem[length - 5] = '\0';
    return format_named(stem);
}

int format_known(const char *name) {
    return format_named(name) != NULL || format_element(name) != NULL;
}

int format_is_list(const char *name) {
    return format_element(name) != NULL;
}

static int is_alias(Arena *arena, Str text) {
    return pattern_matches(pattern_parse(arena, STR("(dc/|guest/)?" NAME)), text);
}

static int one_takes(Arena *arena, const Format *format, Str text) {
    if (!strcmp(format->name, "IPorCIDRorAlias"))
        return is_ip_or_network(text) || is_alias(arena, text);
    if (!strcmp(format->name, "pve-fw-addr-spec"))
        return (text.length && text.text[0] == '+' ? is_alias(arena, slice(text, 1, text.length)) : is_alias(arena, text)) || is_firewall_address(text);
    return (!format->expression || pattern_matches(pattern_parse(arena, str_of(format->expression)), text)) && (!format->takes || format->takes(text));
}

static int is_separator(char c) {
    return c == ' ' || c == ',' || c == ';';
}

/* The next element of a list; 0 at the end. */
static int element_next(Str *rest, Str *element) {
    size_t first = 0, end;
    while (first < rest->length && is_separator(rest->text[first]))
        first++;
    for (end = first; end < rest->length && !is_separator(rest->text[end]);)
        end++;
    *element = slice(*rest, first, end);
    *rest = slice(*rest, end, rest->length);
    return end > first;
}

int format_takes(Arena *arena, const char *name, Str text) {
    const Format *format = format_named(name), *element = format_element(name);
    if (format)
        return one_takes(arena, format, text);
    for (Str rest = text, part; element && element_next(&rest, &part);)
        if (!one_takes(arena, element, part))
            return 0;
    return 1;
}

const char *const *format_samples(const char *name) {
    static const char *const none[] = {NULL};
    const Format *format = format_named(name) ? format_named(name) : format_element(name);
    return format ? format->samples : none;
}

/* The parts of what order does not matter in, or one text. */
static void plain_one(const char *name, Str text, Text *out) {
    Address address;
    int64_t number;
    int exact;
    if ((!strcmp(name, "disk-size") || !strcmp(name, "pve-storage-zfs-blocksize")) && size_parse_host(text, &number, &exact))
        text_add_int(out, number);
    else if (!strcmp(name, "mac-addr") && mac_parse(text, &number))
        mac_print(number, out);
    else if (ip_parse(text, &address))
        address_print(&address, 0, out);
    else if (cidr_parse(text, &address))
        address_print(&address, 1, out);
    else if (!strcmp(name, "pve-startup-order") && text.length && text.text[0] >= '0' && text.text[0] <= '9')
        text_addf(out, "order=%.*s", (int)text.length, text.text);
    else
        text_add(out, text);
}

void format_plain(const char *name, Str text, Text *out) {
    const Format *element = format_element(name);
    if (!element) {
        plain_one(name, text, out);
        return;
    }
    for (Str rest = text, part; element_next(&rest, &part); text_add_char(out, ' '))
        plain_one(element->name, part, out);
}
