/* The named formats of the tables: "ipv4", "pve-configid", "disk-size". The tables only name them; what they accept stands here, as the
   documentation tells it. */
#ifndef PHX_TESTS_TABLES_FORMAT_H
#define PHX_TESTS_TABLES_FORMAT_H

#include "lang/text.h"
#include "tests/tables/table.h"

/* Is the format known here? A "-list" is, where that of its elements is. */
int format_known(const char *name);
/* Is the text one of the format? An unknown one takes every text. */
int format_takes(Arena *arena, const char *name, Str text);
/* Texts, of the format and not, to try: ends with NULL. */
const char *const *format_samples(const char *name);
/* Does the format mean a list of elements that blanks, ',' and ';' separate? */
int format_is_list(const char *name);
/* Appends the text as all that mean the same are written: addresses, sizes, hardware addresses. */
void format_plain(const char *name, Str text, Text *out);

#endif
