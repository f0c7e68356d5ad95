/* Runs one test: settings, facts, plan, expectations. */
#include "compiler/test.h"

#include "compiler/inspect.h"
#include "compiler/module.h"
#include "compiler/planner.h"
#include "compiler/session.h"

typedef struct Test {
    Session *session;
    const TestRun *run;
    const DeclList *items;
    const Plan *plan;           /* NULL: the site has errors, so there is none */
    Diagnostics *report;        /* what is said about expectations */
} Test;

/* ---- which tests there are ---- */

/* A module that is imported twice has its tests once. */
static int is_first(const Session *session, uint32_t number) {
    for (uint32_t i = 0; i < number; i++)
        if (session->tests.items[i].decl == session->tests.items[number].decl)
            return 0;
    return 1;
}

static int test_order(const void *a, const void *b) {
    return str_compare(((const SiteTest *)a)->file, ((const SiteTest *)b)->file);
}

const SiteTest *session_tests(Session *session, Str path, uint32_t *count) {
    *count = 0;
    if (!site_parse(session, path) || diag_errors(session->diagnostics))
        return NULL;
    SiteTest *tests = ARENA_ARRAY(session->arena, SiteTest, session->tests.count + 1);
    for (uint32_t i = 0; i < session->tests.count; i++) {
        const Decl *decl = session->tests.items[i].decl;
        if (is_first(session, i))
            tests[(*count)++] = (SiteTest){i, decl->extra->text->as.string, source_get(session->sources, decl->span.file)->name};
    }
    /* The order of imports means nothing; that of the tests in a file stays, for there is none before another of the same file. */
    for (uint32_t i = 1; i < *count; i++)
        for (uint32_t k = i; k && test_order(&tests[k - 1], &tests[k]) > 0; k--) {
            SiteTest other = tests[k - 1];
            tests[k - 1] = tests[k];
            tests[k] = other;
        }
    return tests;
}

/* ---- what is given ---- */

static void settings_apply(const Test *test) {
    Session *session = test->session;
    for (uint32_t i = 0; i < test->items->count; i++) {
        const Decl *item = test->items->items[i];
        Binding *binding = item->kind == DECL_SET ? scope_find(session->site_scope, item->name.name) : NULL;
        if (binding && takes_setting(binding))
            binding->thunk = (Thunk){.expr = item->value, .frame = session->prelude_frame};
    }
}

static int is_file(const Decl *item) {
    return item->kind == DECL_FACTS && item->value->kind == EXPR_LITERAL && item->value->as.value->kind == VALUE_STRING;
}

/* A facts file, before the site is put together: it may tell the site's facts. 0 after a report. */
static int file_read(const Test *test, const Decl *item) {
    Session *session = test->session;
    Str path = item->value->as.value->as.string, name = path, bytes = STR(""), problem = STR("there is no such file");
    const Loader *loader = &session->options.loader;
    LoadStatus status = loader->load(loader->context, source_get(session->sources, item->span.file)->name, path, SOURCE_JSON, &name, &bytes, &problem);
    if (status == LOAD_OK)
        return session_facts_read(session, session_source(session, SOURCE_JSON, name, bytes));
    diag_error(session->diagnostics, CODE_FILE_UNREADABLE, item->value->span, "the facts %.*s cannot be read: %.*s", (int)path.length, path.text,
               (int)problem.length, problem.text);
    return 0;
}

static int files_read(const Test *test) {
    for (uint32_t i = 0; i < test->items->count; i++)
        if (is_file(test->items->items[i]) && !file_read(test, test->items->items[i]))
            return 0;
    return 1;
}

/* Answers what the test has recorded; [uses] counts for each item what it was good for. 0 after a report. */
static int recorded_give(const Test *test, uint64_t *uses) {
    Session *session = test->session;
    const RuleContext context = {0}, *rule = session->rule;
    int good = 1;
    for (uint32_t i = 0; i < test->items->count; i++) {
        const Decl *item = test->items->items[i];
        if (item->kind != DECL_RECORDED)
            continue;
        session->rule = &context;
        const Value *source = eval(session, item->extra->given, test->run->frame);
        session->rule = rule;
        int64_t used = inspection_record(session, source, item->extra->given->span, eval(session, item->value, test->run->frame), item->value->span);
        good &= used >= 0;
        uses[i] += used > 0 ? (uint64_t)used : 0;
    }
    return good;
}

static int facts_recorded(const Test *test, uint64_t *uses) {
    Session *session = test->session;
    Span place = test->run->decl->extra->text->origin;
    uint32_t count, recorded = 0;
    int good = 1;
    for (uint32_t i = 0; i < test->items->count; i++)
        recorded += test->items->items[i]->kind == DECL_RECORDED;
    while (recorded && good && session_reads(session, &count))
        good = recorded_give(test, uses) && inspection_complete(session, place) && session_facts_decode(session);
    for (uint32_t i = 0; i < test->items->count && good; i++) {
        const Decl *item = test->items->items[i];
        if (item->kind != DECL_RECORDED || uses[i])
            continue;
        Diagnostic *d = diag_error(session->diagnostics, CODE_TEST, item->extra->given->span, "nothing in the site reads this");
        diag_help(session->diagnostics, d, "the words are those of the rule `read`, one by one; only `absent` does not count");
        good = 0;
    }
    return good;
}

static int objects_give(const Test *test) {
    int good = 1;
    for (uint32_t i = 0; i < test->items->count; i++) {
        const Decl *item = test->items->items[i];
        if (item->kind != DECL_FACTS || is_file(item))
            continue;
        const Value *value = eval(test->session, item->value, test->run->frame);
        good &= value->kind == VALUE_NONE || test_objects(test->session, value, item->value->span);
    }
    return good;
}

/* From the text to the plan; 0 where there is an error on the way. */
static int test_plan(Test *test, Str path) {
    Session *session = test->session;
    const PlanOptions options = {0};
    uint64_t *uses = ARENA_ARRAY(session->arena, uint64_t, test->items->count + 1);
    uint32_t count;
    settings_apply(test);
    if (!session_load(session, path))
        session_check(session, path);       /* there may be more to find */
    if (diag_errors(session->diagnostics) || !files_read(test))
        return 0;
    session_fact_reads(session, &count);
    if ((count && !recorded_give(test, uses)) || !session_check(session, path))
        return 0;
    if (!session->facts)
        session_facts_none(session);
    if (!facts_recorded(test, uses) || !objects_give(test))
        return 0;
    test->plan = session_plan(session, &options);
    if (test->plan)
        session_denied(session, test->plan, &options);
    return test->plan != NULL;
}

/* ---- what is expected ---- */

static const Value *findings_value(Session *session) {
    const Words *w = &session->words;
    uint32_t count;
    const Diagnostic *const *sorted = diag_sorted(session->diagnostics, &count);
    const Value **items = ARENA_ARRAY(session->arena, const Value *, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        const Diagnostic *d = sorted[i];
        int code = code_find(d->code);
        static const char *const severities[] = {[SEVERITY_ERROR] = "error", [SEVERITY_WARNING] = "warning", [SEVERITY_NOTE] = "note"};
        const Field fields[] = {
            {w->code, value_string(session->arena, SPAN_NONE, d->code), SPAN_NONE},
            {w->name, value_string(session->arena, SPAN_NONE, code >= 0 ? str_of(code_info((Code)code)->slug) : d->code), SPAN_NONE},
            {w->severity, value_string(session->arena, SPAN_NONE, str_of(severities[d->severity])), SPAN_NONE},
            {w->message, value_string(session->arena, SPAN_NONE, d->message), SPAN_NONE},
            {w->file, value_string(session->arena, SPAN_NONE, d->span.file ? source_get(session->sources, d->span.file)->name : STR("")), SPAN_NONE},
            {w->line, value_integer(session->arena, SPAN_NONE, VALUE_INT, source_position(session->sources, d->span).line), SPAN_NONE},
        };
        enum { COUNT = sizeof fields / sizeof *fields };
        Field *kept = ARENA_ARRAY(session->arena, Field, COUNT);
        for (int k = 0; k < COUNT; k++)
            kept[k] = fields[k];
        items[i] = value_record(session->arena, SPAN_NONE, NULL, kept, COUNT);
    }
    return value_list(session->arena, SPAN_NONE, items, count);
}

const Value *test_found(Session *session, const Expr *call, const Frame *frame) {
    const Arguments *arguments = call->as.call.arguments;
    /* The check of names has said so; a test that asks for findings is run all the same. */
    if (arguments->count < 2 || arguments->count > 3)
        return value_poison(session->arena, call->span, 0);
    const Binding *type = binding_of(session, arguments->items[0].value, frame);
    const Value *identity = eval(session, arguments->items[1].value, frame);
    const Value *place = arguments->count > 2 ? eval(session, arguments->items[2].value, frame) : NULL;
    if (identity->kind == VALUE_INT)
        identity = value_string(session->arena, identity->origin, arena_printf(session->arena, "%lld", (long long)identity->as.integer));
    if (identity->kind != VALUE_STRING || (place && place->kind != VALUE_STRING)) {
        if (identity->kind != VALUE_POISON && (!place || place->kind != VALUE_POISON))
            diag_error(session->diagnostics, CODE_ARGUMENTS, call->span, "what an object is called on its host, and the address of its place, are texts");
        return value_poison(session->arena, call->span, 0);
    }
    Str address = place ? place->as.string : session->place ? session->place->head.address : STR("");
    const Value *have = session->facts && type && type->kind == BINDING_SCHEMA ? facts_get(session->facts, address, type->schema, identity->as.string) : NULL;
    return have ? have : value_none(session->arena, call->span);
}

static void note_value(const Test *test, Diagnostic *d, const char *what, const Value *value) {
    enum { SHOWN = 400 };
    Text text = {0};
    if (value->kind == VALUE_NONE)
        text_add_literal(&text, "none");
    else
        value_print(value, SHOWN, &text);
    diag_note(test->report, d, "%s %s", what, text.bytes);
    text_fini(&text);
}

/* Of conditions that must all hold the first that does not: there lies the reason. */
static const Expr *failing_part(const Test *test, const Expr *expr, const Frame *frame) {
    const Value *poison;
    while (expr->kind == EXPR_AND)
        expr = eval_condition(test->session, expr->as.binary.left, frame, &poison) == 0 ? expr->as.binary.left : expr->as.binary.right;
    return expr;
}

static void expectation_report(const Test *test, const Decl *item, const Frame *frame) {
    Session *session = test->session;
    const Expr *part = failing_part(test, item->value, frame);
    const Value *message = item->extra->message ? eval(session, item->extra->message, frame) : NULL;
    int has_text = message && message->kind == VALUE_STRING && !(message->flags & VALUE_SECRET);
    Str text = has_text ? message->as.string : STR("this does not hold");
    Diagnostic *d = diag_error(test->report, CODE_EXPECT, part->span, "%.*s", (int)text.length, text.text);
    if (part->kind < EXPR_EQUAL || part->kind > EXPR_IN)
        return;
    const Value *left = eval(session, part->as.binary.left, frame), *right = eval(session, part->as.binary.right, frame);
    if (part->kind == EXPR_EQUAL) {
        note_value(test, d, "it is      ", left);
        note_value(test, d, "expected is", right);
    } else if (part->kind == EXPR_IN) {
        note_value(test, d, "missing is", left);
        note_value(test, d, "there are ", right);
    } else {
        note_value(test, d, "on the left stands ", left);
        note_value(test, d, "on the right stands", right);
    }
}

static void expectations_hold(const Test *test) {
    Session *session = test->session;
    const Plan none = {.site = session->site}, *plan = test->plan ? test->plan : &none;
    const Frame *frame = frame_local(session->arena, test->run->frame, session->words.findings, findings_value(session));
    frame = frame_local(session->arena, frame, session->words.plan, plan_value(session, plan, plan->denials, plan->denial_count));
    Diagnostics *own = session->diagnostics;
    session->diagnostics = test->report;
    for (uint32_t i = 0; i < test->items->count; i++) {
        const Value *poison;
        const Decl *item = test->items->items[i];
        if (item->kind == DECL_EXPECT && eval_condition(session, item->value, frame, &poison) == 0)
            expectation_report(test, item, frame);
    }
    session->diagnostics = own;
}

Diagnostics *session_test(Session *session, Str path, uint32_t number) {
    if (!site_parse(session, path) || number >= session->tests.count)
        return session->diagnostics;
    const TestRun *run = &session->tests.items[number];
    Test test = {.session = session, .run = run, .items = &run->decl->extra->body, .report = diagnostics_new(session->arena, session->sources)};
    session->test = run;
    if (!test_plan(&test, path) && !run->asks_findings)
        return session->diagnostics;
    expectations_hold(&test);
    return test.report;
}
