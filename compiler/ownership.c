/* Stamps: written, read back, compared with what the text says; and lines of the index for what has no room for one. */
#include "compiler/ownership.h"

#include <string.h>

#include "compiler/decode.h"
#include "compiler/enter.h"
#include "compiler/inspect.h"
#include "compiler/slice.h"
#include "compiler/state.h"

/* What parts the words of a stamp, ends a fence, or is special where a stamp travels: in a property string, a label, a shell. */
#define STAMP_ESCAPES STR(" \"'<>,;\\")

/* ---- text ---- */

static Str stamp_word(Arena *arena, Str text) {
    return percent_encode(arena, text, STAMP_ESCAPES);
}

Str stamp_print(Arena *arena, int fenced, Stamp stamp) {
    Str site = stamp_word(arena, stamp.site), address = stamp_word(arena, stamp.address), identity = stamp_word(arena, stamp.identity);
    const Str parts[] = {fenced ? STR("<!-- phxc: site=") : STR("phxc "), site, fenced ? STR(" address=") : STR(" "), address,
                         fenced ? STR(" id=") : STR(" "), identity, fenced ? STR(" -->") : STR("")};
    return arena_join(arena, parts, sizeof parts / sizeof *parts);
}

/* The word after [before]; it is not empty and holds no blank. */
static int stamp_take(Str *rest, Str before, Str *word) {
    if (!slice_begins(*rest, before))
        return 0;
    size_t end = slice_find_char(*rest, ' ', before.length);
    *word = slice(*rest, before.length, end);
    *rest = slice(*rest, end, rest->length);
    return word->length > 0;
}

/* Two spellings of one stamp would be two stamps: what does not print as it was read is none. */
static int stamp_read(Arena *arena, int fenced, Str text, Stamp *stamp) {
    Str rest = text, site, address, identity;
    if (!stamp_take(&rest, fenced ? STR("<!-- phxc: site=") : STR("phxc "), &site) ||
        !stamp_take(&rest, fenced ? STR(" address=") : STR(" "), &address) ||
        !stamp_take(&rest, fenced ? STR(" id=") : STR(" "), &identity) || !str_equal(rest, fenced ? STR(" -->") : STR("")))
        return 0;
    *stamp = (Stamp){percent_decode(arena, site), percent_decode(arena, address), percent_decode(arena, identity)};
    return str_equal(stamp_print(arena, fenced, *stamp), text);
}

static Str without_line_ends(Str text) {
    while (text.length && (text.text[text.length - 1] == '\n' || text.text[text.length - 1] == '\r'))
        text.length--;
    return text;
}

int stamp_parse(Arena *arena, int fenced, Str text, Stamp *stamp, Str *own) {
    *own = without_line_ends(text);
    if (!fenced)
        return stamp_read(arena, 0, *own, stamp);
    int found = 0;
    Str rest = text, line, before = {0}, after = {0};
    while (slice_next_line(&rest, &line)) {
        if (!slice_begins(line, STR("<!-- phxc:")) || !stamp_read(arena, 1, line, stamp))
            continue;
        found = 1;
        before = slice(text, 0, (size_t)(line.text - text.text));
        after = rest;
    }
    if (!found)
        return 0;
    /* Somebody may have written below the line: that is the user's own text as well. */
    Text joined = {0};
    text_add(&joined, before);
    text_add(&joined, after);
    *own = without_line_ends(text_str(&joined));
    *own = own->length ? arena_str(arena, *own) : STR("");
    text_fini(&joined);
    return 1;
}

/* ---- whose ---- */

static const Value *stamp_text(const Schema *schema, const Value *have) {
    const Value *text = schema->stamp && have && have->kind == VALUE_RECORD ? record_get(have->as.record, schema->stamp->name) : NULL;
    return text && text->kind == VALUE_STRING ? text : NULL;
}

Ownership ownership_of(Session *session, Str place, const Schema *schema, Str identity, Str address, const Value *have) {
    Ownership ownership = {0};
    const Value *text = stamp_text(schema, have);
    Str own;
    if (text && stamp_parse(session->arena, schema->stamp_fenced, text->as.string, &ownership.stamp, &own)) {
        ownership.owner = !str_equal(ownership.stamp.site, session->site)      ? OWNER_OTHER_SITE
                          : !str_equal(ownership.stamp.identity, identity)     ? OWNER_COPY
                          : !str_equal(ownership.stamp.address, address)       ? OWNER_RENAMED
                                                                               : OWNER_OURS;
        return ownership;
    }
    const Instance *stands = host_find(session, place);
    Str owner = facts_owner(session->facts, stands ? enter_address(session, stands) : place, name_str(schema->name),
                            enter_identity(session, stands, identity));
    if (!owner.length)
        return ownership;
    ownership.indexed = 1;
    ownership.owner = str_equal(owner, address) ? OWNER_OURS : OWNER_RENAMED;
    ownership.stamp = (Stamp){session->site, owner, identity};
    return ownership;
}

/* ---- what is written ---- */

const Value *ownership_stamp(Session *session, Instance *instance) {
    const Schema *schema = instance->schema;
    if (!schema->stamp)
        return NULL;
    Stamp stamp = {session->site, instance->head.address, instance_identity(session, instance)};
    return value_string(session->arena, instance->origin, stamp_print(session->arena, schema->stamp_fenced, stamp));
}

const Value *ownership_stamped(Session *session, Instance *instance, const Value *wanted) {
    const Value *stamp = ownership_stamp(session, instance);
    if (!stamp || !instance->schema->stamp_fenced || !wanted || wanted->kind == VALUE_UNSET || wanted->kind == VALUE_NONE)
        return stamp;
    if (wanted->kind != VALUE_STRING)
        return wanted;
    Str own = without_line_ends(wanted->as.string);
    if (!own.length)
        return stamp;
    Str line = stamp->as.string;
    return value_string(session->arena, wanted->origin,
                        arena_printf(session->arena, "%.*s\n%.*s", (int)own.length, own.text, (int)line.length, line.text));
}

const Value *ownership_own_text(Session *session, const Schema *schema, const TypeField *attribute, const Value *have) {
    if (!schema->stamp_fenced || attribute != schema->stamp || !have || have->kind != VALUE_STRING)
        return have;
    Stamp stamp;
    Str own;
    stamp_parse(session->arena, 1, have->as.string, &stamp, &own);
    return own.length ? value_string(session->arena, have->origin, own) : NULL;
}

const Value *ownership_protection(Session *session, Instance *instance) {
    const TypeField *attribute = instance->schema->protect;
    const Value *protect = attribute ? instance_meta(session, instance, META_PROTECT) : NULL;
    if (!protect || protect->kind != VALUE_BOOL || !protect->as.boolean || instance_attribute(session, instance, attribute, -1))
        return NULL;
    return protect;
}

/* ---- the index of names ---- */

/* fnmatch reads these in a pattern. */
static Str pattern_quote(Arena *arena, Str text) {
    Text out = {0};
    for (size_t i = 0; i < text.length; i++) {
        if (strchr("*?[\\", text.text[i]))
            text_add_char(&out, '\\');
        text_add_char(&out, text.text[i]);
    }
    Str quoted = arena_str(arena, text_str(&out));
    text_fini(&out);
    return quoted;
}

static const Value *index_line(Arena *arena, Str type, Str identity, Str owner) {
    return value_string(arena, SPAN_NONE, arena_printf(arena, "%.*s %.*s %.*s", (int)type.length, type.text, (int)identity.length, identity.text,
                                                       (int)owner.length, owner.text));
}

const Value *ownership_index_edit(Session *session, Str place, const Schema *schema, Str identity, const Str *address) {
    Arena *arena = session->arena;
    const Words *words = &session->words;
    const Instance *stands = host_find(session, place);
    Str type = name_str(schema->name), own = enter_identity(session, stands, identity), word = percent_encode(arena, own, STR(" "));
    Str old = facts_owner(session->facts, stands ? enter_address(session, stands) : place, type, own);
    int remove = !address || (old.length && !str_equal(old, *address));
    const Value **items = ARENA_ARRAY(arena, const Value *, 2);
    if (remove)
        items[0] = index_line(arena, type, pattern_quote(arena, word), STR("*"));
    if (address)
        items[1] = index_line(arena, type, word, *address);
    Field fields[] = {
        {words->path, value_string(arena, SPAN_NONE, inspection_owned_path(session)), SPAN_NONE},
        {words->section, value_string(arena, SPAN_NONE, STR("")), SPAN_NONE},
        {words->remove, value_list(arena, SPAN_NONE, items, remove ? 1 : 0), SPAN_NONE},
        {words->add, value_list(arena, SPAN_NONE, items + 1, address ? 1 : 0), SPAN_NONE},
        {words->digest, value_none(arena, SPAN_NONE), SPAN_NONE},
    };
    Field *kept = ARENA_ARRAY(arena, Field, sizeof fields / sizeof *fields);
    memcpy(kept, fields, sizeof fields);
    return value_record(arena, SPAN_NONE, words->edit, kept, sizeof fields / sizeof *fields);
}
