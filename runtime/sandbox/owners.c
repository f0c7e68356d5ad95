// Keeps the owners of files in a side file: a sandbox mostly runs as an ordinary user, who can not chown.
//
// A line a file: `UID GID PATH`. The whole is read and rewritten: few files are ever given away.
#include "owners.h"

#include "files.h"

#include <stdlib.h>
#include <string.h>

#define OWNERS_FILE STATE_DIR "/owners"

typedef struct Owner {
    uid_t uid;
    gid_t gid;
    const char *key;
} Owner;

typedef struct Owners {
    Owner *items;
    size_t count;
} Owners;

/// A view of the folder's own root: the side file is the host's, also when a program runs in a guest.
static Host base_view(const Host *host) {
    Host view = *host;
    view.root = host->base;
    view.prefix = "";
    view.bind_count = 0;
    return view;
}

/// Reads the side file, with room for [more] new entries.
static Owners owners_load(Host *host, size_t more) {
    Host view = base_view(host);
    const char *text = files_read(&view, OWNERS_FILE, NULL);
    Words lines = words_split(host->mem, text == NULL ? "" : text, "\n");
    Owners owners = {.items = mem_alloc(host->mem, (lines.count * 2 + more + 1) * sizeof(Owner))};
    for (size_t i = 0; i < lines.count; i++) {
        char *end;
        Owner owner = {.uid = (uid_t)strtoul(lines.items[i], &end, 10)};
        owner.gid = (gid_t)strtoul(end, &end, 10);
        if (*end != ' ') continue;
        owner.key = end + 1;
        owners.items[owners.count++] = owner;
    }
    return owners;
}

static void owners_save(Host *host, const Owners *owners) {
    Text text = text_new(host->mem);
    for (size_t i = 0; i < owners->count; i++)
        text_print(&text, "%lu %lu %s\n", (unsigned long)owners->items[i].uid, (unsigned long)owners->items[i].gid,
                   owners->items[i].key);
    Host view = base_view(host);
    files_write(&view, OWNERS_FILE, text.data, text.length, 0644);
}

/// Is [key] at or under [top]? Then the rest of it after [top], else NULL.
static const char *key_below(const char *key, const char *top) {
    size_t length = strlen(top);
    if (strncmp(key, top, length) != 0) return NULL;
    return key[length] == '\0' || key[length] == '/' ? key + length : NULL;
}

bool owners_get(Host *host, const char *key, uid_t *uid, gid_t *gid) {
    Owners owners = owners_load(host, 0);
    for (size_t i = 0; i < owners.count; i++) {
        if (strcmp(owners.items[i].key, key) != 0) continue;
        *uid = owners.items[i].uid;
        *gid = owners.items[i].gid;
        return true;
    }
    return false;
}

void owners_set(Host *host, const char *key, uid_t uid, gid_t gid) {
    Owners owners = owners_load(host, 1);
    size_t at = 0;
    while (at < owners.count && strcmp(owners.items[at].key, key) != 0) at++;
    owners.items[at] = (Owner){.uid = uid, .gid = gid, .key = key};
    if (at == owners.count) owners.count++;
    owners_save(host, &owners);
}

void owners_copy(Host *host, const char *from, const char *to) {
    Owners owners = owners_load(host, 0);
    size_t count = owners.count;
    for (size_t i = 0; i < count; i++) {
        const char *rest = key_below(owners.items[i].key, from);
        if (rest == NULL) continue;
        Owner owner = owners.items[i];
        owner.key = mem_print(host->mem, "%s%s", to, rest);
        owners.items[owners.count++] = owner;
    }
    if (owners.count != count) owners_save(host, &owners);
}

void owners_give(Host *host, Host *other, const char *key) {
    Owners owners = owners_load(host, 0);
    owners_forget(other, key);
    Owners given = owners_load(other, owners.count);
    for (size_t i = 0; i < owners.count; i++)
        if (key_below(owners.items[i].key, key) != NULL) given.items[given.count++] = owners.items[i];
    owners_save(other, &given);
    owners_forget(host, key);
}

void owners_forget(Host *host, const char *key) {
    Owners owners = owners_load(host, 0);
    size_t kept = 0;
    for (size_t i = 0; i < owners.count; i++)
        if (key_below(owners.items[i].key, key) == NULL) owners.items[kept++] = owners.items[i];
    if (kept == owners.count) return;
    owners.count = kept;
    owners_save(host, &owners);
}
