/* Declarations of resource types to schemas. */
#include "compiler/schema.h"

#include <string.h>

#include "compiler/library.h"
#include "compiler/state.h"

static const char *const RULE_NAMES[RULE_COUNT] = {
    [RULE_IDENTITY] = "identity", [RULE_READ] = "read",       [RULE_READ_ONE] = "read_one", [RULE_FOUND] = "found",
    [RULE_CREATE] = "create",     [RULE_UPDATE] = "update",   [RULE_DELETE] = "delete",     [RULE_RESTART] = "restart",
    [RULE_LIVE] = "live",         [RULE_DIGEST] = "digest",   [RULE_OBJECT] = "object",     [RULE_LOCKS] = "locks",
    [RULE_TIMEOUT] = "timeout",   [RULE_FLAGS] = "flags",     [RULE_PLACE] = "place",       [RULE_STAMP] = "stamp",
    [RULE_DATA] = "data",         [RULE_PROTECT] = "protect", [RULE_SHARED] = "shared",     [RULE_AFTER] = "after",
    [RULE_IN_FORCE] = "in_force", [RULE_PENDING] = "pending", [RULE_EXEC] = "exec",       [RULE_READY] = "ready",
    [RULE_GATE] = "gate",         [RULE_ACT] = "run",         [RULE_DONE] = "done",       [RULE_SYNONYMS] = "synonyms",
    [RULE_ADOPT] = "adopt",       [RULE_CALLED] = "called",     [RULE_DOCTOR] = "doctor",   [RULE_AILMENTS] = "ailments",
    [RULE_PARTIAL] = "partial",   [RULE_BUSY] = "busy",
    [RULE_RETRY] = "retry",       [RULE_ELSEWHERE] = "elsewhere", [RULE_MOVE] = "move",     [RULE_KNOWN_AS] = "known_as",
    [RULE_SNAPSHOT] = "snapshot",
};

const char *rule_name(Rule rule) {
    return RULE_NAMES[rule];
}

/* ---- attributes by name ---- */

struct SchemaIndex {
    uint32_t *slots;        /* attribute number + 1, by the hash of its name */
    uint32_t mask;
};

static void schema_index(Session *session, Schema *schema) {
    struct SchemaIndex *index = ARENA_NEW(session->arena, struct SchemaIndex);
    for (index->mask = 16; index->mask < schema->attribute_count * 2; index->mask *= 2)
        ;
    index->slots = ARENA_ARRAY(session->arena, uint32_t, index->mask);
    index->mask--;
    for (uint32_t i = 0; i < schema->attribute_count; i++) {
        uint32_t at = schema->attributes[i].name->hash & index->mask;
        while (index->slots[at])
            at = (at + 1) & index->mask;
        index->slots[at] = i + 1;
    }
    schema->index = index;
}

static const TypeField *schema_find(const Schema *schema, Str name, uint32_t hash) {
    for (uint32_t at = hash & schema->index->mask; schema->index->slots[at]; at = (at + 1) & schema->index->mask) {
        const TypeField *attribute = &schema->attributes[schema->index->slots[at] - 1];
        if (attribute->name->length == name.length && !memcmp(attribute->name->text, name.text, name.length))
            return attribute;
    }
    return NULL;
}

/* Splits "net12" into "net" and 12; -1 where it does not end in a number (or the number has a leading zero). */
static int64_t member_split(Str name, size_t *base) {
    size_t at = name.length;
    while (at && name.text[at - 1] >= '0' && name.text[at - 1] <= '9')
        at--;
    *base = at;
    if (at == 0 || at == name.length || name.length - at > 9 || (name.text[at] == '0' && name.length - at > 1))
        return -1;
    int64_t number = 0;
    for (size_t i = at; i < name.length; i++)
        number = number * 10 + (name.text[i] - '0');
    return number;
}

const TypeField *schema_attribute(const Schema *schema, const Name *name, int64_t *member) {
    *member = -1;
    const TypeField *attribute = schema_find(schema, name_str(name), name->hash);
    if (attribute)
        return attribute;
    size_t base;
    int64_t number = member_split(name_str(name), &base);
    if (number < 0)
        return NULL;
    attribute = schema_find(schema, (Str){name->text, base}, hash_bytes(name->text, base));
    if (!attribute || number < attribute->first || number > attribute->last)
        return NULL;
    *member = number;
    return attribute;
}

const TypeField *schema_property(const Schema *schema, Str property, int64_t *member) {
    size_t base;
    int64_t number = member_split(property, &base);
    for (uint32_t i = 0; i < schema->attribute_count; i++) {
        const TypeField *attribute = &schema->attributes[i];
        int family = attribute->first <= attribute->last;
        *member = -1;
        if (!family && str_equal(attribute->codec.property, property))
            return attribute;
        if (family && number >= attribute->first && number <= attribute->last &&
            str_equal(attribute->codec.property, (Str){property.text, base})) {
            *member = number;
            return attribute;
        }
    }
    return NULL;
}

int schema_takes_flag(const Schema *schema, const TypeField *attribute, const Name *command) {
    const Name *const *flags = attribute->flags_given ? attribute->flags : schema->flags;
    uint32_t count = attribute->flags_given ? attribute->flag_count : schema->flag_count;
    if (!command)
        return !attribute->flags_given || count;
    if (!flags)
        return 1;
    for (uint32_t i = 0; i < count; i++)
        if (flags[i] == command)
            return 1;
    return 0;
}

/* The list of literal strings that `synonyms` is; NULL where it is something else. It is taken from the text, since a suggestion must not set
   off the checks of all schemas. */
static const Expr *schema_synonyms(const DeclList *body) {
    for (uint32_t i = 0; i < body->count; i++)
        if (body->items[i]->kind == DECL_RULE && !strcmp(body->items[i]->name.name->text, RULE_NAMES[RULE_SYNONYMS]))
            return body->items[i]->value->kind == EXPR_LIST ? body->items[i]->value : NULL;
    return NULL;
}

static int is_literal_string(const Expr *expr) {
    return expr->kind == EXPR_LITERAL && expr->as.value->kind == VALUE_STRING;
}

void schema_suggest(Session *session, const Schema *schema, Suggestion *suggestion) {
    const Expr *synonyms = schema_synonyms(&library_decl(session, schema->decl)->extra->body);
    suggestion_offer(suggestion, name_str(schema->name));
    for (uint32_t i = 0; synonyms && i < synonyms->as.list.count; i++)
        if (is_literal_string(synonyms->as.list.items[i]))
            suggestion_offer_synonym(suggestion, synonyms->as.list.items[i]->as.value->as.string, name_str(schema->name));
}

/* ---- building ---- */

static int rule_find(const Name *name) {
    for (int i = 0; i < RULE_COUNT; i++)
        if (!strcmp(RULE_NAMES[i], name->text))
            return i;
    return -1;
}

static void schema_take_rule(Session *session, Schema *schema, const Decl *decl) {
    int rule = rule_find(decl->name.name);
    if (rule < 0) {
        Suggestion suggestion = suggestion_for(name_str(decl->name.name));
        for (int i = 0; i < RULE_COUNT; i++)
            suggestion_offer(&suggestion, str_of(RULE_NAMES[i]));
        Diagnostic *d = diag_error(session->diagnostics, CODE_UNKNOWN_RULE, decl->name.span, "a schema has no field `%s`", decl->name.name->text);
        if (!suggestion_tell(&suggestion, session->diagnostics, d, decl->name.span))
            diag_help(session->diagnostics, d, "an attribute is written `%s: TYPE`", decl->name.name->text);
        return;
    }
    if (schema->rules[rule]) {
        Diagnostic *d = diag_error(session->diagnostics, CODE_DUPLICATE_FIELD, decl->name.span, "`%s` is written twice", decl->name.name->text);
        diag_also(session->diagnostics, d, schema->rules[rule]->span, "first here");
        diag_fix_remove(session->diagnostics, d, span_join(decl->name.span, decl->value->span));
        return;
    }
    schema->rules[rule] = decl->value;
}

/* A field of the schema that is the same for all its resources. */
static const Value *schema_constant(Session *session, const Schema *schema, Rule rule, ValueKind kind) {
    if (!schema->rules[rule])
        return NULL;
    const Value *value = eval(session, schema->rules[rule], schema->frame);
    if (value->kind == (uint8_t)kind)
        return value;
    if (value->kind != VALUE_POISON)
        diag_error(session->diagnostics, CODE_RULE, schema->rules[rule]->span, "`%s` wants %s, not %s", RULE_NAMES[rule], value_kind_phrase(kind),
                   value_kind_phrase((ValueKind)value->kind));
    return NULL;
}

static const TypeField *schema_named_attribute(Session *session, const Schema *schema, const Value *name) {
    const Name *interned = name->kind == VALUE_STRING ? name_intern(session->names, name->as.string) : NULL;
    int64_t member;
    const TypeField *attribute = interned ? schema_attribute(schema, interned, &member) : NULL;
    if (!attribute)
        diag_error(session->diagnostics, CODE_RULE, name->origin, "this names no attribute of `%s`", schema->name->text);
    return attribute;
}

static void schema_constants(Session *session, Schema *schema) {
    const Value *value = schema_constant(session, schema, RULE_PLACE, VALUE_BOOL);
    schema->is_place = value && value->as.boolean;
    value = schema_constant(session, schema, RULE_DATA, VALUE_BOOL);
    schema->holds_data = value && value->as.boolean;
    value = schema_constant(session, schema, RULE_SHARED, VALUE_BOOL);
    schema->is_shared = value && value->as.boolean;
    value = schema_constant(session, schema, RULE_PROTECT, VALUE_STRING);
    schema->protect = value ? schema_named_attribute(session, schema, value) : NULL;
    value = schema_constant(session, schema, RULE_IN_FORCE, VALUE_STRING);
    schema->in_force = value ? schema_named_attribute(session, schema, value) : NULL;
    value = schema_constant(session, schema, RULE_ELSEWHERE, VALUE_STRING);
    schema->elsewhere = value ? schema_named_attribute(session, schema, value) : NULL;
    const Expr *stamp = schema->rules[RULE_STAMP];
    value = stamp ? eval(session, stamp, schema->frame) : NULL;
    if (value && value->kind != VALUE_POISON) {
        const Record *record = value->kind == VALUE_RECORD ? value->as.record : NULL;
        schema->stamp_fenced = record && record->tag == session->words.fenced;
        if (!record || (record->tag != session->words.whole && !schema->stamp_fenced) || record->count != 1)
            diag_error(session->diagnostics, CODE_RULE, value->origin, "`stamp` is whole(\"attribute\") or fenced(\"attribute\")");
        else
            schema->stamp = schema_named_attribute(session, schema, record->fields[0].value);
    }
    const Expr *synonyms = schema->rules[RULE_SYNONYMS];
    int literal = synonyms && synonyms->kind == EXPR_LIST;
    for (uint32_t i = 0; literal && i < synonyms->as.list.count; i++)
        literal = is_literal_string(synonyms->as.list.items[i]);
    if (synonyms && !literal)
        diag_error(session->diagnostics, CODE_RULE, synonyms->span, "`synonyms` is a list of strings, written out");
    value = schema_constant(session, schema, RULE_FLAGS, VALUE_LIST);
    if (!value)
        return;
    const Name **flags = ARENA_ARRAY(session->arena, const Name *, value->as.list.count + 1);
    for (uint32_t i = 0; i < value->as.list.count; i++)
        if (value->as.list.items[i]->kind == VALUE_STRING)
            flags[schema->flag_count++] = name_intern(session->names, value->as.list.items[i]->as.string);
    schema->flags = flags;
}

/* What an attribute is compared by is an attribute too. */
static void schema_through(Session *session, const Schema *schema) {
    for (uint32_t i = 0; i < schema->attribute_count; i++) {
        const TypeField *attribute = &schema->attributes[i];
        int64_t member;
        if (attribute->through.length && !schema_attribute(schema, name_intern(session->names, attribute->through), &member))
            diag_error(session->diagnostics, CODE_OPTION, attribute->span, "`%.*s` is no attribute of `%s`", (int)attribute->through.length,
                       attribute->through.text, schema->name->text);
    }
}

/* What `only` and `needed` ask about is an attribute too. */
static void schema_conditions(Session *session, Schema *schema) {
    for (uint32_t i = 0; i < schema->attribute_count; i++) {
        const Condition *conditions[] = {&schema->attributes[i].only, &schema->attributes[i].needed};
        for (size_t k = 0; k < sizeof conditions / sizeof *conditions; k++) {
            int64_t member;
            if (!conditions[k]->attribute)
                continue;
            schema->has_conditions = 1;
            if (!schema_attribute(schema, conditions[k]->attribute, &member))
                diag_error(session->diagnostics, CODE_OPTION, conditions[k]->values->origin, "`%s` is no attribute of `%s`", conditions[k]->attribute->text,
                           schema->name->text);
        }
    }
}

const Schema *schema_build(Session *session, const Decl *decl, const Frame *frame) {
    Schema *schema = ARENA_NEW(session->arena, Schema);
    schema->name = decl->name.name;
    schema->decl = decl;
    schema->frame = frame;
    schema->number = session->schemas.count;
    VECTOR_PUSH(session->arena, &session->schemas, schema);
    return schema;
}

/* The second half: types of attributes may name schemas that are declared later. */
static void schema_complete(Session *session, Schema *schema) {
    const DeclExtra *extra = schema->decl->extra;
    schema->attributes = type_fields(session, extra->fields, extra->field_count, schema->frame);
    schema->attribute_count = extra->field_count;
    schema->written = ARENA_ARRAY(session->arena, uint8_t, schema->attribute_count);
    schema->unique = ARENA_ARRAY(session->arena, uint8_t, schema->attribute_count);
    for (uint32_t i = 0; i < schema->attribute_count; i++)
        schema->unique[i] = schema->attributes[i].unique.length || type_holds_unique(schema->attributes[i].type, NULL);
    schema_index(session, schema);
    for (uint32_t i = 0; i < extra->body.count; i++)
        if (extra->body.items[i]->kind == DECL_RULE)
            schema_take_rule(session, schema, extra->body.items[i]);
    for (uint32_t i = 0; i < schema->attribute_count; i++) {
        const TypeField *attribute = &schema->attributes[i];
        for (Meta meta = 0; meta < META_COUNT; meta++)
            if (!strcmp(meta_name(meta), attribute->name->text))
                diag_error(session->diagnostics, CODE_RULE, attribute->span, "every resource has `%s` already", attribute->name->text);
        if (attribute->first <= attribute->last && !attribute->optional)
            diag_error(session->diagnostics, CODE_RULE, attribute->span, "a family of attributes is optional: write `%s[%lld..%lld]?:`",
                       attribute->name->text, (long long)attribute->first, (long long)attribute->last);
    }
    schema_constants(session, schema);
    schema_conditions(session, schema);
    schema_through(session, schema);
}

static void schema_require(Session *session, const Schema *schema, Rule rule, const char *why) {
    if (schema->rules[rule])
        return;
    Diagnostic *d = diag_error(session->diagnostics, CODE_RULE_MISSING, schema->decl->name.span, "the schema `%s` has no `%s`", schema->name->text,
                               RULE_NAMES[rule]);
    diag_help(session->diagnostics, d, "%s", why);
}

void schema_check(Session *session, Schema *schema) {
    schema_complete(session, schema);
    schema_require(session, schema, RULE_IDENTITY, "`identity = \"{name}\"` says how the object is called on its place");
    /* What has no rules at all is only known of: a place to stand on, a thing to count with. */
    if (schema->rules[RULE_CREATE] || schema->rules[RULE_UPDATE] || schema->rules[RULE_DELETE] || schema->rules[RULE_FOUND])
        schema_require(session, schema, RULE_READ, "`read = { ... }` says how all objects of the type are found: without it nothing can be compared");
    if (schema->rules[RULE_ELSEWHERE])
        schema_require(session, schema, RULE_MOVE, "`move = [run([...])]` says how an object is brought to its place");
    if (schema->rules[RULE_READ])
        schema_require(session, schema, RULE_FOUND, "`found = { ... }` says what was read: identity -> properties");
    if (schema->rules[RULE_DOCTOR])
        schema_require(session, schema, RULE_AILMENTS, "`ailments = [...]` says what is wrong, out of what `doctor` has read");
    const Expr *identity = schema->rules[RULE_IDENTITY];
    if (identity && identity->kind != EXPR_TEXT && (identity->kind != EXPR_LITERAL || identity->as.value->kind != VALUE_STRING))
        diag_error(session->diagnostics, CODE_RULE, identity->span, "`identity` is a string of literal text and attributes");
    if (schema->rules[RULE_CREATE] && !schema->rules[RULE_DELETE])
        schema_require(session, schema, RULE_DELETE, "what can be created must be removable: it is also the way back of `create`");
    schema_sound(session, schema);
}
