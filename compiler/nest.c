/* Blocks that belong to something: `inside` to the resources that stand in one, `phase` to barriers. */
#include "compiler/nest.h"

#include "compiler/lookup.h"
#include "compiler/state.h"

/* ---- inside ---- */

enum {
    NEST_PROFILE_DEPTH = 16,    /* profiles that use profiles: as deep as instance_build.c reads them */
    NEST_DEPTH = 8              /* a container in a machine on a node has three: deeper is a circle of profiles */
};

typedef struct Nest {
    Session *session;
    Instance *instance;
    Scope *scope;               /* of all names inside; made when the first is declared */
    VECTOR(Block *) blocks;
    VECTOR(const Decl *) profiles;      /* whose blocks were taken */
} Nest;

static int nest_depth(const Instance *instance) {
    int depth = 0;
    for (; instance; instance = instance->home.inside)
        depth++;
    return depth;
}

static int may_hold(Session *session, const Instance *instance, const Decl *inside) {
    if (instance->absent) {
        diag_error(session->diagnostics, CODE_MISPLACED, inside->name.span, "nothing can stand inside %s, which must not exist", instance->head.address.text);
        return 0;
    }
    if (instance_is_place(instance) && nest_depth(instance) <= NEST_DEPTH)
        return 1;
    Diagnostic *d = diag_error(session->diagnostics, CODE_NOT_A_PLACE, inside->name.span,
                               instance_is_place(instance) ? "this stands inside of too much" : "nothing can stand inside a %s", instance->schema->name->text);
    diag_also(session->diagnostics, d, instance->schema->decl->name.span, "its type has no rule `exec`");
    return 0;
}

static void nest_take(Nest *nest, const Decl *inside, const Frame *frame) {
    Session *session = nest->session;
    Instance *instance = nest->instance;
    if (!may_hold(session, instance, inside))
        return;
    if (!nest->scope)
        nest->scope = scope_new(session->arena);
    BlockHome home = {instance->home.group, instance, instance->home.phase};
    Block *block = block_declare(session, &inside->extra->body, nest->scope, nest->scope, frame_scope(session->arena, frame, nest->scope), home,
                                 arena_printf(session->arena, "%s/", instance->head.address.text));
    VECTOR_PUSH(session->arena, &nest->blocks, block);
}

static void nest_body(Nest *nest, const DeclList *body, const Frame *frame, int depth) {
    for (uint32_t i = 0; i < body->count; i++)
        if (body->items[i]->kind == DECL_INSIDE)
            nest_take(nest, body->items[i], frame);
    for (uint32_t i = 0; i < body->count && depth < NEST_PROFILE_DEPTH; i++) {
        const Binding *profile = body->items[i]->kind == DECL_USE ? frame_find_path(nest->session, frame, body->items[i]->name.name) : NULL;
        int taken = !profile || profile->kind != BINDING_PROFILE;
        for (uint32_t k = 0; k < nest->profiles.count && !taken; k++)
            taken = nest->profiles.items[k] == profile->decl;
        if (taken)
            continue;
        VECTOR_PUSH(nest->session->arena, &nest->profiles, profile->decl);
        nest_body(nest, &profile->decl->extra->body, profile->frame, depth + 1);
    }
}

void inside_expand(Session *session, Instance *instance, const Frame *frame) {
    Nest nest = {.session = session, .instance = instance};
    nest_body(&nest, &instance->decl->extra->body, frame, 0);
    /* All names are declared before the first resource is made: the blocks may name each other's. */
    for (uint32_t i = 0; i < nest.blocks.count; i++)
        block_expand(session, nest.blocks.items[i]);
}

/* ---- phases ---- */

const Phase *phase_declare(Session *session, const Decl *decl, const Block *around) {
    Phase *phase = ARENA_NEW(session->arena, Phase);
    *phase = (Phase){decl->name.name, decl, session->phases.count};
    if (around->decl || around->home.group || around->home.inside)
        diag_error(session->diagnostics, CODE_MISPLACED, decl->name.span, "a phase stands at the top of a file only");
    if (!session->phase_numbers)
        session->phase_numbers = lookup_new(session->arena);
    uint32_t *number = lookup_slot(session->phase_numbers, name_str(decl->name.name));
    if (*number) {
        Diagnostic *d = diag_error(session->diagnostics, CODE_DUPLICATE_NAME, decl->name.span, "there are two phases `%s`", decl->name.name->text);
        diag_also(session->diagnostics, d, session->phases.items[*number - 1]->decl->name.span, "first here");
    } else {
        *number = session->phases.count + 1;
    }
    VECTOR_PUSH(session->arena, &session->phases, phase);
    return phase;
}

static void report_phase(Session *session, const Expr *name) {
    Suggestion suggestion = suggestion_for(name_str(name->as.name));
    for (uint32_t i = 0; i < session->phases.count; i++)
        suggestion_offer(&suggestion, name_str(session->phases.items[i]->name));
    Diagnostic *d = diag_error(session->diagnostics, CODE_PHASE, name->span, "there is no phase `%s`", name->as.name->text);
    if (suggestion.best.length) {
        diag_help(session->diagnostics, d, "did you mean `%.*s`?", (int)suggestion.best.length, suggestion.best.text);
        diag_fix(session->diagnostics, d, name->span, suggestion.best);
    }
}

void phase_each_before(Session *session, const Phase *phase, void (*visit)(void *context, const Phase *before), void *context) {
    const Expr *names = phase->decl->value;
    for (uint32_t i = 0; i < names->as.list.count; i++) {
        const Expr *name = names->as.list.items[i];
        uint32_t number = lookup_get(session->phase_numbers, name_str(name->as.name));
        if (number && visit)
            visit(context, session->phases.items[number - 1]);
        else if (!number)
            report_phase(session, name);
    }
}
