// Files that the host fetches: placeholders of the size and checksum sandbox.json tells.
#ifndef PHX_SANDBOX_DOWNLOAD_H
#define PHX_SANDBOX_DOWNLOAD_H

#include "storage.h"

/// Fetches [url] to [name] among the [content] of the storage. [checksum] may be NULL. Ends the program, leaving no
/// file, if the image is unknown or has another checksum.
void download_fetch(Host *host, const Storage *storage, const char *content, const char *name, const char *url,
                    const char *algorithm, const char *checksum);

#endif
