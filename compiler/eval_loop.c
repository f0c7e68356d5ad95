/* Comprehensions: [f(x) for x in xs if c] and { k: v for ... }. */
#include "compiler/state.h"

int cursor_open(Session *session, Cursor *cursor, const Value *collection, int keyed, Span span) {
    *cursor = (Cursor){.collection = collection, .keyed = keyed};
    if (collection->kind == VALUE_LIST || collection->kind == VALUE_RECORD)
        return 1;
    Diagnostic *d;
    if (collection->kind != VALUE_POISON)
        eval_problem(session, CODE_WRONG_KIND, span, collection, &d, "a loop runs over a list or a map, not %s", value_kind_phrase(collection->kind));
    return 0;
}

int cursor_next(Session *session, Cursor *cursor) {
    const Value *collection = cursor->collection;
    uint32_t at = cursor->at++;
    if (collection->kind == VALUE_LIST) {
        if (at >= collection->as.list.count)
            return 0;
        cursor->item = collection->as.list.items[at];
        if (cursor->keyed)
            cursor->key = value_integer(session->arena, cursor->item->origin, VALUE_INT, at);
        return 1;
    }
    if (at >= collection->as.record->count)
        return 0;
    const Field *field = &collection->as.record->fields[at];
    cursor->item = field->value;
    if (cursor->keyed)
        cursor->key = value_string(session->arena, field->span.file ? field->span : field->value->origin, name_str(field->name));
    return 1;
}

/* An element takes memory, not only time: counted like this, the bound on steps keeps a runaway list below a few hundred megabytes. */
enum { ELEMENT_STEPS = 10 };

typedef struct Collector {
    Session *session;
    const Loop *loop;
    VECTOR(const Value *) items;
    RecordBuilder fields;
    const Value *poison;
} Collector;

static void collect_value(Collector *c, const Frame *frame) {
    Session *session = c->session;
    const Value *key = c->loop->key ? eval(session, c->loop->key, frame) : NULL;
    const Value *value = eval(session, c->loop->value, frame);
    session->steps += ELEMENT_STEPS;
    if (value->kind == VALUE_POISON || (key && key->kind == VALUE_POISON)) {
        const Value *poison = value->kind == VALUE_POISON ? value : key;
        if (!(poison->flags & VALUE_LEFT_OUT))
            c->poison = poison;
        return;
    }
    if (!key) {
        VECTOR_PUSH(session->arena, &c->items, value);
        return;
    }
    Diagnostic *d;
    if (value_is_secret(key)) {
        c->poison = eval_problem(session, CODE_SECRET_KEY, c->loop->key->span, NULL, &d, "a secret can't be a key");
        return;
    }
    if (key->kind != VALUE_STRING && key->kind != VALUE_INT) {
        c->poison = eval_problem(session, CODE_WRONG_KIND, c->loop->key->span, key, &d, "a key is a string or an int, not %s",
                                 value_kind_phrase(key->kind));
        return;
    }
    Str text = key->kind == VALUE_STRING ? key->as.string : arena_printf(session->arena, "%lld", (long long)key->as.integer);
    const Name *name = name_intern(session->names, text);
    Field *earlier;
    if (value->kind == VALUE_NONE || record_add(&c->fields, name, value, key->origin, &earlier))
        return;
    const Value *poison = eval_problem(session, CODE_DUPLICATE_FIELD, c->loop->key->span, key, &d, "the key `%s` occurs twice", name->text);
    diag_also(session->diagnostics, d, earlier->span, "first here");
    if (!(poison->flags & VALUE_LEFT_OUT))
        c->poison = poison;
}

/* What a round of a loop may have kept: elements, poison, or a `where` that was asked for and remembers its value. */
typedef struct RoundMark {
    ArenaMark arena;
    uint32_t items, fields;
    uint64_t memos;
    const Value *poison;
} RoundMark;

static void round_release(const Collector *c, RoundMark *mark) {
    if (mark->items == c->items.count && mark->fields == c->fields.fields.count && mark->memos == c->session->memos && mark->poison == c->poison)
        arena_release(c->session->scratch, mark->arena);
    *mark = (RoundMark){arena_mark(c->session->scratch), c->items.count, c->fields.fields.count, c->session->memos, c->poison};
}

static void collect_generator(Collector *c, uint32_t number, const Frame *frame) {
    if (number == c->loop->count) {
        collect_value(c, frame);
        return;
    }
    Session *session = c->session;
    const Generator *generator = &c->loop->generators[number];
    const Value *collection = eval(session, generator->collection, frame);
    Cursor cursor;
    if (!cursor_open(session, &cursor, collection, generator->key.name != NULL, generator->collection->span)) {
        if (collection->kind != VALUE_POISON || !(collection->flags & VALUE_LEFT_OUT))
            c->poison = value_poison(session->arena, generator->collection->span, 0);
        return;
    }
    /* A round that kept nothing leaves nothing behind in the scratch arena: most rounds of a check are such. */
    int scratch = session->arena == session->scratch;
    RoundMark mark = {.items = UINT32_MAX};
    while (!session->suspended && session->steps <= EVAL_STEP_LIMIT) {
        if (scratch)
            round_release(c, &mark);
        if (!cursor_next(session, &cursor))
            break;
        session->steps++;
        const Frame *inner = frame_local(session->arena, frame, generator->item.name, cursor.item);
        if (generator->key.name)
            inner = frame_local(session->arena, inner, generator->key.name, cursor.key);
        if (generator->condition) {
            const Value *poison;
            int condition = eval_condition(session, generator->condition, inner, &poison);
            int unjudged = condition < 0 && poison->kind == VALUE_UNKNOWN && session->judging;
            if (condition < 0 && !unjudged && !(poison->flags & VALUE_LEFT_OUT))
                c->poison = poison;
            if (condition <= 0)
                continue;
        }
        collect_generator(c, number + 1, inner);
    }
}

const Value *eval_loop(Session *session, const Expr *expr, const Frame *frame) {
    Collector c = {.session = session, .loop = expr->as.loop, .fields = {.arena = session->arena}};
    collect_generator(&c, 0, frame);
    if (session->suspended)
        return session->suspension;
    if (session->steps > EVAL_STEP_LIMIT)
        return eval_limit(session, expr->span);
    if (c.poison)
        return c.poison;
    return eval_bounded(session, expr->span, c.loop->key ? record_finish(&c.fields, expr->span, NULL)
                                                         : value_list(session->arena, expr->span, c.items.items, c.items.count));
}
