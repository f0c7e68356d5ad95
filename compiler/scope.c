/* Scopes: hash tables from names to what they are declared to be. */
#include "compiler/scope.h"

typedef struct ScopeEntry { const Name *name; Binding *binding; } ScopeEntry;

struct Scope {
    Arena *arena;
    VECTOR(ScopeEntry) entries;
    uint32_t *index;    /* entry number + 1 */
    uint32_t mask;
    uint32_t *near;     /* the entry that was found last: that, or the next one, is often what is asked for now */
    ScopeRead *read;    /* or NULL */
    void *context;
};

Scope *scope_new(Arena *arena) {
    Scope *scope = ARENA_NEW(arena, Scope);
    scope->arena = arena;
    scope->near = ARENA_NEW(arena, uint32_t);
    return scope;
}

Scope *scope_new_unread(Arena *arena, ScopeRead *read, void *context) {
    Scope *scope = scope_new(arena);
    scope->read = read;
    scope->context = context;
    return scope;
}

static uint32_t *scope_slot(const Scope *scope, const Name *name) {
    uint32_t at = name->hash & scope->mask;
    while (scope->index[at] && scope->entries.items[scope->index[at] - 1].name != name)
        at = (at + 1) & scope->mask;
    return &scope->index[at];
}

static void scope_index_grow(Scope *scope) {
    uint32_t size = scope->mask ? (scope->mask + 1) * 2 : 16;
    arena_drop(scope->arena, scope->index, size / 2 * sizeof *scope->index);
    scope->index = ARENA_ARRAY(scope->arena, uint32_t, size);
    scope->mask = size - 1;
    for (uint32_t i = 0; i < scope->entries.count; i++)
        *scope_slot(scope, scope->entries.items[i].name) = i + 1;
}

int scope_add(Scope *scope, const Name *name, Binding *binding, Binding **earlier) {
    if (scope->entries.count * 2 >= scope->mask)
        scope_index_grow(scope);
    uint32_t *slot = scope_slot(scope, name);
    if (*slot) {
        if (earlier)
            *earlier = scope->entries.items[*slot - 1].binding;
        return 0;
    }
    ScopeEntry entry = {name, binding};
    VECTOR_PUSH(scope->arena, &scope->entries, entry);
    *slot = scope->entries.count;
    return 1;
}

/* The number of the entry, or the count where there is none. A site names its resources, and the ones they need, mostly in the order in
   which they are declared: that spares a large table a miss of the cache for each. */
static uint32_t scope_entry(const Scope *scope, const Name *name) {
    uint32_t count = scope->entries.count;
    for (uint32_t at = *scope->near; at < count && at < *scope->near + 2; at++)
        if (scope->entries.items[at].name == name)
            return at;
    uint32_t slot = scope->mask ? *scope_slot(scope, name) : 0;
    return slot ? slot - 1 : count;
}

Binding *scope_find(const Scope *scope, const Name *name) {
    uint32_t at = scope_entry(scope, name);
    if (at == scope->entries.count)
        return NULL;
    Binding *binding = scope->entries.items[at].binding;
    *scope->near = at;
    if (scope->read && binding->kind != BINDING_SCHEMA && !binding->decl->depth)
        scope->read(scope->context, binding);
    return binding;
}

Binding *scope_peek(const Scope *scope, const Name *name) {
    uint32_t at = scope_entry(scope, name);
    return at == scope->entries.count ? NULL : scope->entries.items[at].binding;
}

uint32_t scope_count(const Scope *scope) {
    return scope->entries.count;
}

Binding *scope_at(const Scope *scope, uint32_t index, const Name **name) {
    *name = scope->entries.items[index].name;
    return scope->entries.items[index].binding;
}

const Frame *frame_local(Arena *arena, const Frame *parent, const Name *name, const Value *value) {
    Frame *frame = ARENA_NEW(arena, Frame);
    frame->parent = parent;
    frame->kind = FRAME_LOCAL;
    frame->name = name;
    frame->as.value = value;
    return frame;
}

const Frame *frame_scope(Arena *arena, const Frame *parent, Scope *scope) {
    Frame *frame = ARENA_NEW(arena, Frame);
    frame->parent = parent;
    frame->kind = FRAME_SCOPE;
    frame->as.scope = scope;
    return frame;
}
