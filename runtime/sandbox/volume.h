// Volumes: the disks and files that storages hold, named `storage:name`.
#ifndef PHX_SANDBOX_VOLUME_H
#define PHX_SANDBOX_VOLUME_H

#include "storage.h"

typedef struct Volume {
    const Storage *storage;
    const char *id;       // "st:952/vm-952-disk-0.raw"
    const char *name;     // "952/vm-952-disk-0.raw"
    const char *content;  // "images", "rootdir", "vztmpl", "iso", "backup", "snippets", "import"
    const char *vmid;     // owner, or NULL
    const char *base;     // volid of the base of a linked clone, or NULL
    const char *leaf;     // the last part of the name: "vm-952-disk-0.raw"
    const char *format;   // "raw", "qcow2", "subvol", "iso", "tgz", ...
    bool is_base;         // belongs to a template
    const char *path;     // on the host
} Volume;

/// Takes [id] apart; false if there is no such storage or the name is none of it. volume_need ends the program then.
bool volume_parse(Host *host, const StorageList *list, const char *id, Volume *volume);
Volume volume_need(Host *host, const StorageList *list, const char *id);

bool volume_exists(Host *host, const Volume *volume);

/// Its size in bytes; 0 if it does not exist.
uint64_t volume_size(Host *host, const Volume *volume);

/// Makes a volume of [size] bytes on [storage] for the guest [vmid] and returns its id. [name] NULL: the next free
/// vm-ID-disk-N; [format] NULL: the storage's own. Ends the program if that can't be; prints what the real ones print.
const char *volume_alloc(Host *host, const StorageList *list, const Storage *storage, const char *vmid,
                         const char *format, const char *name, uint64_t size);

/// Removes it; false with a message on the error output if it was not there. In-use bases are not checked here.
bool volume_free(Host *host, const StorageList *list, const char *id);

/// Has it freed if the program fails later.
void volume_free_on_failure(Host *host, const char *id);

/// The volumes of a storage as `pvesm list` shows them: those of [content] (NULL: all) and [vmid] (NULL: all).
typedef struct VolumeList {
    Volume *items;
    size_t count;
} VolumeList;
VolumeList volume_list(Host *host, const StorageList *list, const Storage *storage, const char *content,
                       const char *vmid);

/// Gives it a new size. NULL, or why the storage can't.
const char *volume_resize(Host *host, const Volume *volume, uint64_t size);

/// The storage's usual format of a disk: for a container on ZFS a subvolume, else raw.
const char *volume_default_format(const Storage *storage, bool container);

/// Can snapshots of it be made?
bool volume_has_snapshots(const Volume *volume);
void volume_snapshot(Host *host, const Volume *volume, const char *snapshot);
bool volume_snapshot_exists(Host *host, const Volume *volume, const char *snapshot);

/// Why it can't go back to [snapshot] (a newer one is in the way), or NULL.
const char *volume_rollback_check(Host *host, const Volume *volume, const char *snapshot);
void volume_rollback(Host *host, const Volume *volume, const char *snapshot);
void volume_delete_snapshot(Host *host, const Volume *volume, const char *snapshot);

/// Makes it the base of a template and returns its new id.
const char *volume_make_base(Host *host, const StorageList *list, const Volume *volume);

/// A linked clone of a base for [vmid]; a full copy (of [snapshot], or NULL) on [target]. Both return the new id.
const char *volume_clone(Host *host, const StorageList *list, const Volume *base, const char *vmid);
const char *volume_copy(Host *host, const StorageList *list, const Volume *source, const Storage *target,
                        const char *vmid, const char *format);

/// The volid of a linked clone that still needs this base, or NULL.
const char *volume_find_clone(Host *host, const Volume *base);

/// The dataset behind a volume of a zfspool storage.
const char *volume_dataset(Host *host, const Volume *volume);

#endif
