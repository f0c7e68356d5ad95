/* A plan to phx-plan/1, step by step: indented for people and tools, or canonical (compact, keys sorted, without the id), of which
   the id is the hash. Parsing the indented form, taking out "id" and every "provenance" and writing it compact and sorted gives the canonical
   one. */
#include "compiler/render.h"

#include <string.h>

#include "lang/json.h"

typedef struct Writer {
    Text *out;
    Sources *sources;
    int canonical;
    int level;          /* of indentation */
} Writer;

/* A member of an object: what writes its value, and from what. */
typedef struct Member {
    const char *key;
    void (*write)(Writer *writer, const void *data);
    const void *data;
} Member;

typedef enum Layout { LAYOUT_LINE, LAYOUT_BLOCK } Layout;   /* on one line, or a line for every member */

/* ---- punctuation ---- */

static void write_break(Writer *writer, Layout layout, int first) {
    if (!first)
        text_add_char(writer->out, ',');
    if (writer->canonical)
        return;
    if (layout == LAYOUT_BLOCK) {
        text_add_char(writer->out, '\n');
        text_add_repeat(writer->out, ' ', (size_t)writer->level * 2);
    } else if (!first) {
        text_add_char(writer->out, ' ');
    }
}

static void write_close(Writer *writer, Layout layout, char bracket, int empty) {
    writer->level--;
    if (!empty && layout == LAYOUT_BLOCK)
        write_break(writer, layout, 1);
    text_add_char(writer->out, bracket);
}

static void write_member(Writer *writer, Layout layout, const Member *member, int first) {
    write_break(writer, layout, first);
    text_add_char(writer->out, '"');
    text_add(writer->out, str_of(member->key));
    text_add(writer->out, writer->canonical ? STR("\":") : STR("\": "));
    member->write(writer, member->data);
}

/* Members stand in the order given, in the canonical form in the order of their keys. They are few: sorting by insertion is cheap. */
static void write_object(Writer *writer, Layout layout, Member *members, uint32_t count) {
    if (writer->canonical)
        for (uint32_t i = 1; i < count; i++) {
            Member member = members[i];
            uint32_t at = i;
            for (; at && strcmp(members[at - 1].key, member.key) > 0; at--)
                members[at] = members[at - 1];
            members[at] = member;
        }
    text_add_char(writer->out, '{');
    writer->level++;
    for (uint32_t i = 0; i < count; i++)
        write_member(writer, layout, &members[i], i == 0);
    write_close(writer, layout, '}', count == 0);
}

static void write_array(Writer *writer, Layout layout, const void *items, uint32_t count, size_t size,
                        void (*write)(Writer *writer, const void *data)) {
    text_add_char(writer->out, '[');
    writer->level++;
    for (uint32_t i = 0; i < count; i++) {
        write_break(writer, layout, i == 0);
        write(writer, (const char *)items + i * size);
    }
    write_close(writer, layout, ']', count == 0);
}

/* ---- values ---- */

static void write_str(Writer *writer, const void *data) {
    json_write_string(*(const Str *)data, writer->out);
}

static void write_word(Writer *writer, const void *data) {
    json_write_string(str_of(data), writer->out);
}

static void write_true(Writer *writer, const void *data) {
    (void)data;
    text_add_literal(writer->out, "true");
}

static void write_number(Writer *writer, const void *data) {
    text_add_int(writer->out, *(const uint32_t *)data);
}

static void write_source(Writer *writer, const void *data) {
    const Span *span = data;
    if (!span->file) {
        text_add_literal(writer->out, "null");
        return;
    }
    Position position = source_position(writer->sources, *span);
    Member members[] = {
        {"file", write_str, &source_get(writer->sources, span->file)->name},
        {"line", write_number, &position.line},
        {"column", write_number, &position.column},
    };
    write_object(writer, LAYOUT_LINE, members, 3);
}

/* Any value; null for what is not there or is cleared. */
static void write_value(Writer *writer, const void *data) {
    const Value *value = data;
    if (value->kind == VALUE_STRING && !(value->flags & VALUE_SECRET))
        json_write_string(value->as.string, writer->out);
    else if (value->kind == VALUE_UNSET)
        text_add_literal(writer->out, "null");
    else
        json_write(value, JSON_COMPACT_SORTED, 0, writer->out);
}

static void write_item(Writer *writer, const void *data) {
    write_value(writer, *(const Value *const *)data);
}

/* ---- commands ---- */

/* The fields that a kind of command may have, and two for its kind and place. */
enum { FIELD_LIMIT = 16 };

static void write_argument(Writer *writer, const void *data);

static void write_fields(Writer *writer, const char *kind, const Command *command, int is_placed) {
    Member members[FIELD_LIMIT];
    uint32_t count = 0;
    const Record *terms = command->terms;
    members[count++] = (Member){"kind", write_word, kind};
    if (is_placed)
        members[count++] = (Member){"place", write_str, &command->place};
    for (uint32_t i = 0; i < command->field_count && count < FIELD_LIMIT; i++)
        if (command->fields[i].value->kind != VALUE_NONE)
            members[count++] = (Member){command->fields[i].name->text, write_argument, command->fields[i].value};
    for (uint32_t i = 0; terms && i < terms->count && count < FIELD_LIMIT; i++)
        if (command_field(command, terms->fields[i].name->text) == terms->fields[i].value)
            members[count++] = (Member){terms->fields[i].name->text, write_argument, terms->fields[i].value};
    write_object(writer, LAYOUT_LINE, members, count);
}

/* The condition of a wait is a tagged record: a command as well, at the place of the wait. */
static void write_argument(Writer *writer, const void *data) {
    const Value *value = data;
    int shown = !(value->flags & VALUE_SECRET);
    if (shown && value->kind == VALUE_LIST)
        write_array(writer, LAYOUT_LINE, value->as.list.items, value->as.list.count, sizeof *value->as.list.items, write_item);
    else if (shown && value->kind == VALUE_RECORD && value->as.record->tag) {
        Command inner = command_of(COMMAND_RUN, STR(""), value->as.record);
        write_fields(writer, value->as.record->tag->text, &inner, 0);
    } else
        write_value(writer, value);
}

static void write_command(Writer *writer, const void *data) {
    const Command *command = data;
    write_fields(writer, command_kind_name(command->kind), command, 1);
}

/* ---- steps ---- */

static void write_uncompared_secret(Writer *writer, const void *data) {
    (void)data;
    Member members[] = {{"secret", write_true, NULL}, {"changed", write_word, "not compared"}};
    write_object(writer, LAYOUT_LINE, members, 2);
}

static void write_changed_secret(Writer *writer, const void *data) {
    (void)data;
    Member members[] = {{"secret", write_true, NULL}, {"changed", write_true, NULL}};
    write_object(writer, LAYOUT_LINE, members, 2);
}

static void write_effect(Writer *writer, const void *data) {
    const Effect *effect = data;
    Member members[] = {
        {"object", write_str, &effect->object},
        {"fate", write_word, fate_name(effect->fate)},
        {"note", write_str, &effect->note},
    };
    write_object(writer, LAYOUT_LINE, members, effect->note.length ? 3 : 2);
}

static void write_effects(Writer *writer, const void *data) {
    const Step *step = data;
    write_array(writer, LAYOUT_BLOCK, step->effects, step->effect_count, sizeof *step->effects, write_effect);
}

static void write_link(Writer *writer, const void *data) {
    const PlanLink *link = data;
    Position start = source_position(writer->sources, link->span);
    Position end = source_position(writer->sources, (Span){link->span.file, link->span.end, link->span.end});
    Member members[] = {
        {"file", write_str, &source_get(writer->sources, link->span.file)->name},
        {"line", write_number, &start.line},
        {"column", write_number, &start.column},
        {"end_line", write_number, &end.line},
        {"end_column", write_number, &end.column},
        {"what", write_word, link->what},
    };
    write_object(writer, LAYOUT_LINE, members, 6);
}

static void write_links(Writer *writer, const void *data) {
    const PlanLinks *links = data;
    write_array(writer, LAYOUT_BLOCK, links->items, links->count, sizeof *links->items, write_link);
}

static void write_change(Writer *writer, const void *data) {
    const Change *change = data;
    Member members[] = {
        {"attribute", write_str, &change->attribute},
        {"have", write_value, change->have},
        {"want", change->want->flags & VALUE_SECRET ? write_changed_secret : write_value, change->want},
        {"change", write_word, change->change},
        {"provenance", write_links, &change->provenance},
    };
    write_object(writer, LAYOUT_LINE, members, change->provenance.count && !writer->canonical ? 5 : 4);
}

static void write_after(Writer *writer, const void *data) {
    const Step *step = data;
    write_array(writer, LAYOUT_LINE, step->after, step->after_count, sizeof *step->after, write_number);
}

static void write_locks(Writer *writer, const void *data) {
    const Step *step = data;
    write_array(writer, LAYOUT_LINE, step->locks, step->lock_count, sizeof *step->locks, write_str);
}

static void write_changes(Writer *writer, const void *data) {
    const Step *step = data;
    write_array(writer, LAYOUT_BLOCK, step->changes, step->change_count, sizeof *step->changes, write_change);
}

static void write_commands(Writer *writer, const void *data) {
    const Step *step = data;
    write_array(writer, LAYOUT_BLOCK, step->commands, step->command_count, sizeof *step->commands, write_command);
}

static void write_undo(Writer *writer, const void *data) {
    const StepMore *more = data;
    write_array(writer, LAYOUT_BLOCK, more->undo, more->undo_count, sizeof *more->undo, write_command);
}

static void write_step(Writer *writer, const void *data) {
    const Step *step = data;
    const StepMore *more = step_more(step);
    Member members[] = {
        {"id", write_number, &step->id},
        {"wave", write_number, &step->wave},
        {"after", write_after, step},
        {"address", write_str, &step->address},
        {"identity", write_str, &step->identity},
        {"verb", write_word, verb_name(step->verb)},
        {"class", write_word, risk_name(step->risk)},
        {"reason", write_str, &step->reason},
        {"source", write_source, &step->source},
        {"locks", write_locks, step},
        {"changes", write_changes, step},
        {"commands", write_commands, step},
        {"undo", write_undo, more},
        {NULL, NULL, NULL},
        {NULL, NULL, NULL},
        {NULL, NULL, NULL},
        {NULL, NULL, NULL},
        {NULL, NULL, NULL},
    };
    uint32_t count = sizeof members / sizeof *members - 5;
    if (more->seen.length)
        members[count++] = (Member){"seen", write_str, &more->seen};
    if (step->phase.length)
        members[count++] = (Member){"phase", write_str, &step->phase};
    if (step->unsure)
        members[count++] = (Member){"if_needed", write_true, step};
    if (step->effect_count)
        members[count++] = (Member){"effects", write_effects, step};
    if (step->undo_note)
        members[count++] = (Member){"undo_note", write_word, step->undo_note};
    if (more->provenance.count && !writer->canonical)
        members[count++] = (Member){"provenance", write_links, &more->provenance};
    write_object(writer, LAYOUT_BLOCK, members, count);
}

/* ---- the plan ---- */

static void write_plan_source(Writer *writer, const void *data) {
    const PlanSource *source = data;
    Member members[] = {{"file", write_str, &source->file}, {"sha256", write_str, &source->sha256}};
    write_object(writer, LAYOUT_LINE, members, 2);
}

static void write_sources(Writer *writer, const void *data) {
    const Plan *plan = data;
    write_array(writer, LAYOUT_BLOCK, plan->sources, plan->source_count, sizeof *plan->sources, write_plan_source);
}

static void write_words(Writer *writer, const void *data) {
    const RequestWords *words = data;
    write_array(writer, LAYOUT_LINE, words->items, words->count, sizeof *words->items, write_str);
}

/* Of the lists those that are not empty. */
static void write_request(Writer *writer, const void *data) {
    const PlanRequest *request = data;
    Member members[REQUEST_LIST_COUNT + 4];
    uint32_t count = 0;
    members[count++] = (Member){"site", write_str, &request->site};
    for (int i = 0; i < REQUEST_LIST_COUNT; i++)
        if (request->lists[i].count)
            members[count++] = (Member){request_list_name((RequestList)i), write_words, &request->lists[i]};
    if (request->prune)
        members[count++] = (Member){"prune", write_true, NULL};
    if (request->gates)
        members[count++] = (Member){"gates", write_true, NULL};
    if (request->snapshot_before)
        members[count++] = (Member){"snapshot_before", write_word, risk_name(request->snapshot_before)};
    write_object(writer, LAYOUT_LINE, members, count);
}

/* What stands in the order of its names in the plan already. */
static void write_named(Writer *writer, const Field *fields, uint32_t count) {
    text_add_char(writer->out, '{');
    writer->level++;
    for (uint32_t i = 0; i < count; i++) {
        Member member = {fields[i].name->text, write_value, fields[i].value};
        write_member(writer, LAYOUT_BLOCK, &member, i == 0);
    }
    write_close(writer, LAYOUT_BLOCK, '}', count == 0);
}

static void write_fact_values(Writer *writer, const void *data) {
    const Plan *plan = data;
    write_named(writer, plan->facts, plan->fact_count);
}

static void write_facts(Writer *writer, const void *data) {
    const Plan *plan = data;
    Member members[] = {{"host", write_str, &plan->facts_host}, {"sha256", write_str, &plan->facts_sha256}, {"values", write_fact_values, plan}};
    write_object(writer, LAYOUT_LINE, members, plan->fact_count ? 3 : 2);
}

/* create, set and remove are always there, the other verbs where they occur. */
static void write_summary(Writer *writer, const void *data) {
    const Plan *plan = data;
    Member members[VERB_COUNT + 2];
    uint32_t count = 0;
    for (int verb = 0; verb < VERB_COUNT; verb++)
        if (plan->by_verb[verb] || verb == VERB_CREATE || verb == VERB_SET || verb == VERB_REMOVE)
            members[count++] = (Member){verb_name((Verb)verb), write_number, &plan->by_verb[verb]};
    members[count++] = (Member){"unchanged", write_number, &plan->unchanged};
    members[count++] = (Member){"worst_class", write_word, risk_name(plan->worst)};
    write_object(writer, LAYOUT_LINE, members, count);
}

static void write_step_at(Writer *writer, const void *data) {
    write_step(writer, *(const Step *const *)data);
}

static void write_steps(Writer *writer, const void *data) {
    const Plan *plan = data;
    write_array(writer, LAYOUT_BLOCK, plan->steps, plan->step_count, sizeof *plan->steps, write_step_at);
}

static void write_bystander(Writer *writer, const void *data) {
    const Bystander *bystander = data;
    Member members[] = {
        {"address", write_str, &bystander->address},
        {"type", write_str, &bystander->type},
        {"identity", write_str, &bystander->identity},
        {"place", write_str, &bystander->place},
        {"reason", write_str, &bystander->reason},
        {"source", write_source, &bystander->source},
    };
    write_object(writer, LAYOUT_LINE, members, bystander->source.file ? 6 : 5);
}

static void write_orphans(Writer *writer, const void *data) {
    const Plan *plan = data;
    write_array(writer, LAYOUT_BLOCK, plan->orphans, plan->orphan_count, sizeof *plan->orphans, write_bystander);
}

static void write_blocked(Writer *writer, const void *data) {
    const Plan *plan = data;
    write_array(writer, LAYOUT_BLOCK, plan->blocked, plan->blocked_count, sizeof *plan->blocked, write_bystander);
}

static void write_stays(Writer *writer, const void *data) {
    const Plan *plan = data;
    write_array(writer, LAYOUT_BLOCK, plan->stays, plan->stays_count, sizeof *plan->stays, write_bystander);
}

static void write_uncertain(Writer *writer, const void *data) {
    const Uncertain *uncertain = data;
    Member members[] = {
        {"address", write_str, &uncertain->address},
        {"attribute", write_str, &uncertain->attribute},
        {"value", write_uncompared_secret, NULL},
        {"source", write_source, &uncertain->source},
    };
    write_object(writer, LAYOUT_LINE, members, 4);
}

static void write_not_compared(Writer *writer, const void *data) {
    const Plan *plan = data;
    write_array(writer, LAYOUT_BLOCK, plan->not_compared, plan->not_compared_count, sizeof *plan->not_compared, write_uncertain);
}

static void write_denial(Writer *writer, const void *data) {
    const Denial *denial = data;
    Member members[5];
    uint32_t count = 0;
    if (denial->step) {
        members[count++] = (Member){"step", write_number, &denial->step->id};
        members[count++] = (Member){"address", write_str, &denial->step->address};
    }
    members[count++] = (Member){"code", write_str, &denial->code};
    if (denial->policy.length)
        members[count++] = (Member){"policy", write_str, &denial->policy};
    members[count++] = (Member){"reason", write_str, &denial->reason};
    write_object(writer, LAYOUT_LINE, members, count);
}

static void write_denied(Writer *writer, const void *data) {
    const Plan *plan = data;
    write_array(writer, LAYOUT_BLOCK, plan->denials, plan->denial_count, sizeof *plan->denials, write_denial);
}

static void write_outputs(Writer *writer, const void *data) {
    const Plan *plan = data;
    write_named(writer, plan->outputs, plan->output_count);
}

/* What diagnostics look like in JSON is told in one place only: the canonical form reads that again. */
static void write_diagnostics(Writer *writer, const void *data) {
    Text text = {0};
    diag_print_json(data, &text);
    while (text.length && text.bytes[text.length - 1] == '\n')
        text.length--;
    if (writer->canonical) {
        Arena *arena = arena_open();
        Str error = {0};
        const Value *value = json_read_at(arena, names_new(arena), text_str(&text), SPAN_NONE, &error);
        text_clear(&text);
        if (value)
            json_write(value, JSON_COMPACT_SORTED, 0, &text);
        arena_close(arena);
    }
    text_add(writer->out, text_str(&text));
    text_fini(&text);
}

static void write_plan(Writer *writer, const Plan *plan, const Diagnostics *diagnostics) {
    Member members[] = {
        {"format", write_word, "phx-plan/1"},
        {"id", write_str, &plan->id},
        {"site", write_str, &plan->site},
        {"request", write_request, &plan->request},
        {"sources", write_sources, plan},
        {"facts", write_facts, plan},
        {"summary", write_summary, plan},
        {"steps", write_steps, plan},
        {"orphans", write_orphans, plan},
        {"blocked", write_blocked, plan},
        {"outputs", write_outputs, plan},
        {"diagnostics", write_diagnostics, diagnostics},
        {NULL, NULL, NULL},
        {NULL, NULL, NULL},
        {NULL, NULL, NULL},
    };
    uint32_t count = sizeof members / sizeof *members - 3;
    if (plan->stays_count)
        members[count++] = (Member){"no_way_back", write_stays, plan};
    if (plan->not_compared_count)
        members[count++] = (Member){"not_compared", write_not_compared, plan};
    if (plan->denial_count)
        members[count++] = (Member){"denied", write_denied, plan};
    if (writer->canonical)
        members[1] = members[--count];
    write_object(writer, LAYOUT_BLOCK, members, count);
}

void render_plan_json(const Plan *plan, Diagnostics *diagnostics, Text *out) {
    Writer writer = {.out = out, .sources = diagnostics_sources(diagnostics)};
    write_plan(&writer, plan, diagnostics);
    text_add_char(out, '\n');
}

void render_plan_canonical(const Plan *plan, Diagnostics *diagnostics, Text *out) {
    Writer writer = {.out = out, .sources = diagnostics_sources(diagnostics), .canonical = 1};
    write_plan(&writer, plan, diagnostics);
}
