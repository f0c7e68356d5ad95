/* Schemas to sites. What the resources are called, what they are made from and which storages they stand on is laid out here; all other
   attributes are those that the schemas have, with values that their types take. */
#include "tests/tables/site.h"

#include <string.h>

#include "compiler/codec.h"
#include "lang/json.h"
#include "lang/number.h"
#include "tests/tables/home.h"
#include "tests/tables/made.h"

enum { STORAGES = 16, IMAGES = 6, TEMPLATES = 6 };

/* One attribute, as text of the site and as JSON of the facts; where one of the two is empty it stands only in the other. */
typedef struct Written { Str name, phx, json; } Written;

typedef struct Thing {
    const Schema *schema;
    const char *name;           /* in the site */
    const char *identity;       /* on the host */
    uint32_t number;
    VECTOR(Written) attributes;
} Thing;

typedef struct Site {
    const SiteOptions *options;
    Session *session;
    Arena *arena;
    Thing *thing;               /* the one being made */
    uint32_t member;            /* of the attribute being made */
    uint32_t names;             /* how many fields of it were given a name */
    VECTOR(Thing *) things;
    Making making;
} Site;

#define TEXT(site, ...) arena_printf((site)->arena, __VA_ARGS__)

static void write_both(Site *site, Str name, Str phx, Str json) {
    VECTOR_PUSH(site->arena, &site->thing->attributes, ((Written){name, phx, json}));
}

static int is_written(const Thing *thing, Str name) {
    for (uint32_t i = 0; i < thing->attributes.count; i++)
        if (str_equal(thing->attributes.items[i].name, name))
            return 1;
    return 0;
}

/* Dice that fall the same for one attribute of one resource, whatever the seed. */
static Dice fixed_dice(const Site *site, uint32_t what) {
    return dice_at(site->options->structure, site->thing->number, what);
}

static Dice free_dice(const Site *site, uint32_t what) {
    return dice_at(site->options->structure * 7919 + site->options->seed, site->thing->number, what);
}

static uint32_t fixed(const Site *site, uint32_t what, uint32_t sides) {
    Dice dice = fixed_dice(site, what);
    return dice_roll(&dice, sides);
}

/* ---- values ---- */

static const Value *none(const Site *site) {
    return value_none(site->arena, SPAN_NONE);
}

static const Value *text_value(const Site *site, Str text) {
    return value_string(site->arena, SPAN_NONE, text);
}

static const Value *address_value(const Site *site, ValueKind kind, Str text) {
    Address *address = ARENA_NEW(site->arena, Address);
    int reads = kind == VALUE_IP ? ip_parse(text, address) : cidr_parse(text, address);
    return reads ? value_address(site->arena, SPAN_NONE, kind, address) : NULL;
}

/* The names of storages that keep volumes: every second is one of ZFS, the others keep files. */
static const Value *storage_value(const Site *site) {
    return text_value(site, TEXT(site, "store%u", fixed(site, 9000 + site->member, STORAGES)));
}

static const Value *size_value(const Site *site) {
    int64_t size = (int64_t)(1 + fixed(site, 8000 + site->member, 6) + (site->options->seed - 1) * fixed(site, 8500 + site->member, 2)) << 30;
    return value_integer(site->arena, SPAN_NONE, VALUE_SIZE, size);
}

static const Value *network_value(Site *site, uint32_t number) {
    return address_value(site, VALUE_CIDR, TEXT(site, "10.%u.%u.0/24", number % 250, site->names++ % 250));
}

/* What of a firewall's rule goes together: a direction, what becomes of the packet, a protocol that has ports. */
static const Value *rule_value(Site *site, const char *name) {
    static const char *const actions[] = {"ACCEPT", "DROP", "REJECT"};
    int is_guest = !strcmp(site->thing->schema->name->text, "pve.firewall.guest"), is_names = !strcmp(site->thing->schema->name->text, "pve.firewall.names");
    if (!strcmp(name, "type"))
        return text_value(site, site->names % 3 ? STR("in") : STR("out"));
    if (!strcmp(name, "action"))
        return text_value(site, str_of(actions[site->names % 3]));
    if (!strcmp(name, "proto"))
        return text_value(site, STR("tcp"));
    if (!strcmp(name, "iface"))
        return is_names ? none(site) : is_guest ? text_value(site, STR("net0")) : text_value(site, STR("vmbr0"));
    return !strcmp(name, "icmp_type") || !strcmp(name, "macro") ? none(site) : NULL;
}

/* Fields that mean something only together, or must not occur twice. */
static const Value *field_chosen(void *context, const TypeField *field) {
    Site *site = context;
    const char *name = field->name->text;
    const Value *rule;
    uint32_t number = site->thing->number * 64 + site->member % 64;
    if (!strcmp(name, "storage"))
        return storage_value(site);
    if (!strcmp(name, "size") && field->change == CHANGE_GROW)
        return size_value(site);
    if (!strcmp(name, "volume") || !strcmp(name, "ip6") || !strcmp(name, "gw6") || !strcmp(name, "media"))
        return none(site);
    if (!strcmp(name, "source") && site->thing->schema == library_schema(site->session, "pve.lxc"))
        return site->thing->number % 5 ? none(site) : text_value(site, TEXT(site, "/srv/folder%u", site->member));
    if (!strcmp(name, "source"))
        return site->thing->schema == library_schema(site->session, "pve.vm") ? none(site) : network_value(site, number);
    if (!strcmp(name, "name"))
        return text_value(site, TEXT(site, "n%u", site->names++));
    if (!strcmp(name, "mp"))
        return text_value(site, TEXT(site, "/mnt/m%u", site->member));
    if (!strcmp(name, "format") && field->change == CHANGE_CREATE)
        return none(site);
    if (!strcmp(name, "ip"))
        return address_value(site, VALUE_CIDR, TEXT(site, "10.%u.%u.%u/8", 1 + number / 62500, number / 250 % 250, 1 + number % 250));
    if (!strncmp(site->thing->schema->name->text, "pve.firewall.", 13) && (rule = rule_value(site, name)))
        return rule;
    if (!strcmp(name, "cidr") || !strcmp(name, "dest"))
        return network_value(site, number);
    if (!strcmp(name, "dport") || !strcmp(name, "sport"))
        return text_value(site, TEXT(site, "%u:%u", number % 9000, 9000 + number % 9000));
    if (!strcmp(name, "gw"))
        return address_value(site, VALUE_IP, STR("10.255.255.254"));
    if (field->type->kind == TYPE_MAC)
        return value_integer(site->arena, SPAN_NONE, VALUE_MAC, 0x525400000000 + number);
    return NULL;
}

static int is_writable(Site *site, const TypeField *attribute, const Value *value) {
    Text text = {0};
    /* Lists and maps of records are written by rules, part by part. */
    if (attribute->type->kind == TYPE_MAP || (attribute->type->kind == TYPE_LIST && attribute->type->element->kind == TYPE_RECORD))
        return 1;
    int writes = codec_encode(site->session, attribute->type, &attribute->codec, value, SPAN_NONE, &text);
    text_fini(&text);
    return writes;
}

static void write_value(Site *site, Str name, const Value *value) {
    Text phx = {0}, json = {0};
    value_print(value, 0, &phx);
    json_write(value, JSON_COMPACT_SORTED, 0, &json);
    write_both(site, name, arena_str(site->arena, text_str(&phx)), arena_str(site->arena, text_str(&json)));
    text_fini(&phx), text_fini(&json);
}

/* The volume that stands behind a record with a storage, for the facts. */
static const Value *with_volume(Site *site, Str slot, const Value *value) {
    const Name *volume = name_intern(site->session->names, STR("volume")), *storage = name_intern(site->session->names, STR("storage"));
    if (value->kind != VALUE_RECORD || !record_get(value->as.record, storage) || record_get(value->as.record, volume))
        return value;
    RecordBuilder builder = {.arena = site->arena};
    for (uint32_t i = 0; i < value->as.record->count; i++)
        record_add(&builder, value->as.record->fields[i].name, value->as.record->fields[i].value, SPAN_NONE, NULL);
    record_add(&builder, volume, text_value(site, TEXT(site, "vm-%s-phx-%s", site->thing->identity, slot.text)), SPAN_NONE, NULL);
    return record_finish(&builder, SPAN_NONE, NULL);
}

static Str json_of(Site *site, const Value *value) {
    Text json = {0};
    json_write(value, JSON_COMPACT_SORTED, 0, &json);
    Str text = arena_str(site->arena, text_str(&json));
    text_fini(&json);
    return text;
}

static void write_chance(Site *site, const TypeField *attribute, uint32_t number, int64_t member) {
    Str name = member < 0 ? name_str(attribute->name) : TEXT(site, "%s%d", attribute->name->text, (int)member);
    uint32_t what = number * 256 + (uint32_t)(member + 1);
    int is_fixed = field_is_fixed(attribute);
    site->member = what;
    site->names = 0;
    site->making.fixed = site->options->structure + site->thing->number * 65537 + what;
    site->making.dice = is_fixed ? fixed_dice(site, what) : free_dice(site, what);
    for (int attempt = 0; attempt < 4; attempt++) {
        const Value *value = type_chance(&site->making, attribute->type);
        if (!value || value->flags & VALUE_SECRET || !is_writable(site, attribute, with_volume(site, name, value)))
            continue;
        write_value(site, name, value);
        site->thing->attributes.items[site->thing->attributes.count - 1].json = json_of(site, with_volume(site, name, value));
        return;
    }
}

/* Every attribute that is not written yet, by chance; of a family up to two members. [skip]: names with blanks between them. */
static void write_others(Site *site, const char *skip) {
    const Schema *schema = site->thing->schema;
    for (uint32_t i = 0; i < schema->attribute_count; i++) {
        const TypeField *attribute = &schema->attributes[i];
        const char *found = strstr(skip, attribute->name->text);
        size_t length = attribute->name->length;
        if (attribute->computed || attribute->hidden || is_written(site->thing, name_str(attribute->name)) || attribute->type->secret ||
            (is_written(site->thing, TEXT(site, "%s0", attribute->name->text)) && attribute->first == 0) || (found && (found == skip || found[-1] == ' ') && (found[length] == ' ' || !found[length])))
            continue;
        Dice dice = field_is_fixed(attribute) ? fixed_dice(site, 50000 + i) : free_dice(site, 50000 + i);
        int64_t first = attribute->first <= attribute->last ? attribute->first : -1;
        for (int64_t member = first; member < first + 2 && (first >= 0 || member == -1); member++)
            if (dice_roll(&dice, 4) == 0)
                write_chance(site, attribute, i, member == first + 1 ? attribute->last : member);
    }
}

/* An attribute, or the first member of a family. */
static void write_one(Site *site, const char *name) {
    const Schema *schema = site->thing->schema;
    for (uint32_t i = 0; i < schema->attribute_count; i++)
        if (!strcmp(schema->attributes[i].name->text, name))
            write_chance(site, &schema->attributes[i], i, schema->attributes[i].first <= schema->attributes[i].last ? schema->attributes[i].first : -1);
}

/* ---- resources ---- */

static void begin(Site *site, const char *schema, Str name, Str identity) {
    Thing *thing = ARENA_NEW(site->arena, Thing);
    *thing = (Thing){.schema = library_schema(site->session, schema), .name = name.text, .identity = identity.text, .number = site->things.count + 1};
    site->thing = thing;
    VECTOR_PUSH(site->arena, &site->things, thing);
}

static void write_text(Site *site, const char *name, Str text) {
    write_value(site, str_of(name), text_value(site, text));
}

/* Storages: of each type what it must have, and of what it may have some. */
static void make_storage(Site *site, uint32_t number) {
    static const struct { const char *type; const char *must[3][2]; const char *may; } kinds[] = {
        {"zfspool", {{"dataset", "tank"}}, "content nodes disable sparse blocksize"},
        {"dir", {{"path", "/srv/store"}}, "content nodes disable shared prune_backups preallocation is_mountpoint create_subdirs max_protected_backups"},
        {"zfspool", {{"dataset", "tank"}}, "content nodes disable sparse blocksize"},
        {"btrfs", {{"path", "/srv/store"}}, "content nodes disable prune_backups is_mountpoint preallocation nocow"},
        {"zfspool", {{"dataset", "tank"}}, "content nodes disable sparse"},
        {"nfs", {{"server", "nas.lan"}, {"export", "/export"}}, "content nodes disable options prune_backups preallocation create_subdirs"},
        {"zfspool", {{"dataset", "tank"}}, "content nodes disable sparse blocksize"},
        {"cifs", {{"server", "nas.lan"}, {"share", "pve"}}, "content nodes disable subdir smbversion domain prune_backups preallocation"},
        {"lvm", {{"vgname", "vg0"}}, "content nodes disable shared saferemove tagged_only"},
        {"lvmthin", {{"vgname", "vg0"}, {"thinpool", "data"}}, "content nodes disable"},
        {"pbs", {{"server", "pbs.lan"}, {"datastore", "backup"}}, "nodes disable namespace fingerprint port prune_backups max_protected_backups"},
    };
    size_t k = number < sizeof kinds / sizeof *kinds ? number : number % 4;
    begin(site, "pve.storage", TEXT(site, "s%u", number), TEXT(site, "store%u", number));
    write_text(site, "id", str_of(site->thing->identity));
    write_text(site, "type", str_of(kinds[k].type));
    for (int i = 0; i < 3 && kinds[k].must[i][0]; i++)
        write_text(site, kinds[k].must[i][0], TEXT(site, "%s%s", kinds[k].must[i][1], strchr("/t", kinds[k].must[i][1][0]) ? TEXT(site, "%u", number).text : ""));
    Str rest = TEXT(site, "%s", kinds[k].may);
    for (char *name = (char *)(uintptr_t)rest.text, *end; name && *name; name = end) {
        end = strchr(name, ' ');
        if (end)
            *end++ = '\0';
        Dice dice = free_dice(site, (uint32_t)(name - rest.text) + 700);
        if (strcmp(name, "content") ? dice_roll(&dice, 2) == 0 : 0)
            write_one(site, name);
    }
    if (strstr(kinds[k].may, "content"))
        write_both(site, STR("content"), STR("[\"images\", \"rootdir\"]"), STR("[\"images\",\"rootdir\"]"));
}

static void make_image(Site *site, uint32_t number) {
    static const char *const contents[] = {"vztmpl", "import", "iso"}, *const endings[] = {"tar.zst", "qcow2", "img"};
    Str file = TEXT(site, "image%u.%s", number, endings[number % 3]);
    begin(site, "pve.image", TEXT(site, "i%u", number), TEXT(site, "local:%s/%s", contents[number % 3], file.text));
    write_text(site, "storage", STR("local"));
    write_text(site, "content", str_of(contents[number % 3]));
    write_text(site, "file", file);
    write_text(site, "url", TEXT(site, "https://images.lan/%s", file.text));
    if (number % 2)
        write_text(site, "sha256", STR("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"));
}

/* What only the host says: that the guest was started, the digest of its file. */
static void write_found(Site *site, int stopped) {
    for (uint32_t i = 0; i < site->thing->schema->attribute_count; i++) {
        const TypeField *attribute = &site->thing->schema->attributes[i];
        if (attribute->hidden && attribute->fallback && attribute->type->kind == TYPE_BOOL)
            write_both(site, name_str(attribute->name), STR(""), STR("true"));
    }
    write_both(site, STR("digest"), STR(""), TEXT(site, "\"%040u\"", site->thing->number));
    if (!is_written(site->thing, STR("state")))
        write_both(site, STR("state"), STR(""), stopped ? STR("\"stopped\"") : STR("\"running\""));
}

/* Every snapshot is of another guest. A folder of the host stands in every fifth resource, and what sees one can have no snapshot. */
static uint32_t snapshot_guest(uint32_t number, uint32_t guests) {
    uint32_t guest = TEMPLATES * 2 + number * 7 % (guests - TEMPLATES * 2 - 1);
    return guest + ((guest + STORAGES + IMAGES + 1) % 5 == 0);
}

/* Of a template, with its volumes or sharing them; or of a guest as it was. */
static void write_clone(Site *site, int is_container) {
    static const char *const ways[] = {"", ", full: true", ", full: true, bwlimit: 1024KB/s"};
    uint32_t way = fixed(site, 3, 5), template = (uint32_t)is_container + 2 * fixed(site, 2, TEMPLATES);
    uint32_t snapshot = is_container ? 0 : 2;
    /* Who is cloned so comes before all who are its clones. */
    if (way == 3 && site->thing->number < 100)
        way = 0;
    Str from = way < 3    ? TEXT(site, "clone(g%u%s)", template, ways[way])
               : way == 3 ? TEXT(site, "clone(g%u, snapshot: n%u)", snapshot_guest(snapshot, 1000), snapshot)
                          : TEXT(site, "clone(g%u, full: true%s)", template, is_container ? "" : ", format: \"raw\"");
    write_both(site, STR("from"), from, STR(""));
}

/* A machine starts from what it has: one of its disks or network cards. */
static void write_boot(Site *site) {
    const char *slot = NULL;
    for (uint32_t i = 0; i < site->thing->attributes.count; i++) {
        const char *name = site->thing->attributes.items[i].name.text;
        if ((!strncmp(name, "scsi", 4) || !strncmp(name, "virtio", 6) || !strncmp(name, "net", 3)) && strpbrk(name, "0123456789") && !strstr(name, "fs"))
            slot = name;
    }
    if (slot)
        write_both(site, STR("boot"), TEXT(site, "{ order = [\"%s\"] }", slot), TEXT(site, "{\"order\":[\"%s\"]}", slot));
}

/* Guests: the first are templates, the others are made from images, cloned from those, or begin empty. */
static void make_guest(Site *site, uint32_t number, int is_container) {
    const char *schema = is_container ? "pve.lxc" : "pve.vm";
    int is_template = number < TEMPLATES * 2;
    begin(site, schema, TEXT(site, "g%u", number), TEXT(site, "%u", 1000 + number));
    uint32_t way = fixed(site, 1, 3);
    int is_clone = !is_template && way == 0;
    write_both(site, STR("id"), TEXT(site, "%u", 1000 + number), STR(""));
    write_text(site, is_container ? "hostname" : "name", TEXT(site, "guest-%u", number));
    if (is_clone)
        write_clone(site, is_container);
    else if (is_container || way == 1)
        write_both(site, STR("from"), is_container ? TEXT(site, "template(i%u)", 3 * fixed(site, 4, IMAGES / 3)) : TEXT(site, "image(i%u)", 1 + fixed(site, 4, IMAGES / 3) * 3), STR(""));
    if (is_template)
        write_both(site, STR("template"), STR("true"), STR("true"));
    if (is_container && !is_clone)
        write_one(site, "rootfs");
    if (!is_container && !is_clone)
        write_one(site, "scsi");
    if (!is_container && fixed(site, 6, 4) == 0)
        write_both(site, STR("affinity"), TEXT(site, "[\"%u-%u\", \"20\"]", fixed(site, 7, 8), 8 + fixed(site, 8, 8)), TEXT(site, "[\"%u-%u\",\"20\"]", fixed(site, 7, 8), 8 + fixed(site, 8, 8)));
    write_others(site, is_template   ? "boot affinity template state mp lxc after net scsi virtio sata ide cloudinit rootfs onboot tpmstate0 efidisk0 gpus protection"
                       : is_clone    ? "boot affinity template rootfs lxc unprivileged efidisk0 tpmstate0"
                                     : "boot affinity template lxc");
    if (!is_container && !is_clone && fixed(site, 5, 2))
        write_boot(site);
    write_found(site, is_template);
}

static void make_snapshot(Site *site, uint32_t number, uint32_t guests) {
    uint32_t guest = snapshot_guest(number, guests);
    begin(site, "pve.snapshot", TEXT(site, "n%u", number), TEXT(site, "%u/snap%u", 1000 + guest, number));
    write_both(site, STR("guest"), TEXT(site, "g%u", guest), STR(""));
    write_text(site, "name", TEXT(site, "snap%u", number));
    write_others(site, guest % 2 ? "vmstate" : "");
    write_both(site, STR("digest"), STR(""), TEXT(site, "\"%040u\"", 1000 + guest));
    write_both(site, STR("program"), STR(""), guest % 2 ? STR("\"pct\"") : STR("\"qm\""));
}

/* The firewalls of the cluster, of the node and of some guests. They are never there before. */
static void make_firewalls(Site *site, uint32_t guests) {
    static const char *const scopes[] = {"names", "cluster", "node"};
    for (uint32_t i = 0; i < 3; i++) {
        begin(site, TEXT(site, "pve.firewall.%s", scopes[i]).text, TEXT(site, "fw_%s", scopes[i]), STR(""));
        write_one(site, "rules");
        write_others(site, "");
    }
    for (uint32_t i = TEMPLATES * 2; i < guests; i += 11) {
        begin(site, "pve.firewall.guest", TEXT(site, "fw%u", i), STR(""));
        write_both(site, STR("guest"), TEXT(site, "g%u", i), STR(""));
        write_one(site, "rules");
        write_others(site, "");
    }
}

/* ---- printing ---- */

static void print_text(const Site *site, FILE *out) {
    /* Values are made up one by one: what belongs together is no matter here. */
    fprintf(out, "site \"random\" edition 1\nignore balloon_above_memory \"made up\"\n");
    for (uint32_t t = 0; t < site->things.count; t++) {
        const Thing *thing = site->things.items[t];
        fprintf(out, "\n%s %s {\n", thing->schema->name->text, thing->name);
        for (uint32_t i = 0; i < thing->attributes.count; i++) {
            const Written *w = &thing->attributes.items[i];
            if (w->phx.length)
                fprintf(out, "  %s = %.*s\n", w->name.text, (int)w->phx.length, w->phx.text);
        }
        fprintf(out, "}\n");
    }
}

static void print_object(const Thing *thing, FILE *out) {
    const char *comma = "";
    fprintf(out, "      \"%s\": {", thing->identity);
    for (uint32_t i = 0; i < thing->attributes.count; i++) {
        const Written *w = &thing->attributes.items[i];
        if (w->json.length)
            fprintf(out, "%s\"%s\": %.*s", comma, w->name.text, (int)w->json.length, w->json.text), comma = ", ";
    }
    fputc('}', out);
}

static void print_facts(const Site *site, FILE *out) {
    static const char *const schemas[] = {"pve.storage", "pve.image", "pve.lxc", "pve.vm", "pve.snapshot", "pve.firewall.names", "pve.firewall.cluster",
                                         "pve.firewall.node", "pve.firewall.guest"};
    fprintf(out, "{\"format\": \"phx-facts/1\", \"site\": \"random\", \"places\": {\"\": {\"resources\": {\n");
    for (size_t s = 0; s < sizeof schemas / sizeof *schemas; s++) {
        const char *comma = "\n";
        fprintf(out, "%s    \"%s\": {", s ? ",\n" : "", schemas[s]);
        for (uint32_t t = 0; t < site->things.count; t++)
            if (*site->things.items[t]->identity && !strcmp(site->things.items[t]->schema->name->text, schemas[s])) {
                fputs(comma, out);
                print_object(site->things.items[t], out);
                comma = ",\n";
            }
        fprintf(out, "}");
    }
    fprintf(out, "}, \"owned\": []}}}\n");
}

void site_print(Session *session, const SiteOptions *options, FILE *out) {
    Site site = {.options = options, .session = session, .arena = session->arena};
    uint32_t guests = (options->count - STORAGES - IMAGES) * 5 / 6;
    site.making = (Making){.session = session, .field = field_chosen, .context = &site};
    for (uint32_t i = 0; i < STORAGES; i++)
        make_storage(&site, i);
    for (uint32_t i = 0; i < IMAGES; i++)
        make_image(&site, i);
    for (uint32_t i = 0; i < guests; i++)
        make_guest(&site, i, i % 2);
    for (uint32_t i = 0; i < options->count - guests - STORAGES - IMAGES; i++)
        make_snapshot(&site, i, guests);
    make_firewalls(&site, guests);
    if (options->facts)
        print_facts(&site, out);
    else
        print_text(&site, out);
}
