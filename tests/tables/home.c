/* Schemas and the commands that they speak for. */
#include "tests/tables/home.h"

#include <stdio.h>
#include <string.h>

#include "compiler/codec.h"
#include "compiler/slice.h"
#include "runtime/stdlib.h"

static const Home all[] = {
    {"pct", "create", "pve.lxc", NULL, "create"}, {"pct", "set", "pve.lxc", NULL, "set"}, {"pct", "clone", "pve.lxc", NULL, "clone"},
    {"pct", "resize", "pve.lxc", NULL, NULL}, {"pct", "template", "pve.lxc", NULL, NULL}, {"pct", "migrate", "pve.lxc", NULL, "migrate"},
    {"pct", "snapshot", "pve.snapshot", NULL, "pct"},
    {"qm", "create", "pve.vm", NULL, "create"}, {"qm", "set", "pve.vm", NULL, "set"}, {"qm", "clone", "pve.vm", NULL, "clone"},
    {"qm", "resize", "pve.vm", NULL, NULL}, {"qm", "disk import", "pve.vm", NULL, NULL}, {"qm", "template", "pve.vm", NULL, NULL},
    {"qm", "migrate", "pve.vm", NULL, "migrate"}, {"qm", "cloudinit update", "pve.vm", NULL, NULL},
    {"qm", "snapshot", "pve.snapshot", NULL, "qm"},
    {"pvesm", "add", "pve.storage", NULL, "add"}, {"pvesm", "set", "pve.storage", NULL, "set"},
};

const Home *homes(uint32_t *count) {
    *count = sizeof all / sizeof *all;
    return all;
}

static LoadStatus load_nothing(void *context, Str importer, Str path, SourceKind kind, Str *name, Str *bytes, Str *problem) {
    (void)context, (void)importer, (void)path, (void)kind, (void)name, (void)bytes, (void)problem;
    return LOAD_ABSENT;
}

Session *library_open(void) {
    static const char site[] = "site \"library\" edition 1\n";
    NamedText texts[128];
    size_t count = phx_stdlib_count < 128 ? phx_stdlib_count : 128;
    (void)site;
    for (size_t i = 0; i < count; i++)
        texts[i] = (NamedText){str_of(phx_stdlib[i].name), {phx_stdlib[i].bytes, phx_stdlib[i].length}};
    SessionOptions options = {.loader = {NULL, load_nothing}, .stdlib = texts, .stdlib_count = count, .check_stdlib = 1};
    Session *session = session_open(&options);
    Text text = {0};
    int broken = diag_errors(session_diagnostics(session)) > 0;
    if (broken) {
        diag_print_text(session_diagnostics(session), (DiagnosticStyle){0}, &text);
        fputs(text.bytes, stderr);
        session_close(session);
    }
    text_fini(&text);
    return broken ? NULL : session;
}

const Schema *library_schema(Session *session, const char *name) {
    for (uint32_t i = 0; i < session->schemas.count; i++)
        if (!strcmp(session->schemas.items[i]->name->text, name))
            return session->schemas.items[i];
    return NULL;
}

/* The record among what the type may be, elements of lists and maps included; NULL where there is none. */
static const Type *record_of(const Type *type) {
    if (type->kind == TYPE_RECORD)
        return type;
    if (type->kind == TYPE_LIST || type->kind == TYPE_MAP)
        return record_of(type->element);
    for (uint32_t i = 0; type->kind == TYPE_UNION && i < type->member_count; i++)
        if (record_of(type->members[i]))
            return record_of(type->members[i]);
    return NULL;
}

static int flags_have(const TypeField *attribute, const Schema *schema, const char *word) {
    const Name *const *flags = attribute->flags_given ? attribute->flags : schema->flags;
    uint32_t count = attribute->flags_given ? attribute->flag_count : schema->flag_count;
    if (!word)
        return 0;
    for (uint32_t i = 0; i < count; i++)
        if (!strcmp(flags[i]->text, word))
            return 1;
    return !flags && !attribute->flags_given;
}

/* Of a family the whole of it: one that is shorter than Proxmox's leaves some out. */
static const TypeField *family_of(const Schema *schema, const Parameter *p) {
    char name[128];
    const TypeField *found = NULL;
    for (int64_t i = p->first; i <= p->last; i += p->last > p->first ? p->last - p->first : 1) {
        int64_t member;
        snprintf(name, sizeof name, "%.*s%d", (int)strlen(p->name) - 3, p->name, (int)i);
        found = schema_property(schema, str_of(name), &member);
        if (!found || member != i)
            return NULL;
    }
    return found;
}

Spoken home_speaks(Session *session, const Home *home, const Parameter *parameter) {
    const Schema *schema = library_schema(session, home->schema);
    int64_t member = -1;
    if (!schema)
        return (Spoken){0};
    const TypeField *attribute = NULL;
    if (!home->part && parameter->last >= 0) {
        attribute = family_of(schema, parameter);
    } else if (!home->part) {
        attribute = schema_property(schema, str_of(parameter->name), &member);
        attribute = attribute && member < 0 ? attribute : NULL;
    } else {
        const TypeField *whole = schema_property(schema, str_of(home->part), &member);
        const Type *record = whole ? record_of(whole->type) : NULL;
        for (uint32_t i = 0; record && i < record->field_count; i++)
            if (str_equal(record->fields[i].codec.property, str_of(parameter->name)))
                attribute = &record->fields[i];
        return (Spoken){attribute, attribute != NULL};
    }
    if (attribute && (attribute->computed || attribute->hidden))
        attribute = NULL;
    return (Spoken){attribute, attribute && flags_have(attribute, schema, home->word)};
}

/* Is the field one of those that a head is made of? */
static int head_has(const Type *type) {
    return type->head_count > 0;
}

static int record_has_key(const Type *type, const Parameter *key) {
    for (uint32_t i = 0; i < type->field_count; i++)
        if (str_equal(type->fields[i].codec.property, str_of(key->name)))
            return 1;
    return key->is_default_key && (head_has(type) || type->variant[0]);
}

int type_has_key(const Type *type, const Parameter *parameter, const Parameter *key) {
    if (type->kind == TYPE_RECORD)
        return record_has_key(type, key);
    for (uint32_t i = 0; type->kind == TYPE_UNION && i < type->member_count; i++)
        if (type_has_key(type->members[i], parameter, key))
            return 1;
    /* A plain value says what stands without a key. */
    return type->kind != TYPE_UNION && key->is_default_key;
}
