/* The attributes of a resource, out of its body and the profiles it uses. */
#include <string.h>

#include "compiler/state.h"
#include "lang/number.h"

enum { SLOTS_USUAL = 32 };      /* collected without touching the arena; more attributes than that are rare */

typedef struct Build {
    Session *session;
    Instance *instance;
    struct { Slot *items; uint32_t count; uint32_t capacity; } slots;
    struct { const Binding **items; uint32_t count; uint32_t capacity; } profiles;     /* of each slot the one it came from, or NULL */
    Slot usual[SLOTS_USUAL];
    const Binding *usual_profiles[SLOTS_USUAL];
    MetaSlot meta[META_COUNT];
    uint32_t meta_count;
    struct { Str *items; uint32_t count; uint32_t capacity; } meant;   /* what unknown attributes were probably meant to be */
} Build;

/* The attribute whose value has a field that is called so, as in `gateway` for `net0 = { gw = ... }`; NULL where none has. */
static const TypeField *attribute_around(const Schema *schema, Suggestion *inner) {
    for (uint32_t i = 0; i < schema->attribute_count; i++) {
        const TypeField *attribute = &schema->attributes[i];
        for (uint32_t k = 0; attribute->type->kind == TYPE_RECORD && !attribute->hidden && !attribute->computed && k < attribute->type->field_count; k++)
            type_field_suggest(&attribute->type->fields[k], inner);
        if (inner->best.length && inner->distance <= 1 && (inner->is_synonym || !inner->distance))
            return attribute;
        *inner = suggestion_for(inner->wanted);
    }
    return NULL;
}

static void attribute_unknown(Build *build, const Decl *decl) {
    Session *session = build->session;
    const Schema *schema = build->instance->schema;
    Suggestion suggestion = suggestion_for(name_str(decl->name.name));
    for (uint32_t i = 0; i < schema->attribute_count; i++) {
        if (schema->attributes[i].hidden)
            continue;
        type_field_suggest(&schema->attributes[i], &suggestion);
    }
    for (int meta = 0; meta < META_COUNT; meta++)
        suggestion_offer(&suggestion, str_of(meta_name((Meta)meta)));
    Diagnostic *d = diag_error(session->diagnostics, CODE_UNKNOWN_ATTRIBUTE, decl->name.span, "`%s` has no attribute `%s`", schema->name->text,
                               decl->name.name->text);
    Suggestion inner = suggestion_for(name_str(decl->name.name));
    const TypeField *around = suggestion.is_synonym || (suggestion.best.length && !suggestion.distance) ? NULL : attribute_around(schema, &inner);
    if (around)
        diag_help(session->diagnostics, d, "it is a field of `%.*s`: `%.*s = { %.*s = ... }`", (int)around->called.length, around->called.text,
                  (int)around->called.length, around->called.text, (int)inner.best.length, inner.best.text);
    else if (suggestion_tell(&suggestion, session->diagnostics, d, decl->name.span))
        VECTOR_PUSH(session->arena, &build->meant, suggestion.best);
    else
        diag_help(session->diagnostics, d, "`phxc explain %s` lists its attributes", schema->name->text);
}

static Slot *slot_find(Build *build, const TypeField *attribute, int64_t member) {
    for (uint32_t i = 0; i < build->slots.count; i++)
        if (build->slots.items[i].attribute == attribute && build->slots.items[i].thunk.member == member)
            return &build->slots.items[i];
    return NULL;
}

static void attribute_twice(Build *build, const Decl *decl, Span first) {
    Diagnostic *d = diag_error(build->session->diagnostics, CODE_DUPLICATE_FIELD, decl->name.span, "`%s` is written twice", decl->name.name->text);
    diag_also(build->session->diagnostics, d, first, "first here");
    if (decl->value)
        diag_fix_remove(build->session->diagnostics, d, span_join(decl->name.span, decl->value->span));
}

static void take_meta(Build *build, const Decl *decl, const Frame *frame, const Binding *profile, int meta) {
    const MetaSlot *earlier = meta_slot(build->meta, build->meta_count, (Meta)meta);
    if (!earlier)
        build->meta[build->meta_count++] = (MetaSlot){{.expr = decl->value, .frame = frame}, (uint8_t)meta};
    else if (!profile)
        attribute_twice(build, decl, earlier->thunk.expr->span);
}

static void take_attribute(Build *build, const Decl *decl, const Frame *frame, const Binding *profile) {
    int64_t member;
    const TypeField *attribute = schema_attribute(build->instance->schema, decl->name.name, &member);
    if (!attribute || attribute->hidden) {
        int meta = meta_find(decl->name.name);
        if (meta >= 0)
            take_meta(build, decl, frame, profile, meta);
        else
            attribute_unknown(build, decl);
        return;
    }
    if (attribute->computed) {
        Diagnostic *d = diag_error(build->session->diagnostics, CODE_COMPUTED, decl->name.span, "`%s` can't be written: the host gives it", attribute->name->text);
        diag_also(build->session->diagnostics, d, attribute->span, "declared here");
        return;
    }
    Slot *earlier = slot_find(build, attribute, member);
    if (!earlier) {
        build->instance->schema->written[attribute->number] = 1;
        Slot slot = {attribute, &decl->name.span, {.expr = decl->value, .frame = frame, .member = (int32_t)member}};
        VECTOR_PUSH(build->session->arena, &build->slots, slot);
        VECTOR_PUSH(build->session->arena, &build->profiles, profile);
    } else if (!profile)
        attribute_twice(build, decl, *earlier->name_span);
    else if (build->profiles.items[earlier - build->slots.items] && build->profiles.items[earlier - build->slots.items] != profile) {
        /* Whether they say the same is known once values are. The slot's place is set when the slots have their final order. */
        Conflict conflict = {build->instance, earlier, {.expr = decl->value, .frame = frame}, decl->name.span, profile};
        VECTOR_PUSH(build->session->arena, &build->session->conflicts, conflict);
    }
}

enum { PROFILE_DEPTH = 16 };    /* profiles that use profiles: nobody reads deeper, and a circle ends here */

static void take_profile(Build *build, const Decl *use, const Frame *frame, int depth);

static void take_body(Build *build, const DeclList *body, const Frame *frame, const Binding *profile, int depth) {
    for (uint32_t i = 0; i < body->count; i++)
        if (body->items[i]->kind == DECL_ATTRIBUTE)
            take_attribute(build, body->items[i], frame, profile);
    for (uint32_t i = 0; i < body->count; i++)
        if (body->items[i]->kind == DECL_USE)
            take_profile(build, body->items[i], frame, depth + 1);
}

static void take_profile(Build *build, const Decl *use, const Frame *frame, int depth) {
    Session *session = build->session;
    Binding *profile = frame_find_path(session, frame, use->name.name);
    if (!profile || profile->kind != BINDING_PROFILE)
        return;     /* the check of names has said so */
    if (depth > PROFILE_DEPTH) {
        diag_error(session->diagnostics, CODE_PROFILE, use->name.span, "profiles use each other more than %d deep", (int)PROFILE_DEPTH);
        return;
    }
    if (profile->decl->extra->target.name != build->instance->schema->name) {
        Diagnostic *d = diag_error(session->diagnostics, CODE_PROFILE, use->name.span, "the profile `%s` is for %s, not for %s", use->name.name->text,
                                   profile->decl->extra->target.name->text, build->instance->schema->name->text);
        diag_also(session->diagnostics, d, profile->span, "declared here");
        return;
    }
    take_body(build, &profile->decl->extra->body, profile->frame, profile, depth);
}

/* What is there under a wrong name is not missing besides. */
static int is_meant(const Build *build, const TypeField *attribute) {
    for (uint32_t i = 0; i < build->meant.count; i++)
        if (str_equal(build->meant.items[i], name_str(attribute->name)))
            return 1;
    return 0;
}

static void require_attributes(Build *build) {
    Instance *instance = build->instance;
    const Schema *schema = instance->schema;
    if (instance->absent)
        return;
    Text missing = {0};
    const TypeField *first = NULL;
    for (uint32_t i = 0; i < schema->attribute_count; i++) {
        const TypeField *attribute = &schema->attributes[i];
        if (attribute->optional || attribute->fallback || attribute->computed || slot_find(build, attribute, -1))
            continue;
        if (is_meant(build, attribute)) {
            instance->broken = instance->left_out = 1;
            continue;
        }
        text_addf(&missing, "%s`%s`", first ? ", " : "", attribute->name->text);
        first = first ? first : attribute;
    }
    if (first) {
        Diagnostic *d = diag_error(build->session->diagnostics, CODE_MISSING_ATTRIBUTE, instance->decl->name.span, "%s lacks %s", instance->head.address.text,
                                   missing.bytes);
        diag_also(build->session->diagnostics, d, first->span, "required here");
        instance->broken = instance->left_out = 1;
    }
    text_fini(&missing);
}

static int slot_before(const Slot *a, const Slot *b) {
    return a->attribute->number != b->attribute->number ? a->attribute->number < b->attribute->number : a->thunk.member < b->thunk.member;
}

/* Insertion sort: a body has a handful of attributes, mostly in order. */
static void slots_sort(Slot *slots, uint32_t count) {
    for (uint32_t i = 1; i < count; i++) {
        Slot slot = slots[i];
        uint32_t at = i;
        for (; at && slot_before(&slot, &slots[at - 1]); at--)
            slots[at] = slots[at - 1];
        slots[at] = slot;
    }
}

void instance_build(Session *session, Instance *instance, const Decl *decl, const Frame *frame) {
    Build build;
    build.session = session;
    build.instance = instance;
    build.slots.items = build.usual;
    build.slots.count = 0;
    build.slots.capacity = SLOTS_USUAL;
    build.profiles.items = build.usual_profiles;
    build.profiles.count = 0;
    build.profiles.capacity = SLOTS_USUAL;
    build.meta_count = 0;
    build.meant.items = NULL;
    build.meant.count = build.meant.capacity = 0;
    uint32_t conflicts = session->conflicts.count;
    take_body(&build, &decl->extra->body, frame, NULL, 0);
    require_attributes(&build);
    /* Conflicts remember slots by their attribute across the sorting. */
    const TypeField **attributes = ARENA_ARRAY(session->arena, const TypeField *, session->conflicts.count - conflicts);
    int64_t *members = ARENA_ARRAY(session->arena, int64_t, session->conflicts.count - conflicts);
    for (uint32_t i = conflicts; i < session->conflicts.count; i++) {
        attributes[i - conflicts] = session->conflicts.items[i].slot->attribute;
        members[i - conflicts] = session->conflicts.items[i].slot->thunk.member;
    }
    instance->slots = ARENA_ARRAY(session->arena, Slot, build.slots.count ? build.slots.count : 1);
    instance->slot_count = build.slots.count;
    if (build.slots.count)
        memcpy(instance->slots, build.slots.items, build.slots.count * sizeof *instance->slots);
    slots_sort(instance->slots, instance->slot_count);
    for (uint32_t i = conflicts; i < session->conflicts.count; i++)
        for (uint32_t k = 0; k < instance->slot_count; k++)
            if (instance->slots[k].attribute == attributes[i - conflicts] && instance->slots[k].thunk.member == members[i - conflicts])
                session->conflicts.items[i].slot = &instance->slots[k];
    instance->meta = ARENA_ARRAY(session->arena, MetaSlot, build.meta_count);
    instance->meta_count = (uint8_t)build.meta_count;
    memcpy(instance->meta, build.meta, sizeof *instance->meta * build.meta_count);
}

/* ---- families ---- */

static void flatten_member(Session *session, const Slot *whole, int64_t member, const Value *value, Slot *out) {
    const TypeField *attribute = whole->attribute;
    *out = *whole;
    out->thunk.member = (int32_t)member;
    out->name_span = value->origin.file ? &value->origin : whole->name_span;
    out->thunk.state = THUNK_DONE;
    out->thunk.value = value;
    if (value->kind == VALUE_POISON || value->kind == VALUE_NONE || value->kind == VALUE_UNSET)
        return;
    Use use = {.what = arena_printf(session->arena, "`%s%lld`", attribute->name->text, (long long)member), .span = *out->name_span,
               .unit = attribute->codec.unit};
    out->thunk.value = type_accept(session, attribute->type, value, &use);
}

/* The whole-family value as (member, value) pairs: a list counts from the first member, a map names them. */
static uint32_t flatten_slot(Session *session, Slot *whole, Slot *out) {
    const TypeField *attribute = whole->attribute;
    const Value *value = thunk_force(session, &whole->thunk, NULL, NULL);
    Diagnostic *d;
    uint32_t count = 0;
    Cursor cursor;
    if (value->kind == VALUE_NONE || value->kind == VALUE_POISON)
        return 0;
    if (!cursor_open(session, &cursor, value, 1, *whole->name_span))
        return 0;
    while (cursor_next(session, &cursor)) {
        int64_t member = value->kind == VALUE_LIST ? attribute->first + cursor.key->as.integer : -1;
        Number number = value->kind == VALUE_LIST ? (Number){0} : number_parse(cursor.key->as.string);
        if (value->kind == VALUE_RECORD && number.status == NUMBER_OK && number.kind == VALUE_INT)
            member = number.integer;
        if (member < attribute->first || member > attribute->last) {
            eval_problem(session, CODE_OUT_OF_RANGE, cursor.item->origin, cursor.item, &d, "`%s` has members %lld to %lld", attribute->name->text,
                         (long long)attribute->first, (long long)attribute->last);
            continue;
        }
        if (out)
            flatten_member(session, whole, member, cursor.item, &out[count]);
        count++;
    }
    return count;
}

void instance_flatten(Session *session, Instance *instance) {
    if (instance->flat)
        return;
    uint32_t count = 0, at = 0;
    int whole = 0;
    for (uint32_t i = 0; i < instance->slot_count; i++) {
        Slot *slot = &instance->slots[i];
        int family = slot->attribute->first <= slot->attribute->last && slot->thunk.member < 0;
        whole |= family;
        count += family ? flatten_slot(session, slot, NULL) : 1;
    }
    instance->flat = !eval_suspended(session);
    if (!whole)
        return;
    Slot *slots = ARENA_ARRAY(session->arena, Slot, count ? count : 1);
    for (uint32_t i = 0; i < instance->slot_count; i++) {
        Slot *slot = &instance->slots[i];
        if (slot->attribute->first <= slot->attribute->last && slot->thunk.member < 0)
            at += flatten_slot(session, slot, &slots[at]);
        else
            slots[at++] = *slot;
    }
    slots_sort(slots, at);
    for (uint32_t i = 1; i < at; i++)
        if (slots[i].attribute == slots[i - 1].attribute && slots[i].thunk.member == slots[i - 1].thunk.member) {
            Diagnostic *d = diag_error(session->diagnostics, CODE_DUPLICATE_FIELD, *slots[i].name_span, "`%s%lld` is written twice",
                                       slots[i].attribute->name->text, (long long)slots[i].thunk.member);
            diag_also(session->diagnostics, d, *slots[i - 1].name_span, "first here");
        }
    instance->slots = slots;
    instance->slot_count = at;
}
