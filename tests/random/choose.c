/* Attributes of random resources: which are written, with which values, and how they change. */
#include "tests/random/choose.h"

#include <string.h>

static uint32_t below(Site *site, uint32_t limit) {
    return random_below(&site->random, limit);
}

/* ---- which an attribute can be ---- */

static int has_kind(const Attribute *attribute, const char *kind) {
    const char *found = attribute->only ? strstr(attribute->only, kind) : kind;
    return found && (!attribute->only || (found[-1] == ' ' && found[strlen(kind)] == ' '));
}

static int is_volume(const Attribute *attribute) {
    return strchr(attribute->values[0], '^') != NULL;
}

/* A clone has the volumes of its source and is privileged as it is; of one that was there before only what can change is written. A template is
   neither started nor does it grow, and has no settings of its own that would make clones differ. */
static int is_fitting(const Resource *resource, const Attribute *attribute) {
    int is_guest = resource_is_guest(resource);
    if (strcmp(attribute->type, resource->type) != 0)
        return 0;
    if (is_guest && (resource->is_clone || resource->adopted) && (attribute->edit != EDIT_FREE || is_volume(attribute)))
        return 0;
    if (resource->adopted && (attribute->flags & ATTRIBUTE_STARTED))
        return 0;
    if (resource->is_template && (!strcmp(attribute->name, "state") || (attribute->flags & ATTRIBUTE_ALONE) || !strcmp(attribute->name, "protection")))
        return 0;
    return 1;
}

static int has_snapshots(const Site *site, const Resource *resource) {
    for (uint32_t i = 0; i < site->resources.count; i++) {
        const Resource *other = site->resources.items[i];
        if (!strcmp(other->type, "pve.snapshot") && other->needs.items[0] == resource)
            return 1;
    }
    return 0;
}

/* ---- values ---- */

/* A storage for volumes; somebody else's is called "theirs". */
static Resource *storage_any(Site *site, int zfs_only) {
    Resource *found = NULL;
    uint32_t count = zfs_only ? 0 : 1;
    for (uint32_t i = 0; i < site->resources.count; i++) {
        Resource *storage = site->resources.items[i];
        int takes = storage->state == RESOURCE_PRESENT && !strcmp(storage->type, "pve.storage") && strcmp(storage->kind, "entry") != 0;
        if (takes && (!zfs_only || !strcmp(storage->kind, "zfspool")) && !below(site, ++count))
            found = storage;
    }
    return found;
}

static void choice_fill(Site *site, Choice *choice) {
    Text text = {0};
    for (const char *c = choice->attribute->values[choice->value]; *c; c++) {
        if (*c == '$')
            text_addf(&text, "%u", site->unique++ % 250 + 1);
        else if (*c == '~')
            text_addf(&text, "%02X", site->unique++ % 256);
        else if (*c == '^')
            text_addf(&text, "%s", choice->storage ? choice->storage->name : "\"theirs\"");
        else
            text_add_char(&text, *c);
    }
    choice->text = arena_str(site->arena, text_str(&text)).text;
    text_fini(&text);
}

static Choice *choice_add(Site *site, Resource *resource, const Attribute *attribute) {
    Choice *choice = ARENA_NEW(site->arena, Choice);
    *choice = (Choice){.attribute = attribute, .writing = WRITING_VALUE, .value = below(site, (uint32_t)attribute_values(attribute))};
    if (is_volume(attribute)) {
        choice->storage = storage_any(site, has_snapshots(site, resource));
        if (choice->storage)
            VECTOR_PUSH(site->arena, &resource->needs, choice->storage);
        choice->on_zfs = choice->storage && !strcmp(choice->storage->kind, "zfspool");
    }
    choice_fill(site, choice);
    VECTOR_PUSH(site->arena, &resource->choices, choice);
    return choice;
}

void choose_of_kind(Site *site, Resource *resource, const char *kind, uint32_t percent) {
    for (size_t i = 0; i < ATTRIBUTE_COUNT; i++) {
        const Attribute *attribute = &ATTRIBUTES[i];
        int is_unused = !(attribute->flags & ATTRIBUTE_UNUSED) || !strcmp(resource->kind, "entry");
        if (!is_fitting(resource, attribute) || !has_kind(attribute, kind) || !is_unused)
            continue;
        if ((attribute->flags & ATTRIBUTE_ALWAYS) || random_chance(&site->random, percent))
            choice_add(site, resource, attribute);
    }
}

void choose_some(Site *site, Resource *resource, uint32_t percent) {
    choose_of_kind(site, resource, resource->kind, percent);
}

/* ---- edits ---- */

static void refuse(Site *site, Choice *choice, Choice before, Resource *resource, int certain) {
    Refusal refusal = {choice, before, resource, certain};
    VECTOR_PUSH(site->arena, &site->refusals, refusal);
}

/* Another value. Most that would be refused are left alone, or hardly a plan would pass. */
static void choice_change(Site *site, Resource *resource, Choice *choice) {
    Choice before = *choice;
    uint32_t count = (uint32_t)attribute_values(choice->attribute), value = below(site, count);
    Edit edit = choice->attribute->edit;
    if (value == choice->value || (edit != EDIT_FREE && resource->is_template))
        return;
    int shrinks = edit == EDIT_GROW && value < choice->highest;
    int refused = resource->made && (edit == EDIT_NEVER || shrinks);
    if (refused && below(site, 4))
        return;
    choice->value = value;
    choice->writing = WRITING_VALUE;
    choice_fill(site, choice);
    if (refused)
        refuse(site, choice, before, resource, 1);
}

static int can_be_added(const Site *site, const Resource *resource, const Attribute *attribute) {
    if (!is_fitting(resource, attribute) || resource_choice(resource, attribute->name) || attribute->only || (attribute->flags & ATTRIBUTE_UNUSED))
        return 0;
    if (resource->is_template && is_volume(attribute))
        return 0;
    return !(attribute->flags & ATTRIBUTE_ALONE) || !has_snapshots(site, resource);
}

static void choice_add_any(Site *site, Resource *resource) {
    const Attribute *attribute = &ATTRIBUTES[below(site, (uint32_t)ATTRIBUTE_COUNT)];
    for (size_t tries = 0; tries < ATTRIBUTE_COUNT && !can_be_added(site, resource, attribute); tries++)
        attribute = &ATTRIBUTES[(size_t)(attribute - ATTRIBUTES + 1) % ATTRIBUTE_COUNT];
    if (!can_be_added(site, resource, attribute))
        return;
    /* What was decided when it was made may be what is written now, or not. */
    Choice *choice = choice_add(site, resource, attribute);
    if (resource->made && attribute->edit == EDIT_NEVER && !is_volume(attribute)) {
        Choice before = *choice;
        before.writing = WRITING_NONE;
        refuse(site, choice, before, resource, 0);
    }
}

void choose_edit(Site *site, Resource *resource) {
    uint32_t count = resource->choices.count;
    Choice *choice = count ? resource->choices.items[below(site, count)] : NULL;
    unsigned flags = choice ? choice->attribute->flags : 0;
    switch (below(site, 6)) {
    case 0:
        choice_add_any(site, resource);
        break;
    case 1:
        if (choice && !(flags & ATTRIBUTE_ALWAYS))
            choice->writing = WRITING_NONE;
        break;
    case 2:
        if (choice && !(flags & (ATTRIBUTE_ALWAYS | ATTRIBUTE_KEPT)))
            choice->writing = WRITING_UNSET;
        break;
    default:
        if (choice)
            choice_change(site, resource, choice);
    }
}

void choose_applied(Resource *resource) {
    for (uint32_t i = 0; i < resource->choices.count; i++) {
        Choice *choice = resource->choices.items[i];
        if (choice->writing == WRITING_VALUE && choice->value > choice->highest)
            choice->highest = choice->value;
        if (!strcmp(choice->attribute->name, "protection") && choice->writing == WRITING_VALUE && !strcmp(choice->text, "true"))
            resource->was_protected = 1;
    }
}
