/* Reads the journal. It may be long and is read often, so only the lines that are asked for are taken apart: all begin alike. */
#include "runtime/history.h"

#include <string.h>

#include "compiler/lookup.h"
#include "lang/json.h"

/* {"time": "2026-01-31T12:00:00.000Z", "run": "0123456789abcdef", "event": "start", ... */
enum {
    AT_TIME = 10, TIME_LENGTH = 24, AT_RUN = 45, RUN_LENGTH = 16, AT_EVENT = 74
};

typedef struct Line {
    Str text;
    Str run;
} Line;

static int line_is(const Line *line, const char *event) {
    size_t length = strlen(event);
    return line->text.length > AT_EVENT + length && memcmp(line->text.text + AT_EVENT, event, length) == 0 && line->text.text[AT_EVENT + length] == '"';
}

/* Is there something in it, and no whole JSON object? What another program wrote would be one. */
static int line_is_broken(Str line) {
    while (line.length && strchr(" \t\r", line.text[line.length - 1]) && line.text[line.length - 1])
        line.length--;
    return line.length && (line.text[0] != '{' || line.text[line.length - 1] != '}');
}

/* The next line that has the form of one; 0 at the end. Those that were broken are added to [broken]. */
static int line_next(Str *rest, Line *line, uint32_t *broken) {
    while (rest->length) {
        const char *end = memchr(rest->text, '\n', rest->length);
        size_t length = end ? (size_t)(end - rest->text) : rest->length;
        line->text = (Str){rest->text, length};
        size_t taken = length + (end ? 1 : 0);
        *rest = (Str){rest->text + taken, rest->length - taken};
        if (!end)
            continue;
        if (line_is_broken(line->text)) {
            *broken += 1;
            continue;
        }
        if (length <= AT_EVENT || memcmp(line->text.text, "{\"time\": \"", AT_TIME) != 0 ||
            memcmp(line->text.text + AT_RUN - 8, "\"run\": \"", 8) != 0)
            continue;
        line->run = (Str){line->text.text + AT_RUN, RUN_LENGTH};
        return 1;
    }
    return 0;
}

/* ---- members ---- */

static const Value *member(const History *history, const Value *record, const char *name) {
    const Name *key = name_find(history->names, str_of(name));
    return key ? record_get(record->as.record, key) : NULL;
}

static Str text_of(const History *history, const Value *record, const char *name) {
    const Value *value = member(history, record, name);
    return value && value->kind == VALUE_STRING ? value->as.string : STR("");
}

static uint32_t number_of(const History *history, const Value *record, const char *name) {
    const Value *value = member(history, record, name);
    return value && value->kind == VALUE_INT && value->as.integer >= 0 && value->as.integer <= UINT32_MAX ? (uint32_t)value->as.integer : 0;
}

/* The line as a record; NULL where it is none: somebody else wrote it, or it was cut off. */
static const Value *line_read(History *history, const Line *line) {
    Str error;
    const Value *value = json_read_at(history->arena, history->names, line->text, SPAN_NONE, &error);
    return value && value->kind == VALUE_RECORD ? value : NULL;
}

/* ---- runs ---- */

static void run_begin(History *history, const Line *line) {
    const Value *record = line_read(history, line);
    if (!record) {
        history->broken++;
        return;
    }
    PastRun run = {
        .name = line->run, .time = (Str){line->text.text + AT_TIME, TIME_LENGTH}, .plan = text_of(history, record, "plan"),
        .saved = text_of(history, record, "saved"), .undoes = text_of(history, record, "undoes"), .site = text_of(history, record, "site"),
        .steps = number_of(history, record, "steps"),
    };
    VECTOR_PUSH(history->arena, &history->runs, run);
}

/* The last one of this name. Runs on several hosts end in any order, but here each holds the lock. */
static PastRun *run_of(History *history, const Line *line) {
    for (uint32_t i = history->runs.count; i--;)
        if (str_equal(history->runs.items[i].name, line->run))
            return &history->runs.items[i];
    return NULL;
}

static void run_end(History *history, const Line *line) {
    const Value *record = line_read(history, line);
    PastRun *run = record ? run_of(history, line) : NULL;
    if (!run) {
        history->broken++;
        return;
    }
    run->ended = 1;
    run->exit = (int)number_of(history, record, "exit");
    run->done = number_of(history, record, "done");
    run->already = number_of(history, record, "already");
    run->failed = number_of(history, record, "failed");
    run->left_out = number_of(history, record, "left_out");
    run->stopped = number_of(history, record, "stopped");
}

static int state_is(Str line, const char *state) {
    Str rest = {line.text + AT_EVENT, line.length - AT_EVENT};
    size_t length = strlen(state);
    const char *at = "step\", \"state\": \"";
    size_t skip = strlen(at);
    return rest.length > skip + length && memcmp(rest.text, at, skip) == 0 && memcmp(rest.text + skip, state, length) == 0 && rest.text[skip + length] == '"';
}

static void run_count(History *history, const Line *line) {
    PastRun *run = run_of(history, line);
    if (!run) {
        history->broken++;
        return;
    }
    run->done += (uint32_t)state_is(line->text, "done");
    run->already += (uint32_t)state_is(line->text, "already");
    run->failed += (uint32_t)state_is(line->text, "failed");
    run->left_out += (uint32_t)state_is(line->text, "left_out");
    run->stopped += (uint32_t)state_is(line->text, "stopped");
}

int history_read(History *history, Arena *arena, State *state, Text *problem) {
    *history = (History){.arena = arena, .names = names_new(arena)};
    int good = state->class->journal(state, arena, &history->text, problem) == 0;
    Str rest = history->text;
    Line line;
    for (int first = 1; line_next(&rest, &line, &history->broken); first = 0) {
        /* The oldest journal that is there had another before it. */
        if (first && line_is(&line, "older"))
            history->since = (Str){line.text.text + AT_TIME, TIME_LENGTH};
        else if (line_is(&line, "start"))
            run_begin(history, &line);
        else if (line_is(&line, "end"))
            run_end(history, &line);
        else if (line_is(&line, "step"))
            run_count(history, &line);
    }
    return good;
}

const PastRun *history_find(const History *history, Str name, Str site, int *several) {
    const PastRun *found = NULL;
    *several = 0;
    for (uint32_t i = history->runs.count; i--;) {
        const PastRun *run = &history->runs.items[i];
        if (str_equal(name, STR("last")) && str_equal(run->site, site))
            return run;
        if (!name.length || name.length > run->name.length || memcmp(run->name.text, name.text, name.length) != 0)
            continue;
        *several |= found != NULL;
        found = run;
    }
    return *several ? NULL : found;
}

/* ---- steps ---- */

static void step_take(const History *history, const Value *record, PastStep *step) {
    step->state = text_of(history, record, "state");
    step->problem = text_of(history, record, "problem");
    step->seen = text_of(history, record, "seen");
    if (!member(history, record, "type"))
        return;
    step->type = text_of(history, record, "type");
    step->place = text_of(history, record, "place");
    step->identity = text_of(history, record, "identity");
    step->phase = text_of(history, record, "phase");
    step->after = member(history, record, "after");
    step->changes = member(history, record, "changes");
    step->before = member(history, record, "before");
}

const PastStep *history_steps(History *history, const PastRun *run, uint32_t *count) {
    VECTOR(PastStep) steps = {0};
    Lookup *numbers = lookup_new(history->arena);
    Str rest = history->text;
    Line line;
    uint32_t counted = 0;
    while (line_next(&rest, &line, &counted)) {
        if (!str_equal(line.run, run->name) || !line_is(&line, "step") || state_is(line.text, "command") || state_is(line.text, "again"))
            continue;
        const Value *record = line_read(history, &line);
        if (!record) {
            history->broken++;
            continue;
        }
        uint32_t id = number_of(history, record, "step");
        uint32_t *slot = lookup_slot(numbers, arena_printf(history->arena, "%u", id));
        if (!*slot) {
            PastStep step = {.id = id, .address = text_of(history, record, "address"), .verb = text_of(history, record, "verb")};
            VECTOR_PUSH(history->arena, &steps, step);
            *slot = steps.count;
        }
        step_take(history, record, &steps.items[*slot - 1]);
    }
    *count = steps.count;
    return steps.items;
}

/* ---- words ---- */

int past_run_whole(const PastRun *run) {
    return run->ended && run->exit == 0;
}

void past_time(Str time, Text *out) {
    text_addf(out, "%.10s %.8s UTC", time.text, time.text + 11);
}

void past_run_time(const PastRun *run, Text *out) {
    past_time(run->time, out);
}
