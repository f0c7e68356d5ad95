// What `zfs get` and `zfs list` print, and the files of datasets as properties move them.
#ifndef PHX_SANDBOX_ZFS_SHOW_H
#define PHX_SANDBOX_ZFS_SHOW_H

#include "zfs.h"

int zfs_show_get(Host *host, Zfs *zfs);
int zfs_show_list(Host *host, Zfs *zfs);

/// Makes the directory a filesystem is mounted on.
void zfs_mount_files(const Zfs *zfs, const ZfsDataset *dataset);

/// Moves a filesystem's files from [before] (NULL: not mounted) to where it is mounted now.
void zfs_move_files(const Zfs *zfs, const ZfsDataset *dataset, const char *before);

#endif
