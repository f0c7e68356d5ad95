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
    {"pvesh", "PUT /cluster/firewall/options", "pve.firewall.cluster", NULL, "options"},
    {"pvesh", "POST /cluster/firewall/rules", "pve.firewall.cluster", "rules", NULL},
    {"pvesh", "PUT /cluster/firewall/rules/{pos}", "pve.firewall.cluster", "rules", NULL},
    {"pvesh", "POST /cluster/firewall/aliases", "pve.firewall.names", "aliases", NULL},
    {"pvesh", "PUT /cluster/firewall/aliases/{name}", "pve.firewall.names", "aliases", NULL},
    {"pvesh", "POST /cluster/firewall/ipset", "pve.firewall.names", "ipset", NULL},
    {"pvesh", "POST /cluster/firewall/ipset/{name}", "pve.firewall.names", "ipset.members", NULL},
    {"pvesh", "PUT /cluster/firewall/ipset/{name}/{cidr}", "pve.firewall.names", "ipset.members", NULL},
    {"pvesh", "POST /cluster/firewall/groups", "pve.firewall.names", "groups", NULL},
    {"pvesh", "POST /cluster/firewall/groups/{group}", "pve.firewall.names", "groups.rules", NULL},
    {"pvesh", "PUT /cluster/firewall/groups/{group}/{pos}", "pve.firewall.names", "groups.rules", NULL},
    {"pvesh", "PUT /nodes/{node}/firewall/options", "pve.firewall.node", NULL, "options"},
    {"pvesh", "POST /nodes/{node}/firewall/rules", "pve.firewall.node", "rules", NULL},
    {"pvesh", "PUT /nodes/{node}/firewall/rules/{pos}", "pve.firewall.node", "rules", NULL},
    {"pvesh", "PUT /nodes/{node}/lxc/{vmid}/firewall/options", "pve.firewall.guest", NULL, "options"},
    {"pvesh", "POST /nodes/{node}/lxc/{vmid}/firewall/rules", "pve.firewall.guest", "rules", NULL},
    {"pvesh", "PUT /nodes/{node}/lxc/{vmid}/firewall/rules/{pos}", "pve.firewall.guest", "rules", NULL},
    {"pvesh", "POST /nodes/{node}/lxc/{vmid}/firewall/aliases", "pve.firewall.guest", "aliases", NULL},
    {"pvesh", "PUT /nodes/{node}/lxc/{vmid}/firewall/aliases/{name}", "pve.firewall.guest", "aliases", NULL},
    {"pvesh", "POST /nodes/{node}/lxc/{vmid}/firewall/ipset", "pve.firewall.guest", "ipset", NULL},
    {"pvesh", "POST /nodes/{node}/lxc/{vmid}/firewall/ipset/{name}", "pve.firewall.guest", "ipset.members", NULL},
    {"pvesh", "PUT /nodes/{node}/lxc/{vmid}/firewall/ipset/{name}/{cidr}", "pve.firewall.guest", "ipset.members", NULL},
    {"pvesh", "PUT /nodes/{node}/qemu/{vmid}/firewall/options", "pve.firewall.guest", NULL, "options"},
    {"pvesh", "POST /nodes/{node}/qemu/{vmid}/firewall/rules", "pve.firewall.guest", "rules", NULL},
    {"pvesh", "PUT /nodes/{node}/qemu/{vmid}/firewall/rules/{pos}", "pve.firewall.guest", "rules", NULL},
    {"pvesh", "POST /nodes/{node}/qemu/{vmid}/firewall/aliases", "pve.firewall.guest", "aliases", NULL},
    {"pvesh", "PUT /nodes/{node}/qemu/{vmid}/firewall/aliases/{name}", "pve.firewall.guest", "aliases", NULL},
    {"pvesh", "POST /nodes/{node}/qemu/{vmid}/firewall/ipset", "pve.firewall.guest", "ipset", NULL},
    {"pvesh", "POST /nodes/{node}/qemu/{vmid}/firewall/ipset/{name}", "pve.firewall.guest", "ipset.members", NULL},
    {"pvesh", "PUT /nodes/{node}/qemu/{vmid}/firewall/ipset/{name}/{cidr}", "pve.firewall.guest", "ipset.members", NULL},
    {"pvesh", "POST /cluster/backup", "pve.backup_job", NULL, "create"},
    {"pvesh", "PUT /cluster/backup/{id}", "pve.backup_job", NULL, "set"},
    {"pvesh", "POST /pools", "pve.pool", NULL, "create"},
    {"pvesh", "PUT /pools", "pve.pool", NULL, "set"},
    {"pvesh", "POST /cluster/ha/resources", "pve.ha_resource", NULL, "create"},
    {"pvesh", "PUT /cluster/ha/resources/{sid}", "pve.ha_resource", NULL, "set"},
    {"pvesh", "POST /cluster/ha/rules", "pve.ha_rule", NULL, "create"},
    {"pvesh", "PUT /cluster/ha/rules/{rule}", "pve.ha_rule", NULL, "set"},
    {"pvesh", "POST /access/users", "pve.user", NULL, "create"},
    {"pvesh", "PUT /access/users/{userid}", "pve.user", NULL, "set"},
    {"pvesh", "POST /access/groups", "pve.group", NULL, "create"},
    {"pvesh", "PUT /access/groups/{groupid}", "pve.group", NULL, "set"},
    {"pvesh", "POST /access/roles", "pve.role", NULL, "create"},
    {"pvesh", "PUT /access/roles/{roleid}", "pve.role", NULL, "set"},
    {"pvesh", "PUT /access/acl", "pve.acl", NULL, "set"},
    {"pvesh", "PUT /cluster/options", "pve.cluster", NULL, "set"},
    {"pvesh", "POST /cluster/mapping/dir", "pve.mapping_dir", NULL, "create"},
    {"pvesh", "POST /cluster/mapping/pci", "pve.mapping_pci", NULL, "create"},
    {"pvesh", "POST /cluster/mapping/usb", "pve.mapping_usb", NULL, "create"},
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
    NamedText texts[128];
    size_t count = phx_stdlib_count < 128 ? phx_stdlib_count : 128;
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

static const TypeField *record_field_of(const Type *type, Str property) {
    const Type *record = record_of(type);
    for (uint32_t i = 0; record && i < record->field_count; i++)
        if (str_equal(record->fields[i].codec.property, property))
            return &record->fields[i];
    return NULL;
}

/* The field of an element of the part. */
static const TypeField *part_field(const Schema *schema, const char *part, const char *name) {
    Str rest = str_of(part), step;
    int64_t member;
    slice_next(&rest, STR("."), &step);
    const TypeField *at = schema_property(schema, step, &member);
    while (at && slice_next(&rest, STR("."), &step))
        at = record_field_of(at->type, step);
    return at ? record_field_of(at->type, str_of(name)) : NULL;
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
        attribute = part_field(schema, home->part, parameter->name);
        return (Spoken){attribute, attribute != NULL};
    }
    if (attribute && (attribute->computed || attribute->hidden))
        attribute = NULL;
    return (Spoken){attribute, attribute && flags_have(attribute, schema, home->word)};
}

static int record_has_key(const Type *type, const Parameter *key) {
    for (uint32_t i = 0; i < type->field_count; i++)
        if (str_equal(type->fields[i].codec.property, str_of(key->name)))
            return 1;
    return key->is_default_key && (type->head_count || type->variant[0]);
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
