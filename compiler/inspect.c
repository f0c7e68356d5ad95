/* Inspection: evaluates the `read` rules to requests, and the answers through the `found` rules to facts. */
#include "compiler/inspect_parts.h"

#include <string.h>

#include "compiler/decode.h"
#include "compiler/enter.h"
#include "compiler/library.h"
#include "compiler/ownership.h"
#include "compiler/state.h"

Request *request_at(Session *session, uint32_t number) {
    return session->inspection->requests.items[number];
}

/* ---- requests ---- */

static void key_add(Text *key, Str part) {
    text_addf(key, "%zu:", part.length);
    text_add(key, part);
}

static uint32_t *request_slot(struct Inspection *inspection, Str key) {
    uint32_t at = hash_bytes(key.text, key.length) & inspection->mask;
    while (inspection->index[at] && !str_equal(inspection->requests.items[inspection->index[at] - 1]->key, key))
        at = (at + 1) & inspection->mask;
    return &inspection->index[at];
}

static void requests_index(Session *session) {
    struct Inspection *inspection = session->inspection;
    uint32_t size = inspection->mask ? (inspection->mask + 1) * 2 : 64;
    inspection->index = ARENA_ARRAY(session->arena, uint32_t, size);
    inspection->mask = size - 1;
    for (uint32_t i = 0; i < inspection->requests.count; i++)
        *request_slot(inspection, inspection->requests.items[i]->key) = i + 1;
}

/* The request with these contents, made if there is none like it yet. */
static uint32_t request_add(Session *session, ReadRequest read) {
    struct Inspection *inspection = session->inspection;
    Text key = {0};
    text_addf(&key, "%d", (int)read.kind);
    key_add(&key, read.place);
    key_add(&key, read.path);
    key_add(&key, read.absent);
    for (uint32_t i = 0; i < read.argc; i++)
        key_add(&key, read.argv[i]);
    for (uint32_t i = 0; i < read.header_count; i++) {
        key_add(&key, read.headers[i].name);
        key_add(&key, read.headers[i].text);
    }
    if (inspection->requests.count * 2 >= inspection->mask)
        requests_index(session);
    uint32_t *slot = request_slot(inspection, text_str(&key));
    if (!*slot) {
        Request *request = ARENA_NEW(session->arena, Request);
        request->key = arena_str(session->arena, text_str(&key));
        read.number = inspection->requests.count;
        request->read = read;
        VECTOR_PUSH(session->arena, &inspection->requests, request);
        *slot = inspection->requests.count;
    }
    text_fini(&key);
    return *slot - 1;
}

static Str record_string(const Record *record, const Name *name) {
    const Value *value = record_get(record, name);
    return value && value->kind == VALUE_STRING ? value->as.string : STR("");
}

/* A request that only asks. What it sends is known when the plan is made: a secret has no value then. 0 after a report. */
static int source_http(Session *session, const Record *source, Span span, ReadRequest *read) {
    const Words *w = &session->words;
    const Value *headers = record_get(source, w->headers), *timeout = record_get(source, w->timeout);
    uint32_t count = headers && headers->kind == VALUE_RECORD ? headers->as.record->count : 0;
    NamedText *list = ARENA_ARRAY(session->arena, NamedText, count + 1);
    read->kind = READ_HTTP;
    read->path = record_string(source, w->url);
    read->headers = list;
    read->timeout_ms = timeout && timeout->kind == VALUE_DURATION ? timeout->as.integer : 0;
    if (!str_equal(record_string(source, w->method), STR("GET")) || record_get(source, w->body) || record_get(source, w->status) || record_get(source, w->expect)) {
        Diagnostic *d = diag_error(session->diagnostics, CODE_RULE, span, "a request that reads is a GET with a URL, and perhaps `headers` and a `timeout`");
        diag_help(session->diagnostics, d, "an answer of 404 or 410 reads as `none`, any other that is no success as a failure");
        return 0;
    }
    for (uint32_t i = 0; i < count; i++) {
        const Field *field = &headers->as.record->fields[i];
        if (field->value->kind != VALUE_STRING || value_is_secret(field->value)) {
            Diagnostic *d = diag_error(session->diagnostics, CODE_RULE, span, "the header `%s` of a request that reads is not known when the plan is made",
                                       field->name->text);
            diag_help(session->diagnostics, d, "where reading wants a secret, keep it on the host: `run([\"curl\", \"--silent\", \"--fail\", \"--config\", \"/root/api.conf\", url])`");
            return 0;
        }
        list[read->header_count++] = (NamedText){name_str(field->name), field->value->as.string};
    }
    if (read->path.length)
        return 1;
    diag_error(session->diagnostics, CODE_RULE, span, "the URL of a request that reads is a text that is known when the plan is made");
    return 0;
}

int source_read(Session *session, const Value *source, Span span, ReadRequest *read) {
    const Words *w = &session->words;
    const Name *tag = source->kind == VALUE_RECORD ? source->as.record->tag : NULL;
    if (tag == w->run) {
        const Value *argv = record_get(source->as.record, w->argv);
        if (record_get(source->as.record, w->std_in) || record_get(source->as.record, w->expect) || record_get(source->as.record, w->changes)) {
            diag_error(session->diagnostics, CODE_RULE, span, "a command that reads is a list of a program and its arguments, and perhaps `absent`");
            return 0;
        }
        Str *words = ARENA_ARRAY(session->arena, Str, argv->as.list.count + 1);
        for (uint32_t i = 0; i < argv->as.list.count; i++)
            if (argv->as.list.items[i]->kind == VALUE_STRING)
                words[read->argc++] = argv->as.list.items[i]->as.string;
        read->kind = READ_RUN;
        read->argv = words;
        read->absent = record_string(source->as.record, w->absent);
        if (read->argc && read->argc == argv->as.list.count)
            return 1;
    } else if (tag && (tag == w->file || tag == w->files || tag == w->glob)) {
        read->kind = tag == w->file ? READ_FILE : tag == w->files ? READ_FILES : READ_GLOB;
        read->path = record_string(source->as.record, w->path);
        if (read->path.length && read->path.text[0] == '/')
            return 1;
        diag_error(session->diagnostics, CODE_RULE, span, "a path to read is absolute");
        return 0;
    }
    if (tag == w->http)
        return source_http(session, source->as.record, span, read);
    if (source->kind != VALUE_POISON)
        diag_error(session->diagnostics, CODE_RULE, span, "a source is run(...), file(...), files(...), glob(...) or http(...)");
    return 0;
}

/* A source value to its request; -1 after a report. */
static int64_t source_request(Session *session, Str place, const Value *source, Span span) {
    ReadRequest read = {.place = place};
    return source_read(session, source, span, &read) && enter_read(session, host_find(session, place), span, &read) ? (int64_t)request_add(session, read) : -1;
}

static int part_read(Session *session, Reading *reading, const Field *field, Span span) {
    Part *part = &reading->parts[reading->part_count++];
    const Value *source = field->value;
    part->name = field->name;
    part->list = source->kind == VALUE_LIST;
    uint32_t count = part->list ? source->as.list.count : source->kind == VALUE_NONE ? 0 : 1;
    uint32_t *requests = ARENA_ARRAY(session->arena, uint32_t, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        int64_t request = source_request(session, reading->place, part->list ? source->as.list.items[i] : source, span);
        if (request < 0)
            return 0;
        requests[part->count++] = (uint32_t)request;
    }
    part->requests = requests;
    return 1;
}

/* "phoenix" for pve.node.phoenix. */
static Str place_name(Str place) {
    const char *dot = place.length ? strrchr(place.text, '.') : NULL;
    return dot ? str_of(dot + 1) : place;
}

Reading *reading_make(Session *session, Str place, const Schema *schema, Rule rule, Instance *instance, const Value *wanted) {
    RuleContext context = {.schema = schema, .instance = instance, .wanted = wanted,
                           .want = instance ? value_reference(session->arena, instance->origin, &instance->head) : NULL,
                           .identity = instance ? value_string(session->arena, instance->origin, instance->identity) : NULL};
    const Value *sources = rule_eval(session, rule, &context);
    Span span = schema->rules[rule]->span;
    if (!sources || sources->kind != VALUE_RECORD) {
        if (sources && sources->kind != VALUE_POISON)
            diag_error(session->diagnostics, CODE_RULE, span, "`%s` is a record of sources, not %s", rule_name(rule), value_kind_phrase((ValueKind)sources->kind));
        return NULL;
    }
    Reading *reading = ARENA_NEW(session->arena, Reading);
    reading->place = place;
    reading->schema = schema;
    reading->wanted = wanted;
    reading->parts = ARENA_ARRAY(session->arena, Part, sources->as.record->count + 1);
    reading->origin = (Span){source_add(session->sources, SOURCE_HOST, place.length ? place_name(place) : STR("local"), STR(""))->number, 0, 0};
    for (uint32_t i = 0; i < sources->as.record->count; i++)
        if (!part_read(session, reading, &sources->as.record->fields[i], span))
            return NULL;
    return reading;
}

Str inspection_owned_path(Session *session) {
    return arena_printf(session->arena, "/var/lib/phxc/%.*s/owned", (int)session->site.length, session->site.text);
}

Pile *pile_of(Session *session, Piles *piles, const Schema *schema, Str place) {
    for (uint32_t i = 0; i < piles->count; i++)
        if (piles->items[i]->schema == schema && str_equal(piles->items[i]->place, place))
            return piles->items[i];
    Pile *pile = ARENA_NEW(session->arena, Pile);
    pile->schema = schema;
    pile->place = place;
    VECTOR_PUSH(session->arena, piles, pile);
    return pile;
}

void piles_read(Session *session, const Piles *piles, int bystander) {
    for (uint32_t i = 0; i < piles->count; i++) {
        const Pile *pile = piles->items[i];
        const Value *wanted = value_list(session->arena, SPAN_NONE, pile->wanted.items, pile->wanted.count);
        Reading *reading = reading_make(session, pile->place, pile->schema, RULE_READ, NULL, wanted);
        if (!reading)
            continue;
        reading->bystander = bystander;
        VECTOR_PUSH(session->arena, &session->inspection->readings, reading);
    }
}

static int reading_asks(const Reading *reading) {
    for (uint32_t i = 0; i < reading->part_count; i++)
        if (reading->parts[i].count)
            return 1;
    return 0;
}

int reading_by_name(Session *session, Str place, const Schema *schema) {
    Reading *reading = reading_make(session, place, schema, RULE_READ, NULL, value_list(session->arena, SPAN_NONE, NULL, 0));
    return reading && !reading_asks(reading);
}

static int is_read_anywhere(const Session *session, const Schema *schema, uint32_t used) {
    for (uint32_t i = 0; i < used; i++)
        if (session->inspection->readings.items[i]->schema == schema)
            return 1;
    return 0;
}

/* A type whose last resource left the text may still have objects of the site: with its stamp, or in the index of names. Where the rule asks for
   single ones by name there is nothing to ask for. */
static void bystanders_add(Session *session) {
    uint32_t places, used = session->inspection->readings.count;
    const Str *addresses = session_places(session, &places);
    const Value *nobody = value_list(session->arena, SPAN_NONE, NULL, 0);
    for (uint32_t p = 0; p < places; p++)
        for (uint32_t i = 0; i < session->schemas.count; i++) {
            const Schema *schema = session->schemas.items[i];
            schema_ready(session, schema);
            uint32_t k = 0;
            while (k < used && !(session->inspection->readings.items[k]->schema == schema && str_equal(session->inspection->readings.items[k]->place, addresses[p])))
                k++;
            if (k < used || !schema->rules[RULE_READ])
                continue;
            Reading *reading = reading_make(session, addresses[p], schema, RULE_READ, NULL, nobody);
            if (!reading || !reading_asks(reading))
                continue;
            /* What the site has on one place may be on any other of them: there it is no bystander. */
            reading->bystander = !schema->elsewhere || !is_read_anywhere(session, schema, used);
            VECTOR_PUSH(session->arena, &session->inspection->readings, reading);
        }
}

int place_is_open(Session *session, const Instance *place) {
    if (!place || place->schema->is_place)
        return 1;
    const Value *have = facts_get(session->facts, instance_place_address(session, place), place->schema, place->identity);
    if (!have)
        return 0;
    RuleContext context = {.schema = place->schema, .instance = place, .have = have, .want = value_reference(session->arena, place->origin, &place->head),
                           .identity = value_string(session->arena, place->origin, place->identity)};
    const Value *live = rule_eval(session, RULE_LIVE, &context);
    return !live || (live->kind == VALUE_BOOL && live->as.boolean);
}

/* For all that can be asked for now and was not yet. */
static void readings_make(Session *session) {
    Piles piles = {0};
    Pile *last = NULL;
    const Instance *last_place = NULL;
    int open = 1;
    for (uint32_t i = 0; i < session->instances.count; i++) {
        Instance *instance = session->instances.items[i];
        if (instance->left_out || instance->asked || !instance->schema->rules[RULE_READ])
            continue;
        const Instance *stands = instance_place(session, instance);
        if (stands != last_place) {
            last_place = stands;
            open = place_is_open(session, stands);
        }
        if (!open)
            continue;
        instance->asked = 1;
        Str place = instance_place_address(session, instance);
        /* One mostly follows its like. */
        if (!last || last->schema != instance->schema || !str_equal(last->place, place))
            last = pile_of(session, &piles, instance->schema, place);
        VECTOR_PUSH(session->arena, &last->wanted, value_reference(session->arena, instance->origin, &instance->head));
    }
    piles_read(session, &piles, 0);
}

struct Inspection *inspection_of(Session *session) {
    if (!session->inspection)
        session->inspection = ARENA_NEW(session->arena, struct Inspection);
    return session->inspection;
}

static void inspection_begin(Session *session) {
    inspection_of(session)->begun = 1;
    if (!session->facts)
        session->facts = facts_new(session);
    readings_make(session);
    bystanders_add(session);
    uint32_t places;
    const Str *addresses = session_places(session, &places);
    for (uint32_t i = 0; i < places; i++)
        request_add(session, (ReadRequest){.place = addresses[i], .kind = READ_FILE, .path = inspection_owned_path(session)});
}

const ReadRequest *inspection_asks(Session *session, uint32_t *count) {
    struct Inspection *inspection = inspection_of(session);
    uint32_t first = inspection->asked;
    inspection->asked = inspection->requests.count;
    *count = inspection->asked - first;
    ReadRequest *list = ARENA_ARRAY(session->arena, ReadRequest, *count + 1);
    for (uint32_t i = 0; i < *count; i++)
        list[i] = request_at(session, first + i)->read;
    return list;
}

const ReadRequest *session_reads(Session *session, uint32_t *count) {
    if (!inspection_of(session)->begun) {
        inspection_begin(session);
    } else {
        readings_make(session);
        unnamed_ask(session);
    }
    const ReadRequest *requests = inspection_asks(session, count);
    return !*count && session->inspection->decoded == session->inspection->readings.count ? NULL : requests;
}

int64_t inspection_request(Session *session, Str place, const Value *source, Span span) {
    ReadRequest read = {.place = place};
    inspection_of(session);
    return source_read(session, source, span, &read) ? (int64_t)request_add(session, read) : -1;
}

const Value *inspection_answer(Session *session, uint32_t number, Str *problem) {
    const Request *request = request_at(session, number);
    *problem = request->problem;
    return request->answered && !request->failed ? request->value : NULL;
}

/* ---- answers ---- */

static Str path_name(Str path) {
    size_t at = path.length;
    while (at && path.text[at - 1] != '/')
        at--;
    return (Str){path.text + at, path.length - at};
}

static Str path_stem(Str name) {
    for (size_t at = name.length; at > 1; at--)
        if (name.text[at - 1] == '.')
            return (Str){name.text, at - 1};
    return name;
}

/* The text of a host's file. It is a source of its own, so that whatever is read out of it knows its line. */
static const Value *file_text(Session *session, Str place, const ReadFile *file) {
    Str text = arena_str(session->arena, file->text), host = place_name(place);
    Str name = arena_printf(session->arena, "%.*s%s%.*s", (int)host.length, host.text, host.length ? ":" : "", (int)file->path.length, file->path.text);
    uint32_t end = text.length < UINT32_MAX ? (uint32_t)text.length : 0;
    return value_string(session->arena, (Span){source_add(session->sources, SOURCE_HOST, name, text)->number, 0, end}, text);
}

static const Value *file_value(Session *session, Str place, const ReadFile *file, int with_text, Span origin) {
    const Words *w = &session->words;
    RecordBuilder builder = {.arena = session->arena};
    Str path = arena_str(session->arena, file->path), name = path_name(path);
    record_add(&builder, w->path, value_string(session->arena, origin, path), SPAN_NONE, NULL);
    record_add(&builder, w->name, value_string(session->arena, origin, name), SPAN_NONE, NULL);
    record_add(&builder, w->stem, value_string(session->arena, origin, path_stem(name)), SPAN_NONE, NULL);
    if (with_text)
        record_add(&builder, w->text, file_text(session, place, file), SPAN_NONE, NULL);
    return record_finish(&builder, origin, NULL);
}

void session_answer(Session *session, const ReadRequest *read, const ReadAnswer *answer) {
    Request *request = request_at(session, read->number);
    Span origin = SPAN_NONE;
    request->answered = 1;
    request->failed = answer->failed;
    request->problem = arena_str(session->arena, answer->problem);
    if (answer->failed)
        return;
    if (read->kind == READ_RUN && read->is_file)
        request->value = answer->absent ? value_none(session->arena, origin)
                                        : file_text(session, read->place, &(ReadFile){read->argv[read->argc - 1], answer->text});
    else if (read->kind == READ_HTTP && answer->absent)
        request->value = value_none(session->arena, origin);
    else if (read->kind == READ_RUN || read->kind == READ_HTTP)
        request->value = value_string(session->arena, origin, arena_str(session->arena, answer->text));
    else if (read->kind == READ_FILE)
        request->value = answer->file_count ? file_text(session, read->place, &answer->files[0]) : value_none(session->arena, origin);
    else {
        const Value **items = ARENA_ARRAY(session->arena, const Value *, answer->file_count + 1);
        for (uint32_t i = 0; i < answer->file_count; i++)
            items[i] = file_value(session, read->place, &answer->files[i], read->kind == READ_FILES, origin);
        request->value = value_list(session->arena, origin, items, answer->file_count);
    }
}

Str request_describe(Session *session, const ReadRequest *read) {
    if (read->kind == READ_HTTP)
        return arena_printf(session->arena, "GET %.*s", (int)read->path.length, read->path.text);
    if (read->kind != READ_RUN)
        return read->path;
    Text text = {0};
    for (uint32_t i = 0; i < read->argc && text.length < 100; i++)
        text_addf(&text, "%s%.*s", i ? " " : "", (int)read->argv[i].length, read->argv[i].text);
    Str result = arena_str(session->arena, text_str(&text));
    text_fini(&text);
    return result;
}

/* What `found` sees as `raw`; NULL after a report. */
static const Value *reading_raw(Session *session, const Reading *reading) {
    RecordBuilder builder = {.arena = session->arena};
    for (uint32_t i = 0; i < reading->part_count; i++) {
        const Part *part = &reading->parts[i];
        const Value **items = ARENA_ARRAY(session->arena, const Value *, part->count + 1);
        for (uint32_t k = 0; k < part->count; k++) {
            const Request *request = request_at(session, part->requests[k]);
            if (reading->bystander && !session->survey && (!request->answered || request->failed))
                return NULL;
            if (!request->answered || request->failed) {
                Str what = request_describe(session, &request->read);
                /* One machine that does not answer is no reason not to plan for all others. */
                const Instance *stands = host_find(session, reading->place);
                Severity severity = reading->bystander || (stands && !stands->schema->is_place) ? SEVERITY_WARNING : SEVERITY_ERROR;
                Str message = arena_printf(session->arena, "what there is of %s could not be read on %.*s: %.*s", reading->schema->name->text,
                                           (int)(reading->place.length ? reading->place.length : 5), reading->place.length ? reading->place.text : "local",
                                           (int)request->problem.length, request->problem.text);
                Diagnostic *d = diag_add(session->diagnostics, severity, str_of(code_info(CODE_READ)->id), reading->origin, message);
                diag_note(session->diagnostics, d, "it was to be learnt from %.*s", (int)what.length, what.text);
                return NULL;
            }
            items[k] = request->value;
        }
        const Value *value = part->list ? value_list(session->arena, reading->origin, items, part->count)
                             : part->count ? items[0] : value_none(session->arena, reading->origin);
        record_add(&builder, part->name, value, SPAN_NONE, NULL);
    }
    return record_finish(&builder, reading->origin, NULL);
}

enum { SOURCES_TOLD = 4 };     /* of a reading, in a message: one of them is to blame, and the first are those that the type is about */

/* "/etc/pve/storage.cfg, zpool list -HvP and 3 more" */
static Str reading_sources(Session *session, const Reading *reading) {
    Text text = {0};
    uint32_t count = 0;
    for (uint32_t i = 0; i < reading->part_count; i++)
        for (uint32_t k = 0; k < reading->parts[i].count; k++, count++) {
            Str what = request_describe(session, &request_at(session, reading->parts[i].requests[k])->read);
            if (count < SOURCES_TOLD)
                text_addf(&text, "%s%.*s", count ? ", " : "", (int)what.length, what.text);
        }
    if (count > SOURCES_TOLD)
        text_addf(&text, " and %u more", count - SOURCES_TOLD);
    Str result = arena_str(session->arena, text_str(&text));
    text_fini(&text);
    return result;
}

/* What a host says may be cut short, of another version or no text at all: then its rule is not wrong, and says nothing to who reads the message. */
static const Value *found_eval(Session *session, const Reading *reading, const RuleContext *context) {
    uint32_t before = diag_kept(session->diagnostics);
    const Value *found = rule_eval(session, RULE_FOUND, context);
    if (diag_kept(session->diagnostics) == before)
        return found;
    Str sources = reading_sources(session, reading);
    diag_note_since(session->diagnostics, before, "what there is of %s on %.*s is not understood; it was to be learnt from %.*s", reading->schema->name->text,
                    (int)(reading->place.length ? reading->place.length : 5), reading->place.length ? reading->place.text : "local", (int)sources.length, sources.text);
    return found;
}

/* Every value of what was read carries the host as its origin, so that messages say where it comes from. */
static const Value *reading_found(Session *session, const Reading *reading, Instance *instance) {
    const Value *raw = reading_raw(session, reading);
    if (!raw)
        return NULL;
    RuleContext context = {.schema = reading->schema, .instance = instance, .raw = raw, .wanted = reading->wanted,
                           .want = instance ? value_reference(session->arena, instance->origin, &instance->head) : NULL,
                           .identity = instance ? value_string(session->arena, instance->origin, instance->identity) : NULL};
    const Value *found = found_eval(session, reading, &context);
    if (found && found->kind == VALUE_RECORD)
        return found;
    if (found && found->kind != VALUE_POISON)
        diag_error(session->diagnostics, CODE_RULE, reading->schema->rules[RULE_FOUND]->span, "`found` is a map of identities, not %s", value_kind_phrase((ValueKind)found->kind));
    return NULL;
}

/* Of types that the site has nothing of, other people's objects are nobody's business here. */
static int is_relevant(Session *session, const Reading *reading, Str identity, const Value *have) {
    if (!reading->bystander || session->survey)
        return 1;
    Owner owner = ownership_of(session, reading->place, reading->schema, identity, STR(""), have).owner;
    return owner == OWNER_OURS || owner == OWNER_RENAMED;
}

static int reading_decode(Session *session, const Reading *reading) {
    if (reading->unrecorded)
        return 1;
    const Value *found = reading_found(session, reading, NULL);
    if (!found) {
        const Instance *stands = host_find(session, reading->place);
        return reading->bystander || (stands && !stands->schema->is_place);
    }
    for (uint32_t i = 0; i < found->as.record->count; i++) {
        const Field *field = &found->as.record->fields[i];
        if (field->value->kind != VALUE_RECORD)
            continue;
        const Value *have = facts_decode(session, reading->schema, field->value, reading->origin);
        if (is_relevant(session, reading, name_str(field->name), have))
            facts_put(session->facts, reading->place, reading->schema, name_str(field->name), have);
    }
    if (reading->bystander && !session->survey)
        return 1;
    facts_set_known(session->facts, reading->place, reading->schema);
    return 1;
}

static void owned_decode(Session *session, const Request *request) {
    if (request->failed) {
        /* Without it all that carries no label would be taken for somebody else's. */
        Str place = request->read.place.length ? request->read.place : STR("local"), path = request->read.path;
        Diagnostic *d = diag_error(session->diagnostics, CODE_READ, SPAN_NONE, "what is this site's on %.*s could not be read: %.*s", (int)place.length, place.text,
                                   (int)request->problem.length, request->problem.text);
        diag_note(session->diagnostics, d, "it was to be learnt from %.*s", (int)path.length, path.text);
    }
    if (request->failed || !request->value || request->value->kind != VALUE_STRING)
        return;
    const Value *lines = decode_lines(session->arena, request->value->as.string, SPAN_NONE);
    for (uint32_t i = 0; i < lines->as.list.count; i++)
        facts_own(session->facts, request->read.place, lines->as.list.items[i]->as.string);
}

int session_facts_decode(Session *session) {
    struct Inspection *inspection = session->inspection;
    int good = 1;
    Str owned = inspection_owned_path(session);
    for (uint32_t i = 0; i < inspection->requests.count && !inspection->rounds; i++) {
        const Request *request = request_at(session, i);
        if (request->read.kind == READ_FILE && str_equal(request->read.path, owned))
            owned_decode(session, request);
    }
    inspection->rounds++;
    while (inspection->decoded < inspection->readings.count)
        good &= reading_decode(session, inspection->readings.items[inspection->decoded++]);
    return good && diag_errors(session->diagnostics) == 0;
}

void session_facts_none(Session *session) {
    session->facts = facts_new(session);
    for (uint32_t i = 0; i < session->instances.count; i++)
        facts_set_known(session->facts, instance_place_address(session, session->instances.items[i]), session->instances.items[i]->schema);
}

/* What the file does not tell of is not absent but unknown. */
int session_facts_read(Session *session, const Source *source) {
    session->facts = facts_new(session);
    session->facts_source = source->number;
    return facts_read(session->facts, source);
}

void session_facts_write(Session *session, Text *out) {
    facts_hide_all(session);
    facts_write(session->facts, out);
}

/* ---- one resource again ---- */

const ReadRequest *inspection_one(Session *session, Instance *instance, uint32_t *count) {
    inspection_of(session);
    Str place = instance_place_address(session, instance);
    const Value *self = value_reference(session->arena, instance->origin, &instance->head);
    const Value *wanted = value_list(session->arena, SPAN_NONE, memcpy(ARENA_NEW(session->arena, const Value *), &self, sizeof self), 1);
    Rule rule = instance->schema->rules[RULE_READ_ONE] ? RULE_READ_ONE : RULE_READ;
    Reading *reading = reading_make(session, place, instance->schema, rule, instance, wanted);
    *count = 0;
    if (!reading)
        return NULL;
    instance->reading = reading;
    uint32_t total = 0;
    for (uint32_t i = 0; i < reading->part_count; i++)
        total += reading->parts[i].count;
    ReadRequest *list = ARENA_ARRAY(session->arena, ReadRequest, total + 1);
    for (uint32_t i = 0; i < reading->part_count; i++)
        for (uint32_t k = 0; k < reading->parts[i].count; k++)
            list[(*count)++] = request_at(session, reading->parts[i].requests[k])->read;
    return list;
}

int inspection_decode_one(Session *session, Instance *instance) {
    const Reading *reading = instance->reading;
    const Value *found = reading ? reading_found(session, reading, instance) : NULL;
    if (!found)
        return 0;
    instance->reading->found = found;
    const Name *name = name_find(session->names, instance->identity);
    const Value *properties = name ? record_get(found->as.record, name) : NULL;
    facts_put(session->facts, reading->place, reading->schema, instance->identity,
              properties && properties->kind == VALUE_RECORD ? facts_decode(session, reading->schema, properties, reading->origin) : NULL);
    return 1;
}

const Value *inspection_other(Session *session, const Instance *instance) {
    const Value *found = instance->reading ? instance->reading->found : NULL;
    for (uint32_t i = 0; found && i < found->as.record->count; i++) {
        const Field *field = &found->as.record->fields[i];
        if (field->value->kind == VALUE_RECORD && !str_equal(name_str(field->name), instance->identity))
            return facts_decode(session, instance->schema, field->value, instance->reading->origin);
    }
    return NULL;
}
