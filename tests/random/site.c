/* Random sites: which resources there are and what they need, and how that is printed. */
#include "tests/random/site.h"

#include <string.h>

#include "tests/random/choose.h"

/* ---- making resources ---- */

static uint32_t below(Site *site, uint32_t limit) {
    return random_below(&site->random, limit);
}

static uint32_t number(Site *site) {
    return ++site->unique;
}

static Resource *resource_add(Site *site, const char *type, const char *name, const char *identity) {
    Resource *resource = ARENA_NEW(site->arena, Resource);
    *resource = (Resource){.type = type, .name = name, .identity = identity, .fixed = "", .kind = "", .object = name};
    VECTOR_PUSH(site->arena, &site->resources, resource);
    return resource;
}

static void resource_need(Site *site, Resource *resource, Resource *needed) {
    if (needed)
        VECTOR_PUSH(site->arena, &resource->needs, needed);
}

#define PRINT(...) arena_printf(site->arena, __VA_ARGS__).text

static int is_type(const Resource *resource, const char *type) {
    return !strcmp(resource->type, type);
}

/* A random one of this type and, where that is asked for, kind that stands in the text; NULL where there is none. */
static Resource *resource_any(Site *site, const char *type, const char *kind) {
    Resource *found = NULL;
    uint32_t count = 0;
    for (uint32_t i = 0; i < site->resources.count; i++) {
        Resource *resource = site->resources.items[i];
        if (resource->state != RESOURCE_PRESENT || !is_type(resource, type) || (kind && strcmp(resource->kind, kind) != 0))
            continue;
        if (!below(site, ++count))
            found = resource;
    }
    return found;
}

static void make_pool(Site *site) {
    uint32_t n = number(site);
    const char *name = PRINT("tank%u", n);
    Resource *pool = resource_add(site, "zfs.pool", name, PRINT("name = \"%s\"", name));
    switch (below(site, 3)) {
    case 0: pool->fixed = PRINT("vdevs = [mirror([\"/dev/disk/by-id/a%u\", \"/dev/disk/by-id/b%u\"])]", n, n); break;
    case 1: pool->fixed = PRINT("vdevs = [disk(\"/dev/disk/by-id/a%u\"), disk(\"/dev/disk/by-id/b%u\")]", n, n); break;
    default: pool->fixed = PRINT("vdevs = [raidz1([\"/dev/disk/by-id/a%u\", \"/dev/disk/by-id/b%u\", \"/dev/disk/by-id/c%u\"])]", n, n, n); break;
    }
    choose_some(site, pool, 40);
}

static void make_dataset(Site *site) {
    Resource *above = below(site, 3) ? NULL : resource_any(site, "zfs.dataset", NULL);
    if (!above)
        above = resource_any(site, "zfs.pool", NULL);
    if (!above)
        return;
    uint32_t n = number(site);
    Resource *dataset = resource_add(site, "zfs.dataset", PRINT("data%u", n), PRINT("pool = %s  path = \"d%u\"", above->name, n));
    dataset->object = PRINT("%s/d%u", above->object, n);
    resource_need(site, dataset, above);
    choose_some(site, dataset, 25);
}

/* Where guests can have volumes. */
static void make_volumes(Site *site) {
    Resource *dataset = below(site, 3) ? resource_any(site, "zfs.dataset", NULL) : NULL;
    uint32_t n = number(site);
    const char *name = PRINT("disks%u", n);
    const char *kind = dataset ? "zfspool" : below(site, 4) ? "dir" : "btrfs";
    Resource *storage = resource_add(site, "pve.storage", name, PRINT("id = \"disks-%u\"", n));
    storage->kind = kind;
    storage->object = PRINT("disks-%u", n);
    storage->fixed = dataset ? PRINT("type = \"zfspool\"  dataset = %s  content = [\"images\", \"rootdir\"]", dataset->name)
                             : PRINT("type = \"%s\"  path = \"/srv/disks%u\"  content = [\"rootdir\", \"images\"]", kind, n);
    resource_need(site, storage, dataset);
    choose_some(site, storage, 30);
}

/* Where nothing is stored: only an entry. */
static void make_entry(Site *site) {
    static const struct { const char *kind, *fixed; } KINDS[] = {
        {"dir", "path = \"/srv/entry\"  content = [\"iso\", \"snippets\"]"},
        {"nfs", "server = 10.0.9.9  export = \"/vol/a\"  content = [\"backup\"]"},
        {"cifs", "server = \"nas.example\"  share = \"files\"  username = \"u\""},
        {"lvm", "vgname = \"vg0\"  content = [\"images\"]"},
        {"lvmthin", "vgname = \"vg1\"  thinpool = \"data\"  content = [\"images\", \"rootdir\"]"},
    };
    uint32_t n = number(site), which = below(site, sizeof KINDS / sizeof *KINDS);
    Resource *storage = resource_add(site, "pve.storage", PRINT("entry%u", n), PRINT("id = \"entry-%u\"", n));
    storage->kind = "entry";
    storage->object = PRINT("entry-%u", n);
    storage->fixed = PRINT("type = \"%s\"  %s", KINDS[which].kind, KINDS[which].fixed);
    choose_of_kind(site, storage, KINDS[which].kind, 30);
}

static void make_image(Site *site, const char *kind) {
    uint32_t n = number(site);
    int is_template = !strcmp(kind, "vztmpl");
    const char *file = PRINT(is_template ? "system-%u.tar.zst" : "disk-%u.img", n);
    Resource *image = resource_add(site, "pve.image", PRINT("image%u", n), PRINT("storage = \"local\"  content = \"%s\"  file = \"%s\"", kind, file));
    image->kind = kind;
    image->object = PRINT("local:%s/%s", kind, file);
    image->fixed = PRINT("url = \"http://images.example/%s\"  ignore unpinned_image \"nobody unpacks it\"", file);
}

/* ---- guests ---- */

static Resource *guest_add(Site *site, const char *type) {
    uint32_t n = number(site), id = 200 + n;
    Resource *guest = resource_add(site, type, PRINT("%s%u", is_type(&(Resource){.type = type}, "pve.lxc") ? "ct" : "vm", n), PRINT("id = %u", id));
    guest->object = PRINT("%u", id);
    return guest;
}

/* Can a clone be made of it at any time? */
static Resource *template_any(Site *site, const char *type) {
    Resource *found = NULL;
    uint32_t count = 0;
    for (uint32_t i = 0; i < site->resources.count; i++) {
        Resource *resource = site->resources.items[i];
        if (resource->state == RESOURCE_PRESENT && is_type(resource, type) && resource->is_template && !below(site, ++count))
            found = resource;
    }
    return found;
}

static void guest_clone(Site *site, Resource *guest, Resource *source) {
    guest->is_clone = 1;
    guest->fixed = PRINT("from = clone(%s%s)", source->name, below(site, 3) ? "" : ", full: true");
    resource_need(site, guest, source);
}

static void make_container(Site *site) {
    Resource *image = resource_any(site, "pve.image", "vztmpl"), *source = below(site, 3) ? NULL : template_any(site, "pve.lxc");
    if (!image)
        return;
    Resource *guest = guest_add(site, "pve.lxc");
    if (source) {
        guest_clone(site, guest, source);
    } else {
        guest->fixed = PRINT("from = template(%s)", image->name);
        resource_need(site, guest, image);
        guest->is_template = !below(site, 5);
        if (guest->is_template)
            guest->fixed = PRINT("%s  template = true", guest->fixed);
    }
    choose_some(site, guest, 20);
}

static void make_machine(Site *site) {
    Resource *image = resource_any(site, "pve.image", "iso"), *source = below(site, 3) ? NULL : template_any(site, "pve.vm");
    if (!image)
        return;
    Resource *guest = guest_add(site, "pve.vm");
    if (source) {
        guest_clone(site, guest, source);
    } else {
        guest->fixed = PRINT("from = image(%s)", image->name);
        resource_need(site, guest, image);
        guest->is_template = !below(site, 5);
        if (guest->is_template)
            guest->fixed = PRINT("%s  template = true", guest->fixed);
    }
    choose_some(site, guest, 20);
}

/* One that somebody made by hand before: only what can change is written of it. */
static void make_adopted(Site *site) {
    Resource *guest = guest_add(site, below(site, 2) ? "pve.lxc" : "pve.vm");
    guest->adopted = 1;
    choose_some(site, guest, 20);
}

static int all_on_zfs(const Resource *guest) {
    for (uint32_t i = 0; i < guest->choices.count; i++) {
        const Choice *choice = guest->choices.items[i];
        int is_volume = strchr(choice->attribute->values[0], '^') != NULL;
        if (is_volume ? !choice->on_zfs : (choice->attribute->flags & ATTRIBUTE_ALONE) != 0)
            return 0;
    }
    return 1;
}

static void make_snapshot(Site *site) {
    Resource *guest = resource_any(site, below(site, 2) ? "pve.lxc" : "pve.vm", NULL);
    if (!guest || guest->is_template || guest->is_clone || guest->adopted || !all_on_zfs(guest))
        return;
    uint32_t n = number(site);
    Resource *snapshot = resource_add(site, "pve.snapshot", PRINT("snap%u", n), PRINT("guest = %s  name = \"Snap_%u-a\"", guest->name, n));
    snapshot->object = PRINT("%s/Snap_%u-a", guest->object, n);
    resource_need(site, snapshot, guest);
    choose_some(site, snapshot, 50);
}

/* One for each guest, and one for the cluster. */
static void make_firewall(Site *site) {
    Resource *guest = below(site, 4) ? resource_any(site, below(site, 2) ? "pve.lxc" : "pve.vm", NULL) : NULL;
    const char *type = guest ? "pve.firewall.guest" : "pve.firewall.cluster", *object = guest ? guest->object : "cluster";
    for (uint32_t i = 0; i < site->resources.count; i++)
        if (is_type(site->resources.items[i], type) && !strcmp(site->resources.items[i]->object, object))
            return;
    Resource *firewall = resource_add(site, type, PRINT("wall%u", number(site)), guest ? PRINT("guest = %s", guest->name) : "");
    firewall->object = object;
    resource_need(site, firewall, guest);
    choose_some(site, firewall, 40);
}

static void make_file(Site *site) {
    uint32_t n = number(site);
    switch (below(site, 3)) {
    case 0: {
        Resource *folder = resource_add(site, "fs.dir", PRINT("folder%u", n), PRINT("path = \"/srv/made%u\"", n));
        folder->object = PRINT("/srv/made%u", n);
        choose_some(site, folder, 60);
        break;
    }
    case 1: {
        Resource *folder = resource_any(site, "fs.dir", NULL);
        Resource *file = resource_add(site, "fs.file", PRINT("file%u", n), PRINT("path = \"%s/file %u\"", folder ? folder->object : "/srv", n));
        file->object = PRINT("%s/file %u", folder ? folder->object : "/srv", n);
        if (folder)
            file->fixed = PRINT("after = [%s]", folder->name);
        resource_need(site, file, folder);
        choose_some(site, file, 50);
        break;
    }
    default: {
        Resource *line = resource_add(site, "fs.line", PRINT("line%u", n), PRINT("path = \"/etc/subgid\"  line = \"root:%u:1\"", n));
        line->object = PRINT("root:%u:1", n);
        break;
    }
    }
}

static void make_any(Site *site) {
    switch (below(site, 18)) {
    case 0: make_pool(site); break;
    case 1: case 2: make_dataset(site); break;
    case 3: make_volumes(site); break;
    case 4: make_entry(site); break;
    case 5: make_image(site, "vztmpl"); break;
    case 6: make_image(site, "iso"); break;
    case 7: case 8: case 9: make_container(site); break;
    case 10: case 11: case 12: make_machine(site); break;
    case 13: make_snapshot(site); break;
    case 14: case 15: make_firewall(site); break;
    default: make_file(site); break;
    }
}

void site_generate(Site *site) {
    uint32_t wanted = 5 + below(site, 21);
    make_pool(site);
    make_dataset(site);
    make_volumes(site);
    make_image(site, "vztmpl");
    make_image(site, "iso");
    while (site->resources.count < wanted)
        if (below(site, 10))
            make_any(site);
        else
            make_adopted(site);
}

/* ---- edits ---- */

static int has_dependents(const Site *site, const Resource *resource) {
    for (uint32_t i = 0; i < site->resources.count; i++) {
        const Resource *other = site->resources.items[i];
        for (uint32_t k = 0; k < other->needs.count && other->state < RESOURCE_LEFT; k++)
            if (other->needs.items[k] == resource)
                return 1;
    }
    return 0;
}

/* Takes one out of the text that nothing needs. What is protected on the host stays. */
static void remove_one(Site *site) {
    Resource *resource = site->resources.items[below(site, site->resources.count)];
    if (resource->state != RESOURCE_PRESENT || resource->was_protected || has_dependents(site, resource))
        return;
    /* Of images and files only those are looked at that the text names. */
    int is_found = !is_type(resource, "pve.image") && strncmp(resource->type, "fs.", 3) != 0;
    resource->state = !resource->made ? RESOURCE_GONE : is_found && below(site, 2) ? RESOURCE_LEFT : RESOURCE_ABSENT;
}

void site_edit(Site *site) {
    site->refusals.count = 0;
    for (uint32_t i = below(site, 8) + 1; i > 0; i--) {
        Resource *resource = site->resources.items[below(site, site->resources.count)];
        if (resource->state == RESOURCE_PRESENT)
            choose_edit(site, resource);
    }
    for (uint32_t i = below(site, 3); i > 0; i--)
        make_any(site);
    for (uint32_t i = below(site, 3); i > 0; i--)
        remove_one(site);
}

void site_relent(Site *site) {
    for (uint32_t i = site->refusals.count; i > 0; i--)
        *site->refusals.items[i - 1].choice = site->refusals.items[i - 1].before;
    site->refusals.count = 0;
}

void site_applied(Site *site) {
    for (uint32_t i = 0; i < site->resources.count; i++) {
        Resource *resource = site->resources.items[i];
        if (resource->state == RESOURCE_ABSENT || resource->state == RESOURCE_LEFT)
            resource->state = RESOURCE_GONE;
        resource->made = resource->state == RESOURCE_PRESENT;
        choose_applied(resource);
    }
}

/* ---- the text ---- */

static void resource_print(const Resource *resource, Text *out) {
    if (resource->state == RESOURCE_ABSENT) {
        text_addf(out, "absent %s %s { %s  allow = \"data_loss\"", resource->type, resource->name, resource->identity);
        if (!strcmp(resource->type, "pve.storage") || !strcmp(resource->type, "zfs.pool"))
            text_addf(out, "  %s", resource->fixed);
        text_add_literal(out, " }\n");
        return;
    }
    text_addf(out, "%s %s {\n  %s\n", resource->type, resource->name, resource->identity);
    if (*resource->fixed)
        text_addf(out, "  %s\n", resource->fixed);
    for (uint32_t i = 0; i < resource->choices.count; i++) {
        const Choice *choice = resource->choices.items[i];
        if (choice->writing != WRITING_NONE)
            text_addf(out, "  %s = %s\n", choice->attribute->name, choice->writing == WRITING_UNSET ? "unset" : choice->text);
    }
    text_add_literal(out, "}\n");
}

void site_print(const Site *site, Text *out) {
    text_add_literal(out, "site \"random\" edition 1\n");
    for (uint32_t i = 0; i < site->resources.count; i++)
        if (site->resources.items[i]->state < RESOURCE_LEFT)
            resource_print(site->resources.items[i], out);
}

int resource_is_guest(const Resource *resource) {
    return is_type(resource, "pve.lxc") || is_type(resource, "pve.vm");
}

const Choice *resource_choice(const Resource *resource, const char *attribute) {
    for (uint32_t i = 0; i < resource->choices.count; i++)
        if (!strcmp(resource->choices.items[i]->attribute->name, attribute))
            return resource->choices.items[i];
    return NULL;
}

int resource_writes(const Resource *resource, const char *key) {
    for (uint32_t i = 0; i < resource->choices.count; i++) {
        const Choice *choice = resource->choices.items[i];
        const char *name = choice->attribute->property ? choice->attribute->property : choice->attribute->name;
        if (choice->writing != WRITING_NONE && !strcmp(name, key))
            return 1;
    }
    return 0;
}
