/* Loops, conditions and components to resources. What a name stands for is made when it is first asked for, so order does not matter. */
#include <string.h>

#include "compiler/call.h"
#include "compiler/library.h"
#include "compiler/nest.h"
#include "compiler/state.h"

/* ---- declaring ---- */

static void name_taken(Session *session, const Ident *name, const Binding *earlier) {
    Diagnostic *d = diag_error(session->diagnostics, CODE_DUPLICATE_NAME, name->span, "`%s` is declared twice", name->name->text);
    diag_also(session->diagnostics, d, earlier->span, "first here");
}

static Binding *declare(Session *session, Scope *scope, const Decl *decl, BindingKind kind, const Frame *frame, Block *block) {
    Binding *binding = ARENA_NEW(session->arena, Binding), *earlier;
    *binding = (Binding){.kind = (uint8_t)kind, .name = decl->name.name, .decl = decl, .span = decl->name.span, .frame = frame};
    if (kind == BINDING_VALUE)
        binding->thunk = (Thunk){.expr = decl->value, .frame = frame};
    else
        binding->block = block;
    if (kind == BINDING_FAMILY) {
        binding->family = ARENA_NEW(session->arena, RecordBuilder);
        binding->family->arena = session->permanent;
    }
    if (decl->name.name && !scope_add(scope, decl->name.name, binding, &earlier))
        name_taken(session, &decl->name, earlier);
    return binding;
}

static void declare_resource(Session *session, Block *block, const Decl *decl) {
    int looped = 0;
    for (const Block *b = block; b; b = b->outer)
        looped |= b->decl && b->decl->kind == DECL_FOR;
    int keyed = decl->extra->key != NULL;
    if (looped && !keyed) {
        Diagnostic *d = diag_error(session->diagnostics, CODE_KEY, decl->name.span, "`%s` stands in a `for`: it needs a key", decl->name.name->text);
        diag_help(session->diagnostics, d, "write `%s[key]`, with a key that tells its instances apart", decl->name.name->text);
    }
    declare(session, block->scope, decl, keyed ? BINDING_FAMILY : BINDING_RESOURCE, block->frame, block);
}

static void declare_names(Session *session, Block *block);

static Block *block_inner(Session *session, Block *outer, const Decl *decl, const DeclList *declarations) {
    Block *block = ARENA_NEW(session->arena, Block);
    *block = (Block){.decl = decl, .declarations = declarations, .scope = outer->scope, .outputs = outer->outputs, .frame = outer->frame,
                     .home = outer->home, .prefix = outer->prefix, .outer = outer};
    if (decl->kind == DECL_PHASE)
        block->home.phase = phase_declare(session, decl, outer);
    declare_names(session, block);
    return block;
}

/* Declarations that hold others: every round or side of them is expanded apart. */
static int is_block(const Decl *decl) {
    return decl->kind == DECL_FOR || decl->kind == DECL_IF || decl->kind == DECL_PHASE;
}

static void declare_names(Session *session, Block *block) {
    for (uint32_t i = 0; i < block->declarations->count; i++) {
        const Decl *decl = block->declarations->items[i];
        LintRun run = {decl, block->frame};
        switch ((DeclKind)decl->kind) {
        case DECL_LET:
            if (!block->decl)       /* those of a loop are declared anew in each round */
                declare(session, block->scope, decl, BINDING_VALUE, block->frame, block);
            break;
        case DECL_RESOURCE: declare_resource(session, block, decl); break;
        case DECL_FOR: case DECL_IF: case DECL_PHASE: {
            Block *inner = block_inner(session, block, decl, &decl->extra->body);
            VECTOR_PUSH(session->arena, &block->inner, inner);
            if (decl->kind == DECL_IF && decl->extra->otherwise.count) {
                inner = block_inner(session, block, decl, &decl->extra->otherwise);
                VECTOR_PUSH(session->arena, &block->inner, inner);
            }
            break;
        }
        case DECL_OUTPUT:
            if (block->decl)
                diag_error(session->diagnostics, CODE_MISPLACED, decl->name.span, "an output can't stand in a `for`, `if` or `phase`");
            else
                declare(session, block->outputs, decl, BINDING_VALUE, block->frame, block);
            break;
        case DECL_IGNORE:
            if (!block->home.group)
                VECTOR_PUSH(session->arena, &session->ignores, run);
            break;
        case DECL_ASSERT:
            if (!block->decl)
                VECTOR_PUSH(session->arena, &session->asserts, run);
            break;
        case DECL_LINT:
            if (block->decl)
                diag_error(session->diagnostics, CODE_MISPLACED, decl->span, "a lint can't stand in a `for`, `if` or `phase`: loop inside it");
            else if (block->home.group)      /* those of files are known already */
                VECTOR_PUSH(session->arena, &session->lints, run);
            break;
        case DECL_SITE: case DECL_PARAM: case DECL_IMPORT: case DECL_IMPORT_JSON: case DECL_TYPE: case DECL_FUNCTION: case DECL_SCHEMA:
        case DECL_COMPONENT: case DECL_PROFILE: case DECL_SECRET: case DECL_POLICY: case DECL_TEST: case DECL_FACT:
            if (block->decl || block->home.group || block->home.inside)
                diag_error(session->diagnostics, CODE_MISPLACED, decl->span, "%s stands at the top of a file only", decl_kind_name((DeclKind)decl->kind));
            break;
        case DECL_RULE: case DECL_ATTRIBUTE: case DECL_USE: case DECL_INSIDE: case DECL_DENY: case DECL_SET: case DECL_FACTS: case DECL_RECORDED: case DECL_EXPECT:
            break;
        }
    }
}

Block *block_declare(Session *session, const DeclList *declarations, Scope *scope, Scope *outputs, const Frame *frame, BlockHome home, Str prefix) {
    Block *block = ARENA_NEW(session->arena, Block);
    *block = (Block){.declarations = declarations, .scope = scope, .outputs = outputs, .frame = frame, .home = home, .prefix = prefix};
    declare_names(session, block);
    return block;
}

void block_set_prefix(Block *block, Str prefix) {
    block->prefix = prefix;
    for (uint32_t i = 0; i < block->inner.count; i++)
        block_set_prefix(block->inner.items[i], prefix);
}

/* ---- types of resources ---- */

Binding *target_find(Session *session, const Ident *target, const Frame *frame) {
    Binding *binding = frame_find_path(session, frame, target->name);
    if (binding && (binding->kind == BINDING_SCHEMA || binding->kind == BINDING_COMPONENT)) {
        if (binding->kind == BINDING_SCHEMA)
            schema_ready(session, binding->schema);
        return binding;
    }
    Suggestion suggestion = suggestion_for(name_str(target->name));
    const Name *longer = NULL;
    for (const Frame *f = frame; f; f = f->parent)
        for (uint32_t i = 0; f->kind == FRAME_SCOPE && i < scope_count(f->as.scope); i++) {
            const Name *name;
            Binding *candidate = scope_at(f->as.scope, i, &name);
            if (candidate->kind != BINDING_SCHEMA && candidate->kind != BINDING_COMPONENT)
                continue;
            if (candidate->kind == BINDING_SCHEMA)
                schema_suggest(session, candidate->schema, &suggestion);
            else
                suggestion_offer(&suggestion, name_str(name));
            const char *dot = strrchr(name->text, '.');
            if (dot && !strcmp(dot + 1, target->name->text))
                longer = name;
        }
    /* What a type says that it is called elsewhere goes before what merely ends so. */
    if (longer && (!suggestion.is_synonym || str_equal(suggestion.best, name_str(longer)))) {
        suggestion.best = name_str(longer);
        suggestion.is_synonym = 0;
    }
    Diagnostic *d = diag_error(session->diagnostics, CODE_UNKNOWN_TYPE, target->span, "there is no resource type `%s`", target->name->text);
    if (binding)
        diag_also(session->diagnostics, d, binding->span, "`%s` is %s", target->name->text, decl_kind_name((DeclKind)binding->decl->kind));
    suggestion_tell(&suggestion, session->diagnostics, d, target->span);
    return NULL;
}

/* ---- components ---- */

static void group_parameters(Session *session, Group *group, const Frame *use) {
    Binding *component = group->component;
    const DeclExtra *extra = component->decl->extra;
    const DeclList *body = &group->decl->extra->body;
    for (uint32_t i = 0; i < body->count; i++) {
        const Decl *given = body->items[i];
        if (given->kind == DECL_USE)
            diag_error(session->diagnostics, CODE_PROFILE, given->span, "profiles are for resources, not for components");
        if (given->kind != DECL_ATTRIBUTE)
            continue;
        const TypeField *parameter = type_field(component->parameters, extra->field_count, given->name.name);
        Binding *binding = ARENA_NEW(session->arena, Binding), *earlier;
        if (!parameter && !strcmp(given->name.name->text, meta_name(META_AFTER))) {
            group->after = (Thunk){.expr = given->value, .frame = use};
            continue;
        }
        if (!parameter && !strcmp(given->name.name->text, meta_name(META_ON))) {
            group->on = (MetaSlot){{.expr = given->value, .frame = use}, META_ON};
            continue;
        }
        if (!parameter) {
            Suggestion suggestion = suggestion_for(name_str(given->name.name));
            for (uint32_t k = 0; k < extra->field_count; k++)
                suggestion_offer(&suggestion, name_str(component->parameters[k].name));
            Diagnostic *d = diag_error(session->diagnostics, CODE_UNKNOWN_ATTRIBUTE, given->name.span, "component `%s` has no parameter `%s`",
                                       component->name->text, given->name.name->text);
            suggestion_tell(&suggestion, session->diagnostics, d, given->name.span);
            continue;
        }
        *binding = (Binding){.kind = BINDING_VALUE, .name = parameter->name, .span = given->name.span, .frame = use, .type = parameter->type,
                             .thunk = {.expr = given->value, .frame = use}};
        if (!scope_add(group->scope, parameter->name, binding, &earlier))
            name_taken(session, &given->name, earlier);
    }
    for (uint32_t i = 0; i < extra->field_count; i++) {
        const TypeField *parameter = &component->parameters[i];
        if (scope_find(group->scope, parameter->name))
            continue;
        if (!parameter->optional && !parameter->fallback) {
            Diagnostic *d = diag_error(session->diagnostics, CODE_MISSING_ATTRIBUTE, group->decl->name.span, "%s lacks `%s`", group->head.address.text,
                                       parameter->name->text);
            diag_also(session->diagnostics, d, parameter->span, "required here");
        }
        Binding *binding = ARENA_NEW(session->arena, Binding);
        *binding = (Binding){.kind = BINDING_VALUE, .name = parameter->name, .span = parameter->span, .frame = component->frame,
                             .type = parameter->type, .thunk = {.expr = parameter->fallback, .frame = component->frame}};
        if (!parameter->fallback) {
            binding->thunk.state = THUNK_DONE;
            binding->thunk.value = parameter->optional ? value_none(session->arena, group->origin) : value_poison(session->arena, group->origin, 0);
        }
        scope_add(group->scope, parameter->name, binding, NULL);
    }
}

enum { COMPONENT_DEPTH = 24 };      /* components inside components: a circle ends here */

static Referent *group_make(Session *session, Binding *component, const Decl *decl, const Frame *frame, const Block *block, Str address, Span origin) {
    int depth = 0;
    for (const Group *outer = block->home.group; outer; outer = outer->home.group)
        depth++;
    Group *group = ARENA_NEW(session->arena, Group);
    *group = (Group){.head = {address}, .is_group = 1, .component = component, .decl = decl, .origin = origin,
                     .home = block->home, .scope = scope_new(session->arena), .outputs = scope_new(session->arena)};
    if (depth > COMPONENT_DEPTH) {
        Diagnostic *d = diag_error(session->diagnostics, CODE_COMPONENT_CYCLE, component->span, "the component `%s` contains itself", component->name->text);
        diag_also(session->diagnostics, d, decl->name.span, "used here");
        return &group->head;
    }
    function_resolve(session, component);
    group_parameters(session, group, frame);
    Frame *inner = ARENA_NEW(session->arena, Frame);
    *inner = (Frame){.parent = component->frame, .kind = FRAME_SCOPE, .as.scope = group->scope};
    group->frame = inner;
    VECTOR_PUSH(session->arena, &session->groups, group);
    group->first = session->instances.count;
    group->block = block_declare(session, &component->decl->extra->body, group->scope, group->outputs, inner,
                                 (BlockHome){group, block->home.inside, block->home.phase}, arena_printf(session->arena, "%s/", address.text));
    return &group->head;
}

/* ---- resources ---- */

static Referent *instance_make(Session *session, Binding *target, const Decl *decl, const Frame *frame, const Block *block, Str address, Span origin) {
    Instance *instance = ARENA_NEW(session->arena, Instance);
    *instance = (Instance){.head = {address}, .absent = decl->absent, .schema = target->schema, .decl = decl, .origin = origin, .frame = frame,
                           .home = block->home, .number = session->instances.count, .ignores = &decl->extra->body};
    VECTOR_PUSH(session->arena, &session->instances, instance);
    instance_build(session, instance, decl, frame);
    if (instance->schema->is_place && session->place_count++ == 0)
        session->place = instance;
    inside_expand(session, instance, frame);
    return &instance->head;
}

/* The key as a name, with the place it came from. */
static const Name *resource_key(Session *session, const Decl *decl, const Frame *frame, Span *span) {
    const Value *key = eval(session, decl->extra->key, frame);
    *span = key->origin;
    Diagnostic *d;
    if (key->kind == VALUE_POISON || eval_suspended(session))
        return NULL;
    if (value_is_secret(key))
        eval_problem(session, CODE_SECRET_KEY, decl->extra->key->span, NULL, &d, "a secret can't be a key");
    else if (key->kind == VALUE_STRING)
        return name_intern(session->names, key->as.string);
    else if (key->kind == VALUE_INT)
        return name_intern(session->names, arena_printf(session->arena, "%lld", (long long)key->as.integer));
    else
        eval_problem(session, CODE_WRONG_KIND, decl->extra->key->span, key, &d, "a key is a string or an int, not %s", value_kind_phrase((ValueKind)key->kind));
    return NULL;
}

/* Joined by hand: of what is done once for each resource, to format this took the longest. */
static Str resource_address(Session *session, Str prefix, const Name *type, const Name *name, const Name *key) {
    const Str parts[] = {prefix, name_str(type), STR("."), name_str(name), key ? STR("[") : STR(""), key ? name_str(key) : STR(""), key ? STR("]") : STR("")};
    size_t length = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        length += parts[i].length;
    char *text = arena_text(session->arena, length + 1), *at = text;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; at += parts[i++].length)
        memcpy(at, parts[i].text, parts[i].length);
    *at = '\0';
    return (Str){text, length};
}

static void resource_make(Session *session, const Block *block, const Decl *decl, const Frame *frame, Binding *binding) {
    Binding *target = target_find(session, &decl->extra->target, frame);
    if (!target)
        return;
    Span origin = decl->name.span, key_span = SPAN_NONE;
    const Name *key = NULL;
    if (decl->extra->key) {
        key = resource_key(session, decl, frame, &key_span);
        if (!key)
            return;
    }
    if (key && span_is_imported(session, key_span))
        origin = key_span;
    else if (block->home.group &&
             (span_is_imported(session, block->home.group->origin) || source_get(session->sources, origin.file)->kind == SOURCE_STDLIB))
        origin = block->home.group->origin;      /* what the library's component made, its user made */
    Str address = resource_address(session, block->prefix, target->name, decl->name.name, key);
    Field *earlier;
    Value *place = NULL;    /* reserved before the resource is made: a duplicate makes none */
    if (key) {
        place = ARENA_NEW(session->arena, Value);
        *place = (Value){.origin = origin, .kind = VALUE_REFERENCE};
    }
    if (key && !record_add(binding->family, key, place, key_span, &earlier)) {
        Diagnostic *d;
        eval_problem(session, CODE_DUPLICATE_KEY, decl->extra->key->span, place, &d, "there are two `%s[%s]`", decl->name.name->text, key->text);
        diag_also(session->diagnostics, d, earlier->span, "the first has this key");
        return;
    }
    Referent *referent = target->kind == BINDING_COMPONENT ? group_make(session, target, decl, frame, block, address, origin)
                                                            : instance_make(session, target, decl, frame, block, address, origin);
    if (key)
        place->as.reference = referent;
    else
        binding->referent = referent;
    if (referent_is_group(referent) && GROUP(referent)->block) {
        block_expand(session, GROUP(referent)->block);
        GROUP(referent)->last = session->instances.count;
    }
}

/* ---- blocks ---- */

static void declarations_expand(Session *session, const Block *block, const DeclList *declarations, const Frame *frame, uint32_t *next_inner);

/* One round of a loop, the taken side of an `if`, or a phase: its lets in a scope of their own. */
static void round_expand(Session *session, const Block *block, const DeclList *declarations, const Frame *frame) {
    Scope *locals = NULL;
    const Frame *inner = frame;
    for (uint32_t i = 0; i < declarations->count; i++) {
        const Decl *decl = declarations->items[i];
        if (decl->kind == DECL_LET) {
            if (!locals) {
                locals = scope_new(session->arena);
                inner = frame_scope(session->arena, frame, locals);
            }
            Binding *binding = declare(session, locals, decl, BINDING_VALUE, inner, NULL);
            binding->thunk.frame = inner;
        }
        if (decl->kind == DECL_ASSERT) {
            LintRun run = {decl, inner};
            VECTOR_PUSH(session->arena, &session->asserts, run);
        }
    }
    uint32_t next_inner = 0;
    declarations_expand(session, block, declarations, inner, &next_inner);
}

static void loop_expand(Session *session, const Block *block, const Frame *frame) {
    const Generator *generator = block->decl->extra->generator;
    const Value *collection = eval(session, generator->collection, frame);
    Cursor cursor;
    if (!cursor_open(session, &cursor, collection, generator->key.name != NULL, generator->collection->span))
        return;
    while (cursor_next(session, &cursor)) {
        if (cursor.item->kind == VALUE_POISON)
            continue;
        const Frame *inner = frame_local(session->arena, frame, generator->item.name, cursor.item);
        if (generator->key.name)
            inner = frame_local(session->arena, inner, generator->key.name, cursor.key);
        const Value *poison;
        if (generator->condition && eval_condition(session, generator->condition, inner, &poison) <= 0)
            continue;
        round_expand(session, block, block->declarations, inner);
    }
}

static void inner_expand(Session *session, Block *block, const Frame *frame) {
    if (block->decl->kind == DECL_FOR) {
        loop_expand(session, block, frame);
        return;
    }
    if (block->decl->kind == DECL_PHASE) {
        round_expand(session, block, block->declarations, frame);
        return;
    }
    const Value *poison;
    int condition = eval_condition(session, block->decl->value, frame, &poison);
    int yes = block->declarations == &block->decl->extra->body;
    if (condition >= 0 && condition == yes)
        round_expand(session, block, block->declarations, frame);
}

static void declarations_expand(Session *session, const Block *block, const DeclList *declarations, const Frame *frame, uint32_t *next_inner) {
    for (uint32_t i = 0; i < declarations->count && !session->suspended; i++) {
        const Decl *decl = declarations->items[i];
        if (is_block(decl)) {
            uint32_t sides = decl->kind == DECL_IF && decl->extra->otherwise.count ? 2 : 1;
            for (uint32_t side = 0; side < sides && *next_inner < block->inner.count; side++)
                inner_expand(session, block->inner.items[(*next_inner)++], frame);
        } else if (decl->kind == DECL_RESOURCE) {
            Binding *binding = scope_find(block->scope, decl->name.name);
            if (binding && binding->decl == decl)
                resource_make(session, block, decl, frame, binding);
        }
    }
}

/* The block right under the body: with it everything inside is expanded. */
static void outermost_expand(Session *session, Block *block, Span use) {
    if (block->state == THUNK_DONE)
        return;
    if (block->state == THUNK_RUNNING) {
        Diagnostic *d = diag_error(session->diagnostics, CODE_VALUE_CYCLE, use, "what this %s makes decides about itself",
                                   block->decl->kind == DECL_FOR ? "loop" : block->decl->kind == DECL_PHASE ? "phase" : "condition");
        diag_also(session->diagnostics, d, block->decl->span, "needs its own results");
        return;
    }
    block->state = THUNK_RUNNING;
    /* Expansion makes things that stay: it can't be unwound and tried again, so it starts with fresh depth of its own. */
    uint32_t depth = session->depth;
    Arena *arena = session_keep(session);
    session->depth = 0;
    inner_expand(session, block, block->frame);
    session->depth = depth;
    session_restore(session, arena);
    block->state = THUNK_DONE;
}

void binding_expand(Session *session, Binding *binding) {
    Block *block = binding->block;
    if (!block)
        return;
    if (block->decl) {
        while (block->outer && block->outer->decl)
            block = block->outer;
        outermost_expand(session, block, binding->span);
        return;
    }
    if (binding->expanding || binding->referent || (binding->family && binding->family->fields.count))
        return;
    binding->expanding = 1;
    uint32_t depth = session->depth;
    Arena *arena = session_keep(session);
    session->depth = 0;
    resource_make(session, block, binding->decl, block->frame, binding);
    session->depth = depth;
    session_restore(session, arena);
}

void block_expand(Session *session, Block *block) {
    block->state = THUNK_RUNNING;
    uint32_t next_inner = 0;
    for (uint32_t i = 0; i < block->declarations->count; i++) {
        const Decl *decl = block->declarations->items[i];
        if (is_block(decl)) {
            uint32_t sides = decl->kind == DECL_IF && decl->extra->otherwise.count ? 2 : 1;
            for (uint32_t side = 0; side < sides; side++)
                outermost_expand(session, block->inner.items[next_inner++], decl->span);
        } else if (decl->kind == DECL_RESOURCE) {
            Binding *binding = scope_find(block->scope, decl->name.name);
            if (binding && binding->decl == decl)
                binding_expand(session, binding);
        }
    }
    block->state = THUNK_DONE;
}

/* ---- places before all else ---- */

static int declares_place(Session *session, const Block *block, const Decl *decl) {
    const Binding *target = decl->kind == DECL_RESOURCE ? frame_find_path(session, block->frame, decl->extra->target.name) : NULL;
    return target && target->kind == BINDING_SCHEMA && target->schema->is_place;
}

static int holds_place(Session *session, const Block *block) {
    for (uint32_t i = 0; i < block->declarations->count; i++)
        if (declares_place(session, block, block->declarations->items[i]))
            return 1;
    for (uint32_t i = 0; i < block->inner.count; i++)
        if (holds_place(session, block->inner.items[i]))
            return 1;
    return 0;
}

void block_expand_places(Session *session, Block *block) {
    for (uint32_t i = 0; i < block->declarations->count; i++) {
        const Decl *decl = block->declarations->items[i];
        Binding *binding = declares_place(session, block, decl) ? scope_find(block->scope, decl->name.name) : NULL;
        if (binding && binding->decl == decl)
            binding_expand(session, binding);
    }
    for (uint32_t i = 0; i < block->inner.count; i++)
        if (holds_place(session, block->inner.items[i]))
            outermost_expand(session, block->inner.items[i], block->inner.items[i]->decl->span);
}
