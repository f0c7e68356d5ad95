/* Calls: functions declared in phx, functions in C, all(TYPE), and tagged values. */
#include <string.h>

#include "compiler/call.h"
#include "compiler/defer.h"
#include "compiler/library.h"
#include "compiler/state.h"
#include "compiler/test.h"

/* ---- arguments to parameters ---- */

static void parameters_help(Session *session, Diagnostic *d, const Name *const *names, uint32_t count) {
    Text text = {0};
    for (uint32_t i = 0; i < count; i++)
        text_addf(&text, "%s`%s`", i ? ", " : "", names[i]->text);
    diag_help(session->diagnostics, d, count ? "its parameters are %s" : "it takes none%s", count ? text.bytes : "");
    text_fini(&text);
}

/* Puts each argument at its parameter's place in [values]; 0 after a report. */
static int arguments_place(Session *session, const Expr *call, const Frame *frame, const Name *const *names, uint32_t count, const char *what,
                           const Value **values) {
    const Arguments *arguments = call->as.call.arguments;
    for (uint32_t i = 0; i < arguments->count; i++) {
        const Argument *argument = &arguments->items[i];
        uint32_t at = i;
        if (argument->name)
            for (at = 0; at < count && names[at] != argument->name; at++)
                ;
        if (at >= count) {
            Diagnostic *d;
            if (argument->name) {
                d = diag_error(session->diagnostics, CODE_ARGUMENTS, argument->name_span, "`%s` has no parameter `%s`", what, argument->name->text);
                Suggestion suggestion = suggestion_for(name_str(argument->name));
                for (uint32_t k = 0; k < count; k++)
                    suggestion_offer(&suggestion, name_str(names[k]));
                if (!suggestion_tell(&suggestion, session->diagnostics, d, argument->name_span))
                    parameters_help(session, d, names, count);
            } else
                diag_error(session->diagnostics, CODE_ARGUMENTS, argument->value->span, "`%s` takes %u %s, this is one more", what, count,
                           count == 1 ? "argument" : "arguments");
            return 0;
        }
        if (values[at]) {
            diag_error(session->diagnostics, CODE_ARGUMENTS, argument->value->span, "`%s` is given twice in this call of `%s`", names[at]->text, what);
            return 0;
        }
        values[at] = eval(session, argument->value, frame);
    }
    return 1;
}

static const Value *missing_argument(Session *session, const Expr *call, const char *what, const Name *name, Span declared) {
    Diagnostic *d = diag_error(session->diagnostics, CODE_ARGUMENTS, call->span, "`%s` also wants `%s`", what, name->text);
    if (declared.file)
        diag_also(session->diagnostics, d, declared, "declared here");
    return value_poison(session->arena, call->span, 0);
}

/* ---- functions declared in phx ---- */

/* The parameters' frame: each a local name, checked by its type. NULL after a report or poison (*poison). */
static const Frame *parameters_bind(Session *session, Binding *function, const Expr *call, const Value **values, const Value **poison) {
    uint32_t count = function->decl->extra->field_count;
    const Frame *frame = function->frame;
    for (uint32_t i = 0; i < count; i++) {
        const TypeField *parameter = &function->parameters[i];
        const Value *value = values[i];
        if (value && value->kind == VALUE_POISON) {
            *poison = value;
            return NULL;
        }
        if (!value && parameter->fallback)
            value = eval(session, parameter->fallback, frame);
        else if (!value && !parameter->optional) {
            *poison = missing_argument(session, call, function->decl->name.name->text, parameter->name, parameter->span);
            return NULL;
        }
        if (!value)
            value = value_none(session->arena, call->span);
        if (value->kind == VALUE_NONE && parameter->fallback && values[i])
            value = eval(session, parameter->fallback, frame);
        if (value->kind == VALUE_NONE && !parameter->optional) {
            Diagnostic *d;
            *poison = eval_problem(session, CODE_NO_VALUE, call->span, value, &d, "`%s` of `%s` has no value here", parameter->name->text,
                                   function->decl->name.name->text);
            diag_also(session->diagnostics, d, parameter->span, "the parameter is not optional");
            return NULL;
        }
        if (value->kind != VALUE_NONE && value->kind != VALUE_UNKNOWN) {
            Use use = {.what = STR(""), .span = call->span, .quiet = 1};
            const Value *fitting = type_accept(session, parameter->type, value, &use);
            if (!fitting) {     /* once more, with words: to find them for every call would cost more than the check */
                use = (Use){.what = arena_printf(session->arena, "parameter `%s` of `%s`", parameter->name->text, function->decl->name.name->text),
                            .span = call->span};
                fitting = type_accept(session, parameter->type, value, &use);
            }
            value = fitting;
        }
        if (value->kind == VALUE_POISON) {
            *poison = value;
            return NULL;
        }
        frame = frame_local(session->arena, frame, parameter->name, value);
    }
    return frame;
}

/* A function without parameters is a constant of the site, once all resources are known. */
static const Value *constant_call(Session *session, Binding *function, const Expr *call, const Frame *frame) {
    if (function->constant)
        return function->constant;
    if (!session->expanded || session->rule || session->depth)
        return NULL;
    function->expanding = 1;
    const Value *value = value_keep(session, function_call(session, function, call, frame));
    function->expanding = 0;
    if (value->kind != VALUE_POISON)
        function->constant = value;
    return value;
}

const Value *function_call(Session *session, Binding *function, const Expr *call, const Frame *frame) {
    const DeclExtra *extra = function->decl->extra;
    function_resolve(session, function);
    const Value *constant = !extra->field_count && !function->expanding && !call->as.call.arguments->count ? constant_call(session, function, call, frame) : NULL;
    if (constant)
        return constant;
    const Value **values = ARENA_ARRAY(session->arena, const Value *, extra->field_count + 1);
    const Name **names = ARENA_ARRAY(session->arena, const Name *, extra->field_count + 1);
    for (uint32_t i = 0; i < extra->field_count; i++)
        names[i] = function->parameters[i].name;
    if (!arguments_place(session, call, frame, names, extra->field_count, function->decl->name.name->text, values))
        return value_poison(session->arena, call->span, 0);
    if (session->calls >= EVAL_CALL_LIMIT) {
        if (!diag_errors(session->diagnostics))     /* that a function calls itself was said */
            diag_error(session->diagnostics, CODE_COST, call->span, "more than %d functions call each other here", (int)EVAL_CALL_LIMIT);
        return value_poison(session->arena, call->span, 0);
    }
    const Value *poison = NULL;
    const Frame *inner = parameters_bind(session, function, call, values, &poison);
    if (!inner)
        return poison;
    Where *where = NULL;
    if (extra->body.count) {
        where = ARENA_NEW(session->arena, Where);
        Frame *local = ARENA_NEW(session->arena, Frame);
        *where = (Where){&extra->body, ARENA_ARRAY(session->arena, Thunk, extra->body.count), 0};
        *local = (Frame){.parent = inner, .kind = FRAME_WHERE, .as.where = where};
        for (uint32_t i = 0; i < extra->body.count; i++)
            where->thunks[i] = (Thunk){.expr = extra->body.items[i]->value, .frame = local};
        inner = local;
    }
    session->calls++;
    const Value *result = eval(session, function->decl->value, inner);
    session->calls--;
    /* Nobody can ask for them again. */
    if (where)
        session->memos -= where->remembered;
    /* What a function of the library made is, for messages, what the user's call made. */
    if (source_get(session->sources, result->origin.file)->kind == SOURCE_STDLIB && source_get(session->sources, call->span.file)->kind == SOURCE_PHX)
        result = value_at(session->arena, result, call->span);
    if (!function->result || result->kind == VALUE_POISON || result->kind == VALUE_UNKNOWN || result->kind == VALUE_NONE)
        return result;
    Use use = {.what = STR(""), .span = call->span, .quiet = 1};
    const Value *fitting = type_accept(session, function->result, result, &use);
    if (fitting)
        return fitting;
    use = (Use){.what = arena_printf(session->arena, "the result of `%s`", function->decl->name.name->text), .span = call->span};
    return type_accept(session, function->result, result, &use);
}

/* ---- functions in C ---- */

typedef struct BuiltinEntry {
    const Name *name;
    const Builtin *builtin;
    const Name **parameters;
    uint8_t *optional;
    uint32_t count;
} BuiltinEntry;

struct BuiltinIndex {
    BuiltinEntry *entries;
    uint32_t count;
    uint32_t *slots;        /* entry number + 1, by the name's hash */
    uint32_t mask;
};

/* The parameters' names out of "name(a: T, b?: T): T"; only commas at the outermost level part them. */
static void signature_read(Session *session, BuiltinEntry *entry) {
    const char *p = strchr(entry->builtin->signature, '(');
    enum { PARAMETER_LIMIT = 12 };
    entry->parameters = ARENA_ARRAY(session->arena, const Name *, PARAMETER_LIMIT);
    entry->optional = ARENA_ARRAY(session->arena, uint8_t, PARAMETER_LIMIT);
    for (p = p ? p + 1 : ""; *p && *p != ')' && entry->count < PARAMETER_LIMIT;) {
        p += strspn(p, " ,");
        size_t length = strcspn(p, "?: ,)");
        if (!length)
            break;
        entry->parameters[entry->count] = name_intern(session->names, (Str){p, length});
        entry->optional[entry->count++] = p[length] == '?';
        int depth = 0;
        for (p += length; *p && (depth || (*p != ',' && *p != ')')); p++)
            depth += (*p == '(' || *p == '[' || *p == '{') - (*p == ')' || *p == ']' || *p == '}');
    }
}

static void builtins_index(Session *session) {
    const struct { const Builtin *items; uint32_t count; } tables[] = {
        {builtins_collection, builtins_collection_count}, {builtins_text, builtins_text_count},   {builtins_number, builtins_number_count},
        {builtins_decode, builtins_decode_count},         {builtins_encode, builtins_encode_count}, {builtins_rule, builtins_rule_count},
        {builtins_lint, builtins_lint_count},
    };
    Arena *arena = session_keep(session);
    struct BuiltinIndex *index = ARENA_NEW(session->arena, struct BuiltinIndex);
    uint32_t total = 0;
    for (size_t t = 0; t < sizeof tables / sizeof *tables; t++)
        total += tables[t].count;
    for (index->mask = 64; index->mask < total * 2; index->mask *= 2)
        ;
    index->entries = ARENA_ARRAY(session->arena, BuiltinEntry, total);
    index->slots = ARENA_ARRAY(session->arena, uint32_t, index->mask);
    index->mask--;
    for (size_t t = 0; t < sizeof tables / sizeof *tables; t++)
        for (uint32_t i = 0; i < tables[t].count; i++) {
            BuiltinEntry *entry = &index->entries[index->count++];
            entry->builtin = &tables[t].items[i];
            entry->name = name_intern(session->names, str_of(entry->builtin->name));
            signature_read(session, entry);
            uint32_t at = entry->name->hash & index->mask;
            while (index->slots[at])
                at = (at + 1) & index->mask;
            index->slots[at] = index->count;
        }
    session->builtins = index;
    session_restore(session, arena);
}

static const BuiltinEntry *builtin_entry(Session *session, const Name *name) {
    if (!session->builtins)
        builtins_index(session);
    const struct BuiltinIndex *index = session->builtins;
    for (uint32_t at = name->hash & index->mask; index->slots[at]; at = (at + 1) & index->mask)
        if (index->entries[index->slots[at] - 1].name == name)
            return &index->entries[index->slots[at] - 1];
    return NULL;
}

const Builtin *builtin_find(Session *session, const Name *name) {
    const BuiltinEntry *entry = builtin_entry(session, name);
    return entry ? entry->builtin : NULL;
}

const Builtin *builtin_at(Session *session, uint32_t number) {
    if (!session->builtins)
        builtins_index(session);
    return number < session->builtins->count ? session->builtins->entries[number].builtin : NULL;
}

static const Value *builtin_call(Session *session, const BuiltinEntry *entry, const Expr *expr, const Frame *frame) {
    const Builtin *builtin = entry->builtin;
    /* Where a fact is read is told by a source alone. */
    const Words *w = &session->words;
    int is_source = entry->name == w->run || entry->name == w->file || entry->name == w->files || entry->name == w->glob || entry->name == w->http;
    if (builtin->kind == BUILTIN_RULE && (!session->rule || (!session->rule->schema && !is_source))) {
        diag_error(session->diagnostics, CODE_RULES_ONLY, expr->span, "`%s` has a meaning only in the rules of a schema", builtin->name);
        return value_poison(session->arena, expr->span, 0);
    }
    const Value **values = ARENA_ARRAY(session->arena, const Value *, entry->count + 1);
    int unknown = 0;
    if (!arguments_place(session, expr, frame, entry->parameters, entry->count, builtin->name, values))
        return value_poison(session->arena, expr->span, 0);
    for (uint32_t i = 0; i < entry->count; i++) {
        if (!values[i] && !entry->optional[i])
            return missing_argument(session, expr, builtin->name, entry->parameters[i], SPAN_NONE);
        if (!values[i])
            continue;
        if (values[i]->kind == VALUE_POISON)
            return values[i];
        unknown |= values[i]->kind == VALUE_UNKNOWN;
        if (values[i]->kind == VALUE_NONE && entry->optional[i] && !builtin->passes_none)
            values[i] = NULL;
        else if (values[i]->kind == VALUE_NONE && !builtin->passes_none) {
            Diagnostic *d;
            const Value *poison = eval_problem(session, CODE_NO_VALUE, expr->span, values[i], &d, "`%s` of `%s` has no value here",
                                               entry->parameters[i]->text, builtin->name);
            diag_help(session->diagnostics, d, "`a ?? b` is `b` where `a` is `none`");
            return poison;
        }
    }
    if (unknown && builtin->kind != BUILTIN_RULE && builtin->kind != BUILTIN_ASK)
        return defer_call(session, builtin, expr, values, entry->count);
    Call call = {session, expr, frame, values, entry->count, session->rule};
    const Value *result = builtin->call(&call);
    /* It met one inside of a list or record. Where it only picked it out, that is the result; else all has to be known. */
    if (result->kind == VALUE_UNKNOWN && builtin->kind == BUILTIN_PLAIN)
        return defer_call(session, builtin, expr, values, entry->count);
    return result;
}

/* ---- all(TYPE) ---- */

static const Value *eval_all(Session *session, const Expr *expr, const Frame *frame) {
    const Arguments *arguments = expr->as.call.arguments;
    Binding *binding = arguments->count == 1 && !arguments->items[0].name ? binding_of(session, arguments->items[0].value, frame) : NULL;
    if (!binding || (binding->kind != BINDING_SCHEMA && binding->kind != BINDING_COMPONENT)) {
        diag_error(session->diagnostics, CODE_ARGUMENTS, expr->span, "`all` wants the name of one resource type or component");
        return value_poison(session->arena, expr->span, 0);
    }
    if (!session->expanded) {
        Diagnostic *d = diag_error(session->diagnostics, CODE_ALL_TOO_EARLY, expr->span,
                                   "`all` is asked before all resources are known");
        diag_help(session->diagnostics, d, "what exists can't depend on everything that exists: loop over the data instead");
        return value_poison(session->arena, expr->span, 0);
    }
    if (binding->all)
        return binding->all;
    Arena *arena = session_keep(session);
    VECTOR(const Value *) items = {0};
    for (uint32_t i = 0; binding->kind == BINDING_SCHEMA && i < session->instances.count; i++) {
        Instance *instance = session->instances.items[i];
        if (instance->schema == binding->schema && !instance->absent && !instance->left_out)
            VECTOR_PUSH(session->arena, &items, value_reference(session->arena, instance->origin, &instance->head));
    }
    for (uint32_t i = 0; binding->kind == BINDING_COMPONENT && i < session->groups.count; i++)
        if (session->groups.items[i]->component == binding)
            VECTOR_PUSH(session->arena, &items, value_reference(session->arena, session->groups.items[i]->origin, &session->groups.items[i]->head));
    binding->all = value_list(session->arena, expr->span, items.items, items.count);
    session_restore(session, arena);
    return binding->all;
}

/* ---- tagged values ---- */

/* `clone(base, snapshot: x)`: positional arguments are fields named by their number until the type says their names. */
static const Value *eval_tagged(Session *session, const Expr *expr, const Frame *frame, const Name *tag) {
    const Arguments *arguments = expr->as.call.arguments;
    RecordBuilder builder = {.arena = session->arena};
    record_reserve(&builder, arguments->count);
    for (uint32_t i = 0; i < arguments->count; i++) {
        const Argument *argument = &arguments->items[i];
        const Value *value = eval(session, argument->value, frame);
        if (value->kind == VALUE_POISON)
            return value;
        if (value->kind == VALUE_NONE)
            continue;
        const Name *name = argument->name ? argument->name : position_name(session, (int32_t)i);
        if (!record_add(&builder, name, value, argument->name ? argument->name_span : argument->value->span, NULL)) {
            diag_error(session->diagnostics, CODE_ARGUMENTS, argument->name_span, "`%s` is given twice", name->text);
            return value_poison(session->arena, expr->span, 0);
        }
    }
    return record_finish(&builder, expr->span, tag);
}

const Value *eval_call(Session *session, const Expr *expr, const Frame *frame) {
    const Expr *callee = expr->as.call.callee;
    Binding *binding = binding_of(session, callee, frame);
    if (binding && binding->kind == BINDING_FUNCTION)
        return function_call(session, binding, expr, frame);
    const Name *name = dotted_name(session, callee);
    if (name == session->words.all)
        return eval_all(session, expr, frame);
    if (name == session->words.found && !binding && session->test)
        return test_found(session, expr, frame);
    const BuiltinEntry *entry = name ? builtin_entry(session, name) : NULL;
    if (entry)
        return builtin_call(session, entry, expr, frame);
    if (name && callee->kind == EXPR_NAME && !binding)
        return name == session->words.whole || name == session->words.fenced || name == session->words.never ||
                       name == session->words.through || tag_declared(session, name)
                   ? eval_tagged(session, expr, frame, name)
                   : value_poison(session->arena, expr->span, 0);      /* the check of names has said so */
    Diagnostic *d = diag_error(session->diagnostics, CODE_NOT_A_FUNCTION, callee->span, "this is no function");
    if (binding)
        diag_also(session->diagnostics, d, binding->span, "`%s` is %s", binding->decl->name.name->text, decl_kind_name(binding->decl->kind));
    return value_poison(session->arena, expr->span, 0);
}

/* ---- for functions in C ---- */

Span call_span(const Call *call, uint32_t index) {
    const Arguments *arguments = call->expr->as.call.arguments;
    return index < arguments->count && !arguments->items[index].name ? arguments->items[index].value->span : call->expr->span;
}

static int call_kind(const Call *call, uint32_t index, ValueKind kind, const char *word) {
    const Value *value = call->values[index];
    if (value && value->kind == kind)
        return 1;
    Diagnostic *d;
    if (value && value->kind != VALUE_POISON)
        eval_problem(call->session, CODE_WRONG_KIND, call_span(call, index), value, &d,
                     "`%s` wants %s here, not %s", dotted_name(call->session, call->expr->as.call.callee)->text, word, value_kind_phrase(value->kind));
    return 0;
}

int call_string(const Call *call, uint32_t index, Str *string) {
    if (!call_kind(call, index, VALUE_STRING, "a string"))
        return 0;
    *string = call->values[index]->as.string;
    return 1;
}

int call_list(const Call *call, uint32_t index, const Value *const **items, uint32_t *count) {
    if (!call_kind(call, index, VALUE_LIST, "a list"))
        return 0;
    *items = call->values[index]->as.list.items;
    *count = call->values[index]->as.list.count;
    return 1;
}

int call_int(const Call *call, uint32_t index, int64_t *integer) {
    if (!call_kind(call, index, VALUE_INT, "an int"))
        return 0;
    *integer = call->values[index]->as.integer;
    return 1;
}

static Span call_origin(const Call *call) {
    for (uint32_t i = 0; i < call->count; i++)
        if (call->values[i] && span_is_imported(call->session, call->values[i]->origin))
            return call->values[i]->origin;
    return call->expr->span;
}

const Value *call_poison(const Call *call) {
    Span origin = call_origin(call);
    return value_poison(call->session->arena, origin, span_is_imported(call->session, origin) ? VALUE_LEFT_OUT : 0);
}

const Value *call_value(const Call *call, const Value *value) {
    uint8_t secret = 0;
    for (uint32_t i = 0; i < call->count; i++)
        if (call->values[i])
            secret |= call->values[i]->flags & VALUE_SECRET;
    return value_flagged(call->session->arena, value_at(call->session->arena, value, call_origin(call)), secret);
}
