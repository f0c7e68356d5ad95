/* Types to values of them. */
#include "tests/tables/made.h"

#include <math.h>
#include <string.h>

#include "compiler/codec.h"
#include "compiler/slice.h"
#include "lang/number.h"

static void push(Making *m, Values *out, const Value *value) {
    VECTOR_PUSH(m->session->arena, out, value);
}

static const Value *integer(Making *m, ValueKind kind, int64_t number) {
    return value_integer(m->session->arena, SPAN_NONE, kind, number);
}

static const Value *string(Making *m, Str text) {
    return value_string(m->session->arena, SPAN_NONE, text);
}

/* ---- scalars ---- */

static ValueKind number_kind(const Type *type) {
    switch ((TypeKind)type->kind) {
    case TYPE_SIZE: return VALUE_SIZE;
    case TYPE_DURATION: return VALUE_DURATION;
    case TYPE_RATE: return VALUE_RATE;
    case TYPE_FLOAT: return VALUE_FLOAT;
    case TYPE_PERCENT: return VALUE_PERCENT;
    case TYPE_POISON: case TYPE_JSON: case TYPE_BOOL: case TYPE_INT: case TYPE_STRING: case TYPE_IP: case TYPE_CIDR: case TYPE_MAC: case TYPE_LITERAL:
    case TYPE_LIST: case TYPE_MAP: case TYPE_RECORD: case TYPE_TAGGED: case TYPE_UNION: case TYPE_REFERENCE: break;
    }
    return VALUE_INT;
}

/* What numbers of the kind come in: MiB, seconds. */
static int64_t grain(ValueKind kind) {
    return kind == VALUE_SIZE ? 1 << 20 : kind == VALUE_DURATION ? 1000 : kind == VALUE_RATE ? 1000000 : 1;
}

static void integer_edges(Making *m, const Type *type, Values *out) {
    ValueKind kind = number_kind(type);
    int64_t by = grain(kind), low = type->low ? type->low->as.integer : 0, high = type->high ? type->high->as.integer : low + 100000 * by;
    const int64_t edges[] = {low, low + 1, low + by, low + 2 * by, (low + high) / 2 / by * by, high - by, high, -1, -by, 0, (int64_t)1 << 40, INT64_MAX};
    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++)
        push(m, out, integer(m, kind, edges[i]));
}

/* A bound of decimals may be written as a whole number. */
static double bound_of(const Value *bound, double otherwise) {
    return !bound ? otherwise : bound->kind == VALUE_INT ? (double)bound->as.integer : bound->as.number;
}

static void number_edges(Making *m, const Type *type, Values *out) {
    double low = bound_of(type->low, 0), high = bound_of(type->high, 1000);
    const double edges[] = {low, low + 0.25, low + 1, (low + high) / 2, high, -1, 0.1, 1e20};
    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++)
        push(m, out, value_number(m->session->arena, SPAN_NONE, number_kind(type), edges[i]));
}

static Str letters(Making *m, size_t count) {
    char *text = arena_text(m->session->arena, count + 1);
    memset(text, 'a', count);
    return (Str){text, count};
}

static void string_edges(Making *m, const Type *type, Values *out) {
    static const char *const plain[] = {"a", "ab", "Some words", "a.b", "a/b", "/a", "a:b", "a;b", "a=b", "1", "-a", "a_b", "\xc3\xa4", "a\tb", "a,b", "", " ", ".", "0", "none"};
    const Pattern *pattern = type->pattern.length ? pattern_parse(m->session->arena, type->pattern) : NULL;
    for (uint32_t i = 0; pattern && i < 24; i++)
        push(m, out, string(m, pattern_make(m->session->arena, pattern, &m->dice, i / 3)));
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        push(m, out, string(m, str_of(plain[i])));
    if (type->low)
        push(m, out, string(m, letters(m, (size_t)type->low->as.integer)));
    if (type->high)
        push(m, out, string(m, letters(m, (size_t)type->high->as.integer)));
}

static void address_edges(Making *m, ValueKind kind, Values *out) {
    static const char *const addresses[] = {"10.0.0.1", "0.0.0.0", "255.255.255.255", "fd00::1", "::", "::ffff:10.0.0.1", "fe80::1"};
    static const char *const networks[] = {"10.0.0.5/24", "10.0.0.5/32", "10.0.0.5/8", "10.0.0.5/7", "0.0.0.0/0", "fd00::5/64", "fd00::5/128", "fd00::5/8", "fd00::5/7", "::/0"};
    const char *const *texts = kind == VALUE_IP ? addresses : networks;
    size_t count = kind == VALUE_IP ? sizeof addresses / sizeof *addresses : sizeof networks / sizeof *networks;
    for (size_t i = 0; i < count; i++) {
        Address *address = ARENA_NEW(m->session->arena, Address);
        if (kind == VALUE_IP ? ip_parse(str_of(texts[i]), address) : cidr_parse(str_of(texts[i]), address))
            push(m, out, value_address(m->session->arena, SPAN_NONE, kind, address));
    }
}

/* ---- what has parts ---- */

static void list_edges(Making *m, const Type *type, Values *out) {
    Values elements = {0};
    type_edges(m, type->element, &elements);
    if (!elements.count)
        return;
    for (uint32_t i = 0; i < elements.count; i++)
        push(m, out, value_list(m->session->arena, SPAN_NONE, &elements.items[i], 1));
    for (uint32_t count = 0; count <= 5; count++)
        push(m, out, value_list(m->session->arena, SPAN_NONE, elements.items, count < elements.count ? count : elements.count));
}

/* A value that the type takes, from those at its edges: the first, or the [number]th of them, as far as there are so many. */
static const Value *taken_value(Making *m, const Type *type, uint32_t number) {
    Values values = {0};
    const Value *taken = NULL;
    type_edges(m, type, &values);
    for (uint32_t i = 0; i < values.count; i++) {
        Use use = {.what = STR("the test"), .quiet = 1};
        if (type_accept(m->session, type, values.items[i], &use)) {
            taken = values.items[i];
            if (number-- == 0)
                break;
        }
    }
    return taken;
}

typedef struct Fields { const Value *values[128]; } Fields;

static const Value *record_of(Making *m, const Type *type, const Fields *fields) {
    RecordBuilder builder = {.arena = m->session->arena};
    for (uint32_t i = 0; i < type->field_count; i++)
        if (fields->values[i])
            record_add(&builder, type->fields[i].name, fields->values[i], SPAN_NONE, NULL);
    return record_finish(&builder, SPAN_NONE, type->tag);
}

/* Is the field part of the head? */
static int head_names(Str head, const Name *name) {
    Str rest = head, piece;
    int is_field;
    while (pattern_next(&rest, &piece, &is_field))
        if (is_field && str_equal(piece, name_str(name)))
            return 1;
    return 0;
}

/* What must be there, and with a head number of the record the fields of that head. */
static Fields fields_least(Making *m, const Type *type, uint32_t head) {
    Fields fields = {0};
    for (uint32_t i = 0; i < type->field_count && i < 128; i++)
        if ((!type->fields[i].optional && !type->fields[i].fallback) || (head < type->head_count && head_names(type->heads[head], type->fields[i].name)))
            fields.values[i] = taken_value(m, type->fields[i].type, 0);
    return fields;
}

static void record_edges(Making *m, const Type *type, Values *out) {
    Fields none = fields_least(m, type, type->head_count);
    push(m, out, record_of(m, type, &none));
    for (uint32_t head = 0; head < type->head_count || head == 0; head++) {
        Fields all = fields_least(m, type, head);
        push(m, out, record_of(m, type, &all));
        for (uint32_t i = 0; i < type->field_count && i < 128; i++) {
            Values values = {0};
            type_edges(m, type->fields[i].type, &values);
            for (uint32_t v = 0; v < values.count; v++) {
                Fields fields = fields_least(m, type, head);
                fields.values[i] = values.items[v];
                push(m, out, record_of(m, type, &fields));
            }
        }
    }
}

void type_edges(Making *m, const Type *type, Values *out) {
    int64_t mac = 0;
    switch ((TypeKind)type->kind) {
    case TYPE_POISON: case TYPE_JSON: case TYPE_TAGGED: case TYPE_REFERENCE: case TYPE_MAP: break;
    case TYPE_BOOL:
        push(m, out, value_bool(m->session->arena, SPAN_NONE, 1));
        push(m, out, value_bool(m->session->arena, SPAN_NONE, 0));
        break;
    case TYPE_INT: case TYPE_SIZE: case TYPE_DURATION: case TYPE_RATE: integer_edges(m, type, out); break;
    case TYPE_FLOAT: case TYPE_PERCENT: number_edges(m, type, out); break;
    case TYPE_STRING: string_edges(m, type, out); break;
    case TYPE_IP: address_edges(m, VALUE_IP, out); break;
    case TYPE_CIDR: address_edges(m, VALUE_CIDR, out); break;
    case TYPE_MAC:
        mac_parse(STR("52:54:00:67:89:B2"), &mac);
        push(m, out, integer(m, VALUE_MAC, mac));
        mac_parse(STR("01:24:11:00:00:01"), &mac);
        push(m, out, integer(m, VALUE_MAC, mac));
        break;
    case TYPE_LITERAL: push(m, out, type->literal); break;
    case TYPE_LIST: list_edges(m, type, out); break;
    case TYPE_RECORD: record_edges(m, type, out); break;
    case TYPE_UNION:
        for (uint32_t i = 0; i < type->member_count; i++)
            type_edges(m, type->members[i], out);
        break;
    }
}

int field_is_fixed(const TypeField *field) {
    return field->change == CHANGE_CREATE || field->change == CHANGE_REPLACE || field->change == CHANGE_NEVER;
}

static const Value *field_chance(Making *m, const TypeField *field, uint32_t number, int must) {
    const Value *chosen = m->field ? m->field(m->context, field) : NULL;
    Dice dice = m->dice;
    if (chosen)
        return chosen->kind == VALUE_NONE ? NULL : chosen;
    if (field_is_fixed(field))
        m->dice = dice_at(m->fixed, number, 0);
    int written = must || !field->optional || dice_roll(&m->dice, 4) == 0;
    const Value *value = written ? type_chance(m, field->type) : NULL;
    if (field_is_fixed(field))
        m->dice = dice;
    return value;
}

static int head_try(Making *m, const Type *type, Str head, Fields *fields) {
    Fields tried = {0};
    for (uint32_t i = 0; i < type->field_count && i < 128; i++)
        if (head_names(head, type->fields[i].name)) {
            tried.values[i] = field_chance(m, &type->fields[i], i + 1, 1);
            if (!tried.values[i])
                return 0;
        }
    *fields = tried;
    return 1;
}

/* Where a head is written, the fields of other heads are not. */
static int is_of_head(const Type *type, const Name *name) {
    for (uint32_t i = 0; i < type->head_count; i++)
        if (head_names(type->heads[i], name))
            return 1;
    return 0;
}

static const Value *record_chance(Making *m, const Type *type) {
    Fields fields = {0};
    uint32_t first = dice_roll(&m->dice, type->head_count);
    int headed = 0;
    for (uint32_t i = 0; i < type->head_count && !headed; i++)
        headed = head_try(m, type, type->heads[(first + i) % type->head_count], &fields);
    for (uint32_t i = 0; i < type->field_count && i < 128; i++)
        if (!fields.values[i] && (!headed || !is_of_head(type, type->fields[i].name)))
            fields.values[i] = field_chance(m, &type->fields[i], i + 1, 0);
    const Value *record = record_of(m, type, &fields);
    Use use = {.what = STR("the test"), .quiet = 1};
    return type_accept(m->session, type, record, &use) ? record : NULL;
}

static const Value *map_chance(Making *m, const Type *type) {
    static const Type any_text = {.kind = TYPE_STRING};
    RecordBuilder builder = {.arena = m->session->arena};
    for (uint32_t i = 0, count = 1 + dice_roll(&m->dice, 3); i < count; i++) {
        const Value *key = type_chance(m, type->key ? type->key : &any_text), *value = key ? type_chance(m, type->element) : NULL;
        if (value)
            record_add(&builder, name_intern(m->session->names, key->as.string), value, SPAN_NONE, NULL);
    }
    return record_finish(&builder, SPAN_NONE, NULL);
}

static const Value *list_chance(Making *m, const Type *type) {
    Values values = {0};
    for (uint32_t i = 0, count = 1 + dice_roll(&m->dice, 4); i < count; i++) {
        const Value *value = type_chance(m, type->element);
        if (value)
            push(m, &values, value);
    }
    return value_list(m->session->arena, SPAN_NONE, values.items, values.count);
}

const Value *type_chance(Making *m, const Type *type) {
    if (type->kind == TYPE_RECORD)
        return record_chance(m, type);
    if (type->kind == TYPE_MAP)
        return map_chance(m, type);
    if (type->kind == TYPE_LIST && type->element->kind == TYPE_RECORD)
        return list_chance(m, type);
    if (type->kind == TYPE_UNION)
        for (uint32_t i = 0, first = dice_roll(&m->dice, type->member_count); i < type->member_count; i++) {
            const Value *value = type_chance(m, type->members[(first + i) % type->member_count]);
            if (value)
                return value;
        }
    return taken_value(m, type, dice_roll(&m->dice, 40));
}
