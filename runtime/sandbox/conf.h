// The text of a guest's configuration file, taken apart and put together.
#ifndef PHX_SANDBOX_CONF_H
#define PHX_SANDBOX_CONF_H

#include "host.h"

typedef enum GuestKind { GUEST_LXC, GUEST_QEMU } GuestKind;

/// One part of the file: the live settings, the pending ones, or a snapshot's.
typedef struct Section {
    const char *name;          // NULL for the first
    const char *description;   // decoded, each line with its newline; NULL if there is none
    Pairs keys;
    Pairs raw;                 // the lxc.* lines, in their order
} Section;

typedef struct Conf {
    GuestKind kind;
    const char *id;
    Section main, pending;
    Section *snapshots;        // in the order of the file; `special:` sections stand among them
    size_t snapshot_count;
    const char *digest;        // SHA-1 of the file as it was read, hex
} Conf;

/// An empty configuration.
Conf conf_new(Host *host, GuestKind kind, const char *id);

/// Reads [text]; a line that is none is reported and left out, as the real programs do.
Conf conf_parse(Host *host, GuestKind kind, const char *id, const char *text);

/// The file's text: the description, keys by name, raw lines; then pending settings and snapshots.
const char *conf_print(Host *host, const Conf *conf);

/// An empty section named [name], and the snapshot of that name or NULL.
Section section_new(Host *host, const char *name);
Section *conf_find_snapshot(const Conf *conf, const char *name);
Section *conf_add_snapshot(Host *host, Conf *conf, const char *name);
void conf_remove_snapshot(Conf *conf, const char *name);

/// A copy that can be changed on its own.
Section section_copy(const Section *section);

/// [text] with everything but plain ASCII percent-encoded, and `%` and `:`; and back.
const char *conf_encode(Host *host, const char *text);
const char *conf_decode(Host *host, const char *text);

/// The description as `config` prints it: one line.
const char *conf_print_description(Host *host, GuestKind kind, const char *description);

/// What a new description is kept as: each line ended, or NULL for an empty one.
const char *conf_keep_description(Host *host, const char *text);

/// Lower-case hex SHA-1 or SHA-256 of bytes.
const char *conf_sha1(Host *host, const char *bytes, size_t length);
const char *conf_sha256(Host *host, const char *bytes, size_t length);

#endif
