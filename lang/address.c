/* Addresses, networks and MACs: text to bytes and back. */
#include "lang/number.h"

#include <string.h>

/* A decimal number of up to three digits, no leading zero, at most [max]; -1 where there is none. */
static int decimal_take(Str *rest, int max) {
    int value = 0;
    size_t length = 0;
    while (length < rest->length && length < 3 && rest->text[length] >= '0' && rest->text[length] <= '9')
        value = value * 10 + (rest->text[length++] - '0');
    if (length == 0 || value > max || (length > 1 && rest->text[0] == '0')) return -1;
    rest->text += length;
    rest->length -= length;
    return value;
}

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

static int char_take(Str *rest, char c) {
    if (rest->length == 0 || rest->text[0] != c) return 0;
    rest->text++;
    rest->length--;
    return 1;
}

static int ipv4_parse(Str text, uint8_t *bytes) {
    for (int i = 0; i < 4; i++) {
        if (i > 0 && !char_take(&text, '.')) return 0;
        int value = decimal_take(&text, 255);
        if (value < 0) return 0;
        bytes[i] = (uint8_t)value;
    }
    return text.length == 0;
}

/* One group of up to four hexadecimal digits; -1 where there is none. */
static int group_take(Str *rest) {
    int value = 0;
    size_t length = 0;
    while (length < rest->length && length < 4 && hex_digit(rest->text[length]) >= 0)
        value = value * 16 + hex_digit(rest->text[length++]);
    if (length == 0) return -1;
    rest->text += length;
    rest->length -= length;
    return value;
}

/* Up to eight groups, one `::` that stands for at least one group of zeros, the last two groups also as an IPv4
   address. */
static int ipv6_parse(Str text, uint8_t *bytes) {
    size_t count = 0, gap = SIZE_MAX;       /* bytes so far; where `::` stands */
    memset(bytes, 0, 16);
    if (text.length >= 2 && memcmp(text.text, "::", 2) == 0) {
        gap = 0;
        text.text += 2;
        text.length -= 2;
    }
    while (text.length > 0) {
        if (count == 16) return 0;
        const char *colon = memchr(text.text, ':', text.length);
        if (colon == NULL && memchr(text.text, '.', text.length) != NULL) {
            if (count > 12 || !ipv4_parse(text, bytes + count)) return 0;
            count += 4;
            break;
        }
        int group = group_take(&text);
        if (group < 0) return 0;
        bytes[count++] = (uint8_t)(group >> 8);
        bytes[count++] = (uint8_t)(group & 0xFF);
        if (text.length == 0) break;
        if (!char_take(&text, ':')) return 0;
        if (char_take(&text, ':')) {
            if (gap != SIZE_MAX) return 0;
            gap = count;
        } else if (text.length == 0) {
            return 0;
        }
    }
    if (gap == SIZE_MAX) return count == 16;
    if (count > 14) return 0;
    memmove(bytes + 16 - (count - gap), bytes + gap, count - gap);
    memset(bytes + gap, 0, 16 - count);
    return 1;
}

int ip_parse(Str text, Address *address) {
    *address = (Address){.version = 4, .prefix = 32};
    if (text.length == 0) return 0;
    if (memchr(text.text, ':', text.length) == NULL) return ipv4_parse(text, address->bytes);
    address->version = 6;
    address->prefix = 128;
    return ipv6_parse(text, address->bytes);
}

int cidr_parse(Str text, Address *address) {
    const char *slash = text.length == 0 ? NULL : memchr(text.text, '/', text.length);
    if (slash == NULL) return 0;
    size_t length = (size_t)(slash - text.text);
    if (!ip_parse((Str){text.text, length}, address)) return 0;
    Str rest = {slash + 1, text.length - length - 1};
    int prefix = decimal_take(&rest, address->version == 4 ? 32 : 128);
    if (prefix < 0 || rest.length > 0) return 0;
    address->prefix = (uint8_t)prefix;
    return 1;
}

int mac_parse(Str text, int64_t *mac) {
    if (text.length != 17) return 0;
    int64_t value = 0;
    for (size_t i = 0; i < 17; i++) {
        if (i % 3 == 2) {
            if (text.text[i] != ':') return 0;
            continue;
        }
        int digit = hex_digit(text.text[i]);
        if (digit < 0) return 0;
        value = value * 16 + digit;
    }
    *mac = value;
    return 1;
}

static unsigned group_get(const Address *address, int group) {
    const uint8_t *bytes = address->bytes + (size_t)group * 2;
    return (unsigned)bytes[0] << 8 | bytes[1];
}

/* RFC 5952: no leading zeros, lower case, the longest run of two or more zero groups (the first of equals) as `::`, and
   the IPv4 form behind the prefix of mapped addresses. */
static void ipv6_print(const Address *address, Text *out) {
    int start = -1, length = 1;
    for (int i = 0; i < 8; i++) {
        int run = 0;
        while (i + run < 8 && group_get(address, i + run) == 0) run++;
        if (run > length) {
            start = i;
            length = run;
        }
        if (run > 0) i += run - 1;
    }
    static const uint8_t mapped[12] = {[10] = 0xFF, [11] = 0xFF};
    if (memcmp(address->bytes, mapped, sizeof mapped) == 0) {
        const uint8_t *tail = address->bytes + 12;
        text_addf(out, "::ffff:%u.%u.%u.%u", tail[0], tail[1], tail[2], tail[3]);
        return;
    }
    for (int i = 0; i < 8; i++) {
        if (i == start) {
            text_add_literal(out, "::");
            i += length - 1;
            continue;
        }
        if (i > 0 && i != start + length) text_add_char(out, ':');
        text_addf(out, "%x", group_get(address, i));
    }
}

void address_print(const Address *address, int with_prefix, Text *out) {
    if (address->version == 4) {
        for (int i = 0; i < 4; i++) {
            if (i > 0) text_add_char(out, '.');
            text_add_int(out, address->bytes[i]);
        }
    } else {
        ipv6_print(address, out);
    }
    if (!with_prefix) return;
    text_add_char(out, '/');
    text_add_int(out, address->prefix);
}

void mac_print(int64_t mac, Text *out) {
    for (int shift = 40; shift >= 0; shift -= 8)
        text_addf(out, shift == 40 ? "%02X" : ":%02X", (unsigned)(mac >> shift & 0xFF));
}

Address address_network(const Address *cidr) {
    Address network = *cidr;
    int bytes = cidr->version == 4 ? 4 : 16;
    for (int i = 0; i < bytes; i++) {
        int kept = cidr->prefix - 8 * i;
        if (kept >= 8) continue;
        network.bytes[i] = (uint8_t)(kept <= 0 ? 0 : network.bytes[i] & 0xFFu << (8 - kept));
    }
    return network;
}

/* Byte by byte from the last; what is left over at the first does not fit. */
int address_add(Address *address, int64_t number) {
    int64_t carry = number;
    for (int i = address->version == 4 ? 3 : 15; i >= 0; i--) {
        int64_t sum = address->bytes[i] + (carry & 0xff);
        carry = (carry >> 8) + (sum >> 8);
        address->bytes[i] = (uint8_t)(sum & 0xff);
    }
    return carry == 0;
}

int address_in(const Address *address, const Address *network) {
    if (address->version != network->version) return 0;
    Address masked = *address;
    masked.prefix = network->prefix;
    masked = address_network(&masked);
    Address base = address_network(network);
    return memcmp(masked.bytes, base.bytes, network->version == 4 ? 4 : 16) == 0;
}
