/* Lists and records as they are written, changed by `with`, and indexed. */
#include "compiler/state.h"

const Value *eval_bounded(Session *session, Span span, const Value *made) {
    if (made->kind == VALUE_POISON && !session->limit_reported++)
        diag_error(session->diagnostics, CODE_COST, span, "this value is too large, or too deep: lists and records nest %d levels", (int)VALUE_DEPTH_LIMIT);
    return made;
}

const Value *eval_list(Session *session, const Expr *expr, const Frame *frame) {
    uint32_t count = expr->as.list.count, kept = 0;
    const Value **items = ARENA_ARRAY(session->arena, const Value *, count ? count : 1);
    const Value *poison = NULL;
    for (uint32_t i = 0; i < count; i++) {
        const Value *value = eval(session, expr->as.list.items[i], frame);
        if (value->kind != VALUE_POISON)
            items[kept++] = value;
        else if (!(value->flags & VALUE_LEFT_OUT))
            poison = value;
    }
    return poison ? poison : eval_bounded(session, expr->span, value_list(session->arena, expr->span, items, kept));
}

static const Name *entry_key(Session *session, const Entry *entry, const Frame *frame, Span *span, const Value **poison) {
    if (entry->name) {
        *span = entry->name_span;
        return entry->name;
    }
    const Value *key = eval(session, entry->key, frame);
    *span = origin_of(session, entry->key->span, key, NULL);
    Diagnostic *d;
    if (key->kind == VALUE_STRING && !(key->flags & VALUE_SECRET))
        return name_intern(session->names, key->as.string);
    if (key->kind == VALUE_INT)
        return name_intern(session->names, arena_printf(session->arena, "%lld", (long long)key->as.integer));
    *poison = key->kind == VALUE_POISON ? key
              : value_is_secret(key)
                  ? eval_problem(session, CODE_SECRET_KEY, entry->key->span, NULL, &d, "a secret can't be a key")
                  : eval_problem(session, CODE_WRONG_KIND, entry->key->span, key, &d, "a key is a string or an int, not %s",
                                 value_kind_phrase(key->kind));
    return NULL;
}

const Value *eval_record(Session *session, const Expr *expr, const Frame *frame) {
    RecordBuilder builder = {.arena = session->arena};
    const Value *poison = NULL;
    record_reserve(&builder, expr->as.record.count);
    for (uint32_t i = 0; i < expr->as.record.count; i++) {
        const Entry *entry = &expr->as.record.items[i];
        Span span;
        const Name *key = entry_key(session, entry, frame, &span, &poison);
        const Value *value = eval(session, entry->value, frame);
        if (!key || value->kind == VALUE_NONE || (value->kind == VALUE_POISON && value->flags & VALUE_LEFT_OUT))
            continue;
        if (value->kind == VALUE_POISON)
            poison = value;
        Field *earlier;
        if (!record_add(&builder, key, value, span, &earlier)) {
            Diagnostic *d = diag_error(session->diagnostics, CODE_DUPLICATE_FIELD, span, "`%s` is written twice", key->text);
            diag_also(session->diagnostics, d, earlier->span, "first here");
            if (entry->name)
                diag_fix_remove(session->diagnostics, d, span_join(entry->name_span, entry->value->span));
            poison = value_poison(session->arena, span, 0);
        }
    }
    return poison ? poison : eval_bounded(session, expr->span, record_finish(&builder, expr->span, NULL));
}

/* `left with { x = 1, y = none }` */
const Value *eval_with(Session *session, const Expr *expr, const Frame *frame) {
    const Value *base = eval(session, expr->as.binary.left, frame);
    if (base->kind == VALUE_POISON)
        return base;
    const Expr *right = expr->as.binary.right;
    Diagnostic *d;
    if (base->kind != VALUE_RECORD || right->kind != EXPR_RECORD)
        return eval_problem(session, CODE_WRONG_KIND, expr->span, base, &d, "`with` changes a record, not %s", value_kind_phrase(base->kind));
    /* A copy is of the type of what it was copied from, so that optional fields that are not there still read as none. */
    RecordBuilder builder = {.arena = session->arena, .shape = base->as.record->shape}, changes = {.arena = session->arena};
    for (uint32_t i = 0; i < right->as.record.count; i++) {
        const Value *poison = NULL;
        Span span;
        const Name *key = entry_key(session, &right->as.record.items[i], frame, &span, &poison);
        const Value *value = eval(session, right->as.record.items[i].value, frame);
        if (!key || value->kind == VALUE_POISON)
            return poison ? poison : value;
        record_add(&changes, key, value, span, NULL);
    }
    const Record *change = record_finish(&changes, expr->span, NULL)->as.record;
    for (uint32_t i = 0; i < base->as.record->count; i++)
        if (!record_get(change, base->as.record->fields[i].name))
            record_add(&builder, base->as.record->fields[i].name, base->as.record->fields[i].value, base->as.record->fields[i].span, NULL);
    for (uint32_t i = 0; i < change->count; i++)
        if (change->fields[i].value->kind != VALUE_NONE)
            record_add(&builder, change->fields[i].name, change->fields[i].value, change->fields[i].span, NULL);
    const Value *result = record_finish(&builder, origin_of(session, expr->span, base, NULL), base->as.record->tag);
    return value_flagged(session->arena, result, base->flags & VALUE_SECRET);
}

const Value *eval_index(Session *session, const Expr *expr, const Frame *frame) {
    const Value *base = eval(session, expr->as.index.base, frame), *index = eval(session, expr->as.index.index, frame);
    if (base->kind == VALUE_POISON || base->kind == VALUE_UNKNOWN)
        return base;
    if (index->kind == VALUE_POISON)
        return index;
    Diagnostic *d;
    Span span = expr->as.index.index->span;
    if (base->kind == VALUE_LIST) {
        if (index->kind != VALUE_INT)
            return eval_problem(session, CODE_WRONG_KIND, span, index, &d, "a list is indexed by an int, not %s", value_kind_phrase(index->kind));
        if (index->as.integer < 0 || index->as.integer >= base->as.list.count)
            return eval_problem(session, CODE_NO_ELEMENT, span, index, &d, "there is no element %lld in a list of %u",
                                (long long)index->as.integer, base->as.list.count);
        return base->as.list.items[index->as.integer];
    }
    if (base->kind != VALUE_RECORD)
        return eval_problem(session, CODE_WRONG_KIND, expr->as.index.base->span, base, &d, "only lists and maps have elements, not %s",
                            value_kind_phrase(base->kind));
    if (index->kind != VALUE_STRING && index->kind != VALUE_INT)
        return eval_problem(session, CODE_WRONG_KIND, span, index, &d, "a map is indexed by a string, not %s", value_kind_phrase(index->kind));
    Str key = index->kind == VALUE_STRING ? index->as.string : arena_printf(session->arena, "%lld", (long long)index->as.integer);
    const Name *name = name_find(session->names, key);
    const Value *value = name ? record_get(base->as.record, name) : NULL;
    if (value)
        return value;
    Suggestion suggestion = suggestion_for(key);
    for (uint32_t i = 0; i < base->as.record->count; i++)
        suggestion_offer(&suggestion, name_str(base->as.record->fields[i].name));
    const Value *poison = eval_problem(session, CODE_NO_ELEMENT, span, index, &d, "there is no `%.*s` here", (int)key.length, key.text);
    diag_also(session->diagnostics, d, base->origin, "the map has %u %s", base->as.record->count, base->as.record->count == 1 ? "key" : "keys");
    suggestion_tell(&suggestion, session->diagnostics, d, span);
    return poison;
}
