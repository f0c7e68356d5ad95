/* Whose an object is: by the stamp that it carries, or by the index of names at its place. */
#ifndef PHX_COMPILER_OWNERSHIP_H
#define PHX_COMPILER_OWNERSHIP_H

#include "compiler/facts.h"

/* What a stamp says. It holds the object's own identity, so that a copy that took the stamp along is recognised. As the whole text of
   an attribute it is `phxc SITE ADDRESS IDENTITY`, as a line after the user's own text
   `<!-- phxc: site=SITE address=ADDRESS id=IDENTITY -->`; the three are percent-encoded where they hold blanks and the like. */
typedef struct Stamp {
    Str site;
    Str address;
    Str identity;
} Stamp;

Str stamp_print(Arena *arena, int fenced, Stamp stamp);
/* Reads exactly what stamp_print writes. With [fenced] it is looked for among the lines of the text (the last one counts) and *own
   is the text without it and without line breaks at its end. 0 where there is none (then *own is all of the text). */
int stamp_parse(Arena *arena, int fenced, Str text, Stamp *stamp, Str *own);

typedef enum Owner {
    OWNER_NOBODY,       /* no stamp, and not in the index */
    OWNER_OURS,
    OWNER_RENAMED,      /* ours, made under another address */
    OWNER_COPY,         /* a copy of another object of this site, stamp and all */
    OWNER_OTHER_SITE
} Owner;

typedef struct Ownership {
    Owner owner;
    int indexed;        /* known by the index, not by a stamp */
    Stamp stamp;        /* of all but NOBODY */
} Ownership;

/* Whose [have] is; [address] is the one that the text has for it. */
Ownership ownership_of(Session *session, Str place, const Schema *schema, Str identity, Str address, const Value *have);

/* The stamp of a resource as a string: the whole text, or the line. NULL where its schema has no room for one. */
const Value *ownership_stamp(Session *session, Instance *instance);
/* The text that the stamp's attribute should have: the stamp, after the text [wanted] (a string; NULL: none) where it is fenced. What is no
   string stays as it is. NULL where the schema has no room for a stamp. */
const Value *ownership_stamped(Session *session, Instance *instance, const Value *wanted);
/* Of the host's text of a fenced attribute the user's own part; NULL where nothing is left. Of all others [have] itself. */
const Value *ownership_own_text(Session *session, const Schema *schema, const TypeField *attribute, const Value *have);
/* `true`, where the resource says `protect = true`, its schema has an attribute for the host's own protection and the text does not write
   that itself; else NULL. */
const Value *ownership_protection(Session *session, Instance *instance);

/* The `edit` (a tagged record) that puts an object's line into the index of its place, in the place of one with another address; or, where
   [address] is NULL, takes its line out. */
const Value *ownership_index_edit(Session *session, Str place, const Schema *schema, Str identity, const Str *address);

#endif
