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

/* Values that do not lie in the scratch arena hold none that do: they are older. Depth is bounded, since values are as deep as the expressions
   and data they come from. */
const Record *record_keep(Session *session, const Record *record) {
    Record *copy = ARENA_NEW(session->permanent, Record);
    *copy = *record;
    Field *fields = ARENA_ARRAY(session->permanent, Field, record->count ? record->count : 1);
    for (uint32_t i = 0; i < record->count; i++) {
        fields[i] = record->fields[i];
        fields[i].value = value_keep(session, record->fields[i].value);
    }
    copy->fields = fields;
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
    case VALUE_LIST: {
        uint32_t count = value->as.list.count;
        const Value **items = ARENA_ARRAY(session->permanent, const Value *, count ? count : 1);
        for (uint32_t i = 0; i < count; i++)
            items[i] = value_keep(session, value->as.list.items[i]);
        copy->as.list.items = items;
        break;
    }
    case VALUE_RECORD:
        copy->as.record = record_keep(session, value->as.record);
        break;
    case VALUE_POISON: case VALUE_NONE: case VALUE_UNSET: case VALUE_BOOL: case VALUE_INT: case VALUE_FLOAT: case VALUE_SIZE:
    case VALUE_DURATION: case VALUE_PERCENT: case VALUE_RATE: case VALUE_MAC: case VALUE_REFERENCE:
        break;
    }
    return copy;
}

const Value *session_kept(Session *session, const Value *value) {
    session->arena = session->permanent;
    const Value *kept = value ? value_keep(session, value) : NULL;
    arena_reset(session->scratch);
    return kept;
}
