/* Events as JSON, a line each. */
#include "runtime/events.h"

#include <sys/random.h>
#include <time.h>

#include "compiler/render.h"
#include "lang/json.h"

enum { EVENT_STDERR_LIMIT = 4096 };     /* bytes of error output in an event: its end says the most */

const char *step_state_name(StepState state) {
    switch (state) {
    case STEP_STARTED: return "started";
    case STEP_COMMAND: return "command";
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

void event_start(const RunName *run, const Plan *plan, const Places *places, Text *out) {
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
    event_finish(out);
}

static void add_command(Text *out, const Command *command) {
    Text line = {0};
    render_command_line(command, &line);
    add_string(out, "command", text_str(&line));
    text_fini(&line);
}

void event_step(const RunName *run, const StepNews *news, Text *out) {
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
    if (outcome && outcome->kind == OUTCOME_EXIT)
        add_number(out, "exit", outcome->code);
    if (outcome && outcome->err.length) {
        Str err = text_str(&outcome->err);
        size_t cut = err.length > EVENT_STDERR_LIMIT ? err.length - EVENT_STDERR_LIMIT : 0;
        add_string(out, "stderr", (Str){err.text + cut, err.length - cut});
    }
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
