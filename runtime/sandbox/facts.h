// Reads sandbox.json, the user's description of what the host is made of.
#ifndef PHX_SANDBOX_FACTS_H
#define PHX_SANDBOX_FACTS_H

#include "host.h"

/// Fills host->facts: the plain host, changed by what DIR/sandbox.json says, where there is one. A file that is not
/// understood fails the program with its place and the reason: a typing mistake must not become a different host.
void facts_read(Host *host);

/// Does the disk [path] exist on this host?
bool facts_has_disk(const Host *host, const char *path);

/// The image for [url] and file [name], or NULL if this host cannot fetch it. Where sandbox.json lists none, every
/// address gives an image.
const Download *facts_find_download(Host *host, const char *url, const char *name);

#endif
