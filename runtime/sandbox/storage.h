// The storages that storage.cfg defines.
#ifndef PHX_SANDBOX_STORAGE_H
#define PHX_SANDBOX_STORAGE_H

#include "stanza.h"

typedef Stanza Storage;
typedef StanzaFile StorageList;

/// Reads storage.cfg. `local` is a directory below /var/lib/vz whatever the file says, as on a real host.
StorageList storage_load(Host *host);
void storage_save(Host *host, const StorageList *list);

/// The storage [id]; ends the program for a missing, disabled or foreign one.
const Storage *storage_need(Host *host, const StorageList *list, const char *id);

/// May [content] (images, rootdir, iso, ...) be kept there?
bool storage_holds(Host *host, const Storage *storage, const char *content);

/// Is it a directory of files (dir, btrfs, nfs, cifs)? Then storage_path is where.
bool storage_is_dir(const Storage *storage);
const char *storage_path(Host *host, const Storage *storage);

/// Is it enabled, and for this node?
bool storage_is_enabled(const Storage *storage);
bool storage_is_here(Host *host, const Storage *storage);

/// Makes its directories, or checks that its ZFS dataset exists. NULL, or why it can not be used.
const char *storage_activate(Host *host, const Storage *storage);

/// The directory for a kind of content below storage_path: "images", "template/cache", ...
const char *storage_content_dir(const char *content);

#endif
