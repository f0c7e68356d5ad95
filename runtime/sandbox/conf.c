// Parses and prints the files below /etc/pve/nodes/NODE/lxc and qemu-server.
#include "conf.h"

#include "formats.h"
#include "verify.h"

// The plain functions, which OpenSSL calls deprecated since it has EVP: that takes longer to begin than the rest of a program here.
#define OPENSSL_SUPPRESS_DEPRECATED
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
    SHA_CTX context;
    SHA1_Init(&context);
    SHA1_Update(&context, bytes, length);
    SHA1_Final(digest, &context);
    return hex_print(host, digest, sizeof digest);
}

const char *conf_sha256(Host *host, const char *bytes, size_t length) {
    unsigned char digest[SHA256_DIGEST_LENGTH];
    SHA256_CTX context;
    SHA256_Init(&context);
    SHA256_Update(&context, bytes, length);
    SHA256_Final(digest, &context);
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

/// [text] without blanks at its end.
static const char *trim_end(Host *host, const char *text) {
    size_t length = strlen(text);
    while (length > 0 && isspace((unsigned char)text[length - 1])) length--;
    return mem_copy_part(host->mem, text, length);
}

/// The section that a `[name]` line opens; NULL if it is none.
static Section *section_open(Host *host, Conf *conf, const char *line) {
    const char *text = trim_end(host, line);
    if (*text != '[' || !text_ends_with(text, "]")) return NULL;
    const char *name = mem_copy_part(host->mem, text + 1, strlen(text) - 2);
    if (strcasecmp(name, pending_name(conf->kind)) == 0) return &conf->pending;
    bool special = conf->kind == GUEST_QEMU && formats_match("special:(cloudinit|fleecing)", name);
    if (!special && !formats_match("[A-Za-z][A-Za-z0-9_-]+", name)) return NULL;
    return conf_add_snapshot(host, conf, name);
}

/// Is [key] one that only the program itself writes?
static bool is_internal(const char *key) {
    static const char *const KEYS[] = {"description", "digest",   "lock",     "meta",           "parent",
                                       "runningcpu",  "snaptime", "template", "runningmachine", "snapstate",
                                       "vmgenid",     "vmstate",  "delete",   "running-nets-host-mtu"};
    for (size_t i = 0; i < sizeof KEYS / sizeof KEYS[0]; i++)
        if (strcmp(KEYS[i], key) == 0) return true;
    return text_is_numbered(key, "unused", NULL);
}

/// Where the reader is.
typedef struct Reader {
    Host *host;
    Conf *conf;
    Section *section;
    OptionSet settings;  // what a guest of this kind can have
} Reader;

static void warn(const Reader *reader, const char *message, const char *what) {
    host_warn(reader->host, "vm %s - %s%s", reader->conf->id, message, what);
}

/// Keeps a setting. A container's file may hold any, and any value: it is complained about and kept. What a machine
/// does not know is dropped, and lost when its file is written again.
static void setting_keep(const Reader *reader, const char *key, const char *value) {
    Host *host = reader->host;
    bool machine = reader->conf->kind == GUEST_QEMU;
    const Option *option = options_find(&reader->settings, key);
    const char *wrong = option != NULL ? verify_type(host, option, key, value)
                        : is_internal(key) ? NULL
                                           : mem_print(host->mem, "unknown setting '%s'", key);
    if (wrong != NULL) warn(reader, mem_print(host->mem, "unable to parse value of '%s' - ", key), wrong);
    if (wrong != NULL && machine) return;
    if (wrong == NULL && option != NULL && option->type == OPTION_BOOLEAN) value = verify_boolean(value);
    if (machine && strcmp(key, "cdrom") == 0) key = "ide2";
    pairs_set(&reader->section->keys, key, value);
}

/// Reads `key: value` or `lxc.key = value`, each from the very start of the line.
static void setting_read(const Reader *reader, const char *line) {
    Host *host = reader->host;
    size_t length = strspn(line, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-");
    const char *key = mem_copy_part(host->mem, line, length), *rest = line + length;
    bool container = reader->conf->kind == GUEST_LXC;
    if (container && text_starts_with(key, "lxc.") && formats_match("lxc\\.[a-z0-9_.-]+", key)) {
        rest += strspn(rest, " \t");
        if (*rest == '=' || line[length] == ':') {
            pairs_add(&reader->section->raw, key, trim_end(host, rest + 1 + strspn(rest + 1, " \t")));
            return;
        }
    }
    bool fits = *rest == ':' && formats_match(container ? "[a-z][a-z_]*[0-9]*" : "[a-z][a-z_-]*[0-9]*", key);
    const char *value = fits ? rest + 1 + strspn(rest + 1, " \t\r") : "";
    // Blanks alone are a value too, which has one more each time it is written; nothing at all is none.
    if (fits && *value == '\0') value = rest + 1;
    else value = trim_end(host, value);
    if (!fits || *value == '\0') {
        warn(reader, "unable to parse config: ", line);
    } else if (strcmp(key, "description") == 0) {
        description_add(host, reader->section, value);
    } else if (strcmp(key, "delete") == 0 && reader->section != &reader->conf->pending) {
        warn(reader, "property 'delete' is only allowed in ", mem_print(host->mem, "[%s]", pending_name(reader->conf->kind)));
    } else {
        setting_keep(reader, key, value);
    }
}

Conf conf_parse(Host *host, GuestKind kind, const char *id, const char *text) {
    Conf conf = conf_new(host, kind, id);
    conf.digest = conf_sha1(host, text, strlen(text));
    Words lines = words_split(host->mem, text, "\n");
    Reader reader = {.host = host, .conf = &conf, .section = &conf.main};
    options_find_command(kind == GUEST_LXC ? "pct set" : "qm set", &reader.settings);
    for (size_t i = 0; i < lines.count; i++) {
        const char *line = lines.items[i];
        if (line[strspn(line, " \t\r")] == '\0') continue;
        Section *opened = *line == '[' ? section_open(host, &conf, line) : NULL;
        if (opened != NULL) reader.section = opened;
        else if (*line == '#') description_add(host, reader.section, line + 1);
        else setting_read(&reader, line);
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
