/* What survives of an evaluation in the scratch arena. */
#include <string.h>

#include "compiler/defer.h"
#include "compiler/state.h"

int session_scratch(Session *session) {
    if (session->arena == session->scratch)
        return 0;
    session->arena = session->scratch;
    return 1;
}

Arena *session_keep(Session *session) {
    Arena *arena = session->arena;
    session->arena = session->permanent;
    return arena;
}

void session_restore(Session *session, Arena *arena) {
    session->arena = arena;
}

Str str_keep(Session *session, Str text) {
    return text.length && arena_owns(session->scratch, text.text) ? arena_str(session->permanent, text) : text;
}

/* What is kept of an item of a list or of a field. */
typedef const Value *Keep(Session *session, const Value *value);

static const Value *const *items_keep(Session *session, const Value *list, Keep *keep) {
    uint32_t count = list->as.list.count;
    const Value **items = ARENA_ARRAY(session->permanent, const Value *, count ? count : 1);
    for (uint32_t i = 0; i < count; i++)
        items[i] = keep(session, list->as.list.items[i]);
    return items;
}

static const Field *fields_keep(Session *session, const Field *fields, uint32_t count, Keep *keep) {
    Field *copy = ARENA_ARRAY(session->permanent, Field, count ? count : 1);
    for (uint32_t i = 0; i < count; i++) {
        copy[i] = fields[i];
        copy[i].value = keep(session, fields[i].value);
    }
    return copy;
}

/* Values that do not lie in the scratch arena hold none that do: they are older. Depth is bounded, since values are as deep as the expressions
   and data they come from. */
const Record *record_keep(Session *session, const Record *record) {
    Record *copy = ARENA_NEW(session->permanent, Record);
    *copy = *record;
    copy->fields = fields_keep(session, record->fields, record->count, value_keep);
    if (record->index && arena_owns(session->scratch, record->index)) {
        copy->index = ARENA_ARRAY(session->permanent, uint32_t, record->mask + 1);
        memcpy(copy->index, record->index, (record->mask + 1) * sizeof *copy->index);
    }
    return copy;
}

static const Unknown *unknown_keep(Session *session, const Unknown *unknown) {
    Unknown *copy = ARENA_NEW(session->permanent, Unknown);
    *copy = (Unknown){str_keep(session, unknown->text), unknown->deferral ? deferral_keep(session, unknown->deferral) : NULL};
    return copy;
}

const Value *value_keep(Session *session, const Value *value) {
    if (!arena_owns(session->scratch, value))
        return value;
    Value *copy = ARENA_NEW(session->permanent, Value);
    *copy = *value;
    switch ((ValueKind)value->kind) {
    case VALUE_STRING: copy->as.string = str_keep(session, value->as.string); break;
    case VALUE_UNKNOWN: copy->as.unknown = unknown_keep(session, value->as.unknown); break;
    case VALUE_IP: case VALUE_CIDR: {
        Address *address = ARENA_NEW(session->permanent, Address);
        *address = *value->as.address;
        copy->as.address = address;
        break;
    }
    case VALUE_LIST:
        copy->as.list.items = items_keep(session, value, value_keep);
        break;
    case VALUE_RECORD:
        copy->as.record = record_keep(session, value->as.record);
        break;
    case VALUE_POISON: case VALUE_NONE: case VALUE_UNSET: case VALUE_BOOL: case VALUE_INT: case VALUE_FLOAT: case VALUE_SIZE:
    case VALUE_DURATION: case VALUE_PERCENT: case VALUE_RATE: case VALUE_MAC: case VALUE_REFERENCE:
        break;
    }
    return copy;
}

/* Many commands say the same: "101" four times, "--memory 2048" in a thousand guests. Of each hash the last text is remembered, so that the
   search takes one look and the table has a bound. */
enum { TEXTS = 4096, TEXT_LONGEST = 64 };   /* longer ones are hardly ever said twice */

static const Value *text_keep(Session *session, const Value *value) {
    Str text = value->as.string;
    if (value->kind != VALUE_STRING || value->flags || text.length > TEXT_LONGEST || !arena_owns(session->scratch, value))
        return value_keep(session, value);
    if (!session->texts)
        session->texts = ARENA_ARRAY(session->permanent, const Value *, TEXTS);
    const Value **last = &session->texts[hash_bytes(text.text, text.length) % TEXTS];
    if (!*last || !str_equal((*last)->as.string, text))
        *last = value_string(session->permanent, SPAN_NONE, str_keep(session, text));
    return *last;
}

static const Value *texts_keep(Session *session, const Value *value) {
    if (value->kind != VALUE_LIST || !arena_owns(session->scratch, value))
        return text_keep(session, value);
    Value *copy = ARENA_NEW(session->permanent, Value);
    *copy = *value;
    copy->as.list.items = items_keep(session, value, text_keep);
    return copy;
}

Command command_keep(Session *session, Command command) {
    command.fields = fields_keep(session, command.fields, command.field_count, texts_keep);
    return command;
}

const Value *session_kept(Session *session, const Value *value) {
    session->arena = session->permanent;
    const Value *kept = value ? value_keep(session, value) : NULL;
    arena_reset(session->scratch);
    return kept;
}
