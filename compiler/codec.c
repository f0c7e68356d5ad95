/* Values to the text that a host's commands take. */
#include <string.h>

#include "compiler/codec.h"
#include "compiler/hash.h"
#include "compiler/slice.h"
#include "compiler/state.h"
#include "lang/json.h"
#include "lang/number.h"

enum { PATTERN_FIELD_LIMIT = 16 };

/* What stays the same while one value is written. The text is a buffer of our own, so that what was just added can be looked at. */
typedef struct Encoder {
    Session *session;
    Span span;
    Text *out;
    uint32_t depth;
} Encoder;

static int encode(Encoder *e, const Type *type, const Codec *codec, const Value *value);

/* Where to point: at the very part of the value, if the user wrote it. */
static Span place_of(const Encoder *e, const Value *value) {
    return source_get(e->session->sources, value->origin.file)->kind == SOURCE_PHX ? value->origin : e->span;
}

/* ---- which member of a union ---- */

static int type_takes(const Type *type, const Value *value) {
    switch ((TypeKind)type->kind) {
    case TYPE_POISON: case TYPE_JSON: case TYPE_UNION: return 1;
    case TYPE_BOOL: case TYPE_INT: case TYPE_FLOAT: case TYPE_STRING: case TYPE_SIZE: case TYPE_DURATION: case TYPE_PERCENT: case TYPE_RATE:
    case TYPE_IP: case TYPE_CIDR: case TYPE_MAC:
        return value->kind == (uint8_t)type_value_kind(type);
    case TYPE_LITERAL: return value_equal(type->literal, value);
    case TYPE_LIST: return value->kind == VALUE_LIST;
    case TYPE_MAP: case TYPE_RECORD: return value->kind == VALUE_RECORD && !value->as.record->tag;
    case TYPE_TAGGED: return value->kind == VALUE_RECORD && value->as.record->tag == type->tag;
    case TYPE_REFERENCE:
        return value->kind == VALUE_REFERENCE && !referent_is_group(value->as.reference) &&
               (!type->schema || INSTANCE(value->as.reference)->schema == type->schema);
    }
    return 0;
}

/* A member that holds the value's very type is certain; else the kind decides, and only where several members are of that kind each is
   tried in full. */
static const Type *member_of(Session *session, const Type *type, const Value *value) {
    const Type *first = NULL;
    uint32_t candidates = 0;
    for (uint32_t i = 0; i < type->member_count; i++) {
        const Type *member = type->members[i];
        if (value->kind == VALUE_RECORD && value->as.record->shape == member)
            return member;
        if (type_takes(member, value)) {
            candidates++;
            first = first ? first : member;
        }
    }
    for (uint32_t i = 0; candidates > 1 && i < type->member_count; i++) {
        Use use = {.what = STR(""), .span = value->origin, .quiet = 1};
        if (type_takes(type->members[i], value) && type_accept(session, type->members[i], value, &use))
            return type->members[i];
    }
    return first;
}

const Type *codec_member(Session *session, const Type *type, const Value *value) {
    for (uint32_t depth = 0; type->kind == TYPE_UNION && depth < TREE_DEPTH_LIMIT; depth++) {
        const Type *member = member_of(session, type, value);
        if (!member)
            return type;
        type = member;
    }
    return type;
}

/* ---- scalars ---- */

static void quantity_print(const Value *value, int64_t amount, Text *out) {
    Value shown = *value;
    shown.as.integer = amount;
    value_print(&shown, 0, out);
}

static int report_unit(Encoder *e, const Codec *codec, const Value *value, int64_t unit) {
    Text unit_text = {0}, amount = {0}, below = {0}, above = {0};
    int64_t rest = value->as.integer % unit, floor;
    if (__builtin_sub_overflow(value->as.integer, rest < 0 ? rest + unit : rest, &floor))
        floor = 0;
    quantity_print(value, unit, &unit_text);
    value_print(value, 0, &amount);
    quantity_print(value, floor, &below);
    Diagnostic *d;
    eval_problem(e->session, CODE_CODEC_UNIT, place_of(e, value), value, &d, "%s is no whole multiple of %s", amount.bytes, unit_text.bytes);
    diag_label(e->session->diagnostics, d, "the host counts `%.*s` in units of %s", (int)codec->property.length, codec->property.text,
               unit_text.bytes);
    int64_t next;
    if (__builtin_add_overflow(floor, unit, &next)) {
        diag_help(e->session->diagnostics, d, "the nearest is %s", below.bytes);
    } else {
        quantity_print(value, next, &above);
        diag_help(e->session->diagnostics, d, "the nearest are %s and %s", below.bytes, above.bytes);
    }
    text_fini(&unit_text);
    text_fini(&amount);
    text_fini(&below);
    text_fini(&above);
    return 0;
}

/* Twelve digits behind the point: what needs more has no end, such as a third. */
static int encode_fraction(Encoder *e, int64_t amount, int64_t unit) {
    char digits[12];
    int count = 0;
    for (int64_t rest = amount % unit; rest; rest %= unit) {
        if (count == (int)sizeof digits || __builtin_mul_overflow(rest, 10, &rest))
            return 0;
        digits[count++] = (char)('0' + rest / unit);
    }
    text_addf(e->out, "%lld.%.*s", (long long)(amount / unit), count, digits);
    return 1;
}

static int encode_quantity(Encoder *e, const Codec *codec, const Value *value) {
    int64_t amount = value->as.integer, unit = codec->unit > 0 ? codec->unit : value->kind == VALUE_DURATION ? 1000 : 1;
    if (amount % unit)
        return (codec->fraction && amount > 0 && encode_fraction(e, amount, unit)) || report_unit(e, codec, value, unit);
    if (amount && codec->suffix && value->kind == VALUE_SIZE)
        size_print_host(amount, e->out);
    else
        text_addf(e->out, "%lld", (long long)(amount / unit));
    return 1;
}

static int report_no_text(Encoder *e, const Value *value, const char *why) {
    Diagnostic *d;
    eval_problem(e->session, CODE_CODEC_NO_TEXT, place_of(e, value), value, &d, "this can't be written for the host: %s", why);
    return 0;
}

static int encode_reference(Encoder *e, const Value *value) {
    if (referent_is_group(value->as.reference))
        return report_no_text(e, value, "a component is many things on the host; name one resource of it");
    Str identity = instance_identity(e->session, INSTANCE(value->as.reference));
    text_add(e->out, identity);
    return identity.length > 0;
}

/* Values nest at most VALUE_DEPTH_LIMIT deep. */
int codec_holds_secret(const Value *value) {
    if (value->flags & VALUE_SECRET)
        return 1;
    if (value->kind == VALUE_UNKNOWN)
        return value->hole == HOLE_SECRET;
    if (value->kind == VALUE_LIST)
        for (uint32_t i = 0; i < value->as.list.count; i++)
            if (codec_holds_secret(value->as.list.items[i]))
                return 1;
    if (value->kind == VALUE_RECORD)
        for (uint32_t i = 0; i < value->as.record->count; i++)
            if (codec_holds_secret(value->as.record->fields[i].value))
                return 1;
    return 0;
}

/* The text of [value] for a message. */
static Str quoted(Encoder *e, const Value *value, Str text) {
    if (codec_holds_secret(value))
        return STR("a secret");
    Text shown = {0};
    value_print(value_string(e->session->arena, e->span, text), 60, &shown);
    Str copy = arena_str(e->session->arena, text_str(&shown));
    text_fini(&shown);
    return copy;
}

/* ---- lists ---- */

/* Would the element read back as itself? Lists of lines keep their blanks, all others are trimmed when they are read. */
static int element_check(Encoder *e, const Codec *codec, const Value *list, const Value *element, Str text) {
    Str separator = codec->separator;
    int lines = slice_find_char(separator, '\n', 0) < separator.length;
    Diagnostic *d;
    size_t parting = slice_find(text, separator, 0);
    for (size_t i = 0; i < codec->separators.length; i++) {
        size_t at = slice_find_char(text, codec->separators.text[i], 0);
        parting = at < parting ? at : parting;
    }
    if (parting < text.length) {
        eval_problem(e->session, CODE_CODEC_SEPARATOR, place_of(e, element), element, &d, "%s holds the separator of its list, \"%.*s\"",
                     quoted(e, element, text).text, slice_begins(slice(text, parting, text.length), separator) ? (int)separator.length : 1,
                     text.text + parting);
        diag_help(e->session->diagnostics, d, "the host would read two elements; there is no way to quote");
        return 0;
    }
    int alone = lines && !text.length && list->as.list.count == 1;
    if (alone || (!lines && (!text.length || slice_trim(text).length != text.length))) {
        eval_problem(e->session, CODE_CODEC_ELEMENT, place_of(e, element), element, &d,
                     text.length ? "an element of this list begins or ends with a blank" : "an element of this list is empty");
        diag_help(e->session->diagnostics, d, "the host would read another list than the one that is written");
        return 0;
    }
    return 1;
}

static int encode_list(Encoder *e, const Type *type, const Codec *codec, const Value *value) {
    for (uint32_t i = 0; i < value->as.list.count; i++) {
        if (i)
            text_add(e->out, codec->separator);
        size_t mark = e->out->length;
        if (!encode(e, type, codec, value->as.list.items[i]))
            return 0;
        if (!element_check(e, codec, value, value->as.list.items[i], slice(text_str(e->out), mark, e->out->length)))
            return 0;
    }
    return 1;
}

/* ---- property strings ---- */

static int is_given(const Value *value) {
    return value && value->kind != VALUE_NONE && value->kind != VALUE_UNSET;
}

/* What was added since [mark] stands inside a property string: it can't hold what parts one. */
static int property_check(Encoder *e, const Value *value, size_t mark) {
    Str text = slice(text_str(e->out), mark, e->out->length);
    const char *problem = slice_find_char(text, ',', 0) < text.length    ? "a comma"
                          : slice_find_char(text, '\n', 0) < text.length ? "a line break"
                                                                         : NULL;
    if (!problem)
        return 1;
    Diagnostic *d;
    eval_problem(e->session, CODE_CODEC_COMMA, place_of(e, value), value, &d, "%s holds %s", quoted(e, value, text).text, problem);
    diag_help(e->session->diagnostics, d, "it is part of a `key=value,key=value` text, in which nothing can be quoted");
    return 0;
}

static int encode_property(Encoder *e, const TypeField *field, const Value *value) {
    size_t mark = e->out->length;
    return encode(e, field->type, &field->codec, value) && property_check(e, value, mark);
}

static int encode_pair(Encoder *e, size_t start, Str key, const TypeField *field, const Value *value) {
    size_t before = e->out->length, mark;
    if (before > start)
        text_add_char(e->out, ',');
    text_add(e->out, key);
    text_add_char(e->out, '=');
    mark = e->out->length;
    if (!encode_property(e, field, value))
        return 0;
    /* Hosts take no `key=` with nothing behind it: an empty text or list says what silence says. */
    if (e->out->length == mark)
        text_cut(e->out, before);
    return 1;
}

static const TypeField *field_named(const Type *type, Str name) {
    for (uint32_t i = 0; i < type->field_count; i++)
        if (str_equal(name_str(type->fields[i].name), name))
            return &type->fields[i];
    return NULL;
}

/* Are all fields of the head given? */
static int head_fits(const Type *type, Str head, const Record *record) {
    Str piece;
    int is_field;
    for (Str rest = head; pattern_next(&rest, &piece, &is_field);) {
        const TypeField *field = is_field ? field_named(type, piece) : NULL;
        if (is_field && (!field || !is_given(record_get(record, field->name))))
            return 0;
    }
    return 1;
}

static int report_head(Encoder *e, const Value *value, Str text, Str head) {
    Diagnostic *d;
    eval_problem(e->session, CODE_CODEC_HEAD, place_of(e, value), value, &d, "%s would not be read back as %.*s", quoted(e, value, text).text,
                 (int)head.length, head.text);
    diag_help(e->session->diagnostics, d, "a part of it holds a character that parts the others");
    return 0;
}

/* Writes the leading part and marks its fields as [done]. */
static int encode_head(Encoder *e, const Type *type, Str head, const Value *value, uint8_t *done) {
    size_t start = e->out->length, marks[PATTERN_FIELD_LIMIT];
    uint32_t fields = 0;
    const TypeField *field = NULL;
    Str piece;
    int is_field;
    for (Str rest = head; pattern_next(&rest, &piece, &is_field);) {
        if (!is_field) {
            text_add(e->out, piece);
            continue;
        }
        field = field_named(type, piece);
        if (fields == PATTERN_FIELD_LIMIT)
            return report_head(e, value, head, head);
        marks[fields++] = e->out->length;
        if (!encode_property(e, field, record_get(value->as.record, field->name)))
            return 0;
        done[field - type->fields] = 1;
    }
    Str text = slice(text_str(e->out), start, e->out->length), names[PATTERN_FIELD_LIMIT], values[PATTERN_FIELD_LIMIT];
    int keyed = slice_find_char(text, '=', 0) < text.length;
    if (keyed && !type->head_key_count) {
        /* It would be taken for `key=value`; a head that is one field alone can be written under that field's own key. */
        if (fields != 1 || !field || marks[0] != start || head.length != field->name->length + 2)
            return report_head(e, value, text, head);
        text_cut(e->out, start);
        done[field - type->fields] = 0;
        return 1;
    }
    uint32_t count;
    int readable = pattern_match(head, text, names, values, &count, PATTERN_FIELD_LIMIT) && count == fields;
    for (uint32_t i = 0; readable && i < count; i++)
        readable = values[i].text == e->out->bytes + marks[i];
    if (!readable)
        return report_head(e, value, text, head);
    if (keyed) {
        Str kept = arena_str(e->session->arena, text);
        text_cut(e->out, start);
        text_add(e->out, type->head_keys[0]);
        text_add_char(e->out, '=');
        text_add(e->out, kept);
    }
    return 1;
}

/* `model=macaddr` or `model`: the first field's text is the key of the second. */
static int encode_variant(Encoder *e, const Type *type, const Value *value, uint8_t *done) {
    const TypeField *key = type_field(type->fields, type->field_count, type->variant[0]);
    const TypeField *carried = type->variant[1] ? type_field(type->fields, type->field_count, type->variant[1]) : NULL;
    const Value *first = key ? record_get(value->as.record, key->name) : NULL;
    const Value *second = carried ? record_get(value->as.record, carried->name) : NULL;
    if (!is_given(first))
        return 1;
    done[key - type->fields] = 1;
    if (!encode_property(e, key, first))
        return 0;
    if (!is_given(second))
        return 1;
    done[carried - type->fields] = 1;
    text_add_char(e->out, '=');
    return encode_property(e, carried, second);
}

/* Keys that the type does not know, as the host has them: whoever writes a property string writes all of it. */
static int encode_foreign(Encoder *e, const Type *type, const Record *record, size_t start) {
    static const Type text = {.kind = TYPE_STRING};
    TypeField plain = {.type = &text};
    for (uint32_t i = 0; i < record->count; i++) {
        const Field *field = &record->fields[i];
        if (field->value->kind != VALUE_STRING || type_field(type->fields, type->field_count, field->name))
            continue;
        /* A beginning that fits no form keeps its place without a key. */
        if (!field->name->length) {
            if (e->out->length > start)
                text_add_char(e->out, ',');
            text_add(e->out, field->value->as.string);
        } else if (!encode_pair(e, start, name_str(field->name), &plain, field->value))
            return 0;
    }
    return 1;
}

static int is_of_head(const Type *type, Str name) {
    Str piece;
    int is_field;
    for (uint32_t i = 0; i < type->head_count; i++)
        for (Str rest = type->heads[i]; pattern_next(&rest, &piece, &is_field);)
            if (is_field && str_equal(piece, name))
                return 1;
    return 0;
}

/* Where the leading part has a key of its own, it must be there, and what belongs to one of its forms can't be written in another way. */
static int lead_check(Encoder *e, const Type *type, const Value *value, size_t start, const uint8_t *done) {
    Diagnostic *d;
    if (e->out->length == start && !record_get(value->as.record, e->session->words.empty)) {
        eval_problem(e->session, CODE_CODEC_LEAD, place_of(e, value), value, &d, "this does not say what it is about");
        diag_help(e->session->diagnostics, d, "its text for the host begins with %.*s%s", (int)type->heads[0].length, type->heads[0].text,
                  type->head_count > 1 ? ", or the like" : "");
        return 0;
    }
    for (uint32_t i = 0; i < type->field_count; i++) {
        const Value *field = done[i] ? NULL : record_get(value->as.record, type->fields[i].name);
        if (!is_given(field) || !is_of_head(type, name_str(type->fields[i].name)))
            continue;
        eval_problem(e->session, CODE_CODEC_LEAD, place_of(e, field), field, &d, "`%s` does not go with what else is written here", type->fields[i].name->text);
        diag_help(e->session->diagnostics, d, "the text for the host has one beginning: keep the one or the other");
        return 0;
    }
    return 1;
}

static int encode_record(Encoder *e, const Type *type, const Value *value) {
    const Record *record = value->as.record;
    size_t start = e->out->length;
    uint8_t *done = ARENA_ARRAY(e->session->arena, uint8_t, type->field_count + 1);
    if (type->variant[0] && !encode_variant(e, type, value, done))
        return 0;
    for (uint32_t i = 0; e->out->length == start && i < type->head_count; i++)
        if (head_fits(type, type->heads[i], record)) {
            if (!encode_head(e, type, type->heads[i], value, done))
                return 0;
            break;
        }
    if (type->head_key_count && !lead_check(e, type, value, start, done))
        return 0;
    for (uint32_t i = 0; i < type->field_count; i++) {
        const Value *field = done[i] ? NULL : record_get(record, type->fields[i].name);
        if (is_given(field) && !encode_pair(e, start, type->fields[i].codec.property, &type->fields[i], field))
            return 0;
    }
    return encode_foreign(e, type, record, start);
}

static int encode_map(Encoder *e, const Type *type, const Codec *codec, const Value *value) {
    size_t start = e->out->length;
    TypeField field = {.type = type->element, .codec = *codec};
    for (uint32_t i = 0; i < value->as.record->count; i++) {
        Str key = name_str(value->as.record->fields[i].name);
        if (slice_find_char(key, ',', 0) < key.length || slice_find_char(key, '=', 0) < key.length || !key.length)
            return report_no_text(e, value, "a key of a `key=value,key=value` text is empty or holds ',' or '='");
        if (!encode_pair(e, start, key, &field, value->as.record->fields[i].value))
            return 0;
    }
    return 1;
}

static int encode_fields(Encoder *e, const Type *type, const Codec *codec, const Value *value) {
    if (type->kind == TYPE_TAGGED && !type->field_count)
        text_add(e->out, name_str(type->tag));
    else if (type->kind == TYPE_RECORD || type->kind == TYPE_TAGGED)
        return encode_record(e, type, value);
    else if (type->kind == TYPE_MAP)
        return encode_map(e, type, codec, value);
    else
        json_write(value, JSON_COMPACT_SORTED, 0, e->out);
    return 1;
}

/* ---- the whole ---- */

static int encode_one(Encoder *e, const Type *type, const Codec *codec, const Value *value) {
    switch ((ValueKind)value->kind) {
    case VALUE_POISON: return 0;
    case VALUE_NONE: case VALUE_UNSET: return report_no_text(e, value, "there is no value");
    case VALUE_UNKNOWN: return report_no_text(e, value, "a part of it is known only after apply");
    case VALUE_BOOL: text_add(e->out, codec->truth[value->as.boolean ? 0 : 1]); return 1;
    case VALUE_INT: text_addf(e->out, "%lld", (long long)value->as.integer); return 1;
    case VALUE_FLOAT: double_print(value->as.number, e->out); return 1;
    case VALUE_PERCENT:
        double_print(value->as.number, e->out);
        if (codec->suffix)
            text_add_char(e->out, '%');
        return 1;
    case VALUE_STRING: text_add(e->out, value->as.string); return 1;
    case VALUE_SIZE: case VALUE_DURATION: case VALUE_RATE: return encode_quantity(e, codec, value);
    case VALUE_IP: address_print(value->as.address, 0, e->out); return 1;
    case VALUE_CIDR: address_print(value->as.address, 1, e->out); return 1;
    case VALUE_MAC: mac_print(value->as.integer, e->out); return 1;
    case VALUE_LIST:
        if (type->kind == TYPE_LIST)
            return encode_list(e, type->element, codec, value);
        json_write(value, JSON_COMPACT_SORTED, 0, e->out);
        return 1;
    case VALUE_RECORD: return encode_fields(e, type, codec, value);
    case VALUE_REFERENCE: return encode_reference(e, value);
    }
    return 0;
}

static int is_zero(const Value *value) {
    return (value->kind == VALUE_FLOAT || value->kind == VALUE_PERCENT) ? value->as.number == 0.0
           : (value->kind == VALUE_INT || value->kind == VALUE_SIZE || value->kind == VALUE_DURATION || value->kind == VALUE_RATE) &&
                 value->as.integer == 0;
}

/* What the option `zero` stands for: nothing at all. */
static int is_nothing(const Value *value) {
    return is_zero(value) || (value->kind == VALUE_LIST && !value->as.list.count);
}

static int encode(Encoder *e, const Type *type, const Codec *codec, const Value *value) {
    if (e->depth >= TREE_DEPTH_LIMIT)
        return report_no_text(e, value, "it is nested too deep");
    type = codec_member(e->session, type, value);
    if (codec->zero.length && is_nothing(value)) {
        text_add(e->out, codec->zero);
        return 1;
    }
    if (type->kind == TYPE_JSON && value->kind != VALUE_POISON && value->kind != VALUE_UNKNOWN) {
        json_write(value, JSON_COMPACT_SORTED, 0, e->out);
        return 1;
    }
    e->depth++;
    int written = encode_one(e, type, codec, value);
    e->depth--;
    return written;
}

int codec_encode(Session *session, const Type *type, const Codec *codec, const Value *value, Span span, Text *out) {
    Text text = {0};
    Encoder encoder = {session, span, &text, 0};
    int written = encode(&encoder, type, codec, value);
    if (written)
        text_add(out, text_str(&text));
    text_fini(&text);
    return written;
}

Str codec_digest(Arena *arena, Str text) {
    Str digest = hash_sha256(arena, text);
    return arena_printf(arena, "sha256:%.*s", (int)digest.length, digest.text);
}
