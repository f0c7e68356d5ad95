// Makes the placeholder files that stand for downloads.
#include "download.h"

#include "facts.h"
#include "fault.h"
#include "files.h"
#include "tools.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

void download_fetch(Host *host, const Storage *storage, const char *content, const char *name, const char *url,
                    const char *algorithm, const char *checksum) {
    const char *reason = storage_activate(host, storage);
    if (reason != NULL) host_fail(host, 255, "%s", reason);
    const char *path =
        mem_print(host->mem, "%s/%s/%s", storage_path(host, storage), storage_content_dir(content), name);
    if (files_exists(host, path)) host_fail(host, 255, "refusing to override existing file '%s'", path);
    const Download *download = facts_find_download(host, url, name);
    host_print(host, "downloading %s to %s\n", url, path);
    if (download == NULL) host_fail(host, 255, "download failed: 404 Not Found: '%s'", url);
    if (download->sha256 != NULL && checksum != NULL && text_equals(algorithm, "sha256") &&
        strcasecmp(download->sha256, checksum) != 0) {
        host_print(host, "checksum verification failed\n");
        host_fail(host, 255, "checksum mismatch: got '%s' != expect '%s'", download->sha256, checksum);
    }
    const char *slash = strrchr(path, '/');
    files_make_dirs(host, mem_copy_part(host->mem, path, (size_t)(slash - path)), 0755);
    // The name makes each placeholder's bytes its own, so that a remembered checksum can not be taken for another's.
    files_write(host, path, name, strlen(name), 0644);
    struct stat info;
    if (download->size > strlen(name) && files_stat(host, path, true, &info) == 0) {
        Where where;
        int file = files_resolve(host, path, true, &where) ? files_open(host, path, O_WRONLY, 0) : -1;
        if (file < 0 || ftruncate(file, (off_t)download->size) != 0)
            host_fail(host, 255, "unable to write '%s' - %s", path, strerror(errno));
        close(file);
    }
    fault_between(host);
    const char *known = download->sha256 != NULL           ? download->sha256
                        : text_equals(algorithm, "sha256") ? checksum
                                                           : NULL;
    if (known != NULL) tool_claim_sha256(host, path, known);
    if (checksum != NULL) host_print(host, "OK, checksum verified\n");
    host_print(host, "download of '%s' to '%s' finished\n", url, path);
}
