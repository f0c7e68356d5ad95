// The archives of backups. A real one holds disks; here it holds the settings and the name of a copy of the guest's root.
//
// The first line is "phx-backup NUMBER"; what follows is the text of the guest's file. The copy is STATE_DIR/backups/NUMBER.
#include "backup.h"

#include "files.h"

#include <string.h>

static const char MARK[] = "phx-backup ";

static const char *tree_path(Host *host, const char *number) {
    return mem_print(host->mem, STATE_DIR "/backups/%s", number);
}

void backup_write(Host *host, const char *path, const Conf *conf) {
    Conf copy = *conf;
    copy.snapshots = NULL;
    copy.snapshot_count = 0;
    copy.main = section_copy(&conf->main);
    pairs_remove(&copy.main.keys, "lock");
    pairs_remove(&copy.main.keys, "parent");
    // What is only pending is not in the guest yet.
    copy.pending = section_new(host, conf->pending.name);
    const char *number = conf_sha256(host, path, strlen(path));
    files_remove_tree(host, tree_path(host, number));
    if (files_copy_tree(host, mem_print(host->mem, "/guests/%s", conf->id), tree_path(host, number)) != 0)
        host_fail(host, 255, "unable to copy the root of %s", conf->id);
    const char *text = mem_print(host->mem, "%s%s\n%s", MARK, number, conf_print(host, &copy));
    files_write(host, path, text, strlen(text), 0644);
}

bool backup_read(Host *host, const char *path, GuestKind kind, const char *id, Backup *backup) {
    const char *text = files_read(host, path, NULL);
    if (text == NULL || !text_starts_with(text, MARK)) return false;
    size_t length = strcspn(text, "\n");
    if (text[length] == '\0') return false;
    backup->tree = tree_path(host, mem_copy_part(host->mem, text + strlen(MARK), length - strlen(MARK)));
    backup->conf = conf_parse(host, kind, id, text + length + 1);
    return true;
}

void backup_remove(Host *host, const char *path) {
    Backup backup;
    if (backup_read(host, path, GUEST_LXC, "0", &backup)) files_remove_tree(host, backup.tree);
    const char *dot = strstr(path, ".tar");
    if (dot == NULL) dot = strstr(path, ".vma");
    files_unlink(host, path);
    files_unlink(host, mem_print(host->mem, "%s.notes", path));
    files_unlink(host, mem_print(host->mem, "%s.protected", path));
    if (dot != NULL) files_unlink(host, mem_print(host->mem, "%.*s.log", (int)(dot - path), path));
}
