/* Events as JSON, a line each. */
#include "runtime/events.h"

#include <sys/random.h>
#include <time.h>

#include "compiler/render.h"
#include "lang/json.h"

enum { EVENT_OUTPUT_LIMIT = 4096 };     /* bytes of what a program said in an event: its end says the most. The rest is counted */

const char *step_state_name(StepState state) {
    switch (state) {
    case STEP_STARTED: return "started";
    case STEP_COMMAND: return "command";
    case STEP_AGAIN: return "again";
    case STEP_DONE: return "done";
    case STEP_ALREADY: return "already";
    case STEP_FAILED: return "failed";
    case STEP_LEFT_OUT: return "left_out";
    case STEP_STOPPED: return "stopped";
    }
    return "?";
}

RunName run_name_new(void) {
    RunName name = {{0}};
    unsigned char bytes[8] = {0};
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes) {
        /* Two runs must differ, no more. */
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (unsigned char)((uint64_t)(now.tv_sec * 1000000000 + now.tv_nsec) >> 8 * i);
    }
    for (size_t i = 0; i < sizeof bytes; i++) {
        name.text[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
        name.text[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
    }
    return name;
}

static void add_key(Text *out, const char *key) {
    text_addf(out, ", \"%s\": ", key);
}

static void add_string(Text *out, const char *key, Str string) {
    add_key(out, key);
    json_write_string(string, out);
}

static void add_number(Text *out, const char *key, int64_t number) {
    add_key(out, key);
    text_addf(out, "%lld", (long long)number);
}

static void event_begin(const RunName *run, const char *name, Text *out) {
    struct timespec now;
    struct tm utc;
    char text[32];
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
    text_addf(out, "{\"time\": \"%s.%03ldZ\", \"run\": \"%s\", \"event\": \"%s\"", text, now.tv_nsec / 1000000, run->text, name);
}

static void event_finish(Text *out) {
    text_add_literal(out, "}\n");
}

void event_start(const RunName *run, const Plan *plan, const Places *places, const RunPurpose *purpose, Text *out) {
    event_begin(run, "start", out);
    add_string(out, "plan", plan->id);
    add_string(out, "site", plan->site);
    add_key(out, "places");
    for (uint32_t i = 0; i < places->open_count; i++) {
        text_add(out, i ? STR(", ") : STR("["));
        json_write_string(places->open[i]->name, out);
    }
    text_add(out, places->open_count ? STR("]") : STR("[]"));
    add_number(out, "steps", plan->step_count);
    if (purpose->saved.length)
        add_string(out, "saved", purpose->saved);
    if (purpose->undoes.length)
        add_string(out, "undoes", purpose->undoes);
    event_finish(out);
}

static void add_command(Text *out, const Command *command) {
    Text line = {0};
    render_command_line(command, &line);
    add_string(out, "command", text_str(&line));
    text_fini(&line);
}

/* The end of what a program said, and how much that was. */
static void add_output(Text *out, const char *key, const char *count_key, Str said) {
    size_t cut = said.length > EVENT_OUTPUT_LIMIT ? said.length - EVENT_OUTPUT_LIMIT : 0;
    if (!said.length)
        return;
    /* Not in the middle of a character. */
    while (cut && cut < said.length && ((unsigned char)said.text[cut] & 0xC0) == 0x80)
        cut++;
    add_string(out, key, (Str){said.text + cut, said.length - cut});
    if (cut)
        add_number(out, count_key, (int64_t)said.length);
}

/* What there is before the step, and by what it can be found again and taken back. */
static void add_object(Text *out, const Step *step, const StepObject *object) {
    add_string(out, "type", object->type);
    add_string(out, "place", object->place);
    add_string(out, "identity", step->identity);
    if (step->phase.length)
        add_string(out, "phase", step->phase);
    add_key(out, "after");
    text_add_char(out, '[');
    for (uint32_t i = 0; i < step->after_count; i++)
        text_addf(out, "%s%u", i ? ", " : "", step->after[i]);
    text_add_char(out, ']');
    add_key(out, "changes");
    text_add_char(out, '[');
    for (uint32_t i = 0; i < step->change_count; i++) {
        text_add(out, i ? STR(", ") : STR(""));
        json_write_string(step->changes[i].attribute, out);
    }
    text_add_char(out, ']');
    add_key(out, "before");
    text_add(out, text_str(&object->state));
}

void event_step(const RunName *run, const StepNews *news, const StepObject *object, Text *out) {
    const Outcome *outcome = news->outcome;
    event_begin(run, "step", out);
    add_string(out, "state", str_of(step_state_name(news->state)));
    add_number(out, "step", news->step->id);
    add_string(out, "address", news->step->address);
    add_string(out, "verb", str_of(verb_name(news->step->verb)));
    if (news->command)
        add_command(out, news->command);
    if (news->problem.length)
        add_string(out, "problem", news->problem);
    if (news->report.length)
        add_string(out, "report", news->report);
    if (news->cause)
        add_string(out, "cause", news->cause->address);
    if (news->attempt) {
        add_number(out, "try", news->attempt->number);
        add_number(out, "tries", news->attempt->of);
        add_number(out, "pause_ms", news->attempt->pause_ms);
    }
    if (outcome && outcome->kind == OUTCOME_EXIT)
        add_number(out, "exit", outcome->code);
    if (outcome && outcome->kind != OUTCOME_OK) {
        add_output(out, "stderr", "stderr_bytes", text_str(&outcome->err));
        add_output(out, "stdout", "stdout_bytes", text_str(&outcome->out));
    }
    if (object && news->state == STEP_STARTED)
        add_object(out, news->step, object);
    if (object && news->state == STEP_DONE && object->seen[0])
        add_string(out, "seen", str_of(object->seen));
    if (news->state == STEP_DONE || news->state == STEP_FAILED || news->state == STEP_STOPPED)
        add_number(out, "ms", news->elapsed_ms);
    event_finish(out);
}

void event_end(const RunName *run, const ExecutionResult *result, int exit_code, Text *out) {
    event_begin(run, "end", out);
    add_number(out, "done", result->done);
    add_number(out, "already", result->already);
    add_number(out, "failed", result->failed);
    add_number(out, "left_out", result->left_out);
    add_number(out, "stopped", result->stopped);
    add_number(out, "exit", exit_code);
    event_finish(out);
}
