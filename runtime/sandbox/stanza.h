// The files that list things with options: a header line, `key value` lines below it, a blank line.
// storage.cfg, jobs.cfg, ha/*.cfg and mapping/*.cfg are all of this form.
#ifndef PHX_SANDBOX_STANZA_H
#define PHX_SANDBOX_STANZA_H

#include "host.h"
#include "options.h"

/// One thing: `type: id`, or the bare `id` where all of a file are of one type.
typedef struct Stanza {
    const char *type, *id;
    Pairs options;       // an option of type array stands once per element
} Stanza;

typedef struct StanzaFile {
    Stanza *items;
    size_t count, capacity;
    const char *digest;  // SHA-1 of the file as it was read
} StanzaFile;

/// What is known about one such file.
typedef struct StanzaForm {
    const char *path;    // "/etc/pve/storage.cfg"
    const char *schema;  // the command in the option table whose parameters are its options
    const char *types;   // the types there are, as a pattern; a stanza of another is skipped
    bool is_bare;        // headers have no type; `types` is the one that all have
    const char *first;   // options that stand first, with blanks between
} StanzaForm;

/// Reads the file; a missing one is empty. What the real reader ignores is ignored with its warning: sections of an
/// unknown type, unknown options, the second of two values, whatever stands where no section is open.
StanzaFile stanza_read(Host *host, const StanzaForm *form);

/// Writes the file as a whole; what the reader ignored is lost, as it is for real.
void stanza_write(Host *host, const StanzaForm *form, const StanzaFile *file);

Stanza *stanza_find(const StanzaFile *file, const char *id);
Stanza *stanza_add(Host *host, StanzaFile *file, const char *type, const char *id);
void stanza_remove(StanzaFile *file, const char *id);

#endif
