// Backups of guests: archives on a storage, what they hold, and how guests come back from them.
#ifndef PHX_SANDBOX_BACKUP_H
#define PHX_SANDBOX_BACKUP_H

#include "cli.h"
#include "conf.h"

/// What an archive holds: the guest's settings as they were, and the directory that is a copy of its root.
typedef struct Backup {
    Conf conf;
    const char *tree;
} Backup;

/// Writes the archive [path] of a guest: its settings (without snapshots and lock) and its root.
void backup_write(Host *host, const char *path, const Conf *conf);

/// Reads the archive [path]; false if it is none of the model's.
bool backup_read(Host *host, const char *path, GuestKind kind, const char *id, Backup *backup);

/// Removes the archive and what belongs to it: log, notes, protection.
void backup_remove(Host *host, const char *path);

/// Backs up [ids] as `vzdump` with these parameters does; returns the exit code.
int vzdump_run(Host *host, const Args *args, const Words *ids);

/// `pct restore`, and `pct create --restore 1`: a container from an archive.
int pct_restore(Host *host, const Args *args);

int vzdump_main(Host *host);
int qmrestore_main(Host *host);

#endif
