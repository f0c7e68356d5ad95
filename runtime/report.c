/* Progress, failures and the summary of a run. */
#include "runtime/report.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compiler/render.h"
#include "lang/number.h"
#include "lang/snippet.h"

enum { REPORT_STDERR_LINES = 20 };     /* of what a failed program said */

void report_init(Report *report, App *app, const Plan *plan) {
    const char *terminal = getenv("TERM");
    *report = (Report){.app = app, .plan = plan};
    report->live = isatty(app->out.fd) && !app->options->events && terminal && strcmp(terminal, "dumb") != 0;
}

/* ---- progress ---- */

static void add_state(const Report *report, StepState state, Text *out) {
    static const char *const WORDS[] = {
        [STEP_STARTED] = "started", [STEP_COMMAND] = "command", [STEP_AGAIN] = "again", [STEP_DONE] = "done",       [STEP_ALREADY] = "already so",
        [STEP_FAILED] = "failed",   [STEP_LEFT_OUT] = "left out", [STEP_STOPPED] = "stopped",
    };
    static const char *const COLOURS[] = {
        [STEP_STARTED] = "", [STEP_COMMAND] = "", [STEP_AGAIN] = "\033[33m", [STEP_DONE] = "\033[32m", [STEP_ALREADY] = "\033[32m",
        [STEP_FAILED] = "\033[1;31m", [STEP_LEFT_OUT] = "\033[33m", [STEP_STOPPED] = "\033[33m",
    };
    int colour = app_colour(report->app, &report->app->out);
    text_addf(out, "%s%s%s", colour ? COLOURS[state] : "", WORDS[state], colour ? "\033[0m" : "");
}

/* The line that tells what runs is written over by whatever comes next. */
static void live_clear(const Report *report) {
    if (report->live)
        text_add_literal(&report->app->out.text, "\r\033[K");
}

static void live_show(const Report *report) {
    Text *out = &report->app->out.text;
    if (report->live && report->running.count) {
        const Step *step = report->running.items[report->running.count - 1];
        text_addf(out, "[%u running] %.*s: %s", report->running.count, (int)(step->address.length < 50 ? step->address.length : 50),
                  step->address.text, verb_name(step->verb));
    }
    output_flush(&report->app->out);
}

static void running_update(Report *report, const StepNews *news) {
    uint32_t i = 0;
    while (i < report->running.count && report->running.items[i] != news->step)
        i++;
    if (news->state == STEP_STARTED)
        VECTOR_PUSH(report->app->arena, &report->running, news->step);
    else if (news->state != STEP_COMMAND && news->state != STEP_AGAIN && i < report->running.count)
        report->running.items[i] = report->running.items[--report->running.count];
}

/* The last lines of what a program said. */
static Str last_lines(Str text, int count) {
    int lines = 0;
    while (text.length && strchr(" \t\r\n", text.text[text.length - 1]))
        text.length--;
    for (size_t at = text.length; at > 0; at--)
        if (text.text[at - 1] == '\n' && ++lines == count)
            return (Str){text.text + at, text.length - at};
    return text;
}

/* "again in 2s pve.lxc.web: set, after try 2 of 4: can't lock file ..." */
static void again_line(Report *report, const StepNews *news) {
    Text *out = &report->app->out.text;
    Str said = last_lines(text_str(&news->outcome->err), 1);
    add_state(report, news->state, out);
    text_add_literal(out, " in ");
    duration_print(news->attempt->pause_ms, out);
    text_addf(out, " %.*s: %s, after try %u of %u: ", (int)news->step->address.length, news->step->address.text, verb_name(news->step->verb),
              news->attempt->number, news->attempt->of);
    clean_print(said, out);
    text_add_char(out, '\n');
}

static void progress_line(Report *report, const StepNews *news) {
    Text *out = &report->app->out.text;
    text_addf(out, "[%u/%u] ", ++report->ended, report->plan->step_count);
    add_state(report, news->state, out);
    text_addf(out, " %.*s: %s", (int)news->step->address.length, news->step->address.text, verb_name(news->step->verb));
    if (news->cause)
        text_addf(out, " (it needs %.*s: %s)", (int)news->cause->address.length, news->cause->address.text, verb_name(news->cause->verb));
    else if (news->problem.length) {
        text_add_literal(out, ": ");
        clean_print(news->problem, out);
    }
    text_add_char(out, '\n');
}

/* ---- failures ---- */

/* Prints without the line that counts: the summary counts all failures together. */
static void failure_write(App *app, Diagnostics *diagnostics) {
    Text text = {0};
    diag_print_text(diagnostics, (DiagnosticStyle){.colour = app_colour(app, &app->err)}, &text);
    Str printed = text_str(&text);
    const char *end = printed.length > 1 ? memrchr(printed.text, '\n', printed.length - 1) : NULL;
    text_add(&app->err.text, (Str){printed.text, end ? (size_t)(end - printed.text) + 1 : 0});
    output_flush(&app->err);
    text_fini(&text);
}

/* As it may be formatted: a NUL would be the end of it. */
static Str without_nul(Arena *arena, Str text) {
    char *copy = memcpy(ARENA_ARRAY(arena, char, text.length + 1), text.text, text.length);
    for (size_t i = 0; i < text.length; i++)
        copy[i] = copy[i] ? copy[i] : '?';
    return (Str){copy, text.length};
}

/* A look at an object reports to the session why it could not be made or understood. A plan is made without errors, so all that are
   there now came since. */
static void note_new_errors(Report *report, Diagnostics *diagnostics, Diagnostic *error) {
    uint32_t count;
    const Diagnostic *const *sorted = diag_sorted(session_diagnostics(report->app->session), &count);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t k = 0;
        while (k < report->shown.count && report->shown.items[k] != sorted[i])
            k++;
        if (sorted[i]->severity != SEVERITY_ERROR || k < report->shown.count)
            continue;
        VECTOR_PUSH(report->app->arena, &report->shown, sorted[i]);
        diag_note(diagnostics, error, "%.*s", (int)sorted[i]->message.length, sorted[i]->message.text);
    }
}

static void failure_print(Report *report, const StepNews *news) {
    App *app = report->app;
    const Step *step = news->step;
    Diagnostics *diagnostics = diagnostics_new(app->arena, diagnostics_sources(session_diagnostics(app->session)));
    Code code = news->command || !news->report.length ? CODE_STEP_FAILED : CODE_STEP_UNVERIFIED;
    Diagnostic *error = diag_error(diagnostics, code, step->source, "%.*s: %s: %.*s", (int)step->address.length, step->address.text,
                                   verb_name(step->verb), (int)news->problem.length, news->problem.text);
    diag_label(diagnostics, error, "this resource");
    if (news->command) {
        Text line = {0};
        render_command_line(news->command, &line);
        diag_note(diagnostics, error, "the command was: %s", line.bytes);
        text_fini(&line);
    }
    if (news->outcome) {
        /* Some programs complain where others answer. */
        int silent = !news->outcome->err.length;
        Str said = last_lines(text_str(silent ? &news->outcome->out : &news->outcome->err), REPORT_STDERR_LINES);
        said = said.length ? without_nul(app->arena, said) : said;
        if (said.length)
            diag_note(diagnostics, error, "%s:\n%.*s", silent ? "it printed" : "it said", (int)said.length, said.text);
    }
    Str differs = last_lines(news->report, REPORT_STDERR_LINES);
    if (differs.length)
        diag_note(diagnostics, error, "%.*s", (int)differs.length, differs.text);
    note_new_errors(report, diagnostics, error);
    failure_write(app, diagnostics);
}

void report_step(Report *report, const StepNews *news, Str event) {
    Output *out = &report->app->out;
    if (report->app->options->events) {
        text_add(&out->text, event);
        output_flush(out);
    } else {
        live_clear(report);
        if (news->state == STEP_AGAIN)
            again_line(report, news);
        else if (news->state != STEP_STARTED && news->state != STEP_COMMAND)
            progress_line(report, news);
        running_update(report, news);
        output_flush(out);
    }
    if (news->state == STEP_FAILED)
        failure_print(report, news);
    live_show(report);
}

/* ---- the end ---- */

static void add_part(Text *out, uint32_t count, const char *what) {
    if (count)
        text_addf(out, ", %u %s", count, what);
}

static void add_outputs(const Plan *plan, Session *session, Text *out) {
    for (uint32_t i = 0; i < plan->output_count; i++) {
        const Field *field = &plan->outputs[i];
        Str known;
        text_addf(out, "%s = ", field->name->text);
        if (field->value->kind == VALUE_UNKNOWN && !value_is_secret(field->value) && session_fill(session, field->value, &known))
            text_add(out, known);
        else
            value_print(field->value, 0, out);
        text_add_char(out, '\n');
    }
}

void report_end(Report *report, const ExecutionResult *result, Str event) {
    Text *out = &report->app->out.text;
    uint32_t total = report->plan->step_count;
    uint32_t never = total - result->done - result->already - result->failed - result->left_out - result->stopped;
    if (report->app->options->events) {
        text_add(out, event);
        output_flush(&report->app->out);
        return;
    }
    text_addf(out, "\n%u of %u steps done", result->done + result->already, total);
    add_part(out, result->already, "of them already so");
    add_part(out, result->failed, "failed");
    add_part(out, result->stopped, "stopped");
    add_part(out, result->left_out, "left out");
    add_part(out, never, "not started");
    text_add_literal(out, ".\n");
    if (result->done + result->already < total)
        text_add_literal(out, "What is done stays done: the same command looks at the host again and goes on with the rest.\n");
    else
        add_outputs(report->plan, report->app->session, out);
    output_flush(&report->app->out);
}
