/* Functions of lists and maps. All are linear (sorting: n log n) in what they are given. */
#include <stdlib.h>
#include <string.h>

#include "compiler/builtins.h"
#include "compiler/decode.h"

/* ---- counting ---- */

static int64_t count_characters(Str text) {
    int64_t count = 0;
    for (size_t i = 0; i < text.length; i++)
        count += ((unsigned char)text.text[i] & 0xC0) != 0x80;
    return count;
}

static const Value *call_len(const Call *call) {
    const Value *value = call->values[0];
    if (value->kind == VALUE_STRING)
        return call_number(call, count_characters(value->as.string));
    if (value->kind == VALUE_LIST)
        return call_number(call, value->as.list.count);
    if (value->kind == VALUE_RECORD)
        return call_number(call, value->as.record->count);
    return call_refuse(call, 0, "a list, a map or a string");
}

static int is_integral(const Value *value) {
    return value->kind == VALUE_INT || value->kind == VALUE_SIZE || value->kind == VALUE_DURATION || value->kind == VALUE_RATE;
}

static int is_decimal(const Value *value) {
    return value->kind == VALUE_FLOAT || value->kind == VALUE_PERCENT;
}

static const Value *report_mixed(const Call *call, const Value *a, const Value *b, const char *what) {
    Diagnostic *d;
    if (a->kind == b->kind)
        return eval_problem(call->session, CODE_CALL_MIXED, call_span(call, 0), b, &d, "%s can't be %s", value_kind_phrase((ValueKind)a->kind), what);
    const Value *poison = eval_problem(call->session, CODE_CALL_MIXED, call_span(call, 0), b, &d, "%s and %s can't be %s",
                                       value_kind_phrase((ValueKind)a->kind), value_kind_phrase((ValueKind)b->kind), what);
    diag_help(call->session->diagnostics, d, "all elements must be of one kind");
    return poison;
}

static const Value *add(const Call *call, const Value *a, const Value *b) {
    Arena *arena = call->session->arena;
    if (a->kind == b->kind && is_integral(a)) {
        int64_t total;
        Diagnostic *d;
        if (__builtin_add_overflow(a->as.integer, b->as.integer, &total))
            return eval_problem(call->session, CODE_CALL_RANGE, call_span(call, 0), b, &d, "the sum does not fit 64 bits");
        return value_integer(arena, call->expr->span, (ValueKind)a->kind, total);
    }
    int a_number = a->kind == VALUE_INT || a->kind == VALUE_FLOAT, b_number = b->kind == VALUE_INT || b->kind == VALUE_FLOAT;
    if (!(a->kind == b->kind && is_decimal(a)) && !(a_number && b_number))
        return report_mixed(call, a, b, "added");
    double total = (is_integral(a) ? (double)a->as.integer : a->as.number) + (is_integral(b) ? (double)b->as.integer : b->as.number);
    return value_number(arena, call->expr->span, a->kind == VALUE_PERCENT ? VALUE_PERCENT : VALUE_FLOAT, total);
}

static const Value *call_sum(const Call *call) {
    const Value *const *items;
    uint32_t count;
    if (!call_list(call, 0, &items, &count))
        return call_poison(call);
    const Value *total = call->values[1], *unready = call_unready(items, count);
    if (unready)
        return unready;
    for (uint32_t i = 0; i < count; i++) {
        if (!is_integral(items[i]) && !is_decimal(items[i]))
            return report_mixed(call, total ? total : items[i], items[i], "added");
        total = total ? add(call, total, items[i]) : items[i];
        if (total->kind == VALUE_POISON)
            return total;
    }
    if (!total)
        total = value_integer(call->session->arena, call->expr->span, VALUE_INT, 0);
    return value_flagged(call->session->arena, call_value(call, total), call_flags(items, count));
}

/* ---- order ---- */

/* [sign] 1: the largest, -1: the smallest. */
static const Value *extreme(const Call *call, int sign) {
    const Value *const *items;
    uint32_t count;
    if (!call_list(call, 0, &items, &count))
        return call_poison(call);
    const Value *unready = call_unready(items, count);
    if (unready || !count)
        return unready ? unready : call_none(call);
    const Value *best = items[0];
    for (uint32_t i = 0; i < count; i++) {
        int order = value_compare(items[i], best);
        if (order == -2)
            return report_mixed(call, best, items[i], "compared");
        if (order * sign > 0)
            best = items[i];
    }
    return value_flagged(call->session->arena, best, call_flags(items, count));
}

static const Value *call_min(const Call *call) {
    return extreme(call, -1);
}

static const Value *call_max(const Call *call) {
    return extreme(call, 1);
}

typedef struct SortItem {
    const Value *key;
    const Value *value;
    uint32_t number;    /* equal keys stay in their order */
} SortItem;

static int sort_order(const void *left, const void *right) {
    const SortItem *a = left, *b = right;
    int order = value_compare(a->key, b->key);
    return order ? order : (a->number > b->number) - (a->number < b->number);
}

/* What an element is ordered or grouped by: its field [by], or itself; a resource by its address. */
static const Value *element_key(const Call *call, const Value *element, Str by) {
    Session *session = call->session;
    if (by.length)
        return eval_field(session, element, name_intern(session->names, by), call->expr->span, 0);
    if (element->kind == VALUE_REFERENCE)
        return value_string(session->arena, element->origin, element->as.reference->address);
    return element;
}

static const Value *call_sort(const Call *call) {
    const Value *const *items;
    uint32_t count;
    Str by = STR("");
    if (!call_list(call, 0, &items, &count) || (call->values[1] && !call_string(call, 1, &by)))
        return call_poison(call);
    const Value *unready = call_unready(items, count);
    if (unready)
        return unready;
    SortItem *sorted = ARENA_ARRAY(call->session->arena, SortItem, (size_t)count + 1);
    for (uint32_t i = 0; i < count; i++) {
        sorted[i] = (SortItem){element_key(call, items[i], by), items[i], i};
        if (sorted[i].key->kind == VALUE_POISON || sorted[i].key->kind == VALUE_UNKNOWN)
            return sorted[i].key;
        if (value_compare(sorted[0].key, sorted[i].key) == -2)
            return report_mixed(call, sorted[0].key, sorted[i].key, "ordered");
    }
    if (count > 1)
        qsort(sorted, count, sizeof *sorted, sort_order);
    const Value **result = ARENA_ARRAY(call->session->arena, const Value *, (size_t)count + 1);
    for (uint32_t i = 0; i < count; i++)
        result[i] = sorted[i].value;
    call_spend(call, count);
    return call_value(call, value_list(call->session->arena, call->expr->span, result, count));
}

/* ---- choosing ---- */

/* Values once each, to be asked for in constant time. */
typedef struct ValueSet {
    const Value **items;
    uint32_t count;
    uint32_t *slots;        /* number in [items] + 1, by the value's hash */
    uint32_t mask;
} ValueSet;

/* Room for [count] values. */
static ValueSet value_set(const Call *call, uint32_t count) {
    ValueSet set = {.mask = 16};
    while (set.mask < count * 2 && set.mask < 1u << 31)
        set.mask *= 2;
    set.slots = ARENA_ARRAY(call->session->arena, uint32_t, set.mask);
    set.items = ARENA_ARRAY(call->session->arena, const Value *, (size_t)count + 1);
    set.mask--;
    call_spend(call, count);
    return set;
}

static uint32_t *value_set_slot(const ValueSet *set, const Value *value) {
    uint32_t at = value_hash(value) & set->mask;
    while (set->slots[at] && !value_equal(set->items[set->slots[at] - 1], value))
        at = (at + 1) & set->mask;
    return &set->slots[at];
}

/* Does it take the value? Not where it has one like it. */
static int value_set_add(ValueSet *set, const Value *value) {
    uint32_t *slot = value_set_slot(set, value);
    if (*slot)
        return 0;
    set->items[set->count++] = value;
    *slot = set->count;
    return 1;
}

static const Value *call_unique(const Call *call) {
    const Value *const *items;
    uint32_t count;
    if (!call_list(call, 0, &items, &count))
        return call_poison(call);
    ValueSet set = value_set(call, count);
    for (uint32_t i = 0; i < count; i++)
        value_set_add(&set, items[i]);
    return call_value(call, value_list(call->session->arena, call->expr->span, set.items, set.count));
}

/* The elements of the first list that are among those of the second, or that are not. */
static const Value *chosen(const Call *call, int among) {
    const Value *const *items, *const *others;
    uint32_t count, other_count, kept = 0;
    if (!call_list(call, 0, &items, &count) || !call_list(call, 1, &others, &other_count))
        return call_poison(call);
    const Value *unready = call_unready(items, count);
    if (!unready)
        unready = call_unready(others, other_count);
    if (unready)
        return unready;
    ValueSet set = value_set(call, other_count);
    for (uint32_t i = 0; i < other_count; i++)
        value_set_add(&set, others[i]);
    const Value **result = ARENA_ARRAY(call->session->arena, const Value *, (size_t)count + 1);
    for (uint32_t i = 0; i < count; i++)
        if ((*value_set_slot(&set, items[i]) != 0) == among)
            result[kept++] = items[i];
    call_spend(call, count);
    uint8_t flags = call_flags(others, other_count);
    return value_flagged(call->session->arena, call_value(call, value_list(call->session->arena, call->expr->span, result, kept)), flags);
}

static const Value *call_intersection(const Call *call) {
    return chosen(call, 1);
}

static const Value *call_difference(const Call *call) {
    return chosen(call, 0);
}

static const Value *call_reverse(const Call *call) {
    const Value *const *items;
    uint32_t count;
    if (!call_list(call, 0, &items, &count))
        return call_poison(call);
    const Value **result = ARENA_ARRAY(call->session->arena, const Value *, (size_t)count + 1);
    for (uint32_t i = 0; i < count; i++)
        result[i] = items[count - 1 - i];
    call_spend(call, count);
    return call_value(call, value_list(call->session->arena, call->expr->span, result, count));
}

static const Value *call_flatten(const Call *call) {
    const Value *const *lists;
    uint32_t count;
    if (!call_list(call, 0, &lists, &count))
        return call_poison(call);
    const Value *unready = call_unready(lists, count);
    if (unready)
        return unready;
    VECTOR(const Value *) items = {0};
    for (uint32_t i = 0; i < count; i++) {
        Diagnostic *d;
        if (lists[i]->kind != VALUE_LIST)
            return eval_problem(call->session, CODE_WRONG_KIND, call_span(call, 0), lists[i], &d, "`flatten` wants a list of lists, and one is %s",
                                value_kind_phrase((ValueKind)lists[i]->kind));
        for (uint32_t k = 0; k < lists[i]->as.list.count; k++)
            VECTOR_PUSH(call->session->arena, &items, lists[i]->as.list.items[k]);
    }
    call_spend(call, items.count);
    return call_checked(call, value_list(call->session->arena, call->expr->span, items.items, items.count));
}

static const Value *call_first(const Call *call) {
    const Value *const *items;
    uint32_t count;
    if (!call_list(call, 0, &items, &count))
        return call_poison(call);
    return count ? items[0] : call_none(call);
}

static const Value *call_last(const Call *call) {
    const Value *const *items;
    uint32_t count;
    if (!call_list(call, 0, &items, &count))
        return call_poison(call);
    return count ? items[count - 1] : call_none(call);
}

static const Value *call_index_of(const Call *call) {
    const Value *const *items;
    uint32_t count;
    if (!call_list(call, 0, &items, &count))
        return call_poison(call);
    call_spend(call, count);
    for (uint32_t i = 0; i < count; i++)
        if (value_equal(items[i], call->values[1]))
            return call_number(call, i);
    return call_none(call);
}

/* Where a piece of a list of [count] begins or ends: past the end is the end. */
static int call_bound(const Call *call, uint32_t index, uint32_t count, uint32_t *bound) {
    int64_t at;
    Diagnostic *d;
    if (!call_int(call, index, &at))
        return 0;
    if (at < 0) {
        eval_problem(call->session, CODE_CALL_RANGE, call_span(call, index), call->values[index], &d, "a place in a list is counted from 0, and %lld is less",
                     (long long)at);
        return 0;
    }
    *bound = at < count ? (uint32_t)at : count;
    return 1;
}

static const Value *call_slice(const Call *call) {
    const Value *const *items;
    uint32_t count, first, end;
    if (!call_list(call, 0, &items, &count) || !call_bound(call, 1, count, &first))
        return call_poison(call);
    end = count;
    if (call->values[2] && !call_bound(call, 2, count, &end))
        return call_poison(call);
    if (end <= first)
        return call_value(call, value_list(call->session->arena, call->expr->span, NULL, 0));
    return call_value(call, value_list(call->session->arena, call->expr->span, items + first, end - first));
}

static const Value *call_range(const Call *call) {
    int64_t first = 0, end;
    Diagnostic *d;
    if (!call_int(call, 0, &end) || (call->values[1] && (first = end, !call_int(call, 1, &end))))
        return call_poison(call);
    uint64_t count = end > first ? (uint64_t)end - (uint64_t)first : 0;
    if (count > CALL_RANGE_LIMIT)
        return eval_problem(call->session, CODE_CALL_RANGE, call_span(call, 0), call->values[0], &d, "a range of more than %d numbers",
                            (int)CALL_RANGE_LIMIT);
    const Value **items = ARENA_ARRAY(call->session->arena, const Value *, count + 1);
    for (uint64_t i = 0; i < count; i++)
        items[i] = value_integer(call->session->arena, call->expr->span, VALUE_INT, first + (int64_t)i);
    call_spend(call, count);
    return call_value(call, value_list(call->session->arena, call->expr->span, items, (uint32_t)count));
}

/* ---- truth ---- */

/* Is there an element that is [wanted]? -1 with the value to pass on in *other where one is no bool. */
static int has_truth(const Call *call, int wanted, const Value **other) {
    const Value *const *items;
    uint32_t count;
    *other = NULL;
    if (!call_list(call, 0, &items, &count)) {
        *other = call_poison(call);
        return -1;
    }
    *other = call_unready(items, count);
    for (uint32_t i = 0; !*other && i < count; i++) {
        Diagnostic *d;
        if (items[i]->kind != VALUE_BOOL)
            *other = eval_problem(call->session, CODE_WRONG_KIND, call_span(call, 0), items[i], &d, "true or false is wanted here, not %s",
                                  value_kind_phrase((ValueKind)items[i]->kind));
        else if (items[i]->as.boolean == wanted)
            return 1;
    }
    return *other ? -1 : 0;
}

static const Value *call_any(const Call *call) {
    const Value *other;
    int found = has_truth(call, 1, &other);
    return found < 0 ? other : call_truth(call, found);
}

static const Value *call_every(const Call *call) {
    const Value *other;
    int found = has_truth(call, 0, &other);
    return found < 0 ? other : call_truth(call, !found);
}

/* ---- maps ---- */

static const Value *call_keys(const Call *call) {
    const Record *record = call_record(call, 0);
    if (!record)
        return call_poison(call);
    const Value **items = ARENA_ARRAY(call->session->arena, const Value *, (size_t)record->count + 1);
    for (uint32_t i = 0; i < record->count; i++) {
        Span span = record->fields[i].span.file ? record->fields[i].span : call->expr->span;
        items[i] = value_string(call->session->arena, span, name_str(record->fields[i].name));
    }
    return call_value(call, value_list(call->session->arena, call->expr->span, items, record->count));
}

static const Value *call_values(const Call *call) {
    const Record *record = call_record(call, 0);
    if (!record)
        return call_poison(call);
    const Value **items = ARENA_ARRAY(call->session->arena, const Value *, (size_t)record->count + 1);
    for (uint32_t i = 0; i < record->count; i++)
        items[i] = record->fields[i].value;
    return call_value(call, value_list(call->session->arena, call->expr->span, items, record->count));
}

static const Value *call_entries(const Call *call) {
    const Record *record = call_record(call, 0);
    if (!record)
        return call_poison(call);
    Arena *arena = call->session->arena;
    const Value **items = ARENA_ARRAY(arena, const Value *, (size_t)record->count + 1);
    for (uint32_t i = 0; i < record->count; i++) {
        const Field *field = &record->fields[i];
        Field *pair = ARENA_ARRAY(arena, Field, 2);
        Span span = field->span.file ? field->span : call->expr->span;
        pair[0] = (Field){call->session->words.key, value_string(arena, span, name_str(field->name)), span};
        pair[1] = (Field){call->session->words.value, field->value, span};
        items[i] = value_record(arena, span, NULL, pair, 2);
        if (items[i]->kind == VALUE_POISON)
            return call_checked(call, items[i]);
    }
    return call_checked(call, value_list(arena, call->expr->span, items, record->count));
}

static const Value *call_merge(const Call *call) {
    const Value *const *maps;
    uint32_t count;
    if (!call_list(call, 0, &maps, &count))
        return call_poison(call);
    const Value *unready = call_unready(maps, count);
    if (unready)
        return unready;
    RecordBuilder builder = {.arena = call->session->arena};
    for (uint32_t i = 0; i < count; i++) {
        Diagnostic *d;
        if (maps[i]->kind != VALUE_RECORD)
            return eval_problem(call->session, CODE_WRONG_KIND, call_span(call, 0), maps[i], &d, "`merge` wants a list of maps, and one is %s",
                                value_kind_phrase((ValueKind)maps[i]->kind));
        for (uint32_t k = 0; k < maps[i]->as.record->count; k++) {
            const Field *field = &maps[i]->as.record->fields[k];
            record_put(&builder, field->name, field->value, field->span);
        }
        call_spend(call, maps[i]->as.record->count);
    }
    return call_checked(call, record_finish(&builder, call->expr->span, NULL));
}

/* The field that the second argument names; 0 after a report. */
static int key_field(const Call *call, const Field **field) {
    const Record *record = call_record(call, 0);
    const Value *key = call->values[1];
    if (!record)
        return 0;
    if (key->kind != VALUE_STRING && key->kind != VALUE_INT) {
        call_refuse(call, 1, "a string as the key");
        return 0;
    }
    Str text = key->kind == VALUE_STRING ? key->as.string : arena_printf(call->session->arena, "%lld", (long long)key->as.integer);
    const Name *name = name_find(call->session->names, text);
    *field = name ? record_field(record, name) : NULL;
    return 1;
}

static const Value *call_get(const Call *call) {
    const Field *field;
    if (!key_field(call, &field))
        return call_poison(call);
    if (field)
        return value_flagged(call->session->arena, field->value, call->values[0]->flags & VALUE_SECRET);
    return call->values[2] ? call->values[2] : call_none(call);
}

static const Value *call_has(const Call *call) {
    const Field *field;
    if (!key_field(call, &field))
        return call_poison(call);
    return call_truth(call, field != NULL);
}

/* ---- groups ---- */

typedef struct GroupList { VECTOR(const Value *) items; } GroupList;

/* The text of what an element is grouped by, or NULL with the value to pass on in *other. */
static const Name *group_key(const Call *call, const Value *element, Str by, const Value **other) {
    Session *session = call->session;
    const Value *key = element_key(call, element, by);
    uint8_t flags = 0;
    Diagnostic *d;
    *other = key;
    if (key->kind == VALUE_POISON || key->kind == VALUE_UNKNOWN)
        return NULL;
    Text text = {0};
    const Name *name = NULL;
    if (!value_to_text(session, key, call->expr->span, &text, &flags))
        *other = call_poison(call);
    else if (flags & VALUE_SECRET)
        *other = eval_problem(session, CODE_SECRET_KEY, call->expr->span, key, &d, "a secret can't be a key");
    else
        name = name_intern(session->names, text_str(&text));
    text_fini(&text);
    return name;
}

static const Value *call_group(const Call *call) {
    const Value *const *items, *other;
    uint32_t count;
    Str by;
    if (!call_list(call, 0, &items, &count) || !call_string(call, 1, &by))
        return call_poison(call);
    Arena *arena = call->session->arena;
    /* The builder maps each key to the number of its list; the lists take the numbers' places once all are full. */
    RecordBuilder builder = {.arena = arena};
    GroupList *groups = ARENA_ARRAY(arena, GroupList, (size_t)count + 1);
    for (uint32_t i = 0; i < count; i++) {
        const Name *name = group_key(call, items[i], by, &other);
        if (!name)
            return other;
        Field *field = NULL;
        if (record_add(&builder, name, items[i], call->expr->span, &field))
            field = &builder.fields.items[builder.fields.count - 1];
        GroupList *group = &groups[field - builder.fields.items];
        VECTOR_PUSH(arena, &group->items, items[i]);
    }
    for (uint32_t i = 0; i < builder.fields.count; i++)
        builder.fields.items[i].value = value_list(arena, call->expr->span, groups[i].items.items, groups[i].items.count);
    call_spend(call, count);
    return call_checked(call, record_finish(&builder, call->expr->span, NULL));
}

const Builtin builtins_collection[] = {
    {"len", "len(value: [T] | {string: T} | string): int", "How many elements, keys or characters there are.", "len([1, 2]) == 2", call_len, 0, 0},
    {"sum", "sum(values: [number], start?: number): number",
     "The sum of numbers, sizes, durations or rates; of an empty list `start`, else 0.", "sum([1GiB, 512MiB], 0B) == 1536MiB", call_sum, 0, 0},
    {"min", "min(values: [T]): T", "The smallest element; `none` of an empty list.", "min([3, 1, 2]) == 1", call_min, 0, 0},
    {"max", "max(values: [T]): T", "The largest element; `none` of an empty list.", "max([3, 1, 2]) == 3", call_max, 0, 0},
    {"sort", "sort(values: [T], by?: string): [T]",
     "The elements in order, or in the order of their field `by`; resources by address.",
     "sort([{ n = 2 }, { n = 1 }], \"n\")[0].n == 1", call_sort, 0, 0},
    {"unique", "unique(values: [T]): [T]", "Each element once, where it first stood.", "unique([1, 2, 1]) == [1, 2]", call_unique, 0, 0},
    {"intersection", "intersection(values: [T], others: [T]): [T]", "The elements that are also among the others, in their order.",
     "intersection([3, 1, 2], [1, 3]) == [3, 1]", call_intersection, 0, 0},
    {"difference", "difference(values: [T], others: [T]): [T]", "The elements that are not among the others, in their order.",
     "difference([3, 1, 2], [1, 3]) == [2]", call_difference, 0, 0},
    {"reverse", "reverse(values: [T]): [T]", "The elements from the last to the first.", "reverse([1, 2]) == [2, 1]", call_reverse, 0, 0},
    {"flatten", "flatten(lists: [[T]]): [T]", "The elements of the lists in one list.", "flatten([[1], [2, 3]]) == [1, 2, 3]", call_flatten, 0, 0},
    {"first", "first(values: [T]): T", "The first element; `none` of an empty list.", "first([1, 2]) == 1", call_first, 0, BUILTIN_PICK},
    {"last", "last(values: [T]): T", "The last element; `none` of an empty list.", "last([1, 2]) == 2", call_last, 0, BUILTIN_PICK},
    {"index_of", "index_of(values: [T], value: T): int", "Where the value first stands, from 0; `none` where it does not.",
     "index_of([\"a\", \"b\"], \"b\") == 1", call_index_of, 0, 0},
    {"slice", "slice(values: [T], first: int, end?: int): [T]", "The elements from the place `first`, counted from 0, up to, but without, `end`.",
     "slice([1, 2, 3], 1) == [2, 3] and slice([1, 2, 3], 0, 1) == [1]", call_slice, 0, 0},
    {"range", "range(first: int, end?: int): [int]", "The ints from `first` up to, but without, `end`; with one argument from 0.",
     "range(2) + range(5, 7) == [0, 1, 5, 6]", call_range, 0, 0},
    {"any", "any(values: [bool]): bool", "Is an element true?", "any([false, true])", call_any, 0, 0},
    {"every", "every(values: [bool]): bool", "Are all elements true? Of an empty list they are.", "every([true, true])", call_every, 0, 0},
    {"keys", "keys(map: {string: T}): [string]", "The keys of a map or record.", "keys({ a = 1, b = 2 }) == [\"a\", \"b\"]", call_keys, 0, 0},
    {"values", "values(map: {string: T}): [T]", "The values of a map or record.", "values({ a = 1, b = 2 }) == [1, 2]", call_values, 0, 0},
    {"entries", "entries(map: {string: T}): [{ key: string, value: T }]", "Keys with their values.",
     "entries({ a = 1 })[0].key == \"a\"", call_entries, 0, 0},
    {"merge", "merge(maps: [{string: T}]): {string: T}", "All keys in one map; where several have a key the last counts.",
     "merge([{ a = 1, b = 1 }, { b = 2 }]) == { a = 1, b = 2 }", call_merge, 0, 0},
    {"get", "get(map: {string: T}, key: string, otherwise?: T): T", "The value of the key; `otherwise`, or `none`, where there is none.",
     "get({ \"a b\": 1 }, \"c\", 2) == 2", call_get, 0, BUILTIN_PICK},
    {"has", "has(map: {string: T}, key: string): bool", "Is there such a key?", "has({ a = 1 }, \"a\")", call_has, 0, 0},
    {"group", "group(values: [T], by: string): {string: [T]}", "Lists of the elements that have the same field `by`, under its text.",
     "len(group([{ t = \"x\" }, { t = \"y\" }, { t = \"x\" }], \"t\")[\"x\"]) == 2", call_group, 0, 0},
};
const uint32_t builtins_collection_count = sizeof builtins_collection / sizeof *builtins_collection;
