/* A command's fields become a call to its place; a wait becomes several, and so does what must be seen to change something. */
#include "runtime/perform.h"

#include <string.h>

#include "compiler/render.h"
#include "lang/number.h"
#include "runtime/memory.h"
#include "runtime/unwrap.h"

enum {
    WAIT_FIRST_MS = 250,        /* the pause after the first look; each is half as long again as the one before */
    WAIT_LONGEST_MS = 5000,
    RETRY_FIRST_MS = 1000,      /* the pause before a command is tried again; each is twice the one before */
    RETRY_LONGEST_MS = 30000,
    REQUEST_RETRIES = 2         /* of a request that is no look of a wait, which asks again anyway */
};

struct Performance {
    const Stage *stage;
    Arena *arena;               /* what the call needs while it runs */
    Text problem;               /* why it can't be carried out */
    Str absent;                 /* a failure that says this means that there was nothing left to do */
    Unwrap unwrap;              /* what it prints tells of another program */
    const Value *statuses;      /* of a request: which are good; NULL: those of success */
    Str expect;                 /* what does not print this has failed, whatever its exit code */
    const Record *changes;      /* the look at what it changes; NULL: there is none */
    Str before;                 /* what that printed before */
    OutcomeDone *done;
    void *context;
    int stopped;
    int64_t pause_ms;           /* before it is tried, or asked, again */
    LoopTimer *timer;
    /* of a command that may be tried again: */
    const Command *command;
    Str retry;                  /* after failures that say this */
    uint32_t attempt, attempts;
    Outcome last;               /* of the try, or of a wait's look, before the pause; of the command while one looks at what it changed */
    /* of a wait: */
    Command condition;
    int waits;
    int64_t within_ms;          /* counted from the first look on */
    int64_t deadline_ms;
    int64_t interval_ms;        /* 0: longer and longer */
    int64_t successes;          /* so many are wanted in a row */
    int64_t succeeded;          /* so many there have been */
};

static void perform_end(Performance *performance, Outcome *outcome) {
    OutcomeDone *done = performance->done;
    void *context = performance->context;
    outcome_fini(&performance->last);
    text_fini(&performance->problem);
    arena_close(performance->arena);
    free(performance);
    done(context, outcome);
}

/* Of a request that says which statuses are good these are, and no others. */
static void status_judge(const Value *statuses, Outcome *outcome) {
    if (!statuses || statuses->kind != VALUE_LIST || (outcome->kind != OUTCOME_OK && outcome->kind != OUTCOME_EXIT))
        return;
    int good = 0;
    for (uint32_t i = 0; i < statuses->as.list.count; i++)
        good |= statuses->as.list.items[i]->as.integer == outcome->code;
    if (good && outcome->kind == OUTCOME_EXIT) {
        Text answer = outcome->err;
        outcome->err = outcome->out;
        outcome->out = answer;
        text_clear(&outcome->problem);
        outcome->kind = OUTCOME_OK;
    } else if (!good && outcome->kind == OUTCOME_OK) {
        text_addf(&outcome->problem, "HTTP status %d", outcome->code);
        outcome->kind = OUTCOME_EXIT;
    }
}

/* Was what was printed or answered what it was to be? */
static void outcome_judge(Performance *performance, Outcome *outcome) {
    Str expect = performance->expect;
    if (outcome->kind != OUTCOME_OK || !expect.length || place_matches(performance->arena, expect, text_str(&outcome->out)))
        return;
    text_addf(&outcome->problem, "it did not print what was expected: /%.*s/", (int)expect.length, expect.text);
    outcome->kind = OUTCOME_EXIT;
}

/* What became of a program or a request, by what the command says of it. */
static void outcome_settle(Performance *performance, Outcome *outcome) {
    outcome_unwrap(&performance->unwrap, outcome);
    status_judge(performance->statuses, outcome);
    outcome_judge(performance, outcome);
}

/* A failure that means that there was nothing is none. */
static void absent_judge(const Performance *performance, Outcome *outcome) {
    if (outcome->kind == OUTCOME_EXIT && place_matches(performance->arena, performance->absent, text_str(&outcome->err)))
        outcome->kind = OUTCOME_OK;
}

static int perform_call(Performance *performance, const Command *command, OutcomeDone *done);
static void perform_ended(void *context, Outcome *outcome);

/* It can't be carried out, for the reason that was found. */
static void perform_refuse(Performance *performance) {
    Outcome outcome = {.kind = OUTCOME_REFUSED, .problem = performance->problem};
    performance->problem = (Text){0};
    perform_end(performance, &outcome);
}

static void retry_due(void *context) {
    Performance *performance = context;
    performance->timer = NULL;
    outcome_fini(&performance->last);
    if (!perform_call(performance, performance->command, perform_ended))
        perform_refuse(performance);
}

/* Is it tried again? Then the outcome is taken. Only what a program says when it fails by itself tells that nothing was done. */
static int retry_begin(Performance *performance, Outcome *outcome) {
    const Stage *stage = performance->stage;
    if (outcome->kind != OUTCOME_EXIT || performance->stopped || performance->attempt >= performance->attempts ||
        !place_matches(performance->arena, performance->retry, text_str(&outcome->err)))
        return 0;
    performance->pause_ms = performance->attempt == 1 ? RETRY_FIRST_MS : performance->pause_ms * 2;
    if (performance->pause_ms > RETRY_LONGEST_MS)
        performance->pause_ms = RETRY_LONGEST_MS;
    Attempt attempt = {outcome, performance->attempt, performance->attempts, performance->pause_ms};
    Text problem = {0};
    int allowed = !stage->again || stage->again(performance->context, &attempt, &problem);
    if (allowed) {
        performance->attempt++;
        performance->last = *outcome;
        performance->timer = loop_timer(stage->loop, performance->pause_ms, retry_due, performance);
    } else {
        text_addf(&outcome->problem, "; not tried again: %s", problem.bytes);
    }
    text_fini(&problem);
    return allowed;
}

/* ---- what a command must change ---- */

static Command look_at(const Performance *performance) {
    return command_of(COMMAND_RUN, performance->command->place, performance->changes);
}

static int look_begin(Performance *performance, OutcomeDone *looked) {
    Command look = look_at(performance);
    return perform_call(performance, &look, looked);
}

/* Whoever reports a problem names the command itself: here the look is named. */
static void look_tell(const Performance *performance, const char *what, Outcome *outcome) {
    Command look = look_at(performance);
    Text told = {0};
    text_addf(&told, "%s `", what);
    render_command_line(&look, &told);
    text_addf(&told, outcome->problem.length ? "`: %s" : "`", outcome->problem.bytes);
    text_fini(&outcome->problem);
    outcome->problem = told;
}

/* Was there something to see? Else the outcome says [otherwise]. */
static int look_settle(Performance *performance, const char *otherwise, Outcome *outcome) {
    outcome_settle(performance, outcome);
    absent_judge(performance, outcome);
    if (outcome->kind != OUTCOME_OK)
        look_tell(performance, otherwise, outcome);
    return outcome->kind == OUTCOME_OK;
}

static void looked_before(void *context, Outcome *outcome) {
    Performance *performance = context;
    if (!look_settle(performance, "not begun, since nobody can see what it is to change by", outcome)) {
        perform_end(performance, outcome);
        return;
    }
    performance->before = arena_str(performance->arena, text_str(&outcome->out));
    outcome_fini(outcome);
    if (!perform_call(performance, performance->command, perform_ended))
        perform_refuse(performance);
}

static void looked_after(void *context, Outcome *outcome) {
    Performance *performance = context;
    int seen = look_settle(performance, "it ended well, but nobody can see what it changed by", outcome);
    if (seen && str_equal(performance->before, text_str(&outcome->out))) {
        outcome->kind = OUTCOME_EXIT;
        look_tell(performance, "it ended well and changed nothing: the same as before is printed by", outcome);
    } else if (seen) {
        outcome_fini(outcome);
        *outcome = performance->last;
        performance->last = (Outcome){0};
    }
    perform_end(performance, outcome);
}

/* Has what ended well changed what it was to? Then the outcome is taken. */
static int look_after(Performance *performance, Outcome *outcome) {
    if (outcome->kind != OUTCOME_OK || !performance->changes)
        return 0;
    performance->last = *outcome;
    if (!look_begin(performance, looked_after))
        perform_refuse(performance);
    return 1;
}

static void perform_ended(void *context, Outcome *outcome) {
    Performance *performance = context;
    outcome_settle(performance, outcome);
    if (look_after(performance, outcome))
        return;
    absent_judge(performance, outcome);
    if (retry_begin(performance, outcome))
        return;
    if (outcome->kind == OUTCOME_EXIT && performance->attempt > 1)
        text_addf(&outcome->problem, ", at try %u of %u", performance->attempt, performance->attempts);
    perform_end(performance, outcome);
}

/* ---- fields ---- */

/* A field as text: a string, something that is known by now, or a list of such parts. 0 where it is still unknown. */
static int part_text(Performance *performance, const Value *value, Text *text) {
    Str filled;
    if (value->kind == VALUE_UNKNOWN && !performance->stage->fill(performance->stage->context, value, &filled)) {
        text_addf(&performance->problem, "%.*s is still unknown", (int)value->as.unknown->text.length, value->as.unknown->text.text);
        return 0;
    }
    if (value->kind == VALUE_UNKNOWN) {
        arena_guard(performance->arena);        /* it may be made of a secret */
        text_add(text, filled);
    } else if (value->kind == VALUE_STRING) {
        text_add(text, value->as.string);
    } else {
        value_print_plain(value, text);
    }
    return 1;
}

static int value_text(Performance *performance, const Value *value, Str *str) {
    Text text = {0};
    int known = 1;
    if (value->kind == VALUE_LIST) {
        for (uint32_t i = 0; i < value->as.list.count && known; i++)
            known = part_text(performance, value->as.list.items[i], &text);
    } else {
        known = part_text(performance, value, &text);
    }
    *str = arena_str(performance->arena, text_str(&text));
    text_wipe(&text);
    return known;
}

/* The field [name] as text; empty where it is none. */
static int field_text(Performance *performance, const Command *command, const char *name, Str *str) {
    const Value *value = command_field(command, name);
    *str = STR("");
    return !value || value->kind == VALUE_NONE || value_text(performance, value, str);
}

static int field_list(Performance *performance, const Command *command, const char *name, const Str **items, uint32_t *count) {
    const Value *value = command_field(command, name);
    *count = value && value->kind == VALUE_LIST ? value->as.list.count : 0;
    Str *strs = ARENA_ARRAY(performance->arena, Str, *count + 1);
    for (uint32_t i = 0; i < *count; i++)
        if (!value_text(performance, value->as.list.items[i], &strs[i]))
            return 0;
    *items = strs;
    return 1;
}

static int64_t field_duration(const Command *command, const char *name) {
    const Value *value = command_field(command, name);
    return value && value->kind == VALUE_DURATION ? value->as.integer : 0;
}

/* "0644": the permissions in octal. */
static int mode_read(Performance *performance, Str text, mode_t *mode) {
    *mode = 0;
    for (size_t i = 0; i < text.length; i++) {
        if (text.text[i] < '0' || text.text[i] > '7' || text.length > 5) {
            text_addf(&performance->problem, "`%.*s` is no file mode", (int)text.length, text.text);
            return 0;
        }
        *mode = *mode * 8 + (mode_t)(text.text[i] - '0');
    }
    if (!text.length)
        *mode = 0644;
    return 1;
}

/* ---- calls ---- */

static int unwrap_read(Performance *performance, const Command *command) {
    const Value *unwrap = command_field(command, "unwrap");
    const Command names = command_of(COMMAND_RUN, command->place, unwrap && unwrap->kind == VALUE_RECORD ? unwrap->as.record : NULL);
    return !names.fields || (field_text(performance, &names, "code", &performance->unwrap.code) &&
                             field_text(performance, &names, "output", &performance->unwrap.output) &&
                             field_text(performance, &names, "errors", &performance->unwrap.errors));
}

static int retry_read(Performance *performance, const Command *command) {
    const Value *retries = command_field(command, "retries");
    performance->attempts = 1 + (retries && retries->kind == VALUE_INT ? (uint32_t)retries->as.integer : 0);
    return field_text(performance, command, "retry", &performance->retry);
}

static int perform_run(Performance *performance, Place *place, const Command *command, OutcomeDone *done) {
    PlaceRun *run = ARENA_NEW(performance->arena, PlaceRun);
    run->timeout_ms = field_duration(command, "timeout");
    if (!field_list(performance, command, "argv", &run->argv, &run->argc) || !field_text(performance, command, "stdin", &run->input) ||
        !field_text(performance, command, "absent", &performance->absent) || !field_text(performance, command, "expect", &performance->expect) ||
        !retry_read(performance, command) || !unwrap_read(performance, command))
        return 0;
    /* A look of a wait may take no longer than the wait itself. */
    int64_t left = performance->deadline_ms - loop_now_ms();
    if (performance->waits && (!run->timeout_ms || left < run->timeout_ms))
        run->timeout_ms = left > 0 ? left : 1;
    place->class->run(place, run, done, performance);
    return 1;
}

static int perform_write(Performance *performance, Place *place, const Command *command) {
    PlaceWrite *write = ARENA_NEW(performance->arena, PlaceWrite);
    Str mode;
    if (!field_text(performance, command, "path", &write->path) || !field_text(performance, command, "content", &write->content) ||
        !field_text(performance, command, "owner", &write->owner) || !field_text(performance, command, "mode", &mode) ||
        !mode_read(performance, mode, &write->mode))
        return 0;
    place->class->write(place, write, perform_ended, performance);
    return 1;
}

static int perform_edit(Performance *performance, Place *place, const Command *command) {
    PlaceEdit *edit = ARENA_NEW(performance->arena, PlaceEdit);
    if (!field_text(performance, command, "path", &edit->path) || !field_text(performance, command, "section", &edit->lines.section) ||
        !field_list(performance, command, "remove", &edit->lines.remove, &edit->lines.remove_count) ||
        !field_list(performance, command, "add", &edit->lines.add, &edit->lines.add_count) ||
        !field_text(performance, command, "digest", &edit->digest))
        return 0;
    place->class->edit(place, edit, perform_ended, performance);
    return 1;
}

static int perform_request(Performance *performance, Place *place, const Command *command, OutcomeDone *done) {
    PlaceRequest *request = ARENA_NEW(performance->arena, PlaceRequest);
    const Value *headers = command_field(command, "headers"), *body = command_field(command, "body");
    uint32_t count = headers && headers->kind == VALUE_RECORD ? headers->as.record->count : 0;
    PlaceHeader *list = ARENA_ARRAY(performance->arena, PlaceHeader, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        const Field *field = &headers->as.record->fields[i];
        list[i].name = name_str(field->name);
        if (!value_text(performance, field->value, &list[i].text))
            return 0;
    }
    performance->statuses = command_field(command, "status");
    request->headers = list;
    request->header_count = count;
    request->has_body = body && body->kind != VALUE_NONE;
    request->timeout_ms = field_duration(command, "timeout");
    request->retries = performance->waits ? 0 : REQUEST_RETRIES;
    if (!field_text(performance, command, "ca", &request->authorities) || !field_text(performance, command, "certificate", &request->certificate) ||
        !field_text(performance, command, "key", &request->key))
        return 0;
    if (!field_text(performance, command, "method", &request->method) || !field_text(performance, command, "url", &request->url) ||
        !field_text(performance, command, "body", &request->body) || !field_text(performance, command, "expect", &performance->expect))
        return 0;
    place->class->request(place, request, done, performance);
    return 1;
}

/* ---- waits ---- */

static void wait_again(void *context);

static void wait_fail(Performance *performance, OutcomeKind kind, Outcome *last) {
    Outcome outcome = {.kind = kind, .code = last->code, .out = last->out, .err = last->err};
    if (kind == OUTCOME_TIMEOUT) {
        text_add_literal(&outcome.problem, "not so within ");
        duration_print(performance->within_ms, &outcome.problem);
        if (last->kind == OUTCOME_OK)
            text_addf(&outcome.problem, "; at the last look: %lld of %lld times in a row", (long long)performance->succeeded, (long long)performance->successes);
        else
            text_addf(&outcome.problem, "; at the last look: %s", last->problem.bytes);
    } else if (kind == OUTCOME_CANCELLED) {
        text_add_literal(&outcome.problem, "ended by the interrupt");
    } else {
        text_add(&outcome.problem, text_str(&last->problem));
    }
    text_fini(&last->problem);
    perform_end(performance, &outcome);
}

static void wait_looked(void *context, Outcome *outcome) {
    Performance *performance = context;
    outcome_settle(performance, outcome);
    if (outcome->kind == OUTCOME_TIMEOUT && performance->last.kind != OUTCOME_TIMEOUT && loop_now_ms() >= performance->deadline_ms) {
        outcome_fini(outcome);                              /* cut short by the end of the wait, it tells less than the one before */
        *outcome = performance->last;
        performance->last = (Outcome){.kind = OUTCOME_TIMEOUT};
        wait_fail(performance, OUTCOME_TIMEOUT, outcome);
        return;
    }
    performance->succeeded = outcome->kind == OUTCOME_OK ? performance->succeeded + 1 : 0;
    if (performance->succeeded >= performance->successes)
        perform_end(performance, outcome);
    else if (performance->stopped || outcome->kind == OUTCOME_CANCELLED)
        wait_fail(performance, OUTCOME_CANCELLED, outcome);
    else if (performance->condition.kind == COMMAND_RUN && outcome->kind == OUTCOME_NOT_STARTED)
        wait_fail(performance, outcome->kind, outcome);     /* a program that is missing will not come by waiting */
    else if (loop_now_ms() + performance->pause_ms >= performance->deadline_ms)
        wait_fail(performance, OUTCOME_TIMEOUT, outcome);
    else {
        performance->timer = loop_timer(performance->stage->loop, performance->pause_ms, wait_again, performance);
        if (!performance->interval_ms)
            performance->pause_ms += performance->pause_ms / 2;
        if (!performance->interval_ms && performance->pause_ms > WAIT_LONGEST_MS)
            performance->pause_ms = WAIT_LONGEST_MS;
        outcome_fini(&performance->last);
        performance->last = *outcome;
    }
}

static void wait_again(void *context) {
    Performance *performance = context;
    performance->timer = NULL;
    if (!perform_call(performance, &performance->condition, wait_looked))
        perform_refuse(performance);
}

/* The condition is a command as a value: a tagged record. */
static int wait_begin(Performance *performance, const Command *command) {
    const Value *condition = command_field(command, "condition");
    const Record *record = condition && condition->kind == VALUE_RECORD ? condition->as.record : NULL;
    Str tag = record && record->tag ? name_str(record->tag) : (Str){0};
    int is_request = str_equal(tag, STR("http"));
    if (!is_request && !str_equal(tag, STR("run"))) {
        text_add_literal(&performance->problem, "the condition of a wait is neither a program nor a request");
        return 0;
    }
    performance->waits = 1;
    performance->last.kind = OUTCOME_TIMEOUT;               /* there is none before the first */
    performance->condition = command_of(is_request ? COMMAND_HTTP : COMMAND_RUN, command->place, record);
    performance->within_ms = field_duration(command, "within");
    performance->interval_ms = field_duration(command, "interval");
    performance->pause_ms = performance->interval_ms ? performance->interval_ms : WAIT_FIRST_MS;
    const Value *successes = command_field(command, "successes");
    performance->successes = successes && successes->kind == VALUE_INT ? successes->as.integer : 1;
    int64_t start_ms = field_duration(command, "start");
    performance->deadline_ms = loop_now_ms() + start_ms + performance->within_ms;
    if (!start_ms)
        return perform_call(performance, &performance->condition, wait_looked);
    performance->timer = loop_timer(performance->stage->loop, start_ms, wait_again, performance);
    return 1;
}

void perform_stop(Performance *performance) {
    performance->stopped = 1;
    if (!performance->timer)
        return;
    loop_timer_cancel(performance->timer);
    performance->timer = NULL;
    Outcome outcome = performance->last;
    performance->last = (Outcome){0};
    text_clear(&outcome.problem);
    outcome.kind = OUTCOME_CANCELLED;
    text_add_literal(&outcome.problem, "ended by the interrupt");
    place_defer(performance->stage->loop, &outcome, perform_ended, performance);
}

/* ---- one command ---- */

static int perform_call(Performance *performance, const Command *command, OutcomeDone *done) {
    Place *place = places_find(performance->stage->places, command->place);
    if (!place) {
        text_addf(&performance->problem, "no place is bound to `%.*s`", (int)command->place.length, command->place.text);
        return 0;
    }
    switch (command->kind) {
    case COMMAND_RUN: return perform_run(performance, place, command, done);
    case COMMAND_WRITE: return perform_write(performance, place, command);
    case COMMAND_EDIT: return perform_edit(performance, place, command);
    case COMMAND_HTTP: return perform_request(performance, place, command, done);
    case COMMAND_WAIT: return wait_begin(performance, command);
    case COMMAND_COUNT: break;
    }
    return 0;
}

Performance *perform_start(const Stage *stage, const Command *command, OutcomeDone *done, void *context) {
    Performance *performance = MEMORY_NEW(Performance);
    *performance = (Performance){.stage = stage, .arena = arena_open(), .done = done, .context = context, .command = command, .attempt = 1};
    const Value *changes = command->kind == COMMAND_RUN ? command_field(command, "changes") : NULL;
    performance->changes = changes && changes->kind == VALUE_RECORD ? changes->as.record : NULL;
    if (!(performance->changes ? look_begin(performance, looked_before) : perform_call(performance, command, perform_ended))) {
        Outcome outcome = {.kind = OUTCOME_REFUSED, .problem = performance->problem};
        performance->problem = (Text){0};
        place_defer(stage->loop, &outcome, perform_ended, performance);
    }
    return performance;
}
