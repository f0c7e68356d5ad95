/* What the library's checks ask for, by the calls in their texts. */
#include "compiler/idle.h"

#include "compiler/lookup.h"
#include "compiler/slice.h"
#include "compiler/state.h"

/* What a declaration asks for by `all`, itself or by the functions that it calls. */
typedef enum Asks {
    ASKS_UNKNOWN,
    ASKS_NOTHING,       /* also while it is being found out: what calls itself asks for nothing new by that */
    ASKS_IN_VAIN,       /* only for what the site has none of */
    ASKS_FOR_SOME
} Asks;

struct Idle {
    Session *session;
    uint8_t *present;   /* by the numbers of schemas: the site has such resources */
    Lookup *asks;       /* name of a function to its Asks */
};

Idle *idle_new(Session *session) {
    Idle *idle = ARENA_NEW(session->arena, Idle);
    idle->session = session;
    idle->present = ARENA_ARRAY(session->arena, uint8_t, session->schemas.count + 1);
    idle->asks = lookup_new(session->arena);
    for (uint32_t i = 0; i < session->instances.count; i++)
        idle->present[session->instances.items[i]->schema->number] = 1;
    return idle;
}

/* ---- calls in a text ---- */

static int is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* Between names: two of them are a range. */
static int is_point(Str text, size_t at) {
    return text.text[at] == '.' && at && text.text[at - 1] != '.' && (at + 1 == text.length || text.text[at + 1] != '.');
}

/* The next call at or behind *at: the name before its parenthesis, with the names that it follows behind points, `pve.guests`. The library is
   formatted, so the parenthesis stands right behind it. 0 at the end. */
static int call_next(Str text, size_t *at, Str *name) {
    while ((*at = slice_find_char(text, '(', *at)) < text.length) {
        size_t end = (*at)++, start = end;
        while (start && (is_word(text.text[start - 1]) || is_point(text, start - 1)))
            start--;
        *name = slice(text, start, end);
        if (name->length)
            return 1;
    }
    return 0;
}

/* The name that an argument begins with. */
static Str argument_name(Str text, size_t at) {
    size_t end = at;
    while (end < text.length && (is_word(text.text[end]) || is_point(text, end)))
        end++;
    return slice(text, at, end);
}

static const Binding *declared(const Idle *idle, Str name) {
    const Name *known = name_find(idle->session->names, name);
    return known ? scope_peek(idle->session->prelude, known) : NULL;
}

/* ---- what is asked for ---- */

static Asks asks_of_text(Idle *idle, Str text, int depth);

enum { DEPTH_LIMIT = 40 };  /* of functions that call each other: deeper, they are taken to ask for something */

static Asks asks_of_function(Idle *idle, const Binding *function, int depth) {
    Str name = name_str(function->name);
    Asks known = (Asks)*lookup_slot(idle->asks, name);
    if (known != ASKS_UNKNOWN)
        return known;
    if (depth > DEPTH_LIMIT)
        return ASKS_FOR_SOME;
    *lookup_slot(idle->asks, name) = ASKS_NOTHING;
    Asks asks = asks_of_text(idle, source_text(idle->session->sources, function->decl->span), depth + 1);
    *lookup_slot(idle->asks, name) = asks;
    return asks;
}

/* `all(NAME)`: of what is no resource type or component nobody can ask. */
static Asks asks_by_all(const Idle *idle, Str name) {
    const Session *session = idle->session;
    const Binding *binding = declared(idle, name);
    if (!binding || (binding->kind != BINDING_SCHEMA && binding->kind != BINDING_COMPONENT))
        return ASKS_NOTHING;
    int some = binding->kind == BINDING_SCHEMA && idle->present[binding->schema->number];
    for (uint32_t i = 0; binding->kind == BINDING_COMPONENT && i < session->groups.count; i++)
        some |= session->groups.items[i]->component == binding;
    return some ? ASKS_FOR_SOME : ASKS_IN_VAIN;
}

static Asks asks_of_text(Idle *idle, Str text, int depth) {
    Asks asks = ASKS_NOTHING;
    Str name;
    for (size_t at = 0; asks != ASKS_FOR_SOME && call_next(text, &at, &name);) {
        const Binding *binding = declared(idle, name);
        Asks more = ASKS_NOTHING;
        if (str_equal(name, STR("all")))
            more = asks_by_all(idle, argument_name(text, at));
        else if (binding && binding->kind == BINDING_FUNCTION)
            more = asks_of_function(idle, binding, depth);
        if (more > asks)
            asks = more;
    }
    return asks;
}

int idle_check(Idle *idle, const Decl *head) {
    return asks_of_text(idle, source_text(idle->session->sources, head->span), 0) == ASKS_IN_VAIN;
}
