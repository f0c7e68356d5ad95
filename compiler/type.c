/* Written types to types: names, refinements, fields and their options. */
#include "compiler/type.h"

#include <string.h>

#include "compiler/regexp.h"
#include "compiler/schema.h"
#include "compiler/state.h"

const char *change_name(ChangeKind change) {
    switch (change) {
    case CHANGE_ONLINE: return "online";
    case CHANGE_RESTART: return "restart";
    case CHANGE_GROW: return "grow";
    case CHANGE_REPLACE: return "replace";
    case CHANGE_NEVER: return "never";
    case CHANGE_CREATE: return "create";
    }
    return "?";
}

static const struct { const char *name; TypeKind kind; } BUILT_IN[] = {
    {"json", TYPE_JSON},   {"bool", TYPE_BOOL},         {"int", TYPE_INT},         {"float", TYPE_FLOAT}, {"string", TYPE_STRING},
    {"size", TYPE_SIZE},   {"duration", TYPE_DURATION}, {"percent", TYPE_PERCENT}, {"rate", TYPE_RATE},   {"ip", TYPE_IP},
    {"cidr", TYPE_CIDR},   {"mac", TYPE_MAC},           {"resource", TYPE_REFERENCE},
};

static Type *type_new(Session *session, TypeKind kind, Span span) {
    Type *type = ARENA_NEW(session->arena, Type);
    type->kind = (uint8_t)kind;
    type->span = span;
    type->max_count = -1;
    return type;
}

/* ---- names ---- */

static const Type *type_unknown(Session *session, const TypeExpr *expr, const Frame *frame) {
    Suggestion suggestion = suggestion_for(name_str(expr->name.name));
    for (size_t i = 0; i < sizeof BUILT_IN / sizeof *BUILT_IN; i++)
        suggestion_offer(&suggestion, str_of(BUILT_IN[i].name));
    for (; frame; frame = frame->parent)
        for (uint32_t i = 0; frame->kind == FRAME_SCOPE && i < scope_count(frame->as.scope); i++) {
            const Name *name;
            Binding *binding = scope_at(frame->as.scope, i, &name);
            if (binding->kind == BINDING_TYPE)
                suggestion_offer(&suggestion, name_str(name));
            else if (binding->kind == BINDING_SCHEMA)
                schema_suggest(session, binding->schema, &suggestion);
        }
    Diagnostic *d = diag_error(session->diagnostics, CODE_UNKNOWN_TYPE, expr->span, "there is no type `%s`", expr->name.name->text);
    suggestion_tell(&suggestion, session->diagnostics, d, expr->span);
    return type_new(session, TYPE_POISON, expr->span);
}

static void type_apply_options(Session *session, Type *type, const Expr *options, const Frame *frame);

/* The type that a `type NAME = ...` declares, resolved when it is first named. */
static const Type *type_declared(Session *session, Binding *binding, Span use) {
    if (binding->type_state == THUNK_RUNNING) {
        Diagnostic *d = diag_error(session->diagnostics, CODE_TYPE_CYCLE, use, "the type `%s` contains itself", binding->decl->name.name->text);
        diag_also(session->diagnostics, d, binding->span, "declared here");
        binding->type_state = THUNK_SUSPENDED;
        return type_new(session, TYPE_POISON, use);
    }
    if (binding->type_state == THUNK_SUSPENDED)     /* a circle that was reported */
        return type_new(session, TYPE_POISON, use);
    if (binding->type_state == THUNK_DONE)
        return binding->type;
    binding->type_state = THUNK_RUNNING;
    Type *type = ARENA_NEW(session->arena, Type);
    *type = *type_resolve(session, binding->decl->extra->type, binding->frame);
    if (binding->type_state == THUNK_SUSPENDED)
        *type = (Type){.kind = TYPE_POISON, .span = type->span};
    type->name = binding->decl->name.name;
    if (binding->decl->value)
        type_apply_options(session, type, binding->decl->value, binding->frame);
    binding->type = type;
    binding->type_state = THUNK_DONE;
    return type;
}

static int names_type(const Binding *binding) {
    return binding && (binding->kind == BINDING_TYPE || binding->kind == BINDING_SCHEMA);
}

/* A value may be called like a type, as in `param path: path`: where a type is wanted, that one is meant. */
static Binding *type_binding(Session *session, const Frame *frame, const Name *name) {
    Binding *nearest = frame_find_path(session, frame, name);
    for (const Frame *outer = frame; outer && !names_type(nearest); outer = outer->parent) {
        Binding *binding = frame_find_path(session, outer, name);
        if (names_type(binding))
            return binding;
    }
    return nearest;
}

static const Type *type_named(Session *session, const TypeExpr *expr, const Frame *frame) {
    for (size_t i = 0; i < sizeof BUILT_IN / sizeof *BUILT_IN; i++)
        if (!strcmp(BUILT_IN[i].name, expr->name.name->text))
            return type_new(session, BUILT_IN[i].kind, expr->span);
    Binding *binding = type_binding(session, frame, expr->name.name);
    if (binding)
        binding->used = 1;
    if (binding && binding->kind == BINDING_TYPE)
        return type_declared(session, binding, expr->span);
    if (binding && binding->kind == BINDING_SCHEMA) {
        Type *type = type_new(session, TYPE_REFERENCE, expr->span);
        type->schema = binding->schema;
        type->name = binding->decl->name.name;
        return type;
    }
    return type_unknown(session, expr, frame);
}

/* ---- refinements ---- */

static void type_refuse_refinement(Session *session, const Type *type, Span span) {
    Text text = {0};
    type_print(type, &text);
    diag_error(session->diagnostics, CODE_REFINEMENT, span, "%s can't be narrowed like this", text.bytes ? text.bytes : "this type");
    text_fini(&text);
}

static int kind_fits_range(const Type *type, const Value *bound) {
    switch ((TypeKind)type->kind) {
    case TYPE_INT: case TYPE_STRING: case TYPE_LIST: return bound->kind == VALUE_INT;
    case TYPE_FLOAT: return bound->kind == VALUE_INT || bound->kind == VALUE_FLOAT;
    case TYPE_SIZE: return bound->kind == VALUE_SIZE;
    case TYPE_DURATION: return bound->kind == VALUE_DURATION;
    case TYPE_PERCENT: return bound->kind == VALUE_PERCENT;
    case TYPE_RATE: return bound->kind == VALUE_RATE;
    case TYPE_IP: return bound->kind == VALUE_IP;
    case TYPE_MAC: return bound->kind == VALUE_MAC;
    case TYPE_POISON: case TYPE_JSON: case TYPE_BOOL: case TYPE_CIDR: case TYPE_LITERAL: case TYPE_MAP:
    case TYPE_RECORD: case TYPE_TAGGED: case TYPE_UNION: case TYPE_REFERENCE:
        break;
    }
    return 0;
}

static const Value *range_bound(Session *session, const Type *type, const Expr *expr, const Frame *frame) {
    const Value *bound = expr ? eval(session, expr, frame) : NULL;
    if (!bound || bound->kind == VALUE_POISON)
        return NULL;
    if (kind_fits_range(type, bound))
        return bound;
    type_refuse_refinement(session, type, expr->span);
    return NULL;
}

/* Those of the library are good, as its tests know: compiling them all would take a small site as long as all the rest. */
static int pattern_is_sound(Session *session, const Value *pattern, Str *reason) {
    int of_library = pattern->origin.file && source_get(session->sources, pattern->origin.file)->kind == SOURCE_STDLIB;
    return (of_library && !session->options.check_stdlib) || regexp_match(session, pattern->as.string, STR(""), NULL, 0, NULL, reason) >= 0;
}

static void type_set_pattern(Session *session, Type *type, const Value *pattern, Span span) {
    Str reason;
    if (!pattern_is_sound(session, pattern, &reason)) {
        diag_error(session->diagnostics, CODE_REFINEMENT, span, "this is no POSIX extended regular expression: %.*s", (int)reason.length, reason.text);
        return;
    }
    type->pattern = pattern->as.string;
}

static const Type *type_refined(Session *session, const TypeExpr *expr, const Frame *frame) {
    Type *type = type_new(session, TYPE_LIST, expr->span);
    if (expr->element) {
        type->element = type_resolve(session, expr->element, frame);
    } else {
        const Type *base = type_named(session, expr, frame);
        if (base->kind == TYPE_POISON)
            return base;
        *type = *base;
    }
    type->span = expr->span;
    type->name = NULL;
    for (uint32_t i = 0; i < expr->argument_count; i++) {
        const Expr *argument = expr->arguments[i];
        if (argument->kind == EXPR_RANGE) {
            const Value *low = range_bound(session, type, argument->as.binary.left, frame);
            const Value *high = low || !argument->as.binary.left ? range_bound(session, type, argument->as.binary.right, frame) : NULL;
            if (type->kind == TYPE_LIST) {
                type->min_count = low ? low->as.integer : 0;
                type->max_count = high ? high->as.integer : -1;
            } else {
                type->low = low;
                type->high = high;
            }
            continue;
        }
        const Value *value = eval(session, argument, frame);
        if (value->kind == VALUE_STRING && (type->kind == TYPE_STRING || type->kind == TYPE_IP || type->kind == TYPE_CIDR || type->kind == TYPE_MAC))
            type_set_pattern(session, type, value, argument->span);
        else if (value->kind != VALUE_POISON)
            type_refuse_refinement(session, type, argument->span);
    }
    return type;
}

/* ---- composite types ---- */

static const Type *type_compose(Session *session, const TypeExpr *expr, const Frame *frame, TypeKind kind) {
    Type *type = type_new(session, kind, expr->span);
    if (kind == TYPE_RECORD || kind == TYPE_TAGGED) {
        type->fields = type_fields(session, expr->fields, expr->field_count, frame);
        type->field_count = expr->field_count;
        type->tag = kind == TYPE_TAGGED ? expr->name.name : NULL;
        return type;
    }
    if (kind == TYPE_UNION) {
        const Type **members = ARENA_ARRAY(session->arena, const Type *, expr->member_count);
        for (uint32_t i = 0; i < expr->member_count; i++)
            members[i] = type_resolve(session, expr->members[i], frame);
        type->members = members;
        type->member_count = expr->member_count;
        return type;
    }
    type->element = type_resolve(session, expr->element, frame);
    if (kind == TYPE_MAP)
        type->key = type_resolve(session, expr->key, frame);
    return type;
}

/* `A + B`: a record with the fields of both, in their order. How it is written as a text (`head`, `variant`) is the last one's that says so. */
static const Type *type_summed(Session *session, const TypeExpr *expr, const Frame *frame) {
    Type *sum = type_new(session, TYPE_RECORD, expr->span);
    VECTOR(TypeField) fields = {0};
    for (uint32_t i = 0; i < expr->member_count; i++) {
        const Type *part = type_resolve(session, expr->members[i], frame);
        if (part->kind == TYPE_POISON)
            return part;
        if (part->kind != TYPE_RECORD) {
            diag_error(session->diagnostics, CODE_TYPE_SUM, expr->members[i]->span, "only the fields of records can be put together with `+`");
            return type_new(session, TYPE_POISON, expr->span);
        }
        for (uint32_t k = 0; k < part->field_count; k++) {
            const TypeField *earlier = type_field(fields.items, fields.count, part->fields[k].name);
            if (earlier) {
                Diagnostic *d = diag_error(session->diagnostics, CODE_TYPE_SUM, expr->members[i]->span, "`%s` is a field of an earlier part already",
                                           part->fields[k].name->text);
                diag_also(session->diagnostics, d, earlier->span, "first here");
                continue;
            }
            TypeField field = part->fields[k];
            field.number = fields.count;
            VECTOR_PUSH(session->arena, &fields, field);
        }
        if (part->head_count) {
            sum->heads = part->heads;
            sum->head_count = part->head_count;
            sum->head_keys = part->head_keys;
            sum->head_key_count = part->head_key_count;
        }
        if (part->variant[0])
            memcpy(sum->variant, part->variant, sizeof sum->variant);
    }
    sum->fields = fields.items;
    sum->field_count = fields.count;
    return sum;
}

const Type *type_resolve(Session *session, const TypeExpr *expr, const Frame *frame) {
    switch ((TypeExprKind)expr->kind) {
    case TYPEX_POISON: break;
    case TYPEX_NAME: return type_named(session, expr, frame);
    case TYPEX_REFINED: return type_refined(session, expr, frame);
    case TYPEX_LITERAL: {
        Type *type = type_new(session, TYPE_LITERAL, expr->span);
        type->literal = expr->value;
        return type;
    }
    case TYPEX_LIST: return type_compose(session, expr, frame, TYPE_LIST);
    case TYPEX_MAP: return type_compose(session, expr, frame, TYPE_MAP);
    case TYPEX_RECORD: return type_compose(session, expr, frame, TYPE_RECORD);
    case TYPEX_TAGGED: return type_compose(session, expr, frame, TYPE_TAGGED);
    case TYPEX_UNION: return type_compose(session, expr, frame, TYPE_UNION);
    case TYPEX_SUM: return type_summed(session, expr, frame);
    case TYPEX_SECRET: {
        Type *type = ARENA_NEW(session->arena, Type);
        *type = *type_resolve(session, expr->element, frame);
        type->secret = 1;
        return type;
    }
    }
    return type_new(session, TYPE_POISON, expr->span);
}

/* ---- options ---- */

typedef struct OptionReader {
    Session *session;
    const Record *record;
    const Expr *expr;
    uint32_t taken;
} OptionReader;

/* The option of that name if it has the wanted kind; a wrong kind is reported. Kind VALUE_POISON: any. */
static const Value *option_take(OptionReader *reader, const char *name, ValueKind kind) {
    const Name *key = name_find(reader->session->names, str_of(name));
    const Value *value = key && reader->record ? record_get(reader->record, key) : NULL;
    if (!value)
        return NULL;
    reader->taken++;
    if (kind == VALUE_POISON || value->kind == (uint8_t)kind)
        return value;
    if (value->kind != VALUE_POISON)
        diag_error(reader->session->diagnostics, CODE_OPTION, value->origin, "the option `%s` wants %s, not %s", name, value_kind_phrase(kind),
                   value_kind_phrase(value->kind));
    return NULL;
}

static Str option_string(OptionReader *reader, const char *name, Str otherwise) {
    const Value *value = option_take(reader, name, VALUE_STRING);
    return value ? value->as.string : otherwise;
}

static int option_bool(OptionReader *reader, const char *name) {
    const Value *value = option_take(reader, name, VALUE_BOOL);
    return value && value->as.boolean;
}

/* One string or a list of strings as names. */
static const Name *const *option_names(OptionReader *reader, const char *name, uint32_t *count) {
    const Value *value = option_take(reader, name, VALUE_POISON);
    *count = 0;
    if (!value || value->kind == VALUE_POISON)
        return NULL;
    Session *session = reader->session;
    if (value->kind == VALUE_STRING) {
        const Value **single = ARENA_NEW(session->arena, const Value *);
        *single = value;
        value = value_list(session->arena, value->origin, single, 1);
    }
    const Name **names = ARENA_ARRAY(session->arena, const Name *, value->kind == VALUE_LIST ? value->as.list.count + 1 : 1);
    for (uint32_t i = 0; value->kind == VALUE_LIST && i < value->as.list.count; i++)
        if (value->as.list.items[i]->kind == VALUE_STRING)
            names[(*count)++] = name_intern(session->names, value->as.list.items[i]->as.string);
    if (value->kind != VALUE_LIST || *count != value->as.list.count)
        diag_error(session->diagnostics, CODE_OPTION, value->origin, "the option `%s` wants a list of strings", name);
    return names;
}

/* `{ type = ["dir", "nfs"] }`; one value may stand without its list. */
static Condition option_condition(OptionReader *reader, const char *name) {
    const Value *value = option_take(reader, name, VALUE_RECORD);
    Session *session = reader->session;
    if (!value)
        return (Condition){0};
    if (value->as.record->tag || value->as.record->count != 1) {
        diag_error(session->diagnostics, CODE_OPTION, value->origin, "the option `%s` names one attribute and its values: `{ kind = [\"a\", \"b\"] }`", name);
        return (Condition){0};
    }
    const Field *field = &value->as.record->fields[0];
    if (field->value->kind == VALUE_LIST)
        return (Condition){field->name, field->value};
    const Value **single = ARENA_NEW(session->arena, const Value *);
    *single = field->value;
    return (Condition){field->name, value_list(session->arena, field->value->origin, single, 1)};
}

static OptionReader options_open(Session *session, const Expr *options, const Frame *frame) {
    OptionReader reader = {.session = session, .expr = options};
    /* The words of `change` are names only here. */
    const Name *words[] = {session->words.online, session->words.restart, session->words.grow, session->words.replace, session->words.create};
    for (size_t i = 0; options && i < sizeof words / sizeof *words; i++)
        frame = frame_local(session->arena, frame, words[i], value_string(session->arena, options->span, name_str(words[i])));
    const Value *value = options ? eval(session, options, frame) : NULL;
    if (value && value->kind == VALUE_RECORD)
        reader.record = value->as.record;
    return reader;
}

/* Reports the options that nobody took. */
static void options_close(OptionReader *reader, const char *const *known, size_t known_count) {
    if (!reader->record || reader->taken == reader->record->count)
        return;
    for (uint32_t i = 0; i < reader->record->count; i++) {
        const Field *field = &reader->record->fields[i];
        Suggestion suggestion = suggestion_for(name_str(field->name));
        size_t k = 0;
        for (; k < known_count && strcmp(known[k], field->name->text); k++)
            suggestion_offer(&suggestion, str_of(known[k]));
        if (k < known_count)
            continue;
        Diagnostic *d = diag_error(reader->session->diagnostics, CODE_OPTION, field->span, "there is no option `%s`", field->name->text);
        suggestion_tell(&suggestion, reader->session->diagnostics, d, field->span);
    }
}

/* The text of a `never("reason")` or `through("attribute")`; an empty one where the value is none. */
static Str tagged_text(const Name *tag, const Value *value) {
    if (value->kind == VALUE_RECORD && value->as.record->tag == tag && value->as.record->count == 1 &&
        value->as.record->fields[0].value->kind == VALUE_STRING)
        return value->as.record->fields[0].value->as.string;
    return STR("");
}

static void option_clear(OptionReader *reader, TypeField *field) {
    const Value *value = option_take(reader, "clear", VALUE_POISON);
    if (!value || value->kind == VALUE_POISON)
        return;
    field->never_clear = tagged_text(reader->session->words.never, value);
    if (!field->never_clear.length)
        diag_error(reader->session->diagnostics, CODE_OPTION, value->origin, "`clear` is never(\"reason\")");
}

static void option_change(OptionReader *reader, TypeField *field) {
    const Value *value = option_take(reader, "change", VALUE_POISON);
    Session *session = reader->session;
    if (!value || value->kind == VALUE_POISON)
        return;
    static const ChangeKind PLAIN[] = {CHANGE_ONLINE, CHANGE_RESTART, CHANGE_GROW, CHANGE_REPLACE, CHANGE_CREATE};
    if (value->kind == VALUE_STRING)
        for (size_t i = 0; i < sizeof PLAIN / sizeof *PLAIN; i++)
            if (str_equal(value->as.string, str_of(change_name(PLAIN[i])))) {
                field->change = PLAIN[i];
                return;
            }
    field->through = tagged_text(session->words.through, value);
    field->never = tagged_text(session->words.never, value);
    field->change = field->through.length ? CHANGE_CREATE : CHANGE_NEVER;
    if (!field->never.length && !field->through.length)
        diag_error(session->diagnostics, CODE_OPTION, value->origin,
                   "`change` is one of online, restart, grow, replace, create, never(\"reason\"), through(\"attribute\")");
}

static void option_truth(OptionReader *reader, Codec *codec) {
    codec->truth[0] = STR("1");
    codec->truth[1] = STR("0");
    const Value *value = option_take(reader, "truth", VALUE_LIST);
    if (!value)
        return;
    if (value->as.list.count != 2 || value->as.list.items[0]->kind != VALUE_STRING || value->as.list.items[1]->kind != VALUE_STRING) {
        diag_error(reader->session->diagnostics, CODE_OPTION, value->origin, "`truth` wants two strings: for true and for false");
        return;
    }
    codec->truth[0] = value->as.list.items[0]->as.string;
    codec->truth[1] = value->as.list.items[1]->as.string;
}

static void option_alike(OptionReader *reader, Codec *codec) {
    const Value *value = option_take(reader, "alike", VALUE_STRING);
    Session *session = reader->session;
    Str reason;
    if (!value)
        return;
    if (!pattern_is_sound(session, value, &reason))
        diag_error(session->diagnostics, CODE_OPTION, value->origin, "`alike` is no POSIX extended regular expression: %.*s", (int)reason.length, reason.text);
    else
        codec->alike = value->as.string;
}

/* The host writes `-` where phx writes `_`. */
static Str property_default(Session *session, const Name *name) {
    return arena_replace(session->arena, name_str(name), '_', '-');
}

/* Of what the site has each only once: a check of its own for each text. */
static void unique_declare(Session *session, Str text) {
    for (uint32_t i = 0; i < session->uniques.count; i++)
        if (str_equal(session->uniques.items[i], text))
            return;
    VECTOR_PUSH(session->arena, &session->uniques, text);
}

static void field_options(Session *session, TypeField *field, const Expr *options, const Frame *frame) {
    static const char *const KNOWN[] = {"property", "change", "clear",   "flags",  "unit",    "suffix", "fraction", "zero",     "truth",  "separator", "separators",
                                        "order",    "default", "unique", "compare", "alike",  "whole",    "computed", "hidden", "ignored",   "also",     "vital",
                                        "only", "needed", "repeat",  "synonyms"};
    OptionReader reader = options_open(session, options, frame);
    Codec *codec = &field->codec;
    codec->property = option_string(&reader, "property", property_default(session, field->name));
    field->flag = value_string(session->arena, field->span, arena_printf(session->arena, "--%.*s", (int)codec->property.length, codec->property.text));
    codec->zero = option_string(&reader, "zero", STR(""));
    codec->separator = option_string(&reader, "separator", STR(","));
    codec->separators = option_string(&reader, "separators", STR(""));
    codec->fraction = option_bool(&reader, "fraction");
    option_alike(&reader, codec);
    codec->suffix = option_bool(&reader, "suffix");
    option_truth(&reader, codec);
    const Value *unit = option_take(&reader, "unit", VALUE_POISON);
    if (unit && (unit->kind == VALUE_SIZE || unit->kind == VALUE_DURATION || unit->kind == VALUE_RATE) && unit->as.integer > 0)
        codec->unit = unit->as.integer;
    else if (unit && unit->kind != VALUE_POISON)
        diag_error(session->diagnostics, CODE_OPTION, unit->origin, "`unit` wants a size, a duration or a rate");
    codec->any_order = str_equal(option_string(&reader, "order", STR("")), STR("any"));
    codec->whole = option_bool(&reader, "whole");
    codec->repeat = option_bool(&reader, "repeat");
    codec->digest = str_equal(option_string(&reader, "compare", STR("")), STR("digest"));
    option_change(&reader, field);
    option_clear(&reader, field);
    field->host_default = option_take(&reader, "default", VALUE_POISON);
    field->unique = option_string(&reader, "unique", STR(""));
    if (field->unique.length)
        unique_declare(session, field->unique);
    field->ignored = option_string(&reader, "ignored", STR(""));
    field->only = option_condition(&reader, "only");
    field->needed = option_condition(&reader, "needed");
    field->computed = option_bool(&reader, "computed");
    field->hidden = option_bool(&reader, "hidden");
    field->vital = option_bool(&reader, "vital");
    field->also = option_names(&reader, "also", &field->also_count);
    field->synonyms = option_names(&reader, "synonyms", &field->synonym_count);
    field->flags = option_names(&reader, "flags", &field->flag_count);
    field->flags_given = field->flags != NULL;
    options_close(&reader, KNOWN, sizeof KNOWN / sizeof *KNOWN);
}

/* One string or a list of strings. */
static const Str *option_texts(OptionReader *reader, const char *name, uint32_t *count) {
    const Name *const *names = option_names(reader, name, count);
    Str *texts = ARENA_ARRAY(reader->session->arena, Str, *count + 1);
    for (uint32_t i = 0; i < *count; i++)
        texts[i] = name_str(names[i]);
    return texts;
}

static void type_apply_options(Session *session, Type *type, const Expr *options, const Frame *frame) {
    static const char *const KNOWN[] = {"head", "head_keys", "variant", "strict"};
    OptionReader reader = options_open(session, options, frame);
    uint32_t count;
    type->heads = option_texts(&reader, "head", &type->head_count);
    type->head_keys = option_texts(&reader, "head_keys", &type->head_key_count);
    type->strict = option_bool(&reader, "strict");
    const Name *const *variant = option_names(&reader, "variant", &count);
    if (count == 2) {
        type->variant[0] = variant[0];
        type->variant[1] = variant[1];
    } else if (variant)
        diag_error(session->diagnostics, CODE_OPTION, options->span, "`variant` wants two names of fields");
    options_close(&reader, KNOWN, sizeof KNOWN / sizeof *KNOWN);
}

const TypeField *type_fields(Session *session, const FieldDecl *fields, uint32_t count, const Frame *frame) {
    TypeField *result = ARENA_ARRAY(session->arena, TypeField, count ? count : 1);
    for (uint32_t i = 0; i < count; i++) {
        const FieldDecl *decl = &fields[i];
        TypeField *field = &result[i];
        *field = (TypeField){.name = decl->name.name, .span = decl->name.span, .optional = decl->optional, .fallback = decl->fallback,
                             .doc = decl->doc, .first = decl->first, .last = decl->last, .number = i};
        field->type = decl->type ? type_resolve(session, decl->type, frame) : type_new(session, TYPE_POISON, decl->name.span);
        field->called = name_str(field->name);
        if (field->first <= field->last)
            field->called = arena_printf(session->arena, "%s%lld", field->name->text, (long long)field->first);
        field_options(session, field, decl->options, frame);
        const TypeField *earlier = type_field(result, i, field->name);
        if (earlier) {
            Diagnostic *d = diag_error(session->diagnostics, CODE_DUPLICATE_FIELD, field->span, "`%s` is declared twice", field->name->text);
            diag_also(session->diagnostics, d, earlier->span, "first here");
        }
    }
    return result;
}

const TypeField *type_field(const TypeField *fields, uint32_t count, const Name *name) {
    for (uint32_t i = 0; i < count; i++)
        if (fields[i].name == name)
            return &fields[i];
    return NULL;
}

/* Types are finite: none contains itself. */
int type_holds_unique(const Type *type, const Str *unique) {
    for (uint32_t i = 0; i < type->field_count; i++) {
        const TypeField *field = &type->fields[i];
        if ((unique ? str_equal(field->unique, *unique) : field->unique.length > 0) || type_holds_unique(field->type, unique))
            return 1;
    }
    for (uint32_t i = 0; i < type->member_count; i++)
        if (type_holds_unique(type->members[i], unique))
            return 1;
    return type->element && type_holds_unique(type->element, unique);
}

void type_field_suggest(const TypeField *field, Suggestion *suggestion) {
    suggestion_offer(suggestion, name_str(field->name));
    suggestion_offer(suggestion, field->called);
    for (uint32_t i = 0; i < field->synonym_count; i++)
        suggestion_offer_synonym(suggestion, name_str(field->synonyms[i]), field->called);
    suggestion_offer_synonym(suggestion, field->codec.property, field->called);
}

ValueKind type_value_kind(const Type *type) {
    switch ((TypeKind)type->kind) {
    case TYPE_BOOL: return VALUE_BOOL;
    case TYPE_INT: return VALUE_INT;
    case TYPE_FLOAT: return VALUE_FLOAT;
    case TYPE_STRING: return VALUE_STRING;
    case TYPE_SIZE: return VALUE_SIZE;
    case TYPE_DURATION: return VALUE_DURATION;
    case TYPE_PERCENT: return VALUE_PERCENT;
    case TYPE_RATE: return VALUE_RATE;
    case TYPE_IP: return VALUE_IP;
    case TYPE_CIDR: return VALUE_CIDR;
    case TYPE_MAC: return VALUE_MAC;
    case TYPE_POISON: case TYPE_JSON: case TYPE_LITERAL: case TYPE_LIST: case TYPE_MAP: case TYPE_RECORD: case TYPE_TAGGED: case TYPE_UNION:
    case TYPE_REFERENCE:
        break;
    }
    return VALUE_POISON;
}
