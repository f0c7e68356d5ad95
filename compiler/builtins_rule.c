/* Functions of rules: attributes as a host's options, and the commands, steps and sources that rules are made of. */
#include <string.h>

#include "compiler/codec.h"
#include "compiler/ownership.h"
#include "compiler/defer.h"
#include "compiler/state.h"

/* ---- attributes as options ---- */

/* One attribute with its value. */
typedef struct Pair {
    const TypeField *attribute;
    int64_t member;
    const Value *value;
} Pair;

typedef struct Pairs { VECTOR(Pair) list; } Pairs;

static void pairs_of_instance(const Call *call, Instance *instance, Pairs *pairs) {
    Session *session = call->session;
    const Schema *schema = instance->schema;
    uint32_t slot = 0;
    for (uint32_t i = 0; i < schema->attribute_count; i++) {
        const TypeField *attribute = &schema->attributes[i];
        int stamped = attribute == schema->stamp, found = 0;
        for (; slot < instance->slot_count && instance->slots[slot].attribute == attribute; slot++) {
            const Value *value = slot_value(session, &instance->slots[slot]);
            if (!value || value->kind == VALUE_POISON)
                continue;
            if (stamped)
                value = ownership_stamped(session, instance, value->kind == VALUE_UNSET ? NULL : value);
            Pair pair = {attribute, instance->slots[slot].thunk.member, value};
            VECTOR_PUSH(session->arena, &pairs->list, pair);
            found = 1;
        }
        const Value *value = found           ? NULL
                             : stamped       ? ownership_stamped(session, instance, NULL)
                             : attribute == schema->protect ? ownership_protection(session, instance)
                             : attribute->fallback ? instance_attribute(session, instance, attribute, -1)
                                             : NULL;
        if (value && value->kind != VALUE_NONE && value->kind != VALUE_POISON) {
            Pair pair = {attribute, -1, value};
            VECTOR_PUSH(session->arena, &pairs->list, pair);
        }
    }
}

static int pairs_read(const Call *call, uint32_t index, Pairs *pairs) {
    const Value *values = call->values[index];
    if (values->kind == VALUE_REFERENCE && !referent_is_group(values->as.reference)) {
        pairs_of_instance(call, INSTANCE(values->as.reference), pairs);
        return 1;
    }
    Diagnostic *d;
    if (values->kind != VALUE_RECORD) {
        eval_problem(call->session, CODE_WRONG_KIND, call->expr->span, NULL, &d, "this wants `want`, `changed` or a record of attributes, not %s",
                     value_kind_phrase((ValueKind)values->kind));
        return 0;
    }
    for (uint32_t i = 0; i < values->as.record->count; i++) {
        const Field *field = &values->as.record->fields[i];
        Pair pair = {.value = field->value};
        pair.attribute = schema_attribute(call->rule->schema, field->name, &pair.member);
        if (!pair.attribute) {
            diag_error(call->session->diagnostics, CODE_UNKNOWN_ATTRIBUTE, call->expr->span, "`%s` has no attribute `%s`", call->rule->schema->name->text,
                       field->name->text);
            return 0;
        }
        VECTOR_PUSH(call->session->arena, &pairs->list, pair);
    }
    return 1;
}

static const Name *command_name(const Call *call, uint32_t index) {
    const Value *command = call->values[index];
    return command && command->kind == VALUE_STRING ? name_intern(call->session->names, command->as.string) : NULL;
}

static Str property_name(const Call *call, const Pair *pair) {
    Str property = pair->attribute->codec.property;
    return pair->member < 0 ? property : arena_printf(call->session->arena, "%.*s%lld", (int)property.length, property.text, (long long)pair->member);
}

/* The host's text of a value: a string, or the unknown itself. NULL after a report. */
static const Value *pair_text(const Call *call, const Pair *pair, Str before) {
    Session *session = call->session;
    if (pair->value->kind == VALUE_UNKNOWN) {
        Parts parts = {0};
        Text known = {0};
        text_add(&known, before);
        parts_add(session, &parts, &known, pair->value);
        const Value *whole = parts_value(session, &parts, &known, call->expr->span);
        text_fini(&known);
        return whole;
    }
    if (codec_holds_secret(pair->value)) {
        Diagnostic *d = diag_error(session->diagnostics, CODE_SECRET_SINK, pair->value->origin.file ? pair->value->origin : call->expr->span,
                                   "`%s` is a secret and would stand on a command line", pair->attribute->name->text);
        if (call->rule->instance)
            diag_also(session->diagnostics, d, call->rule->instance->origin, "an attribute of this");
        return NULL;
    }
    Text text = {0};
    text_add(&text, before);
    const Value *result = NULL;
    if (codec_encode(session, pair->attribute->type, &pair->attribute->codec, pair->value, pair->value->origin, &text))
        result = value_string(session->arena, call->expr->span, arena_str(session->arena, text_str(&text)));
    text_fini(&text);
    return result;
}

typedef VECTOR(const Value *) OptionList;

/* The option and its text. 0 after a report. */
static int option_add(const Call *call, const Pair *pair, OptionList *arguments) {
    Session *session = call->session;
    const Value *text = pair_text(call, pair, STR("")), *flag = pair->attribute->flag;
    if (!text)
        return 0;
    /* No host takes an empty property string: it says what silence says. */
    if (pair->value->kind == VALUE_RECORD && text->kind == VALUE_STRING && !text->as.string.length)
        return 1;
    if (pair->member >= 0)
        flag = value_string(session->arena, call->expr->span, arena_printf(session->arena, "%.*s%lld", (int)flag->as.string.length, flag->as.string.text,
                                                                           (long long)pair->member));
    VECTOR_PUSH(session->arena, arguments, flag);
    VECTOR_PUSH(session->arena, arguments, text);
    return 1;
}

/* A list of one element is written as that element: so each gets an option of its own. */
static int options_repeat(const Call *call, const Pair *pair, OptionList *arguments) {
    for (uint32_t i = 0; i < pair->value->as.list.count; i++) {
        Pair one = *pair;
        one.value = value_list(call->session->arena, pair->value->origin, pair->value->as.list.items + i, 1);
        if (!option_add(call, &one, arguments))
            return 0;
    }
    return 1;
}

static const Value *call_options(const Call *call) {
    Pairs pairs = {0};
    Session *session = call->session;
    const Name *command = command_name(call, 1);
    if (!pairs_read(call, 0, &pairs))
        return call_poison(call);
    OptionList arguments = {0};
    for (uint32_t i = 0; i < pairs.list.count; i++) {
        const Pair *pair = &pairs.list.items[i];
        if (pair->value->kind == VALUE_UNSET || pair->attribute->computed || !schema_takes_flag(call->rule->schema, pair->attribute, command))
            continue;
        int repeat = pair->attribute->codec.repeat && pair->value->kind == VALUE_LIST && !(pair->value->flags & VALUE_SECRET);
        if (!(repeat ? options_repeat(call, pair, &arguments) : option_add(call, pair, &arguments)))
            return value_poison(session->arena, call->expr->span, 0);
    }
    return value_list(session->arena, call->expr->span, arguments.items, arguments.count);
}

static const Value *call_properties(const Call *call) {
    Pairs pairs = {0};
    Session *session = call->session;
    const Name *command = command_name(call, 1);
    if (!pairs_read(call, 0, &pairs))
        return call_poison(call);
    const Value **items = ARENA_ARRAY(session->arena, const Value *, pairs.list.count + 1);
    uint32_t count = 0;
    for (uint32_t i = 0; i < pairs.list.count; i++) {
        const Pair *pair = &pairs.list.items[i];
        if (pair->value->kind == VALUE_UNSET || pair->attribute->computed || !schema_takes_flag(call->rule->schema, pair->attribute, command))
            continue;
        Str property = property_name(call, pair);
        const Value *text = pair_text(call, pair, arena_printf(session->arena, "%.*s=", (int)property.length, property.text));
        if (!text)
            return value_poison(session->arena, call->expr->span, 0);
        items[count++] = text;
    }
    return value_list(session->arena, call->expr->span, items, count);
}

static const Value *call_each(const Call *call) {
    const Value *const *list;
    uint32_t count;
    if (!call_list(call, 1, &list, &count))
        return call_poison(call);
    const Value **items = ARENA_ARRAY(call->session->arena, const Value *, count * 2 + 1);
    for (uint32_t i = 0; i < count; i++) {
        items[2 * i] = call->values[0];
        items[2 * i + 1] = list[i];
    }
    return value_list(call->session->arena, call->expr->span, items, count * 2);
}

static const Value *call_encode(const Call *call) {
    Str name;
    if (!call_string(call, 0, &name))
        return call_poison(call);
    Pair pair = {.value = call->values[1]};
    const Name *interned = name_intern(call->session->names, name);
    pair.attribute = schema_attribute(call->rule->schema, interned, &pair.member);
    if (!pair.attribute) {
        diag_error(call->session->diagnostics, CODE_UNKNOWN_ATTRIBUTE, call->expr->span, "`%s` has no attribute `%s`", call->rule->schema->name->text, interned->text);
        return value_poison(call->session->arena, call->expr->span, 0);
    }
    const Value *text = pair_text(call, &pair, STR(""));
    return text ? text : value_poison(call->session->arena, call->expr->span, 0);
}

/* The properties' names of a record of attributes; a list of names passes as it is. */
static const Value *call_names(const Call *call) {
    Pairs pairs = {0};
    if (call->values[0]->kind == VALUE_LIST)
        return call->values[0];
    if (!pairs_read(call, 0, &pairs))
        return call_poison(call);
    const Value **items = ARENA_ARRAY(call->session->arena, const Value *, pairs.list.count + 1);
    for (uint32_t i = 0; i < pairs.list.count; i++)
        items[i] = value_string(call->session->arena, call->expr->span, property_name(call, &pairs.list.items[i]));
    return value_list(call->session->arena, call->expr->span, items, pairs.list.count);
}

/* A member of a family counts as named by the family's name too. */
static int name_among(const Value *const *names, uint32_t count, const Pair *pair, Str own) {
    for (uint32_t i = 0; i < count; i++)
        if (names[i]->kind == VALUE_STRING && (str_equal(names[i]->as.string, own) || str_equal(names[i]->as.string, name_str(pair->attribute->name))))
            return 1;
    return 0;
}

static const Value *select_attributes(const Call *call, int keep) {
    Pairs pairs = {0};
    const Value *const *names;
    uint32_t count;
    if (!call_list(call, 1, &names, &count) || !pairs_read(call, 0, &pairs))
        return call_poison(call);
    RecordBuilder builder = {.arena = call->session->arena, .open = 1};
    for (uint32_t i = 0; i < pairs.list.count; i++) {
        const Pair *pair = &pairs.list.items[i];
        Str own = pair->member < 0 ? name_str(pair->attribute->name)
                                   : arena_printf(call->session->arena, "%s%lld", pair->attribute->name->text, (long long)pair->member);
        if (name_among(names, count, pair, own) == keep)
            record_add(&builder, name_intern(call->session->names, own), pair->value, pair->value->origin, NULL);
    }
    return record_finish(&builder, call->expr->span, NULL);
}

static const Value *call_only(const Call *call) {
    return select_attributes(call, 1);
}

static const Value *call_except(const Call *call) {
    return select_attributes(call, 0);
}

/* ---- commands, steps, sources ---- */

/* Flattens lists, skips none, prints what is no text yet. 0 after a report. */
static int arguments_flatten(const Call *call, const Value *value, uint32_t depth, const Value ***items, uint32_t *count, uint32_t *capacity) {
    Session *session = call->session;
    if (value->kind == VALUE_NONE)
        return 1;
    if (value->kind == VALUE_POISON || depth > 16)
        return 0;
    if (value->kind == VALUE_LIST) {
        for (uint32_t i = 0; i < value->as.list.count; i++)
            if (!arguments_flatten(call, value->as.list.items[i], depth + 1, items, count, capacity))
                return 0;
        return 1;
    }
    if (value_is_secret(value)) {
        diag_error(session->diagnostics, CODE_SECRET_SINK, value->origin.file ? value->origin : call->expr->span, "a secret would stand on a command line");
        return 0;
    }
    if (value->kind != VALUE_STRING && value->kind != VALUE_UNKNOWN) {
        Text text = {0};
        uint8_t flags = 0;
        if (!value_to_text(session, value, call->expr->span, &text, &flags)) {
            text_fini(&text);
            return 0;
        }
        value = value_string(session->arena, value->origin, arena_str(session->arena, text_str(&text)));
        text_fini(&text);
    }
    if (*count == *capacity)
        *items = arena_grow(session->arena, *items, capacity, sizeof **items);
    (*items)[(*count)++] = value;
    return 1;
}

static const Value *text_list(const Call *call, const Value *value) {
    const Value **items = NULL;
    uint32_t count = 0, capacity = 0;
    if (!arguments_flatten(call, value, 0, &items, &count, &capacity))
        return NULL;
    return value_list(call->session->arena, call->expr->span, items, count);
}

/* A tagged record of the arguments that were given, under these names; [lists] of them are lists of text. */
static const Value *command_make(const Call *call, const Name *tag, const Name *const *names, uint32_t count, uint32_t lists) {
    Field fields[10];
    uint32_t given = 0;
    for (uint32_t i = 0; i < count; i++) {
        const Value *value = call->values[i];
        if (!value || value->kind == VALUE_NONE)
            continue;
        if (lists >> i & 1)
            value = text_list(call, value);
        if (!value)
            return value_poison(call->session->arena, call->expr->span, 0);
        fields[given++] = (Field){names[i], value, SPAN_NONE};
    }
    Field *copy = ARENA_ARRAY(call->session->arena, Field, given ? given : 1);
    memcpy(copy, fields, given * sizeof *copy);
    return value_record(call->session->arena, call->expr->span, tag, copy, given);
}

static const Value *call_run(const Call *call) {
    const Words *w = &call->session->words;
    const Name *const names[] = {w->argv, w->std_in, w->timeout, w->absent, w->expect, w->changes, w->unwrap};
    if (!call->values[2] && call->rule->timeout)
        call->values[2] = call->rule->timeout;
    return command_make(call, w->run, names, 7, 1);
}

static const Value *call_write(const Call *call) {
    const Words *w = &call->session->words;
    const Name *const names[] = {w->path, w->content, w->mode, w->owner};
    return command_make(call, w->write, names, 4, 0);
}

static const Value *call_edit(const Call *call) {
    const Words *w = &call->session->words;
    const Name *const names[] = {w->path, w->section, w->remove, w->add, w->digest};
    return command_make(call, w->edit, names, 5, 1 << 2 | 1 << 3);
}

static const Value *call_http(const Call *call) {
    const Words *w = &call->session->words;
    const Name *const names[] = {w->method, w->url, w->headers, w->body, w->timeout, w->status, w->expect, w->ca, w->certificate, w->key};
    return command_make(call, w->http, names, 10, 0);
}

static const Value *call_wait(const Call *call) {
    const Words *w = &call->session->words;
    const Name *const names[] = {w->condition, w->within, w->start, w->interval, w->successes};
    return command_make(call, w->wait, names, 5, 0);
}

static const Value *call_step(const Call *call) {
    const Words *w = &call->session->words;
    const Name *const names[] = {w->verb, w->commands, w->risk_class, w->reason, w->effects};
    return command_make(call, w->step, names, 5, 0);
}

static const Value *call_effect(const Call *call) {
    const Words *w = &call->session->words;
    const Name *const names[] = {w->object, w->fate, w->note};
    return command_make(call, w->effect, names, 3, 0);
}

static const Value *call_lock(const Call *call) {
    const Words *w = &call->session->words;
    const Name *const names[] = {w->name, w->count};
    return command_make(call, w->lock, names, 2, 0);
}

static const Value *call_file(const Call *call) {
    const Words *w = &call->session->words;
    return command_make(call, w->file, &w->path, 1, 0);
}

static const Value *call_files(const Call *call) {
    const Words *w = &call->session->words;
    return command_make(call, w->files, &w->path, 1, 0);
}

static const Value *call_glob(const Call *call) {
    const Words *w = &call->session->words;
    return command_make(call, w->glob, &w->path, 1, 0);
}

/* A rule that has no answer says why: the message stands at the resource. */
static const Value *call_fail(const Call *call) {
    Str message;
    if (!call_string(call, 0, &message))
        return call_poison(call);
    const Instance *instance = call->rule->instance;
    Span span = instance ? instance->origin : call->expr->span;
    diag_error(call->session->diagnostics, CODE_RULE_FAILED, span, "%.*s", (int)message.length, message.text);
    return value_poison(call->session->arena, call->expr->span, 0);
}

static const Value *call_kind_of(const Call *call) {
    const Value *value = call->values[0];
    const char *word = value_kind_name((ValueKind)value->kind);
    if (value->kind == VALUE_REFERENCE)
        word = referent_is_group(value->as.reference) ? GROUP(value->as.reference)->component->name->text : INSTANCE(value->as.reference)->schema->name->text;
    return value_string(call->session->arena, call->expr->span, str_of(word));
}

const Builtin builtins_rule[] = {
    {"options", "options(values: resource, command?: string): [string]",
     "`--name value` for each attribute of `want`, `changed` or a record of attributes that the command takes.", "", call_options, 0, 1},
    {"properties", "properties(values: resource, command?: string): [string]", "`name=value` for each attribute that the command takes.", "", call_properties, 0, 1},
    {"each", "each(flag: string, list: [string]): [string]", "The flag before every element.", "each(\"-o\", [\"a\", \"b\"]) == [\"-o\", \"a\", \"-o\", \"b\"]", call_each, 0, 0},
    {"encode", "encode(attribute: string, value: json): string", "The host's text of a value, by the codec of that attribute.", "", call_encode, 0, 1},
    {"names", "names(values: resource): [string]", "The host's names of the attributes of a record, or of `cleared`.", "", call_names, 0, 1},
    {"only", "only(values: resource, attributes: [string]): record", "The attributes of these names (a family's name stands for all its members).", "", call_only, 0, 1},
    {"except", "except(values: resource, attributes: [string]): record", "All attributes but these.", "", call_except, 0, 1},
    {"run", "run(argv: [string], stdin?: string, timeout?: duration, absent?: string, expect?: string, changes?: command, unwrap?: record): command",
     "A command, never a shell: nested lists are flattened, none is skipped. A failure whose error output matches `absent` is none; a success whose output does not match `expect` is none either, nor one after which what the command `changes` prints is the same as before. `unwrap` names the members of a JSON object that the program prints of another one.", "", call_run, 0, 1},
    {"write", "write(path: string, content: string, mode?: string, owner?: string): command", "Writes a file, all of it or nothing.", "", call_write, 0, 1},
    {"edit", "edit(path: string, section?: string, remove?: [string], add?: [string], digest?: string): command",
     "Rewrites lines of one section of a file: takes away those that match, adds those that are not there.", "", call_edit, 0, 1},
    {"http", "http(method: string, url: string, headers?: record, body?: string, timeout?: duration, status?: [int], expect?: string, ca?: string, certificate?: string, key?: string): command",
     "A request. It fails with a status that is not from 200 to 299, or not in `status` where that is given, and with an answer that `expect` does not match. "
     "As a source, by GET alone: the body of the answer, none where there is no such thing (404, 410). `ca` is trusted in place of the system's authorities; `certificate` and `key` are shown to who asks for them: all three texts in PEM.", "", call_http, 0, 1},
    {"wait", "wait(condition: command, within: duration, start?: duration, interval?: duration, successes?: int): command",
     "Repeats a command until it succeeds, or has succeeded so often in a row. The first try comes after `start`, from which `within` counts; between tries it pauses for `interval`, or longer and longer where that is not given.", "", call_wait, 0, 1},
    {"step", "step(verb: string, commands: [command], class?: string, reason?: string, effects?: [effect]): step", "A step of its own.", "", call_step, 0, 1},
    {"effect", "effect(object: string, fate: string, note?: string): effect",
     "What becomes of a thing that goes with the object of a step: kept, destroyed or refused.", "", call_effect, 0, 1},
    {"lock", "lock(name: string, count: int): lock", "A lock that several steps may hold at once.", "", call_lock, 0, 1},
    {"file", "file(path: string): source", "The text of a file, none where there is none.", "", call_file, 0, 1},
    {"files", "files(path: string): source", "The files that match a pattern: a list of { path, name, stem, text }.", "", call_files, 0, 1},
    {"glob", "glob(path: string): source", "The same without their text.", "", call_glob, 0, 1},
    {"fail", "fail(message: string): step", "No plan: an error at the resource.", "", call_fail, 0, 1},
    {"kind", "kind(value: T): string", "The word for the kind of a value; of a reference the resource's type.", "kind(8GiB) == \"size\"", call_kind_of, 1, 0},
};
const uint32_t builtins_rule_count = sizeof builtins_rule / sizeof *builtins_rule;
