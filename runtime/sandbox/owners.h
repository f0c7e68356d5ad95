// Who owns a file of the sandbox, where the user running it may not give files away.
#ifndef PHX_SANDBOX_OWNERS_H
#define PHX_SANDBOX_OWNERS_H

#include "host.h"

#include <sys/types.h>

/// The recorded owner of [key] (Where.key); false if none was recorded, then the file belongs to root.
bool owners_get(Host *host, const char *key, uid_t *uid, gid_t *gid);
void owners_set(Host *host, const char *key, uid_t uid, gid_t gid);

/// Gives everything recorded at or under [from] the same owner at or under [to].
void owners_copy(Host *host, const char *from, const char *to);

/// Gives what is recorded at or under [key] on [host] to [other], in place of what that had there.
void owners_give(Host *host, Host *other, const char *key);

/// Forgets everything at or under [key].
void owners_forget(Host *host, const char *key);

#endif
