/* How the places are: the rules `doctor` ask, the rules `ailments` say what the answers mean. */
#include <stdlib.h>

#include "compiler/decode.h"
#include "compiler/inspect_parts.h"
#include "compiler/library.h"
#include "compiler/planner.h"

struct Doctor {
    VECTOR(Reading *) readings;
    VECTOR(Ailment) ailments;
};

/* ---- what a plan needs ---- */

/* The words of a command that are known; the others are none of a doctor's business. */
static const Value *command_words(Session *session, const Value *argv) {
    const Value **words = ARENA_ARRAY(session->arena, const Value *, argv->as.list.count + 1);
    uint32_t count = 0;
    for (uint32_t i = 0; i < argv->as.list.count; i++)
        if (argv->as.list.items[i]->kind == VALUE_STRING && !(argv->as.list.items[i]->flags & VALUE_SECRET))
            words[count++] = argv->as.list.items[i];
    return value_list(session->arena, argv->origin, words, count);
}

/* { step = 4, address = "pve.lxc.web", program = "pct", argv = [...] } for each command that the plan runs on the place itself. */
static const Value *place_wanted(Session *session, const Plan *plan, Str place) {
    const Words *w = &session->words;
    VECTOR(const Value *) items = {0};
    for (uint32_t i = 0; plan && i < plan->step_count; i++) {
        const Step *step = plan->steps[i];
        for (uint32_t k = 0; k < step->command_count; k++) {
            const Command *command = &step->commands[k];
            const Value *argv = command->kind == COMMAND_RUN && str_equal(command->place, place) ? command_field(command, "argv") : NULL;
            if (!argv || argv->kind != VALUE_LIST || !argv->as.list.count || argv->as.list.items[0]->kind != VALUE_STRING)
                continue;
            RecordBuilder builder = {.arena = session->arena};
            record_add(&builder, w->step, value_integer(session->arena, step->source, VALUE_INT, step->id), SPAN_NONE, NULL);
            record_add(&builder, w->address, value_string(session->arena, step->source, step->address), SPAN_NONE, NULL);
            record_add(&builder, w->program, argv->as.list.items[0], SPAN_NONE, NULL);
            record_add(&builder, w->argv, command_words(session, argv), SPAN_NONE, NULL);
            const Value *item = record_finish(&builder, step->source, NULL);
            VECTOR_PUSH(session->arena, &items, item);
        }
    }
    return value_list(session->arena, SPAN_NONE, items.items, items.count);
}

/* ---- asking ---- */

const ReadRequest *session_doctor_reads(Session *session, const Plan *plan, uint32_t *count) {
    uint32_t places;
    const Str *addresses = session_places(session, &places);
    session->doctor = ARENA_NEW(session->arena, struct Doctor);
    inspection_of(session);
    for (uint32_t p = 0; p < places; p++) {
        const Value *wanted = place_wanted(session, plan, addresses[p]);
        for (uint32_t i = 0; i < session->schemas.count; i++) {
            const Schema *schema = session->schemas.items[i];
            schema_ready(session, schema);
            Reading *reading = schema->rules[RULE_DOCTOR] ? reading_make(session, addresses[p], schema, RULE_DOCTOR, NULL, wanted) : NULL;
            if (reading)
                VECTOR_PUSH(session->arena, &session->doctor->readings, reading);
        }
    }
    return inspection_asks(session, count);
}

/* ---- what the answers mean ---- */

/* A part that could not be read is none: a rule tells what that means. */
static const Value *reading_raw(Session *session, const Reading *reading) {
    RecordBuilder builder = {.arena = session->arena};
    for (uint32_t i = 0; i < reading->part_count; i++) {
        const Part *part = &reading->parts[i];
        Str problem;
        const Value *value = part->count ? inspection_answer(session, part->requests[0], &problem) : NULL;
        record_add(&builder, part->name, value ? value : value_none(session->arena, reading->origin), SPAN_NONE, NULL);
    }
    return record_finish_open(&builder, reading->origin, NULL);
}

static Str text_of(const Record *record, const Name *name) {
    const Value *value = record_get(record, name);
    return value && value->kind == VALUE_STRING ? value->as.string : STR("");
}

static void ailment_add(Session *session, const Reading *reading, const Value *value) {
    const Words *w = &session->words;
    if (value->kind == VALUE_POISON)
        return;
    Str what = value->kind == VALUE_RECORD ? text_of(value->as.record, w->what) : STR("");
    Str level = what.length ? text_of(value->as.record, w->level) : STR("");
    if (!str_equal(level, STR("error")) && !str_equal(level, STR("warning"))) {
        diag_error(session->diagnostics, CODE_RULE, reading->schema->rules[RULE_AILMENTS]->span,
                   "`ailments` is a list of { level = \"error\" or \"warning\", what = TEXT, help = TEXT }");
        return;
    }
    Ailment ailment = {str_equal(level, STR("error")) ? SEVERITY_ERROR : SEVERITY_WARNING, reading->place, name_str(reading->schema->name), what,
                       text_of(value->as.record, w->help)};
    VECTOR_PUSH(session->arena, &session->doctor->ailments, ailment);
}

static int ailment_order(const void *a, const void *b) {
    const Ailment *left = a, *right = b;
    int order = str_compare(left->place, right->place);
    if (!order)
        order = (left->severity != SEVERITY_ERROR) - (right->severity != SEVERITY_ERROR);
    if (!order)
        order = str_compare(left->type, right->type);
    return order ? order : str_compare(left->what, right->what);
}

const Ailment *session_ailments(Session *session, uint32_t *count) {
    struct Doctor *doctor = session->doctor;
    for (uint32_t i = 0; i < doctor->readings.count; i++) {
        const Reading *reading = doctor->readings.items[i];
        RuleContext context = {.schema = reading->schema, .raw = reading_raw(session, reading), .wanted = reading->wanted};
        const Value *found = rule_eval(session, RULE_AILMENTS, &context);
        if (found && found->kind != VALUE_LIST && found->kind != VALUE_POISON)
            ailment_add(session, reading, found);
        for (uint32_t k = 0; found && found->kind == VALUE_LIST && k < found->as.list.count; k++)
            ailment_add(session, reading, found->as.list.items[k]);
    }
    if (doctor->ailments.count)
        qsort(doctor->ailments.items, doctor->ailments.count, sizeof(Ailment), ailment_order);
    *count = doctor->ailments.count;
    static const Ailment none = {0};
    return diag_errors(session->diagnostics) ? NULL : *count ? doctor->ailments.items : &none;
}
