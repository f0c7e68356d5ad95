/* Policies: what no plan of the site may do, held against the plan once it is made. */
#include "compiler/planner.h"

/* Steps that one report shows. */
enum { DENIED_SHOWN = 12 };

typedef struct Holding {
    Session *session;
    const Plan *plan;
    const Value *value;         /* of the plan */
    const Decl *policy;
    DenialList *denials;
} Holding;

/* Does the denial hold? What can't be told holds: a policy that fails lets nothing through. */
static int denial_holds(const Holding *holding, const Decl *denial, const Frame *frame) {
    const Value *poison;
    Session *session = holding->session;
    session_scratch(session);
    int holds = eval_condition(session, denial->value, frame, &poison);
    session_kept(session, NULL);
    return holds != 0;
}

static void denial_add(const Holding *holding, const Step *step) {
    Denial denial = {step, str_of(code_info(CODE_POLICY)->id), name_str(holding->policy->name.name), holding->policy->extra->text->as.string};
    VECTOR_PUSH(holding->session->arena, holding->denials, denial);
}

static Diagnostic *policy_report(const Holding *holding, const Decl *denial, const char *what) {
    Str text = holding->policy->extra->text->as.string;
    return diag_error(holding->session->diagnostics, CODE_POLICY, denial->value->span, "the policy `%s` denies %s: %.*s", holding->policy->name.name->text, what,
                      (int)text.length, text.text);
}

/* The denied step under the report: at its resource where the text has one. */
static void step_show(const Holding *holding, Diagnostic *d, const Step *step) {
    Diagnostics *diagnostics = holding->session->diagnostics;
    const char *verb = verb_name((Verb)step->verb), *risk = risk_name((RiskClass)step->risk);
    if (step->source.file)
        diag_also(diagnostics, d, step->source, "step %u, %s %.*s (%s)", step->id, verb, (int)step->address.length, step->address.text, risk);
    else
        diag_note(diagnostics, d, "step %u, %s %.*s (%s), which is no longer in the text", step->id, verb, (int)step->address.length, step->address.text, risk);
}

static void steps_deny(const Holding *holding, const Decl *denial, const Frame *frame) {
    Session *session = holding->session;
    const Value *steps = record_get(holding->value->as.record, session->words.steps);
    Diagnostic *d = NULL;
    uint32_t count = 0;
    for (uint32_t i = 0; i < holding->plan->step_count; i++) {
        const Step *step = holding->plan->steps[i];
        if (!denial_holds(holding, denial, frame_local(session->arena, frame, session->words.step, steps->as.list.items[i])))
            continue;
        if (!count++)
            d = policy_report(holding, denial, "a step");
        if (count <= DENIED_SHOWN)
            step_show(holding, d, step);
        denial_add(holding, step);
    }
    if (count > DENIED_SHOWN)
        diag_note(session->diagnostics, d, "and %u more steps", count - DENIED_SHOWN);
}

static void policy_hold(Holding *holding, const Frame *outer) {
    Session *session = holding->session;
    const Frame *frame = frame_local(session->arena, outer, session->words.plan, holding->value);
    for (uint32_t i = 0; i < holding->policy->extra->body.count; i++) {
        const Decl *denial = holding->policy->extra->body.items[i];
        if (denial->name.name == session->words.step)
            steps_deny(holding, denial, frame);
        else if (denial_holds(holding, denial, frame)) {
            policy_report(holding, denial, "this plan");
            denial_add(holding, NULL);
        }
    }
}

void policies_apply(Session *session, const Plan *plan, DenialList *denials) {
    if (!session->policies.count || !plan->step_count)
        return;
    Holding holding = {session, plan, plan_value(session, plan, denials->items, denials->count), NULL, denials};
    for (uint32_t i = 0; i < session->policies.count; i++) {
        holding.policy = session->policies.items[i].decl;
        policy_hold(&holding, session->policies.items[i].frame);
    }
}
