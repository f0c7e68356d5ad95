/* What the functions in C share. */
#ifndef PHX_COMPILER_BUILTINS_H
#define PHX_COMPILER_BUILTINS_H

#include "compiler/state.h"

/* No function makes a longer text or a longer list of numbers: a bound on memory, far above what any file on a host needs. */
enum { CALL_TEXT_LIMIT = 64 * 1024 * 1024, CALL_RANGE_LIMIT = 1000000 };

/* Results, with the origin and secrecy that the arguments give them. */
const Value *call_text(const Call *call, Str text);
const Value *call_number(const Call *call, int64_t integer);
const Value *call_truth(const Call *call, int boolean);
const Value *call_none(const Call *call);
/* A list or record that was just made; where it passed the limits of values that is reported. */
const Value *call_checked(const Call *call, const Value *value);
/* The text that was written to [text], which is given back; a text over the limit is reported. */
const Value *call_written(const Call *call, Text *text);
/* The report that it is longer than that, for those who can tell before they write it. */
const Value *call_too_long(const Call *call);

/* The parameter as a map or record; a wrong kind is reported and gives NULL. */
const Record *call_record(const Call *call, uint32_t index);
/* The first element that is poison or known only after apply: it stands for the whole result. NULL where there is none. */
const Value *call_unready(const Value *const *items, uint32_t count);
/* The secrecy of the elements. */
uint8_t call_flags(const Value *const *items, uint32_t count);
/* The parameter is of the wrong kind: [wants] says what it should be. */
const Value *call_refuse(const Call *call, uint32_t index, const char *wants);
/* Work that one call did, counted against the bound on evaluation. */
void call_spend(const Call *call, uint64_t steps);

#endif
