/* What plain declarations have in common: profiles for attributes, a `let` for a long value. */
#include <stdlib.h>

#include "compiler/flatten.h"
#include "compiler/slice.h"

enum {
    PROFILES_MOST = 8,          /* of one type */
    CANDIDATES_MOST = 64,       /* attributes that are tried for a profile */
    LONG_VALUE = 40             /* from so many bytes on a value that repeats gets a name */
};

/* "lxc" of "pve.lxc" */
static Str type_word(const Schema *schema) {
    Str name = name_str(schema->name);
    size_t dot = name.length;
    while (dot && name.text[dot - 1] != '.')
        dot--;
    return slice(name, dot, name.length);
}

/* ---- profiles ---- */

/* Those that come most often first; else as they were met. */
static int kind_order(const void *a, const void *b) {
    const Kind *left = *(const Kind *const *)a, *right = *(const Kind *const *)b;
    if (left->count != right->count)
        return left->count > right->count ? -1 : 1;
    return left < right ? -1 : left > right;
}

static int has_kind(const Flattening *f, const Plain *plain, const Kind *kind) {
    for (uint32_t i = 0; i < plain->assignments.count; i++)
        if (&f->kinds.items[plain->assignments.items[i].kind] == kind)
            return 1;
    return 0;
}

/* What is saved in bytes: the attributes in all but one of the resources, less the `use` in each and the profile's head. */
static int64_t saving(uint32_t resources, size_t bytes) {
    enum { USE = 16, HEAD = 40 };
    return ((int64_t)resources - 1) * (int64_t)bytes - (int64_t)resources * USE - HEAD;
}

/* A profile that is being put together. */
typedef struct ProfileSearch {
    Flattening *f;
    Plain *plains;              /* the resources of one type */
    uint32_t count;
    uint8_t *alive;             /* those that have all of its attributes */
    uint32_t resources;         /* how many these are */
    uint32_t attributes;
    size_t bytes;
    uint32_t number;            /* its mark in Kind.use */
} ProfileSearch;

/* Those of the type that come often enough, the most frequent first. With more of them there would be no end to trying. */
static uint32_t profile_candidates(const ProfileSearch *search, Kind **candidates) {
    Flattening *f = search->f;
    const Schema *schema = search->plains[0].instance->schema;
    VECTOR(Kind *) found = {0};
    for (uint32_t i = 0; i < f->kinds.count; i++) {
        Kind *kind = &f->kinds.items[i];
        if (kind->schema == schema && kind->count >= SHARED_LEAST)
            VECTOR_PUSH(f->arena, &found, kind);
    }
    if (found.count)
        qsort(found.items, found.count, sizeof *found.items, kind_order);
    uint32_t count = found.count < CANDIDATES_MOST ? found.count : CANDIDATES_MOST;
    for (uint32_t i = 0; i < count; i++)
        candidates[i] = found.items[i];
    return count;
}

/* Takes the attribute in if that saves more than is lost by those resources that do not have it. */
static void profile_try(ProfileSearch *search, Kind *kind) {
    uint32_t left = 0;
    size_t more = kind->first->name.length + kind->first->text.length + 4;
    for (uint32_t i = 0; i < search->count; i++)
        left += search->alive[i] && has_kind(search->f, &search->plains[i], kind);
    int worse = saving(left, search->bytes + more) < saving(search->resources, search->bytes);
    if (left < SHARED_LEAST || (search->attributes >= SHARED_LEAST && worse))
        return;
    for (uint32_t i = 0; i < search->count; i++)
        search->alive[i] &= (uint8_t)has_kind(search->f, &search->plains[i], kind);
    kind->use = search->number;
    search->resources = left;
    search->bytes += more;
    search->attributes++;
}

static void profile_write(ProfileSearch *search) {
    Flattening *f = search->f;
    const Plain *model = search->plains;
    while (!search->alive[model - search->plains])
        model++;
    const Schema *schema = model->instance->schema;
    Str word = type_word(schema), type = flatten_type(f, schema), name = phx_name_take(&f->writer, arena_printf(f->arena, "common_%.*s", (int)word.length, word.text));
    text_addf(&f->profiles, "\nprofile %.*s for %.*s {\n", (int)name.length, name.text, (int)type.length, type.text);
    for (uint32_t i = 0; i < model->assignments.count; i++) {
        const Assignment *assignment = &model->assignments.items[i];
        if (f->kinds.items[assignment->kind].use != search->number)
            continue;
        text_addf(&f->profiles, "  %.*s = ", (int)assignment->name.length, assignment->name.text);
        phx_write_lines(&f->writer, name, assignment->name, assignment->value, 1, assignment->name.length + 5, &f->profiles);
        text_add_char(&f->profiles, '\n');
    }
    text_add_literal(&f->profiles, "}\n");
    for (uint32_t i = 0; i < search->count; i++)
        if (search->alive[i])
            search->plains[i].profile = name;
}

/* Its own resources write none of it any more. */
static void profile_take_out(ProfileSearch *search) {
    Flattening *f = search->f;
    for (uint32_t i = 0; i < search->count; i++) {
        Plain *plain = &search->plains[i];
        uint32_t kept = 0;
        for (uint32_t k = 0; k < plain->assignments.count && search->alive[i]; k++) {
            Kind *kind = &f->kinds.items[plain->assignments.items[k].kind];
            if (kind->use == search->number)
                kind->count--;
            else
                plain->assignments.items[kept++] = plain->assignments.items[k];
        }
        if (search->alive[i])
            plain->assignments.count = kept;
    }
}

/* One profile for resources of one type; 0 where none is worth it. */
static int profile_find(Flattening *f, Plain *plains, uint32_t count, uint32_t number) {
    ProfileSearch search = {.f = f, .plains = plains, .count = count, .number = number, .alive = ARENA_ARRAY(f->arena, uint8_t, count)};
    Kind *candidates[CANDIDATES_MOST];
    uint32_t candidate_count = profile_candidates(&search, candidates);
    for (uint32_t i = 0; i < count; i++)
        search.resources += search.alive[i] = !plains[i].profile.length;
    for (uint32_t i = 0; i < candidate_count; i++)
        profile_try(&search, candidates[i]);
    if (search.attributes < SHARED_LEAST || saving(search.resources, search.bytes) <= 0)
        return 0;
    profile_write(&search);
    profile_take_out(&search);
    return 1;
}

void flatten_profiles(Flattening *f) {
    uint32_t number = 0;
    for (uint32_t first = 0, last; first < f->count; first = last) {
        for (last = first; last < f->count && f->plains[last].instance->schema == f->plains[first].instance->schema; last++)
            ;
        for (uint32_t i = 0; i < PROFILES_MOST && profile_find(f, &f->plains[first], last - first, ++number); i++)
            ;
    }
}

/* ---- long values that repeat ---- */

void flatten_long_values(Flattening *f) {
    for (uint32_t i = 0; i < f->kinds.count; i++) {
        Kind *kind = &f->kinds.items[i];
        if (kind->count < SHARED_LEAST || kind->first->text.length < LONG_VALUE)
            continue;
        Str word = type_word(kind->schema), name = kind->first->name;
        kind->let = phx_name_take(&f->writer, arena_printf(f->arena, "%.*s_%.*s", (int)word.length, word.text, (int)name.length, name.text));
        text_addf(&f->lets, "let %.*s = ", (int)kind->let.length, kind->let.text);
        phx_write_lines(&f->writer, kind->let, name, kind->first->value, 0, kind->let.length + 7, &f->lets);
        text_add_char(&f->lets, '\n');
    }
}
