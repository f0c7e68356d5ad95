/* Reads a plan from its file, and finds out whether the file is what was written. */
#include "compiler/saved_plan.h"

#include "compiler/hash.h"
#include "lang/json.h"

#define FORMAT_NAME "phx-plan/"
#define FORMAT FORMAT_NAME "1"

typedef struct Reader {
    SavedPlan *saved;
    Diagnostics *diagnostics;
    const Value *root;
} Reader;

static const Value *member(const SavedPlan *saved, const Value *record, const char *name) {
    const Name *key = record->kind == VALUE_RECORD ? name_find(saved->names, str_of(name)) : NULL;
    return key ? record_get(record->as.record, key) : NULL;
}

const Value *saved_plan_member(const SavedPlan *saved, const Value *step, const char *name) {
    return member(saved, step, name);
}

static int is_text(const Value *value) {
    return value && value->kind == VALUE_STRING;
}

static int refuse_shape(Reader *reader, const char *what) {
    Diagnostic *d = diag_error(reader->diagnostics, CODE_PLAN_FORMAT, reader->root->origin, "this is no plan: %s", what);
    diag_help(reader->diagnostics, d, "`phxc plan -o plan.json` writes one");
    return 0;
}

/* ---- what it is ---- */

static int read_format(Reader *reader) {
    const Value *format = member(reader->saved, reader->root, "format");
    size_t length = sizeof FORMAT_NAME - 1;
    if (!is_text(format) || format->as.string.length < length || !str_equal((Str){format->as.string.text, length}, STR(FORMAT_NAME)))
        return refuse_shape(reader, "it does not begin with \"format\": \"" FORMAT "\"");
    if (str_equal(format->as.string, STR(FORMAT)))
        return 1;
    Diagnostic *d = diag_error(reader->diagnostics, CODE_PLAN_NEWER, format->origin, "this form of plan is not known here: %.*s",
                               (int)format->as.string.length, format->as.string.text);
    diag_help(reader->diagnostics, d, "this phxc carries out " FORMAT "; make the plan again, or use the phxc that wrote it");
    return 0;
}

/* The canonical body is the file without "id", compact and sorted: whoever changed a word of it changed the digest. */
static int check_id(Reader *reader) {
    SavedPlan *saved = reader->saved;
    const Value *id = member(saved, reader->root, "id");
    RecordBuilder builder = {.arena = saved->arena};
    Text body = {0};
    if (!is_text(id))
        return refuse_shape(reader, "it has no \"id\"");
    for (uint32_t i = 0; i < reader->root->as.record->count; i++) {
        const Field *field = &reader->root->as.record->fields[i];
        if (field->value != id)
            record_add(&builder, field->name, field->value, field->span, NULL);
    }
    json_write(record_finish(&builder, reader->root->origin, NULL), JSON_COMPACT_SORTED, 0, &body);
    Str digest = hash_sha256(saved->arena, text_str(&body));
    text_fini(&body);
    saved->id = id->as.string;
    saved->id_span = id->origin;
    if (str_equal(digest, id->as.string))
        return 1;
    Diagnostic *d = diag_error(reader->diagnostics, CODE_PLAN_EDITED, id->origin, "the plan is not the one that was written: its id does not fit what it holds");
    diag_label(reader->diagnostics, d, "what it holds has the id %.*s...", 12, digest.text);
    diag_help(reader->diagnostics, d, "nobody edits a plan: change the site and make a new one with `phxc plan -o`");
    return 0;
}

/* ---- what it holds ---- */

static int read_words(Reader *reader, const Value *list, RequestWords *words) {
    Str *items = ARENA_ARRAY(reader->saved->arena, Str, list->kind == VALUE_LIST ? list->as.list.count + 1 : 1);
    for (uint32_t i = 0; list->kind == VALUE_LIST && i < list->as.list.count; i++) {
        if (!is_text(list->as.list.items[i]))
            return refuse_shape(reader, "a word of its \"request\" is no string");
        items[i] = list->as.list.items[i]->as.string;
    }
    *words = (RequestWords){items, list->kind == VALUE_LIST ? list->as.list.count : 0};
    return list->kind == VALUE_LIST || refuse_shape(reader, "an option of its \"request\" is no list");
}

static int read_request(Reader *reader) {
    SavedPlan *saved = reader->saved;
    const Value *request = member(saved, reader->root, "request"), *site = request ? member(saved, request, "site") : NULL;
    if (!is_text(site))
        return refuse_shape(reader, "it does not say how it was asked for");
    saved->request.site = site->as.string;
    saved->request.prune = member(saved, request, "prune") != NULL;
    saved->request.gates = member(saved, request, "gates") != NULL;
    const Value *snapshot = member(saved, request, "snapshot_before");
    int risk = !snapshot ? RISK_NONE : is_text(snapshot) ? risk_find(snapshot->as.string) : -1;
    if (risk < 0)
        return refuse_shape(reader, "the \"snapshot_before\" of its \"request\" is no class of steps");
    saved->request.snapshot_before = (RiskClass)risk;
    for (int i = 0; i < REQUEST_LIST_COUNT; i++) {
        const Value *list = member(saved, request, request_list_name((RequestList)i));
        if (list && !read_words(reader, list, &saved->request.lists[i]))
            return 0;
    }
    return 1;
}

static int read_sources(Reader *reader) {
    SavedPlan *saved = reader->saved;
    const Value *list = member(saved, reader->root, "sources");
    if (!list || list->kind != VALUE_LIST)
        return refuse_shape(reader, "it does not name its sources");
    PlanSource *sources = ARENA_ARRAY(saved->arena, PlanSource, list->as.list.count + 1);
    for (uint32_t i = 0; i < list->as.list.count; i++) {
        const Value *file = member(saved, list->as.list.items[i], "file"), *sha256 = member(saved, list->as.list.items[i], "sha256");
        if (!is_text(file) || !is_text(sha256))
            return refuse_shape(reader, "a source of it has no name or no digest");
        sources[i] = (PlanSource){file->as.string, sha256->as.string};
    }
    saved->sources = sources;
    saved->source_count = list->as.list.count;
    return 1;
}

static int read_steps(Reader *reader) {
    SavedPlan *saved = reader->saved;
    const Value *steps = member(saved, reader->root, "steps"), *site = member(saved, reader->root, "site");
    if (!steps || steps->kind != VALUE_LIST || !is_text(site))
        return refuse_shape(reader, "it holds no steps or no site");
    for (uint32_t i = 0; i < steps->as.list.count; i++)
        if (!is_text(member(saved, steps->as.list.items[i], "address")) || !is_text(member(saved, steps->as.list.items[i], "verb")))
            return refuse_shape(reader, "a step of it has no address or no verb");
    saved->site = site->as.string;
    saved->steps = steps;
    return 1;
}

const SavedPlan *saved_plan_read(Arena *arena, Diagnostics *diagnostics, const Source *source) {
    SavedPlan *saved = ARENA_NEW(arena, SavedPlan);
    *saved = (SavedPlan){.arena = arena, .names = names_new(arena)};
    Reader reader = {saved, diagnostics, json_read(arena, saved->names, diagnostics, source)};
    if (reader.root->kind == VALUE_POISON)
        return NULL;
    if (reader.root->kind != VALUE_RECORD) {
        refuse_shape(&reader, "it is no JSON object");
        return NULL;
    }
    int good = read_format(&reader) && check_id(&reader) && read_request(&reader) && read_sources(&reader) && read_steps(&reader);
    return good ? saved : NULL;
}

/* ---- its sources ---- */

static const PlanSource *source_find(const PlanSource *sources, uint32_t count, Str file) {
    for (uint32_t i = 0; i < count; i++)
        if (str_equal(sources[i].file, file))
            return &sources[i];
    return NULL;
}

int saved_plan_check_sources(const SavedPlan *saved, const PlanSource *now, uint32_t count, int complete, Diagnostics *diagnostics) {
    Text changed = {0};
    for (uint32_t i = 0; i < saved->source_count; i++) {
        const PlanSource *then = &saved->sources[i], *found = source_find(now, count, then->file);
        if (found ? !str_equal(found->sha256, then->sha256) : complete)
            text_addf(&changed, "%s%.*s %s", changed.length ? "\n" : "", (int)then->file.length, then->file.text,
                      found ? "has been edited" : "is no longer read, or not there");
    }
    for (uint32_t i = 0; i < count; i++)
        if (!source_find(saved->sources, saved->source_count, now[i].file))
            text_addf(&changed, "%s%.*s is read now, and was not then", changed.length ? "\n" : "", (int)now[i].file.length, now[i].file.text);
    if (changed.length) {
        Diagnostic *d = diag_error(diagnostics, CODE_PLAN_STALE, saved->id_span, "the site is not the one of which the plan was made");
        diag_note(diagnostics, d, "%s", changed.bytes);
        diag_help(diagnostics, d, "take the version of the site from which the plan was made, or make a new plan");
    }
    int same = !changed.length;
    text_fini(&changed);
    return same;
}
