/* Values computed once, on demand, in any order: names may refer to what is written later, chains of any length take bounded stack. */
#include "compiler/state.h"

/* The thunks on the C stack, innermost first. */
typedef struct Running {
    const Thunk *thunk;
    const struct Running *outer;
} Running;

static const Value *thunk_cycle(Session *session, const Thunk *thunk) {
    Diagnostic *d = diag_error(session->diagnostics, CODE_VALUE_CYCLE, thunk->expr->span, "this value needs itself");
    enum { SHOWN = 6 };     /* enough to see the way round; the message stays readable */
    int shown = 0;
    for (const Running *r = session->running; r && r->thunk != thunk && shown < SHOWN; r = r->outer, shown++)
        diag_also(session->diagnostics, d, r->thunk->expr->span, "through this");
    diag_help(session->diagnostics, d, "write one of the values of the circle by hand");
    return value_poison(session->arena, thunk->expr->span, 0);
}

/* One attempt: the value, or the suspension with session->suspended set. */
static const Value *thunk_attempt(Session *session, Thunk *thunk, ThunkAccept *accept, void *context) {
    Running running = {thunk, session->running};
    thunk->state = THUNK_RUNNING;
    session->running = &running;
    session->depth++;
    /* What a resource or a name says is no part of the rule that asks for it; a `where` inside a rule is. */
    const RuleContext *rule = session->rule;
    Arena *arena = session->arena;
    if (accept) {
        session->rule = NULL;
        session_keep(session);
    }
    const Value *value = eval(session, thunk->expr, thunk->frame);
    if (accept && !session->suspended)
        value = accept(session, thunk, context, value);
    session->rule = rule;
    session_restore(session, arena);
    session->depth--;
    session->running = running.outer;
    if (session->suspended) {
        thunk->state = THUNK_NEW;
        return session->suspension;
    }
    /* What has its type checked is kept outside of the scratch arena. */
    if (!accept)
        session->memos++;
    thunk->value = value;
    thunk->state = THUNK_DONE;
    return value;
}

typedef struct Suspended { Thunk *thunk; ThunkAccept *accept; void *context; } Suspended;

/* From the bottom of the stack: tries, and whenever an inner thunk lies too deep, computes that one first. What waits is marked, so that meeting
   it again is known for a cycle. */
static const Value *thunk_root(Session *session, Thunk *thunk, ThunkAccept *accept, void *context) {
    Arena *arena = session->permanent;     /* of what waits: evaluation in between may change the session's */
    VECTOR(Suspended) waiting = {0};
    Suspended current = {thunk, accept, context};
    for (;;) {
        const Value *value = thunk_attempt(session, current.thunk, current.accept, current.context);
        if (session->suspended) {
            current.thunk->state = THUNK_SUSPENDED;
            VECTOR_PUSH(arena, &waiting, current);
            current = (Suspended){session->suspended, session->suspended_accept, session->suspended_context};
            session->suspended = NULL;
            continue;
        }
        if (!waiting.count)
            return value;
        current = waiting.items[--waiting.count];
    }
}

const Value *thunk_force(Session *session, Thunk *thunk, ThunkAccept *accept, void *context) {
    if (thunk->state == THUNK_DONE)
        return thunk->value;
    if (session->suspended)
        return session->suspension;
    if (thunk->state == THUNK_RUNNING || thunk->state == THUNK_SUSPENDED)
        return thunk_cycle(session, thunk);
    if (session->depth == 0)
        return thunk_root(session, thunk, accept, context);
    if (session->depth >= EVAL_DEPTH_LIMIT) {
        session->suspended = thunk;
        session->suspended_accept = accept;
        session->suspended_context = context;
        return session->suspension;
    }
    return thunk_attempt(session, thunk, accept, context);
}
