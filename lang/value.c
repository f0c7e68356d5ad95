/* The immutable value: making, finding fields, comparing and hashing. */
#include "lang/value.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* ---- scalars ---- */

static Value *value_new(Arena *arena, Span origin, ValueKind kind) {
    Value *value = ARENA_NEW(arena, Value);
    value->origin = origin;
    value->kind = (uint8_t)kind;
    return value;
}

const Value *value_poison(Arena *arena, Span origin, uint8_t flags) {
    Value *value = value_new(arena, origin, VALUE_POISON);
    value->flags = flags;
    return value;
}

const Value *value_none(Arena *arena, Span origin) { return value_new(arena, origin, VALUE_NONE); }

const Value *value_unset(Arena *arena, Span origin) { return value_new(arena, origin, VALUE_UNSET); }

const Value *value_unknown(Arena *arena, Span origin, HoleKind hole, Str text) {
    return value_deferred(arena, origin, hole, text, NULL);
}

const Value *value_deferred(Arena *arena, Span origin, HoleKind hole, Str text, const struct Deferral *deferral) {
    Value *value = value_new(arena, origin, VALUE_UNKNOWN);
    Unknown *unknown = ARENA_NEW(arena, Unknown);
    *unknown = (Unknown){text, deferral};
    value->hole = (uint8_t)hole;
    value->as.unknown = unknown;
    return value;
}

int value_is_secret(const Value *value) {
    return (value->flags & VALUE_SECRET) != 0 || (value->kind == VALUE_UNKNOWN && value->hole == HOLE_SECRET);
}

const Value *value_bool(Arena *arena, Span origin, int boolean) {
    Value *value = value_new(arena, origin, VALUE_BOOL);
    value->as.boolean = boolean != 0;
    return value;
}

const Value *value_integer(Arena *arena, Span origin, ValueKind kind, int64_t integer) {
    assert(kind == VALUE_INT || kind == VALUE_SIZE || kind == VALUE_DURATION || kind == VALUE_RATE ||
           kind == VALUE_MAC);
    Value *value = value_new(arena, origin, kind);
    value->as.integer = integer;
    return value;
}

const Value *value_number(Arena *arena, Span origin, ValueKind kind, double number) {
    assert((kind == VALUE_FLOAT || kind == VALUE_PERCENT) && isfinite(number));
    Value *value = value_new(arena, origin, kind);
    value->as.number = number;
    return value;
}

const Value *value_string(Arena *arena, Span origin, Str string) {
    Value *value = value_new(arena, origin, VALUE_STRING);
    value->as.string = string;
    return value;
}

const Value *value_address(Arena *arena, Span origin, ValueKind kind, const Address *address) {
    assert(kind == VALUE_IP || kind == VALUE_CIDR);
    Value *value = value_new(arena, origin, kind);
    value->as.address = address;
    return value;
}

const Value *value_reference(Arena *arena, Span origin, const Referent *referent) {
    Value *value = value_new(arena, origin, VALUE_REFERENCE);
    value->as.reference = referent;
    return value;
}

const Value *value_at(Arena *arena, const Value *value, Span origin) {
    Value *copy = ARENA_NEW(arena, Value);
    *copy = *value;
    copy->origin = origin;
    return copy;
}

const Value *value_flagged(Arena *arena, const Value *value, uint8_t flags) {
    if ((value->flags & flags) == flags) return value;
    Value *copy = ARENA_NEW(arena, Value);
    *copy = *value;
    copy->flags = (uint8_t)(value->flags | flags);
    return copy;
}

/* ---- lists and records ---- */

/* What the parts of a list or record add up to. */
typedef struct Extent {
    uint32_t depth;
    uint32_t size;
} Extent;

static uint32_t value_size(const Value *value) {
    if (value->kind == VALUE_LIST) return value->as.list.size;
    return value->kind == VALUE_RECORD ? value->as.record->size : 1;
}

/* 0 where the limits are passed: then the sum can't overflow, as each part is within them. */
static int extent_add(Extent *extent, const Value *part) {
    if (part->depth >= extent->depth) extent->depth = part->depth + 1u;
    extent->size += value_size(part);
    return extent->depth <= VALUE_DEPTH_LIMIT && extent->size <= VALUE_SIZE_LIMIT;
}

const Value *value_list(Arena *arena, Span origin, const Value *const *items, uint32_t count) {
    Extent extent = {1, 1};
    for (uint32_t i = 0; i < count; i++)
        if (!extent_add(&extent, items[i])) return value_poison(arena, origin, 0);
    Value *value = value_new(arena, origin, VALUE_LIST);
    value->depth = (uint8_t)extent.depth;
    value->as.list.items = items;
    value->as.list.count = count;
    value->as.list.size = extent.size;
    return value;
}

/* Up to this many fields are looked through one by one: that is as fast as hashing, and small records need no index. */
enum { INDEX_FREE = 8 };

/* Names are unique by address, so the address is what is hashed: no text, however chosen, can make them collide. */
static uint32_t index_first(const Name *name, uint32_t mask) {
    uint64_t mixed = (uint64_t)(uintptr_t)name * 0x9E3779B97F4A7C15u;
    return (uint32_t)(mixed >> 32) & mask;
}

/* The slot of [name] in an index over [fields]: it holds the field's number + 1, or 0 where there is none. */
static uint32_t *index_slot(uint32_t *index, uint32_t mask, const Field *fields, const Name *name) {
    uint32_t at = index_first(name, mask);
    while (index[at] != 0 && fields[index[at] - 1].name != name) at = (at + 1) & mask;
    return &index[at];
}

/* An index of [count] fields with room for [room]. NULL where a name repeats. */
static uint32_t *index_build(Arena *arena, const Field *fields, uint32_t count, uint32_t room, uint32_t *mask) {
    if (room > UINT32_MAX / 4) memory_exhausted();
    uint32_t size = 32;
    while (size < room * 2) size *= 2;
    uint32_t *index = ARENA_ARRAY(arena, uint32_t, size);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t *slot = index_slot(index, size - 1, fields, fields[i].name);
        if (*slot != 0) return NULL;
        *slot = i + 1;
    }
    *mask = size - 1;
    return index;
}

/* Do the few fields of a record without an index have different names? */
static int fields_unique(const Field *fields, uint32_t count) {
    for (uint32_t i = 1; i < count; i++)
        for (uint32_t j = 0; j < i; j++)
            if (fields[i].name == fields[j].name) return 0;
    return 1;
}

static const Value *record_new(Arena *arena, Span origin, Record shape) {
    Extent extent = {1, 1};
    for (uint32_t i = 0; i < shape.count; i++)
        if (!extent_add(&extent, shape.fields[i].value)) return value_poison(arena, origin, 0);
    shape.size = extent.size;
    Record *record = ARENA_NEW(arena, Record);
    *record = shape;
    Value *value = value_new(arena, origin, VALUE_RECORD);
    value->depth = (uint8_t)extent.depth;
    value->as.record = record;
    return value;
}

const Value *value_record_checked(Arena *arena, Span origin, const Name *tag, const Field *fields, uint32_t count) {
    Record shape = {.tag = tag, .count = count, .fields = fields};
    if (count <= INDEX_FREE) {
        if (!fields_unique(fields, count)) return NULL;
    } else {
        shape.index = index_build(arena, fields, count, count, &shape.mask);
        if (shape.index == NULL) return NULL;
    }
    return record_new(arena, origin, shape);
}

const Value *value_record(Arena *arena, Span origin, const Name *tag, const Field *fields, uint32_t count) {
    const Value *value = value_record_checked(arena, origin, tag, fields, count);
    assert(value != NULL);
    return value;
}

const Field *record_field(const Record *record, const Name *name) {
    if (record->index != NULL) {
        uint32_t number = *index_slot(record->index, record->mask, record->fields, name);
        return number == 0 ? NULL : &record->fields[number - 1];
    }
    for (uint32_t i = 0; i < record->count; i++)
        if (record->fields[i].name == name) return &record->fields[i];
    return NULL;
}

const Value *record_get(const Record *record, const Name *name) {
    const Field *field = record_field(record, name);
    return field == NULL ? NULL : field->value;
}

const Record *record_with(Arena *arena, const Record *record, const Name *name, const Value *value) {
    Field *fields = ARENA_ARRAY(arena, Field, record->count + 1);
    uint32_t count = record->count, at = 0;
    memcpy(fields, record->fields, count * sizeof *fields);
    while (at < count && fields[at].name != name) at++;
    if (at < count) fields[at].value = value;
    else fields[count++] = (Field){name, value, value->origin};
    return value_record(arena, value->origin, record->tag, fields, count)->as.record;
}

void record_reserve(RecordBuilder *builder, uint32_t count) {
    if (builder->fields.capacity != 0 || count == 0) return;
    builder->fields.items = ARENA_ARRAY(builder->arena, Field, count);
    builder->fields.capacity = count;
}

int record_add(RecordBuilder *builder, const Name *name, const Value *value, Span span, Field **earlier) {
    Field *fields = builder->fields.items;
    uint32_t count = builder->fields.count;
    uint32_t *slot = NULL;
    uint32_t found = 0;
    if (builder->index != NULL) {
        slot = index_slot(builder->index, builder->mask, fields, name);
        found = *slot;
    } else {
        for (uint32_t i = 0; i < count && found == 0; i++)
            if (fields[i].name == name) found = i + 1;
    }
    if (found != 0) {
        if (earlier != NULL) *earlier = &fields[found - 1];
        return 0;
    }
    Field field = {name, value, span};
    VECTOR_PUSH(builder->arena, &builder->fields, field);
    count++;
    if (slot != NULL && count <= builder->mask / 2) {
        *slot = count;
    } else if (count > INDEX_FREE) {
        /* With room for twice as many: it is next built anew when the fields have doubled. */
        builder->index = index_build(builder->arena, builder->fields.items, count, count * 2, &builder->mask);
    }
    return 1;
}

const Value *record_finish(RecordBuilder *builder, Span origin, const Name *tag) {
    Record record = {.tag = tag, .count = builder->fields.count, .mask = builder->mask, .open = builder->open,
                     .fields = builder->fields.items, .index = builder->index, .shape = builder->shape};
    const Value *value = record_new(builder->arena, origin, record);
    *builder = (RecordBuilder){.arena = builder->arena};
    return value;
}

/* ---- comparing ---- */

static int address_compare(const Address *a, const Address *b) {
    if (a->version != b->version) return a->version < b->version ? -1 : 1;
    int order = memcmp(a->bytes, b->bytes, a->version == 4 ? 4 : 16);
    return (order > 0) - (order < 0);
}

static int records_equal(const Record *a, const Record *b) {
    if (a->tag != b->tag || a->count != b->count) return 0;
    for (uint32_t i = 0; i < a->count; i++) {
        /* Most records compared come from one maker, so the same name stands at the same place. */
        const Field *field = &a->fields[i];
        const Value *other =
            b->fields[i].name == field->name ? b->fields[i].value : record_get(b, field->name);
        if (other == NULL || !value_equal(field->value, other)) return 0;
    }
    return 1;
}

static int lists_equal(const Value *a, const Value *b) {
    if (a->as.list.count != b->as.list.count || a->as.list.size != b->as.list.size) return 0;
    for (uint32_t i = 0; i < a->as.list.count; i++)
        if (!value_equal(a->as.list.items[i], b->as.list.items[i])) return 0;
    return 1;
}

/* Recursion is bounded by VALUE_DEPTH_LIMIT. */
int value_equal(const Value *a, const Value *b) {
    if (a == b) return 1;
    if (a->kind != b->kind) return 0;
    switch ((ValueKind)a->kind) {
    case VALUE_POISON:
    case VALUE_NONE:
    case VALUE_UNSET: return 1;
    case VALUE_UNKNOWN:
        return a->hole == b->hole && a->as.unknown->deferral == b->as.unknown->deferral && str_equal(a->as.unknown->text, b->as.unknown->text);
    case VALUE_BOOL: return a->as.boolean == b->as.boolean;
    case VALUE_INT:
    case VALUE_SIZE:
    case VALUE_DURATION:
    case VALUE_RATE:
    case VALUE_MAC: return a->as.integer == b->as.integer;
    case VALUE_FLOAT:
    case VALUE_PERCENT: return !(a->as.number < b->as.number) && !(a->as.number > b->as.number);
    case VALUE_STRING: return str_equal(a->as.string, b->as.string);
    case VALUE_IP: return address_compare(a->as.address, b->as.address) == 0;
    case VALUE_CIDR:
        return address_compare(a->as.address, b->as.address) == 0 && a->as.address->prefix == b->as.address->prefix;
    case VALUE_LIST: return lists_equal(a, b);
    case VALUE_RECORD: return a->as.record == b->as.record || records_equal(a->as.record, b->as.record);
    case VALUE_REFERENCE: return a->as.reference == b->as.reference;
    }
    return 0;
}

static int order_integer(int64_t a, int64_t b) { return (a > b) - (a < b); }

int value_compare(const Value *a, const Value *b) {
    if (a->kind != b->kind) return -2;
    switch ((ValueKind)a->kind) {
    case VALUE_BOOL: return order_integer(a->as.boolean, b->as.boolean);
    case VALUE_INT:
    case VALUE_SIZE:
    case VALUE_DURATION:
    case VALUE_RATE:
    case VALUE_MAC: return order_integer(a->as.integer, b->as.integer);
    case VALUE_FLOAT:
    case VALUE_PERCENT: return (a->as.number > b->as.number) - (a->as.number < b->as.number);
    case VALUE_STRING: return str_compare(a->as.string, b->as.string);
    case VALUE_IP: return address_compare(a->as.address, b->as.address);
    case VALUE_CIDR: {
        int order = address_compare(a->as.address, b->as.address);
        return order != 0 ? order : order_integer(a->as.address->prefix, b->as.address->prefix);
    }
    case VALUE_POISON:
    case VALUE_NONE:
    case VALUE_UNSET:
    case VALUE_UNKNOWN:
    case VALUE_LIST:
    case VALUE_RECORD:
    case VALUE_REFERENCE: break;
    }
    return -2;
}

/* ---- hashing ---- */

static uint32_t hash_mix(uint32_t hash, uint64_t word) {
    uint64_t mixed = (hash ^ word) * 0x9E3779B97F4A7C15u;
    return (uint32_t)(mixed >> 32) ^ (uint32_t)mixed;
}

static uint32_t hash_record(const Record *record, uint32_t hash) {
    if (record->tag != NULL) hash = hash_mix(hash, record->tag->hash);
    /* A sum, because the order of fields does not count. */
    uint32_t sum = 0;
    for (uint32_t i = 0; i < record->count; i++)
        sum += hash_mix(record->fields[i].name->hash, value_hash(record->fields[i].value));
    return hash_mix(hash, sum);
}

uint32_t value_hash(const Value *value) {
    uint32_t hash = hash_mix(0, value->kind);
    switch ((ValueKind)value->kind) {
    case VALUE_POISON:
    case VALUE_NONE:
    case VALUE_UNSET: break;
    case VALUE_BOOL: return hash_mix(hash, (uint64_t)value->as.boolean);
    case VALUE_INT:
    case VALUE_SIZE:
    case VALUE_DURATION:
    case VALUE_RATE:
    case VALUE_MAC: return hash_mix(hash, (uint64_t)value->as.integer);
    case VALUE_FLOAT:
    case VALUE_PERCENT: {
        double number = value->as.number + 0.0;     /* -0.0 equals 0.0, and this makes it so */
        uint64_t bits;
        memcpy(&bits, &number, sizeof bits);
        return hash_mix(hash, bits);
    }
    case VALUE_UNKNOWN: return hash_mix(hash, hash_bytes(value->as.unknown->text.text, value->as.unknown->text.length));
    case VALUE_STRING: return hash_mix(hash, hash_bytes(value->as.string.text, value->as.string.length));
    case VALUE_IP:
    case VALUE_CIDR: {
        const Address *address = value->as.address;
        hash = hash_mix(hash, hash_bytes((const char *)address->bytes, address->version == 4 ? 4 : 16));
        return value->kind == VALUE_CIDR ? hash_mix(hash, address->prefix) : hash;
    }
    case VALUE_LIST:
        for (uint32_t i = 0; i < value->as.list.count; i++) hash = hash_mix(hash, value_hash(value->as.list.items[i]));
        break;
    case VALUE_RECORD: return hash_record(value->as.record, hash);
    case VALUE_REFERENCE:
        return hash_mix(hash, hash_bytes(value->as.reference->address.text, value->as.reference->address.length));
    }
    return hash;
}

const char *value_kind_name(ValueKind kind) {
    static const char *const names[] = {
        [VALUE_POISON] = "error", [VALUE_NONE] = "none", [VALUE_UNSET] = "unset", [VALUE_UNKNOWN] = "unknown",
        [VALUE_BOOL] = "bool", [VALUE_INT] = "int", [VALUE_FLOAT] = "float", [VALUE_STRING] = "string",
        [VALUE_SIZE] = "size", [VALUE_DURATION] = "duration", [VALUE_PERCENT] = "percent", [VALUE_RATE] = "rate",
        [VALUE_IP] = "ip", [VALUE_CIDR] = "cidr", [VALUE_MAC] = "mac", [VALUE_LIST] = "list",
        [VALUE_RECORD] = "record", [VALUE_REFERENCE] = "resource",
    };
    return names[kind];
}

const char *value_kind_phrase(ValueKind kind) {
    static const char *const phrases[] = {
        [VALUE_POISON] = "an error", [VALUE_NONE] = "no value", [VALUE_UNSET] = "unset",
        [VALUE_UNKNOWN] = "a value known only after apply",
        [VALUE_BOOL] = "a bool", [VALUE_INT] = "an int", [VALUE_FLOAT] = "a float", [VALUE_STRING] = "a string",
        [VALUE_SIZE] = "a size", [VALUE_DURATION] = "a duration", [VALUE_PERCENT] = "a percentage",
        [VALUE_RATE] = "a rate",
        [VALUE_IP] = "an ip", [VALUE_CIDR] = "a cidr", [VALUE_MAC] = "a mac", [VALUE_LIST] = "a list",
        [VALUE_RECORD] = "a record", [VALUE_REFERENCE] = "a resource",
    };
    return phrases[kind];
}
