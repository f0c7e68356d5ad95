/* Values that do not fit their types to messages: what is wanted, what was given, and what was probably meant. */
#include "compiler/type_refuse.h"

#include <string.h>

#include "compiler/state.h"
#include "lang/number.h"

/* What stands behind a name that the message has. */
static void type_explain(Session *session, Diagnostic *d, const Type *type) {
    if (!type->name || type->kind == TYPE_REFERENCE)
        return;
    Type bare = *type;
    bare.name = NULL;
    Text text = {0};
    type_print(&bare, &text);
    diag_note(session->diagnostics, d, "%s is %s", type->name->text, text.bytes);
    text_fini(&text);
}

static int type_has(const Type *type, TypeKind kind) {
    for (uint32_t i = 0; type->kind == TYPE_UNION && i < type->member_count; i++)
        if (type_has(type->members[i], kind))
            return 1;
    return type->kind == (uint8_t)kind;
}

static int type_is_reference(const Type *type) {
    return type->kind == TYPE_REFERENCE || (type->kind == TYPE_UNION && type->members[0]->kind == TYPE_REFERENCE);
}

const Value *type_from_text(Session *session, const Type *type, const Value *value) {
    Str text = value->as.string;
    Address *address = ARENA_NEW(session->arena, Address);
    int64_t mac;
    if (type->kind == TYPE_IP)
        return ip_parse(text, address) ? value_address(session->arena, value->origin, VALUE_IP, address) : NULL;
    if (type->kind == TYPE_CIDR)
        return cidr_parse(text, address) ? value_address(session->arena, value->origin, VALUE_CIDR, address) : NULL;
    if (type->kind == TYPE_MAC)
        return mac_parse(text, &mac) ? value_integer(session->arena, value->origin, VALUE_MAC, mac) : NULL;
    if (type->kind != TYPE_SIZE && type->kind != TYPE_DURATION && type->kind != TYPE_PERCENT && type->kind != TYPE_RATE)
        return NULL;
    Number number = number_parse(text);
    if (number.status != NUMBER_OK || number.kind != type_value_kind(type))
        return NULL;
    return number.kind == VALUE_PERCENT ? value_number(session->arena, value->origin, number.kind, number.number)
                                        : value_integer(session->arena, value->origin, number.kind, number.integer);
}

/* ---- what was probably meant ---- */

/* A value that does not fit, as the user wrote it. */
typedef struct Misfit {
    Session *session;
    const Type *type;
    const Value *value;
    const Use *use;
    Diagnostic *diagnostic;
    Str literal;            /* the text of a literal; empty where the value was computed or written elsewhere */
} Misfit;

static int fits(const Misfit *misfit, const Value *value) {
    Use quiet = {.what = STR(""), .span = misfit->use->span, .quiet = 1};
    return type_accept(misfit->session, misfit->type, value, &quiet) != NULL;
}

/* The text at the value's place where it is nothing but that value: a number, or a string in quotes. */
static Str literal_text(Session *session, const Value *value) {
    Str text = source_text(session->sources, value->origin);
    if (source_get(session->sources, value->origin.file)->kind != SOURCE_PHX || !text.length || value->flags & VALUE_SECRET)
        return STR("");
    if (value->kind == VALUE_STRING) {
        int whole = text.length == value->as.string.length + 2 && (text.text[0] == '"' || text.text[0] == '\'');
        return whole && !memcmp(text.text + 1, value->as.string.text, value->as.string.length) ? text : STR("");
    }
    Number number = number_parse(text);
    return number.status == NUMBER_OK && number.kind == (ValueKind)value->kind ? text : STR("");
}

static void offer(const Misfit *misfit, Str replacement) {
    diag_fix(misfit->session->diagnostics, misfit->diagnostic, misfit->value->origin, replacement);
}

/* `2048` where the host counts in MiB: 2048MiB. Where that is out of range and a thousand times as much is not, as in `memory = 2`, that. */
static int advise_unit(const Misfit *misfit, ValueKind kind, int64_t unit) {
    Session *session = misfit->session;
    Diagnostics *diagnostics = session->diagnostics;
    for (int64_t factor = 1; unit && misfit->literal.length && factor <= 1024; factor *= 1024) {
        int64_t one, all;
        if (__builtin_mul_overflow(unit, factor, &one) || __builtin_mul_overflow(one, misfit->value->as.integer, &all) ||
            !fits(misfit, value_integer(session->arena, misfit->value->origin, kind, all)))
            continue;
        Text word = {0};
        value_print(value_integer(session->arena, misfit->value->origin, kind, one), 0, &word);
        if (word.length > 1 && word.bytes[0] == '1' && (word.bytes[1] < '0' || word.bytes[1] > '9')) {
            Str fix = arena_printf(session->arena, "%.*s%s", (int)misfit->literal.length, misfit->literal.text, word.bytes + 1);
            diag_help(diagnostics, misfit->diagnostic, "%s needs a unit: did you mean `%.*s`?", value_kind_phrase(kind), (int)fix.length, fix.text);
            diag_fix(diagnostics, misfit->diagnostic, (Span){misfit->value->origin.file, misfit->value->origin.end, misfit->value->origin.end},
                     str_of(word.bytes + 1));
            text_fini(&word);
            return 1;
        }
        text_fini(&word);
    }
    return 0;
}

static int advise_amount(const Misfit *misfit) {
    Diagnostics *diagnostics = misfit->session->diagnostics;
    Str text = misfit->literal;
    const Value *value = misfit->value;
    if (value->kind != VALUE_INT && value->kind != VALUE_FLOAT)
        return 0;
    if (type_has(misfit->type, TYPE_SIZE)) {
        if (value->kind == VALUE_INT && advise_unit(misfit, VALUE_SIZE, misfit->use->unit))
            return 1;
        diag_help(diagnostics, misfit->diagnostic, "a size needs a unit: `%.*sMiB` or `%.*sGiB`?", (int)text.length, text.text, (int)text.length, text.text);
        return 1;
    }
    if (!type_has(misfit->type, TYPE_DURATION))
        return 0;
    if (value->kind != VALUE_INT || !advise_unit(misfit, VALUE_DURATION, misfit->use->unit ? misfit->use->unit : 1000))
        diag_help(diagnostics, misfit->diagnostic, "a duration needs a unit: `30s`, `2m`, `1h`");
    return 1;
}

static int advise_bool(const Misfit *misfit) {
    static const char *const words[] = {"0", "off", "no", "false", "1", "on", "yes", "true"};
    const Value *value = misfit->value;
    Str text = value->kind == VALUE_STRING ? value->as.string : misfit->literal;
    if (misfit->type->kind != TYPE_BOOL)
        return 0;
    diag_help(misfit->session->diagnostics, misfit->diagnostic, "write `true` or `false`");
    for (size_t i = 0; misfit->literal.length && i < sizeof words / sizeof *words; i++)
        if (str_equal(text, str_of(words[i])))
            offer(misfit, i < 4 ? STR("false") : STR("true"));
    return 1;
}

/* Would the string be a value of the type, if only it had no quotes? */
static const Value *without_quotes(const Misfit *misfit) {
    const Type *type = misfit->type;
    Session *session = misfit->session;
    for (uint32_t i = 0; type->kind == TYPE_UNION && i < type->member_count; i++) {
        const Value *value = type_from_text(session, type->members[i], misfit->value);
        if (value)
            return value;
    }
    Number number = number_parse(misfit->value->as.string);
    if (number.status == NUMBER_OK && number.kind == VALUE_INT && type_has(type, TYPE_INT))
        return value_integer(session->arena, misfit->value->origin, VALUE_INT, number.integer);
    return type_from_text(session, type, misfit->value);
}

/* As the language writes it: an IPv6 address becomes ip("fd00::1"). */
static int advise_quotes(const Misfit *misfit) {
    Diagnostics *diagnostics = misfit->session->diagnostics;
    const Value *value = misfit->value;
    if (value->kind != VALUE_STRING || !misfit->literal.length)
        return 0;
    const Value *bare = without_quotes(misfit);
    if (!bare)
        return 0;
    Text text = {0};
    value_print(bare, 0, &text);
    diag_help(diagnostics, misfit->diagnostic, "%s is written without quotes: %s", value_kind_phrase((ValueKind)bare->kind), text.bytes);
    if (fits(misfit, bare))
        offer(misfit, text_str(&text));
    text_fini(&text);
    return 1;
}

static int advise_text(const Misfit *misfit) {
    Session *session = misfit->session;
    if (misfit->type->kind != TYPE_STRING)
        return 0;
    diag_help(session->diagnostics, misfit->diagnostic, "a string stands in quotes");
    if (misfit->literal.length && fits(misfit, value_string(session->arena, misfit->value->origin, misfit->literal)))
        offer(misfit, arena_printf(session->arena, "\"%.*s\"", (int)misfit->literal.length, misfit->literal.text));
    return 1;
}

static int advise_list(const Misfit *misfit) {
    Session *session = misfit->session;
    if (misfit->type->kind != TYPE_LIST)
        return 0;
    diag_help(session->diagnostics, misfit->diagnostic, "a list stands in brackets, also one of a single element: [...]");
    if (misfit->literal.length && fits(misfit, value_list(session->arena, misfit->value->origin, &misfit->value, 1)))
        offer(misfit, arena_printf(session->arena, "[%.*s]", (int)misfit->literal.length, misfit->literal.text));
    return 1;
}

/* The word that is nearest among those that could stand there. */
static int advise_word(const Misfit *misfit) {
    const Type *type = misfit->type;
    Suggestion suggestion = suggestion_for(misfit->value->kind == VALUE_STRING ? misfit->value->as.string : STR(""));
    for (uint32_t i = 0; type->kind == TYPE_UNION && i < type->member_count; i++)
        if (type->members[i]->kind == TYPE_LITERAL && type->members[i]->literal->kind == VALUE_STRING)
            suggestion_offer(&suggestion, type->members[i]->literal->as.string);
    return suggestion_tell(&suggestion, misfit->session->diagnostics, misfit->diagnostic, misfit->value->origin);
}

static int advise_others(const Misfit *misfit) {
    Diagnostics *diagnostics = misfit->session->diagnostics;
    const Value *value = misfit->value;
    if (value->kind == VALUE_IP && type_has(misfit->type, TYPE_CIDR))
        diag_help(diagnostics, misfit->diagnostic, "write the length of the network's prefix too, as in 10.0.0.5/24");
    else if (misfit->type->kind == TYPE_RECORD)
        type_explain(misfit->session, misfit->diagnostic, misfit->type);
    else if (value->kind == VALUE_STRING && misfit->type->kind == TYPE_INT)
        diag_help(diagnostics, misfit->diagnostic, "an int is written without quotes");
    else if (value->kind == VALUE_STRING && type_is_reference(misfit->type))
        diag_help(diagnostics, misfit->diagnostic, "a resource is named without quotes, as it is declared");
    else
        return 0;
    return 1;
}

/* ---- reports ---- */

static void print_given(const Value *value, Text *out) {
    if (value->kind == VALUE_REFERENCE)
        text_addf(out, "the resource %s", value->as.reference->address.text);
    else if (value->flags & VALUE_SECRET)
        text_addf(out, "a secret");
    else if (value->kind == VALUE_RECORD || value->kind == VALUE_NONE || value->kind == VALUE_UNSET)
        text_addf(out, "%s", value->kind == VALUE_RECORD && value->as.record->tag ? value->as.record->tag->text : value_kind_phrase((ValueKind)value->kind));
    else {
        text_addf(out, "the %s ", value_kind_name((ValueKind)value->kind));
        value_print(value, 60, out);
    }
}

/* Where a value of another place is used. */
static void use_also(Session *session, Diagnostic *d, const Value *value, const Use *use) {
    if (use->span.file && value->origin.file && (use->span.file != value->origin.file || use->span.end < value->origin.start || use->span.start > value->origin.end) &&
        source_get(session->sources, use->span.file)->kind == SOURCE_PHX)
        diag_also(session->diagnostics, d, use->span, "used here");
}

const Value *type_refuse(Session *session, const Type *type, const Value *value, const Use *use) {
    if (use->quiet)
        return NULL;
    /* A call of what is no function makes a tagged value. The check of names has reported a tag that no type has. */
    if (value->kind == VALUE_RECORD && value->as.record->tag && !scope_find(session->tags, value->as.record->tag) && diag_errors(session->diagnostics))
        return value_poison(session->arena, value->origin, 0);
    Text want = {0}, have = {0};
    type_print(type, &want);
    print_given(value, &have);
    Diagnostic *d;
    const Value *poison = eval_problem(session, CODE_WRONG_TYPE, value->origin.file ? value->origin : use->span, value, &d, "%.*s wants %s, not %s",
                                       (int)use->what.length, use->what.text, want.bytes, have.bytes);
    text_fini(&want);
    text_fini(&have);
    diag_label(session->diagnostics, d, "this is %s", value->flags & VALUE_SECRET ? "a secret" : value_kind_phrase((ValueKind)value->kind));
    use_also(session, d, value, use);
    static int (*const ADVICE[])(const Misfit *misfit) = {advise_amount, advise_bool, advise_quotes, advise_list, advise_others, advise_text, advise_word};
    Misfit misfit = {session, type, value, use, d, literal_text(session, value)};
    for (size_t i = 0; i < sizeof ADVICE / sizeof *ADVICE && !ADVICE[i](&misfit); i++)
        ;
    return poison;
}

const Value *type_refuse_range(Session *session, const Type *type, const Value *value, const Use *use, const char *what) {
    if (use->quiet)
        return NULL;
    Text want = {0}, have = {0};
    type_print(type, &want);
    value_print(value, 60, &have);
    Diagnostic *d;
    const Value *poison = eval_problem(session, CODE_OUT_OF_RANGE, value->origin.file ? value->origin : use->span, value, &d, "%.*s wants %s, and %s %s",
                                       (int)use->what.length, use->what.text, want.bytes, have.bytes, what);
    if (use->span.file != value->origin.file)
        use_also(session, d, value, use);
    type_explain(session, d, type);
    text_fini(&want);
    text_fini(&have);
    return poison;
}
