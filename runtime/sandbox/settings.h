// A guest's settings: live, pending until a restart, and how `config` and `pending` show them.
#ifndef PHX_SANDBOX_SETTINGS_H
#define PHX_SANDBOX_SETTINGS_H

#include "cli.h"
#include "conf.h"

/// The settings that are to be removed at the next stop.
Words pending_deletes(Host *host, const Conf *conf);

/// Makes [key] pending with a value, pending for removal, or not pending any more.
void pending_set(Host *host, Conf *conf, const char *key, const char *value);
void pending_delete(Host *host, Conf *conf, const char *key);
void pending_revert(Host *host, Conf *conf, const char *key);

/// Drops what is pending but already so.
void pending_cleanup(Host *host, Conf *conf);

/// Prints what `config` prints: pending values merged in, or the live ones, or a snapshot's. Leaves for a snapshot
/// that does not exist.
void settings_print(Host *host, const Conf *conf, bool current, const char *snapshot);

/// The same as pairs, for other forms of output. The description is one of them, as plain text.
Pairs settings_merge(Host *host, const Conf *conf, bool current, const char *snapshot);

/// Prints `cur K: V`, `new K: V`, `del K: V`.
void settings_print_pending(Host *host, const Conf *conf);

/// The names in --delete and --revert, checked against the table of [command]; leaves as the real programs do for an
/// unknown one, or one that is set in the same call.
typedef struct Changes {
    Pairs set;           // by name; without vmid, digest and the like
    Words remove, revert;
} Changes;
Changes settings_read_changes(Host *host, const Args *args, const char *command);

/// Adds [volume] as the first free unusedN, unless the guest uses it or it is one already.
void settings_add_unused(Host *host, Conf *conf, const char *volume);

/// Tags as they are kept: lower case, sorted, each once, with ';' between.
const char *settings_tags(Host *host, const char *value);

/// The volume a disk setting begins with ("st:952/x.raw" of "st:952/x.raw,mp=/d").
const char *settings_volume(Host *host, const char *value);

/// Is [key] a disk of this kind of guest? unusedN is none.
bool settings_is_disk(GuestKind kind, const char *key);

/// Writes the guest; an unusedN whose volume is a disk again is dropped.
void settings_save(Host *host, Conf *conf);

#endif
