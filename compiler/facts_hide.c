/* Digests of texts that secrets went into: whoever has one can try short secrets until it comes out. They are compared, and marked as the secrets
   that they give away, so that they are written down nowhere. */
#include "compiler/facts.h"

#include <string.h>

#include "compiler/codec.h"
#include "compiler/schema.h"
#include "compiler/state.h"

/* Is it known of what text this is the digest, and that no secret is in it? Of what the text does not say, or says that it is to be gone, nobody
   knows what was in it. */
static int is_open(Session *session, Instance *instance, const TypeField *attribute, int64_t member) {
    const Value *want = instance->absent ? NULL : instance_attribute(session, instance, attribute, member);
    return want && want->kind != VALUE_UNSET && want->kind != VALUE_POISON && !codec_holds_secret(want);
}

static int has_digests(const Schema *schema) {
    for (uint32_t i = 0; i < schema->attribute_count; i++)
        if (schema->attributes[i].codec.digest)
            return 1;
    return 0;
}

/* Is this field of what there is such a digest? */
static int is_telling(Session *session, Instance *instance, const Field *field) {
    int64_t member;
    const TypeField *attribute = schema_attribute(instance->schema, field->name, &member);
    if (!attribute || !attribute->codec.digest || field->value->flags & VALUE_SECRET)
        return 0;
    int outermost = session_scratch(session), open = is_open(session, instance, attribute, member);
    if (outermost)
        session_kept(session, NULL);
    return !open;
}

void facts_hide(Session *session, Instance *instance) {
    const Instance *stands = instance_place(session, instance);
    Str place = stands ? stands->head.address : STR("");
    const Value *have = has_digests(instance->schema) ? facts_get(session->facts, place, instance->schema, instance->identity) : NULL;
    if (!have || have->kind != VALUE_RECORD)
        return;
    const Record *record = have->as.record;
    Field *fields = NULL;
    for (uint32_t i = 0; i < record->count; i++) {
        if (!is_telling(session, instance, &record->fields[i]))
            continue;
        if (!fields) {
            fields = ARENA_ARRAY(session->arena, Field, record->count);
            memcpy(fields, record->fields, sizeof *fields * record->count);
        }
        fields[i].value = value_flagged(session->arena, fields[i].value, (uint8_t)(fields[i].value->flags | VALUE_SECRET));
    }
    if (fields)
        facts_put(session->facts, place, instance->schema, instance->identity,
                  value_record(session->arena, have->origin, record->tag, fields, record->count));
}

/* What was recorded has no such digests. */
void facts_hide_all(Session *session) {
    const Schema *last = NULL;
    int digests = 0;
    for (uint32_t i = 0; i < session->instances.count && !session->facts_source; i++) {
        Instance *instance = session->instances.items[i];
        if (instance->schema != last)
            digests = has_digests(instance->schema);
        last = instance->schema;
        if (digests && !instance->left_out && instance->identity.length)
            facts_hide(session, instance);
    }
}
