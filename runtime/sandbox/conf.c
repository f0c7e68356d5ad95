// Parses and prints the files below /etc/pve/nodes/NODE/lxc and qemu-server.
#include "conf.h"

#include "formats.h"

#include <ctype.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

Section section_new(Host *host, const char *name) {
    return (Section){.name = name, .keys = pairs_new(host->mem), .raw = pairs_new(host->mem)};
}

Section section_copy(const Section *section) {
    Section copy = *section;
    copy.keys = pairs_copy(&section->keys);
    copy.raw = pairs_copy(&section->raw);
    return copy;
}

/// The name of the section with pending changes; it is recognised in any case.
static const char *pending_name(GuestKind kind) {
    return kind == GUEST_LXC ? "pve:pending" : "PENDING";
}

Conf conf_new(Host *host, GuestKind kind, const char *id) {
    return (Conf){.kind = kind,
                  .id = id,
                  .main = section_new(host, NULL),
                  .pending = section_new(host, pending_name(kind)),
                  .digest = conf_sha1(host, "", 0)};
}

static const char *hex_print(Host *host, const unsigned char *bytes, size_t length) {
    Text text = text_new(host->mem);
    for (size_t i = 0; i < length; i++) text_print(&text, "%02x", bytes[i]);
    return text.data;
}

const char *conf_sha1(Host *host, const char *bytes, size_t length) {
    unsigned char digest[SHA_DIGEST_LENGTH];
    SHA1((const unsigned char *)bytes, length, digest);
    return hex_print(host, digest, sizeof digest);
}

const char *conf_sha256(Host *host, const char *bytes, size_t length) {
    unsigned char digest[SHA256_DIGEST_LENGTH];
    SHA256((const unsigned char *)bytes, length, digest);
    return hex_print(host, digest, sizeof digest);
}

const char *conf_encode(Host *host, const char *text) {
    Text encoded = text_new(host->mem);
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;
        if (byte < 0x20 || byte >= 0x7f || byte == '%' || byte == ':') text_print(&encoded, "%%%02X", byte);
        else text_add_part(&encoded, text, 1);
    }
    return encoded.data;
}

const char *conf_decode(Host *host, const char *text) {
    Text decoded = text_new(host->mem);
    for (; *text != '\0'; text++) {
        if (*text == '%' && isxdigit((unsigned char)text[1]) && isxdigit((unsigned char)text[2])) {
            char byte = (char)strtol(mem_copy_part(host->mem, text + 1, 2), NULL, 16);
            if (byte != '\0') text_add_part(&decoded, &byte, 1);
            text += 2;
        } else {
            text_add_part(&decoded, text, 1);
        }
    }
    return decoded.data;
}

const char *conf_print_description(Host *host, GuestKind kind, const char *description) {
    const char *encoded = conf_encode(host, description);
    // qm cuts the end of the line it stores; pct keeps it.
    if (kind == GUEST_QEMU && text_ends_with(encoded, "%0A"))
        return mem_copy_part(host->mem, encoded, strlen(encoded) - strlen("%0A"));
    return encoded;
}

const char *conf_keep_description(Host *host, const char *text) {
    if (*text == '\0') return NULL;
    return text_ends_with(text, "\n") ? text : mem_print(host->mem, "%s\n", text);
}

/// Adds the description line [line] (without '#') to [section].
static void description_add(Host *host, Section *section, const char *line) {
    const char *before = section->description == NULL ? "" : section->description;
    section->description = mem_print(host->mem, "%s%s\n", before, conf_decode(host, line));
}

/// [text] without blanks at both ends.
static const char *trim(Host *host, const char *text) {
    while (isspace((unsigned char)*text)) text++;
    size_t length = strlen(text);
    while (length > 0 && isspace((unsigned char)text[length - 1])) length--;
    return mem_copy_part(host->mem, text, length);
}

/// The section a `[name]` line opens.
static Section *section_open(Host *host, Conf *conf, const char *line) {
    const char *end = strchr(line, ']');
    if (end == NULL) return NULL;
    const char *name = mem_copy_part(host->mem, line + 1, (size_t)(end - line - 1));
    if (strcasecmp(name, pending_name(conf->kind)) == 0) return &conf->pending;
    return conf_add_snapshot(host, conf, name);
}

/// Reads `key: value` or `lxc.key = value`; false if [line] is neither. Blanks may stand before the '=' alone.
static bool setting_read(Host *host, Section *section, const char *line) {
    size_t length = strcspn(line, ": =\t");
    const char *key = mem_copy_part(host->mem, line, length), *rest = line + length + strspn(line + length, " \t");
    if (length == 0 || (*rest != '=' && line[length] != ':')) return false;
    bool raw = text_starts_with(key, "lxc.");
    if (!raw && (*rest == '=' || !formats_match("[a-z][a-z_-]*[0-9]*", key))) return false;
    const char *value = trim(host, rest + 1);
    if (raw) pairs_add(&section->raw, key, value);
    else pairs_set(&section->keys, key, value);
    return true;
}

Conf conf_parse(Host *host, GuestKind kind, const char *id, const char *text) {
    Conf conf = conf_new(host, kind, id);
    conf.digest = conf_sha1(host, text, strlen(text));
    Words lines = words_split(host->mem, text, "\n");
    Section *section = &conf.main;
    for (size_t i = 0; i < lines.count; i++) {
        const char *line = lines.items[i];
        size_t length = strlen(line);
        if (length > 0 && line[length - 1] == '\r') line = mem_copy_part(host->mem, line, length - 1);
        if (line[strspn(line, " \t\r")] == '\0') continue;
        Section *opened = *line == '[' ? section_open(host, &conf, line) : NULL;
        if (opened != NULL) section = opened;
        else if (*line == '#') description_add(host, section, line + 1);
        else if (!setting_read(host, section, line)) host_warn(host, "vm %s - unable to parse config: %s", id, line);
    }
    return conf;
}

static void section_print(Host *host, const Section *section, Text *text) {
    if (section->name != NULL) text_print(text, "\n[%s]\n", section->name);
    if (section->description != NULL) {
        const char *body = section->description;
        size_t length = strlen(body);
        if (length > 0 && body[length - 1] == '\n') length--;
        Words lines = words_split_all(host->mem, mem_copy_part(host->mem, body, length), '\n');
        for (size_t i = 0; i < lines.count; i++) text_print(text, "#%s\n", conf_encode(host, lines.items[i]));
    }
    Pairs keys = pairs_copy(&section->keys);
    pairs_sort(&keys);
    for (size_t i = 0; i < keys.count; i++) text_print(text, "%s: %s\n", keys.items[i].key, keys.items[i].value);
    for (size_t i = 0; i < section->raw.count; i++)
        text_print(text, "%s: %s\n", section->raw.items[i].key, section->raw.items[i].value);
}

const char *conf_print(Host *host, const Conf *conf) {
    Text text = text_new(host->mem);
    section_print(host, &conf->main, &text);
    if (conf->pending.keys.count > 0) section_print(host, &conf->pending, &text);
    Words names = words_new(host->mem);
    for (size_t i = 0; i < conf->snapshot_count; i++) words_add(&names, conf->snapshots[i].name);
    words_sort(&names);
    for (size_t i = 0; i < names.count; i++)
        for (size_t j = 0; j < conf->snapshot_count; j++)
            if (strcmp(conf->snapshots[j].name, names.items[i]) == 0) section_print(host, &conf->snapshots[j], &text);
    return text.data;
}

Section *conf_find_snapshot(const Conf *conf, const char *name) {
    for (size_t i = 0; i < conf->snapshot_count; i++)
        if (strcmp(conf->snapshots[i].name, name) == 0) return &conf->snapshots[i];
    return NULL;
}

Section *conf_add_snapshot(Host *host, Conf *conf, const char *name) {
    Section *larger = mem_alloc(host->mem, (conf->snapshot_count + 1) * sizeof *larger);
    if (conf->snapshot_count > 0) memcpy(larger, conf->snapshots, conf->snapshot_count * sizeof *larger);
    conf->snapshots = larger;
    larger[conf->snapshot_count] = section_new(host, name);
    return &larger[conf->snapshot_count++];
}

void conf_remove_snapshot(Conf *conf, const char *name) {
    size_t kept = 0;
    for (size_t i = 0; i < conf->snapshot_count; i++)
        if (strcmp(conf->snapshots[i].name, name) != 0) conf->snapshots[kept++] = conf->snapshots[i];
    conf->snapshot_count = kept;
}
