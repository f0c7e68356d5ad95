/* The texts that a host's files and commands hold, to values. Tolerant: hosts rewrite what they were given, and newer versions add keys. */
#include <stdlib.h>
#include <string.h>

#include "compiler/codec.h"
#include "compiler/decode.h"
#include "compiler/regexp.h"
#include "compiler/slice.h"
#include "compiler/state.h"
#include "lang/number.h"

enum { HEAD_FIELD_LIMIT = 16 };

/* How well a text fits a type. The members of a union are asked in order; one that fits as a whole goes before one that fits in part. */
typedef enum Fit { FIT_NONE, FIT_PARTLY, FIT_WHOLE } Fit;

typedef struct Decoder {
    Session *session;
    Arena *arena;
    Span origin;
    uint32_t depth;
} Decoder;

/* NULL where *fit is FIT_NONE. */
static const Value *decode(Decoder *d, const Type *type, const Codec *codec, Str text, Fit *fit);

/* ---- numbers ---- */

/* "12" or "12.5", counted in [unit]s: the result must be whole. */
static int parse_scaled(Str text, int64_t unit, int64_t *amount) {
    size_t dot = slice_find_char(text, '.', 0);
    int64_t whole = 0, part = 0, scale = 1;
    if (dot == 0 || dot + 1 == text.length || !text.length)
        return 0;
    for (size_t i = 0; i < text.length; i++) {
        int64_t *digits = i < dot ? &whole : &part;
        if (i == dot)
            continue;
        if (text.text[i] < '0' || text.text[i] > '9' || __builtin_mul_overflow(*digits, 10, digits) ||
            __builtin_add_overflow(*digits, text.text[i] - '0', digits))
            return 0;
        if (i > dot && __builtin_mul_overflow(scale, 10, &scale))
            return 0;
    }
    if (__builtin_mul_overflow(whole, unit, &whole) || __builtin_mul_overflow(part, unit, &part) || part % scale)
        return 0;
    return !__builtin_add_overflow(whole, part / scale, amount);
}

static int parse_integer(Str text, int64_t *integer) {
    int negative = text.length && text.text[0] == '-';
    int64_t value = 0;
    if (text.length == (size_t)negative)
        return 0;
    for (size_t i = (size_t)negative; i < text.length; i++)
        if (text.text[i] < '0' || text.text[i] > '9' || __builtin_mul_overflow(value, 10, &value) ||
            __builtin_sub_overflow(value, text.text[i] - '0', &value))
            return 0;
    return negative ? (*integer = value, 1) : !__builtin_sub_overflow(0, value, integer);
}

static int parse_decimal(Str text, double *number) {
    char digits[64];
    if (!text.length || text.length >= sizeof digits)
        return 0;
    for (size_t i = 0; i < text.length; i++)
        if (!strchr("0123456789.eE+-", text.text[i]) || !text.text[i])
            return 0;
    memcpy(digits, text.text, text.length);
    digits[text.length] = '\0';
    char *end;
    *number = strtod(digits, &end);
    return *end == '\0' && *number <= 1e300 && *number >= -1e300;
}

/* A bare number counts units; else the host's way ("16G"), else ours ("16GiB", "5m", "10MB/s"). */
static int parse_quantity(const Codec *codec, ValueKind kind, Str text, int64_t *amount) {
    int64_t unit = codec->unit > 0 ? codec->unit : kind == VALUE_DURATION ? 1000 : 1;
    int exact;
    if (parse_scaled(text, unit, amount))
        return 1;
    Number number = number_parse(text);
    if (number.status == NUMBER_OK && number.kind == kind) {
        *amount = number.integer;
        return 1;
    }
    if (kind == VALUE_RATE && slice_ends(text, STR("/s")))
        text = slice(text, 0, text.length - 2);
    return kind != VALUE_DURATION && size_parse_host(text, amount, &exact);
}

/* ---- scalars ---- */

static int parse_bool(const Codec *codec, Str text, int *boolean) {
    static const char *const words[2][4] = {{"0", "off", "no", "false"}, {"1", "on", "yes", "true"}};
    for (int i = 0; i < 2; i++)
        if (str_equal(text, codec->truth[i])) {
            *boolean = i == 0;
            return 1;
        }
    for (int truth = 0; truth < 2; truth++)
        for (size_t i = 0; i < 4; i++)
            if (slice_equal_letters(text, str_of(words[truth][i]))) {
                *boolean = truth;
                return 1;
            }
    return 0;
}

static const Value *decode_address(const Decoder *d, ValueKind kind, Str text) {
    Address address = {0};
    if (!(kind == VALUE_IP ? ip_parse(text, &address) : cidr_parse(text, &address)))
        return NULL;
    Address *kept = ARENA_NEW(d->arena, Address);
    *kept = address;
    return value_address(d->arena, d->origin, kind, kept);
}

static const Value *decode_number(const Decoder *d, const Codec *codec, ValueKind kind, Str text) {
    int zero = codec->zero.length && str_equal(text, codec->zero);
    int64_t integer = 0;
    double number = 0;
    if (kind == VALUE_FLOAT || kind == VALUE_PERCENT) {
        if (kind == VALUE_PERCENT && slice_ends(text, STR("%")))
            text = slice(text, 0, text.length - 1);
        return zero || parse_decimal(text, &number) ? value_number(d->arena, d->origin, kind, number) : NULL;
    }
    int fits = zero || (kind == VALUE_INT ? parse_integer(text, &integer) : parse_quantity(codec, kind, text, &integer));
    return fits ? value_integer(d->arena, d->origin, kind, integer) : NULL;
}

/* A text as a value of a kind that has no parts; NULL where it is none. */
static const Value *decode_scalar(const Decoder *d, const Codec *codec, ValueKind kind, Str text) {
    Str bare = slice_trim(text);
    int boolean;
    int64_t mac;
    switch (kind) {
    case VALUE_BOOL: return parse_bool(codec, bare, &boolean) ? value_bool(d->arena, d->origin, boolean) : NULL;
    case VALUE_INT: case VALUE_FLOAT: case VALUE_SIZE: case VALUE_DURATION: case VALUE_PERCENT: case VALUE_RATE:
        return decode_number(d, codec, kind, bare);
    case VALUE_IP: case VALUE_CIDR: return decode_address(d, kind, bare);
    case VALUE_MAC: return mac_parse(bare, &mac) ? value_integer(d->arena, d->origin, VALUE_MAC, mac) : NULL;
    case VALUE_STRING: return value_string(d->arena, d->origin, text);
    case VALUE_POISON: case VALUE_NONE: case VALUE_UNSET: case VALUE_UNKNOWN: case VALUE_LIST: case VALUE_RECORD: case VALUE_REFERENCE:
        break;
    }
    return NULL;
}

static ValueKind scalar_kind(const Type *type) {
    switch ((TypeKind)type->kind) {
    case TYPE_BOOL: return VALUE_BOOL;
    case TYPE_INT: return VALUE_INT;
    case TYPE_FLOAT: return VALUE_FLOAT;
    case TYPE_SIZE: return VALUE_SIZE;
    case TYPE_DURATION: return VALUE_DURATION;
    case TYPE_PERCENT: return VALUE_PERCENT;
    case TYPE_RATE: return VALUE_RATE;
    case TYPE_IP: return VALUE_IP;
    case TYPE_CIDR: return VALUE_CIDR;
    case TYPE_MAC: return VALUE_MAC;
    case TYPE_LITERAL: return type->literal->kind;
    case TYPE_POISON: case TYPE_JSON: case TYPE_STRING: case TYPE_REFERENCE: return VALUE_STRING;
    case TYPE_LIST: case TYPE_MAP: case TYPE_RECORD: case TYPE_TAGGED: case TYPE_UNION: break;
    }
    return VALUE_NONE;
}

static const Value *decode_json_text(const Decoder *d, Str text) {
    Str error;
    const Value *value = decode_json(d->arena, d->session->names, text, d->origin, &error);
    return value ? value : value_string(d->arena, d->origin, text);
}

/* ---- lists ---- */

/* Some hosts part the elements of a list by any of several characters. */
static int next_element(const Codec *codec, Str *rest, Str *part) {
    if (!codec->separators.length)
        return slice_next(rest, codec->separator, part);
    if (!rest->text)
        return 0;
    size_t end = rest->length;
    for (size_t i = 0; i < codec->separators.length; i++)
        end = slice_find_char(slice(*rest, 0, end), codec->separators.text[i], 0);
    *part = (Str){rest->text, end};
    *rest = end == rest->length ? (Str){NULL, 0} : (Str){rest->text + end + 1, rest->length - end - 1};
    return 1;
}

static const Value *decode_list(Decoder *d, const Type *type, const Codec *codec, Str text, Fit *fit) {
    VECTOR(const Value *) items = {0};
    int lines = slice_find_char(codec->separator, '\n', 0) < codec->separator.length;
    *fit = FIT_WHOLE;
    int nothing = codec->zero.length && str_equal(slice_trim(text), codec->zero);
    for (Str rest = text, part; text.length && !nothing && next_element(codec, &rest, &part);) {
        Str element = lines ? part : slice_trim(part);
        if (!lines && !element.length)
            continue;
        Fit one;
        const Value *value = decode(d, type->element, codec, element, &one);
        if (one < *fit)
            *fit = FIT_PARTLY;
        VECTOR_PUSH(d->arena, &items, value ? value : value_string(d->arena, d->origin, element));
    }
    return value_list(d->arena, d->origin, items.items, items.count);
}

/* ---- property strings ---- */

/* A record while its text is read. */
typedef struct Properties {
    const Type *type;
    const Value **values;   /* of the type's fields */
    RecordBuilder others;   /* keys that no field has */
    uint32_t known;         /* how many of the type's fields were found */
    Fit fit;
} Properties;

static const TypeField *property_field(const Type *type, Str key) {
    for (uint32_t i = 0; i < type->field_count; i++)
        if (str_equal(type->fields[i].codec.property, key))
            return &type->fields[i];
    for (uint32_t i = 0; i < type->field_count; i++) {
        const TypeField *field = &type->fields[i];
        if (str_equal(name_str(field->name), key))
            return field;
        for (uint32_t k = 0; k < field->also_count; k++)
            if (str_equal(name_str(field->also[k]), key))
                return field;
    }
    return NULL;
}

/* Of a key that is written twice the first counts. */
static void property_set(Properties *p, const TypeField *field, const Value *value) {
    const Value **slot = &p->values[field - p->type->fields];
    if (!*slot) {
        *slot = value;
        p->known++;
    }
}

static const Value *field_decode(Decoder *d, const TypeField *field, Str text) {
    Fit fit;
    const Value *value = decode(d, field->type, &field->codec, text, &fit);
    return fit == FIT_WHOLE ? value : NULL;
}

/* The first field of a `variant` where [text] is one of its values. */
static const TypeField *variant_field(Decoder *d, const Type *type, Str text, const Value **value) {
    const TypeField *field = type->variant[0] ? type_field(type->fields, type->field_count, type->variant[0]) : NULL;
    *value = field ? field_decode(d, field, text) : NULL;
    return *value ? field : NULL;
}

static void property_pair(Decoder *d, Properties *p, Str key, Str text) {
    const TypeField *field = property_field(p->type, key), *carried = NULL;
    const Value *variant = NULL;
    if (!field) {
        const TypeField *first = variant_field(d, p->type, key, &variant);
        carried = first && p->type->variant[1] ? type_field(p->type->fields, p->type->field_count, p->type->variant[1]) : NULL;
        if (carried)
            property_set(p, first, variant);
        field = carried;
    }
    Fit fit = FIT_PARTLY;
    const Value *value = field ? decode(d, field->type, &field->codec, text, &fit) : NULL;
    if (fit != FIT_WHOLE)
        p->fit = FIT_PARTLY;
    if (!value)
        value = value_string(d->arena, d->origin, text);
    if (field)
        property_set(p, field, field->type->secret ? value_flagged(d->arena, value, VALUE_SECRET) : value);
    else
        record_add(&p->others, name_intern(d->session->names, key), value, d->origin, NULL);
}

/* Where a type is one of several (of a union, of what may lead a property string) its pattern matters: it tells them apart. */
static int pattern_holds(const Decoder *d, const Type *type, Str text) {
    Str error;
    return type->kind != TYPE_STRING || !type->pattern.length || regexp_match(d->session, type->pattern, text, NULL, 0, NULL, &error) == 1;
}

/* Does the head describe the text, each field a value of its type? Then they are set. */
static int property_head(Decoder *d, Properties *p, Str head, Str text) {
    Str names[HEAD_FIELD_LIMIT], values[HEAD_FIELD_LIMIT];
    const TypeField *fields[HEAD_FIELD_LIMIT];
    const Value *decoded[HEAD_FIELD_LIMIT];
    uint32_t count;
    if (!pattern_match(head, text, names, values, &count, HEAD_FIELD_LIMIT))
        return 0;
    for (uint32_t i = 0; i < count; i++) {
        const Name *name = name_find(d->session->names, names[i]);
        fields[i] = name ? type_field(p->type->fields, p->type->field_count, name) : NULL;
        decoded[i] = fields[i] ? field_decode(d, fields[i], values[i]) : NULL;
        if (!decoded[i] || (p->type->head_count > 1 && !pattern_holds(d, fields[i]->type, values[i])))
            return 0;
    }
    for (uint32_t i = 0; i < count; i++)
        property_set(p, fields[i], decoded[i]);
    return 1;
}

/* The part without a key. */
static void property_lead(Decoder *d, Properties *p, Str text) {
    const Value *value;
    const TypeField *field = variant_field(d, p->type, text, &value);
    if (field) {
        property_set(p, field, value);
        return;
    }
    for (uint32_t i = 0; i < p->type->head_count; i++)
        if (property_head(d, p, p->type->heads[i], text))
            return;
    p->fit = FIT_PARTLY;
    record_add(&p->others, d->session->words.empty, value_string(d->arena, d->origin, text), d->origin, NULL);
}

static const Value *properties_finish(Decoder *d, Properties *p) {
    RecordBuilder builder = {.arena = d->arena};
    for (uint32_t i = 0; i < p->type->field_count; i++) {
        const TypeField *field = &p->type->fields[i];
        if (p->values[i])
            record_add(&builder, field->name, p->values[i], d->origin, NULL);
        else if (!field->optional && !field->fallback)
            p->fit = FIT_PARTLY;
    }
    for (uint32_t i = 0; i < p->others.fields.count; i++)
        record_add(&builder, p->others.fields.items[i].name, p->others.fields.items[i].value, d->origin, NULL);
    return record_finish_open(&builder, d->origin, p->type->tag);
}

static int is_head_key(const Type *type, Str key) {
    for (uint32_t i = 0; i < type->head_key_count; i++)
        if (str_equal(type->head_keys[i], key))
            return 1;
    return 0;
}

static const Value *decode_record(Decoder *d, const Type *type, Str text, Fit *fit) {
    Properties p = {.type = type, .others = {.arena = d->arena}, .fit = FIT_WHOLE};
    p.values = ARENA_ARRAY(d->arena, const Value *, type->field_count + 1);
    Str lead = STR("");
    for (Str rest = text, part; slice_next(&rest, STR(","), &part);) {
        part = slice_trim(part);
        size_t equals = slice_find_char(part, '=', 0);
        int is_lead = equals < part.length && !lead.length && is_head_key(type, slice_trim(slice(part, 0, equals)));
        if (is_lead) {
            lead = slice_trim(slice(part, equals + 1, part.length));
        } else if (equals < part.length) {
            property_pair(d, &p, slice_trim(slice(part, 0, equals)), slice_trim(slice(part, equals + 1, part.length)));
        } else if (part.length && !lead.length) {
            lead = part;
        } else if (part.length) {
            p.fit = FIT_PARTLY;
            record_add(&p.others, name_intern(d->session->names, part), value_string(d->arena, d->origin, STR("")), d->origin, NULL);
        }
    }
    if (lead.length)
        property_lead(d, &p, lead);
    if (!p.known && slice_trim(text).length) {
        *fit = FIT_NONE;
        return NULL;
    }
    const Value *value = properties_finish(d, &p);
    *fit = p.fit;
    return value;
}

static const Value *decode_map(Decoder *d, const Type *type, const Codec *codec, Str text, Fit *fit) {
    const Value *properties = decode_property_string(d->arena, d->session->names, text, d->origin);
    RecordBuilder builder = {.arena = d->arena};
    *fit = FIT_WHOLE;
    for (uint32_t i = 0; properties->kind == VALUE_RECORD && i < properties->as.record->count; i++) {
        const Record *record = properties->as.record;
        Fit one;
        const Value *value = decode(d, type->element, codec, record->fields[i].value->as.string, &one);
        if (one < *fit || record->fields[i].name == d->session->words.empty)
            *fit = FIT_PARTLY;
        record_add(&builder, record->fields[i].name, value ? value : record->fields[i].value, d->origin, NULL);
    }
    return record_finish_open(&builder, d->origin, NULL);
}

/* ---- unions ---- */

static const Value *decode_union(Decoder *d, const Type *type, const Codec *codec, Str text, Fit *fit) {
    const Value *best = NULL;
    *fit = FIT_NONE;
    for (uint32_t i = 0; i < type->member_count && *fit != FIT_WHOLE; i++) {
        Fit one;
        const Value *value = decode(d, type->members[i], codec, text, &one);
        if (one == FIT_WHOLE && !pattern_holds(d, type->members[i], text))
            one = FIT_PARTLY;
        if (one > *fit) {
            *fit = one;
            best = value;
        }
    }
    return best;
}

/* ---- the whole ---- */

static const Value *decode_one(Decoder *d, const Type *type, const Codec *codec, Str text, Fit *fit) {
    const Value *value = NULL;
    *fit = FIT_WHOLE;
    switch ((TypeKind)type->kind) {
    case TYPE_UNION: return decode_union(d, type, codec, text, fit);
    case TYPE_LIST: return decode_list(d, type, codec, text, fit);
    case TYPE_MAP: return decode_map(d, type, codec, text, fit);
    case TYPE_RECORD: return decode_record(d, type, text, fit);
    case TYPE_TAGGED:
        if (type->field_count || str_equal(slice_trim(text), name_str(type->tag)))
            return decode_record(d, type, type->field_count ? text : STR(""), fit);
        break;
    case TYPE_JSON: return decode_json_text(d, text);
    case TYPE_LITERAL:
        value = decode_scalar(d, codec, type->literal->kind, text);
        value = value && value_equal(value, type->literal) ? value : NULL;
        break;
    case TYPE_POISON: case TYPE_BOOL: case TYPE_INT: case TYPE_FLOAT: case TYPE_STRING: case TYPE_SIZE: case TYPE_DURATION:
    case TYPE_PERCENT: case TYPE_RATE: case TYPE_IP: case TYPE_CIDR: case TYPE_MAC: case TYPE_REFERENCE:
        value = decode_scalar(d, codec, scalar_kind(type), text);
        break;
    }
    *fit = value ? FIT_WHOLE : FIT_NONE;
    return value;
}

static const Value *decode(Decoder *d, const Type *type, const Codec *codec, Str text, Fit *fit) {
    *fit = FIT_NONE;
    if (d->depth >= TREE_DEPTH_LIMIT)
        return NULL;
    d->depth++;
    const Value *value = decode_one(d, type, codec, text, fit);
    d->depth--;
    return value && type->secret ? value_flagged(d->arena, value, VALUE_SECRET) : value;
}

const Value *codec_decode(Session *session, const Type *type, const Codec *codec, Str text, Span origin) {
    Decoder decoder = {session, session->arena, origin, 0};
    Fit fit;
    return decode(&decoder, type, codec, text, &fit);
}

/* ---- what decoders gave ---- */

static const Value *decode_value(Decoder *d, const Type *type, const Codec *codec, const Value *value);

static const Value *value_number_scaled(const Decoder *d, const Type *type, const Codec *codec, const Value *value) {
    ValueKind kind = scalar_kind(type);
    Text text = {0};
    value_print_plain(value, &text);
    const Value *result = kind == VALUE_NONE ? NULL : decode_scalar(d, codec, kind, arena_str(d->arena, text_str(&text)));
    text_fini(&text);
    return result && (type->kind != TYPE_LITERAL || value_equal(result, type->literal)) ? result : NULL;
}

static const Value *value_items(Decoder *d, const Type *type, const Codec *codec, const Value *value) {
    const Value **items = ARENA_ARRAY(d->arena, const Value *, value->as.list.count + 1);
    for (uint32_t i = 0; i < value->as.list.count; i++)
        items[i] = decode_value(d, type->element, codec, value->as.list.items[i]);
    return value_list(d->arena, d->origin, items, value->as.list.count);
}

static const Value *value_fields(Decoder *d, const Type *type, const Codec *codec, const Value *value) {
    RecordBuilder builder = {.arena = d->arena};
    for (uint32_t i = 0; i < value->as.record->count; i++) {
        const Field *field = &value->as.record->fields[i];
        const TypeField *known = type->kind == TYPE_MAP ? NULL : property_field(type, name_str(field->name));
        if (field->value->kind == VALUE_NONE)
            continue;
        const Value *inner = type->kind == TYPE_MAP ? decode_value(d, type->element, codec, field->value)
                             : known                ? decode_value(d, known->type, &known->codec, field->value)
                                                    : field->value;
        record_add(&builder, known ? known->name : field->name, inner, field->span, NULL);
    }
    return record_finish_open(&builder, d->origin, type->tag);
}

/* The value in the shape of the type, or NULL where it has another. */
static const Value *value_shaped(Decoder *d, const Type *type, const Codec *codec, const Value *value) {
    Fit fit;
    if (value->kind == VALUE_STRING)
        return decode(d, type, codec, value->as.string, &fit);
    if (type->kind == TYPE_JSON || type->kind == TYPE_POISON)
        return value;
    for (uint32_t i = 0; type->kind == TYPE_UNION && i < type->member_count; i++) {
        const Value *shaped = value_shaped(d, type->members[i], codec, value);
        if (shaped)
            return shaped;
    }
    if (value->kind == VALUE_LIST && type->kind == TYPE_LIST)
        return value_items(d, type, codec, value);
    if (value->kind == VALUE_LIST && value->as.list.count == 1 && type->kind != TYPE_UNION)
        return value_shaped(d, type, codec, value->as.list.items[0]);
    if (value->kind == VALUE_RECORD && (type->kind == TYPE_RECORD || type->kind == TYPE_TAGGED || type->kind == TYPE_MAP))
        return value_fields(d, type, codec, value);
    if (value->kind == VALUE_BOOL || value->kind == VALUE_INT || value->kind == VALUE_FLOAT)
        return value_number_scaled(d, type, codec, value);
    return (ValueKind)value->kind == scalar_kind(type) ? value : NULL;
}

static const Value *decode_value(Decoder *d, const Type *type, const Codec *codec, const Value *value) {
    if (d->depth >= TREE_DEPTH_LIMIT)
        return value;
    Span outer = d->origin;
    /* What came out of a host's file knows its place there. */
    if (value->origin.file && source_get(d->session->sources, value->origin.file)->kind == SOURCE_HOST)
        d->origin = value->origin;
    d->depth++;
    const Value *result = value_shaped(d, type, codec, value);
    d->depth--;
    d->origin = outer;
    result = value_flagged(d->arena, result ? result : value, value->flags);
    return type->secret ? value_flagged(d->arena, result, VALUE_SECRET) : result;
}

const Value *codec_decode_value(Session *session, const Type *type, const Codec *codec, const Value *value, Span origin) {
    Decoder decoder = {session, session->arena, origin, 0};
    return decode_value(&decoder, type, codec, value);
}
