// The named formats of the parameter tables: what a valid VM id, MAC address, tag, ... looks like.
#ifndef PHX_SANDBOX_FORMATS_H
#define PHX_SANDBOX_FORMATS_H

#include "host.h"

/// Why [value] is not of the named [format], in the words of the real programs, or NULL if it is (or if the format
/// is one that allows any text).
const char *formats_check(Host *host, const char *format, const char *value);

/// Does [value] match the extended POSIX [pattern] as a whole?
bool formats_match(const char *pattern, const char *value);

bool formats_is_ipv4(const char *text);
bool formats_is_ipv6(const char *text);

/// [text] as values are kept that may hold anything: every byte but letters, digits and a few marks percent-encoded.
const char *formats_url_encode(Host *host, const char *text);

/// A size such as `8G`, `512M`, `1.5T` or `1024` in bytes; false if it is none.
bool formats_parse_size(const char *text, uint64_t *bytes);

/// A size as the files of guests hold it: the largest unit that divides it (`1G`, `204M`, `104858K`).
const char *formats_print_size(Host *host, uint64_t bytes);

#endif
